/* train_sentiment.c - learns what words say about the label of a text.
 *
 *     train_sentiment figures VECTORS         trains on four fifths, prints figures of the last
 *     train_sentiment validate VECTORS        cross-validation of the shrinkage within four fifths
 *     train_sentiment write VECTORS FOLDER    trains on all, writes judge.tsv and sentiment.bin
 *
 * VECTORS are the word vectors of tools/train_vectors.c. `make train-sentiment` does all that is
 * needed. Two regressions (tools/regression.h) are trained:
 *
 * English, on the tweets of SemEval 2013 to 2016 and, weighing little, on rated sentences of
 * reviews. Beside its own weight every word has that of its vector: the mean of the vectors is a
 * dense feature of the text, and since all is linear, the product of vector and learned weights is
 * added to the word's weight when the table is written. So words count that no labelled text has.
 *
 * The other languages together, on the tweets of xlm-t, each feature twice: shared by all and of
 * the language alone (the feature augmentation of Daume 2007). Sentences of lingua's test data
 * stand as neutral background: edited prose that is no tweet at all. Lines of the Hindi set before
 * HINDI_FROM and behind HINDI_TO are left out: their labels agree with their words no better than
 * chance (most likely they slipped against the texts), and English weights agree.
 *
 * Classes weigh the same. A text belongs to one of five folds by the hash of its words, so copies
 * stay together; fold 0 is held out for the figures. Same data, same files.
 */
#include "text/judge.c"
#include "text/sentiment.c"

#include "base/random.h"
#include "bench_tsv.h"
#include "judge_table.h"
#include "quant/prevalence.h"
#include "regression.h"

enum {
    FOLDS = 5,
    LANGUAGES = 8,    /* trained; English first */
    SPACE_SHARED = 0, /* of features: shared by all, then one a language, then the English run's */
    SPACE_ENGLISH_RUN = 1 + LANGUAGES,
    DICTIONARY_SLOTS = 1 << 23,
    COUNT_MIN = 2, /* a feature of fewer texts is not learned */
    HINDI_FROM = 864,
    HINDI_TO = 1750,
    ENGLISH_ENTRIES_MAX = 1 << 16,
    OTHER_ENTRIES_MAX = 1 << 14,
    ITERATIONS_MAX = 150,
};

/* Chosen by `validate`. */
#define ENGLISH_L2        8.0
#define OTHERS_L2         4.0
#define VECTOR_SCALE      0.3
#define AUGMENTED         0.7 /* value of the shared and of the own copy of a feature */
#define REVIEW_WEIGHT     0.1
#define BACKGROUND_WEIGHT 0.2
/* Added to the log-odds of neutral in German, which is read for posts about companies, most of
 * which are neutral, as well as for tweets: the tweets lose nothing by it. */
#define GERMAN_CAUTION 0.3

static const char *const codes[LANGUAGES] = {"en", "ar", "de", "es", "fr", "hi", "it", "pt"};
static const char *const class_names[JUDGE_CLASSES] = {"negative", "neutral", "positive"};

/* Only so that judge.c links: texts are judged by what was just trained. */
const struct judge judges[] = {{.code = "*"}};
const size_t judge_count = 1;

enum role { ROLE_TWEETS, ROLE_REVIEWS, ROLE_BACKGROUND, ROLE_TEST };

struct corpus {
    const char *name, *file, *label_column;
    size_t language;
    enum role role;
    bool is_english_run; /* else with the other languages */
    const char *part;    /* beginning of the ids; NULL: all */
};

static const struct corpus corpora[] = {
    {"en semeval", "sentiment/semeval-2013-2016.tsv.gz", "label", 0, ROLE_TWEETS, true, NULL},
    {"en vader amazon", "sentiment/vader-amazon.tsv.gz", "rating", 0, ROLE_REVIEWS, true, NULL},
    {"en vader movie", "sentiment/vader-movie.tsv.gz", "rating", 0, ROLE_REVIEWS, true, NULL},
    {"en xlmt", "sentiment/xlmt-en.tsv.gz", "label", 0, ROLE_TWEETS, false, NULL},
    {"ar xlmt", "sentiment/xlmt-ar.tsv.gz", "label", 1, ROLE_TWEETS, false, NULL},
    {"de xlmt", "sentiment/xlmt-de.tsv.gz", "label", 2, ROLE_TWEETS, false, NULL},
    {"es xlmt", "sentiment/xlmt-es.tsv.gz", "label", 3, ROLE_TWEETS, false, NULL},
    {"fr xlmt", "sentiment/xlmt-fr.tsv.gz", "label", 4, ROLE_TWEETS, false, NULL},
    {"hi xlmt", "sentiment/xlmt-hi.tsv.gz", "label", 5, ROLE_TWEETS, false, NULL},
    {"it xlmt", "sentiment/xlmt-it.tsv.gz", "label", 6, ROLE_TWEETS, false, NULL},
    {"pt xlmt", "sentiment/xlmt-pt.tsv.gz", "label", 7, ROLE_TWEETS, false, NULL},
    {"background", "language/lingua-odd-lines.tsv.gz", "kind", 0, ROLE_BACKGROUND, false, NULL},
    {"de germeval 2017 dev", "sentiment/germeval-2017-dev.tsv.gz", "label", 2, ROLE_TEST, false,
     NULL},
};

struct example {
    const struct corpus *corpus;
    Str text; /* of the corpus' rows, which stay */
    size_t language;
    int label;
    double rating; /* of reviews, -4 to 4 */
    int fold;
    bool is_2016_test;
    double features[JUDGE_FEATURE_COUNT];
    struct regression_item *items; /* .column: a feature's number */
    size_t item_count, token_count;
    float *vector; /* sum of the vectors of its words; English run only */
};

static struct {
    VEC(struct example);
} examples;
static struct tokenizer *tokenizer;

/* --- features -------------------------------------------------------------------------------- */

enum feature_kind { FEATURE_WORD, FEATURE_PAIR, FEATURE_MARK, FEATURE_LETTERS };

struct feature {
    uint32_t key, space;
    enum feature_kind kind;
    Str word; /* FEATURE_WORD that has letters; owned, never freed */
};
static struct {
    VEC(struct feature);
} features;
static uint32_t dictionary[DICTIONARY_SLOTS]; /* number of the feature + 1 */

/* The feature's number, or UINT32_MAX when it is new and not to be added. */
static uint32_t feature_of(uint32_t key, uint32_t space, bool may_add, enum feature_kind kind)
{
    size_t at = hash_u64(key, space) % DICTIONARY_SLOTS;

    for (; dictionary[at] != 0; at = (at + 1) % DICTIONARY_SLOTS) {
        const struct feature *f = &features.items[dictionary[at] - 1];
        if (f->key == key && f->space == space)
            return dictionary[at] - 1;
    }
    if (!may_add)
        return UINT32_MAX;
    ASSERT(features.count < DICTIONARY_SLOTS / 2);
    vec_push(&features, (struct feature){.key = key, .space = space, .kind = kind});
    dictionary[at] = (uint32_t)features.count;
    return dictionary[at] - 1;
}

struct item_list {
    VEC(struct regression_item);
};

static uint32_t own_space(const struct corpus *corpus, size_t language)
{
    return corpus->is_english_run ? SPACE_ENGLISH_RUN : 1 + (uint32_t)language;
}

static void add_feature(struct item_list *list, const struct example *e, uint32_t key,
                        enum feature_kind kind, double value, Str word)
{
    uint32_t space = own_space(e->corpus, e->language);

    if (!e->corpus->is_english_run) {
        value *= AUGMENTED;
        vec_push(list,
                 (struct regression_item){feature_of(key, SPACE_SHARED, true, kind), (float)value});
    }
    uint32_t number = feature_of(key, space, true, kind);
    vec_push(list, (struct regression_item){number, (float)value});
    struct feature *f = &features.items[number];
    if (word.len > 0 && f->word.len == 0)
        f->word = (Str){strndup(word.ptr, word.len), word.len};
}

static int compare_items(const void *a, const void *b)
{
    const struct regression_item *x = a, *y = b;

    return x->column < y->column ? -1 : x->column > y->column;
}

/* Each feature once: presence counts, not frequency. */
static void keep_items(struct example *e, struct item_list *list)
{
    qsort(list->items, list->count, sizeof list->items[0], compare_items);
    e->items = mem_alloc(list->count + 1, sizeof *e->items);
    for (size_t i = 0; i < list->count; i++)
        if (i == 0 || list->items[i].column != list->items[i - 1].column)
            e->items[e->item_count++] = list->items[i];
}

static void extract(struct example *e, const struct token *tokens, size_t count)
{
    struct judge_keys keys;
    struct item_list list = {0};
    double scale = words_scale(count < JUDGE_TOKENS_MAX ? count : JUDGE_TOKENS_MAX);

    judge_keys_of(e->text, tokens, count, true, NULL, &keys);
    e->token_count = keys.count;
    for (size_t i = 0; i < keys.count; i++) {
        bool has_letters = is_word(&tokens[i]) && !e->corpus->is_english_run;
        Str word = has_letters ? token_bare(&tokens[i], tokens[i].folded) : STR_NONE;
        add_feature(&list, e, keys.all[i], FEATURE_WORD, scale, word);
        add_feature(&list, e, keys.all[keys.count + i], FEATURE_PAIR, scale, STR_NONE);
        if (!has_letters)
            continue;
        uint32_t letters[NGRAMS_MAX];
        size_t n = letter_keys(word, letters);
        for (size_t k = 0; k < n; k++)
            add_feature(&list, e, letters[k], FEATURE_LETTERS, scale / sqrt((double)n + 1),
                        STR_NONE);
    }
    for (size_t i = 0; i < keys.mark_count; i++)
        add_feature(&list, e, keys.all[2 * keys.count + i], FEATURE_MARK, scale, STR_NONE);
    keep_items(e, &list);
    vec_deinit(&list);
}

/* --- word vectors ------------------------------------------------------------------------------
 */

struct vector {
    uint32_t key, count; /* occurrences */
    const float *numbers;
};
static struct {
    uint32_t count, dimensions;
    struct vector *items; /* by rising key */
    float *numbers;
} vectors;

static int compare_vectors(const void *a, const void *b)
{
    const struct vector *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

/* Less the mean of all (weighed by the root of their counts), each of length one: otherwise what
 * all words have in common would drown what parts them. */
static void normalise_vectors(void)
{
    uint32_t d = vectors.dimensions;
    double *mean = mem_alloc(d, sizeof *mean), total = 0;

    for (uint32_t i = 0; i < vectors.count; i++) {
        double weight = sqrt(vectors.items[i].count);
        total += weight;
        for (uint32_t k = 0; k < d; k++)
            mean[k] += weight * (double)vectors.items[i].numbers[k];
    }
    for (uint32_t i = 0; i < vectors.count; i++) {
        float *v = vectors.numbers + (size_t)i * d;
        double square = 0;
        for (uint32_t k = 0; k < d; k++) {
            v[k] -= (float)(mean[k] / total);
            square += (double)v[k] * (double)v[k];
        }
        for (uint32_t k = 0; k < d; k++)
            v[k] = (float)((double)v[k] * VECTOR_SCALE / sqrt(square + 1e-9));
    }
    mem_free(mean);
}

static void die(const char *what, const char *name)
{
    fprintf(stderr, "train_sentiment: %s '%s'\n", what, name);
    exit(1);
}

/* tools/train_vectors.c: uint32 count, uint32 dimensions; per word uint32 key, uint32 count, float
 * numbers[dimensions]. */
static void read_vectors(const char *path)
{
    FILE *in = fopen(path, "rb");

    if (!in || fread(&vectors.count, 4, 1, in) != 1 || fread(&vectors.dimensions, 4, 1, in) != 1)
        die("could not read", path);
    vectors.items = mem_alloc(vectors.count, sizeof *vectors.items);
    vectors.numbers = mem_alloc((size_t)vectors.count * vectors.dimensions, sizeof(float));
    for (uint32_t i = 0; i < vectors.count; i++) {
        struct vector *v = &vectors.items[i];
        float *numbers = vectors.numbers + (size_t)i * vectors.dimensions;
        if (fread(&v->key, 4, 1, in) != 1 || fread(&v->count, 4, 1, in) != 1 ||
            fread(numbers, sizeof(float), vectors.dimensions, in) != vectors.dimensions)
            die("cut short:", path);
        v->numbers = numbers;
    }
    fclose(in);
    normalise_vectors();
    qsort(vectors.items, vectors.count, sizeof *vectors.items, compare_vectors);
}

static const float *vector_of(uint32_t key)
{
    struct vector wanted = {.key = key};
    const struct vector *found =
        bsearch(&wanted, vectors.items, vectors.count, sizeof wanted, compare_vectors);

    return found ? found->numbers : NULL;
}

static void sum_vectors(struct example *e, const struct judge_keys *keys)
{
    double scale = words_scale(keys->count);

    e->vector = mem_alloc(vectors.dimensions, sizeof(float));
    for (size_t i = 0; i < keys->count; i++) {
        const float *v = vector_of(keys->all[i]);
        for (uint32_t k = 0; v && k < vectors.dimensions; k++)
            e->vector[k] += (float)scale * v[k];
    }
}

/* --- reading -----------------------------------------------------------------------------------
 */

static int class_of(Str label)
{
    for (int c = 0; c < JUDGE_CLASSES; c++)
        if (str_eq(label, str_from_cstr(class_names[c])))
            return c;
    die("unknown label", strndup(label.ptr, label.len));
    return -1;
}

/* Of the words alone: copies differ in what they mention and link. */
static int fold_of(const struct token *tokens, size_t count)
{
    uint64_t hash = 1;

    for (size_t i = 0; i < count; i++)
        if (tokens[i].kind == TOKEN_WORD && word_hash(&tokens[i], true) != KEY_URL)
            hash = hash_combine(hash, tokens[i].hash_plain);
    return (int)(hash % FOLDS);
}

static int class_of_rating(double rating)
{
    return rating > 0.7 ? 2 : rating < -0.7 ? 0 : 1;
}

static void add_example(struct example *e)
{
    const struct token *tokens;
    struct err err = {0};
    struct judge_keys keys;
    size_t count;

    if (!tokenizer_run(tokenizer, e->text, &tokens, &count, &err))
        die("could not cut:", err.msg);
    struct reading r = {.text = e->text,
                        .tokens = tokens,
                        .count = count,
                        .may_have_runs = true,
                        .lexicon = find_lexicon(str_from_cstr(codes[e->language])),
                        .capitals = -1};
    read_text(&r);
    judge_features(&r, rules_compound(&r), e->features);
    e->fold = fold_of(tokens, count);
    judge_keys_of(e->text, tokens, count, true, NULL, &keys);
    if (e->corpus->role != ROLE_TEST)
        extract(e, tokens, count);
    if (e->corpus->is_english_run)
        sum_vectors(e, &keys);
    vec_push(&examples, *e);
}

/* False for a row that is not used. */
static bool read_example(const struct corpus *corpus, const struct tsv_row *row, size_t at,
                         struct example *e)
{
    *e = (struct example){.corpus = corpus, .text = row->text, .language = corpus->language};
    if (corpus->role == ROLE_BACKGROUND) {
        e->label = 1;
        for (e->language = 1; e->language < LANGUAGES; e->language++)
            if (str_eq(row->id, str_from_cstr(codes[e->language])))
                return str_eq(row->label, S("sentences"));
        return false;
    }
    if (corpus->role == ROLE_REVIEWS) {
        e->rating = strtod(row->label.ptr, NULL);
        e->label = class_of_rating(e->rating);
        return true;
    }
    e->label = class_of(row->label);
    e->is_2016_test = str_starts(row->id, S("2016test"));
    return strcmp(corpus->name, "hi xlmt") != 0 || (at >= HINDI_FROM && at <= HINDI_TO);
}

static void read_corpus(const struct corpus *corpus)
{
    struct tsv rows = {0}; /* stays: examples point into it */
    struct example e;

    if (!tsv_read(corpus->file, corpus->label_column, &rows))
        exit(1);
    for (size_t i = 0; i < rows.count; i++)
        if (read_example(corpus, &rows.items[i], i, &e))
            add_example(&e);
}

/* --- learning ----------------------------------------------------------------------------------
 */

#define OWN_DENSE 0.5 /* value of a language's own copy of the figures of the rules */

/* Which examples are left out of training. */
struct held_out {
    int fold;       /* -1: none */
    int inner_fold; /* -1: none; of the others, for cross-validation */
    bool has_2016_test;
};

struct learned {
    bool is_english_run;
    struct regression regression;
    uint32_t *columns; /* of a feature, UINT32_MAX: not learned */
};

static bool is_held_out(const struct example *e, struct held_out out)
{
    return e->fold == out.fold || e->fold == out.inner_fold ||
           (out.has_2016_test && e->is_2016_test);
}

static bool is_trained_on(const struct example *e, bool is_english_run, struct held_out out)
{
    return e->corpus->role != ROLE_TEST && e->corpus->is_english_run == is_english_run &&
           !is_held_out(e, out);
}

static size_t dense_count(bool is_english_run)
{
    return is_english_run ? JUDGE_FEATURE_COUNT + vectors.dimensions
                          : JUDGE_FEATURE_COUNT * (1 + LANGUAGES);
}

static float *dense_of(const struct example *e)
{
    float *dense = mem_alloc(dense_count(e->corpus->is_english_run), sizeof *dense);

    for (int f = 0; f < JUDGE_FEATURE_COUNT; f++) {
        dense[f] = (float)e->features[f];
        if (!e->corpus->is_english_run)
            dense[JUDGE_FEATURE_COUNT * (1 + e->language) + (size_t)f] =
                (float)(e->features[f] * OWN_DENSE);
    }
    if (e->corpus->is_english_run)
        memcpy(dense + JUDGE_FEATURE_COUNT, e->vector, vectors.dimensions * sizeof *dense);
    return dense;
}

static void choose_columns(struct learned *l, struct held_out out)
{
    uint32_t *counts = mem_alloc(features.count, sizeof *counts);

    vec_each (struct example, e, &examples)
        for (size_t i = 0; is_trained_on(e, l->is_english_run, out) && i < e->item_count; i++)
            counts[e->items[i].column]++;
    l->columns = mem_alloc(features.count, sizeof *l->columns);
    for (size_t i = 0; i < features.count; i++)
        l->columns[i] =
            counts[i] >= COUNT_MIN ? (uint32_t)l->regression.sparse_count++ : UINT32_MAX;
    mem_free(counts);
}

/* Each class of the tweets weighs the same, and a tweet weighs 1 on average. */
static double weight_of(const struct example *e, const double counts[JUDGE_CLASSES])
{
    if (e->corpus->role == ROLE_REVIEWS)
        return REVIEW_WEIGHT;
    if (e->corpus->role == ROLE_BACKGROUND)
        return BACKGROUND_WEIGHT;
    return (counts[0] + counts[1] + counts[2]) / (JUDGE_CLASSES * counts[e->label]);
}

static struct regression_row row_of(const struct example *e, const struct learned *l, double weight)
{
    struct regression_item *items = mem_alloc(e->item_count + 1, sizeof *items);
    struct regression_row row = {items, 0, dense_of(e), e->label, weight};

    for (size_t i = 0; i < e->item_count; i++)
        if (l->columns[e->items[i].column] != UINT32_MAX)
            items[row.item_count++] =
                (struct regression_item){l->columns[e->items[i].column], e->items[i].value};
    return row;
}

static void learn(struct learned *l, bool is_english_run, struct held_out out, double l2)
{
    struct {
        VEC(struct regression_row);
    } rows = {0};
    double counts[JUDGE_CLASSES] = {0};

    *l = (struct learned){.is_english_run = is_english_run};
    l->regression.dense_count = dense_count(is_english_run);
    l->regression.l2 = l2;
    l->regression.iterations_max = ITERATIONS_MAX;
    choose_columns(l, out);
    vec_each (struct example, e, &examples)
        if (is_trained_on(e, is_english_run, out) && e->corpus->role == ROLE_TWEETS)
            counts[e->label]++;
    vec_each (struct example, e, &examples)
        if (is_trained_on(e, is_english_run, out))
            vec_push(&rows, row_of(e, l, weight_of(e, counts)));
    regression_train(&l->regression, rows.items, rows.count);
    vec_each (struct regression_row, row, &rows) {
        mem_free(row->items);
        mem_free(row->dense);
    }
    vec_deinit(&rows);
}

static void learned_deinit(struct learned *l)
{
    mem_free(l->regression.weights);
    mem_free(l->columns);
}

/* --- tables ------------------------------------------------------------------------------------
 */

struct weighed {
    uint32_t key;
    uint8_t flags;
    double weights[JUDGE_CLASSES];
    double importance;
};
struct weighed_list {
    VEC(struct weighed);
};

/* A judge with tables of its own. */
struct bench_judge {
    struct judge judge;
    struct judge_table table;
    struct judge_entry *entries; /* by rising key */
    uint32_t entry_count;
};

static void add_weights(const struct learned *l, uint32_t number, double factor,
                        double weights[JUDGE_CLASSES])
{
    if (number == UINT32_MAX || l->columns[number] == UINT32_MAX)
        return;
    const float *w = l->regression.weights + (size_t)l->columns[number] * JUDGE_CLASSES;
    for (int c = 0; c < JUDGE_CLASSES; c++)
        weights[c] += factor * (double)w[c];
}

/* What a key weighs in a language: its own weight and the shared one. */
static void add_key(const struct learned *l, uint32_t key, uint32_t space, double factor,
                    double weights[JUDGE_CLASSES])
{
    if (l->is_english_run) {
        add_weights(l, feature_of(key, space, false, 0), factor, weights);
        return;
    }
    if (space != SPACE_SHARED)
        add_weights(l, feature_of(key, space, false, 0), factor * AUGMENTED, weights);
    add_weights(l, feature_of(key, SPACE_SHARED, false, 0), factor * AUGMENTED, weights);
}

static void add_vector(const struct learned *l, uint32_t key, double weights[JUDGE_CLASSES])
{
    const float *v = vector_of(key);
    const float *w =
        l->regression.weights + (l->regression.sparse_count + JUDGE_FEATURE_COUNT) * JUDGE_CLASSES;

    for (uint32_t k = 0; v && k < vectors.dimensions; k++, w += JUDGE_CLASSES)
        for (int c = 0; c < JUDGE_CLASSES; c++)
            weights[c] += (double)v[k] * (double)w[c];
}

static void weigh(struct weighed_list *list, struct weighed w, double factor)
{
    double mean = (w.weights[0] + w.weights[1] + w.weights[2]) / JUDGE_CLASSES;

    for (int c = 0; c < JUDGE_CLASSES; c++) {
        w.weights[c] -= mean; /* what is common to all classes decides nothing */
        w.importance = fmax(w.importance, factor * fabs(w.weights[c]));
    }
    vec_push(list, w);
}

static void weigh_feature(const struct learned *l, const struct feature *f, bool has_letters,
                          struct weighed_list *list)
{
    struct weighed w = {.key = f->key, .flags = f->kind == FEATURE_PAIR ? JUDGE_ENTRY_PAIR : 0};
    uint32_t letters[NGRAMS_MAX];

    add_key(l, f->key, f->space, 1, w.weights);
    if (l->is_english_run && f->kind == FEATURE_WORD)
        add_vector(l, f->key, w.weights);
    if (has_letters && f->word.len > 0) {
        size_t n = letter_keys(f->word, letters);
        for (size_t i = 0; i < n; i++)
            add_key(l, letters[i], f->space, 1 / sqrt((double)n + 1), w.weights);
        w.flags |= JUDGE_ENTRY_WHOLE;
    }
    weigh(list, w, f->kind == FEATURE_LETTERS ? 0.25 : 1);
}

static int compare_importance(const void *a, const void *b)
{
    const struct weighed *x = a, *y = b;

    if (x->importance != y->importance)
        return x->importance > y->importance ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static int compare_keys(const void *a, const void *b)
{
    const struct weighed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->importance > y->importance ? -1 : x->importance < y->importance;
}

/* Rounds the most important ones to bytes; the few largest are cut off at the unit's range. */
static void round_weights(struct bench_judge *j, struct weighed_list *list, size_t max)
{
    qsort(list->items, list->count, sizeof list->items[0], compare_importance);
    list->count = list->count < max ? list->count : max;
    double most = list->count > 0 ? list->items[list->count / 500].importance : 1;
    j->table.unit = most / 127;
    qsort(list->items, list->count, sizeof list->items[0], compare_keys);
    j->entries = mem_alloc(list->count + 1, sizeof *j->entries);
    vec_each (struct weighed, w, list) {
        struct judge_entry entry = {.key = w->key, .flags = w->flags};
        bool is_heavy = false;
        for (int c = 0; c < JUDGE_CLASSES; c++) {
            double r = round(w->weights[c] / j->table.unit);
            entry.weights[c] = (int8_t)fmax(-127, fmin(127, r));
            is_heavy |= entry.weights[c] != 0;
        }
        bool is_copy = j->entry_count > 0 && j->entries[j->entry_count - 1].key == w->key;
        if ((is_heavy || (w->flags & JUDGE_ENTRY_WHOLE)) && !is_copy)
            j->entries[j->entry_count++] = entry;
    }
}

static void fill_table(struct bench_judge *j)
{
    if (!judge_fill_table(j->entries, j->entry_count, &j->table))
        die("no memory for", j->judge.code);
    j->judge.own = &j->table;
}

static void fill_dense(struct bench_judge *j, const struct learned *l, size_t language)
{
    const float *w = l->regression.weights + l->regression.sparse_count * JUDGE_CLASSES;
    size_t own = JUDGE_FEATURE_COUNT * (1 + language);

    for (size_t f = 0; f < JUDGE_FEATURE_COUNT; f++)
        for (size_t c = 0; c < JUDGE_CLASSES; c++) {
            double weight = (double)w[f * JUDGE_CLASSES + c];
            if (!l->is_english_run && language < LANGUAGES)
                weight += OWN_DENSE * (double)w[(own + f) * JUDGE_CLASSES + c];
            if (f == JUDGE_ONE && c == 1 && strcmp(j->judge.code, "de") == 0)
                weight += GERMAN_CAUTION;
            j->judge.weights[f][c] = round(weight * 1000) / 1000;
        }
}

/* `language` LANGUAGES: the judge of all others. */
static void make_judge(struct bench_judge *j, const struct learned *l, size_t language,
                       const struct bench_judge *others)
{
    struct weighed_list list = {0};
    bool is_others = language == LANGUAGES;
    uint32_t space = l->is_english_run ? SPACE_ENGLISH_RUN
                     : is_others       ? SPACE_SHARED
                                       : 1 + (uint32_t)language;

    *j = (struct bench_judge){.judge = {.knows_words = !is_others,
                                        .reads_letters = !is_others && !l->is_english_run,
                                        .shared = others ? &others->table : NULL}};
    snprintf(j->judge.code, sizeof j->judge.code, "%s", is_others ? "*" : codes[language]);
    vec_each (struct feature, f, &features)
        if (f->space == space && l->columns[f - features.items] != UINT32_MAX &&
            !(is_others && (f->kind == FEATURE_PAIR || f->kind == FEATURE_LETTERS)))
            weigh_feature(l, f, j->judge.reads_letters, &list);
    for (uint32_t i = 0; l->is_english_run && i < vectors.count; i++) {
        struct weighed w = {.key = vectors.items[i].key};
        uint32_t number = feature_of(w.key, space, false, 0);
        if (number != UINT32_MAX && l->columns[number] != UINT32_MAX)
            continue; /* is there */
        add_vector(l, w.key, w.weights);
        weigh(&list, w, 1);
    }
    round_weights(j, &list, l->is_english_run ? ENGLISH_ENTRIES_MAX : OTHER_ENTRIES_MAX);
    fill_table(j);
    fill_dense(j, l, language);
    vec_deinit(&list);
}

/* All judges in the order of `codes`, that of all others last. */
static struct bench_judge bench[LANGUAGES + 1];

static void make_run(struct held_out out, bool is_english_run, double l2)
{
    struct learned l;

    learn(&l, is_english_run, out, l2);
    if (is_english_run) {
        make_judge(&bench[0], &l, 0, NULL);
    } else {
        make_judge(&bench[LANGUAGES], &l, LANGUAGES, NULL);
        for (size_t language = 1; language < LANGUAGES; language++)
            make_judge(&bench[language], &l, language, &bench[LANGUAGES]);
    }
    learned_deinit(&l);
}

static void make_judges(struct held_out out)
{
    make_run(out, true, ENGLISH_L2);
    make_run(out, false, OTHERS_L2);
}

/* --- the files ---------------------------------------------------------------------------------
 */

static void write_all(FILE *out, const void *bytes, size_t size)
{
    if (fwrite(bytes, size, 1, out) != 1)
        die("could not write", "sentiment.bin");
}

/* As tools/judge.c reads it. */
static void write_table(FILE *out, const struct bench_judge *j)
{
    char code[8] = "";
    uint32_t flags[2] = {j->judge.knows_words, j->judge.reads_letters};

    memcpy(code, j->judge.code, sizeof j->judge.code);
    write_all(out, code, sizeof code);
    write_all(out, &j->table.unit, sizeof j->table.unit);
    write_all(out, flags, sizeof flags);
    write_all(out, &j->entry_count, sizeof j->entry_count);
    write_all(out, j->entries, j->entry_count * sizeof *j->entries);
}

static void write_dense(FILE *out, const struct bench_judge *j)
{
    for (int c = 0; c < JUDGE_CLASSES; c++)
        for (int f = 0; f < JUDGE_FEATURE_COUNT; f++)
            fprintf(out, "%s\t%s\t%s\t%.3f\n", j->judge.code, class_names[c],
                    judge_feature_names[f], j->judge.weights[f][c]);
}

static FILE *create_file(const char *folder, const char *name)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    if (!out)
        die("could not create", path);
    return out;
}

static void write_models(const char *folder)
{
    uint32_t count = COUNT_OF(bench);

    make_judges((struct held_out){.fold = -1, .inner_fold = -1});
    FILE *table = create_file(folder, "sentiment.bin"), *dense = create_file(folder, "judge.tsv");
    fputs("# What the figures of the rules weigh in the label (text/judge_priv.h), made by "
          "tools/train_sentiment.c.\n",
          dense);
    write_all(table, "TTMOOD1\n", 8);
    write_all(table, &count, sizeof count);
    for (size_t i = 0; i < COUNT_OF(bench); i++) {
        write_table(table, &bench[i]);
        write_dense(dense, &bench[i]);
    }
    if (fclose(table) != 0 || fclose(dense) != 0)
        die("could not write into", folder);
}

/* --- figures -----------------------------------------------------------------------------------
 */

static void rate_example(const struct example *e, struct sentiment *s)
{
    const struct token *tokens;
    struct err err = {0};
    size_t count;

    if (!tokenizer_run(tokenizer, e->text, &tokens, &count, &err))
        die("could not cut:", err.msg);
    read_and_judge(find_lexicon(str_from_cstr(codes[e->language])), &bench[e->language].judge,
                   e->text, tokens, count, s);
}

struct tally {
    double hits[JUDGE_CLASSES], labelled[JUDGE_CLASSES], guessed[JUDGE_CLASSES];
    double cells[JUDGE_CLASSES][JUDGE_CLASSES]; /* by label, then guess */
};

static void add_to_tally(struct tally *t, int label, int guess)
{
    t->labelled[label]++;
    t->guessed[guess]++;
    t->hits[label] += guess == label;
    t->cells[label][guess]++;
}

static double tally_size(const struct tally *t)
{
    return t->labelled[0] + t->labelled[1] + t->labelled[2];
}

static double tally_recall(const struct tally *t)
{
    double recall = 0;

    for (int c = 0; c < JUDGE_CLASSES; c++)
        recall += 100 * t->hits[c] / fmax(1, t->labelled[c]) / JUDGE_CLASSES;
    return recall;
}

static double tally_f1(const struct tally *t)
{
    double f1 = 0;

    for (int c = 0; c < JUDGE_CLASSES; c++)
        f1 += 200 * t->hits[c] / fmax(1, t->labelled[c] + t->guessed[c]) / JUDGE_CLASSES;
    return f1;
}

static double tally_accuracy(const struct tally *t)
{
    return 100 * (t->hits[0] + t->hits[1] + t->hits[2]) / fmax(1, tally_size(t));
}

/* As many texts again, drawn with replacement. */
static void tally_resample(const struct tally *t, struct random *random, struct tally *out)
{
    double n = tally_size(t);

    *out = (struct tally){0};
    for (double i = 0; i < n; i++) {
        double u = random_next_unit(random) * n;
        int cell = 0;
        while (cell < JUDGE_CLASSES * JUDGE_CLASSES - 1 &&
               u >= t->cells[cell / JUDGE_CLASSES][cell % JUDGE_CLASSES])
            u -= t->cells[cell / JUDGE_CLASSES][cell % JUDGE_CLASSES], cell++;
        add_to_tally(out, cell / JUDGE_CLASSES, cell % JUDGE_CLASSES);
    }
}

enum { RESAMPLES = 400 };
typedef double (*figure_fn)(const struct tally *t);
static const figure_fn figures[] = {tally_recall, tally_f1, tally_accuracy};

/* Half the width of the 95 % interval of each figure, by the bootstrap (Efron 1979). */
static void tally_margins(const struct tally *t, double margins[COUNT_OF(figures)])
{
    double sums[COUNT_OF(figures)] = {0}, squares[COUNT_OF(figures)] = {0};
    struct random random = {.seed = 31};

    for (int i = 0; i < RESAMPLES; i++) {
        struct tally again;
        tally_resample(t, &random, &again);
        for (size_t f = 0; f < COUNT_OF(figures); f++) {
            double x = figures[f](&again);
            sums[f] += x;
            squares[f] += x * x;
        }
    }
    for (size_t f = 0; f < COUNT_OF(figures); f++) {
        double mean = sums[f] / RESAMPLES;
        margins[f] = 1.96 * sqrt(fmax(0, squares[f] / RESAMPLES - mean * mean));
    }
}

static void print_tally(const char *name, const struct tally *t)
{
    double n = tally_size(t), margins[COUNT_OF(figures)];
    double most = fmax(t->labelled[0], fmax(t->labelled[1], t->labelled[2]));

    tally_margins(t, margins);
    printf("%-24s %6.0f  %5.1f +-%4.1f  %5.1f +-%4.1f (%4.1f)  %5.1f +-%4.1f (%4.1f)\n", name, n,
           tally_recall(t), margins[0], tally_f1(t), margins[1],
           200 * most / (n + most) / JUDGE_CLASSES, tally_accuracy(t), margins[2],
           100 * most / fmax(1, n));
}

struct pairs {
    double n, x, y, xx, yy, xy;
};

static void add_pair(struct pairs *p, double x, double y)
{
    p->n++;
    p->x += x;
    p->y += y;
    p->xx += x * x;
    p->yy += y * y;
    p->xy += x * y;
}

static double pearson(const struct pairs *p)
{
    return (p->n * p->xy - p->x * p->y) /
           sqrt((p->n * p->xx - p->x * p->x) * (p->n * p->yy - p->y * p->y));
}

/* Fisher's transformation. */
static double pearson_margin(const struct pairs *p)
{
    double z = atanh(pearson(p)), half = 1.96 / sqrt(p->n - 3);

    return (tanh(z + half) - tanh(z - half)) / 2;
}

static struct {
    double f1, variance, count;
} languages_mean; /* of the tweets of xlm-t */

static void add_to_mean(const struct tally *t)
{
    double margins[COUNT_OF(figures)];

    tally_margins(t, margins);
    languages_mean.f1 += tally_f1(t);
    languages_mean.variance += margins[1] * margins[1];
    languages_mean.count++;
}

static void print_corpus(const struct corpus *corpus, struct held_out out)
{
    struct tally tally = {0};
    struct pairs rules = {0}, blend = {0};

    vec_each (struct example, e, &examples) {
        struct sentiment s;
        if (e->corpus != corpus || (corpus->role != ROLE_TEST && !is_held_out(e, out)))
            continue;
        rate_example(e, &s);
        int guess = (int)s.label + 1;
        double target = corpus->role == ROLE_REVIEWS ? e->rating : e->label - 1;
        add_to_tally(&tally, e->label, guess);
        add_pair(&rules, s.rules, target);
        add_pair(&blend, s.compound, target);
    }
    print_tally(corpus->name, &tally);
    if (str_starts(str_from_cstr(corpus->file), S("sentiment/xlmt-")))
        add_to_mean(&tally);
    printf("%-24s %s: r %.3f +-%.3f of the rules, %.3f +-%.3f of the blend\n", "",
           corpus->role == ROLE_REVIEWS ? "rating" : "label", pearson(&rules),
           pearson_margin(&rules), pearson(&blend), pearson_margin(&blend));
}

/* --- shares of the classes ---------------------------------------------------------------------
 */

enum { SHARE_DRAWS = 200, SHARE_TEXTS = 300 };

struct rated {
    int label, guess;
    double probabilities[JUDGE_CLASSES];
};
struct rated_list {
    VEC(struct rated);
};

/* Texts drawn from `pool` with the shares given. */
static void draw_texts(const struct rated_list *pool, const double *shares, struct random *random,
                       struct rated *out)
{
    for (size_t i = 0; i < SHARE_TEXTS;) {
        double u = random_next_unit(random);
        int label = u < shares[0] ? 0 : u < shares[0] + shares[1] ? 1 : 2;
        const struct rated *r = &pool->items[random_below(random, pool->count)];
        while (r->label != label)
            r = &pool->items[random_below(random, pool->count)];
        out[i++] = *r;
    }
}

/* Adds the mean absolute errors of the shares: counted, adjusted, expected. */
static void judge_shares(const struct rated *texts, const double *confusion, double errors[3])
{
    static const double even[JUDGE_CLASSES] = {1 / 3.0, 1 / 3.0, 1 / 3.0};
    static double probabilities[SHARE_TEXTS * JUDGE_CLASSES];
    double guessed[JUDGE_CLASSES] = {0}, truth[JUDGE_CLASSES] = {0};
    double estimates[3][JUDGE_CLASSES];

    for (size_t i = 0; i < SHARE_TEXTS; i++) {
        guessed[texts[i].guess]++;
        truth[texts[i].label] += 1.0 / SHARE_TEXTS;
        memcpy(probabilities + i * JUDGE_CLASSES, texts[i].probabilities,
               sizeof texts[i].probabilities);
    }
    for (int c = 0; c < JUDGE_CLASSES; c++)
        estimates[0][c] = guessed[c] / SHARE_TEXTS;
    if (!prevalence_adjusted(JUDGE_CLASSES, confusion, guessed, estimates[1]) ||
        !prevalence_expected(JUDGE_CLASSES, probabilities, SHARE_TEXTS, even, estimates[2]))
        die("no shares of", "texts");
    for (int e = 0; e < 3; e++)
        for (int c = 0; c < JUDGE_CLASSES; c++)
            errors[e] += 100 * fabs(estimates[e][c] - truth[c]) / JUDGE_CLASSES / SHARE_DRAWS;
}

/* One half of the texts held out gives the confusion matrix, the other is drawn from with shares
 * spread evenly over all that are possible. */
static void print_shares(const struct corpus *corpus, struct held_out out)
{
    struct rated_list pool = {0};
    double confusion[JUDGE_CLASSES * JUDGE_CLASSES] = {0}, errors[3] = {0};
    struct random random = {.seed = 23};
    struct rated texts[SHARE_TEXTS];

    vec_each (struct example, e, &examples) {
        struct sentiment s;
        if (e->corpus != corpus || !is_held_out(e, out))
            continue;
        rate_example(e, &s);
        struct rated r = {.label = e->label, .guess = (int)s.label + 1};
        sentiment_probabilities(&s, r.probabilities);
        if (random_below(&random, 2) == 0)
            confusion[r.label * JUDGE_CLASSES + r.guess]++;
        else
            vec_push(&pool, r);
    }
    for (int i = 0; i < SHARE_DRAWS; i++) {
        double shares[JUDGE_CLASSES], total = 0;
        for (int c = 0; c < JUDGE_CLASSES; c++)
            total += shares[c] = -log(random_next_unit(&random));
        for (int c = 0; c < JUDGE_CLASSES; c++)
            shares[c] /= total;
        draw_texts(&pool, shares, &random, texts);
        judge_shares(texts, confusion, errors);
    }
    printf("%-24s points off: counted %.1f, adjusted %.1f, expected %.1f\n", corpus->name,
           errors[0], errors[1], errors[2]);
    vec_deinit(&pool);
}

static void print_figures(void)
{
    struct held_out fold = {.fold = 0, .inner_fold = -1};
    struct held_out later = {.fold = -1, .inner_fold = -1, .has_2016_test = true};

    puts("texts held out: a fifth of each set, of germeval all, never learned from; with 95 % "
         "intervals\naverage recall (majority and random 33.3), macro-F1 (majority; random 33), "
         "accuracy (majority; random 33.3)");
    make_judges(fold);
    for (size_t i = 0; i < COUNT_OF(corpora); i++)
        if (corpora[i].role != ROLE_BACKGROUND)
            print_corpus(&corpora[i], fold);
    printf("mean of %.0f languages: macro-F1 %.1f +-%.1f\n", languages_mean.count,
           languages_mean.f1 / languages_mean.count,
           sqrt(languages_mean.variance) / languages_mean.count);
    for (size_t i = 0; i <= LANGUAGES; i++)
        printf("%s %u entries\n", bench[i].judge.code, bench[i].entry_count);
    printf("shares of the classes, %d texts, mean absolute error:\n", SHARE_TEXTS);
    print_shares(&corpora[0], fold);
    print_shares(&corpora[5], fold);
    puts("trained on SemEval without the 2016 test part, judged on it");
    make_judges(later);
    print_corpus(&corpora[0], later);
}

/* Mean macro-F1 of the tweets of one run, on the inner folds in turn. */
static double validated(bool is_english_run, double l2)
{
    double f1 = 0, count = 0;

    for (int fold = 1; fold < FOLDS; fold++) {
        struct tally tallies[COUNT_OF(corpora)] = {0};
        make_run((struct held_out){.fold = 0, .inner_fold = fold}, is_english_run, l2);
        vec_each (struct example, e, &examples) {
            struct sentiment s;
            if (e->fold != fold || e->corpus->role != ROLE_TWEETS ||
                e->corpus->is_english_run != is_english_run || (e->language == 0) != is_english_run)
                continue;
            rate_example(e, &s);
            add_to_tally(&tallies[e->corpus - corpora], e->label, (int)s.label + 1);
        }
        for (size_t i = 0; i < COUNT_OF(corpora); i++)
            if (tally_size(&tallies[i]) > 0) {
                f1 += tally_f1(&tallies[i]);
                count++;
            }
    }
    return f1 / count;
}

static void validate(void)
{
    static const double shrinkages[] = {2, 3, 5, 8, 12, 20};

    for (size_t i = 0; i < COUNT_OF(shrinkages); i++)
        printf("l2 %4.0f: macro-F1 English %.2f, others %.2f\n", shrinkages[i],
               validated(true, shrinkages[i]), validated(false, shrinkages[i]));
}

int main(int argc, char **argv)
{
    struct err err = {0};

    if (argc < 3 || !tokenizer_create(&tokenizer, &err))
        return 2;
    read_vectors(argv[2]);
    for (size_t i = 0; i < COUNT_OF(corpora); i++)
        read_corpus(&corpora[i]);
    if (strcmp(argv[1], "figures") == 0)
        print_figures();
    else if (strcmp(argv[1], "validate") == 0)
        validate();
    else if (strcmp(argv[1], "write") == 0 && argc == 4)
        write_models(argv[3]);
    else
        return 2;
    tokenizer_destroy(&tokenizer);
    return 0;
}
