#include "strategy/choice/alternatives.h"

#include <math.h>

#include "base/map.h"
#include "strategy/choice/portfolio.h"

#define FURTHER_ANSWERS                                                                            \
    8 /* of one focus, to find one that keeps its distance from earlier foci                       \
       */

struct search {
    struct arena *arena;
    const struct strategy_model *model;
    const struct method *method;
    enum method_language language;
    double difference;
    struct portfolio_problem problem;
    struct map resources; /* name -> index + 1 */
};

/* --- the problem -------------------------------------------------------------------------------
 */

static bool find_resources(struct search *search, struct err *err)
{
    const struct strategy_model *model = search->model;
    bool is_new = false;

    for (size_t i = 0; i < model->limits.count; i++) {
        if (!map_at(&search->resources, model->limits.items[i].id, &is_new))
            return err_set(err, ERR_NO_MEMORY, "no memory for the resources");
    }
    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *option = &model->options.items[i];
        for (size_t j = 0; j < option->costs.count; j++) {
            if (!map_at(&search->resources, option->costs.items[j].resource, &is_new))
                return err_set(err, ERR_NO_MEMORY, "no memory for the resources");
        }
    }
    if (search->resources.count > PORTFOLIO_RESOURCES_MAX)
        return err_set(err, ERR_LIMIT, "%zu resources, at most %d are allowed",
                       search->resources.count, PORTFOLIO_RESOURCES_MAX);
    for (size_t i = 0; i < search->resources.count; i++)
        search->resources.entries[i].value = i;
    return true;
}

static bool make_resources(struct search *search, double limit_factor, struct err *err)
{
    struct portfolio_problem *problem = &search->problem;

    problem->resource_count = search->resources.count;
    problem->resources =
        arena_try_new(search->arena, struct portfolio_resource, problem->resource_count + 1);
    if (!problem->resources)
        return err_arena(err, search->arena);
    for (size_t i = 0; i < problem->resource_count; i++) {
        Str name = search->resources.entries[i].key;
        const struct resource_limit *limit = model_limit(search->model, name);
        problem->resources[i] =
            (struct portfolio_resource){.name = name,
                                        .limit = limit ? limit->amount * limit_factor : INFINITY,
                                        .has_limit = limit != NULL};
    }
    return true;
}

static bool make_goals(struct search *search, struct err *err)
{
    const struct strategy_model *model = search->model;
    struct portfolio_problem *problem = &search->problem;

    problem->goal_count = model->coverage.count;
    problem->goals = arena_try_new(search->arena, struct portfolio_goal, problem->goal_count + 1);
    if (!problem->goals)
        return err_arena(err, search->arena);
    for (size_t i = 0; i < problem->goal_count; i++)
        problem->goals[i] =
            (struct portfolio_goal){.name = model->coverage.items[i].id,
                                    .at_least = (uint32_t)model->coverage.items[i].at_least};
    return true;
}

static bool option_indices(struct search *search, StrList ids, const uint32_t **out, size_t *count,
                           struct err *err)
{
    uint32_t *indices = arena_try_new(search->arena, uint32_t, ids.count + 1);

    if (!indices)
        return err_arena(err, search->arena);
    *count = 0;
    for (size_t i = 0; i < ids.count; i++) {
        const struct strategy_option *option = model_option(search->model, ids.items[i]);
        if (option)
            indices[(*count)++] = (uint32_t)(option - search->model->options.items);
    }
    *out = indices;
    return true;
}

static bool goal_indices(struct search *search, const struct strategy_option *option,
                         struct portfolio_option *out, struct err *err)
{
    uint32_t *indices = arena_try_new(search->arena, uint32_t, search->problem.goal_count + 1);

    if (!indices)
        return err_arena(err, search->arena);
    for (size_t i = 0; i < search->problem.goal_count; i++) {
        if (str_list_has(option->goals, search->problem.goals[i].name))
            indices[out->goal_count++] = (uint32_t)i;
    }
    out->goals = indices;
    return true;
}

static bool make_option(struct search *search, const struct focus_preset *preset,
                        const struct strategy_option *option, struct portfolio_option *out,
                        struct err *err)
{
    double *cost = arena_try_new(search->arena, double, search->problem.resource_count + 1);

    if (!cost)
        return err_arena(err, search->arena);
    for (size_t i = 0; i < option->costs.count; i++)
        cost[*map_get(&search->resources, option->costs.items[i].resource)] +=
            option->costs.items[i].amount;
    *out = (struct portfolio_option){
        .id = option->id,
        .value = option_value(search->model, search->method, preset, option),
        .cost = cost,
        .is_must = option->must,
        .is_must_not = option->must_not};
    return option_indices(search, option->requires, &out->requires, &out->require_count, err) &&
           option_indices(search, option->excludes, &out->excludes, &out->exclude_count, err) &&
           goal_indices(search, option, out, err);
}

static bool make_problem(struct search *search, const struct focus_preset *preset, struct err *err)
{
    const struct strategy_model *model = search->model;
    struct portfolio_problem *problem = &search->problem;

    *problem = (struct portfolio_problem){.option_count = model->options.count};
    problem->options =
        arena_try_new(search->arena, struct portfolio_option, model->options.count + 1);
    if (!problem->options)
        return err_arena(err, search->arena);
    if (!make_resources(search, preset->limit_factor, err) || !make_goals(search, err))
        return false;
    for (size_t i = 0; i < model->options.count; i++) {
        if (!make_option(search, preset, &model->options.items[i], &problem->options[i], err))
            return false;
    }
    return true;
}

/* --- why chosen or left out --------------------------------------------------------------------
 */

static Str fill(struct search *search, const struct method_text *text, Str first, Str second,
                Str third)
{
    const struct text_argument arguments[] = {{"0", first}, {"1", second}, {"2", third}};

    return method_fill(search->arena, text->in[search->language], arguments, COUNT_OF(arguments));
}

static Str amount(struct search *search, double value)
{
    return method_number(search->arena, value, 0, search->language);
}

static Str currency(const struct search *search)
{
    const struct company *company = model_company(search->model);
    return company ? company->currency : STR_NONE;
}

static Str option_name(const struct search *search, size_t index)
{
    return search->model->options.items[index].name;
}

/* Inside a sentence. */
static Str lower_first(struct arena *arena, Str name)
{
    if (name.len == 0 || name.ptr[0] < 'A' || name.ptr[0] > 'Z')
        return name;
    return arena_printf(arena, "%c" STR_F, name.ptr[0] + ('a' - 'A'),
                        STR_A(str_sub(name, 1, name.len)));
}

static Str why_chosen(struct search *search, const struct focus_preset *preset, const bool *chosen,
                      size_t index)
{
    const struct choice_rules *rules = &search->method->choice;
    const struct strategy_option *option = &search->model->options.items[index];
    const struct portfolio_option *own = &search->problem.options[index];

    if (option->must)
        return rules->must.in[search->language];
    if (own->value <= 0) {
        for (size_t i = 0; i < search->model->options.count; i++) {
            if (chosen[i] && str_list_has(search->model->options.items[i].requires, option->id))
                return fill(search, &rules->needed, option_name(search, i), STR_NONE, STR_NONE);
        }
        if (own->goal_count > 0)
            return fill(
                search, &rules->covers,
                model_label(search->model, OBJECT_GOAL, search->problem.goals[own->goals[0]].name),
                STR_NONE, STR_NONE);
    }
    if (preset->value != PRESET_POSITIONS)
        return fill(search, &rules->money, amount(search, own->value), currency(search), STR_NONE);
    Str rating = word_of(&words_standing, (int)option->rating);
    Str lasting = word_of(&words_durability, (int)option->durability);
    return fill(search, &rules->position,
                lower_first(search->arena,
                            method_word(search->method, S("standing"), rating, search->language)),
                model_label(search->model, OBJECT_TOPIC, option->topic),
                lower_first(search->arena, method_word(search->method, S("durability"), lasting,
                                                       search->language)));
}

/* The limit that the option would break beside the chosen ones; over is by how much. */
static const struct portfolio_resource *broken_limit(const struct search *search,
                                                     const bool *chosen, size_t index, double *over)
{
    const struct portfolio_problem *problem = &search->problem;
    const struct portfolio_resource *worst = NULL;

    *over = 0;
    for (size_t r = 0; r < problem->resource_count; r++) {
        double used = problem->options[index].cost[r];
        if (!problem->resources[r].has_limit || used <= 0)
            continue;
        for (size_t i = 0; i < problem->option_count; i++)
            used += chosen[i] ? problem->options[i].cost[r] : 0;
        if (used - problem->resources[r].limit > *over) {
            *over = used - problem->resources[r].limit;
            worst = &problem->resources[r];
        }
    }
    return worst;
}

static bool excludes(const struct search *search, size_t a, size_t b)
{
    const struct strategy_option *options = search->model->options.items;

    return str_list_has(options[a].excludes, options[b].id) ||
           str_list_has(options[b].excludes, options[a].id);
}

static Str why_left_out(struct search *search, const struct focus_preset *preset,
                        const bool *chosen, size_t index)
{
    const struct choice_rules *rules = &search->method->choice;
    const struct strategy_option *option = &search->model->options.items[index];
    const struct portfolio_option *own = &search->problem.options[index];
    double over = 0;

    if (option->must_not)
        return rules->must_not.in[search->language];
    for (size_t i = 0; i < search->model->options.count; i++) {
        if (chosen[i] && excludes(search, index, i))
            return fill(search, &rules->excluded, option_name(search, i), STR_NONE, STR_NONE);
    }
    if (own->value <= 0)
        return fill(search, &rules->no_value,
                    amount(search, preset->value == PRESET_POSITIONS
                                       ? option_net_benefit(search->model, option)
                                       : own->value),
                    currency(search), STR_NONE);
    for (size_t i = 0; i < own->require_count; i++) {
        if (!chosen[own->requires[i]])
            return fill(search, &rules->requires_other, option_name(search, own->requires[i]),
                        STR_NONE, STR_NONE);
    }
    const struct portfolio_resource *broken = broken_limit(search, chosen, index, &over);
    if (broken)
        return fill(search, &rules->limit, broken->name, amount(search, over), STR_NONE);
    return rules->other.in[search->language];
}

/* --- versions ----------------------------------------------------------------------------------
 */

static bool make_version(struct search *search, const struct focus_preset *preset,
                         const bool *chosen, struct strategy_version *out, struct err *err)
{
    size_t count = search->model->options.count;

    *out = (struct strategy_version){.id = strategy_id_from(search->arena, preset->key),
                                     .name = preset->name.in[search->language],
                                     .focus = preset->key,
                                     .text = preset->aim.in[search->language],
                                     .state = VERSION_CORE_DRAFTED,
                                     .is_generated = true};
    out->options.items = arena_try_alloc(search->arena, sizeof *out->options.items,
                                         _Alignof(struct version_option), count + 1);
    if (!out->options.items)
        return err_arena(err, search->arena);
    out->options.count = count;
    for (size_t i = 0; i < count; i++)
        out->options.items[i] =
            (struct version_option){.option = search->model->options.items[i].id,
                                    .is_chosen = chosen[i],
                                    .reason = chosen[i] ? why_chosen(search, preset, chosen, i)
                                                        : why_left_out(search, preset, chosen, i)};
    return true;
}

/* The smallest difference to the versions found so far; 1 when there is none. */
static double distance(const struct alternatives *found, const struct strategy_version *version)
{
    double least = 1;

    for (size_t i = 0; i < found->found.count; i++) {
        if (found->found.items[i].status == ALTERNATIVE_INFEASIBLE)
            continue;
        double one = version_difference(&found->found.items[i].version, version);
        least = one < least ? one : least;
    }
    return least;
}

/* The best answer that keeps its distance; when none does, the one that keeps most of it. */
static bool pick(struct search *search, const struct focus_preset *preset,
                 const struct portfolio_answer *answer, const struct alternatives *found,
                 struct alternative *out, struct err *err)
{
    double best_distance = -1;

    for (size_t i = 0; i <= answer->alternative_count; i++) {
        const struct portfolio_choice *choice =
            i == 0 ? &answer->best : &answer->alternatives[i - 1];
        struct strategy_version version;
        if (choice->status == PORTFOLIO_INFEASIBLE || !choice->chosen)
            continue;
        if (!make_version(search, preset, choice->chosen, &version, err))
            return false;
        double kept = distance(found, &version);
        if (kept <= best_distance)
            continue;
        best_distance = kept;
        *out = (struct alternative){.preset = preset,
                                    .status = choice->status == PORTFOLIO_OPTIMAL
                                                  ? ALTERNATIVE_OPTIMAL
                                                  : ALTERNATIVE_FEASIBLE,
                                    .version = version,
                                    .value = choice->value,
                                    .bound = choice->bound,
                                    .gap = choice->gap,
                                    .is_moved = i > 0};
        if (kept >= search->difference)
            break;
    }
    return true;
}

static Str conflict_text(struct search *search, const struct portfolio_condition *condition)
{
    const struct portfolio_problem *problem = &search->problem;

    switch (condition->kind) {
    case PORTFOLIO_LIMIT:
        return arena_printf(search->arena, "limit " STR_F " at most %g",
                            STR_A(problem->resources[condition->index].name),
                            problem->resources[condition->index].limit);
    case PORTFOLIO_COVER:
        return arena_printf(search->arena, "goal " STR_F " served by at least %u options",
                            STR_A(problem->goals[condition->index].name),
                            problem->goals[condition->index].at_least);
    case PORTFOLIO_MUST:
        return arena_printf(search->arena, "option " STR_F " is a must",
                            STR_A(problem->options[condition->index].id));
    case PORTFOLIO_MUST_NOT:
        return arena_printf(search->arena, "option " STR_F " is ruled out",
                            STR_A(problem->options[condition->index].id));
    case PORTFOLIO_REQUIRES:
    case PORTFOLIO_EXCLUDES:
        return arena_printf(search->arena, "option " STR_F " %s " STR_F,
                            STR_A(problem->options[condition->index].id),
                            condition->kind == PORTFOLIO_REQUIRES ? "requires" : "excludes",
                            STR_A(problem->options[condition->other].id));
    }
    UNREACHABLE("a kind of condition");
}

static bool explain_conflict(struct search *search, const struct focus_preset *preset,
                             const struct portfolio_answer *answer, struct alternative *out,
                             struct err *err)
{
    *out = (struct alternative){.preset = preset, .status = ALTERNATIVE_INFEASIBLE};
    out->conflict.items = arena_try_new(search->arena, Str, answer->conflict_count + 1);
    if (!out->conflict.items)
        return err_arena(err, search->arena);
    for (size_t i = 0; i < answer->conflict_count; i++)
        out->conflict.items[out->conflict.count++] = conflict_text(search, &answer->conflict[i]);
    return true;
}

static bool find_one(struct search *search, const struct alternatives_options *options,
                     const struct focus_preset *preset, struct alternatives *out, struct err *err)
{
    struct portfolio_answer answer = {0};
    struct portfolio_settings settings = {.seconds = options->seconds,
                                          .alternatives =
                                              out->found.count > 0 ? FURTHER_ANSWERS : 0,
                                          .distance = search->difference,
                                          .is_cancelled = options->cancel};
    struct alternative *next = &out->found.items[out->found.count];

    if (!make_problem(search, preset, err) ||
        !portfolio_choose(search->arena, &search->problem, &settings, &answer, err))
        return err_wrap(err, "could not find an alternative for '" STR_F "'", STR_A(preset->key));
    bool ok = answer.best.status == PORTFOLIO_INFEASIBLE
                  ? explain_conflict(search, preset, &answer, next, err)
                  : pick(search, preset, &answer, out, next, err);
    out->found.count += ok;
    return ok;
}

static bool wanted_presets(struct search *search, const struct alternatives_options *options,
                           const struct focus_preset ***out, size_t *count, struct err *err)
{
    const struct method *method = search->method;
    size_t most = options->presets ? options->preset_count : method->presets.count;

    *count = 0;
    *out = arena_try_new(search->arena, const struct focus_preset *, most + 1);
    if (!*out)
        return err_arena(err, search->arena);
    for (size_t i = 0; i < most; i++) {
        const struct focus_preset *preset = options->presets
                                                ? method_preset(method, options->presets[i])
                                                : &method->presets.items[i];
        if (!preset)
            return err_set(err, ERR_INPUT, "there is no focus '" STR_F "'",
                           STR_A(options->presets[i]));
        if (options->presets || preset->is_default)
            (*out)[(*count)++] = preset;
    }
    return true;
}

bool alternatives_find(struct arena *arena, const struct strategy_model *model,
                       const struct method *method, const struct alternatives_options *options,
                       struct alternatives *out, struct err *err)
{
    struct search search = {.arena = arena,
                            .model = model,
                            .method = method,
                            .language = options->language,
                            .difference = options->difference > 0 ? options->difference
                                                                  : method->steering.difference};
    const struct focus_preset **presets = NULL;
    size_t count = 0;
    bool ok = false;

    *out = (struct alternatives){0};
    if (model->options.count == 0)
        return err_set(err, ERR_INPUT, "there are no options to choose from") ||
               err_hint(err, "enter options of action first");
    map_init(&search.resources, MAP_BORROW_KEYS, 0);
    if (!find_resources(&search, err) || !wanted_presets(&search, options, &presets, &count, err))
        goto out;
    out->found.items =
        arena_try_alloc(arena, sizeof *out->found.items, _Alignof(struct alternative), count + 1);
    if (!out->found.items) {
        (void)err_arena(err, arena);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        if (!find_one(&search, options, presets[i], out, err))
            goto out;
    }
    ok = true;
out:
    map_deinit(&search.resources);
    return ok;
}
