#include "listen/standing_query.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "listen/measure/correction.h"

#define SET_SEED UINT64_C(0x7472696d74616205)

/* ---- checks ---------------------------------------------------------------------------------- */

static bool name_check(Str name, struct err *err)
{
    bool is_good = name.len > 0 && name.len <= STANDING_QUERY_NAME_BYTES_MAX;

    for (size_t i = 0; i < name.len && is_good; i++) {
        char c = name.ptr[i];
        is_good =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    }
    if (is_good)
        return true;
    err_set(err, ERR_INPUT, "'" STR_F "' cannot be the name of a query",
            STR_A(str_sub(name, 0, STANDING_QUERY_NAME_BYTES_MAX)));
    return err_hint(err, "1 to %d of a-z 0-9 . _ -", STANDING_QUERY_NAME_BYTES_MAX);
}

static bool resolver_find(void *context, Str name, Str *text)
{
    struct standing_names *names = context;
    struct standing_query query;
    struct err ignored = {0};

    if (!standing_query_find(names->arena, names->db, name, &query, &ignored))
        return false;
    *text = query.text;
    return true;
}

struct query_resolver standing_resolver(struct standing_names *names)
{
    return (struct query_resolver){.find = resolver_find, .context = names};
}

/* The first error of the text becomes the error of the call. */
static bool text_refuse(const struct query_problems *problems, struct err *err)
{
    vec_each (struct query_problem, problem, problems) {
        if (problem->severity != QUERY_ERROR)
            continue;
        return query_problem_refuse(problem, err);
    }
    return err_set(err, ERR_INPUT, "the query is wrong");
}

bool standing_query_check(struct db *db, Str name, Str text, struct err *err)
{
    struct arena arena;
    struct tokenizer *words = NULL;
    struct query_problems problems = {0};
    struct standing_names names = {db, &arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct query query;

    arena_init(&arena, REQUEST_ARENA_BYTES_MAX);
    bool ok = tokenizer_create(&words, err) &&
              query_parse(&arena, words, text, name, &resolver, &query, &problems, err) &&
              query_lint(&arena, &query, &problems, err);
    if (ok && problems.error_count > 0) {
        text_refuse(&problems, err);
        ok = false;
    }
    query_problems_deinit(&problems);
    tokenizer_destroy(&words);
    arena_deinit(&arena);
    return ok;
}

const char standing_query_from_file[] = PHRASE("query file");

/* ---- writing --------------------------------------------------------------------------------- */

static bool version_insert(struct db *db, int64_t id, int version, Str text, Str actor,
                           int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO standing_query_version (query, version, text, actor, at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, version);
    stmt_bind_str(stmt, 3, text);
    stmt_bind_str(stmt, 4, actor);
    stmt_bind_i64(stmt, 5, now_ms);
    return stmt_run(stmt, err);
}

static Str ledger_json(struct buf *out, Str text, int version, bool is_active)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "text", text);
    json_set_i64(&w, "version", version);
    json_set_bool(&w, "is_active", is_active);
    json_end_object(&w);
    return buf_str(out);
}

static bool ledger_note(struct db *db, const char *action, const struct standing_query *before,
                        const struct standing_query *after, Str actor, Str reason, int64_t now_ms,
                        struct err *err)
{
    struct buf old, new;

    buf_init(&old, 8 * QUERY_BYTES_MAX);
    buf_init(&new, 8 * QUERY_BYTES_MAX);
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = actor,
                                 .action = str_from_cstr(action),
                                 .object_kind = S("query"),
                                 .object_id = after->name,
                                 .reason = reason};
    if (before)
        entry.before_json = ledger_json(&old, before->text, before->version, before->is_active);
    entry.after_json = ledger_json(&new, after->text, after->version, after->is_active);
    bool ok = buf_ok(&old, err) && buf_ok(&new, err) && ledger_append(db, &entry, err);
    buf_deinit(&old);
    buf_deinit(&new);
    return ok;
}

static bool query_insert(struct db *db, struct standing_query *query, int64_t now_ms,
                         struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "INSERT INTO standing_query (name, title, text, version, is_active,"
                  " created_at_ms, changed_at_ms) VALUES (?1, ?2, ?3, 1, 1, ?4, ?4)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, query->name);
    stmt_bind_str(stmt, 2, query->title);
    stmt_bind_str(stmt, 3, query->text);
    stmt_bind_i64(stmt, 4, now_ms);
    if (!stmt_run(stmt, err))
        return err->code == ERR_EXISTS
                   ? (err_clear(err),
                      err_set(err, ERR_EXISTS, "there is a query '" STR_F "'", STR_A(query->name)))
                   : false;
    query->id = db_last_id(db);
    return true;
}

bool standing_query_create(struct db *db, struct standing_query *query, Str actor, int64_t now_ms,
                           struct err *err)
{
    if (query->title.len == 0)
        query->title = query->name;
    if (!name_check(query->name, err) || !standing_query_check(db, query->name, query->text, err))
        return false;
    if (query->title.len > STANDING_QUERY_TITLE_BYTES_MAX)
        return err_set(err, ERR_INPUT, "the title of a query is longer than %d bytes",
                       STANDING_QUERY_TITLE_BYTES_MAX);
    query->version = 1;
    query->is_active = true;
    query->created_at_ms = query->changed_at_ms = now_ms;
    if (!db_begin(db, err))
        return false;
    bool ok = query_insert(db, query, now_ms, err) &&
              version_insert(db, query->id, 1, query->text, actor, now_ms, err) &&
              ledger_note(db, "query.create", NULL, query, actor, S(""), now_ms, err);
    return db_end(db, ok, err);
}

static bool query_update(struct db *db, const struct standing_query *query, int64_t now_ms,
                         struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE standing_query SET text = ?2, version = ?3, is_active = ?4,"
                  " changed_at_ms = ?5 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query->id);
    stmt_bind_str(stmt, 2, query->text);
    stmt_bind_i64(stmt, 3, query->version);
    stmt_bind_i64(stmt, 4, query->is_active ? 1 : 0);
    stmt_bind_i64(stmt, 5, now_ms);
    return stmt_run(stmt, err);
}

static bool change_write(struct arena *arena, struct db *db, int64_t id, Str text, Str actor,
                         Str reason, int64_t now_ms, struct err *err)
{
    struct standing_query before, after;

    if (!standing_query_read(arena, db, id, &before, err))
        return false;
    if (str_eq(before.text, text))
        return true;
    after = before;
    after.text = text;
    after.version = before.version + 1;
    return standing_query_check(db, before.name, text, err) &&
           query_update(db, &after, now_ms, err) &&
           version_insert(db, id, after.version, text, actor, now_ms, err) &&
           ledger_note(db, "query.change", &before, &after, actor, reason, now_ms, err);
}

bool standing_query_change(struct db *db, int64_t id, Str text, Str actor, Str reason,
                           int64_t now_ms, struct err *err)
{
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, 8 * QUERY_BYTES_MAX);
    bool ok = change_write(&arena, db, id, text, actor, reason, now_ms, err);
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool standing_query_activate(struct db *db, int64_t id, bool is_active, Str actor, int64_t now_ms,
                             struct err *err)
{
    struct arena arena;
    struct standing_query before, after;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, 8 * QUERY_BYTES_MAX);
    bool ok = standing_query_read(&arena, db, id, &before, err);
    if (ok && before.is_active != is_active) {
        after = before;
        after.is_active = is_active;
        ok = query_update(db, &after, now_ms, err) &&
             ledger_note(db, is_active ? "query.activate" : "query.pause", &before, &after, actor,
                         S(""), now_ms, err);
    }
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Columns: id, name, title, text, version, is_active, created_at_ms, changed_at_ms. */
static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct standing_query *out = item;

    (void)context;
    *out = (struct standing_query){.id = stmt_i64(stmt, 0),
                                   .version = (int)stmt_i64(stmt, 4),
                                   .is_active = stmt_i64(stmt, 5) != 0,
                                   .created_at_ms = stmt_i64(stmt, 6),
                                   .changed_at_ms = stmt_i64(stmt, 7)};
    return stmt_copy_str(stmt, 1, arena, &out->name, err) &&
           stmt_copy_str(stmt, 2, arena, &out->title, err) &&
           stmt_copy_str(stmt, 3, arena, &out->text, err);
}

bool standing_query_find(struct arena *arena, struct db *db, Str name, struct standing_query *out,
                         struct err *err)
{
    struct stmt *stmt;
    bool is_found = false;

    if (!db_query(db,
                  "SELECT id, name, title, text, version, is_active, created_at_ms, changed_at_ms"
                  " FROM standing_query WHERE name = ?1",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, name);
    if (!stmt_load_one(stmt, arena, load, NULL, out, &is_found, err))
        return false;
    return is_found || err_set(err, ERR_NOT_FOUND, "there is no query '" STR_F "'", STR_A(name));
}

bool standing_query_read(struct arena *arena, struct db *db, int64_t id, struct standing_query *out,
                         struct err *err)
{
    struct stmt *stmt;
    bool is_found = false;

    if (!db_query(db,
                  "SELECT id, name, title, text, version, is_active, created_at_ms, changed_at_ms"
                  " FROM standing_query WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_one(stmt, arena, load, NULL, out, &is_found, err))
        return false;
    return is_found || err_set(err, ERR_NOT_FOUND, "there is no query %lld", (long long)id);
}

bool standing_query_list(struct arena *arena, struct db *db, struct standing_query **out,
                         size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(db,
                  "SELECT id, name, title, text, version, is_active, created_at_ms, changed_at_ms"
                  " FROM standing_query WHERE removed_at_ms IS NULL ORDER BY id",
                  &stmt, err))
        return false;
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

/* ---- versions, references, removal ----------------------------------------------------------- */

static bool load_version(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                         struct err *err)
{
    struct standing_query_version *v = item;

    (void)context;
    v->version = (int)stmt_i64(stmt, 0);
    v->at_ms = stmt_i64(stmt, 3);
    return stmt_copy_str(stmt, 1, arena, &v->text, err) &&
           stmt_copy_str(stmt, 2, arena, &v->actor, err);
}

bool standing_query_versions(struct arena *arena, struct db *db, int64_t id,
                             struct standing_query_version **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(db,
                  "SELECT version, text, actor, at_ms FROM standing_query_version"
                  " WHERE query = ?1 ORDER BY version DESC",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_rows(stmt, arena, sizeof **out, load_version, NULL, &rows, count, err))
        return false;
    *out = rows;
    return true;
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/* In a comment or in quotes too: rather one referrer too many than a query that breaks. */
static bool names_query(Str text, Str name)
{
    while (text.len > 0) {
        size_t at = str_find(text, S("@@"));
        if (at == text.len)
            return false;
        text = str_sub(text, at + 2, text.len);
        size_t len = 0;
        while (len < text.len && is_name_byte(text.ptr[len]))
            len++;
        while (len > 0 && text.ptr[len - 1] == '.')
            len--; /* the end of a sentence */
        if (str_eq_nocase(str_sub(text, 0, len), name))
            return true;
    }
    return false;
}

bool standing_query_referrers(struct arena *arena, struct db *db, Str name,
                              struct standing_query **out, size_t *count, struct err *err)
{
    struct standing_query *all;
    size_t all_count;

    *count = 0;
    if (!standing_query_list(arena, db, &all, &all_count, err))
        return false;
    *out = arena_try_new(arena, struct standing_query, all_count + 1);
    if (!*out)
        return err_arena(err, arena);
    for (size_t i = 0; i < all_count; i++)
        if (!str_eq(all[i].name, name) && names_query(all[i].text, name))
            (*out)[(*count)++] = all[i];
    return true;
}

/* A rule on a query that is matched no more would keep silent for ever. */
static bool check_rules(struct arena *arena, struct db *db, const struct standing_query *query,
                        struct err *err)
{
    struct stmt *stmt;
    bool has_row;
    Str rule;

    if (!db_query(db,
                  "SELECT r.name FROM alert_rule AS r JOIN alert_rule_query AS q ON q.rule = r.id"
                  " WHERE q.query = ?1 AND r.is_on = 1 LIMIT 1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query->id);
    if (!stmt_step(stmt, &has_row, err) || !has_row)
        return err->code == ERR_NONE;
    bool ok = stmt_copy_str(stmt, 0, arena, &rule, err);
    stmt_reset(stmt);
    if (!ok)
        return false;
    return err_set(err, ERR_CONFLICT, "the alert rule '" STR_F "' watches the query '" STR_F "'",
                   STR_A(rule), STR_A(query->name)) ||
           err_hint(err, "Switch the rule off first.");
}

static bool remove_row(struct db *db, const struct standing_query *query, int64_t now_ms,
                       struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE standing_query SET name = name || '~' || id, is_active = 0,"
                  " removed_at_ms = ?2, changed_at_ms = ?2 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, query->id);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

static bool remove_one(struct arena *arena, struct db *db, int64_t id, Str actor, Str reason,
                       int64_t now_ms, struct err *err)
{
    struct standing_query before, after, *referrers;
    size_t count;

    if (!standing_query_read(arena, db, id, &before, err) ||
        !standing_query_referrers(arena, db, before.name, &referrers, &count, err))
        return false;
    if (count > 0)
        return err_set(err, ERR_CONFLICT, "the query '" STR_F "' is named by '" STR_F "'",
                       STR_A(before.name), STR_A(referrers[0].name)) ||
               err_hint(err, "Change that one first.");
    after = before;
    after.is_active = false;
    return check_rules(arena, db, &before, err) && remove_row(db, &before, now_ms, err) &&
           ledger_note(db, "query.remove", &before, &after, actor, reason, now_ms, err);
}

bool standing_query_remove(struct db *db, int64_t id, Str actor, Str reason, int64_t now_ms,
                           struct err *err)
{
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = remove_one(&arena, db, id, actor, reason, now_ms, err);
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

/* ---- the set --------------------------------------------------------------------------------- */

/* A query that was accepted once and no longer compiles must not be left out in silence. */
struct refusal {
    const struct query_set_item *items;
    struct err *err;
};

static void refuse_query(void *context, size_t ordinal, const struct query_problems *problems)
{
    struct refusal *refusal = context;

    if (problems->error_count == 0 || refusal->err->code != ERR_NONE)
        return;
    text_refuse(problems, refusal->err);
    err_wrap(refusal->err, "standing query '" STR_F "'", STR_A(refusal->items[ordinal].id));
}

static void release_corrections(void *attachment)
{
    struct correction_set *corrections = attachment;

    correction_set_release(&corrections);
}

/* What words mean under the queries travels with them. */
static bool attach_corrections(struct query_set *set, struct db *db, struct err *err)
{
    struct correction_set *corrections;

    if (!correction_set_load(&corrections, db, err))
        return false;
    if (corrections)
        query_set_attach(set, corrections, release_corrections);
    return true;
}

static bool set_fill(struct query_set **out, struct arena *arena, struct db *db, struct err *err)
{
    struct standing_query *list;
    struct standing_names names = {db, arena};
    struct query_resolver resolver = standing_resolver(&names);
    size_t count, active = 0;

    if (!standing_query_list(arena, db, &list, &count, err))
        return false;
    struct query_set_item *items = arena_try_new(arena, struct query_set_item, count + 1);
    int64_t *ids = arena_try_new(arena, int64_t, count + 1);
    if (!items || !ids)
        return err_set(err, ERR_NO_MEMORY, "no memory for %zu queries", count);
    struct query_set_options options = {.resolver = &resolver, .numbers = ids, .mark = SET_SEED};
    for (size_t i = 0; i < count; i++) {
        if (!list[i].is_active)
            continue;
        items[active] = (struct query_set_item){list[i].name, list[i].text};
        ids[active++] = list[i].id;
        options.mark = hash_combine(options.mark, hash_u64((uint64_t)list[i].id, SET_SEED));
        options.mark = hash_combine(options.mark, hash_u64((uint64_t)list[i].version, SET_SEED));
    }
    uint64_t corrections;
    struct err refused = {0};
    struct refusal refusal = {items, &refused};
    if (!correction_mark(db, 0, &corrections, err))
        return false;
    if (corrections != 0)
        options.mark = hash_combine(options.mark, corrections);
    if (!query_set_create(out, items, active, &options, refuse_query, &refusal, err))
        return false;
    if (refused.code == ERR_NONE && attach_corrections(*out, db, err))
        return true;
    query_set_release(out);
    if (refused.code != ERR_NONE)
        *err = refused;
    return false;
}

bool standing_set_create(struct query_set **out, struct db *db, struct err *err)
{
    struct arena arena;

    *out = NULL;
    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    bool ok = set_fill(out, &arena, db, err);
    arena_deinit(&arena);
    return ok || err_wrap(err, "could not compile the standing queries");
}

bool standing_set_publish(struct query_set_holder *holder, struct db *db, struct err *err)
{
    struct query_set *set;

    if (!standing_set_create(&set, db, err))
        return false;
    query_set_holder_swap(holder, set);
    query_set_release(&set); /* the holder has its own reference */
    return true;
}

bool standing_set_revision(struct db *db, uint64_t *revision, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(
            db,
            "SELECT count(*), coalesce(sum(version), 0), coalesce(sum(id * is_active), 0),"
            " coalesce(max(changed_at_ms), 0) FROM standing_query WHERE removed_at_ms IS NULL",
            &stmt, err) ||
        !stmt_step(stmt, &has_row, err))
        return false;
    *revision = SET_SEED;
    for (int i = 0; i < 4; i++)
        *revision = hash_combine(*revision, hash_u64((uint64_t)stmt_i64(stmt, i), SET_SEED));
    stmt_reset(stmt);
    uint64_t corrections;
    if (!correction_mark(db, 0, &corrections, err))
        return false;
    *revision = hash_combine(*revision, corrections);
    return true;
}
