#include "strategy/method/check.h"

#include "strategy/choice/evaluation.h"
#include "strategy/method/check_run.h"
#include "strategy/model/object.h"

#define FINDINGS_MAX 2000 /* further ones are counted, not listed */

/* --- findings ----------------------------------------------------------------------------------
 */

static Str label_of(const struct check_run *run, enum object_kind kind, Str id)
{
    const struct potential *potential =
        kind == OBJECT_POTENTIAL ? method_potential(run->method, id) : NULL;

    return potential ? potential->name.in[run->language] : model_label(run->model, kind, id);
}

Str check_quoted(struct check_run *run, enum object_kind kind, Str id)
{
    Str word = word_of(&words_object_kind, (int)kind);
    Str name = method_word(run->method, S("object"), word, run->language);

    return arena_printf(run->arena,
                        run->language == METHOD_DE ? STR_F " „" STR_F "“" : STR_F " \"" STR_F "\"",
                        STR_A(name), STR_A(label_of(run, kind, id)));
}

static void count_finding(struct check_run *run)
{
    switch (run->rule->severity) {
    case CHECK_ERROR:
        run->out->errors++;
        return;
    case CHECK_WARNING:
        run->out->warnings++;
        return;
    case CHECK_NOTE:
        run->out->notes++;
        return;
    }
}

void check_find_at(struct check_run *run, enum object_kind kind, Str id, Str place, Str first,
                   Str second, Str third)
{
    const struct text_argument arguments[] = {{"0", first}, {"1", second}, {"2", third}};

    count_finding(run);
    if (run->out->findings.count == FINDINGS_MAX)
        return;
    run->out->findings.items[run->out->findings.count++] = (struct check_finding){
        .rule = run->rule,
        .kind = kind,
        .id = id,
        .place = place,
        .message = method_fill(run->arena, run->rule->message.in[run->language], arguments,
                               COUNT_OF(arguments)),
        .fix = run->rule->fix.in[run->language]};
}

void check_find(struct check_run *run, enum object_kind kind, Str id)
{
    check_find_at(run, kind, id, check_quoted(run, kind, id), STR_NONE, STR_NONE, STR_NONE);
}

void check_find_with(struct check_run *run, enum object_kind kind, Str id, Str first, Str second)
{
    check_find_at(run, kind, id, check_quoted(run, kind, id), first, second, STR_NONE);
}

/* About the strategy as a whole. */
void check_find_whole(struct check_run *run, Str first, Str second)
{
    check_find_at(run, OBJECT_COMPANY, S("company"),
                  run->language == METHOD_DE ? S("Strategie") : S("strategy"), first, second,
                  STR_NONE);
}

Str check_word(struct check_run *run, const char *list, const struct word_list *words, int value)
{
    return method_word(run->method, str_from_cstr(list), word_of(words, value), run->language);
}

Str check_percent(struct check_run *run, double share)
{
    return arena_printf(run->arena, STR_F " %%",
                        STR_A(method_number(run->arena, share * 100, 0, run->language)));
}

Str check_number(struct check_run *run, double value)
{
    return method_number(run->arena, value, 0, run->language);
}

/* --- running ------------------------------------------------------------------------------------
 */

static const struct checker_list *const lists[] = {
    &check_company,   &check_assessment, &check_topic,     &check_option,
    &check_condition, &check_version,    &check_worksheet, &check_component};

static const struct checker *checker_named(Str name)
{
    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (str_eq(name, str_from_cstr(lists[l]->items[i].name)))
                return &lists[l]->items[i];
    return NULL;
}

static bool make_figures(struct check_run *run, struct err *err)
{
    const struct strategy_model *model = run->model;
    struct evaluation *figures =
        arena_try_new(run->arena, struct evaluation, model->versions.count + 1);

    if (!figures)
        return err_arena(err, run->arena);
    for (size_t i = 0; i < model->versions.count; i++) {
        if (!evaluation_figures(run->arena, model, run->method, &model->versions.items[i],
                                &figures[i], err))
            return false;
    }
    run->figures = figures;
    return true;
}

bool strategy_check(struct arena *arena, const struct strategy_model *model,
                    const struct method *method, const struct check_scope *scope,
                    enum method_language language, struct check_report *out, struct err *err)
{
    struct check_run run = {.arena = arena,
                            .model = model,
                            .method = method,
                            .scope = scope,
                            .language = language,
                            .out = out};

    *out = (struct check_report){0};
    out->findings.items = arena_try_alloc(arena, sizeof(struct check_finding),
                                          _Alignof(struct check_finding), FINDINGS_MAX);
    if (!out->findings.items)
        return err_arena(err, arena);
    if (!make_figures(&run, err))
        return false;
    for (size_t i = 0; i < method->rules.count; i++) {
        run.rule = &method->rules.items[i];
        const struct checker *checker = checker_named(run.rule->check);
        if (!checker)
            return err_set(err, ERR_CORRUPT, "rule " STR_F " names the unknown check '" STR_F "'",
                           STR_A(run.rule->id), STR_A(run.rule->check));
        if (checker->needs_today && scope->today.len == 0)
            continue;
        checker->run(&run);
        out->rules_run++;
    }
    return true;
}

void check_line(struct buf *out, const struct check_finding *finding)
{
    static const char *const severities[] = {"error", "warning", "note"};

    buf_printf(out, STR_F " %-7s  " STR_F ": " STR_F " (fix: " STR_F ")\n",
               STR_A(finding->rule->id), severities[finding->rule->severity], STR_A(finding->place),
               STR_A(finding->message), STR_A(finding->fix));
}
