#include "unit/test.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "format/markdown.h"

static struct arena arena;

static Str render(Str text, unsigned shift)
{
    struct err err = {0};
    Html out;

    if (!markdown_to_html(&arena, text, shift, &out, &err))
        fail_msg("%s", err.msg);
    return out.markup;
}

TEST(markdown_renders)
{
    CHECK_STR(render(S("# T\n\na **b** ~~c~~"), 1),
              "<h2>T</h2>\n<p>a <strong>b</strong> <del>c</del></p>\n");
    CHECK_STR(render(S("###### T"), 3), "<h6>T</h6>\n");
    CHECK(str_find(render(S("|a|\n|-|\n|b|"), 0), S("<table>")) == 0);
    CHECK_STR(render(S("a < b & \"c\""), 0), "<p>a &lt; b &amp; &quot;c&quot;</p>\n");
    CHECK_STR(render(STR_NONE, 0), "");
    CHECK_STR(render(S("[x](https://a.example/?b=1&c=2)"), 0),
              "<p><a href=\"https://a.example/?b=1&amp;c=2\">x</a></p>\n");
}

TEST(markdown_lets_nothing_run)
{
    static const Str hostile[] = {
        S_INIT("<script>alert(1)</script>"),
        S_INIT("a <img src=x onerror=alert(1)> b"),
        S_INIT("[x](javascript:alert(1))"),
        S_INIT("[x](JAVASCRIPT:alert(1))"),
        S_INIT("[x](java&#10;script:alert(1))"),
        S_INIT("[x](&#106;avascript:alert(1))"),
        S_INIT("[x](data:text/html,1)"),
        S_INIT("![x](data:image/png;base64,AAAA)"),
        S_INIT("[x](vbscript:1)"),
        S_INIT("<javascript:alert(1)>"),
        S_INIT("[x]: javascript:alert(1)\n\n[x]"),
        S_INIT("[x](https://a \"onmouseover=alert(1)\")"),
        S_INIT("![\"onerror=alert(1) x=\"](x)"),
        S_INIT("```\"onclick=alert(1)\nx\n```"),
        S_INIT("<div onclick=alert(1)>\n\n</div>"),
    };
    static const Str banned[] = {S_INIT("<script"),  S_INIT("<img src=x"), S_INIT("<div"),
                                 S_INIT("href=\"j"), S_INIT("href=\"J"),   S_INIT("href=\"d"),
                                 S_INIT("href=\"v"), S_INIT("src=\"d"),    S_INIT(" onmouseover=a"),
                                 S_INIT("\" on")};

    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        Str out = render(hostile[i], 0);
        for (size_t b = 0; b < COUNT_OF(banned); b++)
            if (str_find(out, banned[b]) < out.len)
                fail_msg(STR_F " gives " STR_F, STR_A(hostile[i]), STR_A(out));
    }
}

TEST(markdown_deep_and_long_input)
{
    struct err err = {0};
    size_t size = 200000;
    char *text = mem_alloc(size, 1);
    Html out;

    memset(text, '>', size);
    CHECK(render((Str){text, size}, 0).len > 0);
    memset(text, '[', size);
    CHECK(render((Str){text, size}, 0).len > 0);
    mem_free(text);
    CHECK(!markdown_to_html(&arena, (Str){"x", MARKDOWN_BYTES_MAX + 1}, 0, &out, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    CHECK(str_utf8_invalid_at(render(S("a\xff\0b"), 0)) > 0);
}

int main(void)
{
    arena_init(&arena, 256 * MIB);
    int failed = RUN(CASE(markdown_renders), CASE(markdown_lets_nothing_run),
                     CASE(markdown_deep_and_long_input));
    arena_deinit(&arena);
    return failed;
}
