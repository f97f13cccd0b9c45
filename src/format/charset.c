#include "format/charset.h"

#include <string.h>

#define BAD_BYTE ((char)0xff)

const char *charset_name(enum charset charset)
{
    static const char *const names[] = {[CHARSET_UTF_8] = "UTF-8",
                                        [CHARSET_UTF_16_LE] = "UTF-16",
                                        [CHARSET_UTF_16_BE] = "UTF-16",
                                        [CHARSET_WINDOWS_1252] = "Windows-1252"};

    return names[charset];
}

bool charset_of_mark(Str head, enum charset *out)
{
    if (str_starts(head, S("\xef\xbb\xbf")))
        *out = CHARSET_UTF_8;
    else if (str_starts(head, S("\xff\xfe")))
        *out = CHARSET_UTF_16_LE;
    else if (str_starts(head, S("\xfe\xff")))
        *out = CHARSET_UTF_16_BE;
    else
        return false;
    return true;
}

uint32_t windows_1252_rune(unsigned char byte)
{
    static const uint16_t runes[32] = {
        0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

    return byte >= 0x80 && byte <= 0x9f ? runes[byte - 0x80] : byte;
}

/* How many bytes at the front are ASCII. */
static size_t ascii_len(Str text)
{
    size_t at = 0;
    uint64_t word;

    for (; text.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < text.len && !((unsigned char)text.ptr[at] & 0x80))
        at++;
    return at;
}

/* ---- weighing -------------------------------------------------------------------------------- */

/* The first byte of a character says how many follow and between which bounds the next one lies
 * (The Unicode Standard, table 3-7). */
static void weigh_first(struct charset_weight *w, unsigned char c)
{
    w->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    w->high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (c < 0xc2 || c > 0xf4)
        w->bad_bytes += c >= 0x80;
    else
        w->due = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
}

static void weigh_byte(struct charset_weight *w, unsigned char c)
{
    if (w->due > 0 && c >= w->low && c <= w->high) {
        w->low = 0x80;
        w->high = 0xbf;
        w->characters += --w->due == 0;
        return;
    }
    charset_weigh_end(w);
    weigh_first(w, c);
}

void charset_weigh(struct charset_weight *w, Str part)
{
    for (size_t at = 0; at < part.len; at++) {
        if (w->due == 0)
            at += ascii_len(str_sub(part, at, part.len));
        if (at < part.len)
            weigh_byte(w, (unsigned char)part.ptr[at]);
    }
}

void charset_weigh_end(struct charset_weight *w)
{
    w->bad_bytes += w->due > 0;
    w->due = 0;
}

enum charset charset_weighed(const struct charset_weight *w)
{
    return w->bad_bytes > w->characters ? CHARSET_WINDOWS_1252 : CHARSET_UTF_8;
}

/* ---- converting ------------------------------------------------------------------------------ */

static void add_windows_1252(Str part, struct buf *out)
{
    while (part.len > 0) {
        size_t plain = ascii_len(part);
        buf_add(out, str_sub(part, 0, plain));
        if (plain < part.len)
            buf_add_rune(out, windows_1252_rune((unsigned char)part.ptr[plain++]));
        part = str_sub(part, plain, part.len);
    }
}

static void add_unit(struct charset_stream *s, uint32_t unit, struct buf *out)
{
    bool is_low = unit >= 0xdc00 && unit <= 0xdfff;

    if (s->high != 0 && is_low) {
        buf_add_rune(out, 0x10000 + ((s->high - 0xd800) << 10) + (unit - 0xdc00));
        s->high = 0;
        return;
    }
    if (s->high != 0 || is_low)
        buf_add_byte(out, BAD_BYTE);
    s->high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
    if (s->high == 0 && !is_low)
        buf_add_rune(out, unit);
}

static void add_utf_16(struct charset_stream *s, Str part, struct buf *out)
{
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.ptr[i];
        s->has_half = !s->has_half;
        if (s->has_half)
            s->half = c;
        else
            add_unit(s,
                     s->charset == CHARSET_UTF_16_LE ? (uint32_t)c << 8 | s->half
                                                     : (uint32_t)s->half << 8 | c,
                     out);
    }
}

void charset_add(struct charset_stream *s, Str part, struct buf *out)
{
    switch (s->charset) {
    case CHARSET_UTF_8:
        buf_add(out, part);
        return;
    case CHARSET_WINDOWS_1252:
        add_windows_1252(part, out);
        return;
    case CHARSET_UTF_16_LE:
    case CHARSET_UTF_16_BE:
        add_utf_16(s, part, out);
        return;
    }
}

void charset_end(struct charset_stream *s, struct buf *out)
{
    if (s->high != 0 || s->has_half)
        buf_add_byte(out, BAD_BYTE);
    s->high = 0;
    s->has_half = false;
}
