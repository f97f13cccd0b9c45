/* page_goals.c - step 6: from corporate goals through a version's strategy goals to the social
 * media goals of its components, top-down. */
#include <math.h>

#include "strategy/method/version_progress.h"
#include "web/page/pages.h"
#include "web/view/object_list.h"
#include "web/view/version_choice.h"

enum { STEP = 6 };

struct goals_page {
    struct request *req;
    struct strategy_view view;
    const struct strategy_version *version; /* NULL: none yet */
    bool may_edit;
};

static Str edit_address(const struct goals_page *p, const char *kind, Str id)
{
    return request_url(p->req, "edit/%s/" STR_F, kind, STR_A(id));
}

static void fill_social(const struct goals_page *p, Str strategy_goal, struct tpl_goals_aim *out)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_goals_social *items =
        arena_new(&p->req->arena, struct tpl_goals_social, m->social_goals.count + 1);

    for (size_t i = 0; i < m->social_goals.count; i++) {
        const struct social_goal *g = &m->social_goals.items[i];
        if (!str_eq(g->strategy_goal, strategy_goal))
            continue;
        items[out->social.count++] = (struct tpl_goals_social){
            .text = g->text,
            .link = edit_address(p, "social_goal", g->id),
            .component = strategy_word(&p->view, "component", &words_component, (int)g->component),
            .measure = g->measure,
            .unit = g->unit,
            .has_target = !isnan(g->target),
            .target = g->target,
            .has_baseline = !isnan(g->baseline),
            .baseline = g->baseline,
            .due = g->due,
            .owner = g->owner,
            .is_smart = !social_goal_gap(g),
        };
    }
    out->social.items = items;
    out->add = p->may_edit ? request_url(p->req, "edit/social_goal/new?strategy_goal=" STR_F,
                                         STR_A(strategy_goal))
                           : STR_NONE;
}

static struct tpl_goals_aim aim_of(const struct goals_page *p, const struct strategy_goal *g)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_goals_aim aim = {
        .text = g->text,
        .link = edit_address(p, "strategy_goal", g->id),
        .topic = g->topic.len > 0 ? model_label(m, OBJECT_TOPIC, g->topic) : STR_NONE,
        .benefit = g->benefit.len > 0 ? model_label(m, OBJECT_BENEFIT, g->benefit) : STR_NONE,
        .standing = strategy_word(&p->view, "standing", &words_standing, (int)g->standing),
        .measure = g->measure,
        .unit = g->unit,
        .has_target = !isnan(g->target),
        .target = g->target,
        .due = g->due,
    };

    fill_social(p, g->id, &aim);
    return aim;
}

/* The version's strategy goals that serve a corporate goal; those that serve none for "". */
static void fill_aims(const struct goals_page *p, Str goal, struct tpl_goals_goal *out)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_goals_aim *items =
        arena_new(&p->req->arena, struct tpl_goals_aim, m->strategy_goals.count + 1);

    for (size_t i = 0; p->version && i < m->strategy_goals.count; i++) {
        const struct strategy_goal *g = &m->strategy_goals.items[i];
        if (str_eq(g->version, p->version->id) && str_eq(g->goal, goal))
            items[out->aims.count++] = aim_of(p, g);
    }
    out->aims.items = items;
    out->add = p->may_edit && p->version
                   ? request_url(p->req, "edit/strategy_goal/new?version=" STR_F "&goal=" STR_F,
                                 STR_A(p->version->id), STR_A(goal))
                   : STR_NONE;
}

static void fill_goals(const struct goals_page *p, struct tpl_goals *c)
{
    const struct strategy_model *m = &p->view.model;
    struct tpl_goals_goal *items =
        arena_new(&p->req->arena, struct tpl_goals_goal, m->goals.count + 1);

    for (size_t i = 0; i < m->goals.count; i++) {
        const struct corporate_goal *g = &m->goals.items[i];
        items[i] = (struct tpl_goals_goal){
            .text = g->text,
            .link = edit_address(p, "goal", g->id),
            .priority = word_of(&words_priority, (int)g->priority),
            .measure = g->measure,
            .unit = g->unit,
            .has_target = !isnan(g->target),
            .target = g->target,
            .due = g->due,
        };
        fill_aims(p, g->id, &items[i]);
        c->without += items[i].aims.count == 0;
    }
    c->goals.items = items;
    c->goals.count = m->goals.count;
    struct tpl_goals_goal *orphans = arena_new(&p->req->arena, struct tpl_goals_goal, 1);
    fill_aims(p, STR_NONE, orphans);
    c->orphans.items = orphans->aims.items;
    c->orphans.count = orphans->aims.count;
}

/* By ?version=, or by the strategy goal that one comes back from. */
static Str named_version(struct request *req, const struct strategy_model *m)
{
    const struct strategy_goal *goal =
        model_strategy_goal(m, request_query(req, S("strategy_goal")));

    return goal ? goal->version : request_query(req, S("version"));
}

bool page_goals(struct request *req, struct err *err)
{
    struct tpl_goals *c = arena_new(&req->arena, struct tpl_goals, 1);
    struct goals_page p = {.req = req, .may_edit = request_may(req, MAY_EDIT_MODEL)};

    if (!strategy_view_read(req, &p.view, err) ||
        !version_choose(&p.view, named_version(req, &p.view.model), &p.version, err))
        return false;
    version_links(req, &p.view, p.version, "goals", &c->versions);
    c->has_version = p.version != NULL;
    c->add_goal = p.may_edit ? request_url(req, "edit/goal/new") : STR_NONE;
    c->add_version = request_url(req, "versions");
    fill_goals(&p, c);
    struct page_head head = {.current = "goals", .title = TR("Goals")};
    strategy_steps(req, &p.view, STEP, &head);
    PAGE(req, &head, goals, c);
    return true;
}
