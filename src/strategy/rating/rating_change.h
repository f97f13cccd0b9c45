/* rating_change.h - whoever changes a rating says why.
 *
 * A topic's affinity, standing, position or holder and an option's rating may be changed together
 * with the whole object, by a form or the API. The change then needs a reason: the change's own, or
 * a new text in the object's reason of that rating. store_put() itself does not ask, because
 * confirming a proposal as it stands (topic_rating.h) and importing a document need none.
 */
#ifndef STRATEGY_RATING_CHANGE_H
#define STRATEGY_RATING_CHANGE_H

#include "strategy/model/store.h"

/* `before` NULL: the object is new, and unrated is what it was. Kinds without a rating always pass.
 * ERR_INPUT "reason: ...", with what is allowed as hint. Pure. */
bool rating_change_check(enum object_kind kind, const void *before, const void *after, Str reason,
                         struct err *err) MUST_CHECK;

/* What a rating has to say beside its value: why an affinity is low, who holds an occupied
 * position. ERR_INPUT "low_cause: ..." or "holder: ...". Pure. */
bool rating_names_cause(const struct topic *topic, struct err *err) MUST_CHECK;
bool rating_names_holder(const struct topic *topic, struct err *err) MUST_CHECK;

/* store_put() behind that check, in one transaction. Errors of both. Thread: the database's. */
bool rating_change_put(struct db *db, const struct change *change, enum object_kind kind,
                       const void *object, struct err *err) MUST_CHECK;

#endif
