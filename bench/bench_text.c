/* bench_text.c - how fast texts are cut, identified and scored, and what a text costs in memory.
 *
 *     bench/run text, or build/bench/bench_text [FILE]
 *
 * FILE holds one text a line (default: the tweets of the shared data, else made up from a fixed
 * seed). One thread, its processor time, so that other work on the machine counts little; the
 * median of seven passes, ours and the peer's by turns. Peers: CLD2 where libcld2-dev is installed,
 * VADER in JavaScript (npm vader-sentiment) where node is. Allocations are counted in builds with
 * TRIMTAB_FAULTS. Quality figures on the shared data follow, with the majority and random
 * baselines; the shipped weights were learned from the sets so marked, `make sentiment-figures`
 * holds texts out.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "bench_tsv.h"
#include "row.h"
#include "text/fold.h"
#include "text/language.h"
#include "text/sentiment.h"
#include "text/tokenizer.h"

enum { PASSES = 7, TEXTS = 50000, CLASSES = 3 };

struct texts {
    VEC(Str);
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_texts(struct texts *out)
{
    static const char *const words[] = {
        "flight",  "late",        "again", "the",
        "a",       "to",          "and",   "service",
        "great",   "bad",         "phone", "screen",
        "battery", "love",        "hate",  "#delay",
        "@ann",    "$BA",         "don't", "really",
        "not",     "customer",    "price", "update",
        "today",   "caf\xc3\xa9", "3.5",   "https://example.com/a?b=c",
        "good!",   "why?",        "okay.", "\xf0\x9f\x98\x80"};
    struct random random = {.seed = 3};

    for (size_t i = 0; i < TEXTS; i++) {
        char text[512];
        size_t len = 0, count = 8 + random_below(&random, 22);
        for (size_t w = 0; w < count; w++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", w > 0 ? " " : "",
                                    words[random_below(&random, COUNT_OF(words))]);
        vec_push(out, (Str){strndup(text, len), len});
    }
}

static void read_texts(const char *path, struct texts *out)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    FILE *in = fopen(path, "r");

    if (!in) {
        fprintf(stderr, "bench_text: could not open '%s'\n", path);
        exit(1);
    }
    while ((len = getline(&line, &size, in)) > 0) {
        Str s = str_trim((Str){line, (size_t)len});
        vec_push(out, (Str){strndup(s.ptr, s.len), s.len});
    }
    free(line);
    fclose(in);
}

static bool read_tweets(struct texts *out)
{
    struct tsv rows = {0}; /* kept: the texts point into it */

    if (!tsv_read("sentiment/semeval-2013-2016.tsv.gz", "label", &rows))
        return false;
    vec_each (struct tsv_row, row, &rows)
        vec_push(out, row->text);
    return true;
}

static struct tokenizer *tokenizer;
static struct language_reader *reader;
static uint64_t sink; /* keeps results alive */

static size_t tokens_of(Str text, const struct token **tokens)
{
    struct err err = {0};
    size_t count;

    if (!tokenizer_run(tokenizer, text, tokens, &count, &err))
        exit(1);
    return count;
}

static void do_tokens(Str text)
{
    const struct token *tokens;

    sink += tokens_of(text, &tokens);
}

static void do_language(Str text)
{
    sink += (uint64_t)language_guess(text).code[0];
}

static void do_language_stream(Str text)
{
    sink += (uint64_t)language_read(reader, text).code[0];
}

static void do_sentiment(Str text)
{
    const struct token *tokens;
    size_t count = tokens_of(text, &tokens);
    struct sentiment s;

    sentiment_score(text, tokens, count, S("en"), &s);
    sink += s.hits;
}

static void do_fold(Str text)
{
    static struct buf out;

    if (out.max_bytes == 0)
        buf_init(&out, 1 << 20);
    buf_reset(&out);
    text_fold(text, FOLD_STRIP_ACCENTS, &out);
    sink += out.len;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void pass_over(const struct texts *texts, void (*work)(Str text), double *seconds)
{
    double begun = now();

    vec_each (Str, text, texts)
        work(*text);
    *seconds = now() - begun;
}

struct rate {
    double median, spread; /* texts a second; (largest - smallest) / median */
};

static struct rate rate_of(double seconds[PASSES], const struct texts *texts)
{
    qsort(seconds, PASSES, sizeof seconds[0], compare);
    double median = seconds[PASSES / 2];
    return (struct rate){(double)texts->count / median,
                         (seconds[PASSES - 1] - seconds[0]) / median};
}

/* `peer` NULL: none; its rate is 0 then. */
static struct rate measure(const char *name, void (*work)(Str text), const char *peer_name,
                           void (*peer)(Str text), const struct texts *texts, struct rate *theirs)
{
    double ours[PASSES], others[PASSES];
    size_t bytes = 0;

    vec_each (Str, text, texts)
        bytes += text->len;
    for (int pass = 0; pass < PASSES; pass++) {
        pass_over(texts, work, &ours[pass]);
        if (peer)
            pass_over(texts, peer, &others[pass]);
    }
    struct rate rate = rate_of(ours, texts);
    *theirs = peer ? rate_of(others, texts) : (struct rate){0};
    printf("%-22s %9.0f texts/s  %6.0f MB/s  (spread %.0f %%)", name, rate.median,
           rate.median * (double)bytes / (double)texts->count / 1e6, 100 * rate.spread);
    if (peer)
        printf("  %s %.0f, ratio %.1f", peer_name, theirs->median, rate.median / theirs->median);
    putchar('\n');
    return rate;
}

static void put_row(const char *work, struct rate ours, const char *peer_name, struct rate peer,
                    double bar)
{
    bench_row_put(&(struct bench_row){.work = work,
                                      .unit = "texts/s",
                                      .ours = ours.median,
                                      .spread = ours.spread,
                                      .peer = peer_name,
                                      .peer_figure = peer.median,
                                      .peer_spread = peer.spread,
                                      .bar = {BENCH_FIGURE, bar}});
}

#ifdef WITH_CLD2
const char *peer_cld2(const char *text, size_t len);
static void do_cld2(Str text)
{
    sink += (uint64_t)peer_cld2(text.ptr, text.len)[0];
}
#define CLD2_WORK do_cld2
#else
#define CLD2_WORK NULL
#endif

/* A program of its own, on a part of the texts. */
static struct rate measure_vader(const struct texts *texts)
{
    enum { PEER_TEXTS = 3000 };
    char path[] = "/tmp/bench_text_XXXXXX", command[256];
    int file = mkstemp(path);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    double count, seconds;
    struct rate rate = {0};

    if (!out)
        return rate;
    for (size_t i = 0; i < texts->count && i < PEER_TEXTS; i++)
        fprintf(out, STR_F "\n", STR_A(texts->items[i]));
    fclose(out);
    snprintf(command, sizeof command,
             "node bench/peer_vader.js %s \"$PWD/ui/node_modules\" 2>/dev/null", path);
    FILE *in = popen(command, "r");
    if (in && fscanf(in, "%lf %lf", &count, &seconds) == 2) {
        rate.median = count / seconds;
        printf("%-22s %9.0f texts/s\n", "VADER in JavaScript", rate.median);
    }
    if (in)
        pclose(in);
    remove(path);
    return rate;
}

/* --- quality --------------------------------------------------------------------------------- */

struct score {
    double hits[CLASSES], labelled[CLASSES], guessed[CLASSES];
};

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static int class_of(Str label)
{
    return str_eq(label, S("negative")) ? 0 : str_eq(label, S("positive")) ? 2 : 1;
}

static void print_score(const char *name, const struct score *s)
{
    double recall = 0, f1 = 0, n = 0, right = 0, most = 0;

    for (int c = 0; c < CLASSES; c++) {
        recall += 100 * share(s->hits[c], s->labelled[c]) / CLASSES;
        f1 += 200 * share(s->hits[c], s->labelled[c] + s->guessed[c]) / CLASSES;
        n += s->labelled[c];
        right += s->hits[c];
        most = fmax(most, s->labelled[c]);
    }
    printf("%-28s %6.0f  %5.1f (33.3)  %5.1f  %5.1f (%.1f)\n", name, n, recall, f1, 100 * right / n,
           100 * most / n);
}

static void judge_file(const char *name, const char *file, const char *language, const char *part)
{
    struct tsv rows = {0};
    struct score score = {0};

    if (!tsv_read(file, "label", &rows))
        return;
    vec_each (struct tsv_row, row, &rows) {
        const struct token *tokens;
        struct sentiment s;
        if (part && !str_starts(row->id, str_from_cstr(part)))
            continue;
        size_t count = tokens_of(row->text, &tokens);
        sentiment_score(row->text, tokens, count, str_from_cstr(language), &s);
        int label = class_of(row->label), guess = (int)s.label + 1;
        score.labelled[label]++;
        score.guessed[guess]++;
        score.hits[label] += label == guess;
    }
    print_score(name, &score);
    tsv_deinit(&rows);
}

static void measure_quality(void)
{
    static const char *const others[] = {"ar", "es", "fr", "hi", "it", "pt"};
    char file[64], name[32];

    puts("\nsentiment: texts, average recall (majority, random), macro-F1, accuracy (majority)");
    judge_file("en semeval 2016 (learned)", "sentiment/semeval-2013-2016.tsv.gz", "en", "2016test");
    judge_file("en vader amazon (learned)", "sentiment/vader-amazon.tsv.gz", "en", NULL);
    judge_file("en vader movie (learned)", "sentiment/vader-movie.tsv.gz", "en", NULL);
    judge_file("de xlmt (learned)", "sentiment/xlmt-de.tsv.gz", "de", NULL);
    judge_file("de germeval 2017 dev", "sentiment/germeval-2017-dev.tsv.gz", "de", NULL);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        snprintf(file, sizeof file, "sentiment/xlmt-%s.tsv.gz", others[i]);
        snprintf(name, sizeof name, "%s xlmt (learned)", others[i]);
        judge_file(name, file, others[i], NULL);
    }
}

static void measure_speed(const struct texts *texts)
{
    struct rate peer, none, tokens, both, language;

    (void)measure("fold", do_fold, NULL, NULL, texts, &peer);
    tokens = measure("tokens", do_tokens, NULL, NULL, texts, &peer);
    language = measure("language", do_language, "CLD2", CLD2_WORK, texts, &peer);
    put_row("language", language, "CLD2", peer, 500000);
    (void)measure("language of a stream", do_language_stream, NULL, NULL, texts, &none);
    both = measure("tokens and sentiment", do_sentiment, NULL, NULL, texts, &peer);
    printf("%-22s %9.0f texts/s  (the difference of the two)\n", "sentiment of tokens",
           1 / (1 / both.median - 1 / tokens.median));
    peer = measure_vader(texts);
    put_row("sentiment", both, "VADER in JavaScript", peer, 1000000);
}

int main(int argc, char **argv)
{
    struct texts texts = {0};
    struct err err = {0};

    if (!tokenizer_create(&tokenizer, &err) || !language_reader_create(&reader, &err))
        return 1;
    if (argc > 1)
        read_texts(argv[1], &texts);
    else if (!read_tweets(&texts))
        make_texts(&texts);
    measure_speed(&texts);
    long blocks = mem_live_blocks();
    vec_each (Str, text, &texts)
        do_sentiment(*text);
    printf("blocks allocated by another pass: %ld\n", mem_live_blocks() - blocks);
    measure_quality();
    tokenizer_destroy(&tokenizer);
    language_reader_destroy(&reader);
    return sink == 0;
}
