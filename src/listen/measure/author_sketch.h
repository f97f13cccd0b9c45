/* author_sketch.h - different authors of a query by hour and day, in sketches that can be merged
 * (quant/cardinality.h), and how many there were in any window.
 *
 * The mentions of a day are added hour by hour; what is kept is written to author_sketch of
 * state.db in the transaction of the points. Reading a window merges the days inside it and the
 * hours at its edges, without a look at the mentions.
 *
 * Threads: as the connection (db.h).
 */
#ifndef LISTEN_AUTHOR_SKETCH_H
#define LISTEN_AUTHOR_SKETCH_H

#include "base/vec.h"
#include "db/db.h"
#include "quant/cardinality.h"

/* A period to be written: its sketch lies in `bytes`. */
struct author_sketch_row {
    int64_t start;    /* epoch hour */
    int hours;        /* 1 or 24 */
    size_t from, len; /* len 0: nobody any more, the row goes */
};

/* The authors of one day; zeroed is empty. */
struct author_day {
    struct cardinality hours[24], day;
};

void author_day_reset(struct author_day *d);
void author_day_deinit(struct author_day *d);
/* `hour` 0 to 23; the day is the merge of its hours. Author 0 = not known, is passed over. */
bool author_day_add(struct author_day *d, int hour, uint64_t author, struct err *err) MUST_CHECK;
/* To the sketch of an hour that was reset and is made again; the day has them already. */
bool author_day_add_again(struct author_day *d, int hour, uint64_t author,
                          struct err *err) MUST_CHECK;
/* Of an hour, or of the day with hour -1: a whole number. */
double author_day_count(const struct author_day *d, int hour);

/* What is to be written of a query; zeroed is empty. */
struct author_sketches {
    struct {
        VEC(struct author_sketch_row);
    } rows; /* of all days since the last store */
    struct buf bytes;
};

void author_sketches_init(struct author_sketches *s);
void author_sketches_deinit(struct author_sketches *s);
/* Drops rows not stored. */
void author_sketches_reset(struct author_sketches *s);

/* Remembers an hour (or with -1 the day) of the day that begins at the epoch hour `day_start`. */
bool author_sketches_keep(struct author_sketches *s, const struct author_day *d, int64_t day_start,
                          int hour, struct err *err) MUST_CHECK;
/* Writes what was remembered, inside the caller's transaction. */
bool author_sketches_store(struct author_sketches *s, struct db *state, int64_t query,
                           struct err *err) MUST_CHECK;

struct author_count {
    double authors;  /* a whole number; 0 when nobody wrote or no source names authors */
    bool is_exact;   /* else standard error CARDINALITY_STANDARD_ERROR */
    int64_t periods; /* days and hours merged */
};
/* Different authors of the mentions of the query in the hours [from, to). Hours at the edges are
 * there for the last MEASURE_HOUR_DAYS days; before, only whole days inside the window count. */
bool author_count(struct db *state, int64_t query, int64_t from_hour, int64_t to_hour,
                  struct author_count *out, struct err *err) MUST_CHECK;

#endif
