/* fold.h - bring spellings of the same word to the same bytes.
 *
 * NFKC with full case folding and without default-ignorable characters (Unicode's NFKC_Casefold),
 * every apostrophe as '. FOLD_STRIP_ACCENTS also drops the accents of Latin, Greek, Cyrillic,
 * Hebrew and Arabic letters and the strokes of letters such as o-slash; marks that make another
 * letter (Cyrillic short i, Japanese voicing, Indic vowels) stay. Pure and thread-safe.
 */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "base/buf.h"

enum fold_accents { FOLD_KEEP_ACCENTS, FOLD_STRIP_ACCENTS };

/* Appends the folded text; invalid bytes become U+FFFD. The buffer's maximum is the limit (sticky,
 * buf_ok() tells); no text grows by more than the factor FOLD_GROWTH_MAX. */
#define FOLD_GROWTH_MAX 12
void text_fold(Str in, enum fold_accents accents, struct buf *out);

#endif
