/* intake.h - what happens to every post before it is stored: words, queries, language, mood.
 *
 * The step between decoding and the archive, done by any number of workers: cut the post into words
 * once, find the standing queries it satisfies, identify its language and rate its sentiment. The
 * last two are done for posts that a query matched, and before matching when a query asks for them
 * (lang:, sentiment:).
 *
 * An intake is scratch of one thread. What it produces lives in the arena of the batch given. In
 * the steady state a post costs no allocation beside that arena.
 */
#ifndef LISTEN_INTAKE_H
#define LISTEN_INTAKE_H

#include "listen/archive/archive.h"
#include "listen/decode/decode.h"
#include "listen/match/match_swap.h"

struct intake;

/* The numbers of the set are the ids of its queries, ascending. */
bool intake_create(struct intake **out, struct query_set *set, struct err *err) MUST_CHECK;
void intake_destroy(struct intake **in); /* NULL-safe */

/* Makes what comes next be matched by the set that the holder publishes; one read as long as
 * nothing was swapped. On ERR_NO_MEMORY the set before stays in use. */
bool intake_follow(struct intake *in, struct query_set_holder *holder, struct err *err) MUST_CHECK;
/* The set in use; not acquired. */
const struct query_set *intake_set(const struct intake *in);

/* One post. Slices of *item that are not the post's live in `arena`. Words are only made for posts
 * that a query matched. */
bool intake_post(struct intake *in, const struct post *post, struct arena *arena,
                 struct archive_item *item, struct err *err) MUST_CHECK;

struct intake_items {
    VEC(struct archive_item);
    uint64_t matched_count;
};
/* All posts of a batch, in its order. Replaces the contents of *items. */
bool intake_batch(struct intake *in, struct decode_batch *batch, struct intake_items *items,
                  struct err *err) MUST_CHECK;

/* Mood of a whole post: title and text rated apart, weighed by the words that carried a mood. */
void intake_sentiment(const struct post *post, const struct post_tokens *tokens, Str lang,
                      enum post_polarity *polarity, double *compound);

#endif
