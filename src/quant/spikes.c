#include "quant/spikes.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "quant/stats.h"

/* The method, in short (README.md has the reasons). A few simple views of the series - its value,
 * its means over 8, 24, 72 and 216 values, its steps, what is left after the season - are watched
 * for records: values beyond anything seen before. How far beyond is measured against how far the
 * earlier peaks lie apart, so a series that is always spiky needs a larger record than a calm one,
 * and no assumption about its distribution is made. */

enum {
    RING = 256,     /* values kept; above the longest window */
    SCALES = 5,     /* windows of the means, the value itself among them */
    PEAKS = 10,     /* of each view, kept apart by PEAK_GAP values */
    PEAK_GAP = 160, /* values between two peaks that count as different */
    WARM_UP = 8,    /* values of a view before it can speak */
    SLOTS = 24 * 7, /* hours of the week */
    SEASON_WINDOW = 4,
    SEASON_WARM_UP = 300, /* values around a season that holds, before its views can speak */
    LEVEL_WINDOW = 72,
    REST_MIN = 12,  /* values */
    REST_MAX = 400, /* values */
    VIEWS = 2 * SCALES + 3
};

static const int windows[SCALES] = {1, 8, 24, 72, 216};

enum view { VIEW_STEP = 2 * SCALES, VIEW_SEASON_UP, VIEW_SEASON_DOWN };

#define EVIDENCE_FOR_ALERT 0.055 /* total evidence at which the score is one half */
#define PEAK_SPACING_LEAST 0.15  /* of the distance from mean to highest peak */
#define RECORD_STEP        0.75  /* units by which a record raises the mark, per value */
#define CHANCE_DEVIATIONS  10.0  /* unit of a record of counts, at least */
#define REST_SHARE         0.036 /* of the values seen: silence behind the start of an alert */
#define NEWCOMER           100.0 /* values until a young view is nearly believed */
#define SEASON_SHARE       0.2   /* variance left by the season below which it is used */
#define SEASON_RATE        0.15  /* weight of the newest day or week in a slot's level */
#define HOUR_MS            INT64_C(3600000)
#define DAY_MS             (24 * HOUR_MS)

struct peak {
    double value;
    uint64_t at;
};

/* One view, watched for records. */
struct watch {
    struct peak peaks[PEAKS]; /* highest first */
    int peak_count;
    uint64_t count;
    double mean, deviation_sum;
};

/* Levels per hour of the week, and per hour of the day until weeks are known. */
struct slot {
    int64_t period; /* day or week that `sum` belongs to */
    double sum, level;
    uint32_t count, periods; /* values in the running period, periods behind the level */
};

struct season {
    struct slot days[24], weeks[SLOTS];
    double mean, variance, left_over; /* running: of the values, and around the season */
    double window[SEASON_WINDOW];
    uint64_t window_count;
};

/* The newest values, sorted: their median and spread are asked for with every value. */
struct level {
    double sorted[LEVEL_WINDOW];
    size_t count;
};

struct spike_detector {
    struct spike_settings settings;
    uint64_t count;
    int64_t last_ms;
    bool has_fractions; /* some value was not a count */
    double ring[RING];
    double sums[SCALES]; /* of the newest values, less `origin` each */
    double origin;
    struct level level;
    struct watch watches[VIEWS];
    struct season season;
    uint64_t alert_from, calm_count; /* alert_from: count at the start of the latest alert */
    bool is_alert;
    int severity;
};

struct spike_detector *spike_detector_create(const struct spike_settings *settings)
{
    struct spike_detector *d = mem_alloc(1, sizeof *d);

    if (settings)
        d->settings = *settings;
    spike_detector_reset(d);
    return d;
}

void spike_detector_destroy(struct spike_detector **d)
{
    mem_free(*d);
    *d = NULL;
}

void spike_detector_reset(struct spike_detector *d)
{
    struct spike_settings settings = d->settings;

    *d = (struct spike_detector){.settings = settings};
}

static bool is_count_series(const struct spike_detector *d)
{
    return d->settings.kind == SPIKE_COUNTS ||
           (d->settings.kind == SPIKE_AUTO && !d->has_fractions);
}

/* --- records ------------------------------------------------------------------------------- */

/* How far apart the earlier peaks lie: the mean distance of the others to the lowest kept. */
static double peak_spacing(const struct watch *w)
{
    double sum = 0.0, lowest = w->peaks[w->peak_count - 1].value;

    if (w->peak_count < 2)
        return 0.0;
    for (int i = 0; i < w->peak_count - 1; i++)
        sum += w->peaks[i].value - lowest;
    return sum / (w->peak_count - 1);
}

/* The unit in which a record is measured. `noise` is the least spacing that means anything. */
static double record_unit(const struct watch *w, double noise)
{
    double age = (double)w->count;
    double spread = fmax(w->peaks[0].value - w->mean, w->deviation_sum / age);
    double spacing = fmax(peak_spacing(w), PEAK_SPACING_LEAST * spread);

    if (w->peak_count < PEAKS) /* little history: the peaks are not yet what they will be */
        spacing = fmax(spacing, spread * (1.0 + NEWCOMER * NEWCOMER / (age * age)));
    spacing = fmax(spacing, noise);
    return fmax(spacing, 1e-9 * fmax(1.0, fabs(w->mean)));
}

/* 0 to 1: by how much `value` is a record. */
static double record_evidence(const struct watch *w, double value, double unit)
{
    double beyond = w->count < WARM_UP ? 0.0 : (value - w->peaks[0].value) / unit;

    return beyond > 0.0 ? beyond / (1.0 + beyond) : 0.0;
}

/* Moves the peak at `i` to its place: only it can be out of order. */
static void sink(struct watch *w, int i)
{
    struct peak moved = w->peaks[i];

    while (i > 0) {
        if (w->peaks[i - 1].value >= moved.value)
            break;
        w->peaks[i] = w->peaks[i - 1];
        i--;
    }
    w->peaks[i] = moved;
}

/* A record raises the mark of the next one by a part of a unit with each value that it lasts, not
 * to its own height: one outlier must not hide the event after it. */
static void learn(struct watch *w, double value, uint64_t at, double unit)
{
    double difference = value - w->mean;

    w->count++;
    w->mean += difference / (double)w->count;
    w->deviation_sum += fabs(difference);
    if (w->peak_count >= 2)
        value = fmin(value, w->peaks[0].value + RECORD_STEP * unit);
    for (int i = 0; i < w->peak_count; i++)
        if (at - w->peaks[i].at < PEAK_GAP) { /* the same peak, perhaps higher */
            if (value > w->peaks[i].value) {
                w->peaks[i] = (struct peak){value, at};
                sink(w, i);
            }
            return;
        }
    bool is_full = w->peak_count == PEAKS;
    int place = is_full ? PEAKS - 1 : w->peak_count;
    if (is_full && value <= w->peaks[place].value)
        return;
    w->peak_count = place + 1;
    w->peaks[place] = (struct peak){value, at};
    sink(w, place);
}

/* --- season -------------------------------------------------------------------------------- */

static void learn_slot(struct slot *slot, int64_t period, double value)
{
    if (slot->count > 0 && slot->period != period) { /* its period is complete */
        double mean = slot->sum / slot->count, weight = 1.0 / ++slot->periods;
        slot->level += (mean - slot->level) * fmax(weight, SEASON_RATE);
        slot->sum = 0.0;
        slot->count = 0;
    }
    slot->period = period;
    slot->sum += value;
    slot->count++;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* True: the season is known and explains enough; *level is what it expects at that time. */
static bool season_level(struct season *s, int64_t time_ms, double value, double *level)
{
    int64_t hour = floor_divide(time_ms, HOUR_MS), day = floor_divide(time_ms, DAY_MS);
    int64_t week = floor_divide(day + 3, 7); /* 1970-01-01 was a Thursday */
    struct slot *of_day = &s->days[hour - day * 24];
    struct slot *of_week = &s->weeks[hour - (week * 7 - 3) * 24];
    bool is_known = true;

    learn_slot(of_day, day, value);
    learn_slot(of_week, week, value);
    if (of_week->periods >= 3)
        *level = of_week->level;
    else if (of_day->periods >= 2)
        *level = of_day->level;
    else
        is_known = false;
    if (!is_known) {
        s->mean = value;
        return false;
    }
    const double rate = 0.002;
    double rest = value - *level;
    s->mean += (value - s->mean) * rate;
    s->variance += ((value - s->mean) * (value - s->mean) - s->variance) * rate;
    s->left_over += (rest * rest - s->left_over) * rate;
    return s->left_over < SEASON_SHARE * s->variance;
}

/* --- views --------------------------------------------------------------------------------- */

static void level_leave(struct level *l, double value)
{
    size_t at = stats_count_below(l->sorted, l->count, value);

    ASSERT(at < l->count);
    l->count--;
    memmove(l->sorted + at, l->sorted + at + 1, (l->count - at) * sizeof *l->sorted);
}

static void level_enter(struct level *l, double value)
{
    size_t at = stats_count_below(l->sorted, l->count, value);

    ASSERT(l->count < LEVEL_WINDOW);
    memmove(l->sorted + at + 1, l->sorted + at, (l->count - at) * sizeof *l->sorted);
    l->sorted[at] = value;
    l->count++;
}

static double level_median(const struct level *l)
{
    size_t half = l->count / 2;

    return l->count % 2 != 0 ? l->sorted[half] : 0.5 * (l->sorted[half - 1] + l->sorted[half]);
}

/* Median of the distances from `centre`: they rise on both sides of it, so the two sides are merged
 * up to the middle. */
static double level_deviation(const struct level *l, double centre)
{
    size_t right = stats_count_below(l->sorted, l->count, centre), left = right;
    double last = 0.0, before = 0.0;

    for (size_t i = 0; i <= l->count / 2; i++) {
        bool is_left = right == l->count ||
                       (left > 0 && centre - l->sorted[left - 1] < l->sorted[right] - centre);
        before = last;
        last = is_left ? fabs(l->sorted[--left] - centre) : fabs(l->sorted[right++] - centre);
    }
    return l->count % 2 != 0 ? last : 0.5 * (before + last);
}

static void push_ring(struct spike_detector *d, double value)
{
    if (d->count == 0)
        d->origin = value;
    if (d->count >= LEVEL_WINDOW)
        level_leave(&d->level, d->ring[(d->count - LEVEL_WINDOW) % RING]);
    level_enter(&d->level, value);
    d->ring[d->count % RING] = value;
    d->count++;
    for (int s = 0; s < SCALES; s++) {
        uint64_t window = (uint64_t)windows[s];
        d->sums[s] += value - d->origin;
        if (d->count > window)
            d->sums[s] -= d->ring[(d->count - 1 - window) % RING] - d->origin;
    }
    if (d->count % RING == 0) /* start the sums afresh, so that no error outlives its values */
        for (int s = 0; s < SCALES; s++) {
            d->sums[s] = 0.0;
            for (int k = 0; k < windows[s]; k++)
                d->sums[s] += d->ring[(d->count - 1 - (uint64_t)k) % RING] - d->origin;
        }
}

/* Total evidence of this value, and which way it points. */
struct finding {
    double evidence;
    double rise; /* evidence of rises less evidence of drops */
};

static void look(struct spike_detector *d, enum view view, double value, double noise, bool is_rise,
                 struct finding *f)
{
    struct watch *w = &d->watches[view];
    double unit = w->count > 0 ? record_unit(w, noise) : 0.0;
    double evidence = record_evidence(w, value, unit);

    learn(w, value, d->count, unit);
    f->evidence += evidence;
    f->rise += is_rise ? evidence : -evidence;
}

/* The least unit of a record that means anything for a mean over `window` counts: so many standard
 * deviations by chance alone; an alert needs a record by about a seventeenth of the unit. */
static double chance(const struct spike_detector *d, double mean, int window)
{
    double deviations =
        d->settings.chance_deviations > 0.0 ? d->settings.chance_deviations : CHANCE_DEVIATIONS;

    return is_count_series(d) ? deviations * sqrt((fabs(mean) + 1.0) / window) : 0.0;
}

static struct finding look_everywhere(struct spike_detector *d, double value, bool has_season,
                                      double level)
{
    struct finding f = {0};

    for (int s = 0; s < SCALES; s++) {
        if (d->count < (uint64_t)windows[s])
            break;
        double mean = d->sums[s] / windows[s] + d->origin;
        double noise = chance(d, mean, windows[s]);
        look(d, (enum view)(2 * s), mean, noise, true, &f);
        look(d, (enum view)(2 * s + 1), -mean, noise, false, &f);
    }
    if (d->count >= 2) {
        double step = value - d->ring[(d->count - 2) % RING];
        look(d, VIEW_STEP, fabs(step), chance(d, value, 1), step > 0.0, &f);
    }
    if (!has_season) {
        d->season.window_count = 0;
        return f;
    }
    d->season.window[d->season.window_count++ % SEASON_WINDOW] = value - level;
    if (d->season.window_count >= SEASON_WARM_UP) {
        double mean = stats_sum(d->season.window, SEASON_WINDOW) / SEASON_WINDOW;
        double noise = chance(d, level, SEASON_WINDOW);
        look(d, VIEW_SEASON_UP, mean, noise, true, &f);
        look(d, VIEW_SEASON_DOWN, -mean, noise, false, &f);
    }
    return f;
}

/* --- the answer ---------------------------------------------------------------------------- */

/* Level and spread of the values before this one, robustly. */
static void expect(const struct spike_detector *d, bool has_season, double level,
                   struct spike_reading *r, double value)
{
    if (d->count == 0) {
        r->expected = r->low = r->high = value;
        return;
    }
    double centre = level_median(&d->level);
    double spread = 1.4826 * level_deviation(&d->level, centre);
    r->expected = has_season ? level : centre;
    if (is_count_series(d))
        spread = fmax(spread, sqrt(r->expected + 1.0));
    spread = fmax(spread, 1e-9 * fmax(1.0, fabs(r->expected)));
    r->low = r->expected - 2.576 * spread;
    r->high = r->expected + 2.576 * spread;
    if (is_count_series(d))
        r->low = fmax(r->low, 0.0);
    r->significance = (value - r->expected) / spread;
}

/* Half from how clear it is, half from how large: 1 barely, 10 beyond doubt and manifold. */
static int severity(const struct spike_reading *r, double value)
{
    double larger = fmax(fabs(value), fabs(r->expected)) + 1.0;
    double smaller = fmin(fabs(value), fabs(r->expected)) + 1.0;
    double doublings = 0.0;

    for (double ratio = larger / smaller; ratio >= 2.0 && doublings < 5.0; ratio /= 2.0)
        doublings += 1.0;
    int level = 1 + (int)(8.0 * (r->score - SPIKE_ALERT_SCORE) + doublings);
    return level < 1 ? 1 : level > 10 ? 10 : level;
}

/* One event is one alert: behind a start there is silence for a while, and an alert ends when the
 * values have been where they were expected for some time. */
static void update_alert(struct spike_detector *d, struct spike_reading *r, double value,
                         const struct finding *f)
{
    double rest_most = d->settings.rest_most > 0 ? d->settings.rest_most : REST_MAX;
    double rest = fmin(fmax(REST_MIN, REST_SHARE * (double)d->count), rest_most);
    bool is_resting = d->alert_from > 0 && (double)(d->count - d->alert_from) <= rest;
    bool is_calm = value >= r->low && value <= r->high;

    if (is_resting)
        r->score = 0.0;
    d->calm_count = is_calm ? d->calm_count + 1 : 0;
    if (d->is_alert && (d->calm_count >= 3 || !is_resting))
        d->is_alert = false;
    if (r->score >= SPIKE_ALERT_SCORE) {
        d->alert_from = d->count;
        d->calm_count = 0;
        d->severity = 0;
        d->is_alert = r->is_start = !d->settings.is_rise_only || f->rise > 0.0;
    }
    if (d->is_alert) {
        struct spike_reading now = *r;
        now.score = fmax(now.score, SPIKE_ALERT_SCORE);
        int level = severity(&now, value);
        d->severity = level > d->severity ? level : d->severity;
    }
    r->is_alert = d->is_alert;
    r->severity = d->is_alert ? d->severity : 0;
}

struct spike_reading spike_detector_push(struct spike_detector *d, int64_t time_ms, double value)
{
    struct spike_reading r = {0};
    double level = 0.0;

    if (!isfinite(value) || fabs(value) > 1e150)
        return r;
    if (d->count > 0 && time_ms <= d->last_ms)
        time_ms = d->last_ms < INT64_MAX ? d->last_ms + 1 : INT64_MAX;
    d->last_ms = time_ms;
    d->has_fractions |= value < 0.0 || floor(value) < value;
    bool has_season = season_level(&d->season, time_ms, value, &level);
    expect(d, has_season, level, &r, value);
    push_ring(d, value);
    struct finding f = look_everywhere(d, value, has_season, level);
    r.score = f.evidence / (f.evidence + EVIDENCE_FOR_ALERT);
    double least = d->settings.count_floor > 0.0 ? d->settings.count_floor : 1.0;
    if (is_count_series(d) && f.rise > 0.0 && value < least)
        r.score = fmin(r.score, 0.99 * SPIKE_ALERT_SCORE);
    update_alert(d, &r, value, &f);
    return r;
}
