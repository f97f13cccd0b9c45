#include "listen/query/backtest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/csv.h"
#include "format/json.h"
#include "format/time.h"
#include "listen/measure/measure.h"
#include "listen/query/query_field.h"
#include "listen/search/search.h"
#include "quant/stats.h"

#define WEEK_MS    (7 * DAY_MS)
#define CONFIDENCE 0.95

struct run {
    struct archive *a;
    struct arena *arena;
    const struct backtest_request *request;
    struct backtest *out;
    struct err *err;
    int64_t from_hour, to_hour; /* whole days around the archive's span */
    uint32_t *hours;            /* hits of each */
    struct signal_point *points;
    struct spike_reading *readings;
    size_t count;
};

/* ---- the series: as measure_publish() and the store of spikes have it -------------------------
 */

static bool count_hit(void *context, int64_t created_at_ms)
{
    struct run *r = context;
    int64_t hour = created_at_ms / HOUR_MS - r->from_hour;

    if (hour >= 0 && hour < r->to_hour - r->from_hour)
        r->hours[hour]++;
    return true;
}

/* Mentions of the last MEASURE_HOUR_DAYS days decide, as they do for what is published. */
static bool is_hourly(const struct run *r, int64_t span_from, int64_t span_to)
{
    int64_t from = span_to - MEASURE_HOUR_DAYS * 24;
    double mentions = 0;

    if (r->request->period != BACKTEST_AUTO)
        return r->request->period == BACKTEST_HOUR;
    from = from > span_from ? from : span_from;
    for (int64_t hour = from; hour < span_to; hour++)
        mentions += r->hours[hour - r->from_hour];
    return spike_is_hourly(mentions, span_to - from);
}

static bool count_hits(struct run *r)
{
    struct search_request search = {.query = r->request->query, .names = r->request->names};
    struct archive_stats stats;
    int64_t from, to;

    if (!archive_span(r->a, &from, &to, r->err) || !archive_stats(r->a, &stats, r->err))
        return false;
    r->out->posts_seen = stats.posts;
    r->from_hour = from - from % 24;
    r->to_hour = to + (24 - to % 24) % 24;
    r->hours = arena_try_new(r->arena, uint32_t, (size_t)(r->to_hour - r->from_hour) + 1);
    if (!r->hours)
        return err_arena(r->err, r->arena);
    if (!search_times(r->a, r->arena, &search, count_hit, r, r->err))
        return false;
    r->out->is_hourly = is_hourly(r, from, to);
    r->out->period_ms = r->out->is_hourly ? HOUR_MS : DAY_MS;
    return true;
}

static bool make_points(struct run *r)
{
    int64_t step = r->out->period_ms / HOUR_MS, first = r->from_hour;

    if (r->out->is_hourly && first < r->to_hour - MEASURE_HOUR_DAYS * 24)
        first = r->to_hour - MEASURE_HOUR_DAYS * 24;
    r->count = (size_t)((r->to_hour - first) / step);
    r->points = arena_try_new(r->arena, struct signal_point, r->count + 1);
    r->readings = arena_try_new(r->arena, struct spike_reading, r->count + 1);
    if (!r->points || !r->readings)
        return err_arena(r->err, r->arena);
    for (size_t i = 0; i < r->count; i++) {
        int64_t hour = first + (int64_t)i * step, hits = 0;
        for (int64_t k = 0; k < step; k++)
            hits += r->hours[hour - r->from_hour + k];
        r->points[i] = (struct signal_point){
            .start_ms = hour * HOUR_MS, .value = (double)hits, .n = hits, .coverage = 1};
    }
    return true;
}

/* What is known already: n of a point that was not heard counts nothing. */
static bool take_series(struct run *r)
{
    const struct backtest_request *q = r->request;
    struct archive_stats stats;

    if (!archive_stats(r->a, &stats, r->err))
        return false;
    r->out->posts_seen = stats.posts;
    r->out->is_hourly = q->point_period_ms == HOUR_MS;
    r->out->period_ms = q->point_period_ms;
    r->count = q->point_count;
    r->points = arena_try_new(r->arena, struct signal_point, r->count + 1);
    r->readings = arena_try_new(r->arena, struct spike_reading, r->count + 1);
    if (!r->points || !r->readings)
        return err_arena(r->err, r->arena);
    if (r->count > 0)
        memcpy(r->points, q->points, r->count * sizeof *r->points);
    return true;
}

/* ---- the window -------------------------------------------------------------------------------
 */

static bool set_window(struct run *r)
{
    bool is_all = r->request->from_ms == 0 && r->request->to_ms == 0;
    int64_t first = r->count > 0 ? r->points[0].start_ms : 0;
    int64_t end = r->count > 0 ? r->points[r->count - 1].start_ms + r->out->period_ms : 0;

    if (!is_all && r->request->from_ms >= r->request->to_ms)
        return err_set(r->err, ERR_USAGE, "the window of a backtest ends before it begins");
    r->out->from_ms = is_all || r->request->from_ms < first ? first : r->request->from_ms;
    r->out->to_ms = is_all || r->request->to_ms > end ? end : r->request->to_ms;
    if (r->out->to_ms < r->out->from_ms)
        r->out->to_ms = r->out->from_ms;
    return true;
}

static bool is_in_window(const struct run *r, int64_t ms)
{
    return ms >= r->out->from_ms && ms < r->out->to_ms;
}

static bool take_points(struct run *r)
{
    r->out->points = arena_try_new(r->arena, struct backtest_point, r->count + 1);
    if (!r->out->points)
        return err_arena(r->err, r->arena);
    for (size_t i = 0; i < r->count; i++) {
        if (!is_in_window(r, r->points[i].start_ms))
            continue;
        r->out->points[r->out->point_count++] =
            (struct backtest_point){r->points[i].start_ms, r->points[i].value, r->readings[i]};
        r->out->hits += r->points[i].n;
    }
    return true;
}

static bool take_alerts(struct run *r, const struct spike_moments *moments)
{
    r->out->alerts = arena_try_new(r->arena, struct backtest_alert, moments->count + 1);
    if (!r->out->alerts)
        return err_arena(r->err, r->arena);
    for (size_t i = 0; i < moments->count; i++) {
        const struct spike_moment *moment = &moments->items[i];
        if (moment->severity >= r->request->severity_min && is_in_window(r, moment->start_ms))
            r->out->alerts[r->out->alert_count++] = (struct backtest_alert){
                *moment,
                moment->told_ms != 0 ? moment->told_ms : moment->start_ms + r->out->period_ms, -1};
    }
    double weeks = (double)(r->out->to_ms - r->out->from_ms) / (double)WEEK_MS;
    struct stats_interval interval = stats_poisson_interval(r->out->alert_count, CONFIDENCE);
    if (weeks > 0) {
        r->out->alerts_a_week = (double)r->out->alert_count / weeks;
        r->out->alerts_a_week_low = interval.low / weeks;
        r->out->alerts_a_week_high = interval.high / weeks;
    }
    return true;
}

/* ---- incidents --------------------------------------------------------------------------------
 */

static bool belongs(const struct backtest_alert *alert, const struct backtest_incident *incident)
{
    return alert->moment.start_ms <= incident->to_ms && alert->told_ms > incident->from_ms;
}

static void match_incident(struct backtest *out, const struct backtest_incident *incident,
                           size_t index)
{
    struct backtest_found *found = &out->found[index];

    *found = (struct backtest_found){.alert = -1};
    for (size_t i = 0; i < out->alert_count; i++) {
        struct backtest_alert *alert = &out->alerts[i];
        if (!belongs(alert, incident))
            continue;
        if (alert->incident < 0)
            alert->incident = (int64_t)index;
        if (found->alert >= 0)
            continue;
        found->alert = (int64_t)i;
        found->delay_ms =
            alert->told_ms > incident->from_ms ? alert->told_ms - incident->from_ms : 0;
    }
}

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static bool match_incidents(struct run *r)
{
    struct backtest *out = r->out;
    const struct backtest_incident *incidents = r->request->incidents;
    size_t count = r->request->incident_count, found = 0;
    int64_t *delays = arena_try_new(r->arena, int64_t, count + 1);

    out->found = arena_try_new(r->arena, struct backtest_found, count + 1);
    if (!out->found || !delays)
        return err_arena(r->err, r->arena);
    for (size_t i = 0; i < count; i++) {
        match_incident(out, &incidents[i], i);
        if (!is_in_window(r, incidents[i].from_ms))
            continue;
        out->incidents_inside++;
        if (out->found[i].alert >= 0)
            delays[found++] = out->found[i].delay_ms;
    }
    out->incidents_found = found;
    for (size_t i = 0; i < out->alert_count; i++)
        out->alerts_true += out->alerts[i].incident >= 0;
    out->precision =
        out->alert_count > 0 ? (double)out->alerts_true / (double)out->alert_count : (double)NAN;
    out->recall =
        out->incidents_inside > 0 ? (double)found / (double)out->incidents_inside : (double)NAN;
    if (found > 0) {
        qsort(delays, found, sizeof *delays, compare_i64);
        out->median_delay_ms = delays[(found - 1) / 2];
    }
    return true;
}

bool backtest_run(struct archive *a, struct arena *arena, const struct backtest_request *request,
                  struct backtest *out, struct err *err)
{
    struct run r = {.a = a, .arena = arena, .request = request, .out = out, .err = err};
    struct spike_moments moments = {0};

    *out = (struct backtest){.precision = (double)NAN, .recall = (double)NAN};
    if (request->incident_count > BACKTEST_INCIDENTS_MAX)
        return err_set(err, ERR_LIMIT, "%zu incidents are more than %d", request->incident_count,
                       BACKTEST_INCIDENTS_MAX);
    bool ok =
        (request->points ? take_series(&r) : count_hits(&r) && make_points(&r)) && set_window(&r);
    if (ok && request->detect)
        ok = request->detect(request->detect_context, r.points, r.count, out->period_ms, r.readings,
                             &moments, err);
    else if (ok)
        ok = spike_moments_find(r.points, r.count, out->period_ms, r.readings, &moments, err);
    ok = ok && take_points(&r) && take_alerts(&r, &moments) && match_incidents(&r);
    vec_deinit(&moments);
    return ok;
}

/* ---- labelled windows -------------------------------------------------------------------------
 */

struct columns {
    size_t start, end, name; /* SIZE_MAX: none */
};

static void find_columns(const struct csv_row *row, struct columns *c)
{
    static const struct {
        const char *name;
        size_t offset;
    } names[] = {
        {"start", offsetof(struct columns, start)}, {"from", offsetof(struct columns, start)},
        {"begin", offsetof(struct columns, start)}, {"end", offsetof(struct columns, end)},
        {"to", offsetof(struct columns, end)},      {"name", offsetof(struct columns, name)},
        {"label", offsetof(struct columns, name)},  {"incident", offsetof(struct columns, name)}};

    *c = (struct columns){SIZE_MAX, SIZE_MAX, SIZE_MAX};
    for (size_t i = 0; i < row->count; i++)
        for (size_t k = 0; k < COUNT_OF(names); k++)
            if (str_eq_nocase(str_trim(row->fields[i]), str_from_cstr(names[k].name)))
                memcpy((char *)c + names[k].offset, &i, sizeof i);
}

static Str field(const struct csv_row *row, size_t column)
{
    return column < row->count ? str_trim(row->fields[column]) : STR_NONE;
}

static bool read_incident(struct arena *arena, Str source, const struct csv_row *row,
                          const struct columns *c, struct backtest_incident *out, struct err *err)
{
    Str start = field(row, c->start), end = field(row, c->end);

    if (!query_time_parse(start, &out->from_ms) || !query_time_parse(end, &out->to_ms)) {
        err_set(err, ERR_INPUT, STR_F ":%llu: start and end have to be times", STR_A(source),
                (unsigned long long)row->line);
        return err_hint(err, "write 2026-11-22 or 2026-11-22T08:15:00Z");
    }
    if (end.len <= 10)
        out->to_ms += DAY_MS - 1; /* a day as end is meant whole */
    if (out->to_ms < out->from_ms)
        return err_set(err, ERR_INPUT, STR_F ":%llu: the incident ends before it begins",
                       STR_A(source), (unsigned long long)row->line);
    return arena_try_str(arena, field(row, c->name), &out->name) || err_arena(err, arena);
}

static bool read_rows(struct csv_reader *reader, struct arena *arena, Str source,
                      struct backtest_incident **out, size_t *count, struct err *err)
{
    struct {
        VEC(struct backtest_incident);
    } incidents = {0};
    struct columns columns = {.start = SIZE_MAX, .end = SIZE_MAX};
    struct csv_row row;
    bool has_row = false, ok = csv_next(reader, &row, &has_row, err);

    if (ok && has_row)
        find_columns(&row, &columns);
    if (ok && (columns.start == SIZE_MAX || columns.end == SIZE_MAX)) {
        err_set(err, ERR_INPUT, STR_F ":1: the heading names no start and end", STR_A(source));
        ok = err_hint(err, "begin the file with the line start,end,name");
    }
    while (ok && (ok = csv_next(reader, &row, &has_row, err)) && has_row) {
        struct backtest_incident incident;
        ok = read_incident(arena, source, &row, &columns, &incident, err);
        if (ok && incidents.count >= BACKTEST_INCIDENTS_MAX)
            ok = err_set(err, ERR_LIMIT, STR_F ": more than %d incidents", STR_A(source),
                         BACKTEST_INCIDENTS_MAX);
        ok = ok && (vec_try_push(&incidents, incident) ||
                    err_set(err, ERR_NO_MEMORY, "no memory for the incidents"));
    }
    *out = ok ? arena_try_new(arena, struct backtest_incident, incidents.count + 1) : NULL;
    if (*out && incidents.count > 0)
        memcpy(*out, incidents.items, incidents.count * sizeof *incidents.items);
    *count = incidents.count;
    ok = ok && (*out || err_arena(err, arena));
    vec_deinit(&incidents);
    return ok;
}

bool backtest_incidents_read(struct arena *arena, Str source, Str text,
                             struct backtest_incident **out, size_t *count, struct err *err)
{
    struct csv_reader *reader = NULL;
    Str left = text;
    struct csv_options options = {.separator = csv_sniff(str_sub(text, 0, 4096))};

    bool ok = csv_open(&reader, options, csv_more_text, &left, err) &&
              read_rows(reader, arena, source, out, count, err);
    csv_close(&reader);
    return ok;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void set_time(struct json_writer *w, const char *key, int64_t ms)
{
    json_set_str(w, key, str_from_cstr(time_rfc3339(ms).text));
}

void backtest_put_sums(struct json_writer *w, const struct backtest *b, const char *hits_key)
{
    json_set_str(w, "period", b->is_hourly ? S("hour") : S("day"));
    set_time(w, "from", b->from_ms);
    set_time(w, "to", b->to_ms);
    json_set_i64(w, "posts_seen", b->posts_seen);
    json_set_i64(w, hits_key, b->hits);
    json_set_object(w, "alerts_a_week");
    json_set_f64(w, "value", b->alerts_a_week);
    json_set_f64(w, "low", b->alerts_a_week_low);
    json_set_f64(w, "high", b->alerts_a_week_high);
    json_end_object(w);
}

void backtest_put_incident_name(struct json_writer *w, const char *key,
                                const struct backtest_incident *incident)
{
    if (incident->name.len > 0)
        json_set_str(w, key, incident->name);
    else
        set_time(w, key, incident->from_ms);
}

void backtest_put_incidents(struct json_writer *w, const struct backtest *b,
                            const struct backtest_incident *incidents, size_t count)
{
    if (count == 0)
        return;
    json_set_object(w, "incidents");
    json_set_i64(w, "inside", (int64_t)b->incidents_inside);
    json_set_i64(w, "found", (int64_t)b->incidents_found);
    json_set_i64(w, "true_alerts", (int64_t)b->alerts_true);
    json_set_f64(w, "precision", b->precision); /* null without an alert */
    json_set_f64(w, "recall", b->recall);
    json_set_i64(w, "median_delay_seconds", b->median_delay_ms / 1000);
    json_set_array(w, "windows");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        backtest_put_incident_name(w, "name", &incidents[i]);
        json_set_bool(w, "found", b->found[i].alert >= 0);
        if (b->found[i].alert >= 0)
            json_set_i64(w, "delay_seconds", b->found[i].delay_ms / 1000);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}
