/* What a backtest says would have been raised is what was raised, and its figures are right. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "listen/measure/measure.h"
#include "listen/measure/spike_store.h"
#include "listen/query/backtest.h"
#include "listen/standing_query.h"
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

static const char *const queries[][2] = {{"phone", "phone OR handset"},
                                         {"battery", "battery AND NOT review"},
                                         {"train", "train*"},
                                         {"rare", "\"late train\""},
                                         {"other", "camera OR @@train"}};

static const int64_t begin_s = 1770000000 - 1770000000 % 86400;

static void add_post(struct buf *out, int *id, int64_t at_s, const char *text)
{
    buf_printf(out, "{\"id\":\"%d\",\"source\":\"forum\",\"created_at\":%lld,\"text\":\"%s\"}\n",
               (*id)++, (long long)at_s, text);
}

/* Ninety days: phones talked about every hour (busy enough for hours), trains a few times a day,
 * each with bursts; the last post lies in the middle of a day. */
static void make_posts(struct buf *out)
{
    struct random r = {.seed = 21};
    int id = 0;

    buf_init(out, 64 * MIB);
    for (int hour = 0; hour < 90 * 24 - 7; hour++) {
        int64_t at = begin_s + (int64_t)hour * 3600;
        int burst = hour / 3 == 400 ? 60 : hour / 3 == 610 ? 250 : 0;
        int phones = 3 + (int)random_below(&r, 4) + burst;
        for (int i = 0; i < phones; i++)
            add_post(out, &id, at + i * 10, i % 9 == 4 ? "battery of my phone" : "a phone again");
        if (random_below(&r, 6) == 0 || hour / 24 == 70)
            add_post(out, &id, at + 2000, hour / 24 == 70 ? "the late train" : "trains and camera");
        if (hour / 24 == 70)
            for (int i = 0; i < 3; i++)
                add_post(out, &id, at + 2100 + i, "no train at all");
    }
}

static void begin(void)
{
    struct err err = {0};
    struct db *system = NULL;
    struct import_result result;
    struct measure_publication published;
    struct buf posts;
    uint64_t found;

    scratch_begin(&s);
    arena_init(&arena, GIB);
    make_posts(&posts);
    Str data = scratch_path(&s, "data"), file = scratch_path(&s, "posts.jsonl");
    must(system_db_open(&system, data, &err) &&
             workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, &err) &&
             workspace_open(&ws, data, S("acme"), &err) &&
             file_write_atomic(file, buf_str(&posts), &err),
         &err);
    db_close(&system);
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
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
    must(archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, &err) &&
             measure_publish(ws->state, a, STREAM_NOW_MS, &published, &err) &&
             spikes_find(ws->state, a, STREAM_NOW_MS, &found, &err),
         &err);
    CHECK(found >= 3);
    buf_deinit(&posts);
}

static void end(void)
{
    archive_close(&a);
    workspace_close(&ws);
    arena_deinit(&arena);
    scratch_end(&s);
}

static struct backtest run(const struct backtest_request *request)
{
    struct standing_names names = {ws->state, &arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct backtest_request with_names = *request;
    struct backtest out;
    struct err err = {0};

    with_names.names = &resolver;
    must(backtest_run(a, &arena, &with_names, &out, &err), &err);
    return out;
}

static void check_equal(const struct backtest_alert *alert, const struct spike *spike)
{
    CHECK_INT(alert->moment.start_ms, spike->start_ms);
    CHECK_INT(alert->moment.peak_ms, spike->peak_ms);
    CHECK_INT(alert->moment.end_ms, spike->end_ms);
    CHECK_INT(alert->moment.severity, spike->severity);
    CHECK_NEAR(alert->moment.score, spike->score, 0);
    CHECK_NEAR(alert->moment.expected, spike->expected, 0);
    CHECK_NEAR(alert->moment.observed, spike->observed, 0);
}

TEST(backtest_gives_what_was_found)
{
    bool has_hourly = false, has_daily = false;
    size_t alerts = 0;

    begin();
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        struct backtest out =
            run(&(struct backtest_request){.query = str_from_cstr(queries[i][1])});
        struct err err = {0};
        struct spike *spikes;
        size_t count;
        must(spikes_list(&arena, ws->state, (int64_t)i + 1, INT64_MIN, INT64_MAX, 100, &spikes,
                         &count, &err),
             &err);
        CHECK_INT(out.alert_count, count);
        for (size_t k = 0; k < count; k++) /* the store lists the newest first */
            check_equal(&out.alerts[k], &spikes[count - 1 - k]);
        has_hourly = has_hourly || (out.is_hourly && count > 0);
        has_daily = has_daily || (!out.is_hourly && count > 0);
        alerts += count;
    }
    CHECK(alerts >= 3 && has_hourly && has_daily);
    end();
}

/* A point says the same whatever comes behind it. */
TEST(backtest_does_not_look_ahead)
{
    begin();
    struct backtest all = run(&(struct backtest_request){.query = S("@@phone")});
    CHECK(all.is_hourly && all.alert_count >= 2);
    for (size_t keep = all.point_count / 3; keep < all.point_count; keep += all.point_count / 5) {
        struct signal_point *points = arena_new(&arena, struct signal_point, keep);
        struct spike_reading *readings = arena_new(&arena, struct spike_reading, keep);
        struct spike_moments moments = {0};
        struct err err = {0};
        for (size_t i = 0; i < keep; i++)
            points[i] = (struct signal_point){.start_ms = all.points[i].start_ms,
                                              .value = all.points[i].hits};
        must(spike_moments_find(points, keep, all.period_ms, readings, &moments, &err), &err);
        for (size_t i = 0; i < keep; i++)
            CHECK_NEAR(readings[i].score, all.points[i].reading.score, 0);
        vec_deinit(&moments);
    }
    end();
}

TEST(backtest_counts_hits_and_rates)
{
    begin();
    struct backtest all = run(&(struct backtest_request){.query = S("phone OR handset")});
    double sum = 0;
    for (size_t i = 0; i < all.point_count; i++)
        sum += all.points[i].hits;
    CHECK_NEAR(sum, (double)all.hits, 0);
    CHECK_INT(all.point_count, 90 * 24);
    CHECK(all.posts_seen >= all.hits);
    CHECK_NEAR(all.alerts_a_week, (double)all.alert_count / (90.0 / 7), 1e-12);
    CHECK(all.alerts_a_week_low < all.alerts_a_week && all.alerts_a_week < all.alerts_a_week_high);
    for (size_t i = 0; i < all.alert_count; i++)
        CHECK_INT(all.alerts[i].told_ms, all.alerts[i].moment.start_ms + HOUR_MS);

    /* A window counts only what starts in it, and is warmed up by what lies before. */
    int64_t middle = (all.alerts[0].moment.start_ms + all.alerts[1].moment.start_ms) / 2;
    struct backtest late =
        run(&(struct backtest_request){.query = S("phone"), .from_ms = middle, .to_ms = INT64_MAX});
    CHECK_INT(late.alert_count, all.alert_count - 1);
    CHECK_INT(late.alerts[0].moment.start_ms, all.alerts[1].moment.start_ms);
    struct backtest severe =
        run(&(struct backtest_request){.query = S("phone"), .severity_min = 11});
    CHECK_INT(severe.alert_count, 0);
    CHECK_NEAR(severe.alerts_a_week_high, 3.6889 / (90.0 / 7), 0.0001);
    struct backtest daily =
        run(&(struct backtest_request){.query = S("phone"), .period = BACKTEST_DAY});
    CHECK_INT(daily.point_count, 90);
    CHECK_INT(daily.hits, all.hits);
    struct backtest nothing = run(&(struct backtest_request){.query = S("zeppelin")});
    CHECK_INT(nothing.hits, 0);
    CHECK_INT(nothing.alert_count, 0);
    end();
}

TEST(backtest_measures_against_incidents)
{
    begin();
    struct backtest all = run(&(struct backtest_request){.query = S("phone")});
    CHECK(all.alert_count >= 2);
    int64_t first = all.alerts[0].moment.start_ms, second = all.alerts[1].moment.start_ms;
    const struct backtest_incident incidents[] = {
        {S("noticed"), first - 5 * HOUR_MS, first + 30 * HOUR_MS},
        {S("missed"), first + 60 * HOUR_MS, first + 61 * HOUR_MS},
        {S("at once"), second, second + HOUR_MS},
        {S("before the archive"), 0, HOUR_MS}};
    struct backtest out = run(&(struct backtest_request){
        .query = S("phone"), .incidents = incidents, .incident_count = COUNT_OF(incidents)});
    CHECK_INT(out.incidents_inside, 3);
    CHECK_INT(out.incidents_found, 2);
    CHECK_INT(out.found[0].alert, 0);
    CHECK_INT(out.found[0].delay_ms, 6 * HOUR_MS);
    CHECK_INT(out.found[1].alert, -1);
    CHECK_INT(out.found[2].delay_ms, HOUR_MS);
    CHECK_INT(out.alerts[0].incident, 0);
    CHECK_INT(out.alerts_true, 2);
    CHECK_NEAR(out.recall, 2.0 / 3, 1e-12);
    CHECK_NEAR(out.precision, 2.0 / (double)all.alert_count, 1e-12);
    CHECK_INT(out.median_delay_ms, HOUR_MS);
    CHECK(isnan(all.recall) && !isnan(out.precision));
    end();
}

static bool alert_on_hundred(void *context, const struct signal_point *points, size_t count,
                             int64_t period_ms, struct spike_reading *readings,
                             struct spike_moments *out, struct err *err)
{
    ++*(int *)context;
    memset(readings, 0, count * sizeof *readings);
    for (size_t i = 0; i < count; i++)
        if (points[i].value >= 60 &&
            !vec_try_push(out, (struct spike_moment){.start_ms = points[i].start_ms,
                                                     .end_ms = points[i].start_ms + period_ms,
                                                     .severity = 1}))
            return err_set(err, ERR_NO_MEMORY, "no memory");
    return true;
}

TEST(backtest_takes_another_detector)
{
    int calls = 0;

    begin();
    struct backtest out = run(&(struct backtest_request){
        .query = S("phone"), .detect = alert_on_hundred, .detect_context = &calls});
    CHECK_INT(calls, 1);
    CHECK_INT(out.alert_count, 6); /* two bursts of three hours */
    end();
}

TEST(backtest_refuses_wrong_requests)
{
    struct err err = {0};
    struct backtest out;

    begin();
    CHECK(!backtest_run(a, &arena, &(struct backtest_request){.query = S("a AND")}, &out, &err));
    CHECK_INT(err.code, ERR_INPUT);
    err = (struct err){0};
    CHECK(!backtest_run(a, &arena,
                        &(struct backtest_request){.query = S("a"), .from_ms = 9, .to_ms = 8}, &out,
                        &err));
    CHECK_INT(err.code, ERR_USAGE);
    end();
}

TEST(incidents_are_read)
{
    struct backtest_incident *incidents;
    struct arena memory;
    struct err err = {0};
    size_t count;

    arena_init(&memory, 16 * MIB);
    must(backtest_incidents_read(&memory, S("x.csv"),
                                 S("name,start,end\nstrike,2026-01-02,2026-01-03\n\"a, b\","
                                   "2026-01-02T08:00:00Z,2026-01-02T09:30:00+01:00\n"),
                                 &incidents, &count, &err),
         &err);
    CHECK_INT(count, 2);
    CHECK_STR(incidents[0].name, "strike");
    CHECK_INT(incidents[0].to_ms - incidents[0].from_ms, 2 * DAY_MS - 1);
    CHECK_STR(incidents[1].name, "a, b");
    CHECK_INT(incidents[1].to_ms - incidents[1].from_ms, HOUR_MS / 2);
    static const char *const bad[][2] = {{"a,b\n1,2\n", "x.csv:1: the heading"},
                                         {"", "x.csv:1: the heading"},
                                         {"start,end\n2026-01-02,soon\n", "x.csv:2: start and end"},
                                         {"start,end\n2026-01-03,2026-01-02\n", "ends before"}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        err = (struct err){0};
        CHECK(!backtest_incidents_read(&memory, S("x.csv"), str_from_cstr(bad[i][0]), &incidents,
                                       &count, &err));
        CHECK(strstr(err.msg, bad[i][1]) != NULL);
    }
    arena_deinit(&memory);
}

int main(void)
{
    return RUN(CASE(backtest_gives_what_was_found), CASE(backtest_does_not_look_ahead),
               CASE(backtest_counts_hits_and_rates), CASE(backtest_measures_against_incidents),
               CASE(backtest_takes_another_detector), CASE(backtest_refuses_wrong_requests),
               CASE(incidents_are_read));
}
