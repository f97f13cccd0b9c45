/* page_search.c - the archive: stored posts by a query, with facets and days; and one spike. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "listen/measure/spike_store.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/chart.h"
#include "web/view/market_view.h"
#include "web/view/post_view.h"
#include "web/view/query_view.h"

enum { POSTS_PER_PAGE = 25, FACETS_SHOWN = 8 };

struct search_page {
    Str q, query, from, to, order, cursor;
    int64_t from_ms, to_ms;
    Str text; /* both joined: what is searched */
    struct search_result found;
    double ms;
    const struct standing_query *known; /* of the workspace */
    size_t known_count;
};

/* "2026-05-01", RFC 3339, or epoch milliseconds; 0 when empty or malformed. */
static int64_t moment_of(Str text, bool is_end)
{
    int64_t number;
    int year, month, day;
    char copy[32];

    if (text.len == 0 || text.len >= sizeof copy)
        return 0;
    if (str_to_i64(text, &number))
        return number;
    (void)snprintf(copy, sizeof copy, STR_F, STR_A(text));
    if (sscanf(copy, "%4d-%2d-%2d", &year, &month, &day) != 3)
        return 0;
    struct tm parts = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    if (text.len > 10)
        (void)sscanf(copy + 10, "T%2d:%2d:%2d", &parts.tm_hour, &parts.tm_min, &parts.tm_sec);
    /* A day given as the end is meant to be inside. */
    return (int64_t)timegm(&parts) * 1000 + (is_end && text.len == 10 ? DAY_MS : 0);
}

static Str day_text(struct request *req, int64_t ms)
{
    struct html h;

    if (ms == 0)
        return STR_NONE;
    html_init(&h, 64);
    render_rfc3339(&h, ms);
    Str out = arena_str(&req->arena, str_sub(html_str(&h), 0, 10));
    html_deinit(&h);
    return out;
}

static void read_asked(struct request *req, struct search_page *s)
{
    s->q = request_query(req, S("q"));
    s->query = request_query(req, S("query"));
    s->from_ms = moment_of(request_query(req, S("from")), false);
    s->to_ms = moment_of(request_query(req, S("to")), true);
    s->order = request_query(req, S("order"));
    s->cursor = request_query(req, S("cursor"));
    if (s->query.len > 0 && s->q.len > 0)
        s->text =
            arena_printf(&req->arena, "@@" STR_F " AND (" STR_F ")", STR_A(s->query), STR_A(s->q));
    else if (s->query.len > 0)
        s->text = arena_printf(&req->arena, "@@" STR_F, STR_A(s->query));
    else
        s->text = s->q;
}

/* The same search with one member changed; the cursor does not come along. */
static Str address(struct request *req, const struct search_page *s, Str q, const char *order,
                   Str cursor, int64_t from_ms, int64_t to_ms)
{
    return request_url(
        req, "search?q=" STR_F "&query=" STR_F "&from=%lld&to=%lld&order=%s&cursor=" STR_F,
        STR_A(request_part(req, q)), STR_A(s->query), (long long)from_ms, (long long)to_ms, order,
        STR_A(request_part(req, cursor)));
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

    return s->q.len > 0
               ? arena_printf(&req->arena, "(" STR_F ") AND " STR_F, STR_A(s->q), STR_A(more))
               : more;
}

/* The window of a month "2026-03". */
static Str month_address(struct request *req, const struct search_page *s, Str month)
{
    int64_t year = 0, number = 0;
    bool ok = str_to_i64(str_sub(month, 0, 4), &year) && str_to_i64(str_sub(month, 5, 2), &number);
    struct tm from = {.tm_year = (int)year - 1900, .tm_mon = (int)number - 1, .tm_mday = 1};
    struct tm to = {.tm_year = (int)year - 1900, .tm_mon = (int)number, .tm_mday = 1};

    return ok ? address(req, s, s->q, "", STR_NONE, (int64_t)timegm(&from) * 1000,
                        (int64_t)timegm(&to) * 1000)
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
    struct search_page other = *s;
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
        item.link = address(req, s, narrowed(req, s, view->field, facet->value), "", STR_NONE,
                            s->from_ms, s->to_ms);
    } else if (view->kind == SEARCH_BY_MONTH) {
        item.link = month_address(req, s, facet->value);
    } else if (query) {
        other.query = query->name;
        item.label = market_query_title(query);
        item.link = address(req, &other, s->q, "", STR_NONE, s->from_ms, s->to_ms);
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
                                     .is_partial = facets->is_partial};
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

static void fill_days(struct request *req, const struct search_page *s, struct tpl_search *c)
{
    const struct search_result *r = &s->found;
    struct chart chart;

    c->has_days = r->facets[SEARCH_BY_DAY].count > 1;
    market_posts_begin(&chart, req, "bar");
    for (size_t i = 0; i < r->facets[SEARCH_BY_DAY].count; i++)
        chart_point(&chart, (double)moment_of(r->facets[SEARCH_BY_DAY].items[i].value, false),
                    (double)r->facets[SEARCH_BY_DAY].items[i].count);
    market_posts_end(&chart);
    json_set_i64(&chart.json, "step", DAY_MS);
    json_set_str(&chart.json, "open",
                 request_url(req, "search?q=" STR_F "&query=" STR_F "&from={from}&to={to}",
                             STR_A(request_part(req, s->q)), STR_A(s->query)));
    for (size_t i = 0; i < r->facets[SEARCH_BY_DAY].count; i++) {
        int64_t at = moment_of(r->facets[SEARCH_BY_DAY].items[i].value, false);
        chart_row(&chart, r->facets[SEARCH_BY_DAY].items[i].value,
                  address(req, s, s->q, "", STR_NONE, at, at + DAY_MS));
        chart_cell_number(&chart, (double)r->facets[SEARCH_BY_DAY].items[i].count, 0, 0);
    }
    c->days = *chart_end(&chart);
}

static void fill_orders(struct request *req, const struct search_page *s, struct tpl_search *c)
{
    static const struct {
        const char *word, *label;
    } orders[] = {
        {"newest", TR("Newest")}, {"oldest", TR("Oldest")}, {"relevant", TR("Relevance")}};
    struct tpl_search_order *items =
        arena_new(&req->arena, struct tpl_search_order, COUNT_OF(orders));

    for (size_t i = 0; i < COUNT_OF(orders); i++)
        items[i] = (struct tpl_search_order){
            .label = request_tr(req, orders[i].label),
            .link = address(req, s, s->q, orders[i].word, STR_NONE, s->from_ms, s->to_ms),
            .is_current =
                str_eq(s->order, str_from_cstr(orders[i].word)) || (i == 0 && s->order.len == 0),
        };
    c->orders.items = items;
    c->orders.count = COUNT_OF(orders);
}

static bool run_search(struct request *req, struct search_page *s, struct tpl_search *c,
                       struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct search_request wanted = {
        .query = s->text,
        .names = &resolver,
        .from_ms = s->from_ms,
        .to_ms = s->to_ms == 0 && s->from_ms != 0 ? INT64_MAX / 2 : s->to_ms,
        .order = str_eq(s->order, S("oldest"))     ? SEARCH_OLDEST
                 : str_eq(s->order, S("relevant")) ? SEARCH_RELEVANT
                                                   : SEARCH_NEWEST,
        .limit = POSTS_PER_PAGE,
        .cursor = s->cursor,
        .has_facets = true,
    };

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
        c->next = request_url(
            req,
            "search?q=" STR_F "&query=" STR_F "&from=%lld&to=%lld&order=" STR_F "&cursor=" STR_F,
            STR_A(request_part(req, s->q)), STR_A(s->query), (long long)s->from_ms,
            (long long)s->to_ms, STR_A(s->order), STR_A(request_part(req, s->found.next)));
    fill_groups(req, s, c);
    fill_days(req, s, c);
    fill_orders(req, s, c);
    return true;
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
                                              str_eq(list[i].name, s->query)};
    c->queries.items = items;
    c->queries.count = count;
    s->known = list;
    s->known_count = count;
    return true;
}

bool page_search(struct request *req, struct err *err)
{
    struct search_page s = {0};
    struct tpl_search *c = arena_new(&req->arena, struct tpl_search, 1);
    struct page_head head = {.current = "search", .title = TR("Archive")};

    read_asked(req, &s);
    *c = (struct tpl_search){
        .q = s.q,
        .query = s.query,
        .from = day_text(req, s.from_ms),
        .to = day_text(req, s.to_ms > 0 ? s.to_ms - 1 : 0),
        .is_asked = s.text.len > 0,
        .save = request_url(req, "queries/new?text=" STR_F, STR_A(request_part(req, s.text))),
        .may_edit = request_may(req, MAY_EDIT_QUERIES),
    };
    if (!fill_queries(req, &s, c, err) ||
        !query_view_check(req, s.text, STR_NONE, false, &c->problems, err))
        return false;
    c->is_good = c->problems.is_good;
    if (c->is_asked && c->is_good && !run_search(req, &s, c, err))
        return false;
    if (c->is_asked && !c->is_good)
        req->status = 422;
    PAGE(req, &head, search, c);
    return true;
}
