/* page_benefits.c - step 3: what social media could bring the company, what of it is aimed for. */
#include <math.h>

#include "web/page/pages.h"
#include "web/view/object_list.h"

enum { STEP = 3, STATE_COUNT = BENEFIT_REALISED + 1 };

static Str member(struct request *req, const struct strategy_view *view,
                  const struct company_benefit *b, const char *name)
{
    return object_member_text(req, view, OBJECT_BENEFIT, b, name);
}

static struct tpl_benefits_benefit
benefit_row(struct request *req, const struct strategy_view *view, const struct company_benefit *b)
{
    return (struct tpl_benefits_benefit){
        .text = b->text,
        .link = request_url(req, "edit/benefit/" STR_F, STR_A(b->id)),
        .kind = member(req, view, b, "code"),
        .size = b->size,
        .mechanism = b->mechanism,
        .origins = member(req, view, b, "origins"),
        .topics = member(req, view, b, "topics"),
        .potentials = member(req, view, b, "potentials"),
        .measure = b->measure,
        .has_target = !isnan(b->target),
        .target = b->target,
        .unit = b->unit,
        .department = b->department,
        .process = b->process,
    };
}

static void fill_state(struct request *req, const struct strategy_view *view, int state,
                       struct tpl_benefits_state *out)
{
    const struct strategy_model *m = &view->model;
    struct tpl_benefits_benefit *items =
        arena_new(&req->arena, struct tpl_benefits_benefit, m->benefits.count + 1);

    *out = (struct tpl_benefits_state){
        .word = word_of(&words_benefit_state, state),
        .name = strategy_word(view, "benefit_state", &words_benefit_state, state),
        .add = request_may(req, MAY_EDIT_MODEL)
                   ? request_url(req, "edit/benefit/new?state=" STR_F,
                                 STR_A(word_of(&words_benefit_state, state)))
                   : STR_NONE,
    };
    /* The biggest first. */
    for (int64_t size = 4; size >= 0; size--)
        for (size_t i = 0; i < m->benefits.count; i++)
            if ((int)m->benefits.items[i].state == state && m->benefits.items[i].size == size)
                items[out->items.count++] = benefit_row(req, view, &m->benefits.items[i]);
    out->items.items = items;
}

bool page_benefits(struct request *req, struct err *err)
{
    struct tpl_benefits *c = arena_new(&req->arena, struct tpl_benefits, 1);
    struct tpl_benefits_state *states =
        arena_new(&req->arena, struct tpl_benefits_state, STATE_COUNT);
    struct strategy_view view;

    if (!strategy_view_read(req, &view, err))
        return false;
    for (int state = 0; state < STATE_COUNT; state++)
        fill_state(req, &view, state, &states[state]);
    c->states.items = states;
    c->states.count = STATE_COUNT;
    c->potential = request_url(req, "potential");
    struct page_crumb crumbs[] = {{request_tr(req, TR("Potential")), c->potential},
                                  {request_tr(req, TR("Benefits")), STR_NONE}};
    struct page_head head = {
        .current = "potential", .title = TR("Benefits"), .crumbs = crumbs, .crumb_count = 2};
    strategy_steps(req, &view, STEP, &head);
    PAGE(req, &head, benefits, c);
    return true;
}
