/* sentiment.h - the polarity of a short text, from lexicon and rules and from learned words.
 *
 * English rules follow VADER (Hutto and Gilbert 2014): a lexicon of rated words and emoticons,
 * degree words before them, negation, capitals, exclamation, "but"; German has the same rules with
 * its own lists; thirty-odd further languages have a small translated lexicon and negation;
 * any text has emoji and emoticons. For eight languages a judge learned from labelled texts what
 * words and pairs of words say beyond that (judge_priv.h); it decides the label everywhere. `basis`
 * says which of these was used, and pages show it.
 *
 * Pure and thread-safe; allocates nothing. The same text gives the same number on every machine.
 */
#ifndef TEXT_SENTIMENT_H
#define TEXT_SENTIMENT_H

#include "text/tokenizer.h"

enum polarity { POLARITY_NEGATIVE = -1, POLARITY_NEUTRAL = 0, POLARITY_POSITIVE = 1 };

enum sentiment_basis {
    SENTIMENT_LEARNED,       /* words learned from labelled texts beside lexicon and rules */
    SENTIMENT_RULES,         /* lexicon and rules made for the language: en, de */
    SENTIMENT_SMALL_LEXICON, /* translated lexicon and negation only */
    SENTIMENT_EMOJI,         /* emoji and emoticons only: the language is not supported */
};

struct sentiment {
    double compound; /* -1 to 1: how strong; its sign is that of a label other than neutral */
    double rules;    /* -1 to 1: the compound of lexicon and rules alone */
    enum polarity label;
    enum sentiment_basis basis;
    uint16_t hits;    /* words, emoji and emoticons that carried a mood; saturates */
    double scores[3]; /* log-odds of negative, neutral, positive, up to a common number */
};

/* `tokens` are those of tokenizer_run() on `text`; `language` is ISO 639-1, empty or "und" when not
 * known. */
void sentiment_score(Str text, const struct token *tokens, size_t count, Str language,
                     struct sentiment *out);

/* Of negative, neutral, positive; they sum to 1. They hold where each class is as frequent: see
 * quant/prevalence.h for the shares of many texts. */
void sentiment_probabilities(const struct sentiment *s, double out[3]);

enum sentiment_basis sentiment_basis_of(Str language);
const char *polarity_name(enum polarity polarity);            /* "negative", ...: stable */
const char *sentiment_basis_name(enum sentiment_basis basis); /* "learned", "rules", ... */

#endif
