/* rating.h - from measured conversation to a proposed rating, by published rules.
 *
 * PURE: numbers in, proposal out; no clock, no database. The caller (flow) measures a topic's
 * conversation over a window, keeps each number as evidence, and fills struct topic_evidence. The
 * rules (thresholds in method/ratings.json) give
 *
 *     affinity  each available criterion 0 to 4 by its thresholds, then the median (of an even
 *               number the lower middle one); fewer available criteria than the minimum, or a
 *               sample or coverage below the minimum: not enough data, never a zero
 *     position  strength of a party = mean of its shares of voice and engagement in the topic;
 *               leading / equal / weaker by the ratio to the best rival, moved by one when net
 *               sentiment differs clearly; occupied or ours when one party holds a clear share,
 *               else open
 *
 * and name every number with its sample and evidence. The proposal never overwrites a person's
 * rating: topic_rating.h stores it, a person confirms or overrides.
 *
 * Memory: a proposal's lists belong to the arena given. Thread-safe.
 */
#ifndef STRATEGY_RATING_H
#define STRATEGY_RATING_H

#include "strategy/method/method.h"

enum affinity_criterion {
    CRITERION_VOLUME,   /* mentions per active day ÷ median of the workspace's topics */
    CRITERION_AUTHORS,  /* unique authors per 30 days */
    CRITERION_RESPONSE, /* share of posts that get replies or reposts, 0 to 1 */
    CRITERION_USERS,    /* share of conversation between users, not from brands, 0 to 1 */
    CRITERION_GROWTH,   /* relative change, second half of the window against the first */
    CRITERION_COUNT
};

/* One measured number. Not available is told apart from zero: a source without authors or replies
 * has no such measure. */
struct measured {
    bool is_available;
    double value;
    int64_t sample;   /* posts behind it */
    int64_t evidence; /* id of the evidence that holds the posts (signal/evidence.h), 0: none */
};

/* One party in the topic's conversation: the own brand or a competitor. Shares add up to at most 1
 * over the parties of a topic. */
struct party_evidence {
    Str competitor; /* id; empty for the own company */
    Str name;
    bool is_own;
    struct measured voice;            /* share of mentions, 0 to 1 */
    struct measured engagement;       /* share of likes, replies and reposts, 0 to 1 */
    struct measured sentiment;        /* net, -1 to 1 */
    struct measured voice_trend;      /* change of the share, second half minus first half */
    struct measured engagement_trend; /* likewise */
};

struct term_evidence {
    Str term;
    double lift; /* frequency in the topic ÷ background */
    int64_t count;
    int64_t evidence; /* id, 0: none */
};

/* What flow fills from listen's measures for one topic and window. */
struct topic_evidence {
    Str topic;
    int64_t from_ms, to_ms; /* window, UTC */
    int64_t mentions;       /* in the window */
    double active_days;     /* days with at least one mention */
    double coverage;        /* mean over the window, 0 to 1 */
    struct measured criteria[CRITERION_COUNT];
    STRATEGY_LIST(struct party_evidence) parties;
    STRATEGY_LIST(struct term_evidence) complaints; /* user needs: shown beside, not scored */
    STRATEGY_LIST(struct term_evidence) wishes;
};

struct affinity_reason {
    enum affinity_criterion criterion;
    struct measured number;
    int64_t score;   /* 0 to 4; -1 when left out */
    bool is_too_few; /* left out because of its sample, not because it is unavailable */
};

enum position_reason_kind {
    REASON_VOICE,
    REASON_ENGAGEMENT,
    REASON_SENTIMENT,
    REASON_TREND,
    REASON_HOLDER
};

struct position_reason {
    enum position_reason_kind kind;
    double own, rival; /* shares, net sentiment or trends */
    bool has_own, has_rival;
    Str rival_name;
    int64_t own_sample, rival_sample;
    int64_t own_evidence, rival_evidence; /* ids, 0: none */
};

/* Also what is stored: the numbers, not the sentences. */
struct topic_proposal {
    int64_t id; /* in the store; 0 before */
    int64_t at_ms;
    Str topic;
    Str rules_version; /* of method/ratings.json */
    int64_t from_ms, to_ms;
    int64_t mentions;
    double active_days, coverage;
    int64_t affinity; /* 0 to 4, or -1: not enough data */
    struct affinity_reason affinity_reasons[CRITERION_COUNT];
    enum standing standing;       /* STANDING_UNSET: not enough data */
    enum position_state position; /* POSITION_UNSET: not enough data */
    Str holder;                   /* competitor id; empty when ours or open */
    STRATEGY_LIST(struct position_reason) position_reasons;
};

/* Proposes both ratings. Never fails on numbers: what is missing shows in the proposal. */
bool rating_propose(struct arena *arena, const struct rating_rules *rules,
                    const struct topic_evidence *evidence, struct topic_proposal *out,
                    struct err *err) MUST_CHECK;

/* 0 to 4 for a value by the thresholds of a criterion. */
int64_t rating_score(const struct rating_criterion *criterion, double value);

/* The reasons as sentences with number, sample, score and evidence, one list item each. */
struct reason_line {
    Str text;
    int64_t evidence; /* id, 0: none */
    int64_t score;    /* 0 to 4, or -1 when it does not score */
};
typedef STRATEGY_LIST(struct reason_line) ReasonList;
bool rating_affinity_lines(struct arena *arena, const struct rating_rules *rules,
                           const struct topic_proposal *proposal, enum method_language language,
                           ReasonList *out, struct err *err) MUST_CHECK;
bool rating_position_lines(struct arena *arena, const struct rating_rules *rules,
                           const struct topic_proposal *proposal, enum method_language language,
                           ReasonList *out, struct err *err) MUST_CHECK;

/* How far a new proposal lies from what a person confirmed. */
struct rating_drift {
    bool is_affinity, is_standing, is_position; /* which ones drifted enough for a review */
    int64_t affinity_difference;                /* proposed minus confirmed */
};
struct rating_drift rating_drift(const struct rating_rules *rules, const struct topic *confirmed,
                                 const struct topic_proposal *proposal);

#endif
