/* goal_objects.c - the tables of benefits and of the goals derived from them (steps 3 and 6). */
#include <math.h>

#include "strategy/model/object_table.h"

WORDS(benefit_state, [BENEFIT_POSSIBLE] = "possible", [BENEFIT_TARGETED] = "targeted",
      [BENEFIT_REALISED] = "realised");

static const struct field fields_company_benefit[] = {
    {F(ID, company_benefit, id), NEEDED},
    {F(TEXT, company_benefit, text), NEEDED},
    {F(TEXT, company_benefit, code)},
    {F(INTEGER, company_benefit, size), RANGE(0, 4, 0)},
    {F(WORD, company_benefit, state), .words = &words_benefit_state},
    {F(TEXT, company_benefit, mechanism)},
    {F(REFS, company_benefit, origins), .targets = TARGET(OBJECT_ELEMENT) | TARGET(OBJECT_GOAL)},
    {F(REFS, company_benefit, topics), .targets = TARGET(OBJECT_TOPIC)},
    {F(TEXTS, company_benefit, potentials)},
    {F(TEXT, company_benefit, measure)},
    {F(TEXT, company_benefit, unit)},
    {F(NUMBER, company_benefit, target), RANGE(-1e+15, 1e+15, NAN)},
    {F(TEXT, company_benefit, department)},
    {F(TEXT, company_benefit, process)},
};
CHECK_HEAD(company_benefit);
const struct object_type object_benefit = {
    .record = RECORD(fields_company_benefit, company_benefit),
    .list = "benefits",
    .table = "strategy_benefit",
    .label_offset = offsetof(struct company_benefit, text),
    .model_offset = offsetof(struct strategy_model, benefits),
};

static const struct field fields_strategy_goal[] = {
    {F(ID, strategy_goal, id), NEEDED},
    {F(REF, strategy_goal, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(TEXT, strategy_goal, text), NEEDED},
    {F(REF, strategy_goal, goal), .targets = TARGET(OBJECT_GOAL)},
    {F(REF, strategy_goal, benefit), .targets = TARGET(OBJECT_BENEFIT)},
    {F(REF, strategy_goal, topic), .targets = TARGET(OBJECT_TOPIC)},
    {F(WORD, strategy_goal, standing), .words = &words_standing},
    {F(TEXT, strategy_goal, measure)},
    {F(TEXT, strategy_goal, unit)},
    {F(NUMBER, strategy_goal, target), RANGE(-1e+15, 1e+15, NAN)},
    {F(DATE, strategy_goal, due)},
};
CHECK_HEAD(strategy_goal);
const struct object_type object_strategy_goal = {
    .record = RECORD(fields_strategy_goal, strategy_goal),
    .list = "strategy_goals",
    .table = "strategy_version_goal",
    .label_offset = offsetof(struct strategy_goal, text),
    .model_offset = offsetof(struct strategy_model, strategy_goals),
};

static const struct field fields_social_goal[] = {
    {F(ID, social_goal, id), NEEDED},
    {F(REF, social_goal, strategy_goal), .targets = TARGET(OBJECT_STRATEGY_GOAL), NEEDED},
    {F(WORD, social_goal, component), .words = &words_component, NEEDED},
    {F(TEXT, social_goal, text), NEEDED},
    {F(TEXT, social_goal, measure)},
    {F(TEXT, social_goal, unit)},
    {F(NUMBER, social_goal, baseline), RANGE(-1e+15, 1e+15, NAN)},
    {F(NUMBER, social_goal, target), RANGE(-1e+15, 1e+15, NAN)},
    {F(TEXT, social_goal, attainable)},
    {F(TEXT, social_goal, relevant)},
    {F(DATE, social_goal, due)},
    {F(TEXT, social_goal, owner)},
};
CHECK_HEAD(social_goal);
const struct object_type object_social_goal = {
    .record = RECORD(fields_social_goal, social_goal),
    .list = "social_goals",
    .table = "strategy_social_goal",
    .label_offset = offsetof(struct social_goal, text),
    .model_offset = offsetof(struct strategy_model, social_goals),
};
