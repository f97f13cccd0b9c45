#include "format/html_to_text.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "format/charset.h"

enum { NAME_BYTES_MAX = 32, HREF_BYTES_MAX = 8192 };

struct scan {
    Str in;
    size_t at;
    struct buf *out;
    size_t out_from; /* where our part of `out` begins */
    bool has_gap;    /* a blank is due before the next character */
    bool has_break;  /* a line feed is due */
    unsigned pre;    /* open <pre> elements */
    html_link *link;
    void *context;
    struct buf href;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Character references */

static int digit_value(char c, unsigned base)
{
    if (is_digit(c))
        return c - '0';
    if (base == 16 && c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (base == 16 && c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* "&#65;" or "&#x41;" at `at`, the semicolon optional. Returns the length, 0 = none. */
static size_t number_reference(Str s, size_t at, uint32_t *rune)
{
    size_t i = at + 2;
    unsigned base = 10;
    uint32_t value = 0;

    if (i < s.len && (s.ptr[i] == 'x' || s.ptr[i] == 'X')) {
        base = 16;
        i++;
    }
    size_t digits_from = i;
    for (int digit; i < s.len && (digit = digit_value(s.ptr[i], base)) >= 0; i++)
        if (value <= 0x10ffff)
            value = value * base + (uint32_t)digit;
    if (i == digits_from)
        return 0;
    if (i < s.len && s.ptr[i] == ';')
        i++;
    if (value < 0x100)
        value = windows_1252_rune((unsigned char)value); /* as the HTML standard has it */
    *rune = value == 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? 0xfffd : value;
    return i - at;
}

static size_t name_reference(Str s, size_t at, uint32_t *rune)
{
    char name[NAME_BYTES_MAX];
    size_t len = 0;

    while (at + 1 + len < s.len && len + 1 < sizeof name &&
           (is_letter(s.ptr[at + 1 + len]) || is_digit(s.ptr[at + 1 + len]))) {
        name[len] = s.ptr[at + 1 + len];
        len++;
    }
    name[len] = '\0';
    size_t end = at + 1 + len;
    bool has_end = end < s.len && s.ptr[end] == ';';
    /* "?a=1&copy=2" inside an address is no reference. */
    if (len == 0 || (!has_end && end < s.len && s.ptr[end] == '='))
        return 0;
    if (strcmp(name, "apos") == 0) {
        *rune = '\'';
        return len + 1 + has_end;
    }
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
    /* Without a semicolon only the Latin-1 names are references. */
    if (!entity || (!has_end && entity->value > 0xff))
        return 0;
    *rune = entity->value;
    return len + 1 + has_end;
}

/* The reference at `at` (an ampersand): its length, 0 = it is none. */
static size_t reference(Str s, size_t at, uint32_t *rune)
{
    if (at + 1 < s.len && s.ptr[at + 1] == '#')
        return number_reference(s, at, rune);
    return name_reference(s, at, rune);
}

/* The next character at *at, references resolved. */
static uint32_t next_rune(Str s, size_t *at)
{
    uint32_t rune;

    if (s.ptr[*at] == '&') {
        size_t len = reference(s, *at, &rune);
        if (len > 0) {
            *at += len;
            return rune;
        }
    }
    return str_next_rune(s, at);
}

void html_unescape(Str text, struct buf *out)
{
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        while (at < text.len && text.ptr[at] != '&')
            at++;
        buf_add(out, str_sub(text, from, at - from));
        if (at < text.len)
            buf_add_rune(out, next_rune(text, &at));
    }
}

/* Output */

static void put_gap(struct scan *s)
{
    bool is_first = s->out->len == s->out_from;

    if (!is_first && s->has_break)
        buf_add_byte(s->out, '\n');
    else if (!is_first && s->has_gap && s->out->ptr[s->out->len - 1] != '\n')
        buf_add_byte(s->out, ' ');
    s->has_gap = s->has_break = false;
}

static void put_rune(struct scan *s, uint32_t rune)
{
    if (rune == 0xa0 || (rune < 0x80 && is_blank((char)rune))) {
        if (rune == '\n' && s->pre > 0)
            s->has_break = true;
        else
            s->has_gap = true;
        return;
    }
    if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0))
        return;
    put_gap(s);
    buf_add_rune(s->out, rune);
}

/* Plain bytes in one go: the usual case. */
static void put_plain(struct scan *s)
{
    size_t from = s->at;

    while (s->at < s->in.len && s->in.ptr[s->at] > 0x20 && s->in.ptr[s->at] < 0x7f &&
           s->in.ptr[s->at] != '<' && s->in.ptr[s->at] != '&')
        s->at++;
    if (s->at == from)
        return;
    put_gap(s);
    buf_add(s->out, str_sub(s->in, from, s->at - from));
}

/* Tags */

struct tag {
    char name[NAME_BYTES_MAX]; /* lower case, cut */
    bool is_end;
};

static const char *const break_tags[] = {
    "address", "article", "aside",   "blockquote", "br",   "dd",   "details", "div",   "dl",
    "dt",      "figure",  "footer",  "figcaption", "form", "h1",   "h2",      "h3",    "h4",
    "h5",      "h6",      "header",  "hr",         "li",   "main", "nav",     "ol",    "p",
    "pre",     "section", "summary", "table",      "tr",   "ul",   "title",   "option"};
/* Their contents are no markup and not seen. */
static const char *const raw_tags[] = {"script",   "style", "iframe",  "noembed",
                                       "noframes", "title", "textarea"};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void take_name(struct scan *s, struct tag *tag)
{
    size_t len = 0;

    for (; s->at < s->in.len; s->at++) {
        char c = s->in.ptr[s->at];
        if (is_blank(c) || c == '/' || c == '>')
            break;
        if (len + 1 < sizeof tag->name)
            tag->name[len++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    tag->name[len] = '\0';
}

static Str take_value(struct scan *s)
{
    while (s->at < s->in.len && is_blank(s->in.ptr[s->at]))
        s->at++;
    char quote = s->at < s->in.len ? s->in.ptr[s->at] : '\0';
    if (quote == '"' || quote == '\'') {
        Str rest = str_sub(s->in, s->at + 1, s->in.len);
        size_t len = str_find_byte(rest, quote);
        s->at += len + (len < rest.len ? 2 : 1);
        return str_sub(rest, 0, len);
    }
    size_t from = s->at;
    while (s->at < s->in.len && !is_blank(s->in.ptr[s->at]) && s->in.ptr[s->at] != '>')
        s->at++;
    return str_sub(s->in, from, s->at - from);
}

static void report_link(struct scan *s, Str href, Str classes)
{
    if (!s->link || href.len == 0)
        return;
    buf_reset(&s->href);
    html_unescape(str_trim(href), &s->href);
    if (!s->href.is_failed && s->href.len > 0)
        s->link(s->context, buf_str(&s->href), classes);
}

/* The attributes up to behind the '>'. */
static void take_attributes(struct scan *s, const struct tag *tag)
{
    bool is_link = !tag->is_end && strcmp(tag->name, "a") == 0;
    Str href = {0}, classes = {0};

    while (s->at < s->in.len && s->in.ptr[s->at] != '>') {
        char c = s->in.ptr[s->at];
        if (is_blank(c) || c == '/') {
            s->at++;
            continue;
        }
        size_t from = s->at++; /* a name may begin with '=' */
        while (s->at < s->in.len && !is_blank(s->in.ptr[s->at]) &&
               !memchr("=/>", s->in.ptr[s->at], 3))
            s->at++;
        Str name = str_sub(s->in, from, s->at - from), value;
        while (s->at < s->in.len && is_blank(s->in.ptr[s->at]))
            s->at++;
        if (s->at == s->in.len || s->in.ptr[s->at] != '=')
            continue;
        s->at++;
        value = take_value(s);
        if (is_link && href.len == 0 && str_eq_nocase(name, S("href")))
            href = value;
        else if (is_link && classes.len == 0 && str_eq_nocase(name, S("class")))
            classes = value;
    }
    report_link(s, href, classes);
    if (s->at < s->in.len)
        s->at++;
}

/* To "</name", or to the end. */
static void skip_raw(struct scan *s, const char *name)
{
    Str wanted = str_from_cstr(name);

    for (; s->at < s->in.len; s->at++)
        if (s->in.ptr[s->at] == '<' && s->at + 1 < s->in.len && s->in.ptr[s->at + 1] == '/' &&
            str_eq_nocase(str_sub(s->in, s->at + 2, wanted.len), wanted))
            return;
}

static void take_tag(struct scan *s)
{
    struct tag tag = {.is_end = s->in.ptr[s->at + 1] == '/'};

    s->at += tag.is_end ? 2 : 1;
    take_name(s, &tag);
    take_attributes(s, &tag);
    if (is_one_of(tag.name, break_tags, COUNT_OF(break_tags)))
        s->has_break = true;
    else if (strcmp(tag.name, "td") == 0 || strcmp(tag.name, "th") == 0)
        s->has_gap = true;
    if (strcmp(tag.name, "pre") == 0) {
        if (!tag.is_end)
            s->pre++;
        else if (s->pre > 0)
            s->pre--;
    }
    if (!tag.is_end && is_one_of(tag.name, raw_tags, COUNT_OF(raw_tags)))
        skip_raw(s, tag.name);
}

/* <!-- ... -->, <!...>, <?...>, </?...> at `at`. Comments end at --> or --!>. */
static void skip_comment(struct scan *s)
{
    Str rest = str_sub(s->in, s->at, s->in.len);

    if (!str_starts(rest, S("<!--"))) {
        s->at += str_find_byte(rest, '>');
        s->at += s->at < s->in.len;
        return;
    }
    /* "<!-->" and "<!--->" are whole comments */
    for (size_t i = 2; i < rest.len; i++) {
        Str here = str_sub(rest, i, rest.len);
        bool is_short = i < 4 && !str_starts(here, S("-->")) && !str_starts(here, S("->"));
        if (is_short)
            continue;
        size_t end = str_starts(here, S("-->"))            ? 3
                     : str_starts(here, S("--!>"))         ? 4
                     : i == 3 && str_starts(here, S("->")) ? 2
                                                           : 0;
        if (end > 0) {
            s->at += i + end;
            return;
        }
    }
    s->at = s->in.len;
}

static void take_markup(struct scan *s)
{
    char next = s->at + 1 < s->in.len ? s->in.ptr[s->at + 1] : '\0';
    char behind = s->at + 2 < s->in.len ? s->in.ptr[s->at + 2] : '\0';

    if (is_letter(next) || (next == '/' && is_letter(behind)))
        take_tag(s);
    else if (next == '!' || next == '?' || (next == '/' && behind != '\0'))
        skip_comment(s);
    else { /* a lone '<' is text */
        put_rune(s, '<');
        s->at++;
    }
}

void html_to_text(Str html, struct buf *out, html_link *link, void *context)
{
    struct scan s = {
        .in = html, .out = out, .out_from = out->len, .link = link, .context = context};

    buf_init(&s.href, HREF_BYTES_MAX);
    while (s.at < html.len && !out->is_failed) {
        put_plain(&s);
        if (s.at == html.len)
            break;
        if (html.ptr[s.at] == '<')
            take_markup(&s);
        else
            put_rune(&s, next_rune(html, &s.at));
    }
    buf_deinit(&s.href);
}
