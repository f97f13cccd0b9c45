#include <stdlib.h>

#include "quant/schedule_priv.h"

/* A window is the time between the earliest start and the latest finish of a task. For a wished end
 * the windows are narrowed by what every schedule has to obey, until nothing changes or a task has
 * no room left: then no schedule ends so early. Four rules, the first three narrow:
 *
 *   links     a task starts behind its predecessors and ends before its successors, where its own
 *             capacity is there
 *   pairs     of two tasks that together need more than there ever is, one goes first; when only
 *             one order fits the windows, it holds
 *   tables    a task whose window is shorter than twice its duration is under way in the middle
 *             of it for certain; the others have to fit beside that
 *   energy    within any interval the least that all tasks have to do there is not more than the
 *             capacity of the interval; in full for few tasks, else of those that lie inside */

enum {
    ROUNDS_MAX = 50,       /* of narrowing; stopping early loses strength, nothing else */
    PAIR_TASKS_MAX = 500,  /* above, pairs are left out */
    ENERGY_TASKS_MAX = 120 /* above, energy counts whole tasks only */
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
    int64_t *amounts; /* of the resource at hand, by task */
};

/* The most of a resource that there ever is before the horizon. */
static int64_t peak(const struct plan *plan, uint32_t resource)
{
    const struct profile *p = &plan->base[resource];
    int64_t most = 0;

    for (uint32_t k = 0; k < p->count; k++)
        if (p->at[k] < plan->horizon && p->left[k] > most)
            most = p->left[k];
    return most;
}

static bool is_exclusive(const struct plan *plan, const int64_t *peaks, uint32_t a, uint32_t b)
{
    PLAN_EACH_USE(plan, a, mine)
    PLAN_EACH_USE(plan, b, other)
    if (mine->resource == other->resource && mine->amount + other->amount > peaks[mine->resource])
        return true;
    return false;
}

static bool find_pairs(struct arena *a, struct bounder *b)
{
    const struct plan *plan = b->plan;
    uint32_t n = plan->task_count, r = plan->resource_count;
    int64_t *peaks = arena_try_new(a, int64_t, r);

    if (!peaks)
        return false;
    for (uint32_t i = 0; i < r; i++)
        peaks[i] = peak(plan, i);
    for (int pass = 0; pass < 2; pass++) { /* count, then keep */
        uint32_t count = 0;
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t k = i + 1; k < n; k++)
                if (is_exclusive(plan, peaks, i, k)) {
                    if (pass == 1)
                        b->pairs[count] = (struct pair){i, k};
                    count++;
                }
        b->pair_count = count;
        if (pass == 0 && !(b->pairs = arena_try_new(a, struct pair, count)))
            return false;
    }
    return true;
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
    b->amounts = arena_try_new(a, int64_t, n);
    if (!b->early || !b->late || !b->by_late || !b->keys || !b->amounts ||
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
        PLAN_EACH_AFTER(plan, t, link)
        {
            int32_t start = b->early[link->task] + plan->duration[link->task] + link->lag;
            early = early < start ? start : early;
        }
        if (!raise(b, t, profiles_fit(plan, plan->base, t, early), is_changed))
            return false;
    }
    for (uint32_t t = plan->task_count; t-- > 0;) {
        int32_t late = b->late[t];
        PLAN_EACH_BEFORE(plan, t, link)
        {
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

/* The least periods that the task has to work within [from, until). */
static int32_t least_work(const struct bounder *b, uint32_t t, int32_t from, int32_t until)
{
    int32_t duration = b->plan->duration[t];
    int32_t left = b->early[t] + duration - from;    /* pushed to the left as far as it goes */
    int32_t right = until - (b->late[t] - duration); /* to the right */
    int32_t least = left < right ? left : right;

    least = least < duration ? least : duration;
    least = least < until - from ? least : until - from;
    return least > 0 ? least : 0;
}

static void set_amounts(struct bounder *b, uint32_t resource)
{
    for (uint32_t t = 0; t < b->plan->task_count; t++) {
        b->amounts[t] = 0;
        PLAN_EACH_USE(b->plan, t, use)
        if (use->resource == resource)
            b->amounts[t] = use->amount;
    }
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

/* The first overloaded interval from there on. */
static bool overload_from(const struct bounder *b, uint32_t resource, int32_t from,
                          struct interval *found)
{
    const struct plan *plan = b->plan;
    bool is_full = plan->task_count <= ENERGY_TASKS_MAX;
    int64_t inside = 0;

    for (uint32_t i = 0; i < plan->task_count; i++) {
        uint32_t t = b->by_late[i];
        struct interval at = {.resource = resource, .from = from, .until = b->late[t]};
        if (b->amounts[t] == 0 || b->late[t] <= from)
            continue;
        if (b->early[t] >= from)
            inside += b->amounts[t] * plan->duration[t];
        at.needed = is_full ? energy_within(b, from, at.until) : inside;
        at.available = profile_energy(&plan->base[resource], from, at.until);
        if (at.needed > at.available) {
            *found = at;
            return true;
        }
    }
    return false;
}

static bool find_overload(struct bounder *b, struct interval *found)
{
    const struct plan *plan = b->plan;

    sort_by_late(b);
    for (uint32_t r = 0; r < plan->resource_count; r++) {
        set_amounts(b, r);
        for (uint32_t t = 0; t < plan->task_count; t++)
            if (b->amounts[t] > 0 && overload_from(b, r, b->early[t], found))
                return true;
    }
    return false;
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
    struct interval overload;
    bool is_changed = true;

    open_windows(b, end);
    for (int round = 0; is_changed && round < ROUNDS_MAX; round++) {
        is_changed = false;
        if (!narrow_by_links(b, &is_changed) || !narrow_by_pairs(b, &is_changed) ||
            !narrow_by_tables(b, &is_changed))
            return true;
    }
    return find_overload(b, &overload);
}

int32_t bounder_search(struct bounder *b, int32_t least, int32_t most)
{
    while (least < most) {
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
    if (!narrow_by_links(b, &is_changed) || !find_overload(b, &at))
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
