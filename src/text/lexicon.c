/* Only what the generator needs too: the tables themselves are compiled apart. */
#include "text/lexicon_priv.h"

#include <string.h>

/* Endings are "e", with "est", "er" or "st" before it or not, and with n, s, r or m behind it or
 * not; else n or s alone. The longest that leaves enough of the word is cut off. */
size_t lexicon_stem_len(Str word)
{
    enum { SHORT = LEXICON_STEM_BYTES_MIN, LONG = SHORT + 1 };
    const char *p = word.ptr;

    if (word.len <= SHORT)
        return word.len;
    char last = p[word.len - 1];
    bool may_end_alone = last == 'n' || last == 's';
    bool has_consonant = may_end_alone || last == 'r' || last == 'm';
    size_t before = word.len - 1 - has_consonant; /* the place of the "e" */
    if ((has_consonant || last == 'e') && p[before] == 'e') {
        if (before >= LONG + 3 && memcmp(p + before - 3, "est", 3) == 0)
            return before - 3;
        if (before >= LONG + 2 &&
            (memcmp(p + before - 2, "er", 2) == 0 || memcmp(p + before - 2, "st", 2) == 0))
            return before - 2;
        if (before >= SHORT)
            return before;
    }
    return may_end_alone && word.len > LONG ? word.len - 1 : word.len;
}

/* In eight bytes, the first of `n`: is one of the first n - 2 like its two followers? Then it
 * leaves a zero byte. */
static inline bool has_run_in(uint64_t bytes, size_t n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t differs = (bytes ^ bytes >> 8) | (bytes ^ bytes >> 16);

    differs |= ~UINT64_C(0) << 8 * (n - 2); /* their followers are not here */
    return ((differs - ones) & ~differs & tops) != 0;
}

/* Windows of eight bytes, the last one up to the end. */
bool lexicon_has_long_run(Str word)
{
    uint64_t bytes;
    uint32_t first, last;

    if (word.len < 4)
        return word.len == 3 && word.ptr[0] == word.ptr[1] && word.ptr[1] == word.ptr[2];
    if (word.len < 8) {
        memcpy(&first, word.ptr, 4);
        memcpy(&last, word.ptr + word.len - 4, 4);
        return has_run_in(first | (uint64_t)last << 8 * (word.len - 4), word.len);
    }
    bool has_run = false;
    for (size_t i = 0; i + 8 < word.len; i += 6) {
        memcpy(&bytes, word.ptr + i, 8);
        has_run |= has_run_in(bytes, 8);
    }
    memcpy(&bytes, word.ptr + word.len - 8, 8);
    return has_run | has_run_in(bytes, 8);
}

typedef unsigned char runs_t __attribute__((vector_size(16)));

static inline runs_t load_small(const char *p)
{
    runs_t bytes;

    memcpy(&bytes, p, sizeof bytes);
    return bytes | 0x20; /* small letters; what else becomes equal by it does no harm */
}

/* What stands in words is '0' and above. */
static inline runs_t runs_at(const char *p)
{
    runs_t a = load_small(p), b = load_small(p + 1), c = load_small(p + 2);

    return (runs_t)((a == b) & (b == c) & (a >= '0'));
}

static inline runs_t high_at(const char *p)
{
    runs_t bytes;

    memcpy(&bytes, p, sizeof bytes);
    return (runs_t)(bytes >= 0x80);
}

static inline bool is_any(runs_t found)
{
    uint64_t halves[2];

    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

/* Length of the code point beyond ASCII at p if folding keeps it from what stands beside it, so
 * that it makes no run: Latin letters with accents but for the sharp s, dashes and quotation marks,
 * emoji. Else 0. */
static size_t harmless_len(const unsigned char *p, size_t left)
{
    if (left >= 2 && p[0] == 0xc3 && p[1] >= 0x80 && p[1] < 0xc0 && p[1] != 0x9f)
        return 2;
    if (left >= 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x93 && p[2] <= 0x9e)
        return 3;
    if (left >= 4 && p[0] == 0xf0 && p[1] == 0x9f && p[2] >= 0x8c && p[2] <= 0xa3)
        return 4;
    return 0;
}

static bool is_harmless(Str text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;

    for (size_t i = 0; i < text.len;) {
        uint64_t bytes = 0;
        if (text.len - i >= sizeof bytes)
            memcpy(&bytes, p + i, sizeof bytes);
        if (text.len - i >= sizeof bytes && (bytes & UINT64_C(0x8080808080808080)) == 0) {
            i += sizeof bytes;
            continue;
        }
        size_t len = p[i] < 0x80 ? 1 : harmless_len(p + i, text.len - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

/* Sixteen places at a time, the last ones up to the end. */
bool lexicon_may_have_runs(Str text)
{
    enum { REACH = 18 };
    char padded[REACH + 2] = {0};
    Str whole = text;

    if (text.len < REACH) {
        memcpy(padded + 2, text.ptr, text.len);
        text = (Str){padded, sizeof padded};
    }
    const char *last = text.ptr + text.len - REACH;
    runs_t runs = runs_at(last), high = high_at(text.ptr) | high_at(last) | high_at(last + 2);
    for (size_t i = 0; i + REACH < text.len; i += 16) {
        runs |= runs_at(text.ptr + i);
        high |= high_at(text.ptr + i);
    }
    return is_any(runs) || (is_any(high) && !is_harmless(whole));
}

size_t lexicon_cut_runs(Str word, size_t keep, char *out)
{
    size_t len = 0;

    for (size_t i = 0, end; i < word.len; i = end) {
        end = i + 1;
        while (end < word.len && word.ptr[end] == word.ptr[i])
            end++;
        size_t n = end - i >= 3 ? keep : end - i;
        memset(out + len, word.ptr[i], n);
        len += n;
    }
    return len;
}
