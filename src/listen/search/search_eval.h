/* search_eval.h - a query of the query language against one run, without reading posts.
 *
 * Every part of a query gives two sets of documents: `lower` certainly satisfies it, `upper` may.
 * Words, phrases, NEAR, COUNT, fields and ranges are decided by the index alone: both are equal.
 * {Case}, raw:, SENTENCE( ), addresses and a few others are not, and what is in upper but not in
 * lower has to be looked at by the evaluator. NOT swaps the two.
 *
 * Memory: sets live in the arena. Threads: pure.
 */
#ifndef LISTEN_SEARCH_EVAL_H
#define LISTEN_SEARCH_EVAL_H

#include "listen/index/word_run.h"
#include "listen/query/query.h"

#define SEARCH_PLACE_TERMS_MAX                                                                     \
    256 /* terms of one pattern inside NEAR or a phrase: else looked at */

struct search_answer {
    const struct docset *lower, *upper;
};

/* Documents of `within` only. ERR_LIMIT: the arena's cap. */
bool search_eval(const struct word_run *run, struct arena *arena, const struct query_node *root,
                 const struct docset *within, struct search_answer *out,
                 struct err *err) MUST_CHECK;

/* How much a document has of the words of the query: sum over its words of idf * saturated count
 * (BM25 with k1 = 1.2, b = 0.75 against a length of 24 words; Robertson and Zaragoza 2009). idf is
 * floor(log2) of documents / documents with the word, so that it stays the same while posts arrive.
 * Adds to scores[i] for the i-th document of the list. `docs_total` and `count_of` are of all runs.
 */
struct search_word {
    const struct query_node *node;
    uint64_t docs; /* documents with it, over all runs */
};
/* The words that count, in order of the query; NOT and fields do not. Lives in the arena. */
bool search_words(struct arena *arena, const struct query_node *root, struct search_word **out,
                  size_t *count, struct err *err) MUST_CHECK;
/* Adds this run's documents to each word. */
bool search_words_count(const struct word_run *run, struct search_word *words, size_t count,
                        struct arena *arena, struct err *err) MUST_CHECK;
bool search_score(const struct word_run *run, struct arena *arena, const struct search_word *words,
                  size_t count, uint64_t docs_total, const struct docset *docs, float *scores,
                  struct err *err) MUST_CHECK;

#endif
