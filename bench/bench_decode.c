/* bench_decode.c - how many posts a second of one core does each decoder read, and write as native?
 *
 *   decode   the bytes of a file, unpacked, to posts (cutting, JSON, members, texts)
 *   written  the same and the native form of every post: what `trimtab post decode` does
 *   peer     simdjson on the same records, nothing done with what it finds; for formats that are no
 *            JSON there is none
 *
 * Seconds are those of the processor, not of the wall, so that other work on the machine counts
 * little; ours and peer alternate, medians of the rounds, spread is (max - min) / median. Rows are
 * made from a seed, in the shape and size of the platform's; where the shared data are present, two
 * rows of real posts follow.
 *
 *     bench_decode [--quick] [FORM]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "format/json_bulk.h"
#include "format/json_text.h"
#include "listen/decode/decode.h"
#include "os/file.h"
#include "os/reader.h"

enum { ROUNDS_MAX = 7, PEER_PADDING = 256 };

struct scenario {
    const char *name;
    enum decode_format format;
    void (*make)(struct buf *out, size_t i, Str text);
    const char *before, *after; /* the rows */
};

struct work {
    struct buf bytes;
    size_t rounds;
    uint64_t posts;
    struct arena plans;
};

static void must(bool ok, const struct err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench_decode: %s (%s)\n", err->msg, err->origin ? err->origin : "?");
    exit(1);
}

static double processor_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* Words, an umlaut, a quote and an ampersand now and then: about 110 bytes. */
static Str make_text(struct buf *out, uint64_t *state)
{
    static const char *const words[] = {
        "late", "flight", "again", "the",        "service", "why",     "train", "f\xc3\xbcr",
        "to",   "a",      "&amp;", "\\\"no\\\"", "nobody",  "answers", "here",  "#delay"};

    buf_reset(out);
    for (size_t n = 12 + next_random(state) % 16; n > 0; n--) {
        buf_add(out, str_from_cstr(words[next_random(state) % COUNT_OF(words)]));
        buf_add_byte(out, ' ');
    }
    return buf_str(out);
}

static void make_native(struct buf *out, size_t i, Str text)
{
    buf_printf(out,
               "{\"id\":\"%zu\",\"source\":\"forum\",\"created_at\":\"2026-11-22T08:15:00Z\","
               "\"author\":{\"id\":\"u%zu\",\"handle\":\"ann%zu\",\"followers\":%zu},\"lang\":"
               "\"en\",\"text\":\"" STR_F "\",\"url\":\"https://forum.example/%zu\",\"thread\":"
               "\"%zu\",\"metrics\":{\"likes\":3,\"replies\":1}}\n",
               i, i % 5000, i % 5000, i % 1000, STR_A(text), i, i / 7);
}

static void make_tweet(struct buf *out, size_t i, Str text)
{
    buf_printf(
        out,
        "{\"created_at\":\"Sun Nov 22 08:15:00 +0000 2026\",\"id\":%zu,\"id_str\":\"%zu\","
        "\"text\":\"" STR_F "\",\"source\":\"<a href=\\\"http://x.example\\\" rel=\\\"nofollow\\\">"
        "Web</a>\",\"truncated\":false,\"in_reply_to_status_id\":null,"
        "\"in_reply_to_status_id_str\":null,\"in_reply_to_user_id\":null,"
        "\"in_reply_to_user_id_str\":null,\"in_reply_to_screen_name\":null,\"user\":{\"id\":%zu,"
        "\"id_str\":\"%zu\",\"name\":\"Ann Example\",\"screen_name\":\"ann%zu\",\"location\":"
        "\"here and there\",\"description\":\"says what she thinks, most of the time\",\"url\":"
        "null,\"entities\":{\"description\":{\"urls\":[]}},\"protected\":false,"
        "\"followers_count\":%zu,\"friends_count\":120,\"listed_count\":3,\"created_at\":"
        "\"Sat Mar 01 10:00:00 +0000 2014\",\"favourites_count\":7,\"utc_offset\":null,"
        "\"time_zone\":null,\"geo_enabled\":false,\"verified\":false,\"statuses_count\":4711,"
        "\"lang\":\"en\",\"profile_background_color\":\"C0DEED\",\"profile_image_url_https\":"
        "\"https://img.example/profile_images/%zu/normal.jpeg\",\"default_profile\":true,"
        "\"following\":null},\"geo\":null,\"coordinates\":null,\"place\":null,\"contributors\":"
        "null,\"retweet_count\":2,\"favorite_count\":5,\"entities\":{\"hashtags\":[{\"text\":"
        "\"delay\",\"indices\":[10,16]}],\"symbols\":[],\"urls\":[{\"url\":\"https://t.co/abc\","
        "\"expanded_url\":\"https://news.example/%zu\",\"display_url\":\"news.example\","
        "\"indices\":[20,40]}],\"user_mentions\":[{\"screen_name\":\"railco\",\"id_str\":\"9\"}]},"
        "\"favorited\":false,\"retweeted\":false,\"possibly_sensitive\":false,\"lang\":\"en\"}\n",
        i + 1, i + 1, STR_A(text), i % 5000, i % 5000, i % 5000, i % 1000, i % 5000, i);
}

static void make_tweet_v2(struct buf *out, size_t i, Str text)
{
    buf_printf(out,
               "{\"data\":{\"id\":\"%zu\",\"edit_history_tweet_ids\":[\"%zu\"],\"author_id\":"
               "\"%zu\",\"text\":\"" STR_F "\",\"created_at\":\"2026-11-22T08:15:00.000Z\","
               "\"lang\":\"en\",\"conversation_id\":\"%zu\",\"public_metrics\":{\"retweet_count\":"
               "2,\"reply_count\":1,\"like_count\":5,\"quote_count\":0},\"entities\":{\"urls\":[{"
               "\"expanded_url\":\"https://news.example/%zu\"}]}},\"includes\":{\"users\":[{\"id\":"
               "\"%zu\",\"username\":\"ann%zu\",\"name\":\"Ann\",\"public_metrics\":{"
               "\"followers_count\":%zu}}]},\"matching_rules\":[{\"id\":\"r1\"}]}\n",
               i + 1, i + 1, i % 5000, STR_A(text), i, i, i % 5000, i % 5000, i % 1000);
}

static void make_status(struct buf *out, size_t i, Str text)
{
    buf_printf(
        out,
        "event: update\ndata: {\"id\":\"%zu\",\"created_at\":\"2026-11-22T08:15:00.000Z\","
        "\"in_reply_to_id\":null,\"in_reply_to_account_id\":null,\"sensitive\":false,"
        "\"spoiler_text\":\"\",\"visibility\":\"public\",\"language\":\"en\",\"uri\":"
        "\"https://far.example/users/ann/statuses/%zu\",\"url\":\"https://far.example/@ann/%zu\","
        "\"replies_count\":0,\"reblogs_count\":0,\"favourites_count\":0,\"edited_at\":null,"
        "\"content\":\"<p>" STR_F
        "<a href=\\\"https://far.example/tags/delay\\\" class=\\\"mention "
        "hashtag\\\" rel=\\\"tag\\\">#<span>delay</span></a></p>\",\"reblog\":null,\"account\":{"
        "\"id\":\"%zu\",\"username\":\"ann\",\"acct\":\"ann%zu\",\"display_name\":\"Ann\","
        "\"locked\":false,\"bot\":false,\"created_at\":\"2020-01-01T00:00:00.000Z\",\"note\":"
        "\"<p>says what she thinks</p>\",\"url\":\"https://far.example/@ann\",\"avatar\":"
        "\"https://far.example/a.png\",\"followers_count\":%zu,\"following_count\":3,"
        "\"statuses_count\":99,\"emojis\":[],\"fields\":[]},\"media_attachments\":[],\"mentions\":"
        "[],\"tags\":[{\"name\":\"delay\",\"url\":\"https://far.example/tags/delay\"}],\"emojis\":"
        "[],\"card\":null,\"poll\":null}\n\n",
        i + 1, i, i, STR_A(text), i % 5000, i % 5000, i % 1000);
}

static void make_commit(struct buf *out, size_t i, Str text)
{
    buf_printf(out,
               "{\"did\":\"did:plc:wq4aajammjtxdomz%08zu\",\"time_us\":1795335300%06zu,\"kind\":"
               "\"commit\",\"commit\":{\"rev\":\"3mptbypluud2a\",\"operation\":\"create\","
               "\"collection\":\"app.bsky.feed.post\",\"rkey\":\"3m%011zu\",\"record\":{\"$type\":"
               "\"app.bsky.feed.post\",\"createdAt\":\"2026-11-22T08:14:59.999Z\",\"langs\":[\"en\""
               "],\"facets\":[{\"features\":[{\"$type\":\"app.bsky.richtext.facet#link\",\"uri\":"
               "\"https://news.example/%zu\"}],\"index\":{\"byteEnd\":31,\"byteStart\":0}}],"
               "\"text\":\"" STR_F "\"},\"cid\":\"bafyreih5mmdqvvkwqeiomd72pbp2iazuu\"}}\n",
               i % 100000, i % 1000000, i, i, STR_A(text));
}

static void make_reddit(struct buf *out, size_t i, Str text)
{
    buf_printf(out,
               "{\"id\":\"c%zu\",\"created_utc\":1795335300,\"author\":\"ann%zu\",\"subreddit\":"
               "\"trains\",\"body\":\"" STR_F
               "\",\"parent_id\":\"t1_c%zu\",\"link_id\":\"t3_s%zu\","
               "\"score\":4,\"controversiality\":0,\"gilded\":0,\"edited\":false,\"stickied\":"
               "false,\"distinguished\":null,\"author_flair_text\":null}\n",
               i, i % 5000, STR_A(text), i / 2, i / 50);
}

static void make_item(struct buf *out, size_t i, Str text)
{
    buf_printf(out,
               "{\"by\":\"ann%zu\",\"id\":%zu,\"kids\":[%zu,%zu],\"parent\":%zu,\"text\":\"" STR_F
               "<p>second paragraph\",\"time\":1795335300,\"type\":\"comment\"}\n",
               i % 5000, i + 1, i + 2, i + 3, i / 2, STR_A(text));
}

static void make_activity(struct buf *out, size_t i, Str text)
{
    buf_printf(
        out,
        "{\"@context\":[\"https://www.w3.org/ns/activitystreams\",{\"sensitive\":\"as:sensitive\"}"
        "],\"id\":\"https://far.example/users/ann/statuses/%zu/activity\",\"type\":\"Create\","
        "\"actor\":\"https://far.example/users/ann%zu\",\"published\":\"2026-11-22T08:15:00Z\","
        "\"to\":[\"https://www.w3.org/ns/activitystreams#Public\"],\"cc\":[],\"object\":{\"id\":"
        "\"https://far.example/users/ann/statuses/%zu\",\"type\":\"Note\",\"summary\":null,"
        "\"inReplyTo\":null,\"published\":\"2026-11-22T08:15:00Z\",\"url\":"
        "\"https://far.example/@ann/%zu\",\"attributedTo\":\"https://far.example/users/ann%zu\","
        "\"to\":[\"https://www.w3.org/ns/activitystreams#Public\"],\"cc\":[],\"conversation\":"
        "\"tag:far.example,2026:%zu\",\"content\":\"<p>" STR_F "</p>\",\"contentMap\":{\"en\":"
        "\"<p>x</p>\"},\"attachment\":[],\"tag\":[]}}\n",
        i, i % 5000, i, i, i % 5000, i, STR_A(text));
}

static void make_csv(struct buf *out, size_t i, Str text)
{
    buf_printf(out, "%zu,2026-11-22 08:15:00,ann%zu,\"", i, i % 5000);
    for (size_t k = 0; k < text.len; k++)
        buf_add_byte(out, text.ptr[k] == '"' || text.ptr[k] == '\\' ? '\'' : text.ptr[k]);
    buf_printf(out, "\",%zu,en\n", i % 100);
}

static void make_feed_item(struct buf *out, size_t i, Str text)
{
    buf_printf(
        out,
        "<item><title>Item %zu</title><link>https://news.example/%zu</link><guid>n-%zu</guid>"
        "<pubDate>Sun, 22 Nov 2026 08:15:00 +0000</pubDate><description>",
        i, i, i);
    buf_add(out, text);
    buf_lit(out, "</description></item>\n");
}

static const struct scenario scenarios[] = {
    {"native", DECODE_NATIVE, make_native, "", ""},
    {"twitter v1.1", DECODE_TWITTER, make_tweet, "", ""},
    {"twitter, list", DECODE_TWITTER, make_tweet, "[\n", "]\n"},
    {"twitter v2", DECODE_TWITTER, make_tweet_v2, "", ""},
    {"mastodon events", DECODE_MASTODON, make_status, "", ""},
    {"bluesky", DECODE_BLUESKY, make_commit, "", ""},
    {"reddit", DECODE_REDDIT, make_reddit, "", ""},
    {"hackernews", DECODE_HACKERNEWS, make_item, "", ""},
    {"activitystreams", DECODE_ACTIVITY, make_activity, "", ""},
    {"csv", DECODE_CSV, make_csv, "id,date,author,text,likes,lang\n", ""},
    {"feed", DECODE_FEED, make_feed_item,
     "<rss version=\"2.0\"><channel><title>News</title><link>https://news.example</link>\n",
     "</channel></rss>\n"},
};

/* Of the shared data. */
static const struct {
    const char *name;
    enum decode_format format;
} files[] = {{"reddit-mixed", DECODE_NATIVE}, {"twitter-stocknet", DECODE_TWITTER}};

/* ---- measuring ------------------------------------------------------------------------------- */

static double run_ours(struct work *w, enum decode_format format, bool is_written)
{
    struct decode_options options = {.format = format};
    struct decode_input *in = NULL;
    struct decoder *d = NULL;
    struct decode_block block;
    struct decode_batch batch;
    struct buf out;
    struct err err = {0};
    bool has_block = true;

    buf_init(&out, GIB);
    decode_block_init(&block);
    decode_batch_init(&batch);
    w->posts = 0;
    double started = processor_seconds();
    must(decode_input_open_bytes(&in, S("bench"), buf_str(&w->bytes), &options, &w->plans, &err),
         &err);
    must(decoder_create(&d, &err), &err);
    for (;;) {
        must(decode_input_next(in, &block, &has_block, &err), &err);
        if (!has_block)
            break;
        must(decoder_run(d, &block, &batch, &err), &err);
        w->posts += batch.posts.count;
        buf_reset(&out);
        for (size_t i = 0; is_written && i < batch.posts.count; i++) {
            post_write_native(&batch.posts.items[i].post, &out);
            buf_add_byte(&out, '\n');
        }
    }
    double seconds = processor_seconds() - started;
    decoder_destroy(&d);
    decode_input_close(&in);
    decode_block_deinit(&block);
    decode_batch_deinit(&batch);
    buf_deinit(&out);
    return seconds;
}

/* Lines of a stream of events begin with their field. Rows that are no JSON give 0. */
static double run_peer(const struct work *w)
{
    struct json_bulk *json = NULL;
    struct err err = {0};
    Str rest = buf_str(&w->bytes), line;
    JsonNode root;
    uint64_t parsed = 0;

    must(json_bulk_create(&json, &err), &err);
    double started = processor_seconds();
    while (rest.len > PEER_PADDING) {
        str_cut(rest, '\n', &line, &rest);
        if (str_starts(line, S("data: ")))
            line = str_sub(line, 6, line.len);
        if (line.len > 0 && line.ptr[line.len - 1] == ',')
            line.len--;
        if (str_starts(line, S("{")) && json_bulk_parse_padded(json, line, &root, &err))
            parsed++;
    }
    double seconds = processor_seconds() - started;
    json_bulk_destroy(&json);
    return parsed > w->posts / 2 ? seconds : 0;
}

static int f64_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, f64_cmp);
    return values[count / 2];
}

static void measure(struct work *w, const char *name, enum decode_format format)
{
    double decode[ROUNDS_MAX], written[ROUNDS_MAX], peer[ROUNDS_MAX];

    for (size_t i = 0; i < w->rounds; i++) {
        decode[i] = run_ours(w, format, false);
        written[i] = run_ours(w, format, true);
        peer[i] = run_peer(w);
    }
    double ours = median(decode, w->rounds), other = median(peer, w->rounds);
    printf("%-16s %6llu %5zu  %9.0f (%4.1f %%) %6.0f  %9.0f", name, (unsigned long long)w->posts,
           w->posts > 0 ? w->bytes.len / w->posts : 0, (double)w->posts / ours,
           100 * (decode[w->rounds - 1] - decode[0]) / ours, (double)w->bytes.len / ours / 1e6,
           (double)w->posts / median(written, w->rounds));
    if (other > 0)
        printf("  %9.0f  %5.2f", (double)w->posts / other, other / ours);
    printf("\n");
    fflush(stdout);
}

static void measure_made(struct work *w, const struct scenario *s, size_t rows)
{
    struct buf text;
    uint64_t state = 11;
    bool is_list = str_eq(str_from_cstr(s->before), S("[\n"));

    if (s->format == DECODE_FEED && rows > 9000)
        rows = 9000; /* a feed has no more than 10,000 items */
    buf_init(&text, MIB);
    buf_reset(&w->bytes);
    buf_add(&w->bytes, str_from_cstr(s->before));
    for (size_t i = 0; i < rows; i++) {
        s->make(&w->bytes, i, make_text(&text, &state));
        if (is_list && i + 1 < rows)
            w->bytes.ptr[w->bytes.len - 1] = ',', buf_add_byte(&w->bytes, '\n');
    }
    buf_add(&w->bytes, str_from_cstr(s->after));
    measure(w, s->name, s->format);
    if (w->posts != rows) {
        fprintf(stderr, "bench_decode: %s: %llu posts of %zu rows\n", s->name,
                (unsigned long long)w->posts, rows);
        exit(1);
    }
    buf_deinit(&text);
}

static void measure_file(struct work *w, const char *name, enum decode_format format, size_t max)
{
    const char *root = getenv("TRIMTAB_SHARED");
    struct os_reader *reader = NULL;
    struct err err = {0};
    char path[1000];
    Str part;

    snprintf(path, sizeof path, "%s/data/posts/%s.jsonl.gz", root ? root : "../shared", name);
    if (!file_exists(str_from_cstr(path)))
        return;
    buf_reset(&w->bytes);
    must(os_reader_open(&reader, str_from_cstr(path), &err), &err);
    do {
        must(os_reader_read(reader, MIB, &part, &err), &err);
        buf_add(&w->bytes, part);
    } while (part.len > 0 && w->bytes.len < max);
    os_reader_close(&reader);
    while (w->bytes.len > 0 && w->bytes.ptr[w->bytes.len - 1] != '\n')
        buf_truncate(&w->bytes, w->bytes.len - 1);
    measure(w, name, format);
}

int main(int argc, char **argv)
{
    static struct work w;
    bool is_quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    const char *only = argc > 1 + is_quick ? argv[argc - 1] : NULL;
    size_t rows = is_quick ? 10000 : 50000;

    w.rounds = is_quick ? 3 : ROUNDS_MAX;
    buf_init(&w.bytes, GIB);
    arena_init(&w.plans, 64 * MIB);
    printf("posts a second of one core\n%-16s %6s %5s  %9s %8s %6s  %9s  %9s  %5s\n", "form",
           "posts", "bytes", "decode", "spread", "MB/s", "written", "simdjson", "ratio");
    for (size_t i = 0; i < COUNT_OF(scenarios); i++)
        if (!only || strcmp(only, scenarios[i].name) == 0)
            measure_made(&w, &scenarios[i], rows);
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (!only || strcmp(only, files[i].name) == 0)
            measure_file(&w, files[i].name, files[i].format, (is_quick ? 20 : 100) * MIB);
    buf_deinit(&w.bytes);
    arena_deinit(&w.plans);
    return 0;
}
