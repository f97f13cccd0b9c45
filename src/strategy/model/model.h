/* model.h - the strategy of one workspace as plain values in memory.
 *
 * Everything the method records before and with a decision: company, business model, goals,
 * competitors and what they do per topic, topics, potential decisions, options, conditions, limits
 * and versions. It is read whole from the database (store.h) or from a document (document.h), and
 * the pure halves of this room work on it: check, evaluation, alternatives, gates, decision paper.
 * A strategy has hundreds of objects, not millions; reading it whole is one millisecond and lets
 * every rule see every other object.
 *
 * Identity is a short text id of the kind's own ("battery-life"): a-z 0-9 and '-', 1 to 64 bytes,
 * unique per kind. References are such ids; model_check() proves that each one resolves. `revision`
 * counts the changes of a stored object from 1 and is 0 before it is stored; a change names the
 * revision it was based on, so that two people never overwrite each other unseen.
 *
 * Memory: all slices and lists belong to the arena the model was read into. The model is a value;
 * it is not changed after reading (the store changes the database and the caller reads again). Any
 * number of threads may read one model.
 */
#ifndef STRATEGY_MODEL_H
#define STRATEGY_MODEL_H

#include "strategy/model/assessment_objects.h"
#include "strategy/model/company_objects.h"
#include "strategy/model/component_objects.h"
#include "strategy/model/condition_objects.h"
#include "strategy/model/evaluation_objects.h"
#include "strategy/model/goal_objects.h"
#include "strategy/model/option_objects.h"
#include "strategy/model/setup_objects.h"
#include "strategy/model/topic_objects.h"
#include "strategy/model/version_objects.h"
#include "strategy/model/worksheet_objects.h"

/* Kinds of objects, in the order in which a document holds them (a reference may point anywhere).
 */
enum object_kind {
    OBJECT_COMPANY,
    OBJECT_TEAM_MEMBER,
    OBJECT_PLAN_STEP,
    OBJECT_SOURCE,
    OBJECT_ELEMENT,
    OBJECT_CHANGE_NOTE,
    OBJECT_GOAL,
    OBJECT_COMPETITOR,
    OBJECT_SEGMENT_FIT,
    OBJECT_NEED,
    OBJECT_CHANNEL_TASK,
    OBJECT_OWN_RESOURCE,
    OBJECT_ASSESSMENT,
    OBJECT_QUADRANT,
    OBJECT_SEARCH_TERM,
    OBJECT_PLACE,
    OBJECT_KEY_PERSON,
    OBJECT_FINDING,
    OBJECT_SWOT_ITEM,
    OBJECT_RECOMMENDATION,
    OBJECT_TOPIC,
    OBJECT_ACTIVITY,
    OBJECT_POTENTIAL,
    OBJECT_BENEFIT,
    OBJECT_ASSUMPTION,
    OBJECT_PREREQUISITE,
    OBJECT_FRAMEWORK_CONDITION,
    OBJECT_DRIVER,
    OBJECT_OPTION,
    OBJECT_LIMIT,
    OBJECT_COVERAGE,
    OBJECT_VERSION,
    OBJECT_STRATEGY_GOAL,
    OBJECT_SOCIAL_GOAL,
    OBJECT_SHEET,
    OBJECT_INTERACTION,
    OBJECT_RISK,
    OBJECT_SITUATION,
    OBJECT_JOURNEY_POINT,
    OBJECT_ADVANTAGE,
    OBJECT_EVALUATION,
    OBJECT_WAIVER,
    OBJECT_KIND_COUNT
};

struct strategy_model {
    STRATEGY_LIST(struct company) companies; /* none or one */
    STRATEGY_LIST(struct team_member) team;
    STRATEGY_LIST(struct plan_step) plan;
    STRATEGY_LIST(struct knowledge_source) sources;
    STRATEGY_LIST(struct business_element) elements;
    STRATEGY_LIST(struct change_note) change_notes;
    STRATEGY_LIST(struct corporate_goal) goals;
    STRATEGY_LIST(struct competitor) competitors;
    STRATEGY_LIST(struct segment_fit) segment_fits;
    STRATEGY_LIST(struct element_need) needs;
    STRATEGY_LIST(struct channel_task) channel_tasks;
    STRATEGY_LIST(struct own_resource) own_resources;
    STRATEGY_LIST(struct assessment) assessments;
    STRATEGY_LIST(struct assessment_quadrant) quadrants;
    STRATEGY_LIST(struct search_term) search_terms;
    STRATEGY_LIST(struct market_place) places;
    STRATEGY_LIST(struct key_person) key_persons;
    STRATEGY_LIST(struct finding) findings;
    STRATEGY_LIST(struct swot_item) swot;
    STRATEGY_LIST(struct recommendation) recommendations;
    STRATEGY_LIST(struct topic) topics;
    STRATEGY_LIST(struct competitor_activity) activities;
    STRATEGY_LIST(struct potential_decision) potentials;
    STRATEGY_LIST(struct company_benefit) benefits;
    STRATEGY_LIST(struct assumption) assumptions;
    STRATEGY_LIST(struct prerequisite) prerequisites;
    STRATEGY_LIST(struct framework_condition) framework_conditions;
    STRATEGY_LIST(struct benefit_driver) drivers;
    STRATEGY_LIST(struct strategy_option) options;
    STRATEGY_LIST(struct resource_limit) limits;
    STRATEGY_LIST(struct goal_coverage) coverage;
    STRATEGY_LIST(struct strategy_version) versions;
    STRATEGY_LIST(struct strategy_goal) strategy_goals;
    STRATEGY_LIST(struct social_goal) social_goals;
    STRATEGY_LIST(struct component_sheet) sheets;
    STRATEGY_LIST(struct interaction) interactions;
    STRATEGY_LIST(struct listed_risk) risks;
    STRATEGY_LIST(struct starting_situation) situations;
    STRATEGY_LIST(struct journey_point) journey;
    STRATEGY_LIST(struct advantage) advantages;
    STRATEGY_LIST(struct evaluation_sheet) evaluations;
    STRATEGY_LIST(struct gate_waiver) waivers;
};

const struct company *model_company(const struct strategy_model *model); /* or NULL */

/* The objects of one kind, whatever their type; all begin with id and revision. */
struct object_list {
    const void *items;
    size_t count, size; /* bytes of one */
};
struct object_list model_objects(const struct strategy_model *model, enum object_kind kind);
const void *object_at(const struct object_list *list, size_t index);
Str object_id(const void *object);
int64_t object_revision(const void *object);
void object_set_revision(void *object, int64_t revision);

/* NULL when there is none. Linear: a strategy is small. */
const void *model_find(const struct strategy_model *model, enum object_kind kind, Str id);
#define MODEL_FIND(name, type, kind)                                                               \
    static inline const struct type *name(const struct strategy_model *model, Str id)              \
    {                                                                                              \
        return model_find(model, kind, id);                                                        \
    }
MODEL_FIND(model_element, business_element, OBJECT_ELEMENT)
MODEL_FIND(model_goal, corporate_goal, OBJECT_GOAL)
MODEL_FIND(model_competitor, competitor, OBJECT_COMPETITOR)
MODEL_FIND(model_assessment, assessment, OBJECT_ASSESSMENT)
MODEL_FIND(model_finding, finding, OBJECT_FINDING)
MODEL_FIND(model_swot_item, swot_item, OBJECT_SWOT_ITEM)
MODEL_FIND(model_topic, topic, OBJECT_TOPIC)
MODEL_FIND(model_assumption, assumption, OBJECT_ASSUMPTION)
MODEL_FIND(model_prerequisite, prerequisite, OBJECT_PREREQUISITE)
MODEL_FIND(model_benefit, company_benefit, OBJECT_BENEFIT)
MODEL_FIND(model_strategy_goal, strategy_goal, OBJECT_STRATEGY_GOAL)
MODEL_FIND(model_option, strategy_option, OBJECT_OPTION)
MODEL_FIND(model_version, strategy_version, OBJECT_VERSION)
MODEL_FIND(model_limit, resource_limit, OBJECT_LIMIT)

/* What was judged of two segments, whichever was named first; NULL: nothing. */
const struct segment_fit *model_segment_fit(const struct strategy_model *model, Str a, Str b);
const struct version_option *version_find_option(const struct strategy_version *version,
                                                 Str option);
/* True when the version chose the option. */
bool version_has(const struct strategy_version *version, Str option);
bool str_list_has(StrList list, Str item);

/* The factor by which an option's benefit shrinks when the assumption fails; 1 = no reliance. */
double option_factor_if_false(const struct strategy_option *option, Str assumption);

/* A text that people can read for any object ("Battery life" for a topic); the id when it has no
 * name or does not exist. */
Str model_label(const struct strategy_model *model, enum object_kind kind, Str id);

/* Ids: a-z 0-9 and '-' with a letter or digit first; resource ids may also hold '/', '_', '.',
 * and capitals. */
bool strategy_id_is_valid(Str id);
bool resource_id_is_valid(Str id);
/* Turns a name into an id: "Help first!" gives "help-first"; umlauts become ae oe ue ss; anything
 * without a letter gives "object". Allocates in the arena. */
Str strategy_id_from(struct arena *arena, Str name);

extern const struct word_list words_object_kind;

#endif
