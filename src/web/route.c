/* route.c - from a request to its handler and, whatever happens, to a response. */
#include "web/route.h"

#include <microhttpd.h>
#include <string.h>

#include "web/asset.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/server_priv.h"
#include "web/upload_body.h"

bool route_match(const char *pattern, Str path, struct arena *arena, struct params *captured)
{
    Str rest = str_from_cstr(pattern), want, have;
    struct param found[CAPTURE_COUNT_MAX];
    size_t count = 0;
    struct err ignored = {0};

    for (bool more = true, more_path = true; more || more_path;) {
        if (more != more_path)
            return false;
        more = str_cut(rest, '/', &want, &rest);
        more_path = str_cut(path, '/', &have, &path);
        if (want.len > 2 && want.ptr[0] == '{' && have.len > 0) {
            ASSERT(count < CAPTURE_COUNT_MAX);
            found[count].name = str_sub(want, 1, want.len - 2);
            if (!params_decode(arena, have, false, &found[count++].value, &ignored))
                return false;
        } else if (!str_eq(want, have))
            return false;
    }
    if (captured) {
        captured->items = arena_new(arena, struct param, count + 1);
        captured->count = count;
        if (count > 0)
            memcpy(captured->items, found, count * sizeof *found);
    }
    return true;
}

const struct route *route_find(Str path, enum http_method method, struct arena *arena,
                               struct params *captured, unsigned *allowed)
{
    *allowed = 0;
    for (size_t i = 0; i < route_count; i++) {
        if (!route_match(routes[i].pattern, path, arena, captured))
            continue;
        *allowed |= routes[i].methods;
        if (routes[i].methods & (unsigned)method)
            return &routes[i];
    }
    return NULL;
}

/* ---- what comes before a handler ---- */

static bool parse_target(struct request *req, struct err *err)
{
    Str query;

    (void)str_cut(req->target, '?', &req->path, &query);
    return params_parse(&req->arena, query, &req->query, err);
}

static void read_preferences(struct request *req)
{
    Str theme = request_cookie(req, "trimtab_theme");
    const struct i18n_language *chosen = i18n_find(request_cookie(req, "trimtab_language"));

    req->theme = str_eq(theme, S("dark"))    ? THEME_DARK
                 : str_eq(theme, S("light")) ? THEME_LIGHT
                                             : THEME_AUTO;
    /* Programs read the API: its words are the same for all of them. */
    req->env.language = request_is_api(req) ? i18n_default()
                        : chosen            ? chosen
                                 : i18n_negotiate(request_header(req, "Accept-Language"));
}

static bool find_by_token(struct request *req, Str header, struct err *err)
{
    Str scheme, text;

    (void)str_cut(header, ' ', &scheme, &text);
    if (!str_eq_nocase(scheme, S("Bearer")))
        return err_set(err, ERR_DENIED, "cannot use the authorization scheme '" STR_F "'",
                       STR_A(scheme));
    if (!api_token_find(&req->arena, req->system, str_trim(text), req->now_ms, &req->token, err) ||
        !account_find_id(&req->arena, req->system, req->token.account_id, &req->account, err))
        return false;
    req->is_signed_in = req->is_by_token = true;
    return true;
}

/* An expired session, or one whose account is gone, is no error; a database that fails is. */
static bool find_by_session(struct request *req, struct err *err)
{
    struct err problem = {0};

    req->is_signed_in =
        session_find(req->system, req->session_token, req->now_ms, &req->session, &problem) &&
        account_find_id(&req->arena, req->system, req->session.account_id, &req->account, &problem);
    if (req->is_signed_in || problem.code == ERR_NOT_FOUND ||
        error_status(req, &problem) == MHD_HTTP_FORBIDDEN)
        return true;
    *err = problem;
    return false;
}

/* Who asks? An absent session is no error; a wrong token is. */
static bool find_person(struct request *req, struct err *err)
{
    Str header = request_header(req, MHD_HTTP_HEADER_AUTHORIZATION);

    if (!req->system && !pool_system_acquire(web_server_pool(req->server), &req->system, err))
        return false;
    if (header.len > 0)
        return find_by_token(req, header, err);
    req->session_token = request_cookie(req, "trimtab_session");
    if (req->session_token.len == 0)
        return true;
    return find_by_session(req, err);
}

/* A form of another site must not act for the person who is logged in here. */
static bool check_origin(struct request *req, struct err *err)
{
    Str origin = request_header(req, "Origin"), host = request_header(req, "Host"), scheme, rest;
    Str site = request_header(req, "Sec-Fetch-Site");
    size_t at = str_find(origin, S("://"));

    scheme = str_sub(origin, 0, at);
    rest = at < origin.len ? str_sub(origin, at + 3, origin.len) : STR_NONE;
    (void)scheme;
    if ((origin.len > 0 && !str_eq(rest, host)) ||
        (site.len > 0 && !str_eq(site, S("same-origin")) && !str_eq(site, S("none"))))
        return err_set(err, ERR_DENIED, "the form was sent from another site");
    return true;
}

static bool check_csrf(struct request *req, struct err *err)
{
    Str given = request_header(req, "X-CSRF-Token");

    if (req->is_by_token || !req->is_signed_in)
        return true;
    if (given.len == 0)
        given = request_form(req, S("csrf"));
    if (page_csrf_matches(req, given))
        return true;
    return err_set(err, ERR_DENIED, "the form has expired") ||
           err_hint(err, "Go back, load the page again and repeat what you wanted to do.");
}

static bool read_form(struct request *req, struct err *err)
{
    Str type = request_header(req, MHD_HTTP_HEADER_CONTENT_TYPE), kind, rest;

    if (req->upload)
        return upload_body_finish(req, err);
    (void)str_cut(type, ';', &kind, &rest);
    if (!str_eq_nocase(str_trim(kind), S("application/x-www-form-urlencoded")))
        return true;
    return params_parse(&req->arena, buf_str(&req->body), &req->form, err);
}

static bool check_write(struct request *req, struct err *err)
{
    if (req->method == HTTP_GET)
        return true;
    return read_form(req, err) && check_origin(req, err) && check_csrf(req, err);
}

static bool open_workspace(struct request *req, struct err *err)
{
    Str slug = request_capture(req, S("workspace"));

    if (slug.len == 0)
        return true;
    if (!account_access(req->system, req->account.id, slug, &req->access, err))
        return false;
    if (req->access.role == ROLE_NONE && !req->access.is_system_admin)
        return err_set(err, ERR_NOT_FOUND, "there is no workspace '" STR_F "' for you",
                       STR_A(slug));
    return req->workspace ||
           pool_workspace_acquire(web_server_pool(req->server), slug, &req->workspace, err);
}

static bool check_access(struct request *req, struct err *err)
{
    int access = req->route->access;

    if (access == ROUTE_OPEN)
        return true;
    if (!req->is_signed_in)
        return err_set(err, ERR_DENIED, "log in first");
    if (!open_workspace(req, err))
        return false;
    if (access == ROUTE_SIGNED_IN || request_may(req, (enum permission)access))
        return true;
    return err_set(err, ERR_DENIED, "your role, %s, may not do this",
                   role_name(req->access.role)) ||
           err_hint(err, "It needs the permission '%s'; an administrator gives roles.",
                    permission_name((enum permission)access));
}

static bool answer_asset(struct request *req)
{
    const struct asset *asset = asset_by_url(req->path);
    Str accepted = request_header(req, MHD_HTTP_HEADER_ACCEPT_ENCODING);

    if (!asset || req->method != HTTP_GET)
        return false;
    request_set_header(req, "Cache-Control", S("public, max-age=31536000, immutable"));
    request_set_header(req, "ETag", asset->etag);
    request_set_header(req, "Vary", S("Accept-Encoding"));
    req->content_type = str_from_cstr(asset->content_type);
    req->fixed_body = asset->plain;
    if (str_eq(request_header(req, MHD_HTTP_HEADER_IF_NONE_MATCH), asset->etag)) {
        req->status = MHD_HTTP_NOT_MODIFIED;
        req->fixed_body = S("");
    } else if (asset->brotli.ptr && str_find(accepted, S("br")) < accepted.len) {
        request_set_header(req, "Content-Encoding", S("br"));
        req->fixed_body = asset->brotli;
    } else if (asset->gzip.ptr && str_find(accepted, S("gzip")) < accepted.len) {
        request_set_header(req, "Content-Encoding", S("gzip"));
        req->fixed_body = asset->gzip;
    }
    return true;
}

/* Sends people to the log-in page and back again afterwards. */
static bool is_login_wanted(const struct request *req)
{
    return !req->is_signed_in && req->route && req->route->access != ROUTE_OPEN &&
           req->method == HTTP_GET && !request_is_api(req);
}

static void redirect_to_login(struct request *req)
{
    struct html next;

    html_init(&next, 3 * REQUEST_TARGET_BYTES_MAX);
    html_lit(&next, "/login?next=");
    html_url_part(&next, req->target);
    (void)request_redirect(req, arena_str(&req->arena, html_str(&next)));
    html_deinit(&next);
}

/* What libmicrohttpd's callbacks found while the request was read. */
static bool check_size(struct request *req, struct err *err)
{
    if (req->is_target_too_long) {
        req->status = MHD_HTTP_URI_TOO_LONG;
        return err_set(err, ERR_LIMIT, "the address is longer than %d bytes",
                       REQUEST_TARGET_BYTES_MAX);
    }
    if (req->is_memory_short)
        return err_set(err, ERR_UNAVAILABLE, "too many large requests at the same time") ||
               err_hint(err, "Try again in a moment.");
    return !req->is_too_large || err_set(err, ERR_LIMIT, "the request is larger than %llu MiB",
                                         (unsigned long long)(BODY_BYTES_MAX / MIB));
}

/* RFC 9110, 15.5.6: a refusal of the method names those that there are. */
static bool refuse_method(struct request *req, unsigned allowed, struct err *err)
{
    static const struct {
        enum http_method method;
        const char *name;
    } names[] = {
        {HTTP_GET, "GET, HEAD"}, {HTTP_POST, "POST"}, {HTTP_PUT, "PUT"}, {HTTP_DELETE, "DELETE"}};
    Str list = STR_NONE;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (allowed & (unsigned)names[i].method)
            list = arena_printf(&req->arena, STR_F "%s%s", STR_A(list), list.len > 0 ? ", " : "",
                                names[i].name);
    req->status = MHD_HTTP_METHOD_NOT_ALLOWED;
    request_set_header(req, MHD_HTTP_HEADER_ALLOW, list);
    return err_set(err, ERR_USAGE, "this address does not take that method") ||
           err_hint(err, "It takes " STR_F ".", STR_A(list));
}

bool route_takes_upload(struct request *req)
{
    struct err ignored = {0};
    unsigned allowed;

    if (req->method != HTTP_POST || req->is_target_too_long || !parse_target(req, &ignored))
        return false;
    req->route = route_find(req->path, req->method, &req->arena, &req->captured, &allowed);
    return req->route && (req->route->methods & HTTP_UPLOAD);
}

bool route_admit(struct request *req, struct err *err)
{
    read_preferences(req);
    return find_person(req, err) && check_origin(req, err) && check_access(req, err);
}

static bool run(struct request *req, struct err *err)
{
    unsigned allowed;

    if (!check_size(req, err))
        return false;
    if (!parse_target(req, err))
        return false;
    read_preferences(req);
    if (answer_asset(req))
        return true;
    req->route = route_find(req->path, req->method, &req->arena, &req->captured, &allowed);
    if (!find_person(req, err))
        return false;
    if (!req->route && allowed != 0)
        return refuse_method(req, allowed, err);
    if (!req->route)
        return err_set(err, ERR_NOT_FOUND, "there is nothing at this address");
    return check_write(req, err) && check_access(req, err) && req->route->handle(req, err) &&
           html_ok(&req->html, err);
}

void route_answer(struct request *req)
{
    struct err err = {0};

    if (run(req, &err))
        return;
    if (error_status(req, &err) == MHD_HTTP_FORBIDDEN && is_login_wanted(req)) {
        redirect_to_login(req);
        return;
    }
    bool is_decided =
        req->status == MHD_HTTP_METHOD_NOT_ALLOWED || req->status == MHD_HTTP_URI_TOO_LONG;
    unsigned status = is_decided ? req->status : error_status(req, &err);
    bool is_open = req->route && req->route->access == ROUTE_OPEN;
    if (status == MHD_HTTP_FORBIDDEN && !req->is_signed_in && !is_open)
        status = MHD_HTTP_UNAUTHORIZED;
    error_answer(req, status, &err);
}
