/* object_form_company.c - the forms of the kinds in strategy/model/company_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec company_fields[] = {
    TEXT("name", TR("Name"), NULL),
    TEXT("industry", TR("Industry"), NULL),
    TEXT("query", TR("Saved query"), TR("The name of the query that finds the own brand.")),
    LONG("mandate", TR("Mandate"), TR("What shall be decided, by whom, until when.")),
    LONG("scope", TR("Scope"), TR("What the strategy is about, and what it leaves out.")),
    CHOICE("direction", TR("Direction"), direction, NULL),
    LONG("direction_reason", TR("Reason of the direction"), NULL),
    TEXT("currency", TR("Currency"), TR("Three letters: EUR")),
    NUMBER("months", TR("Horizon in months"), NULL),
    NUMBER("discount", TR("Discount rate a year, 0 to 1"), NULL),
    NUMBER("day_rate", TR("Cost of a person-day"), NULL),
    BOOL("is_growth_goal", TR("Growth is a goal of its own"), NULL),
    END,
};

static const struct field_spec team_fields[] = {
    TEXT("name", TR("Name"), NULL),
    TEXT("role", TR("Task in the team"), NULL),
    TEXT("department", TR("Department"), NULL),
    CHOICE("constituency", TR("Stands for"), constituency, NULL),
    LONG("mandate", TR("Mandate"), TR("For whom, on what.")),
    DATE("agreed_on", TR("Agreed on"), TR("The day on which the agreement was signed.")),
    BOOL("has_vote", TR("Has a vote"), NULL),
    END,
};

static const struct field_spec element_fields[] = {
    CHOICE("block", TR("Block"), block, NULL),
    LONG("text", TR("Element"), NULL),
    LONG("requirement", TR("What it needs from social media"), NULL),
    BOOL("is_supported", TR("The strategy shall support it"), NULL),
    TEXT("relation_type", TR("Kind of relationship"), TR("For customer relationships.")),
    CHOICE("relation_accepted", TR("Do customers accept it?"), acceptance,
           TR("For customer relationships.")),
    BOOL("is_essential", TR("Success depends on it"), TR("For channels.")),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct field_spec change_fields[] = {
    REF("element", TR("Element"), OBJECT_ELEMENT, NULL),
    CHOICE("lever", TR("Lever"), lever, TR("By what social media changes it.")),
    CHOICE("kind", TR("Chance or threat"), chance, NULL),
    LONG("effect", TR("What changes"), NULL),
    NUMBER("strength", TR("Strength 0 to 4"), NULL),
    END,
};

static const struct field_spec goal_fields[] = {
    TEXT("text", TR("Goal"), NULL),
    TEXT("measure", TR("Measure"), TR("What is counted.")),
    TEXT("unit", TR("Unit"), NULL),
    NUMBER("baseline", TR("Today"), NULL),
    NUMBER("target", TR("Target"), NULL),
    DATE("due", TR("Due"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    CHOICE("priority", TR("Priority"), priority, NULL),
    END,
};

static const struct field_spec competitor_fields[] = {
    TEXT("name", TR("Name"), NULL),
    CHOICES("kinds", TR("Competes for"), competitor_kind, NULL),
    TEXT("query", TR("Saved query"), NULL),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_COMPANY, TR("Describe the company"), TR("Company"), "setup", "setup", 0, company_fields,
     FORM_ID_FIXED, NULL},
    {OBJECT_TEAM_MEMBER, TR("Add a person to the team"), TR("Member of the team"), "setup#team",
     "setup", 0, team_fields, FORM_ID_NAME, NULL},
    {OBJECT_ELEMENT, TR("Add an element"), TR("Element of the business model"), "model", "model", 1,
     element_fields, FORM_ID_NAME, NULL},
    {OBJECT_CHANGE_NOTE, TR("Add a change by social media"), TR("Change by social media"),
     "model#changes", "model", 1, change_fields, FORM_ID_NAME, NULL},
    {OBJECT_GOAL, TR("Add a goal"), TR("Goal"), "model#goals", "model", 1, goal_fields,
     FORM_ID_NAME, NULL},
    {OBJECT_COMPETITOR, TR("Add a competitor"), TR("Competitor"), "model#competitors", "model", 1,
     competitor_fields, FORM_ID_NAME, NULL},
};
const struct object_form_list object_form_company = {specs, COUNT_OF(specs)};
