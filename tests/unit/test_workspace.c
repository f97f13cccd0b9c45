/* Places, slugs, creating, completing a creation that was killed, opening. */
#include "unit/test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "ledger/workspace.h"
#include "os/file.h"
#include "unit/scratch.h"

static bool create(struct db *system, struct scratch *s, Str slug, struct err *err)
{
    return workspace_create(system, str_from_cstr(s->dir), slug, S("Acme Ltd"), S("ann"), 1000,
                            err);
}

TEST(data_dir_follows_flag_then_environment)
{
    struct scratch s;
    struct err err = {0};
    Str dir;

    scratch_begin(&s);
    setenv("TRIMTAB_DATA", "/srv/data", 1);
    setenv("XDG_DATA_HOME", "/home/x/.data", 1);
    setenv("HOME", "/home/x", 1);
    CHECK(data_dir_resolve(&s.arena, S("here"), &dir, &err));
    CHECK_STR(dir, "here");
    CHECK(data_dir_resolve(&s.arena, STR_NONE, &dir, &err));
    CHECK_STR(dir, "/srv/data");
    setenv("TRIMTAB_DATA", "", 1);
    CHECK(data_dir_resolve(&s.arena, STR_NONE, &dir, &err));
    CHECK_STR(dir, "/home/x/.data/trimtab");
    unsetenv("XDG_DATA_HOME");
    CHECK(data_dir_resolve(&s.arena, STR_NONE, &dir, &err));
    CHECK_STR(dir, "/home/x/.local/share/trimtab");
    unsetenv("HOME");
    CHECK(!data_dir_resolve(&s.arena, STR_NONE, &dir, &err));
    CHECK_INT(err.code, ERR_USAGE);
    scratch_end(&s);
}

TEST(slugs_are_checked)
{
    static const char *const good[] = {"a", "acme", "acme-2", "9to5", "a-b-c"};
    static const char *const bad[] = {"",    "Acme", "a b", "-a",     "a-",  "a--b",
                                      "a_b", "..",   "a/b", "system", "new", "\xc3\xa4"};
    static char longest[WORKSPACE_SLUG_BYTES_MAX + 1];
    struct err err = {0};

    for (size_t i = 0; i < COUNT_OF(good); i++)
        CHECK(workspace_slug_check(str_from_cstr(good[i]), &err));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        err_clear(&err);
        CHECK(!workspace_slug_check(str_from_cstr(bad[i]), &err));
        CHECK_INT(err.code, ERR_INPUT);
        CHECK(err.hint[0] != '\0');
    }
    memset(longest, 'x', sizeof longest);
    CHECK(workspace_slug_check((Str){longest, WORKSPACE_SLUG_BYTES_MAX}, &err));
    CHECK(!workspace_slug_check((Str){longest, sizeof longest}, &err));
}

TEST(a_workspace_is_created_listed_and_opened)
{
    struct scratch s;
    struct err err = {0};
    struct db *system = NULL;
    struct workspace *ws = NULL;
    struct workspace_entry *list;
    struct ledger_entry *entries;
    size_t count;

    scratch_begin(&s);
    CHECK(system_db_open(&system, str_from_cstr(s.dir), &err));
    CHECK(create(system, &s, S("zug"), &err) && create(system, &s, S("acme"), &err));
    CHECK(!create(system, &s, S("acme"), &err));
    CHECK_INT(err.code, ERR_EXISTS);
    CHECK(workspace_list(&s.arena, system, &list, &count, &err));
    CHECK_INT(count, 2);
    CHECK_STR(list[0].slug, "acme");
    CHECK_STR(list[1].slug, "zug");
    CHECK_INT(list[0].created_at_ms, 1000);
    CHECK(workspace_open(&ws, str_from_cstr(s.dir), S("acme"), &err));
    CHECK_STR(ws->name, "Acme Ltd");
    CHECK(dir_exists(ws->posts_dir) && dir_exists(ws->files_dir));
    CHECK(ledger_list(&s.arena, ws->state, &(struct ledger_filter){0}, &entries, &count, &err));
    CHECK_INT(count, 1);
    CHECK_STR(entries[0].action, "workspace.create");
    CHECK_STR(entries[0].actor, "ann");
    workspace_close(&ws);
    CHECK(!ws);
    CHECK(workspace_open_read(&ws, str_from_cstr(s.dir), S("acme"), &err));
    CHECK(!db_run(ws->state, "DELETE FROM signal", &err));
    workspace_close(&ws);
    db_close(&system);
    scratch_end(&s);
}

TEST(an_unknown_workspace_is_named_with_those_that_exist)
{
    struct scratch s;
    struct err err = {0};
    struct db *system = NULL;
    struct workspace *ws;

    scratch_begin(&s);
    CHECK(!workspace_open(&ws, scratch_path(&s, "none"), S("acme"), &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    CHECK(!file_exists(scratch_path(&s, "none")));
    CHECK(system_db_open(&system, str_from_cstr(s.dir), &err));
    err_clear(&err);
    CHECK(!workspace_open(&ws, str_from_cstr(s.dir), S("acme"), &err));
    CHECK(strstr(err.hint, "workspace create"));
    CHECK(create(system, &s, S("zug"), &err));
    err_clear(&err);
    CHECK(!workspace_open(&ws, str_from_cstr(s.dir), S("acme"), &err));
    CHECK(strstr(err.msg, "acme") && strstr(err.hint, "zug"));
    db_close(&system);
    scratch_end(&s);
}

TEST(a_creation_killed_half_way_is_completed)
{
    struct scratch s;
    struct err err = {0};
    struct db *system = NULL;
    struct workspace *ws = NULL;
    struct ledger_head head;

    scratch_begin(&s);
    CHECK(system_db_open(&system, str_from_cstr(s.dir), &err));
    CHECK(create(system, &s, S("acme"), &err));
    CHECK(db_run(system, "DELETE FROM workspace", &err)); /* as if the row was never written */
    CHECK(create(system, &s, S("acme"), &err));
    CHECK(workspace_open(&ws, str_from_cstr(s.dir), S("acme"), &err));
    CHECK(ledger_head_read(ws->state, &head, &err));
    CHECK_INT(head.seq, 1);

    /* but data that somebody worked with is not taken over */
    CHECK(db_begin(ws->state, &err));
    CHECK(ledger_append(
        ws->state,
        &(struct ledger_entry){
            .at_ms = 5, .actor = S("ann"), .action = S("topic.create"), .object_kind = S("topic")},
        &err));
    CHECK(db_commit(ws->state, &err));
    workspace_close(&ws);
    CHECK(db_run(system, "DELETE FROM workspace", &err));
    CHECK(!create(system, &s, S("acme"), &err));
    CHECK_INT(err.code, ERR_EXISTS);
    CHECK(err.hint[0] != '\0');
    db_close(&system);
    scratch_end(&s);
}

TEST(a_removed_workspace_leaves_its_name_free)
{
    struct scratch s;
    struct err err = {0};
    struct db *system = NULL;
    struct workspace *ws = NULL;
    struct ledger_entry *entries;
    size_t count;

    scratch_begin(&s);
    Str dir = str_from_cstr(s.dir);
    CHECK(system_db_open(&system, dir, &err));
    CHECK(create(system, &s, S("acme"), &err));
    CHECK(create(system, &s, S("beta"), &err));
    Str folder = scratch_path(&s, "workspaces/acme");
    CHECK(dir_exists(folder));
    CHECK(workspace_remove(system, dir, S("acme"), S("ann"), S("a try"), 2000, &err));
    CHECK(!dir_exists(folder));
    CHECK(!dir_exists(scratch_path(&s, "workspaces/acme.removed")));
    CHECK(!workspace_open(&ws, dir, S("acme"), &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err_clear(&err);
    CHECK(!workspace_remove(system, dir, S("acme"), S("ann"), S("again"), 2000, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err_clear(&err);
    CHECK(ledger_list(&s.arena, system, &(struct ledger_filter){.object_id = S("acme")}, &entries,
                      &count, &err));
    CHECK_INT(count, 2);
    CHECK_STR(entries[0].action, "workspace.remove");
    CHECK_STR(entries[0].reason, "a try");
    CHECK(workspace_open(&ws, dir, S("beta"), &err));
    workspace_close(&ws);
    CHECK(create(system, &s, S("acme"), &err));

    /* Killed after the folder was put aside: the same call completes it. */
    CHECK(file_rename(folder, scratch_path(&s, "workspaces/acme.removed"), &err));
    CHECK(workspace_remove(system, dir, S("acme"), S("ann"), S("a try"), 3000, &err));
    CHECK(!dir_exists(scratch_path(&s, "workspaces/acme.removed")));
    db_close(&system);
    scratch_end(&s);
}

/* As root nothing is forbidden: the rights of nobody are taken for the moment. */
TEST(a_forbidden_directory_is_not_called_empty)
{
    struct scratch s;
    struct err err = {0};
    struct db *system = NULL;
    uid_t self = geteuid();

    scratch_begin(&s);
    Str dir = scratch_path(&s, "data");
    CHECK(system_db_open(&system, dir, &err));
    db_close(&system);
    CHECK(chmod(dir.ptr, 0) == 0);
    CHECK(chmod(s.dir, 0755) == 0);
    CHECK(self != 0 || seteuid(65534) == 0);
    CHECK(!system_db_open_read(&system, dir, &err));
    CHECK(seteuid(self) == 0);
    CHECK_INT(err.code, ERR_DENIED);
    CHECK(strstr(err.msg, "Permission denied") != NULL);

    err_clear(&err);
    CHECK(chmod(dir.ptr, 0755) == 0); /* the directory may be entered, its files not be read */
    CHECK(chmod(scratch_path(&s, "data/system.db").ptr, self == 0 ? 0600 : 0) == 0);
    CHECK(self != 0 || seteuid(65534) == 0);
    CHECK(!system_db_open_read(&system, dir, &err));
    CHECK(seteuid(self) == 0);
    CHECK_INT(err.code, ERR_DENIED);
    CHECK(chmod(dir.ptr, 0700) == 0);
    scratch_end(&s);
}

int main(void)
{
    return RUN(CASE(data_dir_follows_flag_then_environment), CASE(slugs_are_checked),
               CASE(a_workspace_is_created_listed_and_opened),
               CASE(an_unknown_workspace_is_named_with_those_that_exist),
               CASE(a_creation_killed_half_way_is_completed),
               CASE(a_removed_workspace_leaves_its_name_free),
               CASE(a_forbidden_directory_is_not_called_empty));
}
