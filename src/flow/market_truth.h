/* market_truth.h - what a simulation planted: a line a post and a summary, for tests to compare
 * with.
 *
 * One owner, not thread-safe. The summary counts posts per topic, brand, mood, language and kind,
 * and for each event its first hour, its top hour and its posts.
 */
#ifndef FLOW_MARKET_TRUTH_H
#define FLOW_MARKET_TRUTH_H

#include "base/buf.h"
#include "flow/market_script.h"

#define MARKET_NONE SIZE_MAX

struct market_sink;
struct market_truth;

struct market_truth_row {
    Str id;
    int64_t at_ms;
    size_t topic, brand, event; /* indices or MARKET_NONE */
    enum market_mood mood;
    enum market_lang lang;
    Str kind;
};

struct market_truth *market_truth_create(const struct market_script *script);
void market_truth_destroy(struct market_truth **truth);
bool market_truth_add(struct market_truth *truth, const struct market_truth_row *row,
                      const struct market_sink *sink, struct err *err) MUST_CHECK;
void market_truth_write(const struct market_truth *truth, uint64_t seed, struct buf *json);

#endif
