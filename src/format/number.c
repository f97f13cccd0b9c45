#include "format/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PLAIN_EXPONENT_MAX = 17, PLAIN_EXPONENT_MIN = -6, DIGITS_MAX = 17 };

static size_t put(char *out, size_t at, const char *bytes, size_t count)
{
    memcpy(out + at, bytes, count);
    return at + count;
}

static size_t put_zeros(char *out, size_t at, int count)
{
    for (int i = 0; i < count; i++)
        out[at++] = '0';
    return at;
}

/* 0.digits x 10^exponent; `exponent` digits stand in front of the point. */
static size_t put_plain(char *out, size_t at, const char *digits, size_t count, int exponent)
{
    if (exponent <= 0) {
        at = put(out, at, "0.", 2);
        at = put_zeros(out, at, -exponent);
        return put(out, at, digits, count);
    }
    if ((size_t)exponent >= count) {
        at = put(out, at, digits, count);
        return put_zeros(out, at, exponent - (int)count);
    }
    at = put(out, at, digits, (size_t)exponent);
    at = put(out, at, ".", 1);
    return put(out, at, digits + exponent, count - (size_t)exponent);
}

static size_t put_scientific(char *out, size_t at, const char *digits, size_t count, int exponent)
{
    at = put(out, at, digits, 1);
    if (count > 1) {
        at = put(out, at, ".", 1);
        at = put(out, at, digits + 1, count - 1);
    }
    int len = snprintf(out + at, NUMBER_TEXT_SIZE - at, "e%+d", exponent - 1);
    return at + (size_t)len;
}

size_t number_shortest(char out[NUMBER_TEXT_SIZE], double value)
{
    char digits[NUMBER_TEXT_SIZE];
    int exponent;
    size_t at = 0;

    ASSERT(isfinite(value));
    if (signbit(value)) {
        out[at++] = '-';
        value = -value;
    }
    if (value == 0) /* "-0" would be read as a whole number, which has no sign of zero */
        return at > 0 ? put(out, at, "0.0", 3) : put(out, at, "0", 1);
    size_t count = number_shortest_digits(digits, &exponent, value);
    ASSERT(count >= 1 && count <= DIGITS_MAX);
    if (exponent > PLAIN_EXPONENT_MIN && exponent <= PLAIN_EXPONENT_MAX)
        return put_plain(out, at, digits, count, exponent);
    return put_scientific(out, at, digits, count, exponent);
}

int number_decimals(double value)
{
    double size = fabs(value);

    if (size == floor(size) || size >= 1000)
        return 0;
    return size >= 100 ? 1 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
}
