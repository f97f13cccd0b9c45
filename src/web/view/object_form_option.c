/* object_form_option.c - the forms of the kinds in strategy/model/option_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec cost_columns[] = {
    REF("resource", TR("Resource"), OBJECT_LIMIT, NULL),
    NUMBER("amount", TR("Amount"), NULL),
    END,
};
static const struct field_spec reliance_columns[] = {
    REF("assumption", TR("Assumption"), OBJECT_ASSUMPTION, NULL),
    NUMBER("if_false", TR("Factor if it fails"), NULL),
    END,
};
static const struct field_spec reaction_columns[] = {
    REF("competitor", TR("Competitor"), OBJECT_COMPETITOR, NULL),
    TEXT("text", TR("What they would do"), NULL),
    NUMBER("probability", TR("Probability"), NULL),
    NUMBER("loss", TR("Benefit lost"), NULL),
    NUMBER("after_months", TR("After months"), NULL),
    TEXT("answer", TR("Our answer"), NULL),
    END,
};

static const struct field_spec option_fields[] = {
    TEXT("name", TR("Name"), NULL),
    REF("topic", TR("Topic"), OBJECT_TOPIC, NULL),
    CHOICE("kind", TR("Kind"), option_kind, NULL),
    LONG("text", TR("What would be done"), NULL),
    CHOICE("rating", TR("Against competition"), standing,
           TR("Leading, equal or weaker than what competitors do in this topic.")),
    CHOICE("durability", TR("How long the advantage lasts"), durability, NULL),
    LONG("rating_reason", TR("Reason of the rating"), NULL),
    CHOICE("perspective", TR("Perspective"), perspective, NULL),
    CHOICE("format", TR("Usage format"), format, NULL),
    LONG("format_reason", TR("Why this format in spite of the affinity"),
         TR("Only needed where the topic's affinity does not permit the format.")),
    NUMBER("ramp_months", TR("Months until full effect"), NULL),
    NUMBER("benefit.low", TR("Benefit a year: low"), NULL),
    NUMBER("benefit.likely", TR("Benefit a year: likely"), NULL),
    NUMBER("benefit.high", TR("Benefit a year: high"), NULL),
    NUMBER("effort.low", TR("Effort once: low"), NULL),
    NUMBER("effort.likely", TR("Effort once: likely"), NULL),
    NUMBER("effort.high", TR("Effort once: high"), NULL),
    NUMBER("running.low", TR("Running cost a year: low"), NULL),
    NUMBER("running.likely", TR("Running cost a year: likely"), NULL),
    NUMBER("running.high", TR("Running cost a year: high"), NULL),
    TABLE("costs", TR("Use of limited resources"), cost_columns,
          TR("Money, or person-days by role and period.")),
    TABLE("rests_on", TR("Rests on assumptions"), reliance_columns,
          TR("The factor is what remains of the benefit when the assumption fails: 0 nothing, 1 "
             "all.")),
    TABLE("reactions", TR("Reactions of competitors"), reaction_columns,
          TR("Probability and benefit lost between 0 and 1.")),
    REFS("goals", TR("Goals it serves"), OBJECT_GOAL, NULL),
    REFS("elements", TR("Parts of the business model it serves"), OBJECT_ELEMENT, NULL),
    CATALOGUE("benefits", TR("What the company gains"), FORM_BENEFITS),
    CATALOGUE("potentials", TR("Potentials it puts to work"), FORM_POTENTIALS),
    REF("driver", TR("Shared driver of the benefit"), OBJECT_DRIVER,
        TR("Benefits with the same driver rise and fall together in the simulation.")),
    REFS("prerequisites", TR("Prerequisites"), OBJECT_PREREQUISITE, NULL),
    REFS("requires", TR("Needs these options"), OBJECT_OPTION, NULL),
    REFS("excludes", TR("Excludes these options"), OBJECT_OPTION, NULL),
    BOOL("must", TR("Has to be part of every alternative"), NULL),
    BOOL("must_not", TR("May not be part of any alternative"), NULL),
    BOOL("is_growth", TR("Counts for growth"), NULL),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct field_spec driver_fields[] = {
    TEXT("name", TR("Name"), NULL),
    NUMBER("sd", TR("Spread, 0 to 0.5"), TR("Standard deviation around 1: 0.1 is ten percent.")),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_OPTION, TR("Add an option"), TR("Option"), "options", "options", 5, option_fields,
     FORM_ID_NAME, NULL},
    {OBJECT_DRIVER, TR("Add a driver"), TR("Shared driver of the benefit"), "options", "options", 5,
     driver_fields, FORM_ID_NAME, NULL},
};
const struct object_form_list object_form_option = {specs, COUNT_OF(specs)};
