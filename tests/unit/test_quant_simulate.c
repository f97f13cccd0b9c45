/* test_quant_simulate.c - permutation, strata, Sobol points, copula, any range computable alone. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "quant/correlation.h"
#include "quant/numeric.h"
#include "quant/permutation.h"
#include "quant/simulate.h"
#include "quant/sobol.h"
#include "quant/stats.h"

static struct arena arena;

TEST(permutation_visits_each_index_once)
{
    const uint32_t sizes[] = {1, 2, 3, 4, 5, 7, 10, 100, 255, 256, 257, 1000, 46341, 99991, 100000};

    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        struct permutation p;
        permutation_init(&p, sizes[s], 42, s);
        char *seen = calloc(sizes[s], 1);
        for (uint32_t i = 0; i < sizes[s]; i++) {
            uint32_t at = permutation_at(&p, i);
            CHECK(at < sizes[s] && !seen[at]);
            seen[at] = 1;
        }
        free(seen);
    }
}

TEST(strata_are_hit_once_each_and_in_any_split)
{
    const uint32_t sizes[] = {1, 2, 9, 1000, 65536, 100003};

    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        uint32_t n = sizes[s];
        struct permutation p;
        permutation_init(&p, n, 7, s);
        double *whole = calloc(n, sizeof *whole), *parts = calloc(n, sizeof *parts);
        char *seen = calloc(n, 1);
        permutation_strata(&p, 0, whole, n);
        for (uint32_t from = 0, step = 1; from < n; from += step, step = step * 3 + 1)
            permutation_strata(&p, from, parts + from, n - from < step ? n - from : step);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t stratum = (uint32_t)(whole[i] * n);
            CHECK(whole[i] > 0 && whole[i] < 1 && stratum == permutation_at(&p, i));
            CHECK(!seen[stratum]);
            seen[stratum] = 1;
        }
        CHECK(memcmp(whole, parts, n * sizeof *whole) == 0);
        free(whole);
        free(parts);
        free(seen);
    }
}

/* 64 x 64 cells of two streams, and of neighbours in one: chi-square near its expectation. */
TEST(permutations_look_independent)
{
    enum { N = 1 << 18, SIDE = 64 };
    static double a[N], b[N];
    static int pairs[SIDE * SIDE], neighbours[SIDE * SIDE];

    for (uint64_t stream = 0; stream < 6; stream++) {
        struct permutation p, q;
        permutation_init(&p, N, 1, stream);
        permutation_init(&q, N, 1, stream + 1);
        permutation_strata(&p, 0, a, N);
        permutation_strata(&q, 0, b, N);
        memset(pairs, 0, sizeof pairs);
        memset(neighbours, 0, sizeof neighbours);
        for (int i = 0; i < N; i++) {
            pairs[(int)(a[i] * SIDE) * SIDE + (int)(b[i] * SIDE)]++;
            neighbours[(int)(a[i] * SIDE) * SIDE + (int)(a[(i + 1) % N] * SIDE)]++;
        }
        double expected = (double)N / (SIDE * SIDE), chi_pairs = 0, chi_neighbours = 0;
        for (int i = 0; i < SIDE * SIDE; i++) {
            chi_pairs += (pairs[i] - expected) * (pairs[i] - expected) / expected;
            chi_neighbours += (neighbours[i] - expected) * (neighbours[i] - expected) / expected;
        }
        /* (SIDE - 1)^2 = 3969 degrees of freedom: sd 89 */
        CHECK_NEAR(chi_pairs, 3969, 5 * 89);
        CHECK_NEAR(chi_neighbours, 3969, 5 * 89);
        CHECK_NEAR(stats_correlation(a, b, N), 0, 5 / sqrt(N));
    }
}

TEST(sobol_stratifies_every_coordinate)
{
    struct sobol s;
    struct err err = {0};
    enum { DIMENSIONS = 300, N = 1024 };
    double x[N], y[N];

    CHECK(sobol_init(&s, &arena, DIMENSIONS, 9, &err));
    for (uint32_t d = 0; d < DIMENSIONS; d++) {
        char seen[N] = {0};
        sobol_points(&s, d, 0, x, N);
        for (int i = 0; i < N; i++) {
            CHECK(x[i] > 0 && x[i] < 1 && !seen[(int)(x[i] * N)]);
            seen[(int)(x[i] * N)] = 1;
        }
        sobol_points(&s, d, 700, y, N - 700);
        CHECK(memcmp(x + 700, y, (N - 700) * sizeof *x) == 0);
    }
    CHECK(!sobol_init(&s, &arena, SOBOL_DIMENSIONS_MAX + 1, 9, &err) && err.code == ERR_LIMIT);
}

TEST(sobol_integrates_better_than_chance)
{
    struct sobol s;
    struct err err = {0};
    enum { N = 4096 };
    double x[8][N], sum = 0;

    CHECK(sobol_init(&s, &arena, 8, 3, &err));
    for (uint32_t d = 0; d < 8; d++)
        sobol_points(&s, d, 0, x[d], N);
    for (int i = 0; i < N; i++) {
        double product = 1;
        for (int d = 0; d < 8; d++)
            product *= 1 + (x[d][i] - 0.5);
        sum += product / N;
    }
    CHECK_NEAR(sum, 1, 1e-3); /* plain sampling: standard error 0.015 */
}

struct setup {
    struct distribution d[4];
    struct simulate_input inputs[4];
    struct simulate_plan *plan;
    double *out; /* 4 columns of `trials` */
};

static void run(struct setup *s, enum simulate_method method, uint32_t trials,
                const struct simulate_correlation *correlations, size_t count)
{
    struct err err = {0};
    const double t[] = {1, 2, 4}, n[] = {10, 2}, l[] = {0, 0.5}, p[] = {0, 3, 4};
    struct simulate_settings settings = {.method = method, .seed = 11, .trials = trials};
    double changed;

    CHECK(distribution_init(&s->d[0], &arena, DISTRIBUTION_TRIANGULAR, t, 3, &err));
    CHECK(distribution_init(&s->d[1], &arena, DISTRIBUTION_NORMAL, n, 2, &err));
    CHECK(distribution_init(&s->d[2], &arena, DISTRIBUTION_LOGNORMAL, l, 2, &err));
    CHECK(distribution_init(&s->d[3], &arena, DISTRIBUTION_PERT, p, 3, &err));
    for (uint32_t i = 0; i < 4; i++)
        s->inputs[i] = (struct simulate_input){&s->d[i], 100 + i};
    CHECK(simulate_plan_init(&s->plan, &arena, &settings, s->inputs, 4, correlations, count,
                             &changed, &err));
    s->out = arena_new(&arena, double, 4 * (size_t)trials);
    double *scratch = arena_new(&arena, double, simulate_scratch_count(s->plan));
    double *block = arena_new(&arena, double, 4 * SIMULATE_BLOCK);
    for (uint32_t from = 0; from < trials; from += SIMULATE_BLOCK) {
        size_t part = trials - from < SIMULATE_BLOCK ? trials - from : SIMULATE_BLOCK;
        simulate_block(s->plan, from, part, scratch, block);
        for (size_t i = 0; i < 4; i++)
            memcpy(s->out + i * trials + from, block + i * SIMULATE_BLOCK, part * sizeof(double));
    }
}

TEST(marginals_have_their_moments)
{
    for (int method = 0; method < SIMULATE_METHOD_COUNT; method++) {
        enum { N = 100000 };
        struct setup s;
        run(&s, (enum simulate_method)method, N, NULL, 0);
        for (size_t i = 0; i < 4; i++) {
            struct stats_moments m = stats_moments(s.out + i * N, N);
            double sd = sqrt(distribution_variance(&s.d[i]));
            double band = method == SIMULATE_PLAIN ? 5 / sqrt(N) : 2e-4;
            CHECK_NEAR(m.mean, distribution_mean(&s.d[i]), band * sd);
            CHECK_NEAR(m.sd, sd, 0.02 * sd);
        }
    }
}

static double rank_correlation(const double *x, const double *y, size_t n)
{
    double *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b), *scratch = calloc(n, sizeof *a);
    double *rx = calloc(n, sizeof *a), *ry = calloc(n, sizeof *a);

    memcpy(a, x, n * sizeof *a);
    memcpy(b, y, n * sizeof *b);
    stats_sort(a, scratch, n);
    stats_sort(b, scratch, n);
    for (size_t i = 0; i < n; i++) {
        rx[i] = stats_share_below(a, n, x[i]);
        ry[i] = stats_share_below(b, n, y[i]);
    }
    double rank = stats_correlation(rx, ry, n);
    free(a), free(b), free(scratch), free(rx), free(ry);
    return rank;
}

TEST(copula_reaches_the_wanted_rank_correlations)
{
    const struct simulate_correlation wanted[] = {{0, 1, 0.5}, {1, 2, -0.7}, {0, 2, -0.2}};
    enum { N = 50000 };
    struct setup s;

    run(&s, SIMULATE_LATIN_HYPERCUBE, N, wanted, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        CHECK_NEAR(rank_correlation(s.out + wanted[i].first * (size_t)N,
                                    s.out + wanted[i].second * (size_t)N, N),
                   wanted[i].rank, 0.015);
    CHECK_NEAR(rank_correlation(s.out, s.out + 3 * (size_t)N, N), 0, 0.02);
    struct stats_moments m = stats_moments(s.out, N);
    CHECK_NEAR(m.mean, 7.0 / 3, 0.01);
}

TEST(perfect_correlation_is_possible)
{
    const struct simulate_correlation wanted[] = {{0, 3, 1}, {1, 2, -1}};
    struct setup s;

    run(&s, SIMULATE_LATIN_HYPERCUBE, 5000, wanted, 2);
    CHECK_NEAR(rank_correlation(s.out, s.out + 15000, 5000), 1, 1e-6);
    CHECK_NEAR(rank_correlation(s.out + 5000, s.out + 10000, 5000), -1, 1e-6);
}

TEST(impossible_correlations_are_refused_and_near_ones_repaired)
{
    struct err err = {0};
    double changed, factor[9];
    /* a with b, b with c, but a against c */
    const double impossible[] = {1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1};
    CHECK(!correlation_factor(&arena, impossible, 3, factor, &changed, &err));
    CHECK(err.code == ERR_INPUT);

    /* Semi-definite as ranks, not as 2 sin(pi r / 6). */
    double c = -0.5;
    const double edge[] = {1, c, c, c, 1, c, c, c, 1};
    CHECK(correlation_factor(&arena, edge, 3, factor, &changed, &err));
    CHECK(changed > 0.01 && changed < 0.03);
    for (int i = 0; i < 3; i++) { /* rows of length one: unit variances */
        double square = 0;
        for (int k = 0; k < 3; k++)
            square += factor[i * 3 + k] * factor[i * 3 + k];
        CHECK_NEAR(square, 1, 1e-6);
    }
    CHECK_NEAR(correlation_from_rank(0.5), 2 * sin(M_PI / 12), 1e-15);
}

/* Pins the numbers: any build on any machine must give these bits. */
TEST(draws_are_the_same_everywhere)
{
    const struct simulate_correlation wanted[] = {{0, 1, 0.5}, {2, 3, -0.3}};
    uint64_t hash[SIMULATE_METHOD_COUNT];

    for (int method = 0; method < SIMULATE_METHOD_COUNT; method++) {
        struct setup s;
        run(&s, (enum simulate_method)method, 3001, wanted, 2);
        hash[method] = 0;
        for (size_t i = 0; i < 4 * 3001; i++) {
            uint64_t bits;
            memcpy(&bits, &s.out[i], sizeof bits);
            hash[method] = (hash[method] ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
            hash[method] ^= hash[method] >> 29;
        }
    }
    CHECK_INT(hash[SIMULATE_LATIN_HYPERCUBE], UINT64_C(0x572f2623dccc4fd2));
    CHECK_INT(hash[SIMULATE_SOBOL], UINT64_C(0x41647584bfff9297));
    CHECK_INT(hash[SIMULATE_PLAIN], UINT64_C(0x2ef9bd278cb4957c));
}

int main(void)
{
    arena_init(&arena, 512 << 20);
    int failed = RUN(
        CASE(permutation_visits_each_index_once), CASE(strata_are_hit_once_each_and_in_any_split),
        CASE(permutations_look_independent), CASE(sobol_stratifies_every_coordinate),
        CASE(sobol_integrates_better_than_chance), CASE(marginals_have_their_moments),
        CASE(copula_reaches_the_wanted_rank_correlations), CASE(perfect_correlation_is_possible),
        CASE(impossible_correlations_are_refused_and_near_ones_repaired),
        CASE(draws_are_the_same_everywhere));
    arena_deinit(&arena);
    return failed;
}
