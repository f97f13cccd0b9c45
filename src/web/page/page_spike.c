/* page_spike.c - one spike: what made the difference, and the posts behind it. */
#include "listen/measure/spike_store.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/chart.h"
#include "web/view/market_view.h"
#include "web/view/post_view.h"

enum { AROUND_DAYS = 14 };

static const struct json *list_of(struct request *req, Str json)
{
    const struct json *root = NULL;
    struct err ignored = {0};

    return json_parse(&req->arena, json, &root, &ignored) ? root : NULL;
}

static void fill_terms(struct request *req, const struct spike *k, Str query, struct tpl_spike *c)
{
    const struct json *list = list_of(req, k->terms_json);
    struct tpl_spike_term *items =
        arena_new(&req->arena, struct tpl_spike_term, json_len(list) + 1);

    for (size_t i = 0; i < json_len(list); i++) {
        Str term = json_str_or(json_at(list, i), "term", STR_NONE);
        items[i] = (struct tpl_spike_term){
            .text = term,
            .count = json_i64_or(json_at(list, i), "count", 0),
            .lift = json_f64_or(json_at(list, i), "lift", 0),
            .link = request_url(req, "search?query=" STR_F "&q=" STR_F "&from=%lld&to=%lld",
                                STR_A(query), STR_A(request_part(req, term)),
                                (long long)k->start_ms, (long long)k->end_ms),
        };
    }
    c->terms.items = items;
    c->terms.count = json_len(list);
}

static void fill_sources(struct request *req, const struct spike *k, struct tpl_spike *c)
{
    const struct json *list = list_of(req, k->sources_json);
    struct tpl_spike_source *items =
        arena_new(&req->arena, struct tpl_spike_source, json_len(list) + 1);

    for (size_t i = 0; i < json_len(list); i++)
        items[i] = (struct tpl_spike_source){json_str_or(json_at(list, i), "source", STR_NONE),
                                             json_i64_or(json_at(list, i), "mentions", 0)};
    c->sources.items = items;
    c->sources.count = json_len(list);
}

static void fill_posts(struct request *req, const struct spike *k, struct tpl_spike *c)
{
    const struct json *list = list_of(req, k->posts_json);
    struct tpl_post *items = arena_new(&req->arena, struct tpl_post, json_len(list) + 1);

    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *p = json_at(list, i);
        items[i] = (struct tpl_post){
            .author = json_str_or(p, "author", STR_NONE),
            .source = json_str_or(p, "source", STR_NONE),
            .at = json_i64_or(p, "created_at", 0),
            .has_time = json_i64_or(p, "created_at", 0) != 0,
            .link = json_str_or(p, "url", STR_NONE),
        };
        post_view_text(req, json_str_or(p, "text", STR_NONE), &items[i]);
    }
    c->posts.items = items;
    c->posts.count = json_len(list);
}

static bool fill_around(struct request *req, const struct spike *k, struct tpl_spike *c,
                        struct err *err)
{
    struct market_series s;
    struct chart chart;
    int64_t to = k->end_ms - k->end_ms % DAY_MS + AROUND_DAYS * DAY_MS;

    if (!market_series_read(req, k->query, 3 * AROUND_DAYS, to, &s, err))
        return false;
    market_posts_begin(&chart, req, "bar");
    market_posts_series(&chart, &s);
    json_set_array(&chart.json, "shade");
    json_begin_object(&chart.json);
    json_set_i64(&chart.json, "from", k->start_ms - k->start_ms % DAY_MS);
    json_set_i64(&chart.json, "to", k->end_ms);
    json_set_str(&chart.json, "label", request_tr(req, TR("spike")));
    json_end_object(&chart.json);
    json_end_array(&chart.json);
    c->around = *chart_end(&chart);
    return true;
}

bool page_spike(struct request *req, struct err *err)
{
    struct tpl_spike *c = arena_new(&req->arena, struct tpl_spike, 1);
    struct standing_query query;
    struct spike k;
    int64_t id = 0;

    if (!str_to_i64(request_capture(req, S("spike")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such spike");
    if (!spike_read(&req->arena, req->workspace->state, id, &k, err) ||
        !standing_query_read(&req->arena, req->workspace->state, k.query, &query, err))
        return false;
    *c = (struct tpl_spike){
        .query_title = market_query_title(&query),
        .query_link = request_url(req, "market?query=" STR_F, STR_A(query.name)),
        .start = k.start_ms,
        .peak = k.peak_ms,
        .end = k.end_ms,
        .severity = k.severity,
        .score = k.score,
        .expected = k.expected,
        .observed = k.observed,
        .all = request_url(req, "search?query=" STR_F "&from=%lld&to=%lld", STR_A(query.name),
                           (long long)k.start_ms, (long long)k.end_ms),
        .earlier = k.earlier > 0 ? request_url(req, "spikes/%lld", (long long)k.earlier) : STR_NONE,
        .signal = k.signal,
    };
    fill_terms(req, &k, query.name, c);
    fill_sources(req, &k, c);
    fill_posts(req, &k, c);
    if (!fill_around(req, &k, c, err))
        return false;
    struct page_crumb crumbs[] = {{request_tr(req, TR("Market")), request_url(req, "market")},
                                  {c->query_title, c->query_link},
                                  {request_tr(req, TR("Spike")), STR_NONE}};
    struct page_head head = {
        .current = "market", .title = TR("Spike"), .crumbs = crumbs, .crumb_count = 3};
    PAGE(req, &head, spike, c);
    return true;
}
