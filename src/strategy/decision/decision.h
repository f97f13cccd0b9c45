/* decision.h - management decides: signed, with reasons, and from then on fixed.
 *
 * Recording a decision, in one transaction: checks role, gates, alternatives and reasons; freezes
 * the whole model as it stood (document, hash) with simulation and evaluation; sets the versions'
 * states; arms the assumptions the adopted version rests on; writes the ledger. The adopted version
 * and the decision can never be changed, only followed by another decision.
 */
#ifndef STRATEGY_DECISION_H
#define STRATEGY_DECISION_H

#include "strategy/method/gate.h"
#include "strategy/model/store.h"

struct rejection {
    Str version;
    Str reason;
};

struct decision_signature {
    Str account, name;        /* who */
    bool is_management;       /* holds the management role; the caller proved it */
    bool is_password_checked; /* the password was asked for again just now */
    int64_t at_ms;
};

struct decision_order {
    Str version;
    Str reason;                       /* compulsory */
    const struct rejection *rejected; /* every other pursued version, each with a reason */
    size_t rejected_count;
    Str conditions;            /* under which it is granted; may be empty */
    Str resources_granted;     /* may be empty */
    Str reopening;             /* when the decision has to be taken again; compulsory */
    Str single_version_reason; /* only when there are fewer alternatives than the method asks for */
    int64_t armed_from_ms;     /* event time from which assumptions are watched; 0: signature's */
    struct decision_signature signature;
    enum method_language language; /* of the names of gates in errors */
};

struct decision {
    int64_t id; /* 0: none */
    Str version, version_name, reason, conditions, resources_granted, reopening;
    Str single_version_reason;
    STRATEGY_LIST(struct rejection) rejected;
    Str signed_by, signed_name;
    int64_t signed_at_ms;
    int64_t simulation_id;
    Str model_hash;        /* sha256 of the frozen document, hex */
    Str document;          /* the frozen strategy document */
    int64_t armed_count;   /* assumptions armed with it */
    int64_t superseded_by; /* id of the decision that replaced it, 0: in force */
};

/* ERR_DENIED: not management or no password check. ERR_CONFLICT: a gate is open (names it), the
 * version has no current simulation. ERR_INPUT: a reason is missing (names the version). */
bool decision_record(struct db *db, struct arena *arena, const struct method *method,
                     const struct decision_order *order, int64_t *id, struct err *err) MUST_CHECK;

/* The decision in force, or id 0. */
bool decision_current(struct db *db, struct arena *arena, struct decision *out,
                      struct err *err) MUST_CHECK;
bool decision_read(struct db *db, struct arena *arena, int64_t id, struct decision *out,
                   struct err *err) MUST_CHECK;
bool decision_list(struct db *db, struct arena *arena, const struct decision **out, size_t *count,
                   struct err *err) MUST_CHECK;
/* The model as it was decided on. ERR_CORRUPT when the frozen document does not match its hash. */
bool decision_model(struct arena *arena, const struct decision *decision,
                    struct strategy_model *out, struct err *err) MUST_CHECK;
/* Gives the versions of a model that was decided on the states that the decision gave them. */
void decision_apply_states(struct strategy_model *model, Str adopted);

#endif
