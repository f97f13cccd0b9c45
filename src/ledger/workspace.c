#include "ledger/workspace.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "db/migration.h"
#include "ledger/ledger.h"
#include "os/file.h"

enum { WORKSPACE_ARENA_BYTES = 64 * 1024 };

/* Places -------------------------------------------------------------------------------------- */

static Str environment(const char *name)
{
    return str_from_cstr(getenv(name));
}

bool data_dir_resolve(struct arena *arena, Str wanted, Str *out, struct err *err)
{
    Str data = environment("TRIMTAB_DATA"), xdg = environment("XDG_DATA_HOME"),
        home = environment("HOME");

    if (wanted.len == 0)
        wanted = data;
    if (wanted.len > 0) {
        if (!arena_try_str(arena, wanted, out))
            return err_arena(err, arena);
        return true;
    }
    if (xdg.len > 0 && xdg.len < FILE_PATH_BYTES_MAX) {
        *out = path_join(arena, xdg, S("trimtab"));
        return true;
    }
    if (home.len > 0 && home.len < FILE_PATH_BYTES_MAX) {
        *out = path_join(arena, home, S(".local/share/trimtab"));
        return true;
    }
    err_set(err, ERR_USAGE, "no place for the data");
    return err_hint(err, "Give --data DIR or set TRIMTAB_DATA.");
}

static Str workspace_dir(struct arena *arena, Str data_dir, Str slug)
{
    return path_join(arena, path_join(arena, data_dir, S("workspaces")), slug);
}

static bool check_data_dir(Str data_dir, struct err *err)
{
    /* Leaves room for "/workspaces/<slug>/posts/2026-11.db-journal". */
    return data_dir.len <= FILE_PATH_BYTES_MAX - 200 ||
           err_set(err, ERR_LIMIT, "the path of the data directory is too long");
}

static bool open_migrated(struct db **out, Str path, unsigned flags, Str prefix, struct err *err)
{
    struct db *db = NULL;

    if (!db_open(&db, path, flags, err))
        return false;
    if (!db_migrate(db, prefix, err)) {
        db_close(&db);
        return false;
    }
    *out = db;
    return true;
}

static bool open_system(struct db **out, Str data_dir, unsigned flags, struct err *err)
{
    struct arena arena;

    *out = NULL;
    if (!check_data_dir(data_dir, err))
        return false;
    arena_init(&arena, WORKSPACE_ARENA_BYTES);
    Str path = path_join(&arena, data_dir, S("system.db"));
    bool ok = open_migrated(out, path, flags, S("schema/system/"), err);
    arena_deinit(&arena);
    return ok;
}

bool system_db_open(struct db **out, Str data_dir, struct err *err)
{
    *out = NULL;
    return check_data_dir(data_dir, err) && dir_ensure(data_dir, err) &&
           open_system(out, data_dir, DB_CREATE, err);
}

bool system_db_open_read(struct db **out, Str data_dir, struct err *err)
{
    if (open_system(out, data_dir, DB_READ_ONLY, err))
        return true;
    if (err->code != ERR_NOT_FOUND)
        return false;
    err_set(err, ERR_NOT_FOUND, "no data in '" STR_F "'", STR_A(data_dir));
    return err_hint(err, "Create a workspace first, or give --data DIR.");
}

/* Slugs --------------------------------------------------------------------------------------- */

static bool is_slug_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_slug(Str slug)
{
    if (slug.len == 0 || slug.len > WORKSPACE_SLUG_BYTES_MAX)
        return false;
    for (size_t i = 0; i < slug.len; i++) {
        bool is_inner_hyphen =
            slug.ptr[i] == '-' && i > 0 && i + 1 < slug.len && slug.ptr[i - 1] != '-';
        if (!is_slug_byte(slug.ptr[i]) && !is_inner_hyphen)
            return false;
    }
    return true;
}

bool workspace_slug_check(Str slug, struct err *err)
{
    if (!is_slug(slug)) {
        err_set(err, ERR_INPUT, "workspace '" STR_F "' has no valid short name",
                STR_A(str_sub(slug, 0, 80)));
        return err_hint(err, "Use 1 to %d of a-z, 0-9 and single hyphens between them.",
                        WORKSPACE_SLUG_BYTES_MAX);
    }
    if (str_eq(slug, S("system")) || str_eq(slug, S("new"))) {
        err_set(err, ERR_INPUT, "the short name '" STR_F "' is taken by the program", STR_A(slug));
        return err_hint(err, "Choose another one.");
    }
    return true;
}

static bool check_name(Str name, struct err *err)
{
    if (str_trim(name).len == 0)
        return err_set(err, ERR_INPUT, "a workspace needs a name");
    if (name.len > WORKSPACE_NAME_BYTES_MAX)
        return err_set(err, ERR_INPUT, "a workspace's name has at most %d bytes",
                       WORKSPACE_NAME_BYTES_MAX);
    return str_utf8_invalid_at(name) == name.len ||
           err_set(err, ERR_INPUT, "the workspace's name is not valid UTF-8");
}

/* List ---------------------------------------------------------------------------------------- */

bool workspace_list(struct arena *arena, struct db *system, struct workspace_entry **out,
                    size_t *count, struct err *err)
{
    struct entries {
        VEC(struct workspace_entry);
    } found = {0};
    struct stmt *stmt;
    bool has_row, ok;

    if (!db_query(system, "SELECT slug, name, created_at_ms FROM workspace ORDER BY slug", &stmt,
                  err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row) {
        struct workspace_entry entry = {.created_at_ms = stmt_i64(stmt, 2)};
        ok = stmt_copy_str(stmt, 0, arena, &entry.slug, err) &&
             stmt_copy_str(stmt, 1, arena, &entry.name, err) &&
             (vec_try_push(&found, entry) || err_set(err, ERR_NO_MEMORY, "too many workspaces"));
        if (!ok) {
            stmt_reset(stmt);
            break;
        }
    }
    *out = ok ? arena_try_new(arena, struct workspace_entry, found.count) : NULL;
    if (ok && !*out)
        ok = err_arena(err, arena);
    if (ok && found.count > 0)
        memcpy(*out, found.items, found.count * sizeof *found.items);
    *count = ok ? found.count : 0;
    vec_deinit(&found);
    return ok;
}

/* The name by slug; *is_known false when there is none. */
static bool find_name(struct arena *arena, struct db *system, Str slug, Str *name, bool *is_known,
                      struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "SELECT name FROM workspace WHERE slug = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, slug);
    if (!stmt_step(stmt, is_known, err))
        return false;
    if (!*is_known)
        return true;
    bool ok = stmt_copy_str(stmt, 0, arena, name, err);
    stmt_reset(stmt);
    return ok;
}

static bool refuse_unknown(struct arena *arena, struct db *system, Str slug, struct err *err)
{
    struct workspace_entry *known;
    struct buf names;
    size_t count;

    if (!workspace_list(arena, system, &known, &count, err))
        return false;
    err_set(err, ERR_NOT_FOUND, "no workspace '" STR_F "'", STR_A(str_sub(slug, 0, 80)));
    if (count == 0)
        return err_hint(err, "There is none yet: trimtab workspace create SLUG NAME.");
    buf_init(&names, 150);
    for (size_t i = 0; i < count; i++)
        buf_printf(&names, "%s" STR_F, i > 0 ? ", " : "", STR_A(known[i].slug));
    err_hint(err, "There %s: " STR_F "%s.", count == 1 ? "is" : "are", STR_A(buf_str(&names)),
             names.is_failed ? " ..." : "");
    buf_deinit(&names);
    return false;
}

/* Opening ------------------------------------------------------------------------------------- */

static bool ensure_folders(const struct workspace *ws, struct err *err)
{
    return dir_ensure(ws->dir, err) && dir_ensure(ws->posts_dir, err) &&
           dir_ensure(ws->files_dir, err);
}

static bool open_state(struct workspace *ws, unsigned flags, struct err *err)
{
    Str path = path_join(&ws->memory, ws->dir, S("state.db"));

    if (!(flags & DB_READ_ONLY) && !ensure_folders(ws, err))
        return false;
    return open_migrated(&ws->state, path, flags, S("schema/state/"), err);
}

static bool workspace_new(struct workspace **out, Str data_dir, Str slug, struct err *err)
{
    struct workspace *ws = mem_try_alloc(1, sizeof *ws);

    if (!ws)
        return err_set(err, ERR_NO_MEMORY, "no memory to open a workspace");
    arena_init(&ws->memory, WORKSPACE_ARENA_BYTES);
    ws->slug = arena_str(&ws->memory, slug);
    ws->dir = workspace_dir(&ws->memory, data_dir, slug);
    ws->posts_dir = path_join(&ws->memory, ws->dir, S("posts"));
    ws->files_dir = path_join(&ws->memory, ws->dir, S("files"));
    *out = ws;
    return true;
}

void workspace_close(struct workspace **workspace)
{
    struct workspace *gone = *workspace;

    if (!gone)
        return;
    db_close(&gone->state);
    arena_deinit(&gone->memory);
    mem_free(gone);
    *workspace = NULL;
}

static bool check_known(struct workspace *ws, struct db *system, struct err *err)
{
    struct arena scratch;
    bool is_known;

    if (!find_name(&ws->memory, system, ws->slug, &ws->name, &is_known, err))
        return false;
    if (is_known)
        return true;
    arena_init(&scratch, 16 * MIB);
    refuse_unknown(&scratch, system, ws->slug, err);
    arena_deinit(&scratch);
    return false;
}

static bool open_workspace(struct workspace **out, Str data_dir, Str slug, unsigned flags,
                           struct err *err)
{
    struct workspace *ws = NULL;
    struct db *system = NULL;
    bool ok = false;

    *out = NULL;
    if (!workspace_slug_check(slug, err) || !system_db_open_read(&system, data_dir, err) ||
        !workspace_new(&ws, data_dir, slug, err) || !check_known(ws, system, err) ||
        !open_state(ws, flags, err))
        goto out;
    *out = ws;
    ws = NULL;
    ok = true;
out:
    workspace_close(&ws);
    db_close(&system);
    return ok;
}

bool workspace_open(struct workspace **out, Str data_dir, Str slug, struct err *err)
{
    return open_workspace(out, data_dir, slug, DB_READ_WRITE, err);
}

bool workspace_open_read(struct workspace **out, Str data_dir, Str slug, struct err *err)
{
    return open_workspace(out, data_dir, slug, DB_READ_ONLY, err);
}

/* Creating ------------------------------------------------------------------------------------ */

/* A state.db without a row in system.db is a creation that stopped half way, if its ledger holds no
 * more than the entry of that creation; anything else is data that somebody put there. */
static bool begin_ledger(struct workspace *ws, Str name, Str actor, int64_t now_ms, struct err *err)
{
    struct ledger_head head;

    if (!ledger_head_read(ws->state, &head, err))
        return false;
    if (head.seq == 1)
        return true;
    if (head.seq > 1) {
        err_set(err, ERR_EXISTS, "folder '" STR_F "' holds data of a workspace already",
                STR_A(ws->dir));
        return err_hint(err, "Move it away, or restore it with its system.db.");
    }
    if (!db_begin(ws->state, err))
        return false;
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = actor,
                                 .action = S("workspace.create"),
                                 .object_kind = S("workspace"),
                                 .object_id = ws->slug,
                                 .reason = name};
    bool ok = ledger_append(ws->state, &entry, err);
    return db_end(ws->state, ok, err);
}

static bool insert_workspace(struct db *system, Str slug, Str name, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "INSERT INTO workspace (slug, name, created_at_ms) VALUES (?1, ?2, ?3)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, slug);
    stmt_bind_str(stmt, 2, name);
    stmt_bind_i64(stmt, 3, now_ms);
    return stmt_run(stmt, err);
}

/* Both the row and the entry in the system's own ledger, or neither. */
static bool enter(struct db *system, Str slug, Str name, Str actor, int64_t now_ms, struct err *err)
{
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = actor,
                                 .action = S("workspace.create"),
                                 .object_kind = S("workspace"),
                                 .object_id = slug,
                                 .reason = name};

    if (!db_begin(system, err))
        return false;
    bool ok =
        insert_workspace(system, slug, name, now_ms, err) && ledger_append(system, &entry, err);
    return db_end(system, ok, err);
}

static bool create(struct workspace *ws, struct db *system, Str name, Str actor, int64_t now_ms,
                   struct err *err)
{
    bool is_known;
    Str known;

    if (!find_name(&ws->memory, system, ws->slug, &known, &is_known, err))
        return false;
    if (is_known)
        return err_set(err, ERR_EXISTS, "workspace '" STR_F "' exists already", STR_A(ws->slug));
    return open_state(ws, DB_CREATE, err) && begin_ledger(ws, name, actor, now_ms, err) &&
           enter(system, ws->slug, name, actor, now_ms, err);
}

bool workspace_create(struct db *system, Str data_dir, Str slug, Str name, Str actor,
                      int64_t now_ms, struct err *err)
{
    struct workspace *ws = NULL;

    if (!workspace_slug_check(slug, err) || !check_name(name, err) ||
        !check_data_dir(data_dir, err) || !workspace_new(&ws, data_dir, slug, err))
        return false;
    bool ok = create(ws, system, name, actor, now_ms, err);
    workspace_close(&ws);
    return ok;
}

/* Removing ------------------------------------------------------------------------------------ */

static bool strike_out(struct db *system, Str slug, Str actor, Str reason, int64_t now_ms,
                       struct err *err)
{
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = actor,
                                 .action = S("workspace.remove"),
                                 .object_kind = S("workspace"),
                                 .object_id = slug,
                                 .reason = reason};
    struct stmt *stmt;

    if (!db_begin(system, err))
        return false;
    bool ok = db_query(system, "DELETE FROM workspace WHERE slug = ?1", &stmt, err);
    if (ok) {
        stmt_bind_str(stmt, 1, slug);
        ok = stmt_run(stmt, err);
    }
    ok = ok && ledger_append(system, &entry, err);
    return db_end(system, ok, err);
}

/* The folder is put aside in one step before its row goes: whenever this stops, there is either a
 * whole workspace or one that can be removed again. */
static bool remove_workspace(struct workspace *ws, struct db *system, Str actor, Str reason,
                             int64_t now_ms, struct err *err)
{
    Str aside = arena_printf(&ws->memory, STR_F ".removed", STR_A(ws->dir));

    return check_known(ws, system, err) && dir_remove_all(aside, err) &&
           (!dir_exists(ws->dir) || file_rename(ws->dir, aside, err)) &&
           strike_out(system, ws->slug, actor, reason, now_ms, err) && dir_remove_all(aside, err);
}

bool workspace_remove(struct db *system, Str data_dir, Str slug, Str actor, Str reason,
                      int64_t now_ms, struct err *err)
{
    struct workspace *ws = NULL;

    if (!workspace_slug_check(slug, err) || !workspace_new(&ws, data_dir, slug, err))
        return false;
    bool ok = remove_workspace(ws, system, actor, reason, now_ms, err);
    workspace_close(&ws);
    return ok;
}
