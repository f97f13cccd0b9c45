#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "quant/schedule_priv.h"

/* A window is the time between the earliest start and the latest finish of a task. For a wished end
 * the windows are narrowed by what every schedule has to obey, until nothing changes or a task has
 * no room left: then no schedule ends so early. Four rules:
 *
 *   links     a task starts behind its predecessors and ends before its successors, where its own
 *             capacity is there
 *   pairs     of two tasks that together need more than there ever is, one goes first; when only
 *             one order fits the windows, it holds
 *   tables    a task whose window is shorter than twice its duration is under way in the middle
 *             of it for certain; the others have to fit beside that
 *   energy    within any interval the least that all tasks have to do there is not more than the
 *             capacity of the interval, and each task finds room beside the others; of resources
 *             and of what schedule_relax.c makes of them */

enum {
    ROUNDS_MAX = 50,        /* of narrowing; stopping early loses strength, nothing else */
    PAIR_TASKS_MAX = 500,   /* above, pairs are left out */
    ENERGY_TASKS_MAX = 100, /* above, energy counts whole tasks only, and narrows nothing */
    ENERGY_ROUNDS_MAX = 4
};

struct pair {
    uint32_t a, b;
};

struct bounder {
    const struct plan *plan;
    int32_t *early, *late; /* earliest start, latest finish */
    struct profile *table;
    struct pair *pairs;
    uint32_t pair_count;
    uint32_t *by_late; /* tasks by latest finish */
    int64_t *keys;
    int64_t *resource_amounts; /* of the resource at hand, by task */
    const int64_t *amounts;    /* the same, or those of a relaxation */
    int64_t total;             /* amounts x durations */
    struct relaxation *relaxations;
    uint32_t relaxation_count;
};

int64_t plan_peak(const struct plan *plan, uint32_t resource)
{
    const struct profile *p = &plan->base[resource];
    int64_t most = 0;

    for (uint32_t k = 0; k < p->count; k++)
        if (p->at[k] < plan->horizon && p->left[k] > most)
            most = p->left[k];
    return most;
}

static bool is_too_much(const struct plan *plan, const int64_t *peaks, uint32_t a, uint32_t b)
{
    PLAN_EACH_USE (plan, a, mine) {
        PLAN_EACH_USE (plan, b, other)
            if (mine->resource == other->resource &&
                mine->amount + other->amount > peaks[mine->resource])
                return true;
    }
    return false;
}

/* Whoever comes behind a task without overlap excludes it: marks these too. */
static void mark_order(const struct plan *plan, bool *exclusive)
{
    uint32_t n = plan->task_count;
    bool *is_behind = exclusive; /* row t: what t comes behind; of predecessors done before */

    for (uint32_t t = 0; t < n; t++)
        PLAN_EACH_AFTER (plan, t, link) {
            if (link->lag < 0)
                continue;
            is_behind[(size_t)t * n + link->task] = true;
            for (uint32_t k = 0; k < link->task; k++)
                is_behind[(size_t)t * n + k] |= is_behind[(size_t)link->task * n + k];
        }
    for (uint32_t t = 0; t < n; t++)
        for (uint32_t k = 0; k < t; k++)
            exclusive[(size_t)k * n + t] = exclusive[(size_t)t * n + k];
}

/* Pairs that no order parts but a resource, and the relaxations that rest on all pairs. */
static bool find_pairs(struct arena *a, struct bounder *b)
{
    const struct plan *plan = b->plan;
    uint32_t n = plan->task_count, r = plan->resource_count;
    int64_t *peaks = arena_try_new(a, int64_t, r);
    bool *exclusive = arena_try_new(a, bool, (size_t)n *n);
    struct {
        VEC(struct pair);
    } pairs = {0};

    if (!peaks || !exclusive)
        return false;
    for (uint32_t i = 0; i < r; i++)
        peaks[i] = plan_peak(plan, i);
    mark_order(plan, exclusive);
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++)
        for (uint32_t k = i + 1; k < n && ok; k++) {
            if (exclusive[(size_t)i * n + k] || !is_too_much(plan, peaks, i, k))
                continue;
            exclusive[(size_t)i * n + k] = exclusive[(size_t)k * n + i] = true;
            ok = vec_try_push(&pairs, (struct pair){i, k});
        }
    b->pair_count = (uint32_t)pairs.count;
    b->pairs = arena_try_new(a, struct pair, pairs.count);
    if (b->pairs && pairs.count > 0)
        memcpy(b->pairs, pairs.items, pairs.count * sizeof *pairs.items);
    vec_deinit(&pairs);
    return ok && b->pairs &&
           relaxations_make(a, plan, exclusive, &b->relaxations, &b->relaxation_count);
}

bool bounder_make(struct arena *a, const struct plan *plan, struct bounder **out, struct err *err)
{
    struct bounder *b = arena_try_new(a, struct bounder, 1);
    uint32_t n = plan->task_count;

    if (!b)
        return err_arena(err, a);
    b->plan = plan;
    b->early = arena_try_new(a, int32_t, n);
    b->late = arena_try_new(a, int32_t, n);
    b->by_late = arena_try_new(a, uint32_t, n);
    b->keys = arena_try_new(a, int64_t, n);
    b->resource_amounts = arena_try_new(a, int64_t, n);
    if (!b->early || !b->late || !b->by_late || !b->keys || !b->resource_amounts ||
        !profiles_new(a, plan, n, &b->table) || (n <= PAIR_TASKS_MAX && !find_pairs(a, b)))
        return err_arena(err, a);
    *out = b;
    return true;
}

/* --- the rules; false: refuted --------------------------------------------------------------- */

static bool raise(struct bounder *b, uint32_t t, int32_t early, bool *is_changed)
{
    if (early > b->early[t]) {
        b->early[t] = early;
        *is_changed = true;
    }
    return b->early[t] + b->plan->duration[t] <= b->late[t];
}

static bool lower(struct bounder *b, uint32_t t, int32_t late, bool *is_changed)
{
    if (late < b->late[t]) {
        b->late[t] = late;
        *is_changed = true;
    }
    return b->early[t] + b->plan->duration[t] <= b->late[t];
}

static bool narrow_by_links(struct bounder *b, bool *is_changed)
{
    const struct plan *plan = b->plan;

    for (uint32_t t = 0; t < plan->task_count; t++) {
        int32_t early = b->early[t];
        PLAN_EACH_AFTER (plan, t, link) {
            int32_t start = b->early[link->task] + plan->duration[link->task] + link->lag;
            early = early < start ? start : early;
        }
        if (!raise(b, t, profiles_fit(plan, plan->base, t, early), is_changed))
            return false;
    }
    for (uint32_t t = plan->task_count; t-- > 0;) {
        int32_t late = b->late[t];
        PLAN_EACH_BEFORE (plan, t, link) {
            int32_t finish = b->late[link->task] - plan->duration[link->task] - link->lag;
            late = late > finish ? finish : late;
        }
        int32_t start = profiles_fit_latest(plan, plan->base, t, late);
        if (start < 0 || !lower(b, t, start + plan->duration[t], is_changed))
            return false;
    }
    return true;
}

static bool narrow_by_pairs(struct bounder *b, bool *is_changed)
{
    for (uint32_t i = 0; i < b->pair_count; i++) {
        uint32_t x = b->pairs[i].a, y = b->pairs[i].b;
        int32_t dx = b->plan->duration[x], dy = b->plan->duration[y];
        bool is_x_first = b->early[x] + dx <= b->late[y] - dy;
        bool is_y_first = b->early[y] + dy <= b->late[x] - dx;
        if (!is_x_first && !is_y_first)
            return false;
        if (is_x_first == is_y_first)
            continue;
        uint32_t first = is_x_first ? x : y, second = is_x_first ? y : x;
        if (!raise(b, second, b->early[first] + b->plan->duration[first], is_changed) ||
            !lower(b, first, b->late[second] - b->plan->duration[second], is_changed))
            return false;
    }
    return true;
}

/* What a task does for certain: [*from, *until), empty when from >= until. */
static void certain_part(const struct bounder *b, uint32_t t, int32_t *from, int32_t *until)
{
    *from = b->late[t] - b->plan->duration[t];
    *until = b->early[t] + b->plan->duration[t];
}

static bool narrow_by_tables(struct bounder *b, bool *is_changed)
{
    const struct plan *plan = b->plan;
    int32_t from, until;

    profiles_reset(plan, b->table);
    for (uint32_t t = 0; t < plan->task_count; t++) {
        certain_part(b, t, &from, &until);
        profiles_take(plan, b->table, t, from, until, 1);
    }
    for (uint32_t r = 0; r < plan->resource_count; r++)
        for (uint32_t k = 0; k < b->table[r].count; k++)
            if (b->table[r].left[k] < 0)
                return false;
    for (uint32_t t = 0; t < plan->task_count; t++) {
        certain_part(b, t, &from, &until);
        profiles_take(plan, b->table, t, from, until, -1);
        int32_t early = profiles_fit(plan, b->table, t, b->early[t]);
        int32_t start = profiles_fit_latest(plan, b->table, t, b->late[t]);
        profiles_take(plan, b->table, t, from, until, 1);
        if (start < 0 || !raise(b, t, early, is_changed) ||
            !lower(b, t, start + plan->duration[t], is_changed))
            return false;
    }
    return true;
}

/* --- energy -------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void sort_by_late(struct bounder *b)
{
    uint32_t n = b->plan->task_count;

    for (uint32_t t = 0; t < n; t++)
        b->keys[t] = ((int64_t)b->late[t] << 32) | t;
    if (n > 0)
        qsort(b->keys, n, sizeof *b->keys, compare_keys);
    for (uint32_t i = 0; i < n; i++)
        b->by_late[i] = (uint32_t)(b->keys[i] & UINT32_MAX);
}

static int32_t least_of(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Periods that the task works within [from, until) when it starts as early as it may, and when it
 * finishes as late; 0 or less: none. In between it works no less than the lesser of the two. */
static int32_t work_left(const struct bounder *b, uint32_t t, int32_t from, int32_t until)
{
    int32_t duration = b->plan->duration[t];

    return least_of(least_of(duration, until - from), b->early[t] + duration - from);
}

static int32_t work_right(const struct bounder *b, uint32_t t, int32_t from, int32_t until)
{
    int32_t duration = b->plan->duration[t];

    return least_of(least_of(duration, until - from), until - (b->late[t] - duration));
}

static int32_t least_work(const struct bounder *b, uint32_t t, int32_t from, int32_t until)
{
    int32_t least = least_of(work_left(b, t, from, until), work_right(b, t, from, until));

    return least > 0 ? least : 0;
}

static void set_amounts(struct bounder *b, uint32_t resource)
{
    for (uint32_t t = 0; t < b->plan->task_count; t++) {
        b->resource_amounts[t] = 0;
        PLAN_EACH_USE (b->plan, t, use)
            if (use->resource == resource)
                b->resource_amounts[t] = use->amount;
    }
    b->amounts = b->resource_amounts;
}

struct interval {
    uint32_t resource;
    int32_t from, until;
    int64_t needed, available;
};

/* Of the resource that the amounts are set for. */
static int64_t energy_within(const struct bounder *b, int32_t from, int32_t until)
{
    int64_t sum = 0;

    for (uint32_t t = 0; t < b->plan->task_count; t++)
        if (b->amounts[t] > 0)
            sum += b->amounts[t] * least_work(b, t, from, until);
    return sum;
}

/* A task that would work more in the interval than what the others leave of it, were it as early as
 * it may, is later: at most as much of it as there is room for lies before the interval's end. The
 * other way round likewise. False: refuted. */
static bool narrow_by_interval(struct bounder *b, const struct interval *at, bool *is_changed)
{
    for (uint32_t t = 0; t < b->plan->task_count; t++) {
        int64_t amount = b->amounts[t];
        if (amount == 0)
            continue;
        int64_t others = at->needed - amount * least_work(b, t, at->from, at->until);
        int64_t room = (at->available - others) / amount;
        if (room >= work_left(b, t, at->from, at->until) &&
            room >= work_right(b, t, at->from, at->until))
            continue;
        int32_t periods = (int32_t)room; /* less than the duration */
        if (work_left(b, t, at->from, at->until) > periods &&
            !raise(b, t, at->until - periods, is_changed))
            return false;
        if (work_right(b, t, at->from, at->until) > periods &&
            !lower(b, t, at->from + periods, is_changed))
            return false;
    }
    return true;
}

/* Looks at the intervals from there on. False: one is overloaded, *found. is_changed NULL: windows
 * are not narrowed. */
static bool intervals_hold(struct bounder *b, const struct profile *capacity, int32_t from,
                           struct interval *found, bool *is_changed)
{
    const struct plan *plan = b->plan;
    bool is_full = plan->task_count <= ENERGY_TASKS_MAX;
    struct interval at = {.from = from, .until = from};
    int64_t inside = 0;

    for (uint32_t i = 0; i < plan->task_count; i++) {
        uint32_t t = b->by_late[i];
        int32_t until = b->late[t];
        if (b->amounts[t] == 0 || until < at.until || until == from)
            continue;
        if (b->early[t] >= from)
            inside += b->amounts[t] * plan->duration[t];
        at.available += profile_energy(capacity, at.until, until);
        at.until = until;
        if (is_full && at.available >= b->total)
            continue;
        at.needed = is_full ? energy_within(b, from, at.until) : inside;
        *found = at;
        if (at.needed > at.available ||
            (is_full && is_changed && !narrow_by_interval(b, &at, is_changed)))
            return false;
    }
    return true;
}

/* Of the amounts that are set. */
static bool energy_holds(struct bounder *b, const struct profile *capacity, struct interval *found,
                         bool *is_changed)
{
    b->total = 0;
    for (uint32_t t = 0; t < b->plan->task_count; t++)
        b->total += b->amounts[t] * b->plan->duration[t];
    sort_by_late(b);
    for (uint32_t t = 0; t < b->plan->task_count; t++)
        if (b->amounts[t] > 0 && !intervals_hold(b, capacity, b->early[t], found, is_changed))
            return false;
    return true;
}

static bool resources_hold(struct bounder *b, struct interval *found, bool *is_changed)
{
    const struct plan *plan = b->plan;

    for (uint32_t r = 0; r < plan->resource_count; r++) {
        set_amounts(b, r);
        if (!energy_holds(b, &plan->base[r], found, is_changed)) {
            found->resource = r;
            return false;
        }
    }
    return true;
}

static bool narrow_by_energy(struct bounder *b, bool *is_changed)
{
    int32_t from = 0;
    struct interval found;

    if (!resources_hold(b, &found, is_changed))
        return false;
    for (uint32_t i = 0; i < b->relaxation_count; i++) {
        struct profile constant = {1, 1, &from, &b->relaxations[i].capacity};
        b->amounts = b->relaxations[i].amounts;
        if (!energy_holds(b, &constant, &found, is_changed))
            return false;
    }
    return true;
}

/* --- putting together ------------------------------------------------------------------------ */

static void open_windows(struct bounder *b, int32_t end)
{
    const struct plan *plan = b->plan;

    if (end > plan->horizon)
        end = plan->horizon;
    for (uint32_t t = 0; t < plan->task_count; t++) {
        b->early[t] = plan->head[t];
        b->late[t] = plan->deadline[t] < end ? plan->deadline[t] : end;
    }
}

bool bounder_refutes(struct bounder *b, int32_t end)
{
    bool is_changed = true;
    int energy_rounds = 0;

    open_windows(b, end);
    for (int round = 0; is_changed && round < ROUNDS_MAX; round++) {
        is_changed = false;
        if (!narrow_by_links(b, &is_changed) || !narrow_by_pairs(b, &is_changed) ||
            !narrow_by_tables(b, &is_changed))
            return true;
        /* The dearest rule, when the others are done. */
        if (!is_changed && energy_rounds++ < ENERGY_ROUNDS_MAX && !narrow_by_energy(b, &is_changed))
            return true;
    }
    return false;
}

int32_t bounder_search(struct bounder *b, const struct schedule_settings *settings, int32_t least,
                       int32_t most)
{
    while (least < most && !schedule_is_cancelled(settings)) {
        int32_t middle = least + (most - least) / 2;
        if (bounder_refutes(b, middle))
            least = middle + 1;
        else
            most = middle;
    }
    return least;
}

bool bounder_overload(struct bounder *b, struct arena *a, struct schedule_conflict *c)
{
    struct interval at = {0};
    bool is_changed = false;

    open_windows(b, b->plan->horizon);
    if (!narrow_by_links(b, &is_changed) || resources_hold(b, &at, NULL))
        return false;
    *c = (struct schedule_conflict){.kind = SCHEDULE_OVERLOAD,
                                    .tasks = arena_try_new(a, uint32_t, b->plan->task_count),
                                    .resource = at.resource,
                                    .from = at.from,
                                    .until = at.until,
                                    .needed = energy_within(b, at.from, at.until),
                                    .available = at.available};
    for (uint32_t t = 0; c->tasks && t < b->plan->task_count; t++)
        if (b->amounts[t] > 0 && least_work(b, t, at.from, at.until) > 0)
            c->tasks[c->task_count++] = b->plan->origin[t];
    return c->tasks != NULL;
}
