/* alternatives.h - candidate strategies found from the options, one for each focus.
 *
 * For each focus preset (method/presets.json) every option gets a value, and the exact portfolio
 * (portfolio.h, a mixed-integer programme) under limits, prerequisites among options, exclusions,
 * must / must-not and goal coverage is that focus's best version. Later ones keep a distance in
 * options from those before, so that management has a real choice. Each version says of every
 * option why it was chosen or left out.
 *
 * Memory: results belong to the arena. Runs a helper program (cbc): takes seconds, can be
 * cancelled.
 */
#ifndef STRATEGY_ALTERNATIVES_H
#define STRATEGY_ALTERNATIVES_H

#include <stdatomic.h>

#include "strategy/method/method.h"

struct alternatives_options {
    const Str *presets; /* keys; NULL: the default ones of the method */
    size_t preset_count;
    enum method_language language; /* of names and reasons */
    double seconds;                /* per focus; 0: 10 */
    double difference;             /* 0 to 1; 0: steering.difference */
    const atomic_bool *cancel;     /* may be NULL */
};

enum alternative_status { ALTERNATIVE_OPTIMAL, ALTERNATIVE_FEASIBLE, ALTERNATIVE_INFEASIBLE };

struct alternative {
    const struct focus_preset *preset;
    enum alternative_status status;
    struct strategy_version version; /* id, name, focus, options with reasons; not stored yet */
    double value, bound, gap;        /* in the preset's own unit */
    bool is_moved; /* the focus's optimum lay too near an earlier version; this is the next one */
    StrList conflict; /* infeasible: the limits, goals and options that cannot hold together */
};

struct alternatives {
    STRATEGY_LIST(struct alternative) found;
};

bool alternatives_find(struct arena *arena, const struct strategy_model *model,
                       const struct method *method, const struct alternatives_options *options,
                       struct alternatives *out, struct err *err) MUST_CHECK;

/* The value of one option under a preset: what alternatives_find() maximises. Pure. */
double option_value(const struct strategy_model *model, const struct method *method,
                    const struct focus_preset *preset, const struct strategy_option *option);

/* Which of the ranges of an option are looked at. */
enum outlook {
    OUTLOOK_EXPECTED, /* means, expected factors */
    OUTLOOK_SECURE    /* low benefit, high effort, weak conditions failed, reactions happened */
};

/* Expected discounted net benefit over the horizon: mean benefit with ramp-up, expected factors of
 * assumptions, prerequisites and reactions, minus mean effort and running cost. Pure. */
double option_net_benefit(const struct strategy_model *model, const struct strategy_option *option);
/* The same under another outlook; `weak_certainty`: conditions at or below it fail in
 * OUTLOOK_SECURE. */
double option_net_benefit_under(const struct strategy_model *model,
                                const struct strategy_option *option, enum outlook outlook,
                                int64_t weak_certainty);
/* What is left of the benefit when the start is delayed by months: the ratio of discounted
 * benefits, 0 to 1. */
double option_delay_factor(const struct strategy_model *model, const struct strategy_option *option,
                           int64_t months);

/* Share of options in which two versions differ: |A xor B| ÷ max(|A|, |B|). Pure. */
double version_difference(const struct strategy_version *a, const struct strategy_version *b);

#endif
