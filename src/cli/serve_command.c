/* serve_command.c - trimtab serve: pages and API until the program is told to stop. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "ledger/workspace.h"

enum { THREADS_MAX = 64 };

int serve_command(int argc, char **argv)
{
    struct serve_options options = {0};
    double poll_least = 0, measure_every = 0;
    bool has_no_sources = false;
    struct arena arena;
    struct err err = {0};
    struct db *system = NULL;
    const struct cli_option table[] = {
        CLI_TEXT("--listen", &options.listen),
        CLI_PATH("--data", &options.data_dir),
        CLI_WHOLE("--threads", &options.threads, 1, THREADS_MAX),
        CLI_FLAG("--https", &options.is_https),
        CLI_FLAG("--no-sources", &has_no_sources),
        CLI_FLAG("--allow-private-sources", &options.allows_private_sources),
        CLI_PATH("--folder-root", &options.folder_root),
        CLI_REAL("--poll-least", &poll_least, 0.001, 86400),
        CLI_REAL("--measure-every", &measure_every, 0.001, 3600),
    };

    if (!cli_options_read("serve", table, COUNT_OF(table), argc, argv, &err))
        return cli_report("serve", &err);
    options.has_sources = !has_no_sources;
    options.poll_least_ms = (int64_t)(poll_least * 1000);
    options.measure_ms = (int64_t)(measure_every * 1000);
    arena_init(&arena, 1024 * 1024);
    bool ok = data_dir_resolve(&arena, options.data_dir, &options.data_dir, &err) &&
              system_db_open(&system, options.data_dir, &err);
    db_close(&system);
    ok = ok && cli_serve(&options, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("serve", &err);
}
