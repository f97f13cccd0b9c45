#include "cli/log_flags.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"

static bool parse_level(Str text, const char *where, enum log_level *level, struct err *err)
{
    return log_level_from(text, level) ||
           err_set(err, ERR_USAGE, "%s '" STR_F "' is not debug, info, warn or error", where,
                   STR_A(text));
}

static Str environment(const char *name)
{
    const char *value = getenv(name);

    return value ? str_from_cstr(value) : STR_NONE;
}

static bool read_environment(enum log_level *level, bool *is_json, struct err *err)
{
    Str name = environment("TRIMTAB_LOG_LEVEL"), json = environment("TRIMTAB_LOG_JSON");

    if (json.len > 0 && !str_eq(json, S("0")) && !str_eq(json, S("1")))
        return err_set(err, ERR_USAGE, "$TRIMTAB_LOG_JSON '" STR_F "' is not 0 or 1", STR_A(json));
    *is_json = str_eq(json, S("1"));
    return name.len == 0 || parse_level(name, "$TRIMTAB_LOG_LEVEL", level, err);
}

bool cli_take_log_flags(int *argc, char **argv, struct err *err)
{
    struct cli_args args = {.count = *argc, .values = argv};
    enum log_level level = LOG_INFO;
    bool is_json = false;
    int kept = 0;
    Str name = STR_NONE;

    if (!read_environment(&level, &is_json, err))
        return false;
    while (args.at < args.count) {
        int from = args.at;
        bool is_end = !cli_next(&args) || args.is_past_flags;
        bool is_ours = !is_end && cli_value(&args, "--log-level", &name);
        if (args.missing_value)
            return err_set(err, ERR_USAGE, "flag '--log-level' needs a value");
        if (is_ours && !parse_level(name, "--log-level", &level, err))
            return false;
        is_ours = is_ours || (!is_end && cli_flag(&args, "--log-json") && (is_json = true));
        while (!is_ours && from < args.at)
            argv[kept++] = argv[from++];
    }
    *argc = kept;
    log_init(level, is_json);
    return true;
}
