/* influence.h - who is heard in a topic, by whom, and in which circles.
 *
 * The posts of one query in a window become a graph of authors: whoever answers, passes on or names
 * somebody listens to him. docs/influence.md has the definitions; in short, per author:
 *
 *     reach       his largest number of followers
 *     resonance   likes + replies + reposts of his posts on the topic, or the posts in it that
 *                 answer, pass on or name him, whichever is more
 *     relevance   0 to 1: how much of what we hear of him is about the topic, recent posts first
 *     listeners   different authors who answered, passed on or named him
 *     rank        PageRank of the graph (quant/rank.h)
 *     community   Leiden community of the graph (quant/community.h)
 *
 * They stay apart; nothing is added up. A number that no source can tell is not available (NaN).
 * An author goes by his id, his handle and his name; names of one source that turn up together are
 * one author. Nothing is stored.
 *
 * Memory: the result lives in the caller's arena. Threads: as the archive.
 */
#ifndef LISTEN_INFLUENCE_H
#define LISTEN_INFLUENCE_H

#include "listen/archive/archive.h"

#define INFLUENCE_POSTS_MAX 300000 /* more are thinned, the same ones every time */
#define INFLUENCE_LOOKUPS_MAX                                                                      \
    50000                        /* answered posts looked up outside the topic; more: unknown      \
                                  */
#define INFLUENCE_FOCUS_POSTS 40 /* of each list; pages show fewer, with copies folded */

enum influence_number {
    INFLUENCE_REACH,
    INFLUENCE_RESONANCE,
    INFLUENCE_RELEVANCE,
    INFLUENCE_NUMBER_COUNT
};

struct influence_author {
    Str key;    /* source/name: for asking again, stable while the handle is */
    Str source; /* where he writes */
    Str label;  /* handle, else name, else id */
    double numbers[INFLUENCE_NUMBER_COUNT]; /* NaN: not available */
    /* Share of the authors with that number who have less, half of the equals counted, 0 to 1. */
    double percentiles[INFLUENCE_NUMBER_COUNT];
    int64_t posts; /* of his on the topic, of those read */
    double heard;  /* posts that answer, pass on or name him */
    uint32_t listeners, listens_to;
    double rank;
    uint32_t community; /* from 0, the one with most authors */
};

struct influence_edge {
    uint32_t from, to; /* indices of authors: `from` listens to `to` */
    double weight;     /* posts that say so */
};

struct influence_post {
    int32_t month; /* of archive_post() */
    int64_t id;
};

struct influence_request {
    int64_t query, from_hour, to_hour;
    Str focus; /* key of an author whose posts are wanted; may be empty */
};

struct influence {
    int64_t posts;                    /* read */
    int64_t every;                    /* 1: all of the window were read; n: one in n */
    int64_t anonymous;                /* of them without any author */
    int64_t unknown;                  /* answers and reposts whose addressee is not known */
    struct influence_author *authors; /* highest rank first */
    size_t author_count;
    struct influence_edge *edges; /* by author, without loops; parallel ones joined */
    size_t edge_count;
    uint32_t community_count;
    double modularity;
    size_t focus; /* index of the author asked for, or author_count */
    /* His posts with most resonance, and the latest that listen to him. */
    struct influence_post own[INFLUENCE_FOCUS_POSTS], heard[INFLUENCE_FOCUS_POSTS];
    size_t own_count, heard_count;
};

bool influence_measure(struct archive *a, struct arena *arena,
                       const struct influence_request *request, struct influence *out,
                       struct err *err) MUST_CHECK;

/* Appends the graph with all numbers as GEXF 1.3 (format/gexf.h). */
void influence_gexf(const struct influence *in, Str description, struct buf *out);

#endif
