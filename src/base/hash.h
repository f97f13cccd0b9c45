/* hash.h - 64-bit hashes for tables and identities. Pure, thread-safe, the same on every machine.
 *
 * Not cryptographic: where an adversary must not forge, use format/digest. Tables filled from
 * outside take a seed drawn at start-up, so that nobody can aim for one bucket. The mixing step is
 * a 64 x 64 to 128 bit multiplication whose halves are folded together.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <string.h>

#include "base/str.h"

uint64_t hash_bytes(Str s, uint64_t seed);
/* The same number for s.len <= HASH_PADDED_MAX, of which HASH_PADDED_MAX bytes are readable from
 * s.ptr on, whatever they hold: no branch asks for the length. */
enum { HASH_PADDED_MAX = 16 };
static inline uint64_t hash_padded(Str s, uint64_t seed);
/* The same number for len <= 8 bytes that were read into `bytes` as they lie in memory, zeros
 * behind them. */
static inline uint64_t hash_short(uint64_t bytes, size_t len, uint64_t seed);
uint64_t hash_u64(uint64_t value, uint64_t seed);
/* Order matters: combine(a, b) differs from combine(b, a). */
static inline uint64_t hash_combine(uint64_t a, uint64_t b);

/* Odd constants from the binary expansion of pi (Blowfish's first P-array words). */
#define HASH_K0 UINT64_C(0x243F6A8885A308D3)
#define HASH_K1 UINT64_C(0x13198A2E03707345)
#define HASH_K2 UINT64_C(0xA4093822299F31D1)

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_combine(uint64_t a, uint64_t b)
{
    return hash_fold(a ^ HASH_K1, hash_fold(b ^ HASH_K2, HASH_K0));
}

static inline uint64_t hash_short(uint64_t bytes, size_t len, uint64_t seed)
{
    return hash_fold(hash_fold(bytes ^ HASH_K1, seed ^ HASH_K0) ^ HASH_K2, len ^ HASH_K1);
}

static inline uint64_t hash_padded(Str s, uint64_t seed)
{
    static const uint64_t ones[5] = {~UINT64_C(0), ~UINT64_C(0), 0, 0, 0}; /* as bytes */
    uint64_t low, high, low_mask, high_mask;
    const char *masks = (const char *)ones + (HASH_PADDED_MAX - s.len);

    memcpy(&low, s.ptr, 8);
    memcpy(&high, s.ptr + 8, 8);
    memcpy(&low_mask, masks, 8);
    memcpy(&high_mask, masks + 8, 8);
    uint64_t state = hash_fold((low & low_mask) ^ HASH_K1, (high & high_mask) ^ (seed ^ HASH_K0));
    return hash_fold(state ^ HASH_K2, s.len ^ HASH_K1);
}

#endif
