/* agreement.h - do several people put things into the same classes more often than by chance?
 *
 * Krippendorff's alpha for nominal classes (Krippendorff 2011, Computing Krippendorff's
 * Alpha-Reliability): 1 - observed disagreement / disagreement expected by chance, over the units
 * that at least two people judged. Any number of people, any of them may be missing on any unit.
 * 1 is full agreement, 0 what chance gives; below 0.667 conclusions are not advised, from 0.8 on
 * they are taken as reliable. The interval is that of the percentile bootstrap over units.
 *
 * Pure, thread-safe, nothing is allocated; the same bits everywhere for the same seed.
 */
#ifndef QUANT_AGREEMENT_H
#define QUANT_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AGREEMENT_CLASSES_MAX = 16, AGREEMENT_REPLICATES = 1000 };

struct agreement {
    size_t units;     /* judged by two or more */
    double agree;     /* share of pairs of judgements on the same unit that agree */
    double alpha;     /* NaN: every judgement names one class, so chance explains all */
    double low, high; /* 95 % interval of alpha; NaN where alpha is */
};

/* counts[unit * classes + class]: how many people put the unit there. Units with fewer than two
 * judgements are passed over. False when none is left; *out then has units 0. */
bool agreement_of(size_t classes, const uint32_t *counts, size_t units, uint64_t seed,
                  struct agreement *out);

#endif
