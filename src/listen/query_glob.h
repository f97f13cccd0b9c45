/* query_glob.h - one token against a wildcard pattern or within some edits. Pure. */
#ifndef LISTEN_QUERY_GLOB_H
#define LISTEN_QUERY_GLOB_H

#include "base/str.h"

/* `*` any characters, `?` one. Linear in the product of the lengths, no recursion. */
bool query_glob_matches(Str pattern, Str word);

/* True when `word` becomes `other` by at most `max` (0 to 2) insertions, deletions, replacements
 * and swaps of neighbours (optimal string alignment), counted in characters. */
bool query_fuzzy_matches(Str word, Str other, unsigned max);

/* One bit per byte value, modulo 64. An edit of one character of n bytes changes at most 2n bits:
 * words of ASCII whose sets differ in more than 2 * max bits are further apart than max. */
uint64_t query_letter_set(Str word);

#endif
