/* stats.h - summaries of a sample: moments, percentiles, histogram, S-curve.
 *
 * Sums run in a fixed order over fixed blocks, so a summary has the same bits wherever and however
 * the sample was made. Pure, thread-safe; the caller owns all arrays.
 */
#ifndef QUANT_STATS_H
#define QUANT_STATS_H

#include <stddef.h>
#include <stdint.h>

/* The sum in blocks of eight partial sums: vectorised, and more exact than a running sum. */
double stats_sum(const double *x, size_t count);

struct stats_moments {
    double mean;
    double sd; /* of the sample, divisor count - 1; 0 for one value */
};

/* Two passes. count >= 1. */
struct stats_moments stats_moments(const double *x, size_t count);

/* Sorts rising, -0 before +0, by radix of the bit patterns; `scratch` holds count numbers too.
 * The values must not be NaN. */
void stats_sort(double *x, double *scratch, size_t count);

/* Quantile of a sorted sample, 0 <= p <= 1, count >= 1: linear between order statistics, the
 * definition 7 of Hyndman and Fan (The American Statistician 50, 1996). */
double stats_quantile(const double *sorted, size_t count, double p);

/* How many, and the share, of a sorted sample that lie below `limit`. */
size_t stats_count_below(const double *sorted, size_t count, double limit);
double stats_share_below(const double *sorted, size_t count, double limit);

struct stats_histogram {
    double low, width; /* of the first bin; 0 width: all values equal low, one bin */
    size_t bin_count;  /* at most STATS_BINS_MAX */
#define STATS_BINS_MAX 60
    size_t counts[STATS_BINS_MAX];
    size_t below, above; /* values outside the bins: the tails beyond 0.1 % on each side */
};

/* Bins of a round width (1, 2 or 5 times a power of ten) over the middle 99.8 % of a sorted sample,
 * about 20 to 50 of them. */
void stats_histogram(struct stats_histogram *h, const double *sorted, size_t count);

/* The rates (events per unit, with `count` seen in one unit) that a Poisson count agrees with at
 * the confidence given (0.95): the exact interval of Garwood (Biometrika 28, 1936). */
struct stats_interval {
    double low, high;
};
struct stats_interval stats_poisson_interval(uint64_t count, double confidence);

/* How many times as frequent something is among `all` as among `before_all`. The value is the ratio
 * of the shares, the second one smoothed by half so that what is new has one; the 95 % interval is
 * that of the logarithm of the ratio (Katz and others, Biometrics 34, 1978) with half added to
 * every count (Pettigrew, Gart and Thomas 1986), widened where it would leave the value out. NaN
 * when one of the sides is empty. 0 <= n <= all, 0 <= before <= before_all. */
struct stats_lift {
    double value, low, high;
};
struct stats_lift stats_lift(double n, double all, double before, double before_all);

/* Median and median absolute deviation; x is reordered. count >= 1. */
double stats_median(double *x, size_t count);

/* Sums of y over the trials where x is low and where it is high: the two ends of a tornado bar.
 * Start zeroed; add block after block in a fixed order. */
enum { STATS_LANES = 8 };
struct stats_split {
    double low_sum[STATS_LANES], high_sum[STATS_LANES];
    double low_count[STATS_LANES], high_count[STATS_LANES];
};

/* Low: x <= low; high: x >= high. count is a multiple of STATS_LANES. */
void stats_split_add(struct stats_split *s, const double *x, const double *y, size_t count,
                     double low, double high);
/* Adds up the lanes of one of its members. */
double stats_split_total(const double lanes[STATS_LANES]);

/* Pearson correlation; 0 when one side does not vary. */
double stats_correlation(const double *x, const double *y, size_t count);

#endif
