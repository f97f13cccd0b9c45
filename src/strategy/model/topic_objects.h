/* topic_objects.h - potential, topics, and what competitors do in them: steps 3 and 4 of the
 * method.
 *
 * Plain values; model.h says how they hang together and who owns their memory.
 */
#ifndef STRATEGY_TOPIC_OBJECTS_H
#define STRATEGY_TOPIC_OBJECTS_H

#include "strategy/model/company_objects.h"

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

extern const struct word_list words_topic_size, words_standing, words_position, words_format;

#endif
