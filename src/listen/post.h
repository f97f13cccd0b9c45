/* post.h - one public utterance: post, comment, reply, review, article.
 *
 * The one shape that every decoder produces and everything behind it reads. All slices point into
 * the memory of the batch that the post belongs to. Absent is told apart from zero: a source
 * without authors or replies shows those measures as not available, so counts are POST_UNKNOWN (-1)
 * and texts are empty where the source says nothing. Identity is (source, id).
 */
#ifndef LISTEN_POST_H
#define LISTEN_POST_H

#include "base/str.h"

#define POST_UNKNOWN (-1)

enum post_event { POST_UPSERT, POST_DELETE };

struct post_author {
    Str id, handle, name; /* any may be empty; handle without @ */
    int64_t followers;    /* or POST_UNKNOWN */
    int8_t verified;      /* 0, 1 or POST_UNKNOWN */
};

struct post_metrics {
    int64_t likes, replies, reposts, views; /* or POST_UNKNOWN */
};

struct post {
    enum post_event event;
    Str id;                /* never empty */
    Str source;            /* where it comes from: "forum", "reddit", "twitter"; never empty */
    Str kind;              /* as the source says, "post" when it does not; see post_kind() */
    int64_t created_at_ms; /* UTC epoch, event time */
    bool has_created_at;   /* false: the source gave no time; the importer's is used */
    struct post_author author;
    Str lang;        /* what the source says, ISO 639; empty: to be identified */
    Str title, text; /* valid UTF-8, character references resolved */
    Str url;
    const Str *links; /* web addresses, at most POST_LINKS_MAX */
    size_t link_count;
    const Str *mentions; /* handles the source names as mentioned, without @ */
    size_t mention_count;
    Str reply_to;        /* id of the post answered, or empty */
    Str reply_to_author; /* id or handle of the author answered, or empty */
    Str thread;          /* id of the conversation, or empty */
    Str repost_of;       /* id of the post passed on, or empty */
    Str repost_of_author;
    struct post_metrics metrics;
    double rating; /* stars of a review, 0 to 5; NAN when there is none */
    Str country;   /* ISO 3166 alpha-2, upper case, or empty */
    Str dataset;   /* name of the import, or empty */
    Str extra;     /* unknown members as one JSON object, or empty */
};

/* What the source can say at all, joined over an import: a measure without its bit is "not
 * available". */
enum post_facet {
    POST_HAS_AUTHOR = 1 << 0,
    POST_HAS_FOLLOWERS = 1 << 1,
    POST_HAS_REPLY = 1 << 2,  /* reply_to is ever set */
    POST_HAS_REPOST = 1 << 3, /* repost_of or its author is ever set */
    POST_HAS_REPLY_COUNT = 1 << 4,
    POST_HAS_REPOST_COUNT = 1 << 5,
    POST_HAS_ENGAGEMENT = 1 << 6,
    POST_HAS_COUNTRY = 1 << 7,
};

uint32_t post_facets(const struct post *post);

#define POST_KINDS "post, comment, reply, review, article, repost or quote"

/* What the post is, one of POST_KINDS (or another word, where a source said one): what its source
 * says, but a "post" that passes one on is a repost and one that answers one a reply. Queries,
 * facets and measures all ask here. A slice of the post or a constant. */
Str post_kind(const struct post *post);
bool post_kind_is_known(Str kind); /* small letters */
/* The known kind that a text in any letters means, as a constant; "post" where it is none. */
Str post_kind_read(Str text);

#endif
