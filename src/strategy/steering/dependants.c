/* dependants.c - what falls when an assumption breaks, and the response the method proposes. */
#include "format/json.h"
#include "strategy/model/object.h"
#include "strategy/model/store_priv.h"
#include "strategy/steering/assumption.h"

/* The component that an option's kind fills. All five are core components. */
static Str component_of(const struct strategy_option *option)
{
    return word_of(&words_option_kind, (int)option->kind);
}

static bool is_in(const struct strategy_version *version, const struct strategy_option *option)
{
    return !version || version_has(version, option->id);
}

static void add_component(struct dependants *out, Str component)
{
    if (!str_list_has(out->components, component))
        out->components.items[out->components.count++] = component;
}

static void list_options(const struct strategy_model *model, const struct strategy_version *version,
                         Str assumption, struct dependants *out)
{
    double all = 0, resting = 0, lost = 0;

    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *option = &model->options.items[i];
        double factor = option_factor_if_false(option, assumption);
        if (!is_in(version, option))
            continue;
        all += option->benefit.likely;
        if (factor >= 1)
            continue;
        resting += option->benefit.likely;
        lost += option->benefit.likely * (1 - factor);
        out->options.items[out->options.count++] =
            (struct dependant){.kind = OBJECT_OPTION,
                               .id = option->id,
                               .label = option->name,
                               .component = component_of(option),
                               .per_year = option->benefit.likely,
                               .at_stake = option->benefit.likely * (1 - factor)};
        add_component(out, component_of(option));
    }
    out->benefit_share = all > 0 ? resting / all : 0;
    out->at_stake_share = all > 0 ? lost / all : 0;
}

static void list_goals(const struct strategy_model *model, struct dependants *out)
{
    for (size_t i = 0; i < model->goals.count; i++) {
        const struct corporate_goal *goal = &model->goals.items[i];
        struct dependant line = {.kind = OBJECT_GOAL, .id = goal->id, .label = goal->text};
        bool depends = false;
        for (size_t j = 0; j < out->options.count; j++) {
            const struct strategy_option *option = model_option(model, out->options.items[j].id);
            if (!str_list_has(option->goals, goal->id))
                continue;
            depends = true;
            line.per_year += out->options.items[j].per_year;
            line.at_stake += out->options.items[j].at_stake;
        }
        if (depends)
            out->goals.items[out->goals.count++] = line;
    }
}

static bool has_answer(const struct strategy_model *model, Str id)
{
    const struct assumption *assumption = model_assumption(model, id);
    return assumption && assumption->answer.len > 0;
}

/* Too much rests on it: a new strategy. Else the answer prepared for it. Else adapt. */
static void propose(struct arena *arena, const struct strategy_model *model,
                    const struct steering_rules *rules, Str assumption, struct dependants *out)
{
    bool is_large = out->benefit_share >= rules->follow_up_share;
    bool is_wide = (int64_t)out->components.count >= rules->follow_up_components;

    if (is_large || is_wide) {
        out->response = RESPONSE_FOLLOW_UP;
        out->response_reason =
            arena_printf(arena, "%.0f %% of the likely benefit and %zu core components rest on it",
                         out->benefit_share * 100, out->components.count);
    } else if (has_answer(model, assumption)) {
        out->response = RESPONSE_PREPARED_ANSWER;
        out->response_reason = model_assumption(model, assumption)->answer;
    } else {
        out->response = RESPONSE_ADAPT;
        out->response_reason =
            arena_printf(arena, "%zu options in %zu components rest on it, no answer is prepared",
                         out->options.count, out->components.count);
    }
}

bool assumption_dependants(struct arena *arena, const struct strategy_model *model,
                           const struct method *method, const struct strategy_version *version,
                           Str assumption, struct dependants *out, struct err *err)
{
    *out = (struct dependants){0};
    out->options.items = arena_try_alloc(arena, sizeof(struct dependant),
                                         _Alignof(struct dependant), model->options.count + 1);
    out->goals.items = arena_try_alloc(arena, sizeof(struct dependant), _Alignof(struct dependant),
                                       model->goals.count + 1);
    out->components.items = arena_try_new(arena, Str, words_option_kind.count);
    if (!out->options.items || !out->goals.items || !out->components.items)
        return err_arena(err, arena);
    list_options(model, version, assumption, out);
    list_goals(model, out);
    propose(arena, model, &method->steering, assumption, out);
    return true;
}

static void write_dependant(struct json_writer *writer, const struct dependant *line)
{
    json_begin_object(writer);
    json_set_str(writer, "id", line->id);
    json_set_str(writer, "label", line->label);
    if (line->component.len > 0)
        json_set_str(writer, "component", line->component);
    json_set_f64(writer, "per_year", line->per_year);
    json_set_f64(writer, "at_stake", line->at_stake);
    json_end_object(writer);
}

bool dependants_json(struct arena *arena, const struct dependants *dependants, Str *out,
                     struct err *err)
{
    struct json_writer writer;
    struct buf text;

    buf_init(&text, 1024u * 1024u);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    json_begin_object(&writer);
    json_set_f64(&writer, "benefit_share", dependants->benefit_share);
    json_set_f64(&writer, "at_stake_share", dependants->at_stake_share);
    json_set_str(&writer, "response", word_of(&words_response, (int)dependants->response));
    json_set_str(&writer, "response_reason", dependants->response_reason);
    json_set_array(&writer, "options");
    for (size_t i = 0; i < dependants->options.count; i++)
        write_dependant(&writer, &dependants->options.items[i]);
    json_end_array(&writer);
    json_set_array(&writer, "goals");
    for (size_t i = 0; i < dependants->goals.count; i++)
        write_dependant(&writer, &dependants->goals.items[i]);
    json_end_array(&writer);
    json_set_array(&writer, "components");
    for (size_t i = 0; i < dependants->components.count; i++)
        json_put_str(&writer, dependants->components.items[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    return text_end(&text, arena, out, err);
}
