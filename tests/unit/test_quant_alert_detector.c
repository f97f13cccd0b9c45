/* test_quant_alert_detector.c - each kind of alert against what can be computed by hand, and the
 * machine's promises: nothing looked up ahead, one event one start.
 */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "quant/alert_detector.h"
#include "quant/numeric.h"

enum { HOUR = 3600000, DAY = 24 * HOUR, N_MAX = 3000 };

static struct alert_point points[N_MAX];
static struct alert_reading readings[N_MAX];

static int poisson(struct random *r, double rate)
{
    double p = exp(-rate), u = random_next_unit(r);
    int k = 0;

    for (double sum = p; u > sum && k < 10000; sum += p)
        p *= rate / ++k;
    return k;
}

static void set(int i, double value, double n, bool is_daily)
{
    points[i] = (struct alert_point){.start_ms = (int64_t)i * (is_daily ? (int64_t)DAY : HOUR),
                                     .value = value,
                                     .n = n,
                                     .coverage = 1};
}

/* Runs the first `count` points; the number of starts. */
static int run(const struct alert_settings *s, int count)
{
    struct err err = {0};
    CHECK(alert_settings_check(s, &err));
    struct alert_detector *d = alert_detector_create(s);
    int starts = 0;

    for (int i = 0; i < count; i++) {
        struct alert_reading r = alert_detector_push(d, &points[i]);
        readings[i] = r;
        starts += r.is_start;
        CHECK(r.score >= 0 && r.score <= 1);
        CHECK(r.is_on == (r.severity > 0) && r.severity <= 10);
        CHECK(!r.is_start || (r.is_on && r.is_over_mark && r.score >= 0.5));
        CHECK(!r.is_known || r.is_over_mark == (r.score >= 0.5));
    }
    alert_detector_destroy(&d);
    CHECK(d == NULL);
    return starts;
}

TEST(last_hour_against_twelve_is_the_formula)
{
    struct alert_settings s = {.kind = ALERT_HOUR, .sensitivity = ALERT_MEDIUM};
    double x[] = {4, 6, 5, 5, 4, 6, 5, 5, 4, 6, 5, 5};

    for (int i = 0; i < 12; i++)
        set(i, x[i], 0, false);
    set(12, 20, 0, false);
    CHECK_INT(run(&s, 13), 1);
    /* mean 5, variance 6 / 11 < mean: Poisson's own */
    CHECK_NEAR(readings[12].expected, 5, 1e-12);
    CHECK_NEAR(readings[12].significance, 15 / sqrt(5 * 13.0 / 12), 1e-12);
    CHECK_NEAR(readings[12].size, 21.0 / 6, 1e-12);
    /* 1 + min(4.5, 2 log2(6.445 / 4)) + log2(3.5) = 1 + 1.37 + 1.81 */
    CHECK_INT(readings[12].severity, 4);
    set(12, 13, 0, false); /* z = 3.4 is below 4 */
    CHECK_INT(run(&s, 13), 0);
    s.sensitivity = ALERT_HIGH; /* its marks are 3 and 1.5 */
    CHECK_INT(run(&s, 13), 1);
    s.floor = 14;
    CHECK_INT(run(&s, 13), 0);
}

TEST(last_hour_has_to_beat_the_quieter_of_yesterday_and_last_week)
{
    struct alert_settings s = {.kind = ALERT_HOUR, .sensitivity = ALERT_MEDIUM};

    for (int i = 0; i < 200; i++) /* every day at nine comes a newsletter */
        set(i, i % 24 == 9 ? 40 : 5, 0, false);
    CHECK_INT(run(&s, 200), 1); /* the first one could not be known */
    CHECK(readings[9].is_start);
    CHECK(readings[33].is_start == false);
    set(190, 40, 0, false); /* 190 % 24 = 22: at that hour it is news */
    run(&s, 200);
    CHECK(readings[190].is_start);
}

TEST(a_day_is_compared_with_fourteen)
{
    struct alert_settings s = {.kind = ALERT_DAY, .sensitivity = ALERT_MEDIUM, .is_daily = true};

    for (int i = 0; i < 30; i++)
        set(i, i == 25 ? 400 : 100, 0, true);
    CHECK_INT(run(&s, 30), 1);
    CHECK(readings[25].is_start);
    CHECK_NEAR(readings[25].significance, 300 / sqrt(100 * 15.0 / 14), 1e-9);
}

TEST(sigma_is_mean_and_standard_deviations)
{
    struct alert_settings s = {
        .kind = ALERT_SIGMA, .sensitivity = ALERT_MEDIUM, .k = 3, .window = 8, .span = 2};

    for (int i = 0; i < 9; i++)
        set(i, i % 2 == 0 ? 10 : 30, 0, false);
    set(9, 70, 0, false);
    run(&s, 10);
    /* Before: 8 values 10 and 30 (mean 20, sd sqrt(800 / 7)), then the mean of 10 and 70. */
    CHECK_NEAR(readings[9].observed, 40, 1e-12);
    CHECK_NEAR(readings[9].expected, 20, 1e-12);
    CHECK_NEAR(readings[9].significance, 20 / sqrt(800.0 / 7), 1e-12);
    CHECK(!readings[9].is_start);
    s.k = 1.8;
    run(&s, 10);
    CHECK(readings[9].is_start);
}

TEST(sigma_of_a_dead_series_is_that_of_chance)
{
    struct alert_settings s = {.kind = ALERT_SIGMA, .sensitivity = ALERT_MEDIUM, .window = 24};

    for (int i = 0; i < 48; i++)
        set(i, i == 40 ? 5 : 0, 0, false);
    CHECK_INT(run(&s, 48), 1);
    CHECK_NEAR(readings[40].significance, 5 / sqrt(0.5), 1e-12);
    s.floor = 6;
    CHECK_INT(run(&s, 48), 0);
}

/* P(X >= 10) after hours of 3 posts: negative binomial, summed term by term. */
TEST(poisson_tail_is_the_predictive_one)
{
    struct alert_settings s = {.kind = ALERT_POISSON, .sensitivity = ALERT_MEDIUM};
    double below = 0, n = 20, sum = 3 * n; /* of 24 hours at most 20 count yet */

    for (int i = 0; i < 24; i++)
        set(i, 3, 0, false);
    set(24, 10, 0, false);
    run(&s, 25);
    for (int k = 0; k < 10; k++)
        below += exp(lgamma(sum + 1 + k) - lgamma(sum + 1) - lgamma(k + 1.0) +
                     (sum + 1) * log(n / (n + 1)) + k * log(1 / (n + 1)));
    CHECK(readings[24].is_known);
    CHECK_NEAR(readings[24].expected, 3, 1e-9);
    CHECK_NEAR(readings[24].significance, -numeric_normal_quantile(1 - below), 1e-6);
}

TEST(poisson_knows_the_hours_of_the_day)
{
    struct alert_settings s = {.kind = ALERT_POISSON, .sensitivity = ALERT_HIGH};
    struct random r = {.seed = 3};

    for (int i = 0; i < 40 * 24; i++)
        set(i, poisson(&r, i % 24 < 6 ? 1 : 20), 0, false);
    CHECK_INT(run(&s, 40 * 24), 0);
    set(900, 20, 0, false); /* 900 % 24 = 12: as always */
    set(890, 20, 0, false); /* 890 % 24 = 2: nobody is awake */
    CHECK_INT(run(&s, 40 * 24), 1);
    CHECK(readings[890].is_start);
}

TEST(growth_is_the_test_of_mann_and_kendall)
{
    struct alert_settings s = {
        .kind = ALERT_GROWTH, .sensitivity = ALERT_MEDIUM, .is_daily = true, .window = 6};
    double x[] = {20, 22, 30, 30, 45, 60};

    for (int i = 0; i < 6; i++)
        set(i, x[i], 0, true);
    CHECK_INT(run(&s, 6), 1);
    /* 15 pairs, one of them tied: S = 14; variance (6 5 17 - 2 1 9) / 18. */
    CHECK_NEAR(readings[5].significance, 13 / sqrt((510 - 18) / 18.0), 1e-12);
    for (int i = 0; i < 12; i++) /* the week's own rhythm is no growth */
        set(i, 100 + 20 * (i % 7), 0, true);
    s.window = 7;
    run(&s, 12);
    for (int i = 7; i < 12; i++)
        CHECK(!readings[i].is_start);
}

TEST(silence_is_an_absence_only_where_somebody_listened)
{
    struct alert_settings s = {.kind = ALERT_ABSENCE, .sensitivity = ALERT_MEDIUM};
    struct random r = {.seed = 5};
    enum { FROM = 30 * 24, N = 40 * 24 };

    for (int i = 0; i < N; i++)
        set(i, poisson(&r, i % 24 < 6 ? 1 : 10), 0, false);
    CHECK_INT(run(&s, N), 0);
    for (int i = FROM; i < FROM + 24; i++)
        points[i].value = 0;
    CHECK_INT(run(&s, N), 1);
    int told = FROM;
    while (!readings[told].is_start)
        told++;
    CHECK(told <= FROM + 7); /* six hours of the night bring six posts at most */
    CHECK_INT(readings[told].cause, ALERT_OF_MARKET);
    CHECK_INT(readings[told].from_ms, points[FROM].start_ms);
    for (int i = FROM + 32; i < N; i++) /* by morning it is clear that they are back */
        CHECK(!readings[i].is_over_mark);
    for (int i = FROM; i < FROM + 24; i++) { /* the same silence behind a dead source */
        points[i].value = (double)NAN;
        points[i].coverage = 0;
    }
    CHECK_INT(run(&s, N), 1);
    for (told = FROM; !readings[told].is_start;)
        told++;
    CHECK_INT(readings[told].cause, ALERT_OF_SOURCE);
}

TEST(half_heard_is_not_half_quiet)
{
    struct alert_settings s = {.kind = ALERT_ABSENCE, .sensitivity = ALERT_HIGH};

    for (int i = 0; i < 30 * 24; i++) {
        set(i, i >= 20 * 24 ? 5 : 10, 0, false);
        points[i].coverage = i >= 20 * 24 ? 0.5 : 1;
    }
    CHECK_INT(run(&s, 30 * 24), 0);
}

TEST(share_is_two_proportions)
{
    struct alert_settings s = {.kind = ALERT_SHARE,
                               .sensitivity = ALERT_MEDIUM,
                               .is_daily = true,
                               .window = 10,
                               .span = 1};

    for (int i = 0; i < 10; i++)
        set(i, 0.5, 100, true);
    set(10, 0.3, 100, true);
    CHECK_INT(run(&s, 11), 1);
    double even = 501.0 / 1002;
    CHECK_NEAR(readings[10].significance, -0.2 / sqrt(even * (1 - even) * (1.0 / 100 + 1.0 / 1000)),
               1e-12);
    CHECK_NEAR(readings[10].size, -0.2, 1e-12);
    s.direction = ALERT_RISE;
    CHECK_INT(run(&s, 11), 0);
    s.direction = ALERT_EITHER;
    CHECK_INT(run(&s, 11), 1);
    s.threshold = 0.25;
    CHECK_INT(run(&s, 11), 0);
}

TEST(crossing_waits_until_the_interval_is_beyond)
{
    struct alert_settings s = {.kind = ALERT_CROSSING,
                               .sensitivity = ALERT_MEDIUM,
                               .is_daily = true,
                               .span = 1,
                               .cool_down = 1};
    double net[] = {0.4, 0.2, -0.05, -0.4, -0.5, 0.3, -0.4};

    for (int i = 0; i < 7; i++)
        set(i, net[i], 100, true);
    CHECK_INT(run(&s, 7), 2);
    CHECK(!readings[2].is_over_mark); /* below, but it may be chance */
    CHECK(readings[3].is_start && !readings[4].is_start && readings[6].is_start);
    /* Wilson for 30 of 100: 0.2189 to 0.3958 */
    CHECK_NEAR(readings[3].low, 2 * 0.218949 - 1, 1e-5);
    CHECK_NEAR(readings[3].high, 2 * 0.395852 - 1, 1e-5);
    for (int i = 0; i < 7; i++) /* always below: nothing was crossed */
        set(i, -0.5, 100, true);
    CHECK_INT(run(&s, 7), 0);
}

TEST(forecast_tells_before_it_is_there)
{
    struct alert_settings s = {
        .kind = ALERT_FORECAST, .sensitivity = ALERT_HIGH, .threshold = 100, .span = 6};
    int told = -1, there = -1;

    for (int i = 0; i < 20 * 24; i++)
        set(i, i < 400 ? 10 + i % 3 : floor(10 * pow(1.25, i - 400)), 0, false);
    CHECK_INT(run(&s, 420), 1);
    for (int i = 400; i < 420; i++) {
        told = told < 0 && readings[i].is_start ? i : told;
        there = there < 0 && points[i].value >= 100 ? i : there;
        CHECK(readings[i].ahead_low <= readings[i].ahead &&
              readings[i].ahead <= readings[i].ahead_high);
    }
    printf("note: told %d, there %d\n", told, there);
    CHECK(told > 400 && told < there);
    for (int i = 0; i < 400; i++)
        CHECK(!readings[i].is_over_mark);
}

TEST(an_event_is_told_once_and_again_when_it_gets_worse)
{
    struct alert_settings s = {.kind = ALERT_POISSON, .sensitivity = ALERT_MEDIUM};
    int worse = 0;

    for (int i = 0; i < 400; i++)
        set(i, 10, 0, false);
    for (int i = 300; i < 304; i++)
        points[i].value = 40;
    points[306].value = 40; /* within the cool-down: the same event */
    points[308].value = 900;
    CHECK_INT(run(&s, 400), 1);
    for (int i = 0; i < 400; i++)
        worse += readings[i].is_worse;
    CHECK_INT(worse, 1);
    CHECK(readings[308].is_worse && readings[308].severity >= readings[307].severity + 2);
    /* four hours together are over the mark until 311, then twelve cool down */
    CHECK(readings[322].is_on && !readings[324].is_on);
    points[340].value = 40;
    CHECK_INT(run(&s, 400), 2);
    s.persistence = 3;
    run(&s, 400);
    CHECK(readings[302].is_start && readings[302].from_ms == points[300].start_ms);
    s.persistence = 1;
    s.severity_least = 8;
    CHECK_INT(run(&s, 400), 1);
    CHECK(readings[308].is_start && readings[308].from_ms == points[300].start_ms);
}

/* Every kind, on a wild series: what was said of a beginning is said of the whole. */
TEST(nothing_is_looked_up_ahead)
{
    static struct alert_reading whole[N_MAX];
    struct random r = {.seed = 11};

    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++) {
        bool is_part = kind == ALERT_SHARE || kind == ALERT_CROSSING;
        struct alert_settings s = {.kind = (enum alert_kind)kind,
                                   .sensitivity = ALERT_HIGH,
                                   .is_daily = kind == ALERT_DAY};
        int starts = 0;
        for (int i = 0; i < 1200; i++) {
            double wild = random_next_unit(&r) < 0.01 ? 200 : i % 300 > 280 ? 0 : 8;
            double part = i / 200 % 2 == 0 ? 0.6 : -0.3;
            set(i, is_part ? part * random_next_unit(&r) : poisson(&r, wild), 50, s.is_daily);
            if (kind == ALERT_SHARE)
                points[i].value = fabs(points[i].value);
            if (i % 97 == 0)
                points[i].coverage = 0.2;
        }
        starts = run(&s, 1200);
        if (kind != ALERT_GROWTH && kind != ALERT_FORECAST)
            CHECK(starts > 0);
        memcpy(whole, readings, 1200 * sizeof *whole);
        for (int cut = 100; cut < 1200; cut += 333) {
            run(&s, cut);
            for (int i = 0; i < cut; i++)
                CHECK(readings[i].is_start == whole[i].is_start &&
                      readings[i].is_worse == whole[i].is_worse &&
                      readings[i].severity == whole[i].severity &&
                      memcmp(&readings[i].score, &whole[i].score, sizeof(double)) == 0 &&
                      memcmp(&readings[i].expected, &whole[i].expected, sizeof(double)) == 0);
        }
    }
}

/* Quiet Poisson series with a rhythm: the presets keep quiet, low at least as much as high. */
TEST(quiet_weeks_stay_quiet)
{
    static const enum alert_kind kinds[] = {ALERT_HOUR, ALERT_POISSON, ALERT_ABSENCE,
                                            ALERT_FORECAST, ALERT_GROWTH};

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        int starts[3] = {0};
        for (uint64_t seed = 0; seed < 10; seed++) {
            struct random r = {.seed = seed};
            for (int i = 0; i < 70 * 24; i++)
                set(i, poisson(&r, 12 + 8 * sin(2 * M_PI * (i % 24) / 24)), 0, false);
            for (int sensitivity = 0; sensitivity < 3; sensitivity++) {
                struct alert_settings s = {.kind = kinds[k],
                                           .sensitivity = (enum alert_sensitivity)sensitivity};
                starts[sensitivity] += run(&s, 70 * 24);
            }
        }
        printf("note: %s in 100 quiet weeks: %d, %d, %d\n", alert_kind_name(kinds[k]), starts[0],
               starts[1], starts[2]);
        CHECK(starts[0] <= starts[1] && starts[1] <= starts[2]);
        CHECK(starts[1] <= 10); /* one in ten quiet weeks */
    }
}

TEST(settings_outside_their_bounds_are_refused)
{
    static const struct alert_settings bad[] = {
        {.kind = ALERT_SIGMA, .k = 21},
        {.kind = ALERT_SPIKE, .floor = -1},
        {.kind = ALERT_SIGMA, .window = 3},
        {.kind = ALERT_SIGMA, .window = ALERT_WINDOW_MAX + 1},
        {.kind = ALERT_GROWTH, .window = 29},
        {.kind = ALERT_GROWTH, .window = 28, .span = 100},
        {.kind = ALERT_SHARE, .span = ALERT_SPAN_MAX + 1},
        {.kind = ALERT_SHARE, .threshold = 1},
        {.kind = ALERT_CROSSING, .threshold = -1},
        {.kind = ALERT_HOUR, .threshold = 0.5},
        {.kind = ALERT_HOUR, .k = 2},
        {.kind = ALERT_POISSON, .span = 2},
        {.kind = ALERT_SPIKE, .window = 20},
        {.kind = ALERT_HOUR, .persistence = 25},
        {.kind = ALERT_HOUR, .cool_down = 721},
        {.kind = ALERT_HOUR, .severity_least = 11}};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        CHECK(!alert_settings_check(&bad[i], &err));
        CHECK_INT(err.code, ERR_INPUT);
        CHECK(err.hint[0] != '\0');
    }
}

int main(void)
{
    return RUN(
        CASE(last_hour_against_twelve_is_the_formula),
        CASE(last_hour_has_to_beat_the_quieter_of_yesterday_and_last_week),
        CASE(a_day_is_compared_with_fourteen), CASE(sigma_is_mean_and_standard_deviations),
        CASE(sigma_of_a_dead_series_is_that_of_chance), CASE(poisson_tail_is_the_predictive_one),
        CASE(poisson_knows_the_hours_of_the_day), CASE(growth_is_the_test_of_mann_and_kendall),
        CASE(silence_is_an_absence_only_where_somebody_listened),
        CASE(half_heard_is_not_half_quiet), CASE(share_is_two_proportions),
        CASE(crossing_waits_until_the_interval_is_beyond), CASE(forecast_tells_before_it_is_there),
        CASE(an_event_is_told_once_and_again_when_it_gets_worse), CASE(nothing_is_looked_up_ahead),
        CASE(quiet_weeks_stay_quiet), CASE(settings_outside_their_bounds_are_refused));
}
