/* setup_objects.h - the process plan and the sources of the work: step 0 of the method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_SETUP_OBJECTS_H
#define STRATEGY_SETUP_OBJECTS_H

#include "strategy/model/value.h"

enum plan_state { PLAN_OPEN, PLAN_RUNNING, PLAN_DONE };

/* One step of the method: who works on it, when, with what. */
struct plan_step {
    Str id; /* the step: "0" to "9" */
    int64_t revision;
    Str owner;
    StrList participants;
    Str from, until; /* YYYY-MM-DD or empty */
    StrList sources;
    enum plan_state state;
    Str note;
};

/* Where knowledge comes from that is no post: a study, a report, a conversation. */
struct knowledge_source {
    Str id;
    int64_t revision;
    Str title, address;
    Str date;            /* YYYY-MM-DD or empty */
    int64_t reliability; /* 1 hearsay to 4 verified */
    Str note;
};

extern const struct word_list words_plan_state;

#endif
