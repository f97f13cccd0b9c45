/* listening_priv.h - what the threads of listening share.
 *
 * A delivery is made by a fetcher or a stream, travels through one queue and is freed by the
 * writer. A runner is one workspace that has sources; its writer is its own, the scheduler and the
 * streams touch only what is said to be theirs.
 */
#ifndef FLOW_LISTENING_PRIV_H
#define FLOW_LISTENING_PRIV_H

#include "base/vec.h"
#include "flow/listening.h"
#include "ledger/workspace.h"
#include "listen/source/live.h"
#include "listen/source/source.h"
#include "listen/source/source_fetch.h"
#include "os/queue.h"
#include "os/thread.h"
#include "strategy/method/method.h"

struct delivery {
    struct arena arena;
    struct source source; /* as it was when this began */
    Str secret;
    struct source_catch caught;
    bool is_stream;
    int64_t rows;        /* events inside, as counted before decoding: what a drop loses */
    int64_t received_ms; /* of its first byte */
};

/* NULL: no memory. */
struct delivery *delivery_create(void);
void delivery_destroy(struct delivery **d); /* NULL-safe */

/* A stream that is read by a thread of its own. */
struct stream_run {
    struct runner *runner;
    struct arena arena; /* source and secret */
    struct source source;
    Str secret;
    atomic_bool is_stopping;
    atomic_bool is_over; /* its thread is about to end */
    struct thread thread;
};

/* What was dropped of a stream since it was last recorded. */
struct stream_loss {
    int64_t source, lost, kept, from_ms;
};

struct runner {
    struct listening *listening;
    Str slug;
    struct arena memory;
    atomic_bool is_stopping;
    struct workspace *settings;      /* the scheduler's */
    struct query_set_holder queries; /* the scheduler swaps, the writer follows */
    uint64_t query_revision;         /* the scheduler's: of the queries compiled last */
    int64_t silence_ms;              /* the scheduler's: when it last looked for silence */
    bool was_silence_checked;
    struct {
        VEC(struct stream_run *);
    } streams; /* the scheduler's */
    struct queue *polled, *streamed;
    struct thread writer;
    struct mutex mutex; /* guards what follows */
    struct {
        VEC(int64_t);
    } busy; /* sources with a poll under way */
    struct {
        VEC(struct stream_loss);
    } losses;
};

struct job {
    struct runner *runner;
    struct delivery *delivery;
};

struct listening {
    struct listening_options options;
    struct arena memory;
    const struct method *method;
    atomic_bool is_stopping;
    struct thread scheduler;
    struct thread fetchers[LISTENING_FETCHERS];
    struct queue *jobs;
    struct {
        VEC(struct runner *);
    } runners; /* the scheduler's */
    unsigned stream_count;
};

/* Reads the source again into the delivery. False: it is gone, off, or cannot be read. */
bool delivery_prepare(struct delivery *d, struct workspace *workspace, int64_t source,
                      struct err *err) MUST_CHECK;

bool runner_is_busy(struct runner *r, int64_t source);
bool runner_set_busy(struct runner *r, int64_t source);
void runner_set_idle(struct runner *r, int64_t source);
/* Into `streamed`; what is dropped for it is counted. Frees the delivery when closed. */
void runner_stream_push(struct runner *r, struct delivery *d);

void writer_main(void *context); /* struct runner */
void stream_main(void *context); /* struct stream_run */
/* Starts, restarts and stops streams as the settings say. */
void streams_follow(struct runner *r, const struct source *list, size_t count);
void streams_stop(struct runner *r);

/* Sleeps in pieces; false once `stop` is set. */
bool wait_unless(const atomic_bool *stop, int64_t ms);

#endif
