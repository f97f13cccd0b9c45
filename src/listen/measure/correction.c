/* The store of corrections: versions, checks, ledger. */
#include "listen/measure/correction.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/limits.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "listen/standing_query.h"

#define MARK_SEED UINT64_C(0x636f727265637469)

/* ---- reading --------------------------------------------------------------------------------- */

static bool item_load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                      struct err *err)
{
    struct correction *out = item;

    (void)context;
    out->mood = (enum post_polarity)stmt_i64(stmt, 2);
    return stmt_copy_str(stmt, 0, arena, &out->term, err) &&
           stmt_copy_str(stmt, 1, arena, &out->context, err);
}

static bool version_load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                         struct err *err)
{
    struct correction_list *out = item;

    (void)context;
    *out = (struct correction_list){.version = stmt_i64(stmt, 0),
                                    .at_ms = stmt_i64(stmt, 3),
                                    .applied_at_ms = stmt_i64(stmt, 4)};
    return stmt_copy_str(stmt, 1, arena, &out->actor, err) &&
           stmt_copy_str(stmt, 2, arena, &out->reason, err);
}

bool correction_versions(struct arena *arena, struct db *state, int64_t query,
                         struct correction_list **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT version, actor, reason, at_ms, coalesce(applied_at_ms, 0)"
                  " FROM correction_version WHERE query = ?1 ORDER BY version DESC",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, version_load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool correction_read(struct arena *arena, struct db *state, int64_t query,
                     struct correction_list *out, struct err *err)
{
    struct correction_list *versions;
    struct stmt *stmt;
    void *rows;
    size_t count;

    *out = (struct correction_list){0};
    if (!correction_versions(arena, state, query, &versions, &count, err))
        return false;
    if (count == 0)
        return true;
    *out = versions[0];
    if (!db_query(state,
                  "SELECT term, context, mood FROM correction WHERE query = ?1 AND version = ?2"
                  " ORDER BY ordinal",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, out->version);
    bool ok =
        stmt_load_rows(stmt, arena, sizeof *out->items, item_load, NULL, &rows, &out->count, err);
    out->items = ok ? rows : NULL;
    return ok;
}

bool correction_applied(struct db *state, int64_t query, int64_t *version, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "SELECT coalesce(max(version), 0) FROM correction_version"
                  " WHERE query = ?1 AND applied_at_ms IS NOT NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    return stmt_one_i64(stmt, version, err);
}

bool correction_latest(struct db *state, int64_t query, int64_t *version, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "SELECT coalesce(max(version), 0) FROM correction_version WHERE query = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    return stmt_one_i64(stmt, version, err);
}

bool correction_set_applied(struct db *state, int64_t started_ms, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "UPDATE correction_version SET applied_at_ms = ?2 WHERE applied_at_ms IS NULL"
                  " AND version = (SELECT max(version) FROM correction_version AS v"
                  " WHERE v.query = correction_version.query AND v.at_ms <= ?1)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, started_ms);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

bool correction_mark(struct db *state, int64_t query, uint64_t *mark, struct err *err)
{
    struct stmt *stmt;
    bool has_row = true, ok;

    *mark = 0;
    if (!db_query(state,
                  "SELECT query, max(version) FROM correction_version"
                  " WHERE ?1 = 0 OR query = ?1 GROUP BY query ORDER BY query",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        *mark = hash_combine(*mark, hash_u64((uint64_t)stmt_i64(stmt, 0), MARK_SEED));
        *mark = hash_combine(*mark, hash_u64((uint64_t)stmt_i64(stmt, 1), MARK_SEED));
    }
    return ok;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool text_check(struct arena *arena, struct db *state, struct tokenizer *words, Str text,
                       struct err *err)
{
    struct standing_names names = {state, arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct query_problems problems = {0};
    struct query query;

    if (text.len > CORRECTION_TERM_BYTES_MAX)
        return err_set(err, ERR_INPUT, "a term of a correction is longer than %d bytes",
                       CORRECTION_TERM_BYTES_MAX);
    bool ok = query_parse(arena, words, text, STR_NONE, &resolver, &query, &problems, err) &&
              query_lint(arena, &query, &problems, err);
    vec_each (struct query_problem, problem, &problems) {
        if (!ok || problem->severity != QUERY_ERROR)
            continue;
        err_set_phrase(err, ERR_INPUT, problem->message, problem->message_phrase);
        err_wrap(err, "the correction '" STR_F "' is wrong at %u:%u", STR_A(str_sub(text, 0, 60)),
                 problem->line, problem->column);
        ok = err_hint_said(err, problem->fix, problem->fix_phrase);
    }
    query_problems_deinit(&problems);
    return ok;
}

bool correction_check(struct db *state, const struct correction *items, size_t count, size_t *wrong,
                      struct err *err)
{
    struct tokenizer *words = NULL;
    struct arena arena;

    *wrong = count;
    if (count > CORRECTIONS_MAX)
        return err_set(err, ERR_INPUT, "a query has at most %d corrections, not %zu",
                       CORRECTIONS_MAX, count);
    if (!tokenizer_create(&words, err))
        return false;
    arena_init(&arena, REQUEST_ARENA_BYTES_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        *wrong = i;
        ok = (items[i].term.len > 0 ||
              err_set(err, ERR_INPUT, "a correction without a term corrects nothing")) &&
             text_check(&arena, state, words, items[i].term, err) &&
             (items[i].context.len == 0 || text_check(&arena, state, words, items[i].context, err));
    }
    arena_deinit(&arena);
    tokenizer_destroy(&words);
    return ok;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool version_insert(struct db *state, int64_t query, int64_t version, Str actor, Str reason,
                           int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO correction_version (query, version, actor, reason, at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, version);
    stmt_bind_str(stmt, 3, actor);
    stmt_bind_str(stmt, 4, reason.len > 0 ? reason : S(""));
    stmt_bind_i64(stmt, 5, now_ms);
    return stmt_run(stmt, err);
}

static bool item_insert(struct db *state, int64_t query, int64_t version, size_t ordinal,
                        const struct correction *item, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "INSERT INTO correction (query, version, ordinal, term, context, mood)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query);
    stmt_bind_i64(stmt, 2, version);
    stmt_bind_i64(stmt, 3, (int64_t)ordinal);
    stmt_bind_str(stmt, 4, item->term);
    stmt_bind_str(stmt, 5, item->context.len > 0 ? item->context : S(""));
    stmt_bind_i64(stmt, 6, item->mood);
    return stmt_run(stmt, err);
}

static Str list_json(struct buf *out, int64_t version, const struct correction *items, size_t count)
{
    static const char *const moods[] = {"negative", "neutral", "positive"};
    struct json_writer w;

    buf_init(out, LEDGER_JSON_BYTES_MAX);
    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "version", version);
    json_set_array(&w, "corrections");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "term", items[i].term);
        if (items[i].context.len > 0)
            json_set_str(&w, "context", items[i].context);
        json_set_str(&w, "mood", str_from_cstr(moods[items[i].mood + 1]));
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    return buf_str(out);
}

static bool save_note(struct db *state, Str name, const struct correction_list *before,
                      int64_t version, const struct correction *items, size_t count, Str actor,
                      Str reason, int64_t now_ms, struct err *err)
{
    struct buf old, new;
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = actor,
                                 .action = S("query.correct"),
                                 .object_kind = S("query"),
                                 .object_id = name,
                                 .reason = reason,
                                 .before_json =
                                     list_json(&old, before->version, before->items, before->count),
                                 .after_json = list_json(&new, version, items, count)};
    bool ok = buf_ok(&old, err) && buf_ok(&new, err) && ledger_append(state, &entry, err);

    buf_deinit(&old);
    buf_deinit(&new);
    return ok;
}

static bool is_same(const struct correction_list *list, const struct correction *items,
                    size_t count)
{
    bool same = list->count == count;

    for (size_t i = 0; same && i < count; i++)
        same = str_eq(list->items[i].term, items[i].term) &&
               str_eq(list->items[i].context, items[i].context) &&
               list->items[i].mood == items[i].mood;
    return same;
}

static bool save_write(struct arena *arena, struct db *state, int64_t query,
                       const struct correction *items, size_t count, Str actor, Str reason,
                       int64_t now_ms, struct err *err)
{
    struct correction_list before;
    struct standing_query q;

    if (!standing_query_read(arena, state, query, &q, err) ||
        !correction_read(arena, state, query, &before, err))
        return false;
    if (is_same(&before, items, count))
        return true;
    int64_t version = before.version + 1;
    bool ok = version_insert(state, query, version, actor, reason, now_ms, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = item_insert(state, query, version, i, &items[i], err);
    return ok &&
           save_note(state, q.name, &before, version, items, count, actor, reason, now_ms, err);
}

bool correction_save(struct db *state, int64_t query, const struct correction *items, size_t count,
                     Str actor, Str reason, int64_t now_ms, struct err *err)
{
    struct arena arena;
    size_t wrong;

    if (!correction_check(state, items, count, &wrong, err) || !db_begin(state, err))
        return false;
    arena_init(&arena, REQUEST_ARENA_BYTES_MAX);
    bool ok = save_write(&arena, state, query, items, count, actor, reason, now_ms, err);
    arena_deinit(&arena);
    return db_end(state, ok, err);
}
