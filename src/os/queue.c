#include "os/queue.h"

#include "base/mem.h"
#include "os/clock.h"
#include "os/thread.h"

#define MAGIC     UINT32_C(0x51554555)
#define NS_PER_MS UINT64_C(1000000)

struct queue {
    uint32_t magic;
    enum queue_policy policy; /* fixed */
    struct mutex mutex;       /* guards everything below */
    struct cond has_item, has_room;
    size_t first; /* index of the oldest item */
    struct queue_state state;
    void *items[]; /* ring of state.items_max */
};

bool queue_create(struct queue **out, size_t items_max, enum queue_policy policy, struct err *err)
{
    ASSERT(items_max >= 1 && items_max <= QUEUE_ITEMS_MAX);
    struct queue *q = mem_try_alloc(1, sizeof *q + items_max * sizeof(void *));
    *out = q;
    if (!q)
        return err_set(err, ERR_NO_MEMORY, "could not create a queue: no memory");
    q->magic = MAGIC;
    q->policy = policy;
    q->state.items_max = items_max;
    mutex_init(&q->mutex);
    cond_init(&q->has_item);
    cond_init(&q->has_room);
    return true;
}

void queue_destroy(struct queue **out)
{
    struct queue *q = *out;

    if (!q)
        return;
    ASSERT(q->magic == MAGIC);
    q->magic = 0;
    cond_deinit(&q->has_item);
    cond_deinit(&q->has_room);
    mutex_deinit(&q->mutex);
    mem_free(q);
    *out = NULL;
}

static void *take(struct queue *q)
{
    ASSERT(mutex_held(&q->mutex) && q->state.count > 0);
    void *item = q->items[q->first];
    q->first = (q->first + 1) % q->state.items_max;
    q->state.count--;
    return item;
}

static void put(struct queue *q, void *item)
{
    ASSERT(mutex_held(&q->mutex) && q->state.count < q->state.items_max);
    q->items[(q->first + q->state.count) % q->state.items_max] = item;
    q->state.count++;
    q->state.pushed++;
    if (q->state.count > q->state.count_peak)
        q->state.count_peak = q->state.count;
}

/* Makes room as the policy says. QUEUE_OK or QUEUE_DROPPED: there is room now. */
static enum queue_result make_room(struct queue *q, void **dropped)
{
    ASSERT(mutex_held(&q->mutex));
    while (q->policy == QUEUE_BLOCK && q->state.count == q->state.items_max && !q->state.is_closed)
        cond_wait(&q->has_room, &q->mutex);
    if (q->state.is_closed)
        return QUEUE_CLOSED;
    if (q->state.count < q->state.items_max)
        return QUEUE_OK;
    if (q->policy == QUEUE_REJECT) {
        q->state.rejected++;
        return QUEUE_FULL;
    }
    *dropped = take(q);
    q->state.dropped++;
    return QUEUE_DROPPED;
}

enum queue_result queue_push(struct queue *q, void *item, void **dropped)
{
    void *out = NULL;

    ASSERT(q->magic == MAGIC && item);
    mutex_lock(&q->mutex);
    enum queue_result result = make_room(q, &out);
    if (result == QUEUE_OK || result == QUEUE_DROPPED) {
        put(q, item);
        cond_signal(&q->has_item);
    }
    mutex_unlock(&q->mutex);
    if (dropped)
        *dropped = out;
    ASSERT(dropped || !out);
    return result;
}

/* With the mutex held and the waiting done. */
static enum queue_result pop_now(struct queue *q, void **item)
{
    if (q->state.count == 0)
        return q->state.is_closed ? QUEUE_CLOSED : QUEUE_EMPTY;
    *item = take(q);
    cond_signal(&q->has_room);
    return QUEUE_OK;
}

enum queue_result queue_pop(struct queue *q, void **item)
{
    ASSERT(q->magic == MAGIC);
    *item = NULL;
    mutex_lock(&q->mutex);
    while (q->state.count == 0 && !q->state.is_closed)
        cond_wait(&q->has_item, &q->mutex);
    enum queue_result result = pop_now(q, item);
    mutex_unlock(&q->mutex);
    return result;
}

enum queue_result queue_pop_ms(struct queue *q, void **item, uint32_t ms)
{
    uint64_t until = clock_monotonic_ns() + ms * NS_PER_MS;

    ASSERT(q->magic == MAGIC);
    *item = NULL;
    mutex_lock(&q->mutex);
    while (ms > 0 && q->state.count == 0 && !q->state.is_closed) {
        uint64_t now = clock_monotonic_ns();
        if (now >= until)
            break;
        (void)cond_wait_ms(&q->has_item, &q->mutex, (uint32_t)((until - now) / NS_PER_MS + 1));
    }
    enum queue_result result = pop_now(q, item);
    mutex_unlock(&q->mutex);
    return result;
}

void queue_close(struct queue *q)
{
    ASSERT(q->magic == MAGIC);
    mutex_lock(&q->mutex);
    q->state.is_closed = true;
    cond_broadcast(&q->has_item);
    cond_broadcast(&q->has_room);
    mutex_unlock(&q->mutex);
}

struct queue_state queue_state(struct queue *q)
{
    mutex_lock(&q->mutex);
    struct queue_state state = q->state;
    mutex_unlock(&q->mutex);
    return state;
}
