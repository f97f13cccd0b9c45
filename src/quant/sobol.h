/* sobol.h - Sobol points with hash-based Owen scrambling: quasi-random numbers, any of which can be
 * computed alone.
 *
 * The primitive polynomials are found at set-up and the free initial direction numbers are drawn
 * from a fixed stream, so nothing is tabled. Nested uniform scrambling by a hash (Laine and Karras
 * 2011, Burley, Practical hash-based Owen scrambling, JCGT 9, 2020) makes the estimate unbiased and
 * a function of the seed. A projection on each single coordinate is perfectly stratified.
 *
 * Immutable after sobol_init(), reading is thread-safe.
 */
#ifndef QUANT_SOBOL_H
#define QUANT_SOBOL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define SOBOL_DIMENSIONS_MAX 1024 /* reject */

struct sobol {
    uint32_t dimension_count;
    const uint32_t *directions; /* [dimension][bit], bit 0 first */
    const uint32_t *keys;       /* of the scrambling, one per dimension */
};

bool sobol_init(struct sobol *s, struct arena *a, uint32_t dimensions, uint64_t seed,
                struct err *err) MUST_CHECK;
/* Coordinates `dimension` of the points from .. from + count - 1, each in (0, 1). */
void sobol_points(const struct sobol *s, uint32_t dimension, uint32_t from, double *out,
                  size_t count);

#endif
