#include "format/feed.h"

#include <libxml/uri.h>
#include <string.h>

#include "format/digest.h"
#include "format/feed_priv.h"
#include "format/html.h"
#include "format/html_to_text.h"
#include "format/time.h"

Str feed_keep(struct feed_builder *b, Str bytes)
{
    Str kept = STR_NONE;

    if (!b->is_failed && !arena_try_str(b->arena, bytes, &kept))
        b->is_failed = !err_arena(b->err, b->arena);
    return kept;
}

Str feed_address(struct feed_builder *b, Str href, Str base)
{
    struct arena scratch;
    struct err ignored = {0};
    const char *relative, *absolute;
    Str found = STR_NONE;

    href = str_trim(href);
    if (href.len == 0 || href.len > POST_TEXT_BYTES_MAX || !html_url_is_safe(href))
        return STR_NONE;
    arena_init(&scratch, 4 * POST_TEXT_BYTES_MAX);
    if (str_to_cstr(&scratch, href, &relative, &ignored) &&
        str_to_cstr(&scratch, base, &absolute, &ignored)) {
        xmlChar *built =
            base.len > 0 ? xmlBuildURI((const xmlChar *)relative, (const xmlChar *)absolute) : NULL;
        Str whole = built ? str_from_cstr((const char *)built) : href;
        bool is_web = str_eq_nocase(str_sub(whole, 0, 7), S("http://")) ||
                      str_eq_nocase(str_sub(whole, 0, 8), S("https://"));
        if (is_web && html_url_is_safe(whole))
            found = feed_keep(b, whole);
        xmlFree(built);
    }
    arena_deinit(&scratch);
    return found;
}

struct link_context {
    struct feed_builder *b;
    Str base;
};

static void keep_link(void *context, Str href, Str classes)
{
    struct link_context *c = context;
    struct feed_draft *draft = &c->b->draft;

    (void)classes;
    if (draft->links.count >= POST_LINKS_MAX)
        return;
    Str url = feed_address(c->b, href, c->base);
    vec_each (Str, known, &draft->links)
        if (str_eq(*known, url))
            return;
    if (url.len > 0)
        vec_push(&draft->links, url);
}

Str feed_text_of_html(struct feed_builder *b, Str html, Str base, bool wants_links)
{
    struct link_context context = {b, base};

    buf_reset(&b->text);
    html_to_text(html, &b->text, wants_links ? keep_link : NULL, &context);
    if (b->text.is_failed && !b->is_failed)
        b->is_failed = !buf_ok(&b->text, b->err);
    return feed_keep(b, buf_str(&b->text));
}

Str feed_text_of_plain(struct feed_builder *b, Str plain)
{
    return feed_keep(b, str_trim(plain));
}

Str feed_line(struct feed_builder *b, Str text)
{
    bool has_gap = false;

    buf_reset(&b->text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            has_gap = b->text.len > 0;
            continue;
        }
        if (has_gap)
            buf_add_byte(&b->text, ' ');
        has_gap = false;
        buf_add_byte(&b->text, c);
    }
    return feed_keep(b, buf_str(&b->text));
}

void feed_set_date(struct feed_builder *b, Str text, enum feed_date_rank rank)
{
    int64_t ms;

    if (rank <= b->draft.date_rank || !time_parse(text, &ms))
        return;
    b->draft.date_rank = rank;
    b->draft.item.published_ms = ms;
    b->draft.item.has_published = true;
}

Str feed_author_name(Str text)
{
    Str before, rest, inner;

    text = str_trim(text);
    for (int i = 0; i < 2; i++) {
        char open = "(<"[i], close = ")>"[i];
        if (!str_cut(text, open, &before, &rest) || !str_cut(rest, close, &inner, &rest))
            continue;
        before = str_trim(before);
        inner = str_trim(inner);
        bool is_address = str_find_byte(before, '@') < before.len || before.len == 0;
        return is_address && inner.len > 0 ? inner : before;
    }
    return text;
}

/* An item without any identity gets one from what it says, so that it is known again. */
static Str digest_id(struct feed_builder *b, const struct feed_item *item)
{
    struct digest_state state;

    digest_begin(&state);
    digest_add_framed(&state, item->title);
    digest_add_framed(&state, item->text);
    digest_add_framed(&state, item->author);
    digest_add_framed(&state, str_from_cstr(time_rfc3339(item->published_ms).text));
    return feed_keep(b, str_from_cstr(digest_hex(digest_end(&state)).text));
}

void feed_end_item(struct feed_builder *b)
{
    struct feed_draft *draft = &b->draft;
    struct feed_item item = draft->item;

    item.text = draft->content.len > 0 ? draft->content : draft->summary;
    if (item.url.len == 0)
        item.url = draft->permalink;
    bool says_something =
        item.has_published ||
        item.title.len + item.text.len + item.url.len + item.id.len + item.author.len > 0;
    if (item.author.len == 0)
        item.author = b->author;
    if (item.language.len == 0)
        item.language = b->feed->language;
    if (item.id.len == 0)
        item.id = item.url.len > 0 ? item.url : digest_id(b, &item);
    Str *links = arena_try_new(b->arena, Str, draft->links.count + 1);
    if (!links && !b->is_failed)
        b->is_failed = !err_arena(b->err, b->arena);
    if (links && draft->links.count > 0)
        memcpy(links, draft->links.items, draft->links.count * sizeof *links);
    item.links = links;
    item.link_count = draft->links.count;
    if (b->items.count >= FEED_ITEMS_MAX)
        b->feed->is_truncated = true;
    else if (says_something && !b->is_failed)
        vec_push(&b->items, item);
    vec_deinit(&draft->links);
    *draft = (struct feed_draft){0};
}

static bool keep_items(struct feed_builder *b)
{
    struct feed *feed = b->feed;

    if (b->is_failed)
        return false;
    feed->count = b->items.count;
    feed->items = arena_try_new(b->arena, struct feed_item, feed->count + 1);
    if (!feed->items)
        return err_arena(b->err, b->arena);
    if (feed->count > 0)
        memcpy(feed->items, b->items.items, feed->count * sizeof *feed->items);
    return true;
}

bool feed_parse(struct arena *a, Str bytes, Str url, Str content_type, struct feed *out,
                struct err *err)
{
    struct feed_builder b = {.arena = a, .feed = out, .url = url, .err = err};

    *out = (struct feed){0};
    if (bytes.len > FEED_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "the feed is longer than %d bytes", FEED_BYTES_MAX);
    buf_init(&b.markup, 3 * (size_t)FEED_BYTES_MAX);
    buf_init(&b.text, 3 * (size_t)FEED_BYTES_MAX);
    Str start = str_trim(bytes);
    if (str_starts(start, S("\xef\xbb\xbf")))
        start = str_trim(str_sub(start, 3, start.len));
    bool ok = str_starts(start, S("{")) ? feed_read_json(&b, start)
                                        : feed_read_xml(&b, bytes, content_type);
    ok = ok && keep_items(&b);
    vec_deinit(&b.items);
    vec_deinit(&b.draft.links);
    buf_deinit(&b.markup);
    buf_deinit(&b.text);
    return ok;
}
