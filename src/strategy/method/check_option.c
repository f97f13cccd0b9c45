/* check_option.c - the rules on options for action. */
#include <math.h>

#include "strategy/method/check_run.h"

#define EACH_OPTION(run, claim)                                                                    \
    for (size_t i = 0; i < (run)->model->options.count; i++) {                                     \
        const struct strategy_option *option = &(run)->model->options.items[i];                    \
        if (claim)                                                                                 \
            check_find((run), OBJECT_OPTION, option->id);                                          \
    }

bool topic_has_rivals_recorded(const struct strategy_model *model, Str id)
{
    const struct topic *topic = model_topic(model, id);

    if (topic && topic->no_competitor_found)
        return true;
    for (size_t i = 0; i < model->activities.count; i++) {
        if (str_eq(model->activities.items[i].topic, id))
            return true;
    }
    return false;
}

static void option_rating_has_basis(struct check_run *run)
{
    EACH_OPTION(run, option->rating != STANDING_UNSET &&
                         !topic_has_rivals_recorded(run->model, option->topic))
}

static void option_is_rated(struct check_run *run)
{
    EACH_OPTION(run, option->rating == STANDING_UNSET)
}

static void option_format_fits(struct check_run *run)
{
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        const struct topic *topic = model_topic(run->model, option->topic);
        int64_t needed = run->method->steering.format_affinity[option->format];
        if (topic && topic->affinity >= 0 && topic->affinity < needed &&
            option->format_reason.len == 0)
            check_find_with(run, OBJECT_OPTION, option->id,
                            check_word(run, "format", &words_format, (int)option->format),
                            check_number(run, (double)needed));
    }
}

static void option_serves_something(struct check_run *run)
{
    EACH_OPTION(run, option->elements.count == 0 && option->goals.count == 0)
}

static void option_has_benefit(struct check_run *run)
{
    EACH_OPTION(run, option->benefit.high <= 0)
}

static void option_has_effort(struct check_run *run)
{
    EACH_OPTION(run, option->effort.high <= 0 && option->running.high <= 0)
}

/* The last part of a resource: the quarter of "money/posters/2027-Q1". */
static Str quarter_of(const struct option_cost *cost)
{
    Str head, rest = cost->resource;

    while (str_cut(rest, '/', &head, &rest))
        continue;
    return head;
}

static bool is_money(const struct option_cost *cost)
{
    return str_starts(cost->resource, S("money"));
}

/* An earlier line has money in the same quarter. */
static bool is_quarter_counted(const struct strategy_option *option, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_money(&option->costs.items[i]) &&
            str_eq(quarter_of(&option->costs.items[i]), quarter_of(&option->costs.items[index])))
            return true;
    }
    return false;
}

/* Dated money against effort and running cost over the quarters that the lines name. */
static void option_costs_agree(struct check_run *run)
{
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        double dated = 0;
        size_t quarters = 0;
        for (size_t j = 0; j < option->costs.count; j++) {
            if (!is_money(&option->costs.items[j]))
                continue;
            dated += option->costs.items[j].amount;
            quarters += !is_quarter_counted(option, j);
        }
        double estimated = option->effort.likely + option->running.likely * (double)quarters / 4;
        if (quarters > 0 && fabs(dated - estimated) > 0.25 * fmax(dated, estimated))
            check_find_with(run, OBJECT_OPTION, option->id, check_number(run, dated),
                            check_number(run, estimated));
    }
}

static void option_has_reaction(struct check_run *run)
{
    EACH_OPTION(run, option->rating == STANDING_LEADING && option->reactions.count == 0)
}

static void option_reaction_has_answer(struct check_run *run)
{
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        for (size_t j = 0; j < option->reactions.count; j++) {
            const struct option_reaction *reaction = &option->reactions.items[j];
            if (reaction->answer.len == 0 && reaction->probability >= 0.3 && reaction->loss >= 0.15)
                check_find_with(run, OBJECT_OPTION, option->id, check_percent(run, reaction->loss),
                                STR_NONE);
        }
    }
}

static void option_lead_lasts(struct check_run *run)
{
    EACH_OPTION(run, option->rating == STANDING_LEADING && option->durability == DURABILITY_NONE)
}

static void option_rests_on_something(struct check_run *run)
{
    EACH_OPTION(run, option->benefit.high > 0 && option->rests_on.count == 0)
}

static const struct checker checkers[] = {
    {"option_rating_has_basis", option_rating_has_basis, false},
    {"option_is_rated", option_is_rated, false},
    {"option_format_fits", option_format_fits, false},
    {"option_serves_something", option_serves_something, false},
    {"option_has_benefit", option_has_benefit, false},
    {"option_has_effort", option_has_effort, false},
    {"option_costs_agree", option_costs_agree, false},
    {"option_has_reaction", option_has_reaction, false},
    {"option_reaction_has_answer", option_reaction_has_answer, false},
    {"option_lead_lasts", option_lead_lasts, false},
    {"option_rests_on_something", option_rests_on_something, false},
};
const struct checker_list check_option = {checkers, COUNT_OF(checkers)};
