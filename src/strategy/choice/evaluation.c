#include "strategy/choice/evaluation.h"

#include <math.h>

#include "strategy/choice/alternatives.h"
#include "strategy/method/check.h"

struct work {
    struct arena *arena;
    const struct strategy_model *model;
    const struct method *method;
    const struct strategy_version *version;
    const struct strategy_option **chosen;
    size_t chosen_count;
    struct evaluation *out;
};

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static bool collect_options(struct work *work, struct err *err)
{
    work->chosen = arena_try_new(work->arena, const struct strategy_option *,
                                 work->version->options.count + 1);
    if (!work->chosen)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < work->version->options.count; i++) {
        const struct version_option *choice = &work->version->options.items[i];
        const struct strategy_option *option = model_option(work->model, choice->option);
        if (choice->is_chosen && option)
            work->chosen[work->chosen_count++] = option;
    }
    return true;
}

static void add_three(struct three_point *sum, const struct three_point *part)
{
    sum->low += part->low;
    sum->likely += part->likely;
    sum->high += part->high;
}

static void sum_money(struct work *work)
{
    struct evaluation *out = work->out;

    out->option_count = (int64_t)work->chosen_count;
    for (size_t i = 0; i < work->chosen_count; i++) {
        const struct strategy_option *option = work->chosen[i];
        add_three(&out->benefit_per_year, &option->benefit);
        add_three(&out->effort, &option->effort);
        add_three(&out->running, &option->running);
        out->net_benefit += option_net_benefit(work->model, option);
    }
}

/* --- benefit by goal and block -----------------------------------------------------------------
 */

static void goal_line(struct work *work, const struct corporate_goal *goal)
{
    struct benefit_line line = {.id = goal->id, .label = goal->text};

    for (size_t i = 0; i < work->chosen_count; i++) {
        if (!str_list_has(work->chosen[i]->goals, goal->id))
            continue;
        line.per_year += work->chosen[i]->benefit.likely;
        line.options++;
    }
    line.share = share(line.per_year, work->out->benefit_per_year.likely);
    work->out->goals_covered += line.options > 0;
    work->out->by_goal.items[work->out->by_goal.count++] = line;
}

static bool serves_block(const struct work *work, const struct strategy_option *option,
                         enum business_block block)
{
    for (size_t i = 0; i < option->elements.count; i++) {
        const struct business_element *element =
            model_element(work->model, option->elements.items[i]);
        if (element && element->block == block)
            return true;
    }
    return false;
}

static void block_line(struct work *work, enum business_block block)
{
    Str word = word_of(&words_block, (int)block);
    struct benefit_line line = {.id = word, .label = word};

    for (size_t i = 0; i < work->chosen_count; i++) {
        if (!serves_block(work, work->chosen[i], block))
            continue;
        line.per_year += work->chosen[i]->benefit.likely;
        line.options++;
    }
    line.share = share(line.per_year, work->out->benefit_per_year.likely);
    work->out->blocks_covered += line.options > 0;
    work->out->blocks_worked_covered += line.options > 0 && block < BLOCK_WORKED_COUNT;
    work->out->by_block.items[work->out->by_block.count++] = line;
}

static bool list_benefits(struct work *work, struct err *err)
{
    struct evaluation *out = work->out;
    const struct strategy_model *model = work->model;

    out->by_goal.items = arena_try_alloc(work->arena, sizeof(struct benefit_line),
                                         _Alignof(struct benefit_line), model->goals.count + 1);
    out->by_block.items = arena_try_alloc(work->arena, sizeof(struct benefit_line),
                                          _Alignof(struct benefit_line), BLOCK_COUNT);
    if (!out->by_goal.items || !out->by_block.items)
        return err_arena(err, work->arena);
    out->goals_in_scope = (int64_t)model->goals.count;
    for (size_t i = 0; i < model->goals.count; i++)
        goal_line(work, &model->goals.items[i]);
    for (int block = 0; block < BLOCK_COUNT; block++)
        block_line(work, (enum business_block)block);
    return true;
}

/* --- positions ---------------------------------------------------------------------------------
 */

static void count_rating(struct evaluation *out, const struct strategy_option *option)
{
    switch (option->rating) {
    case STANDING_LEADING:
        out->leading[option->durability]++;
        return;
    case STANDING_EQUAL:
        out->equal++;
        return;
    case STANDING_WEAKER:
        out->weaker++;
        return;
    case STANDING_UNSET:
        out->unrated++;
        return;
    }
}

static struct position_line position_of(const struct work *work, const struct topic *topic)
{
    struct position_line line = {.topic = topic->id,
                                 .label = topic->name,
                                 .priority = topic->priority,
                                 .affinity = topic->affinity,
                                 .position = topic->position};

    for (size_t i = 0; i < work->chosen_count; i++) {
        const struct strategy_option *option = work->chosen[i];
        if (!str_eq(option->topic, topic->id))
            continue;
        line.is_worked = true;
        if (option->rating == STANDING_UNSET)
            continue;
        /* Leading is the smallest rated value. */
        if (line.standing == STANDING_UNSET || option->rating < line.standing) {
            line.standing = option->rating;
            line.durability = option->durability;
        } else if (option->rating == line.standing && option->durability > line.durability) {
            line.durability = option->durability;
        }
    }
    return line;
}

static bool list_positions(struct work *work, struct err *err)
{
    struct evaluation *out = work->out;
    const struct strategy_model *model = work->model;

    out->positions.items = arena_try_alloc(work->arena, sizeof(struct position_line),
                                           _Alignof(struct position_line), model->topics.count + 1);
    if (!out->positions.items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < work->chosen_count; i++)
        count_rating(out, work->chosen[i]);
    for (size_t i = 0; i < model->topics.count; i++) {
        struct position_line line = position_of(work, &model->topics.items[i]);
        bool is_open_chance = line.position == POSITION_OPEN &&
                              (line.priority == PRIORITY_A || line.priority == PRIORITY_B);
        if (line.is_worked || is_open_chance)
            out->positions.items[out->positions.count++] = line;
    }
    return true;
}

/* --- affinity ----------------------------------------------------------------------------------
 */

static double topic_benefit(const struct work *work, Str topic)
{
    double sum = 0;

    for (size_t i = 0; i < work->chosen_count; i++)
        sum += str_eq(work->chosen[i]->topic, topic) ? work->chosen[i]->benefit.likely : 0;
    return sum;
}

/* The benefit of the topic is among the three largest. */
static bool is_in_top_three(const struct work *work, const struct topic *topic)
{
    double own = topic_benefit(work, topic->id);
    int larger = 0;

    for (size_t i = 0; i < work->model->topics.count; i++)
        larger += topic_benefit(work, work->model->topics.items[i].id) > own;
    return own > 0 && larger < 3;
}

static void weigh_affinity(struct work *work)
{
    double weight = 0, sum = 0;
    bool is_low = false, is_better = false;

    for (size_t i = 0; i < work->model->topics.count; i++) {
        const struct topic *topic = &work->model->topics.items[i];
        double benefit = topic_benefit(work, topic->id);
        if (benefit <= 0)
            continue;
        if (topic->affinity >= 0) {
            weight += benefit;
            sum += benefit * (double)topic->affinity;
        }
        if (!is_in_top_three(work, topic))
            continue;
        bool is_topic_low =
            topic->affinity >= 0 && (double)topic->affinity <= work->method->steering.low_affinity;
        is_low = is_low || is_topic_low;
        is_better = is_better || !is_topic_low;
    }
    work->out->affinity = weight > 0 ? sum / weight : NAN;
    work->out->is_affinity_low = is_low && !is_better;
}

/* --- what the benefit rests on -----------------------------------------------------------------
 */

static void measure_fragility(struct work *work)
{
    double on_weak = 0, on_any = 0;

    for (size_t i = 0; i < work->chosen_count; i++) {
        const struct strategy_option *option = work->chosen[i];
        bool is_weak = false;
        for (size_t j = 0; j < option->rests_on.count; j++) {
            const struct assumption *assumption =
                model_assumption(work->model, option->rests_on.items[j].assumption);
            is_weak = is_weak || (assumption &&
                                  assumption->certainty <= work->method->steering.weak_certainty);
        }
        on_weak += is_weak ? option->benefit.likely : 0;
        on_any += option->rests_on.count > 0 ? option->benefit.likely : 0;
    }
    work->out->fragility = share(on_weak, work->out->benefit_per_year.likely);
    work->out->rests_on_any = share(on_any, work->out->benefit_per_year.likely);
}

/* --- resources ---------------------------------------------------------------------------------
 */

static struct resource_line *resource_at(struct work *work, Str resource)
{
    struct evaluation *out = work->out;

    for (size_t i = 0; i < out->resources.count; i++) {
        if (str_eq(out->resources.items[i].resource, resource))
            return &out->resources.items[i];
    }
    struct resource_line *line = &out->resources.items[out->resources.count++];
    const struct resource_limit *limit = model_limit(work->model, resource);
    *line = (struct resource_line){.resource = resource,
                                   .has_limit = limit != NULL,
                                   .limit = limit ? limit->amount : NAN,
                                   .secured = limit ? limit->secured : 0};
    return line;
}

static double unsecured_of(const struct evaluation *out, Str prefix)
{
    double demand = 0, unsecured = 0;

    for (size_t i = 0; i < out->resources.count; i++) {
        const struct resource_line *line = &out->resources.items[i];
        if (!str_starts(line->resource, prefix))
            continue;
        demand += line->demand;
        unsecured += line->demand * line->unsecured_share;
    }
    return share(unsecured, demand);
}

static bool list_resources(struct work *work, struct err *err)
{
    struct evaluation *out = work->out;
    size_t most = work->model->limits.count + 1;

    for (size_t i = 0; i < work->chosen_count; i++)
        most += work->chosen[i]->costs.count;
    out->resources.items = arena_try_alloc(work->arena, sizeof(struct resource_line),
                                           _Alignof(struct resource_line), most);
    if (!out->resources.items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < work->model->limits.count; i++)
        (void)resource_at(work, work->model->limits.items[i].id);
    for (size_t i = 0; i < work->chosen_count; i++) {
        for (size_t j = 0; j < work->chosen[i]->costs.count; j++) {
            const struct option_cost *cost = &work->chosen[i]->costs.items[j];
            resource_at(work, cost->resource)->demand += cost->amount;
        }
    }
    for (size_t i = 0; i < out->resources.count; i++) {
        struct resource_line *line = &out->resources.items[i];
        double missing = line->demand - line->secured;
        line->unsecured_share = missing > 0 ? share(missing, line->demand) : 0;
        line->is_over = line->has_limit && line->demand > line->limit * (1 + 1e-9);
    }
    out->money_unsecured_share = unsecured_of(out, S("money"));
    out->people_unsecured_share = unsecured_of(out, S("people"));
    return true;
}

/* --- risks -------------------------------------------------------------------------------------
 */

/* 1 to 4 by fixed bounds, published in docs/method.md. */
static int64_t class_of(double value, double low, double middle, double high)
{
    if (value < low)
        return 1;
    if (value < middle)
        return 2;
    return value < high ? 3 : 4;
}

static int64_t probability_class(double probability)
{
    return class_of(probability, 0.1, 0.3, 0.5);
}

static int64_t effect_class(const struct work *work, double at_stake)
{
    return class_of(share(at_stake, work->out->benefit_per_year.likely), 0.05, 0.15, 0.3);
}

static void add_risk(struct work *work, struct risk_line line)
{
    work->out->risks.items[work->out->risks.count++] = line;
}

static void assumption_risks(struct work *work)
{
    for (size_t i = 0; i < work->model->assumptions.count; i++) {
        const struct assumption *assumption = &work->model->assumptions.items[i];
        double at_stake = 0;
        for (size_t j = 0; j < work->chosen_count; j++)
            at_stake += work->chosen[j]->benefit.likely *
                        (1 - option_factor_if_false(work->chosen[j], assumption->id));
        if (at_stake <= 0)
            continue;
        bool is_broken = assumption->state == ASSUMPTION_BROKEN;
        add_risk(work,
                 (struct risk_line){
                     .source = RISK_ASSUMPTION,
                     .kind = OBJECT_ASSUMPTION,
                     .id = assumption->id,
                     .label = assumption->statement,
                     .probability = is_broken ? 4 : probability_class(1 - assumption->probability),
                     .effect = effect_class(work, at_stake),
                     .at_stake = at_stake,
                     .treatment = assumption->answer});
    }
}

static void prerequisite_risks(struct work *work)
{
    for (size_t i = 0; i < work->model->prerequisites.count; i++) {
        const struct prerequisite *prerequisite = &work->model->prerequisites.items[i];
        double at_stake = 0;
        for (size_t j = 0; j < work->chosen_count; j++) {
            if (str_list_has(work->chosen[j]->prerequisites, prerequisite->id))
                at_stake += work->chosen[j]->benefit.likely;
        }
        if (at_stake <= 0 || prerequisite->state == CONDITION_MET)
            continue;
        add_risk(work, (struct risk_line){
                           .source = RISK_PREREQUISITE,
                           .kind = OBJECT_PREREQUISITE,
                           .id = prerequisite->id,
                           .label = prerequisite->statement,
                           .probability = prerequisite->state == CONDITION_FAILED
                                              ? 4
                                              : probability_class(1 - prerequisite->probability),
                           .effect = effect_class(work, at_stake),
                           .at_stake = at_stake,
                           .treatment = prerequisite->owner});
    }
}

static void open_position_risks(struct work *work)
{
    for (size_t i = 0; i < work->out->positions.count; i++) {
        const struct position_line *line = &work->out->positions.items[i];
        if (line->position != POSITION_OPEN || line->is_worked)
            continue;
        add_risk(work, (struct risk_line){.source = RISK_OPEN_POSITION,
                                          .kind = OBJECT_TOPIC,
                                          .id = line->topic,
                                          .label = line->label,
                                          .probability = 2,
                                          .effect = line->priority == PRIORITY_A ? 3 : 2});
    }
}

static void reaction_risks(struct work *work)
{
    for (size_t i = 0; i < work->chosen_count; i++) {
        const struct strategy_option *option = work->chosen[i];
        for (size_t j = 0; j < option->reactions.count; j++) {
            const struct option_reaction *reaction = &option->reactions.items[j];
            double at_stake = option->benefit.likely * reaction->loss;
            add_risk(work,
                     (struct risk_line){.source = RISK_REACTION,
                                        .kind = OBJECT_OPTION,
                                        .id = option->id,
                                        .label = reaction->text,
                                        .probability = probability_class(reaction->probability),
                                        .effect = effect_class(work, at_stake),
                                        .at_stake = at_stake,
                                        .treatment = reaction->answer});
        }
    }
}

static void implementation_risks(struct work *work)
{
    for (size_t i = 0; i < work->out->resources.count; i++) {
        const struct resource_line *line = &work->out->resources.items[i];
        if (line->demand <= 0 || line->unsecured_share <= 0)
            continue;
        add_risk(work,
                 (struct risk_line){.source = RISK_IMPLEMENTATION,
                                    .kind = OBJECT_LIMIT,
                                    .id = line->resource,
                                    .label = line->resource,
                                    .probability = probability_class(line->unsecured_share / 2),
                                    .effect = line->is_over ? 4 : 2});
    }
}

static bool depends_on_others(const struct strategy_option *option)
{
    return option->format == FORMAT_NETWORK ||
           str_list_has(option->potentials, S("channel.external"));
}

static void dependency_risks(struct work *work)
{
    for (size_t i = 0; i < work->chosen_count; i++) {
        const struct strategy_option *option = work->chosen[i];
        if (!depends_on_others(option))
            continue;
        add_risk(work, (struct risk_line){.source = RISK_DEPENDENCY,
                                          .kind = OBJECT_OPTION,
                                          .id = option->id,
                                          .label = option->name,
                                          .probability = 2,
                                          .effect = effect_class(work, option->benefit.likely),
                                          .at_stake = option->benefit.likely});
    }
}

/* By source, then at stake falling; equal ones keep their order. */
static void sort_risks(struct evaluation *out)
{
    struct risk_line *items = out->risks.items;

    for (size_t i = 1; i < out->risks.count; i++) {
        struct risk_line line = items[i];
        size_t j = i;
        for (; j > 0 &&
               (items[j - 1].source > line.source ||
                (items[j - 1].source == line.source && items[j - 1].at_stake < line.at_stake));
             j--)
            items[j] = items[j - 1];
        items[j] = line;
    }
}

static bool list_risks(struct work *work, struct err *err)
{
    const struct strategy_model *model = work->model;
    size_t most = model->assumptions.count + model->prerequisites.count + model->topics.count +
                  work->out->resources.count + work->chosen_count + 1;

    for (size_t i = 0; i < work->chosen_count; i++)
        most += work->chosen[i]->reactions.count;
    work->out->risks.items =
        arena_try_alloc(work->arena, sizeof(struct risk_line), _Alignof(struct risk_line), most);
    if (!work->out->risks.items)
        return err_arena(err, work->arena);
    assumption_risks(work);
    prerequisite_risks(work);
    open_position_risks(work);
    reaction_risks(work);
    implementation_risks(work);
    dependency_risks(work);
    sort_risks(work->out);
    return true;
}

/* -----------------------------------------------------------------------------------------------
 */

bool evaluation_figures(struct arena *arena, const struct strategy_model *model,
                        const struct method *method, const struct strategy_version *version,
                        struct evaluation *out, struct err *err)
{
    struct work work = {
        .arena = arena, .model = model, .method = method, .version = version, .out = out};

    *out = (struct evaluation){.version = version->id};
    if (!collect_options(&work, err))
        return false;
    sum_money(&work);
    measure_fragility(&work);
    weigh_affinity(&work);
    return list_benefits(&work, err) && list_positions(&work, err) && list_resources(&work, err) &&
           list_risks(&work, err);
}

static struct structure_line *line_of(struct evaluation *out, const struct check_rule *rule)
{
    for (size_t i = 0; i < out->structure.count; i++) {
        if (out->structure.items[i].rule == rule)
            return &out->structure.items[i];
    }
    return &out->structure.items[out->structure.count++];
}

bool evaluation_make(struct arena *arena, const struct strategy_model *model,
                     const struct method *method, const struct strategy_version *version,
                     struct evaluation *out, struct err *err)
{
    const struct check_scope scope = {.version = version->id};
    struct check_report report;

    if (!evaluation_figures(arena, model, method, version, out, err) ||
        !strategy_check(arena, model, method, &scope, METHOD_EN, &report, err))
        return false;
    out->structure.items =
        arena_try_alloc(arena, sizeof(struct structure_line), _Alignof(struct structure_line),
                        method->rules.count + 1);
    if (!out->structure.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < report.findings.count; i++) {
        const struct check_rule *rule = report.findings.items[i].rule;
        if (rule->severity == CHECK_NOTE)
            continue;
        struct structure_line *line = line_of(out, rule);
        line->rule = rule;
        line->findings++;
    }
    out->structure_failed = (int64_t)out->structure.count;
    out->structure_passed = report.rules_run - out->structure_failed;
    return true;
}
