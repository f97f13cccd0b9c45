#include "format/xml_mend.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "format/html_to_text.h"

enum { NAME_BYTES_MAX = 32, DECLARATION_BYTES_MAX = 200 };

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_xml_name(const char *name)
{
    return strcmp(name, "amp") == 0 || strcmp(name, "lt") == 0 || strcmp(name, "gt") == 0 ||
           strcmp(name, "quot") == 0 || strcmp(name, "apos") == 0;
}

/* "&#...;" that says a character. Returns its length or 0. */
static size_t number_length(Str rest)
{
    bool is_hex = rest.len > 2 && rest.ptr[2] == 'x';
    size_t i = is_hex ? 3 : 2, from = i;

    while (i < rest.len && i < NAME_BYTES_MAX &&
           ((rest.ptr[i] >= '0' && rest.ptr[i] <= '9') ||
            (is_hex && ((rest.ptr[i] >= 'a' && rest.ptr[i] <= 'f') ||
                        (rest.ptr[i] >= 'A' && rest.ptr[i] <= 'F')))))
        i++;
    return i > from && i < rest.len && rest.ptr[i] == ';' ? i + 1 : 0;
}

/* An ampersand begins `rest`. Writes what is to stand there; returns how much of `rest` it took. */
static size_t mend_reference(Str rest, struct buf *out)
{
    char name[NAME_BYTES_MAX];
    size_t len = 0;

    if (rest.len > 1 && rest.ptr[1] == '#') {
        len = number_length(rest);
        buf_add(out, len > 0 ? str_sub(rest, 0, len) : S("&amp;"));
        return len > 0 ? len : 1;
    }
    while (len + 1 < rest.len && len + 1 < sizeof name && is_name_byte(rest.ptr[len + 1])) {
        name[len] = rest.ptr[len + 1];
        len++;
    }
    name[len] = '\0';
    bool has_end = len > 0 && len + 1 < rest.len && rest.ptr[len + 1] == ';';
    const htmlEntityDesc *entity = has_end ? htmlEntityLookup((const xmlChar *)name) : NULL;
    if (has_end && is_xml_name(name)) {
        buf_add(out, str_sub(rest, 0, len + 2));
        return len + 2;
    }
    if (entity) {
        buf_printf(out, "&#%u;", entity->value);
        return len + 2;
    }
    buf_lit(out, "&amp;");
    return 1;
}

/* A byte that XML forbids, or that is no UTF-8: how much of `xml` the fix took. */
static size_t mend_byte(Str xml, size_t at, bool is_utf8, struct buf *out)
{
    unsigned char c = (unsigned char)xml.ptr[at];
    size_t behind = at;

    if (c < 0x20)
        return 1; /* dropped */
    if (!is_utf8) {
        buf_add_byte(out, (char)c);
        return 1;
    }
    (void)str_next_rune(xml, &behind);
    Str taken = str_sub(xml, at, behind - at);
    if (str_utf8_invalid_at(taken) == taken.len) {
        buf_add(out, taken);
        return taken.len;
    }
    char reference[8] = {
        '&', '#', (char)('0' + c / 100), (char)('0' + c / 10 % 10), (char)('0' + c % 10), ';'};
    html_unescape((Str){reference, 6}, out); /* minds Windows-1252 */
    return 1;
}

static bool is_plain(unsigned char c)
{
    return (c >= 0x20 && c < 0x80 && c != '&' && c != '<' && c != ']') || c == '\n' || c == '\t' ||
           c == '\r';
}

void xml_mend(Str xml, bool is_utf8, struct buf *out)
{
    bool in_cdata = false;

    for (size_t at = 0; at < xml.len && !out->is_failed;) {
        size_t from = at;
        while (at < xml.len && is_plain((unsigned char)xml.ptr[at]))
            at++;
        buf_add(out, str_sub(xml, from, at - from));
        if (at == xml.len)
            break;
        Str rest = str_sub(xml, at, xml.len);
        char c = rest.ptr[0];
        if (c == '&' && !in_cdata) {
            at += mend_reference(rest, out);
        } else if (c == '&' || c == '<' || c == ']') {
            if (c == '<' && str_starts(rest, S("<![CDATA[")))
                in_cdata = true;
            if (c == ']' && str_starts(rest, S("]]>")))
                in_cdata = false;
            buf_add_byte(out, c);
            at++;
        } else
            at += mend_byte(xml, at, is_utf8, out);
    }
}

Str xml_declared_encoding(Str xml)
{
    Str head = str_sub(xml, 0, DECLARATION_BYTES_MAX);

    if (str_starts(head, S("\xef\xbb\xbf")))
        head = str_sub(head, 3, head.len);
    if (!str_starts(head, S("<?xml")))
        return STR_NONE;
    head = str_sub(head, 0, str_find(head, S("?>")));
    size_t at = str_find(head, S("encoding"));
    Str rest = str_trim(str_sub(head, at + 8, head.len)), value;
    if (!str_starts(rest, S("=")))
        return STR_NONE;
    rest = str_trim(str_sub(rest, 1, rest.len));
    if (rest.len < 2 || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
        return STR_NONE;
    char quote = rest.ptr[0];
    rest = str_sub(rest, 1, rest.len);
    return str_cut(rest, quote, &value, &rest) ? value : STR_NONE;
}
