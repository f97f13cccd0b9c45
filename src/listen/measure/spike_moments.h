/* spike_moments.h - when a series of mentions went off: the detector with the settings of alerts.
 *
 * The one place that turns points into alerts, so that a backtest (backtest.h) and what is then
 * armed (spike_store.h) give the same. Nothing is looked up ahead: what a point says depends on it
 * and on earlier points. Pure.
 */
#ifndef LISTEN_SPIKE_MOMENTS_H
#define LISTEN_SPIKE_MOMENTS_H

#include "base/vec.h"
#include "quant/spikes.h"
#include "signal/signal.h"

#define SPIKE_HOURLY_MIN  2.0 /* mentions an hour on average: looked at by hour, else by day */
#define SPIKE_COUNT_FLOOR 5.0 /* fewer mentions in one period are no alert */
/* Hours of few mentions: on the sample market 16 leaves half the false alarms of 10 and finds all
 * planted events; 20 misses one. */
#define SPIKE_CHANCE_DEVIATIONS 16.0
#define SPIKE_REST_PERIODS                                                                         \
    12 /* silence behind the start of an alert: a second event may follow soon */

struct spike_moment {
    int64_t start_ms, peak_ms, end_ms; /* first period, highest period, behind the last period */
    int64_t told_ms;                   /* 0: at the end of the first period */
    double score, expected, observed;  /* highest score; expected and observed at the peak */
    int severity;                      /* 1 to 10 */
};

struct spike_moments {
    VEC(struct spike_moment);
};

/* True: `mentions` in so many hours are enough to look at hours. */
bool spike_is_hourly(double mentions, int64_t hours);

/* Appends what a series of counts, ascending, holds; free it with vec_deinit(). `readings` is NULL
 * or has room for `count` and gets what the detector said of each point. ERR_NO_MEMORY. */
bool spike_moments_find(const struct signal_point *points, size_t count, int64_t period_ms,
                        struct spike_reading *readings, struct spike_moments *out,
                        struct err *err) MUST_CHECK;

#endif
