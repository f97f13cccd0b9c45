#include "format/json_text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "format/number.h"

/* Escape letter of a control character that has one, else 0. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '"':
    case '\\':
        return (char)c;
    default:
        return 0;
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_special(struct buf *out, Str s, size_t *at)
{
    unsigned char c = (unsigned char)s.ptr[*at];
    char letter = short_escape(c);

    if (c >= 0x80) {
        uint32_t rune = str_next_rune(s, at);
        if (rune == 0x2028 || rune == 0x2029)
            buf_printf(out, "\\u%04x", (unsigned)rune);
        else
            buf_add_rune(out, rune);
        return;
    }
    (*at)++;
    if (letter)
        buf_add(out, (Str){(const char[]){'\\', letter}, 2});
    else
        buf_printf(out, "\\u%04x", (unsigned)c);
}

void json_text_str(struct buf *out, Str s)
{
    buf_add_byte(out, '"');
    for (size_t at = 0; at < s.len && !out->is_failed;) {
        size_t from = at;
        while (at < s.len && is_plain((unsigned char)s.ptr[at]))
            at++;
        if (at > from)
            buf_add(out, str_sub(s, from, at - from));
        if (at < s.len)
            put_special(out, s, &at);
    }
    buf_add_byte(out, '"');
}

void json_text_i64(struct buf *out, int64_t value)
{
    buf_printf(out, "%" PRId64, value);
}

void json_text_u64(struct buf *out, uint64_t value)
{
    buf_printf(out, "%" PRIu64, value);
}

void json_text_f64(struct buf *out, double value)
{
    char text[NUMBER_TEXT_SIZE];

    if (isfinite(value))
        buf_add(out, (Str){text, number_shortest(text, value)});
    else
        buf_lit(out, "null");
}

/* The value of \uXXXX at `at`, or -1 when no such escape stands there. */
static int escape_at(const char *text, size_t len, size_t at)
{
    int value = 0;

    if (len - at < 6 || text[at] != '\\' || text[at + 1] != 'u')
        return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

size_t json_text_mend_surrogates(char *text, size_t len)
{
    size_t count = 0;

    for (size_t at = 0; at < len;) {
        if (text[at] != '\\') {
            at++;
            continue;
        }
        int value = escape_at(text, len, at);
        if (value < 0xd800 || value > 0xdfff) {
            at += value < 0 ? 2 : 6; /* the escaped character is not looked at */
            continue;
        }
        int low = value < 0xdc00 && len - at >= 12 ? escape_at(text, len, at + 6) : -1;
        if (low >= 0xdc00 && low <= 0xdfff) {
            at += 12;
            continue;
        }
        memcpy(text + at + 2, "fffd", 4);
        count++;
        at += 6;
    }
    return count;
}
