#include "web/view/alert_view.h"

#include <math.h>

#include "web/view/break_view.h"

const char *const alert_kind_words[ALERT_KIND_COUNT] = {
    [ALERT_SPIKE] = TR("record against its own history"),
    [ALERT_HOUR] = TR("last hour against 12 hours"),
    [ALERT_DAY] = TR("last day against 14 days"),
    [ALERT_SIGMA] = TR("mean and standard deviations"),
    [ALERT_POISSON] = TR("more than usual at this time"),
    [ALERT_GROWTH] = TR("sustained growth"),
    [ALERT_ABSENCE] = TR("absence"),
    [ALERT_SHARE] = TR("share among competitors"),
    [ALERT_CROSSING] = TR("net sentiment crosses a threshold"),
    [ALERT_FORECAST] = TR("forecast of growth"),
};

const char *const alert_sensitivity_words[ALERT_SENSITIVITY_COUNT] = {TR("low"), TR("medium"),
                                                                      TR("high")};
const char *const alert_direction_words[ALERT_DIRECTION_COUNT] = {TR("fall"), TR("rise"),
                                                                  TR("either")};

Str alert_number(struct request *req, enum alert_kind kind, double value)
{
    unsigned flags = kind == ALERT_SHARE      ? RENDER_PERCENT
                     : kind == ALERT_CROSSING ? RENDER_SIGN
                                              : 0;
    int decimals = kind == ALERT_SHARE      ? 1
                   : kind == ALERT_CROSSING ? 2
                                            : (fabs(value) < 10 && floor(value) < value ? 1 : 0);

    return render_double_str(&req->arena, req->env.language, value, decimals, flags);
}

bool alert_may_acknowledge(const struct request *req)
{
    return request_may(req, MAY_HANDLE_CASES) || request_may(req, MAY_EDIT_QUERIES);
}

Str alert_query_title(const struct alert_names *names, int64_t id)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->queries[i].id == id)
            return names->queries[i].title;
    return STR_NONE;
}

/* ---- the chart ------------------------------------------------------------------------------- */

static Str words_of(struct request *req, int64_t at_ms, bool is_daily)
{
    struct html h;

    html_init(&h, 256);
    render_time_words(&h, &req->env, at_ms, is_daily ? RENDER_DATE : RENDER_HOUR);
    Str out = arena_str(&req->arena, html_str(&h));
    html_deinit(&h);
    return out;
}

enum line { LINE_POSTS, LINE_OBSERVED, LINE_EXPECTED, LINE_MARK };

static void put_line(struct chart *chart, const struct alert_chart *what, enum line line)
{
    static const char *const names[] = {TR("Posts of the period"), TR("Observed"), TR("Expected"),
                                        TR("Mark")};
    static const char *const colors[] = {"c8", "c1", "c2", "red"};
    static const char *const dots[] = {"8", "1", "2", "broken"};
    const struct backtest *b = &what->test->judged;
    enum alert_kind kind = what->rule->settings.kind;
    struct json_writer *w = &chart->json;

    json_begin_object(w);
    json_set_str(w, "name", request_tr(chart->req, names[line]));
    json_set_str(w, "type", line == LINE_POSTS ? S("bar") : S("line"));
    json_set_str(w, "unit",
                 kind == ALERT_SHARE      ? S("share")
                 : kind == ALERT_CROSSING ? S("net")
                                          : S("posts"));
    json_set_str(w, "color", str_from_cstr(colors[line]));
    if (line > LINE_OBSERVED)
        json_set_bool(w, "dashed", true);
    chart_legend(chart, request_tr(chart->req, names[line]), dots[line]);
    json_set_array(w, "points");
    for (size_t i = 0; i < b->point_count; i++) {
        const struct backtest_point *p = &b->points[i];
        const struct alert_reading *r = &what->test->readings[i];
        bool is_fall = kind == ALERT_ABSENCE || kind == ALERT_CROSSING;
        if (p->start_ms < what->from_ms || p->start_ms >= what->to_ms)
            continue;
        chart_point(chart, (double)p->start_ms,
                    line == LINE_POSTS      ? what->test->values[i]
                    : line == LINE_OBSERVED ? p->hits
                    : line == LINE_EXPECTED ? r->expected
                    : is_fall               ? r->low
                                            : r->high);
    }
    json_end_array(w);
    json_end_object(w);
}

static void put_marks(struct chart *chart, const struct alert_chart *what)
{
    struct json_writer *w = &chart->json;
    struct request *req = chart->req;

    json_set_array(w, "marks");
    for (size_t i = 0; i < what->test->judged.alert_count; i++) {
        const struct alert_event *e = &what->test->events[i];
        if (e->peak_ms < what->from_ms || e->peak_ms >= what->to_ms)
            continue;
        json_begin_object(w);
        json_set_i64(w, "at", e->peak_ms);
        json_set_f64(w, "value", e->observed);
        json_set_str(w, "short", arena_printf(&req->arena, "%d", e->severity));
        json_set_str(w, "label",
                     arena_printf(&req->arena, STR_F " %d",
                                  STR_A(request_tr(req, TR("alert, severity"))), e->severity));
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_shade(struct chart *chart, const struct alert_chart *what)
{
    struct json_writer *w = &chart->json;

    json_set_array(w, "shade");
    if (what->shade_to_ms > what->shade_from_ms) {
        json_begin_object(w);
        json_set_i64(w, "from", what->shade_from_ms);
        json_set_i64(w, "to", what->shade_to_ms);
        json_set_str(w, "label", request_tr(chart->req, TR("the event")));
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_table(struct chart *chart, const struct alert_chart *what)
{
    enum alert_kind kind = what->rule->settings.kind;
    struct request *req = chart->req;

    for (size_t i = what->test->judged.alert_count; i-- > 0;) {
        const struct alert_event *e = &what->test->events[i];
        if (e->start_ms < what->from_ms || e->start_ms >= what->to_ms)
            continue;
        chart_row(chart, words_of(req, e->start_ms, what->rule->settings.is_daily), STR_NONE);
        chart_cell(chart, alert_number(req, kind, e->observed), true, STR_NONE);
        chart_cell(chart, alert_number(req, kind, e->expected), true, STR_NONE);
        chart_cell_number(chart, e->severity, 0, 0);
    }
}

/* Of the measures that the rule looks at: net sentiment, the mentions of all parties, or its own.
 */
static bool put_breaks(struct chart *chart, const struct alert_chart *what, struct err *err)
{
    const struct alert_rule *rule = what->rule;
    Str keys[SHARE_PARTIES_MAX + 1];
    size_t count = 0, parties = rule->settings.kind == ALERT_SHARE ? rule->party_count : 0;

    for (size_t i = 0; i <= parties && i < COUNT_OF(keys); i++)
        keys[count++] =
            arena_printf(&chart->req->arena, "query:%lld:%s:%s",
                         (long long)(i == 0 ? rule->query : rule->parties[i - 1]),
                         rule->settings.kind == ALERT_CROSSING ? "net_sentiment" : "mentions",
                         rule->settings.is_daily ? "day" : "hour");
    return chart_breaks(chart, keys, count, what->from_ms, what->to_ms, err);
}

bool alert_chart_make(struct request *req, const struct alert_chart *what, struct tpl_chart *out,
                      struct err *err)
{
    struct chart *chart = arena_new(&req->arena, struct chart, 1);
    bool has_mark = what->rule->settings.kind != ALERT_GROWTH &&
                    what->rule->settings.kind != ALERT_ABSENCE &&
                    what->rule->settings.kind != ALERT_CROSSING;

    chart_begin(chart, req, "time", request_tr(req, TR("What the rule judged")),
                request_tr(req, TR("Alert")));
    chart_column(chart, request_tr(req, TR("Observed")), true);
    chart_column(chart, request_tr(req, TR("Expected")), true);
    chart_column(chart, request_tr(req, TR("Severity")), true);
    json_set_i64(&chart->json, "step",
                 what->rule->settings.is_daily ? INT64_C(86400000) : INT64_C(3600000));
    json_set_array(&chart->json, "series");
    /* What is judged may be several periods together; beside it stands what each one brought. */
    if (what->rule->settings.kind != ALERT_SHARE && what->rule->settings.kind != ALERT_CROSSING)
        put_line(chart, what, LINE_POSTS);
    put_line(chart, what, LINE_OBSERVED);
    put_line(chart, what, LINE_EXPECTED);
    if (has_mark)
        put_line(chart, what, LINE_MARK);
    json_end_array(&chart->json);
    put_marks(chart, what);
    put_shade(chart, what);
    put_table(chart, what);
    bool ok = put_breaks(chart, what, err);
    *out = *chart_end(chart);
    return ok;
}
