/* source_schedule.h - when to look again. Pure: time and seed arrive as arguments.
 *
 * A feed that brought something is looked at sooner, one that did not, later: the interval is
 * halved or grows by half between bounds. Failures are waited out twice as long each time, up to a
 * cap, with half of the wait left to chance, so that many sources of one server do not return
 * together (the "equal jitter" of Brooker, Exponential backoff and jitter, 2015).
 */
#ifndef LISTEN_SOURCE_SCHEDULE_H
#define LISTEN_SOURCE_SCHEDULE_H

#include <stdint.h>

#define SOURCE_POLL_LEAST_MS      INT64_C(60000)    /* default of the shortest interval */
#define SOURCE_POLL_MOST_MS       INT64_C(10800000) /* 3 hours: longest interval */
#define SOURCE_POLL_FIRST_MS      INT64_C(900000)   /* 15 minutes: before anything is known */
#define SOURCE_BACKOFF_MOST_MS    INT64_C(3600000)
#define SOURCE_RETRY_AFTER_MAX_MS INT64_C(86400000) /* what a server may ask for: clamped */

struct source_pace {
    int64_t least_ms; /* shortest time between two polls of a source */
    uint64_t seed;
};

/* The next interval. `interval_ms` 0: the first. Half the expected interval is the upper bound, so
 * that one failed poll is no gap yet; expected 0: SOURCE_POLL_MOST_MS alone. */
int64_t source_interval_next(const struct source_pace *pace, int64_t interval_ms,
                             int64_t expected_ms, int64_t new_posts);
/* A wait in [interval * 7/8, interval]: neighbours drift apart. */
int64_t source_poll_wait(const struct source_pace *pace, int64_t source, int64_t at_ms,
                         int64_t interval_ms);
/* The wait after the n-th failure in a row, n from 1. */
int64_t source_backoff_wait(const struct source_pace *pace, int64_t source, int64_t failures);

#endif
