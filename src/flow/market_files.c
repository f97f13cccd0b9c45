/* The simulation into files, one for each day from the decision day on. */
#include "base/limits.h"
#include "flow/line_file.h"
#include "flow/market_simulator.h"
#include "format/time.h"
#include "os/file.h"

struct out_files {
    struct line_file before, after, truth;
    const struct market_script *script;
    size_t after_day; /* day of the file in `after` */
    Str directory;
    const atomic_bool *stop; /* may be NULL */
    struct arena names;
};

static bool begin_day(struct out_files *files, size_t day, struct err *err)
{
    int64_t day_ms = files->script->start_ms + (int64_t)day * TIME_DAY_MS;
    Str name = arena_printf(&files->names, "after-%s.jsonl", time_date(day_ms).text);

    files->after_day = day;
    return line_file_end(&files->after, err) &&
           line_file_begin(&files->after, &files->names, files->directory, name, err);
}

static bool add_post(void *context, size_t day, Str json, struct err *err)
{
    struct out_files *files = context;

    if (files->stop && atomic_load(files->stop))
        return err_set(err, ERR_CANCELLED, "interrupted");
    if (day < files->script->decision_day)
        return line_file_add(&files->before, json, err);
    if (day != files->after_day && !begin_day(files, day, err))
        return false;
    return line_file_add(&files->after, json, err);
}

static bool add_truth(void *context, Str line, struct err *err)
{
    struct out_files *files = context;

    return line_file_add(&files->truth, line, err);
}

static bool end_files(struct out_files *files, struct err *err)
{
    return line_file_end(&files->before, err) && line_file_end(&files->after, err) &&
           line_file_end(&files->truth, err);
}

bool market_simulate_to_directory(const struct market_script *script, uint64_t seed, Str directory,
                                  const atomic_bool *stop, struct err *err)
{
    struct buf summary;
    struct out_files files = {
        .script = script, .directory = directory, .stop = stop, .after_day = SIZE_MAX};
    struct market_sink sink = {add_post, add_truth, &files};
    struct arena *a = &files.names;

    arena_init(a, 16 * MIB);
    buf_init(&summary, 16 * MIB);
    bool ok = dir_ensure(directory, err) &&
              line_file_begin(&files.before, a, directory, S("posts.jsonl"), err) &&
              line_file_begin(&files.truth, a, directory, S("truth.tsv"), err) &&
              market_simulate(script, seed, &sink, &summary, err) && end_files(&files, err) &&
              file_write_atomic(path_join(a, directory, S("truth.json")), buf_str(&summary), err);
    line_file_deinit(&files.before);
    line_file_deinit(&files.after);
    line_file_deinit(&files.truth);
    buf_deinit(&summary);
    arena_deinit(a);
    return ok || err_wrap(err, "could not simulate market '" STR_F "'", STR_A(script->name));
}
