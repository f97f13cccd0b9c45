/* The text is read once into a line of small letters with one boundary mark between words, its
 * letters counted by script. A script that several languages share has a linear model: every n-gram
 * of two to four characters that does not cross a boundary, and every whole word, is a feature; its
 * hash picks a row of weights, one per language. The rows are summed and divided by the root of
 * their number: evidence grows with length, but not as if n-grams were independent. The prior of a
 * language is added, and a softmax gives the confidence, at a temperature that falls with the
 * number of letters. */
#include "text/language.h"

#include <math.h>
#include <string.h>
#include <utf8proc.h>

#include "base/hash.h"
#include "base/mem.h"
#include "text/bytes_priv.h"
#include "text/language_priv.h"
#include "text/unicode_priv.h"

/* Below this the answer is "und"; close relatives are added up for it. */
#define CONFIDENCE_MIN    0.4
#define NEGLIGIBLE        12.0 /* log-odds that add nothing to a confidence */
#define TEMPERATURE_BASE  0.6
#define TEMPERATURE_SLOPE 0.8 /* letters */
enum { LETTERS_MIN = 2, TAGLESS_LETTERS_MIN = 10 };

enum script {
    SCRIPT_LATIN, /* those with a model first, in its order */
    SCRIPT_CYRILLIC,
    SCRIPT_ARABIC,
    SCRIPT_DEVANAGARI,
    SCRIPT_BENGALI,
    SCRIPT_HEBREW,
    SCRIPT_ETHIOPIC,
    SCRIPT_HAN,
    SCRIPT_KANA,
    SCRIPT_OTHER, /* one that stands for one language: code in script_ranges */
    SCRIPT_NONE,
    SCRIPT_COUNT
};

/* "nb" is Norwegian in both written forms: people label both so, and filter for both at once. */

/* How often a language is met, as a weight against the most common ones: a word that several
 * languages share is more likely of one that many write. Coarse steps only. */
enum tier { TIER_RARE = 1, TIER_SOME, TIER_MUCH, TIER_MOST };
#define TIER_LOG_STEP 0.9

/* Languages of one family answer together whether anything is known at all. */
enum family { ALONE, SOUTH_SLAVIC, SCANDINAVIAN, MALAY, CZECH_SLOVAK, EAST_SLAVIC, INDIC };

struct lane {
    char code[4]; /* ISO 639-1, else 639-3 */
    uint8_t tier, family;
};
static const struct lane latin_lanes[] = {
    {"cs", TIER_MUCH, CZECH_SLOVAK}, {"da", TIER_MUCH, SCANDINAVIAN},
    {"de", TIER_MUCH, ALONE},        {"en", TIER_MOST, ALONE},
    {"es", TIER_MUCH, ALONE},        {"fi", TIER_MUCH, ALONE},
    {"fr", TIER_MUCH, ALONE},        {"hu", TIER_MUCH, ALONE},
    {"it", TIER_MUCH, ALONE},        {"nb", TIER_MUCH, SCANDINAVIAN},
    {"nl", TIER_MUCH, ALONE},        {"pl", TIER_MUCH, ALONE},
    {"pt", TIER_MUCH, ALONE},        {"ro", TIER_MUCH, ALONE},
    {"sv", TIER_MUCH, ALONE},        {"tr", TIER_MUCH, ALONE},
    {"id", TIER_MUCH, MALAY},        {"vi", TIER_MUCH, ALONE},
    {"sk", TIER_SOME, CZECH_SLOVAK}, {"hr", TIER_SOME, SOUTH_SLAVIC},
    {"bs", TIER_SOME, SOUTH_SLAVIC}, {"sr", TIER_SOME, SOUTH_SLAVIC},
    {"sl", TIER_SOME, ALONE},        {"et", TIER_SOME, ALONE},
    {"lv", TIER_SOME, ALONE},        {"lt", TIER_SOME, ALONE},
    {"ca", TIER_SOME, ALONE},        {"eu", TIER_SOME, ALONE},
    {"gl", TIER_SOME, ALONE},        {"af", TIER_SOME, ALONE},
    {"sq", TIER_SOME, ALONE},        {"ms", TIER_MUCH, MALAY},
    {"tl", TIER_SOME, ALONE},        {"sw", TIER_SOME, ALONE},
    {"az", TIER_SOME, ALONE},        {"uz", TIER_SOME, ALONE},
    {"is", TIER_SOME, ALONE},        {"hi", TIER_RARE, ALONE},
    {"ga", TIER_RARE, ALONE},        {"cy", TIER_RARE, ALONE},
    {"la", TIER_RARE, ALONE},        {"eo", TIER_RARE, ALONE},
    {"mt", TIER_RARE, ALONE},        {"lb", TIER_RARE, ALONE},
    {"ku", TIER_RARE, ALONE},        {"jv", TIER_RARE, MALAY},
    {"yo", TIER_RARE, ALONE},
};
static const struct lane cyrillic_lanes[] = {
    {"bg", TIER_MUCH, ALONE},       {"ru", TIER_MUCH, EAST_SLAVIC}, {"uk", TIER_MUCH, EAST_SLAVIC},
    {"be", TIER_SOME, EAST_SLAVIC}, {"mk", TIER_SOME, ALONE},       {"sr", TIER_SOME, ALONE},
    {"kk", TIER_SOME, ALONE},       {"ky", TIER_RARE, ALONE},       {"mn", TIER_SOME, ALONE},
    {"tg", TIER_RARE, ALONE},       {"tt", TIER_RARE, ALONE},
};
static const struct lane arabic_lanes[] = {
    {"ar", TIER_MUCH, ALONE}, {"fa", TIER_MUCH, ALONE},  {"ur", TIER_MUCH, ALONE},
    {"ps", TIER_SOME, ALONE}, {"ckb", TIER_RARE, ALONE}, {"sd", TIER_RARE, ALONE},
    {"ug", TIER_RARE, ALONE},
};
static const struct lane devanagari_lanes[] = {
    {"hi", TIER_MUCH, INDIC}, {"mr", TIER_SOME, INDIC}, {"ne", TIER_SOME, INDIC}};
static const struct lane bengali_lanes[] = {{"bn", TIER_MUCH, INDIC}, {"as", TIER_SOME, INDIC}};
static const struct lane hebrew_lanes[] = {{"he", TIER_MUCH, ALONE}, {"yi", TIER_RARE, ALONE}};
static const struct lane ethiopic_lanes[] = {{"am", TIER_MUCH, ALONE}, {"ti", TIER_SOME, ALONE}};

static const struct model {
    const struct lane *lanes;
    uint8_t lane_count;
    uint8_t blocks, bits; /* a row has `blocks` blocks, the table 2^bits rows */
    uint32_t offset;      /* in lexicon/language.bin */
} models[LANGUAGE_MODEL_COUNT] = {
    {latin_lanes, COUNT_OF(latin_lanes), 3, LANGUAGE_LATIN_BITS, 0},
    {cyrillic_lanes, COUNT_OF(cyrillic_lanes), 1, LANGUAGE_CYRILLIC_BITS, LANGUAGE_LATIN_SIZE},
    {arabic_lanes, COUNT_OF(arabic_lanes), 1, LANGUAGE_ARABIC_BITS,
     LANGUAGE_LATIN_SIZE + LANGUAGE_CYRILLIC_SIZE},
    {devanagari_lanes, COUNT_OF(devanagari_lanes), 1, LANGUAGE_DEVANAGARI_BITS,
     LANGUAGE_LATIN_SIZE + LANGUAGE_CYRILLIC_SIZE + LANGUAGE_ARABIC_SIZE},
    {bengali_lanes, COUNT_OF(bengali_lanes), 1, LANGUAGE_SMALL_BITS,
     LANGUAGE_BYTES - 3 * LANGUAGE_SMALL_SIZE},
    {hebrew_lanes, COUNT_OF(hebrew_lanes), 1, LANGUAGE_SMALL_BITS,
     LANGUAGE_BYTES - 2 * LANGUAGE_SMALL_SIZE},
    {ethiopic_lanes, COUNT_OF(ethiopic_lanes), 1, LANGUAGE_SMALL_BITS,
     LANGUAGE_BYTES - LANGUAGE_SMALL_SIZE},
};

/* Sorted; code points between are of no script told apart. */
static const struct {
    uint32_t from, to;
    enum script script;
    char code[4];
} script_ranges[] = {
    {0x00c0, 0x024f, SCRIPT_LATIN, ""},      {0x0370, 0x03ff, SCRIPT_OTHER, "el"},
    {0x0400, 0x052f, SCRIPT_CYRILLIC, ""},   {0x0531, 0x0587, SCRIPT_OTHER, "hy"},
    {0x05d0, 0x05f2, SCRIPT_HEBREW, ""},     {0x0620, 0x06ff, SCRIPT_ARABIC, ""},
    {0x0750, 0x077f, SCRIPT_ARABIC, ""},     {0x0780, 0x07b1, SCRIPT_OTHER, "dv"},
    {0x0900, 0x097f, SCRIPT_DEVANAGARI, ""}, {0x0980, 0x09ff, SCRIPT_BENGALI, ""},
    {0x0a00, 0x0a7f, SCRIPT_OTHER, "pa"},    {0x0a80, 0x0aff, SCRIPT_OTHER, "gu"},
    {0x0b00, 0x0b7f, SCRIPT_OTHER, "or"},    {0x0b80, 0x0bff, SCRIPT_OTHER, "ta"},
    {0x0c00, 0x0c7f, SCRIPT_OTHER, "te"},    {0x0c80, 0x0cff, SCRIPT_OTHER, "kn"},
    {0x0d00, 0x0d7f, SCRIPT_OTHER, "ml"},    {0x0d80, 0x0dff, SCRIPT_OTHER, "si"},
    {0x0e00, 0x0e7f, SCRIPT_OTHER, "th"},    {0x0e80, 0x0eff, SCRIPT_OTHER, "lo"},
    {0x0f00, 0x0fff, SCRIPT_OTHER, "bo"},    {0x1000, 0x109f, SCRIPT_OTHER, "my"},
    {0x10a0, 0x10ff, SCRIPT_OTHER, "ka"},    {0x1100, 0x11ff, SCRIPT_OTHER, "ko"},
    {0x1200, 0x139f, SCRIPT_ETHIOPIC, ""},   {0x1780, 0x17ff, SCRIPT_OTHER, "km"},
    {0x1e00, 0x1eff, SCRIPT_LATIN, ""},      {0x1f00, 0x1fff, SCRIPT_OTHER, "el"},
    {0x3041, 0x30ff, SCRIPT_KANA, "ja"},     {0x3130, 0x318f, SCRIPT_OTHER, "ko"},
    {0x3400, 0x4dbf, SCRIPT_HAN, "zh"},      {0x4e00, 0x9fff, SCRIPT_HAN, "zh"},
    {0xac00, 0xd7a3, SCRIPT_OTHER, "ko"},    {0xf900, 0xfaff, SCRIPT_HAN, "zh"},
    {0xfb1d, 0xfb4f, SCRIPT_HEBREW, ""},     {0xfb50, 0xfdff, SCRIPT_ARABIC, ""},
    {0xfe70, 0xfeff, SCRIPT_ARABIC, ""},     {0xff66, 0xff9f, SCRIPT_KANA, "ja"},
    {0x20000, 0x3ffff, SCRIPT_HAN, "zh"},
};

enum {
    BOUNDARY = '_',
    RUN_MAX = 2,
    NGRAM_MAX = 4,
    PLAIN_LETTERS = 16,                            /* of a word that are copied at once */
    LINE_MAX_RUNES = LANGUAGE_LETTERS_MAX * 3 + 4, /* letter, apostrophe, boundary */
    FEATURES_MAX = LINE_MAX_RUNES * NGRAM_MAX + 4,
    GROUP = 4,         /* rows that are added up as bytes */
    FLUSH_AFTER = 1024 /* rows whose sums fit into 16 bits */
};

struct line {
    /* small letters, apostrophes and boundaries; room to copy on */
    uint16_t runes[LINE_MAX_RUNES + PLAIN_LETTERS];
    size_t count;
    size_t letters[SCRIPT_COUNT];
    size_t letter_count;
    const char *other_code;
    bool has_hashtag;
};

/* --- reading ------------------------------------------------------------------------------- */

static enum script script_of(uint32_t rune, const char **code)
{
    size_t low = 0, high = COUNT_OF(script_ranges);

    if (rune < 0x80)
        return SCRIPT_LATIN;
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

static bool is_ascii_letter(unsigned char byte)
{
    return (unsigned char)((byte | 0x20) - 'a') < 26;
}

static void put_boundary(struct line *line)
{
    if (line->runes[line->count - 1] != BOUNDARY)
        line->runes[line->count++] = BOUNDARY;
}

/* "sooooo" counts as "soo". */
static void put_rune(struct line *line, uint32_t rune)
{
    uint16_t unit = (uint16_t)rune;

    if (line->runes[line->count - 1] == unit && line->count > RUN_MAX &&
        line->runes[line->count - RUN_MAX] == unit)
        return;
    line->runes[line->count++] = unit;
}

static uint32_t small(uint32_t rune)
{
    if (rune < UNICODE_SIMPLE_END && unicode_simple[rune].folded != 0)
        return unicode_simple[rune].folded;
    if (rune == 0x130) /* I with a dot; its full folding has two code points */
        return 'i';
    return rune >= 0x1e00 && rune <= 0x1eff ? rune | 1 : rune;
}

/* An accent that comes by itself joins the letter before it. */
static bool put_accent(struct line *line, uint32_t rune)
{
    utf8proc_int32_t pair[3] = {line->runes[line->count - 1], (utf8proc_int32_t)rune, 0};

    if (rune < 0x300 || rune > 0x36f)
        return false;
    if (pair[0] != BOUNDARY &&
        utf8proc_normalize_utf32(pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE) == 1)
        line->runes[line->count - 1] = (uint16_t)pair[0];
    return true;
}

static void put_letter(struct line *line, uint32_t rune)
{
    const char *code = "";
    enum script script = script_of(rune, &code);

    if (put_accent(line, rune))
        return;
    put_rune(line, small(rune));
    line->letters[script]++;
    line->letter_count++;
    if (script == SCRIPT_OTHER)
        line->other_code = code;
}

/* Offset behind a mention, an address, or with `skip_tags` a hashtag, that begins at `at`; else
 * `at`. */
static size_t skip_mute(Str text, size_t at, bool skip_tags)
{
    Str rest = str_sub(text, at, text.len);
    size_t n = 0;
    bool is_mute = false;

    switch (rest.ptr[0]) {
    case '@':
        is_mute = true;
        break;
    case '#':
        is_mute = skip_tags;
        break;
    case 'h':
        is_mute = str_starts(rest, S("http://")) || str_starts(rest, S("https://"));
        break;
    case 'w':
        is_mute = str_starts(rest, S("www."));
        break;
    case 'R':
        if (str_starts(rest, S("RT @")))
            return at + 3;
        break;
    case '&': /* a character reference */
        while (n < rest.len && n < 8 && rest.ptr[n] != ';' && rest.ptr[n] != ' ')
            n++;
        return n < rest.len && rest.ptr[n] == ';' ? at + n + 1 : at;
    default:
        break;
    }
    while (is_mute && n < rest.len && (unsigned char)rest.ptr[n] > ' ')
        n++;
    return at + n;
}

static void line_reset(struct line *line)
{
    line->count = line->letter_count = 0;
    memset(line->letters, 0, sizeof line->letters);
    line->other_code = "und";
    line->has_hashtag = false;
    line->runes[line->count++] = BOUNDARY;
}

/* What stands at `at` and is no plain ASCII letter; returns the offset behind it. */
static size_t read_other(Str text, size_t at, bool skip_tags, struct line *line)
{
    bool is_start = line->runes[line->count - 1] == BOUNDARY;
    size_t behind = is_start ? skip_mute(text, at, skip_tags) : at;

    line->has_hashtag |= text.ptr[at] == '#';
    if (behind > at)
        return behind;
    uint32_t rune = str_next_rune(text, &at);
    bool is_apostrophe = rune == '\'' || rune == 0x2019;
    if (rune >= 0x80 && (unicode_property(rune) & UNICODE_LETTER)) {
        put_letter(line, rune);
    } else if (is_apostrophe) {
        if (!is_start && line->runes[line->count - 1] != '\'')
            line->runes[line->count++] = '\'';
    } else {
        put_boundary(line);
    }
    return at;
}

typedef uint8_t letters_t __attribute__((vector_size(PLAIN_LETTERS)));
typedef uint16_t wide_t __attribute__((vector_size(2 * PLAIN_LETTERS)));

static inline letters_t small_at(const char *p)
{
    letters_t bytes;

    memcpy(&bytes, p, sizeof bytes);
    return bytes | 0x20;
}

/* Copies a word in ASCII without long runs that begins at `at` behind a boundary, and the boundary
 * of the blank behind it. Returns the offset behind both, or `at` when it is no such word. */
static inline size_t read_plain_word(Str text, size_t at, struct line *line)
{
    enum { AHEAD = PLAIN_LETTERS + 2 };

    if (line->runes[line->count - 1] != BOUNDARY || text.len - at < AHEAD ||
        line->letter_count + PLAIN_LETTERS > LANGUAGE_LETTERS_MAX)
        return at;
    letters_t a = small_at(text.ptr + at);
    uint64_t letters = text_bits_of((letters_t)(a - 'a' < 26));
    letters_t is_run =
        (letters_t)((a == small_at(text.ptr + at + 1)) & (a == small_at(text.ptr + at + 2)));
    uint64_t runs = text_bits_of(is_run) & letters;
    size_t count = (size_t)__builtin_ctzll(~letters);
    if (count == PLAIN_LETTERS || (runs & ((UINT64_C(1) << count) - 1)) != 0)
        return at;
    wide_t wide = __builtin_convertvector(a, wide_t);
    memcpy(line->runes + line->count, &wide, sizeof wide);
    line->count += count;
    line->letters[SCRIPT_LATIN] += count;
    line->letter_count += count;
    at += count;
    bool is_blank = text.ptr[at] == ' ';
    line->runes[line->count] = BOUNDARY;
    line->count += is_blank;
    return at + is_blank;
}

static void read_words(Str text, bool skip_tags, struct line *line)
{
    size_t at = 0;

    line_reset(line);
    while (at < text.len && line->letter_count < LANGUAGE_LETTERS_MAX) {
        unsigned char byte = (unsigned char)text.ptr[at];
        if (!is_ascii_letter(byte)) {
            at = read_other(text, at, skip_tags, line);
            continue;
        }
        if (line->runes[line->count - 1] == BOUNDARY &&
            (byte == 'h' || byte == 'w' || byte == 'R')) {
            size_t behind = skip_mute(text, at, skip_tags);
            if (behind > at) {
                at = behind;
                continue;
            }
        }
        size_t behind_word = read_plain_word(text, at, line);
        if (behind_word > at) {
            at = behind_word;
            continue;
        }
        put_rune(line, byte | 0x20);
        line->letters[SCRIPT_LATIN]++;
        line->letter_count++;
        at++;
    }
    put_boundary(line);
    ASSERT(line->count <= LINE_MAX_RUNES);
}

/* Hashtags are often of another language than the text: they count where little else is said. */
static void read_line(Str text, struct line *line)
{
    read_words(text, true, line);
    if (line->has_hashtag && line->letter_count < TAGLESS_LETTERS_MIN)
        read_words(text, false, line);
}

/* Names in Latin letters stand in texts of every script, hardly ever the other way round; and a
 * sign that stands for a syllable or a word says as much as several letters. */
static size_t letter_weight(enum script script)
{
    switch (script) {
    case SCRIPT_LATIN:
        return 1;
    case SCRIPT_HAN:
    case SCRIPT_KANA:
    case SCRIPT_OTHER:
        return 4;
    default:
        return 2;
    }
}

static enum script main_script(const struct line *line)
{
    enum script best = SCRIPT_LATIN;

    for (enum script s = SCRIPT_LATIN; s < SCRIPT_NONE; s++)
        if (line->letters[s] * letter_weight(s) > line->letters[best] * letter_weight(best))
            best = s;
    if (line->letters[best] == 0)
        return SCRIPT_NONE;
    /* Japanese mixes both; Chinese has no kana. */
    if (best == SCRIPT_HAN && line->letters[SCRIPT_KANA] * 20 >= line->letters[SCRIPT_HAN])
        return SCRIPT_KANA;
    return best;
}

/* Leaves only the letters of one script, so that an English name in a Russian post says nothing. */
static void keep_script(struct line *line, enum script script)
{
    const char *code;
    size_t count = line->count;

    if (line->letters[script] == line->letter_count)
        return;
    line->count = 1;
    for (size_t i = 1; i < count; i++) {
        uint16_t rune = line->runes[i];
        if (rune == BOUNDARY || (rune != '\'' && script_of(rune, &code) != script))
            put_boundary(line);
        else
            line->runes[line->count++] = rune;
    }
    put_boundary(line);
    line->letter_count = line->letters[script];
}

/* --- features ------------------------------------------------------------------------------ */

#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15)
#define WORD_FACTOR UINT64_C(0xff51afd7ed558ccd)

typedef uint8_t bytes_t __attribute__((vector_size(LANGUAGE_BLOCK)));
typedef uint16_t half_t __attribute__((vector_size(LANGUAGE_BLOCK)));

static const uint8_t *table_of(const struct model *model)
{
    size_t padding = model->offset > 0 ? LANGUAGE_LATIN_TABLE - LANGUAGE_LATIN_SIZE : 0;

    return language_weights + model->offset + padding;
}

static inline size_t stride_of(size_t blocks)
{
    return blocks == 1 ? LANGUAGE_BLOCK : LANGUAGE_LATIN_STRIDE;
}

/* Rows of the n-grams that end at each of the runes behind a boundary, and of the words, with a
 * hint to the memory where they are. Returns their number. The last four characters stand in one
 * number, so an n-gram is a mask away. Without branches: where words end is a toss of a coin. */
static inline __attribute__((always_inline)) size_t
find_rows(const uint16_t *runes, size_t runes_count, const struct model *model, uint32_t *rows)
{
    const unsigned shift = 64u - model->bits;
    const uint8_t *table = table_of(model);
    const size_t stride = stride_of(model->blocks);
    uint64_t window = BOUNDARY, word = 0;
    size_t count = 0, length = 1; /* of the word with its boundaries, so far */

    for (size_t i = 0; i < runes_count; i++) {
        uint16_t rune = runes[i];
        bool is_end = rune == BOUNDARY;
        window = window << 16 | rune;
        length++;
        rows[count] = (uint32_t)((window & 0xffffffff) * HASH_FACTOR >> shift);
        __builtin_prefetch(table + rows[count++] * stride);
        rows[count] = (uint32_t)((window & 0xffffffffffff) * HASH_FACTOR >> shift);
        __builtin_prefetch(table + rows[count] * stride);
        count += length >= 3;
        rows[count] = (uint32_t)(window * HASH_FACTOR >> shift);
        __builtin_prefetch(table + rows[count] * stride);
        count += length >= 4;
        rows[count] = (uint32_t)((word ^ word >> 31) * HASH_FACTOR >> shift);
        count += is_end & (length >= 5);
        word = (word + rune) * WORD_FACTOR;
        word ^= word >> 32;
        uint64_t kept = (uint64_t)is_end - 1; /* 0 at the end, all ones before */
        word &= kept;
        window = (window & kept) | (BOUNDARY & ~kept);
        length = (length & kept) | (1 & ~kept);
    }
    return count;
}

static inline __attribute__((always_inline)) size_t
find_features(const struct line *line, const struct model *model, uint32_t *rows)
{
    return find_rows(line->runes + 1, line->count - 1, model, rows);
}

static inline bytes_t block_at(const uint8_t *at)
{
    bytes_t block;

    memcpy(&block, __builtin_assume_aligned(at, LANGUAGE_BLOCK), sizeof block);
    return block;
}

/* Adds the bytes of a block to sixteen sums: those at even places, those at odd ones. */
static inline void add_block(bytes_t block, half_t sums[2])
{
    half_t pairs;

    memcpy(&pairs, &block, sizeof pairs);
    sums[0] += pairs & 0xff;
    sums[1] += pairs >> 8;
}

static inline void flush(half_t *halves, size_t blocks, int32_t *sums)
{
    for (size_t block = 0; block < blocks; block++)
        for (size_t i = 0; i < LANGUAGE_BLOCK / 2; i++) {
            sums[block * LANGUAGE_BLOCK + 2 * i] += halves[2 * block][i];
            sums[block * LANGUAGE_BLOCK + 2 * i + 1] += halves[2 * block + 1][i];
        }
    memset(halves, 0, 2 * blocks * sizeof *halves);
}

/* At most FLUSH_AFTER rows, what `halves` has already included. */
static inline __attribute__((always_inline)) void add_rows(const uint8_t *table,
                                                           const size_t blocks,
                                                           const uint32_t *rows, size_t count,
                                                           half_t *halves)
{
    const size_t width = blocks * LANGUAGE_BLOCK, stride = stride_of(blocks);
    size_t i = 0;

    for (; i + GROUP <= count; i += GROUP) {
        const uint8_t *a = table + rows[i] * stride, *b = table + rows[i + 1] * stride,
                      *c = table + rows[i + 2] * stride, *d = table + rows[i + 3] * stride;
#pragma GCC unroll 3
        for (size_t at = 0; at < width; at += LANGUAGE_BLOCK)
            add_block((block_at(a + at) + block_at(b + at)) + (block_at(c + at) + block_at(d + at)),
                      halves + 2 * (at / LANGUAGE_BLOCK));
    }
    for (; i < count; i++)
        for (size_t at = 0; at < width; at += LANGUAGE_BLOCK)
            add_block(block_at(table + rows[i] * stride + at), halves + 2 * (at / LANGUAGE_BLOCK));
}

/* Any number of rows; `halves` are zeros before and after. */
static inline __attribute__((always_inline)) void
add_flushed(const uint8_t *table, const size_t blocks, const uint32_t *rows, size_t count,
            half_t *halves, int32_t *restrict sums)
{
    for (size_t i = 0; i < count; i += FLUSH_AFTER) {
        size_t some = count - i < FLUSH_AFTER ? count - i : FLUSH_AFTER;
        add_rows(table, blocks, rows + i, some, halves);
        flush(halves, blocks, sums);
    }
}

/* A weight of nothing for every row, in every lane: a byte is from 0 up. */
static inline void start_sums(size_t blocks, size_t count, int32_t *sums)
{
    for (size_t lane = 0; lane < blocks * LANGUAGE_BLOCK; lane++)
        sums[lane] = -(int32_t)count * LANGUAGE_WEIGHT_ZERO;
}

static inline __attribute__((always_inline)) void sum_rows(const uint8_t *table,
                                                           const size_t blocks,
                                                           const uint32_t *rows, size_t count,
                                                           int32_t *restrict sums)
{
    half_t halves[2 * LANGUAGE_BLOCKS_MAX] = {{0}};

    start_sums(blocks, count, sums);
    add_flushed(table, blocks, rows, count, halves, sums);
}

/* --- words met before ------------------------------------------------------------------------ */

/* No n-gram goes beyond a word, so what the rows of a word add up to depends on the word alone, and
 * four of five words of a stream were there before. A reader keeps the sums of Latin words, with
 * their letters, so that no word is ever taken for another.
 *
 *     tags    a set: four tags of hash and slot, a word that comes again moves forward, the last
 *             one is given up for a new word
 *     words   a set: four slots; of a line of the cache the key and of that and the next the sums
 */
enum {
    KNOWN_RUNES_MAX = 15, /* a longer word is summed up each time */
    KNOWN_WAYS = 4,
    KNOWN_SETS = 4096,
    KNOWN_WORDS = KNOWN_WAYS * KNOWN_SETS,
    KNOWN_LINE = 64, /* bytes of the cache */
};

typedef uint16_t units_t __attribute__((vector_size(16)));
typedef uint64_t words_t __attribute__((vector_size(16)));

/* The runes, zeros behind them, the last unit their number. */
struct known_key {
    units_t units[2];
};

struct known_word {
    struct known_key key;
    half_t halves[2 * LANGUAGE_BLOCKS_MAX]; /* as add_rows() leaves them */
};
_Static_assert(sizeof(struct known_word) == 2 * KNOWN_LINE, "two lines of the cache");

struct language_reader {
    struct known_word *words; /* in `room` */
    uint16_t tags[KNOWN_SETS][KNOWN_WAYS];
    char room[KNOWN_WORDS * sizeof(struct known_word) + KNOWN_LINE];
};

/* A word of a line. */
struct known_place {
    uint16_t from, len; /* runes */
    uint16_t set, tag;  /* tag: where it is known its slot, else its hash */
};

static inline units_t units_at(const uint16_t *at)
{
    units_t units;

    memcpy(&units, at, sizeof units);
    return units;
}

static inline uint64_t boundary_bits(const uint16_t *at)
{
    return text_bits_of((text_bytes_t)(units_at(at) == BOUNDARY)); /* two a rune */
}

/* Runes before the next boundary. */
static inline size_t word_len(const uint16_t *runes)
{
    uint64_t ends = boundary_bits(runes) | boundary_bits(runes + 8) << 16;
    size_t len = 16;

    if (ends != 0)
        return (size_t)__builtin_ctzll(ends) / 2;
    while (runes[len] != BOUNDARY)
        len++;
    return len;
}

/* len 1 to KNOWN_RUNES_MAX. */
static inline struct known_key key_at(const uint16_t *runes, size_t len)
{
    static const uint16_t ones[2 * KNOWN_RUNES_MAX + 1] = {0xffff, 0xffff, 0xffff, 0xffff, 0xffff,
                                                           0xffff, 0xffff, 0xffff, 0xffff, 0xffff,
                                                           0xffff, 0xffff, 0xffff, 0xffff, 0xffff};
    const uint16_t *mask = ones + KNOWN_RUNES_MAX - len;
    struct known_key key = {
        {units_at(runes) & units_at(mask), units_at(runes + 8) & units_at(mask + 8)}};

    key.units[1] |= (units_t){0, 0, 0, 0, 0, 0, 0, (uint16_t)len};
    return key;
}

static inline uint64_t key_hash(struct known_key key)
{
    uint64_t parts[4];

    memcpy(parts, &key, sizeof parts);
    return hash_fold(parts[0] ^ HASH_K0, parts[1] ^ HASH_K1) ^
           hash_fold(parts[2] ^ HASH_K2, parts[3] ^ HASH_K1);
}

static inline bool is_key(const struct known_word *word, struct known_key key)
{
    units_t differs = (word->key.units[0] ^ key.units[0]) | (word->key.units[1] ^ key.units[1]);
    uint64_t parts[2];

    memcpy(parts, &differs, sizeof parts);
    return (parts[0] | parts[1]) == 0;
}

/* Nothing between two boundaries has no key, since nothing known has that too. */
static inline bool may_be_known(size_t len)
{
    return len - 1 < KNOWN_RUNES_MAX;
}

static inline struct known_word *known_word_of(struct language_reader *reader,
                                               const struct known_place *place)
{
    return &reader->words[place->set * KNOWN_WAYS + place->tag % KNOWN_WAYS];
}

/* Where the word would be; fetches its tags. */
static inline void find_set(struct language_reader *reader, const uint16_t *runes,
                            struct known_place *place)
{
    uint64_t hash = key_hash(key_at(runes, place->len));

    place->set = (uint16_t)(hash % KNOWN_SETS);
    place->tag = (uint16_t)(hash >> 32) / KNOWN_WAYS * KNOWN_WAYS;
    __builtin_prefetch(reader->tags[place->set]);
}

/* Whether a slot of the set may have the word; it moves forward by one place then. */
static inline bool find_tag(struct language_reader *reader, struct known_place *place)
{
    uint16_t *set = reader->tags[place->set];
    uint64_t bytes;

    memcpy(&bytes, set, sizeof bytes);
    units_t tags = (units_t)(words_t){bytes, 0};
    uint64_t found = text_bits_of((text_bytes_t)((tags & (uint16_t)-KNOWN_WAYS) == place->tag)) &
                     ((1u << 2 * KNOWN_WAYS) - 1); /* two a tag */
    if (found == 0)
        return false;
    size_t way = (size_t)__builtin_ctzll(found) / 2, before = way - (way > 0);
    place->tag = set[way];
    set[way] = set[before];
    set[before] = place->tag;
    const char *word = (const char *)known_word_of(reader, place);
    __builtin_prefetch(word);
    __builtin_prefetch(word + KNOWN_LINE);
    return true;
}

/* Rows of a word: what find_rows() returns for it. */
static size_t row_count_of(size_t len)
{
    return 3 * len + (len == 0 || len >= 3);
}

static inline void add_halves(const half_t *from, half_t *halves)
{
#pragma GCC unroll 6
    for (size_t i = 0; i < 2 * LANGUAGE_BLOCKS_MAX; i++)
        halves[i] += from[i];
}

/* A line while it is read: its words that are known, and those that are new with their rows. */
struct word_sums {
    half_t halves[2 * LANGUAGE_BLOCKS_MAX];
    size_t pending; /* rows in `halves`, at most FLUSH_AFTER */
    int32_t *sums;
    struct known_place known[LINE_MAX_RUNES], added[LINE_MAX_RUNES];
    size_t known_count, added_count, row_count;
    uint32_t rows[FEATURES_MAX];
};

static inline void reserve_rows(struct word_sums *s, size_t count)
{
    if (s->pending + count > FLUSH_AFTER) {
        flush(s->halves, LANGUAGE_BLOCKS_MAX, s->sums);
        s->pending = 0;
    }
    s->pending += count;
}

/* Member by member: copying what was just written in parts as a whole would have to wait for it. */
static inline void put_place(struct known_place *out, const struct known_place *place)
{
    out->from = place->from;
    out->len = place->len;
    out->set = place->set;
    out->tag = place->tag;
}

static inline void add_word(const struct line *line, const struct known_place *place,
                            struct word_sums *s)
{
    s->row_count += find_rows(line->runes + place->from, place->len + 1u, &models[LANGUAGE_LATIN],
                              s->rows + s->row_count);
    put_place(&s->added[s->added_count++], place);
}

/* Returns the number of features. First the sets of all words, then what they say: so that waiting
 * for the memory overlaps. */
static size_t find_words(struct language_reader *reader, const struct line *line,
                         struct word_sums *s)
{
    size_t features = 0, count = 0, len;

    for (size_t from = 1; from < line->count; from += len + 1) {
        struct known_place *place = &s->known[count++];
        len = word_len(line->runes + from);
        place->from = (uint16_t)from;
        place->len = (uint16_t)len;
        place->set = place->tag = 0;
        features += row_count_of(len);
        if (may_be_known(len))
            find_set(reader, line->runes + from, place);
    }
    for (size_t i = 0; i < count; i++) {
        struct known_place *place = &s->known[i];
        if (may_be_known(place->len) && find_tag(reader, place))
            put_place(&s->known[s->known_count++], place);
        else
            add_word(line, place, s);
    }
    return features;
}

/* Adds the words that are new, and keeps them. */
static void learn_words(struct language_reader *reader, const struct line *line,
                        struct word_sums *s)
{
    const uint8_t *table = table_of(&models[LANGUAGE_LATIN]);
    const uint32_t *rows = s->rows;

    for (size_t i = 0; i < s->added_count; i++) {
        struct known_place *place = &s->added[i];
        size_t row_count = row_count_of(place->len);
        half_t halves[2 * LANGUAGE_BLOCKS_MAX] = {{0}};
        if (may_be_known(place->len)) {
            uint16_t *last = &reader->tags[place->set][KNOWN_WAYS - 1];
            *last = (uint16_t)(place->tag / KNOWN_WAYS * KNOWN_WAYS + *last % KNOWN_WAYS);
            place->tag = *last;
            struct known_word *word = known_word_of(reader, place);
            add_rows(table, LANGUAGE_BLOCKS_MAX, rows, row_count, halves);
            word->key = key_at(line->runes + place->from, place->len);
            memcpy(word->halves, halves, sizeof halves);
            reserve_rows(s, row_count);
            add_halves(halves, s->halves);
        } else {
            add_flushed(table, LANGUAGE_BLOCKS_MAX, rows, row_count, halves, s->sums);
        }
        rows += row_count;
    }
}

/* What sum_rows() gives for the features of a Latin line; returns their number. All words are
 * looked for before any is added, so that waiting for the memory overlaps. */
static size_t sum_words(struct language_reader *reader, const struct line *line, int32_t *sums)
{
    struct word_sums s;

    memset(&s, 0, offsetof(struct word_sums, known));
    s.sums = sums;
    s.known_count = s.added_count = s.row_count = 0;
    size_t features = find_words(reader, line, &s);
    start_sums(LANGUAGE_BLOCKS_MAX, features, sums);
    for (size_t i = 0; i < s.known_count; i++) {
        const struct known_place *place = &s.known[i];
        const struct known_word *word = known_word_of(reader, place);
        if (is_key(word, key_at(line->runes + place->from, place->len))) {
            reserve_rows(&s, row_count_of(place->len));
            add_halves(word->halves, s.halves);
        } else {
            add_word(line, place, &s);
        }
    }
    learn_words(reader, line, &s);
    flush(s.halves, LANGUAGE_BLOCKS_MAX, sums);
    return features;
}

bool language_reader_create(struct language_reader **out, struct err *err)
{
    struct language_reader *reader = mem_try_alloc(1, sizeof *reader);

    if (!reader)
        return err_set(err, ERR_NO_MEMORY, "no memory for reading languages");
    uintptr_t room = (uintptr_t)reader->room;
    reader->words = (void *)(reader->room + (-room & (KNOWN_LINE - 1)));
    for (uint32_t i = 0; i < KNOWN_WORDS; i++)
        reader->tags[i / KNOWN_WAYS][i % KNOWN_WAYS] = (uint16_t)(i % KNOWN_WAYS);
    *out = reader;
    return true;
}

void language_reader_destroy(struct language_reader **reader)
{
    mem_free(*reader);
    *reader = NULL;
}

/* --- deciding ------------------------------------------------------------------------------ */

static struct language_guess answer(const char *code, double confidence, bool is_sure)
{
    struct language_guess guess = {.confidence = confidence};

    code = is_sure ? code : "und";
    memcpy(guess.code, code, strlen(code) + 1);
    return guess;
}

static double log_prior(const struct lane *lane)
{
    return TIER_LOG_STEP * (lane->tier - TIER_MUCH);
}

/* Fitted on held-out texts and their single words (tools/train_language.c prints the fit), so that
 * the confidence is the share of right answers at every length (Guo et al. 2017, temperature
 * scaling). */
static double temperature(double letters)
{
    return TEMPERATURE_BASE + TEMPERATURE_SLOPE / letters;
}

/* The first lane with the largest of `count` numbers, a multiple of four: four maxima side by side,
 * so that none waits for the one before. */
static size_t largest_of(const double *z, size_t count)
{
    double most[4] = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
    size_t lane = 0;

    for (size_t i = 0; i < count; i += 4)
        for (size_t k = 0; k < 4; k++)
            most[k] = z[i + k] > most[k] ? z[i + k] : most[k];
    double a = most[0] > most[1] ? most[0] : most[1], b = most[2] > most[3] ? most[2] : most[3];
    double largest = a > b ? a : b;
    while (z[lane] < largest)
        lane++;
    return lane;
}

/* The lanes whose number is not below `least`. Without branches: which they are nobody foretells.
 */
static size_t find_near(const double *z, size_t count, double least, uint8_t *near)
{
    size_t near_count = 0;

    for (size_t lane = 0; lane < count; lane++) {
        near[near_count] = (uint8_t)lane;
        near_count += !(z[lane] < least);
    }
    return near_count;
}

/* Sums of the features of a line, a lane per language; returns the number of features. */
static size_t sum_line(struct language_reader *reader, const struct line *line,
                       const struct model *model, int32_t *sums)
{
    uint32_t rows[FEATURES_MAX];

    if (reader && model == &models[LANGUAGE_LATIN])
        return sum_words(reader, line, sums);
    size_t count = find_features(line, model, rows);
    if (model->blocks == 1)
        sum_rows(table_of(model), 1, rows, count, sums);
    else
        sum_rows(table_of(model), LANGUAGE_BLOCKS_MAX, rows, count, sums);
    return count;
}

static struct language_guess guess_by_model(struct language_reader *reader, struct line *line,
                                            enum script script)
{
    const struct model *model = &models[script];
    int32_t sums[LANGUAGE_LATIN_LANES];
    double z[LANGUAGE_LATIN_LANES], total = 0, family = 0;

    keep_script(line, script);
    size_t count = sum_line(reader, line, model, sums);
    double unit = language_weight_units[script] /
                  (sqrt((double)count) * temperature((double)line->letter_count));
    size_t lanes = model->blocks * LANGUAGE_BLOCK;
    for (size_t lane = 0; lane < model->lane_count; lane++)
        z[lane] = sums[lane] * unit + log_prior(&model->lanes[lane]);
    for (size_t lane = model->lane_count; lane < lanes; lane++)
        z[lane] = -HUGE_VAL;
    size_t best = largest_of(z, lanes);
    uint8_t family_of_best = model->lanes[best].family, near[LANGUAGE_LATIN_LANES + 1];
    size_t near_count = find_near(z, lanes, z[best] - NEGLIGIBLE, near);
    for (size_t i = 0; i < near_count; i++) {
        size_t lane = near[i];
        double p = exp(z[lane] - z[best]);
        total += p;
        bool is_family = (lane == best) | ((family_of_best != ALONE) &
                                           (model->lanes[lane].family == family_of_best));
        family += is_family ? p : 0;
    }
    return answer(model->lanes[best].code, 1 / total, family / total >= CONFIDENCE_MIN);
}

struct language_guess language_guess(Str text)
{
    return language_read(NULL, text);
}

struct language_guess language_read(struct language_reader *reader, Str text)
{
    struct line line;

    read_line(text, &line);
    enum script script = main_script(&line);
    if (line.letter_count == 0 || script == SCRIPT_NONE)
        return answer("und", 0, false);
    double share = 0; /* of the letters, by weight */
    for (enum script s = SCRIPT_LATIN; s < SCRIPT_NONE; s++)
        share += (double)(line.letters[s] * letter_weight(s));
    share = (double)(line.letters[script] * letter_weight(script)) / share;
    if (script < (enum script)LANGUAGE_MODEL_COUNT) {
        if (line.letters[script] < LETTERS_MIN)
            return answer("und", 0, false);
        return guess_by_model(reader, &line, script);
    }
    if (script == SCRIPT_HAN)
        return answer("zh", share, true);
    if (script == SCRIPT_KANA) {
        share *= 1 + (double)line.letters[SCRIPT_HAN] / (double)line.letters[SCRIPT_KANA];
        return answer("ja", share, true);
    }
    return answer(line.other_code, share, share >= CONFIDENCE_MIN);
}
