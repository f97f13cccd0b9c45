#include "quant/sobol.h"

#include "base/random.h"

enum { BITS = 32 };

/* The stream of the initial direction numbers: fixed, so that a seed changes the scrambling only.
 */
#define DIRECTION_SEED UINT64_C(0x536f626f6c)

static uint32_t multiply_modulo(uint32_t x, uint32_t y, uint32_t polynomial, unsigned degree)
{
    uint32_t product = 0;

    for (; y != 0; y >>= 1) {
        if (y & 1)
            product ^= x;
        x <<= 1;
        if (x >> degree & 1)
            x ^= polynomial;
    }
    return product;
}

static uint32_t power_modulo(uint32_t exponent, uint32_t polynomial, unsigned degree)
{
    uint32_t result = 1, square = degree == 1 ? (2 ^ polynomial) : 2;

    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            result = multiply_modulo(result, square, polynomial, degree);
        square = multiply_modulo(square, square, polynomial, degree);
    }
    return result;
}

/* Primitive over GF(2): x has the full order 2^degree - 1 modulo the polynomial. */
static bool is_primitive(uint32_t polynomial, unsigned degree)
{
    uint32_t order = (UINT32_C(1) << degree) - 1;

    if ((polynomial & 1) == 0 || power_modulo(order, polynomial, degree) != 1)
        return false;
    uint32_t rest = order;
    for (uint32_t factor = 2; factor * factor <= rest; factor++) {
        if (rest % factor != 0)
            continue;
        if (power_modulo(order / factor, polynomial, degree) == 1)
            return false;
        while (rest % factor == 0)
            rest /= factor;
    }
    return rest == 1 || rest == order || power_modulo(order / rest, polynomial, degree) != 1;
}

static void fill_directions(uint32_t *v, uint32_t dimension, uint32_t polynomial, unsigned degree)
{
    for (unsigned bit = 0; bit < degree && bit < BITS; bit++) {
        uint32_t odd = (uint32_t)random_u64(DIRECTION_SEED, dimension, bit) | 1;
        v[bit] = (odd & ((UINT32_C(2) << bit) - 1)) << (BITS - 1 - bit);
    }
    for (unsigned bit = degree; bit < BITS; bit++) {
        v[bit] = v[bit - degree] ^ (v[bit - degree] >> degree);
        for (unsigned k = 1; k < degree; k++)
            if (polynomial >> (degree - k) & 1)
                v[bit] ^= v[bit - k];
    }
}

bool sobol_init(struct sobol *s, struct arena *a, uint32_t dimensions, uint64_t seed,
                struct err *err)
{
    if (dimensions > SOBOL_DIMENSIONS_MAX)
        return err_set(err, ERR_LIMIT, "sobol takes at most %d uncertain inputs, not %u",
                       SOBOL_DIMENSIONS_MAX, dimensions);
    uint32_t *v = arena_try_new(a, uint32_t, (size_t)dimensions * BITS);
    uint32_t *keys = arena_try_new(a, uint32_t, dimensions);
    if (!v || !keys)
        return err_arena(err, a);

    uint32_t polynomial = 3;
    unsigned degree = 1;
    for (uint32_t i = 0; i < dimensions; i++) {
        keys[i] = (uint32_t)random_u64(seed, i, UINT64_MAX - 2);
        if (i == 0) { /* van der Corput */
            for (unsigned bit = 0; bit < BITS; bit++)
                v[bit] = UINT32_C(1) << (BITS - 1 - bit);
            continue;
        }
        while (!is_primitive(polynomial, degree))
            if (++polynomial >> (degree + 1))
                degree++;
        fill_directions(v + (size_t)i * BITS, i, polynomial, degree);
        if (++polynomial >> (degree + 1))
            degree++;
    }
    *s = (struct sobol){.dimension_count = dimensions, .directions = v, .keys = keys};
    return true;
}

static uint32_t reverse_bits(uint32_t x)
{
    x = (x & 0x55555555U) << 1 | (x >> 1 & 0x55555555U);
    x = (x & 0x33333333U) << 2 | (x >> 2 & 0x33333333U);
    x = (x & 0x0f0f0f0fU) << 4 | (x >> 4 & 0x0f0f0f0fU);
    return __builtin_bswap32(x);
}

/* On reversed bits every step lets low bits alter only higher ones: a random binary tree. */
static uint32_t scramble(uint32_t x, uint32_t key)
{
    x = reverse_bits(x);
    x ^= x * UINT32_C(0x3d20adea);
    x += key;
    x *= (key >> 16) | 1;
    x ^= x * UINT32_C(0x05526c56);
    x ^= x * UINT32_C(0x53a22864);
    return reverse_bits(x);
}

void sobol_points(const struct sobol *s, uint32_t dimension, uint32_t from, double *out,
                  size_t count)
{
    ASSERT(dimension < s->dimension_count);
    const uint32_t *v = s->directions + (size_t)dimension * BITS;
    uint32_t key = s->keys[dimension], x = 0;

    for (unsigned bit = 0; bit < BITS; bit++)
        if (from >> bit & 1)
            x ^= v[bit];
    for (size_t i = 0; i < count; i++) {
        out[i] = ((double)scramble(x, key) + 0.5) * 0x1p-32;
        uint32_t index = from + (uint32_t)i, changed = index ^ (index + 1);
        for (unsigned bit = 0; changed >> bit; bit++)
            x ^= v[bit]; /* the low bits that the step to the next index flips */
    }
}
