/* check_company.c - the rules on set-up, company, business model, goals, competitors. */
#include <math.h>

#include "strategy/method/check_run.h"

static void direction_recorded(struct check_run *run)
{
    const struct company *company = model_company(run->model);

    if (!company || company->direction == DIRECTION_UNSET || company->direction_reason.len == 0)
        check_find_whole(run, STR_NONE, STR_NONE);
}

static bool has_member(const struct strategy_model *model, enum constituency constituency)
{
    for (size_t i = 0; i < model->team.count; i++) {
        if (model->team.items[i].constituency == constituency)
            return true;
    }
    return false;
}

static void team_has_market(struct check_run *run)
{
    static const enum constituency wanted[] = {MEMBER_CUSTOMER, MEMBER_PARTNER};

    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        if (!has_member(run->model, wanted[i]))
            check_find_whole(run,
                             check_word(run, "constituency", &words_constituency, (int)wanted[i]),
                             STR_NONE);
    }
}

static void block_has_elements(struct check_run *run)
{
    for (int block = 0; block < BLOCK_WORKED_COUNT; block++) {
        bool has_element = false;
        for (size_t i = 0; i < run->model->elements.count; i++)
            has_element = has_element || (int)run->model->elements.items[i].block == block;
        if (!has_element)
            check_find_whole(run, check_word(run, "block", &words_block, block), STR_NONE);
    }
}

static void goal_is_measurable(struct check_run *run)
{
    static const char *const names[METHOD_LANGUAGE_COUNT][3] = {{"measure", "target", "date"},
                                                                {"Maß", "Ziel in Zahlen", "Datum"}};

    for (size_t i = 0; i < run->model->goals.count; i++) {
        const struct corporate_goal *goal = &run->model->goals.items[i];
        const bool lacks[] = {goal->measure.len == 0, isnan(goal->target), goal->due.len == 0};
        for (size_t j = 0; j < COUNT_OF(lacks); j++) {
            if (lacks[j])
                check_find_with(run, OBJECT_GOAL, goal->id, str_from_cstr(names[run->language][j]),
                                STR_NONE);
        }
    }
}

static void goal_has_owner(struct check_run *run)
{
    for (size_t i = 0; i < run->model->goals.count; i++) {
        if (run->model->goals.items[i].owner.len == 0)
            check_find(run, OBJECT_GOAL, run->model->goals.items[i].id);
    }
}

static void goal_is_served(struct check_run *run)
{
    for (size_t i = 0; i < run->model->goals.count; i++) {
        Str id = run->model->goals.items[i].id;
        bool is_served = false;
        for (size_t j = 0; j < run->model->options.count; j++)
            is_served = is_served || str_list_has(run->model->options.items[j].goals, id);
        if (!is_served)
            check_find(run, OBJECT_GOAL, id);
    }
}

static bool is_origin(const struct strategy_model *model, Str id)
{
    for (size_t i = 0; i < model->topics.count; i++) {
        if (str_list_has(model->topics.items[i].origins, id))
            return true;
    }
    return false;
}

static void element_is_worked(struct check_run *run)
{
    for (size_t i = 0; i < run->model->elements.count; i++) {
        const struct business_element *element = &run->model->elements.items[i];
        bool is_worked = !element->is_supported || is_origin(run->model, element->id);
        for (size_t j = 0; j < run->model->options.count && !is_worked; j++)
            is_worked = str_list_has(run->model->options.items[j].elements, element->id);
        if (!is_worked)
            check_find(run, OBJECT_ELEMENT, element->id);
    }
}

static void competitor_attention(struct check_run *run)
{
    for (size_t i = 0; i < run->model->competitors.count; i++) {
        if (run->model->competitors.items[i].kinds & COMPETITOR_ATTENTION)
            return;
    }
    check_find_whole(run, STR_NONE, STR_NONE);
}

static const struct checker checkers[] = {
    {"direction_recorded", direction_recorded, false},
    {"team_has_market", team_has_market, false},
    {"block_has_elements", block_has_elements, false},
    {"goal_is_measurable", goal_is_measurable, false},
    {"goal_has_owner", goal_has_owner, false},
    {"goal_is_served", goal_is_served, false},
    {"element_is_worked", element_is_worked, false},
    {"competitor_attention", competitor_attention, false},
};
const struct checker_list check_company = {checkers, COUNT_OF(checkers)};
