#include "unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "format/time.h"
#include "listen/decode/references.h"
#include "os/file.h"
#include "unit/listen_decode.h"

static Str written(const struct post *post)
{
    static struct buf out;

    buf_deinit(&out);
    buf_init(&out, MIB);
    post_write_native(post, &out);
    return buf_str(&out);
}

TEST(decode_native_reads_every_member)
{
    Str line =
        S("{\"id\":\"123\",\"source\":\"forum\",\"kind\":\"review\","
          "\"created_at\":\"2026-11-22T08:15:00Z\",\"author\":{\"id\":\"u7\",\"handle\":"
          "\"ann\",\"name\":\"Ann\",\"followers\":310,\"verified\":false},\"lang\":\"en-US\","
          "\"title\":\"T\",\"text\":\"a &amp; b\",\"url\":\"https://x.example/1\","
          "\"links\":[\"https://y.example\"],\"mentions\":[\"bob\"],\"reply_to\":7,"
          "\"reply_to_author\":\"bob\",\"thread\":\"99\",\"repost_of\":\"5\","
          "\"metrics\":{\"likes\":3,\"replies\":1,\"reposts\":0,\"views\":90},"
          "\"rating\":4.5,\"country\":\"de\",\"dataset\":\"d\",\"shelf\":{\"a\":[1,2.5]}}");
    const struct post *post = one(line, DECODE_AUTO);

    CHECK_STR(post->id, "123");
    CHECK_STR(post->source, "forum");
    CHECK_STR(post->kind, "review");
    CHECK_INT(post->created_at_ms, INT64_C(1795335300000));
    CHECK(post->has_created_at);
    CHECK_STR(post->author.handle, "ann");
    CHECK_INT(post->author.followers, 310);
    CHECK_INT(post->author.verified, 0);
    CHECK_STR(post->lang, "en");
    CHECK_STR(post->text, "a &amp; b"); /* native text is meant as it is */
    CHECK_INT(post->link_count, 1);
    CHECK_STR(post->mentions[0], "bob");
    CHECK_STR(post->reply_to, "7");
    CHECK_INT(post->metrics.views, 90);
    CHECK(post->rating > 4.49 && post->rating < 4.51);
    CHECK_STR(post->country, "DE");
    CHECK_STR(post->extra, "{\"shelf\":{\"a\":[1,2.5]}}");
}

TEST(decode_native_takes_short_forms)
{
    const struct post *post = one(
        S("{\"id\":5,\"text\":\"hi\",\"author\":\"ann\",\"created_at\":1700000000}"), DECODE_AUTO);

    CHECK_STR(post->id, "5");
    CHECK_STR(post->source, "import");
    CHECK_STR(post->author.handle, "ann");
    CHECK_INT(post->created_at_ms, INT64_C(1700000000000));
    CHECK_INT(post->metrics.likes, POST_UNKNOWN);
    CHECK(isnan(post->rating));
    post = one(S("{\"id\":\"5\",\"text\":\"hi\",\"created_at\":1700000000123}"), DECODE_AUTO);
    CHECK_INT(post->created_at_ms, INT64_C(1700000000123));
    post = one(S("{\"id\":\"5\",\"text\":\"hi\"}"), DECODE_AUTO);
    CHECK(!post->has_created_at);
    CHECK_INT(post->created_at_ms, 0);
}

/* One function says what a post is, to queries, facets and measures. */
TEST(post_kind_follows_from_what_is_said)
{
    static const char *const cases[][2] = {
        {"{\"id\":\"1\",\"text\":\"x\"}", "post"},
        {"{\"id\":\"1\",\"text\":\"x\",\"reply_to\":\"2\"}", "reply"},
        {"{\"id\":\"1\",\"text\":\"x\",\"repost_of\":\"2\"}", "repost"},
        {"{\"id\":\"1\",\"text\":\"x\",\"repost_of\":\"2\",\"kind\":\"quote\"}", "quote"},
        {"{\"id\":\"1\",\"text\":\"x\",\"reply_to\":\"2\",\"kind\":\"comment\"}", "comment"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_STR(post_kind(one(str_from_cstr(cases[i][0]), DECODE_NATIVE)), cases[i][1]);
    CHECK_STR(post_kind_read(S("Reply")), "reply");
    CHECK_STR(post_kind_read(S("Tweet")), "post");
    CHECK(!post_kind_is_known(S("banana")));
}

TEST(decode_native_refuses_per_row)
{
    static const struct {
        const char *line, *reason;
    } cases[] = {
        {"{\"text\":\"x\"}", "no id"},
        {"{\"id\":\"1\"}", "no text"},
        {"{\"id\":{},\"text\":\"x\"}", "id is not a text"},
        {"{\"id\":\"1\",\"text\":5}", "text is not a text"},
        {"{\"id\":\"1\",\"text\":\"a\\u0000b\"}", "text holds a NUL"},
        {"{\"id\":\"1\",\"text\":\"x\",\"created_at\":\"soon\"}",
         "created_at is not a time: 'soon'"},
        {"{\"id\":\"1\",\"text\":\"x\",\"created_at\":\"1701-01-01T00:00:00Z\"}",
         "created_at is outside 1990 to 2099"},
        {"{\"id\":\"1\",\"text\":\"x\",\"rating\":9}", "rating is not a number from 0 to 5"},
        {"{\"id\":\"1\",\"text\":\"x\",\"metrics\":{\"likes\":\"many\"}}",
         "metrics.likes is not a number"},
        {"{\"id\":\"1\",\"text\":\"x\",\"event\":\"burn\"}",
         "event is neither 'upsert' nor 'delete'"},
        {"{\"id\":\"1\",\"text\":\"x\",\"kind\":\"banana\"}",
         "kind 'banana' is not one of post, comment, reply, review, article, repost or quote"},
        {"[1]", "item 1: not a JSON object"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_STR(refused(str_from_cstr(cases[i].line), DECODE_NATIVE), cases[i].reason);
    CHECK(refused(S("{\"id\":\"1\",\"text\":\"a\xff\"}"), DECODE_NATIVE).len > 0);
    CHECK(refused(S("{\"id\":\"1\",\"text\":"), DECODE_NATIVE).len > 0);
}

TEST(decode_goes_on_behind_a_bad_row)
{
    struct decode_options options = {0};
    struct err err = {0};

    CHECK(decode(S("{\"id\":1,\"text\":\"a\"}\n\n{\"id\":2,\n{\"id\":3,\"text\":\"c\"}"), &options,
                 &err));
    CHECK_INT(batch.posts.count, 2);
    CHECK_INT(batch.posts.items[1].line, 4);
    CHECK_INT(batch.rejects.count, 1);
    CHECK_INT(batch.rejects.items[0].line, 3);
    CHECK_STR(batch.rejects.items[0].raw, "{\"id\":2,");
    CHECK_INT(batch.row_count, 3);
}

TEST(decode_refuses_depth_and_size_per_row)
{
    struct buf text, reasons;

    buf_init(&reasons, MIB);
    buf_init(&text, 64 * MIB);
    for (int i = 0; i < 200; i++)
        buf_add_byte(&text, '[');
    for (int i = 0; i < 200; i++)
        buf_add_byte(&text, ']');
    buf_lit(&text, "\n{\"id\":2,\"text\":\"");
    for (unsigned long long i = 0; i <= POST_TEXT_BYTES_MAX; i++)
        buf_add_byte(&text, 'x');
    buf_lit(&text, "\"}\n{\"id\":3,\"text\":\"c\"}\n");
    CHECK_INT(decode_all(buf_str(&text), DECODE_NATIVE, &reasons), 1);
    CHECK(str_starts(buf_str(&reasons), S("1: ")));
    CHECK(str_ends(buf_str(&reasons), S("\n2: text is longer than 1048576 bytes\n")));
    buf_deinit(&text);
    buf_deinit(&reasons);
}

TEST(decode_skips_an_endless_line)
{
    struct buf text, reasons;

    buf_init(&reasons, MIB);
    buf_init(&text, 64 * MIB);
    buf_lit(&text, "{\"id\":1,\"text\":\"a\"}\n");
    for (unsigned long long i = 0; i < INPUT_LINE_BYTES_MAX + 3 * MIB; i++)
        buf_add_byte(&text, 'x');
    buf_lit(&text, "\n{\"id\":3,\"text\":\"c\"}\nno\n");
    CHECK_INT(decode_all(buf_str(&text), DECODE_NATIVE, &reasons), 2);
    CHECK(str_starts(
        buf_str(&reasons),
        S("2: the line is longer than 16777216 bytes: split it into records of their own\n4: ")));
    buf_deinit(&text);
    buf_deinit(&reasons);
}

TEST(decode_native_round_trip_is_a_fixed_point)
{
    Str line =
        S("{\"id\":\"123\",\"source\":\"forum\",\"kind\":\"review\",\"created_at\":"
          "\"2026-11-22T08:15:00Z\",\"author\":{\"id\":\"u7\",\"followers\":310,\"verified\":"
          "false},\"lang\":\"en\",\"title\":\"T \\\"q\\\"\",\"text\":\"a\\nb\",\"links\":[\"https:"
          "//y.example\"],\"mentions\":[\"bob\"],\"reply_to\":\"7\",\"metrics\":{\"likes\":3},"
          "\"rating\":4.5,\"country\":\"DE\",\"dataset\":\"d\",\"shelf\":{\"a\":[1,2.5]}}");

    CHECK_STR(written(one(line, DECODE_AUTO)), line.ptr);
    line = S("{\"id\":\"1\",\"source\":\"x\",\"event\":\"delete\",\"kind\":\"post\"}");
    CHECK_STR(written(one(line, DECODE_AUTO)), line.ptr);
}

TEST(decode_reddit_submission)
{
    const struct post *post = one(
        S("{\"id\":\"6pxv3\",\"name\":\"t3_6pxv3\",\"subreddit\":\"gadgets\",\"created_utc\":"
          "1215008632,\"title\":\"A&amp;B &lt;3\",\"selftext\":\"\",\"is_self\":false,\"url\":"
          "\"http://t.example/a?b=1&amp;c=2\",\"domain\":\"t.example\",\"permalink\":\"/r/gadgets/"
          "6pxv3/\",\"score\":-5,\"num_comments\":71,\"over_18\":false,\"edited\":false}"),
        DECODE_AUTO);

    CHECK_STR(post->source, "reddit");
    CHECK_STR(post->title, "A&B <3");
    CHECK_STR(post->links[0], "http://t.example/a?b=1&c=2");
    CHECK_STR(post->url, "https://www.reddit.com/r/gadgets/6pxv3/");
    CHECK_INT(post->metrics.likes, 0);
    CHECK_INT(post->metrics.replies, 71);
    CHECK_INT(post->created_at_ms, INT64_C(1215008632000));
    CHECK_INT(post_facets(post), (unsigned)(POST_HAS_REPLY_COUNT | POST_HAS_ENGAGEMENT));
    CHECK_STR(post->extra,
              "{\"subreddit\":\"gadgets\",\"domain\":\"t.example\",\"over_18\":false}");
}

TEST(decode_reddit_comment)
{
    const struct post *post =
        one(S("{\"id\":\"c1\",\"created_utc\":\"1215008632\",\"body\":\"so &gt; true\",\"author\":"
              "\"ann\",\"parent_id\":\"t1_c0\",\"link_id\":\"t3_6pxv3\",\"score\":4}"),
            DECODE_AUTO);

    CHECK_STR(post->kind, "comment");
    CHECK_STR(post->text, "so > true");
    CHECK_STR(post->reply_to, "c0");
    CHECK_STR(post->thread, "6pxv3");
    CHECK_STR(post->author.handle, "ann");
}

TEST(decode_twitter_retweet)
{
    const struct post *post = one(
        S("{\"created_at\":\"Tue Dec 31 23:10:08 +0000 2013\",\"id\":418157151946035200,"
          "\"id_str\":\"418157151946035200\",\"text\":\"RT @phil: Summary of $AA\\u2026\","
          "\"user\":{\"id_str\":\"18\",\"screen_name\":\"q\",\"name\":\"Q\",\"followers_count\":"
          "6,\"verified\":false},\"retweeted_status\":{\"id_str\":\"4\",\"text\":\"Summary of "
          "$AAPL &amp; $GOOG\",\"user\":{\"id_str\":\"16\",\"screen_name\":\"phil\"}},"
          "\"favorite_count\":0,\"retweet_count\":12,\"lang\":\"und\",\"place\":null,"
          "\"entities\":{\"urls\":[{\"expanded_url\":\"http://a.example\"}],\"user_mentions\":"
          "[{\"screen_name\":\"phil\"}]}}"),
        DECODE_AUTO);

    CHECK_STR(post->text, "RT @phil: Summary of $AAPL & $GOOG");
    CHECK_STR(post->repost_of, "4");
    CHECK_STR(post->repost_of_author, "16");
    CHECK_INT(post->metrics.reposts, 0); /* 12 is what the original got */
    CHECK_INT(post->metrics.replies, POST_UNKNOWN);
    CHECK_INT(post->author.followers, 6);
    CHECK_STR(post->lang, "");
    CHECK_STR(post->url, "https://twitter.com/q/status/418157151946035200");
    CHECK_STR(post->mentions[0], "phil");
    CHECK_INT(post->created_at_ms, INT64_C(1388531408000));
}

TEST(decode_twitter_delete_notice)
{
    const struct post *post =
        one(S("{\"delete\":{\"status\":{\"id_str\":\"55\",\"user_id\":3}}}"), DECODE_AUTO);

    CHECK_INT(post->event, POST_DELETE);
    CHECK_STR(post->id, "55");
    CHECK_STR(post->source, "twitter");
}

TEST(decode_csv_by_headings)
{
    struct decode_options options = {0};
    struct err err = {0};

    CHECK(decode(S("\xef\xbb\xbfPost ID;Full Text;Date;User;Likes;Shelf\r\n"
                   "1;\"two\nlines; and \"\"quotes\"\"\";2026-11-22 08:15:00;ann;3;top\r\n"
                   "2;short;;bob;x;\r\n"
                   "3;fine;;bob;;\r\n"),
                 &options, &err));
    CHECK_INT(batch.posts.count, 2);
    const struct post *post = &batch.posts.items[0].post;
    CHECK_STR(post->text, "two\nlines; and \"quotes\"");
    CHECK_STR(post->author.handle, "ann");
    CHECK_INT(post->metrics.likes, 3);
    CHECK_STR(post->extra, "{\"Shelf\":\"top\"}");
    CHECK_INT(batch.posts.items[1].line, 5);
    CHECK_INT(batch.rejects.items[0].line, 4);
    CHECK_STR(batch.rejects.items[0].reason, "likes is not a number");
    CHECK_STR(batch.rejects.items[0].raw, "2;short;;bob;x;\r");
}

TEST(decode_csv_by_mapping_and_without_id)
{
    struct decode_options options = {
        .format = DECODE_CSV, .mapping = S("text=Was,created_at=Wann"), .source = S("survey")};
    struct err err = {0};

    CHECK(decode(S("Wann,Was\n2026-11-22,gut\n2026-11-22,gut\n2026-11-23,gut\n"), &options, &err));
    CHECK_INT(batch.posts.count, 3);
    const struct decoded *rows = batch.posts.items;
    CHECK_STR(rows[0].post.source, "survey");
    CHECK(str_starts(rows[0].post.id, S("row-")));
    CHECK(!str_eq(rows[0].post.id, rows[1].post.id));
    CHECK(!str_eq(rows[0].post.id, rows[2].post.id));
    options.mapping = S("text=Wo");
    CHECK(!decode(S("Wann,Was\n"), &options, &err));
    CHECK_INT(err.code, ERR_USAGE);
}

TEST(decode_csv_equal_rows_are_posts_of_their_own)
{
    struct decode_options options = {.format = DECODE_CSV};
    struct err err = {0};
    char ids[3][64];

    CHECK(decode(S("Date,Text,Rating\n2026-11-22,dear,2\n2026-11-22,dear,2\n2026-11-22,dear,1\n"),
                 &options, &err));
    CHECK_INT(batch.posts.count, 3);
    for (size_t i = 0; i < 3; i++)
        snprintf(ids[i], sizeof ids[i], STR_F, STR_A(batch.posts.items[i].post.id));
    CHECK(strcmp(ids[0], ids[1]) != 0 && strcmp(ids[1], ids[2]) != 0 &&
          strcmp(ids[0], ids[2]) != 0);
    CHECK(decode(S("Date,Text,Rating\n2026-11-22,dear,2\n2026-11-22,dear,2\n2026-11-22,dear,1\n"
                   "2026-11-22,dear,2\n"),
                 &options, &err));
    CHECK_INT(batch.posts.count, 4);
    for (size_t i = 0; i < 3; i++)
        CHECK_STR(batch.posts.items[i].post.id, ids[i]);
    CHECK(!str_eq(batch.posts.items[3].post.id, batch.posts.items[1].post.id));
}

static void check_dates(const char *csv, const char *mapping, size_t posts, size_t rejects)
{
    struct decode_options options = {.format = DECODE_CSV, .mapping = str_from_cstr(mapping)};
    struct err err = {0};

    CHECK(decode(str_from_cstr(csv), &options, &err));
    CHECK_INT(batch.posts.count, posts);
    CHECK_INT(batch.rejects.count, rejects);
}

TEST(decode_csv_order_of_dates)
{
    struct decode_options options = {.format = DECODE_CSV, .mapping = S("dates=md")};
    struct err err = {0};

    check_dates("date,text,rating\n01/02/2026,a,\"4,5\"\n22/11/2026,b,3\n", "", 2, 0);
    CHECK_STR(str_from_cstr(time_date(batch.posts.items[0].post.created_at_ms).text), "2026-02-01");
    CHECK(batch.posts.items[0].post.rating == 4.5);
    check_dates("date,text\n01/02/2026,a\n11/22/2026,b\n", "", 2, 0);
    CHECK_STR(str_from_cstr(time_date(batch.posts.items[0].post.created_at_ms).text), "2026-01-02");
    check_dates("date,text\n01/02/2026,a\n", "", 0, 1);
    CHECK_STR(batch.rejects.items[0].reason, "the date '01/02/2026' may be day or month first: say "
                                             "dates=dmy or dates=mdy in the mapping");
    check_dates("date,text\n11/22/2026,a\n22/11/2026,b\n", "", 0, 2);
    check_dates("date,text\n11/22/2026,a\n22/11/2026,b\n", "dates=dmy", 1, 1);
    CHECK_INT(batch.rejects.items[0].line, 2);
    check_dates("date,text\n46348.5,a\n", "", 1, 0);
    CHECK_STR(str_from_cstr(time_minute(batch.posts.items[0].post.created_at_ms).text),
              "2026-11-22 12:00");
    CHECK(!decode(S("date,text\n"), &options, &err));
    CHECK_INT(err.code, ERR_USAGE);
}

/* `rows` rows, the last of which alone is not ASCII. */
static void fill_csv(struct buf *csv, int rows, Str last)
{
    buf_lit(csv, "id,text\n");
    for (int i = 1; i < rows; i++)
        buf_printf(csv, "%d,the train was late again and nobody said a word about it\n", i);
    buf_printf(csv, "%d," STR_F "\n", rows, STR_A(last));
}

TEST(decode_csv_takes_windows_1252_for_what_it_is)
{
    struct buf csv, reasons;
    struct err err = {0};

    CHECK(decode(S("id;text\n1;sp\xe4t, 20 \x80\n2;plain\n"), &(struct decode_options){0}, &err));
    CHECK_INT(batch.charset, CHARSET_WINDOWS_1252);
    CHECK_INT(batch.posts.count, 2);
    CHECK_STR(batch.posts.items[0].post.text, "spät, 20 €");
    /* The letter lies far behind what is looked at first, in another block. */
    buf_init(&csv, 4 * MIB);
    buf_init(&reasons, MIB);
    fill_csv(&csv, 30000, S("ver\xe4rgert"));
    CHECK_INT(decode_all(buf_str(&csv), DECODE_AUTO, &reasons), 30000);
    CHECK_STR(buf_str(&reasons), "");
    CHECK_STR(batch.posts.items[batch.posts.count - 1].post.text, "verärgert");
    buf_deinit(&csv);
    buf_deinit(&reasons);
}

TEST(decode_csv_in_utf_8_with_a_broken_row_stays_utf_8)
{
    struct err err = {0};

    CHECK(decode(S("id,text\n1,cut \xc3\n2,spät\n3,später\n"), &(struct decode_options){0}, &err));
    CHECK_INT(batch.charset, CHARSET_UTF_8);
    CHECK_INT(batch.posts.count, 2);
    CHECK_INT(batch.rejects.count, 1);
    CHECK_STR(batch.rejects.items[0].reason, "column 2 is not valid UTF-8");
    /* A mark leaves nothing to be told. */
    CHECK(decode(S("\xef\xbb\xbfid,text\n1,sp\xe4t\n"), &(struct decode_options){0}, &err));
    CHECK_INT(batch.charset, CHARSET_UTF_8);
    CHECK_INT(batch.rejects.count, 1);
}

/* ASCII as UTF-16, little end first. */
static void add_wide(struct buf *out, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        buf_add_byte(out, text.ptr[i]);
        buf_add_byte(out, '\0');
    }
}

TEST(decode_reads_utf_16_with_a_mark)
{
    struct buf csv, wide, reasons;
    struct err err = {0};

    buf_init(&csv, 4 * MIB);
    buf_init(&wide, 8 * MIB);
    buf_init(&reasons, MIB);
    fill_csv(&csv, 30000, S("late"));
    buf_lit(&wide, "\xff\xfe");
    add_wide(&wide, buf_str(&csv));
    buf_add(&wide, (Str){"x\0,\0\x3d\xd8\n\0", 8}); /* half a pair */
    CHECK_INT(decode_all(buf_str(&wide), DECODE_AUTO, &reasons), 30000);
    CHECK_STR(buf_str(&reasons), "30002: column 2 is not valid UTF-8\n");
    buf_reset(&wide);
    buf_lit(&wide, "\xff\xfe");
    add_wide(&wide, S("[\n{\"id\":1,\n\"text\":\"one\"},\n{\"id\":2,\n\"text\":\"two\"}\n]\n"));
    CHECK(decode(buf_str(&wide), &(struct decode_options){0}, &err));
    CHECK_INT(batch.charset, CHARSET_UTF_16_LE);
    CHECK_INT(batch.posts.count, 2);
    CHECK_STR(batch.posts.items[1].post.text, "two");
    buf_reset(&wide);
    buf_lit(&wide, "\xff\xfe");
    add_wide(&wide, S("<rss><channel></channel></rss>"));
    CHECK(!decode(buf_str(&wide), &(struct decode_options){0}, &err));
    CHECK_INT(err.code, ERR_INPUT);
    buf_deinit(&csv);
    buf_deinit(&wide);
    buf_deinit(&reasons);
}

TEST(decode_feed_items_become_articles)
{
    struct decode_options options = {0};
    struct err err = {0};

    CHECK(decode(S("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>News</title>"
                   "<link>https://news.example/</link><language>de-AT</language><item><guid>7"
                   "</guid><title>Eins &amp; zwei</title><description>&lt;p&gt;Hallo "
                   "&lt;b&gt;Welt&lt;/b&gt;&lt;/p&gt;</description><pubDate>Sat, 14 Sep 2013 "
                   "19:34:05 GMT</pubDate></item><item><guid>8</guid></item></channel></rss>"),
                 &options, &err));
    CHECK_INT(batch.posts.count, 1);
    const struct post *post = &batch.posts.items[0].post;
    CHECK_STR(post->source, "news.example");
    CHECK_STR(post->kind, "article");
    CHECK_STR(post->title, "Eins & zwei");
    CHECK_STR(post->text, "Hallo Welt");
    CHECK_STR(post->lang, "de");
    CHECK_INT(post->created_at_ms, INT64_C(1379187245000));
    CHECK_INT(batch.rejects.count, 1);
    CHECK_INT(batch.rejects.items[0].line, 2);
    CHECK(decode(S("<html><body>no</body></html>"), &options, &err));
    CHECK_INT(batch.rejects.count, 1);
}

TEST(decode_input_refuses_unknown_bytes)
{
    struct decode_options options = {0};
    struct err err = {0};

    CHECK(!decode(S("once upon a time\n"), &options, &err));
    CHECK_INT(err.code, ERR_INPUT);
    err_clear(&err);
    CHECK(decode(S(""), &options, &err));
    CHECK_INT(batch.row_count, 0);
}

TEST(references_resolve_once)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a &amp;lt; b", "a &lt; b"},
        {"&#39;&#x1F600;&eacute;", "'\xf0\x9f\x98\x80\xc3\xa9"},
        {"&#150;", "\xe2\x80\x93"},
        {"&#0;&#xD800;&#99999999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"&nosuch; &; &#; &#x; AT&T &", "&nosuch; &; &#; &#x; AT&T &"},
        {"&quot", "&quot"},
    };
    struct buf out;

    buf_init(&out, KIB);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_reset(&out);
        references_resolve(str_from_cstr(cases[i].in), &out);
        CHECK_STR(buf_str(&out), cases[i].out);
    }
    buf_deinit(&out);
}

/* Blocks cover a file without loss, whatever the cuts; gzip reads like plain. */
TEST(decode_reads_the_public_samples)
{
    static const struct {
        const char *name;
        enum decode_format format;
        uint64_t posts;
    } files[] = {
        {"posts/reddit-phones.jsonl.gz", DECODE_REDDIT, 22973},
        {"posts/twitter-stocknet.jsonl.gz", DECODE_TWITTER, 37189},
    };
    const char *root = getenv("TRIMTAB_SHARED");

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[1000];
        struct decode_options options = {0};
        struct decode_input *in = NULL;
        struct decoder *d = NULL;
        struct decode_block block;
        struct err err = {0};
        uint64_t posts = 0, rejects = 0, next_line = 1;
        bool has_block = false;
        snprintf(path, sizeof path, "%s/data/%s", root ? root : "../shared", files[i].name);
        if (!file_exists(str_from_cstr(path))) {
            printf("skipped: %s is not there\n", path);
            continue;
        }
        CHECK(decode_input_open(&in, str_from_cstr(path), &options, &plans, &err));
        CHECK_INT(decode_input_format(in), files[i].format);
        CHECK(decoder_create(&d, &err));
        decode_block_init(&block);
        while (decode_input_next(in, &block, &has_block, &err) && has_block) {
            CHECK_INT(block.first_line, next_line);
            CHECK(decoder_run(d, &block, &batch, &err));
            posts += batch.posts.count;
            rejects += batch.rejects.count;
            next_line += batch.row_count;
        }
        CHECK_INT(err.code, ERR_NONE);
        CHECK_INT(posts, files[i].posts);
        CHECK_INT(rejects, 0);
        decode_block_deinit(&block);
        decoder_destroy(&d);
        decode_input_close(&in);
    }
}

int main(void)
{
    decode_tests_begin();
    return RUN(CASE(decode_native_reads_every_member), CASE(decode_native_takes_short_forms),
               CASE(decode_native_refuses_per_row), CASE(post_kind_follows_from_what_is_said),
               CASE(decode_goes_on_behind_a_bad_row), CASE(decode_refuses_depth_and_size_per_row),
               CASE(decode_skips_an_endless_line), CASE(decode_native_round_trip_is_a_fixed_point),
               CASE(decode_reddit_submission), CASE(decode_reddit_comment),
               CASE(decode_twitter_retweet), CASE(decode_twitter_delete_notice),
               CASE(decode_csv_by_headings), CASE(decode_csv_by_mapping_and_without_id),
               CASE(decode_csv_equal_rows_are_posts_of_their_own), CASE(decode_csv_order_of_dates),
               CASE(decode_csv_takes_windows_1252_for_what_it_is),
               CASE(decode_csv_in_utf_8_with_a_broken_row_stays_utf_8),
               CASE(decode_reads_utf_16_with_a_mark), CASE(decode_feed_items_become_articles),
               CASE(decode_input_refuses_unknown_bytes), CASE(references_resolve_once),
               CASE(decode_reads_the_public_samples));
}
