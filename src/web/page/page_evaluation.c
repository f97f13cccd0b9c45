/* page_evaluation.c - step 7: what people judge of a version, criterion by criterion, and its
 * advantages. A profile; nothing is added up. */
#include "web/page/pages.h"
#include "web/view/object_list.h"
#include "web/view/version_choice.h"

enum { STEP = 7 };

static const struct object_list_spec advantage_list = {
    OBJECT_ADVANTAGE, TR("Advantages"),
    TR("No advantage named yet. Where is the version better, against whom, and can they follow "
       "easily or soon?"),
    "advantages", "topic against durability reason"};

struct evaluation_page {
    struct request *req;
    struct strategy_view view;
    const struct strategy_version *version; /* NULL: none yet */
    bool may_edit;
};

/* The final sheet when there is one, else the early one. */
static const struct evaluation_sheet *sheet_of(const struct evaluation_page *p, Str version,
                                               int criterion)
{
    const struct strategy_model *m = &p->view.model;
    const struct evaluation_sheet *found = NULL;

    for (size_t i = 0; i < m->evaluations.count; i++) {
        const struct evaluation_sheet *e = &m->evaluations.items[i];
        if ((int)e->criterion == criterion && str_eq(e->version, version) &&
            (!found || e->pass == PASS_FINAL))
            found = e;
    }
    return found;
}

static struct tpl_evaluation_judged judged(const struct evaluation_page *p,
                                           const struct strategy_version *v, int criterion)
{
    const struct evaluation_sheet *e = sheet_of(p, v->id, criterion);
    int judgement = e ? (int)e->judgement : JUDGEMENT_OPEN;

    return (struct tpl_evaluation_judged){
        .word = word_of(&words_judgement, judgement),
        .name = strategy_word(&p->view, "judgement", &words_judgement, judgement),
        .is_current = v == p->version,
    };
}

static void fill_criterion(const struct evaluation_page *p, int criterion,
                           struct tpl_evaluation_criterion *out)
{
    const struct strategy_model *m = &p->view.model;
    const struct evaluation_sheet *e = sheet_of(p, p->version->id, criterion);
    Str word = word_of(&words_criterion, criterion);
    struct tpl_evaluation_judged *all =
        arena_new(&p->req->arena, struct tpl_evaluation_judged, m->versions.count + 1);

    for (size_t i = 0; i < m->versions.count; i++)
        all[i] = judged(p, &m->versions.items[i], criterion);
    *out = (struct tpl_evaluation_criterion){
        .name = strategy_name(&p->view, "criterion", word),
        .task = strategy_name(&p->view, "criterion_task", word),
        .is_there = e != NULL,
        .link = e ? request_url(p->req, "edit/evaluation/" STR_F, STR_A(e->id))
                  : request_url(p->req, "edit/evaluation/new?version=" STR_F "&criterion=" STR_F,
                                STR_A(p->version->id), STR_A(word)),
    };
    out->all.items = all;
    out->all.count = m->versions.count;
    if (!e)
        return;
    out->pass = strategy_word(&p->view, "evaluation_pass", &words_evaluation_pass, (int)e->pass);
    out->sources = e->sources;
    out->implementation = e->implementation;
    out->assessment = e->assessment;
    out->used_for = e->used_for;
    out->participants = object_member_text(p->req, &p->view, OBJECT_EVALUATION, e, "participants");
    out->date = e->date;
}

static void fill_criteria(const struct evaluation_page *p, struct tpl_evaluation *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_evaluation_criterion *rows =
        arena_new(&p->req->arena, struct tpl_evaluation_criterion, EVALUATION_CRITERION_COUNT);
    Str *names = arena_new(&p->req->arena, Str, m->versions.count + 1);

    for (size_t i = 0; i < m->versions.count; i++)
        names[i] = m->versions.items[i].name;
    for (int k = 0; k < EVALUATION_CRITERION_COUNT; k++) {
        fill_criterion(p, k, &rows[k]);
        c->there += rows[k].is_there;
    }
    c->names.items = names;
    c->names.count = m->versions.count;
    c->criteria.items = rows;
    c->criteria.count = EVALUATION_CRITERION_COUNT;
    c->all = EVALUATION_CRITERION_COUNT;
}

bool page_evaluation(struct request *req, struct err *err)
{
    struct tpl_evaluation *c = arena_new(&req->arena, struct tpl_evaluation, 1);
    struct evaluation_page p = {.req = req, .may_edit = request_may(req, MAY_EDIT_MODEL)};

    if (!strategy_view_read(req, &p.view, err) ||
        !version_choose(&p.view, request_query(req, S("version")), &p.version, err))
        return false;
    version_links(req, &p.view, p.version, "evaluation", &c->versions);
    c->has_version = p.version != NULL;
    c->add_version = request_url(req, "versions");
    c->compare = request_url(req, "versions/compare");
    c->may_edit = p.may_edit;
    if (p.version) {
        c->verdict_word = word_of(&words_verdict, (int)p.version->verdict);
        c->verdict = strategy_word(&p.view, "verdict", &words_verdict, (int)p.version->verdict);
        c->verdict_reason = p.version->verdict_reason;
        c->verdict_link = request_url(req, "edit/version/" STR_F, STR_A(p.version->id));
        fill_criteria(&p, c);
        object_list_fill(
            req, &p.view, &advantage_list, "version", p.version->id,
            p.may_edit ? request_url(req, "edit/advantage/new?version=" STR_F, STR_A(p.version->id))
                       : STR_NONE,
            &c->advantages);
    }
    struct page_head head = {.current = "evaluation", .title = TR("Evaluation")};
    strategy_steps(req, &p.view, STEP, &head);
    PAGE(req, &head, evaluation, c);
    return true;
}
