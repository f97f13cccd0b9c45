/* strategy_command.c - the frame of `trimtab strategy ...`: flags, document or workspace. */
#include "cli/strategy_command.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/time.h"
#include "os/clock.h"
#include "strategy/model/document.h"

#define TRIALS_MAX 10000000

/* --- flags -------------------------------------------------------------------------------------
 */

/* A day as dates of the model are: 2027-01-15. */
static bool read_day(Str word, void *to)
{
    int64_t ms;
    bool is_day = word.len == strlen("2027-01-15") && time_parse_iso(word, &ms);

    if (is_day)
        *(Str *)to = word;
    return is_day;
}

static bool check_request(const struct strategy_request *r, struct err *err)
{
    if (r->is_merge && r->is_replace)
        return err_set(err, ERR_USAGE, "both --merge and --replace are given") ||
               err_hint(err, "give one of them");
    if (r->path.len > 0 && r->workspace.len > 0 && !r->wants_both)
        return err_set(err, ERR_USAGE, "both a document and a workspace are named") ||
               err_hint(err, "name one of them");
    return true;
}

bool strategy_request_read(struct strategy_request *r, int argc, char **argv, struct err *err)
{
    const struct cli_option options[] = {
        CLI_ARGUMENT_CHOICE("subject", &r->what, STRATEGY_SHOW_WORDS),
        CLI_WORKSPACE(&r->workspace, &r->data),
        CLI_WORD("--today", &r->today, read_day, "a day as 2027-01-15"),
        CLI_TEXT("--version", &r->version),
        CLI_TEXT("--focus", &r->focus),
        CLI_TEXT("--actor", &r->actor),
        CLI_TEXT("--reason", &r->reason),
        CLI_CHOICE("--lang", &r->language, "en or de"),
        CLI_WHOLE("--trials", &r->trials, 100, TRIALS_MAX),
        CLI_WHOLE("--seed", &r->seed, 1, INT64_MAX),
        CLI_WHOLE("--threads", &r->threads, 1, 64),
        CLI_REAL("--seconds", &r->seconds, 0.1, 86400),
        CLI_FLAG("--json", &r->is_json),
        CLI_FLAG("--dry-run", &r->is_dry),
        CLI_FLAG("--store", &r->is_stored),
        CLI_FLAG("--merge", &r->is_merge),
        CLI_FLAG("--replace", &r->is_replace),
        CLI_FLAG("-q, --quiet", &r->is_quiet),
        CLI_FILE("document", &r->path, r->wants_both, "name a JSON file, or - for standard input"),
    };

    size_t skipped = r->wants_what ? 0 : 1;

    return cli_options_read(r->command, options + skipped, COUNT_OF(options) - skipped, argc, argv,
                            err) &&
           check_request(r, err);
}

/* --- loading -----------------------------------------------------------------------------------
 */

/* Every fault as file:line:column: path: message, so that an editor can jump there. */
static void print_faults(Str path, const struct document_faults *faults)
{
    Str name = cli_file_name(path);

    for (size_t i = 0; i < faults->count; i++) {
        const struct document_fault *fault = &faults->items[i];
        fprintf(stderr, STR_F ":%u:%u: " STR_F "%s" STR_F "\n", STR_A(name), fault->line,
                fault->column, STR_A(fault->path), fault->path.len > 0 ? ": " : "",
                STR_A(fault->message));
    }
    if (faults->total > faults->count)
        fprintf(stderr, STR_F ": %zu more faults\n", STR_A(name), faults->total - faults->count);
}

static bool read_document(struct strategy_subject *s, Str path, struct err *err)
{
    struct document_faults faults = {0};

    if (!cli_read_all(path, &s->text, err))
        return false;
    if (document_read(&s->arena, buf_str(&s->text), &s->model, &faults, err))
        return true;
    if (faults.total == 0)
        return err_wrap(err, STR_F, STR_A(cli_file_name(path)));
    print_faults(path, &faults);
    err_clear(err);
    return err_set(err, ERR_INPUT, STR_F " has %zu fault%s", STR_A(cli_file_name(path)),
                   faults.total, faults.total == 1 ? "" : "s");
}

Str strategy_request_workspace(const struct strategy_request *r)
{
    return r->workspace.len > 0 ? r->workspace : S("default");
}

static bool open_workspace(struct strategy_subject *s, const struct strategy_request *r,
                           bool is_writing, struct err *err)
{
    if (!cli_place_open(&s->place, r->data, CLI_PLACE_READ, err))
        return false;
    s->is_place_open = true;
    return is_writing ? workspace_open(&s->workspace, s->place.data_dir,
                                       strategy_request_workspace(r), err)
                      : workspace_open_read(&s->workspace, s->place.data_dir,
                                            strategy_request_workspace(r), err);
}

static bool subject_open(struct strategy_subject *s, const struct strategy_request *r,
                         bool is_writing, struct err *err)
{
    arena_init(&s->arena, STRATEGY_ARENA_BYTES_MAX);
    buf_init(&s->text, DOCUMENT_BYTES_MAX);
    buf_init(&s->out, STRATEGY_OUTPUT_BYTES_MAX);
    if (!method_read(&s->arena, &s->method, err))
        return false;
    if (r->path.len > 0)
        return read_document(s, r->path, err);
    return open_workspace(s, r, is_writing, err) &&
           store_read(s->workspace->state, &s->arena, &s->model, err);
}

static void subject_close(struct strategy_subject *s)
{
    workspace_close(&s->workspace);
    if (s->is_place_open)
        cli_place_close(&s->place);
    buf_deinit(&s->text);
    buf_deinit(&s->out);
    arena_deinit(&s->arena);
}

struct change strategy_request_change(const struct strategy_request *r)
{
    return (struct change){.actor = r->actor.len > 0 ? r->actor : S("cli"),
                           .reason = r->reason,
                           .at_ms = clock_now_ms()};
}

int strategy_command_run(const struct strategy_request *r, bool is_writing, struct err *err,
                         bool (*work)(struct strategy_subject *s, const struct strategy_request *r,
                                      int *code, struct err *err))
{
    struct strategy_subject s = {0};
    int code = CLI_OK;

    bool ok = subject_open(&s, r, is_writing, err) && work(&s, r, &code, err);
    subject_close(&s);
    return ok ? code : cli_report(r->command, err);
}
