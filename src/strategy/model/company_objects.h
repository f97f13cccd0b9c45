/* company_objects.h - company, team, business model, goals and competitors: steps 0 and 1 of the
 * method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_COMPANY_OBJECTS_H
#define STRATEGY_COMPANY_OBJECTS_H

#include "strategy/model/value.h"

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

enum constituency {
    MEMBER_COMPANY,
    MEMBER_CUSTOMER,
    MEMBER_PARTNER,
    MEMBER_INFLUENCER,
    MEMBER_ADVISORY_BOARD
};

/* Does the customer accept the relationship that the company offers? */
enum acceptance { ACCEPTANCE_UNKNOWN, ACCEPTANCE_YES, ACCEPTANCE_PARTLY, ACCEPTANCE_NO };

enum change_lever { LEVER_TRANSPARENCY, LEVER_RELATIONSHIP, LEVER_VALUE, LEVER_DISTRIBUTION };

enum chance_kind { CHANGE_CHANCE, CHANGE_THREAT };

enum priority { PRIORITY_UNSET, PRIORITY_A, PRIORITY_B, PRIORITY_C };

enum competitor_kind { /* flags: one rival may be several */
                       COMPETITOR_PERFORMANCE = 1 << 0,
                       COMPETITOR_ATTENTION = 1 << 1,
                       COMPETITOR_TOPIC = 1 << 2
};

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
    Str scope;           /* what the strategy is about, and what it leaves out */
};

struct team_member {
    Str id;
    int64_t revision;
    Str name, role, department;
    enum constituency constituency;
    Str mandate;   /* for whom, on what */
    Str agreed_on; /* the agreement: YYYY-MM-DD or empty */
    bool has_vote;
};

struct business_element {
    Str id;
    int64_t revision;
    enum business_block block;
    Str text, note;
    bool is_supported; /* the strategy shall support it */
    Str requirement;   /* what the element needs from social media */
    Str relation_type; /* relationships: what is offered */
    enum acceptance relation_accepted;
    bool is_essential; /* channels: success depends on it */
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

extern const struct word_list words_block, words_direction, words_constituency, words_lever,
    words_chance, words_priority, words_competitor_kind, words_acceptance;

#endif
