/* correlation.h - matrices of correlations: from rank to normal, repaired, factored.
 *
 * A normal copula with correlation 2 sin(pi r / 6) gives two inputs the Spearman rank correlation
 * r (Pearson 1907). The matrix of such values need not be positive semi-definite even where the
 * matrix of ranks is; then the nearest correlation matrix is taken (Higham, IMA Journal of
 * Numerical Analysis 22, 2002). A matrix of ranks that is itself impossible is an error: no set of
 * inputs can have it. Same bits on every machine. Pure, thread-safe.
 */
#ifndef QUANT_CORRELATION_H
#define QUANT_CORRELATION_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define CORRELATION_SIZE_MAX 500 /* inputs that hang together: reject */

/* 2 sin(pi rank / 6) for -1 <= rank <= 1. */
double correlation_from_rank(double rank);

/* Smallest eigenvalue of a symmetric matrix n x n, by Jacobi rotations on a copy in `a`. */
bool correlation_least_eigenvalue(struct arena *a, const double *matrix, size_t n, double *least,
                                  struct err *err) MUST_CHECK;

/* Turns the symmetric matrix of rank correlations with unit diagonal into the lower triangular
 * factor L of the copula, row-major n x n in `factor` (which may be `ranks`). *changed: largest
 * absolute difference between the wanted and the nearest possible copula correlation; 0 when none
 * was needed. ERR_INPUT: impossible ranks. ERR_LIMIT: too large. */
bool correlation_factor(struct arena *a, const double *ranks, size_t n, double *factor,
                        double *changed, struct err *err) MUST_CHECK;

#endif
