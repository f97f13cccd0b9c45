/* workspace_backup_command.c - `trimtab workspace backup`, `backups`, `check` and `restore`. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/place.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/store_check.h"
#include "os/clock.h"

static void print(int64_t files, uint64_t bytes, int64_t ledger_entries)
{
    printf("%lld files, %llu bytes", (long long)files, (unsigned long long)bytes);
    if (ledger_entries > 0)
        printf(", %lld entries of the ledger verified", (long long)ledger_entries);
    printf("\n");
}

/* ---- backup ---------------------------------------------------------------------------------- */

struct backup_run {
    Str data, slug, folder, reason;
};

static bool back_up(const struct backup_run *r, struct arena *arena, struct err *err)
{
    struct backup_origin origin = {S("cli"), r->reason, clock_now_ms()};
    struct backup_watch watch = {.stop = cli_watch_interrupts()};
    struct workspace *workspace = NULL;
    struct backup_report report;
    struct backup_entry entry;
    Str data;

    bool ok = data_dir_resolve(arena, r->data, &data, err) &&
              workspace_open(&workspace, data, r->slug, err);
    if (ok && r->folder.len > 0) {
        ok = backup_write(workspace, r->folder, &watch, &report, err);
        if (ok)
            print(report.files, report.bytes, 0);
    } else if (ok) {
        ok = backup_make(workspace, data, &origin, &watch, arena, &entry, err);
        if (ok)
            printf("%lld files, %llu bytes, " STR_F "\n", (long long)entry.files,
                   (unsigned long long)entry.bytes, STR_A(entry.folder));
    }
    workspace_close(&workspace);
    return ok;
}

int workspace_backup_command(int argc, char **argv)
{
    struct backup_run r = {0};
    struct arena arena;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_PATH("--data", &r.data), CLI_TEXT("--reason", &r.reason),
        CLI_ARGUMENT("workspace", &r.slug, true, NULL), CLI_FILE("folder", &r.folder, false, NULL)};

    if (!cli_options_read("workspace backup", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("workspace backup", &err);
    arena_init(&arena, 256 * MIB);
    bool ok = back_up(&r, &arena, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("workspace backup", &err);
}

static bool print_backups(const struct backup_entry *list, size_t count, bool is_json,
                          struct err *err)
{
    struct json_writer w;
    struct buf out;

    buf_init(&out, 64 * MIB);
    for (size_t i = 0; i < count; i++) {
        if (!is_json) {
            buf_printf(&out, STR_F "\t%lld\t%llu\t" STR_F "\n", STR_A(list[i].name),
                       (long long)list[i].files, (unsigned long long)list[i].bytes,
                       STR_A(list[i].folder));
            continue;
        }
        json_writer_init(&w, &out, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        json_set_str(&w, "name", list[i].name);
        json_set_str(&w, "made_at", str_from_cstr(time_rfc3339(list[i].made_ms).text));
        json_set_i64(&w, "files", list[i].files);
        json_set_i64(&w, "bytes", (int64_t)list[i].bytes);
        json_set_str(&w, "folder", list[i].folder);
        json_end_object(&w);
        buf_add_byte(&out, '\n');
    }
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

int workspace_backups_command(int argc, char **argv)
{
    struct backup_entry *list;
    struct arena arena;
    struct err err = {0};
    Str data = STR_NONE, slug = STR_NONE;
    bool is_json = false;
    size_t count;
    const struct cli_option options[] = {CLI_PATH("--data", &data), CLI_FLAG("--json", &is_json),
                                         CLI_ARGUMENT("workspace", &slug, true, NULL)};

    if (!cli_options_read("workspace backups", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("workspace backups", &err);
    arena_init(&arena, 256 * MIB);
    bool ok = data_dir_resolve(&arena, data, &data, &err) && workspace_slug_check(slug, &err) &&
              backup_list(&arena, data, slug, &list, &count, &err) &&
              print_backups(list, count, is_json, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("workspace backups", &err);
}

/* ---- check ----------------------------------------------------------------------------------- */

static bool check_stores(Str data, Str slug, struct arena *arena, struct err *err)
{
    struct backup_watch watch = {.stop = cli_watch_interrupts()};
    struct workspace *workspace = NULL;
    struct store_check check;

    bool ok = data_dir_resolve(arena, data, &data, err) &&
              workspace_open_read(&workspace, data, slug, err) &&
              store_check_run(workspace, arena, &watch, &check, err);
    workspace_close(&workspace);
    if (!ok)
        return false;
    print(check.files, check.bytes, check.ledger_entries);
    for (size_t i = 0; i < check.count; i++)
        printf(STR_F "\t" STR_F "\n", STR_A(check.findings[i].file), STR_A(check.findings[i].what));
    if (check.count == 0)
        return true;
    err_set(err, ERR_CORRUPT, "the check of workspace '" STR_F "' found faults: %lld", STR_A(slug),
            (long long)check.count + check.further);
    return err_hint(err, "restore a backup under another name: trimtab workspace restore");
}

int workspace_check_command(int argc, char **argv)
{
    struct backup_report report;
    struct arena arena;
    struct err err = {0};
    Str folder = STR_NONE, data = STR_NONE, slug = STR_NONE;
    const struct cli_option options[] = {CLI_PATH("--data", &data), CLI_TEXT("--workspace", &slug),
                                         CLI_FILE("folder", &folder, false, NULL)};

    if (!cli_options_read("workspace check", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("workspace check", &err);
    arena_init(&arena, 256 * MIB);
    bool ok = (folder.len > 0) != (slug.len > 0) ||
              err_set(&err, ERR_USAGE, "needs the folder of a backup or --workspace W");
    if (ok && slug.len > 0)
        ok = check_stores(data, slug, &arena, &err);
    else if (ok) {
        ok = backup_check(folder, NULL, &report, &err);
        if (ok)
            print(report.files, report.bytes, report.ledger_entries);
    }
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("workspace check", &err);
}

/* ---- restore --------------------------------------------------------------------------------- */

int workspace_restore_command(int argc, char **argv)
{
    struct backup_report report;
    struct cli_place place;
    struct err err = {0};
    struct backup_origin origin = {.actor = S("cli"), .now_ms = clock_now_ms()};
    Str data = STR_NONE, folder = STR_NONE, slug = STR_NONE, name = STR_NONE;
    const struct cli_option options[] = {
        CLI_PATH("--data", &data), CLI_TEXT("--reason", &origin.reason),
        CLI_FILE("folder", &folder, true, NULL), CLI_ARGUMENT("workspace", &slug, true, NULL),
        CLI_ARGUMENT("name", &name, false, NULL)};

    if (!cli_options_read("workspace restore", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("workspace restore", &err);
    if (origin.reason.len == 0) {
        err_set(&err, ERR_USAGE, "needs --reason: the ledger keeps it");
        err_hint(&err, "as in --reason 'disk of the old machine failed'");
        return cli_report("workspace restore", &err);
    }
    if (!cli_place_open(&place, data, CLI_PLACE_WRITE, &err))
        return cli_report("workspace restore", &err);
    bool ok = backup_restore(place.system, place.data_dir, folder, slug, name.len > 0 ? name : slug,
                             &origin, &report, &err);
    cli_place_close(&place);
    if (ok)
        print(report.files, report.bytes, report.ledger_entries);
    return ok ? CLI_OK : cli_report("workspace restore", &err);
}
