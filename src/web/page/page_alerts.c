/* page_alerts.c - alerts: the list with the rules, one alert with its explanation. */
#include <math.h>

#include "format/time.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/alert_view.h"
#include "web/view/explained_view.h"
#include "web/view/market_view.h"

enum { ALERTS_SHOWN = 200, AROUND_HOURS = 5 * 24, AROUND_DAYS = 40 };

/* ---- the list -------------------------------------------------------------------------------- */

static Str rule_address(struct request *req, Str name, const char *rest)
{
    return request_url(req, "alerts/rules/" STR_F "%s", STR_A(name), rest);
}

static bool fill_alerts(struct request *req, const struct alert_names *names, struct tpl_alerts *c,
                        struct err *err)
{
    struct alert_filter filter = {
        .has_state = !c->is_all, .state = ALERT_OPEN, .max = ALERTS_SHOWN};
    struct alert *list;
    size_t count;

    if (!alert_list(&req->arena, req->workspace->state, &filter, &list, &count, err))
        return false;
    struct tpl_alerts_alert *rows = arena_new(&req->arena, struct tpl_alerts_alert, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct alert *a = &list[i];
        rows[i] = (struct tpl_alerts_alert){
            .link = request_url(req, "alerts/%lld", (long long)a->id),
            .at = a->start_ms,
            .is_daily = a->is_daily,
            .severity = a->severity,
            .query = alert_query_title(names, a->query),
            .rule = a->rule_title,
            .rule_link = rule_address(req, a->rule_name, ""),
            .kind = request_tr(req, alert_kind_words[a->kind]),
            .state = request_tr(req, a->state == ALERT_OPEN ? TR("open") : TR("acknowledged")),
            .state_word = a->state == ALERT_OPEN ? S("red") : S("green"),
            .observed = alert_number(req, a->kind, a->observed),
            .expected = alert_number(req, a->kind, a->expected),
            .is_over = a->is_over,
            .is_source = a->cause == ALERT_OF_SOURCE,
            .tellings = a->tellings,
            .terms = explained_words(req, a->explanation),
        };
    }
    c->alerts.items = rows;
    c->alerts.count = count;
    return alert_open_count(req->workspace->state, &c->open, err);
}

static bool fill_rules(struct request *req, const struct alert_names *names, struct tpl_alerts *c,
                       struct err *err)
{
    struct alert_rule *list;
    size_t count;

    if (!alert_rule_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    struct tpl_alerts_rule *rows = arena_new(&req->arena, struct tpl_alerts_rule, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct alert_rule *r = &list[i];
        Str verb = request_tr(req, r->is_on ? TR("Switch off") : TR("Switch on"));
        rows[i] = (struct tpl_alerts_rule){
            .title = r->title,
            .link = rule_address(req, r->name, ""),
            .query = alert_query_title(names, r->query),
            .kind = request_tr(req, alert_kind_words[r->settings.kind]),
            .period = request_tr(req, r->settings.is_daily ? TR("by day") : TR("by hour")),
            .sensitivity = request_tr(req, alert_sensitivity_words[r->settings.sensitivity]),
            .is_on = r->is_on,
            .open = r->open_count,
            .toggle = rule_address(req, r->name, "/switch"),
            .toggle_label =
                arena_printf(&req->arena, STR_F ": " STR_F, STR_A(verb), STR_A(r->title)),
        };
        c->on += r->is_on;
    }
    c->rules.items = rows;
    c->rules.count = count;
    return true;
}

bool page_alerts(struct request *req, struct err *err)
{
    struct alert_names names;
    struct page_head head = {.current = "alerts", .title = TR("Alerts")};

    if (!alert_names_load(&req->arena, req->workspace->state, &names, err))
        return false;
    struct tpl_alerts *c = arena_new(&req->arena, struct tpl_alerts, 1);
    *c = (struct tpl_alerts){.is_all = str_eq(request_query(req, S("state")), S("all")),
                             .has_queries = names.count > 0,
                             .may_edit = request_may(req, MAY_EDIT_QUERIES),
                             .all_link = request_url(req, "alerts?state=all"),
                             .open_link = request_url(req, "alerts"),
                             .add = request_url(req, "alerts/rules/new"),
                             .queries = request_url(req, "queries"),
                             .csrf = page_csrf(req)};
    if (!fill_alerts(req, &names, c, err) || !fill_rules(req, &names, c, err))
        return false;
    PAGE(req, &head, alerts, c);
    return true;
}

/* ---- one alert ------------------------------------------------------------------------------- */

struct naming {
    struct request *req;
    struct alert_names names;
};

/* A query that was removed meanwhile is left out. */
static bool name_party(void *context, int64_t query, Str *title, Str *link)
{
    struct naming *n = context;
    Str name = alert_query_name(&n->names, query);

    *title = alert_query_title(&n->names, query);
    *link = request_url(n->req, "market?query=" STR_F, STR_A(name));
    return name.len > 0;
}

static bool fill_parties(struct request *req, const struct alert *a, struct tpl_explained *out,
                         struct err *err)
{
    struct naming naming = {.req = req};

    return a->kind != ALERT_SHARE ||
           (alert_names_load(&req->arena, req->workspace->state, &naming.names, err) &&
            explained_parties_fill(req, a->explanation, name_party, &naming, out, err));
}

static bool fill_earlier(struct request *req, const struct alert *a, struct tpl_explained *out,
                         struct err *err)
{
    struct alert before;

    if (a->earlier == 0)
        return true;
    if (!alert_read(&req->arena, req->workspace->state, a->earlier, &before, err))
        return false;
    struct explained_earlier earlier = {.link =
                                            request_url(req, "alerts/%lld", (long long)before.id),
                                        .observed = alert_number(req, before.kind, before.observed),
                                        .start_ms = before.start_ms,
                                        .end_ms = before.end_ms,
                                        .likeness = a->likeness};
    return explained_earlier_fill(req, &earlier, out, err);
}

static bool fill_tellings(struct request *req, const struct alert *a, struct tpl_alert *c,
                          struct err *err)
{
    struct alert_told *list;
    size_t count;

    if (!alert_tellings(&req->arena, req->workspace->state, a->id, &list, &count, err))
        return false;
    struct tpl_alert_told *rows = arena_new(&req->arena, struct tpl_alert_told, count + 1);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct tpl_alert_told){.number = list[i].number,
                                          .at = list[i].told_ms,
                                          .severity = list[i].severity,
                                          .observed = alert_number(req, a->kind, list[i].observed)};
    c->tellings.items = rows;
    c->tellings.count = count;
    return true;
}

static bool fill_around(struct request *req, const struct alert *a, const struct alert_rule *rule,
                        struct tpl_alert *c, struct err *err)
{
    int64_t side =
        rule->settings.is_daily ? AROUND_DAYS * TIME_DAY_MS : AROUND_HOURS * TIME_HOUR_MS;
    struct alert_backtest_request test = {.rule = rule, .now_ms = req->now_ms};
    struct alert_backtest *b = arena_new(&req->arena, struct alert_backtest, 1);
    struct archive *archive = NULL;

    bool ok = archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err) &&
              alert_backtest_run(req->workspace->state, archive, &req->arena, &test, b, err);
    archive_close(&archive);
    if (!ok)
        return false;
    struct alert_chart what = {.rule = rule,
                               .test = b,
                               .from_ms = a->start_ms - side,
                               .to_ms = a->end_ms + side,
                               .shade_from_ms = a->start_ms,
                               .shade_to_ms = a->end_ms};
    return alert_chart_make(req, &what, &c->around, err);
}

static Str forecast_text(struct request *req, const struct alert *a)
{
    if (isnan(a->ahead))
        return STR_NONE;
    Str from = alert_number(req, a->kind, a->ahead_low);
    Str to = alert_number(req, a->kind, a->ahead_high);
    Str ahead = alert_number(req, a->kind, a->ahead);
    return arena_printf(&req->arena, STR_F " " STR_F " (" STR_F "–" STR_F ").",
                        STR_A(request_tr(req, TR("Foreseen for a period ahead:"))), STR_A(ahead),
                        STR_A(from), STR_A(to));
}

static bool is_count_kind(enum alert_kind kind)
{
    return kind != ALERT_SHARE && kind != ALERT_CROSSING;
}

static void fill_head(struct request *req, const struct alert *a, struct tpl_alert *c)
{
    bool is_fall = a->observed < a->expected;

    *c = (struct tpl_alert){
        .is_open = a->state == ALERT_OPEN,
        .is_over = a->is_over,
        .is_source = a->cause == ALERT_OF_SOURCE,
        .is_daily = a->is_daily,
        .may_acknowledge = alert_may_acknowledge(req),
        .rule = a->rule_title,
        .rule_link = rule_address(req, a->rule_name, ""),
        .kind = request_tr(req, alert_kind_words[a->kind]),
        .start = a->start_ms,
        .end = a->end_ms,
        .told_at = a->told_ms,
        .severity = a->severity,
        .observed = alert_number(req, a->kind, a->observed),
        .expected = alert_number(req, a->kind, a->expected),
        .mark = alert_number(req, a->kind, is_fall ? a->low : a->high),
        .significance = a->significance,
        .size = a->size,
        .is_count = is_count_kind(a->kind),
        .ahead = forecast_text(req, a),
        .was_seen = a->acknowledged_at_ms != 0,
        .seen_by = a->acknowledged_by,
        .seen_at = a->acknowledged_at_ms,
        .note = a->note,
        .acknowledge = request_url(req, "alerts/%lld/acknowledge", (long long)a->id),
        .csrf = page_csrf(req),
    };
}

static bool read_alert(struct request *req, struct alert *out, struct err *err)
{
    int64_t id;

    if (!str_to_i64(request_capture(req, S("alert")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such alert");
    return alert_read(&req->arena, req->workspace->state, id, out, err);
}

bool page_alert(struct request *req, struct err *err)
{
    struct tpl_alert *c = arena_new(&req->arena, struct tpl_alert, 1);
    struct standing_query query;
    struct alert_rule rule;
    struct alert a;

    if (!read_alert(req, &a, err) ||
        !standing_query_read(&req->arena, req->workspace->state, a.query, &query, err) ||
        !alert_rule_read(&req->arena, req->workspace->state, a.rule, &rule, err))
        return false;
    fill_head(req, &a, c);
    c->query_title = market_query_title(&query);
    c->query_link = request_url(req, "market?query=" STR_F, STR_A(query.name));
    c->all = request_url(req, "search?query=" STR_F "&from=%lld&to=%lld", STR_A(query.name),
                         (long long)a.start_ms, (long long)a.end_ms);
    struct explained_event event = {a.explanation, query.name, a.start_ms, a.end_ms};
    c->what.no_earlier = request_tr(req, TR("It is the first alert of this query."));
    if (!explained_fill(req, &event, &c->what, err) || !fill_parties(req, &a, &c->what, err) ||
        !fill_earlier(req, &a, &c->what, err) || !fill_tellings(req, &a, c, err) ||
        !fill_around(req, &a, &rule, c, err))
        return false;
    struct page_crumb crumbs[] = {{request_tr(req, TR("Alerts")), request_url(req, "alerts")},
                                  {a.rule_title, c->rule_link},
                                  {request_tr(req, TR("Alert")), STR_NONE}};
    struct page_head head = {
        .current = "alerts", .title = TR("Alert"), .crumbs = crumbs, .crumb_count = 3};
    PAGE(req, &head, alert, c);
    return true;
}

bool page_alert_acknowledge_send(struct request *req, struct err *err)
{
    struct alert a;

    if (!alert_may_acknowledge(req))
        return err_set(err, ERR_DENIED, "your role may not acknowledge alerts");
    return read_alert(req, &a, err) &&
           alert_acknowledge(req->workspace->state, a.id, request_form(req, S("note")),
                             request_actor(req), req->now_ms, err) &&
           request_redirect_notice(req, request_url(req, "alerts/%lld", (long long)a.id),
                                   request_tr(req, TR("Acknowledged.")));
}
