/* object_form_goal.c - the forms of the kinds in strategy/model/goal_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec benefit_fields[] = {
    LONG("text", TR("Benefit"), TR("What the company gains, in a sentence.")),
    CATALOGUE_ONE("code", TR("Of the catalogue"), FORM_BENEFIT),
    CHOICE("state", TR("State"), benefit_state, NULL),
    NUMBER("size", TR("Size 0 to 4"), NULL),
    LONG("mechanism", TR("How it arises"), NULL),
    ORIGINS("origins", TR("Serves these elements and goals"), NULL),
    REFS("topics", TR("Arises in these topics"), OBJECT_TOPIC, NULL),
    CATALOGUE("potentials", TR("Uses these potentials"), FORM_POTENTIALS),
    TEXT("measure", TR("Measure"), TR("The figure by which it is seen.")),
    TEXT("unit", TR("Unit"), NULL),
    NUMBER("target", TR("Target"), NULL),
    TEXT("department", TR("Department"), NULL),
    TEXT("process", TR("Process that uses it"), NULL),
    END,
};

static const struct field_spec strategy_goal_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    LONG("text", TR("Strategy goal"), NULL),
    REF("goal", TR("Serves the corporate goal"), OBJECT_GOAL, NULL),
    REF("benefit", TR("By the benefit"), OBJECT_BENEFIT, NULL),
    REF("topic", TR("In the topic"), OBJECT_TOPIC, NULL),
    CHOICE("standing", TR("Standing to be reached"), standing, NULL),
    TEXT("measure", TR("Measure"), NULL),
    TEXT("unit", TR("Unit"), NULL),
    NUMBER("target", TR("Target"), NULL),
    DATE("due", TR("Due"), NULL),
    END,
};

static const struct field_spec social_goal_fields[] = {
    REF("strategy_goal", TR("Serves the strategy goal"), OBJECT_STRATEGY_GOAL, NULL),
    CHOICE("component", TR("Component"), component, NULL),
    LONG("text", TR("What exactly"), TR("Specific: one thing, said so that anybody sees it.")),
    TEXT("measure", TR("Measure"), NULL),
    TEXT("unit", TR("Unit"), NULL),
    NUMBER("baseline", TR("Today"), NULL),
    NUMBER("target", TR("Target"), NULL),
    LONG("attainable", TR("Why it can be reached"), NULL),
    LONG("relevant", TR("Why it serves the strategy goal"), NULL),
    DATE("due", TR("Due"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_BENEFIT, TR("Add a benefit"), TR("Corporate benefit"), "benefits", "potential", 3,
     benefit_fields, FORM_ID_NAME, NULL},
    {OBJECT_STRATEGY_GOAL, TR("Add a strategy goal"), TR("Strategy goal"), "goals", "versions", 6,
     strategy_goal_fields, FORM_ID_NAME, "version"},
    {OBJECT_SOCIAL_GOAL, TR("Add a social media goal"), TR("Social media goal"), "goals",
     "versions", 6, social_goal_fields, FORM_ID_NAME, "strategy_goal"},
};
const struct object_form_list object_form_goal = {specs, COUNT_OF(specs)};
