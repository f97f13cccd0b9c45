/* fold_priv.h - folding of one token, shared by fold.c and tokenizer.c. */
#ifndef TEXT_FOLD_PRIV_H
#define TEXT_FOLD_PRIV_H

#include "text/fold.h"

enum {
    FOLD_CHUNK_BYTES_MAX = 1024, /* longest input of fold_chunk */
    /* A code point of three bytes decomposes to at most 18. */
    FOLD_CHUNK_RUNES_MAX = FOLD_CHUNK_BYTES_MAX / 3 * 18 + 32,
};

struct fold_scratch {
    int32_t runes[FOLD_CHUNK_RUNES_MAX];
    int32_t copy[FOLD_CHUNK_RUNES_MAX];
};

/* Folds at most FOLD_CHUNK_BYTES_MAX bytes of valid or invalid UTF-8 into `folded` and, when wanted
 * (not NULL), without accents into `plain`; each has room for FOLD_GROWTH_MAX times the input.
 * Returns the lengths through the pointers. */
void fold_chunk(Str in, struct fold_scratch *scratch, char *folded, size_t *folded_len, char *plain,
                size_t *plain_len);

#endif
