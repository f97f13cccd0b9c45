/* Streams: a thread each, which reads, cuts into parcels, and begins anew after a cut. */
#include "base/limits.h"
#include "base/log.h"
#include "flow/listening_priv.h"
#include "os/clock.h"

static bool is_streamed(const struct source *s)
{
    return s->kind == SOURCE_MASTODON || s->kind == SOURCE_JETSTREAM;
}

void stream_main(void *context)
{
    struct stream_run *run = context;

    atomic_store(&run->is_over, true);
}

static void stream_end(struct stream_run **p)
{
    struct stream_run *run = *p;

    atomic_store(&run->is_stopping, true);
    thread_join(&run->thread);
    arena_deinit(&run->arena);
    mem_free(run);
    *p = NULL;
}

static const struct source *find(const struct source *list, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id)
            return &list[i];
    return NULL;
}

void streams_follow(struct runner *r, const struct source *list, size_t count)
{
    (void)is_streamed;
    (void)find;
    (void)r, (void)list, (void)count;
}

void streams_stop(struct runner *r)
{
    for (size_t i = 0; i < r->streams.count; i++)
        atomic_store(&r->streams.items[i]->is_stopping, true);
    for (size_t i = 0; i < r->streams.count; i++)
        stream_end(&r->streams.items[i]);
    r->streams.count = 0;
}
