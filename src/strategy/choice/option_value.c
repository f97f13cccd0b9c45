/* option_value.c - what one option is worth under an outlook or a focus: pure arithmetic.
 *
 *     B × Π factors × Σ m=1..H min(1, m/R) × left(m) / 12 × d(m)  −  E  −  G / 12 × Σ d(m)
 *
 * with d(m) = (1+r)^(−m/12), R the ramp-up, left(m) what reactions leave in month m, E effort, G
 * running cost: the formula of the simulation with every draw replaced by its mean (expected) or by
 * its unfavourable end (secure).
 */
#include "quant/numeric.h"
#include "strategy/choice/alternatives.h"

static double mean(const struct three_point *three)
{
    return (three->low + three->likely + three->high) / 3; /* of the triangular distribution */
}

static int64_t months_of(const struct strategy_model *model)
{
    const struct company *company = model_company(model);
    return company ? company->months : 36;
}

static double discount_of(const struct strategy_model *model)
{
    const struct company *company = model_company(model);
    return company ? company->discount : 0.08;
}

static double discount_factor(double rate, int64_t month)
{
    return numeric_pow(1 + rate, -(double)month / 12);
}

static double ramp(const struct strategy_option *option, int64_t month)
{
    if (month <= 0)
        return 0;
    if (option->ramp_months == 0 || month >= option->ramp_months)
        return 1;
    return (double)month / (double)option->ramp_months;
}

/* What reactions leave of the benefit in a month. */
static double reaction_factor(const struct strategy_option *option, int64_t month,
                              enum outlook outlook)
{
    double left = 1;

    for (size_t i = 0; i < option->reactions.count; i++) {
        const struct option_reaction *reaction = &option->reactions.items[i];
        double probability = outlook == OUTLOOK_SECURE ? 1 : reaction->probability;
        if (month > reaction->after_months)
            left *= 1 - probability * reaction->loss;
    }
    return left;
}

static double assumption_factor(const struct strategy_model *model,
                                const struct strategy_option *option, enum outlook outlook,
                                int64_t weak_certainty)
{
    double factor = 1;

    for (size_t i = 0; i < option->rests_on.count; i++) {
        const struct option_reliance *reliance = &option->rests_on.items[i];
        const struct assumption *assumption = model_assumption(model, reliance->assumption);
        double probability = assumption ? assumption->probability : 1;
        if (outlook == OUTLOOK_SECURE && assumption && assumption->certainty <= weak_certainty)
            probability = 0;
        factor *= probability + (1 - probability) * reliance->if_false;
    }
    return factor;
}

double option_delay_factor(const struct strategy_model *model, const struct strategy_option *option,
                           int64_t months)
{
    double in_time = 0, late = 0, rate = discount_of(model);

    for (int64_t month = 1; month <= months_of(model); month++) {
        in_time += ramp(option, month) * discount_factor(rate, month);
        late += ramp(option, month - months) * discount_factor(rate, month);
    }
    return in_time > 0 ? late / in_time : 0;
}

static double prerequisite_factor(const struct strategy_model *model,
                                  const struct strategy_option *option, enum outlook outlook,
                                  int64_t weak_certainty)
{
    double factor = 1;

    for (size_t i = 0; i < option->prerequisites.count; i++) {
        const struct prerequisite *prerequisite =
            model_prerequisite(model, option->prerequisites.items[i]);
        if (!prerequisite || prerequisite->state == CONDITION_MET)
            continue;
        double probability = prerequisite->probability;
        if (outlook == OUTLOOK_SECURE && prerequisite->certainty <= weak_certainty)
            probability = 0;
        factor *= probability + (1 - probability) *
                                    option_delay_factor(model, option, prerequisite->delay_months);
    }
    return factor;
}

double option_net_benefit_under(const struct strategy_model *model,
                                const struct strategy_option *option, enum outlook outlook,
                                int64_t weak_certainty)
{
    bool is_secure = outlook == OUTLOOK_SECURE;
    double benefit = is_secure ? option->benefit.low : mean(&option->benefit);
    double effort = is_secure ? option->effort.high : mean(&option->effort);
    double running = is_secure ? option->running.high : mean(&option->running);
    double rate = discount_of(model), gained = 0, spent = 0;

    benefit *= assumption_factor(model, option, outlook, weak_certainty) *
               prerequisite_factor(model, option, outlook, weak_certainty);
    for (int64_t month = 1; month <= months_of(model); month++) {
        double discounted = discount_factor(rate, month) / 12;
        gained += ramp(option, month) * reaction_factor(option, month, outlook) * discounted;
        spent += discounted;
    }
    return benefit * gained - effort - running * spent;
}

double option_net_benefit(const struct strategy_model *model, const struct strategy_option *option)
{
    return option_net_benefit_under(model, option, OUTLOOK_EXPECTED, 0);
}

static double position_value(const struct strategy_model *model, const struct method *method,
                             const struct strategy_option *option)
{
    const struct choice_rules *rules = &method->choice;
    const struct topic *topic = model_topic(model, option->topic);
    enum priority priority = topic ? topic->priority : PRIORITY_UNSET;
    double weight = 0;

    if (option->rating == STANDING_LEADING)
        weight = rules->position_weights[option->durability];
    else if (option->rating == STANDING_EQUAL)
        weight = rules->equal_weight;
    return weight * rules->priority_weights[priority];
}

/* The largest net benefit of any option by magnitude: makes benefit a tie-break below 1/100. */
static double largest_net_benefit(const struct strategy_model *model)
{
    double largest = 1;

    for (size_t i = 0; i < model->options.count; i++) {
        double net = option_net_benefit(model, &model->options.items[i]);
        largest = net > largest ? net : largest;
        largest = -net > largest ? -net : largest;
    }
    return largest;
}

static bool is_growth(const struct method *method, const struct strategy_option *option)
{
    if (option->is_growth || option->perspective == PERSPECTIVE_GROWTH)
        return true;
    for (size_t i = 0; i < option->benefits.count; i++) {
        const struct corporate_benefit *benefit = method_benefit(method, option->benefits.items[i]);
        if (benefit && benefit->is_growth)
            return true;
    }
    return false;
}

double option_value(const struct strategy_model *model, const struct method *method,
                    const struct focus_preset *preset, const struct strategy_option *option)
{
    double net = option_net_benefit(model, option);

    switch (preset->value) {
    case PRESET_NET_BENEFIT:
        return net;
    case PRESET_POSITIONS:
        return position_value(model, method, option) + net / largest_net_benefit(model) / 100;
    case PRESET_SECURE_BENEFIT:
        return option_net_benefit_under(model, option, OUTLOOK_SECURE,
                                        method->steering.weak_certainty);
    case PRESET_GROWTH:
        return net > 0 && !is_growth(method, option) ? net * preset->other_factor : net;
    }
    UNREACHABLE("a value of a preset");
}

double version_difference(const struct strategy_version *a, const struct strategy_version *b)
{
    size_t count_a = 0, count_b = 0, only_a = 0, only_b = 0;

    for (size_t i = 0; i < a->options.count; i++) {
        count_a += a->options.items[i].is_chosen;
        only_a += a->options.items[i].is_chosen && !version_has(b, a->options.items[i].option);
    }
    for (size_t i = 0; i < b->options.count; i++) {
        count_b += b->options.items[i].is_chosen;
        only_b += b->options.items[i].is_chosen && !version_has(a, b->options.items[i].option);
    }
    size_t larger = count_a > count_b ? count_a : count_b;
    return larger > 0 ? (double)(only_a + only_b) / (double)larger : 0;
}
