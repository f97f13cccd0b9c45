/* ledger_command.c - `trimtab ledger verify` and `trimtab ledger list`. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "ledger/workspace.h"

/* "system" names the ledger of system.db; no workspace can be called so. */
static bool is_system(Str workspace)
{
    return str_eq(workspace, S("system"));
}

static void print_line(struct buf *line)
{
    fwrite(line->ptr, 1, line->len, stdout);
    putchar('\n');
    buf_deinit(line);
}

/* Verify ------------------------------------------------------------------------------------- */

struct verify_options {
    Str data, workspace, anchor_text;
    struct ledger_head anchor;
    bool is_json, is_quiet;
};

static void print_report(const struct verify_options *o, Str name, const struct ledger_report *r)
{
    bool is_sound = r->fault == LEDGER_SOUND;
    struct json_writer w;
    struct buf line;

    if (o->is_quiet && is_sound)
        return;
    if (!o->is_json) {
        if (is_sound)
            printf(STR_F ": sound, %lld %s, head %lld:%s\n", STR_A(name), (long long)r->entries,
                   r->entries == 1 ? "entry" : "entries", (long long)r->head.seq, r->head.hash_hex);
        else
            printf(STR_F ": NOT SOUND, %s\n", STR_A(name), r->what);
        return;
    }
    buf_init(&line, 64 * KIB);
    json_writer_init(&w, &line, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "ledger", name);
    json_set_bool(&w, "sound", is_sound);
    json_set_i64(&w, "entries", r->entries);
    json_set_i64(&w, "head_seq", r->head.seq);
    json_set_str(&w, "head_hash", str_from_cstr(r->head.hash_hex));
    if (!is_sound) {
        json_set_i64(&w, "first_bad_seq", r->first_bad_seq);
        json_set_str(&w, "what", str_from_cstr(r->what));
    }
    json_end_object(&w);
    print_line(&line);
}

static bool verify_db(struct db *db, const struct verify_options *o, Str name, bool *is_sound,
                      struct err *err)
{
    struct ledger_report report;

    if (!ledger_verify(db, o->anchor_text.len > 0 ? &o->anchor : NULL, &report, err))
        return err_wrap(err, "ledger of '" STR_F "'", STR_A(name));
    print_report(o, name, &report);
    if (report.fault != LEDGER_SOUND)
        *is_sound = false;
    return true;
}

static bool verify_workspace(const struct cli_place *place, const struct verify_options *o,
                             Str slug, bool *is_sound, struct err *err)
{
    struct workspace *ws;

    if (!workspace_open_read(&ws, place->data_dir, slug, err))
        return false;
    bool ok = verify_db(ws->state, o, slug, is_sound, err);
    workspace_close(&ws);
    return ok;
}

static bool verify_all(struct cli_place *place, const struct verify_options *o, bool *is_sound,
                       struct err *err)
{
    struct workspace_entry *list;
    size_t count;

    if (!verify_db(place->system, o, S("system"), is_sound, err) ||
        !workspace_list(&place->arena, place->system, &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct err inner = {0};
        if (verify_workspace(place, o, list[i].slug, is_sound, &inner))
            continue;
        (void)cli_report("ledger verify", &inner); /* one that cannot be read hides no other */
        *is_sound = false;
    }
    return true;
}

static bool verify_chosen(struct cli_place *place, const struct verify_options *o, bool *is_sound,
                          struct err *err)
{
    *is_sound = true;
    if (o->workspace.len == 0)
        return verify_all(place, o, is_sound, err);
    if (is_system(o->workspace))
        return verify_db(place->system, o, o->workspace, is_sound, err);
    return verify_workspace(place, o, o->workspace, is_sound, err);
}

int ledger_verify_command(int argc, char **argv)
{
    struct verify_options o = {.is_json = false};
    struct cli_place place;
    struct err err = {0};
    bool is_sound;
    const struct cli_option options[] = {
        CLI_FLAG("--json", &o.is_json),        CLI_FLAG("-q, --quiet", &o.is_quiet),
        CLI_TEXT("--workspace", &o.workspace), CLI_TEXT("--head", &o.anchor_text),
        CLI_PATH("--data", &o.data),
    };

    if (!cli_options_read("ledger verify", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("ledger verify", &err);
    if (o.anchor_text.len > 0 && o.workspace.len == 0) {
        err_set(&err, ERR_USAGE, "--head belongs to one ledger: give --workspace too");
        return cli_report("ledger verify", &err);
    }
    if ((o.anchor_text.len > 0 && !ledger_head_parse(o.anchor_text, &o.anchor, &err)) ||
        !cli_place_open(&place, o.data, CLI_PLACE_READ, &err))
        return cli_report("ledger verify", &err);
    bool ok = verify_chosen(&place, &o, &is_sound, &err);
    cli_place_close(&place);
    if (!ok)
        return cli_report("ledger verify", &err);
    return is_sound ? CLI_OK : CLI_FAILURE;
}

/* List --------------------------------------------------------------------------------------- */

struct list_options {
    Str data, workspace, object;
    struct ledger_filter filter;
    bool is_json;
};

/* Tabs and line ends inside a text would break the columns. */
static void add_field(struct buf *line, Str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_byte(line, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
    buf_add_byte(line, '\t');
}

static void print_entry(const struct ledger_entry *e)
{
    struct buf line;

    buf_init(&line, 4 * MIB);
    buf_printf(&line, "%lld\t%s\t", (long long)e->seq, time_rfc3339(e->at_ms).text);
    add_field(&line, e->actor);
    add_field(&line, e->action);
    add_field(&line, e->object_kind);
    add_field(&line, e->object_id);
    add_field(&line, e->reason);
    buf_truncate(&line, line.len - 1);
    print_line(&line);
}

/* before and after are stored as JSON; what is not (an altered entry) is shown as a text. */
static void put_state(struct json_writer *w, const char *key, Str state)
{
    const struct json *parsed;
    struct arena arena;
    struct err ignored = {0};

    if (!state.ptr)
        return;
    arena_init(&arena, 64 * MIB);
    json_key(w, str_from_cstr(key));
    if (json_parse(&arena, state, &parsed, &ignored))
        json_put_tree(w, parsed);
    else
        json_put_str(w, state);
    arena_deinit(&arena);
}

static void print_entry_json(const struct ledger_entry *e)
{
    struct json_writer w;
    struct buf line;

    buf_init(&line, 16 * MIB);
    json_writer_init(&w, &line, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "seq", e->seq);
    json_set_str(&w, "at", str_from_cstr(time_rfc3339(e->at_ms).text));
    json_set_str(&w, "actor", e->actor);
    json_set_str(&w, "action", e->action);
    json_set_str(&w, "object_kind", e->object_kind);
    json_set_str(&w, "object_id", e->object_id);
    json_set_str(&w, "reason", e->reason);
    put_state(&w, "before", e->before_json);
    put_state(&w, "after", e->after_json);
    json_set_str(&w, "hash", str_from_cstr(e->hash_hex));
    json_end_object(&w);
    print_line(&line);
}

static bool list_db(struct arena *arena, struct db *db, const struct list_options *o,
                    struct err *err)
{
    struct ledger_entry *entries;
    size_t count;

    if (!ledger_list(arena, db, &o->filter, &entries, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (o->is_json)
            print_entry_json(&entries[i]);
        else
            print_entry(&entries[i]);
    return true;
}

static bool list_chosen(struct cli_place *place, const struct list_options *o, struct err *err)
{
    struct workspace *ws;

    if (o->workspace.len == 0 || is_system(o->workspace))
        return list_db(&place->arena, place->system, o, err);
    if (!workspace_open_read(&ws, place->data_dir, o->workspace, err))
        return false;
    bool ok = list_db(&place->arena, ws->state, o, err);
    workspace_close(&ws);
    return ok;
}

int ledger_list_command(int argc, char **argv)
{
    struct list_options o = {.is_json = false};
    struct cli_place place;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_FLAG("--json", &o.is_json),
        CLI_TEXT("--workspace", &o.workspace),
        CLI_TEXT("--actor", &o.filter.actor),
        CLI_TEXT("--action", &o.filter.action_prefix),
        CLI_TEXT("--object", &o.object),
        CLI_TIME("--from", &o.filter.from_ms),
        CLI_TIME("--to", &o.filter.to_ms),
        CLI_WHOLE("--limit", &o.filter.count_max, 1, LEDGER_LIST_COUNT_MAX),
        CLI_WHOLE("--before", &o.filter.before_seq, 1, INT64_MAX),
        CLI_PATH("--data", &o.data),
    };

    if (!cli_options_read("ledger list", options, COUNT_OF(options), argc, argv, &err) ||
        !cli_place_open(&place, o.data, CLI_PLACE_READ, &err))
        return cli_report("ledger list", &err);
    str_cut(o.object, ':', &o.filter.object_kind, &o.filter.object_id);
    bool ok = list_chosen(&place, &o, &err);
    cli_place_close(&place);
    return ok ? CLI_OK : cli_report("ledger list", &err);
}
