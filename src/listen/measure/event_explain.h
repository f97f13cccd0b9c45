/* event_explain.h - what makes the difference between a window of mentions and the time before it.
 *
 * Compares the mentions of a query in the hours of an event with those of the days before: its
 * terms (term_window.h: log-likelihood ratio), authors, sources and moods, each with its number,
 * its share of the mentions of the event, its share before, and the lift (share / share before)
 * with its interval; and the posts with most engagement. Spikes (spike_store.h) and alerts
 * (alert/alert_store.h) explain themselves by it. Authors and sources come by the
 * number of mentions that they brought more or less than their share before would have: what went
 * silent stands there as well.
 *
 * Also how alike two explained events are, and which earlier one is nearest.
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
#define EVENT_PARTIES_MAX  61 /* a party and those its share is taken among: others are left out */

struct event_explainer;

bool event_explainer_create(struct event_explainer **out, struct archive *a,
                            struct err *err) MUST_CHECK;
void event_explainer_destroy(struct event_explainer **e); /* NULL-safe */

/* JSON: {"n", "before": {"n", "hours"}, "terms": [{"term", "n", "share", "before_share", "lift",
 * "lift_low", "lift_high"}], "authors": {"n", "top": [{"author", "author_id", "source", "n",
 * ...}]}, "sources": [{"source", "n", ...}], "moods": [{"mood", "n", ...}], "from_hour", "to_hour",
 * "posts_sampled", "posts": [{"source", "id", "created_at", "author", "author_id", "title", "text",
 * "url", "engagement", "copies"}]}. lift with its 95 % interval is that of quant/stats.h, null
 * where nothing is known from before. Shares of authors are absent where no source names them. A
 * post stands for its story (story.h); its copies are an estimate when the posts were sampled. The
 * window is [from, to) in epoch hours. */
struct event_parties { /* of a share: whose mentions it is taken among */
    const int64_t *queries;
    size_t count;
};
/* With `parties` (NULL: none) also "parties": [{"query", "n", "share", "before_share", "lift",
 * "lift_low", "lift_high"}]: how each of them moved, in the order given; shares are of the mentions
 * of all of them. */
bool event_explain(struct event_explainer *e, struct arena *arena, int64_t query, int64_t from_hour,
                   int64_t to_hour, const struct event_parties *parties, Str *out,
                   struct err *err) MUST_CHECK;

/* What an event that goes on was explained by no longer tells it: what is observed has moved by
 * more than a tenth since. Each explanation reads the days before, too much for every look. */
bool event_is_stale(double observed, double explained);

/* ---- the nearest earlier event --------------------------------------------------------------- */

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

/* An event as it is stored. */
struct event_record {
    int64_t id, start_ms, end_ms;
    double size;     /* as of a shape; 0 counts as 1 */
    Str explanation; /* JSON */
};
struct event_nearest {
    int64_t id;   /* 0: none */
    Str likeness; /* JSON {"all", "terms", "sources", "size", "length"}; empty for none */
};
/* Of those that end before `event` starts the one most like it, among equals the first given. */
bool event_nearest(struct arena *arena, const struct event_record *event,
                   const struct event_record *earlier, size_t count, struct event_nearest *out,
                   struct err *err) MUST_CHECK;

#endif
