#include "listen/search/search_eval_priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"
#include "listen/query/query_glob.h"
#include "listen/query/query_member.h"
#include "listen/query/query_stem.h"
#include "text/fold.h"

static bool eval(struct evaluation *e, const struct query_node *node, struct eval_place place,
                 const struct docset *within, struct search_answer *out);

static bool sure(struct evaluation *e, const struct docset *s, struct search_answer *out)
{
    *out = (struct search_answer){s, s};
    return eval_set(e, s) != NULL;
}

/* May be anywhere in `upper`. */
static bool unsure(struct evaluation *e, const struct docset *upper, struct search_answer *out)
{
    if (!eval_set(e, upper))
        return false;
    *out = (struct search_answer){eval_set(e, docset_none(e->arena, e->run->doc_count)), upper};
    return out->lower != NULL;
}

/* ---- words ----------------------------------------------------------------------------------- */

struct postings {
    VEC(struct run_posting);
};

static bool postings_give(struct evaluation *e, struct postings *found, struct word_terms *out)
{
    out->count = found->count;
    out->postings = arena_try_new(e->arena, struct run_posting, found->count + 1);
    if (out->postings && found->count > 0)
        memcpy(out->postings, found->items, found->count * sizeof *found->items);
    for (size_t i = 0; i < found->count; i++)
        out->docs += found->items[i].count;
    vec_deinit(found);
    return out->postings || err_arena(e->err, e->arena);
}

static bool term_fits(const struct query_node *word, Str form)
{
    return word->form == QUERY_PATTERN ? query_glob_matches(word->key, form)
                                       : query_fuzzy_matches(word->key, form, word->distance);
}

/* Terms from a prefix on: of a pattern its letters before the first wildcard; of a fuzzy word
 * nothing but the kind. */
static bool scan_terms(struct evaluation *e, const struct query_node *word, char kind, size_t max,
                       struct word_terms *out)
{
    struct run_terms it;
    struct postings found = {0};
    char prefix[RUN_TERM_BYTES_MAX] = {kind};
    size_t len = 1;

    out->is_short = true;
    if (word->form == QUERY_PATTERN)
        while (len - 1 < word->key.len && len < sizeof prefix && word->key.ptr[len - 1] != '*' &&
               word->key.ptr[len - 1] != '?') {
            prefix[len] = word->key.ptr[len - 1];
            len++;
        }
    run_terms_from(&it, e->run, (Str){prefix, len});
    while (run_terms_next(&it) && str_starts((Str){it.term, it.term_len}, (Str){prefix, len})) {
        if (!term_fits(word, (Str){it.term + 1, it.term_len - 1}))
            continue;
        if (found.count == max) {
            vec_deinit(&found);
            out->is_unsure = true;
            break;
        }
        if (!vec_try_push(&found, it.found)) {
            vec_deinit(&found);
            return err_set(e->err, ERR_NO_MEMORY, "no memory for the words of a search");
        }
    }
    return postings_give(e, &found, out);
}

static bool one_term(struct evaluation *e, char kind, Str text, struct word_terms *out)
{
    char term[RUN_TERM_BYTES_MAX];
    struct run_posting posting;
    struct postings found = {0};

    if (text.len + 1 > sizeof term) {
        out->is_short = true;
        return postings_give(e, &found, out);
    }
    term[0] = kind;
    memcpy(term + 1, text.ptr, text.len);
    if (run_find(e->run, (Str){term, text.len + 1}, &posting))
        vec_push(&found, posting);
    return postings_give(e, &found, out);
}

/* The plain word of one that is written in {braces}. */
static bool case_term(struct evaluation *e, const struct query_node *word, struct word_terms *out)
{
    struct tokenizer *words = NULL;
    const struct token *tokens;
    size_t count;
    bool ok = tokenizer_create(&words, e->err) &&
              tokenizer_run(words, word->text, &tokens, &count, e->err);

    out->is_unsure = true;
    out->is_short = ok && count != 1;
    ok = ok && (count == 1 ? one_term(e, RUN_PLAIN, token_bare(&tokens[0], tokens[0].plain), out)
                           : one_term(e, RUN_PLAIN, STR_NONE, out));
    tokenizer_destroy(&words);
    return ok;
}

/* It compares with the accents a word has, so also with words that have none; those stand among
 * the stripped ones, where it cannot be told which they are. */
static bool fuzzy_accented(struct evaluation *e, const struct query_node *word, char kind,
                           size_t max, struct word_terms *out)
{
    char plain = kind == RUN_SIGIL_ACCENT ? RUN_SIGIL : RUN_PLAIN;
    struct word_terms more = {0};

    if (!scan_terms(e, word, kind, max, out) || !scan_terms(e, word, plain, max, &more))
        return false;
    struct run_posting *all =
        arena_try_new(e->arena, struct run_posting, out->count + more.count + 1);
    if (!all)
        return err_arena(e->err, e->arena);
    for (size_t i = 0; i < out->count; i++)
        all[i] = out->postings[i];
    for (size_t i = 0; i < more.count; i++)
        all[out->count + i] = more.postings[i];
    bool is_cut = out->is_unsure || more.is_unsure;
    *out = (struct word_terms){all, is_cut ? 0 : out->count + more.count, out->docs + more.docs,
                               true, true};
    return true;
}

bool eval_word_terms(struct evaluation *e, const struct query_node *word, size_t max,
                     struct word_terms *out)
{
    char kind = word->is_sigil ? (word->is_accented ? RUN_SIGIL_ACCENT : RUN_SIGIL)
                               : (word->is_accented ? RUN_ACCENTED : RUN_PLAIN);

    *out = (struct word_terms){0};
    if (word->form == QUERY_CASE)
        return case_term(e, word, out);
    if (word->form == QUERY_EXACT)
        return one_term(e, kind, word->key, out);
    if (word->form != QUERY_FUZZY || !word->is_accented)
        return scan_terms(e, word, kind, max, out);
    return fuzzy_accented(e, word, kind, max, out);
}

static int u32_cmp(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* Few documents in many lists: sorted together. */
static const struct docset *small_union(struct evaluation *e, const struct run_posting *postings,
                                        size_t count, uint64_t sum)
{
    uint32_t *list = arena_try_new(e->arena, uint32_t, (size_t)sum + 1), n = 0, kept = 0;

    if (!list)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const struct docset *docs = run_docs(e->run, e->arena, &postings[i]);
        if (!docs)
            return NULL;
        ASSERT(docs->list || docs->count == 0);
        if (docs->count > 0)
            memcpy(list + n, docs->list, docs->count * sizeof *list);
        n += docs->count;
    }
    qsort(list, n, sizeof *list, u32_cmp);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || list[i] != list[kept - 1])
            list[kept++] = list[i];
    return docset_of_list(e->arena, e->run->doc_count, list, kept);
}

const struct docset *eval_union(struct evaluation *e, const struct run_posting *postings,
                                size_t count, const struct docset *within)
{
    uint64_t sum = 0;
    const struct docset *all;

    if (count == 0)
        return docset_none(e->arena, e->run->doc_count);
    if (count == 1)
        return run_docs_and(e->run, e->arena, postings, within);
    for (size_t i = 0; i < count; i++)
        sum += postings[i].count;
    if (sum <= docset_list_max(e->run->doc_count) / 16) { /* more are sorted faster as bits */
        all = small_union(e, postings, count, sum);
    } else {
        uint64_t *bits = arena_try_new(e->arena, uint64_t, docset_words(e->run->doc_count) + 1);
        if (!bits)
            return NULL;
        for (size_t i = 0; i < count; i++)
            run_docs_add(e->run, &postings[i], bits);
        all = docset_of_bits(e->arena, e->run->doc_count, bits);
    }
    return all ? docset_and(e->arena, all, within) : NULL;
}

/* Documents with a term that is too long for the run. */
static const struct docset *with_long(struct evaluation *e, const struct docset *s,
                                      const struct docset *within)
{
    struct run_posting posting;

    if (!run_find(e->run, (Str){(const char[]){RUN_LONG}, 1}, &posting))
        return s;
    const struct docset *more = run_docs_and(e->run, e->arena, &posting, within);
    return more ? docset_or(e->arena, s, more) : NULL;
}

/* ---- stems ----------------------------------------------------------------------------------- */

/* A language that posts of the run are in, with the forms of the word that were found. */
struct stem_forms {
    struct word_stem stem;
    const struct docset *docs; /* in this language; NULL: any */
    struct postings found;
};

/* The languages with stems in which there are documents. */
static bool stem_languages(struct evaluation *e, struct stemmer *stemmer,
                           const struct query_node *word, const struct docset *within,
                           struct stem_forms *out, size_t *count)
{
    char term[RUN_TERM_BYTES_MAX] = {RUN_FIELD, QUERY_FIELD_LANG + 1};
    struct run_posting posting;

    *count = 0;
    for (size_t i = 0; i < stem_language_count(); i++) {
        Str code = stem_language(i);
        memcpy(term + 2, code.ptr, code.len);
        if (!run_find(e->run, (Str){term, code.len + 2}, &posting))
            continue;
        const struct docset *docs = NULL;
        if (within && !(docs = eval_set(e, run_docs_and(e->run, e->arena, &posting, within))))
            return false;
        if (docs && docs->count == 0)
            continue;
        out[*count] = (struct stem_forms){.docs = docs};
        word_stem_init(&out[(*count)++].stem, stemmer, i, word->key);
    }
    return true;
}

/* The algorithms change words at their ends only, so forms of one stem begin with the same letter:
 * the terms of that letter are walked, each is asked in every language. */
static bool stem_scan(struct evaluation *e, struct stemmer *stemmer, const struct query_node *word,
                      struct stem_forms *forms, size_t count)
{
    struct run_terms it;
    size_t end = 0;
    char prefix[8] = {RUN_PLAIN};

    (void)str_next_rune(word->key, &end);
    if (end > sizeof prefix - 1)
        return true;
    memcpy(prefix + 1, word->key.ptr, end);
    run_terms_from(&it, e->run, (Str){prefix, end + 1});
    while (run_terms_next(&it) && str_starts((Str){it.term, it.term_len}, (Str){prefix, end + 1}))
        for (size_t i = 0; i < count; i++)
            if (word_stem_fits(&forms[i].stem, stemmer, (Str){it.term + 1, it.term_len - 1}) &&
                !vec_try_push(&forms[i].found, it.found))
                return err_set(e->err, ERR_NO_MEMORY, "no memory for the words of a search");
    return true;
}

/* Adds to *docs what has another form of the word in its own language. */
static bool stem_docs(struct evaluation *e, const struct query_node *word,
                      const struct docset *within, const struct docset **docs)
{
    struct stemmer *stemmer = NULL;
    struct stem_forms *forms = arena_try_new(e->arena, struct stem_forms, stem_language_count());
    size_t count = 0;

    if (!forms)
        return err_arena(e->err, e->arena);
    bool ok = stemmer_create(&stemmer, e->err) &&
              stem_languages(e, stemmer, word, within, forms, &count) &&
              stem_scan(e, stemmer, word, forms, count);
    for (size_t i = 0; i < count; i++) {
        const struct docset *more =
            ok ? eval_set(e,
                          eval_union(e, forms[i].found.items, forms[i].found.count, forms[i].docs))
               : NULL;
        ok = more && (*docs = eval_set(e, docset_or(e->arena, *docs, more)));
        vec_deinit(&forms[i].found);
    }
    stemmer_destroy(&stemmer);
    return ok;
}

static bool eval_stemmed(struct evaluation *e, const struct query_node *word,
                         const struct docset *within, struct search_answer *out)
{
    struct word_terms terms;
    const struct docset *docs;

    if (!eval_word_terms(e, word, SIZE_MAX, &terms) ||
        !(docs = eval_set(e, eval_union(e, terms.postings, terms.count, within))) ||
        !stem_docs(e, word, within, &docs))
        return false;
    out->lower = docs;
    out->upper = eval_set(e, with_long(e, docs, within));
    return out->upper != NULL;
}

static bool eval_word(struct evaluation *e, const struct query_node *word, struct eval_place place,
                      const struct docset *within, struct search_answer *out)
{
    struct word_terms terms;
    const struct docset *docs, *upper;
    bool is_unsure = false;

    if (place.zones == 0)
        return sure(e, docset_none(e->arena, e->run->doc_count), out);
    if (word->is_stemmed) {
        ASSERT(place.zones == QUERY_IN_ANYWHERE && !place.in_sentence);
        return eval_stemmed(e, word, within, out);
    }
    if (!eval_word_terms(e, word, SIZE_MAX, &terms) ||
        !(docs = eval_set(e, eval_union(e, terms.postings, terms.count, within))))
        return false;
    if (place.zones != QUERY_IN_ANYWHERE && !terms.is_unsure && docs->count > 0 &&
        !eval_places(e, word, place, docs, NULL, NULL, &docs, &is_unsure))
        return false;
    upper = terms.is_short ? eval_set(e, with_long(e, docs, within)) : docs;
    if (!upper)
        return false;
    if (terms.is_unsure || is_unsure)
        return unsure(e, word->form == QUERY_CASE && terms.is_short ? within : upper, out);
    *out = (struct search_answer){docs, upper};
    return true;
}

/* ---- joining --------------------------------------------------------------------------------- */

/* About how many documents a part has, to begin an AND with the rarest. */
static uint32_t estimate(struct evaluation *e, const struct query_node *node)
{
    struct word_terms terms;
    struct err ignored = {0};
    struct evaluation quiet = {e->run, e->arena, &ignored};
    uint32_t least = UINT32_MAX;

    switch (node->kind) {
    case QUERY_WORD:
        if (node->form == QUERY_PATTERN || node->form == QUERY_FUZZY)
            return UINT32_MAX / 8;
        if (!eval_word_terms(&quiet, node, 1, &terms))
            return UINT32_MAX / 8;
        return (uint32_t)terms.docs;
    case QUERY_PHRASE:
    case QUERY_NEAR:
    case QUERY_AND:
        for (const struct query_node *child = node->first; child; child = child->next) {
            uint32_t one = estimate(e, child);
            least = one < least ? one : least;
        }
        return least;
    case QUERY_REFERENCE:
    case QUERY_SENTENCE:
    case QUERY_SCOPE:
        return node->first ? estimate(e, node->first) : 0;
    case QUERY_OR:
        return UINT32_MAX / 16;
    case QUERY_FIELD:
        return UINT32_MAX / 4;
    default:
        return UINT32_MAX / 2;
    }
}

struct ranked {
    const struct query_node *node;
    uint32_t estimate, order;
};

static int ranked_cmp(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->estimate != y->estimate)
        return x->estimate < y->estimate ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool eval_and(struct evaluation *e, const struct query_node *node, struct eval_place place,
                     const struct docset *within, struct search_answer *out)
{
    struct ranked *children = arena_try_new(e->arena, struct ranked, node->count + 1);
    uint32_t n = 0;
    struct search_answer one;

    if (!children)
        return err_arena(e->err, e->arena);
    for (const struct query_node *child = node->first; child; child = child->next, n++)
        children[n] = (struct ranked){child, estimate(e, child), n};
    qsort(children, n, sizeof *children, ranked_cmp);
    *out = (struct search_answer){within, within};
    for (uint32_t i = 0; i < n && out->upper->count > 0; i++) {
        if (!eval(e, children[i].node, place, out->upper, &one))
            return false;
        bool is_sure = out->lower == out->upper && one.lower == one.upper;
        out->lower = is_sure ? one.lower : eval_set(e, docset_and(e->arena, out->lower, one.lower));
        out->upper = one.upper;
        if (!out->lower)
            return false;
    }
    if (out->upper->count == 0)
        out->lower = out->upper;
    return true;
}

static bool is_one_term(const struct query_node *node, struct eval_place place)
{
    return node->kind == QUERY_WORD && node->form == QUERY_EXACT && !node->is_stemmed &&
           place.zones == QUERY_IN_ANYWHERE;
}

/* The terms of all plain words among the children at once: an OR may have thousands. */
static bool or_words(struct evaluation *e, const struct query_node *node, struct eval_place place,
                     const struct docset *within, const struct docset **out)
{
    struct postings found = {0};
    struct word_terms terms;
    const struct docset *docs = NULL;
    bool ok = true;

    for (const struct query_node *child = node->first; ok && child; child = child->next) {
        if (!is_one_term(child, place))
            continue;
        ok = eval_word_terms(e, child, 1, &terms);
        for (size_t i = 0; ok && i < terms.count; i++)
            vec_push(&found, terms.postings[i]);
    }
    if (ok)
        docs = eval_set(e, eval_union(e, found.items, found.count, within));
    vec_deinit(&found);
    *out = docs;
    return docs != NULL;
}

static bool eval_or(struct evaluation *e, const struct query_node *node, struct eval_place place,
                    const struct docset *within, struct search_answer *out)
{
    const struct docset *words;
    struct search_answer one;

    if (!or_words(e, node, place, within, &words))
        return false;
    *out = (struct search_answer){words, words};
    for (const struct query_node *child = node->first; child; child = child->next) {
        if (is_one_term(child, place))
            continue;
        if (!eval(e, child, place, within, &one))
            return false;
        bool is_sure = out->lower == out->upper && one.lower == one.upper;
        out->lower = eval_set(e, docset_or(e->arena, out->lower, one.lower));
        out->upper = is_sure ? out->lower : eval_set(e, docset_or(e->arena, out->upper, one.upper));
        if (!out->lower || !out->upper)
            return false;
    }
    return true;
}

static bool eval_not(struct evaluation *e, const struct query_node *node, struct eval_place place,
                     const struct docset *within, struct search_answer *out)
{
    struct search_answer one;

    if (place.in_sentence) /* false somewhere, but maybe not in the sentence that counts */
        return unsure(e, within, out);
    if (!eval(e, node->first, place, within, &one))
        return false;
    out->lower = eval_set(e, docset_minus(e->arena, within, one.upper));
    out->upper = one.lower == one.upper ? out->lower
                                        : eval_set(e, docset_minus(e->arena, within, one.lower));
    return out->lower && out->upper;
}

/* ---- places ---------------------------------------------------------------------------------- */

static bool eval_text(struct evaluation *e, const struct query_node *node, struct eval_place place,
                      const struct docset *within, struct search_answer *out)
{
    const struct docset *docs;
    bool is_unsure = false;

    if (!eval_places(e, node, place, within, NULL, NULL, &docs, &is_unsure))
        return false;
    return is_unsure ? unsure(e, docs, out) : sure(e, docs, out);
}

static bool is_more(const struct query_node *count, size_t times)
{
    return (double)times > count->low;
}

static bool is_at_least(const struct query_node *count, size_t times)
{
    return (double)times >= count->low;
}

static bool is_equal(const struct query_node *count, size_t times)
{
    return (double)times == count->low;
}

/* How often: what has it at all is found by its words, the rest has it never. */
static bool eval_count(struct evaluation *e, const struct query_node *node, struct eval_place place,
                       const struct docset *within, struct search_answer *out)
{
    bool is_at_most = node->compare == QUERY_AT_MOST;
    bool holds_without =
        is_at_most ? node->low >= 0
                   : node->low <= 0 && (node->compare == QUERY_AT_LEAST || node->low == 0);
    eval_keep *keep = is_at_most                        ? is_more
                      : node->compare == QUERY_AT_LEAST ? is_at_least
                                                        : is_equal;
    const struct docset *docs;
    bool is_unsure = false;

    if (place.in_sentence || (holds_without && !is_at_most && node->compare != QUERY_AT_LEAST))
        return unsure(e, within, out);
    if (holds_without && node->compare == QUERY_AT_LEAST)
        return sure(e, within, out);
    if (!eval_places(e, node->first, place, within, keep, node, &docs, &is_unsure))
        return false;
    if (is_unsure)
        return unsure(e, is_at_most ? within : docs, out);
    if (!is_at_most)
        return sure(e, docs, out);
    if (!holds_without)
        return sure(e, docset_none(e->arena, e->run->doc_count), out);
    return sure(e, docset_minus(e->arena, within, docs), out);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static bool eval_keyed(struct evaluation *e, const struct query_node *node,
                       const struct docset *within, struct search_answer *out)
{
    char term[RUN_TERM_BYTES_MAX];
    struct run_posting posting;
    Str key = node->key;
    bool is_cut = false;

    if (node->field == QUERY_FIELD_LINKS) {
        size_t end = 0;
        while (end < key.len && key.ptr[end] != '/' && key.ptr[end] != '?')
            end++;
        is_cut = end < key.len;
        key = str_sub(key, 0, end);
    }
    if (key.len + 2 > sizeof term)
        return unsure(e, within, out);
    term[0] = RUN_FIELD;
    term[1] = (char)(node->field + 1);
    memcpy(term + 2, key.ptr, key.len);
    if (!run_find(e->run, (Str){term, key.len + 2}, &posting))
        return sure(e, docset_none(e->arena, e->run->doc_count), out);
    const struct docset *docs = run_docs_and(e->run, e->arena, &posting, within);
    return is_cut ? unsure(e, docs, out) : sure(e, docs, out);
}

/* A document's number: known and inside, unknown or outside, or to be looked at. */
enum inside { OUTSIDE, INSIDE, LOOK };

static enum inside number_is(const struct word_run *run, enum run_number number, uint32_t doc,
                             const struct query_node *node)
{
    uint32_t stored = run->numbers[number] ? run->numbers[number][doc] : 0;
    double value = (double)stored - 1;

    if (stored == 0)
        return OUTSIDE;
    if (stored == RUN_NUMBER_OTHER)
        return LOOK;
    if (number == RUN_RATING)
        value = (double)(stored - 1) / 1000;
    return value >= node->low && value <= node->high ? INSIDE : OUTSIDE;
}

static enum inside range_is(const struct word_run *run, uint32_t doc, const struct query_node *node)
{
    int64_t ms = run->times[doc];

    switch (node->field) {
    case QUERY_FIELD_FOLLOWERS:
        return number_is(run, RUN_FOLLOWERS, doc, node);
    case QUERY_FIELD_RATING:
        return number_is(run, RUN_RATING, doc, node);
    case QUERY_FIELD_ENGAGEMENT:
        return number_is(run, RUN_ENGAGEMENT, doc, node);
    case QUERY_FIELD_VIEWS:
        return number_is(run, RUN_VIEWS, doc, node);
    case QUERY_FIELD_MINUTE: {
        int64_t rest = ms % 86400000;
        int64_t whole_minute = (rest < 0 ? rest + 86400000 : rest) / 60000;
        double minute = (double)whole_minute;
        return (run->flags[doc] & RUN_HAS_TIME) && minute >= node->low && minute <= node->high
                   ? INSIDE
                   : OUTSIDE;
    }
    case QUERY_FIELD_TIME:
        return (run->flags[doc] & RUN_HAS_TIME) && (double)ms >= node->low &&
                       (double)ms <= node->high
                   ? INSIDE
                   : OUTSIDE;
    default:
        return LOOK;
    }
}

static bool eval_range(struct evaluation *e, const struct query_node *node,
                       const struct docset *within, struct search_answer *out)
{
    size_t words = docset_words(e->run->doc_count) + 1;
    uint64_t *lower = arena_try_new(e->arena, uint64_t, words);
    uint64_t *look = arena_try_new(e->arena, uint64_t, words);
    struct docset_iter it = docset_from(within, 0);
    bool any_look = false;

    if (!lower || !look)
        return err_arena(e->err, e->arena);
    for (uint32_t doc; docset_next(&it, &doc);) {
        enum inside is = range_is(e->run, doc, node);
        if (is == INSIDE)
            bits_set(lower, doc);
        if (is == LOOK)
            bits_set(look, doc);
        any_look |= is == LOOK;
    }
    if (!sure(e, docset_of_bits(e->arena, e->run->doc_count, lower), out) || !any_look)
        return out->lower != NULL;
    const struct docset *more = eval_set(e, docset_of_bits(e->arena, e->run->doc_count, look));
    out->upper = more ? eval_set(e, docset_or(e->arena, out->lower, more)) : NULL;
    return out->upper != NULL;
}

static bool eval_field(struct evaluation *e, const struct query_node *node,
                       const struct docset *within, struct search_answer *out)
{
    if (node->field >= QUERY_FIELD_FOLLOWERS)
        return eval_range(e, node, within, out);
    if (!query_member_is_keyed(node->field, node->key) || node->field == QUERY_FIELD_URL ||
        node->field == QUERY_FIELD_ID)
        return unsure(e, within, out);
    return eval_keyed(e, node, within, out);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool eval_sentence(struct evaluation *e, const struct query_node *node,
                          struct eval_place place, const struct docset *within,
                          struct search_answer *out)
{
    struct search_answer one;

    place.in_sentence = true;
    return eval(e, node->first, place, within, &one) && unsure(e, one.upper, out);
}

static bool eval(struct evaluation *e, const struct query_node *node, struct eval_place place,
                 const struct docset *within, struct search_answer *out)
{
    switch (node->kind) {
    case QUERY_WORD:
        return eval_word(e, node, place, within, out);
    case QUERY_PHRASE:
    case QUERY_NEAR:
        return eval_text(e, node, place, within, out);
    case QUERY_AND:
        return eval_and(e, node, place, within, out);
    case QUERY_OR:
        return eval_or(e, node, place, within, out);
    case QUERY_NOT:
        return eval_not(e, node, place, within, out);
    case QUERY_SENTENCE:
        return eval_sentence(e, node, place, within, out);
    case QUERY_COUNT:
        return eval_count(e, node, place, within, out);
    case QUERY_SCOPE:
        place.zones &= node->zones;
        return eval(e, node->first, place, within, out);
    case QUERY_FIELD:
        return eval_field(e, node, within, out);
    case QUERY_RAW:
        return unsure(e, within, out);
    case QUERY_REFERENCE:
        if (node->first)
            return eval(e, node->first, place, within, out);
        return sure(e, docset_none(e->arena, e->run->doc_count), out);
    case QUERY_NOTHING:
        return sure(e, docset_none(e->arena, e->run->doc_count), out);
    }
    UNREACHABLE("every kind is a case");
}

bool search_eval(const struct word_run *run, struct arena *arena, const struct query_node *root,
                 const struct docset *within, struct search_answer *out, struct err *err)
{
    struct evaluation e = {run, arena, err};

    return eval(&e, root, (struct eval_place){QUERY_IN_ANYWHERE, false}, within, out);
}

/* ---- relevance ------------------------------------------------------------------------------- */

struct words {
    VEC(struct search_word);
};

static void collect_words(const struct query_node *node, struct words *words)
{
    if (node->kind == QUERY_NOT || node->kind == QUERY_FIELD)
        return;
    if (node->kind == QUERY_WORD)
        vec_push(words, (struct search_word){node, 0});
    for (const struct query_node *child = node->first; child; child = child->next)
        collect_words(child, words);
}

bool search_words(struct arena *arena, const struct query_node *root, struct search_word **out,
                  size_t *count, struct err *err)
{
    struct words words = {0};

    collect_words(root, &words);
    *count = words.count;
    *out = arena_try_new(arena, struct search_word, words.count + 1);
    if (*out && words.count > 0)
        memcpy(*out, words.items, words.count * sizeof *words.items);
    vec_deinit(&words);
    return *out || err_arena(err, arena);
}

/* Forms of several languages are often the same term: it counts once. */
static bool add_posting(struct evaluation *e, struct postings *found,
                        const struct run_posting *posting)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].bytes.ptr == posting->bytes.ptr)
            return true;
    return vec_try_push(found, *posting) ||
           err_set(e->err, ERR_NO_MEMORY, "no memory for the words of a search");
}

/* What counts for a word: with stems its forms in every language of the run. */
static bool scored_terms(struct evaluation *e, const struct query_node *word, size_t max,
                         struct word_terms *out)
{
    struct stemmer *stemmer = NULL;
    struct stem_forms *forms;
    struct postings found = {0};
    size_t count = 0;

    if (!word->is_stemmed)
        return eval_word_terms(e, word, max, out);
    forms = arena_try_new(e->arena, struct stem_forms, stem_language_count());
    if (!forms)
        return err_arena(e->err, e->arena);
    bool ok = eval_word_terms(e, word, max, out) && stemmer_create(&stemmer, e->err) &&
              stem_languages(e, stemmer, word, NULL, forms, &count) &&
              stem_scan(e, stemmer, word, forms, count);
    for (size_t i = 0; ok && i < out->count; i++)
        ok = add_posting(e, &found, &out->postings[i]);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; ok && k < forms[i].found.count; k++)
            ok = add_posting(e, &found, &forms[i].found.items[k]);
        vec_deinit(&forms[i].found);
    }
    stemmer_destroy(&stemmer);
    out->docs = 0;
    if (ok)
        return postings_give(e, &found, out);
    vec_deinit(&found);
    return false;
}

bool search_words_count(const struct word_run *run, struct search_word *words, size_t count,
                        struct arena *arena, struct err *err)
{
    struct evaluation e = {run, arena, err};
    struct word_terms terms;

    for (size_t i = 0; i < count; i++) {
        if (!scored_terms(&e, words[i].node, SIZE_MAX, &terms))
            return false;
        words[i].docs += terms.docs;
    }
    return true;
}

enum { USUAL_LENGTH = 24 };

static float weight_of(const struct search_word *word, uint64_t docs_total)
{
    double rarity = (double)(docs_total + 1) / (double)(word->docs + 1);

    return rarity < 2 ? 0.5F : (float)floor(log2(rarity));
}

/* Place in a list or rank in a bitmap, going upwards. */
static void score_posting(const struct word_run *run, const struct run_posting *posting,
                          const struct docset *docs, float weight, float *scores)
{
    struct run_reader reader;
    struct docset_iter it = docset_from(docs, 0);
    uint32_t rank = 0;

    run_reader_init(&reader, run, posting);
    for (uint32_t doc; docset_next(&it, &doc); rank++) {
        if (!run_reader_seek(&reader, doc))
            return;
        if (reader.doc != doc)
            continue;
        float times = (float)reader.times;
        float length = 0.25F + 0.75F * (float)run->lengths[doc] / USUAL_LENGTH;
        scores[rank] += weight * times * 2.2F / (times + 1.2F * length);
    }
}

bool search_score(const struct word_run *run, struct arena *arena, const struct search_word *words,
                  size_t count, uint64_t docs_total, const struct docset *docs, float *scores,
                  struct err *err)
{
    struct evaluation e = {run, arena, err};
    struct word_terms terms;

    for (size_t i = 0; i < count; i++) {
        float weight = weight_of(&words[i], docs_total);
        if (!scored_terms(&e, words[i].node, SEARCH_PLACE_TERMS_MAX, &terms))
            return false;
        for (size_t j = 0; j < terms.count; j++)
            score_posting(run, &terms.postings[j], docs, weight, scores);
    }
    return true;
}
