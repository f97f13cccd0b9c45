/* Shares from a classifier that errs: exact cases by hand, then samples whose shares are known. */
#include "quant/prevalence.h"

#include <math.h>
#include <stdio.h>
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

/* ---- estimates with intervals ---------------------------------------------------------------- */

static size_t draw_class(struct random *random, const double *shares, size_t count)
{
    double u = random_next_unit(random);
    size_t c = 0;

    while (c + 1 < count && u >= shares[c])
        u -= shares[c++];
    return c;
}

static const double true_rates[CLASSES][CLASSES] = {
    {0.70, 0.22, 0.08}, {0.15, 0.70, 0.15}, {0.07, 0.23, 0.70}};

/* 200 labelled texts, 2,000 counted with other shares, 5 % of both off topic. */
static enum prevalence_answer simulate(struct random *random, const double *labelled,
                                       const double *counted, struct prevalence *out)
{
    const double off_rates[CLASSES] = {0.1, 0.8, 0.1}, topic[2] = {0.95, 0.05};
    double confusion[CLASSES * CLASSES] = {0}, off[CLASSES] = {0}, guessed[CLASSES] = {0};

    for (int i = 0; i < 200; i++) {
        if (draw_class(random, topic, 2) == 1) {
            off[draw_class(random, off_rates, CLASSES)]++;
            continue;
        }
        size_t c = draw_class(random, labelled, CLASSES);
        confusion[c * CLASSES + draw_class(random, true_rates[c], CLASSES)]++;
    }
    for (int i = 0; i < 2000; i++) {
        if (draw_class(random, topic, 2) == 1) {
            guessed[draw_class(random, off_rates, CLASSES)]++;
            continue;
        }
        size_t c = draw_class(random, counted, CLASSES);
        guessed[draw_class(random, true_rates[c], CLASSES)]++;
    }
    return prevalence_estimate(
        &(struct prevalence_input){CLASSES, confusion, off, guessed, NULL, 11, 0, 2}, out);
}

TEST(prevalence_intervals_hold_what_they_promise)
{
    enum { DRAWS = 400 };
    const double labelled[CLASSES] = {0.25, 0.5, 0.25};
    struct random random = {.seed = 6};
    int inside = 0, net_inside = 0, answers = 0;
    double error = 0, width = 0;

    for (int i = 0; i < DRAWS; i++) {
        double shares[CLASSES], total = 0;
        struct prevalence p;
        for (int c = 0; c < CLASSES; c++)
            total += shares[c] = -numeric_log(random_next_unit(&random));
        for (int c = 0; c < CLASSES; c++)
            shares[c] /= total;
        if (simulate(&random, labelled, shares, &p) != PREVALENCE_GOOD)
            continue;
        answers++;
        for (int c = 0; c < CLASSES; c++) {
            inside += shares[c] >= p.shares[c].low && shares[c] <= p.shares[c].high;
            error += fabs(shares[c] - p.shares[c].value) / CLASSES;
            width += (p.shares[c].high - p.shares[c].low) / CLASSES;
        }
        double net = (shares[2] - shares[0]) / (shares[2] + shares[0]);
        net_inside += net >= p.net.low && net <= p.net.high;
    }
    print_message("of %d: shares inside %.3f, net inside %.3f, mean error %.3f, width %.3f\n",
                  answers, inside / (3.0 * answers), (double)net_inside / answers, error / answers,
                  width / answers);
    CHECK(answers > DRAWS * 95 / 100);
    CHECK(inside / (3.0 * answers) > 0.93 && inside / (3.0 * answers) < 0.985);
    CHECK((double)net_inside / answers > 0.92);
    CHECK(error / answers < 0.06);
}

/* Where shares are those of the labels, knowing these steadies the estimate; the interval stays. */
TEST(prevalence_is_steadied_by_the_shares_of_the_labels)
{
    const double shares[CLASSES] = {0.25, 0.5, 0.25};
    struct random random = {.seed = 12};
    double plain = 0, steadied = 0;

    for (int i = 0; i < 100; i++) {
        double confusion[CLASSES * CLASSES] = {0}, guessed[CLASSES] = {0};
        double labelled[CLASSES] = {0};
        struct prevalence p, q;
        for (int k = 0; k < 200; k++) {
            size_t c = draw_class(&random, shares, CLASSES);
            labelled[c] += 1.0 / 200;
            confusion[c * CLASSES + draw_class(&random, true_rates[c], CLASSES)]++;
        }
        for (int k = 0; k < 2000; k++)
            guessed[draw_class(&random, true_rates[draw_class(&random, shares, CLASSES)],
                               CLASSES)]++;
        struct prevalence_input input = {
            .classes = CLASSES, .confusion = confusion, .guessed = guessed, .high_class = 2};
        CHECK_INT(prevalence_estimate(&input, &p), PREVALENCE_GOOD);
        input.labelled = labelled;
        CHECK_INT(prevalence_estimate(&input, &q), PREVALENCE_GOOD);
        CHECK_NEAR(q.shares[0].value + q.shares[1].value + q.shares[2].value, 1, 1e-9);
        for (int c = 0; c < CLASSES; c++) {
            plain += fabs(p.shares[c].value - shares[c]);
            steadied += fabs(q.shares[c].value - shares[c]);
        }
    }
    CHECK(steadied < 0.8 * plain);
}

TEST(prevalence_says_when_it_cannot_tell)
{
    const double few[] = {10, 2, 2, 2, 12, 2, 2, 2, 10}, lame[] = {30, 30, 30, 20, 20, 20, 9, 9, 9};
    const double one_short[] = {1, 1, 1, 10, 80, 10, 10, 10, 80};
    const double good[] = {60, 10, 10, 10, 80, 10, 10, 10, 60}, counts[] = {10, 20, 30};
    const double nothing[] = {0, 0, 0}, all_off[] = {900, 900, 900};
    struct prevalence p;

    CHECK_INT(
        prevalence_estimate(&(struct prevalence_input){3, few, NULL, counts, NULL, 1, 0, 2}, &p),
        PREVALENCE_TOO_FEW);
    CHECK_NEAR(p.labels, 44, 1e-12);
    CHECK_INT(prevalence_estimate(
                  &(struct prevalence_input){3, one_short, NULL, counts, NULL, 1, 0, 2}, &p),
              PREVALENCE_CLASS_FEW);
    CHECK_INT(
        prevalence_estimate(&(struct prevalence_input){3, lame, NULL, counts, NULL, 1, 0, 2}, &p),
        PREVALENCE_INDISTINCT);
    CHECK_NEAR(p.separation, 0, 1e-7);
    CHECK_INT(
        prevalence_estimate(&(struct prevalence_input){3, good, NULL, nothing, NULL, 1, 0, 2}, &p),
        PREVALENCE_UNCOUNTED);
    CHECK_INT(prevalence_estimate(
                  &(struct prevalence_input){3, good, all_off, counts, NULL, 1, 0, 2}, &p),
              PREVALENCE_GOOD);
    CHECK(p.shares[0].low <= p.shares[0].value && p.shares[0].value <= p.shares[0].high);
    CHECK_NEAR(p.shares[0].value + p.shares[1].value + p.shares[2].value, 1, 1e-9);
}

TEST(prevalence_separation_is_the_least_of_all_differences)
{
    const double perfect[] = {9, 0, 0, 0, 5, 0, 0, 0, 7};
    const double even[] = {6, 2, 2, 2, 6, 2, 2, 2, 6};
    const double half[] = {5, 5, 0, 5, 5, 0, 0, 0, 9}; /* two classes are called alike */

    CHECK_NEAR(prevalence_separation(3, perfect), 1, 1e-12);
    CHECK_NEAR(prevalence_separation(3, even), 0.4, 1e-12);
    CHECK_NEAR(prevalence_separation(3, half), 0, 1e-7);
}

/* Few classes are solved exactly, many by steps: the same answers where both can. */
TEST(prevalence_faces_agree_with_small_steps)
{
    struct random random = {.seed = 9};

    for (int i = 0; i < 200; i++) {
        double wide[7 * 7] = {0}, confusion[CLASSES * CLASSES], guessed[7] = {0}, a[CLASSES], b[7];
        for (int c = 0; c < 7; c++)
            wide[c * 7 + c] = 1; /* four further classes that never occur */
        for (int c = 0; c < CLASSES; c++) {
            guessed[c] = 1 + (double)random_below(&random, 99);
            for (int g = 0; g < CLASSES; g++)
                wide[c * 7 + g] = confusion[c * CLASSES + g] =
                    1 + (double)random_below(&random, 30) + (c == g ? 40 : 0);
        }
        CHECK(prevalence_adjusted(CLASSES, confusion, guessed, a));
        CHECK(prevalence_adjusted(7, wide, guessed, b));
        for (int c = 0; c < CLASSES; c++)
            CHECK_NEAR(a[c], b[c], 2e-4);
    }
}

int main(void)
{
    return RUN(CASE(prevalence_adjusted_inverts_the_confusion),
               CASE(prevalence_adjusted_stays_within_bounds),
               CASE(prevalence_refuses_what_tells_nothing), CASE(prevalence_beats_counting_labels),
               CASE(prevalence_intervals_hold_what_they_promise),
               CASE(prevalence_is_steadied_by_the_shares_of_the_labels),
               CASE(prevalence_says_when_it_cannot_tell),
               CASE(prevalence_separation_is_the_least_of_all_differences),
               CASE(prevalence_faces_agree_with_small_steps));
}
