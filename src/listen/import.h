/* import.h - files of posts into a workspace: decoded, matched, stored, measured.
 *
 * One thread reads and cuts (decode.h), workers decode and match (intake.h), the calling thread
 * writes (archive.h). Blocks pass through a fixed pool, so memory does not grow with the input and
 * a slow writer holds the reader back. What is written, and in which order, depends on the input
 * alone, never on the number of workers. At the end the changed measures are published as signals
 * (measure.h) and the posts seen for the first time are looked through for trends (trend_watch.h);
 * only then the import counts as finished.
 *
 * Killed at any moment, the same call goes on from its last checkpoint and ends with the same
 * counts, mentions and sums as an undisturbed one: what a segment has taken in is marked inside the
 * segment (archive.h), how far the import came is kept in state.db. "The same call" means the same
 * files (name, size, first bytes), options and queries; anything else starts anew, which posts
 * already stored survive as duplicates. Standard input always starts anew.
 *
 * Rejected rows are kept in state.db with their reason, and as they came in
 * <workspace>/rejects/import-<id>-<input>.txt, ready to be mended and imported; beside it
 * import-<id>-<input>.reasons.txt says "file:line: reason" for each.
 */
#ifndef LISTEN_IMPORT_H
#define LISTEN_IMPORT_H

#include <stdatomic.h>

#include "ledger/workspace.h"
#include "listen/decode/decode.h"
#include "listen/measure/trend_watch.h"

#define IMPORT_INPUTS_MAX       100000 /* files of one import: reject */
#define IMPORT_WORKERS_MAX      64
#define IMPORT_REJECTS_KEPT_MAX 100000 /* rows of one import; further ones are only counted */

struct intake_counts {
    uint64_t read;      /* rows: posts and rejected ones */
    uint64_t added;     /* posts seen for the first time */
    uint64_t updated;   /* posts known with other content */
    uint64_t duplicate; /* posts known with this content, or deleted before */
    uint64_t deleted;   /* delete events that removed something */
    uint64_t rejected;
    uint64_t matched; /* posts that at least one query matched, new or not */
    uint64_t ignored; /* records that are no posts: likes, follows, notices; not among the read */
};

struct import_progress {
    struct intake_counts counts;
    uint64_t bytes_done, bytes_total; /* of the files as they lie there; total 0 = not known */
    double seconds;
    double posts_per_second;
    double seconds_left; /* below 0: not known */
    bool is_resumed;
};

struct import_reject {
    Str path;
    uint64_t line;
    Str reason;
};

struct import_job {
    struct workspace *workspace; /* of the calling thread */
    /* Its posts, open for writing and shared by several imports; after one that failed it has to be
     * closed. NULL: opened for this import alone. */
    struct archive *archive;
    struct trend_watch *trends; /* the owner's, likewise; NULL: taken up for this import alone */
    const Str *paths;           /* "-" is standard input */
    size_t path_count;
    struct decode_options options;
    unsigned worker_count;   /* 0: one for each processor */
    int64_t now_ms;          /* time of this import, for posts without one */
    Str actor;               /* for the ledger */
    const atomic_bool *stop; /* may be NULL; set: the import ends with ERR_CANCELLED, resumable */
    /* Called by the calling thread, at most ten times a second; may be NULL. */
    void (*progress)(void *context, const struct import_progress *progress);
    /* Called for every rejected row, in the order of the input; may be NULL. */
    void (*rejected)(void *context, const struct import_reject *reject);
    /* Called for every file that is not in UTF-8 before its rows; may be NULL. */
    void (*converted)(void *context, Str path, enum charset charset);
    void *context;
};

struct import_result {
    int64_t id;
    struct intake_counts counts;
    uint64_t points;   /* of signals that were published */
    bool is_published; /* else nothing came, and no query is new */
    struct trend_watched trends;
    double seconds;
    bool is_resumed; /* went on from a checkpoint of an earlier call */
};

/* All are regular files without a byte: an import of them needs no archive. */
bool import_is_empty(const Str *paths, size_t count);
/* ERR_BUSY: another import is writing. ERR_NOT_FOUND, ERR_INPUT: a file; nothing was changed. */
bool import_run(const struct import_job *job, struct import_result *result,
                struct err *err) MUST_CHECK;

#endif
