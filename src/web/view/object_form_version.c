/* object_form_version.c - the forms of the kinds in strategy/model/version_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec limit_fields[] = {
    NUMBER("amount", TR("Limit"), NULL),
    NUMBER("secured", TR("Of it already granted"), NULL),
    END,
};

static const struct field_spec version_fields[] = {
    TEXT("name", TR("Name"), NULL),
    LONG("text", TR("The idea in a few sentences"), NULL),
    CHOICE("verdict", TR("Verdict"), verdict, NULL),
    LONG("verdict_reason", TR("Reason of the verdict"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_LIMIT, TR("Add a resource limit"), TR("Resource limit"), "versions", "versions", 6,
     limit_fields},
    {OBJECT_VERSION, TR("Add an alternative"), TR("Alternative"), "versions", "versions", 6,
     version_fields},
};
const struct object_form_list object_form_version = {specs, COUNT_OF(specs)};
