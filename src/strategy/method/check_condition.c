/* check_condition.c - the rules on assumptions, prerequisites, framework conditions. */
#include "strategy/method/check_run.h"

static void assumption_has_rule(struct check_run *run)
{
    for (size_t i = 0; i < run->model->assumptions.count; i++) {
        const struct assumption *assumption = &run->model->assumptions.items[i];
        if (!assumption->has_rule ||
            (assumption->query.len == 0 && assumption->rule.signal.len == 0))
            check_find(run, OBJECT_ASSUMPTION, assumption->id);
    }
}

static bool is_rested_on(const struct strategy_model *model, Str assumption)
{
    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *option = &model->options.items[i];
        for (size_t j = 0; j < option->rests_on.count; j++) {
            if (str_eq(option->rests_on.items[j].assumption, assumption))
                return true;
        }
    }
    return false;
}

static void assumption_is_used(struct check_run *run)
{
    for (size_t i = 0; i < run->model->assumptions.count; i++) {
        if (!is_rested_on(run->model, run->model->assumptions.items[i].id))
            check_find(run, OBJECT_ASSUMPTION, run->model->assumptions.items[i].id);
    }
}

static void assumption_counts_fit(struct check_run *run)
{
    static const char *const counts[] = {"mentions", "unique_authors", "reach", "engagement"};

    for (size_t i = 0; i < run->model->assumptions.count; i++) {
        const struct assumption *assumption = &run->model->assumptions.items[i];
        for (size_t j = 0; j < COUNT_OF(counts) && assumption->has_rule; j++) {
            if (assumption->rule.aggregate == AGGREGATE_MEAN &&
                str_eq(assumption->rule.metric, str_from_cstr(counts[j])))
                check_find_with(run, OBJECT_ASSUMPTION, assumption->id, assumption->rule.metric,
                                STR_NONE);
        }
    }
}

static void prerequisite_has_owner(struct check_run *run)
{
    static const char *const names[METHOD_LANGUAGE_COUNT][2] = {{"owner", "due date"},
                                                                {"Namen dafür", "Datum"}};

    for (size_t i = 0; i < run->model->prerequisites.count; i++) {
        const struct prerequisite *prerequisite = &run->model->prerequisites.items[i];
        const bool lacks[] = {prerequisite->owner.len == 0, prerequisite->due.len == 0};
        for (size_t j = 0; j < COUNT_OF(lacks); j++) {
            if (lacks[j])
                check_find_with(run, OBJECT_PREREQUISITE, prerequisite->id,
                                str_from_cstr(names[run->language][j]), STR_NONE);
        }
    }
}

/* Dates of the form YYYY-MM-DD compare as texts. */
static bool is_before(Str date, Str today)
{
    return date.len > 0 && str_cmp(date, today) < 0;
}

static void prerequisite_is_in_time(struct check_run *run)
{
    for (size_t i = 0; i < run->model->prerequisites.count; i++) {
        const struct prerequisite *prerequisite = &run->model->prerequisites.items[i];
        if (prerequisite->state != CONDITION_MET && is_before(prerequisite->due, run->scope->today))
            check_find_with(run, OBJECT_PREREQUISITE, prerequisite->id, prerequisite->due,
                            STR_NONE);
    }
}

static void condition_is_checked(struct check_run *run)
{
    for (size_t i = 0; i < run->model->framework_conditions.count; i++) {
        const struct framework_condition *condition = &run->model->framework_conditions.items[i];
        if (condition->check_date.len == 0 || is_before(condition->check_date, run->scope->today))
            check_find(run, OBJECT_FRAMEWORK_CONDITION, condition->id);
    }
}

static void assumption_holds(struct check_run *run)
{
    const struct strategy_model *model = run->model;

    for (size_t i = 0; i < model->assumptions.count; i++) {
        const struct assumption *assumption = &model->assumptions.items[i];
        double resting = 0, all = 0;
        for (size_t j = 0; j < model->options.count; j++) {
            double likely = model->options.items[j].benefit.likely;
            all += likely;
            resting +=
                option_factor_if_false(&model->options.items[j], assumption->id) < 1 ? likely : 0;
        }
        if (assumption->state == ASSUMPTION_BROKEN && resting > 0)
            check_find_with(run, OBJECT_ASSUMPTION, assumption->id,
                            check_percent(run, resting / all), STR_NONE);
    }
}

static const struct checker checkers[] = {
    {"assumption_has_rule", assumption_has_rule, false},
    {"assumption_is_used", assumption_is_used, false},
    {"assumption_counts_fit", assumption_counts_fit, false},
    {"prerequisite_has_owner", prerequisite_has_owner, false},
    {"prerequisite_is_in_time", prerequisite_is_in_time, true},
    {"condition_is_checked", condition_is_checked, true},
    {"assumption_holds", assumption_holds, false},
};
const struct checker_list check_condition = {checkers, COUNT_OF(checkers)};
