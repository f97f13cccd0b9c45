/* setup_objects.c - the tables of the process plan and the sources (step 0). */
#include "strategy/model/object_table.h"

WORDS(plan_state, [PLAN_OPEN] = "open", [PLAN_RUNNING] = "running", [PLAN_DONE] = "done");

static const struct field fields_plan_step[] = {
    {F(ID, plan_step, id), .form = ID_STEP, NEEDED},
    {F(TEXT, plan_step, owner)},
    {F(TEXTS, plan_step, participants)},
    {F(DATE, plan_step, from)},
    {F(DATE, plan_step, until)},
    {F(TEXTS, plan_step, sources)},
    {F(WORD, plan_step, state), .words = &words_plan_state},
    {F(TEXT, plan_step, note)},
};
CHECK_HEAD(plan_step);
const struct object_type object_plan_step = {
    .record = RECORD(fields_plan_step, plan_step),
    .list = "plan",
    .table = "strategy_plan_step",
    .model_offset = offsetof(struct strategy_model, plan),
};

static const struct field fields_knowledge_source[] = {
    {F(ID, knowledge_source, id), NEEDED},
    {F(TEXT, knowledge_source, title), NEEDED},
    {F(TEXT, knowledge_source, address)},
    {F(DATE, knowledge_source, date)},
    {F(INTEGER, knowledge_source, reliability), RANGE(1, 4, 2)},
    {F(TEXT, knowledge_source, note)},
};
CHECK_HEAD(knowledge_source);
const struct object_type object_source = {
    .record = RECORD(fields_knowledge_source, knowledge_source),
    .list = "sources",
    .table = "strategy_knowledge_source",
    .label_offset = offsetof(struct knowledge_source, title),
    .model_offset = offsetof(struct strategy_model, sources),
};
