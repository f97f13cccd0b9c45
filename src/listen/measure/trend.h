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
 * Of a trend told once, the posts with its strongest term are counted slot by slot as long as it
 * lives (pulses), so that its course can be drawn. All of it can be written down and taken up again
 * (trend_finder_save), after which it goes on as if nothing had happened.
 *
 * Pure: times are those of the posts. The same posts in the same order give the same answer. One
 * thread at a time.
 */
#ifndef LISTEN_TREND_H
#define LISTEN_TREND_H

#include "base/arena.h"
#include "base/byte_stream.h"
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
#define TREND_LANGUAGES    12  /* of a trend, the most frequent */
#define TREND_QUERIES      16  /* of a trend, the most frequent */
#define TREND_POST_QUERIES 6   /* of a post, the first ones */
#define TREND_DETAIL_BYTES 760 /* of a kept post: source, author, address, text */
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

/* A post behind a trend, as far as it was kept; the text is cut where there is no room. */
struct trend_example {
    Str source, id, author, url, text;
    char lang[4]; /* "und" when not known */
    int64_t created_at_ms;
    uint64_t author_hash; /* 0: not known */
    uint32_t copies;      /* near-duplicates of it that were left out */
};

struct trend_language {
    char code[4];
    uint32_t posts;
};

struct trend_query {
    int64_t query;
    uint32_t posts;
};

struct trend {
    uint64_t number;        /* the same whenever the same trend is told; from 1 */
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
    const struct trend_example *examples; /* the same posts, as many */
    /* Over the kept posts behind it: copies left out, languages and queries, the most frequent
     * first. */
    uint32_t copies;
    struct trend_language languages[TREND_LANGUAGES];
    size_t language_count;
    struct trend_query queries[TREND_QUERIES];
    size_t query_count;
    /* Posts with its strongest term in the slots up to this one, the oldest first. */
    uint32_t slots[TREND_SLOTS];
};

/* A trend that was told goes on: posts of a slot with its strongest term, at least one. */
struct trend_pulse {
    uint64_t number;
    int64_t slot_ms;
    uint32_t stories;
};

/* What the end of a slot tells. */
struct trend_news {
    const struct trend *trends;
    size_t count;
    const struct trend_pulse *pulses;
    size_t pulse_count;
};

struct trend_input {
    const struct post *post;
    const struct post_tokens *tokens;
    const int64_t *queries; /* standing queries it satisfies */
    size_t query_count;
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

/* The same, of a post whose queries are known, with all that the slot's end tells. */
bool trend_finder_take(struct trend_finder *f, const struct trend_input *input,
                       struct trend_news *news, struct err *err) MUST_CHECK;
/* The clock goes on without a post: when `now_ms` lies behind the slot at hand, it ends. */
bool trend_finder_advance(struct trend_finder *f, int64_t now_ms, struct trend_news *news,
                          struct err *err) MUST_CHECK;

/* Start of the slot at hand; false: no post was added yet. */
bool trend_finder_time(const struct trend_finder *f, int64_t *slot_ms);

/* Text, author and address of a kept post are blanked: by its source and id, or by author
 * (`source` empty). Its words stay counted. True: there was one. */
bool trend_finder_forget(struct trend_finder *f, Str source, Str id, uint64_t author_hash);

/* Everything; read into a finder that was just created with the same settings. ERR_CORRUPT,
 * ERR_CONFLICT (other settings): the finder is to be destroyed. */
bool trend_finder_save(const struct trend_finder *f, struct byte_sink *sink) MUST_CHECK;
bool trend_finder_load(struct trend_finder *f, struct byte_source *source) MUST_CHECK;

/* The end of the stream: the trends of the slot that was not full. */
bool trend_finder_end(struct trend_finder *f, const struct trend **trends, size_t *count,
                      struct err *err) MUST_CHECK;

#endif
