/* view_command.c - `trimtab view`: searches that are kept by name. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "listen/search/saved_view.h"
#include "os/clock.h"

struct view_run {
    const char *command;
    Str data, workspace, owner, words[2];
    size_t count, wanted; /* words given, words needed */
    Str name;             /* --name: the new one */
    Str within;
    int64_t from_ms, to_ms, days;
    enum search_order order;
    bool has_stems, is_shared, is_private, is_json;
    struct workspace *place;
    struct arena memory;
};

static bool take_moment(const struct cli_args *args, const char *flag, Str text, int64_t *out,
                        struct err *err)
{
    if (args->missing_value || time_parse(text, out))
        return true;
    return err_set(err, ERR_USAGE, "%s '" STR_F "' is not a time", flag, STR_A(text)) ||
           err_hint(err, "2026-11-22 or 2026-11-22T08:15:00Z");
}

/* Flags of a search. *is_taken: it was one. */
static bool take_search(struct view_run *r, struct cli_args *args, bool *is_taken, struct err *err)
{
    Str text = STR_NONE;

    *is_taken = true;
    if (cli_value(args, "--within", &r->within))
        return true;
    if (cli_value(args, "--from", &text))
        return take_moment(args, "--from", text, &r->from_ms, err);
    if (cli_value(args, "--to", &text))
        return take_moment(args, "--to", text, &r->to_ms, err);
    if (cli_value(args, "--order", &text))
        return args->missing_value || search_order_from(text, &r->order) ||
               err_set(err, ERR_USAGE, "--order '" STR_F "' is not known", STR_A(text)) ||
               err_hint(err, "newest, oldest or relevant");
    if (cli_value(args, "--days", &text))
        return args->missing_value ||
               (str_to_i64(text, &r->days) && r->days >= 1 && r->days <= SAVED_VIEW_DAYS_MAX) ||
               err_set(err, ERR_USAGE, "--days '" STR_F "' is not a whole number from 1 to %d",
                       STR_A(text), SAVED_VIEW_DAYS_MAX);
    *is_taken = false;
    return true;
}

static bool take(struct view_run *r, struct cli_args *args, struct err *err)
{
    bool is_taken;

    if (cli_value(args, "--data", &r->data) || cli_value(args, "--workspace", &r->workspace) ||
        cli_value(args, "--owner", &r->owner) || cli_value(args, "--name", &r->name))
        return true;
    if (!take_search(r, args, &is_taken, err))
        return false;
    if (is_taken)
        return true;
    if (cli_flag(args, "--shared"))
        r->is_shared = true;
    else if (cli_flag(args, "--stems"))
        r->has_stems = true;
    else if (cli_flag(args, "--private"))
        r->is_private = true;
    else if (cli_flag(args, "--json"))
        r->is_json = true;
    else if (cli_is_flag(args))
        return err_set(err, ERR_USAGE, "unknown flag '" STR_F "'", STR_A(args->current)) ||
               err_hint(err, "see trimtab %s --help", r->command);
    else if (r->count == r->wanted)
        return err_set(err, ERR_USAGE, "one argument too many: '" STR_F "'", STR_A(args->current));
    else
        r->words[r->count++] = args->current;
    return true;
}

static bool begin(struct view_run *r, int argc, char **argv, struct err *err)
{
    struct cli_args args = {.count = argc, .values = argv};
    Str data;

    r->workspace = S("default");
    r->owner = S("cli");
    while (cli_next(&args))
        if (!take(r, &args, err))
            return false;
    if (args.missing_value)
        return err_set(err, ERR_USAGE, "flag '%s' needs a value", args.missing_value);
    if (r->is_shared && r->is_private)
        return err_set(err, ERR_USAGE, "a view is --shared or --private");
    return data_dir_resolve(&r->memory, r->data, &data, err) &&
           workspace_open(&r->place, data, r->workspace, err);
}

static struct saved_view_reader reader_of(const struct view_run *r)
{
    return (struct saved_view_reader){r->owner, S("cli"), true};
}

typedef bool view_action(struct view_run *r, struct err *err);

static int run(const char *command, size_t wanted, int argc, char **argv, view_action *act)
{
    struct view_run r = {.command = command, .wanted = wanted};
    struct err err = {0};

    arena_init(&r.memory, GIB);
    bool ok = begin(&r, argc, argv, &err);
    if (ok && r.count < wanted && !(wanted == 2 && r.count == 1 && r.within.len > 0))
        ok = err_set(&err, ERR_USAGE, "something is missing") ||
             err_hint(&err, "see trimtab %s --help", command);
    ok = ok && act(&r, &err);
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
    json_set_str(&w, "name", v->name);
    json_set_str(&w, "owner", v->owner);
    json_set_bool(&w, "is_shared", v->is_shared);
    json_set_str(&w, "q", v->query);
    json_set_str(&w, "query", v->within);
    json_set_i64(&w, "days", v->days);
    json_set_i64(&w, "from_ms", v->from_ms);
    json_set_i64(&w, "to_ms", v->to_ms);
    json_set_str(&w, "order", str_from_cstr(search_order_name(v->order)));
    json_set_bool(&w, "has_stems", v->has_stems);
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
    bool ok = buf_ok(&out, err);
    if (ok && (fwrite(out.ptr, 1, out.len, stdout) != out.len || fflush(stdout) != 0))
        ok = err_set(err, ERR_IO, "could not write to standard output");
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
    struct saved_view wanted = {.name = r->words[0],
                                .query = r->count > 1 ? r->words[1] : STR_NONE,
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
    if (!saved_view_look_up(&r->memory, r->place->state, r->words[0], &reader, &view, err))
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

    return saved_view_look_up(&r->memory, r->place->state, r->words[0], &reader, &view, err) &&
           saved_view_remove(r->place->state, view.id, &reader, clock_now_ms(), err);
}

int view_remove_command(int argc, char **argv)
{
    return run("view remove", 1, argc, argv, remove_view);
}
