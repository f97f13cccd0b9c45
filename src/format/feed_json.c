/* JSON Feed 1.0 and 1.1 (jsonfeed.org). */
#include "format/feed_priv.h"
#include "format/json.h"

static Str member(const struct json *object, const char *key)
{
    return json_str_or(object, key, STR_NONE);
}

/* Text, or a number as some sites write ids. */
static Str id_of(struct feed_builder *b, const struct json *item)
{
    const struct json *id = json_get(item, "id");
    int64_t whole;

    if (json_i64(id, &whole)) {
        buf_reset(&b->text);
        buf_printf(&b->text, "%lld", (long long)whole);
        return feed_keep(b, buf_str(&b->text));
    }
    return feed_keep(b, member(item, "id"));
}

/* 1.1 has a list of authors, 1.0 one author. */
static Str author_of(struct feed_builder *b, const struct json *object)
{
    const struct json *first = json_at(json_get(object, "authors"), 0);

    return feed_line(b, member(first ? first : json_get(object, "author"), "name"));
}

static void read_item(struct feed_builder *b, const struct json *item)
{
    struct feed_draft *draft = &b->draft;
    Str html = member(item, "content_html");

    draft->item.id = id_of(b, item);
    draft->item.title = feed_line(b, member(item, "title"));
    draft->item.url = feed_address(b, member(item, "url"), b->url);
    if (draft->item.url.len == 0)
        draft->item.url = feed_address(b, member(item, "external_url"), b->url);
    if (html.len > 0)
        draft->content =
            feed_text_of_html(b, html, draft->item.url.len > 0 ? draft->item.url : b->url, true);
    Str plain = member(item, "content_text");
    if (plain.len > 0)
        draft->content = feed_text_of_plain(b, plain);
    draft->summary = feed_text_of_plain(b, member(item, "summary"));
    draft->item.author = author_of(b, item);
    draft->item.language = feed_keep(b, member(item, "language"));
    feed_set_date(b, member(item, "date_published"), DATE_PUBLISHED);
    feed_set_date(b, member(item, "date_modified"), DATE_MODIFIED);
    feed_end_item(b);
}

bool feed_read_json(struct feed_builder *b, Str bytes)
{
    const struct json *root, *items;
    struct arena tree;

    arena_init(&tree, 16 * (size_t)FEED_BYTES_MAX);
    bool ok = json_parse(&tree, bytes, &root, b->err);
    items = ok ? json_get(root, "items") : NULL;
    if (ok && (!str_starts(member(root, "version"), S("https://jsonfeed.org/version/")) ||
               json_type(items) != JSON_ARRAY))
        ok = err_set(b->err, ERR_INPUT, "the JSON document is no JSON Feed");
    if (ok) {
        b->feed->kind = FEED_JSON;
        b->feed->title = feed_line(b, member(root, "title"));
        b->feed->url = feed_address(b, member(root, "home_page_url"), b->url);
        b->feed->description = feed_text_of_plain(b, member(root, "description"));
        b->feed->language = feed_keep(b, member(root, "language"));
        b->author = author_of(b, root);
        for (size_t i = 0; i < json_len(items) && !b->is_failed; i++)
            read_item(b, json_at(items, i));
    }
    arena_deinit(&tree);
    return ok && !b->is_failed;
}
