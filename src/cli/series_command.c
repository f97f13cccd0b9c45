/* series_command.c - `trimtab series spikes`. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "format/csv.h"
#include "format/json.h"
#include "format/time.h"
#include "os/reader.h"
#include "quant/spikes.h"

#define COMMAND "series spikes"

struct spikes_request {
    Str path;
    const char *name; /* for messages */
    struct spike_settings settings;
    bool is_json;
};

static bool parse_floor(Str text, double *out, struct err *err)
{
    return (str_to_f64(text, out) && *out >= 0.0) ||
           err_set(err, ERR_USAGE, "--floor '" STR_F "' is not a number from 0 on", STR_A(text));
}

static bool parse_request(struct spikes_request *r, int argc, char **argv, struct err *err)
{
    struct cli_args args = {.count = argc, .values = argv};
    bool ok = true;
    Str text;

    while (ok && cli_next(&args)) {
        if (cli_value(&args, "--floor", &text))
            ok = args.missing_value || parse_floor(text, &r->settings.count_floor, err);
        else if (cli_flag(&args, "--json"))
            r->is_json = true;
        else if (cli_flag(&args, "--rises"))
            r->settings.is_rise_only = true;
        else if (cli_is_flag(&args))
            return err_set(err, ERR_USAGE, "unknown flag '" STR_F "'", STR_A(args.current)) ||
                   err_hint(err, "see trimtab %s --help", COMMAND);
        else if (r->path.len > 0)
            return err_set(err, ERR_USAGE, "a second file '" STR_F "'", STR_A(args.current)) ||
                   err_hint(err, "one series at a time");
        else
            r->path = args.current;
    }
    if (ok && args.missing_value)
        return err_set(err, ERR_USAGE, "flag '%s' needs a value", args.missing_value);
    if (ok && r->path.len == 0)
        return err_set(err, ERR_USAGE, "no series is named") ||
               err_hint(err, "name a CSV file, or - for standard input");
    r->name = str_eq(r->path, S("-")) ? "standard input" : r->path.ptr;
    return ok;
}

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
    fprintf(stderr, "%s:%llu: %s\n", run->request->name, (unsigned long long)line, reason);
    run->rejected++;
}

static bool flush(struct run *run, struct err *err)
{
    if (!buf_ok(&run->out, err))
        return false;
    if (run->out.len > 0 &&
        (fwrite(run->out.ptr, 1, run->out.len, stdout) != run->out.len || fflush(stdout) != 0))
        return err_set(err, ERR_IO, "could not write to standard output");
    buf_reset(&run->out);
    return true;
}

/* Rows go out as they come in, before the next ones are waited for: a series may be a pipe that
 * never ends. */
static bool more_bytes(void *context, Str *bytes, struct err *err)
{
    struct run *run = context;

    return (!os_reader_would_wait(run->reader) || flush(run, err)) &&
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
        fprintf(stderr, "%s:%llu: note: the time stamp is %s the one before\n", run->request->name,
                (unsigned long long)row->line, time_ms < run->last_ms ? "earlier than" : "that of");
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
        if (run->out.len > 1 << 15 && !flush(run, err))
            return false;
    }
    if (!has_heading)
        return err_set(err, ERR_INPUT, "the file is empty") ||
               err_hint(err, "the first line has to be timestamp,value");
    return flush(run, err);
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
    struct err err = {0};

    if (!parse_request(&request, argc, argv, &err)) {
        err_hint(&err, "see trimtab %s --help", COMMAND);
        return cli_report(COMMAND, &err);
    }
    struct run run = {.request = &request, .detector = spike_detector_create(&request.settings)};
    buf_init(&run.out, 16 * MIB);
    bool ok =
        run_spikes(&run, &err) || (err.code == ERR_INPUT && err_wrap(&err, "%s", request.name));
    spike_detector_destroy(&run.detector);
    buf_deinit(&run.out);
    if (fflush(stdout) != 0 && ok)
        ok = err_set(&err, ERR_IO, "could not write to standard output");
    if (!ok)
        return cli_report(COMMAND, &err);
    return run.rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}
