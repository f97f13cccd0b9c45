/* label.h - people judge a sample of a query's mentions, so that the machine's moods can be
 * measured.
 *
 * A round is a sample of the mentions of one query in one window, drawn without replacement by a
 * stated design: uniform, or stratified by the machine's mood with equal numbers, each post with a
 * weight: the mentions of the window that it stands for. The order and the choice follow from the
 * seed. While a round is open anybody who may can judge its posts, each for himself; what the
 * machine said is not needed for that and not shown before. Closing a round is the one entry it
 * leaves in the ledger; from then on its judgements stay. Judgements are kept with who and when,
 * without text: posts are read from the archive, found by time and identity, so that importing them
 * again changes nothing here. A post whose text was edited since is no longer the one judged.
 *
 * What the machine says of the same posts is read from the archive, at the draw and again when the
 * model or the query's corrections changed (label_read_machine()); each reading is a row of its own
 * with the maker, none is ever altered. docs/labelling.md
 *
 * Threads: as the connection. Memory: what is read lives in the caller's arena.
 */
#ifndef LISTEN_LABEL_H
#define LISTEN_LABEL_H

#include "listen/archive/archive.h"

enum {
    LABEL_SAMPLE_MAX = 2000, /* posts of one round: reject */
    LABEL_GOAL = 200,        /* judgements that a query should have */
    LABEL_ITEMS_MAX = 20000  /* posts of all rounds of one query: reject a draw beyond */
};

enum label_verdict {
    LABEL_NEGATIVE = -1,
    LABEL_NEUTRAL = 0,
    LABEL_POSITIVE = 1,
    LABEL_OFF_TOPIC = 8, /* not about what the query is for */
    LABEL_UNSURE = 9     /* cannot be told */
};
const char *label_verdict_name(enum label_verdict verdict); /* "negative" .. "off-topic" "unsure" */
bool label_verdict_from(Str name, enum label_verdict *out) MUST_CHECK;

enum label_design { LABEL_UNIFORM, LABEL_STRATIFIED };
const char *label_design_name(enum label_design design);

struct label_round {
    int64_t id, query;
    int query_version;
    enum label_design design;
    uint64_t seed;
    int64_t from_ms, to_ms;
    int64_t drawn, erased; /* posts of the sample; those erased since */
    int64_t judged;        /* posts with at least one judgement */
    int64_t labellers;     /* people with at least one judgement */
    Str opened_by, closed_by;
    int64_t opened_at_ms, closed_at_ms; /* 0: open */
};

/* ---- rounds ---------------------------------------------------------------------------------- */

struct label_plan {
    int64_t query, from_ms, to_ms; /* whole hours: the rest of the last one is in */
    size_t count;                  /* posts, 1 to LABEL_SAMPLE_MAX; fewer when there are fewer */
    enum label_design design;
    uint64_t seed;
    Str actor;
    int64_t now_ms;
};
/* Mentions without a mood are no part of what is drawn from. ERR_NOT_FOUND: no query, or no mention
 * in the window. */
bool label_draw(struct db *state, struct archive *a, const struct label_plan *plan, int64_t *round,
                struct err *err) MUST_CHECK;
/* Newest first; query 0: of all. */
bool label_rounds(struct arena *arena, struct db *state, int64_t query, struct label_round **out,
                  size_t *count, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool label_round_read(struct arena *arena, struct db *state, int64_t round, struct label_round *out,
                      struct err *err) MUST_CHECK;
/* With its entry in the ledger: how many were judged, by how many people, as what. ERR_CONFLICT:
 * closed already, or nothing was judged. */
bool label_close(struct db *state, int64_t round, Str actor, int64_t now_ms,
                 struct err *err) MUST_CHECK;
/* An open round that is not wanted goes with its judgements, with an entry in the ledger.
 * ERR_CONFLICT: closed. */
bool label_discard(struct db *state, int64_t round, Str actor, Str reason, int64_t now_ms,
                   struct err *err) MUST_CHECK;

/* ---- posts of a round ------------------------------------------------------------------------ */

struct label_judgement {
    Str labeller;
    enum label_verdict verdict;
    int64_t at_ms;
};

struct label_item {
    int64_t round, ordinal;
    Str source, post_id;
    double weight;
    uint64_t content; /* label_text_hash() of what was drawn */
    int64_t created_at_ms;
    struct label_judgement *judgements; /* by labeller */
    size_t judgement_count;
    /* The last reading of the machine. */
    int64_t reading;
    enum post_polarity mood; /* POST_POLARITY_UNKNOWN: no mention of the query any more */
    Str maker;
    int64_t corrections;
};
/* In order of judging; round 0: of all rounds of the query. */
bool label_items(struct arena *arena, struct db *state, int64_t query, int64_t round,
                 struct label_item **out, size_t *count, struct err *err) MUST_CHECK;
/* One of them. ERR_NOT_FOUND. */
bool label_item_read(struct arena *arena, struct db *state, int64_t round, int64_t ordinal,
                     struct label_item *out, struct err *err) MUST_CHECK;
/* Of title and text. */
uint64_t label_text_hash(const struct post *post);
/* The stored post of an item; *is_there false: erased, expired, deleted at its source, or edited.
 */
bool label_item_post(struct archive *a, struct arena *arena, const struct label_item *item,
                     struct archived_post *out, bool *is_there, struct err *err) MUST_CHECK;

/* ---- judging --------------------------------------------------------------------------------- */

/* The first post behind `after` that the person has not judged, from the beginning again at the
 * end; *ordinal 0: all are judged. *left counts them. */
bool label_next(struct db *state, int64_t round, Str labeller, int64_t after, int64_t *ordinal,
                int64_t *left, struct err *err) MUST_CHECK;
/* The same person's judgement before is replaced. ERR_NOT_FOUND, ERR_CONFLICT: the round is closed.
 */
bool label_judge(struct db *state, int64_t round, int64_t ordinal, Str labeller,
                 enum label_verdict verdict, int64_t now_ms, struct err *err) MUST_CHECK;
/* Takes back the person's last judgement; *ordinal is its post, 0 when there is none. */
bool label_undo(struct db *state, int64_t round, Str labeller, int64_t *ordinal,
                struct err *err) MUST_CHECK;

/* ---- what the machine says ------------------------------------------------------------------- */

struct label_reading {
    size_t items, changed, gone; /* looked at; another mood or maker than before; no mentions */
};
/* Reads the moods of all labelled posts of the query (0: of all queries) from the archive; what is
 * as it was read last adds no row. */
bool label_read_machine(struct db *state, struct archive *a, int64_t query, int64_t now_ms,
                        struct label_reading *out, struct err *err) MUST_CHECK;

/* ---- erasure --------------------------------------------------------------------------------- */

/* The items of one author, or of one post, go with judgements and readings; rounds count them as
 * erased. Inside the caller's transaction. */
bool label_erase_author(struct db *state, uint64_t author, int64_t *erased,
                        struct err *err) MUST_CHECK;
bool label_erase_post(struct db *state, Str source, Str post_id, int64_t *erased,
                      struct err *err) MUST_CHECK;

#endif
