/* judge.c - compiles the weights of the judges into C tables (src/text/judge_priv.h).
 *
 *     judge OWN > text_judge.c
 *
 * OWN/judge.tsv has what the figures of the rules weigh, OWN/sentiment.bin what the words weigh,
 * both made by tools/train_sentiment.c, a judge a language in the same order, "*" last.
 *
 * OWN/sentiment.bin: "TTMOOD1\n", uint32 number of tables; a table: char code[8], double unit,
 * uint32 knows_words, uint32 reads_letters, uint32 number of entries, and the entries as struct
 * judge_entry, by rising key. Numbers are little-endian, as is the machine that compiles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_table.h"

enum { TABLES_MAX = 64, ENTRIES_MAX = 1 << 20, LINE_BYTES_MAX = 4096 };

struct heading {
    char code[8];
    double unit;
    uint32_t knows_words, reads_letters, entry_count;
};

static void die(const char *what, const char *name)
{
    fprintf(stderr, "judge: %s '%s'\n", what, name);
    exit(1);
}

static FILE *open_file(const char *folder, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", folder, name);
    FILE *in = fopen(path, "rb");
    if (!in)
        die("could not open", path);
    return in;
}

static void read_bytes(FILE *in, void *out, size_t size, const char *path)
{
    if (fread(out, size, 1, in) != 1)
        die("cut short:", path);
}

static void write_numbers(const uint32_t *numbers)
{
    for (int k = 0; k < JUDGE_BUCKET_SIZE; k++)
        printf("%u%s", numbers[k], k + 1 < JUDGE_BUCKET_SIZE ? "," : "");
}

static void write_table(uint32_t index, double unit, const struct judge_entry *entries,
                        uint32_t count)
{
    struct judge_table table = {.unit = unit};

    if (!judge_fill_table(entries, count, &table))
        die("no memory for table", "");
    printf("static const struct judge_bucket buckets_%u[%u] = {\n", index, table.mask + 1);
    for (uint32_t i = 0; i <= table.mask; i++) {
        printf("{{");
        write_numbers(table.buckets[i].keys);
        printf("},{");
        write_numbers(table.buckets[i].payloads);
        puts("}},");
    }
    printf("};\nstatic const uint64_t filter_%u[%u] = {\n", index, table.filter_mask / 64 + 1);
    for (uint32_t i = 0; i <= table.filter_mask / 64; i++)
        printf("%lluu,%s", (unsigned long long)table.filter[i], i % 8 == 7 ? "\n" : "");
    printf("};\nstatic const struct judge_table table_%u = {%uu, %.17g, buckets_%u, %uu, "
           "filter_%u};\n",
           index, table.mask, unit, index, table.filter_mask, index);
}

static uint32_t write_tables(const char *own, struct heading headings[TABLES_MAX])
{
    char path[1024], magic[8];
    uint32_t count;
    FILE *in = open_file(own, "sentiment.bin", path, sizeof path);
    struct judge_entry *entries = calloc(ENTRIES_MAX, sizeof *entries);

    read_bytes(in, magic, sizeof magic, path);
    read_bytes(in, &count, sizeof count, path);
    if (!entries || memcmp(magic, "TTMOOD1\n", sizeof magic) != 0 || count > TABLES_MAX)
        die("not the weights of this program:", path);
    for (uint32_t i = 0; i < count; i++) {
        struct heading *h = &headings[i];
        read_bytes(in, h->code, sizeof h->code, path);
        read_bytes(in, &h->unit, sizeof h->unit, path);
        read_bytes(in, &h->knows_words, sizeof h->knows_words, path);
        read_bytes(in, &h->reads_letters, sizeof h->reads_letters, path);
        read_bytes(in, &h->entry_count, sizeof h->entry_count, path);
        if (h->entry_count > ENTRIES_MAX)
            die("too many entries in", path);
        if (h->entry_count > 0)
            read_bytes(in, entries, h->entry_count * sizeof *entries, path);
        write_table(i, h->unit, entries, h->entry_count);
    }
    if (fgetc(in) != EOF || count == 0 || strcmp(headings[count - 1].code, "*") != 0)
        die("'*' is not the last table of", path);
    fclose(in);
    free(entries);
    return count;
}

enum { WEIGHTS = JUDGE_CLASSES * JUDGE_FEATURE_COUNT };

static void write_judge(const struct heading *h, uint32_t index, uint32_t shared,
                        char weights[WEIGHTS][32])
{
    printf("{\"%s\", &table_%u, ", h->code, index);
    if (h->reads_letters)
        printf("&table_%u", shared);
    else
        printf("NULL");
    printf(", %u, %u, {", h->knows_words, h->reads_letters);
    for (int f = 0; f < JUDGE_FEATURE_COUNT; f++) {
        printf("{");
        for (int c = 0; c < JUDGE_CLASSES; c++)
            printf("%s, ", weights[c * JUDGE_FEATURE_COUNT + f]);
        printf("}, ");
    }
    puts("}},");
}

/* Lines "language TAB class TAB feature TAB weight", by language, class and feature. */
static void write_judges(const char *own, const struct heading *headings, uint32_t count)
{
    char path[1024], line[LINE_BYTES_MAX], weights[WEIGHTS][32];
    FILE *in = open_file(own, "judge.tsv", path, sizeof path);
    uint32_t at = 0;

    puts("const struct judge judges[] = {");
    while (fgets(line, sizeof line, in)) {
        char code[8], class[16], feature[32];
        const struct heading *h = &headings[at / WEIGHTS];
        if (line[0] == '#')
            continue;
        if (at >= WEIGHTS * count ||
            sscanf(line, "%7s %15s %31s %31s", code, class, feature, weights[at % WEIGHTS]) != 4 ||
            strcmp(code, h->code) != 0)
            die("not the weights of the same languages as sentiment.bin:", path);
        if (++at % WEIGHTS == 0)
            write_judge(h, at / WEIGHTS - 1, count - 1, weights);
    }
    fclose(in);
    if (at != WEIGHTS * count)
        die("a judge is cut short in", path);
    printf("};\nconst size_t judge_count = %u;\n", count);
}

int main(int argc, char **argv)
{
    static struct heading headings[TABLES_MAX];

    if (argc != 2) {
        fputs("usage: judge OWN > FILE.c\n", stderr);
        return 2;
    }
    puts("/* Generated by tools/judge.c. */\n#include \"text/judge_priv.h\"\n");
    uint32_t count = write_tables(argv[1], headings);
    write_judges(argv[1], headings, count);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
