/* Schedules: by hand, against every order of few tasks, and over published projects. */
#include "unit/test.h"

#include <string.h>

#include "../../bench/psplib.h"
#include "base/random.h"
#include "quant/schedule_priv.h"

static struct arena arena;

/* --- problems made by hand ------------------------------------------------------------------- */

enum { TASKS = 64, LINKS = 16, USES = 8, STEPS = 8, RESOURCES = 4 };

/* A problem with room to add to. */
struct book {
    struct schedule_problem problem;
    struct schedule_task tasks[TASKS];
    struct schedule_link links[TASKS][LINKS];
    struct schedule_use uses[TASKS][USES];
    struct schedule_resource resources[RESOURCES];
    struct schedule_step steps[RESOURCES][STEPS];
};

static struct book *new_book(void)
{
    struct book *b = arena_new(&arena, struct book, 1);

    b->problem.tasks = b->tasks;
    b->problem.resources = b->resources;
    return b;
}

static uint32_t add_task(struct book *b, const char *id, int32_t duration)
{
    uint32_t t = (uint32_t)b->problem.task_count++;

    b->tasks[t] = (struct schedule_task){.id = str_from_cstr(id),
                                         .duration = duration,
                                         .deadline = SCHEDULE_NO_DEADLINE,
                                         .after = b->links[t],
                                         .uses = b->uses[t]};
    return t;
}

static void add_link(struct book *b, uint32_t task, uint32_t before, int32_t lag)
{
    b->links[task][b->tasks[task].link_count++] = (struct schedule_link){before, lag};
}

static void add_use(struct book *b, uint32_t task, uint32_t resource, int64_t amount)
{
    b->uses[task][b->tasks[task].use_count++] = (struct schedule_use){resource, amount};
}

static void add_step(struct book *b, uint32_t resource, int32_t from, int64_t capacity)
{
    struct schedule_resource *r = &b->resources[resource];

    if (b->problem.resource_count <= resource)
        b->problem.resource_count = resource + 1;
    r->name = S("people");
    r->steps = b->steps[resource];
    b->steps[resource][r->step_count++] = (struct schedule_step){from, capacity};
}

static struct schedule_answer solve(const struct book *b, uint64_t schedules)
{
    const struct schedule_settings settings = {.schedules = schedules, .seed = 1};
    struct schedule_answer answer;
    struct err err = {0};

    CHECK(schedule_solve(&arena, &b->problem, &settings, &answer, &err));
    return answer;
}

/* --- a checker of its own: every period by itself ------------------------------------------- */

static bool keeps(const struct schedule_problem *p, const int32_t *starts)
{
    int32_t end = 0;

    for (size_t t = 0; t < p->task_count; t++) {
        const struct schedule_task *task = &p->tasks[t];
        int32_t finish = starts[t] + task->duration;
        end = finish > end ? finish : end;
        if (starts[t] < 0 || starts[t] < task->release || finish > task->deadline)
            return false;
        for (size_t i = 0; i < task->link_count; i++) {
            uint32_t before = task->after[i].task;
            if (starts[before] + p->tasks[before].duration + task->after[i].lag > starts[t])
                return false;
        }
    }
    for (size_t r = 0; r < p->resource_count; r++) {
        int64_t *used = calloc((size_t)end + 1, sizeof *used);
        bool ok = true;
        for (size_t t = 0; t < p->task_count; t++)
            for (size_t i = 0; i < p->tasks[t].use_count; i++)
                for (int32_t at = 0; at < p->tasks[t].duration; at++)
                    if (p->tasks[t].uses[i].resource == r)
                        used[starts[t] + at] += p->tasks[t].uses[i].amount;
        size_t step = 0;
        for (int32_t at = 0; at < end; at++) {
            const struct schedule_resource *resource = &p->resources[r];
            while (step + 1 < resource->step_count && resource->steps[step + 1].from <= at)
                step++;
            ok &= used[at] <= resource->steps[step].capacity;
        }
        free(used);
        if (!ok)
            return false;
    }
    return true;
}

static int32_t end_of(const struct schedule_problem *p, const int32_t *starts)
{
    int32_t end = 0;

    for (size_t t = 0; t < p->task_count; t++)
        if (starts[t] + p->tasks[t].duration > end)
            end = starts[t] + p->tasks[t].duration;
    return end;
}

static void check_answer(const struct schedule_problem *p, const struct schedule_answer *a)
{
    CHECK(a->status == SCHEDULE_OPTIMAL || a->status == SCHEDULE_FEASIBLE);
    CHECK(keeps(p, a->starts));
    CHECK(schedule_holds(p, a->starts, false));
    CHECK_INT(a->makespan, end_of(p, a->starts));
    CHECK(a->critical_path <= a->resource_bound && a->resource_bound <= a->bound);
    CHECK(a->bound <= a->makespan);
    CHECK((a->status == SCHEDULE_OPTIMAL) == (a->bound == a->makespan));
}

/* --- by hand ------------------------------------------------------------------------------- */

TEST(nothing_to_do_takes_no_time)
{
    struct schedule_answer a = solve(new_book(), 10);

    CHECK_INT(a.status, SCHEDULE_OPTIMAL);
    CHECK_INT(a.makespan, 0);
}

TEST(two_tasks_that_share_one_hand_follow_each_other)
{
    struct book *b = new_book();

    add_step(b, 0, 0, 1);
    add_use(b, add_task(b, "a", 3), 0, 1);
    add_use(b, add_task(b, "b", 4), 0, 1);
    struct schedule_answer a = solve(b, 1);
    CHECK_INT(a.status, SCHEDULE_OPTIMAL);
    CHECK_INT(a.makespan, 7);
    CHECK_INT(a.critical_path, 4);
    CHECK_INT(a.resource_bound, 7);
}

TEST(lags_releases_and_milestones)
{
    struct book *b = new_book();
    uint32_t dry = add_task(b, "paint", 2), hang = add_task(b, "hang", 3),
             done = add_task(b, "done", 0), early = add_task(b, "order", 5);

    add_link(b, hang, dry, 4);   /* the paint dries */
    add_link(b, early, dry, -2); /* not before the painting begins */
    add_link(b, done, hang, 0);
    b->tasks[dry].release = 1;
    struct schedule_answer a = solve(b, 1);
    check_answer(&b->problem, &a);
    CHECK_INT(a.starts[dry], 1);
    CHECK_INT(a.starts[early], 1);
    CHECK_INT(a.starts[hang], 7);
    CHECK_INT(a.starts[done], 10);
    CHECK_INT(a.critical_path, 10);
}

TEST(a_task_is_not_cut_by_a_gap_in_the_capacity)
{
    struct book *b = new_book();
    uint32_t t = add_task(b, "long", 5);

    add_step(b, 0, 0, 2);
    add_step(b, 0, 4, 0); /* holidays */
    add_step(b, 0, 6, 2);
    add_use(b, t, 0, 2);
    struct schedule_answer a = solve(b, 5);
    CHECK_INT(a.starts[t], 6);
    CHECK_INT(a.makespan, 11);
    CHECK_INT(a.status, SCHEDULE_OPTIMAL);
}

/* By latest finish alone the long chain goes first on the only machine; a deadline turns it. */
TEST(a_deadline_goes_before_the_makespan)
{
    struct book *b = new_book();
    uint32_t head = add_task(b, "head", 4), tail = add_task(b, "tail", 10),
             urgent = add_task(b, "urgent", 3);

    add_step(b, 0, 0, 1);
    add_use(b, head, 0, 1);
    add_use(b, urgent, 0, 1);
    add_link(b, tail, head, 0);
    struct schedule_answer a = solve(b, 100);
    CHECK_INT(a.makespan, 14);
    b->tasks[urgent].deadline = 6;
    a = solve(b, 100);
    check_answer(&b->problem, &a);
    CHECK_INT(a.makespan, 17);
    CHECK_INT(a.status, SCHEDULE_OPTIMAL);
}

/* --- no schedule at all ---------------------------------------------------------------------- */

TEST(a_circle_is_named)
{
    struct book *b = new_book();
    uint32_t a = add_task(b, "a", 1), x = add_task(b, "x", 1), y = add_task(b, "y", 1),
             z = add_task(b, "z", 1);

    add_link(b, x, a, 0);
    add_link(b, x, z, 0);
    add_link(b, z, y, 0);
    add_link(b, y, x, 0);
    struct schedule_answer answer = solve(b, 10);
    CHECK_INT(answer.status, SCHEDULE_INFEASIBLE);
    CHECK(answer.starts == NULL);
    CHECK_INT(answer.conflict.kind, SCHEDULE_CYCLE);
    CHECK_INT(answer.conflict.task_count, 3);
    CHECK_INT(answer.conflict.tasks[0], x);
    CHECK_INT(answer.conflict.tasks[1], z);
    CHECK_INT(answer.conflict.tasks[2], y);
    add_link(b, a, a, 0); /* itself */
    answer = solve(b, 10);
    CHECK_INT(answer.conflict.task_count, 1);
    CHECK_INT(answer.conflict.tasks[0], a);
}

TEST(a_demand_beyond_the_capacity_is_named)
{
    struct book *b = new_book();
    uint32_t t = add_task(b, "crowd", 3);

    add_step(b, 0, 0, 2);
    add_step(b, 0, 4, 5);
    add_step(b, 0, 6, 3);
    add_use(b, t, 0, 4);
    struct schedule_answer a = solve(b, 10);
    CHECK_INT(a.status, SCHEDULE_INFEASIBLE);
    CHECK_INT(a.conflict.kind, SCHEDULE_DEMAND);
    CHECK_INT(a.conflict.tasks[0], t);
    CHECK_INT(a.conflict.resource, 0);
    CHECK_INT(a.conflict.needed, 4);
    CHECK_INT(a.conflict.available, 3); /* for three periods: from 4 on */
    CHECK_INT(a.conflict.period, 4);
    CHECK_INT(a.conflict.from, 0);
    CHECK_INT(a.conflict.until, SCHEDULE_NO_DEADLINE);
    b->tasks[t].duration = 2; /* fits into the two periods of five */
    a = solve(b, 10);
    CHECK_INT(a.starts[t], 4);
    b->tasks[t].deadline = 5;
    a = solve(b, 10);
    CHECK_INT(a.conflict.kind, SCHEDULE_DEMAND);
    CHECK_INT(a.conflict.available, 2);
    CHECK_INT(a.conflict.until, 5);
}

TEST(resources_that_are_never_free_together_are_told)
{
    struct book *b = new_book();
    uint32_t t = add_task(b, "both", 2);

    add_step(b, 0, 0, 1);
    add_step(b, 0, 5, 0);
    add_step(b, 1, 0, 0);
    add_step(b, 1, 5, 1);
    add_use(b, t, 0, 1);
    add_use(b, t, 1, 1);
    struct schedule_answer a = solve(b, 10);
    CHECK_INT(a.conflict.kind, SCHEDULE_DEMAND);
    CHECK_INT(a.conflict.resource, SCHEDULE_NO_RESOURCE);
}

TEST(an_impossible_deadline_names_its_chain)
{
    struct book *b = new_book();
    uint32_t side = add_task(b, "side", 2), a = add_task(b, "a", 3), m = add_task(b, "m", 4),
             z = add_task(b, "z", 2);

    add_step(b, 0, 0, 1);
    add_step(b, 0, 4, 0);
    add_step(b, 0, 6, 1);
    add_use(b, m, 0, 1); /* not in 3..6: two periods off */
    add_link(b, m, a, 0);
    add_link(b, m, side, 0);
    add_link(b, z, m, 1);
    b->tasks[z].deadline = 12;
    struct schedule_answer answer = solve(b, 10);
    CHECK_INT(answer.status, SCHEDULE_INFEASIBLE);
    const struct schedule_conflict *c = &answer.conflict;
    CHECK_INT(c->kind, SCHEDULE_DEADLINE);
    CHECK_INT(c->task_count, 3);
    CHECK_INT(c->tasks[0], a);
    CHECK_INT(c->tasks[1], m);
    CHECK_INT(c->tasks[2], z);
    CHECK_INT(c->starts[1], 6);
    CHECK_INT(c->waits[1], 0);
    CHECK_INT(c->waits[0], SCHEDULE_NO_RESOURCE);
    CHECK_INT(c->starts[2], 11);
    CHECK_INT(c->until, 12);
    b->tasks[z].deadline = 13;
    answer = solve(b, 10);
    check_answer(&b->problem, &answer);
}

TEST(too_much_work_before_the_deadlines_names_the_interval)
{
    struct book *b = new_book();

    add_step(b, 0, 0, 2);
    for (int i = 0; i < 3; i++) {
        uint32_t t = add_task(b, (const char *[]){"a", "b", "c"}[i], 4);
        add_use(b, t, 0, 1);
        b->tasks[t].deadline = 5;
    }
    struct schedule_answer a = solve(b, 10);
    CHECK_INT(a.status, SCHEDULE_INFEASIBLE);
    CHECK_INT(a.conflict.kind, SCHEDULE_OVERLOAD);
    CHECK_INT(a.conflict.task_count, 3);
    CHECK_INT(a.conflict.from, 0);
    CHECK_INT(a.conflict.until, 5);
    CHECK_INT(a.conflict.needed, 12);
    CHECK_INT(a.conflict.available, 10);
}

/* Three of four tasks have deadlines that only together are too early: each period has room
 * enough, but tasks cannot be cut. */
TEST(deadlines_that_contradict_each_other_are_named)
{
    struct book *b = new_book();
    uint32_t free_task = add_task(b, "free", 1);

    add_step(b, 0, 0, 3);
    for (int i = 0; i < 3; i++) {
        uint32_t t = add_task(b, (const char *[]){"a", "b", "c"}[i], 3);
        add_use(b, t, 0, 2);
        b->tasks[t].deadline = 8;
    }
    b->tasks[free_task].deadline = 40;
    struct schedule_answer a = solve(b, 10);
    CHECK_INT(a.status, SCHEDULE_INFEASIBLE);
    CHECK_INT(a.conflict.kind, SCHEDULE_DEADLINES);
    CHECK_INT(a.conflict.task_count, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(a.conflict.tasks[i] != free_task);
}

/* Capacity that ends is a deadline that nobody wrote. */
TEST(a_capacity_that_ends_leaves_tasks_without_a_place)
{
    struct book *b = new_book();

    add_step(b, 0, 0, 3);
    add_step(b, 0, 8, 0);
    for (int i = 0; i < 3; i++)
        add_use(b, add_task(b, (const char *[]){"a", "b", "c"}[i], 3), 0, 2);
    struct schedule_answer a = solve(b, 10);
    CHECK_INT(a.status, SCHEDULE_INFEASIBLE);
    CHECK_INT(a.conflict.kind, SCHEDULE_DEADLINES);
    CHECK_INT(a.conflict.task_count, 0);
    CHECK_INT(a.conflict.resource, 0);
    b->steps[0][1].from = 9;
    a = solve(b, 10);
    check_answer(&b->problem, &a);
    CHECK_INT(a.makespan, 9);
}

static void refuse_one(const struct book *b, uint64_t schedules, enum err_code code)
{
    const struct schedule_settings settings = {.schedules = schedules};
    struct schedule_answer answer;
    struct err err = {0};

    CHECK(!schedule_solve(&arena, &b->problem, &settings, &answer, &err));
    CHECK_INT(err.code, code);
    CHECK(err.msg[0] != '\0');
}

TEST(what_is_out_of_range_is_refused)
{
    struct book *b = new_book();
    uint32_t a = add_task(b, "a", 3), z = add_task(b, "z", 3);

    add_step(b, 0, 0, 1);
    add_link(b, z, a, -4);
    refuse_one(b, 10, ERR_INPUT);
    b->links[z][0].lag = -3;
    refuse_one(b, 0, ERR_INPUT);
    (void)solve(b, 1);
    b->links[z][0].task = 2;
    refuse_one(b, 10, ERR_INPUT);
    b->links[z][0].task = a;
    b->tasks[z].id = S("a");
    refuse_one(b, 10, ERR_INPUT);
    b->tasks[z].id = S("z");
    b->tasks[z].duration = -1;
    refuse_one(b, 10, ERR_INPUT);
    b->tasks[z].duration = 1;
    add_use(b, z, 1, 1);
    refuse_one(b, 10, ERR_INPUT);
    b->uses[z][0] = (struct schedule_use){0, -1};
    refuse_one(b, 10, ERR_INPUT);
    b->uses[z][0].amount = 1;
    b->steps[0][0].from = 1;
    refuse_one(b, 10, ERR_INPUT);
    b->steps[0][0].from = 0;
    add_step(b, 0, 0, 5);
    refuse_one(b, 10, ERR_INPUT);
    b->resources[0].step_count = 1;
    b->problem.task_count = SCHEDULE_TASKS_MAX + 1;
    refuse_one(b, 10, ERR_LIMIT);
}

static bool is_third(void *context)
{
    return ++*(int *)context >= 3;
}

/* --- by chance ----------------------------------------------------------------------------- */

struct shape {
    uint32_t tasks, resources;
    bool has_steps, has_releases, has_deadlines, has_negative_lags;
};

static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
                                    "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x",
                                    "y", "z", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J"};

static int32_t below(struct random *r, uint32_t bound)
{
    return (int32_t)random_below(r, bound);
}

static void draw_task(struct book *b, struct shape s, uint32_t i, struct random *r)
{
    uint32_t t = add_task(b, names[i], below(r, 8) == 0 ? 0 : 1 + below(r, 6));

    for (uint32_t before = 0; before < i; before++) {
        if (below(r, s.tasks / 3 + 2) > 0 || b->tasks[t].link_count == LINKS)
            continue;
        int32_t lag = below(r, 4) == 0 ? below(r, 4) : 0;
        if (s.has_negative_lags && below(r, 3) == 0)
            lag = -below(r, (uint32_t)b->tasks[before].duration + 1);
        add_link(b, t, before, lag);
    }
    for (uint32_t k = 0; k < s.resources; k++)
        if (below(r, 3) > 0)
            add_use(b, t, k, below(r, 4));
    if (s.has_releases && below(r, 3) == 0)
        b->tasks[t].release = below(r, 8);
    if (s.has_deadlines && below(r, 3) == 0)
        b->tasks[t].deadline = 6 + below(r, 3 * s.tasks);
}

/* Every task has a place at the end, unless capacities end on purpose. */
static struct book *draw(struct shape s, struct random *r)
{
    struct book *b = new_book();

    for (uint32_t k = 0; k < s.resources; k++) {
        add_step(b, k, 0, s.has_steps ? below(r, 5) : 3 + below(r, 3));
        for (int i = 0, from = 0; s.has_steps && i < 3; i++)
            add_step(b, k, from += 1 + below(r, 6), i == 2 && below(r, 8) > 0 ? 4 : below(r, 6));
    }
    for (uint32_t i = 0; i < s.tasks; i++)
        draw_task(b, s, i, r);
    return b;
}

/* Deadlines about where a schedule of the tasks without them has their finishes. */
static void draw_deadlines(struct book *b, struct random *r)
{
    struct schedule_answer a = solve(b, 100);

    for (uint32_t t = 0; a.starts && t < b->problem.task_count; t++)
        if (below(r, 2) == 0)
            b->tasks[t].deadline = abs(a.starts[t] + b->tasks[t].duration + below(r, 4) - 1);
}

/* Least makespan over all orders, each period by itself; -1: none keeps the deadlines. Knows
 * nothing of bounds: it stops only when a task has no place within the horizon. */
struct oracle {
    const struct schedule_problem *problem;
    int32_t horizon, best;
    int64_t used[RESOURCES][256];
    int32_t starts[8];
    bool is_placed[8];
};

static bool has_room(const struct oracle *o, const struct schedule_task *t, int32_t start)
{
    for (size_t i = 0; i < t->use_count; i++) {
        const struct schedule_resource *r = &o->problem->resources[t->uses[i].resource];
        for (int32_t at = start; at < start + t->duration; at++) {
            int64_t capacity = 0;
            for (size_t k = 0; k < r->step_count && r->steps[k].from <= at; k++)
                capacity = r->steps[k].capacity;
            if (o->used[t->uses[i].resource][at] + t->uses[i].amount > capacity)
                return false;
        }
    }
    return true;
}

static void occupy(struct oracle *o, const struct schedule_task *t, int32_t start, int sign)
{
    for (size_t i = 0; i < t->use_count; i++)
        for (int32_t at = start; at < start + t->duration; at++)
            o->used[t->uses[i].resource][at] += sign * t->uses[i].amount;
}

static void try_orders(struct oracle *o, size_t placed, int32_t end)
{
    const struct schedule_problem *p = o->problem;

    if (placed == p->task_count) {
        o->best = o->best < 0 || end < o->best ? end : o->best;
        return;
    }
    for (size_t t = 0; t < p->task_count; t++) {
        const struct schedule_task *task = &p->tasks[t];
        int32_t start = task->release;
        bool is_ready = !o->is_placed[t];
        for (size_t i = 0; i < task->link_count; i++) {
            uint32_t before = task->after[i].task;
            int32_t least = o->starts[before] + p->tasks[before].duration + task->after[i].lag;
            is_ready &= o->is_placed[before];
            start = start < least ? least : start;
        }
        while (is_ready && start + task->duration <= o->horizon && !has_room(o, task, start))
            start++;
        if (!is_ready || start + task->duration > o->horizon ||
            start + task->duration > task->deadline)
            continue;
        o->starts[t] = start;
        o->is_placed[t] = true;
        occupy(o, task, start, 1);
        try_orders(o, placed + 1, end > start + task->duration ? end : start + task->duration);
        occupy(o, task, start, -1);
        o->is_placed[t] = false;
    }
}

static int32_t least_makespan(const struct schedule_problem *p)
{
    struct oracle *o = arena_new(&arena, struct oracle, 1);

    o->problem = p;
    o->horizon = 120;
    o->best = -1;
    try_orders(o, 0, 0);
    return o->best;
}

/* The smallest capacity of the resource within [start, start + duration). */
static int64_t least_capacity(const struct schedule_resource *r, int32_t start, int32_t duration)
{
    int64_t least = INT64_MAX;

    for (int32_t at = start; at < start + duration; at++) {
        int64_t capacity = 0;
        for (size_t k = 0; k < r->step_count && r->steps[k].from <= at; k++)
            capacity = r->steps[k].capacity;
        least = capacity < least ? capacity : least;
    }
    return least;
}

static void check_demand(const struct schedule_problem *p, const struct schedule_conflict *c)
{
    const struct schedule_task *task = &p->tasks[c->tasks[0]];
    int32_t until = c->until == SCHEDULE_NO_DEADLINE ? 120 : c->until;
    int64_t most = 0;

    if (c->resource == SCHEDULE_NO_RESOURCE)
        return;
    for (int32_t start = c->from; start + task->duration <= until; start++) {
        int64_t least = least_capacity(&p->resources[c->resource], start, task->duration);
        most = least > most ? least : most;
    }
    CHECK_INT(c->available, most);
    CHECK(c->needed > most);
    CHECK_INT(least_capacity(&p->resources[c->resource], c->period, task->duration), most);
}

/* Without all other deadlines there is still none; without any one of these too there is one. */
static void check_deadlines(struct book *b, const struct schedule_conflict *c)
{
    size_t n = b->problem.task_count;
    int32_t given[TASKS];

    for (uint32_t t = 0; t < n; t++) {
        given[t] = b->tasks[t].deadline;
        b->tasks[t].deadline = SCHEDULE_NO_DEADLINE;
    }
    for (size_t i = 0; i < c->task_count; i++)
        b->tasks[c->tasks[i]].deadline = given[c->tasks[i]];
    CHECK(least_makespan(&b->problem) < 0);
    for (size_t i = 0; i < c->task_count; i++) {
        b->tasks[c->tasks[i]].deadline = SCHEDULE_NO_DEADLINE;
        CHECK(least_makespan(&b->problem) >= 0);
        b->tasks[c->tasks[i]].deadline = given[c->tasks[i]];
    }
    for (uint32_t t = 0; t < n; t++)
        b->tasks[t].deadline = given[t];
}

static void check_conflict(struct book *b, const struct schedule_conflict *c)
{
    const struct schedule_problem *p = &b->problem;
    int64_t energy = 0;

    switch (c->kind) {
    case SCHEDULE_CYCLE:
        CHECK(false); /* none is drawn */
        break;
    case SCHEDULE_DEMAND:
        check_demand(p, c);
        break;
    case SCHEDULE_DEADLINE:
        for (size_t i = 0; i < c->task_count; i++)
            CHECK(c->starts[i] >= p->tasks[c->tasks[i]].release);
        if (c->until != SCHEDULE_NO_DEADLINE)
            CHECK(c->starts[c->task_count - 1] + p->tasks[c->tasks[c->task_count - 1]].duration >
                  c->until);
        break;
    case SCHEDULE_OVERLOAD:
        for (int32_t at = c->from; at < c->until; at++)
            energy += least_capacity(&p->resources[c->resource], at, 1);
        CHECK_INT(c->available, energy);
        CHECK(c->needed > energy && c->task_count > 0);
        break;
    case SCHEDULE_DEADLINES:
        check_deadlines(b, c);
        break;
    }
}

TEST(few_tasks_are_solved_like_by_trying_every_order)
{
    int solved = 0, impossible = 0, kinds[SCHEDULE_DEADLINES + 1] = {0};

    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct random r = {.seed = seed};
        struct shape s = {.tasks = 1 + (uint32_t)below(&r, 6),
                          .resources = 1 + (uint32_t)below(&r, 3),
                          .has_steps = below(&r, 2) == 0,
                          .has_releases = below(&r, 2) == 0,
                          .has_deadlines = below(&r, 2) == 0,
                          .has_negative_lags = below(&r, 2) == 0};
        arena_reset(&arena);
        struct book *b = draw(s, &r);
        if (seed % 3 == 0)
            draw_deadlines(b, &r);
        struct schedule_answer a = solve(b, 1 + (uint64_t)below(&r, 30));
        int32_t least = least_makespan(&b->problem);
        if (least < 0) {
            CHECK_INT(a.status, SCHEDULE_INFEASIBLE);
            check_conflict(b, &a.conflict);
            kinds[a.conflict.kind]++;
            impossible++;
            continue;
        }
        CHECK_INT(a.status, SCHEDULE_OPTIMAL);
        check_answer(&b->problem, &a);
        CHECK_INT(a.makespan, least);
        CHECK(a.resource_bound <= least);
        solved++;
    }
    CHECK(solved > 700 && impossible > 150);
    for (int kind = SCHEDULE_DEMAND; kind <= SCHEDULE_DEADLINES; kind++)
        CHECK(kinds[kind] > 0);
}

/* The heuristic alone beside the exact search, for more tasks than orders can be tried. */
TEST(the_search_comes_to_what_the_exact_search_proves)
{
    int differing = 0;

    for (uint64_t seed = 0; seed < 150; seed++) {
        struct random r = {.seed = 1000 + seed};
        struct shape s = {.tasks = 9 + (uint32_t)below(&r, 4),
                          .resources = 2,
                          .has_steps = seed % 3 == 0,
                          .has_releases = seed % 2 == 0,
                          .has_negative_lags = seed % 5 == 0};
        arena_reset(&arena);
        const struct book *b = draw(s, &r);
        struct plan plan;
        struct schedule_conflict conflict;
        struct search search;
        struct err err = {0};
        const struct schedule_settings settings = {.schedules = 3000, .seed = 1};
        int32_t starts[SCHEDULE_EXACT_TASKS_MAX], end = INT32_MAX;
        bool is_possible, is_proven;
        CHECK(plan_make(&arena, &arena, &b->problem, &plan, &conflict, &is_possible, &err));
        if (!is_possible)
            continue;
        bool is_found = exact_improve(&arena, &plan, 0, starts, &end, &is_proven);
        CHECK(is_proven);
        CHECK(search_begin(&arena, &plan, &settings, &search, &err));
        search_run(&search);
        CHECK_INT(is_found, search.score.lateness == 0);
        if (is_found) {
            CHECK(search.score.makespan >= end);
            differing += search.score.makespan > end;
        }
    }
    CHECK_INT(differing, 0);
}

TEST(a_bound_is_never_above_an_optimum)
{
    const struct schedule_settings settings = {.schedules = 1};

    for (uint64_t seed = 0; seed < 600; seed++) {
        struct random r = {.seed = 5000 + seed};
        struct shape s = {.tasks = 7 + (uint32_t)seed % 4,
                          .resources = 1 + (uint32_t)seed % 3,
                          .has_releases = seed % 5 > 1,
                          .has_steps = seed % 2 == 0,
                          .has_negative_lags = seed % 3 == 0};
        arena_reset(&arena);
        const struct book *b = draw(s, &r);
        struct plan plan;
        struct schedule_conflict conflict;
        struct bounder *bounder;
        struct err err = {0};
        int32_t starts[SCHEDULE_EXACT_TASKS_MAX], end = INT32_MAX;
        bool is_possible, is_proven;
        CHECK(plan_make(&arena, &arena, &b->problem, &plan, &conflict, &is_possible, &err));
        if (!is_possible || !exact_improve(&arena, &plan, 0, starts, &end, &is_proven))
            continue;
        CHECK(bounder_make(&arena, &plan, &bounder, &err));
        for (int32_t at = end; at < end + 5; at++)
            CHECK(!bounder_refutes(bounder, at));
        CHECK(bounder_search(bounder, &settings, plan.critical_path, end + 5) <= end);
    }
}

/* The same tasks in another order. of[i]: where task i went. */
static struct book *shuffle(const struct book *b, struct random *r, uint32_t *of)
{
    struct book *out = new_book();
    uint32_t n = (uint32_t)b->problem.task_count;

    *out = *b;
    out->problem.tasks = out->tasks;
    out->problem.resources = out->resources;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = (uint32_t)random_below(r, i + 1);
        of[i] = of[k];
        of[k] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t to = of[i];
        out->tasks[to] = b->tasks[i];
        size_t count = b->tasks[i].link_count;
        for (size_t k = 0; k < count; k++) /* links the other way round too */
            out->links[to][count - 1 - k] =
                (struct schedule_link){of[b->links[i][k].task], b->links[i][k].lag};
        out->tasks[to].after = out->links[to];
    }
    return out;
}

TEST(the_order_of_the_tasks_does_not_matter)
{
    int seen[4] = {0};

    for (uint64_t seed = 0; seed < 80; seed++) {
        struct random r = {.seed = 9000 + seed};
        struct shape s = {.tasks = 20,
                          .resources = 2,
                          .has_releases = seed % 4 > 1,
                          .has_deadlines = seed % 4 == 2,
                          .has_steps = seed % 3 == 0};
        uint32_t of[TASKS] = {0};
        arena_reset(&arena);
        struct book *b = draw(s, &r);
        if (seed % 2 == 1)
            draw_deadlines(b, &r);
        const struct book *other = shuffle(b, &r, of);
        struct schedule_answer x = solve(b, 400), y = solve(other, 400);
        seen[x.status]++;
        CHECK_INT(x.status, y.status);
        CHECK_INT(x.makespan, y.makespan);
        CHECK_INT(x.lateness, y.lateness);
        CHECK_INT(x.bound, y.bound);
        CHECK_INT(x.schedules, y.schedules);
        for (uint32_t i = 0; x.starts && i < s.tasks; i++)
            CHECK_INT(x.starts[i], y.starts[of[i]]);
        if (x.status == SCHEDULE_INFEASIBLE) {
            CHECK_INT(x.conflict.kind, y.conflict.kind);
            CHECK_INT(x.conflict.task_count, y.conflict.task_count);
            for (size_t i = 0; i < x.conflict.task_count; i++)
                CHECK_INT(of[x.conflict.tasks[i]], y.conflict.tasks[i]);
        }
    }
    for (int status = 0; status < 4; status++)
        CHECK(seen[status] > 0);
}

TEST(a_cancel_ends_the_search)
{
    struct random r = {.seed = 77};
    const struct book *b;
    int calls = 0;

    do { /* one that is not proven at once */
        b = draw((struct shape){.tasks = 30, .resources = 2}, &r);
    } while (solve(b, 100).status != SCHEDULE_FEASIBLE);
    const struct schedule_settings settings = {
        .schedules = 1000000, .seed = 1, .is_cancelled = is_third, .context = &calls};
    struct schedule_answer answer;
    struct err err = {0};

    CHECK(!schedule_solve(&arena, &b->problem, &settings, &answer, &err));
    CHECK_INT(err.code, ERR_CANCELLED);
    CHECK(calls < 20); /* it was heard soon */
}

/* --- published projects ---------------------------------------------------------------------- */

TEST(published_projects_of_thirty_tasks)
{
    struct buf tar;
    int projects = 0, proven = 0;
    double deviation = 0;

    buf_init(&tar, 1 << 28);
    if (psplib_load(&arena, "psplib-j30.tar.gz", &tar)) {
        Str rest = buf_str(&tar), text;
        while (psplib_next(&rest, &text)) {
            arena_reset(&arena);
            struct schedule_problem p = psplib_read(&arena, text);
            const struct schedule_settings settings = {.schedules = 500, .seed = 1};
            struct schedule_answer a;
            struct err err = {0};
            CHECK(schedule_solve(&arena, &p, &settings, &a, &err));
            check_answer(&p, &a);
            CHECK(a.schedules <= 500);
            projects++;
            proven += a.status == SCHEDULE_OPTIMAL;
            deviation += (double)(a.makespan - a.critical_path) / a.critical_path;
        }
        print_message("%d projects: mean deviation from the critical path %.2f %%, %d proven\n",
                      projects, 100 * deviation / projects, proven);
        CHECK_INT(projects, 480);
        CHECK(100 * deviation / projects < 14.2);
        CHECK(proven >= 310);
    } else {
        print_message("skipped: psplib-j30.tar.gz is not here\n");
    }
    buf_deinit(&tar);
}

int main(void)
{
    arena_init(&arena, (size_t)1 << 30);
    int failed = RUN(
        CASE(nothing_to_do_takes_no_time), CASE(two_tasks_that_share_one_hand_follow_each_other),
        CASE(lags_releases_and_milestones), CASE(a_task_is_not_cut_by_a_gap_in_the_capacity),
        CASE(a_deadline_goes_before_the_makespan), CASE(a_circle_is_named),
        CASE(a_demand_beyond_the_capacity_is_named),
        CASE(resources_that_are_never_free_together_are_told),
        CASE(an_impossible_deadline_names_its_chain),
        CASE(too_much_work_before_the_deadlines_names_the_interval),
        CASE(deadlines_that_contradict_each_other_are_named),
        CASE(a_capacity_that_ends_leaves_tasks_without_a_place),
        CASE(what_is_out_of_range_is_refused),
        CASE(few_tasks_are_solved_like_by_trying_every_order),
        CASE(the_search_comes_to_what_the_exact_search_proves),
        CASE(a_bound_is_never_above_an_optimum), CASE(the_order_of_the_tasks_does_not_matter),
        CASE(a_cancel_ends_the_search), CASE(published_projects_of_thirty_tasks));
    arena_deinit(&arena);
    return failed;
}
