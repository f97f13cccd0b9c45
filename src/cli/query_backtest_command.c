/* query_backtest_command.c - `trimtab query backtest`: what a query would have raised on stored
 * data.
 */
#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/decode/decode.h"
#include "listen/query/backtest.h"
#include "listen/standing_query.h"
#include "os/file.h"

#define COMMAND             "query backtest"
#define DEFAULT_WORKSPACE   "default"
#define INCIDENTS_BYTES_MAX (16 * MIB) /* reject */

struct backtest_options {
    struct backtest_request request;
    Str workspace, data, incidents;
    bool is_json, has_periods;
    struct arena arena;
};

static bool read_incidents(struct backtest_options *o, struct err *err)
{
    struct backtest_incident *incidents;
    Str text;

    if (o->incidents.len == 0)
        return true;
    if (!file_read_all(&o->arena, o->incidents, INCIDENTS_BYTES_MAX, &text, err) ||
        !backtest_incidents_read(&o->arena, o->incidents, text, &incidents,
                                 &o->request.incident_count, err))
        return false;
    o->request.incidents = incidents;
    return true;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void set_time(struct json_writer *w, const char *key, int64_t ms)
{
    json_set_str(w, key, str_from_cstr(time_rfc3339(ms).text));
}

static void put_alert(struct json_writer *w, const struct backtest_options *o,
                      const struct backtest_alert *alert)
{
    json_begin_object(w);
    set_time(w, "start", alert->moment.start_ms);
    set_time(w, "told_at", alert->told_ms);
    set_time(w, "peak", alert->moment.peak_ms);
    set_time(w, "end", alert->moment.end_ms);
    json_set_i64(w, "severity", alert->moment.severity);
    json_set_f64(w, "score", alert->moment.score);
    json_set_f64(w, "expected", alert->moment.expected);
    json_set_f64(w, "observed", alert->moment.observed);
    if (alert->incident >= 0)
        backtest_put_incident_name(w, "incident", &o->request.incidents[alert->incident]);
    json_end_object(w);
}

static void put_json(const struct backtest_options *o, const struct backtest *b, struct buf *out)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "query", o->request.query);
    backtest_put_sums(&w, b, "hits");
    json_set_array(&w, "alerts");
    for (size_t i = 0; i < b->alert_count; i++)
        put_alert(&w, o, &b->alerts[i]);
    json_end_array(&w);
    backtest_put_incidents(&w, b, o->request.incidents, o->request.incident_count);
    json_set_array(&w, "periods");
    for (size_t i = 0; i < b->point_count; i++) {
        json_begin_object(&w);
        set_time(&w, "start", b->points[i].start_ms);
        json_set_f64(&w, "hits", b->points[i].hits);
        json_set_f64(&w, "expected", b->points[i].reading.expected);
        json_set_f64(&w, "high", b->points[i].reading.high);
        json_set_f64(&w, "score", b->points[i].reading.score);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    buf_lit(out, "\n");
}

static void print_sums(const struct backtest_options *o, const struct backtest *b)
{
    if (b->posts_seen == 0) {
        fputs("no posts are stored yet: import some first\n", stderr);
        return;
    }
    fprintf(stderr,
            "%lld hits among %lld stored posts, %s to %s, by %s\n"
            "%zu alerts: %.2f a week (95 %%: %.2f to %.2f)\n",
            (long long)b->hits, (long long)b->posts_seen, time_rfc3339(b->from_ms).text,
            time_rfc3339(b->to_ms).text, b->is_hourly ? "hour" : "day", b->alert_count,
            b->alerts_a_week, b->alerts_a_week_low, b->alerts_a_week_high);
    if (o->request.incident_count == 0)
        return;
    fprintf(stderr,
            "incidents: %zu of %zu noticed, median delay %lld min; %zu of %zu alerts belong "
            "to one\n",
            b->incidents_found, b->incidents_inside, (long long)(b->median_delay_ms / 60000),
            b->alerts_true, b->alert_count);
    if (!isnan(b->precision) && !isnan(b->recall))
        fprintf(stderr, "precision %.2f, recall %.2f\n", b->precision, b->recall);
}

static void put_incident(const struct backtest_incident *incident, struct buf *out)
{
    if (incident->name.len > 0)
        buf_add(out, incident->name);
    else
        buf_printf(out, "%s", time_rfc3339(incident->from_ms).text);
}

static void put_table(const struct backtest_options *o, const struct backtest *b, struct buf *out)
{
    for (size_t i = 0; i < b->point_count && o->has_periods; i++)
        buf_printf(out, "%s\t%.0f\n", time_rfc3339(b->points[i].start_ms).text, b->points[i].hits);
    for (size_t i = 0; i < b->alert_count && !o->has_periods; i++) {
        const struct backtest_alert *alert = &b->alerts[i];
        buf_printf(out, "%s\t", time_rfc3339(alert->moment.start_ms).text);
        buf_printf(out, "%s\t%d\t%.0f\t%.1f\t", time_rfc3339(alert->told_ms).text,
                   alert->moment.severity, alert->moment.observed, alert->moment.expected);
        if (alert->incident >= 0)
            put_incident(&o->request.incidents[alert->incident], out);
        buf_lit(out, "\n");
    }
}

static bool print_all(const struct backtest_options *o, const struct backtest *b, struct err *err)
{
    struct buf out;

    buf_init(&out, GIB);
    if (o->is_json)
        put_json(o, b, &out);
    else
        put_table(o, b, &out);
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    if (ok && !o->is_json)
        print_sums(o, b);
    return ok;
}

static bool run(struct backtest_options *o, struct err *err)
{
    struct workspace *workspace = NULL;
    struct archive *archive = NULL;
    struct backtest result;
    Str data;

    bool ok = read_incidents(o, err) && data_dir_resolve(&o->arena, o->data, &data, err) &&
              workspace_open(&workspace, data, o->workspace, err);
    if (ok) {
        struct standing_names names = {workspace->state, &o->arena};
        struct query_resolver resolver = standing_resolver(&names);
        o->request.names = &resolver;
        ok = archive_open(&archive, workspace->posts_dir, ARCHIVE_READ, err) &&
             backtest_run(archive, &o->arena, &o->request, &result, err) &&
             print_all(o, &result, err);
    }
    archive_close(&archive);
    workspace_close(&workspace);
    return ok;
}

int query_backtest_command(int argc, char **argv)
{
    struct backtest_options o = {.workspace = S(DEFAULT_WORKSPACE)};
    struct backtest_request *request = &o.request;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_TEXT("--workspace", &o.workspace),
        CLI_PATH("--data", &o.data),
        CLI_TIME("--from", &request->from_ms),
        CLI_TIME("--to", &request->to_ms),
        CLI_CHOICE("--period", &request->period, "auto, hour or day"),
        CLI_WHOLE("--severity", &request->severity_min, 1, 10),
        CLI_PATH("--incidents", &o.incidents),
        CLI_FLAG("--periods", &o.has_periods),
        CLI_FLAG("--json", &o.is_json),
        CLI_ARGUMENT("query", &request->query, true,
                     "trimtab " COMMAND " 'late NEAR/4 (flight OR train)'"),
    };

    arena_init(&o.arena, GIB);
    bool ok = cli_options_read(COMMAND, options, COUNT_OF(options), argc, argv, &err);
    if (request->from_ms != 0 && request->to_ms == 0)
        request->to_ms = DECODE_TIME_MAX_MS;
    ok = ok && run(&o, &err);
    arena_deinit(&o.arena);
    return ok ? CLI_OK : cli_report(COMMAND, &err);
}
