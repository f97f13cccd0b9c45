/* One function for each kind of alert: what it says of the period at hand. */
#include <math.h>
#include <stdlib.h>

#include "quant/alert_detector_priv.h"
#include "quant/numeric.h"

#define LN2            0x1.62e42fefa39efp-1
#define GRADE_MOST     4.5
#define P_LEAST        1e-300 /* of a tail: beyond it nobody can tell */
#define CALM_SHARE     0.5    /* of the mark */
#define CONFIRM_SHARE  0.6    /* hour, day: of the mark, against yesterday and last week */
#define HALF_KNOWN     2      /* a baseline needs 1 / HALF_KNOWN of its periods */
#define POISSON_SCAN   4      /* poisson: periods looked at together at most, a power of two */
#define QUIET_EXPECTED 4.0    /* absence: calm is judged on at least so many expected posts */
#define TREND_WARM_UP  24     /* periods before a trend is believed */

static double count_grade(double ratio)
{
    return ratio > 1.0 ? fmin(numeric_log(ratio) / LN2, GRADE_MOST) : 0.0;
}

static struct alert_finding unknown(double observed)
{
    const double nan = (double)NAN;

    return (struct alert_finding){.observed = observed,
                                  .expected = nan,
                                  .low = nan,
                                  .high = nan,
                                  .entry = 1.0,
                                  .is_calm = true,
                                  .ahead = nan,
                                  .ahead_low = nan,
                                  .ahead_high = nan};
}

/* ---- sums over the past ---------------------------------------------------------------------- */

struct window {
    double sum, squares, n;
    uint32_t count; /* usable periods */
};

/* Periods from `back` before the one at hand to `back` + count - 1. */
static struct window window_of(const struct alert_detector *d, uint64_t back, uint32_t count)
{
    struct window w = {0};

    for (uint64_t i = back; i < back + count; i++) {
        const struct alert_past *p = alert_past_at(d, i);
        if (!p || !p->is_usable)
            continue;
        w.sum += p->value;
        w.squares += p->value * p->value;
        w.n += p->n;
        w.count++;
    }
    return w;
}

static double window_variance(const struct window *w)
{
    double mean = w->sum / w->count;

    return w->count > 1 ? fmax(0.0, (w->squares - w->count * mean * mean) / (w->count - 1)) : 0.0;
}

/* ---- spike ----------------------------------------------------------------------------------- */

static struct alert_finding look_spike(struct alert_detector *d, const struct alert_point *p)
{
    struct alert_finding f = unknown(p->value);

    if (!isfinite(p->value))
        return f;
    struct spike_reading r = spike_detector_push(d->spikes, p->start_ms, p->value);
    bool goes_on = r.is_alert && p->value > r.high && p->value >= d->settings.floor;
    f.is_known = d->count > 0;
    f.expected = r.expected;
    f.low = r.low;
    f.high = r.high;
    f.z = r.significance;
    f.is_over = r.is_start || goes_on;
    f.is_calm = p->value <= r.high;
    /* The score is the detector's own, on the scale of score_of(). */
    double score = fmin(fmax(r.score, 0.0), 0.999);
    f.entry = score > 0.0 ? fabs(f.z) * (1.0 - score) / score : fmax(1.0, 2.0 * fabs(f.z));
    f.entry = fmax(f.entry, 1e-9);
    f.size = (p->value + 1.0) / (r.expected + 1.0);
    f.size_grade = -(double)(r.severity > 0 ? r.severity : 1);
    return f;
}

/* ---- the last hour, the last day ------------------------------------------------------------- */

/* The highest value within an hour of that time; NaN when it was not heard. */
static double around(const struct alert_detector *d, uint64_t back, uint64_t slack)
{
    double best = (double)NAN;

    for (uint64_t i = back - slack; i <= back + slack; i++) {
        const struct alert_past *p = alert_past_at(d, i);
        if (p && p->is_usable && !(best >= p->value))
            best = p->value;
    }
    return best;
}

/* Above the quieter of the two times it is compared with, and not by chance alone. */
static bool is_above_before(const struct alert_detector *d, double value, double factor,
                            double entry)
{
    bool is_daily = d->settings.is_daily;
    double yesterday = is_daily ? (double)NAN : around(d, 24, 1);
    double last_week = is_daily ? around(d, 7, 0) : around(d, 168, 1);
    double mark = isnan(yesterday)   ? last_week
                  : isnan(last_week) ? yesterday
                                     : fmin(yesterday, last_week);

    if (isnan(mark))
        return true;
    /* The difference of two roots of counts has a variance of one half. */
    double z = (sqrt(value + 0.375) - sqrt(mark + 0.375)) * sqrt(2.0);
    return value >= factor * fmax(mark, 1.0) && z >= CONFIRM_SHARE * entry;
}

static struct alert_finding look_window(struct alert_detector *d, const struct alert_point *p)
{
    static const double entries[] = {5.0, 4.0, 3.0}, ratios[] = {3.0, 2.0, 1.5};
    const struct alert_settings *s = &d->settings;
    struct window w = window_of(d, 1, s->window);
    struct alert_finding f = unknown(p->value);
    double ratio = ratios[s->sensitivity];

    if (!isfinite(p->value) || w.count < s->window / HALF_KNOWN || w.count < 2)
        return f;
    double mean = w.sum / w.count;
    double level = fmax(mean, 0.5); /* so quiet that nothing is known of the spread */
    double factor = fmax(1.0, window_variance(&w) / level);
    double sd = sqrt(factor * level * (1.0 + 1.0 / w.count));
    f.is_known = true;
    f.expected = mean;
    f.entry = entries[s->sensitivity];
    f.z = (p->value - mean) / sd;
    f.low = fmax(0.0, mean - f.entry * sd);
    f.high = fmax(fmax(mean + f.entry * sd, ratio * mean), s->floor);
    f.size = (p->value + 1.0) / (mean + 1.0);
    f.size_grade = count_grade(f.size);
    f.is_over = f.z >= f.entry && p->value >= ratio * mean && p->value >= s->floor &&
                is_above_before(d, p->value, 1.0 + (ratio - 1.0) / 2.0, f.entry);
    f.is_calm = f.z < CALM_SHARE * f.entry;
    return f;
}

/* ---- mean and standard deviations ------------------------------------------------------------ */

static struct alert_finding look_sigma(struct alert_detector *d, const struct alert_point *p)
{
    const struct alert_settings *s = &d->settings;
    struct window before = window_of(d, s->span, s->window);
    struct window last = window_of(d, 1, s->span - 1);
    struct alert_finding f = unknown((double)NAN);

    if (!isfinite(p->value) || before.count < s->window / HALF_KNOWN || before.count < 2)
        return f;
    double mean = before.sum / before.count;
    double sd = sqrt(fmax(window_variance(&before), fmax(mean, 0.5)));
    f.observed = (last.sum + p->value) / (last.count + 1);
    f.is_known = true;
    f.expected = mean;
    f.entry = s->k;
    f.z = (f.observed - mean) / sd;
    f.low = fmax(0.0, mean - s->k * sd);
    f.high = fmax(mean + s->k * sd, s->floor);
    f.size = (f.observed + 1.0) / (mean + 1.0);
    f.size_grade = count_grade(f.size);
    f.is_over = f.z > f.entry && f.observed >= s->floor;
    f.is_calm = f.z < CALM_SHARE * f.entry;
    return f;
}

/* ---- Poisson --------------------------------------------------------------------------------- */

/* P(X >= count) of the counts to come, when `sum` came in `weight` periods. */
static double predicted_tail(double count, double sum, double weight)
{
    return count < 1.0 ? 1.0 : numeric_beta_cdf(1.0 / (weight + 1.0), count, sum + 1.0);
}

/* About the least count whose tail lies beyond z: Cornish and Fisher's expansion with the variance
 * and the skew of the negative binomial. For the eye; the tail itself decides. */
static double tail_mark(double level, double weight, double z)
{
    double spread = sqrt((level + 1.0 / weight) * (1.0 + 1.0 / weight));
    double skew = (1.0 + 2.0 / weight) / spread;

    return level + spread * (z + (z * z - 1.0) / 6.0 * skew);
}

/* Mentions are burstier than Poisson's: the weight at which a predicted count has the spread that
 * the series has shown. */
static double burst_weight(const struct alert_detector *d, const struct alert_usual *usual)
{
    double factor = usual->has_rhythm ? d->around_rhythm.factor : d->around_mean.factor;

    return fmin(usual->weight, 1.0 / fmax(factor - 1.0, 0.05));
}

static void poisson_judge(const struct alert_detector *d, double seen, double level, double weight,
                          double mark, struct alert_finding *f)
{
    double tail = predicted_tail(seen, level * weight, weight);
    double z = tail > 0.5 ? 0.0 : -numeric_normal_quantile(fmax(tail, P_LEAST));
    bool is_over = tail <= mark && seen >= d->settings.floor;

    if (f->is_known && (f->is_over || !is_over)) /* longer spans speak where shorter ones do not */
        return;
    f->is_known = true;
    f->observed = seen;
    f->expected = level;
    f->z = z;
    f->low = 0.0;
    f->high = fmax(tail_mark(level, weight, f->entry), d->settings.floor);
    f->size = (seen + 1.0) / (level + 1.0);
    f->size_grade = count_grade(f->size);
    f->is_over = is_over;
}

static struct alert_finding look_poisson(struct alert_detector *d, const struct alert_point *p)
{
    static const double marks[] = {1e-5, 5e-4, 3e-3};
    struct alert_usual usual = alert_usual_at(d, p->start_ms);
    struct alert_finding f = unknown(p->value);

    if (!isfinite(p->value) || !usual.is_known)
        return f;
    double mark = marks[d->settings.sensitivity], weight = burst_weight(d, &usual);
    double seen = p->value, level = usual.level;
    f.entry = -numeric_normal_quantile(mark);
    poisson_judge(d, seen, level, weight, mark, &f);
    bool is_calm = f.z < CALM_SHARE * f.entry;
    for (uint64_t back = 1; back < POISSON_SCAN; back++) {
        const struct alert_past *past = alert_past_at(d, back);
        if (!past || !past->is_usable || isnan(past->usual))
            break;
        seen += past->value;
        level += past->usual;
        if ((back & (back + 1)) == 0) /* 2, 4, 8 periods */
            poisson_judge(d, seen, level, weight, mark / POISSON_SCAN, &f);
    }
    f.is_calm = is_calm && !f.is_over;
    return f;
}

/* ---- growth ---------------------------------------------------------------------------------- */

/* Oldest first; false: too much of a block was not heard. */
static bool blocks_sum(const struct alert_detector *d, const struct alert_point *p,
                       double blocks[ALERT_GROWTH_BLOCKS])
{
    uint32_t span = d->settings.span, count = d->settings.window;

    if (d->count + 1 < (uint64_t)span * count || !isfinite(p->value))
        return false;
    for (uint32_t b = 0; b < count; b++) {
        uint64_t back = (uint64_t)(count - 1 - b) * span; /* of the block's last period */
        struct window w = back == 0 ? window_of(d, 1, span - 1) : window_of(d, back, span);
        double heard = w.count + (back == 0 ? 1 : 0);
        if (heard < 0.75 * span)
            return false;
        blocks[b] = (w.sum + (back == 0 ? p->value : 0.0)) * span / heard;
    }
    return true;
}

/* Mann and Kendall's z, corrected for continuity and ties. */
static double trend_z(const double *x, uint32_t count)
{
    double s = 0.0, n = count, ties = 0.0;

    for (uint32_t i = 0; i < count; i++) {
        double equal = 0.0, before = 0.0;
        for (uint32_t j = 0; j < count; j++) {
            bool is_equal = !(x[j] < x[i]) && !(x[j] > x[i]);
            equal += is_equal;
            before += is_equal && j < i;
            if (j > i)
                s += x[j] > x[i] ? 1.0 : x[j] < x[i] ? -1.0 : 0.0;
        }
        if (before == 0.0)
            ties += equal * (equal - 1.0) * (2.0 * equal + 5.0);
    }
    double variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0;
    return variance > 0.0 && fabs(s) > 1.0 ? (s - (s > 0.0 ? 1.0 : -1.0)) / sqrt(variance) : 0.0;
}

static int compare_f64(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Median of the slopes between all pairs. */
static double slope_of(const double *y, uint32_t count)
{
    double slopes[ALERT_GROWTH_BLOCKS * (ALERT_GROWTH_BLOCKS - 1) / 2] = {0};
    size_t n = 0;

    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count; j++)
            slopes[n++] = (y[j] - y[i]) / (j - i);
    qsort(slopes, n, sizeof *slopes, compare_f64);
    return n % 2 != 0 ? slopes[n / 2] : 0.5 * (slopes[n / 2 - 1] + slopes[n / 2]);
}

static struct alert_finding look_growth(struct alert_detector *d, const struct alert_point *p)
{
    static const double entries[] = {2.6, 2.2, 1.8}, growths[] = {1.3, 1.2, 1.1};
    const struct alert_settings *s = &d->settings;
    struct alert_finding f = unknown((double)NAN);
    double blocks[ALERT_GROWTH_BLOCKS], logs[ALERT_GROWTH_BLOCKS], earlier = 0.0;
    uint32_t count = s->window;

    if (!blocks_sum(d, p, blocks))
        return f;
    for (uint32_t i = 0; i < count; i++) {
        logs[i] = numeric_log(1.0 + blocks[i]);
        earlier += i + 1 < count ? blocks[i] : 0.0;
    }
    double slope = slope_of(logs, count);
    f.is_known = true;
    f.observed = blocks[count - 1];
    f.expected = earlier / (count - 1);
    f.entry = entries[s->sensitivity];
    f.z = trend_z(blocks, count);
    f.size = numeric_exp(slope * (count - 1));
    f.size_grade = count_grade(f.size);
    f.is_over = f.z >= f.entry && slope >= numeric_log(growths[s->sensitivity]) &&
                f.observed >= s->floor && f.observed > f.expected;
    f.is_calm = f.z < CALM_SHARE * f.entry;
    return f;
}

/* ---- absence --------------------------------------------------------------------------------- */

struct silence {
    double seen, expected, heard; /* posts; posts; posts that would have been heard */
    uint32_t periods;
};

/* Anscombe's root of a count, with the spread that the series shows. */
static double count_z(double seen, double expected, double dispersion)
{
    return 2.0 * (sqrt(seen + 0.375) - sqrt(expected + 0.375)) / sqrt(dispersion);
}

static void silence_add(struct silence *sum, double value, double usual, double coverage)
{
    bool is_heard = isfinite(value);

    sum->seen += is_heard ? value : 0.0;
    sum->expected += usual;
    sum->heard += is_heard ? usual * coverage : 0.0;
    sum->periods++;
}

/* z of the heard part first: a market is quiet only where somebody listened. */
static bool silence_judge(const struct alert_detector *d, const struct silence *sum,
                          bool has_rhythm, struct alert_finding *f)
{
    static const double entries[] = {5.0, 4.0, 3.0};
    const struct alert_settings *s = &d->settings;
    double entry = entries[s->sensitivity];
    double dispersion = has_rhythm ? d->around_rhythm.factor : d->around_mean.factor;
    double heard_z = count_z(sum->seen, sum->heard, dispersion);
    double all_z = count_z(sum->seen, sum->expected, dispersion);
    bool is_market =
        heard_z <= -entry && sum->heard >= s->floor && sum->seen <= s->threshold * sum->heard;
    bool is_source = !is_market && all_z <= -entry && sum->expected >= s->floor &&
                     sum->heard < ALERT_COVERAGE_LEAST * sum->expected &&
                     sum->seen <= s->threshold * sum->expected;
    double z = is_source ? all_z : heard_z;

    if (f->is_over ? !(is_market || is_source) || z >= f->z : z >= f->z && !is_market && !is_source)
        return false;
    f->entry = entry;
    f->z = z;
    f->is_over = is_market || is_source;
    f->cause = is_source ? ALERT_OF_SOURCE : ALERT_OF_MARKET;
    f->observed = sum->seen;
    f->expected = is_source ? sum->expected : sum->heard;
    return true;
}

/* Periods in a row, the one at hand the last, that were as good as silent; of a silence with single
 * posts in it the window that tells. */
static uint32_t silence_length(const struct alert_detector *d, uint32_t window)
{
    uint32_t length = 1;

    for (;; length++) {
        const struct alert_past *past = alert_past_at(d, length);
        if (!past || isnan(past->usual) ||
            (isfinite(past->value) && past->value > d->settings.threshold * past->usual))
            break;
    }
    return length > window / 2 ? length : window;
}

static struct alert_finding look_absence(struct alert_detector *d, const struct alert_point *p)
{
    static const uint32_t ladder[] = {1, 2, 3, 6, 12, 24, 48, 96, 168};
    struct alert_usual usual = alert_usual_at(d, p->start_ms);
    struct alert_finding f = unknown(p->value);
    struct silence sum = {0};
    bool is_recent_known = false;
    uint32_t least = usual.has_rhythm || d->settings.is_daily ? 1 : 24, periods = 0;
    int64_t period_ms = d->settings.is_daily ? INT64_C(86400000) : INT64_C(3600000);

    if (!usual.is_known)
        return f;
    f.is_known = true;
    f.low = f.high = (double)NAN;
    silence_add(&sum, p->value, usual.level, p->coverage);
    for (size_t step = 0; step < sizeof ladder / sizeof *ladder; step++) {
        while (sum.periods < ladder[step]) {
            const struct alert_past *past = alert_past_at(d, sum.periods);
            if (!past || isnan(past->usual))
                goto done;
            silence_add(&sum, past->value, past->usual, past->coverage);
        }
        if (sum.periods >= least && silence_judge(d, &sum, usual.has_rhythm, &f))
            periods = sum.periods;
        if (!is_recent_known && sum.expected >= QUIET_EXPECTED) {
            is_recent_known = true;
            f.is_calm =
                sum.heard >= CALM_SHARE * sum.expected && sum.seen >= CALM_SHARE * sum.heard;
        }
    }
done:
    f.is_over = f.is_over && !(is_recent_known && f.is_calm); /* posts came back */
    if (isnan(f.expected)) {
        f.expected = usual.level;
        f.observed = isfinite(p->value) ? p->value : 0.0;
    }
    f.is_calm = f.is_calm && !f.is_over;
    f.size = (f.observed + 1.0) / (f.expected + 1.0);
    f.size_grade =
        fmin(numeric_log(1.0 + fmax(0.0, f.expected - f.observed)) / LN2 / 2.0, GRADE_MOST);
    if (f.is_over)
        f.from_ms = p->start_ms - (int64_t)(silence_length(d, periods) - 1) * period_ms;
    return f;
}

/* ---- shares ---------------------------------------------------------------------------------- */

struct pool {
    double part, n, spread; /* posts of it, of all; sum of n (share - pooled share)^2 */
    uint32_t count;
};

static void pool_add(struct pool *pool, double share, double n)
{
    pool->part += share * n;
    pool->n += n;
    pool->count++;
}

static struct pool pool_of(const struct alert_detector *d, uint64_t back, uint32_t count)
{
    struct pool pool = {0};

    for (uint64_t i = back; i < back + count; i++) {
        const struct alert_past *p = alert_past_at(d, i);
        if (p && p->is_usable && p->n > 0.0)
            pool_add(&pool, p->value, p->n);
    }
    double share = pool.n > 0.0 ? pool.part / pool.n : 0.0;
    for (uint64_t i = back; i < back + count; i++) {
        const struct alert_past *p = alert_past_at(d, i);
        if (p && p->is_usable && p->n > 0.0)
            pool.spread += p->n * (p->value - share) * (p->value - share);
    }
    return pool;
}

static bool points_that_way(enum alert_direction direction, double difference)
{
    return direction == ALERT_EITHER || (direction == ALERT_RISE) == (difference > 0.0);
}

static bool is_heard_point(const struct alert_point *p)
{
    return isfinite(p->value) && p->n > 0.0 && p->coverage >= ALERT_COVERAGE_LEAST;
}

static struct alert_finding look_share(struct alert_detector *d, const struct alert_point *p)
{
    static const double entries[] = {4.0, 3.0, 2.5};
    const struct alert_settings *s = &d->settings;
    struct pool last = pool_of(d, 1, s->span - 1), before = pool_of(d, s->span, s->window);
    struct alert_finding f = unknown((double)NAN);

    if (is_heard_point(p))
        pool_add(&last, p->value, p->n);
    if (last.n < s->floor || before.n < s->floor || before.count < s->window / (2 * HALF_KNOWN) ||
        before.count < 4)
        return f;
    double usual = before.part / before.n;
    double even = (before.part + 1.0) / (before.n + 2.0), variance = even * (1.0 - even);
    double factor = fmax(1.0, before.spread / variance / (before.count - 1));
    double sd = sqrt(factor * variance * (1.0 / last.n + 1.0 / before.n));
    f.is_known = true;
    f.observed = last.part / last.n;
    f.expected = usual;
    f.entry = entries[s->sensitivity];
    f.z = (f.observed - usual) / sd;
    double reach = fmax(f.entry * sd, s->threshold);
    f.low = fmax(0.0, usual - reach);
    f.high = fmin(1.0, usual + reach);
    f.size = f.observed - usual;
    f.size_grade = fmin(10.0 * fabs(f.size), GRADE_MOST);
    bool is_meant = points_that_way(s->direction, f.size);
    f.is_over = is_meant && fabs(f.z) >= f.entry && fabs(f.size) >= s->threshold;
    f.is_calm = !is_meant || fabs(f.z) < CALM_SHARE * f.entry;
    return f;
}

/* ---- crossing -------------------------------------------------------------------------------- */

static struct alert_finding look_crossing(struct alert_detector *d, const struct alert_point *p)
{
    static const double entries[] = {2.575829303549, 1.959963984540, 1.281551565545};
    const struct alert_settings *s = &d->settings;
    struct pool pool = pool_of(d, 1, s->span - 1);
    struct alert_finding f = unknown((double)NAN);
    double sign = s->direction == ALERT_RISE ? -1.0 : 1.0; /* the good side is above when falling */

    if (is_heard_point(p))
        pool_add(&pool, p->value, p->n);
    if (pool.n < s->floor)
        return f;
    double net = pool.part / pool.n, share = fmin(fmax((net + 1.0) / 2.0, 0.0), 1.0);
    double z = entries[s->sensitivity], n = pool.n, widen = 1.0 + z * z / n;
    double middle = (share + z * z / (2.0 * n)) / widen;
    double half = z * sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) / widen;
    f.is_known = true;
    f.observed = net;
    f.expected = s->threshold;
    f.low = 2.0 * (middle - half) - 1.0; /* of what was observed: the threshold is exact */
    f.high = 2.0 * (middle + half) - 1.0;
    f.entry = z;
    f.z = (net - s->threshold) / fmax(2.0 * half / z, 1e-9);
    f.size = net - s->threshold;
    f.size_grade = fmin(10.0 * fabs(f.size), GRADE_MOST);
    bool is_beyond = sign > 0.0 ? f.high < s->threshold : f.low > s->threshold;
    bool is_good = sign * (net - s->threshold) >= 0.0;
    f.is_over = is_beyond && (d->was_across || d->is_on);
    f.is_calm = is_good;
    d->was_across = is_good || (d->was_across && !d->is_on);
    return f;
}

/* ---- forecast -------------------------------------------------------------------------------- */

#define TREND_LEVEL    0.6 /* weights of ETS(A,Ad,N), fixed: nothing is fitted to a series */
#define TREND_SLOPE    0.3 /* of the level's change */
#define TREND_DAMPING  0.9
#define TREND_VARIANCE 0.05

static double deseasoned(double value, double usual)
{
    return numeric_log((value + 1.0) / (usual + 1.0));
}

void alert_kind_learn(struct alert_detector *d, const struct alert_point *point,
                      const struct alert_usual *usual)
{
    struct alert_trend *t = &d->trend;

    if (d->settings.kind != ALERT_FORECAST || !usual->is_known || !isfinite(point->value) ||
        point->coverage < ALERT_COVERAGE_LEAST)
        return;
    double y = deseasoned(point->value, usual->level);
    double foreseen = t->level + TREND_DAMPING * t->slope, error = y - foreseen;
    t->count++;
    t->level = foreseen + TREND_LEVEL * error;
    t->slope = TREND_DAMPING * t->slope + TREND_LEVEL * TREND_SLOPE * error;
    double rate = fmax(TREND_VARIANCE, 1.0 / (double)t->count);
    t->variance += (error * error - t->variance) * rate;
}

/* Variance of the forecast h steps ahead, of one step 1: Hyndman and others, table 6.1. */
static double trend_spread(uint32_t steps)
{
    double sum = 1.0, damped = 0.0, power = 1.0;

    for (uint32_t j = 1; j < steps; j++) {
        power *= TREND_DAMPING;
        damped += power;
        double weight = TREND_LEVEL * (1.0 + TREND_SLOPE * damped);
        sum += weight * weight;
    }
    return sum;
}

static double damped_steps(uint32_t steps)
{
    double sum = 0.0, power = 1.0;

    for (uint32_t j = 0; j < steps; j++) {
        power *= TREND_DAMPING;
        sum += power;
    }
    return sum;
}

static struct alert_finding look_forecast(struct alert_detector *d, const struct alert_point *p)
{
    static const double entries[] = {1.644853626951, 1.281551565545, 0.841621233573};
    static const double factors[] = {4.0, 3.0, 2.0};
    const struct alert_settings *s = &d->settings;
    int64_t period_ms = s->is_daily ? INT64_C(86400000) : INT64_C(3600000);
    struct alert_usual now = alert_usual_at(d, p->start_ms);
    struct alert_usual then = alert_usual_at(d, p->start_ms + period_ms * (int64_t)s->span);
    struct alert_finding f = unknown(p->value);
    struct alert_trend was = d->trend;

    if (!isfinite(p->value) || !now.is_known || !then.is_known || was.count < TREND_WARM_UP)
        return f;
    alert_kind_learn(d, p, &now); /* the forecast rests on this period too */
    struct alert_trend t = d->trend;
    d->trend = was;
    double usual = then.level + 1.0, z = entries[s->sensitivity];
    double y = t.level + damped_steps(s->span) * t.slope;
    /* A count of x has a variance of about 1 / x in its logarithm, whatever was seen so far. */
    double sd = sqrt(fmax(was.variance, 1.0 / usual) * trend_spread(s->span));
    double limit = s->threshold > 0.0 ? s->threshold : factors[s->sensitivity] * usual - 1.0;
    f.is_known = true;
    f.expected = then.level;
    f.high = limit;
    f.low = 0.0;
    f.ahead = fmax(0.0, usual * numeric_exp(y) - 1.0);
    f.ahead_low = fmax(0.0, usual * numeric_exp(y - z * sd) - 1.0);
    f.ahead_high = fmin(1e12, usual * numeric_exp(fmin(y + z * sd, 500.0)) - 1.0);
    f.entry = z;
    f.z = (y - numeric_log((limit + 1.0) / usual)) / sd;
    f.size = (f.ahead + 1.0) / usual;
    f.size_grade = count_grade(f.size);
    f.is_over = f.z >= f.entry && f.ahead >= s->floor;
    f.is_calm = f.z < CALM_SHARE * f.entry;
    return f;
}

struct alert_finding alert_kind_look(struct alert_detector *d, const struct alert_point *point)
{
    switch (d->settings.kind) {
    case ALERT_SPIKE:
        return look_spike(d, point);
    case ALERT_HOUR:
    case ALERT_DAY:
        return look_window(d, point);
    case ALERT_SIGMA:
        return look_sigma(d, point);
    case ALERT_POISSON:
        return look_poisson(d, point);
    case ALERT_GROWTH:
        return look_growth(d, point);
    case ALERT_ABSENCE:
        return look_absence(d, point);
    case ALERT_SHARE:
        return look_share(d, point);
    case ALERT_CROSSING:
        return look_crossing(d, point);
    case ALERT_FORECAST:
    case ALERT_KIND_COUNT:
        break;
    }
    return look_forecast(d, point);
}
