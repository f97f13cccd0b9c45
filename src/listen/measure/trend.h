/* trend.h - what is suddenly talked about, over a whole stream, without naming terms first.
 *
 * Terms are words, hashtags, cashtags, phrases of two and three neighbouring words, and links; a
 * term counts once per post, and a post that is a near-duplicate of an earlier one not at all
 * (text/similarity.h), so that a story counts once however often it is copied. Time is cut into
 * slots of ten minutes. At the end of each slot every term of it is compared with its own history:
 * its posts in the last slot, hour and four hours against what its share of all earlier posts lets
 * expect. A common word has a history, so no stop words are needed. Terms that rise together in the
 * same posts are one trend.
 *
 * The score of a term is -log10 of the chance to see so many posts or more: the negative binomial
 * tail of a count whose share of the stream was learned from a decaying history (gamma prior),
 * divided by the index of dispersion of the term's counts per four hours, where that is above 1: a
 * word that comes in bursts has to burst higher. A trend is told when it begins, and again when its
 * score is half as large again.
 *
 * Memory is fixed at creation: histories stand in a set-associative table, and where a set is full
 * the lightest term gives way and leaves its weight to the newcomer (Space-Saving, Metwally,
 * Agrawal and El Abbadi 2005), so that a history is over- but never underestimated by it. Of each
 * slot a sample of posts is kept for the grouping and the words to show, and some posts in which a
 * term was just seen to rise, so that in a large stream no trend is without posts.
 *
 * Pure: times are those of the posts. The same posts in the same order give the same answer. One
 * thread at a time.
 */
#ifndef LISTEN_TREND_H
#define LISTEN_TREND_H

#include "base/arena.h"
#include "listen/post_tokens.h"

#define TREND_SLOT_MS      (INT64_C(600) * 1000)
#define TREND_SLOTS        24  /* of the widest window; what is older is history */
#define TREND_SAMPLE       384 /* posts of a slot that are kept, drawn by lot */
#define TREND_WITNESSES    128 /* and of those with a rising term that were not drawn */
#define TREND_POST_WORDS   48  /* of a post, the first ones */
#define TREND_POST_TERMS   160 /* of a post, phrases and links included */
#define TREND_TERMS_SHOWN  8   /* of a trend */
#define TREND_POSTS_SHOWN  10  /* of a trend */
#define TREND_ACTIVE_MAX   256 /* trends remembered, to tell a further rise from a new trend */
#define TREND_TABLE_TERMS  (1 << 19)
#define TREND_SCORE_MIN    8.0
#define TREND_STORIES_MIN  5   /* below, nothing is a trend */
#define TREND_HISTORY_MIN  100 /* posts before the widest window, before anything is told */
#define TREND_HALF_LIFE_MS (INT64_C(14) * 86400 * 1000) /* of the history */

struct trend_settings {
    double score_min;     /* 0: TREND_SCORE_MIN */
    uint32_t stories_min; /* 0: TREND_STORIES_MIN */
    size_t table_terms;   /* a power of two from 1024; 0: TREND_TABLE_TERMS (about 88 bytes each) */
    bool keeps_copies;    /* count near-duplicates like others */
};

struct trend {
    int64_t slot_ms;        /* start of the slot at whose end it was found */
    int64_t from_ms, to_ms; /* the window in which its score is largest */
    double score;           /* of its strongest term */
    uint32_t stories;       /* posts of the window with its strongest term, copies left out */
    double expected;        /* how many there should have been */
    bool is_new;            /* false: an earlier trend rises further */
    const Str *terms;       /* folded, the strongest first; links without scheme */
    size_t term_count;
    const Str *posts; /* ids, the latest first */
    size_t post_count;
};

struct trend_finder;

/* `settings` may be NULL. */
bool trend_finder_create(struct trend_finder **out, const struct trend_settings *settings,
                         struct err *err) MUST_CHECK;
void trend_finder_destroy(struct trend_finder **f); /* NULL-safe */

/* Adds a post. When its time lies behind the current slot, that slot ends first and its trends are
 * answered, the strongest first; they live until the next call. A post up to four hours late counts
 * in the current slot; ERR_INPUT for one without a time or later still, which is not counted. After
 * ERR_NO_MEMORY the finder goes on, but this post may be counted in part and its slot's trends are
 * not answered again. */
bool trend_finder_add(struct trend_finder *f, const struct post *post,
                      const struct post_tokens *tokens, const struct trend **trends, size_t *count,
                      struct err *err) MUST_CHECK;

/* The end of the stream: the trends of the slot that was not full. */
bool trend_finder_end(struct trend_finder *f, const struct trend **trends, size_t *count,
                      struct err *err) MUST_CHECK;

#endif
