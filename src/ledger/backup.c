#include "ledger/backup.h"

#include "base/buf.h"
#include "base/limits.h"
#include "format/digest.h"
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
    struct err *err;
};

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
    return true;
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

static bool write_all(struct backup *b, struct workspace *workspace)
{
    return dir_ensure(path_join(&b->arena, b->to, S("posts")), b->err) &&
           db_backup(workspace->state, path_join(&b->arena, b->to, S("state.db")), b->err) &&
           enter(b, S("state.db")) && copy_segments(b, workspace->posts_dir) &&
           copy_folder(b, workspace->files_dir, S("files")) && buf_ok(&b->manifest, b->err) &&
           file_write_atomic(path_join(&b->arena, b->to, MANIFEST), buf_str(&b->manifest), b->err);
}

bool backup_write(struct workspace *workspace, Str folder, struct backup_report *out,
                  struct err *err)
{
    struct backup b = {.report = out, .err = err};
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

bool backup_check(Str folder, struct backup_report *out, struct err *err)
{
    struct arena arena;
    Str manifest, line;

    *out = (struct backup_report){0};
    arena_init(&arena, 256 * MIB);
    bool ok = file_read_all(&arena, path_join(&arena, folder, MANIFEST), 64 * MIB, &manifest, err);
    while (ok && manifest.len > 0) {
        str_cut(manifest, '\n', &line, &manifest);
        ok = line.len == 0 || check_line(&arena, folder, line, out, err);
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

bool backup_restore(struct db *system, Str data_dir, Str folder, Str slug, Str name, Str actor,
                    int64_t now_ms, struct backup_report *out, struct err *err)
{
    struct arena arena;

    if (!backup_check(folder, out, err) ||
        !workspace_create(system, data_dir, slug, name, actor, now_ms, err))
        return false;
    arena_init(&arena, 256 * MIB);
    Str dir = path_join(&arena, path_join(&arena, data_dir, S("workspaces")), slug);
    bool ok = file_remove(path_join(&arena, dir, S("state.db-wal")), err) &&
              file_remove(path_join(&arena, dir, S("state.db-shm")), err) &&
              restore_files(&arena, folder, dir, err);
    arena_deinit(&arena);
    return ok || err_wrap(err, "could not restore '" STR_F "'", STR_A(folder));
}
