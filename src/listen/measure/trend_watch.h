/* trend_watch.h - trends of everything that comes into a workspace, told once, across restarts.
 *
 *     posts seen for the first time ─► trends/journal ─► finder (trend.h) ─► state.db
 * (trend_store.h) │ trends/state  ◄───┘ at the end of an import, every few MB, every few minutes
 *
 * Posts are added whether a query matched them or not. What was added stands in the journal before
 * the finder sees it; the state is the finder written down, and takes the journal's place. A
 * killed program reads the state and then the journal: the finder is pure, so it tells the same
 * trends under the same numbers, which the store knows already. Between the archive's commit and
 * the journal one block of posts can be lost to the trends, nothing else.
 *
 * Posts of a stream are looked at as they come. Those of an import wait in the journal until it
 * ends and are then looked at in the order of their times, whatever the order of the files, in
 * portions of TREND_PORTION_BYTES. Posts earlier than what was seen before (more than four hours)
 * are no part of the stream at hand: a hundred and more of them make a stream of their own, with
 * its own history, which is over with the portion.
 *
 * Only the posts of the last few hours keep their text here, besides those of told trends: a
 * deleted post or an erased author is forgotten in both.
 *
 * Memory: about 140 MiB when all room is used, from the first look until trend_watch_rest().
 * Threads: one owner, who holds the workspace's archive for writing meanwhile (archive.h).
 */
#ifndef LISTEN_TREND_WATCH_H
#define LISTEN_TREND_WATCH_H

#include "listen/archive/archive.h"
#include "listen/measure/trend_store.h"

#define TREND_PORTION_BYTES ((size_t)64 << 20)    /* of waiting posts that are sorted together */
#define TREND_JOURNAL_BYTES ((uint64_t)4 << 20)   /* of a stream: then the state is written */
#define TREND_REST_BYTES    ((uint64_t)256 << 10) /* the same, when there is time to rest */
#define TREND_REST_MS       (INT64_C(600) * 1000)
#define TREND_JOURNAL_TEXT  4096                    /* bytes of a post's text that are looked at */
#define TREND_AHEAD_MS      (INT64_C(86400) * 1000) /* later than now: a wrong clock, left out */

struct trend_watch;

/* Since the last trend_watch_finish(). */
struct trend_watched {
    uint64_t posts; /* looked at */
    uint64_t told;  /* trends that began, or grew */
    uint64_t late;  /* posts left out: too early, and too few for a stream of their own */
};

/* Reads nothing yet; `dir` is the workspace's and is copied. */
bool trend_watch_open(struct trend_watch **out, Str dir, struct err *err) MUST_CHECK;
void trend_watch_close(struct trend_watch **w); /* NULL-safe; what was only added is lost */

/* What the archive has just taken in: posts seen for the first time (`batch->is_added`, which has
 * to be there) and delete events. Kept in memory until the flush, which has to follow. */
bool trend_watch_add(struct trend_watch *w, const struct archive_batch *batch, bool is_stream,
                     int64_t now_ms, struct err *err) MUST_CHECK;
/* Into the journal; what came by a stream is looked at, trends go to the store. */
bool trend_watch_flush(struct trend_watch *w, struct db *state, int64_t now_ms,
                       struct err *err) MUST_CHECK;
/* An import is over: all that waits is looked at, and the state written. */
bool trend_watch_finish(struct trend_watch *w, struct db *state, int64_t now_ms,
                        struct trend_watched *out, struct err *err) MUST_CHECK;
/* The clock of a stream goes on without posts, so that what rose is told in time. */
bool trend_watch_tick(struct trend_watch *w, struct db *state, int64_t now_ms,
                      struct err *err) MUST_CHECK;
/* The archive is about to be given back: somebody else may write next. */
bool trend_watch_rest(struct trend_watch *w, int64_t now_ms, struct err *err) MUST_CHECK;
/* Gives the memory back; it is read again when needed. */
void trend_watch_release(struct trend_watch *w);

/* Forgets an author: in the state, the journal and the store. Needs the archive held for writing,
 * as the rest. */
bool trend_watch_erase(Str dir, struct db *state, uint64_t author_hash, int64_t now_ms,
                       struct err *err) MUST_CHECK;

#endif
