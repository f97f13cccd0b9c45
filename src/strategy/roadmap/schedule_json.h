/* schedule_json.h - the JSON forms of `trimtab risk schedule`: project in, starts out.
 *
 * docs/risk.md describes both by example. Amounts may have up to three decimals; inside they are
 * whole thousandths, so that sums are exact. Pure; memory is the caller's arena.
 */
#ifndef STRATEGY_SCHEDULE_JSON_H
#define STRATEGY_SCHEDULE_JSON_H

#include "base/buf.h"
#include "quant/schedule.h"

/* ERR_INPUT names line and column, or the JSON path; ERR_LIMIT: too large. `notes`, when not NULL,
 * gets a line per thing worth telling: a use without a capacity, a member that is not known. */
bool schedule_read(struct arena *a, Str text, struct schedule_problem *problem, struct buf *notes,
                   struct err *err) MUST_CHECK;

/* One JSON object and a line break. */
void schedule_write(struct buf *out, const struct schedule_problem *problem,
                    const struct schedule_answer *answer);

/* Why there is no schedule, as an English sentence without a full stop. */
void schedule_explain(struct buf *out, const struct schedule_problem *problem,
                      const struct schedule_conflict *conflict);

#endif
