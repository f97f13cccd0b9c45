/* page_search.c - the archive: stored posts by a query, with facets, days and saved views. */
#include <time.h>

#include "format/time.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/chart.h"
#include "web/view/export_view.h"
#include "web/view/market_view.h"
#include "web/view/post_view.h"
#include "web/view/query_view.h"
#include "web/view/search_view.h"

enum { POSTS_PER_PAGE = 25, FACETS_SHOWN = 8, NEAREST_DAYS = 30 };

struct search_page {
    struct search_ask ask;
    struct search_result found;
    double ms;
    const struct standing_query *known; /* of the workspace */
    size_t known_count;
};

static Str day_text(struct request *req, int64_t ms)
{
    return ms == 0 ? STR_NONE : arena_str(&req->arena, str_from_cstr(time_date(ms).text));
}

/* The same search with other words. */
static Str words_url(struct request *req, const struct search_page *s, Str query)
{
    struct saved_view is = s->ask.is;

    is.query = query;
    return search_ask_url(req, "search", &is);
}

static Str window_url(struct request *req, const struct search_page *s, int64_t from_ms,
                      int64_t to_ms)
{
    struct saved_view is = s->ask.is;

    is.days = 0;
    is.from_ms = from_ms;
    is.to_ms = to_ms;
    return search_ask_url(req, "search", &is);
}

/* A value as the query language reads it: in quotation marks where it is not one plain word. */
static Str field_value(struct request *req, Str value)
{
    bool is_plain = value.len > 0;

    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        is_plain = is_plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '_');
        if (c == '"')
            return STR_NONE; /* cannot be said */
    }
    return is_plain ? value : arena_printf(&req->arena, "\"" STR_F "\"", STR_A(value));
}

static Str narrowed(struct request *req, const struct search_page *s, const char *field, Str value)
{
    Str more = arena_printf(&req->arena, "%s:" STR_F, field, STR_A(field_value(req, value)));

    return s->ask.is.query.len > 0 ? arena_printf(&req->arena, "(" STR_F ") AND " STR_F,
                                                  STR_A(s->ask.is.query), STR_A(more))
                                   : more;
}

/* The window of a month "2026-03". */
static Str month_address(struct request *req, const struct search_page *s, Str month)
{
    int64_t year = 0, number = 0;
    bool ok = str_to_i64(str_sub(month, 0, 4), &year) && str_to_i64(str_sub(month, 5, 2), &number);
    struct tm from = {.tm_year = (int)year - 1900, .tm_mon = (int)number - 1, .tm_mday = 1};
    struct tm to = {.tm_year = (int)year - 1900, .tm_mon = (int)number, .tm_mday = 1};

    return ok ? window_url(req, s, (int64_t)timegm(&from) * 1000, (int64_t)timegm(&to) * 1000)
              : STR_NONE;
}

/* How a group of facets is shown, and what its values are compared with. */
struct facet_view {
    enum search_facet_kind kind;
    const char *title, *field; /* field NULL: queries and months, which are no fields */
};

static const struct facet_view facet_views[] = {
    {SEARCH_BY_MOOD, TR("Mood"), "sentiment"},     {SEARCH_BY_LANG, TR("Language"), "lang"},
    {SEARCH_BY_SOURCE, TR("Source"), "source"},    {SEARCH_BY_KIND, TR("Kind"), "kind"},
    {SEARCH_BY_COUNTRY, TR("Country"), "country"}, {SEARCH_BY_AUTHOR, TR("Author"), "author"},
    {SEARCH_BY_QUERY, TR("Query"), NULL},          {SEARCH_BY_MONTH, TR("Month"), NULL}};

static const struct standing_query *query_of(const struct search_page *s, Str id)
{
    int64_t number;

    for (size_t i = 0; str_to_i64(id, &number) && i < s->known_count; i++)
        if (s->known[i].id == number)
            return &s->known[i];
    return NULL;
}

static struct tpl_search_facet facet_item(struct request *req, const struct search_page *s,
                                          const struct facet_view *view,
                                          const struct search_facet *facet)
{
    const struct standing_query *query =
        view->kind == SEARCH_BY_QUERY ? query_of(s, facet->value) : NULL;
    struct saved_view other = s->ask.is;
    struct tpl_search_facet item = {
        .value = facet->value,
        .label = facet->label.len > 0   ? facet->label
                 : facet->value.len > 0 ? facet->value
                                        : S("–"),
        .count = facet->count,
        .share = s->found.total > 0 ? (double)facet->count / (double)s->found.total : 0,
    };

    if (view->kind == SEARCH_BY_MOOD)
        item.label = say_text(req, facet->value);
    if (view->kind == SEARCH_BY_KIND && facet->value.len > 0)
        item.label = say_word(req, facet->value);
    if (view->field) {
        item.link = words_url(req, s, narrowed(req, s, view->field, facet->value));
    } else if (view->kind == SEARCH_BY_MONTH) {
        item.link = month_address(req, s, facet->value);
    } else if (query) {
        other.within = query->name;
        item.label = market_query_title(query);
        item.link = search_ask_url(req, "search", &other);
    }
    return item;
}

static struct tpl_search_group facet_group(struct request *req, const struct search_page *s,
                                           const struct facet_view *view)
{
    const struct search_facets *facets = &s->found.facets[view->kind];
    size_t shown = facets->count < FACETS_SHOWN ? facets->count : FACETS_SHOWN, n = 0;
    struct tpl_search_facet *items = arena_new(&req->arena, struct tpl_search_facet, shown + 1);

    for (size_t i = 0; i < shown; i++) {
        items[n] = facet_item(req, s, view, &facets->items[i]);
        n += items[n].link.len > 0 ? 1 : 0; /* a query that was removed has none */
    }
    return (struct tpl_search_group){.title = request_tr(req, view->title),
                                     .facets = {items, n},
                                     .is_partial = facets->is_partial,
                                     .unseen = facets->is_partial ? facets->unseen_max : 0};
}

/* Groups that could narrow nothing are left out. */
static void fill_groups(struct request *req, const struct search_page *s, struct tpl_search *c)
{
    struct tpl_search_group *groups =
        arena_new(&req->arena, struct tpl_search_group, COUNT_OF(facet_views));
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(facet_views) && s->found.total > 0; i++) {
        groups[n] = facet_group(req, s, &facet_views[i]);
        n += groups[n].facets.count > 0 ? 1 : 0;
    }
    c->groups.items = groups;
    c->groups.count = n;
}

/* "2026-03-01" */
static int64_t day_start(Str day)
{
    int64_t ms = 0;

    return time_parse_iso(day, &ms) ? ms : 0;
}

static void fill_days(struct request *req, const struct search_page *s, struct tpl_search *c)
{
    const struct search_facets *days = &s->found.facets[SEARCH_BY_DAY];
    struct saved_view open = s->ask.is;
    struct chart chart;

    open.days = open.from_ms = open.to_ms = 0;
    c->has_days = days->count > 1;
    market_posts_begin(&chart, req, "bar");
    for (size_t i = 0; i < days->count; i++)
        chart_point(&chart, (double)day_start(days->items[i].value), (double)days->items[i].count);
    market_posts_end(&chart);
    json_set_i64(&chart.json, "step", TIME_DAY_MS);
    json_set_str(&chart.json, "open",
                 arena_printf(&req->arena, STR_F "&from={from}&to={to}",
                              STR_A(search_ask_url(req, "search", &open))));
    for (size_t i = 0; i < days->count; i++) {
        int64_t at = day_start(days->items[i].value);
        chart_row(&chart, days->items[i].value, window_url(req, s, at, at + TIME_DAY_MS));
        chart_cell_number(&chart, (double)days->items[i].count, 0, 0);
    }
    c->days = *chart_end(&chart);
}

static void fill_orders(struct request *req, const struct search_page *s, struct tpl_search *c)
{
    static const char *const labels[] = {[SEARCH_NEWEST] = TR("Newest"),
                                         [SEARCH_OLDEST] = TR("Oldest"),
                                         [SEARCH_RELEVANT] = TR("Relevance")};
    struct tpl_search_order *items =
        arena_new(&req->arena, struct tpl_search_order, COUNT_OF(labels));

    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        struct saved_view is = s->ask.is;
        is.order = (enum search_order)i;
        items[i] = (struct tpl_search_order){.label = request_tr(req, labels[i]),
                                             .link = search_ask_url(req, "search", &is),
                                             .is_current = s->ask.is.order == is.order};
    }
    c->orders.items = items;
    c->orders.count = COUNT_OF(labels);
}

/* Nothing in the window: the day of the newest post that the same search finds outside it, and a
 * window of the same length that ends with that day. */
static bool fill_nearest(struct request *req, const struct search_page *s, struct tpl_search *c,
                         struct err *err)
{
    struct search_request wanted = search_ask_request(&s->ask);
    int64_t length = s->ask.to_ms - s->ask.from_ms;
    struct search_result found;
    double ms;

    c->is_window = wanted.from_ms != 0 || wanted.to_ms != 0;
    if (s->found.count > 0 || wanted.cursor.len > 0 || !c->is_window)
        return true;
    wanted.from_ms = wanted.to_ms = 0;
    wanted.order = SEARCH_NEWEST;
    wanted.limit = 1;
    wanted.is_page_enough = true;
    if (!query_view_search(req, &wanted, &found, &ms, err))
        return false;
    c->has_nearest = found.count > 0;
    if (!c->has_nearest)
        return true;
    int64_t at = found.hits[0].post.post.created_at_ms;
    int64_t end = at - at % TIME_DAY_MS + TIME_DAY_MS;
    if (s->ask.from_ms == 0 || s->ask.to_ms == 0)
        length = NEAREST_DAYS * TIME_DAY_MS; /* a window without a beginning or an end */
    else if (s->ask.is.days > 0)
        length = s->ask.is.days * TIME_DAY_MS;
    c->nearest = at;
    c->nearest_link = window_url(req, s, end > length ? end - length : 0, end);
    c->nearest_days = (length + TIME_DAY_MS - 1) / TIME_DAY_MS;
    return true;
}

static bool run_search(struct request *req, struct search_page *s, struct tpl_search *c,
                       struct err *err)
{
    struct search_request wanted = search_ask_request(&s->ask);

    wanted.limit = POSTS_PER_PAGE;
    wanted.has_facets = true;
    if (!query_view_search(req, &wanted, &s->found, &s->ms, err))
        return false;
    struct tpl_post *posts = arena_new(&req->arena, struct tpl_post, s->found.count + 1);
    for (size_t i = 0; i < s->found.count; i++)
        post_view_hit(req, &s->found.hits[i], &posts[i]);
    c->posts.items = posts;
    c->posts.count = s->found.count;
    c->total = s->found.total;
    c->is_complete = s->found.is_complete;
    c->is_estimated = s->found.sampled > 0;
    c->low = s->found.total_low;
    c->high = s->found.total_high;
    c->sampled = s->found.sampled;
    c->milliseconds = s->ms;
    if (s->found.next.len > 0)
        c->next = arena_printf(&req->arena, STR_F "&cursor=" STR_F,
                               STR_A(search_ask_url(req, "search", &s->ask.is)),
                               STR_A(request_part(req, s->found.next)));
    fill_groups(req, s, c);
    fill_days(req, s, c);
    fill_orders(req, s, c);
    return fill_nearest(req, s, c, err);
}

static bool fill_queries(struct request *req, struct search_page *s, struct tpl_search *c,
                         struct err *err)
{
    struct standing_query *list;
    size_t count;

    if (!standing_query_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    struct tpl_search_choice *items = arena_new(&req->arena, struct tpl_search_choice, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_search_choice){list[i].name, market_query_title(&list[i]),
                                              str_eq(list[i].name, s->ask.is.within)};
    c->queries.items = items;
    c->queries.count = count;
    s->known = list;
    s->known_count = count;
    return true;
}

/* Lengths of a moving window, and the one asked for where it is another. */
static void fill_spans(struct request *req, const struct search_page *s, struct tpl_search *c)
{
    static const int64_t usual[] = {1, 7, 30, 90, 365};
    struct tpl_search_span *items =
        arena_new(&req->arena, struct tpl_search_span, COUNT_OF(usual) + 1);
    int64_t asked = s->ask.is.days;
    bool is_usual = asked == 0;
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(usual); i++) {
        items[n++] = (struct tpl_search_span){usual[i], usual[i] == asked};
        is_usual = is_usual || usual[i] == asked;
    }
    if (!is_usual)
        items[n++] = (struct tpl_search_span){asked, true};
    c->spans.items = items;
    c->spans.count = n;
}

static bool fill_views(struct request *req, struct search_page *s, struct tpl_search *c,
                       struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    struct saved_view *list;
    size_t count;

    if (!saved_view_list(&req->arena, req->workspace->state, &reader, &list, &count, err))
        return false;
    struct tpl_search_view *items = arena_new(&req->arena, struct tpl_search_view, count + 1);
    for (size_t i = 0; i < count; i++) {
        bool is_own = str_eq(list[i].owner, reader.login);
        items[i] = (struct tpl_search_view){
            .name = list[i].name,
            .owner = is_own ? STR_NONE : list[i].owner,
            .is_shared = list[i].is_shared,
            .is_current = list[i].id == s->ask.is.id,
            .link = request_url(req, "search?view=%lld", (long long)list[i].id)};
    }
    c->views.items = items;
    c->views.count = count;
    if (s->ask.is.id == 0)
        return true;
    c->view_name = s->ask.is.name;
    c->view_owner = s->ask.is.owner;
    c->view_is_shared = s->ask.is.is_shared;
    c->view_is_changed = s->ask.is_changed;
    c->may_change_view = saved_view_may_change(&s->ask.is, &reader);
    c->change_view = search_ask_url(
        req, arena_printf(&req->arena, "views/%lld", (long long)s->ask.is.id).ptr, &s->ask.is);
    c->remove_view = request_url(req, "views/%lld/remove", (long long)s->ask.is.id);
    return true;
}

/* A wrong window or order is told beside the form, which keeps what was typed. */
static bool read_asked(struct request *req, struct search_page *s, struct tpl_search *c,
                       struct err *err)
{
    struct err problem = {0};

    if (search_ask_read(req, &s->ask, &problem))
        return true;
    if (problem.code != ERR_INPUT) {
        *err = problem;
        return false;
    }
    req->status = 422;
    c->problem = arena_str(&req->arena, say_error(req, &problem)); /* outlives the error */
    return true;
}

static void fill_asked(struct request *req, const struct search_page *s, struct tpl_search *c)
{
    const struct saved_view *is = &s->ask.is;

    c->q = is->query;
    c->query = is->within;
    c->from = day_text(req, is->from_ms);
    c->to = day_text(req, is->to_ms > 0 ? is->to_ms - 1 : 0);
    c->order = str_from_cstr(search_order_name(is->order));
    c->view = is->id;
    c->has_stems = is->has_stems;
    c->is_asked = s->ask.text.len > 0 && c->problem.len == 0;
    c->save = request_url(req, "queries/new?text=" STR_F "%s",
                          STR_A(request_part(req, s->ask.text)), is->has_stems ? "&stems=1" : "");
    c->self = request_url(req, "search");
    c->keep = search_ask_url(req, "views/new", is);
    c->may_edit = request_may(req, MAY_EDIT_QUERIES);
    c->may_export_names = request_may(req, MAY_ERASE);
    c->export = search_ask_url(req, "export", is);
    c->csrf = page_csrf(req);
    fill_spans(req, s, c);
}

/* Of a refused view: what was typed and why. */
struct view_refusal {
    Str name;
    bool is_new, is_shared;
    const struct err *problem;
};

static bool show(struct request *req, const struct view_refusal *refused, struct err *err)
{
    struct search_page s = {0};
    struct tpl_search *c = arena_new(&req->arena, struct tpl_search, 1);
    struct page_head head = {.current = "search", .title = TR("Archive")};

    if (!read_asked(req, &s, c, err))
        return false;
    fill_asked(req, &s, c);
    if (!fill_queries(req, &s, c, err) || !fill_views(req, &s, c, err) ||
        !query_view_check(req, s.ask.text, STR_NONE, false, &c->problems, err))
        return false;
    c->is_good = c->problems.is_good;
    if (c->is_asked && c->is_good && !run_search(req, &s, c, err))
        return false;
    if (c->is_asked && !c->is_good)
        req->status = 422;
    if (refused) {
        req->status = status_of(refused->problem->code);
        c->view_problem = say_error(req, refused->problem);
        c->view_hint = say_hint(req, refused->problem);
        c->is_new_refused = refused->is_new;
        c->typed_name = refused->name;
        c->typed_shared = refused->is_shared;
    }
    PAGE(req, &head, search, c);
    return true;
}

bool page_search(struct request *req, struct err *err)
{
    return show(req, NULL, err);
}

/* ---- views ----------------------------------------------------------------------------------- */

static Str view_url(struct request *req, int64_t id)
{
    return request_url(req, "search?view=%lld", (long long)id);
}

/* `id` 0: a new one of the search in the address. `do` is "search": the search becomes that of the
 * view; else it gets another name or other readers. */
static bool write_view(struct request *req, int64_t *id, Str name, bool is_shared, struct err *err)
{
    struct db *state = req->workspace->state;
    struct saved_view_reader reader = saved_view_reader_of(req);
    bool is_search = str_eq(request_form(req, S("do")), S("search"));
    struct saved_view view;
    struct search_ask ask;

    if ((*id == 0 || is_search) && !search_ask_read(req, &ask, err))
        return false;
    if (*id != 0 && !saved_view_read(&req->arena, state, *id, &reader, &view, err))
        return false;
    if (*id == 0) {
        view = ask.is;
        view.name = name;
        view.is_shared = is_shared;
    } else if (is_search) {
        saved_view_search_copy(&view, &ask.is);
    } else {
        view.name = name;
        view.is_shared = is_shared;
    }
    if (!saved_view_may_keep(req, view.is_shared, err))
        return false;
    bool ok = *id == 0 ? saved_view_create(state, &view, &reader, req->now_ms, err)
                       : saved_view_change(state, &view, &reader, req->now_ms, err);
    *id = view.id;
    return ok;
}

static bool view_number(struct request *req, int64_t *id, struct err *err)
{
    return str_to_i64(request_capture(req, S("view")), id) ||
           err_set(err, ERR_NOT_FOUND, "there is no such view");
}

bool page_view_send(struct request *req, struct err *err)
{
    struct err problem = {0};
    bool is_new = str_eq(request_capture(req, S("view")), S("new"));
    bool is_shared = request_form(req, S("shared")).len > 0;
    Str name = request_form(req, S("name"));
    int64_t id = 0;

    if (!is_new && !view_number(req, &id, err))
        return false;
    if (write_view(req, &id, name, is_shared, &problem))
        return request_redirect_notice(
            req, view_url(req, id),
            request_tr(req, is_new ? TR("The view is kept.") : TR("The view is changed.")));
    if (problem.code == ERR_INPUT || problem.code == ERR_EXISTS || problem.code == ERR_LIMIT)
        return show(req, &(struct view_refusal){name, is_new, is_shared, &problem}, err);
    *err = problem;
    return false;
}

bool page_view_remove_send(struct request *req, struct err *err)
{
    struct saved_view_reader reader = saved_view_reader_of(req);
    int64_t id;

    return view_number(req, &id, err) && saved_view_may_keep(req, false, err) &&
           saved_view_remove(req->workspace->state, id, &reader, req->now_ms, err) &&
           request_redirect_notice(req, request_url(req, "search"),
                                   request_tr(req, TR("The view is removed.")));
}

/* ---- export ---------------------------------------------------------------------------------- */

bool page_export_send(struct request *req, struct err *err)
{
    struct search_ask ask;
    struct export_wish wish = {.is_pseudonymous =
                                   !str_eq(request_form(req, S("names")), S("plain")),
                               .has_no_text = request_form(req, S("no_text")).len > 0};

    return search_ask_read(req, &ask, err) &&
           export_format_from(request_form(req, S("format")), &wish.format, err) &&
           export_answer(req, &ask, wish, err);
}
