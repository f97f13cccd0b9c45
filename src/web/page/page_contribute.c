/* page_contribute.c - the page behind a contributor's link: what is shown, what is said about it.
 *
 * No account, no session and no cookie: the address is the right. A token with a wrong signature is
 * refused before any database is asked, and slows down whoever tries more of them. The page is the
 * same for somebody who is logged in. What the link does not name does not exist here.
 */
#include <microhttpd.h>

#include "format/digest.h"
#include "os/entropy.h"
#include "strategy/team/representative.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/server_priv.h"
#include "web/view/contributor_view.h"

struct guest {
    struct contributor_token token;
    struct contributor who;
    struct strategy_model model;
    struct contribution *said; /* by this person */
    size_t said_count;
    /* A form that was refused comes back with what was typed. */
    const struct err *problem;
    Str bad_kind, bad_id, typed;
};

/* ---- who is it? ------------------------------------------------------------------------------ */

/* Tokens are guessed as passwords are: a wrong signature counts, a good one does not. */
static bool read_token(struct request *req, struct contributor_token *out, struct err *err)
{
    struct login_limit *limit = web_server_link_limit(req->server);
    Str text = request_capture(req, S("token")), address = request_address(req);
    DigestHex name = digest_sha256_hex(text);
    Str key = str_from_cstr(name.text);
    int64_t wait_ms = login_limit_begin(limit, key, address, req->now_ms);
    int64_t minutes = wait_ms / 60000 + 1;

    if (wait_ms > 0)
        return err_set(err, ERR_BUSY, "too many links that are not valid came from here") ||
               err_hint(err, "Try again in %lld minutes.", (long long)minutes);
    if (!contributor_token_read(web_server_contributor_key(req->server), text, out, err))
        return false;
    login_limit_succeeded(limit, key, address);
    if (req->now_ms >= out->expires_at_ms)
        return err_set(err, ERR_DENIED, "the link has expired") ||
               err_hint(err, "Ask the person who invited you for a new one.");
    return true;
}

/* A workspace that was removed is a link that is not valid. */
static bool open_workspace(struct request *req, Str slug, struct err *err)
{
    struct err problem = {0};

    if (pool_workspace_acquire(web_server_pool(req->server), slug, &req->workspace, &problem))
        return true;
    if (problem.code == ERR_NOT_FOUND || problem.code == ERR_INPUT)
        return err_set(err, ERR_DENIED, "the link is not valid") ||
               err_hint(err, "Ask the person who invited you for a new one.");
    *err = problem;
    return false;
}

static bool open_guest(struct request *req, struct guest *g, struct err *err)
{
    return read_token(req, &g->token, err) &&
           open_workspace(req, str_from_cstr(g->token.workspace), err) &&
           contributor_open(&req->arena, req->workspace->state, &g->token, req->now_ms, &g->who,
                            err);
}

/* ---- showing --------------------------------------------------------------------------------- */

/* Nobody is logged in here, whoever asks. */
static void send_page(struct request *req, struct tpl_contribute *c)
{
    struct page_head head = {.title = TR("Contribute")};

    req->is_signed_in = false;
    request_set_header(req, "X-Robots-Tag", S("noindex, nofollow"));
    PAGE(req, &head, contribute, c);
}

static bool show_refusal(struct request *req, const struct err *problem, struct err *err)
{
    unsigned status = error_status(req, problem);

    if (status != MHD_HTTP_FORBIDDEN && status != MHD_HTTP_TOO_MANY_REQUESTS) {
        *err = *problem;
        return false;
    }
    struct tpl_contribute c = {.is_refused = true,
                               .refusal = error_sentence(req, problem),
                               .hint = error_hint(req, problem)};
    req->status = status;
    /* Not even the name of a workspace is shown. */
    pool_workspace_release(web_server_pool(req->server), &req->workspace);
    send_page(req, &c);
    return true;
}

static const struct contribution *vote_of(const struct guest *g, Str kind, Str id)
{
    for (size_t i = 0; i < g->said_count; i++)
        if (g->said[i].kind == CONTRIBUTION_VOTE && str_eq(g->said[i].object_kind, kind) &&
            str_eq(g->said[i].object_id, id))
            return &g->said[i];
    return NULL;
}

/* Of a version only those of its options that are shown themselves. */
static Str parts_of(struct request *req, const struct guest *g, const struct strategy_version *v)
{
    Str text = STR_NONE;

    for (size_t i = 0; i < v->options.count; i++) {
        const struct version_option *o = &v->options.items[i];
        if (!o->is_chosen || !contributor_sees(&g->who, S("option"), o->option))
            continue;
        Str name = model_label(&g->model, OBJECT_OPTION, o->option);
        text = arena_printf(&req->arena, STR_F "%s" STR_F, STR_A(text), text.len > 0 ? ", " : "",
                            STR_A(name));
    }
    return text;
}

static void fill_text(struct request *req, const struct guest *g, Str kind, const void *object,
                      struct tpl_contribute_thing *thing)
{
    if (str_eq(kind, S("version"))) {
        const struct strategy_version *v = object;
        thing->text = v->text;
        thing->parts = parts_of(req, g, v);
    } else if (str_eq(kind, S("option")))
        thing->text = ((const struct strategy_option *)object)->text;
}

/* False: it was removed from the strategy. */
static bool fill_thing(struct request *req, const struct guest *g,
                       const struct contributor_object *o, struct tpl_contribute_thing *thing)
{
    const struct contribution *vote = vote_of(g, o->kind, o->id);
    int kind;
    const void *object = word_find(&words_object_kind, o->kind, &kind)
                             ? model_find(&g->model, (enum object_kind)kind, o->id)
                             : NULL;

    if (!object)
        return false;
    *thing = (struct tpl_contribute_thing){
        .kind = o->kind,
        .kind_label = contribution_object_words(req, o->kind),
        .id = o->id,
        .revision = object_revision(object),
        .name = model_label(&g->model, (enum object_kind)kind, o->id),
        .has_vote = vote != NULL,
        .is_for = vote && vote->value > 0,
        .is_even = vote && vote->value == 0,
        .is_against = vote && vote->value < 0,
        .vote_revision = vote ? vote->revision : 0,
        .form_id = arena_printf(&req->arena, STR_F "-" STR_F, STR_A(o->kind), STR_A(o->id)),
        .is_bad = g->problem && str_eq(g->bad_kind, o->kind) && str_eq(g->bad_id, o->id),
    };
    if (thing->is_bad)
        thing->typed = g->typed;
    fill_text(req, g, o->kind, object, thing);
    return true;
}

static void fill_things(struct request *req, const struct guest *g, struct tpl_contribute *c)
{
    struct tpl_contribute_thing *items =
        arena_new(&req->arena, struct tpl_contribute_thing, g->who.object_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < g->who.object_count; i++)
        count += fill_thing(req, g, &g->who.objects[i], &items[count]);
    c->things.items = items;
    c->things.count = count;
}

static void fill_owns(struct request *req, const struct guest *g, struct tpl_contribute *c)
{
    struct tpl_contribute_own *items =
        arena_new(&req->arena, struct tpl_contribute_own, g->said_count + 1);

    for (size_t i = 0; i < g->said_count; i++) {
        const struct contribution *s = &g->said[i];
        bool is_vote = s->kind == CONTRIBUTION_VOTE;
        items[i] = (struct tpl_contribute_own){
            .kind = contribution_kind_words(req, s->kind),
            .about = contribution_about(req, &g->model, s),
            .text = s->text,
            .vote = is_vote ? contribution_vote_words(req, s->value) : STR_NONE,
            .at = s->changed_at_ms,
            .state = disposition_words(req, s->disposition),
            .colour = disposition_colour(s->disposition),
            .is_open = s->disposition == DISPOSITION_OPEN,
            .due = s->due_at_ms,
            .reason = s->reason,
            .effect = s->effect,
        };
    }
    c->owns.items = items;
    c->owns.count = g->said_count;
}

static Str done_words(struct request *req)
{
    static const struct {
        const char *done, *words;
    } names[] = {{"agree", TR("Thank you. The agreement is signed.")},
                 {"vote", TR("Your vote is recorded.")},
                 {"comment", TR("Your comment is recorded.")},
                 {"propose", TR("Your proposal is recorded.")}};
    Str done = request_query(req, S("done"));

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (req->method == HTTP_GET && str_eq(done, str_from_cstr(names[i].done)))
            return request_tr(req, names[i].words);
    return STR_NONE;
}

/* Drawn for the forms of one page: a form that is sent twice counts once. */
static Str draw_once(struct request *req)
{
    return arena_printf(&req->arena, "%016llx%016llx", (unsigned long long)entropy_u64(),
                        (unsigned long long)entropy_u64());
}

static bool read_what_is_shown(struct request *req, struct guest *g, struct err *err)
{
    struct contribution_filter own = {.contributor_id = g->who.id};
    struct db *state = req->workspace->state;

    return store_read(state, &req->arena, &g->model, err) &&
           contribution_list(&req->arena, state, &own, &g->said, &g->said_count, err);
}

static bool show(struct request *req, struct guest *g, struct err *err)
{
    char form[CONTRIBUTOR_FORM_BYTES];
    const struct contributor *who = &g->who;

    if (!read_what_is_shown(req, g, err))
        return false;
    contributor_form_token(&g->token, form);
    struct tpl_contribute c = {
        .problem = g->problem ? error_sentence(req, g->problem) : STR_NONE,
        .problem_hint = g->problem ? error_hint(req, g->problem) : STR_NONE,
        .done = done_words(req),
        .name = who->name,
        .side = contributor_side_words(req, who->side),
        .company = req->workspace->name,
        .until = who->expires_at_ms,
        .is_agreed = who->agreed_at_ms != 0,
        .agreement = who->agreement,
        .agreed_at = who->agreed_at_ms,
        .agreed_by = who->agreed_by,
        .typed_name = g->problem ? request_form(req, S("signature")) : STR_NONE,
        .may_comment = contributor_may(who, RIGHT_COMMENT),
        .may_vote = contributor_may(who, RIGHT_VOTE),
        .may_propose = contributor_may(who, RIGHT_PROPOSE),
        .bad_proposal = g->problem && str_eq(g->bad_kind, S("proposal")),
        .action = arena_printf(&req->arena, "/c/" STR_F, STR_A(request_capture(req, S("token")))),
        .form = str_from_cstr(form),
        .csrf = page_csrf(req),
        .once = draw_once(req),
    };
    if (c.bad_proposal)
        c.typed_proposal = g->typed;
    if (c.is_agreed) {
        fill_things(req, g, &c);
        fill_owns(req, g, &c);
    }
    send_page(req, &c);
    return true;
}

bool page_contribute(struct request *req, struct err *err)
{
    struct guest *g = arena_new(&req->arena, struct guest, 1);
    struct err problem = {0};

    if (!open_guest(req, g, &problem))
        return show_refusal(req, &problem, err);
    return show(req, g, err);
}

/* ---- what is sent ---------------------------------------------------------------------------- */

static bool form_i64(struct request *req, const char *name, int64_t least, int64_t *out,
                     struct err *err)
{
    if (str_to_i64(request_form(req, str_from_cstr(name)), out) && *out >= least)
        return true;
    return err_set(err, ERR_INPUT, "the form is incomplete") ||
           err_hint(err, "Load the page again and repeat it.");
}

static bool send_vote(struct request *req, const struct guest *g, struct err *err)
{
    struct contribution c = {.kind = CONTRIBUTION_VOTE,
                             .object_kind = request_form(req, S("kind")),
                             .object_id = request_form(req, S("id"))};

    return form_i64(req, "value", -1, &c.value, err) &&
           form_i64(req, "revision", 0, &c.revision, err) &&
           form_i64(req, "object_revision", 1, &c.object_revision, err) &&
           representative_send(req->workspace->state, &g->who, &c, STR_NONE, req->now_ms, err);
}

static bool send_comment(struct request *req, const struct guest *g, struct err *err)
{
    struct contribution c = {.kind = CONTRIBUTION_COMMENT,
                             .object_kind = request_form(req, S("kind")),
                             .object_id = request_form(req, S("id")),
                             .text = request_form(req, S("text"))};

    return form_i64(req, "object_revision", 1, &c.object_revision, err) &&
           representative_send(req->workspace->state, &g->who, &c, request_form(req, S("once")),
                               req->now_ms, err);
}

static bool send_proposal(struct request *req, const struct guest *g, struct err *err)
{
    struct contribution c = {.kind = CONTRIBUTION_PROPOSAL,
                             .object_kind = request_form(req, S("what")),
                             .text = request_form(req, S("text"))};

    return representative_send(req->workspace->state, &g->who, &c, request_form(req, S("once")),
                               req->now_ms, err);
}

static bool send_agreement(struct request *req, const struct guest *g, struct err *err)
{
    return representative_agree(req->workspace->state, &g->who, request_form(req, S("signature")),
                                req->now_ms, err);
}

static const struct {
    const char *name;
    bool (*send)(struct request *req, const struct guest *g, struct err *err);
} acts[] = {{"agree", send_agreement},
            {"vote", send_vote},
            {"comment", send_comment},
            {"propose", send_proposal}};

static bool act(struct request *req, const struct guest *g, struct err *err)
{
    Str what = request_form(req, S("do"));

    if (!contributor_form_matches(&g->token, request_form(req, S("form"))))
        return err_set(err, ERR_DENIED, "the form has expired") ||
               err_hint(err, "Load the page again and repeat it.");
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (str_eq(what, str_from_cstr(acts[i].name)))
            return acts[i].send(req, g, err);
    return err_set(err, ERR_INPUT, "the form is incomplete") ||
           err_hint(err, "Load the page again and repeat it.");
}

/* Sent twice is sent. */
bool page_contribute_send(struct request *req, struct err *err)
{
    struct guest *g = arena_new(&req->arena, struct guest, 1);
    struct err problem = {0};

    if (!open_guest(req, g, &problem))
        return show_refusal(req, &problem, err);
    if (act(req, g, &problem) || problem.code == ERR_EXISTS)
        return request_redirect(req, arena_printf(&req->arena, "/c/" STR_F "?done=" STR_F,
                                                  STR_A(request_capture(req, S("token"))),
                                                  STR_A(request_form(req, S("do")))));
    if (error_status(req, &problem) >= MHD_HTTP_INTERNAL_SERVER_ERROR) {
        *err = problem;
        return false;
    }
    req->status = error_status(req, &problem);
    g->problem = &problem;
    g->typed = request_form(req, S("text"));
    bool is_proposal = str_eq(request_form(req, S("do")), S("propose"));
    g->bad_kind = is_proposal ? S("proposal") : request_form(req, S("kind"));
    g->bad_id = request_form(req, S("id"));
    return show(req, g, err);
}
