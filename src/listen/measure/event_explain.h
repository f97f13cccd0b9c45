/* event_explain.h - what makes the difference between a window of mentions and the time before it.
 *
 * Compares the mentions of a query in the hours of an event with those of the days before: its
 * terms (term_window.h: log-likelihood ratio), authors, sources and moods, each with its number,
 * its share of the mentions of the event, its share before, and the lift (share / share before,
 * smoothed by half a mention); and the posts with most engagement. Authors and sources come by the
 * number of mentions that they brought more or less than their share before would have: what went
 * silent stands there as well.
 *
 * Also how alike two explained events are (event_likeness()).
 *
 * Threads: as the archive. Memory: results live in the caller's arena.
 */
#ifndef LISTEN_EVENT_EXPLAIN_H
#define LISTEN_EVENT_EXPLAIN_H

#include "format/json.h"
#include "listen/archive/archive.h"

#define EVENT_HISTORY_DAYS 28 /* what an event is compared with */
#define EVENT_TERMS_MAX    10
#define EVENT_AUTHORS_MAX  6
#define EVENT_SOURCES_MAX  8
#define EVENT_POSTS_MAX    5

struct event_explainer;

bool event_explainer_create(struct event_explainer **out, struct archive *a,
                            struct err *err) MUST_CHECK;
void event_explainer_destroy(struct event_explainer **e); /* NULL-safe */

/* JSON: {"n", "before": {"n", "hours"}, "terms": [{"term", "n", "share", "before_share", "lift"}],
 * "authors": {"n", "top": [{"author", "source", "n", "share", "before_share", "lift"}]}, "sources":
 * [{"source", ...}], "moods": [{"mood", ...}], "posts": [{"source", "id", "created_at", "author",
 * "title", "text", "url", "engagement"}]}. Shares of authors are absent where no source names
 * them. The window is [from, to) in epoch hours. */
bool event_explain(struct event_explainer *e, struct arena *arena, int64_t query, int64_t from_hour,
                   int64_t to_hour, Str *out, struct err *err) MUST_CHECK;

/* 0 to 1 each. */
struct event_likeness {
    double all;   /* 0.5 terms + 0.2 sources + 0.15 size + 0.15 length */
    double terms; /* sum of the lesser shares of their terms / sum of the greater (Ruzicka 1958) */
    double sources; /* sum of the lesser shares of each source */
    double size;    /* 1 - |log2 of the ratio of their sizes| / 4, at least 0 */
    double length;  /* shorter / longer */
};
struct event_shape {
    const struct json *explanation;
    double size;  /* observed / expected, or |difference|; > 0 */
    double hours; /* > 0 */
};
struct event_likeness event_likeness(const struct event_shape *a, const struct event_shape *b);

#endif
