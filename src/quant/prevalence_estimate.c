/* Adjusted counts with an interval. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/random.h"
#include "quant/confusion.h"
#include "quant/numeric.h"
#include "quant/prevalence.h"

#define PRIOR 0.5 /* of each cell: Jeffreys */

/* ---- how well classes are told apart --------------------------------------------------------- */

enum { JACOBI_SWEEPS_MAX = 50 };
#define JACOBI_STILL 1e-15

struct square {
    size_t n;
    double cells[PREVALENCE_CLASSES_MAX][PREVALENCE_CLASSES_MAX];
};

static void rotate(struct square *m, size_t p, size_t q)
{
    double apq = m->cells[p][q];

    if (apq == 0)
        return;
    double theta = (m->cells[q][q] - m->cells[p][p]) / (2 * apq);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t k = 0; k < m->n; k++) {
        double kp = m->cells[k][p], kq = m->cells[k][q];
        m->cells[k][p] = c * kp - s * kq;
        m->cells[k][q] = s * kp + c * kq;
    }
    for (size_t k = 0; k < m->n; k++) {
        double pk = m->cells[p][k], qk = m->cells[q][k];
        m->cells[p][k] = c * pk - s * qk;
        m->cells[q][k] = s * pk + c * qk;
    }
}

/* The least eigenvalue of a symmetric matrix, by Jacobi's rotations. */
static double least_eigenvalue(struct square *m)
{
    double off = INFINITY, least = INFINITY;

    for (int sweep = 0; sweep < JACOBI_SWEEPS_MAX && off > JACOBI_STILL; sweep++) {
        off = 0;
        for (size_t p = 0; p + 1 < m->n; p++)
            for (size_t q = p + 1; q < m->n; q++) {
                off += m->cells[p][q] * m->cells[p][q];
                rotate(m, p, q);
            }
    }
    for (size_t i = 0; i < m->n; i++)
        least = fmin(least, m->cells[i][i]);
    return least;
}

/* Helmert's rows: an orthonormal base of what sums to zero. */
static double helmert(size_t row, size_t column)
{
    double n = (double)(row + 1);

    if (column > row + 1)
        return 0;
    return column <= row ? 1 / sqrt(n * (n + 1)) : -n / sqrt(n * (n + 1));
}

double prevalence_separation(size_t classes, const double *confusion)
{
    double calls[PREVALENCE_CLASSES_MAX][PREVALENCE_CLASSES_MAX] = {{0}};
    struct square gram = {.n = classes - 1};

    ASSERT(classes >= 2 && classes <= PREVALENCE_CLASSES_MAX);
    for (size_t c = 0; c < classes; c++) {
        double total = 0;
        for (size_t g = 0; g < classes; g++)
            total += confusion[c * classes + g];
        if (!(total > 0))
            return (double)NAN;
        for (size_t row = 0; row < gram.n; row++)
            for (size_t g = 0; g < classes; g++)
                calls[row][g] += helmert(row, c) * confusion[c * classes + g] / total;
    }
    for (size_t i = 0; i < gram.n; i++)
        for (size_t j = 0; j < gram.n; j++)
            for (size_t g = 0; g < classes; g++)
                gram.cells[i][j] += calls[i][g] * calls[j][g];
    return sqrt(fmax(0, least_eigenvalue(&gram)));
}

/* ---- draws ----------------------------------------------------------------------------------- */

/* Gamma with scale 1 (Marsaglia and Tsang 2000); below 1 by a power of a uniform number. */
static double draw_gamma(struct random *random, double shape)
{
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d), v;

    for (;;) {
        double x = numeric_normal_quantile(random_next_unit(random));
        double u = random_next_unit(random);
        v = 1 + c * x;
        v = v * v * v;
        if (v > 0 && numeric_log(u) < 0.5 * x * x + d - d * v + d * numeric_log(v))
            break;
    }
    double power = shape < 1 ? numeric_pow(random_next_unit(random), 1 / shape) : 1;
    return d * v * power;
}

/* Shares with the posterior of the counts. */
static void draw_shares(struct random *random, size_t count, const double *counts, double *out)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += out[i] = draw_gamma(random, counts[i] + PRIOR);
    for (size_t i = 0; i < count; i++)
        out[i] /= sum;
}

/* ---- the estimate ---------------------------------------------------------------------------- */

/* Takes what is off topic out of what was called; false when nothing is left. */
static bool on_topic(size_t classes, const double *shares, double off_share, const double *off,
                     double *out)
{
    double total = 0;

    for (size_t g = 0; g < classes; g++)
        total += out[g] = fmax(0, shares[g] - off_share * off[g]);
    for (size_t g = 0; g < classes && total > 0; g++)
        out[g] /= total;
    return total > 0;
}

/* What is called g is t as often as among the labelled: P(t|g) from rates and shares (Bayes). */
static void calibrate(size_t n, const double *rates, const double *labelled, const double *called,
                      double *out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t g = 0; g < n; g++) {
        double all = 0;
        for (size_t t = 0; t < n; t++)
            all += labelled[t] * rates[t * n + g];
        for (size_t t = 0; t < n && all > 0; t++)
            out[t] += called[g] * labelled[t] * rates[t * n + g] / all;
    }
}

static double net_of(const struct prevalence_input *in, const double *shares)
{
    double high = shares[in->high_class], low = shares[in->low_class];

    return high + low > 0 ? (high - low) / (high + low) : (double)NAN;
}

static double sum_of(size_t count, const double *numbers)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += numbers[i];
    return sum;
}

struct replicates {
    double shares[PREVALENCE_CLASSES_MAX][PREVALENCE_REPLICATES];
    double net[PREVALENCE_REPLICATES];
    size_t count, net_count;
};

static void replicate(const struct prevalence_input *in, double labels, struct random *random,
                      struct replicates *r)
{
    size_t n = in->classes;
    double rates[PREVALENCE_CLASSES_MAX * PREVALENCE_CLASSES_MAX], shares[PREVALENCE_CLASSES_MAX];
    double off[PREVALENCE_CLASSES_MAX] = {0}, about[2] = {1, 0}, called[PREVALENCE_CLASSES_MAX];

    for (size_t c = 0; c < n; c++)
        draw_shares(random, n, in->confusion + c * n, rates + c * n);
    draw_shares(random, n, in->guessed, shares);
    if (in->off_topic && sum_of(n, in->off_topic) > 0) {
        const double split[2] = {labels, sum_of(n, in->off_topic)};
        draw_shares(random, n, in->off_topic, off);
        draw_shares(random, 2, split, about);
    }
    if (!on_topic(n, shares, about[1], off, called) || !prevalence_adjusted(n, rates, called, off))
        return;
    for (size_t c = 0; c < n; c++)
        r->shares[c][r->count] = off[c];
    r->count++;
    double net = net_of(in, off);
    if (!isnan(net))
        r->net[r->net_count++] = net;
}

/* How much of the way from the calibrated to the adjusted shares is gone, 0 to 1. */
static double trust_of(size_t n, const struct replicates *r, const double *adjusted,
                       const double *calibrated)
{
    double apart = 0, variance = 0;

    for (size_t c = 0; c < n; c++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < r->count; i++) {
            sum += r->shares[c][i];
            squares += r->shares[c][i] * r->shares[c][i];
        }
        double mean = sum / (double)r->count;
        variance += squares / (double)r->count - mean * mean;
        apart += (adjusted[c] - calibrated[c]) * (adjusted[c] - calibrated[c]);
    }
    return apart > variance ? 1 - variance / apart : 0;
}

static void shrink(const struct prevalence_input *in, const struct replicates *r,
                   struct prevalence *out, const double *calibrated)
{
    double shares[PREVALENCE_CLASSES_MAX];

    if (!in->labelled || r->count == 0)
        return;
    for (size_t c = 0; c < in->classes; c++)
        shares[c] = out->shares[c].value;
    double trust = trust_of(in->classes, r, shares, calibrated);
    for (size_t c = 0; c < in->classes; c++)
        out->shares[c].value = shares[c] = calibrated[c] + trust * (shares[c] - calibrated[c]);
    out->net.value = net_of(in, shares);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* The interval holds the value itself: a share at the edge of what is possible is its own bound. */
static void set_interval(double *values, size_t count, struct prevalence_share *out)
{
    if (count == 0 || isnan(out->value)) {
        out->low = out->high = (double)NAN;
        return;
    }
    qsort(values, count, sizeof *values, compare);
    out->low = fmin(out->value, values[(size_t)(0.025 * (double)(count - 1))]);
    out->high = fmax(out->value, values[(size_t)ceil(0.975 * (double)(count - 1))]);
}

static enum prevalence_answer check(const struct prevalence_input *in, struct prevalence *out)
{
    size_t n = in->classes;

    out->labels = sum_of(n * n, in->confusion);
    out->separation = prevalence_separation(n, in->confusion);
    if (out->labels < PREVALENCE_LABELS_MIN)
        return PREVALENCE_TOO_FEW;
    for (size_t c = 0; c < n; c++)
        if (sum_of(n, in->confusion + c * n) < PREVALENCE_CLASS_LABELS_MIN)
            return PREVALENCE_CLASS_FEW;
    if (!(out->separation >= PREVALENCE_SEPARATION_MIN))
        return PREVALENCE_INDISTINCT;
    return sum_of(n, in->guessed) > 0 ? PREVALENCE_GOOD : PREVALENCE_UNCOUNTED;
}

/* The value itself, from the counts as they are. */
static bool point(const struct prevalence_input *in, struct prevalence *out, double *calibrated)
{
    size_t n = in->classes;
    double counted = sum_of(n, in->guessed), away = in->off_topic ? sum_of(n, in->off_topic) : 0;
    double shares[PREVALENCE_CLASSES_MAX], off[PREVALENCE_CLASSES_MAX] = {0};
    double called[PREVALENCE_CLASSES_MAX], found[PREVALENCE_CLASSES_MAX];

    for (size_t g = 0; g < n; g++) {
        shares[g] = in->guessed[g] / counted;
        off[g] = away > 0 ? in->off_topic[g] / away : 0;
    }
    double off_share = away / (away + out->labels);
    struct confusion_share about = confusion_share(off_share, away + out->labels);
    out->off_topic = (struct prevalence_share){about.value, about.low, about.high};
    if (!on_topic(n, shares, off_share, off, called) ||
        !prevalence_adjusted(n, in->confusion, called, found))
        return false;
    for (size_t c = 0; c < n; c++)
        out->shares[c].value = found[c];
    if (in->labelled) {
        double rates[PREVALENCE_CLASSES_MAX * PREVALENCE_CLASSES_MAX];
        for (size_t c = 0; c < n; c++)
            for (size_t g = 0; g < n; g++)
                rates[c * n + g] = in->confusion[c * n + g] / sum_of(n, in->confusion + c * n);
        calibrate(n, rates, in->labelled, called, calibrated);
    }
    return true;
}

enum prevalence_answer prevalence_estimate(const struct prevalence_input *in,
                                           struct prevalence *out)
{
    struct random random = {.seed = in->seed};
    struct replicates r;
    double calibrated[PREVALENCE_CLASSES_MAX];

    ASSERT(in->classes >= 2 && in->classes <= PREVALENCE_CLASSES_MAX);
    ASSERT(in->low_class < in->classes && in->high_class < in->classes);
    memset(out, 0, sizeof *out);
    enum prevalence_answer answer = check(in, out);
    if (answer != PREVALENCE_GOOD)
        return answer;
    if (!point(in, out, calibrated))
        return PREVALENCE_UNCOUNTED;
    r.count = r.net_count = 0;
    for (int i = 0; i < PREVALENCE_REPLICATES; i++)
        replicate(in, out->labels, &random, &r);
    shrink(in, &r, out, calibrated);
    for (size_t c = 0; c < in->classes; c++)
        set_interval(r.shares[c], r.count, &out->shares[c]);
    set_interval(r.net, r.net_count, &out->net);
    return PREVALENCE_GOOD;
}
