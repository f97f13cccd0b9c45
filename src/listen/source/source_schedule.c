#include "listen/source/source_schedule.h"

#include "base/random.h"

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

int64_t source_interval_next(const struct source_pace *pace, int64_t interval_ms,
                             int64_t expected_ms, int64_t new_posts)
{
    int64_t most = SOURCE_POLL_MOST_MS;

    if (expected_ms > 0 && expected_ms / 2 < most)
        most = expected_ms / 2;
    most = most > pace->least_ms ? most : pace->least_ms;
    if (interval_ms <= 0)
        interval_ms = SOURCE_POLL_FIRST_MS;
    else
        interval_ms = new_posts > 0 ? interval_ms / 2 : interval_ms + interval_ms / 2;
    return clamp(interval_ms, pace->least_ms, most);
}

int64_t source_poll_wait(const struct source_pace *pace, int64_t source, int64_t at_ms,
                         int64_t interval_ms)
{
    double chance = random_unit(pace->seed, (uint64_t)source, (uint64_t)at_ms);

    return interval_ms - (int64_t)(chance * (double)interval_ms / 8);
}

int64_t source_backoff_wait(const struct source_pace *pace, int64_t source, int64_t failures)
{
    int64_t wait = pace->least_ms;
    double chance = random_unit(pace->seed, (uint64_t)source, UINT64_MAX - (uint64_t)failures);

    for (int64_t i = 1; i < failures && wait < SOURCE_BACKOFF_MOST_MS; i++)
        wait *= 2;
    wait = clamp(wait, 1, SOURCE_BACKOFF_MOST_MS);
    int64_t half = wait / 2;
    return half + (int64_t)(chance * (double)(wait - half));
}
