/* The set matcher against the naive evaluator: random queries of every form of the grammar, real
 * posts where the shared data is there and random posts everywhere.
 *
 *     test_listen_differential                    the bounded part that ./check runs
 *     test_listen_differential --pairs 2000000    as many (post, query) pairs; --seed N for others
 *
 * Every pair is compared. Beside it, every query is formatted and read again, its canonical text
 * has to be a fixed point and give the same answers; it is linted; and for one pair in
 * EXPLAINED_ONE_IN the explanation has to come to the same answer. Forms are counted: one that no
 * accepted query used, or that no post ever satisfied, fails the run. */
#include "unit/test.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "listen/decode/decode.h"
#include "listen/match/match.h"
#include "listen/query/query_eval.h"
#include "listen/query/query_field.h"
#include "listen_samples.h"
#include "os/clock.h"

enum {
    QUERIES = 300,
    POSTS = 100,
    WORDS = 400,
    TEXT_MAX = 1 << 16,
    POST_BYTES_MAX = 3000,
    EXPLAINED_ONE_IN = 23,
    BOUNDED_PAIRS = 200000
};

static uint64_t wanted_pairs = BOUNDED_PAIRS, seed = 1;

/* --- forms --- */

enum form {
    FORM_WORD,
    FORM_QUOTED_WORD,
    FORM_ACCENTED,
    FORM_HASHTAG,
    FORM_MENTION,
    FORM_CASHTAG,
    FORM_EMOJI,
    FORM_NUMBER,
    FORM_BOOST,
    FORM_CASE,
    FORM_CASE_PHRASE,
    FORM_WILDCARD,
    FORM_ACCENTED_WILDCARD,
    FORM_TAG_WILDCARD,
    FORM_FUZZY_1,
    FORM_FUZZY_2,
    FORM_PHRASE,
    FORM_PHRASE_WITH_WILDCARD,
    FORM_SLOP,
    FORM_SLOP_WITH_WILDCARD,
    FORM_AND,
    FORM_OR,
    FORM_NOT,
    FORM_NEAR,
    FORM_NEAR_ORDERED,
    FORM_NEAR_ADJACENT,
    FORM_NEAR_OF_GROUPS,
    FORM_SENTENCE,
    FORM_SENTENCE_WITH_NOT,
    FORM_COUNT_AT_LEAST,
    FORM_COUNT_AT_MOST,
    FORM_COUNT_EQUAL,
    FORM_TITLE,
    FORM_LEAD,
    FORM_BODY,
    FORM_RAW,
    FORM_REFERENCE,
    FORM_COMMENT,
    FORM_FIELDS, /* one for each query_field from here on */
    FORM_COUNT = FORM_FIELDS + QUERY_FIELD_COUNT
};

static const char *form_name(unsigned form)
{
    static const char *const names[] = {"word",
                                        "quoted word",
                                        "accented word",
                                        "#tag",
                                        "@mention",
                                        "$cashtag",
                                        "emoji",
                                        "number",
                                        "^boost",
                                        "{Case}",
                                        "{Case phrase}",
                                        "wildcard",
                                        "accented wild",
                                        "#tag wildcard",
                                        "word~1",
                                        "word~2",
                                        "phrase",
                                        "phrase*",
                                        "slop",
                                        "slop*",
                                        "AND",
                                        "OR",
                                        "NOT",
                                        "NEAR",
                                        "ONEAR",
                                        "NEAR/0",
                                        "NEAR of groups",
                                        "SENTENCE",
                                        "SENTENCE(NOT)",
                                        "COUNT>=",
                                        "COUNT<=",
                                        "COUNT=",
                                        "title:",
                                        "lead:",
                                        "body:",
                                        "raw:",
                                        "@@name",
                                        "<<< >>>"};

    _Static_assert(COUNT_OF(names) == FORM_FIELDS, "every form has a name");
    return form < FORM_FIELDS ? names[form]
                              : query_field_row((enum query_field)(form - FORM_FIELDS))->name;
}

static uint64_t bit(unsigned form)
{
    return UINT64_C(1) << form;
}

static bool has_pattern(const struct query_node *phrase)
{
    for (const struct query_node *word = phrase->first; word; word = word->next)
        if (word->form == QUERY_PATTERN)
            return true;
    return false;
}

static uint64_t word_forms(const struct query_node *node)
{
    uint64_t forms = node->boost > 0 ? bit(FORM_BOOST) : 0;

    switch (node->form) {
    case QUERY_CASE:
        return forms | bit(FORM_CASE);
    case QUERY_PATTERN:
        return forms | bit(node->is_sigil      ? FORM_TAG_WILDCARD
                           : node->is_accented ? FORM_ACCENTED_WILDCARD
                                               : FORM_WILDCARD);
    case QUERY_FUZZY:
        return forms | bit(node->distance == 1 ? FORM_FUZZY_1 : FORM_FUZZY_2);
    case QUERY_EXACT:
        break;
    }
    static const uint8_t by_token[] = {
        [TOKEN_WORD] = FORM_WORD,       [TOKEN_NUMBER] = FORM_NUMBER,
        [TOKEN_HASHTAG] = FORM_HASHTAG, [TOKEN_MENTION] = FORM_MENTION,
        [TOKEN_CASHTAG] = FORM_CASHTAG, [TOKEN_EMOJI] = FORM_EMOJI};
    forms |= bit(by_token[node->token]);
    forms |= node->is_accented ? bit(FORM_ACCENTED) : 0;
    return forms | (node->is_quoted ? bit(FORM_QUOTED_WORD) : 0);
}

static uint64_t near_forms(const struct query_node *near)
{
    const struct query_node *left = near->first, *right = left->next;
    bool has_group = left->kind == QUERY_OR || right->kind == QUERY_OR;

    return bit(near->is_ordered ? FORM_NEAR_ORDERED : FORM_NEAR) |
           (near->distance == 0 ? bit(FORM_NEAR_ADJACENT) : 0) |
           (has_group ? bit(FORM_NEAR_OF_GROUPS) : 0);
}

static uint64_t forms_of(const struct query_node *node)
{
    uint64_t forms = node->comment.len > 0 ? bit(FORM_COMMENT) : 0;

    switch (node->kind) {
    case QUERY_NOTHING:
        break;
    case QUERY_WORD:
        return forms | word_forms(node);
    case QUERY_PHRASE:
        if (node->form == QUERY_CASE)
            return forms | bit(FORM_CASE_PHRASE);
        forms |= bit(node->slop < 0 ? FORM_PHRASE : FORM_SLOP);
        if (has_pattern(node))
            forms |= bit(node->slop < 0 ? FORM_PHRASE_WITH_WILDCARD : FORM_SLOP_WITH_WILDCARD);
        return forms;
    case QUERY_AND:
        forms |= bit(FORM_AND);
        break;
    case QUERY_OR:
        forms |= bit(FORM_OR);
        break;
    case QUERY_NOT:
        forms |= bit(FORM_NOT);
        break;
    case QUERY_NEAR:
        forms |= near_forms(node);
        break;
    case QUERY_SENTENCE: {
        uint64_t inner = forms_of(node->first);
        return forms | inner | bit(inner & bit(FORM_NOT) ? FORM_SENTENCE_WITH_NOT : FORM_SENTENCE);
    }
    case QUERY_COUNT:
        forms |= bit(node->compare == QUERY_AT_LEAST  ? FORM_COUNT_AT_LEAST
                     : node->compare == QUERY_AT_MOST ? FORM_COUNT_AT_MOST
                                                      : FORM_COUNT_EQUAL);
        break;
    case QUERY_SCOPE:
        forms |= bit(node->zones == QUERY_IN_TITLE  ? FORM_TITLE
                     : node->zones == QUERY_IN_LEAD ? FORM_LEAD
                                                    : FORM_BODY);
        break;
    case QUERY_FIELD:
        return forms | bit(FORM_FIELDS + (unsigned)node->field);
    case QUERY_RAW:
        return forms | bit(FORM_RAW);
    case QUERY_REFERENCE:
        return forms | bit(FORM_REFERENCE); /* what it stands for counts where it is written */
    }
    for (const struct query_node *child = node->first; child; child = child->next)
        forms |= forms_of(child);
    return forms;
}

/* --- a round: QUERIES queries, POSTS posts --- */

struct run {
    struct arena arena;   /* of the round */
    struct arena scratch; /* of a pair */
    struct tokenizer *words;
    struct post_tokens tokens;
    struct query_set_item items[QUERIES];
    struct query queries[QUERIES], canonical[QUERIES];
    bool is_good[QUERIES];
    uint64_t forms[QUERIES];
    struct random random;
    uint64_t pairs, matches, good_queries, posts, real_posts, explained, rounds;
    uint64_t in_queries[FORM_COUNT], in_matches[FORM_COUNT];
};

static bool find_query(void *context, Str name, Str *text)
{
    struct run *run = context;

    for (size_t i = 0; i < QUERIES; i++)
        if (str_eq(run->items[i].id, name)) {
            *text = run->items[i].text;
            return true;
        }
    return false;
}

static bool parse(struct run *run, size_t index, Str text, struct query *query)
{
    struct query_resolver resolver = {find_query, run};
    struct query_problems problems = {0};
    struct err err = {0};

    CHECK(query_parse(&run->arena, run->words, text, run->items[index].id, &resolver, query,
                      &problems, &err));
    if (problems.error_count == 0)
        CHECK(query_lint(&run->arena, query, &problems, &err));
    bool is_good = problems.error_count == 0;
    query_problems_deinit(&problems);
    return is_good;
}

/* Canonical text: accepted, and formatted to itself. */
static void check_format(struct run *run, size_t index)
{
    struct buf out;

    buf_init(&out, TEXT_MAX * 4);
    query_format(&run->queries[index], 0, &out);
    Str canonical = arena_str(&run->arena, buf_str(&out));
    if (!parse(run, index, canonical, &run->canonical[index])) {
        print_error("refused: " STR_F "\nformatted: " STR_F "\n", STR_A(run->items[index].text),
                    STR_A(canonical));
        fail();
    }
    buf_reset(&out);
    query_format(&run->canonical[index], 0, &out);
    if (!str_eq(buf_str(&out), canonical)) {
        print_error("query: " STR_F "\nonce: " STR_F "\ntwice: " STR_F "\n",
                    STR_A(run->items[index].text), STR_A(canonical), STR_A(buf_str(&out)));
        fail();
    }
    buf_deinit(&out);
}

static void make_queries(struct run *run, const struct sample_words *words)
{
    struct buf out;

    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < QUERIES; i++) {
        buf_reset(&out);
        sample_query(&run->random, words, 1 + (unsigned)sample_below(&run->random, 3), false, &out);
        run->items[i].id = arena_printf(&run->arena, "q%zu", i);
        run->items[i].text = arena_str(&run->arena, buf_str(&out));
    }
    buf_deinit(&out);
    for (size_t i = 0; i < QUERIES; i++) {
        run->is_good[i] = parse(run, i, run->items[i].text, &run->queries[i]);
        run->forms[i] = run->is_good[i] ? forms_of(run->queries[i].root) : 0;
        run->good_queries += run->is_good[i];
        for (unsigned form = 0; form < FORM_COUNT; form++)
            run->in_queries[form] += run->forms[i] >> form & 1;
        if (run->is_good[i])
            check_format(run, i);
    }
}

static void report_difference(const struct run *run, size_t query, const struct post *post,
                              const char *what, bool expected)
{
    print_error("%s differs, expected %d\nquery: " STR_F "\ntitle: " STR_F "\ntext: " STR_F "\n",
                what, expected, STR_A(run->items[query].text), STR_A(post->title),
                STR_A(post->text));
    fail();
}

static void compare_pair(struct run *run, size_t query, const struct post *post, bool got)
{
    struct query_explanation explanation;
    struct err err = {0};
    bool expected = false, again = false;

    arena_reset(&run->scratch);
    CHECK(query_matches(&run->scratch, &run->queries[query], post, &run->tokens, &expected, &err));
    if (got != expected)
        report_difference(run, query, post, "the set", expected);
    CHECK(query_matches(&run->scratch, &run->canonical[query], post, &run->tokens, &again, &err));
    if (again != expected)
        report_difference(run, query, post, "the canonical text", expected);
    run->pairs++;
    run->matches += expected;
    for (uint64_t left = expected ? run->forms[query] : 0; left != 0; left &= left - 1)
        run->in_matches[__builtin_ctzll(left)]++;
    if (run->pairs % EXPLAINED_ONE_IN != 0)
        return;
    run->explained++;
    CHECK(
        query_explain(&run->scratch, &run->queries[query], post, &run->tokens, &explanation, &err));
    if (explanation.matches != expected ||
        (expected ? explanation.obstacle_count > 0 : explanation.obstacle_count == 0))
        report_difference(run, query, post, "the explanation", expected);
    for (size_t i = 0; i < explanation.span_count; i++) {
        const struct query_span *span = &explanation.spans[i];
        Str text = span->place == QUERY_PLACE_TITLE ? post->title : post->text;
        CHECK(span->from <= span->to && span->to <= text.len);
    }
}

static void compare_post(struct run *run, struct match_scratch *scratch, const struct post *post)
{
    static const char *const langs[] = {"", "en", "de", "fr"};
    struct err err = {0};
    const uint32_t *ordinals;
    size_t count, at = 0;

    CHECK(post_tokens_fill(&run->tokens, post, &err));
    run->tokens.polarity = (enum post_polarity)((int)sample_below(&run->random, 4) - 1);
    run->tokens.lang = str_from_cstr(langs[sample_below(&run->random, COUNT_OF(langs))]);
    CHECK(match_post(scratch, post, &run->tokens, &ordinals, &count, &err));
    for (size_t i = 0; i < QUERIES; i++) {
        bool got = at < count && ordinals[at] == i;
        if (run->is_good[i])
            compare_pair(run, i, post, got);
        else if (got)
            report_difference(run, i, post, "the set, for a refused query,", false);
        at += got;
    }
    CHECK_INT(at, count);
    run->posts++;
}

/* posts == NULL: random ones. */
static void run_round(struct run *run, const struct sample_words *words,
                      const struct decode_batch *batch, size_t first)
{
    struct query_set *set;
    struct match_scratch *scratch;
    struct match_prior *prior = NULL;
    struct err err = {0};

    make_queries(run, words);
    if (run->rounds++ % 2 == 0) { /* filing must not change an answer */
        CHECK(match_prior_create(&prior, &err));
        struct post post = sample_post(&run->random, words, &run->arena);
        CHECK(post_tokens_fill(&run->tokens, &post, &err));
        match_prior_add(prior, &run->tokens);
    }
    struct query_set_options options = {.prior = prior};
    CHECK(query_set_create(&set, run->items, QUERIES, &options, NULL, NULL, &err));
    CHECK(match_scratch_create(&scratch, set, &err));
    query_set_release(&set); /* the scratch keeps it */
    for (size_t i = 0; i < POSTS && run->pairs < wanted_pairs; i++) {
        if (!batch) {
            struct post post = sample_post(&run->random, words, &run->arena);
            compare_post(run, scratch, &post);
        } else if (first + i < batch->posts.count &&
                   batch->posts.items[first + i].post.text.len < POST_BYTES_MAX) {
            compare_post(run, scratch, &batch->posts.items[first + i].post);
            run->real_posts++;
        }
    }
    match_scratch_destroy(&scratch);
    match_prior_destroy(&prior);
}

/* --- real posts --- */

static const char *const files[] = {"reddit-phones.jsonl.gz", "twitter-stocknet.jsonl.gz",
                                    "reddit-mixed.jsonl.gz"};

struct reader {
    struct arena plan;
    struct decode_input *in;
    struct decoder *decoder;
    struct decode_block block;
    struct decode_batch batch;
    size_t at; /* next post of the batch */
};

static bool reader_open(struct reader *r, const char *name)
{
    const char *shared = getenv("TRIMTAB_SHARED");
    struct decode_options options = {0};
    struct err err = {0};

    *r = (struct reader){0};
    arena_init(&r->plan, (size_t)64 * MIB);
    decode_block_init(&r->block);
    decode_batch_init(&r->batch);
    CHECK(decoder_create(&r->decoder, &err));
    Str path = arena_printf(&r->plan, "%s/data/posts/%s", shared ? shared : "../shared", name);
    if (decode_input_open(&r->in, path, &options, &r->plan, &err))
        return true;
    print_message("skipped: %s is not here\n", name);
    return false;
}

static void reader_close(struct reader *r)
{
    decoder_destroy(&r->decoder);
    decode_input_close(&r->in);
    decode_batch_deinit(&r->batch);
    decode_block_deinit(&r->block);
    arena_deinit(&r->plan);
}

/* Moves on to posts not seen yet; false at the end of the file. */
static bool reader_next(struct reader *r)
{
    struct err err = {0};
    bool has_block = r->in != NULL;

    r->at += POSTS;
    while (has_block && r->at + POSTS / 2 >= r->batch.posts.count) {
        CHECK(decode_input_next(r->in, &r->block, &has_block, &err));
        if (has_block)
            CHECK(decoder_run(r->decoder, &r->block, &r->batch, &err));
        r->at = 0;
    }
    return has_block;
}

/* Words of the posts at hand as they are written, the more frequent ones more often. */
static size_t pick_words(struct run *run, const struct reader *r, const char **words)
{
    struct err err = {0};
    size_t count = 0;

    for (size_t tries = 0; count < WORDS && tries < WORDS * 20; tries++) {
        size_t which = r->at + sample_below(&run->random, POSTS);
        if (which >= r->batch.posts.count)
            continue;
        const struct post *post = &r->batch.posts.items[which].post;
        Str text = post->text.len > 0 ? post->text : post->title;
        struct post bare = {.id = S("1"), .text = text, .rating = NAN};
        CHECK(post_tokens_fill(&run->tokens, &bare, &err));
        if (run->tokens.body_count == 0)
            continue;
        const struct token *token =
            &run->tokens.body[sample_below(&run->random, run->tokens.body_count)];
        if (token->kind != TOKEN_URL && token->to - token->from <= 30)
            words[count++] = arena_printf(&run->arena, STR_F, (int)(token->to - token->from),
                                          text.ptr + token->from)
                                 .ptr;
    }
    return count;
}

/* --- the run --- */

static void report(const struct run *run, double seconds)
{
    print_message("pairs %llu, of which match %llu; queries %llu, posts %llu (real %llu), "
                  "explained %llu; seed %llu, %.0f s\n",
                  (unsigned long long)run->pairs, (unsigned long long)run->matches,
                  (unsigned long long)run->good_queries, (unsigned long long)run->posts,
                  (unsigned long long)run->real_posts, (unsigned long long)run->explained,
                  (unsigned long long)seed, seconds);
    for (unsigned form = 0; form < FORM_COUNT && wanted_pairs != BOUNDED_PAIRS; form++)
        print_message("  %-16s in %6llu queries, in %8llu matching pairs\n", form_name(form),
                      (unsigned long long)run->in_queries[form],
                      (unsigned long long)run->in_matches[form]);
}

TEST(set_equals_naive_evaluator)
{
    const struct sample_words own = {sample_vocabulary, COUNT_OF(sample_vocabulary)};
    struct reader readers[COUNT_OF(files)];
    struct run *run = mem_alloc(1, sizeof *run);
    uint64_t start = clock_monotonic_ns();
    const char *words[WORDS];
    struct err err = {0};

    run->random = (struct random){.seed = seed};
    arena_init(&run->arena, (size_t)1 << 30);
    arena_init(&run->scratch, (size_t)1 << 30);
    CHECK(tokenizer_create(&run->words, &err) && post_tokens_init(&run->tokens, &err));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        (void)reader_open(&readers[i], files[i]);
    for (size_t turn = 0; run->pairs < wanted_pairs; turn++) {
        struct reader *r = &readers[turn % COUNT_OF(files)];
        bool is_real = turn % 4 != 3 && reader_next(r);
        arena_reset(&run->arena);
        if (is_real)
            run_round(run, &(struct sample_words){words, pick_words(run, r, words)}, &r->batch,
                      r->at);
        else
            run_round(run, &own, NULL, 0);
    }
    report(run, clock_seconds_since(start));
    CHECK(run->matches > run->pairs / 50); /* the samples are worth something */
    for (unsigned form = 0; form < FORM_COUNT; form++)
        if (run->in_queries[form] == 0 || run->in_matches[form] == 0) {
            print_error("never %s: %s\n", run->in_queries[form] == 0 ? "asked" : "satisfied",
                        form_name(form));
            fail();
        }
    for (size_t i = 0; i < COUNT_OF(files); i++)
        reader_close(&readers[i]);
    tokenizer_destroy(&run->words);
    post_tokens_deinit(&run->tokens);
    arena_deinit(&run->arena);
    arena_deinit(&run->scratch);
    mem_free(run);
}

static bool read_number(const char *flag, const char *text, uint64_t *out)
{
    if (text && str_to_u64(str_from_cstr(text), out) && *out > 0)
        return true;
    fprintf(stderr, "test_listen_differential: expected a number above 0 behind %s\n", flag);
    return false;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        bool is_pairs = strcmp(argv[i], "--pairs") == 0;
        if (!is_pairs && strcmp(argv[i], "--seed") != 0) {
            fprintf(stderr, "usage: test_listen_differential [--pairs N] [--seed N]\n");
            return 2;
        }
        if (!read_number(argv[i], value, is_pairs ? &wanted_pairs : &seed))
            return 2;
    }
    return RUN(CASE(set_equals_naive_evaluator));
}
