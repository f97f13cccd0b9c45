/* trend_store.h - trends that were told, kept in state.db for the board.
 *
 * A trend is known by its series (which finder told it) and its number there; telling it again adds
 * to it and repeating what was told changes nothing. Its course (stories by ten minutes), posts,
 * languages and queries stand in tables of their own. Of more than
 * TREND_STORED_MAX trends those give way that rose longest ago.
 *
 * Memory: what is read lives in the caller's arena. Threads: as the connection.
 */
#ifndef LISTEN_TREND_STORE_H
#define LISTEN_TREND_STORE_H

#include "db/db.h"
#include "listen/measure/trend.h"

#define TREND_KEEP_DAYS  400
#define TREND_LIST_MAX   500   /* of one list: cut */
#define TREND_STORED_MAX 20000 /* trends of a workspace: those longest quiet give way */
#define TREND_POSTS_MAX  20    /* of one trend: the latest */
#define TREND_COURSE_MAX 1008  /* slots of one course that are read: a week */
#define TREND_NOW_MS     (INT64_C(6) * 3600000) /* told so lately, it is rising now */

/* Own transaction (nests). `now_ms`: when it was noticed. */
bool trend_store_put(struct db *state, int64_t series, const struct trend_news *news,
                     int64_t now_ms, struct err *err) MUST_CHECK;
/* A deleted post, or all posts of an author (`source` empty): text, author and address go. */
bool trend_store_forget(struct db *state, Str source, Str id, uint64_t author_hash,
                        struct err *err) MUST_CHECK;

struct trend_filter {
    int64_t from_ms, to_ms; /* trends told last in (from, to]; 0: open */
    Str lang;               /* at least a third of its posts; empty: any */
    int64_t query;          /* at least one of its posts; 0: any */
    size_t limit;           /* 0: TREND_LIST_MAX */
};

struct stored_trend {
    int64_t id;
    int64_t began_ms;       /* the window in which it stood out first */
    int64_t told_ms;        /* end of the slot at which it was told first */
    int64_t risen_ms;       /* and last */
    int64_t last_ms;        /* end of the last slot with a story */
    int64_t from_ms, to_ms; /* the window in which its score was largest */
    double score, expected;
    int64_t stories, copies; /* of that window; copies of the kept ones among them */
    int64_t tellings;
    const Str *terms;
    size_t term_count;
    struct trend_language *languages;
    size_t language_count;
};

/* The latest to rise first; *total counts all that the filter lets through. */
bool trend_store_list(struct arena *arena, struct db *state, const struct trend_filter *filter,
                      struct stored_trend **out, size_t *count, int64_t *total,
                      struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool trend_store_read(struct arena *arena, struct db *state, int64_t id, struct stored_trend *out,
                      struct err *err) MUST_CHECK;

struct trend_point {
    int64_t start_ms;
    int64_t stories;
};
/* Its course, ascending; slots without a story have no point. */
bool trend_store_course(struct arena *arena, struct db *state, int64_t id, struct trend_point **out,
                        size_t *count, struct err *err) MUST_CHECK;
/* Its posts, the latest first. */
bool trend_store_posts(struct arena *arena, struct db *state, int64_t id, size_t limit,
                       struct trend_example **out, size_t *count, struct err *err) MUST_CHECK;
bool trend_store_queries(struct arena *arena, struct db *state, int64_t id,
                         struct trend_query **out, size_t *count, struct err *err) MUST_CHECK;
/* When the latest trend rose; 0: there is none. */
bool trend_store_last(struct db *state, int64_t *risen_ms, struct err *err) MUST_CHECK;

#endif
