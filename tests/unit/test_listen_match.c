/* The set matcher gives the answers of the naive evaluator, on random queries and posts. */
#include "unit/test.h"

#include "base/fault.h"
#include "base/hash.h"
#include "base/mem.h"
#include "listen/decode.h"
#include "listen/match.h"
#include "listen/query_eval.h"
#include "listen_samples.h"
#include "os/thread.h"

enum { QUERIES = 300, POSTS = 60, TEXT_MAX = 1 << 16 };

struct corpus {
    struct arena arena;
    struct query_set_item items[QUERIES];
    struct query queries[QUERIES];
    bool is_good[QUERIES];
    struct tokenizer *words;
    struct post_tokens tokens;
};

static bool find_query(void *context, Str name, Str *text)
{
    struct corpus *c = context;

    for (size_t i = 0; i < QUERIES; i++)
        if (str_eq(c->items[i].id, name)) {
            *text = c->items[i].text;
            return true;
        }
    return false;
}

static void corpus_init(struct corpus *c)
{
    struct err err = {0};

    *c = (struct corpus){0};
    arena_init(&c->arena, (size_t)1 << 30);
    CHECK(tokenizer_create(&c->words, &err));
    CHECK(post_tokens_init(&c->tokens, &err));
}

static void corpus_deinit(struct corpus *c)
{
    tokenizer_destroy(&c->words);
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

static size_t parse_queries(struct corpus *c)
{
    struct query_resolver resolver = {find_query, c};
    size_t good = 0;

    for (size_t i = 0; i < QUERIES; i++) {
        struct query_problems problems = {0};
        struct err err = {0};
        CHECK(query_parse(&c->arena, c->words, c->items[i].text, c->items[i].id, &resolver,
                          &c->queries[i], &problems, &err));
        if (problems.error_count == 0)
            CHECK(query_lint(&c->arena, &c->queries[i], &problems, &err));
        c->is_good[i] = problems.error_count == 0;
        good += c->is_good[i];
        query_problems_deinit(&problems);
    }
    return good;
}

/* One post through both; returns the number of matches. */
static size_t compare_post(struct corpus *c, struct match_scratch *scratch, const struct post *post,
                           enum post_polarity polarity)
{
    struct arena scratch_arena;
    struct err err = {0};
    const uint32_t *ordinals;
    size_t count, at = 0;

    arena_init(&scratch_arena, (size_t)1 << 30);
    CHECK(post_tokens_fill(&c->tokens, post, &err));
    c->tokens.polarity = polarity;
    CHECK(match_post(scratch, post, &c->tokens, &ordinals, &count, &err));
    for (size_t i = 0; i < QUERIES; i++) {
        bool expected = false, got = at < count && ordinals[at] == i;
        if (c->is_good[i])
            CHECK(query_matches(&scratch_arena, &c->queries[i], post, &c->tokens, &expected, &err));
        if (got != expected) {
            print_error(
                "query: " STR_F "\ntitle: " STR_F "\ntext: " STR_F "\nexpected %d, got %d\n",
                STR_A(c->items[i].text), STR_A(post->title), STR_A(post->text), expected, got);
            fail();
        }
        at += got;
    }
    CHECK_INT(at, count);
    arena_deinit(&scratch_arena);
    return count;
}

static void run_rounds(uint64_t seed, unsigned rounds, bool with_prior)
{
    const struct sample_words words = {sample_vocabulary, COUNT_OF(sample_vocabulary)};
    size_t matches = 0, good = 0;

    for (unsigned round = 0; round < rounds; round++) {
        struct corpus *c = mem_alloc(1, sizeof *c);
        struct random r = {.seed = seed, .stream = round};
        struct match_prior *prior = NULL;
        struct query_set *set;
        struct match_scratch *scratch;
        struct err err = {0};
        corpus_init(c);
        make_queries(c, &r, &words);
        good += parse_queries(c);
        if (with_prior) {
            CHECK(match_prior_create(&prior, &err));
            struct post post = sample_post(&r, &words, &c->arena);
            CHECK(post_tokens_fill(&c->tokens, &post, &err));
            match_prior_add(prior, &c->tokens);
        }
        struct query_set_options options = {.prior = prior};
        CHECK(query_set_create(&set, c->items, QUERIES, &options, NULL, NULL, &err));
        CHECK(match_scratch_create(&scratch, set, &err));
        query_set_release(&set); /* the scratch keeps it */
        for (size_t i = 0; i < POSTS; i++) {
            struct post post = sample_post(&r, &words, &c->arena);
            matches +=
                compare_post(c, scratch, &post, (enum post_polarity)((int)sample_below(&r, 4) - 1));
        }
        match_scratch_destroy(&scratch);
        match_prior_destroy(&prior);
        corpus_deinit(c);
        mem_free(c);
    }
    CHECK(good > rounds * QUERIES / 3); /* the samples are worth something */
    CHECK(matches > rounds * POSTS);
}

TEST(set_equals_naive_evaluator)
{
    run_rounds(1, 12, false);
}

TEST(set_equals_naive_evaluator_with_prior)
{
    run_rounds(2, 6, true);
}

/* --- the same on real posts, with queries made of their words --- */

enum { REAL_POSTS = 1500, REAL_WORDS = 400 };

static bool open_real(const char *name, struct decode_input **in, struct arena *a)
{
    const char *shared = getenv("TRIMTAB_SHARED");
    struct decode_options options = {0};
    struct err err = {0};
    Str path = arena_printf(a, "%s/data/posts/%s", shared ? shared : "../shared", name);

    if (decode_input_open(in, path, &options, a, &err))
        return true;
    print_message("skipped: %s is not here\n", name);
    return false;
}

/* Words of the posts, the more frequent ones more often. */
static size_t pick_words(struct corpus *c, const struct decode_batch *batch, struct random *r,
                         const char **words)
{
    struct err err = {0};
    size_t count = 0;

    while (count < REAL_WORDS) {
        size_t which = sample_below(r, batch->posts.count);
        const struct post *post = &batch->posts.items[which].post;
        CHECK(post_tokens_fill(&c->tokens, post, &err));
        if (c->tokens.body_count == 0)
            continue;
        const struct token *token = &c->tokens.body[sample_below(r, c->tokens.body_count)];
        if (token->kind == TOKEN_URL || token->to - token->from > 30)
            continue;
        words[count++] = arena_printf(&c->arena, STR_F, (int)(token->to - token->from),
                                      post->text.ptr + token->from)
                             .ptr;
    }
    return count;
}

static void compare_real(const char *name, uint64_t seed)
{
    struct corpus *c = mem_alloc(1, sizeof *c);
    struct decode_input *in = NULL;
    struct decoder *decoder = NULL;
    struct decode_block block;
    struct decode_batch batch;
    struct query_set *set;
    struct match_scratch *scratch;
    const char *words[REAL_WORDS];
    struct random r = {.seed = seed};
    struct err err = {0};
    size_t matches = 0;
    bool has_block = false;

    corpus_init(c);
    decode_block_init(&block);
    decode_batch_init(&batch);
    if (open_real(name, &in, &c->arena) && decode_input_next(in, &block, &has_block, &err) &&
        has_block) {
        CHECK(decoder_create(&decoder, &err) && decoder_run(decoder, &block, &batch, &err));
        struct sample_words picked = {words, pick_words(c, &batch, &r, words)};
        make_queries(c, &r, &picked);
        CHECK(parse_queries(c) > QUERIES / 3);
        CHECK(query_set_create(&set, c->items, QUERIES, NULL, NULL, NULL, &err));
        CHECK(match_scratch_create(&scratch, set, &err));
        query_set_release(&set);
        for (size_t i = 0; i < batch.posts.count && i < REAL_POSTS; i++)
            if (batch.posts.items[i].post.text.len < 3000)
                matches += compare_post(c, scratch, &batch.posts.items[i].post,
                                        (enum post_polarity)((int)sample_below(&r, 4) - 1));
        CHECK(matches > 100);
        match_scratch_destroy(&scratch);
    }
    decoder_destroy(&decoder);
    decode_input_close(&in);
    decode_batch_deinit(&batch);
    decode_block_deinit(&block);
    corpus_deinit(c);
    mem_free(c);
}

TEST(set_equals_naive_evaluator_on_real_posts)
{
    compare_real("reddit-phones.jsonl.gz", 4);
    compare_real("twitter-stocknet.jsonl.gz", 5);
    compare_real("reddit-mixed.jsonl.gz", 6);
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

int main(void)
{
    return RUN(CASE(set_equals_naive_evaluator), CASE(set_equals_naive_evaluator_with_prior),
               CASE(set_equals_naive_evaluator_on_real_posts),
#ifdef TRIMTAB_FAULTS
               CASE(match_post_allocates_nothing_in_the_steady_state),
               CASE(query_set_create_survives_every_failure),
#endif
               CASE(query_set_is_shared_by_threads));
}
