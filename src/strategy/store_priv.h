/* store_priv.h - what the files of the store share: store.c, topic_rating.c, simulation_store.c,
 * assumption.c, decision.c. */
#ifndef STRATEGY_STORE_PRIV_H
#define STRATEGY_STORE_PRIV_H

#include "strategy/store.h"

/* Writes one object without the checks of store_put(): `before` is the stored one, or NULL. The
 * ledger's action is "<kind>.<verb>". Inside a transaction. */
bool store_write_object(struct db *db, struct arena *arena, const struct change *change,
                        enum object_kind kind, const void *before, const void *object, Str verb,
                        struct err *err) MUST_CHECK;

/* Fill in what is not in documents: states of armed assumptions, latest proposals, latest
 * simulations. */
bool store_attach_watches(struct db *db, struct strategy_model *model, struct err *err) MUST_CHECK;
bool store_attach_proposals(struct db *db, struct arena *arena, struct strategy_model *model,
                            struct err *err) MUST_CHECK;
bool store_attach_simulations(struct db *db, struct arena *arena, struct strategy_model *model,
                              struct err *err) MUST_CHECK;

#endif
