/* check_version.c - the rules on versions. */
#include "strategy/choice/alternatives.h"
#include "strategy/choice/evaluation.h"
#include "strategy/method/check_run.h"

static bool is_alive(const struct strategy_version *version)
{
    return version->verdict != VERDICT_ABANDON && version->state != VERSION_REJECTED &&
           version->state != VERSION_SUPERSEDED;
}

static bool is_asked_for(const struct check_run *run, const struct strategy_version *version)
{
    return run->scope->version.len == 0 || str_eq(run->scope->version, version->id);
}

static bool is_in_scope(const struct check_run *run, const struct strategy_version *version)
{
    return is_alive(version) && is_asked_for(run, version);
}

/* Versions that were put aside in a decision still count as alternatives that were looked at. */
static int64_t count_versions(const struct strategy_model *model)
{
    int64_t count = 0;

    for (size_t i = 0; i < model->versions.count; i++)
        count += model->versions.items[i].verdict != VERDICT_ABANDON &&
                 model->versions.items[i].state != VERSION_SUPERSEDED;
    return count;
}

static void versions_are_enough(struct check_run *run)
{
    int64_t count = count_versions(run->model), least = run->method->steering.alternatives_minimum;

    if (count < least)
        check_find_whole(run, check_number(run, (double)count), check_number(run, (double)least));
}

static void versions_recommended(struct check_run *run)
{
    const struct steering_rules *rules = &run->method->steering;
    int64_t count = count_versions(run->model);

    if (count >= rules->alternatives_minimum && count < rules->alternatives_recommended)
        check_find_whole(run, check_number(run, (double)count),
                         check_number(run, (double)rules->alternatives_recommended));
}

static void compare_versions(struct check_run *run, const struct strategy_version *about,
                             const struct strategy_version *other)
{
    double difference = version_difference(about, other);

    if (is_alive(other) && is_in_scope(run, about) && difference < run->method->steering.difference)
        check_find_with(run, OBJECT_VERSION, about->id, other->name,
                        check_percent(run, difference));
}

/* Every pair once: about the later one, or the one that is asked for. */
static void versions_differ(struct check_run *run)
{
    const struct strategy_version *versions = run->model->versions.items;

    for (size_t i = 0; i < run->model->versions.count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (is_asked_for(run, &versions[i]))
                compare_versions(run, &versions[i], &versions[j]);
            else
                compare_versions(run, &versions[j], &versions[i]);
        }
    }
}

static void version_requirements_met(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->model->options.count && is_in_scope(run, version); i++) {
            const struct strategy_option *option = &run->model->options.items[i];
            for (size_t j = 0; j < option->requires.count && version_has(version, option->id);
                 j++) {
                if (!version_has(version, option->requires.items[j]))
                    check_find_with(
                        run, OBJECT_VERSION, version->id, option->name,
                        model_label(run->model, OBJECT_OPTION, option->requires.items[j]));
            }
        }
    }
}

/* Both exclude each other: the earlier one has said so. */
static bool is_said(const struct strategy_model *model, const struct strategy_option *option,
                    Str other)
{
    const struct strategy_option *excluded = model_option(model, other);

    return excluded && excluded < option && str_list_has(excluded->excludes, option->id);
}

static void version_exclusions_kept(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->model->options.count && is_in_scope(run, version); i++) {
            const struct strategy_option *option = &run->model->options.items[i];
            for (size_t j = 0; j < option->excludes.count && version_has(version, option->id);
                 j++) {
                Str other = option->excludes.items[j];
                if (version_has(version, other) && !is_said(run->model, option, other))
                    check_find_with(run, OBJECT_VERSION, version->id, option->name,
                                    model_label(run->model, OBJECT_OPTION, other));
            }
        }
    }
}

static void version_within_limits(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->figures[v].resources.count && is_in_scope(run, version); i++) {
            const struct resource_line *line = &run->figures[v].resources.items[i];
            if (line->is_over)
                check_find_at(run, OBJECT_VERSION, version->id,
                              check_quoted(run, OBJECT_VERSION, version->id), line->resource,
                              check_number(run, line->demand), check_number(run, line->limit));
        }
    }
}

static void version_is_secured(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct evaluation *figures = &run->figures[v];
        const struct strategy_version *version = &run->model->versions.items[v];
        const double shares[] = {figures->money_unsecured_share, figures->people_unsecured_share};
        const char *const names[METHOD_LANGUAGE_COUNT][2] = {{"money", "people"},
                                                             {"Geld", "Personal"}};
        for (size_t i = 0; i < COUNT_OF(shares) && is_in_scope(run, version); i++) {
            if (shares[i] > 0)
                check_find_with(run, OBJECT_VERSION, version->id,
                                str_from_cstr(names[run->language][i]),
                                check_percent(run, shares[i]));
        }
    }
}

#define EACH_VERSION(run, claim)                                                                   \
    for (size_t v = 0; v < (run)->model->versions.count; v++) {                                    \
        const struct strategy_version *version = &(run)->model->versions.items[v];                 \
        const struct evaluation *figures = &(run)->figures[v];                                     \
        (void)figures;                                                                             \
        if (is_in_scope((run), version) && (claim))                                                \
            check_find((run), OBJECT_VERSION, version->id);                                        \
    }

static int64_t leading_count(const struct evaluation *figures)
{
    int64_t sum = 0;

    for (size_t i = 0; i < COUNT_OF(figures->leading); i++)
        sum += figures->leading[i];
    return sum;
}

static void version_is_competitive(struct check_run *run)
{
    EACH_VERSION(run, leading_count(figures) == 0)
}

static void version_is_simulated(struct check_run *run)
{
    EACH_VERSION(run, version->simulation.id == 0 || version->simulation.is_stale)
}

static void version_has_verdict(struct check_run *run)
{
    EACH_VERSION(run, version->verdict == VERDICT_OPEN && version->state < VERSION_ADOPTED)
}

static void version_verdict_has_reason(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        if (is_asked_for(run, version) && version->verdict != VERDICT_OPEN &&
            version->verdict_reason.len == 0)
            check_find(run, OBJECT_VERSION, version->id);
    }
}

static void version_affinity_carries(struct check_run *run)
{
    EACH_VERSION(run, figures->is_affinity_low)
}

static void version_is_not_fragile(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        if (is_in_scope(run, version) && run->figures[v].fragility > 0.5)
            check_find_with(run, OBJECT_VERSION, version->id,
                            check_percent(run, run->figures[v].fragility), STR_NONE);
    }
}

static void version_attends_open(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->figures[v].positions.count && is_in_scope(run, version); i++) {
            const struct position_line *line = &run->figures[v].positions.items[i];
            if (line->position == POSITION_OPEN && line->priority == PRIORITY_A && !line->is_worked)
                check_find_with(run, OBJECT_VERSION, version->id, line->label, STR_NONE);
        }
    }
}

/* An adopted version cannot be changed any more: options that came later are not its to explain. */
static void version_options_explained(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        bool is_open = is_in_scope(run, version) && version->state < VERSION_ADOPTED;
        for (size_t i = 0; is_open && i < run->model->options.count; i++) {
            const struct strategy_option *option = &run->model->options.items[i];
            const struct version_option *choice = version_find_option(version, option->id);
            if (!choice || choice->reason.len == 0)
                check_find_with(run, OBJECT_VERSION, version->id, option->name, STR_NONE);
        }
    }
}

static const struct checker checkers[] = {
    {"versions_are_enough", versions_are_enough, false},
    {"versions_recommended", versions_recommended, false},
    {"versions_differ", versions_differ, false},
    {"version_requirements_met", version_requirements_met, false},
    {"version_exclusions_kept", version_exclusions_kept, false},
    {"version_within_limits", version_within_limits, false},
    {"version_is_secured", version_is_secured, false},
    {"version_is_competitive", version_is_competitive, false},
    {"version_is_simulated", version_is_simulated, false},
    {"version_has_verdict", version_has_verdict, false},
    {"version_verdict_has_reason", version_verdict_has_reason, false},
    {"version_affinity_carries", version_affinity_carries, false},
    {"version_is_not_fragile", version_is_not_fragile, false},
    {"version_attends_open", version_attends_open, false},
    {"version_options_explained", version_options_explained, false},
};
const struct checker_list check_version = {checkers, COUNT_OF(checkers)};
