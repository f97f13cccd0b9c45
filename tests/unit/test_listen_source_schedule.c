/* When a source is looked at again. */
#include "unit/test.h"

#include "listen/source/source_schedule.h"

static const struct source_pace pace = {.least_ms = 60000, .seed = 11};

TEST(the_interval_follows_what_comes)
{
    int64_t interval = source_interval_next(&pace, 0, 0, 5);

    CHECK_INT(interval, SOURCE_POLL_FIRST_MS);
    for (int i = 0; i < 20; i++)
        interval = source_interval_next(&pace, interval, 0, 1);
    CHECK_INT(interval, pace.least_ms);
    interval = source_interval_next(&pace, interval, 0, 0);
    CHECK_INT(interval, 90000);
    for (int i = 0; i < 40; i++)
        interval = source_interval_next(&pace, interval, 0, 0);
    CHECK_INT(interval, SOURCE_POLL_MOST_MS);
}

TEST(the_interval_stays_below_half_of_what_is_expected)
{
    int64_t expected = 20 * 60000, interval = 0;

    for (int i = 0; i < 40; i++) {
        interval = source_interval_next(&pace, interval, expected, 0);
        CHECK(interval <= expected / 2);
    }
    CHECK_INT(interval, expected / 2);
    CHECK_INT(source_interval_next(&pace, 0, 1000, 0), pace.least_ms); /* but never faster */
}

TEST(polls_of_neighbours_drift_apart)
{
    int64_t least = INT64_MAX, most = 0;

    for (int64_t source = 1; source <= 200; source++) {
        int64_t wait = source_poll_wait(&pace, source, 5, 800000);
        CHECK(wait > 700000 - 1 && wait <= 800000);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
        CHECK_INT(wait, source_poll_wait(&pace, source, 5, 800000)); /* the seed decides */
    }
    CHECK(most - least > 90000);
}

TEST(failures_are_waited_out_longer_and_longer)
{
    for (int64_t n = 1; n < 70; n++) {
        int64_t full = n > 6 ? SOURCE_BACKOFF_MOST_MS : pace.least_ms << (n - 1);
        full = full < SOURCE_BACKOFF_MOST_MS ? full : SOURCE_BACKOFF_MOST_MS;
        for (int64_t source = 1; source < 50; source++) {
            int64_t wait = source_backoff_wait(&pace, source, n);
            CHECK(wait >= full / 2 && wait <= full);
        }
    }
    CHECK(source_backoff_wait(&pace, 1, 3) != source_backoff_wait(&pace, 2, 3));
    CHECK_INT(source_backoff_wait(&pace, 1, INT64_MAX), source_backoff_wait(&pace, 1, INT64_MAX));
}

int main(void)
{
    return RUN(CASE(the_interval_follows_what_comes),
               CASE(the_interval_stays_below_half_of_what_is_expected),
               CASE(polls_of_neighbours_drift_apart),
               CASE(failures_are_waited_out_longer_and_longer));
}
