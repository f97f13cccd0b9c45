/* map.h - a hash table from byte strings to 64-bit values.
 *
 * Open addressing with linear probing, at most 3/4 full, hash kept beside the key. Keys are copied
 * into the map unless it was made with MAP_BORROW_KEYS. Iteration order is insertion order, so that
 * output built from a map is the same every time. Values may carry an index into a vec, or a
 * pointer cast by the owner. Nothing is removed singly: maps here are built, used and dropped. Not
 * thread-safe while it changes; any number of readers when it does not.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

enum map_keys { MAP_COPY_KEYS, MAP_BORROW_KEYS };

struct map_entry {
    Str key;
    uint64_t hash;
    uint64_t value;
};

struct map {
    struct map_entry *entries; /* in insertion order */
    uint64_t *slots;           /* entry index + 1, over it half of the hash; 0 = free */
    size_t count, capacity, slot_count;
    uint64_t seed;
    enum map_keys keys;
    struct arena key_bytes;
};

void map_init(struct map *m, enum map_keys keys, uint64_t seed);
void map_deinit(struct map *m);
void map_reset(struct map *m);

/* NULL when absent; the pointer is valid until the next insertion. */
uint64_t *map_get(const struct map *m, Str key);
/* Finds or inserts (value 0). NULL: memory or MAP_ENTRIES_MAX reached. */
uint64_t *map_at(struct map *m, Str key, bool *is_new) MUST_CHECK;
bool map_put(struct map *m, Str key, uint64_t value) MUST_CHECK;

#endif
