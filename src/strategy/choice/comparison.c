#include "strategy/choice/comparison.h"

#include <math.h>

struct comparing {
    struct arena *arena;
    const struct method *method;
    enum method_language language;
    struct comparison *out;
};

static double leading_sum(const struct evaluation *evaluation)
{
    int64_t sum = 0;

    for (size_t i = 0; i < COUNT_OF(evaluation->leading); i++)
        sum += evaluation->leading[i];
    return (double)sum;
}

/* Where a row takes its number from: e is the evaluation, s the simulation or NULL. */
#define VALUE(name, expression)                                                                    \
    static double name##_value(const struct evaluation *e, const struct simulated_version *s)      \
    {                                                                                              \
        (void)e;                                                                                   \
        (void)s;                                                                                   \
        return expression;                                                                         \
    }
VALUE(benefit_per_year, e->benefit_per_year.likely)
VALUE(net_benefit, e->net_benefit)
VALUE(net_benefit_p10, s ? s->p10 : NAN)
VALUE(net_benefit_p50, s ? s->p50 : NAN)
VALUE(net_benefit_p90, s ? s->p90 : NAN)
VALUE(probability_of_loss, s ? s->probability_of_loss : NAN)
VALUE(leading, leading_sum(e))
VALUE(leading_structural, (double)e->leading[DURABILITY_STRUCTURAL])
VALUE(equal, (double)e->equal)
VALUE(weaker, (double)e->weaker)
VALUE(affinity, e->affinity)
VALUE(fragility, e->fragility)
VALUE(rests_on_any, e->rests_on_any)
VALUE(effort, e->effort.likely)
VALUE(running, e->running.likely)
VALUE(money_unsecured, e->money_unsecured_share)
VALUE(people_unsecured, e->people_unsecured_share)
VALUE(blocks_covered, (double)e->blocks_covered)
VALUE(goals_covered, (double)e->goals_covered)
VALUE(risks, (double)e->risks.count)
VALUE(options, (double)e->option_count)
VALUE(structure_failed, (double)e->structure_failed)

static const struct {
    const char *key;
    double (*value)(const struct evaluation *e, const struct simulated_version *s);
    enum comparison_unit unit;
    enum comparison_better better;
} rows[] = {
    {"benefit_per_year", benefit_per_year_value, UNIT_MONEY, BETTER_MORE},
    {"net_benefit", net_benefit_value, UNIT_MONEY, BETTER_MORE},
    {"net_benefit_p10", net_benefit_p10_value, UNIT_MONEY, BETTER_MORE},
    {"net_benefit_p50", net_benefit_p50_value, UNIT_MONEY, BETTER_MORE},
    {"net_benefit_p90", net_benefit_p90_value, UNIT_MONEY, BETTER_MORE},
    {"probability_of_loss", probability_of_loss_value, UNIT_SHARE, BETTER_LESS},
    {"leading", leading_value, UNIT_COUNT, BETTER_MORE},
    {"leading_structural", leading_structural_value, UNIT_COUNT, BETTER_MORE},
    {"equal", equal_value, UNIT_COUNT, BETTER_NEITHER},
    {"weaker", weaker_value, UNIT_COUNT, BETTER_LESS},
    {"affinity", affinity_value, UNIT_AFFINITY, BETTER_MORE},
    {"fragility", fragility_value, UNIT_SHARE, BETTER_LESS},
    {"rests_on_any", rests_on_any_value, UNIT_SHARE, BETTER_NEITHER},
    {"effort", effort_value, UNIT_MONEY, BETTER_LESS},
    {"running", running_value, UNIT_MONEY, BETTER_LESS},
    {"money_unsecured", money_unsecured_value, UNIT_SHARE, BETTER_LESS},
    {"people_unsecured", people_unsecured_value, UNIT_SHARE, BETTER_LESS},
    {"blocks_covered", blocks_covered_value, UNIT_COUNT, BETTER_MORE},
    {"goals_covered", goals_covered_value, UNIT_COUNT, BETTER_MORE},
    {"risks", risks_value, UNIT_COUNT, BETTER_LESS},
    {"options", options_value, UNIT_COUNT, BETTER_NEITHER},
    {"structure_failed", structure_failed_value, UNIT_COUNT, BETTER_LESS},
};

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a >= b && a <= b);
}

static bool make_rows(struct comparing *work, struct err *err)
{
    struct comparison *out = work->out;

    out->rows.items = arena_try_alloc(work->arena, sizeof(struct comparison_row),
                                      _Alignof(struct comparison_row), COUNT_OF(rows));
    if (!out->rows.items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct comparison_row *row = &out->rows.items[out->rows.count++];
        double *values = arena_try_new(work->arena, double, out->version_count + 1);
        if (!values)
            return err_arena(err, work->arena);
        *row = (struct comparison_row){.key = str_from_cstr(rows[i].key),
                                       .unit = rows[i].unit,
                                       .better = rows[i].better,
                                       .values = values};
        row->label = method_word(work->method, S("comparison"), row->key, work->language);
        for (size_t v = 0; v < out->version_count; v++) {
            values[v] = rows[i].value(&out->evaluations[v], out->simulated[v]);
            row->is_different = row->is_different || !same(values[v], values[0]);
        }
    }
    return true;
}

static bool make_options(struct comparing *work, const struct strategy_model *model,
                         struct err *err)
{
    struct comparison *out = work->out;

    out->options.items =
        arena_try_alloc(work->arena, sizeof(struct comparison_option),
                        _Alignof(struct comparison_option), model->options.count + 1);
    if (!out->options.items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *option = &model->options.items[i];
        bool *chosen = arena_try_new(work->arena, bool, out->version_count + 1);
        bool is_different = false, is_in_any = false;
        if (!chosen)
            return err_arena(err, work->arena);
        for (size_t v = 0; v < out->version_count; v++) {
            chosen[v] = version_has(out->versions[v], option->id);
            is_different = is_different || chosen[v] != chosen[0];
            is_in_any = is_in_any || chosen[v];
        }
        if (is_in_any)
            out->options.items[out->options.count++] =
                (struct comparison_option){.option = option->id,
                                           .label = option->name,
                                           .topic = option->topic,
                                           .is_chosen = chosen,
                                           .is_different = is_different};
    }
    return true;
}

static bool make_columns(struct comparing *work, const struct strategy_model *model,
                         StrList versions, const struct simulation_result *simulation,
                         struct err *err)
{
    struct comparison *out = work->out;
    size_t count = versions.count;
    const struct strategy_version **columns =
        arena_try_new(work->arena, const struct strategy_version *, count + 1);
    const struct simulated_version **simulated =
        arena_try_new(work->arena, const struct simulated_version *, count + 1);
    struct evaluation *evaluations = arena_try_new(work->arena, struct evaluation, count + 1);

    if (!columns || !simulated || !evaluations)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < count; i++) {
        columns[i] = model_version(model, versions.items[i]);
        if (!columns[i])
            return err_set(err, ERR_NOT_FOUND, "there is no version '" STR_F "'",
                           STR_A(versions.items[i]));
        simulated[i] = simulation ? simulation_version(simulation, versions.items[i]) : NULL;
        if (!evaluation_make(work->arena, model, work->method, columns[i], &evaluations[i], err))
            return false;
    }
    out->version_count = count;
    out->versions = columns;
    out->simulated = simulated;
    out->evaluations = evaluations;
    return true;
}

bool comparison_make(struct arena *arena, const struct strategy_model *model,
                     const struct method *method, StrList versions,
                     const struct simulation_result *simulation, enum method_language language,
                     struct comparison *out, struct err *err)
{
    struct comparing work = {.arena = arena, .method = method, .language = language, .out = out};

    *out = (struct comparison){0};
    if (!make_columns(&work, model, versions, simulation, err) || !make_rows(&work, err) ||
        !make_options(&work, model, err))
        return false;
    if (simulation) {
        out->beats.items = simulation->beats.items;
        out->beats.count = simulation->beats.count;
    }
    return true;
}
