#include "listen/index/word_worker.h"

#include "base/limits.h"
#include "os/queue.h"
#include "os/thread.h"

#define JOBS_MAX (2 * ARCHIVE_SEGMENTS_MAX) /* one of each kind and segment */

struct lane {
    struct word_workers *owner;
    struct queue *jobs;
    struct thread thread;
};

struct word_workers {
    struct arena memory;
    Str dir;
    struct lane lanes[2]; /* by word_job_kind */
    struct queue *done;
    size_t in_flight; /* the owner's: pushed and not taken */
    atomic_bool is_stopping;
};

static bool lane_work(struct lane *lane, struct archive **reader, struct word_desk *desk,
                      struct word_job *job)
{
    struct segment *s;
    int index;

    if (atomic_load(&lane->owner->is_stopping))
        return err_set(&job->err, ERR_CANCELLED, "the index of words is given up");
    return (*reader || archive_open(reader, lane->owner->dir, ARCHIVE_READ, &job->err)) &&
           segment_at(*reader, job->month, true, &index, &job->err) &&
           segment_use(*reader, index, &s, &job->err) && word_job_run(desk, *reader, s, job);
}

static void lane_main(void *context)
{
    struct lane *lane = context;
    struct archive *reader = NULL;
    struct word_desk desk = {0};
    void *item, *dropped;

    while (queue_pop(lane->jobs, &item) == QUEUE_OK) {
        (void)lane_work(lane, &reader, &desk, item); /* the failure is in the job */
        if (queue_push(lane->owner->done, item, &dropped) != QUEUE_OK)
            mem_free(item);
    }
    word_desk_deinit(&desk);
    archive_close(&reader);
}

bool word_workers_create(struct word_workers **out, Str posts_dir, struct err *err)
{
    static const char *const names[] = {[WORD_BUILD] = "words", [WORD_MERGE] = "words-merge"};
    struct word_workers *w = mem_try_alloc(1, sizeof *w);

    if (!w)
        return err_set(err, ERR_NO_MEMORY, "no memory for an index of words");
    arena_init(&w->memory, 4 * FILE_PATH_BYTES_MAX);
    atomic_init(&w->is_stopping, false);
    bool ok = arena_try_str(&w->memory, posts_dir, &w->dir) || err_arena(err, &w->memory);
    ok = ok && queue_create(&w->done, JOBS_MAX, QUEUE_BLOCK, err);
    for (size_t i = 0; ok && i < COUNT_OF(w->lanes); i++) {
        w->lanes[i].owner = w;
        ok = queue_create(&w->lanes[i].jobs, JOBS_MAX, QUEUE_BLOCK, err) &&
             thread_create(&w->lanes[i].thread, names[i], lane_main, &w->lanes[i], err);
    }
    if (!ok)
        word_workers_destroy(&w);
    *out = w;
    return ok;
}

void word_workers_destroy(struct word_workers **p)
{
    struct word_workers *w = *p;
    void *item;

    if (!w)
        return;
    atomic_store(&w->is_stopping, true);
    for (size_t i = 0; i < COUNT_OF(w->lanes); i++)
        if (w->lanes[i].jobs)
            queue_close(w->lanes[i].jobs);
    for (size_t i = 0; i < COUNT_OF(w->lanes); i++) {
        thread_join(&w->lanes[i].thread);
        queue_destroy(&w->lanes[i].jobs);
    }
    while (w->done && queue_pop_ms(w->done, &item, 0) == QUEUE_OK)
        mem_free(item);
    queue_destroy(&w->done);
    arena_deinit(&w->memory);
    mem_free(w);
    *p = NULL;
}

bool word_workers_push(struct word_workers *w, struct word_job *job, struct err *err)
{
    void *dropped;

    if (queue_push(w->lanes[job->kind].jobs, job, &dropped) != QUEUE_OK) {
        mem_free(job);
        return err_set(err, ERR_CANCELLED, "the index of words is given up");
    }
    w->in_flight++;
    return true;
}

struct word_job *word_workers_take(struct word_workers *w, bool wait)
{
    void *item;

    if (w->in_flight == 0 ||
        (wait ? queue_pop(w->done, &item) : queue_pop_ms(w->done, &item, 0)) != QUEUE_OK)
        return NULL;
    w->in_flight--;
    return item;
}
