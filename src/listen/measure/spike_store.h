/* spike_store.h - find the moments when a query's conversation went off, and explain them.
 *
 * Runs the streaming detector of quant/spikes.h over the published mentions of each standing query,
 * by hour where the query is busy enough, else by day (spike_moments.h). Each alert becomes one
 * row: severity, what was expected, what was observed, its explanation (event_explain.h) and the
 * nearest earlier alert of the same query. Finding the same alert again changes nothing but what is
 * known about it: a row is named by signal and start. What retention took from the archive stays as
 * it was told.
 *
 * Only queries that are due are looked at: those whose points changed since the last look, and,
 * when all that came is silence, those looked at by hour, which silence may turn to days. The rest
 * would give what is stored already: a zero behind all other values neither starts an alert nor
 * goes on with one, as only rises do.
 */
#ifndef LISTEN_SPIKE_STORE_H
#define LISTEN_SPIKE_STORE_H

#include "listen/archive/archive.h"

struct spike {
    int64_t id, query;
    Str signal;                        /* key */
    int64_t start_ms, peak_ms, end_ms; /* first period, highest period, behind the last period */
    int severity;                      /* 1 to 10 */
    double score, expected, observed;  /* at the peak */
    Str explanation;                   /* JSON (event_explain.h) */
    int64_t earlier;                   /* id of the nearest earlier spike; 0 = none */
    Str likeness;                      /* JSON (struct event_nearest); empty for none */
    int64_t found_at_ms;
};

/* New points of a query are published, in the transaction that does it: it is due. With
 * `is_silence` all of them are zeros behind the last one: it is due if that can matter. */
bool spikes_due(struct db *state, int64_t query, bool is_silence, struct err *err) MUST_CHECK;
/* Over all active queries that are due. *found counts alerts that were not known before. Needs the
 * archive as its writer, so that nothing is published meanwhile; to be repeated after a failure. */
bool spikes_find(struct db *state, struct archive *a, int64_t now_ms, uint64_t *found,
                 struct err *err) MUST_CHECK;
/* With from_ms <= start < to_ms, newest first; query 0: all queries. */
bool spikes_list(struct arena *arena, struct db *state, int64_t query, int64_t from_ms,
                 int64_t to_ms, size_t max, struct spike **out, size_t *count,
                 struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool spike_read(struct arena *arena, struct db *state, int64_t id, struct spike *out,
                struct err *err) MUST_CHECK;

#endif
