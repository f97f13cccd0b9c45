/* workspace_backup_command.c - `trimtab workspace backup`, `check` and `restore`. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/place.h"
#include "ledger/backup.h"
#include "os/clock.h"

struct backup_args {
    Str data, words[3];
    size_t count;
};

static int parse(const char *command, int argc, char **argv, size_t least, size_t most,
                 struct backup_args *out)
{
    struct cli_args args = {.count = argc, .values = argv};
    struct err err = {0};

    while (cli_next(&args))
        if (cli_value(&args, "--data", &out->data))
            continue;
        else if (cli_is_flag(&args) || out->count == most)
            return cli_unknown_flag(command, &args);
        else
            out->words[out->count++] = args.current;
    if (!cli_args_ok(command, &args))
        return CLI_USAGE;
    if (out->count >= least)
        return CLI_OK;
    err_set(&err, ERR_USAGE, "something is missing");
    err_hint(&err, "see trimtab %s --help", command);
    return cli_report(command, &err);
}

static void print(const struct backup_report *report)
{
    printf("%lld files, %llu bytes", (long long)report->files, (unsigned long long)report->bytes);
    if (report->ledger_entries > 0)
        printf(", %lld entries of the ledger verified", (long long)report->ledger_entries);
    printf("\n");
}

int workspace_backup_command(int argc, char **argv)
{
    struct backup_args args = {0};
    struct backup_report report;
    struct workspace *workspace = NULL;
    struct arena arena;
    struct err err = {0};
    Str data;

    int code = parse("workspace backup", argc, argv, 2, 2, &args);
    if (code != CLI_OK)
        return code;
    arena_init(&arena, 1 << 20);
    bool ok = data_dir_resolve(&arena, args.data, &data, &err) &&
              workspace_open(&workspace, data, args.words[0], &err) &&
              backup_write(workspace, args.words[1], &report, &err);
    workspace_close(&workspace);
    arena_deinit(&arena);
    if (ok)
        print(&report);
    return ok ? CLI_OK : cli_report("workspace backup", &err);
}

int workspace_check_command(int argc, char **argv)
{
    struct backup_args args = {0};
    struct backup_report report;
    struct err err = {0};

    int code = parse("workspace check", argc, argv, 1, 1, &args);
    if (code != CLI_OK)
        return code;
    bool ok = backup_check(args.words[0], &report, &err);
    if (ok)
        print(&report);
    return ok ? CLI_OK : cli_report("workspace check", &err);
}

int workspace_restore_command(int argc, char **argv)
{
    struct backup_args args = {0};
    struct backup_report report;
    struct cli_place place;
    struct err err = {0};

    int code = parse("workspace restore", argc, argv, 2, 3, &args);
    if (code != CLI_OK)
        return code;
    if (!cli_place_open(&place, args.data, CLI_PLACE_WRITE, &err))
        return cli_report("workspace restore", &err);
    bool ok = backup_restore(place.system, place.data_dir, args.words[0], args.words[1],
                             args.count > 2 ? args.words[2] : args.words[1], S("cli"),
                             clock_now_ms(), &report, &err);
    cli_place_close(&place);
    if (ok)
        print(&report);
    return ok ? CLI_OK : cli_report("workspace restore", &err);
}
