#include "os/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "base/mem.h"

#define NAME_SIZE 16 /* the kernel's limit, NUL included */
#define NS_PER_S  1000000000L
#define NS_PER_MS 1000000L

/* An address that differs in every live thread. */
static _Thread_local char identity;

struct start {
    void (*run)(void *context);
    void *context;
    char name[NAME_SIZE];
};

static uintptr_t self(void)
{
    return (uintptr_t)&identity;
}

static void *begin(void *arg)
{
    struct start start = *(struct start *)arg;

    mem_free(arg);
    (void)pthread_setname_np(pthread_self(), start.name);
    start.run(start.context);
    return NULL;
}

bool thread_create(struct thread *t, const char *name, void (*run)(void *context), void *context,
                   struct err *err)
{
    sigset_t all, before;

    ASSERT(!t->is_running);
    struct start *start = mem_try_alloc(1, sizeof *start);
    if (!start)
        return err_set(err, ERR_NO_MEMORY, "could not start thread '%s'", name);
    start->run = run;
    start->context = context;
    snprintf(start->name, sizeof start->name, "%s", name);
    /* The new thread inherits the mask: none of the process's signals is delivered to it. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int sys = fault_hit() ? EAGAIN : pthread_create(&t->handle, NULL, begin, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (sys != 0) {
        mem_free(start);
        return err_set_sys(err, ERR_LIMIT, sys, "could not start thread '%s': %s", name,
                           strerror(sys));
    }
    t->is_running = true;
    return true;
}

void thread_join(struct thread *t)
{
    if (!t->is_running)
        return;
    ASSERT(pthread_join(t->handle, NULL) == 0);
    t->is_running = false;
}

unsigned thread_cpu_count(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

void mutex_init(struct mutex *m)
{
    ASSERT(pthread_mutex_init(&m->raw, NULL) == 0);
    atomic_init(&m->holder, 0);
}

void mutex_deinit(struct mutex *m)
{
    ASSERT(atomic_load_explicit(&m->holder, memory_order_relaxed) == 0);
    ASSERT(pthread_mutex_destroy(&m->raw) == 0);
}

/* The holder is written only under the lock and compared only with the reader's own identity, so
 * relaxed order suffices. */
void mutex_lock(struct mutex *m)
{
    ASSERT(!mutex_held(m));
    ASSERT(pthread_mutex_lock(&m->raw) == 0);
    atomic_store_explicit(&m->holder, self(), memory_order_relaxed);
}

void mutex_unlock(struct mutex *m)
{
    ASSERT(mutex_held(m));
    atomic_store_explicit(&m->holder, 0, memory_order_relaxed);
    ASSERT(pthread_mutex_unlock(&m->raw) == 0);
}

bool mutex_held(const struct mutex *m)
{
    return atomic_load_explicit(&m->holder, memory_order_relaxed) == self();
}

void cond_init(struct cond *c)
{
    pthread_condattr_t attributes;

    ASSERT(pthread_condattr_init(&attributes) == 0);
    ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&c->raw, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

void cond_deinit(struct cond *c)
{
    ASSERT(pthread_cond_destroy(&c->raw) == 0);
}

void cond_wait(struct cond *c, struct mutex *m)
{
    ASSERT(mutex_held(m));
    atomic_store_explicit(&m->holder, 0, memory_order_relaxed);
    ASSERT(pthread_cond_wait(&c->raw, &m->raw) == 0);
    atomic_store_explicit(&m->holder, self(), memory_order_relaxed);
}

bool cond_wait_ms(struct cond *c, struct mutex *m, uint32_t ms)
{
    struct timespec until;

    ASSERT(mutex_held(m));
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * NS_PER_MS;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_sec++;
        until.tv_nsec -= NS_PER_S;
    }
    atomic_store_explicit(&m->holder, 0, memory_order_relaxed);
    int sys = pthread_cond_timedwait(&c->raw, &m->raw, &until);
    ASSERT(sys == 0 || sys == ETIMEDOUT);
    atomic_store_explicit(&m->holder, self(), memory_order_relaxed);
    return sys == 0;
}

void cond_signal(struct cond *c)
{
    ASSERT(pthread_cond_signal(&c->raw) == 0);
}

void cond_broadcast(struct cond *c)
{
    ASSERT(pthread_cond_broadcast(&c->raw) == 0);
}
