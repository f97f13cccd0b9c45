#include "web/view/market_view.h"

#include <math.h>

#include "listen/archive/archive.h"
#include "strategy/model/store.h"
#include "web/say.h"

static bool read_signal(struct request *req, int64_t query, const char *measure, int64_t from_ms,
                        int64_t to_ms, struct signal *signal, struct signal_point **points,
                        size_t *count, struct err *err)
{
    Str key = arena_printf(&req->arena, "query:%lld:%s:day", (long long)query, measure);
    struct err missing = {0};

    *count = 0;
    *points = NULL;
    if (!signal_find(&req->arena, req->workspace->state, key, signal, &missing)) {
        if (missing.code == ERR_NOT_FOUND)
            return true;
        *err = missing;
        return false;
    }
    return signal_read(&req->arena, req->workspace->state, signal->id, from_ms, to_ms, points,
                       count, err);
}

static bool last_day(struct request *req, int64_t query, struct market_series *out, struct err *err)
{
    Str key = arena_printf(&req->arena, "query:%lld:mentions:day", (long long)query);
    struct signal signal;
    struct signal_point last;
    struct err missing = {0};
    bool has_point = false;

    if (!signal_find(&req->arena, req->workspace->state, key, &signal, &missing)) {
        if (missing.code == ERR_NOT_FOUND)
            return true;
        *err = missing;
        return false;
    }
    if (!signal_read_last(req->workspace->state, signal.id, &last, &has_point, err))
        return false;
    out->is_measured = has_point;
    out->to_ms = has_point ? last.start_ms + DAY_MS : 0;
    out->definition = signal.definition;
    out->version = signal.version;
    return true;
}

enum column { COLUMN_MENTIONS, COLUMN_NET, COLUMN_POSITIVE, COLUMN_NEGATIVE };

static void set_column(struct market_series *s, enum column column,
                       const struct signal_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)((points[i].start_ms - s->from_ms) / DAY_MS);
        if (points[i].start_ms < s->from_ms || at >= s->count)
            continue;
        struct market_day *day = &s->days[at];
        if (column == COLUMN_MENTIONS) {
            day->mentions = points[i].value;
            day->coverage = points[i].coverage;
        } else if (column == COLUMN_NET)
            day->net_sentiment = points[i].value;
        else if (column == COLUMN_POSITIVE)
            day->positive = points[i].value;
        else
            day->negative = points[i].value;
    }
}

static bool first_day(struct request *req, int64_t query, int64_t to_ms, int64_t *from_ms,
                      struct err *err)
{
    struct signal signal;
    struct signal_point *points;
    size_t count;

    if (!read_signal(req, query, "mentions", INT64_MIN / 2, to_ms, &signal, &points, &count, err))
        return false;
    *from_ms = count > 0 ? points[0].start_ms : to_ms;
    return true;
}

bool market_series_read(struct request *req, int64_t query, int64_t days, int64_t to_ms,
                        struct market_series *out, struct err *err)
{
    static const char *const measures[] = {"mentions", "net_sentiment", "positive", "negative"};
    struct signal signal;
    struct signal_point *points;
    size_t count;
    int64_t first;

    *out = (struct market_series){0};
    if (!last_day(req, query, out, err))
        return false;
    if (!out->is_measured)
        return true;
    if (to_ms != 0 && to_ms < out->to_ms)
        out->to_ms = to_ms;
    if (!first_day(req, query, out->to_ms, &first, err))
        return false;
    out->from_ms =
        days > 0 && out->to_ms - days * DAY_MS > first ? out->to_ms - days * DAY_MS : first;
    out->count = (size_t)((out->to_ms - out->from_ms) / DAY_MS);
    out->days = arena_new(&req->arena, struct market_day, out->count + 1);
    for (size_t i = 0; i < out->count; i++)
        out->days[i] = (struct market_day){out->from_ms + (int64_t)i * DAY_MS, NAN, NAN, 0, 0, 0};
    for (size_t m = 0; m < COUNT_OF(measures); m++) {
        if (!read_signal(req, query, measures[m], out->from_ms, out->to_ms, &signal, &points,
                         &count, err))
            return false;
        set_column(out, (enum column)m, points, count);
    }
    return true;
}

Str market_definition_words(struct request *req, Str definition)
{
    const struct json *root = NULL;
    struct err ignored = {0};

    if (definition.len == 0 || definition.ptr[0] != '{' ||
        !json_parse(&req->arena, definition, &root, &ignored))
        return say_text(req, definition);
    return say_text(req, json_str_or(root, "measure", definition));
}

struct market_sum market_sum_of(const struct market_series *series, size_t from, size_t to)
{
    struct market_sum sum = {0};

    for (size_t i = from; i < to && i < series->count; i++) {
        const struct market_day *day = &series->days[i];
        if (isfinite(day->mentions))
            sum.mentions += day->mentions;
        sum.positive += isfinite(day->positive) ? day->positive : 0;
        sum.negative += isfinite(day->negative) ? day->negative : 0;
        sum.coverage += day->coverage;
    }
    double rated = sum.positive + sum.negative;
    sum.net_sentiment = rated > 0 ? (sum.positive - sum.negative) / rated : (double)NAN;
    sum.coverage = to > from ? sum.coverage / (double)(to - from) : (double)NAN;
    return sum;
}

Str market_query_title(const struct standing_query *query)
{
    return query->title.len > 0 ? query->title : query->name;
}

static const struct standing_query *by_name(const struct standing_query *list, size_t count,
                                            Str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(list[i].name, name))
            return &list[i];
    return NULL;
}

bool market_query_choose(struct request *req, Str name, const struct standing_query *list,
                         size_t count, const struct standing_query **out, struct err *err)
{
    struct strategy_model model;

    if (name.len > 0) {
        *out = by_name(list, count, name);
        return *out || err_set(err, ERR_NOT_FOUND, "there is no query '" STR_F "'", STR_A(name));
    }
    if (!store_read(req->workspace->state, &req->arena, &model, err))
        return false;
    const struct company *company = model_company(&model);
    *out = company ? by_name(list, count, company->query) : NULL;
    if (!*out && count > 0)
        *out = &list[0];
    return *out || err_set(err, ERR_NOT_FOUND, "there is no query yet");
}

void market_posts_begin(struct chart *chart, struct request *req, const char *type)
{
    chart_begin(chart, req, "time", request_tr(req, TR("Posts by day")),
                request_tr(req, TR("Day")));
    chart_size(chart, "small");
    chart_column(chart, request_tr(req, TR("Posts")), true);
    json_set_array(&chart->json, "series");
    json_begin_object(&chart->json);
    json_set_str(&chart->json, "name", request_tr(req, TR("Posts")));
    json_set_str(&chart->json, "type", str_from_cstr(type));
    json_set_array(&chart->json, "points");
}

void market_posts_end(struct chart *chart)
{
    json_end_array(&chart->json); /* points */
    json_end_object(&chart->json);
    json_end_array(&chart->json); /* series */
}

void market_posts_series(struct chart *chart, const struct market_series *series)
{
    struct request *req = chart->req;

    for (size_t i = 0; i < series->count; i++)
        chart_point(chart, (double)series->days[i].start_ms, series->days[i].mentions);
    market_posts_end(chart);
    for (size_t i = series->count; i-- > 0;) {
        struct html h;
        html_init(&h, 128);
        render_time_words(&h, &req->env, series->days[i].start_ms, RENDER_DATE);
        chart_row(chart, arena_str(&req->arena, html_str(&h)), STR_NONE);
        html_deinit(&h);
        chart_cell_number(chart, series->days[i].mentions, 0, 0);
    }
}
