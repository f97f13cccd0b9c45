/* match_swap.h - change the query set while posts stream through.
 *
 * A holder publishes one set. Whoever changed the queries compiles a new set beside it and swaps;
 * each matching thread asks between two posts whether its scratch is still of the published set and
 * else gets a new one. Nobody waits: a post is matched by the set that its thread held when it
 * began, the old set goes with its last user.
 *
 *     query_set_holder_swap(&holder, set);                       the thread that compiled it
 *     match_scratch_follow(&scratch, &holder, &err)              every matching thread, per post
 *
 * Threads: all functions but init and deinit may be called by any number of threads; a scratch
 * belongs to one.
 */
#ifndef LISTEN_MATCH_SWAP_H
#define LISTEN_MATCH_SWAP_H

#include "listen/match/match.h"
#include "os/thread.h"

struct query_set_holder {
    struct mutex lock;        /* guards set */
    struct query_set *set;    /* or NULL before the first swap */
    _Atomic uint64_t version; /* rises with each swap */
};

void query_set_holder_init(struct query_set_holder *holder);
/* When no other thread uses it any more. */
void query_set_holder_deinit(struct query_set_holder *holder);

/* Publishes `set`, of which it acquires a reference, and releases the one before. */
void query_set_holder_swap(struct query_set_holder *holder, struct query_set *set);
/* The published set, acquired; NULL before the first swap. */
struct query_set *query_set_holder_acquire(struct query_set_holder *holder);

/* Makes *scratch one of the published set; *scratch may be NULL at first. As long as nothing was
 * swapped this is one read. ERR_NOT_FOUND before the first swap; on ERR_NO_MEMORY *scratch stays as
 * it was and may still be used. */
bool match_scratch_follow(struct match_scratch **scratch, struct query_set_holder *holder,
                          struct err *err) MUST_CHECK;

#endif
