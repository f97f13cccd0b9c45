/* workspace_backup_command.c - `trimtab workspace backup`, `check` and `restore`. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "ledger/backup.h"
#include "os/clock.h"

static void print(const struct backup_report *report)
{
    printf("%lld files, %llu bytes", (long long)report->files, (unsigned long long)report->bytes);
    if (report->ledger_entries > 0)
        printf(", %lld entries of the ledger verified", (long long)report->ledger_entries);
    printf("\n");
}

int workspace_backup_command(int argc, char **argv)
{
    struct backup_report report;
    struct workspace *workspace = NULL;
    struct arena arena;
    struct err err = {0};
    Str data = STR_NONE, slug = STR_NONE, folder = STR_NONE;
    const struct cli_option options[] = {CLI_PATH("--data", &data),
                                         CLI_ARGUMENT("workspace", &slug, true, NULL),
                                         CLI_FILE("folder", &folder, true, NULL)};

    if (!cli_options_read("workspace backup", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("workspace backup", &err);
    arena_init(&arena, 1 << 20);
    bool ok = data_dir_resolve(&arena, data, &data, &err) &&
              workspace_open(&workspace, data, slug, &err) &&
              backup_write(workspace, folder, &report, &err);
    workspace_close(&workspace);
    arena_deinit(&arena);
    if (ok)
        print(&report);
    return ok ? CLI_OK : cli_report("workspace backup", &err);
}

int workspace_check_command(int argc, char **argv)
{
    struct backup_report report;
    struct err err = {0};
    Str folder = STR_NONE;
    const struct cli_option options[] = {CLI_FILE("folder", &folder, true, NULL)};

    bool ok = cli_options_read("workspace check", options, COUNT_OF(options), argc, argv, &err) &&
              backup_check(folder, &report, &err);
    if (ok)
        print(&report);
    return ok ? CLI_OK : cli_report("workspace check", &err);
}

int workspace_restore_command(int argc, char **argv)
{
    struct backup_report report;
    struct cli_place place;
    struct err err = {0};
    Str data = STR_NONE, folder = STR_NONE, slug = STR_NONE, name = STR_NONE;
    const struct cli_option options[] = {
        CLI_PATH("--data", &data), CLI_FILE("folder", &folder, true, NULL),
        CLI_ARGUMENT("workspace", &slug, true, NULL), CLI_ARGUMENT("name", &name, false, NULL)};

    if (!cli_options_read("workspace restore", options, COUNT_OF(options), argc, argv, &err) ||
        !cli_place_open(&place, data, CLI_PLACE_WRITE, &err))
        return cli_report("workspace restore", &err);
    bool ok = backup_restore(place.system, place.data_dir, folder, slug, name.len > 0 ? name : slug,
                             S("cli"), clock_now_ms(), &report, &err);
    cli_place_close(&place);
    if (ok)
        print(&report);
    return ok ? CLI_OK : cli_report("workspace restore", &err);
}
