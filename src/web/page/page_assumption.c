/* page_assumption.c - one assumption: the rule day by day, what depends on it, what if it fails. */
#include <math.h>
#include <microhttpd.h>

#include "base/version.h"
#include "web/page/pages.h"
#include "web/view/steering_view.h"

enum { LINE_DAYS = 180, EVENTS_MAX = 40, FACTS_MAX = 10 };

struct assumption_page {
    struct request *req;
    struct strategy_view view;
    struct watched watched;
    Str problem;
};

static const struct assumption *of(const struct assumption_page *p)
{
    return p->watched.assumption;
}

/* ---- the line ---- */

/* Bands over runs of days for which `is_in` holds. */
static void put_bands(struct json_writer *json, const struct watched *w, bool is_broken, Str label)
{
    for (size_t i = 0; i < w->count;) {
        size_t from = i;
        while (i < w->count && (is_broken ? w->readings[i].state == ASSUMPTION_BROKEN
                                          : isnan(w->readings[i].value)))
            i++;
        if (i == from) {
            i++;
            continue;
        }
        json_begin_object(json);
        json_set_i64(json, "from", w->readings[from].at_ms - ASSUMPTION_STEP_MS);
        json_set_i64(json, "to", w->readings[i - 1].at_ms);
        json_set_str(json, "label", label);
        json_set_str(json, "color", is_broken ? S("red") : S("amber"));
        json_end_object(json);
    }
}

/* The axis has to show the threshold, wherever the values lie. */
static void put_range(struct json_writer *json, const struct watched *w)
{
    double least = w->assumption->rule.threshold, most = least;

    for (size_t i = 0; i < w->count; i++)
        if (isfinite(w->readings[i].value)) {
            least = fmin(least, w->readings[i].value);
            most = fmax(most, w->readings[i].value);
        }
    double room = most > least ? (most - least) * 0.08 : 1;
    json_set_f64(json, "least", least >= 0 && least - room < 0 ? 0 : least - room);
    json_set_f64(json, "most", most + room);
}

/* Days before the first measured one say nothing. */
static void drop_silent_start(struct watched *w)
{
    while (w->count > 0 && isnan(w->readings[0].value)) {
        w->readings++;
        w->count--;
    }
}

static Str unit_of(const struct assumption *a)
{
    if (a->rule.aggregate == AGGREGATE_GROWTH || str_eq(a->rule.metric, S("replies_share")))
        return S("share");
    return str_eq(a->rule.metric, S("net_sentiment")) ? S("net") : S("posts");
}

static void put_line(struct chart *chart, const struct assumption_page *p)
{
    const struct watched *w = &p->watched;
    struct json_writer *json = &chart->json;

    json_set_array(json, "series");
    json_begin_object(json);
    json_set_str(json, "name", steering_measure(p->req, w->assumption));
    json_set_str(json, "type", S("line"));
    json_set_str(json, "unit", unit_of(w->assumption));
    json_set_str(json, "color", S("c1"));
    json_set_array(json, "points");
    for (size_t i = 0; i < w->count; i++)
        chart_point(chart, (double)(w->readings[i].at_ms - ASSUMPTION_STEP_MS),
                    w->readings[i].value);
    json_end_array(json);
    json_end_object(json);
    json_end_array(json);
    json_set_array(json, "lines");
    json_begin_object(json);
    json_set_f64(json, "value", w->assumption->rule.threshold);
    json_set_str(json, "label",
                 steering_value(p->req, w->assumption, w->assumption->rule.threshold));
    json_end_object(json);
    json_end_array(json);
}

static Str day_text(struct request *req, int64_t at_ms)
{
    struct html h;

    html_init(&h, 128);
    render_time_words(&h, &req->env, at_ms, RENDER_DATE);
    Str out = arena_str(&req->arena, html_str(&h));
    html_deinit(&h);
    return out;
}

static void put_table(struct chart *chart, const struct assumption_page *p)
{
    const struct watched *w = &p->watched;

    for (size_t i = w->count; i-- > 0;) {
        const struct rule_reading *r = &w->readings[i];
        chart_row(chart, day_text(p->req, r->at_ms - ASSUMPTION_STEP_MS),
                  steering_posts(p->req, w->assumption, r->at_ms));
        chart_cell(chart, steering_value(p->req, w->assumption, r->value), true, STR_NONE);
        chart_cell(
            chart,
            strategy_word(&p->view, "assumption_state", &words_assumption_state, (int)r->state),
            false, STR_NONE);
        chart_cell_number(chart, (double)r->sample, 0, 0);
        chart_cell_number(chart, r->coverage, 0, RENDER_PERCENT);
    }
}

static bool line_chart(struct assumption_page *p, struct tpl_chart *out, struct err *err)
{
    struct request *req = p->req;
    struct chart chart;

    chart_begin(&chart, req, "time", request_tr(req, TR("The rule, day by day")),
                request_tr(req, TR("Day")));
    chart_column(&chart, steering_measure(req, of(p)), true);
    chart_column(&chart, request_tr(req, TR("State")), false);
    chart_column(&chart, request_tr(req, TR("Posts")), true);
    chart_column(&chart, request_tr(req, TR("Coverage")), true);
    put_line(&chart, p);
    put_range(&chart.json, &p->watched);
    json_set_array(&chart.json, "shade");
    put_bands(&chart.json, &p->watched, true, request_tr(req, TR("broken")));
    put_bands(&chart.json, &p->watched, false, request_tr(req, TR("no data")));
    json_end_array(&chart.json);
    json_set_i64(&chart.json, "step", ASSUMPTION_STEP_MS);
    if (of(p)->query.len > 0)
        json_set_str(
            &chart.json, "open",
            request_url(req, "search?query=" STR_F "&from={from}&to={to}", STR_A(of(p)->query)));
    put_table(&chart, p);
    chart_note(&chart, p->watched.rule);
    bool ok = steering_breaks(&chart, &p->watched, err);
    *out = *chart_end(&chart);
    return ok;
}

/* ---- facts ---- */

static Str whole(struct request *req, int64_t number)
{
    return render_double_str(&req->arena, req->env.language, (double)number, 0, 0);
}

static Str share(struct request *req, double value)
{
    return render_double_str(&req->arena, req->env.language, value, 0, RENDER_PERCENT);
}

static void fill_facts(struct assumption_page *p, struct tpl_assumption *c)
{
    struct request *req = p->req;
    const struct assumption *a = of(p);
    struct tpl_assumption_fact *f = arena_new(&req->arena, struct tpl_assumption_fact, FACTS_MAX);
    Str certainty =
        method_word(p->view.method, S("certainty"),
                    arena_printf(&req->arena, "%lld", (long long)a->certainty), p->view.language);
    size_t n = 0;

    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Query")), a->query};
    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Measure")), steering_measure(req, a)};
    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("At risk within")),
                                          steering_value(req, a, a->rule.margin)};
    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Posts needed")),
                                          whole(req, a->rule.minimum_sample)};
    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Coverage needed")),
                                          share(req, a->rule.minimum_coverage)};
    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Looked at every hours")),
                                          whole(req, a->cadence_hours)};
    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Certainty")), certainty};
    f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Probability")),
                                          share(req, a->probability)};
    if (a->test_cost > 0)
        f[n++] = (struct tpl_assumption_fact){request_tr(req, TR("Cost of finding out")),
                                              strategy_money(req, &p->view, a->test_cost)};
    c->facts.items = f;
    c->facts.count = n;
}

/* ---- dependants ---- */

static Str component_name(const struct assumption_page *p, Str word)
{
    return method_word(p->view.method, S("component"), word, p->view.language);
}

static void fill_dependants(struct assumption_page *p, struct tpl_assumption *c)
{
    const struct dependants *d = &p->watched.dependants;
    struct tpl_assumption_dependant *options =
        arena_new(&p->req->arena, struct tpl_assumption_dependant, d->options.count + 1);
    struct tpl_assumption_goal *goals =
        arena_new(&p->req->arena, struct tpl_assumption_goal, d->goals.count + 1);
    double stake = 0;

    for (size_t i = 0; i < d->options.count; i++) {
        const struct dependant *o = &d->options.items[i];
        stake += o->at_stake;
        options[i] = (struct tpl_assumption_dependant){
            o->label, request_url(p->req, "edit/option/" STR_F, STR_A(o->id)),
            component_name(p, o->component), strategy_money(p->req, &p->view, o->per_year),
            strategy_money(p->req, &p->view, o->at_stake)};
    }
    for (size_t i = 0; i < d->goals.count; i++)
        goals[i] = (struct tpl_assumption_goal){
            d->goals.items[i].label,
            request_url(p->req, "edit/goal/" STR_F, STR_A(d->goals.items[i].id))};
    for (size_t i = 0; i < d->components.count; i++) {
        Str name = component_name(p, d->components.items[i]);
        c->components = i == 0 ? name
                               : arena_printf(&p->req->arena, STR_F ", " STR_F,
                                              STR_A(c->components), STR_A(name));
    }
    c->dependants.items = options;
    c->dependants.count = d->options.count;
    c->goals.items = goals;
    c->goals.count = d->goals.count;
    c->share = share(p->req, d->benefit_share);
    c->stake = strategy_money(p->req, &p->view, stake);
    c->response = p->view.method->steering.response[d->response].in[p->view.language];
}

/* ---- events, stress ---- */

static bool fill_events(struct assumption_page *p, struct tpl_assumption *c, struct err *err)
{
    const struct assumption_event *list;
    size_t count;

    if (!assumption_events(p->req->workspace->state, &p->req->arena, of(p)->id, EVENTS_MAX, &list,
                           &count, err))
        return false;
    struct tpl_assumption_event *items =
        arena_new(&p->req->arena, struct tpl_assumption_event, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct tpl_assumption_event){
            .at = list[i].at_ms,
            .noticed = list[i].noticed_ms,
            .from = strategy_word(&p->view, "assumption_state", &words_assumption_state,
                                  (int)list[i].from),
            .to = strategy_word(&p->view, "assumption_state", &words_assumption_state,
                                (int)list[i].to),
            .to_word = word_of(&words_assumption_state, (int)list[i].to),
            .value = steering_value(p->req, of(p), list[i].value),
            .sample = list[i].sample,
            .coverage = list[i].coverage,
            .posts = steering_posts(p->req, of(p), list[i].at_ms),
        };
        if (list[i].evidence > 0)
            items[i].evidence = request_url(p->req, "evidence/%lld", (long long)list[i].evidence);
    }
    c->events.items = items;
    c->events.count = count;
    return true;
}

static bool fill_stress(struct assumption_page *p, struct tpl_assumption *c, struct err *err)
{
    struct stress stress;

    if (!steering_stress(p->req, &p->view, of(p)->id, &stress, err))
        return false;
    c->has_stress = isfinite(stress.p50_failed) && isfinite(stress.p50);
    if (!c->has_stress)
        return true;
    c->p50 = strategy_money(p->req, &p->view, stress.p50);
    c->p50_failed = strategy_money(p->req, &p->view, stress.p50_failed);
    c->loss = stress.loss;
    c->loss_failed = stress.loss_failed;
    c->difference = strategy_money(p->req, &p->view, stress.p50_failed - stress.p50);
    c->trials = stress.trials;
    c->simulated = stress.at_ms;
    return true;
}

/* ---- the page ---- */

static bool fill_state(struct assumption_page *p, struct tpl_assumption *c, struct err *err)
{
    const struct assumption *a = of(p);
    const struct rule_reading *last = p->watched.last;

    c->statement = a->statement;
    c->rule = p->watched.rule;
    c->answer = a->answer;
    c->has_rule = a->has_rule;
    c->state = strategy_word(&p->view, "assumption_state", &words_assumption_state, (int)a->state);
    c->state_word = word_of(&words_assumption_state, (int)a->state);
    c->is_armed = a->armed_at_ms > 0;
    c->since = a->since_ms;
    c->threshold = a->has_rule ? steering_value(p->req, a, a->rule.threshold) : S("–");
    if (!last)
        return true;
    c->has_value = c->has_chart = true;
    c->value = steering_value(p->req, a, last->value);
    c->at = last->at_ms - 1;
    c->sample = last->sample;
    c->coverage = last->coverage;
    c->posts = steering_posts(p->req, a, last->at_ms);
    drop_silent_start(&p->watched);
    return line_chart(p, &c->line, err);
}

static void fill_actions(struct assumption_page *p, struct tpl_assumption *c)
{
    struct request *req = p->req;
    Str id = of(p)->id;

    c->has_decision = steering_adopted(&p->view) != NULL;
    c->may_steer = request_may(req, MAY_STEER);
    c->may_edit = request_may(req, MAY_EDIT_MODEL);
    c->has_review = p->watched.open_review != 0;
    c->review = request_url(req, "steering#review-%lld", (long long)p->watched.open_review);
    c->edit = request_url(req, "edit/assumption/" STR_F, STR_A(id));
    c->arm = request_url(req, "steering/" STR_F "/arm", STR_A(id));
    c->disarm = request_url(req, "steering/" STR_F "/disarm", STR_A(id));
    c->simulate = request_url(req, "steering/" STR_F "/simulate", STR_A(id));
    c->csrf = page_csrf(req);
    c->problem = p->problem;
    c->typed = request_form(req, S("reason"));
}

static bool read_page(struct request *req, struct assumption_page *p, struct err *err)
{
    Str id = request_capture(req, S("assumption"));

    p->req = req;
    if (!strategy_view_read(req, &p->view, err))
        return false;
    const struct assumption *assumption = model_assumption(&p->view.model, id);
    if (!assumption)
        return err_set(err, ERR_NOT_FOUND, "there is no assumption '" STR_F "'", STR_A(id));
    return steering_watch(req, &p->view, assumption, LINE_DAYS, &p->watched, err);
}

static bool show(struct request *req, struct assumption_page *p, struct err *err)
{
    struct tpl_assumption *c = arena_new(&req->arena, struct tpl_assumption, 1);
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Steering")), request_url(req, "steering")},
        {request_tr(req, TR("Assumption")), STR_NONE},
    };
    struct page_head head = {
        .current = "steering", .title_text = of(p)->statement, .crumbs = crumbs, .crumb_count = 2};

    if (!fill_state(p, c, err))
        return false;
    fill_facts(p, c);
    fill_dependants(p, c);
    fill_actions(p, c);
    if (!fill_events(p, c, err) || !fill_stress(p, c, err))
        return false;
    strategy_steps(req, &p->view, 9, &head);
    PAGE(req, &head, assumption, c);
    return true;
}

bool page_assumption(struct request *req, struct err *err)
{
    struct assumption_page *p = arena_new(&req->arena, struct assumption_page, 1);

    return read_page(req, p, err) && show(req, p, err);
}

/* ---- changes ---- */

/* Arming and disarming take a reason, as the decision does. */
static bool change_watch(struct request *req, bool is_arming, struct err *err)
{
    struct assumption_page *p = arena_new(&req->arena, struct assumption_page, 1);
    struct change change = strategy_change(req, request_form(req, S("reason")));
    struct db *db = req->workspace->state;

    if (!read_page(req, p, err))
        return false;
    if (change.reason.len == 0) {
        req->status = MHD_HTTP_UNPROCESSABLE_CONTENT;
        p->problem = request_tr(req, TR("Give a reason. It goes into the ledger."));
        return show(req, p, err);
    }
    int64_t from_ms = p->watched.last ? p->watched.last->at_ms : req->now_ms;
    if (is_arming ? !assumption_arm(db, &change, of(p)->id, from_ms, err)
                  : !assumption_disarm(db, &change, of(p)->id, err))
        return false;
    return request_redirect_notice(
        req, steering_address(req, of(p)->id),
        request_tr(req, is_arming ? TR("Watched from now on, and recorded in the ledger.")
                                  : TR("No longer watched, and recorded in the ledger.")));
}

bool page_assumption_arm_send(struct request *req, struct err *err)
{
    return change_watch(req, true, err);
}

bool page_assumption_disarm_send(struct request *req, struct err *err)
{
    return change_watch(req, false, err);
}

bool page_assumption_simulate_send(struct request *req, struct err *err)
{
    struct assumption_page *p = arena_new(&req->arena, struct assumption_page, 1);
    struct change change = strategy_change(req, S(PHRASE("what if the assumption fails")));
    struct simulation_order order = {.program_version = S(TRIMTAB_VERSION)};
    struct simulation_result result;

    if (!read_page(req, p, err))
        return false;
    const struct strategy_version *adopted = steering_adopted(&p->view);
    if (!adopted)
        return err_set(err, ERR_CONFLICT, "nothing is decided yet, so there is nothing to stress");
    Str version = adopted->id, failed = of(p)->id;
    order.versions = (StrList){&version, 1};
    order.failed = (StrList){&failed, 1};
    return simulation_run(&req->arena, &p->view.model, &order, &result, err) &&
           simulation_store(req->workspace->state, &change, &order, &result, err) &&
           request_redirect_notice(req, steering_address(req, failed),
                                   request_tr(req, TR("Simulated with the assumption false.")));
}
