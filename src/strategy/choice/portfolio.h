/* portfolio.h - choose options: the best set under budgets, prerequisites, exclusions and goals.
 *
 * An exact 0/1 programme, solved by CBC as a separate program. Every answer is checked again here,
 * in our own arithmetic, before it is handed out; the solver is never believed. When nothing can
 * hold, the answer names a smallest set of conditions that contradict each other. RISK.md describes
 * model and method; the JSON forms are in portfolio_json.h.
 *
 * Everything lives in the arena of the caller. portfolio_choose() may be called from any thread.
 */
#ifndef STRATEGY_PORTFOLIO_H
#define STRATEGY_PORTFOLIO_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/err.h"

#define PORTFOLIO_OPTIONS_MAX      10000    /* reject */
#define PORTFOLIO_RESOURCES_MAX    2000     /* reject */
#define PORTFOLIO_COSTS_MAX        10000000 /* options x resources: reject */
#define PORTFOLIO_ALTERNATIVES_MAX 100      /* reject */

struct portfolio_option {
    Str id;
    double value;
    const double *cost; /* per resource of the problem, 0 or more */
    size_t require_count, exclude_count, goal_count;
    const uint32_t *requires, *excludes; /* indices of options */
    const uint32_t *goals;               /* indices of goals, each once */
    bool is_must, is_must_not;
};

struct portfolio_resource {
    Str name;
    double limit; /* INFINITY: not limited */
    bool has_limit;
};

struct portfolio_goal {
    Str name;
    uint32_t at_least; /* chosen options that carry it */
};

struct portfolio_problem {
    size_t option_count, resource_count, goal_count;
    struct portfolio_option *options;
    struct portfolio_resource *resources;
    struct portfolio_goal *goals;
};

struct portfolio_settings {
    double seconds;                  /* limit of the whole search; 0: PORTFOLIO_SECONDS */
    uint32_t alternatives;           /* further answers wanted */
    double distance;                 /* 0 to 1: share by which answers must differ; see RISK.md */
    uint32_t threads;                /* of the solver; 0: one */
    const atomic_bool *is_cancelled; /* may be NULL; set from another thread */
};

#define PORTFOLIO_SECONDS  10.0
#define PORTFOLIO_DISTANCE 0.3

enum portfolio_status { PORTFOLIO_OPTIMAL, PORTFOLIO_FEASIBLE, PORTFOLIO_INFEASIBLE };

struct portfolio_choice {
    enum portfolio_status status;
    bool *chosen; /* per option; NULL when infeasible */
    double value;
    double bound; /* no answer (of this distance from the earlier ones) has a larger value */
    double gap;   /* (bound - value) / max(1, |bound|) */
};

enum portfolio_condition_kind {
    PORTFOLIO_LIMIT,    /* resource `index` */
    PORTFOLIO_COVER,    /* goal `index` */
    PORTFOLIO_MUST,     /* option `index` */
    PORTFOLIO_MUST_NOT, /* option `index` */
    PORTFOLIO_REQUIRES, /* option `index` requires `other` */
    PORTFOLIO_EXCLUDES  /* option `index` excludes `other` */
};

struct portfolio_condition {
    enum portfolio_condition_kind kind;
    uint32_t index, other;
};

struct portfolio_answer {
    struct portfolio_choice best;
    size_t alternative_count;
    struct portfolio_choice *alternatives; /* best first */
    size_t conflict_count;                 /* when infeasible */
    struct portfolio_condition *conflict;
    bool is_conflict_smallest; /* proven: no smaller set contradicts itself */
};

/* ERR_CANCELLED, ERR_UNAVAILABLE (no solver installed), ERR_LIMIT (time ran out before any answer,
 * or too large), ERR_CORRUPT (the solver's answers stay wrong). An infeasible problem is an answer,
 * not an error. */
bool portfolio_choose(struct arena *a, const struct portfolio_problem *problem,
                      const struct portfolio_settings *settings, struct portfolio_answer *answer,
                      struct err *err) MUST_CHECK;

/* Does `chosen` obey the condition, by our own arithmetic? (Budgets within 1e-9 of their size.) */
bool portfolio_holds(const struct portfolio_problem *problem,
                     const struct portfolio_condition *condition, const bool *chosen);
/* Do two answers differ in at least distance x the larger number of chosen options (and in one at
 * least)? */
bool portfolio_differs(const struct portfolio_problem *problem, const bool *a, const bool *b,
                       double distance);

#endif
