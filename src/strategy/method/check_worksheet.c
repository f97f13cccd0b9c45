/* check_worksheet.c - the rules on worksheets (step 1), benefits (step 3) and derived goals (step
 * 6). */
#include <math.h>

#include "strategy/method/check_run.h"
#include "strategy/method/version_progress.h"

/* ---- step 1 ---- */

static bool is_judged(const struct strategy_model *m, Str a, Str b)
{
    const struct segment_fit *fit = model_segment_fit(m, a, b);

    return fit && fit->fit != FIT_UNSET;
}

static bool is_segment(const struct business_element *e)
{
    return e->block == BLOCK_CUSTOMER_SEGMENTS && e->is_supported;
}

static void segments_are_judged(struct check_run *run)
{
    const struct strategy_model *m = run->model;

    for (size_t i = 0; i < m->elements.count; i++)
        for (size_t k = i + 1; k < m->elements.count; k++) {
            const struct business_element *a = &m->elements.items[i], *b = &m->elements.items[k];
            if (is_segment(a) && is_segment(b) && !is_judged(m, a->id, b->id))
                check_find_with(run, OBJECT_ELEMENT, a->id, b->text, STR_NONE);
        }
}

static void segments_fit(struct check_run *run)
{
    const struct strategy_model *m = run->model;

    for (size_t i = 0; i < m->segment_fits.count; i++) {
        const struct segment_fit *f = &m->segment_fits.items[i];
        const struct business_element *a = model_element(m, f->first),
                                      *b = model_element(m, f->second);
        if (f->fit == FIT_INCOMPATIBLE && a && b && is_segment(a) && is_segment(b))
            check_find_with(run, OBJECT_SEGMENT_FIT, f->id, a->text, b->text);
    }
}

static bool has_need(const struct strategy_model *m, Str element)
{
    for (size_t i = 0; i < m->needs.count; i++)
        if (str_eq(m->needs.items[i].element, element))
            return true;
    return false;
}

static void proposition_has_need(struct check_run *run)
{
    for (size_t i = 0; i < run->model->elements.count; i++) {
        const struct business_element *e = &run->model->elements.items[i];
        bool is_asked =
            e->block == BLOCK_VALUE_PROPOSITIONS || e->block == BLOCK_CUSTOMER_RELATIONSHIPS;
        if (is_asked && e->is_supported && !has_need(run->model, e->id))
            check_find(run, OBJECT_ELEMENT, e->id);
    }
}

static void channel_has_task(struct check_run *run)
{
    const struct strategy_model *m = run->model;

    for (size_t i = 0; i < m->elements.count; i++) {
        const struct business_element *e = &m->elements.items[i];
        bool has_task = false;
        for (size_t k = 0; k < m->channel_tasks.count; k++)
            has_task |= str_eq(m->channel_tasks.items[k].element, e->id);
        if (e->block == BLOCK_CHANNELS && e->is_supported && e->is_essential && !has_task)
            check_find(run, OBJECT_ELEMENT, e->id);
    }
}

/* ---- benefits: what is aimed for has a place, a topic and a figure ---- */

#define EACH_TARGETED(run, claim)                                                                  \
    for (size_t i = 0; i < (run)->model->benefits.count; i++) {                                    \
        const struct company_benefit *b = &(run)->model->benefits.items[i];                        \
        if (b->state != BENEFIT_POSSIBLE && (claim))                                               \
            check_find((run), OBJECT_BENEFIT, b->id);                                              \
    }

static void benefit_has_place(struct check_run *run)
{
    EACH_TARGETED(run, b->origins.count == 0)
}

static void benefit_has_topic(struct check_run *run)
{
    EACH_TARGETED(run, b->topics.count == 0)
}

static void benefit_has_measure(struct check_run *run)
{
    EACH_TARGETED(run, b->measure.len == 0 || isnan(b->target))
}

/* ---- goals ---- */

static void strategy_goal_serves(struct check_run *run)
{
    for (size_t i = 0; i < run->model->strategy_goals.count; i++) {
        const struct strategy_goal *g = &run->model->strategy_goals.items[i];
        if (g->goal.len == 0 && g->benefit.len == 0)
            check_find(run, OBJECT_STRATEGY_GOAL, g->id);
    }
}

/* Once a version has strategy goals, every corporate goal has one there. */
static void goal_has_strategy_goal(struct check_run *run)
{
    const struct strategy_model *m = run->model;

    for (size_t v = 0; v < m->versions.count; v++)
        for (size_t g = 0; g < m->goals.count; g++) {
            bool has_any = false, has_this = false;
            for (size_t i = 0; i < m->strategy_goals.count; i++) {
                const struct strategy_goal *s = &m->strategy_goals.items[i];
                bool is_own = str_eq(s->version, m->versions.items[v].id);
                has_any |= is_own;
                has_this |= is_own && str_eq(s->goal, m->goals.items[g].id);
            }
            if (has_any && !has_this)
                check_find_with(run, OBJECT_GOAL, m->goals.items[g].id, m->versions.items[v].name,
                                STR_NONE);
        }
}

static void strategy_goal_has_social_goals(struct check_run *run)
{
    const struct strategy_model *m = run->model;

    for (size_t i = 0; i < m->strategy_goals.count; i++) {
        bool has = false;
        for (size_t k = 0; k < m->social_goals.count; k++)
            has |= str_eq(m->social_goals.items[k].strategy_goal, m->strategy_goals.items[i].id);
        if (!has)
            check_find(run, OBJECT_STRATEGY_GOAL, m->strategy_goals.items[i].id);
    }
}

static void social_goal_is_smart(struct check_run *run)
{
    for (size_t i = 0; i < run->model->social_goals.count; i++) {
        const struct social_goal *g = &run->model->social_goals.items[i];
        const char *missing = social_goal_gap(g);
        if (missing)
            check_find_with(
                run, OBJECT_SOCIAL_GOAL, g->id,
                method_word(run->method, S("smart"), str_from_cstr(missing), run->language),
                STR_NONE);
    }
}

static const struct checker checkers[] = {
    {"segments_are_judged", segments_are_judged, false},
    {"segments_fit", segments_fit, false},
    {"proposition_has_need", proposition_has_need, false},
    {"channel_has_task", channel_has_task, false},
    {"benefit_has_place", benefit_has_place, false},
    {"benefit_has_topic", benefit_has_topic, false},
    {"benefit_has_measure", benefit_has_measure, false},
    {"strategy_goal_serves", strategy_goal_serves, false},
    {"goal_has_strategy_goal", goal_has_strategy_goal, false},
    {"strategy_goal_has_social_goals", strategy_goal_has_social_goals, false},
    {"social_goal_is_smart", social_goal_is_smart, false},
};
const struct checker_list check_worksheet = {checkers, COUNT_OF(checkers)};
