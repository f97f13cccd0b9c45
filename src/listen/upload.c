#include "listen/upload.h"

#include <stdio.h>

#include "base/limits.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "os/file.h"

static const char *const state_names[] = {"waiting", "importing", "done", "failed", "stopped"};

const char *upload_state_name(enum upload_state state)
{
    return state_names[state];
}

/* ---- files ----------------------------------------------------------------------------------- */

static Str uploads_dir(struct arena *arena, const struct workspace *w)
{
    return path_join(arena, w->files_dir, S("uploads"));
}

Str upload_path(struct arena *arena, const struct workspace *w, int64_t id)
{
    return path_join(arena, uploads_dir(arena, w), arena_printf(arena, "%lld", (long long)id));
}

bool upload_part_path(struct arena *arena, const struct workspace *w, uint64_t name, Str *out,
                      struct err *err)
{
    Str dir = uploads_dir(arena, w);

    if (!dir_ensure(dir, err))
        return false;
    *out = path_join(arena, dir, arena_printf(arena, "part-%016llx", (unsigned long long)name));
    return true;
}

/* "Survey 2026.csv.gz" to "survey-2026". */
static Str source_of(struct arena *arena, Str name)
{
    enum { ROOM = 60 };
    char *out = arena_new(arena, char, ROOM);
    size_t len = str_slug(str_sub(name, 0, str_find_byte(name, '.')), out, ROOM);

    return len > 0 ? (Str){out, len} : S("upload");
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool load(struct stmt *s, struct arena *arena, const void *context, void *item,
                 struct err *err)
{
    struct upload *u = item;
    Str state = stmt_str(s, 5);

    (void)context;
    *u = (struct upload){.id = stmt_i64(s, 0),
                         .size = stmt_i64(s, 2),
                         .import = stmt_i64(s, 7),
                         .query_set = stmt_i64(s, 8),
                         .counts = {.read = (uint64_t)stmt_i64(s, 9),
                                    .added = (uint64_t)stmt_i64(s, 10),
                                    .updated = (uint64_t)stmt_i64(s, 11),
                                    .duplicate = (uint64_t)stmt_i64(s, 12),
                                    .rejected = (uint64_t)stmt_i64(s, 13),
                                    .matched = (uint64_t)stmt_i64(s, 14)},
                         .seconds = stmt_f64(s, 15),
                         .created_at_ms = stmt_i64(s, 17),
                         .finished_at_ms = stmt_i64(s, 18)};
    for (size_t i = 0; i < COUNT_OF(state_names); i++)
        if (str_eq(state, str_from_cstr(state_names[i])))
            u->state = (enum upload_state)i;
    return stmt_copy_str(s, 1, arena, &u->name, err) &&
           stmt_copy_str(s, 3, arena, &u->source, err) &&
           stmt_copy_str(s, 4, arena, &u->mapping, err) &&
           stmt_copy_str(s, 6, arena, &u->problem, err) &&
           stmt_copy_str(s, 16, arena, &u->actor, err);
}

bool upload_list(struct arena *arena, struct db *state, struct upload **out, size_t *count,
                 struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(state,
                  "SELECT id, name, size, source, mapping, state, problem, import, query_set, read,"
                  " added, updated, duplicate, rejected, matched, seconds, actor, created_at_ms,"
                  " finished_at_ms FROM upload ORDER BY id DESC",
                  &stmt, err) ||
        !stmt_load_rows(stmt, arena, sizeof **out, load, NULL, &rows, count, err))
        return false;
    *out = rows;
    return true;
}

bool upload_read(struct arena *arena, struct db *state, int64_t id, struct upload *out,
                 struct err *err)
{
    struct stmt *stmt;
    void *rows;
    size_t count;

    if (!db_query(state,
                  "SELECT id, name, size, source, mapping, state, problem, import, query_set, read,"
                  " added, updated, duplicate, rejected, matched, seconds, actor, created_at_ms,"
                  " finished_at_ms FROM upload WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_rows(stmt, arena, sizeof *out, load, NULL, &rows, &count, err))
        return false;
    if (count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no upload %lld", (long long)id);
    *out = *(struct upload *)rows;
    return true;
}

bool upload_write(struct db *state, const struct upload *u, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(state,
                  "UPDATE upload SET source = ?2, mapping = ?3, state = ?4, problem = ?5,"
                  " import = ?6, query_set = ?7, read = ?8, added = ?9, updated = ?10,"
                  " duplicate = ?11, rejected = ?12, matched = ?13, seconds = ?14,"
                  " finished_at_ms = ?15 WHERE id = ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, u->id);
    stmt_bind_str(stmt, 2, u->source);
    stmt_bind_str(stmt, 3, u->mapping);
    stmt_bind_str(stmt, 4, str_from_cstr(state_names[u->state]));
    stmt_bind_str(stmt, 5, u->problem);
    stmt_bind_i64(stmt, 6, u->import);
    stmt_bind_i64(stmt, 7, u->query_set);
    stmt_bind_i64(stmt, 8, (int64_t)u->counts.read);
    stmt_bind_i64(stmt, 9, (int64_t)u->counts.added);
    stmt_bind_i64(stmt, 10, (int64_t)u->counts.updated);
    stmt_bind_i64(stmt, 11, (int64_t)u->counts.duplicate);
    stmt_bind_i64(stmt, 12, (int64_t)u->counts.rejected);
    stmt_bind_i64(stmt, 13, (int64_t)u->counts.matched);
    stmt_bind_f64(stmt, 14, u->seconds);
    stmt_bind_i64(stmt, 15, u->finished_at_ms);
    return stmt_run(stmt, err);
}

/* ---- bringing in, removing ------------------------------------------------------------------- */

static bool note(struct db *state, const char *action, const struct upload *u, Str actor,
                 int64_t now_ms, struct err *err)
{
    struct json_writer w;
    struct buf json;
    char id[24];

    (void)snprintf(id, sizeof id, "%lld", (long long)u->id);
    buf_init(&json, 8 * UPLOAD_NAME_BYTES_MAX + 256);
    json_writer_init(&w, &json, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "name", u->name);
    json_set_i64(&w, "bytes", u->size);
    json_end_object(&w);
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = actor,
                                 .action = str_from_cstr(action),
                                 .object_kind = S("upload"),
                                 .object_id = str_from_cstr(id),
                                 .after_json = buf_str(&json)};
    bool ok = buf_ok(&json, err) && ledger_append(state, &entry, err);
    buf_deinit(&json);
    return ok;
}

static bool check_room(struct db *state, int64_t size, struct err *err)
{
    struct stmt *stmt;
    int64_t kept;

    if (!db_query(state, "SELECT coalesce(sum(size), 0) FROM upload", &stmt, err) ||
        !stmt_one_i64(stmt, &kept, err))
        return false;
    if (kept + size <= (int64_t)UPLOAD_KEPT_BYTES_MAX)
        return true;
    err_set(err, ERR_LIMIT, "the uploads of a workspace are kept up to %llu GiB",
            (unsigned long long)(UPLOAD_KEPT_BYTES_MAX / GIB));
    return err_hint(err, "Remove earlier ones: their posts stay.");
}

static bool insert(struct workspace *w, Str part, struct upload *u, int64_t now_ms,
                   struct arena *arena, struct err *err)
{
    struct stmt *stmt;

    if (!check_room(w->state, u->size, err) ||
        !db_query(w->state,
                  "INSERT INTO upload (name, size, source, state, actor, created_at_ms)"
                  " VALUES (?1, ?2, ?3, 'waiting', ?4, ?5)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, u->name);
    stmt_bind_i64(stmt, 2, u->size);
    stmt_bind_str(stmt, 3, u->source);
    stmt_bind_str(stmt, 4, u->actor);
    stmt_bind_i64(stmt, 5, now_ms);
    if (!stmt_run(stmt, err))
        return false;
    u->id = db_last_id(w->state);
    return note(w->state, "upload.add", u, u->actor, now_ms, err) &&
           file_rename(part, upload_path(arena, w, u->id), err);
}

bool upload_add(struct workspace *w, Str part, struct upload *u, Str actor, int64_t now_ms,
                struct err *err)
{
    struct arena arena;

    arena_init(&arena, MIB);
    u->name = str_sub(u->name, 0, UPLOAD_NAME_BYTES_MAX);
    while (u->name.len > 0 && str_utf8_invalid_at(u->name) < u->name.len)
        u->name.len--; /* cut inside a letter */
    if (u->name.len == 0)
        u->name = S("upload");
    bool has_source = u->source.len > 0;
    if (!has_source)
        u->source = source_of(&arena, u->name);
    u->actor = actor;
    u->state = UPLOAD_WAITING;
    u->created_at_ms = now_ms;
    bool ok = db_begin(w->state, err);
    ok = ok && db_end(w->state, insert(w, part, u, now_ms, &arena, err), err);
    if (!has_source)
        u->source = STR_NONE;
    arena_deinit(&arena);
    return ok;
}

bool upload_remove(struct workspace *w, const struct upload *u, Str actor, int64_t now_ms,
                   struct err *err)
{
    struct stmt *stmt;
    struct arena arena;

    if (u->state == UPLOAD_IMPORTING)
        return err_set(err, ERR_CONFLICT, "the file is being imported") ||
               err_hint(err, "Stop the import first.");
    if (!db_begin(w->state, err))
        return false;
    bool ok = db_query(w->state, "DELETE FROM upload WHERE id = ?1", &stmt, err);
    if (ok) {
        stmt_bind_i64(stmt, 1, u->id);
        ok = stmt_run(stmt, err) && note(w->state, "upload.remove", u, actor, now_ms, err);
    }
    arena_init(&arena, MIB);
    ok = db_end(w->state, ok, err) && file_remove(upload_path(&arena, w, u->id), err);
    arena_deinit(&arena);
    return ok;
}
