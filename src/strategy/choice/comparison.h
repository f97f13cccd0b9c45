/* comparison.h - versions side by side: one row per criterion, one column per version.
 *
 * Values stay with their units; a row says which direction is better, never which version is best
 * over all. Pure; memory belongs to the arena.
 */
#ifndef STRATEGY_COMPARISON_H
#define STRATEGY_COMPARISON_H

#include "strategy/choice/evaluation.h"
#include "strategy/risk/simulation.h"

enum comparison_unit { UNIT_MONEY, UNIT_SHARE, UNIT_COUNT, UNIT_AFFINITY, UNIT_AMOUNT };
enum comparison_better { BETTER_MORE, BETTER_LESS, BETTER_NEITHER };

struct comparison_row {
    Str key;   /* "net_benefit_p50": stable */
    Str label; /* in the language asked for */
    enum comparison_unit unit;
    enum comparison_better better;
    const double *values; /* one per version, NAN: not known */
    bool is_different;    /* the values are not all the same */
};

/* Which options tell the versions apart. */
struct comparison_option {
    Str option, label, topic;
    const bool *is_chosen; /* one per version */
    bool is_different;
};

struct comparison {
    size_t version_count;
    const struct strategy_version *const *versions;
    const struct evaluation *evaluations;
    const struct simulated_version *const *simulated; /* NULL entries: not simulated */
    STRATEGY_LIST(struct comparison_row) rows;
    STRATEGY_LIST(struct comparison_option) options;
    STRATEGY_LIST(struct beats_line) beats;
};

/* `simulation` may be NULL. */
bool comparison_make(struct arena *arena, const struct strategy_model *model,
                     const struct method *method, StrList versions,
                     const struct simulation_result *simulation, enum method_language language,
                     struct comparison *out, struct err *err) MUST_CHECK;

#endif
