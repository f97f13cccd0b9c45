/* query_eval.h - does one query match one post? The naive evaluator, and its explanation.
 *
 * It walks the tree and the tokens as the grammar reads, without any index: simple, slow and
 * obviously right. The set matcher (match.h) has to give the same answers, always. Use it for one
 * query on a few posts; use a set for a stream.
 *
 * Memory: `a` is scratch that the caller resets; results live in it. Threads: pure.
 */
#ifndef LISTEN_QUERY_EVAL_H
#define LISTEN_QUERY_EVAL_H

#include "listen/post_tokens.h"
#include "listen/query/query.h"

bool query_matches(struct arena *a, const struct query *query, const struct post *post,
                   const struct post_tokens *tokens, bool *matches, struct err *err) MUST_CHECK;

enum query_place { QUERY_PLACE_TITLE, QUERY_PLACE_BODY, QUERY_PLACE_MEMBER };

/* A part of the query and where in the post it holds. */
struct query_span {
    const struct query_node *node;
    enum query_place place;
    uint32_t from, to; /* bytes of the title or text; 0 for a member */
};

struct query_explanation {
    bool matches;
    /* Parts that hold and count towards the answer, in the order of the post: title, text, then
     * members. Empty when the post does not match. */
    struct query_span *spans;
    size_t span_count;
    /* Parts that keep the post from matching: required ones that do not hold, excluded ones that
     * do (those also have spans). Empty when it matches. */
    const struct query_node **obstacles;
    size_t obstacle_count;
};

bool query_explain(struct arena *a, const struct query *query, const struct post *post,
                   const struct post_tokens *tokens, struct query_explanation *out,
                   struct err *err) MUST_CHECK;

#endif
