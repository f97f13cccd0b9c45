/* option_objects.h - options for action: step 5 of the method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_OPTION_OBJECTS_H
#define STRATEGY_OPTION_OBJECTS_H

#include "strategy/model/topic_objects.h"

enum option_kind {
    OPTION_USER_BENEFIT,
    OPTION_USAGE_FORMAT,
    OPTION_PARTICIPATION,
    OPTION_MOTIVATION,
    OPTION_CHANNEL
};

enum perspective {
    PERSPECTIVE_MARKET,
    PERSPECTIVE_COMPETITION,
    PERSPECTIVE_BUSINESS_MODEL,
    PERSPECTIVE_GOALS,
    PERSPECTIVE_GROWTH
};

enum durability {
    DURABILITY_NONE,
    DURABILITY_TEMPORARY,
    DURABILITY_LONGER_TERM,
    DURABILITY_STRUCTURAL
};

struct three_point {
    double low, likely, high; /* low <= likely <= high */
};

/* A factor that several benefits share, e.g. the size of the market. Mean 1. */
struct benefit_driver {
    Str id;
    int64_t revision;
    Str name;
    double sd; /* of a normal distribution around 1, 0 to 0.5 */
};

struct option_cost {
    Str resource;  /* "money/2027-Q1", "people/editor/2027-Q1": what limits are set on */
    double amount; /* money or person-days, >= 0 */
};

struct option_reliance {
    Str assumption;
    double if_false; /* factor on the benefit when it does not hold, 0 to 1 */
};

struct option_reaction {
    Str competitor;
    Str text;
    double probability; /* 0 to 1 */
    double loss;        /* share of the benefit lost, 0 to 1 */
    int64_t after_months;
    Str answer; /* ours, prepared; empty: none yet */
};

struct strategy_option {
    Str id;
    int64_t revision;
    Str topic;
    enum option_kind kind;
    Str name, text;
    enum perspective perspective;
    enum usage_format format;   /* the format it needs; FORMAT_NONE: any */
    Str format_reason;          /* why although affinity does not permit the format */
    StrList benefits;           /* codes of the benefit catalogue */
    StrList elements;           /* business-model elements it serves */
    StrList goals;              /* corporate goals it serves */
    StrList potentials;         /* catalogue codes it uses */
    struct three_point benefit; /* money per year at full effect */
    int64_t ramp_months;        /* until full effect */
    struct three_point effort;  /* money, once, at the start */
    struct three_point running; /* money per year */
    STRATEGY_LIST(struct option_cost) costs;
    StrList prerequisites, requires, excludes;
    bool must, must_not;
    STRATEGY_LIST(struct option_reliance) rests_on;
    STRATEGY_LIST(struct option_reaction) reactions;
    Str driver;
    enum standing rating;
    Str rating_reason;
    enum durability durability;
    bool is_growth; /* counts for the growth focus */
    Str note;
};

extern const struct word_list words_option_kind, words_perspective, words_durability;

#endif
