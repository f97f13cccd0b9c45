/* assessment_objects.c - the tables of the yearly assessment (step 2). */
#include <math.h>

#include "strategy/model/object_table.h"

WORDS(quadrant, [QUADRANT_CUSTOMERS] = "customers", [QUADRANT_BRAND] = "brand",
      [QUADRANT_PARTNERS] = "partners", [QUADRANT_COMPETITION] = "competition");
WORDS(conclusion, [CONCLUSION_PROCEED] = "proceed", [CONCLUSION_ANOTHER_ROUND] = "another_round");
WORDS(
    finding_category, [FINDING_PLACES] = "places", [FINDING_PEOPLE] = "people",
    [FINDING_CHALLENGES] = "challenges", [FINDING_SENTIMENT] = "sentiment",
    [FINDING_TOPICS] = "topics", [FINDING_INFLUENCERS] = "influencers",
    [FINDING_PRESENCE] = "presence", [FINDING_REFLECTION] = "reflection", [FINDING_TEAMS] = "teams",
    [FINDING_DISCUSSIONS] = "discussions", [FINDING_ACTIVITIES] = "activities",
    [FINDING_THREAT] = "threat", [FINDING_ECOSYSTEM] = "ecosystem");
WORDS(swot, [SWOT_STRENGTH] = "strength", [SWOT_WEAKNESS] = "weakness",
      [SWOT_OPPORTUNITY] = "opportunity", [SWOT_THREAT] = "threat");
WORDS(person_role, [PERSON_CUSTOMER] = "customer", [PERSON_PARTNER] = "partner",
      [PERSON_STAFF] = "staff", [PERSON_RIVAL] = "rival", [PERSON_INFLUENCER] = "influencer");
WORDS(recommendation_kind, [RECOMMEND_STRATEGIC] = "strategic", [RECOMMEND_TACTICAL] = "tactical",
      [RECOMMEND_PROGRAMME] = "programme");
WORDS(recommendation_state, [RECOMMENDATION_OPEN] = "open", [RECOMMENDATION_ACCEPTED] = "accepted",
      [RECOMMENDATION_DECLINED] = "declined", [RECOMMENDATION_DONE] = "done");

#define ASSESSMENT_OF(in)                                                                          \
    {                                                                                              \
        F(REF, in, assessment), .targets = TARGET(OBJECT_ASSESSMENT), NEEDED                       \
    }

static const struct field fields_assessment[] = {
    {F(ID, assessment, id), NEEDED},
    {F(INTEGER, assessment, year), RANGE(2000, 2100, 0), NEEDED},
    {F(TEXT, assessment, objectives)},
    {F(TEXT, assessment, scope)},
    {F(TEXT, assessment, owner)},
    {F(DATE, assessment, started)},
    {F(DATE, assessment, due)},
    {F(NUMBER, assessment, gathering_hours), RANGE(0, 1e+06, 0)},
    {F(NUMBER, assessment, analysis_hours), RANGE(0, 1e+06, 0)},
    {F(TEXT, assessment, summary)},
    {F(TEXT, assessment, limits)},
    {F(WORD, assessment, conclusion), .words = &words_conclusion},
    {F(TEXT, assessment, conclusion_reason)},
    {F(REF, assessment, predecessor), .targets = TARGET(OBJECT_ASSESSMENT)},
    {F(DATE, assessment, frozen_on)},
};
CHECK_HEAD(assessment);
const struct object_type object_assessment = {
    .record = RECORD(fields_assessment, assessment),
    .list = "assessments",
    .table = "strategy_assessment",
    .model_offset = offsetof(struct strategy_model, assessments),
};

static const struct field fields_quadrant[] = {
    {F(ID, assessment_quadrant, id), NEEDED},
    ASSESSMENT_OF(assessment_quadrant),
    {F(WORD, assessment_quadrant, quadrant), .words = &words_quadrant, NEEDED},
    {F(INTEGER, assessment_quadrant, depth), RANGE(1, 3, 1)},
    {F(TEXT, assessment_quadrant, owner)},
    {F(TEXT, assessment_quadrant, summary)},
    {F(BOOL, assessment_quadrant, is_complete)},
};
CHECK_HEAD(assessment_quadrant);
const struct object_type object_quadrant = {
    .record = RECORD(fields_quadrant, assessment_quadrant),
    .list = "quadrants",
    .table = "strategy_quadrant",
    .model_offset = offsetof(struct strategy_model, quadrants),
};

static const struct field fields_search_term[] = {
    {F(ID, search_term, id), NEEDED},
    ASSESSMENT_OF(search_term),
    {F(TEXT, search_term, text), NEEDED},
    {F(TEXT, search_term, language)},
    {F(WORD, search_term, quadrant), .words = &words_quadrant, NEEDED},
    {F(TEXT, search_term, query)},
    {F(INTEGER, search_term, reviewed), RANGE(0, 1e+09, 0)},
    {F(INTEGER, search_term, relevant), RANGE(0, 1e+09, 0)},
    {F(DATE, search_term, retired)},
};
CHECK_HEAD(search_term);
const struct object_type object_search_term = {
    .record = RECORD(fields_search_term, search_term),
    .list = "search_terms",
    .table = "strategy_search_term",
    .label_offset = offsetof(struct search_term, text),
    .model_offset = offsetof(struct strategy_model, search_terms),
};

static const struct field fields_place[] = {
    {F(ID, market_place, id), NEEDED},
    ASSESSMENT_OF(market_place),
    {F(WORD, market_place, quadrant), .words = &words_quadrant, NEEDED},
    {F(TEXT, market_place, name), NEEDED},
    {F(TEXT, market_place, platform)},
    {F(TEXT, market_place, address)},
    {F(TEXT, market_place, access)},
    {F(NUMBER, market_place, people), RANGE(0, 1e+11, NAN)},
    {F(INTEGER, market_place, activity), RANGE(0, 4, 2)},
};
CHECK_HEAD(market_place);
const struct object_type object_place = {
    .record = RECORD(fields_place, market_place),
    .list = "places",
    .table = "strategy_place",
    .label_offset = offsetof(struct market_place, name),
    .model_offset = offsetof(struct strategy_model, places),
};

static const struct field fields_key_person[] = {
    {F(ID, key_person, id), NEEDED},
    ASSESSMENT_OF(key_person),
    {F(WORD, key_person, quadrant), .words = &words_quadrant, NEEDED},
    {F(TEXT, key_person, name), NEEDED},
    {F(TEXT, key_person, organisation)},
    {F(WORD, key_person, role), .words = &words_person_role, NEEDED},
    {F(REF, key_person, place), .targets = TARGET(OBJECT_PLACE)},
    {F(TEXT, key_person, note)},
};
CHECK_HEAD(key_person);
const struct object_type object_key_person = {
    .record = RECORD(fields_key_person, key_person),
    .list = "key_persons",
    .table = "strategy_key_person",
    .label_offset = offsetof(struct key_person, name),
    .model_offset = offsetof(struct strategy_model, key_persons),
};

static const struct field fields_finding[] = {
    {F(ID, finding, id), NEEDED},
    ASSESSMENT_OF(finding),
    {F(WORD, finding, quadrant), .words = &words_quadrant, NEEDED},
    {F(WORD, finding, category), .words = &words_finding_category, NEEDED},
    {F(TEXT, finding, statement), NEEDED},
    {F(TEXT, finding, measure)},
    {F(NUMBER, finding, value), RANGE(-1e+15, 1e+15, NAN)},
    {F(INTEGER, finding, sample), RANGE(0, 1e+12, 0)},
    {F(DATE, finding, from)},
    {F(DATE, finding, to)},
    {F(TEXTS, finding, evidence)},
    {F(INTEGER, finding, confidence), RANGE(1, 4, 2)},
    {F(TEXT, finding, analyst)},
    {F(REF, finding, follows), .targets = TARGET(OBJECT_FINDING)},
};
CHECK_HEAD(finding);
const struct object_type object_finding = {
    .record = RECORD(fields_finding, finding),
    .list = "findings",
    .table = "strategy_finding",
    .label_offset = offsetof(struct finding, statement),
    .model_offset = offsetof(struct strategy_model, findings),
};

static const struct field fields_swot_item[] = {
    {F(ID, swot_item, id), NEEDED},
    ASSESSMENT_OF(swot_item),
    {F(WORD, swot_item, letter), .words = &words_swot, NEEDED},
    {F(TEXT, swot_item, statement), NEEDED},
    {F(REFS, swot_item, findings), .targets = TARGET(OBJECT_FINDING)},
    {F(INTEGER, swot_item, impact), RANGE(1, 4, 2)},
    {F(INTEGER, swot_item, likelihood), RANGE(1, 4, 2)},
};
CHECK_HEAD(swot_item);
const struct object_type object_swot_item = {
    .record = RECORD(fields_swot_item, swot_item),
    .list = "swot",
    .table = "strategy_swot_item",
    .label_offset = offsetof(struct swot_item, statement),
    .model_offset = offsetof(struct strategy_model, swot),
};

static const struct field fields_recommendation[] = {
    {F(ID, recommendation, id), NEEDED},
    ASSESSMENT_OF(recommendation),
    {F(WORD, recommendation, kind), .words = &words_recommendation_kind, NEEDED},
    {F(TEXT, recommendation, statement), NEEDED},
    {F(REFS, recommendation, swot), .targets = TARGET(OBJECT_SWOT_ITEM)},
    {F(TEXT, recommendation, department)},
    {F(TEXT, recommendation, owner)},
    {F(DATE, recommendation, due)},
    {F(NUMBER, recommendation, effort), RANGE(0, 1e+06, NAN)},
    {F(WORD, recommendation, state), .words = &words_recommendation_state},
    {F(TEXT, recommendation, state_reason)},
};
CHECK_HEAD(recommendation);
const struct object_type object_recommendation = {
    .record = RECORD(fields_recommendation, recommendation),
    .list = "recommendations",
    .table = "strategy_recommendation",
    .label_offset = offsetof(struct recommendation, statement),
    .model_offset = offsetof(struct strategy_model, recommendations),
};
