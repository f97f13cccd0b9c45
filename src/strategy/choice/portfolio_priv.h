/* portfolio_priv.h - what the search (portfolio.c) and the explanation of contradictions
 * (portfolio_conflict.c) share. */
#ifndef STRATEGY_PORTFOLIO_PRIV_H
#define STRATEGY_PORTFOLIO_PRIV_H

#include <stdint.h>

#include "quant/mip.h"
#include "strategy/choice/portfolio.h"

struct portfolio_search {
    struct arena *arena;  /* the caller's: what the answer points to */
    struct arena scratch; /* one run of the solver */
    const struct portfolio_problem *problem;
    const struct portfolio_settings *settings;
    double seconds; /* of the whole search, from started_ns on */
    uint64_t started_ns;
    struct portfolio_condition *conditions;
    size_t condition_count;
    struct mip_row *forbidden; /* sets that the solver offered wrongly */
    size_t forbidden_count;
};

/* All conditions of the problem; *out NULL when the arena is full. */
size_t portfolio_conditions(struct arena *a, const struct portfolio_problem *p,
                            struct portfolio_condition **out);
bool portfolio_condition_row(struct arena *a, const struct portfolio_problem *p,
                             const struct portfolio_condition *c, struct mip_row *row,
                             struct err *err) MUST_CHECK;
double portfolio_seconds_left(const struct portfolio_search *s);
/* True: it is, and *err says so. */
bool portfolio_is_cancelled(const struct portfolio_search *s, struct err *err);
enum portfolio_style {
    PORTFOLIO_FULL,  /* preprocessing and cuts */
    PORTFOLIO_SIMPLE /* branch and bound alone */
};
/* One run of the solver; its output and the answer live in s->scratch. */
bool portfolio_solve(struct portfolio_search *s, const struct mip_model *model,
                     enum portfolio_style style, double seconds, struct mip_answer *answer,
                     struct err *err) MUST_CHECK;
/* Fills answer->conflict of a problem that was found infeasible. */
bool portfolio_find_conflict(struct portfolio_search *s, struct portfolio_answer *answer,
                             struct err *err) MUST_CHECK;

#endif
