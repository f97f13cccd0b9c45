/* terms.h - which words make one set of posts different from another.
 *
 * Counts in how many posts of a foreground and of a background each word and hashtag occurs, and
 * ranks those that are over-represented in the foreground by Dunning's log-likelihood ratio
 * (Computational Linguistics 19, 1993), which stays honest for rare words. Used for rising terms (a
 * window against its history) and the explanation of spikes.
 *
 * The ratio alone tells function words: of thousands of words tested some pass by chance, and a
 * change of language or of style is a real difference that says nothing. So words that are common
 * in the language of most posts that have them (text/common_words.h) are not told, nor words whose
 * interval of lift has 1 in it. Hashtags are always told.
 *
 * The table is pure: posts in, ranking out, the same for the same posts in the same order. A word
 * counts once per post. Memory is bounded by TERMS_MAX distinct words; later ones are not counted.
 */
#ifndef LISTEN_TERMS_H
#define LISTEN_TERMS_H

#include "base/arena.h"
#include "base/vec.h"
#include "listen/post_tokens.h"

#define TERMS_MAX      200000 /* distinct words: further ones are left out */
#define TERM_BYTES_MIN 3      /* shorter words say little */
#define TERM_EXAMPLES  3
#define TERM_SAMPLE_POSTS                                                                          \
    20000                   /* of one side of a comparison over stored posts: beyond, thinned      \
                             */
#define TERM_POSTS_MIN 3    /* of the foreground, to be ranked */
#define TERM_SCORE_MIN 6.63 /* log-likelihood ratio: 1 % level of chi-squared, 1 degree */

/* Names a stored post. */
struct post_ref {
    int32_t month;
    int64_t id;
};

struct term {
    Str text;                         /* folded */
    int64_t count, background;        /* posts with it */
    double lift, lift_low, lift_high; /* share in the foreground / share in the background, with its
                                         95 % interval (quant/stats.h); NaN without a background */
    double score;                     /* log-likelihood ratio */
    struct post_ref examples[TERM_EXAMPLES];
    size_t example_count;
};

struct term_table;

bool term_table_create(struct term_table **out, struct err *err) MUST_CHECK;
void term_table_destroy(struct term_table **table); /* NULL-safe */
/* `lang`: of the post; empty or "und" when nobody knows. */
bool term_table_add(struct term_table *table, const struct post_tokens *tokens, Str lang,
                    bool is_foreground, struct post_ref ref, struct err *err) MUST_CHECK;
/* The best first, at most `max`. Texts live in the arena. */
bool term_table_top(const struct term_table *table, struct arena *arena, size_t max,
                    struct term **out, size_t *count, struct err *err) MUST_CHECK;

/* The same in two steps, for posts that are counted several times: its distinct terms as numbers
 * (appended to *out), which stay valid as long as the table; then a post by its numbers. `list`:
 * common_words_list() of its language. */
struct term_numbers {
    VEC(uint32_t);
};
bool term_table_numbers(struct term_table *table, const struct post_tokens *tokens,
                        struct term_numbers *out, struct err *err) MUST_CHECK;
void term_table_count(struct term_table *table, const uint32_t *numbers, size_t count,
                      bool is_foreground, struct post_ref ref, size_t list);
/* Back to no posts; the numbers stay. */
void term_table_forget_posts(struct term_table *table);
/* Further words would be left out. */
bool term_table_is_full(const struct term_table *table);

#endif
