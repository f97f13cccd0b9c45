/* post_command.c - `trimtab post decode`, `import`, `search`, `rematch`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "flow/restate.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/alert/alert_store.h"
#include "listen/archive/archive.h"
#include "listen/decode/decode.h"
#include "listen/import.h"
#include "listen/measure/measure.h"
#include "listen/measure/spike_store.h"
#include "listen/search/saved_view.h"
#include "listen/standing_query.h"
#include "os/clock.h"
#include "os/reader.h"

#define DEFAULT_WORKSPACE "default"
#define THREADS_MAX       IMPORT_WORKERS_MAX
#define BAR_WIDTH         30
#define SEARCH_DEFAULT    50 /* posts of a page */

/* ---- flags ----------------------------------------------------------------------------------- */

struct request {
    const char *command;
    struct decode_options decode;
    Str data, workspace, queries;
    uint32_t threads;
    bool is_json, is_quiet, is_count, has_facets, has_stems;
    int64_t now_ms, from_ms, to_ms;
    enum search_order order;
    Str view, owner; /* of a kept search */
    Str reason;
    uint64_t limit, spikes;
    struct alert_found alerts;
    Str query, cursor;
    struct cli_paths paths;
};

#define ORDER_UNSAID      ((enum search_order)(SEARCH_RELEVANT + 1))
#define PATHS_NEEDED      "name files of posts, or - for standard input"
#define QUIET_AND_JSON(r) CLI_FLAG("-q, --quiet", &(r).is_quiet), CLI_FLAG("--json", &(r).is_json)
/* How files are read. */
#define DECODE_OPTIONS(r)                                                                          \
    CLI_FORMAT(&(r).decode.format), CLI_TEXT("--map, --mapping", &(r).decode.mapping),             \
        CLI_TEXT("--source", &(r).decode.source), CLI_TEXT("--dataset", &(r).decode.dataset),      \
        CLI_FILES("file of posts", &(r).paths, true, PATHS_NEEDED)

static struct request request_of(const char *command)
{
    return (struct request){.command = command,
                            .workspace = S(DEFAULT_WORKSPACE),
                            .now_ms = clock_now_ms(),
                            .order = ORDER_UNSAID,
                            .limit = SEARCH_DEFAULT};
}

/* ---- decode ---------------------------------------------------------------------------------- */

struct decode_run {
    struct request *r;
    Str path; /* that is read */
    bool is_charset_told;
    struct buf out;
    uint64_t rejects, ignored;
};

static void print_charset(void *context, Str path, enum charset charset)
{
    const struct request *r = context;
    Str name = cli_file_name(path);

    if (!r->is_quiet)
        fprintf(stderr, STR_F ": read as %s\n", STR_A(name), charset_name(charset));
}

static bool decode_print(void *context, const struct decode_batch *batch, struct err *err)
{
    struct decode_run *run = context;

    if (batch->charset != CHARSET_UTF_8 && !run->is_charset_told)
        print_charset(run->r, run->path, batch->charset);
    run->is_charset_told = true;
    vec_each (struct decoded, decoded, &batch->posts) {
        post_write_native(&decoded->post, &run->out);
        buf_add_byte(&run->out, '\n');
    }
    vec_each (struct decode_reject, reject, &batch->rejects)
        cli_reject(run->path, reject->line, reject->reason);
    run->rejects += batch->rejects.count;
    run->ignored += batch->ignored_count;
    return cli_flush(&run->out, err);
}

static bool decode_all(struct decode_run *run, struct err *err)
{
    vec_each (Str, path, &run->r->paths) {
        run->path = *path;
        run->is_charset_told = false;
        if (!decode_walk(*path, &run->r->decode, decode_print, run, err))
            return false;
    }
    return true;
}

int post_decode_command(int argc, char **argv)
{
    struct request r = request_of("post decode");
    struct decode_run run = {.r = &r};
    struct err err = {0};
    const struct cli_option options[] = {DECODE_OPTIONS(r), QUIET_AND_JSON(r)};

    r.decode.is_live = true;
    buf_init(&run.out, GIB);
    bool ok = cli_options_read(r.command, options, COUNT_OF(options), argc, argv, &err) &&
              decode_all(&run, &err);
    buf_deinit(&run.out);
    vec_deinit(&r.paths);
    if (!ok)
        return cli_report(r.command, &err);
    if (run.ignored > 0 && !r.is_quiet)
        fprintf(stderr, "left out %llu records that are no posts\n",
                (unsigned long long)run.ignored);
    return run.rejects > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}

/* ---- workspace and queries ------------------------------------------------------------------- */

/* The named workspace; the default one is made when it is not there yet. */
static bool open_workspace(struct request *r, struct arena *arena, bool may_create,
                           struct workspace **out, struct err *err)
{
    struct db *system = NULL;
    Str data;
    bool ok;

    if (!data_dir_resolve(arena, r->data, &data, err))
        return false;
    if (may_create && str_eq(r->workspace, S(DEFAULT_WORKSPACE))) {
        struct err exists = {0};
        ok = system_db_open(&system, data, err) &&
             (workspace_create(system, data, r->workspace, S("Default"), S("system"), r->now_ms,
                               &exists) ||
              exists.code == ERR_EXISTS || (*err = exists, false));
        db_close(&system);
        if (!ok)
            return false;
    }
    return workspace_open(out, data, r->workspace, err);
}

/* One line of a query file, id TAB query, becomes a standing query or a new version of it. */
static bool query_line(struct db *state, struct arena *arena, Str line, int64_t now_ms,
                       struct err *err)
{
    struct standing_query query = {0};
    struct err absent = {0};
    Str name, text;

    if (!str_cut(line, '\t', &name, &text))
        return err_set(err, ERR_INPUT, "a line is: name TAB query");
    if (standing_query_find(arena, state, name, &query, &absent))
        return standing_query_change(state, query.id, str_trim(text), S("cli"),
                                     str_from_cstr(standing_query_from_file), now_ms, err);
    query = (struct standing_query){.name = name, .text = str_trim(text)};
    return standing_query_create(state, &query, S("cli"), now_ms, err);
}

static bool load_queries(const struct request *r, struct db *state, struct err *err)
{
    struct os_reader *reader = NULL;
    struct arena arena;
    Str line;
    bool has_line = true, ok;

    if (r->queries.len == 0)
        return true;
    arena_init(&arena, REQUEST_ARENA_BYTES_MAX);
    ok = os_reader_open(&reader, r->queries, err);
    while (ok && (ok = os_reader_line(reader, &line, &has_line, err)) && has_line) {
        if (str_trim(line).len == 0 || line.ptr[0] == '#')
            continue;
        arena_reset(&arena);
        if (!query_line(state, &arena, line, r->now_ms, err))
            ok = err_wrap(err, STR_F ":%llu", STR_A(r->queries),
                          (unsigned long long)os_reader_line_number(reader));
    }
    os_reader_close(&reader);
    arena_deinit(&arena);
    return ok;
}

/* ---- import ---------------------------------------------------------------------------------- */

static void print_progress(void *context, const struct import_progress *p)
{
    char bar[BAR_WIDTH + 1], left[32] = "";
    double share = p->bytes_total > 0 ? (double)p->bytes_done / (double)p->bytes_total : 0;
    int filled = (int)((share > 1 ? 1 : share) * BAR_WIDTH);

    (void)context;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    bar[BAR_WIDTH] = '\0';
    if (p->seconds_left >= 0)
        snprintf(left, sizeof left, ", %d:%02d left", (int)p->seconds_left / 60,
                 (int)p->seconds_left % 60);
    fprintf(stderr, "\r[%s] %3.0f %%  %llu posts, %.0f/s%s\033[K", bar, share * 100,
            (unsigned long long)p->counts.read, p->posts_per_second, left);
    fflush(stderr);
}

static void print_rejected(void *context, const struct import_reject *reject)
{
    const struct request *r = context;

    if (!r->is_quiet && isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    cli_reject(reject->path, reject->line, reject->reason);
}

static void print_counts(const struct request *r, const struct import_result *result)
{
    const struct intake_counts *c = &result->counts;
    double rate = result->seconds > 0 ? (double)c->read / result->seconds : 0;

    if (!r->is_json)
        printf("read %llu\nnew %llu\nupdated %llu\nduplicate %llu\ndeleted %llu\nrejected %llu\n"
               "matched %llu\nignored %llu\n",
               (unsigned long long)c->read, (unsigned long long)c->added,
               (unsigned long long)c->updated, (unsigned long long)c->duplicate,
               (unsigned long long)c->deleted, (unsigned long long)c->rejected,
               (unsigned long long)c->matched, (unsigned long long)c->ignored);
    else
        printf("{\"import\":%lld,\"read\":%llu,\"new\":%llu,\"updated\":%llu,\"duplicate\":%llu,"
               "\"deleted\":%llu,\"rejected\":%llu,\"matched\":%llu,\"ignored\":%llu,\"points\":%"
               "llu,\"spikes\":%llu,\"alerts\":%llu,"
               "\"resumed\":%s,\"seconds\":%.3f,\"posts_per_second\":%.0f}\n",
               (long long)result->id, (unsigned long long)c->read, (unsigned long long)c->added,
               (unsigned long long)c->updated, (unsigned long long)c->duplicate,
               (unsigned long long)c->deleted, (unsigned long long)c->rejected,
               (unsigned long long)c->matched, (unsigned long long)c->ignored,
               (unsigned long long)result->points, (unsigned long long)r->spikes,
               (unsigned long long)r->alerts.raised, result->is_resumed ? "true" : "false",
               result->seconds, rate);
    if (r->alerts.raised > 0 && !r->is_quiet && !r->is_json)
        fprintf(stderr, "%llu alerts were raised: see trimtab alert raised\n",
                (unsigned long long)r->alerts.raised);
}

/* What changed is looked through for alerts. */
static bool publish(struct request *r, struct workspace *workspace, struct archive *archive,
                    struct measure_publication *published, struct err *err)
{
    return measure_publish(workspace->state, archive, r->now_ms, published, err) &&
           spikes_find(workspace->state, archive, r->now_ms, &r->spikes, err) &&
           alerts_find(workspace->state, archive, r->now_ms, &r->alerts, err);
}

static bool import_all(struct request *r, struct workspace *workspace, struct import_result *result,
                       struct err *err)
{
    struct measure_publication published = {0};
    bool has_bar = !r->is_quiet && !r->is_json && isatty(STDERR_FILENO);
    struct import_job job = {.workspace = workspace,
                             .paths = r->paths.items,
                             .path_count = r->paths.count,
                             .options = r->decode,
                             .worker_count = r->threads,
                             .now_ms = r->now_ms,
                             .actor = S("cli"),
                             .stop = cli_watch_interrupts(),
                             .progress = has_bar ? print_progress : NULL,
                             .rejected = print_rejected,
                             .converted = print_charset,
                             .context = r};

    /* Queries alone hold up nobody who writes. */
    bool ok = (import_is_empty(job.paths, job.path_count) ||
               archive_open(&job.archive, workspace->posts_dir, ARCHIVE_WRITE, err)) &&
              import_run(&job, result, err);
    if (has_bar)
        fputs("\r\033[K", stderr);
    ok = ok && (!result->is_published || !job.archive ||
                publish(r, workspace, job.archive, &published, err));
    archive_close(&job.archive);
    if (!ok)
        return false;
    print_counts(r, result);
    return true;
}

int post_import_command(int argc, char **argv)
{
    struct request r = request_of("post import");
    struct import_result result = {0};
    struct workspace *workspace = NULL;
    struct arena arena;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_PATH("--queries", &r.queries),
        CLI_WHOLE("--threads", &r.threads, 1, THREADS_MAX),
        CLI_TIME("--now", &r.now_ms),
        DECODE_OPTIONS(r),
        QUIET_AND_JSON(r),
    };

    arena_init(&arena, MIB);
    bool ok = cli_options_read(r.command, options, COUNT_OF(options), argc, argv, &err) &&
              open_workspace(&r, &arena, true, &workspace, &err) &&
              load_queries(&r, workspace->state, &err) && import_all(&r, workspace, &result, &err);
    workspace_close(&workspace);
    arena_deinit(&arena);
    vec_deinit(&r.paths);
    if (!ok)
        return cli_report(r.command, &err);
    return result.counts.rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}

/* ---- rematch --------------------------------------------------------------------------------- */

static void print_rematch_progress(void *context, uint64_t done, uint64_t total)
{
    (void)context;
    fprintf(stderr, "\r%llu of %llu posts matched%s\033[K", (unsigned long long)done,
            (unsigned long long)total, done == total ? "; measures follow" : "");
    fflush(stderr);
}

static bool rematch_all(struct request *r, struct workspace *workspace, struct err *err)
{
    bool has_line = !r->is_quiet && !r->is_json && isatty(STDERR_FILENO);
    struct restate_job job = {.workspace = workspace,
                              .actor = S("cli"),
                              .reason = r->reason,
                              .watch = {.progress = has_line ? print_rematch_progress : NULL,
                                        .stop = cli_watch_interrupts()},
                              .now_ms = r->now_ms};
    struct restate_result result;
    bool ok = restate_history(&job, &result, err);

    if (has_line)
        fputs("\r\033[K", stderr);
    if (!ok)
        return false;
    if (r->is_json)
        printf("{\"posts\":%llu,\"changed\":%llu,\"points\":%llu,\"spikes\":%llu,\"alerts\":%llu,"
               "\"seconds\":%.3f}\n",
               (unsigned long long)result.rematch.posts, (unsigned long long)result.rematch.changed,
               (unsigned long long)result.points, (unsigned long long)result.spikes,
               (unsigned long long)result.alerts, result.seconds);
    else
        printf("posts %llu\nchanged %llu\n", (unsigned long long)result.rematch.posts,
               (unsigned long long)result.rematch.changed);
    return true;
}

int post_rematch_command(int argc, char **argv)
{
    struct request r = request_of("post rematch");
    struct workspace *workspace = NULL;
    struct arena arena;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data), CLI_PATH("--queries", &r.queries),
        CLI_TEXT("--reason", &r.reason), CLI_TIME("--now", &r.now_ms), QUIET_AND_JSON(r)};

    arena_init(&arena, MIB);
    bool ok = cli_options_read(r.command, options, COUNT_OF(options), argc, argv, &err) &&
              open_workspace(&r, &arena, false, &workspace, &err) &&
              load_queries(&r, workspace->state, &err) && rematch_all(&r, workspace, &err);
    workspace_close(&workspace);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report(r.command, &err);
}

/* ---- search ---------------------------------------------------------------------------------- */

static void write_facet(struct json_writer *w, const char *name, const struct search_facet *facet,
                        size_t count)
{
    json_set_object(w, name);
    for (size_t i = 0; i < count; i++) {
        json_key(w, facet[i].value);
        json_put_i64(w, facet[i].count);
    }
    json_end_object(w);
}

/* Words about the result go to standard error, as one JSON object with --json. */
static void print_summary(const struct request *r, const struct search_result *found)
{
    struct json_writer w;
    struct buf out;

    if (r->is_quiet)
        return;
    if (!r->is_json && !r->has_facets) {
        fprintf(stderr, "%lld posts%s\n", (long long)found->total,
                found->is_complete ? "" : " or more");
        if (found->next.len > 0)
            fprintf(stderr, "next page: --cursor " STR_F "\n", STR_A(found->next));
        return;
    }
    buf_init(&out, 16 * MIB);
    json_writer_init(&w, &out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "total", found->total);
    json_set_bool(&w, "is_complete", found->is_complete);
    json_set_str(&w, "next", found->next);
    if (r->has_facets) {
        for (size_t i = 0; i < SEARCH_FACET_COUNT; i++)
            write_facet(&w, search_facet_name((enum search_facet_kind)i), found->facets[i].items,
                        found->facets[i].count);
    }
    json_end_object(&w);
    fprintf(stderr, STR_F "\n", STR_A(buf_str(&out)));
    buf_deinit(&out);
}

static bool print_hits(const struct search_result *found, struct err *err)
{
    struct buf out;

    buf_init(&out, GIB);
    for (size_t i = 0; i < found->count; i++) {
        post_write_native(&found->hits[i].post.post, &out);
        buf_add_byte(&out, '\n');
    }
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

/* The query, or what a view holds where nothing else is said. */
static bool read_search(const struct request *r, struct db *state, struct arena *arena,
                        struct search_request *out, struct err *err)
{
    struct saved_view_reader reader = {r->owner.len > 0 ? r->owner : S("cli"), S("cli"), true};
    struct saved_view view;

    if ((r->query.ptr == NULL) != (r->view.len > 0))
        return err_set(err, ERR_USAGE, "one query is needed, or --view V") ||
               err_hint(err, "trimtab post search 'late NEAR/4 (flight OR train)'");
    out->from_ms = r->from_ms;
    out->to_ms = r->to_ms;
    out->order = r->order == ORDER_UNSAID ? SEARCH_NEWEST : r->order;
    out->has_stems = r->has_stems;
    if (r->view.len == 0) {
        out->query = r->query;
        return true;
    }
    if (!saved_view_look_up(arena, state, r->view, &reader, &view, err))
        return false;
    out->query = search_text_within(arena, view.within, view.query);
    out->has_stems = r->has_stems || view.has_stems;
    if (r->order == ORDER_UNSAID)
        out->order = view.order;
    if (r->from_ms == 0 && r->to_ms == 0)
        saved_view_window(&view, r->now_ms, &out->from_ms, &out->to_ms);
    return true;
}

static bool search_all(struct request *r, struct workspace *workspace, struct arena *arena,
                       struct err *err)
{
    struct standing_names names = {workspace->state, arena};
    struct query_resolver resolver = standing_resolver(&names);
    struct archive *archive = NULL;
    struct search_result found;
    struct search_request request = {.names = &resolver,
                                     .limit = (size_t)r->limit,
                                     .cursor = r->cursor,
                                     .has_facets = r->has_facets};

    if (!read_search(r, workspace->state, arena, &request, err))
        return false;
    if (request.from_ms != 0 && request.to_ms == 0)
        request.to_ms = DECODE_TIME_MAX_MS;
    else if (request.from_ms != 0 && request.from_ms >= request.to_ms)
        return err_set(err, ERR_USAGE, "--to is not later than --from: no post can be between") ||
               err_hint(err, "the window begins with --from and ends before --to");
    bool ok = archive_open(&archive, workspace->posts_dir, ARCHIVE_READ, err) &&
              search_posts(archive, arena, &request, &found, err);
    if (ok && r->is_count)
        printf("%lld\n", (long long)found.total);
    else if (ok)
        ok = print_hits(&found, err);
    if (ok && !r->is_count)
        print_summary(r, &found);
    archive_close(&archive);
    return ok;
}

int post_search_command(int argc, char **argv)
{
    struct request r = request_of("post search");
    struct workspace *workspace = NULL;
    struct arena arena;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_TIME("--from", &r.from_ms),
        CLI_TIME("--to", &r.to_ms),
        CLI_TIME("--now", &r.now_ms),
        CLI_CHOICE("--order", &r.order, "newest, oldest or relevant"),
        CLI_WHOLE("--limit", &r.limit, 1, SEARCH_PAGE_MAX),
        CLI_TEXT("--cursor", &r.cursor),
        CLI_TEXT("--view", &r.view),
        CLI_TEXT("--owner", &r.owner),
        CLI_FLAG("--stems", &r.has_stems),
        CLI_FLAG("--facets", &r.has_facets),
        CLI_FLAG("--count", &r.is_count),
        QUIET_AND_JSON(r),
        CLI_ARGUMENT("query", &r.query, false, NULL),
    };

    arena_init(&arena, GIB);
    bool ok = cli_options_read(r.command, options, COUNT_OF(options), argc, argv, &err) &&
              open_workspace(&r, &arena, false, &workspace, &err) &&
              search_all(&r, workspace, &arena, &err);
    workspace_close(&workspace);
    arena_deinit(&arena);
    return ok ? CLI_OK : cli_report(r.command, &err);
}
