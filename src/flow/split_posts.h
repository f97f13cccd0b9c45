/* split_posts.h - a file of posts cut in time: what was before a decision, and what came after it.
 *
 * Reads any format that decode.h knows and writes native JSON Lines: <dir>/posts.jsonl with the
 * posts before `cut_ms`, and <dir>/after-YYYY-MM-DD.jsonl with those from then on, one file for
 * each `step_days`, named by its first day. So a recorded stream can be replayed through the same
 * import as a live one. Posts keep the order of the input; rows that cannot be read and posts
 * without a time are counted and left out.
 */
#ifndef FLOW_SPLIT_POSTS_H
#define FLOW_SPLIT_POSTS_H

#include <stdatomic.h>

#include "base/arena.h"

#define SPLIT_FILES_MAX 4000 /* steps after the cut: reject */

struct split_plan {
    Str path, directory;
    int64_t cut_ms; /* 0: three quarters of the time between the first and the last post */
    int64_t step_days;
    const atomic_bool *stop; /* may be NULL; set: ERR_CANCELLED */
};

struct split_counts {
    uint64_t before, after, left_out;
    int64_t first_ms, cut_ms, last_ms;
};

/* Existing after-*.jsonl files of the directory are removed first. */
bool split_posts(const struct split_plan *plan, struct split_counts *counts,
                 struct err *err) MUST_CHECK;

#endif
