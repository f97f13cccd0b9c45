/* judge_table.h - entries into the buckets of src/text/judge_priv.h, for generator and trainer. */
#ifndef TOOLS_JUDGE_TABLE_H
#define TOOLS_JUDGE_TABLE_H

#include <stdlib.h>
#include <string.h>

#include "text/judge_priv.h"

/* As in lexicon/sentiment.bin. */
struct judge_entry {
    uint32_t key;
    int8_t weights[JUDGE_CLASSES];
    uint8_t flags; /* enum judge_entry_flag */
};
enum judge_entry_flag { JUDGE_ENTRY_WHOLE = 1, JUDGE_ENTRY_PAIR = 2 };

enum { JUDGE_FILTER_BITS = 8 }; /* a pair */

/* -1 for a free place. */
static inline int judge_entry_size(uint32_t payload)
{
    int most = 0;

    if (payload == 0)
        return -1;
    for (int c = 0; c < JUDGE_CLASSES; c++) {
        int weight = abs((int)(payload >> 8 * c & 0xff) - JUDGE_WEIGHT_ZERO);
        most = weight > most ? weight : most;
    }
    return most;
}

static inline uint32_t judge_entry_payload(const struct judge_entry *entry)
{
    uint32_t payload = JUDGE_PRESENT | (entry->flags & JUDGE_ENTRY_WHOLE ? JUDGE_WHOLE : 0);

    for (int c = 0; c < JUDGE_CLASSES; c++)
        payload |= (uint32_t)(entry->weights[c] + JUDGE_WEIGHT_ZERO) << 8 * c;
    return payload;
}

/* Where a bucket overflows, the entry of the smallest weights goes. Arrays by free(). */
static inline bool judge_fill_buckets(const struct judge_entry *entries, uint32_t count,
                                      struct judge_table *table)
{
    uint32_t buckets = 2;

    while (buckets * JUDGE_BUCKET_FILL < count)
        buckets *= 2;
    struct judge_bucket *out = aligned_alloc(sizeof *out, buckets * sizeof *out);
    if (!out)
        return false;
    memset(out, 0, buckets * sizeof *out);
    table->mask = buckets - 1;
    table->buckets = out;
    for (uint32_t i = 0; i < count; i++) {
        struct judge_bucket *b = &out[entries[i].key & table->mask];
        uint32_t payload = judge_entry_payload(&entries[i]);
        int at = 0;
        for (int k = 1; k < JUDGE_BUCKET_SIZE; k++)
            if (judge_entry_size(b->payloads[k]) < judge_entry_size(b->payloads[at]))
                at = k;
        if (judge_entry_size(b->payloads[at]) >= judge_entry_size(payload))
            continue;
        b->keys[at] = entries[i].key;
        b->payloads[at] = payload;
    }
    return true;
}

static inline bool judge_fill_filter(const struct judge_entry *entries, uint32_t count,
                                     struct judge_table *table)
{
    uint32_t bits = 64, pairs = 0;

    for (uint32_t i = 0; i < count; i++)
        pairs += (entries[i].flags & JUDGE_ENTRY_PAIR) != 0;
    while (bits < pairs * JUDGE_FILTER_BITS)
        bits *= 2;
    uint64_t *filter = calloc(bits / 64, sizeof *filter);
    if (!filter)
        return false;
    table->filter_mask = bits - 1;
    table->filter = filter;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = judge_filter_bit(table, entries[i].key);
        if (entries[i].flags & JUDGE_ENTRY_PAIR)
            filter[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    return true;
}

static inline bool judge_fill_table(const struct judge_entry *entries, uint32_t count,
                                    struct judge_table *table)
{
    return judge_fill_buckets(entries, count, table) && judge_fill_filter(entries, count, table);
}

#endif
