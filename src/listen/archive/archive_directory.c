/* Where a post is: asked for every post that arrives, so it lives in memory. */
#include "base/mem.h"
#include "listen/archive/archive_priv.h"

#define DIRECTORY_SLOTS_MIN ((size_t)1 << 12)
#define DIRECTORY_SLOTS_MAX ((size_t)1 << 32) /* reject */

static uint64_t key_of(uint64_t identity)
{
    return identity != 0 ? identity : 1;
}

static void columns_free(struct directory *d)
{
    mem_free(d->keys);
    mem_free(d->rows);
    mem_free(d->segments);
}

void directory_deinit(struct directory *d)
{
    columns_free(d);
    *d = (struct directory){0};
}

static size_t slot_find(const struct directory *d, uint64_t key)
{
    size_t at = (size_t)(key >> 16) & (d->capacity - 1);

    while (d->keys[at] != 0 && d->keys[at] != key)
        at = (at + 1) & (d->capacity - 1);
    return at;
}

struct place directory_get(const struct directory *d, uint64_t identity)
{
    struct place place = {.segment = DIRECTORY_NONE};

    if (d->capacity == 0)
        return place;
    size_t at = slot_find(d, key_of(identity));
    if (d->keys[at] == 0)
        return place;
    place.is_tombstone = (d->segments[at] & DIRECTORY_TOMBSTONE) != 0;
    place.segment = d->segments[at] & ~DIRECTORY_TOMBSTONE;
    place.row = d->rows[at];
    return place;
}

static bool directory_grow(struct directory *d, struct err *err)
{
    struct directory larger = {
        .count = d->count, .capacity = d->capacity == 0 ? DIRECTORY_SLOTS_MIN : d->capacity * 2};

    if (larger.capacity > DIRECTORY_SLOTS_MAX)
        return err_set(err, ERR_LIMIT, "the archive holds too many posts for its directory");
    larger.keys = mem_try_alloc(larger.capacity, sizeof *larger.keys);
    larger.rows = mem_try_alloc(larger.capacity, sizeof *larger.rows);
    larger.segments = mem_try_alloc(larger.capacity, sizeof *larger.segments);
    if (!larger.keys || !larger.rows || !larger.segments) {
        columns_free(&larger);
        return err_set(err, ERR_NO_MEMORY, "no memory for the directory of the archive");
    }
    for (size_t i = 0; i < d->capacity; i++) {
        if (d->keys[i] == 0)
            continue;
        size_t at = slot_find(&larger, d->keys[i]);
        larger.keys[at] = d->keys[i];
        larger.rows[at] = d->rows[i];
        larger.segments[at] = d->segments[i];
    }
    columns_free(d);
    *d = larger;
    return true;
}

bool directory_put(struct directory *d, uint64_t identity, struct place place, bool only_new,
                   struct err *err)
{
    ASSERT(place.segment >= 0 && place.segment < DIRECTORY_TOMBSTONE && place.row > 0);
    if (place.row > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "a month of the archive holds more than %lld posts",
                       (long long)UINT32_MAX);
    if (d->count * 4 >= d->capacity * 3 && !directory_grow(d, err))
        return false;
    uint64_t key = key_of(identity);
    size_t at = slot_find(d, key);
    if (d->keys[at] != 0 && only_new)
        return true;
    d->count += d->keys[at] == 0 ? 1 : 0;
    d->keys[at] = key;
    d->rows[at] = (uint32_t)place.row;
    d->segments[at] = (uint16_t)(place.segment + (place.is_tombstone ? DIRECTORY_TOMBSTONE : 0));
    return true;
}
