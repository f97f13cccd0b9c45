/* bytes_priv.h - eight and sixteen bytes at once, in what every machine has. Pure. */
#ifndef TEXT_BYTES_PRIV_H
#define TEXT_BYTES_PRIV_H

#include <stdint.h>
#include <string.h>

#include "base/str.h"

typedef unsigned char text_bytes_t __attribute__((vector_size(16)));

/* A bit per byte of sixteen bytes that are all ones or all zeros, as comparing leaves them. */
static inline uint64_t text_bits_of(text_bytes_t bytes)
{
#ifdef __SSE2__
    typedef char signed_t __attribute__((vector_size(16)));
    return (uint64_t)(unsigned)__builtin_ia32_pmovmskb128((signed_t)bytes);
#else
    uint64_t halves[2];

    memcpy(halves, &bytes, sizeof halves);
    for (int i = 0; i < 2; i++)
        halves[i] = (halves[i] & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080) >> 56;
    return halves[0] | halves[1] << 8;
#endif
}

/* The up to eight bytes at `at`, zeros behind the text. */
static inline uint64_t text_eight_bytes(Str text, size_t at)
{
    uint64_t bytes = 0;

    if (text.len - at >= sizeof bytes)
        memcpy(&bytes, text.ptr + at, sizeof bytes);
    else
        memcpy(&bytes, text.ptr + at, text.len - at);
    return bytes;
}

/* In each of eight bytes from `low` to `high` (both ASCII) the top bit, and no other. */
static inline uint64_t text_bytes_between(uint64_t bytes, unsigned char low, unsigned char high)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t seven = bytes & ~(ones << 7);

    return (seven + (0x80u - low) * ones) & ~(seven + (0x7fu - high) * ones) & ~bytes & ones << 7;
}

#endif
