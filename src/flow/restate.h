/* restate.h - all of history under the queries and corrections as they are now: stored posts are
 * matched again, measures restated, spikes and alerts looked for; the ledger notes how much
 * changed. One thread; the workspace is its own.
 */
#ifndef FLOW_RESTATE_H
#define FLOW_RESTATE_H

#include "ledger/workspace.h"
#include "listen/archive/rematch.h"

struct restate_job {
    struct workspace *workspace;
    Str actor, reason;          /* for the ledger; the reason may be empty */
    struct rematch_watch watch; /* once all posts are matched it is told "total of total", then
                                   measures follow, which cannot be stopped */
    int64_t now_ms;
};

struct restate_result {
    struct rematch_result rematch;
    uint64_t points;         /* of signals, written anew */
    uint64_t spikes, alerts; /* found; raised */
    double seconds;          /* of all of it */
};

/* ERR_BUSY: another import is writing. ERR_CANCELLED: stopped; months that were done stay done, and
 * their hours are published with the next import. */
bool restate_history(const struct restate_job *job, struct restate_result *out,
                     struct err *err) MUST_CHECK;

#endif
