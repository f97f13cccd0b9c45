#include "quant/agreement.h"

#include <math.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/random.h"

/* Sums over units that alpha is made of. */
struct sums {
    double same;                          /* coincidences of equal judgements */
    double of[AGREEMENT_CLASSES_MAX + 1]; /* judgements of a class */
    double all;
};

static double judgements_of(const uint32_t *unit, size_t classes)
{
    double m = 0;

    for (size_t c = 0; c < classes; c++)
        m += unit[c];
    return m;
}

/* A unit of m judgements has m (m - 1) ordered pairs, each of weight 1 / (m - 1). */
static void add_unit(struct sums *sums, const uint32_t *unit, size_t classes)
{
    double m = judgements_of(unit, classes);

    if (m < 2)
        return;
    for (size_t c = 0; c < classes; c++) {
        sums->same += unit[c] * (unit[c] - 1.0) / (m - 1);
        sums->of[c] += unit[c];
    }
    sums->all += m;
}

static double alpha_of(const struct sums *sums, size_t classes)
{
    double by_chance = 0;

    for (size_t c = 0; c < classes; c++)
        by_chance += sums->of[c] * (sums->all - sums->of[c]);
    if (!(by_chance > 0))
        return (double)NAN;
    return 1 - (sums->all - 1) * (sums->all - sums->same) / by_chance;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Replicates in which all judgements name one class say nothing and are left out. */
static void set_interval(size_t classes, const uint32_t *counts, size_t units, uint64_t seed,
                         struct agreement *out)
{
    double alphas[AGREEMENT_REPLICATES];
    struct random random = {.seed = seed};
    size_t kept = 0;

    for (int r = 0; r < AGREEMENT_REPLICATES; r++) {
        struct sums sums = {0};
        for (size_t i = 0; i < units; i++)
            add_unit(&sums, counts + random_below(&random, units) * classes, classes);
        double alpha = alpha_of(&sums, classes);
        if (!isnan(alpha))
            alphas[kept++] = alpha;
    }
    if (kept == 0)
        return;
    qsort(alphas, kept, sizeof *alphas, compare);
    out->low = alphas[(size_t)(0.025 * (double)(kept - 1))];
    out->high = alphas[(size_t)ceil(0.975 * (double)(kept - 1))];
}

bool agreement_of(size_t classes, const uint32_t *counts, size_t units, uint64_t seed,
                  struct agreement *out)
{
    struct sums sums = {0};

    ASSERT(classes >= 2 && classes <= AGREEMENT_CLASSES_MAX);
    *out = (struct agreement){
        .agree = (double)NAN, .alpha = (double)NAN, .low = (double)NAN, .high = (double)NAN};
    for (size_t i = 0; i < units; i++) {
        out->units += judgements_of(counts + i * classes, classes) >= 2;
        add_unit(&sums, counts + i * classes, classes);
    }
    if (out->units == 0)
        return false;
    out->agree = sums.same / sums.all;
    out->alpha = alpha_of(&sums, classes);
    if (!isnan(out->alpha))
        set_interval(classes, counts, units, seed, out);
    return true;
}
