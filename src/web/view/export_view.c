#include "web/view/export_view.h"

#include "base/log.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "web/download.h"
#include "web/server_priv.h"
#include "web/view/query_view.h"

#define EXPORT_CHUNK_BYTES (128 * KIB)

/* Everything the thread needs, of its own. */
struct export_job {
    struct arena memory;
    Str data_dir, workspace;
    struct search_request request; /* names set by the thread */
    struct post_export export;
    struct download *download;
};

/* ---- in the thread --------------------------------------------------------------------------- */

static bool flush(void *context, struct err *err)
{
    struct export_job *job = context;
    bool ok = download_put(job->download, buf_str(&job->export.out), err);

    buf_reset(&job->export.out);
    return ok;
}

static bool add_post(void *context, const struct archived_post *post, struct err *err)
{
    struct export_job *job = context;

    return post_export_add(&job->export, post, err) &&
           (job->export.out.len < EXPORT_CHUNK_BYTES || flush(job, err));
}

static bool export_all(struct export_job *job, struct workspace *workspace, struct err *err)
{
    struct standing_names names = {workspace->state, &job->memory};
    struct query_resolver resolver = standing_resolver(&names);
    struct archive *archive = NULL;

    job->request.names = &resolver;
    bool ok = post_export_init(&job->export, err) &&
              (!job->export.is_pseudonymous ||
               export_key(&job->memory, workspace->dir, &job->export.key, err)) &&
              archive_open(&archive, workspace->posts_dir, ARCHIVE_READ, err);
    job->export.scratch = workspace->dir;
    ok = ok && post_export_begin(&job->export, err) &&
         search_each(archive, &job->memory, &job->request, add_post, job, err) &&
         post_export_end(&job->export, flush, job, err);
    archive_close(&archive);
    post_export_deinit(&job->export);
    return ok;
}

static bool work(struct download *d, void *context, struct err *err)
{
    struct export_job *job = context;
    struct workspace *workspace = NULL;

    job->download = d;
    bool ok = workspace_open(&workspace, job->data_dir, job->workspace, err) &&
              export_all(job, workspace, err);
    workspace_close(&workspace);
    return ok;
}

static void drop(void *context)
{
    struct export_job *job = context;

    arena_deinit(&job->memory);
    mem_free(job);
}

/* ---- in the request -------------------------------------------------------------------------- */

static bool check_rights(struct request *req, struct export_wish wish, struct err *err)
{
    if (wish.is_pseudonymous || request_may(req, MAY_ERASE))
        return true;
    err_set(err, ERR_DENIED, "names may only be exported by those who may erase them");
    return req->is_by_token ? err_hint(err, "A key exports under pseudonyms.")
                            : err_hint(err, "Export under pseudonyms, or ask an administrator.");
}

static bool note_in_ledger(struct request *req, const struct search_ask *ask,
                           struct export_wish wish, int64_t total, struct err *err)
{
    struct db *state = req->workspace->state;
    struct json_writer w;
    struct buf after;

    buf_init(&after, 8 * QUERY_BYTES_MAX);
    json_writer_init(&w, &after, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "query", ask->text);
    json_set_i64(&w, "from_ms", ask->from_ms);
    json_set_i64(&w, "to_ms", ask->to_ms);
    json_set_bool(&w, "has_stems", ask->is.has_stems);
    json_set_str(&w, "format", export_format_name(wish.format));
    json_set_bool(&w, "is_pseudonymous", wish.is_pseudonymous);
    json_set_bool(&w, "has_no_text", wish.has_no_text);
    json_set_i64(&w, "posts", total);
    json_end_object(&w);
    struct ledger_entry entry = {.at_ms = req->now_ms,
                                 .actor = request_actor(req),
                                 .action = S("posts.export"),
                                 .object_kind = S("posts"),
                                 .after_json = buf_str(&after)};
    bool ok = buf_ok(&after, err) && db_begin(state, err);
    ok = ok && db_end(state, ledger_append(state, &entry, err), err);
    buf_deinit(&after);
    return ok;
}

static struct export_job *job_create(struct request *req, const struct search_ask *ask,
                                     struct export_wish wish)
{
    struct export_job *job = mem_alloc(1, sizeof *job);

    arena_init(&job->memory, GIB);
    job->data_dir = arena_str(&job->memory, pool_data_dir(web_server_pool(req->server)));
    job->workspace = arena_str(&job->memory, req->workspace->slug);
    job->request = search_ask_request(ask);
    job->request.query = arena_str(&job->memory, ask->text);
    job->request.cursor = STR_NONE;
    job->request.order = SEARCH_OLDEST;
    job->export.format = wish.format;
    job->export.is_pseudonymous = wish.is_pseudonymous;
    job->export.has_no_text = wish.has_no_text;
    return job;
}

bool export_answer(struct request *req, const struct search_ask *ask, struct export_wish wish,
                   struct err *err)
{
    struct search_request count = search_ask_request(ask);
    struct search_result found;
    double ms;

    if (ask->text.len == 0)
        return err_set(err, ERR_INPUT, "nothing is asked for") ||
               err_hint(err, "Words, a query or a view say which posts are exported.");
    count.limit = 1;
    count.cursor = STR_NONE;
    count.order = SEARCH_NEWEST;
    if (!check_rights(req, wish, err) || !query_view_search(req, &count, &found, &ms, err) ||
        (found.is_complete && !export_fits(wish.format, (uint64_t)found.total, err)) ||
        !note_in_ledger(req, ask, wish, found.total, err) ||
        !download_open(req, (struct download_job){work, drop, job_create(req, ask, wish)}, err))
        return false;
    Str ending = export_format_name(wish.format);
    req->content_type = export_content_type(wish.format);
    request_set_header(req, "Content-Disposition",
                       arena_printf(&req->arena, "attachment; filename=\"" STR_F "-%s." STR_F "\"",
                                    STR_A(req->workspace->slug), time_date(req->now_ms).text,
                                    STR_A(ending)));
    request_set_header(
        req, "Trimtab-Posts",
        arena_printf(&req->arena, "%s%lld", found.is_complete ? "" : "~", (long long)found.total));
    pool_workspace_release(web_server_pool(req->server), &req->workspace);
    pool_system_release(web_server_pool(req->server), &req->system);
    return true;
}
