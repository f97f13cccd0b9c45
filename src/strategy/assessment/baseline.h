/* baseline.h - freezing an assessment: what was known of the market in its year, unchangeable.
 *
 * Frozen, an assessment and all that belongs to it refuse every change (store.h); the document and
 * its SHA-256 are kept beside it, and the ledger names the hash.
 */
#ifndef STRATEGY_BASELINE_H
#define STRATEGY_BASELINE_H

#include "strategy/model/store.h"

struct baseline {
    Str assessment; /* empty: not frozen */
    int64_t at_ms;
    Str actor, reason;
    Str document; /* of the assessment alone, docs/strategy-document.md */
    Str hash;     /* SHA-256 of it, hex */
};

/* One transaction. `based_on` is the revision that was looked at. ERR_CONFLICT: frozen already,
 * changed since, a quadrant is open, or there is no conclusion; ERR_INPUT: no reason. */
bool assessment_freeze(struct db *db, const struct change *change, Str assessment, int64_t based_on,
                       struct err *err) MUST_CHECK;

/* The kept document of a frozen assessment; *out empty when it is not frozen. ERR_CORRUPT when the
 * document does not match its hash. */
bool baseline_read(struct db *db, struct arena *arena, Str assessment, struct baseline *out,
                   struct err *err) MUST_CHECK;

#endif
