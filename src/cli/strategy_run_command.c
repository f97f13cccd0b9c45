/* strategy_run_command.c - `trimtab strategy alternatives|evaluate`. */
#include "cli/strategy_command.h"

#include <math.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/stream.h"
#include "format/json.h"
#include "strategy/choice/alternatives.h"
#include "strategy/choice/comparison.h"
#include "strategy/decision/decision_paper.h"

/* --- alternatives ------------------------------------------------------------------------------
 */

static bool find(struct strategy_subject *s, const struct strategy_request *r,
                 struct alternatives *out, struct err *err)
{
    Str presets[16], head, rest = r->focus;
    size_t count = 0;

    while (rest.len > 0 && count < COUNT_OF(presets)) {
        (void)str_cut(rest, ',', &head, &rest);
        presets[count++] = str_trim(head);
    }
    const struct alternatives_options options = {.presets = count > 0 ? presets : NULL,
                                                 .preset_count = count,
                                                 .language = r->language,
                                                 .seconds = r->seconds};
    return alternatives_find(&s->arena, &s->model, s->method, &options, out, err);
}

static const char *status_word(enum alternative_status status)
{
    static const char *const words[] = {"optimal", "feasible", "infeasible"};
    return words[status];
}

static void write_alternative(struct json_writer *w, const struct alternative *one)
{
    json_begin_object(w);
    json_set_str(w, "focus", one->preset->key);
    json_set_str(w, "status", str_from_cstr(status_word(one->status)));
    if (one->status == ALTERNATIVE_INFEASIBLE) {
        json_set_array(w, "conflict");
        for (size_t i = 0; i < one->conflict.count; i++)
            json_put_str(w, one->conflict.items[i]);
        json_end_array(w);
        json_end_object(w);
        return;
    }
    json_set_f64(w, "value", one->value);
    json_set_f64(w, "bound", one->bound);
    json_set_f64(w, "gap", one->gap);
    json_set_bool(w, "is_moved", one->is_moved);
    json_set_array(w, "options");
    for (size_t i = 0; i < one->version.options.count; i++) {
        const struct version_option *choice = &one->version.options.items[i];
        json_begin_object(w);
        json_set_str(w, "option", choice->option);
        json_set_bool(w, "is_chosen", choice->is_chosen);
        json_set_str(w, "reason", choice->reason);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void print_alternative(struct strategy_subject *s, const struct strategy_request *r,
                              const struct alternative *one)
{
    buf_printf(&s->out, STR_F ": %s", STR_A(one->preset->name.in[r->language]),
               status_word(one->status));
    if (one->status == ALTERNATIVE_INFEASIBLE) {
        buf_add_byte(&s->out, '\n');
        for (size_t i = 0; i < one->conflict.count; i++)
            buf_printf(&s->out, "  ! " STR_F "\n", STR_A(one->conflict.items[i]));
        return;
    }
    buf_printf(&s->out, ", value %.6g, bound %.6g, gap %.2g%s\n", one->value, one->bound, one->gap,
               one->is_moved ? ", moved away from an earlier version" : "");
    for (int chosen = 1; chosen >= 0; chosen--) {
        for (size_t i = 0; i < one->version.options.count; i++) {
            const struct version_option *choice = &one->version.options.items[i];
            if ((int)choice->is_chosen == chosen)
                buf_printf(&s->out, "  %c " STR_F ": " STR_F "\n", chosen ? '+' : '-',
                           STR_A(model_label(&s->model, OBJECT_OPTION, choice->option)),
                           STR_A(choice->reason));
        }
    }
}

/* A version of the same id is replaced when it was found by the program and is still free. */
static bool store_alternatives(struct strategy_subject *s, const struct strategy_request *r,
                               const struct alternatives *found, struct err *err)
{
    const struct change change = strategy_request_change(r);

    for (size_t i = 0; i < found->found.count; i++) {
        struct strategy_version version = found->found.items[i].version;
        const struct strategy_version *old = model_version(&s->model, version.id);
        if (found->found.items[i].status == ALTERNATIVE_INFEASIBLE)
            continue;
        if (old && !old->is_generated)
            return err_set(err, ERR_EXISTS, "version '" STR_F "' was made by a person",
                           STR_A(version.id));
        version.revision = old ? old->revision : 0;
        if (!version_put(s->workspace->state, &change, &version, err))
            return false;
    }
    return true;
}

static bool alternatives(struct strategy_subject *s, const struct strategy_request *r, int *code,
                         struct err *err)
{
    struct alternatives found;
    struct json_writer w;

    if (r->is_stored && !s->workspace)
        return err_set(err, ERR_USAGE, "--store needs a workspace");
    if (!find(s, r, &found, err))
        return false;
    json_writer_init(&w, &s->out, JSON_STYLE_COMPACT);
    if (r->is_json) {
        json_begin_array(&w);
        for (size_t i = 0; i < found.found.count; i++)
            write_alternative(&w, &found.found.items[i]);
        json_end_array(&w);
        buf_add_byte(&s->out, '\n');
    }
    for (size_t i = 0; i < found.found.count; i++) {
        if (!r->is_json)
            print_alternative(s, r, &found.found.items[i]);
        if (found.found.items[i].status == ALTERNATIVE_INFEASIBLE)
            *code = CLI_FAILURE;
    }
    return cli_flush(&s->out, err) && (!r->is_stored || store_alternatives(s, r, &found, err));
}

int strategy_alternatives_command(int argc, char **argv)
{
    struct strategy_request r = {.command = "strategy alternatives"};
    struct err err = {0};

    if (!strategy_request_read(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return strategy_command_run(&r, r.is_stored, &err, alternatives);
}

/* --- evaluate ----------------------------------------------------------------------------------
 */

/* A document usually has no versions: the default alternatives stand in for them. */
static bool have_versions(struct strategy_subject *s, const struct strategy_request *r,
                          struct err *err)
{
    struct alternatives found;
    struct strategy_version *versions;

    if (s->model.versions.count > 0)
        return true;
    if (!find(s, r, &found, err))
        return false;
    versions = arena_new(&s->arena, struct strategy_version, found.found.count + 1);
    for (size_t i = 0; i < found.found.count; i++) {
        if (found.found.items[i].status != ALTERNATIVE_INFEASIBLE)
            versions[s->model.versions.count++] = found.found.items[i].version;
    }
    s->model.versions.items = versions;
    return true;
}

static Str cell(struct strategy_subject *s, const struct comparison_row *row, double value,
                enum method_language language)
{
    struct arena *a = &s->arena;

    switch (row->unit) {
    case UNIT_MONEY:
    case UNIT_COUNT:
    case UNIT_AMOUNT:
        return method_number(a, value, 0, language);
    case UNIT_AFFINITY:
        return method_number(a, value, 1, language);
    case UNIT_SHARE:
        return isnan(value) ? S("–")
                            : arena_printf(a, STR_F " %%",
                                           STR_A(method_number(a, value * 100, 0, language)));
    }
    UNREACHABLE("a unit");
}

/* Columns by the number of characters, not bytes. */
static void pad(struct buf *out, Str text, size_t width, bool is_right)
{
    size_t runes = 0;

    for (size_t at = 0; at < text.len; runes++)
        (void)str_next_rune(text, &at);
    if (!is_right)
        buf_add(out, text);
    for (size_t i = runes; i < width; i++)
        buf_add_byte(out, ' ');
    if (is_right)
        buf_add(out, text);
}

static void print_comparison(struct strategy_subject *s, const struct strategy_request *r,
                             const struct comparison *c)
{
    pad(&s->out, STR_NONE, 36, false);
    for (size_t v = 0; v < c->version_count; v++)
        pad(&s->out, c->versions[v]->name, 20, true);
    buf_add_byte(&s->out, '\n');
    for (size_t i = 0; i < c->rows.count; i++) {
        pad(&s->out, c->rows.items[i].label, 36, false);
        for (size_t v = 0; v < c->version_count; v++)
            pad(&s->out, cell(s, &c->rows.items[i], c->rows.items[i].values[v], r->language), 20,
                true);
        buf_add_byte(&s->out, '\n');
    }
    for (size_t i = 0; i < c->beats.count; i++)
        buf_printf(&s->out, STR_F " > " STR_F ": %.0f %%\n", STR_A(c->beats.items[i].a),
                   STR_A(c->beats.items[i].b), c->beats.items[i].probability * 100);
}

static bool simulate(struct strategy_subject *s, const struct strategy_request *r,
                     struct simulation_result *out, struct err *err)
{
    const struct simulation_order order = {
        .trials = (int64_t)r->trials, .seed = r->seed, .threads = (int)r->threads};

    return have_versions(s, r, err) && simulation_run(&s->arena, &s->model, &order, out, err);
}

static bool evaluate(struct strategy_subject *s, const struct strategy_request *r, int *code,
                     struct err *err)
{
    struct simulation_result result;
    struct decision_paper paper;
    struct decision decision = {0};
    Str json = STR_NONE;

    (void)code;
    if (!simulate(s, r, &result, err) ||
        (s->workspace && !decision_current(s->workspace->state, &s->arena, &decision, err)) ||
        !decision_paper_make(&s->arena, &s->model, s->method, (StrList){0}, &result, &decision,
                             r->language, &paper, err))
        return false;
    if (r->is_json) {
        if (!decision_paper_json(&s->arena, &paper, &json, err))
            return false;
        buf_add(&s->out, json);
    } else {
        print_comparison(s, r, &paper.comparison);
    }
    return cli_flush(&s->out, err);
}

int strategy_evaluate_command(int argc, char **argv)
{
    struct strategy_request r = {.command = "strategy evaluate"};
    struct err err = {0};

    if (!strategy_request_read(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return strategy_command_run(&r, false, &err, evaluate);
}
