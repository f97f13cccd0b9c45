#include "web/error_page.h"

#include <microhttpd.h>

#include "base/log.h"
#include "format/json.h"
#include "web/page.h"
#include "web/say.h"
#include "web/server_priv.h"

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

/* ---- what is for people and what is for the log ---- */

static bool names(const char *text, Str path)
{
    Str t = str_from_cstr(text);

    return path.len > 1 && str_find(t, path) < t.len;
}

bool error_is_internal(Str data_dir, const struct err *err)
{
    return err->sys != 0 || names(err->msg, data_dir) || names(err->hint, data_dir);
}

static Str data_dir_of(struct request *req)
{
    return pool_data_dir(web_server_pool(req->server));
}

unsigned error_status(struct request *req, const struct err *err)
{
    bool keeps = err->code == ERR_EXISTS || err->code == ERR_CONFLICT || err->code == ERR_BUSY ||
                 err->code == ERR_UNAVAILABLE;

    return !keeps && error_is_internal(data_dir_of(req), err) ? MHD_HTTP_INTERNAL_SERVER_ERROR
                                                              : status_of(err->code);
}

static void log_failure(struct request *req, const struct err *err)
{
    log_event(LOG_ERROR, "web.failed", log_i64("request", (int64_t)req->number),
              log_str("code", str_from_cstr(err_code_name(err->code))),
              log_str("error", str_from_cstr(err->msg)),
              log_str("origin", str_from_cstr(err->origin)));
}

static Str general_message(struct request *req, enum err_code code)
{
    switch (code) {
    case ERR_BUSY:
        return request_tr(req, TR("Somebody else is writing just now. Try again in a moment."));
    case ERR_EXISTS:
    case ERR_CONFLICT:
        return request_tr(req, TR("This contradicts what is stored already."));
    case ERR_UNAVAILABLE:
        return request_tr(req, TR("Something that this needs is not available right now."));
    default:
        return request_tr(req, TR("The fault is on our side."));
    }
}

/* "Request %1" with its number, in the language of the request. */
static Str request_words(struct request *req)
{
    Str before, after;

    (void)str_cut(request_tr(req, TR("Request %1")), '%', &before, &after);
    return arena_printf(&req->arena, STR_F "%llu" STR_F, STR_A(before),
                        (unsigned long long)req->number, STR_A(str_sub(after, 1, after.len)));
}

/* Latin letters of the first two blocks of Unicode: a to z, and U+00E0 to U+00FE but for the sign
 * of division, as two bytes of UTF-8 that begin with C3. */
static void capitalise(char *text, size_t len)
{
    unsigned char second = len > 1 ? (unsigned char)text[1] : 0;

    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 32);
    else if ((unsigned char)text[0] == 0xC3 && second >= 0xA0 && second <= 0xBE && second != 0xB7)
        text[1] = (char)(second - 32);
}

/* The first letter large, a full stop at the end: errors are written for logs. */
static Str sentence_of(struct arena *arena, Str message)
{
    Str text = arena_printf(arena, STR_F ".", STR_A(message));
    char *first = arena_new(arena, char, text.len + 1);

    memcpy(first, text.ptr, text.len);
    capitalise(first, text.len);
    return (Str){first, text.len};
}

Str error_sentence(struct request *req, const struct err *err)
{
    if (!error_is_internal(data_dir_of(req), err))
        return sentence_of(&req->arena, say_error(req, err));
    log_failure(req, err);
    return arena_printf(&req->arena, STR_F " (" STR_F ")", STR_A(general_message(req, err->code)),
                        STR_A(request_words(req)));
}

Str error_hint(struct request *req, const struct err *err)
{
    return names(err->hint, data_dir_of(req)) ? STR_NONE : say_hint(req, err);
}

/* ---- the answer ---- */

static void answer_problem(struct request *req, unsigned status, const struct err *err, Str message,
                           Str hint)
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
    if (hint.len > 0)
        json_set_str(&w, "hint", hint);
    json_set_i64(&w, "request", (int64_t)req->number);
    json_end_object(&w);
}

void error_answer(struct request *req, unsigned status, const struct err *err)
{
    bool is_internal = error_is_internal(data_dir_of(req), err);
    bool is_ours = is_internal || (status >= MHD_HTTP_INTERNAL_SERVER_ERROR &&
                                   status != MHD_HTTP_SERVICE_UNAVAILABLE);
    Str message =
        is_ours ? general_message(req, err->code) : sentence_of(&req->arena, say_error(req, err));
    Str hint = error_hint(req, err);

    if (is_ours || status >= MHD_HTTP_INTERNAL_SERVER_ERROR)
        log_failure(req, err);
    struct tpl_error c = {
        .status = status,
        .title = request_tr(req, title_of(status)),
        .message = message,
        .hint = hint,
        .request_id = arena_printf(&req->arena, "%llu", (unsigned long long)req->number),
    };
    struct page_head head = {.title = title_of(status)};

    req->status = status;
    req->fixed_body = STR_NONE;
    html_reset(&req->html);
    if (status == MHD_HTTP_UNAUTHORIZED && request_is_api(req))
        request_set_header(req, MHD_HTTP_HEADER_WWW_AUTHENTICATE, S("Bearer"));
    if (request_is_api(req))
        answer_problem(req, status, err, message, hint);
    else {
        req->content_type = S("text/html; charset=utf-8");
        PAGE(req, &head, error, &c);
    }
}
