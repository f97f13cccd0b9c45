/* query_glob.h - one token against a wildcard pattern or within some edits. Pure. */
#ifndef LISTEN_QUERY_GLOB_H
#define LISTEN_QUERY_GLOB_H

#include "base/str.h"

/* `*` any characters, `?` one. Linear in the product of the lengths, no recursion. */
bool query_glob_matches(Str pattern, Str word);

/* True when `word` becomes `other` by at most `max` (0 to 2) insertions, deletions, replacements
 * and swaps of neighbours (optimal string alignment), counted in characters. */
bool query_fuzzy_matches(Str word, Str other, unsigned max);

#endif
