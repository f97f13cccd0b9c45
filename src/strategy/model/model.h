/* model.h - the strategy of one workspace as plain values in memory.
 *
 * Everything the method records before and with a decision: company, business model, goals,
 * competitors and what they do per topic, topics, potential decisions, options, conditions, limits
 * and versions. It is read whole from the database (store.h) or from a document (document.h), and
 * the pure halves of this room work on it: check, evaluation, alternatives, gates, decision paper.
 * A strategy has hundreds of objects, not millions; reading it whole is one millisecond and lets
 * every rule see every other object.
 *
 * Identity is a short text id of the kind's own ("battery-life"): a-z 0-9 and '-', 1 to 64 bytes,
 * unique per kind. References are such ids; model_check() proves that each one resolves. `revision`
 * counts the changes of a stored object from 1 and is 0 before it is stored; a change names the
 * revision it was based on, so that two people never overwrite each other unseen.
 *
 * Memory: all slices and lists belong to the arena the model was read into. The model is a value;
 * it is not changed after reading (the store changes the database and the caller reads again). Any
 * number of threads may read one model.
 */
#ifndef STRATEGY_MODEL_H
#define STRATEGY_MODEL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define STRATEGY_ID_BYTES_MAX   64
#define STRATEGY_TEXT_BYTES_MAX 8192 /* one text field: reject */
#define STRATEGY_OBJECTS_MAX    5000 /* objects of one kind: reject */
#define STRATEGY_LIST_MAX       500  /* items of one list inside an object: reject */

#define STRATEGY_LIST(T)                                                                           \
    struct {                                                                                       \
        T *items;                                                                                  \
        size_t count;                                                                              \
    }

typedef STRATEGY_LIST(Str) StrList;

/* Kinds of objects, in the order in which a document holds them (a reference may point anywhere).
 */
enum object_kind {
    OBJECT_COMPANY,
    OBJECT_TEAM_MEMBER,
    OBJECT_ELEMENT,
    OBJECT_CHANGE_NOTE,
    OBJECT_GOAL,
    OBJECT_COMPETITOR,
    OBJECT_TOPIC,
    OBJECT_ACTIVITY,
    OBJECT_POTENTIAL,
    OBJECT_ASSUMPTION,
    OBJECT_PREREQUISITE,
    OBJECT_FRAMEWORK_CONDITION,
    OBJECT_DRIVER,
    OBJECT_OPTION,
    OBJECT_LIMIT,
    OBJECT_COVERAGE,
    OBJECT_VERSION,
    OBJECT_WAIVER,
    OBJECT_KIND_COUNT
};

/* The nine blocks of the business model; the first four are worked in depth. */
enum business_block {
    BLOCK_CUSTOMER_SEGMENTS,
    BLOCK_VALUE_PROPOSITIONS,
    BLOCK_CUSTOMER_RELATIONSHIPS,
    BLOCK_CHANNELS,
    BLOCK_REVENUE_STREAMS,
    BLOCK_KEY_RESOURCES,
    BLOCK_KEY_ACTIVITIES,
    BLOCK_KEY_PARTNERS,
    BLOCK_COST_STRUCTURE,
    BLOCK_COUNT
};
#define BLOCK_WORKED_COUNT 4

enum direction { DIRECTION_UNSET, DIRECTION_TOP_DOWN, DIRECTION_BOTTOM_UP };
enum constituency { MEMBER_COMPANY, MEMBER_CUSTOMER, MEMBER_PARTNER, MEMBER_INFLUENCER };
enum change_lever { LEVER_TRANSPARENCY, LEVER_RELATIONSHIP, LEVER_VALUE, LEVER_DISTRIBUTION };
enum chance_kind { CHANGE_CHANCE, CHANGE_THREAT };
enum priority { PRIORITY_UNSET, PRIORITY_A, PRIORITY_B, PRIORITY_C };
enum competitor_kind { /* flags: one rival may be several */
                       COMPETITOR_PERFORMANCE = 1 << 0,
                       COMPETITOR_ATTENTION = 1 << 1,
                       COMPETITOR_TOPIC = 1 << 2
};
enum topic_size { TOPIC_BASIC, TOPIC_AREA, TOPIC_SINGLE };
/* Position that an option could win, or that the company holds in a topic. */
enum standing { STANDING_UNSET, STANDING_LEADING, STANDING_EQUAL, STANDING_WEAKER };
enum position_state { POSITION_UNSET, POSITION_OPEN, POSITION_OCCUPIED, POSITION_OURS };
enum usage_format {
    FORMAT_NONE,
    FORMAT_AUDIENCE,
    FORMAT_NETWORK,
    FORMAT_COMMUNITY,
    FORMAT_COMBINATION
};
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
enum version_state {
    VERSION_IDEA,
    VERSION_CORE_DRAFTED,
    VERSION_EVALUATED,
    VERSION_ELABORATED,
    VERSION_PROPOSED,
    VERSION_ADOPTED,
    VERSION_REJECTED,
    VERSION_SUPERSEDED
};
enum verdict { VERDICT_OPEN, VERDICT_PURSUE, VERDICT_IMPROVE, VERDICT_ABANDON };
enum assumption_state {
    ASSUMPTION_UNARMED, /* not decided on yet: nobody watches it */
    ASSUMPTION_HOLDING,
    ASSUMPTION_AT_RISK, /* violated but not yet long enough, or close to the threshold */
    ASSUMPTION_BROKEN,
    ASSUMPTION_NO_DATA /* sample or coverage below what the rule asks for */
};
enum condition_state { CONDITION_OPEN, CONDITION_MET, CONDITION_FAILED };
enum condition_kind {
    CONDITION_LAW,
    CONDITION_PLATFORM,
    CONDITION_TECHNOLOGY,
    CONDITION_MARKET,
    CONDITION_COMPANY
};

/* How the points of a window become one number. */
enum rule_aggregate {
    AGGREGATE_MEAN,    /* weighted by sample: shares, net sentiment */
    AGGREGATE_PER_DAY, /* sum ÷ days: counts */
    AGGREGATE_SUM,     /* counts */
    AGGREGATE_GROWTH   /* sum of this window ÷ sum of the one before, minus 1 */
};
enum rule_comparator { COMPARE_AT_LEAST, COMPARE_AT_MOST };

/* Exactly one per workspace, id "company". */
struct company {
    Str id;
    int64_t revision;
    Str name, industry, mandate;
    Str query;       /* key of the saved query for the own brand */
    Str currency;    /* ISO 4217, "EUR" */
    int64_t months;  /* horizon of all calculations, 1 to 120 */
    double discount; /* yearly rate, 0 to 1 */
    double day_rate; /* money per person-day: shows person-days beside money, never adds them */
    enum direction direction;
    Str direction_reason;
    bool is_growth_goal; /* growth counts as a perspective of its own */
};

struct team_member {
    Str id;
    int64_t revision;
    Str name, role, department;
    enum constituency constituency;
};

struct business_element {
    Str id;
    int64_t revision;
    enum business_block block;
    Str text, note;
    bool is_supported; /* the strategy shall support it */
    Str requirement;   /* what the element needs from social media */
};

struct change_note {
    Str id;
    int64_t revision;
    Str element;
    enum change_lever lever;
    enum chance_kind kind;
    Str effect;
    int64_t strength; /* 0 to 4 */
};

struct corporate_goal {
    Str id;
    int64_t revision;
    Str text, measure, unit;
    double baseline, target; /* NAN when not set */
    Str due;                 /* YYYY-MM-DD or empty */
    Str owner;
    enum priority priority;
};

struct competitor {
    Str id;
    int64_t revision;
    Str name;
    unsigned kinds; /* enum competitor_kind flags, at least one */
    Str query;      /* key of the saved query for this rival */
    Str note;
};

struct topic_proposal; /* rating.h: the latest proposal from measured conversation */

struct topic {
    Str id;
    int64_t revision;
    Str name;
    enum topic_size size;
    Str parent;      /* topic id; empty for basic topics */
    StrList origins; /* ids of elements, goals or competitors, or the word "market" */
    Str query;       /* key of the saved query that finds its conversation */
    enum priority priority;
    Str priority_reason;
    int64_t affinity; /* confirmed 0 to 4, -1 while nobody confirmed one */
    Str affinity_reason;
    Str low_cause; /* why affinity is low: users not interested, or nobody treats the topic */
    Str detour_to; /* topic through which the users are reached instead, or empty */
    Str detour_reason;
    enum standing standing; /* confirmed position of the company in the topic */
    enum position_state position;
    Str holder; /* competitor id when occupied */
    Str position_reason;
    bool no_competitor_found; /* looked for and there is none: lets options be rated */
    StrList evidence;         /* evidence ids behind the confirmed ratings */
    Str note;
    const struct topic_proposal
        *proposal; /* latest one, NULL when never measured; not in documents */
};

struct competitor_activity {
    Str id;
    int64_t revision;
    Str competitor, topic;
    Str user_benefit, participation, motivation, channels;
    enum usage_format format;
    Str reach;
    int64_t strength; /* 0 to 4 */
    Str evidence;     /* evidence id or address */
};

struct potential_decision {
    Str id; /* code of the catalogue entry (method.h) */
    int64_t revision;
    int64_t relevance; /* 0 to 4 */
    bool is_used;
    Str reason;
    Str benefit;     /* what the company could gain from it */
    StrList origins; /* elements and goals it was judged for */
};

struct three_point {
    double low, likely, high; /* low <= likely <= high */
};

/* What has to stay true outside our influence, as a rule on a signal. */
struct assumption_rule {
    Str metric; /* last part of the signal key: "mentions", "net_sentiment", "share_of_voice" ... */
    Str signal; /* full key instead of query + metric; empty: "query:<query>:<metric>:day" */
    enum rule_aggregate aggregate;
    int64_t window_days; /* 1 to 366 */
    enum rule_comparator comparator;
    double threshold;
    double margin;           /* so close to the threshold counts as at risk; 0 = never */
    int64_t persistence;     /* days in a row that violate before it is broken, 1 to 366 */
    int64_t minimum_sample;  /* posts in the window, below: no data */
    double minimum_coverage; /* 0 to 1, mean over the window, below: no data */
};

struct assumption {
    Str id;
    int64_t revision;
    Str statement, query;
    struct assumption_rule rule;
    bool has_rule;
    int64_t cadence_hours; /* how often it has to be looked at */
    int64_t certainty;     /* 1 speculative, 2 plausible, 3 supported, 4 verified */
    double probability;    /* that it holds over the horizon, 0 to 1 */
    double test_cost;      /* money to find out, 0 = unknown */
    Str answer;            /* prepared answer if it breaks; may be empty */
    /* Kept by assumption.h, not in documents: */
    enum assumption_state state;
    int64_t armed_at_ms;     /* 0 = not armed */
    int64_t since_ms;        /* of the state */
    int64_t evaluated_to_ms; /* event time up to which it was looked at */
};

struct prerequisite {
    Str id;
    int64_t revision;
    Str statement, owner;
    Str due; /* YYYY-MM-DD */
    int64_t certainty;
    double probability;   /* in time, 0 to 1 */
    int64_t delay_months; /* if not in time */
    enum condition_state state;
};

struct framework_condition {
    Str id;
    int64_t revision;
    enum condition_kind kind;
    Str statement;
    Str check_date; /* YYYY-MM-DD */
    Str owner;
    enum condition_state state;
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

struct resource_limit {
    Str id; /* the resource: "money/2027-Q1" */
    int64_t revision;
    double amount;
    double secured; /* of it, already granted */
};

struct goal_coverage {
    Str id; /* the goal */
    int64_t revision;
    int64_t at_least; /* options that serve it */
};

/* The figures of a stored simulation that pages and checks need (simulation.h has the rest). */
struct simulation_summary {
    int64_t id; /* 0: never simulated */
    int64_t at_ms;
    double mean, p10, p50, p90, probability_of_loss;
    bool is_stale; /* the inputs changed since */
};

struct version_option {
    Str option;
    bool is_chosen;
    Str reason; /* why chosen or left out */
};

struct strategy_version {
    Str id;
    int64_t revision;
    Str name;
    Str focus; /* key of a preset (method.h) or "own" */
    Str text;  /* the idea in a few sentences */
    enum version_state state;
    STRATEGY_LIST(struct version_option) options; /* chosen and left out, each with a reason */
    enum verdict verdict;
    Str verdict_reason;
    bool is_generated;
    struct simulation_summary simulation; /* not in documents */
};

struct gate_waiver {
    Str id; /* the gate: "2" */
    int64_t revision;
    Str reason;
    Str by;
};

struct strategy_model {
    STRATEGY_LIST(struct company) companies; /* none or one */
    STRATEGY_LIST(struct team_member) team;
    STRATEGY_LIST(struct business_element) elements;
    STRATEGY_LIST(struct change_note) change_notes;
    STRATEGY_LIST(struct corporate_goal) goals;
    STRATEGY_LIST(struct competitor) competitors;
    STRATEGY_LIST(struct topic) topics;
    STRATEGY_LIST(struct competitor_activity) activities;
    STRATEGY_LIST(struct potential_decision) potentials;
    STRATEGY_LIST(struct assumption) assumptions;
    STRATEGY_LIST(struct prerequisite) prerequisites;
    STRATEGY_LIST(struct framework_condition) framework_conditions;
    STRATEGY_LIST(struct benefit_driver) drivers;
    STRATEGY_LIST(struct strategy_option) options;
    STRATEGY_LIST(struct resource_limit) limits;
    STRATEGY_LIST(struct goal_coverage) coverage;
    STRATEGY_LIST(struct strategy_version) versions;
    STRATEGY_LIST(struct gate_waiver) waivers;
};

/* NULL when there is none. Linear: a strategy is small. */
const struct company *model_company(const struct strategy_model *model);
const struct business_element *model_element(const struct strategy_model *model, Str id);
const struct corporate_goal *model_goal(const struct strategy_model *model, Str id);
const struct competitor *model_competitor(const struct strategy_model *model, Str id);
const struct topic *model_topic(const struct strategy_model *model, Str id);
const struct assumption *model_assumption(const struct strategy_model *model, Str id);
const struct prerequisite *model_prerequisite(const struct strategy_model *model, Str id);
const struct strategy_option *model_option(const struct strategy_model *model, Str id);
const struct strategy_version *model_version(const struct strategy_model *model, Str id);
const struct resource_limit *model_limit(const struct strategy_model *model, Str id);
const struct version_option *version_find_option(const struct strategy_version *version,
                                                 Str option);
/* True when the version chose the option. */
bool version_has(const struct strategy_version *version, Str option);
bool str_list_has(StrList list, Str item);

/* The factor by which an option's benefit shrinks when the assumption fails; 1 = no reliance. */
double option_factor_if_false(const struct strategy_option *option, Str assumption);

/* A text that people can read for any object ("Battery life" for a topic); the id when it has no
 * name or does not exist. */
Str model_label(const struct strategy_model *model, enum object_kind kind, Str id);

/* Ids: a-z 0-9 and '-' with a letter or digit first; resource ids may also hold '/', '_', '.',
 * and capitals. */
bool strategy_id_is_valid(Str id);
bool resource_id_is_valid(Str id);
/* Turns a name into an id: "Help first!" gives "help-first"; umlauts become ae oe ue ss; anything
 * without a letter gives "object". Allocates in the arena. */
Str strategy_id_from(struct arena *arena, Str name);

/* Words of the enumerations as they stand in documents, SQL and the ledger: "leading". */
struct word_list {
    const char *const *words; /* index = value; NULL entries are values without a word */
    size_t count;
};
extern const struct word_list words_block, words_direction, words_constituency, words_lever,
    words_chance, words_priority, words_competitor_kind, words_topic_size, words_standing,
    words_position, words_format, words_option_kind, words_perspective, words_durability,
    words_version_state, words_verdict, words_assumption_state, words_condition_state,
    words_condition_kind, words_aggregate, words_comparator, words_object_kind;

/* The word of a value; "" for one without. The value must be inside the list. */
Str word_of(const struct word_list *list, int value);
/* False: no such word; *value is untouched. */
bool word_find(const struct word_list *list, Str word, int *value) MUST_CHECK;

#endif
