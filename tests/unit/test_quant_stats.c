/* test_quant_stats.c - sums, sort, quantiles, histogram, median. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "quant/stats.h"

static int compare(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

TEST(sort_agrees_with_qsort)
{
    struct random r = {.seed = 1};
    static double x[5000], want[5000], scratch[5000];

    for (size_t n = 1; n <= 5000; n = n * 3 + 1) {
        for (size_t i = 0; i < n; i++)
            want[i] = x[i] = floor((random_next_unit(&r) - 0.5) * 1e4) * (n % 2 ? 1e-3 : 1e200);
        qsort(want, n, sizeof *want, compare);
        stats_sort(x, scratch, n);
        for (size_t i = 0; i < n; i++)
            CHECK_NEAR(x[i], want[i], 0);
        double half[5000];
        memcpy(half, want, n * sizeof *half);
        double middle = n % 2 ? want[n / 2] : 0.5 * (want[n / 2 - 1] + want[n / 2]);
        for (size_t i = n; i > 1; i--) { /* shuffled */
            size_t j = random_below(&r, i);
            double swap = half[i - 1];
            half[i - 1] = half[j];
            half[j] = swap;
        }
        CHECK_NEAR(stats_median(half, n), middle, 0);
    }
}

TEST(moments_of_a_known_sample)
{
    const double x[] = {2, 4, 4, 4, 5, 5, 7, 9, 5};
    struct stats_moments m = stats_moments(x, 9);

    CHECK_NEAR(m.mean, 5, 1e-15);
    CHECK_NEAR(m.sd, 2, 1e-15);
    CHECK_NEAR(stats_moments(x, 1).sd, 0, 0);
    CHECK_NEAR(stats_sum(x, 3), 10, 0);
}

TEST(quantiles_follow_definition_seven)
{
    const double x[] = {1, 2, 3, 4};

    CHECK_NEAR(stats_quantile(x, 4, 0), 1, 0);
    CHECK_NEAR(stats_quantile(x, 4, 1), 4, 0);
    CHECK_NEAR(stats_quantile(x, 4, 0.5), 2.5, 0);
    CHECK_NEAR(stats_quantile(x, 4, 0.25), 1.75, 1e-15);
    CHECK_NEAR(stats_share_below(x, 4, 2), 0.25, 0);
    CHECK_NEAR(stats_share_below(x, 4, 9), 1, 0);
}

TEST(histogram_counts_everything_once)
{
    struct random r = {.seed = 2};
    static double x[20000], scratch[20000];

    for (int shape = 0; shape < 5; shape++) {
        for (size_t i = 0; i < 20000; i++) {
            double u = random_next_unit(&r);
            x[i] = shape == 0   ? u * 1e6 - 5e5
                   : shape == 1 ? 7
                   : shape == 2 ? -log(u) * 1e-5
                   : shape == 3 ? (u < 0.5 ? 0 : 1e9)
                                : tan(3.1 * (u - 0.5));
        }
        stats_sort(x, scratch, 20000);
        struct stats_histogram h;
        stats_histogram(&h, x, 20000);
        size_t sum = h.below + h.above;
        CHECK(h.bin_count >= 1 && h.bin_count <= STATS_BINS_MAX);
        for (size_t i = 0; i < h.bin_count; i++)
            sum += h.counts[i];
        CHECK_INT(sum, 20000);
        CHECK(h.below + h.above <= 60);
    }
}

/* Against the published table of Garwood's interval. */
TEST(poisson_interval_is_garwoods)
{
    static const struct {
        uint64_t count;
        double low, high;
    } table[] = {{0, 0, 3.6889},          {1, 0.0253, 5.5716},   {2, 0.2422, 7.2247},
                 {5, 1.6235, 11.6683},    {10, 4.7954, 18.3904}, {30, 20.2409, 42.8269},
                 {100, 81.3640, 121.6268}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct stats_interval got = stats_poisson_interval(table[i].count, 0.95);
        CHECK_NEAR(got.low, table[i].low, 0.00006);
        CHECK_NEAR(got.high, table[i].high, 0.00006);
    }
    struct stats_interval many = stats_poisson_interval(100000, 0.95);
    CHECK_NEAR(many.low, 100000 - 1.96 * 316.228 + 1, 2);
    CHECK_NEAR(many.high, 100000 + 1.96 * 316.228 + 2, 2);
}

/* Truth known: the interval holds it about as often as it says. */
TEST(interval_of_a_lift_holds_the_truth)
{
    struct stats_lift l = stats_lift(10, 100, 5, 200);
    struct random draws = {.seed = 5};
    int held = 0, tries = 2000;

    CHECK_NEAR(l.value, 3.6455, 0.0001);
    CHECK_NEAR(l.low, 1.3963, 0.0002);
    CHECK_NEAR(l.high, 10.3890, 0.001);
    l = stats_lift(0, 100, 50, 200);
    CHECK(l.value == 0 && l.low == 0 && l.high > 0 && l.high < 0.5);
    l = stats_lift(100, 100, 200, 200);
    CHECK_NEAR(l.value, 1, 1e-9);
    CHECK(l.low <= 1 && l.high >= 1);
    l = stats_lift(3, 10, 0, 0);
    CHECK(isnan(l.value) && isnan(l.low) && isnan(l.high));
    for (int t = 0; t < tries; t++) {
        int n = 0, before = 0;
        for (int i = 0; i < 300; i++)
            n += random_next(&draws) % 1000 < 120;
        for (int i = 0; i < 900; i++)
            before += random_next(&draws) % 1000 < 40;
        l = stats_lift(n, 300, before, 900);
        CHECK(l.low <= l.value && l.value <= l.high);
        held += l.low <= 3 && 3 <= l.high;
    }
    CHECK(held > 0.935 * tries && held < 0.975 * tries);
}

int main(void)
{
    return RUN(CASE(sort_agrees_with_qsort), CASE(moments_of_a_known_sample),
               CASE(quantiles_follow_definition_seven), CASE(histogram_counts_everything_once),
               CASE(poisson_interval_is_garwoods), CASE(interval_of_a_lift_holds_the_truth));
}
