#include "base/random.h"

#include "base/assert.h"

enum { ROUNDS = 10 };

/* Multipliers and Weyl increments as published with Philox. */
#define M0 UINT32_C(0xD2511F53)
#define M1 UINT32_C(0xCD9E8D57)
#define W0 UINT32_C(0x9E3779B9)
#define W1 UINT32_C(0xBB67AE85)

struct random_block random_at(uint64_t seed, uint64_t stream, uint64_t counter)
{
    uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
    uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)M0 * c0, p1 = (uint64_t)M1 * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c0 = n0;
        c1 = (uint32_t)p1;
        c2 = n2;
        c3 = (uint32_t)p0;
        k0 += W0;
        k1 += W1;
    }
    return (struct random_block){{c0, c1, c2, c3}};
}

uint64_t random_u64(uint64_t seed, uint64_t stream, uint64_t counter)
{
    struct random_block block = random_at(seed, stream, counter);

    return (uint64_t)block.words[1] << 32 | block.words[0];
}

static double unit_from(uint64_t bits)
{
    return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

double random_unit(uint64_t seed, uint64_t stream, uint64_t counter)
{
    return unit_from(random_u64(seed, stream, counter));
}

uint64_t random_next(struct random *r)
{
    return random_u64(r->seed, r->stream, r->counter++);
}

double random_next_unit(struct random *r)
{
    return unit_from(random_next(r));
}

uint64_t random_below(struct random *r, uint64_t bound)
{
    ASSERT(bound >= 1);
    uint64_t threshold = -bound % bound; /* draws below it would favour small results */
    uint64_t draw;

    do
        draw = random_next(r);
    while (draw < threshold);
    return draw % bound;
}
