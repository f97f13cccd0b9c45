#include "web/api/api.h"

#include <microhttpd.h>

#include "base/embedded.h"
#include "base/hash.h"
#include "ledger/ledger.h"
#include "web/page.h"

void api_begin(struct request *req, struct json_writer *w)
{
    req->content_type = S("application/json");
    json_writer_init(w, &req->html.out, JSON_STYLE_COMPACT);
    json_begin_object(w);
}

bool api_end(struct request *req, struct json_writer *w)
{
    json_end_object(w);
    if (req->method != HTTP_GET)
        return true;
    Str etag = arena_printf(&req->arena, "\"%016llx\"",
                            (unsigned long long)hash_bytes(html_str(&req->html), 0));
    request_set_header(req, MHD_HTTP_HEADER_ETAG, etag);
    request_set_header(req, MHD_HTTP_HEADER_CACHE_CONTROL, S("private, no-cache"));
    if (str_eq(request_header(req, MHD_HTTP_HEADER_IF_NONE_MATCH), etag)) {
        req->status = MHD_HTTP_NOT_MODIFIED;
        html_reset(&req->html);
    }
    return true;
}

bool api_body(struct request *req, const struct json **out, struct err *err)
{
    Str type = request_header(req, MHD_HTTP_HEADER_CONTENT_TYPE), kind, rest;

    (void)str_cut(type, ';', &kind, &rest);
    if (!str_eq_nocase(str_trim(kind), S("application/json")))
        return err_set(err, ERR_USAGE, "cannot read a body of type '" STR_F "'", STR_A(kind)) ||
               err_hint(err, "Send Content-Type: application/json.");
    return json_parse(&req->arena, buf_str(&req->body), out, err);
}

void api_set_time(struct request *req, struct json_writer *w, const char *key, int64_t at_ms)
{
    struct html h;

    html_init(&h, 64);
    render_rfc3339(&h, at_ms);
    json_set_str(w, key, arena_str(&req->arena, html_str(&h)));
    html_deinit(&h);
}

bool api_openapi(struct request *req, struct err *err)
{
    const struct embedded_file *file = embedded_find(S("docs/openapi.json"));

    if (!file)
        return err_set(err, ERR_NOT_FOUND, "the description of the API is missing");
    req->content_type = S("application/json");
    req->fixed_body = file->bytes;
    return true;
}

bool api_workspaces(struct request *req, struct err *err)
{
    struct workspace_entry *list;
    struct json_writer w;
    size_t count;

    if (!page_workspaces(req, &list, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "slug", list[i].slug);
        json_set_str(&w, "name", list[i].name);
        api_set_time(req, &w, "created_at", list[i].created_at_ms);
        json_end_object(&w);
    }
    json_end_array(&w);
    return api_end(req, &w);
}

static void put_entry(struct request *req, struct json_writer *w, const struct ledger_entry *e)
{
    json_begin_object(w);
    json_set_i64(w, "seq", e->seq);
    api_set_time(req, w, "at", e->at_ms);
    json_set_str(w, "actor", e->actor);
    json_set_str(w, "action", e->action);
    json_set_str(w, "object_kind", e->object_kind);
    json_set_str(w, "object_id", e->object_id);
    json_set_str(w, "reason", e->reason);
    if (e->before_json.ptr)
        json_set_str(w, "before", e->before_json);
    if (e->after_json.ptr)
        json_set_str(w, "after", e->after_json);
    json_set_str(w, "hash", str_from_cstr(e->hash_hex));
    json_end_object(w);
}

bool api_ledger(struct request *req, struct err *err)
{
    struct ledger_filter filter = {
        .actor = request_query(req, S("actor")),
        .object_kind = request_query(req, S("kind")),
        .object_id = request_query(req, S("id")),
        .action_prefix = request_query(req, S("action")),
        .before_seq = request_query_i64(req, S("before"), 0, 1, INT64_MAX),
        .count_max = (size_t)request_query_i64(req, S("limit"), 100, 1, 1000),
    };
    struct ledger_entry *entries;
    struct json_writer w;
    size_t count;

    if (!ledger_list(&req->arena, req->workspace->state, &filter, &entries, &count, err))
        return false;
    api_begin(req, &w);
    json_set_array(&w, "items");
    for (size_t i = 0; i < count; i++)
        put_entry(req, &w, &entries[i]);
    json_end_array(&w);
    return api_end(req, &w);
}

bool api_ledger_verify(struct request *req, struct err *err)
{
    struct ledger_report report;
    struct json_writer w;

    if (!ledger_verify(req->workspace->state, NULL, &report, err))
        return false;
    api_begin(req, &w);
    json_set_bool(&w, "is_sound", report.fault == LEDGER_SOUND);
    json_set_i64(&w, "entries", report.entries);
    json_set_i64(&w, "first_bad_seq", report.first_bad_seq);
    json_set_str(&w, "what", str_from_cstr(report.what));
    json_set_i64(&w, "head_seq", report.head.seq);
    json_set_str(&w, "head_hash", str_from_cstr(report.head.hash_hex));
    json_end_object(&w);
    return true;
}
