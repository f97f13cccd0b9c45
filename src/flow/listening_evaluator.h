/* listening_evaluator.h - measures, spikes, alerts and assumptions beside the writer.
 *
 * A thread of its own with its own connections: the writer takes the list of changed hours from the
 * archive, hands it over, goes on writing posts, and crosses the list off once the evaluation has
 * succeeded. Of the archive the thread is a reader; to the records of the workspace it writes in
 * short transactions.
 *
 *     writer   take ─► start ─── posts, posts, posts ─── poll ─► cross off
 *     thread             └─► measures, spikes, alerts, assumptions ─┘
 *
 * Killed or failed at any moment, what was taken is still on the list.
 *
 * Threads: create, start, poll and destroy belong to the writer.
 */
#ifndef FLOW_LISTENING_EVALUATOR_H
#define FLOW_LISTENING_EVALUATOR_H

#include "flow/steer.h"
#include "strategy/method/method.h"

struct evaluator;

struct evaluation {
    struct archive_taken taken; /* the caller frees it */
    struct steer_result result; /* without what lives in an arena: numbers alone */
    int64_t took_ms;
    bool is_good;
    struct err err; /* else */
};

/* `slug` and method have to outlive it. */
bool evaluator_create(struct evaluator **out, Str data_dir, Str slug, const struct method *method,
                      struct err *err) MUST_CHECK;
/* Waits for the end of what is under way. NULL-safe. */
void evaluator_destroy(struct evaluator **evaluator);
/* Nothing may be under way, or be waiting for evaluator_poll(). Takes over what is in `taken` and
 * empties it. */
void evaluator_start(struct evaluator *e, struct archive_taken *taken, int64_t now_ms);
bool evaluator_is_busy(struct evaluator *e); /* started, and not polled since it ended */
/* True: the evaluation has ended and is handed back. */
bool evaluator_poll(struct evaluator *e, struct evaluation *out);

#endif
