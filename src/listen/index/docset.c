#include "listen/index/docset.h"

#include <string.h>

static struct docset *set_new(struct arena *a, uint32_t universe)
{
    struct docset *s = arena_try_new(a, struct docset, 1);

    if (s)
        s->universe = universe;
    return s;
}

static uint32_t *list_new(struct arena *a, size_t count)
{
    return arena_try_new(a, uint32_t, count + 1);
}

static uint64_t *bits_new(struct arena *a, uint32_t universe)
{
    return arena_try_new(a, uint64_t, docset_words(universe) + 1);
}

const struct docset *docset_of_list(struct arena *a, uint32_t universe, uint32_t *list,
                                    uint32_t count)
{
    struct docset *s = set_new(a, universe);

    if (s) {
        s->list = list;
        s->count = count;
    }
    return s;
}

const struct docset *docset_none(struct arena *a, uint32_t universe)
{
    uint32_t *list = list_new(a, 0);

    return list ? docset_of_list(a, universe, list, 0) : NULL;
}

static const struct docset *list_of_bits(struct arena *a, const struct docset *from)
{
    uint32_t *list = list_new(a, from->count), n = 0;

    if (!list)
        return NULL;
    for (size_t w = 0; w < docset_words(from->universe); w++)
        for (uint64_t word = from->bits[w]; word != 0; word &= word - 1)
            list[n++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(word);
    return docset_of_list(a, from->universe, list, n);
}

const uint32_t *docset_members(const struct docset *s, struct arena *a)
{
    const struct docset *listed = s->list ? s : list_of_bits(a, s);

    return listed ? listed->list : NULL;
}

const struct docset *docset_of_bits(struct arena *a, uint32_t universe, uint64_t *bits)
{
    struct docset *s = set_new(a, universe);
    uint32_t count = 0;

    if (!s)
        return NULL;
    for (size_t w = 0; w < docset_words(universe); w++)
        count += bits_count(bits[w]);
    s->bits = bits;
    s->count = count;
    return count <= docset_list_max(universe) ? list_of_bits(a, s) : s;
}

const struct docset *docset_range(struct arena *a, uint32_t universe, uint32_t from, uint32_t to)
{
    if (from >= to)
        return docset_none(a, universe);
    if (to - from <= docset_list_max(universe)) {
        uint32_t *list = list_new(a, to - from);
        if (!list)
            return NULL;
        for (uint32_t i = from; i < to; i++)
            list[i - from] = i;
        return docset_of_list(a, universe, list, to - from);
    }
    uint64_t *bits = bits_new(a, universe);
    if (!bits)
        return NULL;
    for (size_t w = from / 64; w <= (to - 1) / 64; w++)
        bits[w] = UINT64_MAX;
    bits[from / 64] &= UINT64_MAX << (from % 64);
    if (to % 64 != 0)
        bits[to / 64] &= (UINT64_C(1) << (to % 64)) - 1;
    return docset_of_bits(a, universe, bits);
}

/* ---- operations ------------------------------------------------------------------------------ */

static const struct docset *lists_and(struct arena *a, const struct docset *x,
                                      const struct docset *y)
{
    uint32_t *list = list_new(a, x->count < y->count ? x->count : y->count), n = 0;

    if (!list)
        return NULL;
    for (uint32_t i = 0, j = 0; i < x->count && j < y->count;) {
        uint32_t p = x->list[i], q = y->list[j];
        if (p == q)
            list[n++] = p;
        i += p <= q ? 1 : 0;
        j += q <= p ? 1 : 0;
    }
    return docset_of_list(a, x->universe, list, n);
}

/* The members of a list that the bitmap has (or has not). */
static const struct docset *list_filter(struct arena *a, const struct docset *list,
                                        const uint64_t *bits, bool wanted)
{
    uint32_t *out = list_new(a, list->count), n = 0;

    if (!out)
        return NULL;
    for (uint32_t i = 0; i < list->count; i++) {
        out[n] = list->list[i];
        n += bits_have(bits, list->list[i]) == wanted ? 1 : 0;
    }
    return docset_of_list(a, list->universe, out, n);
}

const struct docset *docset_and(struct arena *a, const struct docset *x, const struct docset *y)
{
    if (x->count == 0 || y->count == x->universe)
        return x;
    if (y->count == 0 || x->count == x->universe)
        return y;
    if (x->list && y->list)
        return lists_and(a, x, y);
    if (x->list)
        return list_filter(a, x, y->bits, true);
    if (y->list)
        return list_filter(a, y, x->bits, true);
    uint64_t *bits = bits_new(a, x->universe);
    if (!bits)
        return NULL;
    for (size_t w = 0; w < docset_words(x->universe); w++)
        bits[w] = x->bits[w] & y->bits[w];
    return docset_of_bits(a, x->universe, bits);
}

void docset_add_to(const struct docset *s, uint64_t *bits)
{
    if (s->list) {
        for (uint32_t i = 0; i < s->count; i++)
            bits_set(bits, s->list[i]);
        return;
    }
    for (size_t w = 0; w < docset_words(s->universe); w++)
        bits[w] |= s->bits[w];
}

static const struct docset *lists_or(struct arena *a, const struct docset *x,
                                     const struct docset *y)
{
    uint32_t *list = list_new(a, (size_t)x->count + y->count), n = 0, i = 0, j = 0;

    if (!list)
        return NULL;
    while (i < x->count && j < y->count) {
        uint32_t p = x->list[i], q = y->list[j];
        list[n++] = p < q ? p : q;
        i += p <= q ? 1 : 0;
        j += q <= p ? 1 : 0;
    }
    while (i < x->count)
        list[n++] = x->list[i++];
    while (j < y->count)
        list[n++] = y->list[j++];
    return docset_of_list(a, x->universe, list, n);
}

const struct docset *docset_or(struct arena *a, const struct docset *x, const struct docset *y)
{
    if (x->count == 0 || y->count == x->universe || x == y)
        return y;
    if (y->count == 0 || x->count == x->universe)
        return x;
    if (x->list && y->list && x->count + y->count <= docset_list_max(x->universe))
        return lists_or(a, x, y);
    uint64_t *bits = bits_new(a, x->universe);
    if (!bits)
        return NULL;
    docset_add_to(x, bits);
    docset_add_to(y, bits);
    return docset_of_bits(a, x->universe, bits);
}

static const struct docset *lists_minus(struct arena *a, const struct docset *x,
                                        const struct docset *y)
{
    uint32_t *list = list_new(a, x->count), n = 0;

    if (!list)
        return NULL;
    for (uint32_t i = 0, j = 0; i < x->count; i++) {
        while (j < y->count && y->list[j] < x->list[i])
            j++;
        if (j == y->count || y->list[j] != x->list[i])
            list[n++] = x->list[i];
    }
    return docset_of_list(a, x->universe, list, n);
}

const struct docset *docset_minus(struct arena *a, const struct docset *x, const struct docset *y)
{
    if (x->count == 0 || y->count == 0)
        return x;
    if (x == y)
        return docset_none(a, x->universe);
    if (x->list)
        return y->list ? lists_minus(a, x, y) : list_filter(a, x, y->bits, false);
    uint64_t *bits = bits_new(a, x->universe);
    if (!bits)
        return NULL;
    memcpy(bits, x->bits, docset_words(x->universe) * sizeof *bits);
    if (y->list)
        for (uint32_t i = 0; i < y->count; i++)
            bits[y->list[i] / 64] &= ~(UINT64_C(1) << (y->list[i] % 64));
    else
        for (size_t w = 0; w < docset_words(x->universe); w++)
            bits[w] &= ~y->bits[w];
    return docset_of_bits(a, x->universe, bits);
}

/* ---- looking --------------------------------------------------------------------------------- */

/* Members of the list below `doc`. */
static uint32_t list_lower(const struct docset *s, uint32_t doc)
{
    uint32_t low = 0, high = s->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->list[middle] < doc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool docset_has(const struct docset *s, uint32_t doc)
{
    if (!s->list)
        return bits_have(s->bits, doc);
    uint32_t at = list_lower(s, doc);
    return at < s->count && s->list[at] == doc;
}

uint32_t docset_count_between(const struct docset *s, uint32_t from, uint32_t to)
{
    uint32_t count = 0;

    if (from >= to)
        return 0;
    if (s->list)
        return list_lower(s, to) - list_lower(s, from);
    if (from / 64 == to / 64)
        return bits_count(s->bits[from / 64] & (UINT64_MAX << (from % 64)) &
                          ((UINT64_C(1) << (to % 64)) - 1));
    count += bits_count(s->bits[from / 64] & (UINT64_MAX << (from % 64)));
    for (size_t w = from / 64 + 1; w < to / 64; w++)
        count += bits_count(s->bits[w]);
    if (to % 64 != 0)
        count += bits_count(s->bits[to / 64] & ((UINT64_C(1) << (to % 64)) - 1));
    return count;
}

struct docset_iter docset_from(const struct docset *s, uint32_t first)
{
    struct docset_iter it = {.set = s};

    if (s->list) {
        it.at = list_lower(s, first);
    } else if (first < s->universe) {
        it.at = first / 64;
        it.word = s->bits[it.at] & (UINT64_MAX << (first % 64));
    } else {
        it.at = docset_words(s->universe);
    }
    return it;
}

bool docset_next(struct docset_iter *it, uint32_t *doc)
{
    const struct docset *s = it->set;

    if (s->list) {
        if (it->at >= s->count)
            return false;
        *doc = s->list[it->at++];
        return true;
    }
    size_t words = docset_words(s->universe);
    while (it->word == 0) {
        if (it->at + 1 >= words)
            return false;
        it->word = s->bits[++it->at];
    }
    *doc = (uint32_t)(it->at * 64) + (uint32_t)__builtin_ctzll(it->word);
    it->word &= it->word - 1;
    return true;
}

bool docset_before(const struct docset *s, uint32_t before, uint32_t *doc)
{
    if (before > s->universe)
        before = s->universe;
    if (s->list) {
        uint32_t at = list_lower(s, before);
        if (at > 0)
            *doc = s->list[at - 1];
        return at > 0;
    }
    if (before == 0)
        return false;
    size_t w = (before - 1) / 64;
    uint64_t word = s->bits[w];
    if (before % 64 != 0)
        word &= (UINT64_C(1) << (before % 64)) - 1;
    while (word == 0) {
        if (w == 0)
            return false;
        word = s->bits[--w];
    }
    *doc = (uint32_t)(w * 64) + 63 - (uint32_t)__builtin_clzll(word);
    return true;
}
