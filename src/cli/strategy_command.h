/* strategy_command.h - what the commands of `trimtab strategy ...` share: their flags, and what
 * they work on.
 *
 * All but import and export work on a document as well as on a workspace, so that a strategy can be
 * written, checked and compared as a file before it is in any database. One thread.
 */
#ifndef CLI_STRATEGY_COMMAND_H
#define CLI_STRATEGY_COMMAND_H

#include "base/buf.h"
#include "cli/place.h"
#include "ledger/workspace.h"
#include "strategy/method/method.h"
#include "strategy/model/store.h"

#define STRATEGY_ARENA_BYTES_MAX  (4 * GIB)
#define STRATEGY_OUTPUT_BYTES_MAX (64 * MIB)
#define STRATEGY_SHOW_WORDS       "potentials, benefits, focuses, rules or gates"

struct strategy_request {
    const char *command;
    Str path;                                                    /* of a document */
    enum { STRATEGY_SHOW_METHOD, STRATEGY_SHOW_GATES = 4 } what; /* index of STRATEGY_SHOW_WORDS */
    Str data, workspace, today, version, focus, actor, reason;
    enum method_language language;
    bool is_merge, is_replace;
    bool is_json, is_dry, is_stored, is_quiet;
    bool wants_both; /* a document and a workspace: import */
    bool wants_what; /* show */
    uint64_t trials, seed, threads;
    double seconds;
    int64_t decision; /* replay; 0: the one in force */
};

/* What a command works on. */
struct strategy_subject {
    struct arena arena;
    struct buf text, out;
    const struct method *method;
    struct strategy_model model;
    struct cli_place place;
    struct workspace *workspace; /* NULL: a document */
    bool is_place_open;
};

/* Reads the arguments after the verb. `command`, wants_both and wants_what are set before. The
 * texts are those of argv. */
bool strategy_request_read(struct strategy_request *request, int argc, char **argv,
                           struct err *err) MUST_CHECK;
/* The workspace named, else "default". */
Str strategy_request_workspace(const struct strategy_request *request);
/* Who changes what is stored and why; now. */
struct change strategy_request_change(const struct strategy_request *request);

/* The frame of every command: opens the document or the workspace (`is_writing`: to change it),
 * reads the model, does the work, reports an error. Returns the exit code: *code of the work,
 * CLI_OK unless it sets another. */
int strategy_command_run(const struct strategy_request *request, bool is_writing, struct err *err,
                         bool (*work)(struct strategy_subject *s, const struct strategy_request *r,
                                      int *code, struct err *err));

#endif
