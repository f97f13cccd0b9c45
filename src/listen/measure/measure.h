/* measure.h - what a set of mentions amounts to, and its publication as signals.
 *
 * The measuring half is pure: mentions in, numbers out; docs/measures.md defines every number. A
 * measure that no source of the mentions can support is not available (NaN), never zero.
 *
 * Publication computes the hours and days that an import changed (the archive lists them in the
 * same transaction as the change) and writes them as signals of state.db:
 *
 *     query:<id>:<measure>:minute    the last MEASURE_MINUTE_HOURS hours of the archive; older ones
 *                                    are dropped, the hour says what they came to
 *     query:<id>:<measure>:hour      the last MEASURE_HOUR_DAYS days of the archive
 *     query:<id>:<measure>:day
 *     query:<id>:mentions:day:source:<name>, query:<id>:mentions:day:lang:<code>,
 *     query:<id>:mentions:day:country:<code>    (measure_dimension.h)
 *
 * It is at-least-once and idempotent: what was published but not crossed off is published again
 * with the same values. Quiet periods inside the archive's span have mentions of 0; a quiet hour
 * has no other point, and a quiet day none by source, language or country. What a deletion, a move
 * or an edit empties is restated in the same publication: its other points are withdrawn.
 */
#ifndef LISTEN_MEASURE_H
#define LISTEN_MEASURE_H

#include "ledger/workspace.h"
#include "listen/archive/archive.h"
#include "signal/signal.h"

#define MEASURE_HOUR_DAYS    400 /* days for which hours are published */
#define MEASURE_MINUTE_HOURS 48  /* hours for which minutes are kept, up to the last post */

enum measure {
    MEASURE_MENTIONS,
    MEASURE_AUTHORS,
    MEASURE_POSITIVE,
    MEASURE_NEUTRAL,
    MEASURE_NEGATIVE,
    MEASURE_NET_SENTIMENT,
    MEASURE_REPLIES_SHARE,
    MEASURE_ENGAGEMENT,
    MEASURE_REACH,
    MEASURE_COUNT
};

struct measure_info {
    const char *key;  /* "net_sentiment": part of the signal's key */
    const char *name; /* for people */
    const char *unit;
    const char *definition; /* one sentence; a change of it starts a new version */
    enum signal_aggregate aggregate;
};
const struct measure_info *measure_info(enum measure measure);

/* A number with the mentions behind it. */
struct measured_value {
    double value;    /* NaN: not available */
    int64_t n;       /* mentions it rests on */
    double coverage; /* share of the mentions whose source supports it, 0 to 1 */
};

/* ---- pure ------------------------------------------------------------------------------------ */

struct author_slot {
    uint64_t author; /* 0 = free */
    int64_t followers;
};

/* Sums over mentions. Zeroed is empty; free with measure_sum_deinit(). */
struct measure_sum {
    int64_t mentions, positive, neutral, negative;
    int64_t replies, reposts, engagement;
    /* Mentions from sources that can tell. */
    int64_t can_author, can_followers, can_reply, can_repost, can_engagement;
    struct author_slot *slots; /* distinct authors with their largest number of followers */
    size_t author_count, slot_count;
};

void measure_sum_reset(struct measure_sum *sum); /* keeps the memory */
void measure_sum_deinit(struct measure_sum *sum);
/* `facets` are those of the mention's source. ERR_NO_MEMORY. */
bool measure_sum_add(struct measure_sum *sum, const struct mention_fact *fact, uint32_t facets,
                     struct err *err) MUST_CHECK;
/* Of no mentions at all: 0 where one of `facets` could have told, else not available. */
struct measured_value measure_of(const struct measure_sum *sum, enum measure measure,
                                 uint32_t facets);

/* ---- over the archive ------------------------------------------------------------------------ */

/* Facets of all sources together: what could be measured at all. */
uint32_t measure_facets(const struct archive *a);

struct measure_publication {
    uint64_t queries, points;
};
/* What changed since the last time becomes points of signals. Needs the archive as its writer. */
bool measure_publish(struct db *state, struct archive *a, int64_t now_ms,
                     struct measure_publication *out, struct err *err) MUST_CHECK;
/* A query has no measures at all yet, not even of quiet times. */
bool measure_waits(struct db *state, bool *waits, struct err *err) MUST_CHECK;
/* What the publications before summed, so that the next one costs what changed since
 * (measure_day.h). One owner at a time. */
struct measure_memory;
bool measure_memory_create(struct measure_memory **out, struct err *err) MUST_CHECK;
void measure_memory_destroy(struct measure_memory **memory); /* NULL-safe */
void measure_memory_forget(struct measure_memory *memory); /* gives it back; the next costs more */
/* The same of what the writer took from the list (archive_dirty_take()), while he goes on: `a` may
 * be a reader's, the caller has the writer cross it off afterwards. Transactions are short and
 * leave him gaps. The values are those of measure_publish() at the moment of taking. ERR_BUSY:
 * somebody else published meanwhile; what is still on the list then has to be taken again. */
bool measure_publish_taken(struct db *state, struct archive *a, const struct archive_taken *taken,
                           struct measure_memory *memory, int64_t now_ms,
                           struct measure_publication *out, struct err *err) MUST_CHECK;
/* The same for all of history, after it was matched again: today's definitions apply to all of it.
 */
bool measure_restate(struct db *state, struct archive *a, int64_t now_ms,
                     struct measure_publication *out, struct err *err) MUST_CHECK;

#endif
