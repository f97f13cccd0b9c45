/* The set matcher as a machine: what it allocates, how it fails, who shares it. That it answers as
 * the naive evaluator does is shown by test_listen_differential.c. */
#include "unit/test.h"

#include "base/fault.h"
#include "base/hash.h"
#include "base/mem.h"
#include "listen/match.h"
#include "listen_samples.h"
#include "os/thread.h"

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

int main(void)
{
    return RUN(
#ifdef TRIMTAB_FAULTS
        CASE(match_post_allocates_nothing_in_the_steady_state),
        CASE(query_set_create_survives_every_failure),
#endif
        CASE(query_set_is_shared_by_threads));
}
