#include "strategy/decision/decision_paper.h"

#include <math.h>

#include "format/json.h"
#include "strategy/rating/rating.h"

struct writing {
    struct arena *arena;
    const struct strategy_model *model;
    const struct method *method;
    enum method_language language;
    struct decision_paper *out;
};

static Str say(const struct writing *work, const char *english, const char *german)
{
    return str_from_cstr(work->language == METHOD_DE ? german : english);
}

/* --- one version -------------------------------------------------------------------------------
 */

static bool list_options(struct writing *work, struct paper_version *page, struct err *err)
{
    const struct strategy_version *version = page->version;

    page->options.items =
        arena_try_alloc(work->arena, sizeof(struct paper_option), _Alignof(struct paper_option),
                        version->options.count + 1);
    if (!page->options.items)
        return err_arena(err, work->arena);
    for (int chosen = 1; chosen >= 0; chosen--) {
        for (size_t i = 0; i < version->options.count; i++) {
            const struct version_option *choice = &version->options.items[i];
            const struct strategy_option *option = model_option(work->model, choice->option);
            if (!option || (int)choice->is_chosen != chosen)
                continue;
            page->options.items[page->options.count++] = (struct paper_option){
                .option = option,
                .topic_label = model_label(work->model, OBJECT_TOPIC, option->topic),
                .reason = choice->reason,
                .is_chosen = choice->is_chosen};
        }
    }
    return true;
}

static bool list_assumptions(struct writing *work, struct paper_version *page, struct err *err)
{
    const struct strategy_model *model = work->model;

    page->assumptions.items =
        arena_try_alloc(work->arena, sizeof(struct paper_assumption),
                        _Alignof(struct paper_assumption), model->assumptions.count + 1);
    if (!page->assumptions.items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < model->assumptions.count; i++) {
        const struct assumption *assumption = &model->assumptions.items[i];
        struct dependants dependants;
        if (!assumption_dependants(work->arena, model, work->method, page->version, assumption->id,
                                   &dependants, err))
            return false;
        if (dependants.options.count == 0)
            continue;
        struct paper_assumption line = {.assumption = assumption,
                                        .rule = assumption_rule_text(work->arena, assumption),
                                        .benefit_share = dependants.benefit_share,
                                        .mean_if_true = NAN,
                                        .mean_if_false = NAN};
        for (size_t j = 0; page->simulated && j < page->simulated->assumptions.count; j++) {
            const struct assumption_value *value = &page->simulated->assumptions.items[j];
            if (!str_eq(value->assumption, assumption->id))
                continue;
            line.mean_if_true = value->mean_if_true;
            line.mean_if_false = value->mean_if_false;
        }
        page->assumptions.items[page->assumptions.count++] = line;
    }
    return true;
}

static bool list_findings(struct writing *work, struct paper_version *page, struct err *err)
{
    const struct check_scope scope = {.version = page->version->id};
    struct check_report report;

    if (!strategy_check(work->arena, work->model, work->method, &scope, work->language, &report,
                        err))
        return false;
    page->findings.items = report.findings.items;
    for (size_t i = 0; i < report.findings.count; i++) {
        const struct check_finding *finding = &report.findings.items[i];
        if (finding->kind == OBJECT_VERSION && str_eq(finding->id, page->version->id))
            page->findings.items[page->findings.count++] = *finding;
    }
    return true;
}

static bool make_page(struct writing *work, size_t index, struct err *err)
{
    struct paper_version *page = &work->out->versions.items[index];
    const struct comparison *comparison = &work->out->comparison;
    const struct strategy_version *version = comparison->versions[index];
    const struct focus_preset *preset = method_preset(work->method, version->focus);

    *page = (struct paper_version){
        .version = version,
        .focus_name = preset ? preset->name.in[work->language] : version->focus,
        .focus_aim = preset ? preset->aim.in[work->language] : version->text,
        .evaluation = &comparison->evaluations[index],
        .simulated = comparison->simulated[index]};
    return list_options(work, page, err) && list_assumptions(work, page, err) &&
           list_findings(work, page, err);
}

/* --- the head ----------------------------------------------------------------------------------
 */

static bool list_topics(struct writing *work, struct err *err)
{
    const struct strategy_model *model = work->model;
    struct decision_paper *out = work->out;

    out->top_topics.items = arena_try_alloc(work->arena, sizeof(struct topic),
                                            _Alignof(struct topic), model->topics.count + 1);
    if (!out->top_topics.items)
        return err_arena(err, work->arena);
    for (enum priority priority = PRIORITY_A; priority <= PRIORITY_B; priority++) {
        for (size_t i = 0; i < model->topics.count; i++) {
            if (model->topics.items[i].priority == priority)
                out->top_topics.items[out->top_topics.count++] = model->topics.items[i];
        }
    }
    return true;
}

static void note_limit(struct writing *work, Str text)
{
    work->out->limits_of_this.items[work->out->limits_of_this.count++] = text;
}

static bool is_unmeasured(const struct topic *topic)
{
    return topic->size == TOPIC_SINGLE && topic->priority != PRIORITY_UNSET &&
           (!topic->proposal || topic->proposal->affinity < 0);
}

/* What the reader has to know about what this paper does not know. */
static bool list_limits(struct writing *work, struct err *err)
{
    struct decision_paper *out = work->out;
    int64_t unmeasured = 0, speculative = 0;

    out->limits_of_this.items = arena_try_new(work->arena, Str, out->versions.count + 4);
    if (!out->limits_of_this.items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < work->model->topics.count; i++)
        unmeasured += is_unmeasured(&work->model->topics.items[i]);
    for (size_t i = 0; i < work->model->assumptions.count; i++)
        speculative +=
            work->model->assumptions.items[i].certainty <= work->method->steering.weak_certainty;
    if (unmeasured > 0)
        note_limit(work, arena_printf(work->arena,
                                      say(work, "%lld topics are rated without measurement",
                                          "%lld Themen sind ohne Messung bewertet")
                                          .ptr,
                                      (long long)unmeasured));
    if (speculative > 0)
        note_limit(work, arena_printf(work->arena,
                                      say(work, "%lld assumptions are weakly supported",
                                          "%lld Annahmen sind schwach gestützt")
                                          .ptr,
                                      (long long)speculative));
    for (size_t i = 0; i < out->versions.count; i++) {
        const struct paper_version *page = &out->versions.items[i];
        if (!page->simulated)
            note_limit(work, arena_printf(work->arena,
                                          say(work, "version \"" STR_F "\" is not simulated",
                                              "Version „" STR_F "“ ist nicht simuliert")
                                              .ptr,
                                          STR_A(page->version->name)));
    }
    return true;
}

static bool shown_versions(struct writing *work, StrList wanted, StrList *out, struct err *err)
{
    const struct strategy_model *model = work->model;

    *out = wanted;
    if (wanted.count > 0)
        return true;
    out->items = arena_try_new(work->arena, Str, model->versions.count + 1);
    if (!out->items)
        return err_arena(err, work->arena);
    for (size_t i = 0; i < model->versions.count; i++) {
        const struct strategy_version *version = &model->versions.items[i];
        if (version->verdict != VERDICT_ABANDON && version->state != VERSION_SUPERSEDED)
            out->items[out->count++] = version->id;
    }
    return true;
}

static void write_head(struct writing *work)
{
    struct decision_paper *out = work->out;
    Str name = out->company ? out->company->name : STR_NONE;

    out->title = arena_printf(
        work->arena,
        say(work, "Social media strategy of " STR_F, "Social-Media-Strategie: " STR_F).ptr,
        STR_A(name));
    out->question = arena_printf(work->arena,
                                 say(work, "Which of %zu strategies shall become binding?",
                                     "Welche von %zu Strategien soll verbindlich werden?")
                                     .ptr,
                                 out->comparison.version_count);
}

bool decision_paper_make(struct arena *arena, const struct strategy_model *model,
                         const struct method *method, StrList versions,
                         const struct simulation_result *simulation,
                         const struct decision *decision, enum method_language language,
                         struct decision_paper *out, struct err *err)
{
    struct writing work = {
        .arena = arena, .model = model, .method = method, .language = language, .out = out};
    const struct gate_facts facts = {.has_decision = decision && decision->id > 0};
    StrList shown = {0};

    *out = (struct decision_paper){.company = model_company(model), .simulation = simulation};
    if (decision)
        out->decision = *decision;
    if (!shown_versions(&work, versions, &shown, err) ||
        !comparison_make(arena, model, method, shown, simulation, language, &out->comparison,
                         err) ||
        !gates_check(arena, model, method, &facts, language, &out->gates, &out->gate_count, err))
        return false;
    out->versions.items = arena_try_alloc(arena, sizeof(struct paper_version),
                                          _Alignof(struct paper_version), shown.count + 1);
    if (!out->versions.items)
        return err_arena(err, arena);
    out->versions.count = shown.count;
    for (size_t i = 0; i < shown.count; i++) {
        if (!make_page(&work, i, err))
            return false;
    }
    write_head(&work);
    return list_topics(&work, err) && list_limits(&work, err);
}
