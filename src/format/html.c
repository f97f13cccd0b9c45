#include "format/html.h"

#include <inttypes.h>
#include <math.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void html_init(struct html *h, size_t max_bytes)
{
    buf_init(&h->out, max_bytes);
}

void html_deinit(struct html *h)
{
    buf_deinit(&h->out);
}

void html_reset(struct html *h)
{
    buf_reset(&h->out);
}

bool html_ok(const struct html *h, struct err *err)
{
    return buf_ok(&h->out, err) || err_wrap(err, "could not build the page");
}

Str html_str(const struct html *h)
{
    return buf_str(&h->out);
}

void html_raw_(struct html *h, const char *literal, size_t len)
{
    buf_add(&h->out, (Str){literal, len});
}

void html_put(struct html *h, Html markup)
{
    buf_add(&h->out, markup.markup);
}

/* Bytes that are the same inside and outside of markup. */
static bool is_plain(unsigned char c)
{
    return (c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'') ||
           c == '\n' || c == '\t';
}

/* Code points that HTML text may hold: no C0 and C1 controls, no noncharacters. */
static bool is_allowed(uint32_t rune)
{
    if (rune < 0xa0)
        return rune >= 0x20 && rune < 0x7f;
    return (rune & 0xfffe) != 0xfffe && !(rune >= 0xfdd0 && rune <= 0xfdef);
}

static void put_special(struct html *h, Str s, size_t *at)
{
    switch (s.ptr[*at]) {
    case '&':
        buf_lit(&h->out, "&amp;");
        break;
    case '<':
        buf_lit(&h->out, "&lt;");
        break;
    case '>':
        buf_lit(&h->out, "&gt;");
        break;
    case '"':
        buf_lit(&h->out, "&#34;");
        break;
    case '\'':
        buf_lit(&h->out, "&#39;");
        break;
    case '\r': /* raw, it would be read as a line feed */
        buf_lit(&h->out, "&#13;");
        break;
    default: {
        uint32_t rune = str_next_rune(s, at);
        if (is_allowed(rune))
            buf_add_rune(&h->out, rune);
        else
            buf_lit(&h->out, REPLACEMENT);
        return;
    }
    }
    (*at)++;
}

void html_text(struct html *h, Str s)
{
    for (size_t at = 0; at < s.len && !h->out.is_failed;) {
        size_t from = at;
        while (at < s.len && is_plain((unsigned char)s.ptr[at]))
            at++;
        if (at > from)
            buf_add(&h->out, str_sub(s, from, at - from));
        if (at < s.len)
            put_special(h, s, &at);
    }
}

/* Text escapes both quotes, so a quoted value needs nothing more. */
void html_attr(struct html *h, Str s)
{
    html_text(h, s);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Browsers drop blanks and controls at both ends, and line ends and tabs anywhere, before they look
 * for the scheme. So we drop blanks at the ends and refuse every control that is left. A colon in
 * front of the first / ? # ends a scheme, and then the scheme has to be one of ours; whether it is
 * spelled validly does not matter. */
bool html_url_is_safe(Str url)
{
    static const Str schemes[] = {S_INIT("http"), S_INIT("https"), S_INIT("mailto"), S_INIT("tel")};
    size_t len = 0;

    url = str_trim(url);
    for (size_t i = 0; i < url.len; i++)
        if (is_control(url.ptr[i]))
            return false;
    while (len < url.len && !memchr(":/?#", url.ptr[len], 4))
        len++;
    if (len == url.len || url.ptr[len] != ':')
        return true; /* relative */
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (str_eq_nocase(str_sub(url, 0, len), schemes[i]))
            return true;
    return false;
}

static bool is_unreserved(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* RFC 3986's reserved characters and %, without those that mean something in HTML: ' and &. */
static bool is_url_plain(char c)
{
    return is_unreserved(c) || (c != '\0' && memchr(":/?#[]@!$()*+,;=%", c, 17) != NULL);
}

static void put_percent(struct html *h, char c)
{
    buf_printf(&h->out, "%%%02X", (unsigned)(unsigned char)c);
}

void html_url(struct html *h, Str url)
{
    if (!html_url_is_safe(url)) {
        buf_lit(&h->out, HTML_URL_REFUSED);
        return;
    }
    url = str_trim(url);
    for (size_t i = 0; i < url.len && !h->out.is_failed; i++) {
        if (is_url_plain(url.ptr[i]))
            buf_add_byte(&h->out, url.ptr[i]);
        else if (url.ptr[i] == '&')
            buf_lit(&h->out, "&amp;");
        else
            put_percent(h, url.ptr[i]);
    }
}

void html_url_part(struct html *h, Str s)
{
    for (size_t i = 0; i < s.len && !h->out.is_failed; i++) {
        if (is_unreserved(s.ptr[i]))
            buf_add_byte(&h->out, s.ptr[i]);
        else
            put_percent(h, s.ptr[i]);
    }
}

/* In valid JSON the three characters stand inside strings only. U+2028 and U+2029 are no trouble in
 * a data island and are escaped for those who paste it into a script. */
void html_json(struct html *h, Str json)
{
    size_t from = 0;

    for (size_t i = 0; i < json.len; i++) {
        char c = json.ptr[i];
        bool is_separator = c == '\xe2' && json.len - i >= 3 && json.ptr[i + 1] == '\x80' &&
                            (json.ptr[i + 2] == '\xa8' || json.ptr[i + 2] == '\xa9');
        if (c != '<' && c != '>' && c != '&' && !is_separator)
            continue;
        buf_add(&h->out, str_sub(json, from, i - from));
        if (is_separator)
            buf_printf(&h->out, "\\u202%c", json.ptr[i + 2] == '\xa8' ? '8' : '9');
        else
            buf_printf(&h->out, "\\u%04x", (unsigned)(unsigned char)c);
        i += is_separator ? 2 : 0;
        from = i + 1;
    }
    buf_add(&h->out, str_sub(json, from, json.len));
}

void html_i64(struct html *h, int64_t value)
{
    buf_printf(&h->out, "%" PRId64, value);
}

void html_f64(struct html *h, double value, int decimals)
{
    ASSERT(decimals >= 0 && decimals <= 9);
    if (!isfinite(value)) {
        buf_lit(&h->out, "\xe2\x80\x93");
        return;
    }
    size_t from = h->out.len;
    buf_printf(&h->out, "%.*f", decimals, value);
    /* printf minds the locale's decimal sign */
    for (size_t i = from; i < h->out.len; i++)
        if (h->out.ptr[i] == ',')
            h->out.ptr[i] = '.';
}
