/* contributor_command.c - `trimtab contributor`: links for people from outside.
 *
 * A link is shown once, when it is made; the workspace holds the hash of its secret.
 */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/workspace.h"
#include "os/clock.h"
#include "os/file.h"
#include "strategy/team/representative.h"

enum { DAYS_PRESET = 30 };

struct contributor_run {
    Str data, workspace, who; /* who: a name, or a number */
    Str organisation, contact, side, rights, objects, agreement, reason;
    uint64_t days;
    bool is_json;
    struct cli_place place;
    struct workspace *opened;
    int64_t now_ms; /* --now, else the clock */
};

static struct change change_of(const struct contributor_run *r)
{
    return (struct change){.actor = S("cli"), .reason = r->reason, .at_ms = r->now_ms};
}

/* ---- add ---- */

static bool read_objects(struct contributor_run *r, struct contributor *out, struct err *err)
{
    Str rest = r->objects, one;

    out->objects = arena_new(&r->place.arena, struct contributor_object, r->objects.len / 2 + 1);
    while (rest.len > 0) {
        (void)str_cut(rest, ',', &one, &rest);
        struct contributor_object *o = &out->objects[out->object_count++];
        if (!str_cut(str_trim(one), ':', &o->kind, &o->id) || o->id.len == 0)
            return err_set(err, ERR_USAGE, "--objects: '" STR_F "' names none", STR_A(one)) ||
                   err_hint(err, "version:ID, topic:ID or option:ID, several with commas");
    }
    return true;
}

static bool read_wanted(struct contributor_run *r, struct contributor *out, struct err *err)
{
    *out = (struct contributor){
        .name = r->who, .organisation = r->organisation, .contact = r->contact};
    if (!contributor_side_from(r->side, &out->side))
        return err_set(err, ERR_USAGE, "--side: '" STR_F "' is not a side", STR_A(r->side)) ||
               err_hint(err, "customer, partner, influencer or advisory_board");
    if (!contributor_rights_from(r->rights, &out->rights))
        return err_set(err, ERR_USAGE, "--rights: '" STR_F "' is not a list of rights",
                       STR_A(r->rights)) ||
               err_hint(err, "comment, vote, propose or several with commas");
    if (r->agreement.len == 0)
        return err_set(err, ERR_USAGE, "no agreement is given") ||
               err_hint(err, "--agreement FILE: the text that has to be signed first");
    out->expires_at_ms = r->now_ms + (int64_t)r->days * TIME_DAY_MS;
    if (!file_read_all(&r->place.arena, r->agreement, CONTRIBUTOR_AGREEMENT_BYTES_MAX,
                       &out->agreement, err))
        return false;
    out->agreement = str_trim(out->agreement);
    return read_objects(r, out, err);
}

static bool add(struct contributor_run *r, struct err *err)
{
    struct contributor_key key;
    struct contributor wanted;
    struct change change = change_of(r);
    struct buf token;

    if (!read_wanted(r, &wanted, err) ||
        !contributor_key_read(r->place.system, r->now_ms, &key, err))
        return false;
    buf_init(&token, 4 * CONTRIBUTOR_TOKEN_BYTES_MAX);
    bool ok =
        representative_invite(r->opened->state, &change, &key, r->workspace, &wanted, &token, err);
    if (ok)
        printf("/c/" STR_F "\n", STR_A(buf_str(&token)));
    buf_deinit(&token);
    return ok;
}

/* ---- list ---- */

static const char *state_of(const struct contributor *c, int64_t now_ms)
{
    return c->erased_at_ms != 0         ? "erased"
           : c->revoked_at_ms != 0      ? "revoked"
           : c->expires_at_ms <= now_ms ? "expired"
           : c->agreed_at_ms == 0       ? "unsigned"
                                        : "open";
}

static void put_rights(struct buf *out, const struct contributor *c)
{
    static const enum contributor_right all[] = {RIGHT_COMMENT, RIGHT_VOTE, RIGHT_PROPOSE};
    bool is_first = true;

    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (contributor_may(c, all[i])) {
            buf_printf(out, "%s%s", is_first ? "" : ",", contributor_right_name(all[i]));
            is_first = false;
        }
}

static void put_objects(struct buf *out, const struct contributor *c)
{
    for (size_t i = 0; i < c->object_count; i++)
        buf_printf(out, "%s" STR_F ":" STR_F, i > 0 ? "," : "", STR_A(c->objects[i].kind),
                   STR_A(c->objects[i].id));
}

static void put_line(struct buf *out, const struct contributor *c, int64_t now_ms)
{
    buf_printf(out, "%lld\t" STR_F "\t%s\t%s\t%s\t", (long long)c->id, STR_A(c->name),
               contributor_side_name(c->side), state_of(c, now_ms),
               time_date(c->expires_at_ms).text);
    put_rights(out, c);
    buf_add_byte(out, '\t');
    put_objects(out, c);
    buf_add_byte(out, '\n');
}

static void put_time(struct json_writer *w, const char *name, int64_t ms)
{
    json_key(w, str_from_cstr(name));
    if (ms != 0)
        json_put_str(w, str_from_cstr(time_rfc3339(ms).text));
    else
        json_put_null(w);
}

static void put_json(struct buf *out, const struct contributor *c, int64_t now_ms)
{
    struct json_writer w;
    struct buf rights;

    buf_init(&rights, KIB);
    put_rights(&rights, c);
    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "contributor", c->id);
    json_set_str(&w, "name", c->name);
    json_set_str(&w, "organisation", c->organisation);
    json_set_str(&w, "contact", c->contact);
    json_set_str(&w, "side", str_from_cstr(contributor_side_name(c->side)));
    json_set_str(&w, "state", str_from_cstr(state_of(c, now_ms)));
    json_set_str(&w, "rights", buf_str(&rights));
    json_key(&w, S("objects"));
    json_begin_array(&w);
    for (size_t i = 0; i < c->object_count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "kind", c->objects[i].kind);
        json_set_str(&w, "id", c->objects[i].id);
        json_end_object(&w);
    }
    json_end_array(&w);
    put_time(&w, "created_at", c->created_at_ms);
    put_time(&w, "expires_at", c->expires_at_ms);
    put_time(&w, "agreed_at", c->agreed_at_ms);
    put_time(&w, "last_used_at", c->last_used_ms);
    json_end_object(&w);
    buf_add_byte(out, '\n');
    buf_deinit(&rights);
}

static bool list(struct contributor_run *r, struct err *err)
{
    struct contributor *people;
    struct buf out;
    size_t count;

    if (!contributor_list(&r->place.arena, r->opened->state, &people, &count, err))
        return false;
    buf_init(&out, GIB);
    for (size_t i = 0; i < count; i++)
        if (r->is_json)
            put_json(&out, &people[i], r->now_ms);
        else
            put_line(&out, &people[i], r->now_ms);
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

/* ---- revoke, erase ---- */

static bool number_of(const struct contributor_run *r, int64_t *id, struct err *err)
{
    if (str_to_i64(r->who, id))
        return true;
    return err_set(err, ERR_USAGE, "'" STR_F "' is not the number of a contributor",
                   STR_A(r->who)) ||
           err_hint(err, "trimtab contributor list shows them");
}

static bool revoke(struct contributor_run *r, struct err *err)
{
    struct change change = change_of(r);
    int64_t id;

    return number_of(r, &id, err) && representative_revoke(r->opened->state, &change, id, err);
}

static bool erase(struct contributor_run *r, struct err *err)
{
    struct change change = change_of(r);
    int64_t id;

    return number_of(r, &id, err) && representative_erase(r->opened->state, &change, id, err);
}

/* ---- the commands ---- */

typedef bool contributor_action(struct contributor_run *r, struct err *err);

static int run(const char *command, const struct cli_option *options, size_t count, int argc,
               char **argv, struct contributor_run *r, contributor_action *act)
{
    struct err err = {0};

    if (!cli_options_read(command, options, count, argc, argv, &err) ||
        !cli_place_open(&r->place, r->data, CLI_PLACE_WRITE, &err))
        return cli_report(command, &err);
    r->now_ms = r->now_ms != 0 ? r->now_ms : clock_now_ms();
    bool ok = workspace_open(&r->opened, r->place.data_dir, r->workspace, &err) && act(r, &err);
    workspace_close(&r->opened);
    cli_place_close(&r->place);
    return ok ? CLI_OK : cli_report(command, &err);
}

int contributor_add_command(int argc, char **argv)
{
    struct contributor_run r = {.workspace = S("default"),
                                .side = S("customer"),
                                .rights = S("comment,vote,propose"),
                                .days = DAYS_PRESET};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_TEXT("--side", &r.side),
        CLI_TEXT("--rights", &r.rights),
        CLI_TEXT("--objects", &r.objects),
        CLI_TEXT("--organisation", &r.organisation),
        CLI_TEXT("--contact", &r.contact),
        CLI_PATH("--agreement", &r.agreement),
        CLI_WHOLE("--days", &r.days, 1, CONTRIBUTOR_DAYS_MAX),
        CLI_TIME("--now", &r.now_ms),
        CLI_ARGUMENT("name", &r.who, true, "trimtab contributor add 'Ann Lee' --side customer"),
    };

    return run("contributor add", options, COUNT_OF(options), argc, argv, &r, add);
}

int contributor_list_command(int argc, char **argv)
{
    struct contributor_run r = {.workspace = S("default")};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_FLAG("--json", &r.is_json),
    };

    return run("contributor list", options, COUNT_OF(options), argc, argv, &r, list);
}

static int end(const char *command, int argc, char **argv, contributor_action *act)
{
    struct contributor_run r = {.workspace = S("default")};
    const struct cli_option options[] = {
        CLI_WORKSPACE(&r.workspace, &r.data),
        CLI_TEXT("--reason", &r.reason),
        CLI_ARGUMENT("number", &r.who, true, "trimtab contributor list shows them"),
    };

    return run(command, options, COUNT_OF(options), argc, argv, &r, act);
}

int contributor_revoke_command(int argc, char **argv)
{
    return end("contributor revoke", argc, argv, revoke);
}

int contributor_erase_command(int argc, char **argv)
{
    return end("contributor erase", argc, argv, erase);
}
