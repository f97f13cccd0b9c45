/* page_decision.c - management decides: gates, candidates, the signed form, what was decided. */
#include <math.h>
#include <microhttpd.h>

#include "people/account.h"
#include "strategy/choice/evaluation.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/server_priv.h"
#include "web/view/steering_view.h"

enum { LAST_GATE = 7, EARLIER_MAX = 20 };

struct deciding {
    struct request *req;
    struct strategy_view view;
    const struct err *problem; /* of the form that was refused, NULL: none */
    Str bad;                   /* name of its field, or "rejected:<version>" */
};

static Str version_address(struct request *req, Str version)
{
    return request_url(req, "versions/" STR_F, STR_A(version));
}

static Str share(struct request *req, double value)
{
    return render_double_str(&req->arena, req->env.language, value, 0, RENDER_PERCENT);
}

static Str name_of(const struct deciding *d, Str version)
{
    return model_label(&d->view.model, OBJECT_VERSION, version);
}

/* ---- what was decided ---- */

static void fill_rejected(struct deciding *d, struct tpl_decision *c)
{
    const struct decision *decision = &d->view.decision;
    struct tpl_decision_rejection *items =
        arena_new(&d->req->arena, struct tpl_decision_rejection, decision->rejected.count + 1);

    for (size_t i = 0; i < decision->rejected.count; i++)
        items[i] = (struct tpl_decision_rejection){
            name_of(d, decision->rejected.items[i].version),
            version_address(d->req, decision->rejected.items[i].version),
            decision->rejected.items[i].reason};
    c->rejected.items = items;
    c->rejected.count = decision->rejected.count;
}

static void fill_decision(struct deciding *d, struct tpl_decision *c)
{
    const struct decision *decision = &d->view.decision;
    struct strategy_model frozen;
    struct err fault = {0};

    if (decision->id == 0)
        return;
    c->has_decision = true;
    c->version = decision->version_name;
    c->version_link = version_address(d->req, decision->version);
    c->reason = decision->reason;
    c->conditions = decision->conditions;
    c->resources = decision->resources_granted;
    c->reopening = decision->reopening;
    c->single_reason = decision->single_version_reason;
    c->signed_by = decision->signed_name;
    c->signed_at = decision->signed_at_ms;
    c->hash = decision->model_hash;
    c->armed = decision->armed_count;
    c->simulation = decision->simulation_id;
    c->is_intact = decision_model(&d->req->arena, decision, &frozen, &fault);
    c->fault = c->is_intact ? STR_NONE : error_sentence(d->req, &fault);
    fill_rejected(d, c);
}

static bool fill_earlier(struct deciding *d, struct tpl_decision *c, struct err *err)
{
    const struct decision *list;
    size_t count;

    if (!decision_list(d->req->workspace->state, &d->req->arena, &list, &count, err))
        return false;
    struct tpl_decision_earlier *items =
        arena_new(&d->req->arena, struct tpl_decision_earlier, count + 1);
    for (size_t i = 0; i < count && c->earlier_ones.count < EARLIER_MAX; i++)
        if (list[i].id != d->view.decision.id)
            items[c->earlier_ones.count++] = (struct tpl_decision_earlier){
                list[i].signed_at_ms,
                list[i].version_name,
                list[i].signed_name,
                list[i].reason,
                request_url(d->req, "decision/paper?decision=%lld", (long long)list[i].id),
                request_url(d->req, "decision/replay?decision=%lld", (long long)list[i].id)};
    c->earlier_ones.items = items;
    return true;
}

/* ---- gates ---- */

static void fill_gates(struct deciding *d, struct tpl_decision *c)
{
    struct tpl_decision_gate *items =
        arena_new(&d->req->arena, struct tpl_decision_gate, d->view.gate_count + 1);

    for (size_t i = 0; i < d->view.gate_count; i++) {
        const struct gate *g = &d->view.gates[i];
        if (g->step < 0 || g->step > LAST_GATE)
            continue;
        struct tpl_decision_gate *out = &items[c->gates.count++];
        *out = (struct tpl_decision_gate){
            .number = g->step,
            .name = g->name,
            .state = strategy_word(&d->view, "gate_state", &words_gate_state, (int)g->state),
            .state_word = word_of(&words_gate_state, (int)g->state),
            .demand = g->demand,
            .waiver = g->state == GATE_WAIVED ? g->waiver_reason : STR_NONE,
            .link = strategy_step_address(d->req, g->step),
            .waive = request_url(d->req, "edit/waiver/%d", (int)g->step),
        };
        if (g->state == GATE_OPEN) {
            out->missing.items = g->missing.items;
            out->missing.count = g->missing.count;
            c->open_gates++;
        }
    }
    c->gates.items = items;
    c->may_waive = request_may(d->req, MAY_EDIT_MODEL);
}

/* ---- candidates ---- */

static bool is_candidate(const struct strategy_version *version)
{
    return version->state < VERSION_ADOPTED && version->verdict != VERDICT_ABANDON;
}

static Str rejection_field(struct request *req, Str version)
{
    return arena_printf(&req->arena, "rejected:" STR_F, STR_A(version));
}

static bool candidate_of(struct deciding *d, const struct strategy_version *v,
                         struct tpl_decision_candidate *out, struct err *err)
{
    struct request *req = d->req;
    const struct focus_preset *preset = method_preset(d->view.method, v->focus);
    const struct simulation_summary *s = &v->simulation;
    struct evaluation figures;

    if (!evaluation_figures(&req->arena, &d->view.model, d->view.method, v, &figures, err))
        return false;
    Str field = rejection_field(req, v->id);
    *out = (struct tpl_decision_candidate){
        .id = v->id,
        .name = v->name,
        .link = version_address(req, v->id),
        .focus = preset ? preset->name.in[d->view.language] : v->focus,
        .text = v->text,
        .is_simulated = s->id != 0,
        .is_stale = s->id != 0 && s->is_stale,
        .p10 = steering_money(req, &d->view, s->p10),
        .p50 = steering_money(req, &d->view, s->p50),
        .p90 = steering_money(req, &d->view, s->p90),
        .loss = s->probability_of_loss,
        .options = figures.option_count,
        .fragility = share(req, figures.fragility),
        .is_chosen = str_eq(request_form(req, S("version")), v->id),
        .rejection = request_form(req, field),
        .field = field,
        .is_bad = str_eq(d->bad, field),
    };
    return true;
}

static bool fill_candidates(struct deciding *d, struct tpl_decision *c, struct err *err)
{
    size_t total = d->view.model.versions.count;
    struct tpl_decision_candidate *items =
        arena_new(&d->req->arena, struct tpl_decision_candidate, total + 1);

    for (size_t i = 0; i < total; i++)
        if (is_candidate(&d->view.model.versions.items[i]) &&
            !candidate_of(d, &d->view.model.versions.items[i], &items[c->candidates.count++], err))
            return false;
    c->candidates.items = items;
    c->needs_single_reason =
        (int64_t)c->candidates.count < d->view.method->steering.alternatives_minimum;
    return true;
}

/* ---- the page ---- */

static void fill_form(struct deciding *d, struct tpl_decision *c)
{
    struct request *req = d->req;

    c->may_decide = request_may(req, MAY_DECIDE);
    c->can_decide = c->may_decide && c->open_gates == 0;
    c->action = request_url(req, "decision");
    c->replay = request_url(req, "decision/replay");
    c->paper = request_url(req, "decision/paper");
    c->steering = request_url(req, "steering");
    c->versions = request_url(req, "versions");
    c->ledger = request_url(req, "ledger?kind=decision");
    c->csrf = page_csrf(req);
    c->bad = d->bad;
    c->problem = d->problem ? error_sentence(req, d->problem) : STR_NONE;
    c->typed_reason = request_form(req, S("reason"));
    c->typed_conditions = request_form(req, S("conditions"));
    c->typed_resources = request_form(req, S("resources"));
    c->typed_reopening = request_form(req, S("reopening"));
    c->typed_single = request_form(req, S("single_version_reason"));
}

static bool show(struct deciding *d, struct err *err)
{
    struct request *req = d->req;
    struct tpl_decision *c = arena_new(&req->arena, struct tpl_decision, 1);
    struct page_head head = {.current = "decision", .title = TR("Decision")};

    if (!fill_earlier(d, c, err) || !fill_candidates(d, c, err))
        return false;
    fill_decision(d, c);
    fill_gates(d, c);
    fill_form(d, c);
    strategy_steps(req, &d->view, 8, &head);
    PAGE(req, &head, decision, c);
    return true;
}

bool page_decision(struct request *req, struct err *err)
{
    struct deciding *d = arena_new(&req->arena, struct deciding, 1);

    *d = (struct deciding){.req = req};
    return strategy_view_read(req, &d->view, err) && show(d, err);
}

/* ---- signing ---- */

/* Event time from which assumptions are watched: as far as anything was measured, never later than
 * now. 0 lets the decision take the signature's. */
static bool armed_from(struct deciding *d, int64_t *out, struct err *err)
{
    struct watched *list;
    size_t count;

    *out = 0;
    if (!steering_watch_all(d->req, &d->view, 1, &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (list[i].last && list[i].last->at_ms > *out && list[i].last->at_ms <= d->req->now_ms)
            *out = list[i].last->at_ms;
    return true;
}

static bool check_password(struct request *req, struct decision_signature *out, struct err *err)
{
    struct account account;
    Str password = params_get(&req->form, S("password"));

    *out = (struct decision_signature){.account = req->account.login,
                                       .name = req->account.name,
                                       .is_management = request_may(req, MAY_DECIDE),
                                       .at_ms = req->now_ms};
    if (password.len == 0)
        return err_set(err, ERR_INPUT, "the decision is signed with your password");
    if (!account_authenticate(&req->arena, req->system, web_server_login_limit(req->server),
                              req->account.login, password, request_address(req),
                              &password_cost_default, req->now_ms, &account, err))
        return false;
    out->is_password_checked = account.id == req->account.id;
    return true;
}

/* What the form lacks, before the password costs anything. Names the field in *bad. */
static bool check_form(struct deciding *d, struct err *err)
{
    struct request *req = d->req;
    Str version = request_form(req, S("version"));

    if (version.len == 0)
        return err_set(err, ERR_INPUT, "choose the alternative that is adopted");
    for (size_t i = 0; i < d->view.model.versions.count; i++) {
        const struct strategy_version *v = &d->view.model.versions.items[i];
        Str field = rejection_field(req, v->id);
        if (!is_candidate(v) || str_eq(v->id, version) || request_form(req, field).len > 0)
            continue;
        d->bad = field;
        return err_set(err, ERR_INPUT, "say why '" STR_F "' is not adopted", STR_A(v->name));
    }
    d->bad = request_form(req, S("reason")).len == 0      ? S("reason")
             : request_form(req, S("reopening")).len == 0 ? S("reopening")
                                                          : STR_NONE;
    if (d->bad.len == 0)
        return true;
    return str_eq(d->bad, S("reason"))
               ? err_set(err, ERR_INPUT, "a decision needs its reason")
               : err_set(err, ERR_INPUT, "say when it has to be decided again");
}

static bool record(struct deciding *d, struct err *err)
{
    struct request *req = d->req;
    size_t total = d->view.model.versions.count;
    struct rejection *rejected = arena_new(&req->arena, struct rejection, total + 1);
    struct decision_order order = {
        .version = request_form(req, S("version")),
        .reason = request_form(req, S("reason")),
        .rejected = rejected,
        .conditions = request_form(req, S("conditions")),
        .resources_granted = request_form(req, S("resources")),
        .reopening = request_form(req, S("reopening")),
        .single_version_reason = request_form(req, S("single_version_reason")),
        .language = d->view.language,
    };
    int64_t id;

    if (!check_form(d, err))
        return false;
    for (size_t i = 0; i < total; i++) {
        const struct strategy_version *v = &d->view.model.versions.items[i];
        if (is_candidate(v) && !str_eq(v->id, order.version))
            rejected[order.rejected_count++] =
                (struct rejection){v->id, request_form(req, rejection_field(req, v->id))};
    }
    d->bad = S("password");
    if (!check_password(req, &order.signature, err))
        return false;
    d->bad = STR_NONE;
    return armed_from(d, &order.armed_from_ms, err) &&
           decision_record(req->workspace->state, &req->arena, d->view.method, &order, &id, err);
}

bool page_decision_send(struct request *req, struct err *err)
{
    struct deciding *d = arena_new(&req->arena, struct deciding, 1);
    struct err problem = {0};

    *d = (struct deciding){.req = req};
    if (!strategy_view_read(req, &d->view, err))
        return false;
    if (record(d, &problem))
        return request_redirect_notice(
            req, request_url(req, "decision"),
            request_tr(req, TR("Decided and signed. Its assumptions are watched from now on.")));
    if (problem.code > ERR_LIMIT && problem.code != ERR_BUSY) {
        *err = problem;
        return false;
    }
    req->status =
        problem.code == ERR_DENIED ? MHD_HTTP_UNPROCESSABLE_CONTENT : status_of(problem.code);
    d->problem = &problem;
    return show(d, err);
}
