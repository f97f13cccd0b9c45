/* query_view.h - what the query language says about a text, with a sample of what it finds. */
#ifndef WEB_QUERY_VIEW_H
#define WEB_QUERY_VIEW_H

#include "listen/search/search.h"
#include "listen/standing_query.h"
#include "web/request.h"

#include "templates.h"

enum { QUERY_VIEW_SAMPLE = 6, QUERY_VIEW_DAYS = 14 };

/* Problems at their place, canonical text, cost; with has_sample also the posts of the last
 * QUERY_VIEW_DAYS stored days that match. `name` is the query's own, empty if it has none. */
bool query_view_check(struct request *req, Str text, Str name, bool has_sample,
                      struct tpl_query_check *out, struct err *err) MUST_CHECK;
/* The same, with the sample taken from an uploaded file that is not imported yet. */
bool query_view_check_upload(struct request *req, Str text, Str name, int64_t upload,
                             struct tpl_query_check *out, struct err *err) MUST_CHECK;
/* What the text would have found and raised on stored posts. A wrong text is a problem told in
 * *out, no error. */
bool query_view_backtest(struct request *req, Str text, struct tpl_query_backtest *out,
                         struct err *err) MUST_CHECK;
/* Names after @@ and fields, for completion: {"names":[...],"fields":[...]}. */
bool query_view_words(struct request *req, Str *json, struct err *err) MUST_CHECK;

/* Runs a search over the workspace's archive; *ms is how long it took. */
bool query_view_search(struct request *req, const struct search_request *wanted,
                       struct search_result *out, double *ms, struct err *err) MUST_CHECK;
/* The days stored: [from, to) in ms; 0, 0 when the archive is empty. */
bool query_view_span(struct request *req, int64_t *from_ms, int64_t *to_ms,
                     struct err *err) MUST_CHECK;

#endif
