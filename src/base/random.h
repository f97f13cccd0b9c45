/* random.h - counter-based random numbers: a pure function of (seed, stream, counter).
 *
 * Philox 4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2,
 * 3, SC 2011). There is no state to share, so trial 700,000 of variable 12 is the same number on
 * every machine and for every number of threads. Not for secrets: those come from format/digest.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random_block {
    uint32_t words[4];
};

/* 128 random bits. `stream` names the purpose (a variable), `counter` the draw (a trial). */
struct random_block random_at(uint64_t seed, uint64_t stream, uint64_t counter);
uint64_t random_u64(uint64_t seed, uint64_t stream, uint64_t counter);
/* In the open interval (0, 1), a multiple of 2^-53 plus 2^-54. */
double random_unit(uint64_t seed, uint64_t stream, uint64_t counter);

/* A sequence for code that just wants the next number (generators, tests). */
struct random {
    uint64_t seed, stream, counter;
};

uint64_t random_next(struct random *r);
double random_next_unit(struct random *r);
/* Uniform in [0, bound), bound >= 1, without modulo bias. */
uint64_t random_below(struct random *r, uint64_t bound);

#endif
