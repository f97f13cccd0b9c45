#include "unit/test.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "format/feed.h"
#include "format/time.h"
#include "os/clock.h"

static struct arena arena;
static struct feed feed;

static const struct feed_item *parse(const char *text)
{
    struct err err = {0};

    if (!feed_parse(&arena, str_from_cstr(text), S("https://site.example/dir/feed.xml"), STR_NONE,
                    &feed, &err))
        fail_msg("%s", err.msg);
    return feed.items;
}

static void refuse(Str text, enum err_code code)
{
    struct err err = {0};

    CHECK(!feed_parse(&arena, text, STR_NONE, STR_NONE, &feed, &err));
    CHECK_INT(err.code, code);
}

static void check_time(const struct feed_item *item, const char *want)
{
    CHECK(item->has_published);
    CHECK_STR(str_from_cstr(time_rfc3339(item->published_ms).text), want);
}

TEST(feed_reads_rss_2)
{
    const struct feed_item *item = parse(
        "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        "<title>A &amp; B</title><link>https://site.example/</link><language>en-us</language>"
        "<image><title>not this</title><link>https://no.example/</link></image>"
        "<item><title>One\n two</title><link>/a?x=1&amp;y=2</link><guid "
        "isPermaLink='false'>g1</guid>"
        "<description>&lt;p&gt;Short&lt;/p&gt;</description>"
        "<content:encoded><![CDATA[<p>Long &eacute; <a href='b.html'>link</a></p><p>end</p>]]>"
        "</content:encoded><dc:creator>Ann</dc:creator>"
        "<pubDate>Sat, 14 Sep 2013 19:34:05 GMT</pubDate></item>"
        "<item><title>Two</title><guid>https://site.example/2</guid>"
        "<author>me@site.example (Bob)</author></item></channel></rss>");

    CHECK_INT(feed.kind, FEED_RSS);
    CHECK_STR(feed.title, "A & B");
    CHECK_STR(feed.url, "https://site.example/");
    CHECK_INT(feed.count, 2);
    CHECK(!feed.is_truncated);
    CHECK_STR(item[0].title, "One two");
    CHECK_STR(item[0].url, "https://site.example/a?x=1&y=2");
    CHECK_STR(item[0].id, "g1");
    CHECK_STR(item[0].text, "Long \xc3\xa9 link\nend");
    CHECK_STR(item[0].author, "Ann");
    CHECK_STR(item[0].language, "en-us");
    CHECK_INT(item[0].link_count, 1);
    CHECK_STR(item[0].links[0], "https://site.example/dir/b.html");
    check_time(&item[0], "2013-09-14T19:34:05Z");
    CHECK_STR(item[1].url, "https://site.example/2");
    CHECK_STR(item[1].author, "Bob");
    CHECK(!item[1].has_published);
}

TEST(feed_reads_atom)
{
    const struct feed_item *item = parse(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de' xml:base='https://b.example/x/'>"
        "<title type='html'>&lt;b&gt;T&lt;/b&gt;</title><author><name>Eve</name></author>"
        "<link rel='self' href='self.xml'/><link href='.'/>"
        "<entry xml:lang='fr'><id>urn:1</id><title type='text'>a &lt; b</title>"
        "<link rel='enclosure' href='e.mp3'/><link rel='alternate' href='p.html'/>"
        "<updated>2013-09-15T00:00:00Z</updated><published>2013-09-14T19:34:05+02:00</published>"
        "<summary>s</summary>"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>x &amp; <a "
        "href='q'>y</a></p><p>z &lt;i&gt;</p></div></content></entry>"
        "<entry><id>urn:2</id><title/><author><email>f@b.example</email></author>"
        "<source><title>other</title><id>urn:0</id></source><summary>only</summary></entry></"
        "feed>");

    CHECK_INT(feed.kind, FEED_ATOM);
    CHECK_STR(feed.title, "T");
    CHECK_STR(feed.url, "https://b.example/x/");
    CHECK_INT(feed.count, 2);
    CHECK_STR(item[0].title, "a < b");
    CHECK_STR(item[0].url, "https://b.example/x/p.html");
    CHECK_STR(item[0].text, "x & y\nz <i>");
    CHECK_STR(item[0].links[0], "https://b.example/x/q");
    CHECK_STR(item[0].author, "Eve");
    CHECK_STR(item[0].language, "fr");
    check_time(&item[0], "2013-09-14T17:34:05Z");
    CHECK_STR(item[1].id, "urn:2");
    CHECK_STR(item[1].title, "");
    CHECK_STR(item[1].text, "only");
    CHECK_STR(item[1].author, "f@b.example");
    CHECK_STR(item[1].language, "de");
}

TEST(feed_reads_rdf)
{
    const struct feed_item *item =
        parse("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
              "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
              "<channel rdf:about='c'><title>T</title><items><rdf:Seq/></items></channel>"
              "<image><title>no</title></image>"
              "<item rdf:about='urn:a'><title>I</title><link>https://a.example/</link>"
              "<dc:date>2004-01-01</dc:date></item></rdf:RDF>");

    CHECK_INT(feed.kind, FEED_RDF);
    CHECK_STR(feed.title, "T");
    CHECK_INT(feed.count, 1);
    CHECK_STR(item->id, "urn:a");
    check_time(item, "2004-01-01T00:00:00Z");
}

TEST(feed_reads_json_feed)
{
    const struct feed_item *item = parse(
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"language\":\"en\","
        "\"authors\":[{\"name\":\"Ann\"}],\"items\":[{\"id\":7,\"url\":\"/7\","
        "\"content_html\":\"<p>a</p><a "
        "href='x'>b</a>\",\"date_published\":\"2013-09-14T19:34:05Z\"},"
        "{\"id\":\"8\",\"content_text\":\"<plain>\",\"author\":{\"name\":\"Bob\"}}]}");

    CHECK_INT(feed.kind, FEED_JSON);
    CHECK_INT(feed.count, 2);
    CHECK_STR(item[0].id, "7");
    CHECK_STR(item[0].text, "a\nb");
    CHECK_STR(item[0].url, "https://site.example/7");
    CHECK_STR(item[0].links[0], "https://site.example/x");
    CHECK_STR(item[0].author, "Ann");
    check_time(&item[0], "2013-09-14T19:34:05Z");
    CHECK_STR(item[1].text, "<plain>");
    CHECK_STR(item[1].author, "Bob");
}

TEST(feed_reads_what_is_almost_xml)
{
    const struct feed_item *item =
        parse("\n <?xml version='1.0'?><rss><channel><item><title>caf&eacute; &amp; tea & \x0b"
              "co\x96</title><description>AT&T &nosuch; &#x41;&#zz;</description></item>"
              "<item><title>cut off</title><description>this");

    CHECK_INT(feed.count, 2);
    CHECK_STR(item[0].title, "caf\xc3\xa9 & tea & co\xe2\x80\x93");
    CHECK_STR(item[0].text, "AT&T &nosuch; A&#zz;");
    CHECK_STR(item[1].title, "cut off");
    CHECK(feed.is_truncated);
    CHECK_INT(item[1].id.len, 64); /* a digest */
}

TEST(feed_minds_encodings)
{
    struct err err = {0};

    (void)parse("<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><title>\xfc</title>"
                "</channel></rss>");
    CHECK_STR(feed.title, "\xc3\xbc");
    CHECK(feed_parse(&arena, S("<rss><channel><title>\xe4</title></channel></rss>"), STR_NONE,
                     S("text/xml; charset=\"iso-8859-5\""), &feed, &err));
    CHECK_STR(feed.title, "\xd1\x84");
    CHECK(feed_parse(&arena,
                     S("\xff\xfe<\0r\0s\0s\0>\0<\0c\0h\0a\0n\0n\0e\0l\0>\0<\0t\0i\0t\0l\0e\0"
                       ">\0\xfc\0<\0/\0t\0i\0t\0l\0e\0>\0<\0/\0c\0h\0a\0n\0n\0e\0l\0>\0<\0/\0"
                       "r\0s\0s\0>\0"),
                     STR_NONE, STR_NONE, &feed, &err));
    CHECK_STR(feed.title, "\xc3\xbc");
}

TEST(feed_expands_no_entities_and_reads_no_files)
{
    const struct feed_item *item = parse(
        "<!DOCTYPE rss [<!ENTITY a 'AAAA'><!ENTITY b '&a;&a;&a;&a;'>"
        "<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        "<rss><channel><item><title>x&b;&f;y</title>"
        "<link>javascript:alert(1)</link><guid>file:///etc/passwd</guid></item></channel></rss>");

    CHECK(str_find(item->title, S("AAAA")) == item->title.len);
    CHECK(str_find(item->title, S("root")) == item->title.len);
    CHECK_STR(item->url, "");
}

TEST(feed_entity_bombs_end_soon)
{
    struct buf text;
    uint64_t began = clock_monotonic_ns();
    struct err err = {0};

    buf_init(&text, MIB);
    buf_lit(&text, "<!DOCTYPE rss [<!ENTITY e0 'xxxxxxxxxxxxxxxxxxxx'>");
    for (int i = 1; i < 30; i++)
        buf_printf(&text, "<!ENTITY e%d '&e%d;&e%d;&e%d;&e%d;'>", i, i - 1, i - 1, i - 1, i - 1);
    buf_lit(&text, "]><rss a='&e29;'><channel><item><title b='&e29;'>&e29;</title></item></channel>"
                   "</rss>");
    (void)!feed_parse(&arena, buf_str(&text), STR_NONE, STR_NONE, &feed, &err);
    CHECK(clock_seconds_since(began) < 5);
    buf_deinit(&text);
}

TEST(feed_refuses_what_is_none)
{
    refuse(STR_NONE, ERR_INPUT);
    refuse(S("just text"), ERR_INPUT);
    refuse(S("<html><body/></html>"), ERR_INPUT);
    refuse(S("{\"version\":\"1\",\"items\":[]}"), ERR_INPUT);
    refuse(S("{"), ERR_INPUT);
    refuse((Str){"x", FEED_BYTES_MAX + 1}, ERR_LIMIT);
}

TEST(feed_limits_items_and_depth)
{
    struct buf text;
    struct err err = {0};

    buf_init(&text, FEED_BYTES_MAX);
    buf_lit(&text, "<rss><channel>");
    for (int i = 0; i < FEED_ITEMS_MAX + 5; i++)
        buf_printf(&text, "<item><guid>%d</guid></item>", i);
    buf_lit(&text, "</channel></rss>");
    CHECK(feed_parse(&arena, buf_str(&text), STR_NONE, STR_NONE, &feed, &err));
    CHECK_INT(feed.count, FEED_ITEMS_MAX);
    CHECK(feed.is_truncated);
    buf_reset(&text);
    buf_lit(&text, "<rss><channel><item><description>");
    for (int i = 0; i < 100000; i++)
        buf_lit(&text, "<div>");
    CHECK(feed_parse(&arena, buf_str(&text), STR_NONE, STR_NONE, &feed, &err));
    CHECK(feed.is_truncated);
    buf_deinit(&text);
}

int main(void)
{
    arena_init(&arena, 512 * MIB);
    int failed = RUN(CASE(feed_reads_rss_2), CASE(feed_reads_atom), CASE(feed_reads_rdf),
                     CASE(feed_reads_json_feed), CASE(feed_reads_what_is_almost_xml),
                     CASE(feed_minds_encodings), CASE(feed_expands_no_entities_and_reads_no_files),
                     CASE(feed_entity_bombs_end_soon), CASE(feed_refuses_what_is_none),
                     CASE(feed_limits_items_and_depth));
    arena_deinit(&arena);
    return failed;
}
