/* store_priv.h - what the files of the store share: store.c, topic_rating.c, simulation_store.c,
 * assumption.c, decision.c. */
#ifndef STRATEGY_STORE_PRIV_H
#define STRATEGY_STORE_PRIV_H

#include "strategy/model/object.h"
#include "strategy/risk/simulation.h"
#include "strategy/steering/assumption.h"

/* Writes one object without the checks of store_put(): `before` is the stored one, or NULL. The
 * ledger's action is "<kind>.<verb>". Inside a transaction. */
bool store_write_object(struct db *db, struct arena *arena, const struct change *change,
                        enum object_kind kind, const void *before, const void *object, Str verb,
                        struct err *err) MUST_CHECK;

/* store_fixed.c: ERR_CONFLICT when the change would touch what was signed or frozen. `before` is
 * NULL for a new object, `object` is NULL for one that is removed. */
bool store_may_change(const struct strategy_model *stored, enum object_kind kind,
                      const void *before, const void *object, struct err *err) MUST_CHECK;
/* ERR_CONFLICT when the object holds what only a decision or a freeze may set. */
bool store_may_set(enum object_kind kind, const void *object, struct err *err) MUST_CHECK;

/* Fill in what is not in documents: states of armed assumptions, latest proposals, latest
 * simulations. */
bool store_attach_watches(struct db *db, struct strategy_model *model, struct err *err) MUST_CHECK;
bool store_attach_proposals(struct db *db, struct arena *arena, struct strategy_model *model,
                            struct err *err) MUST_CHECK;
bool store_attach_simulations(struct db *db, struct arena *arena, struct strategy_model *model,
                              struct err *err) MUST_CHECK;

/* simulation.c: the answer to a model document, and an answer read back into *out. */
bool simulation_answer(struct arena *arena, Str model_json, const struct simulation_order *order,
                       Str *answer, struct err *err) MUST_CHECK;
bool simulation_answer_read(struct arena *arena, Str answer, struct simulation_result *out,
                            struct err *err) MUST_CHECK;

/* A list of texts as it lies in a column: ["a","b"]. */
bool texts_write(struct arena *arena, StrList texts, Str *out, struct err *err) MUST_CHECK;
bool texts_read(struct arena *arena, Str json, StrList *out, struct err *err) MUST_CHECK;

/* dependants.c: as the details of a review note. */
bool dependants_json(struct arena *arena, const struct dependants *dependants, Str *out,
                     struct err *err) MUST_CHECK;

#endif
