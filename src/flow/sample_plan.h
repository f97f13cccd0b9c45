/* sample_plan.h - what the people of a sample company decide: overrides, focus, reasons.
 *
 * The program proposes, people decide; in a sample run the people are this file
 * (samples/<name>/decision.json). Immutable after loading; slices live in the arena. A fault is
 * refused with the member's path.
 */
#ifndef FLOW_SAMPLE_PLAN_H
#define FLOW_SAMPLE_PLAN_H

#include "strategy/decision/decision.h"
#include "strategy/rating/topic_rating.h"

#define SAMPLE_OVERRIDES_MAX 100

struct sample_override {
    Str topic, reason;
    struct rating_choice choice;
};

struct sample_rejection {
    Str focus, reason;
};

struct sample_plan {
    int64_t decision_at_ms; /* 0: the script's decision day */
    Str low_cause;          /* for topics whose proposed affinity is 0 or 1 */
    struct sample_override *overrides;
    size_t override_count;
    Str focus; /* of the version that is adopted */
    Str reason, conditions, resources_granted, reopening;
    struct sample_rejection *rejected;
    size_t rejected_count;
};

bool sample_plan_load(struct arena *a, Str json, struct sample_plan *out,
                      struct err *err) MUST_CHECK;

/* Why the version of a focus was not taken; a general reason when the plan has none. */
Str sample_plan_rejection(const struct sample_plan *plan, Str focus);

#endif
