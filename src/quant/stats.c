#include "quant/stats.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "quant/numeric.h"
#include "quant/numeric_priv.h"

enum { LANES = STATS_LANES };

double stats_split_total(const double lanes[STATS_LANES])
{
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
           ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

QUANT_INLINE void stats_split_add_body(struct stats_split *s, const double *x, const double *y,
                                       size_t count, double low, double high)
{
    struct stats_split sum = *s; /* x and y cannot alias a local */

    for (size_t i = 0; i < count; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++) {
            double value = x[i + lane], result = y[i + lane];
            sum.low_sum[lane] += value <= low ? result : 0.0;
            sum.low_count[lane] += value <= low ? 1.0 : 0.0;
            sum.high_sum[lane] += value >= high ? result : 0.0;
            sum.high_count[lane] += value >= high ? 1.0 : 0.0;
        }
    *s = sum;
}

QUANT_CLONES(, stats_split_add,
             (struct stats_split * s, const double *x, const double *y, size_t count, double low,
              double high),
             (s, x, y, count, low, high))

double stats_sum(const double *x, size_t count)
{
    double lanes[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= count; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += x[i + lane];
    for (size_t lane = 0; i < count; i++, lane++)
        lanes[lane] += x[i];
    return stats_split_total(lanes);
}

static double sum_of_squares(const double *x, size_t count, double around)
{
    double lanes[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= count; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++) {
            double d = x[i + lane] - around;
            lanes[lane] += d * d;
        }
    for (size_t lane = 0; i < count; i++, lane++)
        lanes[lane] += (x[i] - around) * (x[i] - around);
    return stats_split_total(lanes);
}

struct stats_moments stats_moments(const double *x, size_t count)
{
    ASSERT(count >= 1);
    struct stats_moments m = {.mean = stats_sum(x, count) / (double)count};

    if (count > 1)
        m.sd = sqrt(sum_of_squares(x, count, m.mean) / (double)(count - 1));
    return m;
}

/* Maps a double to an unsigned number of the same order. */
static uint64_t sortable(double x)
{
    uint64_t bits = numeric_bits(x);

    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static void insertion_sort(double *x, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double value = x[i];
        uint64_t key = sortable(value);
        size_t j = i;
        for (; j > 0 && sortable(x[j - 1]) > key; j--)
            x[j] = x[j - 1];
        x[j] = value;
    }
}

enum { RADIX_BITS = 11, RADIX = 1 << RADIX_BITS, PASSES = 6 };

void stats_sort(double *x, double *scratch, size_t count)
{
    if (count < 64) {
        insertion_sort(x, count);
        return;
    }
    uint32_t histogram[PASSES][RADIX] = {0};
    ASSERT(count <= UINT32_MAX);
    for (size_t i = 0; i < count; i++)
        for (unsigned pass = 0; pass < PASSES; pass++)
            histogram[pass][(sortable(x[i]) >> (pass * RADIX_BITS)) & (RADIX - 1)]++;

    double *from = x, *to = scratch;
    for (unsigned pass = 0; pass < PASSES; pass++) {
        uint32_t *starts = histogram[pass], running = 0;
        unsigned shift = pass * RADIX_BITS;
        if (starts[(sortable(from[0]) >> shift) & (RADIX - 1)] == count)
            continue; /* all share this digit */
        for (size_t digit = 0; digit < RADIX; digit++) {
            uint32_t here = starts[digit];
            starts[digit] = running;
            running += here;
        }
        for (size_t i = 0; i < count; i++)
            to[starts[(sortable(from[i]) >> shift) & (RADIX - 1)]++] = from[i];
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != x)
        memcpy(x, from, count * sizeof *x);
}

double stats_quantile(const double *sorted, size_t count, double p)
{
    ASSERT(count >= 1 && p >= 0.0 && p <= 1.0);
    double at = p * (double)(count - 1);
    size_t below = (size_t)at;

    if (below + 1 >= count)
        return sorted[count - 1];
    double part = at - (double)below;
    return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

size_t stats_count_below(const double *sorted, size_t count, double limit)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double stats_share_below(const double *sorted, size_t count, double limit)
{
    ASSERT(count >= 1);
    return (double)stats_count_below(sorted, count, limit) / (double)count;
}

/* 1, 2 or 5 times a power of ten, at least `least` > 0. Powers are made by repeated multiplication
 * or division, so they have the same bits everywhere. */
static double round_width(double least)
{
    double power = 1.0;

    while (power > least)
        power /= 10.0;
    while (power * 10.0 <= least)
        power *= 10.0;
    return least <= power         ? power
           : least <= 2.0 * power ? 2.0 * power
           : least <= 5.0 * power ? 5.0 * power
                                  : 10.0 * power;
}

void stats_histogram(struct stats_histogram *h, const double *sorted, size_t count)
{
    double low = stats_quantile(sorted, count, 0.001);
    double high = stats_quantile(sorted, count, 0.999);

    memset(h, 0, sizeof *h);
    h->bin_count = 1;
    h->low = low;
    double least = (high - low) / 50.0;
    if (!(least > 0.0) || !(least > fabs(low) * 1e-14) || !(least < 1e300)) {
        h->below = stats_count_below(sorted, count, low);
        h->counts[0] = count - h->below;
        return;
    }
    h->width = round_width(least);
    h->low = floor(low / h->width) * h->width;
    size_t at = stats_count_below(sorted, count, h->low);
    h->below = at;
    for (h->bin_count = 0; h->bin_count < STATS_BINS_MAX; h->bin_count++) {
        double start = h->low + (double)h->bin_count * h->width;
        if (start > high)
            break;
        size_t end = stats_count_below(sorted, count, start + h->width);
        h->counts[h->bin_count] = end - at;
        at = end;
    }
    h->above = count - at;
}

#define Z_95 1.959963984540054 /* quantile of the normal distribution at 0.975 */

struct stats_lift stats_lift(double n, double all, double before, double before_all)
{
    if (!(all > 0) || !(before_all > 0))
        return (struct stats_lift){(double)NAN, (double)NAN, (double)NAN};
    double past = (before + 0.5) / (before_all + 0.5), value = n / all / past;
    double middle = (n + 0.5) / (all + 0.5) / past;
    double variance = fmax(0, 1 / (n + 0.5) - 1 / (all + 0.5)) +
                      fmax(0, 1 / (before + 0.5) - 1 / (before_all + 0.5));
    double spread = exp(Z_95 * sqrt(variance));

    return (struct stats_lift){value, fmin(value, middle / spread), fmax(value, middle * spread)};
}

double stats_median(double *x, size_t count)
{
    ASSERT(count >= 1);
    /* Selection by quickselect on the middle element; ranges shrink geometrically. */
    size_t low = 0, high = count - 1, wanted = count / 2;
    while (low < high) {
        double pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i >= j)
                break;
            double swap = x[i];
            x[i++] = x[j];
            x[j--] = swap;
        }
        if (wanted <= j)
            high = j;
        else
            low = j + 1;
    }
    if (count % 2 != 0)
        return x[wanted];
    double below = x[0];
    for (size_t i = 1; i < wanted; i++)
        below = x[i] > below ? x[i] : below;
    return 0.5 * (below + x[wanted]);
}

double stats_correlation(const double *x, const double *y, size_t count)
{
    ASSERT(count >= 1);
    double mean_x = stats_sum(x, count) / (double)count,
           mean_y = stats_sum(y, count) / (double)count;
    double xy = 0.0, xx = 0.0, yy = 0.0;

    for (size_t i = 0; i < count; i++) {
        double dx = x[i] - mean_x, dy = y[i] - mean_y;
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    return xx > 0.0 && yy > 0.0 ? xy / sqrt(xx * yy) : 0.0;
}

/* P(X <= count) for a Poisson variable; the terms from the largest down, until they do not matter.
 */
static double poisson_below(uint64_t count, double rate)
{
    double log_term, sum = 0;
    uint64_t top = count;

    if (rate <= 0)
        return 1;
    if ((double)top > rate) { /* what lies above is summed from the mode on, both ways */
        double term, above = 0;
        log_term =
            -rate + (double)(top + 1) * numeric_log(rate) - numeric_log_gamma((double)top + 2);
        term = numeric_exp(log_term);
        for (uint64_t i = top + 1; term > 0 && term > above * 1e-17; i++) {
            above += term;
            term *= rate / (double)(i + 1);
        }
        return above < 1 ? 1 - above : 0;
    }
    log_term = -rate + (double)top * numeric_log(rate) - numeric_log_gamma((double)top + 1);
    for (double term = numeric_exp(log_term); term > sum * 1e-17;) {
        sum += term;
        if (top == 0)
            break;
        term *= (double)top-- / rate;
    }
    return sum;
}

/* The rate at which P(X <= count) has fallen to `share`. */
static double poisson_rate(uint64_t count, double share)
{
    double low = 0, high = (double)count + 10 + 10 * sqrt((double)count + 1);

    for (int i = 0; i < 200 && low < high; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (poisson_below(count, middle) > share)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

struct stats_interval stats_poisson_interval(uint64_t count, double confidence)
{
    double tail = (1 - confidence) / 2;

    return (struct stats_interval){.low = count == 0 ? 0 : poisson_rate(count - 1, 1 - tail),
                                   .high = poisson_rate(count, tail)};
}
