/* version_objects.h - versions, what bounds them, and waived gates: steps 6 to 8 of the method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_VERSION_OBJECTS_H
#define STRATEGY_VERSION_OBJECTS_H

#include "strategy/model/value.h"

enum version_state {
    VERSION_IDEA,
    VERSION_CORE_DRAFTED,
    VERSION_EVALUATED,
    VERSION_ELABORATED,
    VERSION_PROPOSED,
    VERSION_ADOPTED,
    VERSION_REJECTED,
    VERSION_SUPERSEDED
};

enum verdict { VERDICT_OPEN, VERDICT_PURSUE, VERDICT_IMPROVE, VERDICT_ABANDON };

struct resource_limit {
    Str id; /* the resource: "money/2027-Q1" */
    int64_t revision;
    double amount;
    double secured; /* of it, already granted */
};

struct goal_coverage {
    Str id; /* the goal */
    int64_t revision;
    int64_t at_least; /* options that serve it */
};

/* The figures of a stored simulation that pages and checks need (simulation.h has the rest). */
struct simulation_summary {
    int64_t id; /* 0: never simulated */
    int64_t at_ms;
    double mean, p10, p50, p90, probability_of_loss;
    bool is_stale; /* the inputs changed since */
};

struct version_option {
    Str option;
    bool is_chosen;
    Str reason; /* why chosen or left out */
};

struct strategy_version {
    Str id;
    int64_t revision;
    Str name;
    Str focus; /* key of a preset (method.h) or "own" */
    Str text;  /* the idea in a few sentences */
    enum version_state state;
    STRATEGY_LIST(struct version_option) options; /* chosen and left out, each with a reason */
    enum verdict verdict;
    Str verdict_reason;
    bool is_generated;
    StrList topics;                       /* what it works in; options come from these alone */
    struct simulation_summary simulation; /* not in documents */
};

struct gate_waiver {
    Str id; /* the gate: "2" */
    int64_t revision;
    Str reason;
    Str by;
};

extern const struct word_list words_version_state, words_verdict;

#endif
