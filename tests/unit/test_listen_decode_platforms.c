/* What platforms hand out: how it is cut, recognised, capped, and one stream of Bluesky against
 * another reader. What each member becomes stands in tests/golden/post/decode_*. */
#include "unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/json.h"
#include "listen/decode/decode_cut.h"
#include "os/file.h"
#include "unit/listen_decode.h"

static Str file_of(struct buf *text, const char *before, const char *fill, size_t count,
                   const char *after)
{
    Str piece = str_from_cstr(fill);

    buf_reset(text);
    buf_add(text, str_from_cstr(before));
    for (size_t i = 0; i < count; i++)
        buf_add(text, piece);
    buf_add(text, str_from_cstr(after));
    return buf_str(text);
}

/* ---- cutting --------------------------------------------------------------------------------- */

static void check_cut(const char *text, const char *wanted)
{
    Str bytes = str_from_cstr(text);
    struct buf out;

    buf_init(&out, MIB);
    for (size_t step = 1; step <= bytes.len; step = step == 1 ? bytes.len : bytes.len + 1) {
        struct value_cut cut = {0};
        struct value_found value;
        buf_reset(&out);
        for (size_t held = step; held <= bytes.len; held += step)
            while (value_cut_next(&cut, str_sub(bytes, 0, held), &value))
                buf_printf(&out, "%d%c" STR_F "|", (int)value.line, value.is_object ? ':' : '?',
                           STR_A(value.text));
        buf_printf(&out, "rest " STR_F, STR_A(value_cut_rest(&cut, bytes)));
        CHECK_STR(buf_str(&out), wanted);
    }
    buf_deinit(&out);
}

TEST(cut_finds_objects_wherever_they_lie)
{
    check_cut("{\"a\":1}\n{\"b\":2}\n", "0:{\"a\":1}|1:{\"b\":2}|rest ");
    check_cut("[{\"a\":[{},{}]},{\"b\":\"}\"}]", "0:{\"a\":[{},{}]}|0:{\"b\":\"}\"}|rest ");
    check_cut("w = [\n {\n\"a\":\n\"\\\"}\\\\\"\n}\n, {} ];\n",
              "0?w = |1:{\n\"a\":\n\"\\\"}\\\\\"\n}|5:{}|rest ");
    check_cut("[7, null, \"a,{b\", {\"c\":0}]\n", "0?7|0?null|0?\"a,{b\"|0:{\"c\":0}|rest ");
    check_cut("{\"a\":{\"b\":1}", "rest {\"a\":{\"b\":1}");
    check_cut("{\"a\":\"x\\", "rest {\"a\":\"x\\");
}

/* The line end, which no string may hold, ends the string that was not closed. */
TEST(cut_goes_on_behind_a_missing_quote)
{
    check_cut("[{\"a\":\"x},\n{\"b\":1}}\n,{\"c\":2}]",
              "0:{\"a\":\"x},\n{\"b\":1}}|2:{\"c\":2}|rest ");
}

TEST(cut_reads_events)
{
    Str bytes = S(":note\r\nevent: a\r\ndata: 1\r\n\r\ndata:2\ndata\ndata: 3\nid: 9\n\nevent: b\n\n"
                  "retry: 5\n\ndata: x\n");
    struct event_cut cut = {0};
    struct event_found event;
    struct buf joined;
    uint64_t lines;

    buf_init(&joined, KIB);
    CHECK(event_cut_next(&cut, bytes, &joined, &event));
    CHECK_STR(event.name, "a");
    CHECK_STR(event.data, "1");
    CHECK_INT(event.line, 0);
    CHECK(event_cut_next(&cut, bytes, &joined, &event));
    CHECK_STR(event.name, "");
    CHECK_STR(event.data, "2\n\n3");
    CHECK_INT(event.line, 4);
    CHECK(event_cut_next(&cut, bytes, &joined, &event));
    CHECK(!event.is_whole);
    CHECK_STR(event.data, "x");
    CHECK(!event_cut_next(&cut, bytes, &joined, &event));
    CHECK_INT(event_cut_whole(bytes, &lines), bytes.len - 8);
    CHECK_INT(lines, 13);
    buf_deinit(&joined);
}

/* A list of several blocks: nothing lost or doubled at the cuts, and the lines are right. */
TEST(decode_a_list_over_blocks)
{
    enum { ROWS = 40000 };
    struct decode_options options = {0};
    struct decode_input *in = NULL;
    struct decoder *d = NULL;
    struct decode_block block;
    struct buf text;
    struct err err = {0};
    uint64_t next = 0;
    bool has_block = true;

    buf_init(&text, 64 * MIB);
    buf_lit(&text, "[\n");
    for (int i = 0; i < ROWS; i++)
        buf_printf(&text, "  {\n    \"id\": \"%d\",\n    \"text\": \"%*s\"\n  }%s\n", i, i % 97,
                   "]", i + 1 < ROWS ? "," : "");
    buf_lit(&text, "]\n");
    decode_block_init(&block);
    CHECK(decode_input_open_bytes(&in, S("t"), buf_str(&text), &options, &plans, &err));
    CHECK_INT(decode_input_format(in), DECODE_NATIVE);
    CHECK(decoder_create(&d, &err));
    while (decode_input_next(in, &block, &has_block, &err) && has_block) {
        CHECK(decoder_run(d, &block, &batch, &err));
        CHECK_INT(batch.rejects.count, 0);
        vec_each (struct decoded, it, &batch.posts) {
            char id[16];
            snprintf(id, sizeof id, "%d", (int)next);
            CHECK_STR(it->post.id, id);
            CHECK_INT(it->line, 2 + 4 * next);
            next++;
        }
    }
    CHECK_INT(next, ROWS);
    CHECK(block.ordinal >= 3);
    decoder_destroy(&d);
    decode_input_close(&in);
    decode_block_deinit(&block);
    buf_deinit(&text);
}

/* A lone quote inside an unquoted field is text; the cut between blocks has to see it so too. */
TEST(decode_csv_over_blocks_with_lone_quotes)
{
    enum { ROWS = 30000 };
    struct buf text, reasons;

    buf_init(&text, 64 * MIB);
    buf_init(&reasons, MIB);
    buf_lit(&text, "id,text,title\n");
    for (int i = 0; i < ROWS; i++)
        buf_printf(&text, "%d,a 5\" screen,\"over\n%*s\n, \"\"lines\"\"\"\n", i, i % 83, "x");
    CHECK_INT(decode_all(buf_str(&text), DECODE_AUTO, &reasons), ROWS);
    CHECK_STR(buf_str(&reasons), "");
    buf_deinit(&text);
    buf_deinit(&reasons);
}

/* ---- recognising ----------------------------------------------------------------------------- */

TEST(decode_recognises_every_form)
{
    static const struct {
        const char *text;
        enum decode_format format;
    } cases[] = {
        {"{\"id\":1,\"text\":\"x\"}", DECODE_NATIVE},
        {"{\"id\":\"1\",\"text\":\"x\",\"author_id\":\"7\"}", DECODE_NATIVE},
        {"{\"id\":\"1\",\"event\":\"delete\"}", DECODE_NATIVE},
        {"[{\"id\":1,\"text\":\"x\"}]", DECODE_NATIVE},
        {"{\"data\":[{\"id\":\"1\",\"text\":\"x\"},\n{\"id\":\"2\",\"text\":\"y\"}\n]}\n",
         DECODE_TWITTER},
        {"{\n \"id\":1,\n \"text\":\"x\"\n}", DECODE_NATIVE},
        {"data: {\"id\":1,\"text\":\"x\"}\n\n", DECODE_NATIVE},
        {"broken\n{\"id\":1}", DECODE_AUTO},
        {"{broken\n{\"id_str\":\"1\",\"user\":{}}", DECODE_TWITTER},
        {"{\"id_str\":\"1\",\"user\":{}}", DECODE_TWITTER},
        {"{\"statuses\":[{\"id_str\":\"1\",\"user\":{}}]}", DECODE_TWITTER},
        {"{\"data\":[{\"id\":\"1\",\"text\":\"x\"}],\"meta\":{}}", DECODE_TWITTER},
        {"{\"meta\":{\"result_count\":0}}", DECODE_TWITTER},
        {"window.YTD.tweets.part0 = [ {\n\"tweet\" : { \"id_str\" : \"1\", \"full_text\" : \"x\" } "
         "} ]",
         DECODE_TWITTER},
        {"{\"event\":\"update\",\"payload\":\"{}\"}", DECODE_MASTODON},
        {":)\n\nevent: delete\ndata: 5\n\n", DECODE_MASTODON},
        {"[{\"id\":\"1\",\"content\":\"x\",\"account\":{},\"uri\":\"u\"}]", DECODE_MASTODON},
        {"{\"did\":\"d\",\"time_us\":1,\"kind\":\"identity\"}", DECODE_BLUESKY},
        {"{\"feed\":[{\"post\":{\"uri\":\"at://d/c/r\",\"record\":{}}}]}", DECODE_BLUESKY},
        {"{\"id\":\"a\",\"created_utc\":1,\"title\":\"x\"}", DECODE_REDDIT},
        {"[{\"kind\":\"Listing\",\"data\":{}}]", DECODE_REDDIT},
        {"{\"id\":1,\"type\":\"story\",\"time\":1,\"by\":\"ann\"}", DECODE_HACKERNEWS},
        {"{\"hits\":[{\"objectID\":\"1\",\"created_at_i\":1}]}", DECODE_HACKERNEWS},
        {"{\"@context\":\"x\",\"type\":\"Note\",\"id\":\"u\"}", DECODE_ACTIVITY},
        {"{\"type\":\"OrderedCollection\",\"totalItems\":0}", DECODE_ACTIVITY},
        {"{\"version\":\"https://jsonfeed.org/version/1.1\"}", DECODE_FEED},
        {"<rss/>", DECODE_FEED},
        {"id,text\n1,x\n", DECODE_CSV},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct decode_options options = {0};
        struct decode_input *in = NULL;
        struct err err = {0};
        bool ok = decode_input_open_bytes(&in, S("t"), str_from_cstr(cases[i].text), &options,
                                          &plans, &err);
        enum decode_format format = ok ? decode_input_format(in) : DECODE_AUTO;
        if (format != cases[i].format)
            print_error("%s\n", cases[i].text);
        CHECK_INT(format, cases[i].format);
        decode_input_close(&in);
    }
}

/* The first record is longer than what is looked at first. */
TEST(decode_recognises_a_long_page)
{
    struct buf text, reasons;

    buf_init(&text, 64 * MIB);
    buf_init(&reasons, MIB);
    file_of(&text, "{\"data\":[{\"id\":\"0\",\"text\":\"x\"}",
            ",\n{\"id\":\"1\",\"text\":\"a longer text, to fill the page\"}", 20000, "]}\n");
    CHECK_INT(decode_all(buf_str(&text), DECODE_AUTO, &reasons), 20001);
    CHECK_STR(batch.posts.items[20000].post.source, "twitter");
    CHECK_STR(buf_str(&reasons), "");
    buf_deinit(&text);
    buf_deinit(&reasons);
}

/* ---- hostile input --------------------------------------------------------------------------- */

/* A row of each form with room for a text; %s stands for it. */
static const struct {
    enum decode_format format;
    const char *before, *after;
} rows[] = {
    {DECODE_NATIVE, "{\"id\":\"1\",\"text\":\"", "\"}\n"},
    {DECODE_TWITTER, "{\"id_str\":\"1\",\"user\":{\"id_str\":\"2\"},\"text\":\"", "\"}\n"},
    {DECODE_TWITTER, "{\"data\":{\"id\":\"1\",\"text\":\"", "\"}}\n"},
    {DECODE_MASTODON, "{\"id\":\"1\",\"uri\":\"u\",\"account\":{\"id\":\"2\"},\"content\":\"",
     "\"}\n"},
    {DECODE_BLUESKY,
     "{\"did\":\"d\",\"time_us\":1795335300000000,\"kind\":\"commit\",\"commit\":{\"operation\":"
     "\"create\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"r\",\"record\":{\"text\":\"",
     "\"}}}\n"},
    {DECODE_REDDIT, "{\"id\":\"1\",\"created_utc\":1795335300,\"body\":\"", "\"}\n"},
    {DECODE_HACKERNEWS,
     "{\"id\":1,\"type\":\"comment\",\"time\":1795335300,\"by\":\"a\",\"text\":\"", "\"}\n"},
    {DECODE_ACTIVITY, "{\"@context\":\"x\",\"type\":\"Note\",\"id\":\"u\",\"content\":\"", "\"}\n"},
};

TEST(decode_refuses_hostile_texts_in_every_form)
{
    struct buf text, deep;

    buf_init(&text, 64 * MIB);
    buf_init(&deep, MIB);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str row = file_of(&text, rows[i].before, "x", 9, rows[i].after);
        CHECK_STR(one(row, rows[i].format)->text, "xxxxxxxxx");
        bool is_html = rows[i].format == DECODE_MASTODON || rows[i].format == DECODE_HACKERNEWS ||
                       rows[i].format == DECODE_ACTIVITY;
        /* a NUL is no character of HTML and vanishes there */
        row = file_of(&text, rows[i].before, "a\\u0000", 1, rows[i].after);
        if (is_html)
            CHECK_STR(one(row, rows[i].format)->text, "a");
        else
            CHECK(str_ends(refused(row, rows[i].format), S("holds a NUL")));
        row = file_of(&text, rows[i].before, "\xc3(", 1, rows[i].after);
        CHECK_STR(refused(row, rows[i].format), "JSON text is not valid UTF-8");
        row = file_of(&text, rows[i].before, "\xed\xa0\x80", 1, rows[i].after);
        CHECK_STR(refused(row, rows[i].format), "JSON text is not valid UTF-8");
        row = file_of(&text, rows[i].before, "x", POST_TEXT_BYTES_MAX + 1, rows[i].after);
        Str reason = refused(row, rows[i].format);
        CHECK(str_find(reason, S("is longer than 1048576 bytes")) < reason.len);
        file_of(&deep, "\",\"deep\":", "[", 70, "");
        file_of(&text, deep.ptr, "]", 70, ",\"a\":\"");
        Str nested = arena_str(&plans, buf_str(&text));
        row = file_of(&text, rows[i].before, nested.ptr, 1, rows[i].after);
        CHECK_STR(refused(row, rows[i].format),
                  "JSON is nested deeper than 64 levels: give inner records lines of their own");
    }
    buf_deinit(&text);
    buf_deinit(&deep);
}

TEST(decode_caps_json_inside_json)
{
    struct buf text, payload;

    buf_init(&text, MIB);
    buf_init(&payload, MIB);
    for (int i = 0; i < 140; i++)
        buf_add_byte(&payload, i < 70 ? '[' : ']');
    Str row = file_of(&text, "{\"event\":\"update\",\"payload\":\"", payload.ptr, 1, "\"}\n");
    CHECK_STR(refused(row, DECODE_MASTODON),
              "JSON is nested deeper than 64 levels: give inner records lines of their own");
    row = S("{\"event\":\"update\",\"payload\":\"[1]\"}");
    CHECK_STR(refused(row, DECODE_MASTODON), "not a JSON object");
    row = S("{\"event\":\"delete\",\"payload\":\"\"}");
    CHECK_STR(refused(row, DECODE_MASTODON), "no id");
    row = S("event: delete\ndata: 5\xff\n\n");
    CHECK_STR(refused(row, DECODE_MASTODON), "the id is not valid UTF-8");
    buf_deinit(&text);
    buf_deinit(&payload);
}

/* A value that is too long is left out, wherever its brackets and quotes stand; the list goes on
 * behind it. One without end takes the rest with it, but nothing before it. */
TEST(decode_skips_an_endless_value)
{
    static const char *const fillings[] = {"x", "\\\\", "\\\"{[", "]}"};
    struct buf text, reasons;

    buf_init(&reasons, MIB);
    buf_init(&text, 64 * MIB);
    for (size_t i = 0; i < COUNT_OF(fillings); i++) {
        buf_reset(&reasons);
        file_of(&text, "[\n{\"id\":1,\"text\":\"a\"},\n{\"id\":2,\"text\":\"", fillings[i],
                (INPUT_LINE_BYTES_MAX + MIB) / strlen(fillings[i]) + i,
                "\",\n\"b\":[{}]\n},\n{\"id\":3,\"text\":\"c\"},{\"id\":4}\n]\n");
        CHECK_INT(decode_all(buf_str(&text), DECODE_NATIVE, &reasons), 2);
        CHECK_STR(buf_str(&reasons), "3: the value is longer than 16777216 bytes: split it into "
                                     "records of their own\n6: no text\n");
    }
    buf_reset(&reasons);
    file_of(&text, "[\n{\"id\":1,\"text\":\"a\"},\n{\"id\":2,\"text\":\"", "x",
            INPUT_LINE_BYTES_MAX + MIB, "");
    CHECK_INT(decode_all(buf_str(&text), DECODE_NATIVE, &reasons), 1);
    CHECK_STR(buf_str(&reasons),
              "3: the value is longer than 16777216 bytes: split it into records "
              "of their own\n");
    file_of(&text, "[\n{\"id\":1,\"text\":\"a\"},\n{\"id\":2,", " ", 10, "");
    buf_reset(&reasons);
    CHECK_INT(decode_all(buf_str(&text), DECODE_NATIVE, &reasons), 1);
    CHECK_STR(buf_str(&reasons), "3: the file breaks off inside this value\n");
    buf_deinit(&text);
    buf_deinit(&reasons);
}

/* An event without end: what comes behind it is read again. */
TEST(decode_skips_an_endless_event)
{
    struct buf text, reasons;

    buf_init(&reasons, MIB);
    buf_init(&text, 64 * MIB);
    file_of(&text, "data: {\"id\":1,\"text\":\"a\"}\n\ndata: ", "x", INPUT_LINE_BYTES_MAX + MIB,
            "\n\ndata: {\"id\":3,\"text\":\"c\"}\n\n");
    CHECK_INT(decode_all(buf_str(&text), DECODE_NATIVE, &reasons), 2);
    CHECK_STR(buf_str(&reasons),
              "3: the line is longer than 16777216 bytes: split it into records of their own\n");
    buf_deinit(&text);
    buf_deinit(&reasons);
}

/* Each of many posts looks its author up among as many: not by going through all. */
TEST(decode_finds_authors_of_a_large_page)
{
    enum { POSTS = 60000 };
    struct buf text, reasons;

    buf_init(&reasons, MIB);
    buf_init(&text, 64 * MIB);
    buf_lit(&text, "{\"data\":[");
    for (int i = 0; i < POSTS; i++)
        buf_printf(&text, "%s{\"id\":\"%d\",\"author_id\":\"%d\",\"text\":\"x\"}", i ? "," : "", i,
                   POSTS - 1 - i);
    buf_lit(&text, "],\"includes\":{\"users\":[");
    for (int i = 0; i < POSTS; i++)
        buf_printf(&text, "%s{\"id\":\"%d\",\"username\":\"u%d\"}", i ? "," : "", i, i);
    buf_lit(&text, "]}}");
    CHECK_INT(decode_all(buf_str(&text), DECODE_TWITTER, &reasons), POSTS);
    CHECK_STR(batch.posts.items[1].post.author.handle, "u59998");
    CHECK_STR(batch.posts.items[POSTS - 1].post.author.handle, "u0");
    CHECK_INT(reasons.len, 0);
    buf_deinit(&text);
    buf_deinit(&reasons);
}

/* What a page includes is gone with it: the next record is another document, in which the places of
 * the page's users lie on values, or inside the numbers of these lists. */
TEST(decode_forgets_what_the_page_before_included)
{
    static const char ones[] = "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1";
    struct decode_options options = {.format = DECODE_TWITTER};
    struct err err = {0};
    struct buf text;

    buf_init(&text, MIB);
    for (int i = 0; i < 2; i++) {
        buf_lit(&text, "{\"data\":[{\"id\":\"1\",\"text\":\"x\",\"author_id\":\"7\"}],"
                       "\"includes\":{\"users\":[{\"id\":\"7\",\"username\":\"ann\"}]}}\n");
        buf_printf(&text, "{\"id\":\"2\",\"a\":[%s%s],\"text\":\"y\",\"author_id\":\"7\"}\n",
                   i == 0 ? "" : "null,", ones);
    }
    CHECK(decode(buf_str(&text), &options, &err));
    CHECK_INT(batch.posts.count, 4);
    for (size_t i = 0; i < 4; i++)
        CHECK_STR(batch.posts.items[i].post.author.handle, i % 2 == 0 ? "ann" : "");
    buf_deinit(&text);
}

/* One long original that thousands of posts repost: copied into each it would be gigabytes. */
TEST(decode_caps_what_a_page_multiplies)
{
    struct buf text, reasons;

    buf_init(&reasons, 16 * MIB);
    buf_init(&text, 64 * MIB);
    buf_lit(&text, "{\"data\":[{\"id\":\"0\",\"text\":\"x\"}");
    for (int i = 1; i <= 1000; i++)
        buf_printf(&text,
                   ",{\"id\":\"%d\",\"text\":\"RT\",\"referenced_tweets\":[{\"type\":"
                   "\"retweeted\",\"id\":\"o\"}]}",
                   i);
    buf_lit(&text, "],\"includes\":{\"users\":[{\"id\":\"7\",\"username\":\"u\"}],\"tweets\":[{"
                   "\"id\":\"o\",\"author_id\":\"7\",\"text\":\"");
    for (size_t i = 0; i < MIB / 2; i++)
        buf_add_byte(&text, 'y');
    buf_lit(&text, "\"}]}}");
    CHECK_INT(decode_all(buf_str(&text), DECODE_TWITTER, &reasons), 1 + 128);
    CHECK_INT(batch.rejects.count, 1000 - 128);
    CHECK_STR(batch.rejects.items[0].reason,
              "item 130: the page's posts refer to more than 67108864 bytes");
    buf_deinit(&text);
    buf_deinit(&reasons);
}

/* ---- what a batch tells ---------------------------------------------------------------------- */

TEST(decode_counts_what_is_no_post)
{
    struct decode_options options = {0};
    struct err err = {0};

    CHECK(decode(S("{\"did\":\"d\",\"time_us\":7,\"kind\":\"identity\"}\n"
                   "{\"did\":\"d\",\"time_us\":9,\"kind\":\"account\"}\n"
                   "{\"did\":\"d\",\"time_us\":8,\"kind\":\"commit\",\"commit\":{\"operation\":"
                   "\"create\",\"collection\":\"app.bsky.feed.like\",\"rkey\":\"r\"}}\n"),
                 &options, &err));
    CHECK_INT(batch.ignored_count, 3);
    CHECK_INT(batch.row_count, 0);
    CHECK_INT(batch.cursor_us, 9);
}

TEST(decode_names_the_post_of_a_page)
{
    struct decode_options options = {0};
    struct err err = {0};

    CHECK(decode(S("{\"data\":[{\"id\":\"1\",\"text\":\"x\"},{\"id\":\"2\",\"text\":7,\"lang\":"
                   "\"en\"},{\"text\":\"y\"}]}"),
                 &options, &err));
    CHECK_INT(batch.posts.count, 1);
    CHECK_INT(batch.rejects.count, 2);
    CHECK_STR(batch.rejects.items[0].reason, "item 2: no text");
    CHECK_STR(batch.rejects.items[0].raw, "{\"id\":\"2\",\"text\":7,\"lang\":\"en\"}");
    CHECK_INT(batch.rejects.items[1].item, 3);
    CHECK_STR(batch.rejects.items[1].reason, "item 3: no id");
}

TEST(decode_keeps_nothing_of_what_was_deleted)
{
    const struct post *post = one(
        S("{\"id\":5,\"by\":\"ann\",\"type\":\"comment\",\"time\":1795335300,\"text\":\"<a href="
          "\\\"https://a.example\\\">x</a>\",\"deleted\":true,\"score\":3,\"url\":\"https://b\"}"),
        DECODE_AUTO);

    CHECK_INT(post->event, POST_DELETE);
    CHECK_STR(post->id, "5");
    CHECK_INT(post->author.handle.len + post->text.len + post->url.len + post->link_count, 0);
    CHECK_INT(post->metrics.likes, POST_UNKNOWN);
}

/* ---- the given stream of Bluesky ------------------------------------------------------------- */

struct expected {
    Str id, text, repost_of, reply_to;
    bool is_post;
};

/* By another reader of JSON and no table: what the event is to become. */
static struct expected expect(struct arena *memory, Str line)
{
    struct expected e = {0};
    const struct json *root;
    struct err err = {0};

    CHECK(json_parse(memory, line, &root, &err));
    const struct json *commit = json_get(root, "commit"), *record = json_get(commit, "record");
    Str collection = STR_NONE, did, rkey;
    CHECK(json_str(json_get(root, "did"), &did));
    (void)json_str(json_get(commit, "collection"), &collection);
    bool is_repost = str_eq(collection, S("app.bsky.feed.repost"));
    e.is_post = is_repost || str_eq(collection, S("app.bsky.feed.post"));
    if (!e.is_post)
        return e;
    CHECK(json_str(json_get(commit, "rkey"), &rkey));
    e.id = arena_printf(memory, "at://" STR_F "/" STR_F "/" STR_F, STR_A(did), STR_A(collection),
                        STR_A(rkey));
    (void)json_str(json_get(record, "text"), &e.text);
    (void)json_str(json_get(json_get(record, "subject"), "uri"), &e.repost_of);
    (void)json_str(json_get(json_get(json_get(record, "reply"), "parent"), "uri"), &e.reply_to);
    return e;
}

TEST(conformance_jetstream)
{
    const char *root = getenv("TRIMTAB_SHARED");
    struct decode_options options = {0};
    struct arena memory;
    struct err err = {0};
    char path[512];
    Str bytes, line;
    size_t posts = 0, ignored = 0;

    snprintf(path, sizeof path, "%s/data/conformance/jetstream/events.jsonl",
             root ? root : "../shared");
    arena_init(&memory, 64 * MIB);
    if (!file_exists(str_from_cstr(path))) {
        printf("skip conformance_jetstream: %s is absent\n", path);
        return;
    }
    CHECK(file_read_all(&memory, str_from_cstr(path), MIB, &bytes, &err));
    while (bytes.len > 0) {
        str_cut(bytes, '\n', &line, &bytes);
        struct expected e = expect(&memory, line);
        CHECK(decode(line, &options, &err));
        CHECK_INT(batch.rejects.count, 0);
        CHECK_INT(batch.posts.count, e.is_post ? 1 : 0);
        CHECK_INT(batch.ignored_count, e.is_post ? 0 : 1);
        posts += batch.posts.count;
        ignored += batch.ignored_count;
        if (!e.is_post)
            continue;
        const struct post *post = &batch.posts.items[0].post;
        CHECK(str_eq(post->id, e.id) && str_eq(post->text, e.text));
        CHECK(str_eq(post->repost_of, e.repost_of) && str_eq(post->reply_to, e.reply_to));
        CHECK(post->has_created_at && str_eq(post->source, S("bluesky")));
    }
    printf("note jetstream events: %zu agree, 0 differ on purpose, 0 differ\n", posts + ignored);
    CHECK_INT(posts, 16);
    CHECK_INT(ignored, 60);
    arena_deinit(&memory);
}

int main(void)
{
    decode_tests_begin();
    return RUN(CASE(cut_finds_objects_wherever_they_lie), CASE(cut_goes_on_behind_a_missing_quote),
               CASE(cut_reads_events), CASE(decode_a_list_over_blocks),
               CASE(decode_csv_over_blocks_with_lone_quotes), CASE(decode_recognises_every_form),
               CASE(decode_recognises_a_long_page),
               CASE(decode_refuses_hostile_texts_in_every_form), CASE(decode_caps_json_inside_json),
               CASE(decode_skips_an_endless_value), CASE(decode_skips_an_endless_event),
               CASE(decode_finds_authors_of_a_large_page),
               CASE(decode_forgets_what_the_page_before_included),
               CASE(decode_caps_what_a_page_multiplies), CASE(decode_counts_what_is_no_post),
               CASE(decode_names_the_post_of_a_page),
               CASE(decode_keeps_nothing_of_what_was_deleted), CASE(conformance_jetstream));
}
