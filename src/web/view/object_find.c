#include "web/view/object_find.h"

#include "strategy/model/object.h"

#define LIST(kind, list)                                                                           \
    case kind:                                                                                     \
        return (struct object_list)                                                                \
        {                                                                                          \
            model->list.items, model->list.count, sizeof *model->list.items                        \
        }

struct object_list object_list_of(const struct strategy_model *model, enum object_kind kind)
{
    switch (kind) {
        LIST(OBJECT_COMPANY, companies);
        LIST(OBJECT_TEAM_MEMBER, team);
        LIST(OBJECT_ELEMENT, elements);
        LIST(OBJECT_CHANGE_NOTE, change_notes);
        LIST(OBJECT_GOAL, goals);
        LIST(OBJECT_COMPETITOR, competitors);
        LIST(OBJECT_TOPIC, topics);
        LIST(OBJECT_ACTIVITY, activities);
        LIST(OBJECT_POTENTIAL, potentials);
        LIST(OBJECT_ASSUMPTION, assumptions);
        LIST(OBJECT_PREREQUISITE, prerequisites);
        LIST(OBJECT_FRAMEWORK_CONDITION, framework_conditions);
        LIST(OBJECT_DRIVER, drivers);
        LIST(OBJECT_OPTION, options);
        LIST(OBJECT_LIMIT, limits);
        LIST(OBJECT_COVERAGE, coverage);
        LIST(OBJECT_VERSION, versions);
        LIST(OBJECT_WAIVER, waivers);
    case OBJECT_KIND_COUNT:
        break;
    }
    UNREACHABLE("every kind has a list");
}

const void *object_at(const struct object_list *list, size_t index)
{
    ASSERT(index < list->count);
    return (const char *)list->items + index * list->size;
}

const void *object_find(const struct strategy_model *model, enum object_kind kind, Str id)
{
    struct object_list list = object_list_of(model, kind);

    for (size_t i = 0; i < list.count; i++)
        if (str_eq(object_id(object_at(&list, i)), id))
            return object_at(&list, i);
    return NULL;
}
