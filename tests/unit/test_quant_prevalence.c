/* Shares from a classifier that errs: exact cases by hand, then samples whose shares are known. */
#include "quant/prevalence.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "quant/numeric.h"
#include "unit/test.h"

enum { CLASSES = 3, ITEMS = 2000, SAMPLES = 20 };

TEST(prevalence_adjusted_inverts_the_confusion)
{
    /* Of 100 of each class 80 are recognised, the rest are split. */
    const double confusion[] = {80, 10, 10, 10, 80, 10, 10, 10, 80};
    const double shares[] = {0.1, 0.7, 0.2};
    double guessed[CLASSES] = {0}, out[CLASSES];

    for (int c = 0; c < CLASSES; c++)
        for (int g = 0; g < CLASSES; g++)
            guessed[g] += 1000 * shares[c] * confusion[c * CLASSES + g] / 100;
    CHECK(prevalence_adjusted(CLASSES, confusion, guessed, out));
    for (int c = 0; c < CLASSES; c++)
        CHECK_NEAR(out[c], shares[c], 1e-5);
}

TEST(prevalence_adjusted_stays_within_bounds)
{
    const double confusion[] = {70, 30, 20, 80};
    const double few[] = {5, 95}; /* fewer than the errors alone would give */
    double out[2];

    CHECK(prevalence_adjusted(2, confusion, few, out));
    CHECK_NEAR(out[0], 0, 1e-9);
    CHECK_NEAR(out[1], 1, 1e-9);
}

TEST(prevalence_refuses_what_tells_nothing)
{
    const double unseen[] = {0, 0, 20, 80}, fine[] = {70, 30, 20, 80};
    const double guessed[] = {5, 95}, nothing[] = {0, 0}, assumed[] = {0, 1};
    const double probabilities[] = {0.5, 0.5};
    double out[2] = {-1, -1};

    CHECK(!prevalence_adjusted(2, unseen, guessed, out));
    CHECK(!prevalence_adjusted(2, fine, nothing, out));
    CHECK(!prevalence_expected(2, probabilities, 1, assumed, out));
    CHECK(!prevalence_expected(2, probabilities, 0, fine, out));
    CHECK_NEAR(out[0], -1, 0);
}

/* Items on a line, a class at -1, 0 and 1, with the normal distribution's tails between them. */
struct sample {
    double probabilities[ITEMS * CLASSES];
    double truth[CLASSES], guessed[CLASSES];
    double confusion[CLASSES * CLASSES];
};

static void draw(struct sample *s, struct random *random, const double shares[CLASSES])
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < ITEMS; i++) {
        double u = random_next_unit(random), *p = &s->probabilities[i * CLASSES], total = 0;
        int class = u < shares[0] ? 0 : u < shares[0] + shares[1] ? 1 : 2, guess = 0;
        double x = class - 1 + numeric_normal_quantile(random_next_unit(random)) * 0.8;
        for (int c = 0; c < CLASSES; c++) {
            double distance = (x - (c - 1)) / 0.8;
            total += p[c] = numeric_exp(-0.5 * distance * distance);
        }
        for (int c = 0; c < CLASSES; c++) {
            p[c] /= total;
            guess = p[c] > p[guess] ? c : guess;
        }
        s->truth[class] += 1.0 / ITEMS;
        s->guessed[guess]++;
        s->confusion[class * CLASSES + guess]++;
    }
}

static double error_of(const double *estimate, double whole, const double *truth)
{
    double error = 0;

    for (int c = 0; c < CLASSES; c++)
        error += fabs(estimate[c] / whole - truth[c]) / CLASSES;
    return error;
}

TEST(prevalence_beats_counting_labels)
{
    const double even[] = {1 / 3.0, 1 / 3.0, 1 / 3.0};
    struct random random = {.seed = 4};
    static struct sample known, sample;
    double counted = 0, adjusted = 0, expected = 0;

    draw(&known, &random, even);
    for (int i = 0; i < SAMPLES; i++) {
        double shares[CLASSES], total = 0, out[CLASSES];
        for (int c = 0; c < CLASSES; c++)
            total += shares[c] = -numeric_log(random_next_unit(&random)); /* even on the simplex */
        for (int c = 0; c < CLASSES; c++)
            shares[c] /= total;
        draw(&sample, &random, shares);
        counted += error_of(sample.guessed, ITEMS, sample.truth) / SAMPLES;
        CHECK(prevalence_adjusted(CLASSES, known.confusion, sample.guessed, out));
        adjusted += error_of(out, 1, sample.truth) / SAMPLES;
        CHECK(prevalence_expected(CLASSES, sample.probabilities, ITEMS, even, out));
        CHECK_NEAR(out[0] + out[1] + out[2], 1, 1e-9);
        expected += error_of(out, 1, sample.truth) / SAMPLES;
    }
    CHECK(counted > 0.05);
    CHECK(adjusted < counted / 2);
    CHECK(expected < counted / 3);
}

int main(void)
{
    return RUN(CASE(prevalence_adjusted_inverts_the_confusion),
               CASE(prevalence_adjusted_stays_within_bounds),
               CASE(prevalence_refuses_what_tells_nothing), CASE(prevalence_beats_counting_labels));
}
