#include "flow/listening.h"

#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "flow/listening_priv.h"
#include "os/clock.h"

#define LOOK_MS       500  /* between two looks at the settings of a workspace */
#define WORKSPACES_MS 5000 /* between two looks at the list of workspaces */
#define SILENCE_MS    5000 /* between two looks for silent sources */
#define SLEEP_MS      50   /* how fast a stop is noticed */

bool wait_unless(const atomic_bool *stop, int64_t ms)
{
    uint64_t until = clock_monotonic_ns() + (uint64_t)(ms > 0 ? ms : 0) * 1000000U;

    while (!atomic_load(stop)) {
        uint64_t now = clock_monotonic_ns();
        if (now >= until)
            return true;
        uint64_t left = (until - now) / 1000000U + 1;
        clock_sleep_ms((uint32_t)(left < SLEEP_MS ? left : SLEEP_MS));
    }
    return false;
}

/* ---- deliveries ------------------------------------------------------------------------------ */

struct delivery *delivery_create(void)
{
    struct delivery *d = mem_try_alloc(1, sizeof *d);

    if (d)
        arena_init(&d->arena, GIB);
    return d;
}

void delivery_destroy(struct delivery **p)
{
    struct delivery *d = *p;

    if (!d)
        return;
    arena_deinit(&d->arena);
    mem_free(d);
    *p = NULL;
}

bool delivery_prepare(struct delivery *d, struct workspace *workspace, int64_t source,
                      struct err *err)
{
    return source_read(&d->arena, workspace->state, source, &d->source, err) &&
           source_secret_read(&d->arena, workspace, d->source.name, &d->secret, err);
}

/* ---- fetchers -------------------------------------------------------------------------------- */

static void fetch(struct listening *l, struct http_client *http, struct job *job)
{
    struct delivery *d = job->delivery;
    struct source_fetcher fetcher = {.http = http,
                                     .pace = l->options.pace,
                                     .allows_private = l->options.allows_private,
                                     .cancel = &l->is_stopping};
    void *dropped;

    source_look(&fetcher, &d->arena, &d->source, d->secret, clock_now_ms(), &d->caught);
    if (atomic_load(&l->is_stopping) || queue_push(job->runner->polled, d, &dropped) != QUEUE_OK) {
        runner_set_idle(job->runner, d->source.id);
        delivery_destroy(&d);
    }
}

static void fetcher_main(void *context)
{
    struct listening *l = context;
    struct http_client *http = NULL;
    struct err err = {0};
    void *item;

    if (!http_client_create(&http, &err)) {
        log_err(LOG_ERROR, "source.failed", &err);
        return;
    }
    while (queue_pop(l->jobs, &item) == QUEUE_OK) {
        struct job *job = item;
        if (atomic_load(&l->is_stopping) || atomic_load(&job->runner->is_stopping)) {
            runner_set_idle(job->runner, job->delivery->source.id);
            delivery_destroy(&job->delivery);
        } else
            fetch(l, http, job);
        mem_free(job);
    }
    http_client_destroy(&http);
}

/* ---- runners --------------------------------------------------------------------------------- */

bool runner_is_busy(struct runner *r, int64_t source)
{
    bool is_busy = false;

    mutex_lock(&r->mutex);
    vec_each (int64_t, id, &r->busy)
        is_busy |= *id == source;
    mutex_unlock(&r->mutex);
    return is_busy;
}

bool runner_set_busy(struct runner *r, int64_t source)
{
    mutex_lock(&r->mutex);
    bool ok = vec_try_push(&r->busy, source);
    mutex_unlock(&r->mutex);
    return ok;
}

void runner_set_idle(struct runner *r, int64_t source)
{
    mutex_lock(&r->mutex);
    for (size_t i = 0; i < r->busy.count; i++)
        if (r->busy.items[i] == source)
            r->busy.items[i--] = r->busy.items[--r->busy.count];
    mutex_unlock(&r->mutex);
}

static void loss_add(struct runner *r, const struct delivery *d, int64_t lost, int64_t kept)
{
    ASSERT(mutex_held(&r->mutex));
    vec_each (struct stream_loss, loss, &r->losses) {
        if (loss->source != d->source.id)
            continue;
        loss->lost += lost;
        loss->kept += kept;
        if (d->received_ms < loss->from_ms)
            loss->from_ms = d->received_ms;
        return;
    }
    struct stream_loss fresh = {d->source.id, lost, kept, d->received_ms};
    (void)!vec_try_push(&r->losses, fresh); /* uncounted only when memory is out as well */
}

void runner_stream_push(struct runner *r, struct delivery *d)
{
    void *item = NULL;
    int64_t rows = d->rows;
    struct delivery seen = {.source = {.id = d->source.id}, .received_ms = d->received_ms};
    enum queue_result result = queue_push(r->streamed, d, &item);

    if (result == QUEUE_CLOSED) {
        delivery_destroy(&d);
        return;
    }
    struct delivery *dropped = item;
    mutex_lock(&r->mutex);
    loss_add(r, &seen, 0, rows);
    if (result == QUEUE_DROPPED)
        loss_add(r, dropped, dropped->rows, -dropped->rows);
    mutex_unlock(&r->mutex);
    delivery_destroy(&dropped);
}

static void queue_drain(struct queue *q)
{
    void *item;

    while (q && queue_pop_ms(q, &item, 0) == QUEUE_OK) {
        struct delivery *d = item;
        delivery_destroy(&d);
    }
}

/* Nothing of it may be under way in a fetcher. */
static void runner_destroy(struct runner **p)
{
    struct runner *r = *p;

    if (!r)
        return;
    atomic_store(&r->is_stopping, true);
    streams_stop(r);
    if (r->polled)
        queue_close(r->polled);
    if (r->streamed)
        queue_close(r->streamed);
    thread_join(&r->writer);
    queue_drain(r->polled);
    queue_drain(r->streamed);
    queue_destroy(&r->polled);
    queue_destroy(&r->streamed);
    query_set_holder_deinit(&r->queries);
    workspace_close(&r->settings);
    vec_deinit(&r->streams);
    vec_deinit(&r->busy);
    vec_deinit(&r->losses);
    mutex_deinit(&r->mutex);
    arena_deinit(&r->memory);
    mem_free(r);
    *p = NULL;
}

static bool runner_create(struct runner **out, struct listening *l, Str slug,
                          struct workspace *settings, struct err *err)
{
    struct runner *r = mem_try_alloc(1, sizeof *r);

    if (!r) {
        workspace_close(&settings);
        return err_set(err, ERR_NO_MEMORY, "no memory for listening");
    }
    r->listening = l;
    r->settings = settings;
    mutex_init(&r->mutex);
    query_set_holder_init(&r->queries);
    arena_init(&r->memory, MIB);
    r->slug = arena_str(&r->memory, slug);
    /* The revision first: what changes in between is compiled at the next look. */
    if (standing_set_revision(settings->state, &r->query_revision, err) &&
        standing_set_publish(&r->queries, settings->state, err) &&
        queue_create(&r->polled, LISTENING_POLLED_MAX, QUEUE_BLOCK, err) &&
        queue_create(&r->streamed, LISTENING_STREAMED_MAX, QUEUE_DROP_OLDEST, err) &&
        thread_create(&r->writer, "listen.write", writer_main, r, err)) {
        *out = r;
        return true;
    }
    runner_destroy(&r);
    return false;
}

/* ---- scheduler ------------------------------------------------------------------------------- */

static bool is_polled(const struct source *s)
{
    return s->kind == SOURCE_FEED;
}

static bool is_due(const struct source *s, int64_t now_ms)
{
    const struct source_health *h = &s->health;

    return s->is_on && is_polled(s) &&
           (h->next_try_ms <= now_ms || h->poll_wanted_ms > h->last_try_ms);
}

static bool job_start(struct runner *r, int64_t source, struct err *err)
{
    struct delivery *d = delivery_create();
    struct job *job = mem_try_alloc(1, sizeof *job);
    void *dropped;
    bool ok = d && job;

    if (!ok)
        err_set(err, ERR_NO_MEMORY, "no memory for a poll");
    ok = ok && delivery_prepare(d, r->settings, source, err) && runner_set_busy(r, source);
    if (ok) {
        *job = (struct job){r, d};
        if (queue_push(r->listening->jobs, job, &dropped) == QUEUE_OK)
            return true;
        runner_set_idle(r, source); /* full: it waits for the next look */
    }
    delivery_destroy(&d);
    mem_free(job);
    return ok;
}

/* Compiled here and swapped in: a large set never holds up what arrives. Queries that cannot be
 * compiled leave the set before in use until somebody changes them. */
static bool queries_follow(struct runner *r, struct err *err)
{
    uint64_t revision, started_ns = clock_monotonic_ns();
    struct err problem = {0};

    if (!standing_set_revision(r->settings->state, &revision, err))
        return false;
    if (revision == r->query_revision)
        return true;
    if (standing_set_publish(&r->queries, r->settings->state, &problem))
        log_event(LOG_DEBUG, "source.queries_swapped", log_str("workspace", r->slug),
                  log_f64("ms", clock_seconds_since(started_ns) * 1000));
    else if (problem.code == ERR_BUSY || problem.code == ERR_NO_MEMORY)
        return (*err = problem, false); /* at the next look */
    else
        log_err(LOG_ERROR, "source.queries_not_swapped", &problem);
    r->query_revision = revision;
    return true;
}

static bool runner_look(struct runner *r, struct arena *arena, int64_t now_ms, struct err *err)
{
    struct source *list;
    size_t count;

    if (now_ms - r->silence_ms >= SILENCE_MS || now_ms < r->silence_ms) {
        if (!source_check_silence(r->settings->state, !r->was_silence_checked, now_ms, err))
            return false;
        r->silence_ms = now_ms;
        r->was_silence_checked = true;
    }
    if (!queries_follow(r, err) || !source_list(arena, r->settings->state, &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (is_due(&list[i], now_ms) && !runner_is_busy(r, list[i].id) &&
            !job_start(r, list[i].id, err))
            return false;
    streams_follow(r, list, count);
    return true;
}

static struct runner *runner_find(struct listening *l, Str slug)
{
    for (size_t i = 0; i < l->runners.count; i++)
        if (str_eq(l->runners.items[i]->slug, slug))
            return l->runners.items[i];
    return NULL;
}

/* A workspace gets a runner once one of its sources is on. */
static bool workspace_look(struct listening *l, Str slug, struct err *err)
{
    struct workspace *workspace = NULL;
    struct runner *r = NULL;
    int64_t on = 0;

    if (runner_find(l, slug))
        return true;
    if (!workspace_open(&workspace, l->options.data_dir, slug, err))
        return false;
    bool ok = source_count_on(workspace->state, &on, err);
    if (!ok || on == 0) {
        workspace_close(&workspace);
        return ok;
    }
    if (!runner_create(&r, l, slug, workspace, err))
        return false;
    if (vec_try_push(&l->runners, r))
        return true;
    runner_destroy(&r);
    return err_set(err, ERR_NO_MEMORY, "no memory for listening");
}

/* One whose workspace was removed goes once nothing of it is under way. */
static void runners_sweep(struct listening *l, const struct workspace_entry *list, size_t count)
{
    for (size_t i = 0; i < l->runners.count; i++) {
        struct runner *r = l->runners.items[i];
        bool is_there = false;
        for (size_t w = 0; w < count; w++)
            is_there |= str_eq(list[w].slug, r->slug);
        if (is_there)
            continue;
        atomic_store(&r->is_stopping, true);
        mutex_lock(&r->mutex);
        bool is_busy = r->busy.count > 0;
        mutex_unlock(&r->mutex);
        if (is_busy)
            continue;
        runner_destroy(&r);
        l->runners.items[i--] = l->runners.items[--l->runners.count];
    }
}

static bool workspaces_look(struct listening *l, struct arena *arena, struct err *err)
{
    struct workspace_entry *list;
    struct db *system = NULL;
    size_t count;

    bool ok = system_db_open(&system, l->options.data_dir, err) &&
              workspace_list(arena, system, &list, &count, err);
    db_close(&system);
    if (!ok)
        return false;
    runners_sweep(l, list, count);
    for (size_t i = 0; i < count && !atomic_load(&l->is_stopping); i++) {
        struct err one = {0};
        if (!workspace_look(l, list[i].slug, &one))
            log_err(LOG_WARN, "source.workspace_failed", &one);
    }
    return true;
}

static void scheduler_main(void *context)
{
    struct listening *l = context;
    struct arena arena;
    int64_t listed_ms = INT64_MIN / 2;

    arena_init(&arena, 256 * MIB);
    do {
        struct err err = {0};
        int64_t now_ms = clock_now_ms();
        if (now_ms - listed_ms >= WORKSPACES_MS || now_ms < listed_ms) {
            if (!workspaces_look(l, &arena, &err))
                log_err(LOG_WARN, "source.failed", &err);
            listed_ms = now_ms;
        }
        for (size_t i = 0; i < l->runners.count; i++) {
            struct err one = {0};
            if (!runner_look(l->runners.items[i], &arena, now_ms, &one))
                log_err(LOG_WARN, "source.failed", &one);
        }
        arena_reset(&arena);
    } while (wait_unless(&l->is_stopping, LOOK_MS));
    arena_deinit(&arena);
}

/* ---- the whole ------------------------------------------------------------------------------- */

void listening_stop(struct listening **p)
{
    struct listening *l = *p;
    void *item;

    if (!l)
        return;
    atomic_store(&l->is_stopping, true);
    thread_join(&l->scheduler);
    for (size_t i = 0; i < l->runners.count; i++) {
        atomic_store(&l->runners.items[i]->is_stopping, true);
        queue_close(l->runners.items[i]->polled); /* frees a fetcher that waits for room */
    }
    if (l->jobs)
        queue_close(l->jobs);
    for (size_t i = 0; i < LISTENING_FETCHERS; i++)
        thread_join(&l->fetchers[i]);
    while (l->jobs && queue_pop_ms(l->jobs, &item, 0) == QUEUE_OK) {
        struct job *job = item;
        delivery_destroy(&job->delivery);
        mem_free(job);
    }
    for (size_t i = 0; i < l->runners.count; i++)
        runner_destroy(&l->runners.items[i]);
    queue_destroy(&l->jobs);
    vec_deinit(&l->runners);
    arena_deinit(&l->memory);
    mem_free(l);
    *p = NULL;
}

static bool threads_start(struct listening *l, struct err *err)
{
    for (size_t i = 0; i < LISTENING_FETCHERS; i++)
        if (!thread_create(&l->fetchers[i], "listen.fetch", fetcher_main, l, err))
            return false;
    return thread_create(&l->scheduler, "listen.plan", scheduler_main, l, err);
}

bool listening_start(struct listening **out, const struct listening_options *options,
                     struct err *err)
{
    struct listening *l = mem_try_alloc(1, sizeof *l);

    if (!l)
        return err_set(err, ERR_NO_MEMORY, "no memory for listening");
    arena_init(&l->memory, 16 * MIB);
    l->options = *options;
    l->options.data_dir = arena_str(&l->memory, options->data_dir);
    l->options.folder_root = arena_str(&l->memory, options->folder_root);
    if (l->options.measure_ms == 0)
        l->options.measure_ms = LISTENING_MEASURE_MS;
    if (l->options.pace.least_ms == 0)
        l->options.pace.least_ms = SOURCE_POLL_LEAST_MS;
    if (!method_read(&l->memory, &l->method, err) ||
        !queue_create(&l->jobs, LISTENING_JOBS_MAX, QUEUE_REJECT, err) || !threads_start(l, err)) {
        listening_stop(&l);
        return false;
    }
    *out = l;
    return true;
}
