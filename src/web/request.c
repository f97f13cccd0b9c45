#include "web/request.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "format/digest.h"
#include "os/clock.h"
#include "web/download.h"
#include "web/live/live_hub.h"
#include "web/server_priv.h"
#include "web/upload_body.h"

/* ---- life ---- */

struct request *request_create(struct web_server *server, Str target)
{
    struct request *req = mem_alloc(1, sizeof *req);

    req->server = server;
    req->number = web_server_next_number(server);
    req->started_ns = clock_monotonic_ns();
    req->now_ms = clock_now_ms();
    arena_init(&req->arena, REQUEST_ARENA_BYTES_MAX);
    arena_keep_back(&req->arena, REQUEST_ARENA_KEEP_BACK);
    buf_init(&req->body, BODY_BYTES_MAX);
    html_init(&req->html, RESPONSE_BYTES_MAX);
    req->is_target_too_long = target.len > REQUEST_TARGET_BYTES_MAX;
    req->target = arena_str(&req->arena, str_sub(target, 0, REQUEST_TARGET_BYTES_MAX));
    req->status = MHD_HTTP_OK;
    req->content_type = S("text/html; charset=utf-8");
    req->env = (struct render_env){i18n_default(), req->now_ms};
    return req;
}

void request_destroy(struct request **request)
{
    struct request *req = *request;

    if (!req)
        return;
    live_client_close(&req->live);
    download_abandon(&req->download);
    upload_body_close(req);
    pool_workspace_release(web_server_pool(req->server), &req->workspace);
    pool_system_release(web_server_pool(req->server), &req->system);
    vec_deinit(&req->headers);
    html_deinit(&req->html);
    buf_deinit(&req->body);
    arena_deinit(&req->arena);
    mem_free(req);
    *request = NULL;
}

/* ---- what was asked ---- */

Str request_header(struct request *req, const char *name)
{
    return str_from_cstr(MHD_lookup_connection_value(req->connection, MHD_HEADER_KIND, name));
}

struct cookie_search {
    Str name, value;
};

/* Proxies split cookies into several headers, and one may be empty. libmicrohttpd's own lookup
 * reads the first header only. */
static enum MHD_Result look_for_cookie(void *context, enum MHD_ValueKind kind, const char *name,
                                       const char *value)
{
    struct cookie_search *search = context;

    (void)kind;
    if (str_eq_nocase(str_from_cstr(name), S("Cookie")))
        search->value = params_cookie(str_from_cstr(value), search->name);
    return search->value.len > 0 ? MHD_NO : MHD_YES;
}

Str request_cookie(struct request *req, const char *name)
{
    struct cookie_search search = {.name = str_from_cstr(name)};

    (void)MHD_get_connection_values(req->connection, MHD_HEADER_KIND, look_for_cookie, &search);
    return search.value;
}

Str request_address(struct request *req)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(req->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "";

    if (info && info->client_addr->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, info->client_addr, sizeof v4);
        (void)inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    } else if (info && info->client_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, info->client_addr, sizeof v6);
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
    return arena_str(&req->arena, str_from_cstr(text));
}

Str request_query(const struct request *req, Str name)
{
    return str_trim(params_get(&req->query, name));
}

Str request_form(const struct request *req, Str name)
{
    return str_trim(params_get(&req->form, name));
}

Str request_capture(const struct request *req, Str name)
{
    return params_get(&req->captured, name);
}

bool request_is_api(const struct request *req)
{
    return str_starts(req->path, S("/api/"));
}

int64_t request_query_i64(const struct request *req, Str name, int64_t fallback, int64_t least,
                          int64_t most)
{
    int64_t value;

    return str_to_i64(request_query(req, name), &value) && value >= least && value <= most
               ? value
               : fallback;
}

bool request_may(const struct request *req, enum permission permission)
{
    if (!req->is_signed_in || !req->workspace)
        return false;
    return req->is_by_token
               ? api_token_may(&req->token, req->workspace->slug, req->access, permission)
               : access_may(req->access, permission);
}

Str request_actor(struct request *req)
{
    if (req->is_by_token)
        return arena_printf(&req->arena, "token:" STR_F, STR_A(req->token.name));
    return req->account.login;
}

/* ---- what is answered ---- */

void request_set_header(struct request *req, const char *name, Str value)
{
    for (size_t i = 0; i < value.len; i++)
        ASSERT((unsigned char)value.ptr[i] >= 0x20); /* no header ends inside a value */
    vec_push(&req->headers, (struct header){str_from_cstr(name), value});
}

void request_set_cookie(struct request *req, const char *name, Str value, int64_t seconds)
{
    Str life =
        seconds >= 0 ? arena_printf(&req->arena, "; Max-Age=%lld", (long long)seconds) : STR_NONE;

    request_set_header(
        req, MHD_HTTP_HEADER_SET_COOKIE,
        arena_printf(&req->arena, "%s=" STR_F "; Path=/; HttpOnly; SameSite=Lax%s" STR_F, name,
                     STR_A(value), web_server_is_https(req->server) ? "; Secure" : "",
                     STR_A(life)));
}

/* Only a path of this site: one slash, not two, and nothing that ends a header. */
static bool is_own_path(Str address)
{
    if (address.len == 0 || address.ptr[0] != '/' || str_starts(address, S("//")) ||
        str_starts(address, S("/\\")))
        return false;
    for (size_t i = 0; i < address.len; i++)
        if ((unsigned char)address.ptr[i] <= 0x20 || address.ptr[i] == 0x7f)
            return false;
    return true;
}

bool request_redirect(struct request *req, Str address)
{
    req->status = MHD_HTTP_SEE_OTHER;
    html_reset(&req->html);
    request_set_header(req, MHD_HTTP_HEADER_LOCATION, is_own_path(address) ? address : S("/"));
    return true;
}

bool request_redirect_notice(struct request *req, Str address, Str notice)
{
    struct buf packed;

    buf_init(&packed, 4096);
    digest_add_base64url(&packed, str_sub(notice, 0, 1000));
    request_set_cookie(req, "trimtab_notice", arena_str(&req->arena, buf_str(&packed)), 60);
    buf_deinit(&packed);
    return request_redirect(req, address);
}

Str request_url(struct request *req, const char *format, ...)
{
    Str slug = req->workspace ? req->workspace->slug : STR_NONE;
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int rest = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(rest >= 0);
    size_t head = sizeof "/w//" - 1 + slug.len, len = head + (size_t)rest;
    char *text = arena_new(&req->arena, char, len + 1);
    (void)snprintf(text, head + 1, "/w/" STR_F "/", STR_A(slug));
    (void)vsnprintf(text + head, (size_t)rest + 1, format, again);
    va_end(again);
    return (Str){text, len};
}

Str request_part(struct request *req, Str text)
{
    struct html h;

    html_init(&h, 3 * text.len + 1);
    html_url_part(&h, text);
    Str out = arena_str(&req->arena, html_str(&h));
    html_deinit(&h);
    return out;
}

Str request_tr(const struct request *req, const char *message)
{
    return i18n_text(req->env.language, STR_NONE, str_from_cstr(message));
}

unsigned status_of(enum err_code code)
{
    switch (code) {
    case ERR_USAGE:
        return MHD_HTTP_BAD_REQUEST;
    case ERR_INPUT:
        return MHD_HTTP_UNPROCESSABLE_CONTENT;
    case ERR_NOT_FOUND:
        return MHD_HTTP_NOT_FOUND;
    case ERR_EXISTS:
    case ERR_CONFLICT:
        return MHD_HTTP_CONFLICT;
    case ERR_DENIED:
        return MHD_HTTP_FORBIDDEN;
    case ERR_LIMIT:
        return MHD_HTTP_CONTENT_TOO_LARGE;
    case ERR_BUSY:
        return MHD_HTTP_TOO_MANY_REQUESTS;
    case ERR_UNAVAILABLE:
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    default:
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
}
