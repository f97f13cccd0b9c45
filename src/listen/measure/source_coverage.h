/* source_coverage.h - how much of what was expected was heard.
 *
 * Of a period: the time that sources were on and heard, over the time that they were on, all
 * sources alike. A gap that was filled later counts as heard; a loss counts with its share. A
 * period in which nothing was expected (files were imported, no source was on) is covered whole:
 * there an import says what it says. Of the hour and day at hand counts what has passed.
 *
 * Loaded once, then asked for any number of hours and days; immutable. Pure but for the loading.
 */
#ifndef LISTEN_SOURCE_COVERAGE_H
#define LISTEN_SOURCE_COVERAGE_H

#include "db/db.h"

#define SOURCE_COVERAGE_HOURS_MAX (200 * 366 * 24) /* reject */

struct source_coverage;

/* Lives in the arena. */
bool source_coverage_load(struct arena *arena, struct db *db, int64_t now_ms,
                          const struct source_coverage **out, struct err *err) MUST_CHECK;
/* 0 to 1, of the epoch hours [from, to). */
double source_coverage_of(const struct source_coverage *c, int64_t from_hour, int64_t to_hour);
/* A source is on, and was already when the hour before `to_hour` began: what follows it up to now
 * is listened to even when no post comes. */
bool source_coverage_is_live(const struct source_coverage *c, int64_t to_hour);

/* Hours that have to be published again: their coverage changed, or they went by since. */
struct source_stale {
    int64_t *hours; /* ascending */
    size_t count;
    int64_t live_hour; /* of now */
    int64_t last_row;  /* of the notes taken into account */
};
/* Those in [from_hour, to_hour); with is_live those that passed since the last time as well. Lives
 * in the arena. */
bool source_stale_load(struct arena *arena, struct db *db, int64_t from_hour, int64_t to_hour,
                       bool is_live, int64_t now_ms, struct source_stale *out,
                       struct err *err) MUST_CHECK;
/* Something waits to be published: a note, or with `is_any_on` a new hour. */
bool source_stale_waits(struct db *db, bool is_any_on, int64_t now_ms, bool *waits,
                        struct err *err) MUST_CHECK;
/* They are published. */
bool source_stale_clear(struct db *db, const struct source_stale *stale, bool is_live,
                        struct err *err) MUST_CHECK;

#endif
