/* object.c - the tables. Columns in schema/state/0301_strategy.sql have the same names and order.
 */
#include "strategy/model/object.h"

#include <math.h>
#include <stddef.h>

/* The start of a row: name, type, place. */
#define F(kind, in, member)                                                                        \
    .name = #member, .type = FIELD_##kind, .offset = offsetof(struct in, member)
#define RANGE(low, high, default_value) .least = (low), .most = (high), .preset = (default_value)
#define NEEDED                          .is_required = true

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

static const struct field fields_cost[] = {
    {F(ID, option_cost, resource), .form = ID_RESOURCE, NEEDED},
    {F(NUMBER, option_cost, amount), RANGE(0, 1e+15, 0), NEEDED},
};
static const struct record record_cost = {fields_cost, COUNT_OF(fields_cost),
                                          sizeof(struct option_cost)};

static const struct field fields_reliance[] = {
    {F(REF, option_reliance, assumption), .targets = TARGET(OBJECT_ASSUMPTION), NEEDED},
    {F(NUMBER, option_reliance, if_false), RANGE(0, 1, 0), NEEDED},
};
static const struct record record_reliance = {fields_reliance, COUNT_OF(fields_reliance),
                                              sizeof(struct option_reliance)};

static const struct field fields_reaction[] = {
    {F(REF, option_reaction, competitor), .targets = TARGET(OBJECT_COMPETITOR)},
    {F(TEXT, option_reaction, text), NEEDED},
    {F(NUMBER, option_reaction, probability), RANGE(0, 1, 0.5)},
    {F(NUMBER, option_reaction, loss), RANGE(0, 1, 0)},
    {F(INTEGER, option_reaction, after_months), RANGE(0, 120, 0)},
    {F(TEXT, option_reaction, answer)},
};
static const struct record record_reaction = {fields_reaction, COUNT_OF(fields_reaction),
                                              sizeof(struct option_reaction)};

static const struct field fields_choice[] = {
    {F(REF, version_option, option), .targets = TARGET(OBJECT_OPTION), NEEDED},
    {F(BOOL, version_option, is_chosen), .preset = 1},
    {F(TEXT, version_option, reason)},
};
static const struct record record_choice = {fields_choice, COUNT_OF(fields_choice),
                                            sizeof(struct version_option)};

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
};

static const struct field fields_team_member[] = {
    {F(ID, team_member, id), NEEDED},
    {F(TEXT, team_member, name), NEEDED},
    {F(TEXT, team_member, role)},
    {F(TEXT, team_member, department)},
    {F(WORD, team_member, constituency), .words = &words_constituency},
};

static const struct field fields_business_element[] = {
    {F(ID, business_element, id), NEEDED},
    {F(WORD, business_element, block), .words = &words_block, NEEDED},
    {F(TEXT, business_element, text), NEEDED},
    {F(TEXT, business_element, note)},
    {F(BOOL, business_element, is_supported), .preset = 1},
    {F(TEXT, business_element, requirement)},
};

static const struct field fields_change_note[] = {
    {F(ID, change_note, id), NEEDED},
    {F(REF, change_note, element), .targets = TARGET(OBJECT_ELEMENT), NEEDED},
    {F(WORD, change_note, lever), .words = &words_lever, NEEDED},
    {F(WORD, change_note, kind), .words = &words_chance, NEEDED},
    {F(TEXT, change_note, effect), NEEDED},
    {F(INTEGER, change_note, strength), RANGE(0, 4, 2)},
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

static const struct field fields_competitor[] = {
    {F(ID, competitor, id), NEEDED},
    {F(TEXT, competitor, name), NEEDED},
    {F(FLAGS, competitor, kinds), .words = &words_competitor_kind, NEEDED},
    {F(TEXT, competitor, query)},
    {F(TEXT, competitor, note)},
};

static const struct field fields_topic[] = {
    {F(ID, topic, id), NEEDED},
    {F(TEXT, topic, name), NEEDED},
    {F(WORD, topic, size), .words = &words_topic_size, .preset = TOPIC_SINGLE},
    {F(REF, topic, parent), .targets = TARGET(OBJECT_TOPIC)},
    {F(REFS, topic, origins), .targets = TARGET(OBJECT_ELEMENT) | TARGET(OBJECT_GOAL) |
                                         TARGET(OBJECT_COMPETITOR) | TARGET_MARKET},
    {F(TEXT, topic, query)},
    {F(WORD, topic, priority), .words = &words_priority},
    {F(TEXT, topic, priority_reason)},
    {F(INTEGER, topic, affinity), RANGE(-1, 4, -1)},
    {F(TEXT, topic, affinity_reason)},
    {F(TEXT, topic, low_cause)},
    {F(REF, topic, detour_to), .targets = TARGET(OBJECT_TOPIC)},
    {F(TEXT, topic, detour_reason)},
    {F(WORD, topic, standing), .words = &words_standing},
    {F(WORD, topic, position), .words = &words_position},
    {F(REF, topic, holder), .targets = TARGET(OBJECT_COMPETITOR)},
    {F(TEXT, topic, position_reason)},
    {F(BOOL, topic, no_competitor_found)},
    {F(TEXTS, topic, evidence)},
    {F(TEXT, topic, note)},
};

static const struct field fields_competitor_activity[] = {
    {F(ID, competitor_activity, id), NEEDED},
    {F(REF, competitor_activity, competitor), .targets = TARGET(OBJECT_COMPETITOR), NEEDED},
    {F(REF, competitor_activity, topic), .targets = TARGET(OBJECT_TOPIC), NEEDED},
    {F(TEXT, competitor_activity, user_benefit)},
    {F(WORD, competitor_activity, format), .words = &words_format},
    {F(TEXT, competitor_activity, participation)},
    {F(TEXT, competitor_activity, motivation)},
    {F(TEXT, competitor_activity, channels)},
    {F(TEXT, competitor_activity, reach)},
    {F(INTEGER, competitor_activity, strength), RANGE(0, 4, 2)},
    {F(TEXT, competitor_activity, evidence)},
};

static const struct field fields_potential_decision[] = {
    {F(ID, potential_decision, id), .form = ID_CODE, NEEDED},
    {F(INTEGER, potential_decision, relevance), RANGE(0, 4, 0)},
    {F(BOOL, potential_decision, is_used), NEEDED},
    {F(TEXT, potential_decision, reason), NEEDED},
    {F(TEXT, potential_decision, benefit)},
    {F(REFS, potential_decision, origins),
     .targets = TARGET(OBJECT_ELEMENT) | TARGET(OBJECT_GOAL) | TARGET_MARKET},
};

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

static const struct field fields_framework_condition[] = {
    {F(ID, framework_condition, id), NEEDED},
    {F(WORD, framework_condition, kind), .words = &words_condition_kind, NEEDED},
    {F(TEXT, framework_condition, statement), NEEDED},
    {F(DATE, framework_condition, check_date)},
    {F(TEXT, framework_condition, owner)},
    {F(WORD, framework_condition, state), .words = &words_condition_state},
};

static const struct field fields_benefit_driver[] = {
    {F(ID, benefit_driver, id), NEEDED},
    {F(TEXT, benefit_driver, name), NEEDED},
    {F(NUMBER, benefit_driver, sd), RANGE(0, 0.5, 0.1)},
};

static const struct field fields_strategy_option[] = {
    {F(ID, strategy_option, id), NEEDED},
    {F(REF, strategy_option, topic), .targets = TARGET(OBJECT_TOPIC), NEEDED},
    {F(WORD, strategy_option, kind), .words = &words_option_kind, NEEDED},
    {F(TEXT, strategy_option, name), NEEDED},
    {F(TEXT, strategy_option, text)},
    {F(WORD, strategy_option, perspective), .words = &words_perspective},
    {F(WORD, strategy_option, format), .words = &words_format},
    {F(TEXT, strategy_option, format_reason)},
    {F(TEXTS, strategy_option, benefits)},
    {F(REFS, strategy_option, elements), .targets = TARGET(OBJECT_ELEMENT)},
    {F(REFS, strategy_option, goals), .targets = TARGET(OBJECT_GOAL)},
    {F(TEXTS, strategy_option, potentials)},
    {F(THREE, strategy_option, benefit)},
    {F(INTEGER, strategy_option, ramp_months), RANGE(0, 120, 0)},
    {F(THREE, strategy_option, effort)},
    {F(THREE, strategy_option, running)},
    {F(RECORDS, strategy_option, costs), .record = &record_cost},
    {F(REFS, strategy_option, prerequisites), .targets = TARGET(OBJECT_PREREQUISITE)},
    {F(REFS, strategy_option, requires), .targets = TARGET(OBJECT_OPTION)},
    {F(REFS, strategy_option, excludes), .targets = TARGET(OBJECT_OPTION)},
    {F(BOOL, strategy_option, must)},
    {F(BOOL, strategy_option, must_not)},
    {F(RECORDS, strategy_option, rests_on), .record = &record_reliance},
    {F(RECORDS, strategy_option, reactions), .record = &record_reaction},
    {F(REF, strategy_option, driver), .targets = TARGET(OBJECT_DRIVER)},
    {F(WORD, strategy_option, rating), .words = &words_standing},
    {F(TEXT, strategy_option, rating_reason)},
    {F(WORD, strategy_option, durability), .words = &words_durability},
    {F(BOOL, strategy_option, is_growth)},
    {F(TEXT, strategy_option, note)},
};

static const struct field fields_resource_limit[] = {
    {F(ID, resource_limit, id), .form = ID_RESOURCE, NEEDED},
    {F(NUMBER, resource_limit, amount), RANGE(0, 1e+15, 0), NEEDED},
    {F(NUMBER, resource_limit, secured), RANGE(0, 1e+15, 0)},
};

static const struct field fields_goal_coverage[] = {
    {F(ID, goal_coverage, id), .form = ID_GOAL, NEEDED},
    {F(INTEGER, goal_coverage, at_least), RANGE(1, 5000, 1)},
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
};

static const struct field fields_gate_waiver[] = {
    {F(ID, gate_waiver, id), .form = ID_STEP, NEEDED},
    {F(TEXT, gate_waiver, reason), NEEDED},
    {F(TEXT, gate_waiver, by)},
};

#define SQL(literal)                                                                               \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

static const struct object_type types[OBJECT_KIND_COUNT] = {
    [OBJECT_COMPANY] =
        {.record = {fields_company, COUNT_OF(fields_company), sizeof(struct company)},
         .list = "company",
         .model_offset = offsetof(struct strategy_model, companies),
         .select = SQL("SELECT id, revision, name, industry, mandate, query, currency, months, "
                       "discount, day_rate, direction, direction_reason, is_growth_goal FROM "
                       "strategy_company ORDER BY position, id"),
         .insert = SQL("INSERT INTO strategy_company (id, revision, position, name, industry, "
                       "mandate, query, currency, months, discount, day_rate, direction, "
                       "direction_reason, is_growth_goal) VALUES (?1, ?2, (SELECT "
                       "coalesce(max(position), 0) + 1 FROM strategy_company), ?3, ?4, ?5, ?6, ?7, "
                       "?8, ?9, ?10, ?11, ?12, ?13)"),
         .update =
             SQL("UPDATE strategy_company SET revision = ?2, name = ?3, industry = ?4, mandate "
                 "= ?5, query = ?6, currency = ?7, months = ?8, discount = ?9, day_rate = ?10, "
                 "direction = ?11, direction_reason = ?12, is_growth_goal = ?13 WHERE id = ?1 "
                 "AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_company WHERE id = ?1 AND revision = ?2")},
    [OBJECT_TEAM_MEMBER] =
        {.record = {fields_team_member, COUNT_OF(fields_team_member), sizeof(struct team_member)},
         .list = "team",
         .model_offset = offsetof(struct strategy_model, team),
         .select = SQL("SELECT id, revision, name, role, department, constituency FROM "
                       "strategy_team_member ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_team_member (id, revision, position, name, role, "
                 "department, constituency) VALUES (?1, ?2, (SELECT coalesce(max(position), 0) "
                 "+ 1 FROM strategy_team_member), ?3, ?4, ?5, ?6)"),
         .update = SQL("UPDATE strategy_team_member SET revision = ?2, name = ?3, role = ?4, "
                       "department = ?5, constituency = ?6 WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_team_member WHERE id = ?1 AND revision = ?2")},
    [OBJECT_ELEMENT] =
        {.record = {fields_business_element, COUNT_OF(fields_business_element),
                    sizeof(struct business_element)},
         .list = "elements",
         .model_offset = offsetof(struct strategy_model, elements),
         .select = SQL("SELECT id, revision, block, text, note, is_supported, requirement FROM "
                       "strategy_element ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_element (id, revision, position, block, text, note, "
                 "is_supported, requirement) VALUES (?1, ?2, (SELECT coalesce(max(position), 0) "
                 "+ 1 FROM strategy_element), ?3, ?4, ?5, ?6, ?7)"),
         .update =
             SQL("UPDATE strategy_element SET revision = ?2, block = ?3, text = ?4, note = ?5, "
                 "is_supported = ?6, requirement = ?7 WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_element WHERE id = ?1 AND revision = ?2")},
    [OBJECT_CHANGE_NOTE] =
        {.record = {fields_change_note, COUNT_OF(fields_change_note), sizeof(struct change_note)},
         .list = "change_notes",
         .model_offset = offsetof(struct strategy_model, change_notes),
         .select = SQL("SELECT id, revision, element, lever, kind, effect, strength FROM "
                       "strategy_change_note ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_change_note (id, revision, position, element, lever, "
                 "kind, effect, strength) VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + "
                 "1 FROM strategy_change_note), ?3, ?4, ?5, ?6, ?7)"),
         .update =
             SQL("UPDATE strategy_change_note SET revision = ?2, element = ?3, lever = ?4, kind "
                 "= ?5, effect = ?6, strength = ?7 WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_change_note WHERE id = ?1 AND revision = ?2")},
    [OBJECT_GOAL] =
        {.record = {fields_corporate_goal, COUNT_OF(fields_corporate_goal),
                    sizeof(struct corporate_goal)},
         .list = "goals",
         .model_offset =
             offsetof(struct strategy_model, goals),
         .select = SQL("SELECT id, revision, text, measure, unit, baseline, target, due, owner, "
                       "priority FROM strategy_goal ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_goal (id, revision, position, text, measure, unit, "
                 "baseline, target, due, owner, priority) VALUES (?1, ?2, (SELECT "
                 "coalesce(max(position), 0) + 1 FROM strategy_goal), ?3, ?4, ?5, ?6, ?7, ?8, "
                 "?9, ?10)"),
         .update =
             SQL("UPDATE strategy_goal SET revision = ?2, text = ?3, measure = ?4, unit = ?5, "
                 "baseline = ?6, target = ?7, due = ?8, owner = ?9, priority = ?10 WHERE id = "
                 "?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_goal WHERE id = ?1 AND revision = ?2")},
    [OBJECT_COMPETITOR] =
        {.record = {fields_competitor, COUNT_OF(fields_competitor), sizeof(struct competitor)},
         .list = "competitors",
         .model_offset = offsetof(struct strategy_model, competitors),
         .select =
             SQL("SELECT id, revision, name, kinds, query, note FROM strategy_competitor ORDER "
                 "BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_competitor (id, revision, position, name, kinds, query, "
                 "note) VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM "
                 "strategy_competitor), ?3, ?4, ?5, ?6)"),
         .update =
             SQL("UPDATE strategy_competitor SET revision = ?2, name = ?3, kinds = ?4, query = "
                 "?5, note = ?6 WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_competitor WHERE id = ?1 AND revision = ?2")},
    [OBJECT_TOPIC] =
        {.record = {fields_topic, COUNT_OF(fields_topic), sizeof(struct topic)},
         .list = "topics",
         .model_offset = offsetof(struct strategy_model, topics),
         .select =
             SQL("SELECT id, revision, name, size, parent, origins, query, priority, "
                 "priority_reason, affinity, affinity_reason, low_cause, detour_to, "
                 "detour_reason, standing, position, holder, position_reason, "
                 "no_competitor_found, evidence, note FROM strategy_topic ORDER BY place, id"),
         .insert =
             SQL("INSERT INTO strategy_topic (id, revision, place, name, size, parent, "
                 "origins, query, priority, priority_reason, affinity, affinity_reason, "
                 "low_cause, detour_to, detour_reason, standing, position, holder, "
                 "position_reason, no_competitor_found, evidence, note) VALUES (?1, ?2, (SELECT "
                 "coalesce(max(place), 0) + 1 FROM strategy_topic), ?3, ?4, ?5, ?6, ?7, ?8, "
                 "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)"),
         .update =
             SQL("UPDATE strategy_topic SET revision = ?2, name = ?3, size = ?4, parent = ?5, "
                 "origins = ?6, query = ?7, priority = ?8, priority_reason = ?9, affinity = "
                 "?10, affinity_reason = ?11, low_cause = ?12, detour_to = ?13, detour_reason = "
                 "?14, standing = ?15, position = ?16, holder = ?17, position_reason = ?18, "
                 "no_competitor_found = ?19, evidence = ?20, note = ?21 WHERE id = ?1 AND "
                 "revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_topic WHERE id = ?1 AND revision = ?2")},
    [OBJECT_ACTIVITY] =
        {.record = {fields_competitor_activity, COUNT_OF(fields_competitor_activity),
                    sizeof(struct competitor_activity)},
         .list = "activities",
         .model_offset = offsetof(struct strategy_model, activities),
         .select =
             SQL("SELECT id, revision, competitor, topic, user_benefit, format, participation, "
                 "motivation, channels, reach, strength, evidence FROM "
                 "strategy_competitor_activity ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_competitor_activity (id, revision, position, competitor, "
                 "topic, user_benefit, format, participation, motivation, channels, reach, "
                 "strength, evidence) VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + 1 "
                 "FROM strategy_competitor_activity), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                 "?12)"),
         .update =
             SQL("UPDATE strategy_competitor_activity SET revision = ?2, competitor = ?3, topic "
                 "= ?4, user_benefit = ?5, format = ?6, participation = ?7, motivation = ?8, "
                 "channels = ?9, reach = ?10, strength = ?11, evidence = ?12 WHERE id = ?1 AND "
                 "revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_competitor_activity WHERE id = ?1 AND revision = ?2")},
    [OBJECT_POTENTIAL] =
        {.record = {fields_potential_decision, COUNT_OF(fields_potential_decision),
                    sizeof(struct potential_decision)},
         .list = "potentials",
         .model_offset = offsetof(struct strategy_model, potentials),
         .select = SQL("SELECT id, revision, relevance, is_used, reason, benefit, origins FROM "
                       "strategy_potential_decision ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_potential_decision (id, revision, position, relevance, "
                 "is_used, reason, benefit, origins) VALUES (?1, ?2, (SELECT "
                 "coalesce(max(position), 0) + 1 FROM strategy_potential_decision), ?3, ?4, ?5, "
                 "?6, ?7)"),
         .update =
             SQL("UPDATE strategy_potential_decision SET revision = ?2, relevance = ?3, is_used "
                 "= ?4, reason = ?5, benefit = ?6, origins = ?7 WHERE id = ?1 AND revision = ?2 "
                 "- 1"),
         .remove = SQL("DELETE FROM strategy_potential_decision WHERE id = ?1 AND revision = ?2")},
    [OBJECT_ASSUMPTION] =
        {.record = {fields_assumption, COUNT_OF(fields_assumption), sizeof(struct assumption)},
         .list = "assumptions",
         .model_offset = offsetof(struct strategy_model, assumptions),
         .select =
             SQL("SELECT id, revision, statement, query, rule, cadence_hours, certainty, "
                 "probability, test_cost, answer FROM strategy_assumption ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_assumption (id, revision, position, statement, query, "
                 "rule, cadence_hours, certainty, probability, test_cost, answer) VALUES (?1, "
                 "?2, (SELECT coalesce(max(position), 0) + 1 FROM strategy_assumption), ?3, ?4, "
                 "?5, ?6, ?7, ?8, ?9, ?10)"),
         .update =
             SQL("UPDATE strategy_assumption SET revision = ?2, statement = ?3, query = ?4, "
                 "rule = ?5, cadence_hours = ?6, certainty = ?7, probability = ?8, test_cost = "
                 "?9, answer = ?10 WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_assumption WHERE id = ?1 AND revision = ?2")},
    [OBJECT_PREREQUISITE] =
        {.record = {fields_prerequisite, COUNT_OF(fields_prerequisite),
                    sizeof(struct prerequisite)},
         .list = "prerequisites",
         .model_offset = offsetof(struct strategy_model, prerequisites),
         .select = SQL("SELECT id, revision, statement, owner, due, certainty, probability, "
                       "delay_months, state FROM strategy_prerequisite ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_prerequisite (id, revision, position, statement, owner, "
                 "due, certainty, probability, delay_months, state) VALUES (?1, ?2, (SELECT "
                 "coalesce(max(position), 0) + 1 FROM strategy_prerequisite), ?3, ?4, ?5, ?6, "
                 "?7, ?8, ?9)"),
         .update =
             SQL("UPDATE strategy_prerequisite SET revision = ?2, statement = ?3, owner = ?4, "
                 "due = ?5, certainty = ?6, probability = ?7, delay_months = ?8, state = ?9 "
                 "WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_prerequisite WHERE id = ?1 AND revision = ?2")},
    [OBJECT_FRAMEWORK_CONDITION] =
        {.record = {fields_framework_condition, COUNT_OF(fields_framework_condition),
                    sizeof(struct framework_condition)},
         .list = "framework_conditions",
         .model_offset = offsetof(struct strategy_model, framework_conditions),
         .select = SQL("SELECT id, revision, kind, statement, check_date, owner, state FROM "
                       "strategy_framework_condition ORDER BY position, id"),
         .insert = SQL("INSERT INTO strategy_framework_condition (id, revision, position, kind, "
                       "statement, check_date, owner, state) VALUES (?1, ?2, (SELECT "
                       "coalesce(max(position), 0) + 1 FROM strategy_framework_condition), ?3, ?4, "
                       "?5, ?6, ?7)"),
         .update =
             SQL("UPDATE strategy_framework_condition SET revision = ?2, kind = ?3, statement = "
                 "?4, check_date = ?5, owner = ?6, state = ?7 WHERE id = ?1 AND revision = ?2 - "
                 "1"),
         .remove = SQL("DELETE FROM strategy_framework_condition WHERE id = ?1 AND revision = ?2")},
    [OBJECT_DRIVER] =
        {.record = {fields_benefit_driver, COUNT_OF(fields_benefit_driver),
                    sizeof(struct benefit_driver)},
         .list = "drivers",
         .model_offset = offsetof(struct strategy_model, drivers),
         .select =
             SQL("SELECT id, revision, name, sd FROM strategy_benefit_driver ORDER BY position, "
                 "id"),
         .insert =
             SQL("INSERT INTO strategy_benefit_driver (id, revision, position, name, sd) VALUES "
                 "(?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM "
                 "strategy_benefit_driver), ?3, ?4)"),
         .update =
             SQL("UPDATE strategy_benefit_driver SET revision = ?2, name = ?3, sd = ?4 WHERE id "
                 "= ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_benefit_driver WHERE id = ?1 AND revision = ?2")},
    [OBJECT_OPTION] =
        {.record = {fields_strategy_option, COUNT_OF(fields_strategy_option),
                    sizeof(struct strategy_option)},
         .list = "options",
         .model_offset = offsetof(struct strategy_model, options),
         .select =
             SQL("SELECT id, revision, topic, kind, name, text, perspective, format, "
                 "format_reason, benefits, elements, goals, potentials, benefit, ramp_months, "
                 "effort, running, costs, prerequisites, requires, excludes, must, must_not, "
                 "rests_on, reactions, driver, rating, rating_reason, durability, is_growth, "
                 "note FROM strategy_option ORDER BY position, id"),
         .insert =
             SQL("INSERT INTO strategy_option (id, revision, position, topic, kind, name, text, "
                 "perspective, format, format_reason, benefits, elements, goals, potentials, "
                 "benefit, ramp_months, effort, running, costs, prerequisites, requires, "
                 "excludes, must, must_not, rests_on, reactions, driver, rating, rating_reason, "
                 "durability, is_growth, note) VALUES (?1, ?2, (SELECT coalesce(max(position), "
                 "0) + 1 FROM strategy_option), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
                 "?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, "
                 "?29, ?30, ?31)"),
         .update =
             SQL("UPDATE strategy_option SET revision = ?2, topic = ?3, kind = ?4, name = ?5, "
                 "text = ?6, perspective = ?7, format = ?8, format_reason = ?9, benefits = ?10, "
                 "elements = ?11, goals = ?12, potentials = ?13, benefit = ?14, ramp_months = "
                 "?15, effort = ?16, running = ?17, costs = ?18, prerequisites = ?19, requires "
                 "= ?20, excludes = ?21, must = ?22, must_not = ?23, rests_on = ?24, reactions "
                 "= ?25, driver = ?26, rating = ?27, rating_reason = ?28, durability = ?29, "
                 "is_growth = ?30, note = ?31 WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_option WHERE id = ?1 AND revision = ?2")},
    [OBJECT_LIMIT] =
        {.record = {fields_resource_limit, COUNT_OF(fields_resource_limit),
                    sizeof(struct resource_limit)},
         .list = "limits",
         .model_offset = offsetof(struct strategy_model, limits),
         .select = SQL("SELECT id, revision, amount, secured FROM strategy_resource_limit ORDER BY "
                       "position, id"),
         .insert =
             SQL("INSERT INTO strategy_resource_limit (id, revision, position, amount, secured) "
                 "VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM "
                 "strategy_resource_limit), ?3, ?4)"),
         .update =
             SQL("UPDATE strategy_resource_limit SET revision = ?2, amount = ?3, secured = ?4 "
                 "WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_resource_limit WHERE id = ?1 AND revision = ?2")},
    [OBJECT_COVERAGE] =
        {.record = {fields_goal_coverage, COUNT_OF(fields_goal_coverage),
                    sizeof(struct goal_coverage)},
         .list = "coverage",
         .model_offset = offsetof(struct strategy_model, coverage),
         .select =
             SQL("SELECT id, revision, at_least FROM strategy_goal_coverage ORDER BY position, "
                 "id"),
         .insert =
             SQL("INSERT INTO strategy_goal_coverage (id, revision, position, at_least) VALUES "
                 "(?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM strategy_goal_coverage), "
                 "?3)"),
         .update =
             SQL("UPDATE strategy_goal_coverage SET revision = ?2, at_least = ?3 WHERE id = ?1 "
                 "AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_goal_coverage WHERE id = ?1 AND revision = ?2")},
    [OBJECT_VERSION] =
        {.record = {fields_strategy_version, COUNT_OF(fields_strategy_version),
                    sizeof(struct strategy_version)},
         .list = "versions",
         .model_offset = offsetof(struct strategy_model, versions),
         .select = SQL("SELECT id, revision, name, focus, text, state, options, verdict, "
                       "verdict_reason, is_generated FROM strategy_version ORDER BY position, id"),
         .insert = SQL("INSERT INTO strategy_version (id, revision, position, name, focus, text, "
                       "state, options, verdict, verdict_reason, is_generated) VALUES (?1, ?2, "
                       "(SELECT coalesce(max(position), 0) + 1 FROM strategy_version), ?3, ?4, ?5, "
                       "?6, ?7, ?8, ?9, ?10)"),
         .update =
             SQL("UPDATE strategy_version SET revision = ?2, name = ?3, focus = ?4, text = ?5, "
                 "state = ?6, options = ?7, verdict = ?8, verdict_reason = ?9, is_generated = "
                 "?10 WHERE id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_version WHERE id = ?1 AND revision = ?2")},
    [OBJECT_WAIVER] =
        {.record = {fields_gate_waiver, COUNT_OF(fields_gate_waiver), sizeof(struct gate_waiver)},
         .list = "waivers",
         .model_offset = offsetof(struct strategy_model, waivers),
         .select = SQL("SELECT id, revision, reason, \"by\" FROM strategy_gate_waiver ORDER BY "
                       "position, id"),
         .insert = SQL("INSERT INTO strategy_gate_waiver (id, revision, position, reason, \"by\") "
                       "VALUES (?1, ?2, (SELECT coalesce(max(position), 0) + 1 FROM "
                       "strategy_gate_waiver), ?3, ?4)"),
         .update =
             SQL("UPDATE strategy_gate_waiver SET revision = ?2, reason = ?3, \"by\" = ?4 WHERE "
                 "id = ?1 AND revision = ?2 - 1"),
         .remove = SQL("DELETE FROM strategy_gate_waiver WHERE id = ?1 AND revision = ?2")},
};
_Static_assert(offsetof(struct company, id) == 0, "the id comes first");
_Static_assert(offsetof(struct company, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct team_member, id) == 0, "the id comes first");
_Static_assert(offsetof(struct team_member, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct business_element, id) == 0, "the id comes first");
_Static_assert(offsetof(struct business_element, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct change_note, id) == 0, "the id comes first");
_Static_assert(offsetof(struct change_note, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct corporate_goal, id) == 0, "the id comes first");
_Static_assert(offsetof(struct corporate_goal, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct competitor, id) == 0, "the id comes first");
_Static_assert(offsetof(struct competitor, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct topic, id) == 0, "the id comes first");
_Static_assert(offsetof(struct topic, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct competitor_activity, id) == 0, "the id comes first");
_Static_assert(offsetof(struct competitor_activity, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct potential_decision, id) == 0, "the id comes first");
_Static_assert(offsetof(struct potential_decision, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct assumption, id) == 0, "the id comes first");
_Static_assert(offsetof(struct assumption, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct prerequisite, id) == 0, "the id comes first");
_Static_assert(offsetof(struct prerequisite, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct framework_condition, id) == 0, "the id comes first");
_Static_assert(offsetof(struct framework_condition, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct benefit_driver, id) == 0, "the id comes first");
_Static_assert(offsetof(struct benefit_driver, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct strategy_option, id) == 0, "the id comes first");
_Static_assert(offsetof(struct strategy_option, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct resource_limit, id) == 0, "the id comes first");
_Static_assert(offsetof(struct resource_limit, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct goal_coverage, id) == 0, "the id comes first");
_Static_assert(offsetof(struct goal_coverage, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct strategy_version, id) == 0, "the id comes first");
_Static_assert(offsetof(struct strategy_version, revision) == sizeof(Str), "then the revision");
_Static_assert(offsetof(struct gate_waiver, id) == 0, "the id comes first");
_Static_assert(offsetof(struct gate_waiver, revision) == sizeof(Str), "then the revision");

const struct object_type *object_type(enum object_kind kind)
{
    ASSERT(kind < OBJECT_KIND_COUNT);
    return &types[kind];
}

struct any_list model_list(const struct strategy_model *model, enum object_kind kind)
{
    struct any_list list;

    memcpy(&list, (const char *)model + object_type(kind)->model_offset, sizeof list);
    return list;
}

void model_set_list(struct strategy_model *model, enum object_kind kind, struct any_list list)
{
    memcpy((char *)model + object_type(kind)->model_offset, &list, sizeof list);
}

Str object_id(const void *object)
{
    Str id;

    memcpy(&id, object, sizeof id);
    return id;
}

int64_t object_revision(const void *object)
{
    int64_t revision;

    memcpy(&revision, (const char *)object + sizeof(Str), sizeof revision);
    return revision;
}

void object_set_revision(void *object, int64_t revision)
{
    memcpy((char *)object + sizeof(Str), &revision, sizeof revision);
}

const void *model_find(const struct strategy_model *model, enum object_kind kind, Str id)
{
    struct any_list list = model_list(model, kind);

    for (size_t i = 0; i < list.count; i++) {
        const void *object = (const char *)list.items + i * object_type(kind)->record.size;
        if (str_eq(object_id(object), id))
            return object;
    }
    return NULL;
}
