/* spikes.h - notice, while a series is arriving, that something unusual has begun.
 *
 * A detector sees one value at a time (mentions per hour, a share, a net sentiment) and answers at
 * once with a score, what it expected, and whether an alert is on. Nothing is looked up ahead, and
 * nothing has to be known beforehand: neither the length, the spacing nor the season of the series.
 * README.md describes the method.
 *
 * One event is one alert: it starts when the score reaches SPIKE_ALERT_SCORE, and a further one
 * cannot start until the series has been calm for a while (hysteresis).
 *
 * Memory: a fixed few hundred kilobytes per detector, whatever arrives. One owner, not thread-safe.
 * The same values in the same order give the same bits on every machine.
 */
#ifndef QUANT_SPIKES_H
#define QUANT_SPIKES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/assert.h"

#define SPIKE_ALERT_SCORE 0.5

enum spike_kind {
    SPIKE_AUTO,   /* counts while all values are whole and not negative, else values */
    SPIKE_COUNTS, /* how many: the spread of a Poisson count is allowed for */
    SPIKE_VALUES  /* rates, shares, temperatures: any number */
};

struct spike_settings {
    enum spike_kind kind;
    /* A rise of a count is no alert below this many; its score stays below the alert mark. 0: 1. */
    double count_floor;
    /* A record of counts is measured in at least so many standard deviations of a Poisson count:
     * more makes small series quieter. 0: 10. */
    double chance_deviations;
    bool is_rise_only; /* drops are scored, but start no alert */
    /* At most so many values of silence behind the start of an alert, so that a second event soon
     * after a first is not lost. 0: a share of the values seen, up to 400 (few alerts in a long
     * series). */
    uint32_t rest_most;
};

struct spike_reading {
    double score;        /* 0 to 1; comparable between series */
    bool is_alert;       /* an alert is on */
    bool is_start;       /* it starts with this value */
    double expected;     /* level that was expected here */
    double low, high;    /* where nearly all values were expected (99 %) */
    int severity;        /* 1 to 10 while an alert is on, else 0: significance and size */
    double significance; /* robust standard deviations from the expected level, signed */
};

struct spike_detector;

/* settings may be NULL. Never fails: the size is fixed. */
struct spike_detector *spike_detector_create(const struct spike_settings *settings);
void spike_detector_destroy(struct spike_detector **d); /* NULL-safe; sets *d = NULL */
/* Forgets everything but the settings. */
void spike_detector_reset(struct spike_detector *d);

/* The next value. Times rise (a time that does not is taken as just after the last one); a value
 * that is not finite is answered with score 0 and forgotten. */
struct spike_reading spike_detector_push(struct spike_detector *d, int64_t time_ms, double value);

#endif
