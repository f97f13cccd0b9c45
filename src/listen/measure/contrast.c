#include "listen/measure/contrast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "quant/numeric.h"
#include "text/common_words.h"
#include "text/similarity.h"

enum { LANGS = 8, LENGTHS = 6, STRATA = LANGS * LENGTHS };
#define REFERENCE_MIN 400        /* posts of a language: fewer say nothing */
#define SENTENCE_END  UINT32_MAX /* between words that are no neighbours */
#define SELF_COMMON   0.25       /* of the conversation's posts, where there is no reference */
#define COVERS        0.6        /* of a word's marked posts that a phrase has: it stands for it */
#define NORMAL_95     1.959963984540054

/* A post as numbers of words, in order. */
struct kept {
    uint32_t from, count; /* of sequence[] */
    uint8_t stratum;
    uint8_t marks;
    struct post_ref ref;
};

struct word {
    struct common_count posts; /* of the conversation */
    uint32_t last_post;        /* serial of the last post that had it, from 1 */
    uint32_t reference[LANGS];
};

struct contrast {
    struct map index; /* text -> number */
    struct {
        VEC(struct word);
    } words;
    struct {
        VEC(uint32_t);
    } sequence;
    struct {
        VEC(struct kept);
    } posts;
    struct similarity *copies;
    char langs[LANGS][4]; /* by first appearance; the last place is for all others */
    size_t lang_count;
    uint32_t serial;
    uint32_t posts_of[LANGS], reference_of[LANGS];
    uint64_t words_of[LANGS], reference_words[LANGS];
    uint32_t reference_count;
};

bool contrast_create(struct contrast **out, struct err *err)
{
    const struct similarity_settings settings = {.posts_max = CONTRAST_POSTS,
                                                 .window_ms = INT64_MAX / 4};
    struct contrast *c = mem_try_alloc(1, sizeof *c);

    if (!c)
        return err_set(err, ERR_NO_MEMORY, "no memory for comparing words");
    map_init(&c->index, MAP_COPY_KEYS, 1);
    if (!similarity_create(&c->copies, &settings, err)) {
        contrast_destroy(&c);
        return false;
    }
    *out = c;
    return true;
}

void contrast_destroy(struct contrast **p)
{
    struct contrast *c = *p;

    if (!c)
        return;
    map_deinit(&c->index);
    vec_deinit(&c->words);
    vec_deinit(&c->sequence);
    vec_deinit(&c->posts);
    similarity_destroy(&c->copies);
    mem_free(c);
    *p = NULL;
}

/* ---- posts ----------------------------------------------------------------------------------- */

static size_t lang_of(struct contrast *c, Str lang)
{
    lang = str_sub(lang, 0, 3);
    for (size_t i = 0; i < c->lang_count; i++)
        if (str_eq(str_from_cstr(c->langs[i]), lang))
            return i;
    if (c->lang_count == LANGS - 1)
        return LANGS - 1;
    if (lang.len > 0)
        memcpy(c->langs[c->lang_count], lang.ptr, lang.len);
    return c->lang_count++;
}

/* 1-8, 9-16, 17-32 ... words. */
static size_t length_class(size_t words)
{
    size_t class = 0;

    for (words = (words - (words > 0)) / 8; words > 0 && class < LENGTHS - 1; words /= 2)
        class ++;
    return class;
}

static bool is_word(const struct token *token)
{
    return (token->kind == TOKEN_WORD || token->kind == TOKEN_HASHTAG ||
            token->kind == TOKEN_CASHTAG) &&
           token->folded.len > 0 && token->folded.len <= 64;
}

/* False: no memory. A word too many has no number and stands like a sentence's end. */
static bool number_of(struct contrast *c, Str text, uint32_t *out)
{
    bool is_new = false;
    uint64_t *number = map_get(&c->index, text);

    *out = SENTENCE_END;
    if (!number && c->words.count >= CONTRAST_WORDS_MAX)
        return true;
    if (!number && !(number = map_at(&c->index, text, &is_new)))
        return false;
    if (is_new) {
        *number = c->words.count;
        if (!vec_try_push(&c->words, (struct word){0}))
            return false;
    }
    *out = (uint32_t)*number;
    return true;
}

static bool list_add(struct contrast *c, const struct token *tokens, size_t count, size_t *words)
{
    const struct token *before = NULL;

    for (size_t i = 0; i < count && *words < CONTRAST_POST_WORDS; i++) {
        uint32_t number = SENTENCE_END;
        if (!is_word(&tokens[i]))
            continue;
        bool is_near = before && before->position + 1 == tokens[i].position &&
                       before->sentence == tokens[i].sentence;
        if (!is_near && !vec_try_push(&c->sequence, SENTENCE_END))
            return false;
        if (!number_of(c, tokens[i].folded, &number) || !vec_try_push(&c->sequence, number))
            return false;
        before = &tokens[i];
        (*words)++;
    }
    return true;
}

static bool sequence_add(struct contrast *c, const struct post_tokens *tokens, struct kept *post,
                         size_t *words, struct err *err)
{
    *words = 0;
    post->from = (uint32_t)c->sequence.count;
    if (!list_add(c, tokens->title, tokens->title_count, words) ||
        !list_add(c, tokens->body, tokens->body_count, words))
        return err_set(err, ERR_NO_MEMORY, "no memory for comparing words");
    post->count = (uint32_t)(c->sequence.count - post->from);
    return true;
}

/* The next post; true for the first time that it has the word. */
static bool is_new_in_post(struct contrast *c, uint32_t number)
{
    if (number == SENTENCE_END || c->words.items[number].last_post == c->serial)
        return false;
    c->words.items[number].last_post = c->serial;
    return true;
}

bool contrast_add(struct contrast *c, const struct post_tokens *tokens, Str lang, unsigned marks,
                  struct post_ref ref, int64_t time_ms, struct err *err)
{
    const struct similarity_part parts[] = {{tokens->title, tokens->title_count},
                                            {tokens->body, tokens->body_count}};
    struct kept post = {.marks = (uint8_t)marks, .ref = ref};
    size_t words, language;

    if (c->posts.count >= CONTRAST_POSTS || !similarity_add(c->copies, parts, 2, time_ms).is_first)
        return true;
    if (!sequence_add(c, tokens, &post, &words, err))
        return false;
    language = lang_of(c, lang);
    post.stratum = (uint8_t)(language * LENGTHS + length_class(words));
    if (!vec_try_push(&c->posts, post))
        return err_set(err, ERR_NO_MEMORY, "no memory for comparing words");
    c->serial++;
    c->posts_of[language]++;
    c->words_of[language] += words;
    size_t list = common_words_list(lang);
    for (uint32_t i = post.from; i < post.from + post.count; i++)
        if (is_new_in_post(c, c->sequence.items[i]))
            common_count_add(&c->words.items[c->sequence.items[i]].posts, list);
    return true;
}

bool contrast_add_reference(struct contrast *c, const struct post_tokens *tokens, Str lang,
                            struct err *err)
{
    struct kept post = {0};
    size_t words, language = lang_of(c, lang);

    if (c->reference_count >= CONTRAST_POSTS)
        return true;
    if (!sequence_add(c, tokens, &post, &words, err))
        return false;
    c->serial++;
    c->reference_of[language]++;
    c->reference_words[language] += words;
    c->reference_count++;
    for (uint32_t i = post.from; i < post.from + post.count; i++)
        if (is_new_in_post(c, c->sequence.items[i]))
            c->words.items[c->sequence.items[i]].reference[language]++;
    c->sequence.count = post.from; /* only counted */
    return true;
}

int64_t contrast_posts(const struct contrast *c)
{
    return (int64_t)c->posts.count;
}

int64_t contrast_marked(const struct contrast *c, unsigned mark)
{
    int64_t marked = 0;

    vec_each (const struct kept, post, &c->posts)
        marked += post->marks >> mark & 1;
    return marked;
}

/* ---- function words -------------------------------------------------------------------------- */

/* The lists know most of them. Else: posts with the word that the reference lets expect, language
 * by language and by the number of words, since long posts have more of them. */
static bool is_common(const struct contrast *c, uint32_t number)
{
    const struct word *word = &c->words.items[number];
    double expected = 0, compared = 0;

    if (common_count_is_common(&word->posts, c->index.entries[number].key, FOLD_KEEP_ACCENTS))
        return true;
    for (size_t l = 0; l < LANGS; l++) {
        if (c->reference_of[l] < REFERENCE_MIN)
            continue;
        expected +=
            (double)c->words_of[l] * word->reference[l] / ((double)c->reference_words[l] + 1);
        compared += c->posts_of[l];
    }
    if (compared < 0.5 * (double)c->posts.count)
        return word->posts.all > SELF_COMMON * (double)c->posts.count;
    return expected > CONTRAST_COMMON_SHARE * compared &&
           word->posts.all < CONTRAST_COMMON_FACTOR * expected;
}

/* ---- terms and their posts ------------------------------------------------------------------- */

/* A term in a post; sorted by term, then post, so that the posts of a term lie together. */
struct place {
    uint64_t term; /* first word << 32 | second word, or SENTENCE_END for a word alone */
    uint32_t post;
};

struct places {
    VEC(struct place);
};

static int place_cmp(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    if (a->term != b->term)
        return a->term < b->term ? -1 : 1;
    return a->post < b->post ? -1 : a->post > b->post;
}

static uint64_t term_of(uint32_t first, uint32_t second)
{
    return (uint64_t)first << 32 | second;
}

/* All words and phrases of all posts, but for those left out. */
static bool places_fill(const struct contrast *c, const bool *is_out, struct places *out)
{
    for (size_t p = 0; p < c->posts.count; p++) {
        const struct kept *post = &c->posts.items[p];
        uint32_t before = SENTENCE_END;
        for (uint32_t i = post->from; i < post->from + post->count; i++) {
            uint32_t number = c->sequence.items[i];
            bool is_term = number != SENTENCE_END && !is_out[number];
            if (is_term &&
                !vec_try_push(out, (struct place){term_of(number, SENTENCE_END), (uint32_t)p}))
                return false;
            if (is_term && before != SENTENCE_END && before != number &&
                !vec_try_push(out, (struct place){term_of(before, number), (uint32_t)p}))
                return false;
            before = is_term ? number : SENTENCE_END;
        }
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, place_cmp);
    return true;
}

/* ---- one term -------------------------------------------------------------------------------- */

struct strata {
    double marked[STRATA], unmarked[STRATA]; /* posts */
};

struct tested {
    uint64_t term;
    size_t from, to; /* of places */
    int64_t count, background;
    double score, chance, lift, low, up;
};

struct tests {
    VEC(struct tested);
};

/* Sums of Mantel and Haenszel over the strata. a of n1 marked and b of n0 unmarked posts have the
 * term, m = a + b, t = n1 + n0. */
static void test_term(const struct strata *all, const double *a, const double *b,
                      struct tested *out)
{
    double observed = 0, expected = 0, variance = 0, r = 0, s = 0, p = 0;

    for (size_t i = 0; i < STRATA; i++) {
        double n1 = all->marked[i], n0 = all->unmarked[i], t = n1 + n0, m = a[i] + b[i];
        if (n1 == 0 || n0 == 0 || m == 0)
            continue;
        observed += a[i];
        expected += n1 * m / t;
        variance += t > 1 ? n1 * n0 * m * (t - m) / (t * t * (t - 1)) : 0;
        r += a[i] * n0 / t;
        s += b[i] * n1 / t;
        p += (m * n1 * n0 - a[i] * b[i] * t) / (t * t);
    }
    out->score = variance > 0 && observed - expected > 0.5
                     ? (observed - expected - 0.5) / sqrt(variance)
                     : 0;
    out->chance = numeric_normal_cdf(-out->score);
    /* Half a post more on each side, so that a term that no other post has stays finite. */
    out->lift = (r + 0.25) / (s + 0.25);
    double spread = NORMAL_95 * sqrt((p + 0.25) / ((r + 0.25) * (s + 0.25)));
    out->low = out->lift * exp(-spread);
    out->up = out->lift * exp(spread);
}

static bool terms_test(const struct contrast *c, unsigned mark, const struct strata *all,
                       const struct places *places, struct tests *out)
{
    double a[STRATA], b[STRATA];

    for (size_t from = 0, to; from < places->count; from = to) {
        struct tested it = {.term = places->items[from].term, .from = from};
        uint32_t last = UINT32_MAX;
        memset(a, 0, sizeof a);
        memset(b, 0, sizeof b);
        for (to = from; to < places->count && places->items[to].term == it.term; to++) {
            uint32_t number = places->items[to].post;
            if (number == last)
                continue;
            last = number;
            const struct kept *post = &c->posts.items[number];
            bool is_marked = post->marks >> mark & 1;
            (is_marked ? a : b)[post->stratum]++;
            it.count += is_marked;
            it.background += !is_marked;
        }
        it.to = to;
        if (it.count < CONTRAST_POSTS_MIN)
            continue;
        test_term(all, a, b, &it);
        if (!vec_try_push(out, it))
            return false;
    }
    return true;
}

static int tested_cmp(const void *left, const void *right)
{
    const struct tested *a = left, *b = right;

    if (a->chance != b->chance)
        return a->chance < b->chance ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->term < b->term ? -1 : a->term > b->term;
}

/* How many of the tests, in rising order of chance, are told. */
static size_t passing(const struct tests *tests)
{
    for (size_t i = tests->count; i > 0; i--)
        if (tests->items[i - 1].chance <= CONTRAST_FALSE_SHARE * (double)i / (double)tests->count)
            return i;
    return 0;
}

/* ---- phrases for their words ----------------------------------------------------------------- */

static bool has_word(uint64_t phrase, uint64_t word)
{
    uint32_t number = (uint32_t)(word >> 32);

    return (uint32_t)phrase != SENTENCE_END && (uint32_t)word == SENTENCE_END &&
           ((uint32_t)(phrase >> 32) == number || (uint32_t)phrase == number);
}

static bool share_word(uint64_t a, uint64_t b)
{
    uint32_t a1 = (uint32_t)(a >> 32), a2 = (uint32_t)a, b1 = (uint32_t)(b >> 32), b2 = (uint32_t)b;

    return a1 == b1 || a1 == b2 || (a2 != SENTENCE_END && (a2 == b1 || a2 == b2));
}

/* One more term to show: it takes the place of a word that it covers, or is dropped for a shown
 * term that says the same. */
static size_t show(const struct tested *shown[], size_t count, size_t max, const struct tested *it)
{
    for (size_t i = 0; i < count; i++) {
        if (!share_word(shown[i]->term, it->term))
            continue;
        if (has_word(it->term, shown[i]->term) &&
            (double)it->count >= COVERS * (double)shown[i]->count)
            shown[i] = it;
        return count;
    }
    if (count < max)
        shown[count++] = it;
    return count;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static bool fill_term(const struct contrast *c, const struct tested *it, unsigned mark,
                      const struct places *places, struct arena *arena, struct contrast_term *out)
{
    Str first = c->index.entries[it->term >> 32].key, second = STR_NONE;
    uint32_t last = UINT32_MAX;

    if ((uint32_t)it->term != SENTENCE_END)
        second = c->index.entries[(uint32_t)it->term].key;
    *out = (struct contrast_term){.count = it->count,
                                  .background = it->background,
                                  .lift = it->lift,
                                  .lift_low = it->low,
                                  .lift_up = it->up,
                                  .score = it->score};
    out->text = second.len > 0 ? arena_printf(arena, STR_F " " STR_F, STR_A(first), STR_A(second))
                               : arena_printf(arena, STR_F, STR_A(first));
    for (size_t i = it->from; i < it->to && out->example_count < TERM_EXAMPLES; i++) {
        const struct kept *post = &c->posts.items[places->items[i].post];
        if (places->items[i].post != last && post->marks >> mark & 1)
            out->examples[out->example_count++] = post->ref;
        last = places->items[i].post;
    }
    return out->text.ptr != NULL;
}

static void strata_fill(const struct contrast *c, unsigned mark, struct strata *all)
{
    memset(all, 0, sizeof *all);
    vec_each (struct kept, post, &c->posts) {
        bool is_marked = post->marks >> mark & 1;
        (is_marked ? all->marked : all->unmarked)[post->stratum]++;
    }
}

/* Short words, function words, and what the caller leaves out. */
static bool *left_out(const struct contrast *c, bool (*is_left_out)(Str word))
{
    bool *is_out = mem_try_alloc(c->words.count + 1, sizeof *is_out);

    for (uint32_t i = 0; is_out && i < c->words.count; i++) {
        Str text = c->index.entries[i].key;
        is_out[i] =
            text.len < TERM_BYTES_MIN || is_common(c, i) || (is_left_out && is_left_out(text));
    }
    return is_out;
}

static bool answer(const struct contrast *c, unsigned mark, const struct tests *tests,
                   const struct places *places, struct arena *arena, size_t max,
                   struct contrast_term **out, size_t *count, struct err *err)
{
    size_t pass = passing(tests), n = 0;
    const struct tested **shown = arena_try_alloc(arena, sizeof *shown, _Alignof(void *), max + 1);

    *out = arena_try_new(arena, struct contrast_term, max + 1);
    if (!shown || !*out)
        return err_arena(err, arena);
    for (size_t i = 0; i < pass; i++)
        if (tests->items[i].lift >= CONTRAST_LIFT_MIN && tests->items[i].low > 1)
            n = show(shown, n, max, &tests->items[i]);
    for (size_t i = 0; i < n; i++) {
        if (!fill_term(c, shown[i], mark, places, arena, &(*out)[i]))
            return err_arena(err, arena);
    }
    *count = n;
    return true;
}

bool contrast_top(struct contrast *c, unsigned mark, bool (*is_left_out)(Str word),
                  struct arena *arena, size_t max, struct contrast_term **out, size_t *count,
                  struct err *err)
{
    struct places places = {0};
    struct tests tests = {0};
    struct strata all;

    ASSERT(mark < CONTRAST_MARKS);
    bool *is_out = left_out(c, is_left_out);
    strata_fill(c, mark, &all);
    bool ok =
        is_out && places_fill(c, is_out, &places) && terms_test(c, mark, &all, &places, &tests);
    if (!ok)
        err_set(err, ERR_NO_MEMORY, "no memory for comparing words");
    if (tests.count > 1)
        qsort(tests.items, tests.count, sizeof *tests.items, tested_cmp);
    ok = ok && answer(c, mark, &tests, &places, arena, max, out, count, err);
    vec_deinit(&places);
    vec_deinit(&tests);
    mem_free(is_out);
    return ok;
}
