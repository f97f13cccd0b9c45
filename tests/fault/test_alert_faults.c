/* Every fallible call on the way of alerts fails once: nothing leaks, the error says so, nothing is
 * half raised, and the next look raises what an undisturbed one raises. */
#include "unit/test.h"

#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/mem.h"
#include "unit/alert_world.h"
#include "unit/scratch.h"

enum { FAULTS_MAX = 60000, STEP_COARSE = 11 };

static struct scratch s;
static struct workspace *ws;

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

/* Alerts, their tellings and their severities in one number each. */
static void sums(int64_t out[3])
{
    struct err err = {0};
    struct stmt *stmt;
    bool has_row;

    must(db_query(ws->state,
                  "SELECT count(*), coalesce(sum(severity * 1000 + tellings), 0),"
                  " (SELECT count(*) FROM alert_telling) FROM alert",
                  &stmt, &err) &&
             stmt_step(stmt, &has_row, &err),
         &err);
    for (int i = 0; i < 3; i++)
        out[i] = stmt_i64(stmt, i);
    stmt_reset(stmt);
}

static bool look(struct alert_found *found, struct err *err)
{
    struct archive *a = NULL;

    bool ok = archive_open(&a, ws->posts_dir, ARCHIVE_WRITE, err) &&
              alerts_find(ws->state, a, STREAM_NOW_MS, found, err);
    archive_close(&a);
    return ok;
}

static void forget(void)
{
    struct err err = {0};

    must(db_run(ws->state, "DELETE FROM alert_telling", &err) &&
             db_run(ws->state, "DELETE FROM alert", &err) &&
             db_run(ws->state, "UPDATE alert_rule SET is_due = 1", &err),
         &err);
}

TEST(alerts_survive_every_failing_call)
{
    struct err err = {0};
    struct alert_found found;
    int64_t calm[3], now[3];
    int tried = 0;

    scratch_begin(&s);
    must(world_open(&ws, scratch_path(&s, "data"), &err) &&
             world_rule(ws, "poisson", ALERT_POISSON, &err) &&
             world_rule(ws, "absence", ALERT_ABSENCE, &err) &&
             world_import(ws, scratch_path(&s, "posts.jsonl"), 40 * 24, WORLD_HOURS, 1, &found,
                          &err),
         &err);
    sums(calm);
    CHECK(calm[0] >= 2 && calm[0] == (int64_t)found.raised);
    for (int n = 1;; n += n < 300 ? 1 : STEP_COARSE + n / 100) {
        CHECK(n < FAULTS_MAX);
        forget();
        long before = mem_live_blocks();
        struct err failed = {0};
        fault_arm(n);
        bool ok = look(&found, &failed);
        bool hit = fault_disarm();
        CHECK(ok == (failed.code == ERR_NONE));
        CHECK_INT(mem_live_blocks(), before);
        sums(now);
        CHECK(now[2] >= now[0]); /* none that was never told */
        must(look(&found, &err), &err);
        sums(now);
        CHECK(memcmp(now, calm, sizeof now) == 0);
        tried++;
        if (!hit)
            break;
    }
    printf("note: %d failing calls tried\n", tried);
    workspace_close(&ws);
    scratch_end(&s);
}

/* The rule, its version, its queries and its ledger entry: all or none. */
TEST(a_rule_is_kept_whole_or_not_at_all)
{
    struct err err = {0};

    scratch_begin(&s);
    must(world_open(&ws, scratch_path(&s, "data"), &err), &err);
    for (int n = 1;; n++) {
        struct err failed = {0};
        struct stmt *stmt;
        bool has_row;
        char name[20];
        snprintf(name, sizeof name, "rule-%d", n);
        fault_arm(n);
        bool ok = world_rule(ws, name, ALERT_SHARE, &failed);
        bool hit = fault_disarm();
        CHECK(ok == (failed.code == ERR_NONE));
        must(db_query(ws->state,
                      "SELECT (SELECT count(*) FROM alert_rule),"
                      " (SELECT count(*) FROM alert_rule_version),"
                      " (SELECT count(*) FROM alert_rule_query),"
                      " (SELECT count(*) FROM ledger_entry WHERE object_kind = 'alert_rule')",
                      &stmt, &err) &&
                 stmt_step(stmt, &has_row, &err),
             &err);
        int64_t rules = stmt_i64(stmt, 0);
        CHECK_INT(stmt_i64(stmt, 1), rules);
        CHECK_INT(stmt_i64(stmt, 2), 2 * rules);
        CHECK_INT(stmt_i64(stmt, 3), rules);
        CHECK(!ok || rules > 0);
        stmt_reset(stmt);
        if (!hit)
            break;
    }
    workspace_close(&ws);
    scratch_end(&s);
}

int main(void)
{
    log_init(LOG_ERROR, false);
    return RUN(CASE(alerts_survive_every_failing_call), CASE(a_rule_is_kept_whole_or_not_at_all));
}
