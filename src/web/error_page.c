#include "web/error_page.h"

#include <microhttpd.h>

#include "format/json.h"
#include "web/page.h"

static const char *title_of(unsigned status)
{
    switch (status) {
    case MHD_HTTP_BAD_REQUEST:
        return TR("That request makes no sense");
    case MHD_HTTP_UNAUTHORIZED:
        return TR("Please log in");
    case MHD_HTTP_FORBIDDEN:
        return TR("Not allowed");
    case MHD_HTTP_NOT_FOUND:
        return TR("Not found");
    case MHD_HTTP_METHOD_NOT_ALLOWED:
        return TR("Not this way");
    case MHD_HTTP_CONFLICT:
        return TR("Somebody was quicker");
    case MHD_HTTP_CONTENT_TOO_LARGE:
    case MHD_HTTP_URI_TOO_LONG:
        return TR("Too much at once");
    case MHD_HTTP_UNPROCESSABLE_CONTENT:
        return TR("Something in it is not right");
    case MHD_HTTP_TOO_MANY_REQUESTS:
        return TR("Please wait a moment");
    case MHD_HTTP_SERVICE_UNAVAILABLE:
        return TR("Not available right now");
    default:
        return TR("That did not work");
    }
}

static void answer_problem(struct request *req, unsigned status, const struct err *err, Str message)
{
    struct json_writer w;

    req->content_type = S("application/problem+json");
    json_writer_init(&w, &req->html.out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "type", S("about:blank"));
    json_set_str(&w, "title", str_from_cstr(title_of(status)));
    json_set_i64(&w, "status", status);
    json_set_str(&w, "code", str_from_cstr(err_code_name(err->code)));
    json_set_str(&w, "detail", message);
    if (err->hint[0] != '\0')
        json_set_str(&w, "hint", str_from_cstr(err->hint));
    json_set_i64(&w, "request", (int64_t)req->number);
    json_end_object(&w);
}

/* The first letter large, a full stop at the end: errors are written for logs. */
Str error_sentence(struct arena *arena, const struct err *err)
{
    Str text = arena_printf(arena, "%s.", err->msg);
    char *first = arena_new(arena, char, text.len + 1);

    if (text.len == 0)
        return text;
    memcpy(first, text.ptr, text.len);
    if (first[0] >= 'a' && first[0] <= 'z')
        first[0] = (char)(first[0] - 32);
    return (Str){first, text.len};
}

void error_answer(struct request *req, unsigned status, const struct err *err)
{
    bool is_ours =
        status >= MHD_HTTP_INTERNAL_SERVER_ERROR && status != MHD_HTTP_SERVICE_UNAVAILABLE;
    Str message =
        is_ours
            ? request_tr(req, TR("The fault is on our side. It was noted with the number below."))
            : error_sentence(&req->arena, err);
    struct tpl_error c = {
        .status = status,
        .title = request_tr(req, title_of(status)),
        .message = message,
        .hint = is_ours ? STR_NONE : str_from_cstr(err->hint),
        .request_id = arena_printf(&req->arena, "%llu", (unsigned long long)req->number),
    };
    struct page_head head = {.title = title_of(status)};

    req->status = status;
    req->fixed_body = STR_NONE;
    html_reset(&req->html);
    if (status == MHD_HTTP_UNAUTHORIZED && request_is_api(req))
        request_set_header(req, MHD_HTTP_HEADER_WWW_AUTHENTICATE, S("Bearer"));
    if (request_is_api(req))
        answer_problem(req, status, err, message);
    else {
        req->content_type = S("text/html; charset=utf-8");
        PAGE(req, &head, error, &c);
    }
}
