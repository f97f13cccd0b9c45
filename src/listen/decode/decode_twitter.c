/* X / Twitter: tweet objects of the v1.1 interface, delete notices, and the account archive, whose
 * tweets.js holds [ {"tweet": {...}}, ... ] behind an assignment, with numbers as texts and without
 * the user. The v2 interface: decode_twitter_v2.c. */
#include "listen/decode/decode_priv.h"

#include "listen/decode/references.h"

enum tweet_node {
    TWEET_USER,
    TWEET_RETWEETED,
    TWEET_ENTITIES,
    TWEET_EXTENDED,
    TWEET_TEXT,
    TWEET_FULL_TEXT,
    TWEET_LIKES,
    TWEET_REPOSTS,
    TWEET_PLACE,
    TWEET_DELETED_AT,
    TWEET_NODES
};

static const struct member tweet_members[] = {
    FILL("created_at", TIME, created_at_ms, 0),
    FILL("id", ID_SPARE, id, 0),
    FILL_AS("id_str", ID, id, 0, "id"),
    KEEP("user", TWEET_USER),
    KEEP("text", TWEET_TEXT),
    KEEP("full_text", TWEET_FULL_TEXT),
    KEEP("extended_tweet", TWEET_EXTENDED),
    KEEP("retweeted_status", TWEET_RETWEETED),
    KEEP("entities", TWEET_ENTITIES),
    FILL("lang", LANG, lang, 0),
    FILL("in_reply_to_status_id", ID_SPARE, reply_to, 0),
    FILL("in_reply_to_status_id_str", ID, reply_to, 0),
    FILL("in_reply_to_user_id", ID_SPARE, reply_to_author, 0),
    FILL("in_reply_to_user_id_str", ID, reply_to_author, 0),
    FILL("conversation_id", ID_SPARE, thread, 0),
    FILL("conversation_id_str", ID, thread, 0),
    KEEP("favorite_count", TWEET_LIKES),
    KEEP("retweet_count", TWEET_REPOSTS),
    FILL("reply_count", COUNT, metrics.replies, 0),
    KEEP("place", TWEET_PLACE),
    KEEP("deleted_at", TWEET_DELETED_AT),
};

static const struct member user_members[] = {
    FILL_AS("id", ID_SPARE, author.id, 0, "user.id"),
    FILL_AS("id_str", ID, author.id, 0, "user.id"),
    FILL_AS("screen_name", TEXT, author.handle, DECODE_ID_BYTES_MAX, "user.screen_name"),
    FILL_AS("name", TEXT, author.name, DECODE_ID_BYTES_MAX, "user.name"),
    FILL_AS("followers_count", COUNT, author.followers, 0, "user.followers_count"),
    FILL_AS("verified", FLAG, author.verified, 0, "user.verified"),
};

static JsonNode full_text_of(JsonNode extended, JsonNode full_text, JsonNode text)
{
    JsonNode full = json_node_get(extended, S("full_text"));

    if (json_node_type(full) != JSON_STRING)
        full = full_text;
    return json_node_type(full) == JSON_STRING ? full : text;
}

/* The platform cuts the text of a retweet, so it is put together again from the original. */
static bool tweet_text(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    JsonNode original = nodes[TWEET_RETWEETED];
    Str text, whole, handle;

    if (!json_node_str(
            full_text_of(nodes[TWEET_EXTENDED], nodes[TWEET_FULL_TEXT], nodes[TWEET_TEXT]), &text))
        return row_refuse(d, "no text");
    if (json_node_type(original) != JSON_OBJECT ||
        !json_node_str(full_text_of(json_node_get(original, S("extended_tweet")),
                                    json_node_get(original, S("full_text")),
                                    json_node_get(original, S("text"))),
                       &whole) ||
        !json_node_str(json_node_get(json_node_get(original, S("user")), S("screen_name")),
                       &handle))
        return row_markup(d, "text", text, POST_TEXT_BYTES_MAX, &post->text);
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "RT @");
    buf_add(&d->scratch, handle);
    buf_lit(&d->scratch, ": ");
    references_resolve(whole, &d->scratch);
    return row_text(d, "text", buf_str(&d->scratch), POST_TEXT_BYTES_MAX, &post->text);
}

static bool tweet_entities(struct decoder *d, JsonNode entities)
{
    for (JsonIter it = json_node_iter(json_node_get(entities, S("urls"))); json_iter_next(&it);)
        if (!row_link(d, node_str_at(it.value, S("expanded_url"))))
            return false;
    for (JsonIter it = json_node_iter(json_node_get(entities, S("user_mentions")));
         json_iter_next(&it);)
        if (!row_mention(d, node_str_at(it.value, S("screen_name"))))
            return false;
    return true;
}

static bool spare_id(struct decoder *d, JsonNode object, Str *out)
{
    JsonNode id = json_node_get(object, S("id_str"));

    if (json_node_type(id) <= JSON_NULL)
        id = json_node_get(object, S("id"));
    return node_id(d, id, "id", out);
}

/* An archive's retweet is told by its text alone: "RT @ann: ...". */
static bool tweet_repost(struct decoder *d, JsonNode original, bool is_archive, struct post *post)
{
    if (json_node_type(original) == JSON_OBJECT)
        return spare_id(d, original, &post->repost_of) &&
               spare_id(d, json_node_get(original, S("user")), &post->repost_of_author);
    if (!is_archive || !str_starts(post->text, S("RT @")))
        return true;
    Str rest = str_sub(post->text, 4, post->text.len);
    size_t len = str_find_byte(rest, ':');
    return len == 0 || len > 15 || len == rest.len ||
           row_text(d, "text", str_sub(rest, 0, len), 15, &post->repost_of_author);
}

/* A number, or in an archive its digits. */
static bool tweet_count(struct decoder *d, JsonNode node, const char *what, int64_t *out)
{
    Str digits;
    uint64_t count;

    if (!json_node_str(node, &digits))
        return node_count(d, node, what, out);
    if (!str_to_u64(digits, &count) || count > INT64_C(9000000000000000))
        return row_refuse(d, "%s is not a number", what);
    *out = (int64_t)count;
    return true;
}

/* A retweet carries the counts of its original; they are not the retweet's own. */
static bool tweet_metrics(struct decoder *d, const JsonNode *nodes, struct post *post)
{
    struct post_metrics *metrics = &post->metrics;

    if (!tweet_count(d, nodes[TWEET_LIKES], "favorite_count", &metrics->likes) ||
        !tweet_count(d, nodes[TWEET_REPOSTS], "retweet_count", &metrics->reposts))
        return false;
    if (post->repost_of.len > 0 && metrics->reposts != POST_UNKNOWN)
        metrics->reposts = 0;
    return true;
}

bool twitter_url(struct decoder *d, struct post *post)
{
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "https://twitter.com/");
    buf_add(&d->scratch, post->author.handle.len > 0 ? post->author.handle : S("i/web"));
    buf_lit(&d->scratch, "/status/");
    buf_add(&d->scratch, post->id);
    return row_text(d, "url", buf_str(&d->scratch), DECODE_URL_BYTES_MAX, &post->url);
}

static bool tweet_place(struct decoder *d, JsonNode place, struct post *post)
{
    Str code = node_str_at(place, S("country_code"));

    return code.len != 2 || row_country(d, code, &post->country);
}

static bool decode_tweet(struct decoder *d, JsonNode root, bool is_archive, struct post *post)
{
    JsonNode nodes[TWEET_NODES];

    if (!members_read(d, root, tweet_members, COUNT_OF(tweet_members), post, nodes, TWEET_NODES))
        return false;
    if (json_node_type(nodes[TWEET_DELETED_AT]) == JSON_STRING) {
        post->event = POST_DELETE;
        return true;
    }
    if (!is_archive && json_node_type(nodes[TWEET_USER]) != JSON_OBJECT)
        return row_refuse(d, "no user");
    if (post->reply_to.len > 0)
        post->kind = S("reply");
    return members_read(d, nodes[TWEET_USER], user_members, COUNT_OF(user_members), post, NULL,
                        0) &&
           tweet_text(d, nodes, post) && tweet_entities(d, nodes[TWEET_ENTITIES]) &&
           tweet_repost(d, nodes[TWEET_RETWEETED], is_archive, post) &&
           tweet_metrics(d, nodes, post) && tweet_place(d, nodes[TWEET_PLACE], post) &&
           twitter_url(d, post);
}

static JsonNode delete_notice(JsonNode root)
{
    return json_node_get(json_node_get(root, S("delete")), S("status"));
}

bool decode_twitter(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode gone = delete_notice(root), tweet = json_node_get(root, S("tweet"));

    if (json_node_type(gone) == JSON_OBJECT) {
        post->event = POST_DELETE;
        return spare_id(d, gone, &post->id);
    }
    if (json_node_type(tweet) == JSON_OBJECT)
        return decode_tweet(d, tweet, true, post);
    return node_has(root, S("id_str")) || node_has(root, S("user"))
               ? decode_tweet(d, root, false, post)
               : decode_twitter_v2(d, root, post);
}

/* Other notices of the v1.1 streams ({"limit": ...}) are no posts. */
static bool is_notice(JsonNode root)
{
    static const Str names[] = {
        S_INIT("scrub_geo"),  S_INIT("limit"),   S_INIT("status_withheld"), S_INIT("user_withheld"),
        S_INIT("disconnect"), S_INIT("warning"), S_INIT("friends")};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (json_node_count(root) == 1 && node_has(root, names[i]))
            return true;
    return false;
}

bool twitter_record(struct decoder *d, JsonNode root)
{
    JsonNode statuses = json_node_get(root, S("statuses"));

    if (json_node_type(statuses) == JSON_ARRAY)
        return row_decode_each(d, statuses);
    if (is_notice(root))
        return row_keep_ignored(d);
    return twitter_v2_is_mine(root) ? twitter_v2_record(d, root) : row_decode(d, root);
}

static bool is_tweet(JsonNode object)
{
    return node_has(object, S("id_str")) &&
           (node_has(object, S("user")) || node_has(object, S("full_text")));
}

bool twitter_is_mine(JsonNode root)
{
    JsonNode statuses = json_node_get(root, S("statuses"));

    return is_tweet(root) || is_tweet(json_node_get(root, S("tweet"))) ||
           json_node_type(delete_notice(root)) == JSON_OBJECT ||
           (json_node_type(statuses) == JSON_ARRAY && is_tweet(json_node_at(statuses, 0))) ||
           twitter_v2_is_mine(root);
}
