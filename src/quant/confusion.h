/* confusion.h - what a classifier makes of things whose class is known.
 *
 * Items come from a sample in which not all had the same chance: each has a weight, the number of
 * things it stands for. Shares are weighted; their intervals are Wilson's (1927) with the effective
 * number of items, (sum of weights)^2 / sum of squared weights (Kish 1965), in place of n. With
 * equal weights that is the usual interval.
 *
 * Pure, thread-safe; nothing is allocated.
 */
#ifndef QUANT_CONFUSION_H
#define QUANT_CONFUSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONFUSION_CLASSES_MAX = 16 };

struct confusion_item {
    uint8_t truth, guess; /* classes */
    double weight;        /* above 0 */
};

/* A share with its 95 % interval; NaN when there is nothing it could be a share of. */
struct confusion_share {
    double value, low, high;
    double n; /* effective number of items it rests on */
};

struct confusion {
    size_t classes, items;
    uint32_t counts[CONFUSION_CLASSES_MAX * CONFUSION_CLASSES_MAX]; /* [truth * classes + guess] */
    /* Of the items of a class the share given each label, times their effective number: what
     * prevalence_adjusted() takes as confusion. */
    double effective[CONFUSION_CLASSES_MAX * CONFUSION_CLASSES_MAX];
    double truths[CONFUSION_CLASSES_MAX]; /* weighted shares of the classes; 0 without items */
    struct confusion_share accuracy;
    struct confusion_share recall[CONFUSION_CLASSES_MAX];
    struct confusion_share precision[CONFUSION_CLASSES_MAX];
    struct confusion_share average_recall; /* over the classes that occur; normal interval */
    double macro_f1;                       /* over the classes that occur */
    double majority;                       /* accuracy of always saying the most frequent class */
};

void confusion_of(size_t classes, const struct confusion_item *items, size_t count,
                  struct confusion *out);

/* Wilson's interval for `share` of n items. */
struct confusion_share confusion_share(double share, double n);

#endif
