/* correction.h - what words say about the mood where a certain query is concerned.
 *
 * A correction is a term in the query language, the mood that it has in this query's context, and
 * optionally a second query that has to hold as well. Where the term occurs, its words are passed
 * over and, unless it is neutral, CORRECTION_LEAN is added to the log-odds of its mood; all other
 * words keep their effect. Whether it is turned round ("not sick at all") is found by putting a
 * plain word of that mood ("great") in its place: where that makes the text lean the other way, so
 * does the correction. A term about members of the post (author:, site:) has no place in the text:
 * it decides the mood of the whole post. Corrections change what a post counts as under their
 * query, nothing else: neither the post's own mood nor that under other queries.
 *
 * They belong to the definition of the query's sentiment. All of them together are one version;
 * changing them makes a new one, which holds for what is imported from then on and, once matched
 * again, for all of history. A term that occurs in several corrections of a query is read as the
 * first of them says. docs/labelling.md
 *
 * Threads: the store as the connection; a set is immutable and shared; a corrector is scratch of
 * one thread. Memory: what is read lives in the caller's arena.
 */
#ifndef LISTEN_CORRECTION_H
#define LISTEN_CORRECTION_H

#include "listen/archive/archive.h"

enum {
    CORRECTIONS_MAX = 200,            /* of one query: reject */
    CORRECTION_TERM_BYTES_MAX = 1000, /* of a term, of a context: reject */
    CORRECTION_PARTS_MAX = 16         /* places in one post; further ones are read as they are */
};
/* About what "great" adds in an English tweet (docs/models.md). */
#define CORRECTION_LEAN 2.5

struct correction {
    Str term, context; /* context may be empty */
    enum post_polarity mood;
};

/* ---- store ----------------------------------------------------------------------------------- */

struct correction_list {
    int64_t version; /* 0: there never was one */
    int64_t at_ms, applied_at_ms;
    Str actor, reason;
    struct correction *items; /* in order */
    size_t count;
};
/* The last version. */
bool correction_read(struct arena *arena, struct db *state, int64_t query,
                     struct correction_list *out, struct err *err) MUST_CHECK;
/* All versions, newest first, without their items. */
bool correction_versions(struct arena *arena, struct db *state, int64_t query,
                         struct correction_list **out, size_t *count, struct err *err) MUST_CHECK;

/* Are they right? *wrong is the index of the first one that is not (count: the list is too long);
 * ERR_INPUT says what and where. */
bool correction_check(struct db *state, const struct correction *items, size_t count, size_t *wrong,
                      struct err *err) MUST_CHECK;
/* A new version with its entry in the ledger when they differ from the last, else nothing. */
bool correction_save(struct db *state, int64_t query, const struct correction *items, size_t count,
                     Str actor, Str reason, int64_t now_ms, struct err *err) MUST_CHECK;

/* The version under which all of the query's history was rated, 0: without corrections. */
bool correction_applied(struct db *state, int64_t query, int64_t *version,
                        struct err *err) MUST_CHECK;
/* The last version, applied or not; 0: there is none. */
bool correction_latest(struct db *state, int64_t query, int64_t *version,
                       struct err *err) MUST_CHECK;
/* History was matched again, under the versions that were the last ones at `started_ms`. */
bool correction_set_applied(struct db *state, int64_t started_ms, int64_t now_ms,
                            struct err *err) MUST_CHECK;
/* Hash of the last versions of a query or (0) of all: part of what a post was matched against. */
bool correction_mark(struct db *state, int64_t query, uint64_t *mark, struct err *err) MUST_CHECK;

/* ---- use ------------------------------------------------------------------------------------- */

struct correction_set;
/* The last versions of all queries; NULL in *out when there is none. */
bool correction_set_load(struct correction_set **out, struct db *state, struct err *err) MUST_CHECK;
/* Of one query, as given: to see what they would do. */
bool correction_set_make(struct correction_set **out, struct db *state, int64_t query,
                         const struct correction *items, size_t count, struct err *err) MUST_CHECK;
struct correction_set *correction_set_acquire(struct correction_set *set); /* NULL-safe */
void correction_set_release(struct correction_set **set);                  /* NULL-safe */

struct corrector;
bool corrector_create(struct corrector **out, struct correction_set *set,
                      struct err *err) MUST_CHECK;
void corrector_destroy(struct corrector **c); /* NULL-safe */
const struct correction_set *corrector_set(const struct corrector *c);

/* The post under each of the queries, ascending ids: *moods lives in the arena, parallel to them,
 * with POST_POLARITY_UNKNOWN where nothing is corrected; NULL where that is so for all. `tokens`
 * are the post's; `lang` ISO 639 or empty. */
bool corrector_run(struct corrector *c, const struct post *post, const struct post_tokens *tokens,
                   Str lang, const int64_t *queries, size_t count, struct arena *arena,
                   const enum post_polarity **moods, struct err *err) MUST_CHECK;

/* The post as it is read under one query, for explaining. */
struct corrected_part {
    bool is_title;
    uint32_t from, to; /* bytes in the post's title or text */
    double lean;       /* added to the log-odds of positive against negative; 0: passed over */
};
struct corrected_text {
    Str title, text;              /* with blanks for the parts: places stay what they are */
    struct corrected_part *parts; /* title, then text, in order */
    size_t part_count;            /* 0 without is_whole: nothing is corrected */
    bool is_whole;                /* a member decides the mood of the whole post */
    enum post_polarity mood;      /* the answer, when anything is corrected */
};
bool corrector_read(struct corrector *c, const struct post *post, const struct post_tokens *tokens,
                    Str lang, int64_t query, struct arena *arena, struct corrected_text *out,
                    struct err *err) MUST_CHECK;

#endif
