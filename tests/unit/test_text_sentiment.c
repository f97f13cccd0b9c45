/* Rules one at a time: each pair differs by what the rule looks at. */
#include "text/sentiment.h"

#include <math.h>

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
    CHECK(s.compound >= -1 && s.compound <= 1);
    return s;
}

static double en(const char *text)
{
    return score(text, "en").compound;
}

static double de(const char *text)
{
    return score(text, "de").compound;
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
    CHECK(score("\xf0\x9f\x98\xa1", "xx").compound < 0);
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
    CHECK_INT(score("The train leaves at nine.", "en").label, POLARITY_NEUTRAL);
    CHECK_INT(score("I love this, thank you so much!", "en").label, POLARITY_POSITIVE);
    CHECK_INT(score("worst service ever, I hate it", "en").label, POLARITY_NEGATIVE);
    CHECK_INT(score("Das ist eine Katastrophe, furchtbar schlecht", "de").label, POLARITY_NEGATIVE);
    CHECK_INT(score("x", "en").basis, SENTIMENT_RULES);
    CHECK_INT(score("x", "fr").basis, SENTIMENT_SMALL_LEXICON);
    CHECK_INT(score("x", "und").basis, SENTIMENT_EMOJI);
    CHECK_INT(score("x", "").basis, SENTIMENT_EMOJI);
    CHECK_INT(score("good good", "en").hits, 2);
    CHECK_STR(str_from_cstr(polarity_name(POLARITY_NEGATIVE)), "negative");
}

int main(void)
{
    int failed = RUN(CASE(sentiment_normalisation_is_published), CASE(sentiment_english_rules),
                     CASE(sentiment_emoticons_and_emoji), CASE(sentiment_german_rules),
                     CASE(sentiment_labels_and_bases));

    tokenizer_destroy(&tokenizer);
    return failed;
}
