/* thread.h - threads, mutexes and condition variables that know who holds what.
 *
 * A mutex is named in the comment of every field it guards, and a function that relies on it says
 * ASSERT(mutex_held(&m)). Misuse (unlock by a stranger, lock twice) is a bug and aborts. The
 * structs live in the caller's storage and must not move once initialised.
 */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct thread {
    pthread_t handle;
    bool is_running; /* created and not yet joined */
};

/* Starts run(context). `name` shows in debuggers and is cut to 15 bytes. Signals stay with the main
 * thread. Fails with ERR_LIMIT when the machine allows no more threads. */
bool thread_create(struct thread *t, const char *name, void (*run)(void *context), void *context,
                   struct err *err) MUST_CHECK;
/* Waits for its end. Safe on a zeroed or joined struct. */
void thread_join(struct thread *t);
/* Processors this process may use, at least 1. */
unsigned thread_cpu_count(void);

struct mutex {
    pthread_mutex_t raw;
    _Atomic uintptr_t holder; /* identity of the holding thread, 0 = free */
};

void mutex_init(struct mutex *m);
void mutex_deinit(struct mutex *m);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_held(const struct mutex *m); /* by the calling thread */

struct cond {
    pthread_cond_t raw; /* waits on the monotonic clock */
};

void cond_init(struct cond *c);
void cond_deinit(struct cond *c);
/* The mutex is held before and after; waking without cause is possible, so wait in a loop. */
void cond_wait(struct cond *c, struct mutex *m);
/* False: `ms` went by. */
bool cond_wait_ms(struct cond *c, struct mutex *m, uint32_t ms);
void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);

#endif
