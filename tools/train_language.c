/* train_language.c - learns the weights of the language model.
 *
 *     make train-language      (runs: train_language lexicon/language.bin, figures on stderr)
 *
 * Multinomial logistic regression on the hashed n-grams of text/language.c, with a learning rate
 * per weight (AdaGrad) and lightly shrunk weights, one model for the Latin and one for the Cyrillic
 * script. Trained on the sentences and word pairs of lingua's test data, the tweets of xlm-t and
 * SemEval; each language is drawn equally often and texts
 * are cut at random to short ones. Every fifth line of lingua is held out for the figures; the
 * weights written are then trained on all. Same data, same file.
 *
 * File: "TTLANG1\n", double unit, int8 weights[buckets][16].
 */
#include "text/language.c"

#include "base/random.h"
#include "bench_tsv.h"

enum { FOLD = 5, DRAWS_PER_LANGUAGE = 60000, LANGUAGES_MAX = 32 };

/* Until the first training there are no weights to link with. */
const int8_t language_weights[LANGUAGE_BUCKETS][LANGUAGE_LANES] = {{0}};
const double language_weight_unit = 1;

struct sample {
    char *text;
    bool is_held_out, is_sentence;
};
struct corpus {
    const char *code;
    VEC(struct sample);
};
static struct corpus corpora[LANGUAGES_MAX];
static size_t corpus_count;
static float weights[LANGUAGE_BUCKETS][LANGUAGE_LANES], squares[LANGUAGE_BUCKETS][LANGUAGE_LANES];
static int8_t rounded[LANGUAGE_BUCKETS][LANGUAGE_LANES];

static struct corpus *corpus_of(Str code)
{
    for (size_t i = 0; i < corpus_count; i++)
        if (str_eq(str_from_cstr(corpora[i].code), code))
            return &corpora[i];
    ASSERT(corpus_count < LANGUAGES_MAX);
    corpora[corpus_count].code = strndup(code.ptr, code.len);
    return &corpora[corpus_count++];
}

static void add_sample(Str code, Str text, bool is_held_out, bool is_sentence)
{
    struct sample sample = {strndup(text.ptr, text.len), is_held_out, is_sentence};

    vec_push(corpus_of(code), sample);
}

static void read_lingua(void)
{
    struct tsv rows = {0};
    size_t at = 0;

    if (!tsv_read("language/lingua-odd-lines.tsv.gz", "kind", &rows))
        exit(1);
    vec_each (struct tsv_row, row, &rows)
        add_sample(row->id, row->text, at++ % FOLD == 0, str_eq(row->label, S("sentences")));
    tsv_deinit(&rows);
}

static void read_tweets(const char *file, const char *code, size_t every)
{
    struct tsv rows = {0};
    size_t at = 0;

    if (!tsv_read(file, "label", &rows))
        exit(1);
    vec_each (struct tsv_row, row, &rows)
        if (at++ % every == 0)
            add_sample(str_from_cstr(code), row->text, false, false);
    tsv_deinit(&rows);
}

/* A window of words of the text: all of it half of the time, else from a random word on. */
static Str cut_sample(Str text, struct random *random)
{
    if (random_below(random, 2) == 0 || text.len < 20)
        return text;
    size_t from = random_below(random, text.len - 10);
    while (from > 0 && text.ptr[from - 1] != ' ')
        from--;
    size_t len = 10 + random_below(random, 80);
    while (from + len < text.len && text.ptr[from + len] != ' ')
        len++;
    return str_sub(text, from, len);
}

static void scores_of(const uint32_t *rows, size_t count, size_t lanes, double *z)
{
    double scale = 1 / sqrt((double)count), most = -1e300, sum = 0;

    for (size_t lane = 0; lane < lanes; lane++) {
        z[lane] = 0;
        for (size_t i = 0; i < count; i++)
            z[lane] += (double)weights[rows[i]][lane];
        z[lane] *= scale;
        most = fmax(most, z[lane]);
    }
    for (size_t lane = 0; lane < lanes; lane++)
        sum += z[lane] = exp(z[lane] - most);
    for (size_t lane = 0; lane < lanes; lane++)
        z[lane] /= sum;
}

static void learn_one(const uint32_t *rows, size_t count, size_t lanes, size_t right)
{
    double p[LANGUAGE_LANES];
    double scale = 1 / sqrt((double)count);

    scores_of(rows, count, lanes, p);
    for (size_t lane = 0; lane < lanes; lane++) {
        float g = (float)(((lane == right) - p[lane]) * scale);
        if (fabsf(g) < 1e-4f)
            continue;
        for (size_t i = 0; i < count; i++) {
            float *w = &weights[rows[i]][lane], *s = &squares[rows[i]][lane];
            float step = g - 2e-5f * *w;
            *s += step * step;
            *w += 0.25f * step / (sqrtf(*s) + 0.02f);
        }
    }
}

static void train_script(const char (*codes)[4], size_t lanes, enum script script,
                         bool with_held_out)
{
    static uint32_t rows[FEATURES_MAX];
    static struct line line;
    struct random random = {.seed = 11, .stream = (uint64_t)script};

    for (size_t draw = 0; draw < DRAWS_PER_LANGUAGE * lanes; draw++) {
        size_t right = draw % lanes;
        const struct corpus *corpus = corpus_of(str_from_cstr(codes[right]));
        const struct sample *sample = &corpus->items[random_below(&random, corpus->count)];
        if (sample->is_held_out && !with_held_out)
            continue;
        read_line(cut_sample(str_from_cstr(sample->text), &random), &line);
        if (main_script(&line) != script || line.letter_count < LETTERS_MIN)
            continue;
        learn_one(rows, find_features(&line, script, rows), lanes, right);
    }
}

static double round_weights(void)
{
    double most = 0;

    for (size_t b = 0; b < LANGUAGE_BUCKETS; b++)
        for (int lane = 0; lane < LANGUAGE_LANES; lane++)
            most = fmax(most, fabs((double)weights[b][lane]));
    double unit = fmin(most, 6.0) / 127;
    for (size_t b = 0; b < LANGUAGE_BUCKETS; b++)
        for (int lane = 0; lane < LANGUAGE_LANES; lane++) {
            double w = round((double)weights[b][lane] / unit);
            rounded[b][lane] = (int8_t)fmax(-127, fmin(127, w));
        }
    return unit;
}

static void train_all(bool with_held_out)
{
    memset(weights, 0, sizeof weights);
    memset(squares, 0, sizeof squares);
    train_script(latin_codes, COUNT_OF(latin_codes), SCRIPT_LATIN, with_held_out);
    train_script(cyrillic_codes, COUNT_OF(cyrillic_codes), SCRIPT_CYRILLIC, with_held_out);
}

/* Confidence of the best language as language.c has it, from the softmax at temperature 1. */
static double calibrated(const double *p, size_t lanes, size_t best, double t)
{
    double sum = 0;

    for (size_t lane = 0; lane < lanes; lane++)
        sum += pow(p[lane] / p[best], 1 / t);
    return 1 / sum;
}

static size_t best_of(const double *p, size_t lanes)
{
    size_t best = 0;

    for (size_t lane = 1; lane < lanes; lane++)
        best = p[lane] > p[best] ? lane : best;
    return best;
}

/* A held-out text, or one word of it, as the model sees it. */
struct judged {
    double p[LANGUAGE_LANES];
    size_t lanes, right;
    double letters;
};
static struct {
    VEC(struct judged);
} judged;

static void judge(Str text, const char *code)
{
    static uint32_t rows[FEATURES_MAX];
    static struct line line;

    read_line(text, &line);
    enum script script = main_script(&line);
    bool is_latin = script == SCRIPT_LATIN;
    if ((!is_latin && script != SCRIPT_CYRILLIC) || line.letter_count < LETTERS_MIN)
        return;
    struct judged one = {.lanes = is_latin ? COUNT_OF(latin_codes) : COUNT_OF(cyrillic_codes),
                         .letters = (double)line.letter_count};
    while (one.right < one.lanes &&
           strcmp(is_latin ? latin_codes[one.right] : cyrillic_codes[one.right], code) != 0)
        one.right++;
    if (one.right == one.lanes)
        return;
    scores_of(rows, find_features(&line, script, rows), one.lanes, one.p);
    vec_push(&judged, one);
}

/* Every held-out text, and its words one by one up to the eighth. */
static void judge_held_out(void)
{
    for (size_t c = 0; c < corpus_count; c++)
        vec_each (struct sample, sample, &corpora[c]) {
            Str rest = str_from_cstr(sample->text), word;
            if (!sample->is_held_out)
                continue;
            judge(rest, corpora[c].code);
            for (int i = 0; i < 8 && rest.len > 0; i++) {
                (void)str_cut(rest, ' ', &word, &rest);
                judge(word, corpora[c].code);
            }
        }
}

/* Mean logarithmic loss of what was judged. */
static double loss_at(double base, double slope)
{
    double loss = 0;

    vec_each (struct judged, one, &judged) {
        double t = temperature(one->letters, base, slope);
        loss -= log(calibrated(one->p, one->lanes, one->right, t) + 1e-300);
    }
    return loss / (double)judged.count;
}

static void print_temperature(void)
{
    double best_base = 1, best_slope = 0, best = loss_at(1, 0);

    fprintf(stderr, "temperature: loss %.4f at 1", best);
    for (int b = 10; b <= 24; b++)
        for (int s = 0; s <= 20; s++) {
            double loss = loss_at(b * 0.05, s * 0.2);
            if (loss < best) {
                best = loss;
                best_base = b * 0.05;
                best_slope = s * 0.2;
            }
        }
    fprintf(stderr, ", %.4f at %.2f + %.1f / letters, %.4f as in language.c\n", best, best_base,
            best_slope, loss_at(TEMPERATURE_BASE, TEMPERATURE_SLOPE));
}

/* How often the best language is right, and how sure the model was, by the number of letters. */
static void print_calibration(void)
{
    static const double ends[] = {4, 9, 19, 400};
    double from = 2;

    for (size_t e = 0; e < COUNT_OF(ends); from = ends[e++] + 1) {
        double n = 0, right = 0, sure = 0, sure_before = 0;
        vec_each (struct judged, one, &judged) {
            if (one->letters < from || one->letters > ends[e])
                continue;
            size_t best = best_of(one->p, one->lanes);
            double t = temperature(one->letters, TEMPERATURE_BASE, TEMPERATURE_SLOPE);
            n++;
            right += best == one->right;
            sure += calibrated(one->p, one->lanes, best, t);
            sure_before += one->p[best];
        }
        fprintf(stderr, "%3.0f to %3.0f letters: %.0f texts, right %.3f, sure %.3f (at 1: %.3f)\n",
                from, ends[e], n, right / n, sure / n, sure_before / n);
    }
}

/* The held-out lines by the unrounded weights; other scripts by the rules of language.c. */
static void print_figures(void)
{
    static uint32_t rows[FEATURES_MAX];
    static struct line line;
    double all[2] = {0}, right[2] = {0};

    for (size_t c = 0; c < corpus_count; c++) {
        double n[2] = {0}, hits[2] = {0};
        for (size_t i = 0; i < corpora[c].count; i++) {
            const struct sample *sample = &corpora[c].items[i];
            if (!sample->is_held_out)
                continue;
            Str text = str_from_cstr(sample->text);
            read_line(text, &line);
            enum script script = main_script(&line);
            const char *code = "und";
            struct language_guess guess;
            if (script == SCRIPT_LATIN || script == SCRIPT_CYRILLIC) {
                double p[LANGUAGE_LANES];
                size_t lanes = script == SCRIPT_LATIN ? LANGUAGE_LANES : 3;
                scores_of(rows, find_features(&line, script, rows), lanes, p);
                size_t best = best_of(p, lanes);
                double t =
                    temperature((double)line.letter_count, TEMPERATURE_BASE, TEMPERATURE_SLOPE);
                if (calibrated(p, lanes, best, t) >= CONFIDENCE_MIN)
                    code = script == SCRIPT_LATIN ? latin_codes[best] : cyrillic_codes[best];
            } else {
                guess = language_guess(text);
                code = guess.code;
            }
            n[sample->is_sentence]++;
            hits[sample->is_sentence] += strcmp(code, corpora[c].code) == 0;
        }
        fprintf(stderr, "%s sentences %5.1f  word pairs %5.1f\n", corpora[c].code,
                100 * hits[1] / n[1], 100 * hits[0] / n[0]);
        for (int k = 0; k < 2; k++) {
            all[k] += n[k];
            right[k] += hits[k];
        }
    }
    fprintf(stderr, "all held out: sentences %.2f of %.0f, word pairs %.2f of %.0f\n",
            100 * right[1] / all[1], all[1], 100 * right[0] / all[0], all[0]);
}

int main(int argc, char **argv)
{
    static const char *const tweets[] = {"de", "es", "fr", "it", "pt"};
    char file[64];

    if (argc != 2)
        return 2;
    read_lingua();
    for (size_t i = 0; i < COUNT_OF(tweets); i++) {
        snprintf(file, sizeof file, "sentiment/xlmt-%s.tsv.gz", tweets[i]);
        read_tweets(file, tweets[i], 1);
    }
    read_tweets("sentiment/semeval-2013-2016.tsv.gz", "en", 20);
    train_all(false);
    print_figures();
    judge_held_out();
    print_temperature();
    print_calibration();
    train_all(true);
    double unit = round_weights();
    FILE *out = fopen(argv[1], "wb");
    bool ok = out && fwrite("TTLANG1\n", 8, 1, out) == 1 &&
              fwrite(&unit, sizeof unit, 1, out) == 1 &&
              fwrite(rounded, sizeof rounded, 1, out) == 1;
    ok = out && fclose(out) == 0 && ok;
    return ok ? 0 : 1;
}
