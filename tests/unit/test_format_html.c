#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "format/html.h"

static struct html h;

static void check(void (*put)(struct html *, Str), Str in, const char *out)
{
    html_reset(&h);
    put(&h, in);
    CHECK_STR(html_str(&h), out);
}

TEST(html_text_escapes_markup_and_quotes)
{
    check(html_text, S("a < b && \"c\" > 'd'"), "a &lt; b &amp;&amp; &#34;c&#34; &gt; &#39;d&#39;");
    check(html_text, S("</script><!--<img src=x onerror=alert(1)>-->"),
          "&lt;/script&gt;&lt;!--&lt;img src=x onerror=alert(1)&gt;--&gt;");
    check(html_text, S("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 &amp;"),
          "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 &amp;amp;");
    check(html_text, STR_NONE, "");
    check(html_text, S("a\r\n\tb"), "a&#13;\n\tb");
}

TEST(html_text_replaces_what_html_cannot_hold)
{
    check(html_text, S("a\0b"),
          "a\xef\xbf\xbd"
          "b");
    check(html_text, S("\x1b\x7f"), "\xef\xbf\xbd\xef\xbf\xbd");
    check(html_text, S("\xc2\x80\xef\xbf\xbf\xef\xb7\x90"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    /* An overlong '<', a cut sequence in front of a quote: neither may swallow or become markup. */
    check(html_text, S("\xc0\xbc"), "\xef\xbf\xbd\xef\xbf\xbd");
    check(html_text, S("\xe2\x80\""), "\xef\xbf\xbd\xef\xbf\xbd&#34;");
}

TEST(html_attr_cannot_be_left)
{
    check(html_attr, S("\" onmouseover=\"alert(1)"), "&#34; onmouseover=&#34;alert(1)");
    check(html_attr, S("' autofocus onfocus='x"), "&#39; autofocus onfocus=&#39;x");
    check(html_attr, S("``\xe2\x80\x98"), "``\xe2\x80\x98");
}

TEST(html_url_lets_known_schemes_and_relative_ones_through)
{
    check(html_url, S("https://a.example/p?x=1&y=2#f"), "https://a.example/p?x=1&amp;y=2#f");
    check(html_url, S("HTTP://A"), "HTTP://A");
    check(html_url, S("mailto:ann@example.org"), "mailto:ann@example.org");
    check(html_url, S("/posts/7"), "/posts/7");
    check(html_url, S("?q=a:b"), "?q=a:b");
    check(html_url, S("#top"), "#top");
    check(html_url, S("dir/a:b"), "dir/a:b");
    check(html_url, S(" https://a/ \n"), "https://a/");
    check(html_url, S("https://a/\"onx='<b>'\\"), "https://a/%22onx=%27%3Cb%3E%27%5C");
    check(html_url, S("https://a/\xc3\xbc b%20"), "https://a/%C3%BC%20b%20");
    check(html_url, STR_NONE, "");
}

TEST(html_url_refuses_the_rest)
{
    static const Str hostile[] = {
        S_INIT("javascript:alert(1)"),
        S_INIT("JaVaScRiPt:alert(1)"),
        S_INIT(" javascript:alert(1)"),
        S_INIT("\x01javascript:alert(1)"),
        S_INIT("java\nscript:alert(1)"),
        S_INIT("java\tscript:alert(1)"),
        S_INIT("java\0script:alert(1)"),
        S_INIT("javascript\t:alert(1)"),
        S_INIT("javascript :alert(1)"),
        S_INIT("\xc2\xa0javascript:alert(1)"),
        S_INIT("javascript&colon;alert(1):x"),
        S_INIT("data:text/html,<script>alert(1)</script>"),
        S_INIT("vbscript:msgbox(1)"),
        S_INIT("file:///etc/passwd"),
        S_INIT("blob:https://a/1"),
        S_INIT("view-source:javascript:1"),
        S_INIT("feed:javascript:1"),
        S_INIT(":x"),
        S_INIT("java\\script:1"),
        S_INIT("https\x7f://a"),
        S_INIT("https://a/\r\nx"),
    };

    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        CHECK(!html_url_is_safe(hostile[i]));
        check(html_url, hostile[i], HTML_URL_REFUSED);
    }
    /* A reference spelled out stays text: the ampersand is escaped, and no scheme has one. */
    check(html_url, S("javascript&#58;alert(1)"), "javascript&amp;#58;alert(1)");
    check(html_url, S("java%0ascript/x:1"), "java%0ascript/x:1");
}

TEST(html_url_part_leaves_no_delimiter)
{
    check(html_url_part, S("a b&c=d/e?f#g%'\"<\xc3\xbc"),
          "a%20b%26c%3Dd%2Fe%3Ff%23g%25%27%22%3C%C3%BC");
    check(html_url_part, S("Az09-._~"), "Az09-._~");
}

TEST(html_json_island_cannot_be_ended)
{
    check(html_json, S("{\"a\":\"</script><!-- & \xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\"}"),
          "{\"a\":\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028\\u2029\xe2\x80\xaa\"}");
    check(html_json, S("[1,2]"), "[1,2]");
    check(html_json, S("<\xe2"), "\\u003c\xe2");
    check(html_json, STR_NONE, "");
}

TEST(html_numbers_and_literals)
{
    html_reset(&h);
    html_lit(&h, "<td>");
    html_i64(&h, INT64_MIN);
    html_lit(&h, "</td>");
    html_f64(&h, -2.345, 2);
    html_f64(&h, NAN, 2);
    html_put(&h, (Html){S("<b>x</b>")});
    CHECK_STR(html_str(&h), "<td>-9223372036854775808</td>-2.35\xe2\x80\x93<b>x</b>");
}

TEST(html_every_byte_stays_inside_its_context)
{
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        Str s = {&byte, 1};
        html_reset(&h);
        html_attr(&h, s);
        Str out = html_str(&h);
        CHECK(out.len == 0 || !memchr(out.ptr, '"', out.len));
        CHECK(out.len == 0 || !memchr(out.ptr, '<', out.len));
        CHECK(str_utf8_invalid_at(out) == out.len);
        html_reset(&h);
        html_url(&h, s);
        out = html_str(&h);
        for (size_t i = 0; i < out.len; i++)
            CHECK(out.ptr[i] > 0x20 && out.ptr[i] < 0x7f && !strchr("\"'<>`", out.ptr[i]));
    }
}

TEST(html_is_sticky_at_its_maximum)
{
    struct html small;
    struct err err = {0};

    html_init(&small, 4);
    html_text(&small, S("abc"));
    CHECK(html_ok(&small, &err));
    html_text(&small, S("<<"));
    CHECK(!html_ok(&small, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    html_deinit(&small);
}

int main(void)
{
    html_init(&h, 10000);
    int failed = RUN(
        CASE(html_text_escapes_markup_and_quotes), CASE(html_text_replaces_what_html_cannot_hold),
        CASE(html_attr_cannot_be_left), CASE(html_url_lets_known_schemes_and_relative_ones_through),
        CASE(html_url_refuses_the_rest), CASE(html_url_part_leaves_no_delimiter),
        CASE(html_json_island_cannot_be_ended), CASE(html_numbers_and_literals),
        CASE(html_every_byte_stays_inside_its_context), CASE(html_is_sticky_at_its_maximum));
    html_deinit(&h);
    return failed;
}
