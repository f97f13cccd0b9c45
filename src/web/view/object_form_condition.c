/* object_form_condition.c - the forms of the kinds in strategy/model/condition_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec assumption_fields[] = {
    LONG("statement", TR("What has to stay true"), NULL),
    TEXT("query", TR("Saved query"), NULL),
    TEXT("rule.metric", TR("Measure"),
         TR("Last part of the signal's key: mentions, net_sentiment ...")),
    CHOICE("rule.aggregate", TR("Condensed by"), aggregate, NULL),
    NUMBER("rule.window_days", TR("Window in days"), NULL),
    CHOICE("rule.comparator", TR("Has to be"), comparator, NULL),
    NUMBER("rule.threshold", TR("Threshold"), NULL),
    NUMBER("rule.margin", TR("At risk within"), NULL),
    NUMBER("rule.persistence", TR("Broken after days in a row"), NULL),
    NUMBER("rule.minimum_sample", TR("Posts needed in the window"), NULL),
    NUMBER("rule.minimum_coverage", TR("Coverage needed, 0 to 1"), NULL),
    NUMBER("cadence_hours", TR("Looked at every hours"), NULL),
    NUMBER("certainty", TR("Certainty 1 to 4"), NULL),
    NUMBER("probability", TR("Probability that it holds"), NULL),
    NUMBER("test_cost", TR("Cost of finding out"), NULL),
    LONG("answer", TR("Prepared answer if it breaks"), NULL),
    END,
};

static const struct field_spec prerequisite_fields[] = {
    LONG("statement", TR("What has to be there"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    DATE("due", TR("Due"), NULL),
    CHOICE("state", TR("State"), condition_state, NULL),
    NUMBER("certainty", TR("Certainty 1 to 4"), NULL),
    NUMBER("probability", TR("Probability to be in time"), NULL),
    NUMBER("delay_months", TR("Delay in months if not"), NULL),
    END,
};

static const struct field_spec framework_fields[] = {
    LONG("statement", TR("What has to stay or become so"), NULL),
    CHOICE("kind", TR("Kind"), condition_kind, NULL),
    DATE("check_date", TR("Look again on"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    CHOICE("state", TR("State"), condition_state, NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_ASSUMPTION, TR("Add an assumption"), TR("Assumption"), "steering", "steering", 9,
     assumption_fields, FORM_ID_NAME, NULL},
    {OBJECT_PREREQUISITE, TR("Add a prerequisite"), TR("Prerequisite"), "steering", "steering", 9,
     prerequisite_fields, FORM_ID_NAME, NULL},
    {OBJECT_FRAMEWORK_CONDITION, TR("Add a framework condition"), TR("Framework condition"),
     "steering#conditions", "steering", 9, framework_fields, FORM_ID_NAME, NULL},
};
const struct object_form_list object_form_condition = {specs, COUNT_OF(specs)};
