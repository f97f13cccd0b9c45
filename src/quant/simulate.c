#include "quant/simulate.h"

#include <string.h>

#include "base/random.h"
#include "quant/correlation.h"
#include "quant/numeric.h"

/* Inputs that are correlated, directly or through others. */
struct group {
    uint32_t size;
    const uint32_t *members; /* input indices, rising */
    const double *factor;    /* lower triangular, size x size */
};

struct simulate_plan {
    struct simulate_settings settings;
    const struct simulate_input *inputs;
    uint32_t input_count;
    struct permutation *permutations; /* one per input; Latin hypercube */
    struct sobol sobol;
    const struct group *groups;
    uint32_t group_count, group_size_max;
    const bool *is_grouped; /* per input */
};

static const char *const method_names[SIMULATE_METHOD_COUNT] = {"lhs", "sobol", "plain"};

const char *simulate_method_name(enum simulate_method method)
{
    ASSERT(method < SIMULATE_METHOD_COUNT);
    return method_names[method];
}

bool simulate_method_from(Str name, enum simulate_method *method)
{
    for (size_t i = 0; i < SIMULATE_METHOD_COUNT; i++)
        if (str_eq(name, str_from_cstr(method_names[i]))) {
            *method = (enum simulate_method)i;
            return true;
        }
    return false;
}

/* --- groups -------------------------------------------------------------------------------- */

static uint32_t find_root(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i)
        i = parents[i] = parents[parents[i]];
    return i;
}

struct group_job {
    struct arena *arena;
    const struct simulate_correlation *correlations;
    size_t correlation_count;
    uint32_t *parents, *places; /* per input: union-find, index within its group */
    double changed;
};

static bool fill_group(struct group_job *job, struct group *group, uint32_t root,
                       uint32_t input_count, struct err *err)
{
    uint32_t *members = arena_try_new(job->arena, uint32_t, group->size);
    if (!members)
        return err_arena(err, job->arena);
    uint32_t size = 0;
    for (uint32_t i = 0; i < input_count; i++)
        if (find_root(job->parents, i) == root) {
            job->places[i] = size;
            members[size++] = i;
        }
    size_t n = group->size;
    if (n > CORRELATION_SIZE_MAX)
        return err_set(err, ERR_LIMIT, "%zu correlated inputs hang together, at most %d can", n,
                       CORRELATION_SIZE_MAX);
    double *matrix = arena_try_new(job->arena, double, n *n);
    double *factor = arena_try_new(job->arena, double, n *n);
    if (!matrix || !factor)
        return err_arena(err, job->arena);
    for (size_t i = 0; i < n; i++)
        matrix[i * n + i] = 1.0;
    for (size_t i = 0; i < job->correlation_count; i++) {
        const struct simulate_correlation *c = &job->correlations[i];
        if (find_root(job->parents, c->first) != root)
            continue;
        matrix[job->places[c->first] * n + job->places[c->second]] = c->rank;
        matrix[job->places[c->second] * n + job->places[c->first]] = c->rank;
    }
    double changed;
    if (!correlation_factor(job->arena, matrix, n, factor, &changed, err))
        return false;
    job->changed = changed > job->changed ? changed : job->changed;
    group->members = members;
    group->factor = factor;
    return true;
}

static bool find_groups(struct simulate_plan *plan, struct group_job *job, struct err *err)
{
    uint32_t count = plan->input_count;
    job->parents = arena_try_new(job->arena, uint32_t, count);
    job->places = arena_try_new(job->arena, uint32_t, count);
    uint32_t *sizes = arena_try_new(job->arena, uint32_t, count);
    bool *is_grouped = arena_try_new(job->arena, bool, count);
    if (!job->parents || !job->places || !sizes || !is_grouped)
        return err_arena(err, job->arena);

    for (uint32_t i = 0; i < count; i++)
        job->parents[i] = i;
    for (size_t i = 0; i < job->correlation_count; i++) {
        const struct simulate_correlation *c = &job->correlations[i];
        ASSERT(c->first < count && c->second < count && c->first != c->second);
        job->parents[find_root(job->parents, c->first)] = find_root(job->parents, c->second);
    }
    uint32_t group_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (++sizes[find_root(job->parents, i)] == 2)
            group_count++;
    struct group *groups = arena_try_new(job->arena, struct group, group_count);
    if (!groups)
        return err_arena(err, job->arena);
    for (uint32_t i = 0; i < count; i++) {
        is_grouped[i] = sizes[find_root(job->parents, i)] >= 2;
        if (sizes[i] < 2 || job->parents[i] != i)
            continue;
        struct group *group = &groups[plan->group_count++];
        group->size = sizes[i];
        if (!fill_group(job, group, i, count, err))
            return false;
        plan->group_size_max =
            group->size > plan->group_size_max ? group->size : plan->group_size_max;
    }
    plan->groups = groups;
    plan->is_grouped = is_grouped;
    return true;
}

bool simulate_plan_init(struct simulate_plan **out, struct arena *a,
                        const struct simulate_settings *settings,
                        const struct simulate_input *inputs, uint32_t input_count,
                        const struct simulate_correlation *correlations, size_t correlation_count,
                        double *changed, struct err *err)
{
    if (settings->trials < 1 || settings->trials > SIMULATE_TRIALS_MAX)
        return err_set(err, ERR_LIMIT, "%u trials are not in 1..%u", settings->trials,
                       SIMULATE_TRIALS_MAX);
    if (input_count > SIMULATE_INPUTS_MAX)
        return err_set(err, ERR_LIMIT, "%u uncertain inputs, at most %d are possible", input_count,
                       SIMULATE_INPUTS_MAX);
    struct simulate_plan *plan = arena_try_new(a, struct simulate_plan, 1);
    if (!plan)
        return err_arena(err, a);
    plan->settings = *settings;
    plan->inputs = inputs;
    plan->input_count = input_count;
    if (settings->method == SIMULATE_LATIN_HYPERCUBE) {
        plan->permutations = arena_try_new(a, struct permutation, input_count);
        if (!plan->permutations)
            return err_arena(err, a);
        for (uint32_t i = 0; i < input_count; i++)
            permutation_init(&plan->permutations[i], settings->trials, settings->seed,
                             inputs[i].stream);
    }
    if (settings->method == SIMULATE_SOBOL &&
        !sobol_init(&plan->sobol, a, input_count, settings->seed, err))
        return false;
    struct group_job job = {
        .arena = a, .correlations = correlations, .correlation_count = correlation_count};
    if (!find_groups(plan, &job, err))
        return false;
    *changed = job.changed;
    *out = plan;
    return true;
}

size_t simulate_scratch_count(const struct simulate_plan *plan)
{
    return (size_t)plan->group_size_max * SIMULATE_BLOCK;
}

/* --- drawing ------------------------------------------------------------------------------- */

static void draw_uniform(const struct simulate_plan *plan, uint32_t input, uint32_t from,
                         double *out, size_t count)
{
    switch (plan->settings.method) {
    case SIMULATE_LATIN_HYPERCUBE:
        permutation_strata(&plan->permutations[input], from, out, count);
        return;
    case SIMULATE_SOBOL:
        sobol_points(&plan->sobol, input, from, out, count);
        return;
    case SIMULATE_PLAIN:
        for (size_t i = 0; i < count; i++)
            out[i] = random_unit(plan->settings.seed, plan->inputs[input].stream, from + i);
        return;
    case SIMULATE_METHOD_COUNT:
        break;
    }
    UNREACHABLE("simulation method");
}

/* y = L z for all trials of the block, one input after the other. */
static void draw_group(const struct simulate_plan *plan, const struct group *group, uint32_t from,
                       size_t count, double *z, double *out)
{
    for (uint32_t i = 0; i < group->size; i++) {
        double *row = z + (size_t)i * SIMULATE_BLOCK;
        draw_uniform(plan, group->members[i], from, row, count);
        numeric_normal_quantile_block(row, count);
    }
    for (uint32_t i = 0; i < group->size; i++) {
        double *y = out + (size_t)group->members[i] * SIMULATE_BLOCK;
        const double *weights = group->factor + (size_t)i * group->size;
        memset(y, 0, count * sizeof *y);
        for (uint32_t k = 0; k <= i; k++) {
            const double *row = z + (size_t)k * SIMULATE_BLOCK;
            double weight = weights[k];
            for (size_t t = 0; t < count && weight != 0.0; t++)
                y[t] += weight * row[t];
        }
        distribution_from_normal_block(plan->inputs[group->members[i]].distribution, y, count);
    }
}

void simulate_block(const struct simulate_plan *plan, uint32_t from, size_t count, double *scratch,
                    double *out)
{
    ASSERT(count <= SIMULATE_BLOCK && from <= plan->settings.trials &&
           count <= plan->settings.trials - from);
    for (uint32_t i = 0; i < plan->input_count; i++) {
        if (plan->is_grouped[i])
            continue;
        double *row = out + (size_t)i * SIMULATE_BLOCK;
        draw_uniform(plan, i, from, row, count);
        distribution_quantile_block(plan->inputs[i].distribution, row, count);
    }
    for (uint32_t g = 0; g < plan->group_count; g++)
        draw_group(plan, &plan->groups[g], from, count, scratch, out);
}
