/* Definitions with versions, points, joining, breaks, rebuilding; evidence and erasure. */
#include "unit/test.h"

#include <math.h>

#include "db/migration.h"
#include "signal/evidence.h"
#include "signal/signal.h"
#include "unit/scratch.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define T0   (19700 * DAY)

struct world {
    struct arena arena;
    struct db *db;
    struct err err;
};

static void begin(struct world *w)
{
    *w = (struct world){.db = NULL};
    arena_init(&w->arena, 64 * MIB);
    CHECK(db_open(&w->db, S(":memory:"), DB_CREATE, &w->err));
    CHECK(db_migrate(w->db, S("schema/state/"), &w->err));
}

static void end(struct world *w)
{
    db_close(&w->db);
    arena_deinit(&w->arena);
}

static struct signal mentions(void)
{
    return (struct signal){.key = S("query:1:mentions:hour"),
                           .name = S("Mentions"),
                           .unit = S("posts"),
                           .definition = S("{\"query\":1,\"measure\":\"mentions\"}"),
                           .period = SIGNAL_HOUR,
                           .aggregate = SIGNAL_SUM,
                           .source = S("listen"),
                           .is_measured = true};
}

static struct signal defined(struct world *w)
{
    struct signal s = mentions();

    CHECK(signal_define(w->db, &s, T0, STR_NONE, T0, &w->err));
    return s;
}

static void put(struct world *w, int64_t id, int64_t hour, double value, bool is_restated)
{
    struct signal_point p = {.start_ms = T0 + hour * HOUR, .value = value, .n = 10, .coverage = 1};

    CHECK(signal_put_points(w->db, id, &p, 1, is_restated, &w->err));
}

TEST(a_definition_makes_versions)
{
    struct world w;
    struct signal found, *list;
    size_t count;

    begin(&w);
    struct signal s = defined(&w);
    CHECK_INT(s.version, 1);
    CHECK(s.version_from_ms == INT64_MIN);
    int64_t id = s.id;
    s.name = S("Mentions an hour"); /* a new name is no new definition */
    CHECK(signal_define(w.db, &s, T0, STR_NONE, T0, &w.err));
    CHECK_INT(s.version, 1);
    s.definition = S("{\"query\":1,\"measure\":\"mentions\",\"without\":\"syndicated\"}");
    CHECK(signal_define(w.db, &s, T0 + 5 * HOUR + 17, S("copies no longer count"), T0, &w.err));
    CHECK_INT(s.version, 2);
    CHECK(s.id == id && s.version_from_ms == T0 + 5 * HOUR);
    CHECK(signal_find(&w.arena, w.db, s.key, &found, &w.err));
    CHECK_INT(found.version, 2);
    CHECK_STR(found.name, "Mentions an hour");
    CHECK(str_eq(found.definition, s.definition));
    CHECK(signal_find_id(&w.arena, w.db, id, &found, &w.err));
    CHECK(!signal_find(&w.arena, w.db, S("nothing"), &found, &w.err));
    CHECK_INT(w.err.code, ERR_NOT_FOUND);

    s.definition = S("third");
    CHECK(!signal_define(w.db, &s, T0, STR_NONE, T0, &w.err)); /* before the second */
    CHECK_INT(w.err.code, ERR_CONFLICT);
    struct signal daily = mentions();
    daily.period = SIGNAL_DAY;
    CHECK(!signal_define(w.db, &daily, T0, STR_NONE, T0, &w.err));
    CHECK_INT(w.err.code, ERR_CONFLICT);
    struct signal bad = mentions();
    bad.key = S("Query 1");
    CHECK(!signal_define(w.db, &bad, T0, STR_NONE, T0, &w.err));
    CHECK_INT(w.err.code, ERR_INPUT);

    struct signal other = mentions();
    other.key = S("query:10:mentions:hour");
    CHECK(signal_define(w.db, &other, T0, STR_NONE, T0, &w.err));
    CHECK(signal_list(&w.arena, w.db, S("query:1:"), &list, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK(signal_list(&w.arena, w.db, STR_NONE, &list, &count, &w.err));
    CHECK_INT(count, 2);
    end(&w);
}

TEST(points_are_idempotent)
{
    struct world w;
    struct signal_point *points;
    size_t count;
    bool has_point;
    struct signal_point last;

    begin(&w);
    struct signal s = defined(&w);
    CHECK(signal_read_last(w.db, s.id, &last, &has_point, &w.err) && !has_point);
    struct signal_point put_points[] = {
        {.start_ms = T0, .value = 3, .n = 3, .coverage = 1},
        {.start_ms = T0 + HOUR, .value = (double)NAN, .n = 0, .coverage = 0.5},
        {.start_ms = T0 + 2 * HOUR, .value = 0, .n = 0, .coverage = 1},
    };
    for (int i = 0; i < 3; i++)
        CHECK(signal_put_points(w.db, s.id, put_points, 3, false, &w.err));
    put_points[0].value = 4;
    CHECK(signal_put_points(w.db, s.id, put_points, 1, false, &w.err));
    CHECK(signal_read(&w.arena, w.db, s.id, T0, T0 + 3 * HOUR, &points, &count, &w.err));
    CHECK_INT(count, 3);
    CHECK(points[0].value == 4 && points[0].n == 3 && points[0].version == 1);
    CHECK(isnan(points[1].value) && points[1].coverage == 0.5);
    CHECK(points[2].value == 0);
    CHECK(signal_read(&w.arena, w.db, s.id, T0 + 1, T0 + 2 * HOUR, &points, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK(signal_read_last(w.db, s.id, &last, &has_point, &w.err) && has_point);
    CHECK(last.start_ms == T0 + 2 * HOUR);
    end(&w);
}

/* Many at a time, in every number, half of them there already, some twice in one call. */
TEST(points_in_any_number_are_stored_as_one_by_one)
{
    struct world w;
    struct signal_point points[40], *stored;
    size_t count;

    begin(&w);
    struct signal s = defined(&w);
    for (size_t n = 0; n <= 30; n++) {
        int64_t day = (int64_t)n * 4 * DAY;
        for (size_t i = 0; i < n; i++) {
            points[i] = (struct signal_point){
                .start_ms = T0 + day + (int64_t)i * HOUR, .value = 1, .n = 1, .coverage = 1};
            if (i % 2 == 0)
                CHECK(signal_put_points(w.db, s.id, &points[i], 1, false, &w.err));
            points[i].value = i % 3 == 0 ? (double)NAN : (double)i;
        }
        if (n > 0) {
            points[n] = points[0];
            points[n].value = 77;
        }
        CHECK(signal_put_points(w.db, s.id, points, n > 0 ? n + 1 : 0, false, &w.err));
        CHECK(signal_read(&w.arena, w.db, s.id, T0 + day, T0 + day + 4 * DAY, &stored, &count,
                          &w.err));
        CHECK_INT(count, n);
        for (size_t i = 0; i < n; i++) {
            CHECK_INT(stored[i].start_ms, points[i].start_ms);
            if (i > 0 && i % 3 == 0)
                CHECK(isnan(stored[i].value));
            else
                CHECK(stored[i].value == (i == 0 ? 77 : (double)i));
        }
    }
    end(&w);
}

TEST(withdrawn_points_are_gone_and_nothing_else)
{
    static const int64_t gone[] = {T0 + HOUR, T0 + 7 * HOUR};
    struct world w;
    struct signal_point *points;
    size_t count;
    int64_t first_ms = 0;
    bool has_point;

    begin(&w);
    struct signal s = defined(&w), other = mentions();
    other.key = S("query:2:mentions:hour");
    CHECK(signal_define(w.db, &other, T0, STR_NONE, T0, &w.err));
    CHECK(signal_first_ms(w.db, s.key, &first_ms, &has_point, &w.err) && !has_point);
    for (int hour = 0; hour < 3; hour++) {
        put(&w, s.id, hour, hour, false);
        put(&w, other.id, hour, hour, false);
    }
    CHECK(signal_first_ms(w.db, s.key, &first_ms, &has_point, &w.err) && has_point);
    CHECK_INT(first_ms, T0);
    for (int i = 0; i < 2; i++)
        CHECK(signal_withdraw_points(w.db, s.key, gone, COUNT_OF(gone), &w.err));
    CHECK(signal_read(&w.arena, w.db, s.id, T0, T0 + 9 * HOUR, &points, &count, &w.err));
    CHECK_INT(count, 2);
    CHECK(points[0].value == 0 && points[1].value == 2);
    CHECK(signal_read(&w.arena, w.db, other.id, T0, T0 + 9 * HOUR, &points, &count, &w.err));
    CHECK_INT(count, 3);
    CHECK(signal_withdraw_points(w.db, S("query:3:mentions:hour"), gone, 2, &w.err));
    CHECK(signal_first_ms(w.db, S("query:3:mentions:hour"), &first_ms, &has_point, &w.err));
    CHECK(!has_point);
    end(&w);
}

TEST(wrong_points_refuse_the_batch)
{
    static const struct signal_point bad[] = {
        {.start_ms = T0 + 1, .value = 1, .coverage = 1},
        {.start_ms = T0, .value = (double)INFINITY, .coverage = 1},
        {.start_ms = T0, .value = 1, .n = -1, .coverage = 1},
        {.start_ms = T0, .value = 1, .coverage = 1.01},
        {.start_ms = T0, .value = 1, .coverage = (double)NAN},
    };
    struct world w;
    struct signal_point *points;
    size_t count;

    begin(&w);
    struct signal s = defined(&w);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct signal_point batch[] = {{.start_ms = T0 + HOUR, .value = 1, .coverage = 1}, bad[i]};
        CHECK(!signal_put_points(w.db, s.id, batch, 2, false, &w.err));
        CHECK_INT(w.err.code, ERR_INPUT);
    }
    CHECK(!signal_put_points(w.db, 999, NULL, 0, false, &w.err));
    CHECK_INT(w.err.code, ERR_NOT_FOUND);
    CHECK(signal_read(&w.arena, w.db, s.id, 0, INT64_MAX, &points, &count, &w.err));
    CHECK_INT(count, 0);
    end(&w);
}

TEST(a_break_is_marked_until_history_is_restated)
{
    struct world w;
    struct signal_break *breaks, last;
    struct signal_point *points;
    size_t count;
    bool is_restated;

    begin(&w);
    struct signal s = defined(&w);
    for (int64_t hour = 0; hour < 10; hour++)
        put(&w, s.id, hour, 1, false);
    CHECK(signal_restated(&w.arena, w.db, s.id, &last, &is_restated, &w.err) && !is_restated);
    s.definition = S("second");
    CHECK(signal_define(w.db, &s, T0 + 5 * HOUR, S("why not"), T0 + 9, &w.err));
    for (int64_t hour = 3; hour < 10; hour++) /* late ones keep the version of their time */
        put(&w, s.id, hour, 2, false);
    CHECK(signal_read(&w.arena, w.db, s.id, T0, T0 + 10 * HOUR, &points, &count, &w.err));
    CHECK_INT(points[4].version, 1);
    CHECK_INT(points[5].version, 2);
    CHECK(signal_breaks(&w.arena, w.db, s.id, T0, T0 + 10 * HOUR, &breaks, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK(breaks[0].from_ms == T0 + 5 * HOUR && breaks[0].version == 2);
    CHECK_STR(breaks[0].reason, "why not");
    CHECK(signal_breaks(&w.arena, w.db, s.id, T0 + 5 * HOUR, T0 + 10 * HOUR, &breaks, &count,
                        &w.err));
    CHECK_INT(count, 0); /* outside of what is looked at */
    CHECK(signal_restated(&w.arena, w.db, s.id, &last, &is_restated, &w.err) && !is_restated);
    for (int64_t hour = 0; hour < 5; hour++)
        put(&w, s.id, hour, 2, true);
    CHECK(signal_breaks(&w.arena, w.db, s.id, T0, T0 + 10 * HOUR, &breaks, &count, &w.err));
    CHECK_INT(count, 0);
    CHECK(signal_restated(&w.arena, w.db, s.id, &last, &is_restated, &w.err) && is_restated);
    CHECK(last.version == 2 && last.at_ms == T0 + 9);
    end(&w);
}

TEST(points_join_into_longer_periods)
{
    struct world w;
    struct signal_point *points;
    size_t count;

    begin(&w);
    struct signal sum = defined(&w), mean = mentions(), none = mentions(), last = mentions();
    mean.key = S("mean");
    mean.aggregate = SIGNAL_MEAN;
    none.key = S("none");
    none.aggregate = SIGNAL_NONE;
    last.key = S("last");
    last.aggregate = SIGNAL_LAST;
    CHECK(signal_define(w.db, &mean, T0, STR_NONE, T0, &w.err));
    CHECK(signal_define(w.db, &none, T0, STR_NONE, T0, &w.err));
    CHECK(signal_define(w.db, &last, T0, STR_NONE, T0, &w.err));
    struct signal_point parts[] = {
        {.start_ms = T0 + 1 * HOUR, .value = 2, .n = 1, .coverage = 1},
        {.start_ms = T0 + 2 * HOUR, .value = 8, .n = 3, .coverage = 0.5},
        {.start_ms = T0 + 3 * HOUR, .value = (double)NAN, .n = 0, .coverage = 0.5},
        {.start_ms = T0 + 24 * HOUR, .value = (double)NAN, .n = 0, .coverage = 1},
    };
    CHECK(signal_put_points(w.db, sum.id, parts, 4, false, &w.err));
    CHECK(signal_put_points(w.db, mean.id, parts, 4, false, &w.err));
    CHECK(signal_put_points(w.db, last.id, parts, 4, false, &w.err));
    CHECK(signal_read_joined(&w.arena, w.db, sum.id, SIGNAL_DAY, T0, T0 + 2 * DAY, &points, &count,
                             &w.err));
    CHECK_INT(count, 2);
    CHECK(points[0].start_ms == T0 && points[0].value == 10 && points[0].n == 4);
    CHECK_NEAR(points[0].coverage, 2.0 / 24, 1e-12); /* hours not measured count nothing */
    CHECK(points[1].start_ms == T0 + DAY && isnan(points[1].value));
    CHECK(signal_read_joined(&w.arena, w.db, mean.id, SIGNAL_DAY, T0, T0 + DAY, &points, &count,
                             &w.err));
    CHECK_NEAR(points[0].value, (2 * 1 + 8 * 3) / 4.0, 1e-12);
    CHECK(signal_read_joined(&w.arena, w.db, last.id, SIGNAL_DAY, T0 + HOUR, T0 + 4 * HOUR, &points,
                             &count, &w.err));
    CHECK(points[0].value == 8);
    CHECK_NEAR(points[0].coverage, 2.0 / 3, 1e-12); /* of the hours asked for */
    CHECK(signal_read_joined(&w.arena, w.db, sum.id, SIGNAL_HOUR, T0, T0 + DAY, &points, &count,
                             &w.err));
    CHECK_INT(count, 3);
    CHECK(!signal_read_joined(&w.arena, w.db, sum.id, SIGNAL_MINUTE, T0, T0 + DAY, &points, &count,
                              &w.err));
    CHECK_INT(w.err.code, ERR_USAGE);
    CHECK(!signal_read_joined(&w.arena, w.db, none.id, SIGNAL_DAY, T0, T0 + DAY, &points, &count,
                              &w.err));
    end(&w);
}

TEST(measured_points_are_dropped_entered_ones_stay)
{
    struct world w;
    struct signal_point *points;
    size_t count;

    begin(&w);
    struct signal measured = defined(&w), entered = mentions();
    entered.key = S("entered:returns:hour");
    entered.is_measured = false;
    CHECK(signal_define(w.db, &entered, T0, STR_NONE, T0, &w.err));
    put(&w, measured.id, 0, 1, false);
    put(&w, entered.id, 0, 1, false);
    CHECK(signal_drop_measured(w.db, S("query:2:"), &w.err));
    CHECK(signal_read(&w.arena, w.db, measured.id, 0, INT64_MAX, &points, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK(signal_drop_measured(w.db, STR_NONE, &w.err));
    CHECK(signal_read(&w.arena, w.db, measured.id, 0, INT64_MAX, &points, &count, &w.err));
    CHECK_INT(count, 0);
    CHECK(signal_read(&w.arena, w.db, entered.id, 0, INT64_MAX, &points, &count, &w.err));
    CHECK_INT(count, 1);
    end(&w);
}

TEST(names_of_periods_and_aggregates)
{
    CHECK(signal_period_ms(SIGNAL_MINUTE) * 60 == signal_period_ms(SIGNAL_HOUR));
    CHECK_STR(str_from_cstr(signal_period_name(SIGNAL_DAY)), "day");
    CHECK_STR(str_from_cstr(signal_aggregate_name(SIGNAL_MEAN)), "mean");
}

static struct evidence sample(const struct evidence_item *items, size_t count)
{
    return (struct evidence){.statement = S("Batteries are complained about three times as often"),
                             .kind = S("topic.affinity"),
                             .object_kind = S("topic"),
                             .object_id = S("T7"),
                             .from_ms = T0,
                             .to_ms = T0 + DAY,
                             .measures_json = S("{\"lift\":3.1}"),
                             .created_by = S("ann"),
                             .created_at_ms = T0 + DAY,
                             .items = items,
                             .item_count = count};
}

static const struct evidence_item items[] = {
    {.kind = EVIDENCE_POST,
     .source = S_INIT("forum"),
     .ref = S_INIT("p1"),
     .author = S_INIT("u7"),
     .created_at_ms = T0,
     .text = S_INIT("my battery died"),
     .url = S_INIT("https://x.example/u7/1"),
     .why = S_INIT("most replies")},
    {.kind = EVIDENCE_POST,
     .source = S_INIT("forum"),
     .ref = S_INIT("p2"),
     .author = S_INIT("u8"),
     .created_at_ms = T0 + 1,
     .text = S_INIT("mine too"),
     .why = S_INIT("typical")},
    {.kind = EVIDENCE_SIGNAL,
     .ref = S_INIT("query:1:mentions:hour"),
     .text = S_INIT("412 mentions"),
     .why = S_INIT("volume")},
};

TEST(evidence_is_kept_as_it_was)
{
    struct world w;
    struct evidence back, *list;
    size_t count;

    begin(&w);
    struct evidence e = sample(items, COUNT_OF(items));
    CHECK(evidence_create(w.db, &e, &w.err));
    CHECK(evidence_read(&w.arena, w.db, e.id, &back, &w.err));
    CHECK(str_eq(back.statement, e.statement) && str_eq(back.measures_json, e.measures_json));
    CHECK_INT(back.item_count, 3);
    CHECK_STR(back.items[0].text, "my battery died");
    CHECK_STR(back.items[1].author, "u8");
    CHECK_INT(back.items[2].kind, EVIDENCE_SIGNAL);
    CHECK_INT(back.items[0].erased_at_ms, 0);
    struct evidence other = sample(NULL, 0);
    other.object_id = S("T8");
    CHECK(evidence_create(w.db, &other, &w.err));
    CHECK(evidence_list(&w.arena, w.db, S("topic"), S("T7"), 10, &list, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK_INT(list[0].item_count, 3);
    CHECK(evidence_list(&w.arena, w.db, S("topic"), STR_NONE, 10, &list, &count, &w.err));
    CHECK_INT(count, 2);
    CHECK(list[0].id == other.id);
    CHECK(evidence_list(&w.arena, w.db, STR_NONE, STR_NONE, 1, &list, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK(!evidence_read(&w.arena, w.db, 99, &back, &w.err));
    CHECK_INT(w.err.code, ERR_NOT_FOUND);
    end(&w);
}

TEST(wrong_evidence_is_refused)
{
    struct world w;
    struct evidence *list;
    size_t count;
    struct evidence_item no_ref[] = {items[0], items[1]};

    begin(&w);
    struct evidence e = sample(items, 1);
    e.statement = S("  ");
    CHECK(!evidence_create(w.db, &e, &w.err));
    e = sample(items, 1);
    e.to_ms = e.from_ms - 1;
    CHECK(!evidence_create(w.db, &e, &w.err));
    no_ref[1].ref = STR_NONE;
    e = sample(no_ref, 2);
    CHECK(!evidence_create(w.db, &e, &w.err));
    CHECK_INT(w.err.code, ERR_INPUT);
    e = sample(items, EVIDENCE_ITEMS_MAX + 1);
    CHECK(!evidence_create(w.db, &e, &w.err));
    CHECK_INT(w.err.code, ERR_LIMIT);
    CHECK(evidence_list(&w.arena, w.db, STR_NONE, STR_NONE, 10, &list, &count, &w.err));
    CHECK_INT(count, 0);
    end(&w);
}

TEST(erasing_a_person_blanks_and_keeps_the_place)
{
    struct world w;
    struct evidence back;
    int64_t count;

    begin(&w);
    struct evidence e = sample(items, COUNT_OF(items));
    CHECK(evidence_create(w.db, &e, &w.err));
    CHECK(evidence_erase_author(w.db, S("elsewhere"), S("u7"), T0, &count, &w.err));
    CHECK_INT(count, 0);
    CHECK(evidence_erase_author(w.db, S("forum"), STR_NONE, T0, &count, &w.err));
    CHECK_INT(count, 0);
    CHECK(evidence_erase_author(w.db, S("forum"), S("u7"), T0 + 5, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK(evidence_erase_post(w.db, S("forum"), S("p2"), T0 + 6, &count, &w.err));
    CHECK_INT(count, 1);
    CHECK(evidence_erase_post(w.db, S("forum"), S("p2"), T0 + 7, &count, &w.err));
    CHECK_INT(count, 0);
    CHECK(evidence_read(&w.arena, w.db, e.id, &back, &w.err));
    CHECK_INT(back.item_count, 3);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(back.items[i].text.len + back.items[i].author.len + back.items[i].url.len, 0);
        CHECK(back.items[i].erased_at_ms == T0 + 5 + i);
    }
    CHECK_STR(back.items[0].why, "most replies");
    CHECK_STR(back.items[2].text, "412 mentions");
    end(&w);
}

TEST(signals_and_points_are_counted_by_prefix)
{
    struct world w;
    int64_t signals = -1, points = -1;

    begin(&w);
    struct signal s = defined(&w);
    CHECK(signal_count(w.db, s.key, &signals, &points, &w.err));
    CHECK(signals == 1 && points == 0);
    struct signal_point two[] = {{.start_ms = T0, .value = 3, .n = 3, .coverage = 1},
                                 {.start_ms = T0 + HOUR, .value = 4, .n = 4, .coverage = 1}};
    CHECK(signal_put_points(w.db, s.id, two, 2, false, &w.err));
    CHECK(signal_count(w.db, STR_NONE, &signals, &points, &w.err));
    CHECK(signals == 1 && points == 2);
    CHECK(signal_count(w.db, S("zzz"), &signals, &points, &w.err));
    CHECK(signals == 0 && points == 0);
    end(&w);
}

int main(void)
{
    return RUN(
        CASE(signals_and_points_are_counted_by_prefix), CASE(a_definition_makes_versions),
        CASE(points_are_idempotent), CASE(points_in_any_number_are_stored_as_one_by_one),
        CASE(withdrawn_points_are_gone_and_nothing_else), CASE(wrong_points_refuse_the_batch),
        CASE(a_break_is_marked_until_history_is_restated), CASE(points_join_into_longer_periods),
        CASE(measured_points_are_dropped_entered_ones_stay), CASE(names_of_periods_and_aggregates),
        CASE(evidence_is_kept_as_it_was), CASE(wrong_evidence_is_refused),
        CASE(erasing_a_person_blanks_and_keeps_the_place));
}
