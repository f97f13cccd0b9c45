/* break_view.h - where the definition of a drawn signal changed (signal/signal.h, breaks).
 *
 * A chart marks each break by a line with the version that begins there, names it in its legend,
 * and says in words under it from when, why, and what was restated since. Memory: the request's
 * arena.
 */
#ifndef WEB_BREAK_VIEW_H
#define WEB_BREAK_VIEW_H

#include "web/view/chart.h"

/* Of the signals with these keys, between the times; of several that break at one time the first
 * is told. Signals that are not there have no breaks. To be called at the top of the island's
 * object, once for a chart. */
bool chart_breaks(struct chart *chart, const Str *keys, size_t count, int64_t from_ms,
                  int64_t to_ms, struct err *err) MUST_CHECK;
/* The same of "query:<query>:<measure>:<period>". */
bool chart_breaks_of(struct chart *chart, int64_t query, const char *measure, const char *period,
                     int64_t from_ms, int64_t to_ms, struct err *err) MUST_CHECK;

#endif
