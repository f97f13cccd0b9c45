#include <stdlib.h>
#include <string.h>

#include "quant/schedule_priv.h"

/* Constant resources that nobody gave and every schedule keeps. Two kinds:
 *
 *   cliques     of tasks no two of which can ever be under way together, because one comes after
 *               the other or some resource is too small for both: one at a time
 *   functions   of the amounts of one resource that are dual feasible: whatever fits into its peak
 *               still fits after f (Fekete and Schepers, Mathematical Programming 91, 2001; for
 *               projects: Carlier, Clautiaux, Moukrim 2007). f_l counts what is more than the
 *               peak less l as the whole peak and less than l as nothing; u_k rounds (k + 1)-ths
 *               down to k-ths of the peak
 *
 * Those with the most work against their capacity are kept. */

enum {
    CLIQUES_MAX = 12,
    FUNCTIONS_MAX = 12,
    FRACTIONS_MAX = 6 /* k of u_k */
};

struct relaxer {
    const struct plan *plan;
    const bool *exclusive;
    uint32_t *order; /* tasks by duration, longest first */
    uint32_t *members;
    struct relaxation candidate;
    struct relaxation *out;
    uint32_t count, first, most; /* the kind at hand is kept in out[first .. first + most) */
};

/* The least time that the work takes: sum of duration x amount / capacity. */
static double load_of(const struct plan *plan, const struct relaxation *r)
{
    double sum = 0;

    for (uint32_t t = 0; t < plan->task_count; t++)
        sum += (double)plan->duration[t] * (double)r->amounts[t];
    return sum / (double)r->capacity;
}

static bool is_same(const struct plan *plan, const struct relaxation *a, const struct relaxation *b)
{
    return a->capacity == b->capacity &&
           memcmp(a->amounts, b->amounts, plan->task_count * sizeof *a->amounts) == 0;
}

/* Keeps the candidate when it is new, and there is room or less load to be given up. */
static void offer(struct relaxer *x)
{
    struct relaxation *worst = NULL;

    x->candidate.load = load_of(x->plan, &x->candidate);
    for (uint32_t i = x->first; i < x->count; i++) {
        if (is_same(x->plan, &x->out[i], &x->candidate))
            return;
        if (!worst || x->out[i].load < worst->load)
            worst = &x->out[i];
    }
    if (x->count < x->first + x->most)
        worst = &x->out[x->count++];
    else if (worst->load >= x->candidate.load)
        return;
    int64_t *amounts = worst->amounts; /* change places: the candidate's room is used again */
    *worst = x->candidate;
    x->candidate.amounts = amounts;
}

/* --- cliques ------------------------------------------------------------------------------- */

static void offer_clique(struct relaxer *x, uint32_t seed)
{
    uint32_t n = x->plan->task_count, size = 0;

    memset(x->candidate.amounts, 0, n * sizeof *x->candidate.amounts);
    x->candidate.capacity = 1;
    x->members[size++] = seed;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t t = x->order[i];
        bool fits = t != seed && x->plan->duration[t] > 0;
        for (uint32_t k = 0; k < size && fits; k++)
            fits = x->exclusive[(size_t)t * n + x->members[k]];
        if (fits)
            x->members[size++] = t;
    }
    for (uint32_t k = 0; k < size; k++)
        x->candidate.amounts[x->members[k]] = 1;
    offer(x);
}

/* --- dual feasible functions ----------------------------------------------------------------- */

/* The amount of the resource that the task uses, in `amounts`. */
static void plain_amounts(const struct plan *plan, uint32_t resource, int64_t *amounts)
{
    memset(amounts, 0, plan->task_count * sizeof *amounts);
    for (uint32_t t = 0; t < plan->task_count; t++)
        PLAN_EACH_USE (plan, t, use)
            if (use->resource == resource)
                amounts[t] = use->amount;
}

static void offer_threshold(struct relaxer *x, uint32_t resource, int64_t peak, int64_t least)
{
    int64_t *amounts = x->candidate.amounts;

    plain_amounts(x->plan, resource, amounts);
    x->candidate.capacity = peak;
    for (uint32_t t = 0; t < x->plan->task_count; t++)
        amounts[t] = amounts[t] > peak - least ? peak : amounts[t] < least ? 0 : amounts[t];
    offer(x);
}

static void offer_fractions(struct relaxer *x, uint32_t resource, int64_t peak, int64_t k)
{
    int64_t *amounts = x->candidate.amounts;

    plain_amounts(x->plan, resource, amounts);
    x->candidate.capacity = peak * k;
    for (uint32_t t = 0; t < x->plan->task_count; t++) {
        int64_t parts = amounts[t] * (k + 1);
        amounts[t] = parts % peak == 0 ? amounts[t] * k : parts / peak * peak;
    }
    offer(x);
}

static void offer_functions(struct relaxer *x, uint32_t resource)
{
    int64_t peak = plan_peak(x->plan, resource);

    if (peak == 0)
        return;
    for (uint32_t t = 0; t < x->plan->task_count; t++)
        PLAN_EACH_USE (x->plan, t, use)
            if (use->resource == resource) {
                if (use->amount <= peak / 2)
                    offer_threshold(x, resource, peak, use->amount);
                if (use->amount > peak / 2 &&
                    use->amount < peak) /* what fits beside it, and more */
                    offer_threshold(x, resource, peak, peak - use->amount + 1);
            }
    for (int64_t k = 1; k <= FRACTIONS_MAX; k++)
        offer_fractions(x, resource, peak, k);
}

/* --- all of them ----------------------------------------------------------------------------- */

struct long_first {
    int32_t duration;
    uint32_t task;
};

static int compare_durations(const void *a, const void *b)
{
    const struct long_first *x = a, *y = b;

    if (x->duration != y->duration)
        return x->duration > y->duration ? -1 : 1;
    return (x->task > y->task) - (x->task < y->task);
}

static bool order_tasks(struct arena *a, struct relaxer *x)
{
    uint32_t n = x->plan->task_count;
    struct long_first *keys = arena_try_new(a, struct long_first, n);

    x->order = arena_try_new(a, uint32_t, n);
    x->members = arena_try_new(a, uint32_t, n);
    if (!keys || !x->order || !x->members)
        return false;
    for (uint32_t t = 0; t < n; t++)
        keys[t] = (struct long_first){x->plan->duration[t], t};
    qsort(keys, n, sizeof *keys, compare_durations);
    for (uint32_t i = 0; i < n; i++)
        x->order[i] = keys[i].task;
    return true;
}

bool relaxations_make(struct arena *a, const struct plan *plan, const bool *exclusive,
                      struct relaxation **out, uint32_t *count)
{
    uint32_t n = plan->task_count;
    struct relaxer x = {.plan = plan, .exclusive = exclusive, .most = CLIQUES_MAX};

    x.out = arena_try_new(a, struct relaxation, CLIQUES_MAX + FUNCTIONS_MAX);
    x.candidate.amounts = arena_try_new(a, int64_t, n);
    if (!x.out || !x.candidate.amounts || !order_tasks(a, &x))
        return false;
    for (uint32_t i = 0; i < CLIQUES_MAX + FUNCTIONS_MAX; i++)
        if (!(x.out[i].amounts = arena_try_new(a, int64_t, n)))
            return false;
    for (uint32_t t = 0; t < n; t++)
        if (plan->duration[t] > 0)
            offer_clique(&x, t);
    x.first = x.count;
    x.most = FUNCTIONS_MAX;
    for (uint32_t r = 0; r < plan->resource_count; r++)
        offer_functions(&x, r);
    *out = x.out;
    *count = x.count;
    return true;
}
