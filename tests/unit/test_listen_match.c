/* The set matcher as a machine: what it allocates, how it fails, who shares it. That it answers as
 * the naive evaluator does is shown by test_listen_differential.c. */
#include "unit/test.h"

#include "base/fault.h"
#include "base/hash.h"
#include "base/mem.h"
#include "listen/match/match.h"
#include "listen/match/match_swap.h"
#include "listen/query/query_glob.h"
#include "listen_samples.h"
#include "os/clock.h"
#include "os/thread.h"
#include "text/fold.h"

enum { QUERIES = 300, POSTS = 60, TEXT_MAX = 1 << 16 };

struct corpus {
    struct arena arena;
    struct query_set_item items[QUERIES];
    struct post_tokens tokens;
};

static void corpus_init(struct corpus *c)
{
    struct err err = {0};

    *c = (struct corpus){0};
    arena_init(&c->arena, (size_t)1 << 30);
    CHECK(post_tokens_init(&c->tokens, &err));
}

static void corpus_deinit(struct corpus *c)
{
    post_tokens_deinit(&c->tokens);
    arena_deinit(&c->arena);
}

static void make_queries(struct corpus *c, struct random *r, const struct sample_words *words)
{
    struct buf out;

    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < QUERIES; i++) {
        buf_reset(&out);
        sample_query(r, words, 1 + (unsigned)sample_below(r, 3), false, &out);
        c->items[i].id = arena_printf(&c->arena, "q%zu", i);
        c->items[i].text = arena_str(&c->arena, buf_str(&out));
    }
    buf_deinit(&out);
}

/* --- steady state, sharing, faults --- */

struct matched {
    struct corpus *corpus;
    struct query_set *set;
    struct post posts[POSTS];
};

static void matched_init(struct matched *m)
{
    const struct sample_words words = {sample_vocabulary, COUNT_OF(sample_vocabulary)};
    struct random r = {.seed = 9};
    struct err err = {0};

    m->corpus = mem_alloc(1, sizeof *m->corpus);
    corpus_init(m->corpus);
    make_queries(m->corpus, &r, &words);
    CHECK(query_set_create(&m->set, m->corpus->items, QUERIES, NULL, NULL, NULL, &err));
    for (size_t i = 0; i < POSTS; i++)
        m->posts[i] = sample_post(&r, &words, &m->corpus->arena);
}

static void matched_deinit(struct matched *m)
{
    query_set_release(&m->set);
    corpus_deinit(m->corpus);
    mem_free(m->corpus);
}

/* A hash over all matches of all posts. */
static uint64_t match_all(struct matched *m, struct match_scratch *scratch,
                          struct post_tokens *tokens)
{
    struct err err = {0};
    const uint32_t *ordinals;
    uint64_t hash = 0;
    size_t count;

    for (size_t i = 0; i < POSTS; i++) {
        CHECK(post_tokens_fill(tokens, &m->posts[i], &err));
        CHECK(match_post(scratch, &m->posts[i], tokens, &ordinals, &count, &err));
        for (size_t k = 0; k < count; k++)
            hash = hash_combine(hash, i << 32 | ordinals[k]);
    }
    return hash;
}

#ifdef TRIMTAB_FAULTS
/* Once the scratch has grown, no call allocates: one that would fails at once. */
TEST(match_post_allocates_nothing_in_the_steady_state)
{
    struct matched m;
    struct match_scratch *scratch;
    struct err err = {0};

    matched_init(&m);
    CHECK(match_scratch_create(&scratch, m.set, &err));
    uint64_t first = match_all(&m, scratch, &m.corpus->tokens);
    fault_arm(1);
    uint64_t second = match_all(&m, scratch, &m.corpus->tokens);
    CHECK(!fault_disarm());
    CHECK(first == second);
    match_scratch_destroy(&scratch);
    matched_deinit(&m);
}

TEST(query_set_create_survives_every_failure)
{
    const struct query_set_item items[] = {{S("a"), S("late AND \"flight b\"~2 AND NOT c*")},
                                           {S("b"), S("@@a OR {BT} OR lang:en OR x~1")},
                                           {S("c"), S("a AND OR")}};

    for (int n = 1;; n++) {
        struct query_set *set = NULL;
        struct err err = {0};
        long before = mem_live_blocks();
        fault_arm(n);
        bool ok = query_set_create(&set, items, COUNT_OF(items), NULL, NULL, NULL, &err);
        bool hit = fault_disarm();
        CHECK(ok == (set != NULL));
        CHECK(ok == (err.code == ERR_NONE));
        query_set_release(&set);
        CHECK_INT(mem_live_blocks(), before);
        if (!hit)
            break;
    }
}
#endif

struct sharer {
    struct thread thread;
    struct matched *matched;
    uint64_t hash;
};

static void share(void *context)
{
    struct sharer *s = context;
    struct match_scratch *scratch;
    struct post_tokens tokens;
    struct err err = {0};

    CHECK(post_tokens_init(&tokens, &err) && match_scratch_create(&scratch, s->matched->set, &err));
    for (int i = 0; i < 5; i++)
        s->hash = match_all(s->matched, scratch, &tokens);
    match_scratch_destroy(&scratch);
    post_tokens_deinit(&tokens);
}

TEST(query_set_is_shared_by_threads)
{
    struct matched m;
    struct sharer sharers[3] = {0};
    struct err err = {0};

    matched_init(&m);
    for (size_t i = 0; i < COUNT_OF(sharers); i++) {
        sharers[i].matched = &m;
        CHECK(thread_create(&sharers[i].thread, "share", share, &sharers[i], &err));
    }
    for (size_t i = 0; i < COUNT_OF(sharers); i++)
        thread_join(&sharers[i].thread);
    CHECK(sharers[0].hash != 0);
    CHECK(sharers[0].hash == sharers[1].hash && sharers[1].hash == sharers[2].hash);
    matched_deinit(&m);
}

/* --- the set is swapped while posts stream --- */

enum { SWAPS = 60, STREAMERS = 3 };

/* What each of two sets says to each post; a streamed post has to be answered by one of them,
 * whole. */
struct swapped {
    struct matched *matched;
    struct query_set *sets[2];
    uint64_t answers[2][POSTS];
    struct query_set_holder holder;
    _Atomic bool is_over;
};

struct streamer {
    struct thread thread;
    struct swapped *swapped;
    uint64_t posts, by_set[2];
};

static uint64_t answer(struct match_scratch *scratch, struct post_tokens *tokens,
                       const struct post *post)
{
    struct err err = {0};
    const uint32_t *ordinals;
    uint64_t hash = 1;
    size_t count;

    CHECK(post_tokens_fill(tokens, post, &err));
    CHECK(match_post(scratch, post, tokens, &ordinals, &count, &err));
    for (size_t k = 0; k < count; k++)
        hash = hash_combine(hash, ordinals[k]);
    return hash;
}

static void stream(void *context)
{
    struct streamer *s = context;
    struct swapped *w = s->swapped;
    struct match_scratch *scratch = NULL;
    struct post_tokens tokens;
    struct err err = {0};

    CHECK(post_tokens_init(&tokens, &err));
    for (size_t i = 0; !atomic_load(&w->is_over) || s->posts < POSTS; i = (i + 1) % POSTS) {
        CHECK(match_scratch_follow(&scratch, &w->holder, &err));
        bool is_second = match_scratch_set(scratch) == w->sets[1];
        CHECK(answer(scratch, &tokens, &w->matched->posts[i]) == w->answers[is_second][i]);
        s->by_set[is_second]++;
        s->posts++;
    }
    match_scratch_destroy(&scratch);
    post_tokens_deinit(&tokens);
}

static void swapped_init(struct swapped *w, struct matched *m)
{
    struct query_set_item other[QUERIES];
    struct err err = {0};

    *w = (struct swapped){.matched = m};
    for (size_t i = 0; i < QUERIES; i++) /* the same queries in another order */
        other[i] = m->corpus->items[QUERIES - 1 - i];
    w->sets[0] = query_set_acquire(m->set);
    CHECK(query_set_create(&w->sets[1], other, QUERIES, NULL, NULL, NULL, &err));
    for (size_t k = 0; k < 2; k++) {
        struct match_scratch *scratch;
        CHECK(match_scratch_create(&scratch, w->sets[k], &err));
        for (size_t i = 0; i < POSTS; i++)
            w->answers[k][i] = answer(scratch, &m->corpus->tokens, &m->posts[i]);
        match_scratch_destroy(&scratch);
    }
    query_set_holder_init(&w->holder);
}

TEST(query_set_is_swapped_while_posts_stream)
{
    struct matched m;
    struct swapped w;
    struct streamer streamers[STREAMERS] = {0};
    struct match_scratch *scratch = NULL;
    struct err err = {0};

    matched_init(&m);
    swapped_init(&w, &m);
    CHECK(!match_scratch_follow(&scratch, &w.holder, &err)); /* nothing published yet */
    CHECK_INT(err.code, ERR_NOT_FOUND);
    err = (struct err){0};
    query_set_holder_swap(&w.holder, w.sets[0]);
    for (size_t i = 0; i < STREAMERS; i++) {
        streamers[i].swapped = &w;
        CHECK(thread_create(&streamers[i].thread, "stream", stream, &streamers[i], &err));
    }
    for (size_t i = 0; i < SWAPS; i++) {
        query_set_holder_swap(&w.holder, w.sets[(i + 1) % 2]);
        clock_sleep_ms(1);
    }
    atomic_store(&w.is_over, true);
    uint64_t by_set[2] = {0};
    for (size_t i = 0; i < STREAMERS; i++) {
        thread_join(&streamers[i].thread);
        by_set[0] += streamers[i].by_set[0];
        by_set[1] += streamers[i].by_set[1];
    }
    CHECK(by_set[0] > 0 && by_set[1] > 0);
    query_set_release(&w.sets[0]);
    query_set_release(&w.sets[1]);
    query_set_holder_deinit(&w.holder);
    matched_deinit(&m);
}

/* --- fuzzy words: the index against comparing each with each --- */

enum { FUZZY_WORDS = 150, FUZZY_EDITED = 3000, FUZZY_LETTERS = 30 };

/* Letters of one, two and three bytes, few of them, so that words are near to each other. */
static size_t random_letters(struct random *r, const char **letters)
{
    static const char *const alphabet[] = {"a",        "b",        "c",           "d",
                                           "\xC3\xA9", "\xD1\x8F", "\xE1\xBA\xBF"};
    size_t count = 2 + random_below(r, FUZZY_LETTERS - 4);

    for (size_t i = 0; i < count; i++)
        letters[i] = alphabet[random_below(r, random_below(r, 3) == 0 ? COUNT_OF(alphabet) : 4)];
    return count;
}

static void edit_letters(struct random *r, const char **letters, size_t *count)
{
    size_t at = random_below(r, *count), kind = random_below(r, 4);
    const char *kept = letters[at];

    if (kind == 0 && *count > 2) {
        memmove(letters + at, letters + at + 1, (--*count - at) * sizeof *letters);
    } else if (kind == 1 && *count < FUZZY_LETTERS) {
        memmove(letters + at + 1, letters + at, ((*count)++ - at) * sizeof *letters);
        letters[at] = "d";
    } else if (kind == 2 && at + 1 < *count) {
        letters[at] = letters[at + 1];
        letters[at + 1] = kept;
    } else {
        letters[at] = "b";
    }
}

static Str spell(struct arena *a, const char *const *letters, size_t count)
{
    struct buf out;

    buf_init(&out, 1 << 12);
    for (size_t i = 0; i < count; i++)
        buf_add(&out, str_from_cstr(letters[i]));
    Str word = arena_str(a, buf_str(&out));
    buf_deinit(&out);
    return word;
}

static Str spell_plain(struct arena *a, Str word)
{
    struct buf out;

    buf_init(&out, 1 << 12);
    text_fold(word, FOLD_STRIP_ACCENTS, &out);
    Str plain = arena_str(a, buf_str(&out));
    buf_deinit(&out);
    return plain;
}

/* `distance` 0: words of one and of two edits beside each other in the set. */
static void check_fuzzy(unsigned distance)
{
    struct query_set_item items[FUZZY_WORDS];
    const char *letters[FUZZY_WORDS][FUZZY_LETTERS];
    size_t counts[FUZZY_WORDS], matches = 0;
    struct random r = {.seed = 40 + distance};
    struct query_set *set;
    struct match_scratch *scratch;
    struct post_tokens tokens;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, 64 * (size_t)1024 * 1024);
    for (size_t i = 0; i < FUZZY_WORDS; i++) {
        counts[i] = random_letters(&r, letters[i]);
        items[i].id = STR_NONE;
        items[i].text =
            arena_printf(&arena, STR_F "~%u", STR_A(spell(&arena, letters[i], counts[i])),
                         distance > 0 ? distance : 1 + (unsigned)(i % 2));
    }
    CHECK(query_set_create(&set, items, FUZZY_WORDS, NULL, NULL, NULL, &err));
    CHECK(match_scratch_create(&scratch, set, &err) && post_tokens_init(&tokens, &err));
    for (size_t i = 0; i < FUZZY_EDITED; i++) {
        const char *edited[FUZZY_LETTERS];
        size_t which = random_below(&r, FUZZY_WORDS), count = counts[which], found, at = 0;
        const uint32_t *ordinals;
        memcpy(edited, letters[which], sizeof edited);
        for (uint64_t k = random_below(&r, 4); k > 0; k--)
            edit_letters(&r, edited, &count);
        struct post post = {.id = S("1"), .text = spell(&arena, edited, count)};
        CHECK(post_tokens_fill(&tokens, &post, &err));
        CHECK(match_post(scratch, &post, &tokens, &ordinals, &found, &err));
        for (uint32_t k = 0; k < FUZZY_WORDS; k++) {
            Str word = str_sub(items[k].text, 0, items[k].text.len - 2);
            struct token token = tokens.body[0];
            bool is_accented = !str_eq(word, spell_plain(&arena, word));
            bool expected = query_fuzzy_matches(word, is_accented ? token.folded : token.plain,
                                                (unsigned)(items[k].text.ptr[word.len + 1] - '0'));
            if (expected != (at < found && ordinals[at] == k))
                print_error(STR_F " and " STR_F "\n", STR_A(items[k].text), STR_A(post.text));
            CHECK(expected == (at < found && ordinals[at] == k));
            at += expected;
        }
        matches += found;
    }
    CHECK(matches > FUZZY_EDITED / 2);
    match_scratch_destroy(&scratch);
    post_tokens_deinit(&tokens);
    query_set_release(&set);
    arena_deinit(&arena);
}

TEST(fuzzy_words_are_found_as_by_comparing_all)
{
    check_fuzzy(1);
    check_fuzzy(2);
    check_fuzzy(0);
}

/* --- sizes --- */

/* 99,000 characters of OR in one query; each of its words finds it, a word beside them does not. */
TEST(query_of_100000_characters_is_matched)
{
    struct arena arena;
    struct query_set *set;
    struct match_scratch *scratch;
    struct post_tokens tokens;
    struct err err = {0};
    struct buf text;
    const uint32_t *ordinals;
    size_t count;

    arena_init(&arena, 64 * (size_t)1024 * 1024);
    buf_init(&text, 1 << 20);
    for (unsigned i = 0; text.len < 99000; i++)
        buf_printf(&text, "%sw%uord", i > 0 ? " OR " : "late AND (", i);
    buf_lit(&text, ")");
    const struct query_set_item items[] = {{S("a"), S("late")}, {S("b"), buf_str(&text)}};
    CHECK(query_set_create(&set, items, 2, NULL, NULL, NULL, &err));
    CHECK(match_scratch_create(&scratch, set, &err) && post_tokens_init(&tokens, &err));
    for (unsigned i = 0; i < 9000; i += 17) {
        struct post post = {.id = S("1"), .text = arena_printf(&arena, "late w%uord", i)};
        CHECK(post_tokens_fill(&tokens, &post, &err));
        CHECK(match_post(scratch, &post, &tokens, &ordinals, &count, &err));
        CHECK_INT(count,
                  str_find(buf_str(&text), arena_printf(&arena, " w%uord ", i)) < text.len || i == 0
                      ? 2
                      : 1);
    }
    match_scratch_destroy(&scratch);
    post_tokens_deinit(&tokens);
    query_set_release(&set);
    buf_deinit(&text);
    arena_deinit(&arena);
}

int main(void)
{
    return RUN(
#ifdef TRIMTAB_FAULTS
        CASE(match_post_allocates_nothing_in_the_steady_state),
        CASE(query_set_create_survives_every_failure),
#endif
        CASE(query_set_is_shared_by_threads), CASE(query_set_is_swapped_while_posts_stream),
        CASE(fuzzy_words_are_found_as_by_comparing_all),
        CASE(query_of_100000_characters_is_matched));
}
