/* worksheet_objects.c - the tables of segments, needs, channels' tasks and resources (step 1). */
#include <math.h>

#include "strategy/model/object_table.h"

WORDS(segment_fit_kind, [FIT_COMPATIBLE] = "compatible", [FIT_CONDITIONAL] = "conditional",
      [FIT_INCOMPATIBLE] = "incompatible");
WORDS(need_kind, [ELEMENT_NEED_ECONOMIC] = "economic", [ELEMENT_NEED_PERSONAL] = "personal",
      [ELEMENT_NEED_FUNCTIONAL] = "functional", [ELEMENT_NEED_SOCIAL] = "social");
WORDS(channel_function, [CHANNEL_COMMUNICATION] = "communication", [CHANNEL_SALES] = "sales",
      [CHANNEL_DISTRIBUTION] = "distribution");
WORDS(own_resource_kind, [OWN_STAFF] = "staff", [OWN_MONEY] = "money",
      [OWN_TECHNOLOGY] = "technology", [OWN_SKILL] = "skill", [OWN_CONTENT] = "content",
      [OWN_SOCIAL_MEDIA] = "social_media");

static const struct field fields_segment_fit[] = {
    {F(ID, segment_fit, id), NEEDED},
    {F(REF, segment_fit, first), .targets = TARGET(OBJECT_ELEMENT), NEEDED},
    {F(REF, segment_fit, second), .targets = TARGET(OBJECT_ELEMENT), NEEDED},
    {F(WORD, segment_fit, fit), .words = &words_segment_fit_kind},
    {F(TEXT, segment_fit, note)},
};
CHECK_HEAD(segment_fit);
const struct object_type object_segment_fit = {
    .record = RECORD(fields_segment_fit, segment_fit),
    .list = "segment_fits",
    .table = "strategy_segment_fit",
    .model_offset = offsetof(struct strategy_model, segment_fits),
};

static const struct field fields_element_need[] = {
    {F(ID, element_need, id), NEEDED},
    {F(REF, element_need, element), .targets = TARGET(OBJECT_ELEMENT), NEEDED},
    {F(WORD, element_need, kind), .words = &words_need_kind},
    {F(TEXT, element_need, text), NEEDED},
    {F(TEXT, element_need, today)},
    {F(TEXT, element_need, better_by)},
    {F(INTEGER, element_need, strength), RANGE(0, 4, 2)},
};
CHECK_HEAD(element_need);
const struct object_type object_need = {
    .record = RECORD(fields_element_need, element_need),
    .list = "needs",
    .table = "strategy_element_need",
    .label_offset = offsetof(struct element_need, text),
    .model_offset = offsetof(struct strategy_model, needs),
};

static const struct field fields_channel_task[] = {
    {F(ID, channel_task, id), NEEDED},
    {F(REF, channel_task, element), .targets = TARGET(OBJECT_ELEMENT), NEEDED},
    {F(WORD, channel_task, function), .words = &words_channel_function},
    {F(TEXT, channel_task, text), NEEDED},
    {F(TEXT, channel_task, adaptation)},
    {F(TEXT, channel_task, support)},
    {F(REFS, channel_task, goals), .targets = TARGET(OBJECT_GOAL)},
};
CHECK_HEAD(channel_task);
const struct object_type object_channel_task = {
    .record = RECORD(fields_channel_task, channel_task),
    .list = "channel_tasks",
    .table = "strategy_channel_task",
    .label_offset = offsetof(struct channel_task, text),
    .model_offset = offsetof(struct strategy_model, channel_tasks),
};

static const struct field fields_own_resource[] = {
    {F(ID, own_resource, id), NEEDED},
    {F(WORD, own_resource, kind), .words = &words_own_resource_kind},
    {F(TEXT, own_resource, name), NEEDED},
    {F(NUMBER, own_resource, amount), RANGE(0, 1e+15, NAN)},
    {F(TEXT, own_resource, unit)},
    {F(DATE, own_resource, from)},
    {F(DATE, own_resource, until)},
    {F(NUMBER, own_resource, secured), RANGE(0, 1e+15, NAN)},
    {F(TEXT, own_resource, owner)},
    {F(INTEGER, own_resource, reliability), RANGE(0, 4, 2)},
    {F(TEXT, own_resource, activity)},
    {F(TEXT, own_resource, purpose)},
};
CHECK_HEAD(own_resource);
const struct object_type object_own_resource = {
    .record = RECORD(fields_own_resource, own_resource),
    .list = "own_resources",
    .table = "strategy_own_resource",
    .label_offset = offsetof(struct own_resource, name),
    .model_offset = offsetof(struct strategy_model, own_resources),
};
