#include "strategy/choice/portfolio.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/process.h"
#include "quant/mip.h"
#include "strategy/choice/portfolio_priv.h"

#define MODEL_BYTES_MAX   (1024ULL * 1024 * 1024)
#define SCRATCH_BYTES_MAX (4096ULL * 1024 * 1024)
#define FEW_BUDGETS       12 /* see solve_twice() */
#define REPAIRS_MAX       20 /* answers of the solver that turn out wrong, per search */

/* --- conditions ---------------------------------------------------------------------------- */

size_t portfolio_conditions(struct arena *a, const struct portfolio_problem *p,
                            struct portfolio_condition **out)
{
    size_t most = p->resource_count + p->goal_count + 2 * p->option_count, n = 0;
    for (size_t i = 0; i < p->option_count; i++)
        most += p->options[i].require_count + p->options[i].exclude_count;
    struct portfolio_condition *c = arena_try_new(a, struct portfolio_condition, most + 1);
    *out = c;
    if (!c)
        return 0;

    for (uint32_t i = 0; i < p->resource_count; i++)
        if (p->resources[i].has_limit)
            c[n++] = (struct portfolio_condition){.kind = PORTFOLIO_LIMIT, .index = i};
    for (uint32_t i = 0; i < p->goal_count; i++)
        if (p->goals[i].at_least > 0)
            c[n++] = (struct portfolio_condition){.kind = PORTFOLIO_COVER, .index = i};
    for (uint32_t i = 0; i < p->option_count; i++) {
        const struct portfolio_option *o = &p->options[i];
        if (o->is_must)
            c[n++] = (struct portfolio_condition){.kind = PORTFOLIO_MUST, .index = i};
        if (o->is_must_not)
            c[n++] = (struct portfolio_condition){.kind = PORTFOLIO_MUST_NOT, .index = i};
        for (size_t k = 0; k < o->require_count; k++)
            c[n++] = (struct portfolio_condition){PORTFOLIO_REQUIRES, i, o->requires[k]};
        for (size_t k = 0; k < o->exclude_count; k++)
            c[n++] = (struct portfolio_condition){PORTFOLIO_EXCLUDES, i, o->excludes[k]};
    }
    return n;
}

static bool limit_row(struct arena *a, const struct portfolio_problem *p, uint32_t resource,
                      struct mip_row *row)
{
    struct mip_entry *entries = arena_try_new(a, struct mip_entry, p->option_count);
    if (!entries)
        return false;
    *row = (struct mip_row){
        .sense = MIP_AT_MOST, .limit = p->resources[resource].limit, .entries = entries};
    for (uint32_t i = 0; i < p->option_count; i++)
        if (p->options[i].cost[resource] > 0.0)
            entries[row->entry_count++] = (struct mip_entry){i, p->options[i].cost[resource]};
    return true;
}

static bool cover_row(struct arena *a, const struct portfolio_problem *p, uint32_t goal,
                      struct mip_row *row)
{
    struct mip_entry *entries = arena_try_new(a, struct mip_entry, p->option_count);
    if (!entries)
        return false;
    *row = (struct mip_row){
        .sense = MIP_AT_LEAST, .limit = p->goals[goal].at_least, .entries = entries};
    for (uint32_t i = 0; i < p->option_count; i++)
        for (size_t k = 0; k < p->options[i].goal_count; k++)
            if (p->options[i].goals[k] == goal)
                entries[row->entry_count++] = (struct mip_entry){i, 1.0};
    return true;
}

bool portfolio_condition_row(struct arena *a, const struct portfolio_problem *p,
                             const struct portfolio_condition *c, struct mip_row *row,
                             struct err *err)
{
    if (c->kind == PORTFOLIO_LIMIT)
        return limit_row(a, p, c->index, row) || err_arena(err, a);
    if (c->kind == PORTFOLIO_COVER)
        return cover_row(a, p, c->index, row) || err_arena(err, a);

    struct mip_entry *entries = arena_try_new(a, struct mip_entry, 2);
    if (!entries)
        return err_arena(err, a);
    entries[0] = (struct mip_entry){c->index, 1.0};
    entries[1] = (struct mip_entry){c->other, c->kind == PORTFOLIO_REQUIRES ? -1.0 : 1.0};
    *row = (struct mip_row){.sense = MIP_AT_MOST, .entry_count = 1, .entries = entries};
    switch (c->kind) {
    case PORTFOLIO_MUST:
        row->sense = MIP_AT_LEAST;
        row->limit = 1.0;
        break;
    case PORTFOLIO_MUST_NOT:
        break;
    case PORTFOLIO_REQUIRES: /* x - other <= 0 */
        row->entry_count = 2;
        break;
    case PORTFOLIO_EXCLUDES: /* x + other <= 1 */
        row->entry_count = 2;
        row->limit = 1.0;
        break;
    case PORTFOLIO_LIMIT:
    case PORTFOLIO_COVER:
        UNREACHABLE("handled above");
    }
    return true;
}

/* Written apart from the rows on purpose: this is the second opinion. */
bool portfolio_holds(const struct portfolio_problem *p, const struct portfolio_condition *c,
                     const bool *chosen)
{
    double sum = 0.0, lost = 0.0, largest;
    size_t carriers = 0;

    switch (c->kind) {
    case PORTFOLIO_LIMIT:
        largest = fabs(p->resources[c->index].limit);
        for (size_t i = 0; i < p->option_count; i++) {
            if (!chosen[i])
                continue;
            double x = p->options[i].cost[c->index], next = sum + x;
            lost += sum >= x ? (sum - next) + x : (x - next) + sum;
            sum = next;
            largest = fmax(largest, x);
        }
        return (sum - p->resources[c->index].limit) + lost <= 1e-9 * largest;
    case PORTFOLIO_COVER:
        for (size_t i = 0; i < p->option_count; i++)
            for (size_t k = 0; chosen[i] && k < p->options[i].goal_count; k++)
                carriers += p->options[i].goals[k] == c->index;
        return carriers >= p->goals[c->index].at_least;
    case PORTFOLIO_MUST:
        return chosen[c->index];
    case PORTFOLIO_MUST_NOT:
        return !chosen[c->index];
    case PORTFOLIO_REQUIRES:
        return !chosen[c->index] || chosen[c->other];
    case PORTFOLIO_EXCLUDES:
        return !chosen[c->index] || !chosen[c->other];
    }
    UNREACHABLE("kind of condition");
}

bool portfolio_differs(const struct portfolio_problem *p, const bool *a, const bool *b,
                       double distance)
{
    size_t different = 0, in_a = 0, in_b = 0;

    for (size_t i = 0; i < p->option_count; i++) {
        different += a[i] != b[i];
        in_a += a[i];
        in_b += b[i];
    }
    double larger = (double)(in_a > in_b ? in_a : in_b);
    return different > 0 && (double)different >= distance * larger - 1e-9;
}

/* --- running the solver -------------------------------------------------------------------- */

double portfolio_seconds_left(const struct portfolio_search *s)
{
    return s->seconds - clock_seconds_since(s->started_ns);
}

bool portfolio_is_cancelled(const struct portfolio_search *s, struct err *err)
{
    if (s->settings->is_cancelled && atomic_load(s->settings->is_cancelled))
        return !err_set(err, ERR_CANCELLED, "the search was cancelled");
    return false;
}

/* The whole command line of the solver. Its default tolerances (1e-6 on integrality) once called a
 * model infeasible that was not, so they are tightened. */
static void make_arguments(const char *argv[40], const struct portfolio_settings *settings,
                           enum portfolio_style style, const char *seconds, const char *threads)
{
    static const char *const always[] = {"cbc",  "-import",           "-",       "-ratioGap",
                                         "0",    "-allowableGap",     "0",       "-increment",
                                         "1e-9", "-integerTolerance", "1e-9",    "-primalTolerance",
                                         "1e-9", "-timeMode",         "elapsed", "-seconds"};
    static const char *const simple[] = {"-preprocess", "off", "-cuts", "off"};
    static const char *const last[] = {"-printingOptions", "all", "-solve", "-solution", "-", NULL};
    size_t n = COUNT_OF(always);

    memcpy(argv, always, sizeof always);
    argv[n++] = seconds;
    if (settings->threads > 1) {
        argv[n++] = "-threads";
        argv[n++] = threads;
    }
    if (style == PORTFOLIO_SIMPLE) {
        memcpy(&argv[n], simple, sizeof simple);
        n += COUNT_OF(simple);
    }
    memcpy(&argv[n], last, sizeof last);
}

bool portfolio_solve(struct portfolio_search *s, const struct mip_model *model,
                     enum portfolio_style style, double seconds, struct mip_answer *answer,
                     struct err *err)
{
    char limit[32], threads[16];
    const char *argv[40];
    struct buf text;
    struct process_result result;

    seconds = seconds < 0.05 ? 0.05 : seconds;
    snprintf(limit, sizeof limit, "%.3f", seconds);
    snprintf(threads, sizeof threads, "%u", s->settings->threads);
    make_arguments(argv, s->settings, style, limit, threads);
    buf_init(&text, MODEL_BYTES_MAX);
    /* The solver minds its own limit; the second one is for a solver that hangs. */
    bool ok = mip_write_mps(&text, model, err) &&
              (process_run(&s->scratch, argv, buf_str(&text), (uint32_t)(seconds * 1000.0) + 5000,
                           s->settings->is_cancelled, &result, err) ||
               (err->code == ERR_UNAVAILABLE && err_hint(err, "install the package coinor-cbc")));
    buf_deinit(&text);
    if (!ok)
        return false;
    if (result.is_timed_out) {
        *answer = (struct mip_answer){.status = MIP_UNKNOWN, .bound = (double)INFINITY};
        return true;
    }
    return mip_read_cbc(&s->scratch, result.out, model, answer, err) ||
           err_wrap(err, "the solver 'cbc' (exit code %d)", result.exit_code);
}

/* --- one search ---------------------------------------------------------------------------- */

/* Rows that keep the distance from an earlier answer S of s options: with d = changed options =
 * s - sum over S + sum over the others,   d >= max(1, D s)   and   d - D sum x >= 0. */
static bool distance_rows(struct portfolio_search *s, const bool *earlier, struct mip_row rows[2],
                          struct err *err)
{
    size_t n = s->problem->option_count, size = 0;
    double share = s->settings->distance;
    struct mip_entry *first = arena_try_new(&s->scratch, struct mip_entry, n);
    struct mip_entry *second = arena_try_new(&s->scratch, struct mip_entry, n);

    if (!first || !second)
        return err_arena(err, &s->scratch);
    for (uint32_t i = 0; i < n; i++) {
        size += earlier[i];
        double sign = earlier[i] ? -1.0 : 1.0;
        first[i] = (struct mip_entry){i, sign};
        second[i] = (struct mip_entry){i, sign - share};
    }
    double least = fmax(1.0, ceil(share * (double)size - 1e-9));
    rows[0] = (struct mip_row){MIP_AT_LEAST, least - (double)size, (uint32_t)n, first};
    rows[1] = (struct mip_row){MIP_AT_LEAST, -(double)size, (uint32_t)n, second};
    return true;
}

/* Forbids exactly this set: used when the solver's answer breaks a condition within its own
 * tolerance. */
static bool forbid_row(struct portfolio_search *s, const bool *chosen, struct mip_row *row,
                       struct err *err)
{
    size_t n = s->problem->option_count, size = 0;
    struct mip_entry *entries = arena_try_new(s->arena, struct mip_entry, n);

    if (!entries)
        return err_arena(err, s->arena);
    for (uint32_t i = 0; i < n; i++) {
        size += chosen[i];
        entries[i] = (struct mip_entry){i, chosen[i] ? 1.0 : -1.0};
    }
    *row = (struct mip_row){MIP_AT_MOST, (double)size - 1.0, (uint32_t)n, entries};
    return true;
}

static bool is_valid(const struct portfolio_search *s, const bool *chosen,
                     const struct portfolio_choice *earlier, size_t earlier_count)
{
    for (size_t i = 0; i < s->condition_count; i++)
        if (!portfolio_holds(s->problem, &s->conditions[i], chosen))
            return false;
    for (size_t i = 0; i < earlier_count; i++)
        if (!portfolio_differs(s->problem, chosen, earlier[i].chosen, s->settings->distance))
            return false;
    return true;
}

static double upper_sum(const struct portfolio_problem *p)
{
    double sum = 0.0;

    for (size_t i = 0; i < p->option_count; i++)
        sum += fmax(p->options[i].value, 0.0);
    return sum;
}

static bool values_are_whole(const struct portfolio_problem *p)
{
    for (size_t i = 0; i < p->option_count; i++)
        if (floor(p->options[i].value) < p->options[i].value || fabs(p->options[i].value) > 1e9)
            return false;
    return true;
}

static bool take_answer(struct portfolio_search *s, const struct mip_model *model,
                        const struct mip_answer *answer, struct portfolio_choice *choice,
                        struct err *err)
{
    size_t n = s->problem->option_count;

    choice->chosen = arena_try_new(s->arena, bool, n);
    if (!choice->chosen)
        return err_arena(err, s->arena);
    memcpy(choice->chosen, answer->chosen, n * sizeof(bool));
    choice->value = mip_value(model, choice->chosen);
    choice->status = PORTFOLIO_OPTIMAL;
    choice->bound = choice->value;
    if (answer->status != MIP_OPTIMAL) {
        double bound = fmin(answer->bound, upper_sum(s->problem));
        bound = values_are_whole(s->problem) ? floor(bound + 1e-6) : bound;
        choice->bound = fmax(bound, choice->value);
        choice->status = choice->bound > choice->value ? PORTFOLIO_FEASIBLE : PORTFOLIO_OPTIMAL;
    }
    choice->gap = (choice->bound - choice->value) / fmax(1.0, fabs(choice->bound));
    return true;
}

struct rows {
    struct mip_row *items;
    size_t count;
};

static bool make_rows(struct portfolio_search *s, const struct portfolio_choice *earlier,
                      size_t earlier_count, struct rows *rows, struct err *err)
{
    rows->items = arena_try_new(&s->scratch, struct mip_row,
                                s->condition_count + 2 * earlier_count + REPAIRS_MAX);
    if (!rows->items)
        return err_arena(err, &s->scratch);
    for (size_t i = 0; i < s->condition_count; i++)
        if (!portfolio_condition_row(&s->scratch, s->problem, &s->conditions[i],
                                     &rows->items[rows->count++], err))
            return false;
    for (size_t i = 0; i < earlier_count; i++, rows->count += 2)
        if (!distance_rows(s, earlier[i].chosen, &rows->items[rows->count], err))
            return false;
    memcpy(rows->items + rows->count, s->forbidden, s->forbidden_count * sizeof *s->forbidden);
    rows->count += s->forbidden_count;
    return true;
}

/* Cuts and preprocessing are worth their time where options hang together or budgets are many, not
 * where there is nothing but a few budgets. A solver that calls a model infeasible is asked again
 * in the other style. */
static bool solve_twice(struct portfolio_search *s, const struct mip_model *model,
                        size_t earlier_count, double seconds, struct mip_answer *answer,
                        struct err *err)
{
    bool is_simple = earlier_count == 0 && s->condition_count <= FEW_BUDGETS;
    uint64_t started = clock_monotonic_ns();

    for (size_t i = 0; i < s->condition_count; i++)
        is_simple &= s->conditions[i].kind == PORTFOLIO_LIMIT;
    enum portfolio_style style = is_simple ? PORTFOLIO_SIMPLE : PORTFOLIO_FULL;
    if (!portfolio_solve(s, model, style, seconds, answer, err))
        return false;
    double left = seconds - clock_seconds_since(started);
    if (answer->status != MIP_INFEASIBLE || left < 0.05)
        return true;
    struct mip_answer second;
    style = style == PORTFOLIO_FULL ? PORTFOLIO_SIMPLE : PORTFOLIO_FULL;
    if (!portfolio_solve(s, model, style, left, &second, err))
        return false;
    if (second.chosen)
        *answer = second;
    return true;
}

/* The best answer that differs from the earlier ones. *is_found false and status infeasible: there
 * is none; otherwise ERR_LIMIT when time ran out before any was found. */
static bool search_one(struct portfolio_search *s, const struct portfolio_choice *earlier,
                       size_t earlier_count, double seconds, struct portfolio_choice *choice,
                       struct err *err)
{
    double *values = arena_try_new(s->arena, double, s->problem->option_count);
    if (!values)
        return err_arena(err, s->arena);
    for (size_t i = 0; i < s->problem->option_count; i++)
        values[i] = s->problem->options[i].value;

    uint64_t started = clock_monotonic_ns();
    for (;;) {
        struct mip_answer answer;
        struct rows rows = {0};
        arena_reset(&s->scratch);
        if (!make_rows(s, earlier, earlier_count, &rows, err))
            return false;
        const struct mip_model model = {.column_count = (uint32_t)s->problem->option_count,
                                        .values = values,
                                        .row_count = rows.count,
                                        .rows = rows.items};
        if (!solve_twice(s, &model, earlier_count, seconds - clock_seconds_since(started), &answer,
                         err))
            return false;
        if (answer.status == MIP_INFEASIBLE) {
            *choice = (struct portfolio_choice){.status = PORTFOLIO_INFEASIBLE};
            return true;
        }
        if (!answer.chosen)
            return err_set(err, ERR_LIMIT, "no answer was found within %.3g seconds", seconds) ||
                   err_hint(err, "allow more time with --seconds");
        if (is_valid(s, answer.chosen, earlier, earlier_count))
            return take_answer(s, &model, &answer, choice, err);
        if (s->forbidden_count == REPAIRS_MAX)
            return err_set(err, ERR_CORRUPT,
                           "the solver's answers break the conditions again and again");
        if (!forbid_row(s, answer.chosen, &s->forbidden[s->forbidden_count++], err))
            return false;
    }
}

/* A model without options is not worth a solver, and no solver likes it. */
static void choose_nothing(struct portfolio_search *s, struct portfolio_choice *choice)
{
    static bool nothing[1];

    *choice = (struct portfolio_choice){.status = PORTFOLIO_OPTIMAL, .chosen = nothing};
    for (size_t i = 0; i < s->condition_count; i++)
        if (!portfolio_holds(s->problem, &s->conditions[i], nothing))
            *choice = (struct portfolio_choice){.status = PORTFOLIO_INFEASIBLE};
}

/* Best first. An answer found under a time limit may be beaten by a later one; then only the bound
 * of the whole holds for each. */
static void sort_choices(struct portfolio_choice *choices, size_t count)
{
    double bound = choices[0].bound;
    bool is_moved = false;

    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && choices[j].value > choices[j - 1].value; j--) {
            struct portfolio_choice swap = choices[j];
            choices[j] = choices[j - 1];
            choices[j - 1] = swap;
            is_moved = true;
        }
    for (size_t i = 0; is_moved && i < count; i++) {
        choices[i].bound = bound;
        choices[i].gap = (bound - choices[i].value) / fmax(1.0, fabs(bound));
        choices[i].status = bound > choices[i].value ? PORTFOLIO_FEASIBLE : PORTFOLIO_OPTIMAL;
    }
}

static bool search_alternatives(struct portfolio_search *s, struct portfolio_answer *answer,
                                struct err *err)
{
    size_t wanted = s->settings->alternatives, found = 1;
    struct portfolio_choice *choices = arena_try_new(s->arena, struct portfolio_choice, wanted + 1);
    if (!choices)
        return err_arena(err, s->arena);
    choices[0] = answer->best;
    for (; found <= wanted; found++) {
        double slice = portfolio_seconds_left(s) / (double)(wanted + 1 - found);
        struct err late = {0};
        if (portfolio_is_cancelled(s, err))
            return false;
        if (slice < 0.02)
            break;
        if (!search_one(s, choices, found, slice, &choices[found], &late)) {
            if (late.code == ERR_LIMIT)
                break; /* out of time: fewer alternatives */
            *err = late;
            return false;
        }
        if (choices[found].status == PORTFOLIO_INFEASIBLE)
            break;
    }
    sort_choices(choices, found);
    answer->best = choices[0];
    answer->alternatives = choices + 1;
    answer->alternative_count = found - 1;
    return true;
}

static bool run_search(struct portfolio_search *s, struct portfolio_answer *answer, struct err *err)
{
    s->condition_count = portfolio_conditions(s->arena, s->problem, &s->conditions);
    s->forbidden = arena_try_new(s->arena, struct mip_row, REPAIRS_MAX);
    if (!s->conditions || !s->forbidden)
        return err_arena(err, s->arena);
    if (portfolio_is_cancelled(s, err))
        return false;
    if (s->problem->option_count == 0)
        choose_nothing(s, &answer->best);
    else if (!search_one(s, NULL, 0, s->seconds * (s->settings->alternatives > 0 ? 0.5 : 1.0),
                         &answer->best, err))
        return false;
    if (answer->best.status == PORTFOLIO_INFEASIBLE)
        return portfolio_find_conflict(s, answer, err);
    if (s->settings->alternatives > 0 && s->problem->option_count > 0)
        return search_alternatives(s, answer, err);
    return true;
}

bool portfolio_choose(struct arena *a, const struct portfolio_problem *problem,
                      const struct portfolio_settings *settings, struct portfolio_answer *answer,
                      struct err *err)
{
    struct portfolio_search s = {.arena = a, .problem = problem, .settings = settings};

    if (problem->option_count > PORTFOLIO_OPTIONS_MAX ||
        settings->alternatives > PORTFOLIO_ALTERNATIVES_MAX)
        return err_set(err, ERR_LIMIT, "%zu options and %u alternatives; at most %d and %d",
                       problem->option_count, settings->alternatives, PORTFOLIO_OPTIONS_MAX,
                       PORTFOLIO_ALTERNATIVES_MAX);
    if (!(settings->distance >= 0.0 && settings->distance <= 1.0))
        return err_set(err, ERR_USAGE, "the distance %g is not in 0..1", settings->distance);
    *answer = (struct portfolio_answer){0};
    s.seconds = settings->seconds > 0.0 ? settings->seconds : PORTFOLIO_SECONDS;
    s.started_ns = clock_monotonic_ns();
    arena_init(&s.scratch, SCRATCH_BYTES_MAX);
    bool ok = run_search(&s, answer, err);
    arena_deinit(&s.scratch);
    return ok;
}
