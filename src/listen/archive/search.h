/* search.h - stored posts by a query of the query language.
 *
 * The full-text index gives candidates (every post that holds the words the query cannot do
 * without), the evaluator of the query language decides. So a search finds exactly what a standing
 * query of the same text would have matched among the stored posts. A query without any required
 * word looks at every post of the window.
 *
 * Memory: results live in the arena. Threads: as the archive.
 */
#ifndef LISTEN_SEARCH_H
#define LISTEN_SEARCH_H

#include "listen/archive/archive.h"
#include "listen/query/query_eval.h"

#define SEARCH_PAGE_MAX       1000
#define SEARCH_CANDIDATES_MAX 500000 /* further ones are not looked at; is_complete says so */
#define SEARCH_SNIPPET_BYTES  240
#define SEARCH_RANGES_MAX     32 /* matched parts of one post */

enum search_order { SEARCH_NEWEST, SEARCH_OLDEST, SEARCH_RELEVANT };

struct search_request {
    Str query;
    const struct query_resolver *names; /* for @@name; may be NULL */
    int64_t from_ms, to_ms;             /* [from, to); 0, 0: all */
    enum search_order order;
    size_t limit; /* of this page, 1 to SEARCH_PAGE_MAX */
    Str cursor;   /* `next` of the page before; empty: the first */
    bool has_facets;
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
    double relevance;
};

struct search_facet {
    Str value;
    int64_t count;
};

struct search_result {
    struct search_hit *hits;
    size_t count;
    int64_t total;    /* posts that match in the window */
    bool is_complete; /* false: SEARCH_CANDIDATES_MAX was reached, or the page was enough; total is
                       * a lower bound */
    Str next;         /* cursor of the next page; empty: there is none */
    /* With has_facets; most frequent first. */
    struct search_facet *sources, *langs, *moods, *days;
    size_t source_count, lang_count, mood_count, day_count;
};

/* ERR_INPUT: the query is wrong, with its place; ERR_USAGE: the cursor is not one of ours. */
bool search_posts(struct archive *a, struct arena *arena, const struct search_request *request,
                  struct search_result *out, struct err *err) MUST_CHECK;

/* Calls visit with the time of every stored post that the query of the request finds in its window,
 * in no order and without a limit of candidates; returning false ends the walk. Of the request only
 * query, names and window are read. Errors as search_posts(). */
typedef bool search_visit(void *context, int64_t created_at_ms);
bool search_times(struct archive *a, struct arena *arena, const struct search_request *request,
                  search_visit *visit, void *context, struct err *err) MUST_CHECK;

#endif
