/* Fuzzy words by their deletions: two words within d edits (insert, delete, replace, swap of
 * neighbours) become equal when at most d characters are deleted from each (Garbe's symmetric
 * delete). Every fuzzy word is entered under the hashes of its deletions; a word of a post probes
 * its own deletions, which a filter mostly answers, and what it finds is
 * compared exactly, each fuzzy word once. The hash is a polynomial, so that each deletion takes one
 * step. A deletion leaves one end of the word as it is, so a word whose first and last letters
 * begin and end no fuzzy word need not be tried at all. Long words are searched one by one. */
#include <string.h>

#include "listen/match/match_priv.h"
#include "listen/query/query_glob.h"

enum { END_RUNES = 4, INDEXED_RUNES_MAX = 24, RUNES_MAX = INDEXED_RUNES_MAX + QUERY_FUZZY_MAX };

struct fuzzy_slot {
    uint32_t hash;
    uint32_t word; /* index + 1; 0 = free */
};

struct fuzzy_word {
    uint32_t term;
    uint32_t first_rune, rune_count; /* in runes; 0: too long to be indexed */
    uint8_t distance, class;
};

struct fuzzy_index {
    struct fuzzy_slot *slots;
    struct match_filter filter; /* of the hashes */
    struct match_filter ends;   /* of the first and last END_RUNES of what the hashes stand for */
    uint32_t mask;
    struct fuzzy_word *words; /* in the order of the set's patterns behind the wildcards */
    uint32_t *runes;
    size_t count, rune_count;
    unsigned
        distance_max[PATTERN_CLASSES]; /* most edits of any word of the class; 0: there is none */
    size_t shortest, longest;          /* runes of the indexed words, over all classes */
    bool has_long;
};

/* --- deletions --- */

#define BASE UINT64_C(0xD6E8FEB86659FD93) /* odd */

static inline uint32_t finish(uint64_t sum)
{
    sum ^= sum >> 32;
    return (uint32_t)(sum * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

struct deletions {
    uint32_t hashes[1 + RUNES_MAX + RUNES_MAX * (RUNES_MAX - 1) / 2];
    size_t count;
};

/* Sums up to each rune when none, one or two were deleted before it: a word is the sum of rune k
 * times BASE^k, and behind a deletion all powers are one less. */
struct sums {
    uint64_t plain[RUNES_MAX + 1], once[RUNES_MAX + 1], twice[RUNES_MAX + 1];
};

static void make_sums(const uint32_t *runes, size_t count, unsigned max, struct sums *out)
{
    uint64_t power = 1, below = 0, far_below = 0; /* BASE^k, BASE^(k-1), BASE^(k-2) */

    out->plain[0] = out->once[0] = out->twice[0] = 0;
    for (size_t k = 0; k < count; k++) {
        out->plain[k + 1] = out->plain[k] + runes[k] * power;
        out->once[k + 1] = out->once[k] + runes[k] * below;
        if (max > 1)
            out->twice[k + 1] = out->twice[k] + runes[k] * far_below;
        far_below = below;
        below = power;
        power *= BASE;
    }
}

/* Hashes of the word and of what is left after up to `max` (0 to 2) deletions. */
static void make_deletions(const uint32_t *runes, size_t count, unsigned max, struct deletions *out)
{
    struct sums sums;
    const uint64_t *plain = sums.plain, *once = sums.once, *twice = sums.twice;

    make_sums(runes, count, max, &sums);
    out->count = 0;
    out->hashes[out->count++] = finish(plain[count]);
    for (size_t i = 0; i < count && max >= 1; i++)
        out->hashes[out->count++] = finish(plain[i] + once[count] - once[i + 1]);
    for (size_t i = 0; i < count && max >= 2; i++)
        for (size_t j = i + 1; j < count; j++)
            out->hashes[out->count++] =
                finish(plain[i] + once[j] - once[i + 1] + twice[count] - twice[j + 1]);
}

/* What of a word's deletions may be known: those of one rune in [from, to) and, where `has_whole`,
 * the word itself. */
struct range {
    size_t from, to;
    bool has_whole;
};

static uint32_t hash_end(const uint32_t *runes, bool is_first)
{
    uint64_t sum = is_first ? 1 : 2;

    for (size_t k = 0; k < END_RUNES; k++)
        sum = sum * BASE + runes[k];
    return finish(sum);
}

/* Deletions behind the first runes keep those, deletions before the last ones keep those. */
static struct range possible_deletions(const struct match_filter *ends, const uint32_t *first,
                                       const uint32_t *last, size_t count)
{
    bool has_first = match_filter_has(ends, hash_end(first, true));
    bool has_last = match_filter_has(ends, hash_end(last, false));

    return (struct range){has_last ? 0 : count - END_RUNES, has_first ? count : END_RUNES,
                          has_first && has_last};
}

static void make_some_deletions(const uint32_t *runes, size_t count, struct range range,
                                struct deletions *out)
{
    struct sums sums;

    out->count = 0;
    make_sums(runes, count, 1, &sums);
    if (range.has_whole)
        out->hashes[out->count++] = finish(sums.plain[count]);
    for (size_t i = range.from; i < range.to; i++)
        out->hashes[out->count++] = finish(sums.plain[i] + sums.once[count] - sums.once[i + 1]);
}

static bool is_ascii(Str word)
{
    uint64_t bytes, high = 0;
    size_t at = 0;

    for (; at + sizeof bytes <= word.len; at += sizeof bytes) {
        memcpy(&bytes, word.ptr + at, sizeof bytes);
        high |= bytes;
    }
    for (; at < word.len; at++)
        high |= (unsigned char)word.ptr[at];
    return (high & UINT64_C(0x8080808080808080)) == 0;
}

static void widen(const char *from, size_t count, uint32_t *runes)
{
    for (size_t i = 0; i < count; i++)
        runes[i] = (unsigned char)from[i];
}

/* False: more than RUNES_MAX. */
static bool to_runes(Str word, uint32_t *runes, size_t *count)
{
    *count = 0;
    for (size_t at = 0; at < word.len;) {
        if (*count == RUNES_MAX)
            return false;
        runes[(*count)++] = str_next_rune(word, &at);
    }
    return true;
}

/* --- building --- */

static void enter(struct fuzzy_index *index, size_t word, uint32_t hash)
{
    size_t at = hash & index->mask;

    for (; index->slots[at].word != 0; at = (at + 1) & index->mask)
        if (index->slots[at].hash == hash && index->slots[at].word == word + 1)
            return; /* double letters give the same deletion twice */
    index->slots[at] = (struct fuzzy_slot){hash, (uint32_t)word + 1};
    match_filter_add(&index->filter, hash);
}

/* First and last runes of the word and of what is left after one deletion. */
static void enter_ends(struct match_filter *ends, const uint32_t *runes, size_t count)
{
    uint32_t left[INDEXED_RUNES_MAX];

    if (count < END_RUNES + 1)
        return; /* only words of twice as many runes look here */
    for (size_t skip = 0; skip <= count; skip++) {
        size_t kept = 0;
        for (size_t k = 0; k < count; k++)
            if (k != skip)
                left[kept++] = runes[k];
        match_filter_add(ends, hash_end(left, true));
        match_filter_add(ends, hash_end(left + kept - END_RUNES, false));
    }
}

/* Fills words and runes; gives how many deletions there are at most. */
static size_t take_words(struct query_set *set, struct fuzzy_index *index)
{
    size_t deletions = 0;

    index->shortest = SIZE_MAX;
    for (size_t i = 0; i < index->count; i++) {
        const struct pattern *p = &set->patterns.items[set->wildcard_count + i];
        struct fuzzy_word *word = &index->words[i];
        uint32_t runes[RUNES_MAX];
        size_t n;
        *word = (struct fuzzy_word){
            .term = p->term, .distance = p->distance, .class = (uint8_t)match_class(p)};
        set->fuzzy_classes |= 1u << word->class;
        if (p->distance > index->distance_max[word->class])
            index->distance_max[word->class] = p->distance;
        if (!to_runes(match_key(set, p->key_at, p->key_len), runes, &n) || n > INDEXED_RUNES_MAX) {
            index->has_long = true;
            continue;
        }
        word->first_rune = (uint32_t)index->rune_count;
        word->rune_count = (uint32_t)n;
        memcpy(index->runes + index->rune_count, runes, n * sizeof *runes);
        index->rune_count += n;
        index->shortest = n < index->shortest ? n : index->shortest;
        index->longest = n > index->longest ? n : index->longest;
        deletions += 1 + n + (p->distance > 1 ? n * (n - 1) / 2 : 0);
    }
    return deletions;
}

static bool lay_index(struct query_set *set, struct fuzzy_index *index)
{
    struct deletions deletions;
    size_t slots = 64;

    index->words = mem_try_alloc(index->count, sizeof *index->words);
    index->runes = mem_try_alloc(index->count, INDEXED_RUNES_MAX * sizeof *index->runes);
    if (!index->words || !index->runes)
        return false;
    size_t most = take_words(set, index);
    while (slots < most * 2 && slots <= UINT32_MAX / 16)
        slots *= 2;
    if (slots < most + most / 4)
        return false; /* hundreds of millions of deletions */
    index->mask = (uint32_t)slots - 1;
    index->slots = mem_try_alloc(slots, sizeof *index->slots);
    if (!index->slots || !match_filter_init(&index->filter, most) ||
        !match_filter_init(&index->ends, index->count * 4 * END_RUNES))
        return false;
    for (size_t i = 0; i < index->count; i++) {
        const struct fuzzy_word *word = &index->words[i];
        if (word->rune_count == 0)
            continue;
        make_deletions(index->runes + word->first_rune, word->rune_count, word->distance,
                       &deletions);
        for (size_t k = 0; k < deletions.count; k++)
            enter(index, i, deletions.hashes[k]);
        enter_ends(&index->ends, index->runes + word->first_rune, word->rune_count);
    }
    return true;
}

bool match_fuzzy_build(struct query_set *set)
{
    size_t count = set->patterns.count - set->wildcard_count;

    if (count == 0)
        return true;
    set->fuzzy = mem_try_alloc(1, sizeof *set->fuzzy);
    if (!set->fuzzy)
        return false;
    set->fuzzy->count = count;
    return lay_index(set, set->fuzzy);
}

void match_fuzzy_deinit(struct query_set *set)
{
    if (!set->fuzzy)
        return;
    mem_free(set->fuzzy->slots);
    mem_free(set->fuzzy->filter.words);
    mem_free(set->fuzzy->ends.words);
    mem_free(set->fuzzy->words);
    mem_free(set->fuzzy->runes);
    mem_free(set->fuzzy);
}

size_t match_fuzzy_bytes(const struct query_set *set)
{
    const struct fuzzy_index *index = set->fuzzy;

    return index ? ((size_t)index->mask + 1) * (sizeof *index->slots + 1) +
                       index->count * (sizeof *index->words + INDEXED_RUNES_MAX * 4)
                 : 0;
}

/* --- comparing --- */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/* Edits (insert, delete, replace, swap of neighbours) at most `max`, 1 or 2? Equal ends do not
 * matter; what is left is compared in full, at most RUNES_MAX each. */
static bool is_within(const uint32_t *a, size_t n, const uint32_t *b, size_t m, unsigned max)
{
    unsigned rows[3][RUNES_MAX + 1];

    if (n > m + max || m > n + max)
        return false;
    while (n > 0 && m > 0 && *a == *b)
        a++, b++, n--, m--;
    while (n > 0 && m > 0 && a[n - 1] == b[m - 1])
        n--, m--;
    if (n + m <= 1 || (n == 1 && m == 1))
        return true;
    if (max == 1)
        return n == 2 && m == 2 && a[0] == b[1] && a[1] == b[0];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                two[j - 2] + 1 < row[j])
                row[j] = two[j - 2] + 1;
        }
    }
    return rows[n % 3][m] <= max;
}

/* --- searching --- */

struct sought {
    uint32_t runes[RUNES_MAX];
    size_t count;
    unsigned class;
    uint32_t unit;
};

static void probe(struct match_scratch *s, const struct sought *sought, uint32_t hash)
{
    const struct fuzzy_index *index = s->set->fuzzy;

    for (size_t at = hash & index->mask; index->slots[at].word != 0; at = (at + 1) & index->mask) {
        uint32_t which = index->slots[at].word - 1;
        if (index->slots[at].hash != hash || s->fuzzy_seen[which] == s->fuzzy_search)
            continue;
        const struct fuzzy_word *word = &index->words[which];
        s->fuzzy_seen[which] = s->fuzzy_search;
        if (word->class == sought->class &&
            is_within(index->runes + word->first_rune, word->rune_count, sought->runes,
                      sought->count, word->distance))
            match_add_hit(s, word->term, sought->unit);
    }
}

static void search_long(struct match_scratch *s, Str form, unsigned class, uint32_t unit)
{
    const struct query_set *set = s->set;

    for (size_t i = 0; i < set->fuzzy->count; i++) {
        const struct fuzzy_word *word = &set->fuzzy->words[i];
        const struct pattern *p = &set->patterns.items[set->wildcard_count + i];
        if (word->rune_count == 0 && word->class == class &&
            query_fuzzy_matches(match_key(set, p->key_at, p->key_len), form, p->distance))
            match_add_hit(s, p->term, unit);
    }
}

/* Could a word of so many runes be near to one of the index? */
static bool is_near_length(const struct fuzzy_index *index, size_t count, unsigned max)
{
    return count <= index->longest + max && count + max >= index->shortest;
}

/* Fills in the runes and which deletions are to be tried; false: none. The ends of a plain word are
 * looked at before the rest is. */
static bool prepare(const struct fuzzy_index *index, Str form, unsigned max, struct sought *sought,
                    struct range *range)
{
    uint32_t first[END_RUNES], last[END_RUNES];
    bool has_ends = max == 1 && form.len >= 2 * END_RUNES;

    if (is_ascii(form)) {
        sought->count = form.len;
        *range = (struct range){0, form.len, true};
        if (!is_near_length(index, form.len, max) || form.len > RUNES_MAX)
            return false;
        if (has_ends) {
            widen(form.ptr, END_RUNES, first);
            widen(form.ptr + form.len - END_RUNES, END_RUNES, last);
            *range = possible_deletions(&index->ends, first, last, form.len);
        }
        if (range->from < range->to)
            widen(form.ptr, form.len, sought->runes);
        return range->from < range->to;
    }
    if (!to_runes(form, sought->runes, &sought->count) ||
        !is_near_length(index, sought->count, max))
        return false;
    *range = (struct range){0, sought->count, true};
    if (max == 1 && sought->count >= 2 * END_RUNES)
        *range = possible_deletions(&index->ends, sought->runes,
                                    sought->runes + sought->count - END_RUNES, sought->count);
    return range->from < range->to;
}

void match_fuzzy_search(struct match_scratch *s, Str form, unsigned class, uint32_t unit)
{
    const struct fuzzy_index *index = s->set->fuzzy;
    unsigned max = index->distance_max[class];
    struct deletions deletions;
    struct sought sought; /* large, so filled below and not zeroed first */
    struct range range;
    size_t passed = 0;

    sought.class = class;
    sought.unit = unit;
    if (index->has_long)
        search_long(s, form, class, unit);
    if (!prepare(index, form, max, &sought, &range))
        return;
    if (++s->fuzzy_search == 0) { /* wrapped: no old number may look new */
        memset(s->fuzzy_seen, 0, index->count * sizeof *s->fuzzy_seen);
        s->fuzzy_search = 1;
    }
    if (max == 1)
        make_some_deletions(sought.runes, sought.count, range, &deletions);
    else
        make_deletions(sought.runes, sought.count, max, &deletions);
    for (size_t i = 0; i < deletions.count; i++) {
        uint32_t hash = deletions.hashes[i];
        if (!match_filter_has(&index->filter, hash))
            continue;
        __builtin_prefetch(&index->slots[hash & index->mask]);
        deletions.hashes[passed++] = hash;
    }
    for (size_t i = 0; i < passed; i++)
        probe(s, &sought, deletions.hashes[i]);
}
