/* The text is read once into a line of small letters with one boundary mark between words, its
 * letters counted by script. For Latin and Cyrillic every n-gram of one to four characters that
 * does not cross a boundary, and every whole word, is a feature; its hash picks a row of 16
 * weights, one per language. The rows are summed and divided by the root of their number: evidence
 * grows with length, but not as if n-grams were independent. A softmax gives the confidence, at a
 * temperature that falls with the number of letters: alone the root is too sure of the shortest
 * words and not sure enough of sentences. */
#include "text/language.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "text/language_priv.h"
#include "text/unicode_priv.h"

/* Below these the answer is "und". */
#define CONFIDENCE_MIN    0.4
#define TEMPERATURE_BASE  0.8
#define TEMPERATURE_SLOPE 1.4 /* letters */
enum { LETTERS_MIN = 2 };

enum script {
    SCRIPT_NONE,
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_GREEK,
    SCRIPT_ARABIC,
    SCRIPT_DEVANAGARI,
    SCRIPT_HANGUL,
    SCRIPT_KANA,
    SCRIPT_HAN,
    SCRIPT_OTHER, /* one that stands for one language: code in script_ranges */
    SCRIPT_COUNT
};

static const char latin_codes[LANGUAGE_LANES][4] = {"cs", "da", "de", "en", "es", "fi", "fr", "hu",
                                                    "it", "nb", "nl", "pl", "pt", "ro", "sv", "tr"};
static const char cyrillic_codes[3][4] = {"bg", "ru", "uk"};

/* Sorted; code points between are of no script told apart. */
static const struct {
    uint32_t from, to;
    enum script script;
    char code[4];
} script_ranges[] = {
    {0x00c0, 0x024f, SCRIPT_LATIN, ""},    {0x0370, 0x03ff, SCRIPT_GREEK, "el"},
    {0x0400, 0x052f, SCRIPT_CYRILLIC, ""}, {0x0531, 0x0587, SCRIPT_OTHER, "hy"},
    {0x05d0, 0x05f2, SCRIPT_OTHER, "he"},  {0x0620, 0x06ff, SCRIPT_ARABIC, "ar"},
    {0x0750, 0x077f, SCRIPT_ARABIC, "ar"}, {0x0900, 0x097f, SCRIPT_DEVANAGARI, "hi"},
    {0x0980, 0x09ff, SCRIPT_OTHER, "bn"},  {0x0a00, 0x0a7f, SCRIPT_OTHER, "pa"},
    {0x0a80, 0x0aff, SCRIPT_OTHER, "gu"},  {0x0b80, 0x0bff, SCRIPT_OTHER, "ta"},
    {0x0c00, 0x0c7f, SCRIPT_OTHER, "te"},  {0x0c80, 0x0cff, SCRIPT_OTHER, "kn"},
    {0x0d00, 0x0d7f, SCRIPT_OTHER, "ml"},  {0x0d80, 0x0dff, SCRIPT_OTHER, "si"},
    {0x0e00, 0x0e7f, SCRIPT_OTHER, "th"},  {0x0e80, 0x0eff, SCRIPT_OTHER, "lo"},
    {0x1000, 0x109f, SCRIPT_OTHER, "my"},  {0x10a0, 0x10ff, SCRIPT_OTHER, "ka"},
    {0x1100, 0x11ff, SCRIPT_HANGUL, "ko"}, {0x1200, 0x139f, SCRIPT_OTHER, "am"},
    {0x1780, 0x17ff, SCRIPT_OTHER, "km"},  {0x1e00, 0x1eff, SCRIPT_LATIN, ""},
    {0x1f00, 0x1fff, SCRIPT_GREEK, "el"},  {0x3041, 0x30ff, SCRIPT_KANA, "ja"},
    {0x3130, 0x318f, SCRIPT_HANGUL, "ko"}, {0x3400, 0x4dbf, SCRIPT_HAN, "zh"},
    {0x4e00, 0x9fff, SCRIPT_HAN, "zh"},    {0xac00, 0xd7a3, SCRIPT_HANGUL, "ko"},
    {0xf900, 0xfaff, SCRIPT_HAN, "zh"},    {0xfb50, 0xfdff, SCRIPT_ARABIC, "ar"},
    {0xfe70, 0xfeff, SCRIPT_ARABIC, "ar"}, {0xff66, 0xff9f, SCRIPT_KANA, "ja"},
};

enum {
    BOUNDARY = '_',
    NGRAM_MAX = 4,
    LINE_MAX_RUNES = LANGUAGE_LETTERS_MAX * 3 + 4, /* letter, apostrophe, boundary */
    FEATURES_MAX = LINE_MAX_RUNES * (NGRAM_MAX + 1),
    FLUSH_AFTER = 256, /* int8 sums that fit into int16 */
};

struct line {
    uint32_t runes[LINE_MAX_RUNES]; /* small letters, apostrophes and boundaries */
    size_t count;
    size_t letters[SCRIPT_COUNT];
    size_t letter_count;
    size_t not_arabic; /* letters of Persian and Urdu that Arabic lacks */
    const char *other_code;
};

/* --- reading ------------------------------------------------------------------------------- */

static enum script script_of(uint32_t rune, const char **code)
{
    size_t low = 0, high = COUNT_OF(script_ranges);

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rune > script_ranges[middle].to)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == COUNT_OF(script_ranges) || rune < script_ranges[low].from)
        return SCRIPT_NONE;
    *code = script_ranges[low].code;
    return script_ranges[low].script;
}

static bool is_ascii_letter(uint32_t rune)
{
    return (rune | 0x20) >= 'a' && (rune | 0x20) <= 'z';
}

static void put_boundary(struct line *line)
{
    if (line->runes[line->count - 1] != BOUNDARY)
        line->runes[line->count++] = BOUNDARY;
}

static void put_letter(struct line *line, uint32_t rune)
{
    const char *code = "";
    enum script script = script_of(rune, &code);

    if (rune < UNICODE_SIMPLE_END && unicode_simple[rune].folded != 0)
        rune = unicode_simple[rune].folded;
    line->runes[line->count++] = rune;
    line->letters[script]++;
    line->letter_count++;
    if (script == SCRIPT_OTHER)
        line->other_code = code;
    line->not_arabic += rune == 0x67e || rune == 0x686 || rune == 0x698 || rune == 0x6a9 ||
                        rune == 0x6af || rune == 0x6cc || rune == 0x679 || rune == 0x688 ||
                        rune == 0x691 || rune == 0x6ba || rune == 0x6c1 || rune == 0x6d2;
}

/* Offset behind a mention or address that begins at `at`, or `at`. */
static size_t skip_mute(Str text, size_t at)
{
    Str rest = str_sub(text, at, text.len);
    size_t n = 0;

    if (rest.ptr[0] != '@' && !(rest.ptr[0] == 'h' && (str_starts(rest, S("http://")) ||
                                                       str_starts(rest, S("https://")))))
        return at;
    while (n < rest.len && (unsigned char)rest.ptr[n] > ' ')
        n++;
    return at + n;
}

static void read_line(Str text, struct line *line)
{
    size_t at = 0;

    line->count = line->letter_count = line->not_arabic = 0;
    memset(line->letters, 0, sizeof line->letters);
    line->other_code = "und";
    line->runes[line->count++] = BOUNDARY;
    while (at < text.len && line->letter_count < LANGUAGE_LETTERS_MAX) {
        if (line->runes[line->count - 1] == BOUNDARY) {
            size_t behind = skip_mute(text, at);
            if (behind > at) {
                at = behind;
                continue;
            }
        }
        unsigned char byte = (unsigned char)text.ptr[at];
        if (is_ascii_letter(byte)) {
            line->runes[line->count++] = byte | 0x20;
            line->letters[SCRIPT_LATIN]++;
            line->letter_count++;
            at++;
            continue;
        }
        uint32_t rune = str_next_rune(text, &at);
        bool is_apostrophe = rune == '\'' || rune == 0x2019;
        if (rune >= 0x80 && (unicode_property(rune) & UNICODE_LETTER))
            put_letter(line, rune);
        else if (is_apostrophe && line->runes[line->count - 1] != BOUNDARY &&
                 line->runes[line->count - 1] != '\'')
            line->runes[line->count++] = '\'';
        else
            put_boundary(line);
    }
    put_boundary(line);
    ASSERT(line->count <= LINE_MAX_RUNES);
}

static enum script main_script(const struct line *line)
{
    enum script best = SCRIPT_NONE;

    for (int s = SCRIPT_NONE + 1; s < SCRIPT_COUNT; s++)
        if (line->letters[s] > line->letters[best] || best == SCRIPT_NONE)
            best = (enum script)s;
    /* Japanese mixes both; Chinese has no kana. */
    if (best == SCRIPT_HAN && line->letters[SCRIPT_KANA] * 20 >= line->letters[SCRIPT_HAN])
        return SCRIPT_KANA;
    return best;
}

/* --- features ------------------------------------------------------------------------------ */

static uint32_t mix(uint64_t h)
{
    h *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 32);
}

/* Rows of the n-grams that end at each position, and of the words. Returns their number. */
static size_t find_features(const struct line *line, enum script script, uint32_t *rows)
{
    bool is_latin = script == SCRIPT_LATIN;
    unsigned shift = 32 - (is_latin ? LANGUAGE_LATIN_BITS : LANGUAGE_CYRILLIC_BITS);
    uint32_t base = is_latin ? 0 : 1 << LANGUAGE_LATIN_BITS;
    uint64_t word = 0;
    size_t count = 0;

    for (size_t i = 1; i < line->count; i++) {
        uint64_t h = 0;
        for (size_t n = 0; n < NGRAM_MAX && n <= i; n++) {
            uint32_t rune = line->runes[i - n];
            h = (h + rune) * UINT64_C(0x100000001b3) + n + 1;
            h ^= h >> 29;
            if (n > 0 || rune != BOUNDARY)
                rows[count++] = base + (mix(h) >> shift);
            if (rune == BOUNDARY && n > 0)
                break;
        }
        if (line->runes[i] == BOUNDARY) {
            if (word != 0)
                rows[count++] = base + (mix(word ^ UINT64_C(0x5bd1e995)) >> shift);
            word = 0;
        } else {
            word = (word ^ line->runes[i]) * UINT64_C(0xff51afd7ed558ccd);
            word ^= word >> 31;
        }
    }
    return count;
}

/* Two halves of eight lanes: what every machine adds in one register. */
enum { HALF_LANES = LANGUAGE_LANES / 2 };
typedef int8_t int8_lanes __attribute__((vector_size(HALF_LANES)));
typedef int16_t int16_lanes __attribute__((vector_size(2 * HALF_LANES)));

static int16_lanes widened(const int8_t *weights)
{
    int8_lanes narrow;

    memcpy(&narrow, weights, sizeof narrow);
    return __builtin_convertvector(narrow, int16_lanes);
}

static void sum_rows(const uint32_t *rows, size_t count, int32_t sums[LANGUAGE_LANES])
{
    memset(sums, 0, LANGUAGE_LANES * sizeof sums[0]);
    for (size_t i = 0; i < count;) {
        size_t end = count - i < FLUSH_AFTER ? count : i + FLUSH_AFTER;
        int16_lanes low = {0}, high = {0};
        for (; i < end; i++) {
            const int8_t *weights = language_weights[rows[i]];
            low += widened(weights);
            high += widened(weights + HALF_LANES);
        }
        for (int lane = 0; lane < HALF_LANES; lane++) {
            sums[lane] += low[lane];
            sums[HALF_LANES + lane] += high[lane];
        }
    }
}

/* --- deciding ------------------------------------------------------------------------------ */

static struct language_guess answer(const char *code, double confidence)
{
    struct language_guess guess = {.confidence = confidence};

    memcpy(guess.code, confidence >= CONFIDENCE_MIN ? code : "und", 3);
    return guess;
}

/* Fitted on held-out texts and their single words (tools/train_language.c prints the fit), so that
 * the confidence is the share of right answers at every length (Guo et al. 2017, temperature
 * scaling). */
static double temperature(double letters, double base, double slope)
{
    return base + slope / letters;
}

static struct language_guess guess_by_model(const struct line *line, enum script script)
{
    uint32_t rows[FEATURES_MAX];
    int32_t sums[LANGUAGE_LANES];
    size_t count = find_features(line, script, rows);
    size_t lanes = script == SCRIPT_LATIN ? COUNT_OF(latin_codes) : COUNT_OF(cyrillic_codes);
    size_t best = 0;
    double total = 0;

    sum_rows(rows, count, sums);
    for (size_t lane = 1; lane < lanes; lane++)
        if (sums[lane] > sums[best])
            best = lane;
    double unit = language_weight_unit / sqrt((double)count) /
                  temperature((double)line->letter_count, TEMPERATURE_BASE, TEMPERATURE_SLOPE);
    for (size_t lane = 0; lane < lanes; lane++)
        total += exp((sums[lane] - sums[best]) * unit);
    return answer(script == SCRIPT_LATIN ? latin_codes[best] : cyrillic_codes[best], 1 / total);
}

struct language_guess language_guess(Str text)
{
    struct line line;

    read_line(text, &line);
    enum script script = main_script(&line);
    if (line.letter_count < LETTERS_MIN &&
        (script == SCRIPT_LATIN || script == SCRIPT_CYRILLIC || line.letter_count == 0))
        return answer("und", 0);
    double share = (double)line.letters[script] / (double)line.letter_count;
    switch (script) {
    case SCRIPT_LATIN:
    case SCRIPT_CYRILLIC:
        return guess_by_model(&line, script);
    case SCRIPT_GREEK:
        return answer("el", share);
    case SCRIPT_ARABIC: /* Persian and Urdu are not told apart */
        return line.not_arabic * 20 >= line.letter_count ? answer("und", 0) : answer("ar", share);
    case SCRIPT_DEVANAGARI:
        return answer("hi", share);
    case SCRIPT_HANGUL:
        return answer("ko", share);
    case SCRIPT_KANA:
        share += (double)line.letters[SCRIPT_HAN] / (double)line.letter_count;
        return answer("ja", share);
    case SCRIPT_HAN:
        return answer("zh", share);
    case SCRIPT_OTHER:
        return answer(line.other_code, share);
    case SCRIPT_NONE:
    case SCRIPT_COUNT:
        break;
    }
    return answer("und", 0);
}
