/* stem.h - what is left of a word without its inflection: late, later, latest -> late.
 *
 * Snowball's algorithms (Porter 1980, 2001) of libstemmer, for languages that inflect at the end of
 * a word: da de en es fi fr hu it nl no (nb, nn) pt ro ru sv tr. A stem is a key to compare with,
 * not a word. Words are given folded; searches give them without accents, which is how the index
 * has them.
 *
 * A stemmer is scratch of one thread. Otherwise pure.
 */
#ifndef TEXT_STEM_H
#define TEXT_STEM_H

#include "base/err.h"
#include "base/str.h"

struct stemmer;

bool stemmer_create(struct stemmer **out, struct err *err) MUST_CHECK;
void stemmer_destroy(struct stemmer **stemmer); /* NULL-safe */

/* The languages that have stems, by their codes. */
size_t stem_language_count(void);
Str stem_language(size_t index);
/* Its index; stem_language_count(): the language has none. `code` in small letters. */
size_t stem_language_find(Str code);

/* Valid until the next call for the same language. */
Str stemmer_run(struct stemmer *stemmer, size_t language, Str word);

#endif
