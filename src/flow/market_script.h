/* market_script.h - a scripted market as data: brands, topics, people's habits, events.
 *
 * Read from samples/<name>/market.json (its members are described in samples/README.md) and handed
 * to market_simulator.h. Immutable after loading; all slices live in the arena. Unknown members,
 * empty phrase lists and shares that do not add up are refused with the member's path.
 */
#ifndef FLOW_MARKET_SCRIPT_H
#define FLOW_MARKET_SCRIPT_H

#include "base/arena.h"

enum market_lang { MARKET_EN, MARKET_DE, MARKET_LANG_COUNT };
enum market_mood { MOOD_NEGATIVE, MOOD_NEUTRAL, MOOD_POSITIVE, MOOD_COUNT };

/* Limits of one script: reject. */
#define MARKET_DAYS_MAX    3660
#define MARKET_PEOPLE_MAX  1000000
#define MARKET_BRANDS_MAX  32
#define MARKET_TOPICS_MAX  64
#define MARKET_EVENTS_MAX  64
#define MARKET_PHRASES_MAX 1000

struct phrase_list {
    const Str *items;
    size_t count;
};

/* Shares of negative, neutral, positive; they add up to 1. */
struct mood_mix {
    double share[MOOD_COUNT];
};

struct phrase_book {
    struct phrase_list by[MARKET_LANG_COUNT][MOOD_COUNT]; /* "{b}" stands for the product */
};

struct market_brand {
    Str name, handle;
    double share; /* of the people who own one */
    struct phrase_list products;
};

struct market_topic {
    Str id, name;
    double per_hour;      /* mean posts an hour at the start */
    double reply, repost; /* share of its posts */
    double growth;        /* relative change of the rate from the first to the last day */
    double brand_share[MARKET_BRANDS_MAX];
    struct mood_mix mood[MARKET_BRANDS_MAX];
    struct phrase_list hashtags;
    struct phrase_book phrases;
};

/* An event adds posts to one topic and brand: either a wave (ramp, hold, half-life) or `copies`. */
struct market_event {
    Str id, kind, title, product;
    size_t topic, brand; /* indices */
    int64_t start_hour;  /* since the start of the script */
    double ramp_hours, hold_hours, half_life_hours;
    double factor; /* posts an hour at the top, in units of the topic's per_hour */
    double reply, repost;
    struct mood_mix mood;
    size_t copies;   /* > 0: near-identical copies over hold_hours */
    size_t accounts; /* > 0: written by so many young accounts */
    struct phrase_book phrases;
};

struct market_script {
    Str name;
    int64_t start_ms; /* UTC, a full hour */
    size_t days, decision_day, people;
    double german_share, noise_per_hour;
    struct market_brand *brands;
    size_t brand_count;
    struct market_topic *topics;
    size_t topic_count;
    struct market_event *events;
    size_t event_count;
    struct phrase_list openers[MARKET_LANG_COUNT], noise[MARKET_LANG_COUNT],
        official[MARKET_LANG_COUNT];
    struct phrase_book closers, replies;
};

/* ERR_INPUT names the member ("topics[3].mood.Halden"), ERR_LIMIT a limit above. */
bool market_script_load(struct arena *a, Str json, struct market_script **out,
                        struct err *err) MUST_CHECK;

/* Keeps `days` around the decision, as many before and after it as the whole script has in
 * proportion: 45 of 120 days with the decision on day 80 keep days 50 to 95, decision on day 30.
 * Dates stay; events that begin outside are dropped. ERR_INPUT for 0 or more days than there are.
 */
bool market_script_cut(struct market_script *script, size_t days, struct err *err) MUST_CHECK;

#endif
