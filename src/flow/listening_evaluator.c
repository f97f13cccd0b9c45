#include "flow/listening_evaluator.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "ledger/workspace.h"
#include "os/clock.h"
#include "os/thread.h"

#define EVALUATE_ARENA_BYTES_MAX (256 * MIB)
#define EVALUATE_IDLE_MS         60000 /* without work for so long: memory is given back */

enum stage { STAGE_IDLE, STAGE_STARTED, STAGE_ENDED };

struct evaluator {
    Str data_dir, slug;
    const struct method *method;
    struct thread thread;
    struct mutex
        mutex; /* guards stage, is_stopping and, but while STAGE_STARTED, `at` and now_ms */
    struct cond changed;
    enum stage stage;
    bool is_stopping;
    struct evaluation at;
    int64_t now_ms;
    /* The thread's. */
    struct workspace *workspace;
    struct measure_memory *memory;
};

static bool evaluate(struct evaluator *e, struct evaluation *at)
{
    struct archive *archive = NULL;
    struct arena arena;

    arena_init(&arena, EVALUATE_ARENA_BYTES_MAX);
    bool ok = (e->workspace || workspace_open(&e->workspace, e->data_dir, e->slug, &at->err)) &&
              (e->memory || measure_memory_create(&e->memory, &at->err)) &&
              archive_open(&archive, e->workspace->posts_dir, ARCHIVE_READ, &at->err) &&
              steer_evaluate_taken(&arena, e->workspace, archive, &at->taken, e->memory, e->method,
                                   S("system"), e->now_ms, &at->result, &at->err);
    archive_close(&archive);
    at->result.assumptions = (struct assumption_outcome){0};
    arena_deinit(&arena);
    return ok;
}

static void rest(struct evaluator *e)
{
    measure_memory_destroy(&e->memory);
    workspace_close(&e->workspace);
}

/* False: it is time to end. */
static bool wait_for_work(struct evaluator *e)
{
    while (e->stage != STAGE_STARTED && !e->is_stopping)
        if (!e->workspace)
            cond_wait(&e->changed, &e->mutex);
        else if (!cond_wait_ms(&e->changed, &e->mutex, EVALUATE_IDLE_MS) &&
                 e->stage != STAGE_STARTED)
            rest(e);
    return !e->is_stopping;
}

static void evaluator_main(void *context)
{
    struct evaluator *e = context;

    mutex_lock(&e->mutex);
    while (wait_for_work(e)) {
        mutex_unlock(&e->mutex);
        uint64_t began_ns = clock_monotonic_ns();
        e->at.is_good = evaluate(e, &e->at);
        e->at.took_ms = (int64_t)((clock_monotonic_ns() - began_ns) / 1000000);
        mutex_lock(&e->mutex);
        e->stage = STAGE_ENDED;
    }
    mutex_unlock(&e->mutex);
    rest(e);
}

bool evaluator_create(struct evaluator **out, Str data_dir, Str slug, const struct method *method,
                      struct err *err)
{
    struct evaluator *e = mem_try_alloc(1, sizeof *e);

    *out = NULL;
    if (!e)
        return err_set(err, ERR_NO_MEMORY, "no memory for evaluating measures");
    e->data_dir = data_dir;
    e->slug = slug;
    e->method = method;
    mutex_init(&e->mutex);
    cond_init(&e->changed);
    if (!thread_create(&e->thread, "listen.measure", evaluator_main, e, err)) {
        evaluator_destroy(&e);
        return false;
    }
    *out = e;
    return true;
}

void evaluator_destroy(struct evaluator **p)
{
    struct evaluator *e = *p;

    if (!e)
        return;
    mutex_lock(&e->mutex);
    e->is_stopping = true;
    cond_signal(&e->changed);
    mutex_unlock(&e->mutex);
    thread_join(&e->thread);
    archive_taken_deinit(&e->at.taken);
    cond_deinit(&e->changed);
    mutex_deinit(&e->mutex);
    mem_free(e);
    *p = NULL;
}

void evaluator_start(struct evaluator *e, struct archive_taken *taken, int64_t now_ms)
{
    mutex_lock(&e->mutex);
    ASSERT(e->stage == STAGE_IDLE);
    e->at = (struct evaluation){.taken = *taken};
    *taken = (struct archive_taken){0};
    e->now_ms = now_ms;
    e->stage = STAGE_STARTED;
    cond_signal(&e->changed);
    mutex_unlock(&e->mutex);
}

bool evaluator_is_busy(struct evaluator *e)
{
    mutex_lock(&e->mutex);
    bool is_busy = e->stage != STAGE_IDLE;
    mutex_unlock(&e->mutex);
    return is_busy;
}

bool evaluator_poll(struct evaluator *e, struct evaluation *out)
{
    mutex_lock(&e->mutex);
    bool has_ended = e->stage == STAGE_ENDED;
    if (has_ended) {
        *out = e->at;
        e->at = (struct evaluation){0};
        e->stage = STAGE_IDLE;
    }
    mutex_unlock(&e->mutex);
    return has_ended;
}
