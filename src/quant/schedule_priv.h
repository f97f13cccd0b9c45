/* schedule_priv.h - what the parts of the scheduler share. Private to quant/.
 *
 *     schedule_plan.c      the problem in a form for computing; what contradicts itself at sight
 *     schedule_profile.c   what is left of a resource over time
 *     schedule_relax.c     resources that nobody gave and every schedule keeps
 *     schedule_bound.c     windows, and what they refute
 *     schedule_search.c    schedules from lists, and better lists
 *     schedule_exact.c     all of them, for few tasks
 *     schedule.c           the order of these; checks
 */
#ifndef QUANT_SCHEDULE_PRIV_H
#define QUANT_SCHEDULE_PRIV_H

#include "quant/schedule.h"

/* Segment k: from at[k] to at[k + 1] there is left[k]; the last one has no end. at[0] = 0. */
struct profile {
    uint32_t count, capacity;
    int32_t *at;
    int64_t *left;
};

/* Tasks are numbered so that predecessors come first, ties by id. A resource whose last capacity is
 * too small for some task gets room for everything from `horizon` on, and the tasks that it is too
 * small for get the horizon as deadline: so every task has a place, and one that belongs nowhere is
 * merely late. No schedule without such tasks reaches the horizon. */
struct plan {
    uint32_t task_count, resource_count;
    uint32_t *origin; /* index in the problem */
    int32_t *duration, *release, *deadline;
    uint32_t *after_first, *before_first, *use_first; /* task_count + 1 each */
    struct schedule_link *after, *before;             /* predecessors, successors */
    struct schedule_use *uses;                        /* without zeros and those of milestones */
    struct profile *base;                             /* capacities */
    int32_t *head; /* earliest start by releases, predecessors and capacity, the task alone */
    int32_t *tail; /* least time from the finish to the end of everything behind */
    int32_t horizon;
    int32_t critical_path;
    bool has_deadlines;
};

static inline bool schedule_is_cancelled(const struct schedule_settings *s)
{
    return s->is_cancelled && s->is_cancelled(s->context);
}

#define PLAN_EACH_AFTER(plan, t, link)                                                             \
    for (const struct schedule_link *link = (plan)->after + (plan)->after_first[t],                \
                                    *link##_end = (plan)->after + (plan)->after_first[(t) + 1];    \
         link < link##_end; link++)
#define PLAN_EACH_BEFORE(plan, t, link)                                                            \
    for (const struct schedule_link *link = (plan)->before + (plan)->before_first[t],              \
                                    *link##_end = (plan)->before + (plan)->before_first[(t) + 1];  \
         link < link##_end; link++)
#define PLAN_EACH_USE(plan, t, use)                                                                \
    for (const struct schedule_use *use = (plan)->uses + (plan)->use_first[t],                     \
                                   *use##_end = (plan)->uses + (plan)->use_first[(t) + 1];         \
         use < use##_end; use++)

/* ERR_INPUT, ERR_LIMIT: ranges, indices, ids. */
bool schedule_verify(const struct schedule_problem *problem, struct err *err) MUST_CHECK;
/* Memory of both arenas; *is_possible false: answer->conflict (in `a`) says why. */
bool plan_make(struct arena *a, struct arena *scratch, const struct schedule_problem *problem,
               struct plan *plan, struct schedule_conflict *conflict, bool *is_possible,
               struct err *err) MUST_CHECK;

/* --- profiles ------------------------------------------------------------------------------ */

/* One profile per resource with room for `spans` spans; the contents are not set. */
bool profiles_new(struct arena *a, const struct plan *plan, uint32_t spans, struct profile **out);
void profiles_reset(const struct plan *plan, struct profile *of); /* to the capacities */
void profiles_copy(const struct plan *plan, struct profile *to, const struct profile *from);
/* Takes what a task uses out of [from, until); sign -1: gives it back. */
void profiles_take(const struct plan *plan, struct profile *of, uint32_t task, int32_t from,
                   int32_t until, int sign);
/* Earliest start >= from at which the task fits. */
int32_t profiles_fit(const struct plan *plan, const struct profile *of, uint32_t task,
                     int32_t from);
/* Latest start with a finish <= until at which it fits; -1: none. */
int32_t profiles_fit_latest(const struct plan *plan, const struct profile *of, uint32_t task,
                            int32_t until);
/* Earliest start >= from at which `amount` is left for `duration` periods. */
int32_t profile_fit(const struct profile *p, int64_t amount, int32_t duration, int32_t from);
/* Sum of left over the periods [from, until). */
int64_t profile_energy(const struct profile *p, int32_t from, int32_t until);

/* --- relaxations --------------------------------------------------------------------------- */

/* At every moment the amounts of the tasks under way add up to at most the capacity. */
struct relaxation {
    int64_t capacity;
    int64_t *amounts; /* per task */
    double load;      /* least time that all of them take */
};

/* The most of a resource that there ever is before the horizon. */
int64_t plan_peak(const struct plan *plan, uint32_t resource);
/* exclusive[i * task_count + k]: the two are never under way together. */
bool relaxations_make(struct arena *a, const struct plan *plan, const bool *exclusive,
                      struct relaxation **out, uint32_t *count);

/* --- bounds -------------------------------------------------------------------------------- */

struct bounder;
bool bounder_make(struct arena *a, const struct plan *plan, struct bounder **out,
                  struct err *err) MUST_CHECK;
/* True: proven that no schedule keeps the deadlines with a makespan <= end. False says nothing. */
bool bounder_refutes(struct bounder *b, int32_t end);
/* The least end of [least, most] that is not refuted; less when cancelled. */
int32_t bounder_search(struct bounder *b, const struct schedule_settings *settings, int32_t least,
                       int32_t most);
/* Whether the deadlines alone force too much work into an interval of a resource, and which. */
bool bounder_overload(struct bounder *b, struct arena *a, struct schedule_conflict *conflict);

/* --- search -------------------------------------------------------------------------------- */

struct score {
    int64_t lateness;
    int32_t makespan;
};

struct search {
    const struct plan *plan;
    const struct schedule_settings *settings;
    int32_t bound;      /* stop there */
    uint64_t count;     /* schedules made */
    struct score score; /* of the best */
    int32_t *starts;    /* the best */
    bool is_cancelled;
    struct generator *generator;
    struct population *population;
};

/* Makes the first schedule, by latest finish. */
bool search_begin(struct arena *a, const struct plan *plan,
                  const struct schedule_settings *settings, struct search *s,
                  struct err *err) MUST_CHECK;
/* Goes on until the bound, the number of schedules or a cancel. */
void search_run(struct search *s);

/* --- exact --------------------------------------------------------------------------------- */

/* A schedule that keeps all deadlines and ends before *end, with bound <= its end, or none:
 * *is_proven: none is shorter than *end. Finds: starts and *end are set, true. */
bool exact_improve(struct arena *a, const struct plan *plan, int32_t bound, int32_t *starts,
                   int32_t *end, bool *is_proven);

#endif
