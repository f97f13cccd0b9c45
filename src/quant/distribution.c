#include "quant/distribution.h"

#include <math.h>

#include "quant/numeric.h"
#include "quant/numeric_priv.h"

/* The PERT table. The quantile function of a beta distribution rises like a root near its ends, so
 * nodes are spread evenly over the logarithm of the probability: STEPS of them per power of two,
 * down to 2^-OCTAVES. The index of a probability is then the top bits of its double. One half
 * serves the lower tail, one (with the shapes exchanged) the upper. Each node holds four numbers,
 * the coefficients of a cubic through value and slope at both ends of its step; the relative error
 * of the quantile stays below 1e-8.
 *
 *     table: [half 0: OCTAVES x STEPS x 4][half 1: the same]
 */
enum { OCTAVES = 53, STEPS = 32, STEP_BITS = 5, NODES = OCTAVES * STEPS, HALF = NODES * 4 };

static const char *const kind_names[DISTRIBUTION_KIND_COUNT] = {
    "point", "uniform", "triangular", "pert", "normal", "lognormal", "discrete",
};

bool distribution_kind_from(Str name, enum distribution_kind *kind)
{
    for (size_t i = 0; i < DISTRIBUTION_KIND_COUNT; i++)
        if (str_eq(name, str_from_cstr(kind_names[i]))) {
            *kind = (enum distribution_kind)i;
            return true;
        }
    return false;
}

/* --- PERT --------------------------------------------------------------------------------- */

struct shape {
    double a, b;
    double log_beta; /* logarithm of the beta function */
};

static double beta_density(const struct shape *s, double x)
{
    return numeric_exp((s->a - 1.0) * numeric_log(x) + (s->b - 1.0) * numeric_log(1.0 - x) -
                       s->log_beta);
}

/* Newton's method on log probability over log x, where the function is nearly straight. Runs a
 * fixed number of steps at most, so the result depends on nothing but the arguments. */
static double beta_quantile_near(const struct shape *s, double u, double guess)
{
    double x = guess;

    for (int i = 0; i < 40; i++) {
        double p = numeric_beta_cdf(x, s->a, s->b);
        double elasticity = x * beta_density(s, x) / p;
        double step = (numeric_log(u) - numeric_log(p)) / elasticity;
        step = step > 1.0 ? 1.0 : step < -1.0 ? -1.0 : step;
        double next = x * numeric_exp(step);
        x = next < 1.0 ? next : 0.5 * (x + 1.0);
        if (step < 1e-12 && step > -1e-12)
            break;
    }
    return x;
}

static double node_probability(size_t node)
{
    size_t octave = node / STEPS, step = node % STEPS;
    double mantissa = 1.0 + (double)step / STEPS;

    return mantissa * numeric_from_bits((uint64_t)(1023 - OCTAVES - 1 + octave) << 52);
}

/* Fills from probability 1/2 downwards: each node is a good first guess for the next. */
static void fill_half(double *half, const struct shape *s)
{
    double upper_u = 0.5, upper_x = beta_quantile_near(s, 0.5, s->a / (s->a + s->b));
    double upper_slope = 1.0 / beta_density(s, upper_x);

    for (size_t node = NODES; node-- > 0;) {
        double u = node_probability(node), h = upper_u - u;
        double elasticity = upper_slope * upper_u / upper_x;
        double guess = upper_x * numeric_exp(elasticity * numeric_log(u / upper_u));
        double x = beta_quantile_near(s, u, guess);
        double slope = 1.0 / beta_density(s, x);
        double rise = upper_x - x;

        half[node * 4] = x;
        half[node * 4 + 1] = slope * h;
        half[node * 4 + 2] = 3.0 * rise - h * (2.0 * slope + upper_slope);
        half[node * 4 + 3] = h * (slope + upper_slope) - 2.0 * rise;
        upper_u = u;
        upper_x = x;
        upper_slope = slope;
    }
}

static bool pert_init(struct distribution *d, struct arena *a, struct err *err)
{
    double *table = arena_try_new(a, double, 2 * HALF);
    if (!table)
        return err_arena(err, a);

    double width = d->high - d->low;
    struct shape lower = {.a = 1.0 + 4.0 * (d->likely - d->low) / width,
                          .b = 1.0 + 4.0 * (d->high - d->likely) / width};
    lower.log_beta = numeric_log_gamma(lower.a) + numeric_log_gamma(lower.b) -
                     numeric_log_gamma(lower.a + lower.b);
    struct shape upper = {.a = lower.b, .b = lower.a, .log_beta = lower.log_beta};

    fill_half(table, &lower);
    fill_half(table + HALF, &upper);
    d->table = table;
    return true;
}

QUANT_INLINE double pert_quantile(const struct distribution *d, double u)
{
    double v = u < 0.5 ? u : 1.0 - u;
    v = v > 0x1.fffffffffffffp-2 ? 0x1.fffffffffffffp-2 : v;
    v = v < 0x1p-53 ? 0x1p-53 : v;
    uint64_t bits = numeric_bits(v);
    uint64_t node = (bits >> (52 - STEP_BITS)) - ((uint64_t)(1023 - OCTAVES - 1) << STEP_BITS);
    double t = (double)(bits & ((UINT64_C(1) << (52 - STEP_BITS)) - 1)) * 0x1p-47;
    const double *c = d->table + (u < 0.5 ? 0 : HALF) + node * 4;
    double x = c[0] + t * (c[1] + t * (c[2] + t * c[3]));

    return u < 0.5 ? d->low + (d->high - d->low) * x : d->high - (d->high - d->low) * x;
}

/* --- discrete ------------------------------------------------------------------------------ */

static void sort_outcomes(double *x, double *p, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double value = x[i], weight = p[i];
        size_t j = i;
        for (; j > 0 && x[j - 1] > value; j--) {
            x[j] = x[j - 1];
            p[j] = p[j - 1];
        }
        x[j] = value;
        p[j] = weight;
    }
}

static bool discrete_init(struct distribution *d, struct arena *a, const double *parameters,
                          size_t count, struct err *err)
{
    size_t outcomes = count / 2;
    if (count < 2 || count % 2 != 0)
        return err_set(err, ERR_INPUT, "discrete needs pairs of value and probability");
    if (outcomes > DISTRIBUTION_OUTCOMES_MAX)
        return err_set(err, ERR_LIMIT, "discrete has %zu outcomes, at most %d are possible",
                       outcomes, DISTRIBUTION_OUTCOMES_MAX);

    double *x = arena_try_new(a, double, outcomes), *p = arena_try_new(a, double, outcomes);
    if (!x || !p)
        return err_arena(err, a);
    double sum = 0.0;
    for (size_t i = 0; i < outcomes; i++) {
        x[i] = parameters[2 * i];
        p[i] = parameters[2 * i + 1];
        if (!(p[i] >= 0.0 && p[i] <= 1.0))
            return err_set(err, ERR_INPUT, "the probability %g of outcome %zu is not in 0..1", p[i],
                           i + 1);
        sum += p[i];
    }
    if (!(sum > 1.0 - 1e-6 && sum < 1.0 + 1e-6))
        return err_set(err, ERR_INPUT, "the probabilities sum to %.9g, not to 1", sum);
    sort_outcomes(x, p, outcomes);
    double running = 0.0;
    for (size_t i = 0; i < outcomes; i++) {
        running += p[i];
        p[i] = running / sum;
    }
    p[outcomes - 1] = 1.0;
    d->outcomes = x;
    d->cumulative = p;
    d->outcome_count = outcomes;
    return true;
}

static double discrete_quantile(const struct distribution *d, double u)
{
    size_t low = 0, high = d->outcome_count - 1;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (u <= d->cumulative[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return d->outcomes[low];
}

/* --- all kinds ----------------------------------------------------------------------------- */

static bool check_parameters(enum distribution_kind kind, const double *p, size_t count,
                             struct err *err)
{
    static const size_t wanted[DISTRIBUTION_KIND_COUNT] = {1, 2, 3, 3, 2, 2, 0};
    const char *name = kind_names[kind];

    if (kind != DISTRIBUTION_DISCRETE && count != wanted[kind])
        return err_set(err, ERR_INPUT, "%s takes %zu number%s, not %zu", name, wanted[kind],
                       wanted[kind] == 1 ? "" : "s", count);
    for (size_t i = 0; i < count; i++)
        if (!(p[i] >= -DISTRIBUTION_VALUE_MAX && p[i] <= DISTRIBUTION_VALUE_MAX))
            return err_set(err, ERR_INPUT, "%s: number %zu is not finite or beyond %g", name, i + 1,
                           DISTRIBUTION_VALUE_MAX);
    switch (kind) {
    case DISTRIBUTION_UNIFORM:
        if (p[0] > p[1])
            return err_set(err, ERR_INPUT, "uniform: low %g is above high %g", p[0], p[1]);
        break;
    case DISTRIBUTION_TRIANGULAR:
    case DISTRIBUTION_PERT:
        if (p[0] > p[1] || p[1] > p[2])
            return err_set(err, ERR_INPUT, "%s: low %g, likely %g, high %g are not in rising order",
                           name, p[0], p[1], p[2]);
        break;
    case DISTRIBUTION_NORMAL:
    case DISTRIBUTION_LOGNORMAL:
        if (p[1] < 0.0)
            return err_set(err, ERR_INPUT, "%s: the spread %g is negative", name, p[1]);
        if (kind == DISTRIBUTION_LOGNORMAL && (fabs(p[0]) > 300.0 || p[1] > 30.0))
            return err_set(err, ERR_INPUT,
                           "lognormal: mu %g or sigma %g is beyond 300 or 30; both are of the "
                           "logarithm",
                           p[0], p[1]);
        break;
    case DISTRIBUTION_POINT:
    case DISTRIBUTION_DISCRETE:
    case DISTRIBUTION_KIND_COUNT:
        break;
    }
    return true;
}

static void become_point(struct distribution *d, double value)
{
    *d = (struct distribution){.kind = DISTRIBUTION_POINT, .low = value};
}

bool distribution_init(struct distribution *d, struct arena *a, enum distribution_kind kind,
                       const double *parameters, size_t count, struct err *err)
{
    ASSERT(kind < DISTRIBUTION_KIND_COUNT);
    if (!check_parameters(kind, parameters, count, err))
        return false;
    *d = (struct distribution){.kind = kind, .low = count > 0 ? parameters[0] : 0.0};
    switch (kind) {
    case DISTRIBUTION_POINT:
        break;
    case DISTRIBUTION_UNIFORM:
        d->high = parameters[1];
        if (!(d->high > d->low))
            become_point(d, d->low);
        break;
    case DISTRIBUTION_TRIANGULAR:
    case DISTRIBUTION_PERT:
        d->likely = parameters[1];
        d->high = parameters[2];
        if (!(d->high > d->low)) {
            become_point(d, d->low);
            break;
        }
        d->split = (d->likely - d->low) / (d->high - d->low);
        return kind == DISTRIBUTION_TRIANGULAR || pert_init(d, a, err);
    case DISTRIBUTION_NORMAL:
    case DISTRIBUTION_LOGNORMAL:
        d->high = parameters[1];
        if (!(d->high > 0.0))
            become_point(d, kind == DISTRIBUTION_NORMAL ? d->low : numeric_exp(d->low));
        break;
    case DISTRIBUTION_DISCRETE:
        return discrete_init(d, a, parameters, count, err);
    case DISTRIBUTION_KIND_COUNT:
        UNREACHABLE("distribution kind");
    }
    return true;
}

QUANT_INLINE double triangular_quantile(const struct distribution *d, double u)
{
    double width = d->high - d->low;
    double rising = d->low + __builtin_sqrt(u * width * (d->likely - d->low));
    double falling = d->high - __builtin_sqrt((1.0 - u) * width * (d->high - d->likely));

    return u < d->split ? rising : falling;
}

QUANT_INLINE double normal_value(const struct distribution *d, double z)
{
    return d->low + d->high * z;
}

QUANT_INLINE double lognormal_value(const struct distribution *d, double z)
{
    return numeric_exp_inline(d->low + d->high * z);
}

#define EACH(expression)                                                                           \
    for (size_t i = 0; i < count; i++)                                                             \
    x[i] = (expression)

QUANT_INLINE void quantile_block_body(const struct distribution *source, double *x, size_t count)
{
    const struct distribution copy = *source, *d = &copy; /* x cannot alias a local */

    switch (d->kind) {
    case DISTRIBUTION_POINT:
        EACH(d->low);
        break;
    case DISTRIBUTION_UNIFORM:
        EACH(d->low + (d->high - d->low) * x[i]);
        break;
    case DISTRIBUTION_TRIANGULAR:
        EACH(triangular_quantile(d, x[i]));
        break;
    case DISTRIBUTION_PERT:
        EACH(pert_quantile(d, x[i]));
        break;
    case DISTRIBUTION_NORMAL:
        EACH(normal_value(d, numeric_normal_quantile_inline(x[i])));
        break;
    case DISTRIBUTION_LOGNORMAL:
        EACH(lognormal_value(d, numeric_normal_quantile_inline(x[i])));
        break;
    case DISTRIBUTION_DISCRETE:
        EACH(discrete_quantile(d, x[i]));
        break;
    case DISTRIBUTION_KIND_COUNT:
        UNREACHABLE("distribution kind");
    }
}

QUANT_INLINE void from_normal_block_body(const struct distribution *source, double *x, size_t count)
{
    const struct distribution copy = *source, *d = &copy;

    if (d->kind == DISTRIBUTION_NORMAL)
        EACH(normal_value(d, x[i]));
    else
        EACH(lognormal_value(d, x[i]));
}

QUANT_CLONES(static, quantile_block, (const struct distribution *d, double *x, size_t count),
             (d, x, count))
QUANT_CLONES(static, from_normal_block, (const struct distribution *d, double *x, size_t count),
             (d, x, count))

double distribution_quantile(const struct distribution *d, double u)
{
    double x = u;

    ASSERT(u > 0.0 && u < 1.0);
    quantile_block(d, &x, 1);
    return x;
}

void distribution_quantile_block(const struct distribution *d, double *u, size_t count)
{
    quantile_block(d, u, count);
}

void distribution_from_normal_block(const struct distribution *d, double *z, size_t count)
{
    if (d->kind == DISTRIBUTION_NORMAL || d->kind == DISTRIBUTION_LOGNORMAL) {
        from_normal_block(d, z, count);
        return;
    }
    numeric_normal_cdf_block(z, count);
    quantile_block(d, z, count);
}

static double discrete_moment(const struct distribution *d, double around, int power)
{
    double sum = 0.0, before = 0.0;

    for (size_t i = 0; i < d->outcome_count; i++) {
        double x = d->outcomes[i] - around;
        sum += (d->cumulative[i] - before) * (power == 1 ? x : x * x);
        before = d->cumulative[i];
    }
    return sum;
}

double distribution_mean(const struct distribution *d)
{
    switch (d->kind) {
    case DISTRIBUTION_POINT:
    case DISTRIBUTION_NORMAL:
        return d->low;
    case DISTRIBUTION_UNIFORM:
        return 0.5 * (d->low + d->high);
    case DISTRIBUTION_TRIANGULAR:
        return (d->low + d->likely + d->high) / 3.0;
    case DISTRIBUTION_PERT:
        return (d->low + 4.0 * d->likely + d->high) / 6.0;
    case DISTRIBUTION_LOGNORMAL:
        return numeric_exp(d->low + 0.5 * d->high * d->high);
    case DISTRIBUTION_DISCRETE:
        return discrete_moment(d, 0.0, 1);
    case DISTRIBUTION_KIND_COUNT:
        break;
    }
    UNREACHABLE("distribution kind");
}

double distribution_variance(const struct distribution *d)
{
    double width = d->high - d->low, mean = distribution_mean(d);

    switch (d->kind) {
    case DISTRIBUTION_POINT:
        return 0.0;
    case DISTRIBUTION_NORMAL:
        return d->high * d->high;
    case DISTRIBUTION_UNIFORM:
        return width * width / 12.0;
    case DISTRIBUTION_TRIANGULAR:
        return (width * width - (d->likely - d->low) * (d->high - d->likely)) / 18.0;
    case DISTRIBUTION_PERT:
        return (mean - d->low) * (d->high - mean) / 7.0;
    case DISTRIBUTION_LOGNORMAL:
        return mean * mean * (numeric_exp(d->high * d->high) - 1.0);
    case DISTRIBUTION_DISCRETE:
        return discrete_moment(d, mean, 2);
    case DISTRIBUTION_KIND_COUNT:
        break;
    }
    UNREACHABLE("distribution kind");
}
