#include "listen/measure/author_sketch.h"

#include <math.h>

#include "base/hash.h"
#include "base/limits.h"

#define ROWS_BYTES_MAX (2 * GIB) /* of one query between two stores: ERR_LIMIT */
/* Author hashes are mixed once more: their low bits also choose slots of tables. */
#define SKETCH_SEED UINT64_C(0xA5A35625E1F0C6B1)

void author_day_reset(struct author_day *d)
{
    for (int i = 0; i < 24; i++)
        cardinality_reset(&d->hours[i]);
    cardinality_reset(&d->day);
}

void author_day_deinit(struct author_day *d)
{
    for (int i = 0; i < 24; i++)
        cardinality_deinit(&d->hours[i]);
    cardinality_deinit(&d->day);
}

bool author_day_add_again(struct author_day *d, int hour, uint64_t author, struct err *err)
{
    ASSERT(hour >= 0 && hour < 24);
    return author == 0 || cardinality_add(&d->hours[hour], hash_u64(author, SKETCH_SEED), err);
}

bool author_day_add(struct author_day *d, int hour, uint64_t author, struct err *err)
{
    return author_day_add_again(d, hour, author, err) &&
           (author == 0 || cardinality_add(&d->day, hash_u64(author, SKETCH_SEED), err));
}

static const struct cardinality *sketch_of(const struct author_day *d, int hour)
{
    return hour < 0 ? &d->day : &d->hours[hour];
}

double author_day_count(const struct author_day *d, int hour)
{
    return round(cardinality_estimate(sketch_of(d, hour)));
}

void author_sketches_init(struct author_sketches *s)
{
    *s = (struct author_sketches){0};
    buf_init(&s->bytes, ROWS_BYTES_MAX);
}

void author_sketches_deinit(struct author_sketches *s)
{
    vec_deinit(&s->rows);
    buf_deinit(&s->bytes);
}

void author_sketches_reset(struct author_sketches *s)
{
    vec_reset(&s->rows);
    buf_reset(&s->bytes);
}

bool author_sketches_keep(struct author_sketches *s, const struct author_day *d, int64_t day_start,
                          int hour, struct err *err)
{
    const struct cardinality *sketch = sketch_of(d, hour);
    struct author_sketch_row row = {.start = hour < 0 ? day_start : day_start + hour,
                                    .hours = hour < 0 ? 24 : 1,
                                    .from = s->bytes.len};

    if (cardinality_estimate(sketch) > 0)
        cardinality_write(sketch, &s->bytes);
    row.len = s->bytes.len - row.from;
    return buf_ok(&s->bytes, err) &&
           (vec_try_push(&s->rows, row) ||
            err_set(err, ERR_NO_MEMORY, "no memory for counting authors"));
}

static bool row_put(struct db *state, int64_t query, const struct author_sketch_row *row,
                    Str sketch, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO author_sketch (query, hours, start, sketch) VALUES (?1, ?2, ?3, ?4)"
                  " ON CONFLICT (query, hours, start) DO UPDATE SET sketch = excluded.sketch",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, row->hours);
    stmt_bind_i64(stmt, 3, row->start);
    stmt_bind_blob(stmt, 4, sketch);
    return stmt_run(stmt, err);
}

static bool row_drop(struct db *state, int64_t query, const struct author_sketch_row *row,
                     struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state, "DELETE FROM author_sketch WHERE query = ?1 AND hours = ?2 AND start = ?3",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, row->hours);
    stmt_bind_i64(stmt, 3, row->start);
    return stmt_run(stmt, err);
}

bool author_sketches_store(struct author_sketches *s, struct db *state, int64_t query,
                           struct err *err)
{
    vec_each (struct author_sketch_row, row, &s->rows) {
        Str sketch = str_sub(buf_str(&s->bytes), row->from, row->len);
        if (!(row->len > 0 ? row_put(state, query, row, sketch, err)
                           : row_drop(state, query, row, err)))
            return err_wrap(err, "could not store the authors of a query");
    }
    author_sketches_reset(s);
    return true;
}

/* ---- windows --------------------------------------------------------------------------------- */

struct count_walk {
    struct cardinality all, one;
    int64_t periods;
};

/* Merges the periods of `hours` length that begin in [from, to). */
static bool merge_range(struct db *state, int64_t query, int hours, int64_t from, int64_t to,
                        struct count_walk *walk, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok = true;

    if (from >= to)
        return true;
    if (!db_query(state,
                  "SELECT sketch FROM author_sketch"
                  " WHERE query = ?1 AND hours = ?2 AND start >= ?3 AND start < ?4",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, hours);
    stmt_bind_i64(stmt, 3, from);
    stmt_bind_i64(stmt, 4, to);
    while (ok && (ok = stmt_step(stmt, &has_row, err)) && has_row) {
        ok = cardinality_read(&walk->one, stmt_blob(stmt, 0), err) &&
             cardinality_merge(&walk->all, &walk->one, err);
        walk->periods++;
    }
    stmt_reset(stmt);
    return ok;
}

static int64_t day_floor(int64_t hour)
{
    int64_t rest = hour % 24;

    return hour - (rest < 0 ? rest + 24 : rest);
}

bool author_count(struct db *state, int64_t query, int64_t from_hour, int64_t to_hour,
                  struct author_count *out, struct err *err)
{
    struct count_walk walk = {0};
    int64_t days_from = day_floor(from_hour + 23), days_to = day_floor(to_hour);
    bool ok;

    if (days_from >= days_to) /* no whole day inside */
        ok = merge_range(state, query, 1, from_hour, to_hour, &walk, err);
    else
        ok = merge_range(state, query, 1, from_hour, days_from, &walk, err) &&
             merge_range(state, query, 24, days_from, days_to, &walk, err) &&
             merge_range(state, query, 1, days_to, to_hour, &walk, err);
    *out = (struct author_count){.authors = round(cardinality_estimate(&walk.all)),
                                 .is_exact = cardinality_is_exact(&walk.all),
                                 .periods = walk.periods};
    cardinality_deinit(&walk.all);
    cardinality_deinit(&walk.one);
    return ok || err_wrap(err, "could not count the authors of a query");
}
