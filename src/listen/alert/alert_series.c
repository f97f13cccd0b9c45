#include "listen/alert/alert_series.h"

#include <math.h>

#include "listen/measure/source_coverage.h"
#include "signal/signal.h"

bool alert_horizon_read(struct db *db, struct archive *a, int64_t now_ms, struct alert_horizon *out,
                        struct err *err)
{
    const struct source_coverage *coverage;
    struct arena arena;
    int64_t from_hour, to_hour;

    *out = (struct alert_horizon){INT64_MIN, INT64_MIN};
    if (!archive_span(a, &from_hour, &to_hour, err))
        return false;
    if (from_hour >= to_hour)
        return true;
    arena_init(&arena, 64 << 20);
    bool ok = source_coverage_load(&arena, db, now_ms, &coverage, err);
    if (ok) {
        bool is_live = source_coverage_is_live(coverage, to_hour);
        out->end_ms = to_hour * HOUR_MS;
        out->closed_ms = is_live ? now_ms : (to_hour - 1) * HOUR_MS;
        if (is_live && out->end_ms < now_ms)
            out->end_ms = now_ms;
    }
    arena_deinit(&arena);
    return ok;
}

bool alert_horizon_end(struct db *db, Str posts_dir, int64_t now_ms, int64_t *end_ms,
                       struct err *err)
{
    struct alert_horizon horizon;
    struct archive *archive = NULL;

    bool ok = archive_open(&archive, posts_dir, ARCHIVE_READ, err) &&
              alert_horizon_read(db, archive, now_ms, &horizon, err);
    archive_close(&archive);
    if (ok)
        *end_ms = horizon.end_ms;
    return ok;
}

/* None in *count when the signal does not exist. */
static bool signal_points(struct arena *arena, struct db *db, int64_t query, const char *measure,
                          bool is_daily, struct signal_point **out, size_t *count, struct err *err)
{
    struct err absent = {0};
    struct signal signal;
    Str key = arena_printf(arena, "query:%lld:%s:%s", (long long)query, measure,
                           is_daily ? "day" : "hour");

    *count = 0;
    *out = NULL;
    if (signal_find(arena, db, key, &signal, &absent))
        return signal_read(arena, db, signal.id, INT64_MIN / 2, INT64_MAX / 2, out, count, err);
    if (absent.code == ERR_NOT_FOUND)
        return true;
    *err = absent;
    return false;
}

/* Mentions, one point for each published period; a period between two without a point was not
 * measured. */
static bool axis_make(struct arena *arena, const struct signal_point *points, size_t count,
                      const struct alert_horizon *horizon, struct alert_series *out,
                      struct err *err)
{
    int64_t first = points[0].start_ms, last = points[count - 1].start_ms;
    size_t at = 0;

    out->count = (size_t)((last - first) / out->period_ms) + 1;
    out->points = arena_try_new(arena, struct alert_point, out->count);
    if (!out->points)
        return err_arena(err, arena);
    for (size_t i = 0; i < out->count; i++) {
        int64_t start_ms = first + (int64_t)i * out->period_ms;
        struct alert_point *p = &out->points[i];
        *p = (struct alert_point){.start_ms = start_ms,
                                  .value = (double)NAN,
                                  .is_open = start_ms + out->period_ms > horizon->closed_ms};
        if (at < count && points[at].start_ms == start_ms) {
            p->value = points[at].value;
            p->n = (double)points[at].n;
            p->coverage = points[at].coverage;
            at++;
        }
    }
    /* Of several periods to come (a post with a wrong time) none but the first is at hand. */
    while (out->count > 1 && out->points[out->count - 1].is_open &&
           out->points[out->count - 2].is_open)
        out->count--;
    return true;
}

/* The point that starts then; NULL: none. */
static struct alert_point *point_at(const struct alert_series *s, int64_t start_ms)
{
    int64_t at = s->count > 0 ? (start_ms - s->points[0].start_ms) / s->period_ms : -1;

    return at >= 0 && start_ms >= s->points[0].start_ms && (size_t)at < s->count ? &s->points[at]
                                                                                 : NULL;
}

static bool sentiment_load(struct arena *arena, struct db *db, const struct alert_rule *rule,
                           struct alert_series *s, struct err *err)
{
    struct signal_point *points;
    size_t count;

    if (!signal_points(arena, db, rule->query, "net_sentiment", rule->settings.is_daily, &points,
                       &count, err))
        return false;
    for (size_t i = 0; i < s->count; i++) {
        s->points[i].value = (double)NAN;
        s->points[i].n = 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct alert_point *p = point_at(s, points[i].start_ms);
        if (!p)
            continue;
        p->value = points[i].value;
        p->n = (double)points[i].n;
    }
    return true;
}

/* n becomes the mentions of all parties, the value the query's part of them. */
static bool share_load(struct arena *arena, struct db *db, const struct alert_rule *rule,
                       struct alert_series *s, struct err *err)
{
    for (size_t i = 0; i < s->count; i++)
        s->points[i].n = isfinite(s->points[i].value) ? s->points[i].value : 0;
    for (size_t party = 0; party < rule->party_count; party++) {
        struct signal_point *points;
        size_t count;
        if (rule->parties[party] == rule->query)
            continue;
        if (!signal_points(arena, db, rule->parties[party], "mentions", rule->settings.is_daily,
                           &points, &count, err))
            return false;
        for (size_t i = 0; i < count; i++) {
            struct alert_point *p = point_at(s, points[i].start_ms);
            if (p && isfinite(points[i].value))
                p->n += points[i].value;
        }
    }
    for (size_t i = 0; i < s->count; i++)
        s->points[i].value = s->points[i].n > 0 ? s->points[i].value / s->points[i].n : (double)NAN;
    return true;
}

bool alert_series_load(struct arena *arena, struct db *db, const struct alert_rule *rule,
                       const struct alert_horizon *horizon, struct alert_series *out,
                       struct err *err)
{
    struct signal_point *points;
    size_t count;

    *out = (struct alert_series){.period_ms = rule->settings.is_daily ? DAY_MS : HOUR_MS};
    if (!signal_points(arena, db, rule->query, "mentions", rule->settings.is_daily, &points, &count,
                       err))
        return false;
    if (count == 0)
        return true;
    return axis_make(arena, points, count, horizon, out, err) &&
           (rule->settings.kind != ALERT_CROSSING || sentiment_load(arena, db, rule, out, err)) &&
           (rule->settings.kind != ALERT_SHARE || share_load(arena, db, rule, out, err));
}
