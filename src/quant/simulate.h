/* simulate.h - joint draws of many uncertain inputs, any range of trials computable alone.
 *
 * A plan holds the inputs (a distribution and a stream each), their rank correlations and the
 * method. simulate_block() is a pure function of (plan, first trial, count): threads take trial
 * ranges as they like and the numbers stay the same, bit for bit, on every machine.
 *
 *     Latin hypercube  every input is stratified into as many parts as there are trials; the order
 *                      of the strata is a keyed permutation (permutation.h). Default.
 *     Sobol            scrambled quasi-random points (sobol.h)
 *     plain            independent draws
 *
 * A stream names an input's random numbers. Take it from the input's own identity (a hash of its
 * name): then adding or removing one input leaves the draws of the others alone, and versions can
 * be compared under common random numbers. (Sobol coordinates go by position.)
 *
 * A plan is immutable after simulate_plan_init(); its memory is in the arena given there. Every
 * thread brings its own scratch.
 */
#ifndef QUANT_SIMULATE_H
#define QUANT_SIMULATE_H

#include <stdint.h>

#include "quant/distribution.h"
#include "quant/permutation.h"
#include "quant/sobol.h"

enum { SIMULATE_BLOCK = 256 }; /* trials drawn together; rows of the output are this long */

#define SIMULATE_TRIALS_MAX PERMUTATION_SIZE_MAX /* reject */
#define SIMULATE_INPUTS_MAX 20000                /* reject */

enum simulate_method {
    SIMULATE_LATIN_HYPERCUBE,
    SIMULATE_SOBOL,
    SIMULATE_PLAIN,
    SIMULATE_METHOD_COUNT
};

/* "lhs", "sobol", "plain". */
const char *simulate_method_name(enum simulate_method method);
bool simulate_method_from(Str name, enum simulate_method *method) MUST_CHECK;

struct simulate_input {
    const struct distribution *distribution;
    uint64_t stream;
};

struct simulate_correlation {
    uint32_t first, second; /* indices of inputs, different, neither a point */
    double rank;            /* Spearman, -1 to 1 */
};

struct simulate_settings {
    enum simulate_method method;
    uint64_t seed;
    uint32_t trials; /* 1 to SIMULATE_TRIALS_MAX */
};

struct simulate_plan;

/* `inputs` and what they point to must outlive the plan. A pair correlated twice takes the last
 * value. *changed as in correlation.h, 0 without correlations. Fails with ERR_INPUT on impossible
 * correlations, ERR_LIMIT on too many inputs, trials or memory. */
bool simulate_plan_init(struct simulate_plan **plan, struct arena *a,
                        const struct simulate_settings *settings,
                        const struct simulate_input *inputs, uint32_t input_count,
                        const struct simulate_correlation *correlations, size_t correlation_count,
                        double *changed, struct err *err) MUST_CHECK;

/* Doubles that a thread needs as scratch. */
size_t simulate_scratch_count(const struct simulate_plan *plan);

/* Draws trials from .. from + count - 1, count <= SIMULATE_BLOCK, of all inputs:
 * out[input * SIMULATE_BLOCK + i]. */
void simulate_block(const struct simulate_plan *plan, uint32_t from, size_t count, double *scratch,
                    double *out);

#endif
