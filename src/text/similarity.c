#include "text/similarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum {
    SHINGLES_PER_POST = 20, /* mean room; long texts use that of others and push old posts out */
    POSTINGS_PER_POST = 10,
};

/* All three rings are addressed by numbers that only rise, modulo their length. What is older than
 * the tail no longer counts; chains end where they meet it, so nothing is ever unlinked.
 *
 *     heads[key]  ->  posting  -> older posting of the same bucket -> ... -> below the tail
 *                       |
 *                       v
 *                     entry  ->  keys[first_key .. + size]
 */
struct entry {
    int64_t last_ms; /* of its last exact copy */
    uint64_t story;
    uint64_t first_key, first_posting;
    uint64_t seen_by; /* serial of the last probe that met it */
    uint32_t size;
};

struct posting {
    uint64_t key;
    uint64_t older; /* number + 1 of the next one of the bucket; 0 = none */
    uint64_t entry;
    /* Of the entry's set: most candidates are refused by these, without touching the entry. */
    uint64_t signature; /* a bit for each shingle */
    uint32_t size;
};

struct similarity {
    struct similarity_settings settings;
    struct entry *entries;
    uint64_t *keys;
    struct posting *postings;
    uint64_t *heads;  /* number of a bucket's latest posting, + 1 */
    uint32_t *counts; /* postings that a bucket ever had: rare shingles are asked first */
    uint64_t key_room, posting_room, bucket_mask;
    uint64_t tail, head;          /* of entries: known are [tail, head) */
    uint64_t key_head, post_head; /* next number of keys, postings */
    uint64_t added;               /* posts so far, the serial of probes too */
    uint64_t set[SIMILARITY_SHINGLES_MAX];
};

/* --- shingles --- */

static bool is_word(const struct token *token)
{
    return token->kind != TOKEN_URL && token->kind != TOKEN_EMOJI;
}

/* "RT @ann:", "via @ann", repeated. */
static size_t behind_credits(const struct similarity_part *part)
{
    size_t i = 0;

    while (i + 1 < part->count && part->tokens[i + 1].kind == TOKEN_MENTION &&
           (str_eq(part->tokens[i].plain, S("rt")) || str_eq(part->tokens[i].plain, S("mt")) ||
            str_eq(part->tokens[i].plain, S("via"))))
        i += 2;
    return i;
}

/* Where the run of hashtags, addresses and emoji at the end begins. */
static size_t before_tags(const struct similarity_part *part, size_t from)
{
    size_t end = part->count;

    while (end > from &&
           (!is_word(&part->tokens[end - 1]) || part->tokens[end - 1].kind == TOKEN_HASHTAG))
        end--;
    return end;
}

/* The length stands in the highest byte: long shingles are rare and come first. */
static uint64_t shingle_key(uint64_t hash, size_t bytes)
{
    return (uint64_t)(bytes < 255 ? bytes : 255) << 56 | hash >> 8;
}

/* A hashtag counts as its word. */
static size_t word_bytes(const struct token *token)
{
    return token_bare(token, token->plain).len;
}

static size_t pair_words(const struct similarity_part *part, size_t from, size_t to, uint64_t *keys,
                         size_t count)
{
    const struct token *last = NULL;
    size_t words = 0;

    for (size_t i = from; i < to && count < SIMILARITY_SHINGLES_MAX; i++) {
        const struct token *token = &part->tokens[i];
        if (!is_word(token))
            continue;
        if (last)
            keys[count++] = shingle_key(hash_combine(last->hash_plain, token->hash_plain),
                                        word_bytes(last) + word_bytes(token));
        last = token;
        words++;
    }
    if (words == 1 && count < SIMILARITY_SHINGLES_MAX)
        keys[count++] = shingle_key(last->hash_plain, word_bytes(last));
    return count;
}

static size_t part_shingles(const struct similarity_part *part, uint64_t *keys, size_t count)
{
    size_t from = behind_credits(part), before = count;

    count = pair_words(part, from, before_tags(part, from), keys, count);
    if (count == before) /* nothing but hashtags */
        count = pair_words(part, from, part->count, keys, count);
    for (size_t i = from; count == before && i < part->count; i++)
        if (part->tokens[i].kind == TOKEN_URL && count < SIMILARITY_SHINGLES_MAX)
            keys[count++] = shingle_key(part->tokens[i].hash_plain, part->tokens[i].plain.len);
    return count;
}

static int key_cmp(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a > b ? -1 : a < b;
}

size_t similarity_shingles(const struct similarity_part *parts, size_t part_count, uint64_t *keys)
{
    size_t count = 0, distinct = 0;

    for (size_t i = 0; i < part_count; i++)
        count = part_shingles(&parts[i], keys, count);
    if (count > 1)
        qsort(keys, count, sizeof *keys, key_cmp);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || keys[i] != keys[i - 1])
            keys[distinct++] = keys[i];
    return distinct;
}

static double jaccard(size_t common, size_t a_count, size_t b_count)
{
    return common == 0 ? 0 : (double)common / (double)(a_count + b_count - common);
}

double similarity_jaccard(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count)
{
    size_t common = 0;

    for (size_t i = 0, k = 0; i < a_count && k < b_count;) {
        common += a[i] == b[k];
        if (a[i] >= b[k])
            i++, k += a[i - 1] == b[k];
        else
            k++;
    }
    return jaccard(common, a_count, b_count);
}

/* --- the index --- */

static bool settings_fill(struct similarity_settings *out, const struct similarity_settings *given,
                          struct err *err)
{
    *out = given ? *given : (struct similarity_settings){0};
    if (out->threshold == 0)
        out->threshold = SIMILARITY_THRESHOLD;
    if (out->window_ms == 0)
        out->window_ms = SIMILARITY_WINDOW_MS;
    if (out->posts_max == 0)
        out->posts_max = SIMILARITY_POSTS;
    if (!(out->threshold > 0 && out->threshold <= 1) || out->window_ms < 0 ||
        out->posts_max > SIMILARITY_POSTS_MAX)
        return err_set(err, ERR_INPUT, "a setting of the near-duplicates is out of range") ||
               err_hint(err, "threshold above 0 to 1, window not negative, at most %d posts",
                        SIMILARITY_POSTS_MAX);
    return true;
}

bool similarity_create(struct similarity **out, const struct similarity_settings *settings,
                       struct err *err)
{
    struct similarity_settings filled;
    struct similarity *s;
    uint64_t buckets = 1024;

    if (!settings_fill(&filled, settings, err))
        return false;
    if (!(s = mem_try_alloc(1, sizeof *s)))
        return err_set(err, ERR_NO_MEMORY, "no memory for near-duplicates");
    s->settings = filled;
    s->key_room = filled.posts_max * SHINGLES_PER_POST + 2 * SIMILARITY_SHINGLES_MAX;
    s->posting_room = filled.posts_max * POSTINGS_PER_POST + 2 * SIMILARITY_SHINGLES_MAX;
    while (buckets < s->posting_room)
        buckets *= 2;
    s->bucket_mask = buckets - 1;
    s->entries = mem_try_alloc(filled.posts_max, sizeof *s->entries);
    s->keys = mem_try_alloc(s->key_room, sizeof *s->keys);
    s->postings = mem_try_alloc(s->posting_room, sizeof *s->postings);
    s->heads = mem_try_alloc(buckets, sizeof *s->heads);
    s->counts = mem_try_alloc(buckets, sizeof *s->counts);
    if (!s->entries || !s->keys || !s->postings || !s->heads || !s->counts) {
        similarity_destroy(&s);
        return err_set(err, ERR_NO_MEMORY, "no memory for near-duplicates of %zu posts",
                       filled.posts_max);
    }
    *out = s;
    return true;
}

void similarity_destroy(struct similarity **p)
{
    struct similarity *s = *p;

    if (!s)
        return;
    mem_free(s->entries);
    mem_free(s->keys);
    mem_free(s->postings);
    mem_free(s->heads);
    mem_free(s->counts);
    mem_free(s);
    *p = NULL;
}

static struct entry *entry_at(struct similarity *s, uint64_t number)
{
    return &s->entries[number % s->settings.posts_max];
}

/* Numbers below these have been overwritten or belong to forgotten posts. */
static uint64_t first_posting(struct similarity *s)
{
    return s->tail < s->head ? entry_at(s, s->tail)->first_posting : s->post_head;
}

static uint64_t first_key(struct similarity *s)
{
    return s->tail < s->head ? entry_at(s, s->tail)->first_key : s->key_head;
}

/* Shingles that must hold one common to every set that reaches the threshold. A little is taken off
 * before rounding up, since 0.6 * 5 is slightly more than 3 in binary. */
static size_t prefix_of(double threshold, size_t size)
{
    return size - (size_t)ceil(threshold * (double)size - 1e-9) + 1;
}

static size_t needed_common(double threshold, size_t a, size_t b)
{
    return (size_t)ceil(threshold / (1 + threshold) * (double)(a + b) - 1e-9);
}

/* Common shingles of the set and the entry; stops when `needed` is out of reach. */
static size_t common_with(const struct similarity *s, const struct entry *entry, size_t size,
                          size_t needed)
{
    const uint64_t *keys = s->keys + entry->first_key % s->key_room;
    size_t common = 0;

    for (size_t i = 0, k = 0; i < size && k < entry->size;) {
        uint64_t a = s->set[i], b = keys[k];
        size_t left = size - i < entry->size - k ? size - i : entry->size - k;
        if (common + left < needed)
            return 0;
        common += a == b;
        i += a >= b;
        k += a <= b;
    }
    return common >= needed ? common : 0;
}

struct nearest {
    uint64_t entry;
    double similarity; /* 0: none */
    size_t count;      /* of posts that reached the threshold */
};

static uint64_t signature_of(const struct similarity *s, size_t size)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < size; i++)
        bits |= UINT64_C(1) << (s->set[i] & 63);
    return bits;
}

/* Too many shingles have no bit in the other, or one set is too small. */
static bool is_out_of_reach(const struct similarity *s, const struct posting *posting, size_t size,
                            uint64_t signature)
{
    size_t needed = needed_common(s->settings.threshold, size, posting->size);
    size_t alone = (size_t)__builtin_popcountll(signature & ~posting->signature);
    size_t alone_there = (size_t)__builtin_popcountll(posting->signature & ~signature);

    return size - alone < needed || posting->size - alone_there < needed;
}

static void weigh(struct similarity *s, const struct posting *posting, size_t size, int64_t time_ms,
                  struct nearest *best)
{
    double threshold = s->settings.threshold;
    struct entry *entry = entry_at(s, posting->entry);

    if (entry->seen_by == s->added || time_ms - entry->last_ms > s->settings.window_ms)
        return;
    entry->seen_by = s->added;
    size_t common = common_with(s, entry, size, needed_common(threshold, size, entry->size));
    double similarity = jaccard(common, size, entry->size);
    best->count += similarity > 0;
    if (similarity > best->similarity ||
        (similarity > 0 && similarity == best->similarity && posting->entry < best->entry))
        *best = (struct nearest){posting->entry, similarity, best->count};
}

/* The prefix by how often its shingles were seen, the rarest first: copies share most of them, and
 * are few among those who share a rare one. */
static void order_prefix(const struct similarity *s, size_t prefix, uint16_t *order)
{
    for (size_t i = 0; i < prefix; i++) {
        uint32_t count = s->counts[s->set[i] & s->bucket_mask];
        size_t at = i;
        for (; at > 0 && s->counts[s->set[order[at - 1]] & s->bucket_mask] > count; at--)
            order[at] = order[at - 1];
        order[at] = (uint16_t)i;
    }
}

static struct nearest find_nearest(struct similarity *s, size_t size, int64_t time_ms)
{
    struct nearest best = {0};
    size_t prefix = size > 0 ? prefix_of(s->settings.threshold, size) : 0;
    uint64_t first = first_posting(s), signature = signature_of(s, size);
    uint16_t order[SIMILARITY_SHINGLES_MAX];
    size_t probes = 0;

    order_prefix(s, prefix, order);
    for (size_t i = 0; i < prefix; i++) {
        uint64_t key = s->set[order[i]], next = s->heads[key & s->bucket_mask];
        for (; next > first && probes < SIMILARITY_PROBES_MAX && best.similarity < 1 &&
               best.count < SIMILARITY_COPIES_ENOUGH;
             probes++) {
            const struct posting *posting = &s->postings[(next - 1) % s->posting_room];
            if (posting->key == key && !is_out_of_reach(s, posting, size, signature))
                weigh(s, posting, size, time_ms, &best);
            next = posting->older;
        }
    }
    return best;
}

static void make_room(struct similarity *s, size_t size, size_t prefix, int64_t time_ms)
{
    while (s->tail < s->head && (s->head - s->tail >= s->settings.posts_max ||
                                 s->key_head + size - first_key(s) > s->key_room ||
                                 s->post_head + prefix - first_posting(s) > s->posting_room ||
                                 time_ms - entry_at(s, s->tail)->last_ms > s->settings.window_ms))
        s->tail++;
}

static void remember(struct similarity *s, size_t size, uint64_t story, int64_t time_ms)
{
    size_t prefix = prefix_of(s->settings.threshold, size);
    uint64_t signature = signature_of(s, size);
    uint64_t to_end = s->key_room - s->key_head % s->key_room;

    /* A set lies in one piece: at the end of the ring the rest is left unused. */
    make_room(s, size + (to_end < size ? to_end : 0), prefix, time_ms);
    s->key_head += to_end < size ? to_end : 0;
    *entry_at(s, s->head) = (struct entry){.last_ms = time_ms,
                                           .story = story,
                                           .first_key = s->key_head,
                                           .first_posting = s->post_head,
                                           .size = (uint32_t)size};
    memcpy(s->keys + s->key_head % s->key_room, s->set, size * sizeof *s->set);
    s->key_head += size;
    for (size_t i = 0; i < prefix; i++) {
        uint64_t *bucket = &s->heads[s->set[i] & s->bucket_mask];
        s->postings[s->post_head % s->posting_room] = (struct posting){.key = s->set[i],
                                                                       .older = *bucket,
                                                                       .entry = s->head,
                                                                       .signature = signature,
                                                                       .size = (uint32_t)size};
        *bucket = ++s->post_head;
        s->counts[s->set[i] & s->bucket_mask] += s->counts[s->set[i] & s->bucket_mask] < UINT32_MAX;
    }
    s->head++;
}

/* An exact copy only renews the post it copies, unless that one is about to be pushed out. */
static bool is_renewal(struct similarity *s, const struct nearest *nearest, int64_t time_ms)
{
    if (nearest->similarity < 1 || s->head - nearest->entry > s->settings.posts_max / 2 ||
        s->key_head - entry_at(s, nearest->entry)->first_key > s->key_room / 2)
        return false;
    struct entry *entry = entry_at(s, nearest->entry);
    entry->last_ms = entry->last_ms > time_ms ? entry->last_ms : time_ms;
    return true;
}

struct similarity_answer similarity_add(struct similarity *s, const struct similarity_part *parts,
                                        size_t part_count, int64_t time_ms)
{
    size_t size = similarity_shingles(parts, part_count, s->set);
    uint64_t ordinal = s->added++;
    struct nearest nearest = find_nearest(s, size, time_ms);
    bool is_first = nearest.similarity == 0;
    struct similarity_answer answer = {
        .story = is_first ? ordinal : entry_at(s, nearest.entry)->story,
        .is_first = is_first,
        .similarity = nearest.similarity,
    };

    if (size > 0 && !is_renewal(s, &nearest, time_ms))
        remember(s, size, answer.story, time_ms);
    return answer;
}

/* --- written down --- */

bool similarity_save(const struct similarity *s, struct byte_sink *sink)
{
    byte_put_u64(sink, s->added);
    byte_put_u64(sink, s->head - s->tail);
    for (uint64_t i = s->tail; i < s->head && !sink->is_failed; i++) {
        const struct entry *entry = &s->entries[i % s->settings.posts_max];
        byte_put_u64(sink, (uint64_t)entry->last_ms);
        byte_put_u64(sink, entry->story);
        byte_put_u64(sink, entry->size);
        byte_put(sink, s->keys + entry->first_key % s->key_room, entry->size * sizeof *s->keys);
    }
    return !sink->is_failed;
}

static bool is_descending(const uint64_t *keys, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (keys[i - 1] <= keys[i])
            return false;
    return true;
}

bool similarity_load(struct similarity *s, struct byte_source *source)
{
    uint64_t added = byte_get_u64(source);
    uint64_t count = byte_get_count(source, s->settings.posts_max, "near-duplicates");

    for (uint64_t i = 0; i < count && !source->is_failed; i++) {
        int64_t last_ms = (int64_t)byte_get_u64(source);
        uint64_t story = byte_get_u64(source);
        uint64_t size = byte_get_count(source, SIMILARITY_SHINGLES_MAX, "words of a post");
        byte_get(source, s->set, (size_t)size * sizeof *s->set);
        if (source->is_failed)
            break;
        if (size == 0 || story >= added || !is_descending(s->set, (size_t)size)) {
            source->is_failed =
                !err_set(source->err, ERR_CORRUPT, "a near-duplicate is not as it was written");
            break;
        }
        remember(s, (size_t)size, story, last_ms);
    }
    s->added = added;
    return !source->is_failed;
}
