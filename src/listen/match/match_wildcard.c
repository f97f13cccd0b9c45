/* Wildcards by their head: the letters before the first * or ?, at least two (the grammar asks for
 * them), cut at WILDCARD_HEAD_BYTES. A word looks up its own beginnings, one for each length of
 * head that occurs; a filter of one bit per hash answers most of them. So the cost is that of a few
 * lengths, whatever the number of wildcards. */
#include <stdlib.h>
#include <string.h>

#include "listen/match/match_priv.h"
#include "listen/query/query_glob.h"

/* The first `len` bytes, padded with zeros. */
static inline uint64_t head_of(const char *from, size_t len)
{
    uint64_t head = 0;
    uint32_t low, high;

    if (len >= sizeof head) {
        memcpy(&head, from, sizeof head);
        return head;
    }
    if (len >= sizeof low && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
        memcpy(&low, from, sizeof low); /* the two overlap */
        memcpy(&high, from + len - sizeof high, sizeof high);
        return low | (uint64_t)high << (len - sizeof high) * 8;
    }
    for (size_t i = 0; i < len; i++)
        ((char *)&head)[i] = from[i];
    return head;
}

/* Keeps the first bytes as they lie in memory, whatever the byte order. */
static inline uint64_t cut(uint64_t head, size_t len)
{
    static const unsigned char ones[2 * WILDCARD_HEAD_BYTES] = {0xFF, 0xFF, 0xFF, 0xFF,
                                                                0xFF, 0xFF, 0xFF, 0xFF};
    uint64_t mask;

    memcpy(&mask, ones + WILDCARD_HEAD_BYTES - len, sizeof mask);
    return head & mask;
}

static inline uint64_t hash_of(uint64_t head)
{
    head *= UINT64_C(0x9E3779B97F4A7C15);
    return head ^ head >> 29;
}

static size_t head_len(Str key)
{
    size_t len = 0;

    while (len < key.len && len < WILDCARD_HEAD_BYTES && key.ptr[len] != '*' && key.ptr[len] != '?')
        len++;
    return len;
}

/* --- building --- */

struct headed {
    struct pattern pattern;
    uint64_t head;
    unsigned class;
};

static int compare_headed(const void *a, const void *b)
{
    const struct headed *x = a, *y = b;

    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    return x->pattern.term < y->pattern.term ? -1 : x->pattern.term > y->pattern.term;
}

static bool make_class(struct wildcard_index *index, unsigned class, size_t heads)
{
    size_t slots = 16;

    while (slots < heads * 2)
        slots *= 2;
    index->mask[class] = slots - 1;
    index->slots[class] = mem_try_alloc(slots, sizeof *index->slots[class]);
    return index->slots[class] && match_filter_init(&index->filter[class], heads);
}

static void enter(struct wildcard_index *index, const struct headed *first, uint32_t from,
                  uint32_t to, size_t len)
{
    unsigned class = first->class;
    uint64_t hash = hash_of(first->head), mask = index->mask[class];
    size_t at = hash >> 32 & mask;

    while (index->slots[class][at].first != index->slots[class][at].last)
        at = (at + 1) & mask;
    index->slots[class][at] = (struct wildcard_slot){first->head, from, to};
    match_filter_add(&index->filter[class], hash);
    index->lengths[class] |= UINT32_C(1) << len;
}

/* `sorted` has the wildcards by class and head; they become the first patterns of the set. */
static bool lay_classes(struct query_set *set, const struct headed *sorted, size_t count)
{
    struct wildcard_index *index = &set->wildcards;

    for (size_t from = 0; from < count;) {
        size_t to = from, heads = 0;
        for (; to < count && sorted[to].class == sorted[from].class; to++)
            heads += to == from || sorted[to].head != sorted[to - 1].head;
        if (!make_class(index, sorted[from].class, heads))
            return false;
        set->wildcard_classes |= 1u << sorted[from].class;
        while (from < to) {
            size_t end = from;
            while (end < to && sorted[end].head == sorted[from].head)
                end++;
            Str key = match_key(set, sorted[from].pattern.key_at, sorted[from].pattern.key_len);
            enter(index, &sorted[from], (uint32_t)from, (uint32_t)end, head_len(key));
            from = end;
        }
    }
    return true;
}

/* What a word can be refused by without comparing it. */
static void measure(struct pattern *pattern, Str key)
{
    size_t least = 0;

    for (size_t i = 0; i < key.len; i++)
        least += key.ptr[i] != '*'; /* a ? is at least one byte */
    char last = key.ptr[key.len - 1];
    pattern->least = (uint8_t)(least < 255 ? least : 255);
    pattern->last = last == '*' || last == '?' ? '\0' : last;
}

bool match_wildcard_build(struct query_set *set)
{
    size_t count = set->patterns.count, wildcards = 0, fuzzy = 0;
    struct headed *sorted = mem_try_alloc(count + 1, sizeof *sorted);

    if (!sorted)
        return false;
    vec_each (struct pattern, p, &set->patterns) {
        if (p->form != QUERY_PATTERN)
            continue;
        Str key = match_key(set, p->key_at, p->key_len);
        size_t len = head_len(key);
        struct headed *it = &sorted[wildcards++];
        *it = (struct headed){*p, head_of(key.ptr, len), match_class(p)};
        it->pattern.is_prefix = len + 1 == key.len && key.ptr[len] == '*';
        measure(&it->pattern, key);
    }
    set->wildcard_count = wildcards;
    if (wildcards > 1)
        qsort(sorted, wildcards, sizeof *sorted, compare_headed);
    for (size_t i = 0; i < count; i++) /* fuzzy words to the end, in their order */
        if (set->patterns.items[count - 1 - i].form != QUERY_PATTERN)
            set->patterns.items[count - 1 - fuzzy++] = set->patterns.items[count - 1 - i];
    for (size_t i = 0; i < wildcards; i++)
        set->patterns.items[i] = sorted[i].pattern;
    bool ok = lay_classes(set, sorted, wildcards);
    mem_free(sorted);
    return ok;
}

void match_wildcard_deinit(struct query_set *set)
{
    for (unsigned class = 0; class < PATTERN_CLASSES; class ++) {
        mem_free(set->wildcards.slots[class]);
        mem_free(set->wildcards.filter[class].words);
    }
}

/* --- searching --- */

/* The slot of the head, or false when the filter was wrong. */
static bool find_head(const struct wildcard_index *index, struct head_found *found)
{
    const struct wildcard_slot *slots = index->slots[found->class];

    for (; slots[found->slot].first != slots[found->slot].last;
         found->slot = (found->slot + 1) & (uint32_t)index->mask[found->class])
        if (slots[found->slot].head == found->head)
            return true;
    return false;
}

static void try_head(struct match_scratch *s, const struct head_found *found)
{
    const struct query_set *set = s->set;
    const struct wildcard_slot *slot = &set->wildcards.slots[found->class][found->slot];
    Str form = found->form;

    for (uint32_t i = slot->first; i < slot->last; i++) {
        const struct pattern *p = &set->patterns.items[i];
        if (form.len < p->least || (p->last != '\0' && form.ptr[form.len - 1] != p->last))
            continue;
        if (p->is_prefix || query_glob_matches(match_key(set, p->key_at, p->key_len), form))
            match_add_hit(s, p->term, found->unit);
    }
}

void match_wildcard_gather(struct match_scratch *s, Str form, unsigned class, uint32_t unit)
{
    const struct wildcard_index *index = &s->set->wildcards;
    uint32_t lengths = index->lengths[class];

    uint64_t whole = head_of(form.ptr, form.len), mask = index->mask[class];
    for (; lengths != 0; lengths &= lengths - 1) {
        size_t len = (size_t)__builtin_ctz(lengths);
        if (len > form.len)
            return;
        uint64_t head = cut(whole, len), hash = hash_of(head);
        if (!match_filter_has(&index->filter[class], hash))
            continue;
        struct head_found found = {head, form, (uint32_t)(hash >> 32 & mask), unit, class};
        __builtin_prefetch(&index->slots[class][found.slot]);
        if (!vec_try_push(&s->heads, found))
            s->is_failed = true;
    }
}

void match_wildcard_settle(struct match_scratch *s)
{
    const struct wildcard_index *index = &s->set->wildcards;
    size_t kept = 0;

    for (size_t i = 0; i < s->heads.count; i++) {
        struct head_found found = s->heads.items[i];
        if (!find_head(index, &found))
            continue;
        __builtin_prefetch(&s->set->patterns.items[index->slots[found.class][found.slot].first]);
        s->heads.items[kept++] = found;
    }
    for (size_t i = 0; i < kept; i++)
        try_head(s, &s->heads.items[i]);
    s->heads.count = 0;
}
