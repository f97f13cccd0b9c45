/* page_queries.c - the list of standing queries, and the editor with its live check. */
#include <math.h>

#include "listen/alert/alert_rule.h"
#include "strategy/model/store.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/market_view.h"
#include "web/view/operation_view.h"
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
                            .add = request_url(req, "queries/new"),
                            .bring = request_url(req, "queries/import"),
                            .imports = request_url(req, "imports"),
                            .rematch = request_url(req, "rematch"),
                            .csrf = page_csrf(req)};
    if (!operation_view_fill(req, OPERATION_REMATCH, &c.matching, err))
        return false;
    PAGE(req, &head, queries, &c);
    return true;
}

/* All stored posts against all queries, beside the pages; the list of queries tells how far it is.
 */
bool page_rematch_send(struct request *req, struct err *err)
{
    struct operation_wish wish = {.kind = OPERATION_REMATCH,
                                  .reason = request_form(req, S("reason"))};

    return operation_view_begin(req, wish, err) &&
           request_redirect(req, request_url(req, "queries"));
}

/* ---- the editor ---- */

static bool is_new_query(struct request *req)
{
    return str_eq(request_capture(req, S("query")), S("new"));
}

/* The file that the query is written for, when there is one: "?upload=3" or the form's field. */
static Str upload_of(struct request *req)
{
    Str text = request_form(req, S("upload"));
    int64_t id;

    if (text.len == 0)
        text = request_query(req, S("upload"));
    return str_to_i64(text, &id) && id > 0 ? text : STR_NONE;
}

static bool fill_check(struct request *req, Str text, Str name, struct tpl_query_check *out,
                       struct err *err)
{
    int64_t upload;

    return str_to_i64(upload_of(req), &upload)
               ? query_view_check_upload(req, text, name, upload, out, err)
               : query_view_check(req, text, name, true, out, err);
}

struct dependants_of {
    struct request *req;
    VEC(struct tpl_query_dependant);
};

static void add_dependant(struct dependants_of *list, const char *kind, Str name, Str link)
{
    vec_push(list, ((struct tpl_query_dependant){request_tr(list->req, kind), name, link}));
}

/* Objects of the strategy that name the query. */
static bool strategy_dependants(struct dependants_of *list, Str name, struct err *err)
{
    struct request *req = list->req;
    struct strategy_model model;

    if (!store_read(req->workspace->state, &req->arena, &model, err))
        return false;
    const struct company *company = model_company(&model);
    if (company && str_eq(company->query, name))
        add_dependant(list, TR("Company"), company->name, request_url(req, "model"));
    for (size_t i = 0; i < model.competitors.count; i++)
        if (str_eq(model.competitors.items[i].query, name))
            add_dependant(list, TR("Competitor"), model.competitors.items[i].name,
                          request_url(req, "model"));
    for (size_t i = 0; i < model.topics.count; i++)
        if (str_eq(model.topics.items[i].query, name))
            add_dependant(list, TR("Topic"), model.topics.items[i].name,
                          request_url(req, "topics/" STR_F, STR_A(model.topics.items[i].id)));
    return true;
}

static bool rule_dependants(struct dependants_of *list, Str name, struct err *err)
{
    struct request *req = list->req;
    struct standing_query query;
    struct alert_rule *rules;
    size_t count;

    if (!standing_query_find(&req->arena, req->workspace->state, name, &query, err) ||
        !alert_rule_list(&req->arena, req->workspace->state, &rules, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool watches = rules[i].query == query.id;
        for (size_t p = 0; p < rules[i].party_count; p++)
            watches |= rules[i].parties[p] == query.id;
        if (watches)
            add_dependant(list, TR("Alert rule"), rules[i].name,
                          request_url(req, "alerts/rules/" STR_F, STR_A(rules[i].name)));
    }
    return true;
}

static bool fill_dependants(struct request *req, struct tpl_query *c, struct err *err)
{
    struct dependants_of list = {.req = req};
    struct standing_query *referrers;
    size_t count;

    if (!standing_query_referrers(&req->arena, req->workspace->state, c->name, &referrers, &count,
                                  err))
        return false;
    for (size_t i = 0; i < count; i++)
        add_dependant(&list, TR("Query"), referrers[i].name,
                      request_url(req, "queries/" STR_F, STR_A(referrers[i].name)));
    c->is_named = count > 0;
    bool ok = rule_dependants(&list, c->name, err) && strategy_dependants(&list, c->name, err);
    struct tpl_query_dependant *items =
        arena_new(&req->arena, struct tpl_query_dependant, list.count + 1);
    for (size_t i = 0; i < list.count; i++)
        items[i] = list.items[i];
    c->dependants.items = items;
    c->dependants.count = list.count;
    vec_deinit(&list);
    return ok;
}

/* A first name for a query that begins as a word: "Nordlicht Lamp" to "nordlicht-lamp". */
static Str name_for(struct request *req, Str text)
{
    enum { ROOM = 40 };
    char *out = arena_new(&req->arena, char, ROOM);

    return (Str){out, str_slug(text, out, ROOM)};
}

/* A text that was searched with inflected forms finds less as a standing query: how much each finds
 * in the whole archive. */
static bool fill_stems(struct request *req, Str text, struct tpl_query *c, struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct search_request wanted = {
        .query = text, .names = &resolver, .limit = 1, .has_stems = true};
    struct search_result with, without;
    double ms;

    c->had_stems = str_eq(request_query(req, S("stems")), S("1")) ||
                   str_eq(request_form(req, S("stems")), S("1"));
    c->is_compared = c->had_stems && text.len > 0 && c->check.is_good;
    if (!c->is_compared)
        return true;
    if (!query_view_search(req, &wanted, &with, &ms, err))
        return false;
    wanted.has_stems = false;
    if (!query_view_search(req, &wanted, &without, &ms, err))
        return false;
    c->with_stems = with.total;
    c->without_stems = without.total;
    c->is_estimate = with.sampled > 0 || without.sampled > 0;
    c->with_link = request_url(req, "search?q=" STR_F "&stems=1", STR_A(request_part(req, text)));
    c->without_link = request_url(req, "search?q=" STR_F, STR_A(request_part(req, text)));
    return true;
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
        .remove = request_url(req, "queries/" STR_F "/remove", STR_A(name)),
        .versions = request_url(req, "queries/" STR_F "/versions", STR_A(name)),
        .import_address = request_url(req, "queries/import"),
        .backtest_address = request_url(req, "queries/backtest"),
        .upload = upload_of(req),
        .problem = problem ? error_sentence(req, problem) : STR_NONE,
    };
    Str words;
    if (!fill_check(req, text, is_new ? STR_NONE : name, &c->check, err) ||
        !fill_stems(req, text, c, err) || !query_view_words(req, &words, err) ||
        (!is_new && !fill_dependants(req, c, err)))
        return false;
    c->words = words;
    if (str_eq(request_form(req, S("do")), S("backtest")) &&
        !query_view_backtest(req, text, &c->backtest, err))
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
        return show_editor(req, &q, STR_NONE, request_query(req, S("text")),
                           upload_of(req).len > 0 ? name_for(req, request_query(req, S("text")))
                                                  : STR_NONE,
                           NULL, err);
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
    if (!str_eq(request_form(req, S("do")), S("save")))
        return show_editor(req, &q, title, text, name, NULL, err);
    if (!request_may(req, MAY_EDIT_QUERIES))
        return err_set(err, ERR_DENIED, "your role may not change queries");
    if (save_query(req, &q, name, text, &problem))
        return upload_of(req).len > 0
                   ? request_redirect_notice(
                         req, request_url(req, "imports/" STR_F, STR_A(upload_of(req))),
                         request_tr(req, TR("The query is saved. The file can be imported now.")))
                   : request_redirect_notice(
                         req, request_url(req, "queries/" STR_F, STR_A(name)),
                         request_tr(req, TR("Saved: what arrives from now on is matched by it. "
                                            "The list of queries has a button that matches "
                                            "stored posts again.")));
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

    if (!fill_check(req, request_form(req, S("text")), request_form(req, S("name")), c, err))
        return false;
    tpl_query_check(&req->html, &req->env, c);
    return true;
}

/* The fragment with what the text would have raised. */
bool page_query_backtest(struct request *req, struct err *err)
{
    struct tpl_query_backtest *c = arena_new(&req->arena, struct tpl_query_backtest, 1);

    if (!query_view_backtest(req, request_form(req, S("text")), c, err))
        return false;
    tpl_query_backtest(&req->html, &req->env, c);
    return true;
}

bool page_query_remove_send(struct request *req, struct err *err)
{
    struct standing_query q;
    struct err problem = {0};

    if (is_new_query(req) || !find_query(req, &q, err))
        return err->code != ERR_NONE ? false : err_set(err, ERR_NOT_FOUND, "there is no query");
    if (standing_query_remove(req->workspace->state, q.id, request_actor(req),
                              request_form(req, S("reason")), req->now_ms, &problem))
        return request_redirect_notice(req, request_url(req, "queries"),
                                       request_tr(req, TR("The query was removed.")));
    if (problem.code != ERR_CONFLICT) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    return show_editor(req, &q, q.title, q.text, q.name, &problem, err);
}
