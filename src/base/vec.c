#include "base/vec.h"

enum { CAPACITY_MIN = 8 };

static size_t next_capacity(size_t capacity, size_t wanted)
{
    size_t next = capacity < CAPACITY_MIN ? CAPACITY_MIN : capacity + capacity / 2;

    return next < wanted ? wanted : next;
}

void *vec_grow_(void *items, size_t *capacity, size_t wanted, size_t item_size)
{
    *capacity = next_capacity(*capacity, wanted);
    return mem_realloc(items, *capacity, item_size);
}

bool vec_try_grow_(void **items, size_t *capacity, size_t wanted, size_t item_size)
{
    size_t next = next_capacity(*capacity, wanted);
    void *moved = mem_try_realloc(*items, next, item_size);

    if (!moved)
        return false;
    *items = moved;
    *capacity = next;
    return true;
}
