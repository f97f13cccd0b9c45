/* goal_objects.h - benefits, and the goals derived from them top-down: steps 3 and 6 of the method.
 *
 * Corporate goal -> strategy goal of a version -> social media goals of its components.
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_GOAL_OBJECTS_H
#define STRATEGY_GOAL_OBJECTS_H

#include "strategy/model/component.h"
#include "strategy/model/topic_objects.h"

enum benefit_state { BENEFIT_POSSIBLE, BENEFIT_TARGETED, BENEFIT_REALISED };

/* What the company gains: possible first, targeted by a decision, realised when it is there. */
struct company_benefit {
    Str id;
    int64_t revision;
    Str text;
    Str code;     /* of the method's catalogue, or empty */
    int64_t size; /* 0 to 4 */
    enum benefit_state state;
    Str mechanism;   /* how it arises */
    StrList origins; /* elements and goals it serves */
    StrList topics;
    StrList potentials; /* codes of the catalogue */
    Str measure, unit;  /* the figure by which it is seen */
    double target;      /* NAN: not set */
    Str department;
    Str process; /* of the department, that uses it */
};

/* What a version must reach: a topic, a benefit there, a standing among the competitors. */
struct strategy_goal {
    Str id;
    int64_t revision;
    Str version;
    Str text;
    Str goal;    /* the corporate goal it serves */
    Str benefit; /* or empty */
    Str topic;   /* or empty */
    enum standing standing;
    Str measure, unit;
    double target; /* NAN: not set */
    Str due;
};

/* What one component must deliver for a strategy goal; SMART: specific (text), measurable, */
/* attainable, relevant, dated. */
struct social_goal {
    Str id;
    int64_t revision;
    Str strategy_goal;
    enum component component;
    Str text;
    Str measure, unit;
    double baseline, target; /* NAN: not set */
    Str attainable;          /* why it can be reached */
    Str relevant;            /* why it serves the strategy goal */
    Str due, owner;
};

extern const struct word_list words_benefit_state;

#endif
