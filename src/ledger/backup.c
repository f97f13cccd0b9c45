#include "ledger/backup.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "format/digest.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "os/file.h"
#include "os/mapped_file.h"

#define BACKUP_FILE_BYTES_MAX (1024 * GIB)
#define MANIFEST              S("MANIFEST")

struct backup {
    struct arena arena; /* paths */
    Str to;
    struct buf manifest;
    struct backup_report *report;
    const struct backup_watch *watch; /* may be NULL */
    uint64_t total;
    struct err *err;
};

static bool watch_bytes(const struct backup_watch *watch, uint64_t done, uint64_t total,
                        struct err *err)
{
    if (!watch)
        return true;
    if (watch->progress)
        watch->progress(watch->context, done < total ? done : total, total);
    return !watch->stop || !atomic_load(watch->stop) || err_set(err, ERR_CANCELLED, "stopped");
}

static bool hash_file(Str path, char hex[65], uint64_t *bytes, struct err *err)
{
    struct mapped_file file;
    uint64_t size;

    if (!file_size(path, &size, err))
        return false;
    *bytes = size;
    if (size == 0) {
        memcpy(hex, digest_sha256_hex(S("")).text, 65);
        return true;
    }
    if (!mapped_open(&file, path, err))
        return false;
    memcpy(hex, digest_sha256_hex(file.bytes).text, 65);
    mapped_close(&file);
    return true;
}

/* `name` is relative to the backup and already there. */
static bool enter(struct backup *b, Str name)
{
    char hex[65];
    uint64_t bytes;

    if (!hash_file(path_join(&b->arena, b->to, name), hex, &bytes, b->err))
        return false;
    buf_printf(&b->manifest, "%s  " STR_F "\n", hex, STR_A(name));
    b->report->files++;
    b->report->bytes += bytes;
    return watch_bytes(b->watch, b->report->bytes, b->total, b->err);
}

static bool copy_file(struct arena *arena, Str from, Str to, struct err *err)
{
    struct mapped_file file = {{0}};
    struct output_file out;
    uint64_t size;

    if (!file_size(from, &size, err) || (size > 0 && !mapped_open(&file, from, err)))
        return false;
    bool ok = output_open(&out, arena, to, err);
    if (ok) {
        output_add(&out, file.bytes);
        ok = output_finish(&out, true, err);
    }
    mapped_close(&file);
    return ok;
}

static bool copy_segments(struct backup *b, Str posts)
{
    struct dir_entry *entries;
    size_t count = 0;
    bool ok = dir_list(&b->arena, posts, &entries, &count, b->err);

    for (size_t i = 0; ok && i < count; i++) {
        Str name = entries[i].name;
        struct db *db = NULL;
        if (entries[i].is_dir || name.len != 10 || !str_ends(name, S(".db")))
            continue;
        Str to = arena_printf(&b->arena, "posts/" STR_F, STR_A(name));
        ok = db_open(&db, path_join(&b->arena, posts, name), DB_READ_ONLY, b->err) &&
             db_backup(db, path_join(&b->arena, b->to, to), b->err) && enter(b, to);
        db_close(&db);
    }
    return ok;
}

static bool copy_folder(struct backup *b, Str from, Str name)
{
    struct dir_entry *entries;
    size_t count = 0;
    bool ok = dir_ensure(path_join(&b->arena, b->to, name), b->err) &&
              dir_list(&b->arena, from, &entries, &count, b->err);

    for (size_t i = 0; ok && i < count; i++) {
        Str inner = arena_printf(&b->arena, STR_F "/" STR_F, STR_A(name), STR_A(entries[i].name));
        Str path = path_join(&b->arena, from, entries[i].name);
        ok = entries[i].is_dir
                 ? copy_folder(b, path, inner)
                 : copy_file(&b->arena, path, path_join(&b->arena, b->to, inner), b->err) &&
                       enter(b, inner);
    }
    return ok;
}

/* Bytes that lie below, for progress: what changes meanwhile is not counted again. */
static bool folder_bytes(struct arena *arena, Str folder, uint64_t *bytes, struct err *err)
{
    struct dir_entry *entries;
    size_t count = 0;
    bool ok = dir_list(arena, folder, &entries, &count, err);

    for (size_t i = 0; ok && i < count; i++) {
        *bytes += entries[i].size;
        ok = !entries[i].is_dir ||
             folder_bytes(arena, path_join(arena, folder, entries[i].name), bytes, err);
    }
    return ok;
}

static bool measure_all(struct backup *b, struct workspace *workspace)
{
    struct dir_entry *entries;
    size_t count = 0;

    if (!file_size(path_join(&b->arena, workspace->dir, S("state.db")), &b->total, b->err) ||
        !dir_list(&b->arena, workspace->posts_dir, &entries, &count, b->err))
        return false;
    for (size_t i = 0; i < count; i++)
        b->total += str_ends(entries[i].name, S(".db")) ? entries[i].size : 0;
    return folder_bytes(&b->arena, workspace->files_dir, &b->total, b->err);
}

static bool write_all(struct backup *b, struct workspace *workspace)
{
    return measure_all(b, workspace) &&
           dir_ensure(path_join(&b->arena, b->to, S("posts")), b->err) &&
           db_backup(workspace->state, path_join(&b->arena, b->to, S("state.db")), b->err) &&
           enter(b, S("state.db")) && copy_segments(b, workspace->posts_dir) &&
           copy_folder(b, workspace->files_dir, S("files")) && buf_ok(&b->manifest, b->err) &&
           file_write_atomic(path_join(&b->arena, b->to, MANIFEST), buf_str(&b->manifest), b->err);
}

bool backup_write(struct workspace *workspace, Str folder, const struct backup_watch *watch,
                  struct backup_report *out, struct err *err)
{
    struct backup b = {.report = out, .watch = watch, .err = err};
    struct err ignored = {0};

    *out = (struct backup_report){0};
    if (file_exists(folder))
        return err_set(err, ERR_EXISTS, "'" STR_F "' exists already", STR_A(folder));
    arena_init(&b.arena, 256 * MIB);
    buf_init(&b.manifest, 64 * MIB);
    b.to = arena_printf(&b.arena, STR_F ".part", STR_A(folder));
    bool ok = dir_remove_all(b.to, err) && dir_ensure(b.to, err) && write_all(&b, workspace) &&
              file_rename(b.to, folder, err);
    if (!ok)
        (void)!dir_remove_all(b.to, &ignored);
    buf_deinit(&b.manifest);
    arena_deinit(&b.arena);
    return ok || err_wrap(err, "could not back up workspace '" STR_F "'", STR_A(workspace->slug));
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool check_database(Str path, bool has_ledger, struct backup_report *out, struct err *err)
{
    struct ledger_report report = {0};
    struct db *db = NULL;

    bool ok = db_open(&db, path, DB_READ_ONLY, err) && db_check(db, err);
    if (ok && has_ledger) {
        ok = ledger_verify(db, NULL, &report, err);
        if (ok && report.fault != 0)
            ok = err_set(err, ERR_CORRUPT, "the ledger is broken: %s", report.what);
        out->ledger_entries = report.entries;
    }
    db_close(&db);
    return ok;
}

static bool check_line(struct arena *arena, Str folder, Str line, struct backup_report *out,
                       struct err *err)
{
    char hex[65];
    uint64_t bytes;

    if (line.len < 67 || str_find(line, S("..")) < line.len)
        return err_set(err, ERR_CORRUPT, "MANIFEST of the backup has the line '" STR_F "'",
                       STR_A(str_sub(line, 0, 100)));
    Str name = str_sub(line, 66, line.len), path = path_join(arena, folder, name);
    if (!hash_file(path, hex, &bytes, err))
        return false;
    if (!str_eq(str_sub(line, 0, 64), (Str){hex, 64}))
        return err_set(err, ERR_CORRUPT, "'" STR_F "' is not what was backed up", STR_A(path));
    out->files++;
    out->bytes += bytes;
    return !str_ends(name, S(".db")) || str_starts(name, S("files/")) ||
           check_database(path, str_eq(name, S("state.db")), out, err);
}

bool backup_check(Str folder, const struct backup_watch *watch, struct backup_report *out,
                  struct err *err)
{
    struct arena arena;
    Str manifest, line;
    uint64_t total = 0;

    *out = (struct backup_report){0};
    arena_init(&arena, 256 * MIB);
    bool ok =
        file_read_all(&arena, path_join(&arena, folder, MANIFEST), 64 * MIB, &manifest, err) &&
        folder_bytes(&arena, folder, &total, err);
    while (ok && manifest.len > 0) {
        str_cut(manifest, '\n', &line, &manifest);
        ok = line.len == 0 || (check_line(&arena, folder, line, out, err) &&
                               watch_bytes(watch, out->bytes, total, err));
    }
    arena_deinit(&arena);
    return ok || err_wrap(err, "the backup '" STR_F "' is not whole", STR_A(folder));
}

/* ---- restoring ------------------------------------------------------------------------------- */

static bool restore_files(struct arena *arena, Str folder, Str dir, struct err *err)
{
    Str manifest, line;

    if (!file_read_all(arena, path_join(arena, folder, MANIFEST), 64 * MIB, &manifest, err))
        return false;
    while (manifest.len > 0) {
        str_cut(manifest, '\n', &line, &manifest);
        if (line.len == 0)
            continue;
        Str name = str_sub(line, 66, line.len), to = path_join(arena, dir, name);
        size_t slash = to.len;
        while (slash > 0 && to.ptr[slash - 1] != '/')
            slash--;
        if (!dir_ensure(str_sub(to, 0, slash > 0 ? slash - 1 : 0), err) ||
            !copy_file(arena, path_join(arena, folder, name), to, err))
            return false;
    }
    return true;
}

static bool note(struct db *db, const char *action, Str object, const struct backup_origin *origin,
                 const struct backup_report *report, struct err *err)
{
    struct json_writer w;
    struct buf after;

    buf_init(&after, 4 * KIB);
    json_writer_init(&w, &after, JSON_STYLE_COMPACT);
    if (report) {
        json_begin_object(&w);
        json_set_i64(&w, "files", report->files);
        json_set_i64(&w, "bytes", (int64_t)report->bytes);
        json_end_object(&w);
    }
    struct ledger_entry entry = {.at_ms = origin->now_ms,
                                 .actor = origin->actor,
                                 .action = str_from_cstr(action),
                                 .object_kind = S("workspace"),
                                 .object_id = object,
                                 .reason = origin->reason,
                                 .after_json = report ? buf_str(&after) : STR_NONE};
    bool ok = buf_ok(&after, err) && db_begin(db, err);
    ok = ok && db_end(db, ledger_append(db, &entry, err), err);
    buf_deinit(&after);
    return ok;
}

static bool restore_into(struct db *system, Str data_dir, Str folder, Str slug,
                         const struct backup_origin *origin, const struct backup_report *report,
                         struct arena *arena, struct err *err)
{
    struct workspace *workspace = NULL;
    Str dir = path_join(arena, path_join(arena, data_dir, S("workspaces")), slug);
    bool ok = file_remove(path_join(arena, dir, S("state.db-wal")), err) &&
              file_remove(path_join(arena, dir, S("state.db-shm")), err) &&
              restore_files(arena, folder, dir, err) &&
              workspace_open(&workspace, data_dir, slug, err) &&
              note(workspace->state, "workspace.restore", slug, origin, report, err) &&
              note(system, "workspace.restore", slug, origin, report, err);

    workspace_close(&workspace);
    return ok;
}

bool backup_restore(struct db *system, Str data_dir, Str folder, Str slug, Str name,
                    const struct backup_origin *origin, struct backup_report *out, struct err *err)
{
    struct arena arena;

    if (origin->reason.len == 0)
        return err_set(err, ERR_INPUT, "a restore needs a reason: the ledger keeps it");
    if (!backup_check(folder, NULL, out, err) ||
        !workspace_create(system, data_dir, slug, name, origin->actor, origin->now_ms, err))
        return false;
    arena_init(&arena, 256 * MIB);
    bool ok = restore_into(system, data_dir, folder, slug, origin, out, &arena, err);
    arena_deinit(&arena);
    return ok || err_wrap(err, "could not restore '" STR_F "'", STR_A(folder));
}

/* ---- those of the data directory ------------------------------------------------------------- */

static Str backups_dir(struct arena *arena, Str data_dir, Str slug)
{
    return path_join(arena, path_join(arena, data_dir, S("backups")), slug);
}

/* "2026-11-22T20:01:02Z" without what a name of a file had better not hold, and back. */
static Str name_of(struct arena *arena, int64_t now_ms)
{
    TimeText t = time_rfc3339(now_ms / 1000 * 1000);

    return arena_printf(arena, "%.4s%.2s%.5s%.2s%.2sZ", t.text, t.text + 5, t.text + 8, t.text + 14,
                        t.text + 17);
}

static bool name_time(Str name, int64_t *out)
{
    char text[32];

    if (name.len != BACKUP_NAME_BYTES || name.ptr[8] != 'T' || name.ptr[15] != 'Z')
        return false;
    for (size_t i = 0; i < 15; i++)
        if (i != 8 && (name.ptr[i] < '0' || name.ptr[i] > '9'))
            return false;
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.5s:%.2s:%.2sZ", name.ptr, name.ptr + 4,
                   name.ptr + 6, name.ptr + 11, name.ptr + 13);
    return time_parse_iso(str_from_cstr(text), out);
}

static bool entry_read(struct arena *arena, Str dir, Str name, struct backup_entry *out,
                       struct err *err)
{
    Str manifest, line;

    *out = (struct backup_entry){.name = name, .folder = path_join(arena, dir, name)};
    if (!name_time(name, &out->made_ms) || !dir_exists(out->folder))
        return err_set(err, ERR_NOT_FOUND, "there is no backup '" STR_F "'", STR_A(name));
    if (!file_read_all(arena, path_join(arena, out->folder, MANIFEST), 64 * MIB, &manifest, err) ||
        !folder_bytes(arena, out->folder, &out->bytes, err))
        return false;
    while (manifest.len > 0) {
        str_cut(manifest, '\n', &line, &manifest);
        out->files += line.len > 0;
    }
    return true;
}

bool backup_list(struct arena *arena, Str data_dir, Str slug, struct backup_entry **out,
                 size_t *count, struct err *err)
{
    Str dir = backups_dir(arena, data_dir, slug);
    struct dir_entry *entries = NULL;
    size_t found = 0;
    int64_t ignored;

    *count = 0;
    if (dir_exists(dir) && !dir_list(arena, dir, &entries, &found, err))
        return false;
    *out = arena_try_new(arena, struct backup_entry, found + 1);
    if (!*out)
        return err_arena(err, arena);
    for (size_t i = found; i-- > 0;) {
        if (!entries[i].is_dir || !name_time(entries[i].name, &ignored))
            continue;
        if (!entry_read(arena, dir, entries[i].name, &(*out)[*count], err))
            return false;
        ++*count;
    }
    return true;
}

bool backup_find(struct arena *arena, Str data_dir, Str slug, Str name, struct backup_entry *out,
                 struct err *err)
{
    return entry_read(arena, backups_dir(arena, data_dir, slug), name, out, err);
}

bool backup_make(struct workspace *workspace, Str data_dir, const struct backup_origin *origin,
                 const struct backup_watch *watch, struct arena *arena, struct backup_entry *out,
                 struct err *err)
{
    Str dir = backups_dir(arena, data_dir, workspace->slug);
    Str name = name_of(arena, origin->now_ms);
    struct backup_report report;

    return dir_ensure(dir, err) &&
           backup_write(workspace, path_join(arena, dir, name), watch, &report, err) &&
           note(workspace->state, "workspace.backup", name, origin, &report, err) &&
           entry_read(arena, dir, name, out, err);
}

bool backup_remove(struct workspace *workspace, Str data_dir, Str name,
                   const struct backup_origin *origin, struct err *err)
{
    struct backup_entry entry;
    struct arena arena;

    arena_init(&arena, 256 * MIB);
    bool ok = backup_find(&arena, data_dir, workspace->slug, name, &entry, err) &&
              note(workspace->state, "workspace.backup_remove", name, origin, NULL, err) &&
              dir_remove_all(entry.folder, err);
    arena_deinit(&arena);
    return ok;
}

bool backup_note_download(struct workspace *workspace, Str name, const struct backup_origin *origin,
                          struct err *err)
{
    return note(workspace->state, "workspace.backup_download", name, origin, NULL, err);
}
