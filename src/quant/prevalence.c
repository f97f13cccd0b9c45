/* Both are convex and small: a projected gradient and a fixed point that stop when shares no longer
 * move in the seventh digit. */
#include "quant/prevalence.h"

#include <math.h>
#include <string.h>

#include "base/assert.h"

enum { ITERATIONS_MAX = 10000 };
#define STILL 1e-7

/* The nearest point of the simplex (Held, Wolfe and Crowder 1974): all shares less a common number,
 * those below zero cut off. */
static void project(size_t classes, double *p)
{
    double sorted[PREVALENCE_CLASSES_MAX], sum = 0, less = 0;

    memcpy(sorted, p, classes * sizeof *p);
    for (size_t i = 1; i < classes; i++) { /* falling, by insertion */
        double value = sorted[i];
        size_t at = i;
        for (; at > 0 && sorted[at - 1] < value; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = value;
    }
    for (size_t i = 0; i < classes; i++) {
        sum += sorted[i];
        double common = (sum - 1) / (double)(i + 1);
        if (sorted[i] > common)
            less = common;
    }
    for (size_t c = 0; c < classes; c++)
        p[c] = fmax(0, p[c] - less);
}

/* rates[true * classes + guessed]: how a class is called; false when a class has no sample. */
static bool rates_of(size_t classes, const double *confusion, double *rates)
{
    for (size_t c = 0; c < classes; c++) {
        double total = 0;
        for (size_t g = 0; g < classes; g++)
            total += confusion[c * classes + g];
        if (!(total > 0))
            return false;
        for (size_t g = 0; g < classes; g++)
            rates[c * classes + g] = confusion[c * classes + g] / total;
    }
    return true;
}

/* One step down the gradient of |rates' p - shares|^2 / 2; returns how far p moved. */
static double step(size_t classes, const double *rates, const double *shares, double *p)
{
    double off[PREVALENCE_CLASSES_MAX], before[PREVALENCE_CLASSES_MAX], moved = 0;

    memcpy(before, p, classes * sizeof *p);
    for (size_t g = 0; g < classes; g++) {
        off[g] = -shares[g];
        for (size_t c = 0; c < classes; c++)
            off[g] += rates[c * classes + g] * p[c];
    }
    for (size_t c = 0; c < classes; c++) {
        double slope = 0;
        for (size_t g = 0; g < classes; g++)
            slope += rates[c * classes + g] * off[g];
        p[c] -= slope / (double)classes; /* the largest curvature is at most `classes` */
    }
    project(classes, p);
    for (size_t c = 0; c < classes; c++)
        moved = fmax(moved, fabs(p[c] - before[c]));
    return moved;
}

bool prevalence_adjusted(size_t classes, const double *confusion, const double *guessed,
                         double *out)
{
    double rates[PREVALENCE_CLASSES_MAX * PREVALENCE_CLASSES_MAX];
    double shares[PREVALENCE_CLASSES_MAX], total = 0;

    ASSERT(classes >= 2 && classes <= PREVALENCE_CLASSES_MAX);
    for (size_t c = 0; c < classes; c++)
        total += guessed[c];
    if (!(total > 0) || !rates_of(classes, confusion, rates))
        return false;
    for (size_t c = 0; c < classes; c++)
        out[c] = shares[c] = guessed[c] / total;
    for (int i = 0; i < ITERATIONS_MAX && step(classes, rates, shares, out) > STILL; i++)
        ;
    return true;
}

bool prevalence_expected(size_t classes, const double *probabilities, size_t count,
                         const double *assumed, double *out)
{
    double next[PREVALENCE_CLASSES_MAX], moved = 1;

    ASSERT(classes >= 2 && classes <= PREVALENCE_CLASSES_MAX);
    for (size_t c = 0; c < classes; c++)
        if (!(assumed[c] > 0))
            return false;
    if (count == 0)
        return false;
    for (size_t c = 0; c < classes; c++)
        out[c] = 1 / (double)classes;
    for (int i = 0; i < ITERATIONS_MAX && moved > STILL; i++) {
        memset(next, 0, sizeof next);
        for (size_t item = 0; item < count; item++) {
            const double *p = probabilities + item * classes;
            double total = 0;
            for (size_t c = 0; c < classes; c++)
                total += p[c] * out[c] / assumed[c];
            for (size_t c = 0; total > 0 && c < classes; c++)
                next[c] += p[c] * out[c] / assumed[c] / total;
        }
        moved = 0;
        for (size_t c = 0; c < classes; c++) {
            double share = next[c] / (double)count;
            moved = fmax(moved, fabs(share - out[c]));
            out[c] = share;
        }
    }
    return true;
}
