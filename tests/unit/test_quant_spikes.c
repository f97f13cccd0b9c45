/* test_quant_spikes.c - the detector's promises, and the scorer against published results. */
#include "unit/test.h"

#include <math.h>

#include "../../bench/spike_score.h"
#include "base/mem.h"
#include "base/random.h"
#include "quant/numeric.h"
#include "quant/spikes.h"
#include "quant/stats.h"

enum { HOUR = 3600000, DAYS = 40, N = DAYS * 24 };

/* Hourly counts with a day's rhythm and Poisson-like noise. */
static double quiet_hour(struct random *r, int hour)
{
    double level = 40 + 30 * sin(2 * M_PI * (hour % 24) / 24.0);

    return fmax(0, floor(level + sqrt(level) * numeric_normal_quantile(random_next_unit(r)) + 0.5));
}

static int count_starts(const double *x, int n, const struct spike_settings *settings, int *first)
{
    struct spike_detector *d = spike_detector_create(settings);
    int starts = 0;

    *first = -1;
    for (int i = 0; i < n; i++) {
        struct spike_reading r = spike_detector_push(d, (int64_t)i * HOUR, x[i]);
        CHECK(r.score >= 0 && r.score <= 1 && r.severity >= 0 && r.severity <= 10);
        CHECK(r.is_alert == (r.severity > 0));
        CHECK(!r.is_start || (r.is_alert && r.score >= SPIKE_ALERT_SCORE));
        CHECK(isfinite(r.expected) && r.low <= r.high);
        if (r.is_start && i >= 14 * 24) {
            starts++;
            *first = *first < 0 ? i : *first;
        }
    }
    spike_detector_destroy(&d);
    CHECK(d == NULL);
    return starts;
}

TEST(a_crisis_is_one_alert_at_its_first_hours)
{
    int found = 0, false_alarms = 0, late = 0;

    for (uint64_t seed = 0; seed < 20; seed++) {
        struct random r = {.seed = seed};
        double x[N];
        int first;
        for (int i = 0; i < N; i++)
            x[i] = quiet_hour(&r, i);
        false_alarms += count_starts(x, N, NULL, &first);
        for (int i = 700; i < 760; i++)
            x[i] += 500 * exp(-(i - 700) / 20.0);
        struct spike_detector *d = spike_detector_create(NULL);
        int starts = 0, severity = 0;
        for (int i = 0; i < N; i++) {
            struct spike_reading reading = spike_detector_push(d, (int64_t)i * HOUR, x[i]);
            if (i >= 700 && i < 760) {
                starts += reading.is_start;
                severity = reading.severity > severity ? reading.severity : severity;
                late += reading.is_start && i > 701;
            }
        }
        spike_detector_destroy(&d);
        found += starts == 1;
        CHECK(starts >= 1 && starts <= 2 && severity >= 4);
    }
    CHECK(found >= 18);
    CHECK(late <= 2);
    CHECK(false_alarms <= 50); /* in 74 quiet weeks */
}

/* Level and spread are those of the last 72 values, selected anew each time. All values lie in
 * one hour, so that there is no season. */
TEST(level_and_spread_are_robust_ones_of_the_last_three_days)
{
    static const struct spike_settings settings = {.kind = SPIKE_VALUES};
    struct random r = {.seed = 4};

    for (int series = 0; series < 12; series++) {
        struct spike_detector *d = spike_detector_create(&settings);
        double x[600], recent[72];
        size_t kinds = 2 + (size_t)series * 3; /* few kinds of values: many alike */
        for (size_t i = 0; i < COUNT_OF(x); i++) {
            x[i] = series % 3 == 0 ? numeric_normal_quantile(random_next_unit(&r))
                                   : (double)random_below(&r, kinds) - (double)series;
            x[i] *= series % 4 == 3 ? 1e120 : 1;
            struct spike_reading reading = spike_detector_push(d, (int64_t)i, x[i]);
            size_t n = i < COUNT_OF(recent) ? i : COUNT_OF(recent);
            if (n == 0)
                continue;
            memcpy(recent, x + i - n, n * sizeof *x);
            double centre = stats_median(recent, n);
            for (size_t k = 0; k < n; k++)
                recent[k] = fabs(recent[k] - centre);
            double spread = fmax(1.4826 * stats_median(recent, n), 1e-9 * fmax(1.0, fabs(centre)));
            CHECK(reading.expected == centre);
            CHECK(reading.significance == (x[i] - centre) / spread);
        }
        spike_detector_destroy(&d);
    }
}

TEST(nothing_is_looked_up_ahead)
{
    struct random r = {.seed = 5};
    double x[N], scores[N];
    struct spike_detector *d = spike_detector_create(NULL);

    for (int i = 0; i < N; i++) {
        x[i] = quiet_hour(&r, i) * (i == 600 ? 9 : 1);
        scores[i] = spike_detector_push(d, (int64_t)i * HOUR, x[i]).score;
    }
    for (int end = 500; end < N; end += 97) { /* a shorter series: the same scores */
        spike_detector_reset(d);
        for (int i = 0; i < end; i++)
            CHECK_NEAR(spike_detector_push(d, (int64_t)i * HOUR, x[i]).score, scores[i], 0);
    }
    spike_detector_destroy(&d);
}

TEST(a_constant_series_is_silent_until_it_moves)
{
    struct spike_detector *d = spike_detector_create(NULL);

    for (int i = 0; i < 500; i++)
        CHECK(!spike_detector_push(d, (int64_t)i * HOUR, 45.5).is_alert);
    CHECK(spike_detector_push(d, INT64_C(500) * HOUR, 60).is_start);
    spike_detector_destroy(&d);
}

TEST(small_counts_stay_below_the_floor)
{
    const struct spike_settings settings = {.kind = SPIKE_COUNTS, .count_floor = 20};
    struct spike_detector *d = spike_detector_create(&settings);

    for (int i = 0; i < 500; i++)
        spike_detector_push(d, (int64_t)i * HOUR, i % 7 == 0);
    CHECK(!spike_detector_push(d, INT64_C(500) * HOUR, 19).is_alert);
    spike_detector_reset(d);
    for (int i = 0; i < 500; i++)
        spike_detector_push(d, (int64_t)i * HOUR, i % 7 == 0);
    CHECK(spike_detector_push(d, INT64_C(500) * HOUR, 21).is_start);
    spike_detector_destroy(&d);
}

TEST(drops_start_no_alert_when_only_rises_are_wanted)
{
    const struct spike_settings settings = {.is_rise_only = true};
    struct random r = {.seed = 6};
    struct spike_detector *both = spike_detector_create(NULL);
    struct spike_detector *rises = spike_detector_create(&settings);
    bool was_alert = false;

    for (int i = 0; i < 600; i++) {
        double x = 1000.5 + 3 * numeric_normal_quantile(random_next_unit(&r));
        x = i < 560 ? x : x - 500;
        struct spike_reading a = spike_detector_push(both, (int64_t)i * HOUR, x);
        struct spike_reading b = spike_detector_push(rises, (int64_t)i * HOUR, x);
        was_alert |= i >= 560 && a.is_start;
        CHECK(i < 560 || !b.is_start);
        CHECK_NEAR(a.score, b.score, 0);
    }
    CHECK(was_alert);
    spike_detector_destroy(&both);
    spike_detector_destroy(&rises);
}

TEST(hostile_values_do_no_harm)
{
    const double hostile[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308, 1e149, -1e149, 0, -0.0};
    struct random r = {.seed = 7};
    struct spike_detector *d = spike_detector_create(NULL);

    for (int i = 0; i < 20000; i++) {
        double x = hostile[random_below(&r, COUNT_OF(hostile))];
        int64_t any = (int64_t)random_next(&r);
        int64_t time = i % 7 == 0 ? INT64_MAX : i % 11 == 0 ? INT64_MIN : any;
        struct spike_reading reading = spike_detector_push(d, time, x);
        CHECK(reading.score >= 0 && reading.score <= 1);
    }
    spike_detector_destroy(&d);
    spike_detector_destroy(&d); /* twice is fine */
    CHECK_INT(mem_live_blocks(), 0);
}

/* --- the scorer ---------------------------------------------------------------------------- */

static struct arena arena;
static struct score_series series[SCORE_SERIES_MAX];

static struct score_series *find_series(size_t count, Str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(series[i].name, name))
            return &series[i];
    return NULL;
}

/* Scores of the published detector out of the archive's file for one series: third column. */
static bool read_published(Str file, struct score_series *s)
{
    Str line, rest = file, field;

    str_cut(rest, '\n', &line, &rest);
    for (size_t row = 0; row < s->row_count; row++) {
        str_cut(rest, '\n', &line, &rest);
        str_cut(line, ',', &field, &line);
        str_cut(line, ',', &field, &line);
        str_cut(line, ',', &field, &line);
        if (!str_to_f64(field, &s->scores[row]))
            return false;
    }
    return true;
}

static Str next_field(Str *line)
{
    Str field;

    str_cut(*line, '\t', &field, line);
    return field;
}

/* Compares all published scores of one detector; returns how many. */
static int compare_published(const char *detector, Str scores, size_t count)
{
    int compared = 0;
    Str line;

    while (scores.len > 0) {
        str_cut(scores, '\n', &line, &scores);
        double threshold = 0, want = 0;
        if (!str_eq(next_field(&line), str_from_cstr(detector)))
            continue;
        Str profile = next_field(&line);
        struct score_series *s = find_series(count, next_field(&line));
        CHECK(str_to_f64(next_field(&line), &threshold) && str_to_f64(next_field(&line), &want));
        for (size_t p = 0; s && p < SCORE_PROFILES; p++)
            if (str_eq(profile, str_from_cstr(score_profiles[p].name))) {
                CHECK_NEAR(score_at(s, &score_profiles[p], threshold), want, 1e-6);
                compared++;
            }
    }
    return compared;
}

/* Walks a tar archive: a header of 512 bytes with name and octal size, then the file. */
static void load_archive(Str tar, size_t count)
{
    while (tar.len >= 512 && tar.ptr[0] != '\0') {
        size_t size = strtoul(str_sub(tar, 124, 12).ptr, NULL, 8);
        Str name = str_from_cstr(tar.ptr);
        for (size_t i = 0; i < count; i++) {
            Str path = series[i].name, folder, base;
            str_cut(path, '/', &folder, &base);
            /* the archive may put the detector's name in front of the file's */
            if (str_ends(name, base) && str_find(name, folder) < name.len)
                CHECK(read_published(str_sub(tar, 512, size), &series[i]));
        }
        tar = str_sub(tar, 512 + (size + 511) / 512 * 512, tar.len);
    }
}

TEST(scorer_reproduces_published_results)
{
    static const char *const detectors[] = {"contextOSE", "twitterADVec"};
    struct buf scores;
    buf_init(&scores, 64 << 20);
    size_t count = score_load(&arena, series);
    if (count == 0 || !score_read_all(&arena, "detector-scores.tsv.gz", &scores)) {
        print_message("skipped: the labelled series are not here\n");
        buf_deinit(&scores);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(detectors); i++) {
        struct buf tar;
        buf_init(&tar, 256 << 20);
        Str file = arena_printf(&arena, "detector-output-%s.tar.gz%c", detectors[i], '\0');
        CHECK(score_read_all(&arena, file.ptr, &tar));
        load_archive(buf_str(&tar), count);
        CHECK_INT(compare_published(detectors[i], buf_str(&scores), count), 153);
        buf_deinit(&tar);
    }
    buf_deinit(&scores);
}

/* A guard against losing what was reached, not a target: see quant/README.md for the figures. */
TEST(labelled_series_score_at_least_as_told)
{
    size_t count = score_load(&arena, series);
    if (count == 0) {
        print_message("skipped: the labelled series are not here\n");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct spike_detector *d = spike_detector_create(NULL);
        for (size_t row = 0; row < series[i].row_count; row++)
            series[i].scores[row] =
                spike_detector_push(d, score_time_ms(series[i].stamps[row]), series[i].values[row])
                    .score;
        spike_detector_destroy(&d);
    }
    double threshold = score_best_threshold(series, count, &score_profiles[0]);
    CHECK(score_normalised(series, count, &score_profiles[0], threshold) > 70.0);
    CHECK(score_normalised(series, count, &score_profiles[0], SPIKE_ALERT_SCORE) > 70.0);
}

int main(void)
{
    arena_init(&arena, (size_t)2 << 30);
    int failed = RUN(
        CASE(a_crisis_is_one_alert_at_its_first_hours), CASE(nothing_is_looked_up_ahead),
        CASE(level_and_spread_are_robust_ones_of_the_last_three_days),
        CASE(a_constant_series_is_silent_until_it_moves), CASE(small_counts_stay_below_the_floor),
        CASE(drops_start_no_alert_when_only_rises_are_wanted), CASE(hostile_values_do_no_harm),
        CASE(scorer_reproduces_published_results), CASE(labelled_series_score_at_least_as_told));
    arena_deinit(&arena);
    return failed;
}
