/* Both are convex and small. Adjusted counts of few classes are found exactly, face by face of the
 * simplex; of many by a projected gradient. Expectation is a fixed point. What iterates stops when
 * shares no longer move in the seventh digit. */
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

/* ---- few classes: every face ----------------------------------------------------------------- */

enum { FACE_CLASSES_MAX = 5, FACE_EQUATIONS_MAX = FACE_CLASSES_MAX + 1 };
#define PIVOT_MIN 1e-12

/* Solves the equations in place by elimination with pivots; false when they do not decide. */
static bool solve(size_t n, double a[FACE_EQUATIONS_MAX][FACE_EQUATIONS_MAX + 1])
{
    for (size_t at = 0; at < n; at++) {
        size_t pivot = at;
        for (size_t row = at + 1; row < n; row++)
            if (fabs(a[row][at]) > fabs(a[pivot][at]))
                pivot = row;
        if (fabs(a[pivot][at]) < PIVOT_MIN)
            return false;
        for (size_t k = 0; k <= n; k++) {
            double swap = a[at][k];
            a[at][k] = a[pivot][k];
            a[pivot][k] = swap;
        }
        for (size_t row = 0; row < n; row++) {
            double factor = row == at ? 0 : a[row][at] / a[at][at];
            for (size_t k = at; factor != 0 && k <= n; k++)
                a[row][k] -= factor * a[at][k];
        }
    }
    for (size_t row = 0; row < n; row++)
        a[row][n] /= a[row][row];
    return true;
}

/* Least squares over the classes of `face` alone, with shares that sum to one; the conditions of
 * Lagrange are linear. False: undecided, or a share is below zero. */
static bool solve_face(size_t classes, const double *rates, const double *shares, unsigned face,
                       double *p)
{
    double a[FACE_EQUATIONS_MAX][FACE_EQUATIONS_MAX + 1] = {{0}};
    size_t of[FACE_CLASSES_MAX], n = 0;

    for (size_t c = 0; c < classes; c++)
        if (face >> c & 1)
            of[n++] = c;
    for (size_t i = 0; i < n; i++) {
        for (size_t g = 0; g < classes; g++) {
            const double rate = rates[of[i] * classes + g];
            for (size_t j = 0; j < n; j++)
                a[i][j] += rate * rates[of[j] * classes + g];
            a[i][n + 1] += rate * shares[g];
        }
        a[i][n] = a[n][i] = 1;
    }
    a[n][n + 1] = 1;
    if (!solve(n + 1, a))
        return false;
    memset(p, 0, classes * sizeof *p);
    for (size_t i = 0; i < n; i++) {
        if (a[i][n + 1] < 0)
            return false;
        p[of[i]] = a[i][n + 1];
    }
    return true;
}

static double distance(size_t classes, const double *rates, const double *shares, const double *p)
{
    double sum = 0;

    for (size_t g = 0; g < classes; g++) {
        double off = -shares[g];
        for (size_t c = 0; c < classes; c++)
            off += rates[c * classes + g] * p[c];
        sum += off * off;
    }
    return sum;
}

/* The nearest point lies inside one face, where it is that face's own solution. */
static void solve_faces(size_t classes, const double *rates, const double *shares, double *out)
{
    double p[FACE_CLASSES_MAX], least = INFINITY;
    unsigned all = (1u << classes) - 1;

    for (unsigned face = all; face > 0; face--) {
        if (!solve_face(classes, rates, shares, face, p))
            continue;
        double off = distance(classes, rates, shares, p);
        if (off < least) {
            least = off;
            memcpy(out, p, classes * sizeof *p);
        }
        if (face == all) /* the best of all, and allowed */
            break;
    }
}

/* ---- any number ------------------------------------------------------------------------------ */

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
    if (classes <= FACE_CLASSES_MAX) {
        solve_faces(classes, rates, shares, out);
        return true;
    }
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
