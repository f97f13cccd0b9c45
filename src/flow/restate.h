/* restate.h - all of history under the queries and corrections as they are now: stored posts are
 * matched again, measures restated, alerts looked for. What `trimtab post rematch` does, for pages.
 */
#ifndef FLOW_RESTATE_H
#define FLOW_RESTATE_H

#include "ledger/workspace.h"
#include "listen/archive/rematch.h"

/* Posts that are matched again while somebody waits for a page; more are for the command line. */
#define RESTATE_PAGE_POSTS_MAX INT64_C(300000)

/* ERR_BUSY: another import is writing. ERR_LIMIT: more than posts_max posts are stored. */
bool restate_history(struct workspace *workspace, int64_t posts_max, int64_t now_ms,
                     struct rematch_result *out, struct err *err) MUST_CHECK;

#endif
