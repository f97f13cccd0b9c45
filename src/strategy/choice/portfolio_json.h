/* portfolio_json.h - the JSON forms of `trimtab risk choose`: model in, answer out.
 *
 * Pure; memory as in portfolio.h.
 */
#ifndef STRATEGY_PORTFOLIO_JSON_H
#define STRATEGY_PORTFOLIO_JSON_H

#include "base/buf.h"
#include "strategy/choice/portfolio.h"

/* ERR_INPUT names line and column, or the JSON path; ERR_LIMIT: too large. `notes`, when not NULL,
 * gets a line per thing worth telling: a cost without a limit, a member that is not known. */
bool portfolio_read(struct arena *a, Str text, struct portfolio_problem *problem, struct buf *notes,
                    struct err *err) MUST_CHECK;

/* One JSON object and a line break. */
void portfolio_write(struct buf *out, const struct portfolio_problem *problem,
                     const struct portfolio_answer *answer);

#endif
