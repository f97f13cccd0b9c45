/* sentiment_maker.h - the name and version of what rates texts, so that labels can keep it.
 *
 * The version is a hash over all compiled tables of lexicons and judges and the number of the rules
 * beside them: two programs with the same one give every text the same label.
 *
 * Pure and thread-safe.
 */
#ifndef TEXT_SENTIMENT_MAKER_H
#define TEXT_SENTIMENT_MAKER_H

/* Raised with every change of sentiment.c or judge.c that changes a label or a compound. */
enum { SENTIMENT_RULES_VERSION = 1 };

enum { SENTIMENT_MAKER_BYTES = 32 };

/* "trimtab-1-9f86d081", NUL-terminated. Reads some megabytes: once, not for every text. */
void sentiment_maker(char out[SENTIMENT_MAKER_BYTES]);

#endif
