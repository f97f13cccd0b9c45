/* sample_command.c - trimtab sample generate|run: the sample companies. */
#include <stdio.h>

#include "base/embedded.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "flow/market_simulator.h"
#include "os/file.h"

enum { SCRIPT_BYTES_MAX = 16 * 1024 * 1024 };

struct generate_args {
    Str script, directory;
    uint64_t seed;
};

static bool parse_generate(struct generate_args *out, struct cli_args *args, struct err *err)
{
    Str seed = STR_NONE;

    *out = (struct generate_args){.seed = 2026};
    while (cli_next(args)) {
        if (cli_value(args, "--script", &out->script) || cli_value(args, "--seed", &seed))
            continue;
        if (cli_is_flag(args))
            return err_set(err, ERR_USAGE, "unknown flag '" STR_F "'", STR_A(args->current));
        if (out->directory.len > 0)
            return err_set(err, ERR_USAGE, "more than one directory");
        out->directory = args->current;
    }
    if (args->missing_value)
        return err_set(err, ERR_USAGE, "flag '%s' needs a value", args->missing_value);
    if (seed.len > 0 && !str_to_u64(seed, &out->seed))
        return err_set(err, ERR_USAGE, "seed '" STR_F "' is no whole number from 0", STR_A(seed));
    if (out->directory.len == 0)
        return err_set(err, ERR_USAGE, "the directory to write to is missing");
    return true;
}

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
    struct cli_args args = {.count = argc, .values = argv};
    struct generate_args wanted;
    struct market_script *script = NULL;
    struct err err = {0};
    struct arena a;
    Str text;

    arena_init(&a, 256 * MIB);
    bool ok = parse_generate(&wanted, &args, &err) && read_script(&a, wanted.script, &text, &err) &&
              market_script_load(&a, text, &script, &err) &&
              market_simulate_to_directory(script, wanted.seed, wanted.directory, &err);
    arena_deinit(&a);
    return ok ? CLI_OK : cli_report("sample generate", &err);
}
