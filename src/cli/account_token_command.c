/* account_token_command.c - `trimtab account token create|list|revoke LOGIN`.
 *
 * A token is shown once, when it is made; the database holds its hash. Making and revoking one is a
 * transaction with its entry in the ledger of system.db.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/place.h"
#include "format/json.h"
#include "format/time.h"
#include "ledger/ledger.h"
#include "os/clock.h"
#include "people/token.h"

#define COMMAND "account token"

enum { DAYS_MAX = 3650 };

struct token_options {
    Str data, name, workspace, scopes, login;
    enum token_verb { TOKEN_CREATE, TOKEN_LIST, TOKEN_REVOKE } verb;
    uint64_t days; /* 0: for ever */
    bool is_json;
};

static void scopes_write(struct buf *out, unsigned scopes)
{
    static const enum scope all[] = {SCOPE_READ, SCOPE_IMPORT, SCOPE_WRITE};
    bool is_first = true;

    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (scopes & (unsigned)all[i]) {
            buf_printf(out, "%s%s", is_first ? "" : ",", scope_name(all[i]));
            is_first = false;
        }
}

static bool record(struct db *system, const char *action, Str login, const struct api_token *token,
                   struct err *err)
{
    struct buf text, scopes;
    struct json_writer w;

    buf_init(&text, 64 * KIB);
    buf_init(&scopes, KIB);
    scopes_write(&scopes, token->scopes);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "token", token->id);
    json_set_str(&w, "name", token->name);
    json_set_str(&w, "workspace", token->workspace);
    json_set_str(&w, "scopes", buf_str(&scopes));
    json_end_object(&w);
    struct ledger_entry entry = {.at_ms = clock_now_ms(),
                                 .actor = S("cli"),
                                 .action = str_from_cstr(action),
                                 .object_kind = S("account"),
                                 .object_id = login,
                                 .after_json = buf_str(&text)};
    bool ok = buf_ok(&text, err) && ledger_append(system, &entry, err);
    buf_deinit(&scopes);
    buf_deinit(&text);
    return ok;
}

/* ---- create ---- */

static bool read_wanted(const struct token_options *o, int64_t now_ms, struct api_token *out,
                        struct err *err)
{
    out->name = o->name;
    out->workspace = o->workspace;
    out->scopes = SCOPE_READ;
    if (o->scopes.len > 0 && !scopes_from(o->scopes, &out->scopes))
        return err_set(err, ERR_USAGE, "'" STR_F "' is not a list of scopes", STR_A(o->scopes)) ||
               err_hint(err, "read, import, write or several with commas");
    out->expires_at_ms = o->days > 0 ? now_ms + (int64_t)o->days * TIME_DAY_MS : 0;
    return o->name.len > 0 || (err_set(err, ERR_USAGE, "give the token a --name"),
                               err_hint(err, "what uses it, for example --name 'nightly import'"));
}

static bool create(struct cli_place *place, const struct token_options *o, struct err *err)
{
    char text[API_TOKEN_BYTES];
    struct api_token token = {0};
    struct account account;
    int64_t now_ms = clock_now_ms();

    if (!read_wanted(o, now_ms, &token, err) || !db_begin(place->system, err))
        return false;
    bool ok = account_find(&place->arena, place->system, o->login, &account, err);
    token.account_id = ok ? account.id : 0;
    ok = ok && api_token_create(place->system, &token, now_ms, text, err) &&
         record(place->system, "account.token_create", o->login, &token, err);
    ok = db_end(place->system, ok, err);
    if (ok)
        printf("%s\n", text);
    return ok;
}

/* ---- list ---- */

static void print_token(const struct api_token *t)
{
    struct buf scopes;

    buf_init(&scopes, KIB);
    scopes_write(&scopes, t->scopes);
    printf(STR_F "\t" STR_F "\t" STR_F "\t%s\t%s\n", STR_A(t->name), STR_A(buf_str(&scopes)),
           STR_A(t->workspace.len > 0 ? t->workspace : S("*")),
           t->expires_at_ms > 0 ? time_date(t->expires_at_ms).text : "never",
           t->last_used_ms > 0 ? time_date(t->last_used_ms).text : "never");
    buf_deinit(&scopes);
}

static bool print_token_json(const struct api_token *t, struct err *err)
{
    struct buf line, scopes;
    struct json_writer w;

    buf_init(&line, 64 * KIB);
    buf_init(&scopes, KIB);
    scopes_write(&scopes, t->scopes);
    json_writer_init(&w, &line, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "name", t->name);
    json_set_str(&w, "scopes", buf_str(&scopes));
    json_set_str(&w, "workspace", t->workspace);
    json_set_str(&w, "created_at", str_from_cstr(time_rfc3339(t->created_at_ms).text));
    json_key(&w, S("expires_at"));
    if (t->expires_at_ms > 0)
        json_put_str(&w, str_from_cstr(time_rfc3339(t->expires_at_ms).text));
    else
        json_put_null(&w);
    json_key(&w, S("last_used_at"));
    if (t->last_used_ms > 0)
        json_put_str(&w, str_from_cstr(time_rfc3339(t->last_used_ms).text));
    else
        json_put_null(&w);
    json_end_object(&w);
    bool ok = buf_ok(&line, err);
    if (ok)
        printf(STR_F "\n", STR_A(buf_str(&line)));
    buf_deinit(&scopes);
    buf_deinit(&line);
    return ok;
}

static bool list(struct cli_place *place, const struct token_options *o, struct err *err)
{
    struct account account;
    struct api_token *tokens;
    size_t count;

    if (!account_find(&place->arena, place->system, o->login, &account, err) ||
        !api_token_list(&place->arena, place->system, account.id, &tokens, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!o->is_json)
            print_token(&tokens[i]);
        else if (!print_token_json(&tokens[i], err))
            return false;
    return true;
}

/* ---- revoke ---- */

static bool revoke_named(struct cli_place *place, const struct token_options *o, struct err *err)
{
    struct account account;
    struct api_token *tokens;
    size_t count;

    if (!account_find(&place->arena, place->system, o->login, &account, err) ||
        !api_token_list(&place->arena, place->system, account.id, &tokens, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (str_eq(tokens[i].name, o->name))
            return api_token_revoke(place->system, account.id, tokens[i].id, err) &&
                   record(place->system, "account.token_revoke", o->login, &tokens[i], err);
    return err_set(err, ERR_NOT_FOUND, "'" STR_F "' has no token '" STR_F "'", STR_A(o->login),
                   STR_A(o->name)) ||
           err_hint(err, "trimtab account token list shows them");
}

static bool revoke(struct cli_place *place, const struct token_options *o, struct err *err)
{
    if (o->name.len == 0)
        return err_set(err, ERR_USAGE, "give the --name of the token");
    if (!db_begin(place->system, err))
        return false;
    return db_end(place->system, revoke_named(place, o, err), err);
}

/* ---- the command ---- */

static const struct {
    bool (*run)(struct cli_place *place, const struct token_options *o, struct err *err);
    enum cli_place_use use;
} verbs[] = {[TOKEN_CREATE] = {create, CLI_PLACE_WRITE},
             [TOKEN_LIST] = {list, CLI_PLACE_READ},
             [TOKEN_REVOKE] = {revoke, CLI_PLACE_WRITE}};

int account_token_command(int argc, char **argv)
{
    struct token_options o = {.is_json = false};
    struct cli_place place;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_FLAG("--json", &o.is_json),
        CLI_PATH("--data", &o.data),
        CLI_TEXT("--name", &o.name),
        CLI_TEXT("--workspace", &o.workspace),
        CLI_TEXT("--scopes", &o.scopes),
        CLI_WHOLE("--days", &o.days, 1, DAYS_MAX),
        CLI_ARGUMENT_CHOICE("verb", &o.verb, "create, list or revoke"),
        CLI_ARGUMENT("login", &o.login, true, NULL),
    };

    if (!cli_options_read(COMMAND, options, COUNT_OF(options), argc, argv, &err) ||
        !cli_place_open(&place, o.data, verbs[o.verb].use, &err))
        return cli_report(COMMAND, &err);
    bool ok = verbs[o.verb].run(&place, &o, &err);
    cli_place_close(&place);
    return ok ? CLI_OK : cli_report(COMMAND, &err);
}
