/* Every fallible call on the way from opening to committing fails once: nothing leaks, what was
 * committed is there, what was not is not, the file is sound. */
#include "unit/test.h"

#include "base/fault.h"
#include "base/mem.h"
#include "db/fault_vfs.h"
#include "ledger/ledger.h"
#include "ledger/workspace.h"
#include "people/account.h"
#include "people/session.h"
#include "signal/evidence.h"
#include "signal/signal.h"
#include "unit/scratch.h"

enum { FAULTS_MAX = 20000, ENTRIES_BEFORE = 1, ENTRIES_ADDED = 3 };

static const int64_t hour_ms = 3600000;

/* Creates and opens a workspace and does a change of each kind in one transaction. */
static bool change_all(struct workspace *ws, struct err *err)
{
    struct evidence_item item = {.kind = EVIDENCE_POST,
                                 .source = S("forum"),
                                 .ref = S("p"),
                                 .author = S("u"),
                                 .text = S("text")};
    struct evidence evidence = {.statement = S("seen"),
                                .kind = S("entered"),
                                .created_by = S("ann"),
                                .items = &item,
                                .item_count = 1};
    struct signal signal = {.key = S("entered:x:hour"),
                            .definition = S("by hand"),
                            .period = SIGNAL_HOUR,
                            .aggregate = SIGNAL_SUM,
                            .source = S("entered")};
    struct signal_point points[] = {{.start_ms = hour_ms, .value = 1, .coverage = 1},
                                    {.start_ms = 2 * hour_ms, .value = 2, .coverage = 1}};

    if (!db_begin(ws->state, err))
        return false;
    bool ok = evidence_create(ws->state, &evidence, err) &&
              signal_define(ws->state, &signal, 0, STR_NONE, 5, err) &&
              signal_put_points(ws->state, signal.id, points, 2, false, err);
    for (int i = 0; ok && i < ENTRIES_ADDED; i++)
        ok = ledger_append(ws->state,
                           &(struct ledger_entry){.at_ms = i,
                                                  .actor = S("ann"),
                                                  .action = S("a.b"),
                                                  .object_kind = S("a"),
                                                  .after_json = S("{\"a\":1}")},
                           err);
    return db_end(ws->state, ok, err);
}

static bool create_and_change(Str dir, struct err *err)
{
    struct db *system = NULL;
    struct workspace *ws = NULL;
    bool ok = system_db_open(&system, dir, err) &&
              workspace_create(system, dir, S("acme"), S("Acme"), S("ann"), 1, err) &&
              workspace_open(&ws, dir, S("acme"), err) && change_all(ws, err);

    workspace_close(&ws);
    db_close(&system);
    return ok;
}

/* What a later start finds: sound, and all or nothing of the last change. */
static int64_t inspect(Str dir)
{
    struct err err = {0};
    struct workspace *ws = NULL;
    struct ledger_report report;
    struct signal_point *points;
    struct evidence *list;
    struct arena arena;
    size_t count;

    arena_init(&arena, 4 * MIB);
    bool ok = workspace_open(&ws, dir, S("acme"), &err) && db_check(ws->state, &err) &&
              ledger_verify(ws->state, NULL, &report, &err);
    if (!ok)
        print_error("%s\n", err.msg);
    CHECK(ok);
    CHECK_INT(report.fault, LEDGER_SOUND);
    CHECK(report.entries == ENTRIES_BEFORE || report.entries == ENTRIES_BEFORE + ENTRIES_ADDED);
    bool is_there = report.entries > ENTRIES_BEFORE;
    CHECK(evidence_list(&arena, ws->state, STR_NONE, STR_NONE, 10, &list, &count, &err));
    CHECK_INT(count, is_there ? 1 : 0);
    CHECK(signal_read(&arena, ws->state, 1, 0, INT64_MAX, &points, &count, &err));
    CHECK_INT(count, is_there ? 2 : 0);
    workspace_close(&ws);
    arena_deinit(&arena);
    return report.entries;
}

TEST(creating_and_changing_survives_every_failure)
{
    int n = 1;

    for (bool is_hit = true; is_hit; n++) {
        struct scratch s;
        struct err err = {0};
        scratch_begin(&s);
        long blocks = mem_live_blocks();
        fault_arm(n);
        bool ok = create_and_change(str_from_cstr(s.dir), &err);
        is_hit = fault_disarm();
        CHECK(ok == (err.code == ERR_NONE));
        CHECK_INT(mem_live_blocks(), blocks);
        CHECK(ok || is_hit);
        /* the same again completes what was left half way */
        err_clear(&err);
        struct db *system = NULL;
        CHECK(system_db_open(&system, str_from_cstr(s.dir), &err));
        bool is_made =
            workspace_create(system, str_from_cstr(s.dir), S("acme"), S("Acme"), S("ann"), 1, &err);
        CHECK(is_made || err.code == ERR_EXISTS);
        db_close(&system);
        int64_t entries = inspect(str_from_cstr(s.dir));
        CHECK(!ok || entries == ENTRIES_BEFORE + ENTRIES_ADDED);
        CHECK_INT(mem_live_blocks(), blocks);
        scratch_end(&s);
        CHECK(n < FAULTS_MAX);
    }
    print_message("note  %d calls failed in turn\n", n - 2);
}

static bool reopen_and_change(Str dir, struct err *err)
{
    struct workspace *ws = NULL;
    bool ok = workspace_open(&ws, dir, S("acme"), err) && change_all(ws, err);

    workspace_close(&ws);
    return ok;
}

static void fail_files(enum fault_files mode)
{
    int n = 1, refused = 0;

    for (bool is_hit = true; is_hit; n++) {
        struct scratch s;
        struct err err = {0};
        struct db *system = NULL;
        scratch_begin(&s);
        Str dir = str_from_cstr(s.dir);
        CHECK(system_db_open(&system, dir, &err));
        CHECK(workspace_create(system, dir, S("acme"), S("Acme"), S("ann"), 1, &err));
        db_close(&system);
        fault_files(mode);
        fault_arm(n);
        bool ok = reopen_and_change(dir, &err);
        is_hit = fault_disarm();
        fault_files(FAULT_FILES_OFF);
        CHECK(ok == (err.code == ERR_NONE));
        CHECK(ok || is_hit);
        int64_t entries = inspect(dir);
        CHECK(!ok || entries == ENTRIES_BEFORE + ENTRIES_ADDED);
        refused += !ok;
        scratch_end(&s);
        CHECK(n < FAULTS_MAX);
    }
    print_message("note  %d calls failed in turn, %d changes refused\n", n - 2, refused);
    CHECK(refused > 3);
}

TEST(every_failing_file_call_leaves_a_sound_file)
{
    fail_files(FAULT_FILES_ERROR);
}

TEST(a_disk_full_at_any_write_leaves_a_sound_file)
{
    fail_files(FAULT_FILES_FULL);
}

TEST(a_kill_at_any_file_call_leaves_a_sound_file)
{
    fail_files(FAULT_FILES_CRASH);
}

static bool manage_people(struct db *system, struct err *err)
{
    char token[SESSION_TOKEN_BYTES];
    struct session session;
    struct arena arena;
    int64_t id;

    arena_init(&arena, MIB);
    bool ok = account_create(system, S("ann"), S("Ann"), S("seven green whales"), true,
                             &password_cost_least, 1, &id, err) &&
              session_create(system, id, S("browser"), 1, token, err) &&
              session_find(system, str_from_cstr(token), 2, &session, err) &&
              account_set_password(system, id, S("eight purple owls"), &password_cost_least, err);
    arena_deinit(&arena);
    return ok;
}

TEST(managing_people_survives_every_failure)
{
    int n = 1;

    for (bool is_hit = true; is_hit; n++) {
        struct scratch s;
        struct err err = {0};
        struct db *system = NULL;
        scratch_begin(&s);
        CHECK(system_db_open(&system, str_from_cstr(s.dir), &err));
        fault_arm(n);
        bool ok = manage_people(system, &err);
        is_hit = fault_disarm();
        CHECK(ok == (err.code == ERR_NONE));
        CHECK(!db_is_writing(system));
        err_clear(&err);
        CHECK(db_check(system, &err));
        db_close(&system);
        scratch_end(&s);
        CHECK(n < FAULTS_MAX);
    }
}

TEST(a_backup_that_fails_leaves_nothing_behind)
{
    int n = 1;

    for (bool is_hit = true; is_hit; n++) {
        struct scratch s;
        struct err err = {0};
        struct db *db = NULL;
        scratch_begin(&s);
        CHECK(system_db_open(&db, str_from_cstr(s.dir), &err));
        Str path = scratch_path(&s, "copy.db"), part = scratch_path(&s, "copy.db.part");
        fault_files(FAULT_FILES_ERROR);
        fault_arm(n);
        bool ok = db_backup(db, path, &err);
        is_hit = fault_disarm();
        fault_files(FAULT_FILES_OFF);
        CHECK(ok == (err.code == ERR_NONE));
        CHECK(ok == file_exists(path));
        CHECK(!file_exists(part));
        if (ok) {
            struct db *copy = NULL;
            CHECK(db_open(&copy, path, DB_READ_ONLY, &err) && db_check(copy, &err));
            db_close(&copy);
        }
        db_close(&db);
        scratch_end(&s);
        CHECK(n < FAULTS_MAX);
    }
}

int main(void)
{
    return RUN(CASE(creating_and_changing_survives_every_failure),
               CASE(every_failing_file_call_leaves_a_sound_file),
               CASE(a_disk_full_at_any_write_leaves_a_sound_file),
               CASE(a_kill_at_any_file_call_leaves_a_sound_file),
               CASE(managing_people_survives_every_failure),
               CASE(a_backup_that_fails_leaves_nothing_behind));
}
