/* Mastodon: statuses, alone or in lists, and the events of its streams, as server-sent events
 * ("event: update", "data: {...}") and as messages ({"event": "update", "payload": "{...}"}; the
 * payload is JSON inside a text). Entities as docs.joinmastodon.org has them.
 *
 * Ids are those of the server that was asked, because that is all its delete events name: posts of
 * two servers belong under two sources. What is not public is left out. */
#include "listen/decode/decode_priv.h"

#include <stdio.h>

enum status_node {
    STATUS_ACCOUNT,
    STATUS_REBLOG,
    STATUS_MENTIONS,
    STATUS_CARD,
    STATUS_QUOTE,
    STATUS_CONTENT,
    STATUS_VISIBILITY,
    STATUS_URI,
    STATUS_NODES
};

static const struct member status_members[] = {
    FILL("id", ID, id, 0),
    FILL("created_at", TIME, created_at_ms, 0),
    KEEP("account", STATUS_ACCOUNT),
    KEEP("content", STATUS_CONTENT),
    FILL("spoiler_text", TEXT, title, POST_TEXT_BYTES_MAX),
    FILL("language", LANG, lang, 0),
    FILL("url", TEXT, url, DECODE_URL_BYTES_MAX),
    KEEP("uri", STATUS_URI),
    KEEP("visibility", STATUS_VISIBILITY),
    FILL("in_reply_to_id", ID, reply_to, 0),
    FILL("in_reply_to_account_id", ID, reply_to_author, 0),
    KEEP("reblog", STATUS_REBLOG),
    KEEP("mentions", STATUS_MENTIONS),
    KEEP("card", STATUS_CARD),
    KEEP("quote", STATUS_QUOTE),
    FILL("favourites_count", COUNT, metrics.likes, 0),
    FILL("replies_count", COUNT, metrics.replies, 0),
    FILL("reblogs_count", COUNT, metrics.reposts, 0),
};

static const struct member account_members[] = {
    FILL_AS("id", ID, author.id, 0, "account.id"),
    FILL_AS("acct", TEXT, author.handle, DECODE_ID_BYTES_MAX, "account.acct"),
    FILL_AS("display_name", TEXT, author.name, DECODE_ID_BYTES_MAX, "account.display_name"),
    FILL_AS("followers_count", COUNT, author.followers, 0, "account.followers_count"),
};

static bool is_private(Str visibility)
{
    return str_eq(visibility, S("private")) || str_eq(visibility, S("direct"));
}

static bool status_addresses(struct decoder *d, const JsonNode *nodes)
{
    JsonNode quoted = json_node_get(nodes[STATUS_QUOTE], S("quoted_status"));

    for (JsonIter it = json_node_iter(nodes[STATUS_MENTIONS]); json_iter_next(&it);)
        if (!row_mention(d, node_str_at(it.value, S("acct"))))
            return false;
    return row_link(d, node_str_at(nodes[STATUS_CARD], S("url"))) &&
           row_link(d, node_str_at(quoted, S("url")));
}

/* A boost has no words of its own: it passes on those of the status inside. */
static bool status_boost(struct decoder *d, JsonNode original, struct post *post)
{
    JsonNode account = json_node_get(original, S("account"));

    return node_id(d, json_node_get(original, S("id")), "reblog.id", &post->repost_of) &&
           node_id(d, json_node_get(account, S("id")), "reblog.account.id",
                   &post->repost_of_author) &&
           row_html(d, "reblog.content", node_str_at(original, S("content")), &post->text);
}

static bool decode_status(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode nodes[STATUS_NODES];

    if (!members_read(d, root, status_members, COUNT_OF(status_members), post, nodes, STATUS_NODES))
        return false;
    if (is_private(node_str(nodes[STATUS_VISIBILITY])))
        return row_ignore(d);
    if (json_node_type(nodes[STATUS_CONTENT]) != JSON_STRING)
        return row_refuse(d, "no content");
    if (post->url.len == 0 &&
        !node_text(d, nodes[STATUS_URI], "uri", DECODE_URL_BYTES_MAX, &post->url))
        return false;
    if (post->reply_to.len > 0)
        post->kind = S("reply");
    if (!members_read(d, nodes[STATUS_ACCOUNT], account_members, COUNT_OF(account_members), post,
                      NULL, 0))
        return false;
    bool is_boost = json_node_type(nodes[STATUS_REBLOG]) == JSON_OBJECT;
    return (is_boost ? status_boost(d, nodes[STATUS_REBLOG], post)
                     : row_html(d, "content", node_str(nodes[STATUS_CONTENT]), &post->text)) &&
           status_addresses(d, nodes);
}

bool decode_mastodon(struct decoder *d, JsonNode root, struct post *post)
{
    return decode_status(d, root, post);
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool keep_deletion(struct decoder *d, Str id)
{
    struct post post;

    id = str_trim(id);
    if (id.len >= 2 && id.ptr[0] == '"' && id.ptr[id.len - 1] == '"')
        id = str_sub(id, 1, id.len - 2);
    row_begin(d, &post);
    post.event = POST_DELETE;
    bool is_good = str_utf8_invalid_at(id) < id.len
                       ? row_refuse(d, "the id is not valid UTF-8")
                       : row_text(d, "id", id, DECODE_ID_BYTES_MAX, &post.id);
    is_good = is_good && row_end(d, &post);
    return row_keep(d, is_good, &post, d->line, d->raw);
}

static bool is_status_event(Str name)
{
    return str_eq(name, S("update")) || str_eq(name, S("status.update"));
}

bool mastodon_event(struct decoder *d, Str name, Str data, bool *is_done)
{
    *is_done = true;
    if (str_eq(name, S("delete")))
        return keep_deletion(d, data);
    if (name.len > 0 && !is_status_event(name) && !str_eq(name, S("message")))
        return row_keep_ignored(d);
    *is_done = false;
    return true;
}

/* JSON inside JSON: another parser, because nodes of the first one are still in use. */
static bool payload_record(struct decoder *d, Str payload)
{
    struct err err = {0};
    JsonNode root;

    if (!d->inner && !json_bulk_create(&d->inner, &err))
        return row_exhausted(d);
    return json_bulk_parse(d->inner, payload, &root, &err) ? row_decode(d, root)
                                                           : row_keep_refused_error(d, &err);
}

bool mastodon_record(struct decoder *d, JsonNode root)
{
    JsonNode payload = json_node_get(root, S("payload"));
    Str name, text;

    if (!json_node_str(json_node_get(root, S("event")), &name))
        return row_decode(d, root);
    if (str_eq(name, S("delete"))) {
        int64_t number;
        char digits[24];
        if (!json_node_i64(payload, &number))
            return keep_deletion(d, node_str(payload));
        int len = snprintf(digits, sizeof digits, "%lld", (long long)number);
        return keep_deletion(d, (Str){digits, (size_t)len});
    }
    if (!is_status_event(name))
        return row_keep_ignored(d);
    return json_node_str(payload, &text) ? payload_record(d, text) : row_decode(d, payload);
}

bool mastodon_is_mine(JsonNode root)
{
    if (json_node_type(json_node_get(root, S("event"))) == JSON_STRING &&
        (node_has(root, S("payload")) ||
         json_node_type(json_node_get(root, S("stream"))) == JSON_ARRAY))
        return true;
    return json_node_type(json_node_get(root, S("account"))) == JSON_OBJECT &&
           json_node_type(json_node_get(root, S("content"))) == JSON_STRING &&
           (node_has(root, S("uri")) || node_has(root, S("visibility")));
}
