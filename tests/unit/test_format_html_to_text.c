#include "unit/test.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "format/html_to_text.h"
#include "os/clock.h"

static struct buf out, links;

static void keep_link(void *context, Str href, Str classes)
{
    (void)context;
    buf_printf(&links, "[" STR_F "%s" STR_F "]", STR_A(href), classes.len > 0 ? " " : "",
               STR_A(classes));
}

static void check(Str html, const char *text)
{
    buf_reset(&out);
    html_to_text(html, &out, NULL, NULL);
    CHECK_STR(buf_str(&out), text);
}

static void check_links(Str html, const char *want)
{
    buf_reset(&out);
    buf_reset(&links);
    html_to_text(html, &out, keep_link, NULL);
    CHECK_STR(buf_str(&links), want);
}

static void check_plain(Str text, const char *want)
{
    buf_reset(&out);
    html_unescape(text, &out);
    CHECK_STR(buf_str(&out), want);
}

TEST(html_to_text_keeps_what_is_seen)
{
    check(S("<p>Hello <b>wor</b>ld</p><p>again</p>"), "Hello world\nagain");
    check(S("a<br>b<BR/>c<br />d"), "a\nb\nc\nd");
    check(S("  many \n\t blanks&nbsp;here  "), "many blanks here");
    check(S("<ul><li>one</li><li>two</li></ul>x"), "one\ntwo\nx");
    check(S("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"), "a b\nc");
    check(S("<pre>a\n  b</pre>c"), "a\nb\nc");
    check(S("plain"), "plain");
    check(STR_NONE, "");
}

TEST(html_to_text_drops_what_is_not)
{
    check(S("a<script>if (a < b) alert('</p>')</script>b"), "ab");
    check(S("a<STYLE>p{}</style >b"), "ab");
    check(S("a<!-- <p>x</p> -- > -->b<!-->c<!--->d<!doctype html>e<?php 1 ?>f</ >g"), "abcdefg");
    check(S("a<script>never closed"), "a");
    check(S("a<!-- never closed"), "a");
    check(S("<title>t</title>a"), "a");
    check(S("a\x01\x7f\xc2\x85z\0y"), "azy");
}

TEST(html_to_text_survives_broken_markup)
{
    check(S("1 < 2 && 3 > 2"), "1 < 2 && 3 > 2");
    check(S("a<b"), "a");
    check(S("a<"), "a<");
    check(S("a</"), "a</");
    check(S("<a href='x>y'>z"), "z");
    check(S("<a title=\"1>2\" href=x>z</a>"), "z");
    check(S("<p/class='a'>x"), "x");
    check(S("<a =\"x\">y"), "y");
    check(S("x\xff\xc3y"), "x\xef\xbf\xbd\xef\xbf\xbdy");
    check(S("&lt;script&gt;"), "<script>");
}

TEST(html_to_text_reports_links)
{
    check_links(S("<a href=\"https://a/?x=1&amp;y=2\">t</a> <A HREF = 'b'>c</A><a name=q>"
                  "<a href=c/d>x<link href=no><a href=''>"),
                "[https://a/?x=1&y=2][b][c/d]");
}

TEST(html_unescape_resolves_references)
{
    check_plain(S("AT&amp;T &#8211; &#x1F600; &eacute;&hellip;&apos;&quot;"),
                "AT&T \xe2\x80\x93 \xf0\x9f\x98\x80 \xc3\xa9\xe2\x80\xa6'\"");
    check_plain(S("&copy 2013 &copy=1 &nosuch; &; & &#; &#x; &amp"),
                "\xc2\xa9 2013 &copy=1 &nosuch; &; & &#; &#x; &");
    check_plain(S("&#150;&#0;&#xd800;&#99999999999;"),
                "\xe2\x80\x93\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    check_plain(S("&amp;lt;"), "&lt;");
}

TEST(html_to_text_hostile_input_costs_linear_time)
{
    static const char *const parts[] = {"<b>",      "</i>",   "<!--", "<a href=\"", "&#",
                                        "<script>", "<x y='", "<",    "&amp",       "</script"};
    size_t size = 4 * MIB;
    char *text = mem_alloc(size, 1);
    uint64_t began = clock_monotonic_ns();

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t len = strlen(parts[i]);
        for (size_t at = 0; at < size; at++)
            text[at] = parts[i][at % len];
        buf_reset(&out);
        html_to_text((Str){text, size}, &out, keep_link, NULL);
        CHECK(str_utf8_invalid_at(buf_str(&out)) == out.len);
    }
    CHECK(clock_seconds_since(began) < 30);
    mem_free(text);
}

int main(void)
{
    buf_init(&out, 64 * MIB);
    buf_init(&links, MIB);
    int failed = RUN(CASE(html_to_text_keeps_what_is_seen), CASE(html_to_text_drops_what_is_not),
                     CASE(html_to_text_survives_broken_markup), CASE(html_to_text_reports_links),
                     CASE(html_unescape_resolves_references),
                     CASE(html_to_text_hostile_input_costs_linear_time));
    buf_deinit(&out);
    buf_deinit(&links);
    return failed;
}
