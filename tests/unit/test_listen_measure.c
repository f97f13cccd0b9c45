/* Measures, shares, topics, terms, spikes, search and rematch over small imports. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "db/migration.h"
#include "listen/archive/rematch.h"
#include "listen/measure/event_explain.h"
#include "listen/measure/spike_store.h"
#include "listen/measure/story.h"
#include "listen/measure/term_window.c"
#include "listen/measure/topic_measure.h"
#include "listen/search/search.h"
#include "signal/signal.h"
#include "unit/listen_import.h"
#include "unit/scratch.h"

static struct scratch s;
static struct workspace *ws;
static struct archive *a;
static struct arena arena;

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

static int64_t hour_of(const char *text)
{
    int64_t ms = 0;

    CHECK(time_parse(str_from_cstr(text), &ms));
    return ms / HOUR_MS;
}

/* A workspace with the queries given and the posts imported; the archive is open as writer. */
static void begin(const char *const (*queries)[2], size_t count, Str posts)
{
    struct err err = {0};
    struct db *system = NULL;
    struct import_result result;

    scratch_begin(&s);
    arena_init(&arena, 256 * MIB);
    Str data = scratch_path(&s, "data"), file = scratch_path(&s, "posts.jsonl");
    must(system_db_open(&system, data, &err) &&
             workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, &err) &&
             workspace_open(&ws, data, S("acme"), &err) && file_write_atomic(file, posts, &err),
         &err);
    db_close(&system);
    for (size_t i = 0; i < count; i++) {
        struct standing_query query = {.name = str_from_cstr(queries[i][0]),
                                       .text = str_from_cstr(queries[i][1])};
        must(standing_query_create(ws->state, &query, S("ann"), 1, &err), &err);
    }
    struct import_job job = {.workspace = ws,
                             .paths = &file,
                             .path_count = 1,
                             .worker_count = 1,
                             .now_ms = STREAM_NOW_MS};
    must(import_run(&job, &result, &err), &err);
    must(archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, &err), &err);
}

static void end(void)
{
    archive_close(&a);
    workspace_close(&ws);
    arena_deinit(&arena);
    scratch_end(&s);
}

static double point(const char *key, const char *time, int64_t *n)
{
    struct err err = {0};
    struct signal signal;
    struct signal_point *points;
    size_t count;
    int64_t ms = hour_of(time) * HOUR_MS;

    must(signal_find(&arena, ws->state, str_from_cstr(key), &signal, &err), &err);
    must(signal_read(&arena, ws->state, signal.id, ms, ms + 1, &points, &count, &err), &err);
    CHECK_INT(count, 1);
    if (n)
        *n = points[0].n;
    return points[0].value;
}

static const char *const phone_queries[][2] = {
    {"phone", "phone"}, {"apex", "apex"}, {"bolt", "bolt"}};

static const char small[] =
    "{\"id\":\"1\",\"source\":\"micro\",\"created_at\":\"2026-03-01T08:10:00Z\",\"author\":{"
    "\"handle\":\"ann\",\"followers\":10},\"text\":\"my apex phone is awful, I hate it\","
    "\"country\":\"DE\",\"metrics\":{\"likes\":3,\"reposts\":1}}\n"
    "{\"id\":\"2\",\"source\":\"micro\",\"created_at\":\"2026-03-01T08:50:00Z\",\"author\":{"
    "\"handle\":\"bob\",\"followers\":20},\"text\":\"@ann I love my bolt phone, great\","
    "\"reply_to\":\"1\",\"mentions\":[\"ann\"],\"metrics\":{\"likes\":5}}\n"
    "{\"id\":\"3\",\"source\":\"micro\",\"created_at\":\"2026-03-01T08:55:00Z\",\"author\":{"
    "\"handle\":\"ann\",\"followers\":12},\"text\":\"a phone\",\"metrics\":{\"likes\":0}}\n"
    "{\"id\":\"4\",\"source\":\"board\",\"created_at\":\"2026-03-03T09:00:00Z\",\"text\":\"apex "
    "and "
    "bolt make a phone\"}\n"
    "{\"id\":\"5\",\"source\":\"board\",\"created_at\":\"2026-03-05T09:00:00Z\",\"text\":\"rain\"}"
    "\n";

TEST(measures_are_published_with_sample_and_availability)
{
    int64_t n;

    begin(phone_queries, 3, str_from_cstr(small));
    CHECK_NEAR(point("query:1:mentions:hour", "2026-03-01T08:00:00Z", &n), 3, 0);
    CHECK_INT(n, 3);
    CHECK_NEAR(point("query:1:authors:hour", "2026-03-01T08:00:00Z", NULL), 2, 0);
    CHECK_NEAR(point("query:1:reach:hour", "2026-03-01T08:00:00Z", NULL), 32, 0);
    CHECK_NEAR(point("query:1:engagement:day", "2026-03-01T00:00:00Z", NULL), 9, 0);
    CHECK_NEAR(point("query:1:replies_share:day", "2026-03-01T00:00:00Z", NULL), 1.0 / 3, 1e-9);
    CHECK_NEAR(point("query:1:negative:day", "2026-03-01T00:00:00Z", NULL), 1, 0);
    CHECK_NEAR(point("query:1:net_sentiment:day", "2026-03-01T00:00:00Z", &n), 0, 1e-9);
    CHECK_INT(n, 2);
    /* a source that names no authors: not available, not zero */
    CHECK(isnan(point("query:1:authors:day", "2026-03-03T00:00:00Z", NULL)));
    CHECK(isnan(point("query:1:engagement:day", "2026-03-03T00:00:00Z", NULL)));
    CHECK_NEAR(point("query:1:mentions:day", "2026-03-03T00:00:00Z", NULL), 1, 0);
    /* quiet periods inside the span are zero */
    CHECK_NEAR(point("query:1:mentions:day", "2026-03-02T00:00:00Z", NULL), 0, 0);
    CHECK_NEAR(point("query:1:mentions:hour", "2026-03-05T09:00:00Z", NULL), 0, 0);
    CHECK_NEAR(point("query:1:mentions:day:source:micro", "2026-03-01T00:00:00Z", NULL), 3, 0);
    CHECK_NEAR(point("query:1:mentions:day:country:de", "2026-03-01T00:00:00Z", &n), 1, 0);
    CHECK_INT(n, 1);
    end();
}

static bool has_point(const char *key, const char *time)
{
    struct err err = {0};
    struct signal signal;
    struct signal_point *points;
    size_t count;
    int64_t ms = hour_of(time) * HOUR_MS;

    must(signal_find(&arena, ws->state, str_from_cstr(key), &signal, &err), &err);
    must(signal_read(&arena, ws->state, signal.id, ms, ms + 1, &points, &count, &err), &err);
    return count > 0;
}

static void import_more(const char *lines)
{
    struct err err = {0};
    struct import_result result;
    Str file = scratch_path(&s, "more.jsonl");

    must(file_write_atomic(file, str_from_cstr(lines), &err), &err);
    struct import_job job = {.workspace = ws,
                             .archive = a,
                             .paths = &file,
                             .path_count = 1,
                             .worker_count = 1,
                             .now_ms = STREAM_NOW_MS};
    must(import_run(&job, &result, &err), &err);
}

TEST(an_emptied_hour_is_restated_by_the_import_that_empties_it)
{
    begin(phone_queries, 3, str_from_cstr(small));
    CHECK(has_point("query:2:engagement:hour", "2026-03-01T08:00:00Z"));
    CHECK(has_point("query:2:mentions:day:source:micro", "2026-03-01T00:00:00Z"));
    CHECK(has_point("query:3:engagement:hour", "2026-03-01T08:00:00Z"));
    /* Post 1 is deleted, post 2 moves an hour; the third keeps the hour alive for query 1. */
    import_more("{\"id\":\"1\",\"source\":\"micro\",\"event\":\"delete\"}\n"
                "{\"id\":\"2\",\"source\":\"micro\",\"created_at\":\"2026-03-01T09:50:00Z\","
                "\"author\":{\"handle\":\"bob\",\"followers\":20},\"text\":\"my bolt phone\","
                "\"metrics\":{\"likes\":5}}\n");
    for (int m = 0; m < MEASURE_COUNT; m++) {
        char apex[64], bolt[64], phone[64];
        const char *name = measure_info((enum measure)m)->key;
        snprintf(apex, sizeof apex, "query:2:%s:hour", name);
        snprintf(bolt, sizeof bolt, "query:3:%s:hour", name);
        snprintf(phone, sizeof phone, "query:1:%s:hour", name);
        CHECK(has_point(apex, "2026-03-01T08:00:00Z") == (m == MEASURE_MENTIONS));
        CHECK(has_point(bolt, "2026-03-01T08:00:00Z") == (m == MEASURE_MENTIONS));
        CHECK(has_point(bolt, "2026-03-01T09:00:00Z"));
        CHECK(has_point(phone, "2026-03-01T08:00:00Z"));
    }
    CHECK_NEAR(point("query:2:mentions:hour", "2026-03-01T08:00:00Z", NULL), 0, 0);
    CHECK_NEAR(point("query:1:mentions:hour", "2026-03-01T08:00:00Z", NULL), 1, 0);
    CHECK_NEAR(point("query:1:engagement:hour", "2026-03-01T08:00:00Z", NULL), 0, 0);
    /* a day without a mention of a source has no point of it, and what else is there stays */
    CHECK(!has_point("query:2:mentions:day:source:micro", "2026-03-01T00:00:00Z"));
    CHECK(has_point("query:2:mentions:day:source:board", "2026-03-03T00:00:00Z"));
    CHECK_NEAR(point("query:1:mentions:day:source:micro", "2026-03-01T00:00:00Z", NULL), 2, 0);
    CHECK_NEAR(point("query:2:mentions:day", "2026-03-01T00:00:00Z", NULL), 0, 0);
    end();
}

TEST(an_old_hour_is_restated_although_no_new_one_is_published_there)
{
    begin(phone_queries, 3, str_from_cstr(small));
    import_more("{\"id\":\"9\",\"source\":\"micro\",\"created_at\":\"2028-03-01T08:10:00Z\","
                "\"author\":{\"handle\":\"ann\"},\"text\":\"phone\"}\n"
                "{\"id\":\"8\",\"source\":\"micro\",\"created_at\":\"2026-03-02T08:10:00Z\","
                "\"author\":{\"handle\":\"ann\"},\"text\":\"phone\"}\n");
    CHECK_NEAR(point("query:1:mentions:hour", "2026-03-01T08:00:00Z", NULL), 3, 0);
    CHECK_NEAR(point("query:1:mentions:hour", "2026-03-02T08:00:00Z", NULL), 1, 0);
    import_more("{\"id\":\"3\",\"source\":\"micro\",\"event\":\"delete\"}\n"
                "{\"id\":\"4\",\"source\":\"board\",\"event\":\"delete\"}\n"
                "{\"id\":\"7\",\"source\":\"micro\",\"created_at\":\"2026-02-01T08:10:00Z\","
                "\"author\":{\"handle\":\"ann\"},\"text\":\"phone\"}\n");
    CHECK_NEAR(point("query:1:mentions:hour", "2026-03-01T08:00:00Z", NULL), 2, 0);
    CHECK_NEAR(point("query:1:mentions:hour", "2026-03-03T09:00:00Z", NULL), 0, 0);
    CHECK(!has_point("query:1:positive:hour", "2026-03-03T09:00:00Z"));
    CHECK(!has_point("query:1:mentions:hour", "2026-02-01T08:00:00Z")); /* was never published */
    CHECK_NEAR(point("query:1:mentions:day", "2026-02-01T00:00:00Z", NULL), 1, 0);
    end();
}

/* Minutes come to what their hours say, whatever came, was edited or was deleted; those of hours
 * that are too long ago are gone. */
TEST(minutes_add_up_to_their_hours)
{
    static const char *const measures[] = {"mentions", "positive", "neutral", "negative",
                                           "engagement"};
    struct random r = {.seed = 8};
    struct err err = {0};
    struct buf posts;

    buf_init(&posts, MIB);
    begin(phone_queries, 3, str_from_cstr(small));
    for (int batch = 0; batch < 4; batch++) {
        buf_reset(&posts);
        for (int i = 0; i < 120; i++) {
            int id = (int)random_below(&r, 200), hour = (int)random_below(&r, 60);
            buf_printf(&posts,
                       random_below(&r, 8) == 0
                           ? "{\"id\":\"m%d\",\"source\":\"micro\",\"event\":\"delete\"}\n"
                           : "{\"id\":\"m%d\",\"source\":\"micro\",\"created_at\":"
                             "\"2026-03-%02dT%02d:%02d:07Z\",\"metrics\":{\"likes\":%d},"
                             "\"text\":\"phone %s\"}\n",
                       id, 7 + hour / 24, hour % 24, (int)random_below(&r, 60), i,
                       i % 3 == 0   ? "is great"
                       : i % 3 == 1 ? "is terrible"
                                    : "");
        }
        import_more(posts.ptr);
        for (size_t m = 0; m < COUNT_OF(measures); m++) {
            struct signal minute, hour;
            struct signal_point *parts, *whole;
            size_t count, hours;
            char key[64];
            snprintf(key, sizeof key, "query:1:%s:minute", measures[m]);
            must(signal_find(&arena, ws->state, str_from_cstr(key), &minute, &err), &err);
            snprintf(key, sizeof key, "query:1:%s:hour", measures[m]);
            must(signal_find(&arena, ws->state, str_from_cstr(key), &hour, &err), &err);
            int64_t to = hour_of("2026-03-12") * HOUR_MS;
            must(signal_read(&arena, ws->state, minute.id, 0, to, &parts, &count, &err) &&
                     signal_read(&arena, ws->state, hour.id, 0, to, &whole, &hours, &err),
                 &err);
            CHECK(count > 60);
            CHECK(parts[0].start_ms >= parts[count - 1].start_ms - 48 * HOUR_MS);
            for (size_t h = 0; h < hours; h++) {
                double sum = 0;
                if (whole[h].start_ms < parts[0].start_ms - parts[0].start_ms % HOUR_MS)
                    continue;
                for (size_t i = 0; i < count; i++)
                    sum += parts[i].start_ms / HOUR_MS == whole[h].start_ms / HOUR_MS
                               ? parts[i].value
                               : 0;
                CHECK_NEAR(sum, whole[h].value, 1e-9);
            }
        }
    }
    buf_deinit(&posts);
    end();
}

TEST(shares_add_up_and_name_their_sample)
{
    static const int64_t parties[] = {2, 3};
    struct share_of_voice sov;
    struct err err = {0};
    int64_t from = hour_of("2026-03-01"), to = hour_of("2026-03-06");

    begin(phone_queries, 3, str_from_cstr(small));
    must(share_of_voice(a, 1, parties, 2, SHARE_MENTIONS, false, from, to, &sov, &err), &err);
    CHECK_NEAR(sov.parties[0].share, 0.5, 1e-12);
    CHECK_INT(sov.n, 4);
    share_of_voice_deinit(&sov);
    must(share_of_voice(a, 0, parties, 2, SHARE_ENGAGEMENT, false, from, to, &sov, &err), &err);
    CHECK_NEAR(sov.parties[0].amount, 4, 0);
    CHECK_NEAR(sov.parties[1].share, 5.0 / 9, 1e-12);
    share_of_voice_deinit(&sov);
    end();
}

/* Apex is copied by three carriers: as stories both brands are named once. */
TEST(copies_are_folded_out_of_shares)
{
    static const int64_t parties[] = {2, 3};
    struct share_of_voice sov;
    struct err err = {0};
    int64_t from = hour_of("2026-03-01"), to = hour_of("2026-03-06");
    double low, high;

    begin(phone_queries, 3,
          S("{\"id\":\"1\",\"source\":\"wire\",\"created_at\":\"2026-03-01T08:00:00Z\",\"author\":"
            "{\"handle\":\"a\",\"followers\":10},\"text\":\"Apex phone sold out in every shop "
            "today\"}\n"
            "{\"id\":\"2\",\"source\":\"wire\",\"created_at\":\"2026-03-01T09:00:00Z\",\"author\":"
            "{\"handle\":\"b\",\"followers\":500},\"text\":\"RT @a: Apex phone sold out in every "
            "shop "
            "today\"}\n"
            "{\"id\":\"3\",\"source\":\"wire\",\"created_at\":\"2026-03-02T09:00:00Z\",\"author\":"
            "{\"handle\":\"c\",\"followers\":0},\"text\":\"Apex phone sold out in every shop today "
            "#apex\"}\n"
            "{\"id\":\"4\",\"source\":\"wire\",\"created_at\":\"2026-03-02T10:00:00Z\",\"author\":"
            "{\"handle\":\"d\",\"followers\":30},\"text\":\"my Bolt phone is fine\"}\n"));
    must(share_of_voice(a, 0, parties, 2, SHARE_MENTIONS, false, from, to, &sov, &err), &err);
    CHECK_NEAR(sov.parties[0].share, 0.75, 1e-12);
    share_of_voice_deinit(&sov);
    must(share_of_voice(a, 0, parties, 2, SHARE_MENTIONS, true, from, to, &sov, &err), &err);
    CHECK_NEAR(sov.parties[0].share, 0.5, 1e-12);
    CHECK_INT(sov.parties[0].copies, 2);
    CHECK_INT(sov.n, 2);
    share_of_voice_deinit(&sov);
    must(share_of_voice(a, 0, parties, 2, SHARE_REACH, false, from, to, &sov, &err), &err);
    CHECK_NEAR(sov.parties[0].amount, 510, 0);
    share_of_voice_deinit(&sov);
    must(share_of_voice(a, 0, parties, 2, SHARE_REACH, true, from, to, &sov, &err), &err);
    CHECK_NEAR(sov.parties[0].share, 0.25, 1e-12);
    share_of_voice_deinit(&sov);
    /* Half of the time unheard: nobody knows whose the other half is. */
    share_interval(0.5, 1000000, 0.5, &low, &high);
    CHECK_NEAR(low, 0.25, 0.001);
    CHECK_NEAR(high, 0.75, 0.001);
    share_interval(0.5, 100, 1, &low, &high);
    CHECK_NEAR(high - low, 0.192, 0.002);
    share_interval((double)NAN, 0, 1, &low, &high);
    CHECK(isnan(low) && isnan(high));
    end();
}

TEST(topic_numbers_have_posts_behind_them)
{
    static const struct topic_party parties[] = {{2, S_INIT("Apex"), true},
                                                 {3, S_INIT("Bolt"), false}};
    struct topic_request request = {.query = 1,
                                    .from_hour = hour_of("2026-03-01"),
                                    .to_hour = hour_of("2026-03-06"),
                                    .parties = parties,
                                    .party_count = 2};
    struct topic_measures m;
    struct err err = {0};

    begin(phone_queries, 3, str_from_cstr(small));
    must(topic_measure(a, &arena, &request, &m, &err), &err);
    CHECK_INT(m.mentions, 4);
    CHECK_INT(m.active_days, 2);
    CHECK_NEAR(m.volume.value, 2, 0);
    CHECK(m.volume.post_count == 4);
    CHECK_STR(m.volume.posts[0].id, "2"); /* five interactions */
    CHECK_NEAR(m.authors.value, 2 * 30 / 5.0, 1e-9);
    CHECK_INT(m.authors.n, 3);
    CHECK_NEAR(m.users.value, 1.0 / 3, 1e-9);
    CHECK_NEAR(m.response.value, 1.0 / 3, 1e-9);
    CHECK_NEAR(m.growth.value, -1, 1e-9);
    CHECK_NEAR(m.parties[0].voice.value, 0.5, 1e-9);
    CHECK(m.parties[0].net_sentiment.value < 0);
    CHECK(m.parties[1].voice.post_count > 0);
    /* the brand's own post does not count as conversation between users */
    static const Str brands[] = {S_INIT("bob")};
    request.brand_handles = brands;
    request.brand_count = 1;
    must(topic_measure(a, &arena, &request, &m, &err), &err);
    CHECK_NEAR(m.users.value, 0, 0);
    end();
}

/* Posts of three sources: "links" names what it answers, "counts" counts its replies and names them
 * too, "mute" does neither. Every third one is off topic, every seventh is kept by no query. */
enum { ANSWER_POSTS = 1200, ANSWER_DAYS = 80 };

struct answer_post {
    int64_t at_s;
    int source;
    int reply_to, repost_of; /* index or -1 */
    int replies;             /* of "counts" */
};

static const char *const answer_sources[] = {"links", "counts", "mute"};

static void answer_posts(struct answer_post *posts, struct buf *out)
{
    uint64_t state = 11;

    buf_init(out, 64 * MIB);
    for (int i = 0; i < ANSWER_POSTS; i++) {
        struct answer_post *p = &posts[i];
        *p = (struct answer_post){.at_s = 1770000000 + i * (ANSWER_DAYS * 86400 / ANSWER_POSTS),
                                  .source = (int)stream_pick(&state, 3),
                                  .reply_to = -1,
                                  .repost_of = -1,
                                  .replies = (int)stream_pick(&state, 2)};
        int back = i > 400 ? 400 : i,
            target = back > 0 ? i - (int)stream_pick(&state, (uint32_t)back) : 0;
        int how = (int)stream_pick(&state, 4);
        buf_printf(out, "{\"id\":\"%d\",\"source\":\"%s\",\"created_at\":%lld", i,
                   answer_sources[p->source], (long long)p->at_s);
        if (p->source != 2 && how < 2) /* sometimes itself, sometimes one of another source */
            *(how == 0 ? &p->reply_to : &p->repost_of) = target;
        if (p->reply_to >= 0)
            buf_printf(out, ",\"reply_to\":\"%d\"", p->reply_to);
        if (p->repost_of >= 0)
            buf_printf(out, ",\"repost_of\":\"%d\"", p->repost_of);
        if (p->source == 1)
            buf_printf(out, ",\"metrics\":{\"replies\":%d}", p->replies);
        buf_printf(out, ",\"text\":\"%s\"}\n",
                   i % 7 == 0 ? "rain" : (i % 3 == 0 ? "apex" : "phone"));
    }
}

static bool answer_is_in(const struct answer_post *posts, int i, int64_t from_s, int64_t to_s)
{
    return i % 7 != 0 && posts[i].at_s >= from_s && posts[i].at_s < to_s;
}

/* Every post against every other one. */
static void answer_oracle(const struct answer_post *posts, int64_t from_s, int64_t to_s,
                          int64_t *able, int64_t *answered)
{
    int64_t until_s = to_s + INT64_C(3600) * TOPIC_ANSWER_HOURS;

    *able = *answered = 0;
    for (int i = 0; i < ANSWER_POSTS; i++) {
        bool is_answered = posts[i].source == 1 && posts[i].replies > 0;
        if (i % 3 == 0 || posts[i].source == 2 || !answer_is_in(posts, i, from_s, to_s))
            continue;
        for (int j = 0; j < ANSWER_POSTS && posts[i].source == 0; j++)
            is_answered |= j != i && posts[j].source == 0 &&
                           (posts[j].reply_to == i || posts[j].repost_of == i) &&
                           answer_is_in(posts, j, from_s, until_s);
        ++*able;
        *answered += is_answered;
    }
}

TEST(response_by_links_is_what_comparing_all_posts_finds)
{
    static const int windows[][2] = {{0, 90}, {10, 24}, {20, 42}, {60, 80}};
    static struct answer_post posts[ANSWER_POSTS];
    struct topic_request request = {.query = 1};
    struct topic_measures m;
    struct err err = {0};
    struct buf out;

    answer_posts(posts, &out);
    begin(phone_queries, 3, buf_str(&out));
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        int64_t able, answered;
        request.from_hour = 1770000000 / 3600 + windows[i][0] * 24;
        request.to_hour = 1770000000 / 3600 + windows[i][1] * 24;
        answer_oracle(posts, request.from_hour * 3600, request.to_hour * 3600, &able, &answered);
        CHECK(answered > TOPIC_EXAMPLES && answered < able);
        must(topic_measure(a, &arena, &request, &m, &err), &err);
        CHECK(m.response.is_available);
        CHECK_INT(m.response.n, able);
        CHECK_NEAR(m.response.value, (double)answered / (double)able, 1e-12);
        CHECK(m.response.post_count == TOPIC_EXAMPLES);
    }
    end();
    buf_deinit(&out);
}

/* A calm stream with one burst about something new. */
static Str burst(struct buf *out)
{
    uint64_t state = 3;

    buf_init(out, 64 * MIB);
    for (int day = 0, id = 0; day < 60; day++) {
        int posts = day == 45 ? 120 : 10 + (int)stream_pick(&state, 5);
        for (int i = 0; i < posts; i++, id++)
            buf_printf(
                out,
                "{\"id\":\"%d\",\"source\":\"forum\",\"created_at\":%lld,\"text\":\"my phone "
                "%s\"}\n",
                id, (long long)(1770000000 + day * 86400 + i * 500),
                day == 45 ? "overheating battery" : (i % 2 ? "works fine" : "is here"));
    }
    return buf_str(out);
}

TEST(spikes_are_found_once_and_explained)
{
    struct buf posts;
    struct err err = {0};
    struct spike *spikes;
    uint64_t found;
    size_t count;

    begin(phone_queries, 1, burst(&posts));
    must(spikes_find(ws->state, a, 5, &found, &err), &err);
    CHECK_INT(found, 1);
    must(spikes_list(&arena, ws->state, 1, INT64_MIN, INT64_MAX, 10, &spikes, &count, &err), &err);
    CHECK_INT(count, 1);
    CHECK_NEAR(spikes[0].observed, 120, 0);
    CHECK(spikes[0].expected < 20 && spikes[0].severity >= 5);
    CHECK(str_find(spikes[0].explanation, S("\"overheating\"")) < spikes[0].explanation.len);
    CHECK(str_find(spikes[0].explanation, S("overheating battery")) < spikes[0].explanation.len);
    CHECK(str_find(spikes[0].explanation, S("\"copies\":119}]")) < spikes[0].explanation.len);
    must(spikes_find(ws->state, a, 6, &found, &err), &err);
    CHECK_INT(found, 0);
    end();
    buf_deinit(&posts);
}

/* Of an event that goes on the figures are those of now; its words only when it has moved. */
TEST(an_event_is_explained_anew_when_it_has_moved)
{
    struct buf posts;
    struct err err = {0};
    struct spike *spikes;
    uint64_t found;
    size_t count;

    begin(phone_queries, 1, burst(&posts));
    must(spikes_find(ws->state, a, 5, &found, &err), &err);
    must(db_run(ws->state, "UPDATE spike_watch SET is_due = 1", &err) &&
             db_run(ws->state,
                    "UPDATE spike SET observed = 110, explained_observed = 115, explanation = '{}'",
                    &err),
         &err);
    must(spikes_find(ws->state, a, 6, &found, &err), &err);
    must(spikes_list(&arena, ws->state, 1, INT64_MIN, INT64_MAX, 10, &spikes, &count, &err), &err);
    CHECK_NEAR(spikes[0].observed, 120, 0);
    CHECK_STR(spikes[0].explanation, "{}");
    must(db_run(ws->state, "UPDATE spike_watch SET is_due = 1", &err) &&
             db_run(ws->state, "UPDATE spike SET observed = 119, explained_observed = 100", &err),
         &err);
    must(spikes_find(ws->state, a, 7, &found, &err), &err);
    must(spikes_list(&arena, ws->state, 1, INT64_MIN, INT64_MAX, 10, &spikes, &count, &err), &err);
    CHECK(str_find(spikes[0].explanation, S("\"overheating\"")) < spikes[0].explanation.len);
    end();
    buf_deinit(&posts);
}

/* Three texts, one of them twelve times with other names and addresses. */
TEST(copies_are_folded_into_stories)
{
    struct buf posts;
    struct err err = {0};
    struct stories stories;
    int64_t hour = 1770000000 / 3600;

    buf_init(&posts, MIB);
    for (int i = 0; i < 12; i++)
        buf_printf(
            &posts,
            "{\"id\":\"c%d\",\"source\":\"s%d\",\"created_at\":%d,\"text\":\"RT @u%d: my phone "
            "burns in the night take care https://x.example/%d\",\"metrics\":{\"likes\":%d}}\n",
            i, i % 2, 1770000000 + i * 60, i, i, i == 7 ? 9 : 1);
    buf_printf(
        &posts,
        "{\"id\":\"o1\",\"source\":\"s0\",\"created_at\":1770000030,\"text\":\"a phone is a "
        "phone\",\"metrics\":{\"likes\":30}}\n{\"id\":\"o2\",\"source\":\"s0\",\"created_at\":"
        "1770000040,\"text\":\"which phone do you take\"}\n");
    begin(phone_queries, 1, buf_str(&posts));
    must(stories_read(a, 1, hour, hour + 1, &stories, &err), &err);
    CHECK_INT(stories.posts.count, 14);
    CHECK_INT(stories.items.count, 3);
    CHECK_INT(stories.items.items[0].engagement, 30);
    CHECK_INT(stories.items.items[0].posts, 1);
    CHECK_INT(stories.items.items[1].posts, 12);
    CHECK_INT(stories.items.items[1].engagement, 9);
    struct archived_post best;
    must(archive_post(a, &arena, stories.items.items[1].best.month, stories.items.items[1].best.id,
                      &best, &err),
         &err);
    CHECK_STR(best.post.id, "c7");
    CHECK_INT(stories.items.items[2].posts, 1);
    stories_deinit(&stories);
    end();
    buf_deinit(&posts);
}

/* Our part falls although we speak as ever: the other speaks three times as much. */
TEST(a_share_is_explained_by_all_parties)
{
    static const char *const brands[][2] = {{"ours", "ours"}, {"theirs", "theirs"}};
    struct event_explainer *explainer = NULL;
    const struct json *e, *part;
    struct buf posts;
    struct err err = {0};
    int64_t start = 1770000000 / 86400 * 24;
    int64_t queries[] = {1, 2};
    struct event_parties parties = {queries, 2};
    Str text;

    buf_init(&posts, MIB);
    for (int day = 0, id = 0; day <= 20; day++)
        for (int i = 0; i < (day == 20 ? 40 : 20); i++, id++)
            buf_printf(
                &posts,
                "{\"id\":\"%d\",\"source\":\"s\",\"created_at\":%lld,\"text\":\"%s says %d\"}\n",
                id, (long long)start * 3600 + day * 86400 + i * 60, i < 10 ? "ours" : "theirs", id);
    begin(brands, 2, buf_str(&posts));
    must(event_explainer_create(&explainer, a, &err) &&
             event_explain(explainer, &arena, 1, start + 480, start + 504, &parties, &text, &err) &&
             json_parse(&arena, text, &e, &err),
         &err);
    part = json_at(json_get(e, "parties"), 0);
    CHECK(json_i64_or(part, "query", 0) == 1 && json_i64_or(part, "n", 0) == 10);
    CHECK_NEAR(json_f64_or(part, "share", 0), 0.25, 1e-9);
    CHECK_NEAR(json_f64_or(part, "before_share", 0), 0.5, 1e-9);
    CHECK(json_f64_or(part, "lift_high", 9) < 1);
    part = json_at(json_get(e, "parties"), 1);
    CHECK(json_i64_or(part, "query", 0) == 2 && json_i64_or(part, "n", 0) == 30);
    CHECK(json_f64_or(part, "lift_low", 0) > 1);
    event_explainer_destroy(&explainer);
    end();
    buf_deinit(&posts);
}

/* As a workspace was before spikes had explanations, with one more whose posts are gone. */
static void make_old(struct err *err)
{
    struct db *db = ws->state;

    must(db_run(db, "ALTER TABLE spike ADD COLUMN terms TEXT", err) &&
             db_run(db, "ALTER TABLE spike ADD COLUMN sources TEXT", err) &&
             db_run(db, "ALTER TABLE spike ADD COLUMN posts TEXT", err) &&
             db_run(db,
                    "UPDATE spike SET terms = '[{\"term\":\"old\",\"count\":7,\"lift\":2.5}]',"
                    " sources = '[{\"source\":\"forum\",\"mentions\":9}]',"
                    " posts = '[{\"source\":\"forum\",\"id\":\"1\",\"text\":\"told\"}]'",
                    err) &&
             db_run(db,
                    "INSERT INTO spike (query, signal, start_ms, peak_ms, end_ms, severity, score,"
                    " expected, observed, detector, found_at_ms, terms, sources, posts)"
                    " SELECT query, signal, 5, 5, 6, 3, score, 1, 9, detector, 1, terms, sources,"
                    " posts FROM spike",
                    err) &&
             db_run(db, "ALTER TABLE spike DROP COLUMN explanation", err) &&
             db_run(db, "ALTER TABLE spike DROP COLUMN likeness", err) &&
             db_run(db, "ALTER TABLE spike DROP COLUMN explainer", err) &&
             db_run(db, "DELETE FROM schema_migration WHERE name LIKE '%spike_explained%'", err) &&
             db_run(db, "UPDATE spike_watch SET is_due = 0", err),
         err);
    CHECK_INT(db_changes(db), 1);
}

/* What was told before stays, is explained anew where its posts are kept, and is not where
 * retention took them. */
TEST(spikes_told_before_explanations_are_explained_anew)
{
    struct buf posts;
    struct err err = {0};
    struct spike *spikes;
    uint64_t found;
    size_t count;

    begin(phone_queries, 1, burst(&posts));
    must(spikes_find(ws->state, a, 5, &found, &err), &err);
    make_old(&err);
    must(db_migrate(ws->state, S("schema/state/"), &err), &err);
    must(spikes_list(&arena, ws->state, 1, INT64_MIN, INT64_MAX, 10, &spikes, &count, &err), &err);
    CHECK_INT(count, 2);
    CHECK_STR(spikes[0].explanation,
              "{\"n\":9,\"terms\":[{\"term\":\"old\",\"n\":7,\"lift\":2.5}],\"sources\":[{"
              "\"source\":\"forum\",\"n\":9}],\"posts\":[{\"source\":\"forum\",\"id\":\"1\","
              "\"text\":\"told\"}]}");
    must(spikes_find(ws->state, a, 6, &found, &err), &err);
    CHECK_INT(found, 0);
    must(spikes_list(&arena, ws->state, 1, INT64_MIN, INT64_MAX, 10, &spikes, &count, &err), &err);
    CHECK_INT(count, 2);
    CHECK(str_find(spikes[0].explanation, S("overheating")) < spikes[0].explanation.len);
    CHECK(spikes[0].earlier == spikes[1].id && spikes[0].likeness.len > 0);
    CHECK(str_find(spikes[1].explanation, S("\"old\"")) < spikes[1].explanation.len);
    end();
    buf_deinit(&posts);
}

/* ---- only what is due is looked at ---- */

static const char *const watched[][2] = {
    {"busy", "busy"}, {"ebbing", "ebbing"}, {"calm", "calm"}, {"gone", "gone"}, {"rare", "rare"}};

/* Posts of one query on one day. Bursts now and then; "ebbing" is busy for a while, with one burst,
 * and then silent for long: silence alone turns it from hours to days; "gone" never comes again;
 * "rare" comes before all others, late in the stream. */
static int watched_count(size_t query, int day, uint64_t *state)
{
    int some = (int)stream_pick(state, 6);
    bool is_burst = stream_pick(state, 25) == 0;

    switch (query) {
    case 0:
        return 95 + some + (is_burst ? 150 : 0);
    case 1:
        return day < 25 ? 60 + some + (day == 18 ? 300 : 0) : day == 55;
    case 2:
        return stream_pick(state, 3) == 0 ? 0 : some + (is_burst ? 40 : 0);
    case 3:
        return day == 19 ? 70 : day < 20 ? some : 0;
    default:
        return is_burst ? 12 : 0;
    }
}

static void watched_day(struct buf *out, int day, uint64_t *state)
{
    static const char *const words[] = {"late", "great", "broken", "screen", "cheap", "heavy"};

    for (size_t query = 0; query < COUNT_OF(watched); query++) {
        int when = day == 40 && query == 4 ? -30 : day; /* older than anything before */
        int count = day == 40 && query == 4 ? 20 : watched_count(query, day, state);
        for (int i = 0; i < count; i++)
            buf_printf(out,
                       "{\"id\":\"%zu-%d-%d\",\"source\":\"forum\",\"created_at\":%lld,\"text\":"
                       "\"%s %s %s\"}\n",
                       query, day, i,
                       (long long)1770000000 + when * 86400 + (int)stream_pick(state, 50000),
                       watched[query][0], words[stream_pick(state, 6)], words[day % 6]);
        if (day > 5 && stream_pick(state, 12) == 0)
            buf_printf(out, "{\"id\":\"%zu-%d-0\",\"source\":\"forum\",\"event\":\"delete\"}\n",
                       query, day - 1 - (int)stream_pick(state, 4));
    }
}

static int64_t number(const char *sql)
{
    struct err err = {0};
    struct stmt *stmt;
    bool has_row;

    must(db_query_(ws->state, sql, strlen(sql), &stmt, &err) && stmt_step(stmt, &has_row, &err),
         &err);
    int64_t value = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return value;
}

/* Sixty days, one import each. Digest of all alerts as they stood after each of them. */
static DigestHex watched_days(bool is_full, int64_t *passed_over, uint64_t *alerts)
{
    struct digest_state digest;
    struct err err = {0};
    struct buf lines;
    uint64_t state = 5, found, rows = 0;

    digest_begin(&digest);
    buf_init(&lines, 64 * MIB);
    *passed_over = 0;
    *alerts = 0;
    for (int day = 0; day < 60; day++) {
        buf_reset(&lines);
        watched_day(&lines, day, &state);
        if (day == 0)
            begin(watched, COUNT_OF(watched), buf_str(&lines));
        else
            import_more(arena_printf(&arena, STR_F, STR_A(buf_str(&lines))).ptr);
        if (is_full)
            must(db_run(ws->state, "UPDATE spike_watch SET is_due = 1", &err), &err);
        *passed_over += number("SELECT count(*) FROM spike_watch WHERE is_due = 0");
        must(spikes_find(ws->state, a, day, &found, &err), &err);
        CHECK_INT(number("SELECT count(*) FROM spike_watch WHERE is_due = 1"), 0);
        must(digest_rows(&digest, ws->state,
                         "SELECT signal, start_ms, peak_ms, end_ms, severity, score, expected,"
                         " observed, explanation, earlier, likeness, found_at_ms FROM spike"
                         " ORDER BY id",
                         11, &rows, &err),
             &err);
        *alerts += found;
    }
    CHECK(number("SELECT count(DISTINCT by_hour) FROM spike_watch") == 2);
    end();
    buf_deinit(&lines);
    return digest_hex(digest_end(&digest));
}

TEST(looking_only_where_something_is_due_finds_what_looking_everywhere_finds)
{
    int64_t passed_over;
    uint64_t alerts, all_alerts;
    DigestHex due = watched_days(false, &passed_over, &alerts);

    CHECK(passed_over > 60 && alerts >= 6);
    DigestHex all = watched_days(true, &passed_over, &all_alerts);
    CHECK_INT(passed_over, 0);
    CHECK_INT(alerts, all_alerts);
    CHECK(memcmp(&due, &all, sizeof due) == 0);
}

TEST(terms_that_rise_are_ranked)
{
    struct buf posts;
    struct err err = {0};
    struct term *terms;
    size_t count;
    int64_t day45 = (1770000000 + 45 * 86400) / 3600;

    begin(phone_queries, 1, burst(&posts));
    must(terms_rising(a, &arena, 1, day45 - 28 * 24, day45, day45 + 24, 5, &terms, &count, &err),
         &err);
    CHECK_INT(count, 2);
    CHECK(terms[0].lift > 10 && terms[0].example_count == TERM_EXAMPLES);
    CHECK_INT(terms[0].background, 0);
    end();
    buf_deinit(&posts);
}

/* A table of `many` posts of either side; those of the foreground have `now` as well. */
static size_t rising_of(const char *lang, const char *now, int with, int many, struct term **terms)
{
    struct term_table *table = NULL;
    struct post_tokens tokens = {0};
    struct err err = {0};
    char text[200];
    size_t count;

    must(term_table_create(&table, &err) && post_tokens_init(&tokens, &err), &err);
    for (int i = 0; i < 2 * many; i++) {
        snprintf(text, sizeof text, "phone %s", i % 2 == 0 && i / 2 < with ? now : "");
        struct post post = {.text = str_from_cstr(text)};
        must(post_tokens_fill(&tokens, &post, &err) &&
                 term_table_add(table, &tokens, str_from_cstr(lang), i % 2 == 0,
                                (struct post_ref){1, i}, &err),
             &err);
    }
    must(term_table_top(table, &arena, 20, terms, &count, &err), &err);
    post_tokens_deinit(&tokens);
    term_table_destroy(&table);
    return count;
}

TEST(words_that_every_conversation_has_do_not_rise)
{
    struct term *terms;

    arena_init(&arena, 8 * MIB);
    CHECK_INT(rising_of("en", "her take these overheating", 50, 100, &terms), 1);
    CHECK_STR(terms[0].text, "overheating");
    CHECK_INT(rising_of("de-AT", "von diese gemacht wecker", 50, 100, &terms), 1);
    CHECK_STR(terms[0].text, "wecker");
    /* In its own language only, and where that is not known in any. */
    CHECK_INT(rising_of("en", "die", 50, 100, &terms), 1);
    CHECK_INT(rising_of("de", "die", 50, 100, &terms), 0);
    CHECK_INT(rising_of("und", "diese", 50, 100, &terms), 0);
    CHECK_INT(rising_of("fi", "diese", 50, 100, &terms), 1);
    /* What is named with it stays, and what only contains it. */
    CHECK_INT(rising_of("en", "#take #these intake", 50, 100, &terms), 3);
    arena_deinit(&arena);
}

TEST(a_word_whose_interval_has_one_in_it_does_not_rise)
{
    struct term *terms;

    arena_init(&arena, 8 * MIB);
    CHECK_INT(rising_of("en", "overheating", 5, 500, &terms), 0);
    CHECK_INT(rising_of("en", "overheating", 12, 500, &terms), 1);
    CHECK(terms[0].lift_low > 1);
    arena_deinit(&arena);
}

/* Windows in any order; mostly they move on, as those of alerts do. `most`: posts of one side. */
static void windows_agree(int64_t most, int64_t *compared, unsigned *level)
{
    struct term_window *kept = NULL;
    struct err err = {0};
    uint64_t state = 11;
    int64_t start = 1770000000 / 3600, at = start;

    must(term_window_create(&kept, &err), &err);
    kept->sample_posts = most;
    for (int i = 0; i < 120; i++) {
        struct term_window *fresh = NULL;
        struct term *ours, *theirs;
        size_t count, expected;
        at += stream_pick(&state, 8) == 0 ? -(int64_t)stream_pick(&state, 300)
                                          : (int64_t)stream_pick(&state, 30);
        int64_t query = 1 + (i / 40) % 2, from = at - stream_pick(&state, 200),
                to = at + 1 + stream_pick(&state, 48);
        must(term_window_create(&fresh, &err), &err);
        fresh->sample_posts = most;
        must(term_window_rising(kept, a, &arena, query, from, at, to, 20, &ours, &count, &err) &&
                 term_window_rising(fresh, a, &arena, query, from, at, to, 20, &theirs, &expected,
                                    &err),
             &err);
        CHECK_INT(count, expected);
        for (size_t t = 0; t < count; t++) {
            CHECK(str_eq(ours[t].text, theirs[t].text));
            CHECK_INT(ours[t].count, theirs[t].count);
            CHECK_INT(ours[t].background, theirs[t].background);
            CHECK(ours[t].score == theirs[t].score);
            CHECK(memcmp(&ours[t].lift, &theirs[t].lift, sizeof ours[t].lift) == 0);
            CHECK_INT(ours[t].example_count, theirs[t].example_count);
            CHECK(memcmp(ours[t].examples, theirs[t].examples,
                         ours[t].example_count * sizeof ours[t].examples[0]) == 0);
        }
        *compared += (int64_t)count;
        *level = fresh->level > *level ? fresh->level : *level;
        term_window_destroy(&fresh);
    }
    term_window_destroy(&kept);
}

TEST(a_window_that_is_kept_says_what_a_fresh_one_says)
{
    static const char *const all[][2] = {{"late", "late OR spaet"}, {"phone", "phone OR screen"}};
    struct buf posts;
    uint64_t seed = 7;
    int64_t compared = 0;
    unsigned level = 0;

    buf_init(&posts, 64 * MIB);
    for (uint32_t i = 0; i < 6000; i++) {
        stream_line(&posts, &seed, i);
        if (i % 900 < 60)
            buf_printf(&posts,
                       "{\"id\":\"b%u\",\"source\":\"forum\",\"created_at\":%lld,\"text\":"
                       "\"late screen number%u burst\"}\n",
                       i, (long long)1770000000 + (long long)i * 300, i / 900);
    }
    begin(all, 2, buf_str(&posts));
    windows_agree(TERM_SAMPLE_POSTS, &compared, &level);
    CHECK(compared > 10 && level == 0);
    compared = 0;
    windows_agree(100, &compared, &level); /* thinned, to different degrees */
    CHECK(compared > 5 && level >= 3);
    end();
    buf_deinit(&posts);
}

TEST(rematch_backfills_a_new_query)
{
    struct standing_query query = {.name = S("awful"), .text = S("awful OR great")};
    struct rematch_result result;
    struct measure_publication published;
    struct err err = {0};
    int64_t mentions;

    begin(phone_queries, 3, str_from_cstr(small));
    must(standing_query_create(ws->state, &query, S("ann"), 2, &err), &err);
    must(rematch_run(ws->state, a, NULL, &result, &err), &err);
    CHECK_INT(result.posts, 4);
    CHECK_INT(result.changed, 2);
    must(archive_mention_count(a, query.id, 0, INT64_MAX / 2, &mentions, &err), &err);
    CHECK_INT(mentions, 2);
    must(measure_restate(ws->state, a, 3, &published, &err), &err);
    CHECK_NEAR(point("query:4:mentions:day", "2026-03-01T00:00:00Z", NULL), 2, 0);
    must(rematch_run(ws->state, a, NULL, &result, &err), &err);
    CHECK_INT(result.changed, 0);
    end();
}

static size_t breaks_of(const char *key)
{
    struct err err = {0};
    struct signal signal;
    struct signal_break *breaks;
    size_t count;

    must(signal_find(&arena, ws->state, str_from_cstr(key), &signal, &err), &err);
    must(signal_breaks(&arena, ws->state, signal.id, INT64_MIN / 2, INT64_MAX / 2, &breaks, &count,
                       &err),
         &err);
    return count;
}

/* A new wording breaks the series where it begins; matching again restates all of it, quiet days
 * and hours without a change of mentions included. */
TEST(rematch_removes_the_break)
{
    struct rematch_result result;
    struct measure_publication published;
    struct err err = {0};
    struct standing_query query;

    begin(phone_queries, 3, str_from_cstr(small));
    must(standing_query_find(&arena, ws->state, S("phone"), &query, &err), &err);
    must(standing_query_change(ws->state, query.id, S("phone OR rain"), S("ann"), S("wider"), 2,
                               &err),
         &err);
    import_more("{\"id\":\"6\",\"source\":\"micro\",\"created_at\":\"2026-03-06T08:10:00Z\","
                "\"author\":{\"handle\":\"ann\"},\"text\":\"phone\"}\n");
    CHECK_INT(breaks_of("query:1:mentions:day"), 1);
    CHECK_INT(breaks_of("query:1:authors:day"), 1);
    must(rematch_run(ws->state, a, NULL, &result, &err), &err);
    must(measure_restate(ws->state, a, 3, &published, &err), &err);
    CHECK_INT(result.changed, 0);
    CHECK_INT(breaks_of("query:1:mentions:day"), 0);
    CHECK_INT(breaks_of("query:1:mentions:hour"), 0);
    CHECK_INT(breaks_of("query:1:authors:day"), 0);
    CHECK_NEAR(point("query:1:mentions:day", "2026-03-01T00:00:00Z", NULL), 3, 0);
    CHECK_NEAR(point("query:1:mentions:day", "2026-03-02T00:00:00Z", NULL), 0, 0);
    end();
}

/* What the evaluator alone finds when it looks at every stored post. */
struct oracle {
    struct query query;
    struct post_tokens tokens;
    struct arena memory;
    int64_t count;
};

static bool oracle_visit(void *context, const struct mention_fact *fact,
                         const struct archived_post *post)
{
    struct oracle *o = context;
    struct err err = {0};
    bool matches = false;

    (void)fact;
    must(post_tokens_fill(&o->tokens, &post->post, &err), &err);
    o->tokens.polarity = post->polarity;
    o->tokens.lang = str_eq(post->lang_found, S("und")) ? STR_NONE : post->lang_found;
    must(query_matches(&o->memory, &o->query, &post->post, &o->tokens, &matches, &err), &err);
    arena_reset(&o->memory);
    o->count += matches ? 1 : 0;
    return true;
}

TEST(search_finds_what_the_evaluator_finds)
{
    static const char *const all[][2] = {{"all", "source:forum OR source:micro"}};
    static const char *const texts[] = {"late",
                                        "late AND phone",
                                        "\"why the\"",
                                        "batt*",
                                        "la?e",
                                        "late~1",
                                        "phone NEAR/2 late",
                                        "SENTENCE(late AND great)",
                                        "late NOT phone",
                                        "(late OR zug) AND gut",
                                        "COUNT(late) >= 2",
                                        "author:u7",
                                        "sentiment:negative AND late",
                                        "{Late} OR awful",
                                        "title:late OR phone",
                                        "source:micro train",
                                        "NOT late AND phone",
                                        "body:(great OR awful)",
                                        "@@all AND angry"};
    struct buf posts;
    struct err err = {0};
    struct oracle o = {0};
    struct tokenizer *words = NULL;
    uint64_t seed = 7;

    buf_init(&posts, 64 * MIB);
    for (uint32_t i = 0; i < 2500; i++)
        stream_line(&posts, &seed, i);
    begin(all, 1, buf_str(&posts));
    arena_init(&o.memory, 16 * MIB);
    must(post_tokens_init(&o.tokens, &err) && tokenizer_create(&words, &err), &err);
    struct standing_names names = {ws->state, &arena};
    struct query_resolver resolver = standing_resolver(&names);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct query_problems problems = {0};
        struct search_result found;
        struct search_request request = {
            .query = str_from_cstr(texts[i]), .names = &resolver, .limit = 10, .has_facets = true};
        must(search_posts(a, &arena, &request, &found, &err), &err);
        must(query_parse(&arena, words, request.query, STR_NONE, &resolver, &o.query, &problems,
                         &err),
             &err);
        query_problems_deinit(&problems);
        o.count = 0;
        must(archive_mention_posts(a, 1, 0, INT64_MAX / 2, 1, oracle_visit, &o, &err), &err);
        if (found.total != o.count)
            printf("note: '%s'\n", texts[i]);
        CHECK_INT(found.total, o.count);
        int64_t sum = 0;
        const struct search_facets *sources = &found.facets[SEARCH_BY_SOURCE];
        for (size_t f = 0; f < sources->count; f++)
            sum += sources->items[f].count;
        CHECK_INT(sum, found.total);
    }
    tokenizer_destroy(&words);
    post_tokens_deinit(&o.tokens);
    arena_deinit(&o.memory);
    end();
    buf_deinit(&posts);
}

/* The page that stops when it is full holds what the whole search puts first. */
static void check_newest(struct search_request request)
{
    struct search_result all, page;
    struct err err = {0};

    must(search_posts(a, &arena, &request, &all, &err), &err);
    request.is_page_enough = true;
    must(search_posts(a, &arena, &request, &page, &err), &err);
    CHECK_INT(page.count, all.count);
    for (size_t i = 0; i < page.count; i++) {
        CHECK(page.hits[i].post.id == all.hits[i].post.id &&
              page.hits[i].post.month == all.hits[i].post.month);
        CHECK_INT(page.hits[i].range_count, all.hits[i].range_count);
    }
    CHECK_INT(page.next.len > 0, all.next.len > 0);
    CHECK(page.total <= all.total && page.is_complete == (page.total == all.total));
}

TEST(a_page_that_is_enough_is_the_first_of_all)
{
    static const char *const texts[] = {
        "phone",        "great OR awful",    "NOT phone",
        "source:micro", "nothing_says_this", "body:(great OR awful) AND phone"};
    struct search_request request = {.limit = 7};
    struct search_result all;
    struct buf posts;
    struct err err = {0};
    uint64_t seed = 11;

    buf_init(&posts, 64 * MIB);
    for (uint32_t i = 0; i < 2500; i++)
        stream_line(&posts, &seed, i);
    begin(phone_queries, 1, buf_str(&posts));
    request.query = S("phone");
    must(search_posts(a, &arena, &request, &all, &err), &err);
    CHECK(all.count == 7);
    int64_t newest = all.hits[0].post.post.created_at_ms;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        request.query = str_from_cstr(texts[i]);
        request.from_ms = request.to_ms = 0;
        check_newest(request);
        for (int days = 1; days <= 64; days *= 4) {
            request.to_ms = newest - days * INT64_C(3600000);
            request.from_ms = request.to_ms - days * INT64_C(86400000);
            check_newest(request);
        }
    }
    end();
    buf_deinit(&posts);
}

TEST(search_pages_cover_every_hit_once)
{
    static const enum search_order orders[] = {SEARCH_NEWEST, SEARCH_OLDEST, SEARCH_RELEVANT};
    struct buf posts;
    struct err err = {0};

    begin(phone_queries, 1, burst(&posts));
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct search_request request = {.query = S("battery"), .order = orders[i], .limit = 7};
        struct search_result found;
        int64_t seen = 0;
        do {
            must(search_posts(a, &arena, &request, &found, &err), &err);
            for (size_t h = 0; h < found.count; h++) {
                const struct search_hit *hit = &found.hits[h];
                CHECK(hit->range_count == 1);
                Str part = str_sub(hit->post.post.text, hit->ranges[0].from,
                                   hit->ranges[0].to - hit->ranges[0].from);
                CHECK_STR(part, "battery");
            }
            seen += (int64_t)found.count;
            request.cursor = found.next;
        } while (found.next.len > 0);
        CHECK_INT(seen, 120);
        CHECK_INT(found.total, 120);
    }
    end();
    buf_deinit(&posts);
}

int main(void)
{
    return RUN(
        CASE(measures_are_published_with_sample_and_availability),
        CASE(an_emptied_hour_is_restated_by_the_import_that_empties_it),
        CASE(an_old_hour_is_restated_although_no_new_one_is_published_there),
        CASE(minutes_add_up_to_their_hours), CASE(shares_add_up_and_name_their_sample),
        CASE(copies_are_folded_out_of_shares), CASE(topic_numbers_have_posts_behind_them),
        CASE(response_by_links_is_what_comparing_all_posts_finds),
        CASE(spikes_are_found_once_and_explained),
        CASE(an_event_is_explained_anew_when_it_has_moved), CASE(copies_are_folded_into_stories),
        CASE(a_share_is_explained_by_all_parties),
        CASE(spikes_told_before_explanations_are_explained_anew),
        CASE(looking_only_where_something_is_due_finds_what_looking_everywhere_finds),
        CASE(terms_that_rise_are_ranked), CASE(words_that_every_conversation_has_do_not_rise),
        CASE(a_word_whose_interval_has_one_in_it_does_not_rise),
        CASE(a_window_that_is_kept_says_what_a_fresh_one_says), CASE(rematch_backfills_a_new_query),
        CASE(rematch_removes_the_break), CASE(search_finds_what_the_evaluator_finds),
        CASE(a_page_that_is_enough_is_the_first_of_all), CASE(search_pages_cover_every_hit_once));
}
