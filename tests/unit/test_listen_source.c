/* Sources: settings, contacts, gaps, and the coverage that follows. */
#include "unit/test.h"

#include "format/time.h"
#include <math.h>

#include "ledger/ledger.h"
#include "listen/archive/archive.h"
#include "listen/import.h"
#include "listen/measure/measure.h"
#include "listen/measure/source_coverage.h"
#include "listen/source/source.h"
#include "listen/standing_query.h"
#include "signal/signal.h"
#include "unit/scratch.h"

#define DAY0 INT64_C(1790035200000) /* 2026-09-22T00:00:00Z */
#define MIN  TIME_MINUTE_MS

static struct scratch s;
static struct workspace *ws;
static struct err err;

static void begin(void)
{
    struct db *system = NULL;

    err_clear(&err);
    scratch_begin(&s);
    Str data = scratch_path(&s, "data");
    CHECK(system_db_open(&system, data, &err));
    CHECK(workspace_create(system, data, S("acme"), S("Acme"), S("ann"), 1, &err));
    CHECK(workspace_open(&ws, data, S("acme"), &err));
    db_close(&system);
}

static void end(void)
{
    workspace_close(&ws);
    scratch_end(&s);
}

static struct source feed(const char *name, int64_t expected_ms)
{
    return (struct source){.name = str_from_cstr(name),
                           .kind = SOURCE_FEED,
                           .address = S("https://example.org/feed.xml"),
                           .expected_ms = expected_ms,
                           .is_on = true};
}

static struct source stored(const char *name)
{
    struct source out;

    CHECK(source_find(&s.arena, ws->state, str_from_cstr(name), &out, &err));
    return out;
}

static void heard(int64_t source, int64_t at_ms, bool is_whole)
{
    struct source_contact c = {.source = source, .at_ms = at_ms, .is_whole = is_whole, .read = 1};

    CHECK(source_record(ws->state, &c, &err));
}

static void failed(int64_t source, int64_t at_ms, enum source_trouble trouble)
{
    struct source_contact c = {
        .source = source, .at_ms = at_ms, .trouble = trouble, .message = S("it broke")};

    CHECK(source_record(ws->state, &c, &err));
}

static double coverage(int64_t now_ms, int hour, int hours)
{
    const struct source_coverage *c;
    int64_t first = DAY0 / TIME_HOUR_MS + hour;

    CHECK(source_coverage_load(&s.arena, ws->state, now_ms, &c, &err));
    return source_coverage_of(c, first, first + hours);
}

static size_t gaps(struct source_gap **out)
{
    size_t count;

    CHECK(source_gaps(&s.arena, ws->state, 0, 100, out, &count, &err));
    return count;
}

TEST(settings_are_checked_field_by_field)
{
    static const struct {
        struct source source;
        const char *field;
    } wrong[] = {
        {{.name = S_INIT("Big"), .kind = SOURCE_FEED, .address = S_INIT("https://a.b/")}, "name:"},
        {{.name = S_INIT("-a"), .kind = SOURCE_FEED, .address = S_INIT("https://a.b/")}, "name:"},
        {{.name = S_INIT("a"), .kind = SOURCE_FEED, .address = S_INIT("ftp://a.b/")}, "address:"},
        {{.name = S_INIT("a"), .kind = SOURCE_FEED, .address = S_INIT("https://a b/")}, "address:"},
        {{.name = S_INIT("a"), .kind = SOURCE_FEED}, "address:"},
        {{.name = S_INIT("a"), .kind = SOURCE_JETSTREAM, .address = S_INIT("https://a.b/")},
         "address:"},
        {{.name = S_INIT("a"), .kind = SOURCE_FOLDER, .address = S_INIT("in")}, "address:"},
        {{.name = S_INIT("a"), .kind = SOURCE_WEBHOOK, .address = S_INIT("https://a.b/")},
         "address:"},
        {{.name = S_INIT("a"), .kind = SOURCE_WEBHOOK, .format = S_INIT("word")}, "format:"},
        {{.name = S_INIT("a"), .kind = SOURCE_WEBHOOK, .retention_days = -1}, "retention:"},
    };

    begin();
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct source source = wrong[i].source;
        CHECK(!source_create(ws->state, &source, S("ann"), DAY0, &err));
        CHECK_INT(err.code, ERR_INPUT);
        CHECK(str_starts(str_from_cstr(err.msg), str_from_cstr(wrong[i].field)));
        CHECK(err.hint[0] != '\0');
        err_clear(&err);
    }
    struct source *list;
    size_t count;
    CHECK(source_list(&s.arena, ws->state, &list, &count, &err));
    CHECK_INT(count, 0);
    end();
}

TEST(settings_change_with_revision_and_ledger)
{
    struct ledger_entry *entries;
    struct ledger_filter filter = {.object_kind = S("source")};
    size_t count;

    begin();
    struct source a = feed("news", -1);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    CHECK(!source_create(ws->state, &(struct source){.name = S("news"), .kind = SOURCE_WEBHOOK},
                         S("ann"), DAY0, &err));
    CHECK_INT(err.code, ERR_EXISTS);
    err_clear(&err);
    struct source now = stored("news");
    CHECK_STR(now.title, "news");
    CHECK_STR(now.format, "feed");
    CHECK_INT(now.expected_ms, source_expected_default_ms(SOURCE_FEED));
    CHECK_INT(now.on_since_ms, DAY0);
    now.legal_note = S("public feed, terms of 2026");
    CHECK(source_change(ws->state, &now, S("bob"), DAY0 + 1, &err));
    CHECK(!source_change(ws->state, &now, S("bob"), DAY0 + 2, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    err_clear(&err);
    CHECK(source_switch(ws->state, a.id, false, S("bob"), S("noise"), DAY0 + 3, &err));
    CHECK(source_switch(ws->state, a.id, false, S("bob"), S("noise"), DAY0 + 4, &err));
    CHECK(!stored("news").is_on);
    CHECK(source_remove(ws->state, a.id, S("bob"), DAY0 + 5, &err));
    CHECK(!source_find(&s.arena, ws->state, S("news"), &now, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err_clear(&err);
    struct source again = feed("news", -1);
    CHECK(source_create(ws->state, &again, S("ann"), DAY0 + 6, &err));
    CHECK(ledger_list(&s.arena, ws->state, &filter, &entries, &count, &err));
    static const char *const actions[] = {"source.create", "source.remove", "source.off",
                                          "source.change", "source.create"};
    CHECK_INT(count, COUNT_OF(actions));
    for (size_t i = 0; i < count; i++)
        CHECK_STR(entries[i].action, actions[i]);
    end();
}

TEST(another_address_forgets_where_the_old_one_went_on)
{
    begin();
    struct source a = feed("news", -1);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    struct source_contact c = {
        .source = a.id, .at_ms = DAY0 + 1, .etag = S("\"e\""), .cursor = S("9")};
    CHECK(source_record(ws->state, &c, &err));
    struct source now = stored("news");
    CHECK_STR(now.health.etag, "\"e\"");
    now.title = S("News");
    CHECK(source_change(ws->state, &now, S("ann"), DAY0 + 2, &err));
    CHECK_STR(stored("news").health.etag, "\"e\"");
    now = stored("news");
    now.address = S("https://example.org/other.xml");
    CHECK(source_change(ws->state, &now, S("ann"), DAY0 + 3, &err));
    CHECK_STR(stored("news").health.etag, "");
    CHECK_STR(stored("news").health.cursor, "");
    end();
}

TEST(secrets_are_files_of_the_owner_alone)
{
    Str made, read;

    begin();
    CHECK(!source_secret_exists(ws, S("hook")));
    CHECK(source_secret_read(&s.arena, ws, S("hook"), &read, &err));
    CHECK_INT(read.len, 0);
    CHECK(source_secret_make(&s.arena, ws, S("hook"), &made, &err));
    CHECK_INT(made.len, 43);
    CHECK(source_secret_read(&s.arena, ws, S("hook"), &read, &err));
    CHECK(str_eq(made, read));
    CHECK(source_secret_write(ws, S("hook"), S("  given\n"), &err));
    CHECK(source_secret_read(&s.arena, ws, S("hook"), &read, &err));
    CHECK_STR(read, "given");
    CHECK(source_secret_write(ws, S("hook"), S(""), &err));
    CHECK(!source_secret_exists(ws, S("hook")));
    end();
}

TEST(silence_longer_than_expected_is_a_gap_from_its_beginning)
{
    struct source_gap *list;

    begin();
    struct source a = feed("news", 30 * MIN);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    heard(a.id, DAY0 + 10 * MIN, true);
    failed(a.id, DAY0 + 30 * MIN, SOURCE_UNREACHABLE); /* not late yet */
    CHECK_INT(gaps(&list), 0);
    failed(a.id, DAY0 + 50 * MIN, SOURCE_UNREACHABLE);
    CHECK_INT(gaps(&list), 1);
    CHECK_INT(list[0].from_ms, DAY0 + 10 * MIN);
    CHECK_INT(list[0].to_ms, 0);
    CHECK_INT(list[0].cause, SOURCE_UNREACHABLE);
    CHECK_INT(stored("news").health.failures, 2);
    CHECK_NEAR(coverage(DAY0 + 60 * MIN, 0, 1), 1.0 / 6, 1e-9);
    heard(a.id, DAY0 + 90 * MIN, false);
    CHECK_INT(gaps(&list), 1);
    CHECK_INT(list[0].to_ms, DAY0 + 90 * MIN);
    CHECK(!list[0].is_filled);
    CHECK_INT(stored("news").health.failures, 0);
    CHECK_NEAR(coverage(DAY0 + 120 * MIN, 0, 1), 1.0 / 6, 1e-9);
    CHECK_NEAR(coverage(DAY0 + 120 * MIN, 1, 1), 0.5, 1e-9);
    end();
}

TEST(what_came_later_fills_the_gap)
{
    struct source_gap *list;

    begin();
    struct source a = feed("news", 30 * MIN);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    heard(a.id, DAY0 + 1 * MIN, true);
    heard(a.id, DAY0 + 100 * MIN, true); /* late, and nobody looked meanwhile */
    CHECK_INT(gaps(&list), 1);
    CHECK(list[0].is_filled);
    CHECK_INT(list[0].from_ms, DAY0 + 1 * MIN);
    CHECK_INT(list[0].to_ms, DAY0 + 100 * MIN);
    CHECK_NEAR(coverage(DAY0 + 120 * MIN, 0, 2), 1, 1e-9);
    heard(a.id, DAY0 + 200 * MIN, false);
    CHECK_INT(gaps(&list), 2);
    CHECK(!list[0].is_filled);
    CHECK_INT(list[0].cause, SOURCE_SILENT);
    end();
}

TEST(silence_is_noticed_without_a_contact)
{
    struct source_gap *list;

    begin();
    struct source a = feed("news", 30 * MIN), quiet = feed("quiet", 0);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    CHECK(source_create(ws->state, &quiet, S("ann"), DAY0, &err));
    CHECK(source_check_silence(ws->state, false, DAY0 + 29 * MIN, &err));
    CHECK_INT(gaps(&list), 0);
    CHECK(source_check_silence(ws->state, true, DAY0 + 40 * MIN, &err));
    CHECK(source_check_silence(ws->state, false, DAY0 + 50 * MIN, &err));
    CHECK_INT(gaps(&list), 1);
    CHECK_INT(list[0].cause, SOURCE_NOT_RUNNING);
    CHECK_INT(list[0].from_ms, DAY0);
    CHECK_STR(list[0].source_name, "news");
    end();
}

TEST(off_expects_nothing)
{
    struct source_gap *list;

    begin();
    struct source a = feed("news", 30 * MIN);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    failed(a.id, DAY0 + 40 * MIN, SOURCE_REFUSED);
    CHECK(source_switch(ws->state, a.id, false, S("ann"), S(""), DAY0 + 60 * MIN, &err));
    CHECK_INT(gaps(&list), 1);
    CHECK_INT(list[0].to_ms, DAY0 + 60 * MIN);
    CHECK_NEAR(coverage(DAY0 + 600 * MIN, 0, 1), 0, 1e-9);
    CHECK_NEAR(coverage(DAY0 + 600 * MIN, 1, 1), 1, 1e-9);
    CHECK_NEAR(coverage(DAY0 + 600 * MIN, 5, 1), 1, 1e-9);
    CHECK(source_switch(ws->state, a.id, true, S("ann"), S(""), DAY0 + 660 * MIN, &err));
    CHECK(source_check_silence(ws->state, false, DAY0 + 670 * MIN, &err));
    CHECK_INT(gaps(&list), 1); /* the silence while it was off is none */
    CHECK(stored("news").health.poll_wanted_ms == DAY0 + 660 * MIN);
    end();
}

TEST(gone_for_good_switches_off)
{
    begin();
    struct source a = feed("news", 30 * MIN);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    struct source_contact c = {
        .source = a.id, .at_ms = DAY0 + MIN, .trouble = SOURCE_GONE, .is_final = true};
    CHECK(source_record(ws->state, &c, &err));
    CHECK(!stored("news").is_on);
    CHECK_INT(stored("news").health.trouble, SOURCE_GONE);
    end();
}

TEST(coverage_is_shared_by_all_sources_that_were_on)
{
    begin();
    struct source a = feed("a", 10 * MIN), b = feed("b", 10 * MIN);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    CHECK(source_create(ws->state, &b, S("ann"), DAY0, &err));
    for (int i = 1; i <= 24; i++)
        heard(a.id, DAY0 + i * 5 * MIN, true);
    failed(b.id, DAY0 + 30 * MIN, SOURCE_UNREACHABLE);
    CHECK_NEAR(coverage(DAY0 + 120 * MIN, 0, 2), 0.5, 1e-9);
    CHECK_NEAR(coverage(DAY0 + 120 * MIN, -5, 5), 1, 1e-9);
    CHECK_NEAR(coverage(DAY0 + 90 * MIN, 1, 1), 0.5, 1e-9); /* of what has passed */
    end();
}

TEST(a_loss_counts_with_its_share)
{
    struct source_gap *list;

    begin();
    struct source a = feed("a", 10 * MIN);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    CHECK(source_record_loss(ws->state, a.id, DAY0, DAY0 + 30 * MIN, 25, 75, &err));
    CHECK_INT(gaps(&list), 1);
    CHECK_INT(list[0].lost, 25);
    CHECK_INT(stored("a").health.posts_lost, 25);
    heard(a.id, DAY0 + 5 * MIN, true);
    CHECK_NEAR(coverage(DAY0 + 60 * MIN, 0, 1), 0.875, 1e-9);
    end();
}

/* ---- what it does to the measures ------------------------------------------------------------ */

static void publish(int64_t now_ms)
{
    struct measure_publication published = {0};
    struct archive *a = NULL;

    CHECK(archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, &err));
    CHECK(measure_publish(ws->state, a, now_ms, &published, &err));
    archive_close(&a);
}

static void import_posts(const char *name, const char *posts, int64_t now_ms)
{
    struct import_result result;
    Str path = scratch_path(&s, name);

    CHECK(file_write_atomic(path, str_from_cstr(posts), &err));
    struct import_job job = {.workspace = ws,
                             .paths = &path,
                             .path_count = 1,
                             .worker_count = 1,
                             .now_ms = now_ms,
                             .actor = S("ann")};
    CHECK(import_run(&job, &result, &err));
}

static struct signal_point point(const char *key, int hour)
{
    struct signal signal;
    struct signal_point *points;
    size_t count;
    int64_t at = DAY0 + hour * TIME_HOUR_MS;

    CHECK(signal_find(&s.arena, ws->state, str_from_cstr(key), &signal, &err));
    CHECK(signal_read(&s.arena, ws->state, signal.id, at, at + 1, &points, &count, &err));
    return count == 1 ? points[0] : (struct signal_point){.n = -1};
}

TEST(published_measures_carry_the_coverage)
{
    struct standing_query query = {.name = S("late"), .text = S("late")};
    const char *hourly = "query:1:mentions:hour", *daily = "query:1:mentions:day";

    begin();
    CHECK(standing_query_create(ws->state, &query, S("ann"), 1, &err));
    struct source a = feed("a", 30 * MIN), b = feed("b", 0);
    CHECK(source_create(ws->state, &a, S("ann"), DAY0, &err));
    CHECK(source_create(ws->state, &b, S("ann"), DAY0, &err));
    import_posts("1.jsonl",
                 "{\"id\":\"1\",\"text\":\"late\",\"created_at\":\"2026-09-22T00:10:00Z\"}\n",
                 DAY0 + 20 * MIN);
    CHECK_INT(point(hourly, 0).n, 1);
    CHECK_INT(point(hourly, 1).n, -1); /* to come */
    heard(a.id, DAY0 + 60 * MIN, true);
    publish(DAY0 + 61 * MIN);
    CHECK_NEAR(point(hourly, 0).coverage, 1, 1e-9);
    CHECK_INT(point(hourly, 1).n, 0); /* nothing came, and that is known */
    CHECK_INT(point(hourly, 2).n, -1);
    failed(a.id, DAY0 + 180 * MIN, SOURCE_UNREACHABLE);
    publish(DAY0 + 181 * MIN);
    CHECK_NEAR(point(hourly, 0).coverage, 1, 1e-9);
    CHECK_NEAR(point(hourly, 2).coverage, 0.5, 1e-9);
    CHECK_NEAR(point(daily, 0).coverage, (2 * 181.0 - 121.0) / (2 * 181.0), 1e-9);
    CHECK(source_switch(ws->state, b.id, false, S("ann"), S(""), DAY0 + 240 * MIN, &err));
    publish(DAY0 + 361 * MIN);
    struct signal_point dead = point(hourly, 4);
    CHECK_INT(dead.n, 0);
    CHECK(isnan(dead.value)); /* not a quiet market */
    CHECK_NEAR(dead.coverage, 0, 1e-9);
    heard(a.id, DAY0 + 362 * MIN, true); /* it brought what was missed */
    publish(DAY0 + 362 * MIN);
    CHECK_NEAR(point(hourly, 4).coverage, 1, 1e-9);
    CHECK_NEAR(point(hourly, 4).value, 0, 1e-9);
    CHECK_NEAR(point(hourly, 2).coverage, 1, 1e-9);
    end();
}

TEST(posts_that_were_kept_long_enough_go_and_their_counts_stay)
{
    static const char posts[] =
        "{\"id\":\"1\",\"text\":\"late "
        "one\",\"created_at\":\"2026-08-20T00:10:00Z\",\"dataset\":\"a\"}\n"
        "{\"id\":\"2\",\"text\":\"late "
        "two\",\"created_at\":\"2026-09-10T00:10:00Z\",\"dataset\":\"a\"}\n"
        "{\"id\":\"3\",\"text\":\"late "
        "three\",\"created_at\":\"2026-09-10T00:20:00Z\",\"dataset\":\"b\"}\n"
        "{\"id\":\"4\",\"text\":\"late "
        "four\",\"created_at\":\"2026-09-21T00:10:00Z\",\"dataset\":\"a\"}\n";
    struct standing_query query = {.name = S("late"), .text = S("late")};
    struct archive_stats before, after;
    struct archived_post post;
    struct archive *a = NULL;
    size_t count;

    begin();
    CHECK(standing_query_create(ws->state, &query, S("ann"), 1, &err));
    import_posts("1.jsonl", posts, DAY0);
    CHECK(archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, &err));
    CHECK(archive_stats(a, &before, &err));
    CHECK(archive_expire(a, S("a"), DAY0 - 7 * TIME_DAY_MS, 1, &count, &err));
    CHECK_INT(count, 1);
    CHECK(archive_expire(a, S("a"), DAY0 - 7 * TIME_DAY_MS, 100, &count, &err));
    CHECK_INT(count, 1);
    CHECK(archive_expire(a, S("a"), DAY0 - 7 * TIME_DAY_MS, 100, &count, &err));
    CHECK_INT(count, 0);
    CHECK(archive_stats(a, &after, &err));
    CHECK_INT(after.posts, before.posts - 2);
    CHECK_INT(after.mentions, before.mentions - 2);
    CHECK_INT(after.identities, before.identities);
    CHECK_INT(after.totals, before.totals);
    CHECK(archive_find(a, &s.arena, S("import"), S("3"), &post, &err));
    CHECK(archive_find(a, &s.arena, S("import"), S("4"), &post, &err));
    CHECK(!archive_find(a, &s.arena, S("import"), S("2"), &post, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err_clear(&err);
    archive_close(&a);
    import_posts("2.jsonl", posts, DAY0 + 1); /* copies are known, not stored again */
    CHECK(archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, &err));
    CHECK(archive_stats(a, &after, &err));
    CHECK_INT(after.posts, before.posts - 2);
    archive_close(&a);
    CHECK_INT(point("query:1:mentions:hour", -12 * 24).n, 2);
    end();
}

int main(void)
{
    return RUN(CASE(settings_are_checked_field_by_field),
               CASE(settings_change_with_revision_and_ledger),
               CASE(another_address_forgets_where_the_old_one_went_on),
               CASE(secrets_are_files_of_the_owner_alone),
               CASE(silence_longer_than_expected_is_a_gap_from_its_beginning),
               CASE(what_came_later_fills_the_gap), CASE(silence_is_noticed_without_a_contact),
               CASE(off_expects_nothing), CASE(gone_for_good_switches_off),
               CASE(coverage_is_shared_by_all_sources_that_were_on),
               CASE(a_loss_counts_with_its_share), CASE(published_measures_carry_the_coverage),
               CASE(posts_that_were_kept_long_enough_go_and_their_counts_stay));
}
