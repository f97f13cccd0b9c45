/* rate_topics.h - measured conversation becomes evidence, evidence a proposed rating.
 *
 * For each topic with a query: measure a window in the archive (listen), keep every number with the
 * posts behind it as evidence (signal), let the published rules propose affinity and position
 * (strategy), store the proposal beside whatever a person confirmed. A topic whose query does not
 * exist is counted and left alone.
 *
 * Threads: the workspace's owner. Memory: the arena.
 */
#ifndef FLOW_RATE_TOPICS_H
#define FLOW_RATE_TOPICS_H

#include "ledger/workspace.h"
#include "strategy/rating/topic_rating.h"

struct rate_counts {
    size_t topics, rated, not_enough, without_query, drifted;
    size_t evidence, posts; /* items of evidence, and posts kept in them */
};

/* The window [from, to): whole hours. `topic` empty: all topics. */
bool rate_topics(struct arena *a, struct workspace *workspace, const struct method *method,
                 const struct change *change, Str topic, int64_t from_ms, int64_t to_ms,
                 struct rate_counts *out, struct err *err) MUST_CHECK;

#endif
