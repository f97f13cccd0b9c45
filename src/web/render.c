#include "web/render.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "format/number.h"
#include "web/asset.h"

enum { NUMBER_BYTES_MAX = 400 }; /* a double of 1e308 with group separators */

/* ---- numbers ---- */

/* Digits with separators: "-1234567.5" to "-1,234,567.5" in the language's way. */
static void add_grouped(struct buf *out, const struct i18n_language *language, const char *digits)
{
    const char *point = strchr(digits, '.');
    size_t whole = point ? (size_t)(point - digits) : strlen(digits), at = 0;

    if (digits[0] == '-') {
        buf_lit(out, "\u2212");
        at = 1;
    }
    for (; at < whole; at++) {
        buf_add_byte(out, digits[at]);
        size_t left = whole - at - 1;
        if (left > 0 && left % 3 == 0)
            buf_add(out, language->group);
    }
    if (point) {
        buf_add(out, language->decimal);
        buf_add(out, str_from_cstr(point + 1));
    }
}

static void add_short(struct buf *out, const struct i18n_language *language, double value)
{
    static const struct {
        double from;
        const char *unit;
    } steps[] = {{1e9, "\u202fG"}, {1e6, "\u202fM"}, {1e4, "\u202fk"}};
    char digits[NUMBER_BYTES_MAX];
    const char *unit = "";

    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (fabs(value) >= steps[i].from) {
            value /= steps[i].from == 1e4 ? 1e3 : steps[i].from;
            unit = steps[i].unit;
            break;
        }
    int decimals = unit[0] == '\0' ? number_decimals(value) : fabs(value) < 100 ? 1 : 0;
    (void)snprintf(digits, sizeof digits, "%.*f", decimals, value);
    add_grouped(out, language, digits);
    buf_add(out, str_from_cstr(unit));
}

static void add_double(struct buf *out, const struct i18n_language *language, double value,
                       int decimals, unsigned flags)
{
    char digits[NUMBER_BYTES_MAX];

    if (!isfinite(value)) {
        buf_lit(out, "\u2013");
        return;
    }
    if (flags & RENDER_PERCENT)
        value *= 100;
    if ((flags & RENDER_SIGN) && value > 0)
        buf_lit(out, "+");
    if (flags & RENDER_SHORT)
        add_short(out, language, value);
    else {
        (void)snprintf(digits, sizeof digits, "%.*f",
                       decimals < 0 ? number_decimals(value) : decimals, value);
        if (strspn(digits, "-0.") == strlen(digits) && digits[0] == '-')
            memmove(digits, digits + 1, strlen(digits)); /* no minus before zero */
        add_grouped(out, language, digits);
    }
    if (flags & RENDER_PERCENT)
        buf_lit(out, "\u202f%");
}

Str render_double_str(struct arena *arena, const struct i18n_language *language, double value,
                      int decimals, unsigned flags)
{
    struct buf text;

    buf_init(&text, 2 * NUMBER_BYTES_MAX);
    add_double(&text, language, value, decimals, flags);
    Str copy = arena_str(arena, buf_str(&text));
    buf_deinit(&text);
    return copy;
}

void render_double(struct html *h, const struct render_env *env, double value, int decimals,
                   unsigned flags)
{
    add_double(&h->out, env->language, value, decimals, flags);
}

void render_int(struct html *h, const struct render_env *env, int64_t value, unsigned flags)
{
    char digits[24];

    if (flags & RENDER_SHORT) {
        add_short(&h->out, env->language, (double)value);
        return;
    }
    if ((flags & RENDER_SIGN) && value > 0)
        html_lit(h, "+");
    (void)snprintf(digits, sizeof digits, "%lld", (long long)value);
    add_grouped(&h->out, env->language, digits);
}

void render_digits(struct html *h, int64_t value)
{
    html_i64(h, value);
}

bool render_is_number(double value)
{
    return isfinite(value);
}

void render_real(struct html *h, double value)
{
    char digits[NUMBER_TEXT_SIZE];

    if (isfinite(value))
        buf_add(&h->out, (Str){digits, number_shortest(digits, value)});
}

/* ---- time ---- */

static struct tm utc_of(int64_t at_ms)
{
    time_t seconds = (time_t)(at_ms >= 0 ? at_ms / 1000 : (at_ms - 999) / 1000);
    struct tm parts = {0};

    (void)gmtime_r(&seconds, &parts);
    return parts;
}

static void add_rfc3339(struct buf *out, int64_t at_ms)
{
    struct tm t = utc_of(at_ms);

    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
               t.tm_hour, t.tm_min, t.tm_sec);
}

void render_rfc3339(struct html *h, int64_t at_ms)
{
    add_rfc3339(&h->out, at_ms);
}

static void add_date(struct buf *out, const struct i18n_language *language, const struct tm *t,
                     enum render_moment moment)
{
    static const char *const months[] = {TR("Jan"), TR("Feb"), TR("Mar"), TR("Apr"),
                                         TR("May"), TR("Jun"), TR("Jul"), TR("Aug"),
                                         TR("Sep"), TR("Oct"), TR("Nov"), TR("Dec")};
    Str month = i18n_text(language, STR_NONE, str_from_cstr(months[t->tm_mon]));

    if (moment == RENDER_MONTH)
        buf_printf(out, STR_F " %d", STR_A(month), t->tm_year + 1900);
    else if (language->is_day_first_dotted && moment == RENDER_DAY)
        buf_printf(out, "%d. " STR_F, t->tm_mday, STR_A(month));
    else if (language->is_day_first_dotted)
        buf_printf(out, "%02d.%02d.%d", t->tm_mday, t->tm_mon + 1, t->tm_year + 1900);
    else if (moment == RENDER_DAY)
        buf_printf(out, "%d " STR_F, t->tm_mday, STR_A(month));
    else
        buf_printf(out, "%d " STR_F " %d", t->tm_mday, STR_A(month), t->tm_year + 1900);
}

static void add_time(struct buf *out, const struct i18n_language *language, int64_t at_ms,
                     enum render_moment moment)
{
    struct tm t = utc_of(at_ms);

    add_date(out, language, &t, moment);
    if (moment == RENDER_MINUTE || moment == RENDER_HOUR)
        buf_printf(out, ", %02d:%02d", t.tm_hour, moment == RENDER_HOUR ? 0 : t.tm_min);
}

void render_time_words(struct html *h, const struct render_env *env, int64_t at_ms,
                       enum render_moment moment)
{
    add_time(&h->out, env->language, at_ms, moment);
}

void render_time(struct html *h, const struct render_env *env, int64_t at_ms,
                 enum render_moment moment)
{
    static const char *const names[] = {"minute", "hour", "day", "date", "month"};

    html_lit(h, "<time datetime=\"");
    add_rfc3339(&h->out, at_ms);
    html_lit(h, "\" data-show=\"");
    buf_add(&h->out, str_from_cstr(names[moment]));
    html_lit(h, "\">");
    add_time(&h->out, env->language, at_ms, moment);
    html_lit(h, "</time>");
}

/* ---- other places ---- */

void render_json(struct html *h, Str json)
{
    html_json(h, json);
}

/* Quotes and control characters as JSON wants them, the rest as an HTML island wants it. */
void render_json_str(struct html *h, Str text)
{
    struct buf quoted;

    buf_init(&quoted, text.len * 6 + 2);
    buf_add_byte(&quoted, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '"' || byte == '\\')
            buf_printf(&quoted, "\\%c", byte);
        else if (byte < 0x20)
            buf_printf(&quoted, "\\u%04x", byte);
        else
            buf_add_byte(&quoted, (char)byte);
    }
    buf_add_byte(&quoted, '"');
    html_json(h, buf_str(&quoted));
    buf_deinit(&quoted);
}

void render_json_real(struct html *h, double value)
{
    if (isfinite(value))
        render_real(h, value);
    else
        html_lit(h, "null");
}

void render_asset(struct html *h, Str name)
{
    html_attr(h, asset_url(name));
}

/* ---- messages ---- */

struct render_message render_message(const struct render_env *env, Str context, Str single,
                                     Str plural, int64_t n, enum render_place place)
{
    Str text = plural.len > 0 ? i18n_plural(env->language, single, plural, n)
                              : i18n_text(env->language, context, single);

    return (struct render_message){.rest = text, .place = place};
}

static void put_literal(struct html *h, Str text, enum render_place place)
{
    if (place == RENDER_IN_JSON)
        render_json_str(h, text);
    else if (place == RENDER_IN_ATTR)
        html_attr(h, text);
    else
        html_text(h, text);
}

int render_message_next(struct html *h, struct render_message *message)
{
    Str rest = message->rest;

    for (size_t i = 0; i + 1 < rest.len && message->place != RENDER_IN_JSON; i++) {
        if (rest.ptr[i] != '%' || rest.ptr[i + 1] < '1' || rest.ptr[i + 1] > '9')
            continue;
        put_literal(h, str_sub(rest, 0, i), message->place);
        message->rest = str_sub(rest, i + 2, rest.len);
        return rest.ptr[i + 1] - '0';
    }
    put_literal(h, rest, message->place);
    message->rest = STR_NONE;
    return 0;
}
