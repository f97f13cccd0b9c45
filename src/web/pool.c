#include "web/pool.h"

#include "base/mem.h"
#include "os/thread.h"

struct pool {
    struct mutex mutex; /* guards the two lists */
    struct arena memory;
    Str data_dir;
    struct db *systems[POOL_IDLE_MAX];
    size_t system_count;
    struct workspace *workspaces[POOL_IDLE_MAX];
    size_t workspace_count;
};

struct pool *pool_create(Str data_dir)
{
    struct pool *pool = mem_alloc(1, sizeof *pool);

    mutex_init(&pool->mutex);
    arena_init(&pool->memory, 64 * 1024);
    pool->data_dir = arena_str(&pool->memory, data_dir);
    return pool;
}

void pool_destroy(struct pool **pool)
{
    struct pool *p = *pool;

    if (!p)
        return;
    for (size_t i = 0; i < p->system_count; i++)
        db_close(&p->systems[i]);
    for (size_t i = 0; i < p->workspace_count; i++)
        workspace_close(&p->workspaces[i]);
    arena_deinit(&p->memory);
    mutex_deinit(&p->mutex);
    mem_free(p);
    *pool = NULL;
}

Str pool_data_dir(const struct pool *pool)
{
    return pool->data_dir;
}

bool pool_system_acquire(struct pool *pool, struct db **out, struct err *err)
{
    mutex_lock(&pool->mutex);
    *out = pool->system_count > 0 ? pool->systems[--pool->system_count] : NULL;
    mutex_unlock(&pool->mutex);
    return *out || system_db_open(out, pool->data_dir, err);
}

void pool_system_release(struct pool *pool, struct db **db)
{
    if (!*db)
        return;
    mutex_lock(&pool->mutex);
    if (pool->system_count < POOL_IDLE_MAX) {
        pool->systems[pool->system_count++] = *db;
        *db = NULL;
    }
    mutex_unlock(&pool->mutex);
    db_close(db);
}

bool pool_workspace_acquire(struct pool *pool, Str slug, struct workspace **out, struct err *err)
{
    *out = NULL;
    mutex_lock(&pool->mutex);
    for (size_t i = pool->workspace_count; i-- > 0 && !*out;)
        if (str_eq(pool->workspaces[i]->slug, slug)) {
            *out = pool->workspaces[i];
            pool->workspaces[i] = pool->workspaces[--pool->workspace_count];
        }
    mutex_unlock(&pool->mutex);
    return *out || workspace_open(out, pool->data_dir, slug, err);
}

void pool_workspace_release(struct pool *pool, struct workspace **workspace)
{
    if (!*workspace)
        return;
    mutex_lock(&pool->mutex);
    if (pool->workspace_count < POOL_IDLE_MAX) {
        pool->workspaces[pool->workspace_count++] = *workspace;
        *workspace = NULL;
    }
    mutex_unlock(&pool->mutex);
    workspace_close(workspace);
}
