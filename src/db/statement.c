#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/fault.h"
#include "db/db_priv.h"

/* Prepared statements are cached per connection by their text. A text has usually one statement; a
 * further one is made only while the first is in use (a query inside the loop over the same
 * query). */

static struct stmt *find_idle(struct stmt *first, int *in_use)
{
    for (*in_use = 0; first; first = first->next, ++*in_use)
        if (!first->is_taken)
            return first;
    return NULL;
}

static bool prepare(struct db *db, Str sql, struct stmt **out, struct err *err)
{
    const char *tail = NULL;
    struct stmt *stmt = mem_try_alloc(1, sizeof *stmt);

    if (!stmt)
        return db_fail(db, SQLITE_NOMEM, err);
    stmt->magic = STMT_MAGIC;
    stmt->db = db;
    int code = fault_hit() ? SQLITE_NOMEM
                           : sqlite3_prepare_v3(db->handle, sql.ptr, (int)sql.len,
                                                SQLITE_PREPARE_PERSISTENT, &stmt->handle, &tail);
    if (code != SQLITE_OK) {
        mem_free(stmt);
        return db_fail(db, code, err);
    }
    ASSERT(stmt->handle && str_trim(str_sub(sql, (size_t)(tail - sql.ptr), sql.len)).len == 0);
    *out = stmt;
    return true;
}

/* Enters a new statement into the cache: as the first of its text, or behind the first. */
static bool remember(struct db *db, Str sql, struct stmt *first, struct stmt *stmt, struct err *err)
{
    if (first) {
        stmt->next = first->next;
        first->next = stmt;
        return true;
    }
    ASSERT(db->statements.count < DB_STATEMENTS_MAX);
    /* Room first: an index entered into the map must never stay without its statement. */
    if (vec_try_reserve(&db->statements, db->statements.count + 1) &&
        map_put(&db->texts, sql, db->statements.count)) {
        vec_push(&db->statements, stmt);
        return true;
    }
    sqlite3_finalize(stmt->handle);
    mem_free(stmt);
    return db_fail(db, SQLITE_NOMEM, err);
}

static struct text_place *place_of(struct db *db, const char *sql)
{
    uintptr_t address = (uintptr_t)sql;

    return &db->places[(address >> 3 ^ address >> 11) % DB_TEXT_PLACES];
}

/* The first statement of a text, NULL when it has none. */
static struct stmt *find_text(struct db *db, Str text, size_t *index)
{
    const uint64_t *at = map_get(&db->texts, text);

    if (!at)
        return NULL;
    *index = (size_t)*at;
    return db->statements.items[*at];
}

/* A literal stays where it is, so its address finds it again without a look at its bytes. */
static struct stmt *find_literal(struct db *db, Str text)
{
    struct text_place *place = place_of(db, text.ptr);
    size_t index = 0;

    if (place->sql == text.ptr && place->len == text.len)
        return db->statements.items[place->index];
    struct stmt *first = find_text(db, text, &index);
    if (first)
        *place = (struct text_place){text.ptr, text.len, index};
    return first;
}

/* Takes an idle statement of the text whose first one is given, or makes one. */
static bool take(struct db *db, Str text, struct stmt *first, struct stmt **out, struct err *err)
{
    int in_use;
    struct stmt *stmt = find_idle(first, &in_use);

    if (!stmt) {
        ASSERT(in_use < DB_STATEMENTS_OF_ONE_TEXT_MAX);
        if (!prepare(db, text, &stmt, err) || !remember(db, text, first, stmt, err))
            return false;
    }
    stmt->is_taken = true;
    *out = stmt;
    return true;
}

bool db_query_(struct db *db, const char *sql, size_t len, struct stmt **out, struct err *err)
{
    Str text = {sql, len};

    ASSERT(db->magic == DB_MAGIC && len > 0 && len < INT_MAX);
    return take(db, text, find_literal(db, text), out, err);
}

bool db_query_made(struct db *db, Str sql, struct stmt **out, struct err *err)
{
    size_t index = 0;

    ASSERT(db->magic == DB_MAGIC && sql.len > 0 && sql.len < INT_MAX);
    return take(db, sql, find_text(db, sql, &index), out, err);
}

bool db_run_(struct db *db, const char *sql, size_t len, struct err *err)
{
    struct stmt *stmt;

    return db_query_(db, sql, len, &stmt, err) && stmt_run(stmt, err);
}

void statements_deinit(struct db *db)
{
    vec_each (struct stmt *, first, &db->statements)
        for (struct stmt *s = *first, *next; s; s = next) {
            next = s->next;
            sqlite3_finalize(s->handle);
            s->magic = 0;
            mem_free(s);
        }
    vec_deinit(&db->statements);
    map_deinit(&db->texts);
}

static sqlite3_stmt *binding(struct stmt *stmt)
{
    ASSERT(stmt->magic == STMT_MAGIC && !stmt->is_running);
    stmt->is_taken = true;
    return stmt->handle;
}

static void bound(struct stmt *stmt, int parameter, int code)
{
    ASSERT(code != SQLITE_RANGE); /* a parameter that the text does not have */
    if (code == SQLITE_OK || stmt->bind_code != SQLITE_OK)
        return;
    stmt->bind_code = code;
    stmt->bind_parameter = parameter;
}

void stmt_bind_i64(struct stmt *stmt, int parameter, int64_t value)
{
    bound(stmt, parameter, sqlite3_bind_int64(binding(stmt), parameter, value));
}

void stmt_bind_f64(struct stmt *stmt, int parameter, double value)
{
    if (isnan(value))
        stmt_bind_null(stmt, parameter);
    else
        bound(stmt, parameter, sqlite3_bind_double(binding(stmt), parameter, value));
}

void stmt_bind_str(struct stmt *stmt, int parameter, Str value)
{
    bound(stmt, parameter,
          sqlite3_bind_text64(binding(stmt), parameter, value.ptr ? value.ptr : "", value.len,
                              SQLITE_STATIC, SQLITE_UTF8));
}

void stmt_bind_blob(struct stmt *stmt, int parameter, Str value)
{
    bound(stmt, parameter,
          sqlite3_bind_blob64(binding(stmt), parameter, value.ptr ? value.ptr : "", value.len,
                              SQLITE_STATIC));
}

void stmt_bind_null(struct stmt *stmt, int parameter)
{
    bound(stmt, parameter, sqlite3_bind_null(binding(stmt), parameter));
}

void stmt_bind_str_or_null(struct stmt *stmt, int parameter, Str value)
{
    if (value.ptr)
        stmt_bind_str(stmt, parameter, value);
    else
        stmt_bind_null(stmt, parameter);
}

void stmt_reset(struct stmt *stmt)
{
    ASSERT(stmt->magic == STMT_MAGIC);
    /* What these return is the failure of the last step, reported then. */
    (void)sqlite3_reset(stmt->handle);
    (void)sqlite3_clear_bindings(stmt->handle);
    stmt->bind_code = SQLITE_OK;
    stmt->is_taken = false;
    stmt->is_running = false;
}

/* The engine ends a transaction by itself when the disk is full or memory ran out. What follows
 * would then be committed one by one, behind the back of a caller who means to be inside. */
static bool is_transaction_lost(const struct db *db)
{
    return db->depth > 0 && sqlite3_get_autocommit(db->handle);
}

static _Thread_local uint64_t thread_statement_count;

uint64_t db_thread_statement_count(void)
{
    return thread_statement_count;
}

static int step(struct stmt *stmt)
{
    struct db *db = stmt->db;

    if (stmt->bind_code != SQLITE_OK)
        return stmt->bind_code;
    if (is_transaction_lost(db))
        return SQLITE_ABORT_ROLLBACK;
    if (fault_hit())
        return SQLITE_IOERR;
    if (!stmt->is_running) {
        db->statement_count++;
        thread_statement_count++;
    }
    stmt->is_running = true;
    return sqlite3_step(stmt->handle);
}

bool stmt_step(struct stmt *stmt, bool *has_row, struct err *err)
{
    struct db *db = stmt->db;

    ASSERT(stmt->magic == STMT_MAGIC && db->magic == DB_MAGIC);
    int code = step(stmt);
    *has_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        db_fail(db, code, err);
    else if (db->is_full && sqlite3_get_autocommit(db->handle) &&
             !sqlite3_stmt_readonly(stmt->handle))
        db->is_full = false;
    stmt_reset(stmt);
    return code == SQLITE_DONE;
}

bool stmt_run(struct stmt *stmt, struct err *err)
{
    bool has_row = true;

    while (has_row)
        if (!stmt_step(stmt, &has_row, err))
            return false;
    return true;
}

static sqlite3_stmt *row(struct stmt *stmt, int column)
{
    ASSERT(stmt->magic == STMT_MAGIC && stmt->is_running);
    ASSERT(column >= 0 && column < sqlite3_data_count(stmt->handle));
    return stmt->handle;
}

int64_t stmt_i64(struct stmt *stmt, int column)
{
    return sqlite3_column_int64(row(stmt, column), column);
}

double stmt_f64(struct stmt *stmt, int column)
{
    return sqlite3_column_double(row(stmt, column), column);
}

Str stmt_str(struct stmt *stmt, int column)
{
    const void *text = sqlite3_column_text(row(stmt, column), column);

    return (Str){text, (size_t)sqlite3_column_bytes(stmt->handle, column)};
}

Str stmt_blob(struct stmt *stmt, int column)
{
    const void *bytes = sqlite3_column_blob(row(stmt, column), column);

    return (Str){bytes, (size_t)sqlite3_column_bytes(stmt->handle, column)};
}

bool stmt_is_null(struct stmt *stmt, int column)
{
    return sqlite3_column_type(row(stmt, column), column) == SQLITE_NULL;
}

bool stmt_copy_str(struct stmt *stmt, int column, struct arena *arena, Str *out, struct err *err)
{
    if (stmt_is_null(stmt, column)) {
        *out = STR_NONE;
        return true;
    }
    return arena_try_str(arena, stmt_str(stmt, column), out) || err_arena(err, arena);
}

/* Room for one more item; the list grows in steps inside the arena. */
static bool list_grow(struct arena *arena, void **items, size_t count, size_t *capacity,
                      size_t item_size)
{
    if (count < *capacity)
        return true;
    *capacity = *capacity > 0 ? 2 * *capacity : 16;
    void *larger = arena_try_alloc(arena, item_size, _Alignof(max_align_t), *capacity);
    if (!larger)
        return false;
    if (count > 0)
        memcpy(larger, *items, count * item_size);
    *items = larger;
    return true;
}

bool stmt_load_rows(struct stmt *stmt, struct arena *arena, size_t item_size, stmt_load_row *load,
                    const void *context, void **items, size_t *count, struct err *err)
{
    size_t capacity = 0;
    bool has_row = false;

    *items = NULL;
    *count = 0;
    for (;;) {
        if (!stmt_step(stmt, &has_row, err))
            return false;
        if (!has_row)
            return true;
        bool ok = list_grow(arena, items, *count, &capacity, item_size) || err_arena(err, arena);
        if (!ok || !load(stmt, arena, context, (char *)*items + *count * item_size, err)) {
            stmt_reset(stmt);
            return false;
        }
        ++*count;
    }
}

bool stmt_load_one(struct stmt *stmt, struct arena *arena, stmt_load_row *load, const void *context,
                   void *item, bool *is_found, struct err *err)
{
    if (!stmt_step(stmt, is_found, err))
        return false;
    if (!*is_found)
        return true;
    bool ok = load(stmt, arena, context, item, err);
    stmt_reset(stmt);
    return ok;
}

bool stmt_one_i64(struct stmt *stmt, int64_t *out, struct err *err)
{
    bool has_row;

    if (!stmt_step(stmt, &has_row, err))
        return false;
    ASSERT(has_row);
    *out = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return true;
}
