/* strategy_command.c - `trimtab strategy import|export|check|alternatives|evaluate|show`.
 *
 * All but import and export work on a document as well as on a workspace, so that a strategy can be
 * written, checked and compared as a file before it is in any database.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "os/clock.h"
#include "strategy/choice/alternatives.h"
#include "strategy/choice/comparison.h"
#include "strategy/decision/decision.h"
#include "strategy/decision/decision_paper.h"
#include "strategy/method/check.h"
#include "strategy/method/gate.h"
#include "strategy/model/document.h"
#include "strategy/model/store.h"
#include "strategy/risk/simulation.h"

#define ARENA_BYTES_MAX  (4 * GIB)
#define OUTPUT_BYTES_MAX (64 * MIB)
#define TRIALS_MAX       10000000
#define SHOW_WORDS       "potentials, benefits, focuses, rules or gates"

struct request {
    const char *command;
    Str path;                                  /* of a document */
    enum { SHOW_METHOD, SHOW_GATES = 4 } what; /* index of SHOW_WORDS */
    Str data, workspace, today, version, focus, actor, reason;
    enum method_language language;
    bool is_merge, is_replace;
    bool is_json, is_dry, is_stored, is_quiet;
    bool wants_both; /* a document and a workspace: import */
    bool wants_what; /* show */
    uint64_t trials, seed, threads;
    double seconds;
};

/* What a command works on. */
struct subject {
    struct arena arena;
    struct buf text, out;
    const struct method *method;
    struct strategy_model model;
    struct cli_place place;
    struct workspace *workspace; /* NULL: a document */
    bool is_place_open;
};

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

static bool check_request(const struct request *r, struct err *err)
{
    if (r->is_merge && r->is_replace)
        return err_set(err, ERR_USAGE, "both --merge and --replace are given") ||
               err_hint(err, "give one of them");
    if (r->path.len > 0 && r->workspace.len > 0 && !r->wants_both)
        return err_set(err, ERR_USAGE, "both a document and a workspace are named") ||
               err_hint(err, "name one of them");
    return true;
}

static bool parse(struct request *r, int argc, char **argv, struct err *err)
{
    const struct cli_option options[] = {
        CLI_ARGUMENT_CHOICE("subject", &r->what, SHOW_WORDS),
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

static bool read_document(struct subject *s, Str path, struct err *err)
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

static Str workspace_of(const struct request *r)
{
    return r->workspace.len > 0 ? r->workspace : S("default");
}

static bool open_workspace(struct subject *s, const struct request *r, bool is_writing,
                           struct err *err)
{
    if (!cli_place_open(&s->place, r->data, CLI_PLACE_READ, err))
        return false;
    s->is_place_open = true;
    return is_writing ? workspace_open(&s->workspace, s->place.data_dir, workspace_of(r), err)
                      : workspace_open_read(&s->workspace, s->place.data_dir, workspace_of(r), err);
}

static bool subject_open(struct subject *s, const struct request *r, bool is_writing,
                         struct err *err)
{
    arena_init(&s->arena, ARENA_BYTES_MAX);
    buf_init(&s->text, DOCUMENT_BYTES_MAX);
    buf_init(&s->out, OUTPUT_BYTES_MAX);
    if (!method_read(&s->arena, &s->method, err))
        return false;
    if (r->path.len > 0)
        return read_document(s, r->path, err);
    return open_workspace(s, r, is_writing, err) &&
           store_read(s->workspace->state, &s->arena, &s->model, err);
}

static void subject_close(struct subject *s)
{
    workspace_close(&s->workspace);
    if (s->is_place_open)
        cli_place_close(&s->place);
    buf_deinit(&s->text);
    buf_deinit(&s->out);
    arena_deinit(&s->arena);
}

static struct change change_of(const struct request *r)
{
    return (struct change){.actor = r->actor.len > 0 ? r->actor : S("cli"),
                           .reason = r->reason,
                           .at_ms = clock_now_ms()};
}

/* The frame of every command. */
static int run(const struct request *r, bool is_writing, struct err *err,
               bool (*work)(struct subject *s, const struct request *r, int *code, struct err *err))
{
    struct subject s = {0};
    int code = CLI_OK;

    bool ok = subject_open(&s, r, is_writing, err) && work(&s, r, &code, err);
    subject_close(&s);
    return ok ? code : cli_report(r->command, err);
}

/* --- import, export ----------------------------------------------------------------------------
 */

static bool import_into(struct subject *s, const struct request *r, int *code, struct err *err)
{
    const struct change change = change_of(r);
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
    if (!workspace_open(&workspace, s->place.data_dir, workspace_of(r), err))
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
    struct request r = {.command = "strategy import", .wants_both = true};
    struct err err = {0};

    if (!parse(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return run(&r, true, &err, import_into);
}

static bool export_document(struct subject *s, const struct request *r, int *code, struct err *err)
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
    struct request r = {.command = "strategy export"};
    struct err err = {0};

    if (!parse(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return run(&r, false, &err, export_document);
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

static bool check(struct subject *s, const struct request *r, int *code, struct err *err)
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
    struct request r = {.command = "strategy check"};
    struct err err = {0};

    if (!parse(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return run(&r, false, &err, check);
}

/* --- alternatives ------------------------------------------------------------------------------
 */

static bool find(struct subject *s, const struct request *r, struct alternatives *out,
                 struct err *err)
{
    Str presets[16], head, rest = r->focus;
    size_t count = 0;

    while (rest.len > 0 && count < COUNT_OF(presets)) {
        (void)str_cut(rest, ',', &head, &rest);
        presets[count++] = str_trim(head);
    }
    const struct alternatives_options options = {.presets = count > 0 ? presets : NULL,
                                                 .preset_count = count,
                                                 .language = r->language,
                                                 .seconds = r->seconds};
    return alternatives_find(&s->arena, &s->model, s->method, &options, out, err);
}

static const char *status_word(enum alternative_status status)
{
    static const char *const words[] = {"optimal", "feasible", "infeasible"};
    return words[status];
}

static void write_alternative(struct json_writer *w, const struct alternative *one)
{
    json_begin_object(w);
    json_set_str(w, "focus", one->preset->key);
    json_set_str(w, "status", str_from_cstr(status_word(one->status)));
    if (one->status == ALTERNATIVE_INFEASIBLE) {
        json_set_array(w, "conflict");
        for (size_t i = 0; i < one->conflict.count; i++)
            json_put_str(w, one->conflict.items[i]);
        json_end_array(w);
        json_end_object(w);
        return;
    }
    json_set_f64(w, "value", one->value);
    json_set_f64(w, "bound", one->bound);
    json_set_f64(w, "gap", one->gap);
    json_set_bool(w, "is_moved", one->is_moved);
    json_set_array(w, "options");
    for (size_t i = 0; i < one->version.options.count; i++) {
        const struct version_option *choice = &one->version.options.items[i];
        json_begin_object(w);
        json_set_str(w, "option", choice->option);
        json_set_bool(w, "is_chosen", choice->is_chosen);
        json_set_str(w, "reason", choice->reason);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void print_alternative(struct subject *s, const struct request *r,
                              const struct alternative *one)
{
    buf_printf(&s->out, STR_F ": %s", STR_A(one->preset->name.in[r->language]),
               status_word(one->status));
    if (one->status == ALTERNATIVE_INFEASIBLE) {
        buf_add_byte(&s->out, '\n');
        for (size_t i = 0; i < one->conflict.count; i++)
            buf_printf(&s->out, "  ! " STR_F "\n", STR_A(one->conflict.items[i]));
        return;
    }
    buf_printf(&s->out, ", value %.6g, bound %.6g, gap %.2g%s\n", one->value, one->bound, one->gap,
               one->is_moved ? ", moved away from an earlier version" : "");
    for (int chosen = 1; chosen >= 0; chosen--) {
        for (size_t i = 0; i < one->version.options.count; i++) {
            const struct version_option *choice = &one->version.options.items[i];
            if ((int)choice->is_chosen == chosen)
                buf_printf(&s->out, "  %c " STR_F ": " STR_F "\n", chosen ? '+' : '-',
                           STR_A(model_label(&s->model, OBJECT_OPTION, choice->option)),
                           STR_A(choice->reason));
        }
    }
}

/* A version of the same id is replaced when it was found by the program and is still free. */
static bool store_alternatives(struct subject *s, const struct request *r,
                               const struct alternatives *found, struct err *err)
{
    const struct change change = change_of(r);

    for (size_t i = 0; i < found->found.count; i++) {
        struct strategy_version version = found->found.items[i].version;
        const struct strategy_version *old = model_version(&s->model, version.id);
        if (found->found.items[i].status == ALTERNATIVE_INFEASIBLE)
            continue;
        if (old && !old->is_generated)
            return err_set(err, ERR_EXISTS, "version '" STR_F "' was made by a person",
                           STR_A(version.id));
        version.revision = old ? old->revision : 0;
        if (!version_put(s->workspace->state, &change, &version, err))
            return false;
    }
    return true;
}

static bool alternatives(struct subject *s, const struct request *r, int *code, struct err *err)
{
    struct alternatives found;
    struct json_writer w;

    if (r->is_stored && !s->workspace)
        return err_set(err, ERR_USAGE, "--store needs a workspace");
    if (!find(s, r, &found, err))
        return false;
    json_writer_init(&w, &s->out, JSON_STYLE_COMPACT);
    if (r->is_json) {
        json_begin_array(&w);
        for (size_t i = 0; i < found.found.count; i++)
            write_alternative(&w, &found.found.items[i]);
        json_end_array(&w);
        buf_add_byte(&s->out, '\n');
    }
    for (size_t i = 0; i < found.found.count; i++) {
        if (!r->is_json)
            print_alternative(s, r, &found.found.items[i]);
        if (found.found.items[i].status == ALTERNATIVE_INFEASIBLE)
            *code = CLI_FAILURE;
    }
    return cli_flush(&s->out, err) && (!r->is_stored || store_alternatives(s, r, &found, err));
}

int strategy_alternatives_command(int argc, char **argv)
{
    struct request r = {.command = "strategy alternatives"};
    struct err err = {0};

    if (!parse(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return run(&r, r.is_stored, &err, alternatives);
}

/* --- evaluate ----------------------------------------------------------------------------------
 */

/* A document usually has no versions: the default alternatives stand in for them. */
static bool have_versions(struct subject *s, const struct request *r, struct err *err)
{
    struct alternatives found;
    struct strategy_version *versions;

    if (s->model.versions.count > 0)
        return true;
    if (!find(s, r, &found, err))
        return false;
    versions = arena_new(&s->arena, struct strategy_version, found.found.count + 1);
    for (size_t i = 0; i < found.found.count; i++) {
        if (found.found.items[i].status != ALTERNATIVE_INFEASIBLE)
            versions[s->model.versions.count++] = found.found.items[i].version;
    }
    s->model.versions.items = versions;
    return true;
}

static Str cell(struct subject *s, const struct comparison_row *row, double value,
                enum method_language language)
{
    struct arena *a = &s->arena;

    switch (row->unit) {
    case UNIT_MONEY:
    case UNIT_COUNT:
    case UNIT_AMOUNT:
        return method_number(a, value, 0, language);
    case UNIT_AFFINITY:
        return method_number(a, value, 1, language);
    case UNIT_SHARE:
        return isnan(value) ? S("–")
                            : arena_printf(a, STR_F " %%",
                                           STR_A(method_number(a, value * 100, 0, language)));
    }
    UNREACHABLE("a unit");
}

/* Columns by the number of characters, not bytes. */
static void pad(struct buf *out, Str text, size_t width, bool is_right)
{
    size_t runes = 0;

    for (size_t at = 0; at < text.len; runes++)
        (void)str_next_rune(text, &at);
    if (!is_right)
        buf_add(out, text);
    for (size_t i = runes; i < width; i++)
        buf_add_byte(out, ' ');
    if (is_right)
        buf_add(out, text);
}

static void print_comparison(struct subject *s, const struct request *r, const struct comparison *c)
{
    pad(&s->out, STR_NONE, 36, false);
    for (size_t v = 0; v < c->version_count; v++)
        pad(&s->out, c->versions[v]->name, 20, true);
    buf_add_byte(&s->out, '\n');
    for (size_t i = 0; i < c->rows.count; i++) {
        pad(&s->out, c->rows.items[i].label, 36, false);
        for (size_t v = 0; v < c->version_count; v++)
            pad(&s->out, cell(s, &c->rows.items[i], c->rows.items[i].values[v], r->language), 20,
                true);
        buf_add_byte(&s->out, '\n');
    }
    for (size_t i = 0; i < c->beats.count; i++)
        buf_printf(&s->out, STR_F " > " STR_F ": %.0f %%\n", STR_A(c->beats.items[i].a),
                   STR_A(c->beats.items[i].b), c->beats.items[i].probability * 100);
}

static bool simulate(struct subject *s, const struct request *r, struct simulation_result *out,
                     struct err *err)
{
    const struct simulation_order order = {
        .trials = (int64_t)r->trials, .seed = r->seed, .threads = (int)r->threads};

    return have_versions(s, r, err) && simulation_run(&s->arena, &s->model, &order, out, err);
}

static bool evaluate(struct subject *s, const struct request *r, int *code, struct err *err)
{
    struct simulation_result result;
    struct decision_paper paper;
    struct decision decision = {0};
    Str json = STR_NONE;

    (void)code;
    if (!simulate(s, r, &result, err) ||
        (s->workspace && !decision_current(s->workspace->state, &s->arena, &decision, err)) ||
        !decision_paper_make(&s->arena, &s->model, s->method, (StrList){0}, &result, &decision,
                             r->language, &paper, err))
        return false;
    if (r->is_json) {
        if (!decision_paper_json(&s->arena, &paper, &json, err))
            return false;
        buf_add(&s->out, json);
    } else {
        print_comparison(s, r, &paper.comparison);
    }
    return cli_flush(&s->out, err);
}

int strategy_evaluate_command(int argc, char **argv)
{
    struct request r = {.command = "strategy evaluate"};
    struct err err = {0};

    if (!parse(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return run(&r, false, &err, evaluate);
}

/* --- show --------------------------------------------------------------------------------------
 */

static void show_potentials(struct subject *s, enum method_language language)
{
    for (size_t i = 0; i < s->method->potentials.count; i++) {
        const struct potential *p = &s->method->potentials.items[i];
        buf_printf(&s->out, STR_F "\t" STR_F "\t" STR_F "\n", STR_A(p->code),
                   STR_A(p->name.in[language]), STR_A(p->effect.in[language]));
    }
}

static void show_benefits(struct subject *s, enum method_language language)
{
    for (size_t i = 0; i < s->method->benefits.count; i++)
        buf_printf(&s->out, STR_F "\t" STR_F "\n", STR_A(s->method->benefits.items[i].code),
                   STR_A(s->method->benefits.items[i].name.in[language]));
}

static void show_focuses(struct subject *s, enum method_language language)
{
    for (size_t i = 0; i < s->method->presets.count; i++) {
        const struct focus_preset *preset = &s->method->presets.items[i];
        buf_printf(&s->out, STR_F "\t" STR_F "\t" STR_F "\n", STR_A(preset->key),
                   STR_A(preset->name.in[language]), STR_A(preset->aim.in[language]));
    }
}

static void show_rules(struct subject *s, enum method_language language)
{
    static const char *const severities[] = {"error", "warning", "note"};

    for (size_t i = 0; i < s->method->rules.count; i++) {
        const struct check_rule *rule = &s->method->rules.items[i];
        buf_printf(&s->out, STR_F "\t%s\t" STR_F "\t" STR_F "\n", STR_A(rule->id),
                   severities[rule->severity], STR_A(rule->message.in[language]),
                   STR_A(rule->explanation.in[language]));
    }
}

static bool show_gates(struct subject *s, const struct request *r, int *code, struct err *err)
{
    struct gate_facts facts = {0};
    struct decision decision = {0};
    const struct gate *gates = NULL;
    size_t count = 0;

    (void)code;
    if (s->workspace && !decision_current(s->workspace->state, &s->arena, &decision, err))
        return false;
    facts.has_decision = decision.id > 0;
    if (!gates_check(&s->arena, &s->model, s->method, &facts, r->language, &gates, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        Str state = word_of(&words_gate_state, (int)gates[i].state);
        buf_printf(&s->out, "%lld " STR_F ": " STR_F "\n", (long long)gates[i].step,
                   STR_A(gates[i].name),
                   STR_A(method_word(s->method, S("gate_state"), state, r->language)));
        if (gates[i].state == GATE_WAIVED)
            buf_printf(&s->out, "  = " STR_F "\n", STR_A(gates[i].waiver_reason));
        for (size_t j = 0; j < gates[i].missing.count && gates[i].state == GATE_OPEN; j++)
            buf_printf(&s->out, "  ! " STR_F "\n", STR_A(gates[i].missing.items[j]));
    }
    return cli_flush(&s->out, err);
}

static bool show_method(const struct request *r, struct err *err)
{
    static void (*const shows[])(struct subject *, enum method_language) = {
        show_potentials, show_benefits, show_focuses, show_rules};
    struct subject s = {0};

    arena_init(&s.arena, ARENA_BYTES_MAX);
    buf_init(&s.out, OUTPUT_BYTES_MAX);
    bool ok = method_read(&s.arena, &s.method, err);
    if (ok)
        shows[r->what](&s, r->language);
    ok = ok && cli_flush(&s.out, err);
    buf_deinit(&s.out);
    arena_deinit(&s.arena);
    return ok;
}

int strategy_show_command(int argc, char **argv)
{
    struct request r = {.command = "strategy show", .wants_what = true};
    struct err err = {0};

    if (!parse(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    if (r.what == SHOW_GATES)
        return run(&r, false, &err, show_gates);
    return show_method(&r, &err) ? CLI_OK : cli_report(r.command, &err);
}
