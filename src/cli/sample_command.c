/* sample_command.c - trimtab sample generate|run: the sample companies. */
#include <stdio.h>

#include "base/embedded.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "flow/market_simulator.h"
#include "flow/sample_run.h"
#include "ledger/workspace.h"
#include "os/clock.h"
#include "os/file.h"

enum { SCRIPT_BYTES_MAX = 16 * 1024 * 1024, SEED_DEFAULT = 2026 };

struct generate_args {
    Str script, directory;
    uint64_t seed, days;
};

static bool read_script(struct arena *a, Str path, Str *text, struct err *err)
{
    if (path.len > 0)
        return file_read_all(a, path, SCRIPT_BYTES_MAX, text, err);
    const struct embedded_file *file = embedded_find(S("samples/halden/market.json"));
    ASSERT(file != NULL);
    *text = file->bytes;
    return true;
}

int sample_generate_command(int argc, char **argv)
{
    struct generate_args wanted = {.seed = SEED_DEFAULT};
    struct market_script *script = NULL;
    struct err err = {0};
    struct arena a;
    Str text;
    const struct cli_option options[] = {
        CLI_PATH("--script", &wanted.script),
        CLI_WHOLE("--seed", &wanted.seed, 0, UINT64_MAX),
        CLI_WHOLE("--days", &wanted.days, 0, MARKET_DAYS_MAX),
        CLI_FILE("directory", &wanted.directory, true, "trimtab sample generate /tmp/halden"),
    };

    arena_init(&a, 256 * MIB);
    bool ok = cli_options_read("sample generate", options, COUNT_OF(options), argc, argv, &err) &&
              read_script(&a, wanted.script, &text, &err) &&
              market_script_load(&a, text, &script, &err) &&
              (wanted.days == 0 || market_script_cut(script, wanted.days, &err)) &&
              market_simulate_to_directory(script, wanted.seed, wanted.directory, NULL, &err);
    arena_deinit(&a);
    return ok ? CLI_OK : cli_report("sample generate", &err);
}

/* ---- run ---- */

struct run_args {
    Str posts, data, listen;
    uint64_t threads, seed, days;
    bool is_once;
};

static void write_out(void *context, Str text)
{
    (void)context;
    fwrite(text.ptr, 1, text.len, stdout);
    fflush(stdout);
}

static void tell_login(const struct sample_outcome *outcome)
{
    bool is_new = !outcome->is_login_kept, is_new_management = !outcome->is_management_kept;

    if (is_new && is_new_management)
        printf("Log in as '" STR_F "' (strategist) or '" STR_F "' (management), password %s\n",
               STR_A(outcome->login), STR_A(outcome->management), outcome->password);
    else if (is_new || is_new_management)
        printf("Log in as '" STR_F "' (%s), password %s\n",
               STR_A(is_new ? outcome->login : outcome->management),
               is_new ? "strategist" : "management", outcome->password);
    else
        printf("Log in as '" STR_F "' (strategist) or '" STR_F "' (management).\n",
               STR_A(outcome->login), STR_A(outcome->management));
}

/* A password that was given before is not known here; how to give another one is. */
static void tell_kept(Str login, bool is_kept, Str data)
{
    if (is_kept)
        printf("Account '" STR_F "' keeps its password; a new one: %s account password " STR_F
               " --data '" STR_F "'\n",
               STR_A(login), cli_program(), STR_A(login), STR_A(data));
}

static void tell_outcome(const struct sample_outcome *outcome, Str data)
{
    if (!outcome->is_new)
        printf("The sample company '" STR_F "' is there already.\n", STR_A(outcome->slug));
    printf("\n");
    tell_login(outcome);
    tell_kept(outcome->login, outcome->is_login_kept, data);
    tell_kept(outcome->management, outcome->is_management_kept, data);
    fflush(stdout);
}

/* --once without --data leaves nothing behind. */
static bool choose_data(struct arena *a, const struct run_args *args, Str *data, bool *is_temporary,
                        struct err *err)
{
    *is_temporary = args->is_once && args->data.len == 0;
    if (*is_temporary)
        return dir_temporary(a, S("trimtab-once"), data, err);
    return data_dir_resolve(a, args->data, data, err);
}

static bool run_sample(struct arena *a, const struct run_args *args, struct err *err)
{
    struct sample_outcome outcome;
    struct err ignored = {0};
    bool is_temporary;
    Str data;

    if (args->days > 0 && args->posts.len > 0)
        return err_set(err, ERR_USAGE, "--days cuts the scripted market, not --posts");
    if (!choose_data(a, args, &data, &is_temporary, err))
        return false;
    struct sample_options options = {
        .data_dir = data,
        .posts = args->posts,
        .seed = args->seed,
        .days = args->days,
        .threads = (unsigned)args->threads,
        .program_version = S(TRIMTAB_VERSION),
        .now_ms = clock_now_ms(),
        .stop = cli_watch_interrupts(),
        .write = write_out,
    };
    bool ok = sample_run(a, &options, &outcome, err);
    if (is_temporary && !dir_remove_all(data, &ignored))
        log_err(LOG_WARN, "sample.temporary_left", &ignored);
    if (!ok || args->is_once)
        return ok;
    tell_outcome(&outcome, data);
    struct serve_options serve = {.listen = args->listen, .data_dir = data, .has_sources = true};
    return cli_serve(&serve, err);
}

int sample_run_command(int argc, char **argv)
{
    struct run_args wanted = {.seed = SEED_DEFAULT};
    struct err err = {0};
    struct arena a;
    const struct cli_option options[] = {
        CLI_PATH("--posts", &wanted.posts),
        CLI_PATH("--data", &wanted.data),
        CLI_TEXT("--listen", &wanted.listen),
        CLI_WHOLE("--threads", &wanted.threads, 0, 64),
        CLI_WHOLE("--seed", &wanted.seed, 0, UINT64_MAX),
        CLI_WHOLE("--days", &wanted.days, 0, MARKET_DAYS_MAX),
        CLI_FLAG("--once", &wanted.is_once),
    };

    arena_init(&a, 1 * GIB);
    bool ok = cli_options_read("sample run", options, COUNT_OF(options), argc, argv, &err) &&
              run_sample(&a, &wanted, &err);
    arena_deinit(&a);
    return ok ? CLI_OK : cli_report("sample run", &err);
}
