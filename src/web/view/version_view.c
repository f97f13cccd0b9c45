#include "web/view/version_view.h"

#include <math.h>

#include "web/view/steering_view.h"

enum { RISKS_SHOWN = 8, FINDINGS_SHOWN = 8, TORNADO_SHOWN = 10 };

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

static void fill_rows(const struct paper_view *p, struct tpl_compare *c)
{
    const struct comparison *comparison = &p->paper.comparison;
    size_t width = comparison->version_count;
    struct tpl_compare_row *rows =
        arena_new(&p->req->arena, struct tpl_compare_row, comparison->rows.count + 1);

    for (size_t i = 0; i < comparison->rows.count; i++) {
        const struct comparison_row *row = &comparison->rows.items[i];
        struct tpl_compare_value *values =
            arena_new(&p->req->arena, struct tpl_compare_value, width + 1);
        for (size_t v = 0; v < width; v++)
            values[v] = (struct tpl_compare_value){row_value(p, row, v), is_best(row, width, v)};
        rows[i] = (struct tpl_compare_row){.label = row->label,
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

static void fill_columns(const struct paper_view *p, struct tpl_compare *c)
{
    const struct comparison *comparison = &p->paper.comparison;
    struct tpl_compare_column *items =
        arena_new(&p->req->arena, struct tpl_compare_column, comparison->version_count + 1);

    for (size_t i = 0; i < comparison->version_count; i++) {
        Str id = comparison->versions[i]->id;
        items[i] = (struct tpl_compare_column){
            .name = comparison->versions[i]->name,
            .link = request_url(p->req, "versions/" STR_F, STR_A(id)),
            .focus = focus_name(p, id),
            .is_adopted = is_adopted(p, id),
        };
    }
    c->columns.items = items;
    c->columns.count = comparison->version_count;
}

void version_compare(const struct paper_view *p, struct tpl_compare *out)
{
    fill_columns(p, out);
    fill_rows(p, out);
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

struct tpl_chart version_curves(const struct paper_view *p)
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

static struct tpl_version_sheet_option option_of(const struct paper_view *p,
                                                 const struct paper_option *o)
{
    enum standing rating = o->option->rating;

    return (struct tpl_version_sheet_option){
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

static void fill_options(const struct paper_view *p, const struct paper_version *v,
                         struct tpl_version_sheet *out)
{
    struct tpl_version_sheet_option *chosen =
        arena_new(&p->req->arena, struct tpl_version_sheet_option, v->options.count + 1);
    struct tpl_version_sheet_option *left =
        arena_new(&p->req->arena, struct tpl_version_sheet_option, v->options.count + 1);

    for (size_t i = 0; i < v->options.count; i++)
        if (v->options.items[i].is_chosen)
            chosen[out->chosen.count++] = option_of(p, &v->options.items[i]);
        else
            left[out->left.count++] = option_of(p, &v->options.items[i]);
    out->chosen.items = chosen;
    out->left.items = left;
}

static void fill_assumptions(const struct paper_view *p, const struct paper_version *v,
                             struct tpl_version_sheet *out)
{
    struct tpl_version_sheet_assumption *items =
        arena_new(&p->req->arena, struct tpl_version_sheet_assumption, v->assumptions.count + 1);

    for (size_t i = 0; i < v->assumptions.count; i++) {
        const struct paper_assumption *a = &v->assumptions.items[i];
        items[i] = (struct tpl_version_sheet_assumption){
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

static void fill_risks(const struct paper_view *p, const struct paper_version *v,
                       struct tpl_version_sheet *out)
{
    size_t count = v->evaluation->risks.count;
    struct tpl_version_sheet_risk *items =
        arena_new(&p->req->arena, struct tpl_version_sheet_risk, count + 1);

    for (size_t i = 0; i < count && i < RISKS_SHOWN; i++) {
        const struct risk_line *r = &v->evaluation->risks.items[i];
        items[out->risks.count++] = (struct tpl_version_sheet_risk){
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

static void fill_resources(const struct paper_view *p, const struct paper_version *v,
                           struct tpl_version_sheet *out)
{
    size_t count = v->evaluation->resources.count;
    struct tpl_version_sheet_resource *items =
        arena_new(&p->req->arena, struct tpl_version_sheet_resource, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct resource_line *r = &v->evaluation->resources.items[i];
        items[i] = (struct tpl_version_sheet_resource){
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

static void fill_findings(const struct paper_view *p, const struct paper_version *v,
                          struct tpl_version_sheet *out)
{
    static const char *const words[] = {
        [CHECK_ERROR] = "error", [CHECK_WARNING] = "warning", [CHECK_NOTE] = "note"};
    struct tpl_version_sheet_finding *items =
        arena_new(&p->req->arena, struct tpl_version_sheet_finding, v->findings.count + 1);

    for (size_t i = 0; i < v->findings.count && i < FINDINGS_SHOWN; i++) {
        const struct check_finding *f = &v->findings.items[i];
        items[out->findings.count++] = (struct tpl_version_sheet_finding){
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

struct tpl_version_sheet version_sheet(const struct paper_view *p, const struct paper_version *v)
{
    struct tpl_version_sheet out = {
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

/* ---- charts of one version ---- */

static Str driver_name(const struct paper_view *p, Str id)
{
    for (size_t i = 0; i < p->model.drivers.count; i++)
        if (str_eq(p->model.drivers.items[i].id, id) && p->model.drivers.items[i].name.len > 0)
            return p->model.drivers.items[i].name;
    return id;
}

/* "help-first.benefit" names the option and what of it; assumptions and drivers stand alone. */
static Str input_label(const struct paper_view *p, Str input)
{
    Str head, part;
    bool has_part = str_cut(input, '.', &head, &part);
    Str option = model_label(&p->model, OBJECT_OPTION, head);

    if (!has_part) {
        Str kind, id;
        if (str_cut(input, ':', &kind, &id) && str_eq(kind, S("prerequisite")))
            return model_label(&p->model, OBJECT_PREREQUISITE, id);
        if (model_assumption(&p->model, input))
            return model_label(&p->model, OBJECT_ASSUMPTION, input);
        return driver_name(p, input);
    }
    Str words = str_eq(part, S("benefit"))   ? request_tr(p->req, TR("benefit"))
                : str_eq(part, S("effort"))  ? request_tr(p->req, TR("effort"))
                : str_eq(part, S("running")) ? request_tr(p->req, TR("running cost"))
                                             : request_tr(p->req, TR("reaction"));
    return arena_printf(&p->req->arena, STR_F ": " STR_F, STR_A(option), STR_A(words));
}

static void put_bar(struct chart *chart, const struct paper_view *p, const struct tornado_bar *bar)
{
    Str name = input_label(p, bar->input);

    json_begin_object(&chart->json);
    json_set_str(&chart->json, "name", name);
    json_set_f64(&chart->json, "low", bar->low);
    json_set_f64(&chart->json, "high", bar->high);
    json_end_object(&chart->json);
    chart_row(chart, name, STR_NONE);
    chart_cell(chart, money(p, bar->low), true, STR_NONE);
    chart_cell(chart, money(p, bar->high), true, STR_NONE);
}

struct tpl_chart version_tornado(const struct paper_view *p, const struct simulated_version *v)
{
    struct request *req = p->req;
    Str low = request_tr(req, TR("Mean where it is low or false"));
    Str high = request_tr(req, TR("Mean where it is high or true"));
    const struct company *company = model_company(&p->model);
    struct chart chart;
    size_t shown = 0;

    chart_begin(&chart, req, "tornado", request_tr(req, TR("What moves the net benefit most")),
                request_tr(req, TR("Input")));
    chart_legend(&chart, low, "4");
    chart_legend(&chart, high, "1");
    chart_column(&chart, low, true);
    chart_column(&chart, high, true);
    json_set_str(&chart.json, "unit", company ? company->currency : S("EUR"));
    json_set_str(&chart.json, "low", low);
    json_set_str(&chart.json, "high", high);
    json_set_f64(&chart.json, "base", v->mean);
    json_set_array(&chart.json, "items");
    for (size_t i = 0; i < v->tornado.count && shown < TORNADO_SHOWN; i++)
        if (isfinite(v->tornado.items[i].low) && isfinite(v->tornado.items[i].high)) {
            put_bar(&chart, p, &v->tornado.items[i]);
            shown++;
        }
    json_end_array(&chart.json);
    chart_note(&chart, request_tr(req, TR("From the mean of all trials to the mean of those in the "
                                          "lowest and the highest tenth of the input.")));
    return *chart_end(&chart);
}

struct tpl_chart version_histogram(const struct paper_view *p, const struct simulated_version *v)
{
    struct request *req = p->req;
    const struct company *company = model_company(&p->model);
    struct chart chart;

    chart_begin(&chart, req, "histogram", request_tr(req, TR("Net benefit over the horizon")),
                request_tr(req, TR("From")));
    chart_column(&chart, request_tr(req, TR("To")), true);
    chart_column(&chart, request_tr(req, TR("Trials")), true);
    json_set_str(&chart.json, "unit", company ? company->currency : S("EUR"));
    json_set_str(&chart.json, "label", request_tr(req, TR("Net benefit over the horizon")));
    json_set_array(&chart.json, "bars");
    for (size_t i = 0; i < v->histogram.count; i++) {
        const struct histogram_bar *bar = &v->histogram.items[i];
        json_begin_object(&chart.json);
        json_set_f64(&chart.json, "from", bar->from);
        json_set_f64(&chart.json, "to", bar->to);
        json_set_i64(&chart.json, "count", bar->count);
        json_end_object(&chart.json);
        chart_row(&chart, money(p, bar->from), STR_NONE);
        chart_cell(&chart, money(p, bar->to), true, STR_NONE);
        chart_cell_number(&chart, (double)bar->count, 0, 0);
    }
    json_end_array(&chart.json);
    return *chart_end(&chart);
}
