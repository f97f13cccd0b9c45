/* terms.h - which words make one set of posts different from another.
 *
 * Counts in how many posts of a foreground and of a background each word and hashtag occurs, and
 * ranks those that are over-represented in the foreground by Dunning's log-likelihood ratio
 * (Computational Linguistics 19, 1993), which stays honest for rare words. Common words cancel out,
 * so no list of stop words is needed. Used for rising terms (a window against its history),
 * complaint and wish terms, and the explanation of spikes.
 *
 * The table is pure: posts in, ranking out, the same for the same posts in the same order. A word
 * counts once per post. Memory is bounded by TERMS_MAX distinct words; later ones are not counted.
 */
#ifndef LISTEN_TERMS_H
#define LISTEN_TERMS_H

#include "listen/archive.h"

#define TERMS_MAX      200000 /* distinct words: further ones are left out */
#define TERM_BYTES_MIN 3      /* shorter words say little */
#define TERM_EXAMPLES  3
#define TERM_POSTS_MIN 3    /* of the foreground, to be ranked */
#define TERM_SCORE_MIN 6.63 /* log-likelihood ratio: 1 % level of chi-squared, 1 degree */

/* Names a stored post. */
struct post_ref {
    int32_t month;
    int64_t id;
};

struct term {
    Str text;                  /* folded */
    int64_t count, background; /* posts with it */
    double lift;               /* share in the foreground / share in the background (smoothed) */
    double score;              /* log-likelihood ratio */
    struct post_ref examples[TERM_EXAMPLES];
    size_t example_count;
};

struct term_table;

bool term_table_create(struct term_table **out, struct err *err) MUST_CHECK;
void term_table_destroy(struct term_table **table); /* NULL-safe */
bool term_table_add(struct term_table *table, const struct post_tokens *tokens, bool is_foreground,
                    struct post_ref ref, struct err *err) MUST_CHECK;
/* The best first, at most `max`. Texts live in the arena. */
bool term_table_top(const struct term_table *table, struct arena *arena, size_t max,
                    struct term **out, size_t *count, struct err *err) MUST_CHECK;

/* Rising terms of a query: the hours [from, to) against [history_from, from). Windows with more
 * than TERM_SAMPLE_POSTS posts are thinned by the identity of the post. */
#define TERM_SAMPLE_POSTS 20000
bool terms_rising(struct archive *a, struct arena *arena, int64_t query, int64_t history_from,
                  int64_t from_hour, int64_t to_hour, size_t max, struct term **out, size_t *count,
                  struct err *err) MUST_CHECK;

#endif
