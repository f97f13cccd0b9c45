#include "listen/measure/trend_store.h"

#include <string.h>

#include "base/limits.h"
#include "format/json.h"

#define TERMS_JSON_BYTES_MAX (64 * KIB)

/* ---- writing --------------------------------------------------------------------------------- */

static bool terms_text(const struct trend *trend, struct buf *out, struct err *err)
{
    struct json_writer w;

    buf_init(out, TERMS_JSON_BYTES_MAX);
    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < trend->term_count; i++)
        json_put_str(&w, trend->terms[i]);
    json_end_array(&w);
    return buf_ok(out, err);
}

/* A trend told again is larger than before; what was told already is told the same. */
static bool trend_put(struct db *state, int64_t series, const struct trend *trend, Str terms,
                      int64_t now_ms, struct err *err)
{
    int64_t told_ms = trend->slot_ms + TREND_SLOT_MS;
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO trend (series, number, began_ms, told_ms, risen_ms, last_ms,"
                  " from_ms, to_ms, score, expected, stories, copies, terms, tellings, found_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?4, ?4, ?3, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11)"
                  " ON CONFLICT (series, number) DO UPDATE SET risen_ms = excluded.risen_ms,"
                  " last_ms = max(last_ms, excluded.last_ms), from_ms = excluded.from_ms,"
                  " to_ms = excluded.to_ms, score = excluded.score,"
                  " expected = excluded.expected, stories = excluded.stories,"
                  " copies = excluded.copies, terms = excluded.terms, tellings = tellings + 1"
                  " WHERE excluded.risen_ms > risen_ms",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, series);
    stmt_bind_i64(stmt, 2, (int64_t)trend->number);
    stmt_bind_i64(stmt, 3, trend->from_ms);
    stmt_bind_i64(stmt, 4, told_ms);
    stmt_bind_i64(stmt, 5, trend->to_ms);
    stmt_bind_f64(stmt, 6, trend->score);
    stmt_bind_f64(stmt, 7, trend->expected);
    stmt_bind_i64(stmt, 8, trend->stories);
    stmt_bind_i64(stmt, 9, trend->copies);
    stmt_bind_str(stmt, 10, terms);
    stmt_bind_i64(stmt, 11, now_ms);
    return stmt_run(stmt, err);
}

/* 0: there is none, it was dropped. */
static bool trend_id(struct db *state, int64_t series, uint64_t number, int64_t *id,
                     struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    *id = 0;
    if (!db_query(state, "SELECT id FROM trend WHERE series = ?1 AND number = ?2", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, series);
    stmt_bind_i64(stmt, 2, (int64_t)number);
    if (!stmt_step(stmt, &has_row, err) || !has_row)
        return err->code == ERR_NONE;
    *id = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return true;
}

static bool point_put(struct db *state, int64_t id, int64_t start_ms, uint32_t stories,
                      struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO trend_point (trend, start_ms, stories) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (trend, start_ms) DO UPDATE SET"
                  " stories = max(stories, excluded.stories)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, start_ms);
    stmt_bind_i64(stmt, 3, stories);
    return stmt_run(stmt, err);
}

static bool post_put(struct db *state, int64_t id, const struct trend_example *post,
                     struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO trend_post (trend, source, post_id, created_at_ms, author,"
                  " author_hash, lang, text, url, copies)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                  " ON CONFLICT (trend, source, post_id) DO UPDATE SET"
                  " copies = max(copies, excluded.copies)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, post->source);
    stmt_bind_str(stmt, 3, post->id);
    stmt_bind_i64(stmt, 4, post->created_at_ms);
    stmt_bind_str(stmt, 5, post->author.len > 0 ? post->author : S(""));
    stmt_bind_i64(stmt, 6, (int64_t)post->author_hash);
    stmt_bind_str(stmt, 7, str_from_cstr(post->lang));
    stmt_bind_str(stmt, 8, post->text.len > 0 ? post->text : S(""));
    stmt_bind_str(stmt, 9, post->url.len > 0 ? post->url : S(""));
    stmt_bind_i64(stmt, 10, post->copies);
    return stmt_run(stmt, err);
}

static bool posts_cut(struct db *state, int64_t id, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "DELETE FROM trend_post WHERE trend = ?1 AND (source, post_id) NOT IN"
                  " (SELECT source, post_id FROM trend_post WHERE trend = ?1"
                  " ORDER BY created_at_ms DESC, post_id LIMIT ?2)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, TREND_POSTS_MAX);
    return stmt_run(stmt, err);
}

static bool language_put(struct db *state, int64_t id, const struct trend_language *language,
                         struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO trend_language (trend, lang, posts) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (trend, lang) DO UPDATE SET posts = excluded.posts",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, str_from_cstr(language->code));
    stmt_bind_i64(stmt, 3, language->posts);
    return stmt_run(stmt, err);
}

static bool query_put(struct db *state, int64_t id, const struct trend_query *query,
                      struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO trend_query (trend, query, posts) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (query, trend) DO UPDATE SET posts = max(posts, excluded.posts)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, query->query);
    stmt_bind_i64(stmt, 3, query->posts);
    return stmt_run(stmt, err);
}

static bool parts_put(struct db *state, int64_t id, const struct trend *trend, struct err *err)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < TREND_SLOTS; i++)
        ok = trend->slots[i] == 0 ||
             point_put(state, id, trend->slot_ms - (TREND_SLOTS - 1 - (int64_t)i) * TREND_SLOT_MS,
                       trend->slots[i], err);
    for (size_t i = 0; ok && i < trend->post_count; i++)
        ok = post_put(state, id, &trend->examples[i], err);
    for (size_t i = 0; ok && i < trend->language_count; i++)
        ok = language_put(state, id, &trend->languages[i], err);
    for (size_t i = 0; ok && i < trend->query_count; i++)
        ok = query_put(state, id, &trend->queries[i], err);
    return ok && posts_cut(state, id, err);
}

static bool put_one(struct db *state, int64_t series, const struct trend *trend, int64_t now_ms,
                    struct err *err)
{
    struct buf terms;
    int64_t id;
    bool ok = terms_text(trend, &terms, err) &&
              trend_put(state, series, trend, buf_str(&terms), now_ms, err) &&
              trend_id(state, series, trend->number, &id, err) &&
              (id == 0 || parts_put(state, id, trend, err));

    buf_deinit(&terms);
    return ok;
}

static bool pulse_put(struct db *state, int64_t series, const struct trend_pulse *pulse,
                      struct err *err)
{
    struct stmt *stmt;
    int64_t id;

    if (!trend_id(state, series, pulse->number, &id, err) || id == 0)
        return err->code == ERR_NONE;
    if (!db_query(state, "UPDATE trend SET last_ms = ?2 WHERE id = ?1 AND last_ms < ?2", &stmt,
                  err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, pulse->slot_ms + TREND_SLOT_MS);
    return stmt_run(stmt, err) && point_put(state, id, pulse->slot_ms, pulse->stories, err);
}

static bool drop_old(struct db *state, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "DELETE FROM trend WHERE id IN (SELECT id FROM trend"
                  " ORDER BY risen_ms DESC, id DESC LIMIT -1 OFFSET ?1)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, TREND_STORED_MAX);
    return stmt_run(stmt, err);
}

bool trend_store_put(struct db *state, int64_t series, const struct trend_news *news,
                     int64_t now_ms, struct err *err)
{
    bool ok = true;

    if (news->count == 0 && news->pulse_count == 0)
        return true;
    if (!db_begin(state, err))
        return false;
    for (size_t i = 0; ok && i < news->count; i++)
        ok = put_one(state, series, &news->trends[i], now_ms, err);
    for (size_t i = 0; ok && i < news->pulse_count; i++)
        ok = pulse_put(state, series, &news->pulses[i], err);
    ok = ok && (news->count == 0 || drop_old(state, err));
    return db_end(state, ok, err) || err_wrap(err, "could not keep the trends");
}

bool trend_store_forget(struct db *state, Str source, Str id, uint64_t author_hash, struct err *err)
{
    struct stmt *stmt;

    if (!db_begin(state, err))
        return false;
    bool ok = source.len > 0
                  ? db_query(state,
                             "UPDATE trend_post SET author = '', author_hash = 0, text = '',"
                             " url = '' WHERE source = ?1 AND post_id = ?2",
                             &stmt, err)
                  : db_query(state,
                             "UPDATE trend_post SET author = '', author_hash = 0, text = '',"
                             " url = '' WHERE author_hash = ?1 AND author_hash <> 0",
                             &stmt, err);
    if (ok && source.len > 0) {
        stmt_bind_str(stmt, 1, source);
        stmt_bind_str(stmt, 2, id);
    } else if (ok)
        stmt_bind_i64(stmt, 1, (int64_t)author_hash);
    return db_end(state, ok && stmt_run(stmt, err), err);
}

/* ---- reading --------------------------------------------------------------------------------- */

#define TREND_COLUMNS                                                                              \
    "id, began_ms, told_ms, risen_ms, last_ms, from_ms, to_ms, score, expected, stories, copies,"  \
    " tellings, terms"
#define TREND_WHERE                                                                                \
    " FROM trend WHERE (?1 = 0 OR risen_ms > ?1) AND (?2 = 0 OR risen_ms <= ?2)"                   \
    " AND (?3 = '' OR EXISTS (SELECT 1 FROM trend_language l WHERE l.trend = trend.id"             \
    " AND l.lang = ?3 AND 3 * l.posts >= (SELECT sum(posts) FROM trend_language"                   \
    " WHERE trend_language.trend = trend.id)))"                                                    \
    " AND (?4 = 0 OR EXISTS (SELECT 1 FROM trend_query q WHERE q.query = ?4"                       \
    " AND q.trend = trend.id))"

static bool load_terms(struct arena *arena, Str text, struct stored_trend *trend, struct err *err)
{
    const struct json *root = NULL;
    Str *terms;

    if (!json_parse(arena, text, &root, err))
        return false;
    trend->term_count = json_len(root);
    trend->terms = terms = arena_try_new(arena, Str, trend->term_count + 1);
    if (!terms)
        return err_arena(err, arena);
    for (size_t i = 0; i < trend->term_count; i++)
        if (!json_str(json_at(root, i), &terms[i]))
            return err_set(err, ERR_CORRUPT, "the terms of a trend are no texts");
    return true;
}

static bool load_trend(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    struct stored_trend *trend = item;
    Str terms;

    (void)context;
    trend->id = stmt_i64(stmt, 0);
    trend->began_ms = stmt_i64(stmt, 1);
    trend->told_ms = stmt_i64(stmt, 2);
    trend->risen_ms = stmt_i64(stmt, 3);
    trend->last_ms = stmt_i64(stmt, 4);
    trend->from_ms = stmt_i64(stmt, 5);
    trend->to_ms = stmt_i64(stmt, 6);
    trend->score = stmt_f64(stmt, 7);
    trend->expected = stmt_f64(stmt, 8);
    trend->stories = stmt_i64(stmt, 9);
    trend->copies = stmt_i64(stmt, 10);
    trend->tellings = stmt_i64(stmt, 11);
    return stmt_copy_str(stmt, 12, arena, &terms, err) && load_terms(arena, terms, trend, err);
}

static bool load_language(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                          struct err *err)
{
    struct trend_language *language = item;
    Str code = stmt_str(stmt, 0);

    (void)arena;
    (void)context;
    if (code.len >= sizeof language->code)
        return err_set(err, ERR_CORRUPT, "the language '" STR_F "' of a trend is none",
                       STR_A(str_sub(code, 0, 20)));
    memcpy(language->code, code.ptr, code.len);
    language->posts = (uint32_t)stmt_i64(stmt, 1);
    return true;
}

static bool languages_fill(struct arena *arena, struct db *state, struct stored_trend *trend,
                           struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT lang, posts FROM trend_language WHERE trend = ?1"
                  " ORDER BY posts DESC, lang",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, trend->id);
    bool ok = stmt_load_rows(stmt, arena, sizeof *trend->languages, load_language, NULL, &rows,
                             &trend->language_count, err);
    trend->languages = rows;
    return ok;
}

static void bind_filter(struct stmt *stmt, const struct trend_filter *filter)
{
    stmt_bind_i64(stmt, 1, filter->from_ms);
    stmt_bind_i64(stmt, 2, filter->to_ms);
    stmt_bind_str(stmt, 3, filter->lang.len > 0 ? filter->lang : S(""));
    stmt_bind_i64(stmt, 4, filter->query);
}

static bool count_filtered(struct db *state, const struct trend_filter *filter, int64_t *total,
                           struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state, "SELECT count(*)" TREND_WHERE, &stmt, err))
        return false;
    bind_filter(stmt, filter);
    return stmt_one_i64(stmt, total, err);
}

bool trend_store_list(struct arena *arena, struct db *state, const struct trend_filter *filter,
                      struct stored_trend **out, size_t *count, int64_t *total, struct err *err)
{
    size_t limit =
        filter->limit > 0 && filter->limit < TREND_LIST_MAX ? filter->limit : TREND_LIST_MAX;
    struct stmt *stmt;
    void *rows;

    if (!count_filtered(state, filter, total, err) ||
        !db_query(state,
                  "SELECT " TREND_COLUMNS TREND_WHERE
                  " ORDER BY risen_ms DESC, score DESC, id LIMIT ?5",
                  &stmt, err))
        return false;
    bind_filter(stmt, filter);
    stmt_bind_i64(stmt, 5, (int64_t)limit);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_trend, NULL, &rows, count, err);
    *out = rows;
    for (size_t i = 0; ok && i < *count; i++)
        ok = languages_fill(arena, state, &(*out)[i], err);
    return ok;
}

bool trend_store_read(struct arena *arena, struct db *state, int64_t id, struct stored_trend *out,
                      struct err *err)
{
    struct stmt *stmt;
    size_t count = 0;
    void *rows;

    if (!db_query(state, "SELECT " TREND_COLUMNS " FROM trend WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_rows(stmt, arena, sizeof *out, load_trend, NULL, &rows, &count, err))
        return false;
    if (count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no trend %lld", (long long)id);
    *out = *(struct stored_trend *)rows;
    return languages_fill(arena, state, out, err);
}

static bool load_point(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    struct trend_point *point = item;

    (void)arena;
    (void)context;
    (void)err;
    *point = (struct trend_point){stmt_i64(stmt, 0), stmt_i64(stmt, 1)};
    return true;
}

bool trend_store_course(struct arena *arena, struct db *state, int64_t id, struct trend_point **out,
                        size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT start_ms, stories FROM (SELECT start_ms, stories FROM trend_point"
                  " WHERE trend = ?1 ORDER BY start_ms LIMIT ?2) ORDER BY start_ms",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, TREND_COURSE_MAX);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_point, NULL, &rows, count, err);
    *out = rows;
    return ok;
}

static bool load_post(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                      struct err *err)
{
    struct trend_example *post = item;
    Str lang = stmt_str(stmt, 5);

    (void)context;
    post->created_at_ms = stmt_i64(stmt, 2);
    post->author_hash = (uint64_t)stmt_i64(stmt, 4);
    post->copies = (uint32_t)stmt_i64(stmt, 8);
    memcpy(post->lang, lang.ptr, lang.len < 3 ? lang.len : 3);
    return stmt_copy_str(stmt, 0, arena, &post->source, err) &&
           stmt_copy_str(stmt, 1, arena, &post->id, err) &&
           stmt_copy_str(stmt, 3, arena, &post->author, err) &&
           stmt_copy_str(stmt, 6, arena, &post->text, err) &&
           stmt_copy_str(stmt, 7, arena, &post->url, err);
}

bool trend_store_posts(struct arena *arena, struct db *state, int64_t id, size_t limit,
                       struct trend_example **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT source, post_id, created_at_ms, author, author_hash, lang, text, url,"
                  " copies FROM trend_post WHERE trend = ?1"
                  " ORDER BY created_at_ms DESC, post_id LIMIT ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, (int64_t)limit);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_post, NULL, &rows, count, err);
    *out = rows;
    return ok;
}

static bool load_query(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    struct trend_query *query = item;

    (void)arena;
    (void)context;
    (void)err;
    *query = (struct trend_query){stmt_i64(stmt, 0), (uint32_t)stmt_i64(stmt, 1)};
    return true;
}

bool trend_store_queries(struct arena *arena, struct db *state, int64_t id,
                         struct trend_query **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT query, posts FROM trend_query WHERE trend = ?1"
                  " ORDER BY posts DESC, query",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_query, NULL, &rows, count, err);
    *out = rows;
    return ok;
}

bool trend_store_last(struct db *state, int64_t *risen_ms, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(state, "SELECT coalesce(max(risen_ms), 0) FROM trend", &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    *risen_ms = has_row ? stmt_i64(stmt, 0) : 0;
    stmt_reset(stmt);
    return true;
}
