/* search.h - stored posts by a query of the query language.
 *
 * Runs of words (word_run.h) answer most queries alone: words, phrases, NEAR, COUNT, fields and
 * ranges cost what their posting lists are long, and facets are counted in columns. What the index
 * cannot decide is given to the evaluator of the query language, so a search finds exactly what a
 * standing query of the same text would have matched among the stored posts.
 *
 * Where more than SEARCH_VERIFY_MAX posts are undecided, SEARCH_SAMPLE of them, evenly spread over
 * time, are looked at; total and facets are then estimates with an interval, and the result says
 * so. The posts of a page are always looked at.
 *
 * Pages follow one another by the place of their last post, so they neither repeat nor skip a post
 * while others arrive.
 *
 * Memory: results live in the arena. Threads: as the archive.
 */
#ifndef LISTEN_SEARCH_H
#define LISTEN_SEARCH_H

#include "listen/archive/archive.h"
#include "listen/query/query_eval.h"

#define SEARCH_PAGE_MAX      1000
#define SEARCH_VERIFY_MAX    5000  /* undecided posts that are all looked at; of more a sample is */
#define SEARCH_SAMPLE        1000  /* posts of a sample */
#define SEARCH_LOOK_MAX      20000 /* undecided posts looked at for one page: it then ends early */
#define SEARCH_SNIPPET_BYTES 240
#define SEARCH_RANGES_MAX    32 /* matched parts of one post */

enum search_order { SEARCH_NEWEST, SEARCH_OLDEST, SEARCH_RELEVANT };

struct search_request {
    Str query;
    const struct query_resolver *names; /* for @@name; may be NULL */
    int64_t from_ms, to_ms;             /* [from, to); 0, 0: all */
    enum search_order order;
    size_t limit; /* of this page, 1 to SEARCH_PAGE_MAX */
    Str cursor;   /* `next` of the page before; empty: the first */
    bool has_facets;
    bool has_stems; /* bare words also find their inflected forms: query_stem.h */
    /* Only the newest hits are wanted: reading stops when the page is full. With SEARCH_NEWEST, no
     * cursor and no facets; the total is then a lower bound. */
    bool is_page_enough;
};

/* Bytes of title or text that matched. */
struct search_range {
    bool is_title;
    uint32_t from, to;
};

struct search_hit {
    struct archived_post post;
    const struct search_range *ranges;
    size_t range_count;
    uint32_t snippet_from, snippet_to; /* of the text, around the first match */
    double relevance;                  /* with SEARCH_RELEVANT: see search_eval.h */
};

struct search_facet {
    Str value; /* what a field or, of queries, the id is compared with */
    Str label; /* of an author: name or handle; else empty */
    int64_t count;
};
struct search_facets {
    struct search_facet *items; /* most frequent first; days and months by time */
    size_t count;
    bool is_partial; /* values are missing; the counts of those that are there are right */
    /* Of authors, with is_partial: so many posts at most has somebody who is missing. */
    int64_t unseen_max;
};

enum search_facet_kind {
    SEARCH_BY_SOURCE,
    SEARCH_BY_LANG,
    SEARCH_BY_MOOD,
    SEARCH_BY_KIND,
    SEARCH_BY_COUNTRY,
    SEARCH_BY_QUERY,
    SEARCH_BY_AUTHOR,
    SEARCH_BY_DAY,   /* 2026-03-01 */
    SEARCH_BY_MONTH, /* 2026-03 */
    SEARCH_FACET_COUNT
};

/* "source", "lang" ...: what the API and the command line call them. */
const char *search_facet_name(enum search_facet_kind kind);

struct search_result {
    struct search_hit *hits;
    size_t count;
    int64_t total;                 /* posts that match in the window */
    int64_t total_low, total_high; /* 95 % interval when it is estimated, else equal to it */
    int64_t sampled;  /* undecided posts looked at for the estimate; 0: none, it is exact */
    bool is_complete; /* false: the page was enough, or undecided posts ran out: total is a lower
                       * bound or an estimate */
    Str next;         /* cursor of the next page; empty: there is none */
    struct search_facets facets[SEARCH_FACET_COUNT]; /* with has_facets */
};

/* ERR_INPUT: the query is wrong, with its place; ERR_USAGE: the cursor is not one of ours. */
bool search_posts(struct archive *a, struct arena *arena, const struct search_request *request,
                  struct search_result *out, struct err *err) MUST_CHECK;

/* Calls visit with the time of every stored post that the query of the request finds in its window,
 * by month and otherwise in no order, all of them looked at; returning false ends the walk. Of the
 * request only query, names and window are read. Errors as search_posts(). */
typedef bool search_visit(void *context, int64_t created_at_ms);
bool search_times(struct archive *a, struct arena *arena, const struct search_request *request,
                  search_visit *visit, void *context, struct err *err) MUST_CHECK;

/* Calls visit with every post that is found, oldest first (SEARCH_OLDEST) or newest first, however
 * many; memory does not grow with them. The post dies when visit returns; false ends the walk, and
 * is no error unless visit set one. */
typedef bool search_visit_post(void *context, const struct archived_post *post, struct err *err);
bool search_each(struct archive *a, struct arena *arena, const struct search_request *request,
                 search_visit_post *visit, void *context, struct err *err) MUST_CHECK;

#endif
