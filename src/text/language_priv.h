/* language_priv.h - the weights of the language model, compiled in by tools/lexicon.c from
 * lexicon/language.bin. */
#ifndef TEXT_LANGUAGE_PRIV_H
#define TEXT_LANGUAGE_PRIV_H

#include <stdint.h>

enum {
    LANGUAGE_LANES = 16,
    LANGUAGE_LATIN_BITS = 14,
    LANGUAGE_CYRILLIC_BITS = 13,
    LANGUAGE_BUCKETS = (1 << LANGUAGE_LATIN_BITS) + (1 << LANGUAGE_CYRILLIC_BITS),
};

/* A row per bucket of n-grams: Latin ones first, then Cyrillic; a column per language, in the order
 * of latin_codes and cyrillic_codes of language.c. */
extern const int8_t language_weights[LANGUAGE_BUCKETS][LANGUAGE_LANES];
/* What a weight of 1 stands for. */
extern const double language_weight_unit;

#endif
