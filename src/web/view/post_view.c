#include "web/view/post_view.h"

#include <stdlib.h>

struct range {
    uint32_t from, to;
};

static int by_from(const void *a, const void *b)
{
    const struct range *x = a, *y = b;

    return x->from < y->from ? -1 : x->from > y->from;
}

/* The spans of one place, in order, joined where they touch. */
static size_t collect(struct arena *arena, const struct query_explanation *explanation,
                      enum query_place place, size_t len, struct range **out)
{
    size_t count = 0, kept = 0, all = explanation ? explanation->span_count : 0;
    struct range *ranges = arena_new(arena, struct range, all + 1);

    for (size_t i = 0; i < all; i++) {
        const struct query_span *span = &explanation->spans[i];
        if (span->place == place && span->from < span->to && span->to <= len)
            ranges[count++] = (struct range){span->from, span->to};
    }
    qsort(ranges, count, sizeof *ranges, by_from);
    for (size_t i = 0; i < count; i++)
        if (kept > 0 && ranges[i].from <= ranges[kept - 1].to)
            ranges[kept - 1].to =
                ranges[i].to > ranges[kept - 1].to ? ranges[i].to : ranges[kept - 1].to;
        else
            ranges[kept++] = ranges[i];
    *out = ranges;
    return kept;
}

static struct tpl_post_piece *cut(struct request *req, Str text,
                                  const struct query_explanation *explanation,
                                  enum query_place place, size_t *count)
{
    struct range *ranges;
    size_t n = collect(&req->arena, explanation, place, text.len, &ranges), at = 0;
    struct tpl_post_piece *pieces = arena_new(&req->arena, struct tpl_post_piece, 2 * n + 1);

    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (ranges[i].from > at)
            pieces[(*count)++] =
                (struct tpl_post_piece){str_sub(text, at, ranges[i].from - at), false};
        pieces[(*count)++] = (struct tpl_post_piece){
            str_sub(text, ranges[i].from, ranges[i].to - ranges[i].from), true};
        at = ranges[i].to;
    }
    if (at < text.len)
        pieces[(*count)++] = (struct tpl_post_piece){str_sub(text, at, text.len), false};
    return pieces;
}

/* A long text ends at a blank before the limit, not inside a character. */
static Str shorten(Str text, bool *is_cut)
{
    size_t end = POST_VIEW_TEXT_BYTES_MAX;

    *is_cut = text.len > POST_VIEW_TEXT_BYTES_MAX;
    if (!*is_cut)
        return text;
    while (end > POST_VIEW_TEXT_BYTES_MAX / 2 && text.ptr[end] != ' ')
        end--;
    while (end > 0 && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
        end--;
    return str_sub(text, 0, end);
}

static void set_text(struct request *req, Str text, const struct query_explanation *explanation,
                     struct tpl_post *out)
{
    size_t count;

    text = shorten(text, &out->is_cut);
    out->text.items = cut(req, text, explanation, QUERY_PLACE_BODY, &count);
    out->text.count = count;
}

void post_view_text(struct request *req, Str text, struct tpl_post *out)
{
    set_text(req, text, NULL, out);
}

static Str author_of(const struct post_author *author)
{
    return author->name.len > 0     ? author->name
           : author->handle.len > 0 ? author->handle
                                    : author->id;
}

static int64_t engagement_of(const struct post_metrics *m)
{
    return (m->likes > 0 ? m->likes : 0) + (m->replies > 0 ? m->replies : 0) +
           (m->reposts > 0 ? m->reposts : 0);
}

void post_view_fill(struct request *req, const struct post *post, enum post_polarity polarity,
                    Str lang, const struct query_explanation *explanation, struct tpl_post *out)
{
    const struct post_metrics *m = &post->metrics;
    size_t count;

    *out = (struct tpl_post){
        .author = author_of(&post->author),
        .source = post->source,
        .at = post->created_at_ms,
        .has_time = post->created_at_ms != 0,
        .lang = lang,
        .link = post->url,
        .engagement = engagement_of(m),
        .has_engagement = m->likes >= 0 || m->replies >= 0 || m->reposts >= 0,
    };
    if (polarity == POST_POSITIVE || polarity == POST_NEGATIVE) {
        out->mood = polarity == POST_POSITIVE ? S("positive") : S("negative");
        out->mood_label =
            request_tr(req, polarity == POST_POSITIVE ? TR("positive") : TR("negative"));
    }
    out->title.items = cut(req, post->title, explanation, QUERY_PLACE_TITLE, &count);
    out->title.count = count;
    set_text(req, post->text, explanation, out);
}

void post_view_hit(struct request *req, const struct search_hit *hit, struct tpl_post *out)
{
    const struct archived_post *p = &hit->post;
    struct query_explanation explanation = {.matches = true, .span_count = hit->range_count};

    explanation.spans = arena_new(&req->arena, struct query_span, hit->range_count + 1);
    for (size_t i = 0; i < hit->range_count; i++)
        explanation.spans[i] = (struct query_span){
            .place = hit->ranges[i].is_title ? QUERY_PLACE_TITLE : QUERY_PLACE_BODY,
            .from = hit->ranges[i].from,
            .to = hit->ranges[i].to,
        };
    post_view_fill(req, &p->post, p->polarity, p->post.lang.len > 0 ? p->post.lang : p->lang_found,
                   &explanation, out);
    if (p->polarity != POST_POLARITY_UNKNOWN)
        out->why_mood = request_url(req, "posts/%d/%lld", p->month, (long long)p->id);
}
