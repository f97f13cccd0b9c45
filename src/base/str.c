#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES_MAX = 63 };

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Str str_from_cstr(const char *text)
{
    return text ? (Str){text, strlen(text)} : STR_NONE;
}

Str str_sub(Str s, size_t from, size_t len)
{
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (Str){s.ptr ? s.ptr + from : NULL, len};
}

Str str_trim(Str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_eq(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_eq_nocase(Str a, Str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
            return false;
    return true;
}

size_t str_distance_nocase(Str a, Str b)
{
    size_t row[STR_DISTANCE_BYTES_MAX + 1];

    if (a.len > STR_DISTANCE_BYTES_MAX || b.len > STR_DISTANCE_BYTES_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = corner + (ascii_lower(a.ptr[i - 1]) != ascii_lower(b.ptr[j - 1]));
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.len];
}

int str_cmp(Str a, Str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared > 0 ? memcmp(a.ptr, b.ptr, shared) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(Str s, Str prefix)
{
    return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(Str s, Str suffix)
{
    return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

size_t str_find(Str s, Str needle)
{
    if (needle.len == 0)
        return 0;
    if (needle.len > s.len)
        return s.len;
    const char *hit = memmem(s.ptr, s.len, needle.ptr, needle.len);
    return hit ? (size_t)(hit - s.ptr) : s.len;
}

size_t str_find_byte(Str s, char byte)
{
    const char *hit = s.len > 0 ? memchr(s.ptr, byte, s.len) : NULL;
    return hit ? (size_t)(hit - s.ptr) : s.len;
}

bool str_cut(Str in, char separator, Str *head, Str *tail)
{
    size_t at = str_find_byte(in, separator);

    *head = str_sub(in, 0, at);
    *tail = str_sub(in, at + 1, in.len);
    return at < in.len;
}

/* A number needs a terminator for strtod and friends; slices have none. */
static bool number_copy(Str s, char out[NUMBER_BYTES_MAX + 1])
{
    if (s.len == 0 || s.len > NUMBER_BYTES_MAX || is_blank(s.ptr[0]))
        return false;
    memcpy(out, s.ptr, s.len);
    out[s.len] = '\0';
    return strlen(out) == s.len;
}

bool str_to_i64(Str s, int64_t *out)
{
    char copy[NUMBER_BYTES_MAX + 1];
    char *end;

    if (!number_copy(s, copy))
        return false;
    errno = 0;
    long long value = strtoll(copy, &end, 10);
    if (errno != 0 || end != copy + s.len)
        return false;
    *out = value;
    return true;
}

bool str_to_u64(Str s, uint64_t *out)
{
    char copy[NUMBER_BYTES_MAX + 1];
    char *end;

    if (!number_copy(s, copy) || copy[0] == '-')
        return false;
    errno = 0;
    unsigned long long value = strtoull(copy, &end, 10);
    if (errno != 0 || end != copy + s.len)
        return false;
    *out = value;
    return true;
}

static bool is_decimal(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789+-.eE", s.ptr[i]))
            return false;
    return true;
}

bool str_to_f64(Str s, double *out)
{
    char copy[NUMBER_BYTES_MAX + 1];
    char *end;

    if (!number_copy(s, copy) || !is_decimal(s))
        return false;
    double value = strtod(copy, &end);
    if (end != copy + s.len || !isfinite(value))
        return false;
    *out = value;
    return true;
}

/* Length of the valid UTF-8 sequence at p (n bytes left), 0 when it is invalid. Table 3-7 of the
 * Unicode standard: the second byte's range depends on the first. */
static size_t sequence_length(const unsigned char *p, size_t n)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t length;

    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        length = 2;
    else if (p[0] >= 0xE0 && p[0] <= 0xEF)
        length = 3;
    else if (p[0] >= 0xF0 && p[0] <= 0xF4)
        length = 4;
    else
        return 0;
    if (p[0] == 0xE0)
        low = 0xA0;
    else if (p[0] == 0xED)
        high = 0x9F;
    else if (p[0] == 0xF0)
        low = 0x90;
    else if (p[0] == 0xF4)
        high = 0x8F;
    if (n < length || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

uint32_t str_next_rune(Str s, size_t *at)
{
    ASSERT(*at < s.len);
    const unsigned char *p = (const unsigned char *)s.ptr + *at;
    size_t length = sequence_length(p, s.len - *at);

    *at += length > 0 ? length : 1;
    switch (length) {
    case 1:
        return p[0];
    case 2:
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3:
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
               (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    default:
        return 0xFFFD;
    }
}

size_t str_put_rune(char out[4], uint32_t rune)
{
    ASSERT(rune <= 0x10FFFF);
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    if (rune < 0x800) {
        out[0] = (char)(0xC0 | rune >> 6);
        out[1] = (char)(0x80 | (rune & 0x3F));
        return 2;
    }
    if (rune < 0x10000) {
        out[0] = (char)(0xE0 | rune >> 12);
        out[1] = (char)(0x80 | (rune >> 6 & 0x3F));
        out[2] = (char)(0x80 | (rune & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | rune >> 18);
    out[1] = (char)(0x80 | (rune >> 12 & 0x3F));
    out[2] = (char)(0x80 | (rune >> 6 & 0x3F));
    out[3] = (char)(0x80 | (rune & 0x3F));
    return 4;
}

size_t str_utf8_invalid_at(Str s)
{
    const unsigned char *bytes = (const unsigned char *)s.ptr;
    size_t at = 0;

    while (at < s.len) {
        uint64_t word;
        if (s.len - at >= sizeof word) { /* most text is ASCII: eight bytes a step */
            memcpy(&word, bytes + at, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof word;
                continue;
            }
        }
        size_t length = sequence_length(bytes + at, s.len - at);
        if (length == 0)
            return at;
        at += length;
    }
    return at;
}

size_t str_slug(Str s, char *out, size_t room)
{
    size_t len = 0;

    for (size_t i = 0; i < s.len && len < room; i++) {
        char c = s.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[len++] = c;
        else if (len > 0 && out[len - 1] != '-')
            out[len++] = '-';
    }
    while (len > 0 && out[len - 1] == '-')
        len--;
    return len;
}

Str str_utf8_head(Str s, size_t most)
{
    if (s.len <= most)
        return s;
    while (most > 0 && ((unsigned char)s.ptr[most] & 0xC0) == 0x80)
        most--;
    return str_sub(s, 0, most);
}
