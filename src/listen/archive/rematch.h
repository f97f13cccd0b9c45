/* rematch.h - stored posts against the standing queries as they are now.
 *
 * After queries were added or changed: every stored post is read and matched again, and where the
 * answer differs its mentions, rollups and the list of hours to publish follow, one transaction for
 * each segment. The archive keeps what some query matched when it arrived; a new query therefore
 * finds what it shares with earlier ones, and everything from the next import on.
 *
 * Corrections of moods (measure/correction.h) hold for all of history afterwards, and what the
 * machine says of labelled posts is read again (label/label.h).
 */
#ifndef LISTEN_REMATCH_H
#define LISTEN_REMATCH_H

#include <stdatomic.h>

#include "listen/archive/archive.h"

struct rematch_result {
    uint64_t posts, changed; /* stored posts looked at; with other queries than before */
    double seconds;
};

struct rematch_watch {
    archive_progress *progress; /* may be NULL: posts looked at, of how many; every few hundred */
    void *context;
    const atomic_bool *stop; /* may be NULL: ERR_CANCELLED; the month at hand stays as it was */
};

/* Needs the archive as its writer. `watch` may be NULL. */
bool rematch_run(struct db *state, struct archive *a, const struct rematch_watch *watch,
                 struct rematch_result *result, struct err *err) MUST_CHECK;

#endif
