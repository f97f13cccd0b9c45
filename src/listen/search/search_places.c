/* Phrases, NEAR and COUNT by the places of words: what the evaluator (query_eval.c) does on the
 * words of a post is done here on places from the index, document by document. A text part denotes
 * its spans; both files have to agree on them, which tests/unit/test_listen_search.c checks on
 * random queries. */
#include "listen/query/word_span.h"
#include "listen/search/search_eval_priv.h"

/* A text part, ready to be asked document by document. */
struct part {
    const struct query_node *node;
    struct part *children;
    size_t child_count;
    struct run_reader *readers; /* of a word: one for each term */
    size_t reader_count;
    struct word_spans spans; /* in the document at hand */
};

struct places {
    struct evaluation *e;
    unsigned zones;
    bool is_unsure;
    struct run_reader *joined[QUERY_SLOP_WORDS_MAX]; /* rarest first */
    size_t joined_count;
};

/* ---- making ready ---------------------------------------------------------------------------- */

static bool part_word(struct places *p, struct part *part, const struct docset *within,
                      const struct docset **docs)
{
    struct evaluation *e = p->e;
    struct word_terms terms;

    if (!eval_word_terms(e, part->node, SEARCH_PLACE_TERMS_MAX, &terms))
        return false;
    p->is_unsure |= terms.is_unsure || (terms.is_short && part->node->form == QUERY_EXACT);
    if (terms.is_unsure && terms.count == 0) { /* too many terms, or none is known */
        *docs = within;
        return true;
    }
    if (terms.is_unsure && part->node->form == QUERY_CASE && terms.is_short) {
        *docs = within;
        return true;
    }
    if (terms.is_short) {
        struct run_posting more;
        p->is_unsure |= run_find(e->run, (Str){(const char[]){RUN_LONG}, 1}, &more);
        if (p->is_unsure) {
            *docs = within;
            return true;
        }
    }
    part->readers = arena_try_new(e->arena, struct run_reader, terms.count + 1);
    if (!part->readers)
        return err_arena(e->err, e->arena);
    part->reader_count = terms.count;
    for (size_t i = 0; i < terms.count; i++)
        run_reader_init(&part->readers[i], e->run, &terms.postings[i]);
    *docs = eval_set(e, eval_union(e, terms.postings, terms.count, within));
    return *docs != NULL;
}

/* *docs: where it can be at all. */
static bool part_init(struct places *p, struct part *part, const struct query_node *node,
                      const struct docset *within, const struct docset **docs)
{
    struct evaluation *e = p->e;
    bool is_or = node->kind == QUERY_OR || node->kind == QUERY_REFERENCE;
    size_t i = 0;

    part->node = node;
    if (node->kind == QUERY_WORD)
        return part_word(p, part, within, docs);
    *docs = eval_set(e, docset_none(e->arena, e->run->doc_count));
    if (!*docs || (!is_or && node->kind != QUERY_PHRASE && node->kind != QUERY_NEAR))
        return *docs != NULL; /* has no places */
    for (const struct query_node *child = node->first; child; child = child->next)
        part->child_count++;
    part->children = arena_try_new(e->arena, struct part, part->child_count + 1);
    if (!part->children)
        return err_arena(e->err, e->arena);
    if (!is_or)
        *docs = within;
    for (const struct query_node *child = node->first; child; child = child->next) {
        const struct docset *one;
        if (!part_init(p, &part->children[i++], child, is_or ? within : *docs, &one))
            return false;
        *docs = is_or ? eval_set(e, docset_or(e->arena, *docs, one)) : one;
        if (!*docs)
            return false;
    }
    return true;
}

static bool is_one_term(const struct query_node *node)
{
    return node->kind == QUERY_WORD && node->form == QUERY_EXACT && !node->is_stemmed &&
           node->key.len + 1 <= RUN_TERM_BYTES_MAX;
}

/* A word, or a phrase or NEAR of nothing else. */
static bool is_joinable(const struct query_node *node)
{
    size_t words = 0;

    if (node->kind == QUERY_WORD)
        return is_one_term(node);
    if (node->kind != QUERY_PHRASE && node->kind != QUERY_NEAR)
        return false;
    for (const struct query_node *child = node->first; child; child = child->next)
        if (!is_one_term(child) || ++words > QUERY_SLOP_WORDS_MAX)
            return false;
    return words > 0;
}

/* Readers of the words; *is_none: one of them does not occur. */
static bool join_init(struct places *p, struct part *part, const struct query_node *node,
                      bool *is_none)
{
    struct word_terms terms;

    part->node = node;
    if (node->kind == QUERY_WORD) {
        if (!eval_word_terms(p->e, node, 1, &terms))
            return false;
        *is_none |= terms.count == 0;
        part->readers = arena_try_new(p->e->arena, struct run_reader, 1);
        if (!part->readers)
            return err_arena(p->e->err, p->e->arena);
        if (terms.count == 0)
            return true;
        part->reader_count = 1;
        run_reader_init(part->readers, p->e->run, terms.postings);
        size_t at = p->joined_count++;
        for (; at > 0 && p->joined[at - 1]->posting.count > terms.postings->count; at--)
            p->joined[at] = p->joined[at - 1];
        p->joined[at] = part->readers;
        return true;
    }
    for (const struct query_node *child = node->first; child; child = child->next)
        part->child_count++;
    part->children = arena_try_new(p->e->arena, struct part, part->child_count);
    if (!part->children)
        return err_arena(p->e->err, p->e->arena);
    size_t i = 0;
    for (const struct query_node *child = node->first; child && !*is_none; child = child->next)
        if (!join_init(p, &part->children[i++], child, is_none))
            return false;
    return true;
}

static void part_deinit(struct part *part)
{
    for (size_t i = 0; i < part->child_count; i++)
        part_deinit(&part->children[i]);
    vec_deinit(&part->spans);
}

/* ---- spans of one document ------------------------------------------------------------------- */

static bool is_in_zone(const struct places *p, uint32_t place, uint32_t base)
{
    return (p->zones & (place < base ? QUERY_IN_TITLE : QUERY_IN_BODY)) != 0;
}

static void word_spans(const struct places *p, struct part *part, uint32_t doc)
{
    uint32_t base = p->e->run->bases ? p->e->run->bases[doc] : 0;

    for (size_t i = 0; i < part->reader_count; i++) {
        struct run_reader *reader = &part->readers[i];
        if (!run_reader_seek(reader, doc) || reader->doc != doc)
            continue;
        const uint8_t *at = run_reader_first_place(reader);
        uint32_t place = 0;
        for (uint32_t j = 0; j < reader->times; j++) {
            place += run_varint(&at);
            if (is_in_zone(p, place, base))
                vec_push(&part->spans, (struct word_span){place, place});
        }
    }
    if (part->reader_count > 1)
        word_spans_sort(&part->spans);
}

static bool stands_at(const struct word_spans *word, uint32_t place)
{
    size_t low = 0, high = word->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (word->items[middle].from < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low < word->count && word->items[low].from == place;
}

static void exact_spans(struct part *part)
{
    const struct word_spans *first = &part->children[0].spans;

    for (size_t i = 0; i < first->count; i++) {
        uint32_t place = first->items[i].from;
        bool matches = true;
        for (size_t w = 1; w < part->child_count && matches; w++)
            matches = stands_at(&part->children[w].spans, place + (uint32_t)w);
        if (matches)
            vec_push(&part->spans,
                     (struct word_span){place, place + (uint32_t)part->child_count - 1});
    }
}

/* A place and the words of the phrase that stand there. */
struct stand {
    uint32_t place, words;
};

static int stand_cmp(const void *a, const void *b)
{
    const struct stand *x = a, *y = b;

    return x->place < y->place ? -1 : x->place > y->place;
}

/* Can the words left stand at distinct ones of the places? Backtracking over at most
 * QUERY_SLOP_WORDS_MAX words. */
static bool assign(const struct stand *stands, size_t count, uint32_t words, uint64_t taken)
{
    if (words == 0)
        return true;
    uint32_t word = words & -words;
    for (size_t i = 0; i < count && i < 64; i++)
        if ((stands[i].words & word) && !(taken >> i & 1) &&
            assign(stands, count, words & ~word, taken | UINT64_C(1) << i))
            return true;
    return false;
}

static bool window_fills(const struct stand *first, size_t count, uint32_t all)
{
    const struct stand *last = first + count - 1;

    for (uint32_t a = all & first->words; a != 0; a &= a - 1)
        for (uint32_t b = all & last->words; b != 0; b &= b - 1) {
            uint32_t begin = a & -a, end = b & -b;
            if (begin != end && assign(first + 1, count - 2, all & ~begin & ~end, 0))
                return true;
        }
    return false;
}

static void slop_spans(struct places *p, struct part *part)
{
    uint32_t reach = (uint32_t)part->child_count - 1 + (uint32_t)part->node->slop;
    uint32_t all = (uint32_t)((UINT64_C(1) << part->child_count) - 1);
    struct {
        VEC(struct stand);
    } stands = {0};
    size_t count = 0;

    for (size_t w = 0; w < part->child_count; w++)
        for (size_t i = 0; i < part->children[w].spans.count; i++)
            vec_push(&stands,
                     (struct stand){part->children[w].spans.items[i].from, UINT32_C(1) << w});
    if (stands.count > 1)
        qsort(stands.items, stands.count, sizeof *stands.items, stand_cmp);
    for (size_t i = 0; i < stands.count; i++) {
        if (count > 0 && stands.items[count - 1].place == stands.items[i].place)
            stands.items[count - 1].words |= stands.items[i].words;
        else
            stands.items[count++] = stands.items[i];
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            if (stands.items[j].place - stands.items[i].place > reach)
                break;
            p->is_unsure |= j - i > 60; /* more than assign() looks at */
            if (window_fills(&stands.items[i], j - i + 1, all))
                vec_push(&part->spans,
                         (struct word_span){stands.items[i].place, stands.items[j].place});
        }
    vec_deinit(&stands);
}

static void near_spans(struct part *part)
{
    vec_each (struct word_span, a, &part->children[0].spans) {
        vec_each (struct word_span, b, &part->children[1].spans) {
            if (word_span_is_near(part->node, *a, *b))
                vec_push(&part->spans, word_span_join(*a, *b));
        }
    }
    word_spans_sort(&part->spans);
}

static void part_spans(struct places *p, struct part *part, uint32_t doc)
{
    vec_reset(&part->spans);
    if (part->node->kind == QUERY_WORD) {
        word_spans(p, part, doc);
        return;
    }
    for (size_t i = 0; i < part->child_count; i++) {
        part_spans(p, &part->children[i], doc);
        bool is_needed = part->node->kind == QUERY_PHRASE || part->node->kind == QUERY_NEAR;
        if (is_needed && part->children[i].spans.count == 0)
            return;
    }
    if (part->node->kind == QUERY_PHRASE && part->node->slop < 0)
        exact_spans(part);
    else if (part->node->kind == QUERY_PHRASE)
        slop_spans(p, part);
    else if (part->node->kind == QUERY_NEAR)
        near_spans(part);
    else {
        for (size_t i = 0; i < part->child_count; i++)
            vec_each (struct word_span, span, &part->children[i].spans)
                vec_push(&part->spans, *span);
        word_spans_sort(&part->spans);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

struct kept {
    uint32_t *list, count;
};

static const struct docset *kept_set(const struct places *p, const struct docset *docs,
                                     const struct kept *kept)
{
    struct arena *a = p->e->arena;

    if (kept->count <= docset_list_max(docs->universe))
        return docset_of_list(a, docs->universe, kept->list, kept->count);
    uint64_t *bits = arena_try_new(a, uint64_t, docset_words(docs->universe) + 1);
    if (!bits)
        return NULL;
    for (uint32_t i = 0; i < kept->count; i++)
        bits_set(bits, kept->list[i]);
    return docset_of_bits(a, docs->universe, bits);
}

static const struct docset *filter(struct places *p, struct part *part, const struct docset *docs,
                                   eval_keep *keep, const struct query_node *keeper)
{
    struct kept kept = {arena_try_new(p->e->arena, uint32_t, (size_t)docs->count + 1), 0};
    struct docset_iter it = docset_from(docs, 0);

    if (!kept.list)
        return NULL;
    for (uint32_t doc; docset_next(&it, &doc);) {
        part_spans(p, part, doc);
        if (keep ? keep(keeper, part->spans.count) : part->spans.count > 0)
            kept.list[kept.count++] = doc;
    }
    return kept_set(p, docs, &kept);
}

/* The first document from *doc on that all words have and that is among `docs`: whoever is furthest
 * says where the others go on, and they pass over what lies between. */
static bool join_next(const struct places *p, const struct docset *docs, uint32_t *doc)
{
    bool is_all = docs->count == docs->universe;
    uint32_t at = *doc;

    for (;;) {
        uint32_t from = at;
        for (size_t i = 0; i < p->joined_count && at == from; i++) {
            if (!run_reader_seek(p->joined[i], at))
                return false;
            at = p->joined[i]->doc;
        }
        if (at == from && !is_all) {
            struct docset_iter it = docset_from(docs, at);
            if (!docset_next(&it, &at))
                return false;
        }
        if (at == from)
            break;
    }
    *doc = at;
    return true;
}

enum { FEW_PLACES = 32 };

/* Does an exact phrase stand in the document that all its readers are at? Where its beginning can
 * be, word by word. False *is_known: a word stands there too often for that. */
static bool phrase_stands(const struct part *part, bool *is_known)
{
    uint32_t begins[FEW_PLACES], count = 0;

    *is_known = part->children[0].readers->times <= FEW_PLACES;
    for (uint32_t w = 0; *is_known && w < part->child_count; w++) {
        struct run_reader *reader = part->children[w].readers;
        const uint8_t *at = run_reader_first_place(reader);
        uint32_t place = 0, kept = 0, next = 0;
        for (uint32_t i = 0; i < reader->times; i++) {
            place += run_varint(&at);
            if (w == 0) {
                begins[count++] = place;
                continue;
            }
            while (next < count && begins[next] + w < place)
                next++;
            if (next < count && begins[next] + w == place)
                begins[kept++] = begins[next++];
        }
        count = w == 0 ? count : kept;
        if (count == 0)
            return false;
    }
    return *is_known;
}

static bool is_exact_phrase(const struct part *part)
{
    return part->node->kind == QUERY_PHRASE && part->node->slop < 0;
}

/* As filter(), of words alone: no set of any of them is made. */
static const struct docset *join(struct places *p, struct part *part, const struct docset *docs,
                                 eval_keep *keep, const struct query_node *keeper)
{
    uint32_t most =
        p->joined[0]->posting.count < docs->count ? p->joined[0]->posting.count : docs->count;
    struct kept kept = {arena_try_new(p->e->arena, uint32_t, (size_t)most + 1), 0};
    bool is_anywhere = p->zones == QUERY_IN_ANYWHERE;
    bool is_counted = part->node->kind == QUERY_WORD && is_anywhere;
    bool is_phrase = is_exact_phrase(part) && is_anywhere && !keep;

    if (!kept.list)
        return NULL;
    for (uint32_t doc = 0; join_next(p, docs, &doc); doc++) {
        bool is_known = is_counted;
        size_t count = p->joined[0]->times;
        if (is_phrase)
            count = phrase_stands(part, &is_known) ? 1 : 0;
        if (!is_known) {
            part_spans(p, part, doc);
            count = part->spans.count;
        }
        if (keep ? keep(keeper, count) : count > 0)
            kept.list[kept.count++] = doc;
    }
    return kept_set(p, docs, &kept);
}

/* *out NULL: it found places that it cannot decide. */
static bool eval_joined(struct places *p, const struct query_node *node,
                        const struct docset *within, eval_keep *keep,
                        const struct query_node *keeper, const struct docset **out)
{
    struct part part = {0};
    bool is_none = within->count == 0;
    bool ok = is_none || join_init(p, &part, node, &is_none);

    if (ok) {
        *out = eval_set(p->e, is_none ? docset_none(p->e->arena, within->universe)
                                      : join(p, &part, within, keep, keeper));
        ok = *out != NULL;
    }
    if (p->is_unsure)
        *out = NULL;
    part_deinit(&part);
    return ok;
}

bool eval_places(struct evaluation *e, const struct query_node *node, struct eval_place place,
                 const struct docset *within, eval_keep *keep, const struct query_node *keeper,
                 const struct docset **out, bool *is_unsure)
{
    struct places p = {.e = e, .zones = place.zones, .is_unsure = zones_are_unsure(place.zones)};
    struct part part = {0};
    const struct docset *docs;
    bool ok = true;

    *is_unsure = false;
    if (place.zones != 0 && !p.is_unsure && is_joinable(node)) {
        if (!eval_joined(&p, node, within, keep, keeper, out))
            return false;
        if (*out)
            return true;
    }
    if (place.zones == 0)
        docs = eval_set(e, docset_none(e->arena, e->run->doc_count));
    else
        ok = part_init(&p, &part, node, within, &docs);
    ok = ok && docs;
    *out = docs;
    if (ok && !p.is_unsure && docs->count > 0) {
        const struct docset *kept = eval_set(e, filter(&p, &part, docs, keep, keeper));
        *out = p.is_unsure ? docs : kept; /* found out on the way */
        ok = kept != NULL;
    }
    *is_unsure = p.is_unsure;
    part_deinit(&part);
    return ok;
}
