#include "listen/measure/spike_store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "format/json.h"
#include "format/time.h"
#include "listen/measure/event_explain.h"
#include "listen/measure/measure.h"
#include "listen/measure/spike_moments.h"
#include "listen/standing_query.h"

#define SPIKE_DETECTOR       "spikes-2" /* version of detector and settings: a new one finds anew */
#define SPIKE_EXPLAINER      "2"        /* version of the explanation: a new one explains anew */
#define SPIKE_CANDIDATES_MAX 200        /* earlier alerts that are compared */

/* One alert as the detector saw it. */
struct event {
    struct spike_moment moment;
    Str explanation; /* JSON, in the finder's arena; empty: the one that is stored stays */
    bool has_posts;  /* the archive still has some of its mentions */
};

/* What is stored of it. */
struct known {
    bool is_there;
    bool is_same; /* it did not go on since */
    bool is_explained;
};

/* A query that was looked at. */
struct look {
    int64_t query;
    bool by_hour;
};

struct finder {
    struct db *state;
    struct archive *a;
    struct arena arena;   /* of the query at hand */
    struct arena scratch; /* of the event at hand */
    const struct standing_query *query;
    struct signal signal;
    bool is_on;                 /* an alert was on at the end of the signal */
    int64_t from_hour, to_hour; /* span of the archive */
    int64_t now_ms;
    uint64_t *found;
    struct event_explainer *explainer; /* made when first needed */
    struct {
        VEC(struct look);
    } looks;
    struct err *err;
};

/* How many times as much as expected; of next to nothing half a post is expected. */
static double size_of(double observed, double expected)
{
    return observed / fmax(expected, 0.5);
}

/* ---- finding --------------------------------------------------------------------------------- */

struct events {
    VEC(struct event);
};

static bool events_detect(struct finder *f, const struct signal_point *points, size_t count,
                          struct events *events)
{
    struct spike_moments moments = {0};
    bool ok = spike_moments_find(points, count, signal_period_ms(f->signal.period), NULL, &moments,
                                 f->err);

    for (size_t i = 0; ok && i < moments.count; i++)
        ok = vec_try_push(events, (struct event){.moment = moments.items[i]}) ||
             err_set(f->err, ERR_NO_MEMORY, "no memory for spikes");
    vec_deinit(&moments);
    return ok;
}

/* ---- explaining ------------------------------------------------------------------------------ */

static bool explain(struct finder *f, struct event *event)
{
    const struct json *root;

    arena_reset(&f->scratch);
    if (!f->explainer && !event_explainer_create(&f->explainer, f->a, f->err))
        return false;
    if (!event_explain(f->explainer, &f->arena, f->query->id, event->moment.start_ms / HOUR_MS,
                       event->moment.end_ms / HOUR_MS, NULL, &event->explanation, f->err) ||
        !json_parse(&f->scratch, event->explanation, &root, f->err))
        return false;
    event->has_posts = json_i64_or(root, "n", 0) > 0;
    return true;
}

static bool nearest_find(struct finder *f, const struct event *event, struct event_nearest *out)
{
    struct event_record record = {.start_ms = event->moment.start_ms,
                                  .end_ms = event->moment.end_ms,
                                  .size = size_of(event->moment.observed, event->moment.expected),
                                  .explanation = event->explanation};
    struct spike *spikes;
    size_t count;

    arena_reset(&f->scratch);
    if (!spikes_list(&f->scratch, f->state, f->query->id, INT64_MIN, event->moment.start_ms,
                     SPIKE_CANDIDATES_MAX, &spikes, &count, f->err))
        return false;
    struct event_record *earlier = arena_new(&f->scratch, struct event_record, count + 1);
    for (size_t i = 0; i < count; i++)
        earlier[i] = (struct event_record){spikes[i].id, spikes[i].start_ms, spikes[i].end_ms,
                                           size_of(spikes[i].observed, spikes[i].expected),
                                           spikes[i].explanation};
    return event_nearest(&f->scratch, &record, earlier, count, out, f->err);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static bool event_known(struct finder *f, const struct event *event, struct known *out)
{
    const struct spike_moment *moment = &event->moment;
    struct stmt *stmt;

    *out = (struct known){0};
    if (!db_query(f->state,
                  "SELECT end_ms, observed, severity, explainer = " SPIKE_EXPLAINER
                  ", explained_observed FROM spike"
                  " WHERE signal = ?1 AND start_ms = ?2 AND detector = '" SPIKE_DETECTOR "'",
                  &stmt, f->err))
        return false;
    stmt_bind_str(stmt, 1, f->signal.key);
    stmt_bind_i64(stmt, 2, moment->start_ms);
    if (!stmt_step(stmt, &out->is_there, f->err) || !out->is_there)
        return f->err->code == ERR_NONE;
    bool is_as_long = stmt_i64(stmt, 0) == moment->end_ms;
    out->is_explained = is_as_long && stmt_i64(stmt, 3) == 1 &&
                        !event_is_stale(moment->observed, stmt_f64(stmt, 4));
    out->is_same = out->is_explained && fabs(stmt_f64(stmt, 1) - moment->observed) < 0.5 &&
                   stmt_i64(stmt, 2) == moment->severity;
    stmt_reset(stmt);
    return true;
}

static bool event_write(struct finder *f, const struct event *event,
                        const struct event_nearest *nearest)
{
    struct stmt *stmt;

    if (!db_query(
            f->state,
            "INSERT INTO spike (query, signal, start_ms, peak_ms, end_ms, severity, score,"
            " expected, observed, explanation, earlier, likeness, detector, explainer,"
            " found_at_ms, explained_observed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
            " ?11, ?12, '" SPIKE_DETECTOR "', " SPIKE_EXPLAINER ", ?13, ?9)"
            " ON CONFLICT (signal, start_ms, detector) DO UPDATE SET"
            " peak_ms = excluded.peak_ms, end_ms = excluded.end_ms,"
            " severity = excluded.severity, score = excluded.score,"
            " expected = excluded.expected, observed = excluded.observed,"
            " explanation = CASE WHEN ?14 THEN excluded.explanation ELSE explanation END,"
            " earlier = CASE WHEN ?14 THEN excluded.earlier ELSE earlier END,"
            " likeness = CASE WHEN ?14 THEN excluded.likeness ELSE likeness END,"
            " explained_observed = CASE WHEN ?15 THEN excluded.explained_observed"
            " ELSE explained_observed END,"
            " explainer = excluded.explainer",
            &stmt, f->err))
        return false;
    stmt_bind_i64(stmt, 1, f->query->id);
    stmt_bind_str(stmt, 2, f->signal.key);
    stmt_bind_i64(stmt, 3, event->moment.start_ms);
    stmt_bind_i64(stmt, 4, event->moment.peak_ms);
    stmt_bind_i64(stmt, 5, event->moment.end_ms);
    stmt_bind_i64(stmt, 6, event->moment.severity > 0 ? event->moment.severity : 1);
    stmt_bind_f64(stmt, 7, event->moment.score);
    stmt_bind_f64(stmt, 8, event->moment.expected);
    stmt_bind_f64(stmt, 9, event->moment.observed);
    stmt_bind_str(stmt, 10, event->explanation);
    if (nearest->id != 0) {
        stmt_bind_i64(stmt, 11, nearest->id);
        stmt_bind_str(stmt, 12, nearest->likeness);
    }
    stmt_bind_i64(stmt, 13, f->now_ms);
    stmt_bind_i64(stmt, 14, event->has_posts ? 1 : 0);
    stmt_bind_i64(stmt, 15, event->explanation.len > 0 ? 1 : 0);
    return stmt_run(stmt, f->err);
}

/* Drops the events that are stored already as they are; the others are explained, unless what is
 * stored explains them still. */
static bool events_explain(struct finder *f, struct events *events)
{
    size_t kept = 0;

    for (size_t i = 0; i < events->count; i++) {
        struct known known;
        struct event event = events->items[i];
        if (!event_known(f, &event, &known) || (!known.is_explained && !explain(f, &event)))
            return false;
        if (known.is_same)
            continue;
        *f->found += known.is_there ? 0 : 1;
        events->items[kept++] = event;
    }
    events->count = kept;
    return true;
}

static bool watch_write(struct finder *f, const struct look *look)
{
    struct stmt *stmt;

    if (!db_query(f->state,
                  "INSERT INTO spike_watch (query, detector, by_hour, is_due)"
                  " VALUES (?1, '" SPIKE_DETECTOR "', ?2, 0) ON CONFLICT (query) DO UPDATE"
                  " SET detector = excluded.detector, by_hour = excluded.by_hour, is_due = 0",
                  &stmt, f->err))
        return false;
    stmt_bind_i64(stmt, 1, look->query);
    stmt_bind_i64(stmt, 2, look->by_hour ? 1 : 0);
    return stmt_run(stmt, f->err);
}

/* One transaction for all: each of them is written to the disk on its own. */
static bool looks_keep(struct finder *f)
{
    bool ok = true;

    if (f->looks.count == 0)
        return true;
    if (!db_begin(f->state, f->err))
        return false;
    for (size_t i = 0; ok && i < f->looks.count; i++)
        ok = watch_write(f, &f->looks.items[i]);
    return db_end(f->state, ok, f->err);
}

/* One transaction, and short: all reading of posts is done. */
static bool events_keep(struct finder *f, const struct events *events)
{
    struct look look = {f->query->id, f->signal.period == SIGNAL_HOUR};
    struct event_nearest nearest;
    bool ok = true;

    if (!vec_try_push(&f->looks, look))
        return err_set(f->err, ERR_NO_MEMORY, "no memory for spikes");
    if (events->count == 0)
        return true;
    if (!db_begin(f->state, f->err))
        return false;
    for (size_t i = 0; ok && i < events->count; i++) {
        nearest = (struct event_nearest){0};
        ok = (events->items[i].explanation.len == 0 ||
              nearest_find(f, &events->items[i], &nearest)) &&
             event_write(f, &events->items[i], &nearest);
    }
    return db_end(f->state, ok, f->err);
}

/* ---- a query --------------------------------------------------------------------------------- */

/* False in *has_signal: its measures were not published. */
static bool find_signal(struct finder *f, const char *period, bool *has_signal)
{
    struct err absent = {0};
    char key[SIGNAL_KEY_BYTES_MAX];

    snprintf(key, sizeof key, "query:%lld:mentions:%s", (long long)f->query->id, period);
    *has_signal = signal_find(&f->arena, f->state, str_from_cstr(key), &f->signal, &absent);
    if (*has_signal || absent.code == ERR_NOT_FOUND)
        return true;
    *f->err = absent;
    return false;
}

/* By hour when the query is busy enough for it; days tell, which are fewer. */
static bool choose_signal(struct finder *f, bool *has_signal)
{
    int64_t to = f->to_hour, from = to - MEASURE_HOUR_DAYS * 24;
    struct signal_point *points;
    double mentions = 0;
    size_t count;

    from = from > f->from_hour ? from : f->from_hour;
    if (!find_signal(f, "day", has_signal) || !*has_signal)
        return f->err->code == ERR_NONE;
    if (!signal_read(&f->arena, f->state, f->signal.id, from / 24 * DAY_MS, to * HOUR_MS, &points,
                     &count, f->err))
        return false;
    for (size_t i = 0; i < count; i++)
        mentions += points[i].value;
    bool is_busy = spike_is_hourly(mentions, to - from);
    return !is_busy || find_signal(f, "hour", has_signal);
}

static bool query_find(struct finder *f)
{
    struct signal_point *points;
    struct events events = {0};
    size_t count;
    bool has_signal;

    if (!choose_signal(f, &has_signal) || !has_signal)
        return f->err->code == ERR_NONE;
    bool ok = signal_read(&f->arena, f->state, f->signal.id, INT64_MIN / 2, INT64_MAX / 2, &points,
                          &count, f->err) &&
              events_detect(f, points, count, &events) && events_explain(f, &events) &&
              events_keep(f, &events);
    vec_deinit(&events);
    return ok ||
           err_wrap(f->err, "could not look for spikes of '" STR_F "'", STR_A(f->query->name));
}

bool spikes_due(struct db *state, int64_t query, bool is_silence, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "UPDATE spike_watch SET is_due = 1"
                  " WHERE query = ?1 AND (?2 = 0 OR by_hour = 1)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, is_silence ? 1 : 0);
    return stmt_run(stmt, err);
}

static bool query_is_due(struct finder *f, bool *is_due)
{
    struct stmt *stmt;
    bool is_settled;

    if (!db_query(f->state,
                  "SELECT 1 FROM spike_watch WHERE query = ?1 AND is_due = 0"
                  " AND detector = '" SPIKE_DETECTOR "'",
                  &stmt, f->err))
        return false;
    stmt_bind_i64(stmt, 1, f->query->id);
    if (!stmt_step(stmt, &is_settled, f->err))
        return false;
    stmt_reset(stmt);
    *is_due = f->query->is_active && !is_settled;
    return true;
}

bool spikes_find(struct db *state, struct archive *a, int64_t now_ms, uint64_t *found,
                 struct err *err)
{
    struct finder f = {.state = state, .a = a, .now_ms = now_ms, .found = found, .err = err};
    struct arena list_memory;
    struct standing_query *queries;
    size_t count = 0;
    bool is_due;

    *found = 0;
    arena_init(&f.scratch, BATCH_ARENA_BYTES_MAX);
    arena_init(&f.arena, BATCH_ARENA_BYTES_MAX);
    arena_init(&list_memory, BATCH_ARENA_BYTES_MAX);
    bool ok = archive_span(a, &f.from_hour, &f.to_hour, err) &&
              standing_query_list(&list_memory, state, &queries, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        arena_reset(&f.arena);
        f.query = &queries[i];
        ok = query_is_due(&f, &is_due) && (!is_due || query_find(&f));
    }
    ok = ok && looks_keep(&f);
    vec_deinit(&f.looks);
    event_explainer_destroy(&f.explainer);
    arena_deinit(&list_memory);
    arena_deinit(&f.arena);
    arena_deinit(&f.scratch);
    return ok;
}

/* ---- reading --------------------------------------------------------------------------------- */

#define SPIKE_COLUMNS                                                                              \
    "id, query, signal, start_ms, peak_ms, end_ms, severity, score, expected, observed,"           \
    " explanation, earlier, likeness, found_at_ms"

static bool row_read(struct stmt *stmt, struct arena *arena, struct spike *out, struct err *err)
{
    *out = (struct spike){.id = stmt_i64(stmt, 0),
                          .query = stmt_i64(stmt, 1),
                          .start_ms = stmt_i64(stmt, 3),
                          .peak_ms = stmt_i64(stmt, 4),
                          .end_ms = stmt_i64(stmt, 5),
                          .severity = (int)stmt_i64(stmt, 6),
                          .score = stmt_f64(stmt, 7),
                          .expected = stmt_f64(stmt, 8),
                          .observed = stmt_f64(stmt, 9),
                          .earlier = stmt_i64(stmt, 11),
                          .found_at_ms = stmt_i64(stmt, 13)};
    return stmt_copy_str(stmt, 2, arena, &out->signal, err) &&
           stmt_copy_str(stmt, 10, arena, &out->explanation, err) &&
           stmt_copy_str(stmt, 12, arena, &out->likeness, err);
}

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    (void)context;
    return row_read(stmt, arena, item, err);
}

bool spikes_list(struct arena *arena, struct db *state, int64_t query, int64_t from_ms,
                 int64_t to_ms, size_t max, struct spike **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT " SPIKE_COLUMNS " FROM spike WHERE (?1 = 0 OR query = ?1)"
                  " AND start_ms >= ?2 AND start_ms < ?3 ORDER BY start_ms DESC, id DESC LIMIT ?4",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, from_ms);
    stmt_bind_i64(stmt, 3, to_ms);
    stmt_bind_i64(stmt, 4, (int64_t)max);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool spike_read(struct arena *arena, struct db *state, int64_t id, struct spike *out,
                struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state, "SELECT " SPIKE_COLUMNS " FROM spike WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return err_set(err, ERR_NOT_FOUND, "there is no spike %lld", (long long)id);
    bool ok = row_read(stmt, arena, out, err);
    stmt_reset(stmt);
    return ok;
}
