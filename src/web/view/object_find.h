/* object_find.h - the objects of one kind inside a model, whatever their type. */
#ifndef WEB_OBJECT_FIND_H
#define WEB_OBJECT_FIND_H

#include "strategy/model/model.h"

struct object_list {
    const void *items;
    size_t count, size; /* bytes of one */
};

struct object_list object_list_of(const struct strategy_model *model, enum object_kind kind);
const void *object_at(const struct object_list *list, size_t index);
/* NULL: there is none. */
const void *object_find(const struct strategy_model *model, enum object_kind kind, Str id);

#endif
