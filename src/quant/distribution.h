/* distribution.h - a random quantity, drawn through its inverse distribution function.
 *
 * A simulation hands in uniform numbers and gets quantiles; so Latin hypercube, Sobol points and
 * correlation work for every kind alike. A distribution is immutable after distribution_init();
 * its tables live in the arena given there. Results have the same bits on every machine
 * (numeric.h). Reading is thread-safe.
 */
#ifndef QUANT_DISTRIBUTION_H
#define QUANT_DISTRIBUTION_H

#include "base/arena.h"
#include "base/err.h"

enum distribution_kind {
    DISTRIBUTION_POINT,      /* x */
    DISTRIBUTION_UNIFORM,    /* low, high */
    DISTRIBUTION_TRIANGULAR, /* low, likely, high */
    DISTRIBUTION_PERT,       /* low, likely, high: beta with weight 4 on the likely value */
    DISTRIBUTION_NORMAL,     /* mean, standard deviation */
    DISTRIBUTION_LOGNORMAL,  /* mu, sigma of the logarithm */
    DISTRIBUTION_DISCRETE,   /* x1, p1, x2, p2, ...: the probabilities sum to 1 within 1e-6 */
    DISTRIBUTION_KIND_COUNT
};

#define DISTRIBUTION_OUTCOMES_MAX 1000  /* of one discrete distribution: reject */
#define DISTRIBUTION_VALUE_MAX    1e150 /* magnitude of any parameter but sigma: reject */

struct distribution {
    enum distribution_kind kind; /* a spread of 0 becomes DISTRIBUTION_POINT */
    double low, likely, high;    /* point: low; normal and lognormal: low = mean, high = spread */
    double split;                /* triangular: probability below the likely value */
    size_t outcome_count;        /* discrete */
    const double *outcomes;      /* rising */
    const double *cumulative;    /* probability of this or a smaller outcome; the last is 1 */
    const double *table;         /* PERT: quantiles at rising probabilities, see distribution.c */
};

/* "triangular" and so on, as in the model file. False: no such kind. */
bool distribution_kind_from(Str name, enum distribution_kind *kind) MUST_CHECK;

/* Fails with ERR_INPUT and the reason (wrong count of parameters, wrong order, a probability
 * outside 0..1, not finite), or ERR_LIMIT. */
bool distribution_init(struct distribution *d, struct arena *a, enum distribution_kind kind,
                       const double *parameters, size_t count, struct err *err) MUST_CHECK;

/* The value that is not exceeded with probability u, 0 < u < 1. */
double distribution_quantile(const struct distribution *d, double u);
/* In place: u[i] becomes its quantile; the same bits as the scalar form. */
void distribution_quantile_block(const struct distribution *d, double *u, size_t count);
/* In place: z[i], standard normal, becomes the value of the same rank. */
void distribution_from_normal_block(const struct distribution *d, double *z, size_t count);

double distribution_mean(const struct distribution *d);
double distribution_variance(const struct distribution *d);

#endif
