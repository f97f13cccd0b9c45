/* vec.h - a growable array of one type.
 *
 *     struct { VEC(Str); } names = {0};
 *     vec_push(&names, S("ann"));
 *     vec_each(Str, name, &names) use(*name);
 *     vec_deinit(&names);
 *
 * Owned by the caller, not thread-safe, zero-initialised means empty. vec_push aborts when memory
 * runs out; vec_try_push returns false and is for counts that come from input (beside a named
 * limit). Growing moves the items: keep indices, not pointers.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

#define VEC(T)                                                                                     \
    T *items;                                                                                      \
    size_t count, capacity

#define vec_push(v, ...)                                                                           \
    (vec_reserve((v), (v)->count + 1), (void)((v)->items[(v)->count++] = (__VA_ARGS__)))
#define vec_try_push(v, ...)                                                                       \
    (vec_try_reserve((v), (v)->count + 1) ? ((v)->items[(v)->count++] = (__VA_ARGS__), true)       \
                                          : false)
#define vec_reserve(v, wanted)                                                                     \
    ((v)->capacity >= (wanted) ? (void)0                                                           \
                               : (void)((v)->items = vec_grow_((v)->items, &(v)->capacity,         \
                                                               (wanted), sizeof *(v)->items)))
#define vec_try_reserve(v, wanted)                                                                 \
    ((v)->capacity >= (wanted) ||                                                                  \
     vec_try_grow_((void **)&(v)->items, &(v)->capacity, (wanted), sizeof *(v)->items))
#define vec_reset(v)  ((void)((v)->count = 0))
#define vec_deinit(v) (mem_free((v)->items), (void)memset((v), 0, sizeof *(v)))
#define vec_each(T, item, v)                                                                       \
    for (T *item = (v)->items; item && item < (v)->items + (v)->count; item++)

void *vec_grow_(void *items, size_t *capacity, size_t wanted, size_t item_size);
bool vec_try_grow_(void **items, size_t *capacity, size_t wanted, size_t item_size);

#endif
