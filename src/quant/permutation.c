#include "quant/permutation.h"

#include "base/assert.h"
#include "base/random.h"
#include "quant/numeric_priv.h"

enum { ROUNDS = 6, PART = 128 };

/* Odd multipliers with well-spread bits: the golden ratio and a Mersenne-Twister-style constant. */
#define MULTIPLIER_A UINT32_C(0x9E3779B1)
#define MULTIPLIER_B UINT32_C(0x85EBCA77)

void permutation_init(struct permutation *p, uint32_t size, uint64_t seed, uint64_t stream)
{
    ASSERT(size >= 1 && size <= PERMUTATION_SIZE_MAX);
    uint32_t rows = 1;
    while ((uint64_t)rows * rows < size)
        rows++;
    *p = (struct permutation){.size = size, .rows = rows, .columns = (size + rows - 1) / rows};
    struct random_block first = random_at(seed, stream, UINT64_MAX);
    struct random_block second = random_at(seed, stream, UINT64_MAX - 1);
    for (size_t i = 0; i < COUNT_OF(p->keys); i++)
        p->keys[i] = i < 4 ? first.words[i] : second.words[i - 4];
}

QUANT_INLINE uint32_t mix(uint32_t value, uint32_t key)
{
    uint32_t h = (value ^ key) * MULTIPLIER_A;

    h ^= h >> 15;
    h *= MULTIPLIER_B;
    return h;
}

/* A number below `bound` <= 2^14: the top bits of the hash, scaled. */
QUANT_INLINE uint32_t below(uint32_t hash, uint32_t bound)
{
    return ((hash >> 16) * bound) >> 16;
}

QUANT_INLINE uint32_t encrypt(const struct permutation *p, uint32_t index)
{
    uint32_t rows = p->rows, columns = p->columns;
    uint32_t row = index / columns, column = index - row * columns;

    for (int round = 0; round < ROUNDS; round += 2) {
        row += below(mix(column, p->keys[round]), rows);
        row = row >= rows ? row - rows : row;
        column += below(mix(row, p->keys[round + 1]), columns);
        column = column >= columns ? column - columns : column;
    }
    return row * columns + column;
}

uint32_t permutation_at(const struct permutation *p, uint32_t index)
{
    ASSERT(index < p->size);
    do
        index = encrypt(p, index);
    while (index >= p->size);
    return index;
}

/* The division of the scalar form, by the rounded reciprocal with a correction of one. */
QUANT_INLINE void strata_body(const struct permutation *source, uint32_t from, uint32_t *values,
                              size_t count)
{
    const struct permutation p = *source;
    const uint32_t rows = p.rows, columns = p.columns;
    const double reciprocal = 1.0 / (double)columns;

    for (size_t i = 0; i < count; i++) {
        int32_t index = (int32_t)(from + (uint32_t)i);
        int32_t quotient = (int32_t)((double)index * reciprocal);
        int32_t rest = index - quotient * (int32_t)columns;
        int32_t adjust = rest < 0 ? -1 : rest >= (int32_t)columns ? 1 : 0;
        uint32_t row = (uint32_t)(quotient + adjust);
        uint32_t column = (uint32_t)(rest - adjust * (int32_t)columns);
        for (int round = 0; round < ROUNDS; round += 2) {
            row += below(mix(column, p.keys[round]), rows);
            row = row >= rows ? row - rows : row;
            column += below(mix(row, p.keys[round + 1]), columns);
            column = column >= columns ? column - columns : column;
        }
        values[i] = row * columns + column;
    }
}

/* Stratum and a 20 bit position inside it fit a double exactly. */
QUANT_INLINE void jitter_body(const struct permutation *p, const uint32_t *values, double *out,
                              size_t count)
{
    const uint32_t key = p->keys[ROUNDS];
    const double scale = 1.0 / (double)p->size;

    for (size_t i = 0; i < count; i++) {
        uint32_t h = mix(values[i], key);
        h ^= h >> 16;
        h *= MULTIPLIER_A;
        double part = ((double)(int32_t)(h >> 12) + 0.5) * 0x1p-20;
        out[i] = ((double)(int32_t)values[i] + part) * scale;
    }
}

QUANT_CLONES(static, strata,
             (const struct permutation *p, uint32_t from, uint32_t *values, size_t count),
             (p, from, values, count))
QUANT_CLONES(static, jitter,
             (const struct permutation *p, const uint32_t *values, double *out, size_t count),
             (p, values, out, count))

void permutation_strata(const struct permutation *p, uint32_t from, double *out, size_t count)
{
    uint32_t values[PART];

    ASSERT(count <= p->size && from <= p->size - count);
    for (size_t done = 0; done < count; done += PART) {
        size_t part = count - done < PART ? count - done : PART;
        strata(p, from + (uint32_t)done, values, part);
        for (size_t i = 0; i < part; i++)
            while (values[i] >= p->size) /* at most one in sqrt(size) */
                values[i] = encrypt(p, values[i]);
        jitter(p, values, out + done, part);
    }
}
