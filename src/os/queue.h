/* queue.h - the bounded way from one thread to another: pointers, first in first out.
 *
 * Full is a named policy, chosen at creation: QUEUE_BLOCK makes the producer wait (imports),
 * QUEUE_DROP_OLDEST makes room and hands the dropped item back to be counted and freed (live
 * streams), QUEUE_REJECT says no (requests). Any number of producers and consumers. The queue never
 * owns the items: whoever takes one out does, and after close somebody drains the rest.
 */
#ifndef OS_QUEUE_H
#define OS_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define QUEUE_ITEMS_MAX 1000000 /* of one queue: a bug beyond */

struct queue;

enum queue_policy { QUEUE_BLOCK, QUEUE_DROP_OLDEST, QUEUE_REJECT };

enum queue_result {
    QUEUE_OK,
    QUEUE_DROPPED, /* push: the item went in, *dropped came out */
    QUEUE_FULL,    /* push, QUEUE_REJECT: it stays with the caller */
    QUEUE_EMPTY,   /* pop: nothing came in time */
    QUEUE_CLOSED   /* push: it stays with the caller; pop: nothing is left and nothing will come */
};

bool queue_create(struct queue **out, size_t items_max, enum queue_policy policy,
                  struct err *err) MUST_CHECK;
void queue_destroy(
    struct queue **q); /* NULL-safe; nobody may use it any more, items are not freed */

/* `item` is not NULL. *dropped is NULL unless QUEUE_DROPPED. */
enum queue_result queue_push(struct queue *q, void *item, void **dropped) MUST_CHECK;
/* Waits until there is an item, or the queue is closed and empty. */
enum queue_result queue_pop(struct queue *q, void **item) MUST_CHECK;
/* The same for at most `ms` milliseconds; 0 = only look. */
enum queue_result queue_pop_ms(struct queue *q, void **item, uint32_t ms) MUST_CHECK;
/* No more pushes; everybody who waits wakes. What is inside can still be popped. */
void queue_close(struct queue *q);

struct queue_state {
    size_t count, items_max, count_peak;
    uint64_t pushed, dropped, rejected;
    bool is_closed;
};
struct queue_state queue_state(struct queue *q);

#endif
