/* component_objects.h - what a version holds beside its options: component sheets, how they act on
 * each other, risks, difficult situations, the customer journey: steps 6 and 7 of the method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_COMPONENT_OBJECTS_H
#define STRATEGY_COMPONENT_OBJECTS_H

#include "strategy/model/component.h"
#include "strategy/model/worksheet_objects.h"

enum risk_source {
    RISK_ASSUMPTION,
    RISK_PREREQUISITE,
    RISK_OPEN_POSITION,
    RISK_REACTION,
    RISK_IMPLEMENTATION,
    RISK_DEPENDENCY,
    RISK_SOURCE_COUNT
};

enum situation_kind {
    SITUATION_LOW_AFFINITY,
    SITUATION_STRONG_COMPETITION,
    SITUATION_FEW_RESOURCES,
    SITUATION_COUNT
};

enum journey_phase {
    JOURNEY_AWARENESS,
    JOURNEY_RESEARCH,
    JOURNEY_PURCHASE,
    JOURNEY_USE,
    JOURNEY_LOYALTY,
    JOURNEY_RECOMMENDATION,
    JOURNEY_COUNT
};

/* What a component takes; company resources and social media resources. */
struct sheet_resource {
    enum own_resource_kind kind;
    Str name;
    double amount;
    Str unit;
    Str from, until; /* YYYY-MM-DD or empty */
    double secured;  /* of the amount */
};

/* What a competitor will probably do against the content, and what we answer. */
struct sheet_reaction {
    Str competitor; /* empty: the field */
    Str text;
    int64_t probability; /* 1 to 4; 0: not judged */
    Str answer;
    int64_t residual; /* risk that stays: 1 to 4; 0: not judged */
};

/* One component of one version, on the method's common template (section 4). */
struct component_sheet {
    Str id;
    int64_t revision;
    Str version;
    enum component component;
    Str definition; /* what, with which effect */
    Str ways;       /* by which way the effect arises */
    Str measures;
    Str sizes;              /* sizes and key figures */
    Str target_relevance;   /* interests and needs of target groups it meets */
    Str effect_performance; /* against performance competitors */
    Str effect_attention;   /* against attention competitors */
    Str contribution;       /* to the company's success */
    STRATEGY_LIST(struct sheet_resource) resources;
    STRATEGY_LIST(struct sheet_reaction) reactions;
    StrList options, assumptions, prerequisites;
    bool is_complete; /* somebody says so */
    Str note;
};

/* How two sheets of a version act on each other. */
struct interaction {
    Str id;
    int64_t revision;
    Str version;
    enum component first, second;
    int64_t value; /* -2 conflict to 2 strong support */
    Str note;
    bool is_accepted; /* a conflict that the version lives with */
    Str accepted_reason;
};

/* An entry of the version's list of risks; or the statement that a source yields none. */
struct listed_risk {
    Str id;
    int64_t revision;
    Str version;
    enum risk_source source;
    Str text; /* the risk, or the reason why there is none */
    bool is_none;
    int64_t probability, effect; /* 1 to 4; 0: not judged */
    Str treatment, owner;
};

/* One of the method's three problematic starting situations. */
struct starting_situation {
    Str id;
    int64_t revision;
    Str version;
    enum situation_kind kind;
    bool applies;
    Str response;
    StrList topics; /* detours, narrower or open ones */
};

/* At which phase of the customer's way the version works. */
struct journey_point {
    Str id;
    int64_t revision;
    Str version;
    enum journey_phase phase;
    StrList options;
    Str note;
};

extern const struct word_list words_risk_source, words_situation_kind, words_journey_phase;

#endif
