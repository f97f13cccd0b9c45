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
 * prevalence_estimate() is the first with its interval, and says when the sample is too small or
 * the classifier too poor for an answer.
 *
 * Pure, thread-safe; the caller owns all arrays; nothing is allocated. Classes: 2 to
 * PREVALENCE_CLASSES_MAX. The same bits everywhere.
 */
#ifndef QUANT_PREVALENCE_H
#define QUANT_PREVALENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* How well the classes are told apart: the least by which two mixtures of classes that differ by a
 * length of 1 differ in how they are called (the least singular value of the rates on the plane of
 * differences). 1 is a classifier without error, 0 one whose calls say nothing about some
 * difference. NaN when a class has no labelled item. */
double prevalence_separation(size_t classes, const double *confusion);

enum {
    PREVALENCE_REPLICATES = 1000,
    PREVALENCE_LABELS_MIN = 50,      /* labelled items of the classes in all */
    PREVALENCE_CLASS_LABELS_MIN = 5, /* of each class */
};
#define PREVALENCE_SEPARATION_MIN 0.15

enum prevalence_answer {
    PREVALENCE_GOOD,
    PREVALENCE_TOO_FEW,    /* fewer than PREVALENCE_LABELS_MIN items are labelled */
    PREVALENCE_CLASS_FEW,  /* a class has fewer than PREVALENCE_CLASS_LABELS_MIN */
    PREVALENCE_INDISTINCT, /* separation below PREVALENCE_SEPARATION_MIN: calls tell too little */
    PREVALENCE_UNCOUNTED,  /* nothing was counted, or nothing that belongs to a class */
};

struct prevalence_input {
    size_t classes;
    /* confusion[true * classes + guessed]: effective numbers of labelled items (quant/confusion.h);
     * off_topic[guessed]: of labelled items that belong to no class, NULL for none. */
    const double *confusion, *off_topic;
    const double *guessed; /* items so called among those to be told of */
    /* Shares of the classes among the labelled items as they stand for all they were drawn from;
     * NULL: not known. With them the estimate is drawn towards the calibrated one, see below. */
    const double *labelled;
    uint64_t seed;
    /* What the difference is of: (share of high - share of low) / (share of high + share of low),
     * the net sentiment where the classes are moods. */
    size_t low_class, high_class;
};

struct prevalence_share {
    double value, low, high; /* low and high: 95 % */
};

struct prevalence {
    struct prevalence_share shares[PREVALENCE_CLASSES_MAX]; /* of what belongs to a class */
    struct prevalence_share net;                            /* NaN: neither class occurs */
    struct prevalence_share off_topic; /* share of the counted that belongs to no class */
    double labels;                     /* effective number of labelled items */
    double separation;
};

/* Adjusted counts, shrunk: where few labels make them noisy and what was counted is much like what
 * was labelled, the calibrated estimate (of what is called g, the share that is t among the
 * labelled) is better, and where shares have moved it is wrong. So the adjusted counts are drawn
 * towards it by the positive-part rule of James and Stein (1961): the less, the further both lie
 * apart in units of the adjusted counts' own variance. The interval is that of the adjusted counts
 * themselves, wider than the shrunk value needs; it is that of a Bayesian bootstrap:
 * the rates of each class, the calls of what is off topic and the counts are drawn from their
 * Dirichlet posteriors (Jeffreys prior) PREVALENCE_REPLICATES times, and shares computed from each.
 * What is off topic is taken to be as frequent, and to be called the same, as in the sample. Only
 * PREVALENCE_GOOD fills shares and net; labels and separation are always set. */
enum prevalence_answer prevalence_estimate(const struct prevalence_input *input,
                                           struct prevalence *out);

#endif
