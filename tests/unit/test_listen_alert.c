/* Rules are kept, alerts raised once, explained, told again when worse, and what a backtest says is
 * what fires. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "ledger/ledger.h"
#include "listen/alert/alert_backtest.h"
#include "listen/measure/event_explain.h"
#include "unit/alert_world.h"
#include "unit/scratch.h"

static struct scratch s;
static struct workspace *ws;
static struct arena arena;

static void must(bool ok, const struct err *err)
{
    if (!ok)
        printf("note: %s (%s)\n", err->msg, err->origin);
    CHECK(ok);
}

static void begin(const char *name)
{
    struct err err = {0};

    arena_init(&arena, GIB);
    must(world_open(&ws, scratch_path(&s, name), &err), &err);
}

static void end(void)
{
    workspace_close(&ws);
    arena_deinit(&arena);
}

static struct alert_found import(int from, int to, int scale)
{
    struct alert_found found;
    struct err err = {0};

    must(world_import(ws, scratch_path(&s, "posts.jsonl"), from, to, scale, &found, &err), &err);
    return found;
}

static void rules_add(void)
{
    struct err err = {0};

    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++)
        must(world_rule(ws, alert_kind_name((enum alert_kind)kind), (enum alert_kind)kind, &err),
             &err);
}

static size_t list(struct alert **out)
{
    struct err err = {0};
    size_t count;

    must(alert_list(&arena, ws->state, &(struct alert_filter){.max = 500}, out, &count, &err),
         &err);
    return count;
}

static const struct alert *alert_of(const struct alert *list, size_t count, enum alert_kind kind,
                                    int day)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].kind == kind && (list[i].start_ms / 1000 - world_begin_s) / 86400 == day)
            return &list[i];
    return NULL;
}

TEST(rules_are_versioned_and_in_the_ledger)
{
    struct alert_rule rule = {.name = S("outage"),
                              .query = 1,
                              .is_on = true,
                              .settings = {.kind = ALERT_SIGMA, .sensitivity = ALERT_HIGH, .k = 2}};
    struct alert_rule again, other;
    struct ledger_entry *entries;
    struct err err = {0};
    size_t count;

    scratch_begin(&s);
    begin("rules");
    must(alert_rule_create(ws->state, &rule, ALERT_PERIOD_DAY, 7, S("ann"), 5, &err), &err);
    must(alert_rule_find(&arena, ws->state, S("outage"), &again, &err), &err);
    CHECK(again.settings.is_daily && again.settings.k == 2 && again.version == 1);
    CHECK_INT(again.settings.sensitivity, ALERT_HIGH);
    CHECK_INT(again.armed_from_ms, 7);
    CHECK_STR(again.title, "outage");
    CHECK(!alert_rule_create(ws->state, &rule, ALERT_PERIOD_DAY, 7, S("ann"), 5, &err));
    CHECK_INT(err.code, ERR_EXISTS);
    err_clear(&err);
    other = again;
    must(alert_rule_change(ws->state, &other, ALERT_PERIOD_DAY, 8, S("bob"), S(""), 6, &err), &err);
    must(alert_rule_find(&arena, ws->state, S("outage"), &again, &err), &err);
    CHECK_INT(again.version, 1); /* nothing was different */
    other = again;
    other.settings.floor = 12;
    must(alert_rule_change(ws->state, &other, ALERT_PERIOD_DAY, 9, S("bob"), S("loud"), 6, &err),
         &err);
    CHECK(!alert_rule_change(ws->state, &again, ALERT_PERIOD_HOUR, 9, S("eve"), S(""), 6, &err));
    CHECK_INT(err.code, ERR_CONFLICT);
    err_clear(&err);
    must(alert_rule_switch(ws->state, rule.id, false, 10, S("ann"), S("quiet"), 7, &err), &err);
    must(alert_rule_find(&arena, ws->state, S("outage"), &again, &err), &err);
    CHECK(!again.is_on && again.version == 2 && again.settings.floor == 12);
    CHECK_INT(again.armed_from_ms, 9);
    must(ledger_list(&arena, ws->state, &(struct ledger_filter){.object_kind = S("alert_rule")},
                     &entries, &count, &err),
         &err);
    CHECK_INT(count, 3);
    CHECK_STR(entries[0].action, "alert_rule.off");
    CHECK_STR(entries[1].reason, "loud");
    CHECK(str_find(entries[1].after_json, S("\"floor\":12")) < entries[1].after_json.len);
    end();
    scratch_end(&s);
}

TEST(rules_that_make_no_sense_are_refused)
{
    static int64_t self[] = {1};
    const struct {
        struct alert_rule rule;
        enum alert_period period;
        const char *message;
    } bad[] = {
        {{.name = S("Outage"), .query = 1}, ALERT_PERIOD_AUTO, "name:"},
        {{.name = S("new"), .query = 1}, ALERT_PERIOD_AUTO, "name:"},
        {{.name = S("a")}, ALERT_PERIOD_AUTO, "query:"},
        {{.name = S("a"), .query = 1, .settings = {.kind = ALERT_SHARE}}, 0, "parties:"},
        {{.name = S("a"), .query = 1, .parties = self, .party_count = 1}, 0, "parties:"},
        {{.name = S("a"),
          .query = 1,
          .parties = self,
          .party_count = 1,
          .settings = {.kind = ALERT_SHARE}},
         0,
         "parties:"},
        {{.name = S("a"), .query = 1, .settings = {.kind = ALERT_DAY}},
         ALERT_PERIOD_HOUR,
         "period:"},
        {{.name = S("a"), .query = 1, .settings = {.kind = ALERT_SIGMA, .k = 99}},
         ALERT_PERIOD_AUTO,
         "k:"},
    };

    scratch_begin(&s);
    begin("bad");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct alert_rule rule = bad[i].rule;
        struct err err = {0};
        CHECK(!alert_rule_create(ws->state, &rule, bad[i].period, 0, S("ann"), 5, &err));
        CHECK_INT(err.code, ERR_INPUT);
        CHECK(strncmp(err.msg, bad[i].message, strlen(bad[i].message)) == 0);
        CHECK(err.hint[0] != '\0');
    }
    end();
    scratch_end(&s);
}

static void check_explained(const struct alert *a)
{
    const struct json *e, *part;
    struct err err = {0};

    must(json_parse(&arena, a->explanation, &e, &err), &err);
    part = json_at(json_get(e, "terms"), 0);
    CHECK_STR(json_str_or(part, "term", S("")), "battery");
    CHECK(json_f64_or(part, "share", 0) > 0.8 && json_f64_or(part, "lift", 0) > 5);
    CHECK(json_i64_or(part, "n", 0) > 100);
    part = json_at(json_get(json_get(e, "authors"), "top"), 0);
    CHECK(str_starts(json_str_or(part, "author", S("")), S("v")));
    CHECK(json_f64_or(part, "before_share", 1) < 0.02);
    part = json_at(json_get(e, "sources"), 0);
    CHECK(json_f64_or(part, "lift", 1) > 1.5 || json_f64_or(part, "lift", 1) < 0.5);
    CHECK_INT(json_len(json_get(e, "posts")), 5);
    CHECK_INT(json_len(json_get(e, "moods")), 3);
}

TEST(alerts_are_found_explained_and_told_once)
{
    struct alert_found found;
    struct alert *alerts;
    size_t count;

    scratch_begin(&s);
    begin("found");
    rules_add();
    found = import(0, WORLD_HOURS, 1);
    count = list(&alerts);
    CHECK_INT(found.raised, count);
    CHECK_INT(found.worse, 0);
    const struct alert *spike = alert_of(alerts, count, ALERT_SPIKE, 48);
    const struct alert *second = alert_of(alerts, count, ALERT_POISSON, 55);
    const struct alert *first = alert_of(alerts, count, ALERT_POISSON, 48);
    const struct alert *silence = alert_of(alerts, count, ALERT_ABSENCE, 50);
    CHECK(spike && second && first && silence);
    CHECK(alert_of(alerts, count, ALERT_HOUR, 48) && alert_of(alerts, count, ALERT_DAY, 48));
    CHECK(alert_of(alerts, count, ALERT_SIGMA, 48) && alert_of(alerts, count, ALERT_SHARE, 48));
    check_explained(spike);
    CHECK(second->earlier != 0 && second->likeness.len > 0);
    struct alert earlier;
    struct err err = {0};
    must(alert_read(&arena, ws->state, second->earlier, &earlier, &err), &err);
    CHECK_INT((earlier.start_ms / 1000 - world_begin_s) / 86400, 48); /* the other burst */
    CHECK_INT(silence->cause, ALERT_OF_MARKET);
    CHECK(silence->is_over && silence->observed == 0);
    struct alert_told *told;
    size_t told_count;
    must(alert_tellings(&arena, ws->state, spike->id, &told, &told_count, &err), &err);
    CHECK_INT(told_count, spike->tellings);
    CHECK_INT(told[0].told_ms, spike->told_ms);
    found = import(0, 0, 1); /* nothing new: nothing is due */
    CHECK_INT(found.raised + found.worse, 0);
    must(db_run(ws->state, "UPDATE alert_rule SET is_due = 1", &err), &err);
    found = import(0, 0, 1);
    CHECK_INT(found.raised + found.worse, 0);
    CHECK_INT(list(&alerts), count);
    end();
    scratch_end(&s);
}

static void check_same(const struct alert *a, const struct alert *b)
{
    CHECK_INT(a->kind, b->kind);
    CHECK_INT(a->start_ms, b->start_ms);
    CHECK_INT(a->told_ms, b->told_ms);
    CHECK_INT(a->end_ms, b->end_ms);
    CHECK_INT(a->severity, b->severity);
    CHECK_INT(a->tellings, b->tellings);
    CHECK_INT(a->is_over, b->is_over);
    CHECK_NEAR(a->observed, b->observed, 0);
    CHECK(str_eq(a->explanation, b->explanation));
}

/* Cut in the middle of events and of days; the program ends between two pieces. */
TEST(pieces_give_what_the_whole_gives)
{
    static const int cuts[] = {0,           500,         1152,        48 * 24 + 11, 48 * 24 + 12,
                               50 * 24 + 3, 51 * 24 + 1, 55 * 24 + 4, WORLD_HOURS};
    struct alert *whole, *parts;
    struct arena kept;
    struct err err = {0};
    uint64_t raised = 0;

    scratch_begin(&s);
    begin("whole");
    rules_add();
    (void)import(0, WORLD_HOURS, 1);
    size_t count = list(&whole);
    workspace_close(&ws);
    kept = arena;
    begin("parts");
    rules_add();
    for (size_t i = 0; i + 1 < COUNT_OF(cuts); i++) {
        raised += import(cuts[i], cuts[i + 1], 1).raised;
        workspace_close(&ws);
        must(workspace_open(&ws, scratch_path(&s, "parts"), S("acme"), &err), &err);
    }
    CHECK_INT(raised, count);
    CHECK_INT(list(&parts), count);
    for (size_t i = 0; i < count; i++) { /* by start, then by when they were found */
        size_t k = 0;
        while (k < count &&
               (parts[k].kind != whole[i].kind || parts[k].start_ms != whole[i].start_ms))
            k++;
        CHECK(k < count);
        check_same(&parts[k], &whole[i]);
    }
    end();
    arena_deinit(&kept);
    scratch_end(&s);
}

TEST(a_backtest_tells_what_fires)
{
    struct archive *a = NULL;
    struct alert_rule *rules;
    struct err err = {0};
    size_t count, alerts = 0;
    struct backtest_incident incident = {S("burst"), (world_begin_s + 48 * 86400) * 1000,
                                         (world_begin_s + 49 * 86400) * 1000};

    scratch_begin(&s);
    begin("test");
    rules_add();
    (void)import(0, WORLD_HOURS, 1);
    must(archive_open(&a, ws->posts_dir, ARCHIVE_READ, &err) &&
             alert_rule_list(&arena, ws->state, &rules, &count, &err),
         &err);
    for (size_t i = 0; i < count; i++) {
        struct alert_backtest_request request = {.rule = &rules[i],
                                                 .now_ms = STREAM_NOW_MS,
                                                 .incidents = &incident,
                                                 .incident_count = 1};
        struct alert_filter filter = {.rule = rules[i].id, .max = 100};
        struct alert_backtest b;
        struct alert *fired;
        size_t fired_count;
        must(alert_backtest_run(ws->state, a, &arena, &request, &b, &err) &&
                 alert_list(&arena, ws->state, &filter, &fired, &fired_count, &err),
             &err);
        CHECK_INT(b.judged.alert_count, fired_count);
        for (size_t k = 0; k < fired_count; k++) {
            const struct alert *f = &fired[fired_count - 1 - k];
            CHECK_INT(b.events[k].start_ms, f->start_ms);
            CHECK_INT(b.judged.alerts[k].told_ms, f->told_ms);
            CHECK_INT(b.events[k].end_ms, f->end_ms);
            CHECK_INT(b.events[k].severity, f->severity);
            CHECK_INT(b.events[k].telling_count, f->tellings);
        }
        alerts += fired_count;
        if (rules[i].settings.kind == ALERT_SPIKE || rules[i].settings.kind == ALERT_POISSON)
            CHECK_INT(b.judged.incidents_found, 1);
    }
    CHECK(alerts >= 8);
    archive_close(&a);
    end();
    scratch_end(&s);
}

TEST(a_rule_tells_what_comes_after_it_was_armed)
{
    struct alert_rule rule = {.name = S("late"),
                              .query = 1,
                              .is_on = true,
                              .settings = {.kind = ALERT_POISSON, .sensitivity = ALERT_MEDIUM}};
    struct alert_horizon horizon;
    struct archive *a = NULL;
    struct err err = {0};

    scratch_begin(&s);
    begin("armed");
    (void)import(0, 52 * 24, 1);
    must(archive_open(&a, ws->posts_dir, ARCHIVE_READ, &err) &&
             alert_horizon_read(ws->state, a, STREAM_NOW_MS, &horizon, &err) &&
             alert_rule_create(ws->state, &rule, ALERT_PERIOD_AUTO, horizon.end_ms, S("ann"), 5,
                               &err),
         &err);
    archive_close(&a);
    CHECK_INT(horizon.end_ms, (world_begin_s + 52 * 86400) * 1000);
    CHECK_INT(horizon.closed_ms, horizon.end_ms - HOUR_MS);
    CHECK_INT(import(52 * 24, 53 * 24, 1).raised, 0); /* day 48 was known */
    CHECK_INT(import(53 * 24, WORLD_HOURS, 1).raised, 1);
    end();
    scratch_end(&s);
}

TEST(worse_opens_an_acknowledged_alert_again)
{
    struct alert_found found;
    struct ledger_entry *entries;
    struct alert *alerts;
    struct err err = {0};
    int64_t open;
    size_t count;

    scratch_begin(&s);
    begin("worse");
    must(world_rule(ws, "poisson", ALERT_POISSON, &err), &err);
    CHECK_INT(import(0, 48 * 24 + 11, 1).raised, 1); /* the first hour of the burst */
    CHECK_INT(list(&alerts), 1);
    must(alert_acknowledge(ws->state, alerts[0].id, S("seen"), S("bob"), 9, &err), &err);
    must(alert_open_count(ws->state, &open, &err), &err);
    CHECK_INT(open, 0);
    (void)list(&alerts);
    CHECK_INT(alerts[0].state, ALERT_ACKNOWLEDGED);
    CHECK_STR(alerts[0].note, "seen");
    found = import(48 * 24 + 11, 48 * 24 + 13, 1); /* as bad as before */
    CHECK_INT(found.worse + found.raised, 0);
    found = import(48 * 24 + 13, 48 * 24 + 14, 12);
    CHECK_INT(found.worse, 1);
    CHECK_INT(found.raised, 0);
    CHECK_INT(list(&alerts), 1);
    CHECK_INT(alerts[0].state, ALERT_OPEN);
    CHECK_INT(alerts[0].tellings, 2);
    must(ledger_list(&arena, ws->state,
                     &(struct ledger_filter){.action_prefix = S("alert.acknowledge")}, &entries,
                     &count, &err),
         &err);
    CHECK_INT(count, 1);
    CHECK(!alert_acknowledge(ws->state, 99, S(""), S("bob"), 9, &err));
    CHECK_INT(err.code, ERR_NOT_FOUND);
    end();
    scratch_end(&s);
}

TEST(likeness_is_the_sum_of_its_parts)
{
    struct err err = {0};
    const struct json *a, *b;

    arena_init(&arena, MIB);
    must(json_parse(&arena,
                    S("{\"terms\":[{\"term\":\"x\",\"share\":0.5},{\"term\":\"y\",\"share\":0.2}],"
                      "\"sources\":[{\"source\":\"f\",\"share\":1}]}"),
                    &a, &err) &&
             json_parse(&arena,
                        S("{\"terms\":[{\"term\":\"x\",\"share\":0.25},{\"term\":\"z\",\"share\":"
                          "0.3}],\"sources\":[{\"source\":\"f\",\"share\":0.4},{\"source\":\"g\","
                          "\"share\":0.6}]}"),
                        &b, &err),
         &err);
    struct event_likeness l =
        event_likeness(&(struct event_shape){a, 8, 6}, &(struct event_shape){b, 2, 3});
    CHECK_NEAR(l.terms, 0.25 / (0.5 + 0.2 + 0.3), 1e-12);
    CHECK_NEAR(l.sources, 0.4, 1e-12);
    CHECK_NEAR(l.size, 0.5, 1e-12); /* two doublings apart */
    CHECK_NEAR(l.length, 0.5, 1e-12);
    CHECK_NEAR(l.all, 0.5 * 0.25 + 0.2 * 0.4 + 0.3 * 0.5, 1e-12);
    l = event_likeness(&(struct event_shape){a, 8, 6}, &(struct event_shape){a, 8, 6});
    CHECK_NEAR(l.all, 1, 1e-12);
    arena_deinit(&arena);
}

int main(void)
{
    return RUN(
        CASE(rules_are_versioned_and_in_the_ledger), CASE(rules_that_make_no_sense_are_refused),
        CASE(alerts_are_found_explained_and_told_once), CASE(pieces_give_what_the_whole_gives),
        CASE(a_backtest_tells_what_fires), CASE(a_rule_tells_what_comes_after_it_was_armed),
        CASE(worse_opens_an_acknowledged_alert_again), CASE(likeness_is_the_sum_of_its_parts));
}
