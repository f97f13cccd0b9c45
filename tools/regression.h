/* regression.h - multinomial logistic regression on sparse rows, for the trainers.
 *
 * Minimises  sum_i weight_i * -log p(label_i | row_i)  +  l2 / 2 * |w|^2  by L-BFGS (Nocedal 1980;
 * memory of 8 steps, backtracking), a convex problem: the result depends on data and l2 alone. A
 * row has sparse items and some dense numbers. Sums run in a fixed order. One thread.
 */
#ifndef TOOLS_REGRESSION_H
#define TOOLS_REGRESSION_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { REGRESSION_CLASSES = 3, REGRESSION_MEMORY = 8, REGRESSION_STEPS_MAX = 20 };
#define REGRESSION_TOLERANCE 1e-5

struct regression_item {
    uint32_t column;
    float value;
};

struct regression_row {
    struct regression_item *items;
    size_t item_count;
    float *dense;
    int label; /* 0 .. REGRESSION_CLASSES - 1 */
    double weight;
};

/* Weight of class c: sparse columns at weights[column * 3 + c], dense ones behind them. */
struct regression {
    size_t sparse_count, dense_count;
    double l2;
    size_t iterations_max;
    float *weights; /* by regression_train(); mem_free() */
};

static inline size_t regression_size(const struct regression *r)
{
    return (r->sparse_count + r->dense_count) * REGRESSION_CLASSES;
}

static inline void regression_softmax(double z[REGRESSION_CLASSES])
{
    double most = fmax(z[0], fmax(z[1], z[2])), sum = 0;

    for (int c = 0; c < REGRESSION_CLASSES; c++)
        sum += z[c] = exp(z[c] - most);
    for (int c = 0; c < REGRESSION_CLASSES; c++)
        z[c] /= sum;
}

static inline void regression_scores(const struct regression *r, const float *weights,
                                     const struct regression_row *row, double z[REGRESSION_CLASSES])
{
    double a = 0, b = 0, c = 0;

    for (size_t i = 0; i < row->item_count; i++) {
        const float *w = weights + (size_t)row->items[i].column * 3;
        double value = (double)row->items[i].value;
        a += (double)w[0] * value;
        b += (double)w[1] * value;
        c += (double)w[2] * value;
    }
    const float *w = weights + r->sparse_count * 3;
    for (size_t i = 0; i < r->dense_count; i++, w += 3) {
        double value = (double)row->dense[i];
        a += (double)w[0] * value;
        b += (double)w[1] * value;
        c += (double)w[2] * value;
    }
    z[0] = a;
    z[1] = b;
    z[2] = c;
}

static inline void regression_add_gradient(const struct regression *r,
                                           const struct regression_row *row, const double slope[3],
                                           float *gradient)
{
    for (size_t i = 0; i < row->item_count; i++) {
        float *g = gradient + (size_t)row->items[i].column * 3;
        for (int c = 0; c < 3; c++)
            g[c] += (float)(slope[c] * (double)row->items[i].value);
    }
    float *g = gradient + r->sparse_count * 3;
    for (size_t i = 0; i < r->dense_count; i++, g += 3)
        for (int c = 0; c < 3; c++)
            g[c] += (float)(slope[c] * (double)row->dense[i]);
}

static inline double regression_loss(const struct regression *r, const struct regression_row *rows,
                                     size_t count, const float *weights, float *gradient)
{
    double loss = 0;
    size_t size = regression_size(r);

    for (size_t p = 0; p < size; p++) {
        gradient[p] = (float)r->l2 * weights[p];
        loss += 0.5 * r->l2 * (double)weights[p] * (double)weights[p];
    }
    for (size_t i = 0; i < count; i++) {
        double z[REGRESSION_CLASSES];
        const struct regression_row *row = &rows[i];
        regression_scores(r, weights, row, z);
        regression_softmax(z);
        loss -= row->weight * log(z[row->label] + 1e-30);
        for (int c = 0; c < REGRESSION_CLASSES; c++)
            z[c] = row->weight * (z[c] - (c == row->label));
        regression_add_gradient(r, row, z, gradient);
    }
    return loss;
}

static inline double regression_dot(const float *a, const float *b, size_t size)
{
    double sum = 0;

    for (size_t p = 0; p < size; p++)
        sum += (double)a[p] * (double)b[p];
    return sum;
}

struct regression_search {
    float *steps[REGRESSION_MEMORY], *changes[REGRESSION_MEMORY]; /* of weights, of gradient */
    double inverse[REGRESSION_MEMORY];                            /* 1 / (step . change) */
    float *direction, *gradient, *next, *next_gradient;
};

/* Two-loop recursion: the direction of the quasi-Newton step `at`. */
static inline void regression_aim(struct regression_search *s, size_t at, size_t size)
{
    double alpha[REGRESSION_MEMORY];
    size_t first = at < REGRESSION_MEMORY ? 0 : at - REGRESSION_MEMORY;
    float *d = s->direction;

    for (size_t p = 0; p < size; p++)
        d[p] = -s->gradient[p];
    for (size_t j = at; j-- > first;) {
        size_t m = j % REGRESSION_MEMORY;
        alpha[m] = s->inverse[m] * regression_dot(s->steps[m], d, size);
        for (size_t p = 0; p < size; p++)
            d[p] -= (float)alpha[m] * s->changes[m][p];
    }
    size_t last = (at + REGRESSION_MEMORY - 1) % REGRESSION_MEMORY;
    double scale =
        at > 0 ? 1 / (s->inverse[last] * regression_dot(s->changes[last], s->changes[last], size))
               : 1 / (sqrt(regression_dot(s->gradient, s->gradient, size)) + 1e-30);
    for (size_t p = 0; p < size; p++)
        d[p] *= (float)scale;
    for (size_t j = first; j < at; j++) {
        size_t m = j % REGRESSION_MEMORY;
        double beta = s->inverse[m] * regression_dot(s->changes[m], d, size);
        for (size_t p = 0; p < size; p++)
            d[p] += (float)(alpha[m] - beta) * s->steps[m][p];
    }
}

/* One step; returns the loss after it. */
static inline double regression_step(struct regression *r, struct regression_search *s, size_t at,
                                     const struct regression_row *rows, size_t count, double loss)
{
    size_t size = regression_size(r), m = at % REGRESSION_MEMORY;
    double slope, length = 1, next_loss;

    regression_aim(s, at, size);
    slope = regression_dot(s->gradient, s->direction, size);
    for (int tries = 0;; tries++, length *= 0.5) {
        for (size_t p = 0; p < size; p++)
            s->next[p] = r->weights[p] + (float)length * s->direction[p];
        next_loss = regression_loss(r, rows, count, s->next, s->next_gradient);
        if (next_loss <= loss + 1e-4 * length * slope || tries == REGRESSION_STEPS_MAX)
            break;
    }
    for (size_t p = 0; p < size; p++) {
        s->steps[m][p] = s->next[p] - r->weights[p];
        s->changes[m][p] = s->next_gradient[p] - s->gradient[p];
    }
    s->inverse[m] = 1 / regression_dot(s->steps[m], s->changes[m], size);
    memcpy(r->weights, s->next, size * sizeof *s->next);
    memcpy(s->gradient, s->next_gradient, size * sizeof *s->next);
    return next_loss;
}

static inline float *regression_numbers(size_t count)
{
    return mem_alloc(count, sizeof(float));
}

static inline void regression_train(struct regression *r, const struct regression_row *rows,
                                    size_t count)
{
    struct regression_search s = {0};
    size_t size = regression_size(r);

    for (int m = 0; m < REGRESSION_MEMORY; m++) {
        s.steps[m] = regression_numbers(size);
        s.changes[m] = regression_numbers(size);
    }
    s.direction = regression_numbers(size);
    s.gradient = regression_numbers(size);
    s.next = regression_numbers(size);
    s.next_gradient = regression_numbers(size);
    r->weights = regression_numbers(size);
    double loss = regression_loss(r, rows, count, r->weights, s.gradient);
    for (size_t at = 0; at < r->iterations_max; at++) {
        double before = loss;
        loss = regression_step(r, &s, at, rows, count, loss);
        if (fabs(before - loss) < REGRESSION_TOLERANCE * fabs(before))
            break;
    }
    for (int m = 0; m < REGRESSION_MEMORY; m++) {
        mem_free(s.steps[m]);
        mem_free(s.changes[m]);
    }
    mem_free(s.direction);
    mem_free(s.gradient);
    mem_free(s.next);
    mem_free(s.next_gradient);
}

#endif
