/* object_form_worksheet.c - the forms of the kinds in strategy/model/setup_objects.h and
 * worksheet_objects.h. */
#include "web/view/object_form_spec.h"

static const struct field_spec plan_fields[] = {
    TEXT("owner", TR("Owner"), NULL),
    TEXTS("participants", TR("Who takes part"), TR("One a line.")),
    DATE("from", TR("From"), NULL),
    DATE("until", TR("Until"), NULL),
    TEXTS("sources", TR("Sources"), TR("One a line.")),
    CHOICE("state", TR("State"), plan_state, NULL),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct field_spec source_fields[] = {
    TEXT("title", TR("Title"), NULL),
    TEXT("address", TR("Address or file"), NULL),
    DATE("date", TR("Date"), NULL),
    NUMBER("reliability", TR("Reliability 1 to 4"),
           TR("1 hearsay, 2 plausible, 3 supported, 4 verified.")),
    LONG("note", TR("Note"), NULL),
    END,
};

static const struct field_spec fit_fields[] = {
    REF("first", TR("Segment"), OBJECT_ELEMENT, NULL),
    REF("second", TR("Other segment"), OBJECT_ELEMENT, NULL),
    CHOICE("fit", TR("In one strategy"), segment_fit_kind, NULL),
    LONG("note", TR("Why, under which conditions"), NULL),
    END,
};

static const struct field_spec need_fields[] = {
    REF("element", TR("Element"), OBJECT_ELEMENT, NULL),
    CHOICE("kind", TR("Kind of need"), need_kind, NULL),
    LONG("text", TR("Need"), TR("What people want to achieve, feel or avoid.")),
    LONG("today", TR("How it is met today"), NULL),
    LONG("better_by", TR("How social media could meet it better"), NULL),
    NUMBER("strength", TR("Strength 0 to 4"), NULL),
    END,
};

static const struct field_spec task_fields[] = {
    REF("element", TR("Channel"), OBJECT_ELEMENT, NULL),
    CHOICE("function", TR("Function"), channel_function, NULL),
    LONG("text", TR("Task"), NULL),
    LONG("adaptation", TR("What changes in the channel"), NULL),
    LONG("support", TR("What social media does for it"), NULL),
    REFS("goals", TR("Goals it serves"), OBJECT_GOAL, NULL),
    END,
};

static const struct field_spec resource_fields[] = {
    TEXT("name", TR("Name"), NULL),
    CHOICE("kind", TR("Kind"), own_resource_kind, NULL),
    NUMBER("amount", TR("Amount"), NULL),
    TEXT("unit", TR("Unit"), NULL),
    NUMBER("secured", TR("Of it secured"), NULL),
    DATE("from", TR("From"), NULL),
    DATE("until", TR("Until"), NULL),
    TEXT("owner", TR("Owner"), NULL),
    NUMBER("reliability", TR("Reliability 0 to 4"), NULL),
    LONG("activity", TR("Which activity of users yields it"), TR("For social media resources.")),
    LONG("purpose", TR("What it is for"), NULL),
    END,
};

static const struct object_form_spec specs[] = {
    {OBJECT_PLAN_STEP, TR("Plan a step"), TR("Step of the plan"), "setup#plan", "setup", 0,
     plan_fields, FORM_ID_GIVEN, NULL},
    {OBJECT_SOURCE, TR("Add a source"), TR("Source"), "setup#sources", "setup", 0, source_fields,
     FORM_ID_NAME, NULL},
    {OBJECT_SEGMENT_FIT, TR("Judge two segments"), TR("Fit of two segments"), "worksheets#segments",
     "model", 1, fit_fields, FORM_ID_NAME, NULL},
    {OBJECT_NEED, TR("Add a need"), TR("Need"), "worksheets#needs", "model", 1, need_fields,
     FORM_ID_NAME, NULL},
    {OBJECT_CHANNEL_TASK, TR("Add a task of a channel"), TR("Task of a channel"),
     "worksheets#channels", "model", 1, task_fields, FORM_ID_NAME, NULL},
    {OBJECT_OWN_RESOURCE, TR("Add a resource"), TR("Resource"), "worksheets#resources", "model", 1,
     resource_fields, FORM_ID_NAME, NULL},
};
const struct object_form_list object_form_worksheet = {specs, COUNT_OF(specs)};
