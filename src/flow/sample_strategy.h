/* sample_strategy.h - the strategy half of a sample run, on the same functions that the pages call.
 *
 * Steps over an open workspace: the document in, ratings confirmed, versions found, simulated,
 * decided. Each step commits by itself and writes the ledger as the person who does it.
 */
#ifndef FLOW_SAMPLE_STRATEGY_H
#define FLOW_SAMPLE_STRATEGY_H

#include "flow/sample_plan.h"
#include "strategy/choice/alternatives.h"
#include "strategy/risk/simulation.h"

#define SAMPLE_STRATEGIST "ida"
#define SAMPLE_MANAGEMENT "board"

/* The sample's strategy.json into an empty workspace. All faults are named in err's message by the
 * first. */
bool sample_import_strategy(struct db *db, struct arena *a, Str document, int64_t at_ms,
                            struct import_counts *counts, struct err *err) MUST_CHECK;

struct confirmed_ratings {
    size_t confirmed, overridden, not_enough_data;
};

/* Confirms every topic's latest proposal; those the plan overrides get its values and reason. */
bool sample_confirm_ratings(struct db *db, struct arena *a, const struct sample_plan *plan,
                            int64_t at_ms, struct confirmed_ratings *out,
                            struct err *err) MUST_CHECK;

/* Alternatives by focus, stored as versions, then all simulated in one model. `stop` may be NULL;
 * it ends the search with ERR_CANCELLED. */
bool sample_find_versions(struct db *db, struct arena *a, const struct method *method, int threads,
                          const atomic_bool *stop, int64_t at_ms, struct alternatives *found,
                          struct simulation_result *simulated, struct err *err) MUST_CHECK;

/* Management adopts the plan's focus, rejects the others with their reasons and arms the
 * assumptions from an event time on. */
bool sample_decide(struct db *db, struct arena *a, const struct method *method,
                   const struct sample_plan *plan, const struct alternatives *found, int64_t at_ms,
                   int64_t armed_from_ms, int64_t *decision, struct err *err) MUST_CHECK;

#endif
