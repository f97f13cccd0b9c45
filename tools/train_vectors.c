/* train_vectors.c - word vectors of unlabelled posts, for tools/train_sentiment.c.
 *
 *     train_vectors OUT       reads ../shared/data/posts, writes OUT
 *
 * Skip-gram with negative sampling (Mikolov et al. 2013): two vectors a word, that of a word and
 * that of its surroundings, are moved so that their product tells neighbours from words drawn at
 * random. Frequent words are thinned out, the window is one to WINDOW words. Words are those of
 * text/judge.c. One thread and a fixed seed; the same data give the same file.
 *
 * File: uint32 count, uint32 dimensions; per word uint32 key, uint32 occurrences, float numbers[].
 */
#include "text/judge.c"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/vec.h"
#include "format/json_bulk.h"
#include "os/reader.h"

enum {
    DIMENSIONS = 64,
    LANES = 16,
    PARTS = DIMENSIONS / LANES,
    EPOCHS = 2,
    WINDOW = 4,
    NEGATIVES = 4,
    COUNT_MIN = 5,
    SLOTS = 1 << 22,
    DRAWS = 1 << 24, /* size of the table negatives are drawn from */
    SENTENCE_END = 0,
    SIGMOID_STEPS = 1024,
    SIGMOID_RANGE = 8,
    RUN_MAX = 1 << 16, /* words of a text after thinning */
};
#define RATE_FIRST 0.05
#define RATE_LAST  0.0001
#define THINNING   3e-5 /* share of all words above which a word is thinned out */
#define DRAW_POWER 0.75

/* Only so that judge.c links. */
const struct judge judges[] = {{.code = "*"}};
const size_t judge_count = 1;

/* A vector in parts as wide as the widest registers. */
typedef float part_t __attribute__((vector_size(LANES * sizeof(float))));
struct numbers {
    part_t parts[PARTS];
};

static struct {
    VEC(uint32_t); /* keys of words in the order of the texts, SENTENCE_END behind each text */
} stream;
static struct {
    uint32_t key, count, number;
} words[SLOTS];
static uint32_t *keys, *counts; /* of the words kept, by number */
static uint32_t word_count;
static struct numbers *inner, *outer;
static uint32_t *draws;
static float sigmoid[SIGMOID_STEPS];

static void die(const char *what, const char *name)
{
    fprintf(stderr, "train_vectors: %s '%s'\n", what, name);
    exit(1);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static size_t slot_of(uint32_t key)
{
    size_t at = key % SLOTS;

    while (words[at].key != 0 && words[at].key != key)
        at = (at + 1) % SLOTS;
    return at;
}

static void add_text(struct tokenizer *tokenizer, Str text)
{
    const struct token *tokens;
    struct err err = {0};
    size_t count;

    if (!tokenizer_run(tokenizer, text, &tokens, &count, &err))
        return;
    for (size_t i = 0; i < count; i++) {
        uint32_t key = key_of(word_hash(&tokens[i], true));
        size_t at = slot_of(key);
        words[at].key = key;
        words[at].count++;
        vec_push(&stream, key);
    }
    vec_push(&stream, SENTENCE_END);
}

static void read_posts(struct tokenizer *tokenizer, const char *name)
{
    static const Str members[] = {S_INIT("title"), S_INIT("text"), S_INIT("selftext")};
    const char *shared = getenv("TRIMTAB_SHARED");
    struct os_reader *reader = NULL;
    struct json_bulk *parser = NULL;
    struct err err = {0};
    char path[1024];
    bool has_line;
    Str line;

    snprintf(path, sizeof path, "%s/data/posts/%s", shared ? shared : "../shared", name);
    if (!os_reader_open(&reader, str_from_cstr(path), &err) || !json_bulk_create(&parser, &err))
        die(err.msg, path);
    while (os_reader_line(reader, &line, &has_line, &err) && has_line) {
        JsonNode root;
        Str text;
        if (!json_bulk_parse(parser, line, &root, &err))
            die(err.msg, path);
        for (size_t i = 0; i < COUNT_OF(members); i++)
            if (json_node_str(json_node_get(root, members[i]), &text) && text.len > 0)
                add_text(tokenizer, text);
    }
    json_bulk_destroy(&parser);
    os_reader_close(&reader);
}

/* Numbers the words that are frequent enough, and the stream with them. */
static void keep_frequent(void)
{
    size_t kept = 0;

    keys = mem_alloc(SLOTS, sizeof *keys);
    counts = mem_alloc(SLOTS, sizeof *counts);
    word_count = 1; /* 0 is the end of a text */
    for (size_t at = 0; at < SLOTS; at++) {
        if (words[at].count < COUNT_MIN)
            continue;
        words[at].number = word_count;
        keys[word_count] = words[at].key;
        counts[word_count++] = words[at].count;
    }
    for (size_t i = 0; i < stream.count; i++) {
        uint32_t key = stream.items[i];
        uint32_t number = key == SENTENCE_END ? SENTENCE_END : words[slot_of(key)].number;
        if (key == SENTENCE_END || number != 0)
            stream.items[kept++] = number;
    }
    stream.count = kept;
}

/* --- learning ----------------------------------------------------------------------------------
 */

static void prepare(struct random *random)
{
    double total = 0, sum = 0;
    size_t at = 0;

    inner = aligned_alloc(sizeof *inner, sizeof *inner * word_count);
    outer = aligned_alloc(sizeof *inner, sizeof *inner * word_count);
    draws = mem_alloc(DRAWS, sizeof *draws);
    if (!inner || !outer)
        die("no memory for", "vectors");
    for (uint32_t w = 1; w < word_count; w++) {
        total += pow(counts[w], DRAW_POWER);
        for (int d = 0; d < DIMENSIONS; d++)
            inner[w].parts[d / LANES][d % LANES] =
                (float)((random_next_unit(random) - 0.5) / DIMENSIONS);
        outer[w] = (struct numbers){0};
    }
    for (uint32_t w = 1; w < word_count; w++) {
        sum += pow(counts[w], DRAW_POWER);
        while (at < DRAWS && (double)at < sum / total * DRAWS)
            draws[at++] = w;
    }
    while (at < DRAWS)
        draws[at++] = word_count - 1;
    for (int i = 0; i < SIGMOID_STEPS; i++) {
        double x = (i + 0.5) / SIGMOID_STEPS * 2 * SIGMOID_RANGE - SIGMOID_RANGE;
        sigmoid[i] = (float)(1 / (1 + exp(-x)));
    }
}

static float probability(float product)
{
    float at = (product + SIGMOID_RANGE) * (SIGMOID_STEPS / (2.0f * SIGMOID_RANGE));

    return at <= 0 ? 0.0f : at >= SIGMOID_STEPS ? 1.0f : sigmoid[(int)at];
}

static float product_of(const struct numbers *a, const struct numbers *b)
{
    part_t sums = a->parts[0] * b->parts[0];

    for (int i = 1; i < PARTS; i++)
        sums += a->parts[i] * b->parts[i];
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; lane++)
            sums[lane] += sums[lane + width];
    return sums[0];
}

static void add_scaled(struct numbers *to, float factor, const struct numbers *numbers)
{
    for (int i = 0; i < PARTS; i++)
        to->parts[i] += factor * numbers->parts[i];
}

/* Cheap numbers for the many small choices: xorshift. */
static uint32_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

static void learn_pair(uint32_t word, uint32_t neighbour, float rate, uint64_t *state)
{
    struct numbers change = {0};

    for (int s = 0; s <= NEGATIVES; s++) {
        uint32_t other = s == 0 ? word : draws[next_number(state) % DRAWS];
        if (s > 0 && other == word)
            continue;
        float step = rate * ((s == 0) - probability(product_of(&inner[neighbour], &outer[other])));
        add_scaled(&change, step, &outer[other]);
        add_scaled(&outer[other], step, &inner[neighbour]);
    }
    add_scaled(&inner[neighbour], 1, &change);
}

static void learn_run(const uint32_t *run, size_t count, float rate, uint64_t *state)
{
    for (size_t i = 0; i < count; i++) {
        size_t window = 1 + next_number(state) % WINDOW;
        size_t from = i > window ? i - window : 0;
        size_t to = i + window < count ? i + window : count - 1;
        for (size_t k = from; k <= to; k++)
            if (k != i)
                learn_pair(run[i], run[k], rate, state);
    }
}

static void learn_epoch(int epoch, const float *keep, uint64_t *state)
{
    static uint32_t run[RUN_MAX];
    size_t count = 0;

    for (size_t i = 0; i < stream.count; i++) {
        uint32_t word = stream.items[i];
        if (word != SENTENCE_END) {
            if ((float)(next_number(state) >> 8) * 0x1p-24f < keep[word] && count < RUN_MAX)
                run[count++] = word;
            continue;
        }
        double done = (epoch + (double)i / (double)stream.count) / EPOCHS;
        double rate = fmax(RATE_FIRST * (1 - done), RATE_LAST);
        learn_run(run, count, (float)rate, state);
        count = 0;
    }
}

static void learn(void)
{
    struct random random = {.seed = 17};
    uint64_t state = 88172645463325252u;
    float *keep = mem_alloc(word_count, sizeof *keep);

    prepare(&random);
    for (uint32_t w = 1; w < word_count; w++) {
        double share = counts[w] / (double)stream.count;
        keep[w] = (float)fmin(1, sqrt(THINNING / share) + THINNING / share);
    }
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        learn_epoch(epoch, keep, &state);
        fprintf(stderr, "train_vectors: pass %d of %d\n", epoch + 1, EPOCHS);
    }
    mem_free(keep);
}

static void write_vectors(const char *path)
{
    FILE *out = fopen(path, "wb");
    uint32_t heading[2] = {word_count - 1, DIMENSIONS};
    bool ok = out && fwrite(heading, sizeof heading, 1, out) == 1;

    for (uint32_t w = 1; ok && w < word_count; w++)
        ok = fwrite(&keys[w], sizeof *keys, 1, out) == 1 &&
             fwrite(&counts[w], sizeof *counts, 1, out) == 1 &&
             fwrite(&inner[w], sizeof *inner, 1, out) == 1;
    if (!out || fclose(out) != 0 || !ok)
        die("could not write", path);
}

int main(int argc, char **argv)
{
    struct tokenizer *tokenizer;
    struct err err = {0};

    if (argc != 2 || !tokenizer_create(&tokenizer, &err))
        return 2;
    read_posts(tokenizer, "reddit-mixed.jsonl.gz");
    read_posts(tokenizer, "reddit-phones.jsonl.gz");
    read_posts(tokenizer, "twitter-stocknet.jsonl.gz");
    keep_frequent();
    fprintf(stderr, "train_vectors: %zu words, %u of them different\n", stream.count,
            word_count - 1);
    learn();
    write_vectors(argv[1]);
    tokenizer_destroy(&tokenizer);
    return 0;
}
