/* schedule.h - when to do what: tasks in order, on resources that are scarce.
 *
 * The resource-constrained project scheduling problem with minimum time lags, release dates,
 * deadlines and capacities that vary by period. Time is whole periods from 0. A task that starts
 * at s with duration d occupies the periods s .. s + d - 1 without interruption and finishes at
 * s + d. Wanted: starts with the least makespan (the last finish), so that
 *
 *     start >= release,  finish <= deadline,
 *     start >= finish(p) + lag          for every predecessor p,
 *     sum of the amounts in use <= capacity   for every resource and period.
 *
 * Method: serial schedule generation from lists of tasks, the first ones sampled by latest finish
 * (Kolisch, Serial and parallel resource-constrained project scheduling methods revisited, EJOR 90,
 * 1996); each schedule is justified to the right and back (forward-backward improvement: Valls,
 * Ballestin, Quintanilla, Justification and RCPSP: a technique that pays off, EJOR 165, 2005); the
 * lists are improved by the genetic algorithm of Hartmann (A competitive genetic algorithm for
 * resource-constrained project scheduling, Naval Research Logistics 45, 1998). Lower bounds: the
 * critical path, and destructive improvement (Klein and Scholl, Computing lower bounds by
 * destructive improvement, EJOR 112, 1999) with time tables, pairs that exclude each other and the
 * energy that intervals have to hold (Baptiste, Le Pape, Nuijten, Annals of Operations Research 92,
 * 1999). Up to SCHEDULE_EXACT_TASKS_MAX tasks are then solved exactly by branch and bound over the
 * precedence tree (Patterson, Slowinski, Talbot, Weglarz 1989). Departures: README.md.
 *
 * The answer is a function of the problem, the number of schedules and the seed: tasks are put in
 * the order of their ids first, so the order in which they are given does not matter.
 *
 * Memory: the answer belongs to the caller's arena; while it runs about 1 KiB a task, 50 bytes a
 * task and resource, and up to 500 tasks a byte a pair. Any thread. Pure.
 */
#ifndef QUANT_SCHEDULE_H
#define QUANT_SCHEDULE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define SCHEDULE_TASKS_MAX       2000                /* reject */
#define SCHEDULE_RESOURCES_MAX   100                 /* reject */
#define SCHEDULE_LINKS_MAX       50000               /* predecessors of all tasks: reject */
#define SCHEDULE_STEPS_MAX       1000                /* capacities of one resource: reject */
#define SCHEDULE_DURATION_MAX    100000              /* periods, also of a lag: reject */
#define SCHEDULE_PERIOD_MAX      1000000             /* releases, deadlines, steps: reject */
#define SCHEDULE_AMOUNT_MAX      INT64_C(1000000000) /* of a use or capacity: reject */
#define SCHEDULE_BUDGET_MAX      UINT64_C(100000000) /* schedules: reject */
#define SCHEDULE_EXACT_TASKS_MAX 12

#define SCHEDULE_NO_DEADLINE INT32_MAX
#define SCHEDULE_NO_RESOURCE UINT32_MAX

struct schedule_link {
    uint32_t task; /* index of the predecessor */
    int32_t lag;   /* periods from its finish on; not below minus its duration */
};

struct schedule_use {
    uint32_t resource;
    int64_t amount; /* in every period of the task, in any unit of which the parts are whole */
};

struct schedule_task {
    Str id; /* no two the same */
    int32_t duration, release;
    int32_t deadline; /* the finish is not later; SCHEDULE_NO_DEADLINE */
    size_t link_count, use_count;
    const struct schedule_link *after;
    const struct schedule_use *uses; /* each resource at most once */
};

struct schedule_step {
    int32_t from; /* first period; of the first step 0, then rising */
    int64_t capacity;
};

struct schedule_resource {
    Str name;
    size_t step_count; /* 1 or more; the last capacity holds for ever */
    const struct schedule_step *steps;
};

struct schedule_problem {
    size_t task_count, resource_count;
    const struct schedule_task *tasks;
    const struct schedule_resource *resources;
};

struct schedule_settings {
    uint64_t schedules; /* to generate at most, 1 or more; each pass of an improvement counts */
    uint64_t seed;
    bool (*is_cancelled)(void *context); /* may be NULL; asked now and then */
    void *context;
};

enum schedule_status {
    SCHEDULE_OPTIMAL,   /* proven: the makespan equals the bound */
    SCHEDULE_FEASIBLE,  /* holds; a shorter one is not ruled out */
    SCHEDULE_LATE,      /* none was found that keeps all deadlines, and none is ruled out */
    SCHEDULE_INFEASIBLE /* proven that there is none */
};

enum schedule_conflict_kind {
    SCHEDULE_CYCLE,    /* tasks[0] comes after tasks[1], that after tasks[2], the last after [0] */
    SCHEDULE_DEMAND,   /* tasks[0] needs more of `resource` than there is for so long */
    SCHEDULE_DEADLINE, /* the chain tasks[0..] cannot finish in time, whatever else is done */
    SCHEDULE_OVERLOAD, /* tasks[0..] have to use more of `resource` in an interval than it holds */
    SCHEDULE_DEADLINES /* the deadlines of tasks[0..] contradict each other, and none can be left
                        * out. No tasks: `resource` (or several) ends too early for them all */
};

/* Why there is no schedule. Periods and amounts that a kind does not name are 0. */
struct schedule_conflict {
    enum schedule_conflict_kind kind;
    size_t task_count;
    uint32_t *tasks;
    int32_t *starts;   /* DEADLINE: the earliest start of each of the chain; else NULL */
    uint32_t *waits;   /* DEADLINE: resource a start waits for, or SCHEDULE_NO_RESOURCE */
    uint32_t resource; /* SCHEDULE_NO_RESOURCE: several together, or the kind has none */
    int32_t from;      /* DEMAND, OVERLOAD: the interval [from, until) looked at; ... */
    int32_t until;     /* ... SCHEDULE_NO_DEADLINE: without end. DEADLINE: the deadline missed */
    int32_t period;    /* DEMAND: where most of it is to be had for so long */
    int64_t needed;    /* DEMAND: amount. OVERLOAD: amount times periods */
    int64_t available; /* likewise */
};

struct schedule_answer {
    enum schedule_status status;
    int32_t *starts;        /* per task of the problem; NULL: infeasible, or no tasks */
    int32_t makespan;       /* all below: 0 when infeasible */
    int64_t lateness;       /* sum of the periods by which deadlines are missed; LATE only */
    int32_t critical_path;  /* bound: no schedule is shorter, resources or not */
    int32_t resource_bound; /* bound: nor than this */
    int32_t bound;          /* the best known one */
    double gap;             /* (makespan - bound) / max(1, bound) */
    int32_t end;        /* LATE: tasks that finish behind it have no place; capacity has ended */
    uint64_t schedules; /* generated */
    struct schedule_conflict conflict; /* of an infeasible problem */
};

/* ERR_INPUT or ERR_LIMIT: the problem or the settings, with the task named; ERR_CANCELLED. That
 * there is no schedule is an answer, not an error. */
bool schedule_solve(struct arena *a, const struct schedule_problem *problem,
                    const struct schedule_settings *settings, struct schedule_answer *answer,
                    struct err *err) MUST_CHECK;

/* Do starts keep every lag, release and capacity, and (unless is_late_allowed) every deadline?
 * Shares no code with the search. Quadratic in the tasks of a resource. */
bool schedule_holds(const struct schedule_problem *problem, const int32_t *starts,
                    bool is_late_allowed);

#endif
