/* page_alert_rule.c - the form of an alert rule: tried on stored data, then saved and armed. */
#include <math.h>

#include "base/limits.h"
#include "format/time.h"
#include "listen/alert/alert_store.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/view/alert_view.h"

enum { FOUND_SHOWN = 20, CHART_HOURS = 45 * 24, CHART_DAYS = 400 };

/* What stands in the fields. */
struct typed {
    Str name, title, query, kind, period, sensitivity, direction;
    Str floor, k, window, span, threshold, persistence, cool_down, severity;
    Str parties, incidents, reason;
    bool has_past; /* of a new rule: tells what is stored already as well */
};

struct form {
    struct alert_names names;
    struct alert_rule stored; /* id 0: a new one */
    struct typed typed;
    bool was_tried;
    struct alert_rule rule; /* of the typed, once it is read */
    struct alert_backtest test;
    struct alert_backtest_request request;
};

/* ---- fields ---------------------------------------------------------------------------------- */

static Str count_text(struct request *req, uint32_t n)
{
    return n == 0 ? STR_NONE : arena_printf(&req->arena, "%u", n);
}

static Str number_text(struct request *req, double x)
{
    bool is_said = x < 0 || x > 0;

    return is_said ? arena_printf(&req->arena, "%.6g", x) : STR_NONE;
}

static struct typed typed_of(struct request *req, const struct form *f)
{
    const struct alert_settings *s = &f->stored.settings;
    struct typed t = {.name = f->stored.name,
                      .title = f->stored.title,
                      .query = alert_query_name(&f->names, f->stored.query),
                      .kind = str_from_cstr(alert_kind_name(s->kind)),
                      .period = s->is_daily ? S("day") : S("hour"),
                      .sensitivity = str_from_cstr(alert_sensitivity_name(s->sensitivity)),
                      .direction = str_from_cstr(alert_direction_name(s->direction)),
                      .floor = number_text(req, s->floor),
                      .k = number_text(req, s->k),
                      .window = count_text(req, s->window),
                      .span = count_text(req, s->span),
                      .threshold = number_text(req, s->threshold),
                      .persistence = count_text(req, s->persistence),
                      .cool_down = count_text(req, s->cool_down),
                      .severity = count_text(req, (uint32_t)s->severity_least)};

    for (size_t i = 0; i < f->stored.party_count; i++)
        t.parties = arena_printf(&req->arena, STR_F "%s" STR_F, STR_A(t.parties), i > 0 ? ", " : "",
                                 STR_A(alert_query_name(&f->names, f->stored.parties[i])));
    return t;
}

static struct typed typed_new(struct request *req)
{
    Str kind = request_query(req, S("kind")), query = request_query(req, S("query"));

    return (struct typed){.name = query,
                          .query = query,
                          .has_past = str_eq(request_query(req, S("past")), S("1")),
                          .kind = kind.len > 0 ? kind : S("poisson"),
                          .period = S("auto"),
                          .sensitivity = S("medium"),
                          .direction = S("fall")};
}

static struct typed typed_form(struct request *req)
{
    return (struct typed){.name = request_form(req, S("name")),
                          .title = request_form(req, S("title")),
                          .query = request_form(req, S("query")),
                          .kind = request_form(req, S("kind")),
                          .period = request_form(req, S("period")),
                          .sensitivity = request_form(req, S("sensitivity")),
                          .direction = request_form(req, S("direction")),
                          .floor = request_form(req, S("floor")),
                          .k = request_form(req, S("k")),
                          .window = request_form(req, S("window")),
                          .span = request_form(req, S("span")),
                          .threshold = request_form(req, S("threshold")),
                          .persistence = request_form(req, S("persistence")),
                          .cool_down = request_form(req, S("cool_down")),
                          .severity = request_form(req, S("severity")),
                          .parties = request_form(req, S("parties")),
                          .incidents = request_form(req, S("incidents")),
                          .reason = request_form(req, S("reason")),
                          .has_past = request_form(req, S("past")).len > 0};
}

/* ---- from fields to a rule ------------------------------------------------------------------- */

static bool no_number(const char *field, struct err *err)
{
    err_set(err, ERR_INPUT, "%s: is not a number", field);
    return err_hint(err, "Give digits, or nothing for the default.");
}

static bool need_number(Str text, const char *field, double *out, struct err *err)
{
    *out = 0;
    return text.len == 0 || str_to_f64(text, out) || no_number(field, err);
}

static bool need_count(Str text, const char *field, uint32_t *out, struct err *err)
{
    int64_t n = 0;

    *out = 0;
    if (text.len > 0 && (!str_to_i64(text, &n) || n < 0 || n > INT32_MAX))
        return no_number(field, err);
    *out = (uint32_t)n;
    return true;
}

static bool read_parties(struct request *req, const struct form *f, struct alert_rule *rule,
                         struct err *err)
{
    Str rest = f->typed.parties, name;

    rule->party_count = 0;
    rule->parties = arena_new(&req->arena, int64_t, SHARE_PARTIES_MAX + 1);
    while (rest.len > 0) {
        str_cut(rest, ',', &name, &rest);
        name = str_trim(name);
        if (name.len == 0)
            continue;
        if (rule->party_count >= SHARE_PARTIES_MAX)
            return err_set(err, ERR_INPUT, "parties: are more than %d", SHARE_PARTIES_MAX);
        if (!alert_query_find(&f->names, "parties", name, &rule->parties[rule->party_count++], err))
            return false;
    }
    return true;
}

static bool read_numbers(const struct typed *t, struct alert_settings *s, struct err *err)
{
    uint32_t severity;

    if (!need_number(t->floor, "floor", &s->floor, err) || !need_number(t->k, "k", &s->k, err) ||
        !need_count(t->window, "window", &s->window, err) ||
        !need_count(t->span, "span", &s->span, err) ||
        !need_number(t->threshold, "threshold", &s->threshold, err) ||
        !need_count(t->persistence, "persistence", &s->persistence, err) ||
        !need_count(t->cool_down, "cool_down", &s->cool_down, err) ||
        !need_count(t->severity, "severity", &severity, err))
        return false;
    s->severity_least = severity > 10 ? 11 : (int)severity;
    return true;
}

static bool read_rule(struct request *req, struct form *f, enum alert_period *period,
                      struct err *err)
{
    const struct typed *t = &f->typed;
    struct alert_rule *rule = &f->rule;

    *rule = f->stored;
    rule->title = t->title;
    rule->is_on = f->stored.id == 0 || f->stored.is_on;
    if (f->stored.id == 0)
        rule->name = t->name;
    rule->settings = (struct alert_settings){0};
    if (!alert_kind_from(t->kind, &rule->settings.kind))
        return err_set(err, ERR_INPUT, "kind: is not one of those offered");
    if (!alert_sensitivity_from(t->sensitivity, &rule->settings.sensitivity))
        return err_set(err, ERR_INPUT, "sensitivity: is not one of those offered");
    /* Of other kinds the field means nothing. */
    if ((rule->settings.kind == ALERT_SHARE || rule->settings.kind == ALERT_CROSSING) &&
        !alert_direction_from(t->direction, &rule->settings.direction))
        return err_set(err, ERR_INPUT, "direction: is not one of those offered");
    if (!alert_period_from(t->period, period))
        return err_set(err, ERR_INPUT, "period: is not one of those offered");
    return alert_query_find(&f->names, "query", t->query, &rule->query, err) &&
           read_numbers(t, &rule->settings, err) && read_parties(req, f, rule, err);
}

/* ---- trying ---------------------------------------------------------------------------------- */

static bool read_incidents(struct request *req, struct form *f, struct err *err)
{
    struct backtest_incident *incidents;

    if (f->typed.incidents.len == 0)
        return true;
    Str text = arena_printf(&req->arena, "start,end,name\n" STR_F "\n", STR_A(f->typed.incidents));
    if (!backtest_incidents_read(&req->arena, S("incidents"), text, &incidents,
                                 &f->request.incident_count, err))
        return false;
    f->request.incidents = incidents;
    return true;
}

static bool try_rule(struct request *req, struct form *f, struct err *err)
{
    enum alert_period period;
    struct archive *archive = NULL;

    if (!read_rule(req, f, &period, err) ||
        !alert_rule_complete(req->workspace->state, &f->rule, period, err) ||
        !read_incidents(req, f, err))
        return false;
    f->request.rule = &f->rule;
    f->request.now_ms = req->now_ms;
    f->was_tried =
        archive_open(&archive, req->workspace->posts_dir, ARCHIVE_READ, err) &&
        alert_backtest_run(req->workspace->state, archive, &req->arena, &f->request, &f->test, err);
    archive_close(&archive);
    return f->was_tried;
}

static Str incident_name(const struct form *f, int64_t index)
{
    if (index < 0)
        return STR_NONE;
    Str name = f->request.incidents[index].name;
    return name.len > 0 ? name : S("*");
}

static void fill_found(struct request *req, const struct form *f, struct tpl_alert_rule *c)
{
    const struct backtest *b = &f->test.judged;
    size_t count = b->alert_count < FOUND_SHOWN ? b->alert_count : FOUND_SHOWN;
    struct tpl_alert_rule_found *rows =
        arena_new(&req->arena, struct tpl_alert_rule_found, count + 1);

    for (size_t i = 0; i < count; i++) {
        size_t at = b->alert_count - 1 - i;
        const struct alert_event *e = &f->test.events[at];
        rows[i] = (struct tpl_alert_rule_found){
            .at = e->start_ms,
            .is_daily = f->rule.settings.is_daily,
            .told = b->alerts[at].told_ms,
            .severity = e->severity,
            .observed = alert_number(req, f->rule.settings.kind, e->observed),
            .expected = alert_number(req, f->rule.settings.kind, e->expected),
            .is_source = e->cause == ALERT_OF_SOURCE,
            .incident = incident_name(f, b->alerts[at].incident),
        };
    }
    c->found.items = rows;
    c->found.count = count;
    c->found_count = (int64_t)b->alert_count;
    c->has_more = b->alert_count > count;
}

static bool fill_test(struct request *req, const struct form *f, struct tpl_alert_rule *c,
                      struct err *err)
{
    const struct backtest *b = &f->test.judged;
    int64_t shown =
        f->rule.settings.is_daily ? CHART_DAYS * TIME_DAY_MS : CHART_HOURS * TIME_HOUR_MS;

    c->was_tried = true;
    c->is_measured = b->point_count > 0;
    if (!c->is_measured)
        return true;
    fill_found(req, f, c);
    c->a_week = b->alerts_a_week;
    c->a_week_low = b->alerts_a_week_low;
    c->a_week_high = b->alerts_a_week_high;
    c->from = b->from_ms;
    c->to = b->to_ms;
    c->has_incidents = f->request.incident_count > 0;
    c->incidents_found = (int64_t)b->incidents_found;
    c->incidents_inside = (int64_t)b->incidents_inside;
    c->precision = b->precision;
    c->delay_minutes = b->median_delay_ms / TIME_MINUTE_MS;
    struct alert_chart what = {
        .rule = &f->rule, .test = &f->test, .from_ms = b->to_ms - shown, .to_ms = b->to_ms};
    return alert_chart_make(req, &what, &c->series, err);
}

/* ---- showing --------------------------------------------------------------------------------- */

struct choices {
    struct tpl_alert_rule_choice *items;
    size_t count;
};

static struct choices choices_begin(struct request *req, size_t count)
{
    return (struct choices){arena_new(&req->arena, struct tpl_alert_rule_choice, count + 1), 0};
}

static void choice_add(struct choices *c, Str value, Str label, Str chosen)
{
    c->items[c->count++] = (struct tpl_alert_rule_choice){value, label, str_eq(value, chosen)};
}

static void fill_choices(struct request *req, const struct form *f, struct tpl_alert_rule *c)
{
    static const char *const periods[] = {"auto", "hour", "day"};
    static const char *const words[] = {TR("as busy as the query is"), TR("by hour"), TR("by day")};
    struct choices queries = choices_begin(req, f->names.count), kinds, spans, sensitivities, ways;

    for (size_t i = 0; i < f->names.count; i++)
        choice_add(&queries, f->names.queries[i].name, f->names.queries[i].title, f->typed.query);
    kinds = choices_begin(req, ALERT_KIND_COUNT);
    choice_add(&kinds, S("poisson"), request_tr(req, alert_kind_words[ALERT_POISSON]),
               f->typed.kind);
    for (int i = 0; i < ALERT_KIND_COUNT; i++)
        if (i != ALERT_POISSON)
            choice_add(&kinds, str_from_cstr(alert_kind_name((enum alert_kind)i)),
                       request_tr(req, alert_kind_words[i]), f->typed.kind);
    spans = choices_begin(req, COUNT_OF(periods));
    for (size_t i = 0; i < COUNT_OF(periods); i++)
        choice_add(&spans, str_from_cstr(periods[i]), request_tr(req, words[i]), f->typed.period);
    sensitivities = choices_begin(req, ALERT_SENSITIVITY_COUNT);
    for (int i = 0; i < ALERT_SENSITIVITY_COUNT; i++)
        choice_add(&sensitivities, str_from_cstr(alert_sensitivity_name((enum alert_sensitivity)i)),
                   request_tr(req, alert_sensitivity_words[i]), f->typed.sensitivity);
    ways = choices_begin(req, ALERT_DIRECTION_COUNT);
    for (int i = 0; i < ALERT_DIRECTION_COUNT; i++)
        choice_add(&ways, str_from_cstr(alert_direction_name((enum alert_direction)i)),
                   request_tr(req, alert_direction_words[i]), f->typed.direction);
    c->queries.items = queries.items;
    c->queries.count = queries.count;
    c->kinds.items = kinds.items;
    c->kinds.count = kinds.count;
    c->periods.items = spans.items;
    c->periods.count = spans.count;
    c->sensitivities.items = sensitivities.items;
    c->sensitivities.count = sensitivities.count;
    c->directions.items = ways.items;
    c->directions.count = ways.count;
}

static void fill_typed(const struct typed *t, struct tpl_alert_rule *c)
{
    c->name = t->name;
    c->title = t->title;
    c->floor = t->floor;
    c->k = t->k;
    c->window = t->window;
    c->span = t->span;
    c->threshold = t->threshold;
    c->persistence = t->persistence;
    c->cool_down = t->cool_down;
    c->severity = t->severity;
    c->parties = t->parties;
    c->incidents = t->incidents;
    c->reason = t->reason;
    c->has_past = t->has_past;
}

/* The field that an error names in front; the file of a list of incidents goes with its line. */
static Str field_of(const struct err *problem)
{
    Str field, rest;

    return problem && str_cut(str_from_cstr(problem->msg), ':', &field, &rest) ? field : STR_NONE;
}

static bool show(struct request *req, const struct form *f, const struct err *problem,
                 struct err *err)
{
    struct tpl_alert_rule *c = arena_new(&req->arena, struct tpl_alert_rule, 1);
    bool is_new = f->stored.id == 0;
    Str address = is_new ? request_url(req, "alerts/rules/new")
                         : request_url(req, "alerts/rules/" STR_F, STR_A(f->stored.name));

    *c = (struct tpl_alert_rule){.is_new = is_new,
                                 .is_on = f->stored.is_on,
                                 .may_edit = request_may(req, MAY_EDIT_QUERIES),
                                 .version = f->stored.version,
                                 .action = address,
                                 .back = request_url(req, "alerts"),
                                 .alerts = request_url(req, "alerts?state=all"),
                                 .csrf = page_csrf(req)};
    if (!is_new) {
        c->toggle = request_url(req, "alerts/rules/" STR_F "/switch", STR_A(f->stored.name));
        c->about = request_tr(req, alert_kind_words[f->stored.settings.kind]);
    }
    fill_typed(&f->typed, c);
    if (!is_new && c->title.len == 0)
        c->title = f->stored.title;
    fill_choices(req, f, c);
    if (problem) {
        c->problem = error_sentence(req, problem);
        c->hint = error_hint(req, problem);
        c->bad = arena_str(&req->arena, field_of(problem));
    }
    if (f->was_tried && !fill_test(req, f, c, err))
        return false;
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Alerts")), request_url(req, "alerts")},
        {is_new ? request_tr(req, TR("New alert rule")) : f->stored.title, STR_NONE}};
    struct page_head head = {
        .current = "alerts", .title_text = crumbs[1].label, .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, alert_rule, c);
    return true;
}

static bool form_begin(struct request *req, struct form **out, struct err *err)
{
    Str name = request_capture(req, S("rule"));
    struct form *f = arena_new(&req->arena, struct form, 1);

    *out = f;
    return alert_names_load(&req->arena, req->workspace->state, &f->names, err) &&
           (str_eq(name, S("new")) ||
            alert_rule_find(&req->arena, req->workspace->state, name, &f->stored, err));
}

bool page_alert_rule(struct request *req, struct err *err)
{
    struct form *f;

    if (!form_begin(req, &f, err))
        return false;
    f->typed = f->stored.id == 0 ? typed_new(req) : typed_of(req, f);
    if (f->typed.query.len == 0 && f->names.count > 0)
        f->typed.query = f->names.queries[0].name;
    return show(req, f, NULL, err);
}

/* ---- saving ---------------------------------------------------------------------------------- */

static bool save(struct request *req, struct form *f, Str *name, struct err *err)
{
    struct db *db = req->workspace->state;
    enum alert_period period;
    int64_t horizon_ms, version;

    if (!request_may(req, MAY_EDIT_QUERIES))
        return err_set(err, ERR_DENIED, "your role may not change alert rules");
    if (!read_rule(req, f, &period, err) ||
        !alert_horizon_end(req->workspace->state, req->workspace->posts_dir, req->now_ms,
                           &horizon_ms, err))
        return false;
    if (f->stored.id == 0) {
        *name = f->rule.name;
        return alert_rule_create(db, &f->rule, period, f->typed.has_past ? 0 : horizon_ms,
                                 request_actor(req), req->now_ms, err);
    }
    *name = f->stored.name;
    if (!str_to_i64(request_form(req, S("version")), &version) || version < 1)
        return err_set(err, ERR_INPUT, "the form lacks its version");
    f->rule.version = (int)version;
    return alert_rule_change(db, &f->rule, period, horizon_ms, request_actor(req), f->typed.reason,
                             req->now_ms, err);
}

static bool answer_saved(struct request *req, const struct form *f, Str name, struct err *err)
{
    struct alert_found found;
    bool is_done = false;

    if (f->stored.id != 0 || !f->typed.has_past)
        return request_redirect_notice(
            req, request_url(req, "alerts/rules/" STR_F, STR_A(name)),
            request_tr(req, TR("Saved. The rule tells what comes from now on.")));
    return alerts_find_stored(req->workspace->state, req->workspace->posts_dir, req->now_ms, &found,
                              &is_done, err) &&
           request_redirect_notice(
               req, request_url(req, "alerts"),
               request_tr(req, is_done ? TR("Saved. What it found in stored posts stands below.")
                                       : TR("Saved. Posts are being written: what it finds in "
                                            "stored posts comes with them.")));
}

static bool is_of_person(enum err_code code)
{
    return code == ERR_INPUT || code == ERR_EXISTS || code == ERR_CONFLICT || code == ERR_LIMIT;
}

/* A test changes nothing: whoever may look may try. */
bool page_alert_rule_send(struct request *req, struct err *err)
{
    struct form *f;
    struct err problem = {0};
    Str name = STR_NONE;

    if (!form_begin(req, &f, err))
        return false;
    f->typed = typed_form(req);
    bool is_save = str_eq(request_form(req, S("do")), S("save"));
    bool ok = is_save ? save(req, f, &name, &problem) : try_rule(req, f, &problem);
    if (ok && is_save)
        return answer_saved(req, f, name, err);
    if (!ok && !is_of_person(problem.code)) {
        *err = problem;
        return false;
    }
    if (!ok)
        req->status = status_of(problem.code);
    return show(req, f, ok ? NULL : &problem, err);
}

bool page_alert_rule_switch_send(struct request *req, struct err *err)
{
    struct form *f;
    int64_t horizon_ms;

    if (!form_begin(req, &f, err))
        return false;
    bool is_on = !f->stored.is_on;
    return alert_horizon_end(req->workspace->state, req->workspace->posts_dir, req->now_ms,
                             &horizon_ms, err) &&
           alert_rule_switch(req->workspace->state, f->stored.id, is_on, horizon_ms,
                             request_actor(req), STR_NONE, req->now_ms, err) &&
           request_redirect_notice(
               req, request_url(req, "alerts"),
               request_tr(req, is_on ? TR("The rule is on; it tells what comes from now on.")
                                     : TR("The rule is off.")));
}
