/* workspace_command.c - `trimtab workspace create` and `trimtab workspace list`. */
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "os/clock.h"

int workspace_create_command(int argc, char **argv)
{
    Str data = STR_NONE, slug = STR_NONE, name = STR_NONE;
    struct cli_place place;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_PATH("--data", &data),
        CLI_ARGUMENT("short name", &slug, true, "trimtab workspace create halden 'Halden AG'"),
        CLI_ARGUMENT("name", &name, false, NULL),
    };

    if (!cli_options_read("workspace create", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("workspace create", &err);
    if (!cli_place_open(&place, data, CLI_PLACE_WRITE, &err))
        return cli_report("workspace create", &err);
    bool ok = workspace_create(place.system, place.data_dir, slug, name.len > 0 ? name : slug,
                               S("cli"), clock_now_ms(), &err);
    if (ok)
        fprintf(stderr, "workspace '" STR_F "' is ready in " STR_F "\n", STR_A(slug),
                STR_A(place.data_dir));
    cli_place_close(&place);
    return ok ? CLI_OK : cli_report("workspace create", &err);
}

static void print_json(const struct workspace_entry *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct json_writer w;
        struct buf line;
        buf_init(&line, 64 * KIB);
        json_writer_init(&w, &line, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        json_set_str(&w, "slug", list[i].slug);
        json_set_str(&w, "name", list[i].name);
        json_set_str(&w, "created_at", str_from_cstr(time_rfc3339(list[i].created_at_ms).text));
        json_end_object(&w);
        printf(STR_F "\n", STR_A(buf_str(&line)));
        buf_deinit(&line);
    }
}

int workspace_list_command(int argc, char **argv)
{
    struct workspace_entry *list;
    struct cli_place place;
    struct err err = {0};
    Str data = STR_NONE;
    bool is_json = false;
    size_t count;
    const struct cli_option options[] = {CLI_PATH("--data", &data), CLI_FLAG("--json", &is_json)};

    if (!cli_options_read("workspace list", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("workspace list", &err);
    if (!cli_place_open(&place, data, CLI_PLACE_READ, &err))
        return cli_report("workspace list", &err);
    bool ok = workspace_list(&place.arena, place.system, &list, &count, &err);
    if (ok && is_json)
        print_json(list, count);
    for (size_t i = 0; ok && !is_json && i < count; i++)
        printf(STR_F "\t%s\t" STR_F "\n", STR_A(list[i].slug),
               time_date(list[i].created_at_ms).text, STR_A(list[i].name));
    cli_place_close(&place);
    return ok ? CLI_OK : cli_report("workspace list", &err);
}
