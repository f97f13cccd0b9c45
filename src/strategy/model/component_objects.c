/* component_objects.c - the tables of sheets, interactions, risks, situations, journey (steps 6 and
 * 7). */
#include "strategy/model/object_table.h"

WORDS(component, [COMPONENT_TOPICS] = "topics", [COMPONENT_USER_BENEFIT] = "user_benefit",
      [COMPONENT_CORPORATE_BENEFIT] = "corporate_benefit",
      [COMPONENT_USAGE_FORMAT] = "usage_format", [COMPONENT_PARTICIPATION] = "participation",
      [COMPONENT_MOTIVATION] = "motivation", [COMPONENT_CHANNEL] = "channel",
      [COMPONENT_COMMUNICATION] = "communication", [COMPONENT_TARGET_GROUPS] = "target_groups",
      [COMPONENT_REACH] = "reach", [COMPONENT_COMPETITION] = "competition",
      [COMPONENT_GOALS] = "goals", [COMPONENT_RESOURCES] = "resources",
      [COMPONENT_CONDITIONS] = "conditions", [COMPONENT_RISKS] = "risks");
WORDS(risk_source, [RISK_ASSUMPTION] = "assumption", [RISK_PREREQUISITE] = "prerequisite",
      [RISK_OPEN_POSITION] = "open_position", [RISK_REACTION] = "reaction",
      [RISK_IMPLEMENTATION] = "implementation", [RISK_DEPENDENCY] = "dependency");
WORDS(situation_kind, [SITUATION_LOW_AFFINITY] = "low_affinity",
      [SITUATION_STRONG_COMPETITION] = "strong_competition",
      [SITUATION_FEW_RESOURCES] = "few_resources");
WORDS(journey_phase, [JOURNEY_AWARENESS] = "awareness", [JOURNEY_RESEARCH] = "research",
      [JOURNEY_PURCHASE] = "purchase", [JOURNEY_USE] = "use", [JOURNEY_LOYALTY] = "loyalty",
      [JOURNEY_RECOMMENDATION] = "recommendation");

static const struct field fields_sheet_resource[] = {
    {F(WORD, sheet_resource, kind), .words = &words_own_resource_kind},
    {F(TEXT, sheet_resource, name), NEEDED},
    {F(NUMBER, sheet_resource, amount), RANGE(0, 1e+15, 0)},
    {F(TEXT, sheet_resource, unit)},
    {F(DATE, sheet_resource, from)},
    {F(DATE, sheet_resource, until)},
    {F(NUMBER, sheet_resource, secured), RANGE(0, 1e+15, 0)},
};
static const struct record record_resource = {
    fields_sheet_resource, COUNT_OF(fields_sheet_resource), sizeof(struct sheet_resource)};

static const struct field fields_sheet_reaction[] = {
    {F(REF, sheet_reaction, competitor), .targets = TARGET(OBJECT_COMPETITOR)},
    {F(TEXT, sheet_reaction, text), NEEDED},
    {F(INTEGER, sheet_reaction, probability), RANGE(0, 4, 0)},
    {F(TEXT, sheet_reaction, answer)},
    {F(INTEGER, sheet_reaction, residual), RANGE(0, 4, 0)},
};
static const struct record record_reaction = {
    fields_sheet_reaction, COUNT_OF(fields_sheet_reaction), sizeof(struct sheet_reaction)};

static const struct field fields_component_sheet[] = {
    {F(ID, component_sheet, id), NEEDED},
    {F(REF, component_sheet, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(WORD, component_sheet, component), .words = &words_component, NEEDED},
    {F(TEXT, component_sheet, definition)},
    {F(TEXT, component_sheet, ways)},
    {F(TEXT, component_sheet, measures)},
    {F(TEXT, component_sheet, sizes)},
    {F(TEXT, component_sheet, target_relevance)},
    {F(TEXT, component_sheet, effect_performance)},
    {F(TEXT, component_sheet, effect_attention)},
    {F(TEXT, component_sheet, contribution)},
    {F(RECORDS, component_sheet, resources), .record = &record_resource},
    {F(RECORDS, component_sheet, reactions), .record = &record_reaction},
    {F(REFS, component_sheet, options), .targets = TARGET(OBJECT_OPTION)},
    {F(REFS, component_sheet, assumptions), .targets = TARGET(OBJECT_ASSUMPTION)},
    {F(REFS, component_sheet, prerequisites), .targets = TARGET(OBJECT_PREREQUISITE)},
    {F(BOOL, component_sheet, is_complete)},
    {F(TEXT, component_sheet, note)},
};
CHECK_HEAD(component_sheet);
const struct object_type object_sheet = {
    .record = RECORD(fields_component_sheet, component_sheet),
    .list = "sheets",
    .table = "strategy_sheet",
    .model_offset = offsetof(struct strategy_model, sheets),
};

static const struct field fields_interaction[] = {
    {F(ID, interaction, id), NEEDED},
    {F(REF, interaction, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(WORD, interaction, first), .words = &words_component, NEEDED},
    {F(WORD, interaction, second), .words = &words_component, NEEDED},
    {F(INTEGER, interaction, value), RANGE(-2, 2, 0)},
    {F(TEXT, interaction, note)},
    {F(BOOL, interaction, is_accepted)},
    {F(TEXT, interaction, accepted_reason)},
};
CHECK_HEAD(interaction);
const struct object_type object_interaction = {
    .record = RECORD(fields_interaction, interaction),
    .list = "interactions",
    .table = "strategy_interaction",
    .model_offset = offsetof(struct strategy_model, interactions),
};

static const struct field fields_listed_risk[] = {
    {F(ID, listed_risk, id), NEEDED},
    {F(REF, listed_risk, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(WORD, listed_risk, source), .words = &words_risk_source, NEEDED},
    {F(TEXT, listed_risk, text), NEEDED},
    {F(BOOL, listed_risk, is_none)},
    {F(INTEGER, listed_risk, probability), RANGE(0, 4, 0)},
    {F(INTEGER, listed_risk, effect), RANGE(0, 4, 0)},
    {F(TEXT, listed_risk, treatment)},
    {F(TEXT, listed_risk, owner)},
};
CHECK_HEAD(listed_risk);
const struct object_type object_risk = {
    .record = RECORD(fields_listed_risk, listed_risk),
    .list = "risks",
    .table = "strategy_risk",
    .label_offset = offsetof(struct listed_risk, text),
    .model_offset = offsetof(struct strategy_model, risks),
};

static const struct field fields_starting_situation[] = {
    {F(ID, starting_situation, id), NEEDED},
    {F(REF, starting_situation, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(WORD, starting_situation, kind), .words = &words_situation_kind, NEEDED},
    {F(BOOL, starting_situation, applies)},
    {F(TEXT, starting_situation, response)},
    {F(REFS, starting_situation, topics), .targets = TARGET(OBJECT_TOPIC)},
};
CHECK_HEAD(starting_situation);
const struct object_type object_situation = {
    .record = RECORD(fields_starting_situation, starting_situation),
    .list = "situations",
    .table = "strategy_situation",
    .model_offset = offsetof(struct strategy_model, situations),
};

static const struct field fields_journey_point[] = {
    {F(ID, journey_point, id), NEEDED},
    {F(REF, journey_point, version), .targets = TARGET(OBJECT_VERSION), NEEDED},
    {F(WORD, journey_point, phase), .words = &words_journey_phase, NEEDED},
    {F(REFS, journey_point, options), .targets = TARGET(OBJECT_OPTION)},
    {F(TEXT, journey_point, note)},
};
CHECK_HEAD(journey_point);
const struct object_type object_journey_point = {
    .record = RECORD(fields_journey_point, journey_point),
    .list = "journey",
    .table = "strategy_journey_point",
    .model_offset = offsetof(struct strategy_model, journey),
};
