/* topic_rating.h - proposals stored beside the ratings that people confirm.
 *
 * A proposal (rating.h) is kept with its numbers, window, sample and rule version; the topic's own
 * rating changes only when a person confirms or overrides it, with a reason when it differs. A new
 * proposal that drifts away from a confirmed rating opens a review note (review.h). Every change is
 * a ledger entry in the same transaction.
 *
 * Threads: the database handle's owner.
 */
#ifndef STRATEGY_TOPIC_RATING_H
#define STRATEGY_TOPIC_RATING_H

#include "strategy/model/store.h"
#include "strategy/rating/rating.h"

/* Stores the proposal, sets proposal->id, and opens a review note on drift (*drifted). */
bool topic_rating_propose(struct db *db, const struct change *change, const struct method *method,
                          struct topic_proposal *proposal, bool *drifted,
                          struct err *err) MUST_CHECK;

/* What a person decides about one topic. -1, _UNSET or an empty text leave that part as it is. */
struct rating_choice {
    int64_t affinity;
    enum standing standing;
    enum position_state position;
    Str holder;
    Str low_cause; /* compulsory when affinity is 0 or 1 */
    Str evidence;  /* evidence id or address added to those of the proposal; may be empty */
};

/* Confirms or overrides. A value other than the latest proposal's needs change->reason
 * (ERR_INPUT); without any proposal a reason is needed too. Evidence ids of the proposal are
 * attached to the topic. `revision` is the topic's as the person saw it: ERR_CONFLICT when it
 * moved on. */
bool topic_rating_decide(struct db *db, const struct change *change, Str topic, int64_t revision,
                         const struct rating_choice *choice, struct err *err) MUST_CHECK;

/* Proposals of a topic, newest first, at most `limit`. */
bool topic_rating_history(struct db *db, struct arena *arena, Str topic, int64_t limit,
                          const struct topic_proposal **out, size_t *count,
                          struct err *err) MUST_CHECK;

#endif
