/* language_priv.h - the weights of the language models, compiled in by tools/lexicon.c from
 * lexicon/language.bin. */
#ifndef TEXT_LANGUAGE_PRIV_H
#define TEXT_LANGUAGE_PRIV_H

#include <stdint.h>

/* A model per script that several languages share; the languages are listed in language.c. */
enum language_model {
    LANGUAGE_LATIN,
    LANGUAGE_CYRILLIC,
    LANGUAGE_ARABIC,
    LANGUAGE_DEVANAGARI,
    LANGUAGE_BENGALI,
    LANGUAGE_HEBREW,
    LANGUAGE_ETHIOPIC,
    LANGUAGE_MODEL_COUNT
};

/* A row of weights per hash of a feature, a lane per language. Lanes come in blocks of 16, what
 * every machine adds in one register. */
enum {
    LANGUAGE_BLOCK = 16,
    LANGUAGE_BLOCKS_MAX = 3,
    LANGUAGE_LATIN_BITS = 15,
    LANGUAGE_LATIN_LANES = LANGUAGE_BLOCKS_MAX * LANGUAGE_BLOCK,
    LANGUAGE_CYRILLIC_BITS = 13,
    LANGUAGE_ARABIC_BITS = 12,
    LANGUAGE_DEVANAGARI_BITS = 12,
    LANGUAGE_SMALL_BITS = 11,
    LANGUAGE_LATIN_SIZE = LANGUAGE_LATIN_LANES << LANGUAGE_LATIN_BITS,
    LANGUAGE_CYRILLIC_SIZE = LANGUAGE_BLOCK << LANGUAGE_CYRILLIC_BITS,
    LANGUAGE_ARABIC_SIZE = LANGUAGE_BLOCK << LANGUAGE_ARABIC_BITS,
    LANGUAGE_DEVANAGARI_SIZE = LANGUAGE_BLOCK << LANGUAGE_DEVANAGARI_BITS,
    LANGUAGE_SMALL_SIZE = LANGUAGE_BLOCK << LANGUAGE_SMALL_BITS,
    LANGUAGE_BYTES = LANGUAGE_LATIN_SIZE + LANGUAGE_CYRILLIC_SIZE + LANGUAGE_ARABIC_SIZE +
                     LANGUAGE_DEVANAGARI_SIZE + 3 * LANGUAGE_SMALL_SIZE,
    LANGUAGE_WEIGHT_MAX = 31,
    /* In memory a weight is a byte from 0 up, so that four of them add up within a byte, and a row
     * of Latin is filled up to a cache line, so that it never lies on two. */
    LANGUAGE_WEIGHT_ZERO = 32,
    LANGUAGE_LATIN_STRIDE = 64,
    LANGUAGE_LATIN_TABLE = LANGUAGE_LATIN_STRIDE << LANGUAGE_LATIN_BITS,
    LANGUAGE_TABLE_BYTES = LANGUAGE_LATIN_TABLE + LANGUAGE_BYTES - LANGUAGE_LATIN_SIZE,
};

/* The models one behind the other, in the order of the enumeration. */
extern const uint8_t language_weights[LANGUAGE_TABLE_BYTES] __attribute__((aligned(64)));
/* What a weight of 1 stands for. */
extern const double language_weight_units[LANGUAGE_MODEL_COUNT];

#endif
