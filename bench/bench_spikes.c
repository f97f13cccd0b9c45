/* bench_spikes.c - how good and how fast is spike detection on the labelled series?
 *
 * Prints the three profiles for our detector beside a random and a silent one, for all series and
 * for the tweet volumes alone, each with the threshold of the whole corpus, and the rate of values.
 *
 *     build/bench/bench_spikes
 */
#include <stdio.h>

#include "base/random.h"
#include "os/clock.h"
#include "quant/spikes.h"
#include "row.h"
#include "spike_score.h"

static struct score_series all[SCORE_SERIES_MAX], tweets[SCORE_SERIES_MAX];
static size_t all_count, tweet_count;

static void print_row(const char *name)
{
    printf("%-12s", name);
    double threshold = 0.0, standard = 0.0;
    for (size_t p = 0; p < SCORE_PROFILES; p++) {
        threshold = score_best_threshold(all, all_count, &score_profiles[p]);
        standard = p == 0 ? threshold : standard;
        printf(" %6.2f", score_normalised(all, all_count, &score_profiles[p], threshold));
    }
    printf("   |");
    for (size_t p = 0; p < SCORE_PROFILES; p++)
        printf(" %6.2f", score_normalised(tweets, tweet_count, &score_profiles[p], standard));
    printf("   | %.3f   %6.2f\n", standard,
           score_normalised(all, all_count, &score_profiles[0], SPIKE_ALERT_SCORE));
}

/* Ours in the summary: the standard profile, at its best threshold over all series. */
static void put_rows(void)
{
    const struct score_profile *standard = &score_profiles[0];
    double threshold = score_best_threshold(all, all_count, standard);

    bench_row_put(&(struct bench_row){.work = "spikes, NAB standard, given series",
                                      .unit = "points",
                                      .ours = score_normalised(all, all_count, standard, threshold),
                                      .bar = {BENCH_FIGURE, 70},
                                      .reach = {BENCH_FIGURE, 75}});
    bench_row_put(
        &(struct bench_row){.work = "spikes, NAB standard, given tweet series",
                            .unit = "points",
                            .ours = score_normalised(tweets, tweet_count, standard, threshold),
                            .bar = {BENCH_FIGURE, 78},
                            .reach = {BENCH_FIGURE, 84}});
}

int main(void)
{
    struct arena arena;
    struct random r = {.seed = 1};
    size_t rows = 0;

    arena_init(&arena, (size_t)2 << 30);
    all_count = score_load(&arena, all);
    if (all_count == 0) {
        puts("skipped: the labelled series are not here (set TRIMTAB_SHARED)");
        return 0;
    }
    for (size_t i = 0; i < all_count; i++)
        if (str_starts(all[i].name, S("realTweets")))
            tweets[tweet_count++] = all[i];
    printf("%zu series, %zu of them tweet volumes; standard / low FP / low FN\n", all_count,
           tweet_count);
    puts("             all, tuned threshold  | tweets, that threshold | it      standard at 0.5");
    uint64_t start = clock_monotonic_ns();
    for (size_t i = 0; i < all_count; i++) {
        struct spike_detector *d = spike_detector_create(NULL);
        for (size_t row = 0; row < all[i].row_count; row++, rows++)
            all[i].scores[row] =
                spike_detector_push(d, score_time_ms(all[i].stamps[row]), all[i].values[row]).score;
        spike_detector_destroy(&d);
    }
    double seconds = clock_seconds_since(start);
    print_row("trimtab");
    put_rows();
    for (size_t i = 0; i < all_count; i++)
        for (size_t row = 0; row < all[i].row_count; row++)
            all[i].scores[row] = random_next_unit(&r);
    print_row("random");
    for (size_t i = 0; i < all_count; i++)
        memset(all[i].scores, 0, all[i].row_count * sizeof(double));
    printf("null         %6.2f\n", score_normalised(all, all_count, &score_profiles[0], 1.1));
    printf("%zu values in %.3f s: %.2f M values/s\n", rows, seconds, (double)rows / seconds * 1e-6);
    arena_deinit(&arena);
    return 0;
}
