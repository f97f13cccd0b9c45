/* Fallible calls fail in turn while the strategy is changed: a change is there with its ledger
 * entries or not at all, nothing leaks, the file stays sound. */
#include "unit/test.h"

#include "base/fault.h"
#include "base/mem.h"
#include "ledger/ledger.h"
#include "signal/signal.h"
#include "strategy/decision/decision.h"
#include "strategy/rating/topic_rating.h"
#include "strategy/risk/simulation.h"
#include "strategy/steering/review.h"
#include "unit/strategy_workspace.h"

#define DAY INT64_C(86400000)

/* Each point would take minutes: the steps grow, early calls are all tried. */
static int next_fault(int n)
{
    return n + 1 + n / 12;
}

struct work {
    struct db *db;
    struct arena *arena;
    const struct method *method;
    const struct strategy_model *model;
};

static bool import(const struct work *work, struct err *err)
{
    struct import_counts counts;

    return store_import(work->db, &strategy_change, work->model, IMPORT_EMPTY, &counts, err);
}

static bool rate(const struct work *work, struct err *err)
{
    struct topic_proposal proposal = {.topic = S("battery"),
                                      .rules_version = S("1"),
                                      .mentions = 400,
                                      .affinity = 1,
                                      .coverage = 1};
    const struct rating_choice choice = {.affinity = 4};
    bool drifted = false;

    if (!db_begin(work->db, err))
        return false;
    bool ok =
        topic_rating_propose(work->db, &strategy_change, work->method, &proposal, &drifted, err) &&
        topic_rating_decide(work->db, &strategy_change, S("battery"), 1, &choice, err);
    return db_end(work->db, ok, err);
}

static bool decide(const struct work *work, struct err *err)
{
    static const struct rejection rejected[] = {{S_INIT("two"), S_INIT("too light")}};
    const struct decision_order order = {
        .version = S("one"),
        .reason = S("leads"),
        .rejected = rejected,
        .rejected_count = 1,
        .reopening = S("a break"),
        .armed_from_ms = 10 * DAY,
        .signature = {
            .account = S("mia"), .is_management = true, .is_password_checked = true, .at_ms = 1}};
    int64_t id = 0;

    return decision_record(work->db, work->arena, work->method, &order, &id, err);
}

static bool evaluate(const struct work *work, struct err *err)
{
    struct assumption_outcome outcome;

    return assumption_evaluate(work->db, work->arena, work->method, &strategy_change, NULL,
                               16 * DAY, &outcome, err);
}

/* --- what was there before each ----------------------------------------------------------------
 */

static void prepare_nothing(const struct work *work)
{
    (void)work;
}

static void prepare_strategy(const struct work *work)
{
    struct err err = {0};

    CHECK(import(work, &err));
}

static void prepare_simulation(const struct work *work)
{
    const struct simulation_order order = {.trials = 100};
    struct simulation_result result;
    struct err err = {0};

    prepare_strategy(work);
    CHECK(simulation_run(work->arena, work->model, &order, &result, &err));
    CHECK(simulation_store(work->db, &strategy_change, &order, &result, &err));
}

static void prepare_decision(const struct work *work)
{
    struct signal signal = {.key = S("query:battery:mentions:day"),
                            .definition = S("posts a day"),
                            .period = SIGNAL_DAY,
                            .aggregate = SIGNAL_SUM,
                            .source = S("listen")};
    struct signal_point points[8];
    struct err err = {0};

    prepare_simulation(work);
    CHECK(decide(work, &err));
    CHECK(signal_define(work->db, &signal, 0, STR_NONE, 1, &err));
    for (int i = 0; i < 8; i++)
        points[i] = (struct signal_point){
            .start_ms = (8 + i) * DAY, .value = i < 4 ? 20 : 2, .n = 20, .coverage = 1};
    CHECK(signal_put_points(work->db, signal.id, points, 8, false, &err));
}

/* --- the loop ----------------------------------------------------------------------------------
 */

static int64_t sound_entries(struct db *db)
{
    struct ledger_report report;
    struct err err = {0};

    CHECK(db_check(db, &err));
    CHECK(ledger_verify(db, NULL, &report, &err));
    CHECK_INT(report.fault, LEDGER_SOUND);
    return report.entries;
}

static void copy_file(struct scratch *s, const char *from, const char *to)
{
    struct err err = {0};
    Str bytes;

    CHECK(file_read_all(&s->arena, scratch_path(s, from), 16 * MIB, &bytes, &err));
    CHECK(file_write_atomic(scratch_path(s, to), bytes, &err));
}

static void open_template(struct scratch *s, struct work *work, struct strategy_model *model,
                          void (*prepare)(const struct work *work))
{
    struct err err = {0};

    CHECK(method_read(&s->arena, &work->method, &err));
    CHECK(db_open(&work->db, scratch_path(s, "work.db"), DB_CREATE, &err));
    CHECK(db_migrate(work->db, S("schema/state/"), &err));
    strategy_model_make(&s->arena, model);
    work->model = model;
    work->arena = &s->arena;
    prepare(work);
    CHECK(db_backup(work->db, scratch_path(s, "template.db"), &err));
    db_close(&work->db);
}

static void fail_in_turn(const char *name, void (*prepare)(const struct work *work),
                         bool (*change)(const struct work *work, struct err *err))
{
    struct scratch s;
    struct work work = {0};
    struct strategy_model model;
    int tried = 0;

    scratch_begin(&s);
    open_template(&s, &work, &model, prepare);
    bool is_hit = true;
    for (int n = 1; is_hit; n = next_fault(n)) {
        struct err err = {0};
        struct arena arena;
        copy_file(&s, "template.db", "run.db");
        CHECK(db_open(&work.db, scratch_path(&s, "run.db"), DB_READ_WRITE, &err));
        int64_t before = sound_entries(work.db);
        long blocks = mem_live_blocks();
        arena_init(&arena, 256 * MIB);
        work.arena = &arena;
        fault_arm(n);
        bool ok = change(&work, &err);
        is_hit = fault_disarm();
        arena_deinit(&arena);
        CHECK(ok == (err.code == ERR_NONE));
        CHECK(ok || is_hit);
        db_close(&work.db);
        CHECK(mem_live_blocks() <= blocks);
        err_clear(&err);
        CHECK(db_open(&work.db, scratch_path(&s, "run.db"), DB_READ_WRITE, &err));
        CHECK(ok == (sound_entries(work.db) > before));
        db_close(&work.db);
        tried++;
    }
    print_message("note  %s: %d places failed in turn\n", name, tried - 1);
    scratch_end(&s);
}

TEST(importing_is_all_or_nothing)
{
    fail_in_turn("import", prepare_nothing, import);
}

TEST(rating_is_all_or_nothing)
{
    fail_in_turn("rate", prepare_strategy, rate);
}

TEST(deciding_is_all_or_nothing)
{
    fail_in_turn("decide", prepare_simulation, decide);
}

TEST(evaluating_is_all_or_nothing)
{
    fail_in_turn("evaluate", prepare_decision, evaluate);
}

int main(void)
{
    return RUN(CASE(importing_is_all_or_nothing), CASE(rating_is_all_or_nothing),
               CASE(deciding_is_all_or_nothing), CASE(evaluating_is_all_or_nothing));
}
