/* docset.h - sets of document numbers of one word run.
 *
 * A small set is a sorted list, a large one a bitmap over all documents of the run: whichever is
 * smaller, so that work follows the hits where hits are few and costs an instruction for 64
 * documents where they are many. Sets are immutable once built and live in an arena; operations may
 * return one of their operands.
 *
 * Threads: pure.
 */
#ifndef LISTEN_DOCSET_H
#define LISTEN_DOCSET_H

#include "base/arena.h"

struct docset {
    uint32_t universe; /* documents are 0 .. universe - 1 */
    uint32_t count;
    uint32_t *list; /* ascending; NULL: bits */
    uint64_t *bits; /* docset_words(universe) of them */
};

static inline size_t docset_words(uint32_t universe)
{
    return ((size_t)universe + 63) / 64;
}

/* Larger sets than this are bitmaps. */
static inline uint32_t docset_list_max(uint32_t universe)
{
    return universe / 32;
}

/* NULL: the arena is at its cap. All of these. */
const struct docset *docset_none(struct arena *a, uint32_t universe) MUST_CHECK;
const struct docset *docset_range(struct arena *a, uint32_t universe, uint32_t from,
                                  uint32_t to) MUST_CHECK;
/* Takes a list or bits (zeroed behind the universe) that live in the same arena. */
const struct docset *docset_of_list(struct arena *a, uint32_t universe, uint32_t *list,
                                    uint32_t count) MUST_CHECK;
const struct docset *docset_of_bits(struct arena *a, uint32_t universe, uint64_t *bits) MUST_CHECK;
const struct docset *docset_and(struct arena *a, const struct docset *x,
                                const struct docset *y) MUST_CHECK;
const struct docset *docset_or(struct arena *a, const struct docset *x,
                               const struct docset *y) MUST_CHECK;
const struct docset *docset_minus(struct arena *a, const struct docset *x,
                                  const struct docset *y) MUST_CHECK;

/* How many are set. The builtin is a call where the processor is not known to count. */
static inline uint32_t bits_count(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

static inline bool bits_have(const uint64_t *bits, uint32_t doc)
{
    return (bits[doc / 64] >> (doc % 64)) & 1;
}
static inline void bits_set(uint64_t *bits, uint32_t doc)
{
    bits[doc / 64] |= UINT64_C(1) << (doc % 64);
}

/* The members in a row, in the arena or those of the set. NULL: the arena is at its cap. */
const uint32_t *docset_members(const struct docset *s, struct arena *a) MUST_CHECK;

bool docset_has(const struct docset *s, uint32_t doc);
/* Members in [from, to). */
uint32_t docset_count_between(const struct docset *s, uint32_t from, uint32_t to);
/* Adds the members to the bits. */
void docset_add_to(const struct docset *s, uint64_t *bits);

/* Walks the members upwards or downwards:
 *     struct docset_iter it = docset_from(set, 0);
 *     for (uint32_t doc; docset_next(&it, &doc);) ...
 */
struct docset_iter {
    const struct docset *set;
    uint64_t word; /* members left of the word at hand */
    size_t at;     /* word of the bitmap, or place in the list */
};
struct docset_iter docset_from(const struct docset *s, uint32_t first);
bool docset_next(struct docset_iter *it, uint32_t *doc);
/* The largest member below `before`. */
bool docset_before(const struct docset *s, uint32_t before, uint32_t *doc);

#endif
