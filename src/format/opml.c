#include "format/opml.h"

#include <libxml/xmlreader.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "format/time.h"
#include "format/xml_mend.h"

#define OPML_SEED         UINT64_C(0x6f706d6c66656564)
#define ELEMENT_DEPTH_MAX (OPML_DEPTH_MAX + 3) /* opml, body, the folders, a feed */

struct reader {
    xmlTextReaderPtr xml;
    struct arena *arena;
    struct opml *list;
    struct map known; /* addresses */
    struct {
        VEC(struct opml_feed);
    } feeds;
    /* Folders that are open: path[0..lengths[depth]) is the path of the folder at that depth of
     * the document. */
    struct buf path;
    size_t lengths[ELEMENT_DEPTH_MAX];
    struct err *err;
    bool is_failed;
};

/* ---- reading --------------------------------------------------------------------------------- */

static Str text_of(const xmlChar *text)
{
    return str_from_cstr((const char *)text);
}

static Str keep(struct reader *r, Str text)
{
    Str kept = {0};

    if (!arena_try_str(r->arena, text, &kept) && !r->is_failed)
        r->is_failed = !err_arena(r->err, r->arena);
    return kept;
}

/* Without regard to case: writers differ (xmlUrl, xmlurl, XMLURL). */
static Str attribute(struct reader *r, const char *name)
{
    Str value = {0};

    for (int more = xmlTextReaderMoveToFirstAttribute(r->xml); more == 1;
         more = xmlTextReaderMoveToNextAttribute(r->xml)) {
        if (!str_eq_nocase(text_of(xmlTextReaderConstName(r->xml)), str_from_cstr(name)))
            continue;
        value = keep(r, str_trim(text_of(xmlTextReaderConstValue(r->xml))));
        break;
    }
    xmlTextReaderMoveToElement(r->xml);
    return value;
}

/* Some writers say feed: for http:, or put it before the whole address. */
static Str web_address(struct reader *r, Str address)
{
    if (str_starts(address, S("feed://")))
        address =
            keep(r, arena_printf(r->arena, "http" STR_F, STR_A(str_sub(address, 4, address.len))));
    else if (str_starts(address, S("feed:")))
        address = str_sub(address, 5, address.len);
    bool is_web = str_starts(address, S("http://")) || str_starts(address, S("https://"));
    bool has_blank = false;
    for (size_t i = 0; i < address.len; i++)
        has_blank |= (unsigned char)address.ptr[i] <= ' ';
    return is_web && !has_blank ? address : STR_NONE;
}

static void take_feed(struct reader *r, Str address, Str title, Str folder)
{
    Str url = web_address(r, address);
    bool is_new = false;

    if (r->is_failed)
        return;
    if (url.len == 0) {
        r->list->refused_count++;
        return;
    }
    if (r->feeds.count >= OPML_FEEDS_MAX) {
        r->list->is_truncated = true;
        return;
    }
    if (!map_at(&r->known, url, &is_new)) {
        r->is_failed = !err_set(r->err, ERR_NO_MEMORY, "no memory for a list of feeds");
        return;
    }
    struct opml_feed feed = {url, title, attribute(r, "htmlUrl"), keep(r, folder)};
    if (is_new)
        vec_push(&r->feeds, feed);
}

static size_t path_length(Str path)
{
    size_t count = path.len > 0 ? 1 : 0;

    for (size_t i = 0; i < path.len; i++)
        count += path.ptr[i] == '/';
    return count;
}

/* The separator of paths is not part of a name. */
static void enter_folder(struct reader *r, Str name, size_t depth)
{
    name = str_sub(name, 0, OPML_NAME_BYTES_MAX);
    name.len = str_utf8_invalid_at(name); /* no character cut in two */
    if (r->path.len > 0)
        buf_add_byte(&r->path, '/');
    for (size_t i = 0; i < name.len; i++)
        buf_add_byte(&r->path, name.ptr[i] == '/' ? '-' : name.ptr[i]);
    r->lengths[depth] = r->path.len;
}

static void take_outline(struct reader *r, size_t depth)
{
    Str address = attribute(r, "xmlUrl"), title = attribute(r, "text");

    if (title.len == 0)
        title = attribute(r, "title");
    if (address.len > 0)
        take_feed(r, address, title, buf_str(&r->path));
    else if (path_length(buf_str(&r->path)) >= OPML_DEPTH_MAX)
        r->list->is_truncated = true;
    else if (title.len > 0)
        enter_folder(r, title, depth);
}

static void take_element(struct reader *r)
{
    Str name = text_of(xmlTextReaderConstLocalName(r->xml));
    size_t depth = (size_t)xmlTextReaderDepth(r->xml);

    if (depth >= ELEMENT_DEPTH_MAX) {
        r->list->is_truncated = true;
        return;
    }
    /* Elements that are no outlines too: whatever lies in them is in the folder around them. */
    buf_truncate(&r->path, depth > 0 ? r->lengths[depth - 1] : 0);
    r->lengths[depth] = r->path.len;
    if (str_eq_nocase(name, S("outline"))) {
        take_outline(r, depth);
    } else if (str_eq_nocase(name, S("title")) && r->list->title.len == 0) {
        xmlChar *title = xmlTextReaderReadString(r->xml);
        r->list->title = keep(r, str_trim(text_of(title)));
        xmlFree(title);
    }
}

static bool read_document(struct reader *r)
{
    bool has_root = false;
    int more;

    while ((more = xmlTextReaderRead(r->xml)) == 1 && !r->is_failed) {
        if (xmlTextReaderNodeType(r->xml) != XML_READER_TYPE_ELEMENT)
            continue;
        if (!has_root && !str_eq_nocase(text_of(xmlTextReaderConstLocalName(r->xml)), S("opml")))
            return err_set(r->err, ERR_INPUT, "the document is no OPML");
        has_root = true;
        take_element(r);
    }
    if (r->is_failed)
        return false;
    if (!has_root)
        return err_set(r->err, ERR_INPUT, "the document is no OPML (it is not XML)");
    r->list->is_truncated |= more < 0;
    return true;
}

static void ignore_error(void *context, const char *message, xmlParserSeverities severity,
                         xmlTextReaderLocatorPtr locator)
{
    (void)context, (void)message, (void)severity, (void)locator;
}

static bool keep_feeds(struct reader *r)
{
    r->list->count = r->feeds.count;
    r->list->feeds = arena_try_new(r->arena, struct opml_feed, r->feeds.count + 1);
    if (!r->list->feeds)
        return err_arena(r->err, r->arena);
    if (r->feeds.count > 0)
        memcpy(r->list->feeds, r->feeds.items, r->feeds.count * sizeof r->feeds.items[0]);
    return true;
}

bool opml_parse(struct arena *a, Str bytes, struct opml *out, struct err *err)
{
    struct reader r = {.arena = a, .list = out, .err = err};
    Str declared = xml_declared_encoding(bytes);
    bool is_utf8 = declared.len == 0 || str_eq_nocase(declared, S("utf-8"));
    struct buf mended;

    *out = (struct opml){0};
    if (bytes.len > OPML_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "the list is longer than %d bytes", OPML_BYTES_MAX);
    buf_init(&mended, 3 * (size_t)OPML_BYTES_MAX);
    buf_init(&r.path, OPML_BYTES_MAX);
    map_init(&r.known, MAP_BORROW_KEYS, OPML_SEED);
    xml_mend(str_trim(bytes), is_utf8, &mended);
    bool ok = buf_ok(&mended, err);
    if (ok) {
        r.xml = xmlReaderForMemory(
            mended.len > 0 ? mended.ptr : "", (int)mended.len, NULL, is_utf8 ? "UTF-8" : NULL,
            XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        ok = r.xml || err_set(err, ERR_NO_MEMORY, "no memory for reading a list of feeds");
    }
    if (ok) {
        xmlTextReaderSetErrorHandler(r.xml, ignore_error, NULL);
        ok = read_document(&r) && keep_feeds(&r);
    }
    xmlFreeTextReader(r.xml);
    vec_deinit(&r.feeds);
    map_deinit(&r.known);
    buf_deinit(&r.path);
    buf_deinit(&mended);
    return ok;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* For an attribute or a text; line ends become references, which a reader leaves alone. What XML
 * cannot say at all is left out. */
static void put_escaped(struct buf *out, Str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t rune = str_next_rune(text, &at);
        if (rune == '&')
            buf_lit(out, "&amp;");
        else if (rune == '<')
            buf_lit(out, "&lt;");
        else if (rune == '>')
            buf_lit(out, "&gt;");
        else if (rune == '"')
            buf_lit(out, "&quot;");
        else if (rune == '\n' || rune == '\r' || rune == '\t')
            buf_printf(out, "&#%u;", (unsigned)rune);
        else if (rune >= 0x20 && rune != 0xfffe && rune != 0xffff)
            buf_add_rune(out, rune);
    }
}

static void put_attribute(struct buf *out, const char *name, Str value)
{
    if (value.len == 0)
        return;
    buf_printf(out, " %s=\"", name);
    put_escaped(out, value);
    buf_add_byte(out, '"');
}

static void put_indent(struct buf *out, size_t depth)
{
    for (size_t i = 0; i < depth + 2; i++)
        buf_lit(out, "  ");
}

/* Names that both paths begin with. */
static size_t common_names(Str a, Str b)
{
    size_t count = 0;
    Str x, y;

    while (a.len > 0 && b.len > 0) {
        str_cut(a, '/', &x, &a);
        str_cut(b, '/', &y, &b);
        if (!str_eq(x, y))
            break;
        count++;
    }
    return count;
}

/* Closes the folders of `from` that `to` does not share and opens those it has more. */
static void change_folder(struct buf *out, Str from, Str to)
{
    size_t shared = common_names(from, to), depth = 0;
    Str name;

    for (size_t i = path_length(from); i > shared; i--) {
        put_indent(out, i - 1);
        buf_lit(out, "</outline>\n");
    }
    while (to.len > 0) {
        str_cut(to, '/', &name, &to);
        if (depth++ < shared)
            continue;
        put_indent(out, depth - 1);
        buf_lit(out, "<outline");
        put_attribute(out, "text", name);
        buf_lit(out, ">\n");
    }
}

static void put_feed(struct buf *out, const struct opml_feed *feed)
{
    put_indent(out, path_length(feed->folder));
    buf_lit(out, "<outline type=\"rss\"");
    buf_lit(out, " text=\"");
    put_escaped(out, feed->title);
    buf_add_byte(out, '"');
    put_attribute(out, "xmlUrl", feed->url);
    put_attribute(out, "htmlUrl", feed->page);
    buf_lit(out, "/>\n");
}

void opml_write(const struct opml *list, int64_t created_ms, struct buf *out)
{
    Str open = STR_NONE;

    buf_lit(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n"
                 "    <title>");
    put_escaped(out, list->title);
    buf_lit(out, "</title>\n    <dateCreated>");
    buf_add(out, str_from_cstr(time_http(created_ms).text));
    buf_lit(out, "</dateCreated>\n  </head>\n  <body>\n");
    for (size_t i = 0; i < list->count; i++) {
        change_folder(out, open, list->feeds[i].folder);
        open = list->feeds[i].folder;
        put_feed(out, &list->feeds[i]);
    }
    change_folder(out, open, STR_NONE);
    buf_lit(out, "  </body>\n</opml>\n");
}
