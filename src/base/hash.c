#include "base/hash.h"

/* The n <= 8 bytes at p as a little-endian number; loads of fixed size that may overlap, since a
 * copy of variable size would be a call. */
static inline uint64_t load(const char *p, size_t n)
{
    uint64_t word = 0;
    uint32_t first, last;

    if (n >= 8) {
        memcpy(&word, p, 8);
    } else if (n >= 4) {
        memcpy(&first, p, 4);
        memcpy(&last, p + n - 4, 4);
        word = first | (uint64_t)last << 8 * (n - 4);
    } else if (n > 0) {
        word = (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2) |
               (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
    }
    return word;
}

uint64_t hash_bytes(Str s, uint64_t seed)
{
    uint64_t state = seed ^ HASH_K0;
    size_t left = s.len;
    const char *p = s.ptr;

    for (; left > 16; left -= 16, p += 16)
        state = hash_fold(load(p, 8) ^ HASH_K1, load(p + 8, 8) ^ state);
    uint64_t low = left > 0 ? load(p, left < 8 ? left : 8) : 0;
    uint64_t high = left > 8 ? load(p + 8, left - 8) : 0;
    state = hash_fold(low ^ HASH_K1, high ^ state);
    return hash_fold(state ^ HASH_K2, s.len ^ HASH_K1);
}

uint64_t hash_u64(uint64_t value, uint64_t seed)
{
    return hash_fold(hash_fold(value ^ HASH_K0, seed ^ HASH_K1), HASH_K2);
}
