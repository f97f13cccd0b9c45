#include "listen/query/query_field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIELD(f) QUERY_FIELD_##f

/* The first row of a field is its canonical spelling; the others are aliases. */
static const struct query_field_info rows[] = {
    {"title", QUERY_VALUE_TEXT, 0, QUERY_IN_TITLE, "words, a phrase or a group", NULL},
    {"body", QUERY_VALUE_TEXT, 0, QUERY_IN_BODY, "words, a phrase or a group", NULL},
    {"lead", QUERY_VALUE_TEXT, 0, QUERY_IN_LEAD, "words, a phrase or a group", NULL},
    {"author", QUERY_VALUE_KEY, FIELD(AUTHOR), 0, "an id, handle or name", NULL},
    {"author_like", QUERY_VALUE_PART, FIELD(AUTHOR_LIKE), 0, "a part of a handle or name", NULL},
    {"lang", QUERY_VALUE_KEY, FIELD(LANG), 0, "a language code such as en", NULL},
    {"language", QUERY_VALUE_KEY, FIELD(LANG), 0, "a language code such as en", NULL},
    {"site", QUERY_VALUE_ADDRESS, FIELD(SITE), 0, "a host such as example.org", NULL},
    {"tld", QUERY_VALUE_KEY, FIELD(TLD), 0, "the end of a host such as de or co.uk", NULL},
    {"url", QUERY_VALUE_ADDRESS, FIELD(URL), 0, "a web address, with * at the end if wanted", NULL},
    {"links", QUERY_VALUE_ADDRESS, FIELD(LINKS), 0, "a host or host/path", NULL},
    {"link", QUERY_VALUE_ADDRESS, FIELD(LINKS), 0, "a host or host/path", NULL},
    {"source", QUERY_VALUE_KEY, FIELD(SOURCE), 0, "the name of a source", NULL},
    {"channel", QUERY_VALUE_KEY, FIELD(CHANNEL), 0, "a community, group or channel", NULL},
    {"kind", QUERY_VALUE_KEY, FIELD(KIND), 0,
     "post, comment, reply, review, article, repost or quote", NULL},
    {"type", QUERY_VALUE_KEY, FIELD(KIND), 0,
     "post, comment, reply, review, article, repost or quote", NULL},
    {"country", QUERY_VALUE_KEY, FIELD(COUNTRY), 0, "a country code such as DE or DEU", NULL},
    {"dataset", QUERY_VALUE_KEY, FIELD(DATASET), 0, "the name of an import", NULL},
    {"thread", QUERY_VALUE_KEY, FIELD(THREAD), 0, "the id of a conversation", NULL},
    {"id", QUERY_VALUE_KEY, FIELD(ID), 0, "the id of a post", NULL},
    {"replyto", QUERY_VALUE_KEY, FIELD(REPLY_TO), 0, "the id or author of a post", NULL},
    {"product", QUERY_VALUE_KEY, FIELD(PRODUCT), 0, "the name of a reviewed product", NULL},
    {"mention", QUERY_VALUE_KEY, FIELD(MENTION), 0, "a handle", NULL},
    {"mentions", QUERY_VALUE_KEY, FIELD(MENTION), 0, "a handle", NULL},
    {"hashtag", QUERY_VALUE_WORD, 0, 0, "a tag without #", NULL},
    {"hashtags", QUERY_VALUE_WORD, 0, 0, "a tag without #", NULL},
    {"verified", QUERY_VALUE_CHOICE, FIELD(VERIFIED), 0, "yes or no", "yes no"},
    {"sentiment", QUERY_VALUE_CHOICE, FIELD(SENTIMENT), 0, "positive, neutral or negative",
     "positive neutral negative"},
    {"followers", QUERY_VALUE_NUMBER, FIELD(FOLLOWERS), 0, "a number or [a TO b]", NULL},
    {"rating", QUERY_VALUE_NUMBER, FIELD(RATING), 0, "a number or [a TO b]", NULL},
    {"engagement", QUERY_VALUE_NUMBER, FIELD(ENGAGEMENT), 0, "a number or [a TO b]", NULL},
    {"views", QUERY_VALUE_NUMBER, FIELD(VIEWS), 0, "a number or [a TO b]", NULL},
    {"minute", QUERY_VALUE_NUMBER, FIELD(MINUTE), 0, "a minute of the day or [a TO b]", NULL},
    {"after", QUERY_VALUE_TIME, FIELD(TIME), 0, "a date such as 2026-11-22", NULL},
    {"before", QUERY_VALUE_TIME, FIELD(TIME), 0, "a date such as 2026-11-22", NULL},
};

const struct query_field_info *query_field_find(Str name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq_nocase(name, str_from_cstr(rows[i].name)))
            return &rows[i];
    return NULL;
}

const struct query_field_info *query_field_row(enum query_field field)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].field == field && rows[i].value != QUERY_VALUE_TEXT &&
            rows[i].value != QUERY_VALUE_WORD)
            return &rows[i];
    UNREACHABLE("every field has a row");
}

static unsigned lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A' + 'a') : (unsigned char)c;
}

const struct query_field_info *query_field_suggest(Str name)
{
    const struct query_field_info *best = NULL;
    size_t best_distance = 3;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t d = str_distance_nocase(name, str_from_cstr(rows[i].name));
        if (d < best_distance && d * 2 < name.len + 1) {
            best_distance = d;
            best = &rows[i];
        }
    }
    return best;
}

/* --- time: proleptic Gregorian calendar, days from civil after Hinnant (2013) --- */

static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + (int64_t)doe - 719468;
}

static bool digits(Str s, size_t at, size_t n, unsigned *out)
{
    unsigned value = 0;

    if (at + n > s.len)
        return false;
    for (size_t i = at; i < at + n; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        value = value * 10 + (unsigned)(s.ptr[i] - '0');
    }
    *out = value;
    return true;
}

static bool is_at(Str s, size_t at, char byte)
{
    return at < s.len && s.ptr[at] == byte;
}

static unsigned days_of_month(unsigned y, unsigned m)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 29 : days[m - 1];
}

/* "Z", "+02:00", "-0530" or nothing (UTC), up to the end of s. Minutes east of Greenwich. */
static bool parse_zone(Str s, size_t at, int64_t *minutes)
{
    unsigned h, m;

    *minutes = 0;
    if (at == s.len || (at + 1 == s.len && (s.ptr[at] == 'Z' || s.ptr[at] == 'z')))
        return true;
    char sign = s.ptr[at];
    size_t colon = is_at(s, at + 3, ':') ? 1 : 0;
    if ((sign != '+' && sign != '-') || !digits(s, at + 1, 2, &h) ||
        !digits(s, at + 3 + colon, 2, &m) || at + 5 + colon != s.len || h > 23 || m > 59)
        return false;
    *minutes = (int64_t)(h * 60 + m) * (sign == '-' ? -1 : 1);
    return true;
}

bool query_time_parse(Str s, int64_t *ms)
{
    unsigned y, mo, d, h = 0, mi = 0, sec = 0, milli = 0;
    int64_t zone = 0;
    size_t at = 10;

    if (!digits(s, 0, 4, &y) || !is_at(s, 4, '-') || !digits(s, 5, 2, &mo) || !is_at(s, 7, '-') ||
        !digits(s, 8, 2, &d) || mo < 1 || mo > 12 || d < 1 || d > days_of_month(y, mo))
        return false;
    if (s.len > 10) {
        if ((s.ptr[10] != 'T' && s.ptr[10] != 't' && s.ptr[10] != ' ') || !digits(s, 11, 2, &h) ||
            !is_at(s, 13, ':') || !digits(s, 14, 2, &mi))
            return false;
        at = 16;
        if (is_at(s, at, ':')) {
            if (!digits(s, 17, 2, &sec))
                return false;
            at = 19;
        }
        if (is_at(s, at, '.')) {
            unsigned weight = 100;
            for (at++; at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9'; at++, weight /= 10)
                milli += (unsigned)(s.ptr[at] - '0') * weight;
        }
        if (h > 23 || mi > 59 || sec > 59 || !parse_zone(s, at, &zone))
            return false;
    }
    int64_t minutes = days_from_civil(y, mo, d) * 1440 + h * 60 + mi - zone;
    *ms = (minutes * 60 + sec) * 1000 + milli;
    return true;
}

void query_time_print(int64_t ms, struct buf *out)
{
    int64_t day = ms / 86400000, rest = ms % 86400000;

    if (rest < 0) {
        rest += 86400000;
        day--;
    }
    int64_t z = day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    unsigned d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    int64_t y = (int64_t)yoe + era * 400 + (m <= 2);

    buf_printf(out, "%04lld-%02u-%02u", (long long)y, m, d);
    if (rest == 0)
        return;
    unsigned s = (unsigned)(rest / 1000), milli = (unsigned)(rest % 1000);
    buf_printf(out, "T%02u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
    if (milli > 0)
        buf_printf(out, ".%03u", milli);
    buf_lit(out, "Z");
}

void query_number_print(double number, struct buf *out)
{
    char text[40];

    if (isinf(number)) {
        buf_lit(out, "*");
        return;
    }
    for (int precision = 6; precision <= 17; precision++) {
        double back;
        snprintf(text, sizeof text, "%.*g", precision, number);
        if (fabs(number) < 1e15 && number == floor(number))
            snprintf(text, sizeof text, "%.0f", number);
        if (str_to_f64(str_from_cstr(text), &back) && back == number)
            break;
    }
    buf_add(out, str_from_cstr(text));
}

static Str without_scheme(Str address)
{
    size_t at = str_find(address, S("://"));

    if (at < address.len && at <= 8)
        address = str_sub(address, at + 3, address.len);
    if (address.len > 4 && str_eq_nocase(str_sub(address, 0, 4), S("www.")))
        address = str_sub(address, 4, address.len);
    return address;
}

Str query_address_host(Str address)
{
    Str rest = without_scheme(address);
    size_t len = 0;

    while (len < rest.len && !strchr("/?#:", rest.ptr[len]))
        len++;
    return str_sub(rest, 0, len);
}

void query_address_fold(Str address, struct buf *out)
{
    Str rest = without_scheme(address);
    size_t host = query_address_host(address).len;

    rest = str_sub(rest, 0, str_find_byte(rest, '#'));
    while (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
        rest.len--;
    for (size_t i = 0; i < rest.len; i++)
        buf_add_byte(out, i < host ? (char)lower(rest.ptr[i]) : rest.ptr[i]);
}
