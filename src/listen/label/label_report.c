#include "listen/label/label_report.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "listen/measure/correction.h"

#define HALF_SEED UINT64_C(0x68616c66)
#define SEED      UINT64_C(20261122) /* of the intervals: the same question has the same answer */

enum { VOTE_CLASSES = LABEL_MOODS + 1, VOTE_OFF_TOPIC = LABEL_MOODS };

static const char *const mood_names[LABEL_MOODS] = {"negative", "neutral", "positive"};

bool label_is_held(const struct label_item *item)
{
    uint64_t hash =
        hash_combine(hash_bytes(item->source, HALF_SEED), hash_bytes(item->post_id, HALF_SEED));

    return hash >> 63 != 0;
}

/* ---- truth ----------------------------------------------------------------------------------- */

/* Judgements by class; false: none but "cannot tell". */
static bool count_votes(const struct label_item *item, uint32_t votes[VOTE_CLASSES])
{
    bool has_votes = false;

    memset(votes, 0, VOTE_CLASSES * sizeof *votes);
    for (size_t i = 0; i < item->judgement_count; i++) {
        enum label_verdict verdict = item->judgements[i].verdict;
        if (verdict == LABEL_UNSURE)
            continue;
        votes[verdict == LABEL_OFF_TOPIC ? VOTE_OFF_TOPIC : verdict + 1]++;
        has_votes = true;
    }
    return has_votes;
}

enum label_verdict label_truth(const struct label_item *item, bool *has_truth, bool *is_disputed)
{
    uint32_t votes[VOTE_CLASSES];
    int best = 0;

    *has_truth = count_votes(item, votes);
    *is_disputed = false;
    for (int c = 1; c < VOTE_CLASSES; c++)
        best = votes[c] > votes[best] ? c : best;
    for (int c = 0; c < VOTE_CLASSES && *has_truth; c++)
        if (c != best && votes[c] == votes[best]) {
            *has_truth = false;
            *is_disputed = true;
        }
    return best == VOTE_OFF_TOPIC ? LABEL_OFF_TOPIC : (enum label_verdict)(best - 1);
}

/* ---- the report ------------------------------------------------------------------------------ */

/* What is off topic, by what it is called, and how much of all that is. */
struct off_topic {
    double calls[LABEL_MOODS], sum, squares; /* weights */
    double on_sum, all_squares;
};

/* As many as belong to the effective numbers of the matrix at the share that they really have. */
static void set_relevance(struct label_report *out, const struct off_topic *off)
{
    double all = off->sum + off->on_sum, labels = 0;

    out->relevance = confusion_share(all > 0 ? off->on_sum / all : 0,
                                     off->all_squares > 0 ? all * all / off->all_squares : 0);
    for (size_t i = 0; i < LABEL_MOODS * LABEL_MOODS; i++)
        labels += out->confusion.effective[i];
    for (size_t g = 0; g < LABEL_MOODS; g++)
        out->off_topic_calls[g] =
            off->on_sum > 0
                ? labels * (off->sum / off->on_sum) * (off->sum > 0 ? off->calls[g] / off->sum : 0)
                : off->calls[g];
}

static void note_maker(struct label_report *out, const struct label_item *item, bool is_first)
{
    if (is_first) {
        out->maker = item->maker;
        out->corrections = item->corrections;
    } else if (!str_eq(out->maker, item->maker)) {
        out->has_makers = true;
        out->maker = STR_NONE;
    }
    out->corrections = item->corrections < out->corrections ? item->corrections : out->corrections;
}

/* Weights of a round are taken in units of their mean: a post of a small round then counts as much
 * as one of a large round from the same posts. Items of a round stand side by side. */
static double mean_weight(const struct label_item *items, size_t count)
{
    double sum = 0;
    size_t n = 0;

    for (; n < count && items[n].round == items[0].round; n++)
        sum += items[n].weight;
    return sum / (double)n;
}

static void add_item(struct label_report *out, const struct label_item *item, double weight,
                     struct confusion_item *matrix, struct off_topic *off)
{
    bool has_truth, is_disputed;
    enum label_verdict truth = label_truth(item, &has_truth, &is_disputed);

    out->judged++;
    out->disputed += is_disputed;
    out->unsure += !has_truth && !is_disputed;
    if (!has_truth)
        return;
    if (item->mood == POST_POLARITY_UNKNOWN) {
        out->gone++;
        return;
    }
    note_maker(out, item, off->all_squares == 0);
    off->all_squares += weight * weight;
    if (truth == LABEL_OFF_TOPIC) {
        out->off_topic++;
        off->sum += weight;
        off->calls[item->mood + 1] += weight;
        return;
    }
    off->on_sum += weight;
    matrix[out->usable++] =
        (struct confusion_item){(uint8_t)(truth + 1), (uint8_t)(item->mood + 1), item->weight};
}

bool label_report_of(struct arena *arena, const struct label_item *items, size_t count,
                     enum label_half half, struct label_report *out, struct err *err)
{
    struct confusion_item *matrix = arena_try_new(arena, struct confusion_item, count + 1);
    uint32_t *votes = arena_try_new(arena, uint32_t, (count + 1) * VOTE_CLASSES);
    struct off_topic off;
    double unit = 1;
    size_t voted = 0;

    *out = (struct label_report){0};
    memset(&off, 0, sizeof off);
    if (!matrix || !votes)
        return err_arena(err, arena);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || items[i].round != items[i - 1].round)
            unit = mean_weight(items + i, count - i);
        if (half != LABEL_BOTH_HALVES && label_is_held(&items[i]) != (half == LABEL_HELD_HALF))
            continue;
        out->items++;
        if (items[i].judgement_count == 0)
            continue;
        add_item(out, &items[i], items[i].weight / unit, matrix, &off);
        voted += count_votes(&items[i], votes + voted * VOTE_CLASSES);
    }
    confusion_of(LABEL_MOODS, matrix, out->usable, &out->confusion);
    set_relevance(out, &off);
    (void)agreement_of(VOTE_CLASSES, votes, voted, SEED, &out->agreement);
    out->is_current = true;
    return true;
}

bool label_report_read(struct arena *arena, struct db *state, int64_t query, int64_t round,
                       struct label_report *out, struct err *err)
{
    struct label_item *items;
    int64_t latest;
    size_t count;

    if (!label_items(arena, state, query, round, &items, &count, err) ||
        !label_report_of(arena, items, count, LABEL_BOTH_HALVES, out, err) ||
        !correction_latest(state, query, &latest, err))
        return false;
    out->query = query;
    out->is_current = out->judged == 0 || out->corrections == latest;
    return true;
}

static bool count_visit(void *context, const struct mention_fact *fact)
{
    double *counted = context;

    if (fact->polarity != POST_POLARITY_UNKNOWN)
        counted[fact->polarity + 1]++;
    return true;
}

bool label_count(struct archive *a, int64_t query, int64_t from_ms, int64_t to_ms,
                 double counted[LABEL_MOODS], struct err *err)
{
    memset(counted, 0, LABEL_MOODS * sizeof *counted);
    return archive_mentions(a, query, from_ms / HOUR_MS, (to_ms + HOUR_MS - 1) / HOUR_MS,
                            count_visit, counted, err);
}

/* ---- shares ---------------------------------------------------------------------------------- */

enum prevalence_answer label_shares(const struct label_report *report,
                                    const double counted[LABEL_MOODS], struct prevalence *out)
{
    return prevalence_estimate(&(struct prevalence_input){.classes = LABEL_MOODS,
                                                          .confusion = report->confusion.effective,
                                                          .off_topic = report->off_topic_calls,
                                                          .guessed = counted,
                                                          .labelled = report->confusion.truths,
                                                          .seed = SEED,
                                                          .low_class = 0,
                                                          .high_class = 2},
                               out);
}

const char *label_answer_name(enum prevalence_answer answer)
{
    switch (answer) {
    case PREVALENCE_GOOD:
        return "good";
    case PREVALENCE_TOO_FEW:
        return "too_few";
    case PREVALENCE_CLASS_FEW:
        return "class_few";
    case PREVALENCE_INDISTINCT:
        return "indistinct";
    case PREVALENCE_UNCOUNTED:
        return "uncounted";
    }
    UNREACHABLE("answer");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put_share(struct json_writer *w, const char *key, double value, double low, double high)
{
    json_set_object(w, key);
    json_set_f64(w, "value", value);
    json_set_f64(w, "low", low);
    json_set_f64(w, "high", high);
    json_end_object(w);
}

static void put_interval(struct json_writer *w, const char *key, const struct confusion_share *s)
{
    put_share(w, key, s->value, s->low, s->high);
}

static void put_matrix(struct json_writer *w, const struct confusion *c)
{
    json_set_object(w, "matrix");
    for (size_t t = 0; t < LABEL_MOODS; t++) {
        json_set_object(w, mood_names[t]);
        for (size_t g = 0; g < LABEL_MOODS; g++)
            json_set_i64(w, mood_names[g], c->counts[t * LABEL_MOODS + g]);
        json_end_object(w);
    }
    json_end_object(w);
}

void label_report_put(struct json_writer *w, const struct label_report *r)
{
    json_set_i64(w, "drawn", (int64_t)r->items);
    json_set_i64(w, "judged", (int64_t)r->judged);
    json_set_i64(w, "labels", (int64_t)r->usable);
    json_set_i64(w, "off_topic", (int64_t)r->off_topic);
    json_set_i64(w, "unsure", (int64_t)r->unsure);
    json_set_i64(w, "disputed", (int64_t)r->disputed);
    json_set_i64(w, "gone", (int64_t)r->gone);
    json_set_str(w, "maker", r->maker);
    json_set_i64(w, "corrections", r->corrections);
    json_set_bool(w, "is_current", r->is_current);
    put_matrix(w, &r->confusion);
    put_interval(w, "accuracy", &r->confusion.accuracy);
    json_set_f64(w, "majority", r->confusion.majority);
    put_interval(w, "average_recall", &r->confusion.average_recall);
    json_set_f64(w, "macro_f1", r->confusion.macro_f1);
    json_set_object(w, "recall");
    for (size_t c = 0; c < LABEL_MOODS; c++)
        put_interval(w, mood_names[c], &r->confusion.recall[c]);
    json_end_object(w);
    json_set_object(w, "precision");
    for (size_t c = 0; c < LABEL_MOODS; c++)
        put_interval(w, mood_names[c], &r->confusion.precision[c]);
    json_end_object(w);
    put_interval(w, "relevance", &r->relevance);
    json_set_object(w, "agreement");
    json_set_i64(w, "posts", (int64_t)r->agreement.units);
    json_set_f64(w, "agree", r->agreement.agree);
    json_set_f64(w, "alpha", r->agreement.alpha);
    json_set_f64(w, "low", r->agreement.low);
    json_set_f64(w, "high", r->agreement.high);
    json_end_object(w);
}

void label_shares_put(struct json_writer *w, enum prevalence_answer answer,
                      const struct prevalence *p, const double counted[LABEL_MOODS])
{
    json_set_str(w, "answer", str_from_cstr(label_answer_name(answer)));
    json_set_object(w, "counted");
    for (size_t c = 0; c < LABEL_MOODS; c++)
        json_set_f64(w, mood_names[c], counted[c]);
    json_end_object(w);
    if (answer != PREVALENCE_GOOD)
        return;
    json_set_object(w, "shares");
    for (size_t c = 0; c < LABEL_MOODS; c++)
        put_share(w, mood_names[c], p->shares[c].value, p->shares[c].low, p->shares[c].high);
    json_end_object(w);
    put_share(w, "net_sentiment", p->net.value, p->net.low, p->net.high);
}
