/* bench_simulate.c - how many draws a second and core: the simulation's inner loop by kind and
 * method.
 *
 * Question: does drawing keep up with 160 million triangular draws a second (twice numpy) on one
 * core? Prints a table; the numbers differ by machine, the checksums must not.
 *
 *     build/bench/bench_simulate [trials, default 1000000]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "quant/simulate.h"

enum { INPUTS = 50 };

static struct arena arena;

static double seconds_of(const struct simulate_plan *plan, uint32_t trials, double *checksum)
{
    double *scratch = arena_new(&arena, double, simulate_scratch_count(plan) + 1);
    double *block = arena_new(&arena, double, INPUTS *SIMULATE_BLOCK);
    uint64_t start = (uint64_t)clock_monotonic_ns();

    *checksum = 0.0;
    for (uint32_t from = 0; from < trials; from += SIMULATE_BLOCK) {
        size_t part = trials - from < SIMULATE_BLOCK ? trials - from : SIMULATE_BLOCK;
        simulate_block(plan, from, part, scratch, block);
        *checksum += block[0] + block[(INPUTS - 1) * SIMULATE_BLOCK];
    }
    return (double)((uint64_t)clock_monotonic_ns() - start) * 1e-9;
}

static void measure(const char *what, enum distribution_kind kind, const double *p, size_t count,
                    enum simulate_method method, bool is_correlated, uint32_t trials)
{
    struct distribution d;
    struct simulate_input inputs[INPUTS];
    struct simulate_correlation pairs[INPUTS];
    struct simulate_settings settings = {.method = method, .seed = 1, .trials = trials};
    struct simulate_plan *plan;
    struct err err = {0};
    double changed, checksum, best = INFINITY;

    for (uint32_t i = 0; i < INPUTS; i++) {
        inputs[i] = (struct simulate_input){&d, i};
        pairs[i] = (struct simulate_correlation){i, i + 1, 0.3};
    }
    if (!distribution_init(&d, &arena, kind, p, count, &err) ||
        !simulate_plan_init(&plan, &arena, &settings, inputs, INPUTS, pairs,
                            is_correlated ? INPUTS - 1 : 0, &changed, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    for (int round = 0; round < 3; round++)
        best = fmin(best, seconds_of(plan, trials, &checksum));
    printf("%-24s %-6s %8.1f M draws/s  %7.3f s  checksum %.17g\n", what,
           simulate_method_name(method), (double)trials * INPUTS / best * 1e-6, best, checksum);
    arena_reset(&arena);
}

int main(int argc, char **argv)
{
    uint32_t trials = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    const double t[] = {80, 120, 200}, n[] = {1, 0.1}, l[] = {0, 0.5}, u[] = {0, 1};
    const double d[] = {0, 0.3, 1, 0.7};

    arena_init(&arena, 1024ULL << 20);
    printf("%d inputs, %u trials, one thread, best of 3\n", INPUTS, trials);
    measure("uniform", DISTRIBUTION_UNIFORM, u, 2, SIMULATE_LATIN_HYPERCUBE, false, trials);
    measure("triangular", DISTRIBUTION_TRIANGULAR, t, 3, SIMULATE_LATIN_HYPERCUBE, false, trials);
    measure("pert", DISTRIBUTION_PERT, t, 3, SIMULATE_LATIN_HYPERCUBE, false, trials);
    measure("normal", DISTRIBUTION_NORMAL, n, 2, SIMULATE_LATIN_HYPERCUBE, false, trials);
    measure("lognormal", DISTRIBUTION_LOGNORMAL, l, 2, SIMULATE_LATIN_HYPERCUBE, false, trials);
    measure("discrete", DISTRIBUTION_DISCRETE, d, 4, SIMULATE_LATIN_HYPERCUBE, false, trials);
    measure("lognormal, correlated", DISTRIBUTION_LOGNORMAL, l, 2, SIMULATE_LATIN_HYPERCUBE, true,
            trials);
    measure("triangular, correlated", DISTRIBUTION_TRIANGULAR, t, 3, SIMULATE_LATIN_HYPERCUBE, true,
            trials);
    measure("triangular", DISTRIBUTION_TRIANGULAR, t, 3, SIMULATE_SOBOL, false, trials);
    measure("triangular", DISTRIBUTION_TRIANGULAR, t, 3, SIMULATE_PLAIN, false, trials);
    arena_deinit(&arena);
    return 0;
}
