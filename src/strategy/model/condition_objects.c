/* condition_objects.c - the tables of what a strategy rests on (step 9). */
#include "strategy/model/object_table.h"

WORDS(assumption_state, [ASSUMPTION_UNARMED] = "unarmed", [ASSUMPTION_HOLDING] = "holding",
      [ASSUMPTION_AT_RISK] = "at_risk", [ASSUMPTION_BROKEN] = "broken",
      [ASSUMPTION_NO_DATA] = "no_data");
WORDS(condition_state, [CONDITION_OPEN] = "open", [CONDITION_MET] = "met",
      [CONDITION_FAILED] = "failed");
WORDS(condition_kind, [CONDITION_LAW] = "law", [CONDITION_PLATFORM] = "platform",
      [CONDITION_TECHNOLOGY] = "technology", [CONDITION_MARKET] = "market",
      [CONDITION_COMPANY] = "company");
WORDS(aggregate, [AGGREGATE_MEAN] = "mean", [AGGREGATE_PER_DAY] = "per_day",
      [AGGREGATE_SUM] = "sum", [AGGREGATE_GROWTH] = "growth");
WORDS(comparator, [COMPARE_AT_LEAST] = "at_least", [COMPARE_AT_MOST] = "at_most");

static const struct field fields_rule[] = {
    {F(TEXT, assumption_rule, metric), NEEDED},
    {F(TEXT, assumption_rule, signal)},
    {F(WORD, assumption_rule, aggregate), .words = &words_aggregate},
    {F(INTEGER, assumption_rule, window_days), RANGE(1, 366, 7)},
    {F(WORD, assumption_rule, comparator), .words = &words_comparator, NEEDED},
    {F(NUMBER, assumption_rule, threshold), RANGE(-1e+15, 1e+15, 0), NEEDED},
    {F(NUMBER, assumption_rule, margin), RANGE(0, 1e+15, 0)},
    {F(INTEGER, assumption_rule, persistence), RANGE(1, 366, 3)},
    {F(INTEGER, assumption_rule, minimum_sample), RANGE(0, 1e+09, 30)},
    {F(NUMBER, assumption_rule, minimum_coverage), RANGE(0, 1, 0.5)},
};
static const struct record record_rule = {fields_rule, COUNT_OF(fields_rule),
                                          sizeof(struct assumption_rule)};

static const struct field fields_assumption[] = {
    {F(ID, assumption, id), NEEDED},
    {F(TEXT, assumption, statement), NEEDED},
    {F(TEXT, assumption, query)},
    {F(RECORD, assumption, rule), .record = &record_rule,
     .presence = offsetof(struct assumption, has_rule)},
    {F(INTEGER, assumption, cadence_hours), RANGE(1, 8784, 24)},
    {F(INTEGER, assumption, certainty), RANGE(1, 4, 1)},
    {F(NUMBER, assumption, probability), RANGE(0, 1, 0.5)},
    {F(NUMBER, assumption, test_cost), RANGE(0, 1e+15, 0)},
    {F(TEXT, assumption, answer)},
};
CHECK_HEAD(assumption);
const struct object_type object_assumption = {
    .record = RECORD(fields_assumption, assumption),
    .list = "assumptions",
    .table = "strategy_assumption",
    .label_offset = offsetof(struct assumption, statement),
    .model_offset = offsetof(struct strategy_model, assumptions),
};

static const struct field fields_prerequisite[] = {
    {F(ID, prerequisite, id), NEEDED},
    {F(TEXT, prerequisite, statement), NEEDED},
    {F(TEXT, prerequisite, owner)},
    {F(DATE, prerequisite, due)},
    {F(INTEGER, prerequisite, certainty), RANGE(1, 4, 3)},
    {F(NUMBER, prerequisite, probability), RANGE(0, 1, 0.9)},
    {F(INTEGER, prerequisite, delay_months), RANGE(0, 120, 3)},
    {F(WORD, prerequisite, state), .words = &words_condition_state},
};
CHECK_HEAD(prerequisite);
const struct object_type object_prerequisite = {
    .record = RECORD(fields_prerequisite, prerequisite),
    .list = "prerequisites",
    .table = "strategy_prerequisite",
    .label_offset = offsetof(struct prerequisite, statement),
    .model_offset = offsetof(struct strategy_model, prerequisites),
};

static const struct field fields_framework_condition[] = {
    {F(ID, framework_condition, id), NEEDED},
    {F(WORD, framework_condition, kind), .words = &words_condition_kind, NEEDED},
    {F(TEXT, framework_condition, statement), NEEDED},
    {F(DATE, framework_condition, check_date)},
    {F(TEXT, framework_condition, owner)},
    {F(WORD, framework_condition, state), .words = &words_condition_state},
};
CHECK_HEAD(framework_condition);
const struct object_type object_framework_condition = {
    .record = RECORD(fields_framework_condition, framework_condition),
    .list = "framework_conditions",
    .table = "strategy_framework_condition",
    .label_offset = offsetof(struct framework_condition, statement),
    .model_offset = offsetof(struct strategy_model, framework_conditions),
};
