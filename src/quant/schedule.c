#include "quant/schedule.h"

#include <string.h>

#include "base/limits.h"
#include "quant/schedule_priv.h"

#define SCRATCH_BYTES_MAX (1 * GIB)

/* --- checking ------------------------------------------------------------------------------ */

static int64_t capacity_at(const struct schedule_resource *r, int32_t period)
{
    int64_t capacity = 0;

    for (size_t i = 0; i < r->step_count && r->steps[i].from <= period; i++)
        capacity = r->steps[i].capacity;
    return capacity;
}

static int64_t in_use(const struct schedule_problem *p, const int32_t *starts, size_t resource,
                      int32_t period)
{
    int64_t sum = 0;

    for (size_t t = 0; t < p->task_count; t++) {
        if (starts[t] > period || starts[t] + p->tasks[t].duration <= period)
            continue;
        for (size_t i = 0; i < p->tasks[t].use_count; i++)
            if (p->tasks[t].uses[i].resource == resource)
                sum += p->tasks[t].uses[i].amount;
    }
    return sum;
}

/* Use rises only where a task starts, capacity falls only where a step begins. */
static bool resource_holds(const struct schedule_problem *p, const int32_t *starts, size_t resource)
{
    const struct schedule_resource *r = &p->resources[resource];

    for (size_t t = 0; t < p->task_count; t++)
        for (size_t i = 0; i < p->tasks[t].use_count; i++)
            if (p->tasks[t].uses[i].resource == resource && p->tasks[t].duration > 0 &&
                in_use(p, starts, resource, starts[t]) > capacity_at(r, starts[t]))
                return false;
    for (size_t i = 0; i < r->step_count; i++)
        if (in_use(p, starts, resource, r->steps[i].from) > r->steps[i].capacity)
            return false;
    return true;
}

static bool order_holds(const struct schedule_problem *p, const int32_t *starts,
                        bool is_late_allowed)
{
    for (size_t t = 0; t < p->task_count; t++) {
        const struct schedule_task *task = &p->tasks[t];
        if (starts[t] < task->release || (!is_late_allowed && task->deadline != INT32_MAX &&
                                          starts[t] + task->duration > task->deadline))
            return false;
        for (size_t i = 0; i < task->link_count; i++) {
            const struct schedule_link *link = &task->after[i];
            if (starts[t] < starts[link->task] + p->tasks[link->task].duration + link->lag)
                return false;
        }
    }
    return true;
}

bool schedule_holds(const struct schedule_problem *problem, const int32_t *starts,
                    bool is_late_allowed)
{
    if (!order_holds(problem, starts, is_late_allowed))
        return false;
    for (size_t r = 0; r < problem->resource_count; r++)
        if (!resource_holds(problem, starts, r))
            return false;
    return true;
}

/* --- solving ------------------------------------------------------------------------------- */

struct work {
    struct arena *arena, scratch;
    const struct schedule_problem *problem;
    const struct schedule_settings *settings;
    struct schedule_answer *answer;
    struct plan plan;
    struct bounder *bounder;
    struct search search;
    int32_t *without; /* deadlines that are tried without, see try_without() */
};

/* Does something that was proven tell that the deadlines cannot be kept? */
static bool is_refuted(struct work *w)
{
    int32_t end = w->plan.horizon + 1;
    bool is_proven = false;

    if (bounder_refutes(w->bounder, w->plan.horizon))
        return true;
    if (w->plan.task_count > SCHEDULE_EXACT_TASKS_MAX)
        return false;
    int32_t starts[SCHEDULE_EXACT_TASKS_MAX];
    return !exact_improve(&w->scratch, &w->plan, end - 1, starts, &end, &is_proven) && is_proven;
}

/* The one resource whose capacity ends before the work that needs it may do. */
static uint32_t only_ending(const struct plan *plan)
{
    uint32_t found = SCHEDULE_NO_RESOURCE;

    for (uint32_t r = 0; r < plan->resource_count; r++) {
        const struct profile *p = &plan->base[r];
        if (p->at[p->count - 1] != plan->horizon)
            continue;
        if (found != SCHEDULE_NO_RESOURCE)
            return SCHEDULE_NO_RESOURCE;
        found = r;
    }
    return found;
}

/* Takes the deadlines of the tasks [from, until) away, and back unless the rest is still refuted.
 */
static void try_without(struct work *w, const int32_t *given, uint32_t from, uint32_t until)
{
    int32_t *deadlines = w->plan.deadline;
    bool is_any = false;

    for (uint32_t t = from; t < until; t++) {
        is_any |= deadlines[t] < w->plan.horizon;
        w->without[t] = deadlines[t];
        deadlines[t] = given[t] < w->plan.horizon ? SCHEDULE_NO_DEADLINE : given[t];
    }
    if (is_any && !is_refuted(w))
        memcpy(deadlines + from, w->without + from, (until - from) * sizeof *deadlines);
}

/* Leaves out deadlines, many at once and then one by one, as long as the rest is still refuted. One
 * at the horizon is the end of a capacity and stays. */
static bool explain_deadlines(struct work *w, struct err *err)
{
    struct plan *plan = &w->plan;
    uint32_t n = plan->task_count;
    struct schedule_conflict *c = &w->answer->conflict;

    if (bounder_overload(w->bounder, w->arena, c))
        return true;
    *c = (struct schedule_conflict){.kind = SCHEDULE_DEADLINES,
                                    .resource = SCHEDULE_NO_RESOURCE,
                                    .tasks = arena_try_new(w->arena, uint32_t, n)};
    int32_t *given = arena_try_new(&w->scratch, int32_t, n);
    w->without = arena_try_new(&w->scratch, int32_t, n);
    if (!c->tasks || !given || !w->without)
        return err_arena(err, w->arena);
    memcpy(given, plan->deadline, n * sizeof *given);
    for (uint32_t size = n; size > 0; size /= 2)
        for (uint32_t from = 0; from < n; from += size) {
            if (schedule_is_cancelled(w->settings))
                return err_set(err, ERR_CANCELLED, "stopped while looking for a reason");
            try_without(w, given, from, from + size < n ? from + size : n);
        }
    for (uint32_t t = 0; t < n; t++)
        if (plan->deadline[t] < plan->horizon)
            c->tasks[c->task_count++] = plan->origin[t];
    if (c->task_count == 0)
        c->resource = only_ending(plan);
    return true;
}

static bool report_infeasible(struct work *w, struct err *err)
{
    w->answer->status = SCHEDULE_INFEASIBLE;
    return explain_deadlines(w, err);
}

static void report(struct work *w)
{
    const struct search *s = &w->search;
    struct schedule_answer *answer = w->answer;

    for (uint32_t t = 0; t < w->plan.task_count; t++)
        answer->starts[w->plan.origin[t]] = s->starts[t];
    answer->schedules = s->count;
    answer->makespan = s->score.makespan;
    answer->lateness = s->score.lateness;
    answer->bound = s->bound;
    answer->end = w->plan.horizon;
    answer->critical_path = w->plan.critical_path;
    int32_t least = s->bound > 1 ? s->bound : 1;
    answer->gap = (double)(answer->makespan - s->bound) / least;
    answer->status = s->score.lateness > 0          ? SCHEDULE_LATE
                     : answer->makespan <= s->bound ? SCHEDULE_OPTIMAL
                                                    : SCHEDULE_FEASIBLE;
}

/* The exact search, for few tasks: proves the best, finds a better one, or that there is none. */
static void finish(struct work *w, bool *is_impossible)
{
    struct search *s = &w->search;
    bool is_late = s->score.lateness > 0, is_proven;
    int32_t end = is_late ? w->plan.horizon + 1 : s->score.makespan;

    *is_impossible = false;
    if (w->plan.task_count > SCHEDULE_EXACT_TASKS_MAX || (!is_late && end <= s->bound))
        return;
    if (exact_improve(&w->scratch, &w->plan, s->bound, s->starts, &end, &is_proven))
        s->score = (struct score){0, end};
    else
        *is_impossible = is_late && is_proven;
    if (is_proven && !*is_impossible)
        s->bound = end;
}

static bool solve(struct work *w, struct err *err)
{
    struct search *s = &w->search;
    bool is_impossible = false;

    if (!bounder_make(&w->scratch, &w->plan, &w->bounder, err))
        return false;
    if (w->plan.has_deadlines && bounder_refutes(w->bounder, w->plan.horizon))
        return report_infeasible(w, err);
    if (!search_begin(&w->scratch, &w->plan, w->settings, s, err))
        return false;
    int32_t most = s->score.lateness > 0 ? w->plan.horizon : s->score.makespan;
    s->bound = bounder_search(w->bounder, w->settings, w->plan.critical_path, most);
    w->answer->resource_bound = s->bound;
    s->is_cancelled |= schedule_is_cancelled(w->settings);
    search_run(s);
    if (s->is_cancelled)
        return err_set(err, ERR_CANCELLED, "stopped after %llu schedules",
                       (unsigned long long)s->count);
    finish(w, &is_impossible);
    if (is_impossible)
        return report_infeasible(w, err);
    report(w);
    return true;
}

bool schedule_solve(struct arena *a, const struct schedule_problem *problem,
                    const struct schedule_settings *settings, struct schedule_answer *answer,
                    struct err *err)
{
    struct work w = {.arena = a, .problem = problem, .settings = settings, .answer = answer};
    bool is_possible = true;

    *answer = (struct schedule_answer){.status = SCHEDULE_INFEASIBLE};
    if (settings->schedules < 1 || settings->schedules > SCHEDULE_BUDGET_MAX)
        return err_set(err, ERR_INPUT, "%llu schedules; 1 to %llu are possible",
                       (unsigned long long)settings->schedules,
                       (unsigned long long)SCHEDULE_BUDGET_MAX);
    if (!schedule_verify(problem, err))
        return false;
    if (problem->task_count == 0) {
        *answer = (struct schedule_answer){.status = SCHEDULE_OPTIMAL};
        return true;
    }
    answer->starts = arena_try_new(a, int32_t, problem->task_count);
    if (!answer->starts)
        return err_arena(err, a);
    arena_init(&w.scratch, SCRATCH_BYTES_MAX);
    bool ok = plan_make(a, &w.scratch, problem, &w.plan, &answer->conflict, &is_possible, err) &&
              (!is_possible || solve(&w, err));
    arena_deinit(&w.scratch);
    if (!ok)
        return false;
    if (answer->status == SCHEDULE_INFEASIBLE)
        answer->starts = NULL;
    else
        ASSERT(answer->makespan > answer->end ||
               schedule_holds(problem, answer->starts, answer->status == SCHEDULE_LATE));
    return true;
}
