/* numeric.h - elementary and special functions that give the same bits on every machine.
 *
 * A simulation must print the same bytes everywhere. The functions of libm do not promise that:
 * they differ between versions, and one version picks code by the features of the processor. The
 * ones here use only IEEE additions, multiplications, divisions and square roots in a fixed order
 * (the build forbids contraction), and they are free of branches, so that the block forms are
 * vectorised without changing a bit. Errors are a few units in the last place; the unit tests hold
 * them against GSL.
 *
 * Pure, thread-safe, no memory.
 */
#ifndef QUANT_NUMERIC_H
#define QUANT_NUMERIC_H

#include <stddef.h>

/* e^x; 0 below -708 and infinity above 709 (there are no subnormal results). */
double numeric_exp(double x);
/* Natural logarithm; x > 0 and normal, else the result is not meaningful. */
double numeric_log(double x);
/* base^exponent for base > 0. */
double numeric_pow(double base, double exponent);
/* Sine for |x| <= pi. */
double numeric_sin(double x);

/* Distribution function of the standard normal distribution, relative error below 1e-13 for
 * x > -37. */
double numeric_normal_cdf(double x);
/* Its inverse, 0 < p < 1: Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988). */
double numeric_normal_quantile(double p);
/* In place over `count` numbers, the same bits as the scalar form. */
void numeric_exp_block(double *x, size_t count);
void numeric_normal_cdf_block(double *x, size_t count);
void numeric_normal_quantile_block(double *p, size_t count);

/* Logarithm of the gamma function, x > 0: Stirling's series behind a shifted argument. */
double numeric_log_gamma(double x);
/* Regularised incomplete beta function I_x(a, b) for a, b >= 1 and 0 <= x <= 1, by the series of
 * positive terms (Abramowitz and Stegun 26.5.4) on the side where it converges fast. */
double numeric_beta_cdf(double x, double a, double b);

#endif
