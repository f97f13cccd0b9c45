#include "web/download.h"

#include <microhttpd.h>
#include <string.h>

#include "base/log.h"
#include "os/thread.h"
#include "web/server_priv.h"

#define BLOCK_BYTES (64 * 1024) /* asked of the buffer at a time */

struct download {
    struct download_job job;
    struct MHD_Connection *connection;
    struct thread thread;
    struct mutex mutex; /* guards what follows */
    struct cond moved;
    struct buf filling, draining; /* the work's and the connection's */
    size_t drained;
    bool is_paused; /* the connection is suspended */
    bool is_gone;   /* nobody reads any more */
    bool is_done, is_failed;
};

/* A download is in the list from its opening until its thread was joined. */
struct downloads {
    struct mutex mutex; /* guards what follows */
    bool is_stopping;
    struct {
        VEC(struct download *);
    } all;
};

struct downloads *downloads_create(void)
{
    struct downloads *downloads = mem_alloc(1, sizeof *downloads);

    mutex_init(&downloads->mutex);
    return downloads;
}

static void download_destroy(struct download *d)
{
    thread_join(&d->thread);
    d->job.drop(d->job.context);
    buf_deinit(&d->filling);
    buf_deinit(&d->draining);
    cond_deinit(&d->moved);
    mutex_deinit(&d->mutex);
    mem_free(d);
}

/* With the mutex held: the connection reads on. */
static void wake(struct download *d)
{
    ASSERT(mutex_held(&d->mutex));
    if (d->is_paused)
        MHD_resume_connection(d->connection);
    d->is_paused = false;
}

static void leave(struct download *d)
{
    mutex_lock(&d->mutex);
    d->is_gone = true;
    d->is_paused = false; /* what was suspended is gone with it */
    cond_signal(&d->moved);
    mutex_unlock(&d->mutex);
}

static bool is_over(struct download *d)
{
    mutex_lock(&d->mutex);
    bool over = d->is_gone && d->is_done;
    mutex_unlock(&d->mutex);
    return over;
}

/* Of downloads that ended on both sides nothing is left but their thread. */
static void sweep(struct downloads *downloads)
{
    size_t kept = 0;

    ASSERT(mutex_held(&downloads->mutex));
    for (size_t i = 0; i < downloads->all.count; i++) {
        struct download *d = downloads->all.items[i];
        if (is_over(d))
            download_destroy(d);
        else
            downloads->all.items[kept++] = d;
    }
    downloads->all.count = kept;
}

void downloads_stop(struct downloads *downloads)
{
    mutex_lock(&downloads->mutex);
    downloads->is_stopping = true;
    vec_each (struct download *, d, &downloads->all) {
        mutex_lock(&(*d)->mutex);
        (*d)->is_failed = !(*d)->is_done;
        cond_signal(&(*d)->moved);
        mutex_unlock(&(*d)->mutex);
        thread_join(&(*d)->thread);
    }
    mutex_unlock(&downloads->mutex);
}

void downloads_destroy(struct downloads **p)
{
    struct downloads *downloads = *p;

    if (!downloads)
        return;
    vec_each (struct download *, d, &downloads->all)
        download_destroy(*d);
    vec_deinit(&downloads->all);
    mutex_deinit(&downloads->mutex);
    mem_free(downloads);
    *p = NULL;
}

/* ---- the work -------------------------------------------------------------------------------- */

bool download_put(struct download *d, Str bytes, struct err *err)
{
    mutex_lock(&d->mutex);
    while (d->filling.len > 0 && d->filling.len + bytes.len > DOWNLOAD_WAITING_BYTES_MAX &&
           !d->is_gone && !d->is_failed)
        cond_wait(&d->moved, &d->mutex);
    bool ok =
        (!d->is_gone && !d->is_failed) || err_set(err, ERR_CANCELLED, "nobody reads any more");
    if (ok) {
        buf_add(&d->filling, bytes);
        ok = buf_ok(&d->filling, err);
        wake(d);
    }
    mutex_unlock(&d->mutex);
    return ok;
}

static void run(void *context)
{
    struct download *d = context;
    struct err err = {0};
    bool ok = d->job.work(d, d->job.context, &err);

    if (!ok && err.code != ERR_CANCELLED)
        log_err(LOG_ERROR, "download.failed", &err);
    mutex_lock(&d->mutex);
    d->is_failed = d->is_failed || !ok;
    d->is_done = true;
    wake(d);
    mutex_unlock(&d->mutex);
}

bool download_open(struct request *req, struct download_job job, struct err *err)
{
    struct downloads *downloads = web_server_downloads(req->server);
    struct download *d = mem_alloc(1, sizeof *d);

    d->job = job;
    d->connection = req->connection;
    mutex_init(&d->mutex);
    cond_init(&d->moved);
    buf_init(&d->filling, 64 * MIB); /* one piece may be larger than what may wait */
    buf_init(&d->draining, 64 * MIB);
    mutex_lock(&downloads->mutex);
    sweep(downloads);
    bool ok = !downloads->is_stopping || err_set(err, ERR_UNAVAILABLE, "the server is stopping");
    if (ok && downloads->all.count >= DOWNLOADS_MAX)
        ok = err_set(err, ERR_BUSY, "%d downloads are under way", DOWNLOADS_MAX) ||
             err_hint(err, "Try again when one is done.");
    ok = ok && thread_create(&d->thread, "web.download", run, d, err);
    if (ok)
        vec_push(&downloads->all, d);
    mutex_unlock(&downloads->mutex);
    if (!ok)
        download_destroy(d);
    else
        req->download = d;
    return ok;
}

void download_abandon(struct download **download)
{
    if (*download)
        leave(*download);
    *download = NULL;
}

/* ---- the connection -------------------------------------------------------------------------- */

static ssize_t read_some(void *context, uint64_t at, char *out, size_t room)
{
    struct download *d = context;
    ssize_t got = 0;

    (void)at;
    mutex_lock(&d->mutex);
    if (d->drained == d->draining.len) {
        struct buf empty = d->draining;
        buf_reset(&empty);
        d->draining = d->filling;
        d->filling = empty;
        d->drained = 0;
        cond_signal(&d->moved);
    }
    size_t left = d->draining.len - d->drained;
    if (left > 0) {
        got = (ssize_t)(left < room ? left : room);
        memcpy(out, d->draining.ptr + d->drained, (size_t)got);
        d->drained += (size_t)got;
    } else if (d->is_failed) {
        got = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (d->is_done) {
        got = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        d->is_paused = true;
        MHD_suspend_connection(d->connection);
    }
    mutex_unlock(&d->mutex);
    return got;
}

static void on_sent(void *context)
{
    leave(context);
}

struct MHD_Response *download_response(struct request *req)
{
    struct download *d = req->download;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_some, d, on_sent);

    if (response)
        req->download = NULL; /* the response's now */
    return response;
}
