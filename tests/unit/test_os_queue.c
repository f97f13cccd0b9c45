#include "unit/test.h"

#include "os/clock.h"
#include "os/queue.h"
#include "os/thread.h"

enum { ITEMS = 20000 };

static int values[ITEMS];

static struct queue *make(size_t items_max, enum queue_policy policy)
{
    struct err err = {0};
    struct queue *q;

    CHECK(queue_create(&q, items_max, policy, &err));
    return q;
}

TEST(queue_is_first_in_first_out)
{
    struct queue *q = make(3, QUEUE_REJECT);
    void *item;

    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3; i++)
            CHECK_INT(queue_push(q, &values[i], NULL), QUEUE_OK);
        CHECK_INT(queue_push(q, &values[3], NULL), QUEUE_FULL);
        for (int i = 0; i < 3; i++) {
            CHECK_INT(queue_pop(q, &item), QUEUE_OK);
            CHECK(item == &values[i]);
        }
        CHECK_INT(queue_pop_ms(q, &item, 0), QUEUE_EMPTY);
        CHECK(item == NULL);
    }
    CHECK_INT(queue_state(q).rejected, 5);
    CHECK_INT(queue_state(q).count_peak, 3);
    queue_destroy(&q);
    CHECK(q == NULL);
}

TEST(queue_drops_the_oldest_and_hands_it_back)
{
    struct queue *q = make(2, QUEUE_DROP_OLDEST);
    void *dropped, *item;

    CHECK_INT(queue_push(q, &values[0], &dropped), QUEUE_OK);
    CHECK(dropped == NULL);
    CHECK_INT(queue_push(q, &values[1], &dropped), QUEUE_OK);
    CHECK_INT(queue_push(q, &values[2], &dropped), QUEUE_DROPPED);
    CHECK(dropped == &values[0]);
    CHECK_INT(queue_pop(q, &item), QUEUE_OK);
    CHECK(item == &values[1]);
    CHECK_INT(queue_state(q).dropped, 1);
    queue_destroy(&q);
}

TEST(queue_closed_drains_then_says_so)
{
    struct queue *q = make(2, QUEUE_BLOCK);
    void *item;

    CHECK_INT(queue_push(q, &values[0], NULL), QUEUE_OK);
    queue_close(q);
    CHECK_INT(queue_push(q, &values[1], NULL), QUEUE_CLOSED);
    CHECK_INT(queue_pop(q, &item), QUEUE_OK);
    CHECK_INT(queue_pop(q, &item), QUEUE_CLOSED);
    CHECK_INT(queue_pop_ms(q, &item, 1000), QUEUE_CLOSED);
    queue_destroy(&q);
}

TEST(queue_pop_waits_no_longer_than_told)
{
    struct queue *q = make(1, QUEUE_BLOCK);
    uint64_t began = clock_monotonic_ns();
    void *item;

    CHECK_INT(queue_pop_ms(q, &item, 20), QUEUE_EMPTY);
    double seconds = clock_seconds_since(began);
    CHECK(seconds >= 0.019 && seconds < 5);
    queue_destroy(&q);
}

static void produce(void *context)
{
    for (int i = 0; i < ITEMS; i++)
        if (queue_push(context, &values[i], NULL) != QUEUE_OK)
            return;
}

struct consumer {
    struct queue *q;
    size_t count;
    size_t sum;
};

static void consume(void *context)
{
    struct consumer *c = context;
    void *item;

    while (queue_pop(c->q, &item) == QUEUE_OK) {
        c->count++;
        c->sum += (size_t)((int *)item - values);
    }
}

TEST(queue_carries_everything_between_threads)
{
    struct queue *q = make(16, QUEUE_BLOCK);
    struct thread producers[2] = {0}, consumers[2] = {0};
    struct consumer seen[2] = {{.q = q}, {.q = q}};
    struct err err = {0};

    for (int i = 0; i < 2; i++) {
        CHECK(thread_create(&producers[i], "produce", produce, q, &err));
        CHECK(thread_create(&consumers[i], "consume", consume, &seen[i], &err));
    }
    for (int i = 0; i < 2; i++)
        thread_join(&producers[i]);
    queue_close(q);
    for (int i = 0; i < 2; i++)
        thread_join(&consumers[i]);
    CHECK_INT(seen[0].count + seen[1].count, 2 * ITEMS);
    CHECK_INT(seen[0].sum + seen[1].sum, (size_t)ITEMS * (ITEMS - 1));
    CHECK_INT(queue_state(q).pushed, 2 * ITEMS);
    CHECK(queue_state(q).count_peak <= 16);
    queue_destroy(&q);
}

static void block_on_push(void *context)
{
    CHECK_INT(queue_push(context, &values[1], NULL), QUEUE_CLOSED);
}

TEST(queue_close_wakes_a_blocked_producer)
{
    struct queue *q = make(1, QUEUE_BLOCK);
    struct thread t = {0};
    struct err err = {0};

    CHECK_INT(queue_push(q, &values[0], NULL), QUEUE_OK);
    CHECK(thread_create(&t, "block", block_on_push, q, &err));
    clock_sleep_ms(5);
    queue_close(q);
    thread_join(&t);
    thread_join(&t); /* a second time is harmless */
    queue_destroy(&q);
}

TEST(mutex_knows_its_holder)
{
    struct mutex m;

    mutex_init(&m);
    CHECK(!mutex_held(&m));
    mutex_lock(&m);
    CHECK(mutex_held(&m));
    mutex_unlock(&m);
    CHECK(!mutex_held(&m));
    mutex_deinit(&m);
    CHECK(thread_cpu_count() >= 1);
}

int main(void)
{
    return RUN(CASE(queue_is_first_in_first_out), CASE(queue_drops_the_oldest_and_hands_it_back),
               CASE(queue_closed_drains_then_says_so), CASE(queue_pop_waits_no_longer_than_told),
               CASE(queue_carries_everything_between_threads),
               CASE(queue_close_wakes_a_blocked_producer), CASE(mutex_knows_its_holder));
}
