#include "unit/test.h"

#include <math.h>

#include "base/limits.h"
#include "strategy/steering/assumption_rule.h"

#define DAY  ASSUMPTION_STEP_MS
#define DAYS 40

struct seen {
    enum assumption_state states[DAYS];
    double values[DAYS];
    size_t count;
};

static void see(void *user, enum assumption_state before, const struct rule_reading *reading)
{
    struct seen *seen = user;

    (void)before;
    CHECK(seen->count < DAYS);
    seen->states[seen->count] = reading->state;
    seen->values[seen->count++] = reading->value;
}

static struct assumption_rule rule_of(void)
{
    return (struct assumption_rule){.metric = S("net_sentiment"),
                                    .aggregate = AGGREGATE_MEAN,
                                    .window_days = 1,
                                    .comparator = COMPARE_AT_LEAST,
                                    .threshold = 0,
                                    .margin = 0.1,
                                    .persistence = 3,
                                    .minimum_sample = 10,
                                    .minimum_coverage = 0.5};
}

static void fill(struct rule_point *points, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        points[i] = (struct rule_point){
            .start_ms = (int64_t)i * DAY, .value = values[i], .sample = 20, .coverage = 1};
}

/* One letter a day: H holding, R at risk, B broken, N no data. */
static void check_states(const struct seen *seen, const char *expected)
{
    static const char letters[] = "UHRBN";

    CHECK_INT(seen->count, strlen(expected));
    for (size_t i = 0; i < seen->count; i++)
        CHECK_INT(letters[seen->states[i]], expected[i]);
}

TEST(breaks_after_persistence_and_heals_likewise)
{
    const double values[] = {0.5, -0.5, -0.5, 0.5, -0.5, -0.5, -0.5, -0.5,
                             0.5, 0.5,  -0.5, 0.5, 0.5,  0.5,  0.05};
    struct rule_point points[COUNT_OF(values)];
    struct assumption_rule rule = rule_of();
    struct rule_memory memory = {0};
    struct seen seen = {0};

    fill(points, values, COUNT_OF(values));
    assumption_rule_run(&rule, points, COUNT_OF(values), (int64_t)COUNT_OF(values) * DAY, &memory,
                        see, &seen);
    check_states(&seen, "HRRHRRBBBBBBBHR");
}

TEST(day_by_day_is_the_same_as_at_once)
{
    double values[DAYS];
    struct rule_point points[DAYS];
    struct assumption_rule rule = rule_of();
    struct rule_memory once = {0}, daily = {0};
    struct seen a = {0}, b = {0};

    for (size_t i = 0; i < DAYS; i++)
        values[i] = (double)((i * 7919) % 11) / 5 - 1;
    fill(points, values, DAYS);
    rule.window_days = 4;
    assumption_rule_run(&rule, points, DAYS, DAYS * DAY, &once, see, &a);
    for (int64_t day = 1; day <= DAYS; day++)
        assumption_rule_run(&rule, points, DAYS, day * DAY + 5, &daily, see, &b);
    CHECK_INT(a.count, DAYS);
    CHECK_INT(b.count, DAYS);
    for (size_t i = 0; i < DAYS; i++)
        CHECK_INT(a.states[i], b.states[i]);
}

TEST(silence_is_no_data_and_a_dead_source_is_not_a_quiet_market)
{
    const double values[] = {0.5, -0.5, 0.5, -0.5, -0.5, -0.5, NAN};
    struct rule_point points[COUNT_OF(values)];
    struct assumption_rule rule = rule_of();
    struct rule_memory memory = {0};
    struct seen seen = {0};

    fill(points, values, COUNT_OF(values));
    points[1].sample = 9;     /* too few */
    points[3].coverage = 0.4; /* the source was down */
    assumption_rule_run(&rule, points, COUNT_OF(values), 7 * DAY, &memory, see, &seen);
    check_states(&seen, "HNHNRRN");
    CHECK(isnan(seen.values[1]));
    /* The run of violations goes on over the gap; what is broken stays so without data. */
    points[6].value = -0.5;
    memory = (struct rule_memory){0};
    seen = (struct seen){0};
    assumption_rule_run(&rule, points, COUNT_OF(values), 9 * DAY, &memory, see, &seen);
    check_states(&seen, "HNHNRRBBB");
}

TEST(aggregates)
{
    static const struct {
        enum rule_aggregate aggregate;
        double expected;
    } rows[] = {
        {AGGREGATE_MEAN, (30.0 * 30 + 10 * 10) / 40},
        {AGGREGATE_PER_DAY, 20},
        {AGGREGATE_SUM, 40},
        {AGGREGATE_GROWTH, 40.0 / 20 - 1},
    };
    struct rule_point points[] = {
        {.start_ms = 0, .value = 10, .sample = 10, .coverage = 1},
        {.start_ms = DAY, .value = 10, .sample = 10, .coverage = 1},
        {.start_ms = 2 * DAY, .value = 30, .sample = 30, .coverage = 1},
        {.start_ms = 3 * DAY, .value = 10, .sample = 10, .coverage = 1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct assumption_rule rule = rule_of();
        struct rule_memory memory = {.evaluated_to_ms = 3 * DAY};
        struct seen seen = {0};
        rule.aggregate = rows[i].aggregate;
        rule.window_days = 2;
        assumption_rule_run(&rule, points, COUNT_OF(points), 4 * DAY, &memory, see, &seen);
        CHECK_INT(seen.count, 1);
        CHECK_NEAR(seen.values[0], rows[i].expected, 1e-12);
        CHECK_INT(assumption_rule_reach_ms(&rule),
                  (rule.aggregate == AGGREGATE_GROWTH ? 4 : 2) * DAY);
    }
}

TEST(hours_count_as_parts_of_days)
{
    struct rule_point points[48];
    struct assumption_rule rule = rule_of();
    struct rule_memory memory = {0};
    struct seen seen = {0};

    for (size_t i = 0; i < COUNT_OF(points); i++)
        points[i] = (struct rule_point){.start_ms = (int64_t)i * DAY / 24,
                                        .value = i < 24 ? 0.5 : -0.5,
                                        .sample = 1,
                                        .coverage = i < 24 ? 1 : 0.6};
    assumption_rule_run(&rule, points, COUNT_OF(points), 2 * DAY, &memory, see, &seen);
    check_states(&seen, "HR");
}

TEST(texts)
{
    struct arena arena;
    struct assumption assumption = {.query = S("battery"), .has_rule = true, .rule = rule_of()};

    arena_init(&arena, 1 * MIB);
    CHECK_STR(assumption_rule_text(&arena, &assumption),
              "mean of net_sentiment over 1 days at least 0, broken after 3 days");
    CHECK_STR(assumption_signal_key(&arena, &assumption), "query:battery:net_sentiment:day");
    assumption.rule.signal = S("entered:returns:day");
    CHECK_STR(assumption_signal_key(&arena, &assumption), "entered:returns:day");
    arena_deinit(&arena);
}

int main(void)
{
    return RUN(CASE(breaks_after_persistence_and_heals_likewise),
               CASE(day_by_day_is_the_same_as_at_once),
               CASE(silence_is_no_data_and_a_dead_source_is_not_a_quiet_market), CASE(aggregates),
               CASE(hours_count_as_parts_of_days), CASE(texts));
}
