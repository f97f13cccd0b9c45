/* worksheet_objects.h - what the four worked blocks of the business model are asked: step 1 of the
 * method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_WORKSHEET_OBJECTS_H
#define STRATEGY_WORKSHEET_OBJECTS_H

#include "strategy/model/value.h"

enum segment_fit_kind { FIT_UNSET, FIT_COMPATIBLE, FIT_CONDITIONAL, FIT_INCOMPATIBLE };

enum element_need_kind {
    ELEMENT_NEED_ECONOMIC,
    ELEMENT_NEED_PERSONAL,
    ELEMENT_NEED_FUNCTIONAL,
    ELEMENT_NEED_SOCIAL
};

enum channel_function { CHANNEL_COMMUNICATION, CHANNEL_SALES, CHANNEL_DISTRIBUTION };

enum own_resource_kind {
    OWN_STAFF,
    OWN_MONEY,
    OWN_TECHNOLOGY,
    OWN_SKILL,
    OWN_CONTENT,
    OWN_SOCIAL_MEDIA
};

/* Can two segments be served by one strategy? */
struct segment_fit {
    Str id;
    int64_t revision;
    Str first, second; /* elements of the block customer_segments */
    enum segment_fit_kind fit;
    Str note;
};

/* A need behind a value proposition or a relationship. */
struct element_need {
    Str id;
    int64_t revision;
    Str element;
    enum element_need_kind kind;
    Str text;
    Str today;        /* how it is met without social media */
    Str better_by;    /* how social media could meet it better */
    int64_t strength; /* 0 to 4 */
};

/* A task of a channel that is essential to success, on the method's two levels of result. */
struct channel_task {
    Str id;
    int64_t revision;
    Str element; /* of the block channels */
    enum channel_function function;
    Str text;
    Str adaptation; /* level 1: what changes in the channel */
    Str support;    /* level 2: what social media does for it */
    StrList goals;
};

/* What the company has, and what users' activity puts at its disposal. */
struct own_resource {
    Str id;
    int64_t revision;
    enum own_resource_kind kind;
    Str name;
    double amount; /* NAN: not counted */
    Str unit;
    Str from, until; /* YYYY-MM-DD or empty */
    double secured;  /* of the amount; NAN: unknown */
    Str owner;
    int64_t reliability; /* 0 to 4 */
    Str activity;        /* social media: which activity of users yields it */
    Str purpose;
};

extern const struct word_list words_segment_fit_kind, words_need_kind, words_channel_function,
    words_own_resource_kind;

#endif
