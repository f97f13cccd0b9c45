/* page_login.c - logging in and out, appearance and language, the list of workspaces. */
#include <microhttpd.h>

#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/server_priv.h"

enum { PREFERENCE_SECONDS = 365 * 24 * 3600 };

static bool show_login(struct request *req, Str login, Str next, const struct err *problem)
{
    struct tpl_login c = {
        .login = login,
        .next = next,
        .problem = problem ? error_sentence(req, problem) : STR_NONE,
        .hint = problem ? error_hint(req, problem) : STR_NONE,
    };
    struct page_head head = {.title = TR("Log in")};

    PAGE(req, &head, login, &c);
    return true;
}

bool page_login(struct request *req, struct err *err)
{
    (void)err;
    if (req->is_signed_in)
        return request_redirect(req, S("/"));
    return show_login(req, STR_NONE, request_query(req, S("next")), NULL);
}

bool page_login_send(struct request *req, struct err *err)
{
    Str login = request_form(req, S("login")), next = request_form(req, S("next"));
    char token[SESSION_TOKEN_BYTES];
    struct err problem = {0};

    if (!account_authenticate(&req->arena, req->system, web_server_login_limit(req->server), login,
                              params_get(&req->form, S("password")), request_address(req),
                              &password_cost_default, req->now_ms, &req->account, &problem)) {
        if (problem.code != ERR_DENIED && problem.code != ERR_BUSY) {
            *err = problem;
            return false;
        }
        req->status = problem.code == ERR_BUSY ? MHD_HTTP_TOO_MANY_REQUESTS : MHD_HTTP_UNAUTHORIZED;
        return show_login(req, login, next, &problem);
    }
    if (!session_sweep(req->system, req->now_ms, err) ||
        !session_create(req->system, req->account.id, request_header(req, "User-Agent"),
                        req->now_ms, token, err))
        return false;
    request_set_cookie(req, "trimtab_session", arena_str(&req->arena, str_from_cstr(token)),
                       SESSION_LIFE_MS / 1000);
    return request_redirect(req, next.len > 0 ? next : S("/"));
}

bool page_logout(struct request *req, struct err *err)
{
    request_set_cookie(req, "trimtab_session", STR_NONE, 0);
    if (req->session_token.len > 0 && !session_end(req->system, req->session_token, err))
        return false;
    return request_redirect(req, S("/login"));
}

bool page_preferences(struct request *req, struct err *err)
{
    Str theme = request_form(req, S("theme"));
    const struct i18n_language *language = i18n_find(request_form(req, S("language")));

    (void)err;
    if (str_eq(theme, S("light")) || str_eq(theme, S("dark")) || str_eq(theme, S("auto")))
        request_set_cookie(req, "trimtab_theme", theme, PREFERENCE_SECONDS);
    if (language)
        request_set_cookie(req, "trimtab_language", language->code, PREFERENCE_SECONDS);
    return request_redirect(req, request_form(req, S("next")));
}

/* One workspace: straight to its bridge. */
bool page_home(struct request *req, struct err *err)
{
    struct workspace_entry *list;
    size_t count;
    struct page_head head = {.title = TR("Workspaces")};

    if (!page_workspaces(req, &list, &count, err))
        return false;
    if (count == 1)
        return request_redirect(
            req, arena_printf(&req->arena, "/w/" STR_F "/bridge", STR_A(list[0].slug)));
    struct tpl_home_workspace *items = arena_new(&req->arena, struct tpl_home_workspace, count + 1);
    for (size_t i = 0; i < count; i++) {
        enum role role;
        if (!account_role(req->system, req->account.id, list[i].slug, &role, err))
            return false;
        items[i] = (struct tpl_home_workspace){
            .name = list[i].name,
            .slug = list[i].slug,
            .link = arena_printf(&req->arena, "/w/" STR_F "/bridge", STR_A(list[i].slug)),
            .role = page_role_name(req, role),
        };
    }
    struct tpl_home c = {.workspaces = {items, count}};
    PAGE(req, &head, home, &c);
    return true;
}

bool page_health(struct request *req, struct err *err)
{
    (void)err;
    req->content_type = S("text/plain; charset=utf-8");
    req->fixed_body = S("ok\n");
    return true;
}

bool page_ready(struct request *req, struct err *err)
{
    struct workspace_entry *list;
    size_t count;

    if (!workspace_list(&req->arena, req->system, &list, &count, err))
        return false;
    req->content_type = S("text/plain; charset=utf-8");
    req->fixed_body = S("ready\n");
    return true;
}
