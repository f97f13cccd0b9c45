/* listening.h - the sources of all workspaces while the program serves.
 *
 * One scheduler thread looks at the settings and decides what is due; a few fetching threads poll;
 * a thread for each stream reads it; one writer thread for each workspace that has sources takes
 * what came into the archive, keeps the health of the sources, and evaluates measures, spikes and
 * assumptions. Nothing of this ever holds up a page.
 *
 *     settings (state.db) ─► scheduler ─► jobs ─► fetchers ─► polled ─┐
 *                                └──► streams ───────────► streamed ─► writer ─► archive, state.db
 *     webhooks (state.db), watched folders ──────────────────────────┘
 *
 * Queues are bounded: `polled` holds its producers back, `streamed` drops the oldest parcel, which
 * is counted as a loss and reduces coverage. Settings are read again every second, so what pages or
 * the command line change is seen without a call. A new query set is compiled by the scheduler and
 * swapped in (match_swap.h) while posts stream.
 *
 * Killed at any moment nothing is lost that can be had again: a source's marks move only behind
 * what was written.
 */
#ifndef FLOW_LISTENING_H
#define FLOW_LISTENING_H

#include "base/err.h"
#include "base/str.h"
#include "listen/source/source_schedule.h"

#define LISTENING_FETCHERS     4
#define LISTENING_JOBS_MAX     1024  /* polls waiting for a fetcher: later ones wait for theirs */
#define LISTENING_POLLED_MAX   16    /* answers waiting to be written: fetchers wait */
#define LISTENING_STREAMED_MAX 512   /* parcels of streams: the oldest is dropped and counted */
#define LISTENING_STREAMS_MAX  64    /* of all workspaces: further ones wait, with a message */
#define LISTENING_MEASURE_MS   20000 /* default: between two evaluations of what arrived */

struct listening_options {
    Str data_dir;
    struct source_pace pace;
    bool allows_private; /* addresses inside the network, for tests and intranets */
    Str folder_root;     /* folders below it may be watched; empty: only those of workspaces */
    int64_t measure_ms;  /* 0: LISTENING_MEASURE_MS */
};

struct listening;

bool listening_start(struct listening **out, const struct listening_options *options,
                     struct err *err) MUST_CHECK;
/* Ends what is under way and waits for it. NULL-safe. */
void listening_stop(struct listening **listening);

#endif
