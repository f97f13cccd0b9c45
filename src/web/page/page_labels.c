/* page_labels.c - how right the moods of each query are, and the rounds behind that. */
#include <math.h>
#include <microhttpd.h>

#include "listen/measure/correction.h"
#include "os/entropy.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/label_view.h"
#include "web/view/market_view.h"

enum { REPORT_DAYS = 60, DAYS_ALL = 0 };

/* ---- all queries ----------------------------------------------------------------------------- */

static bool fill_row(struct request *req, const struct standing_query *q,
                     struct tpl_labels_query *row, struct err *err)
{
    struct db *state = req->workspace->state;
    struct label_report report;
    struct label_round *rounds;
    int64_t corrections;
    size_t count;

    if (!label_report_read(&req->arena, state, q->id, 0, &report, err) ||
        !label_rounds(&req->arena, state, q->id, &rounds, &count, err) ||
        !correction_latest(state, q->id, &corrections, err))
        return false;
    *row = (struct tpl_labels_query){
        .title = market_query_title(q),
        .link = request_url(req, "queries/" STR_F "/labels", STR_A(q->name)),
        .drawn = (int64_t)count,
        .labels = (int64_t)report.usable,
        .is_measured = report.usable > 0,
        .accuracy = report.confusion.accuracy.value,
        .low = report.confusion.accuracy.low,
        .high = report.confusion.accuracy.high,
        .corrections = corrections,
    };
    for (size_t i = 0; i < count; i++)
        if (rounds[i].closed_at_ms == 0)
            row->walk = request_url(req, "labels/%lld", (long long)rounds[i].id);
    return true;
}

bool page_labels(struct request *req, struct err *err)
{
    struct standing_query *list;
    size_t count;
    struct page_head head = {.current = "labels", .title = TR("Labels")};

    if (!standing_query_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    struct tpl_labels_query *rows = arena_new(&req->arena, struct tpl_labels_query, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!fill_row(req, &list[i], &rows[i], err))
            return false;
    struct tpl_labels c = {.queries = {rows, count}, .new_query = request_url(req, "queries/new")};
    PAGE(req, &head, labels, &c);
    return true;
}

/* ---- one query ------------------------------------------------------------------------------- */

static void fill_matrix(struct request *req, const struct label_report *r,
                        struct tpl_label_query *c)
{
    static const char *const dots[LABEL_MOODS] = {"negative", "neutral", "positive"};
    struct tpl_label_query_row *rows =
        arena_new(&req->arena, struct tpl_label_query_row, LABEL_MOODS);
    const struct confusion *m = &r->confusion;

    for (int t = 0; t < LABEL_MOODS; t++)
        rows[t] = (struct tpl_label_query_row){
            .name = label_view_verdict(req, (enum label_verdict)(t - 1)),
            .dot = str_from_cstr(dots[t]),
            .negative = m->counts[t * LABEL_MOODS],
            .neutral = m->counts[t * LABEL_MOODS + 1],
            .positive = m->counts[t * LABEL_MOODS + 2],
            .is_negative = t == 0,
            .is_neutral = t == 1,
            .is_positive = t == 2,
            .recall = m->recall[t].value,
            .recall_low = m->recall[t].low,
            .recall_high = m->recall[t].high,
            .precision = m->precision[t].value,
            .precision_low = m->precision[t].low,
            .precision_high = m->precision[t].high,
        };
    c->rows.items = rows;
    c->rows.count = LABEL_MOODS;
}

static void fill_report(struct request *req, const struct label_report *r,
                        struct tpl_label_query *c)
{
    const struct confusion *m = &r->confusion;

    c->has_labels = r->judged > 0;
    c->drawn = (int64_t)r->items;
    c->judged = (int64_t)r->judged;
    c->labels = (int64_t)r->usable;
    c->off_topic = (int64_t)r->off_topic;
    c->unsure = (int64_t)r->unsure;
    c->disputed = (int64_t)r->disputed;
    c->gone = (int64_t)r->gone;
    c->accuracy = m->accuracy.value;
    c->accuracy_low = m->accuracy.low;
    c->accuracy_high = m->accuracy.high;
    c->majority = m->majority;
    c->recall = m->average_recall.value;
    c->recall_low = m->average_recall.low;
    c->recall_high = m->average_recall.high;
    c->relevance = r->relevance.value;
    c->relevance_low = r->relevance.low;
    c->relevance_high = r->relevance.high;
    c->has_agreement = r->agreement.units > 0 && !isnan(r->agreement.alpha);
    c->alpha = r->agreement.alpha;
    c->alpha_low = r->agreement.low;
    c->alpha_high = r->agreement.high;
    c->pairs = (int64_t)r->agreement.units;
    c->maker = r->has_makers ? request_tr(req, TR("several models")) : r->maker;
    c->version = r->corrections;
    c->is_stale = c->has_labels && !r->is_current;
    fill_matrix(req, r, c);
}

static bool fill_rounds(struct request *req, int64_t query, struct tpl_label_query *c,
                        struct err *err)
{
    struct label_round *list;
    size_t count;

    if (!label_rounds(&req->arena, req->workspace->state, query, &list, &count, err))
        return false;
    struct tpl_label_query_round *items =
        arena_new(&req->arena, struct tpl_label_query_round, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_label_query_round){
            .id = list[i].id,
            .link = request_url(req, "labels/%lld", (long long)list[i].id),
            .design = list[i].design == LABEL_STRATIFIED ? request_tr(req, TR("stratified"))
                                                         : request_tr(req, TR("uniform")),
            .from = list[i].from_ms,
            .to = list[i].to_ms - 1,
            .judged = list[i].judged,
            .drawn = list[i].drawn,
            .erased = list[i].erased,
            .people = list[i].labellers,
            .is_open = list[i].closed_at_ms == 0,
            .closed = list[i].closed_at_ms,
            .closed_by = list[i].closed_by,
        };
    c->rounds.items = items;
    c->rounds.count = count;
    return true;
}

static int64_t days_asked(struct request *req)
{
    int64_t days = REPORT_DAYS;

    return str_to_i64(request_form(req, S("days")), &days) && days >= 0 && days <= 3650
               ? days
               : REPORT_DAYS;
}

static void fill_form(struct request *req, struct tpl_label_query *c)
{
    static const struct {
        int64_t days;
        const char *label;
    } windows[] = {{14, TR("the last 14 days")},
                   {REPORT_DAYS, TR("the last 60 days")},
                   {180, TR("the last 180 days")},
                   {DAYS_ALL, TR("all that is stored")}};
    struct tpl_label_query_window *items =
        arena_new(&req->arena, struct tpl_label_query_window, COUNT_OF(windows));
    Str count = request_form(req, S("count"));

    for (size_t i = 0; i < COUNT_OF(windows); i++)
        items[i] = (struct tpl_label_query_window){
            .value = arena_printf(&req->arena, "%lld", (long long)windows[i].days),
            .label = request_tr(req, windows[i].label),
            .is_chosen = windows[i].days == days_asked(req),
        };
    c->windows.items = items;
    c->windows.count = COUNT_OF(windows);
    c->count = count.len > 0 ? count : arena_printf(&req->arena, "%d", LABEL_GOAL);
    c->is_stratified = str_eq(request_form(req, S("design")), S("stratified"));
}

static bool fill_numbers(struct request *req, const struct standing_query *q,
                         struct tpl_label_query *c, struct err *err)
{
    struct label_report report;
    struct market_series series;

    if (!label_report_read(&req->arena, req->workspace->state, q->id, 0, &report, err) ||
        !market_series_read(req, q->id, REPORT_DAYS, 0, &series, err))
        return false;
    struct market_sum sum = market_sum_of(&series, 0, series.count);
    double counted[LABEL_MOODS];
    label_view_counts(&sum, counted);
    c->has_posts = series.is_measured;
    fill_report(req, &report, c);
    label_view_fill(req, q, &report, counted, &c->measured);
    return true;
}

static bool show_query(struct request *req, const struct standing_query *q,
                       const struct err *problem, struct err *err)
{
    struct tpl_label_query *c = arena_new(&req->arena, struct tpl_label_query, 1);
    struct correction_list corrections;

    *c = (struct tpl_label_query){
        .title = market_query_title(q),
        .may_edit = request_may(req, MAY_EDIT_QUERIES),
        .csrf = page_csrf(req),
        .action = request_url(req, "queries/" STR_F "/labels", STR_A(q->name)),
        .corrections_link = request_url(req, "queries/" STR_F "/corrections", STR_A(q->name)),
        .market = request_url(req, "market?query=" STR_F, STR_A(q->name)),
        .goal = LABEL_GOAL,
        .problem = problem ? error_sentence(req, problem) : STR_NONE,
    };
    if (!correction_read(&req->arena, req->workspace->state, q->id, &corrections, err) ||
        !fill_numbers(req, q, c, err) || !fill_rounds(req, q->id, c, err))
        return false;
    c->correction_count = (int64_t)corrections.count;
    fill_form(req, c);
    struct page_crumb crumbs[] = {{request_tr(req, TR("Labels")), request_url(req, "labels")},
                                  {c->title, STR_NONE}};
    struct page_head head = {
        .current = "labels", .title = TR("Labels"), .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, label_query, c);
    return true;
}

static bool query_find(struct request *req, struct standing_query *q, struct err *err)
{
    return standing_query_find(&req->arena, req->workspace->state, request_capture(req, S("query")),
                               q, err);
}

bool page_label_query(struct request *req, struct err *err)
{
    struct standing_query q;

    return query_find(req, &q, err) && show_query(req, &q, NULL, err);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static bool draw(struct request *req, struct archive *archive, const struct standing_query *q,
                 int64_t *round, struct err *err)
{
    struct label_plan plan = {.query = q->id, .actor = request_actor(req), .now_ms = req->now_ms};
    int64_t from_hour, to_hour, days = days_asked(req), count = 0;

    if (!str_to_i64(request_form(req, S("count")), &count) || count < 1 || count > LABEL_SAMPLE_MAX)
        return err_set(err, ERR_INPUT, "a sample has 1 to %d posts", LABEL_SAMPLE_MAX);
    if (!archive_span(archive, &from_hour, &to_hour, err))
        return false;
    plan.count = (size_t)count;
    plan.design =
        str_eq(request_form(req, S("design")), S("stratified")) ? LABEL_STRATIFIED : LABEL_UNIFORM;
    plan.to_ms = to_hour * HOUR_MS;
    plan.from_ms = days > 0 && plan.to_ms - days * DAY_MS > from_hour * HOUR_MS
                       ? plan.to_ms - days * DAY_MS
                       : from_hour * HOUR_MS;
    if (plan.to_ms <= plan.from_ms)
        return err_set(err, ERR_NOT_FOUND, "no post is stored yet");
    entropy_fill(&plan.seed, sizeof plan.seed);
    plan.seed >>= 1; /* a number that a signed column shows as it is */
    return label_draw(req->workspace->state, archive, &plan, round, err);
}

bool page_label_query_send(struct request *req, struct err *err)
{
    struct archive *archive = NULL;
    struct standing_query q;
    struct err problem = {0};
    int64_t round;

    if (!query_find(req, &q, err) ||
        !archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    bool ok = draw(req, archive, &q, &round, &problem);
    archive_close(&archive);
    if (ok)
        return request_redirect(req, request_url(req, "labels/%lld", (long long)round));
    if (problem.code != ERR_INPUT && problem.code != ERR_NOT_FOUND && problem.code != ERR_LIMIT) {
        *err = problem;
        return false;
    }
    req->status = MHD_HTTP_UNPROCESSABLE_CONTENT;
    return show_query(req, &q, &problem, err);
}
