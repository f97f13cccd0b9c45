/* Fuzzy words by their deletions: two words within d edits (insert, delete, replace, swap of
 * neighbours) become equal when at most d characters are deleted from each (Garbe's symmetric
 * delete). Every fuzzy word is entered under the hashes of its deletions; a word of a post probes
 * its own deletions and what it finds is compared exactly. Long words are searched one by one. */
#include "listen/match_priv.h"
#include "listen/query_glob.h"

enum { INDEXED_RUNES_MAX = 24 };

struct fuzzy_slot {
    uint32_t hash;
    uint32_t pattern; /* index + 1; 0 = free */
};

struct visitor {
    void (*visit)(void *context, uint32_t hash);
    void *context;
};

static uint32_t step(uint32_t hash, uint32_t rune)
{
    return (hash ^ rune) * UINT32_C(0x9E3779B1) ^ hash >> 15;
}

static uint32_t finish(uint32_t hash, const uint32_t *runes, size_t from, size_t count, size_t skip)
{
    for (size_t i = from; i < count; i++)
        if (i != skip)
            hash = step(hash, runes[i]);
    return hash ^ hash >> 13;
}

/* Hashes of the word and of what is left after up to `max` (0 to 2) deletions. */
static void each_deletion(const uint32_t *runes, size_t count, unsigned max, struct visitor v)
{
    uint32_t prefix = 17;

    v.visit(v.context, finish(prefix, runes, 0, count, SIZE_MAX));
    for (size_t i = 0; i < count && max >= 1; i++) {
        uint32_t inner = prefix;
        v.visit(v.context, finish(prefix, runes, i + 1, count, SIZE_MAX));
        for (size_t j = i + 1; j < count && max >= 2; j++) {
            v.visit(v.context, finish(inner, runes, j + 1, count, SIZE_MAX));
            inner = step(inner, runes[j]);
        }
        prefix = step(prefix, runes[i]);
    }
}

/* False: longer than is indexed. */
static bool to_runes(Str word, uint32_t runes[INDEXED_RUNES_MAX + QUERY_FUZZY_MAX], size_t *count)
{
    *count = 0;
    for (size_t at = 0; at < word.len;) {
        if (*count == INDEXED_RUNES_MAX + QUERY_FUZZY_MAX)
            return false;
        runes[(*count)++] = str_next_rune(word, &at);
    }
    return true;
}

/* --- building --- */

struct entering {
    struct query_set *set;
    uint32_t pattern;
    size_t count;
};

static void count_entry(void *context, uint32_t hash)
{
    struct entering *e = context;

    (void)hash;
    e->count++;
}

static void enter(void *context, uint32_t hash)
{
    struct entering *e = context;
    size_t at = hash & e->set->fuzzy_mask;

    for (; e->set->fuzzy_slots[at].pattern != 0; at = (at + 1) & e->set->fuzzy_mask)
        if (e->set->fuzzy_slots[at].hash == hash &&
            e->set->fuzzy_slots[at].pattern == e->pattern + 1)
            return;
    e->set->fuzzy_slots[at] = (struct fuzzy_slot){hash, e->pattern + 1};
}

static bool is_indexed(const struct pattern *p)
{
    return p->rune_count <= INDEXED_RUNES_MAX;
}

static void each_entry(struct query_set *set, struct entering *e,
                       void (*visit)(void *context, uint32_t hash))
{
    uint32_t runes[INDEXED_RUNES_MAX + QUERY_FUZZY_MAX];
    size_t count;

    for (size_t i = set->wildcard_count; i < set->patterns.count; i++) {
        const struct pattern *p = &set->patterns.items[i];
        e->pattern = (uint32_t)i;
        if (is_indexed(p) && to_runes(match_key(set, p->key_at, p->key_len), runes, &count))
            each_deletion(runes, count, p->distance, (struct visitor){visit, e});
    }
}

bool match_fuzzy_build(struct query_set *set)
{
    struct entering e = {.set = set};
    size_t slots = 64;

    for (size_t i = set->wildcard_count; i < set->patterns.count; i++) {
        const struct pattern *p = &set->patterns.items[i];
        set->has_long_fuzzy = set->has_long_fuzzy || !is_indexed(p);
        set->fuzzy_max = p->distance > set->fuzzy_max ? p->distance : set->fuzzy_max;
    }
    each_entry(set, &e, count_entry);
    while (slots < e.count * 2)
        slots *= 2;
    set->fuzzy_slots = mem_try_alloc(slots, sizeof *set->fuzzy_slots);
    set->fuzzy_mask = slots - 1;
    if (set->fuzzy_slots)
        each_entry(set, &e, enter);
    return set->fuzzy_slots != NULL;
}

/* --- searching --- */

struct probing {
    const struct query_set *set;
    Str form;
    bool is_accented, is_sigil;
    void (*found)(void *context, uint32_t term);
    void *context;
};

static void compare(const struct probing *p, const struct pattern *pattern)
{
    if (pattern->is_accented == p->is_accented && pattern->is_sigil == p->is_sigil &&
        query_fuzzy_matches(match_key(p->set, pattern->key_at, pattern->key_len), p->form,
                            pattern->distance))
        p->found(p->context, pattern->term);
}

static void probe(void *context, uint32_t hash)
{
    const struct probing *p = context;
    const struct query_set *set = p->set;

    for (size_t at = hash & set->fuzzy_mask; set->fuzzy_slots[at].pattern != 0;
         at = (at + 1) & set->fuzzy_mask)
        if (set->fuzzy_slots[at].hash == hash)
            compare(p, &set->patterns.items[set->fuzzy_slots[at].pattern - 1]);
}

void match_fuzzy_search(const struct query_set *set, Str form, bool is_accented, bool is_sigil,
                        void (*found)(void *context, uint32_t term), void *context)
{
    struct probing p = {set, form, is_accented, is_sigil, found, context};
    uint32_t runes[INDEXED_RUNES_MAX + QUERY_FUZZY_MAX];
    size_t count;

    if (to_runes(form, runes, &count))
        each_deletion(runes, count, set->fuzzy_max, (struct visitor){probe, &p});
    for (size_t i = set->wildcard_count; set->has_long_fuzzy && i < set->patterns.count; i++)
        if (!is_indexed(&set->patterns.items[i]))
            compare(&p, &set->patterns.items[i]);
}
