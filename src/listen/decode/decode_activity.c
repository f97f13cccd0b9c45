/* ActivityStreams 2.0 as the fediverse speaks it (W3C Recommendation of 2017, ActivityPub):
 * activities around objects, objects alone, collections of either. Compacted JSON-LD only, which is
 * what servers send; a property may be a value, an object with an id, or a list of these, and the
 * first of a list is taken.
 *
 * What is addressed to somebody but not to the public is no public utterance and is left out. */
#include "listen/decode/decode_priv.h"

#include <string.h>

enum activity_verb {
    VERB_NONE, /* known, and no post comes of it */
    VERB_OBJECT,
    VERB_WRAP,     /* Create, Update: the object inside */
    VERB_ANNOUNCE, /* passes an object on */
    VERB_DELETE,
    VERB_UNDO,
    VERB_TOMBSTONE,
    VERB_UNKNOWN
};

static const struct activity_type {
    const char *name;
    enum activity_verb verb;
    const char *kind; /* of the post, for objects */
} activity_types[] = {
    {"Note", VERB_OBJECT, "post"},
    {"Article", VERB_OBJECT, "article"},
    {"Page", VERB_OBJECT, "post"},
    {"Question", VERB_OBJECT, "post"},
    {"Event", VERB_OBJECT, "post"},
    {"Video", VERB_OBJECT, "post"},
    {"Audio", VERB_OBJECT, "post"},
    {"Image", VERB_OBJECT, "post"},
    {"Document", VERB_OBJECT, "post"},
    {"Create", VERB_WRAP, NULL},
    {"Update", VERB_WRAP, NULL},
    {"Announce", VERB_ANNOUNCE, NULL},
    {"Delete", VERB_DELETE, NULL},
    {"Undo", VERB_UNDO, NULL},
    {"Tombstone", VERB_TOMBSTONE, NULL},
    {"Accept", VERB_NONE, NULL},
    {"Add", VERB_NONE, NULL},
    {"Application", VERB_NONE, NULL},
    {"Block", VERB_NONE, NULL},
    {"Dislike", VERB_NONE, NULL},
    {"Flag", VERB_NONE, NULL},
    {"Follow", VERB_NONE, NULL},
    {"Group", VERB_NONE, NULL},
    {"Ignore", VERB_NONE, NULL},
    {"Invite", VERB_NONE, NULL},
    {"Join", VERB_NONE, NULL},
    {"Leave", VERB_NONE, NULL},
    {"Like", VERB_NONE, NULL},
    {"Listen", VERB_NONE, NULL},
    {"Move", VERB_NONE, NULL},
    {"Offer", VERB_NONE, NULL},
    {"Organization", VERB_NONE, NULL},
    {"Person", VERB_NONE, NULL},
    {"Read", VERB_NONE, NULL},
    {"Reject", VERB_NONE, NULL},
    {"Remove", VERB_NONE, NULL},
    {"Service", VERB_NONE, NULL},
    {"TentativeAccept", VERB_NONE, NULL},
    {"TentativeReject", VERB_NONE, NULL},
    {"Travel", VERB_NONE, NULL},
    {"Arrive", VERB_NONE, NULL},
    {"View", VERB_NONE, NULL},
};

enum object_node {
    OBJECT_AUTHOR,
    OBJECT_CONTENT,
    OBJECT_CONTENT_MAP,
    OBJECT_NAME,
    OBJECT_SUMMARY,
    OBJECT_URL,
    OBJECT_REPLY,
    OBJECT_CONVERSATION,
    OBJECT_CONTEXT,
    OBJECT_TAGS,
    OBJECT_ATTACHMENTS,
    OBJECT_LIKES,
    OBJECT_SHARES,
    OBJECT_REPLIES,
    OBJECT_QUOTE,
    OBJECT_TO,
    OBJECT_CC,
    OBJECT_NODES
};

static const struct member object_members[] = {
    FILL("id", ID, id, 0),
    FILL("published", TIME, created_at_ms, 0),
    KEEP("attributedTo", OBJECT_AUTHOR),
    KEEP("content", OBJECT_CONTENT),
    KEEP("contentMap", OBJECT_CONTENT_MAP),
    KEEP("name", OBJECT_NAME),
    KEEP("summary", OBJECT_SUMMARY),
    KEEP("url", OBJECT_URL),
    KEEP("inReplyTo", OBJECT_REPLY),
    KEEP("conversation", OBJECT_CONVERSATION),
    KEEP("context", OBJECT_CONTEXT),
    KEEP("tag", OBJECT_TAGS),
    KEEP("attachment", OBJECT_ATTACHMENTS),
    KEEP("likes", OBJECT_LIKES),
    KEEP("shares", OBJECT_SHARES),
    KEEP("replies", OBJECT_REPLIES),
    KEEP("quote", OBJECT_QUOTE),
    KEEP("quoteUrl", OBJECT_QUOTE),
    KEEP("to", OBJECT_TO),
    KEEP("cc", OBJECT_CC),
};

/* ---- values ---------------------------------------------------------------------------------- */

static JsonNode first_of(JsonNode node)
{
    return json_node_type(node) == JSON_ARRAY ? json_node_at(node, 0) : node;
}

/* A value that is an address, or an object with one. */
static Str address_of(JsonNode node)
{
    node = first_of(node);
    if (json_node_type(node) != JSON_OBJECT)
        return node_str(node);
    Str id = node_str_at(node, S("id"));
    return id.len > 0 ? id : node_str_at(node, S("href"));
}

static const struct activity_type *type_of(JsonNode object)
{
    static const struct activity_type unknown = {"", VERB_UNKNOWN, NULL};
    JsonNode types = json_node_get(object, S("type"));
    Str only = node_str(types);

    for (size_t i = 0; only.len > 0 && i < COUNT_OF(activity_types); i++)
        if (str_eq(only, str_from_cstr(activity_types[i].name)))
            return &activity_types[i];
    for (JsonIter it = json_node_iter(types); json_iter_next(&it);)
        for (size_t i = 0; i < COUNT_OF(activity_types); i++)
            if (str_eq(node_str(it.value), str_from_cstr(activity_types[i].name)))
                return &activity_types[i];
    return &unknown;
}

static bool is_public_address(Str address)
{
    return str_ends(address, S("activitystreams#Public")) || str_eq(address, S("as:Public")) ||
           str_eq(address, S("Public"));
}

static bool names_public(JsonNode node)
{
    for (JsonIter it = json_node_iter(node); json_iter_next(&it);)
        if (is_public_address(node_str(it.value)))
            return true;
    return is_public_address(node_str(node));
}

/* Addressed to somebody, and the public is not among them. */
static bool is_private(JsonNode to, JsonNode cc)
{
    return (json_node_type(to) > JSON_NULL || json_node_type(cc) > JSON_NULL) &&
           !names_public(to) && !names_public(cc);
}

/* ---- authors --------------------------------------------------------------------------------- */

/* Servers name their actors /users/ann, /u/ann or /@ann: so the handle is ann@host. */
static bool handle_of_address(struct decoder *d, Str address, Str *out)
{
    static const Str marks[] = {S_INIT("/users/"), S_INIT("/u/"), S_INIT("/@")};
    Str rest, host, path;

    size_t scheme = str_find(address, S("://"));
    if (scheme == address.len)
        return true;
    rest = str_sub(address, scheme + 3, address.len);
    if (!str_cut(rest, '/', &host, &path) || host.len == 0)
        return true;
    path = str_sub(rest, host.len, rest.len);
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        Str name = str_sub(path, marks[i].len, path.len);
        if (!str_starts(path, marks[i]) || name.len == 0 || memchr(name.ptr, '/', name.len))
            continue;
        buf_reset(&d->scratch);
        buf_add(&d->scratch, name);
        buf_add_byte(&d->scratch, '@');
        buf_add(&d->scratch, host);
        return row_text(d, "actor", buf_str(&d->scratch), DECODE_ID_BYTES_MAX, out);
    }
    return true;
}

static bool read_author(struct decoder *d, JsonNode actor, struct post *post)
{
    Str address = address_of(actor);
    JsonNode object = first_of(actor);

    if (address.len == 0)
        return true;
    return row_text(d, "actor", address, DECODE_ID_BYTES_MAX, &post->author.id) &&
           row_text(d, "actor.name", node_str_at(object, S("name")), DECODE_ID_BYTES_MAX,
                    &post->author.name) &&
           handle_of_address(d, address, &post->author.handle);
}

/* ---- objects --------------------------------------------------------------------------------- */

/* The only language of contentMap is that of the post; of several none is. */
static bool object_text(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    JsonIter map = json_node_iter(nodes[OBJECT_CONTENT_MAP]);
    Str content = node_str(nodes[OBJECT_CONTENT]);
    bool has_map = map.is_object && json_iter_next(&map);

    if (has_map && json_node_count(nodes[OBJECT_CONTENT_MAP]) == 1 &&
        !row_lang(d, map.key, &post->lang))
        return false;
    if (content.len == 0 && has_map)
        content = node_str(map.value);
    return row_html(d, "content", content, &post->text);
}

/* The name of an article; else what stands before the text as a warning. */
static bool object_title(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    Str name = node_str(nodes[OBJECT_NAME]);

    if (name.len > 0)
        return row_html(d, "name", name, &post->title);
    if (str_eq(post->kind, S("article")))
        return true;
    return row_html(d, "summary", node_str(nodes[OBJECT_SUMMARY]), &post->title);
}

static bool object_url(struct decoder *d, JsonNode url, struct post *post)
{
    Str address = address_of(url);

    for (JsonIter it = json_node_iter(url); !it.is_object && json_iter_next(&it);)
        if (str_eq(node_str_at(it.value, S("mediaType")), S("text/html"))) {
            address = address_of(it.value);
            break;
        }
    return row_text(d, "url", address.len > 0 ? address : post->id, DECODE_URL_BYTES_MAX,
                    &post->url);
}

static bool object_tag(struct decoder *d, JsonNode tag)
{
    Str name = node_str_at(tag, S("name"));

    if (!str_eq(node_str_at(tag, S("type")), S("Mention")))
        return true;
    return row_mention(d, name.len > 0 ? name : node_str_at(tag, S("href")));
}

/* One value stands for a list of one. */
static bool object_tags(struct decoder *d, JsonNode tags)
{
    if (json_node_type(tags) == JSON_OBJECT)
        return object_tag(d, tags);
    for (JsonIter it = json_node_iter(tags); json_iter_next(&it);)
        if (!object_tag(d, it.value))
            return false;
    return true;
}

static bool object_attachments(struct decoder *d, JsonNode list)
{
    for (JsonIter it = json_node_iter(list); !it.is_object && json_iter_next(&it);)
        if (str_eq(node_str_at(it.value, S("type")), S("Link")) &&
            !row_link(d, node_str_at(it.value, S("href"))))
            return false;
    return true;
}

static bool total_of(struct decoder *d, JsonNode collection, const char *what, int64_t *out)
{
    return json_node_type(collection) != JSON_OBJECT ||
           node_count(d, json_node_get(collection, S("totalItems")), what, out);
}

static bool object_relations(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    Str thread = address_of(nodes[OBJECT_CONVERSATION]);

    if (thread.len == 0)
        thread = address_of(nodes[OBJECT_CONTEXT]);
    if (!row_text(d, "inReplyTo", address_of(nodes[OBJECT_REPLY]), DECODE_ID_BYTES_MAX,
                  &post->reply_to) ||
        !row_text(d, "conversation", thread, DECODE_ID_BYTES_MAX, &post->thread))
        return false;
    if (post->reply_to.len > 0)
        post->kind = S("reply");
    return total_of(d, nodes[OBJECT_LIKES], "likes.totalItems", &post->metrics.likes) &&
           total_of(d, nodes[OBJECT_SHARES], "shares.totalItems", &post->metrics.reposts) &&
           total_of(d, nodes[OBJECT_REPLIES], "replies.totalItems", &post->metrics.replies);
}

static bool decode_object(struct decoder *d, JsonNode object, const char *kind, struct post *post)
{
    JsonNode nodes[OBJECT_NODES];

    post->kind = str_from_cstr(kind);
    if (!members_read(d, object, object_members, COUNT_OF(object_members), post, nodes,
                      OBJECT_NODES))
        return false;
    if (is_private(nodes[OBJECT_TO], nodes[OBJECT_CC]))
        return row_ignore(d);
    if (!object_text(d, nodes, post) || !object_title(d, nodes, post))
        return false;
    if (post->text.len + post->title.len == 0)
        return row_refuse(d, "no text");
    return read_author(d, nodes[OBJECT_AUTHOR], post) && object_url(d, nodes[OBJECT_URL], post) &&
           object_tags(d, nodes[OBJECT_TAGS]) && object_attachments(d, nodes[OBJECT_ATTACHMENTS]) &&
           row_link(d, address_of(nodes[OBJECT_QUOTE])) && object_relations(d, nodes, post) &&
           row_source_of_host(d, post->id, post);
}

/* ---- activities ------------------------------------------------------------------------------ */

static bool decode_wrapped(struct decoder *d, JsonNode activity, struct post *post)
{
    JsonNode object = first_of(json_node_get(activity, S("object")));
    const struct activity_type *type = type_of(object);

    if (json_node_type(object) == JSON_STRING)
        return row_refuse(d, "the object is only named, not given");
    if (json_node_type(object) != JSON_OBJECT)
        return row_refuse(d, "no object");
    if (is_private(json_node_get(activity, S("to")), json_node_get(activity, S("cc"))))
        return row_ignore(d);
    if (type->verb != VERB_OBJECT)
        return row_ignore(d); /* an actor that changed, a list, a key */
    if (!decode_object(d, object, type->kind, post))
        return false;
    if (post->author.id.len == 0 && !read_author(d, json_node_get(activity, S("actor")), post))
        return false;
    return post->has_created_at || node_time(d, json_node_get(activity, S("published")), post);
}

static bool decode_announce(struct decoder *d, JsonNode activity, struct post *post)
{
    JsonNode object = first_of(json_node_get(activity, S("object")));
    Str original = address_of(object);

    if (original.len == 0)
        return row_refuse(d, "an announcement of nothing");
    if (is_private(json_node_get(activity, S("to")), json_node_get(activity, S("cc"))))
        return row_ignore(d);
    return node_id(d, json_node_get(activity, S("id")), "id", &post->id) &&
           node_time(d, json_node_get(activity, S("published")), post) &&
           read_author(d, json_node_get(activity, S("actor")), post) &&
           row_text(d, "object", original, DECODE_ID_BYTES_MAX, &post->repost_of) &&
           row_text(d, "object.attributedTo", address_of(json_node_get(object, S("attributedTo"))),
                    DECODE_ID_BYTES_MAX, &post->repost_of_author) &&
           row_html(d, "object.content", node_str_at(object, S("content")), &post->text) &&
           row_source_of_host(d, post->id, post);
}

static bool delete_address(struct decoder *d, Str address, struct post *post)
{
    post->event = POST_DELETE;
    return row_text(d, "object", address, DECODE_ID_BYTES_MAX, &post->id) &&
           row_source_of_host(d, post->id, post);
}

/* An account that deletes itself names itself. */
static bool decode_delete(struct decoder *d, JsonNode activity, struct post *post)
{
    Str address = address_of(json_node_get(activity, S("object")));

    if (address.len > 0 && str_eq(address, address_of(json_node_get(activity, S("actor")))))
        return row_ignore(d);
    return delete_address(d, address, post);
}

static bool decode_undo(struct decoder *d, JsonNode activity, struct post *post)
{
    JsonNode undone = first_of(json_node_get(activity, S("object")));

    if (type_of(undone)->verb != VERB_ANNOUNCE)
        return row_ignore(d);
    return delete_address(d, node_str_at(undone, S("id")), post);
}

static bool decode_verb(struct decoder *d, JsonNode root, const struct activity_type *type,
                        struct post *post)
{
    switch (type->verb) {
    case VERB_NONE:
        return row_ignore(d);
    case VERB_OBJECT:
        return decode_object(d, root, type->kind, post);
    case VERB_WRAP:
        return decode_wrapped(d, root, post);
    case VERB_ANNOUNCE:
        return decode_announce(d, root, post);
    case VERB_DELETE:
        return decode_delete(d, root, post);
    case VERB_UNDO:
        return decode_undo(d, root, post);
    case VERB_TOMBSTONE:
        return delete_address(d, node_str_at(root, S("id")), post);
    case VERB_UNKNOWN:
        break;
    }
    /* extensions: what has a text is taken for a post */
    if (!node_has(root, S("type")))
        return row_refuse(d, "no type");
    return node_has(root, S("content")) ? decode_object(d, root, "post", post) : row_ignore(d);
}

bool decode_activity(struct decoder *d, JsonNode root, struct post *post)
{
    const struct activity_type *type = type_of(root);
    JsonNode object = first_of(json_node_get(root, S("object")));

    /* groups announce the activities of their members: not the announcement is the post */
    if (type->verb == VERB_ANNOUNCE && json_node_type(object) == JSON_OBJECT) {
        const struct activity_type *inner = type_of(object);
        if (inner->verb != VERB_OBJECT && inner->verb != VERB_UNKNOWN &&
            inner->verb != VERB_ANNOUNCE)
            return decode_verb(d, object, inner, post);
    }
    return decode_verb(d, root, type, post);
}

static JsonNode items_of(JsonNode collection)
{
    JsonNode items = json_node_get(collection, S("orderedItems"));

    return json_node_type(items) > JSON_NULL ? items : json_node_get(collection, S("items"));
}

static bool is_collection(JsonNode root)
{
    Str type = node_str_at(root, S("type"));

    return str_eq(type, S("OrderedCollection")) || str_eq(type, S("OrderedCollectionPage")) ||
           str_eq(type, S("Collection")) || str_eq(type, S("CollectionPage"));
}

/* A collection holds its items, or its first page does; what it holds elsewhere it only names. */
bool activity_record(struct decoder *d, JsonNode root)
{
    if (!is_collection(root))
        return row_decode(d, root);
    JsonNode items = items_of(root);
    if (json_node_type(items) <= JSON_NULL)
        items = items_of(json_node_get(root, S("first")));
    if (json_node_type(items) == JSON_OBJECT)
        return row_decode(d, items);
    return json_node_type(items) == JSON_ARRAY ? row_decode_each(d, items) : row_keep_ignored(d);
}

bool activity_is_mine(JsonNode root)
{
    if (!node_has(root, S("type")))
        return false;
    return node_has(root, S("@context")) || is_collection(root) ||
           (type_of(root)->verb != VERB_UNKNOWN &&
            (node_has(root, S("actor")) || node_has(root, S("attributedTo")) ||
             node_has(root, S("object"))));
}
