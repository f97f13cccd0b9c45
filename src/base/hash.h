/* hash.h - 64-bit hashes for tables and identities. Pure, thread-safe, the same on every machine.
 *
 * Not cryptographic: where an adversary must not forge, use format/digest. Tables filled from
 * outside take a seed drawn at start-up, so that nobody can aim for one bucket. The mixing step is
 * a 64 x 64 to 128 bit multiplication whose halves are folded together.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

uint64_t hash_bytes(Str s, uint64_t seed);
uint64_t hash_u64(uint64_t value, uint64_t seed);
/* Order matters: combine(a, b) differs from combine(b, a). */
uint64_t hash_combine(uint64_t a, uint64_t b);

#endif
