/* page_setup.c - step 0: mandate and direction, team, process plan, sources. */
#include "web/page/pages.h"
#include "web/view/object_list.h"

enum { STEP = 0 };

static const struct object_list_spec team_list = {
    OBJECT_TEAM_MEMBER, TR("Strategy team"),
    TR("Nobody yet. The market takes part in making the strategy: at least one customer and one "
       "partner."),
    "team", "name constituency role department mandate agreed_on has_vote"};
static const struct object_list_spec source_list = {
    OBJECT_SOURCE, TR("Sources that are no posts"),
    TR("No source yet: studies, reports, conversations, each with how far it can be relied on."),
    "sources", "title date reliability address note"};

static void fill_company(struct request *req, const struct strategy_view *view, struct tpl_setup *c)
{
    const struct company *company = model_company(&view->model);

    c->has_company = company != NULL;
    c->edit = request_url(req, "edit/company/%s", company ? "company" : "new");
    if (!company)
        return;
    c->name = company->name;
    c->mandate = company->mandate;
    c->scope = company->scope;
    c->has_direction = company->direction != DIRECTION_UNSET;
    c->is_top_down = company->direction == DIRECTION_TOP_DOWN;
    c->direction = strategy_word(view, "direction", &words_direction, (int)company->direction);
    c->direction_reason = company->direction_reason;
}

static const struct plan_step *plan_of(const struct strategy_model *model, int64_t step)
{
    for (size_t i = 0; i < model->plan.count; i++)
        if (model->plan.items[i].id.ptr[0] - '0' == step)
            return &model->plan.items[i];
    return NULL;
}

static void fill_plan(struct request *req, const struct strategy_view *view, struct tpl_setup *c)
{
    struct tpl_setup_step *steps =
        arena_new(&req->arena, struct tpl_setup_step, view->gate_count + 1);

    for (size_t i = 0; i < view->gate_count; i++) {
        const struct gate *gate = &view->gates[i];
        const struct plan_step *plan = plan_of(&view->model, gate->step);
        steps[i] = (struct tpl_setup_step){
            .number = gate->step,
            .name = gate->name,
            .link = strategy_step_address(req, gate->step),
            .edit = request_url(req, "edit/plan_step/%lld", (long long)gate->step),
            .gate_word = word_of(&words_gate_state, (int)gate->state),
            .gate = strategy_word(view, "gate_state", &words_gate_state, (int)gate->state),
            .is_planned = plan != NULL,
        };
        if (!plan)
            continue;
        steps[i].owner = plan->owner;
        steps[i].participants =
            object_member_text(req, view, OBJECT_PLAN_STEP, plan, "participants");
        steps[i].sources = object_member_text(req, view, OBJECT_PLAN_STEP, plan, "sources");
        steps[i].from = plan->from;
        steps[i].until = plan->until;
        steps[i].state = strategy_word(view, "plan_state", &words_plan_state, (int)plan->state);
    }
    c->steps.items = steps;
    c->steps.count = view->gate_count;
}

bool page_setup(struct request *req, struct err *err)
{
    struct tpl_setup *c = arena_new(&req->arena, struct tpl_setup, 1);
    struct strategy_view view;
    bool may_edit = request_may(req, MAY_EDIT_MODEL);

    if (!strategy_view_read(req, &view, err))
        return false;
    c->may_edit = may_edit;
    fill_company(req, &view, c);
    fill_plan(req, &view, c);
    object_list_fill(req, &view, &team_list, NULL, STR_NONE,
                     may_edit ? request_url(req, "edit/team_member/new") : STR_NONE, &c->team);
    object_list_fill(req, &view, &source_list, NULL, STR_NONE,
                     may_edit ? request_url(req, "edit/source/new") : STR_NONE, &c->sources);
    struct page_head head = {.current = "setup", .title = TR("Set-up")};
    strategy_steps(req, &view, STEP, &head);
    PAGE(req, &head, setup, c);
    return true;
}
