/* word_index.h - the runs of one segment: which are in force, and when new ones are made.
 *
 * A segment's posts are in runs (word_run.h), but for the last few, which a search indexes in
 * memory. Runs are made after the transaction that stored their posts, by threads beside the writer
 * (word_worker.h) who goes on meanwhile; killed before one is put in force, its posts are simply
 * not yet in a run. Runs of about the same size are merged, eight into one, so a post is written a
 * few times however many there are.
 *
 *     planned: the run gets its id ─► made: a file (word_job.h) ─► in force: a row of word_run
 *
 * A run names posts that were deleted or changed since its id was given; word_stale says which, and
 * since when. They are passed over, and taken out of the file by the next merge, at once when
 * somebody is erased, and within WORD_STALE_HOURS_MAX wherever somebody writes.
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

struct word_workers;
struct word_desk;
struct word_part;

#define WORD_SEAL_POSTS      1024 /* posts not in a run before one is made of them */
#define WORD_SEAL_LAST_POSTS 64   /* the same when an import ends */
#define WORD_MERGE_RUNS      8    /* of one class of size or smaller: then they become one */
#define WORD_MERGE_LAST_RUNS 3    /* the same when an import ends: a search asks every run */
#define WORD_BESIDE_POSTS    1024 /* a smaller run is made by the writer himself */
/* Posts whose run is being made or is next: then the writer waits, since a search has to index them
 * in memory. */
#define WORD_WAITING_POSTS_MAX 65536

struct segment;

/* Runs that are open. Owned by a segment. */
struct word_runs {
    struct word_run *items[256];
    size_t count;
};
void word_runs_close(struct word_runs *runs);
/* NULL: not open. */
struct word_run *word_runs_find(const struct word_runs *runs, int64_t id);

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

/* What is in no run: of the segment as the connection sees it. */
bool word_part_count(struct segment *s, struct word_part *part, struct err *err) MUST_CHECK;

/* The writer's part of making runs, in the archive. */
struct word_making {
    struct word_workers *workers; /* NULL: not needed yet */
    struct word_desk *desk;       /* for what the writer does himself */
    bool is_last;                 /* an import ended: small runs too */
};

/* After something was written, outside of a transaction: puts in force what is made and begins what
 * is due. Waits only when more than WORD_WAITING_POSTS_MAX posts wait for their runs. `is_last`: an
 * import ends. */
bool word_index_step(struct archive *a, bool is_last, struct err *err) MUST_CHECK;
/* Waits until nothing is being made. */
bool word_index_drain(struct archive *a, struct err *err) MUST_CHECK;
/* Finishes what the end of an import began, gives up anything else, and stops the threads. */
void word_index_close(struct archive *a);

/* Writes every run anew that holds entries of deleted or changed posts: afterwards no file of the
 * segment's index has anything of a post that is not in the table. */
bool word_index_purge(struct archive *a, struct segment *s, struct err *err) MUST_CHECK;
/* The same for all segments where something was deleted or changed before the time given. */
bool word_index_purge_old(struct archive *a, int64_t before_s, struct err *err) MUST_CHECK;

#endif
