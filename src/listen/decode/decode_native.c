/* The native form: one post an object, as docs/posts.md has it. */
#include "listen/decode/decode_priv.h"

/* What the common kinds do not cover. */
enum native_node {
    NATIVE_AUTHOR,
    NATIVE_LINKS,
    NATIVE_MENTIONS,
    NATIVE_METRICS,
    NATIVE_RATING,
    NATIVE_EVENT,
    NATIVE_NODES
};

static const struct member native_members[] = {
    FILL("id", ID, id, 0),
    FILL("source", TEXT, source, 200),
    FILL("kind", TEXT, kind, 40),
    FILL("created_at", TIME, created_at_ms, 0),
    KEEP("author", NATIVE_AUTHOR),
    FILL("lang", LANG, lang, 0),
    FILL("title", TEXT, title, POST_TEXT_BYTES_MAX),
    FILL("text", TEXT, text, POST_TEXT_BYTES_MAX),
    FILL("url", TEXT, url, DECODE_URL_BYTES_MAX),
    KEEP("links", NATIVE_LINKS),
    KEEP("mentions", NATIVE_MENTIONS),
    FILL("reply_to", ID, reply_to, 0),
    FILL("reply_to_author", ID, reply_to_author, 0),
    FILL("thread", ID, thread, 0),
    FILL("repost_of", ID, repost_of, 0),
    FILL("repost_of_author", ID, repost_of_author, 0),
    KEEP("metrics", NATIVE_METRICS),
    KEEP("rating", NATIVE_RATING),
    FILL("country", COUNTRY, country, 0),
    FILL("dataset", TEXT, dataset, 200),
    KEEP("event", NATIVE_EVENT),
};

static const struct member author_members[] = {
    FILL_AS("id", ID, author.id, 0, "author.id"),
    FILL_AS("handle", TEXT, author.handle, DECODE_ID_BYTES_MAX, "author.handle"),
    FILL_AS("name", TEXT, author.name, DECODE_ID_BYTES_MAX, "author.name"),
    FILL_AS("followers", COUNT, author.followers, 0, "author.followers"),
    FILL_AS("verified", FLAG, author.verified, 0, "author.verified"),
};

static const struct member metrics_members[] = {
    FILL_AS("likes", COUNT, metrics.likes, 0, "metrics.likes"),
    FILL_AS("replies", COUNT, metrics.replies, 0, "metrics.replies"),
    FILL_AS("reposts", COUNT, metrics.reposts, 0, "metrics.reposts"),
    FILL_AS("views", COUNT, metrics.views, 0, "metrics.views"),
};

static bool native_author(struct decoder *d, JsonNode node, struct post *post)
{
    switch (json_node_type(node)) {
    case JSON_MISSING:
    case JSON_NULL:
        return true;
    case JSON_STRING:
        return node_text(d, node, "author", DECODE_ID_BYTES_MAX, &post->author.handle);
    case JSON_OBJECT:
        return members_read(d, node, author_members, COUNT_OF(author_members), post, NULL, 0);
    default:
        return row_refuse(d, "author is neither a text nor an object");
    }
}

static bool native_metrics(struct decoder *d, JsonNode node, struct post *post)
{
    if (json_node_type(node) <= JSON_NULL)
        return true;
    if (json_node_type(node) != JSON_OBJECT)
        return row_refuse(d, "metrics is not an object");
    return members_read(d, node, metrics_members, COUNT_OF(metrics_members), post, NULL, 0);
}

static bool native_rating(struct decoder *d, JsonNode node, struct post *post)
{
    double stars;

    if (json_node_type(node) <= JSON_NULL)
        return true;
    if (!json_node_f64(node, &stars) || !(stars >= 0 && stars <= 5))
        return row_refuse(d, "rating is not a number from 0 to 5");
    post->rating = stars;
    return true;
}

static bool native_event(struct decoder *d, JsonNode node, struct post *post)
{
    Str event;

    if (json_node_type(node) <= JSON_NULL)
        return true;
    if (json_node_str(node, &event) && str_eq(event, S("delete")))
        post->event = POST_DELETE;
    else if (!json_node_str(node, &event) || !str_eq(event, S("upsert")))
        return row_refuse(d, "event is neither 'upsert' nor 'delete'");
    return true;
}

static bool native_members_read(struct decoder *d, JsonNode root, struct post *post,
                                JsonNode *nodes)
{
    buf_reset(&d->extra);
    for (JsonIter it = json_node_iter(root); json_iter_next(&it);) {
        const struct member *member = member_find(native_members, COUNT_OF(native_members), it.key);
        if (!member)
            extra_add(&d->extra, it.key, it.value);
        else if (!member_read(d, member, it.value, post, nodes))
            return false;
    }
    return extra_keep(d, post);
}

static bool is_text_said(JsonNode root)
{
    return json_node_type(json_node_get(root, S("text"))) == JSON_STRING ||
           json_node_type(json_node_get(root, S("title"))) == JSON_STRING;
}

bool decode_native(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode nodes[NATIVE_NODES] = {{0}};

    if (!native_members_read(d, root, post, nodes) ||
        !native_author(d, nodes[NATIVE_AUTHOR], post) ||
        !node_texts(d, nodes[NATIVE_LINKS], "links", &post->links, &post->link_count) ||
        !node_texts(d, nodes[NATIVE_MENTIONS], "mentions", &post->mentions, &post->mention_count) ||
        !native_metrics(d, nodes[NATIVE_METRICS], post) ||
        !native_rating(d, nodes[NATIVE_RATING], post) ||
        !native_event(d, nodes[NATIVE_EVENT], post))
        return false;
    if (post->kind.len == 0)
        post->kind = S("post");
    if (!post_kind_is_known(post->kind))
        return row_refuse(d, "kind '" STR_F "' is not one of " POST_KINDS,
                          (int)(post->kind.len < 40 ? post->kind.len : 40), post->kind.ptr);
    if (post->source.len == 0)
        post->source = d->plan->source;
    if (post->text.len + post->title.len == 0 && post->event == POST_UPSERT && post->id.len > 0 &&
        !is_text_said(root))
        return row_refuse(d, "no text");
    return true;
}

bool is_native_member(Str name)
{
    return member_find(native_members, COUNT_OF(native_members), name) != NULL;
}

bool native_is_mine(JsonNode root)
{
    return node_has(root, S("id")) || node_has(root, S("text"));
}
