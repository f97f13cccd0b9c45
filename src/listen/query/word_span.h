/* word_span.h - where a text part stands in a post: from its first to its last position.
 *
 * Positions are what the caller counts in: words of a post for the evaluator, places of the index
 * of words for the search. Pure.
 */
#ifndef LISTEN_WORD_SPAN_H
#define LISTEN_WORD_SPAN_H

#include "base/vec.h"
#include "listen/query/query.h"

struct word_span {
    uint32_t from, to; /* both included */
};

struct word_spans {
    VEC(struct word_span);
};

/* By begin, then by end; each once. */
void word_spans_sort(struct word_spans *spans);
/* Whether two parts stand as NEAR/n or ONEAR/n asks: at most n positions between them. */
bool word_span_is_near(const struct query_node *near, struct word_span a, struct word_span b);
/* From the earlier begin to the later end. */
struct word_span word_span_join(struct word_span a, struct word_span b);

#endif
