/* db.h - the database behind one narrow seam: connection, statements, transactions.
 *
 * Everything people decided or did lives in tables reached through these functions. Nothing above
 * this room knows which engine is underneath; today it is SQLite in WAL mode, one file per
 * workspace. Values are bound, never formatted: statements are string literals, which the macros
 * enforce.
 *
 *     struct stmt *stmt;
 *     if (!db_query(db, "SELECT name FROM competitor WHERE topic_id = ?1", &stmt, err))
 *         return false;
 *     stmt_bind_i64(stmt, 1, topic_id);
 *     while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
 *         use(stmt_str(stmt, 0));
 *
 * Threads: a connection belongs to one thread at a time; open one for each thread (readers never
 * block, writers wait for one another). Only db_interrupt() may be called from elsewhere.
 * Memory: the connection owns its statements; a statement belongs to its user from db_query() until
 * stmt_reset() or until stmt_step() reports the end or fails, then it may serve the next
 * db_query() of the same text.
 * Errors: ERR_BUSY (another writer kept the file for DB_BUSY_WAIT_MS), ERR_EXISTS (unique),
 * ERR_CONFLICT (foreign key, or a part of the transaction was rolled back), ERR_INPUT (check, not
 * null), ERR_IO with sys = ENOSPC (disk full, see db_is_full), ERR_CORRUPT, ERR_NO_MEMORY,
 * ERR_CANCELLED (db_interrupt), ERR_DB (anything else; a wrong statement is one).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"

struct db;
struct stmt;

/* A write waits this long for another writer, then fails with ERR_BUSY. */
#define DB_BUSY_WAIT_MS 10000
/* A writer that waits longer than this logs "db.blocked" with the site that holds the file. */
#define DB_BLOCKED_LOG_MS 1000

enum db_flags {
    DB_READ_ONLY = 1,  /* the file must exist */
    DB_READ_WRITE = 2, /* the file must exist */
    DB_CREATE = 4,     /* read and write, made when absent, readable by the owner alone */
    DB_BULK = 8 /* with one of the above: a commit survives a killed process, but the last ones may
                   be lost with the power; for data that can be imported again */
};

/* The path is copied. ERR_NOT_FOUND when the file is absent. */
bool db_open(struct db **out, Str path, unsigned flags, struct err *err) MUST_CHECK;
void db_close(struct db **db); /* NULL-safe, rolls back what is open, sets *db = NULL */

/* Statements. Parameters count from 1 (?1, ?2 ...), columns from 0. Unbound parameters are NULL. */
#define db_query(db, literal, out, err)                                                            \
    db_query_((db), "" literal, sizeof(literal) - 1, (out), (err))
bool db_query_(struct db *db, const char *sql, size_t len, struct stmt **out,
               struct err *err) MUST_CHECK;
/* For a text made by the program out of its own constant tables, never out of input. The text is
 * copied, and found again by its bytes rather than by its address. */
bool db_query_made(struct db *db, Str sql, struct stmt **out, struct err *err) MUST_CHECK;

/* Bound bytes are not copied: they must stay until the statement is reset or has ended. Binding
 * never fails; what could not be bound makes the next stmt_step() fail. NaN is stored as NULL. */
void stmt_bind_i64(struct stmt *stmt, int parameter, int64_t value);
void stmt_bind_f64(struct stmt *stmt, int parameter, double value);
void stmt_bind_str(struct stmt *stmt, int parameter, Str value);
void stmt_bind_blob(struct stmt *stmt, int parameter, Str value);
void stmt_bind_null(struct stmt *stmt, int parameter);
/* NULL when the slice has a NULL pointer, else the text. */
void stmt_bind_str_or_null(struct stmt *stmt, int parameter, Str value);

/* The next row. At the end (*has_row == false) and on failure the statement is reset and its
 * bindings are gone: it can be bound and stepped again at once. */
bool stmt_step(struct stmt *stmt, bool *has_row, struct err *err) MUST_CHECK;
/* Steps to the end: for statements that return no rows. */
bool stmt_run(struct stmt *stmt, struct err *err) MUST_CHECK;
/* For a statement that is left before its end. */
void stmt_reset(struct stmt *stmt);
/* Loads one row into zeroed `item`; texts are copied into the arena. */
typedef bool stmt_load_row(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                           struct err *err);
/* Steps the bound statement to its end and loads its rows one behind the other; the list grows in
 * the arena, *items is NULL for none. On failure the statement is reset. */
bool stmt_load_rows(struct stmt *stmt, struct arena *arena, size_t item_size, stmt_load_row *load,
                    const void *context, void **items, size_t *count, struct err *err) MUST_CHECK;

/* Loads the first row of the bound statement; *is_found is false without one. It is reset. */
bool stmt_load_one(struct stmt *stmt, struct arena *arena, stmt_load_row *load, const void *context,
                   void *item, bool *is_found, struct err *err) MUST_CHECK;
/* The number in the row of a statement that always has one: count(*), max(x). It is reset. */
bool stmt_one_i64(struct stmt *stmt, int64_t *out, struct err *err) MUST_CHECK;

int64_t stmt_i64(struct stmt *stmt, int column);  /* 0 for NULL */
double stmt_f64(struct stmt *stmt, int column);   /* 0 for NULL */
Str stmt_str(struct stmt *stmt, int column);      /* until the next step or reset */
Str stmt_blob(struct stmt *stmt, int column);     /* until the next step or reset */
bool stmt_is_null(struct stmt *stmt, int column); /* tells NULL from 0 and "" */
/* A copy of the text; the empty slice with a NULL pointer for NULL. ERR_LIMIT at the arena's cap.
 */
bool stmt_copy_str(struct stmt *stmt, int column, struct arena *arena, Str *out,
                   struct err *err) MUST_CHECK;

/* One statement without parameters and rows. */
#define db_run(db, literal, err) db_run_((db), "" literal, sizeof(literal) - 1, (err))
bool db_run_(struct db *db, const char *sql, size_t len, struct err *err) MUST_CHECK;
int64_t db_changes(const struct db *db); /* rows changed by the last INSERT, UPDATE or DELETE */
int64_t db_last_id(const struct db *db); /* row id of the last INSERT */

/* Transactions begin with write intent and nest by counter: only the outermost one reaches the
 * file. An inner rollback dooms the outer one, whose commit then fails with ERR_CONFLICT. A commit
 * that returns false has rolled back; it must not be followed by db_rollback().
 *
 *     if (!db_begin(db, err)) return false;
 *     bool ok = first(db, err) && second(db, err);
 *     return db_end(db, ok, err);
 */
#define db_begin(db, err) db_begin_((db), ERR_ORIGIN, (err))
bool db_begin_(struct db *db, const char *site, struct err *err) MUST_CHECK;
bool db_commit(struct db *db, struct err *err) MUST_CHECK;
void db_rollback(struct db *db);
/* Commits when `ok`, else rolls back; true when both `ok` and committed. */
bool db_end(struct db *db, bool ok, struct err *err) MUST_CHECK;
/* Several reads of one state of the data; ends with db_end() as well. No write inside: db_begin()
 * within it is a bug. Inside another transaction it only counts. */
bool db_begin_read(struct db *db, struct err *err) MUST_CHECK;
bool db_is_writing(const struct db *db); /* inside db_begin() .. db_end() */

/* Disk full: writes fail with ERR_IO, reads go on. True from the first such failure until a write
 * succeeds again; nothing has to be repaired. */
bool db_is_full(const struct db *db);

/* Makes the running statement of the connection fail with ERR_CANCELLED. From any thread. */
void db_interrupt(struct db *db);

/* Online backup: a consistent copy of the whole database as of one moment, while others read and
 * write. Written beside `path` and renamed when complete and checked; an existing file is refused
 * with ERR_EXISTS. */
bool db_backup(struct db *db, Str path, struct err *err) MUST_CHECK;
/* Reads every page and index and checks foreign keys: ERR_CORRUPT with the first finding. */
bool db_check(struct db *db, struct err *err) MUST_CHECK;

/* Gives back the memory of cached pages; they are read again when needed. */
void db_release_memory(struct db *db);

/* Statements stepped to their first row or end since db_open(), for tests and request budgets. */
uint64_t db_statement_count(const struct db *db);
/* The same of all connections, by the calling thread since it began. */
uint64_t db_thread_statement_count(void);

#endif
