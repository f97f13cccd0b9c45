/* label_view.h - what labels say about the moods of a query, as pages show it beside its numbers.
 */
#ifndef WEB_LABEL_VIEW_H
#define WEB_LABEL_VIEW_H

#include "listen/label/label_report.h"
#include "listen/query/query_eval.h"
#include "listen/standing_query.h"
#include "web/request.h"
#include "web/view/market_view.h"

#include "templates.h"

/* `counted`: posts of the window that is shown, negative, neutral, positive. */
bool label_view_measured(struct request *req, const struct standing_query *query,
                         const double counted[LABEL_MOODS], struct tpl_measured *out,
                         struct err *err) MUST_CHECK;
/* Of a query by its name, over the days of [from, to); NULL when there is no such query. */
bool label_view_window(struct request *req, Str query, int64_t from_ms, int64_t to_ms,
                       struct tpl_measured **out, struct err *err) MUST_CHECK;
/* Days that were summed as they are counted: negative, neutral, positive. */
void label_view_counts(const struct market_sum *sum, double counted[LABEL_MOODS]);
/* The same of a report that was read already. */
void label_view_fill(struct request *req, const struct standing_query *query,
                     const struct label_report *report, const double counted[LABEL_MOODS],
                     struct tpl_measured *out);
/* "negative", "cannot tell" in the reader's language. */
Str label_view_verdict(struct request *req, enum label_verdict verdict);
Str label_view_mood(struct request *req, enum post_polarity mood);
/* Which parts of a post a query matched, for marking; NULL when that cannot be told. */
const struct query_explanation *label_view_explain(struct request *req,
                                                   const struct standing_query *query,
                                                   const struct archived_post *post);

#endif
