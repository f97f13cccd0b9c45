/* Any bytes: the markup is UTF-8 and every tag and attribute in it is one that Markdown makes. */
#include <string.h>

#include "base/limits.h"
#include "format/markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const tags[] = {
    "a",   "blockquote", "br",    "code", "del", "em",    "h1", "h2",  "h3",      "h4",
    "h5",  "h6",         "hr",    "img",  "li",  "ol",    "p",  "pre", "section", "strong",
    "sup", "table",      "tbody", "td",   "th",  "thead", "tr", "ul",  "input"};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void check_tag(Str rest)
{
    size_t len = 0;

    if (str_starts(rest, S("<!--")))
        return; /* "raw HTML omitted" */
    rest = str_sub(rest, str_starts(rest, S("</")) ? 2 : 1, rest.len);
    while (len < rest.len && is_letter(rest.ptr[len]))
        len++;
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (str_eq(str_sub(rest, 0, len), str_from_cstr(tags[i])))
            return;
    UNREACHABLE("a tag that Markdown does not make");
}

/* The attributes of a tag: name="value" each; a quote inside a value is written as &quot;. */
static void check_addresses(Str rest)
{
    static const Str names[] = {S_INIT(" href="), S_INIT(" src=")};

    if (str_starts(rest, S("<!--")))
        return;
    for (;;) {
        size_t open = str_find_byte(rest, '"');
        if (open > str_find_byte(rest, '>'))
            return;
        Str before = str_sub(rest, 0, open);
        rest = str_sub(rest, open + 1, rest.len);
        size_t close = str_find_byte(rest, '"');
        for (size_t i = 0; i < COUNT_OF(names); i++)
            ASSERT(!str_ends(before, names[i]) || html_url_is_safe(str_sub(rest, 0, close)));
        rest = str_sub(rest, close + 1, rest.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct err err = {0};
    Html out;

    arena_init(&arena, 256 * MIB);
    if (size < MARKDOWN_BYTES_MAX / 64) {
        ASSERT(markdown_to_html(&arena, (Str){(const char *)data, size}, 1, &out, &err));
        ASSERT(str_utf8_invalid_at(out.markup) == out.markup.len);
        for (size_t i = 0; i < out.markup.len; i++)
            if (out.markup.ptr[i] == '<') {
                check_tag(str_sub(out.markup, i, out.markup.len));
                check_addresses(str_sub(out.markup, i, out.markup.len));
            }
    }
    arena_deinit(&arena);
    return 0;
}
