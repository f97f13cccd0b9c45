/* alert_detector.h - ten ways to notice that a series went off, behind one machine of events.
 *
 * A detector sees one period at a time and answers whether something begins, goes on, gets worse or
 * is over. What each kind looks for, x the period at hand (docs/alerts.md has the same in words):
 *
 *   spike     the detector of spikes.h: a record in any of its views
 *   hour      x against the mean m of the 12 hours before: z = (x - m) / sqrt(f m (1 + 1/12)),
 *             f = max(1, variance / m); z and x / m over their marks, and above the quieter of
 *             yesterday and last week at this time (the comparison vendors sell as spike alert)
 *   day       the same with the 14 days before, and the same day of last week
 *   sigma     mean of the last `span` periods over mean + k sd of the `window` before; sd at least
 *             sqrt(mean), what a Poisson count has
 *   poisson   P(X >= x) where X is predicted from the counts at this hour of the week (or day) by a
 *             Poisson rate with a gamma distribution, so negative binomial: I_{1/(n+1)}(x, s + 1)
 *             with s posts in n such hours (Gelman and others, Bayesian Data Analysis, 2.6); n at
 *             most what gives the spread that the series shows. Also over the last 2 and 4 periods
 *             together, at a quarter of the mark
 *   growth    Mann-Kendall test over `window` blocks of `span` periods, the last one ending here
 *             (Mann, Econometrica 13, 1945; ties by Kendall 1975), with the slope of Theil and Sen
 *             on log(1 + x) over its mark
 *   absence   o posts where e were expected, over the last 1, 2, 3, 6 ... 168 periods:
 *             z = 2 (sqrt(o + 3/8) - sqrt(e + 3/8)) / sqrt(f) (Anscombe 1948); f as observed. With
 *             the expectation of what was heard (coverage) the same: quiet market; only without it:
 *             the sources failed
 *   share     a share of the last `span` periods against that of the `window` before: two
 *             proportions, the variance widened by the spread between periods (quasi-binomial)
 *   crossing  net sentiment of the last `span` periods: Wilson's interval (1927) wholly beyond the
 *             threshold, after a time on its other side
 *   forecast  damped trend (ETS(A,Ad,N); Hyndman and others 2008, ch. 6) of log(1 + x) over its
 *             season, `span` periods ahead: the lower end of the interval over the threshold
 *
 * Machine: a start needs `persistence` periods in a row over the mark (entry); an event goes on
 * until nothing was over half the mark for `cool_down` periods, so an event that comes back within
 * it is the same one; it is told again when its severity has risen by ALERT_WORSE.
 *
 * Severity 1 to 10: 1 + min(4.5, 2 log2(z / entry)) + size, rounded down; size is min(4.5, log2 of
 * observed / expected) for counts, tenths of a share or of sentiment, half the log2 of missing
 * posts. Spikes keep the severity of their own detector.
 *
 * Nothing is looked up ahead: what a period is answered depends on it and on earlier ones. The same
 * points give the same bits on every machine. Periods that were not heard (coverage below
 * ALERT_COVERAGE_LEAST, or no value) are nobody's baseline.
 *
 * Memory: some 50 KB a detector (a spike detector on top), whatever arrives. One owner, not
 * thread-safe. Pure.
 */
#ifndef QUANT_ALERT_DETECTOR_H
#define QUANT_ALERT_DETECTOR_H

#include "base/err.h"
#include "base/str.h"

#define ALERT_COVERAGE_LEAST  0.5  /* below it a period is no baseline */
#define ALERT_WORSE           2    /* severity: an event that rose by so much is told again */
#define ALERT_WINDOW_MAX      672  /* periods: four weeks of hours; reject */
#define ALERT_SPAN_MAX        168  /* periods; reject */
#define ALERT_PERSISTENCE_MAX 24   /* periods; reject */
#define ALERT_COOL_DOWN_MAX   720  /* periods; reject */
#define ALERT_GROWTH_BLOCKS   28   /* growth: blocks; reject */
#define ALERT_HISTORY_PERIODS 2048 /* kept: holds window and span of every kind */

enum alert_kind {
    ALERT_SPIKE,
    ALERT_HOUR,
    ALERT_DAY,
    ALERT_SIGMA,
    ALERT_POISSON,
    ALERT_GROWTH,
    ALERT_ABSENCE,
    ALERT_SHARE,
    ALERT_CROSSING,
    ALERT_FORECAST,
    ALERT_KIND_COUNT
};

enum alert_sensitivity { ALERT_LOW, ALERT_MEDIUM, ALERT_HIGH, ALERT_SENSITIVITY_COUNT };
enum alert_direction { ALERT_FALL, ALERT_RISE, ALERT_EITHER, ALERT_DIRECTION_COUNT };
enum alert_cause { ALERT_OF_MARKET, ALERT_OF_SOURCE, ALERT_CAUSE_COUNT };

/* Zero means: the default of the kind, its period and its sensitivity; the first three are said. */
struct alert_settings {
    enum alert_kind kind;
    enum alert_sensitivity sensitivity;
    bool is_daily;         /* periods are days, else hours */
    double k;              /* sigma: standard deviations */
    double floor;          /* fewer are no alert: posts of a period (spike, hour, day, sigma,
                            * poisson, forecast), of a block (growth), expected posts (absence),
                            * posts of a share or with a mood (share, crossing) */
    uint32_t window, span; /* periods, see above; growth: window counts blocks; forecast: span is
                            * how far ahead */
    double threshold;      /* absence: share of the expected that is still an absence; share:
                            * least change, 0 to 1; crossing: level, -1 to 1; forecast: posts of
                            * a period */
    enum alert_direction direction; /* share, crossing */
    uint32_t persistence;           /* periods in a row; default 1 */
    uint32_t cool_down;             /* periods; default 12 hours, 2 days */
    int severity_least;             /* an event is told once it is so severe; default 1 */
};

const char *alert_kind_name(enum alert_kind kind); /* "spike" */
bool alert_kind_from(Str name, enum alert_kind *out) MUST_CHECK;
const char *alert_sensitivity_name(enum alert_sensitivity sensitivity); /* "low" "medium" "high" */
bool alert_sensitivity_from(Str name, enum alert_sensitivity *out) MUST_CHECK;
const char *alert_direction_name(enum alert_direction direction); /* "fall" "rise" "either" */
bool alert_direction_from(Str name, enum alert_direction *out) MUST_CHECK;
const char *alert_cause_name(enum alert_cause cause); /* "market" "source" */

/* ERR_INPUT "<setting>: <why>" with the bounds as hint. */
bool alert_settings_check(const struct alert_settings *settings, struct err *err) MUST_CHECK;
/* The same with every zero replaced by what will be used. */
struct alert_settings alert_settings_effective(const struct alert_settings *settings);
/* Rises of counts: a period that is not over yet can be judged, as it can only grow. */
bool alert_kind_judges_open(enum alert_kind kind);

struct alert_point {
    int64_t start_ms; /* rising */
    double value;     /* count, share 0 to 1, net sentiment -1 to 1; NaN: not known */
    double n;         /* share, crossing: posts behind it */
    double coverage;  /* 0 to 1 */
    bool is_open;     /* the period is not over: only as the last point */
};

struct alert_reading {
    bool is_known;       /* there was enough to judge by */
    double observed;     /* what was judged: the value, or that of span or block */
    double expected;     /* and what was expected of it */
    double low, high;    /* where it was expected; beyond: over the mark */
    double score;        /* 0 to 1; 0.5 is the mark */
    double significance; /* z above, signed */
    double size;         /* observed / expected; share, crossing: difference */
    bool is_over_mark;
    bool is_start;   /* an event is told first with this period */
    bool is_worse;   /* or told again */
    bool is_on;      /* an event is on */
    int severity;    /* highest of the event; 0: none is on */
    int64_t from_ms; /* first period of the event; absence: of the silence */
    enum alert_cause cause;
    double ahead, ahead_low, ahead_high; /* forecast: posts of the period `span` ahead; else NaN */
};

struct alert_detector;

/* Settings have passed alert_settings_check(). */
struct alert_detector *alert_detector_create(const struct alert_settings *settings);
void alert_detector_destroy(struct alert_detector **d); /* NULL-safe */
struct alert_reading alert_detector_push(struct alert_detector *d, const struct alert_point *point);

#endif
