#include "base/fault.h"
#include "db/db_priv.h"
#include "os/file.h"

enum { BACKUP_STEP_PAGES = 1024 };

/* One row of text from a check pragma; *is_fine when it says so. */
static bool check_pages(struct db *db, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db, "PRAGMA integrity_check(1)", &stmt, err) || !stmt_step(stmt, &has_row, err))
        return false;
    bool ok = has_row && str_eq(stmt_str(stmt, 0), S("ok"));
    if (!ok)
        err_set(err, ERR_CORRUPT, "database '" STR_F "' is damaged: " STR_F, STR_A(db->path),
                STR_A(has_row ? stmt_str(stmt, 0) : S("the check gave no answer")));
    stmt_reset(stmt);
    return ok;
}

static bool check_references(struct db *db, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db, "PRAGMA foreign_key_check", &stmt, err) || !stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return true;
    err_set(err, ERR_CORRUPT,
            "database '" STR_F "': row %lld of table " STR_F " refers to a missing row of " STR_F,
            STR_A(db->path), (long long)stmt_i64(stmt, 1), STR_A(stmt_str(stmt, 0)),
            STR_A(stmt_str(stmt, 2)));
    stmt_reset(stmt);
    return false;
}

bool db_check(struct db *db, struct err *err)
{
    ASSERT(db->magic == DB_MAGIC);
    return check_pages(db, err) && check_references(db, err);
}

static int copy_pages(sqlite3_backup *backup)
{
    int code = SQLITE_OK;

    while (code == SQLITE_OK)
        code = fault_hit() ? SQLITE_IOERR : sqlite3_backup_step(backup, BACKUP_STEP_PAGES);
    return code;
}

/* The open read transaction of the source keeps the copy at one moment, however long it takes. */
static bool copy(struct db *from, struct db *to, struct err *err)
{
    if (!db_begin_read(from, err))
        return false;
    bool ok = db_run(from, "SELECT count(*) FROM sqlite_schema", err);
    if (ok) {
        sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
        int code = backup ? copy_pages(backup) : sqlite3_errcode(to->handle);
        int finish = sqlite3_backup_finish(backup);
        if (code == SQLITE_DONE)
            code = finish;
        ok = code == SQLITE_OK || db_fail(to, code, err);
    }
    return db_end(from, ok, err);
}

/* A copy is one file without a log beside it, so that it can be read from read-only media. */
static bool write_copy(struct db *from, Str part, struct err *err)
{
    struct db *to = NULL;

    if (!db_open(&to, part, DB_CREATE, err))
        return false;
    bool ok = db_run(to, "PRAGMA journal_mode = DELETE", err) && copy(from, to, err) &&
              db_run(to, "PRAGMA journal_mode = DELETE", err) && check_pages(to, err);
    db_close(&to);
    return ok;
}

bool db_backup(struct db *db, Str path, struct err *err)
{
    struct arena arena;
    struct err ignored = {0};

    ASSERT(db->magic == DB_MAGIC && db->depth == 0);
    if (file_exists(path))
        return err_set(err, ERR_EXISTS, "backup '" STR_F "' exists already", STR_A(path));
    arena_init(&arena, 2 * FILE_PATH_BYTES_MAX);
    Str part = arena_printf(&arena, STR_F ".part", STR_A(path));
    bool ok = file_remove(part, err) && write_copy(db, part, err) && file_rename(part, path, err);
    if (!ok) {
        /* Renamed but not known to be on the disk is not a backup either. */
        (void)!file_remove(part, &ignored);
        (void)!file_remove(path, &ignored);
        err_wrap(err, "could not back up to '" STR_F "'", STR_A(path));
    }
    arena_deinit(&arena);
    return ok;
}
