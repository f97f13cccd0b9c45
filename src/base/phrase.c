#include "base/phrase.h"

#include <stdio.h>
#include <string.h>

/* The end of the conversion that starts with the % at `at` (C11, 7.21.6.1). */
static const char *conversion_end(const char *at)
{
    at += 1 + strspn(at + 1, "-+ #0123456789.*'");
    at += strspn(at, "hljztL");
    return *at ? at + 1 : at;
}

static bool is_percent(const char *at)
{
    return at[0] == '%' && at[1] == '%';
}

/* The conversions alone, each followed by the end mark; their number, or -1 when it does not fit.
 */
static int conversions_of(char *out, size_t size, const char *format)
{
    size_t used = 0;
    int count = 0;

    for (const char *at = format; (at = strchr(at, '%')) != NULL;) {
        const char *end = is_percent(at) ? at + 2 : conversion_end(at);
        size_t len = (size_t)(end - at);
        if (!is_percent(at)) {
            if (used + len + 2 > size)
                return -1;
            memcpy(out + used, at, len);
            out[used + len] = PHRASE_VALUE_END;
            used += len + 1;
            count++;
        }
        at = end;
    }
    out[used] = '\0';
    return count;
}

static int count_ends(const char *text, size_t len)
{
    int count = 0;

    for (size_t i = 0; i < len; i++)
        count += text[i] == PHRASE_VALUE_END;
    return count;
}

bool phrase_values(char *out, size_t size, size_t *used, const char *format, va_list args)
{
    char conversions[256];
    int count = conversions_of(conversions, sizeof conversions, format);

    *used = 0;
    if (count < 0 || count > PHRASE_VALUES_MAX || size == 0)
        return false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int len = vsnprintf(out, size, conversions, args);
#pragma GCC diagnostic pop
    if (len < 0 || (size_t)len >= size || count_ends(out, (size_t)len) != count)
        return false;
    *used = (size_t)len;
    return true;
}

bool phrase_pattern(char *out, size_t size, const char *format)
{
    size_t used = 0;
    int number = 0;

    for (const char *at = format; *at;) {
        char place[2] = {'%', (char)('1' + number)};
        bool is_value = *at == '%' && !is_percent(at);
        size_t len = is_value ? sizeof place : is_percent(at) ? 2 : 1;
        if (used + len >= size || (is_value && ++number > PHRASE_VALUES_MAX))
            return false;
        memcpy(out + used, is_value ? place : at, len);
        used += len;
        at = is_value ? conversion_end(at) : at + len;
    }
    if (size == 0)
        return false;
    out[used] = '\0';
    return true;
}

static bool value_at(Str values, int number, Str *value)
{
    Str head = STR_NONE;

    while (number-- > 0)
        if (!str_cut(values, PHRASE_VALUE_END, &head, &values))
            return false;
    *value = head;
    return true;
}

size_t phrase_size(Str pattern, Str values)
{
    return pattern.len + PHRASE_VALUES_MAX * values.len;
}

size_t phrase_fill(char *out, size_t size, Str pattern, Str values)
{
    size_t used = 0;

    for (size_t i = 0; i < pattern.len; i++) {
        char next = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';
        Str piece = {pattern.ptr + i, 1};
        bool is_place = pattern.ptr[i] == '%' && next >= '1' && next <= '9';
        if (is_place && value_at(values, next - '0', &piece))
            i++;
        else if (pattern.ptr[i] == '%' && next == '%')
            i++;
        size_t len = piece.len < size - used ? piece.len : size - used;
        if (len > 0)
            memcpy(out + used, piece.ptr, len);
        used += len;
    }
    return used;
}

size_t phrase_keep(char *out, size_t size, const char *format, va_list args)
{
    size_t used = 0, len;

    if (size < 2 || !phrase_pattern(out, size - 1, format))
        return 0;
    used = strlen(out);
    out[used++] = PHRASE_VALUE_END;
    if (!phrase_values(out + used, size - used, &len, format, args) || used + len >= size ||
        memchr(out + used, PHRASE_END, len))
        return 0;
    out[used + len] = PHRASE_END;
    return used + len + 1;
}

bool phrase_take(Str *kept, Str *pattern, Str *values)
{
    Str phrase;

    return str_cut(*kept, PHRASE_END, &phrase, kept) &&
           str_cut(phrase, PHRASE_VALUE_END, pattern, values);
}
