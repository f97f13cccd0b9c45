/* page_steering.c - the board: reviews, assumptions, prerequisites, conditions, changes of state.
 */
#include <math.h>
#include <microhttpd.h>
#include <stdio.h>

#include "format/time.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/steering_view.h"

enum { SPARK_DAYS = 60, EVENTS_SHOWN = 20, CLOSED_SHOWN = 10, REVIEWS_MAX = 200 };

struct board {
    struct request *req;
    struct strategy_view view;
    struct watched *watched;
    size_t watched_count;
    const struct assumption_event *events; /* newest first */
    size_t event_count;
    int64_t bad_review; /* refused, 0: none */
    Str problem;
};

static Str edit_address(struct request *req, const char *kind, Str id)
{
    return request_url(req, "edit/%s/" STR_F, kind, STR_A(id));
}

static Str percent(struct request *req, double share)
{
    return render_double_str(&req->arena, req->env.language, share, 0, RENDER_PERCENT);
}

static Str state_name(const struct board *b, enum assumption_state state)
{
    return strategy_word(&b->view, "assumption_state", &words_assumption_state, (int)state);
}

static Str certainty_name(const struct board *b, int64_t certainty)
{
    Str digit = arena_printf(&b->req->arena, "%lld", (long long)certainty);

    return method_word(b->view.method, S("certainty"), digit, b->view.language);
}

/* ---- assumptions ---- */

static void fill_names(struct board *b, const struct watched *w, struct tpl_steering_card *card)
{
    size_t count = w->dependants.options.count;
    Str *names = arena_new(&b->req->arena, Str, count + 1);

    for (size_t i = 0; i < count; i++)
        names[i] = w->dependants.options.items[i].label;
    card->names.items = names;
    card->names.count = count;
}

static struct tpl_steering_card card_of(struct board *b, const struct watched *w)
{
    const struct assumption *a = w->assumption;
    struct tpl_steering_card card = {
        .id = a->id,
        .statement = a->statement,
        .link = steering_address(b->req, a->id),
        .state = state_name(b, a->state),
        .state_word = word_of(&words_assumption_state, (int)a->state),
        .rule = w->rule,
        .since = a->since_ms,
        .has_since = a->armed_at_ms > 0,
        .threshold = steering_value(b->req, a, a->rule.threshold),
        .options = (int64_t)w->dependants.options.count,
        .share = percent(b->req, w->dependants.benefit_share),
        .certainty = certainty_name(b, a->certainty),
        .has_spark = w->last != NULL,
        .has_review = w->open_review != 0,
        .edit = edit_address(b->req, "assumption", a->id),
    };

    fill_names(b, w, &card);
    if (w->last) {
        card.has_value = true;
        card.value = steering_value(b->req, a, w->last->value);
        card.sample = w->last->sample;
        card.coverage = w->last->coverage;
        card.posts = steering_posts(b->req, a, w->last->at_ms);
    }
    return card;
}

static bool fill_cards(struct board *b, struct tpl_steering *c, struct err *err)
{
    struct tpl_steering_card *cards =
        arena_new(&b->req->arena, struct tpl_steering_card, b->watched_count + 1);

    for (size_t i = 0; i < b->watched_count; i++) {
        enum assumption_state state = b->watched[i].assumption->state;
        cards[i] = card_of(b, &b->watched[i]);
        if (cards[i].has_spark && !steering_spark(b->req, &b->watched[i], &cards[i].spark, err))
            return false;
        c->holding += state == ASSUMPTION_HOLDING;
        c->at_risk += state == ASSUMPTION_AT_RISK;
        c->broken += state == ASSUMPTION_BROKEN;
        c->no_data += state == ASSUMPTION_NO_DATA;
        c->unarmed += state == ASSUMPTION_UNARMED;
    }
    c->cards.items = cards;
    c->cards.count = b->watched_count;
    return true;
}

/* ---- reviews ---- */

static const struct watched *watched_of(const struct board *b, Str assumption)
{
    for (size_t i = 0; i < b->watched_count; i++)
        if (str_eq(b->watched[i].assumption->id, assumption))
            return &b->watched[i];
    return NULL;
}

static void fill_break(struct board *b, const struct review_note *note,
                       struct tpl_steering_review *out)
{
    const struct assumption *a = model_assumption(&b->view.model, note->object_id);

    for (size_t i = 0; a && i < b->event_count; i++) {
        const struct assumption_event *e = &b->events[i];
        if (e->to != ASSUMPTION_BROKEN || !str_eq(e->assumption, note->object_id))
            continue;
        out->has_event = true;
        out->at = e->at_ms;
        out->value = steering_value(b->req, a, e->value);
        out->threshold = steering_value(b->req, a, e->threshold);
        out->sample = e->sample;
        out->coverage = e->coverage;
        out->posts = steering_posts(b->req, a, e->at_ms);
        if (e->evidence > 0)
            out->evidence = request_url(b->req, "evidence/%lld", (long long)e->evidence);
        return;
    }
}

static void fill_dependants(struct board *b, const struct dependants *d,
                            struct tpl_steering_review *out)
{
    struct tpl_steering_dependant *items = arena_new(&b->req->arena, struct tpl_steering_dependant,
                                                     d->options.count + d->goals.count + 1);
    size_t n = 0;

    for (size_t i = 0; i < d->options.count; i++)
        items[n++] = (struct tpl_steering_dependant){
            d->options.items[i].label, edit_address(b->req, "option", d->options.items[i].id),
            strategy_money(b->req, &b->view, d->options.items[i].at_stake),
            strategy_word(&b->view, "object", &words_object_kind, OBJECT_OPTION)};
    for (size_t i = 0; i < d->goals.count; i++)
        items[n++] = (struct tpl_steering_dependant){
            d->goals.items[i].label, edit_address(b->req, "goal", d->goals.items[i].id), STR_NONE,
            strategy_word(&b->view, "object", &words_object_kind, OBJECT_GOAL)};
    out->dependants.items = items;
    out->dependants.count = n;
}

static bool fill_assumption_review(struct board *b, const struct review_note *note,
                                   struct tpl_steering_review *out, struct err *err)
{
    const struct watched *w = watched_of(b, note->object_id);
    struct stress stress;
    int response;

    if (!w)
        return true;
    out->is_assumption = true;
    out->title = w->assumption->statement;
    out->link = steering_address(b->req, note->object_id);
    out->state = state_name(b, w->assumption->state);
    out->state_word = word_of(&words_assumption_state, (int)w->assumption->state);
    out->share = percent(b->req, w->dependants.benefit_share);
    out->answer = w->assumption->answer;
    if (word_find(&words_response, note->proposal, &response))
        out->response = b->view.method->steering.response[response].in[b->view.language];
    fill_break(b, note, out);
    fill_dependants(b, &w->dependants, out);
    if (!steering_stress(b->req, &b->view, note->object_id, &stress, err))
        return false;
    out->has_stress = isfinite(stress.p50_failed);
    if (out->has_stress) {
        out->p50 = strategy_money(b->req, &b->view, stress.p50);
        out->p50_failed = strategy_money(b->req, &b->view, stress.p50_failed);
        out->loss = stress.loss;
        out->loss_failed = stress.loss_failed;
    }
    return true;
}

static bool review_of(struct board *b, const struct review_note *note,
                      struct tpl_steering_review *out, struct err *err)
{
    bool is_bad = note->id == b->bad_review;

    *out = (struct tpl_steering_review){
        .id = note->id,
        .title = model_label(&b->view.model, note->object, note->object_id),
        .text = say_kept(b->req, note->text_kept, note->text),
        .opened = note->opened_at_ms,
        .action = request_url(b->req, "steering/reviews/%lld", (long long)note->id),
        .is_bad = is_bad,
        .typed = is_bad ? request_form(b->req, S("resolution")) : STR_NONE,
    };
    if (note->object == OBJECT_TOPIC) {
        out->link = request_url(b->req, "topics/" STR_F, STR_A(note->object_id));
        out->state = request_tr(b->req, TR("the measured rating drifted away"));
        out->state_word = S("at_risk");
        out->response = request_tr(
            b->req, TR("Look at the new proposal and confirm or override the rating again."));
    }
    return fill_assumption_review(b, note, out, err);
}

static bool fill_reviews(struct board *b, struct tpl_steering *c, struct err *err)
{
    const struct review_note *notes;
    size_t count;

    if (!review_list(b->req->workspace->state, &b->req->arena, false, REVIEWS_MAX, &notes, &count,
                     err))
        return false;
    struct tpl_steering_review *open =
        arena_new(&b->req->arena, struct tpl_steering_review, count + 1);
    struct tpl_steering_closed *closed =
        arena_new(&b->req->arena, struct tpl_steering_closed, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct review_note *n = &notes[i];
        if (n->closed_at_ms == 0) {
            if (!review_of(b, n, &open[c->reviews.count++], err))
                return false;
        } else if (c->closed_reviews.count < CLOSED_SHOWN)
            closed[c->closed_reviews.count++] = (struct tpl_steering_closed){
                model_label(&b->view.model, n->object, n->object_id), n->opened_at_ms,
                n->closed_at_ms, n->closed_by, n->resolution};
    }
    c->reviews.items = open;
    c->review_count = (int64_t)c->reviews.count;
    c->closed_reviews.items = closed;
    return true;
}

/* ---- conditions ---- */

static bool is_late(const struct board *b, Str date, enum condition_state state)
{
    return state == CONDITION_OPEN && date.len > 0 &&
           str_cmp(date, str_from_cstr(time_date(b->req->now_ms).text)) < 0;
}

static int64_t options_needing(const struct board *b, Str prerequisite)
{
    int64_t count = 0;

    for (size_t i = 0; i < b->view.model.options.count; i++)
        count += str_list_has(b->view.model.options.items[i].prerequisites, prerequisite);
    return count;
}

static void fill_prerequisites(struct board *b, struct tpl_steering *c)
{
    size_t count = b->view.model.prerequisites.count;
    struct tpl_steering_condition *items =
        arena_new(&b->req->arena, struct tpl_steering_condition, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct prerequisite *p = &b->view.model.prerequisites.items[i];
        items[i] = (struct tpl_steering_condition){
            .statement = p->statement,
            .link = edit_address(b->req, "prerequisite", p->id),
            .owner = p->owner,
            .state =
                strategy_word(&b->view, "condition_state", &words_condition_state, (int)p->state),
            .state_word = word_of(&words_condition_state, (int)p->state),
            .is_late = is_late(b, p->due, p->state),
            .options = options_needing(b, p->id),
            .probability = percent(b->req, p->probability),
        };
        items[i].has_due = time_parse_iso(p->due, &items[i].due);
        c->late += items[i].is_late;
        c->conditions_open += p->state == CONDITION_OPEN;
    }
    c->prerequisites.items = items;
    c->prerequisites.count = count;
}

static void fill_conditions(struct board *b, struct tpl_steering *c)
{
    size_t count = b->view.model.framework_conditions.count;
    struct tpl_steering_condition *items =
        arena_new(&b->req->arena, struct tpl_steering_condition, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct framework_condition *f = &b->view.model.framework_conditions.items[i];
        items[i] = (struct tpl_steering_condition){
            .statement = f->statement,
            .link = edit_address(b->req, "framework_condition", f->id),
            .kind = strategy_word(&b->view, "condition_kind", &words_condition_kind, (int)f->kind),
            .owner = f->owner,
            .state =
                strategy_word(&b->view, "condition_state", &words_condition_state, (int)f->state),
            .state_word = word_of(&words_condition_state, (int)f->state),
            .is_late = is_late(b, f->check_date, f->state),
        };
        items[i].has_due = time_parse_iso(f->check_date, &items[i].due);
    }
    c->conditions.items = items;
    c->conditions.count = count;
}

/* ---- changes of state ---- */

static void fill_events(struct board *b, struct tpl_steering *c)
{
    size_t count = b->event_count < EVENTS_SHOWN ? b->event_count : EVENTS_SHOWN;
    struct tpl_steering_event *items =
        arena_new(&b->req->arena, struct tpl_steering_event, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct assumption_event *e = &b->events[i];
        const struct assumption *a = model_assumption(&b->view.model, e->assumption);
        items[i] = (struct tpl_steering_event){
            .at = e->at_ms,
            .statement = e->statement,
            .link = steering_address(b->req, e->assumption),
            .from = state_name(b, e->from),
            .to = state_name(b, e->to),
            .to_word = word_of(&words_assumption_state, (int)e->to),
            .value = a ? steering_value(b->req, a, e->value) : S("–"),
            .threshold = a ? steering_value(b->req, a, e->threshold) : S("–"),
            .sample = e->sample,
            .coverage = e->coverage,
        };
        if (e->evidence > 0)
            items[i].evidence = request_url(b->req, "evidence/%lld", (long long)e->evidence);
    }
    c->events.items = items;
    c->events.count = count;
}

/* ---- the page ---- */

static void fill_decision(struct board *b, struct tpl_steering *c)
{
    const struct strategy_version *adopted = steering_adopted(&b->view);
    struct request *req = b->req;

    c->may_steer = request_may(req, MAY_STEER);
    c->may_edit = request_may(req, MAY_EDIT_MODEL);
    c->csrf = page_csrf(req);
    c->problem = b->problem;
    c->add_assumption = request_url(req, "edit/assumption/new");
    c->add_prerequisite = request_url(req, "edit/prerequisite/new");
    c->add_condition = request_url(req, "edit/framework_condition/new");
    c->ledger = request_url(req, "ledger?kind=assumption");
    c->decision_link = request_url(req, "decision");
    if (b->view.decision.id == 0)
        return;
    c->has_decision = true;
    c->version = b->view.decision.version_name;
    c->decided = b->view.decision.signed_at_ms;
    c->decided_by = b->view.decision.signed_name;
    c->version_link = request_url(req, "versions/" STR_F, STR_A(b->view.decision.version));
    if (adopted && adopted->simulation.id != 0) {
        c->has_simulation = true;
        c->p50 = steering_money(req, &b->view, adopted->simulation.p50);
        c->loss = adopted->simulation.probability_of_loss;
    }
}

static bool show(struct request *req, int64_t bad_review, Str problem, struct err *err)
{
    struct board *b = arena_new(&req->arena, struct board, 1);
    struct tpl_steering *c = arena_new(&req->arena, struct tpl_steering, 1);
    struct page_head head = {.current = "steering", .title = TR("Steering")};

    *b = (struct board){.req = req, .bad_review = bad_review, .problem = problem};
    if (!strategy_view_read(req, &b->view, err) ||
        !steering_watch_all(req, &b->view, SPARK_DAYS, &b->watched, &b->watched_count, err) ||
        !assumption_events(req->workspace->state, &req->arena, STR_NONE, REVIEWS_MAX, &b->events,
                           &b->event_count, err))
        return false;
    fill_decision(b, c);
    if (!fill_cards(b, c, err) || !fill_reviews(b, c, err))
        return false;
    fill_prerequisites(b, c);
    fill_conditions(b, c);
    fill_events(b, c);
    strategy_steps(req, &b->view, 9, &head);
    PAGE(req, &head, steering, c);
    return true;
}

bool page_steering(struct request *req, struct err *err)
{
    return show(req, 0, STR_NONE, err);
}

bool page_review_send(struct request *req, struct err *err)
{
    struct change change = strategy_change(req, request_form(req, S("resolution")));
    struct err problem = {0};
    int64_t id = 0;

    if (!str_to_i64(request_capture(req, S("review")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such review");
    if (change.reason.len == 0) {
        req->status = MHD_HTTP_UNPROCESSABLE_CONTENT;
        return show(req, id, request_tr(req, TR("Say what was done before the review is closed.")),
                    err);
    }
    if (review_close(req->workspace->state, &change, id, &problem))
        return request_redirect_notice(
            req, request_url(req, "steering"),
            request_tr(req, TR("The review is closed, and recorded in the ledger.")));
    if (problem.code == ERR_NOT_FOUND || problem.code >= ERR_IO) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    return show(req, id, error_sentence(req, &problem), err);
}
