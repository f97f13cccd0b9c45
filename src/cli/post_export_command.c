/* post_export_command.c - `trimtab post export`: every post a query finds, however many. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/archive/post_export.h"
#include "listen/search/search.h"
#include "listen/standing_query.h"
#include "os/clock.h"
#include "os/mapped_file.h"

#define EXPORT_CHUNK_BYTES (256 * KIB)

struct export_run {
    struct post_export export;
    Str data, workspace, query, path; /* path empty: standard output */
    int64_t from_ms, to_ms;
    bool has_stems;
    struct output_file file;
    const atomic_bool *is_stopped;
};

static bool take(struct export_run *r, struct cli_args *args, struct err *err)
{
    Str text = STR_NONE;

    if (cli_value(args, "--data", &r->data) || cli_value(args, "--workspace", &r->workspace) ||
        cli_value(args, "--output", &r->path) || cli_value(args, "-o", &r->path))
        return true;
    if (cli_flag(args, "--pseudonymous")) {
        r->export.is_pseudonymous = true;
    } else if (cli_flag(args, "--stems")) {
        r->has_stems = true;
    } else if (cli_flag(args, "--no-text")) {
        r->export.has_no_text = true;
    } else if (cli_value(args, "--format", &text)) {
        if (!str_eq(text, S("csv")) && !str_eq(text, S("jsonl")) && !args->missing_value)
            return err_set(err, ERR_USAGE, "--format '" STR_F "' is not known", STR_A(text)) ||
                   err_hint(err, "jsonl or csv");
        r->export.format = str_eq(text, S("csv")) ? EXPORT_CSV : EXPORT_JSONL;
    } else if (cli_value(args, "--from", &text) || cli_value(args, "--to", &text)) {
        bool is_from =
            str_eq(args->current, S("--from")) || str_starts(args->current, S("--from="));
        if (!args->missing_value && !time_parse(text, is_from ? &r->from_ms : &r->to_ms))
            return err_set(err, ERR_USAGE, "'" STR_F "' is not a time", STR_A(text)) ||
                   err_hint(err, "2026-11-22 or 2026-11-22T08:15:00Z");
    } else if (cli_is_flag(args)) {
        return err_set(err, ERR_USAGE, "unknown flag '" STR_F "'", STR_A(args->current)) ||
               err_hint(err, "see trimtab post export --help");
    } else if (r->query.len > 0) {
        return err_set(err, ERR_USAGE, "one argument too many: '" STR_F "'",
                       STR_A(args->current)) ||
               err_hint(err, "a query of several words stands in quotation marks");
    } else {
        r->query = args->current;
    }
    return true;
}

static bool flush(struct export_run *r, struct err *err)
{
    struct buf *out = &r->export.out;

    if (r->path.len > 0)
        output_add(&r->file, buf_str(out));
    else if (fwrite(out->ptr, 1, out->len, stdout) != out->len)
        return err_set(err, ERR_IO, "could not write to standard output");
    buf_reset(out);
    return true;
}

static bool add_post(void *context, const struct archived_post *post, struct err *err)
{
    struct export_run *r = context;

    if (*r->is_stopped)
        return err_set(err, ERR_CANCELLED, "stopped");
    return post_export_add(&r->export, post, err) &&
           (r->export.out.len < EXPORT_CHUNK_BYTES || flush(r, err));
}

static bool export_posts(struct export_run *r, struct workspace *workspace, struct arena *arena,
                         struct err *err)
{
    struct standing_names names = {workspace->state, arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct search_request request = {.query = r->query,
                                     .names = &resolver,
                                     .has_stems = r->has_stems,
                                     .from_ms = r->from_ms,
                                     .to_ms = r->to_ms == 0 && r->from_ms != 0 ? INT64_MAX / 2
                                                                               : r->to_ms,
                                     .order = SEARCH_OLDEST};
    struct archive *archive = NULL;

    if (!archive_open(&archive, workspace->posts_dir, ARCHIVE_READ, err))
        return false;
    post_export_begin(&r->export);
    bool ok = search_each(archive, arena, &request, add_post, r, err) && flush(r, err);
    archive_close(&archive);
    return ok;
}

static bool export_run(struct export_run *r, struct arena *arena, struct err *err)
{
    struct workspace *workspace = NULL;
    Str data;

    if (r->query.len == 0)
        return err_set(err, ERR_USAGE, "one query is needed") ||
               err_hint(err, "trimtab post export '@@brand AND lang:de' --format csv -o posts.csv");
    if (!data_dir_resolve(arena, r->data, &data, err) ||
        !workspace_open(&workspace, data, r->workspace, err))
        return false;
    bool ok =
        post_export_init(&r->export, err) &&
        (!r->export.is_pseudonymous || export_key(arena, workspace->dir, &r->export.key, err)) &&
        (r->path.len == 0 || output_open(&r->file, arena, r->path, err));
    ok = ok && export_posts(r, workspace, arena, err);
    if (r->path.len > 0 && ok)
        ok = output_finish(&r->file, true, err);
    else if (r->path.len > 0)
        output_abandon(&r->file);
    else if (ok && fflush(stdout) != 0)
        ok = err_set(err, ERR_IO, "could not write to standard output");
    if (ok)
        fprintf(stderr, "%llu posts\n", (unsigned long long)r->export.posts);
    post_export_deinit(&r->export);
    workspace_close(&workspace);
    return ok;
}

int post_export_command(int argc, char **argv)
{
    struct cli_args args = {.count = argc, .values = argv};
    struct export_run r = {.workspace = S("default"), .file = {.fd = -1}};
    struct arena arena;
    struct err err = {0};
    bool ok = true;

    arena_init(&arena, GIB);
    r.is_stopped = cli_watch_interrupts();
    while (ok && cli_next(&args))
        ok = take(&r, &args, &err);
    if (ok && args.missing_value)
        ok = err_set(&err, ERR_USAGE, "flag '%s' needs a value", args.missing_value);
    ok = ok && export_run(&r, &arena, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("post export", &err);
}
