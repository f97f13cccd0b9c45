/* Any bytes in any language: the score stays in its range, the language answer is a code. */
#include "text/language.h"
#include "text/sentiment.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const languages[] = {"en", "de", "fr", "und"};
    static struct tokenizer *tokenizer;
    struct err err = {0};
    const struct token *tokens;
    size_t count;
    Str text = {(const char *)data, size};

    if (!tokenizer && !tokenizer_create(&tokenizer, &err))
        return 0;
    if (!tokenizer_run(tokenizer, text, &tokens, &count, &err))
        return 0;
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        struct sentiment s;
        sentiment_score(text, tokens, count, str_from_cstr(languages[i]), &s);
        ASSERT(s.compound >= -1 && s.compound <= 1);
        ASSERT(s.label >= POLARITY_NEGATIVE && s.label <= POLARITY_POSITIVE);
        double p[3];
        sentiment_probabilities(&s, p);
        ASSERT(fabs(p[0] + p[1] + p[2] - 1) < 1e-9);
        ASSERT(s.label == POLARITY_NEUTRAL || (s.compound > 0) == (s.label > 0));
    }
    struct language_guess guess = language_guess(text);
    ASSERT(guess.confidence >= 0 && guess.confidence <= 1);
    ASSERT(strlen(guess.code) == 2 || strcmp(guess.code, "und") == 0);
    return 0;
}
