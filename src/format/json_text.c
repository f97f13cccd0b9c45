#include "format/json_text.h"

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

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (uint64_t)(value))

/* True: eight bytes from 0x20 to 0x7e, none of them a quote or backslash. */
static bool are_plain(const char *bytes)
{
    uint64_t word, high = EACH_BYTE(0x80);

    memcpy(&word, bytes, sizeof word);
    uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');
    uint64_t rubout = word ^ EACH_BYTE(0x7f);
    /* (x - 0x01..) & ~x has the top bit of a zero byte, for words without top bits */
    uint64_t odd = word | (word - EACH_BYTE(0x20)) | ((quote - EACH_BYTE(1)) & ~quote) |
                   ((backslash - EACH_BYTE(1)) & ~backslash) | ((rubout - EACH_BYTE(1)) & ~rubout);
    return (odd & high) == 0;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Where the run of bytes that are written as they are ends. Characters beyond ASCII belong to it,
 * but for the two line ends of Unicode, which scripts take for line ends, and invalid bytes. */
static size_t plain_run(Str s, size_t at)
{
    while (at < s.len) {
        if (at + 8 <= s.len && are_plain(s.ptr + at)) {
            at += 8;
            continue;
        }
        if (is_plain((unsigned char)s.ptr[at])) {
            at++;
            continue;
        }
        if ((unsigned char)s.ptr[at] < 0x80)
            return at;
        size_t behind = at;
        uint32_t rune = str_next_rune(s, &behind);
        if (rune == 0x2028 || rune == 0x2029 || rune == 0xfffd)
            return at;
        at = behind;
    }
    return at;
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
        at = plain_run(s, at);
        if (at > from)
            buf_add(out, str_sub(s, from, at - from));
        if (at < s.len)
            put_special(out, s, &at);
    }
    buf_add_byte(out, '"');
}

void json_text_i64(struct buf *out, int64_t value)
{
    if (value < 0)
        buf_add_byte(out, '-');
    json_text_u64(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_text_u64(struct buf *out, uint64_t value)
{
    char digits[20];
    size_t from = sizeof digits;

    do {
        digits[--from] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add(out, (Str){digits + from, sizeof digits - from});
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
