/* pool.h - open databases lent to requests.
 *
 * A connection belongs to one thread at a time, so each request borrows one and gives it back.
 * Opening costs about a millisecond and a migration check; keeping POOL_IDLE_MAX of each spares
 * that. Thread-safe, guarded by its own mutex.
 */
#ifndef WEB_POOL_H
#define WEB_POOL_H

#include "ledger/workspace.h"

enum { POOL_IDLE_MAX = 16 }; /* kept open of system.db and of all workspaces; more are closed */

struct pool;

struct pool *pool_create(Str data_dir);
void pool_destroy(struct pool **pool); /* NULL-safe; everything has been given back */
Str pool_data_dir(const struct pool *pool);

bool pool_system_acquire(struct pool *pool, struct db **out, struct err *err) MUST_CHECK;
void pool_system_release(struct pool *pool, struct db **db); /* NULL-safe */
/* ERR_NOT_FOUND as workspace_open(). */
bool pool_workspace_acquire(struct pool *pool, Str slug, struct workspace **out,
                            struct err *err) MUST_CHECK;
void pool_workspace_release(struct pool *pool, struct workspace **workspace); /* NULL-safe */

#endif
