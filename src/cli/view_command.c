/* view_command.c - `trimtab view`: searches that are kept by name. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/search/saved_view.h"
#include "os/clock.h"

struct view_run {
    Str data, workspace, owner, view, query;
    Str name; /* --name: the new one */
    Str within;
    int64_t from_ms, to_ms, days;
    enum search_order order;
    bool has_stems, is_shared, is_private, is_json;
    struct workspace *place;
    struct arena memory;
};

static struct saved_view_reader reader_of(const struct view_run *r)
{
    return (struct saved_view_reader){r->owner, S("cli"), true};
}

typedef bool view_action(struct view_run *r, struct err *err);

/* The frame of every verb. `words`: 0 none, 1 the view, 2 a query too. */
static int run(const char *command, size_t words, int argc, char **argv, view_action *act)
{
    struct view_run r = {.workspace = S("default"), .owner = S("cli")};
    struct err err = {0};
    Str data;
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_TEXT("--owner", &r.owner),
        CLI_TEXT("--name", &r.name),
        CLI_TEXT("--within", &r.within),
        CLI_TIME("--from", &r.from_ms),
        CLI_TIME("--to", &r.to_ms),
        CLI_WHOLE("--days", &r.days, 1, SAVED_VIEW_DAYS_MAX),
        CLI_CHOICE("--order", &r.order, "newest, oldest or relevant"),
        CLI_FLAG("--stems", &r.has_stems),
        CLI_FLAG("--shared", &r.is_shared),
        CLI_FLAG("--private", &r.is_private),
        CLI_FLAG("--json", &r.is_json),
        CLI_ARGUMENT("view", &r.view, true, NULL),
        CLI_ARGUMENT("query", &r.query, false, NULL),
    };

    arena_init(&r.memory, GIB);
    bool ok = cli_options_read(command, options, COUNT_OF(options) - 2 + words, argc, argv, &err);
    if (ok && r.is_shared && r.is_private)
        ok = err_set(&err, ERR_USAGE, "a view is --shared or --private");
    if (ok && words == 2 && !r.query.ptr && r.within.len == 0)
        ok = err_set(&err, ERR_USAGE, "no query is given") ||
             err_hint(&err, "see trimtab %s --help", command);
    ok = ok && data_dir_resolve(&r.memory, r.data, &data, &err) &&
         workspace_open(&r.place, data, r.workspace, &err) && act(&r, &err);
    workspace_close(&r.place);
    arena_deinit(&r.memory);
    return ok ? CLI_OK : cli_report(command, &err);
}

/* ---- list ------------------------------------------------------------------------------------ */

static Str window_text(struct arena *arena, const struct saved_view *v)
{
    if (v->days > 0)
        return arena_printf(arena, "last %lld days", (long long)v->days);
    if (v->from_ms == 0 && v->to_ms == 0)
        return S("all");
    return arena_printf(arena, "%s..%s", v->from_ms == 0 ? "" : time_rfc3339(v->from_ms).text,
                        v->to_ms == 0 ? "" : time_rfc3339(v->to_ms).text);
}

static void print_json(const struct saved_view *v, struct buf *out)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "id", v->id);
    saved_view_put(&w, v);
    json_end_object(&w);
    buf_add_byte(out, '\n');
}

static bool list_views(struct view_run *r, struct err *err)
{
    struct saved_view_reader reader = reader_of(r);
    struct saved_view *list;
    struct buf out;
    size_t count;

    if (!saved_view_list(&r->memory, r->place->state, &reader, &list, &count, err))
        return false;
    buf_init(&out, GIB);
    for (size_t i = 0; i < count; i++) {
        const struct saved_view *v = &list[i];
        Str text = search_text_within(&r->memory, v->within, v->query),
            window = window_text(&r->memory, v);
        if (r->is_json)
            print_json(v, &out);
        else
            buf_printf(&out, "%lld\t" STR_F "\t" STR_F "\t%s\t" STR_F "\t%s\t" STR_F "\n",
                       (long long)v->id, STR_A(v->name), STR_A(v->owner),
                       v->is_shared ? "shared" : "private", STR_A(window),
                       search_order_name(v->order), STR_A(text));
    }
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

int view_list_command(int argc, char **argv)
{
    return run("view list", 0, argc, argv, list_views);
}

/* ---- save, change, remove -------------------------------------------------------------------- */

/* One of the owner's of that name gets the new search; without one it is made. */
static bool save_view(struct view_run *r, struct err *err)
{
    struct saved_view_reader reader = reader_of(r);
    struct saved_view wanted = {.name = r->view,
                                .query = r->query,
                                .within = r->within,
                                .from_ms = r->from_ms,
                                .to_ms = r->to_ms,
                                .days = r->days,
                                .order = r->order,
                                .has_stems = r->has_stems,
                                .is_shared = r->is_shared};
    struct saved_view known;
    struct err missing = {0};
    int64_t now_ms = clock_now_ms();

    bool is_known =
        saved_view_find(&r->memory, r->place->state, wanted.name, &reader, &known, &missing) &&
        str_eq(known.owner, reader.login);
    if (!is_known && missing.code != ERR_NONE && missing.code != ERR_NOT_FOUND &&
        missing.code != ERR_CONFLICT) {
        *err = missing;
        return false;
    }
    if (!is_known)
        return saved_view_create(r->place->state, &wanted, &reader, now_ms, err);
    saved_view_search_copy(&known, &wanted);
    known.is_shared = (known.is_shared || r->is_shared) && !r->is_private;
    return saved_view_change(r->place->state, &known, &reader, now_ms, err);
}

int view_save_command(int argc, char **argv)
{
    return run("view save", 2, argc, argv, save_view);
}

static bool change_view(struct view_run *r, struct err *err)
{
    struct saved_view_reader reader = reader_of(r);
    struct saved_view view;

    if (r->name.len == 0 && !r->is_shared && !r->is_private)
        return err_set(err, ERR_USAGE, "nothing is to be changed") ||
               err_hint(err, "--name NEW, --shared or --private");
    if (!saved_view_look_up(&r->memory, r->place->state, r->view, &reader, &view, err))
        return false;
    if (r->name.len > 0)
        view.name = r->name;
    if (r->is_shared || r->is_private)
        view.is_shared = r->is_shared;
    return saved_view_change(r->place->state, &view, &reader, clock_now_ms(), err);
}

int view_change_command(int argc, char **argv)
{
    return run("view change", 1, argc, argv, change_view);
}

static bool remove_view(struct view_run *r, struct err *err)
{
    struct saved_view_reader reader = reader_of(r);
    struct saved_view view;

    return saved_view_look_up(&r->memory, r->place->state, r->view, &reader, &view, err) &&
           saved_view_remove(r->place->state, view.id, &reader, clock_now_ms(), err);
}

int view_remove_command(int argc, char **argv)
{
    return run("view remove", 1, argc, argv, remove_view);
}
