/* alert_series.h - the points that a rule looks at, from what is published.
 *
 * Mentions of the query by hour or day; for kind crossing its net sentiment with the mentions that
 * have a mood, for kind share its part of the mentions of all parties. One point for each period
 * for which the query's mentions are published; a period that was not heard has no value.
 *
 * Memory: the points live in the caller's arena. Threads: as the connection.
 */
#ifndef LISTEN_ALERT_SERIES_H
#define LISTEN_ALERT_SERIES_H

#include "listen/alert/alert_rule.h"
#include "listen/archive/archive.h"

/* How far is known: of imported files the hour of the last post is not over, as more of it may
 * come; of sources that are on it is what the clock says. */
struct alert_horizon {
    int64_t closed_ms; /* periods that end here or before are over */
    int64_t end_ms;    /* behind the last hour that is published */
};
bool alert_horizon_read(struct db *db, struct archive *a, int64_t now_ms, struct alert_horizon *out,
                        struct err *err) MUST_CHECK;
/* The same of the archive in a folder; its end alone. */
bool alert_horizon_end(struct db *db, Str posts_dir, int64_t now_ms, int64_t *end_ms,
                       struct err *err) MUST_CHECK;

struct alert_series {
    struct alert_point *points; /* ascending, without gaps in the query's span */
    size_t count;
    int64_t period_ms;
};
/* Empty when nothing is published. */
bool alert_series_load(struct arena *arena, struct db *db, const struct alert_rule *rule,
                       const struct alert_horizon *horizon, struct alert_series *out,
                       struct err *err) MUST_CHECK;

#endif
