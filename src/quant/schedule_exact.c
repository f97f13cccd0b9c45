#include <string.h>

#include "quant/schedule_priv.h"

/* Depth first over the order of starts: each node places one more task whose predecessors are
 * placed, as early as it fits beside them and not before the last one. A best schedule is among the
 * leaves (schedule_search.c). A node is left when some open task, started as early as it may beside
 * what is placed, misses its deadline or reaches the best end with what has to come behind it. */

#define NODES_MAX UINT64_C(3000000) /* about a second; then nothing is proven */

struct exact {
    const struct plan *plan;
    struct profile *levels[SCHEDULE_EXACT_TASKS_MAX + 1]; /* what is left, by depth */
    int32_t starts[SCHEDULE_EXACT_TASKS_MAX];
    uint32_t placed; /* bit t */
    int32_t bound, *best, end;
    bool is_found;
    uint64_t nodes;
};

static bool is_placed(const struct exact *x, uint32_t t)
{
    return x->placed >> t & 1;
}

/* Earliest starts of the open tasks; *ready: those whose predecessors are placed. */
static bool can_improve(const struct exact *x, uint32_t depth, int32_t *early, uint32_t *ready)
{
    const struct plan *plan = x->plan;

    *ready = 0;
    for (uint32_t t = 0; t < plan->task_count; t++) {
        bool is_ready = true;
        if (is_placed(x, t)) {
            early[t] = x->starts[t];
            continue;
        }
        early[t] = plan->head[t];
        PLAN_EACH_AFTER (plan, t, link) {
            int32_t start = early[link->task] + plan->duration[link->task] + link->lag;
            early[t] = early[t] < start ? start : early[t];
            is_ready &= is_placed(x, link->task);
        }
        early[t] = profiles_fit(plan, x->levels[depth], t, early[t]);
        int32_t finish = early[t] + plan->duration[t];
        if (finish > plan->deadline[t] || finish + plan->tail[t] >= x->end)
            return false;
        *ready |= is_ready ? 1U << t : 0;
    }
    return true;
}

static bool is_over(const struct exact *x)
{
    return x->nodes >= NODES_MAX || x->end <= x->bound;
}

static void keep(struct exact *x)
{
    int32_t end = 0;

    for (uint32_t t = 0; t < x->plan->task_count; t++)
        if (end < x->starts[t] + x->plan->duration[t])
            end = x->starts[t] + x->plan->duration[t];
    if (end >= x->end) /* another child of the last node was as short */
        return;
    x->end = end;
    x->is_found = true;
    memcpy(x->best, x->starts, x->plan->task_count * sizeof *x->best);
}

static void branch(struct exact *x, uint32_t depth, int32_t last)
{
    const struct plan *plan = x->plan;
    int32_t early[SCHEDULE_EXACT_TASKS_MAX];
    uint32_t ready;

    x->nodes++;
    if (depth == plan->task_count) {
        keep(x);
        return;
    }
    if (!can_improve(x, depth, early, &ready))
        return;
    for (uint32_t t = 0; t < plan->task_count && !is_over(x); t++) {
        if (!(ready >> t & 1) || early[t] < last)
            continue;
        profiles_copy(plan, x->levels[depth + 1], x->levels[depth]);
        profiles_take(plan, x->levels[depth + 1], t, early[t], early[t] + plan->duration[t], 1);
        x->starts[t] = early[t];
        x->placed |= 1U << t;
        branch(x, depth + 1, early[t]);
        x->placed &= ~(1U << t);
    }
}

bool exact_improve(struct arena *a, const struct plan *plan, int32_t bound, int32_t *starts,
                   int32_t *end, bool *is_proven)
{
    struct exact x = {.plan = plan, .bound = bound, .best = starts, .end = *end};

    ASSERT(plan->task_count <= SCHEDULE_EXACT_TASKS_MAX);
    *is_proven = false;
    for (uint32_t i = 0; i <= plan->task_count; i++)
        if (!profiles_new(a, plan, plan->task_count, &x.levels[i]))
            return false; /* no memory: nothing is proven */
    profiles_reset(plan, x.levels[0]);
    branch(&x, 0, 0);
    *end = x.end;
    *is_proven = x.nodes < NODES_MAX || x.end <= bound;
    return x.is_found;
}
