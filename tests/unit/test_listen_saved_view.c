/* Saved views: who sees and changes them, what is refused, what the ledger keeps. */
#include "unit/test.h"

#include "db/migration.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "listen/search/saved_view.h"
#include "listen/standing_query.h"
#include "unit/scratch.h"

static struct arena memory;
static struct scratch place;
static struct db *db;

static const struct saved_view_reader ann = {{"ann", 3}, {"ann", 3}, false},
                                      bob = {{"bob", 3}, {"token:k", 7}, false},
                                      chief = {{"chief", 5}, {"chief", 5}, true};

static void setup(void)
{
    struct err err = {0};
    struct standing_query brand = {.name = S("brand"), .text = S("halden")};

    arena_init(&memory, 16 * MIB);
    scratch_begin(&place);
    CHECK(db_open(&db, scratch_path(&place, "state.db"), DB_CREATE, &err));
    CHECK(db_migrate(db, S("schema/state/"), &err));
    CHECK(standing_query_create(db, &brand, S("x"), 1, &err));
}

static void teardown(void)
{
    db_close(&db);
    scratch_end(&place);
    arena_deinit(&memory);
}

static int64_t make(const struct saved_view_reader *who, const char *name, bool is_shared)
{
    struct err err = {0};
    struct saved_view v = {.name = str_from_cstr(name),
                           .query = S("lang:de AND late"),
                           .within = S("brand"),
                           .days = 7,
                           .order = SEARCH_RELEVANT,
                           .is_shared = is_shared};

    CHECK(saved_view_create(db, &v, who, 1000, &err));
    return v.id;
}

static enum err_code try(struct saved_view v)
{
    struct err err = {0};

    if (v.name.len == 0)
        v.name = S("x");
    bool ok = saved_view_create(db, &v, &ann, 1, &err);
    return ok ? ERR_NONE : err.code;
}

static int64_t entries(void)
{
    struct err err = {0};
    struct ledger_report report;

    CHECK(ledger_verify(db, NULL, &report, &err));
    return report.entries;
}

TEST(a_private_view_is_its_owners_alone)
{
    struct err err = {0};
    struct saved_view v, *list;
    size_t count;

    setup();
    int64_t before = entries();
    int64_t id = make(&ann, "German trouble", false);
    CHECK(saved_view_read(&memory, db, id, &ann, &v, &err));
    CHECK(str_eq(v.name, S("German trouble")) && str_eq(v.owner, S("ann")) && v.days == 7 &&
          v.order == SEARCH_RELEVANT && str_eq(v.within, S("brand")) &&
          str_eq(v.query, S("lang:de AND late")) && !v.is_shared);
    CHECK(saved_view_list(&memory, db, &bob, &list, &count, &err) && count == 0);
    CHECK(!saved_view_read(&memory, db, id, &chief, &v, &err) && err.code == ERR_NOT_FOUND);
    err_clear(&err);
    CHECK(!saved_view_remove(db, id, &chief, 2, &err) && err.code == ERR_NOT_FOUND);
    err_clear(&err);
    CHECK(!saved_view_find(&memory, db, S("German trouble"), &bob, &v, &err) &&
          err.code == ERR_NOT_FOUND);
    CHECK_INT(entries(), before);
    teardown();
}

TEST(a_shared_view_is_seen_by_all_and_changed_by_owner_and_manager)
{
    struct err err = {0};
    struct saved_view v;

    setup();
    int64_t before = entries(), id = make(&ann, "late", true);
    CHECK_INT(entries(), before + 1);
    CHECK(saved_view_read(&memory, db, id, &bob, &v, &err));
    CHECK(!saved_view_may_change(&v, &bob) && saved_view_may_change(&v, &chief));
    v.name = S("mine now");
    CHECK(!saved_view_change(db, &v, &bob, 2, &err) && err.code == ERR_DENIED);
    err_clear(&err);
    CHECK(!saved_view_remove(db, id, &bob, 2, &err) && err.code == ERR_DENIED);
    err_clear(&err);
    CHECK(saved_view_change(db, &v, &chief, 2, &err));
    CHECK(saved_view_read(&memory, db, id, &ann, &v, &err) && str_eq(v.owner, S("ann")) &&
          str_eq(v.name, S("mine now")) && v.created_at_ms == 1000 && v.changed_at_ms == 2);
    v.is_shared = false;
    CHECK(saved_view_change(db, &v, &ann, 3, &err));
    CHECK(!saved_view_read(&memory, db, id, &bob, &v, &err));
    err_clear(&err);
    CHECK_INT(entries(), before + 3);
    CHECK(saved_view_remove(db, id, &ann, 4, &err));
    CHECK_INT(entries(), before + 3);
    teardown();
}

TEST(a_name_is_found_with_ones_own_first)
{
    struct err err = {0};
    struct saved_view v, *list;
    size_t count;

    setup();
    int64_t of_ann = make(&ann, "late", true), of_chief = make(&chief, "late", true),
            of_bob = make(&bob, "zz", false);
    CHECK(saved_view_find(&memory, db, S("late"), &ann, &v, &err) && v.id == of_ann);
    CHECK(!saved_view_find(&memory, db, S("late"), &bob, &v, &err) && err.code == ERR_CONFLICT);
    err_clear(&err);
    CHECK(saved_view_list(&memory, db, &bob, &list, &count, &err) && count == 3);
    CHECK(list[0].id == of_bob && list[1].id == of_ann && list[2].id == of_chief);
    Str number = arena_printf(&memory, "%lld", (long long)of_chief);
    CHECK(saved_view_look_up(&memory, db, number, &bob, &v, &err) && v.id == of_chief);
    CHECK(saved_view_look_up(&memory, db, S("zz"), &bob, &v, &err) && v.id == of_bob);
    teardown();
}

TEST(what_could_not_be_opened_is_refused)
{
    char name[SAVED_VIEW_NAME_BYTES_MAX + 2];

    setup();
    memset(name, 'a', sizeof name);
    make(&ann, "taken", false);
    CHECK_INT(try((struct saved_view){.name = S("taken"), .query = S("a")}), ERR_EXISTS);
    CHECK_INT(try((struct saved_view){.name = {name, sizeof name - 1}, .query = S("a")}),
              ERR_INPUT);
    CHECK_INT(try((struct saved_view){.name = {name, sizeof name - 2}, .query = S("a")}), ERR_NONE);
    CHECK_INT(try((struct saved_view){.name = S(" a"), .query = S("a")}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.name = S("a\nb"), .query = S("a")}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.name = S("a\xff"), .query = S("a")}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.query = S("")}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.query = S("a AND (")}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.within = S("nobody")}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.query = S("a"), .days = -1}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.query = S("a"), .days = 1, .from_ms = 5}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.query = S("a"), .from_ms = 5, .to_ms = 5}), ERR_INPUT);
    CHECK_INT(try((struct saved_view){.within = S("brand")}), ERR_NONE);
    teardown();
}

TEST(a_moving_window_is_counted_from_now)
{
    struct saved_view moving = {.days = 7}, fixed = {.from_ms = 5, .to_ms = 9};
    int64_t from, to;

    saved_view_window(&moving, 10 * TIME_DAY_MS, &from, &to);
    CHECK(from == 3 * TIME_DAY_MS && to == 0);
    saved_view_window(&fixed, 10 * TIME_DAY_MS, &from, &to);
    CHECK(from == 5 && to == 9);
}

int main(void)
{
    return RUN(CASE(a_private_view_is_its_owners_alone),
               CASE(a_shared_view_is_seen_by_all_and_changed_by_owner_and_manager),
               CASE(a_name_is_found_with_ones_own_first), CASE(what_could_not_be_opened_is_refused),
               CASE(a_moving_window_is_counted_from_now));
}
