/* word_worker.h - threads that make runs of words while the writer writes.
 *
 * One thread builds runs of new posts, one merges: a long merge holds nobody up. Each reads through
 * connections of its own. Jobs come back when they are done, to be put in force by the writer.
 *
 * Threads: the owner is one thread, the writer of the archive.
 */
#ifndef LISTEN_WORD_WORKER_H
#define LISTEN_WORD_WORKER_H

#include "listen/index/word_job.h"

struct word_workers;

/* `posts_dir` is copied. */
bool word_workers_create(struct word_workers **out, Str posts_dir, struct err *err) MUST_CHECK;
/* NULL-safe. Jobs at hand are finished, others dropped; what is not taken is gone, its files stay
 * as strays that the next writer removes. */
void word_workers_destroy(struct word_workers **w);

/* Takes the job over. */
bool word_workers_push(struct word_workers *w, struct word_job *job, struct err *err) MUST_CHECK;
/* The next finished one, owned by the caller (mem_free()). NULL: none is finished; with `wait`:
 * none is left. job->err has its failure. */
struct word_job *word_workers_take(struct word_workers *w, bool wait);

#endif
