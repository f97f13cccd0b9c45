/* common_words.h - words of a language that every conversation has.
 *
 * Articles, pronouns, prepositions, particles, numerals and the verbs, adverbs and adjectives that
 * people use whatever they speak of: they can become more frequent, and say nothing about what is
 * spoken of. Written for this project; words that name things, or that praise and blame, are not
 * among them. A word counts in its own language only: "die" is one in German, none in English.
 *
 * Words are folded with their accents (fold.h) and of at least three bytes. Pure.
 */
#ifndef TEXT_COMMON_WORDS_H
#define TEXT_COMMON_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "text/fold.h"

#define COMMON_LANGUAGES 6                      /* with a list: en de es fr it pt */
#define COMMON_NO_LIST   COMMON_LANGUAGES       /* another language */
#define COMMON_NOT_KNOWN (COMMON_LANGUAGES + 1) /* "und", or nothing */

/* The list of a language ("de", "de-AT"), COMMON_NO_LIST or COMMON_NOT_KNOWN. */
size_t common_words_list(Str lang);
/* list < COMMON_LANGUAGES. */
bool common_words_has(size_t list, Str folded);

/* Of the texts with a word: how many are in which language. Starts zeroed. */
struct common_count {
    uint32_t by_list[COMMON_LANGUAGES];
    uint32_t of_no_language; /* nobody knows in which */
    uint32_t all;
};
void common_count_add(struct common_count *count, size_t list);
/* Is the word common in at least half of its texts: by the list of their language, by any list
 * where that is not known? `accents`: how the word was folded. */
bool common_count_is_common(const struct common_count *count, Str word, enum fold_accents accents);

#endif
