/* upload_job.h - imports of uploaded files beside the pages: one after the other, with progress.
 *
 * One thread for the server, started with its first job. Where an import stands is told to open
 * pages as "progress" events (live/live_hub.h) and to whoever asks. An import that is stopped, or
 * cut off with the program, goes on from its last checkpoint when it is begun again.
 *
 * Threads: any.
 */
#ifndef WEB_UPLOAD_JOB_H
#define WEB_UPLOAD_JOB_H

#include "listen/import.h"
#include "strategy/method/method.h"
#include "web/live/live_hub.h"
#include "web/pool.h"

enum { UPLOAD_JOBS_MAX = 100 }; /* waiting: ERR_BUSY */

struct upload_jobs;

/* Hub, pool and method have to outlive it. */
struct upload_jobs *upload_jobs_create(struct live_hub *hub, struct pool *pool,
                                       const struct method *method);
/* Stops what runs and waits for it; takes nothing more (ERR_UNAVAILABLE). */
void upload_jobs_stop(struct upload_jobs *jobs);
/* After upload_jobs_stop(), when nobody asks any more. NULL-safe. */
void upload_jobs_destroy(struct upload_jobs **jobs);

/* The upload is in state UPLOAD_IMPORTING; the job leads it out of that. Asking twice is one job.
 */
bool upload_jobs_add(struct upload_jobs *jobs, Str workspace, int64_t upload, Str actor,
                     struct err *err) MUST_CHECK;
/* False: it neither waits nor runs. *progress is zero while it waits. */
bool upload_jobs_find(struct upload_jobs *jobs, Str workspace, int64_t upload,
                      struct import_progress *progress);
void upload_jobs_cancel(struct upload_jobs *jobs, Str workspace, int64_t upload);

#endif
