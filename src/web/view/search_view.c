#include "web/view/search_view.h"

#include "format/time.h"

struct saved_view_reader saved_view_reader_of(struct request *req)
{
    return (struct saved_view_reader){req->account.login, request_actor(req),
                                      request_may(req, MAY_MANAGE)};
}

bool saved_view_may_keep(struct request *req, bool is_shared, struct err *err)
{
    if (req->is_by_token && !(req->token.scopes & SCOPE_WRITE))
        return err_set(err, ERR_DENIED, "the key may only read") ||
               err_hint(err, "It needs the scope 'write'.");
    return !is_shared || request_may(req, MAY_EDIT_QUERIES) ||
           err_set(err, ERR_DENIED, "your role may not share views") ||
           err_hint(err, "It needs the permission '%s'; keep the view for yourself.",
                    permission_name(MAY_EDIT_QUERIES));
}

/* A day given as the end is meant to be inside. */
static bool read_moment(const char *name, Str text, bool is_end, int64_t *out, struct err *err)
{
    *out = 0;
    if (text.len == 0 || str_eq(text, S("0")))
        return true;
    if (!time_parse(text, out))
        return err_set(err, ERR_INPUT, "%s: '" STR_F "' is not a time", name,
                       STR_A(str_sub(text, 0, 40))) ||
               err_hint(err, "2026-11-22, 2026-11-22T08:15:00Z or milliseconds since 1970");
    if (is_end && text.len == 10 && text.ptr[4] == '-')
        *out += TIME_DAY_MS;
    return true;
}

static bool read_days(Str text, int64_t *out, struct err *err)
{
    *out = 0;
    if (text.len == 0 || (str_to_i64(text, out) && *out >= 0 && *out <= SAVED_VIEW_DAYS_MAX))
        return true;
    return err_set(err, ERR_INPUT, "days: '" STR_F "' is not a number of days",
                   STR_A(str_sub(text, 0, 40))) ||
           err_hint(err, "1 to %d, or nothing for the window of from and to", SAVED_VIEW_DAYS_MAX);
}

bool search_window_read(Str from, Str to, int64_t days, struct saved_view *v, struct err *err)
{
    v->days = days;
    if (!read_moment("from", from, false, &v->from_ms, err) ||
        !read_moment("to", to, true, &v->to_ms, err))
        return false;
    if (v->days > 0)
        v->from_ms = v->to_ms = 0;
    return v->to_ms == 0 || v->from_ms < v->to_ms ||
           err_set(err, ERR_INPUT, "the window ends before it begins") ||
           err_hint(err, "'from' has to be earlier than 'to'.");
}

static bool read_order(Str text, enum search_order *out, struct err *err)
{
    *out = SEARCH_NEWEST;
    return text.len == 0 || search_order_from(text, out) ||
           err_set(err, ERR_INPUT, "order: '" STR_F "' is not known",
                   STR_A(str_sub(text, 0, 40))) ||
           err_hint(err, "newest, oldest or relevant");
}

static bool read_asked(struct request *req, struct saved_view *v, struct err *err)
{
    int64_t days;

    v->query = request_query(req, S("q"));
    v->within = request_query(req, S("query"));
    v->has_stems = str_eq(request_query(req, S("stems")), S("1"));
    return read_days(request_query(req, S("days")), &days, err) &&
           search_window_read(request_query(req, S("from")), request_query(req, S("to")), days, v,
                              err) &&
           read_order(request_query(req, S("order")), &v->order, err);
}

/* With nothing but its number the view is what is asked. */
static bool read_view(struct request *req, struct search_ask *out, struct err *err)
{
    static const char *const said[] = {"q", "query", "from", "to", "days", "order", "stems"};
    Str number = request_query(req, S("view"));
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view view;
    int64_t id;
    bool is_bare = true;

    if (number.len == 0)
        return true;
    if (!str_to_i64(number, &id))
        return err_set(err, ERR_INPUT, "view: '" STR_F "' is not a number",
                       STR_A(str_sub(number, 0, 40)));
    if (!saved_view_read(&req->arena, req->workspace->state, id, &reader, &view, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(said); i++)
        is_bare = is_bare && !params_has(&req->query, str_from_cstr(said[i]));
    if (is_bare) {
        out->is = view;
        return true;
    }
    struct saved_view asked = out->is;
    out->is_changed = !saved_view_is_same(&asked, &view);
    out->is = view;
    saved_view_search_copy(&out->is, &asked);
    return true;
}

void search_ask_of(struct request *req, const struct saved_view *is, struct search_ask *out)
{
    out->is = *is;
    out->names = (struct standing_names){req->workspace->state, &req->arena};
    out->resolver = standing_resolver(&out->names);
    out->text = search_text_within(&req->arena, is->within, is->query);
    saved_view_window(is, req->now_ms, &out->from_ms, &out->to_ms);
}

bool search_ask_read(struct request *req, struct search_ask *out, struct err *err)
{
    *out = (struct search_ask){.cursor = request_query(req, S("cursor"))};
    if (!read_asked(req, &out->is, err) || !read_view(req, out, err))
        return false;
    struct saved_view is = out->is;
    search_ask_of(req, &is, out);
    return true;
}

struct search_request search_ask_request(const struct search_ask *ask)
{
    return (struct search_request){
        .query = ask->text,
        .names = &ask->resolver,
        .from_ms = ask->from_ms,
        .to_ms = ask->to_ms == 0 && ask->from_ms != 0 ? INT64_MAX / 2 : ask->to_ms,
        .order = ask->is.order,
        .cursor = ask->cursor,
        .has_stems = ask->is.has_stems,
    };
}

Str search_ask_url(struct request *req, const char *path, const struct saved_view *is)
{
    Str window = STR_NONE, order = STR_NONE, view = STR_NONE;

    if (is->days > 0)
        window = arena_printf(&req->arena, "&days=%lld", (long long)is->days);
    else if (is->from_ms != 0 || is->to_ms != 0)
        window = arena_printf(&req->arena, "&from=%lld&to=%lld", (long long)is->from_ms,
                              (long long)is->to_ms);
    if (is->order != SEARCH_NEWEST)
        order = arena_printf(&req->arena, "&order=%s", search_order_name(is->order));
    if (is->id != 0)
        view = arena_printf(&req->arena, "&view=%lld", (long long)is->id);
    return request_url(req, "%s?q=" STR_F "&query=" STR_F STR_F STR_F STR_F "%s", path,
                       STR_A(request_part(req, is->query)), STR_A(is->within), STR_A(window),
                       STR_A(order), STR_A(view), is->has_stems ? "&stems=1" : "");
}
