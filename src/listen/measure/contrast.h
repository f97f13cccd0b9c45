/* contrast.h - which words and phrases distinguish some posts of a conversation from the others.
 *
 * Marked posts (negative ones, wishes) are compared with the unmarked posts of the same
 * conversation, not with language in general, and within strata: posts of the same language and of
 * about the same length. So a language that complains more, or complaints that are longer, lift no
 * word by themselves; function words, which a plain comparison puts first, cancel out.
 *
 *   lift    the Mantel-Haenszel ratio of shares, marked / unmarked, over the strata (Mantel and
 *           Haenszel 1959), with a 95 % interval after Greenland and Robins (1985)
 *   score   the Mantel-Haenszel statistic as a normal deviate, corrected for continuity
 *
 * A term is told when it is in at least CONTRAST_POSTS_MIN marked posts, its lift is at least
 * CONTRAST_LIFT_MIN, and it passes the procedure of Benjamini and Hochberg (1995) over all terms
 * tested at CONTRAST_FALSE_SHARE: of the terms told, that share is expected to be chance. Terms
 * are words, hashtags and phrases of two neighbouring words; a phrase stands for its words where it
 * makes up most of their marked posts.
 *
 * Posts of other conversations may be added as reference. A word that is common there in the same
 * languages and not clearly more common here is dispersed over all conversations: a function word.
 * It is not told, and no phrase has it. Without a reference, words in a quarter of all posts are.
 *
 * A near-duplicate of an earlier post is not counted (text/similarity.h). Memory is bounded by
 * CONTRAST_POSTS and CONTRAST_WORDS_MAX. Pure; the same posts in the same order give the same
 * answer. One thread.
 */
#ifndef LISTEN_CONTRAST_H
#define LISTEN_CONTRAST_H

#include "base/arena.h"
#include "listen/measure/terms.h"

#define CONTRAST_POSTS         20000 /* with those of the reference: further ones are left out */
#define CONTRAST_WORDS_MAX     200000
#define CONTRAST_POST_WORDS    200 /* of a post, the first ones */
#define CONTRAST_POSTS_MIN     4
#define CONTRAST_LIFT_MIN      1.5
#define CONTRAST_FALSE_SHARE   0.05
#define CONTRAST_COMMON_SHARE  0.01 /* of the reference's posts: a word this common may be one */
#define CONTRAST_COMMON_FACTOR 3.0  /* of function; one so much more common here is none */
#define CONTRAST_MARKS         2

struct contrast_term {
    Str text;
    int64_t count;            /* marked posts with it */
    int64_t background;       /* unmarked posts with it */
    double lift;              /* marked share / unmarked share, like posts compared with like */
    double lift_low, lift_up; /* 95 % interval */
    double score;             /* normal deviate */
    struct post_ref examples[TERM_EXAMPLES];
    size_t example_count;
};

struct contrast;

bool contrast_create(struct contrast **out, struct err *err) MUST_CHECK;
void contrast_destroy(struct contrast **c); /* NULL-safe */

/* A post of the conversation. `marks`: bit m is set when it is marked in the sense of m. */
bool contrast_add(struct contrast *c, const struct post_tokens *tokens, Str lang, unsigned marks,
                  struct post_ref ref, int64_t time_ms, struct err *err) MUST_CHECK;
bool contrast_add_reference(struct contrast *c, const struct post_tokens *tokens, Str lang,
                            struct err *err) MUST_CHECK;

/* Posts of the conversation that are compared, near-duplicates left out; those marked so. */
int64_t contrast_posts(const struct contrast *c);
int64_t contrast_marked(const struct contrast *c, unsigned mark);

/* The best first, at most `max`; texts live in the arena. `is_left_out` may be NULL: words that
 * are not told, nor phrases with them. */
bool contrast_top(struct contrast *c, unsigned mark, bool (*is_left_out)(Str word),
                  struct arena *arena, size_t max, struct contrast_term **out, size_t *count,
                  struct err *err) MUST_CHECK;

#endif
