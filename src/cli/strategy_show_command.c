/* strategy_show_command.c - `trimtab strategy show`: the method, and the gates of a strategy. */
#include "cli/strategy_command.h"

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/stream.h"
#include "strategy/decision/decision.h"
#include "strategy/method/gate.h"

/* --- show --------------------------------------------------------------------------------------
 */

static void show_potentials(struct strategy_subject *s, enum method_language language)
{
    for (size_t i = 0; i < s->method->potentials.count; i++) {
        const struct potential *p = &s->method->potentials.items[i];
        buf_printf(&s->out, STR_F "\t" STR_F "\t" STR_F "\n", STR_A(p->code),
                   STR_A(p->name.in[language]), STR_A(p->effect.in[language]));
    }
}

static void show_benefits(struct strategy_subject *s, enum method_language language)
{
    for (size_t i = 0; i < s->method->benefits.count; i++)
        buf_printf(&s->out, STR_F "\t" STR_F "\n", STR_A(s->method->benefits.items[i].code),
                   STR_A(s->method->benefits.items[i].name.in[language]));
}

static void show_focuses(struct strategy_subject *s, enum method_language language)
{
    for (size_t i = 0; i < s->method->presets.count; i++) {
        const struct focus_preset *preset = &s->method->presets.items[i];
        buf_printf(&s->out, STR_F "\t" STR_F "\t" STR_F "\n", STR_A(preset->key),
                   STR_A(preset->name.in[language]), STR_A(preset->aim.in[language]));
    }
}

static void show_rules(struct strategy_subject *s, enum method_language language)
{
    static const char *const severities[] = {"error", "warning", "note"};

    for (size_t i = 0; i < s->method->rules.count; i++) {
        const struct check_rule *rule = &s->method->rules.items[i];
        buf_printf(&s->out, STR_F "\t%s\t" STR_F "\t" STR_F "\n", STR_A(rule->id),
                   severities[rule->severity], STR_A(rule->message.in[language]),
                   STR_A(rule->explanation.in[language]));
    }
}

static bool show_gates(struct strategy_subject *s, const struct strategy_request *r, int *code,
                       struct err *err)
{
    struct gate_facts facts = {0};
    struct decision decision = {0};
    const struct gate *gates = NULL;
    size_t count = 0;

    (void)code;
    if (s->workspace && !decision_current(s->workspace->state, &s->arena, &decision, err))
        return false;
    facts.has_decision = decision.id > 0;
    if (!gates_check(&s->arena, &s->model, s->method, &facts, r->language, &gates, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        Str state = word_of(&words_gate_state, (int)gates[i].state);
        buf_printf(&s->out, "%lld " STR_F ": " STR_F "\n", (long long)gates[i].step,
                   STR_A(gates[i].name),
                   STR_A(method_word(s->method, S("gate_state"), state, r->language)));
        if (gates[i].state == GATE_WAIVED)
            buf_printf(&s->out, "  = " STR_F "\n", STR_A(gates[i].waiver_reason));
        for (size_t j = 0; j < gates[i].missing.count && gates[i].state == GATE_OPEN; j++)
            buf_printf(&s->out, "  ! " STR_F "\n", STR_A(gates[i].missing.items[j]));
    }
    return cli_flush(&s->out, err);
}

static bool show_method(const struct strategy_request *r, struct err *err)
{
    static void (*const shows[])(struct strategy_subject *, enum method_language) = {
        show_potentials, show_benefits, show_focuses, show_rules};
    struct strategy_subject s = {0};

    arena_init(&s.arena, STRATEGY_ARENA_BYTES_MAX);
    buf_init(&s.out, STRATEGY_OUTPUT_BYTES_MAX);
    bool ok = method_read(&s.arena, &s.method, err);
    if (ok)
        shows[r->what](&s, r->language);
    ok = ok && cli_flush(&s.out, err);
    buf_deinit(&s.out);
    arena_deinit(&s.arena);
    return ok;
}

int strategy_show_command(int argc, char **argv)
{
    struct strategy_request r = {.command = "strategy show", .wants_what = true};
    struct err err = {0};

    if (!strategy_request_read(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    if (r.what == STRATEGY_SHOW_GATES)
        return strategy_command_run(&r, false, &err, show_gates);
    return show_method(&r, &err) ? CLI_OK : cli_report(r.command, &err);
}
