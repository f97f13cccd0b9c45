#include "strategy/method/check.h"

#include <math.h>

#include "strategy/choice/alternatives.h"
#include "strategy/choice/evaluation.h"
#include "strategy/model/object.h"

#define FINDINGS_MAX 2000 /* further ones are counted, not listed */

struct run {
    struct arena *arena;
    const struct strategy_model *model;
    const struct method *method;
    const struct check_scope *scope;
    enum method_language language;
    const struct check_rule *rule; /* the one that runs */
    struct check_report *out;
    const struct evaluation *figures; /* per version; index as in the model */
};

/* --- findings ----------------------------------------------------------------------------------
 */

static Str label_of(const struct run *run, enum object_kind kind, Str id)
{
    const struct potential *potential =
        kind == OBJECT_POTENTIAL ? method_potential(run->method, id) : NULL;

    return potential ? potential->name.in[run->language] : model_label(run->model, kind, id);
}

static Str quoted(struct run *run, enum object_kind kind, Str id)
{
    Str word = word_of(&words_object_kind, (int)kind);
    Str name = method_word(run->method, S("object"), word, run->language);

    return arena_printf(run->arena,
                        run->language == METHOD_DE ? STR_F " „" STR_F "“" : STR_F " \"" STR_F "\"",
                        STR_A(name), STR_A(label_of(run, kind, id)));
}

static void count_finding(struct run *run)
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

static void find_at(struct run *run, enum object_kind kind, Str id, Str place, Str first,
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

static void find(struct run *run, enum object_kind kind, Str id)
{
    find_at(run, kind, id, quoted(run, kind, id), STR_NONE, STR_NONE, STR_NONE);
}

static void find_with(struct run *run, enum object_kind kind, Str id, Str first, Str second)
{
    find_at(run, kind, id, quoted(run, kind, id), first, second, STR_NONE);
}

/* About the strategy as a whole. */
static void find_whole(struct run *run, Str first, Str second)
{
    find_at(run, OBJECT_COMPANY, S("company"),
            run->language == METHOD_DE ? S("Strategie") : S("strategy"), first, second, STR_NONE);
}

static Str word(struct run *run, const char *list, const struct word_list *words, int value)
{
    return method_word(run->method, str_from_cstr(list), word_of(words, value), run->language);
}

static Str percent(struct run *run, double share)
{
    return arena_printf(run->arena, STR_F " %%",
                        STR_A(method_number(run->arena, share * 100, 0, run->language)));
}

static Str number(struct run *run, double value)
{
    return method_number(run->arena, value, 0, run->language);
}

/* --- set-up and company ------------------------------------------------------------------------
 */

static void direction_recorded(struct run *run)
{
    const struct company *company = model_company(run->model);

    if (!company || company->direction == DIRECTION_UNSET || company->direction_reason.len == 0)
        find_whole(run, STR_NONE, STR_NONE);
}

static bool has_member(const struct strategy_model *model, enum constituency constituency)
{
    for (size_t i = 0; i < model->team.count; i++) {
        if (model->team.items[i].constituency == constituency)
            return true;
    }
    return false;
}

static void team_has_market(struct run *run)
{
    static const enum constituency wanted[] = {MEMBER_CUSTOMER, MEMBER_PARTNER};

    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        if (!has_member(run->model, wanted[i]))
            find_whole(run, word(run, "constituency", &words_constituency, (int)wanted[i]),
                       STR_NONE);
    }
}

static void block_has_elements(struct run *run)
{
    for (int block = 0; block < BLOCK_WORKED_COUNT; block++) {
        bool has_element = false;
        for (size_t i = 0; i < run->model->elements.count; i++)
            has_element = has_element || (int)run->model->elements.items[i].block == block;
        if (!has_element)
            find_whole(run, word(run, "block", &words_block, block), STR_NONE);
    }
}

static void goal_is_measurable(struct run *run)
{
    static const char *const names[METHOD_LANGUAGE_COUNT][3] = {{"measure", "target", "date"},
                                                                {"Maß", "Ziel in Zahlen", "Datum"}};

    for (size_t i = 0; i < run->model->goals.count; i++) {
        const struct corporate_goal *goal = &run->model->goals.items[i];
        const bool lacks[] = {goal->measure.len == 0, isnan(goal->target), goal->due.len == 0};
        for (size_t j = 0; j < COUNT_OF(lacks); j++) {
            if (lacks[j])
                find_with(run, OBJECT_GOAL, goal->id, str_from_cstr(names[run->language][j]),
                          STR_NONE);
        }
    }
}

static void goal_has_owner(struct run *run)
{
    for (size_t i = 0; i < run->model->goals.count; i++) {
        if (run->model->goals.items[i].owner.len == 0)
            find(run, OBJECT_GOAL, run->model->goals.items[i].id);
    }
}

static void goal_is_served(struct run *run)
{
    for (size_t i = 0; i < run->model->goals.count; i++) {
        Str id = run->model->goals.items[i].id;
        bool is_served = false;
        for (size_t j = 0; j < run->model->options.count; j++)
            is_served = is_served || str_list_has(run->model->options.items[j].goals, id);
        if (!is_served)
            find(run, OBJECT_GOAL, id);
    }
}

static bool is_origin(const struct strategy_model *model, Str id)
{
    for (size_t i = 0; i < model->topics.count; i++) {
        if (str_list_has(model->topics.items[i].origins, id))
            return true;
    }
    return false;
}

static void element_is_worked(struct run *run)
{
    for (size_t i = 0; i < run->model->elements.count; i++) {
        const struct business_element *element = &run->model->elements.items[i];
        bool is_worked = !element->is_supported || is_origin(run->model, element->id);
        for (size_t j = 0; j < run->model->options.count && !is_worked; j++)
            is_worked = str_list_has(run->model->options.items[j].elements, element->id);
        if (!is_worked)
            find(run, OBJECT_ELEMENT, element->id);
    }
}

static void competitor_attention(struct run *run)
{
    for (size_t i = 0; i < run->model->competitors.count; i++) {
        if (run->model->competitors.items[i].kinds & COMPETITOR_ATTENTION)
            return;
    }
    find_whole(run, STR_NONE, STR_NONE);
}

/* --- potential ---------------------------------------------------------------------------------
 */

static const struct potential_decision *decision_on(const struct strategy_model *model, Str code)
{
    return model_find(model, OBJECT_POTENTIAL, code);
}

static void potential_is_decided(struct run *run)
{
    for (size_t i = 0; i < run->method->potentials.count; i++) {
        const struct potential *potential = &run->method->potentials.items[i];
        if (!decision_on(run->model, potential->code))
            find(run, OBJECT_POTENTIAL, potential->code);
    }
}

static void potential_has_reason(struct run *run)
{
    for (size_t i = 0; i < run->model->potentials.count; i++) {
        if (run->model->potentials.items[i].reason.len == 0)
            find(run, OBJECT_POTENTIAL, run->model->potentials.items[i].id);
    }
}

static void potential_is_used(struct run *run)
{
    for (size_t i = 0; i < run->model->potentials.count; i++) {
        const struct potential_decision *decision = &run->model->potentials.items[i];
        bool is_seen = !decision->is_used;
        for (size_t j = 0; j < run->model->options.count && !is_seen; j++)
            is_seen = str_list_has(run->model->options.items[j].potentials, decision->id);
        if (!is_seen)
            find(run, OBJECT_POTENTIAL, decision->id);
    }
}

static void codes_are_known(struct run *run)
{
    for (size_t i = 0; i < run->model->potentials.count; i++) {
        Str code = run->model->potentials.items[i].id;
        if (!method_potential(run->method, code))
            find_with(run, OBJECT_POTENTIAL, code, code, STR_NONE);
    }
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        for (size_t j = 0; j < option->potentials.count; j++) {
            if (!method_potential(run->method, option->potentials.items[j]))
                find_with(run, OBJECT_OPTION, option->id, option->potentials.items[j], STR_NONE);
        }
        for (size_t j = 0; j < option->benefits.count; j++) {
            if (!method_benefit(run->method, option->benefits.items[j]))
                find_with(run, OBJECT_OPTION, option->id, option->benefits.items[j], STR_NONE);
        }
    }
}

/* --- topics ------------------------------------------------------------------------------------
 */

#define EACH_TOPIC(run, claim)                                                                     \
    for (size_t i = 0; i < (run)->model->topics.count; i++) {                                      \
        const struct topic *topic = &(run)->model->topics.items[i];                                \
        if (claim)                                                                                 \
            find((run), OBJECT_TOPIC, topic->id);                                                  \
    }

static bool is_low(const struct run *run, const struct topic *topic)
{
    return topic->affinity >= 0 && (double)topic->affinity <= run->method->steering.low_affinity;
}

static void topic_has_origin(struct run *run)
{
    EACH_TOPIC(run, topic->origins.count == 0)
}

static void topic_has_parent(struct run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->parent.len == 0)
}

static void topic_has_priority(struct run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->priority == PRIORITY_UNSET)
}

static void topic_has_affinity(struct run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->affinity < 0)
}

static void topic_affinity_has_evidence(struct run *run)
{
    EACH_TOPIC(run, topic->affinity >= 0 && topic->evidence.count == 0 &&
                        topic->affinity_reason.len == 0)
}

static void topic_low_has_cause(struct run *run)
{
    EACH_TOPIC(run, is_low(run, topic) && topic->low_cause.len == 0)
}

static void topic_low_has_detour(struct run *run)
{
    EACH_TOPIC(run,
               is_low(run, topic) && topic->priority == PRIORITY_A && topic->detour_to.len == 0)
}

static void topic_has_query(struct run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->query.len == 0)
}

static void topic_position_has_holder(struct run *run)
{
    EACH_TOPIC(run, topic->position == POSITION_OCCUPIED && topic->holder.len == 0)
}

static bool has_option(const struct strategy_model *model, Str topic)
{
    for (size_t i = 0; i < model->options.count; i++) {
        if (str_eq(model->options.items[i].topic, topic))
            return true;
    }
    return false;
}

static void topic_has_option(struct run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->priority == PRIORITY_A &&
                        topic->detour_to.len == 0 && !has_option(run->model, topic->id))
}

/* --- options -----------------------------------------------------------------------------------
 */

#define EACH_OPTION(run, claim)                                                                    \
    for (size_t i = 0; i < (run)->model->options.count; i++) {                                     \
        const struct strategy_option *option = &(run)->model->options.items[i];                    \
        if (claim)                                                                                 \
            find((run), OBJECT_OPTION, option->id);                                                \
    }

bool topic_has_rivals_recorded(const struct strategy_model *model, Str id)
{
    const struct topic *topic = model_topic(model, id);

    if (topic && topic->no_competitor_found)
        return true;
    for (size_t i = 0; i < model->activities.count; i++) {
        if (str_eq(model->activities.items[i].topic, id))
            return true;
    }
    return false;
}

static void option_rating_has_basis(struct run *run)
{
    EACH_OPTION(run, option->rating != STANDING_UNSET &&
                         !topic_has_rivals_recorded(run->model, option->topic))
}

static void option_is_rated(struct run *run)
{
    EACH_OPTION(run, option->rating == STANDING_UNSET)
}

static void option_format_fits(struct run *run)
{
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        const struct topic *topic = model_topic(run->model, option->topic);
        int64_t needed = run->method->steering.format_affinity[option->format];
        if (topic && topic->affinity >= 0 && topic->affinity < needed &&
            option->format_reason.len == 0)
            find_with(run, OBJECT_OPTION, option->id,
                      word(run, "format", &words_format, (int)option->format),
                      number(run, (double)needed));
    }
}

static void option_serves_something(struct run *run)
{
    EACH_OPTION(run, option->elements.count == 0 && option->goals.count == 0)
}

static void option_has_benefit(struct run *run)
{
    EACH_OPTION(run, option->benefit.high <= 0)
}

static void option_has_effort(struct run *run)
{
    EACH_OPTION(run, option->effort.high <= 0 && option->running.high <= 0)
}

/* Dated money against effort and running cost over the years that the lines name. */
static void option_costs_agree(struct run *run)
{
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        double dated = 0;
        size_t quarters = 0;
        for (size_t j = 0; j < option->costs.count; j++) {
            if (!str_starts(option->costs.items[j].resource, S("money")))
                continue;
            dated += option->costs.items[j].amount;
            quarters++;
        }
        double estimated = option->effort.likely + option->running.likely * (double)quarters / 4;
        if (quarters > 0 && fabs(dated - estimated) > 0.25 * fmax(dated, estimated))
            find_with(run, OBJECT_OPTION, option->id, number(run, dated), number(run, estimated));
    }
}

static void option_has_reaction(struct run *run)
{
    EACH_OPTION(run, option->rating == STANDING_LEADING && option->reactions.count == 0)
}

static void option_reaction_has_answer(struct run *run)
{
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        for (size_t j = 0; j < option->reactions.count; j++) {
            const struct option_reaction *reaction = &option->reactions.items[j];
            if (reaction->answer.len == 0 && reaction->probability >= 0.3 && reaction->loss >= 0.15)
                find_with(run, OBJECT_OPTION, option->id, percent(run, reaction->loss), STR_NONE);
        }
    }
}

static void option_lead_lasts(struct run *run)
{
    EACH_OPTION(run, option->rating == STANDING_LEADING && option->durability == DURABILITY_NONE)
}

static void option_rests_on_something(struct run *run)
{
    EACH_OPTION(run, option->benefit.high > 0 && option->rests_on.count == 0)
}

/* --- conditions --------------------------------------------------------------------------------
 */

static void assumption_has_rule(struct run *run)
{
    for (size_t i = 0; i < run->model->assumptions.count; i++) {
        const struct assumption *assumption = &run->model->assumptions.items[i];
        if (!assumption->has_rule ||
            (assumption->query.len == 0 && assumption->rule.signal.len == 0))
            find(run, OBJECT_ASSUMPTION, assumption->id);
    }
}

static bool is_rested_on(const struct strategy_model *model, Str assumption)
{
    for (size_t i = 0; i < model->options.count; i++) {
        const struct strategy_option *option = &model->options.items[i];
        for (size_t j = 0; j < option->rests_on.count; j++) {
            if (str_eq(option->rests_on.items[j].assumption, assumption))
                return true;
        }
    }
    return false;
}

static void assumption_is_used(struct run *run)
{
    for (size_t i = 0; i < run->model->assumptions.count; i++) {
        if (!is_rested_on(run->model, run->model->assumptions.items[i].id))
            find(run, OBJECT_ASSUMPTION, run->model->assumptions.items[i].id);
    }
}

static void assumption_counts_fit(struct run *run)
{
    static const char *const counts[] = {"mentions", "unique_authors", "reach", "engagement"};

    for (size_t i = 0; i < run->model->assumptions.count; i++) {
        const struct assumption *assumption = &run->model->assumptions.items[i];
        for (size_t j = 0; j < COUNT_OF(counts) && assumption->has_rule; j++) {
            if (assumption->rule.aggregate == AGGREGATE_MEAN &&
                str_eq(assumption->rule.metric, str_from_cstr(counts[j])))
                find_with(run, OBJECT_ASSUMPTION, assumption->id, assumption->rule.metric,
                          STR_NONE);
        }
    }
}

static void prerequisite_has_owner(struct run *run)
{
    static const char *const names[METHOD_LANGUAGE_COUNT][2] = {{"owner", "due date"},
                                                                {"Namen dafür", "Datum"}};

    for (size_t i = 0; i < run->model->prerequisites.count; i++) {
        const struct prerequisite *prerequisite = &run->model->prerequisites.items[i];
        const bool lacks[] = {prerequisite->owner.len == 0, prerequisite->due.len == 0};
        for (size_t j = 0; j < COUNT_OF(lacks); j++) {
            if (lacks[j])
                find_with(run, OBJECT_PREREQUISITE, prerequisite->id,
                          str_from_cstr(names[run->language][j]), STR_NONE);
        }
    }
}

/* Dates of the form YYYY-MM-DD compare as texts. */
static bool is_before(Str date, Str today)
{
    return date.len > 0 && str_cmp(date, today) < 0;
}

static void prerequisite_is_in_time(struct run *run)
{
    for (size_t i = 0; i < run->model->prerequisites.count; i++) {
        const struct prerequisite *prerequisite = &run->model->prerequisites.items[i];
        if (prerequisite->state != CONDITION_MET && is_before(prerequisite->due, run->scope->today))
            find_with(run, OBJECT_PREREQUISITE, prerequisite->id, prerequisite->due, STR_NONE);
    }
}

static void condition_is_checked(struct run *run)
{
    for (size_t i = 0; i < run->model->framework_conditions.count; i++) {
        const struct framework_condition *condition = &run->model->framework_conditions.items[i];
        if (condition->check_date.len == 0 || is_before(condition->check_date, run->scope->today))
            find_at(run, OBJECT_FRAMEWORK_CONDITION, condition->id, condition->statement, STR_NONE,
                    STR_NONE, STR_NONE);
    }
}

static void assumption_holds(struct run *run)
{
    const struct strategy_model *model = run->model;

    for (size_t i = 0; i < model->assumptions.count; i++) {
        const struct assumption *assumption = &model->assumptions.items[i];
        double resting = 0, all = 0;
        for (size_t j = 0; j < model->options.count; j++) {
            double likely = model->options.items[j].benefit.likely;
            all += likely;
            resting +=
                option_factor_if_false(&model->options.items[j], assumption->id) < 1 ? likely : 0;
        }
        if (assumption->state == ASSUMPTION_BROKEN && resting > 0)
            find_with(run, OBJECT_ASSUMPTION, assumption->id, percent(run, resting / all),
                      STR_NONE);
    }
}

/* --- versions ----------------------------------------------------------------------------------
 */

static bool is_alive(const struct strategy_version *version)
{
    return version->verdict != VERDICT_ABANDON && version->state != VERSION_REJECTED &&
           version->state != VERSION_SUPERSEDED;
}

static bool is_in_scope(const struct run *run, const struct strategy_version *version)
{
    return is_alive(version) &&
           (run->scope->version.len == 0 || str_eq(run->scope->version, version->id));
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

static void versions_are_enough(struct run *run)
{
    int64_t count = count_versions(run->model), least = run->method->steering.alternatives_minimum;

    if (count < least)
        find_whole(run, number(run, (double)count), number(run, (double)least));
}

static void versions_recommended(struct run *run)
{
    const struct steering_rules *rules = &run->method->steering;
    int64_t count = count_versions(run->model);

    if (count >= rules->alternatives_minimum && count < rules->alternatives_recommended)
        find_whole(run, number(run, (double)count),
                   number(run, (double)rules->alternatives_recommended));
}

static void versions_differ(struct run *run)
{
    const struct strategy_model *model = run->model;

    for (size_t i = 0; i < model->versions.count; i++) {
        const struct strategy_version *later = &model->versions.items[i];
        for (size_t j = 0; j < i; j++) {
            const struct strategy_version *earlier = &model->versions.items[j];
            double difference = version_difference(earlier, later);
            if (is_in_scope(run, later) && is_alive(earlier) &&
                difference < run->method->steering.difference)
                find_with(run, OBJECT_VERSION, later->id, earlier->name, percent(run, difference));
        }
    }
}

static void version_requirements_met(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->model->options.count && is_in_scope(run, version); i++) {
            const struct strategy_option *option = &run->model->options.items[i];
            for (size_t j = 0; j < option->requires.count && version_has(version, option->id);
                 j++) {
                if (!version_has(version, option->requires.items[j]))
                    find_with(run, OBJECT_VERSION, version->id, option->name,
                              model_label(run->model, OBJECT_OPTION, option->requires.items[j]));
            }
        }
    }
}

static void version_exclusions_kept(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->model->options.count && is_in_scope(run, version); i++) {
            const struct strategy_option *option = &run->model->options.items[i];
            for (size_t j = 0; j < option->excludes.count && version_has(version, option->id);
                 j++) {
                if (version_has(version, option->excludes.items[j]))
                    find_with(run, OBJECT_VERSION, version->id, option->name,
                              model_label(run->model, OBJECT_OPTION, option->excludes.items[j]));
            }
        }
    }
}

static void version_within_limits(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->figures[v].resources.count && is_in_scope(run, version); i++) {
            const struct resource_line *line = &run->figures[v].resources.items[i];
            if (line->is_over)
                find_at(run, OBJECT_VERSION, version->id, quoted(run, OBJECT_VERSION, version->id),
                        line->resource, number(run, line->demand), number(run, line->limit));
        }
    }
}

static void version_is_secured(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct evaluation *figures = &run->figures[v];
        const struct strategy_version *version = &run->model->versions.items[v];
        const double shares[] = {figures->money_unsecured_share, figures->people_unsecured_share};
        const char *const names[METHOD_LANGUAGE_COUNT][2] = {{"money", "people"},
                                                             {"Geld", "Personal"}};
        for (size_t i = 0; i < COUNT_OF(shares) && is_in_scope(run, version); i++) {
            if (shares[i] > 0)
                find_with(run, OBJECT_VERSION, version->id, str_from_cstr(names[run->language][i]),
                          percent(run, shares[i]));
        }
    }
}

#define EACH_VERSION(run, claim)                                                                   \
    for (size_t v = 0; v < (run)->model->versions.count; v++) {                                    \
        const struct strategy_version *version = &(run)->model->versions.items[v];                 \
        const struct evaluation *figures = &(run)->figures[v];                                     \
        (void)figures;                                                                             \
        if (is_in_scope((run), version) && (claim))                                                \
            find((run), OBJECT_VERSION, version->id);                                              \
    }

static int64_t leading_count(const struct evaluation *figures)
{
    int64_t sum = 0;

    for (size_t i = 0; i < COUNT_OF(figures->leading); i++)
        sum += figures->leading[i];
    return sum;
}

static void version_is_competitive(struct run *run)
{
    EACH_VERSION(run, leading_count(figures) == 0)
}

static void version_is_simulated(struct run *run)
{
    EACH_VERSION(run, version->simulation.id == 0 || version->simulation.is_stale)
}

static void version_has_verdict(struct run *run)
{
    EACH_VERSION(run, version->verdict == VERDICT_OPEN && version->state < VERSION_ADOPTED)
}

static void version_verdict_has_reason(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        if (version->verdict != VERDICT_OPEN && version->verdict_reason.len == 0)
            find(run, OBJECT_VERSION, version->id);
    }
}

static void version_affinity_carries(struct run *run)
{
    EACH_VERSION(run, figures->is_affinity_low)
}

static void version_is_not_fragile(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        if (is_in_scope(run, version) && run->figures[v].fragility > 0.5)
            find_with(run, OBJECT_VERSION, version->id, percent(run, run->figures[v].fragility),
                      STR_NONE);
    }
}

static void version_attends_open(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->figures[v].positions.count && is_in_scope(run, version); i++) {
            const struct position_line *line = &run->figures[v].positions.items[i];
            if (line->position == POSITION_OPEN && line->priority == PRIORITY_A && !line->is_worked)
                find_with(run, OBJECT_VERSION, version->id, line->label, STR_NONE);
        }
    }
}

static void version_options_explained(struct run *run)
{
    for (size_t v = 0; v < run->model->versions.count; v++) {
        const struct strategy_version *version = &run->model->versions.items[v];
        for (size_t i = 0; i < run->model->options.count && is_in_scope(run, version); i++) {
            const struct strategy_option *option = &run->model->options.items[i];
            const struct version_option *choice = version_find_option(version, option->id);
            if (!choice || choice->reason.len == 0)
                find_with(run, OBJECT_VERSION, version->id, option->name, STR_NONE);
        }
    }
}

/* -----------------------------------------------------------------------------------------------
 */

static const struct checker {
    const char *name;
    void (*run)(struct run *run);
    bool needs_today;
} checkers[] = {
    {"direction_recorded", direction_recorded, false},
    {"team_has_market", team_has_market, false},
    {"block_has_elements", block_has_elements, false},
    {"goal_is_measurable", goal_is_measurable, false},
    {"goal_has_owner", goal_has_owner, false},
    {"goal_is_served", goal_is_served, false},
    {"element_is_worked", element_is_worked, false},
    {"competitor_attention", competitor_attention, false},
    {"potential_is_decided", potential_is_decided, false},
    {"potential_has_reason", potential_has_reason, false},
    {"potential_is_used", potential_is_used, false},
    {"codes_are_known", codes_are_known, false},
    {"topic_has_origin", topic_has_origin, false},
    {"topic_has_parent", topic_has_parent, false},
    {"topic_has_priority", topic_has_priority, false},
    {"topic_has_affinity", topic_has_affinity, false},
    {"topic_affinity_has_evidence", topic_affinity_has_evidence, false},
    {"topic_low_has_cause", topic_low_has_cause, false},
    {"topic_low_has_detour", topic_low_has_detour, false},
    {"topic_has_query", topic_has_query, false},
    {"topic_position_has_holder", topic_position_has_holder, false},
    {"topic_has_option", topic_has_option, false},
    {"option_rating_has_basis", option_rating_has_basis, false},
    {"option_is_rated", option_is_rated, false},
    {"option_format_fits", option_format_fits, false},
    {"option_serves_something", option_serves_something, false},
    {"option_has_benefit", option_has_benefit, false},
    {"option_has_effort", option_has_effort, false},
    {"option_costs_agree", option_costs_agree, false},
    {"option_has_reaction", option_has_reaction, false},
    {"option_reaction_has_answer", option_reaction_has_answer, false},
    {"option_lead_lasts", option_lead_lasts, false},
    {"option_rests_on_something", option_rests_on_something, false},
    {"assumption_has_rule", assumption_has_rule, false},
    {"assumption_is_used", assumption_is_used, false},
    {"assumption_counts_fit", assumption_counts_fit, false},
    {"prerequisite_has_owner", prerequisite_has_owner, false},
    {"prerequisite_is_in_time", prerequisite_is_in_time, true},
    {"condition_is_checked", condition_is_checked, true},
    {"assumption_holds", assumption_holds, false},
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

static const struct checker *checker_named(Str name)
{
    for (size_t i = 0; i < COUNT_OF(checkers); i++) {
        if (str_eq(name, str_from_cstr(checkers[i].name)))
            return &checkers[i];
    }
    return NULL;
}

static bool make_figures(struct run *run, struct err *err)
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
    struct run run = {.arena = arena,
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
