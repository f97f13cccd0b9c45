/* serve_command.c - trimtab serve: pages and API until the program is told to stop. */
#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "ledger/workspace.h"
#include "web/server.h"

static bool read_arguments(int argc, char **argv, struct web_options *options, Str *data, int *code)
{
    struct cli_args args = {.count = argc, .values = argv};
    Str threads = STR_NONE;
    uint64_t count;

    *code = CLI_USAGE;
    while (cli_next(&args)) {
        if (cli_value(&args, "--listen", &options->listen) || cli_value(&args, "--data", data) ||
            cli_value(&args, "--threads", &threads))
            continue;
        if (cli_flag(&args, "--https"))
            options->is_https = true;
        else {
            *code = cli_unknown_flag("serve", &args);
            return false;
        }
    }
    if (!cli_args_ok("serve", &args))
        return false;
    if (threads.len == 0)
        return true;
    if (!str_to_u64(threads, &count) || count == 0 || count > SERVER_THREADS_MAX) {
        fprintf(stderr, "trimtab serve: --threads takes 1 to %d\n", SERVER_THREADS_MAX);
        return false;
    }
    options->threads = (unsigned)count;
    return true;
}

/* Threads inherit the mask, so that the signals wait for sigwait() below. */
static void hold_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int serve_command(int argc, char **argv)
{
    struct web_options options = {0};
    struct web_server *server = NULL;
    struct arena arena;
    struct err err = {0};
    struct db *system = NULL;
    Str data = STR_NONE;
    sigset_t signals;
    int code, number;

    if (!read_arguments(argc, argv, &options, &data, &code))
        return code;
    arena_init(&arena, 1024 * 1024);
    hold_signals(&signals);
    bool ok = data_dir_resolve(&arena, data, &options.data_dir, &err) &&
              system_db_open(&system, options.data_dir, &err) &&
              web_server_open(&server, &options, &err);
    db_close(&system);
    if (ok) {
        Str listen = options.listen.len > 0 ? options.listen : S("127.0.0.1:8080"), host, port;
        (void)str_cut(listen, ':', &host, &port);
        printf("Trimtab is at http://" STR_F ":%u (Ctrl C stops it)\n",
               STR_A(str_starts(listen, S("[")) ? S("[::1]") : host), web_server_port(server));
        fflush(stdout);
        sigwait(&signals, &number);
        web_server_close(&server);
    }
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("serve", &err);
}
