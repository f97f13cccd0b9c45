/* The set matcher gives the answers of the naive evaluator, on random queries and posts. */
#include "unit/test.h"

#include "base/mem.h"
#include "listen/match.h"
#include "listen/query_eval.h"
#include "listen_samples.h"

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

int main(void)
{
    return RUN(CASE(set_equals_naive_evaluator), CASE(set_equals_naive_evaluator_with_prior));
}
