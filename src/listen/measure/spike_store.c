#include "listen/measure/spike_store.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "format/json.h"
#include "format/time.h"
#include "listen/measure/measure.h"
#include "listen/measure/spike_moments.h"
#include "listen/measure/term_window.h"
#include "listen/standing_query.h"

#define SPIKE_DETECTOR    "spikes-2" /* version of detector and settings: a new one finds anew */
#define SPIKE_TEXT_BYTES  600        /* of an example's text that is kept */
#define SPIKE_SIMILAR_MAX 200        /* earlier alerts that are compared */

/* One alert as the detector saw it. */
struct event {
    struct spike_moment moment;
    Str terms, sources, posts; /* its explanation, JSON; in the finder's arena */
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
    struct buf terms, sources, posts;
    struct term_window *window;
    struct {
        VEC(struct look);
    } looks;
    struct err *err;
};

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

struct crowd {
    struct finder *f;
    int64_t by_source[64];
    struct post_ref refs[SPIKE_POSTS_MAX];
    int64_t weights[SPIKE_POSTS_MAX];
    size_t count;
};

static bool crowd_visit(void *context, const struct mention_fact *fact)
{
    struct crowd *c = context;
    int64_t weight = fact->engagement > 0 ? fact->engagement : 0;
    size_t at = c->count;

    if (fact->source < COUNT_OF(c->by_source))
        c->by_source[fact->source]++;
    while (at > 0 && c->weights[at - 1] < weight)
        at--;
    if (at >= SPIKE_POSTS_MAX)
        return true;
    size_t last = c->count < SPIKE_POSTS_MAX ? c->count : SPIKE_POSTS_MAX - 1;
    memmove(&c->refs[at + 1], &c->refs[at], (last - at) * sizeof c->refs[0]);
    memmove(&c->weights[at + 1], &c->weights[at], (last - at) * sizeof c->weights[0]);
    c->refs[at] = (struct post_ref){fact->month, fact->post};
    c->weights[at] = weight;
    c->count = last + 1;
    return true;
}

static void write_sources(struct finder *f, const struct crowd *c)
{
    const struct archive_source *sources;
    size_t count = archive_sources(f->a, &sources);
    struct json_writer w;

    json_writer_init(&w, &f->sources, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < count && i < COUNT_OF(c->by_source); i++) {
        if (c->by_source[i] == 0)
            continue;
        json_begin_object(&w);
        json_set_str(&w, "source", sources[i].name);
        json_set_i64(&w, "mentions", c->by_source[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
}

static Str cut_text(Str text)
{
    size_t len = text.len < SPIKE_TEXT_BYTES ? text.len : SPIKE_TEXT_BYTES;

    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return str_sub(text, 0, len);
}

static void write_post(struct json_writer *w, const struct post *post)
{
    json_begin_object(w);
    json_set_str(w, "source", post->source);
    json_set_str(w, "id", post->id);
    json_set_str(w, "created_at", str_from_cstr(time_rfc3339(post->created_at_ms).text));
    json_set_str(w, "author", post->author.handle.len > 0 ? post->author.handle : post->author.id);
    json_set_str(w, "title", post->title);
    json_set_str(w, "text", cut_text(post->text));
    json_set_str(w, "url", post->url);
    json_end_object(w);
}

static bool write_posts(struct finder *f, const struct crowd *c)
{
    struct archived_post post;
    struct json_writer w;

    json_writer_init(&w, &f->posts, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < c->count; i++) {
        if (!archive_post(f->a, &f->arena, c->refs[i].month, c->refs[i].id, &post, f->err))
            return false;
        write_post(&w, &post.post);
    }
    json_end_array(&w);
    return true;
}

static bool write_terms(struct finder *f, const struct event *event)
{
    int64_t from = event->moment.start_ms / HOUR_MS, to = event->moment.end_ms / HOUR_MS;
    struct json_writer w;
    struct term *terms;
    size_t count;

    if (!term_window_rising(f->window, f->a, &f->arena, f->query->id,
                            from - SPIKE_HISTORY_DAYS * 24, from, to, SPIKE_TERMS_MAX, &terms,
                            &count, f->err))
        return false;
    json_writer_init(&w, &f->terms, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "term", terms[i].text);
        json_set_i64(&w, "count", terms[i].count);
        json_set_f64(&w, "lift", round(terms[i].lift * 100) / 100);
        json_end_object(&w);
    }
    json_end_array(&w);
    return true;
}

static bool keep_text(struct finder *f, const struct buf *text, Str *out)
{
    return buf_ok(text, f->err) &&
           (arena_try_str(&f->arena, buf_str(text), out) || err_arena(f->err, &f->arena));
}

static bool explain(struct finder *f, struct event *event)
{
    struct crowd crowd = {.f = f};

    buf_reset(&f->terms);
    buf_reset(&f->sources);
    buf_reset(&f->posts);
    if (!archive_mentions(f->a, f->query->id, event->moment.start_ms / HOUR_MS,
                          event->moment.end_ms / HOUR_MS, crowd_visit, &crowd, f->err) ||
        !write_terms(f, event) || !write_posts(f, &crowd))
        return false;
    write_sources(f, &crowd);
    return keep_text(f, &f->terms, &event->terms) && keep_text(f, &f->sources, &event->sources) &&
           keep_text(f, &f->posts, &event->posts);
}

/* ---- the nearest earlier event --------------------------------------------------------------- */

static size_t shared_terms(const struct json *a, const struct json *b)
{
    size_t shared = 0;

    for (size_t i = 0; i < json_len(a); i++)
        for (size_t j = 0; j < json_len(b); j++)
            if (str_eq(json_str_or(json_at(a, i), "term", S("?")),
                       json_str_or(json_at(b, j), "term", S("!"))))
                shared++;
    return shared;
}

/* The one that shares most of its terms; among equals, and without any, the latest. */
static bool nearest_earlier(struct finder *f, const struct event *event, int64_t *id)
{
    struct spike *spikes;
    const struct json *terms, *other;
    size_t count;
    double best = -1;

    *id = 0;
    arena_reset(&f->scratch);
    if (!spikes_list(&f->scratch, f->state, f->query->id, INT64_MIN, event->moment.start_ms,
                     SPIKE_SIMILAR_MAX, &spikes, &count, f->err) ||
        !json_parse(&f->scratch, event->terms, &terms, f->err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!json_parse(&f->scratch, spikes[i].terms_json, &other, f->err))
            return false;
        size_t shared = shared_terms(terms, other), all = json_len(terms) + json_len(other);
        double likeness = all > shared ? (double)shared / (double)(all - shared) : 0;
        if (likeness > best) {
            best = likeness;
            *id = spikes[i].id;
        }
    }
    return true;
}

/* ---- keeping --------------------------------------------------------------------------------- */

/* *is_same: this alert is stored already and did not go on since. */
static bool event_known(struct finder *f, const struct event *event, bool *is_known, bool *is_same)
{
    struct stmt *stmt;

    *is_same = false;
    if (!db_query(f->state,
                  "SELECT end_ms, observed, severity FROM spike"
                  " WHERE signal = ?1 AND start_ms = ?2 AND detector = '" SPIKE_DETECTOR "'",
                  &stmt, f->err))
        return false;
    stmt_bind_str(stmt, 1, f->signal.key);
    stmt_bind_i64(stmt, 2, event->moment.start_ms);
    if (!stmt_step(stmt, is_known, f->err) || !*is_known)
        return f->err->code == ERR_NONE;
    *is_same = stmt_i64(stmt, 0) == event->moment.end_ms &&
               fabs(stmt_f64(stmt, 1) - event->moment.observed) < 0.5 &&
               stmt_i64(stmt, 2) == event->moment.severity;
    stmt_reset(stmt);
    return true;
}

static bool event_write(struct finder *f, const struct event *event, int64_t earlier)
{
    struct stmt *stmt;

    if (!db_query(f->state,
                  "INSERT INTO spike (query, signal, start_ms, peak_ms, end_ms, severity, score,"
                  " expected, observed, terms, sources, posts, earlier, detector, found_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
                  " '" SPIKE_DETECTOR "', ?14)"
                  " ON CONFLICT (signal, start_ms, detector) DO UPDATE SET"
                  " peak_ms = excluded.peak_ms, end_ms = excluded.end_ms,"
                  " severity = excluded.severity, score = excluded.score,"
                  " expected = excluded.expected, observed = excluded.observed,"
                  " terms = excluded.terms, sources = excluded.sources, posts = excluded.posts,"
                  " earlier = excluded.earlier",
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
    stmt_bind_str(stmt, 10, event->terms);
    stmt_bind_str(stmt, 11, event->sources);
    stmt_bind_str(stmt, 12, event->posts);
    if (earlier != 0)
        stmt_bind_i64(stmt, 13, earlier);
    stmt_bind_i64(stmt, 14, f->now_ms);
    return stmt_run(stmt, f->err);
}

/* Drops the events that are stored already as they are; the others are explained. */
static bool events_explain(struct finder *f, struct events *events)
{
    size_t kept = 0;

    for (size_t i = 0; i < events->count; i++) {
        bool is_known, is_same;
        struct event event = events->items[i];
        if (!event_known(f, &event, &is_known, &is_same) || (!is_same && !explain(f, &event)))
            return false;
        if (is_same)
            continue;
        *f->found += is_known ? 0 : 1;
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
    bool ok = true;
    int64_t earlier;

    if (!vec_try_push(&f->looks, look))
        return err_set(f->err, ERR_NO_MEMORY, "no memory for spikes");
    if (events->count == 0)
        return true;
    if (!db_begin(f->state, f->err))
        return false;
    for (size_t i = 0; ok && i < events->count; i++)
        ok = nearest_earlier(f, &events->items[i], &earlier) &&
             event_write(f, &events->items[i], earlier);
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
    buf_init(&f.terms, MIB);
    buf_init(&f.sources, MIB);
    buf_init(&f.posts, MIB);
    bool ok = term_window_create(&f.window, err) &&
              archive_span(a, &f.from_hour, &f.to_hour, err) &&
              standing_query_list(&list_memory, state, &queries, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        arena_reset(&f.arena);
        f.query = &queries[i];
        ok = query_is_due(&f, &is_due) && (!is_due || query_find(&f));
    }
    ok = ok && looks_keep(&f);
    vec_deinit(&f.looks);
    buf_deinit(&f.terms);
    buf_deinit(&f.sources);
    buf_deinit(&f.posts);
    term_window_destroy(&f.window);
    arena_deinit(&list_memory);
    arena_deinit(&f.arena);
    arena_deinit(&f.scratch);
    return ok;
}

/* ---- reading --------------------------------------------------------------------------------- */

#define SPIKE_COLUMNS                                                                              \
    "id, query, signal, start_ms, peak_ms, end_ms, severity, score, expected, observed, terms,"    \
    " sources, posts, earlier, found_at_ms"

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
                          .earlier = stmt_i64(stmt, 13),
                          .found_at_ms = stmt_i64(stmt, 14)};
    return stmt_copy_str(stmt, 2, arena, &out->signal, err) &&
           stmt_copy_str(stmt, 10, arena, &out->terms_json, err) &&
           stmt_copy_str(stmt, 11, arena, &out->sources_json, err) &&
           stmt_copy_str(stmt, 12, arena, &out->posts_json, err);
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
