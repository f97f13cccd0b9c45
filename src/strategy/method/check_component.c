/* check_component.c - the rules on what a version contains and how it is judged: sheets,
 * interactions, risks by source, evaluation. */
#include "strategy/method/check_run.h"
#include "strategy/method/version_progress.h"

/* A version that claims a state between two, unless somebody put it aside. */
static bool claims(const struct check_run *run, const struct strategy_version *v,
                   enum version_state from, enum version_state until)
{
    return v->state >= from && v->state <= until && v->verdict != VERDICT_ABANDON &&
           (run->scope->version.len == 0 || str_eq(run->scope->version, v->id));
}

static Str add_name(const struct check_run *run, Str list, Str name)
{
    return list.len == 0 ? name
                         : arena_printf(run->arena, STR_F ", " STR_F, STR_A(list), STR_A(name));
}

static void find_missing_sheets(struct check_run *run, size_t count, enum version_state from,
                                enum version_state until)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        enum component missing[COMPONENT_COUNT];
        size_t found = version_missing_sheets(run->model, version->id, count, missing);
        Str names = STR_NONE;
        if (found == 0 || !claims(run, version, from, until))
            continue;
        for (size_t i = 0; i < found; i++)
            names = add_name(run, names,
                             check_word(run, "component", &words_component, (int)missing[i]));
        check_find_with(run, OBJECT_VERSION, version->id, names, STR_NONE);
    }
}

static void core_is_drafted(struct check_run *run)
{
    find_missing_sheets(run, COMPONENT_CORE_COUNT, VERSION_CORE_DRAFTED, VERSION_EVALUATED);
}

static void components_are_elaborated(struct check_run *run)
{
    find_missing_sheets(run, COMPONENT_COUNT, VERSION_ELABORATED, VERSION_ADOPTED);
}

#define EACH_SHEET(run, claim)                                                                     \
    for (size_t i = 0; i < (run)->model->sheets.count; i++) {                                      \
        const struct component_sheet *s = &(run)->model->sheets.items[i];                          \
        if (claim)                                                                                 \
            check_find((run), OBJECT_SHEET, s->id);                                                \
    }

static void core_sheet_has_reaction(struct check_run *run)
{
    EACH_SHEET(run, s->component < COMPONENT_CORE_COUNT && s->reactions.count == 0)
}

static void complete_sheet_is_filled(struct check_run *run)
{
    EACH_SHEET(run, s->is_complete && sheet_written(s) < SHEET_TEXTS)
}

static void sheet_is_one(struct check_run *run)
{
    EACH_SHEET(run, version_component_sheet(run->model, s->version, s->component) != s)
}

static void conflict_is_settled(struct check_run *run)
{
    for (size_t i = 0; i < run->model->interactions.count; i++) {
        const struct interaction *x = &run->model->interactions.items[i];
        if (interaction_is_open(x))
            check_find_with(run, OBJECT_INTERACTION, x->id,
                            check_word(run, "component", &words_component, (int)x->first),
                            check_word(run, "component", &words_component, (int)x->second));
    }
}

static void interaction_is_of_two(struct check_run *run)
{
    for (size_t i = 0; i < run->model->interactions.count; i++)
        if (run->model->interactions.items[i].first == run->model->interactions.items[i].second)
            check_find(run, OBJECT_INTERACTION, run->model->interactions.items[i].id);
}

static bool has_risk(const struct strategy_model *m, Str version, int source)
{
    for (size_t i = 0; i < m->risks.count; i++)
        if ((int)m->risks.items[i].source == source && str_eq(m->risks.items[i].version, version))
            return true;
    return false;
}

static void risk_sources_are_answered(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        Str names = STR_NONE;
        for (int s = 0; s < RISK_SOURCE_COUNT; s++)
            if (!has_risk(run->model, version->id, s))
                names = add_name(run, names, check_word(run, "risk_source", &words_risk_source, s));
        if (names.len > 0 && claims(run, version, VERSION_ELABORATED, VERSION_ADOPTED))
            check_find_with(run, OBJECT_VERSION, version->id, names, STR_NONE);
    }
}

static void risk_is_judged(struct check_run *run)
{
    for (size_t i = 0; i < run->model->risks.count; i++) {
        const struct listed_risk *r = &run->model->risks.items[i];
        if (!r->is_none && (r->probability == 0 || r->effect == 0))
            check_find(run, OBJECT_RISK, r->id);
    }
}

static void judgement_has_assessment(struct check_run *run)
{
    for (size_t i = 0; i < run->model->evaluations.count; i++) {
        const struct evaluation_sheet *e = &run->model->evaluations.items[i];
        if (e->judgement != JUDGEMENT_OPEN && e->assessment.len == 0)
            check_find(run, OBJECT_EVALUATION, e->id);
    }
}

static void option_is_of_own_topic(struct check_run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; version->topics.count > 0 && i < version->options.count; i++) {
            const struct version_option *o = &version->options.items[i];
            const struct strategy_option *option = model_option(run->model, o->option);
            if (o->is_chosen && option && !str_list_has(version->topics, option->topic))
                check_find_with(run, OBJECT_VERSION, version->id, option->name, STR_NONE);
        }
    }
}

static const struct checker checkers[] = {
    {"core_is_drafted", core_is_drafted, false},
    {"components_are_elaborated", components_are_elaborated, false},
    {"core_sheet_has_reaction", core_sheet_has_reaction, false},
    {"complete_sheet_is_filled", complete_sheet_is_filled, false},
    {"sheet_is_one", sheet_is_one, false},
    {"conflict_is_settled", conflict_is_settled, false},
    {"interaction_is_of_two", interaction_is_of_two, false},
    {"risk_sources_are_answered", risk_sources_are_answered, false},
    {"risk_is_judged", risk_is_judged, false},
    {"judgement_has_assessment", judgement_has_assessment, false},
    {"option_is_of_own_topic", option_is_of_own_topic, false},
};
const struct checker_list check_component = {checkers, COUNT_OF(checkers)};
