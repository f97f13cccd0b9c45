/* Which segment holds a post: asked for every post that arrives, so it lives in memory. */
#include "base/mem.h"
#include "listen/archive_priv.h"

#define DIRECTORY_SLOTS_MIN ((size_t)1 << 12)
#define DIRECTORY_SLOTS_MAX ((size_t)1 << 32) /* reject */

/* A slot keeps the high 48 bits of an identity. Two posts that share those are one entry here; the
 * segment compares all 64, so the worst is that one of the two is looked for in the wrong month
 * when its time changes. */
static uint64_t tag_of(uint64_t value)
{
    return value & ~UINT64_C(0xffff);
}

void directory_deinit(struct directory *d)
{
    mem_free(d->slots);
    *d = (struct directory){0};
}

static size_t slot_find(const uint64_t *slots, size_t capacity, uint64_t tag)
{
    size_t at = (size_t)(tag >> 16) & (capacity - 1);

    while (slots[at] != 0 && tag_of(slots[at]) != tag)
        at = (at + 1) & (capacity - 1);
    return at;
}

int directory_get(const struct directory *d, uint64_t identity)
{
    if (d->capacity == 0)
        return DIRECTORY_NONE;
    return (int)(d->slots[slot_find(d->slots, d->capacity, tag_of(identity))] & 0xffff) - 1;
}

static bool directory_grow(struct directory *d, struct err *err)
{
    size_t capacity = d->capacity == 0 ? DIRECTORY_SLOTS_MIN : d->capacity * 2;

    if (capacity > DIRECTORY_SLOTS_MAX)
        return err_set(err, ERR_LIMIT, "the archive holds too many posts for its directory");
    uint64_t *slots = mem_try_alloc(capacity, sizeof *slots);
    if (!slots)
        return err_set(err, ERR_NO_MEMORY, "no memory for the directory of the archive");
    for (size_t i = 0; i < d->capacity; i++)
        if (d->slots[i] != 0)
            slots[slot_find(slots, capacity, tag_of(d->slots[i]))] = d->slots[i];
    mem_free(d->slots);
    d->slots = slots;
    d->capacity = capacity;
    return true;
}

bool directory_put(struct directory *d, uint64_t identity, int segment, bool only_new,
                   struct err *err)
{
    ASSERT(segment >= 0 && segment < 0xffff);
    if (d->count * 4 >= d->capacity * 3 && !directory_grow(d, err))
        return false;
    uint64_t *slot = &d->slots[slot_find(d->slots, d->capacity, tag_of(identity))];
    if (*slot != 0 && only_new)
        return true;
    d->count += *slot == 0 ? 1 : 0;
    *slot = tag_of(identity) | (uint64_t)(segment + 1);
    return true;
}
