#include "strategy/choice/evaluation.h"
#include "strategy/method/gate.h"
#include "strategy/model/model.h"
#include "strategy/steering/assumption.h"
#include "strategy/steering/review.h"

WORDS(
    object_kind, [OBJECT_COMPANY] = "company", [OBJECT_TEAM_MEMBER] = "team_member",
    [OBJECT_ELEMENT] = "element", [OBJECT_CHANGE_NOTE] = "change_note", [OBJECT_GOAL] = "goal",
    [OBJECT_COMPETITOR] = "competitor", [OBJECT_ASSESSMENT] = "assessment",
    [OBJECT_QUADRANT] = "quadrant", [OBJECT_SEARCH_TERM] = "search_term", [OBJECT_PLACE] = "place",
    [OBJECT_KEY_PERSON] = "key_person", [OBJECT_FINDING] = "finding",
    [OBJECT_SWOT_ITEM] = "swot_item", [OBJECT_RECOMMENDATION] = "recommendation",
    [OBJECT_TOPIC] = "topic", [OBJECT_ACTIVITY] = "activity", [OBJECT_POTENTIAL] = "potential",
    [OBJECT_ASSUMPTION] = "assumption", [OBJECT_PREREQUISITE] = "prerequisite",
    [OBJECT_FRAMEWORK_CONDITION] = "framework_condition", [OBJECT_DRIVER] = "driver",
    [OBJECT_OPTION] = "option", [OBJECT_LIMIT] = "limit", [OBJECT_COVERAGE] = "coverage",
    [OBJECT_VERSION] = "version", [OBJECT_PLAN_STEP] = "plan_step", [OBJECT_SOURCE] = "source",
    [OBJECT_SEGMENT_FIT] = "segment_fit", [OBJECT_NEED] = "need",
    [OBJECT_CHANNEL_TASK] = "channel_task", [OBJECT_OWN_RESOURCE] = "own_resource",
    [OBJECT_BENEFIT] = "benefit", [OBJECT_STRATEGY_GOAL] = "strategy_goal",
    [OBJECT_SOCIAL_GOAL] = "social_goal", [OBJECT_SHEET] = "sheet",
    [OBJECT_INTERACTION] = "interaction", [OBJECT_RISK] = "risk", [OBJECT_SITUATION] = "situation",
    [OBJECT_JOURNEY_POINT] = "journey_point", [OBJECT_ADVANTAGE] = "advantage",
    [OBJECT_EVALUATION] = "evaluation", [OBJECT_WAIVER] = "waiver");

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
