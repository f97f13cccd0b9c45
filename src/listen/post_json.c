/* The native form of a post, written. */
#include <math.h>

#include "format/json_text.h"
#include "format/time.h"
#include "listen/decode/decode.h"

/* One object under construction: members are named in a fixed order, absent ones left out. */
struct object {
    struct buf *out;
    bool has_member;
};

/* A key as it is written. */
#define KEY(name) S("\"" name "\":")

static void object_key(struct object *o, Str key)
{
    buf_add_byte(o->out, o->has_member ? ',' : '{');
    o->has_member = true;
    buf_add(o->out, key);
}

static void object_text(struct object *o, Str key, Str text)
{
    if (text.len == 0)
        return;
    object_key(o, key);
    json_text_str(o->out, text);
}

static void object_count(struct object *o, Str key, int64_t count)
{
    if (count == POST_UNKNOWN)
        return;
    object_key(o, key);
    json_text_i64(o->out, count);
}

static void object_end(struct object *o)
{
    if (!o->has_member)
        buf_add_byte(o->out, '{');
    buf_add_byte(o->out, '}');
}

static void object_texts(struct object *o, Str key, const Str *texts, size_t count)
{
    if (count == 0)
        return;
    object_key(o, key);
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(o->out, i == 0 ? '[' : ',');
        json_text_str(o->out, texts[i]);
    }
    buf_add_byte(o->out, ']');
}

static void write_author(struct object *o, const struct post_author *author)
{
    if (author->id.len == 0 && author->handle.len == 0 && author->name.len == 0 &&
        author->followers == POST_UNKNOWN && author->verified == POST_UNKNOWN)
        return;
    object_key(o, KEY("author"));
    struct object inner = {.out = o->out};
    object_text(&inner, KEY("id"), author->id);
    object_text(&inner, KEY("handle"), author->handle);
    object_text(&inner, KEY("name"), author->name);
    object_count(&inner, KEY("followers"), author->followers);
    if (author->verified != POST_UNKNOWN) {
        object_key(&inner, KEY("verified"));
        buf_add(o->out, author->verified ? S("true") : S("false"));
    }
    object_end(&inner);
}

static void write_metrics(struct object *o, const struct post_metrics *metrics)
{
    if (metrics->likes == POST_UNKNOWN && metrics->replies == POST_UNKNOWN &&
        metrics->reposts == POST_UNKNOWN && metrics->views == POST_UNKNOWN)
        return;
    object_key(o, KEY("metrics"));
    struct object inner = {.out = o->out};
    object_count(&inner, KEY("likes"), metrics->likes);
    object_count(&inner, KEY("replies"), metrics->replies);
    object_count(&inner, KEY("reposts"), metrics->reposts);
    object_count(&inner, KEY("views"), metrics->views);
    object_end(&inner);
}

/* `extra` is one JSON object: its members follow behind ours. */
static void write_extra(struct object *o, Str extra)
{
    if (extra.len <= 2)
        return;
    buf_add_byte(o->out, ',');
    buf_add(o->out, str_sub(extra, 1, extra.len - 2));
}

void post_write_native(const struct post *post, struct buf *out)
{
    struct object o = {.out = out};

    object_text(&o, KEY("id"), post->id);
    object_text(&o, KEY("source"), post->source);
    if (post->event == POST_DELETE)
        object_text(&o, KEY("event"), S("delete"));
    object_text(&o, KEY("kind"), post->kind);
    if (post->has_created_at) {
        object_key(&o, KEY("created_at"));
        buf_add_byte(out, '"');
        buf_add(out, str_from_cstr(time_rfc3339(post->created_at_ms).text));
        buf_add_byte(out, '"');
    }
    write_author(&o, &post->author);
    object_text(&o, KEY("lang"), post->lang);
    object_text(&o, KEY("title"), post->title);
    if (post->event == POST_UPSERT) {
        object_key(&o, KEY("text"));
        json_text_str(out, post->text);
    }
    object_text(&o, KEY("url"), post->url);
    object_texts(&o, KEY("links"), post->links, post->link_count);
    object_texts(&o, KEY("mentions"), post->mentions, post->mention_count);
    object_text(&o, KEY("reply_to"), post->reply_to);
    object_text(&o, KEY("reply_to_author"), post->reply_to_author);
    object_text(&o, KEY("thread"), post->thread);
    object_text(&o, KEY("repost_of"), post->repost_of);
    object_text(&o, KEY("repost_of_author"), post->repost_of_author);
    write_metrics(&o, &post->metrics);
    if (!isnan(post->rating)) {
        object_key(&o, KEY("rating"));
        json_text_f64(out, post->rating);
    }
    object_text(&o, KEY("country"), post->country);
    object_text(&o, KEY("dataset"), post->dataset);
    write_extra(&o, post->extra);
    object_end(&o);
}
