#include "db/db.h"

#include <errno.h>

#include "base/fault.h"
#include "base/log.h"
#include "db/db_priv.h"
#include "os/file.h"

/* Errors ------------------------------------------------------------------------------------- */

static bool is_disk_full(struct db *db, int code)
{
    if ((code & 0xff) == SQLITE_FULL)
        return true;
    if ((code & 0xff) != SQLITE_IOERR || !db->handle)
        return false;
    int sys = sqlite3_system_errno(db->handle);
    return sys == ENOSPC || sys == EDQUOT;
}

static bool fail_full(struct db *db, struct err *err)
{
    if (!db->is_full)
        log_event(LOG_ERROR, "db.disk_full", log_str("database", db->path));
    db->is_full = true;
    err_set_sys(err, ERR_IO, ENOSPC, "could not write to database '" STR_F "': the disk is full",
                STR_A(db->path));
    return err_hint(err, "Free some space and repeat; nothing stored is lost, reading goes on.");
}

static bool fail_busy(struct db *db, int code, struct err *err)
{
    const char *site;
    int64_t held_ms;

    if (writer_find(db, &site, &held_ms))
        err_set_sys(err, ERR_BUSY, code,
                    "could not write to database '" STR_F "': taken for %lld ms by %s",
                    STR_A(db->path), (long long)held_ms, site);
    else
        err_set_sys(err, ERR_BUSY, code,
                    "could not write to database '" STR_F "': taken by another process",
                    STR_A(db->path));
    return err_hint(err, "Try again when the other writer has finished.");
}

static enum err_code code_of_constraint(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_EXISTS;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
    case SQLITE_CONSTRAINT_DATATYPE:
        return ERR_INPUT;
    default:
        return ERR_CONFLICT;
    }
}

static enum err_code code_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        return code_of_constraint(code);
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return ERR_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return ERR_DENIED;
    case SQLITE_INTERRUPT:
        return ERR_CANCELLED;
    default:
        return ERR_DB;
    }
}

static bool is_forbidden(struct db *db, int code)
{
    int sys = (code & 0xff) == SQLITE_CANTOPEN && db->handle ? sqlite3_system_errno(db->handle) : 0;

    return sys == EACCES || sys == EPERM;
}

bool db_fail(struct db *db, int code, struct err *err)
{
    if (is_forbidden(db, code))
        return err_set_sys(err, ERR_DENIED, code, "database '" STR_F "': permission denied",
                           STR_A(db->path));
    if (is_disk_full(db, code))
        return fail_full(db, err);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
        return fail_busy(db, code, err);
    /* The connection's own text, when it is about this failure. */
    bool is_last = db->handle && sqlite3_extended_errcode(db->handle) == code;
    err_set_sys(err, code_of(code), code, "database '" STR_F "': %s", STR_A(db->path),
                is_last ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
    if (err->code == ERR_CORRUPT)
        err_hint(err, "The file is damaged or is no database; restore it from a backup.");
    return false;
}

/* Connection ---------------------------------------------------------------------------------- */

static int engine_flags(unsigned flags)
{
    int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;

    if (flags & DB_READ_ONLY)
        return common | SQLITE_OPEN_READONLY;
    if (flags & DB_CREATE)
        return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    return common | SQLITE_OPEN_READWRITE;
}

/* Untrusted files must not run code: no writes to internals, no quoted-string guessing, no
 * functions with effects in views and triggers. */
static bool harden(struct db *db, struct err *err)
{
    static const struct {
        int option, value;
    } options[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                   {SQLITE_DBCONFIG_DQS_DDL, 0},
                   {SQLITE_DBCONFIG_DQS_DML, 0},
                   {SQLITE_DBCONFIG_ENABLE_FKEY, 1}};

    for (size_t i = 0; i < COUNT_OF(options); i++) {
        int code = sqlite3_db_config(db->handle, options[i].option, options[i].value, (int *)NULL);
        if (code != SQLITE_OK)
            return db_fail(db, code, err);
    }
    int code = sqlite3_busy_handler(db->handle, writer_wait, db);
    return code == SQLITE_OK || db_fail(db, code, err);
}

static bool set_journal(struct db *db, struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db, "PRAGMA journal_mode = WAL", &stmt, err) || !stmt_step(stmt, &has_row, err))
        return false;
    bool is_good =
        has_row && (str_eq(stmt_str(stmt, 0), S("wal")) || str_eq(stmt_str(stmt, 0), S("memory")));
    stmt_reset(stmt);
    if (is_good)
        return true;
    err_set(err, ERR_UNAVAILABLE, "cannot keep a write-ahead log for database '" STR_F "'",
            STR_A(db->path));
    return err_hint(err, "Keep the data directory on a local file system.");
}

static bool configure(struct db *db, unsigned flags, struct err *err)
{
    if (!harden(db, err) || !db_run(db, "PRAGMA temp_store = MEMORY", err) ||
        !db_run(db, "PRAGMA cell_size_check = ON", err))
        return false;
    if (flags & DB_READ_ONLY) /* touches the file, so that one that is no database is found here */
        return db_run(db, "PRAGMA query_only = ON", err) &&
               db_run(db, "SELECT count(*) FROM sqlite_schema", err);
    if (!set_journal(db, err) || !db_run(db, "PRAGMA journal_size_limit = 67108864", err) ||
        !db_run(db, "PRAGMA secure_delete = ON", err)) /* erased texts leave no bytes behind */
        return false;
    /* Bulk writes change the same pages again and again: these are copied back, and the file is
     * forced to the disk, every 32 MiB of log instead of every 4. */
    if (flags & DB_BULK)
        return db_run(db, "PRAGMA synchronous = NORMAL", err) &&
               db_run(db, "PRAGMA wal_autocheckpoint = 8192", err) &&
               db_run(db, "PRAGMA secure_delete = FAST", err) &&
               db_run(db, "PRAGMA cache_size = -65536", err);
    return db_run(db, "PRAGMA synchronous = FULL", err);
}

static bool is_in_memory(Str path)
{
    return str_eq(path, S(":memory:"));
}

/* Existence, and a new file for its owner alone (the engine would obey the umask only). */
static bool prepare_file(Str path, unsigned flags, struct err *err)
{
    struct err why = {0};
    uint64_t bytes;

    if (is_in_memory(path) || file_size(path, &bytes, &why))
        return true;
    if (why.code != ERR_NOT_FOUND) { /* a folder that may not be entered, say */
        *err = why;
        return false;
    }
    if (flags & DB_CREATE)
        return file_append(path, S(""), err);
    return err_set(err, ERR_NOT_FOUND, "no database '" STR_F "'", STR_A(path));
}

static bool connect(struct db *db, Str path, unsigned flags, struct err *err)
{
    const char *name;

    if (!str_to_cstr(&db->memory, path, &name, err))
        return false;
    db->path = str_from_cstr(name);
    if (!prepare_file(db->path, flags, err))
        return false;
    if (fault_hit())
        return db_fail(db, SQLITE_CANTOPEN, err);
    int code = sqlite3_open_v2(name, &db->handle, engine_flags(flags), NULL);
    return code == SQLITE_OK || db_fail(db, code, err);
}

bool db_open(struct db **out, Str path, unsigned flags, struct err *err)
{
    unsigned access = flags & (DB_READ_ONLY | DB_READ_WRITE | DB_CREATE);
    struct db *db = mem_try_alloc(1, sizeof *db);

    ASSERT(access == DB_READ_ONLY || access == DB_READ_WRITE || access == DB_CREATE);
    *out = NULL;
    if (!db)
        return err_set(err, ERR_NO_MEMORY, "no memory to open database '" STR_F "'", STR_A(path));
    db->magic = DB_MAGIC;
    db->is_read_only = access == DB_READ_ONLY;
    db->busy_wait_ms = DB_BUSY_WAIT_MS;
    db->blocked_log_ms = DB_BLOCKED_LOG_MS;
    arena_init(&db->memory, FILE_PATH_BYTES_MAX + 1024);
    map_init(&db->texts, MAP_COPY_KEYS, 0);
    if (connect(db, path, flags, err) && configure(db, flags, err)) {
        *out = db;
        return true;
    }
    db_close(&db);
    return err_wrap(err, "could not open");
}

void db_close(struct db **db)
{
    struct db *gone = *db;

    if (!gone)
        return;
    ASSERT(gone->magic == DB_MAGIC);
    if (gone->depth > 0) {
        gone->depth = 1;
        db_rollback(gone);
    }
    statements_deinit(gone);
    int code = sqlite3_close(gone->handle);
    ASSERT(code == SQLITE_OK); /* else a statement or backup is still alive */
    arena_deinit(&gone->memory);
    gone->magic = 0;
    mem_free(gone);
    *db = NULL;
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_last_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

bool db_is_full(const struct db *db)
{
    return db->is_full;
}

uint64_t db_statement_count(const struct db *db)
{
    return db->statement_count;
}

void db_release_memory(struct db *db)
{
    (void)sqlite3_db_release_memory(db->handle); /* what it cannot give back it keeps */
}

void db_interrupt(struct db *db)
{
    sqlite3_interrupt(db->handle);
}

bool db_script(struct db *db, Str sql, struct err *err)
{
    struct arena arena;
    const char *text;

    ASSERT(db->magic == DB_MAGIC);
    arena_init(&arena, sql.len + 4096);
    bool ok = str_to_cstr(&arena, sql, &text, err);
    if (ok) {
        int code = fault_hit() ? SQLITE_IOERR : sqlite3_exec(db->handle, text, NULL, NULL, NULL);
        ok = code == SQLITE_OK || db_fail(db, code, err);
    }
    arena_deinit(&arena);
    return ok;
}

/* Transactions -------------------------------------------------------------------------------- */

bool db_begin_(struct db *db, const char *site, struct err *err)
{
    ASSERT(db->magic == DB_MAGIC && db->depth < DB_NESTING_MAX);
    if (db->depth > 0) {
        ASSERT(db->is_writing); /* a change inside db_begin_read() */
        db->depth++;
        return true;
    }
    if (!db_run(db, "BEGIN IMMEDIATE", err))
        return false;
    writer_enter(db, site);
    db->depth = 1;
    db->is_writing = true;
    db->is_doomed = false;
    return true;
}

bool db_begin_read(struct db *db, struct err *err)
{
    ASSERT(db->magic == DB_MAGIC && db->depth < DB_NESTING_MAX);
    if (db->depth > 0) {
        db->depth++;
        return true;
    }
    if (!db_run(db, "BEGIN", err))
        return false;
    db->depth = 1;
    db->is_writing = false;
    db->is_doomed = false;
    return true;
}

/* Back to no transaction. A rollback that cannot be carried out is done by the engine when the file
 * is opened next; nothing of it is ever visible. */
static void abandon(struct db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    writer_leave(db);
    db->depth = 0;
    db->is_writing = false;
    db->is_doomed = false;
}

static bool fail_doomed(struct db *db, struct err *err)
{
    return err_set(err, ERR_CONFLICT,
                   "could not commit to database '" STR_F "': a part was rolled back",
                   STR_A(db->path));
}

bool db_commit(struct db *db, struct err *err)
{
    ASSERT(db->magic == DB_MAGIC && db->depth > 0);
    if (db->depth > 1) {
        db->depth--;
        return !db->is_doomed || fail_doomed(db, err);
    }
    if (db->is_doomed || sqlite3_get_autocommit(db->handle)) {
        abandon(db);
        return fail_doomed(db, err);
    }
    if (!db_run(db, "COMMIT", err)) {
        abandon(db);
        return false;
    }
    if (db->is_writing && db->is_full) {
        log_event(LOG_INFO, "db.disk_full_over", log_str("database", db->path));
        db->is_full = false;
    }
    abandon(db);
    return true;
}

void db_rollback(struct db *db)
{
    ASSERT(db->magic == DB_MAGIC && db->depth > 0);
    if (db->depth > 1) {
        db->depth--;
        db->is_doomed = true;
        return;
    }
    abandon(db);
}

bool db_end(struct db *db, bool ok, struct err *err)
{
    if (ok)
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

bool db_is_writing(const struct db *db)
{
    return db->depth > 0 && db->is_writing;
}
