#include "base/hash.h"

#include <string.h>

/* Odd constants from the binary expansion of pi (Blowfish's first P-array words). */
#define K0 UINT64_C(0x243F6A8885A308D3)
#define K1 UINT64_C(0x13198A2E03707345)
#define K2 UINT64_C(0xA4093822299F31D1)

static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The n <= 8 bytes at p as a little-endian number; loads of fixed size that may overlap, since a
 * copy of variable size would be a call. */
static uint64_t load(const char *p, size_t n)
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
    uint64_t state = seed ^ K0;
    size_t left = s.len;
    const char *p = s.ptr;

    for (; left > 16; left -= 16, p += 16)
        state = fold(load(p, 8) ^ K1, load(p + 8, 8) ^ state);
    uint64_t low = left > 0 ? load(p, left < 8 ? left : 8) : 0;
    uint64_t high = left > 8 ? load(p + 8, left - 8) : 0;
    state = fold(low ^ K1, high ^ state);
    return fold(state ^ K2, s.len ^ K1);
}

uint64_t hash_u64(uint64_t value, uint64_t seed)
{
    return fold(fold(value ^ K0, seed ^ K1), K2);
}

uint64_t hash_combine(uint64_t a, uint64_t b)
{
    return fold(a ^ K1, fold(b ^ K2, K0));
}
