#include "quant/correlation.h"

#include <math.h>
#include <string.h>

#include "quant/numeric.h"

#define TOLERANCE 1e-9 /* an eigenvalue above -TOLERANCE counts as not negative */
enum { SWEEPS_MAX = 60, ROUNDS_MAX = 400 };

double correlation_from_rank(double rank)
{
    const double pi = 0x1.921fb54442d18p1;

    return rank >= 1.0 ? 1.0 : rank <= -1.0 ? -1.0 : 2.0 * numeric_sin(pi * rank / 6.0);
}

static void rotate(double *m, double *vectors, size_t n, size_t p, size_t q)
{
    double apq = m[p * n + q];
    double theta = (m[q * n + q] - m[p * n + p]) / (2.0 * apq);
    double t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
    double c = 1.0 / sqrt(t * t + 1.0), s = t * c;

    for (size_t k = 0; k < n; k++) {
        double kp = m[k * n + p], kq = m[k * n + q];
        m[k * n + p] = c * kp - s * kq;
        m[k * n + q] = s * kp + c * kq;
    }
    for (size_t k = 0; k < n; k++) {
        double pk = m[p * n + k], qk = m[q * n + k];
        m[p * n + k] = c * pk - s * qk;
        m[q * n + k] = s * pk + c * qk;
    }
    for (size_t k = 0; vectors && k < n; k++) {
        double kp = vectors[k * n + p], kq = vectors[k * n + q];
        vectors[k * n + p] = c * kp - s * kq;
        vectors[k * n + q] = s * kp + c * kq;
    }
}

/* Cyclic Jacobi: m becomes diagonal, the columns of `vectors` the eigenvectors. */
static void diagonalise(double *m, double *vectors, size_t n)
{
    for (size_t i = 0; vectors && i < n * n; i++)
        vectors[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        double off = 0.0;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                off += m[p * n + q] * m[p * n + q];
        if (off < 1e-26)
            return;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                if (fabs(m[p * n + q]) > 1e-18)
                    rotate(m, vectors, n, p, q);
    }
}

bool correlation_least_eigenvalue(struct arena *a, const double *matrix, size_t n, double *least,
                                  struct err *err)
{
    double *m = arena_try_new(a, double, n *n);
    if (!m)
        return err_arena(err, a);
    memcpy(m, matrix, n * n * sizeof *m);
    diagonalise(m, NULL, n);
    *least = m[0];
    for (size_t i = 1; i < n; i++)
        *least = m[i * n + i] < *least ? m[i * n + i] : *least;
    return true;
}

/* Lower triangular L with L L' = m; false when a pivot is clearly negative. A pivot of about zero
 * (an input fully determined by earlier ones) leaves a column of zeros. */
static bool cholesky(const double *m, double *factor, size_t n)
{
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            double sum = m[i * n + j];
            for (size_t k = 0; k < j && i >= j; k++)
                sum -= factor[i * n + k] * factor[j * n + k];
            if (i < j) {
                factor[i * n + j] = 0.0;
            } else if (i == j) {
                if (sum < -TOLERANCE)
                    return false;
                factor[j * n + j] = sum > TOLERANCE ? sqrt(sum) : 0.0;
            } else {
                double pivot = factor[j * n + j];
                if (!(pivot > 0.0) && fabs(sum) > 1e-6)
                    return false;
                factor[i * n + j] = pivot > 0.0 ? sum / pivot : 0.0;
            }
        }
    return true;
}

struct work {
    double *y, *projected, *vectors, *correction;
};

/* Projects on the positive semi-definite matrices: negative eigenvalues become zero. */
static void project(const struct work *w, size_t n)
{
    memcpy(w->projected, w->y, n * n * sizeof *w->y);
    diagonalise(w->projected, w->vectors, n);
    memset(w->y, 0, n * n * sizeof *w->y);
    for (size_t k = 0; k < n; k++) {
        double value = w->projected[k * n + k];
        for (size_t i = 0; i < n && value > 0.0; i++)
            for (size_t j = 0; j < n; j++)
                w->y[i * n + j] += value * w->vectors[i * n + k] * w->vectors[j * n + k];
    }
}

/* Higham's alternating projections with Dykstra's correction; a last blend with the identity makes
 * the end result safely semi-definite. */
static bool nearest(struct arena *a, double *m, size_t n, struct err *err)
{
    size_t cells = n * n;
    struct work w = {arena_try_new(a, double, cells), arena_try_new(a, double, cells),
                     arena_try_new(a, double, cells), arena_try_new(a, double, cells)};
    if (!w.y || !w.projected || !w.vectors || !w.correction)
        return err_arena(err, a);

    for (int round = 0; round < ROUNDS_MAX; round++) {
        double moved = 0.0;
        for (size_t i = 0; i < cells; i++) {
            w.y[i] = m[i] - w.correction[i];
            w.correction[i] = -w.y[i];
        }
        project(&w, n);
        for (size_t i = 0; i < cells; i++) {
            w.correction[i] += w.y[i];
            double next = i % (n + 1) == 0 ? 1.0 : w.y[i];
            moved = fmax(moved, fabs(next - m[i]));
            m[i] = next;
        }
        if (moved < 1e-10)
            break;
    }
    double least;
    if (!correlation_least_eigenvalue(a, m, n, &least, err))
        return false;
    if (least < 0.0)
        for (size_t i = 0; i < cells; i++)
            if (i % (n + 1) != 0)
                m[i] /= 1.0 - least;
    return true;
}

bool correlation_factor(struct arena *a, const double *ranks, size_t n, double *factor,
                        double *changed, struct err *err)
{
    if (n > CORRELATION_SIZE_MAX)
        return err_set(err, ERR_LIMIT, "%zu correlated inputs hang together, at most %d can", n,
                       CORRELATION_SIZE_MAX);
    double *wanted = arena_try_new(a, double, n *n), *m = arena_try_new(a, double, n *n);
    if (!wanted || !m)
        return err_arena(err, a);
    for (size_t i = 0; i < n * n; i++)
        wanted[i] = i % (n + 1) == 0 ? 1.0 : correlation_from_rank(ranks[i]);
    *changed = 0.0;
    double least;
    if (!correlation_least_eigenvalue(a, wanted, n, &least, err))
        return false;
    memcpy(m, wanted, n * n * sizeof *m);
    if (least < -TOLERANCE) {
        double least_rank;
        if (!correlation_least_eigenvalue(a, ranks, n, &least_rank, err))
            return false;
        if (least_rank < -1e-6)
            return err_set(err, ERR_INPUT,
                           "no %zu inputs can have these rank correlations together (smallest "
                           "eigenvalue %.3g)",
                           n, least_rank);
        if (!nearest(a, m, n, err))
            return false;
        for (size_t i = 0; i < n * n; i++)
            *changed = fmax(*changed, fabs(m[i] - wanted[i]));
    }
    if (!cholesky(m, factor, n))
        return err_set(err, ERR_INPUT, "the correlations of %zu inputs cannot be factored", n);
    return true;
}
