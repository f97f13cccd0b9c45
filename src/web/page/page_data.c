/* page_data.c - the data of a workspace: backups, check of its files, erasing an author. */
#include "listen/erase/erase.h"
#include "os/file.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/server_priv.h"
#include "web/view/backup_view.h"
#include "web/view/operation_view.h"

static Str data_dir(struct request *req)
{
    return pool_data_dir(web_server_pool(req->server));
}

/* ---- the page -------------------------------------------------------------------------------- */

static bool fill_backups(struct request *req, struct tpl_data *c, struct err *err)
{
    struct backup_entry *list;
    size_t count;

    if (!backup_list(&req->arena, data_dir(req), req->workspace->slug, &list, &count, err))
        return false;
    struct tpl_data_backup *rows = arena_new(&req->arena, struct tpl_data_backup, count + 1);
    c->backups.items = rows;
    c->backups.count = count;
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct tpl_data_backup){
            .name = list[i].name,
            .made = list[i].made_ms,
            .files = list[i].files,
            .megabytes = (double)list[i].bytes / 1e6,
            .action = request_url(req, "data/backups/" STR_F, STR_A(list[i].name)),
        };
    return true;
}

static bool show(struct request *req, const struct err *problem, Str author, Str source,
                 struct err *err)
{
    struct tpl_data *c = arena_new(&req->arena, struct tpl_data, 1);
    struct page_head head = {.current = "data", .title = TR("Data")};

    *c = (struct tpl_data){
        .csrf = page_csrf(req),
        .backup_action = request_url(req, "data/backups"),
        .check_action = request_url(req, "data/check"),
        .erase_action = request_url(req, "data/erase"),
        .folder = path_join(&req->arena, S("backups"), req->workspace->slug),
        .slug = req->workspace->slug,
        .author = author,
        .source = source,
        .problem = problem ? error_sentence(req, problem) : STR_NONE,
        .hint = problem ? error_hint(req, problem) : STR_NONE,
    };
    if (!fill_backups(req, c, err) ||
        !operation_view_fill(req, OPERATION_BACKUP, &c->backing_up, err) ||
        !operation_view_fill(req, OPERATION_CHECK, &c->checking, err) ||
        !operation_view_fill(req, OPERATION_ERASE, &c->erasing, err))
        return false;
    PAGE(req, &head, data, c);
    return true;
}

bool page_data(struct request *req, struct err *err)
{
    return show(req, NULL, STR_NONE, STR_NONE, err);
}

/* What a person can mend is said on the page. */
static bool refuse(struct request *req, const struct err *problem, Str author, Str source,
                   struct err *err)
{
    if (problem->code != ERR_INPUT && problem->code != ERR_CONFLICT && problem->code != ERR_BUSY &&
        problem->code != ERR_NOT_FOUND) {
        *err = *problem;
        return false;
    }
    req->status = status_of(problem->code);
    return show(req, problem, author, source, err);
}

static bool begin(struct request *req, struct operation_wish wish, struct err *err)
{
    struct err problem = {0};

    if (operation_view_begin(req, wish, &problem))
        return request_redirect(req, request_url(req, "data"));
    return refuse(req, &problem, STR_NONE, STR_NONE, err);
}

/* ---- backups, check -------------------------------------------------------------------------- */

bool page_backups_send(struct request *req, struct err *err)
{
    return begin(
        req,
        (struct operation_wish){.kind = OPERATION_BACKUP, .reason = request_form(req, S("reason"))},
        err);
}

bool page_data_check_send(struct request *req, struct err *err)
{
    return begin(req, (struct operation_wish){.kind = OPERATION_CHECK}, err);
}

bool page_backup(struct request *req, struct err *err)
{
    return backup_answer(req, request_capture(req, S("backup")), err);
}

bool page_backup_send(struct request *req, struct err *err)
{
    Str name = request_capture(req, S("backup")), wanted = request_form(req, S("do"));
    struct backup_origin origin = {request_actor(req), request_form(req, S("reason")), req->now_ms};

    if (str_eq(wanted, S("check")))
        return begin(req, (struct operation_wish){.kind = OPERATION_CHECK, .backup = name}, err);
    if (!str_eq(wanted, S("remove")))
        return err_set(err, ERR_INPUT, "a backup is checked or removed");
    return backup_remove(req->workspace, data_dir(req), name, &origin, err) &&
           request_redirect_notice(req, request_url(req, "data"),
                                   request_tr(req, TR("The backup was removed.")));
}

/* ---- erasing --------------------------------------------------------------------------------- */

static void fill_names(struct request *req, const struct erase_person *p, struct tpl_erase *c)
{
    const Str *const lists[] = {p->handles, p->ids, p->names};
    const size_t counts[] = {p->handle_count, p->id_count, p->name_count};
    static const char *const labels[] = {TR("Handle"), TR("Id"), TR("Name")};

    struct tpl_erase_name *rows =
        arena_new(&req->arena, struct tpl_erase_name, 3 * ERASE_NAMES_MAX);
    c->names.items = rows;
    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (size_t i = 0; i < counts[l]; i++)
            rows[c->names.count++] =
                (struct tpl_erase_name){request_tr(req, labels[l]), lists[l][i]};
}

static void fill_preview(struct request *req, const struct erase_report *r, struct tpl_erase *c)
{
    fill_names(req, &r->archive.person, c);
    c->posts = (int64_t)r->archive.posts.count;
    c->posts_link =
        request_url(req, "search?q=" STR_F,
                    STR_A(request_part(
                        req, arena_printf(&req->arena, "author:\"" STR_F "\"", STR_A(c->author)))));
    struct tpl_operation_line *places =
        arena_new(&req->arena, struct tpl_operation_line, r->place_count + 1);
    c->places.items = places;
    c->places.count = r->place_count;
    c->place_count = (int64_t)r->place_count;
    operation_view_places(req, r->places, r->place_count, places);
}

static bool show_preview(struct request *req, Str who, Str source, const struct err *problem,
                         struct err *err)
{
    struct tpl_erase *c = arena_new(&req->arena, struct tpl_erase, 1);
    struct erase_report report;
    struct err missing = {0};

    if (!erase_look(req->workspace, &req->arena, who, source, &report, &missing)) {
        erase_report_deinit(&report);
        return refuse(req, &missing, who, source, err);
    }
    *c = (struct tpl_erase){.author = who,
                            .source = source,
                            .reason = request_form(req, S("reason")),
                            .csrf = page_csrf(req),
                            .action = request_url(req, "data/erase"),
                            .back = request_url(req, "data"),
                            .problem = problem ? error_sentence(req, problem) : STR_NONE,
                            .hint = problem ? error_hint(req, problem) : STR_NONE};
    fill_preview(req, &report, c);
    erase_report_deinit(&report);
    struct page_crumb crumbs[] = {{request_tr(req, TR("Data")), request_url(req, "data")},
                                  {request_tr(req, TR("Erase an author")), STR_NONE}};
    struct page_head head = {.current = "data",
                             .title = TR("Erase an author"),
                             .crumbs = crumbs,
                             .crumb_count = COUNT_OF(crumbs)};
    PAGE(req, &head, erase, c);
    return true;
}

static Str author_of(Str typed)
{
    typed = str_trim(typed);
    return typed.len > 1 && typed.ptr[0] == '@' ? str_sub(typed, 1, typed.len) : typed;
}

bool page_erase(struct request *req, struct err *err)
{
    Str who = author_of(request_query(req, S("author")));
    Str source = str_trim(request_query(req, S("source")));

    return who.len > 0 ? show_preview(req, who, source, NULL, err)
                       : request_redirect(req, request_url(req, "data"));
}

static bool check_form(Str who, Str repeated, Str reason, struct err *err)
{
    if (reason.len == 0)
        return err_set(err, ERR_INPUT, "reason: is missing; the ledger keeps it") ||
               err_hint(err, "without the name of the person, as in 'request of 2026-11-20'");
    return str_eq_nocase(author_of(repeated), who) ||
           err_set(err, ERR_INPUT, "the author was not repeated as written above");
}

bool page_erase_send(struct request *req, struct err *err)
{
    struct operation_wish wish = {.kind = OPERATION_ERASE,
                                  .who = author_of(request_form(req, S("author"))),
                                  .source = request_form(req, S("source")),
                                  .reason = request_form(req, S("reason"))};
    struct err problem = {0};

    if (wish.who.len == 0)
        return err_set(err, ERR_INPUT, "the form lacks the author");
    if (check_form(wish.who, request_form(req, S("repeated")), wish.reason, &problem))
        return begin(req, wish, err);
    req->status = status_of(problem.code);
    return show_preview(req, wish.who, wish.source, &problem, err);
}
