#include "strategy/choice/evaluation.h"
#include "strategy/method/gate.h"
#include "strategy/model/model.h"
#include "strategy/steering/assumption.h"
#include "strategy/steering/review.h"

#define WORDS(name, ...)                                                                           \
    static const char *const name##_table[] = {__VA_ARGS__};                                       \
    const struct word_list words_##name = {name##_table, COUNT_OF(name##_table)}

WORDS(block, [BLOCK_CUSTOMER_SEGMENTS] = "customer_segments",
      [BLOCK_VALUE_PROPOSITIONS] = "value_propositions",
      [BLOCK_CUSTOMER_RELATIONSHIPS] = "customer_relationships", [BLOCK_CHANNELS] = "channels",
      [BLOCK_REVENUE_STREAMS] = "revenue_streams", [BLOCK_KEY_RESOURCES] = "key_resources",
      [BLOCK_KEY_ACTIVITIES] = "key_activities", [BLOCK_KEY_PARTNERS] = "key_partners",
      [BLOCK_COST_STRUCTURE] = "cost_structure");
WORDS(direction, [DIRECTION_TOP_DOWN] = "top_down", [DIRECTION_BOTTOM_UP] = "bottom_up");
WORDS(constituency, [MEMBER_COMPANY] = "company", [MEMBER_CUSTOMER] = "customer",
      [MEMBER_PARTNER] = "partner", [MEMBER_INFLUENCER] = "influencer");
WORDS(lever, [LEVER_TRANSPARENCY] = "transparency", [LEVER_RELATIONSHIP] = "relationship",
      [LEVER_VALUE] = "value", [LEVER_DISTRIBUTION] = "distribution");
WORDS(chance, [CHANGE_CHANCE] = "chance", [CHANGE_THREAT] = "threat");
WORDS(priority, [PRIORITY_A] = "A", [PRIORITY_B] = "B", [PRIORITY_C] = "C");
/* Index = number of the flag's bit. */
WORDS(competitor_kind, "performance", "attention", "topic");
WORDS(topic_size, [TOPIC_BASIC] = "basic", [TOPIC_AREA] = "area", [TOPIC_SINGLE] = "single");
WORDS(standing, [STANDING_LEADING] = "leading", [STANDING_EQUAL] = "equal",
      [STANDING_WEAKER] = "weaker");
WORDS(
    position, [POSITION_OPEN] = "open", [POSITION_OCCUPIED] = "occupied", [POSITION_OURS] = "ours");
WORDS(format, [FORMAT_AUDIENCE] = "audience", [FORMAT_NETWORK] = "network",
      [FORMAT_COMMUNITY] = "community", [FORMAT_COMBINATION] = "combination");
WORDS(option_kind, [OPTION_USER_BENEFIT] = "user_benefit", [OPTION_USAGE_FORMAT] = "usage_format",
      [OPTION_PARTICIPATION] = "participation", [OPTION_MOTIVATION] = "motivation",
      [OPTION_CHANNEL] = "channel");
WORDS(perspective, [PERSPECTIVE_MARKET] = "market", [PERSPECTIVE_COMPETITION] = "competition",
      [PERSPECTIVE_BUSINESS_MODEL] = "business_model", [PERSPECTIVE_GOALS] = "goals",
      [PERSPECTIVE_GROWTH] = "growth");
WORDS(durability, [DURABILITY_NONE] = "none", [DURABILITY_TEMPORARY] = "temporary",
      [DURABILITY_LONGER_TERM] = "longer_term", [DURABILITY_STRUCTURAL] = "structural");
WORDS(version_state, [VERSION_IDEA] = "idea", [VERSION_CORE_DRAFTED] = "core_drafted",
      [VERSION_EVALUATED] = "evaluated", [VERSION_ELABORATED] = "elaborated",
      [VERSION_PROPOSED] = "proposed", [VERSION_ADOPTED] = "adopted",
      [VERSION_REJECTED] = "rejected", [VERSION_SUPERSEDED] = "superseded");
WORDS(verdict, [VERDICT_PURSUE] = "pursue", [VERDICT_IMPROVE] = "improve",
      [VERDICT_ABANDON] = "abandon");
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
WORDS(object_kind, [OBJECT_COMPANY] = "company", [OBJECT_TEAM_MEMBER] = "team_member",
      [OBJECT_ELEMENT] = "element", [OBJECT_CHANGE_NOTE] = "change_note", [OBJECT_GOAL] = "goal",
      [OBJECT_COMPETITOR] = "competitor", [OBJECT_TOPIC] = "topic", [OBJECT_ACTIVITY] = "activity",
      [OBJECT_POTENTIAL] = "potential", [OBJECT_ASSUMPTION] = "assumption",
      [OBJECT_PREREQUISITE] = "prerequisite", [OBJECT_FRAMEWORK_CONDITION] = "framework_condition",
      [OBJECT_DRIVER] = "driver", [OBJECT_OPTION] = "option", [OBJECT_LIMIT] = "limit",
      [OBJECT_COVERAGE] = "coverage", [OBJECT_VERSION] = "version", [OBJECT_WAIVER] = "waiver");

WORDS(risk_source, [RISK_ASSUMPTION] = "assumption", [RISK_PREREQUISITE] = "prerequisite",
      [RISK_OPEN_POSITION] = "open_position", [RISK_REACTION] = "reaction",
      [RISK_IMPLEMENTATION] = "implementation", [RISK_DEPENDENCY] = "dependency");
WORDS(gate_state, [GATE_OPEN] = "open", [GATE_MET] = "met", [GATE_WAIVED] = "waived");
WORDS(response, [RESPONSE_CORRECT] = "correct", [RESPONSE_ADAPT] = "adapt",
      [RESPONSE_SECURE] = "secure", [RESPONSE_PREPARED_ANSWER] = "prepared_answer",
      [RESPONSE_NEW_OPTION] = "new_option", [RESPONSE_FOLLOW_UP] = "follow_up");
WORDS(review_kind, [REVIEW_RATING_DRIFT] = "rating_drift",
      [REVIEW_ASSUMPTION_BROKEN] = "assumption_broken");

Str word_of(const struct word_list *list, int value)
{
    ASSERT(value >= 0 && (size_t)value < list->count);
    return str_from_cstr(list->words[value]);
}

bool word_find(const struct word_list *list, Str word, int *value)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->words[i] && str_eq(word, str_from_cstr(list->words[i]))) {
            *value = (int)i;
            return true;
        }
    }
    return false;
}
