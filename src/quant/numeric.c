#include "quant/numeric.h"

#include "base/assert.h"
#include "quant/numeric_priv.h"

double numeric_exp(double x)
{
    return numeric_exp_inline(x);
}

double numeric_log(double x)
{
    return numeric_log_inline(x);
}

double numeric_pow(double base, double exponent)
{
    return numeric_exp_inline(exponent * numeric_log_inline(base));
}

/* Taylor polynomial on [-pi/2, pi/2], reached by sin(x) = sin(pi - x). */
double numeric_sin(double x)
{
    const double pi = 0x1.921fb54442d18p1;
    double r = x > 0.5 * pi ? pi - x : x < -0.5 * pi ? -pi - x : x;
    double z = r * r, term = r, sum = r;

    for (int n = 3; n <= 27; n += 2) {
        term = -term * z / (double)(n * (n - 1));
        sum += term;
    }
    return sum;
}

double numeric_normal_cdf(double x)
{
    return numeric_normal_cdf_inline(x);
}

double numeric_normal_quantile(double p)
{
    return numeric_normal_quantile_inline(p);
}

QUANT_INLINE void numeric_exp_block_body(double *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = numeric_exp_inline(x[i]);
}

QUANT_INLINE void numeric_normal_cdf_block_body(double *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = numeric_normal_cdf_inline(x[i]);
}

QUANT_INLINE void numeric_normal_quantile_block_body(double *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        p[i] = numeric_normal_quantile_inline(p[i]);
}

QUANT_CLONES(, numeric_exp_block, (double *x, size_t count), (x, count))
QUANT_CLONES(, numeric_normal_cdf_block, (double *x, size_t count), (x, count))
QUANT_CLONES(, numeric_normal_quantile_block, (double *p, size_t count), (p, count))

double numeric_log_gamma(double x)
{
    const double half_log_2_pi = 0x1.d67f1c864beb5p-1;
    double product = 1.0;

    ASSERT(x > 0.0);
    while (x < 16.0) {
        product *= x;
        x += 1.0;
    }
    double inverse = 1.0 / x, z = inverse * inverse;
    double series = 1.0 / 156.0;
    series = series * z - 691.0 / 360360.0;
    series = series * z + 1.0 / 1188.0;
    series = series * z - 1.0 / 1680.0;
    series = series * z + 1.0 / 1260.0;
    series = series * z - 1.0 / 360.0;
    series = series * z + 1.0 / 12.0;
    return (x - 0.5) * numeric_log(x) - x + half_log_2_pi + series * inverse - numeric_log(product);
}

/* I_x(a, b) for x at or below about one half: every term is positive, the ratio tends to x. */
static double beta_series(double x, double a, double b)
{
    double term = 1.0, sum = 1.0;

    for (int n = 0; n < 2000 && term > sum * 0x1p-56; n++) {
        term *= x * (a + b + n) / (a + 1.0 + n);
        sum += term;
    }
    double log_front = a * numeric_log(x) + b * numeric_log(1.0 - x) + numeric_log_gamma(a + b) -
                       numeric_log_gamma(a) - numeric_log_gamma(b);
    return numeric_exp(log_front) * sum / a;
}

double numeric_beta_cdf(double x, double a, double b)
{
    ASSERT(a >= 1.0 && b >= 1.0);
    if (!(x > 0.0))
        return 0.0;
    if (x >= 1.0)
        return 1.0;
    return x <= a / (a + b) ? beta_series(x, a, b) : 1.0 - beta_series(1.0 - x, b, a);
}
