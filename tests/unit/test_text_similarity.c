/* Near-duplicates against comparing every pair. The posts of the shared data are used where they
 * are there; the synthetic edits always. */
#include "text/similarity.h"

#include "base/random.h"
#include "listen/decode/decode.h"
#include "listen/post_tokens.h"
#include "unit/test.h"

enum { ORACLE_POSTS = 5000, EDIT_POSTS = 2000 };
#define WINDOW_MS (INT64_C(3) * 86400 * 1000)

struct set {
    uint64_t keys[SIMILARITY_SHINGLES_MAX];
    size_t count;
    int64_t time_ms;
    uint64_t story;
};

static struct set sets[ORACLE_POSTS];

static struct similarity_part part_of(struct tokenizer *t, const char *text)
{
    struct similarity_part part = {0};
    struct err err = {0};

    CHECK(tokenizer_run(t, str_from_cstr(text), &part.tokens, &part.count, &err));
    return part;
}

static double similarity_of(const char *a, const char *b)
{
    static uint64_t ka[SIMILARITY_SHINGLES_MAX], kb[SIMILARITY_SHINGLES_MAX];
    struct tokenizer *t = NULL;
    struct err err = {0};

    CHECK(tokenizer_create(&t, &err));
    struct similarity_part part = part_of(t, a);
    size_t na = similarity_shingles(&part, 1, ka);
    part = part_of(t, b);
    size_t nb = similarity_shingles(&part, 1, kb);
    tokenizer_destroy(&t);
    return similarity_jaccard(ka, na, kb, nb);
}

TEST(what_copies_differ_in_is_left_out)
{
    const char *text = "Train derails near Santiago, many hurt";

    CHECK_NEAR(similarity_of(text, "RT @ann: Train derails near Santiago, many hurt"), 1, 0);
    CHECK_NEAR(similarity_of(text, "RT @bo: RT @ann: train derails near Santiago many hurt"), 1, 0);
    CHECK_NEAR(similarity_of(text, "train derails near SANTIAGO: many hurt http://t.co/x #spain"),
               1, 0);
    CHECK_NEAR(similarity_of("the #train is late", "the train is late"), 1, 0);
    CHECK_NEAR(similarity_of("#quake #chile", "#quake #peru"), 0, 0);
    CHECK_NEAR(similarity_of("http://a.example/1", "http://a.example/1"), 1, 0);
    CHECK_NEAR(similarity_of("http://a.example/1", "http://a.example/2"), 0, 0);
    CHECK_NEAR(similarity_of("one two three four", "one two three five"), 0.5, 1e-12);
    CHECK_NEAR(similarity_of("late", "late"), 1, 0);
    CHECK_NEAR(similarity_of("", ""), 0, 0);
}

/* What the index should say, by comparing with every earlier post. An exact copy renews its
 * original, so only time parts them. */
static void check_against_all(struct similarity *s, struct set *set, size_t i,
                              const struct similarity_part *parts, size_t *found, size_t *expected)
{
    double best = 0;

    for (size_t k = 0; k < i; k++) {
        if (set->time_ms - sets[k].time_ms > WINDOW_MS || set->count == 0)
            continue;
        double similarity = similarity_jaccard(set->keys, set->count, sets[k].keys, sets[k].count);
        if (similarity >= SIMILARITY_THRESHOLD - 1e-9 && similarity > best)
            best = similarity;
    }
    struct similarity_answer answer = similarity_add(s, parts, 2, set->time_ms);
    set->story = answer.story;
    *expected += best > 0;
    *found += !answer.is_first;
    CHECK_NEAR(answer.similarity, best, 1e-12);
    CHECK(answer.is_first == (best == 0));
    CHECK(answer.is_first ? answer.story == i : sets[answer.story].story == answer.story);
}

static size_t compare_posts(struct decode_batch *batch, struct similarity *s,
                            struct post_tokens *tokens, size_t at, size_t *found, size_t *expected)
{
    struct err err = {0};

    for (size_t i = 0; i < batch->posts.count && at < ORACLE_POSTS; i++, at++) {
        const struct post *post = &batch->posts.items[i].post;
        CHECK(post_tokens_fill(tokens, post, &err));
        const struct similarity_part parts[] = {{tokens->title, tokens->title_count},
                                                {tokens->body, tokens->body_count}};
        sets[at].count = similarity_shingles(parts, 2, sets[at].keys);
        sets[at].time_ms = (int64_t)at * 60000; /* dense, so that many lie in a window */
        check_against_all(s, &sets[at], at, parts, found, expected);
    }
    return at;
}

TEST(real_posts_as_by_comparing_all)
{
    const char *shared = getenv("TRIMTAB_SHARED");
    char path[512];
    struct arena plans;
    struct err err = {0};
    struct decode_input *in = NULL;
    struct decoder *decoder = NULL;
    struct decode_block block;
    struct decode_batch batch;
    struct post_tokens tokens;
    struct similarity *s = NULL;
    bool has_block = true;
    size_t at = 0, found = 0, expected = 0;

    snprintf(path, sizeof path, "%s/data/posts/reddit-mixed.jsonl.gz",
             shared ? shared : "../shared");
    arena_init(&plans, 1 << 20);
    if (!decode_input_open(&in, str_from_cstr(path), &(struct decode_options){0}, &plans, &err)) {
        print_message("skipped: %s is not here\n", path);
        arena_deinit(&plans);
        return;
    }
    decode_block_init(&block);
    decode_batch_init(&batch);
    CHECK(decoder_create(&decoder, &err) && post_tokens_init(&tokens, &err));
    CHECK(similarity_create(&s, &(struct similarity_settings){.window_ms = WINDOW_MS}, &err));
    while (at < ORACLE_POSTS && decode_input_next(in, &block, &has_block, &err) && has_block) {
        CHECK(decoder_run(decoder, &block, &batch, &err));
        at = compare_posts(&batch, s, &tokens, at, &found, &expected);
    }
    CHECK_INT(at, ORACLE_POSTS);
    CHECK(expected > 5);
    print_message("%zu posts, %zu near-duplicates by comparing all, %zu found\n", at, expected,
                  found);
    similarity_destroy(&s);
    post_tokens_deinit(&tokens);
    decoder_destroy(&decoder);
    decode_batch_deinit(&batch);
    decode_block_deinit(&block);
    decode_input_close(&in);
    arena_deinit(&plans);
}

/* Posts of random words, half of them edits of earlier ones: words dropped, exchanged, added. */
static size_t random_text(struct random *r, uint16_t words[][24], size_t *lengths, size_t i)
{
    size_t n = 3 + random_below(r, 18);

    if (i > 0 && random_below(r, 2)) {
        size_t from = random_below(r, i), edits = random_below(r, 4);
        n = lengths[from];
        memcpy(words[i], words[from], sizeof words[i]);
        for (size_t e = 0; e < edits; e++)
            words[i][random_below(r, n)] = (uint16_t)random_below(r, 500);
        n -= n > 3 && random_below(r, 2);
        return n;
    }
    for (size_t w = 0; w < 24; w++)
        words[i][w] = (uint16_t)random_below(r, 500);
    return n;
}

TEST(edits_as_by_comparing_all)
{
    static uint16_t words[EDIT_POSTS][24];
    static size_t lengths[EDIT_POSTS];
    struct random r = {.seed = 7};
    struct tokenizer *t = NULL;
    struct similarity *s = NULL;
    struct err err = {0};
    size_t found = 0, expected = 0;

    CHECK(tokenizer_create(&t, &err));
    CHECK(similarity_create(&s, &(struct similarity_settings){.window_ms = WINDOW_MS}, &err));
    for (size_t i = 0; i < EDIT_POSTS; i++) {
        char text[512] = "";
        lengths[i] = random_text(&r, words, lengths, i);
        for (size_t w = 0, len = 0; w < lengths[i]; w++)
            len += (size_t)snprintf(text + len, sizeof text - len, "w%d ", words[i][w]);
        struct similarity_part parts[2] = {part_of(t, text)};
        sets[i].count = similarity_shingles(parts, 2, sets[i].keys);
        sets[i].time_ms = (int64_t)i * 200000;
        check_against_all(s, &sets[i], i, parts, &found, &expected);
    }
    CHECK(expected > EDIT_POSTS / 5 && expected < EDIT_POSTS);
    CHECK_INT(found, expected);
    similarity_destroy(&s);
    tokenizer_destroy(&t);
}

/* With little room it forgets the oldest and stays right about the rest. */
TEST(memory_is_bounded)
{
    struct tokenizer *t = NULL;
    struct similarity *s = NULL;
    struct err err = {0};
    char text[64];

    CHECK(tokenizer_create(&t, &err));
    CHECK(similarity_create(&s, &(struct similarity_settings){.posts_max = 100}, &err));
    long blocks = 0;
    for (int i = 0; i < 5000; i++) {
        blocks = i == 100 ? mem_live_blocks() : blocks; /* the tokenizer has its room by then */
        snprintf(text, sizeof text, "number%d of many%d posts%d here%d", i, i, i, i);
        struct similarity_part part = part_of(t, text);
        CHECK(similarity_add(s, &part, 1, i).is_first);
        if (i < 50)
            continue;
        snprintf(text, sizeof text, "number%d of many%d posts%d here%d", i - 40, i - 40, i - 40,
                 i - 40);
        part = part_of(t, text);
        CHECK(i < 100 || !similarity_add(s, &part, 1, i).is_first);
    }
    struct similarity_part part = part_of(t, "number7 of many7 posts7 here7");
    CHECK(similarity_add(s, &part, 1, 5000).is_first);
    CHECK_INT(mem_live_blocks(), blocks);
    similarity_destroy(&s);
    tokenizer_destroy(&t);
}

TEST(time_parts_and_copies_renew)
{
    struct tokenizer *t = NULL;
    struct similarity *s = NULL;
    struct err err = {0};

    CHECK(tokenizer_create(&t, &err));
    CHECK(similarity_create(&s, &(struct similarity_settings){.window_ms = 10}, &err));
    struct similarity_part part = part_of(t, "the very same words again");
    CHECK(similarity_add(s, &part, 1, 0).is_first);
    CHECK(!similarity_add(s, &part, 1, 10).is_first);
    struct similarity_answer third = similarity_add(s, &part, 1, 20);
    CHECK(!third.is_first && third.story == 0);
    CHECK(similarity_add(s, &part, 1, 31).is_first);
    part = part_of(t, "");
    CHECK(similarity_add(s, &part, 1, 32).is_first);
    CHECK(similarity_add(s, &part, 1, 32).is_first);
    similarity_destroy(&s);
    CHECK(!similarity_create(&s, &(struct similarity_settings){.threshold = 1.5}, &err));
    CHECK_INT(err.code, ERR_INPUT);
    tokenizer_destroy(&t);
}

int main(void)
{
    return RUN(CASE(what_copies_differ_in_is_left_out), CASE(edits_as_by_comparing_all),
               CASE(real_posts_as_by_comparing_all), CASE(memory_is_bounded),
               CASE(time_parts_and_copies_renew));
}
