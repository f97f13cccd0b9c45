/* standing_query.h - saved queries of a workspace: named, versioned, matched against every post.
 *
 * They live in state.db. Changing the text makes a new version; earlier ones stay readable. Every
 * change writes its ledger entry in the same transaction. A text with an error of the grammar is
 * refused (ERR_INPUT with place and fix); @@name refers to another standing query.
 *
 * Threads: as the connection. Memory: what is read lives in the caller's arena.
 */
#ifndef LISTEN_STANDING_QUERY_H
#define LISTEN_STANDING_QUERY_H

#include "db/db.h"
#include "listen/match/match_swap.h"

#define STANDING_QUERY_NAME_BYTES_MAX  100
#define STANDING_QUERY_TITLE_BYTES_MAX 200

struct standing_query {
    int64_t id;
    Str name;  /* a-z 0-9 . _ - : what @@name means */
    Str title; /* for people; the name when empty */
    Str text;
    int version; /* of the text, from 1 */
    bool is_active;
    int64_t created_at_ms, changed_at_ms;
};

/* May a query of this name (empty: none) have this text? ERR_INPUT with place and fix. */
bool standing_query_check(struct db *db, Str name, Str text, struct err *err) MUST_CHECK;
/* Needs name and text; sets id, version and times. ERR_EXISTS: the name is taken. */
bool standing_query_create(struct db *db, struct standing_query *query, Str actor, int64_t now_ms,
                           struct err *err) MUST_CHECK;
/* A new version when the text differs, else nothing. ERR_NOT_FOUND. */
bool standing_query_change(struct db *db, int64_t id, Str text, Str actor, Str reason,
                           int64_t now_ms, struct err *err) MUST_CHECK;
/* An inactive query is not matched; its mentions go at the next rematch. */
bool standing_query_activate(struct db *db, int64_t id, bool is_active, Str actor, int64_t now_ms,
                             struct err *err) MUST_CHECK;
bool standing_query_find(struct arena *arena, struct db *db, Str name, struct standing_query *out,
                         struct err *err) MUST_CHECK;
bool standing_query_read(struct arena *arena, struct db *db, int64_t id, struct standing_query *out,
                         struct err *err) MUST_CHECK;
/* Earlier and present wordings, the latest first. */
struct standing_query_version {
    int version;
    Str text, actor;
    int64_t at_ms;
};
bool standing_query_versions(struct arena *arena, struct db *db, int64_t id,
                             struct standing_query_version **out, size_t *count,
                             struct err *err) MUST_CHECK;

/* The queries that name it by @@name, in order of the id. */
bool standing_query_referrers(struct arena *arena, struct db *db, Str name,
                              struct standing_query **out, size_t *count,
                              struct err *err) MUST_CHECK;
/* It stands no more: not listed, not matched, its name is free. What was found and measured stays,
 * its mentions until the next rematch. ERR_CONFLICT: another query names it, or an alert rule that
 * is on watches it. ERR_NOT_FOUND. */
bool standing_query_remove(struct db *db, int64_t id, Str actor, Str reason, int64_t now_ms,
                           struct err *err) MUST_CHECK;

/* The reason of changes that a file of queries brought: ours, so that pages say it in their
 * language. */
extern const char standing_query_from_file[];

/* In order of the id. */
bool standing_query_list(struct arena *arena, struct db *db, struct standing_query **out,
                         size_t *count, struct err *err) MUST_CHECK;

/* All active queries, compiled. The numbers of the set are their ids, which ascend; its mark is a
 * hash of ids and versions, those of corrections too, which tells whether something has to be
 * matched again; attached are their corrections (struct correction_set), if there are any. The
 * caller releases it (query_set_release()). */
bool standing_set_create(struct query_set **out, struct db *db, struct err *err) MUST_CHECK;
/* Compiles them and swaps them in. */
bool standing_set_publish(struct query_set_holder *holder, struct db *db,
                          struct err *err) MUST_CHECK;
/* A number that differs once a query was added, changed, switched, removed or corrected: cheap
 * to ask for. */
bool standing_set_revision(struct db *db, uint64_t *revision, struct err *err) MUST_CHECK;

/* Looks names up in the table: for query_parse() and the like. The context is reused by one thread
 * and must outlive the parse. */
struct standing_names {
    struct db *db;
    struct arena *arena;
};
struct query_resolver standing_resolver(struct standing_names *names);

#endif
