/* Words that tell posts apart: against the formulas by hand, against chance, against confounders.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"
#include "listen/measure/contrast.c"
#include "unit/test.h"

struct talk {
    struct contrast *c;
    struct post_tokens tokens;
    struct arena arena;
    struct random random;
    int posts;
};

static void open_talk(struct talk *t)
{
    struct err err = {0};

    *t = (struct talk){.random = {.seed = 3}};
    arena_init(&t->arena, 8 * MIB);
    CHECK(contrast_create(&t->c, &err) && post_tokens_init(&t->tokens, &err));
}

static void close_talk(struct talk *t)
{
    contrast_destroy(&t->c);
    post_tokens_deinit(&t->tokens);
    arena_deinit(&t->arena);
}

static void put(struct talk *t, const char *text, const char *lang, unsigned marks,
                bool is_reference)
{
    struct post post = {.text = str_from_cstr(text)};
    struct err err = {0};

    CHECK(post_tokens_fill(&t->tokens, &post, &err));
    CHECK(is_reference ? contrast_add_reference(t->c, &t->tokens, str_from_cstr(lang), &err)
                       : contrast_add(t->c, &t->tokens, str_from_cstr(lang), marks,
                                      (struct post_ref){1, t->posts++}, 0, &err));
}

/* Random words, so that no post copies another. */
static const char *some(struct talk *t, int words, const char *with)
{
    static char text[4000];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", with);

    for (int i = 0; i < words; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, " word%d",
                                (int)random_below(&t->random, 100000));
    return text;
}

static size_t top(struct talk *t, struct contrast_term **terms)
{
    struct err err = {0};
    size_t count;

    CHECK(contrast_top(t->c, 0, NULL, &t->arena, 20, terms, &count, &err));
    return count;
}

/* One stratum: lift and score are those of a 2 x 2 table. */
TEST(one_stratum_is_a_plain_table)
{
    struct contrast_term *terms;
    struct talk t;

    open_talk(&t);
    for (int i = 0; i < 100; i++)
        put(&t, some(&t, 5, i < 30 ? "battery" : ""), "en", 1, false);
    for (int i = 0; i < 300; i++)
        put(&t, some(&t, 5, i < 15 ? "battery" : ""), "en", 0, false);
    CHECK_INT(top(&t, &terms), 1);
    CHECK_STR(terms[0].text, "battery");
    CHECK_INT(terms[0].count, 30);
    CHECK_INT(terms[0].background, 15);
    CHECK_INT(contrast_marked(t.c, 0), 100);
    CHECK_INT(contrast_posts(t.c), 400);
    double n1 = 100, n0 = 300, n = 400, m = 45;
    CHECK_NEAR(terms[0].score,
               (30 - n1 * m / n - 0.5) / sqrt(n1 * n0 * m * (n - m) / (n * n * (n - 1))), 1e-9);
    CHECK_NEAR(terms[0].lift, (30 * n0 / n + 0.25) / (15 * n1 / n + 0.25), 1e-9);
    /* Near the interval of a log risk ratio. */
    double spread = 1.96 * sqrt(1.0 / 30 - 1.0 / 100 + 1.0 / 15 - 1.0 / 300);
    CHECK_NEAR(log(terms[0].lift_up / terms[0].lift), spread, 0.03);
    CHECK_NEAR(log(terms[0].lift / terms[0].lift_low), spread, 0.03);
    CHECK_INT(terms[0].example_count, TERM_EXAMPLES);
    close_talk(&t);
}

/* Complaints are long and mostly German: neither filler, both in no list, is what they are about.
 */
TEST(length_and_language_lift_no_word)
{
    struct contrast_term *terms;
    struct talk t;
    char text[64];

    open_talk(&t);
    for (int i = 0; i < 1200; i++) {
        bool is_german = i % 3 != 0, is_long = (i / 3) % 2;
        bool is_complaint =
            random_below(&t.random, 100) < (is_german ? 50U : 10U) + (is_long ? 30U : 0U);
        bool has_filler = random_below(&t.random, 100) < (is_long ? 70U : 15U);
        bool has_topic = is_complaint && random_below(&t.random, 100) < 20;
        snprintf(text, sizeof text, "%s %s", has_filler ? is_german ? "filld" : "fille" : "",
                 has_topic ? is_german ? "kaputte Leitung" : "broken queue" : "");
        put(&t, some(&t, is_long ? 20 : 5, text), is_german ? "de" : "en", is_complaint, false);
    }
    size_t count = top(&t, &terms);
    CHECK(count >= 2);
    for (size_t i = 0; i < count; i++) {
        CHECK(!str_eq(terms[i].text, S("filld")) && !str_eq(terms[i].text, S("fille")));
        CHECK(str_eq(terms[i].text, S("kaputte leitung")) ||
              str_eq(terms[i].text, S("broken queue")));
    }
    close_talk(&t);
}

/* Marks by lot: in 50 conversations hardly a term is told. */
TEST(chance_tells_nothing)
{
    struct contrast_term *terms;
    size_t told = 0;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct talk t;
        open_talk(&t);
        t.random = (struct random){.seed = seed};
        for (int i = 0; i < 300; i++) {
            char text[200];
            size_t len = 0;
            for (int w = 0; w < 12; w++)
                len += (size_t)snprintf(
                    text + len, sizeof text - len, "w%d ",
                    (int)random_below(&t.random, 1 + random_below(&t.random, 200)));
            put(&t, text, "en", random_below(&t.random, 3) == 0, false);
        }
        told += top(&t, &terms) > 0;
        close_talk(&t);
    }
    CHECK(told <= 5); /* 5 % of 50, and room for chance */
}

/* "umpf" is everywhere in the market and in no list, "screen" is not. */
TEST(words_of_all_conversations_are_not_told)
{
    struct contrast_term *terms;
    struct talk t;

    open_talk(&t);
    for (int i = 0; i < 600; i++) {
        bool is_complaint = i % 2;
        char text[40];
        snprintf(text, sizeof text, "%s %s", i % 10 < (is_complaint ? 6 : 2) ? "umpf" : "",
                 i % 10 >= 4 && is_complaint ? "screen" : "");
        put(&t, some(&t, 6, text), "en", is_complaint, false);
    }
    for (int i = 0; i < 1000; i++)
        put(&t, some(&t, 6, i % 4 ? "" : "umpf"), "en", 0, true);
    CHECK_INT(top(&t, &terms), 1);
    CHECK_STR(terms[0].text, "screen");
    close_talk(&t);
}

/* By the list of the language of their posts, alone and in phrases; hashtags are none of them. */
TEST(common_words_of_a_language_are_not_told)
{
    static const char *const langs[] = {"en", "de", "fi"};
    struct contrast_term *terms;

    for (int lang = 0; lang < 3; lang++) {
        struct talk t;
        open_talk(&t);
        for (int i = 0; i < 300; i++) /* in a tenth of all posts: no reference would be needed */
            put(&t, some(&t, i % 10 == 0 ? 12 : 16, i % 10 == 0 ? "#take this diese screen" : ""),
                langs[lang], i % 10 == 0, false);
        size_t count = top(&t, &terms);
        bool has_this = false, has_diese = false, has_tag = false;
        for (size_t i = 0; i < count; i++) {
            has_this |= strstr(terms[i].text.ptr, "this") != NULL;
            has_diese |= strstr(terms[i].text.ptr, "diese") != NULL;
            has_tag |= strstr(terms[i].text.ptr, "#take") != NULL;
        }
        CHECK(count > 0 && has_tag);
        CHECK_INT(has_this, lang != 0);
        CHECK_INT(has_diese, lang != 1);
        close_talk(&t);
    }
}

TEST(copies_count_once)
{
    struct contrast_term *terms;
    struct talk t;

    open_talk(&t);
    for (int i = 0; i < 50; i++)
        put(&t, "RT @bot: the battery burst in my pocket today", "en", 1, false);
    for (int i = 0; i < 200; i++)
        put(&t, some(&t, 6, "phone"), "en", (unsigned)i % 2, false);
    CHECK_INT(top(&t, &terms), 0);
    close_talk(&t);
}

int main(void)
{
    return RUN(CASE(one_stratum_is_a_plain_table), CASE(length_and_language_lift_no_word),
               CASE(chance_tells_nothing), CASE(words_of_all_conversations_are_not_told),
               CASE(common_words_of_a_language_are_not_told), CASE(copies_count_once));
}
