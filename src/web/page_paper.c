/* page_paper.c - the decision paper: alternatives side by side, a page each, what is not known. */
#include <math.h>

#include "ledger/ledger.h"
#include "web/pages.h"
#include "web/paper_view.h"
#include "web/steering_view.h"

enum { RISKS_SHOWN = 8, FINDINGS_SHOWN = 8 };

static Str share(struct request *req, double value)
{
    return isfinite(value)
               ? render_double_str(&req->arena, req->env.language, value, 0, RENDER_PERCENT)
               : S("–");
}

static Str number(struct request *req, double value, int decimals)
{
    return render_double_str(&req->arena, req->env.language, value, decimals, 0);
}

static Str money(const struct paper_view *p, double amount)
{
    return steering_money(p->req, &p->view, amount);
}

static Str edit_address(struct request *req, const char *kind, Str id)
{
    return request_url(req, "edit/%s/" STR_F, kind, STR_A(id));
}

static bool is_adopted(const struct paper_view *p, Str version)
{
    return p->decision.id != 0 && str_eq(p->decision.version, version);
}

/* ---- side by side ---- */

static Str row_value(const struct paper_view *p, const struct comparison_row *row, size_t version)
{
    double value = row->values[version];

    if (!isfinite(value))
        return S("–");
    switch (row->unit) {
    case UNIT_MONEY:
        return money(p, value);
    case UNIT_SHARE:
        return share(p->req, value);
    case UNIT_AFFINITY:
        return number(p->req, value, 1);
    case UNIT_COUNT:
    case UNIT_AMOUNT:
        break;
    }
    return number(p->req, value, 0);
}

static bool is_best(const struct comparison_row *row, size_t count, size_t version)
{
    if (row->better == BETTER_NEITHER || !row->is_different || !isfinite(row->values[version]))
        return false;
    for (size_t i = 0; i < count; i++)
        if (row->better == BETTER_MORE ? row->values[i] > row->values[version]
                                       : row->values[i] < row->values[version])
            return false;
    return true;
}

static void fill_rows(struct paper_view *p, struct tpl_paper *c)
{
    const struct comparison *comparison = &p->paper.comparison;
    size_t width = comparison->version_count;
    struct tpl_paper_row *rows =
        arena_new(&p->req->arena, struct tpl_paper_row, comparison->rows.count + 1);

    for (size_t i = 0; i < comparison->rows.count; i++) {
        const struct comparison_row *row = &comparison->rows.items[i];
        struct tpl_paper_value *values =
            arena_new(&p->req->arena, struct tpl_paper_value, width + 1);
        for (size_t v = 0; v < width; v++)
            values[v] = (struct tpl_paper_value){row_value(p, row, v), is_best(row, width, v)};
        rows[i] = (struct tpl_paper_row){.label = row->label,
                                         .better = row->better == BETTER_MORE   ? S("↑")
                                                   : row->better == BETTER_LESS ? S("↓")
                                                                                : STR_NONE,
                                         .is_different = row->is_different};
        rows[i].values.items = values;
        rows[i].values.count = width;
    }
    c->rows.items = rows;
    c->rows.count = comparison->rows.count;
}

static Str focus_name(const struct paper_view *p, Str version)
{
    for (size_t i = 0; i < p->paper.versions.count; i++)
        if (str_eq(p->paper.versions.items[i].version->id, version))
            return p->paper.versions.items[i].focus_name;
    return STR_NONE;
}

static void fill_columns(struct paper_view *p, struct tpl_paper *c)
{
    const struct comparison *comparison = &p->paper.comparison;
    struct tpl_paper_column *items =
        arena_new(&p->req->arena, struct tpl_paper_column, comparison->version_count + 1);
    struct tpl_paper_beats *beats =
        arena_new(&p->req->arena, struct tpl_paper_beats, comparison->beats.count + 1);

    for (size_t i = 0; i < comparison->version_count; i++)
        items[i] = (struct tpl_paper_column){comparison->versions[i]->name,
                                             focus_name(p, comparison->versions[i]->id),
                                             is_adopted(p, comparison->versions[i]->id)};
    for (size_t i = 0; i < comparison->beats.count; i++)
        beats[i] = (struct tpl_paper_beats){
            model_label(&p->model, OBJECT_VERSION, comparison->beats.items[i].a),
            model_label(&p->model, OBJECT_VERSION, comparison->beats.items[i].b),
            comparison->beats.items[i].probability};
    c->columns.items = items;
    c->columns.count = comparison->version_count;
    c->beats_list.items = beats;
    c->beats_list.count = comparison->beats.count;
}

/* ---- the curves ---- */

static void put_curve(struct chart *chart, const struct paper_view *p,
                      const struct simulated_version *v)
{
    json_begin_object(&chart->json);
    json_set_str(&chart->json, "name", model_label(&p->model, OBJECT_VERSION, v->version));
    json_set_array(&chart->json, "points");
    for (size_t i = 0; i < v->curve_count; i++)
        chart_point(chart, v->curve[i], (double)i / (double)(v->curve_count - 1));
    json_end_array(&chart->json);
    json_end_object(&chart->json);
}

static struct tpl_chart curves_chart(struct paper_view *p)
{
    static const char *const dots[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    struct request *req = p->req;
    const struct company *company = model_company(&p->model);
    struct chart chart;

    chart_begin(&chart, req, "scurve", request_tr(req, TR("Net benefit, simulated")),
                request_tr(req, TR("Alternative")));
    chart_column(&chart, S("P10"), true);
    chart_column(&chart, S("P50"), true);
    chart_column(&chart, S("P90"), true);
    chart_column(&chart, request_tr(req, TR("Loss")), true);
    json_set_str(&chart.json, "unit", company ? company->currency : S("EUR"));
    json_set_str(&chart.json, "label", request_tr(req, TR("Net benefit over the horizon")));
    json_set_str(&chart.json, "zero", request_tr(req, TR("nothing gained")));
    json_set_array(&chart.json, "series");
    for (size_t i = 0; i < p->simulation.versions.count; i++) {
        const struct simulated_version *v = &p->simulation.versions.items[i];
        Str name = model_label(&p->model, OBJECT_VERSION, v->version);
        chart_legend(&chart, name, dots[i % COUNT_OF(dots)]);
        put_curve(&chart, p, v);
        chart_row(&chart, name, STR_NONE);
        chart_cell(&chart, money(p, v->p10), true, STR_NONE);
        chart_cell(&chart, money(p, v->p50), true, STR_NONE);
        chart_cell(&chart, money(p, v->p90), true, STR_NONE);
        chart_cell_number(&chart, v->probability_of_loss, 1, RENDER_PERCENT);
    }
    json_end_array(&chart.json);
    chart_note(&chart,
               request_tr(req, TR("Probability that the net benefit stays below a value.")));
    return *chart_end(&chart);
}

/* ---- one version ---- */

static struct tpl_paper_option option_of(struct paper_view *p, const struct paper_option *o)
{
    enum standing rating = o->option->rating;

    return (struct tpl_paper_option){
        .name = o->option->name,
        .link = edit_address(p->req, "option", o->option->id),
        .topic = o->topic_label,
        .rating = strategy_word(&p->view, "standing", &words_standing, (int)rating),
        .rating_word = word_of(&words_standing, (int)rating),
        .durability =
            strategy_word(&p->view, "durability", &words_durability, (int)o->option->durability),
        .benefit = money(p, o->option->benefit.likely),
        .reason = o->reason,
    };
}

static void fill_options(struct paper_view *p, const struct paper_version *v,
                         struct tpl_paper_version *out)
{
    struct tpl_paper_option *chosen =
        arena_new(&p->req->arena, struct tpl_paper_option, v->options.count + 1);
    struct tpl_paper_option *left =
        arena_new(&p->req->arena, struct tpl_paper_option, v->options.count + 1);

    for (size_t i = 0; i < v->options.count; i++)
        if (v->options.items[i].is_chosen)
            chosen[out->chosen.count++] = option_of(p, &v->options.items[i]);
        else
            left[out->left.count++] = option_of(p, &v->options.items[i]);
    out->chosen.items = chosen;
    out->left.items = left;
}

static void fill_assumptions(struct paper_view *p, const struct paper_version *v,
                             struct tpl_paper_version *out)
{
    struct tpl_paper_assumption *items =
        arena_new(&p->req->arena, struct tpl_paper_assumption, v->assumptions.count + 1);

    for (size_t i = 0; i < v->assumptions.count; i++) {
        const struct paper_assumption *a = &v->assumptions.items[i];
        items[i] = (struct tpl_paper_assumption){
            .statement = a->assumption->statement,
            .link = steering_address(p->req, a->assumption->id),
            .rule = steering_rule(p->req, a->assumption),
            .share = share(p->req, a->benefit_share),
            .if_true = money(p, a->mean_if_true),
            .if_false = money(p, a->mean_if_false),
        };
    }
    out->assumptions.items = items;
    out->assumptions.count = v->assumptions.count;
}

static void fill_risks(struct paper_view *p, const struct paper_version *v,
                       struct tpl_paper_version *out)
{
    size_t count = v->evaluation->risks.count;
    struct tpl_paper_risk *items = arena_new(&p->req->arena, struct tpl_paper_risk, count + 1);

    for (size_t i = 0; i < count && i < RISKS_SHOWN; i++) {
        const struct risk_line *r = &v->evaluation->risks.items[i];
        items[out->risks.count++] = (struct tpl_paper_risk){
            .source = strategy_word(&p->view, "risk_source", &words_risk_source, (int)r->source),
            .label = r->label,
            .probability = r->probability,
            .effect = r->effect,
            .stake = money(p, r->at_stake),
            .treatment = r->treatment,
        };
    }
    out->risks.items = items;
}

static void fill_resources(struct paper_view *p, const struct paper_version *v,
                           struct tpl_paper_version *out)
{
    size_t count = v->evaluation->resources.count;
    struct tpl_paper_resource *items =
        arena_new(&p->req->arena, struct tpl_paper_resource, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct resource_line *r = &v->evaluation->resources.items[i];
        items[i] = (struct tpl_paper_resource){
            .name = r->resource,
            .demand = number(p->req, r->demand, 0),
            .limit = r->has_limit ? number(p->req, r->limit, 0) : S("–"),
            .part = r->has_limit && r->limit > 0 ? fmin(1, r->demand / r->limit) : 0,
            .is_over = r->is_over,
        };
    }
    out->resources.items = items;
    out->resources.count = count;
}

static void fill_findings(struct paper_view *p, const struct paper_version *v,
                          struct tpl_paper_version *out)
{
    static const char *const words[] = {
        [CHECK_ERROR] = "error", [CHECK_WARNING] = "warning", [CHECK_NOTE] = "note"};
    struct tpl_paper_finding *items =
        arena_new(&p->req->arena, struct tpl_paper_finding, v->findings.count + 1);

    for (size_t i = 0; i < v->findings.count && i < FINDINGS_SHOWN; i++) {
        const struct check_finding *f = &v->findings.items[i];
        items[out->findings.count++] = (struct tpl_paper_finding){
            f->rule->id, str_from_cstr(words[f->rule->severity]), f->place, f->message};
    }
    out->findings.items = items;
}

static Str rejection_of(const struct paper_view *p, Str version)
{
    for (size_t i = 0; i < p->decision.rejected.count; i++)
        if (str_eq(p->decision.rejected.items[i].version, version))
            return p->decision.rejected.items[i].reason;
    return STR_NONE;
}

static struct tpl_paper_version version_of(struct paper_view *p, const struct paper_version *v)
{
    struct tpl_paper_version out = {
        .id = v->version->id,
        .name = v->version->name,
        .is_adopted = is_adopted(p, v->version->id),
        .focus = v->focus_name,
        .aim = v->focus_aim,
        .text = v->version->text,
        .benefit = money(p, v->evaluation->benefit_per_year.likely),
        .effort = money(p, v->evaluation->effort.likely),
        .running = money(p, v->evaluation->running.likely),
        .rejected = rejection_of(p, v->version->id),
    };

    if (v->simulated) {
        out.is_simulated = true;
        out.p10 = money(p, v->simulated->p10);
        out.p50 = money(p, v->simulated->p50);
        out.p90 = money(p, v->simulated->p90);
        out.loss = v->simulated->probability_of_loss;
    }
    fill_options(p, v, &out);
    fill_assumptions(p, v, &out);
    fill_risks(p, v, &out);
    fill_resources(p, v, &out);
    fill_findings(p, v, &out);
    return out;
}

static void fill_versions(struct paper_view *p, struct tpl_paper *c)
{
    size_t count = p->paper.versions.count;
    struct tpl_paper_version *items =
        arena_new(&p->req->arena, struct tpl_paper_version, count + 1);

    for (size_t i = 0; i < count; i++)
        items[i] = version_of(p, &p->paper.versions.items[i]);
    c->versions.items = items;
    c->versions.count = count;
}

static void fill_topics(struct paper_view *p, struct tpl_paper *c)
{
    size_t count = p->paper.top_topics.count;
    struct tpl_paper_topic *items = arena_new(&p->req->arena, struct tpl_paper_topic, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct topic *t = &p->paper.top_topics.items[i];
        items[i] = (struct tpl_paper_topic){
            t->name, request_url(p->req, "topics/" STR_F, STR_A(t->id)),
            word_of(&words_priority, (int)t->priority),
            strategy_affinity(p->req, &p->view, t->affinity),
            strategy_word(&p->view, "position", &words_position, (int)t->position)};
    }
    c->topics.items = items;
    c->topics.count = count;
}

/* ---- the page ---- */

static bool fill_head(struct paper_view *p, struct tpl_paper *c, struct err *err)
{
    struct ledger_head head;

    if (!ledger_head_read(p->req->workspace->state, &head, err))
        return false;
    c->head = arena_printf(&p->req->arena, "%lld:%s", (long long)head.seq, head.hash_hex);
    c->company = p->paper.company ? p->paper.company->name : p->req->workspace->name;
    c->title = p->paper.title;
    c->question = p->paper.question;
    c->printed = p->req->now_ms;
    c->back = request_url(p->req, "decision");
    c->limits.items = p->paper.limits_of_this.items;
    c->limits.count = p->paper.limits_of_this.count;
    c->has_simulation = p->simulation.id != 0;
    c->trials = p->simulation.trials;
    c->seed = arena_printf(&p->req->arena, "%llu", (unsigned long long)p->simulation.seed);
    c->method = p->simulation.method;
    c->has_decision = p->decision.id != 0;
    c->decided = p->decision.version_name;
    c->decided_reason = p->decision.reason;
    c->decided_by = p->decision.signed_name;
    c->decided_at = p->decision.signed_at_ms;
    c->hash = p->decision.model_hash;
    return true;
}

bool page_paper(struct request *req, struct err *err)
{
    struct paper_view *p = arena_new(&req->arena, struct paper_view, 1);
    struct tpl_paper *c = arena_new(&req->arena, struct tpl_paper, 1);
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Decision")), request_url(req, "decision")},
        {request_tr(req, TR("Decision paper")), STR_NONE},
    };
    struct page_head head = {
        .current = "decision", .title = TR("Decision paper"), .crumbs = crumbs, .crumb_count = 2};

    if (!paper_view_read(req, p, err) || !fill_head(p, c, err))
        return false;
    fill_columns(p, c);
    fill_rows(p, c);
    fill_versions(p, c);
    fill_topics(p, c);
    c->has_curves = p->simulation.versions.count > 0;
    if (c->has_curves)
        c->curves = curves_chart(p);
    strategy_steps(req, &p->view, 8, &head);
    PAGE(req, &head, paper, c);
    return true;
}
