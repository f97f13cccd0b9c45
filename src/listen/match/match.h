/* match.h - which of many standing queries does a post satisfy?
 *
 * A query set is compiled once and immutable after that. Each query is filed under the rarest word
 * (or member of the post, or group of alternatives) that must be there; a post touches only the
 * queries filed under what it holds, most of those are refused by a second required part, and what
 * is left is verified by a small program over the post's words. A query without any such part is
 * verified for every post. The set answers exactly as query_matches() does (query_eval.h), which
 * the differential test holds it to.
 *
 *     struct query_set *set; struct match_scratch *scratch;
 *     query_set_create(&set, items, count, &options, report, context, &err);
 *     match_scratch_create(&scratch, set, &err);                    one per thread
 *     post_tokens_fill(&tokens, &post, &err);
 *     match_post(scratch, &post, &tokens, &ordinals, &count, &err);
 *
 * Threads: the set may be shared by any number of threads; acquire and release count references, so
 * that a new set can be swapped in while the old one is still in use. A scratch belongs to one
 * thread and holds a reference to its set. In the steady state match_post() allocates nothing.
 */
#ifndef LISTEN_MATCH_H
#define LISTEN_MATCH_H

#include "listen/post_tokens.h"
#include "listen/query/query.h"

struct query_set_item {
    Str id;   /* the name under which @@name finds it */
    Str text; /* the query */
};

/* How often words occur in the stream that the set will see: chooses which required word is the
 * rarest. Optional; without it the queries themselves are counted. Filled by one thread. */
struct match_prior;
bool match_prior_create(struct match_prior **out, struct err *err) MUST_CHECK;
void match_prior_destroy(struct match_prior **prior); /* NULL-safe */
/* Counts the words of one post; stops counting when its table is full. */
void match_prior_add(struct match_prior *prior, const struct post_tokens *tokens);

struct query_set_options {
    struct match_prior *prior;             /* or NULL; not kept */
    const struct query_resolver *resolver; /* for names that are no item's id; or NULL */
    const int64_t *numbers; /* the caller's own for each item, copied; NULL: the ordinals */
    uint64_t mark;          /* the caller's name for the set as a whole */
};

/* Called for each item that has problems; `problems` and its texts die when it returns. An item
 * with errors is left out of the set and keeps its ordinal. */
typedef void query_set_report(void *context, size_t ordinal, const struct query_problems *problems);

/* What posts must be measured for before they are matched (post_tokens.h). */
enum query_set_need { QUERY_SET_NEEDS_LANG = 1, QUERY_SET_NEEDS_SENTIMENT = 2 };

struct query_set_stats {
    size_t query_count;     /* in the set */
    size_t refused_count;   /* items left out */
    size_t term_count;      /* distinct words and members */
    size_t pattern_count;   /* of which wildcards and fuzzy words */
    size_t unindexed_count; /* queries verified for every post */
    size_t memory_bytes;
    unsigned needs; /* query_set_need */
};

struct query_set;
/* Copies everything it keeps. `report` may be NULL. Fails with ERR_LIMIT and ERR_NO_MEMORY. */
bool query_set_create(struct query_set **out, const struct query_set_item *items, size_t count,
                      const struct query_set_options *options, query_set_report *report,
                      void *context, struct err *err) MUST_CHECK;
struct query_set *query_set_acquire(struct query_set *set);
void query_set_release(struct query_set **set); /* NULL-safe; sets *set = NULL */
const struct query_set_stats *query_set_stats(const struct query_set *set);
/* By ordinal, as given in the options: what travels with a set when it is swapped. */
const int64_t *query_set_numbers(const struct query_set *set);
uint64_t query_set_mark(const struct query_set *set);
/* Hands the set something of the caller's that travels with it too, before it is shared; released
 * with it. Once. */
void query_set_attach(struct query_set *set, void *attachment, void (*release)(void *attachment));
void *query_set_attachment(const struct query_set *set); /* NULL: none */

struct match_scratch;
bool match_scratch_create(struct match_scratch **out, struct query_set *set,
                          struct err *err) MUST_CHECK;
void match_scratch_destroy(struct match_scratch **scratch); /* NULL-safe */

/* The set it belongs to; not acquired. */
const struct query_set *match_scratch_set(const struct match_scratch *scratch);

/* The ordinals of the items that the post satisfies, ascending; they point into the scratch and die
 * at its next call. Fails only with ERR_NO_MEMORY, on growing the scratch. */
bool match_post(struct match_scratch *scratch, const struct post *post,
                const struct post_tokens *tokens, const uint32_t **ordinals, size_t *count,
                struct err *err) MUST_CHECK;

struct match_stats {
    uint64_t posts, touched, verified, matched; /* queries: filed under a present part, verified */
};
struct match_stats match_scratch_stats(const struct match_scratch *scratch);

#endif
