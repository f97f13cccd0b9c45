#include "web/live/live_hub.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"
#include "os/clock.h"
#include "os/thread.h"

#define RESYNC "event: resync\ndata: {}\n\n"
#define OVER   "event: over\ndata: {}\n\n"
#define HELLO  "retry: 4000\n\n"
#define BEAT   ":\n\n"

struct live_client {
    struct live_hub *hub;
    uint64_t number; /* of the hub, never given twice */
    struct live_line line;
    struct arena memory; /* of the pass */
    struct live_pass pass;
    struct buf queue; /* what waits, from `at` on */
    size_t at;
    char last;     /* byte that was read */
    bool is_begun; /* it was not the last of its event */
    bool is_paused;
    bool is_over; /* once the queue is empty */
};

/* One event as it was sent, kept for those who come back. */
struct remembered {
    uint64_t id;
    char workspace[64];
    char text[LIVE_EVENT_BYTES_MAX];
    size_t len;
};

struct live_hub {
    struct mutex mutex;  /* guards everything */
    struct cond stirred; /* a first client came, or the hub stops */
    struct cond emptied; /* the last client went */
    uint64_t epoch, latest, client_number;
    bool is_stopping;
    struct {
        VEC(struct live_client *);
    } clients;
    struct {
        VEC(Str);
    } watched;                  /* each a block of its own */
    struct remembered *history; /* [LIVE_HISTORY_MAX], event n at n % LIVE_HISTORY_MAX */
};

/* ---- the hub --------------------------------------------------------------------------------- */

struct live_hub *live_hub_create(uint64_t epoch)
{
    struct live_hub *hub = mem_alloc(1, sizeof *hub);

    mutex_init(&hub->mutex);
    cond_init(&hub->stirred);
    cond_init(&hub->emptied);
    hub->epoch = epoch;
    hub->history = mem_alloc(LIVE_HISTORY_MAX, sizeof *hub->history);
    return hub;
}

static void forget_watched(struct live_hub *hub, size_t i)
{
    union {
        const char *from;
        void *to;
    } block = {.from = hub->watched.items[i].ptr}; /* made by live_hub_set_watched() */

    mem_free(block.to);
    hub->watched.items[i] = hub->watched.items[--hub->watched.count];
}

void live_hub_destroy(struct live_hub **p)
{
    struct live_hub *hub = *p;

    if (!hub)
        return;
    ASSERT(hub->clients.count == 0);
    vec_deinit(&hub->clients);
    while (hub->watched.count > 0)
        forget_watched(hub, 0);
    vec_deinit(&hub->watched);
    mem_free(hub->history);
    cond_deinit(&hub->stirred);
    cond_deinit(&hub->emptied);
    mutex_deinit(&hub->mutex);
    mem_free(hub);
    *p = NULL;
}

/* ---- queues ---------------------------------------------------------------------------------- */

/* Where the event ends of which a part was read already; `at` when none was begun. */
static size_t begun_end(const struct live_client *c)
{
    char before = c->last;

    for (size_t i = c->at; c->is_begun && i < c->queue.len; i++) {
        if (before == '\n' && c->queue.ptr[i] == '\n')
            return i + 1;
        before = c->queue.ptr[i];
    }
    return c->at;
}

/* An empty line ends an event, and stands nowhere else. */
static void note_read(struct live_client *c, const char *bytes, size_t count)
{
    char before = count > 1 ? bytes[count - 2] : c->last;

    c->last = bytes[count - 1];
    c->is_begun = !(before == '\n' && c->last == '\n');
}

/* What waits is dropped for a resync; an event that was begun is told to its end. */
static void resync(struct live_client *c)
{
    struct buf kept;
    size_t end = begun_end(c);

    buf_init(&kept, 2 * LIVE_QUEUE_BYTES_MAX);
    buf_add(&kept, str_sub(buf_str(&c->queue), c->at, end - c->at));
    buf_lit(&kept, RESYNC);
    if (kept.is_failed) { /* no memory even for this: it ends, and the page asks again */
        buf_deinit(&kept);
        c->is_over = true;
        return;
    }
    buf_deinit(&c->queue);
    c->queue = kept;
    c->at = 0;
}

static void wake(struct live_client *c)
{
    ASSERT(mutex_held(&c->hub->mutex));
    if (!c->is_paused)
        return;
    c->is_paused = false;
    c->line.wake(c->line.context);
}

static void enqueue(struct live_client *c, Str text)
{
    ASSERT(mutex_held(&c->hub->mutex));
    if (c->queue.len - c->at + text.len > LIVE_QUEUE_BYTES_MAX)
        resync(c);
    else {
        buf_add(&c->queue, text);
        if (c->queue.is_failed)
            c->is_over = true;
    }
    wake(c);
}

/* ---- clients --------------------------------------------------------------------------------- */

static bool is_watched(const struct live_hub *hub, Str workspace)
{
    vec_each (const Str, slug, &hub->watched)
        if (str_eq(*slug, workspace))
            return true;
    return false;
}

/* The number in "<epoch>-<number>" of this life of the server. */
static bool read_id(const struct live_hub *hub, Str text, uint64_t *number)
{
    char epoch[24];
    Str head, tail;

    (void)snprintf(epoch, sizeof epoch, "%" PRIx64, hub->epoch);
    return str_cut(text, '-', &head, &tail) && str_eq(head, str_from_cstr(epoch)) &&
           str_to_u64(tail, number) && *number <= hub->latest;
}

/* What came since, or a resync when that is not known. */
static void greet(struct live_client *c, Str since)
{
    struct live_hub *hub = c->hub;
    uint64_t seen;

    buf_lit(&c->queue, HELLO);
    if (since.len == 0)
        return;
    if (!read_id(hub, since, &seen) || hub->latest - seen > LIVE_HISTORY_MAX ||
        !is_watched(hub, c->pass.workspace)) {
        buf_lit(&c->queue, RESYNC);
        return;
    }
    for (uint64_t id = seen + 1; id <= hub->latest; id++) {
        const struct remembered *event = &hub->history[id % LIVE_HISTORY_MAX];
        if (str_eq(str_from_cstr(event->workspace), c->pass.workspace))
            enqueue(c, (Str){event->text, event->len});
    }
}

static size_t count_of_account(const struct live_hub *hub, int64_t account)
{
    size_t count = 0;

    vec_each (struct live_client *, c, &hub->clients)
        count += (*c)->pass.account == account;
    return count;
}

static bool is_workspace_new(const struct live_hub *hub, Str workspace)
{
    vec_each (struct live_client *, c, &hub->clients)
        if (str_eq((*c)->pass.workspace, workspace))
            return false;
    return !is_watched(hub, workspace);
}

static bool admit(struct live_hub *hub, struct live_client *c, Str since, struct err *err)
{
    ASSERT(mutex_held(&hub->mutex));
    if (hub->is_stopping)
        return err_set(err, ERR_UNAVAILABLE, "the server is stopping");
    if (hub->clients.count >= LIVE_CLIENTS_MAX ||
        count_of_account(hub, c->pass.account) >= LIVE_CLIENTS_ACCOUNT_MAX ||
        (is_workspace_new(hub, c->pass.workspace) && hub->watched.count >= LIVE_WORKSPACES_MAX))
        return err_set(err, ERR_UNAVAILABLE, "too many pages are live at the same time") ||
               err_hint(err, "The page works without; load it again to see what is new.");
    if (!vec_try_push(&hub->clients, c))
        return err_set(err, ERR_NO_MEMORY, "no memory for a live page");
    c->number = ++hub->client_number;
    greet(c, since);
    if (hub->clients.count == 1)
        cond_signal(&hub->stirred);
    return true;
}

bool live_client_open(struct live_client **out, struct live_hub *hub, const struct live_pass *pass,
                      const struct live_line *line, Str since, struct err *err)
{
    struct live_client *c = mem_try_alloc(1, sizeof *c);

    if (!c)
        return err_set(err, ERR_NO_MEMORY, "no memory for a live page");
    c->hub = hub;
    c->line = *line;
    arena_init(&c->memory, 4096);
    c->pass = (struct live_pass){arena_str(&c->memory, pass->workspace), pass->account,
                                 arena_str(&c->memory, pass->session_token)};
    buf_init(&c->queue, 2 * LIVE_QUEUE_BYTES_MAX);
    mutex_lock(&hub->mutex);
    bool ok = admit(hub, c, since, err);
    mutex_unlock(&hub->mutex);
    if (!ok) {
        arena_deinit(&c->memory);
        buf_deinit(&c->queue);
        mem_free(c);
        return false;
    }
    *out = c;
    return true;
}

void live_client_close(struct live_client **p)
{
    struct live_client *c = *p;

    if (!c)
        return;
    struct live_hub *hub = c->hub;
    mutex_lock(&hub->mutex);
    for (size_t i = 0; i < hub->clients.count; i++)
        if (hub->clients.items[i] == c)
            hub->clients.items[i--] = hub->clients.items[--hub->clients.count];
    if (hub->clients.count == 0)
        cond_broadcast(&hub->emptied);
    mutex_unlock(&hub->mutex);
    arena_deinit(&c->memory);
    buf_deinit(&c->queue);
    mem_free(c);
    *p = NULL;
}

enum live_read live_client_read(struct live_client *c, char *out, size_t room, size_t *got)
{
    enum live_read result = LIVE_BYTES;

    mutex_lock(&c->hub->mutex);
    size_t waits = c->queue.len - c->at;
    *got = waits < room ? waits : room;
    if (*got > 0) {
        memcpy(out, c->queue.ptr + c->at, *got);
        note_read(c, out, *got);
        c->at += *got;
        if (c->at == c->queue.len) {
            buf_reset(&c->queue);
            c->at = 0;
        }
    } else if (c->is_over)
        result = LIVE_OVER;
    else {
        result = LIVE_PAUSED;
        c->is_paused = true;
        c->line.pause(c->line.context);
    }
    mutex_unlock(&c->hub->mutex);
    return result;
}

/* ---- events ---------------------------------------------------------------------------------- */

static const struct remembered *remember(struct live_hub *hub, Str workspace, Str topic, Str data)
{
    uint64_t id = ++hub->latest;
    struct remembered *event = &hub->history[id % LIVE_HISTORY_MAX];

    event->id = id;
    (void)snprintf(event->workspace, sizeof event->workspace, STR_F, STR_A(workspace));
    int len = snprintf(event->text, sizeof event->text,
                       "id: %" PRIx64 "-%" PRIu64 "\nevent: " STR_F "\ndata: " STR_F "\n\n",
                       hub->epoch, id, STR_A(topic), STR_A(data));
    ASSERT(len > 0 && (size_t)len < sizeof event->text);
    event->len = (size_t)len;
    return event;
}

void live_hub_post(struct live_hub *hub, Str workspace, Str topic, Str data)
{
    ASSERT(topic.len <= LIVE_TOPIC_BYTES_MAX && str_find_byte(data, '\n') == data.len);
    mutex_lock(&hub->mutex);
    const struct remembered *event = remember(hub, workspace, topic, data);
    vec_each (struct live_client *, c, &hub->clients)
        if (!(*c)->is_over && str_eq((*c)->pass.workspace, workspace))
            enqueue(*c, (Str){event->text, event->len});
    mutex_unlock(&hub->mutex);
}

void live_hub_beat(struct live_hub *hub)
{
    mutex_lock(&hub->mutex);
    vec_each (struct live_client *, c, &hub->clients)
        if (!(*c)->is_over && (*c)->queue.len == 0)
            enqueue(*c, S(BEAT));
    mutex_unlock(&hub->mutex);
}

static void end_client(struct live_client *c)
{
    if (!c->is_over)
        enqueue(c, S(OVER));
    c->is_over = true;
    wake(c);
}

void live_hub_stop(struct live_hub *hub)
{
    mutex_lock(&hub->mutex);
    hub->is_stopping = true;
    vec_each (struct live_client *, c, &hub->clients)
        end_client(*c);
    cond_broadcast(&hub->stirred);
    mutex_unlock(&hub->mutex);
}

bool live_hub_drain(struct live_hub *hub, uint32_t ms)
{
    uint64_t end = clock_monotonic_ns() + (uint64_t)ms * 1000000;

    mutex_lock(&hub->mutex);
    ASSERT(hub->is_stopping);
    while (hub->clients.count > 0) {
        uint64_t now = clock_monotonic_ns();
        if (now >= end)
            break;
        (void)cond_wait_ms(&hub->emptied, &hub->mutex, (uint32_t)((end - now) / 1000000) + 1);
    }
    bool is_empty = hub->clients.count == 0;
    mutex_unlock(&hub->mutex);
    return is_empty;
}

void live_hub_latest(struct live_hub *hub, char id[LIVE_ID_SIZE])
{
    mutex_lock(&hub->mutex);
    (void)snprintf(id, LIVE_ID_SIZE, "%" PRIx64 "-%" PRIu64, hub->epoch, hub->latest);
    mutex_unlock(&hub->mutex);
}

/* ---- for the watcher ------------------------------------------------------------------------- */

size_t live_hub_workspaces(struct live_hub *hub, struct arena *arena, Str **out)
{
    size_t count = 0;

    mutex_lock(&hub->mutex);
    Str *list = arena_new(arena, Str, hub->clients.count + 1);
    vec_each (struct live_client *, c, &hub->clients) {
        bool is_known = false;
        for (size_t i = 0; i < count && !is_known; i++)
            is_known = str_eq(list[i], (*c)->pass.workspace);
        if (!is_known)
            list[count++] = arena_str(arena, (*c)->pass.workspace);
    }
    mutex_unlock(&hub->mutex);
    *out = list;
    return count;
}

void live_hub_set_watched(struct live_hub *hub, Str workspace, bool is_now_watched)
{
    mutex_lock(&hub->mutex);
    for (size_t i = 0; i < hub->watched.count; i++)
        if (str_eq(hub->watched.items[i], workspace)) {
            forget_watched(hub, i);
            break;
        }
    if (is_now_watched) {
        char *copy = mem_alloc(workspace.len + 1, 1);
        memcpy(copy, workspace.ptr, workspace.len);
        vec_push(&hub->watched, ((Str){copy, workspace.len}));
    }
    mutex_unlock(&hub->mutex);
}

struct asked {
    uint64_t number;
    struct live_pass pass;
};

static size_t passes(struct live_hub *hub, struct arena *arena, struct asked **out)
{
    size_t count = 0;

    mutex_lock(&hub->mutex);
    struct asked *list = arena_new(arena, struct asked, hub->clients.count + 1);
    vec_each (struct live_client *, c, &hub->clients)
        if (!(*c)->is_over)
            list[count++] =
                (struct asked){(*c)->number,
                               {arena_str(arena, (*c)->pass.workspace), (*c)->pass.account,
                                arena_str(arena, (*c)->pass.session_token)}};
    mutex_unlock(&hub->mutex);
    *out = list;
    return count;
}

void live_hub_recheck(struct live_hub *hub, struct arena *arena,
                      bool (*may)(void *context, const struct live_pass *pass), void *context)
{
    struct asked *list;
    size_t count = passes(hub, arena, &list);

    for (size_t i = 0; i < count; i++) {
        if (may(context, &list[i].pass))
            continue;
        mutex_lock(&hub->mutex);
        vec_each (struct live_client *, c, &hub->clients)
            if ((*c)->number == list[i].number)
                end_client(*c);
        mutex_unlock(&hub->mutex);
    }
}

size_t live_hub_client_count(struct live_hub *hub)
{
    mutex_lock(&hub->mutex);
    size_t count = hub->clients.count;
    mutex_unlock(&hub->mutex);
    return count;
}

bool live_hub_wait(struct live_hub *hub, uint32_t ms)
{
    mutex_lock(&hub->mutex);
    if (!hub->is_stopping)
        (void)cond_wait_ms(&hub->stirred, &hub->mutex, ms);
    bool goes_on = !hub->is_stopping;
    mutex_unlock(&hub->mutex);
    return goes_on;
}
