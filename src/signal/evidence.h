/* evidence.h - a statement with what supports it, kept as a snapshot.
 *
 * Ratings, decisions and assessments cite evidence by id. What was seen then is kept as it was:
 * posts are copied, measures are stored as numbers with their definitions, so a later edit or a
 * retention run on the archive does not take the ground from under a decision. Evidence is never
 * changed; only erasing a person blanks the items of that author and leaves their place.
 *
 * Memory: what is read lives in the caller's arena. Threads: as the connection (db.h).
 */
#ifndef SIGNAL_EVIDENCE_H
#define SIGNAL_EVIDENCE_H

#include "db/db.h"

enum {
    EVIDENCE_ITEMS_MAX = 1000,                /* of one piece of evidence: ERR_LIMIT */
    EVIDENCE_STATEMENT_BYTES_MAX = 4096,      /* ERR_LIMIT */
    EVIDENCE_MEASURES_BYTES_MAX = 1024 * 1024 /* ERR_LIMIT */
};

enum evidence_item_kind {
    EVIDENCE_POST,     /* snapshot of a post: source, ref = post id */
    EVIDENCE_SIGNAL,   /* ref = signal key, text = what it showed */
    EVIDENCE_DOCUMENT, /* ref = file hash or title, url */
    EVIDENCE_ITEM_KIND_COUNT
};

struct evidence_item {
    enum evidence_item_kind kind;
    Str source;            /* of the post; may be empty */
    Str ref;               /* never empty */
    Str author;            /* author id within the source; empty: not known or erased */
    int64_t created_at_ms; /* of the post */
    Str text;              /* empty once erased */
    Str url;
    Str why;              /* why this item supports the statement */
    Str why_kept;         /* the same to be said again (base/wording.h); may be empty */
    int64_t erased_at_ms; /* 0: not erased; set by the reader */
};

struct evidence {
    int64_t id;         /* set on creation */
    Str statement;      /* a sentence, never empty */
    Str statement_kept; /* the same to be said again (base/wording.h); may be empty */
    Str kind;           /* "topic.affinity", "topic.position", "assumption.break", "entered" */
    Str object_kind;    /* what it is about: "topic"; may be empty */
    Str object_id;
    int64_t from_ms, to_ms; /* window observed; 0, 0: none */
    Str measures_json; /* object: each number with definition version, n, coverage; may be empty */
    Str created_by;    /* login or "system" */
    int64_t created_at_ms;
    const struct evidence_item *items; /* in order of weight */
    size_t item_count;
};

/* Stores it and sets evidence->id. Own transaction, nests. ERR_INPUT: empty statement, kind or ref,
 * window backwards. */
bool evidence_create(struct db *db, struct evidence *evidence, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool evidence_read(struct arena *arena, struct db *db, int64_t id, struct evidence *out,
                   struct err *err) MUST_CHECK;
/* Of one object, newest first, without items (item_count is right, items NULL). Empty object_id:
 * all of the kind of object; empty object_kind: all. */
bool evidence_list(struct arena *arena, struct db *db, Str object_kind, Str object_id,
                   size_t count_max, struct evidence **out, size_t *count,
                   struct err *err) MUST_CHECK;

/* Blanks author, text and url of every snapshot of this author's posts; *count = items blanked. */
bool evidence_erase_author(struct db *db, Str source, Str author, int64_t now_ms, int64_t *count,
                           struct err *err) MUST_CHECK;
/* The same for one post (a delete event of its source). */
bool evidence_erase_post(struct db *db, Str source, Str post_id, int64_t now_ms, int64_t *count,
                         struct err *err) MUST_CHECK;

#endif
