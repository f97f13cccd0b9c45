/* How far a version is worked out: each obstacle alone, and the way back. */
#include "unit/test.h"

#include "strategy/method/version_progress.h"

static struct component_sheet sheets[COMPONENT_COUNT];
static struct interaction conflict;
static struct strategy_version version;
static struct strategy_model model;

/* A version with everything that "proposed" asks for. */
static void begin(void)
{
    for (int c = 0; c < COMPONENT_COUNT; c++)
        sheets[c] = (struct component_sheet){
            .version = S("lean"),
            .component = (enum component)c,
            .definition = S("t"),
            .ways = S("t"),
            .measures = S("t"),
            .sizes = S("t"),
            .target_relevance = S("t"),
            .effect_performance = S("t"),
            .effect_attention = S("t"),
            .contribution = S("t"),
            .is_complete = true,
        };
    conflict = (struct interaction){.version = S("lean"), .value = 2};
    version = (struct strategy_version){
        .id = S("lean"), .verdict = VERDICT_PURSUE, .simulation = {.id = 1}};
    model = (struct strategy_model){0};
    model.sheets.items = sheets;
    model.sheets.count = COMPONENT_COUNT;
    model.interactions.items = &conflict;
    model.interactions.count = 1;
}

static enum progress_obstacle to(enum version_state state)
{
    return version_obstacle(&model, &version, state);
}

TEST(everything_done_leaves_all_states_free)
{
    begin();
    for (int s = 0; s <= VERSION_PROPOSED; s++)
        CHECK_INT(to((enum version_state)s), PROGRESS_FREE);
}

TEST(states_of_a_decision_are_not_given_by_hand)
{
    begin();
    CHECK_INT(to(VERSION_ADOPTED), PROGRESS_BY_DECISION);
    CHECK_INT(to(VERSION_REJECTED), PROGRESS_BY_DECISION);
    version.state = VERSION_ADOPTED;
    CHECK_INT(to(VERSION_IDEA), PROGRESS_BY_DECISION);
}

TEST(core_needs_its_seven_sheets)
{
    begin();
    sheets[COMPONENT_CHANNEL].version = S("another");
    CHECK_INT(to(VERSION_CORE_DRAFTED), PROGRESS_CORE_SHEETS);
    CHECK_INT(to(VERSION_PROPOSED), PROGRESS_CORE_SHEETS);
    begin();
    sheets[COMPONENT_COMMUNICATION].version = S("another");
    CHECK_INT(to(VERSION_CORE_DRAFTED), PROGRESS_FREE);
}

TEST(evaluated_needs_verdict_and_simulation)
{
    begin();
    version.verdict = VERDICT_OPEN;
    CHECK_INT(to(VERSION_CORE_DRAFTED), PROGRESS_FREE);
    CHECK_INT(to(VERSION_EVALUATED), PROGRESS_NOT_EVALUATED);
    begin();
    version.simulation.id = 0;
    CHECK_INT(to(VERSION_EVALUATED), PROGRESS_NOT_EVALUATED);
}

TEST(elaborated_needs_all_sheets_complete)
{
    begin();
    sheets[COMPONENT_RISKS].is_complete = false;
    CHECK_INT(to(VERSION_EVALUATED), PROGRESS_FREE);
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_ALL_SHEETS);
    begin();
    sheets[COMPONENT_RISKS].sizes = STR_NONE; /* called complete, and is not */
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_ALL_SHEETS);
    begin();
    sheets[COMPONENT_RISKS].version = S("another");
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_ALL_SHEETS);
}

TEST(an_open_conflict_blocks_elaborated)
{
    begin();
    conflict.value = -2;
    CHECK_INT(to(VERSION_EVALUATED), PROGRESS_FREE);
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_CONFLICT);
    conflict.is_accepted = true;
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_CONFLICT);
    conflict.accepted_reason = S("for a year");
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_FREE);
    conflict.accepted_reason = STR_NONE;
    conflict.version = S("another");
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_FREE);
}

TEST(going_back_is_free)
{
    begin();
    model.sheets.count = 0;
    version.state = VERSION_ELABORATED;
    CHECK_INT(to(VERSION_IDEA), PROGRESS_FREE);
    CHECK_INT(to(VERSION_ELABORATED), PROGRESS_FREE);
    CHECK_INT(to(VERSION_PROPOSED), PROGRESS_CORE_SHEETS);
}

int main(void)
{
    return RUN(CASE(everything_done_leaves_all_states_free),
               CASE(states_of_a_decision_are_not_given_by_hand), CASE(core_needs_its_seven_sheets),
               CASE(evaluated_needs_verdict_and_simulation),
               CASE(elaborated_needs_all_sheets_complete), CASE(an_open_conflict_blocks_elaborated),
               CASE(going_back_is_free));
}
