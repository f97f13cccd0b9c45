/* evaluation_objects.h - what people judge of a version: advantages, evaluation sheets: step 7 of
 * the method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_EVALUATION_OBJECTS_H
#define STRATEGY_EVALUATION_OBJECTS_H

#include "strategy/model/option_objects.h"

enum evaluation_pass { PASS_EARLY, PASS_FINAL };

enum judgement { JUDGEMENT_OPEN, JUDGEMENT_STRONG, JUDGEMENT_SUFFICIENT, JUDGEMENT_WEAK };

/* The method's criteria, section 5: performance, competition, strategic quality. */
enum criterion {
    EVALUATION_CORPORATE_BENEFIT,
    EVALUATION_RESOURCE_DEMAND,
    EVALUATION_RISKS,
    EVALUATION_COMPATIBILITY,
    EVALUATION_DEPENDENCIES,
    EVALUATION_ADVANTAGE,
    EVALUATION_DURABILITY,
    EVALUATION_POSITIONS,
    EVALUATION_BOTH_COMPETITIONS,
    EVALUATION_WHOLE_MODEL,
    EVALUATION_ALL_OPTIONS,
    EVALUATION_COHERENCE,
    EVALUATION_SIMPLICITY,
    EVALUATION_ADAPTABILITY,
    EVALUATION_GOAL_FIT,
    EVALUATION_CRITERION_COUNT
};

/* An advantage in a topic, against the field or against one competitor. */
struct advantage {
    Str id;
    int64_t revision;
    Str version;
    Str topic;
    Str against; /* competitor; empty: the field */
    enum durability durability;
    Str reason;
};

/* One criterion of one version; its task and criteria are in method/criteria.json. */
struct evaluation_sheet {
    Str id;
    int64_t revision;
    Str version;
    enum criterion criterion;
    enum evaluation_pass pass;
    Str sources;
    Str implementation; /* how the evaluation was done */
    Str assessment;
    enum judgement judgement;
    Str used_for; /* what follows from it */
    StrList participants;
    Str date; /* YYYY-MM-DD or empty */
};

extern const struct word_list words_evaluation_pass, words_judgement, words_criterion;

#endif
