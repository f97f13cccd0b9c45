#include "strategy/risk/risk_simulation.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "os/thread.h"
#include "quant/numeric.h"

/* Trials are cut into chunks whose size depends on nothing but their number. A thread takes the
 * next chunk, draws it block by block, writes net benefits to the chunk's part of the result rows
 * and its tornado sums to the chunk's own place. What is summed over chunks afterwards is summed in
 * their order. So the number of threads decides only who computes a chunk, never a result. */

const double risk_quantile_levels[RISK_QUANTILES] = {0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95};

enum { CHUNK_TRIALS_MIN = 4096, CHUNKS_MAX = 1024, THREADS_MAX = 64 };
#define NO_INPUT UINT32_MAX

/* What one option contributes, prepared for the loops. */
struct term {
    uint32_t benefit, effort, running, driver; /* inputs; NO_INPUT: the constant beside it */
    double benefit_point, effort_point, running_point, driver_point;
    size_t rest_count, reaction_count;
    const struct risk_rest *rests; /* .assumption is the index of an input here */
    const uint32_t *reactions;     /* inputs, by rising after_months */
    const double *reaction_keeps;  /* 1 - loss, the same order */
    const double *weights;         /* reaction_count + 1: benefit months between reactions */
    const uint32_t *targets;       /* result rows that hold this option; row 0 is the whole */
    size_t target_count;
};

struct bar_sums {
    double low_sum, high_sum, low_count, high_count;
};

/* An input that bears on a row. */
struct bar {
    uint32_t row, input;
};

struct input_name {
    enum risk_bar_kind kind;
    uint32_t index;
    Str name;
    double low, high;   /* the values that separate the ends of its bar */
    double probability; /* assumption, reaction: the uniform draw becomes 1 below it, else 0 */
};

struct job {
    const struct risk_model *model;
    struct risk_settings settings;
    struct arena *arena;
    struct simulate_input *inputs;
    struct input_name *names;
    uint32_t input_count;
    struct distribution unit; /* uniform on 0..1, for assumptions and reactions */
    uint32_t *driver_inputs, *assumption_inputs; /* per driver, assumption */
    struct term *terms;
    double running_months; /* sum of discount factors / 12 */
    uint32_t row_count;    /* versions + 1 */
    struct bar *bars;
    size_t bar_count;
    struct simulate_plan *plan;
    uint32_t chunk_trials, chunk_count;
    double *rows;          /* row_count x trials, heap */
    struct bar_sums *sums; /* chunk_count x bar_count, heap */
    struct risk_result *result;
    atomic_uint next_chunk, next_row;
    atomic_bool is_stopped, is_out_of_memory;
};

/* --- inputs -------------------------------------------------------------------------------- */

static uint32_t add_input(struct job *job, const struct distribution *d, enum risk_bar_kind kind,
                          uint32_t index, Str name)
{
    uint32_t at = job->input_count++;
    uint64_t stream = hash_combine(hash_u64((uint64_t)kind, 1), hash_bytes(name, 1));

    job->inputs[at] = (struct simulate_input){.distribution = d, .stream = stream};
    job->names[at] = (struct input_name){.kind = kind, .index = index, .name = name};
    if (d == &job->unit) {
        job->names[at].high = 1.0;
    } else {
        job->names[at].low = distribution_quantile(d, 0.1);
        job->names[at].high = distribution_quantile(d, 0.9);
    }
    return at;
}

static uint32_t add_part(struct job *job, const struct distribution *d, enum risk_bar_kind kind,
                         uint32_t index, Str name, double *point)
{
    *point = d->kind == DISTRIBUTION_POINT ? d->low : 0.0;
    return d->kind == DISTRIBUTION_POINT ? NO_INPUT : add_input(job, d, kind, index, name);
}

static uint32_t add_event(struct job *job, enum risk_bar_kind kind, uint32_t index, Str name,
                          double probability)
{
    uint32_t at = add_input(job, &job->unit, kind, index, name);

    job->names[at].probability = probability;
    return at;
}

/* Share of the yearly benefit that months after `from` up to `to` bring, discounted. */
static double benefit_months(const struct risk_model *model, const struct risk_option *option,
                             double from, double to)
{
    double sum = 0.0;

    for (uint32_t m = 1; m <= model->months; m++) {
        if (!((double)m > from && (double)m <= to))
            continue;
        double ramp = option->ramp_months > (double)m ? (double)m / option->ramp_months : 1.0;
        sum += ramp / 12.0 * numeric_pow(1.0 + model->discount, -(double)m / 12.0);
    }
    return sum;
}

static bool add_reactions(struct job *job, struct term *term, uint32_t index, struct err *err)
{
    const struct risk_option *option = &job->model->options[index];
    size_t count = option->reaction_count;
    uint32_t *inputs = arena_try_new(job->arena, uint32_t, count);
    double *keeps = arena_try_new(job->arena, double, count);
    double *weights = arena_try_new(job->arena, double, count + 1);
    size_t *order = arena_try_new(job->arena, size_t, count);
    if (!inputs || !keeps || !weights || !order)
        return err_arena(err, job->arena);

    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 &&
               option->reactions[order[at - 1]].after_months > option->reactions[i].after_months;
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    double from = 0.0;
    for (size_t i = 0; i < count; i++) {
        const struct risk_reaction *reaction = &option->reactions[order[i]];
        Str name = arena_printf(job->arena, STR_F ".reactions[%zu]", STR_A(option->id), order[i]);
        inputs[i] = add_event(job, RISK_BAR_REACTION, index, name, reaction->probability);
        keeps[i] = 1.0 - reaction->loss;
        weights[i] = benefit_months(job->model, option, from, reaction->after_months);
        from = reaction->after_months;
    }
    weights[count] = benefit_months(job->model, option, from, (double)job->model->months);
    term->reaction_count = count;
    term->reactions = inputs;
    term->reaction_keeps = keeps;
    term->weights = weights;
    return true;
}

static bool add_term(struct job *job, uint32_t index, struct err *err)
{
    const struct risk_option *option = &job->model->options[index];
    struct term *term = &job->terms[index];
    struct arena *a = job->arena;

    term->benefit =
        add_part(job, &option->benefit, RISK_BAR_BENEFIT, index,
                 arena_printf(a, STR_F ".benefit", STR_A(option->id)), &term->benefit_point);
    term->effort =
        add_part(job, &option->effort, RISK_BAR_EFFORT, index,
                 arena_printf(a, STR_F ".effort", STR_A(option->id)), &term->effort_point);
    term->running =
        add_part(job, &option->running, RISK_BAR_RUNNING, index,
                 arena_printf(a, STR_F ".running", STR_A(option->id)), &term->running_point);
    term->driver = NO_INPUT;
    term->driver_point = 1.0;
    if (option->has_driver) {
        const struct distribution *is = &job->model->drivers[option->driver].is;
        term->driver = job->driver_inputs[option->driver];
        term->driver_point = is->kind == DISTRIBUTION_POINT ? is->low : 0.0;
    }
    struct risk_rest *rests = arena_try_new(a, struct risk_rest, option->rest_count);
    if (!rests)
        return err_arena(err, a);
    for (size_t i = 0; i < option->rest_count; i++)
        rests[i] = (struct risk_rest){job->assumption_inputs[option->rests[i].assumption],
                                      option->rests[i].if_false};
    term->rests = rests;
    term->rest_count = option->rest_count;
    return add_reactions(job, term, index, err);
}

static bool add_inputs(struct job *job, struct err *err)
{
    const struct risk_model *m = job->model;
    size_t most = m->driver_count + m->assumption_count;
    for (size_t i = 0; i < m->option_count; i++)
        most += 3 + m->options[i].reaction_count;
    job->inputs = arena_try_new(job->arena, struct simulate_input, most);
    job->names = arena_try_new(job->arena, struct input_name, most);
    job->terms = arena_try_new(job->arena, struct term, m->option_count);
    job->driver_inputs = arena_try_new(job->arena, uint32_t, m->driver_count);
    job->assumption_inputs = arena_try_new(job->arena, uint32_t, m->assumption_count);
    if (!job->inputs || !job->names || !job->terms || !job->driver_inputs ||
        !job->assumption_inputs)
        return err_arena(err, job->arena);

    const double unit[] = {0.0, 1.0};
    if (!distribution_init(&job->unit, job->arena, DISTRIBUTION_UNIFORM, unit, 2, err))
        return false;
    double ignored;
    for (uint32_t i = 0; i < m->driver_count; i++)
        job->driver_inputs[i] =
            add_part(job, &m->drivers[i].is, RISK_BAR_DRIVER, i, m->drivers[i].id, &ignored);
    for (uint32_t i = 0; i < m->assumption_count; i++)
        job->assumption_inputs[i] = add_event(job, RISK_BAR_ASSUMPTION, i, m->assumptions[i].id,
                                              m->assumptions[i].probability);
    for (uint32_t i = 0; i < m->option_count; i++)
        if (!add_term(job, i, err))
            return false;
    for (uint32_t month = 1; month <= m->months; month++)
        job->running_months += numeric_pow(1.0 + m->discount, -(double)month / 12.0) / 12.0;
    return true;
}

static uint32_t find_input(const struct job *job, struct risk_input input)
{
    const struct term *term = input.part == RISK_DRIVER ? NULL : &job->terms[input.index];

    switch (input.part) {
    case RISK_BENEFIT:
        return term->benefit;
    case RISK_EFFORT:
        return term->effort;
    case RISK_RUNNING:
        return term->running;
    case RISK_DRIVER:
        return job->driver_inputs[input.index];
    }
    UNREACHABLE("part of a correlation");
}

static bool make_plan(struct job *job, struct err *err)
{
    const struct risk_model *m = job->model;
    struct simulate_correlation *pairs =
        arena_try_new(job->arena, struct simulate_correlation, m->correlation_count);
    if (!pairs)
        return err_arena(err, job->arena);
    size_t count = 0;
    for (size_t i = 0; i < m->correlation_count; i++) {
        const struct risk_correlation *c = &m->correlations[i];
        struct simulate_correlation pair = {find_input(job, c->first), find_input(job, c->second),
                                            c->rank};
        if (pair.first != NO_INPUT && pair.second != NO_INPUT && pair.first != pair.second)
            pairs[count++] = pair; /* a point has no rank */
    }
    const struct simulate_settings settings = {
        .method = job->settings.method, .seed = job->settings.seed, .trials = job->settings.trials};
    return simulate_plan_init(&job->plan, job->arena, &settings, job->inputs, job->input_count,
                              pairs, count, &job->result->correlation_changed, err);
}

/* --- which input bears on which row -------------------------------------------------------- */

static void mark_term(const struct term *term, bool *bears)
{
    const uint32_t parts[] = {term->benefit, term->effort, term->running, term->driver};

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i] != NO_INPUT)
            bears[parts[i]] = true;
    for (size_t i = 0; i < term->rest_count; i++)
        bears[term->rests[i].assumption] = true;
    for (size_t i = 0; i < term->reaction_count; i++)
        bears[term->reactions[i]] = true;
}

static bool row_has_option(const struct risk_model *m, uint32_t row, uint32_t option)
{
    if (row == 0)
        return true;
    const struct risk_version *version = &m->versions[row - 1];
    size_t low = 0, high = version->option_count;
    while (low < high) { /* they rise */
        size_t middle = (low + high) / 2;
        if (version->options[middle] < option)
            low = middle + 1;
        else
            high = middle;
    }
    return low < version->option_count && version->options[low] == option;
}

static bool make_bars(struct job *job, struct err *err)
{
    const struct risk_model *m = job->model;
    bool *bears = arena_try_new(job->arena, bool, (size_t)job->input_count * job->row_count);
    if (!bears)
        return err_arena(err, job->arena);
    for (uint32_t option = 0; option < m->option_count; option++) {
        struct term *term = &job->terms[option];
        uint32_t *targets = arena_try_new(job->arena, uint32_t, job->row_count);
        if (!targets)
            return err_arena(err, job->arena);
        for (uint32_t row = 0; row < job->row_count; row++)
            if (row_has_option(m, row, option)) {
                targets[term->target_count++] = row;
                mark_term(term, bears + (size_t)row * job->input_count);
            }
        term->targets = targets;
    }
    for (size_t i = 0; i < (size_t)job->input_count * job->row_count; i++)
        job->bar_count += bears[i];
    job->bars = arena_try_new(job->arena, struct bar, job->bar_count);
    if (!job->bars)
        return err_arena(err, job->arena);
    size_t at = 0;
    for (uint32_t row = 0; row < job->row_count; row++)
        for (uint32_t input = 0; input < job->input_count; input++)
            if (bears[(size_t)row * job->input_count + input])
                job->bars[at++] = (struct bar){.row = row, .input = input};
    return true;
}

/* --- one block of trials ------------------------------------------------------------------- */

/* Loops run over whole blocks, so that the compiler knows the count. */
#define EACH_TRIAL(t) for (size_t t = 0; t < SIMULATE_BLOCK; t++)

static void multiply(double *restrict x, const double *restrict factor)
{
    EACH_TRIAL(t)
    x[t] *= factor[t];
}

/* Benefit years that remain of the option: full weight before the first reaction, then what the
 * reactions that happened leave. */
static void benefit_years(const struct term *term, const double *draws, double *restrict years,
                          double *restrict kept)
{
    EACH_TRIAL(t)
    {
        years[t] = term->weights[0];
        kept[t] = 1.0;
    }
    for (size_t i = 0; i < term->reaction_count; i++) {
        const double *restrict happens = draws + (size_t)term->reactions[i] * SIMULATE_BLOCK;
        double loss = 1.0 - term->reaction_keeps[i], weight = term->weights[i + 1];
        EACH_TRIAL(t)
        {
            kept[t] *= 1.0 - happens[t] * loss;
            years[t] += kept[t] * weight;
        }
    }
}

static void option_net(const struct job *job, const struct term *term, const double *draws,
                       double *restrict net, double *restrict scratch)
{
    benefit_years(term, draws, net, scratch);
    if (term->benefit != NO_INPUT)
        multiply(net, draws + (size_t)term->benefit * SIMULATE_BLOCK);
    else
        EACH_TRIAL(t)
    net[t] *= term->benefit_point;
    if (term->driver != NO_INPUT)
        multiply(net, draws + (size_t)term->driver * SIMULATE_BLOCK);
    else
        EACH_TRIAL(t)
    net[t] *= term->driver_point;
    for (size_t i = 0; i < term->rest_count; i++) {
        const double *restrict holds = draws + (size_t)term->rests[i].assumption * SIMULATE_BLOCK;
        double if_false = term->rests[i].if_false;
        EACH_TRIAL(t)
        net[t] *= holds[t] > 0.5 ? 1.0 : if_false;
    }
    double fixed = term->effort_point + term->running_point * job->running_months;
    EACH_TRIAL(t)
    net[t] -= fixed;
    if (term->effort != NO_INPUT) {
        const double *restrict effort = draws + (size_t)term->effort * SIMULATE_BLOCK;
        EACH_TRIAL(t)
        net[t] -= effort[t];
    }
    if (term->running != NO_INPUT) {
        const double *restrict running = draws + (size_t)term->running * SIMULATE_BLOCK;
        EACH_TRIAL(t)
        net[t] -= running[t] * job->running_months;
    }
}

/* Uniform draws of assumptions and reactions become 1 (it holds, it happens) or 0. */
static void settle_events(const struct job *job, double *draws)
{
    for (uint32_t i = 0; i < job->input_count; i++) {
        if (job->inputs[i].distribution != &job->unit)
            continue;
        double *restrict row = draws + (size_t)i * SIMULATE_BLOCK;
        double probability = job->names[i].probability;
        EACH_TRIAL(t)
        row[t] = row[t] < probability ? 1.0 : 0.0;
    }
}

/* Working memory of one thread. */
struct bench {
    double *draws, *nets, *scratch, *net, *spare; /* one heap block, at draws */
    struct stats_split *splits;                   /* per bar */
};

static void run_block(const struct job *job, const struct bench *w, uint32_t from, size_t count)
{
    simulate_block(job->plan, from, count, w->scratch, w->draws);
    settle_events(job, w->draws);
    memset(w->nets, 0, (size_t)job->row_count * SIMULATE_BLOCK * sizeof *w->nets);
    for (size_t i = 0; i < job->model->option_count; i++) {
        const struct term *term = &job->terms[i];
        option_net(job, term, w->draws, w->net, w->spare);
        for (size_t k = 0; k < term->target_count; k++) {
            double *restrict row = w->nets + (size_t)term->targets[k] * SIMULATE_BLOCK;
            const double *restrict net = w->net;
            EACH_TRIAL(t)
            row[t] += net[t];
        }
    }
    for (uint32_t row = 0; row < job->row_count; row++)
        memcpy(job->rows + (size_t)row * job->settings.trials + from,
               w->nets + (size_t)row * SIMULATE_BLOCK, count * sizeof *job->rows);
    if (count < SIMULATE_BLOCK) /* trials that do not exist count for no bar */
        for (uint32_t i = 0; i < job->input_count; i++)
            for (size_t t = count; t < SIMULATE_BLOCK; t++)
                w->draws[(size_t)i * SIMULATE_BLOCK + t] = (double)NAN;
    for (size_t i = 0; i < job->bar_count; i++) {
        const struct bar *bar = &job->bars[i];
        const struct input_name *name = &job->names[bar->input];
        stats_split_add(&w->splits[i], w->draws + (size_t)bar->input * SIMULATE_BLOCK,
                        w->nets + (size_t)bar->row * SIMULATE_BLOCK, SIMULATE_BLOCK, name->low,
                        name->high);
    }
}

static void run_chunk(const struct job *job, const struct bench *w, uint32_t chunk)
{
    uint32_t from = chunk * job->chunk_trials, trials = job->settings.trials;
    uint32_t to = trials - from < job->chunk_trials ? trials : from + job->chunk_trials;

    memset(w->splits, 0, job->bar_count * sizeof *w->splits);
    for (; from < to; from += SIMULATE_BLOCK)
        run_block(job, w, from, to - from < SIMULATE_BLOCK ? to - from : SIMULATE_BLOCK);
    for (size_t i = 0; i < job->bar_count; i++)
        job->sums[(size_t)chunk * job->bar_count + i] =
            (struct bar_sums){.low_sum = stats_split_total(w->splits[i].low_sum),
                              .high_sum = stats_split_total(w->splits[i].high_sum),
                              .low_count = stats_split_total(w->splits[i].low_count),
                              .high_count = stats_split_total(w->splits[i].high_count)};
}

static bool bench_init(struct bench *w, const struct job *job)
{
    size_t draws = (size_t)job->input_count * SIMULATE_BLOCK;
    size_t nets = (size_t)job->row_count * SIMULATE_BLOCK;
    size_t scratch = simulate_scratch_count(job->plan);

    w->draws = mem_try_alloc(draws + nets + scratch + 2 * (size_t)SIMULATE_BLOCK, sizeof(double));
    w->splits = mem_try_alloc(job->bar_count + 1, sizeof *w->splits);
    if (!w->draws || !w->splits)
        return false;
    w->nets = w->draws + draws;
    w->scratch = w->nets + nets;
    w->net = w->scratch + scratch;
    w->spare = w->net + SIMULATE_BLOCK;
    return true;
}

static void draw_chunks(void *context)
{
    struct job *job = context;
    struct bench w = {0};

    if (!bench_init(&w, job))
        atomic_store(&job->is_out_of_memory, true);
    while (!atomic_load(&job->is_out_of_memory)) {
        uint32_t chunk = atomic_fetch_add(&job->next_chunk, 1);
        if (chunk >= job->chunk_count)
            break;
        if (job->settings.is_cancelled && atomic_load(job->settings.is_cancelled)) {
            atomic_store(&job->is_stopped, true);
            break;
        }
        run_chunk(job, &w, chunk);
    }
    mem_free(w.draws);
    mem_free(w.splits);
}

/* --- from draws to an outcome -------------------------------------------------------------- */

static struct risk_outcome *outcome_of(const struct job *job, uint32_t row)
{
    return row == 0 ? &job->result->whole : &job->result->versions[row - 1];
}

/* Sorts the row in place: the draws of single trials are not needed any more. */
static void summarise_row(struct job *job, uint32_t row, double *scratch)
{
    const struct risk_model *m = job->model;
    size_t n = job->settings.trials;
    double *x = job->rows + (size_t)row * n;
    struct risk_outcome *o = outcome_of(job, row);
    struct stats_moments moments = stats_moments(x, n);

    o->mean = moments.mean;
    o->sd = moments.sd;
    stats_sort(x, scratch, n);
    for (size_t i = 0; i < RISK_QUANTILES; i++)
        o->quantiles[i] = stats_quantile(x, n, risk_quantile_levels[i]);
    for (size_t i = 0; i < RISK_CURVE_POINTS; i++)
        o->curve[i] = stats_quantile(x, n, (double)i / (RISK_CURVE_POINTS - 1));
    o->probability_of_loss = stats_share_below(x, n, 0.0);
    stats_histogram(&o->histogram, x, n);
    for (size_t i = 0; i < m->goal_count; i++)
        o->goals[i] = 1.0 - stats_share_below(x, n, m->goals[i].at_least);
}

static void summarise_rows(void *context)
{
    struct job *job = context;
    double *scratch = mem_try_alloc(job->settings.trials, sizeof *scratch);

    if (!scratch)
        atomic_store(&job->is_out_of_memory, true);
    while (scratch) {
        uint32_t row = atomic_fetch_add(&job->next_row, 1);
        if (row >= job->row_count)
            break;
        summarise_row(job, row, scratch);
    }
    mem_free(scratch);
}

static void compare_versions(struct job *job)
{
    size_t n = job->settings.trials, versions = job->model->version_count;

    for (size_t a = 0; a < versions; a++)
        for (size_t b = 0; b < versions; b++) {
            const double *x = job->rows + (a + 1) * n, *y = job->rows + (b + 1) * n;
            size_t wins = 0;
            for (size_t t = 0; t < n && a != b; t++)
                wins += x[t] > y[t];
            job->result->beats[a * versions + b] = (double)wins / (double)n;
        }
}

static double swing(const struct risk_bar *bar)
{
    return bar->low_count == 0 || bar->high_count == 0 ? 0.0
                                                       : fabs(bar->mean_if_high - bar->mean_if_low);
}

static struct risk_bar read_bar(const struct job *job, size_t index)
{
    const struct bar *bar = &job->bars[index];
    const struct input_name *name = &job->names[bar->input];
    struct bar_sums sum = {0};

    for (size_t chunk = 0; chunk < job->chunk_count; chunk++) {
        const struct bar_sums *part = &job->sums[chunk * job->bar_count + index];
        sum.low_sum += part->low_sum;
        sum.high_sum += part->high_sum;
        sum.low_count += part->low_count;
        sum.high_count += part->high_count;
    }
    return (struct risk_bar){.kind = name->kind,
                             .index = name->index,
                             .input = name->name,
                             .input_low = name->low,
                             .input_high = name->high,
                             .mean_if_low = sum.low_count > 0.0 ? sum.low_sum / sum.low_count : 0.0,
                             .mean_if_high =
                                 sum.high_count > 0.0 ? sum.high_sum / sum.high_count : 0.0,
                             .low_count = (uint32_t)sum.low_count,
                             .high_count = (uint32_t)sum.high_count};
}

static void add_bar(struct risk_outcome *o, const struct risk_bar *bar)
{
    if (bar->kind == RISK_BAR_ASSUMPTION)
        o->assumptions[o->assumption_count++] =
            (struct risk_assumption_value){.assumption = bar->index,
                                           .mean_if_true = bar->mean_if_high,
                                           .mean_if_false = bar->mean_if_low,
                                           .true_count = bar->high_count,
                                           .false_count = bar->low_count};
    size_t at = o->bar_count++;
    for (; at > 0 && swing(&o->bars[at - 1]) < swing(bar); at--)
        o->bars[at] = o->bars[at - 1];
    o->bars[at] = *bar;
}

static void read_bars(struct job *job)
{
    for (size_t i = 0; i < job->bar_count; i++) {
        struct risk_bar bar = read_bar(job, i);
        add_bar(outcome_of(job, job->bars[i].row), &bar);
    }
}

/* --- running ------------------------------------------------------------------------------- */

/* Runs work(job) on the wanted number of threads, this one included. Fewer threads than wanted
 * only take longer. */
static void run_threads(struct job *job, void (*work)(void *context))
{
    struct thread threads[THREADS_MAX] = {0};
    uint32_t wanted = job->settings.threads < THREADS_MAX ? job->settings.threads : THREADS_MAX;

    for (uint32_t i = 1; i < wanted; i++) {
        struct err ignored = {0};
        if (!thread_create(&threads[i], "simulate", work, job, &ignored))
            break;
    }
    work(job);
    for (uint32_t i = 1; i < wanted; i++)
        thread_join(&threads[i]);
}

static bool make_outcome(struct job *job, uint32_t row, struct err *err)
{
    struct risk_outcome *o = outcome_of(job, row);
    size_t bars = 0;

    for (size_t i = 0; i < job->bar_count; i++)
        bars += job->bars[i].row == row;
    o->bars = arena_try_new(job->arena, struct risk_bar, bars);
    o->assumptions =
        arena_try_new(job->arena, struct risk_assumption_value, job->model->assumption_count);
    o->goals = arena_try_new(job->arena, double, job->model->goal_count);
    return (o->bars && o->assumptions && o->goals) || err_arena(err, job->arena);
}

static bool prepare(struct job *job, struct err *err)
{
    uint32_t trials = job->settings.trials;
    size_t versions = job->model->version_count;

    if (trials > SIMULATE_TRIALS_MAX)
        return err_set(err, ERR_LIMIT, "%u trials, at most %u are possible", trials,
                       SIMULATE_TRIALS_MAX);
    if ((uint64_t)trials * job->row_count * sizeof(double) > RISK_BYTES_MAX)
        return err_set(err, ERR_LIMIT,
                       "%u trials of %u versions need more than %llu MiB; take fewer trials",
                       trials, job->row_count, RISK_BYTES_MAX >> 20);
    if (!add_inputs(job, err) || !make_plan(job, err) || !make_bars(job, err))
        return false;
    job->result->versions = arena_try_new(job->arena, struct risk_outcome, versions);
    job->result->beats = arena_try_new(job->arena, double, versions *versions);
    if (!job->result->versions || !job->result->beats)
        return err_arena(err, job->arena);
    for (uint32_t row = 0; row < job->row_count; row++)
        if (!make_outcome(job, row, err))
            return false;
    uint32_t per_chunk = (trials + CHUNKS_MAX - 1) / CHUNKS_MAX;
    per_chunk = (per_chunk + SIMULATE_BLOCK - 1) / SIMULATE_BLOCK * SIMULATE_BLOCK;
    job->chunk_trials = per_chunk < CHUNK_TRIALS_MIN ? CHUNK_TRIALS_MIN : per_chunk;
    job->chunk_count = (trials + job->chunk_trials - 1) / job->chunk_trials;
    job->rows = mem_try_alloc((size_t)trials * job->row_count, sizeof *job->rows);
    job->sums = mem_try_alloc((size_t)job->chunk_count * job->bar_count + 1, sizeof *job->sums);
    if (!job->rows || !job->sums)
        return err_set(err, ERR_NO_MEMORY, "could not get memory for %u trials of %u versions",
                       trials, job->row_count);
    return true;
}

static bool run_job(struct job *job, struct err *err)
{
    run_threads(job, draw_chunks);
    if (atomic_load(&job->is_stopped))
        return err_set(err, ERR_CANCELLED, "the simulation was cancelled");
    if (!atomic_load(&job->is_out_of_memory)) {
        compare_versions(job);
        run_threads(job, summarise_rows);
    }
    if (atomic_load(&job->is_out_of_memory))
        return err_set(err, ERR_NO_MEMORY, "could not get memory for the simulation's threads");
    read_bars(job);
    return true;
}

bool risk_simulate(struct arena *a, const struct risk_model *model,
                   const struct risk_settings *settings, struct risk_result *result,
                   struct err *err)
{
    struct job *job = arena_try_new(a, struct job, 1);
    if (!job)
        return err_arena(err, a);
    *result = (struct risk_result){.settings = *settings};
    if (result->settings.trials == 0)
        result->settings.trials = RISK_TRIALS;
    if (result->settings.threads == 0)
        result->settings.threads = 1;
    job->model = model;
    job->settings = result->settings;
    job->arena = a;
    job->row_count = (uint32_t)model->version_count + 1;
    job->result = result;

    bool ok = prepare(job, err) && run_job(job, err);
    mem_free(job->rows);
    mem_free(job->sums);
    return ok;
}
