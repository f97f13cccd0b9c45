/* Bluesky: events of Jetstream, one object a line, and post views as the public interface gives
 * them in feeds, threads and searches. Records as the lexicons app.bsky.feed.post and
 * app.bsky.feed.repost define them.
 *
 * The id is the record's address, at://did/collection/rkey, which is all a deletion names. Times of
 * records are said by their authors, who may say anything; as on the platform itself a post is not
 * later than the event that brought it. */
#include "listen/decode/decode_priv.h"

#include "format/time.h"

#define POST_COLLECTION   "app.bsky.feed.post"
#define REPOST_COLLECTION "app.bsky.feed.repost"

enum event_node { EVENT_DID, EVENT_TIME, EVENT_KIND, EVENT_COMMIT, EVENT_NODES };

static const struct member event_members[] = {
    KEEP("did", EVENT_DID),
    KEEP("time_us", EVENT_TIME),
    KEEP("kind", EVENT_KIND),
    KEEP("commit", EVENT_COMMIT),
};

enum commit_node { COMMIT_OPERATION, COMMIT_COLLECTION, COMMIT_RKEY, COMMIT_RECORD, COMMIT_NODES };

static const struct member commit_members[] = {
    KEEP("operation", COMMIT_OPERATION),
    KEEP("collection", COMMIT_COLLECTION),
    KEEP("rkey", COMMIT_RKEY),
    KEEP("record", COMMIT_RECORD),
};

enum record_node {
    RECORD_CREATED,
    RECORD_LANGS,
    RECORD_REPLY,
    RECORD_FACETS,
    RECORD_EMBED,
    RECORD_SUBJECT,
    RECORD_TAGS,
    RECORD_NODES
};

static const struct member record_members[] = {
    FILL("text", TEXT, text, POST_TEXT_BYTES_MAX),
    KEEP("createdAt", RECORD_CREATED),
    KEEP("langs", RECORD_LANGS),
    KEEP("reply", RECORD_REPLY),
    KEEP("facets", RECORD_FACETS),
    KEEP("embed", RECORD_EMBED),
    KEEP("subject", RECORD_SUBJECT),
    KEEP("tags", RECORD_TAGS),
};

enum view_node { VIEW_AUTHOR, VIEW_RECORD, VIEW_INDEXED, VIEW_NODES };

static const struct member view_members[] = {
    FILL("uri", ID, id, 0),
    KEEP("author", VIEW_AUTHOR),
    KEEP("record", VIEW_RECORD),
    KEEP("indexedAt", VIEW_INDEXED),
    FILL("likeCount", COUNT, metrics.likes, 0),
    FILL("replyCount", COUNT, metrics.replies, 0),
    FILL("repostCount", COUNT, metrics.reposts, 0),
};

static const struct member author_members[] = {
    FILL_AS("did", ID, author.id, 0, "author.did"),
    FILL_AS("handle", TEXT, author.handle, DECODE_ID_BYTES_MAX, "author.handle"),
    FILL_AS("displayName", TEXT, author.name, DECODE_ID_BYTES_MAX, "author.displayName"),
};

/* ---- addresses ------------------------------------------------------------------------------- */

/* "at://did/collection/rkey" into its parts; false for anything else. */
static bool cut_address(Str address, Str *did, Str *collection, Str *rkey)
{
    Str rest;

    if (!str_starts(address, S("at://")))
        return false;
    return str_cut(str_sub(address, 5, address.len), '/', did, &rest) &&
           str_cut(rest, '/', collection, rkey) && did->len > 0 && rkey->len > 0;
}

/* The page of a post; d->scratch holds it. Empty when the address is no post's. */
static Str page_of(struct decoder *d, Str address)
{
    Str did, collection, rkey;

    if (!cut_address(address, &did, &collection, &rkey) || !str_eq(collection, S(POST_COLLECTION)))
        return STR_NONE;
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "https://bsky.app/profile/");
    buf_add(&d->scratch, did);
    buf_lit(&d->scratch, "/post/");
    buf_add(&d->scratch, rkey);
    return buf_str(&d->scratch);
}

static bool author_of(struct decoder *d, Str address, Str *out)
{
    Str did, collection, rkey;

    return !cut_address(address, &did, &collection, &rkey) ||
           row_text(d, "did", did, DECODE_ID_BYTES_MAX, out);
}

/* ---- a record -------------------------------------------------------------------------------- */

/* At most `latest_ms`; that when the author's time is none, or lies outside the time of the
 * platform. */
static bool record_time(struct decoder *d, Str said, int64_t latest_ms, struct post *post)
{
    int64_t ms;

    if (!time_parse(said, &ms) || ms < DECODE_TIME_MIN_MS || (latest_ms > 0 && ms > latest_ms))
        ms = latest_ms;
    return ms == 0 || row_time(d, post, ms);
}

static bool record_reply(struct decoder *d, JsonNode reply, struct post *post)
{
    Str parent = node_str_at(json_node_get(reply, S("parent")), S("uri"));
    Str root = node_str_at(json_node_get(reply, S("root")), S("uri"));

    if (parent.len == 0)
        return true;
    post->kind = S("reply");
    return row_text(d, "reply.parent.uri", parent, DECODE_ID_BYTES_MAX, &post->reply_to) &&
           row_text(d, "reply.root.uri", root, DECODE_ID_BYTES_MAX, &post->thread) &&
           author_of(d, parent, &post->reply_to_author);
}

/* A facet marks bytes of the text; of a mention they read "@handle", while the feature has the did
 * alone. */
static bool facet_mention(struct decoder *d, JsonNode facet, JsonNode feature, Str text)
{
    JsonNode index = json_node_get(facet, S("index"));
    uint64_t from = 0, to = 0;

    if (json_node_u64(json_node_get(index, S("byteStart")), &from) &&
        json_node_u64(json_node_get(index, S("byteEnd")), &to) && from < to && to <= text.len) {
        Str handle = str_sub(text, (size_t)from, (size_t)(to - from));
        if (handle.ptr[0] == '@' && handle.len > 1 && str_utf8_invalid_at(handle) == handle.len)
            return row_mention(d, handle);
    }
    return row_mention(d, node_str_at(feature, S("did")));
}

static bool record_facets(struct decoder *d, JsonNode facets, Str text)
{
    for (JsonIter it = json_node_iter(facets); json_iter_next(&it);) {
        JsonNode features = json_node_get(it.value, S("features"));
        for (JsonIter f = json_node_iter(features); json_iter_next(&f);) {
            Str type = node_str_at(f.value, S("$type"));
            if (str_ends(type, S("#link")) && !row_link(d, node_str_at(f.value, S("uri"))))
                return false;
            if (str_ends(type, S("#mention")) && !facet_mention(d, it.value, f.value, text))
                return false;
        }
    }
    return true;
}

/* A card's address and a quoted post's page. "recordWithMedia" holds one of each. */
static bool record_embed(struct decoder *d, JsonNode embed)
{
    JsonNode external = json_node_get(embed, S("external"));
    JsonNode media = json_node_get(embed, S("media")), record = json_node_get(embed, S("record"));

    if (json_node_type(external) != JSON_OBJECT)
        external = json_node_get(media, S("external"));
    if (json_node_type(json_node_get(record, S("record"))) == JSON_OBJECT)
        record = json_node_get(record, S("record"));
    return row_link(d, node_str_at(external, S("uri"))) &&
           row_link(d, page_of(d, node_str_at(record, S("uri"))));
}

static bool record_tags(struct decoder *d, JsonNode tags, struct post *post)
{
    buf_reset(&d->extra);
    if (json_node_type(tags) == JSON_ARRAY && json_node_count(tags) > 0)
        extra_add(&d->extra, S("tags"), tags);
    return extra_keep(d, post);
}

static bool decode_record(struct decoder *d, JsonNode record, int64_t latest_ms, struct post *post)
{
    JsonNode nodes[RECORD_NODES];

    if (json_node_type(record) != JSON_OBJECT)
        return row_refuse(d, "no record");
    return members_read(d, record, record_members, COUNT_OF(record_members), post, nodes,
                        RECORD_NODES) &&
           record_time(d, node_str(nodes[RECORD_CREATED]), latest_ms, post) &&
           row_lang(d, node_str(json_node_at(nodes[RECORD_LANGS], 0)), &post->lang) &&
           record_reply(d, nodes[RECORD_REPLY], post) &&
           record_facets(d, nodes[RECORD_FACETS], post->text) &&
           record_embed(d, nodes[RECORD_EMBED]) && record_tags(d, nodes[RECORD_TAGS], post) &&
           row_text(d, "url", page_of(d, post->id), DECODE_URL_BYTES_MAX, &post->url);
}

static bool decode_repost(struct decoder *d, JsonNode record, int64_t latest_ms, struct post *post)
{
    Str subject = node_str_at(json_node_get(record, S("subject")), S("uri"));

    if (subject.len == 0)
        return row_refuse(d, "a repost of nothing");
    return record_time(d, node_str_at(record, S("createdAt")), latest_ms, post) &&
           row_text(d, "subject.uri", subject, DECODE_ID_BYTES_MAX, &post->repost_of) &&
           author_of(d, subject, &post->repost_of_author);
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool commit_identity(struct decoder *d, Str did, const JsonNode *commit, struct post *post)
{
    if (did.len == 0 || node_str(commit[COMMIT_RKEY]).len == 0)
        return row_refuse(d, "no did or rkey");
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "at://");
    buf_add(&d->scratch, did);
    buf_add_byte(&d->scratch, '/');
    buf_add(&d->scratch, node_str(commit[COMMIT_COLLECTION]));
    buf_add_byte(&d->scratch, '/');
    buf_add(&d->scratch, node_str(commit[COMMIT_RKEY]));
    return row_text(d, "id", buf_str(&d->scratch), DECODE_ID_BYTES_MAX, &post->id);
}

static bool decode_commit(struct decoder *d, Str did, JsonNode commit, int64_t time_ms,
                          struct post *post)
{
    JsonNode nodes[COMMIT_NODES];

    if (!members_read(d, commit, commit_members, COUNT_OF(commit_members), post, nodes,
                      COMMIT_NODES))
        return false;
    Str operation = node_str(nodes[COMMIT_OPERATION]);
    bool is_post = str_eq(node_str(nodes[COMMIT_COLLECTION]), S(POST_COLLECTION));
    if (!is_post && !str_eq(node_str(nodes[COMMIT_COLLECTION]), S(REPOST_COLLECTION)))
        return row_ignore(d);
    if (!commit_identity(d, did, nodes, post))
        return false;
    if (str_eq(operation, S("delete"))) {
        post->event = POST_DELETE;
        return true;
    }
    if (!str_eq(operation, S("create")) && !str_eq(operation, S("update")))
        return row_refuse(d, "operation is neither 'create', 'update' nor 'delete'");
    if (!row_text(d, "did", did, DECODE_ID_BYTES_MAX, &post->author.id))
        return false;
    return is_post ? decode_record(d, nodes[COMMIT_RECORD], time_ms, post)
                   : decode_repost(d, nodes[COMMIT_RECORD], time_ms, post);
}

static bool decode_view(struct decoder *d, JsonNode view, struct post *post)
{
    JsonNode nodes[VIEW_NODES];
    int64_t indexed_ms = 0;

    if (!members_read(d, view, view_members, COUNT_OF(view_members), post, nodes, VIEW_NODES) ||
        !members_read(d, nodes[VIEW_AUTHOR], author_members, COUNT_OF(author_members), post, NULL,
                      0))
        return false;
    if (!time_parse(node_str(nodes[VIEW_INDEXED]), &indexed_ms))
        indexed_ms = 0;
    return decode_record(d, nodes[VIEW_RECORD], indexed_ms, post);
}

bool decode_bluesky(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode nodes[EVENT_NODES];
    int64_t time_us = 0;

    if (node_has(root, S("uri")) && node_has(root, S("record")))
        return decode_view(d, root, post);
    if (!members_read(d, root, event_members, COUNT_OF(event_members), post, nodes, EVENT_NODES))
        return false;
    if (json_node_i64(nodes[EVENT_TIME], &time_us) && time_us > d->batch->cursor_us)
        d->batch->cursor_us = time_us;
    Str kind = node_str(nodes[EVENT_KIND]);
    if (str_eq(kind, S("identity")) || str_eq(kind, S("account")))
        return row_ignore(d);
    if (!str_eq(kind, S("commit")))
        return row_refuse(d, "kind is neither 'commit', 'identity' nor 'account'");
    if (json_node_type(nodes[EVENT_COMMIT]) != JSON_OBJECT)
        return row_refuse(d, "no commit");
    return decode_commit(d, node_str(nodes[EVENT_DID]), nodes[EVENT_COMMIT], time_us / 1000, post);
}

/* {"posts": [view]}, {"feed": [{"post": view}]}. */
bool bluesky_record(struct decoder *d, JsonNode root)
{
    JsonNode posts = json_node_get(root, S("posts")), feed = json_node_get(root, S("feed"));

    if (json_node_type(posts) == JSON_ARRAY)
        return row_decode_each(d, posts);
    if (json_node_type(feed) != JSON_ARRAY)
        return row_decode(d, root);
    for (JsonIter it = json_node_iter(feed); json_iter_next(&it);) {
        d->item++;
        if (!row_decode(d, json_node_get(it.value, S("post"))))
            return false;
    }
    return true;
}

static bool is_view(JsonNode object)
{
    return str_starts(node_str_at(object, S("uri")), S("at://")) && node_has(object, S("record"));
}

bool bluesky_is_mine(JsonNode root)
{
    return (node_has(root, S("did")) &&
            (node_has(root, S("time_us")) || node_has(root, S("commit")))) ||
           is_view(root) || is_view(json_node_at(json_node_get(root, S("posts")), 0)) ||
           is_view(json_node_get(json_node_at(json_node_get(root, S("feed")), 0), S("post")));
}
