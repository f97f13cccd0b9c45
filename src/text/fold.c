/* Two ways lead to the same bytes. Text of common letters below U+0700 goes through a table, one
 * code point in, one out. The first code point that is not in the table sends the chunk through
 * utf8proc: compatibility decomposition with case folding, then either composed at once (accents
 * kept) or stripped of accents and composed. Case folding can lay bare another decomposition, so
 * the slow way is repeated until nothing changes (NFKC_Casefold is a fixed point). */
#include "text/fold_priv.h"

#include <string.h>
#include <utf8proc.h>

#include "text/unicode_priv.h"

enum { STABLE_ROUNDS_MAX = 3, APOSTROPHE = '\'' };

static bool is_apostrophe(uint32_t rune)
{
    return rune == 0x2019 || rune == 0x2018 || rune == 0x02bc || rune == 0xff07;
}

/* False: a code point was met that the table does not know. */
static bool fold_simple(Str in, char *folded, size_t *folded_len, char *plain, size_t *plain_len)
{
    size_t at = 0, f = 0, p = 0;

    while (at < in.len) {
        uint32_t rune = str_next_rune(in, &at);
        if (is_apostrophe(rune))
            rune = APOSTROPHE;
        if (rune >= UNICODE_SIMPLE_END || unicode_simple[rune].folded == 0)
            return false;
        const struct unicode_simple *simple = &unicode_simple[rune];
        f += str_put_rune(folded + f, simple->folded);
        if (plain)
            p += str_put_rune(plain + p, simple->plain);
    }
    *folded_len = f;
    *plain_len = p;
    return true;
}

/* Nonspacing marks that spell accents; not those that make another letter. */
static bool is_accent(int32_t rune, int32_t base)
{
    if (rune < 0x300)
        return false;
    if (rune == 0x306 && (base == 0x438 || base == 0x443)) /* Cyrillic short i and short u */
        return false;
    if (rune == 0x308 && base == 0x456) /* Ukrainian yi */
        return false;
    return rune <= 0x36f || (rune >= 0x1ab0 && rune <= 0x1aff) ||
           (rune >= 0x1dc0 && rune <= 0x1dff) || (rune >= 0x20d0 && rune <= 0x20dc) ||
           (rune >= 0x591 && rune <= 0x5c7 && rune != 0x5be && rune != 0x5c0 && rune != 0x5c3 &&
            rune != 0x5c6) ||
           (rune >= 0x64b && rune <= 0x652) || rune == 0x670;
}

/* Letters whose stroke Unicode does not decompose. */
static const char *without_stroke(int32_t rune)
{
    switch (rune) {
    case 0xe6:
        return "ae";
    case 0xf0:
        return "d";
    case 0xf8:
        return "o";
    case 0xfe:
        return "th";
    case 0x111:
        return "d";
    case 0x127:
        return "h";
    case 0x131:
        return "i";
    case 0x142:
        return "l";
    case 0x153:
        return "oe";
    default:
        return NULL;
    }
}

static size_t put_runes(const int32_t *runes, size_t count, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += str_put_rune(out + len, (uint32_t)runes[i]);
    return len;
}

/* Decomposed runes without accents into `out`. */
static size_t strip_accents(const int32_t *runes, size_t count, int32_t *out)
{
    size_t kept = 0;
    int32_t base = 0;

    for (size_t i = 0; i < count; i++) {
        const char *letters = without_stroke(runes[i]);
        if (utf8proc_get_property(runes[i])->combining_class == 0)
            base = runes[i];
        if (letters)
            for (; *letters; letters++)
                out[kept++] = *letters;
        else if (!is_accent(runes[i], base))
            out[kept++] = runes[i];
    }
    return kept;
}

static size_t compose(int32_t *runes, size_t count)
{
    utf8proc_ssize_t n = utf8proc_normalize_utf32(runes, (utf8proc_ssize_t)count,
                                                  UTF8PROC_STABLE | UTF8PROC_COMPOSE);

    ASSERT(n >= 0);
    return (size_t)n;
}

/* Decomposes, folds and sorts marks; invalid bytes give U+FFFD. Returns the count of runes. */
static size_t decompose(Str in, int32_t *runes)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                      UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    size_t at = 0, count = 0;

    while (at < in.len) {
        int last_boundary_class = 0;
        uint32_t rune = str_next_rune(in, &at);
        if (is_apostrophe(rune))
            rune = APOSTROPHE;
        utf8proc_ssize_t n = utf8proc_decompose_char(
            (utf8proc_int32_t)rune, runes + count, (utf8proc_ssize_t)(FOLD_CHUNK_RUNES_MAX - count),
            options, &last_boundary_class);
        ASSERT(n >= 0 && (size_t)n <= FOLD_CHUNK_RUNES_MAX - count);
        for (; n > 0; n--, count++)
            if (is_apostrophe((uint32_t)runes[count]))
                runes[count] = APOSTROPHE;
    }
    return count;
}

/* Canonical order: runs of combining marks sorted by class, stably (insertion sort). */
static void order_marks(int32_t *runes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int32_t rune = runes[i];
        int32_t class = utf8proc_get_property(rune)->combining_class;
        size_t k = i;
        for (; class != 0 && k > 0 && utf8proc_get_property(runes[k - 1])->combining_class > class;
             k--)
            runes[k] = runes[k - 1];
        runes[k] = rune;
    }
}

static size_t fold_slow(Str in, struct fold_scratch *s, bool is_stripped, char *out)
{
    size_t count = decompose(in, s->runes);

    order_marks(s->runes, count);
    if (is_stripped) {
        count = strip_accents(s->runes, count, s->copy);
        memcpy(s->runes, s->copy, count * sizeof s->runes[0]);
    }
    return put_runes(s->runes, compose(s->runes, count), out);
}

static size_t fold_until_stable(Str in, struct fold_scratch *s, bool is_stripped, char *out)
{
    size_t len = fold_slow(in, s, is_stripped, out);

    /* Of folded text two bytes give at most three code points, and it grows no more. */
    for (int round = 1; round < STABLE_ROUNDS_MAX && len * 3 / 2 < FOLD_CHUNK_RUNES_MAX; round++) {
        char again[FOLD_CHUNK_BYTES_MAX * FOLD_GROWTH_MAX];
        size_t again_len = fold_slow((Str){out, len}, s, is_stripped, again);
        if (again_len == len && memcmp(again, out, len) == 0)
            break;
        memcpy(out, again, again_len);
        len = again_len;
    }
    return len;
}

void fold_chunk(Str in, struct fold_scratch *scratch, char *folded, size_t *folded_len, char *plain,
                size_t *plain_len)
{
    ASSERT(in.len <= FOLD_CHUNK_BYTES_MAX);
    if (fold_simple(in, folded, folded_len, plain, plain_len))
        return;
    *folded_len = fold_until_stable(in, scratch, false, folded);
    if (plain)
        *plain_len = fold_until_stable(in, scratch, true, plain);
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* True when text may be cut before s[at] without parting a letter from its marks. */
static bool is_safe_cut(Str s, size_t at)
{
    if ((unsigned char)s.ptr[at] < 0x80)
        return true;
    if (is_continuation(s.ptr[at]))
        return false;
    uint32_t rune = str_next_rune(s, &at);
    enum word_break wb = unicode_word_break(rune);
    bool is_jamo = rune >= 0x1160 && rune <= 0x11ff;
    return wb != WB_EXTEND && wb != WB_ZWJ && wb != WB_FORMAT && !is_jamo &&
           !(rune >= 0xff9e && rune <= 0xff9f);
}

/* Offset of the first ASCII byte behind s[0] that is followed by another or by the end: what stands
 * before it cannot change by it, nor it by what follows. s.len when there is none. */
static size_t ascii_again(Str s)
{
    size_t at = 1;

    while (at < s.len && !((unsigned char)s.ptr[at] < 0x80 &&
                           (at + 1 == s.len || (unsigned char)s.ptr[at + 1] < 0x80)))
        at++;
    return at;
}

/* Length of the next chunk of s: up to plain ASCII, or up to the last safe cut, or up to a code
 * point. */
static size_t chunk_len(Str s)
{
    size_t at = FOLD_CHUNK_BYTES_MAX;

    s.len = ascii_again(str_sub(s, 0, FOLD_CHUNK_BYTES_MAX + 4));
    if (s.len <= at)
        return s.len;
    while (at > FOLD_CHUNK_BYTES_MAX / 2 && !is_safe_cut(s, at))
        at--;
    if (at > FOLD_CHUNK_BYTES_MAX / 2)
        return at;
    for (at = FOLD_CHUNK_BYTES_MAX; at > FOLD_CHUNK_BYTES_MAX - 4 && is_continuation(s.ptr[at]);)
        at--;
    return at;
}

static size_t ascii_len(Str s)
{
    size_t n = 0;

    while (n < s.len && (unsigned char)s.ptr[n] < 0x80)
        n++;
    return n;
}

static void fold_ascii(Str in, struct buf *out)
{
    char *room = buf_reserve(out, in.len);

    if (!room)
        return;
    for (size_t i = 0; i < in.len; i++)
        room[i] = (char)(in.ptr[i] + ((in.ptr[i] >= 'A' && in.ptr[i] <= 'Z') << 5));
    out->len += in.len;
}

void text_fold(Str in, enum fold_accents accents, struct buf *out)
{
    struct fold_scratch scratch;
    char folded[FOLD_CHUNK_BYTES_MAX * FOLD_GROWTH_MAX];
    char plain[FOLD_CHUNK_BYTES_MAX * FOLD_GROWTH_MAX];

    while (in.len > 0) {
        size_t n = ascii_len(in), folded_len = 0, plain_len = 0;
        if (n > 1 && n < in.len) /* the last letter may carry a mark */
            n--;
        if (n == in.len || n > 1) {
            fold_ascii(str_sub(in, 0, n), out);
        } else {
            bool is_stripped = accents == FOLD_STRIP_ACCENTS;
            n = chunk_len(in);
            fold_chunk(str_sub(in, 0, n), &scratch, folded, &folded_len, is_stripped ? plain : NULL,
                       &plain_len);
            buf_add(out, is_stripped ? (Str){plain, plain_len} : (Str){folded, folded_len});
        }
        in = str_sub(in, n, in.len);
    }
}
