/* object_form_assessment.c - the forms of the kinds in strategy/model/assessment_objects.h. */
#include "web/view/object_form_spec.h"

#define OF_ASSESSMENT REF("assessment", TR("Assessment"), OBJECT_ASSESSMENT, NULL)
#define OF_QUADRANT   CHOICE("quadrant", TR("Quadrant"), quadrant, NULL)

static const struct field_spec assessment_fields[] = {
    NUMBER("year", TR("Year"), NULL),
    LONG("objectives", TR("Objectives"), TR("What the company wants to know about its market.")),
    LONG("scope", TR("Scope"), TR("Markets, languages, brands, and what is left out.")),
    TEXT("owner", TR("Owner"), NULL),
    DATE("started", TR("Started on"), NULL),
    DATE("due", TR("Due"), NULL),
    REF("predecessor", TR("Compared with"), OBJECT_ASSESSMENT,
        TR("The frozen assessment of the year before.")),
    NUMBER("gathering_hours", TR("Hours of gathering"), NULL),
    NUMBER("analysis_hours", TR("Hours of analysis"), NULL),
    LONG("summary", TR("Summary"), TR("What management has to know, in a few sentences.")),
    LONG("limits", TR("Method and limits"),
         TR("Data window, sources, and what could not be seen.")),
    CHOICE("conclusion", TR("Conclusion"), conclusion, NULL),
    LONG("conclusion_reason", TR("Reason of the conclusion"), NULL),
    END,
};
static const struct field_spec quadrant_fields[] = {
    OF_ASSESSMENT,
    OF_QUADRANT,
    NUMBER("depth", TR("Depth 1 to 3"), TR("1 first look, 2 working picture, 3 in depth.")),
    TEXT("owner", TR("Owner"), NULL),
    LONG("summary", TR("What it shows"), NULL),
    BOOL("is_complete", TR("Complete"), NULL),
    END,
};
static const struct field_spec term_fields[] = {
    OF_ASSESSMENT,
    TEXT("text", TR("Search term"), NULL),
    OF_QUADRANT,
    TEXT("language", TR("Language"), NULL),
    TEXT("query", TR("Saved query"), TR("The name of the query that uses the term.")),
    NUMBER("reviewed", TR("Hits read"), TR("A sample of at least 30 says something.")),
    NUMBER("relevant", TR("Of them relevant"), NULL),
    DATE("retired", TR("Retired on"), NULL),
    END,
};
static const struct field_spec place_fields[] = {
    OF_ASSESSMENT,
    TEXT("name", TR("Name"), NULL),
    OF_QUADRANT,
    TEXT("platform", TR("Platform"), NULL),
    TEXT("address", TR("Address"), NULL),
    NUMBER("people", TR("People there"), NULL),
    NUMBER("activity", TR("Activity 0 to 4"), NULL),
    TEXT("access", TR("Access"), TR("Open, by invitation, its house rules.")),
    END,
};
static const struct field_spec person_fields[] = {
    OF_ASSESSMENT,
    TEXT("name", TR("Name"), TR("Only what is needed for the work, and only in public roles.")),
    OF_QUADRANT,
    CHOICE("role", TR("Role"), person_role, NULL),
    TEXT("organisation", TR("Organisation"), NULL),
    REF("place", TR("Place"), OBJECT_PLACE, NULL),
    LONG("note", TR("Note"), NULL),
    END,
};
static const struct field_spec finding_fields[] = {
    OF_ASSESSMENT,
    OF_QUADRANT,
    CHOICE("category", TR("Category"), finding_category, NULL),
    LONG("statement", TR("Finding"), TR("What was found, as a fact.")),
    TEXT("measure", TR("Measure"), TR("What the value counts, with its unit.")),
    NUMBER("value", TR("Value"), NULL),
    NUMBER("sample", TR("Posts or people behind it"), NULL),
    DATE("from", TR("Data from"), NULL),
    DATE("to", TR("Data to"), NULL),
    TEXTS("evidence", TR("Evidence or addresses"), TR("One a line.")),
    NUMBER("confidence", TR("Certainty 1 to 4"),
           TR("1 speculative, 2 plausible, 3 supported, 4 verified.")),
    TEXT("analyst", TR("Found by"), NULL),
    REF("follows", TR("Last year's finding"), OBJECT_FINDING, NULL),
    END,
};
static const struct field_spec swot_fields[] = {
    OF_ASSESSMENT,
    CHOICE("letter", TR("Kind"), swot, NULL),
    LONG("statement", TR("Statement"), NULL),
    REFS("findings", TR("Rests on these findings"), OBJECT_FINDING, NULL),
    NUMBER("impact", TR("Impact 1 to 4"), NULL),
    NUMBER("likelihood", TR("Likelihood 1 to 4"), NULL),
    END,
};
static const struct field_spec recommendation_fields[] = {
    OF_ASSESSMENT,
    CHOICE("kind", TR("Kind"), recommendation_kind, NULL),
    LONG("statement", TR("Recommendation"), NULL),
    REFS("swot", TR("Follows from"), OBJECT_SWOT_ITEM, NULL),
    TEXT("department", TR("Department"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    DATE("due", TR("Due"), NULL),
    NUMBER("effort", TR("Effort in person-days"), NULL),
    CHOICE("state", TR("State"), recommendation_state, NULL),
    LONG("state_reason", TR("Reason of the state"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_ASSESSMENT, TR("Plan an assessment"), TR("Assessment"), "assessment", "assessment", 2,
     assessment_fields, FORM_ID_NAME, NULL},
    {OBJECT_QUADRANT, TR("Describe a quadrant"), TR("Quadrant"), "assessment#quadrants",
     "assessment", 2, quadrant_fields, FORM_ID_NAME, NULL},
    {OBJECT_SEARCH_TERM, TR("Add a search term"), TR("Search term"), "assessment#plan",
     "assessment", 2, term_fields, FORM_ID_NAME, NULL},
    {OBJECT_PLACE, TR("Add a place"), TR("Place"), "assessment#places", "assessment", 2,
     place_fields, FORM_ID_NAME, NULL},
    {OBJECT_KEY_PERSON, TR("Add a key person"), TR("Key person"), "assessment#people", "assessment",
     2, person_fields, FORM_ID_NAME, NULL},
    {OBJECT_FINDING, TR("Add a finding"), TR("Finding"), "assessment#quadrants", "assessment", 2,
     finding_fields, FORM_ID_NAME, NULL},
    {OBJECT_SWOT_ITEM, TR("Add a SWOT item"), TR("SWOT item"), "assessment#swot", "assessment", 2,
     swot_fields, FORM_ID_NAME, NULL},
    {OBJECT_RECOMMENDATION, TR("Add a recommendation"), TR("Recommendation"),
     "assessment#recommendations", "assessment", 2, recommendation_fields, FORM_ID_NAME, NULL},
};
const struct object_form_list object_form_assessment = {specs, COUNT_OF(specs)};
