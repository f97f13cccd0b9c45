#include "listen/measure/spike_moments.h"

bool spike_is_hourly(double mentions, int64_t hours)
{
    return hours > 0 && mentions / (double)hours >= SPIKE_HOURLY_MIN;
}

static void moment_grow(struct spike_moment *moment, const struct spike_reading *reading,
                        const struct signal_point *point, int64_t period_ms)
{
    moment->end_ms = point->start_ms + period_ms;
    if (reading->severity > moment->severity)
        moment->severity = reading->severity;
    if (reading->score > moment->score)
        moment->score = reading->score;
    if (point->value >= moment->observed) {
        moment->observed = point->value;
        moment->expected = reading->expected;
        moment->peak_ms = point->start_ms;
    }
}

bool spike_moments_find(const struct signal_point *points, size_t count, int64_t period_ms,
                        struct spike_reading *readings, struct spike_moments *out, struct err *err)
{
    struct spike_settings settings = {.kind = SPIKE_COUNTS,
                                      .count_floor = SPIKE_COUNT_FLOOR,
                                      .chance_deviations = SPIKE_CHANCE_DEVIATIONS,
                                      .is_rise_only = true,
                                      .rest_most = SPIKE_REST_PERIODS};
    struct spike_detector *detector = spike_detector_create(&settings);
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        struct spike_reading reading =
            spike_detector_push(detector, points[i].start_ms, points[i].value);
        if (readings)
            readings[i] = reading;
        if (reading.is_start) {
            struct spike_moment fresh = {.start_ms = points[i].start_ms, .observed = -1};
            ok = vec_try_push(out, fresh) || err_set(err, ERR_NO_MEMORY, "no memory for spikes");
        }
        /* Calm again but not yet over: only what stands out belongs to the moment. */
        if (ok && reading.is_alert && out->count > 0 &&
            (reading.is_start || reading.score >= SPIKE_ALERT_SCORE))
            moment_grow(&out->items[out->count - 1], &reading, &points[i], period_ms);
    }
    spike_detector_destroy(&detector);
    return ok;
}
