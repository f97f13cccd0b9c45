/* page_versions.c - alternatives: found for a focus, simulated together, one by one. */
#include <math.h>
#include <microhttpd.h>
#include <string.h>

#include "base/version.h"
#include "db/db.h"
#include "strategy/choice/alternatives.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/view/steering_view.h"
#include "web/view/version_view.h"

enum { PRESETS_MAX = 16, ID_TRIES = 100 };

#define CLEAR_ODDS 0.8 /* from here on one version is clearly above the other */

static Str share(struct request *req, double value)
{
    return render_double_str(&req->arena, req->env.language, value, 0, RENDER_PERCENT);
}

/* ---- the list ---- */

static bool card_of(const struct paper_view *p, const struct strategy_version *v,
                    struct tpl_versions_card *out, struct err *err)
{
    struct request *req = p->req;
    const struct focus_preset *preset = method_preset(p->view.method, v->focus);
    const struct simulation_summary *s = &v->simulation;
    struct evaluation figures;

    if (!evaluation_figures(&req->arena, &p->model, p->view.method, v, &figures, err))
        return false;
    *out = (struct tpl_versions_card){
        .id = v->id,
        .name = v->name,
        .link = request_url(req, "versions/" STR_F, STR_A(v->id)),
        .focus = preset ? preset->name.in[p->view.language] : v->focus,
        .text = v->text,
        .state = strategy_word(&p->view, "version_state", &words_version_state, (int)v->state),
        .is_adopted = v->state == VERSION_ADOPTED,
        .is_rejected = v->state > VERSION_ADOPTED || v->verdict == VERDICT_ABANDON,
        .is_simulated = s->id != 0,
        .is_stale = s->id != 0 && s->is_stale && v->state < VERSION_ADOPTED,
        .p10 = steering_money(req, &p->view, s->p10),
        .p50 = steering_money(req, &p->view, s->p50),
        .p90 = steering_money(req, &p->view, s->p90),
        .loss = s->probability_of_loss,
        .options = figures.option_count,
        .leading =
            figures.leading[0] + figures.leading[1] + figures.leading[2] + figures.leading[3],
        .benefit = steering_money(req, &p->view, figures.benefit_per_year.likely),
        .fragility = share(req, figures.fragility),
        .verdict = strategy_word(&p->view, "verdict", &words_verdict, (int)v->verdict),
        .verdict_word = word_of(&words_verdict, (int)v->verdict),
        .edit = request_url(req, "edit/version/" STR_F, STR_A(v->id)),
    };
    return true;
}

static bool fill_cards(const struct paper_view *p, struct tpl_versions *c, struct err *err)
{
    size_t count = p->model.versions.count;
    struct tpl_versions_card *items =
        arena_new(&p->req->arena, struct tpl_versions_card, count + 1);

    for (size_t i = 0; i < count; i++) {
        if (!card_of(p, &p->model.versions.items[i], &items[i], err))
            return false;
        c->is_stale =
            c->is_stale || items[i].is_stale || (!items[i].is_simulated && !items[i].is_rejected);
    }
    c->cards.items = items;
    c->cards.count = count;
    return true;
}

static bool is_wanted(struct request *req, const struct focus_preset *preset)
{
    Str key;
    size_t n = 0;

    for (; params_nth(&req->form, S("preset"), n, &key); n++)
        if (str_eq(key, preset->key))
            return true;
    return n == 0 && preset->is_default;
}

static void fill_presets(const struct paper_view *p, struct tpl_versions *c)
{
    size_t count = p->view.method->presets.count;
    struct tpl_versions_preset *items =
        arena_new(&p->req->arena, struct tpl_versions_preset, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct focus_preset *f = &p->view.method->presets.items[i];
        items[i] = (struct tpl_versions_preset){f->key, f->name.in[p->view.language],
                                                f->aim.in[p->view.language], is_wanted(p->req, f)};
    }
    c->presets.items = items;
    c->presets.count = count;
}

static Str amount(struct request *req, double value)
{
    return render_double_str(&req->arena, req->env.language, value, 0, 0);
}

static void fill_limits(const struct paper_view *p, struct tpl_versions *c)
{
    struct request *req = p->req;
    size_t count = p->model.limits.count;
    struct tpl_versions_limit *items = arena_new(&req->arena, struct tpl_versions_limit, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct resource_limit *l = &p->model.limits.items[i];
        items[i] = (struct tpl_versions_limit){
            .name = l->id,
            .link = request_url(req, "edit/limit/" STR_F, STR_A(request_part(req, l->id))),
            .amount = amount(req, l->amount),
            .secured = amount(req, l->secured),
            .part = l->amount > 0 ? fmin(1, l->secured / l->amount) : 0,
        };
    }
    c->limits.items = items;
    c->limits.count = count;
}

static void fill_addresses(const struct paper_view *p, struct tpl_versions *c)
{
    struct request *req = p->req;

    c->may_edit = request_may(req, MAY_EDIT_MODEL);
    c->csrf = page_csrf(req);
    c->options = (int64_t)p->model.options.count;
    c->find = request_url(req, "versions/find");
    c->simulate = request_url(req, "versions/simulate");
    c->compare = request_url(req, "versions/compare");
    c->decision = request_url(req, "decision");
    c->add_limit = request_url(req, "edit/limit/new");
    c->add = request_url(req, "edit/version/new");
    c->options_page = request_url(req, "options");
    c->has_curves = p->simulation.versions.count > 0;
    c->trials = p->simulation.trials;
    c->seed = arena_printf(&req->arena, "%llu", (unsigned long long)p->simulation.seed);
}

static bool show_list(struct request *req, Str problem, StrList conflicts, struct err *err)
{
    struct paper_view *p = arena_new(&req->arena, struct paper_view, 1);
    struct tpl_versions *c = arena_new(&req->arena, struct tpl_versions, 1);
    struct page_head head = {.current = "versions", .title = TR("Alternatives")};

    if (!paper_view_read_now(req, p, err) || !fill_cards(p, c, err))
        return false;
    fill_presets(p, c);
    fill_limits(p, c);
    fill_addresses(p, c);
    c->problem = problem;
    c->conflicts.items = conflicts.items;
    c->conflicts.count = conflicts.count;
    if (c->has_curves)
        c->curves = version_curves(p);
    strategy_steps(req, &p->view, 6, &head);
    PAGE(req, &head, versions, c);
    return true;
}

bool page_versions(struct request *req, struct err *err)
{
    return show_list(req, STR_NONE, (StrList){0}, err);
}

/* ---- finding and simulating ---- */

static size_t wanted_presets(struct request *req, Str out[PRESETS_MAX])
{
    size_t count = 0;

    while (count < PRESETS_MAX && params_nth(&req->form, S("preset"), count, &out[count]))
        count++;
    return count;
}

/* What was decided on, or made by a person, keeps its id; the new one gets the next free. */
static Str free_id(struct request *req, const struct strategy_model *model, Str wanted,
                   int64_t *revision)
{
    Str id = wanted;

    for (int n = 2; n < ID_TRIES; n++) {
        const struct strategy_version *old = model_version(model, id);
        *revision = old ? old->revision : 0;
        if (!old || (old->is_generated && old->state < VERSION_ADOPTED))
            return id;
        id = arena_printf(&req->arena, STR_F "-%d", STR_A(wanted), n);
    }
    return id;
}

static bool store_found(struct request *req, const struct strategy_view *view,
                        const struct alternatives *found, struct err *err)
{
    struct change change = strategy_change(req, S(PHRASE("found as alternatives")));

    for (size_t i = 0; i < found->found.count; i++) {
        const struct alternative *a = &found->found.items[i];
        struct strategy_version version = a->version;
        Str wanted = version.id;
        if (a->status == ALTERNATIVE_INFEASIBLE)
            continue;
        version.id = free_id(req, &view->model, wanted, &version.revision);
        if (!str_eq(version.id, wanted))
            version.name = arena_printf(&req->arena, STR_F " " STR_F, STR_A(version.name),
                                        STR_A(str_sub(version.id, wanted.len + 1, version.id.len)));
        version.state = VERSION_CORE_DRAFTED;
        version.verdict = VERDICT_PURSUE;
        version.verdict_reason = a->preset->aim.in[view->language];
        if (!version_put(req->workspace->state, &change, &version, err))
            return false;
    }
    return true;
}

static bool simulate_all(struct request *req, struct err *err)
{
    struct strategy_model *model = arena_new(&req->arena, struct strategy_model, 1);
    struct change change = strategy_change(req, S(PHRASE("all versions in one model")));
    struct simulation_order order = {.program_version = S(TRIMTAB_VERSION)};
    struct simulation_result result;

    return store_read(req->workspace->state, &req->arena, model, err) &&
           simulation_run(&req->arena, model, &order, &result, err) &&
           simulation_store(req->workspace->state, &change, &order, &result, err);
}

static const struct alternative *infeasible_one(const struct alternatives *found)
{
    for (size_t i = 0; i < found->found.count; i++)
        if (found->found.items[i].status == ALTERNATIVE_INFEASIBLE)
            return &found->found.items[i];
    return NULL;
}

static bool keep_found(struct request *req, const struct strategy_view *view,
                       const struct alternatives *found, struct err *err)
{
    struct db *db = req->workspace->state;

    if (!db_begin(db, err))
        return false;
    bool ok = store_found(req, view, found, err) && simulate_all(req, err);
    return db_end(db, ok, err);
}

bool page_versions_find_send(struct request *req, struct err *err)
{
    struct strategy_view *view = arena_new(&req->arena, struct strategy_view, 1);
    Str presets[PRESETS_MAX];
    size_t count = wanted_presets(req, presets);
    struct alternatives found;
    struct err problem = {0};

    if (!strategy_view_read(req, view, err))
        return false;
    const struct alternatives_options options = {
        .presets = count > 0 ? presets : NULL, .preset_count = count, .language = view->language};
    if (!alternatives_find(&req->arena, &view->model, view->method, &options, &found, &problem)) {
        if (problem.code > ERR_LIMIT && problem.code != ERR_UNAVAILABLE) {
            *err = problem;
            return false;
        }
        req->status = status_of(problem.code);
        return show_list(req, error_sentence(req, &problem), (StrList){0}, err);
    }
    const struct alternative *bad = infeasible_one(&found);
    if (bad) {
        req->status = MHD_HTTP_UNPROCESSABLE_CONTENT;
        return show_list(
            req,
            arena_printf(
                &req->arena, STR_F ": " STR_F, STR_A(bad->preset->name.in[view->language]),
                STR_A(request_tr(req, TR("no choice of options keeps all of these together.")))),
            bad->conflict, err);
    }
    return keep_found(req, view, &found, err) &&
           request_redirect_notice(
               req, request_url(req, "versions"),
               request_tr(req, TR("Found, simulated together, and recorded in the ledger.")));
}

bool page_versions_simulate_send(struct request *req, struct err *err)
{
    return simulate_all(req, err) &&
           request_redirect_notice(req, request_url(req, "versions"),
                                   request_tr(req, TR("Simulated on the present figures.")));
}

/* ---- comparing ---- */

static void fill_options(const struct paper_view *p, struct tpl_versions_compare *c)
{
    const struct comparison *comparison = &p->paper.comparison;
    size_t count = comparison->options.count, width = comparison->version_count;
    struct tpl_versions_compare_option *items =
        arena_new(&p->req->arena, struct tpl_versions_compare_option, count + 1);
    size_t n = 0;

    /* Those that differ first. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++) {
            const struct comparison_option *o = &comparison->options.items[i];
            if (o->is_different != (pass == 0))
                continue;
            struct tpl_versions_compare_mark *marks =
                arena_new(&p->req->arena, struct tpl_versions_compare_mark, width + 1);
            for (size_t v = 0; v < width; v++)
                marks[v].is_chosen = o->is_chosen[v];
            items[n] = (struct tpl_versions_compare_option){
                .name = o->label,
                .link = request_url(p->req, "edit/option/" STR_F, STR_A(o->option)),
                .topic = model_label(&p->model, OBJECT_TOPIC, o->topic),
                .is_different = o->is_different,
            };
            items[n].marks.items = marks;
            items[n++].marks.count = width;
            c->different += o->is_different;
        }
    c->options.items = items;
    c->options.count = count;
}

static double beats_of(const struct paper_view *p, Str a, Str b)
{
    for (size_t i = 0; i < p->paper.comparison.beats.count; i++) {
        const struct beats_line *line = &p->paper.comparison.beats.items[i];
        if (str_eq(line->a, a) && str_eq(line->b, b))
            return line->probability;
    }
    return NAN;
}

/* How often the row's version is above the column's in the same trial. */
static void fill_beats(const struct paper_view *p, struct tpl_versions_compare *c)
{
    const struct comparison *comparison = &p->paper.comparison;
    size_t width = comparison->version_count;
    struct tpl_versions_compare_duel *rows =
        arena_new(&p->req->arena, struct tpl_versions_compare_duel, width + 1);

    for (size_t i = 0; i < width && comparison->beats.count > 0; i++) {
        struct tpl_versions_compare_odds *cells =
            arena_new(&p->req->arena, struct tpl_versions_compare_odds, width + 1);
        for (size_t k = 0; k < width; k++) {
            double odds = beats_of(p, comparison->versions[i]->id, comparison->versions[k]->id);
            cells[k] = (struct tpl_versions_compare_odds){
                .text = isfinite(odds) ? share(p->req, odds) : S("–"),
                .is_clear = isfinite(odds) && odds >= CLEAR_ODDS};
        }
        rows[c->duels.count].name = comparison->versions[i]->name;
        rows[c->duels.count].odds.items = cells;
        rows[c->duels.count++].odds.count = width;
    }
    c->duels.items = rows;
}

static void fill_tornados(const struct paper_view *p, struct tpl_versions_compare *c)
{
    size_t count = p->simulation.versions.count;
    struct tpl_versions_compare_tornado *items =
        arena_new(&p->req->arena, struct tpl_versions_compare_tornado, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct simulated_version *v = &p->simulation.versions.items[i];
        items[i].name = model_label(&p->model, OBJECT_VERSION, v->version);
        items[i].bars = version_tornado(p, v);
    }
    c->tornados.items = items;
    c->tornados.count = count;
}

bool page_versions_compare(struct request *req, struct err *err)
{
    struct paper_view *p = arena_new(&req->arena, struct paper_view, 1);
    struct tpl_versions_compare *c = arena_new(&req->arena, struct tpl_versions_compare, 1);
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Alternatives")), request_url(req, "versions")},
        {request_tr(req, TR("Comparison")), STR_NONE},
    };
    struct page_head head = {
        .current = "versions", .title = TR("Comparison"), .crumbs = crumbs, .crumb_count = 2};

    if (!paper_view_read_now(req, p, err))
        return false;
    version_compare(p, &c->table);
    fill_options(p, c);
    fill_beats(p, c);
    fill_tornados(p, c);
    c->has_versions = p->paper.versions.count > 0;
    c->has_curves = p->simulation.versions.count > 0;
    if (c->has_curves)
        c->curves = version_curves(p);
    c->trials = p->simulation.trials;
    c->seed = arena_printf(&req->arena, "%llu", (unsigned long long)p->simulation.seed);
    c->method = p->simulation.method;
    c->back = request_url(req, "versions");
    c->paper = request_url(req, "decision/paper");
    strategy_steps(req, &p->view, 7, &head);
    PAGE(req, &head, versions_compare, c);
    return true;
}

/* ---- one ---- */

static void fill_sheet(const struct paper_view *p, const struct strategy_version *v,
                       struct tpl_version *c)
{
    const struct simulated_version *simulated = simulation_version(&p->simulation, v->id);

    for (size_t i = 0; i < p->paper.versions.count; i++)
        if (str_eq(p->paper.versions.items[i].version->id, v->id)) {
            c->has_sheet = true;
            c->sheet = version_sheet(p, &p->paper.versions.items[i]);
        }
    if (!simulated)
        return;
    c->has_simulation = true;
    c->histogram = version_histogram(p, simulated);
    c->tornado = version_tornado(p, simulated);
    c->trials = p->simulation.trials;
    c->seed = arena_printf(&p->req->arena, "%llu", (unsigned long long)p->simulation.seed);
}

bool page_version(struct request *req, struct err *err)
{
    struct paper_view *p = arena_new(&req->arena, struct paper_view, 1);
    struct tpl_version *c = arena_new(&req->arena, struct tpl_version, 1);
    Str id = request_capture(req, S("version"));

    if (!paper_view_read_now(req, p, err))
        return false;
    const struct strategy_version *v = model_version(&p->model, id);
    if (!v)
        return err_set(err, ERR_NOT_FOUND, "there is no alternative '" STR_F "'", STR_A(id));
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Alternatives")), request_url(req, "versions")},
        {v->name, STR_NONE},
    };
    struct page_head head = {
        .current = "versions", .title_text = v->name, .crumbs = crumbs, .crumb_count = 2};
    c->name = v->name;
    c->state = strategy_word(&p->view, "version_state", &words_version_state, (int)v->state);
    c->is_adopted = v->state >= VERSION_ADOPTED;
    c->verdict = strategy_word(&p->view, "verdict", &words_verdict, (int)v->verdict);
    c->verdict_reason = v->verdict_reason;
    c->may_edit = request_may(req, MAY_EDIT_MODEL);
    c->edit = request_url(req, "edit/version/" STR_F, STR_A(id));
    c->compare = request_url(req, "versions/compare");
    fill_sheet(p, v, c);
    strategy_steps(req, &p->view, 6, &head);
    PAGE(req, &head, version, c);
    return true;
}
