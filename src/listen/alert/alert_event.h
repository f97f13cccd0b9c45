/* alert_event.h - the events that a rule's detector finds in a series.
 *
 * The one place that turns points into events, so that a backtest and what is raised later give the
 * same. Pure; nothing is looked up ahead: the events of a beginning of the series are the first of
 * the whole, the last of them perhaps not yet as long or as severe.
 */
#ifndef LISTEN_ALERT_EVENT_H
#define LISTEN_ALERT_EVENT_H

#include "base/vec.h"
#include "quant/alert_detector.h"

#define ALERT_TELLINGS_MAX 6 /* an event rises at most from severity 1 to 10 by steps of two */

struct alert_telling {
    int64_t told_ms; /* end of the period */
    int severity;
    double observed;
};

struct alert_event {
    int64_t start_ms, peak_ms,
        end_ms;   /* first, most severe, behind the last period over the mark */
    bool is_over; /* ended before the end of the series */
    enum alert_cause cause;
    int severity; /* highest */
    /* At the peak: the period of the greatest significance. */
    double score, significance, size, observed, expected, low, high;
    double ahead, ahead_low, ahead_high;
    struct alert_telling tellings[ALERT_TELLINGS_MAX];
    size_t telling_count; /* at least 1 */
};

struct alert_events {
    VEC(struct alert_event);
};

/* Appends the events; free them with vec_deinit(). `readings`: NULL, or room for `count`.
 * ERR_NO_MEMORY. */
bool alert_events_find(const struct alert_settings *settings, const struct alert_point *points,
                       size_t count, int64_t period_ms, struct alert_reading *readings,
                       struct alert_events *out, struct err *err) MUST_CHECK;

#endif
