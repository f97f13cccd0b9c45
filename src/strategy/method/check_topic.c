/* check_topic.c - the rules on potential and topics. */
#include "strategy/method/check_run.h"
#include "strategy/model/object.h"

static const struct potential_decision *decision_on(const struct strategy_model *model, Str code)
{
    return model_find(model, OBJECT_POTENTIAL, code);
}

static void potential_is_decided(struct check_run *run)
{
    for (size_t i = 0; i < run->method->potentials.count; i++) {
        const struct potential *potential = &run->method->potentials.items[i];
        if (!decision_on(run->model, potential->code))
            check_find(run, OBJECT_POTENTIAL, potential->code);
    }
}

static void potential_has_reason(struct check_run *run)
{
    for (size_t i = 0; i < run->model->potentials.count; i++) {
        if (run->model->potentials.items[i].reason.len == 0)
            check_find(run, OBJECT_POTENTIAL, run->model->potentials.items[i].id);
    }
}

static void potential_is_used(struct check_run *run)
{
    for (size_t i = 0; i < run->model->potentials.count; i++) {
        const struct potential_decision *decision = &run->model->potentials.items[i];
        bool is_seen = !decision->is_used;
        for (size_t j = 0; j < run->model->options.count && !is_seen; j++)
            is_seen = str_list_has(run->model->options.items[j].potentials, decision->id);
        if (!is_seen)
            check_find(run, OBJECT_POTENTIAL, decision->id);
    }
}

static void codes_are_known(struct check_run *run)
{
    for (size_t i = 0; i < run->model->potentials.count; i++) {
        Str code = run->model->potentials.items[i].id;
        if (!method_potential(run->method, code))
            check_find_with(run, OBJECT_POTENTIAL, code, code, STR_NONE);
    }
    for (size_t i = 0; i < run->model->options.count; i++) {
        const struct strategy_option *option = &run->model->options.items[i];
        for (size_t j = 0; j < option->potentials.count; j++) {
            if (!method_potential(run->method, option->potentials.items[j]))
                check_find_with(run, OBJECT_OPTION, option->id, option->potentials.items[j],
                                STR_NONE);
        }
        for (size_t j = 0; j < option->benefits.count; j++) {
            if (!method_benefit(run->method, option->benefits.items[j]))
                check_find_with(run, OBJECT_OPTION, option->id, option->benefits.items[j],
                                STR_NONE);
        }
    }
}

#define EACH_TOPIC(run, claim)                                                                     \
    for (size_t i = 0; i < (run)->model->topics.count; i++) {                                      \
        const struct topic *topic = &(run)->model->topics.items[i];                                \
        if (claim)                                                                                 \
            check_find((run), OBJECT_TOPIC, topic->id);                                            \
    }

static bool is_low(const struct check_run *run, const struct topic *topic)
{
    return topic->affinity >= 0 && (double)topic->affinity <= run->method->steering.low_affinity;
}

static void topic_has_origin(struct check_run *run)
{
    EACH_TOPIC(run, topic->origins.count == 0)
}

static void topic_has_parent(struct check_run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->parent.len == 0)
}

static void topic_has_priority(struct check_run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->priority == PRIORITY_UNSET)
}

static void topic_has_affinity(struct check_run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->affinity < 0)
}

static void topic_affinity_has_evidence(struct check_run *run)
{
    EACH_TOPIC(run, topic->affinity >= 0 && topic->evidence.count == 0 &&
                        topic->affinity_reason.len == 0)
}

static void topic_low_has_cause(struct check_run *run)
{
    EACH_TOPIC(run, is_low(run, topic) && topic->low_cause.len == 0)
}

static void topic_low_has_detour(struct check_run *run)
{
    EACH_TOPIC(run,
               is_low(run, topic) && topic->priority == PRIORITY_A && topic->detour_to.len == 0)
}

static void topic_has_query(struct check_run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->query.len == 0)
}

static void topic_position_has_holder(struct check_run *run)
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

static void topic_has_option(struct check_run *run)
{
    EACH_TOPIC(run, topic->size == TOPIC_SINGLE && topic->priority == PRIORITY_A &&
                        topic->detour_to.len == 0 && !has_option(run->model, topic->id))
}

static const struct checker checkers[] = {
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
};
const struct checker_list check_topic = {checkers, COUNT_OF(checkers)};
