#include "quant/confusion.h"

#include <math.h>
#include <string.h>

#include "base/assert.h"

#define Z_95 1.959963984540054 /* quantile of the normal distribution at 0.975 */

struct confusion_share confusion_share(double share, double n)
{
    if (!(n > 0))
        return (struct confusion_share){(double)NAN, (double)NAN, (double)NAN, 0};
    double z2 = Z_95 * Z_95, middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z_95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (struct confusion_share){share, fmax(0, middle - half), fmin(1, middle + half), n};
}

/* Sums of weights and of their squares, and how much of them is right. */
struct weights {
    double sum, squares, right;
};

static void weigh(struct weights *w, const struct confusion_item *item)
{
    w->sum += item->weight;
    w->squares += item->weight * item->weight;
    w->right += item->truth == item->guess ? item->weight : 0;
}

static double effective(const struct weights *w)
{
    return w->squares > 0 ? w->sum * w->sum / w->squares : 0;
}

static struct confusion_share share_of(const struct weights *w)
{
    return confusion_share(w->sum > 0 ? w->right / w->sum : 0, effective(w));
}

static void set_rows(struct confusion *out, const double *cells, const struct weights *truths)
{
    for (size_t t = 0; t < out->classes; t++)
        for (size_t g = 0; g < out->classes; g++) {
            size_t at = t * out->classes + g;
            out->effective[at] =
                truths[t].sum > 0 ? cells[at] / truths[t].sum * effective(&truths[t]) : 0;
        }
}

/* Recalls of different classes come from different items, so their variances add up. */
static void set_means(struct confusion *out)
{
    double recall = 0, variance = 0, f1 = 0;
    size_t present = 0;

    for (size_t c = 0; c < out->classes; c++) {
        const struct confusion_share *r = &out->recall[c], *p = &out->precision[c];
        if (isnan(r->value))
            continue;
        present++;
        recall += r->value;
        variance += r->value * (1 - r->value) / r->n;
        if (p->n > 0 && r->value + p->value > 0)
            f1 += 2 * r->value * p->value / (r->value + p->value);
    }
    if (present == 0) {
        out->average_recall = confusion_share(0, 0);
        out->macro_f1 = (double)NAN;
        return;
    }
    double mean = recall / (double)present, half = Z_95 * sqrt(variance) / (double)present;
    out->average_recall =
        (struct confusion_share){mean, fmax(0, mean - half), fmin(1, mean + half), out->accuracy.n};
    out->macro_f1 = f1 / (double)present;
}

void confusion_of(size_t classes, const struct confusion_item *items, size_t count,
                  struct confusion *out)
{
    struct weights all = {0}, truths[CONFUSION_CLASSES_MAX] = {{0}},
                   guesses[CONFUSION_CLASSES_MAX] = {{0}};
    double cells[CONFUSION_CLASSES_MAX * CONFUSION_CLASSES_MAX] = {0};

    ASSERT(classes >= 2 && classes <= CONFUSION_CLASSES_MAX);
    memset(out, 0, sizeof *out);
    out->classes = classes;
    out->items = count;
    for (size_t i = 0; i < count; i++) {
        ASSERT(items[i].truth < classes && items[i].guess < classes && items[i].weight > 0);
        size_t at = items[i].truth * classes + items[i].guess;
        out->counts[at]++;
        cells[at] += items[i].weight;
        weigh(&all, &items[i]);
        weigh(&truths[items[i].truth], &items[i]);
        weigh(&guesses[items[i].guess], &items[i]);
    }
    out->majority = (double)NAN;
    for (size_t c = 0; c < classes; c++) {
        out->recall[c] = share_of(&truths[c]);
        out->precision[c] = share_of(&guesses[c]);
        out->truths[c] = all.sum > 0 ? truths[c].sum / all.sum : 0;
        out->majority = all.sum > 0 ? fmax(out->majority, truths[c].sum / all.sum) : out->majority;
    }
    out->accuracy = share_of(&all);
    set_rows(out, cells, truths);
    set_means(out);
}
