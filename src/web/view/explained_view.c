#include "web/view/explained_view.h"

#include <math.h>

#include "format/time.h"
#include "listen/measure/event_explain.h"
#include "web/view/post_view.h"

enum { WORDS_SHOWN = 4 };

struct parts {
    struct tpl_explained_part *items;
    size_t count;
};

static struct parts parts_of(struct request *req, const struct json *list, const char *key)
{
    struct parts parts = {arena_new(&req->arena, struct tpl_explained_part, json_len(list) + 1),
                          json_len(list)};

    for (size_t i = 0; i < parts.count; i++) {
        const struct json *part = json_at(list, i);
        double lift = 0, low = 0;
        bool has_lift = json_f64(json_get(part, "lift"), &lift);
        bool has_interval = json_f64(json_get(part, "lift_low"), &low);
        parts.items[i] =
            (struct tpl_explained_part){.name = json_str_or(part, key, STR_NONE),
                                        .n = json_i64_or(part, "n", 0),
                                        .share = json_f64_or(part, "share", (double)NAN),
                                        .before = json_f64_or(part, "before_share", (double)NAN),
                                        .lift = lift,
                                        .has_lift = has_lift,
                                        .low = low,
                                        .high = json_f64_or(part, "lift_high", 0),
                                        .has_interval = has_interval};
    }
    return parts;
}

static void name_moods(struct request *req, struct parts *moods)
{
    static const struct {
        const char *key, *word;
    } words[] = {
        {"negative", TR("negative")}, {"neutral", TR("neutral")}, {"positive", TR("positive")}};

    for (size_t i = 0; i < moods->count; i++)
        for (size_t k = 0; k < COUNT_OF(words); k++)
            if (str_eq(moods->items[i].name, str_from_cstr(words[k].key))) {
                moods->items[i].name = request_tr(req, words[k].word);
                break;
            }
}

static Str copies_address(struct request *req, const struct explained_event *event,
                          const struct json *e, const struct json *post)
{
    return request_url(
        req, "copies?query=" STR_F "&source=" STR_F "&id=" STR_F "&from=%lld&to=%lld",
        STR_A(event->query), STR_A(request_part(req, json_str_or(post, "source", STR_NONE))),
        STR_A(request_part(req, json_str_or(post, "id", STR_NONE))),
        (long long)json_i64_or(e, "from_hour", 0), (long long)json_i64_or(e, "to_hour", 0));
}

static void fill_posts(struct request *req, const struct explained_event *event,
                       const struct json *e, struct tpl_explained *c)
{
    const struct json *list = json_get(e, "posts");
    struct tpl_post *items = arena_new(&req->arena, struct tpl_post, json_len(list) + 1);

    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *p = json_at(list, i);
        Str title = json_str_or(p, "title", STR_NONE), text = json_str_or(p, "text", STR_NONE);
        int64_t at_ms = 0;
        bool has_time = time_parse_iso(json_str_or(p, "created_at", STR_NONE), &at_ms);
        items[i] = (struct tpl_post){.author = json_str_or(p, "author", STR_NONE),
                                     .source = json_str_or(p, "source", STR_NONE),
                                     .at = at_ms,
                                     .has_time = has_time,
                                     .link = json_str_or(p, "url", STR_NONE),
                                     .copies = json_i64_or(p, "copies", 0),
                                     .copies_link = copies_address(req, event, e, p)};
        post_view_text(req, text.len > 0 ? text : title, &items[i]);
    }
    c->posts.items = items;
    c->posts.count = json_len(list);
}

static void link_terms(struct request *req, const struct explained_event *event,
                       struct parts *terms)
{
    for (size_t i = 0; i < terms->count; i++)
        terms->items[i].link =
            request_url(req, "search?query=" STR_F "&q=" STR_F "&from=%lld&to=%lld",
                        STR_A(event->query), STR_A(request_part(req, terms->items[i].name)),
                        (long long)event->start_ms, (long long)event->end_ms);
}

bool explained_fill(struct request *req, const struct explained_event *event,
                    struct tpl_explained *out, struct err *err)
{
    const struct json *e;

    if (!json_parse(&req->arena, event->explanation, &e, err))
        return false;
    struct parts terms = parts_of(req, json_get(e, "terms"), "term");
    struct parts top = parts_of(req, json_get(json_get(e, "authors"), "top"), "author");
    struct parts sources = parts_of(req, json_get(e, "sources"), "source");
    struct parts moods = parts_of(req, json_get(e, "moods"), "mood");
    name_moods(req, &moods);
    link_terms(req, event, &terms);
    out->terms.items = terms.items;
    out->terms.count = terms.count;
    out->top.items = top.items;
    out->top.count = top.count;
    out->sources.items = sources.items;
    out->sources.count = sources.count;
    out->moods.items = moods.items;
    out->moods.count = moods.count;
    out->n = json_i64_or(e, "n", 0);
    out->before_n = json_i64_or(json_get(e, "before"), "n", 0);
    out->authors = json_i64_or(json_get(e, "authors"), "n", 0);
    fill_posts(req, event, e, out);
    return true;
}

bool explained_earlier_fill(struct request *req, const struct explained_earlier *earlier,
                            struct tpl_explained *out, struct err *err)
{
    const struct json *l = NULL;

    out->has_earlier = true;
    out->earlier = earlier->link;
    out->earlier_at = earlier->start_ms;
    out->earlier_observed = earlier->observed;
    out->earlier_hours = (earlier->end_ms - earlier->start_ms) / TIME_HOUR_MS;
    if (earlier->likeness.len == 0)
        return true;
    if (!json_parse(&req->arena, earlier->likeness, &l, err))
        return false;
    out->has_likeness = true;
    out->likeness = json_f64_or(l, "all", 0);
    out->like_terms = json_f64_or(l, "terms", 0);
    out->like_sources = json_f64_or(l, "sources", 0);
    out->like_size = json_f64_or(l, "size", 0);
    out->like_length = json_f64_or(l, "length", 0);
    return true;
}

bool explained_parties_fill(struct request *req, Str explanation, explained_name *name,
                            void *context, struct tpl_explained *out, struct err *err)
{
    const struct json *e, *list;

    if (!json_parse(&req->arena, explanation, &e, err))
        return false;
    list = json_get(e, "parties");
    struct parts parties = parts_of(req, list, "query");
    size_t kept = 0;
    for (size_t i = 0; i < parties.count; i++) {
        struct tpl_explained_part *part = &parties.items[i];
        if (name(context, json_i64_or(json_at(list, i), "query", 0), &part->name, &part->link))
            parties.items[kept++] = *part;
    }
    out->parties.items = parties.items;
    out->parties.count = kept;
    return true;
}

Str explained_words(struct request *req, Str explanation)
{
    const struct json *root, *terms;
    struct err ignored = {0};
    Str out = STR_NONE;

    if (!json_parse(&req->arena, explanation, &root, &ignored))
        return out;
    terms = json_get(root, "terms");
    for (size_t i = 0; i < json_len(terms) && i < WORDS_SHOWN; i++) {
        Str term = json_str_or(json_at(terms, i), "term", STR_NONE);
        out =
            arena_printf(&req->arena, STR_F "%s" STR_F, STR_A(out), i > 0 ? ", " : "", STR_A(term));
    }
    return out;
}
