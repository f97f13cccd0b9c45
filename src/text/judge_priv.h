/* judge_priv.h - the label of a text: what is learned about its words, and what the rules found.
 *
 * A judge is a multinomial logistic regression. Its features are the words of a text, the pairs of
 * neighbouring ones, the runs of punctuation between them (hashed to 32 bits, found in a table of
 * weights rounded to a byte), in most languages the n-grams of letters of words that are not in the
 * table, and a few figures of the rules of sentiment.c. What words do to the scores is scaled down
 * by the root of the length, so that long texts are not judged more boldly than short ones.
 *
 * Weights come from lexicon/judge.tsv and lexicon/sentiment.bin, made by tools/train_sentiment.c
 * and compiled in by tools/judge.c. The trainer includes judge.c: texts are learned from by the
 * same keys that they are read by.
 *
 * Pure and thread-safe; allocates nothing.
 */
#ifndef TEXT_JUDGE_PRIV_H
#define TEXT_JUDGE_PRIV_H

#include "text/tokenizer.h"

enum judge_feature {
    JUDGE_ONE,
    JUDGE_COMPOUND,
    JUDGE_POSITIVE, /* sum of positive valences, saturating */
    JUDGE_NEGATIVE,
    JUDGE_POSITIVE_DENSITY, /* per root of the number of words */
    JUDGE_NEGATIVE_DENSITY,
    JUDGE_NO_HIT,
    JUDGE_EXCLAMATIONS,
    JUDGE_QUESTIONS,
    JUDGE_URL,
    JUDGE_MENTION,
    JUDGE_HASHTAG,
    JUDGE_NUMBER,
    JUDGE_LENGTH,
    JUDGE_FIRST_PERSON,
    JUDGE_SECOND_PERSON,
    JUDGE_NEGATION,
    JUDGE_CONTRAST,
    JUDGE_LONG, /* longer than a tweet was, 0 to 1 */
    JUDGE_FEATURE_COUNT
};
extern const char *const judge_feature_names[JUDGE_FEATURE_COUNT];

enum { JUDGE_CLASSES = 3 }; /* negative, neutral, positive */

enum { JUDGE_BUCKET_SIZE = 8, JUDGE_BUCKET_FILL = 4 /* on average, at most */ };

/* One cache line. The low bits of a key choose its bucket; free places have payload 0. */
struct judge_bucket {
    uint32_t keys[JUDGE_BUCKET_SIZE];
    /* weights of the classes in the three low bytes, plus JUDGE_WEIGHT_ZERO */
    uint32_t payloads[JUDGE_BUCKET_SIZE];
} __attribute__((aligned(64)));
enum { JUDGE_WEIGHT_ZERO = 128 };
#define JUDGE_PRESENT (UINT32_C(1) << 24)
#define JUDGE_WHOLE   (UINT32_C(1) << 25) /* a word whose n-grams are summed in */

struct judge_table {
    uint32_t mask; /* buckets - 1 */
    double unit;   /* what a weight of 1 stands for */
    const struct judge_bucket *buckets;
    /* A bit per hash of the pairs that are there: most pairs of a text are not, and this fits into
     * the first-level cache. */
    uint32_t filter_mask; /* bits - 1 */
    const uint64_t *filter;
};

static inline uint32_t judge_filter_bit(const struct judge_table *table, uint32_t key)
{
    return key >> 8 & table->filter_mask;
}

static inline size_t judge_may_have_pair(const struct judge_table *table, uint32_t key)
{
    uint32_t bit = judge_filter_bit(table, key);

    return table->filter[bit / 64] >> bit % 64 & 1;
}

static inline const struct judge_bucket *judge_bucket_of(const struct judge_table *table,
                                                         uint32_t key)
{
    return &table->buckets[key & table->mask];
}

struct judge {
    char code[4]; /* ISO 639-1; "*" for all others */
    const struct judge_table *own;
    const struct judge_table *shared; /* for words that are not in `own`; NULL: none */
    bool knows_words;                 /* false: emoji and punctuation only */
    bool reads_letters;               /* n-grams of words that are not whole in `own` */
    double weights[JUDGE_FEATURE_COUNT][JUDGE_CLASSES];
};
extern const struct judge judges[]; /* "*" last */
extern const size_t judge_count;

const struct judge *judge_find(Str language); /* never NULL */

enum { JUDGE_TOKENS_MAX = 256 /* the words behind do not count */, JUDGE_MARKS_MAX = 64 };

/* What is looked up of a text: a word for each of `count` tokens, behind them the pairs that may be
 * there, behind those the marks. */
struct judge_keys {
    size_t count, pair_count, mark_count;
    uint32_t all[2 * JUDGE_TOKENS_MAX + 1 + JUDGE_MARKS_MAX];
};

/* Finds the keys and hints to the memory where their weights are: call it some time before
 * judge_text(). `may_have_runs` false promises that no word has three equal bytes in a row. */
void judge_prepare(const struct judge *judge, Str text, const struct token *tokens, size_t count,
                   bool may_have_runs, struct judge_keys *keys);

/* Log-odds of the three classes, up to a number common to them. */
void judge_text(const struct judge *judge, const struct judge_keys *keys,
                const struct token *tokens, const double features[JUDGE_FEATURE_COUNT],
                double scores[JUDGE_CLASSES]);

#endif
