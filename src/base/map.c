#include "base/map.h"

#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"

enum { SLOTS_MIN = 16 };

void map_init(struct map *m, enum map_keys keys, uint64_t seed)
{
    *m = (struct map){.seed = seed, .keys = keys};
    arena_init(&m->key_bytes, MAP_KEY_BYTES_MAX);
}

void map_deinit(struct map *m)
{
    mem_free(m->entries);
    mem_free(m->slots);
    arena_deinit(&m->key_bytes);
    *m = (struct map){.seed = m->seed, .keys = m->keys, .key_bytes = m->key_bytes};
}

void map_reset(struct map *m)
{
    m->count = 0;
    if (m->slots)
        memset(m->slots, 0, m->slot_count * sizeof *m->slots);
    arena_reset(&m->key_bytes);
}

/* An entry is looked at only where half of its hash is the same: it lies elsewhere in memory. */
static uint64_t slot_of(uint64_t hash, size_t index)
{
    return (hash & ~(uint64_t)UINT32_MAX) | ((uint32_t)index + 1);
}

static size_t slot_index(uint64_t slot)
{
    return (uint32_t)slot - 1;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find_slot(const struct map *m, Str key, uint64_t hash)
{
    size_t mask = m->slot_count - 1;
    size_t at = (size_t)hash & mask;

    for (uint64_t slot; (slot = m->slots[at]) != 0; at = (at + 1) & mask) {
        if ((slot ^ hash) >> 32 != 0)
            continue;
        const struct map_entry *entry = &m->entries[slot_index(slot)];
        if (entry->hash == hash && str_eq(entry->key, key))
            return at;
    }
    return at;
}

static bool grow(struct map *m)
{
    size_t slot_count = m->slot_count > 0 ? m->slot_count * 2 : SLOTS_MIN;
    size_t capacity = slot_count / 4 * 3;
    uint64_t *slots = mem_try_alloc(slot_count, sizeof *slots);
    struct map_entry *entries =
        slots ? mem_try_realloc(m->entries, capacity, sizeof *entries) : NULL;

    if (!entries) {
        mem_free(slots);
        return false;
    }
    mem_free(m->slots);
    m->slots = slots;
    m->slot_count = slot_count;
    m->entries = entries;
    m->capacity = capacity;
    for (size_t i = 0; i < m->count; i++) {
        size_t at = (size_t)entries[i].hash & (slot_count - 1);
        while (slots[at] != 0)
            at = (at + 1) & (slot_count - 1);
        slots[at] = slot_of(entries[i].hash, i);
    }
    return true;
}

uint64_t *map_get(const struct map *m, Str key)
{
    if (m->count == 0)
        return NULL;
    uint64_t slot = m->slots[find_slot(m, key, hash_bytes(key, m->seed))];
    return slot != 0 ? &m->entries[slot_index(slot)].value : NULL;
}

uint64_t *map_at(struct map *m, Str key, bool *is_new)
{
    uint64_t hash = hash_bytes(key, m->seed);
    size_t at = 0;

    if (m->slot_count > 0) {
        at = find_slot(m, key, hash);
        if (m->slots[at] != 0) {
            *is_new = false;
            return &m->entries[slot_index(m->slots[at])].value;
        }
    }
    if (m->count >= MAP_ENTRIES_MAX)
        return NULL;
    if (m->count == m->capacity) {
        if (!grow(m))
            return NULL;
        at = find_slot(m, key, hash);
    }
    if (m->keys == MAP_COPY_KEYS && !arena_try_str(&m->key_bytes, key, &key))
        return NULL;
    m->entries[m->count] = (struct map_entry){.key = key, .hash = hash};
    m->slots[at] = slot_of(hash, m->count++);
    *is_new = true;
    return &m->entries[m->count - 1].value;
}

bool map_put(struct map *m, Str key, uint64_t value)
{
    bool is_new;
    uint64_t *at = map_at(m, key, &is_new);

    if (!at)
        return false;
    *at = value;
    return true;
}
