/* page_imports.c - files that people bring in: upload, look, map columns, import, rejected rows. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "format/csv.h"
#include "listen/standing_query.h"
#include "listen/upload.h"
#include "os/file.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/route.h"
#include "web/say.h"
#include "web/server_priv.h"
#include "web/upload_body.h"
#include "web/upload_job.h"
#include "web/view/post_view.h"

enum { SHOWN_POSTS = 4, SHOWN_REJECTS = 20, SHOWN_ROW_BYTES = 160 };
#define REJECT_FILE_BYTES_MAX (24 * MIB) /* of a download: the rest lies in the folder */

static Str state_label(struct request *req, enum upload_state state)
{
    static const char *const labels[] = {
        [UPLOAD_WAITING] = TR("not imported yet"),
        [UPLOAD_IMPORTING] = TR("importing"),
        [UPLOAD_DONE] = TR("imported"),
        [UPLOAD_FAILED] = TR("failed"),
        [UPLOAD_STOPPED] = TR("stopped"),
    };

    return request_tr(req, labels[state]);
}

static Str state_word(enum upload_state state)
{
    static const char *const words[] = {[UPLOAD_WAITING] = "amber",
                                        [UPLOAD_IMPORTING] = "sea",
                                        [UPLOAD_DONE] = "green",
                                        [UPLOAD_FAILED] = "red",
                                        [UPLOAD_STOPPED] = "amber"};

    return str_from_cstr(words[state]);
}

/* A job that died with its program is one that was stopped. */
static bool settle(struct request *req, struct upload *u, struct import_progress *progress,
                   bool *is_running)
{
    *progress = (struct import_progress){.seconds_left = -1};
    *is_running =
        upload_jobs_find(web_server_jobs(req->server), req->workspace->slug, u->id, progress);
    if (u->state == UPLOAD_IMPORTING && !*is_running)
        u->state = UPLOAD_STOPPED;
    return *is_running;
}

/* ---- the list -------------------------------------------------------------------------------- */

static bool show_list(struct request *req, const struct err *problem, struct err *err)
{
    struct upload *list;
    struct import_progress progress;
    bool is_running;
    size_t count;
    struct page_head head = {.current = "imports", .title = TR("Bring posts")};

    if (!upload_list(&req->arena, req->workspace->state, &list, &count, err))
        return false;
    struct tpl_imports_upload *rows = arena_new(&req->arena, struct tpl_imports_upload, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct upload *u = &list[i];
        (void)settle(req, u, &progress, &is_running);
        rows[i] = (struct tpl_imports_upload){
            .name = u->name,
            .link = request_url(req, "imports/%lld", (long long)u->id),
            .size = u->size,
            .state = state_label(req, u->state),
            .state_word = state_word(u->state),
            .at = u->created_at_ms,
            .read = (int64_t)u->counts.read,
            .matched = (int64_t)u->counts.matched,
            .rejected = (int64_t)u->counts.rejected,
            .was_read = u->finished_at_ms != 0,
            .actor = u->actor,
        };
    }
    struct tpl_imports c = {.uploads = {rows, count},
                            .may_import = request_may(req, MAY_IMPORT),
                            .csrf = page_csrf(req),
                            .action = request_url(req, "imports"),
                            .problem = problem ? error_sentence(req, problem) : STR_NONE,
                            .hint = problem ? error_hint(req, problem) : STR_NONE,
                            .sources = request_url(req, "sources"),
                            .size_most = (int64_t)(UPLOAD_BYTES_MAX / GIB)};
    PAGE(req, &head, imports, &c);
    return true;
}

bool page_imports(struct request *req, struct err *err)
{
    return show_list(req, NULL, err);
}

bool page_imports_send(struct request *req, struct err *err)
{
    struct upload u = {.source = request_form(req, S("source"))};
    struct err problem = {0};
    Str part;

    if (!upload_body_file(req, &part, &u.name, &u.size)) {
        (void)!err_set(&problem, ERR_INPUT, "no file was chosen");
        req->status = status_of(problem.code);
        return show_list(req, &problem, err);
    }
    return upload_add(req->workspace, part, &u, request_actor(req), req->now_ms, err) &&
           request_redirect(req, request_url(req, "imports/%lld", (long long)u.id));
}

/* ---- one file -------------------------------------------------------------------------------- */

static bool find(struct request *req, struct upload *u, struct err *err)
{
    int64_t id;

    if (!str_to_i64(request_capture(req, S("upload")), &id))
        return err_set(err, ERR_NOT_FOUND, "there is no such upload");
    return upload_read(&req->arena, req->workspace->state, id, u, err);
}

static Str member_label(struct request *req, const char *member)
{
    static const struct {
        const char *member, *label;
    } labels[] = {{"id", TR("Identity")},
                  {"text", TR("Text")},
                  {"title", TR("Title")},
                  {"created_at", TR("Time")},
                  {"source", TR("Source")},
                  {"author", TR("Author (handle)")},
                  {"author_name", TR("Author (name)")},
                  {"followers", TR("Followers")},
                  {"lang", TR("Language")},
                  {"url", TR("Address")},
                  {"likes", TR("Likes")},
                  {"replies", TR("Replies")},
                  {"reposts", TR("Reposts")},
                  {"views", TR("Views")},
                  {"rating", TR("Rating (stars)")},
                  {"country", TR("Country")},
                  {"kind", TR("Kind of post")},
                  {"author_id", TR("Author (identity)")},
                  {"link", TR("Link in the post")},
                  {"reply_to", TR("Reply to (identity)")},
                  {"reply_to_author", TR("Reply to (author)")},
                  {"thread", TR("Conversation")},
                  {"repost_of", TR("Repost of (identity)")},
                  {"repost_of_author", TR("Repost of (author)")},
                  {"dataset", TR("Data set")}};

    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (strcmp(labels[i].member, member) == 0)
            return request_tr(req, labels[i].label);
    return str_from_cstr(member);
}

static Str cut(Str text)
{
    Str short_one = str_sub(text, 0, SHOWN_ROW_BYTES);

    while (short_one.len > 0 && str_utf8_invalid_at(short_one) < short_one.len &&
           short_one.len + 4 > SHOWN_ROW_BYTES)
        short_one.len--;
    return str_utf8_invalid_at(short_one) < short_one.len ? STR_NONE : short_one;
}

static void fill_members(struct request *req, const char *chosen, struct tpl_import_column *out)
{
    size_t count = 0;

    while (decode_csv_member(count))
        count++;
    out->members.count = count;
    struct tpl_import_member *items = arena_new(&req->arena, struct tpl_import_member, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *member = decode_csv_member(i);
        items[i] = (struct tpl_import_member){
            .name = str_from_cstr(member),
            .label = member_label(req, member),
            .is_chosen = chosen && strcmp(chosen, member) == 0,
        };
    }
    out->members.items = items;
}

/* An order that the first rows show is named too: what is looked at is what is imported. */
static void fill_dates(const struct decode_columns *columns, struct tpl_import *c)
{
    Str order = str_from_cstr(columns->date_order ? columns->date_order : "");

    c->asks_dates = columns->is_date_order_open || order.len > 0;
    c->are_dates_open = columns->is_date_order_open;
    c->is_dmy = str_eq(order, S("dmy"));
    c->is_mdy = str_eq(order, S("mdy"));
    c->is_ymd = str_eq(order, S("ymd"));
}

static void fill_columns(struct request *req, const struct decode_columns *columns,
                         struct tpl_import *c)
{
    struct tpl_import_column *items =
        arena_new(&req->arena, struct tpl_import_column, columns->count + 1);

    for (size_t i = 0; i < columns->count; i++) {
        struct tpl_import_sample *samples =
            arena_new(&req->arena, struct tpl_import_sample, columns->row_count + 1);
        for (size_t row = 0; row < columns->row_count; row++)
            samples[row].text = cut(columns->rows[row][i]);
        items[i] = (struct tpl_import_column){.number = (int64_t)i,
                                              .name = columns->names[i],
                                              .is_used = columns->members[i] != NULL,
                                              .samples = {samples, columns->row_count}};
        fill_members(req, columns->members[i], &items[i]);
    }
    c->is_csv = columns->is_csv;
    c->has_text = columns->has_text;
    c->columns.items = items;
    c->columns.count = columns->count;
}

static void fill_hints(struct request *req, const struct upload *u, const struct upload_look *look,
                       struct tpl_import *c)
{
    struct tpl_import_hint *items =
        arena_new(&req->arena, struct tpl_import_hint, look->hint_count + 1);

    for (size_t i = 0; i < look->hint_count; i++)
        items[i] = (struct tpl_import_hint){
            .text = look->hints[i].text,
            .posts = look->hints[i].posts,
            .link = request_url(req, "queries/new?text=" STR_F "&upload=%lld",
                                STR_A(request_part(req, look->hints[i].text)), (long long)u->id),
        };
    c->hints.items = items;
    c->hints.count = look->hint_count;
}

static Str reason_of(struct request *req, const struct decode_reject *reject)
{
    return say_kept(req, reject->kept, reject->reason);
}

static void fill_look(struct request *req, const struct upload *u, const struct upload_look *look,
                      struct tpl_import *c)
{
    const struct decode_batch *batch = &look->batch;
    size_t posts = batch->posts.count < SHOWN_POSTS ? batch->posts.count : SHOWN_POSTS;
    size_t bad =
        batch->rejects.count < UPLOAD_LOOK_REJECTS ? batch->rejects.count : UPLOAD_LOOK_REJECTS;
    struct tpl_post *shown = arena_new(&req->arena, struct tpl_post, posts + 1);
    struct tpl_import_reject *rejects = arena_new(&req->arena, struct tpl_import_reject, bad + 1);

    for (size_t i = 0; i < posts; i++)
        post_view_fill(req, &batch->posts.items[i].post, POST_POLARITY_UNKNOWN,
                       batch->posts.items[i].post.lang, NULL, &shown[i]);
    for (size_t i = 0; i < bad; i++)
        rejects[i] = (struct tpl_import_reject){.line = (int64_t)batch->rejects.items[i].line,
                                                .reason = reason_of(req, &batch->rejects.items[i]),
                                                .raw = cut(batch->rejects.items[i].raw)};
    c->posts.items = shown;
    c->posts.count = posts;
    c->bad.items = rejects;
    c->bad.count = bad;
    c->bad_count = (int64_t)batch->rejects.count;
    c->looked = (int64_t)batch->row_count;
    c->is_whole = look->is_whole;
    c->format = str_from_cstr(decode_format_name(look->format));
    if (batch->charset != CHARSET_UTF_8)
        c->charset = str_from_cstr(charset_name(batch->charset));
    fill_hints(req, u, look, c);
}

static bool load_reject(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                        struct err *err)
{
    struct request *const *req = context;
    struct tpl_import_reject *r = item;
    Str raw = cut(stmt_blob(stmt, 2)), reason, kept;

    r->line = stmt_i64(stmt, 0);
    if (!stmt_copy_str(stmt, 1, arena, &reason, err) || !stmt_copy_str(stmt, 3, arena, &kept, err))
        return false;
    r->reason = say_kept(*req, kept, reason);
    return arena_try_str(arena, raw, &r->raw) || err_arena(err, arena);
}

static bool fill_rejects(struct request *req, const struct upload *u, struct tpl_import *c,
                         struct err *err)
{
    struct stmt *stmt;
    void *rows;
    size_t count;

    if (u->import == 0 || u->counts.rejected == 0)
        return true;
    if (!db_query(req->workspace->state,
                  "SELECT line, reason, raw, reason_kept FROM import_reject WHERE import = ?1"
                  " ORDER BY line LIMIT ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, u->import);
    stmt_bind_i64(stmt, 2, SHOWN_REJECTS);
    if (!stmt_load_rows(stmt, &req->arena, sizeof(struct tpl_import_reject), load_reject, &req,
                        &rows, &count, err))
        return false;
    c->rejects.items = rows;
    c->rejects.count = count;
    c->reject_rows = request_url(req, "imports/%lld/rejects", (long long)u->id);
    c->reject_reasons = request_url(req, "imports/%lld/rejects?reasons=1", (long long)u->id);
    return true;
}

static void fill_counts(const struct intake_counts *counts, struct tpl_import *c)
{
    c->read = (int64_t)counts->read;
    c->added = (int64_t)counts->added;
    c->updated = (int64_t)counts->updated;
    c->duplicate = (int64_t)counts->duplicate;
    c->matched = (int64_t)counts->matched;
    c->rejected = (int64_t)counts->rejected;
}

static void fill_progress(const struct upload *u, const struct import_progress *p,
                          struct tpl_import *c)
{
    fill_counts(c->is_running ? &p->counts : &u->counts, c);
    c->is_waiting = c->is_running && p->seconds == 0;
    c->share = p->bytes_total > 0 ? (double)p->bytes_done / (double)p->bytes_total : 0;
    c->rate = c->is_running    ? p->posts_per_second
              : u->seconds > 0 ? (double)u->counts.read / u->seconds
                               : 0;
    c->seconds = u->seconds;
    c->seconds_left = p->seconds_left;
    c->has_left = c->is_running && p->seconds_left >= 0;
}

static bool fill_queries(struct request *req, const struct upload *u, struct tpl_import *c,
                         struct err *err)
{
    struct standing_query *list;
    uint64_t revision;
    size_t count;

    if (!standing_query_list(&req->arena, req->workspace->state, &list, &count, err) ||
        !standing_set_revision(req->workspace->state, &revision, err))
        return false;
    const struct standing_query *latest = NULL;
    for (size_t i = 0; i < count; i++) {
        c->query_count += list[i].is_active;
        if (list[i].is_active && (!latest || list[i].created_at_ms >= latest->created_at_ms))
            latest = &list[i];
    }
    c->has_queries = c->query_count > 0;
    if (latest && c->may_edit_queries)
        c->alerts =
            request_url(req, "alerts/rules/new?query=" STR_F "&past=1", STR_A(latest->name));
    c->is_outdated = u->finished_at_ms != 0 && (uint64_t)u->query_set != revision;
    return true;
}

static bool fill_contents(struct request *req, const struct upload *u, struct tpl_import *c)
{
    struct upload_look look;
    struct err problem = {0};

    if (upload_look(&req->arena, req->workspace, u, &look, &problem))
        fill_look(req, u, &look, c);
    else if (look.columns.is_csv && !look.columns.has_text)
        c->unreadable =
            request_tr(req, TR("No column holds the text of a post: say below which one does."));
    else {
        c->unreadable = error_sentence(req, &problem);
        c->hint_words = error_hint(req, &problem);
    }
    fill_columns(req, &look.columns, c);
    fill_dates(&look.columns, c);
    /* The slices of posts die with the look: the page is built before. */
    struct page_crumb crumbs[] = {{request_tr(req, TR("Bring posts")), request_url(req, "imports")},
                                  {u->name, STR_NONE}};
    struct page_head head = {
        .current = "imports", .title_text = u->name, .crumbs = crumbs, .crumb_count = 2};
    PAGE(req, &head, import, c);
    upload_look_close(&look);
    return true;
}

static bool show_file(struct request *req, struct upload *u, const struct err *problem,
                      struct err *err)
{
    struct tpl_import *c = arena_new(&req->arena, struct tpl_import, 1);
    struct import_progress progress;
    bool is_running;

    (void)settle(req, u, &progress, &is_running);
    *c = (struct tpl_import){
        .name = u->name,
        .state = state_label(req, u->state),
        .state_word = state_word(u->state),
        .size = u->size,
        .source = u->source,
        .id = u->id,
        .is_running = is_running,
        .was_read = u->finished_at_ms != 0 && u->state == UPLOAD_DONE,
        .new_query = request_url(req, "queries/new?upload=%lld", (long long)u->id),
        .queries = request_url(req, "queries"),
        .market = request_url(req, "market"),
        .search =
            request_url(req, "search?q=" STR_F,
                        STR_A(request_part(req, arena_printf(&req->arena, "dataset:\"" STR_F "\"",
                                                             STR_A(u->source))))),
        .csrf = page_csrf(req),
        .action = request_url(req, "imports/%lld", (long long)u->id),
        .may_import = request_may(req, MAY_IMPORT),
        .may_edit_queries = request_may(req, MAY_EDIT_QUERIES),
        .problem = problem                     ? error_sentence(req, problem)
                   : u->state == UPLOAD_FAILED ? u->problem
                                               : STR_NONE,
        .hint_words = problem ? error_hint(req, problem) : STR_NONE,
    };
    fill_progress(u, &progress, c);
    return fill_queries(req, u, c, err) && fill_rejects(req, u, c, err) && fill_contents(req, u, c);
}

bool page_import(struct request *req, struct err *err)
{
    struct upload u;

    return find(req, &u, err) && show_file(req, &u, NULL, err);
}

/* ---- what is said about a file --------------------------------------------------------------- */

static Str chosen_for(struct request *req, size_t column)
{
    return request_form(req, arena_printf(&req->arena, "column.%zu", column));
}

static bool is_used_already(struct request *req, size_t column, Str member)
{
    for (size_t i = 0; i < column; i++)
        if (str_eq(chosen_for(req, i), member))
            return true;
    return false;
}

/* Every column that was said to fill something, and every member that the heading would give but
 * nobody chose. */
static bool read_mapping(struct request *req, const struct decode_columns *columns, Str *out,
                         struct err *err)
{
    struct buf text;

    buf_init(&text, MIB);
    for (size_t i = 0; i < columns->count; i++) {
        Str chosen = chosen_for(req, i);
        if (chosen.len == 0)
            continue;
        bool is_sayable = str_find_byte(columns->names[i], ',') == columns->names[i].len;
        if (!is_sayable || is_used_already(req, i, chosen)) {
            buf_deinit(&text);
            return is_sayable
                       ? err_set(err, ERR_INPUT, "two columns cannot both fill '" STR_F "'",
                                 STR_A(chosen)) ||
                             err_hint(err, "Choose one; the other is kept beside the post.")
                       : err_set(err, ERR_INPUT, "the column '" STR_F "' has a comma in its name",
                                 STR_A(columns->names[i])) ||
                             err_hint(err, "Rename it in the file.");
        }
        buf_printf(&text, "%s" STR_F "=" STR_F, text.len > 0 ? "," : "", STR_A(chosen),
                   STR_A(columns->names[i]));
    }
    for (size_t i = 0; decode_csv_member(i); i++) {
        Str member = str_from_cstr(decode_csv_member(i));
        if (!is_used_already(req, columns->count, member))
            buf_printf(&text, "%s" STR_F "=", text.len > 0 ? "," : "", STR_A(member));
    }
    Str dates = request_form(req, S("dates"));
    if (dates.len > 0 && str_find_byte(dates, ',') == dates.len)
        buf_printf(&text, "%sdates=" STR_F, text.len > 0 ? "," : "", STR_A(dates));
    *out = arena_str(&req->arena, buf_str(&text));
    bool ok = buf_ok(&text, err);
    buf_deinit(&text);
    return ok;
}

static bool take_settings(struct request *req, struct upload *u, struct err *err)
{
    struct decode_columns columns;
    struct decode_options options = upload_options(u);
    Str source = request_form(req, S("source"));

    if (source.len > 0)
        u->source = str_sub(source, 0, UPLOAD_NAME_BYTES_MAX);
    if (!params_has(&req->form, S("column.0")))
        return true;
    options.mapping = STR_NONE; /* the columns as they are */
    return decode_columns_read(upload_path(&req->arena, req->workspace, u->id), &options,
                               &req->arena, &columns, err) &&
           (!columns.is_csv || read_mapping(req, &columns, &u->mapping, err));
}

static bool start(struct request *req, struct upload *u, struct err *err)
{
    u->state = UPLOAD_IMPORTING;
    u->problem = STR_NONE;
    return upload_write(req->workspace->state, u, err) &&
           upload_jobs_add(web_server_jobs(req->server), req->workspace->slug, u->id,
                           request_actor(req), err);
}

static bool act(struct request *req, struct upload *u, Str wanted, struct err *err)
{
    struct import_progress progress;
    bool is_running;

    (void)settle(req, u, &progress, &is_running);
    if (str_eq(wanted, S("stop"))) {
        upload_jobs_cancel(web_server_jobs(req->server), req->workspace->slug, u->id);
        return true;
    }
    if (is_running)
        return err_set(err, ERR_CONFLICT, "the file is being imported") ||
               err_hint(err, "Stop the import first.");
    if (str_eq(wanted, S("remove")))
        return upload_remove(req->workspace, u, request_actor(req), req->now_ms, err);
    if (!take_settings(req, u, err))
        return false;
    return str_eq(wanted, S("import")) ? start(req, u, err)
                                       : upload_write(req->workspace->state, u, err);
}

bool page_import_send(struct request *req, struct err *err)
{
    struct upload u, before;
    struct err problem = {0};
    Str wanted = request_form(req, S("do"));

    if (!find(req, &u, err))
        return false;
    before = u;
    if (act(req, &u, wanted, &problem))
        return str_eq(wanted, S("remove"))
                   ? request_redirect_notice(req, request_url(req, "imports"),
                                             request_tr(req, TR("The file was removed.")))
                   : request_redirect(req, request_url(req, "imports/%lld", (long long)u.id));
    if (problem.code != ERR_INPUT && problem.code != ERR_CONFLICT && problem.code != ERR_BUSY) {
        *err = problem;
        return false;
    }
    req->status = status_of(problem.code);
    return show_file(req, &before, &problem, err);
}

/* ---- rejected rows --------------------------------------------------------------------------- */

/* Reasons are written for the command line, with the path; here the file has the name it came with.
 */
static void add_renamed(struct request *req, Str text, Str path, Str name)
{
    for (size_t at; (at = str_find(text, path)) < text.len;) {
        buf_add(&req->html.out, str_sub(text, 0, at));
        buf_add(&req->html.out, name);
        text = str_sub(text, at + path.len, text.len);
    }
    buf_add(&req->html.out, text);
}

/* A CSV file's heading, so that the rows can be brought again once they are mended. Both are in
 * UTF-8 whatever the file was in. */
static bool add_heading(struct request *req, const struct upload *u, struct err *err)
{
    struct decode_columns columns;
    struct decode_options options = upload_options(u);
    struct csv_writer w;

    if (!decode_columns_read(upload_path(&req->arena, req->workspace, u->id), &options, &req->arena,
                             &columns, err))
        return false;
    if (!columns.is_csv)
        return true;
    csv_writer_init(&w, &req->html.out, columns.separator, false);
    for (size_t i = 0; i < columns.count; i++)
        csv_put_str(&w, columns.names[i]);
    csv_end_row(&w);
    return true;
}

bool page_import_rejects(struct request *req, struct err *err)
{
    struct upload u;
    Str text;
    bool has_reasons = request_query(req, S("reasons")).len > 0;

    if (!find(req, &u, err))
        return false;
    Str name = arena_printf(&req->arena, "import-%lld-0%s", (long long)u.import,
                            has_reasons ? ".reasons.txt" : ".txt");
    Str path =
        path_join(&req->arena, path_join(&req->arena, req->workspace->dir, S("rejects")), name);
    if (u.import == 0 || !file_read_all(&req->arena, path, REJECT_FILE_BYTES_MAX, &text, err))
        return u.import != 0 ? false : err_set(err, ERR_NOT_FOUND, "no row was rejected");
    req->content_type = S("text/plain; charset=utf-8");
    request_set_header(
        req, "Content-Disposition",
        arena_printf(&req->arena, "attachment; filename=\"" STR_F "\"", STR_A(name)));
    html_reset(&req->html);
    if (!has_reasons && !add_heading(req, &u, err))
        return false;
    if (has_reasons)
        add_renamed(req, text, upload_path(&req->arena, req->workspace, u.id), u.name);
    else
        buf_add(&req->html.out, text);
    return true;
}
