/* strategy_document_command.c - `trimtab strategy import|export|check`. */
#include "cli/strategy_command.h"

#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/stream.h"
#include "format/json.h"
#include "strategy/method/check.h"
#include "strategy/model/document.h"

/* --- import, export ----------------------------------------------------------------------------
 */

static bool import_into(struct strategy_subject *s, const struct strategy_request *r, int *code,
                        struct err *err)
{
    const struct change change = strategy_request_change(r);
    struct import_counts counts;
    struct workspace *workspace = NULL;

    (void)code;
    if (r->is_dry) {
        printf("%zu topics, %zu options, %zu assumptions: the document is good\n",
               s->model.topics.count, s->model.options.count, s->model.assumptions.count);
        return true;
    }
    if (!cli_place_open(&s->place, r->data, CLI_PLACE_READ, err))
        return false;
    s->is_place_open = true;
    if (!workspace_open(&workspace, s->place.data_dir, strategy_request_workspace(r), err))
        return false;
    s->workspace = workspace;
    enum import_mode mode = r->is_merge     ? IMPORT_MERGE
                            : r->is_replace ? IMPORT_REPLACE
                                            : IMPORT_EMPTY;
    if (!store_import(workspace->state, &change, &s->model, mode, &counts, err))
        return false;
    if (r->is_json)
        printf("{\"added\":%lld,\"changed\":%lld,\"unchanged\":%lld,\"removed\":%lld}\n",
               (long long)counts.added, (long long)counts.changed, (long long)counts.unchanged,
               (long long)counts.removed);
    else
        printf("%lld added, %lld changed, %lld unchanged, %lld removed\n", (long long)counts.added,
               (long long)counts.changed, (long long)counts.unchanged, (long long)counts.removed);
    return true;
}

int strategy_import_command(int argc, char **argv)
{
    struct strategy_request r = {.command = "strategy import", .wants_both = true};
    struct err err = {0};

    if (!strategy_request_read(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return strategy_command_run(&r, true, &err, import_into);
}

static bool export_document(struct strategy_subject *s, const struct strategy_request *r, int *code,
                            struct err *err)
{
    Str document = STR_NONE;

    (void)r;
    (void)code;
    if (!document_write(&s->arena, &s->model, &document, err))
        return false;
    buf_add(&s->out, document);
    return cli_flush(&s->out, err);
}

int strategy_export_command(int argc, char **argv)
{
    struct strategy_request r = {.command = "strategy export"};
    struct err err = {0};

    if (!strategy_request_read(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return strategy_command_run(&r, false, &err, export_document);
}

/* --- check -------------------------------------------------------------------------------------
 */

static void write_finding(struct json_writer *w, const struct check_finding *finding)
{
    static const char *const severities[] = {"error", "warning", "note"};

    json_begin_object(w);
    json_set_str(w, "rule", finding->rule->id);
    json_set_str(w, "severity", str_from_cstr(severities[finding->rule->severity]));
    json_set_str(w, "kind", word_of(&words_object_kind, (int)finding->kind));
    json_set_str(w, "id", finding->id);
    json_set_str(w, "place", finding->place);
    json_set_str(w, "message", finding->message);
    json_set_str(w, "fix", finding->fix);
    json_set_str(w, "unit", finding->rule->unit);
    json_end_object(w);
}

static void write_report(struct buf *out, const struct check_report *report)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "errors", report->errors);
    json_set_i64(&w, "warnings", report->warnings);
    json_set_i64(&w, "notes", report->notes);
    json_set_i64(&w, "rules", report->rules_run);
    json_set_array(&w, "findings");
    for (size_t i = 0; i < report->findings.count; i++)
        write_finding(&w, &report->findings.items[i]);
    json_end_array(&w);
    json_end_object(&w);
    buf_add_byte(out, '\n');
}

static bool check(struct strategy_subject *s, const struct strategy_request *r, int *code,
                  struct err *err)
{
    const struct check_scope scope = {.version = r->version, .today = r->today};
    struct check_report report;

    if (r->version.len > 0 && !model_version(&s->model, r->version))
        return err_set(err, ERR_NOT_FOUND, "the strategy has no version '" STR_F "'",
                       STR_A(r->version)) ||
               err_hint(err, "`trimtab strategy export` lists its versions");
    if (!strategy_check(&s->arena, &s->model, s->method, &scope, r->language, &report, err))
        return false;
    if (r->is_json)
        write_report(&s->out, &report);
    for (size_t i = 0; i < report.findings.count && !r->is_json; i++)
        check_line(&s->out, &report.findings.items[i]);
    if (!cli_flush(&s->out, err))
        return false;
    if (!r->is_quiet)
        fprintf(stderr, "%lld errors, %lld warnings, %lld notes; %lld rules\n",
                (long long)report.errors, (long long)report.warnings, (long long)report.notes,
                (long long)report.rules_run);
    *code = report.errors > 0 ? CLI_FAILURE : CLI_OK;
    return true;
}

int strategy_check_command(int argc, char **argv)
{
    struct strategy_request r = {.command = "strategy check"};
    struct err err = {0};

    if (!strategy_request_read(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return strategy_command_run(&r, false, &err, check);
}
