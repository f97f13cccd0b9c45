/* cardinality.h - how many different things were seen, in little memory, joined without counting
 * twice.
 *
 * A sketch takes 64-bit hashes. Up to CARDINALITY_EXACT_MAX different ones it keeps them all and
 * the count is exact. Beyond, it is a HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with
 * 2^14 registers and the estimator of Ertl (New cardinality estimation algorithms for HyperLogLog
 * sketches, arXiv 1702.01284, 2017, algorithm 6), which needs no tables and has no bias worth
 * naming between 0 and 2^64; standard error 0.81 %. Merging gives, bit for bit, the sketch of all
 * hashes together, in whatever order they came and however they were divided.
 *
 * Hashes have to look random in all 64 bits: mix ids first (base/hash.h).
 *
 * Memory: at most 8 KiB, then 16 KiB; owned by the sketch. Threads: one. Pure.
 */
#ifndef QUANT_CARDINALITY_H
#define QUANT_CARDINALITY_H

#include "base/buf.h"

enum {
    CARDINALITY_EXACT_MAX = 1024,
    CARDINALITY_PRECISION = 14, /* bits of the register's number */
    CARDINALITY_REGISTERS = 1 << CARDINALITY_PRECISION
};
#define CARDINALITY_STANDARD_ERROR 0.0081 /* relative, beyond CARDINALITY_EXACT_MAX */

/* Zeroed is empty; free with cardinality_deinit(). */
struct cardinality {
    uint64_t *hashes; /* ascending; NULL when `registers` are in use */
    uint32_t count, capacity;
    uint8_t *registers; /* longest run of zeros + 1, 0 = never hit */
};

void cardinality_reset(struct cardinality *c); /* empty again; keeps what memory it can */
void cardinality_deinit(struct cardinality *c);

bool cardinality_add(struct cardinality *c, uint64_t hash, struct err *err) MUST_CHECK;
/* ERR_NO_MEMORY: `into` then holds a part of `from`. */
bool cardinality_merge(struct cardinality *into, const struct cardinality *from,
                       struct err *err) MUST_CHECK;

bool cardinality_is_exact(const struct cardinality *c);
double cardinality_estimate(const struct cardinality *c); /* a whole number while exact */

/* Appends: a byte for the form, then the hashes little-endian, or the registers at six bits each
 * (12,289 bytes). The same set gives the same bytes. */
void cardinality_write(const struct cardinality *c, struct buf *out);
/* What cardinality_write() wrote. ERR_CORRUPT: anything else; *c is then empty. */
bool cardinality_read(struct cardinality *c, Str bytes, struct err *err) MUST_CHECK;

#endif
