/* Every fallible call on the way of a contributor fails once: nothing leaks, the error says so, and
 * nothing is half done: no link without its entry in the ledger, no vote without one. */
#include "unit/test.h"

#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "ledger/workspace.h"
#include "strategy/team/representative.h"
#include "unit/scratch.h"

#define NOW INT64_C(1700000000000)

enum { FAULTS_MAX = 20000 };

static struct scratch s;
static struct db *db_system;
static struct workspace *ws;
static const struct contributor_key key = {{9}};
static struct contributor_object objects[] = {{{"version", 7}, {"help", 4}}};

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

/* Contributors, signatures, contributions with their revisions, answers, and entries. */
struct sums {
    int64_t of[5];
};

static struct sums sums(void)
{
    struct err err = {0};
    struct stmt *stmt;
    struct sums out;
    bool has_row;

    must(db_query(ws->state,
                  "SELECT (SELECT count(*) FROM contributor),"
                  " (SELECT count(*) FROM contributor WHERE agreed_at_ms IS NOT NULL),"
                  " (SELECT coalesce(sum(revision), 0) FROM contribution),"
                  " (SELECT count(*) FROM contribution WHERE disposition IS NOT NULL),"
                  " (SELECT seq FROM ledger_head)",
                  &stmt, &err) &&
             stmt_step(stmt, &has_row, &err),
         &err);
    for (int i = 0; i < 5; i++)
        out.of[i] = stmt_i64(stmt, i);
    stmt_reset(stmt);
    return out;
}

static struct contributor_token sent_link;

static bool invite(struct err *err)
{
    struct change change = {.actor = S("ann"), .at_ms = NOW};
    struct contributor wanted = {.name = S("Carla"),
                                 .rights = RIGHT_ALL,
                                 .agreement = S("Quiet."),
                                 .expires_at_ms = NOW + TIME_DAY_MS,
                                 .objects = objects,
                                 .object_count = 1};
    struct buf text;

    buf_init(&text, 1000);
    bool ok = representative_invite(ws->state, &change, &key, S("acme"), &wanted, &text, err) &&
              contributor_token_read(&key, buf_str(&text), &sent_link, err);
    buf_deinit(&text);
    return ok;
}

static bool open_link(struct arena *arena, struct contributor *out, struct err *err)
{
    return contributor_open(arena, ws->state, &sent_link, NOW, out, err);
}

static bool agree(struct err *err)
{
    struct contributor who;
    struct arena arena;

    arena_init(&arena, GIB);
    bool ok =
        open_link(&arena, &who, err) && representative_agree(ws->state, &who, S("C."), NOW, err);
    arena_deinit(&arena);
    return ok;
}

static bool vote(struct err *err)
{
    struct contribution c = {.kind = CONTRIBUTION_VOTE,
                             .object_kind = S("version"),
                             .object_id = S("help"),
                             .object_revision = 1,
                             .value = 1};
    struct contributor who;
    struct arena arena;

    arena_init(&arena, GIB);
    bool ok = open_link(&arena, &who, err) &&
              representative_send(ws->state, &who, &c, STR_NONE, NOW, err);
    arena_deinit(&arena);
    return ok;
}

static bool answer(struct err *err)
{
    struct change change = {.actor = S("ann"), .reason = S("right"), .at_ms = NOW};
    struct contribution a = {
        .id = 1, .revision = 1, .disposition = DISPOSITION_ACCEPTED, .effect = S("the text")};

    return representative_answer(ws->state, &change, &a, err);
}

static bool erase(struct err *err)
{
    struct change change = {.actor = S("ann"), .at_ms = NOW};

    return representative_erase(ws->state, &change, 1, err);
}

/* Fails the n-th call until none is hit: before that nothing has changed, afterwards all of it. */
static void walk(const char *name, bool (*act)(struct err *err), int index)
{
    struct sums before = sums();
    int tried = 0;

    for (int n = 1; n < FAULTS_MAX; n++, tried++) {
        struct err err = {0};
        fault_arm(n);
        bool ok = act(&err);
        bool hit = fault_disarm();
        CHECK(ok == (err.code == ERR_NONE));
        struct sums now = sums();
        if (ok) {
            CHECK_INT(now.of[4], before.of[4] + 1);
            if (index >= 0)
                CHECK_INT(now.of[index], before.of[index] + 1);
            printf("note: %s: %d calls failed in turn\n", name, tried);
            CHECK(tried > 0 || !hit);
            return;
        }
        CHECK(hit);
        CHECK(memcmp(&now, &before, sizeof now) == 0);
    }
    fail_msg("%s never came through", name);
}

TEST(contributors_survive_every_failing_call)
{
    struct change change = {.actor = S("ann"), .at_ms = NOW};
    struct strategy_version help = {.id = S("help"), .name = S("Help"), .focus = S("own")};
    struct ledger_report report;
    struct err err = {0};

    scratch_begin(&s);
    log_init(LOG_ERROR, false);
    Str dir = str_from_cstr(s.dir);
    must(system_db_open(&db_system, dir, &err) &&
             workspace_create(db_system, dir, S("acme"), S("Acme"), S("t"), NOW, &err) &&
             workspace_open(&ws, dir, S("acme"), &err) &&
             version_put(ws->state, &change, &help, &err),
         &err);
    walk("invite", invite, 0);
    /* Noting the use may fail without anybody hearing of it: it is done before. */
    struct contributor who;
    must(open_link(&s.arena, &who, &err), &err);
    walk("agree", agree, 1);
    walk("vote", vote, 2);
    walk("answer", answer, 3);
    walk("erase", erase, -1);
    must(ledger_verify(ws->state, NULL, &report, &err), &err);
    CHECK_INT(report.fault, LEDGER_SOUND);
    workspace_close(&ws);
    db_close(&db_system);
    scratch_end(&s);
}

int main(void)
{
    return RUN(CASE(contributors_survive_every_failing_call));
}
