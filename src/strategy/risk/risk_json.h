/* risk_json.h - the JSON forms of `trimtab risk simulate`: model in, result out.
 *
 * Pure; memory as in risk_model.h and risk_simulation.h.
 */
#ifndef STRATEGY_RISK_JSON_H
#define STRATEGY_RISK_JSON_H

#include "base/buf.h"
#include "strategy/risk/risk_simulation.h"

/* ERR_INPUT names line and column, or the JSON path; ERR_LIMIT: too large. `notes`, when not NULL,
 * gets a line per thing worth telling: a member that is not known, a correlation of a point. */
bool risk_model_read(struct arena *a, Str text, struct risk_model *model, struct buf *notes,
                     struct err *err) MUST_CHECK;

/* One JSON object and a line break. Nothing in it depends on time, machine or threads. */
void risk_result_write(struct buf *out, const struct risk_model *model,
                       const struct risk_result *result);

#endif
