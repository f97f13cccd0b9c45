#include "os/clock.h"

#include <errno.h>
#include <time.h>

#include "base/assert.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS 1000000

#ifdef TRIMTAB_FAULTS
#include <stdatomic.h>

static _Atomic int64_t held_ms = INT64_MIN;

void clock_hold_ms(int64_t now_ms)
{
    atomic_store(&held_ms, now_ms);
}
#endif

int64_t clock_now_ms(void)
{
    struct timespec now;

#ifdef TRIMTAB_FAULTS
    int64_t held = atomic_load(&held_ms);
    if (held != INT64_MIN)
        return held;
#endif
    ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

uint64_t clock_monotonic_ns(void)
{
    struct timespec now;

    ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

double clock_seconds_since(uint64_t monotonic_ns)
{
    return (double)(clock_monotonic_ns() - monotonic_ns) / (double)NS_PER_S;
}

void clock_sleep_ms(uint32_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * NS_PER_MS};

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        continue;
}
