/* page_spike.c - one spike: what made the difference, and the posts behind it. */
#include <math.h>

#include "listen/measure/spike_store.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/break_view.h"
#include "web/view/explained_view.h"
#include "web/view/market_view.h"

enum { AROUND_DAYS = 14 };

/* Of the days of the event. */
static double coverage_of(const struct market_series *s, const struct spike *k)
{
    int64_t from = (k->start_ms - s->from_ms) / DAY_MS;
    int64_t to = (k->end_ms - s->from_ms + DAY_MS - 1) / DAY_MS;

    if (from < 0 || to <= from || to > (int64_t)s->count)
        return (double)NAN;
    return market_sum_of(s, (size_t)from, (size_t)to).coverage;
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
    c->coverage = coverage_of(&s, k);
    c->version = s.version;
    c->definition = market_definition_words(req, s.definition);
    json_set_array(&chart.json, "shade");
    json_begin_object(&chart.json);
    json_set_i64(&chart.json, "from", k->start_ms - k->start_ms % DAY_MS);
    json_set_i64(&chart.json, "to", k->end_ms);
    json_set_str(&chart.json, "label", request_tr(req, TR("spike")));
    json_end_object(&chart.json);
    json_end_array(&chart.json);
    bool ok = chart_breaks_of(&chart, k->query, "mentions", "day", s.from_ms, s.to_ms, err);
    c->around = *chart_end(&chart);
    return ok;
}

static bool fill_earlier(struct request *req, const struct spike *k, struct tpl_explained *out,
                         struct err *err)
{
    struct spike before;

    if (k->earlier == 0)
        return true;
    if (!spike_read(&req->arena, req->workspace->state, k->earlier, &before, err))
        return false;
    struct explained_earlier earlier = {
        .link = request_url(req, "spikes/%lld", (long long)before.id),
        .observed = render_double_str(&req->arena, req->env.language, before.observed, 0, 0),
        .start_ms = before.start_ms,
        .end_ms = before.end_ms,
        .likeness = k->likeness};
    return explained_earlier_fill(req, &earlier, out, err);
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
    bool is_hourly = str_ends(k.signal, S(":hour"));
    int64_t after_peak_ms = k.peak_ms + (is_hourly ? HOUR_MS : DAY_MS);
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
        .market = request_url(req, "market?query=" STR_F, STR_A(query.name)),
        .is_hourly = is_hourly,
        .at_peak = request_url(req, "search?query=" STR_F "&from=%lld&to=%lld", STR_A(query.name),
                               (long long)k.peak_ms, (long long)after_peak_ms),
    };
    struct explained_event event = {k.explanation, query.name, k.start_ms, k.end_ms};
    c->what.no_earlier = request_tr(req, TR("It is the first spike of this query."));
    if (!explained_fill(req, &event, &c->what, err) || !fill_earlier(req, &k, &c->what, err) ||
        !fill_around(req, &k, c, err))
        return false;
    struct page_crumb crumbs[] = {{request_tr(req, TR("Market")), request_url(req, "market")},
                                  {c->query_title, c->query_link},
                                  {request_tr(req, TR("Spike")), STR_NONE}};
    struct page_head head = {
        .current = "market", .title = TR("Spike"), .crumbs = crumbs, .crumb_count = 3};
    PAGE(req, &head, spike, c);
    return true;
}
