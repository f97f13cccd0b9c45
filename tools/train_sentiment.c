/* train_sentiment.c - learns how the features of a text are weighed into a label.
 *
 *     make train-sentiment        (runs: train_sentiment > lexicon/judge.tsv, figures on stderr)
 *
 * A multinomial logistic regression on the few features of text/lexicon_priv.h, each class weighing
 * the same, by stochastic gradient descent in a fixed order: the same data give the same file.
 * Trained on the SemEval tweets of 2013 to 2016 without the test part of 2016 (English), the xlm-t
 * tweets in German (de) and in Arabic, Spanish, French, Italian and Portuguese together (*). The
 * figures printed are of texts that were held out: the 2016 test part, else five folds.
 */
#include "text/sentiment.c"

#include "bench_tsv.h"

enum { EPOCHS = 40, FOLDS = 5, CLASSES = 3 };

struct example {
    double features[JUDGE_FEATURE_COUNT];
    int class; /* 0 negative, 1 neutral, 2 positive */
    bool is_held_out;
};
struct examples {
    VEC(struct example);
};

static const char *const class_names[CLASSES] = {"negative", "neutral", "positive"};
static struct tokenizer *tokenizer;

static int class_of(Str label)
{
    for (int c = 0; c < CLASSES; c++)
        if (str_eq(label, str_from_cstr(class_names[c])))
            return c;
    fprintf(stderr, "train_sentiment: unknown label '" STR_F "'\n", STR_A(label));
    exit(1);
}

static void read_examples(const char *file, const char *language, const char *held_out,
                          struct examples *out)
{
    struct tsv rows = {0};
    struct err err = {0};

    if (!tsv_read(file, "label", &rows))
        exit(1);
    vec_each (struct tsv_row, row, &rows) {
        struct example e = {.class = class_of(row->label)};
        struct reading r = {.text = row->text, .capitals = -1};
        if (!tokenizer_run(tokenizer, row->text, &r.tokens, &r.count, &err))
            exit(1);
        r.lexicon = find_lexicon(str_from_cstr(language));
        read_text(&r);
        judge_features(&r, compound_of(&r), e.features);
        e.is_held_out = held_out && str_starts(row->id, str_from_cstr(held_out));
        vec_push(out, e);
    }
    tsv_deinit(&rows);
}

static void scores_of(const double w[CLASSES][JUDGE_FEATURE_COUNT], const double *features,
                      double out[CLASSES])
{
    for (int c = 0; c < CLASSES; c++) {
        out[c] = 0;
        for (int f = 0; f < JUDGE_FEATURE_COUNT; f++)
            out[c] += w[c][f] * features[f];
    }
}

static int best_class(const double scores[CLASSES])
{
    if (scores[1] >= scores[0] && scores[1] >= scores[2])
        return 1;
    return scores[0] > scores[2] ? 0 : 2;
}

static void softmax(double z[CLASSES])
{
    double most = fmax(z[0], fmax(z[1], z[2])), sum = 0;

    for (int c = 0; c < CLASSES; c++)
        sum += z[c] = exp(z[c] - most);
    for (int c = 0; c < CLASSES; c++)
        z[c] /= sum;
}

/* Examples whose index leaves `fold` modulo FOLDS, and those held out, are not looked at; fold -1
 * takes all. */
static void train(const struct examples *data, int fold, double w[CLASSES][JUDGE_FEATURE_COUNT])
{
    double counts[CLASSES] = {0};
    uint64_t state = 1;

    memset(w, 0, sizeof(double) * CLASSES * JUDGE_FEATURE_COUNT);
    vec_each (struct example, e, data)
        counts[e->class]++;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        double rate = 0.05 / (1 + epoch * 0.2);
        for (size_t step = 0; step < data->count; step++) {
            state = hash_u64(state, 7);
            size_t i = state % data->count;
            const struct example *e = &data->items[i];
            if (e->is_held_out || (int)(i % FOLDS) == fold)
                continue;
            double p[CLASSES], weight = (double)data->count / CLASSES / counts[e->class];
            scores_of((const double(*)[JUDGE_FEATURE_COUNT])w, e->features, p);
            softmax(p);
            for (int c = 0; c < CLASSES; c++)
                for (int f = 0; f < JUDGE_FEATURE_COUNT; f++)
                    w[c][f] += rate * weight * ((c == e->class) - p[c]) * e->features[f];
        }
    }
}

static void count_hits(const struct examples *data, int fold,
                       double w[CLASSES][JUDGE_FEATURE_COUNT], double hits[CLASSES],
                       double totals[CLASSES])
{
    for (size_t i = 0; i < data->count; i++) {
        const struct example *e = &data->items[i];
        double scores[CLASSES];
        if (fold >= 0 ? (int)(i % FOLDS) != fold : !e->is_held_out)
            continue;
        scores_of((const double(*)[JUDGE_FEATURE_COUNT])w, e->features, scores);
        totals[e->class]++;
        hits[e->class] += best_class(scores) == e->class;
    }
}

static void learn(const char *code, const struct examples *data, bool has_held_out)
{
    double w[CLASSES][JUDGE_FEATURE_COUNT], hits[CLASSES] = {0}, totals[CLASSES] = {0}, recall = 0;

    for (int fold = 0; fold < FOLDS && !has_held_out; fold++) {
        train(data, fold, w);
        count_hits(data, fold, w, hits, totals);
    }
    train(data, -1, w);
    if (has_held_out)
        count_hits(data, -1, w, hits, totals);
    for (int c = 0; c < CLASSES; c++)
        recall += 100 * hits[c] / totals[c] / CLASSES;
    fprintf(stderr, "%-3s average recall %.1f on %.0f texts held out (%s)\n", code, recall,
            totals[0] + totals[1] + totals[2], has_held_out ? "semeval 2016 test" : "five folds");
    for (int c = 0; c < CLASSES; c++)
        for (int f = 0; f < JUDGE_FEATURE_COUNT; f++)
            printf("%s\t%s\t%s\t%.3f\n", code, class_names[c], judge_feature_names[f], w[c][f]);
}

int main(void)
{
    static const char *const others[] = {"ar", "es", "fr", "it", "pt"};
    struct examples data = {0};
    struct err err = {0};
    char file[64];

    if (!tokenizer_create(&tokenizer, &err))
        return 1;
    puts("# Weights of the label (text/sentiment.c), made by tools/train_sentiment.c: `make "
         "train-sentiment`.");
    read_examples("sentiment/semeval-2013-2016.tsv.gz", "en", "2016test", &data);
    learn("en", &data, true);
    vec_reset(&data);
    read_examples("sentiment/xlmt-de.tsv.gz", "de", NULL, &data);
    learn("de", &data, false);
    vec_reset(&data);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        snprintf(file, sizeof file, "sentiment/xlmt-%s.tsv.gz", others[i]);
        read_examples(file, others[i], NULL, &data);
    }
    learn("*", &data, false);
    vec_deinit(&data);
    tokenizer_destroy(&tokenizer);
    return fflush(stdout) == 0 ? 0 : 1;
}
