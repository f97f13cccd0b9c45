/* First all keys of a text, with a hint to the memory, later the look-ups: so the tables' cache
 * misses overlap with one another and with the rules. Sums are integers until the end, hence the
 * same everywhere. */
#include "text/judge_priv.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "text/lexicon_priv.h"

enum {
    LETTERS_MAX = 40, /* of a word, its boundaries included */
    NGRAM_MIN = 3,
    NGRAM_MAX = 5,
    NGRAMS_MAX = LETTERS_MAX * (NGRAM_MAX - NGRAM_MIN + 1),
    MARK_BYTES_MAX = 32,
    WORD_BYTES_MAX = 64,
};

/* Scale of the words' weights: 3 / sqrt(1.5 n + 15) at n tokens; of a word's n-grams, per root of
 * their number plus one. */
#define SCALE_HEIGHT 3.0
#define SCALE_TOKENS 1.5
#define SCALE_BASE   15.0

#define PAIR_SALT   UINT64_C(0x9e3779b97f4a7c15)
#define PAIR_FACTOR UINT64_C(0xd6e8feb86659fd93)
#define MARK_SEED   UINT64_C(0x6d61726b)
#define LETTER_SEED UINT64_C(0x6c657474)
/* What stands for all mentions, addresses and numbers, and for the beginning of the text. */
#define KEY_MENTION UINT64_C(0x1b03738712fad5c9)
#define KEY_URL     UINT64_C(0x2c9e7a5f3d4b1e87)
#define KEY_NUMBER  UINT64_C(0x3f58a1c6e7d20b95)
#define KEY_START   UINT64_C(0x4a7d9c1b5e83f267)

/* --- keys ------------------------------------------------------------------------------------ */

static uint32_t key_of(uint64_t hash)
{
    uint32_t key = (uint32_t)(hash >> 32);

    return key != 0 ? key : 1;
}

static bool is_word(const struct token *token)
{
    return token->kind == TOKEN_WORD || token->kind == TOKEN_HASHTAG;
}

/* "sooo" counts as "soo"; "http" is what is left of masked addresses. */
static uint64_t word_hash(const struct token *token, bool may_have_runs)
{
    char cut[WORD_BYTES_MAX];

    switch (token->kind) {
    case TOKEN_MENTION:
        return KEY_MENTION;
    case TOKEN_URL:
        return KEY_URL;
    case TOKEN_NUMBER:
        return KEY_NUMBER;
    case TOKEN_WORD:
    case TOKEN_HASHTAG:
        break;
    case TOKEN_CASHTAG:
        return token->hash_folded;
    case TOKEN_EMOJI:
        return token->hash_plain;
    }
    Str word = token_bare(token, token->folded);
    if (word.len == 4 && memcmp(word.ptr, "http", 4) == 0)
        return KEY_URL;
    if (!may_have_runs || word.len > WORD_BYTES_MAX || !lexicon_has_long_run(word))
        return token->hash_folded;
    return token_hash((Str){cut, lexicon_cut_runs(word, 2, cut)});
}

static uint32_t pair_key(uint64_t before, uint64_t after)
{
    uint64_t mixed = (before ^ PAIR_SALT) * PAIR_FACTOR + after;

    mixed = (mixed ^ mixed >> 29) * PAIR_FACTOR;
    return key_of(mixed);
}

/* The runs of ASCII punctuation in [from, to) of the text. */
static void add_marks(Str text, size_t from, size_t to, struct judge_keys *keys)
{
    while (from < to && keys->mark_count < JUDGE_MARKS_MAX) {
        size_t end = from;
        while (end < to && text.ptr[end] > ' ' && text.ptr[end] < 0x7f)
            end++;
        if (end > from) {
            char cut[MARK_BYTES_MAX];
            size_t len = end - from < MARK_BYTES_MAX ? end - from : MARK_BYTES_MAX;
            len = lexicon_cut_runs((Str){text.ptr + from, len}, 3, cut);
            keys->marks[keys->mark_count++] = key_of(hash_bytes((Str){cut, len}, MARK_SEED));
        }
        from = end + 1;
    }
}

static void judge_keys_of(Str text, const struct token *tokens, size_t count, bool may_have_runs,
                          struct judge_keys *keys)
{
    uint64_t before = KEY_START;
    size_t at = 0;

    keys->count = count < JUDGE_TOKENS_MAX ? count : JUDGE_TOKENS_MAX;
    keys->pair_count = keys->count;
    keys->mark_count = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const struct token *token = &tokens[i];
        uint64_t hash = word_hash(token, may_have_runs);
        keys->words[i] = key_of(hash);
        keys->pairs[i] = pair_key(before, hash);
        before = hash;
        if (token->from > at + 1 || (token->from > at && text.ptr[at] != ' '))
            add_marks(text, at, token->from, keys);
        at = token->to;
    }
    if (keys->count == count)
        add_marks(text, at, text.len, keys);
}

/* Keys of the n-grams of three to five letters of a word between its boundaries. */
static size_t letter_keys(Str word, uint32_t keys[NGRAMS_MAX])
{
    char line[LETTERS_MAX * 4 + 2] = "^";
    size_t starts[LETTERS_MAX + 2], letters = 1, len = 1, count = 0;

    starts[0] = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (((unsigned char)word.ptr[i] & 0xc0) != 0x80) {
            if (letters == LETTERS_MAX - 1)
                break;
            starts[letters++] = len;
        }
        if (len < sizeof line - 1) /* stray bytes of broken UTF-8 */
            line[len++] = word.ptr[i];
    }
    starts[letters++] = len;
    line[len++] = '$';
    starts[letters] = len;
    for (size_t n = NGRAM_MIN; n <= NGRAM_MAX; n++)
        for (size_t i = 0; i + n <= letters; i++)
            keys[count++] = key_of(hash_bytes(
                str_sub((Str){line, len}, starts[i], starts[i + n] - starts[i]), LETTER_SEED));
    return count;
}

/* --- look-up --------------------------------------------------------------------------------- */

typedef uint32_t lanes_t __attribute__((vector_size(16)));
typedef int32_t sums_t __attribute__((vector_size(16)));

/* Sums of the weights of three classes, spread over lanes that are added up at the end. */
struct sums {
    sums_t lanes[JUDGE_CLASSES];
};

/* The payload of a key in one lane, 0 in the others. Without branches: whether a key is there is
 * a toss of a coin. */
static inline __attribute__((always_inline)) lanes_t look_up(const struct judge_table *table,
                                                             uint32_t key)
{
    const struct judge_bucket *bucket = &table->buckets[key & table->mask];
    lanes_t keys[2], payloads[2], wanted = {key, key, key, key};

    memcpy(keys, bucket->keys, sizeof keys);
    memcpy(payloads, bucket->payloads, sizeof payloads);
    return (((lanes_t)(keys[0] == wanted)) & payloads[0]) |
           (((lanes_t)(keys[1] == wanted)) & payloads[1]);
}

static uint32_t payload_of(lanes_t found)
{
    return found[0] | found[1] | found[2] | found[3];
}

static inline void add_found(lanes_t found, struct sums *sums)
{
    for (int c = 0; c < JUDGE_CLASSES; c++)
        sums->lanes[c] += (sums_t)(found << (24 - 8 * c)) >> 24;
}

static void add_all(const struct judge_table *table, const uint32_t *keys, size_t count,
                    struct sums *sums)
{
    struct sums local = *sums; /* in registers */

    for (size_t i = 0; i < count; i++)
        add_found(look_up(table, keys[i]), &local);
    *sums = local;
}

static int32_t sum_of(const struct sums *sums, size_t class)
{
    sums_t lanes = sums->lanes[class];

    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

/* Pushes the pairs that may be there to the front; returns their number. */
static size_t sift_pairs(const struct judge_table *table, uint32_t *keys, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t bit = judge_filter_bit(table, keys[i]), key = keys[i];
        keys[kept] = key;
        kept += table->filter[bit / 64] >> bit % 64 & 1;
    }
    return kept;
}

/* Always inlined: a function of hints alone has no effect in gcc's eyes, and its calls are dropped.
 */
static inline __attribute__((always_inline)) void hint(const struct judge_table *table,
                                                       const uint32_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&table->buckets[keys[i] & table->mask]);
}

static void add_letters(const struct judge_table *table, Str word, double scores[JUDGE_CLASSES])
{
    uint32_t keys[NGRAMS_MAX];
    struct sums sums = {0};
    size_t count = letter_keys(word, keys);
    double scale = table->unit / sqrt((double)count + 1);

    add_all(table, keys, count, &sums);
    for (size_t c = 0; c < JUDGE_CLASSES; c++)
        scores[c] += sum_of(&sums, c) * scale;
}

static double words_scale(size_t count)
{
    return SCALE_HEIGHT / sqrt(SCALE_TOKENS * (double)count + SCALE_BASE);
}

/* Words that are not in the table of the language are looked for in that of all, and by their
 * letters. */
static void add_scattered(const struct judge *judge, const struct token *tokens,
                          const struct judge_keys *keys, struct sums *own,
                          double scores[JUDGE_CLASSES])
{
    struct sums shared = {0};

    for (size_t i = 0; i < keys->count; i++) {
        if (!judge->knows_words && tokens[i].kind != TOKEN_EMOJI)
            continue;
        lanes_t found = look_up(judge->own, keys->words[i]);
        uint32_t payload = payload_of(found);
        add_found(found, own);
        if (payload == 0 && judge->shared)
            add_found(look_up(judge->shared, keys->words[i]), &shared);
        if (judge->reads_letters && !(payload & JUDGE_WHOLE) && is_word(&tokens[i]))
            add_letters(judge->own, token_bare(&tokens[i], tokens[i].folded), scores);
    }
    for (size_t c = 0; judge->shared && c < JUDGE_CLASSES; c++)
        scores[c] += sum_of(&shared, c) * judge->shared->unit;
}

static void add_words(const struct judge *judge, const struct token *tokens,
                      const struct judge_keys *keys, double scores[JUDGE_CLASSES])
{
    struct sums own = {0};
    double scattered[JUDGE_CLASSES] = {0};

    if (judge->knows_words && !judge->shared)
        add_all(judge->own, keys->words, keys->count, &own);
    else
        add_scattered(judge, tokens, keys, &own, scattered);
    if (judge->knows_words)
        add_all(judge->own, keys->pairs, keys->pair_count, &own);
    add_all(judge->own, keys->marks, keys->mark_count, &own);
    double scale = words_scale(keys->count);
    for (size_t c = 0; c < JUDGE_CLASSES; c++)
        scores[c] = scale * (sum_of(&own, c) * judge->own->unit + scattered[c]);
}

/* --- the whole ------------------------------------------------------------------------------- */

const struct judge *judge_find(Str language)
{
    size_t i = 0;

    while (i + 1 < judge_count && !str_eq(str_from_cstr(judges[i].code), language))
        i++;
    return &judges[i];
}

void judge_prepare(const struct judge *judge, Str text, const struct token *tokens, size_t count,
                   bool may_have_runs, struct judge_keys *keys)
{
    judge_keys_of(text, tokens, count, may_have_runs, keys);
    hint(judge->own, keys->words, keys->count);
    keys->pair_count = sift_pairs(judge->own, keys->pairs, keys->count);
    hint(judge->own, keys->pairs, keys->pair_count);
}

void judge_text(const struct judge *judge, const struct judge_keys *keys,
                const struct token *tokens, const double features[JUDGE_FEATURE_COUNT],
                double scores[JUDGE_CLASSES])
{
    add_words(judge, tokens, keys, scores);
    for (size_t c = 0; c < JUDGE_CLASSES; c++)
        for (size_t f = 0; f < JUDGE_FEATURE_COUNT; f++)
            scores[c] += judge->weights[c][f] * features[f];
}
