#include "listen/alert/alert_backtest.h"

#include <math.h>

struct run {
    const struct alert_rule *rule;
    struct alert_series series;
    struct alert_reading *readings;
    struct alert_events events;
};

static struct spike_moment moment_of(const struct alert_event *event)
{
    return (struct spike_moment){.start_ms = event->start_ms,
                                 .peak_ms = event->peak_ms,
                                 .end_ms = event->end_ms,
                                 .told_ms = event->tellings[0].told_ms,
                                 .score = event->score,
                                 .expected = event->expected,
                                 .observed = event->observed,
                                 .severity = event->severity};
}

static bool detect(void *context, const struct signal_point *points, size_t count,
                   int64_t period_ms, struct spike_reading *readings, struct spike_moments *out,
                   struct err *err)
{
    struct run *run = context;

    (void)points;
    if (!alert_events_find(&run->rule->settings, run->series.points, count, period_ms,
                           run->readings, &run->events, err))
        return false;
    for (size_t i = 0; i < count; i++)
        readings[i] = (struct spike_reading){.score = run->readings[i].score,
                                             .is_alert = run->readings[i].is_on,
                                             .is_start = run->readings[i].is_start,
                                             .expected = run->readings[i].expected,
                                             .low = run->readings[i].low,
                                             .high = run->readings[i].high,
                                             .severity = run->readings[i].severity,
                                             .significance = run->readings[i].significance};
    for (size_t i = 0; i < run->events.count; i++)
        if (!vec_try_push(out, moment_of(&run->events.items[i])))
            return err_set(err, ERR_NO_MEMORY, "no memory for a backtest");
    return true;
}

/* Events and readings of the window, beside what was judged. */
static bool align(const struct run *run, struct arena *arena, struct alert_backtest *out,
                  struct err *err)
{
    struct backtest *b = &out->judged;
    size_t at = 0;

    out->events = arena_try_new(arena, struct alert_event, b->alert_count + 1);
    out->readings = arena_try_new(arena, struct alert_reading, b->point_count + 1);
    out->values = arena_try_new(arena, double, b->point_count + 1);
    if (!out->events || !out->readings || !out->values)
        return err_arena(err, arena);
    for (size_t i = 0; i < run->events.count && at < b->alert_count; i++)
        if (run->events.items[i].start_ms == b->alerts[at].moment.start_ms &&
            run->events.items[i].peak_ms == b->alerts[at].moment.peak_ms)
            out->events[at++] = run->events.items[i];
    at = 0;
    for (size_t i = 0; i < run->series.count && at < b->point_count; i++) {
        if (run->series.points[i].start_ms != b->points[at].start_ms)
            continue;
        if (run->readings[i].is_known)
            b->points[at].hits = run->readings[i].observed;
        out->values[at] = run->series.points[i].value;
        out->readings[at++] = run->readings[i];
    }
    return true;
}

bool alert_backtest_run(struct db *state, struct archive *a, struct arena *arena,
                        const struct alert_backtest_request *request, struct alert_backtest *out,
                        struct err *err)
{
    struct run run = {.rule = request->rule};
    struct alert_horizon horizon;

    *out = (struct alert_backtest){0};
    if (!alert_horizon_read(state, a, request->now_ms, &horizon, err) ||
        !alert_series_load(arena, state, request->rule, &horizon, &run.series, err))
        return false;
    struct signal_point *points = arena_try_new(arena, struct signal_point, run.series.count + 1);
    run.readings = arena_try_new(arena, struct alert_reading, run.series.count + 1);
    if (!points || !run.readings)
        return err_arena(err, arena);
    for (size_t i = 0; i < run.series.count; i++) {
        const struct alert_point *p = &run.series.points[i];
        points[i] = (struct signal_point){.start_ms = p->start_ms,
                                          .value = p->value,
                                          .n = (int64_t)p->n,
                                          .coverage = p->coverage};
    }
    struct backtest_request judge = {.from_ms = request->from_ms,
                                     .to_ms = request->to_ms,
                                     .severity_min = request->rule->settings.severity_least,
                                     .incidents = request->incidents,
                                     .incident_count = request->incident_count,
                                     .detect = detect,
                                     .detect_context = &run,
                                     .points = points,
                                     .point_count = run.series.count,
                                     .point_period_ms = run.series.period_ms};
    bool ok = backtest_run(a, arena, &judge, &out->judged, err) && align(&run, arena, out, err);
    vec_deinit(&run.events);
    return ok;
}
