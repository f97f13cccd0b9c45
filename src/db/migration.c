#include "db/migration.h"

#include "base/log.h"
#include "db/db_priv.h"
#include "os/clock.h"
#include "os/file.h"

/* Two passes over files and records. The first compares what is recorded with what this program
 * has and changes nothing; the second applies what is missing. */

enum { MIGRATION_DIGITS_MAX = 9 };

/* "schema/state/0101_ledger.sql" -> 101 and "0101_ledger.sql". */
static bool parse_name(Str path, int64_t *number, Str *name, struct err *err)
{
    Str digits, rest;

    *name = path_base(path);
    if (str_cut(*name, '_', &digits, &rest) && digits.len <= MIGRATION_DIGITS_MAX &&
        str_to_i64(digits, number) && *number > 0 && str_ends(rest, S(".sql")))
        return true;
    return err_set(err, ERR_CORRUPT, "migration '" STR_F "' has no name like 0101_ledger.sql",
                   STR_A(path));
}

static bool is_for_other_engine(Str path)
{
    return str_ends(path, S(".postgres.sql"));
}

struct plan {
    const struct embedded_file *files;
    size_t count;
    bool *is_applied;    /* one for each file */
    int64_t number_last; /* highest this program has */
    size_t missing;
};

static bool table_exists(struct db *db, bool *out, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(db,
                  "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'",
                  &stmt, err) ||
        !stmt_step(stmt, out, err))
        return false;
    stmt_reset(stmt);
    return true;
}

static bool refuse_unknown(const struct plan *plan, int64_t number, Str name, struct err *err)
{
    bool is_newer = number > plan->number_last;

    err_set(err, ERR_CONFLICT, "migration " STR_F " was applied by %s program", STR_A(name),
            is_newer ? "a newer" : "another");
    return err_hint(err, is_newer
                             ? "Start the program version that wrote this data, or a later one."
                             : "This data was written by a program with other tables; use that "
                               "one, or restore a backup.");
}

/* One record of the database against the files. */
static bool compare_record(struct plan *plan, int64_t number, Str name, Str hash, struct err *err)
{
    for (size_t i = 0; i < plan->count; i++) {
        int64_t own;
        Str own_name;
        if (is_for_other_engine(plan->files[i].path))
            continue;
        if (!parse_name(plan->files[i].path, &own, &own_name, err))
            return false;
        if (own != number)
            continue;
        if (!str_eq(hash, str_from_cstr(plan->files[i].sha256_hex))) {
            err_set(err, ERR_CORRUPT, "migration " STR_F " is not the one that was applied",
                    STR_A(own_name));
            return err_hint(err, "A migration that was applied never changes: add a new one, or "
                                 "start the program that wrote this data.");
        }
        plan->is_applied[i] = true;
        plan->missing--;
        return true;
    }
    return refuse_unknown(plan, number, name, err);
}

static bool compare_records(struct db *db, struct plan *plan, struct err *err)
{
    struct stmt *stmt;
    bool exists, has_row, ok;

    if (!table_exists(db, &exists, err))
        return false;
    if (!exists)
        return true;
    if (!db_query(db, "SELECT number, name, sha256 FROM schema_migration ORDER BY number", &stmt,
                  err))
        return false;
    while ((ok = stmt_step(stmt, &has_row, err)) && has_row)
        if (!compare_record(plan, stmt_i64(stmt, 0), stmt_str(stmt, 1), stmt_str(stmt, 2), err)) {
            stmt_reset(stmt);
            return false;
        }
    return ok;
}

/* Fills the plan from the files and the records. Numbers must be unique and ascending. */
static bool make_plan(struct db *db, struct plan *plan, struct err *err)
{
    int64_t number, last = 0;
    Str name;

    plan->missing = 0;
    for (size_t i = 0; i < plan->count; i++) {
        plan->is_applied[i] = is_for_other_engine(plan->files[i].path);
        if (plan->is_applied[i])
            continue;
        if (!parse_name(plan->files[i].path, &number, &name, err))
            return false;
        if (number <= last)
            return err_set(err, ERR_CORRUPT, "migration number %lld is not above the one before",
                           (long long)number);
        last = number;
        plan->missing++;
    }
    plan->number_last = last;
    return compare_records(db, plan, err);
}

static bool record(struct db *db, const struct embedded_file *file, struct err *err)
{
    struct stmt *stmt;
    int64_t number;
    Str name;

    if (!parse_name(file->path, &number, &name, err) ||
        !db_query(db,
                  "INSERT INTO schema_migration (number, name, sha256, applied_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4)",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, number);
    stmt_bind_str(stmt, 2, name);
    stmt_bind_str(stmt, 3, str_from_cstr(file->sha256_hex));
    stmt_bind_i64(stmt, 4, clock_now_ms());
    return stmt_run(stmt, err);
}

static bool apply(struct db *db, const struct embedded_file *file, struct err *err)
{
    if (!db_script(db, file->bytes, err))
        return err_wrap(err, "migration " STR_F, STR_A(path_base(file->path)));
    if (sqlite3_get_autocommit(db->handle)) /* it held a COMMIT or ROLLBACK of its own */
        return err_set(err, ERR_CORRUPT, "migration " STR_F " ends the transaction it runs in",
                       STR_A(path_base(file->path)));
    if (!record(db, file, err))
        return false;
    log_event(LOG_DEBUG, "db.migrated", log_str("database", db->path),
              log_str("migration", path_base(file->path)));
    return true;
}

/* Somebody else may have migrated between the first look and the lock: looks again. */
static bool apply_missing(struct db *db, struct plan *plan, struct err *err)
{
    if (!db_run(db,
                "CREATE TABLE IF NOT EXISTS schema_migration ("
                "number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL,"
                " applied_at_ms INTEGER NOT NULL) STRICT",
                err) ||
        !make_plan(db, plan, err))
        return false;
    for (size_t i = 0; i < plan->count; i++)
        if (!plan->is_applied[i] && !apply(db, &plan->files[i], err))
            return false;
    return true;
}

static bool migrate(struct db *db, struct plan *plan, struct err *err)
{
    if (!make_plan(db, plan, err))
        return false;
    if (plan->missing == 0)
        return true;
    if (db->is_read_only) {
        err_set(err, ERR_CONFLICT, "%zu migrations are missing", plan->missing);
        return err_hint(err,
                        "Start the program once for writing; it brings the tables up to date.");
    }
    if (!db_begin(db, err))
        return false;
    bool ok = apply_missing(db, plan, err);
    return db_end(db, ok, err);
}

bool db_migrate_files(struct db *db, const struct embedded_file *files, size_t count,
                      struct err *err)
{
    struct plan plan = {.files = files, .count = count};

    ASSERT(db->magic == DB_MAGIC);
    plan.is_applied = mem_try_alloc(count, sizeof *plan.is_applied);
    if (!plan.is_applied)
        return err_set(err, ERR_NO_MEMORY, "no memory to compare migrations");
    bool ok = migrate(db, &plan, err);
    mem_free(plan.is_applied);
    return ok || err_wrap(err, "could not prepare database '" STR_F "'", STR_A(db->path));
}

bool db_migrate(struct db *db, Str prefix, struct err *err)
{
    const struct embedded_file *files;
    size_t count = embedded_list(prefix, &files);

    return db_migrate_files(db, files, count, err);
}
