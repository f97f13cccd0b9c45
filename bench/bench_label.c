/* bench_label.c - what is won by correcting shares with 200 labels? Quality, not speed.
 *
 *     make build/bench/bench_label && build/bench/bench_label
 *
 * On labelled texts that the classifier has not learned from: German posts by the shipped judge
 * (nothing is learned from GermEval), English and other tweets by lexicon and rules alone. Half of
 * a set gives 200 labels, drawn as labelling rounds draw them (uniform, or stratified by what the
 * machine says); from the other half windows of 1,000 texts are drawn, with shares spread evenly
 * over all that are possible, and near those of the labels. Printed: mean absolute error of the
 * shares in points as they are counted (classify and count) and corrected (quant/prevalence.h), how
 * often the corrected ones are nearer, how often their 95 % intervals hold the truth, and how often
 * there is no answer (too few labels of a class).
 */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "bench_tsv.h"
#include "quant/confusion.h"
#include "quant/prevalence.h"
#include "text/sentiment.h"

enum { MOODS = 3, DRAWS = 400, LABELS = 200, WINDOW = 1000 };

struct rated {
    uint8_t truth, guess;
};
struct pool {
    VEC(struct rated);
};

struct set {
    const char *name, *file, *language;
    bool by_rules; /* lexicon and rules alone: where the judge has learned from the texts */
};
static const struct set sets[] = {
    {"de GermEval 2017, judge", "sentiment/germeval-2017-dev.tsv.gz", "de", false},
    {"en SemEval, rules", "sentiment/semeval-2013-2016.tsv.gz", "en", true},
    {"de xlm-t, rules", "sentiment/xlmt-de.tsv.gz", "de", true},
    {"es xlm-t, rules", "sentiment/xlmt-es.tsv.gz", "es", true},
};

static int label_of(Str label)
{
    return str_eq(label, S("negative")) ? 0 : str_eq(label, S("positive")) ? 2 : 1;
}

static bool rate(struct tokenizer *words, const struct set *set, Str text, uint8_t *guess)
{
    const struct token *tokens;
    struct sentiment s;
    struct err err = {0};
    size_t count;

    if (!tokenizer_run(words, text, &tokens, &count, &err))
        return false;
    sentiment_score(text, tokens, count, str_from_cstr(set->language), &s);
    *guess = (uint8_t)(s.label + 1);
    if (set->by_rules)
        *guess = s.rules < -0.05 ? 0 : s.rules > 0.05 ? 2 : 1;
    return true;
}

/* Two halves at random. */
static bool read_set(const struct set *set, struct pool halves[2])
{
    struct tsv rows = {0};
    struct tokenizer *words = NULL;
    struct random random = {.seed = 31};
    struct err err = {0};

    if (!tsv_read(set->file, "label", &rows) || !tokenizer_create(&words, &err))
        return false;
    vec_each (struct tsv_row, row, &rows) {
        struct rated r = {.truth = (uint8_t)label_of(row->label)};
        struct pool *half = &halves[random_below(&random, 2)];
        if (rate(words, set, row->text, &r.guess))
            vec_push(half, r);
    }
    tokenizer_destroy(&words);
    tsv_deinit(&rows);
    return true;
}

/* 200 labels with their weights. Stratified: a third of each mood the machine says. */
static void draw_labels(const struct pool *pool, bool is_stratified, struct random *random,
                        struct confusion *out)
{
    struct confusion_item items[LABELS];
    double population[MOODS] = {0};

    vec_each (struct rated, r, pool)
        population[r->guess]++;
    for (size_t i = 0; i < LABELS; i++) {
        size_t stratum = i % MOODS;
        const struct rated *r = &pool->items[random_below(random, pool->count)];
        while (is_stratified && population[stratum] > 0 && r->guess != stratum)
            r = &pool->items[random_below(random, pool->count)];
        items[i] = (struct confusion_item){
            r->truth, r->guess, is_stratified ? population[r->guess] / (double)pool->count : 1};
    }
    confusion_of(MOODS, items, LABELS, out);
}

static void draw_window(const struct pool *pool, const double *shares, struct random *random,
                        double *truth, double *guessed)
{
    memset(truth, 0, MOODS * sizeof *truth);
    memset(guessed, 0, MOODS * sizeof *guessed);
    for (size_t i = 0; i < WINDOW; i++) {
        double u = random_next_unit(random);
        int label = u < shares[0] ? 0 : u < shares[0] + shares[1] ? 1 : 2;
        const struct rated *r = &pool->items[random_below(random, pool->count)];
        while (r->truth != label)
            r = &pool->items[random_below(random, pool->count)];
        truth[label] += 1.0 / WINDOW;
        guessed[r->guess]++;
    }
}

/* Even over all shares that are possible, or within a fifth of the pool's own. */
static void draw_shares(const struct pool *pool, bool is_near, struct random *random, double *out)
{
    double total = 0, own[MOODS] = {0};

    vec_each (struct rated, r, pool)
        own[r->truth] += 1.0 / (double)pool->count;
    for (int c = 0; c < MOODS; c++)
        total += out[c] = is_near ? own[c] * (0.8 + 0.4 * random_next_unit(random))
                                  : -log(random_next_unit(random));
    for (int c = 0; c < MOODS; c++)
        out[c] /= total;
}

struct tally {
    double counted, corrected, inside, better, width;
    int answers;
};

static void judge(const struct confusion *labels, const double *truth, const double *guessed,
                  struct tally *t)
{
    struct prevalence p;
    double counted = 0, corrected = 0;

    const struct prevalence_input input = {.classes = MOODS,
                                           .confusion = labels->effective,
                                           .guessed = guessed,
                                           .labelled = getenv("PLAIN") ? NULL : labels->truths,
                                           .seed = 5,
                                           .high_class = 2};
    if (prevalence_estimate(&input, &p) != PREVALENCE_GOOD)
        return;
    t->answers++;
    for (int c = 0; c < MOODS; c++) {
        counted += fabs(guessed[c] / WINDOW - truth[c]) * 100 / MOODS;
        corrected += fabs(p.shares[c].value - truth[c]) * 100 / MOODS;
        t->inside += (truth[c] >= p.shares[c].low && truth[c] <= p.shares[c].high) / (double)MOODS;
        t->width += (p.shares[c].high - p.shares[c].low) * 100 / MOODS;
    }
    t->counted += counted;
    t->corrected += corrected;
    t->better += corrected < counted;
}

static void run(const struct set *set, struct pool halves[2], bool is_stratified, bool is_near)
{
    struct random random = {.seed = 77};
    struct tally t = {0};

    for (int i = 0; i < DRAWS; i++) {
        struct confusion labels;
        double shares[MOODS], truth[MOODS], guessed[MOODS];
        draw_labels(&halves[0], is_stratified, &random, &labels);
        draw_shares(&halves[1], is_near, &random, shares);
        draw_window(&halves[1], shares, &random, truth, guessed);
        judge(&labels, truth, guessed, &t);
    }
    double n = t.answers > 0 ? t.answers : (double)NAN;
    printf("%-25s %-10s %-5s %7.1f %9.1f %7.0f %% %7.1f %% %6.1f %8.1f %%\n", set->name,
           is_stratified ? "stratified" : "uniform", is_near ? "near" : "any", t.counted / n,
           t.corrected / n, 100 * t.better / n, 100 * t.inside / n, t.width / n,
           100 - 100.0 * t.answers / DRAWS);
}

int main(void)
{
    printf("%-25s %-10s %-5s %7s %9s %9s %9s %6s %10s\n", "texts held out", "labels", "share",
           "counted", "corrected", "better", "inside", "width", "no answer");
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct pool halves[2];
        memset(halves, 0, sizeof halves);
        if (read_set(&sets[i], halves))
            for (int mode = 0; mode < 4; mode++)
                run(&sets[i], halves, mode & 1, mode >> 1);
        vec_deinit(&halves[0]);
        vec_deinit(&halves[1]);
    }
    return 0;
}
