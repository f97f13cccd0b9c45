#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "listen/measure/trend_priv.h"
#include "quant/numeric.h"

enum { WAYS = 8 };

static const uint32_t windows[] = {1, 6, TREND_SLOTS}; /* slots: ten minutes, an hour, four */

bool trend_history_init(struct trend_history *h, size_t terms, struct err *err)
{
    if (terms < 1024 || (terms & (terms - 1)) != 0)
        return err_set(err, ERR_INPUT, "%zu terms: not a power of two from 1024", terms);
    h->set_mask = terms / WAYS - 1;
    h->slot = TREND_SLOTS;
    h->block_factor = exp2(-(double)(TREND_SLOTS * TREND_SLOT_MS) / (double)TREND_HALF_LIFE_MS);
    h->entries = mem_try_alloc(terms, sizeof *h->entries);
    h->hashes = mem_try_alloc(terms, sizeof *h->hashes);
    return (h->entries && h->hashes) ||
           err_set(err, ERR_NO_MEMORY, "no memory for the history of terms");
}

void trend_history_deinit(struct trend_history *h)
{
    mem_free(h->entries);
    mem_free(h->hashes);
    h->entries = NULL;
    h->hashes = NULL;
}

static double decay(const struct trend_history *h, uint32_t blocks)
{
    return blocks == 0 ? 1 : blocks == 1 ? h->block_factor : pow(h->block_factor, blocks);
}

/* Posts of a slot become history. */
static void slot_leaves(struct trend_history *h, uint32_t slot)
{
    uint32_t block = slot / TREND_SLOTS;

    if (block != h->block) {
        h->posts = (h->posts + h->block_posts[h->block % TREND_BLOCKS_KEPT]) * h->block_factor;
        h->blocks = (h->blocks + 1) * h->block_factor;
        h->block = block;
        h->block_posts[block % TREND_BLOCKS_KEPT] = 0;
    }
    h->block_posts[block % TREND_BLOCKS_KEPT] += h->recent[slot % TREND_SLOTS];
    h->recent[slot % TREND_SLOTS] = 0;
}

void trend_history_advance(struct trend_history *h, uint32_t slot)
{
    while (h->slot < slot) {
        h->slot++;
        slot_leaves(h, h->slot - TREND_SLOTS);
    }
}

static double mean_block_posts(const struct trend_history *h)
{
    return h->blocks > 0 ? h->posts / h->blocks : 0;
}

/* The block's count as it would be in a block of usual size; as it is while the block is open. */
static double usual_count(const struct trend_history *h, const struct trend_entry *e)
{
    double mean = mean_block_posts(h);
    uint32_t age = h->block - e->block;
    bool is_known = age > 0 && age < TREND_BLOCKS_KEPT && mean > 0;
    uint32_t posts = h->block_posts[e->block % TREND_BLOCKS_KEPT];

    return is_known && posts > 0 ? e->block_count * mean / posts : e->block_count;
}

static void close_block(const struct trend_history *h, struct trend_entry *e, uint32_t block)
{
    double factor = decay(h, block - e->block), usual = usual_count(h, e);

    e->sum = (float)(((double)e->sum + e->block_count) * factor);
    e->square = (float)((e->square + usual * usual) * factor);
    e->block = block;
    e->block_count = 0;
}

/* Brings an entry up to the current slot. */
static void catch_up(const struct trend_history *h, struct trend_entry *e)
{
    uint32_t oldest = e->last_slot >= TREND_SLOTS - 1 ? e->last_slot - (TREND_SLOTS - 1) : 0;

    for (uint32_t slot = oldest; slot <= e->last_slot && slot + TREND_SLOTS <= h->slot; slot++) {
        uint16_t *count = &e->recent[slot % TREND_SLOTS];
        if (*count == 0)
            continue;
        if (slot / TREND_SLOTS != e->block)
            close_block(h, e, slot / TREND_SLOTS);
        e->block_count += *count;
        *count = 0;
    }
    e->last_slot = h->slot;
}

static double recent_count(const struct trend_entry *e)
{
    uint32_t count = 0;

    for (size_t i = 0; i < TREND_SLOTS; i++)
        count += e->recent[i];
    return count;
}

static double weight_of(const struct trend_history *h, const struct trend_entry *e)
{
    return ((double)e->sum + e->block_count) * decay(h, h->block - e->block) + recent_count(e);
}

/* The newcomer inherits the weight of the one it replaces: it may have been here before. */
static struct trend_entry *replace_lightest(struct trend_history *h, size_t first, uint64_t hash)
{
    struct trend_entry *set = &h->entries[first];
    struct trend_entry *lightest = NULL;
    double least = INFINITY;

    for (size_t i = 0; i < WAYS; i++) {
        double weight = set[i].last_slot == h->slot ? INFINITY : weight_of(h, &set[i]);
        if (weight < least) {
            least = weight;
            lightest = &set[i];
        }
    }
    if (!lightest)
        return NULL;
    h->hashes[lightest - h->entries] = hash;
    *lightest = (struct trend_entry){
        .hash = hash, .sum = (float)least, .square = (float)least, .block = h->block};
    return lightest;
}

static size_t set_of(const struct trend_history *h, uint64_t hash)
{
    return (hash >> 20 & h->set_mask) * WAYS;
}

static struct trend_entry *find(struct trend_history *h, uint64_t hash)
{
    size_t first = set_of(h, hash);

    for (size_t i = first; i < first + WAYS; i++) {
        if (h->hashes[i] == hash)
            return &h->entries[i];
        if (h->hashes[i] == 0) {
            h->hashes[i] = hash;
            h->entries[i] = (struct trend_entry){.hash = hash, .block = h->block};
            return &h->entries[i];
        }
    }
    return replace_lightest(h, first, hash);
}

void trend_history_prefetch(const struct trend_history *h, uint64_t hash)
{
    __builtin_prefetch(&h->hashes[set_of(h, hash)]);
}

bool trend_history_seems_to_rise(const struct trend_history *h, const struct trend_entry *e,
                                 uint32_t count_min)
{
    uint32_t count = e->recent[h->slot % TREND_SLOTS], times = count / count_min;

    if (times == 0 || times * count_min != count || (times & (times - 1)) != 0)
        return false;
    double with = ((double)e->sum + e->block_count) * decay(h, h->block - e->block);
    double history = h->posts + h->block_posts[h->block % TREND_BLOCKS_KEPT];
    return count * history > 2 * (with + 1) * (h->recent[h->slot % TREND_SLOTS] + 1);
}

struct trend_entry *trend_history_count(struct trend_history *h, uint64_t hash, bool *is_first)
{
    struct trend_entry *e = find(h, hash);

    *is_first = e && e->last_slot != h->slot;
    if (!e)
        return NULL;
    if (*is_first)
        catch_up(h, e);
    uint16_t *count = &e->recent[h->slot % TREND_SLOTS];
    *count = (uint16_t)(*count + (*count < UINT16_MAX));
    return e;
}

struct trend_entry *trend_history_peek(struct trend_history *h, uint64_t hash)
{
    size_t first = set_of(h, hash);

    for (size_t i = first; i < first + WAYS; i++)
        if (h->hashes[i] == hash && hash != 0) {
            if (h->entries[i].last_slot != h->slot)
                catch_up(h, &h->entries[i]);
            return &h->entries[i];
        }
    return NULL;
}

/* Variance / mean of the counts per block, drawn towards 1 while little is known. */
static double dispersion(const struct trend_history *h, const struct trend_entry *e)
{
    double factor = decay(h, h->block - e->block), usual = usual_count(h, e);
    double square = (e->square + usual * usual) * factor,
           sum = ((double)e->sum + e->block_count) * factor;

    if (h->blocks < 2)
        return 1;
    double index = (square + 1) / (sum + 1) - sum / h->blocks;
    return index > 1 ? index : 1;
}

struct trend_reading trend_history_read(const struct trend_history *h, struct trend_entry *e,
                                        uint32_t count_min)
{
    struct trend_reading best = {0};
    double history = h->posts + h->block_posts[h->block % TREND_BLOCKS_KEPT];
    double with = ((double)e->sum + e->block_count) * decay(h, h->block - e->block);
    uint32_t count = 0, posts = 0, slots = 0;

    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        for (; slots < windows[w]; slots++) {
            count += e->recent[(h->slot - slots) % TREND_SLOTS];
            posts += h->recent[(h->slot - slots) % TREND_SLOTS];
        }
        double expected = (with + 1) * posts / history;
        if (count < count_min || count <= expected)
            continue;
        /* A share of the stream with the gamma prior (with + 1, history) makes the count negative
         * binomial; its tail is an incomplete beta function. */
        double chance = numeric_beta_cdf(posts / (posts + history), count, with + 1);
        double score = (chance > 1e-300 ? -log10(chance) : 300) / dispersion(h, e);
        if (score > best.score)
            best = (struct trend_reading){score, expected, count, slots};
    }
    return best;
}

/* --- written down --- */

bool trend_history_save(const struct trend_history *h, struct byte_sink *sink)
{
    uint64_t used = 0;
    size_t count = (h->set_mask + 1) * WAYS;

    for (size_t i = 0; i < count; i++)
        used += h->hashes[i] != 0;
    byte_put_u64(sink, h->set_mask);
    byte_put(sink, &h->slot, sizeof h->slot);
    byte_put(sink, &h->block, sizeof h->block);
    byte_put(sink, &h->posts, sizeof h->posts);
    byte_put(sink, &h->blocks, sizeof h->blocks);
    byte_put(sink, h->recent, sizeof h->recent);
    byte_put(sink, h->block_posts, sizeof h->block_posts);
    byte_put_u64(sink, used);
    for (size_t i = 0; i < count && !sink->is_failed; i++) {
        const struct trend_entry *e = &h->entries[i];
        bool is_recent = recent_count(e) > 0;
        if (h->hashes[i] == 0)
            continue;
        byte_put_u64(sink, i << 1 | is_recent); /* most have nothing recent */
        byte_put(sink, e, offsetof(struct trend_entry, recent));
        byte_put(sink, e->recent, is_recent ? sizeof e->recent : 0);
    }
    return !sink->is_failed;
}

bool trend_history_load(struct trend_history *h, struct byte_source *source)
{
    size_t count = (h->set_mask + 1) * WAYS;

    if (byte_get_u64(source) != h->set_mask && !source->is_failed)
        source->is_failed =
            !err_set(source->err, ERR_CONFLICT, "trends were written with another room for terms");
    byte_get(source, &h->slot, sizeof h->slot);
    byte_get(source, &h->block, sizeof h->block);
    byte_get(source, &h->posts, sizeof h->posts);
    byte_get(source, &h->blocks, sizeof h->blocks);
    byte_get(source, h->recent, sizeof h->recent);
    byte_get(source, h->block_posts, sizeof h->block_posts);
    uint64_t used = byte_get_count(source, count, "terms");
    for (uint64_t n = 0; n < used && !source->is_failed; n++) {
        uint64_t place = byte_get_count(source, 2 * count - 1, "place of a term");
        size_t at = (size_t)(place >> 1);
        byte_get(source, &h->entries[at], offsetof(struct trend_entry, recent));
        if (place & 1)
            byte_get(source, h->entries[at].recent, sizeof h->entries[at].recent);
        h->hashes[at] = h->entries[at].hash;
        if (!source->is_failed &&
            (h->hashes[at] == 0 || set_of(h, h->hashes[at]) / WAYS != at / WAYS))
            source->is_failed =
                !err_set(source->err, ERR_CORRUPT, "a term's history is not as it was written");
    }
    if (!source->is_failed && h->slot < TREND_SLOTS)
        source->is_failed = !err_set(source->err, ERR_CORRUPT, "the slot of trends is wrong");
    return !source->is_failed;
}
