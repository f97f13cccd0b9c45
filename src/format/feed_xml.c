/* RSS, RDF and Atom over libxml2's reader.
 *
 * The reader walks the document once. An element that means something is consumed whole by its
 * handler, which leaves the reader on its end; everything else is passed over. Vocabularies are
 * told by namespace; where a prefix is used but not declared, by the prefix. */
#include "format/feed_priv.h"

#include <libxml/xmlreader.h>
#include <string.h>

#include "format/digest.h"
#include "format/xml_mend.h"

enum { DEPTH_MAX = 200 };

enum vocabulary { CORE, DC, DCTERMS, CONTENT, XHTML, ITUNES, FOREIGN };

struct xml {
    struct feed_builder *b;
    xmlTextReaderPtr reader;
    bool is_broken; /* the document ended before its end */
};

/* What stands at the reader. */

static Str text_of(const xmlChar *text)
{
    return str_from_cstr((const char *)text);
}

static Str local_name(const struct xml *x)
{
    Str name = text_of(xmlTextReaderConstLocalName(x->reader)), prefix, local;

    return str_cut(name, ':', &prefix, &local) ? local : name;
}

static enum vocabulary vocabulary(const struct xml *x)
{
    static const struct {
        Str uri, prefix;
        enum vocabulary vocabulary;
    } known[] = {
        {S_INIT("http://www.w3.org/2005/Atom"), S_INIT("atom"), CORE},
        {S_INIT("http://purl.org/atom/"), S_INIT("a03"), CORE},
        {S_INIT("http://purl.org/rss/1.0/modules/content/"), S_INIT("content"), CONTENT},
        {S_INIT("http://purl.org/rss/1.0/modules/"), STR_NONE, FOREIGN},
        {S_INIT("http://purl.org/rss/1.0/"), S_INIT("rss"), CORE},
        {S_INIT("http://my.netscape.com/rdf/simple/0.9/"), STR_NONE, CORE},
        {S_INIT("http://channel.netscape.com/rdf/simple/0.9/"), STR_NONE, CORE},
        {S_INIT("http://backend.userland.com/rss"), STR_NONE, CORE},
        {S_INIT("http://blogs.law.harvard.edu/tech/rss"), STR_NONE, CORE},
        {S_INIT("http://purl.org/dc/elements/1."), S_INIT("dc"), DC},
        {S_INIT("http://purl.org/dc/terms/"), S_INIT("dcterms"), DCTERMS},
        {S_INIT("http://www.w3.org/1999/xhtml"), S_INIT("xhtml"), XHTML},
        {S_INIT("http://www.itunes.com/"), S_INIT("itunes"), ITUNES},
    };
    Str uri = str_trim(text_of(xmlTextReaderConstNamespaceUri(x->reader)));
    Str prefix, local;

    if (uri.len == 0) {
        if (!str_cut(text_of(xmlTextReaderConstName(x->reader)), ':', &prefix, &local))
            return CORE;
        for (size_t i = 0; i < COUNT_OF(known); i++)
            if (known[i].prefix.len > 0 && str_eq_nocase(prefix, known[i].prefix))
                return known[i].vocabulary;
        return FOREIGN;
    }
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq_nocase(str_sub(uri, 0, known[i].uri.len), known[i].uri))
            return known[i].vocabulary;
    return FOREIGN;
}

static int node_type(const struct xml *x)
{
    return xmlTextReaderNodeType(x->reader);
}

static int depth(const struct xml *x)
{
    return xmlTextReaderDepth(x->reader);
}

/* Steps on. False: the end, or a failure. */
static bool step(struct xml *x)
{
    if (x->b->is_failed)
        return false;
    int result = xmlTextReaderRead(x->reader);
    if (result < 0)
        x->is_broken = true;
    return result == 1;
}

/* From the start of an element, to the next node inside of it. False: its end was reached. */
static bool step_inside(struct xml *x, int outer)
{
    return step(x) && !(node_type(x) == XML_READER_TYPE_END_ELEMENT && depth(x) <= outer);
}

static void skip(struct xml *x)
{
    int outer = depth(x);

    if (xmlTextReaderIsEmptyElement(x->reader))
        return;
    while (step_inside(x, outer))
        continue;
}

/* Copied into the arena; empty when absent. */
static Str attribute(struct xml *x, const char *name)
{
    xmlChar *value = xmlTextReaderGetAttribute(x->reader, (const xmlChar *)name);
    Str kept = feed_keep(x->b, text_of(value));

    xmlFree(value);
    return kept;
}

static Str base_of(struct xml *x)
{
    xmlChar *base = xmlTextReaderBaseUri(x->reader);
    Str kept = base ? feed_keep(x->b, text_of(base)) : x->b->url;

    xmlFree(base);
    return kept;
}

/* Capturing the content of an element into b->markup */

enum form {
    FORM_PLAIN, /* character data is the text, tags are passed over */
    FORM_HTML,  /* character data is HTML (it was escaped once) */
    FORM_XHTML  /* the elements are the markup, character data is text */
};

static void put_escaped(struct buf *out, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '&')
            buf_lit(out, "&amp;");
        else if (text.ptr[i] == '<')
            buf_lit(out, "&lt;");
        else
            buf_add_byte(out, text.ptr[i]);
    }
}

static void put_tag(struct xml *x, struct buf *out, bool is_end)
{
    Str name = local_name(x);
    xmlChar *href = is_end ? NULL : xmlTextReaderGetAttribute(x->reader, (const xmlChar *)"href");

    buf_add(out, is_end ? S("</") : S("<"));
    buf_add(out, name);
    if (href) {
        xmlChar *base = xmlTextReaderBaseUri(x->reader);
        Str absolute = feed_address(x->b, text_of(href), base ? text_of(base) : x->b->url);
        buf_lit(out, " href=\"");
        for (size_t i = 0; i < absolute.len; i++)
            if (absolute.ptr[i] == '"')
                buf_lit(out, "&quot;");
            else
                put_escaped(out, str_sub(absolute, i, 1));
        buf_add_byte(out, '"');
        xmlFree(base);
    }
    buf_add_byte(out, '>');
    if (!is_end && xmlTextReaderIsEmptyElement(x->reader)) {
        buf_lit(out, "</");
        buf_add(out, name);
        buf_add_byte(out, '>');
    }
    xmlFree(href);
}

static void put_node(struct xml *x, struct buf *out, enum form form)
{
    switch (node_type(x)) {
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_WHITESPACE:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE: {
        Str text = text_of(xmlTextReaderConstValue(x->reader));
        if (form == FORM_XHTML)
            put_escaped(out, text);
        else
            buf_add(out, text);
        break;
    }
    case XML_READER_TYPE_ELEMENT:
    case XML_READER_TYPE_END_ELEMENT:
        if (form != FORM_PLAIN)
            put_tag(x, out, node_type(x) == XML_READER_TYPE_END_ELEMENT);
        break;
    default: /* comments, instructions, entities: they say nothing */
        break;
    }
}

static Str capture(struct xml *x, enum form form)
{
    struct buf *out = &x->b->markup;
    int outer = depth(x);

    buf_reset(out);
    if (!xmlTextReaderIsEmptyElement(x->reader))
        while (step_inside(x, outer))
            put_node(x, out, form);
    if (out->is_failed && !x->b->is_failed)
        x->b->is_failed = !buf_ok(out, x->b->err);
    return buf_str(out);
}

static bool ends_nocase(Str s, Str end)
{
    return s.len >= end.len && str_eq_nocase(str_sub(s, s.len - end.len, end.len), end);
}

/* Atom's text constructs: type (a word or a media type) and, in 0.3, mode. */
static enum form form_of(Str type, Str mode, bool *is_base64)
{
    *is_base64 = str_eq_nocase(mode, S("base64"));
    if (str_eq_nocase(mode, S("xml")) && type.len == 0)
        return FORM_XHTML;
    if (type.len == 0 || str_eq_nocase(type, S("text")) || str_eq_nocase(type, S("text/plain")))
        return FORM_PLAIN;
    if (str_eq_nocase(type, S("html")))
        return FORM_HTML;
    if (str_eq_nocase(type, S("text/html")))
        return str_eq_nocase(mode, S("xml")) ? FORM_XHTML : FORM_HTML;
    if (str_eq_nocase(type, S("xhtml")) || ends_nocase(type, S("+xml")) ||
        ends_nocase(type, S("/xml")))
        return str_eq_nocase(mode, S("escaped")) ? FORM_HTML : FORM_XHTML;
    if (str_find_byte(type, '/') < type.len && !str_eq_nocase(str_sub(type, 0, 5), S("text/")))
        *is_base64 = true; /* RFC 4287, 4.1.3.3 */
    return FORM_PLAIN;
}

/* Base64 with line breaks, in place; nothing when it is none. */
static void decode_base64(struct feed_builder *b)
{
    struct buf *packed = &b->text;

    buf_reset(packed);
    for (size_t i = 0; i < b->markup.len; i++)
        if ((unsigned char)b->markup.ptr[i] > ' ')
            buf_add_byte(packed, b->markup.ptr[i]);
    buf_reset(&b->markup);
    if (!digest_read_base64(&b->markup, buf_str(packed)) ||
        str_utf8_invalid_at(buf_str(&b->markup)) < b->markup.len)
        buf_reset(&b->markup);
}

/* A text of any kind, in the arena. `otherwise` is the form where nothing is said. */
static Str read_text(struct xml *x, enum form otherwise, bool wants_links)
{
    Str type = attribute(x, "type"), mode = attribute(x, "mode"), base = base_of(x);
    bool is_base64 = false;
    enum form form = otherwise;

    if (x->b->feed->kind == FEED_ATOM && (type.len > 0 || mode.len > 0))
        form = form_of(str_trim(type), mode, &is_base64);
    Str captured = capture(x, form);
    if (is_base64) {
        decode_base64(x->b);
        captured = buf_str(&x->b->markup);
        form = FORM_HTML;
    }
    return form == FORM_PLAIN ? feed_text_of_plain(x->b, captured)
                              : feed_text_of_html(x->b, captured, base, wants_links);
}

static enum form usual_form(const struct xml *x)
{
    return x->b->feed->kind == FEED_ATOM ? FORM_PLAIN : FORM_HTML;
}

static Str read_plain(struct xml *x)
{
    return feed_line(x->b, capture(x, FORM_PLAIN));
}

/* <author><name/>...</author> in Atom, a line of text in RSS. */
static Str read_person(struct xml *x)
{
    int outer = depth(x);
    Str name = STR_NONE, email = STR_NONE;

    if (xmlTextReaderIsEmptyElement(x->reader))
        return STR_NONE;
    buf_reset(&x->b->markup);
    while (step_inside(x, outer)) {
        if (node_type(x) == XML_READER_TYPE_ELEMENT) {
            Str local = local_name(x);
            bool is_name = str_eq(local, S("name")), is_email = str_eq(local, S("email"));
            Str text = read_plain(x);
            name = is_name ? text : name;
            email = is_email ? text : email;
            buf_reset(&x->b->markup);
        } else
            put_node(x, &x->b->markup, FORM_PLAIN);
    }
    if (name.len > 0 || email.len > 0)
        return name.len > 0 ? name : email;
    return feed_line(x->b, feed_author_name(buf_str(&x->b->markup)));
}

/* Atom: an attribute, with a relation. RSS: the text. False: no page's address. */
static bool read_link(struct xml *x, Str *url, bool *is_alternate)
{
    Str base = base_of(x), href = attribute(x, "href"), rel = attribute(x, "rel");
    bool is_atom = href.len > 0;

    *is_alternate = rel.len == 0 || str_eq_nocase(rel, S("alternate"));
    if (is_atom)
        skip(x);
    else
        href = read_plain(x);
    *url = feed_address(x->b, href, base);
    return url->len > 0 && *is_alternate;
}

/* Items */

static void item_link(struct xml *x)
{
    struct feed_draft *draft = &x->b->draft;
    bool is_alternate;
    Str url;

    if (!read_link(x, &url, &is_alternate))
        return;
    if (draft->item.url.len == 0)
        draft->item.url = url;
}

static void item_id(struct xml *x)
{
    struct feed_draft *draft = &x->b->draft;
    bool is_address = !str_eq_nocase(attribute(x, "isPermaLink"), S("false"));
    Str base = base_of(x), id = read_plain(x);

    if (draft->item.id.len > 0)
        return;
    draft->item.id = id;
    bool is_absolute = str_eq_nocase(str_sub(id, 0, 4), S("http"));
    if (x->b->feed->kind != FEED_ATOM && is_address && is_absolute)
        draft->permalink = feed_address(x->b, id, base);
}

enum field { TITLE, LINK, ID, SUMMARY, FULL_TEXT, BODY, AUTHOR, LANGUAGE, DATE };

struct field_rule {
    enum vocabulary vocabulary;
    Str name;
    enum field field;
    enum feed_date_rank rank; /* DATE */
};

static const struct field_rule item_rules[] = {
    {CORE, S_INIT("title"), TITLE, DATE_NONE},
    {DC, S_INIT("title"), TITLE, DATE_NONE},
    {CORE, S_INIT("link"), LINK, DATE_NONE},
    {CORE, S_INIT("guid"), ID, DATE_NONE},
    {CORE, S_INIT("id"), ID, DATE_NONE},
    {CORE, S_INIT("description"), SUMMARY, DATE_NONE},
    {DC, S_INIT("description"), SUMMARY, DATE_NONE},
    {CORE, S_INIT("summary"), SUMMARY, DATE_NONE},
    {ITUNES, S_INIT("summary"), SUMMARY, DATE_NONE},
    {CORE, S_INIT("content"), FULL_TEXT, DATE_NONE},
    {CONTENT, S_INIT("encoded"), FULL_TEXT, DATE_NONE},
    {CORE, S_INIT("fullitem"), FULL_TEXT, DATE_NONE},
    {XHTML, S_INIT("body"), BODY, DATE_NONE},
    {XHTML, S_INIT("div"), BODY, DATE_NONE},
    {CORE, S_INIT("body"), BODY, DATE_NONE},
    {CORE, S_INIT("author"), AUTHOR, DATE_NONE},
    {DC, S_INIT("creator"), AUTHOR, DATE_NONE},
    {DC, S_INIT("author"), AUTHOR, DATE_NONE},
    {ITUNES, S_INIT("author"), AUTHOR, DATE_NONE},
    {DC, S_INIT("language"), LANGUAGE, DATE_NONE},
    {CORE, S_INIT("language"), LANGUAGE, DATE_NONE},
    {CORE, S_INIT("pubDate"), DATE, DATE_PUBLISHED},
    {CORE, S_INIT("published"), DATE, DATE_PUBLISHED},
    {CORE, S_INIT("issued"), DATE, DATE_ISSUED},
    {DC, S_INIT("date"), DATE, DATE_ISSUED},
    {DCTERMS, S_INIT("issued"), DATE, DATE_ISSUED},
    {CORE, S_INIT("created"), DATE, DATE_CREATED},
    {DCTERMS, S_INIT("created"), DATE, DATE_CREATED},
    {CORE, S_INIT("updated"), DATE, DATE_MODIFIED},
    {CORE, S_INIT("modified"), DATE, DATE_MODIFIED},
    {DCTERMS, S_INIT("modified"), DATE, DATE_MODIFIED},
};

static const struct field_rule *rule_for(const struct xml *x)
{
    enum vocabulary here = vocabulary(x);
    Str name = local_name(x);

    for (size_t i = 0; i < COUNT_OF(item_rules); i++)
        if (item_rules[i].vocabulary == here && str_eq_nocase(item_rules[i].name, name))
            return &item_rules[i];
    return NULL;
}

static void keep_first(Str *to, Str value)
{
    if (to->len == 0)
        *to = value;
}

/* One child of an item; consumed whole. */
static void item_element(struct xml *x)
{
    const struct field_rule *rule = rule_for(x);
    struct feed_draft *draft = &x->b->draft;

    if (!rule) {
        skip(x);
        return;
    }
    switch (rule->field) {
    case TITLE:
        keep_first(&draft->item.title, feed_line(x->b, read_text(x, usual_form(x), false)));
        break;
    case LINK:
        item_link(x);
        break;
    case ID:
        item_id(x);
        break;
    case SUMMARY:
        keep_first(&draft->summary, read_text(x, usual_form(x), true));
        break;
    case FULL_TEXT:
        keep_first(&draft->content, read_text(x, usual_form(x), true));
        break;
    case BODY:
        keep_first(&draft->content, read_text(x, FORM_XHTML, true));
        break;
    case AUTHOR:
        keep_first(&draft->item.author, read_person(x));
        break;
    case LANGUAGE:
        keep_first(&draft->item.language, read_plain(x));
        break;
    case DATE:
        feed_set_date(x->b, read_plain(x), rule->rank);
        break;
    }
}

static void read_item(struct xml *x)
{
    int outer = depth(x);
    struct feed_draft *draft = &x->b->draft;
    Str language = feed_keep(x->b, text_of(xmlTextReaderConstXmlLang(x->reader)));

    if (x->b->feed->kind == FEED_RDF)
        draft->item.id = attribute(x, "rdf:about");
    if (!xmlTextReaderIsEmptyElement(x->reader))
        while (step_inside(x, outer))
            if (node_type(x) == XML_READER_TYPE_ELEMENT)
                item_element(x);
    keep_first(&draft->item.language, language);
    feed_end_item(x->b);
}

/* The feed around them */

static void feed_link(struct xml *x)
{
    bool is_alternate;
    Str url;

    if (read_link(x, &url, &is_alternate))
        keep_first(&x->b->feed->url, url);
}

static bool is_item(const struct xml *x)
{
    Str name = local_name(x);

    return vocabulary(x) == CORE && (str_eq_nocase(name, S("item")) || str_eq(name, S("entry")));
}

/* A child of the feed or channel; consumed whole, but for containers, which are walked into. */
static void feed_element(struct xml *x)
{
    struct feed *feed = x->b->feed;
    Str name = local_name(x);
    enum vocabulary here = vocabulary(x);

    if (is_item(x))
        read_item(x);
    else if (here == CORE && (str_eq(name, S("channel")) || str_eq(name, S("items"))))
        return; /* its children come next */
    else if ((here == CORE || here == DC) && str_eq(name, S("title")))
        keep_first(&feed->title, feed_line(x->b, read_text(x, usual_form(x), false)));
    else if (here == CORE && str_eq(name, S("link")))
        feed_link(x);
    else if ((here == CORE || here == DC) &&
             (str_eq(name, S("description")) || str_eq(name, S("subtitle")) ||
              str_eq(name, S("tagline"))))
        keep_first(&feed->description, read_text(x, usual_form(x), false));
    else if ((here == CORE || here == DC) && str_eq(name, S("language")))
        keep_first(&feed->language, read_plain(x));
    else if (feed->kind == FEED_ATOM && here == CORE && str_eq(name, S("author")))
        keep_first(&x->b->author, read_person(x));
    else
        skip(x);
}

static bool read_root(struct xml *x)
{
    struct feed *feed = x->b->feed;
    Str name = local_name(x);

    if (str_eq_nocase(name, S("rss")) || str_eq_nocase(name, S("channel")))
        feed->kind = FEED_RSS;
    else if (str_eq(name, S("RDF")))
        feed->kind = FEED_RDF;
    else if (str_eq(name, S("feed")))
        feed->kind = FEED_ATOM;
    else
        return err_set(x->b->err, ERR_INPUT, "the document is no feed (its root is '%.*s')",
                       (int)(name.len < 40 ? name.len : 40), name.ptr);
    feed->language = feed_keep(x->b, text_of(xmlTextReaderConstXmlLang(x->reader)));
    return true;
}

static bool read_document(struct xml *x)
{
    while (step(x) && node_type(x) != XML_READER_TYPE_ELEMENT)
        continue;
    if (x->b->is_failed)
        return false;
    if (node_type(x) != XML_READER_TYPE_ELEMENT)
        return err_set(x->b->err, ERR_INPUT, "the document is no feed (it is not XML)");
    if (!read_root(x))
        return false;
    while (step(x))
        if (node_type(x) == XML_READER_TYPE_ELEMENT && depth(x) < DEPTH_MAX)
            feed_element(x);
    x->b->feed->is_truncated |= x->is_broken;
    return !x->b->is_failed;
}

static void ignore_error(void *context, const char *message, xmlParserSeverities severity,
                         xmlTextReaderLocatorPtr locator)
{
    (void)context, (void)message, (void)severity, (void)locator;
}

/* "application/rss+xml; charset=ISO-8859-1": the charset, or empty. */
static Str charset_of(Str content_type)
{
    Str part, key, value;

    while (content_type.len > 0) {
        (void)str_cut(content_type, ';', &part, &content_type);
        if (str_cut(part, '=', &key, &value) && str_eq_nocase(str_trim(key), S("charset"))) {
            value = str_trim(value);
            if (value.len >= 2 && value.ptr[0] == '"')
                value = str_sub(value, 1, value.len - 2);
            return value;
        }
    }
    return STR_NONE;
}

static bool is_utf8_name(Str encoding)
{
    return encoding.len == 0 || str_eq_nocase(encoding, S("utf-8")) ||
           str_eq_nocase(encoding, S("utf8")) || str_eq_nocase(encoding, S("us-ascii"));
}

/* Two bytes a character: not for xml_mend(). */
static bool is_wide(Str bytes)
{
    return str_starts(bytes, S("\xff\xfe")) || str_starts(bytes, S("\xfe\xff")) ||
           (bytes.len >= 4 && memchr(bytes.ptr, '\0', 4));
}

bool feed_read_xml(struct feed_builder *b, Str bytes, Str content_type)
{
    struct xml x = {.b = b};
    Str declared = xml_declared_encoding(bytes), charset = charset_of(content_type);
    const char *url = NULL, *encoding = NULL;
    struct buf mended;

    buf_init(&mended, 3 * (size_t)FEED_BYTES_MAX);
    if (!is_wide(bytes)) {
        bytes = str_trim(bytes); /* nothing may stand in front of the declaration */
        bool is_utf8 = declared.len > 0 ? is_utf8_name(declared) : is_utf8_name(charset);
        xml_mend(bytes, is_utf8, &mended);
        bytes = buf_str(&mended);
        if (is_utf8)
            charset = S("UTF-8");
    }
    bool ok = buf_ok(&mended, b->err) && str_to_cstr(b->arena, b->url, &url, b->err) &&
              str_to_cstr(b->arena, charset, &encoding, b->err);
    if (ok) {
        bool says_nothing = declared.len > 0 && !str_eq(charset, S("UTF-8"));
        x.reader = xmlReaderForMemory(bytes.ptr ? bytes.ptr : "", (int)bytes.len, url,
                                      says_nothing || charset.len == 0 ? NULL : encoding,
                                      XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR |
                                          XML_PARSE_NOWARNING);
        ok = x.reader || err_set(b->err, ERR_INPUT, "the document is no feed (it cannot be read)");
    }
    if (ok) {
        xmlTextReaderSetErrorHandler(x.reader, ignore_error, NULL);
        ok = read_document(&x);
    }
    xmlFreeTextReader(x.reader);
    buf_deinit(&mended);
    return ok;
}
