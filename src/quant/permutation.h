/* permutation.h - a keyed pseudo-random permutation of 0..n-1 of which any part can be computed
 * alone.
 *
 * Latin hypercube sampling needs a random order of the strata per variable. A shuffled array would
 * tie all trials together; this permutation is a function of (key, index), so a thread computes
 * just its own trials. It is a Feistel network on the rectangle a x b that barely contains n (Black
 * and Rogaway, Ciphers with arbitrary finite domains, CT-RSA 2002), with additions instead of
 * exclusive or and walking past the few values beyond n. Not for secrets.
 *
 * Pure, thread-safe; the same bits on every machine.
 */
#ifndef QUANT_PERMUTATION_H
#define QUANT_PERMUTATION_H

#include <stddef.h>
#include <stdint.h>

#define PERMUTATION_SIZE_MAX (UINT32_C(1) << 27)

struct permutation {
    uint32_t size, rows, columns; /* rows * columns >= size */
    uint32_t keys[7];             /* six rounds and the jitter of permutation_strata() */
};

/* 1 <= size <= PERMUTATION_SIZE_MAX. */
void permutation_init(struct permutation *p, uint32_t size, uint64_t seed, uint64_t stream);
/* index < size. */
uint32_t permutation_at(const struct permutation *p, uint32_t index);

/* Stratified uniform numbers: out[i] lies at random within stratum permutation_at(from + i) of the
 * `size` equal parts of the open interval (0, 1). from + count <= size. */
void permutation_strata(const struct permutation *p, uint32_t from, double *out, size_t count);

#endif
