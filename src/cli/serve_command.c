/* serve_command.c - trimtab serve: pages and API until the program is told to stop. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "ledger/workspace.h"

enum { THREADS_MAX = 64 };

/* Seconds, fractions allowed, to milliseconds. */
static bool read_seconds(const char *flag, Str text, double most, int64_t *ms)
{
    double seconds;

    if (text.len == 0)
        return true;
    if (!str_to_f64(text, &seconds) || !(seconds >= 0.001) || seconds > most) {
        fprintf(stderr, "trimtab serve: %s takes 0.001 to %.0f seconds\n", flag, most);
        return false;
    }
    *ms = (int64_t)(seconds * 1000);
    return true;
}

static bool read_arguments(int argc, char **argv, struct serve_options *options, int *code)
{
    struct cli_args args = {.count = argc, .values = argv};
    Str threads = STR_NONE, poll_least = STR_NONE, measure = STR_NONE;
    uint64_t count;

    options->has_sources = true;
    *code = CLI_USAGE;
    while (cli_next(&args)) {
        if (cli_value(&args, "--listen", &options->listen) ||
            cli_value(&args, "--data", &options->data_dir) ||
            cli_value(&args, "--threads", &threads) ||
            cli_value(&args, "--folder-root", &options->folder_root) ||
            cli_value(&args, "--poll-least", &poll_least) ||
            cli_value(&args, "--measure-every", &measure))
            continue;
        if (cli_flag(&args, "--https"))
            options->is_https = true;
        else if (cli_flag(&args, "--no-sources"))
            options->has_sources = false;
        else if (cli_flag(&args, "--allow-private-sources"))
            options->allows_private_sources = true;
        else {
            *code = cli_unknown_flag("serve", &args);
            return false;
        }
    }
    if (!cli_args_ok("serve", &args) ||
        !read_seconds("--poll-least", poll_least, 86400, &options->poll_least_ms) ||
        !read_seconds("--measure-every", measure, 3600, &options->measure_ms))
        return false;
    if (threads.len == 0)
        return true;
    if (!str_to_u64(threads, &count) || count == 0 || count > THREADS_MAX) {
        fprintf(stderr, "trimtab serve: --threads takes 1 to %d\n", THREADS_MAX);
        return false;
    }
    options->threads = (unsigned)count;
    return true;
}

int serve_command(int argc, char **argv)
{
    struct serve_options options = {0};
    struct arena arena;
    struct err err = {0};
    struct db *system = NULL;
    int code;

    if (!read_arguments(argc, argv, &options, &code))
        return code;
    arena_init(&arena, 1024 * 1024);
    bool ok = data_dir_resolve(&arena, options.data_dir, &options.data_dir, &err) &&
              system_db_open(&system, options.data_dir, &err);
    db_close(&system);
    ok = ok && cli_serve(&options, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("serve", &err);
}
