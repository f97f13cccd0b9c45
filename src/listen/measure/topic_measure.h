/* topic_measure.h - everything a rating asks about the conversation on one topic.
 *
 * For a topic's query, a window and the parties of the market (the own brand and competitors, a
 * query each): volume, authors, response, conversation between users, growth; per party share of
 * voice and engagement, net sentiment and the trends of both shares; complaint and wish terms.
 * Every number comes with its sample size and up to TOPIC_EXAMPLES posts that stand behind it, and
 * is marked not available where no source of the topic can tell. docs/measures.md defines each.
 *
 * Memory: results live in the arena given. Threads: as the archive.
 */
#ifndef LISTEN_TOPIC_MEASURE_H
#define LISTEN_TOPIC_MEASURE_H

#include "listen/measure/share_of_voice.h"
#include "listen/measure/terms.h"

#define TOPIC_EXAMPLES 5
/* Links of posts up to this long behind the window still tell that a post in it was answered. */
#define TOPIC_ANSWER_HOURS (30 * 24)

struct topic_party {
    int64_t query;
    Str label;
    bool is_own;
};

struct topic_request {
    int64_t query;              /* of the topic */
    int64_t from_hour, to_hour; /* [from, to); at least two days */
    const struct topic_party *parties;
    size_t party_count;
    const Str *brand_handles; /* authors that speak for a brand: handle or id, without @ */
    size_t brand_count;
};

/* A post as it stood when it was measured: what evidence is made of. */
struct topic_post {
    Str source, id, author; /* author: handle, else id, else name; may be empty */
    int64_t created_at_ms;
    Str title, text, url;
    Str why;      /* "answers another user, 1204 interactions" */
    Str why_kept; /* to be said again: base/wording.h */
};

struct topic_number {
    bool is_available;
    double value;
    int64_t n; /* posts behind it */
    const struct topic_post *posts;
    size_t post_count;
    bool has_interval;
    double low, high; /* 95 % interval */
};

struct topic_term {
    Str text;
    int64_t count, marked;          /* negative posts (wishes) with it; in all, copies left out */
    double lift, lift_low, lift_up; /* contrast.h */
    const struct topic_post *posts;
    size_t post_count;
};

struct topic_party_measures {
    int64_t query;
    Str label;
    bool is_own;
    struct topic_number voice;            /* share of the parties' mentions in the topic, 0 to 1 */
    struct topic_number engagement;       /* share of likes, replies and reposts */
    struct topic_number net_sentiment;    /* -1 to 1 */
    struct topic_number voice_trend;      /* share of the second half - share of the first */
    struct topic_number engagement_trend; /* likewise */
};

struct topic_measures {
    int64_t from_hour, to_hour;
    int64_t mentions;
    int64_t active_days;          /* days with at least one mention */
    double coverage;              /* 0 to 1 */
    struct topic_number volume;   /* mentions per active day */
    struct topic_number authors;  /* distinct authors in the window per 30 days */
    struct topic_number response; /* share of posts that got a reply or repost: by the counts of
                                     their source, else by the links of its stored posts */
    struct topic_number users;    /* share of posts by users (no brand) that address another user */
    struct topic_number growth;   /* (second half - first half) / first half, of mentions */
    struct topic_party_measures *parties;
    size_t party_count;
    struct topic_term *complaints, *wishes;
    size_t complaint_count, wish_count;
};

bool topic_measure(struct archive *a, struct arena *arena, const struct topic_request *request,
                   struct topic_measures *out, struct err *err) MUST_CHECK;

#endif
