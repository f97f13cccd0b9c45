/* source_gain.h - what sources can say more than when measures were published last.
 *
 * A measure is available over the sources that can tell (measure.h). Whether one can is known from
 * the posts it has sent, so a source may begin to later: its hours that are published already count
 * with it from then on, and when no source could before, so do the quiet days. This finds out
 * which. It happens a few times in the life of a source.
 *
 * Memory: the arena. Threads: as the connection.
 */
#ifndef LISTEN_SOURCE_GAIN_H
#define LISTEN_SOURCE_GAIN_H

#include "listen/archive/archive.h"

struct source_gain {
    const bool *has_gained; /* by index into archive_sources(): published before, with less */
    bool is_any;            /* of them */
    bool is_first;          /* something can be said that no source could: all points change */
};

/* Needs archive_sources_load(). */
bool source_gain_load(struct arena *arena, struct db *state, const struct archive *a,
                      struct source_gain *out, struct err *err) MUST_CHECK;
/* All is published that the gain has; in the caller's transaction or one of its own. */
bool source_gain_done(struct db *state, const struct archive *a, struct err *err) MUST_CHECK;

#endif
