/* The formats that are one JSON object a line. */
#include "listen/decode_priv.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "base/limits.h"
#include "format/json_text.h"
#include "listen/references.h"

#define URL_BYTES_MAX 8192

bool node_text(struct decoder *d, JsonNode node, const char *what, size_t max_bytes, Str *out)
{
    Str text;

    switch (json_node_type(node)) {
    case JSON_MISSING:
    case JSON_NULL:
        return true;
    case JSON_STRING:
        return json_node_str(node, &text) && row_text(d, what, text, max_bytes, out);
    default:
        return row_refuse(d, "%s is not a text", what);
    }
}

bool node_id(struct decoder *d, JsonNode node, const char *what, Str *out)
{
    int64_t number;
    uint64_t natural;

    if (json_node_type(node) != JSON_NUMBER)
        return node_text(d, node, what, DECODE_ID_BYTES_MAX, out);
    char digits[24];
    int len;
    if (json_node_i64(node, &number))
        len = snprintf(digits, sizeof digits, "%lld", (long long)number);
    else if (json_node_u64(node, &natural))
        len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)natural);
    else
        return row_refuse(d, "%s is neither a text nor a whole number", what);
    return row_text(d, what, (Str){digits, (size_t)len}, sizeof digits, out);
}

bool node_count(struct decoder *d, JsonNode node, const char *what, int64_t *out)
{
    double number;

    switch (json_node_type(node)) {
    case JSON_MISSING:
    case JSON_NULL:
        return true;
    case JSON_NUMBER:
        if (json_node_f64(node, &number) && isfinite(number) && number < 9e15) {
            *out = number > 0 ? (int64_t)number : 0;
            return true;
        }
        return row_refuse(d, "%s is out of range", what);
    default:
        return row_refuse(d, "%s is not a number", what);
    }
}

bool node_time(struct decoder *d, JsonNode node, struct post *post)
{
    double number;
    Str text;

    switch (json_node_type(node)) {
    case JSON_MISSING:
    case JSON_NULL:
        return true;
    case JSON_NUMBER:
        return json_node_f64(node, &number) && row_time_number(d, post, number);
    case JSON_STRING:
        return json_node_str(node, &text) && row_time_text(d, post, text);
    default:
        return row_refuse(d, "created_at is neither a text nor a number");
    }
}

static bool node_flag(struct decoder *d, JsonNode node, const char *what, int8_t *out)
{
    bool is_set;

    if (json_node_type(node) <= JSON_NULL)
        return true;
    if (!json_node_bool(node, &is_set))
        return row_refuse(d, "%s is neither true nor false", what);
    *out = is_set ? 1 : 0;
    return true;
}

/* An array of texts; those beyond POST_LINKS_MAX are dropped. */
static bool node_texts(struct decoder *d, JsonNode node, const char *what, const Str **out,
                       size_t *count)
{
    Str *texts;

    if (json_node_type(node) <= JSON_NULL)
        return true;
    if (json_node_type(node) != JSON_ARRAY)
        return row_refuse(d, "%s is not a list", what);
    size_t wanted = json_node_count(node), n = 0;
    if (wanted == 0)
        return true;
    wanted = wanted < POST_LINKS_MAX ? wanted : POST_LINKS_MAX;
    if (!(texts = arena_try_new(&d->batch->arena, Str, wanted))) {
        d->is_exhausted = true;
        return row_refuse(d, "no memory left");
    }
    for (JsonIter it = json_node_iter(node); n < wanted && json_iter_next(&it);) {
        if (!node_text(d, it.value, what, URL_BYTES_MAX, &texts[n]))
            return false;
        if (texts[n].len > 0)
            n++;
    }
    *out = texts;
    *count = n;
    return true;
}

/* ---- native ---------------------------------------------------------------------------------- */

enum native_kind {
    NATIVE_ID,   /* text or whole number at `offset` */
    NATIVE_TEXT, /* text at `offset`, at most `max_bytes` */
    NATIVE_TIME,
    NATIVE_AUTHOR,
    NATIVE_LANG,
    NATIVE_LINKS,
    NATIVE_MENTIONS,
    NATIVE_METRICS,
    NATIVE_RATING,
    NATIVE_COUNTRY,
    NATIVE_EVENT
};

static const struct native_member {
    Str name;
    enum native_kind kind;
    size_t offset, max_bytes;
} native_members[] = {
#define AT(member) offsetof(struct post, member)
    {S_INIT("id"), NATIVE_ID, AT(id), 0},
    {S_INIT("source"), NATIVE_TEXT, AT(source), 200},
    {S_INIT("kind"), NATIVE_TEXT, AT(kind), 40},
    {S_INIT("created_at"), NATIVE_TIME, 0, 0},
    {S_INIT("author"), NATIVE_AUTHOR, 0, 0},
    {S_INIT("lang"), NATIVE_LANG, 0, 0},
    {S_INIT("title"), NATIVE_TEXT, AT(title), POST_TEXT_BYTES_MAX},
    {S_INIT("text"), NATIVE_TEXT, AT(text), POST_TEXT_BYTES_MAX},
    {S_INIT("url"), NATIVE_TEXT, AT(url), URL_BYTES_MAX},
    {S_INIT("links"), NATIVE_LINKS, 0, 0},
    {S_INIT("mentions"), NATIVE_MENTIONS, 0, 0},
    {S_INIT("reply_to"), NATIVE_ID, AT(reply_to), 0},
    {S_INIT("reply_to_author"), NATIVE_ID, AT(reply_to_author), 0},
    {S_INIT("thread"), NATIVE_ID, AT(thread), 0},
    {S_INIT("repost_of"), NATIVE_ID, AT(repost_of), 0},
    {S_INIT("repost_of_author"), NATIVE_ID, AT(repost_of_author), 0},
    {S_INIT("metrics"), NATIVE_METRICS, 0, 0},
    {S_INIT("rating"), NATIVE_RATING, 0, 0},
    {S_INIT("country"), NATIVE_COUNTRY, 0, 0},
    {S_INIT("dataset"), NATIVE_TEXT, AT(dataset), 200},
    {S_INIT("event"), NATIVE_EVENT, 0, 0},
#undef AT
};

static bool native_author(struct decoder *d, JsonNode node, struct post_author *author)
{
    switch (json_node_type(node)) {
    case JSON_STRING:
        return node_text(d, node, "author", DECODE_ID_BYTES_MAX, &author->handle);
    case JSON_OBJECT:
        break;
    default:
        return row_refuse(d, "author is neither a text nor an object");
    }
    for (JsonIter it = json_node_iter(node); json_iter_next(&it);) {
        bool is_ok = true;
        if (str_eq(it.key, S("id")))
            is_ok = node_id(d, it.value, "author.id", &author->id);
        else if (str_eq(it.key, S("handle")))
            is_ok = node_text(d, it.value, "author.handle", DECODE_ID_BYTES_MAX, &author->handle);
        else if (str_eq(it.key, S("name")))
            is_ok = node_text(d, it.value, "author.name", DECODE_ID_BYTES_MAX, &author->name);
        else if (str_eq(it.key, S("followers")))
            is_ok = node_count(d, it.value, "author.followers", &author->followers);
        else if (str_eq(it.key, S("verified")))
            is_ok = node_flag(d, it.value, "author.verified", &author->verified);
        if (!is_ok)
            return false;
    }
    return true;
}

static bool native_metrics(struct decoder *d, JsonNode node, struct post_metrics *metrics)
{
    if (json_node_type(node) != JSON_OBJECT)
        return row_refuse(d, "metrics is not an object");
    return node_count(d, json_node_get(node, S("likes")), "metrics.likes", &metrics->likes) &&
           node_count(d, json_node_get(node, S("replies")), "metrics.replies", &metrics->replies) &&
           node_count(d, json_node_get(node, S("reposts")), "metrics.reposts", &metrics->reposts) &&
           node_count(d, json_node_get(node, S("views")), "metrics.views", &metrics->views);
}

static bool native_rating(struct decoder *d, JsonNode node, struct post *post)
{
    double stars;

    if (!json_node_f64(node, &stars) || !(stars >= 0 && stars <= 5))
        return row_refuse(d, "rating is not a number from 0 to 5");
    post->rating = stars;
    return true;
}

bool row_country(struct decoder *d, Str in, Str *out)
{
    if (in.len != 2)
        return in.len == 0 || row_refuse(d, "country is not a two-letter code");
    char code[2] = {(char)(in.ptr[0] & ~0x20), (char)(in.ptr[1] & ~0x20)};
    if (code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z')
        return row_refuse(d, "country is not a two-letter code");
    return row_text(d, "country", (Str){code, 2}, 2, out);
}

static bool native_event(struct decoder *d, JsonNode node, struct post *post)
{
    Str event;

    if (json_node_str(node, &event) && str_eq(event, S("delete")))
        post->event = POST_DELETE;
    else if (!json_node_str(node, &event) || !str_eq(event, S("upsert")))
        return row_refuse(d, "event is neither 'upsert' nor 'delete'");
    return true;
}

static bool native_member(struct decoder *d, const struct native_member *member, JsonNode node,
                          struct post *post)
{
    Str *text = (Str *)(void *)((char *)post + member->offset), code = {0};

    switch (member->kind) {
    case NATIVE_ID:
        return node_id(d, node, member->name.ptr, text);
    case NATIVE_TEXT:
        return node_text(d, node, member->name.ptr, member->max_bytes, text);
    case NATIVE_TIME:
        return node_time(d, node, post);
    case NATIVE_AUTHOR:
        return native_author(d, node, &post->author);
    case NATIVE_LANG:
        return node_text(d, node, "lang", 40, &code) && row_lang(d, code, &post->lang);
    case NATIVE_LINKS:
        return node_texts(d, node, "links", &post->links, &post->link_count);
    case NATIVE_MENTIONS:
        return node_texts(d, node, "mentions", &post->mentions, &post->mention_count);
    case NATIVE_METRICS:
        return native_metrics(d, node, &post->metrics);
    case NATIVE_RATING:
        return native_rating(d, node, post);
    case NATIVE_COUNTRY:
        return node_text(d, node, "country", 40, &code) && row_country(d, code, &post->country);
    case NATIVE_EVENT:
        return native_event(d, node, post);
    }
    UNREACHABLE("native member kind");
}

static const struct native_member *native_find(Str name)
{
    for (size_t i = 0; i < COUNT_OF(native_members); i++)
        if (native_members[i].name.len == name.len && str_eq(native_members[i].name, name))
            return &native_members[i];
    return NULL;
}

bool is_native_member(Str name)
{
    return native_find(name) != NULL;
}

static void extra_add(struct buf *extra, Str key, JsonNode value)
{
    buf_add_byte(extra, extra->len == 0 ? '{' : ',');
    json_text_str(extra, key);
    buf_add_byte(extra, ':');
    json_node_write(value, extra);
}

static bool extra_keep(struct decoder *d, struct post *post)
{
    if (d->extra.len == 0)
        return true;
    buf_add_byte(&d->extra, '}');
    return row_text(d, "the row's further members", buf_str(&d->extra), INPUT_LINE_BYTES_MAX,
                    &post->extra);
}

bool decode_native(struct decoder *d, JsonNode root, struct post *post)
{
    bool has_text = false;

    buf_reset(&d->extra);
    for (JsonIter it = json_node_iter(root); json_iter_next(&it);) {
        const struct native_member *member = native_find(it.key);
        if (!member)
            extra_add(&d->extra, it.key, it.value);
        else if (json_node_type(it.value) == JSON_NULL)
            continue;
        else if (!native_member(d, member, it.value, post))
            return false;
        else if (json_node_type(it.value) == JSON_STRING &&
                 (str_eq(it.key, S("text")) || str_eq(it.key, S("title"))))
            has_text = true;
    }
    if (post->kind.len == 0)
        post->kind = S("post");
    if (post->source.len == 0)
        post->source = d->plan->source;
    if (!has_text && post->event == POST_UPSERT && post->id.len > 0)
        return row_refuse(d, "no text");
    return extra_keep(d, post);
}

/* ---- Reddit ---------------------------------------------------------------------------------- */

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

static bool reddit_url(struct decoder *d, JsonNode root, struct post *post)
{
    Str link, permalink;
    bool is_self = false;

    if (json_node_str(json_node_get(root, S("permalink")), &permalink)) {
        buf_reset(&d->scratch);
        if (str_starts(permalink, S("/")))
            buf_lit(&d->scratch, "https://www.reddit.com");
        buf_add(&d->scratch, permalink);
        if (!row_text(d, "permalink", buf_str(&d->scratch), URL_BYTES_MAX, &post->url))
            return false;
    }
    (void)json_node_bool(json_node_get(root, S("is_self")), &is_self);
    if (is_self || !json_node_str(json_node_get(root, S("url")), &link) || link.len == 0 ||
        link.len > URL_BYTES_MAX)
        return true;
    Str *links = arena_try_new(&d->batch->arena, Str, 1);
    if (!links) {
        d->is_exhausted = true;
        return row_refuse(d, "no memory left");
    }
    post->links = links;
    post->link_count = 1;
    return row_markup(d, "url", link, URL_BYTES_MAX, links);
}

static bool reddit_author(struct decoder *d, JsonNode root, struct post_author *author)
{
    Str name;

    if (!json_node_str(json_node_get(root, S("author")), &name) || reddit_is_gone(name))
        return true;
    return row_text(d, "author", name, DECODE_ID_BYTES_MAX, &author->handle) &&
           node_text(d, json_node_get(root, S("author_fullname")), "author_fullname",
                     DECODE_ID_BYTES_MAX, &author->id);
}

static bool reddit_extra(struct decoder *d, JsonNode root, struct post *post)
{
    static const Str kept[] = {S_INIT("subreddit"), S_INIT("domain"), S_INIT("link_flair_text"),
                               S_INIT("over_18"), S_INIT("distinguished")};

    buf_reset(&d->extra);
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        JsonNode value = json_node_get(root, kept[i]);
        if (json_node_type(value) > JSON_NULL)
            extra_add(&d->extra, kept[i], value);
    }
    return extra_keep(d, post);
}

bool decode_reddit(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode body = json_node_get(root, S("body"));
    bool is_comment = json_node_type(body) == JSON_STRING;
    JsonNode score = json_node_get(root, S("score"));

    if (!reddit_id(d, json_node_get(root, S("id")), "id", &post->id) ||
        !node_time(d, json_node_get(root, S("created_utc")), post) ||
        !reddit_author(d, root, &post->author) || !reddit_url(d, root, post) ||
        !node_count(d, score, "score", &post->metrics.likes) ||
        !node_count(d, json_node_get(root, S("num_comments")), "num_comments",
                    &post->metrics.replies))
        return false;
    if (is_comment) {
        post->kind = S("comment");
        return reddit_text(d, body, "body", &post->text) &&
               reddit_id(d, json_node_get(root, S("parent_id")), "parent_id", &post->reply_to) &&
               reddit_id(d, json_node_get(root, S("link_id")), "link_id", &post->thread) &&
               reddit_extra(d, root, post);
    }
    if (json_node_type(json_node_get(root, S("title"))) != JSON_STRING)
        return row_refuse(d, "neither a title nor a body");
    return reddit_text(d, json_node_get(root, S("title")), "title", &post->title) &&
           reddit_text(d, json_node_get(root, S("selftext")), "selftext", &post->text) &&
           reddit_id(d, json_node_get(root, S("crosspost_parent")), "crosspost_parent",
                     &post->repost_of) &&
           reddit_extra(d, root, post);
}

/* ---- X / Twitter v1.1 ------------------------------------------------------------------------ */

static JsonNode twitter_text_node(JsonNode status)
{
    JsonNode full = json_node_get(json_node_get(status, S("extended_tweet")), S("full_text"));

    if (json_node_type(full) != JSON_STRING)
        full = json_node_get(status, S("full_text"));
    return json_node_type(full) == JSON_STRING ? full : json_node_get(status, S("text"));
}

static bool twitter_id(struct decoder *d, JsonNode object, Str text_key, Str number_key, Str *out)
{
    JsonNode node = json_node_get(object, text_key);

    if (json_node_type(node) <= JSON_NULL)
        node = json_node_get(object, number_key);
    return node_id(d, node, number_key.ptr, out);
}

/* The platform cuts the text of a retweet, so it is put together again from the original. */
static bool twitter_text(struct decoder *d, JsonNode root, JsonNode original, struct post *post)
{
    Str text, handle;

    if (!json_node_str(twitter_text_node(root), &text))
        return row_refuse(d, "no text");
    buf_reset(&d->scratch);
    if (json_node_str(twitter_text_node(original), &text) &&
        json_node_str(json_node_get(json_node_get(original, S("user")), S("screen_name")),
                      &handle)) {
        buf_lit(&d->scratch, "RT @");
        buf_add(&d->scratch, handle);
        buf_lit(&d->scratch, ": ");
    }
    references_resolve(text, &d->scratch);
    return row_text(d, "text", buf_str(&d->scratch), POST_TEXT_BYTES_MAX, &post->text);
}

static bool twitter_user(struct decoder *d, JsonNode user, struct post_author *author)
{
    return twitter_id(d, user, S("id_str"), S("id"), &author->id) &&
           node_text(d, json_node_get(user, S("screen_name")), "user.screen_name",
                     DECODE_ID_BYTES_MAX, &author->handle) &&
           node_text(d, json_node_get(user, S("name")), "user.name", DECODE_ID_BYTES_MAX,
                     &author->name) &&
           node_count(d, json_node_get(user, S("followers_count")), "user.followers_count",
                      &author->followers) &&
           node_flag(d, json_node_get(user, S("verified")), "user.verified", &author->verified);
}

/* The member `key` of every element of a list of entities. */
static bool twitter_entities(struct decoder *d, JsonNode list, Str key, const Str **out,
                             size_t *count)
{
    size_t wanted = json_node_count(list), n = 0;
    Str text, *texts;

    wanted = wanted < POST_LINKS_MAX ? wanted : POST_LINKS_MAX;
    if (wanted == 0)
        return true;
    if (!(texts = arena_try_new(&d->batch->arena, Str, wanted))) {
        d->is_exhausted = true;
        return row_refuse(d, "no memory left");
    }
    for (JsonIter it = json_node_iter(list); n < wanted && json_iter_next(&it);)
        if (json_node_str(json_node_get(it.value, key), &text) && text.len > 0 &&
            !row_text(d, "entities", text, URL_BYTES_MAX, &texts[n++]))
            return false;
    *out = texts;
    *count = n;
    return true;
}

static bool twitter_reply(struct decoder *d, JsonNode root, struct post *post)
{
    if (!twitter_id(d, root, S("in_reply_to_status_id_str"), S("in_reply_to_status_id"),
                    &post->reply_to) ||
        !twitter_id(d, root, S("in_reply_to_user_id_str"), S("in_reply_to_user_id"),
                    &post->reply_to_author) ||
        !twitter_id(d, root, S("conversation_id_str"), S("conversation_id"), &post->thread))
        return false;
    if (post->reply_to.len > 0)
        post->kind = S("reply");
    return true;
}

/* A retweet carries the counts of its original; they are not the retweet's own. */
static bool twitter_metrics(struct decoder *d, JsonNode root, struct post *post)
{
    struct post_metrics *metrics = &post->metrics;

    if (!node_count(d, json_node_get(root, S("favorite_count")), "favorite_count",
                    &metrics->likes) ||
        !node_count(d, json_node_get(root, S("retweet_count")), "retweet_count",
                    &metrics->reposts) ||
        !node_count(d, json_node_get(root, S("reply_count")), "reply_count", &metrics->replies))
        return false;
    if (post->repost_of.len > 0 && metrics->reposts != POST_UNKNOWN)
        metrics->reposts = 0;
    return true;
}

static bool twitter_url(struct decoder *d, struct post *post)
{
    if (post->author.handle.len == 0)
        return true;
    buf_reset(&d->scratch);
    buf_lit(&d->scratch, "https://twitter.com/");
    buf_add(&d->scratch, post->author.handle);
    buf_lit(&d->scratch, "/status/");
    buf_add(&d->scratch, post->id);
    return row_text(d, "url", buf_str(&d->scratch), URL_BYTES_MAX, &post->url);
}

static bool twitter_place(struct decoder *d, JsonNode root, struct post *post)
{
    Str code;

    if (json_node_str(json_node_get(json_node_get(root, S("place")), S("country_code")), &code) &&
        code.len == 2)
        return row_country(d, code, &post->country);
    return true;
}

bool decode_twitter(struct decoder *d, JsonNode root, struct post *post)
{
    JsonNode gone = json_node_get(json_node_get(root, S("delete")), S("status"));
    JsonNode original = json_node_get(root, S("retweeted_status"));
    JsonNode entities = json_node_get(root, S("entities"));
    Str lang = {0};

    if (json_node_type(gone) == JSON_OBJECT) {
        post->event = POST_DELETE;
        return twitter_id(d, gone, S("id_str"), S("id"), &post->id);
    }
    if (json_node_type(json_node_get(root, S("user"))) != JSON_OBJECT)
        return row_refuse(d, "no user");
    (void)json_node_str(json_node_get(root, S("lang")), &lang);
    return twitter_id(d, root, S("id_str"), S("id"), &post->id) &&
           node_time(d, json_node_get(root, S("created_at")), post) &&
           twitter_user(d, json_node_get(root, S("user")), &post->author) &&
           twitter_text(d, root, original, post) && row_lang(d, lang, &post->lang) &&
           twitter_entities(d, json_node_get(entities, S("urls")), S("expanded_url"), &post->links,
                            &post->link_count) &&
           twitter_entities(d, json_node_get(entities, S("user_mentions")), S("screen_name"),
                            &post->mentions, &post->mention_count) &&
           twitter_reply(d, root, post) &&
           twitter_id(d, original, S("id_str"), S("id"), &post->repost_of) &&
           twitter_id(d, json_node_get(original, S("user")), S("id_str"), S("id"),
                      &post->repost_of_author) &&
           twitter_metrics(d, root, post) && twitter_place(d, root, post) && twitter_url(d, post);
}

/* ---- recognising ----------------------------------------------------------------------------- */

static bool has_member(JsonNode object, Str key)
{
    return json_node_type(json_node_get(object, key)) != JSON_MISSING;
}

static enum decode_format sniff_object(JsonNode root)
{
    if ((has_member(root, S("id_str")) && has_member(root, S("user"))) ||
        json_node_type(json_node_get(json_node_get(root, S("delete")), S("status"))) == JSON_OBJECT)
        return DECODE_TWITTER;
    if (has_member(root, S("created_utc")) &&
        (has_member(root, S("title")) || has_member(root, S("body"))))
        return DECODE_REDDIT;
    return has_member(root, S("id")) || has_member(root, S("text")) ? DECODE_NATIVE : DECODE_AUTO;
}

/* The first line that is an object of a known form decides. */
enum decode_format sniff_json(struct json_bulk *json, Str head)
{
    Str line;
    JsonNode root;
    enum decode_format format = DECODE_AUTO;

    for (int tries = 0; tries < 100 && head.len > 0 && format == DECODE_AUTO; tries++) {
        struct err ignored = {0};
        str_cut(head, '\n', &line, &head);
        line = str_trim(line);
        if (line.len > 0 && json_bulk_parse(json, line, &root, &ignored) &&
            json_node_type(root) == JSON_OBJECT)
            format = sniff_object(root);
    }
    return format;
}
