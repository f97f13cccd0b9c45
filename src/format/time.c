#include "format/time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char day_names[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

#define ZONE_MINUTES_MAX (24 * 60)
#define SECONDS_BELOW    1e11
#define MILLIS_BELOW     1e14

/* Calendar */

/* Years are counted from March, so that the leap day is the last of the year, in eras of 400. */
int64_t time_days_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned time_days_in_month(int64_t year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    ASSERT(month >= 1 && month <= 12);
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int64_t time_floor(int64_t ms, int64_t period_ms)
{
    ASSERT(period_ms > 0);
    int64_t rest = ms % period_ms;
    return ms - (rest < 0 ? rest + period_ms : rest);
}

int64_t time_floor_week(int64_t ms)
{
    return time_floor(ms - 4 * TIME_DAY_MS, TIME_WEEK_MS) + 4 * TIME_DAY_MS;
}

int64_t time_floor_month(int64_t ms)
{
    Civil c = time_to_civil(ms);

    return time_days_from_civil(c.year, c.month, 1) * TIME_DAY_MS;
}

Civil time_to_civil(int64_t ms)
{
    ms = ms < TIME_MIN_MS ? TIME_MIN_MS : ms > TIME_MAX_MS ? TIME_MAX_MS : ms;
    int64_t days = time_floor(ms, TIME_DAY_MS) / TIME_DAY_MS;
    int64_t rest = ms - days * TIME_DAY_MS;
    int64_t shifted = days + 719468; /* >= 0 from year 1 on */
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March = 0 */

    return (Civil){
        .year = (int32_t)(year_of_era + era * 400 + (month >= 10)),
        .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
        .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1),
        .hour = (uint8_t)(rest / TIME_HOUR_MS),
        .minute = (uint8_t)(rest / TIME_MINUTE_MS % 60),
        .second = (uint8_t)(rest / TIME_SECOND_MS % 60),
        .ms = (uint16_t)(rest % TIME_SECOND_MS),
        .weekday = (uint8_t)(((days % 7) + 10) % 7), /* 1970-01-01 was a Thursday, 3 */
    };
}

bool time_from_civil(Civil c, int64_t *ms)
{
    if (c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day > time_days_in_month(c.year, c.month) || c.hour > 23 || c.minute > 59 ||
        c.second > 60 || c.ms > 999)
        return false;
    *ms = time_days_from_civil(c.year, c.month, c.day) * TIME_DAY_MS + c.hour * TIME_HOUR_MS +
          c.minute * TIME_MINUTE_MS + c.second * TIME_SECOND_MS + c.ms;
    return true;
}

/* Scanning: a cursor over the text; each step takes what it needs or says no. */

struct cursor {
    Str rest;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(const struct cursor *c)
{
    return c->rest.len > 0 ? c->rest.ptr[0] : '\0';
}

static bool take(struct cursor *c, char wanted)
{
    if (c->rest.len == 0 || c->rest.ptr[0] != wanted)
        return false;
    c->rest = str_sub(c->rest, 1, c->rest.len);
    return true;
}

static bool take_blanks(struct cursor *c)
{
    size_t before = c->rest.len;

    while (take(c, ' ') || take(c, '\t'))
        continue;
    return c->rest.len < before;
}

/* Between `least` and `most` digits, as many as there are. */
static bool take_number(struct cursor *c, unsigned least, unsigned most, unsigned *out)
{
    unsigned value = 0, count = 0;

    while (count < most && count < c->rest.len && is_digit(c->rest.ptr[count]))
        value = value * 10 + (unsigned)(c->rest.ptr[count++] - '0');
    if (count < least)
        return false;
    c->rest = str_sub(c->rest, count, c->rest.len);
    *out = value;
    return true;
}

static bool take_u8(struct cursor *c, unsigned least, unsigned most, uint8_t *out)
{
    unsigned value;

    if (!take_number(c, least, most, &value))
        return false;
    *out = (uint8_t)value;
    return true;
}

static Str take_word(struct cursor *c)
{
    size_t len = 0;

    while (len < c->rest.len && ((c->rest.ptr[len] >= 'A' && c->rest.ptr[len] <= 'Z') ||
                                 (c->rest.ptr[len] >= 'a' && c->rest.ptr[len] <= 'z')))
        len++;
    Str word = str_sub(c->rest, 0, len);
    c->rest = str_sub(c->rest, len, c->rest.len);
    return word;
}

/* ".25" or ",25": to milliseconds, further digits are cut. */
static bool take_fraction(struct cursor *c, uint16_t *ms)
{
    unsigned scale = 100, value = 0;

    if (!take(c, '.') && !take(c, ','))
        return true;
    if (!is_digit(peek(c)))
        return false;
    for (; is_digit(peek(c)); c->rest = str_sub(c->rest, 1, c->rest.len)) {
        value += (unsigned)(peek(c) - '0') * scale;
        scale /= 10;
    }
    *ms = (uint16_t)value;
    return true;
}

/* "08:15[:00[.25]]" */
static bool take_clock(struct cursor *c, Civil *at)
{
    if (!take_u8(c, 1, 2, &at->hour) || !take(c, ':') || !take_u8(c, 2, 2, &at->minute))
        return false;
    return !take(c, ':') || (take_u8(c, 2, 2, &at->second) && take_fraction(c, &at->ms));
}

/* "+01:00", "-0100", "+01" */
static bool take_offset(struct cursor *c, int *minutes)
{
    int sign = take(c, '+') ? 1 : take(c, '-') ? -1 : 0;
    unsigned hours, rest = 0;

    if (sign == 0 || !take_number(c, 2, 2, &hours))
        return false;
    if (take(c, ':')) {
        if (!take_number(c, 2, 2, &rest))
            return false;
    } else if (is_digit(peek(c)) && !take_number(c, 2, 2, &rest))
        return false;
    *minutes = sign * (int)(hours * 60 + rest);
    return rest < 60 && hours * 60 + rest <= ZONE_MINUTES_MAX;
}

static bool zone_minutes(Str name, int *minutes)
{
    static const struct {
        Str name;
        int hours;
    } zones[] = {
        {S_INIT("Z"), 0},    {S_INIT("UT"), 0},   {S_INIT("UTC"), 0},  {S_INIT("GMT"), 0},
        {S_INIT("EST"), -5}, {S_INIT("EDT"), -4}, {S_INIT("CST"), -6}, {S_INIT("CDT"), -5},
        {S_INIT("MST"), -7}, {S_INIT("MDT"), -6}, {S_INIT("PST"), -8}, {S_INIT("PDT"), -7},
        {S_INIT("CET"), 1},  {S_INIT("CEST"), 2}, {S_INIT("MEZ"), 1},  {S_INIT("BST"), 1},
        {S_INIT("A"), -1},   {S_INIT("M"), -12},  {S_INIT("N"), 1},    {S_INIT("Y"), 12},
    };

    for (size_t i = 0; i < COUNT_OF(zones); i++)
        if (str_eq_nocase(name, zones[i].name)) {
            *minutes = zones[i].hours * 60;
            return true;
        }
    return false;
}

/* Nothing (UTC), an offset, or a name, perhaps followed by an offset ("GMT+0100"). */
static bool take_zone(struct cursor *c, int *minutes)
{
    *minutes = 0;
    (void)take_blanks(c);
    if (c->rest.len == 0)
        return true;
    if (peek(c) == '+' || peek(c) == '-')
        return take_offset(c, minutes);
    if (!zone_minutes(take_word(c), minutes))
        return false;
    return (peek(c) != '+' && peek(c) != '-') || take_offset(c, minutes);
}

static bool month_number(Str name, uint8_t *month)
{
    for (size_t i = 0; i < COUNT_OF(month_names); i++)
        if (name.len >= 3 && str_eq_nocase(str_sub(name, 0, 3), str_from_cstr(month_names[i]))) {
            *month = (uint8_t)(i + 1);
            return true;
        }
    return false;
}

static bool finish(const struct cursor *c, Civil at, int zone, int64_t *ms)
{
    int64_t value;

    if (c->rest.len > 0 || !time_from_civil(at, &value))
        return false;
    value -= zone * TIME_MINUTE_MS;
    if (value < TIME_MIN_MS || value > TIME_MAX_MS)
        return false;
    *ms = value;
    return true;
}

/* Readers */

bool time_parse_iso(Str text, int64_t *ms)
{
    struct cursor c = {str_trim(text)};
    Civil at = {.month = 1, .day = 1};
    unsigned year;
    int zone = 0;

    if (!take_number(&c, 4, 4, &year))
        return false;
    at.year = (int32_t)year;
    if (take(&c, '-')) {
        if (!take_u8(&c, 2, 2, &at.month) || (take(&c, '-') && !take_u8(&c, 2, 2, &at.day)))
            return false;
    } else if (is_digit(peek(&c)) && (!take_u8(&c, 2, 2, &at.month) || !take_u8(&c, 2, 2, &at.day)))
        return false;
    if (take(&c, 'T') || take(&c, 't') || take_blanks(&c))
        if (!take_clock(&c, &at) || !take_zone(&c, &zone))
            return false;
    return finish(&c, at, zone, ms);
}

static bool take_year(struct cursor *c, Civil *at)
{
    size_t before = c->rest.len;
    unsigned year;

    if (!take_number(c, 2, 4, &year))
        return false;
    size_t digits = before - c->rest.len;
    if (digits == 2) /* RFC 5322, 4.3 */
        year += year < 50 ? 2000 : 1900;
    if (digits == 3)
        year += 1900;
    at->year = (int32_t)year;
    return true;
}

static void take_day_name(struct cursor *c)
{
    struct cursor before = *c;
    uint8_t month;
    Str word = take_word(c);

    if (word.len > 0 && month_number(word, &month) && peek(c) != ',')
        *c = before; /* it was the month */
    (void)take(c, '.');
    (void)take(c, ',');
    (void)take_blanks(c);
}

/* "14 Sep", "14-Sep", "Sep 14," */
static bool take_day_and_month(struct cursor *c, Civil *at)
{
    bool is_day_first = is_digit(peek(c));

    if (is_day_first && !take_u8(c, 1, 2, &at->day))
        return false;
    if (is_day_first && !take_blanks(c) && !take(c, '-'))
        return false;
    if (!month_number(take_word(c), &at->month))
        return false;
    (void)take(c, '.');
    if (is_day_first)
        return true;
    (void)take_blanks(c);
    return take_u8(c, 1, 2, &at->day) && (take(c, ',') || true);
}

bool time_parse_rfc822(Str text, int64_t *ms)
{
    struct cursor c = {str_trim(text)};
    Civil at = {0};
    int zone = 0;

    take_day_name(&c);
    if (!take_day_and_month(&c, &at) || (!take_blanks(&c) && !take(&c, '-')) || !take_year(&c, &at))
        return false;
    (void)take(&c, ',');
    if (take_blanks(&c) && is_digit(peek(&c)) && (!take_clock(&c, &at) || !take_zone(&c, &zone)))
        return false;
    return finish(&c, at, zone, ms);
}

bool time_parse_asctime(Str text, int64_t *ms)
{
    struct cursor c = {str_trim(text)};
    Civil at = {0};
    int zone = 0;

    take_day_name(&c);
    if (!month_number(take_word(&c), &at.month) || !take_blanks(&c) ||
        !take_u8(&c, 1, 2, &at.day) || !take_blanks(&c) || !take_clock(&c, &at) || !take_blanks(&c))
        return false;
    if (!is_digit(peek(&c))) {
        bool ok = peek(&c) == '+' || peek(&c) == '-' ? take_offset(&c, &zone)
                                                     : zone_minutes(take_word(&c), &zone);
        if (!ok || !take_blanks(&c))
            return false;
    }
    return take_year(&c, &at) && finish(&c, at, zone, ms);
}

/* 22.11.2026, 11/22/26, 2026/11/22: the numbers, how many digits each has, and what is between. */
struct date_numbers {
    unsigned number[3];
    size_t digits[3];
    char separator;
};

static bool take_numbers(struct cursor *c, struct date_numbers *out)
{
    for (size_t i = 0; i < 3; i++) {
        size_t before = c->rest.len;
        if (!take_number(c, 1, 4, &out->number[i]))
            return false;
        out->digits[i] = before - c->rest.len;
        if (i == 0)
            out->separator = peek(c);
        if (!memchr("./-", out->separator, 3))
            return false;
        if (i < 2 && !take(c, out->separator))
            return false;
        if (i < 2 && out->separator == '.')
            (void)take_blanks(c); /* "22. 11. 2026" */
    }
    bool is_year_first = out->digits[0] == 4;
    return out->digits[1] <= 2 && out->digits[is_year_first ? 2 : 0] <= 2 &&
           (is_year_first || out->digits[2] == 2 || out->digits[2] == 4);
}

static bool is_order_told(const struct date_numbers *date)
{
    return date->separator == '.' || date->digits[0] == 4;
}

enum time_order time_order_shown(Str text)
{
    struct cursor c = {str_trim(text)};
    struct date_numbers date;

    if (!take_numbers(&c, &date) || is_order_told(&date) || date.digits[2] != 4)
        return TIME_ORDER_NONE;
    if (date.number[0] > 12 && date.number[0] <= 31 && date.number[1] <= 12)
        return TIME_ORDER_DMY;
    if (date.number[1] > 12 && date.number[1] <= 31 && date.number[0] <= 12)
        return TIME_ORDER_MDY;
    return TIME_ORDER_OPEN;
}

static bool date_of_numbers(const struct date_numbers *date, enum time_order order, Civil *at)
{
    static const uint8_t places[][3] = {
        [TIME_ORDER_DMY] = {2, 1, 0}, [TIME_ORDER_MDY] = {2, 0, 1}, [TIME_ORDER_YMD] = {0, 1, 2}};

    if (date->digits[0] == 4)
        order = TIME_ORDER_YMD;
    else if (date->separator == '.')
        order = TIME_ORDER_DMY;
    if (order < TIME_ORDER_DMY)
        return false;
    const uint8_t *place = places[order];
    unsigned year = date->number[place[0]];
    if (date->digits[place[0]] == 2)
        year += year < 50 ? 2000 : 1900;
    else if (date->digits[place[0]] != 4)
        return false;
    if (date->number[place[1]] > 12 || date->number[place[2]] > 31)
        return false;
    at->year = (int32_t)year;
    at->month = (uint8_t)date->number[place[1]];
    at->day = (uint8_t)date->number[place[2]];
    return true;
}

/* A month in English or German, whole or its first letters; "Mrz" and the forms of Maerz too. */
static bool take_month_name(struct cursor *c, uint8_t *month)
{
    static const struct {
        Str start;
        uint8_t month;
    } german[] = {{S_INIT("m\xc3\xa4r"), 3}, {S_INIT("m\xc3\x84r"), 3}, {S_INIT("mrz"), 3},
                  {S_INIT("mae"), 3},        {S_INIT("mai"), 5},        {S_INIT("okt"), 10},
                  {S_INIT("dez"), 12}};
    size_t len = 0;

    while (len < c->rest.len && ((c->rest.ptr[len] >= 'A' && c->rest.ptr[len] <= 'Z') ||
                                 (c->rest.ptr[len] >= 'a' && c->rest.ptr[len] <= 'z') ||
                                 ((unsigned char)c->rest.ptr[len] & 0x80) != 0))
        len++;
    Str word = str_sub(c->rest, 0, len);
    c->rest = str_sub(c->rest, len, c->rest.len);
    (void)take(c, '.');
    for (size_t i = 0; i < COUNT_OF(german); i++)
        if (str_eq_nocase(str_sub(word, 0, german[i].start.len), german[i].start)) {
            *month = german[i].month;
            return true;
        }
    return month_number(word, month);
}

/* "22. November 2026", "Nov 22, 2026" */
static bool take_named_date(struct cursor *c, Civil *at)
{
    bool is_day_first = is_digit(peek(c));

    if (is_day_first && !take_u8(c, 1, 2, &at->day))
        return false;
    (void)take(c, '.');
    (void)take_blanks(c);
    if (!take_month_name(c, &at->month))
        return false;
    (void)take_blanks(c);
    if (!is_day_first && (!take_u8(c, 1, 2, &at->day) || (!take(c, ',') && peek(c) != ' ')))
        return false;
    (void)take_blanks(c);
    return take_year(c, at);
}

/* Nothing, or a time of day: "8:15", "8:15 PM", "08:15:30 Uhr". */
static bool take_time_of_day(struct cursor *c, Civil *at)
{
    (void)take(c, ',');
    if (!take_blanks(c) && !take(c, 'T'))
        return c->rest.len == 0;
    if (!take_clock(c, at))
        return false;
    (void)take_blanks(c);
    Str word = take_word(c);
    if (word.len == 0 || str_eq_nocase(word, S("Uhr")))
        return true;
    bool is_pm = str_eq_nocase(word, S("PM"));
    if ((!is_pm && !str_eq_nocase(word, S("AM"))) || at->hour < 1 || at->hour > 12)
        return false;
    at->hour = (uint8_t)(at->hour % 12 + (is_pm ? 12 : 0));
    return true;
}

bool time_parse_written(Str text, enum time_order order, int64_t *ms)
{
    struct cursor c = {str_trim(text)}, named = c;
    struct date_numbers date;
    Civil at = {0};

    if (take_numbers(&c, &date)) {
        if (!date_of_numbers(&date, order, &at))
            return false;
    } else if (take_named_date(&named, &at))
        c = named;
    else
        return false;
    return take_time_of_day(&c, &at) && finish(&c, at, 0, ms);
}

bool time_from_epoch(double value, int64_t *ms)
{
    double size = fabs(value);

    if (!isfinite(value))
        return false;
    value = size < SECONDS_BELOW ? value * 1e3 : size < MILLIS_BELOW ? value : value / 1e3;
    value = floor(value + 0.5);
    if (value < (double)TIME_MIN_MS || value > (double)TIME_MAX_MS)
        return false;
    *ms = (int64_t)value;
    return true;
}

bool time_parse_epoch(Str text, int64_t *ms)
{
    double value;

    return str_to_f64(str_trim(text), &value) && time_from_epoch(value, ms);
}

bool time_parse(Str text, int64_t *ms)
{
    return time_parse_iso(text, ms) || time_parse_rfc822(text, ms) ||
           time_parse_asctime(text, ms) || time_parse_epoch(text, ms);
}

/* Writers */

/* Writes `count` digits and the byte behind them; returns the place behind. */
static char *put_digits(char *at, unsigned value, int count, char behind)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    at[count] = behind;
    return at + count + 1;
}

/* Written by hand: every post that is written out has one. */
TimeText time_rfc3339(int64_t ms)
{
    Civil c = time_to_civil(ms);
    TimeText out = {0};
    char *at = put_digits(out.text, (unsigned)c.year, 4, '-');

    at = put_digits(at, c.month, 2, '-');
    at = put_digits(at, c.day, 2, 'T');
    at = put_digits(at, c.hour, 2, ':');
    at = put_digits(at, c.minute, 2, ':');
    at = put_digits(at, c.second, 2, c.ms > 0 ? '.' : 'Z');
    if (c.ms > 0)
        put_digits(at, c.ms, 3, 'Z');
    return out;
}

TimeText time_date(int64_t ms)
{
    Civil c = time_to_civil(ms);
    TimeText out;

    snprintf(out.text, sizeof out.text, "%04d-%02u-%02u", c.year, c.month, c.day);
    return out;
}

TimeText time_minute(int64_t ms)
{
    Civil c = time_to_civil(ms);
    TimeText out;

    snprintf(out.text, sizeof out.text, "%04d-%02u-%02u %02u:%02u", c.year, c.month, c.day, c.hour,
             c.minute);
    return out;
}

TimeText time_http(int64_t ms)
{
    Civil c = time_to_civil(ms);
    TimeText out;

    snprintf(out.text, sizeof out.text, "%s, %02u %s %04d %02u:%02u:%02u GMT", day_names[c.weekday],
             c.day, month_names[c.month - 1], c.year, c.hour, c.minute, c.second);
    return out;
}
