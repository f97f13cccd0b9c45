/* assessment_objects.h - the yearly assessment of the market in four quadrants: step 2.
 *
 * Every other kind names the assessment it belongs to. A frozen assessment (assessment.h) is the
 * baseline of its year: it and what belongs to it can no longer be changed. Plain values; model.h
 * says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_ASSESSMENT_OBJECTS_H
#define STRATEGY_ASSESSMENT_OBJECTS_H

#include "strategy/model/value.h"

enum quadrant_kind {
    QUADRANT_CUSTOMERS,
    QUADRANT_BRAND,
    QUADRANT_PARTNERS,
    QUADRANT_COMPETITION,
    QUADRANT_COUNT
};
enum conclusion { CONCLUSION_OPEN, CONCLUSION_PROCEED, CONCLUSION_ANOTHER_ROUND };
/* What a finding is about; which categories belong to which quadrant is data (method.h). */
enum finding_category {
    FINDING_PLACES,
    FINDING_PEOPLE,
    FINDING_CHALLENGES,
    FINDING_SENTIMENT,
    FINDING_TOPICS,
    FINDING_INFLUENCERS,
    FINDING_PRESENCE,
    FINDING_REFLECTION,
    FINDING_TEAMS,
    FINDING_DISCUSSIONS,
    FINDING_ACTIVITIES,
    FINDING_THREAT,
    FINDING_ECOSYSTEM
};
enum swot_letter { SWOT_STRENGTH, SWOT_WEAKNESS, SWOT_OPPORTUNITY, SWOT_THREAT, SWOT_COUNT };
enum person_role { PERSON_CUSTOMER, PERSON_PARTNER, PERSON_STAFF, PERSON_RIVAL, PERSON_INFLUENCER };
enum recommendation_kind { RECOMMEND_STRATEGIC, RECOMMEND_TACTICAL, RECOMMEND_PROGRAMME };
enum recommendation_state {
    RECOMMENDATION_OPEN,
    RECOMMENDATION_ACCEPTED,
    RECOMMENDATION_DECLINED,
    RECOMMENDATION_DONE
};

struct assessment {
    Str id;
    int64_t revision;
    int64_t year;
    Str objectives, scope, owner;
    Str started, due;       /* YYYY-MM-DD or empty */
    double gathering_hours; /* spent on collecting, >= 0 */
    double analysis_hours;  /* spent on thinking, >= 0 */
    Str summary;
    Str limits; /* method, data window, what could not be seen */
    enum conclusion conclusion;
    Str conclusion_reason;
    Str predecessor; /* last year's assessment, or empty */
    Str frozen_on;   /* YYYY-MM-DD: the baseline of its year; only assessment_freeze() sets it */
};

struct assessment_quadrant {
    Str id;
    int64_t revision;
    Str assessment;
    enum quadrant_kind quadrant;
    int64_t depth; /* 1 first look, 2 working picture, 3 in depth */
    Str owner, summary;
    bool is_complete;
};

struct search_term {
    Str id;
    int64_t revision;
    Str assessment;
    Str text, language;
    enum quadrant_kind quadrant;
    Str query;        /* name of the saved query that uses it */
    int64_t reviewed; /* hits that a person looked at */
    int64_t relevant; /* of them; precision = relevant / reviewed */
    Str retired;      /* YYYY-MM-DD or empty */
};

/* Where the market talks. */
struct market_place {
    Str id;
    int64_t revision;
    Str assessment;
    enum quadrant_kind quadrant;
    Str name, platform, address, access;
    double people;    /* NAN: unknown */
    int64_t activity; /* 0 to 4 */
};

struct key_person {
    Str id;
    int64_t revision;
    Str assessment;
    enum quadrant_kind quadrant;
    Str name, organisation;
    enum person_role role;
    Str place; /* market place, or empty */
    Str note;
};

/* A fact, with what it was read from. */
struct finding {
    Str id;
    int64_t revision;
    Str assessment;
    enum quadrant_kind quadrant;
    enum finding_category category;
    Str statement;
    Str measure;        /* what the value counts, with its unit: "net sentiment" */
    double value;       /* NAN: not a number */
    int64_t sample;     /* posts or people behind the value, 0: none */
    Str from, to;       /* data window, YYYY-MM-DD or empty */
    StrList evidence;   /* evidence ids or addresses */
    int64_t confidence; /* 1 speculative to 4 verified */
    Str analyst;
    Str follows; /* the same finding of last year, or empty */
};

struct swot_item {
    Str id;
    int64_t revision;
    Str assessment;
    enum swot_letter letter;
    Str statement;
    StrList findings;
    int64_t impact, likelihood; /* 1 to 4 */
};

struct recommendation {
    Str id;
    int64_t revision;
    Str assessment;
    enum recommendation_kind kind;
    Str statement;
    StrList swot;
    Str department, owner;
    Str due;       /* YYYY-MM-DD or empty */
    double effort; /* person-days, NAN: not estimated */
    enum recommendation_state state;
    Str state_reason;
};

extern const struct word_list words_quadrant, words_conclusion, words_finding_category, words_swot,
    words_person_role, words_recommendation_kind, words_recommendation_state;

#endif
