/* page_contributions.c - for the strategy team: who was invited from outside, what they said, and
 * the answer to each contribution.
 */
#include <microhttpd.h>

#include "format/time.h"
#include "strategy/team/representative.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/server_priv.h"
#include "web/view/contributor_view.h"
#include "web/view/strategy_view.h"

enum { SHOWN_MAX = 200, DAYS_PRESET = 30 };

struct invitation {
    Str name, organisation, contact, side, days, agreement;
    const struct err *problem;
    Str fresh, fresh_name; /* the link that was just made */
};

struct list {
    struct strategy_view view;
    struct contributor *people;
    size_t person_count;
    struct contribution *said;
    size_t said_count;
};

static bool read_list(struct request *req, struct list *l, struct err *err)
{
    struct contribution_filter all = {.contributor_id = 0};
    struct db *state = req->workspace->state;

    return strategy_view_read(req, &l->view, err) &&
           contributor_list(&req->arena, state, &l->people, &l->person_count, err) &&
           contribution_list(&req->arena, state, &all, &l->said, &l->said_count, err);
}

static const struct contributor *person_of(const struct list *l, int64_t id)
{
    for (size_t i = 0; i < l->person_count; i++)
        if (l->people[i].id == id)
            return &l->people[i];
    return NULL;
}

static Str name_of(struct request *req, const struct contributor *p)
{
    if (p->erased_at_ms == 0)
        return p->name;
    return arena_printf(&req->arena, STR_F " %lld",
                        STR_A(request_tr(req, TR("Erased contributor"))), (long long)p->id);
}

/* ---- the list -------------------------------------------------------------------------------- */

static void fill_said(struct request *req, const struct list *l, struct tpl_contributions *c)
{
    struct tpl_contributions_said *rows =
        arena_new(&req->arena, struct tpl_contributions_said, SHOWN_MAX);
    size_t count = 0;

    for (size_t i = 0; i < l->said_count; i++) {
        const struct contribution *s = &l->said[i];
        const struct contributor *p = person_of(l, s->contributor_id);
        bool is_open = s->disposition == DISPOSITION_OPEN;
        c->open += is_open;
        c->overdue += contribution_is_overdue(s, req->now_ms);
        if (!p || (!is_open && !c->is_all))
            continue;
        if (count == SHOWN_MAX) {
            c->has_more = true;
            continue;
        }
        rows[count++] = (struct tpl_contributions_said){
            .link = request_url(req, "contributions/%lld", (long long)s->id),
            .at = s->changed_at_ms,
            .kind = contribution_kind_words(req, s->kind),
            .about = contribution_about(req, &l->view.model, s),
            .who = name_of(req, p),
            .side = contributor_side_words(req, p->side),
            .text = s->text,
            .vote =
                s->kind == CONTRIBUTION_VOTE ? contribution_vote_words(req, s->value) : STR_NONE,
            .is_erased = p->erased_at_ms != 0 && s->kind != CONTRIBUTION_VOTE,
            .state = disposition_words(req, s->disposition),
            .colour = disposition_colour(s->disposition),
            .is_open = is_open,
            .is_overdue = contribution_is_overdue(s, req->now_ms),
            .due = s->due_at_ms,
        };
    }
    c->total = (int64_t)l->said_count;
    c->saids.items = rows;
    c->saids.count = count;
}

static Str objects_of(struct request *req, const struct list *l, const struct contributor *p)
{
    Str text = STR_NONE;

    for (size_t i = 0; i < p->object_count; i++) {
        int kind;
        Str name = p->objects[i].id;
        if (word_find(&words_object_kind, p->objects[i].kind, &kind))
            name = model_label(&l->view.model, (enum object_kind)kind, name);
        text = arena_printf(&req->arena, STR_F "%s" STR_F, STR_A(text), i > 0 ? ", " : "",
                            STR_A(name));
    }
    return text;
}

static const struct {
    enum contributor_right right;
    const char *words;
} right_words[] = {
    {RIGHT_COMMENT, TR("comment")}, {RIGHT_VOTE, TR("vote")}, {RIGHT_PROPOSE, TR("propose")}};

static Str rights_of(struct request *req, const struct contributor *p)
{
    Str text = STR_NONE;

    for (size_t i = 0; i < COUNT_OF(right_words); i++)
        if (contributor_may(p, right_words[i].right))
            text =
                arena_printf(&req->arena, STR_F "%s" STR_F, STR_A(text), text.len > 0 ? ", " : "",
                             STR_A(request_tr(req, right_words[i].words)));
    return text;
}

static void fill_state(struct request *req, const struct contributor *p,
                       struct tpl_contributions_person *row)
{
    const char *words = TR("open");

    row->colour = S("green");
    row->is_live = false;
    if (p->revoked_at_ms != 0) {
        words = TR("withdrawn");
        row->colour = S("red");
    } else if (p->expires_at_ms <= req->now_ms) {
        words = TR("expired");
        row->colour = S("off");
    } else
        row->is_live = true;
    row->state = request_tr(req, words);
}

static Str label_with(struct request *req, const char *message, Str name)
{
    return arena_printf(&req->arena, STR_F ": " STR_F, STR_A(request_tr(req, message)),
                        STR_A(name));
}

static void fill_people(struct request *req, const struct list *l, struct tpl_contributions *c)
{
    struct tpl_contributions_person *rows =
        arena_new(&req->arena, struct tpl_contributions_person, l->person_count + 1);

    for (size_t i = 0; i < l->person_count; i++) {
        const struct contributor *p = &l->people[i];
        Str name = name_of(req, p);
        rows[i] = (struct tpl_contributions_person){
            .number = p->id,
            .name = p->name,
            .organisation = p->organisation,
            .contact = c->may_edit ? p->contact : STR_NONE,
            .side = contributor_side_words(req, p->side),
            .rights = rights_of(req, p),
            .objects = objects_of(req, l, p),
            .until = p->expires_at_ms,
            .is_agreed = p->agreed_at_ms != 0,
            .agreed = p->agreed_at_ms,
            .was_used = p->last_used_ms != 0,
            .used = p->last_used_ms,
            .is_erased = p->erased_at_ms != 0,
            .revoke = request_url(req, "contributors/%lld/revoke", (long long)p->id),
            .erase = request_url(req, "contributors/%lld/erase", (long long)p->id),
            .revoke_label = label_with(req, TR("Withdraw the link"), name),
            .erase_label = label_with(req, TR("Erase the person"), name),
        };
        fill_state(req, p, &rows[i]);
        c->live += rows[i].is_live;
    }
    c->people.items = rows;
    c->people.count = l->person_count;
}

static bool fill_votes(struct request *req, const struct list *l, struct tpl_contributions *c,
                       struct err *err)
{
    size_t count = l->view.model.versions.count;
    struct tpl_contributions_vote *rows =
        arena_new(&req->arena, struct tpl_contributions_vote, count + 1);

    for (size_t i = 0; i < count; i++) {
        const struct strategy_version *v = &l->view.model.versions.items[i];
        struct approval a;
        if (!representative_approval(req->workspace->state, v->id, v->revision, &a, err))
            return false;
        rows[i] = (struct tpl_contributions_vote){
            .name = v->name,
            .link = request_url(req, "versions/" STR_F, STR_A(request_part(req, v->id))),
            .customers = a.customers,
            .partners = a.partners,
            .others = a.others,
            .refusals = a.refusals,
            .outdated = a.outdated,
            .is_met = a.is_met,
        };
    }
    c->votes.items = rows;
    c->votes.count = count;
    return true;
}

/* ---- the form -------------------------------------------------------------------------------- */

struct choices {
    struct tpl_contributions_choice *items;
    size_t count;
};

static bool is_picked(struct request *req, Str field, Str value)
{
    Str given;

    for (size_t n = 0; params_nth(&req->form, field, n, &given); n++)
        if (str_eq(str_trim(given), value))
            return true;
    return false;
}

static struct choices object_choices(struct request *req, const struct list *l,
                                     enum object_kind kind)
{
    struct object_list objects = model_objects(&l->view.model, kind);
    struct choices c = {arena_new(&req->arena, struct tpl_contributions_choice, objects.count + 1),
                        objects.count};

    for (size_t i = 0; i < objects.count; i++) {
        Str id = object_id(object_at(&objects, i));
        Str value = arena_printf(&req->arena, STR_F ":" STR_F,
                                 STR_A(word_of(&words_object_kind, (int)kind)), STR_A(id));
        c.items[i] = (struct tpl_contributions_choice){value, model_label(&l->view.model, kind, id),
                                                       is_picked(req, S("object"), value)};
    }
    return c;
}

static void fill_form(struct request *req, const struct list *l, const struct invitation *in,
                      struct tpl_contributions *c)
{
    struct choices versions = object_choices(req, l, OBJECT_VERSION),
                   topics = object_choices(req, l, OBJECT_TOPIC),
                   options = object_choices(req, l, OBJECT_OPTION);
    struct tpl_contributions_choice *sides =
        arena_new(&req->arena, struct tpl_contributions_choice, SIDE_COUNT);
    struct tpl_contributions_choice *rights =
        arena_new(&req->arena, struct tpl_contributions_choice, COUNT_OF(right_words));

    for (size_t i = 0; i < SIDE_COUNT; i++) {
        Str value = str_from_cstr(contributor_side_name((enum contributor_side)i));
        sides[i] = (struct tpl_contributions_choice){
            value, contributor_side_words(req, (enum contributor_side)i), str_eq(value, in->side)};
    }
    for (size_t i = 0; i < COUNT_OF(right_words); i++) {
        Str value = str_from_cstr(contributor_right_name(right_words[i].right));
        rights[i] =
            (struct tpl_contributions_choice){value, request_tr(req, right_words[i].words),
                                              !in->problem || is_picked(req, S("right"), value)};
    }
    c->sides.items = sides;
    c->sides.count = SIDE_COUNT;
    c->rights.items = rights;
    c->rights.count = COUNT_OF(right_words);
    c->versions.items = versions.items;
    c->versions.count = versions.count;
    c->topics.items = topics.items;
    c->topics.count = topics.count;
    c->options.items = options.items;
    c->options.count = options.count;
    c->name = in->name;
    c->organisation = in->organisation;
    c->contact = in->contact;
    c->days = in->days;
    c->agreement = in->agreement;
}

/* The field that a message begins with: "name: is missing". */
static Str field_of(struct request *req, const struct err *problem)
{
    Str field, rest;

    if (!problem ||
        !str_cut(arena_str(&req->arena, str_from_cstr(problem->msg)), ':', &field, &rest))
        return STR_NONE;
    return field;
}

static bool show(struct request *req, const struct invitation *in, struct err *err)
{
    struct list l = {.person_count = 0};
    struct page_head head = {.current = "contributions", .title = TR("Contributors")};

    if (!read_list(req, &l, err))
        return false;
    struct tpl_contributions c = {
        .fresh = in->fresh,
        .fresh_name = in->fresh_name,
        .may_edit = request_may(req, MAY_EDIT_MODEL),
        .may_erase = request_may(req, MAY_ERASE),
        .is_all = str_eq(request_query(req, S("show")), S("all")),
        .all_link = request_url(req, "contributions?show=all"),
        .open_link = request_url(req, "contributions"),
        .bad = field_of(req, in->problem),
        .problem = in->problem ? error_sentence(req, in->problem) : STR_NONE,
        .hint = in->problem ? error_hint(req, in->problem) : STR_NONE,
        .action = request_url(req, "contributions"),
        .csrf = page_csrf(req),
    };
    fill_said(req, &l, &c);
    fill_people(req, &l, &c);
    fill_form(req, &l, in, &c);
    if (!fill_votes(req, &l, &c, err))
        return false;
    strategy_steps(req, &l.view, 7, &head);
    PAGE(req, &head, contributions, &c);
    return true;
}

static struct invitation invitation_new(struct request *req)
{
    return (struct invitation){
        .side = S("customer"),
        .days = arena_printf(&req->arena, "%d", DAYS_PRESET),
        .agreement = request_tr(
            req,
            TR("What I see here is confidential until it is published. My contributions may be "
               "used for the strategy. My name is kept with them and erased when I ask for it."))};
}

bool page_contributions(struct request *req, struct err *err)
{
    struct invitation in = invitation_new(req);

    return show(req, &in, err);
}

static bool read_objects(struct request *req, struct contributor *out, struct err *err)
{
    Str given;

    out->objects = arena_new(&req->arena, struct contributor_object, PARAM_COUNT_MAX);
    for (size_t n = 0; params_nth(&req->form, S("object"), n, &given); n++) {
        struct contributor_object *o = &out->objects[out->object_count++];
        if (!str_cut(str_trim(given), ':', &o->kind, &o->id))
            return err_set(err, ERR_INPUT, "objects: '" STR_F "' names none", STR_A(given));
    }
    return true;
}

static bool read_wanted(struct request *req, const struct invitation *in, struct contributor *out,
                        struct err *err)
{
    int64_t days;

    *out = (struct contributor){.name = in->name,
                                .organisation = in->organisation,
                                .contact = in->contact,
                                .agreement = in->agreement};
    if (!contributor_side_from(in->side, &out->side))
        return err_set(err, ERR_INPUT, "side: is not one of those offered");
    if (!str_to_i64(in->days, &days) || days < 1 || days > CONTRIBUTOR_DAYS_MAX)
        return err_set(err, ERR_INPUT, "days: are not between 1 and %d", CONTRIBUTOR_DAYS_MAX);
    out->expires_at_ms = req->now_ms + days * TIME_DAY_MS;
    for (size_t i = 0; i < COUNT_OF(right_words); i++)
        if (is_picked(req, S("right"), str_from_cstr(contributor_right_name(right_words[i].right))))
            out->rights |= (unsigned)right_words[i].right;
    return read_objects(req, out, err);
}

/* The whole address, as the asker reached this server. */
static Str link_of(struct request *req, Str token)
{
    return arena_printf(&req->arena, "%s://" STR_F "/c/" STR_F,
                        web_server_is_https(req->server) ? "https" : "http",
                        STR_A(request_header(req, "Host")), STR_A(token));
}

static bool invite(struct request *req, struct invitation *in, struct err *err)
{
    struct change change = strategy_change(req, STR_NONE);
    struct contributor wanted;
    struct buf token;

    if (!read_wanted(req, in, &wanted, err))
        return false;
    buf_init(&token, 4 * CONTRIBUTOR_TOKEN_BYTES_MAX);
    bool ok = representative_invite(req->workspace->state, &change,
                                    web_server_contributor_key(req->server), req->workspace->slug,
                                    &wanted, &token, err);
    if (ok)
        in->fresh = link_of(req, buf_str(&token));
    buf_deinit(&token);
    return ok;
}

bool page_contributions_send(struct request *req, struct err *err)
{
    struct invitation in = {.name = request_form(req, S("name")),
                            .organisation = request_form(req, S("organisation")),
                            .contact = request_form(req, S("contact")),
                            .side = request_form(req, S("side")),
                            .days = request_form(req, S("days")),
                            .agreement = request_form(req, S("agreement"))};
    struct err problem = {0};

    if (!invite(req, &in, &problem)) {
        if (problem.code != ERR_INPUT && problem.code != ERR_LIMIT) {
            *err = problem;
            return false;
        }
        req->status = status_of(problem.code);
        in.problem = &problem;
        return show(req, &in, err);
    }
    /* No redirect: the link is shown this once. */
    struct invitation next = invitation_new(req);
    next.fresh = in.fresh;
    next.fresh_name = in.name;
    next.agreement = in.agreement;
    next.days = in.days;
    req->form = (struct params){0};
    return show(req, &next, err);
}

/* ---- ending a link --------------------------------------------------------------------------- */

static bool capture_id(struct request *req, Str name, int64_t *out, struct err *err)
{
    return str_to_i64(request_capture(req, name), out) ||
           err_set(err, ERR_NOT_FOUND, "there is nothing at this address");
}

bool page_contributor_revoke_send(struct request *req, struct err *err)
{
    struct change change = strategy_change(req, STR_NONE);
    int64_t id;

    return capture_id(req, S("contributor"), &id, err) &&
           representative_revoke(req->workspace->state, &change, id, err) &&
           request_redirect_notice(req, request_url(req, "contributions"),
                                   request_tr(req, TR("The link opens no more.")));
}

bool page_contributor_erase_send(struct request *req, struct err *err)
{
    struct change change = strategy_change(req, STR_NONE);
    int64_t id;

    if (request_form(req, S("sure")).len == 0)
        return err_set(err, ERR_INPUT, "tick that the person is to be erased for good");
    return capture_id(req, S("contributor"), &id, err) &&
           representative_erase(req->workspace->state, &change, id, err) &&
           request_redirect_notice(
               req, request_url(req, "contributions"),
               request_tr(req, TR("Erased: name and texts are gone, votes stay without a name.")));
}

/* ---- one contribution ------------------------------------------------------------------------ */

struct answer_form {
    Str disposition, reason, effect, entry;
    const struct err *problem;
};

static void fill_dispositions(struct request *req, const struct answer_form *f,
                              struct tpl_contribution *c)
{
    struct tpl_contribution_choice *items =
        arena_new(&req->arena, struct tpl_contribution_choice, DISPOSITION_COUNT);
    size_t count = 0;

    for (size_t i = DISPOSITION_OPEN + 1; i < DISPOSITION_COUNT; i++) {
        Str value = str_from_cstr(disposition_name((enum disposition)i));
        items[count++] = (struct tpl_contribution_choice){
            value, disposition_words(req, (enum disposition)i), str_eq(value, f->disposition)};
    }
    c->dispositions.items = items;
    c->dispositions.count = count;
}

static bool is_outdated(const struct strategy_model *model, const struct contribution *s)
{
    int kind;
    const void *object =
        s->object_id.len > 0 && word_find(&words_object_kind, s->object_kind, &kind)
            ? model_find(model, (enum object_kind)kind, s->object_id)
            : NULL;

    return s->object_id.len > 0 && (!object || object_revision(object) != s->object_revision);
}

static bool show_one(struct request *req, int64_t id, const struct answer_form *f, struct err *err)
{
    struct strategy_view view;
    struct contribution s;
    struct contributor p;

    if (!contribution_read(&req->arena, req->workspace->state, id, &s, err) ||
        !contributor_read(&req->arena, req->workspace->state, s.contributor_id, &p, err) ||
        !strategy_view_read(req, &view, err))
        return false;
    struct tpl_contribution c = {
        .kind = contribution_kind_words(req, s.kind),
        .about = contribution_about(req, &view.model, &s),
        .object_kind = contribution_object_words(req, s.object_kind),
        .who = name_of(req, &p),
        .side = contributor_side_words(req, p.side),
        .text = s.text,
        .vote = s.kind == CONTRIBUTION_VOTE ? contribution_vote_words(req, s.value) : STR_NONE,
        .is_erased = p.erased_at_ms != 0 && s.kind != CONTRIBUTION_VOTE,
        .is_outdated = is_outdated(&view.model, &s),
        .at = s.changed_at_ms,
        .due = s.due_at_ms,
        .is_open = s.disposition == DISPOSITION_OPEN,
        .is_overdue = contribution_is_overdue(&s, req->now_ms),
        .state = disposition_words(req, s.disposition),
        .colour = disposition_colour(s.disposition),
        .by = s.disposed_by,
        .answered = s.disposed_at_ms,
        .reason_given = s.reason,
        .effect_given = s.effect,
        .entry_number = request_may(req, MAY_VIEW_LEDGER) ? s.effect_entry : 0,
        .entry_link = request_url(req, "ledger?before=%lld", (long long)s.effect_entry + 1),
        .may_edit = request_may(req, MAY_EDIT_MODEL),
        .reason = f->reason,
        .effect = f->effect,
        .entry = f->entry,
        .revision = s.revision,
        .bad = field_of(req, f->problem),
        .problem = f->problem ? error_sentence(req, f->problem) : STR_NONE,
        .hint = f->problem ? error_hint(req, f->problem) : STR_NONE,
        .action = request_url(req, "contributions/%lld", (long long)id),
        .back = request_url(req, "contributions"),
        .csrf = page_csrf(req),
    };
    fill_dispositions(req, f, &c);
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Contributors")), request_url(req, "contributions")},
        {c.kind, STR_NONE}};
    struct page_head head = {.current = "contributions",
                             .title = TR("Contribution"),
                             .crumbs = crumbs,
                             .crumb_count = COUNT_OF(crumbs)};
    strategy_steps(req, &view, 7, &head);
    PAGE(req, &head, contribution, &c);
    return true;
}

bool page_contribution(struct request *req, struct err *err)
{
    struct answer_form f = {.problem = NULL};
    int64_t id;

    return capture_id(req, S("contribution"), &id, err) && show_one(req, id, &f, err);
}

static bool answer(struct request *req, int64_t id, const struct answer_form *f, struct err *err)
{
    struct change change = strategy_change(req, f->reason);
    struct contribution wanted = {.id = id, .effect = f->effect};

    if (!disposition_from(f->disposition, &wanted.disposition))
        return err_set(err, ERR_INPUT, "disposition: is not one of those offered");
    if (f->entry.len > 0 &&
        (!str_to_i64(f->entry, &wanted.effect_entry) || wanted.effect_entry < 1))
        return err_set(err, ERR_INPUT, "entry: is not a number of the ledger");
    if (!str_to_i64(request_form(req, S("revision")), &wanted.revision))
        return err_set(err, ERR_INPUT, "the form is incomplete") ||
               err_hint(err, "Load the page again and repeat it.");
    return representative_answer(req->workspace->state, &change, &wanted, err);
}

bool page_contribution_send(struct request *req, struct err *err)
{
    struct answer_form f = {.disposition = request_form(req, S("disposition")),
                            .reason = request_form(req, S("reason")),
                            .effect = request_form(req, S("effect")),
                            .entry = request_form(req, S("entry"))};
    struct err problem = {0};
    int64_t id;

    if (!capture_id(req, S("contribution"), &id, err))
        return false;
    if (answer(req, id, &f, &problem))
        return request_redirect_notice(req, request_url(req, "contributions"),
                                       request_tr(req, TR("The answer is given.")));
    if (problem.code != ERR_INPUT && problem.code != ERR_CONFLICT) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    f.problem = &problem;
    return show_one(req, id, &f, err);
}
