#include "listen/match/match_swap.h"

#include "listen/match/match_priv.h"

void query_set_holder_init(struct query_set_holder *holder)
{
    *holder = (struct query_set_holder){0};
    mutex_init(&holder->lock);
}

void query_set_holder_deinit(struct query_set_holder *holder)
{
    query_set_release(&holder->set);
    mutex_deinit(&holder->lock);
}

void query_set_holder_swap(struct query_set_holder *holder, struct query_set *set)
{
    struct query_set *old;

    mutex_lock(&holder->lock);
    old = holder->set;
    holder->set = query_set_acquire(set);
    atomic_fetch_add_explicit(&holder->version, 1, memory_order_release);
    mutex_unlock(&holder->lock);
    query_set_release(&old); /* may free much, so not under the lock */
}

static struct query_set *acquire(struct query_set_holder *holder, uint64_t *version)
{
    mutex_lock(&holder->lock);
    struct query_set *set = holder->set ? query_set_acquire(holder->set) : NULL;
    *version = atomic_load_explicit(&holder->version, memory_order_relaxed);
    mutex_unlock(&holder->lock);
    return set;
}

struct query_set *query_set_holder_acquire(struct query_set_holder *holder)
{
    uint64_t version;

    return acquire(holder, &version);
}

bool match_scratch_follow(struct match_scratch **scratch, struct query_set_holder *holder,
                          struct err *err)
{
    struct match_scratch *fresh;
    uint64_t version = atomic_load_explicit(&holder->version, memory_order_acquire);

    if (*scratch && (*scratch)->version == version)
        return true;
    struct query_set *set = acquire(holder, &version);
    if (!set)
        return err_set(err, ERR_NOT_FOUND, "no query set was published yet");
    bool ok = match_scratch_create(&fresh, set, err);
    query_set_release(&set); /* the scratch has its own reference */
    if (!ok)
        return false;
    fresh->version = version;
    match_scratch_destroy(scratch);
    *scratch = fresh;
    return true;
}
