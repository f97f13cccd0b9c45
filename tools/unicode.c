/* unicode.c - writes the code point tables of src/text from the Unicode Character Database.
 *
 *     unicode UCD-FOLDER > text_unicode.c
 *
 * UCD-FOLDER is /usr/share/unicode of the package unicode-data. Word_Break comes from
 * auxiliary/WordBreakProperty.txt, Extended_Pictographic from emoji/emoji-data.txt,
 * Sentence_Terminal from PropList.txt, the general category from UnicodeData.txt; simple foldings
 * are asked of utf8proc, so that the table and the slow path cannot disagree.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "../src/text/unicode_priv.h"

enum { RUNES = 0x110000, BLOCK = 1 << UNICODE_BLOCK_BITS, BLOCKS = RUNES / BLOCK };

/* In the order of enum word_break. */
static const struct {
    const char *name;
    enum word_break value;
} break_names[] = {
    {"CR", WB_NEWLINE},
    {"LF", WB_NEWLINE},
    {"Newline", WB_NEWLINE},
    {"Extend", WB_EXTEND},
    {"ZWJ", WB_ZWJ},
    {"Format", WB_FORMAT},
    {"Regional_Indicator", WB_REGIONAL},
    {"Katakana", WB_KATAKANA},
    {"Hebrew_Letter", WB_HEBREW},
    {"ALetter", WB_ALETTER},
    {"Single_Quote", WB_SINGLE_QUOTE},
    {"Double_Quote", WB_DOUBLE_QUOTE},
    {"MidNumLet", WB_MIDNUMLET},
    {"MidLetter", WB_MIDLETTER},
    {"MidNum", WB_MIDNUM},
    {"Numeric", WB_NUMERIC},
    {"ExtendNumLet", WB_EXTENDNUMLET},
    {"WSegSpace", WB_SPACE},
};

static uint8_t property[RUNES];

static _Noreturn void die(const char *what, const char *name)
{
    fprintf(stderr, "unicode: %s '%s'\n", what, name);
    exit(1);
}

static void apply(const char *wanted, const char *value, uint32_t rune)
{
    if (strcmp(wanted, "Word_Break") != 0) {
        if (strcmp(value, wanted) == 0)
            property[rune] |= strcmp(wanted, "Extended_Pictographic") == 0 ? UNICODE_PICTOGRAPH
                                                                           : UNICODE_SENTENCE_END;
        return;
    }
    for (size_t i = 0; i < sizeof break_names / sizeof break_names[0]; i++)
        if (strcmp(value, break_names[i].name) == 0) {
            property[rune] |= (uint8_t)break_names[i].value;
            return;
        }
    die("unknown Word_Break value", value);
}

/* Lines "0041..005A ; ALetter # ...". */
static void read_ranges(const char *folder, const char *file, const char *wanted)
{
    char path[512], line[512], value[64];
    unsigned from, to;

    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *in = fopen(path, "r");
    if (!in)
        die("could not open (install the package unicode-data)", path);
    while (fgets(line, sizeof line, in)) {
        if (sscanf(line, "%x..%x ; %63[A-Za-z_]", &from, &to, value) != 3) {
            if (sscanf(line, "%x ; %63[A-Za-z_]", &from, value) != 2)
                continue;
            to = from;
        }
        for (unsigned rune = from; rune <= to && rune < RUNES; rune++)
            apply(wanted, value, rune);
    }
    fclose(in);
}

/* Lines "0041;LATIN CAPITAL LETTER A;Lu;..."; a pair "<..., First>", "<..., Last>" is a range. */
static void read_categories(const char *folder)
{
    char path[512], line[1024], name[256], category[8];
    unsigned rune, first = 0;

    snprintf(path, sizeof path, "%s/UnicodeData.txt", folder);
    FILE *in = fopen(path, "r");
    if (!in)
        die("could not open (install the package unicode-data)", path);
    while (fgets(line, sizeof line, in)) {
        if (sscanf(line, "%x;%255[^;];%7[^;]", &rune, name, category) != 3)
            continue;
        if (strstr(name, ", First>"))
            first = rune;
        bool is_letter = category[0] == 'L' || category[0] == 'M';
        unsigned from = strstr(name, ", Last>") ? first : rune;
        for (unsigned r = from; is_letter && r <= rune && r < RUNES; r++)
            property[r] |= UNICODE_LETTER;
    }
    fclose(in);
}

static void write_properties(void)
{
    static uint16_t block_of[BLOCKS];
    static uint32_t kept[BLOCKS];
    uint32_t count = 0;

    puts("const uint8_t unicode_blocks[][1 << UNICODE_BLOCK_BITS] = {");
    for (uint32_t b = 0; b < BLOCKS; b++) {
        uint32_t k = 0;
        while (k < count && memcmp(&property[kept[k] * BLOCK], &property[b * BLOCK], BLOCK) != 0)
            k++;
        block_of[b] = (uint16_t)k;
        if (k < count)
            continue;
        kept[count++] = b;
        printf("    {");
        for (uint32_t i = 0; i < BLOCK; i++)
            printf("%u,", property[b * BLOCK + i]);
        puts("},");
    }
    puts("};\nconst uint16_t unicode_block_of[0x110000 >> UNICODE_BLOCK_BITS] = {");
    for (uint32_t b = 0; b < BLOCKS; b++)
        printf("%u,%s", block_of[b], b % 16 == 15 ? "\n" : "");
    puts("};");
}

/* The code point that `rune` folds to, 0 when it is not exactly one. */
static uint32_t fold_alone(uint32_t rune, utf8proc_option_t options, bool is_stripped)
{
    utf8proc_int32_t out[32];
    char utf8[5] = {0};
    utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)rune, (utf8proc_uint8_t *)utf8);
    utf8proc_ssize_t n =
        utf8proc_decompose((utf8proc_uint8_t *)utf8, len, out, 32, options | UTF8PROC_DECOMPOSE);

    if (n <= 0 || n > 31)
        return 0;
    if (is_stripped) /* a Latin or Greek letter and its accents */
        while (n > 1 && out[n - 1] >= 0x300 && out[n - 1] <= 0x36f)
            n--;
    n = utf8proc_normalize_utf32(out, n, options | UTF8PROC_COMPOSE);
    return n == 1 ? (uint32_t)out[0] : 0;
}

/* Marks, letters that lose a stroke or an apostrophe, and the Cyrillic letters whose breve is no
 * accent go the slow way. Hangul jamo and Indic scripts lie above the table. */
static bool is_simple(uint32_t rune)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)rune);

    if (category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_LO)
        return false;
    return !strchr("\xc6\xd0\xd8\xde\xe6\xf0\xf8\xfe", (int)(rune < 0x100 ? rune : 0x41)) &&
           !(rune >= 0x110 && rune <= 0x111) && !(rune >= 0x126 && rune <= 0x127) &&
           !(rune >= 0x131 && rune <= 0x131) && !(rune >= 0x141 && rune <= 0x142) &&
           !(rune >= 0x149 && rune <= 0x149) && !(rune >= 0x152 && rune <= 0x153) &&
           !(rune >= 0x2b0 && rune <= 0x36f);
}

static void write_simple(void)
{
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;

    puts("const struct unicode_simple unicode_simple[UNICODE_SIMPLE_END] = {");
    for (uint32_t rune = 0; rune < UNICODE_SIMPLE_END; rune++) {
        bool keeps_mark = rune == 0x419 || rune == 0x439 || rune == 0x40e || rune == 0x45e ||
                          rune == 0x407 || rune == 0x457;
        uint32_t folded = rune < 0x80       ? (uint32_t)tolower((int)rune)
                          : is_simple(rune) ? fold_alone(rune, options, false)
                                            : 0;
        uint32_t plain = rune < 0x80 || keeps_mark ? folded : fold_alone(rune, options, true);
        if (plain == 0 || plain > 0xffff || folded > 0xffff || (plain >= 0x80 && !is_simple(plain)))
            folded = plain = 0;
        if (folded == 0)
            plain = 0;
        printf("{%u,%u},%s", folded, plain, rune % 8 == 7 ? "\n" : "");
    }
    puts("};");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: unicode UCD-FOLDER > FILE.c\n", stderr);
        return 2;
    }
    read_ranges(argv[1], "auxiliary/WordBreakProperty.txt", "Word_Break");
    read_ranges(argv[1], "emoji/emoji-data.txt", "Extended_Pictographic");
    read_ranges(argv[1], "PropList.txt", "Sentence_Terminal");
    read_categories(argv[1]);
    puts("/* Generated by tools/unicode.c. */\n#include \"text/unicode_priv.h\"\n");
    write_properties();
    write_simple();
    return fflush(stdout) == 0 ? 0 : 1;
}
