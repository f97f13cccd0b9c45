#include "listen/alert/alert_event.h"

#include <math.h>

static void event_tell(struct alert_event *event, const struct alert_reading *r, int64_t told_ms)
{
    if (event->telling_count < ALERT_TELLINGS_MAX)
        event->tellings[event->telling_count++] =
            (struct alert_telling){told_ms, r->severity, r->observed};
}

static void event_grow(struct alert_event *event, const struct alert_reading *r,
                       const struct alert_point *point, int64_t period_ms)
{
    event->severity = r->severity > event->severity ? r->severity : event->severity;
    if (!r->is_over_mark)
        return;
    event->end_ms = point->start_ms + period_ms;
    if (fabs(r->significance) < fabs(event->significance))
        return;
    event->peak_ms = point->start_ms;
    event->score = r->score;
    event->significance = r->significance;
    event->size = r->size;
    event->observed = r->observed;
    event->expected = r->expected;
    event->low = r->low;
    event->high = r->high;
    event->ahead = r->ahead;
    event->ahead_low = r->ahead_low;
    event->ahead_high = r->ahead_high;
}

bool alert_events_find(const struct alert_settings *settings, const struct alert_point *points,
                       size_t count, int64_t period_ms, struct alert_reading *readings,
                       struct alert_events *out, struct err *err)
{
    struct alert_detector *detector = alert_detector_create(settings);
    bool is_on = false, ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        struct alert_reading r = alert_detector_push(detector, &points[i]);
        if (readings)
            readings[i] = r;
        if (is_on && (!r.is_on || r.is_start)) {
            out->items[out->count - 1].is_over = true;
            is_on = false;
        }
        if (r.is_start) {
            struct alert_event fresh = {.start_ms = r.from_ms, .cause = r.cause};
            ok = vec_try_push(out, fresh) || err_set(err, ERR_NO_MEMORY, "no memory for alerts");
            is_on = ok;
        }
        if (!is_on)
            continue;
        struct alert_event *event = &out->items[out->count - 1];
        event_grow(event, &r, &points[i], period_ms);
        if (r.is_start || r.is_worse)
            event_tell(event, &r, points[i].start_ms + period_ms);
    }
    alert_detector_destroy(&detector);
    return ok;
}
