#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "quant/schedule_priv.h"

/* A list of tasks, predecessors first, stands for the schedule in which each task in turn starts as
 * early as it can. Some list stands for a best schedule: taken in the order of its starts, no task
 * finds less room than it had. The population is a set of such lists, each that of a schedule which
 * was pushed to the right and back to the left; a pair of parents makes two children, by the pieces
 * between two cuts, a few neighbours change places, and the better half lives on. */

enum {
    MEMBERS = 40,       /* Hartmann's for 1,000 schedules */
    MUTATION = 20,      /* one of so many neighbours changes places */
    STAGNATION_MAX = 40 /* generations without a better best; then a new population beside it */
};

struct member {
    uint32_t *list;
    int32_t *starts;
    struct score score;
    uint64_t hash; /* of the starts */
};

struct generator {
    struct profile *profile;
    int64_t *keys;
    uint32_t *order;
    int32_t *latest;   /* finish by which a task is urgent: less is more urgent */
    uint32_t *pending; /* predecessors not in the list yet */
    uint32_t *ready;
    bool *is_taken;
    struct random random;
};

struct population {
    struct member members[2 * MEMBERS]; /* the first MEMBERS live */
};

static bool is_better(struct score a, struct score b)
{
    return a.lateness != b.lateness ? a.lateness < b.lateness : a.makespan < b.makespan;
}

static struct score score_of(const struct plan *plan, const int32_t *starts)
{
    struct score score = {0, 0};

    for (uint32_t t = 0; t < plan->task_count; t++) {
        int32_t finish = starts[t] + plan->duration[t];
        if (finish > plan->deadline[t])
            score.lateness += finish - plan->deadline[t];
        if (finish > score.makespan)
            score.makespan = finish;
    }
    return score;
}

/* --- schedules from lists -------------------------------------------------------------------- */

/* Each task of the list as early as it can. Predecessors come first in the list. */
static void pack_left(struct generator *g, const struct plan *plan, const uint32_t *list,
                      int32_t *starts)
{
    profiles_reset(plan, g->profile);
    for (uint32_t i = 0; i < plan->task_count; i++) {
        uint32_t t = list[i];
        int32_t from = plan->release[t];
        PLAN_EACH_AFTER (plan, t, link) {
            int32_t start = starts[link->task] + plan->duration[link->task] + link->lag;
            from = from < start ? start : from;
        }
        starts[t] = profiles_fit(plan, g->profile, t, from);
        profiles_take(plan, g->profile, t, starts[t], starts[t] + plan->duration[t], 1);
    }
}

/* Each task of the list, the last finish first, as late as it can, from a schedule: none moves to
 * the left, none beyond its deadline or `end` unless it was there. */
static void pack_right(struct generator *g, const struct plan *plan, const uint32_t *list,
                       int32_t end, int32_t *starts)
{
    profiles_reset(plan, g->profile);
    for (uint32_t i = 0; i < plan->task_count; i++) {
        uint32_t t = list[i];
        int32_t finish = starts[t] + plan->duration[t];
        int32_t until = plan->deadline[t] < end ? plan->deadline[t] : end;
        until = until < finish ? finish : until;
        PLAN_EACH_BEFORE (plan, t, link)
            if (until > starts[link->task] - link->lag)
                until = starts[link->task] - link->lag;
        int32_t start = profiles_fit_latest(plan, g->profile, t, until);
        ASSERT(start >= starts[t]);
        starts[t] = start;
        profiles_take(plan, g->profile, t, start, start + plan->duration[t], 1);
    }
}

static int compare_keys(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void sort_keys(struct generator *g, uint32_t n, uint32_t *list)
{
    if (n > 0)
        qsort(g->keys, n, sizeof *g->keys, compare_keys);
    for (uint32_t i = 0; i < n; i++)
        list[i] = (uint32_t)(g->keys[i] & UINT32_MAX);
}

/* By starts, equals in the order of the plan: predecessors first, as no lag lets one start later.
 */
static void list_by_start(struct generator *g, const struct plan *plan, const int32_t *starts,
                          uint32_t *list)
{
    for (uint32_t t = 0; t < plan->task_count; t++)
        g->keys[t] = ((int64_t)starts[t] << 32) | t;
    sort_keys(g, plan->task_count, list);
}

/* By finishes, the last first. */
static void list_by_finish(struct generator *g, const struct plan *plan, const int32_t *starts,
                           uint32_t *list)
{
    for (uint32_t t = 0; t < plan->task_count; t++) {
        int64_t finish = starts[t] + plan->duration[t];
        g->keys[t] = ((INT32_MAX - finish) << 32) | t;
    }
    sort_keys(g, plan->task_count, list);
}

static bool is_done(const struct search *s)
{
    return s->is_cancelled || s->count >= s->settings->schedules ||
           (s->score.lateness == 0 && s->score.makespan <= s->bound);
}

static void note(struct search *s, const int32_t *starts, struct score score)
{
    if (s->count == 1 || is_better(score, s->score)) {
        s->score = score;
        memcpy(s->starts, starts, s->plan->task_count * sizeof *starts);
    }
}

/* The schedule of the member's list, justified both ways; then its list is that of the starts. */
static void decode(struct search *s, struct member *m)
{
    struct generator *g = s->generator;
    const struct plan *plan = s->plan;

    s->is_cancelled |= schedule_is_cancelled(s->settings);
    pack_left(g, plan, m->list, m->starts);
    s->count++;
    m->score = score_of(plan, m->starts);
    note(s, m->starts, m->score);
    if (!is_done(s) && s->settings->schedules - s->count >= 2) {
        list_by_finish(g, plan, m->starts, g->order);
        pack_right(g, plan, g->order, m->score.makespan, m->starts);
        list_by_start(g, plan, m->starts, g->order);
        pack_left(g, plan, g->order, m->starts);
        s->count += 2;
        m->score = score_of(plan, m->starts);
        note(s, m->starts, m->score);
    }
    list_by_start(g, plan, m->starts, m->list);
    m->hash = hash_bytes((Str){(const char *)m->starts, plan->task_count * sizeof *m->starts}, 0);
}

/* --- lists ----------------------------------------------------------------------------------- */

/* Which of the ready tasks comes next: the most urgent, or by chance with weight regret + 1. */
static uint32_t choose(struct generator *g, uint32_t ready, bool is_random)
{
    int32_t last = 0;
    uint32_t first = 0;
    uint64_t total = 0;

    for (uint32_t i = 0; i < ready; i++) {
        int32_t latest = g->latest[g->ready[i]], best = g->latest[g->ready[first]];
        last = last < latest ? latest : last;
        if (latest < best || (latest == best && g->ready[i] < g->ready[first]))
            first = i;
    }
    if (!is_random)
        return first;
    for (uint32_t i = 0; i < ready; i++)
        total += (uint64_t)(last - g->latest[g->ready[i]]) + 1;
    uint64_t draw = random_below(&g->random, total);
    for (uint32_t i = 0; i < ready; i++) {
        uint64_t weight = (uint64_t)(last - g->latest[g->ready[i]]) + 1;
        if (draw < weight)
            return i;
        draw -= weight;
    }
    UNREACHABLE("the draw is below the total");
}

static void sample_list(struct search *s, bool is_random, uint32_t *list)
{
    const struct plan *plan = s->plan;
    struct generator *g = s->generator;
    uint32_t ready = 0;

    for (uint32_t t = 0; t < plan->task_count; t++) {
        g->pending[t] = plan->after_first[t + 1] - plan->after_first[t];
        if (g->pending[t] == 0)
            g->ready[ready++] = t;
    }
    for (uint32_t i = 0; i < plan->task_count; i++) {
        uint32_t at = choose(g, ready, is_random), t = g->ready[at];
        g->ready[at] = g->ready[--ready];
        list[i] = t;
        PLAN_EACH_BEFORE (plan, t, link)
            if (--g->pending[link->task] == 0)
                g->ready[ready++] = link->task;
    }
}

/* Up to `from` the mother's order, up to `until` the father's of the rest, then the mother's. */
static void cross(struct generator *g, uint32_t n, const uint32_t *mother, const uint32_t *father,
                  uint32_t from, uint32_t until, uint32_t *child)
{
    uint32_t done = 0;

    memset(g->is_taken, 0, n * sizeof *g->is_taken);
    for (; done < from; done++)
        g->is_taken[child[done] = mother[done]] = true;
    for (uint32_t i = 0; done < until; i++)
        if (!g->is_taken[father[i]])
            g->is_taken[child[done++] = father[i]] = true;
    for (uint32_t i = 0; done < n; i++)
        if (!g->is_taken[mother[i]])
            g->is_taken[child[done++] = mother[i]] = true;
}

static bool is_after(const struct plan *plan, uint32_t task, uint32_t before)
{
    PLAN_EACH_AFTER (plan, task, link)
        if (link->task == before)
            return true;
    return false;
}

static void mutate(struct generator *g, const struct plan *plan, uint32_t *list)
{
    for (uint32_t i = 0; i + 1 < plan->task_count; i++) {
        uint32_t first = list[i], second = list[i + 1];
        if (random_below(&g->random, MUTATION) == 0 && !is_after(plan, second, first)) {
            list[i] = second;
            list[i + 1] = first;
        }
    }
}

/* --- generations ----------------------------------------------------------------------------- */

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (is_better(x->score, y->score) || is_better(y->score, x->score))
        return is_better(x->score, y->score) ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Fills members from `first` on with samples; how many there are then. */
static uint32_t sample_members(struct search *s, uint32_t first)
{
    for (; first < MEMBERS && !is_done(s); first++) {
        sample_list(s, true, s->population->members[first].list);
        decode(s, &s->population->members[first]);
    }
    return first;
}

static bool is_known(const struct population *p, uint32_t count, const struct member *m)
{
    for (uint32_t i = 0; i < count; i++)
        if (p->members[i].hash == m->hash)
            return true;
    return false;
}

/* Children of random pairs behind the living; those that are there already are dropped. */
static uint32_t breed(struct search *s)
{
    struct population *p = s->population;
    struct generator *g = s->generator;
    uint32_t n = s->plan->task_count, count = MEMBERS;
    uint32_t order[MEMBERS] = {0};

    for (uint32_t i = 0; i < MEMBERS; i++) {
        uint32_t k = (uint32_t)random_below(&g->random, i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    for (uint32_t i = 0; i + 1 < MEMBERS; i += 2) {
        uint32_t from = (uint32_t)random_below(&g->random, n + 1);
        uint32_t until = (uint32_t)random_below(&g->random, n + 1);
        const uint32_t *a = p->members[order[i]].list, *b = p->members[order[i + 1]].list;
        for (int child = 0; child < 2 && !is_done(s); child++) {
            struct member *m = &p->members[count];
            cross(g, n, child ? b : a, child ? a : b, from < until ? from : until,
                  from < until ? until : from, m->list);
            mutate(g, s->plan, m->list);
            decode(s, m);
            count += is_known(p, count, m) ? 0 : 1;
        }
    }
    return count;
}

void search_run(struct search *s)
{
    struct population *p = s->population;

    while (!is_done(s)) {
        struct score best = s->score;
        sample_members(s, 1); /* beside the best of before */
        for (int quiet = 0; quiet < STAGNATION_MAX && !is_done(s); quiet++) {
            uint32_t count = breed(s);
            qsort(p->members, count, sizeof *p->members, compare_members);
            if (is_better(s->score, best)) {
                best = s->score;
                quiet = 0;
            }
        }
    }
}

/* Latest finishes by what comes behind, for the end of the critical path and the deadlines. */
static void find_latest(const struct plan *plan, int32_t *latest)
{
    for (uint32_t t = plan->task_count; t-- > 0;) {
        latest[t] =
            plan->critical_path < plan->deadline[t] ? plan->critical_path : plan->deadline[t];
        PLAN_EACH_BEFORE (plan, t, link) {
            int32_t finish = latest[link->task] - plan->duration[link->task] - link->lag;
            latest[t] = latest[t] > finish ? finish : latest[t];
        }
    }
}

bool search_begin(struct arena *a, const struct plan *plan,
                  const struct schedule_settings *settings, struct search *s, struct err *err)
{
    uint32_t n = plan->task_count;
    struct generator *g = arena_try_new(a, struct generator, 1);
    struct population *p = arena_try_new(a, struct population, 1);

    *s = (struct search){.plan = plan,
                         .settings = settings,
                         .starts = arena_try_new(a, int32_t, n),
                         .generator = g,
                         .population = p};
    if (!g || !p || !s->starts || !profiles_new(a, plan, n, &g->profile))
        return err_arena(err, a);
    *g = (struct generator){.profile = g->profile,
                            .keys = arena_try_new(a, int64_t, n),
                            .order = arena_try_new(a, uint32_t, n),
                            .latest = arena_try_new(a, int32_t, n),
                            .pending = arena_try_new(a, uint32_t, n),
                            .ready = arena_try_new(a, uint32_t, n),
                            .is_taken = arena_try_new(a, bool, n),
                            .random = {.seed = settings->seed}};
    if (!g->keys || !g->order || !g->latest || !g->pending || !g->ready || !g->is_taken)
        return err_arena(err, a);
    for (uint32_t i = 0; i < 2 * MEMBERS; i++) {
        p->members[i].list = arena_try_new(a, uint32_t, n);
        p->members[i].starts = arena_try_new(a, int32_t, n);
        if (!p->members[i].list || !p->members[i].starts)
            return err_arena(err, a);
    }
    find_latest(plan, g->latest);
    sample_list(s, false, p->members[0].list);
    decode(s, &p->members[0]);
    return true;
}
