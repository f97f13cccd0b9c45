/* object_form_version.c - the forms of the kinds in strategy/model/version_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec limit_fields[] = {
    NUMBER("amount", TR("Limit"), NULL),
    NUMBER("secured", TR("Of it already granted"), NULL),
    END,
};

static const struct field_spec choice_columns[] = {
    REF("option", TR("Option"), OBJECT_OPTION, NULL),
    BOOL("is_chosen", TR("Chosen"), NULL),
    TEXT("reason", TR("Why, or why not"), NULL),
    END,
};
static const struct field_spec version_fields[] = {
    TEXT("name", TR("Name"), NULL),
    LONG("text", TR("The idea in a few sentences"), NULL),
    TEXT("focus", TR("Focus"), TR("What it puts first, in a word or two.")),
    REFS("topics", TR("Topics it works in"), OBJECT_TOPIC, NULL),
    TABLE("options", TR("Options"), choice_columns,
          TR("What is chosen, and what is left out, each with its reason.")),
    CHOICE("verdict", TR("Verdict"), verdict, NULL),
    LONG("verdict_reason", TR("Reason of the verdict"), NULL),
    END,
};

static const struct field_spec coverage_fields[] = {
    NUMBER("at_least", TR("Options that serve it, at least"), NULL),
    END,
};
static const struct field_spec waiver_fields[] = {
    LONG("reason", TR("Why the work goes on without it"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_LIMIT, TR("Add a resource limit"), TR("Resource limit"), "versions", "versions", 6,
     limit_fields, FORM_ID_TYPED, NULL},
    {OBJECT_VERSION, TR("Add an alternative"), TR("Alternative"), "versions", "versions", 6,
     version_fields, FORM_ID_NAME, NULL},
    {OBJECT_COVERAGE, TR("Cover a goal"), TR("Goal coverage"), "versions", "versions", 6,
     coverage_fields, FORM_ID_GIVEN, NULL},
    {OBJECT_WAIVER, TR("Waive a gate"), TR("Waived gate"), "decision#gates", "decision", 8,
     waiver_fields, FORM_ID_GIVEN, NULL},
};
const struct object_form_list object_form_version = {specs, COUNT_OF(specs)};
