/* page_queries.c - the list of standing queries, and the editor with its live check. */
#include <math.h>

#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/market_view.h"
#include "web/view/query_view.h"

enum { WEEK_DAYS = 7 };

static bool fill_row(struct request *req, const struct standing_query *q,
                     struct tpl_queries_query *row, struct err *err)
{
    struct market_series series;

    if (!market_series_read(req, q->id, 2 * WEEK_DAYS, 0, &series, err))
        return false;
    size_t middle = series.count > WEEK_DAYS ? series.count - WEEK_DAYS : 0;
    struct market_sum now = market_sum_of(&series, middle, series.count);
    struct market_sum before = market_sum_of(&series, 0, middle);
    *row = (struct tpl_queries_query){
        .name = q->name,
        .title = q->title,
        .text = str_sub(q->text, 0, 200),
        .link = request_url(req, "queries/" STR_F, STR_A(q->name)),
        .market = request_url(req, "market?query=" STR_F, STR_A(q->name)),
        .version = q->version,
        .is_active = q->is_active,
        .is_measured = series.is_measured,
        .week = (int64_t)now.mentions,
        .has_change = middle == WEEK_DAYS && before.mentions > 0,
        .change = before.mentions > 0 ? now.mentions / before.mentions - 1 : (double)NAN,
        .net = series.is_measured ? now.net_sentiment : (double)NAN,
    };
    return true;
}

bool page_queries(struct request *req, struct err *err)
{
    struct standing_query *list;
    size_t count;
    struct page_head head = {.current = "queries", .title = TR("Queries")};

    if (!standing_query_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    struct tpl_queries_query *rows = arena_new(&req->arena, struct tpl_queries_query, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!fill_row(req, &list[i], &rows[i], err))
            return false;
    struct tpl_queries c = {.queries = {rows, count},
                            .may_edit = request_may(req, MAY_EDIT_QUERIES),
                            .add = request_url(req, "queries/new")};
    PAGE(req, &head, queries, &c);
    return true;
}

/* ---- the editor ---- */

static bool is_new_query(struct request *req)
{
    return str_eq(request_capture(req, S("query")), S("new"));
}

static bool show_editor(struct request *req, const struct standing_query *stored, Str title,
                        Str text, Str name, const struct err *problem, struct err *err)
{
    struct tpl_query *c = arena_new(&req->arena, struct tpl_query, 1);
    bool is_new = is_new_query(req);

    *c = (struct tpl_query){
        .is_new = is_new,
        .name = name,
        .title = title,
        .text = text,
        .reason = request_form(req, S("reason")),
        .version = stored->version,
        .is_active = is_new || stored->is_active,
        .may_edit = request_may(req, MAY_EDIT_QUERIES),
        .csrf = page_csrf(req),
        .action = request_url(req, "queries/" STR_F, STR_A(is_new ? S("new") : name)),
        .check_address = request_url(req, "queries/check"),
        .toggle = request_url(req, "queries/" STR_F "/active", STR_A(name)),
        .back = request_url(req, "queries"),
        .market = request_url(req, "market?query=" STR_F, STR_A(name)),
        .corrections = request_url(req, "queries/" STR_F "/corrections", STR_A(name)),
        .problem = problem ? error_sentence(req, problem) : STR_NONE,
    };
    if (!query_view_check(req, text, is_new ? STR_NONE : name, true, &c->check, err))
        return false;
    c->is_text_bad = problem && !c->check.is_good;
    c->is_name_bad = problem && !c->is_text_bad;
    struct page_crumb crumbs[] = {{request_tr(req, TR("Queries")), request_url(req, "queries")},
                                  {is_new ? request_tr(req, TR("New query")) : name, STR_NONE}};
    struct page_head head = {
        .current = "queries", .title_text = crumbs[1].label, .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, query, c);
    return true;
}

static bool find_query(struct request *req, struct standing_query *out, struct err *err)
{
    *out = (struct standing_query){0};
    return is_new_query(req) || standing_query_find(&req->arena, req->workspace->state,
                                                    request_capture(req, S("query")), out, err);
}

bool page_query(struct request *req, struct err *err)
{
    struct standing_query q;

    if (!find_query(req, &q, err))
        return false;
    if (is_new_query(req))
        return show_editor(req, &q, STR_NONE, request_query(req, S("text")), STR_NONE, NULL, err);
    return show_editor(req, &q, q.title, q.text, q.name, NULL, err);
}

static bool save_query(struct request *req, const struct standing_query *stored, Str name, Str text,
                       struct err *err)
{
    struct standing_query wanted = {
        .name = name, .title = request_form(req, S("title")), .text = text, .is_active = true};

    if (is_new_query(req))
        return standing_query_create(req->workspace->state, &wanted, request_actor(req),
                                     req->now_ms, err);
    return standing_query_change(req->workspace->state, stored->id, text, request_actor(req),
                                 request_form(req, S("reason")), req->now_ms, err);
}

bool page_query_send(struct request *req, struct err *err)
{
    Str text = request_form(req, S("text"));
    struct standing_query q;
    struct err problem = {0};

    if (!find_query(req, &q, err))
        return false;
    Str name = is_new_query(req) ? request_form(req, S("name")) : q.name;
    Str title = is_new_query(req) ? request_form(req, S("title")) : q.title;
    if (str_eq(request_form(req, S("do")), S("check")))
        return show_editor(req, &q, title, text, name, NULL, err);
    if (!request_may(req, MAY_EDIT_QUERIES))
        return err_set(err, ERR_DENIED, "your role may not change queries");
    if (save_query(req, &q, name, text, &problem))
        return request_redirect_notice(
            req, request_url(req, "queries/" STR_F, STR_A(name)),
            request_tr(req,
                       TR("Saved. Stored posts are matched again with: trimtab post rematch")));
    if (problem.code != ERR_INPUT && problem.code != ERR_EXISTS && problem.code != ERR_CONFLICT) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    return show_editor(req, &q, title, text, name, &problem, err);
}

bool page_query_active_send(struct request *req, struct err *err)
{
    struct standing_query q;

    if (!find_query(req, &q, err) ||
        !standing_query_activate(req->workspace->state, q.id, !q.is_active, request_actor(req),
                                 req->now_ms, err))
        return false;
    return request_redirect_notice(req, request_url(req, "queries/" STR_F, STR_A(q.name)),
                                   request_tr(req, q.is_active
                                                       ? TR("The query is no longer matched.")
                                                       : TR("The query is matched again.")));
}

/* The fragment that the editor puts beside the text while somebody types. */
bool page_query_check(struct request *req, struct err *err)
{
    struct tpl_query_check *c = arena_new(&req->arena, struct tpl_query_check, 1);

    if (!query_view_check(req, request_form(req, S("text")), request_form(req, S("name")), true, c,
                          err))
        return false;
    tpl_query_check(&req->html, &req->env, c);
    return true;
}
