/* object_form_component.c - the forms of the kinds in strategy/model/component_objects.h and
 * evaluation_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec resource_columns[] = {
    TEXT("name", TR("Resource"), NULL),     CHOICE("kind", TR("Kind"), own_resource_kind, NULL),
    NUMBER("amount", TR("Amount"), NULL),   TEXT("unit", TR("Unit"), NULL),
    NUMBER("secured", TR("Secured"), NULL), DATE("from", TR("From"), NULL),
    DATE("until", TR("Until"), NULL),       END,
};
static const struct field_spec reaction_columns[] = {
    TEXT("text", TR("Expected reaction"), NULL),
    REF("competitor", TR("Competitor"), OBJECT_COMPETITOR, NULL),
    NUMBER("probability", TR("Probability 1 to 4"), NULL),
    TEXT("answer", TR("Our answer"), NULL),
    NUMBER("residual", TR("Risk that stays 1 to 4"), NULL),
    END,
};
static const struct field_spec sheet_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    CHOICE("component", TR("Component"), component, NULL),
    LONG("definition", TR("Definition"), TR("What exactly, and which effect it has.")),
    LONG("ways", TR("By which way the effect arises"), NULL),
    LONG("measures", TR("Measures"), NULL),
    LONG("sizes", TR("Sizes and key figures"), NULL),
    LONG("target_relevance", TR("Interests and needs of target groups it meets"), NULL),
    LONG("effect_performance", TR("Effect against performance competitors"), NULL),
    LONG("effect_attention", TR("Effect against attention competitors"), NULL),
    LONG("contribution", TR("Contribution to the company's success"), NULL),
    TABLE("resources", TR("Resources it takes"), resource_columns, NULL),
    TABLE("reactions", TR("Expected reactions and our answers"), reaction_columns, NULL),
    REFS("options", TR("Options it is made of"), OBJECT_OPTION, NULL),
    REFS("assumptions", TR("Rests on these assumptions"), OBJECT_ASSUMPTION, NULL),
    REFS("prerequisites", TR("Needs these prerequisites"), OBJECT_PREREQUISITE, NULL),
    BOOL("is_complete", TR("Complete"), TR("Two people have read it and nothing is missing.")),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct field_spec interaction_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    CHOICE("first", TR("Component"), component, NULL),
    CHOICE("second", TR("Acts with"), component, NULL),
    NUMBER("value", TR("From -2 conflict to 2 strong support"), NULL),
    LONG("note", TR("How"), NULL),
    BOOL("is_accepted", TR("The version lives with the conflict"), NULL),
    LONG("accepted_reason", TR("Why it can"), NULL),
    END,
};

static const struct field_spec risk_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    CHOICE("source", TR("Source of the risk"), risk_source, NULL),
    LONG("text", TR("Risk, or why there is none"), NULL),
    BOOL("is_none", TR("This source yields no risk"), NULL),
    NUMBER("probability", TR("Probability 1 to 4"), NULL),
    NUMBER("effect", TR("Effect 1 to 4"), NULL),
    LONG("treatment", TR("Treatment"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    END,
};

static const struct field_spec situation_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    CHOICE("kind", TR("Situation"), situation_kind, NULL),
    BOOL("applies", TR("It is so here"), NULL),
    LONG("response", TR("What the version does about it"), NULL),
    REFS("topics", TR("Detours, narrower or open topics"), OBJECT_TOPIC, NULL),
    END,
};

static const struct field_spec journey_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    CHOICE("phase", TR("Phase"), journey_phase, NULL),
    REFS("options", TR("Options that work there"), OBJECT_OPTION, NULL),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct field_spec advantage_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    REF("topic", TR("Topic"), OBJECT_TOPIC, NULL),
    REF("against", TR("Against"), OBJECT_COMPETITOR, TR("Nobody chosen: against the field.")),
    CHOICE("durability", TR("Durability"), durability,
           TR("Structural: a rival would have to build a structure first.")),
    LONG("reason", TR("Reason"), NULL),
    END,
};

static const struct field_spec evaluation_fields[] = {
    REF("version", TR("Version"), OBJECT_VERSION, NULL),
    CHOICE("criterion", TR("Criterion"), criterion, NULL),
    CHOICE("pass", TR("Pass"), evaluation_pass, NULL),
    LONG("sources", TR("Sources"), NULL),
    LONG("implementation", TR("How it was evaluated"), NULL),
    LONG("assessment", TR("Assessment"), NULL),
    CHOICE("judgement", TR("Judgement"), judgement, NULL),
    LONG("used_for", TR("What follows from it"), NULL),
    TEXTS("participants", TR("Who took part"), TR("One a line.")),
    DATE("date", TR("Date"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_SHEET, TR("Write a component sheet"), TR("Component sheet"), "sheets", "versions", 6,
     sheet_fields, FORM_ID_NAME, "version"},
    {OBJECT_INTERACTION, TR("Judge an interaction"), TR("Interaction"), "sheets#matrix", "versions",
     6, interaction_fields, FORM_ID_NAME, "version"},
    {OBJECT_RISK, TR("Add a risk"), TR("Risk"), "sheets#risks", "versions", 6, risk_fields,
     FORM_ID_NAME, "version"},
    {OBJECT_SITUATION, TR("Answer a situation"), TR("Starting situation"), "sheets#situations",
     "versions", 6, situation_fields, FORM_ID_NAME, "version"},
    {OBJECT_JOURNEY_POINT, TR("Place it on the journey"), TR("Point of the journey"),
     "sheets#journey", "versions", 6, journey_fields, FORM_ID_NAME, "version"},
    {OBJECT_ADVANTAGE, TR("Add an advantage"), TR("Advantage"), "evaluation#advantages", "versions",
     7, advantage_fields, FORM_ID_NAME, "version"},
    {OBJECT_EVALUATION, TR("Evaluate by a criterion"), TR("Evaluation sheet"), "evaluation",
     "versions", 7, evaluation_fields, FORM_ID_NAME, "version"},
};
const struct object_form_list object_form_component = {specs, COUNT_OF(specs)};
