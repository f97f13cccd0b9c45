/* steering_view.h - watched assumptions as pages show them: sentence, series, state, dependants. */
#ifndef WEB_STEERING_VIEW_H
#define WEB_STEERING_VIEW_H

#include "strategy/risk/simulation.h"
#include "web/view/chart.h"
#include "web/view/strategy_view.h"

struct watched {
    const struct assumption *assumption;
    struct dependants dependants;        /* within the adopted version, else among all options */
    const struct rule_reading *readings; /* the rule run over stored days, oldest first */
    size_t count;
    const struct rule_reading *last; /* NULL: no day has data */
    int64_t open_review;             /* id, 0: none */
    Str rule;                        /* as a sentence in the reader's language */
    Str signal;                      /* key of what the rule looks at; empty: nothing is measured */
};

/* What is steered: NULL when nothing was adopted. */
const struct strategy_version *steering_adopted(const struct strategy_view *view);

/* `days` back from the last measured day. */
bool steering_watch(struct request *req, const struct strategy_view *view,
                    const struct assumption *assumption, int64_t days, struct watched *out,
                    struct err *err) MUST_CHECK;
/* All of them: broken first, then at risk, without data, holding, not watched. */
bool steering_watch_all(struct request *req, const struct strategy_view *view, int64_t days,
                        struct watched **out, size_t *count, struct err *err) MUST_CHECK;

/* A value of the assumption's measure for people: "-0.45", "1,065", "12 %". */
Str steering_value(struct request *req, const struct assumption *assumption, double value);
/* "9.3 M EUR", where room is scarce. */
Str steering_money(struct request *req, const struct strategy_view *view, double amount);
/* The rule as a sentence in the reader's language. */
Str steering_rule(struct request *req, const struct assumption *assumption);
Str steering_measure(struct request *req, const struct assumption *assumption);
/* "battery-calm" becomes "/w/x/steering/battery-calm". */
Str steering_address(struct request *req, Str assumption);
/* The posts of the window that a reading condensed; empty without a query. */
Str steering_posts(struct request *req, const struct assumption *assumption, int64_t to_ms);

/* Where the definition of what the rule looks at changed (break_view.h). */
bool steering_breaks(struct chart *chart, const struct watched *watched,
                     struct err *err) MUST_CHECK;
/* A line with the threshold, the days on which it was broken shaded. */
bool steering_spark(struct request *req, const struct watched *watched, struct tpl_chart *out,
                    struct err *err) MUST_CHECK;

/* P50 of the adopted version as simulated, and with the assumption false; NaN where there is no
 * run. */
struct stress {
    double p50, p50_failed, loss, loss_failed;
    int64_t id_failed, at_ms, trials;
};
bool steering_stress(struct request *req, const struct strategy_view *view, Str assumption,
                     struct stress *out, struct err *err) MUST_CHECK;

#endif
