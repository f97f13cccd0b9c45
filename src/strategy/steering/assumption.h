/* assumption.h - armed assumptions watched on live signals; what breaks says what falls with it.
 *
 * Armed by a decision, or by hand. assumption_evaluate() reads each armed assumption's signal and
 * runs its rule (assumption_rule.h) over every day since the last time; each change of state is an
 * event with the numbers, a ledger entry and, on a break, evidence and a review note with what
 * depends on it and a proposed response. It is idempotent: evaluating twice to the same time adds
 * nothing. Ten days at once give the same events as day by day.
 */
#ifndef STRATEGY_ASSUMPTION_H
#define STRATEGY_ASSUMPTION_H

#include "strategy/model/store.h"
#include "strategy/steering/assumption_rule.h"

/* Response by the table of the method; people decide. */
enum steering_response {
    RESPONSE_CORRECT,         /* the implementation */
    RESPONSE_ADAPT,           /* affected components, then evaluate again */
    RESPONSE_SECURE,          /* a prerequisite, or postpone, or reduce scope */
    RESPONSE_PREPARED_ANSWER, /* use it, or revise the component */
    RESPONSE_NEW_OPTION,      /* assess a new open position */
    RESPONSE_FOLLOW_UP        /* a new strategy from step 1 */
};
extern const struct word_list words_response;

struct dependant {
    enum object_kind kind; /* option or goal */
    Str id, label;
    Str component;   /* word of the strategy component an option belongs to */
    double per_year; /* likely benefit of the option */
    double at_stake; /* part of it lost when the assumption is false */
};

struct dependants {
    STRATEGY_LIST(struct dependant) options;
    STRATEGY_LIST(struct dependant) goals;
    StrList components;   /* words, core ones first */
    double benefit_share; /* of the version's likely benefit that rests on it, 0 to 1 */
    double at_stake_share;
    enum steering_response response;
    Str response_reason;
};

/* What depends on an assumption within a version (all options when `version` is NULL). Pure. */
bool assumption_dependants(struct arena *arena, const struct strategy_model *model,
                           const struct method *method, const struct strategy_version *version,
                           Str assumption, struct dependants *out, struct err *err) MUST_CHECK;

/* Starts watching from an event time. ERR_INPUT: it has no rule or no query. */
bool assumption_arm(struct db *db, const struct change *change, Str id, int64_t from_ms,
                    struct err *err) MUST_CHECK;
bool assumption_disarm(struct db *db, const struct change *change, Str id,
                       struct err *err) MUST_CHECK;

struct assumption_event {
    int64_t id;
    Str assumption, statement;
    enum assumption_state from, to;
    int64_t at_ms;      /* event time: end of the window */
    int64_t noticed_ms; /* when it was evaluated */
    double value, threshold;
    int64_t sample;
    double coverage;
    int64_t window_from_ms;
    Str signal;
    int64_t definition_version; /* of the signal */
    int64_t evidence;           /* id, 0: none kept */
    int64_t review_id;          /* the review it opened, 0 for none */
};

struct assumption_outcome {
    int64_t evaluated;                             /* armed assumptions looked at */
    int64_t counts[ASSUMPTION_NO_DATA + 1];        /* by state after it */
    STRATEGY_LIST(struct assumption_event) events; /* new ones, by time */
};

/* Where a saved query's signals lie: the strategy names queries, the market wing numbers them. */
struct signal_key_source {
    void *user;
    /* False: no such query. */
    bool (*find)(void *user, struct arena *arena, Str query, Str metric, Str *key);
};

/* `keys` may be NULL: then the key is "query:<name>:<metric>:day". An assumption whose signal does
 * not exist (yet) has no data. change->at_ms is the time of noticing; `to_ms` the event time up to
 * which data is complete. */
bool assumption_evaluate(struct db *db, struct arena *arena, const struct method *method,
                         const struct change *change, const struct signal_key_source *keys,
                         int64_t to_ms, struct assumption_outcome *out, struct err *err) MUST_CHECK;

/* Newest first; an empty id gives those of all assumptions. */
bool assumption_events(struct db *db, struct arena *arena, Str id, int64_t limit,
                       const struct assumption_event **out, size_t *count,
                       struct err *err) MUST_CHECK;

/* Every step of a rule over stored data, without arming anything: what it would have said. */
bool assumption_backtest(struct db *db, struct arena *arena, const struct assumption *assumption,
                         const struct signal_key_source *keys, int64_t from_ms, int64_t to_ms,
                         const struct rule_reading **out, size_t *count,
                         struct err *err) MUST_CHECK;

#endif
