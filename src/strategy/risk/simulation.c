#include "strategy/risk/simulation.h"

#include <math.h>

#include "format/json.h"
#include "strategy/choice/alternatives.h"
#include "strategy/model/object.h"
#include "strategy/model/store_priv.h"
#include "strategy/risk/risk_json.h"

#define MODEL_BYTES_MAX  (64u * 1024u * 1024u)
#define ANSWER_BYTES_MAX (64u * 1024u * 1024u)

/* --- the model ---------------------------------------------------------------------------------
 */

struct modelling {
    struct arena *arena;
    const struct strategy_model *model;
    StrList versions, failed;
    struct json_writer *writer;
};

static bool is_used(const struct modelling *work, Str option)
{
    for (size_t i = 0; i < work->versions.count; i++) {
        const struct strategy_version *version =
            model_version(work->model, work->versions.items[i]);
        if (version && version_has(version, option))
            return true;
    }
    return false;
}

static void write_range(struct json_writer *writer, const char *key,
                        const struct three_point *range)
{
    json_set_object(writer, key);
    json_set_array(writer, "triangular");
    json_put_f64(writer, range->low);
    json_put_f64(writer, range->likely);
    json_put_f64(writer, range->high);
    json_end_array(writer);
    json_end_object(writer);
}

static Str prerequisite_name(const struct modelling *work, Str id)
{
    return arena_printf(work->arena, "prerequisite:" STR_F, STR_A(id));
}

static void write_rest(struct json_writer *writer, Str assumption, double if_false)
{
    json_begin_object(writer);
    json_set_str(writer, "assumption", assumption);
    json_set_f64(writer, "if_false", if_false);
    json_end_object(writer);
}

static void write_conditions(const struct modelling *work, const struct strategy_option *option)
{
    json_set_array(work->writer, "rests_on");
    for (size_t i = 0; i < option->rests_on.count; i++)
        write_rest(work->writer, option->rests_on.items[i].assumption,
                   option->rests_on.items[i].if_false);
    for (size_t i = 0; i < option->prerequisites.count; i++) {
        const struct prerequisite *prerequisite =
            model_prerequisite(work->model, option->prerequisites.items[i]);
        if (prerequisite && prerequisite->state != CONDITION_MET)
            write_rest(work->writer, prerequisite_name(work, prerequisite->id),
                       option_delay_factor(work->model, option, prerequisite->delay_months));
    }
    json_end_array(work->writer);
}

static void write_reactions(const struct modelling *work, const struct strategy_option *option)
{
    json_set_array(work->writer, "reactions");
    for (size_t i = 0; i < option->reactions.count; i++) {
        const struct option_reaction *reaction = &option->reactions.items[i];
        json_begin_object(work->writer);
        json_set_f64(work->writer, "probability", reaction->probability);
        json_set_f64(work->writer, "loss", reaction->loss);
        json_set_i64(work->writer, "after_months", reaction->after_months);
        json_end_object(work->writer);
    }
    json_end_array(work->writer);
}

static void write_option(const struct modelling *work, const struct strategy_option *option)
{
    json_begin_object(work->writer);
    json_set_str(work->writer, "id", option->id);
    json_set_i64(work->writer, "ramp_months", option->ramp_months);
    write_range(work->writer, "benefit", &option->benefit);
    write_range(work->writer, "effort", &option->effort);
    write_range(work->writer, "running", &option->running);
    if (option->driver.len > 0)
        json_set_str(work->writer, "driver", option->driver);
    write_conditions(work, option);
    write_reactions(work, option);
    json_end_object(work->writer);
}

static void write_probability(struct json_writer *writer, Str id, double probability)
{
    json_begin_object(writer);
    json_set_str(writer, "id", id);
    json_set_f64(writer, "probability", probability);
    json_end_object(writer);
}

static double prerequisite_probability(const struct prerequisite *prerequisite)
{
    return prerequisite->state == CONDITION_FAILED ? 0 : prerequisite->probability;
}

static void write_assumptions(const struct modelling *work)
{
    const struct strategy_model *model = work->model;

    json_set_array(work->writer, "assumptions");
    for (size_t i = 0; i < model->assumptions.count; i++) {
        const struct assumption *assumption = &model->assumptions.items[i];
        bool is_failed = str_list_has(work->failed, assumption->id);
        write_probability(work->writer, assumption->id, is_failed ? 0 : assumption->probability);
    }
    for (size_t i = 0; i < model->prerequisites.count; i++) {
        const struct prerequisite *prerequisite = &model->prerequisites.items[i];
        write_probability(work->writer, prerequisite_name(work, prerequisite->id),
                          prerequisite_probability(prerequisite));
    }
    json_end_array(work->writer);
}

static void write_drivers(const struct modelling *work)
{
    json_set_array(work->writer, "drivers");
    for (size_t i = 0; i < work->model->drivers.count; i++) {
        const struct benefit_driver *driver = &work->model->drivers.items[i];
        json_begin_object(work->writer);
        json_set_str(work->writer, "id", driver->id);
        json_set_object(work->writer, "is");
        json_set_array(work->writer, "normal");
        json_put_f64(work->writer, 1);
        json_put_f64(work->writer, driver->sd);
        json_end_array(work->writer);
        json_end_object(work->writer);
        json_end_object(work->writer);
    }
    json_end_array(work->writer);
}

static void write_versions(const struct modelling *work)
{
    json_set_array(work->writer, "versions");
    for (size_t i = 0; i < work->versions.count; i++) {
        const struct strategy_version *version =
            model_version(work->model, work->versions.items[i]);
        json_begin_object(work->writer);
        json_set_str(work->writer, "id", version->id);
        json_set_array(work->writer, "options");
        for (size_t j = 0; j < work->model->options.count; j++) {
            if (version_has(version, work->model->options.items[j].id))
                json_put_str(work->writer, work->model->options.items[j].id);
        }
        json_end_array(work->writer);
        json_end_object(work->writer);
    }
    json_end_array(work->writer);
}

static void write_model(const struct modelling *work)
{
    const struct company *company = model_company(work->model);

    json_begin_object(work->writer);
    json_set_i64(work->writer, "months", company ? company->months : 36);
    json_set_f64(work->writer, "discount", company ? company->discount : 0.08);
    json_set_array(work->writer, "options");
    for (size_t i = 0; i < work->model->options.count; i++) {
        if (is_used(work, work->model->options.items[i].id))
            write_option(work, &work->model->options.items[i]);
    }
    json_end_array(work->writer);
    write_assumptions(work);
    write_drivers(work);
    write_versions(work);
    json_end_object(work->writer);
}

bool simulation_model_json(struct arena *arena, const struct strategy_model *model,
                           StrList versions, StrList failed, Str *out, struct err *err)
{
    struct json_writer writer;
    struct buf text;
    struct modelling work = {
        .arena = arena, .model = model, .versions = versions, .failed = failed, .writer = &writer};

    for (size_t i = 0; i < versions.count; i++) {
        if (!model_version(model, versions.items[i]))
            return err_set(err, ERR_NOT_FOUND, "there is no version '" STR_F "'",
                           STR_A(versions.items[i]));
    }
    buf_init(&text, MODEL_BYTES_MAX);
    json_writer_init(&writer, &text, JSON_STYLE_COMPACT);
    write_model(&work);
    return text_end(&text, arena, out, err);
}

/* --- the answer --------------------------------------------------------------------------------
 */

static double number_or_nan(const struct json *object, const char *key)
{
    return json_f64_or(object, key, NAN);
}

static bool read_tornado(struct arena *arena, const struct json *from,
                         struct simulated_version *out, struct err *err)
{
    const struct json *array = json_get(from, "tornado");

    out->tornado.items = arena_try_alloc(arena, sizeof(struct tornado_bar),
                                         _Alignof(struct tornado_bar), json_len(array) + 1);
    if (!out->tornado.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *bar = json_at(array, i);
        out->tornado.items[out->tornado.count++] =
            (struct tornado_bar){.input = json_str_or(bar, "input", STR_NONE),
                                 .kind = json_str_or(bar, "kind", STR_NONE),
                                 .input_low = number_or_nan(bar, "input_low"),
                                 .input_high = number_or_nan(bar, "input_high"),
                                 .low = number_or_nan(bar, "mean_if_low"),
                                 .high = number_or_nan(bar, "mean_if_high")};
    }
    return true;
}

static bool read_histogram(struct arena *arena, const struct json *from,
                           struct simulated_version *out, struct err *err)
{
    const struct json *histogram = json_get(from, "histogram");
    const struct json *counts = json_get(histogram, "counts");
    double low = number_or_nan(histogram, "low"), width = number_or_nan(histogram, "width");

    out->histogram.items = arena_try_alloc(arena, sizeof(struct histogram_bar),
                                           _Alignof(struct histogram_bar), json_len(counts) + 1);
    if (!out->histogram.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(counts); i++) {
        struct histogram_bar *bar = &out->histogram.items[out->histogram.count++];
        *bar = (struct histogram_bar){.from = low + width * (double)i,
                                      .to = low + width * (double)(i + 1)};
        (void)json_i64(json_at(counts, i), &bar->count);
    }
    return true;
}

static bool read_curve(struct arena *arena, const struct json *from, struct simulated_version *out,
                       struct err *err)
{
    const struct json *curve = json_get(from, "curve");
    double *points = arena_try_new(arena, double, json_len(curve) + 1);

    if (!points)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(curve); i++)
        (void)json_f64(json_at(curve, i), &points[i]);
    out->curve = points;
    out->curve_count = json_len(curve);
    return true;
}

static bool read_values(struct arena *arena, const struct json *from, struct simulated_version *out,
                        struct err *err)
{
    const struct json *array = json_get(from, "assumptions");

    out->assumptions.items =
        arena_try_alloc(arena, sizeof(struct assumption_value), _Alignof(struct assumption_value),
                        json_len(array) + 1);
    if (!out->assumptions.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *value = json_at(array, i);
        out->assumptions.items[out->assumptions.count++] =
            (struct assumption_value){.assumption = json_str_or(value, "id", STR_NONE),
                                      .mean_if_true = number_or_nan(value, "mean_if_true"),
                                      .mean_if_false = number_or_nan(value, "mean_if_false")};
    }
    return true;
}

static bool read_version(struct arena *arena, const struct json *from,
                         struct simulated_version *out, struct err *err)
{
    const struct json *net = json_get(from, "net_benefit");

    *out = (struct simulated_version){.version = json_str_or(from, "id", STR_NONE),
                                      .mean = number_or_nan(net, "mean"),
                                      .sd = number_or_nan(net, "sd"),
                                      .p5 = number_or_nan(net, "p5"),
                                      .p10 = number_or_nan(net, "p10"),
                                      .p25 = number_or_nan(net, "p25"),
                                      .p50 = number_or_nan(net, "p50"),
                                      .p75 = number_or_nan(net, "p75"),
                                      .p90 = number_or_nan(net, "p90"),
                                      .p95 = number_or_nan(net, "p95"),
                                      .probability_of_loss =
                                          number_or_nan(from, "probability_of_loss")};
    return read_tornado(arena, from, out, err) && read_histogram(arena, from, out, err) &&
           read_curve(arena, from, out, err) && read_values(arena, from, out, err);
}

static bool read_beats(struct arena *arena, const struct json *root, struct simulation_result *out,
                       struct err *err)
{
    const struct json *array = json_get(root, "beats");

    out->beats.items = arena_try_alloc(arena, sizeof(struct beats_line),
                                       _Alignof(struct beats_line), json_len(array) + 1);
    if (!out->beats.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *line = json_at(array, i);
        out->beats.items[out->beats.count++] =
            (struct beats_line){.a = json_str_or(line, "a", STR_NONE),
                                .b = json_str_or(line, "b", STR_NONE),
                                .probability = number_or_nan(line, "probability")};
    }
    return true;
}

bool simulation_answer_read(struct arena *arena, Str answer, struct simulation_result *out,
                            struct err *err)
{
    const struct json *root = NULL, *versions = NULL;

    if (!json_parse(arena, answer, &root, err))
        return false;
    versions = json_get(root, "versions");
    out->answer_json = answer;
    out->trials = json_i64_or(root, "trials", 0);
    out->method = json_str_or(root, "method", STR_NONE);
    out->model_hash = json_str_or(root, "model_hash", STR_NONE);
    out->versions.items =
        arena_try_alloc(arena, sizeof(struct simulated_version), _Alignof(struct simulated_version),
                        json_len(versions) + 1);
    if (!out->versions.items)
        return err_arena(err, arena);
    for (size_t i = 0; i < json_len(versions); i++) {
        if (!read_version(arena, json_at(versions, i), &out->versions.items[out->versions.count++],
                          err))
            return false;
    }
    return read_beats(arena, root, out, err);
}

/* --- running -----------------------------------------------------------------------------------
 */

bool simulation_answer(struct arena *arena, Str model_json, const struct simulation_order *order,
                       Str *answer, struct err *err)
{
    struct risk_model *model = arena_new(arena, struct risk_model, 1);
    struct risk_result *result = arena_new(arena, struct risk_result, 1);
    const struct risk_settings settings = {
        .trials = (uint32_t)(order->trials > 0 ? order->trials : SIMULATION_TRIALS),
        .seed = order->seed > 0 ? order->seed : SIMULATION_SEED,
        .threads = order->threads > 0 ? (uint32_t)order->threads : 1,
        .method = SIMULATE_LATIN_HYPERCUBE};
    struct buf text;

    if (!risk_model_read(arena, model_json, model, NULL, err) ||
        !risk_simulate(arena, model, &settings, result, err))
        return err_wrap(err, "could not simulate the strategy");
    buf_init(&text, ANSWER_BYTES_MAX);
    risk_result_write(&text, model, result);
    return text_end(&text, arena, answer, err);
}

static bool all_versions(struct arena *arena, const struct strategy_model *model, StrList *out,
                         struct err *err)
{
    *out = (StrList){.items = arena_try_new(arena, Str, model->versions.count + 1)};
    if (!out->items)
        return err_arena(err, arena);
    for (size_t i = 0; i < model->versions.count; i++) {
        const struct strategy_version *version = &model->versions.items[i];
        if (version->verdict != VERDICT_ABANDON && version->state != VERSION_SUPERSEDED)
            out->items[out->count++] = version->id;
    }
    return true;
}

bool simulation_run(struct arena *arena, const struct strategy_model *model,
                    const struct simulation_order *order, struct simulation_result *out,
                    struct err *err)
{
    StrList versions = order->versions;
    Str answer = STR_NONE;

    *out = (struct simulation_result){.seed = order->seed > 0 ? order->seed : SIMULATION_SEED,
                                      .program_version = order->program_version,
                                      .failed = order->failed};
    if (versions.count == 0 && !all_versions(arena, model, &versions, err))
        return false;
    if (versions.count == 0)
        return err_set(err, ERR_INPUT, "there is no version to simulate") ||
               err_hint(err, "find alternatives or enter a version first");
    return simulation_model_json(arena, model, versions, order->failed, &out->model_json, err) &&
           simulation_answer(arena, out->model_json, order, &answer, err) &&
           simulation_answer_read(arena, answer, out, err);
}

const struct simulated_version *simulation_version(const struct simulation_result *result,
                                                   Str version)
{
    for (size_t i = 0; result && i < result->versions.count; i++) {
        if (str_eq(result->versions.items[i].version, version))
            return &result->versions.items[i];
    }
    return NULL;
}
