/* Rules one at a time: each pair differs by what the rule looks at. Then what is learned. */
#include "text/sentiment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "text/lexicon_priv.h"
#include "text/sentiment_reason.h"
#include "unit/test.h"

static struct tokenizer *tokenizer;

static struct sentiment score(const char *text, const char *language)
{
    struct err err = {0};
    const struct token *tokens;
    size_t count;
    struct sentiment s;
    Str source = str_from_cstr(text);

    if (!tokenizer)
        CHECK(tokenizer_create(&tokenizer, &err));
    CHECK(tokenizer_run(tokenizer, source, &tokens, &count, &err));
    sentiment_score(source, tokens, count, str_from_cstr(language), &s);
    CHECK(s.compound >= -1 && s.compound <= 1 && s.rules >= -1 && s.rules <= 1);
    CHECK(s.label == POLARITY_NEUTRAL || s.label * s.compound > 0); /* one sign */
    return s;
}

static double en(const char *text)
{
    return score(text, "en").rules;
}

static double de(const char *text)
{
    return score(text, "de").rules;
}

TEST(sentiment_normalisation_is_published)
{
    /* one word of valence v: v / sqrt(v^2 + 15) */
    double good = en("the food is good");
    CHECK_NEAR(good, 1.9 / sqrt(1.9 * 1.9 + 15), 1e-9);
    CHECK_NEAR(en("the food is good!"), 2.192 / sqrt(2.192 * 2.192 + 15), 1e-9);
}

TEST(sentiment_english_rules)
{
    CHECK(en("very good") > en("good"));
    CHECK(en("kind of good") < en("good"));
    CHECK(en("not good") < 0);
    CHECK(en("don't like it") < 0);
    CHECK(en("this is GREAT news") > en("this is great news"));
    CHECK_NEAR(en("GREAT NEWS"), en("great news"), 1e-9); /* all capitals mean nothing */
    CHECK(en("good!!!") > en("good!"));
    CHECK_NEAR(en("good!!!!"), en("good!!!!!!!!"), 1e-9);
    CHECK(en("good food but awful service") < en("good food and awful service"));
    CHECK(en("sooo goooood") > en("good"));
    CHECK(en("#happy") > 0);
    CHECK(en("I can't wait") > 0); /* a phrase wins over its negation */
    CHECK(en("no problem") > 0);
    CHECK(en("It is not late. Good.") > 0); /* negation ends with the sentence */
}

TEST(sentiment_emoticons_and_emoji)
{
    CHECK(en("ok :)") > en("ok"));
    CHECK(en("haha:)") > en("haha"));
    CHECK(en("well :(") < 0);
    CHECK(en("see :D") > 0);
    CHECK_NEAR(en("at 10:3 and 8:30, see http://a.b/c"), 0, 1e-9);
    CHECK(en("\xe2\x9d\xa4\xef\xb8\x8f") > 0);
    CHECK(score("\xf0\x9f\x98\xa1", "xx").rules < 0);
    CHECK_NEAR(en("\xf0\x9f\x98\xa1\xf0\x9f\x98\xa1\xf0\x9f\x98\xa1"),
               en("\xf0\x9f\x98\xa1\xf0\x9f\x98\xa1\xf0\x9f\x98\xa1\xf0\x9f\x98\xa1"), 1e-9);
}

TEST(sentiment_german_rules)
{
    CHECK(de("das ist gut") > 0);
    CHECK(de("das ist nicht gut") < 0);
    CHECK(de("das ist sehr gut") > de("das ist gut"));
    CHECK(de("ein guter Service, gutes Personal") > de("ein guter Service"));
    CHECK(de("die unfreundlichsten Leute") < 0);
    CHECK_NEAR(de("schoen"), de("sch\xc3\xb6n"), 1e-9);
    CHECK(de("schon wieder zu sp\xc3\xa4t") < 0);
    CHECK(de("nie wieder!") < 0);
}

TEST(sentiment_labels_and_bases)
{
    CHECK_INT(score("", "en").label, POLARITY_NEUTRAL);
    CHECK_NEAR(score(" ?! ", "de").compound, 0, 0);
    CHECK_INT(score("The train leaves at nine.", "en").label, POLARITY_NEUTRAL);
    CHECK_INT(score("I love this, thank you so much!", "en").label, POLARITY_POSITIVE);
    CHECK_INT(score("worst service ever, I hate it", "en").label, POLARITY_NEGATIVE);
    CHECK_INT(score("Das ist eine Katastrophe, furchtbar schlecht", "de").label, POLARITY_NEGATIVE);
    CHECK_INT(score("x", "en").basis, SENTIMENT_LEARNED);
    CHECK_INT(score("x", "fr").basis, SENTIMENT_LEARNED);
    CHECK_INT(score("x", "nl").basis, SENTIMENT_SMALL_LEXICON);
    CHECK_INT(score("x", "und").basis, SENTIMENT_EMOJI);
    CHECK_INT(score("x", "").basis, SENTIMENT_EMOJI);
    CHECK_INT(score("good good", "en").hits, 2);
    CHECK_STR(str_from_cstr(polarity_name(POLARITY_NEGATIVE)), "negative");
}

static int label(const char *text, const char *language)
{
    return score(text, language).label;
}

/* One clear text a class in each language that words were learned of. */
TEST(sentiment_learned_languages)
{
    CHECK_INT(label("so happy right now, best day of my life", "en"), POLARITY_POSITIVE);
    CHECK_INT(label("I am so sick of this, it makes me want to cry", "en"), POLARITY_NEGATIVE);
    CHECK_INT(label("Ich freue mich so auf das Wochenende", "de"), POLARITY_POSITIVE);
    CHECK_INT(label("Das nervt, so ein Mist schon wieder", "de"), POLARITY_NEGATIVE);
    CHECK_INT(label("merci beaucoup, c'est magnifique !", "fr"), POLARITY_POSITIVE);
    CHECK_INT(label("c'est vraiment nul, j'en ai marre", "fr"), POLARITY_NEGATIVE);
    CHECK_INT(label("muchas gracias, ha sido genial", "es"), POLARITY_POSITIVE);
    CHECK_INT(label("qu\xc3\xa9 asco, odio esta mierda", "es"), POLARITY_NEGATIVE);
    CHECK_INT(label("bellissima serata, grazie a tutti", "it"), POLARITY_POSITIVE);
    CHECK_INT(label("che schifo, vergogna", "it"), POLARITY_NEGATIVE);
    CHECK_INT(label("que lindo, adorei, muito bom", "pt"), POLARITY_POSITIVE);
    CHECK_INT(label("que \xc3\xb3"
                    "dio, que coisa ruim, horr\xc3\xadvel",
                    "pt"),
              POLARITY_NEGATIVE);
    CHECK_INT(label("\xd8\xb4\xd9\x83\xd8\xb1\xd8\xa7 \xd8\xac\xd8\xb2\xd9\x8a\xd9\x84\xd8\xa7 "
                    "\xd8\xad\xd8\xa8\xd9\x8a\xd8\xa8\xd9\x8a \xe2\x9d\xa4",
                    "ar"),
              POLARITY_POSITIVE);
}

TEST(sentiment_takes_any_text)
{
    char text[4096];
    size_t len = 0;

    for (int i = 0; i < 400; i++) /* more words than are looked at */
        len += (size_t)snprintf(text + len, sizeof text - len, "wort%d! ", i);
    (void)score(text, "de");
    memset(text, 'a', sizeof text - 1); /* one endless word */
    text[sizeof text - 1] = '\0';
    (void)score(text, "de");
    for (size_t i = 0; i + 1 < sizeof text; i += 2) { /* no UTF-8, marks without end */
        text[i] = '!';
        text[i + 1] = i % 3 == 0 ? '\xff' : '?';
    }
    text[sizeof text - 1] = '\0';
    (void)score(text, "ar");
    (void)score("\xe2\x82", "fr");
}

TEST(sentiment_translated_lexicons)
{
    static const struct {
        const char *language, *good, *bad;
    } words[] = {{"sk", "dobr\xc3\xbd", "zl\xc3\xbd"},
                 {"hr", "dobro",
                  "lo\xc5\xa1"
                  "e"},
                 {"id", "bagus", "buruk"},
                 {"et", "hea", "halb"},
                 {"lt", "geras", "blogas"},
                 {"nl", "goed", "slecht"}};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        CHECK_INT(score(words[i].good, words[i].language).basis, SENTIMENT_SMALL_LEXICON);
        CHECK(score(words[i].good, words[i].language).rules > 0);
        CHECK(score(words[i].bad, words[i].language).rules < 0);
    }
    CHECK_INT(sentiment_basis_of(S("yo")), SENTIMENT_EMOJI);
}

TEST(sentiment_unknown_languages_use_emoji_only)
{
    struct sentiment with = score("hate great \xf0\x9f\x98\x8d", "xx");
    struct sentiment other = score("same words \xf0\x9f\x98\x8d", "xx");

    CHECK_INT(with.label, POLARITY_POSITIVE);
    CHECK_NEAR(with.compound, other.compound, 1e-12);
}

TEST(sentiment_probabilities_sum_to_one)
{
    struct sentiment s = score("I love it so much", "en");
    double p[3];

    sentiment_probabilities(&s, p);
    CHECK_NEAR(p[0] + p[1] + p[2], 1, 1e-12);
    CHECK(p[2] > p[1] && p[2] > p[0]);
}

TEST(sentiment_reasons_name_the_words)
{
    struct sentiment_reason reasons[4];
    struct err err = {0};
    size_t count;
    Str text = S("The food was not good, but I love the staff :)");

    CHECK(sentiment_reasons(tokenizer, text, S("en"), reasons, 4, &count, &err));
    CHECK(count >= 2);
    bool has_love = false;
    for (size_t i = 0; i < count; i++) {
        CHECK(i == 0 || fabs(reasons[i].lean) <= fabs(reasons[i - 1].lean));
        Str part = str_sub(text, reasons[i].from, reasons[i].to - reasons[i].from);
        has_love |= str_eq(part, S("love")) && reasons[i].lean > 0;
    }
    CHECK(has_love);
    CHECK(sentiment_reasons(tokenizer, S(""), S("en"), reasons, 4, &count, &err));
    CHECK_INT(count, 0);
}

TEST(lexicon_finds_long_runs)
{
    static const char *const with[] = {
        "sooo",         "aaa",          "looove",    "abcdefggg", "xxxabcdefghijkl",
        "abcdefghijjj", "abcdefghhhij", "abcdeeefgh"};
    static const char *const without[] = {
        "", "a", "aa", "good", "aabbccddeeffgg", "bookkeeping", "abababababab"};
    char out[16];

    for (size_t i = 0; i < COUNT_OF(with); i++)
        CHECK(lexicon_has_long_run(str_from_cstr(with[i])));
    for (size_t i = 0; i < COUNT_OF(without); i++)
        CHECK(!lexicon_has_long_run(str_from_cstr(without[i])));
    CHECK_STR(((Str){out, lexicon_cut_runs(S("gooooood"), 2, out)}), "good");
}

/* The hint for a whole text must not deny a run that a word of it has. */
TEST(lexicon_runs_of_a_text_are_those_of_its_words)
{
    static const char letters[] = "aAbBzZ019 ._!?\n\xc3\xa4";
    struct random random = {.seed = 5};
    struct err err = {0};
    const struct token *tokens;
    size_t count, with = 0, without = 0;

    if (!tokenizer)
        CHECK(tokenizer_create(&tokenizer, &err));
    for (int round = 0; round < 20000; round++) {
        char text[48];
        Str source = {text, random_below(&random, sizeof text)};
        size_t kinds = 2 + random_below(&random, sizeof letters - 2);
        for (size_t i = 0; i < source.len; i++)
            text[i] = letters[random_below(&random, kinds)];
        bool has_run = false;
        CHECK(tokenizer_run(tokenizer, source, &tokens, &count, &err));
        for (size_t i = 0; i < count; i++)
            has_run |= tokens[i].kind != TOKEN_URL && lexicon_has_long_run(tokens[i].folded);
        CHECK(!has_run || lexicon_may_have_runs(source));
        with += has_run;
        without += !lexicon_may_have_runs(source);
    }
    CHECK(with > 1000 && without > 1000);
    CHECK(!lexicon_may_have_runs(S("The flight to Rome ... was late again!!! Why --- tell me")));
}

int main(void)
{
    int failed =
        RUN(CASE(sentiment_normalisation_is_published), CASE(sentiment_english_rules),
            CASE(sentiment_emoticons_and_emoji), CASE(sentiment_german_rules),
            CASE(sentiment_labels_and_bases), CASE(sentiment_learned_languages),
            CASE(sentiment_takes_any_text), CASE(sentiment_unknown_languages_use_emoji_only),
            CASE(sentiment_translated_lexicons), CASE(sentiment_probabilities_sum_to_one),
            CASE(sentiment_reasons_name_the_words), CASE(lexicon_finds_long_runs),
            CASE(lexicon_runs_of_a_text_are_those_of_its_words));

    tokenizer_destroy(&tokenizer);
    return failed;
}
