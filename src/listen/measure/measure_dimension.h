/* measure_dimension.h - daily mentions of a query by source, language and stated country.
 *
 * One list of points for each source, language or country that a query's days name, collected day
 * by day while measures are published (measure.h). A day without a mention of one has no point, so
 * that the series follows from the archive alone, not from what was published before; what was said
 * of such a day is withdrawn.
 *
 * Coverage is the share of the day that was heard; of countries, times the share of the day's
 * mentions whose post states one. Nothing is guessed from language, source or author.
 *
 * Zeroed is empty. Threads: one owner.
 */
#ifndef LISTEN_MEASURE_DIMENSION_H
#define LISTEN_MEASURE_DIMENSION_H

#include "listen/measure/measure_day.h"

struct measure_points {
    VEC(struct signal_point);
};

struct measure_starts {
    VEC(int64_t);
};

/* Mentions of one source, language or country by day. */
struct measure_dimension {
    char name[MEASURE_NAME_BYTES];
    struct measure_points points;
    struct measure_starts silent; /* days without mentions of it that were published with some */
    int64_t today;                /* mentions of the day being added */
    bool is_stored;               /* published before this time */
};

struct measure_dimensions {
    struct {
        VEC(struct measure_dimension); /* at most MEASURE_DIMENSION_MAX */
    } of[DAY_DIMENSION_COUNT];
};

void measure_dimensions_reset(struct measure_dimensions *all);
void measure_dimensions_deinit(struct measure_dimensions *all);
/* Those of the query that are published already: a day may lose its last mention of one. `scratch`
 * holds the list while it is read. */
bool measure_dimensions_load(struct measure_dimensions *all, struct arena *scratch,
                             struct db *state, int64_t query, struct err *err) MUST_CHECK;
/* The day's points; `heard` is the share of the day that was heard, 0 to 1. ERR_NO_MEMORY. */
bool measure_dimensions_add(struct measure_dimensions *all, const struct measure_day *day,
                            double heard, struct err *err) MUST_CHECK;
/* "query:<id>:mentions:day:<kind>:", the beginning of their signals' keys; `name` behind it. */
void measure_dimension_key(char key[SIGNAL_KEY_BYTES_MAX], int64_t query,
                           enum day_dimension_kind kind, const char *name);

#endif
