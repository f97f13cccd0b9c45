/* prevalence.h - how often each class occurs, told by a classifier that errs.
 *
 * Counting the labels that a classifier gives ("classify and count") pulls every share towards what
 * the classifier was made for: where few texts are negative, most of those called negative are not.
 * Two estimators correct that, both under the assumption that the classes themselves look as they
 * did (only their shares changed):
 *
 * prevalence_adjusted() needs what the classifier does to each class: the labelled sample of its
 * confusion matrix (adjusted count; Gart and Buck 1966, Forman 2008). Shares p >= 0 that sum to one
 * are sought whose expected counts are nearest to those observed (least squares).
 *
 * prevalence_expected() needs the probabilities it gives to each text, and the shares it takes for
 * granted: it finds the shares under which they are right on average (expectation maximisation;
 * Saerens, Latinne and Decaestecker 2002).
 *
 * Pure, thread-safe; the caller owns all arrays; nothing is allocated. Classes: 2 to
 * PREVALENCE_CLASSES_MAX. The same bits everywhere.
 */
#ifndef QUANT_PREVALENCE_H
#define QUANT_PREVALENCE_H

#include <stdbool.h>
#include <stddef.h>

enum { PREVALENCE_CLASSES_MAX = 16 };

/* confusion[true * classes + guessed]: labelled items, at least one in each true class.
 * guessed[class]: items so called, at least one in all. out[class] sums to 1. False when a class
 * has no labelled item or nothing was counted; out is untouched then. */
bool prevalence_adjusted(size_t classes, const double *confusion, const double *guessed,
                         double *out);

/* probabilities[item * classes + class], each row summing to 1; `assumed` the shares the classifier
 * was trained for, all above 0. count >= 1. out[class] sums to 1. False when an assumed share is
 * not above 0 or count is 0. */
bool prevalence_expected(size_t classes, const double *probabilities, size_t count,
                         const double *assumed, double *out);

#endif
