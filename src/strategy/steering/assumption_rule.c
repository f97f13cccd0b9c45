#include "strategy/steering/assumption_rule.h"

#include <math.h>

struct window {
    double sum, weighted; /* of values; of value * sample */
    int64_t sample;
    double coverage;                /* sum over points */
    int64_t points, values, weight; /* values: not NAN; weight: their sample */
};

/* Points with start in [from, to). A point without a value still counts for coverage. */
static struct window window_sum(const struct rule_point *points, size_t count, int64_t from_ms,
                                int64_t to_ms)
{
    struct window window = {0};

    for (size_t i = 0; i < count; i++) {
        const struct rule_point *point = &points[i];
        if (point->start_ms < from_ms || point->start_ms >= to_ms)
            continue;
        window.points++;
        window.coverage += point->coverage;
        window.sample += point->sample;
        if (isnan(point->value))
            continue;
        window.values++;
        window.weight += point->sample;
        window.sum += point->value;
        window.weighted += point->value * (double)point->sample;
    }
    return window;
}

static double window_mean(const struct window *window)
{
    if (window->values == 0)
        return NAN;
    /* A signal that counts nothing (rates from outside) has no sample: every period weighs the
     * same. */
    if (window->weight == 0)
        return window->sum / (double)window->values;
    return window->weighted / (double)window->weight;
}

static double condense(const struct assumption_rule *rule, const struct window *now,
                       const struct window *before)
{
    switch (rule->aggregate) {
    case AGGREGATE_SUM:
        return now->sum;
    case AGGREGATE_PER_DAY:
        return now->sum / (double)rule->window_days;
    case AGGREGATE_GROWTH:
        return before->sum > 0 ? now->sum / before->sum - 1 : NAN;
    case AGGREGATE_MEAN:
        break;
    }
    return window_mean(now);
}

static bool is_enough(const struct assumption_rule *rule, const struct window *window)
{
    double days = (double)rule->window_days;
    return window->sample >= rule->minimum_sample &&
           window->coverage / days >= rule->minimum_coverage - 1e-9;
}

/* The signal's periods may be hours: coverage is then a mean of means. */
static void scale_coverage(struct window *window, int64_t window_days)
{
    if (window->points > window_days)
        window->coverage *= (double)window_days / (double)window->points;
}

static struct rule_reading read_step(const struct assumption_rule *rule,
                                     const struct rule_point *points, size_t count, int64_t at_ms)
{
    int64_t span_ms = rule->window_days * ASSUMPTION_STEP_MS;
    struct window now = window_sum(points, count, at_ms - span_ms, at_ms);
    struct window before = {0};
    struct rule_reading reading = {.at_ms = at_ms, .sample = now.sample};

    scale_coverage(&now, rule->window_days);
    reading.coverage = now.coverage / (double)rule->window_days;
    if (rule->aggregate == AGGREGATE_GROWTH) {
        before = window_sum(points, count, at_ms - 2 * span_ms, at_ms - span_ms);
        scale_coverage(&before, rule->window_days);
    }
    bool has_data =
        is_enough(rule, &now) && (rule->aggregate != AGGREGATE_GROWTH || is_enough(rule, &before));
    reading.value = has_data ? condense(rule, &now, &before) : NAN;
    if (!isnan(reading.value))
        reading.is_violated = rule->comparator == COMPARE_AT_LEAST
                                  ? reading.value < rule->threshold
                                  : reading.value > rule->threshold;
    return reading;
}

static bool is_near(const struct assumption_rule *rule, double value)
{
    return rule->margin > 0 && fabs(value - rule->threshold) <= rule->margin;
}

/* The table of the header. `memory` holds the runs of violated and kept days, this one included. */
static enum assumption_state next_state(const struct assumption_rule *rule,
                                        const struct rule_memory *memory,
                                        const struct rule_reading *reading)
{
    if (reading->is_violated) {
        if (memory->state == ASSUMPTION_BROKEN || memory->violated_days >= rule->persistence)
            return ASSUMPTION_BROKEN;
        return ASSUMPTION_AT_RISK;
    }
    if (memory->state == ASSUMPTION_BROKEN && memory->kept_days < rule->persistence)
        return ASSUMPTION_BROKEN;
    return is_near(rule, reading->value) ? ASSUMPTION_AT_RISK : ASSUMPTION_HOLDING;
}

static void step(const struct assumption_rule *rule, struct rule_memory *memory,
                 struct rule_reading *reading)
{
    if (isnan(reading->value)) {
        /* A broken assumption stays broken until data says otherwise. */
        reading->state =
            memory->state == ASSUMPTION_BROKEN ? ASSUMPTION_BROKEN : ASSUMPTION_NO_DATA;
    } else {
        memory->violated_days = reading->is_violated ? memory->violated_days + 1 : 0;
        memory->kept_days = reading->is_violated ? 0 : memory->kept_days + 1;
        reading->state = next_state(rule, memory, reading);
    }
    reading->violated_days = memory->violated_days;
    memory->state = reading->state;
    memory->evaluated_to_ms = reading->at_ms;
}

void assumption_rule_run(const struct assumption_rule *rule, const struct rule_point *points,
                         size_t count, int64_t to_ms, struct rule_memory *memory,
                         void (*on_reading)(void *user, enum assumption_state before,
                                            const struct rule_reading *reading),
                         void *user)
{
    ASSERT(rule->window_days > 0 && rule->persistence > 0);
    while (memory->evaluated_to_ms + ASSUMPTION_STEP_MS <= to_ms) {
        int64_t at_ms = memory->evaluated_to_ms + ASSUMPTION_STEP_MS;
        enum assumption_state before = memory->state;
        struct rule_reading reading = read_step(rule, points, count, at_ms);
        step(rule, memory, &reading);
        if (on_reading)
            on_reading(user, before, &reading);
    }
}

int64_t assumption_rule_reach_ms(const struct assumption_rule *rule)
{
    int64_t windows = rule->aggregate == AGGREGATE_GROWTH ? 2 : 1;
    return windows * rule->window_days * ASSUMPTION_STEP_MS;
}

Str assumption_rule_text(struct arena *arena, const struct assumption *assumption)
{
    const struct assumption_rule *rule = &assumption->rule;
    Str what = rule->signal.len > 0 ? rule->signal : rule->metric;

    if (!assumption->has_rule)
        return S("no rule");
    return arena_printf(arena, "%s of " STR_F " over %lld days %s %g, broken after %lld days",
                        words_aggregate.words[rule->aggregate], STR_A(what),
                        (long long)rule->window_days,
                        rule->comparator == COMPARE_AT_LEAST ? "at least" : "at most",
                        rule->threshold, (long long)rule->persistence);
}

Str assumption_signal_key(struct arena *arena, const struct assumption *assumption)
{
    if (assumption->rule.signal.len > 0)
        return assumption->rule.signal;
    return arena_printf(arena, "query:" STR_F ":" STR_F ":day", STR_A(assumption->query),
                        STR_A(assumption->rule.metric));
}
