#include <stdlib.h>
#include <string.h>

#include "quant/schedule_priv.h"

/* --- ranges -------------------------------------------------------------------------------- */

static bool refuse(const struct schedule_task *t, struct err *err, const char *what)
{
    return err_set(err, ERR_INPUT, "task '" STR_F "': %s", STR_A(t->id), what);
}

static bool verify_task(const struct schedule_problem *p, const struct schedule_task *t,
                        struct err *err)
{
    if (t->duration < 0 || t->duration > SCHEDULE_DURATION_MAX)
        return refuse(t, err, "the duration is out of range");
    if (t->release < 0 || t->release > SCHEDULE_PERIOD_MAX)
        return refuse(t, err, "the release is out of range");
    if (t->deadline < 0 || (t->deadline > SCHEDULE_PERIOD_MAX && t->deadline != INT32_MAX))
        return refuse(t, err, "the deadline is out of range");
    for (size_t i = 0; i < t->link_count; i++) {
        const struct schedule_link *link = &t->after[i];
        if (link->task >= p->task_count)
            return refuse(t, err, "there is no such predecessor");
        const struct schedule_task *before = &p->tasks[link->task];
        if (link->lag > SCHEDULE_DURATION_MAX)
            return refuse(t, err, "a lag is too long");
        if (link->lag < -before->duration)
            return err_set(err, ERR_INPUT,
                           "task '" STR_F "': lag %d on '" STR_F "', which lasts %d, would let it "
                           "begin first",
                           STR_A(t->id), (int)link->lag, STR_A(before->id),
                           (int)before->duration) ||
                   err_hint(err, "the least lag is minus the duration of the predecessor: both "
                                 "begin together then");
    }
    for (size_t i = 0; i < t->use_count; i++)
        if (t->uses[i].resource >= p->resource_count || t->uses[i].amount < 0 ||
            t->uses[i].amount > SCHEDULE_AMOUNT_MAX)
            return refuse(t, err, "a use is out of range");
    return true;
}

static bool verify_resource(const struct schedule_resource *r, struct err *err)
{
    bool ok = r->step_count >= 1 && r->step_count <= SCHEDULE_STEPS_MAX && r->steps[0].from == 0;

    for (size_t i = 0; ok && i < r->step_count; i++)
        ok = r->steps[i].capacity >= 0 && r->steps[i].capacity <= SCHEDULE_AMOUNT_MAX &&
             r->steps[i].from <= SCHEDULE_PERIOD_MAX &&
             (i == 0 || r->steps[i].from > r->steps[i - 1].from);
    return ok || err_set(err, ERR_INPUT,
                         "resource '" STR_F "': its capacities are not 1 to %d rising periods from "
                         "0 on",
                         STR_A(r->name), SCHEDULE_STEPS_MAX);
}

bool schedule_verify(const struct schedule_problem *p, struct err *err)
{
    size_t links = 0;

    if (p->task_count > SCHEDULE_TASKS_MAX || p->resource_count > SCHEDULE_RESOURCES_MAX)
        return err_set(err, ERR_LIMIT, "%zu tasks with %zu resources; at most %d and %d",
                       p->task_count, p->resource_count, SCHEDULE_TASKS_MAX,
                       SCHEDULE_RESOURCES_MAX);
    for (size_t i = 0; i < p->task_count; i++) {
        links += p->tasks[i].link_count;
        if (!verify_task(p, &p->tasks[i], err))
            return false;
    }
    if (links > SCHEDULE_LINKS_MAX)
        return err_set(err, ERR_LIMIT, "%zu predecessors, at most %d are possible", links,
                       SCHEDULE_LINKS_MAX);
    for (size_t r = 0; r < p->resource_count; r++)
        if (!verify_resource(&p->resources[r], err))
            return false;
    return true;
}

/* --- order --------------------------------------------------------------------------------- */

struct name {
    Str id;
    uint32_t index;
};

static int compare_names(const void *a, const void *b)
{
    return str_cmp(((const struct name *)a)->id, ((const struct name *)b)->id);
}

struct ordering {
    const struct schedule_problem *problem;
    struct name *names; /* by id */
    uint32_t *number;   /* index in the problem to number in the plan; UNNUMBERED */
};

#define UNNUMBERED UINT32_MAX

static bool is_ready(const struct ordering *o, uint32_t index)
{
    const struct schedule_task *t = &o->problem->tasks[index];

    for (size_t i = 0; i < t->link_count; i++)
        if (o->number[t->after[i].task] == UNNUMBERED)
            return false;
    return o->number[index] == UNNUMBERED;
}

/* Numbers tasks behind their predecessors, the least id first; how many it could. */
static uint32_t number_tasks(struct ordering *o, uint32_t *origin)
{
    uint32_t n = (uint32_t)o->problem->task_count, done = 0;

    for (uint32_t i = 0; i < n;) {
        uint32_t index = o->names[i++].index;
        if (is_ready(o, index)) {
            origin[done] = index;
            o->number[index] = done++;
            i = 0;
        }
    }
    return done;
}

/* The unnumbered predecessor of an unnumbered task that has the least id. */
static uint32_t blocker(const struct ordering *o, uint32_t index)
{
    const struct schedule_task *t = &o->problem->tasks[index];
    uint32_t found = UNNUMBERED;

    for (size_t i = 0; i < t->link_count; i++) {
        uint32_t before = t->after[i].task;
        if (o->number[before] != UNNUMBERED)
            continue;
        if (found == UNNUMBERED ||
            str_cmp(o->problem->tasks[before].id, o->problem->tasks[found].id) < 0)
            found = before;
    }
    ASSERT(found != UNNUMBERED);
    return found;
}

/* Walking back from any unnumbered task ends in a circle of them. */
static bool find_cycle(struct arena *a, const struct ordering *o, struct schedule_conflict *c)
{
    uint32_t n = (uint32_t)o->problem->task_count, at = UNNUMBERED;

    for (uint32_t i = 0; at == UNNUMBERED; i++)
        if (o->number[o->names[i].index] == UNNUMBERED)
            at = o->names[i].index;
    for (uint32_t i = 0; i < n; i++)
        at = blocker(o, at);
    *c = (struct schedule_conflict){.kind = SCHEDULE_CYCLE,
                                    .resource = SCHEDULE_NO_RESOURCE,
                                    .tasks = arena_try_new(a, uint32_t, n)};
    if (!c->tasks)
        return false;
    uint32_t first = at; /* of the circle, the one with the least id: the same for every order */
    for (uint32_t i = blocker(o, at); i != at; i = blocker(o, i))
        if (str_cmp(o->problem->tasks[i].id, o->problem->tasks[first].id) < 0)
            first = i;
    at = first;
    do {
        c->tasks[c->task_count++] = at;
        at = blocker(o, at);
    } while (at != first);
    return true;
}

/* --- the plan ------------------------------------------------------------------------------ */

static bool add_capacities(struct arena *a, const struct schedule_problem *problem,
                           struct plan *plan)
{
    plan->base = arena_try_new(a, struct profile, problem->resource_count);
    if (!plan->base)
        return false;
    for (uint32_t r = 0; r < plan->resource_count; r++) {
        const struct schedule_resource *from = &problem->resources[r];
        struct profile *p = &plan->base[r];
        p->capacity = (uint32_t)from->step_count + 1; /* one more for the horizon */
        p->at = arena_try_new(a, int32_t, p->capacity);
        p->left = arena_try_new(a, int64_t, p->capacity);
        if (!p->at || !p->left)
            return false;
        for (size_t i = 0; i < from->step_count; i++) {
            p->at[i] = from->steps[i].from;
            p->left[i] = from->steps[i].capacity;
        }
        p->count = (uint32_t)from->step_count;
    }
    return true;
}

/* One after the other behind the last release and step, all tasks are done before the horizon. */
static void find_horizon(struct plan *plan)
{
    int32_t last = 0, work = 1;

    for (uint32_t r = 0; r < plan->resource_count; r++)
        if (last < plan->base[r].at[plan->base[r].count - 1])
            last = plan->base[r].at[plan->base[r].count - 1];
    for (uint32_t t = 0; t < plan->task_count; t++) {
        int32_t lag = 0;
        if (last < plan->release[t])
            last = plan->release[t];
        PLAN_EACH_AFTER (plan, t, link)
            lag = lag < link->lag ? link->lag : lag;
        work += plan->duration[t] + lag;
    }
    plan->horizon = last + work;
}

static void extend_capacities(struct plan *plan)
{
    for (uint32_t r = 0; r < plan->resource_count; r++) {
        struct profile *p = &plan->base[r];
        int64_t last = p->left[p->count - 1], largest = 0, sum = 0;
        for (uint32_t t = 0; t < plan->task_count; t++)
            PLAN_EACH_USE (plan, t, use) {
                if (use->resource != r)
                    continue;
                sum += use->amount;
                largest = largest < use->amount ? use->amount : largest;
                if (use->amount > last && plan->deadline[t] > plan->horizon)
                    plan->deadline[t] = plan->horizon;
            }
        if (largest > last) {
            p->at[p->count] = plan->horizon;
            p->left[p->count++] = sum;
        }
    }
    for (uint32_t t = 0; t < plan->task_count; t++)
        plan->has_deadlines |= plan->deadline[t] != SCHEDULE_NO_DEADLINE;
}

static int compare_links(const void *a, const void *b)
{
    const struct schedule_link *x = a, *y = b;

    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    return (x->lag > y->lag) - (x->lag < y->lag);
}

static bool copy_tasks(struct arena *a, const struct ordering *o, struct plan *plan)
{
    uint32_t n = plan->task_count, uses = 0, links = 0;

    for (uint32_t t = 0; t < n; t++) {
        uses += (uint32_t)o->problem->tasks[t].use_count;
        links += (uint32_t)o->problem->tasks[t].link_count;
    }
    plan->after_first = arena_try_new(a, uint32_t, n + 1);
    plan->use_first = arena_try_new(a, uint32_t, n + 1);
    plan->after = arena_try_new(a, struct schedule_link, links);
    plan->uses = arena_try_new(a, struct schedule_use, uses);
    plan->duration = arena_try_new(a, int32_t, n);
    plan->release = arena_try_new(a, int32_t, n);
    plan->deadline = arena_try_new(a, int32_t, n);
    if (!plan->after_first || !plan->use_first || !plan->after || !plan->uses || !plan->duration ||
        !plan->release || !plan->deadline)
        return false;
    uses = links = 0;
    for (uint32_t t = 0; t < n; t++) {
        const struct schedule_task *from = &o->problem->tasks[plan->origin[t]];
        plan->duration[t] = from->duration;
        plan->release[t] = from->release;
        plan->deadline[t] = from->deadline;
        for (size_t i = 0; i < from->link_count; i++)
            plan->after[links++] =
                (struct schedule_link){o->number[from->after[i].task], from->after[i].lag};
        if (from->link_count > 0) /* what is explained hangs on their order */
            qsort(plan->after + plan->after_first[t], from->link_count, sizeof *plan->after,
                  compare_links);
        for (size_t i = 0; i < from->use_count; i++)
            if (from->uses[i].amount > 0 && from->duration > 0)
                plan->uses[uses++] = from->uses[i];
        plan->after_first[t + 1] = links;
        plan->use_first[t + 1] = uses;
    }
    return true;
}

/* The successors, from the predecessors. */
static bool turn_links(struct arena *a, struct plan *plan)
{
    uint32_t n = plan->task_count, count = plan->after_first[n];
    uint32_t *first = arena_try_new(a, uint32_t, n + 2);

    plan->before = arena_try_new(a, struct schedule_link, count);
    if (!first || !plan->before)
        return false;
    for (uint32_t i = 0; i < count; i++)
        first[plan->after[i].task + 2]++;
    for (uint32_t t = 0; t < n; t++)
        first[t + 2] += first[t + 1];
    for (uint32_t t = 0; t < n; t++)
        PLAN_EACH_AFTER (plan, t, link)
            plan->before[first[link->task + 1]++] = (struct schedule_link){t, link->lag};
    plan->before_first = first;
    return true;
}

static void find_tails(struct plan *plan)
{
    for (uint32_t t = plan->task_count; t-- > 0;) {
        PLAN_EACH_BEFORE (plan, t, link) {
            int32_t behind = link->lag + plan->duration[link->task] + plan->tail[link->task];
            plan->tail[t] = plan->tail[t] < behind ? behind : plan->tail[t];
        }
    }
}

/* --- contradictions that one task alone shows ------------------------------------------------ */

/* The most that is left for `duration` periods at once within [from, until), and from when. */
static int64_t most_available(const struct plan *plan, const struct profile *p, int32_t duration,
                              int32_t from, int32_t until, int32_t *period)
{
    int64_t most = -1;
    int32_t end = until < plan->horizon ? until : plan->horizon;

    /* A best place begins with the interval or a step, or ends with a step or the interval. */
    for (uint32_t k = 0; k <= 2 * p->count + 1; k++) {
        uint32_t step = k / 2;
        int32_t start = step == p->count ? (k % 2 ? end - duration : from)
                                         : p->at[step] - (k % 2 ? duration : 0);
        if (start < from || start > end - duration)
            continue;
        int64_t least = INT64_MAX;
        for (uint32_t i = 0; i < p->count && p->at[i] < start + duration; i++)
            if ((i + 1 == p->count || p->at[i + 1] > start) && p->left[i] < least)
                least = p->left[i];
        if (least > most || (least == most && start < *period)) {
            most = least;
            *period = start;
        }
    }
    return most;
}

/* `from`: earliest start of the task by what comes before it. */
static bool explain_demand(struct arena *a, const struct plan *plan, uint32_t task, int32_t from,
                           struct schedule_conflict *c)
{
    *c = (struct schedule_conflict){.kind = SCHEDULE_DEMAND,
                                    .task_count = 1,
                                    .tasks = arena_try_new(a, uint32_t, 1),
                                    .resource = SCHEDULE_NO_RESOURCE,
                                    .from = from,
                                    .until = plan->deadline[task]};
    if (!c->tasks)
        return false;
    c->tasks[0] = plan->origin[task];
    PLAN_EACH_USE (plan, task, use) {
        int32_t period = 0;
        int64_t most = most_available(plan, &plan->base[use->resource], plan->duration[task], from,
                                      plan->deadline[task], &period);
        if (most < use->amount && c->resource == SCHEDULE_NO_RESOURCE) {
            c->resource = use->resource;
            c->period = period;
            c->needed = use->amount;
            c->available = most < 0 ? 0 : most;
        }
    }
    if (c->until >= plan->horizon)
        c->until = SCHEDULE_NO_DEADLINE;
    return true;
}

/* The resource that keeps a task from starting at `from`. */
static uint32_t obstacle(const struct plan *plan, uint32_t task, int32_t from)
{
    PLAN_EACH_USE (plan, task, use)
        if (profile_fit(&plan->base[use->resource], use->amount, plan->duration[task], from) > from)
            return use->resource;
    return SCHEDULE_NO_RESOURCE;
}

/* Walks back from the task that is too late along what its head rests on. */
static bool explain_deadline(struct arena *a, const struct plan *plan, const int32_t *ready,
                             uint32_t task, struct schedule_conflict *c)
{
    uint32_t n = plan->task_count;
    *c = (struct schedule_conflict){.kind = SCHEDULE_DEADLINE,
                                    .resource = SCHEDULE_NO_RESOURCE,
                                    .until = plan->deadline[task],
                                    .tasks = arena_try_new(a, uint32_t, n),
                                    .starts = arena_try_new(a, int32_t, n),
                                    .waits = arena_try_new(a, uint32_t, n)};
    if (!c->tasks || !c->starts || !c->waits)
        return false;
    uint32_t chain = 0, at = task, *list = c->tasks;
    for (bool is_more = true; is_more;) {
        list[chain++] = at;
        is_more = false;
        PLAN_EACH_AFTER (plan, at, link)
            if (!is_more && ready[at] > plan->release[at] &&
                plan->head[link->task] + plan->duration[link->task] + link->lag == ready[at]) {
                at = link->task;
                is_more = true;
                break;
            }
    }
    for (uint32_t i = 0; i < chain / 2; i++) {
        uint32_t other = list[i];
        list[i] = list[chain - 1 - i];
        list[chain - 1 - i] = other;
    }
    for (uint32_t i = 0; i < chain; i++) {
        uint32_t t = list[i];
        c->starts[i] = plan->head[t];
        c->waits[i] = plan->head[t] > ready[t] ? obstacle(plan, t, ready[t]) : SCHEDULE_NO_RESOURCE;
        list[i] = plan->origin[t];
    }
    c->task_count = chain;
    if (c->until >= plan->horizon) {
        c->until = SCHEDULE_NO_DEADLINE;
        c->resource = c->waits[chain - 1];
    }
    return true;
}

static bool find_heads(struct arena *a, struct plan *plan, int32_t *ready,
                       struct schedule_conflict *c, bool *is_possible)
{
    *is_possible = true;
    for (uint32_t t = 0; t < plan->task_count; t++) {
        int32_t duration = plan->duration[t], deadline = plan->deadline[t];
        ready[t] = plan->release[t];
        PLAN_EACH_AFTER (plan, t, link) {
            int32_t start = plan->head[link->task] + plan->duration[link->task] + link->lag;
            ready[t] = ready[t] < start ? start : ready[t];
        }
        plan->head[t] = profiles_fit(plan, plan->base, t, ready[t]);
        if (plan->head[t] > deadline - duration) {
            *is_possible = false;
            int32_t released = profiles_fit(plan, plan->base, t, plan->release[t]);
            if (plan->release[t] <= deadline - duration && released > deadline - duration)
                return explain_demand(a, plan, t, plan->release[t], c);
            return explain_deadline(a, plan, ready, t, c);
        }
        if (plan->critical_path < plan->head[t] + duration + plan->tail[t])
            plan->critical_path = plan->head[t] + duration + plan->tail[t];
    }
    return true;
}

bool plan_make(struct arena *a, struct arena *scratch, const struct schedule_problem *problem,
               struct plan *plan, struct schedule_conflict *conflict, bool *is_possible,
               struct err *err)
{
    uint32_t n = (uint32_t)problem->task_count;
    struct ordering o = {.problem = problem,
                         .names = arena_try_new(scratch, struct name, n),
                         .number = arena_try_new(scratch, uint32_t, n)};

    *plan = (struct plan){.task_count = n,
                          .resource_count = (uint32_t)problem->resource_count,
                          .origin = arena_try_new(scratch, uint32_t, n),
                          .head = arena_try_new(scratch, int32_t, n),
                          .tail = arena_try_new(scratch, int32_t, n)};
    int32_t *ready = arena_try_new(scratch, int32_t, n);
    if (!o.names || !o.number || !plan->origin || !plan->head || !plan->tail || !ready)
        return err_arena(err, scratch);
    for (uint32_t i = 0; i < n; i++) {
        o.names[i] = (struct name){problem->tasks[i].id, i};
        o.number[i] = UNNUMBERED;
    }
    if (n > 0)
        qsort(o.names, n, sizeof *o.names, compare_names);
    for (uint32_t i = 1; i < n; i++)
        if (str_eq(o.names[i - 1].id, o.names[i].id))
            return refuse(&problem->tasks[o.names[i].index], err, "there are two of this id");
    if (number_tasks(&o, plan->origin) < n) {
        *is_possible = false;
        return find_cycle(a, &o, conflict) || err_arena(err, a);
    }
    if (!copy_tasks(scratch, &o, plan) || !turn_links(scratch, plan) ||
        !add_capacities(scratch, problem, plan))
        return err_arena(err, scratch);
    find_horizon(plan);
    extend_capacities(plan);
    find_tails(plan);
    return find_heads(a, plan, ready, conflict, is_possible) || err_arena(err, a);
}
