/* hook.c - POST /hook/<workspace>/<source>: posts that other programs send
 * (listen/source/source_hook.h).
 *
 * No log-in: the signature is the right. Whatever is wrong with name, state or signature of a
 * source is answered alike, so that nobody learns which sources there are.
 */
#include <microhttpd.h>

#include "format/json.h"
#include "listen/source/source_hook.h"
#include "web/page/pages.h"
#include "web/request.h"
#include "web/server_priv.h"

static const unsigned statuses[] = {
    [HOOK_TAKEN] = MHD_HTTP_ACCEPTED,
    [HOOK_KNOWN] = MHD_HTTP_ACCEPTED,
    [HOOK_UNSIGNED] = MHD_HTTP_UNAUTHORIZED,
    [HOOK_CONFLICT] = MHD_HTTP_CONFLICT,
    [HOOK_UNREADABLE] = MHD_HTTP_UNPROCESSABLE_CONTENT,
    [HOOK_FULL] = MHD_HTTP_SERVICE_UNAVAILABLE,
};

static void answer(struct request *req, const struct hook_answer *a)
{
    struct json_writer w;

    req->status = statuses[a->verdict];
    req->content_type = S("application/json");
    if (a->verdict == HOOK_FULL)
        request_set_header(req, MHD_HTTP_HEADER_RETRY_AFTER, S("60"));
    json_writer_init(&w, &req->html.out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "message", str_from_cstr(a->message));
    if (a->verdict == HOOK_TAKEN || a->verdict == HOOK_UNREADABLE) {
        json_set_i64(&w, "posts", a->posts);
        json_set_i64(&w, "rejected", a->rejected);
        if (a->first_reject[0] != '\0')
            json_set_str(&w, "first_rejected", str_from_cstr(a->first_reject));
    }
    json_end_object(&w);
}

/* False in *is_there: no such workspace or webhook. */
static bool find(struct request *req, struct source *source, Str *secret, bool *is_there,
                 struct err *err)
{
    struct err absent = {0};
    Str slug = request_capture(req, S("slug")), name = request_capture(req, S("source"));

    *is_there = false;
    if (!pool_workspace_acquire(web_server_pool(req->server), slug, &req->workspace, &absent) ||
        !source_find(&req->arena, req->workspace->state, name, source, &absent)) {
        if (absent.code == ERR_NOT_FOUND || absent.code == ERR_INPUT)
            return true;
        *err = absent;
        return false;
    }
    *is_there = source->kind == SOURCE_WEBHOOK;
    return source_secret_read(&req->arena, req->workspace, source->name, secret, err);
}

bool page_hook_send(struct request *req, struct err *err)
{
    struct hook_request q = {.timestamp = request_header(req, "X-Trimtab-Timestamp"),
                             .signature = request_header(req, "X-Trimtab-Signature"),
                             .key = request_header(req, "Idempotency-Key"),
                             .body = buf_str(&req->body),
                             .now_ms = req->now_ms};
    struct hook_answer a = {.verdict = HOOK_UNSIGNED,
                            .message = "The signature is wrong, or the timestamp is more than 5 "
                                       "minutes off."};
    struct source source;
    Str secret = STR_NONE;
    bool is_there;

    if (!find(req, &source, &secret, &is_there, err) ||
        (is_there && !hook_receive(req->workspace->state, &source, secret, &q, &a, err)))
        return false;
    answer(req, &a);
    return true;
}
