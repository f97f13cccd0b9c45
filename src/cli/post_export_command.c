/* post_export_command.c - `trimtab post export`: every post a query finds, however many. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/stream.h"
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

static bool flush(void *context, struct err *err)
{
    struct export_run *r = context;
    struct buf *out = &r->export.out;

    if (r->path.len == 0)
        return cli_flush(out, err);
    output_add(&r->file, buf_str(out));
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
    r->export.scratch = workspace->dir;
    bool ok = post_export_begin(&r->export, err) &&
              search_each(archive, arena, &request, add_post, r, err) &&
              post_export_end(&r->export, flush, r, err);
    archive_close(&archive);
    return ok;
}

static bool export_run(struct export_run *r, struct arena *arena, struct err *err)
{
    struct workspace *workspace = NULL;
    Str data;

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
    if (ok)
        fprintf(stderr, "%llu posts\n", (unsigned long long)r->export.posts);
    post_export_deinit(&r->export);
    workspace_close(&workspace);
    return ok;
}

int post_export_command(int argc, char **argv)
{
    struct export_run r = {.workspace = S("default"), .file = {.fd = -1}};
    struct arena arena;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_PATH("-o, --output", &r.path),
        CLI_CHOICE("--format", &r.export.format, EXPORT_FORMAT_NAMES),
        CLI_TIME("--from", &r.from_ms),
        CLI_TIME("--to", &r.to_ms),
        CLI_FLAG("--pseudonymous", &r.export.is_pseudonymous),
        CLI_FLAG("--stems", &r.has_stems),
        CLI_FLAG("--no-text", &r.export.has_no_text),
        CLI_ARGUMENT("query", &r.query, true,
                     "trimtab post export '@@brand AND lang:de' --format csv -o posts.csv"),
    };

    arena_init(&arena, GIB);
    r.is_stopped = cli_watch_interrupts();
    bool ok = cli_options_read("post export", options, COUNT_OF(options), argc, argv, &err) &&
              export_run(&r, &arena, &err);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report("post export", &err);
}
