/* Reddit: submissions and comments, flat as dumps have them, or as things ({"kind": "t3", "data":
 * {...}}) in the listings of the interface. Field names as in the public API documentation. */
#include "listen/decode/decode_priv.h"

enum reddit_node {
    REDDIT_ID,
    REDDIT_AUTHOR,
    REDDIT_TITLE,
    REDDIT_SELFTEXT,
    REDDIT_BODY,
    REDDIT_PARENT,
    REDDIT_LINK,
    REDDIT_CROSSPOST,
    REDDIT_PERMALINK,
    REDDIT_URL,
    REDDIT_IS_SELF,
    REDDIT_KEPT, /* the first of the members that are kept in extra */
    REDDIT_NODES = REDDIT_KEPT + 5
};

static const struct member reddit_members[] = {
    KEEP("id", REDDIT_ID),
    FILL("created_utc", TIME, created_at_ms, 0),
    KEEP("author", REDDIT_AUTHOR),
    FILL("author_fullname", TEXT, author.id, DECODE_ID_BYTES_MAX),
    KEEP("title", REDDIT_TITLE),
    KEEP("selftext", REDDIT_SELFTEXT),
    KEEP("body", REDDIT_BODY),
    KEEP("parent_id", REDDIT_PARENT),
    KEEP("link_id", REDDIT_LINK),
    KEEP("crosspost_parent", REDDIT_CROSSPOST),
    KEEP("permalink", REDDIT_PERMALINK),
    KEEP("url", REDDIT_URL),
    KEEP("is_self", REDDIT_IS_SELF),
    FILL("score", COUNT, metrics.likes, 0),
    FILL("num_comments", COUNT, metrics.replies, 0),
    KEEP("subreddit", REDDIT_KEPT),
    KEEP("domain", REDDIT_KEPT + 1),
    KEEP("link_flair_text", REDDIT_KEPT + 2),
    KEEP("over_18", REDDIT_KEPT + 3),
    KEEP("distinguished", REDDIT_KEPT + 4),
};

static const Str reddit_kept[] = {S_INIT("subreddit"), S_INIT("domain"), S_INIT("link_flair_text"),
                                  S_INIT("over_18"), S_INIT("distinguished")};

/* "t3_abc" gives "abc". */
static Str reddit_bare_id(Str id)
{
    return id.len > 3 && id.ptr[0] == 't' && id.ptr[2] == '_' ? str_sub(id, 3, id.len) : id;
}

/* What stands in for a text or an author that is no longer there. */
static bool reddit_is_gone(Str text)
{
    return str_eq(text, S("[deleted]")) || str_eq(text, S("[removed]"));
}

static bool reddit_text(struct decoder *d, JsonNode node, const char *what, Str *out)
{
    Str text;

    if (!json_node_str(node, &text) || reddit_is_gone(text))
        return json_node_type(node) == JSON_STRING || json_node_type(node) <= JSON_NULL ||
               row_refuse(d, "%s is not a text", what);
    return row_markup(d, what, text, POST_TEXT_BYTES_MAX, out);
}

static bool reddit_id(struct decoder *d, JsonNode node, const char *what, Str *out)
{
    Str id;

    return !json_node_str(node, &id) ||
           row_text(d, what, reddit_bare_id(id), DECODE_ID_BYTES_MAX, out);
}

static bool reddit_url(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    Str link, resolved;
    bool is_self = false;

    if (json_node_str(nodes[REDDIT_PERMALINK], &link)) {
        buf_reset(&d->scratch);
        if (str_starts(link, S("/")))
            buf_lit(&d->scratch, "https://www.reddit.com");
        buf_add(&d->scratch, link);
        if (!row_text(d, "permalink", buf_str(&d->scratch), DECODE_URL_BYTES_MAX, &post->url))
            return false;
    }
    (void)json_node_bool(nodes[REDDIT_IS_SELF], &is_self);
    if (is_self || !json_node_str(nodes[REDDIT_URL], &link) || link.len > DECODE_URL_BYTES_MAX)
        return true;
    return row_markup(d, "url", link, DECODE_URL_BYTES_MAX, &resolved) && row_link(d, resolved);
}

static bool reddit_author(struct decoder *d, JsonNode node, struct post_author *author)
{
    Str name;

    if (json_node_str(node, &name) && reddit_is_gone(name))
        author->id = STR_NONE;
    if (!json_node_str(node, &name) || reddit_is_gone(name))
        return true;
    return row_text(d, "author", name, DECODE_ID_BYTES_MAX, &author->handle);
}

static bool reddit_extra(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    buf_reset(&d->extra);
    for (size_t i = 0; i < COUNT_OF(reddit_kept); i++)
        if (json_node_type(nodes[REDDIT_KEPT + i]) > JSON_NULL)
            extra_add(&d->extra, reddit_kept[i], nodes[REDDIT_KEPT + i]);
    return extra_keep(d, post);
}

/* Of a comment that its author or a moderator took away nothing is left to keep. */
static bool reddit_comment(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    post->kind = S("comment");
    if (reddit_is_gone(node_str(nodes[REDDIT_BODY]))) {
        post->event = POST_DELETE;
        return true;
    }
    return reddit_text(d, nodes[REDDIT_BODY], "body", &post->text) &&
           reddit_id(d, nodes[REDDIT_PARENT], "parent_id", &post->reply_to) &&
           reddit_id(d, nodes[REDDIT_LINK], "link_id", &post->thread) &&
           reddit_extra(d, nodes, post);
}

bool decode_reddit(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode nodes[REDDIT_NODES], data = json_node_get(root, S("data"));

    if (json_node_type(data) == JSON_OBJECT && node_has(root, S("kind"))) {
        Str kind = node_str_at(root, S("kind"));
        if (!str_eq(kind, S("t1")) && !str_eq(kind, S("t3")))
            return row_ignore(d);
        root = data;
    }
    if (!members_read(d, root, reddit_members, COUNT_OF(reddit_members), post, nodes,
                      REDDIT_NODES) ||
        !reddit_id(d, nodes[REDDIT_ID], "id", &post->id) ||
        !reddit_author(d, nodes[REDDIT_AUTHOR], &post->author) || !reddit_url(d, nodes, post))
        return false;
    if (json_node_type(nodes[REDDIT_BODY]) == JSON_STRING)
        return reddit_comment(d, nodes, post);
    if (json_node_type(nodes[REDDIT_TITLE]) != JSON_STRING)
        return row_refuse(d, "neither a title nor a body");
    return reddit_text(d, nodes[REDDIT_TITLE], "title", &post->title) &&
           reddit_text(d, nodes[REDDIT_SELFTEXT], "selftext", &post->text) &&
           reddit_id(d, nodes[REDDIT_CROSSPOST], "crosspost_parent", &post->repost_of) &&
           reddit_extra(d, nodes, post);
}

/* Things of a listing, and in comments the listing of their replies. The depth of the document
 * bounds the recursion. */
static bool reddit_listing(struct decoder *d, JsonNode listing)
{
    JsonNode children = json_node_get(json_node_get(listing, S("data")), S("children"));

    for (JsonIter it = json_node_iter(children); json_iter_next(&it);) {
        JsonNode replies = json_node_get(json_node_get(it.value, S("data")), S("replies"));
        d->item++;
        if (!row_decode(d, it.value) ||
            (json_node_type(replies) == JSON_OBJECT && !reddit_listing(d, replies)))
            return false;
    }
    return true;
}

bool reddit_record(struct decoder *d, JsonNode root)
{
    bool is_listing = str_eq(node_str_at(root, S("kind")), S("Listing"));

    return is_listing ? reddit_listing(d, root) : row_decode(d, root);
}

bool reddit_is_mine(JsonNode root)
{
    Str kind = node_str_at(root, S("kind"));

    if (node_has(root, S("created_utc")) &&
        (node_has(root, S("title")) || node_has(root, S("body"))))
        return true;
    return node_has(root, S("data")) &&
           (str_eq(kind, S("Listing")) || str_eq(kind, S("t1")) || str_eq(kind, S("t3")));
}
