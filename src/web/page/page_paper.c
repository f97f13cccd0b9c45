/* page_paper.c - the decision paper: alternatives side by side, a page each, what is not known. */
#include "base/limits.h"
#include "format/xlsx.h"
#include "ledger/ledger.h"
#include "os/scratch_file.h"
#include "web/page/pages.h"
#include "web/view/paper_view.h"
#include "web/view/version_view.h"

#define BOOK_CHUNK_BYTES (256 * KIB)

static void fill_beats(struct paper_view *p, struct tpl_paper *c)
{
    const struct comparison *comparison = &p->paper.comparison;
    struct tpl_paper_beats *beats =
        arena_new(&p->req->arena, struct tpl_paper_beats, comparison->beats.count + 1);

    for (size_t i = 0; i < comparison->beats.count; i++) {
        const struct beats_line *line = &comparison->beats.items[i];
        if (line->probability < 0.5) /* the other way round says the same */
            continue;
        beats[c->beats_list.count++] = (struct tpl_paper_beats){
            model_label(&p->model, OBJECT_VERSION, line->a),
            model_label(&p->model, OBJECT_VERSION, line->b), line->probability};
    }
    c->beats_list.items = beats;
}

static void fill_versions(struct paper_view *p, struct tpl_paper *c)
{
    size_t count = p->paper.versions.count;
    struct tpl_version_sheet *items =
        arena_new(&p->req->arena, struct tpl_version_sheet, count + 1);

    for (size_t i = 0; i < count; i++)
        items[i] = version_sheet(p, &p->paper.versions.items[i]);
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

static void fill_rejected(struct paper_view *p, struct tpl_paper *c)
{
    size_t count = p->decision.rejected.count;
    struct tpl_paper_rejection *items =
        arena_new(&p->req->arena, struct tpl_paper_rejection, count + 1);

    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_paper_rejection){
            model_label(&p->model, OBJECT_VERSION, p->decision.rejected.items[i].version),
            p->decision.rejected.items[i].reason};
    c->rejected.items = items;
    c->rejected.count = count;
}

/* The same paper as JSON. */
static Str data_address(const struct paper_view *p)
{
    struct arena *a = &p->req->arena;
    Str address = arena_printf(a, "/api/v1/workspaces/" STR_F "/decision/paper",
                               STR_A(p->req->workspace->slug));

    return p->decision.id == 0
               ? address
               : arena_printf(a, STR_F "?decision=%lld", STR_A(address), (long long)p->decision.id);
}

/* Its tables as a workbook. */
static Str book_address(const struct paper_view *p)
{
    return p->decision.id == 0 ? request_url(p->req, "decision/paper.xlsx")
                               : request_url(p->req, "decision/paper.xlsx?decision=%lld",
                                             (long long)p->decision.id);
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
    c->conditions = p->decision.conditions;
    c->granted = p->decision.resources_granted;
    c->reopening = p->decision.reopening;
    fill_rejected(p, c);
    c->entry = request_url(p->req, "ledger");
    c->data = data_address(p);
    c->book = book_address(p);
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
    version_compare(p, &c->table);
    fill_beats(p, c);
    fill_versions(p, c);
    fill_topics(p, c);
    c->has_curves = p->simulation.versions.count > 0;
    if (c->has_curves)
        c->curves = version_curves(p);
    strategy_steps(req, &p->view, 8, &head);
    PAGE(req, &head, paper, c);
    return true;
}

bool page_paper_book(struct request *req, struct err *err)
{
    struct paper_view *p = arena_new(&req->arena, struct paper_view, 1);
    struct scratch_file file = {0};
    struct buf out;
    size_t before;

    if (!paper_view_read(req, p, err))
        return false;
    bool ok = scratch_open(&file, req->workspace->dir, err) &&
              decision_paper_xlsx(&req->arena, &p->paper, file.fd, req->workspace->dir, err);
    buf_init(&out, RESPONSE_BYTES_MAX);
    do {
        before = out.len;
        ok = ok && scratch_read(&file, before, BOOK_CHUNK_BYTES, &out, err);
    } while (ok && out.len > before);
    ok = ok && (arena_try_str(&req->arena, buf_str(&out), &req->fixed_body) ||
                err_arena(err, &req->arena));
    buf_deinit(&out);
    scratch_close(&file);
    if (!ok)
        return false;
    req->content_type = S(XLSX_CONTENT_TYPE);
    request_set_header(req, "Content-Disposition",
                       arena_printf(&req->arena, "attachment; filename=\"" STR_F "-paper.xlsx\"",
                                    STR_A(req->workspace->slug)));
    return true;
}
