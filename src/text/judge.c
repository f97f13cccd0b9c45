/* First all keys of a text, with a hint to the memory, later the look-ups: so the tables' cache
 * misses overlap with one another and with the rules. Sums are integers until the end, hence the
 * same everywhere. */
#include "text/judge_priv.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "text/bytes_priv.h"
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

/* What a token counts as by its kind: one of its hashes, or the same for all of the kind. */
static const struct {
    uint64_t own, fixed;
    size_t offset;
} kind_hashes[TOKEN_KIND_COUNT] = {
    [TOKEN_WORD] = {~UINT64_C(0), 0, offsetof(struct token, hash_folded)},
    [TOKEN_NUMBER] = {0, KEY_NUMBER, 0},
    [TOKEN_HASHTAG] = {~UINT64_C(0), 0, offsetof(struct token, hash_folded)},
    [TOKEN_MENTION] = {0, KEY_MENTION, 0},
    [TOKEN_CASHTAG] = {~UINT64_C(0), 0, offsetof(struct token, hash_folded)},
    [TOKEN_URL] = {0, KEY_URL, 0},
    [TOKEN_EMOJI] = {~UINT64_C(0), 0, offsetof(struct token, hash_plain)},
};
/* token_hash() of "http", which is what is left of masked addresses. */
#define HASH_HTTP UINT64_C(0x82089868a5f5554f)

static inline uint64_t plain_word_hash(const struct token *token)
{
    uint64_t hash;

    memcpy(&hash, (const char *)token + kind_hashes[token->kind].offset, sizeof hash);
    hash = (hash & kind_hashes[token->kind].own) | kind_hashes[token->kind].fixed;
    return hash == HASH_HTTP && is_word(token) ? KEY_URL : hash;
}

/* "sooo" counts as "soo". */
static uint64_t word_hash(const struct token *token, bool may_have_runs)
{
    char cut[WORD_BYTES_MAX];

    if (!may_have_runs || !is_word(token))
        return plain_word_hash(token);
    Str word = token_bare(token, token->folded);
    if (word.len > WORD_BYTES_MAX || !lexicon_has_long_run(word))
        return plain_word_hash(token);
    size_t len = lexicon_cut_runs(word, 2, cut);
    return token_hash((Str){cut, len});
}

static uint32_t pair_key(uint64_t before, uint64_t after)
{
    uint64_t mixed = (before ^ PAIR_SALT) * PAIR_FACTOR + after;

    mixed = (mixed ^ mixed >> 29) * PAIR_FACTOR;
    return key_of(mixed);
}

static uint32_t long_mark_key(Str mark)
{
    char cut[MARK_BYTES_MAX];

    mark.len = mark.len < MARK_BYTES_MAX ? mark.len : MARK_BYTES_MAX;
    if (mark.len > 3) /* "!!!!" counts as "!!!" */
        mark = (Str){cut, lexicon_cut_runs(mark, 3, cut)};
    return key_of(hash_bytes(mark, MARK_SEED));
}

/* The same as add_marks() for at most seven bytes, most of them one or two. */
static void add_few_marks(Str text, size_t from, size_t to, struct judge_keys *keys)
{
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint32_t *marks = keys->all + keys->count + keys->pair_count;
    uint64_t bytes = text_eight_bytes(text, from) & ((UINT64_C(1) << 8 * (to - from)) - 1);
    uint64_t left = text_bytes_between(bytes, ' ' + 1, 0x7e);

    while (left != 0 && keys->mark_count < JUDGE_MARKS_MAX) {
        unsigned first = (unsigned)__builtin_ctzll(left) & ~7u;
        unsigned bits = (unsigned)__builtin_ctzll(~(left >> first) & tops) & ~7u;
        uint64_t mark = bytes >> first & ((UINT64_C(1) << bits) - 1);
        Str whole = {text.ptr + from + first / 8, bits / 8};
        marks[keys->mark_count++] =
            bits <= 24 ? key_of(hash_short(mark, bits / 8, MARK_SEED)) : long_mark_key(whole);
        left &= ~UINT64_C(0) << (first + bits);
    }
}

/* The runs of ASCII punctuation in [from, to) of the text. */
static void add_marks(Str text, size_t from, size_t to, struct judge_keys *keys)
{
    uint32_t *marks = keys->all + keys->count + keys->pair_count;

    if (to - from < sizeof(uint64_t)) {
        add_few_marks(text, from, to, keys);
        return;
    }

    while (from < to && keys->mark_count < JUDGE_MARKS_MAX) {
        size_t end = from;
        while (end < to && text.ptr[end] > ' ' && text.ptr[end] < 0x7f)
            end++;
        if (end > from)
            marks[keys->mark_count++] = long_mark_key((Str){text.ptr + from, end - from});
        from = end + 1;
    }
}

/* A run may stand between a token that ends at `from` and one that begins at `to`. */
static inline size_t may_have_marks(Str text, size_t from, size_t to)
{
    return (from != to) & ((from + 1 != to) | (text.ptr[from] != ' '));
}

/* Keys of the words and of the pairs that may be in `sieve`; `gaps` gets the tokens before which
 * marks may stand. Without branches, but for runs of letters. */
static inline __attribute__((always_inline)) size_t
word_keys_of(Str text, const struct token *tokens, bool may_have_runs,
             const struct judge_table *sieve, struct judge_keys *keys, uint16_t *gaps)
{
    const struct judge_table table = sieve ? *sieve : (struct judge_table){0}; /* in registers */
    const size_t count = keys->count;
    uint32_t *pairs = keys->all + keys->count;
    uint64_t before = KEY_START;
    size_t at = 0, gap_count = 0, pair_count = 0;

    for (size_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        uint64_t hash = may_have_runs ? word_hash(token, true) : plain_word_hash(token);
        uint32_t pair = pair_key(before, hash), key = key_of(hash);
        keys->all[i] = key;
        pairs[pair_count] = pair;
        pair_count += sieve ? judge_may_have_pair(&table, pair) : 1;
        before = hash;
        gaps[gap_count] = (uint16_t)i;
        gap_count += may_have_marks(text, at, token->from);
        at = token->to;
        if (sieve)
            __builtin_prefetch(judge_bucket_of(&table, key));
    }
    keys->pair_count = pair_count;
    return gap_count;
}

/* `sieve` NULL: all pairs. */
static void judge_keys_of(Str text, const struct token *tokens, size_t count, bool may_have_runs,
                          const struct judge_table *sieve, struct judge_keys *keys)
{
    uint16_t gaps[JUDGE_TOKENS_MAX + 1];

    keys->count = count < JUDGE_TOKENS_MAX ? count : JUDGE_TOKENS_MAX;
    keys->mark_count = 0;
    size_t gap_count = may_have_runs ? word_keys_of(text, tokens, true, sieve, keys, gaps)
                                     : word_keys_of(text, tokens, false, sieve, keys, gaps);
    for (size_t k = 0; k < gap_count; k++)
        add_marks(text, gaps[k] > 0 ? tokens[gaps[k] - 1].to : 0, tokens[gaps[k]].from, keys);
    if (keys->count == count)
        add_marks(text, count > 0 ? tokens[count - 1].to : 0, text.len, keys);
}

/* A word between its boundaries; line[starts[i], starts[i + 1]) is letter i. Behind it there is
 * room to hash on. */
struct letters {
    char line[LETTERS_MAX * 4 + 2 + HASH_PADDED_MAX];
    size_t starts[LETTERS_MAX + 2], count;
};

static void spell(Str word, struct letters *l)
{
    size_t len = 1;

    l->line[0] = '^';
    l->starts[0] = 0;
    l->count = 1;
    for (size_t i = 0; i < word.len; i++) {
        if (((unsigned char)word.ptr[i] & 0xc0) != 0x80) {
            if (l->count == LETTERS_MAX - 1)
                break;
            l->starts[l->count++] = len;
        }
        if (len < LETTERS_MAX * 4 + 1) /* stray bytes of broken UTF-8 */
            l->line[len++] = word.ptr[i];
    }
    l->starts[l->count++] = len;
    l->line[len++] = '$';
    l->starts[l->count] = len;
}

static inline uint32_t ngram_key(const char *p, size_t len)
{
    return key_of(hash_padded((Str){p, len}, LETTER_SEED));
}

static inline __attribute__((always_inline)) size_t add_ngrams(const char *line, size_t len,
                                                               const size_t n, uint32_t *keys)
{
    size_t count = 0;

    for (size_t i = 0; i + n <= len; i++)
        keys[count++] = ngram_key(line + i, n);
    return count;
}

/* Of a word in ASCII between its boundaries: where letters begin and how long an n-gram is, is
 * known without looking. */
static size_t plain_letter_keys(const char *line, size_t len, uint32_t keys[NGRAMS_MAX])
{
    size_t count = add_ngrams(line, len, NGRAM_MIN, keys);

    count += add_ngrams(line, len, NGRAM_MIN + 1, keys + count);
    return count + add_ngrams(line, len, NGRAM_MAX, keys + count);
}
_Static_assert(NGRAM_MAX == NGRAM_MIN + 2, "plain_letter_keys() has all lengths");

/* The line of a word in ASCII; its length, or 0 when there are other letters. */
static size_t spell_plain(Str word, char *line)
{
    size_t len = word.len < LETTERS_MAX - 2 ? word.len : LETTERS_MAX - 2;
    uint64_t bytes, seen = 0;

    line[0] = '^';
    memcpy(line + 1, word.ptr, len);
    memset(line + 1 + len, 0, sizeof bytes);
    for (size_t i = 0; i < len; i += sizeof bytes) {
        memcpy(&bytes, line + 1 + i, sizeof bytes);
        seen |= bytes;
    }
    line[1 + len] = '$';
    return (seen & UINT64_C(0x8080808080808080)) == 0 ? len + 2 : 0;
}

/* Keys of the n-grams of three to five letters of a word between its boundaries. */
static size_t letter_keys(Str word, uint32_t keys[NGRAMS_MAX])
{
    struct letters l;
    size_t count = 0, len = spell_plain(word, l.line);

    if (len > 0)
        return plain_letter_keys(l.line, len, keys);
    spell(word, &l);
    for (size_t n = NGRAM_MIN; n <= NGRAM_MAX; n++)
        for (size_t i = 0; i + n <= l.count; i++) {
            Str ngram = {l.line + l.starts[i], l.starts[i + n] - l.starts[i]};
            keys[count++] = ngram.len <= HASH_PADDED_MAX ? ngram_key(ngram.ptr, ngram.len)
                                                         : key_of(hash_bytes(ngram, LETTER_SEED));
        }
    return count;
}

/* --- look-up --------------------------------------------------------------------------------- */

typedef uint32_t lanes_t __attribute__((vector_size(16)));
typedef uint16_t halves_t __attribute__((vector_size(16)));

/* Sums over keys, spread over lanes that are added up at the end. A payload has its weights as
 * bytes from 0 up, so two weights are added at once, as halves of a lane; what is too much is taken
 * off by the number of keys that were there. */
struct sums {
    int32_t totals[JUDGE_CLASSES];
    size_t pending;     /* keys since the last settlement, at most SUMS_PENDING_MAX */
    halves_t even, odd; /* negative and positive; neutral and presence */
};
enum { SUMS_PENDING_MAX = UINT16_MAX / UINT8_MAX };

/* The payload of a key in one lane, 0 in the others. Without branches: whether a key is there is
 * a toss of a coin. */
static inline __attribute__((always_inline)) lanes_t look_up(const struct judge_table *table,
                                                             uint32_t key)
{
    const struct judge_bucket *bucket = __builtin_assume_aligned(judge_bucket_of(table, key), 64);
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

static inline uint32_t sum_of(lanes_t lanes)
{
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

static void settle(struct sums *sums)
{
    lanes_t even = (lanes_t)sums->even, odd = (lanes_t)sums->odd;
    int32_t excess = (int32_t)sum_of(odd >> 16) * JUDGE_WEIGHT_ZERO;

    sums->totals[0] += (int32_t)sum_of(even & 0xffff) - excess;
    sums->totals[1] += (int32_t)sum_of(odd & 0xffff) - excess;
    sums->totals[2] += (int32_t)sum_of(even >> 16) - excess;
    sums->even = sums->odd = (halves_t){0};
    sums->pending = 0;
}

static inline void reserve_sums(struct sums *sums, size_t count)
{
    if (sums->pending + count > SUMS_PENDING_MAX)
        settle(sums);
    sums->pending += count;
}

static inline void add_found(lanes_t found, halves_t *even, halves_t *odd)
{
    *even += (halves_t)(found & 0x00ff00ffu);
    *odd += (halves_t)(found >> 8 & 0x000100ffu);
}

static void add_all(const struct judge_table *of, const uint32_t *keys, size_t count,
                    struct sums *sums)
{
    const struct judge_table table = *of; /* in registers */

    for (size_t done = 0; done < count;) {
        size_t to = done + SUMS_PENDING_MAX / 2 < count ? done + SUMS_PENDING_MAX / 2 : count;
        reserve_sums(sums, to - done);
        halves_t even = sums->even, odd = sums->odd; /* in registers */
        for (; done < to; done++)
            add_found(look_up(&table, keys[done]), &even, &odd);
        sums->even = even;
        sums->odd = odd;
    }
}

static void add_letters(const struct judge_table *table, Str word, double scores[JUDGE_CLASSES])
{
    uint32_t keys[NGRAMS_MAX];
    struct sums sums = {0};
    size_t count = letter_keys(word, keys);
    double scale = table->unit / sqrt((double)count + 1);

    add_all(table, keys, count, &sums);
    settle(&sums);
    for (size_t c = 0; c < JUDGE_CLASSES; c++)
        scores[c] += sums.totals[c] * scale;
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
    uint8_t spelled[JUDGE_TOKENS_MAX + 1];
    size_t spelled_count = 0;

    reserve_sums(own, keys->count);
    reserve_sums(&shared, keys->count);
    for (size_t i = 0; i < keys->count; i++) {
        if (!judge->knows_words && tokens[i].kind != TOKEN_EMOJI)
            continue;
        lanes_t found = look_up(judge->own, keys->all[i]);
        uint32_t payload = payload_of(found), unknown = -(uint32_t)(payload == 0);
        add_found(found, &own->even, &own->odd);
        if (judge->shared) {
            lanes_t wanted = {unknown, unknown, unknown, unknown};
            add_found(look_up(judge->shared, keys->all[i]) & wanted, &shared.even, &shared.odd);
        }
        spelled[spelled_count] = (uint8_t)i;
        spelled_count += !(payload & JUDGE_WHOLE) & is_word(&tokens[i]);
    }
    for (size_t k = 0; judge->reads_letters && k < spelled_count; k++) {
        const struct token *token = &tokens[spelled[k]];
        add_letters(judge->own, token_bare(token, token->folded), scores);
    }
    settle(&shared);
    for (size_t c = 0; judge->shared && c < JUDGE_CLASSES; c++)
        scores[c] += shared.totals[c] * judge->shared->unit;
}

static void add_words(const struct judge *judge, const struct token *tokens,
                      const struct judge_keys *keys, double scores[JUDGE_CLASSES])
{
    struct sums own = {0};
    double scattered[JUDGE_CLASSES] = {0};

    size_t behind_words = keys->pair_count + keys->mark_count;
    if (judge->knows_words && !judge->shared) {
        add_all(judge->own, keys->all, keys->count + behind_words, &own);
    } else {
        add_scattered(judge, tokens, keys, &own, scattered);
        add_all(judge->own, keys->all + keys->count, behind_words, &own);
    }
    settle(&own);
    double scale = words_scale(keys->count);
    for (size_t c = 0; c < JUDGE_CLASSES; c++)
        scores[c] = scale * (own.totals[c] * judge->own->unit + scattered[c]);
}

/* --- the whole ------------------------------------------------------------------------------- */

const struct judge *judge_find(Str language)
{
    size_t i = language.len == 2 ? 0 : judge_count - 1;

    while (i + 1 < judge_count && memcmp(judges[i].code, language.ptr, 2) != 0)
        i++;
    return &judges[i];
}

void judge_prepare(const struct judge *judge, Str text, const struct token *tokens, size_t count,
                   bool may_have_runs, struct judge_keys *keys)
{
    judge_keys_of(text, tokens, count, may_have_runs, judge->own, keys);
    for (size_t i = 0; i < keys->pair_count; i++)
        __builtin_prefetch(judge_bucket_of(judge->own, keys->all[keys->count + i]));
    for (size_t i = 0; judge->shared && i < keys->count; i++)
        __builtin_prefetch(judge_bucket_of(judge->shared, keys->all[i]));
}

void judge_text(const struct judge *judge, const struct judge_keys *keys,
                const struct token *tokens, const double features[JUDGE_FEATURE_COUNT],
                double scores[JUDGE_CLASSES])
{
    typedef double pair_t __attribute__((vector_size(16)));
    double sums[JUDGE_CLASSES];

    add_words(judge, tokens, keys, sums);
    pair_t low = {sums[0], sums[1]};
#pragma GCC unroll 19
    for (size_t f = 0; f < JUDGE_FEATURE_COUNT; f++) {
        pair_t weights, feature = {features[f], features[f]};
        memcpy(&weights, judge->weights[f], sizeof weights);
        low += weights * feature;
        sums[2] += judge->weights[f][2] * features[f];
    }
    scores[0] = low[0];
    scores[1] = low[1];
    scores[2] = sums[2];
}
