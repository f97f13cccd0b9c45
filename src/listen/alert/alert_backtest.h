/* alert_backtest.h - what a rule would have raised on stored data, before it is armed.
 *
 * The rule's detector over the series that it will look at, judged as backtest.h judges queries:
 * how many alerts a week, and against labelled incidents how many belong to one and how many were
 * noticed. It gives the events that alerts_find() finds in the same series.
 *
 * Memory: the result lives in the arena. Threads: as the archive.
 */
#ifndef LISTEN_ALERT_BACKTEST_H
#define LISTEN_ALERT_BACKTEST_H

#include "listen/alert/alert_event.h"
#include "listen/alert/alert_series.h"
#include "listen/query/backtest.h"

struct alert_backtest_request {
    const struct alert_rule *rule; /* has passed alert_rule_complete() */
    int64_t from_ms, to_ms, now_ms;
    const struct backtest_incident *incidents;
    size_t incident_count;
};

struct alert_backtest {
    struct backtest judged;         /* `hits` of a point: what the rule judged */
    struct alert_event *events;     /* beside judged.alerts */
    struct alert_reading *readings; /* beside judged.points */
    double *values; /* beside judged.points: what was published of the period alone; NaN: nothing */
};

bool alert_backtest_run(struct db *state, struct archive *a, struct arena *arena,
                        const struct alert_backtest_request *request, struct alert_backtest *out,
                        struct err *err) MUST_CHECK;

#endif
