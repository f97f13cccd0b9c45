/* company_objects.c - the tables of company, team, business model, goals, competitors (steps 0 and
 * 1). */
#include <math.h>

#include "strategy/model/object_table.h"

WORDS(block, [BLOCK_CUSTOMER_SEGMENTS] = "customer_segments",
      [BLOCK_VALUE_PROPOSITIONS] = "value_propositions",
      [BLOCK_CUSTOMER_RELATIONSHIPS] = "customer_relationships", [BLOCK_CHANNELS] = "channels",
      [BLOCK_REVENUE_STREAMS] = "revenue_streams", [BLOCK_KEY_RESOURCES] = "key_resources",
      [BLOCK_KEY_ACTIVITIES] = "key_activities", [BLOCK_KEY_PARTNERS] = "key_partners",
      [BLOCK_COST_STRUCTURE] = "cost_structure");
WORDS(direction, [DIRECTION_TOP_DOWN] = "top_down", [DIRECTION_BOTTOM_UP] = "bottom_up");
WORDS(constituency, [MEMBER_COMPANY] = "company", [MEMBER_CUSTOMER] = "customer",
      [MEMBER_PARTNER] = "partner", [MEMBER_INFLUENCER] = "influencer",
      [MEMBER_ADVISORY_BOARD] = "advisory_board");
WORDS(acceptance, [ACCEPTANCE_UNKNOWN] = "unknown", [ACCEPTANCE_YES] = "yes",
      [ACCEPTANCE_PARTLY] = "partly", [ACCEPTANCE_NO] = "no");
WORDS(lever, [LEVER_TRANSPARENCY] = "transparency", [LEVER_RELATIONSHIP] = "relationship",
      [LEVER_VALUE] = "value", [LEVER_DISTRIBUTION] = "distribution");
WORDS(chance, [CHANGE_CHANCE] = "chance", [CHANGE_THREAT] = "threat");
WORDS(priority, [PRIORITY_A] = "A", [PRIORITY_B] = "B", [PRIORITY_C] = "C");
/* Index = number of the flag's bit. */
WORDS(competitor_kind, "performance", "attention", "topic");

static const struct field fields_company[] = {
    {F(ID, company, id), .form = ID_COMPANY, NEEDED},
    {F(TEXT, company, name), NEEDED},
    {F(TEXT, company, industry)},
    {F(TEXT, company, mandate)},
    {F(TEXT, company, query)},
    {F(TEXT, company, currency), .preset_text = "EUR"},
    {F(INTEGER, company, months), RANGE(1, 120, 36)},
    {F(NUMBER, company, discount), RANGE(0, 1, 0.08)},
    {F(NUMBER, company, day_rate), RANGE(0, 1e+06, 0)},
    {F(WORD, company, direction), .words = &words_direction},
    {F(TEXT, company, direction_reason)},
    {F(BOOL, company, is_growth_goal)},
    {F(TEXT, company, scope)},
};
CHECK_HEAD(company);
const struct object_type object_company = {
    .record = RECORD(fields_company, company),
    .list = "company",
    .table = "strategy_company",
    .label_offset = offsetof(struct company, name),
    .model_offset = offsetof(struct strategy_model, companies),
};

static const struct field fields_team_member[] = {
    {F(ID, team_member, id), NEEDED},
    {F(TEXT, team_member, name), NEEDED},
    {F(TEXT, team_member, role)},
    {F(TEXT, team_member, department)},
    {F(WORD, team_member, constituency), .words = &words_constituency},
    {F(TEXT, team_member, mandate)},
    {F(DATE, team_member, agreed_on)},
    {F(BOOL, team_member, has_vote), .preset = 1},
};
CHECK_HEAD(team_member);
const struct object_type object_team_member = {
    .record = RECORD(fields_team_member, team_member),
    .list = "team",
    .table = "strategy_team_member",
    .label_offset = offsetof(struct team_member, name),
    .model_offset = offsetof(struct strategy_model, team),
};

static const struct field fields_business_element[] = {
    {F(ID, business_element, id), NEEDED},
    {F(WORD, business_element, block), .words = &words_block, NEEDED},
    {F(TEXT, business_element, text), NEEDED},
    {F(TEXT, business_element, note)},
    {F(BOOL, business_element, is_supported), .preset = 1},
    {F(TEXT, business_element, requirement)},
    {F(TEXT, business_element, relation_type)},
    {F(WORD, business_element, relation_accepted), .words = &words_acceptance},
    {F(BOOL, business_element, is_essential), .preset = 1},
};
CHECK_HEAD(business_element);
const struct object_type object_element = {
    .record = RECORD(fields_business_element, business_element),
    .list = "elements",
    .table = "strategy_element",
    .label_offset = offsetof(struct business_element, text),
    .model_offset = offsetof(struct strategy_model, elements),
};

static const struct field fields_change_note[] = {
    {F(ID, change_note, id), NEEDED},
    {F(REF, change_note, element), .targets = TARGET(OBJECT_ELEMENT), NEEDED},
    {F(WORD, change_note, lever), .words = &words_lever, NEEDED},
    {F(WORD, change_note, kind), .words = &words_chance, NEEDED},
    {F(TEXT, change_note, effect), NEEDED},
    {F(INTEGER, change_note, strength), RANGE(0, 4, 2)},
};
CHECK_HEAD(change_note);
const struct object_type object_change_note = {
    .record = RECORD(fields_change_note, change_note),
    .list = "change_notes",
    .table = "strategy_change_note",
    .label_offset = offsetof(struct change_note, effect),
    .model_offset = offsetof(struct strategy_model, change_notes),
};

static const struct field fields_corporate_goal[] = {
    {F(ID, corporate_goal, id), NEEDED},
    {F(TEXT, corporate_goal, text), NEEDED},
    {F(TEXT, corporate_goal, measure)},
    {F(TEXT, corporate_goal, unit)},
    {F(NUMBER, corporate_goal, baseline), RANGE(-1e+15, 1e+15, NAN)},
    {F(NUMBER, corporate_goal, target), RANGE(-1e+15, 1e+15, NAN)},
    {F(DATE, corporate_goal, due)},
    {F(TEXT, corporate_goal, owner)},
    {F(WORD, corporate_goal, priority), .words = &words_priority},
};
CHECK_HEAD(corporate_goal);
const struct object_type object_goal = {
    .record = RECORD(fields_corporate_goal, corporate_goal),
    .list = "goals",
    .table = "strategy_goal",
    .label_offset = offsetof(struct corporate_goal, text),
    .model_offset = offsetof(struct strategy_model, goals),
};

static const struct field fields_competitor[] = {
    {F(ID, competitor, id), NEEDED},
    {F(TEXT, competitor, name), NEEDED},
    {F(FLAGS, competitor, kinds), .words = &words_competitor_kind, NEEDED},
    {F(TEXT, competitor, query)},
    {F(TEXT, competitor, note)},
};
CHECK_HEAD(competitor);
const struct object_type object_competitor = {
    .record = RECORD(fields_competitor, competitor),
    .list = "competitors",
    .table = "strategy_competitor",
    .label_offset = offsetof(struct competitor, name),
    .model_offset = offsetof(struct strategy_model, competitors),
};
