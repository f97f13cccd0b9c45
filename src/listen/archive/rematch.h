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

#include "listen/archive/archive.h"

struct rematch_result {
    uint64_t posts, changed; /* stored posts looked at; with other queries than before */
    double seconds;
};

/* Needs the archive as its writer. */
bool rematch_run(struct db *state, struct archive *a, struct rematch_result *result,
                 struct err *err) MUST_CHECK;

#endif
