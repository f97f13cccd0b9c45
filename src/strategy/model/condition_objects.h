/* condition_objects.h - what a strategy rests on: assumptions, prerequisites, framework conditions.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_CONDITION_OBJECTS_H
#define STRATEGY_CONDITION_OBJECTS_H

#include "strategy/model/value.h"

enum assumption_state {
    ASSUMPTION_UNARMED, /* not decided on yet: nobody watches it */
    ASSUMPTION_HOLDING,
    ASSUMPTION_AT_RISK, /* violated but not yet long enough, or close to the threshold */
    ASSUMPTION_BROKEN,
    ASSUMPTION_NO_DATA /* sample or coverage below what the rule asks for */
};

enum condition_state { CONDITION_OPEN, CONDITION_MET, CONDITION_FAILED };

enum condition_kind {
    CONDITION_LAW,
    CONDITION_PLATFORM,
    CONDITION_TECHNOLOGY,
    CONDITION_MARKET,
    CONDITION_COMPANY
};

/* How the points of a window become one number. */
enum rule_aggregate {
    AGGREGATE_MEAN,    /* weighted by sample: shares, net sentiment */
    AGGREGATE_PER_DAY, /* sum ÷ days: counts */
    AGGREGATE_SUM,     /* counts */
    AGGREGATE_GROWTH   /* sum of this window ÷ sum of the one before, minus 1 */
};

enum rule_comparator { COMPARE_AT_LEAST, COMPARE_AT_MOST };

/* What has to stay true outside our influence, as a rule on a signal. */
struct assumption_rule {
    Str metric; /* last part of the signal key: "mentions", "net_sentiment", "share_of_voice" ... */
    Str signal; /* full key instead of query + metric; empty: "query:<query>:<metric>:day" */
    enum rule_aggregate aggregate;
    int64_t window_days; /* 1 to 366 */
    enum rule_comparator comparator;
    double threshold;
    double margin;           /* so close to the threshold counts as at risk; 0 = never */
    int64_t persistence;     /* days in a row that violate before it is broken, 1 to 366 */
    int64_t minimum_sample;  /* posts in the window, below: no data */
    double minimum_coverage; /* 0 to 1, mean over the window, below: no data */
};

struct assumption {
    Str id;
    int64_t revision;
    Str statement, query;
    struct assumption_rule rule;
    bool has_rule;
    int64_t cadence_hours; /* how often it has to be looked at */
    int64_t certainty;     /* 1 speculative, 2 plausible, 3 supported, 4 verified */
    double probability;    /* that it holds over the horizon, 0 to 1 */
    double test_cost;      /* money to find out, 0 = unknown */
    Str answer;            /* prepared answer if it breaks; may be empty */
    /* Kept by assumption.h, not in documents: */
    enum assumption_state state;
    int64_t armed_at_ms;     /* 0 = not armed */
    int64_t since_ms;        /* of the state */
    int64_t evaluated_to_ms; /* event time up to which it was looked at */
};

struct prerequisite {
    Str id;
    int64_t revision;
    Str statement, owner;
    Str due; /* YYYY-MM-DD */
    int64_t certainty;
    double probability;   /* in time, 0 to 1 */
    int64_t delay_months; /* if not in time */
    enum condition_state state;
};

struct framework_condition {
    Str id;
    int64_t revision;
    enum condition_kind kind;
    Str statement;
    Str check_date; /* YYYY-MM-DD */
    Str owner;
    enum condition_state state;
};

extern const struct word_list words_assumption_state, words_condition_state, words_condition_kind,
    words_aggregate, words_comparator;

#endif
