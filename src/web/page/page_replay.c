/* page_replay.c - a decision run again: proven or not, and what changed since. */
#include "base/version.h"
#include "strategy/decision/decision_replay.h"
#include "web/error_page.h"
#include "web/page/pages.h"
#include "web/view/change_view.h"

enum { CHANGES_MAX = 200, VALUE_BYTES_SHOWN = 400 };

struct replaying {
    struct request *req;
    struct strategy_view view;
    struct decision_replay replay;
};

/* ---- what changed ---- */

static Str label_of(const struct replaying *p, const struct document_change *change)
{
    if (change->kind == OBJECT_COVERAGE)
        return model_label(&p->view.model, OBJECT_GOAL, change->id);
    return change->label;
}

static Str what_of(struct request *req, const struct document_change *change)
{
    switch (change->what) {
    case DOCUMENT_ADDED:
        return request_tr(req, TR("added"));
    case DOCUMENT_REMOVED:
        return request_tr(req, TR("removed"));
    case DOCUMENT_REORDERED:
        return request_tr(req, TR("in another order"));
    case DOCUMENT_CHANGED:
        return STR_NONE;
    }
    UNREACHABLE("a kind of change");
}

static Str shown(struct request *req, Str text)
{
    return text.len <= VALUE_BYTES_SHOWN
               ? text
               : arena_printf(&req->arena, STR_F " …",
                              STR_A(str_utf8_head(text, VALUE_BYTES_SHOWN)));
}

static struct tpl_changes changes_of(const struct replaying *p, const char *title,
                                     const DocumentChanges *changes)
{
    struct request *req = p->req;
    size_t count = changes->count < CHANGES_MAX ? changes->count : CHANGES_MAX;
    struct tpl_changes_change *items = arena_new(&req->arena, struct tpl_changes_change, count + 1);
    struct tpl_changes out = {.title = request_tr(req, title),
                              .left_off = (int64_t)(changes->count - count)};

    for (size_t i = 0; i < count; i++) {
        const struct document_change *change = &changes->items[i];
        items[i] = (struct tpl_changes_change){
            .kind = strategy_word(&p->view, "object", &words_object_kind, (int)change->kind),
            .label = label_of(p, change),
            .link = change_view_address(req, change),
            .field = change_view_field(req, &p->view, change),
            .path = change->field,
            .what = what_of(req, change),
            .before = shown(req, change_view_value(req, &p->view, change, change->before)),
            .after = shown(req, change_view_value(req, &p->view, change, change->after)),
        };
    }
    out.list.items = items;
    out.list.count = count;
    return out;
}

/* ---- the page ---- */

static void fill_proof(const struct replaying *p, struct tpl_replay *c)
{
    const struct simulation_proof *proof = &p->replay.proof;
    struct request *req = p->req;

    c->is_intact = p->replay.document_fault.code == ERR_NONE;
    if (!c->is_intact) {
        c->fault = error_sentence(req, &p->replay.document_fault);
        return;
    }
    c->is_model = proof->fault == SIMULATION_MODEL_DIFFERS;
    c->member = proof->member;
    c->stored = proof->stored.len > 0 ? shown(req, proof->stored) : S("–");
    c->now = proof->now.len > 0 ? shown(req, proof->now) : S("–");
    c->simulation = proof->id;
    c->trials = proof->trials;
    c->seed = arena_printf(&req->arena, "%llu", (unsigned long long)proof->seed);
    c->method = proof->method;
    c->model_hash = proof->model_hash;
    c->result_then = proof->result_then;
    c->result_now = proof->result_now;
    c->is_same_result = str_eq(proof->result_then, proof->result_now);
    c->program_then = proof->program_version;
    c->program_now = p->replay.program_version;
}

static void fill(const struct replaying *p, struct tpl_replay *c)
{
    const struct decision *decision = &p->replay.decision;
    struct request *req = p->req;

    c->version = decision->version_name;
    c->version_link =
        request_url(req, "versions/" STR_F, STR_A(request_part(req, decision->version)));
    c->signed_by = decision->signed_name;
    c->signed_at = decision->signed_at_ms;
    c->hash = decision->model_hash;
    c->is_proven = p->replay.is_proven;
    c->changed = (int64_t)p->replay.inputs.count;
    c->other = (int64_t)p->replay.others.count;
    c->inputs = changes_of(p, TR("Inputs that changed since"), &p->replay.inputs);
    c->others = changes_of(p, TR("Other changes since"), &p->replay.others);
    c->paper = request_url(req, "decision/paper?decision=%lld", (long long)decision->id);
    c->versions = request_url(req, "versions");
    c->data =
        arena_printf(&req->arena, "/api/v1/workspaces/" STR_F "/decision/replay?decision=%lld",
                     STR_A(req->workspace->slug), (long long)decision->id);
    fill_proof(p, c);
}

bool page_replay(struct request *req, struct err *err)
{
    struct replaying *p = arena_new(&req->arena, struct replaying, 1);
    struct tpl_replay *c = arena_new(&req->arena, struct tpl_replay, 1);
    int64_t id = request_query_i64(req, S("decision"), 0, 0, INT64_MAX);
    struct page_crumb crumbs[] = {
        {request_tr(req, TR("Decision")), request_url(req, "decision")},
        {request_tr(req, TR("Run again")), STR_NONE},
    };
    struct page_head head = {
        .current = "decision", .title = TR("Run again"), .crumbs = crumbs, .crumb_count = 2};

    p->req = req;
    if (!strategy_view_read(req, &p->view, err) ||
        !decision_replay(req->workspace->state, &req->arena, id, S(TRIMTAB_VERSION), 1, &p->replay,
                         err))
        return false;
    fill(p, c);
    strategy_steps(req, &p->view, 8, &head);
    PAGE(req, &head, replay, c);
    return true;
}
