/* alert_view.h - rules and alerts as pages show them: words, numbers, the chart of a rule. */
#ifndef WEB_ALERT_VIEW_H
#define WEB_ALERT_VIEW_H

#include "listen/alert/alert_json.h"
#include "web/view/chart.h"

extern const char *const alert_kind_words[ALERT_KIND_COUNT]; /* wrapped in TR() */
extern const char *const alert_sensitivity_words[ALERT_SENSITIVITY_COUNT];
extern const char *const alert_direction_words[ALERT_DIRECTION_COUNT];

/* "126", "23 %", "-0.31": as the kind measures. */
Str alert_number(struct request *req, enum alert_kind kind, double value);
/* Who takes care of cases or of rules; the routes ask for less. */
bool alert_may_acknowledge(const struct request *req);
/* The title of the query for people. */
Str alert_query_title(const struct alert_names *names, int64_t id);

/* What the rule judged from `from_ms` to `to_ms`: observed, expected, upper mark, with the events
 * as marks (and the span of one as shade, when `shade_to_ms` is not 0). Its table holds the events.
 */
struct alert_chart {
    const struct alert_rule *rule;
    const struct alert_backtest *test;
    int64_t from_ms, to_ms;
    int64_t shade_from_ms, shade_to_ms;
};
bool alert_chart_make(struct request *req, const struct alert_chart *what, struct tpl_chart *out,
                      struct err *err) MUST_CHECK;

#endif
