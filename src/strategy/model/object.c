/* object.c - the kinds, and what is alike in all of them. */
#include <string.h>

#include "strategy/model/object_table.h"

static const struct object_type *const types[OBJECT_KIND_COUNT] = {
    [OBJECT_COMPANY] = &object_company,
    [OBJECT_TEAM_MEMBER] = &object_team_member,
    [OBJECT_ELEMENT] = &object_element,
    [OBJECT_CHANGE_NOTE] = &object_change_note,
    [OBJECT_GOAL] = &object_goal,
    [OBJECT_COMPETITOR] = &object_competitor,
    [OBJECT_TOPIC] = &object_topic,
    [OBJECT_ACTIVITY] = &object_activity,
    [OBJECT_POTENTIAL] = &object_potential,
    [OBJECT_ASSUMPTION] = &object_assumption,
    [OBJECT_PREREQUISITE] = &object_prerequisite,
    [OBJECT_FRAMEWORK_CONDITION] = &object_framework_condition,
    [OBJECT_DRIVER] = &object_driver,
    [OBJECT_OPTION] = &object_option,
    [OBJECT_LIMIT] = &object_limit,
    [OBJECT_COVERAGE] = &object_coverage,
    [OBJECT_VERSION] = &object_version,
    [OBJECT_WAIVER] = &object_waiver,
};

const struct object_type *object_type(enum object_kind kind)
{
    ASSERT(kind < OBJECT_KIND_COUNT);
    return types[kind];
}

struct any_list model_list(const struct strategy_model *model, enum object_kind kind)
{
    struct any_list list;

    memcpy(&list, (const char *)model + object_type(kind)->model_offset, sizeof list);
    return list;
}

void model_set_list(struct strategy_model *model, enum object_kind kind, struct any_list list)
{
    memcpy((char *)model + object_type(kind)->model_offset, &list, sizeof list);
}

Str object_id(const void *object)
{
    Str id;

    memcpy(&id, object, sizeof id);
    return id;
}

int64_t object_revision(const void *object)
{
    int64_t revision;

    memcpy(&revision, (const char *)object + sizeof(Str), sizeof revision);
    return revision;
}

void object_set_revision(void *object, int64_t revision)
{
    memcpy((char *)object + sizeof(Str), &revision, sizeof revision);
}

const void *model_find(const struct strategy_model *model, enum object_kind kind, Str id)
{
    struct any_list list = model_list(model, kind);

    for (size_t i = 0; i < list.count; i++) {
        const void *object = (const char *)list.items + i * object_type(kind)->record.size;
        if (str_eq(object_id(object), id))
            return object;
    }
    return NULL;
}
