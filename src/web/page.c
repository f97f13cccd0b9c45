#include "web/page.h"

#include "format/digest.h"
#include "os/entropy.h"
#include "web/live/live_stream.h"

enum { CSRF_BYTES = SESSION_TOKEN_BYTES };

static Str initials_of(struct request *req)
{
    Str name = req->account.name.len > 0 ? req->account.name : req->account.login;
    char out[8];
    size_t len = 0, at = 0;
    bool is_start = true;

    for (int letters = 0; at < name.len && letters < 2;) {
        uint32_t rune = str_next_rune(name, &at);
        if (is_start && rune > ' ') {
            len += str_put_rune(out + len, rune >= 'a' && rune <= 'z' ? rune - 32 : rune);
            letters++;
        }
        is_start = rune == ' ' || rune == '-' || rune == '.';
    }
    return arena_str(&req->arena, (Str){out, len});
}

/* Pages are compressed and may show what was asked, so a token that stays the same could be guessed
 * byte by byte from their length (BREACH, 2013). Each page therefore carries it under a fresh pad:
 * base64url of pad and token xor pad. */
Str page_csrf(struct request *req)
{
    uint8_t both[2 * CSRF_BYTES];
    Str token = str_from_cstr(req->session.csrf);
    struct buf text;

    if (!req->is_signed_in || req->is_by_token || token.len > CSRF_BYTES)
        return STR_NONE;
    entropy_fill(both, token.len);
    for (size_t i = 0; i < token.len; i++)
        both[token.len + i] = (uint8_t)(both[i] ^ (uint8_t)token.ptr[i]);
    buf_init(&text, 4 * sizeof both);
    digest_add_base64url(&text, (Str){(const char *)both, 2 * token.len});
    Str out = arena_str(&req->arena, buf_str(&text));
    buf_deinit(&text);
    return out;
}

bool page_csrf_matches(const struct request *req, Str given)
{
    char token[CSRF_BYTES];
    struct buf bytes;

    buf_init(&bytes, 4 * CSRF_BYTES);
    bool ok =
        digest_read_base64url(&bytes, given) && bytes.len % 2 == 0 && bytes.len <= 2 * CSRF_BYTES;
    size_t len = ok ? bytes.len / 2 : 0;
    for (size_t i = 0; i < len; i++)
        token[i] = (char)(bytes.ptr[i] ^ bytes.ptr[len + i]);
    buf_deinit(&bytes);
    return ok && session_csrf_matches(&req->session, (Str){token, len});
}

static Str theme_word(enum theme theme)
{
    return theme == THEME_DARK ? S("dark") : theme == THEME_LIGHT ? S("light") : S("auto");
}

Str page_role_name(const struct request *req, enum role role)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_NONE] = "",
        [ROLE_VIEWER] = TR("Viewer"),
        [ROLE_REVIEWER] = TR("Reviewer"),
        [ROLE_AGENT] = TR("Agent"),
        [ROLE_DEPARTMENT] = TR("Department"),
        [ROLE_MANAGEMENT] = TR("Management"),
        [ROLE_STRATEGIST] = TR("Strategist"),
        [ROLE_ADMIN] = TR("Administrator"),
    };

    return names[role][0] == '\0' ? STR_NONE : request_tr(req, names[role]);
}

/* The notice of the last change, shown once. */
static void take_notice(struct request *req, struct tpl_frame *frame)
{
    Str packed = request_cookie(req, "trimtab_notice");
    struct buf text;

    if (packed.len == 0)
        return;
    request_set_cookie(req, "trimtab_notice", STR_NONE, 0);
    buf_init(&text, 4096);
    if (digest_read_base64url(&text, packed)) {
        struct tpl_frame_message *message = arena_new(&req->arena, struct tpl_frame_message, 1);
        message->text = arena_str(&req->arena, buf_str(&text));
        frame->messages.items = message;
        frame->messages.count = 1;
    }
    buf_deinit(&text);
}

bool page_workspaces(struct request *req, struct workspace_entry **out, size_t *count,
                     struct err *err)
{
    struct workspace_entry *all;
    size_t all_count;

    *count = 0;
    if (!workspace_list(&req->arena, req->system, &all, &all_count, err))
        return false;
    *out = arena_new(&req->arena, struct workspace_entry, all_count + 1);
    for (size_t i = 0; i < all_count; i++) {
        enum role role;
        if (!account_role(req->system, req->account.id, all[i].slug, &role, err))
            return false;
        bool is_in_reach = !req->is_by_token || req->token.workspace.len == 0 ||
                           str_eq(req->token.workspace, all[i].slug);
        if (role != ROLE_NONE && is_in_reach)
            (*out)[(*count)++] = all[i];
    }
    return true;
}

static void fill_workspaces(struct request *req, struct tpl_frame *frame)
{
    struct workspace_entry *list;
    size_t count;
    struct err ignored = {0};

    if (!page_workspaces(req, &list, &count, &ignored))
        return;
    struct tpl_frame_workspace *items =
        arena_new(&req->arena, struct tpl_frame_workspace, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct tpl_frame_workspace){
            .name = list[i].name,
            .link = arena_printf(&req->arena, "/w/" STR_F "/bridge", STR_A(list[i].slug)),
            .is_current = req->workspace && str_eq(req->workspace->slug, list[i].slug),
        };
    frame->workspaces.items = items;
    frame->workspaces.count = count;
}

static void fill_languages(struct request *req, struct tpl_frame *frame)
{
    size_t count = i18n_language_count();
    struct tpl_frame_language *items = arena_new(&req->arena, struct tpl_frame_language, count);

    for (size_t i = 0; i < count; i++) {
        const struct i18n_language *language = i18n_language_at(i);
        items[i] = (struct tpl_frame_language){language->code, language->name,
                                               language == req->env.language};
    }
    frame->languages.items = items;
    frame->languages.count = count;
}

static void fill_crumbs(struct request *req, const struct page_head *head, struct tpl_frame *frame)
{
    struct tpl_frame_crumb *items =
        arena_new(&req->arena, struct tpl_frame_crumb, head->crumb_count + 1);

    for (size_t i = 0; i < head->crumb_count; i++)
        items[i] = (struct tpl_frame_crumb){head->crumbs[i].label, head->crumbs[i].link};
    frame->crumbs.items = items;
    frame->crumbs.count = head->crumb_count;
}

/* Where the page hears of changes since now. Pages for keys and without a workspace do not. */
static Str live_of(struct request *req)
{
    if (!req->workspace || !req->is_signed_in || req->is_by_token)
        return STR_NONE;
    Str since = live_stream_since(req);
    return request_url(req, "live?since=" STR_F, STR_A(since));
}

static struct tpl_frame *frame_of(struct request *req, const struct page_head *head)
{
    struct tpl_frame *frame = arena_new(&req->arena, struct tpl_frame, 1);
    const struct workspace *w = req->workspace;

    *frame = (struct tpl_frame){
        .language = req->env.language->code,
        .theme = theme_word(req->theme),
        .title = head->title ? request_tr(req, head->title) : head->title_text,
        .subtitle = head->subtitle,
        .current = str_from_cstr(head->current),
        .base = w ? arena_printf(&req->arena, "/w/" STR_F, STR_A(w->slug)) : STR_NONE,
        .is_signed_in = req->is_signed_in,
        .has_workspace = w != NULL,
        .may_view_ledger = request_may(req, MAY_VIEW_LEDGER),
        .may_manage = request_may(req, MAY_MANAGE),
        .workspace_name = w ? w->name : STR_NONE,
        .account_name = req->account.name,
        .initials = initials_of(req),
        .role = page_role_name(req, req->access.role),
        .csrf = page_csrf(req),
        .live = live_of(req),
        .here = req->method == HTTP_GET ? req->target : req->path,
        .search = head->current && str_eq(str_from_cstr(head->current), S("search"))
                      ? request_query(req, S("q"))
                      : STR_NONE,
        .notice_count = head->notice_count,
    };
    fill_crumbs(req, head, frame);
    frame->steps.items = head->steps;
    frame->steps.count = head->step_count;
    return frame;
}

void page_begin(struct request *req, const struct page_head *head)
{
    struct tpl_frame *frame = frame_of(req, head);

    fill_languages(req, frame);
    if (req->is_signed_in) {
        fill_workspaces(req, frame);
        take_notice(req, frame);
    }
    req->frame = frame;
    html_reset(&req->html);
    tpl_frame_begin(&req->html, &req->env, frame);
}

void page_end(struct request *req)
{
    tpl_frame_end(&req->html, &req->env, req->frame);
}
