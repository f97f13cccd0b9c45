/* evaluation.h - what a version would bring, hold, cost and risk: a profile, never one sum.
 *
 * Pure, from the model alone (docs/method.md has each formula). Money per year is the likely
 * benefit at full effect; lists by goal and block overlap, because one option may serve several,
 * and are not to be added up. Memory belongs to the arena; thread-safe.
 */
#ifndef STRATEGY_EVALUATION_H
#define STRATEGY_EVALUATION_H

#include "strategy/method/method.h"

struct benefit_line {
    Str id; /* goal, or word of the block */
    Str label;
    double per_year; /* likely, at full effect */
    double share;    /* of the version's benefit */
    int64_t options;
};

struct position_line {
    Str topic, label;
    enum priority priority;
    int64_t affinity;
    enum position_state position; /* today */
    enum standing standing;       /* best rating of the version's options there */
    enum durability durability;   /* best among those with that rating */
    bool is_worked;               /* the version has an option in the topic */
};

struct risk_line {
    enum risk_source source;
    enum object_kind kind; /* of what it comes from */
    Str id, label;
    int64_t probability, effect; /* 1 to 4 each */
    double at_stake;             /* likely benefit per year that rests on it */
    Str treatment;               /* prepared answer, owner or empty */
};

struct resource_line {
    Str resource;
    double demand, limit, secured;
    bool has_limit;
    double unsecured_share; /* of the demand, 0 to 1 */
    bool is_over;           /* demand above the limit */
};

/* A rule of the structural check that the version or the pool does not keep. */
struct structure_line {
    const struct check_rule *rule;
    int64_t findings;
};

struct evaluation {
    Str version;
    int64_t option_count;
    struct three_point benefit_per_year; /* sums of the options' three points */
    struct three_point effort, running;
    double net_benefit; /* expected, discounted, over the horizon */
    STRATEGY_LIST(struct benefit_line) by_goal;
    STRATEGY_LIST(struct benefit_line) by_block;
    STRATEGY_LIST(struct position_line) positions;
    int64_t leading[4]; /* options rated leading, by enum durability */
    int64_t equal, weaker, unrated;
    STRATEGY_LIST(struct risk_line) risks; /* by source, then at stake falling */
    double fragility;     /* share of benefit resting on weakly supported assumptions */
    double rests_on_any;  /* share resting on any assumption */
    double affinity;      /* benefit-weighted mean of the topics' affinity; NAN when unrated */
    bool is_affinity_low; /* the three topics with most benefit are at or below low_affinity */
    STRATEGY_LIST(struct resource_line) resources;
    double money_unsecured_share, people_unsecured_share; /* over all periods */
    int64_t blocks_covered, blocks_worked_covered, goals_covered, goals_in_scope;
    STRATEGY_LIST(struct structure_line) structure; /* only what fails */
    int64_t structure_passed, structure_failed;     /* rules */
};

/* Everything but the structural check (which itself looks at these figures). */
bool evaluation_figures(struct arena *arena, const struct strategy_model *model,
                        const struct method *method, const struct strategy_version *version,
                        struct evaluation *out, struct err *err) MUST_CHECK;

/* The lot: figures and structural check. */
bool evaluation_make(struct arena *arena, const struct strategy_model *model,
                     const struct method *method, const struct strategy_version *version,
                     struct evaluation *out, struct err *err) MUST_CHECK;

#endif
