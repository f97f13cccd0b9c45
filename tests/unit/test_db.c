/* Connections, statements, transactions, waiting, disk full, backup. */
#include "unit/test.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "db/db_priv.h"
#include "os/clock.h"
#include "os/thread.h"
#include "unit/scratch.h"

static struct db *open_db(struct scratch *s, unsigned flags)
{
    struct err err = {0};
    struct db *db = NULL;

    if (!db_open(&db, scratch_path(s, "t.db"), flags, &err))
        print_error("%s\n", err.msg);
    CHECK(db);
    return db;
}

#define RUN_SQL(db, literal)                                                                       \
    do {                                                                                           \
        struct err run_err = {0};                                                                  \
        bool run_ok = db_run((db), literal, &run_err);                                             \
        if (!run_ok)                                                                               \
            print_error("%s\n", run_err.msg);                                                      \
        CHECK(run_ok);                                                                             \
    } while (0)

static int64_t count_rows(struct db *db)
{
    struct err err = {0};
    struct stmt *stmt;
    bool has_row;

    CHECK(db_query(db, "SELECT count(*) FROM t", &stmt, &err));
    CHECK(stmt_step(stmt, &has_row, &err) && has_row);
    int64_t count = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return count;
}

TEST(open_creates_for_the_owner_alone)
{
    struct scratch s;
    struct stat info;

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a INTEGER) STRICT");
    CHECK(stat(scratch_path(&s, "t.db").ptr, &info) == 0);
    CHECK_INT(info.st_mode & 0777, 0600);
    CHECK(stat(scratch_path(&s, "t.db-wal").ptr, &info) == 0);
    CHECK_INT(info.st_mode & 0777, 0600);
    db_close(&db);
    CHECK(!db);
    db_close(&db);
    scratch_end(&s);
}

TEST(open_refuses_what_is_absent_or_no_database)
{
    struct scratch s;
    struct err err = {0};
    struct db *db;

    scratch_begin(&s);
    CHECK(!db_open(&db, scratch_path(&s, "none.db"), DB_READ_WRITE, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err_clear(&err);
    CHECK(
        file_write_atomic(scratch_path(&s, "text.db"),
                          S("this is a letter to a friend, and much longer than the sixteen bytes "
                            "of a header, for a database begins with those; this one does not"),
                          &err));
    CHECK(!db_open(&db, scratch_path(&s, "text.db"), DB_READ_ONLY, &err));
    CHECK_INT(err.code, ERR_CORRUPT);
    CHECK(err.hint[0] != '\0');
    CHECK(!db);
    err_clear(&err);
    CHECK(!db_open(&db, scratch_path(&s, "text.db"), DB_READ_WRITE, &err));
    CHECK_INT(err.code, ERR_CORRUPT);
    err_clear(&err);
    CHECK(!db_open(&db, (Str){"a\0b", 3}, DB_CREATE, &err));
    CHECK_INT(err.code, ERR_INPUT);
    scratch_end(&s);
}

TEST(values_come_back_as_they_were_bound)
{
    struct scratch s;
    struct err err = {0};
    struct stmt *stmt;
    bool has_row;

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE v (i INTEGER, f REAL, s TEXT, b BLOB, n TEXT, e TEXT, x REAL)");
    CHECK(db_query(db, "INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", &stmt, &err));
    stmt_bind_i64(stmt, 1, INT64_MIN);
    stmt_bind_f64(stmt, 2, 0.1);
    stmt_bind_str(stmt, 3, S("it's \xc3\xa4"));
    stmt_bind_blob(stmt, 4, (Str){"\0\1\2", 3});
    stmt_bind_str_or_null(stmt, 5, STR_NONE);
    stmt_bind_str(stmt, 6, STR_NONE);
    stmt_bind_f64(stmt, 7, (double)NAN);
    CHECK(stmt_run(stmt, &err));
    CHECK_INT(db_changes(db), 1);
    CHECK_INT(db_last_id(db), 1);
    CHECK(db_query(db, "SELECT * FROM v", &stmt, &err));
    CHECK(stmt_step(stmt, &has_row, &err) && has_row);
    CHECK(stmt_i64(stmt, 0) == INT64_MIN);
    CHECK(stmt_f64(stmt, 1) == 0.1);
    CHECK_STR(stmt_str(stmt, 2), "it's \xc3\xa4");
    CHECK(str_eq(stmt_blob(stmt, 3), (Str){"\0\1\2", 3}));
    CHECK(stmt_is_null(stmt, 4));
    CHECK(!stmt_is_null(stmt, 5));
    CHECK_INT(stmt_str(stmt, 5).len, 0);
    CHECK(stmt_is_null(stmt, 6));
    Str copy = S("x");
    CHECK(stmt_copy_str(stmt, 4, &s.arena, &copy, &err) && !copy.ptr);
    CHECK(stmt_copy_str(stmt, 2, &s.arena, &copy, &err));
    CHECK(stmt_step(stmt, &has_row, &err) && !has_row);
    CHECK_STR(copy, "it's \xc3\xa4");
    db_close(&db);
    scratch_end(&s);
}

/* A query inside the loop over the same query must not disturb it; bindings do not survive. */
TEST(statements_of_one_text_are_shared_only_when_idle)
{
    struct scratch s;
    struct err err = {0};
    struct stmt *outer, *inner, *again;
    bool has_row;

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a INTEGER)");
    RUN_SQL(db, "INSERT INTO t VALUES (1), (2), (3)");
    CHECK(db_query(db, "SELECT a FROM t WHERE a >= ?1 ORDER BY a", &outer, &err));
    stmt_bind_i64(outer, 1, 1);
    for (int64_t a = 1; a <= 3; a++) {
        CHECK(stmt_step(outer, &has_row, &err) && has_row);
        CHECK(stmt_i64(outer, 0) == a);
        CHECK(db_query(db, "SELECT a FROM t WHERE a >= ?1 ORDER BY a", &inner, &err));
        CHECK(inner != outer);
        stmt_bind_i64(inner, 1, 3);
        CHECK(stmt_step(inner, &has_row, &err) && has_row);
        CHECK_INT(stmt_i64(inner, 0), 3);
        stmt_reset(inner);
        stmt_reset(inner);
    }
    CHECK(stmt_step(outer, &has_row, &err) && !has_row);
    CHECK(db_query(db, "SELECT a FROM t WHERE a >= ?1 ORDER BY a", &again, &err));
    CHECK(stmt_step(again, &has_row, &err) && !has_row); /* ?1 is NULL again */
    CHECK(again == outer || again == inner);
    db_close(&db);
    scratch_end(&s);
}

TEST(failures_have_their_codes)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE p (id INTEGER PRIMARY KEY, u TEXT UNIQUE, c INTEGER CHECK (c > 0),"
                " n TEXT NOT NULL) STRICT");
    RUN_SQL(db, "CREATE TABLE c (p INTEGER REFERENCES p (id))");
    RUN_SQL(db, "INSERT INTO p VALUES (1, 'a', 1, 'n')");
    CHECK(!db_run(db, "INSERT INTO p VALUES (2, 'a', 1, 'n')", &err));
    CHECK_INT(err.code, ERR_EXISTS);
    CHECK(!db_run(db, "INSERT INTO p VALUES (1, 'b', 1, 'n')", &err));
    CHECK_INT(err.code, ERR_EXISTS);
    CHECK(!db_run(db, "INSERT INTO p VALUES (3, 'c', 0, 'n')", &err));
    CHECK_INT(err.code, ERR_INPUT);
    CHECK(!db_run(db, "INSERT INTO p VALUES (3, 'c', 1, NULL)", &err));
    CHECK_INT(err.code, ERR_INPUT);
    CHECK(!db_run(db, "INSERT INTO p VALUES (3, 'c', 'word', 'n')", &err));
    CHECK_INT(err.code, ERR_INPUT);
    CHECK(!db_run(db, "INSERT INTO c VALUES (99)", &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    CHECK(!db_run(db, "SELECT nothing FROM nowhere", &err));
    CHECK_INT(err.code, ERR_DB);
    CHECK(!db_run(db, "SELECT \"not a column\"", &err)); /* quoted strings are identifiers */
    CHECK_INT(err.code, ERR_DB);
    db_close(&db);
    db = open_db(&s, DB_READ_ONLY);
    CHECK(!db_run(db, "DELETE FROM p", &err));
    CHECK_INT(err.code, ERR_DENIED);
    CHECK(!db_begin(db, &err));
    CHECK_INT(err.code, ERR_DENIED);
    db_close(&db);
    scratch_end(&s);
}

TEST(transactions_nest_by_counter)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a INTEGER)");
    CHECK(db_begin(db, &err) && db_begin(db, &err));
    CHECK(db_is_writing(db));
    RUN_SQL(db, "INSERT INTO t VALUES (1)");
    CHECK(db_commit(db, &err));
    CHECK(db_is_writing(db));
    db_rollback(db);
    CHECK(!db_is_writing(db));
    CHECK_INT(count_rows(db), 0);

    CHECK(db_begin(db, &err) && db_begin(db, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (1)");
    CHECK(db_end(db, true, &err) && db_end(db, true, &err));
    CHECK_INT(count_rows(db), 1);

    /* an inner rollback dooms the whole, also what came after */
    CHECK(db_begin(db, &err) && db_begin(db, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (2)");
    CHECK(!db_end(db, false, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (3)");
    CHECK(!db_commit(db, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    CHECK_INT(count_rows(db), 1);
    err_clear(&err);

    /* the next one is not affected */
    CHECK(db_begin(db, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (4)");
    CHECK(db_commit(db, &err));
    CHECK_INT(count_rows(db), 2);

    /* what is open at the end is rolled back */
    CHECK(db_begin(db, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (5)");
    db_close(&db);
    db = open_db(&s, DB_READ_WRITE);
    CHECK_INT(count_rows(db), 2);
    db_close(&db);
    scratch_end(&s);
}

TEST(reading_sees_one_state)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE), *other = open_db(&s, DB_READ_WRITE);
    RUN_SQL(db, "CREATE TABLE t (a INTEGER)");
    CHECK(db_begin_read(db, &err) && db_begin_read(db, &err));
    CHECK(!db_is_writing(db));
    CHECK_INT(count_rows(db), 0);
    RUN_SQL(other, "INSERT INTO t VALUES (1)"); /* a reader blocks no writer */
    CHECK_INT(count_rows(db), 0);
    CHECK(db_end(db, true, &err));
    CHECK_INT(count_rows(db), 0);
    CHECK(db_end(db, true, &err));
    CHECK_INT(count_rows(db), 1);
    db_close(&other);
    db_close(&db);
    scratch_end(&s);
}

TEST(waiting_for_a_writer_ends_and_names_it)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *holder = open_db(&s, DB_CREATE), *waiter = open_db(&s, DB_READ_WRITE);
    RUN_SQL(holder, "CREATE TABLE t (a INTEGER)");
    waiter->busy_wait_ms = 60;
    waiter->blocked_log_ms = 20; /* prints db.blocked */
    CHECK(db_begin_(holder, "market.c:77", &err));
    uint64_t start = clock_monotonic_ns();
    CHECK(!db_begin(waiter, &err));
    CHECK_INT(err.code, ERR_BUSY);
    CHECK(strstr(err.msg, "market.c:77"));
    CHECK(clock_seconds_since(start) >= 0.06);
    CHECK(waiter->is_blocked_logged);
    CHECK_INT(count_rows(waiter), 0); /* reading goes on */
    CHECK(db_commit(holder, &err));
    err_clear(&err);
    CHECK(db_begin(waiter, &err));
    CHECK(db_commit(waiter, &err));
    db_close(&waiter);
    db_close(&holder);
    scratch_end(&s);
}

enum { WRITERS = 4, ROUNDS = 40 };

struct worker {
    struct scratch *scratch;
    struct arena arena;
    atomic_int *failures;
};

static void write_rounds(void *context)
{
    struct worker *w = context;
    struct err err = {0};
    struct db *db = NULL;
    struct stmt *stmt;
    bool ok = db_open(&db, path_join(&w->arena, str_from_cstr(w->scratch->dir), S("t.db")),
                      DB_READ_WRITE, &err);

    for (int i = 0; ok && i < ROUNDS; i++) {
        ok = db_begin(db, &err);
        if (!ok)
            break;
        bool has_row;
        int64_t next = 0;
        ok = db_query(db, "SELECT coalesce(max(a), 0) + 1 FROM t", &stmt, &err) &&
             stmt_step(stmt, &has_row, &err);
        if (ok) {
            next = stmt_i64(stmt, 0);
            stmt_reset(stmt);
            ok = db_query(db, "INSERT INTO t VALUES (?1)", &stmt, &err);
            if (ok) {
                stmt_bind_i64(stmt, 1, next);
                ok = stmt_run(stmt, &err);
            }
        }
        ok = db_end(db, ok, &err);
    }
    db_close(&db);
    if (!ok)
        atomic_fetch_add(w->failures, 1);
}

/* Read-then-write in one transaction: without write intent two would read the same maximum. */
TEST(writers_of_several_threads_take_turns)
{
    struct scratch s;
    struct err err = {0};
    struct worker workers[WRITERS];
    struct thread threads[WRITERS] = {0};
    atomic_int failures = 0;

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a INTEGER PRIMARY KEY)");
    for (int i = 0; i < WRITERS; i++) {
        workers[i] = (struct worker){.scratch = &s, .failures = &failures};
        arena_init(&workers[i].arena, 8192);
        CHECK(thread_create(&threads[i], "writer", write_rounds, &workers[i], &err));
    }
    for (int i = 0; i < WRITERS; i++) {
        thread_join(&threads[i]);
        arena_deinit(&workers[i].arena);
    }
    CHECK_INT(atomic_load(&failures), 0);
    CHECK_INT(count_rows(db), WRITERS * ROUNDS);
    db_close(&db);
    scratch_end(&s);
}

static void interrupt_soon(void *context)
{
    clock_sleep_ms(30);
    db_interrupt(context);
}

TEST(interrupt_cancels_what_runs)
{
    struct scratch s;
    struct err err = {0};
    struct thread thread = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    CHECK(thread_create(&thread, "interrupt", interrupt_soon, db, &err));
    CHECK(!db_run(db,
                  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                  " SELECT count(*) FROM n",
                  &err));
    CHECK_INT(err.code, ERR_CANCELLED);
    thread_join(&thread);
    RUN_SQL(db, "SELECT 1");
    db_close(&db);
    scratch_end(&s);
}

/* A page limit plays the full disk. */
TEST(disk_full_stops_writing_and_nothing_else)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a BLOB)");
    RUN_SQL(db, "INSERT INTO t VALUES (zeroblob(100))");
    RUN_SQL(db, "PRAGMA max_page_count = 20");
    CHECK(db_begin(db, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (zeroblob(100))");
    CHECK(!db_run(db, "INSERT INTO t VALUES (zeroblob(1000000))", &err));
    CHECK_INT(err.code, ERR_IO);
    CHECK_INT(err.sys, ENOSPC);
    CHECK(strstr(err.msg, "disk is full"));
    CHECK(!db_end(db, false, &err));
    CHECK(db_is_full(db));
    CHECK_INT(count_rows(db), 1);
    CHECK(db_is_full(db)); /* reading does not clear it */
    RUN_SQL(db, "PRAGMA max_page_count = 100000");
    CHECK(db_begin(db, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (zeroblob(1000000))");
    CHECK(db_commit(db, &err));
    CHECK(!db_is_full(db));
    err_clear(&err);
    CHECK(db_check(db, &err));
    db_close(&db);
    scratch_end(&s);
}

/* The engine rolls back by itself; what the caller still believes to be inside must be refused. */
TEST(a_lost_transaction_is_not_continued)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a INTEGER)");
    CHECK(db_begin(db, &err));
    RUN_SQL(db, "INSERT INTO t VALUES (1)");
    CHECK(sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK);
    CHECK(!db_run(db, "INSERT INTO t VALUES (2)", &err));
    CHECK(!db_commit(db, &err));
    CHECK_INT(count_rows(db), 0);
    db_close(&db);
    scratch_end(&s);
}

TEST(backup_is_one_moment_and_one_file)
{
    struct scratch s;
    struct err err = {0};
    struct db *copy = NULL;

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE), *other = open_db(&s, DB_READ_WRITE);
    RUN_SQL(db, "CREATE TABLE t (a BLOB)");
    for (int i = 0; i < 50; i++)
        RUN_SQL(db, "INSERT INTO t VALUES (randomblob(20000))");
    CHECK(db_begin(other, &err)); /* not yet committed: not in the copy */
    RUN_SQL(other, "INSERT INTO t VALUES (1)");
    CHECK(db_backup(db, scratch_path(&s, "copy.db"), &err));
    CHECK(db_commit(other, &err));
    CHECK(!file_exists(scratch_path(&s, "copy.db.part")));
    CHECK(!file_exists(scratch_path(&s, "copy.db-wal")));
    CHECK(!db_backup(db, scratch_path(&s, "copy.db"), &err));
    CHECK_INT(err.code, ERR_EXISTS);
    err_clear(&err);
    CHECK(db_open(&copy, scratch_path(&s, "copy.db"), DB_READ_ONLY, &err));
    CHECK_INT(count_rows(copy), 50);
    CHECK(db_check(copy, &err));
    db_close(&copy);
    CHECK(!db_backup(db, scratch_path(&s, "no/such/folder.db"), &err));
    CHECK_INT(count_rows(db), 51);
    db_close(&other);
    db_close(&db);
    scratch_end(&s);
}

TEST(check_finds_damage_and_dangling_references)
{
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE p (id INTEGER PRIMARY KEY)");
    RUN_SQL(db, "CREATE TABLE c (p INTEGER REFERENCES p (id))");
    RUN_SQL(db, "PRAGMA foreign_keys = OFF");
    RUN_SQL(db, "INSERT INTO c VALUES (7)");
    CHECK(!db_check(db, &err));
    CHECK_INT(err.code, ERR_CORRUPT);
    CHECK(strstr(err.msg, "table c"));
    RUN_SQL(db, "DELETE FROM c");
    err_clear(&err);
    CHECK(db_check(db, &err));
    db_close(&db);
    scratch_end(&s);
}

TEST(statements_are_counted)
{
    struct scratch s;
    struct stmt *stmt;
    struct err err = {0};
    bool has_row = true;

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a INTEGER)");
    RUN_SQL(db, "INSERT INTO t VALUES (1), (2), (3)");
    uint64_t before = db_statement_count(db), before_in_thread = db_thread_statement_count();
    CHECK(db_query(db, "SELECT a FROM t", &stmt, &err));
    while (has_row)
        CHECK(stmt_step(stmt, &has_row, &err));
    CHECK_INT(db_statement_count(db) - before, 1); /* rows do not count */
    struct db *other = open_db(&s, DB_READ_ONLY);
    uint64_t opened = db_thread_statement_count();
    CHECK_INT(opened - before_in_thread, 1 + db_statement_count(other));
    CHECK(db_query(other, "SELECT a FROM t", &stmt, &err) && stmt_step(stmt, &has_row, &err));
    stmt_reset(stmt);
    CHECK_INT(db_statement_count(db) - before, 1);
    CHECK_INT(db_thread_statement_count() - opened, 1); /* whatever the connection */
    db_close(&other);
    db_close(&db);
    scratch_end(&s);
}

static bool load_name(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                      struct err *err)
{
    if (context)
        return err_set(err, ERR_CORRUPT, "the row is refused");
    return stmt_copy_str(stmt, 0, arena, item, err);
}

TEST(one_row_is_loaded_and_the_statement_is_free_again)
{
    struct scratch s;
    struct stmt *stmt;
    struct arena arena;
    struct err err = {0};
    Str name = STR_NONE;
    bool is_found = true;
    int64_t count = -1;

    scratch_begin(&s);
    arena_init(&arena, 4096);
    struct db *db = open_db(&s, DB_CREATE);
    RUN_SQL(db, "CREATE TABLE t (a TEXT)");
    CHECK(db_query(db, "SELECT a FROM t ORDER BY a", &stmt, &err));
    CHECK(stmt_load_one(stmt, &arena, load_name, NULL, &name, &is_found, &err) && !is_found);
    RUN_SQL(db, "INSERT INTO t VALUES ('b'), ('a')");
    CHECK(stmt_load_one(stmt, &arena, load_name, NULL, &name, &is_found, &err) && is_found);
    CHECK_STR(name, "a"); /* the first one again: it began anew */
    CHECK(!stmt_load_one(stmt, &arena, load_name, db, &name, &is_found, &err));
    CHECK_INT(err.code, ERR_CORRUPT);
    err_clear(&err);
    CHECK(db_query(db, "SELECT count(*) FROM t", &stmt, &err));
    CHECK(stmt_one_i64(stmt, &count, &err));
    CHECK_INT(count, 2);
    RUN_SQL(db, "DROP TABLE t"); /* no statement is left open */
    arena_deinit(&arena);
    db_close(&db);
    scratch_end(&s);
}

int main(void)
{
    return RUN(
        CASE(open_creates_for_the_owner_alone), CASE(open_refuses_what_is_absent_or_no_database),
        CASE(values_come_back_as_they_were_bound),
        CASE(statements_of_one_text_are_shared_only_when_idle), CASE(failures_have_their_codes),
        CASE(transactions_nest_by_counter), CASE(reading_sees_one_state),
        CASE(waiting_for_a_writer_ends_and_names_it), CASE(writers_of_several_threads_take_turns),
        CASE(interrupt_cancels_what_runs), CASE(disk_full_stops_writing_and_nothing_else),
        CASE(a_lost_transaction_is_not_continued), CASE(backup_is_one_moment_and_one_file),
        CASE(check_finds_damage_and_dangling_references), CASE(statements_are_counted),
        CASE(one_row_is_loaded_and_the_statement_is_free_again));
}
