#include "web/upload_job.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/vec.h"
#include "flow/steer.h"
#include "listen/standing_query.h"
#include "listen/upload.h"
#include "os/clock.h"
#include "os/thread.h"

#define JOB_ARENA_BYTES_MAX (256 * MIB)

struct job {
    struct upload_jobs *jobs;
    struct arena memory;
    Str workspace, actor;
    int64_t upload;
    atomic_bool is_stopped;
    struct import_progress progress; /* guarded by the mutex */
};

struct upload_jobs {
    struct live_hub *hub;
    struct pool *pool;
    const struct method *method;
    struct mutex mutex; /* guards what follows */
    struct cond stirred;
    struct thread thread;
    bool is_stopping;
    struct {
        VEC(struct job *);
    } waiting; /* the first one runs */
};

struct upload_jobs *upload_jobs_create(struct live_hub *hub, struct pool *pool,
                                       const struct method *method)
{
    struct upload_jobs *jobs = mem_alloc(1, sizeof *jobs);

    jobs->hub = hub;
    jobs->pool = pool;
    jobs->method = method;
    mutex_init(&jobs->mutex);
    cond_init(&jobs->stirred);
    return jobs;
}

static void job_destroy(struct job *job)
{
    arena_deinit(&job->memory);
    mem_free(job);
}

void upload_jobs_stop(struct upload_jobs *jobs)
{
    mutex_lock(&jobs->mutex);
    jobs->is_stopping = true;
    vec_each (struct job *, job, &jobs->waiting)
        atomic_store(&(*job)->is_stopped, true);
    cond_broadcast(&jobs->stirred);
    mutex_unlock(&jobs->mutex);
    thread_join(&jobs->thread);
}

void upload_jobs_destroy(struct upload_jobs **p)
{
    struct upload_jobs *jobs = *p;

    if (!jobs)
        return;
    vec_each (struct job *, job, &jobs->waiting)
        job_destroy(*job);
    vec_deinit(&jobs->waiting);
    cond_deinit(&jobs->stirred);
    mutex_deinit(&jobs->mutex);
    mem_free(jobs);
    *p = NULL;
}

/* ---- one import ------------------------------------------------------------------------------ */

static void tell(const struct job *job, const struct import_progress *p)
{
    const struct intake_counts *c = &p->counts;
    char data[512];

    (void)snprintf(data, sizeof data,
                   "{\"upload\":%lld,\"read\":%llu,\"new\":%llu,\"updated\":%llu,"
                   "\"duplicate\":%llu,\"rejected\":%llu,\"matched\":%llu,\"done\":%llu,"
                   "\"total\":%llu,\"rate\":%.0f,\"left\":%.0f}",
                   (long long)job->upload, (unsigned long long)c->read,
                   (unsigned long long)c->added, (unsigned long long)c->updated,
                   (unsigned long long)c->duplicate, (unsigned long long)c->rejected,
                   (unsigned long long)c->matched, (unsigned long long)p->bytes_done,
                   (unsigned long long)p->bytes_total, p->posts_per_second, p->seconds_left);
    live_hub_post(job->jobs->hub, job->workspace, S("progress"), str_from_cstr(data));
}

static void on_progress(void *context, const struct import_progress *progress)
{
    struct job *job = context;

    mutex_lock(&job->jobs->mutex);
    job->progress = *progress;
    mutex_unlock(&job->jobs->mutex);
    tell(job, progress);
}

static void note_end(struct upload *u, const struct steer_result *result, const struct err *problem)
{
    u->finished_at_ms = clock_now_ms();
    if (problem->code == ERR_CANCELLED)
        u->state = UPLOAD_STOPPED;
    else if (problem->code != ERR_NONE) {
        u->state = UPLOAD_FAILED;
        u->problem = str_from_cstr(problem->msg);
    } else {
        u->state = UPLOAD_DONE;
        u->problem = STR_NONE;
        u->import = result->import.id;
        u->counts = result->import.counts;
        u->seconds = result->import.seconds;
    }
}

static bool run(struct job *job, struct workspace *w, struct arena *arena, struct err *err)
{
    struct upload u;
    struct steer_result result = {0};
    struct err problem = {0};
    uint64_t revision = 0;

    if (!upload_read(arena, w->state, job->upload, &u, err) ||
        !standing_set_revision(w->state, &revision, err))
        return false;
    Str path = upload_path(arena, w, u.id);
    struct import_job import = {.workspace = w,
                                .paths = &path,
                                .path_count = 1,
                                .options = upload_options(&u),
                                .now_ms = u.created_at_ms, /* the same for every import of it */
                                .actor = job->actor,
                                .stop = &job->is_stopped,
                                .progress = on_progress,
                                .context = job};
    (void)!steer_import(arena, job->jobs->method, &import, &result, &problem);
    note_end(&u, &result, &problem);
    u.query_set = (int64_t)revision;
    return upload_write(w->state, &u, err);
}

static void run_job(struct job *job)
{
    struct workspace *w = NULL;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena, JOB_ARENA_BYTES_MAX);
    if (!workspace_open(&w, pool_data_dir(job->jobs->pool), job->workspace, &err) ||
        !run(job, w, &arena, &err))
        log_err(LOG_ERROR, "upload.failed", &err);
    workspace_close(&w);
    arena_deinit(&arena);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void jobs_main(void *context)
{
    struct upload_jobs *jobs = context;

    mutex_lock(&jobs->mutex);
    for (;;) {
        while (!jobs->is_stopping && jobs->waiting.count == 0)
            cond_wait(&jobs->stirred, &jobs->mutex);
        if (jobs->is_stopping)
            break;
        struct job *job = jobs->waiting.items[0];
        mutex_unlock(&jobs->mutex);
        run_job(job);
        mutex_lock(&jobs->mutex);
        for (size_t i = 1; i < jobs->waiting.count; i++) /* in order of their coming */
            jobs->waiting.items[i - 1] = jobs->waiting.items[i];
        jobs->waiting.count--;
        mutex_unlock(&jobs->mutex);
        live_hub_post(jobs->hub, job->workspace, S("imports"), S("{}"));
        job_destroy(job);
        mutex_lock(&jobs->mutex);
    }
    mutex_unlock(&jobs->mutex);
}

static struct job *find(struct upload_jobs *jobs, Str workspace, int64_t upload)
{
    ASSERT(mutex_held(&jobs->mutex));
    vec_each (struct job *, job, &jobs->waiting)
        if ((*job)->upload == upload && str_eq((*job)->workspace, workspace))
            return *job;
    return NULL;
}

static bool enqueue(struct upload_jobs *jobs, struct job *job, struct err *err)
{
    ASSERT(mutex_held(&jobs->mutex));
    if (jobs->is_stopping)
        return err_set(err, ERR_UNAVAILABLE, "the server is stopping");
    if (jobs->waiting.count >= UPLOAD_JOBS_MAX)
        return err_set(err, ERR_BUSY, "%d imports are waiting", UPLOAD_JOBS_MAX) ||
               err_hint(err, "Try again when some are done.");
    if (!jobs->thread.is_running &&
        !thread_create(&jobs->thread, "web.import", jobs_main, jobs, err))
        return false;
    vec_push(&jobs->waiting, job);
    cond_signal(&jobs->stirred);
    return true;
}

bool upload_jobs_add(struct upload_jobs *jobs, Str workspace, int64_t upload, Str actor,
                     struct err *err)
{
    struct job *job = mem_alloc(1, sizeof *job);

    job->jobs = jobs;
    arena_init(&job->memory, 16 * 1024);
    job->workspace = arena_str(&job->memory, workspace);
    job->actor = arena_str(&job->memory, actor);
    job->upload = upload;
    job->progress.seconds_left = -1;
    mutex_lock(&jobs->mutex);
    bool is_known = find(jobs, workspace, upload) != NULL;
    bool ok = is_known || enqueue(jobs, job, err);
    mutex_unlock(&jobs->mutex);
    if (is_known || !ok)
        job_destroy(job);
    return ok;
}

bool upload_jobs_find(struct upload_jobs *jobs, Str workspace, int64_t upload,
                      struct import_progress *progress)
{
    mutex_lock(&jobs->mutex);
    const struct job *job = find(jobs, workspace, upload);
    if (job)
        *progress = job->progress;
    mutex_unlock(&jobs->mutex);
    return job != NULL;
}

void upload_jobs_cancel(struct upload_jobs *jobs, Str workspace, int64_t upload)
{
    mutex_lock(&jobs->mutex);
    struct job *job = find(jobs, workspace, upload);
    if (job)
        atomic_store(&job->is_stopped, true);
    mutex_unlock(&jobs->mutex);
}
