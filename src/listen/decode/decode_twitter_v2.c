/* X / Twitter, v2 interface: pages {"data": [...], "includes": {...}}, single posts, lines of the
 * filtered stream, bare post objects, and pages that were flattened (author inside the post).
 *
 * A post only names its author, its place and the post it passes on by id; they lie in `includes`,
 * in no order. So an index of a page is made once: a list of (hash of id, object) in the order of
 * the hashes. An edited post has a new id on the platform; here it stays the post it was first. */
#include "listen/decode/decode_priv.h"

#include "listen/decode/decode_priv.h"
#include <stdio.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "listen/decode/references.h"

#define EXPANDED_BYTES_MAX (64 * MIB) /* of a page, copied into its posts: the row is rejected */

enum include_kind { INCLUDE_USER = 1, INCLUDE_POST, INCLUDE_PLACE };

struct page_entry {
    uint64_t hash; /* of kind and id */
    JsonNode node;
};

struct page_index {
    VEC(struct page_entry);
};

enum v2_node {
    V2_AUTHOR,
    V2_AUTHOR_ID,
    V2_TEXT,
    V2_NOTE,
    V2_REFERENCED,
    V2_ENTITIES,
    V2_METRICS,
    V2_GEO,
    V2_HISTORY,
    V2_NODES
};

static const struct member v2_members[] = {
    FILL("id", ID, id, 0),
    FILL("created_at", TIME, created_at_ms, 0),
    KEEP("text", V2_TEXT),
    KEEP("note_tweet", V2_NOTE),
    KEEP("author", V2_AUTHOR),
    KEEP("author_id", V2_AUTHOR_ID),
    FILL("lang", LANG, lang, 0),
    FILL("conversation_id", ID, thread, 0),
    FILL("in_reply_to_user_id", ID, reply_to_author, 0),
    KEEP("referenced_tweets", V2_REFERENCED),
    KEEP("entities", V2_ENTITIES),
    KEEP("public_metrics", V2_METRICS),
    KEEP("geo", V2_GEO),
    KEEP("edit_history_tweet_ids", V2_HISTORY),
};

static const struct member metrics_members[] = {
    FILL("like_count", COUNT, metrics.likes, 0),
    FILL("reply_count", COUNT, metrics.replies, 0),
    FILL("retweet_count", COUNT, metrics.reposts, 0),
    FILL("impression_count", COUNT, metrics.views, 0),
};

static const struct member user_members[] = {
    FILL_AS("id", ID, author.id, 0, "user.id"),
    FILL_AS("username", TEXT, author.handle, DECODE_ID_BYTES_MAX, "user.username"),
    FILL_AS("name", TEXT, author.name, DECODE_ID_BYTES_MAX, "user.name"),
    FILL_AS("verified", FLAG, author.verified, 0, "user.verified"),
    KEEP("public_metrics", 0),
};

static const struct member user_metrics_members[] = {
    FILL_AS("followers_count", COUNT, author.followers, 0, "user.followers_count"),
};

/* ---- what a page's posts refer to ------------------------------------------------------------ */

static int entry_cmp(const void *a, const void *b)
{
    uint64_t x = ((const struct page_entry *)a)->hash, y = ((const struct page_entry *)b)->hash;

    return (x > y) - (x < y);
}

static bool index_list(struct page_index *index, JsonNode list, enum include_kind kind)
{
    for (JsonIter it = json_node_iter(list); json_iter_next(&it);) {
        Str id = node_str_at(it.value, S("id"));
        struct page_entry entry = {hash_bytes(id, kind), it.value};
        if (id.len > 0 && !vec_try_push(index, entry))
            return false;
    }
    return true;
}

static bool index_page(struct decoder *d, JsonNode includes)
{
    if (!d->index && !(d->index = mem_try_alloc(1, sizeof *d->index)))
        return false;
    page_index_clear(d->index);
    if (!index_list(d->index, json_node_get(includes, S("users")), INCLUDE_USER) ||
        !index_list(d->index, json_node_get(includes, S("tweets")), INCLUDE_POST) ||
        !index_list(d->index, json_node_get(includes, S("places")), INCLUDE_PLACE))
        return false;
    if (d->index->count > 1)
        qsort(d->index->items, d->index->count, sizeof d->index->items[0], entry_cmp);
    return true;
}

void page_index_clear(struct page_index *index)
{
    if (index)
        vec_reset(index);
}

void page_index_destroy(struct page_index **index)
{
    if (!*index)
        return;
    vec_deinit(*index);
    mem_free(*index);
    *index = NULL;
}

/* Missing when the page does not hold it. */
static JsonNode included(const struct decoder *d, enum include_kind kind, Str id)
{
    uint64_t hash = hash_bytes(id, kind);
    size_t from = 0, to = d->index ? d->index->count : 0;

    if (id.len == 0)
        return (JsonNode){0};
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (d->index->items[middle].hash < hash)
            from = middle + 1;
        else
            to = middle;
    }
    for (; d->index && from < d->index->count && d->index->items[from].hash == hash; from++)
        if (str_eq(node_str_at(d->index->items[from].node, S("id")), id))
            return d->index->items[from].node;
    return (JsonNode){0};
}

/* ---- one post -------------------------------------------------------------------------------- */

static Str text_of(JsonNode text, JsonNode note)
{
    Str whole = node_str_at(note, S("text"));

    return whole.len > 0 ? whole : node_str(text);
}

/* What many posts refer to is copied into each: a hostile page could multiply itself. */
static bool may_expand(struct decoder *d, JsonNode node, size_t bytes)
{
    if (json_node_type(node) == JSON_MISSING)
        return true;
    d->expanded_bytes += bytes;
    return d->expanded_bytes <= EXPANDED_BYTES_MAX ||
           row_refuse(d, "the page's posts refer to more than %llu bytes", EXPANDED_BYTES_MAX);
}

static bool v2_user(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    JsonNode user = nodes[V2_AUTHOR], metrics;

    if (json_node_type(user) != JSON_OBJECT)
        user = included(d, INCLUDE_USER, node_str(nodes[V2_AUTHOR_ID]));
    if (!may_expand(d, user,
                    node_str_at(user, S("name")).len + node_str_at(user, S("username")).len))
        return false;
    return members_read(d, user, user_members, COUNT_OF(user_members), post, &metrics, 1) &&
           members_read(d, metrics, user_metrics_members, COUNT_OF(user_metrics_members), post,
                        NULL, 0) &&
           (post->author.id.len > 0 ||
            node_id(d, nodes[V2_AUTHOR_ID], "author_id", &post->author.id));
}

/* The text of a repost is cut; it is put together again where the page holds the original. */
static bool v2_repost_text(struct decoder *d, JsonNode original, struct post *post)
{
    Str text =
        text_of(json_node_get(original, S("text")), json_node_get(original, S("note_tweet")));
    Str author_id = node_str_at(original, S("author_id"));
    JsonNode author = json_node_get(original, S("author"));

    if (json_node_type(author) != JSON_OBJECT)
        author = included(d, INCLUDE_USER, author_id);
    if (!row_text(d, "author_id", author_id, DECODE_ID_BYTES_MAX, &post->repost_of_author))
        return false;
    Str handle = node_str_at(author, S("username"));
    if (text.len == 0 || handle.len == 0)
        return true;
    if (!may_expand(d, original, text.len))
        return false;
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "RT @");
    buf_add(&d->scratch, handle);
    buf_lit(&d->scratch, ": ");
    references_resolve(text, &d->scratch);
    return row_text(d, "text", buf_str(&d->scratch), POST_TEXT_BYTES_MAX, &post->text);
}

static bool v2_references(struct decoder *d, JsonNode list, struct post *post)
{
    for (JsonIter it = json_node_iter(list); json_iter_next(&it);) {
        Str type = node_str_at(it.value, S("type"));
        JsonNode id = json_node_get(it.value, S("id"));
        if (str_eq(type, S("replied_to"))) {
            post->kind = S("reply");
            if (!node_id(d, id, "referenced_tweets.id", &post->reply_to))
                return false;
        } else if (str_eq(type, S("quoted")) && !str_eq(post->kind, S("reply"))) {
            post->kind = S("quote");
        } else if (str_eq(type, S("retweeted"))) {
            JsonNode original =
                node_has(it.value, S("text")) ? it.value : included(d, INCLUDE_POST, node_str(id));
            if (!node_id(d, id, "referenced_tweets.id", &post->repost_of) ||
                !v2_repost_text(d, original, post))
                return false;
        }
    }
    return true;
}

static bool v2_entities(struct decoder *d, JsonNode entities)
{
    for (JsonIter it = json_node_iter(json_node_get(entities, S("urls"))); json_iter_next(&it);) {
        Str address = node_str_at(it.value, S("unwound_url"));
        if (address.len == 0)
            address = node_str_at(it.value, S("expanded_url"));
        if (!row_link(d, address))
            return false;
    }
    for (JsonIter it = json_node_iter(json_node_get(entities, S("mentions"))); json_iter_next(&it);)
        if (!row_mention(d, node_str_at(it.value, S("username"))))
            return false;
    return true;
}

static bool v2_place(struct decoder *d, JsonNode geo, struct post *post)
{
    JsonNode place = included(d, INCLUDE_PLACE, node_str_at(geo, S("place_id")));
    Str code = node_str_at(json_node_type(place) == JSON_OBJECT ? place : geo, S("country_code"));

    return code.len != 2 || row_country(d, code, &post->country);
}

/* "Oldest first": the first id is the post that was edited. */
static bool v2_identity(struct decoder *d, JsonNode history, struct post *post)
{
    Str first = node_str(json_node_at(history, 0));

    return first.len == 0 || row_text(d, "id", first, DECODE_ID_BYTES_MAX, &post->id);
}

/* Compliance events: {"delete": {"tweet": {"id"}}}, "withheld", "drop", "undrop", "tweet_edit". */
static bool is_notice(JsonNode object)
{
    JsonIter it = json_node_iter(object);

    return json_node_type(object) == JSON_OBJECT && json_node_count(object) == 1 &&
           json_iter_next(&it) &&
           json_node_type(json_node_get(it.value, S("tweet"))) == JSON_OBJECT;
}

static bool decode_deletion(struct decoder *d, JsonNode notice, struct post *post)
{
    post->event = POST_DELETE;
    return node_id(d, json_node_get(json_node_get(notice, S("tweet")), S("id")), "id", &post->id);
}

bool decode_twitter_v2(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode nodes[V2_NODES], gone = json_node_get(root, S("delete"));

    if (json_node_type(gone) == JSON_OBJECT)
        return decode_deletion(d, gone, post);
    if (is_notice(root))
        return row_ignore(d);
    if (!members_read(d, root, v2_members, COUNT_OF(v2_members), post, nodes, V2_NODES))
        return false;
    Str text = text_of(nodes[V2_TEXT], nodes[V2_NOTE]);
    if (text.ptr == NULL)
        return row_refuse(d, "no text");
    JsonNode note_entities = json_node_get(nodes[V2_NOTE], S("entities"));
    if (!row_markup(d, "text", text, POST_TEXT_BYTES_MAX, &post->text) ||
        !v2_user(d, nodes, post) || !v2_references(d, nodes[V2_REFERENCED], post) ||
        !v2_entities(d, nodes[V2_ENTITIES]) || !v2_entities(d, note_entities) ||
        !members_read(d, nodes[V2_METRICS], metrics_members, COUNT_OF(metrics_members), post, NULL,
                      0) ||
        !v2_place(d, nodes[V2_GEO], post) || !twitter_url(d, post) ||
        !v2_identity(d, nodes[V2_HISTORY], post))
        return false;
    if (post->repost_of.len > 0 && post->metrics.reposts != POST_UNKNOWN)
        post->metrics.reposts = 0; /* they are its original's */
    return true;
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* An answer without posts: nothing was found, or a problem. */
static bool empty_page(struct decoder *d, JsonNode root)
{
    JsonNode problem = json_node_at(json_node_get(root, S("errors")), 0);
    Str detail = node_str_at(problem, S("detail"));

    if (json_node_type(problem) != JSON_OBJECT)
        return row_keep_ignored(d);
    return row_keep_refused(d, "the page holds no posts but an error: %.*s",
                            (int)(detail.len < 150 ? detail.len : 150),
                            detail.ptr ? detail.ptr : "");
}

bool twitter_v2_record(struct decoder *d, JsonNode root)
{
    JsonNode data = json_node_get(root, S("data"));

    d->expanded_bytes = 0;
    if (!index_page(d, json_node_get(root, S("includes"))))
        return row_exhausted(d);
    switch (json_node_type(data)) {
    case JSON_ARRAY:
        return row_decode_each(d, data);
    case JSON_OBJECT:
        return row_decode(d, data);
    case JSON_MISSING:
        if (!node_has(root, S("text")) && !node_has(root, S("note_tweet")))
            return empty_page(d, root);
        return row_decode(d, root);
    default:
        return row_keep_refused(d, "data is neither an object nor a list");
    }
}

static bool is_v2_post(JsonNode object)
{
    static const Str telling[] = {S_INIT("edit_history_tweet_ids"), S_INIT("public_metrics"),
                                  S_INIT("referenced_tweets")};

    if (json_node_type(json_node_get(object, S("id"))) != JSON_STRING ||
        json_node_type(json_node_get(object, S("text"))) != JSON_STRING ||
        node_has(object, S("id_str")))
        return false;
    for (size_t i = 0; i < COUNT_OF(telling); i++)
        if (node_has(object, telling[i]))
            return true;
    return node_has(object, S("author_id")) && node_has(object, S("conversation_id"));
}

bool twitter_v2_is_mine(JsonNode root)
{
    JsonNode data = json_node_get(root, S("data"));
    JsonNode first = json_node_type(data) == JSON_ARRAY ? json_node_at(data, 0) : data;

    if (is_notice(root) || is_notice(data))
        return true;
    if (json_node_type(data) != JSON_MISSING) /* the bare form of a line has id and text alone */
        return !node_has(root, S("kind")) &&
               json_node_type(json_node_get(first, S("id"))) == JSON_STRING &&
               json_node_type(json_node_get(first, S("text"))) == JSON_STRING;
    return is_v2_post(root) || node_has(json_node_get(root, S("meta")), S("result_count")) ||
           node_has(json_node_at(json_node_get(root, S("errors")), 0), S("detail"));
}
