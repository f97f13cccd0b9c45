/* Runs of words against the naive evaluator: random posts and random queries of every form. What
 * the index is sure of has to match, what it does not name must not; before and after merging, with
 * and without posts that are gone. And sets of documents against plain arrays of truth. */
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "listen/index/word_build.h"
#include "listen/query/query_eval.h"
#include "listen/query/query_stem.h"
#include "listen/search/search_eval.h"
#include "listen_samples.h"
#include "os/file.h"
#include "unit/scratch.h"

enum { POSTS = 700, QUERIES = 400, PARTS = 3, ROUNDS = 3, TEXT_MAX = 1 << 16 };

static struct random generator;
static struct arena memory, scratch, sets;
static struct archived_post posts[POSTS];
static struct query queries[QUERIES];
static size_t query_count;
static struct post_tokens tokens;
static struct tokenizer *words;
static const struct sample_words vocabulary = {sample_vocabulary, COUNT_OF(sample_vocabulary)};

/* ---- samples --------------------------------------------------------------------------------- */

static int time_cmp(const void *a, const void *b)
{
    const struct archived_post *x = a, *y = b;

    if (x->post.created_at_ms != y->post.created_at_ms)
        return x->post.created_at_ms < y->post.created_at_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Two words by turns, with now and then another between them. */
static Str repeated_words(void)
{
    const char *pair[] = {sample_word(&generator, &vocabulary),
                          sample_word(&generator, &vocabulary)};
    size_t count = 20 + sample_below(&generator, 80);
    struct buf out;

    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s ",
                   sample_chance(&generator, 5) ? sample_word(&generator, &vocabulary)
                                                : pair[i % 2]);
    Str text = arena_str(&memory, buf_str(&out));
    buf_deinit(&out);
    return text;
}

static void make_posts(void)
{
    static const char *const langs[] = {"", "en", "de", "und"};

    for (size_t i = 0; i < POSTS; i++) {
        posts[i] = (struct archived_post){.post = sample_post(&generator, &vocabulary, &memory),
                                          .month = 2026 * 12,
                                          .id = (int64_t)i + 1};
        if (sample_chance(&generator, 2)) { /* longer than a term of a run may be */
            char *text = arena_new(&memory, char, 1500);
            memset(text, 'e' + (int)sample_below(&generator, 3), 1500);
            posts[i].post.title = (Str){text, 1500};
        }
        if (sample_chance(&generator, 3)) /* words that stand there very often */
            posts[i].post.text = repeated_words();
        posts[i].polarity = (enum post_polarity)((int)sample_below(&generator, 4) - 1);
        posts[i].lang_found = str_from_cstr(langs[sample_below(&generator, COUNT_OF(langs))]);
    }
    qsort(posts, POSTS, sizeof *posts, time_cmp);
}

static void make_queries(void)
{
    struct buf out;
    struct err err = {0};

    buf_init(&out, TEXT_MAX);
    query_count = 0;
    while (query_count < QUERIES) {
        struct query_problems problems = {0};
        buf_reset(&out);
        sample_query(&generator, &vocabulary, 1 + (unsigned)sample_below(&generator, 3), false,
                     &out);
        CHECK(query_parse(&memory, words, arena_str(&memory, buf_str(&out)), STR_NONE, NULL,
                          &queries[query_count], &problems, &err));
        query_count += problems.error_count == 0 ? 1 : 0;
        query_problems_deinit(&problems);
    }
    buf_deinit(&out);
}

static void fill_tokens(const struct archived_post *post)
{
    struct err err = {0};

    CHECK(post_tokens_fill(&tokens, &post->post, &err));
    tokens.polarity = post->polarity;
    tokens.lang = str_eq(post->lang_found, S("und")) ? STR_NONE : post->lang_found;
}

static bool naive(const struct query *query, const struct archived_post *post)
{
    struct err err = {0};
    bool matches;

    arena_reset(&scratch);
    fill_tokens(post);
    CHECK(query_matches(&scratch, query, &post->post, &tokens, &matches, &err));
    return matches;
}

/* Every `step`-th post from `first` on. */
static void build(struct word_builder *b, size_t first, size_t step)
{
    struct err err = {0};

    word_builder_reset(b);
    for (size_t i = first; i < POSTS; i += step) {
        fill_tokens(&posts[i]);
        CHECK(word_builder_add(b, &posts[i], &tokens, i % 2 ? S("3,17") : S("3"), &err));
    }
}

/* ---- comparing ------------------------------------------------------------------------------- */

static const struct archived_post *post_of(uint32_t id)
{
    for (size_t i = 0; i < POSTS; i++)
        if (posts[i].id == id)
            return &posts[i];
    return NULL;
}

static void compare(const struct word_run *run, const struct query *query, size_t *undecided)
{
    struct search_answer answer;
    struct err err = {0};

    arena_reset(&sets);
    const struct docset *all = docset_range(&sets, run->doc_count, 0, run->doc_count);
    CHECK(search_eval(run, &sets, query->root, all, &answer, &err));
    for (uint32_t doc = 0; doc < run->doc_count; doc++) {
        bool expected = naive(query, post_of(run->ids[doc]));
        bool is_sure = docset_has(answer.lower, doc), may = docset_has(answer.upper, doc);
        if ((is_sure && !expected) || (!may && expected) || (is_sure && !may)) {
            const struct post *post = &post_of(run->ids[doc])->post;
            print_error("sure %d, may %d, expected %d\nquery: " STR_F "\ntitle: " STR_F
                        "\ntext: " STR_F "\n",
                        is_sure, may, expected, STR_A(query->text), STR_A(post->title),
                        STR_A(post->text));
            fail();
        }
        *undecided += may && !is_sure ? 1 : 0;
    }
}

static void compare_all(const struct word_run *run)
{
    size_t undecided = 0;

    for (size_t i = 0; i < query_count; i++)
        compare(run, &queries[i], &undecided);
    /* The index decides most: raw:, SENTENCE, {Case} and addresses are left. */
    CHECK(undecided < query_count * run->doc_count / 3);
}

static void begin_all(void)
{
    struct err err = {0};

    arena_init(&memory, 256 * MIB);
    arena_init(&scratch, 64 * MIB);
    arena_init(&sets, 256 * MIB);
    generator = (struct random){.seed = 5};
    CHECK(post_tokens_init(&tokens, &err) && tokenizer_create(&words, &err));
}

static void end_all(void)
{
    tokenizer_destroy(&words);
    post_tokens_deinit(&tokens);
    arena_deinit(&sets);
    arena_deinit(&scratch);
    arena_deinit(&memory);
}

TEST(a_run_answers_as_the_evaluator_does)
{
    struct word_builder *builder;
    struct err err = {0};

    begin_all();
    CHECK(word_builder_create(&builder, &err));
    for (int round = 0; round < ROUNDS; round++) {
        struct word_run run;
        arena_reset(&memory);
        make_posts();
        make_queries();
        build(builder, 0, 1);
        CHECK(word_builder_run(builder, &run, &err));
        CHECK_INT(run.doc_count, POSTS);
        compare_all(&run);
        run_close(&run);
    }
    word_builder_destroy(&builder);
    end_all();
}

TEST(merged_runs_answer_alike_and_forget_what_is_gone)
{
    struct word_run parts[PARTS], merged;
    struct word_input inputs[PARTS];
    struct word_builder *builder;
    uint64_t gone[PARTS][POSTS / 64 + 1] = {{0}}, bytes, docs;
    struct err err = {0};
    size_t left = POSTS;

    begin_all();
    struct scratch place;
    scratch_begin(&place);
    const char *dir = place.dir;
    make_posts();
    make_queries();
    CHECK(word_builder_create(&builder, &err));
    for (size_t i = 0; i < PARTS; i++) {
        Str path = arena_printf(&memory, "%s/%zu.words", dir, i);
        build(builder, i, PARTS);
        CHECK(word_builder_write(builder, path, &bytes, &err));
        CHECK(run_open(&parts[i], path, (int64_t)i + 1, &err));
        inputs[i] = (struct word_input){&parts[i], i > 0 ? gone[i] : NULL};
        for (uint32_t doc = 0; i > 0 && doc < parts[i].doc_count; doc += 7, left--)
            bits_set(gone[i], doc);
    }
    Str path = arena_printf(&memory, "%s/merged.words", dir);
    CHECK(word_merge(inputs, PARTS, path, &docs, &bytes, &err));
    CHECK_INT((int64_t)docs, (int64_t)left);
    CHECK(run_open(&merged, path, 9, &err));
    for (uint32_t doc = 1; doc < merged.doc_count; doc++)
        CHECK(
            merged.times[doc - 1] < merged.times[doc] ||
            (merged.times[doc - 1] == merged.times[doc] && merged.ids[doc - 1] < merged.ids[doc]));
    compare_all(&merged);
    for (size_t i = 0; i < PARTS; i++)
        run_close(&parts[i]);
    run_close(&merged);
    word_builder_destroy(&builder);
    scratch_end(&place);
    end_all();
}

TEST(a_broken_file_is_no_run)
{
    struct word_builder *builder;
    struct word_run run;
    struct err err = {0};
    uint64_t bytes;
    Str whole;

    begin_all();
    struct scratch place;
    scratch_begin(&place);
    const char *dir = place.dir;
    Str path = arena_printf(&memory, "%s/one.words", dir);
    make_posts();
    CHECK(word_builder_create(&builder, &err));
    build(builder, 0, 1);
    CHECK(word_builder_write(builder, path, &bytes, &err));
    CHECK(file_read_all(&memory, path, 64 * MIB, &whole, &err));
    for (size_t i = 0; i < 40; i++) {
        char *copy = arena_new(&memory, char, whole.len);
        memcpy(copy, whole.ptr, whole.len);
        copy[sample_below(&generator, whole.len)] ^= 1;
        CHECK(file_write_atomic(path, (Str){copy, whole.len}, &err));
        CHECK(!run_open(&run, path, 1, &err) && err.code == ERR_CORRUPT);
        err_clear(&err);
        CHECK(file_write_atomic(
            path, str_sub(whole, 0, sample_below(&generator, whole.len - 1) + 1), &err));
        CHECK(!run_open(&run, path, 1, &err) && err.code == ERR_CORRUPT);
        err_clear(&err);
    }
    word_builder_destroy(&builder);
    scratch_end(&place);
    end_all();
}

/* ---- sets ------------------------------------------------------------------------------------ */

enum { UNIVERSE = 700 };

static const struct docset *random_set(bool *truth, unsigned percent)
{
    uint64_t *bits = arena_new(&sets, uint64_t, docset_words(UNIVERSE) + 1);

    for (uint32_t i = 0; i < UNIVERSE; i++) {
        truth[i] = sample_below(&generator, 1000) < percent;
        if (truth[i])
            bits_set(bits, i);
    }
    return docset_of_bits(&sets, UNIVERSE, bits);
}

static void check_set(const struct docset *s, const bool *truth)
{
    struct docset_iter it = docset_from(s, 0);
    uint32_t doc, count = 0, from = (uint32_t)sample_below(&generator, UNIVERSE),
                  to = (uint32_t)sample_below(&generator, UNIVERSE), between = 0, before = 0;
    bool has_before = false;

    for (uint32_t i = 0; i < UNIVERSE; i++) {
        CHECK_INT(docset_has(s, i), truth[i]);
        between += truth[i] && i >= from && i < to;
        if (!truth[i])
            continue;
        count++;
        CHECK(docset_next(&it, &doc) && doc == i);
        if (i < to) {
            has_before = true;
            before = i;
        }
    }
    CHECK(!docset_next(&it, &doc));
    CHECK_INT(s->count, count);
    CHECK_INT(docset_count_between(s, from, to), between);
    CHECK_INT(docset_before(s, to, &doc), has_before);
    CHECK(!has_before || doc == before);
}

TEST(sets_of_documents_are_sets)
{
    static const unsigned percents[] = {0, 5, 20, 200, 900, 1000};
    bool x[UNIVERSE], y[UNIVERSE], truth[UNIVERSE];

    begin_all();
    for (size_t i = 0; i < COUNT_OF(percents) * COUNT_OF(percents) * 4; i++) {
        arena_reset(&sets);
        const struct docset *a = random_set(x, percents[i % COUNT_OF(percents)]);
        const struct docset *b =
            random_set(y, percents[i / COUNT_OF(percents) % COUNT_OF(percents)]);
        check_set(a, x);
        for (uint32_t d = 0; d < UNIVERSE; d++)
            truth[d] = x[d] && y[d];
        check_set(docset_and(&sets, a, b), truth);
        for (uint32_t d = 0; d < UNIVERSE; d++)
            truth[d] = x[d] || y[d];
        check_set(docset_or(&sets, a, b), truth);
        for (uint32_t d = 0; d < UNIVERSE; d++)
            truth[d] = x[d] && !y[d];
        check_set(docset_minus(&sets, a, b), truth);
        uint32_t from = (uint32_t)sample_below(&generator, UNIVERSE);
        uint32_t to = (uint32_t)sample_below(&generator, UNIVERSE + 1);
        for (uint32_t d = 0; d < UNIVERSE; d++)
            truth[d] = d >= from && d < to;
        check_set(docset_range(&sets, UNIVERSE, from, to), truth);
    }
    end_all();
}

/* ---- stems ----------------------------------------------------------------------------------- */

/* Forms of the same words in several languages, some with accents, some of two languages. */
static const char *const inflected[] = {"delay",
                                        "delays",
                                        "Delayed",
                                        "delaying",
                                        "battery",
                                        "batteries",
                                        "die",
                                        "dies",
                                        "dying",
                                        "Haus",
                                        "H\xc3\xa4user",
                                        "h\xc3\xa4usern",
                                        "hauses",
                                        "haus",
                                        "late",
                                        "later",
                                        "lates",
                                        "retard",
                                        "retards",
                                        "retard\xc3\xa9"
                                        "e",
                                        "kniga",
                                        "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb0",
                                        "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb8",
                                        "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd1\x83",
                                        "hus",
                                        "huset",
                                        "husene",
                                        "running",
                                        "run",
                                        "runs",
                                        "#delays",
                                        "@battery",
                                        "don't",
                                        "https://example.org/delays"};

static void make_inflected(void)
{
    static const char *const langs[] = {"", "en", "EN-us", "de", "de_AT", "fr", "ru", "nb", "ja"};
    static const char *const found[] = {"", "en", "de", "und"};
    struct buf text;

    buf_init(&text, 4096);
    for (size_t i = 0; i < POSTS; i++) {
        posts[i] = (struct archived_post){.month = 2026 * 12, .id = (int64_t)i + 1};
        posts[i].post = (struct post){.source = S("s"), .created_at_ms = (int64_t)i * 1000};
        buf_reset(&text);
        for (size_t n = 1 + sample_below(&generator, 4); n > 0; n--)
            buf_printf(&text, "%s ", inflected[sample_below(&generator, COUNT_OF(inflected))]);
        if (sample_chance(&generator, 2))
            for (int n = 0; n < 1200; n++)
                buf_add_byte(&text, 'd');
        posts[i].post.text = arena_str(&memory, buf_str(&text));
        posts[i].post.id = arena_printf(&memory, "%zu", i);
        posts[i].post.lang = str_from_cstr(langs[sample_below(&generator, COUNT_OF(langs))]);
        posts[i].lang_found = str_from_cstr(found[sample_below(&generator, COUNT_OF(found))]);
        posts[i].polarity = POST_POLARITY_UNKNOWN;
    }
    buf_deinit(&text);
}

/* The truth: every word of the post, stemmed in the post's language, against the stem asked for. */
static bool has_form(struct stemmer *s, const struct archived_post *post, Str key, bool is_exact)
{
    Str lang = post->post.lang.len > 0 ? post->post.lang : post->lang_found;
    char code[3] = "";
    char stem[64];

    for (size_t i = 0; i < 2 && i < lang.len; i++)
        code[i] = (char)(lang.ptr[i] | 0x20);
    size_t language =
        str_eq(lang, S("und")) ? stem_language_count() : stem_language_find(str_from_cstr(code));
    fill_tokens(post);
    for (size_t i = 0; i < tokens.body_count; i++) {
        const struct token *token = &tokens.body[i];
        Str form = token_bare(token, token->plain);
        if (token->kind == TOKEN_URL)
            continue;
        if (str_eq(form, key))
            return true;
        if (is_exact || language == stem_language_count())
            continue;
        Str wanted = stemmer_run(s, language, key);
        memcpy(stem, wanted.ptr, wanted.len);
        if (str_eq((Str){stem, wanted.len}, stemmer_run(s, language, form)))
            return true;
    }
    return false;
}

enum stem_shape { ONE, BOTH, EITHER, ONE_NOT_TWO, QUOTED_AND_TWO, SHAPES };

static bool truth_of(struct stemmer *s, const struct archived_post *post, enum stem_shape shape,
                     Str one, Str two)
{
    bool a = has_form(s, post, one, shape == QUOTED_AND_TWO), b = has_form(s, post, two, false);

    return shape == ONE ? a : shape == EITHER ? a || b : shape == ONE_NOT_TWO ? a && !b : a && b;
}

static size_t compare_stems(const struct word_run *run, struct stemmer *s, enum stem_shape shape,
                            Str one, Str two)
{
    static const char *const forms[SHAPES] = {"%.*s", "%.*s AND %.*s", "%.*s OR %.*s",
                                              "%.*s AND NOT %.*s", "\"%.*s\" AND %.*s"};
    struct query_problems problems = {0};
    struct search_answer answer;
    struct query query;
    struct err err = {0};
    size_t beyond = 0;
    char text[200];
    bool matches;

    (void)snprintf(text, sizeof text, forms[shape], STR_A(one), STR_A(two));
    CHECK(query_parse(&memory, words, arena_str(&memory, str_from_cstr(text)), STR_NONE, NULL,
                      &query, &problems, &err));
    CHECK_INT(problems.error_count, 0);
    query_problems_deinit(&problems);
    query_stem_words(query.root);
    arena_reset(&sets);
    CHECK(search_eval(run, &sets, query.root, docset_range(&sets, run->doc_count, 0, POSTS),
                      &answer, &err));
    for (uint32_t doc = 0; doc < run->doc_count; doc++) {
        const struct archived_post *post = post_of(run->ids[doc]);
        bool truth = truth_of(s, post, shape, one, two);
        arena_reset(&scratch);
        fill_tokens(post);
        CHECK(query_matches(&scratch, &query, &post->post, &tokens, &matches, &err));
        if (matches != truth || (docset_has(answer.lower, doc) && !truth) ||
            (!docset_has(answer.upper, doc) && truth)) {
            print_error("%s: sure %d, may %d, evaluator %d, truth %d\nlang " STR_F " / " STR_F
                        ": " STR_F "\n",
                        text, docset_has(answer.lower, doc), docset_has(answer.upper, doc), matches,
                        truth, STR_A(post->post.lang), STR_A(post->lang_found),
                        STR_A(str_sub(post->post.text, 0, 200)));
            fail();
        }
        beyond += truth && !has_form(s, post, one, true) ? 1 : 0;
    }
    return beyond;
}

TEST(stems_find_what_stemming_every_post_finds)
{
    static const char *const asked[] = {"delay",
                                        "delays",
                                        "batteries",
                                        "dying",
                                        "hauser",
                                        "haus",
                                        "retards",
                                        "later",
                                        "hus",
                                        "run",
                                        "\xd0\xba\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb8"};
    struct word_builder *builder;
    struct word_run run;
    struct stemmer *s;
    struct err err = {0};
    size_t beyond = 0;

    begin_all();
    make_inflected();
    CHECK(stemmer_create(&s, &err) && word_builder_create(&builder, &err));
    build(builder, 0, 1);
    CHECK(word_builder_run(builder, &run, &err));
    for (size_t i = 0; i < COUNT_OF(asked); i++)
        for (size_t shape = 0; shape < SHAPES; shape++)
            beyond +=
                compare_stems(&run, s, (enum stem_shape)shape, str_from_cstr(asked[i]),
                              str_from_cstr(asked[sample_below(&generator, COUNT_OF(asked))]));
    CHECK(beyond > 1000); /* stems found something that words do not */
    run_close(&run);
    word_builder_destroy(&builder);
    stemmer_destroy(&s);
    end_all();
}

int main(void)
{
    return RUN(CASE(sets_of_documents_are_sets), CASE(a_run_answers_as_the_evaluator_does),
               CASE(stems_find_what_stemming_every_post_finds),
               CASE(merged_runs_answer_alike_and_forget_what_is_gone),
               CASE(a_broken_file_is_no_run));
}
