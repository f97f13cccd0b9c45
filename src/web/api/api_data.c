/* api_data.c - matching stored posts again, backups, checks and erasure over the API. Erasing and
 * backups take a person's session: no token may do either (people/permission.h). */
#include <microhttpd.h>

#include "listen/erase/erase.h"
#include "web/api/api.h"
#include "web/server_priv.h"
#include "web/view/backup_view.h"
#include "web/view/operation_view.h"

static bool answer(struct request *req, enum operation_kind kind, struct err *err)
{
    struct json_writer w;

    api_begin(req, &w);
    return operation_view_put(req, kind, &w, err) && api_end(req, &w);
}

static bool begin(struct request *req, struct operation_wish wish, struct err *err)
{
    if (!operation_view_begin(req, wish, err))
        return false;
    req->status = MHD_HTTP_ACCEPTED;
    return answer(req, wish.kind, err);
}

/* A body of JSON; none is an empty one. */
static bool body_or_none(struct request *req, const struct json **body, struct err *err)
{
    if (req->body.len == 0)
        return json_parse(&req->arena, S("{}"), body, err);
    return api_body(req, body, err);
}

bool api_rematch(struct request *req, struct err *err)
{
    return answer(req, OPERATION_REMATCH, err);
}

bool api_rematch_begin(struct request *req, struct err *err)
{
    const struct json *body;

    return body_or_none(req, &body, err) &&
           begin(req,
                 (struct operation_wish){.kind = OPERATION_REMATCH,
                                         .reason = json_str_or(body, "reason", STR_NONE)},
                 err);
}

/* ---- backups --------------------------------------------------------------------------------- */

static Str data_dir(struct request *req)
{
    return pool_data_dir(web_server_pool(req->server));
}

bool api_backups(struct request *req, struct err *err)
{
    struct backup_entry *list;
    struct json_writer w;
    size_t count;

    if (!backup_list(&req->arena, data_dir(req), req->workspace->slug, &list, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "name", list[i].name);
        api_set_time(req, &w, "made_at", list[i].made_ms);
        json_set_i64(&w, "files", list[i].files);
        json_set_i64(&w, "bytes", (int64_t)list[i].bytes);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_set_object(&w, "latest");
    if (!operation_view_put(req, OPERATION_BACKUP, &w, err))
        return false;
    json_end_object(&w);
    return api_end(req, &w);
}

bool api_backup_make(struct request *req, struct err *err)
{
    const struct json *body;

    return body_or_none(req, &body, err) &&
           begin(req,
                 (struct operation_wish){.kind = OPERATION_BACKUP,
                                         .reason = json_str_or(body, "reason", STR_NONE)},
                 err);
}

bool api_backup(struct request *req, struct err *err)
{
    return backup_answer(req, request_capture(req, S("backup")), err);
}

bool api_backup_remove(struct request *req, struct err *err)
{
    struct backup_origin origin = {.actor = request_actor(req), .now_ms = req->now_ms};

    req->status = MHD_HTTP_NO_CONTENT;
    return backup_remove(req->workspace, data_dir(req), request_capture(req, S("backup")), &origin,
                         err);
}

/* ---- check ----------------------------------------------------------------------------------- */

bool api_check(struct request *req, struct err *err)
{
    return answer(req, OPERATION_CHECK, err);
}

bool api_check_begin(struct request *req, struct err *err)
{
    struct backup_entry entry;
    const struct json *body;

    if (!body_or_none(req, &body, err))
        return false;
    struct operation_wish wish = {.kind = OPERATION_CHECK,
                                  .backup = json_str_or(body, "backup", STR_NONE)};
    return (wish.backup.len == 0 || backup_find(&req->arena, data_dir(req), req->workspace->slug,
                                                wish.backup, &entry, err)) &&
           begin(req, wish, err);
}

/* ---- erasure --------------------------------------------------------------------------------- */

static bool read_author(struct request *req, const struct json **body, Str *who, Str *source,
                        struct err *err)
{
    if (!api_body(req, body, err) || !json_need_str(*body, "author", who, err))
        return false;
    *source = json_str_or(*body, "source", STR_NONE);
    return who->len > 0 || json_refuse(json_get(*body, "author"), err, "is empty");
}

static void put_names(struct json_writer *w, const char *key, const Str *names, size_t count)
{
    json_set_array(w, key);
    for (size_t i = 0; i < count; i++)
        json_put_str(w, names[i]);
    json_end_array(w);
}

bool api_erasure_preview(struct request *req, struct err *err)
{
    struct erase_report report = {0};
    const struct json *body;
    struct json_writer w;
    Str who, source;

    if (!read_author(req, &body, &who, &source, err))
        return false;
    bool ok = erase_look(req->workspace, &req->arena, who, source, &report, err);
    if (ok) {
        const struct erase_person *p = &report.archive.person;
        api_begin(req, &w);
        put_names(&w, "handles", p->handles, p->handle_count);
        put_names(&w, "ids", p->ids, p->id_count);
        put_names(&w, "names", p->names, p->name_count);
        json_set_i64(&w, "posts", (int64_t)report.archive.posts.count);
        operation_view_put_places(&w, report.places, report.place_count);
        ok = api_end(req, &w);
    }
    erase_report_deinit(&report);
    return ok;
}

bool api_erasure(struct request *req, struct err *err)
{
    return answer(req, OPERATION_ERASE, err);
}

bool api_erasure_begin(struct request *req, struct err *err)
{
    struct operation_wish wish = {.kind = OPERATION_ERASE};
    const struct json *body;

    return read_author(req, &body, &wish.who, &wish.source, err) &&
           json_need_str(body, "reason", &wish.reason, err) &&
           (wish.reason.len > 0 || json_refuse(json_get(body, "reason"), err, "is empty")) &&
           begin(req, wish, err);
}
