/* page_market.c - market overview: volume and mood with spikes and coverage, shares, rising terms.
 */
#include <math.h>
#include <stdlib.h>

#include "base/map.h"
#include "listen/measure/need_terms.h"
#include "listen/measure/share_of_voice.h"
#include "listen/measure/spike_store.h"
#include "listen/measure/term_window.h"
#include "listen/search/search.h"
#include "strategy/model/store.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/break_view.h"
#include "web/view/explained_view.h"
#include "web/view/label_view.h"
#include "web/view/market_view.h"
#include "web/view/post_view.h"

enum { DAYS_DEFAULT = 60, LATEST_COUNT = 8, TERMS_COUNT = 12, SPIKES_COUNT = 6, HISTORY_DAYS = 28 };
#define COVERAGE_SHADED 0.9
#define LIFT_WIDE       16 /* upper by lower end of an interval: then only the lower says something */

struct market_page {
    const struct standing_query *query;
    struct standing_query *list;
    size_t count;
    struct market_series series; /* the window */
    struct market_series before; /* the window before it */
    struct spike *spikes;
    size_t spike_count;
    int64_t days;
};

static Str posts_address(struct request *req, Str query, int64_t from_ms, int64_t to_ms)
{
    return request_url(req, "search?query=" STR_F "&from=%lld&to=%lld", STR_A(query),
                       (long long)from_ms, (long long)to_ms);
}

/* ---- the chart ---- */

static void put_shades(struct request *req, struct json_writer *w, const struct market_series *s)
{
    json_set_array(w, "shade");
    for (size_t i = 0; i < s->count;) {
        size_t from = i;
        double least = 1;
        while (i < s->count &&
               (s->days[i].coverage < COVERAGE_SHADED || !isfinite(s->days[i].mentions))) {
            least = fmin(least, s->days[i].coverage);
            i++;
        }
        if (i == from) {
            i++;
            continue;
        }
        json_begin_object(w);
        json_set_i64(w, "from", s->days[from].start_ms);
        json_set_i64(w, "to", s->days[i - 1].start_ms + DAY_MS);
        Str share = render_double_str(&req->arena, req->env.language, least, 0, RENDER_PERCENT);
        json_set_str(w, "label",
                     arena_printf(&req->arena, STR_F " " STR_F,
                                  STR_A(request_tr(req, TR("coverage"))), STR_A(share)));
        json_end_object(w);
    }
    json_end_array(w);
}

static double mentions_at(const struct market_series *s, int64_t at_ms)
{
    for (size_t i = 0; i < s->count; i++)
        if (at_ms >= s->days[i].start_ms && at_ms < s->days[i].start_ms + DAY_MS)
            return s->days[i].mentions;
    return NAN;
}

static void put_marks(struct request *req, struct json_writer *w, const struct market_page *m)
{
    json_set_array(w, "marks");
    for (size_t i = 0; i < m->spike_count; i++) {
        const struct spike *k = &m->spikes[i];
        double height = mentions_at(&m->series, k->peak_ms);
        if (!isfinite(height))
            continue;
        json_begin_object(w);
        json_set_i64(w, "at", k->peak_ms - k->peak_ms % DAY_MS);
        json_set_f64(w, "value", height);
        json_set_str(w, "short", arena_printf(&req->arena, "%d", k->severity));
        json_set_str(w, "label",
                     arena_printf(&req->arena, STR_F " %d",
                                  STR_A(request_tr(req, TR("spike, severity"))), k->severity));
        json_set_str(w, "link", request_url(req, "spikes/%lld", (long long)k->id));
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_series(struct chart *chart, const struct market_series *s, bool is_net)
{
    struct json_writer *w = &chart->json;
    struct request *req = chart->req;

    json_begin_object(w);
    json_set_str(w, "name", request_tr(req, is_net ? TR("Net sentiment") : TR("Posts")));
    json_set_str(w, "type", is_net ? S("line") : S("bar"));
    json_set_i64(w, "axis", is_net);
    json_set_str(w, "unit", is_net ? S("net") : S("posts"));
    json_set_str(w, "color", is_net ? S("c3") : S("c1"));
    json_set_array(w, "points");
    for (size_t i = 0; i < s->count; i++)
        chart_point(chart, (double)s->days[i].start_ms,
                    is_net ? s->days[i].net_sentiment : s->days[i].mentions);
    json_end_array(w);
    json_end_object(w);
}

static void put_table(struct chart *chart, const struct market_page *m)
{
    struct request *req = chart->req;
    struct render_env env = req->env;

    for (size_t i = m->series.count; i-- > 0;) {
        const struct market_day *day = &m->series.days[i];
        struct html h;
        html_init(&h, 256);
        render_time_words(&h, &env, day->start_ms, RENDER_DATE);
        chart_row(chart, arena_str(&req->arena, html_str(&h)),
                  posts_address(req, m->query->name, day->start_ms, day->start_ms + DAY_MS));
        html_deinit(&h);
        chart_cell_number(chart, day->mentions, 0, 0);
        chart_cell_number(chart, day->net_sentiment, 2, RENDER_SIGN);
        chart_cell_number(chart, day->coverage, 0, RENDER_PERCENT);
    }
}

static bool volume_chart(struct request *req, const struct market_page *m, struct tpl_chart *out,
                         struct err *err)
{
    long long id = (long long)m->query->id;
    Str keys[] = {arena_printf(&req->arena, "query:%lld:mentions:day", id),
                  arena_printf(&req->arena, "query:%lld:net_sentiment:day", id)};
    struct chart chart;

    chart_begin(&chart, req, "time", request_tr(req, TR("Posts and net sentiment by day")),
                request_tr(req, TR("Day")));
    chart_legend(&chart, request_tr(req, TR("Posts")), "1");
    chart_legend(&chart, request_tr(req, TR("Net sentiment")), "3");
    chart_column(&chart, request_tr(req, TR("Posts")), true);
    chart_column(&chart, request_tr(req, TR("Net sentiment")), true);
    chart_column(&chart, request_tr(req, TR("Coverage")), true);
    json_set_array(&chart.json, "series");
    put_series(&chart, &m->series, false);
    put_series(&chart, &m->series, true);
    json_end_array(&chart.json);
    put_shades(req, &chart.json, &m->series);
    put_marks(req, &chart.json, m);
    json_set_i64(&chart.json, "step", DAY_MS);
    json_set_str(
        &chart.json, "open",
        request_url(req, "search?query=" STR_F "&from={from}&to={to}", STR_A(m->query->name)));
    put_table(&chart, m);
    Str words = market_definition_words(req, m->series.definition);
    chart_note(&chart, arena_printf(&req->arena, STR_F " (v%d)", STR_A(words), m->series.version));
    bool ok = chart_breaks(&chart, keys, COUNT_OF(keys), m->series.from_ms, m->series.to_ms, err);
    *out = *chart_end(&chart);
    return ok;
}

/* ---- shares ---- */

struct party {
    Str name, query;
    bool is_own, is_known;
    int64_t id; /* of the query */
    struct market_sum sum;
    double amount, share, low, high;
};

/* What the shares are of. */
struct share_choice {
    enum share_basis basis;
    bool is_folded, is_too_many;
    int64_t n, copies;
};

static const char *const basis_labels[SHARE_BASIS_COUNT] = {
    [SHARE_MENTIONS] = TR("Posts"),
    [SHARE_AUTHORS] = TR("Authors"),
    [SHARE_ENGAGEMENT] = TR("Engagement"),
    [SHARE_REACH] = TR("Reach"),
};

static bool read_parties(struct request *req, const struct market_page *m, struct party **out,
                         size_t *count, struct err *err)
{
    struct strategy_model model;
    const struct company *company;

    if (!store_read(req->workspace->state, &req->arena, &model, err))
        return false;
    company = model_company(&model);
    *out = arena_new(&req->arena, struct party, model.competitors.count + 1);
    *count = 0;
    if (company && company->query.len > 0)
        (*out)[(*count)++] =
            (struct party){.name = company->name, .query = company->query, .is_own = true};
    for (size_t i = 0; i < model.competitors.count; i++)
        if (model.competitors.items[i].query.len > 0)
            (*out)[(*count)++] = (struct party){.name = model.competitors.items[i].name,
                                                .query = model.competitors.items[i].query};
    for (size_t p = 0; p < *count; p++)
        for (size_t i = 0; i < m->count; i++) {
            struct market_series series;
            if (!str_eq(m->list[i].name, (*out)[p].query))
                continue;
            if (!market_series_read(req, m->list[i].id, m->days, m->series.to_ms, &series, err))
                return false;
            (*out)[p].id = m->list[i].id;
            (*out)[p].is_known = series.is_measured;
            (*out)[p].sum = market_sum_of(&series, 0, series.count);
            (*out)[p].amount = (*out)[p].sum.mentions;
        }
    return true;
}

/* By posts as they are published; anything else is asked of the archive. */
static bool read_shares(struct request *req, const struct market_page *m, struct party *parties,
                        size_t count, struct share_choice *choice, struct err *err)
{
    struct archive *archive = NULL;
    struct share_of_voice sov;
    int64_t *ids = arena_new(&req->arena, int64_t, count + 1);

    if ((choice->basis == SHARE_MENTIONS && !choice->is_folded) || count == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        ids[i] = parties[i].id;
    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = share_of_voice(archive, 0, ids, count, choice->basis, choice->is_folded,
                             m->series.from_ms / HOUR_MS, m->series.to_ms / HOUR_MS, &sov, err);
    archive_close(&archive);
    choice->is_too_many = !ok && err->code == ERR_LIMIT;
    if (!ok) {
        if (choice->is_too_many)
            err_clear(err);
        return choice->is_too_many;
    }
    for (size_t i = 0; i < count; i++) {
        parties[i].amount = sov.parties[i].amount;
        parties[i].sum.mentions = (double)sov.parties[i].n;
        choice->copies += sov.parties[i].copies;
    }
    share_of_voice_deinit(&sov);
    return true;
}

static void settle_shares(struct party *parties, size_t count, struct share_choice *choice,
                          double coverage)
{
    double whole = 0;

    for (size_t i = 0; i < count; i++) {
        whole += isfinite(parties[i].amount) ? parties[i].amount : 0;
        choice->n += (int64_t)parties[i].sum.mentions;
    }
    for (size_t i = 0; i < count; i++) {
        struct party *p = &parties[i];
        p->share = whole > 0 ? p->amount / whole : (double)NAN;
        share_interval(p->share, choice->n, coverage, &p->low, &p->high);
    }
}

static void sort_parties(struct party *parties, size_t count)
{
    for (size_t i = 1; i < count; i++) /* a handful: insertion keeps equal ones in order */
        for (size_t j = i; j > 0 && parties[j].amount > parties[j - 1].amount; j--) {
            struct party swap = parties[j];
            parties[j] = parties[j - 1];
            parties[j - 1] = swap;
        }
}

static Str market_address(struct request *req, const struct market_page *m, Str query,
                          enum share_basis basis, bool is_folded)
{
    return request_url(req, "market?query=" STR_F "&days=%lld&basis=%s%s", STR_A(query),
                       (long long)m->days, share_basis_name(basis), is_folded ? "&copies=no" : "");
}

static void fill_bases(struct request *req, const struct market_page *m,
                       const struct share_choice *choice, struct tpl_market *c)
{
    struct tpl_market_window *bases =
        arena_new(&req->arena, struct tpl_market_window, SHARE_BASIS_COUNT);
    struct tpl_market_window *copies = arena_new(&req->arena, struct tpl_market_window, 2);
    Str query = m->query->name;

    for (int i = 0; i < SHARE_BASIS_COUNT; i++)
        bases[i] = (struct tpl_market_window){
            request_tr(req, basis_labels[i]),
            market_address(req, m, query, (enum share_basis)i, choice->is_folded),
            choice->basis == (enum share_basis)i};
    for (int i = 0; i < 2; i++)
        copies[i] = (struct tpl_market_window){
            request_tr(req, i == 1 ? TR("Copies folded") : TR("All posts")),
            market_address(req, m, query, choice->basis, i == 1), choice->is_folded == (i == 1)};
    c->bases.items = bases;
    c->bases.count = SHARE_BASIS_COUNT;
    c->copies.items = copies;
    c->copies.count = 2;
}

static void put_party(struct chart *chart, const struct market_page *m, const struct party *p,
                      const struct share_choice *choice)
{
    struct request *req = chart->req;
    Str link = market_address(req, m, p->query, choice->basis, choice->is_folded);

    json_begin_object(&chart->json);
    json_set_str(&chart->json, "name", p->name);
    json_set_f64(&chart->json, "value", isfinite(p->share) ? p->share : 0);
    json_set_str(&chart->json, "color", p->is_own ? S("c3") : S("c1"));
    json_set_str(&chart->json, "link", link);
    json_end_object(&chart->json);
    chart_row(chart, p->name, link);
    chart_cell_number(chart, p->share, 1, RENDER_PERCENT);
    chart_cell_number(chart, p->low, 1, RENDER_PERCENT);
    chart_cell_number(chart, p->high, 1, RENDER_PERCENT);
    chart_cell_number(chart, p->amount, 0, 0);
    chart_cell_number(chart, p->sum.net_sentiment, 2, RENDER_SIGN);
}

/* "By authors, copies folded · n = 1,204 posts, 37 copies left out · coverage 98 %". */
static Str share_note(struct request *req, const struct share_choice *choice, double coverage)
{

    Str n = render_double_str(&req->arena, req->env.language, (double)choice->n, 0, 0);
    Str share = render_double_str(&req->arena, req->env.language, coverage, 0, RENDER_PERCENT);
    Str note = arena_printf(&req->arena, STR_F " · n = " STR_F " · " STR_F " " STR_F,
                            STR_A(request_tr(req, basis_labels[choice->basis])), STR_A(n),
                            STR_A(request_tr(req, TR("coverage"))), STR_A(share));

    if (choice->is_folded)
        note =
            arena_printf(&req->arena, STR_F " · " STR_F " %lld", STR_A(note),
                         STR_A(request_tr(req, TR("copies left out:"))), (long long)choice->copies);
    return note;
}

static bool share_chart(struct request *req, const struct market_page *m, struct tpl_market *c,
                        struct err *err)
{
    struct share_choice choice = {.is_folded = str_eq(request_query(req, S("copies")), S("no"))};
    struct party *parties;
    struct chart chart;
    size_t count, known = 0;

    (void)share_basis_from(request_query(req, S("basis")), &choice.basis);
    if (!read_parties(req, m, &parties, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (parties[i].is_known)
            parties[known++] = parties[i];
    count = known;
    if (!read_shares(req, m, parties, count, &choice, err))
        return false;
    settle_shares(parties, count, &choice, c->coverage);
    sort_parties(parties, count);
    fill_bases(req, m, &choice, c);
    c->has_parties = count > 1;
    c->is_too_many = choice.is_too_many;
    c->has_shares = count > 1 && isfinite(parties[0].share) && !choice.is_too_many;
    chart_begin(&chart, req, "bars", request_tr(req, TR("Share of voice")),
                request_tr(req, TR("Brand")));
    chart_size(&chart, "small");
    chart_column(&chart, request_tr(req, TR("Share")), true);
    chart_column(&chart, request_tr(req, TR("at least")), true);
    chart_column(&chart, request_tr(req, TR("at most")), true);
    chart_column(&chart, request_tr(req, basis_labels[choice.basis]), true);
    chart_column(&chart, request_tr(req, TR("Net sentiment")), true);
    json_set_str(&chart.json, "unit", S("share"));
    json_set_array(&chart.json, "items");
    for (size_t i = 0; i < count; i++)
        put_party(&chart, m, &parties[i], &choice);
    json_end_array(&chart.json);
    chart_note(&chart, share_note(req, &choice, c->coverage));
    c->shares = *chart_end(&chart);
    return true;
}

/* ---- lists ---- */

static void fill_spikes(struct request *req, const struct market_page *m, struct tpl_market *c)
{
    size_t shown = m->spike_count < SPIKES_COUNT ? m->spike_count : SPIKES_COUNT;
    struct tpl_market_spike *items =
        arena_new(&req->arena, struct tpl_market_spike, m->spike_count + 1);

    for (size_t i = 0; i < m->spike_count; i++)
        items[i] = (struct tpl_market_spike){
            .at = m->spikes[i].start_ms,
            .severity = m->spikes[i].severity,
            .terms = explained_words(req, m->spikes[i].explanation),
            .link = request_url(req, "spikes/%lld", (long long)m->spikes[i].id),
            .observed = (int64_t)m->spikes[i].observed,
            .expected = m->spikes[i].expected,
        };
    c->spikes.items = items;
    c->spikes.count = shown;
    c->other_spikes.items = items + shown; /* every mark of the chart has its link in a list */
    c->other_spikes.count = m->spike_count - shown;
    c->others = (int64_t)c->other_spikes.count;
}

static bool read_terms(struct request *req, const struct market_page *m, struct tpl_market_terms *c,
                       struct err *err)
{
    struct archive *archive = NULL;
    struct term *terms;
    size_t count = 0;
    int64_t to = m->series.to_ms / HOUR_MS, from = to - 7 * 24, from_ms = from * HOUR_MS;

    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = terms_rising(archive, &req->arena, m->query->id, from - HISTORY_DAYS * 24, from, to,
                           TERMS_COUNT, &terms, &count, err);
    archive_close(&archive);
    struct tpl_market_terms_term *items =
        arena_new(&req->arena, struct tpl_market_terms_term, count + 1);
    for (size_t i = 0; ok && i < count; i++)
        items[i] = (struct tpl_market_terms_term){
            .text = terms[i].text,
            .count = terms[i].count,
            .lift = terms[i].lift,
            .low = terms[i].lift_low,
            .high = terms[i].lift_high,
            .has_lift = isfinite(terms[i].lift),
            .is_new = terms[i].lift_high > LIFT_WIDE * terms[i].lift_low,
            .link = request_url(req, "search?query=" STR_F "&q=" STR_F "&from=%lld&to=%lld",
                                STR_A(m->query->name), STR_A(request_part(req, terms[i].text)),
                                (long long)from_ms, (long long)m->series.to_ms),
        };
    c->terms.items = items;
    c->terms.count = count;
    c->from = from_ms;
    c->to = m->series.to_ms - DAY_MS;
    c->days_before = HISTORY_DAYS;
    return ok;
}

static bool fill_latest(struct request *req, struct archive *archive, const struct market_page *m,
                        struct tpl_market *c, struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct search_request wanted = {
        .query = arena_printf(&req->arena, "@@" STR_F, STR_A(m->query->name)),
        .names = &resolver,
        .from_ms = m->series.to_ms - 2 * DAY_MS,
        .to_ms = m->series.to_ms,
        .limit = LATEST_COUNT,
        .is_page_enough = true,
    };
    struct search_result found;

    if (!search_posts(archive, &req->arena, &wanted, &found, err))
        return false;
    struct tpl_post *items = arena_new(&req->arena, struct tpl_post, found.count + 1);
    for (size_t i = 0; i < found.count; i++)
        post_view_hit(req, &found.hits[i], &items[i]);
    c->latest.items = items;
    c->latest.count = found.count;
    return true;
}

/* ---- needs ---- */

static const struct {
    const char *title, *counted;
} need_words[NEED_KIND_COUNT] = {
    [NEED_COMPLAINT] = {TR("Complaints"), TR("negative posts:")},
    [NEED_WISH] = {TR("Wishes"), TR("posts that wish:")},
};

static Str need_link(struct request *req, const struct market_page *m, Str search)
{
    return request_url(req, "search?query=" STR_F "&q=" STR_F "&from=%lld&to=%lld",
                       STR_A(m->query->name), STR_A(request_part(req, search)),
                       (long long)m->series.from_ms, (long long)m->series.to_ms);
}

static void fill_need_list(struct request *req, const struct market_page *m,
                           const struct need_terms *needs, enum need_kind kind,
                           struct tpl_market_needs_list *out)
{
    const struct need_list *list = &needs->lists[kind];
    struct tpl_market_needs_term *items =
        arena_new(&req->arena, struct tpl_market_needs_term, list->count + 1);
    Str base = render_double_str(&req->arena, req->env.language, (double)list->base, 0, 0);

    for (size_t i = 0; i < list->count; i++) {
        const struct contrast_term *t = &list->terms[i];
        items[i] = (struct tpl_market_needs_term){
            .text = t->text,
            .link = need_link(req, m, need_search(&req->arena, kind, t->text)),
            .count = t->count,
            .others = t->background,
            .lift = t->lift,
            .low = t->lift_low,
            .high = t->lift_up,
            .is_new = t->lift_up > LIFT_WIDE * t->lift_low,
        };
    }
    *out = (struct tpl_market_needs_list){
        .title = request_tr(req, need_words[kind].title),
        .definition = request_tr(req, need_definitions[kind]),
        .counted = arena_printf(&req->arena, STR_F " " STR_F,
                                STR_A(request_tr(req, need_words[kind].counted)), STR_A(base)),
        .link = need_link(req, m, need_search(&req->arena, kind, STR_NONE)),
        .base = list->base,
        .rest = needs->n - list->base,
        .is_few = list->base < CONTRAST_POSTS_MIN,
        .terms = {items, list->count},
    };
}

static bool read_needs(struct request *req, const struct market_page *m, struct tpl_market_needs *c,
                       struct err *err)
{
    struct tpl_market_needs_list *lists =
        arena_new(&req->arena, struct tpl_market_needs_list, NEED_KIND_COUNT);
    struct need_terms needs;

    if (!need_terms_of(req->workspace, &req->arena, m->query->id, m->series.from_ms,
                       m->series.to_ms, req->now_ms, &needs, err))
        return false;
    for (int kind = 0; kind < NEED_KIND_COUNT; kind++)
        fill_need_list(req, m, &needs, (enum need_kind)kind, &lists[kind]);
    c->lists.items = lists;
    c->lists.count = needs.mentions > 0 ? NEED_KIND_COUNT : 0;
    c->from = m->series.from_ms;
    c->to = m->series.to_ms - DAY_MS;
    c->n = needs.n;
    c->mentions = needs.mentions;
    c->every = needs.every;
    c->is_sample = needs.every > 1;
    c->coverage = needs.coverage;
    return true;
}

/* ---- who and where ---- */

enum { WHO_SHOWN = 6 };

static const struct {
    enum search_facet_kind kind;
    const char *field, *label;
} who_lists[] = {
    {SEARCH_BY_SOURCE, "source", TR("Sources")},
    {SEARCH_BY_LANG, "lang", TR("Languages")},
    {SEARCH_BY_COUNTRY, "country", TR("Countries")},
    {SEARCH_BY_AUTHOR, "author", TR("Authors")},
};

static struct tpl_market_who_item who_item(struct request *req, const struct market_page *m, Str q,
                                           Str label, int64_t count, double share)
{
    return (struct tpl_market_who_item){
        .label = label.len > 0 ? label : S("–"),
        .count = count,
        .share = share,
        .link = q.len > 0 ? request_url(req, "search?query=" STR_F "&q=" STR_F "&from=%lld&to=%lld",
                                        STR_A(m->query->name), STR_A(request_part(req, q)),
                                        (long long)m->series.from_ms, (long long)m->series.to_ms)
                          : STR_NONE};
}

static struct tpl_market_who_list who_facets(struct request *req, const struct market_page *m,
                                             const struct search_result *found, size_t at)
{
    const struct search_facets *facets = &found->facets[who_lists[at].kind];
    struct tpl_market_who_item *items =
        arena_new(&req->arena, struct tpl_market_who_item, WHO_SHOWN + 1);
    size_t n = 0;

    for (size_t i = 0; i < facets->count && n < WHO_SHOWN; i++) {
        const struct search_facet *f = &facets->items[i];
        Str q = arena_printf(&req->arena, "%s:\"" STR_F "\"", who_lists[at].field, STR_A(f->value));
        if (f->value.len == 0)
            continue;
        items[n++] = who_item(req, m, q, f->label.len > 0 ? f->label : f->value, f->count,
                              found->total > 0 ? (double)f->count / (double)found->total : 0);
    }
    return (struct tpl_market_who_list){request_tr(req, who_lists[at].label), {items, n}};
}

/* Links of posts, each once a post, and the sites they lead to. */
struct link_count {
    Str text;
    int64_t posts;
};
struct link_walk {
    struct arena *arena;
    struct map links, sites; /* text -> posts */
    bool ok;
};

static bool link_visit(void *context, const struct mention_fact *fact,
                       const struct archived_post *post)
{
    struct link_walk *walk = context;
    bool is_new;

    (void)fact;
    for (size_t i = 0; i < post->post.link_count && i < 4 && walk->ok; i++) {
        Str link = post->post.links[i], scheme, rest, site, path;
        if (!str_cut(link, ':', &scheme, &rest) || !str_starts(rest, S("//")))
            continue;
        rest = str_sub(rest, 2, rest.len);
        rest = str_starts(rest, S("www.")) ? str_sub(rest, 4, rest.len) : rest;
        (void)str_cut(rest, '/', &site, &path);
        uint64_t *count = map_at(&walk->links, rest, &is_new);
        walk->ok = count != NULL;
        *(count ? count : &(uint64_t){0}) += 1;
        count = map_at(&walk->sites, site, &is_new);
        walk->ok = walk->ok && count;
        *(count ? count : &(uint64_t){0}) += 1;
    }
    return walk->ok;
}

static int link_cmp(const void *left, const void *right)
{
    const struct link_count *a = left, *b = right;

    if (a->posts != b->posts)
        return a->posts > b->posts ? -1 : 1;
    return str_cmp(a->text, b->text);
}

static struct tpl_market_who_list who_links(struct request *req, const struct market_page *m,
                                            const struct map *counts, const char *label,
                                            const char *field, int64_t posts)
{
    size_t count = counts->count, n = count < WHO_SHOWN ? count : WHO_SHOWN;
    struct link_count *all = arena_new(&req->arena, struct link_count, count + 1);
    struct tpl_market_who_item *items = arena_new(&req->arena, struct tpl_market_who_item, n + 1);

    for (size_t i = 0; i < count; i++)
        all[i] = (struct link_count){counts->entries[i].key, (int64_t)counts->entries[i].value};
    if (count > 1)
        qsort(all, count, sizeof *all, link_cmp);
    for (size_t i = 0; i < n; i++) {
        Str text = arena_str(&req->arena, all[i].text);
        Str q = arena_printf(&req->arena, "%s:\"" STR_F "\"", field, STR_A(text));
        items[i] = who_item(req, m, q, text, all[i].posts,
                            posts > 0 ? (double)all[i].posts / (double)posts : 0);
    }
    return (struct tpl_market_who_list){request_tr(req, label), {items, n}};
}

enum { LINK_POSTS_MAX = 20000 }; /* of more a sample is read */

static bool read_links(struct request *req, struct archive *archive, const struct market_page *m,
                       struct tpl_market_who_list *sites, struct tpl_market_who_list *links,
                       struct err *err)
{
    struct link_walk walk = {.arena = &req->arena, .ok = true};
    int64_t from = m->series.from_ms / HOUR_MS, to = m->series.to_ms / HOUR_MS, posts = 0;

    if (!archive_mention_count(archive, m->query->id, from, to, &posts, err))
        return false;
    uint64_t every = posts > LINK_POSTS_MAX ? (uint64_t)(posts / LINK_POSTS_MAX) + 1 : 1;
    map_init(&walk.links, MAP_COPY_KEYS, 1);
    map_init(&walk.sites, MAP_COPY_KEYS, 1);
    bool ok = archive_mention_posts(archive, m->query->id, from, to, every, link_visit, &walk, err);
    posts /= (int64_t)every;
    *sites = who_links(req, m, &walk.sites, TR("Sites linked to"), "links", posts);
    *links = who_links(req, m, &walk.links, TR("Links"), "links", posts);
    map_deinit(&walk.links);
    map_deinit(&walk.sites);
    return ok && (walk.ok || err_set(err, ERR_NO_MEMORY, "no memory for counting links"));
}

static bool read_who(struct request *req, const struct market_page *m, struct tpl_market_who *c,
                     struct err *err)
{
    struct standing_names names = {req->workspace->state, &req->arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct search_request wanted = {
        .query = arena_printf(&req->arena, "@@" STR_F, STR_A(m->query->name)),
        .names = &resolver,
        .from_ms = m->series.from_ms,
        .to_ms = m->series.to_ms,
        .limit = 1,
        .has_facets = true,
    };
    struct tpl_market_who_list *lists =
        arena_new(&req->arena, struct tpl_market_who_list, COUNT_OF(who_lists) + 2);
    struct archive *archive = NULL;
    struct search_result found;

    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = search_posts(archive, &req->arena, &wanted, &found, err);
    for (size_t i = 0; ok && i < COUNT_OF(who_lists); i++)
        lists[i] = who_facets(req, m, &found, i);
    ok = ok && read_links(req, archive, m, &lists[COUNT_OF(who_lists)],
                          &lists[COUNT_OF(who_lists) + 1], err);
    archive_close(&archive);
    c->lists.items = lists;
    c->lists.count = COUNT_OF(who_lists) + 2;
    return ok;
}

static bool fill_from_archive(struct request *req, const struct market_page *m,
                              struct tpl_market *c, struct err *err)
{
    struct archive *archive = NULL;

    if (!archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = fill_latest(req, archive, m, c, err);
    archive_close(&archive);
    return ok;
}

/* ---- the head ---- */

static void fill_choices(struct request *req, const struct market_page *m, struct tpl_market *c)
{
    static const struct {
        int64_t days;
        const char *label;
    } windows[] = {
        {14, TR("14 days")}, {60, TR("60 days")}, {180, TR("180 days")}, {3650, TR("All")}};
    struct tpl_market_choice *queries =
        arena_new(&req->arena, struct tpl_market_choice, m->count + 1);
    struct tpl_market_window *items =
        arena_new(&req->arena, struct tpl_market_window, COUNT_OF(windows));

    for (size_t i = 0; i < m->count; i++)
        queries[i] = (struct tpl_market_choice){m->list[i].name, market_query_title(&m->list[i]),
                                                &m->list[i] == m->query};
    for (size_t i = 0; i < COUNT_OF(windows); i++)
        items[i] = (struct tpl_market_window){
            .label = request_tr(req, windows[i].label),
            .link = request_url(req, "market?query=" STR_F "&days=%lld", STR_A(m->query->name),
                                (long long)windows[i].days),
            .is_current = m->days == windows[i].days,
        };
    c->queries.items = queries;
    c->queries.count = m->count;
    c->windows.items = items;
    c->windows.count = COUNT_OF(windows);
    c->days = m->days;
}

/* Net sentiment is 2 p - 1 of the share p of positive posts among those with a mood. */
static void fill_net(const struct market_sum *now, struct tpl_market *c)
{
    double n = now->positive + now->negative;

    c->net = now->net_sentiment;
    c->net_n = (int64_t)n;
    share_interval(now->positive / n, c->net_n, now->coverage, &c->net_low, &c->net_high);
    c->net_low = 2 * c->net_low - 1;
    c->net_high = 2 * c->net_high - 1;
}

static void fill_moods(struct request *req, const struct market_page *m,
                       const struct market_sum *now, struct tpl_market *c)
{
    const struct {
        const char *name, *word;
        double n;
    } rows[] = {
        {TR("Positive"), "positive", now->positive},
        {TR("Neutral"), "neutral", now->mentions - now->positive - now->negative},
        {TR("Negative"), "negative", now->negative},
    };
    struct tpl_market_mood *moods = arena_new(&req->arena, struct tpl_market_mood, COUNT_OF(rows));

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        moods[i] = (struct tpl_market_mood){
            .name = request_tr(req, rows[i].name),
            .link = request_url(req, "search?query=" STR_F "&q=sentiment:%s&from=%lld&to=%lld",
                                STR_A(m->query->name), rows[i].word, (long long)m->series.from_ms,
                                (long long)m->series.to_ms),
            .n = (int64_t)rows[i].n,
            .share = now->mentions > 0 ? rows[i].n / now->mentions : (double)NAN,
        };
        share_interval(moods[i].share, (int64_t)now->mentions, now->coverage, &moods[i].low,
                       &moods[i].high);
    }
    c->moods.items = moods;
    c->moods.count = COUNT_OF(rows);
}

static void fill_numbers(struct request *req, const struct market_page *m, struct tpl_market *c)
{
    struct market_sum now = market_sum_of(&m->series, 0, m->series.count);
    struct market_sum before = market_sum_of(&m->before, 0, m->before.count);

    c->from = m->series.from_ms;
    c->to = m->series.to_ms - DAY_MS;
    c->mentions = (int64_t)now.mentions;
    c->has_change = m->before.count == m->series.count && before.mentions > 0;
    c->change = c->has_change ? now.mentions / before.mentions - 1 : (double)NAN;
    c->has_net_change = c->has_change && isfinite(before.net_sentiment);
    c->net_change = now.net_sentiment - before.net_sentiment;
    fill_net(&now, c);
    fill_moods(req, m, &now, c);
    c->coverage = now.coverage;
    c->sources = request_url(req, "sources");
    c->definition = market_definition_words(req, m->series.definition);
    c->version = m->series.version;
}

static bool read_page(struct request *req, struct market_page *m, struct err *err)
{
    m->days = request_query_i64(req, S("days"), DAYS_DEFAULT, 1, 3650);
    if (!standing_query_list(&req->arena, req->workspace->state, &m->list, &m->count, err))
        return false;
    if (m->count == 0)
        return true;
    if (!market_query_choose(req, request_query(req, S("query")), m->list, m->count, &m->query,
                             err) ||
        !market_series_read(req, m->query->id, m->days, 0, &m->series, err))
        return false;
    if (!m->series.is_measured)
        return true;
    return market_series_read(req, m->query->id, (int64_t)m->series.count, m->series.from_ms,
                              &m->before, err) &&
           spikes_list(&req->arena, req->workspace->state, m->query->id, m->series.from_ms,
                       m->series.to_ms, 100, &m->spikes, &m->spike_count, err);
}

/* How far the moods beside it can be trusted. */
static bool fill_measured(struct request *req, const struct market_page *m, struct tpl_market *c,
                          struct err *err)
{
    struct market_sum sum = market_sum_of(&m->series, 0, m->series.count);
    double counted[LABEL_MOODS];

    label_view_counts(&sum, counted);
    return label_view_measured(req, m->query, counted, &c->measured, err);
}

/* The fragment that the page asks for after it is shown. */
bool page_market_terms(struct request *req, struct err *err)
{
    struct market_page m = {0};
    struct tpl_market_terms c = {0};

    if (!read_page(req, &m, err) || (m.series.is_measured && !read_terms(req, &m, &c, err)))
        return false;
    tpl_market_terms(&req->html, &req->env, &c);
    return true;
}

bool page_market_needs(struct request *req, struct err *err)
{
    struct market_page m = {0};
    struct tpl_market_needs c = {0};

    if (!read_page(req, &m, err) || (m.series.is_measured && !read_needs(req, &m, &c, err)))
        return false;
    tpl_market_needs(&req->html, &req->env, &c);
    return true;
}

bool page_market_who(struct request *req, struct err *err)
{
    struct market_page m = {0};
    struct tpl_market_who c = {0};

    if (!read_page(req, &m, err) || (m.series.is_measured && !read_who(req, &m, &c, err)))
        return false;
    tpl_market_who(&req->html, &req->env, &c);
    return true;
}

static bool fill_needs(struct request *req, const struct market_page *m, struct tpl_market *c,
                       struct err *err)
{
    struct tpl_market_needs *needs = arena_new(&req->arena, struct tpl_market_needs, 1);

    c->needs_address = request_url(req, "market/needs?query=" STR_F "&days=%lld",
                                   STR_A(m->query->name), (long long)m->days);
    c->needs_page = request_url(req, "market?query=" STR_F "&days=%lld&needs=1#needs",
                                STR_A(m->query->name), (long long)m->days);
    if (request_query(req, S("needs")).len == 0)
        return true;
    c->needs = needs;
    return read_needs(req, m, needs, err);
}

static bool fill_who(struct request *req, const struct market_page *m, struct tpl_market *c,
                     struct err *err)
{
    struct tpl_market_who *who = arena_new(&req->arena, struct tpl_market_who, 1);

    c->who_address = request_url(req, "market/who?query=" STR_F "&days=%lld", STR_A(m->query->name),
                                 (long long)m->days);
    c->who_page = request_url(req, "market?query=" STR_F "&days=%lld&who=1", STR_A(m->query->name),
                              (long long)m->days);
    if (request_query(req, S("who")).len == 0)
        return true;
    c->who = who;
    return read_who(req, m, who, err);
}

/* Without scripts the page itself shows them when asked. */
static bool fill_terms(struct request *req, const struct market_page *m, struct tpl_market *c,
                       struct err *err)
{
    struct tpl_market_terms *terms = arena_new(&req->arena, struct tpl_market_terms, 1);

    c->terms_address = request_url(req, "market/terms?query=" STR_F, STR_A(m->query->name));
    c->terms_page = request_url(req, "market?query=" STR_F "&days=%lld&terms=1",
                                STR_A(m->query->name), (long long)m->days);
    if (request_query(req, S("terms")).len == 0)
        return true;
    c->terms = terms;
    return read_terms(req, m, terms, err);
}

bool page_market(struct request *req, struct err *err)
{
    struct market_page m = {0};
    struct tpl_market *c = arena_new(&req->arena, struct tpl_market, 1);
    struct page_head head = {.current = "market", .title = TR("Market overview")};

    if (!read_page(req, &m, err))
        return false;
    c->has_queries = m.count > 0;
    c->is_measured = m.series.is_measured;
    c->new_query = request_url(req, "queries/new");
    c->imports = request_url(req, "imports");
    if (m.query) {
        c->query = m.query->name;
        c->query_title = market_query_title(m.query);
        c->query_link = request_url(req, "queries/" STR_F, STR_A(m.query->name));
        c->posts = posts_address(req, m.query->name, m.series.from_ms, m.series.to_ms);
        fill_choices(req, &m, c);
    }
    if (c->is_measured) {
        fill_numbers(req, &m, c);
        if (!volume_chart(req, &m, &c->volume, err))
            return false;
        fill_spikes(req, &m, c);
        if (!fill_measured(req, &m, c, err) || !share_chart(req, &m, c, err) ||
            !fill_from_archive(req, &m, c, err) || !fill_terms(req, &m, c, err) ||
            !fill_needs(req, &m, c, err) || !fill_who(req, &m, c, err))
            return false;
    }
    PAGE(req, &head, market, c);
    return true;
}
