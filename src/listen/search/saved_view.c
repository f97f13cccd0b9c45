#include "listen/search/saved_view.h"

#include "base/limits.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "listen/standing_query.h"

/* ---- words ----------------------------------------------------------------------------------- */

static const char *const order_names[] = {
    [SEARCH_NEWEST] = "newest", [SEARCH_OLDEST] = "oldest", [SEARCH_RELEVANT] = "relevant"};

const char *search_order_name(enum search_order order)
{
    ASSERT(order < COUNT_OF(order_names));
    return order_names[order];
}

bool search_order_from(Str name, enum search_order *out)
{
    for (size_t i = 0; i < COUNT_OF(order_names); i++)
        if (str_eq(name, str_from_cstr(order_names[i]))) {
            *out = (enum search_order)i;
            return true;
        }
    return false;
}

Str search_text_within(struct arena *arena, Str within, Str query)
{
    if (within.len > 0 && query.len > 0)
        return arena_printf(arena, "@@" STR_F " AND (" STR_F ")", STR_A(within), STR_A(query));
    return within.len > 0 ? arena_printf(arena, "@@" STR_F, STR_A(within)) : query;
}

void saved_view_window(const struct saved_view *view, int64_t now_ms, int64_t *from_ms,
                       int64_t *to_ms)
{
    *from_ms = view->days > 0 ? now_ms - view->days * TIME_DAY_MS : view->from_ms;
    *to_ms = view->days > 0 ? 0 : view->to_ms;
}

bool saved_view_may_change(const struct saved_view *view, const struct saved_view_reader *reader)
{
    return str_eq(view->owner, reader->login) || (view->is_shared && reader->is_manager);
}

bool saved_view_is_same(const struct saved_view *a, const struct saved_view *b)
{
    return str_eq(a->query, b->query) && str_eq(a->within, b->within) && a->days == b->days &&
           a->from_ms == b->from_ms && a->to_ms == b->to_ms && a->order == b->order &&
           a->has_stems == b->has_stems;
}

void saved_view_search_copy(struct saved_view *to, const struct saved_view *from)
{
    to->query = from->query;
    to->within = from->within;
    to->days = from->days;
    to->from_ms = from->from_ms;
    to->to_ms = from->to_ms;
    to->order = from->order;
    to->has_stems = from->has_stems;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool name_check(Str name, struct err *err)
{
    bool is_good = name.len > 0 && name.len <= SAVED_VIEW_NAME_BYTES_MAX &&
                   str_eq(str_trim(name), name) && str_utf8_invalid_at(name) == name.len;

    for (size_t i = 0; is_good && i < name.len; i++)
        is_good = (unsigned char)name.ptr[i] >= ' ' && name.ptr[i] != 0x7f;
    return is_good || err_set(err, ERR_INPUT, "this cannot be the name of a view") ||
           err_hint(err, "1 to %d bytes on one line", SAVED_VIEW_NAME_BYTES_MAX);
}

static bool view_check(struct db *db, const struct saved_view *view, struct err *err)
{
    struct arena arena;
    bool has_fixed = view->from_ms != 0 || view->to_ms != 0;

    if (!name_check(view->name, err))
        return false;
    if (view->days < 0 || view->days > SAVED_VIEW_DAYS_MAX || (view->days > 0 && has_fixed))
        return err_set(err, ERR_INPUT, "the window of a view is wrong") ||
               err_hint(err, "either 1 to %d days, or a beginning and an end", SAVED_VIEW_DAYS_MAX);
    if (view->to_ms != 0 && view->from_ms >= view->to_ms)
        return err_set(err, ERR_INPUT, "the window of a view ends before it begins");
    if (view->query.len == 0 && view->within.len == 0)
        return err_set(err, ERR_INPUT, "a view needs words or a query to search within");
    if (view->query.len > QUERY_BYTES_MAX)
        return err_set(err, ERR_INPUT, "a query is longer than %llu bytes",
                       (unsigned long long)QUERY_BYTES_MAX);
    arena_init(&arena, 4 * QUERY_BYTES_MAX);
    bool ok = standing_query_check(db, STR_NONE,
                                   search_text_within(&arena, view->within, view->query), err);
    arena_deinit(&arena);
    return ok;
}

static bool count_check(struct db *db, Str owner, struct err *err)
{
    struct stmt *stmt;
    int64_t count;

    if (!db_query(db, "SELECT count(*) FROM saved_view WHERE owner = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, owner);
    if (!stmt_one_i64(stmt, &count, err))
        return false;
    return count < SAVED_VIEWS_MAX ||
           err_set(err, ERR_LIMIT, "there are %d views already", SAVED_VIEWS_MAX) ||
           err_hint(err, "Remove one first.");
}

/* ---- the ledger ------------------------------------------------------------------------------ */

void saved_view_put(struct json_writer *w, const struct saved_view *v)
{
    json_set_str(w, "name", v->name);
    json_set_str(w, "owner", v->owner);
    json_set_bool(w, "is_shared", v->is_shared);
    json_set_str(w, "q", v->query);
    json_set_str(w, "query", v->within);
    json_set_i64(w, "days", v->days);
    json_set_i64(w, "from_ms", v->from_ms);
    json_set_i64(w, "to_ms", v->to_ms);
    json_set_str(w, "order", str_from_cstr(search_order_name(v->order)));
    json_set_bool(w, "has_stems", v->has_stems);
}

static Str view_json(struct buf *out, const struct saved_view *v)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    saved_view_put(&w, v);
    json_end_object(&w);
    return buf_str(out);
}

/* Of private views nothing is noted, and of one that stops being shared only what was. */
static bool ledger_note(struct db *db, const char *action, const struct saved_view *before,
                        const struct saved_view *after, const struct saved_view_reader *reader,
                        int64_t now_ms, struct err *err)
{
    bool was_shared = before && before->is_shared, is_shared = after && after->is_shared;
    struct arena arena;
    struct buf old, new;

    if (!was_shared && !is_shared)
        return true;
    arena_init(&arena, 4096);
    buf_init(&old, 8 * QUERY_BYTES_MAX);
    buf_init(&new, 8 * QUERY_BYTES_MAX);
    struct ledger_entry entry = {
        .at_ms = now_ms,
        .actor = reader->actor,
        .action = str_from_cstr(action),
        .object_kind = S("view"),
        .object_id = arena_printf(&arena, "%lld", (long long)(after ? after->id : before->id))};
    if (was_shared)
        entry.before_json = view_json(&old, before);
    if (is_shared)
        entry.after_json = view_json(&new, after);
    bool ok = buf_ok(&old, err) && buf_ok(&new, err) && ledger_append(db, &entry, err);
    buf_deinit(&old);
    buf_deinit(&new);
    arena_deinit(&arena);
    return ok;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void bind_view(struct stmt *stmt, const struct saved_view *v)
{
    stmt_bind_str(stmt, 2, v->owner);
    stmt_bind_str(stmt, 3, v->name);
    stmt_bind_i64(stmt, 4, v->is_shared ? 1 : 0);
    stmt_bind_str(stmt, 5, v->query);
    stmt_bind_str(stmt, 6, v->within);
    stmt_bind_i64(stmt, 7, v->days);
    stmt_bind_i64(stmt, 8, v->from_ms);
    stmt_bind_i64(stmt, 9, v->to_ms);
    stmt_bind_str(stmt, 10, str_from_cstr(search_order_name(v->order)));
    stmt_bind_i64(stmt, 11, v->has_stems ? 1 : 0);
    stmt_bind_i64(stmt, 12, v->changed_at_ms);
}

/* A name that is taken is said in the words of views. */
static bool run_named(struct stmt *stmt, Str name, struct err *err)
{
    if (stmt_run(stmt, err))
        return true;
    if (err->code != ERR_EXISTS)
        return false;
    err_clear(err);
    return err_set(err, ERR_EXISTS, "you have a view '" STR_F "' already", STR_A(name));
}

static bool view_insert(struct db *db, struct saved_view *v, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(
            db,
            "INSERT INTO saved_view (id, owner, name, is_shared, query, within, days, from_ms,"
            " to_ms, sort, has_stems, created_at_ms, changed_at_ms) VALUES (?1, ?2, ?3, ?4,"
            " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)",
            &stmt, err))
        return false;
    stmt_bind_null(stmt, 1);
    bind_view(stmt, v);
    if (!run_named(stmt, v->name, err))
        return false;
    v->id = db_last_id(db);
    return true;
}

bool saved_view_create(struct db *db, struct saved_view *view,
                       const struct saved_view_reader *reader, int64_t now_ms, struct err *err)
{
    view->owner = reader->login;
    view->created_at_ms = view->changed_at_ms = now_ms;
    if (!view_check(db, view, err) || !db_begin(db, err))
        return false;
    bool ok = count_check(db, view->owner, err) && view_insert(db, view, err) &&
              ledger_note(db, "view.create", NULL, view, reader, now_ms, err);
    return db_end(db, ok, err);
}

static bool view_update(struct db *db, const struct saved_view *v, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "UPDATE saved_view SET owner = ?2, name = ?3, is_shared = ?4, query = ?5,"
                  " within = ?6, days = ?7, from_ms = ?8, to_ms = ?9, sort = ?10, has_stems = ?11,"
                  " changed_at_ms = ?12 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, v->id);
    bind_view(stmt, v);
    return run_named(stmt, v->name, err);
}

static bool read_own(struct arena *arena, struct db *db, int64_t id,
                     const struct saved_view_reader *reader, struct saved_view *out,
                     struct err *err)
{
    if (!saved_view_read(arena, db, id, reader, out, err))
        return false;
    return saved_view_may_change(out, reader) ||
           err_set(err, ERR_DENIED, "this view belongs to '" STR_F "'", STR_A(out->owner)) ||
           err_hint(err, "Save one of your own.");
}

bool saved_view_change(struct db *db, const struct saved_view *view,
                       const struct saved_view_reader *reader, int64_t now_ms, struct err *err)
{
    struct saved_view before, after = *view;
    struct arena arena;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, 4 * QUERY_BYTES_MAX);
    bool ok = read_own(&arena, db, view->id, reader, &before, err);
    if (ok) {
        after.owner = before.owner;
        after.created_at_ms = before.created_at_ms;
        after.changed_at_ms = now_ms;
        ok = view_check(db, &after, err) && view_update(db, &after, err) &&
             ledger_note(db, "view.change", &before, &after, reader, now_ms, err);
    }
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

bool saved_view_remove(struct db *db, int64_t id, const struct saved_view_reader *reader,
                       int64_t now_ms, struct err *err)
{
    struct saved_view before;
    struct arena arena;
    struct stmt *stmt = NULL;

    if (!db_begin(db, err))
        return false;
    arena_init(&arena, 4 * QUERY_BYTES_MAX);
    bool ok = read_own(&arena, db, id, reader, &before, err) &&
              db_query(db, "DELETE FROM saved_view WHERE id = ?1", &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, id);
        ok = stmt_run(stmt, err) &&
             ledger_note(db, "view.remove", &before, NULL, reader, now_ms, err);
    }
    arena_deinit(&arena);
    return db_end(db, ok, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool load(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct saved_view *v = item;

    (void)context;
    *v = (struct saved_view){.id = stmt_i64(stmt, 0),
                             .is_shared = stmt_i64(stmt, 3) != 0,
                             .days = stmt_i64(stmt, 6),
                             .from_ms = stmt_i64(stmt, 7),
                             .to_ms = stmt_i64(stmt, 8),
                             .has_stems = stmt_i64(stmt, 10) != 0,
                             .created_at_ms = stmt_i64(stmt, 11),
                             .changed_at_ms = stmt_i64(stmt, 12)};
    if (!search_order_from(stmt_str(stmt, 9), &v->order))
        return err_set(err, ERR_CORRUPT, "view %lld has an unknown order", (long long)v->id);
    return stmt_copy_str(stmt, 1, arena, &v->owner, err) &&
           stmt_copy_str(stmt, 2, arena, &v->name, err) &&
           stmt_copy_str(stmt, 4, arena, &v->query, err) &&
           stmt_copy_str(stmt, 5, arena, &v->within, err);
}

bool saved_view_list(struct arena *arena, struct db *db, const struct saved_view_reader *reader,
                     struct saved_view **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(db,
                  "SELECT id, owner, name, is_shared, query, within, days, from_ms, to_ms, sort,"
                  " has_stems, created_at_ms, changed_at_ms FROM saved_view"
                  " WHERE owner = ?1 OR is_shared = 1 ORDER BY owner <> ?1, name, owner",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, reader->login);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool saved_view_read(struct arena *arena, struct db *db, int64_t id,
                     const struct saved_view_reader *reader, struct saved_view *out,
                     struct err *err)
{
    struct stmt *stmt;
    size_t count;
    void *rows;

    if (!db_query(db,
                  "SELECT id, owner, name, is_shared, query, within, days, from_ms, to_ms, sort,"
                  " has_stems, created_at_ms, changed_at_ms FROM saved_view"
                  " WHERE id = ?1 AND (owner = ?2 OR is_shared = 1)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, reader->login);
    if (!stmt_load_rows(stmt, arena, sizeof *out, load, NULL, &rows, &count, err))
        return false;
    if (count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no view %lld for you", (long long)id);
    *out = *(struct saved_view *)rows;
    return true;
}

bool saved_view_find(struct arena *arena, struct db *db, Str name,
                     const struct saved_view_reader *reader, struct saved_view *out,
                     struct err *err)
{
    struct saved_view *list;
    size_t count, found = 0;

    if (!saved_view_list(arena, db, reader, &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(list[i].name, name))
            continue;
        *out = list[i];
        if (str_eq(list[i].owner, reader->login))
            return true;
        found++;
    }
    if (found > 1)
        return err_set(err, ERR_CONFLICT, "several people share a view '" STR_F "'", STR_A(name)) ||
               err_hint(err, "Say which one by its number.");
    return found == 1 ||
           err_set(err, ERR_NOT_FOUND, "there is no view '" STR_F "' for you", STR_A(name));
}

bool saved_view_look_up(struct arena *arena, struct db *db, Str name_or_number,
                        const struct saved_view_reader *reader, struct saved_view *out,
                        struct err *err)
{
    struct err missing = {0};
    int64_t id;

    if (str_to_i64(name_or_number, &id)) {
        if (saved_view_read(arena, db, id, reader, out, &missing))
            return true;
        if (missing.code != ERR_NOT_FOUND) {
            *err = missing;
            return false;
        }
    }
    return saved_view_find(arena, db, name_or_number, reader, out, err);
}
