/* sentiment_reason.h - which words of a text made its polarity.
 *
 * Every word, emoji and run of punctuation is left out in turn and the text judged again: what the
 * odds lose by that is what the part contributed (occlusion; Zeiler and Fergus 2014). So rules and
 * learned words are explained alike, and a negation counts for what it turns round.
 *
 * For pages and people: it costs as many ratings as the text has parts.
 */
#ifndef TEXT_SENTIMENT_REASON_H
#define TEXT_SENTIMENT_REASON_H

#include "text/sentiment.h"

enum { SENTIMENT_PARTS_MAX = 128 }; /* parts of a text that are tried; those behind are not */

struct sentiment_reason {
    uint32_t from, to; /* bytes in the text */
    double lean;       /* log-odds of positive against negative: below 0 it speaks for negative */
};

/* The strongest first, at most `max`, none weaker than a tenth. `tokenizer` is overwritten. Fails
 * as tokenizer_run() does. */
bool sentiment_reasons(struct tokenizer *tokenizer, Str text, Str language,
                       struct sentiment_reason *out, size_t max, size_t *count,
                       struct err *err) MUST_CHECK;

#endif
