/* page_topic.c - one topic: what was measured, what it proposes, and what a person decides. */
#include <microhttpd.h>

#include "signal/evidence.h"
#include "strategy/rating/topic_rating.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/say.h"
#include "web/view/label_view.h"
#include "web/view/strategy_view.h"

enum { HISTORY_MAX = 12, EVIDENCE_MAX = 30 };

/* What the form shows: the topic's own values, or what was typed and refused. */
struct rating_form {
    int64_t affinity;
    enum standing standing;
    enum position_state position;
    Str holder, low_cause, reason;
    Str problem;
};

static Str evidence_address(struct request *req, int64_t id)
{
    return id > 0 ? request_url(req, "evidence/%lld", (long long)id) : STR_NONE;
}

static void fill_reasons(struct request *req, const ReasonList *lines,
                         struct tpl_topic_reason **out, size_t *count)
{
    struct tpl_topic_reason *items =
        arena_new(&req->arena, struct tpl_topic_reason, lines->count + 1);

    for (size_t i = 0; i < lines->count; i++) {
        const struct reason_line *line = &lines->items[i];
        items[i] = (struct tpl_topic_reason){
            .text = line->text,
            .score = line->score,
            .has_score = line->score >= 0,
            .s1 = line->score >= 1,
            .s2 = line->score >= 2,
            .s3 = line->score >= 3,
            .s4 = line->score >= 4,
            .link = evidence_address(req, line->evidence),
        };
    }
    *out = items;
    *count = lines->count;
}

static bool fill_proposal(struct request *req, const struct strategy_view *view,
                          const struct topic *t, struct tpl_topic *c, struct err *err)
{
    const struct topic_proposal *p = t->proposal;
    ReasonList affinity, position;
    struct tpl_topic_reason *items;
    size_t count;

    if (!p)
        return true;
    if (!rating_affinity_lines(&req->arena, &view->method->rating, p, view->language, &affinity,
                               err) ||
        !rating_position_lines(&req->arena, &view->method->rating, p, view->language, &position,
                               err))
        return false;
    fill_reasons(req, &affinity, &items, &count);
    c->affinity_reasons.items = items;
    c->affinity_reasons.count = count;
    fill_reasons(req, &position, &items, &count);
    c->position_reasons.items = items;
    c->position_reasons.count = count;
    c->has_proposal = true;
    c->is_enough = p->affinity >= 0;
    c->proposed_affinity = strategy_affinity(req, view, p->affinity);
    c->proposed_standing = strategy_word(view, "standing", &words_standing, (int)p->standing);
    c->proposed_position = strategy_word(view, "position", &words_position, (int)p->position);
    c->from = p->from_ms;
    c->to = p->to_ms;
    c->mentions = p->mentions;
    c->active_days = p->active_days;
    c->coverage = p->coverage;
    c->rules = p->rules_version;
    return true;
}

static bool fill_evidence(struct request *req, const struct strategy_view *view,
                          const struct topic *t, struct tpl_topic *c, struct err *err)
{
    struct evidence *list;
    size_t count;

    if (!evidence_list(&req->arena, req->workspace->state, S("topic"), t->id, EVIDENCE_MAX, &list,
                       &count, err))
        return false;
    struct tpl_topic_item *items = arena_new(&req->arena, struct tpl_topic_item, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_topic_item){
            .statement = say_kept(req, list[i].statement_kept, list[i].statement),
            .at = list[i].created_at_ms,
            .posts = (int64_t)list[i].item_count,
            .link = request_url(req, "evidence/%lld", (long long)list[i].id),
            .kind = strategy_name(view, "evidence_kind", list[i].kind),
        };
    c->evidence.items = items;
    c->evidence.count = count;
    return true;
}

/* How far the moods behind the position can be trusted, over the window of the proposal. */
static bool fill_measured(struct request *req, const struct topic *t, struct tpl_topic *c,
                          struct err *err)
{
    const struct topic_proposal *p = t->proposal;

    struct tpl_measured *measured = NULL;

    if (p && t->query.len > 0 &&
        !label_view_window(req, t->query, p->from_ms, p->to_ms, &measured, err))
        return false;
    c->measured = measured;
    return true;
}

static bool fill_history(struct request *req, const struct strategy_view *view,
                         const struct topic *t, struct tpl_topic *c, struct err *err)
{
    const struct topic_proposal *list;
    size_t count;

    if (!topic_rating_history(req->workspace->state, &req->arena, t->id, HISTORY_MAX, &list, &count,
                              err))
        return false;
    struct tpl_topic_history *items = arena_new(&req->arena, struct tpl_topic_history, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_topic_history){
            .at = list[i].at_ms,
            .from = list[i].from_ms,
            .to = list[i].to_ms,
            .affinity = strategy_affinity(req, view, list[i].affinity),
            .standing = strategy_word(view, "standing", &words_standing, (int)list[i].standing),
            .mentions = list[i].mentions,
            .coverage = list[i].coverage,
            .rules = list[i].rules_version,
        };
    c->history.items = items;
    c->history.count = count > 1 ? count : 0; /* the latest alone is on the page already */
    return true;
}

static Str activity_text(struct request *req, const struct competitor_activity *a)
{
    const Str parts[] = {a->user_benefit, a->participation, a->motivation, a->channels};
    Str text = STR_NONE;

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i].len > 0)
            text = text.len == 0
                       ? parts[i]
                       : arena_printf(&req->arena, STR_F " · " STR_F, STR_A(text), STR_A(parts[i]));
    return text;
}

static void fill_activities(struct request *req, const struct strategy_view *view,
                            const struct topic *t, struct tpl_topic *c)
{
    size_t all = view->model.activities.count, count = 0;
    struct tpl_topic_activity *items = arena_new(&req->arena, struct tpl_topic_activity, all + 1);

    for (size_t i = 0; i < all; i++) {
        const struct competitor_activity *a = &view->model.activities.items[i];
        if (!str_eq(a->topic, t->id))
            continue;
        items[count++] = (struct tpl_topic_activity){
            .competitor = model_label(&view->model, OBJECT_COMPETITOR, a->competitor),
            .what = activity_text(req, a),
            .format = strategy_word(view, "format", &words_format, (int)a->format),
            .reach = strategy_name(view, "activity_reach", a->reach),
            .strength = a->strength,
            .evidence = a->evidence,
        };
    }
    c->activities.items = items;
    c->activities.count = count;
}

static void fill_options(struct request *req, const struct strategy_view *view,
                         const struct topic *t, struct tpl_topic *c)
{
    size_t all = view->model.options.count, count = 0;
    struct tpl_topic_option *items = arena_new(&req->arena, struct tpl_topic_option, all + 1);

    for (size_t i = 0; i < all; i++) {
        const struct strategy_option *o = &view->model.options.items[i];
        if (!str_eq(o->topic, t->id))
            continue;
        items[count++] = (struct tpl_topic_option){
            .name = o->name,
            .link = request_url(req, "options/" STR_F, STR_A(o->id)),
            .kind = strategy_word(view, "option_kind", &words_option_kind, (int)o->kind),
            .rating = strategy_word(view, "standing", &words_standing, (int)o->rating),
            .rating_word = word_of(&words_standing, (int)o->rating),
            .benefit = strategy_money(req, view, o->benefit.likely),
        };
    }
    c->options.items = items;
    c->options.count = count;
}

/* ---- the form ---- */

static void fill_affinities(struct request *req, const struct strategy_view *view,
                            const struct topic *t, const struct rating_form *form,
                            struct tpl_topic *c)
{
    struct tpl_topic_choice *items = arena_new(&req->arena, struct tpl_topic_choice, 5);

    for (int i = 0; i < 5; i++)
        items[i] = (struct tpl_topic_choice){
            .value = arena_printf(&req->arena, "%d", i),
            .label = strategy_affinity(req, view, i),
            .is_chosen = form->affinity == i,
            .is_proposed = t->proposal && t->proposal->affinity == i,
        };
    c->affinities.items = items;
    c->affinities.count = 5;
}

static size_t fill_words(struct request *req, const struct strategy_view *view, const char *list,
                         const struct word_list *words, int chosen, struct tpl_topic_choice **out)
{
    struct tpl_topic_choice *items =
        arena_new(&req->arena, struct tpl_topic_choice, words->count + 1);

    items[0] = (struct tpl_topic_choice){.label = request_tr(req, TR("not rated")),
                                         .is_chosen = chosen == 0};
    for (size_t i = 1; i < words->count; i++)
        items[i] = (struct tpl_topic_choice){
            .value = word_of(words, (int)i),
            .label = strategy_word(view, list, words, (int)i),
            .is_chosen = (int)i == chosen,
        };
    *out = items;
    return words->count;
}

static void fill_holders(struct request *req, const struct strategy_view *view,
                         const struct rating_form *form, struct tpl_topic *c)
{
    size_t count = view->model.competitors.count;
    struct tpl_topic_choice *items = arena_new(&req->arena, struct tpl_topic_choice, count + 1);

    items[0] = (struct tpl_topic_choice){.label = S("–"), .is_chosen = form->holder.len == 0};
    for (size_t i = 0; i < count; i++) {
        const struct competitor *k = &view->model.competitors.items[i];
        items[i + 1] = (struct tpl_topic_choice){
            .value = k->id, .label = k->name, .is_chosen = str_eq(k->id, form->holder)};
    }
    c->holders.items = items;
    c->holders.count = count + 1;
}

static void fill_form(struct request *req, const struct strategy_view *view, const struct topic *t,
                      const struct rating_form *form, struct tpl_topic *c)
{
    struct tpl_topic_choice *items;

    fill_affinities(req, view, t, form, c);
    c->standings.count =
        fill_words(req, view, "standing", &words_standing, (int)form->standing, &items);
    c->standings.items = items;
    c->positions.count =
        fill_words(req, view, "position", &words_position, (int)form->position, &items);
    c->positions.items = items;
    fill_holders(req, view, form, c);
    c->reason = form->reason;
    c->typed_low_cause = form->low_cause;
    c->problem = form->problem;
    c->is_reason_bad = form->problem.len > 0 && form->reason.len == 0;
    c->is_low_cause_bad = form->problem.len > 0 && form->low_cause.len == 0 &&
                          form->affinity >= 0 && form->affinity <= 1;
    c->may_edit = request_may(req, MAY_EDIT_MODEL);
    c->csrf = page_csrf(req);
    c->action = request_url(req, "topics/" STR_F "/rating", STR_A(t->id));
}

static struct tpl_topic base_context(struct request *req, const struct strategy_view *view,
                                     const struct topic *t)
{
    return (struct tpl_topic){
        .name = t->name,
        .id = t->id,
        .revision = t->revision,
        .note = t->note,
        .priority = word_of(&words_priority, (int)t->priority),
        .priority_reason = t->priority_reason,
        .query = t->query,
        .query_link = request_url(req, "queries/" STR_F, STR_A(t->query)),
        .posts = request_url(req, "search?query=" STR_F, STR_A(t->query)),
        .affinity = strategy_affinity(req, view, t->affinity),
        .affinity_reason = t->affinity_reason,
        .standing = strategy_word(view, "standing", &words_standing, (int)t->standing),
        .standing_word = word_of(&words_standing, (int)t->standing),
        .position = strategy_word(view, "position", &words_position, (int)t->position),
        .holder =
            t->holder.len > 0 ? model_label(&view->model, OBJECT_COMPETITOR, t->holder) : STR_NONE,
        .position_reason = t->position_reason,
        .low_cause = t->low_cause,
        .is_confirmed = t->affinity >= 0,
    };
}

static bool show_topic(struct request *req, const struct strategy_view *view, const struct topic *t,
                       const struct rating_form *form, struct err *err)
{
    struct tpl_topic *c = arena_new(&req->arena, struct tpl_topic, 1);
    struct page_crumb crumbs[] = {{request_tr(req, TR("Topics")), request_url(req, "topics")},
                                  {t->name, STR_NONE}};
    struct page_head head = {
        .current = "topics", .title_text = t->name, .crumbs = crumbs, .crumb_count = 2};

    *c = base_context(req, view, t);
    if (!fill_proposal(req, view, t, c, err) || !fill_measured(req, t, c, err) ||
        !fill_evidence(req, view, t, c, err) || !fill_history(req, view, t, c, err))
        return false;
    fill_activities(req, view, t, c);
    fill_options(req, view, t, c);
    fill_form(req, view, t, form, c);
    strategy_steps(req, view, 4, &head);
    PAGE(req, &head, topic, c);
    return true;
}

static bool find_topic(struct request *req, const struct strategy_view *view,
                       const struct topic **out, struct err *err)
{
    Str id = request_capture(req, S("topic"));

    *out = model_topic(&view->model, id);
    return *out || err_set(err, ERR_NOT_FOUND, "there is no topic '" STR_F "'", STR_A(id));
}

bool page_topic(struct request *req, struct err *err)
{
    struct strategy_view *view = arena_new(&req->arena, struct strategy_view, 1);
    const struct topic *t;

    if (!strategy_view_read(req, view, err) || !find_topic(req, view, &t, err))
        return false;
    const struct topic_proposal *p = t->proposal;
    struct rating_form form = {
        .affinity = t->affinity >= 0 ? t->affinity
                    : p              ? p->affinity
                                     : -1,
        .standing = t->standing != STANDING_UNSET ? t->standing
                    : p                           ? p->standing
                                                  : STANDING_UNSET,
        .position = t->position != POSITION_UNSET ? t->position
                    : p                           ? p->position
                                                  : POSITION_UNSET,
        .holder = t->holder.len > 0 ? t->holder
                  : p               ? p->holder
                                    : STR_NONE,
        .low_cause = t->low_cause,
    };
    return show_topic(req, view, t, &form, err);
}

static struct rating_form typed_form(struct request *req)
{
    struct rating_form form = {
        .affinity = -1,
        .holder = request_form(req, S("holder")),
        .low_cause = request_form(req, S("low_cause")),
        .reason = request_form(req, S("reason")),
    };
    int standing = STANDING_UNSET, position = POSITION_UNSET;

    (void)!str_to_i64(request_form(req, S("affinity")), &form.affinity);
    (void)!word_find(&words_standing, request_form(req, S("standing")), &standing);
    (void)!word_find(&words_position, request_form(req, S("position")), &position);
    form.standing = (enum standing)standing;
    form.position = (enum position_state)position;
    return form;
}

bool page_topic_rating_send(struct request *req, struct err *err)
{
    Str id = request_capture(req, S("topic"));
    struct rating_form form = typed_form(req);
    struct change change = strategy_change(req, form.reason);
    struct rating_choice choice = {form.affinity, form.standing,  form.position,
                                   form.holder,   form.low_cause, STR_NONE};
    struct err problem = {0};
    int64_t revision = 0;

    (void)!str_to_i64(request_form(req, S("revision")), &revision);
    if (topic_rating_decide(req->workspace->state, &change, id, revision, &choice, &problem))
        return request_redirect_notice(
            req, request_url(req, "topics/" STR_F, STR_A(id)),
            request_tr(req, TR("The rating is saved and in the ledger.")));
    if (problem.code != ERR_INPUT && problem.code != ERR_CONFLICT) {
        *err = problem;
        return false;
    }
    struct strategy_view *view = arena_new(&req->arena, struct strategy_view, 1);
    const struct topic *t;
    if (!strategy_view_read(req, view, err) || !find_topic(req, view, &t, err))
        return false;
    form.problem = error_sentence(req, &problem);
    req->status = status_of(problem.code);
    return show_topic(req, view, t, &form, err);
}
