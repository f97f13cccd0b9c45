/* Hacker News: items of the Firebase interface ({"id", "by", "time", "type", "kids", ...}) and of
 * the Algolia search: hits ({"objectID", "author", "created_at_i", ...}), pages of them, and items
 * with their comments nested inside. Texts are HTML. */
#include "listen/decode/decode_priv.h"

enum item_node {
    ITEM_TYPE,
    ITEM_URL,
    ITEM_TEXT,
    ITEM_STORY_TEXT,
    ITEM_COMMENT_TEXT,
    ITEM_TITLE,
    ITEM_DELETED,
    ITEM_DEAD,
    ITEM_PARENT,
    ITEM_NODES
};

static const struct member item_members[] = {
    /* objectID comes in text, id in numbers; a hit has the first, an item the second */
    FILL("objectID", ID, id, 0),
    FILL("id", ID_SPARE, id, 0),
    FILL("by", TEXT, author.handle, DECODE_ID_BYTES_MAX),
    FILL("author", TEXT, author.handle, DECODE_ID_BYTES_MAX),
    FILL("time", TIME, created_at_ms, 0),
    FILL("created_at_i", TIME, created_at_ms, 0),
    KEEP("type", ITEM_TYPE),
    KEEP("title", ITEM_TITLE),
    KEEP("url", ITEM_URL),
    KEEP("text", ITEM_TEXT),
    KEEP("story_text", ITEM_STORY_TEXT),
    KEEP("comment_text", ITEM_COMMENT_TEXT),
    KEEP("parent", ITEM_PARENT),
    KEEP("parent_id", ITEM_PARENT),
    FILL("story_id", ID, thread, 0),
    FILL("score", COUNT, metrics.likes, 0),
    FILL("points", COUNT, metrics.likes, 0),
    FILL("descendants", COUNT, metrics.replies, 0),
    FILL("num_comments", COUNT, metrics.replies, 0),
    KEEP("deleted", ITEM_DELETED),
    KEEP("dead", ITEM_DEAD),
};

static bool is_true(JsonNode node)
{
    bool truth;

    return json_node_bool(node, &truth) && truth;
}

static bool item_text(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    static const enum item_node places[] = {ITEM_TEXT, ITEM_COMMENT_TEXT, ITEM_STORY_TEXT};

    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (node_str(nodes[places[i]]).len > 0)
            return row_html(d, "text", node_str(nodes[places[i]]), &post->text);
    return true;
}

static bool item_url(struct decoder *d, struct post *post)
{
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "https://news.ycombinator.com/item?id=");
    buf_add(&d->scratch, post->id);
    return row_text(d, "url", buf_str(&d->scratch), DECODE_URL_BYTES_MAX, &post->url);
}

/* The parent of a comment is what it answers; a poll's option belongs to a poll and answers
 * nobody. */
static bool item_place(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    Str type = node_str(nodes[ITEM_TYPE]);
    bool is_comment = str_eq(type, S("comment")) || node_str(nodes[ITEM_COMMENT_TEXT]).len > 0;

    if (is_comment)
        post->kind = S("comment");
    if (post->thread.len > 0 && str_eq(post->thread, post->id))
        post->thread = STR_NONE;
    return node_id(d, nodes[ITEM_PARENT], "parent", is_comment ? &post->reply_to : &post->thread);
}

bool decode_hackernews(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode nodes[ITEM_NODES];

    if (!members_read(d, root, item_members, COUNT_OF(item_members), post, nodes, ITEM_NODES))
        return false;
    if (is_true(nodes[ITEM_DELETED]) || is_true(nodes[ITEM_DEAD])) {
        post->event = POST_DELETE;
        return true;
    }
    if (!row_markup(d, "title", node_str(nodes[ITEM_TITLE]), POST_TEXT_BYTES_MAX, &post->title) ||
        !row_link(d, node_str(nodes[ITEM_URL])) || !item_text(d, nodes, post))
        return false;
    if (post->title.len + post->text.len == 0)
        return row_refuse(d, "no text");
    return item_place(d, nodes, post) && item_url(d, post);
}

/* An item and the comments inside; the depth of the document bounds the recursion. A placeholder
 * for a comment that is gone has neither author nor text. */
static bool item_tree(struct decoder *d, JsonNode item)
{
    bool is_placeholder = json_node_type(json_node_get(item, S("author"))) == JSON_NULL &&
                          json_node_type(json_node_get(item, S("text"))) == JSON_NULL &&
                          !node_has(item, S("title"));

    d->item++;
    if (is_placeholder ? !row_keep_ignored(d) : !row_decode(d, item))
        return false;
    for (JsonIter it = json_node_iter(json_node_get(item, S("children"))); json_iter_next(&it);)
        if (!item_tree(d, it.value))
            return false;
    return true;
}

bool hackernews_record(struct decoder *d, JsonNode root)
{
    JsonNode hits = json_node_get(root, S("hits"));

    if (json_node_type(hits) == JSON_ARRAY)
        return row_decode_each(d, hits);
    return json_node_type(json_node_get(root, S("children"))) == JSON_ARRAY ? item_tree(d, root)
                                                                            : row_decode(d, root);
}

static bool is_hit(JsonNode object)
{
    return node_has(object, S("objectID")) && node_has(object, S("created_at_i"));
}

bool hackernews_is_mine(JsonNode root)
{
    int64_t number;
    bool is_numbered = json_node_i64(json_node_get(root, S("id")), &number);

    return is_hit(root) || is_hit(json_node_at(json_node_get(root, S("hits")), 0)) ||
           (is_numbered && node_has(root, S("created_at_i"))) ||
           (is_numbered && node_has(root, S("type")) && node_has(root, S("time")) &&
            (node_has(root, S("by")) || node_has(root, S("deleted"))));
}
