/* api_search.c - stored posts by a query, with facets, and saved views of searches. */
#include <microhttpd.h>

#include "web/api/api.h"
#include "web/view/export_view.h"
#include "web/view/query_view.h"
#include "web/view/search_view.h"

static void put_post(struct request *req, struct json_writer *w, const struct search_hit *hit)
{
    const struct post *p = &hit->post.post;

    json_begin_object(w);
    json_set_str(w, "source", p->source);
    json_set_str(w, "id", p->id);
    api_set_time(req, w, "created_at", p->created_at_ms);
    json_set_str(w, "author", p->author.handle.len > 0 ? p->author.handle : p->author.id);
    json_set_str(w, "lang", p->lang.len > 0 ? p->lang : hit->post.lang_found);
    json_set_str(w, "title", p->title);
    json_set_str(w, "text", p->text);
    json_set_str(w, "url", p->url);
    if (hit->post.polarity != POST_POLARITY_UNKNOWN)
        json_set_f64(w, "compound", hit->post.compound);
    json_set_array(w, "matched");
    for (size_t i = 0; i < hit->range_count; i++) {
        json_begin_object(w);
        json_set_str(w, "in", hit->ranges[i].is_title ? S("title") : S("text"));
        json_set_i64(w, "from", hit->ranges[i].from);
        json_set_i64(w, "to", hit->ranges[i].to);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void put_facets(struct json_writer *w, const struct search_result *found)
{
    json_set_object(w, "facets");
    for (size_t i = 0; i < SEARCH_FACET_COUNT; i++) {
        const struct search_facets *facets = &found->facets[i];
        json_set_object(w, search_facet_name((enum search_facet_kind)i));
        json_set_bool(w, "is_partial", facets->is_partial);
        if (i == SEARCH_BY_AUTHOR && facets->is_partial)
            json_set_i64(w, "unseen_max", facets->unseen_max);
        json_set_array(w, "items");
        for (size_t k = 0; k < facets->count; k++) {
            json_begin_object(w);
            json_set_str(w, "value", facets->items[k].value);
            if (facets->items[k].label.len > 0)
                json_set_str(w, "label", facets->items[k].label);
            json_set_i64(w, "count", facets->items[k].count);
            json_end_object(w);
        }
        json_end_array(w);
        json_end_object(w);
    }
    json_end_object(w);
}

static bool read_number(struct request *req, const char *name, int64_t fallback, int64_t least,
                        int64_t most, int64_t *out, struct err *err)
{
    Str text = request_query(req, str_from_cstr(name));

    *out = fallback;
    if (text.len == 0 || (str_to_i64(text, out) && *out >= least && *out <= most))
        return true;
    return err_set(err, ERR_INPUT, "%s: '" STR_F "' is not a number from %lld to %lld", name,
                   STR_A(str_sub(text, 0, 40)), (long long)least, (long long)most);
}

bool api_posts(struct request *req, struct err *err)
{
    struct search_ask ask;
    struct search_result found;
    struct json_writer w;
    int64_t limit, facets;
    double ms;

    if (!search_ask_read(req, &ask, err) ||
        !read_number(req, "limit", 50, 1, SEARCH_PAGE_MAX, &limit, err) ||
        !read_number(req, "facets", 0, 0, 1, &facets, err))
        return false;
    if (ask.text.len == 0)
        return err_set(err, ERR_USAGE, "the parameter 'q' is missing") ||
               err_hint(err, "q, query or view says what is searched.");
    struct search_request wanted = search_ask_request(&ask);
    wanted.limit = (size_t)limit;
    wanted.has_facets = facets == 1;
    if (!query_view_search(req, &wanted, &found, &ms, err))
        return false;
    api_begin(req, &w);
    json_set_i64(&w, "total", found.total);
    json_set_bool(&w, "is_complete", found.is_complete);
    json_set_i64(&w, "total_low", found.total_low);
    json_set_i64(&w, "total_high", found.total_high);
    json_set_i64(&w, "sampled", found.sampled);
    json_set_str(&w, "next", found.next);
    if (wanted.has_facets)
        put_facets(&w, &found);
    json_set_array(&w, "items");
    for (size_t i = 0; i < found.count; i++)
        put_post(req, &w, &found.hits[i]);
    json_end_array(&w);
    return api_end(req, &w);
}

/* ---- views ----------------------------------------------------------------------------------- */

static void put_view(struct request *req, struct json_writer *w, const struct saved_view *v)
{
    struct saved_view_reader reader = saved_view_reader_of(req);

    json_set_i64(w, "id", v->id);
    json_set_str(w, "name", v->name);
    json_set_str(w, "owner", v->owner);
    json_set_bool(w, "is_shared", v->is_shared);
    json_set_bool(w, "may_change", saved_view_may_change(v, &reader));
    json_set_str(w, "q", v->query);
    json_set_str(w, "query", v->within);
    json_set_i64(w, "days", v->days);
    if (v->from_ms != 0)
        api_set_time(req, w, "from", v->from_ms);
    if (v->to_ms != 0)
        api_set_time(req, w, "to", v->to_ms);
    json_set_str(w, "order", str_from_cstr(search_order_name(v->order)));
    json_set_bool(w, "has_stems", v->has_stems);
    api_set_time(req, w, "created_at", v->created_at_ms);
    api_set_time(req, w, "changed_at", v->changed_at_ms);
}

bool api_views(struct request *req, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view *list;
    struct json_writer w;
    size_t count;

    if (!saved_view_list(&req->arena, req->workspace->state, &reader, &list, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        put_view(req, &w, &list[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

static bool read_view(struct request *req, struct saved_view *out, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    int64_t id;

    if (!str_to_i64(request_capture(req, S("view")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such view");
    return saved_view_read(&req->arena, req->workspace->state, id, &reader, out, err);
}

static bool answer_view(struct request *req, int64_t id, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view view;
    struct json_writer w;

    if (!saved_view_read(&req->arena, req->workspace->state, id, &reader, &view, err))
        return false;
    api_begin(req, &w);
    put_view(req, &w, &view);
    return api_end(req, &w);
}

bool api_view(struct request *req, struct err *err)
{
    struct saved_view view;

    return read_view(req, &view, err) && answer_view(req, view.id, err);
}

/* Members that are there replace those of *v: what is not said stays. */
static bool take_members(const struct json *body, struct saved_view *v, struct err *err)
{
    Str order = json_str_or(body, "order", str_from_cstr(search_order_name(v->order)));
    bool has_window = json_get(body, "from") || json_get(body, "to") || json_get(body, "days");

    v->name = json_str_or(body, "name", v->name);
    v->is_shared = json_bool_or(body, "is_shared", v->is_shared);
    v->query = json_str_or(body, "q", v->query);
    v->within = json_str_or(body, "query", v->within);
    v->has_stems = json_bool_or(body, "has_stems", v->has_stems);
    if (has_window &&
        !search_window_read(json_str_or(body, "from", STR_NONE), json_str_or(body, "to", STR_NONE),
                            json_i64_or(body, "days", 0), v, err))
        return false;
    return search_order_from(order, &v->order) ||
           err_set(err, ERR_INPUT, "order: '" STR_F "' is not known", STR_A(str_sub(order, 0, 40)));
}

bool api_view_create(struct request *req, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view view = {0};
    const struct json *body;

    if (!api_body(req, &body, err) || !json_need_str(body, "name", &view.name, err) ||
        !take_members(body, &view, err) || !saved_view_may_keep(req, view.is_shared, err) ||
        !saved_view_create(req->workspace->state, &view, &reader, req->now_ms, err))
        return false;
    req->status = MHD_HTTP_CREATED;
    return answer_view(req, view.id, err);
}

bool api_view_change(struct request *req, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view view;
    const struct json *body;

    return api_body(req, &body, err) && read_view(req, &view, err) &&
           take_members(body, &view, err) && saved_view_may_keep(req, view.is_shared, err) &&
           saved_view_change(req->workspace->state, &view, &reader, req->now_ms, err) &&
           answer_view(req, view.id, err);
}

bool api_view_remove(struct request *req, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view view;

    if (!read_view(req, &view, err) || !saved_view_may_keep(req, false, err) ||
        !saved_view_remove(req->workspace->state, view.id, &reader, req->now_ms, err))
        return false;
    req->status = MHD_HTTP_NO_CONTENT;
    return true;
}

/* ---- export ---------------------------------------------------------------------------------- */

bool api_posts_export(struct request *req, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view is = {0};
    struct search_ask ask = {0};
    struct export_wish wish = {0};
    const struct json *body;
    int64_t view;

    if (!api_body(req, &body, err))
        return false;
    wish.is_pseudonymous = json_bool_or(body, "is_pseudonymous", true);
    wish.has_no_text = json_bool_or(body, "has_no_text", false);
    if (json_get(body, "view") &&
        (!json_need_i64(body, "view", 1, INT64_MAX, &view, err) ||
         !saved_view_read(&req->arena, req->workspace->state, view, &reader, &is, err)))
        return false;
    if (!take_members(body, &is, err) ||
        !export_format_from(json_str_or(body, "format", S("jsonl")), &wish.format, err))
        return false;
    search_ask_of(req, &is, &ask);
    return export_answer(req, &ask, wish, err);
}
