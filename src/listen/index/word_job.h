/* word_job.h - the making of one run: from posts of a segment, or from several of its runs.
 *
 * A job is planned by the writer, who gives it the id of its run before it begins (word_index.h),
 * and done with the connection of whoever does it: the writer, or a thread beside it
 * (word_worker.h). It changes nothing but the file of the run; the writer puts that in force.
 *
 * What is deleted or changed from the moment the id was given is marked with that id or a larger
 * one, so it does not matter when exactly a job looks at the tables.
 *
 * Threads: a desk belongs to one thread.
 */
#ifndef LISTEN_WORD_JOB_H
#define LISTEN_WORD_JOB_H

#include "base/limits.h"
#include "listen/archive/archive_priv.h"
#include "listen/index/word_build.h"
#include "os/file.h"

enum word_job_kind { WORD_BUILD, WORD_MERGE };

/* Posts that are in no run. */
struct word_part {
    int64_t from, to; /* ids (from, to] */
    int64_t stale_to; /* and changed ones that wait, up to this id */
    int64_t posts;    /* about how many these are */
};

struct word_job {
    enum word_job_kind kind;
    int segment; /* index in the writer's archive */
    int32_t month;
    int64_t run;
    struct word_part part;
    int64_t inputs[WORD_MERGE_MAX]; /* ids of runs */
    size_t input_count;
    /* Out: of the new run. 0 documents: there is no file. */
    uint64_t docs, bytes;
    bool is_unreadable; /* an input cannot be read; nothing was made */
    struct err err;
};

/* What one thread needs for its jobs; made when first needed. */
struct word_desk {
    struct word_builder *builder;
    struct post_tokens tokens;
    struct arena row;
};
void word_desk_deinit(struct word_desk *desk); /* safe on a zeroed one */

/* The file of a run. */
Str word_run_path(const struct archive *a, int32_t month, int64_t run,
                  char path[FILE_PATH_BYTES_MAX]);

/* Does the job with the segment of `a`; a failure is in job->err and returned. */
bool word_job_run(struct word_desk *desk, struct archive *a, struct segment *s,
                  struct word_job *job) MUST_CHECK;

/* The posts of a part into the desk's builder, which is emptied before. Waiting posts only where
 * they were marked before the id `run` was given. */
bool word_desk_fill(struct word_desk *desk, struct archive *a, struct segment *s,
                    const struct word_part *part, int64_t run, struct err *err) MUST_CHECK;

#endif
