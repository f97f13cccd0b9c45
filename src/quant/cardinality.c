#include "quant/cardinality.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

enum {
    FORM_HASHES = 1,
    FORM_REGISTERS = 2,
    RANK_MAX = 64 - CARDINALITY_PRECISION + 1, /* all remaining bits zero */
    HASHES_AT_FIRST = 16,
    PACKED_BYTES = CARDINALITY_REGISTERS / 4 * 3
};

void cardinality_reset(struct cardinality *c)
{
    mem_free(c->registers);
    c->registers = NULL;
    c->count = 0;
}

void cardinality_deinit(struct cardinality *c)
{
    mem_free(c->hashes);
    mem_free(c->registers);
    *c = (struct cardinality){0};
}

bool cardinality_is_exact(const struct cardinality *c)
{
    return c->registers == NULL;
}

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_NO_MEMORY, "no memory for counting what differs");
}

/* ---- registers ------------------------------------------------------------------------------- */

static void register_add(uint8_t *registers, uint64_t hash)
{
    uint64_t rest = hash << CARDINALITY_PRECISION;
    uint8_t rank = rest == 0 ? RANK_MAX : (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *at = &registers[hash >> (64 - CARDINALITY_PRECISION)];

    if (rank > *at)
        *at = rank;
}

static bool go_dense(struct cardinality *c, struct err *err)
{
    c->registers = mem_try_alloc(CARDINALITY_REGISTERS, 1);
    if (!c->registers)
        return no_memory(err);
    for (uint32_t i = 0; i < c->count; i++)
        register_add(c->registers, c->hashes[i]);
    mem_free(c->hashes);
    c->hashes = NULL;
    c->count = c->capacity = 0;
    return true;
}

/* ---- hashes ---------------------------------------------------------------------------------- */

/* Where the hash is, or belongs. */
static uint32_t hash_place(const struct cardinality *c, uint64_t hash)
{
    uint32_t from = 0, to = c->count;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (c->hashes[middle] < hash)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool hashes_reserve(struct cardinality *c, uint32_t count, struct err *err)
{
    uint32_t capacity = c->capacity < HASHES_AT_FIRST ? HASHES_AT_FIRST : c->capacity;

    if (count <= c->capacity)
        return true;
    while (capacity < count)
        capacity *= 2;
    uint64_t *hashes = mem_try_realloc(c->hashes, capacity, sizeof *hashes);
    if (!hashes)
        return no_memory(err);
    c->hashes = hashes;
    c->capacity = capacity;
    return true;
}

bool cardinality_add(struct cardinality *c, uint64_t hash, struct err *err)
{
    if (!c->registers) {
        uint32_t at = hash_place(c, hash);
        if (at < c->count && c->hashes[at] == hash)
            return true;
        if (c->count < CARDINALITY_EXACT_MAX) {
            if (!hashes_reserve(c, c->count + 1, err))
                return false;
            memmove(c->hashes + at + 1, c->hashes + at, (c->count - at) * sizeof *c->hashes);
            c->hashes[at] = hash;
            c->count++;
            return true;
        }
        if (!go_dense(c, err))
            return false;
    }
    register_add(c->registers, hash);
    return true;
}

bool cardinality_merge(struct cardinality *into, const struct cardinality *from, struct err *err)
{
    if (from->registers) {
        if (!into->registers && !go_dense(into, err))
            return false;
        for (size_t i = 0; i < CARDINALITY_REGISTERS; i++)
            if (from->registers[i] > into->registers[i])
                into->registers[i] = from->registers[i];
        return true;
    }
    for (uint32_t i = 0; i < from->count; i++)
        if (!cardinality_add(into, from->hashes[i], err))
            return false;
    return true;
}

/* ---- the estimate ---------------------------------------------------------------------------- */

/* x + sum over k >= 1 of x^(2^k) 2^(k-1), 0 <= x <= 1 (Ertl, algorithm 6; infinite at 1). */
static double sigma(double x)
{
    double y = 1, z = x, before;

    if (!(x < 1))
        return INFINITY;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z > before);
    return z;
}

/* (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 2^-k) / 3, 0 <= x <= 1. */
static double tau(double x)
{
    double y = 1, z = 1 - x, before;

    if (!(x > 0 && x < 1))
        return 0;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z < before);
    return z / 3;
}

double cardinality_estimate(const struct cardinality *c)
{
    const double m = CARDINALITY_REGISTERS, alpha = 0.72134752044448170368; /* 1 / (2 ln 2) */
    uint32_t counts[RANK_MAX + 1] = {0};

    if (!c->registers)
        return c->count;
    for (size_t i = 0; i < CARDINALITY_REGISTERS; i++)
        counts[c->registers[i]]++;
    double z = m * tau(1 - counts[RANK_MAX] / m);
    for (int rank = RANK_MAX - 1; rank >= 1; rank--)
        z = 0.5 * (z + counts[rank]);
    z += m * sigma(counts[0] / m);
    return alpha * m * m / z;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

void cardinality_write(const struct cardinality *c, struct buf *out)
{
    buf_add_byte(out, c->registers ? FORM_REGISTERS : FORM_HASHES);
    for (uint32_t i = 0; !c->registers && i < c->count; i++)
        for (int byte = 0; byte < 8; byte++)
            buf_add_byte(out, (char)(c->hashes[i] >> (8 * byte)));
    for (size_t i = 0; c->registers && i < CARDINALITY_REGISTERS; i += 4) {
        const uint8_t *r = c->registers + i;
        buf_add_byte(out, (char)(r[0] | r[1] << 6));
        buf_add_byte(out, (char)(r[1] >> 2 | r[2] << 4));
        buf_add_byte(out, (char)(r[2] >> 4 | r[3] << 2));
    }
}

static bool read_hashes(struct cardinality *c, Str bytes, struct err *err)
{
    size_t count = bytes.len / 8;

    if (bytes.len % 8 != 0 || count > CARDINALITY_EXACT_MAX)
        return err_set(err, ERR_CORRUPT, "a sketch of %zu bytes is damaged", bytes.len);
    if (!hashes_reserve(c, (uint32_t)count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = 0;
        for (size_t byte = 0; byte < 8; byte++)
            hash |= (uint64_t)(unsigned char)bytes.ptr[8 * i + byte] << (8 * byte);
        if (i > 0 && hash <= c->hashes[i - 1])
            return err_set(err, ERR_CORRUPT, "a sketch is damaged: its hashes do not ascend");
        c->hashes[c->count++] = hash;
    }
    return true;
}

static bool read_registers(struct cardinality *c, Str bytes, struct err *err)
{
    if (bytes.len != PACKED_BYTES)
        return err_set(err, ERR_CORRUPT, "a sketch of %zu bytes is damaged", bytes.len);
    if (!go_dense(c, err))
        return false;
    for (size_t i = 0; i < CARDINALITY_REGISTERS; i++) {
        const unsigned char *at = (const unsigned char *)bytes.ptr + i / 4 * 3;
        uint32_t word = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
        c->registers[i] = (word >> (6 * (i % 4))) & 63;
        if (c->registers[i] > RANK_MAX)
            return err_set(err, ERR_CORRUPT, "a sketch is damaged: a register is out of range");
    }
    return true;
}

bool cardinality_read(struct cardinality *c, Str bytes, struct err *err)
{
    Str rest = str_sub(bytes, 1, bytes.len);
    bool ok;

    cardinality_reset(c);
    if (bytes.len > 0 && bytes.ptr[0] == FORM_HASHES)
        ok = read_hashes(c, rest, err);
    else if (bytes.len > 0 && bytes.ptr[0] == FORM_REGISTERS)
        ok = read_registers(c, rest, err);
    else
        ok = err_set(err, ERR_CORRUPT, "a sketch of %zu bytes is damaged", bytes.len);
    if (!ok)
        cardinality_reset(c);
    return ok;
}
