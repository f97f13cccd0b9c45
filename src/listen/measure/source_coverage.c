#include "listen/measure/source_coverage.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"
#include "format/time.h"

struct source_coverage {
    int64_t from_hour, to_hour; /* of the arrays; outside nothing was expected */
    double *expected, *heard;   /* milliseconds of all sources together, by hour */
    bool is_live;
};

double source_coverage_of(const struct source_coverage *c, int64_t from_hour, int64_t to_hour)
{
    double expected = 0, heard = 0;

    from_hour = from_hour > c->from_hour ? from_hour : c->from_hour;
    to_hour = to_hour < c->to_hour ? to_hour : c->to_hour;
    for (int64_t hour = from_hour; hour < to_hour; hour++) {
        expected += c->expected[hour - c->from_hour];
        heard += c->heard[hour - c->from_hour];
    }
    if (expected <= 0)
        return 1;
    double share = heard / expected;
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

bool source_coverage_is_live(const struct source_coverage *c, int64_t to_hour)
{
    return c->is_live && to_hour > c->from_hour;
}

/* Adds share x the part of [from, to) in each hour. */
static void spread(const struct source_coverage *c, double *hours, int64_t from_ms, int64_t to_ms,
                   double share)
{
    int64_t least = c->from_hour * TIME_HOUR_MS, most = c->to_hour * TIME_HOUR_MS;

    from_ms = from_ms > least ? from_ms : least;
    to_ms = to_ms < most ? to_ms : most;
    while (from_ms < to_ms) {
        int64_t hour = from_ms / TIME_HOUR_MS, end = (hour + 1) * TIME_HOUR_MS;
        end = end < to_ms ? end : to_ms;
        hours[hour - c->from_hour] += share * (double)(end - from_ms);
        from_ms = end;
    }
}

/* The hours that any span touches; those still open end now. */
static bool extent_read(struct source_coverage *c, struct db *db, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db,
                  "SELECT min(from_ms), max(coalesce(to_ms, 0)), sum(to_ms IS NULL)"
                  " FROM source_span",
                  &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    bool is_empty = !has_row || stmt_is_null(stmt, 0);
    int64_t from_ms = stmt_i64(stmt, 0), to_ms = stmt_i64(stmt, 1);
    c->is_live = !is_empty && stmt_i64(stmt, 2) > 0;
    stmt_reset(stmt);
    if (is_empty)
        return true;
    if (c->is_live)
        to_ms = now_ms > from_ms ? now_ms : from_ms;
    c->from_hour = time_floor(from_ms, TIME_HOUR_MS) / TIME_HOUR_MS;
    c->to_hour = (time_floor(to_ms, TIME_HOUR_MS) + TIME_HOUR_MS) / TIME_HOUR_MS;
    return c->to_hour - c->from_hour <= SOURCE_COVERAGE_HOURS_MAX ||
           err_set(err, ERR_LIMIT, "sources were on for more than 200 years");
}

static bool spans_add(struct source_coverage *c, struct db *db, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(db, "SELECT from_ms, to_ms FROM source_span", &stmt, err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        int64_t from = stmt_i64(stmt, 0), to = stmt_i64(stmt, 1);
        int64_t end = stmt_is_null(stmt, 1) ? now_ms : to;
        spread(c, c->expected, from, end, 1);
        spread(c, c->heard, from, end, 1);
    }
    return ok;
}

static bool gaps_take(struct source_coverage *c, struct db *db, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(db,
                  "SELECT max(g.from_ms, s.from_ms), min(coalesce(g.to_ms, ?1),"
                  " coalesce(s.to_ms, ?1)), g.share FROM source_gap AS g"
                  " JOIN source_span AS s ON s.source = g.source"
                  " WHERE g.is_filled = 0 AND g.from_ms < coalesce(s.to_ms, ?1)"
                  " AND coalesce(g.to_ms, ?1) > s.from_ms",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, now_ms);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        spread(c, c->heard, stmt_i64(stmt, 0), stmt_i64(stmt, 1), -stmt_f64(stmt, 2));
    return ok;
}

bool source_coverage_load(struct arena *arena, struct db *db, int64_t now_ms,
                          const struct source_coverage **out, struct err *err)
{
    struct source_coverage *c = arena_try_new(arena, struct source_coverage, 1);

    if (!c)
        return err_arena(err, arena);
    if (!extent_read(c, db, now_ms, err))
        return false;
    size_t hours = (size_t)(c->to_hour - c->from_hour);
    c->expected = arena_try_new(arena, double, hours + 1);
    c->heard = arena_try_new(arena, double, hours + 1);
    if (!c->expected || !c->heard)
        return err_arena(err, arena);
    *out = c;
    return spans_add(c, db, now_ms, err) && gaps_take(c, db, now_ms, err);
}

/* ---- hours to publish again ------------------------------------------------------------------ */

struct hours {
    VEC(int64_t);
};

static bool hours_add(struct hours *hours, int64_t from, int64_t to, struct err *err)
{
    for (int64_t hour = from; hour < to; hour++)
        if (!vec_try_push(hours, hour))
            return err_set(err, ERR_NO_MEMORY, "no memory for the hours to publish");
    return true;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static bool notes_read(struct db *db, int64_t from_hour, int64_t to_hour, struct hours *hours,
                       int64_t *last_row, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    if (!db_query(db, "SELECT rowid, from_ms, to_ms FROM coverage_stale ORDER BY rowid", &stmt,
                  err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        *last_row = stmt_i64(stmt, 0);
        int64_t from = time_floor(stmt_i64(stmt, 1), TIME_HOUR_MS) / TIME_HOUR_MS;
        int64_t to = time_floor(stmt_i64(stmt, 2), TIME_HOUR_MS) / TIME_HOUR_MS + 1;
        if (!hours_add(hours, from > from_hour ? from : from_hour, to < to_hour ? to : to_hour,
                       err)) {
            stmt_reset(stmt);
            return false;
        }
    }
    return ok;
}

/* Hours that began since the last publication, and the one that was at hand then. */
static bool passed_read(struct db *db, int64_t from_hour, int64_t live_hour, struct hours *hours,
                        struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db, "SELECT to_hour FROM coverage_live", &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    int64_t last = has_row ? stmt_i64(stmt, 0) : live_hour - 1;
    stmt_reset(stmt);
    return last >= live_hour ||
           hours_add(hours, last > from_hour ? last : from_hour, live_hour + 1, err);
}

bool source_stale_load(struct arena *arena, struct db *db, int64_t from_hour, int64_t to_hour,
                       bool is_live, int64_t now_ms, struct source_stale *out, struct err *err)
{
    struct hours hours = {0};

    *out = (struct source_stale){.live_hour = time_floor(now_ms, TIME_HOUR_MS) / TIME_HOUR_MS};
    bool ok = notes_read(db, from_hour, to_hour, &hours, &out->last_row, err) &&
              (!is_live || passed_read(db, from_hour, out->live_hour, &hours, err));
    if (ok && hours.count > 0) {
        qsort(hours.items, hours.count, sizeof *hours.items, by_number);
        out->hours = arena_try_new(arena, int64_t, hours.count);
        ok = out->hours || err_arena(err, arena);
        for (size_t i = 0; ok && i < hours.count; i++)
            if (i == 0 || hours.items[i] != hours.items[i - 1])
                out->hours[out->count++] = hours.items[i];
    }
    vec_deinit(&hours);
    return ok;
}

bool source_stale_waits(struct db *db, bool is_any_on, int64_t now_ms, bool *waits, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db,
                  "SELECT EXISTS (SELECT 1 FROM coverage_stale) OR (?1 AND"
                  " coalesce((SELECT to_hour FROM coverage_live), 0) < ?2)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, is_any_on ? 1 : 0);
    stmt_bind_i64(stmt, 2, time_floor(now_ms, TIME_HOUR_MS) / TIME_HOUR_MS);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    *waits = has_row && stmt_i64(stmt, 0) != 0;
    stmt_reset(stmt);
    return true;
}

bool source_stale_clear(struct db *db, const struct source_stale *stale, bool is_live,
                        struct err *err)
{
    struct stmt *stmt;

    if (stale->last_row == 0 && !is_live)
        return true;
    if (!db_begin(db, err))
        return false;
    bool ok = db_query(db, "DELETE FROM coverage_stale WHERE rowid <= ?1", &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, stale->last_row);
        ok = stmt_run(stmt, err);
    }
    if (ok && is_live &&
        (ok = db_query(db,
                       "INSERT INTO coverage_live (only, to_hour) VALUES (1, ?1)"
                       " ON CONFLICT (only) DO UPDATE SET to_hour = excluded.to_hour",
                       &stmt, err))) {
        stmt_bind_i64(stmt, 1, stale->live_hour);
        ok = stmt_run(stmt, err);
    }
    return db_end(db, ok, err);
}
