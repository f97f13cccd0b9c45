/* Forward only, checksummed, all or nothing. */
#include "unit/test.h"

#include "db/migration.h"
#include "format/digest.h"
#include "os/thread.h"
#include "unit/scratch.h"

enum { FILES_MAX = 8 };

/* A table of embedded files as the build would make it. */
struct files {
    struct embedded_file items[FILES_MAX];
    DigestHex hashes[FILES_MAX];
    size_t count;
};

static void add_file(struct files *f, const char *path, const char *sql)
{
    CHECK(f->count < FILES_MAX);
    f->hashes[f->count] = digest_sha256_hex(str_from_cstr(sql));
    f->items[f->count] = (struct embedded_file){.path = str_from_cstr(path),
                                                .bytes = str_from_cstr(sql),
                                                .sha256_hex = f->hashes[f->count].text};
    f->count++;
}

static struct db *open_db(struct scratch *s, unsigned flags)
{
    struct err err = {0};
    struct db *db = NULL;

    CHECK(db_open(&db, scratch_path(s, "m.db"), flags, &err));
    return db;
}

static int64_t applied(struct db *db)
{
    struct err err = {0};
    struct stmt *stmt;
    bool has_row;

    if (!db_query(db, "SELECT count(*) FROM schema_migration", &stmt, &err))
        return -1;
    CHECK(stmt_step(stmt, &has_row, &err));
    int64_t count = stmt_i64(stmt, 0);
    stmt_reset(stmt);
    return count;
}

static void add_two(struct files *f)
{
    add_file(f, "schema/x/0101_a.sql",
             "-- Why: a.\nCREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);\n");
    add_file(f, "schema/x/0201_b.sql",
             "CREATE TABLE b (x INTEGER);\nCREATE TRIGGER a_b AFTER INSERT ON a BEGIN INSERT INTO b"
             " VALUES (new.x); DELETE FROM a; END;\n");
}

TEST(applies_once_and_records)
{
    struct scratch s;
    struct err err = {0};
    struct files f = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    add_two(&f);
    CHECK(db_migrate_files(db, f.items, f.count, &err));
    CHECK_INT(applied(db), 2);
    CHECK(db_migrate_files(db, f.items, f.count, &err));
    CHECK_INT(applied(db), 2);
    CHECK(db_run(db, "INSERT INTO a VALUES (2)", &err));
    db_close(&db);
    scratch_end(&s);
}

/* Ranges belong to rooms, so 0102 may come after 0201 was applied. */
TEST(a_later_file_of_a_lower_range_is_applied)
{
    struct scratch s;
    struct err err = {0};
    struct files first = {0}, second = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    add_two(&first);
    CHECK(db_migrate_files(db, first.items, first.count, &err));
    add_file(&second, "schema/x/0101_a.sql", first.items[0].bytes.ptr);
    add_file(&second, "schema/x/0102_c.sql", "CREATE TABLE c (x INTEGER);");
    add_file(&second, "schema/x/0201_b.sql", first.items[1].bytes.ptr);
    CHECK(db_migrate_files(db, second.items, second.count, &err));
    CHECK_INT(applied(db), 3);
    db_close(&db);
    scratch_end(&s);
}

TEST(refuses_changed_unknown_and_newer_ones)
{
    struct scratch s;
    struct err err = {0};
    struct files f = {0}, changed = {0}, older = {0}, other = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    add_two(&f);
    CHECK(db_migrate_files(db, f.items, f.count, &err));

    add_file(&changed, "schema/x/0101_a.sql", "CREATE TABLE a (x INTEGER, y INTEGER);");
    add_file(&changed, "schema/x/0201_b.sql", f.items[1].bytes.ptr);
    add_file(&changed, "schema/x/0301_c.sql", "CREATE TABLE c (x INTEGER);");
    CHECK(!db_migrate_files(db, changed.items, changed.count, &err));
    CHECK_INT(err.code, ERR_CORRUPT);
    CHECK(strstr(err.msg, "0101_a.sql") && strstr(err.msg, "m.db"));
    CHECK(err.hint[0] != '\0');
    CHECK_INT(applied(db), 2); /* nothing of it was applied */

    err_clear(&err);
    add_file(&older, "schema/x/0101_a.sql", f.items[0].bytes.ptr);
    CHECK(!db_migrate_files(db, older.items, older.count, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    CHECK(strstr(err.msg, "0201_b.sql") && strstr(err.msg, "newer"));
    CHECK(err.hint[0] != '\0');

    err_clear(&err);
    add_file(&other, "schema/x/0201_b.sql", f.items[1].bytes.ptr);
    CHECK(!db_migrate_files(db, other.items, other.count, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    CHECK(strstr(err.msg, "another program"));
    db_close(&db);
    scratch_end(&s);
}

TEST(a_failing_one_undoes_all)
{
    struct scratch s;
    struct err err = {0};
    struct files f = {0}, ending = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    add_two(&f);
    add_file(&f, "schema/x/0301_c.sql", "CREATE TABLE c (x INTEGER); CREATE TABLE a (y TEXT);");
    CHECK(!db_migrate_files(db, f.items, f.count, &err));
    CHECK(strstr(err.msg, "0301_c.sql") && strstr(err.msg, "already exists"));
    CHECK_INT(applied(db), -1);
    CHECK(!db_is_writing(db));

    err_clear(&err);
    add_file(&ending, "schema/x/0101_a.sql", "CREATE TABLE q (x INTEGER); ROLLBACK;");
    CHECK(!db_migrate_files(db, ending.items, ending.count, &err));
    CHECK(strstr(err.msg, "ends the transaction"));
    CHECK(!db_is_writing(db));
    db_close(&db);
    scratch_end(&s);
}

TEST(names_and_order_are_checked)
{
    static const char *const bad[] = {"schema/x/ledger.sql", "schema/x/0101-ledger.sql",
                                      "schema/x/0101_ledger.txt", "schema/x/0000_zero.sql",
                                      "schema/x/1234567890_long.sql"};
    struct scratch s;
    struct err err = {0};

    scratch_begin(&s);
    struct db *db = open_db(&s, DB_CREATE);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct files f = {0};
        add_file(&f, bad[i], "SELECT 1;");
        CHECK(!db_migrate_files(db, f.items, f.count, &err));
        CHECK_INT(err.code, ERR_CORRUPT);
        err_clear(&err);
    }
    struct files twice = {0};
    add_file(&twice, "schema/x/0101_a.sql", "SELECT 1;");
    add_file(&twice, "schema/x/0101_b.sql", "SELECT 1;");
    CHECK(!db_migrate_files(db, twice.items, twice.count, &err));
    err_clear(&err);
    struct files engines = {0};
    add_file(&engines, "schema/x/0101_a.postgres.sql", "nonsense;");
    add_file(&engines, "schema/x/0101_a.sqlite.sql", "CREATE TABLE a (x INTEGER);");
    CHECK(db_migrate_files(db, engines.items, engines.count, &err));
    CHECK_INT(applied(db), 1);
    db_close(&db);
    scratch_end(&s);
}

TEST(a_reader_only_compares)
{
    struct scratch s;
    struct err err = {0};
    struct files f = {0};

    scratch_begin(&s);
    add_two(&f);
    struct db *db = open_db(&s, DB_CREATE), *reader = open_db(&s, DB_READ_ONLY);
    CHECK(!db_migrate_files(reader, f.items, f.count, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    err_clear(&err);
    CHECK(db_migrate_files(db, f.items, f.count, &err));
    CHECK(db_migrate_files(reader, f.items, f.count, &err));
    db_close(&reader);
    db_close(&db);
    scratch_end(&s);
}

struct opener {
    Str path;
    bool ok;
};

static void open_and_migrate(void *context)
{
    struct opener *o = context;
    struct err err = {0};
    struct db *db = NULL;

    o->ok = db_open(&db, o->path, DB_CREATE, &err) && db_migrate(db, S("schema/state/"), &err);
    if (!o->ok)
        print_error("%s\n", err.msg);
    db_close(&db);
}

TEST(several_threads_may_start_at_once)
{
    struct scratch s;
    struct err err = {0};
    struct opener openers[4];
    struct thread threads[4] = {0};

    scratch_begin(&s);
    for (size_t i = 0; i < COUNT_OF(openers); i++) {
        openers[i] = (struct opener){.path = scratch_path(&s, "m.db")};
        CHECK(thread_create(&threads[i], "opener", open_and_migrate, &openers[i], &err));
    }
    for (size_t i = 0; i < COUNT_OF(openers); i++)
        thread_join(&threads[i]);
    for (size_t i = 0; i < COUNT_OF(openers); i++)
        CHECK(openers[i].ok);
    scratch_end(&s);
}

TEST(all_embedded_schemas_apply)
{
    struct scratch s;
    struct err err = {0};
    static const char *const prefixes[] = {"schema/system/", "schema/state/"};

    scratch_begin(&s);
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        struct db *db = NULL;
        CHECK(db_open(&db, S(":memory:"), DB_CREATE, &err));
        bool ok = db_migrate(db, str_from_cstr(prefixes[i]), &err);
        if (!ok)
            print_error("%s\n", err.msg);
        CHECK(ok);
        CHECK(applied(db) >= 3);
        db_close(&db);
    }
    scratch_end(&s);
}

int main(void)
{
    return RUN(CASE(applies_once_and_records), CASE(a_later_file_of_a_lower_range_is_applied),
               CASE(refuses_changed_unknown_and_newer_ones), CASE(a_failing_one_undoes_all),
               CASE(names_and_order_are_checked), CASE(a_reader_only_compares),
               CASE(several_threads_may_start_at_once), CASE(all_embedded_schemas_apply));
}
