/* assumption_rule.h - one assumption's rule run over a signal: pure.
 *
 * Every day (the step) the window that ends there is condensed to one number and compared:
 *
 *     no data   sample below the minimum, or mean coverage below the minimum: the run of
 *               violations is neither continued nor cut
 *     holding   the comparison is true
 *     at risk   true but within `margin` of the threshold, or false for fewer than `persistence`
 *               days in a row
 *     broken    false for `persistence` days in a row; stays so until true for as many days
 *
 *     from        violated            violated, n = persistence   kept        kept, n = persistence
 *     holding     at risk             broken                      holding     holding
 *     at risk     at risk             broken                      holding     holding
 *     broken      broken              broken                      broken      holding
 *
 * The same function arms live, backtests on stored data, and explains. No clock: times are event
 * times given by the caller. Same input, same output.
 */
#ifndef STRATEGY_ASSUMPTION_RULE_H
#define STRATEGY_ASSUMPTION_RULE_H

#include "strategy/model/model.h"

#define ASSUMPTION_STEP_MS (INT64_C(24) * 60 * 60 * 1000)

/* One period of the signal, as signal/signal.h keeps it. */
struct rule_point {
    int64_t start_ms; /* UTC, rising */
    double value;     /* of the period; NAN: none */
    int64_t sample;   /* posts behind it */
    double coverage;  /* 0 to 1 */
};

/* One evaluation: the numbers behind a state. */
struct rule_reading {
    int64_t at_ms; /* end of the window */
    double value;  /* condensed; NAN without data */
    int64_t sample;
    double coverage;
    enum assumption_state state;
    bool is_violated;
    int64_t violated_days; /* in a row, up to here */
};

/* State carried from one run to the next. */
struct rule_memory {
    enum assumption_state state; /* ASSUMPTION_UNARMED before the first run */
    int64_t violated_days, kept_days;
    int64_t evaluated_to_ms; /* next step is one day later */
};

/* Evaluates every step in (memory->evaluated_to_ms, to_ms]. `points` must reach back far enough
 * before it (rule_reach_ms()). Calls `on_reading` for each step with the state before; memory is
 * carried on. */
void assumption_rule_run(const struct assumption_rule *rule, const struct rule_point *points,
                         size_t count, int64_t to_ms, struct rule_memory *memory,
                         void (*on_reading)(void *user, enum assumption_state before,
                                            const struct rule_reading *reading),
                         void *user);

/* How far before a step the rule looks, in ms. */
int64_t assumption_rule_reach_ms(const struct assumption_rule *rule);

/* One sentence: "mean of net_sentiment over 7 days at least -0.2, broken after 3 days". */
Str assumption_rule_text(struct arena *arena, const struct assumption *assumption);

/* The key of the signal the rule reads when nobody knows better: "query:<name>:<metric>:day". */
Str assumption_signal_key(struct arena *arena, const struct assumption *assumption);

#endif
