/* main.c - wiring: the command line gets the server, which it may not know itself.
 *
 * The command line and the pages live on one floor and never include one another; what needs both,
 * serving, is handed down from here.
 */
#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"
#include "flow/listening.h"
#include "os/entropy.h"
#include "web/server.h"

/* Threads inherit the mask, so that the signals wait for sigwait() below. */
static void hold_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void say_where(Str listen, unsigned port)
{
    Str host, ignored;

    if (listen.len == 0)
        listen = S("127.0.0.1:8080");
    (void)str_cut(listen, ':', &host, &ignored);
    if (str_starts(listen, S("[")))
        host = str_sub(listen, 0, str_find_byte(listen, ']') + 1);
    printf("Trimtab is at http://" STR_F ":%u (Ctrl C stops it)\n", STR_A(host), port);
    fflush(stdout);
}

static bool listen_to_sources(struct listening **out, const struct serve_options *wanted,
                              struct err *err)
{
    struct listening_options options = {
        .data_dir = wanted->data_dir,
        .pace = {.least_ms = wanted->poll_least_ms, .seed = entropy_u64()},
        .allows_private = wanted->allows_private_sources,
        .folder_root = wanted->folder_root,
        .measure_ms = wanted->measure_ms,
    };

    return !wanted->has_sources || listening_start(out, &options, err);
}

static bool serve(const struct serve_options *wanted, struct err *err)
{
    struct web_options options = {
        .listen = wanted->listen,
        .data_dir = wanted->data_dir,
        .threads = wanted->threads,
        .is_https = wanted->is_https,
    };
    struct web_server *server = NULL;
    struct listening *listening = NULL;
    sigset_t signals;
    int number;

    hold_signals(&signals);
    if (!web_server_open(&server, &options, err))
        return false;
    say_where(wanted->listen, web_server_port(server));
    bool ok = listen_to_sources(&listening, wanted, err);
    if (ok)
        sigwait(&signals, &number);
    web_server_close(&server);
    listening_stop(&listening);
    return ok;
}

int main(int argc, char **argv)
{
    return cli_main(argc, argv, serve);
}
