/* store.h - the strategy model in the workspace's database.
 *
 * One table per kind of object (schema/state/03xx), one row per object, references and value lists
 * as the field tables of object.c say. Reading gives the whole model; changes go object by object,
 * each with its revision checked, the whole model's references proven, and a ledger entry with
 * before and after in the same transaction. Importing a model replaces or adds all of it in one
 * transaction. All functions nest in a transaction of the caller.
 *
 * What a decision adopted cannot be changed here (ERR_CONFLICT): the adopted version's row is
 * frozen, and the decision keeps a copy of the whole model (decision.h).
 */
#ifndef STRATEGY_STORE_H
#define STRATEGY_STORE_H

#include "strategy/method/method.h"
#include "strategy/model/model.h"

struct db;

/* Who changes something, when and why: goes into the ledger with every change. */
struct change {
    Str actor;  /* account name or "system" */
    Str reason; /* may be empty where no reason is asked for */
    int64_t at_ms;
};

/* Reads all of it, states of assumptions, latest proposals and simulations included. */
bool store_read(struct db *db, struct arena *arena, struct strategy_model *out,
                struct err *err) MUST_CHECK;

/* Writes one object of a kind: `object` is the kind's struct. revision 0 creates (ERR_EXISTS when
 * the id is taken), another one changes (ERR_CONFLICT when it moved on, naming both). An unknown
 * reference, a value out of range or a missing text: ERR_INPUT naming the member. */
bool store_put(struct db *db, const struct change *change, enum object_kind kind,
               const void *object, struct err *err) MUST_CHECK;

/* Removes one. ERR_CONFLICT, naming what, while others refer to it. */
bool store_remove(struct db *db, const struct change *change, enum object_kind kind, Str id,
                  int64_t revision, struct err *err) MUST_CHECK;

enum import_mode {
    IMPORT_EMPTY,  /* ERR_EXISTS unless the workspace has no strategy */
    IMPORT_MERGE,  /* objects with the same id are replaced, others stay; see merge.h */
    IMPORT_REPLACE /* objects that the document does not name are removed */
};
struct import_counts {
    int64_t added, changed, unchanged, removed;
};
bool store_import(struct db *db, const struct change *change, const struct strategy_model *model,
                  enum import_mode mode, struct import_counts *counts, struct err *err) MUST_CHECK;

/* The JSON text of one object as in the document and the ledger. */
bool store_object_json(struct arena *arena, enum object_kind kind, const void *object, Str *out,
                       struct err *err) MUST_CHECK;
/* Reads one object from JSON as a form or API sends it; the same errors as a document's. */
bool store_object_parse(struct arena *arena, enum object_kind kind, Str json, void *object,
                        struct err *err) MUST_CHECK;
/* sizeof the kind's struct. */
size_t store_object_size(enum object_kind kind);

/* Types keep the two arguments together. */
#define STORE_PUT(name, type, kind)                                                                \
    static inline MUST_CHECK bool name(struct db *db, const struct change *change,                 \
                                       const struct type *object, struct err *err)                 \
    {                                                                                              \
        return store_put(db, change, kind, object, err);                                           \
    }
STORE_PUT(company_put, company, OBJECT_COMPANY)
STORE_PUT(team_member_put, team_member, OBJECT_TEAM_MEMBER)
STORE_PUT(element_put, business_element, OBJECT_ELEMENT)
STORE_PUT(change_note_put, change_note, OBJECT_CHANGE_NOTE)
STORE_PUT(goal_put, corporate_goal, OBJECT_GOAL)
STORE_PUT(competitor_put, competitor, OBJECT_COMPETITOR)
STORE_PUT(activity_put, competitor_activity, OBJECT_ACTIVITY)
STORE_PUT(topic_put, topic, OBJECT_TOPIC)
STORE_PUT(potential_put, potential_decision, OBJECT_POTENTIAL)
STORE_PUT(assumption_put, assumption, OBJECT_ASSUMPTION)
STORE_PUT(prerequisite_put, prerequisite, OBJECT_PREREQUISITE)
STORE_PUT(framework_condition_put, framework_condition, OBJECT_FRAMEWORK_CONDITION)
STORE_PUT(driver_put, benefit_driver, OBJECT_DRIVER)
STORE_PUT(option_put, strategy_option, OBJECT_OPTION)
STORE_PUT(limit_put, resource_limit, OBJECT_LIMIT)
STORE_PUT(coverage_put, goal_coverage, OBJECT_COVERAGE)
STORE_PUT(version_put, strategy_version, OBJECT_VERSION)
STORE_PUT(waiver_put, gate_waiver, OBJECT_WAIVER)

#endif
