/* Settings, the past, and the machine that turns findings into events. */
#include "quant/alert_detector.h"

#include <math.h>

#include "base/mem.h"
#include "quant/alert_detector_priv.h"
#include "quant/numeric.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

#define SLOT_FADE       0.85  /* weight of a slot's past, per day or week: about seven count */
#define MEAN_FADE       0.998 /* of the plain mean, per period */
#define SLOT_PERIODS    3     /* days or weeks of a slot before it speaks */
#define PLAIN_PERIODS   24    /* hours of a plain mean before it speaks */
#define PLAIN_DAYS      7     /* or days */
#define SHRINK          2.0   /* days of the hour of the day that a week's hour is mixed with */
#define DISPERSION_RATE 0.01
#define DISPERSION_MOST 25.0 /* of one period */
#define SEVERITY_PART   4.5
#define LN2             0x1.62e42fefa39efp-1

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const kind_names[ALERT_KIND_COUNT] = {"spike",    "hour",    "day",     "sigma",
                                                         "poisson",  "growth",  "absence", "share",
                                                         "crossing", "forecast"};
static const char *const sensitivity_names[] = {"low", "medium", "high"};
static const char *const direction_names[] = {"fall", "rise", "either"};
static const char *const cause_names[] = {"market", "source"};

static bool name_find(const char *const *names, int count, Str name, int *out)
{
    for (int i = 0; i < count; i++)
        if (str_eq(name, str_from_cstr(names[i]))) {
            *out = i;
            return true;
        }
    return false;
}

const char *alert_kind_name(enum alert_kind kind)
{
    ASSERT(kind < ALERT_KIND_COUNT);
    return kind_names[kind];
}

bool alert_kind_from(Str name, enum alert_kind *out)
{
    int i;

    if (!name_find(kind_names, ALERT_KIND_COUNT, name, &i))
        return false;
    *out = (enum alert_kind)i;
    return true;
}

const char *alert_sensitivity_name(enum alert_sensitivity sensitivity)
{
    ASSERT(sensitivity < ALERT_SENSITIVITY_COUNT);
    return sensitivity_names[sensitivity];
}

bool alert_sensitivity_from(Str name, enum alert_sensitivity *out)
{
    int i;

    if (!name_find(sensitivity_names, ALERT_SENSITIVITY_COUNT, name, &i))
        return false;
    *out = (enum alert_sensitivity)i;
    return true;
}

const char *alert_direction_name(enum alert_direction direction)
{
    ASSERT(direction < ALERT_DIRECTION_COUNT);
    return direction_names[direction];
}

bool alert_direction_from(Str name, enum alert_direction *out)
{
    int i;

    if (!name_find(direction_names, ALERT_DIRECTION_COUNT, name, &i))
        return false;
    *out = (enum alert_direction)i;
    return true;
}

const char *alert_cause_name(enum alert_cause cause)
{
    ASSERT(cause < ALERT_CAUSE_COUNT);
    return cause_names[cause];
}

bool alert_kind_judges_open(enum alert_kind kind)
{
    return kind == ALERT_SPIKE || kind == ALERT_HOUR || kind == ALERT_DAY || kind == ALERT_POISSON;
}

/* ---- settings -------------------------------------------------------------------------------- */

/* Which settings a kind looks at. */
enum uses { USES_K = 1, USES_WINDOW = 2, USES_SPAN = 4, USES_THRESHOLD = 8 };
static const unsigned kind_uses[ALERT_KIND_COUNT] = {
    [ALERT_HOUR] = USES_WINDOW,
    [ALERT_DAY] = USES_WINDOW,
    [ALERT_SIGMA] = USES_K | USES_WINDOW | USES_SPAN,
    [ALERT_GROWTH] = USES_WINDOW | USES_SPAN,
    [ALERT_ABSENCE] = USES_THRESHOLD,
    [ALERT_SHARE] = USES_WINDOW | USES_SPAN | USES_THRESHOLD,
    [ALERT_CROSSING] = USES_SPAN | USES_THRESHOLD,
    [ALERT_FORECAST] = USES_SPAN | USES_THRESHOLD};

static bool refuse(struct err *err, const char *setting, double least, double most)
{
    err_set(err, ERR_INPUT, "%s: is out of bounds", setting);
    return err_hint(err, "%g to %g, or nothing for the default", least, most);
}

/* A setting that would change nothing is a mistake of whoever gives it. */
static bool uses_check(const struct alert_settings *s, struct err *err)
{
    unsigned uses = kind_uses[s->kind];
    const char *idle = s->k > 0.0 && !(uses & USES_K)           ? "k"
                       : s->window > 0 && !(uses & USES_WINDOW) ? "window"
                       : s->span > 0 && !(uses & USES_SPAN)     ? "span"
                       : (s->threshold < 0.0 || s->threshold > 0.0) && !(uses & USES_THRESHOLD)
                           ? "threshold"
                           : NULL;

    if (!idle)
        return true;
    err_set(err, ERR_INPUT, "%s: is not used by kind %s", idle, kind_names[s->kind]);
    return err_hint(err, "Leave it out.");
}

static bool threshold_check(const struct alert_settings *s, struct err *err)
{
    switch (s->kind) {
    case ALERT_ABSENCE:
    case ALERT_SHARE:
        return (s->threshold >= 0.0 && s->threshold < 1.0) || refuse(err, "threshold", 0, 0.99);
    case ALERT_CROSSING:
        return (s->threshold > -1.0 && s->threshold < 1.0) || refuse(err, "threshold", -0.99, 0.99);
    case ALERT_FORECAST:
        return (s->threshold >= 0.0 && s->threshold <= 1e9) || refuse(err, "threshold", 0, 1e9);
    default:
        return true;
    }
}

bool alert_settings_check(const struct alert_settings *s, struct err *err)
{
    uint32_t window_most = s->kind == ALERT_GROWTH ? ALERT_GROWTH_BLOCKS : ALERT_WINDOW_MAX;
    uint32_t window_least = s->kind == ALERT_GROWTH ? 5 : s->window == 0 ? 0 : 4;

    ASSERT(s->kind < ALERT_KIND_COUNT && s->sensitivity < ALERT_SENSITIVITY_COUNT);
    if (!uses_check(s, err))
        return false;
    if (!(s->k >= 0.0 && s->k <= 20.0))
        return refuse(err, "k", 0, 20);
    if (!(s->floor >= 0.0 && s->floor <= 1e9))
        return refuse(err, "floor", 0, 1e9);
    if (s->window != 0 && (s->window < window_least || s->window > window_most))
        return refuse(err, "window", window_least, window_most);
    if (s->span > ALERT_SPAN_MAX)
        return refuse(err, "span", 1, ALERT_SPAN_MAX);
    struct alert_settings e = alert_settings_effective(s);
    uint64_t span_most = (ALERT_HISTORY_PERIODS - 2) / (e.window > 0 ? e.window : 1);
    if (s->kind == ALERT_GROWTH && e.span > span_most)
        return refuse(err, "span", 1, (double)span_most);
    if (s->persistence > ALERT_PERSISTENCE_MAX)
        return refuse(err, "persistence", 1, ALERT_PERSISTENCE_MAX);
    if (s->cool_down > ALERT_COOL_DOWN_MAX)
        return refuse(err, "cool_down", 1, ALERT_COOL_DOWN_MAX);
    if (s->severity_least < 0 || s->severity_least > 10)
        return refuse(err, "severity", 1, 10);
    return threshold_check(s, err);
}

static uint32_t window_default(const struct alert_settings *s)
{
    switch (s->kind) {
    case ALERT_HOUR:
        return 12;
    case ALERT_DAY:
        return 14;
    case ALERT_GROWTH:
        return 7;
    default:
        return s->is_daily ? 28 : 7 * 24;
    }
}

static uint32_t span_default(const struct alert_settings *s)
{
    switch (s->kind) {
    case ALERT_GROWTH:
        return s->is_daily ? 1 : 24;
    case ALERT_SHARE:
        return s->is_daily ? 7 : 24;
    case ALERT_CROSSING:
        return s->is_daily ? 3 : 24;
    case ALERT_FORECAST:
        return s->is_daily ? 7 : 6;
    default:
        return 1;
    }
}

static double floor_default(enum alert_kind kind)
{
    static const double floors[ALERT_KIND_COUNT] = {
        [ALERT_SPIKE] = 5,     [ALERT_HOUR] = 5,     [ALERT_DAY] = 5,     [ALERT_SIGMA] = 5,
        [ALERT_POISSON] = 5,   [ALERT_GROWTH] = 20,  [ALERT_ABSENCE] = 5, [ALERT_SHARE] = 30,
        [ALERT_CROSSING] = 20, [ALERT_FORECAST] = 10};

    return floors[kind];
}

static double threshold_default(const struct alert_settings *s)
{
    static const double absent[] = {0.1, 0.2, 0.4}, changes[] = {0.15, 0.1, 0.05};

    return s->kind == ALERT_ABSENCE ? absent[s->sensitivity]
           : s->kind == ALERT_SHARE ? changes[s->sensitivity]
                                    : 0.0;
}

struct alert_settings alert_settings_effective(const struct alert_settings *settings)
{
    static const double ks[] = {3.0, 2.0, 1.5};
    struct alert_settings s = *settings;

    unsigned uses = kind_uses[s.kind];

    s.k = !(uses & USES_K) || s.k > 0.0 ? s.k : ks[s.sensitivity];
    s.floor = s.floor > 0.0 ? s.floor : floor_default(s.kind);
    s.window = !(uses & USES_WINDOW) || s.window > 0 ? s.window : window_default(&s);
    s.span = !(uses & USES_SPAN) || s.span > 0 ? s.span : span_default(&s);
    s.threshold = s.threshold < 0.0 || s.threshold > 0.0 ? s.threshold : threshold_default(&s);
    s.persistence = s.persistence > 0 ? s.persistence : 1;
    s.cool_down = s.cool_down > 0 ? s.cool_down : s.is_daily ? 2 : 12;
    s.severity_least = s.severity_least > 0 ? s.severity_least : 1;
    return s;
}

/* ---- the past -------------------------------------------------------------------------------- */

struct alert_detector *alert_detector_create(const struct alert_settings *settings)
{
    static const double deviations[] = {24.0, 16.0, 10.0};
    struct alert_detector *d = mem_alloc(1, sizeof *d);

    d->settings = alert_settings_effective(settings);
    d->around_rhythm.factor = d->around_mean.factor = 1.0;
    if (d->settings.kind == ALERT_SPIKE) {
        struct spike_settings s = {.kind = SPIKE_COUNTS,
                                   .count_floor = d->settings.floor,
                                   .chance_deviations = deviations[d->settings.sensitivity],
                                   .is_rise_only = true,
                                   .rest_most = 12};
        d->spikes = spike_detector_create(&s);
    }
    return d;
}

void alert_detector_destroy(struct alert_detector **d)
{
    if (*d)
        spike_detector_destroy(&(*d)->spikes);
    mem_free(*d);
    *d = NULL;
}

const struct alert_past *alert_past_at(const struct alert_detector *d, uint64_t back)
{
    if (back == 0 || back > d->count || back >= ALERT_HISTORY_PERIODS)
        return NULL;
    return &d->ring[(d->count - back) % ALERT_HISTORY_PERIODS];
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Hour of the week (0: Monday, midnight), or day of the week. */
static int week_slot(const struct alert_detector *d, int64_t start_ms)
{
    int64_t day = floor_divide(start_ms, DAY_MS) + 3; /* 1970-01-01 was a Thursday */
    int64_t of_week = day - floor_divide(day, 7) * 7;
    int64_t hour = floor_divide(start_ms, HOUR_MS) - floor_divide(start_ms, DAY_MS) * 24;

    return (int)(d->settings.is_daily ? of_week : of_week * 24 + hour);
}

struct alert_usual alert_usual_at(const struct alert_detector *d, int64_t start_ms)
{
    int slot = week_slot(d, start_ms);
    const struct alert_slot *week = &d->of_week[slot];
    const struct alert_slot *day = &d->of_day[d->settings.is_daily ? 0 : slot % 24];
    double least = d->settings.is_daily ? PLAIN_DAYS : PLAIN_PERIODS;
    bool has_day = !d->settings.is_daily && day->periods >= SLOT_PERIODS;

    if (week->periods >= SLOT_PERIODS) {
        double base = has_day ? day->sum / day->weight : d->mean_sum / d->mean_weight;
        double weight = week->weight + SHRINK;
        return (struct alert_usual){true, true, (week->sum + SHRINK * base) / weight, weight};
    }
    if (has_day)
        return (struct alert_usual){true, true, day->sum / day->weight, day->weight};
    if (d->count >= (uint64_t)least && d->mean_weight >= least / 2) {
        /* A rhythm that is not known yet is spread: the weight at which a predicted count has it.
         */
        double weight = fmin(d->mean_weight, 1.0 / fmax(d->around_mean.factor - 1.0, 0.05));
        return (struct alert_usual){true, false, d->mean_sum / d->mean_weight, weight};
    }
    return (struct alert_usual){.level = (double)NAN};
}

static void slot_learn(struct alert_slot *slot, double value)
{
    slot->sum = slot->sum * SLOT_FADE + value;
    slot->weight = slot->weight * SLOT_FADE + 1.0;
    slot->periods++;
}

/* An event must not teach the season: what lies far above is cut to its edge. */
static double cut_to_usual(const struct alert_detector *d, const struct alert_usual *usual,
                           double value)
{
    if (!usual->is_known)
        return value;
    double factor = usual->has_rhythm ? d->around_rhythm.factor : d->around_mean.factor;
    return fmin(value, usual->level + 4.0 * sqrt(factor * (usual->level + 1.0)));
}

static void dispersion_learn(struct alert_dispersion *dispersion, double value, double level)
{
    double off = value - level, term = fmin(off * off / fmax(level, 0.5), DISPERSION_MOST);

    dispersion->count++;
    dispersion->factor +=
        (term - dispersion->factor) * fmax(DISPERSION_RATE, 1.0 / (double)dispersion->count);
    dispersion->factor = fmax(dispersion->factor, 1.0);
}

static void season_learn(struct alert_detector *d, const struct alert_point *point,
                         const struct alert_usual *usual)
{
    double value = cut_to_usual(d, usual, point->value);
    int slot = week_slot(d, point->start_ms);

    if (usual->is_known)
        dispersion_learn(usual->has_rhythm ? &d->around_rhythm : &d->around_mean, point->value,
                         usual->level);
    slot_learn(&d->of_week[slot], value);
    if (!d->settings.is_daily)
        slot_learn(&d->of_day[slot % 24], value);
    d->mean_sum = d->mean_sum * MEAN_FADE + value;
    d->mean_weight = d->mean_weight * MEAN_FADE + 1.0;
}

static void learn(struct alert_detector *d, const struct alert_point *point)
{
    bool is_heard = isfinite(point->value) && point->coverage >= ALERT_COVERAGE_LEAST;
    struct alert_usual usual = alert_usual_at(d, point->start_ms);

    alert_kind_learn(d, point, &usual);
    d->ring[d->count % ALERT_HISTORY_PERIODS] =
        (struct alert_past){.value = point->value,
                            .n = point->n,
                            .coverage = point->coverage,
                            .usual = usual.is_known ? usual.level : (double)NAN,
                            .is_usable = is_heard};
    d->count++;
    if (is_heard && d->settings.kind != ALERT_SHARE && d->settings.kind != ALERT_CROSSING)
        season_learn(d, point, &usual);
}

/* ---- the machine ----------------------------------------------------------------------------- */

static int severity_of(const struct alert_finding *f)
{
    double ratio = fabs(f->z) / f->entry;
    double clear = ratio > 1.0 ? fmin(2.0 * numeric_log(ratio) / LN2, SEVERITY_PART) : 0.0;
    int severity = 1 + (int)(clear + f->size_grade);

    return severity < 1 ? 1 : severity > 10 ? 10 : severity;
}

/* 0.5 at the mark; over it only with everything else that the kind asks. */
static double score_of(const struct alert_finding *f)
{
    double ratio = fabs(f->z) / f->entry, score = ratio / (1.0 + ratio);

    return f->is_over ? fmax(score, 0.5) : fmin(score, 0.499);
}

static void streak_follow(struct alert_detector *d, const struct alert_finding *f, int64_t start_ms)
{
    if (!f->is_over) {
        d->streak = 0;
        return;
    }
    if (d->streak == 0 || d->streak_cause != f->cause) {
        d->streak = 0;
        d->streak_from_ms = f->from_ms != 0 ? f->from_ms : start_ms;
        d->streak_cause = f->cause;
    }
    d->streak++;
}

static void event_begin(struct alert_detector *d)
{
    d->is_on = true;
    d->is_told = false;
    d->from_ms = d->streak_from_ms;
    d->cause = d->streak_cause;
    d->severity = d->told_severity = 0;
}

/* Another cause is another event: a market that is quiet behind a source that was dead. */
static void event_follow(struct alert_detector *d, const struct alert_finding *f, int severity,
                         struct alert_reading *r)
{
    bool is_ripe = f->is_over && d->streak >= d->settings.persistence;

    if (is_ripe && (!d->is_on || d->cause != f->cause))
        event_begin(d);
    if (!d->is_on)
        return;
    if (f->is_over || (f->is_known && !f->is_calm))
        d->last_loud = d->count;
    if (d->count - d->last_loud >= d->settings.cool_down) {
        d->is_on = d->is_told = false;
        d->severity = 0;
        return;
    }
    if (f->is_over && severity > d->severity)
        d->severity = severity;
    r->is_start = is_ripe && !d->is_told && d->severity >= d->settings.severity_least;
    r->is_worse = f->is_over && d->is_told && d->severity >= d->told_severity + ALERT_WORSE;
    if (r->is_start || r->is_worse) {
        d->is_told = true;
        d->told_severity = d->severity;
    }
}

struct alert_reading alert_detector_push(struct alert_detector *d, const struct alert_point *point)
{
    struct alert_finding f = {
        .expected = (double)NAN, .low = (double)NAN, .high = (double)NAN, .observed = point->value};

    f.ahead = f.ahead_low = f.ahead_high = (double)NAN;
    if (!point->is_open || alert_kind_judges_open(d->settings.kind))
        f = alert_kind_look(d, point);
    struct alert_reading r = {.is_known = f.is_known,
                              .observed = f.observed,
                              .expected = f.expected,
                              .low = f.low,
                              .high = f.high,
                              .significance = f.z,
                              .size = f.size,
                              .is_over_mark = f.is_over,
                              .ahead = f.ahead,
                              .ahead_low = f.ahead_low,
                              .ahead_high = f.ahead_high};
    int severity = 0;
    if (f.is_known) {
        r.score = score_of(&f);
        severity = f.size_grade < 0.0 ? (int)-f.size_grade : severity_of(&f);
    }
    streak_follow(d, &f, point->start_ms);
    event_follow(d, &f, severity, &r);
    r.is_on = d->is_on && d->is_told;
    r.severity = r.is_on ? d->severity : 0;
    r.from_ms = d->from_ms;
    r.cause = d->is_on ? d->cause : f.cause;
    learn(d, point);
    return r;
}
