#include <string.h>

#include "quant/schedule_priv.h"

/* Segments lie in arrays in the order of time: a schedule of n tasks has at most 2n of them beside
 * the steps of the capacity, whatever the length of a period. */

bool profiles_new(struct arena *a, const struct plan *plan, uint32_t spans, struct profile **out)
{
    struct profile *of = arena_try_new(a, struct profile, plan->resource_count);

    for (uint32_t r = 0; of && r < plan->resource_count; r++) {
        of[r].capacity = plan->base[r].count + 2 * spans;
        of[r].at = arena_try_new(a, int32_t, of[r].capacity);
        of[r].left = arena_try_new(a, int64_t, of[r].capacity);
        if (!of[r].at || !of[r].left)
            return false;
    }
    *out = of;
    return of != NULL;
}

void profiles_copy(const struct plan *plan, struct profile *to, const struct profile *from)
{
    for (uint32_t r = 0; r < plan->resource_count; r++) {
        ASSERT(from[r].count <= to[r].capacity);
        to[r].count = from[r].count;
        memcpy(to[r].at, from[r].at, from[r].count * sizeof *from[r].at);
        memcpy(to[r].left, from[r].left, from[r].count * sizeof *from[r].left);
    }
}

void profiles_reset(const struct plan *plan, struct profile *of)
{
    profiles_copy(plan, of, plan->base);
}

/* The segment that holds the period. */
static uint32_t find(const struct profile *p, int32_t period)
{
    uint32_t low = 0, high = p->count; /* at[low] <= period < at[high] */

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (p->at[middle] <= period)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The segment that begins at the period; one is cut in two when needed. */
static uint32_t cut(struct profile *p, int32_t period)
{
    uint32_t k = find(p, period);

    if (p->at[k] == period)
        return k;
    ASSERT(p->count < p->capacity);
    size_t rest = p->count - k - 1;
    memmove(p->at + k + 2, p->at + k + 1, rest * sizeof *p->at);
    memmove(p->left + k + 2, p->left + k + 1, rest * sizeof *p->left);
    p->at[k + 1] = period;
    p->left[k + 1] = p->left[k];
    p->count++;
    return k + 1;
}

void profiles_take(const struct plan *plan, struct profile *of, uint32_t task, int32_t from,
                   int32_t until, int sign)
{
    if (from >= until)
        return;
    PLAN_EACH_USE (plan, task, use) {
        struct profile *p = &of[use->resource];
        uint32_t first = cut(p, from), end = cut(p, until);
        for (uint32_t k = first; k < end; k++)
            p->left[k] -= sign * use->amount;
    }
}

int32_t profile_fit(const struct profile *p, int64_t amount, int32_t duration, int32_t from)
{
    for (uint32_t k = find(p, from);; k++) {
        ASSERT(k < p->count);
        if (p->left[k] < amount) {
            ASSERT(k + 1 < p->count); /* the last segment has room for every task */
            from = p->at[k + 1];
        } else if (k + 1 == p->count || p->at[k + 1] - from >= duration) {
            return from;
        }
    }
}

int32_t profiles_fit(const struct plan *plan, const struct profile *of, uint32_t task, int32_t from)
{
    int32_t start;

    do {
        start = from;
        PLAN_EACH_USE (plan, task, use)
            from = profile_fit(&of[use->resource], use->amount, plan->duration[task], from);
    } while (from != start);
    return from;
}

static int32_t fit_latest(const struct profile *p, int64_t amount, int32_t duration, int32_t until)
{
    if (until < duration)
        return -1;
    for (uint32_t k = find(p, until - 1);; k--) {
        if (p->left[k] < amount)
            until = p->at[k];
        else if (p->at[k] <= until - duration)
            return until - duration;
        if (k == 0)
            return -1;
    }
}

int32_t profiles_fit_latest(const struct plan *plan, const struct profile *of, uint32_t task,
                            int32_t until)
{
    int32_t duration = plan->duration[task], start = until - duration, before;

    do {
        before = start;
        PLAN_EACH_USE (plan, task, use)
            if (start >= 0)
                start = fit_latest(&of[use->resource], use->amount, duration, start + duration);
    } while (start >= 0 && start != before);
    return start < 0 ? -1 : start;
}

int64_t profile_energy(const struct profile *p, int32_t from, int32_t until)
{
    int64_t sum = 0;

    for (uint32_t k = find(p, from); k < p->count && p->at[k] < until; k++) {
        int32_t begin = p->at[k] > from ? p->at[k] : from;
        int32_t end = k + 1 < p->count && p->at[k + 1] < until ? p->at[k + 1] : until;
        sum += p->left[k] * (end - begin);
    }
    return sum;
}
