/* word_index.h - the runs of one segment: which are in force, and making new ones.
 *
 * A segment's posts are in runs (word_run.h), but for the last few, which a search looks at one by
 * one. Runs are made after the transaction that stored their posts: killed in between, the posts
 * are simply not yet in a run. Runs of about the same size are merged, eight into one, so a post is
 * written a few times however many there are. A run names posts that were deleted or changed since;
 * word_stale says which.
 *
 * A run that is missing or broken is no loss: readers look at all posts of the segment, the writer
 * makes the runs anew.
 *
 * Threads: as the archive.
 */
#ifndef LISTEN_WORD_INDEX_H
#define LISTEN_WORD_INDEX_H

#include "listen/archive/archive.h"
#include "listen/index/word_run.h"

#define WORD_SEAL_POSTS      1024 /* posts not in a run before one is made of them */
#define WORD_SEAL_LAST_POSTS 64   /* the same when an import ends */
#define WORD_MERGE_RUNS      8    /* of one class of size or smaller: then they become one */
#define WORD_MERGE_LAST_RUNS 3    /* the same when an import ends: a search asks every run */

struct segment;

/* Runs that are open. Owned by a segment. */
struct word_runs {
    struct word_run *items[256];
    size_t count;
};
void word_runs_close(struct word_runs *runs);

/* Opens and closes runs until they are those of the table word_run. Inside a read transaction of
 * the segment. *is_whole false: a run cannot be read, every post is to be looked at. */
bool word_runs_load(struct archive *a, struct segment *s, bool *is_whole,
                    struct err *err) MUST_CHECK;
/* Documents of a run that no longer hold, as bits in the arena; NULL when there are none. */
bool word_runs_gone(struct segment *s, const struct word_run *run, struct arena *arena,
                    uint64_t **out, struct err *err) MUST_CHECK;

/* Runs in memory of the posts that are in no other, or of all when those are not whole. Inside a
 * read transaction. At most WORD_TAIL_POSTS_MAX: *is_complete false when there are more. */
#define WORD_TAIL_POSTS_MAX 1000000
bool word_tail_load(struct archive *a, struct segment *s, bool is_whole, bool *is_complete,
                    struct err *err) MUST_CHECK;

/* Makes a run of what is in none when that is at least `min_posts`, and merges. Outside of a
 * transaction, as the writer. */
bool word_index_settle(struct archive *a, struct segment *s, int64_t min_posts,
                       struct err *err) MUST_CHECK;
/* Writes every run anew that holds entries of deleted or changed posts: afterwards no file of the
 * segment's index has anything of a post that is not in the table. */
bool word_index_purge(struct archive *a, struct segment *s, struct err *err) MUST_CHECK;

#endif
