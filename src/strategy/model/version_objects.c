/* version_objects.c - the tables of versions, what bounds them, and waived gates (steps 6 to 8). */
#include "strategy/model/object_table.h"

WORDS(version_state, [VERSION_IDEA] = "idea", [VERSION_CORE_DRAFTED] = "core_drafted",
      [VERSION_EVALUATED] = "evaluated", [VERSION_ELABORATED] = "elaborated",
      [VERSION_PROPOSED] = "proposed", [VERSION_ADOPTED] = "adopted",
      [VERSION_REJECTED] = "rejected", [VERSION_SUPERSEDED] = "superseded");
WORDS(verdict, [VERDICT_PURSUE] = "pursue", [VERDICT_IMPROVE] = "improve",
      [VERDICT_ABANDON] = "abandon");

static const struct field fields_choice[] = {
    {F(REF, version_option, option), .targets = TARGET(OBJECT_OPTION), NEEDED},
    {F(BOOL, version_option, is_chosen), .preset = 1},
    {F(TEXT, version_option, reason)},
};
static const struct record record_choice = {fields_choice, COUNT_OF(fields_choice),
                                            sizeof(struct version_option)};

static const struct field fields_resource_limit[] = {
    {F(ID, resource_limit, id), .form = ID_RESOURCE, NEEDED},
    {F(NUMBER, resource_limit, amount), RANGE(0, 1e+15, 0), NEEDED},
    {F(NUMBER, resource_limit, secured), RANGE(0, 1e+15, 0)},
};
CHECK_HEAD(resource_limit);
const struct object_type object_limit = {
    .record = RECORD(fields_resource_limit, resource_limit),
    .list = "limits",
    .table = "strategy_resource_limit",
    .model_offset = offsetof(struct strategy_model, limits),
};

static const struct field fields_goal_coverage[] = {
    {F(ID, goal_coverage, id), .form = ID_GOAL, NEEDED},
    {F(INTEGER, goal_coverage, at_least), RANGE(1, 5000, 1)},
};
CHECK_HEAD(goal_coverage);
const struct object_type object_coverage = {
    .record = RECORD(fields_goal_coverage, goal_coverage),
    .list = "coverage",
    .table = "strategy_goal_coverage",
    .model_offset = offsetof(struct strategy_model, coverage),
};

static const struct field fields_strategy_version[] = {
    {F(ID, strategy_version, id), NEEDED},
    {F(TEXT, strategy_version, name), NEEDED},
    {F(TEXT, strategy_version, focus)},
    {F(TEXT, strategy_version, text)},
    {F(WORD, strategy_version, state), .words = &words_version_state},
    {F(RECORDS, strategy_version, options), .record = &record_choice},
    {F(WORD, strategy_version, verdict), .words = &words_verdict},
    {F(TEXT, strategy_version, verdict_reason)},
    {F(BOOL, strategy_version, is_generated)},
    {F(REFS, strategy_version, topics), .targets = TARGET(OBJECT_TOPIC)},
};
CHECK_HEAD(strategy_version);
const struct object_type object_version = {
    .record = RECORD(fields_strategy_version, strategy_version),
    .list = "versions",
    .table = "strategy_version",
    .label_offset = offsetof(struct strategy_version, name),
    .model_offset = offsetof(struct strategy_model, versions),
};

static const struct field fields_gate_waiver[] = {
    {F(ID, gate_waiver, id), .form = ID_STEP, NEEDED},
    {F(TEXT, gate_waiver, reason), NEEDED},
    {F(TEXT, gate_waiver, by)},
};
CHECK_HEAD(gate_waiver);
const struct object_type object_waiver = {
    .record = RECORD(fields_gate_waiver, gate_waiver),
    .list = "waivers",
    .table = "strategy_gate_waiver",
    .model_offset = offsetof(struct strategy_model, waivers),
};
