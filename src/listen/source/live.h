/* live.h - posts as they arrive into a workspace: decoded, matched, stored.
 *
 * What sources deliver (source_fetch.h, a webhook, a stream) is written in parcels. A parcel is
 * taken at least once and may be repeated at will: posts are known by their identity (archive.h),
 * so the caller moves its cursor only behind a parcel that was taken. The archive is opened for
 * writing with the first parcel and given back by live_rest(), so that imports from the command
 * line have their turn.
 *
 * Queries come from a holder (match_swap.h), into which any thread may swap another set at any
 * time, without a call here and without a pause: each block of posts is matched and stored under
 * the set published when it began, whole. A post that comes again later is known by its identity;
 * when the set changed meanwhile it is matched again and still counts once.
 *
 * Threads: one owner. Measures, spikes and assumptions are the owner's to evaluate, with
 * live_archive(), when live_is_dirty().
 */
#ifndef LISTEN_LIVE_H
#define LISTEN_LIVE_H

#include "listen/decode/decode.h"
#include "listen/import.h"
#include "listen/standing_query.h"

struct live;

/* Workspace and holder have to outlive it; a set has to be published (standing_set_publish()). */
bool live_open(struct live **out, struct workspace *workspace, struct query_set_holder *queries,
               struct err *err) MUST_CHECK;
void live_close(struct live **live); /* NULL-safe */

struct live_parcel {
    Str bytes;
    Str name;   /* of the source: dataset of its posts, and what messages call it */
    Str source; /* for posts that name none; empty: as the format has it */
    enum decode_format format;
    int64_t now_ms; /* for posts without a time */
};
/* Rows that cannot be read are counted, with the reason of the first one. */
struct live_counts {
    struct intake_counts posts;
    char first_reject[256]; /* "line 3: no text"; empty: none */
};
/* ERR_INPUT: the bytes as a whole are not of the format. ERR_BUSY: another process writes. On a
 * failure the same parcel can be given again. */
bool live_take(struct live *live, const struct live_parcel *parcel, struct live_counts *counts,
               struct err *err) MUST_CHECK;

/* The archive, opened for writing. */
bool live_archive(struct live *live, struct archive **out, struct err *err) MUST_CHECK;
/* Posts were stored since the last live_set_clean(). */
bool live_is_dirty(const struct live *live);
void live_set_dirty(struct live *live);
void live_set_clean(struct live *live);
/* For imports that its owner runs meanwhile. */
struct trend_watch *live_trends(struct live *live);
/* Now and then: the clock of trends goes on, and their memory is given back after a while without
 * posts. */
#define LIVE_TRENDS_IDLE_MS 60000
void live_idle(struct live *live, int64_t now_ms);
/* Gives the archive back. */
void live_rest(struct live *live);
bool live_is_resting(const struct live *live);
/* Somebody else waits to write. */
bool live_is_wanted(const struct live *live);

#endif
