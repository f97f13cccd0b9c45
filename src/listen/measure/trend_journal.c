#include "listen/measure/trend_journal.h"

#include <string.h>

#include "base/hash.h"

#define RECORD_HEAD      8 /* length and hash */
#define RECORD_BYTES_MAX (1 << 20)

/* ---- writing --------------------------------------------------------------------------------- */

static void put_u32(struct buf *out, uint32_t value)
{
    buf_add(out, (Str){(const char *)&value, sizeof value});
}

static void put_i64(struct buf *out, int64_t value)
{
    buf_add(out, (Str){(const char *)&value, sizeof value});
}

static void put_text(struct buf *out, Str text, size_t most)
{
    size_t len = text.len < most ? text.len : most;

    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    put_u32(out, (uint32_t)len);
    buf_add(out, str_sub(text, 0, len));
}

/* Room for the head; returns where the record begins. */
static size_t record_begin(struct buf *out, enum journal_kind kind, int64_t time_ms)
{
    size_t at = out->len;

    put_u32(out, 0);
    put_u32(out, 0);
    put_u32(out, kind);
    put_i64(out, time_ms);
    return at;
}

static void record_end(struct buf *out, size_t at)
{
    if (out->is_failed)
        return;
    Str payload = {out->ptr + at + RECORD_HEAD, out->len - at - RECORD_HEAD};
    uint32_t head[2] = {(uint32_t)payload.len, (uint32_t)hash_bytes(payload, 1)};
    memcpy(out->ptr + at, head, sizeof head);
}

void journal_put_post(struct buf *out, enum journal_kind kind, const struct archive_item *item,
                      size_t text_bytes_max)
{
    const struct post *post = item->post;
    const struct post_author *author = &post->author;
    size_t links = post->link_count < JOURNAL_LINKS_MAX ? post->link_count : JOURNAL_LINKS_MAX;
    size_t queries =
        item->query_count < TREND_POST_QUERIES ? item->query_count : TREND_POST_QUERIES;
    size_t at = record_begin(out, kind, post->created_at_ms);
    Str lang = post->lang.len > 0 ? post->lang : item->lang_found;

    put_text(out, post->source, text_bytes_max);
    put_text(out, post->id, text_bytes_max);
    put_text(out, author->id, 1024);
    put_text(out, author->handle, 256);
    put_text(out, author->name, 256);
    put_text(out, lang, 16);
    put_text(out, post->url, 1024);
    put_text(out, post->title, text_bytes_max);
    put_text(out, post->text, text_bytes_max);
    put_u32(out, (uint32_t)links);
    for (size_t i = 0; i < links; i++)
        put_text(out, post->links[i], 1024);
    put_u32(out, (uint32_t)queries);
    for (size_t i = 0; i < queries; i++)
        put_i64(out, item->queries[i]);
    record_end(out, at);
}

void journal_put_clock(struct buf *out, int64_t time_ms)
{
    record_end(out, record_begin(out, JOURNAL_CLOCK, time_ms));
}

/* ---- reading --------------------------------------------------------------------------------- */

struct cursor {
    Str rest;
    bool is_bad;
};

static void take(struct cursor *c, void *out, size_t size)
{
    c->is_bad |= c->rest.len < size;
    if (c->is_bad) {
        memset(out, 0, size);
        return;
    }
    memcpy(out, c->rest.ptr, size);
    c->rest = str_sub(c->rest, size, c->rest.len);
}

static uint32_t take_u32(struct cursor *c)
{
    uint32_t value;

    take(c, &value, sizeof value);
    return value;
}

static int64_t take_i64(struct cursor *c)
{
    int64_t value;

    take(c, &value, sizeof value);
    return value;
}

static Str take_text(struct cursor *c)
{
    uint32_t len = take_u32(c);

    c->is_bad |= c->rest.len < len;
    if (c->is_bad)
        return STR_NONE;
    Str text = str_sub(c->rest, 0, len);
    c->rest = str_sub(c->rest, len, c->rest.len);
    return text;
}

bool journal_next(Str bytes, Str *payload, size_t *used)
{
    uint32_t head[2];

    if (bytes.len < RECORD_HEAD)
        return false;
    memcpy(head, bytes.ptr, sizeof head);
    if (head[0] > RECORD_BYTES_MAX || bytes.len - RECORD_HEAD < head[0])
        return false;
    *payload = str_sub(bytes, RECORD_HEAD, head[0]);
    *used = RECORD_HEAD + head[0];
    return (uint32_t)hash_bytes(*payload, 1) == head[1];
}

enum journal_kind journal_peek(Str payload, int64_t *time_ms)
{
    struct cursor c = {.rest = payload};
    uint32_t kind = take_u32(&c);

    *time_ms = take_i64(&c);
    return kind < JOURNAL_KIND_COUNT && !c.is_bad ? (enum journal_kind)kind : JOURNAL_KIND_COUNT;
}

static bool read_post(struct cursor *c, struct journal_record *out)
{
    struct post *post = &out->post;

    post->source = take_text(c);
    post->id = take_text(c);
    post->author.id = take_text(c);
    post->author.handle = take_text(c);
    post->author.name = take_text(c);
    post->lang = take_text(c);
    post->url = take_text(c);
    post->title = take_text(c);
    post->text = take_text(c);
    post->link_count = take_u32(c);
    c->is_bad |= post->link_count > JOURNAL_LINKS_MAX;
    for (size_t i = 0; i < post->link_count && !c->is_bad; i++)
        out->links[i] = take_text(c);
    post->links = out->links;
    out->query_count = take_u32(c);
    c->is_bad |= out->query_count > TREND_POST_QUERIES;
    for (size_t i = 0; i < out->query_count && !c->is_bad; i++)
        out->queries[i] = take_i64(c);
    return !c->is_bad && c->rest.len == 0;
}

bool journal_read(Str payload, struct journal_record *out)
{
    struct cursor c = {.rest = payload};

    *out = (struct journal_record){.kind = journal_peek(payload, &out->time_ms)};
    (void)take_u32(&c);
    out->time_ms = take_i64(&c);
    if (c.is_bad || out->kind == JOURNAL_KIND_COUNT)
        return false;
    out->post.created_at_ms = out->time_ms;
    out->post.has_created_at = true;
    out->post.author.followers = POST_UNKNOWN;
    return out->kind == JOURNAL_CLOCK ? c.rest.len == 0 : read_post(&c, out);
}
