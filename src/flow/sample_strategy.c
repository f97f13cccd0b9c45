#include "flow/sample_strategy.h"

#include "strategy/model/document.h"

static struct change change_by(const char *actor, Str reason, int64_t at_ms)
{
    return (struct change){str_from_cstr(actor), reason, at_ms};
}

bool sample_import_strategy(struct db *db, struct arena *a, Str document, int64_t at_ms,
                            struct import_counts *counts, struct err *err)
{
    struct strategy_model *model = arena_new(a, struct strategy_model, 1);
    struct document_faults faults = {0};
    struct change change =
        change_by(SAMPLE_STRATEGIST, S(PHRASE("set up from the sample's document")), at_ms);

    return document_read(a, document, model, &faults, err) &&
           store_import(db, &change, model, IMPORT_EMPTY, counts, err);
}

/* ---- ratings ---- */

static const struct sample_override *find_override(const struct sample_plan *plan, Str topic)
{
    for (size_t i = 0; i < plan->override_count; i++)
        if (str_eq(plan->overrides[i].topic, topic))
            return &plan->overrides[i];
    return NULL;
}

static struct rating_choice choice_of(const struct topic *topic, const struct sample_plan *plan)
{
    const struct topic_proposal *proposal = topic->proposal;
    struct rating_choice choice = {
        .affinity = proposal->affinity,
        .standing = proposal->standing,
        .position = proposal->position,
        .holder = proposal->holder,
    };

    if (choice.affinity == 0 || choice.affinity == 1)
        choice.low_cause = topic->low_cause.len > 0 ? topic->low_cause : plan->low_cause;
    return choice;
}

/* The plan's values replace the proposal's where it names them. */
static void apply_override(struct rating_choice *choice, const struct rating_choice *wanted)
{
    if (wanted->affinity >= 0)
        choice->affinity = wanted->affinity;
    if (wanted->standing != STANDING_UNSET)
        choice->standing = wanted->standing;
    if (wanted->position != POSITION_UNSET) {
        choice->position = wanted->position;
        choice->holder = wanted->holder;
    }
}

static bool confirm_topic(struct db *db, const struct topic *topic, const struct sample_plan *plan,
                          int64_t at_ms, struct confirmed_ratings *out, struct err *err)
{
    const struct sample_override *override = find_override(plan, topic->id);
    struct rating_choice choice = choice_of(topic, plan);
    Str reason = S(PHRASE("as measured"));

    if (override) {
        apply_override(&choice, &override->choice);
        reason = override->reason;
        out->overridden++;
    } else {
        out->confirmed++;
    }
    struct change change = change_by(SAMPLE_STRATEGIST, reason, at_ms);
    return topic_rating_decide(db, &change, topic->id, topic->revision, &choice, err) ||
           err_wrap(err, "topic '" STR_F "'", STR_A(topic->id));
}

bool sample_confirm_ratings(struct db *db, struct arena *a, const struct sample_plan *plan,
                            int64_t at_ms, struct confirmed_ratings *out, struct err *err)
{
    struct strategy_model *model = arena_new(a, struct strategy_model, 1);

    *out = (struct confirmed_ratings){0};
    if (!store_read(db, a, model, err))
        return false;
    for (size_t i = 0; i < model->topics.count; i++) {
        const struct topic *topic = &model->topics.items[i];
        if (!topic->proposal)
            continue;
        if (topic->proposal->affinity < 0 && !find_override(plan, topic->id)) {
            out->not_enough_data++;
            continue;
        }
        if (!confirm_topic(db, topic, plan, at_ms, out, err))
            return false;
    }
    return true;
}

/* ---- versions ---- */

static bool store_versions(struct db *db, const struct alternatives *found, int64_t at_ms,
                           struct err *err)
{
    struct change change = change_by(SAMPLE_STRATEGIST, S(PHRASE("found as alternatives")), at_ms);

    for (size_t i = 0; i < found->found.count; i++) {
        const struct alternative *alternative = &found->found.items[i];
        struct strategy_version version = alternative->version;
        if (alternative->status == ALTERNATIVE_INFEASIBLE)
            continue;
        version.state = VERSION_CORE_DRAFTED;
        version.verdict = VERDICT_PURSUE;
        version.verdict_reason = alternative->preset->aim.in[METHOD_EN];
        if (!version_put(db, &change, &version, err))
            return false;
    }
    return true;
}

bool sample_find_versions(struct db *db, struct arena *a, const struct method *method, int threads,
                          const atomic_bool *stop, int64_t at_ms, struct alternatives *found,
                          struct simulation_result *simulated, struct err *err)
{
    struct strategy_model *model = arena_new(a, struct strategy_model, 1);
    struct strategy_model *stored = arena_new(a, struct strategy_model, 1);
    struct alternatives_options options = {.cancel = stop};
    struct simulation_order order = {.threads = threads, .program_version = S("0.1.0")};
    struct change change =
        change_by(SAMPLE_STRATEGIST, S(PHRASE("all versions in one model")), at_ms);

    return store_read(db, a, model, err) &&
           alternatives_find(a, model, method, &options, found, err) &&
           store_versions(db, found, at_ms, err) && store_read(db, a, stored, err) &&
           simulation_run(a, stored, &order, simulated, err) &&
           simulation_store(db, &change, &order, simulated, err);
}

/* ---- decision ---- */

static const struct strategy_version *version_of_focus(const struct alternatives *found, Str focus)
{
    for (size_t i = 0; i < found->found.count; i++) {
        const struct alternative *alternative = &found->found.items[i];
        if (alternative->status != ALTERNATIVE_INFEASIBLE &&
            str_eq(alternative->preset->key, focus))
            return &alternative->version;
    }
    return NULL;
}

static size_t list_rejections(struct arena *a, const struct sample_plan *plan,
                              const struct alternatives *found, const struct rejection **out)
{
    struct rejection *list = arena_new(a, struct rejection, found->found.count);
    size_t count = 0;

    for (size_t i = 0; i < found->found.count; i++) {
        const struct alternative *alternative = &found->found.items[i];
        if (alternative->status == ALTERNATIVE_INFEASIBLE ||
            str_eq(alternative->preset->key, plan->focus))
            continue;
        list[count++] = (struct rejection){alternative->version.id,
                                           sample_plan_rejection(plan, alternative->preset->key)};
    }
    *out = list;
    return count;
}

bool sample_decide(struct db *db, struct arena *a, const struct method *method,
                   const struct sample_plan *plan, const struct alternatives *found, int64_t at_ms,
                   int64_t armed_from_ms, int64_t *decision, struct err *err)
{
    const struct strategy_version *version = version_of_focus(found, plan->focus);
    struct decision_order order = {
        .reason = plan->reason,
        .conditions = plan->conditions,
        .resources_granted = plan->resources_granted,
        .reopening = plan->reopening,
        .armed_from_ms = armed_from_ms,
        .signature = {.account = S(SAMPLE_MANAGEMENT),
                      .name = S("Management"),
                      .is_management = true,
                      .is_password_checked = true,
                      .at_ms = at_ms},
    };

    if (!version)
        return err_set(err, ERR_NOT_FOUND, "no version of focus '" STR_F "' was found",
                       STR_A(plan->focus));
    order.version = version->id;
    order.rejected_count = list_rejections(a, plan, found, &order.rejected);
    return decision_record(db, a, method, &order, decision, err);
}
