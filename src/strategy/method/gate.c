#include "strategy/method/gate.h"

#include "strategy/method/check.h"

#define MISSING_MAX 12 /* named; the rest is counted in the last line */

enum {
    STEP_COMPANY = 1,
    STEP_TOPICS = 4,
    STEP_OPTIONS = 5,
    STEP_EVALUATION = 7,
    STEP_DECISION = 8,
    STEP_STEERING = 9
};

struct walk {
    struct arena *arena;
    const struct strategy_model *model;
    const struct gate_facts *facts;
    const struct check_report *report;
    enum method_language language;
};

static bool rests_on(const struct strategy_option *option, Str assumption)
{
    return option_factor_if_false(option, assumption) < 1;
}

/* Every assumption that the adopted version rests on is armed. */
static bool is_watched(const struct strategy_model *model)
{
    for (size_t v = 0; v < model->versions.count; v++) {
        const struct strategy_version *version = &model->versions.items[v];
        for (size_t i = 0; i < model->options.count && version->state == VERSION_ADOPTED; i++) {
            const struct strategy_option *option = &model->options.items[i];
            for (size_t j = 0; j < model->assumptions.count; j++) {
                const struct assumption *assumption = &model->assumptions.items[j];
                if (version_has(version, option->id) && rests_on(option, assumption->id) &&
                    assumption->armed_at_ms == 0)
                    return false;
            }
        }
    }
    return true;
}

/* What a gate asks for beside rules, which find nothing where there is nothing. */
static bool is_fact_met(const struct walk *walk, int64_t step)
{
    switch (step) {
    case STEP_COMPANY:
        return walk->model->goals.count > 0;
    case STEP_TOPICS:
        return walk->model->topics.count > 0;
    case STEP_OPTIONS:
        return walk->model->options.count > 0;
    case STEP_EVALUATION:
        return walk->model->versions.count > 0;
    case STEP_DECISION:
        return walk->facts->has_decision;
    case STEP_STEERING:
        return walk->facts->has_decision && is_watched(walk->model);
    default:
        return true;
    }
}

static void add_missing(struct gate *gate, size_t *left_out, Str text)
{
    if (gate->missing.count < MISSING_MAX)
        gate->missing.items[gate->missing.count++] = text;
    else
        ++*left_out;
}

static void list_missing(const struct walk *walk, const struct gate_rule *rule, struct gate *gate)
{
    size_t left_out = 0;

    if (!is_fact_met(walk, rule->step))
        add_missing(gate, &left_out, rule->missing.in[walk->language]);
    for (size_t i = 0; i < walk->report->findings.count; i++) {
        const struct check_finding *finding = &walk->report->findings.items[i];
        if (str_list_has(rule->rules, finding->rule->id))
            add_missing(gate, &left_out,
                        arena_printf(walk->arena, STR_F ": " STR_F " (" STR_F ")",
                                     STR_A(finding->place), STR_A(finding->message),
                                     STR_A(finding->rule->id)));
    }
    if (left_out > 0)
        gate->missing.items[gate->missing.count++] = arena_printf(
            walk->arena, walk->language == METHOD_DE ? "und %zu weitere" : "and %zu more",
            left_out);
}

static void look_for_waiver(const struct walk *walk, struct gate *gate)
{
    for (size_t i = 0; i < walk->model->waivers.count; i++) {
        const struct gate_waiver *waiver = &walk->model->waivers.items[i];
        if (waiver->id.len != 1 || waiver->id.ptr[0] - '0' != gate->step)
            continue;
        gate->state = GATE_WAIVED;
        gate->waiver_reason = waiver->reason;
        gate->waiver_by = waiver->by;
    }
}

bool gates_check(struct arena *arena, const struct strategy_model *model,
                 const struct method *method, const struct gate_facts *facts,
                 enum method_language language, const struct gate **out, size_t *count,
                 struct err *err)
{
    const struct check_scope scope = {0};
    struct check_report report;
    struct walk walk = {
        .arena = arena, .model = model, .facts = facts, .report = &report, .language = language};
    struct gate *gates = arena_try_new(arena, struct gate, method->gates.count);

    if (!gates)
        return err_arena(err, arena);
    if (!strategy_check(arena, model, method, &scope, language, &report, err))
        return false;
    for (size_t i = 0; i < method->gates.count; i++) {
        const struct gate_rule *rule = &method->gates.items[i];
        gates[i] = (struct gate){.step = rule->step,
                                 .name = rule->name.in[language],
                                 .demand = rule->demand.in[language]};
        gates[i].missing.items = arena_new(arena, Str, MISSING_MAX + 1);
        list_missing(&walk, rule, &gates[i]);
        if (gates[i].missing.count == 0)
            gates[i].state = GATE_MET;
        else
            look_for_waiver(&walk, &gates[i]);
    }
    *out = gates;
    *count = method->gates.count;
    return true;
}
