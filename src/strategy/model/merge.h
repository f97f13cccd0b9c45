/* merge.h - what a merged document leaves standing.
 *
 * A document that says nothing about a rating (unset, or affinity -1) does not take back what a
 * person confirmed: the stored value stays, with its reason and evidence. A document that carries
 * the value decides it.
 *
 *     topic     affinity with low_cause and detour; priority; standing; position with holder
 *     option    rating, durability
 *     version   verdict
 *
 * Pure; texts are shared with the stored object, a joined list lies in the arena.
 */
#ifndef STRATEGY_MERGE_H
#define STRATEGY_MERGE_H

#include "strategy/model/model.h"

/* `stored` and `object` are structs of that kind with the same id; fills `object` in place. Fails
 * only when the arena is full. */
bool merge_keep_decided(struct arena *arena, enum object_kind kind, const void *stored,
                        void *object, struct err *err) MUST_CHECK;

#endif
