#include "unit/test.h"

#include "base/limits.h"
#include "format/opml.h"

static struct arena arena;

static struct opml parse(Str bytes)
{
    struct opml list;
    struct err err = {0};

    CHECK(opml_parse(&arena, bytes, &list, &err));
    return list;
}

static Str written(const struct opml *list)
{
    static struct buf out;

    buf_deinit(&out);
    buf_init(&out, 16 * MIB);
    opml_write(list, INT64_C(1795335300000), &out);
    return buf_str(&out);
}

TEST(opml_reads_feeds_and_folders)
{
    struct opml list = parse(
        S("<?xml version='1.0'?>\n<opml version='1.1'><head><title> My feeds </title></head><body>"
          "<outline text='News'><outline text='Rail/Road' title='x'>"
          "<outline text='A &amp; B' type='rss' xmlUrl='https://a.example/feed?x=1&amp;y=2' "
          "htmlUrl='https://a.example/'/></outline>"
          "<outline title='titled' XMLURL=' http://b.example/rss '/></outline>"
          "<outline text='top' xmlUrl='feed://c.example/atom'/>"
          "<outline text='no' xmlUrl='feed://c d.example'/>"
          "<outline text='again' xmlUrl='http://b.example/rss'/>"
          "<outline text='no' xmlUrl='javascript:alert(1)'/><outline text='empty'/>"
          "</body></opml>"));

    CHECK_STR(list.title, "My feeds");
    CHECK_INT(list.count, 3);
    CHECK_STR(list.feeds[0].url, "https://a.example/feed?x=1&y=2");
    CHECK_STR(list.feeds[0].title, "A & B");
    CHECK_STR(list.feeds[0].page, "https://a.example/");
    CHECK_STR(list.feeds[0].folder, "News/Rail-Road");
    CHECK_STR(list.feeds[1].url, "http://b.example/rss");
    CHECK_STR(list.feeds[1].title, "titled");
    CHECK_STR(list.feeds[1].folder, "News");
    CHECK_STR(list.feeds[2].url, "http://c.example/atom");
    CHECK_STR(list.feeds[2].folder, "");
    CHECK_INT(list.refused_count, 2);
    CHECK(!list.is_truncated);
}

/* What stands between outlines and is none keeps the folder around it. */
TEST(opml_reads_outlines_inside_other_elements)
{
    struct opml list =
        parse(S("<opml><body><outline text='a'><outline text='bbbbbb'><outline text='c'/></outline>"
                "</outline><outline><x><outline xmlUrl='http://one.example/'/></x></outline>"
                "<outline text='d'><x><outline xmlUrl='http://two.example/'/></x></outline>"
                "</body></opml>"));

    CHECK_INT(list.count, 2);
    CHECK_STR(list.feeds[0].folder, "");
    CHECK_STR(list.feeds[1].folder, "d");
}

TEST(opml_reads_what_is_almost_xml)
{
    struct opml list = parse(S("<OPML><body><outline text=\"A & B \xe4\" xmlUrl=\"http://a/?x&y\"/>"
                               "<outline text='b' xmlUrl='http://b/'><outline"));

    CHECK_INT(list.count, 2);
    CHECK_STR(list.feeds[0].title, "A & B \xc3\xa4");
    CHECK_STR(list.feeds[0].url, "http://a/?x&y");
    CHECK(list.is_truncated);
    list = parse(S("<?xml version='1.0' encoding='ISO-8859-1'?><opml><body><outline text='\xe4' "
                   "xmlUrl='http://a/'/></body></opml>"));
    CHECK_STR(list.feeds[0].title, "\xc3\xa4");
}

TEST(opml_refuses_what_is_none)
{
    static const char *const texts[] = {"", "feeds", "{\"a\":1}", "<rss><channel/></rss>", "<"};
    struct opml list;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct err err = {0};
        CHECK(!opml_parse(&arena, str_from_cstr(texts[i]), &list, &err));
        CHECK_INT(err.code, ERR_INPUT);
    }
}

/* Entities are not expanded, and depth, count and length end somewhere. */
TEST(opml_caps_hostile_lists)
{
    struct buf text;
    struct opml list;
    struct err err = {0};

    list = parse(S("<!DOCTYPE opml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">"
                   "<!ENTITY f SYSTEM \"file:///etc/passwd\">]><opml><body>"
                   "<outline text=\"&b;&f;\" xmlUrl=\"http://a/\"/></body></opml>"));
    CHECK_INT(list.count, 1);
    CHECK(list.feeds[0].title.len < 20);
    buf_init(&text, 16 * MIB);
    buf_lit(&text, "<opml><body>");
    for (int i = 0; i < 200; i++)
        buf_lit(&text, "<outline text=\"f\">");
    buf_lit(&text, "<outline xmlUrl=\"http://deep/\"/>");
    list = parse(buf_str(&text));
    CHECK_INT(list.count, 0);
    CHECK(list.is_truncated);
    buf_reset(&text);
    buf_lit(&text, "<opml><body>");
    for (int i = 0; i <= OPML_FEEDS_MAX; i++)
        buf_printf(&text, "<outline xmlUrl=\"http://a/%d\"/>", i);
    buf_lit(&text, "</body></opml>");
    list = parse(buf_str(&text));
    CHECK_INT(list.count, OPML_FEEDS_MAX);
    CHECK(list.is_truncated);
    buf_reset(&text);
    while (text.len <= OPML_BYTES_MAX)
        buf_lit(&text, "<opml>                                                          ");
    CHECK(!opml_parse(&arena, buf_str(&text), &list, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    buf_deinit(&text);
}

TEST(opml_writes_what_it_reads)
{
    struct opml_feed feeds[] = {
        {S("https://a.example/?x=1&y=2"), S("A <\"B\"> & 'C'\nD"), S("https://a.example/"),
         S("News/Rail")},
        {S("https://b.example/"), S(""), S(""), S("News/Rail")},
        {S("https://c.example/"),
         S("Gr\xc3\xbc\xc3\x9f"
           "e"),
         S(""), S("News")},
        {S("https://d.example/"), S("d"), S(""), S("News/Road")},
        {S("https://e.example/"), S("e"), S(""), S("")},
    };
    struct opml list = {.title = S("Feeds & more"), .feeds = feeds, .count = COUNT_OF(feeds)};

    CHECK_STR(written(&list),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n"
              "    <title>Feeds &amp; more</title>\n"
              "    <dateCreated>Sun, 22 Nov 2026 08:15:00 GMT</dateCreated>\n  </head>\n  <body>\n"
              "    <outline text=\"News\">\n"
              "      <outline text=\"Rail\">\n"
              "        <outline type=\"rss\" text=\"A &lt;&quot;B&quot;&gt; &amp; 'C'&#10;D\" "
              "xmlUrl=\"https://a.example/?x=1&amp;y=2\" htmlUrl=\"https://a.example/\"/>\n"
              "        <outline type=\"rss\" text=\"\" xmlUrl=\"https://b.example/\"/>\n"
              "      </outline>\n"
              "      <outline type=\"rss\" text=\"Gr\xc3\xbc\xc3\x9f"
              "e\" "
              "xmlUrl=\"https://c.example/\"/>\n"
              "      <outline text=\"Road\">\n"
              "        <outline type=\"rss\" text=\"d\" xmlUrl=\"https://d.example/\"/>\n"
              "      </outline>\n"
              "    </outline>\n"
              "    <outline type=\"rss\" text=\"e\" xmlUrl=\"https://e.example/\"/>\n"
              "  </body>\n</opml>\n");
    struct opml again = parse(arena_str(&arena, written(&list)));
    CHECK_INT(again.count, list.count);
    CHECK(str_eq(again.title, list.title));
    for (size_t i = 0; i < list.count; i++)
        CHECK(str_eq(again.feeds[i].url, feeds[i].url) &&
              str_eq(again.feeds[i].title, feeds[i].title) &&
              str_eq(again.feeds[i].page, feeds[i].page) &&
              str_eq(again.feeds[i].folder, feeds[i].folder));
}

int main(void)
{
    arena_init(&arena, 256 * MIB);
    int failed =
        RUN(CASE(opml_reads_feeds_and_folders), CASE(opml_reads_what_is_almost_xml),
            CASE(opml_reads_outlines_inside_other_elements), CASE(opml_refuses_what_is_none),
            CASE(opml_caps_hostile_lists), CASE(opml_writes_what_it_reads));
    arena_deinit(&arena);
    return failed;
}
