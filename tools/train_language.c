/* train_language.c - learns the weights of the language models.
 *
 *     make train-language      (runs: train_language write CORPUS lexicon/language.bin)
 *     make language-figures    (runs: train_language figures CORPUS)
 *
 * CORPUS is made by tools/language_sources: `code TAB source TAB text` from packages. To it come
 * the sentences and word pairs of lingua's test data and the tweets of xlm-t and SemEval. A
 * multinomial logistic regression on the hashed n-grams of text/language.c per script, with a
 * learning rate per weight (AdaGrad) and lightly shrunk weights. Each language is drawn equally
 * often, within it each source by its share below; texts are cut at random to short ones. The
 * figures leave out a fifth of lingua's lines, a tenth of the packages' texts, and the declaration
 * of human rights, of which nothing is ever learned. Same data, same file.
 *
 * File: "TTLANG2\n", double units[models], int8 weights[LANGUAGE_BYTES].
 */
#include "text/language.c"

#include "base/random.h"
#include "bench_tsv.h"

enum { FOLD = 5, PACKAGE_FOLD = 10, DRAWS_PER_LANGUAGE = 100000, LANGUAGES_MAX = 256 };
enum { CORPUS_LINE_BYTES = 4096, LANES_MAX = LANGUAGE_LATIN_LANES, TRIES_MAX = 100 };

/* Until the first training there are no weights to link with. */
const uint8_t language_weights[LANGUAGE_TABLE_BYTES] = {0};
const double language_weight_units[LANGUAGE_MODEL_COUNT] = {0};

enum source { SENTENCES, PAIRS, TWEETS, WIKI, GAME, DESK, OFFICE, EMOJI, WORDS, RIGHTS, SOURCES };
static const struct {
    const char *name;
    unsigned share;
} sources[SOURCES] = {
    [SENTENCES] = {"sentences", 20}, [PAIRS] = {"word-pairs", 15}, [TWEETS] = {"tweets", 10},
    [WIKI] = {"wiki", 15},           [GAME] = {"game", 15},        [DESK] = {"desk", 10},
    [OFFICE] = {"office", 10},       [EMOJI] = {"emoji", 5},       [WORDS] = {"words", 15},
    [RIGHTS] = {"rights", 0},
};

struct sample {
    char *text;
    bool is_held_out;
};
struct samples {
    VEC(struct sample);
};
struct corpus {
    char code[4];
    struct samples of[SOURCES];
};
static struct corpus corpora[LANGUAGES_MAX];
static size_t corpus_count;

static float *weights, *squares; /* of all models, a number per byte of the file */
static int8_t rounded[LANGUAGE_BYTES];
static double units[LANGUAGE_MODEL_COUNT];

/* --- languages ----------------------------------------------------------------------------- */

static size_t lane_of(const struct model *model, const char *code)
{
    size_t lane = 0;

    while (lane < model->lane_count && strcmp(model->lanes[lane].code, code) != 0)
        lane++;
    return lane;
}

static bool is_supported(const char *code)
{
    for (size_t m = 0; m < LANGUAGE_MODEL_COUNT; m++)
        if (lane_of(&models[m], code) < models[m].lane_count)
            return true;
    for (size_t i = 0; i < COUNT_OF(script_ranges); i++)
        if (strcmp(script_ranges[i].code, code) == 0)
            return true;
    return false;
}

/* --- reading ------------------------------------------------------------------------------- */

static struct corpus *corpus_of(Str code)
{
    for (size_t i = 0; i < corpus_count; i++)
        if (str_eq(str_from_cstr(corpora[i].code), code))
            return &corpora[i];
    ASSERT(corpus_count < LANGUAGES_MAX && code.len < sizeof corpora[0].code);
    memcpy(corpora[corpus_count].code, code.ptr, code.len);
    return &corpora[corpus_count++];
}

static void add_sample(Str code, enum source source, Str text, bool is_held_out)
{
    struct sample sample = {strndup(text.ptr, text.len), is_held_out};

    vec_push(&corpus_of(code)->of[source], sample);
}

static void read_lingua(void)
{
    struct tsv rows = {0};
    size_t at = 0;

    if (!tsv_read("language/lingua-odd-lines.tsv.gz", "kind", &rows))
        exit(1);
    vec_each (struct tsv_row, row, &rows)
        add_sample(row->id, str_eq(row->label, S("sentences")) ? SENTENCES : PAIRS, row->text,
                   at++ % FOLD == 0);
    tsv_deinit(&rows);
}

/* Many of the Hindi tweets are English: those count that have three of the commonest words. */
static bool is_roman_hindi(Str text)
{
    static const char words[] = " hai ka ki ke ko se mein nahi aur kya bhi ye yeh tha ho ne ji me "
                                "hain kar koi jo toh to hi h raha rahe apne liye wo woh agar ";
    size_t hits = 0;
    Str word;

    while (text.len > 0) {
        char padded[16];
        (void)str_cut(text, ' ', &word, &text);
        if (word.len == 0 || word.len > 8)
            continue;
        snprintf(padded, sizeof padded, " " STR_F " ", STR_A(word));
        for (char *c = padded; *c; c++)
            *c |= 0x20;
        hits += strstr(words, padded) != NULL;
    }
    return hits >= 3;
}

static void read_tweets(const char *file, const char *code, size_t every)
{
    struct tsv rows = {0};
    bool is_hindi = strcmp(code, "hi") == 0;

    if (!tsv_read(file, "label", &rows))
        exit(1);
    for (size_t at = 0; at < rows.count; at += every)
        if (!is_hindi || is_roman_hindi(rows.items[at].text))
            add_sample(str_from_cstr(code), TWEETS, rows.items[at].text, at / every % FOLD == 0);
    tsv_deinit(&rows);
}

static void read_corpus(const char *path)
{
    static char line[CORPUS_LINE_BYTES];
    FILE *in = fopen(path, "r");

    if (!in) {
        fprintf(stderr, "train_language: could not open '%s'; tools/language_sources makes it\n",
                path);
        exit(1);
    }
    while (fgets(line, sizeof line, in)) {
        Str code, name, text = str_trim(str_from_cstr(line));
        (void)str_cut(text, '\t', &code, &text);
        (void)str_cut(text, '\t', &name, &text);
        ((char *)(uintptr_t)code.ptr)[code.len] = '\0';
        if (!is_supported(code.ptr))
            continue;
        for (enum source s = 0; s < SOURCES; s++)
            if (str_eq(name, str_from_cstr(sources[s].name)))
                add_sample(code, s, text, s == RIGHTS || hash_bytes(text, 7) % PACKAGE_FOLD == 0);
    }
    fclose(in);
}

/* --- learning ------------------------------------------------------------------------------ */

static Str words_from(Str text, size_t from, size_t len)
{
    while (from > 0 && text.ptr[from - 1] != ' ')
        from--;
    while (from + len < text.len && text.ptr[from + len] != ' ')
        len++;
    return str_sub(text, from, len);
}

/* All of the text four times of ten, else some words of it, once of ten only one or two. */
static Str cut_sample(Str text, struct random *random)
{
    uint64_t dice = random_below(random, 10);

    if (dice < 4 || text.len < 20)
        return text;
    size_t from = random_below(random, text.len - 10);
    return words_from(text, from,
                      dice == 9 ? random_below(random, 12) : 10 + random_below(random, 80));
}

/* A source by the shares of those that the language has. */
static const struct samples *draw_source(const struct corpus *corpus, struct random *random)
{
    uint64_t total = 0;

    for (int s = 0; s < SOURCES; s++)
        total += corpus->of[s].count > 0 ? sources[s].share : 0;
    if (total == 0)
        return NULL;
    uint64_t dice = random_below(random, total);
    for (int s = 0;; s++) {
        unsigned share = corpus->of[s].count > 0 ? sources[s].share : 0;
        if (dice < share)
            return &corpus->of[s];
        dice -= share;
    }
}

static size_t width_of(const struct model *model)
{
    return (size_t)model->blocks * LANGUAGE_BLOCK;
}

/* Log-odds at temperature 1, without priors: texts of all languages are as frequent here. */
static void scores_of(const struct model *model, const uint32_t *rows, size_t count, float *z)
{
    const size_t width = width_of(model);
    const float *table = weights + model->offset;
    float scale = 1 / sqrtf((float)count);

    for (size_t lane = 0; lane < width; lane++)
        z[lane] = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t lane = 0; lane < width; lane++)
            z[lane] += table[rows[i] * width + lane];
    for (size_t lane = 0; lane < width; lane++)
        z[lane] *= scale;
}

static void softmax(const struct model *model, const float *z, double t, bool with_prior, double *p)
{
    double most = -1e300, sum = 0;

    for (size_t lane = 0; lane < model->lane_count; lane++) {
        p[lane] = (double)z[lane] / t + (with_prior ? log_prior(&model->lanes[lane]) : 0);
        most = fmax(most, p[lane]);
    }
    for (size_t lane = 0; lane < model->lane_count; lane++)
        sum += p[lane] = exp(p[lane] - most);
    for (size_t lane = 0; lane < model->lane_count; lane++)
        p[lane] /= sum;
}

static void learn_one(const struct model *model, const uint32_t *rows, size_t count, size_t right)
{
    const size_t width = width_of(model);
    float z[LANES_MAX], slope[LANES_MAX] = {0};
    double p[LANES_MAX];
    float scale = 1 / sqrtf((float)count);

    scores_of(model, rows, count, z);
    softmax(model, z, 1, false, p);
    if (p[right] > 0.999)
        return;
    for (size_t lane = 0; lane < model->lane_count; lane++)
        slope[lane] = (float)((lane == right) - p[lane]) * scale;
    for (size_t i = 0; i < count; i++) {
        float *w = weights + model->offset + rows[i] * width;
        float *s = squares + model->offset + rows[i] * width;
        for (size_t lane = 0; lane < width; lane++) {
            float step = slope[lane] - 2e-5f * w[lane];
            s[lane] += step * step;
            w[lane] += 0.25f * step / (sqrtf(s[lane]) + 0.02f);
        }
    }
}

/* Draws until a text of the language is in the script of the model; false: it has none. */
static bool draw_line(const struct corpus *corpus, size_t m, bool with_held_out,
                      struct random *random, struct line *line)
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        const struct samples *from = draw_source(corpus, random);
        if (!from)
            return false;
        const struct sample *sample = &from->items[random_below(random, from->count)];
        if (sample->is_held_out && !with_held_out)
            continue;
        read_line(cut_sample(str_from_cstr(sample->text), random), line);
        if ((size_t)main_script(line) == m && line->letters[m] >= LETTERS_MIN)
            return true;
    }
    return false;
}

static void train_model(size_t m, bool with_held_out)
{
    static uint32_t rows[FEATURES_MAX];
    static struct line line;
    const struct model *model = &models[m];
    struct random random = {.seed = 11, .stream = m};

    for (size_t draw = 0; draw < (size_t)DRAWS_PER_LANGUAGE * model->lane_count; draw++) {
        size_t right = draw % model->lane_count;
        const struct corpus *corpus = corpus_of(str_from_cstr(model->lanes[right].code));
        if (!draw_line(corpus, m, with_held_out, &random, &line))
            continue;
        keep_script(&line, (enum script)m);
        learn_one(model, rows, find_features(&line, model, rows), right);
    }
}

static double round_model(const struct model *model)
{
    const size_t size = width_of(model) << model->bits;
    const float *w = weights + model->offset;
    double most = 0;

    for (size_t i = 0; i < size; i++)
        most = fmax(most, fabs((double)w[i]));
    double unit = fmin(most, 4.0) / LANGUAGE_WEIGHT_MAX;
    for (size_t i = 0; i < size; i++) {
        double r = round((double)w[i] / unit);
        rounded[model->offset + i] =
            (int8_t)fmax(-LANGUAGE_WEIGHT_MAX, fmin(LANGUAGE_WEIGHT_MAX, r));
    }
    return unit;
}

/* The figures are those of the rounded weights. */
static void train_all(bool with_held_out)
{
    memset(weights, 0, LANGUAGE_BYTES * sizeof *weights);
    memset(squares, 0, LANGUAGE_BYTES * sizeof *squares);
    for (size_t m = 0; m < LANGUAGE_MODEL_COUNT; m++) {
        train_model(m, with_held_out);
        units[m] = round_model(&models[m]);
        for (size_t i = 0; i < width_of(&models[m]) << models[m].bits; i++)
            weights[models[m].offset + i] = (float)(rounded[models[m].offset + i] * units[m]);
    }
}

/* --- figures ------------------------------------------------------------------------------- */

#ifdef WITH_CLD2
const char *peer_cld2(const char *text, size_t len);
#else
static const char *peer_cld2(const char *text, size_t len)
{
    (void)text;
    (void)len;
    return "und";
}
#endif

/* A held-out text as the model sees it; right_lane is lane_count where a script decides. */
struct judged {
    float z[LANES_MAX];
    const struct model *model;
    size_t right_lane;
    double letters;
};
static struct {
    VEC(struct judged);
} judged;

static size_t best_of(const double *p, size_t lanes)
{
    size_t best = 0;

    for (size_t lane = 1; lane < lanes; lane++)
        best = p[lane] > p[best] ? lane : best;
    return best;
}

/* The code that language_guess() would answer with these weights; remembers the text for the
 * calibration. */
static const char *judge(Str text, const char *right)
{
    static uint32_t rows[FEATURES_MAX];
    static struct line line;
    static struct language_guess guess;
    struct judged one = {0};
    double p[LANES_MAX], family = 0;

    read_line(text, &line);
    size_t m = (size_t)main_script(&line);
    if (m >= LANGUAGE_MODEL_COUNT || line.letters[m] < LETTERS_MIN) {
        guess = language_guess(text);
        return guess.code;
    }
    one.model = &models[m];
    one.right_lane = lane_of(one.model, right);
    keep_script(&line, (enum script)m);
    one.letters = (double)line.letter_count;
    scores_of(one.model, rows, find_features(&line, one.model, rows), one.z);
    if (one.right_lane < one.model->lane_count)
        vec_push(&judged, one);
    softmax(one.model, one.z, temperature(one.letters), true, p);
    const struct lane *lanes = one.model->lanes, *best = &lanes[best_of(p, one.model->lane_count)];
    for (size_t lane = 0; lane < one.model->lane_count; lane++)
        if (&lanes[lane] == best || (best->family != ALONE && lanes[lane].family == best->family))
            family += p[lane];
    return family >= CONFIDENCE_MIN ? best->code : "und";
}

struct tally {
    double n, ours, theirs;
};

static void tally_add(struct tally *t, Str text, const char *code)
{
    t->n++;
    const char *ours = judge(text, code);
    t->ours += strcmp(ours, code) == 0;
    t->theirs += strcmp(peer_cld2(text.ptr, text.len), code) == 0;
}

static void tally_sum(struct tally *t, const struct tally *more)
{
    t->n += more->n;
    t->ours += more->ours;
    t->theirs += more->theirs;
}

static void tally_print(const struct tally *t)
{
    if (t->n < 1)
        printf(" %20s", "-");
    else
        printf(" %6.0f %6.1f %6.1f", t->n, 100 * t->ours / t->n, 100 * t->theirs / t->n);
}

enum column {
    COLUMN_SENTENCES,
    COLUMN_PAIRS,
    COLUMN_WORDS,
    COLUMN_TWEETS,
    COLUMN_RIGHTS,
    COLUMN_PACKAGES,
    COLUMNS
};

enum { WORDS_PER_TEXT = 4, PACKAGE_LETTERS_MIN = 20, PACKAGE_TEXTS_MAX = 300 };

static void tally_words(struct tally *t, Str text, const char *code)
{
    Str word;

    for (int i = 0; i < WORDS_PER_TEXT && text.len > 0; i++) {
        (void)str_cut(text, ' ', &word, &text);
        if (word.len > 1)
            tally_add(t, word, code);
    }
}

static void tally_corpus(const struct corpus *corpus, struct tally row[COLUMNS])
{
    static const enum column column_of[SOURCES] = {
        COLUMN_SENTENCES, COLUMN_PAIRS,    COLUMN_TWEETS,   COLUMN_PACKAGES, COLUMN_PACKAGES,
        COLUMN_PACKAGES,  COLUMN_PACKAGES, COLUMN_PACKAGES, COLUMN_PACKAGES, COLUMN_RIGHTS};
    static struct line line;

    for (int s = 0; s < SOURCES; s++) {
        enum column column = column_of[s];
        size_t taken = 0;
        if (s == EMOJI || s == WORDS)
            continue;
        vec_each (struct sample, sample, &corpus->of[s]) {
            Str text = str_from_cstr(sample->text);
            if (!sample->is_held_out)
                continue;
            if (column == COLUMN_PACKAGES) {
                read_line(text, &line);
                if (line.letter_count < PACKAGE_LETTERS_MIN || taken++ >= PACKAGE_TEXTS_MAX)
                    continue;
            }
            tally_add(&row[column], text, corpus->code);
            if (column == COLUMN_SENTENCES || column == COLUMN_RIGHTS)
                tally_words(&row[COLUMN_WORDS], text, corpus->code);
        }
    }
}

static void print_figures(void)
{
    struct tally all[COLUMNS] = {0};

    printf("held out: texts, ours, CLD2\n%-4s %-20s %-20s %-20s %-20s %-20s %-20s\n", "",
           " sentences", " word pairs", " words", " tweets", " declaration", " packages");
    for (size_t c = 0; c < corpus_count; c++) {
        struct tally row[COLUMNS] = {0};
        if (!is_supported(corpora[c].code))
            continue;
        tally_corpus(&corpora[c], row);
        printf("%-4s", corpora[c].code);
        for (int k = 0; k < COLUMNS; k++) {
            tally_print(&row[k]);
            tally_sum(&all[k], &row[k]);
        }
        putchar('\n');
    }
    printf("%-4s", "all");
    for (int k = 0; k < COLUMNS; k++)
        tally_print(&all[k]);
    putchar('\n');
}

/* Mean logarithmic loss of what was judged. */
static double loss_at(double base, double slope)
{
    double loss = 0, p[LANES_MAX];

    vec_each (struct judged, one, &judged) {
        softmax(one->model, one->z, base + slope / one->letters, true, p);
        loss -= log(p[one->right_lane] + 1e-300);
    }
    return loss / (double)judged.count;
}

static void print_temperature(void)
{
    double best_base = 1, best_slope = 0, best = loss_at(1, 0);

    printf("temperature: loss %.4f at 1", best);
    for (int b = 6; b <= 16; b++)
        for (int s = 0; s <= 12; s++) {
            double loss = loss_at(b * 0.1, s * 0.4);
            if (loss < best) {
                best = loss;
                best_base = b * 0.1;
                best_slope = s * 0.4;
            }
        }
    printf(", %.4f at %.2f + %.1f / letters, %.4f as in language.c\n", best, best_base, best_slope,
           loss_at(TEMPERATURE_BASE, TEMPERATURE_SLOPE));
}

/* How often the best language is right, and how sure the model was, by the number of letters and
 * by the confidence. */
static void print_calibration(void)
{
    static const double ends[] = {3, 5, 8, 12, 19, 39, 400},
                        bounds[] = {0.4, 0.6, 0.8, 0.9, 0.97, 1.01};
    double from = 2, p[LANES_MAX];

    puts("letters: texts, right, mean confidence; of those by confidence: texts, right, mean");
    for (size_t e = 0; e < COUNT_OF(ends); from = ends[e++] + 1) {
        double n[7] = {0}, right[7] = {0}, sure[7] = {0};
        vec_each (struct judged, one, &judged) {
            if (one->letters < from || one->letters > ends[e])
                continue;
            softmax(one->model, one->z, temperature(one->letters), true, p);
            size_t best = best_of(p, one->model->lane_count), bin = 0;
            while (p[best] > bounds[bin])
                bin++;
            for (size_t k = bin; k < 7; k += 6 - bin) {
                n[k]++;
                right[k] += best == one->right_lane;
                sure[k] += p[best];
            }
        }
        printf("%3.0f-%3.0f: %6.0f %.3f %.3f |", from, ends[e], n[6], right[6] / n[6],
               sure[6] / n[6]);
        for (int k = 0; k < 6; k++)
            printf(" %5.0f %.2f %.2f", n[k], n[k] > 0 ? right[k] / n[k] : 0,
                   n[k] > 0 ? sure[k] / n[k] : 0);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    static const char *const tweets[] = {"ar", "de", "es", "fr", "hi", "it", "pt"};
    char file[64];
    bool is_write = argc == 4 && strcmp(argv[1], "write") == 0;

    if (!is_write && !(argc == 3 && strcmp(argv[1], "figures") == 0)) {
        fprintf(stderr, "usage: train_language figures CORPUS | write CORPUS FILE\n");
        return 2;
    }
    weights = mem_alloc(LANGUAGE_BYTES, sizeof *weights);
    squares = mem_alloc(LANGUAGE_BYTES, sizeof *squares);
    read_lingua();
    for (size_t i = 0; i < COUNT_OF(tweets); i++) {
        snprintf(file, sizeof file, "sentiment/xlmt-%s.tsv.gz", tweets[i]);
        read_tweets(file, tweets[i], 1);
    }
    read_tweets("sentiment/semeval-2013-2016.tsv.gz", "en", 20);
    read_corpus(argv[2]);
    train_all(is_write);
    if (!is_write) {
        print_figures();
        print_temperature();
        print_calibration();
        return 0;
    }
    FILE *out = fopen(argv[3], "wb");
    bool ok = out && fwrite("TTLANG2\n", 8, 1, out) == 1 &&
              fwrite(units, sizeof units, 1, out) == 1 &&
              fwrite(rounded, sizeof rounded, 1, out) == 1;
    ok = out && fclose(out) == 0 && ok;
    return ok ? 0 : 1;
}
