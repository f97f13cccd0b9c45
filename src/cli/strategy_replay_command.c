/* strategy_replay_command.c - `trimtab strategy replay`: a stored decision, proven or not, and what
 * changed since. */
#include "base/limits.h"
#include "base/version.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/strategy_command.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/time.h"
#include "strategy/decision/decision_replay.h"

#define SHOWN_BYTES_MAX 120 /* of one value in a line */

static bool read_decision(Str word, void *to)
{
    int64_t id = 0;

    if (!str_to_i64(word, &id) || id <= 0)
        return false;
    *(int64_t *)to = id;
    return true;
}

static bool parse(struct strategy_request *r, int argc, char **argv, struct err *err)
{
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r->workspace, &r->data),
        CLI_WHOLE("--threads", &r->threads, 1, 64),
        CLI_FLAG("--json", &r->is_json),
        CLI_WORD("decision", &r->decision, read_decision, "the number of a decision"),
    };

    return cli_options_read(r->command, options, COUNT_OF(options), argc, argv, err);
}

/* --- in words ----------------------------------------------------------------------------------
 */

/* On one line, and no longer than a line can be. */
static void put_value(struct buf *out, Str json)
{
    if (json.len == 0)
        json = S("none");
    buf_add(out, str_utf8_head(json, SHOWN_BYTES_MAX));
    if (json.len > SHOWN_BYTES_MAX)
        buf_lit(out, "...");
}

static void put_text(struct buf *out, Str text)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_put_str(&w, str_utf8_head(text, SHOWN_BYTES_MAX));
}

static void put_values(struct buf *out, Str before, const char *between, Str after)
{
    put_value(out, before);
    buf_add(out, str_from_cstr(between));
    put_value(out, after);
    buf_add_byte(out, '\n');
}

static void print_change(struct buf *out, const struct document_change *change)
{
    buf_printf(out, "  " STR_F, STR_A(word_of(&words_object_kind, (int)change->kind)));
    if (change->id.len > 0)
        buf_printf(out, " " STR_F, STR_A(change->id));
    if (change->label.len > 0 && !str_eq(change->label, change->id)) {
        buf_add_byte(out, ' ');
        put_text(out, change->label);
    }
    if (change->what != DOCUMENT_CHANGED)
        buf_printf(out, " " STR_F, STR_A(word_of(&words_document_change, (int)change->what)));
    if (change->what == DOCUMENT_ADDED || change->what == DOCUMENT_REMOVED) {
        buf_add_byte(out, '\n');
        return;
    }
    buf_printf(out, STR_F STR_F ": ", STR_A(change->field.len > 0 ? S(" ") : STR_NONE),
               STR_A(change->field));
    put_values(out, change->before, " -> ", change->after);
}

static void print_changes(struct buf *out, const DocumentChanges *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        print_change(out, &changes->items[i]);
}

static void print_fault(struct buf *out, const struct simulation_proof *proof)
{
    if (proof->fault == SIMULATION_PROVEN) {
        buf_lit(out, "proven: the stored result comes out again, byte for byte\n");
        return;
    }
    buf_printf(out, "NOT PROVEN: the %s differs",
               proof->fault == SIMULATION_MODEL_DIFFERS ? "model made from the frozen strategy"
                                                        : "result");
    if (proof->member.len == 0) {
        buf_lit(out, " in how it is written, not in what it says\n");
        return;
    }
    buf_printf(out, " at " STR_F ": stored ", STR_A(proof->member));
    put_values(out, proof->stored, ", now ", proof->now);
}

static void print_proof(struct buf *out, const struct decision_replay *replay)
{
    const struct simulation_proof *proof = &replay->proof;

    print_fault(out, proof);
    buf_printf(out, "  strategy  sha256 " STR_F "\n", STR_A(replay->decision.model_hash));
    buf_printf(out, "  model     " STR_F "\n", STR_A(proof->model_hash));
    buf_printf(out, "  result    sha256 " STR_F "\n", STR_A(proof->result_then));
    if (proof->result_now.len > 0 && !str_eq(proof->result_now, proof->result_then))
        buf_printf(out, "  now       sha256 " STR_F "\n", STR_A(proof->result_now));
    buf_printf(out, "  run       %lld trials, seed %llu, " STR_F "\n", (long long)proof->trials,
               (unsigned long long)proof->seed, STR_A(proof->method));
    buf_printf(out, "  program   " STR_F " then, " STR_F " now\n", STR_A(proof->program_version),
               STR_A(replay->program_version));
}

static void print_replay(struct buf *out, const struct decision_replay *replay)
{
    const struct decision *decision = &replay->decision;

    buf_printf(out, "decision %lld: ", (long long)decision->id);
    put_text(out, decision->version_name);
    buf_printf(out, ", signed on %s by ", time_date(decision->signed_at_ms).text);
    put_text(out, decision->signed_name);
    buf_add_byte(out, '\n');
    if (replay->document_fault.code != ERR_NONE) {
        buf_printf(out, "NOT PROVEN: %s\n", replay->document_fault.msg);
        return;
    }
    print_proof(out, replay);
    buf_printf(out, "inputs changed since: %zu\n", replay->inputs.count);
    print_changes(out, &replay->inputs);
    buf_printf(out, "other changes since: %zu\n", replay->others.count);
    print_changes(out, &replay->others);
}

/* --- the command -------------------------------------------------------------------------------
 */

static bool replay(struct strategy_subject *s, const struct strategy_request *r, int *code,
                   struct err *err)
{
    struct decision_replay *found = arena_new(&s->arena, struct decision_replay, 1);
    Str json = STR_NONE;

    if (!decision_replay(s->workspace->state, &s->arena, r->decision, S(TRIMTAB_VERSION),
                         (int)r->threads, found, err))
        return false;
    if (!r->is_json) {
        print_replay(&s->out, found);
    } else {
        if (!decision_replay_json(&s->arena, found, &json, err))
            return false;
        buf_printf(&s->out, STR_F "\n", STR_A(json));
    }
    *code = found->is_proven ? CLI_OK : CLI_REJECTED_ROWS;
    if (found->is_proven && found->inputs.count > 0)
        *code = CLI_FAILURE;
    return cli_flush(&s->out, err);
}

int strategy_replay_command(int argc, char **argv)
{
    struct strategy_request r = {.command = "strategy replay"};
    struct err err = {0};

    if (!parse(&r, argc, argv, &err))
        return cli_report(r.command, &err);
    return strategy_command_run(&r, false, &err, replay);
}
