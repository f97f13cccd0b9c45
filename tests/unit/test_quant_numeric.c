/* test_quant_numeric.c - elementary and special functions against GSL and libm. */
#include "unit/test.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>

#include "base/random.h"
#include "quant/numeric.h"

static double relative(double got, double want)
{
    double scale = fabs(want) > 0.0 ? fabs(want) : 1.0;

    return fabs(got - want) / scale;
}

TEST(exp_and_log_agree_with_libm)
{
    struct random r = {.seed = 1};

    for (int i = 0; i < 200000; i++) {
        double x = (random_next_unit(&r) - 0.5) * 1400.0;
        CHECK(relative(numeric_exp(x), exp(x)) < 1e-15);
        double y = numeric_exp((random_next_unit(&r) - 0.5) * 1000.0);
        CHECK(fabs(numeric_log(y) - log(y)) <= 4e-16 * fmax(fabs(log(y)), 1e-300));
    }
    CHECK_NEAR(numeric_log(1.0), 0.0, 0.0);
    CHECK_NEAR(numeric_exp(0.0), 1.0, 0.0);
    CHECK_NEAR(numeric_exp(-1000.0), 0.0, 0.0);
    CHECK(isinf(numeric_exp(1000.0)));
    for (int i = 1; i < 1000; i++) /* close to 1, where digits cancel */
        CHECK(relative(numeric_log(1.0 + i * 1e-9), log(1.0 + i * 1e-9)) < 1e-15);
}

TEST(power_and_sine_agree_with_libm)
{
    for (int i = -1000; i <= 1000; i++) {
        double x = i * 0.00314159;
        CHECK_NEAR(numeric_sin(x), sin(x), 4e-16);
        CHECK(relative(numeric_pow(1.08, x * 10.0), pow(1.08, x * 10.0)) < 1e-14);
    }
}

TEST(normal_distribution_agrees_with_gsl)
{
    for (int i = -3700; i <= 3700; i++) {
        double x = i * 0.01;
        CHECK(relative(numeric_normal_cdf(x), gsl_cdf_ugaussian_P(x)) < 3e-13);
    }
    struct random r = {.seed = 2};
    for (int i = 0; i < 100000; i++) {
        double p = random_next_unit(&r);
        if (i % 2)
            p = p * p * p * p * p * p * p * p;
        CHECK(fabs(numeric_normal_quantile(p) - gsl_cdf_ugaussian_Pinv(p)) < 2e-14);
    }
    CHECK_NEAR(numeric_normal_quantile(0.5), 0.0, 0.0);
    CHECK_NEAR(numeric_normal_quantile(0.975), 1.959963984540054, 1e-14);
}

TEST(blocks_have_the_bits_of_the_scalar_forms)
{
    enum { COUNT = 1003 }; /* not a multiple of any vector width */
    double p[COUNT], cdf[COUNT], e[COUNT];
    struct random r = {.seed = 3};

    for (int i = 0; i < COUNT; i++) {
        p[i] = random_next_unit(&r);
        cdf[i] = e[i] = (p[i] - 0.5) * 20.0;
    }
    double p0[COUNT], cdf0[COUNT], e0[COUNT];
    memcpy(p0, p, sizeof p);
    memcpy(cdf0, cdf, sizeof cdf);
    memcpy(e0, e, sizeof e);
    numeric_normal_quantile_block(p, COUNT);
    numeric_normal_cdf_block(cdf, COUNT);
    numeric_exp_block(e, COUNT);
    for (int i = 0; i < COUNT; i++) {
        CHECK_NEAR(p[i], numeric_normal_quantile(p0[i]), 0.0);
        CHECK_NEAR(cdf[i], numeric_normal_cdf(cdf0[i]), 0.0);
        CHECK_NEAR(e[i], numeric_exp(e0[i]), 0.0);
    }
}

TEST(gamma_and_beta_agree_with_gsl)
{
    struct random r = {.seed = 4};

    for (int i = 0; i < 20000; i++) {
        double a = 1.0 + 9.0 * random_next_unit(&r), b = 1.0 + 9.0 * random_next_unit(&r);
        double x = random_next_unit(&r);
        CHECK(fabs(numeric_log_gamma(a) - gsl_sf_lngamma(a)) < 1e-13);
        if (i % 3 == 0)
            x = x * x * x * x * x * x;
        CHECK(relative(numeric_beta_cdf(x, a, b), gsl_cdf_beta_P(x, a, b)) < 1e-11);
    }
    CHECK_NEAR(numeric_beta_cdf(0.0, 2, 3), 0.0, 0.0);
    CHECK_NEAR(numeric_beta_cdf(1.0, 2, 3), 1.0, 0.0);
}

int main(void)
{
    return RUN(CASE(exp_and_log_agree_with_libm), CASE(power_and_sine_agree_with_libm),
               CASE(normal_distribution_agrees_with_gsl),
               CASE(blocks_have_the_bits_of_the_scalar_forms), CASE(gamma_and_beta_agree_with_gsl));
}
