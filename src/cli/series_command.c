/* series_command.c - `trimtab series spikes`. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/csv.h"
#include "format/json.h"
#include "format/time.h"
#include "os/reader.h"
#include "quant/spikes.h"

#define COMMAND "series spikes"

struct spikes_request {
    Str path;
    struct spike_settings settings;
    bool is_json;
};

struct run {
    const struct spikes_request *request;
    struct os_reader *reader;
    struct spike_detector *detector;
    struct csv_reader *csv;
    struct buf out;
    int64_t last_ms;
    uint64_t rows, rejected;
};

static void reject(struct run *run, uint64_t line, const char *reason)
{
    cli_reject(run->request->path, line, str_from_cstr(reason));
    run->rejected++;
}

/* Rows go out as they come in, before the next ones are waited for: a series may be a pipe that
 * never ends. */
static bool more_bytes(void *context, Str *bytes, struct err *err)
{
    struct run *run = context;

    return (!os_reader_would_wait(run->reader) || cli_flush(&run->out, err)) &&
           os_reader_read(run->reader, 1 << 16, bytes, err);
}

static bool is_heading(const struct csv_row *row)
{
    return row->count >= 2 && str_eq_nocase(str_trim(row->fields[0]), S("timestamp")) &&
           str_eq_nocase(str_trim(row->fields[1]), S("value"));
}

static void answer(struct run *run, const struct csv_row *row, double value,
                   const struct spike_reading *reading)
{
    struct csv_writer csv;
    struct json_writer json;

    if (run->request->is_json) {
        json_writer_init(&json, &run->out, JSON_STYLE_COMPACT);
        json_begin_object(&json);
        json_set_str(&json, "timestamp", row->fields[0]);
        json_set_f64(&json, "value", value);
        json_set_f64(&json, "score", round(reading->score * 1e6) / 1e6);
        json_set_i64(&json, "alert", reading->is_alert);
        json_end_object(&json);
        buf_lit(&run->out, "\n");
        return;
    }
    csv_writer_init(&csv, &run->out, ',', false);
    csv_put_str(&csv, row->fields[0]);
    csv_put_str(&csv, str_trim(row->fields[1]));
    buf_printf(&run->out, ",%.6f,%d\n", reading->score, reading->is_alert);
}

static void take_row(struct run *run, const struct csv_row *row)
{
    int64_t time_ms;
    double value;

    if (row->count < 2) {
        reject(run, row->line, "no second field (write timestamp,value)");
        return;
    }
    if (!time_parse_iso(row->fields[0], &time_ms)) {
        reject(run, row->line, "the time stamp is neither YYYY-MM-DD HH:MM:SS nor RFC 3339");
        return;
    }
    if (!str_to_f64(str_trim(row->fields[1]), &value) || !isfinite(value)) {
        reject(run, row->line, "the value is not a number");
        return;
    }
    if (run->rows > 0 && time_ms <= run->last_ms)
        fprintf(stderr, STR_F ":%llu: note: the time stamp is %s the one before\n",
                STR_A(cli_file_name(run->request->path)), (unsigned long long)row->line,
                time_ms < run->last_ms ? "earlier than" : "that of");
    run->last_ms = time_ms;
    run->rows++;
    struct spike_reading reading = spike_detector_push(run->detector, time_ms, value);
    answer(run, row, value, &reading);
}

static bool read_rows(struct run *run, struct err *err)
{
    bool has_row = true, has_heading = false;

    while (has_row) {
        struct csv_row row;
        struct err problem = {0};
        if (!csv_next(run->csv, &row, &has_row, &problem)) {
            if (csv_is_final_error(run->csv)) {
                *err = problem;
                return false;
            }
            reject(run, csv_line(run->csv), problem.msg);
        } else if (has_row && has_heading) {
            take_row(run, &row);
        } else if (has_row) {
            if (!is_heading(&row))
                return err_set(err, ERR_INPUT, "line %llu: the heading is not timestamp,value",
                               (unsigned long long)row.line) ||
                       err_hint(err, "the first line names the two columns, with a comma between");
            has_heading = true;
            if (!run->request->is_json)
                buf_lit(&run->out, "timestamp,value,score,alert\n");
        }
        if (run->out.len > 1 << 15 && !cli_flush(&run->out, err))
            return false;
    }
    if (!has_heading)
        return err_set(err, ERR_INPUT, "the file is empty") ||
               err_hint(err, "the first line has to be timestamp,value");
    return cli_flush(&run->out, err);
}

static bool run_spikes(struct run *run, struct err *err)
{
    bool ok = os_reader_open(&run->reader, run->request->path, err) &&
              csv_open(&run->csv, (struct csv_options){0}, more_bytes, run, err) &&
              read_rows(run, err);

    csv_close(&run->csv);
    os_reader_close(&run->reader);
    return ok;
}

int series_spikes_command(int argc, char **argv)
{
    struct spikes_request request = {0};
    struct spike_settings *settings = &request.settings;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_REAL("--floor", &settings->count_floor, 0, INFINITY),
        CLI_FLAG("--rises", &settings->is_rise_only),
        CLI_FLAG("--json", &request.is_json),
        CLI_FILE("series", &request.path, true, "name a CSV file, or - for standard input"),
    };

    if (!cli_options_read(COMMAND, options, COUNT_OF(options), argc, argv, &err))
        return cli_report(COMMAND, &err);
    struct run run = {.request = &request, .detector = spike_detector_create(settings)};
    buf_init(&run.out, 16 * MIB);
    bool ok = run_spikes(&run, &err) ||
              (err.code == ERR_INPUT && err_wrap(&err, STR_F, STR_A(cli_file_name(request.path))));
    spike_detector_destroy(&run.detector);
    buf_deinit(&run.out);
    if (!ok)
        return cli_report(COMMAND, &err);
    return run.rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}
