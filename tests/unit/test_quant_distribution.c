/* test_quant_distribution.c - quantiles against GSL, moments against closed forms, bad parameters.
 */
#include "unit/test.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/random.h"
#include "quant/distribution.h"
#include "quant/numeric.h"

static struct arena arena;

static struct distribution make(enum distribution_kind kind, const double *p, size_t count)
{
    struct distribution d;
    struct err err = {0};

    CHECK(distribution_init(&d, &arena, kind, p, count, &err));
    CHECK(err.code == ERR_NONE);
    return d;
}
#define MAKE(kind, ...)                                                                            \
    make((kind), (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / 8)

/* Mean and variance of the quantile function by the midpoint rule are those of the closed form. */
static void check_moments(const struct distribution *d, double tolerance)
{
    enum { COUNT = 1 << 18 };
    double mean = 0, square = 0, want = distribution_mean(d), sd = sqrt(distribution_variance(d));
    double last = -INFINITY;

    for (int i = 0; i < COUNT; i++) {
        double x = distribution_quantile(d, (i + 0.5) / COUNT);
        CHECK(x >= last);
        last = x;
        mean += (x - want) / COUNT;
        square += (x - want) * (x - want) / COUNT;
    }
    CHECK_NEAR(mean, 0, tolerance * fmax(sd, 1e-300));
    CHECK_NEAR(sqrt(square), sd, tolerance * sd * 10);
}

TEST(moments_are_those_of_the_closed_forms)
{
    struct distribution all[] = {
        MAKE(DISTRIBUTION_POINT, 7),
        MAKE(DISTRIBUTION_UNIFORM, -3, 9),
        MAKE(DISTRIBUTION_TRIANGULAR, 80, 120, 200),
        MAKE(DISTRIBUTION_TRIANGULAR, 80, 80, 200),
        MAKE(DISTRIBUTION_TRIANGULAR, 0, 1, 1),
        MAKE(DISTRIBUTION_PERT, 80, 120, 200),
        MAKE(DISTRIBUTION_PERT, 0, 0, 1),
        MAKE(DISTRIBUTION_PERT, -1, 1, 1),
        MAKE(DISTRIBUTION_PERT, 10, 10.1, 11),
        MAKE(DISTRIBUTION_NORMAL, 1, 0.1),
        MAKE(DISTRIBUTION_LOGNORMAL, 3, 0.4),
        MAKE(DISTRIBUTION_DISCRETE, 5, 0.25, -1, 0.5, 9, 0.25),
    };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        check_moments(&all[i], 1e-4);
}

TEST(pert_quantiles_agree_with_gsl)
{
    const double shapes[][3] = {{80, 120, 200}, {0, 0, 1}, {0, 1, 1}, {0, 0.5, 1}, {0, 0.01, 1}};
    struct random r = {.seed = 5};

    for (size_t s = 0; s < COUNT_OF(shapes); s++) {
        const double *p = shapes[s];
        struct distribution d = make(DISTRIBUTION_PERT, p, 3);
        double width = p[2] - p[0];
        double a = 1 + 4 * (p[1] - p[0]) / width, b = 1 + 4 * (p[2] - p[1]) / width;
        for (int i = 0; i < 3000; i++) {
            double u = random_next_unit(&r);
            if (i % 3 == 0)
                u = fmax(u * u * u * u * u * u, 0x1p-52);
            double want = p[0] + width * gsl_cdf_beta_Pinv(u, a, b);
            CHECK_NEAR(distribution_quantile(&d, u), want, 2e-8 * width);
        }
    }
}

TEST(normal_copula_input_gives_the_same_rank)
{
    struct distribution all[] = {MAKE(DISTRIBUTION_UNIFORM, 0, 1),
                                 MAKE(DISTRIBUTION_TRIANGULAR, 1, 2, 4),
                                 MAKE(DISTRIBUTION_PERT, 1, 2, 4), MAKE(DISTRIBUTION_NORMAL, 1, 2),
                                 MAKE(DISTRIBUTION_LOGNORMAL, 0, 1)};

    for (size_t i = 0; i < COUNT_OF(all); i++)
        for (double u = 0.001; u < 1; u += 0.0173) {
            double z = numeric_normal_quantile(u);
            distribution_from_normal_block(&all[i], &z, 1);
            CHECK_NEAR(z, distribution_quantile(&all[i], u), 1e-11);
        }
}

TEST(extreme_ranks_stay_inside)
{
    struct distribution t = MAKE(DISTRIBUTION_TRIANGULAR, 1, 2, 4);
    struct distribution p = MAKE(DISTRIBUTION_PERT, 1, 2, 4);
    const double extremes[] = {0x1p-54, 0x1p-53, 1e-12, 0.5, 1 - 1e-12, 1 - 0x1p-53};

    for (size_t i = 0; i < COUNT_OF(extremes); i++) {
        CHECK(distribution_quantile(&t, extremes[i]) >= 1 &&
              distribution_quantile(&t, extremes[i]) <= 4);
        CHECK(distribution_quantile(&p, extremes[i]) >= 1 &&
              distribution_quantile(&p, extremes[i]) <= 4);
    }
    double z[] = {-50, 50};
    distribution_from_normal_block(&p, z, 2);
    CHECK(z[0] >= 1 && z[0] < 1.01 && z[1] > 3.9 && z[1] <= 4);
}

TEST(bad_parameters_are_refused_with_a_reason)
{
    static const struct {
        enum distribution_kind kind;
        double p[4];
        size_t count;
    } bad[] = {
        {DISTRIBUTION_POINT, {0}, 0},         {DISTRIBUTION_POINT, {1, 2}, 2},
        {DISTRIBUTION_POINT, {NAN}, 1},       {DISTRIBUTION_POINT, {INFINITY}, 1},
        {DISTRIBUTION_UNIFORM, {2, 1}, 2},    {DISTRIBUTION_TRIANGULAR, {1, 3, 2}, 3},
        {DISTRIBUTION_TRIANGULAR, {1, 2}, 2}, {DISTRIBUTION_PERT, {3, 2, 4}, 3},
        {DISTRIBUTION_NORMAL, {0, -1}, 2},    {DISTRIBUTION_LOGNORMAL, {400, 1}, 2},
        {DISTRIBUTION_DISCRETE, {0}, 0},      {DISTRIBUTION_DISCRETE, {1, 0.5, 2}, 3},
        {DISTRIBUTION_DISCRETE, {1, 0.5}, 2}, {DISTRIBUTION_DISCRETE, {1, -0.5, 2, 1.5}, 4},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct distribution d;
        struct err err = {0};
        CHECK(!distribution_init(&d, &arena, bad[i].kind, bad[i].p, bad[i].count, &err));
        CHECK(err.code == ERR_INPUT && err.msg[0] != '\0');
    }
}

TEST(no_spread_becomes_a_point)
{
    CHECK(MAKE(DISTRIBUTION_UNIFORM, 2, 2).kind == DISTRIBUTION_POINT);
    CHECK(MAKE(DISTRIBUTION_PERT, 2, 2, 2).kind == DISTRIBUTION_POINT);
    CHECK(MAKE(DISTRIBUTION_NORMAL, 2, 0).kind == DISTRIBUTION_POINT);
    struct distribution d = MAKE(DISTRIBUTION_LOGNORMAL, 1, 0);
    CHECK_NEAR(distribution_mean(&d), exp(1), 1e-15 * 4);
}

int main(void)
{
    arena_init(&arena, 256 << 20);
    int failed =
        RUN(CASE(moments_are_those_of_the_closed_forms), CASE(pert_quantiles_agree_with_gsl),
            CASE(normal_copula_input_gives_the_same_rank), CASE(extreme_ranks_stay_inside),
            CASE(bad_parameters_are_refused_with_a_reason), CASE(no_spread_becomes_a_point));
    arena_deinit(&arena);
    return failed;
}
