/* evaluation_objects.c - the tables of advantages and evaluation sheets (step 7). */
#include "strategy/model/object_table.h"

WORDS(evaluation_pass, [PASS_EARLY] = "early", [PASS_FINAL] = "final");
WORDS(judgement, [JUDGEMENT_STRONG] = "strong", [JUDGEMENT_SUFFICIENT] = "sufficient",
      [JUDGEMENT_WEAK] = "weak");
WORDS(criterion, [EVALUATION_CORPORATE_BENEFIT] = "corporate_benefit",
      [EVALUATION_RESOURCE_DEMAND] = "resource_demand", [EVALUATION_RISKS] = "risks",
      [EVALUATION_COMPATIBILITY] = "compatibility", [EVALUATION_DEPENDENCIES] = "dependencies",
      [EVALUATION_ADVANTAGE] = "advantage", [EVALUATION_DURABILITY] = "durability",
      [EVALUATION_POSITIONS] = "positions", [EVALUATION_BOTH_COMPETITIONS] = "both_competitions",
      [EVALUATION_WHOLE_MODEL] = "whole_model", [EVALUATION_ALL_OPTIONS] = "all_options",
      [EVALUATION_COHERENCE] = "coherence", [EVALUATION_SIMPLICITY] = "simplicity",
      [EVALUATION_ADAPTABILITY] = "adaptability", [EVALUATION_GOAL_FIT] = "goal_fit");

static const struct field fields_advantage[] = {
    {F(ID, advantage, id), NEEDED},
    {F(REF, advantage, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(REF, advantage, topic), .targets = TARGET(OBJECT_TOPIC), NEEDED},
    {F(REF, advantage, against), .targets = TARGET(OBJECT_COMPETITOR)},
    {F(WORD, advantage, durability), .words = &words_durability},
    {F(TEXT, advantage, reason)},
};
CHECK_HEAD(advantage);
const struct object_type object_advantage = {
    .record = RECORD(fields_advantage, advantage),
    .list = "advantages",
    .table = "strategy_advantage",
    .model_offset = offsetof(struct strategy_model, advantages),
};

static const struct field fields_evaluation_sheet[] = {
    {F(ID, evaluation_sheet, id), NEEDED},
    {F(REF, evaluation_sheet, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(WORD, evaluation_sheet, criterion), .words = &words_criterion, NEEDED},
    {F(WORD, evaluation_sheet, pass), .words = &words_evaluation_pass},
    {F(TEXT, evaluation_sheet, sources)},
    {F(TEXT, evaluation_sheet, implementation)},
    {F(TEXT, evaluation_sheet, assessment)},
    {F(WORD, evaluation_sheet, judgement), .words = &words_judgement},
    {F(TEXT, evaluation_sheet, used_for)},
    {F(TEXTS, evaluation_sheet, participants)},
    {F(DATE, evaluation_sheet, date)},
};
CHECK_HEAD(evaluation_sheet);
const struct object_type object_evaluation = {
    .record = RECORD(fields_evaluation_sheet, evaluation_sheet),
    .list = "evaluations",
    .table = "strategy_evaluation",
    .model_offset = offsetof(struct strategy_model, evaluations),
};
