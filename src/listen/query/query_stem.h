/* query_stem.h - words of a search that also find their inflected forms.
 *
 * A standing query never has any: it finds what it says. A search that asks for it marks its bare
 * words; a bare word then holds where the post has a word with the same stem in the language of the
 * post (text/stem.h), compared without accents, or the word itself. Words in quotes, phrases, NEAR,
 * COUNT, SENTENCE, zones, with sigils, wildcards, case or accents, and those of @@names stay exact.
 */
#ifndef LISTEN_QUERY_STEM_H
#define LISTEN_QUERY_STEM_H

#include "listen/query/query.h"
#include "text/stem.h"

/* Marks the words of the tree. */
void query_stem_words(struct query_node *root);

/* The word in one language: its stem is computed once and kept. */
struct word_stem {
    char stem[QUERY_WORD_BYTES_MAX];
    size_t len;
    size_t language;
    bool is_known; /* false: too long, nothing has it */
};
void word_stem_init(struct word_stem *w, struct stemmer *stemmer, size_t language, Str word);
bool word_stem_fits(const struct word_stem *w, struct stemmer *stemmer, Str form);

/* Of a post's language the part before - or _, in small letters; stem_language_count(): it has no
 * stems. */
size_t query_stem_language(Str lang);

#endif
