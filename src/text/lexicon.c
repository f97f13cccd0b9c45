/* Only what the generator needs too: the tables themselves are compiled apart. */
#include "text/lexicon_priv.h"

#include <string.h>

static const struct {
    Str ending;
    size_t stem_bytes_min;
} endings[] = {
    /* longest first */
    {S_INIT("esten"), 4}, {S_INIT("ester"), 4}, {S_INIT("estes"), 4}, {S_INIT("estem"), 4},
    {S_INIT("este"), 4},  {S_INIT("eren"), 4},  {S_INIT("erer"), 4},  {S_INIT("eres"), 4},
    {S_INIT("erem"), 4},  {S_INIT("sten"), 4},  {S_INIT("ster"), 4},  {S_INIT("stes"), 4},
    {S_INIT("stem"), 4},  {S_INIT("ere"), 4},   {S_INIT("ste"), 4},   {S_INIT("em"), 3},
    {S_INIT("en"), 3},    {S_INIT("er"), 3},    {S_INIT("es"), 3},    {S_INIT("e"), 3},
    {S_INIT("n"), 4},     {S_INIT("s"), 4},
};

size_t lexicon_stem_len(Str word)
{
    if (word.len <= LEXICON_STEM_BYTES_MIN || !strchr("ensrm", word.ptr[word.len - 1]))
        return word.len;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (word.len >= endings[i].ending.len + endings[i].stem_bytes_min &&
            str_ends(word, endings[i].ending))
            return word.len - endings[i].ending.len;
    return word.len;
}

/* Eight bytes at a time: a byte that equals its two followers leaves a zero byte. */
bool lexicon_has_long_run(Str word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    size_t i = 0;

    for (; i + 8 <= word.len; i += 6) {
        uint64_t bytes;
        memcpy(&bytes, word.ptr + i, 8);
        uint64_t differs = (bytes ^ bytes >> 8) | (bytes ^ bytes >> 16);
        differs |= UINT64_C(0xffff) << 48; /* their followers are not here */
        if ((differs - ones) & ~differs & tops)
            return true;
    }
    for (i += 2; i < word.len; i++)
        if (word.ptr[i] == word.ptr[i - 1] && word.ptr[i] == word.ptr[i - 2])
            return true;
    return false;
}

typedef unsigned char runs_t __attribute__((vector_size(16)));

static inline runs_t load_small(const char *p)
{
    runs_t bytes;

    memcpy(&bytes, p, sizeof bytes);
    return bytes | 0x20; /* small letters; what else becomes equal by it does no harm */
}

/* Sixteen places at a time. What stands in words is '0' and above, beyond ASCII anything goes. */
bool lexicon_may_have_runs(Str text)
{
    runs_t found = {0};
    size_t i = 0;

    for (; i + 18 <= text.len; i += 16) {
        runs_t a = load_small(text.ptr + i), b = load_small(text.ptr + i + 1),
               c = load_small(text.ptr + i + 2);
        found |= (runs_t)(((a == b) & (b == c) & (a >= '0')) | (a >= 0x80));
    }
    for (; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i] | 0x20;
        if (byte >= 0x80 ||
            (byte >= '0' && i + 2 < text.len && byte == ((unsigned char)text.ptr[i + 1] | 0x20) &&
             byte == ((unsigned char)text.ptr[i + 2] | 0x20)))
            return true;
    }
    uint64_t halves[2];
    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
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
