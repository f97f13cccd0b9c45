/* Text parts with positions: phrases, slop, NEAR, sentences, counts.
 *
 * The hits of a post are chained per term on first need when they are many. A part gives its spans
 * in rising order on the scratch's span stack; the spans of operands are pushed, combined and
 * dropped again, so that nothing is allocated once the stack has grown. */
#include "listen/match/match_priv.h"

#include <string.h>

struct place {
    unsigned zones;
    uint32_t sentence; /* or MATCH_ANY_SENTENCE */
};

static const struct token *token_of(const struct match_scratch *s, uint32_t unit)
{
    return unit < s->tokens->title_count ? &s->tokens->title[unit]
                                         : &s->tokens->body[unit - s->tokens->title_count];
}

static uint32_t position_of(const struct match_scratch *s, uint32_t unit)
{
    return token_of(s, unit)->position + (unit < s->tokens->title_count ? 0 : s->body_base);
}

static uint32_t sentence_of(const struct match_scratch *s, uint32_t unit)
{
    return token_of(s, unit)->sentence + (unit < s->tokens->title_count ? 0 : s->body_sentence);
}

static unsigned zone_of(const struct match_scratch *s, uint32_t unit)
{
    if (unit < s->tokens->title_count)
        return QUERY_IN_TITLE;
    return token_of(s, unit)->from < s->tokens->lead_end ? QUERY_IN_LEAD : QUERY_IN_REST;
}

static bool is_in_place(const struct match_scratch *s, uint32_t unit, struct place place)
{
    if (place.zones != QUERY_IN_ANYWHERE && (zone_of(s, unit) & place.zones) == 0)
        return false;
    return place.sentence == MATCH_ANY_SENTENCE || sentence_of(s, unit) == place.sentence;
}

enum { CHAINED_HITS_MIN = 48 };

/* Finds where the body begins; chains the hits of each present term in the order of the post when
 * they are many. Few are found faster by looking through them than by way of their term. */
static void place_hits(struct match_scratch *s)
{
    const struct post_tokens *tokens = s->tokens;

    s->is_placed = true;
    s->body_base = s->body_sentence = 0;
    for (size_t i = tokens->title_count; i-- > 0;) {
        if (tokens->title[i].kind == TOKEN_URL)
            continue;
        s->body_base = tokens->title[i].position + MATCH_BODY_GAP;
        s->body_sentence = tokens->title[i].sentence + 1;
        break;
    }
    s->is_chained = s->hits.count >= CHAINED_HITS_MIN;
    if (!s->is_chained)
        return;
    for (size_t i = 0; i < s->present_terms.count; i++)
        s->head[s->present_terms.items[i]] = MATCH_NONE;
    for (size_t i = s->hits.count; i-- > 0;) {
        struct hit *hit = &s->hits.items[i];
        hit->next = s->head[hit->term];
        s->head[hit->term] = (uint32_t)i;
    }
}

static uint32_t hit_from(const struct match_scratch *s, size_t at, uint32_t term)
{
    for (; at < s->hits.count; at++)
        if (s->hits.items[at].term == term)
            return (uint32_t)at;
    return MATCH_NONE;
}

static uint32_t first_hit(const struct match_scratch *s, uint32_t term)
{
    if (!match_is_present(s, term))
        return MATCH_NONE;
    return s->is_chained ? s->head[term] : hit_from(s, 0, term);
}

/* The next one of the same term. */
static uint32_t next_hit(const struct match_scratch *s, uint32_t at)
{
    return s->is_chained ? s->hits.items[at].next
                         : hit_from(s, (size_t)at + 1, s->hits.items[at].term);
}

static void push_span(struct match_scratch *s, uint32_t from, uint32_t to)
{
    if (!vec_try_push(&s->spans, (struct match_span){from, to}))
        s->is_failed = true;
}

static bool is_before(struct match_span a, struct match_span b)
{
    return a.from != b.from ? a.from < b.from : a.to < b.to;
}

static void sift_span(struct match_span *items, size_t at, size_t count)
{
    struct match_span moving = items[at];

    for (size_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && is_before(items[child], items[child + 1]))
            child++;
        if (!is_before(moving, items[child]))
            break;
        items[at] = items[child];
    }
    items[at] = moving;
}

/* Sorts the spans from `base` on and drops doubles. Mostly they are in order already. */
static void sort_spans(struct match_scratch *s, size_t base)
{
    size_t count = s->spans.count - base, kept = 0;
    bool is_sorted = true;

    if (count == 0) /* perhaps none was ever found: items may be NULL */
        return;
    struct match_span *items = s->spans.items + base;
    for (size_t i = 1; i < count && is_sorted; i++)
        is_sorted = !is_before(items[i], items[i - 1]);
    if (!is_sorted) {
        for (size_t i = count / 2; i-- > 0;)
            sift_span(items, i, count);
        for (size_t end = count; end-- > 1;) {
            struct match_span largest = items[0];
            items[0] = items[end];
            items[end] = largest;
            sift_span(items, 0, end);
        }
    }
    for (size_t i = 0; i < count; i++)
        if (i == 0 || is_before(items[kept - 1], items[i]))
            items[kept++] = items[i];
    s->spans.count = base + kept;
}

/* --- phrases --- */

/* The hit of the term at exactly this position, from *at on; *at moves up to it. Positions asked
 * for must not fall. */
static bool advance_to(const struct match_scratch *s, uint32_t *at, uint32_t position)
{
    while (*at != MATCH_NONE && position_of(s, s->hits.items[*at].unit) < position)
        *at = next_hit(s, *at);
    return *at != MATCH_NONE && position_of(s, s->hits.items[*at].unit) == position;
}

/* Adjacent words in order. Each word has a cursor that only moves forward. */
static void phrase_spans(struct match_scratch *s, const struct part *part, struct place place,
                         bool only_one)
{
    const uint32_t *operands = s->set->operands.items + part->first_operand;
    uint32_t cursors[QUERY_PHRASE_MAX];

    for (uint32_t w = 0; w < part->count; w++) {
        cursors[w] = first_hit(s, s->set->parts.items[operands[w]].term);
        if (cursors[w] == MATCH_NONE)
            return;
    }
    for (uint32_t at = cursors[0]; at != MATCH_NONE; at = next_hit(s, at)) {
        uint32_t position = position_of(s, s->hits.items[at].unit);
        bool matches = is_in_place(s, s->hits.items[at].unit, place);
        for (uint32_t w = 1; w < part->count && matches; w++)
            matches = advance_to(s, &cursors[w], position + w) &&
                      is_in_place(s, s->hits.items[cursors[w]].unit, place);
        if (matches)
            push_span(s, position, position + part->count - 1);
        if (matches && only_one)
            return;
    }
}

/* --- slop --- */

static void add_slop(struct match_scratch *s, uint32_t position, uint32_t word)
{
    if (!vec_try_push(&s->slops, (struct match_slop){position, UINT32_C(1) << word}))
        s->is_failed = true;
}

/* All places where a word of the phrase stands, in order, with the words that stand there. */
static bool gather_slops(struct match_scratch *s, const struct part *part, struct place place)
{
    const uint32_t *operands = s->set->operands.items + part->first_operand;
    size_t kept = 0;

    s->slops.count = 0;
    for (uint32_t w = 0; w < part->count; w++) {
        size_t before = s->slops.count;
        uint32_t at = first_hit(s, s->set->parts.items[operands[w]].term);
        for (; at != MATCH_NONE; at = next_hit(s, at))
            if (is_in_place(s, s->hits.items[at].unit, place))
                add_slop(s, position_of(s, s->hits.items[at].unit), w);
        if (s->slops.count == before || s->is_failed)
            return false;
    }
    /* Shell sort by position: short lists, runs already in order. */
    struct match_slop *items = s->slops.items;
    size_t gap = 1;
    while (gap < s->slops.count / 3)
        gap = gap * 3 + 1;
    for (; gap > 0; gap /= 3)
        for (size_t i = gap; i < s->slops.count; i++) {
            struct match_slop moving = items[i];
            size_t j = i;
            for (; j >= gap && items[j - gap].position > moving.position; j -= gap)
                items[j] = items[j - gap];
            items[j] = moving;
        }
    for (size_t i = 0; i < s->slops.count; i++) {
        if (kept > 0 && items[kept - 1].position == items[i].position)
            items[kept - 1].words |= items[i].words;
        else
            items[kept++] = items[i];
    }
    s->slops.count = kept;
    return true;
}

/* Augmenting path of a bipartite matching: can `word` get a place, moving others if need be? */
static bool place_word(const struct match_slop *slots, size_t slot_count, uint32_t word,
                       uint8_t *taken_by, uint8_t *seen)
{
    for (size_t i = 0; i < slot_count; i++) {
        if (!(slots[i].words >> word & 1) || seen[i])
            continue;
        seen[i] = 1;
        if (taken_by[i] == UINT8_MAX ||
            place_word(slots, slot_count, taken_by[i], taken_by, seen)) {
            taken_by[i] = (uint8_t)word;
            return true;
        }
    }
    return false;
}

/* Can all `wanted` words (bits) stand at different slots? */
static bool can_place(const struct match_slop *slots, size_t slot_count, uint32_t wanted)
{
    uint8_t taken_by[QUERY_DISTANCE_MAX + QUERY_SLOP_WORDS_MAX];
    uint8_t seen[QUERY_DISTANCE_MAX + QUERY_SLOP_WORDS_MAX];
    uint32_t here = 0;

    ASSERT(slot_count <= sizeof taken_by);
    for (size_t i = 0; i < slot_count; i++)
        here |= slots[i].words;
    if ((here & wanted) != wanted)
        return false;
    memset(taken_by, UINT8_MAX, slot_count);
    for (uint32_t left = wanted; left != 0; left &= left - 1) {
        memset(seen, 0, slot_count);
        if (!place_word(slots, slot_count, (uint32_t)__builtin_ctz(left), taken_by, seen))
            return false;
    }
    return true;
}

/* Do the words fill a window whose both ends are taken? */
static bool fills(const struct match_slop *slots, size_t slot_count, uint32_t all)
{
    for (uint32_t a = slots[0].words; a != 0; a &= a - 1)
        for (uint32_t b = slots[slot_count - 1].words; b != 0; b &= b - 1) {
            uint32_t ends = (a & -a) | (b & -b);
            if ((a & -a) != (b & -b) && can_place(slots + 1, slot_count - 2, all & ~ends))
                return true;
        }
    return false;
}

static void slop_spans(struct match_scratch *s, const struct part *part, struct place place,
                       bool only_one)
{
    uint32_t reach = part->count - 1 + part->distance, all = (UINT32_C(1) << part->count) - 1;

    if (!gather_slops(s, part, place))
        return;
    for (size_t i = 0; i < s->slops.count; i++)
        for (size_t j = i + 1; j < s->slops.count; j++) {
            const struct match_slop *first = &s->slops.items[i], *last = &s->slops.items[j];
            if (last->position - first->position > reach)
                break;
            if (j - i + 1 < part->count || !fills(first, j - i + 1, all))
                continue;
            push_span(s, first->position, last->position);
            if (only_one)
                return;
        }
}

/* --- all parts --- */

static void part_spans(struct match_scratch *s, uint32_t index, struct place place, bool only_one);

static bool is_near(const struct part *near, struct match_span a, struct match_span b)
{
    if (a.to < b.from)
        return b.from - a.to - 1 <= near->distance;
    return !near->is_ordered && b.to < a.from && a.from - b.to - 1 <= near->distance;
}

/* Left spans lie at [base, middle), right ones behind; the result replaces both. */
static void near_spans(struct match_scratch *s, const struct part *near, struct place place)
{
    const uint32_t *operands = s->set->operands.items + near->first_operand;
    size_t base = s->spans.count;

    part_spans(s, operands[0], place, false);
    size_t middle = s->spans.count;
    if (middle > base)
        part_spans(s, operands[1], place, false);
    size_t end = s->spans.count;
    for (size_t i = base; i < middle; i++)
        for (size_t j = middle; j < end; j++) {
            struct match_span a = s->spans.items[i], b = s->spans.items[j];
            if (b.from > a.to && b.from - a.to - 1 > near->distance)
                break; /* spans rise, so all further ones begin too far behind */
            if (is_near(near, a, b))
                push_span(s, a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to);
        }
    size_t made = s->spans.count - end;
    if (made > 0)
        memmove(s->spans.items + base, s->spans.items + end, made * sizeof *s->spans.items);
    s->spans.count = base + made;
}

/* Pushes the spans of a part, sorted and without doubles; with only_one at least one if any. */
static void part_spans(struct match_scratch *s, uint32_t index, struct place place, bool only_one)
{
    const struct part *part = &s->set->parts.items[index];
    size_t base = s->spans.count;

    place.zones &= part->zones;
    switch ((enum part_kind)part->kind) {
    case PART_TERM:
        for (uint32_t at = first_hit(s, part->term); at != MATCH_NONE; at = next_hit(s, at))
            if (is_in_place(s, s->hits.items[at].unit, place)) {
                uint32_t position = position_of(s, s->hits.items[at].unit);
                push_span(s, position, position);
            }
        break;
    case PART_PHRASE:
        phrase_spans(s, part, place, only_one);
        break;
    case PART_SLOP:
        slop_spans(s, part, place, only_one);
        break;
    case PART_NEAR:
        near_spans(s, part, place);
        break;
    case PART_OR:
        for (uint32_t i = 0; i < part->count; i++)
            part_spans(s, s->set->operands.items[part->first_operand + i], place, only_one);
        break;
    case PART_AND:
    case PART_NOT:
    case PART_NOTHING:
        break;
    }
    sort_spans(s, base);
}

static size_t count_spans(struct match_scratch *s, uint32_t part, struct place place, bool only_one)
{
    size_t base = s->spans.count;

    part_spans(s, part, place, only_one);
    size_t count = s->spans.count - base;
    s->spans.count = base;
    return count;
}

bool match_text_occurs(struct match_scratch *s, uint32_t part)
{
    static const struct place anywhere = {QUERY_IN_ANYWHERE, MATCH_ANY_SENTENCE};

    if (!s->is_placed)
        place_hits(s);
    return count_spans(s, part, anywhere, true) > 0;
}

size_t match_text_count(struct match_scratch *s, uint32_t part)
{
    static const struct place anywhere = {QUERY_IN_ANYWHERE, MATCH_ANY_SENTENCE};

    if (!s->is_placed)
        place_hits(s);
    return count_spans(s, part, anywhere, false);
}

/* --- sentences --- */

static bool holds_in(struct match_scratch *s, uint32_t index, struct place place)
{
    const struct part *part = &s->set->parts.items[index];
    const uint32_t *operands = s->set->operands.items + part->first_operand;

    switch ((enum part_kind)part->kind) {
    case PART_AND:
        for (uint32_t i = 0; i < part->count; i++)
            if (!holds_in(s, operands[i], place))
                return false;
        return true;
    case PART_OR:
        for (uint32_t i = 0; i < part->count; i++)
            if (holds_in(s, operands[i], place))
                return true;
        return false;
    case PART_NOT:
        return !holds_in(s, operands[0], place);
    case PART_NOTHING:
        return false;
    default:
        return count_spans(s, index, place, true) > 0;
    }
}

bool match_in_sentence(struct match_scratch *s, uint32_t part)
{
    uint32_t last = MATCH_ANY_SENTENCE;

    if (!s->is_placed)
        place_hits(s);
    /* Every sentence that could do holds a word of the query, so the hits name them all. */
    for (size_t i = 0; i < s->hits.count; i++) {
        uint32_t sentence = sentence_of(s, s->hits.items[i].unit);
        struct place place = {QUERY_IN_ANYWHERE, sentence};
        if (sentence == last)
            continue;
        last = sentence;
        if (holds_in(s, part, place))
            return true;
    }
    return false;
}
