/* account_command.c - `trimtab account create|list|password|role|disable|enable`.
 *
 * A password comes from standard input or is generated and printed once; it is never a flag, which
 * every other user of the machine could read. Each change is one transaction with its entry in the
 * ledger of system.db.
 */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

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
#include "os/reader.h"
#include "people/account.h"

struct account_options {
    Str data, login, name, workspace, role;
    bool is_admin, is_password_stdin, is_json;
};

/* Passwords ---------------------------------------------------------------------------------- */

/* On a terminal the typed line is not shown. */
static bool read_line(struct buf *out, struct err *err)
{
    struct os_reader *reader;
    struct termios shown, hidden;
    bool is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    bool has_line = false;
    Str line = STR_NONE;

    if (!os_reader_open(&reader, S("-"), err))
        return false;
    if (is_terminal) {
        fputs("password: ", stderr);
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool ok = os_reader_line(reader, &line, &has_line, err);
    if (ok && has_line)
        buf_add(out, line);
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputs("\n", stderr);
    }
    os_reader_close(&reader);
    return ok && (has_line || err_set(err, ERR_USAGE, "no password on standard input"));
}

/* From standard input when asked for, else a generated one, which is printed once all is done. */
static bool get_password(const struct account_options *o, struct buf *out, struct err *err)
{
    char generated[PASSWORD_GENERATED_BYTES];

    if (o->is_password_stdin)
        return read_line(out, err) && buf_ok(out, err);
    password_generate(generated);
    buf_add(out, str_from_cstr(generated));
    return buf_ok(out, err);
}

static void print_password(const struct account_options *o, const struct buf *password)
{
    if (!o->is_password_stdin)
        printf(STR_F "\n", STR_A(buf_str(password)));
}

/* Changes ------------------------------------------------------------------------------------ */

static bool record(struct db *system, const char *action, Str login, Str after_json,
                   struct err *err)
{
    struct ledger_entry entry = {.at_ms = clock_now_ms(),
                                 .actor = S("cli"),
                                 .action = str_from_cstr(action),
                                 .object_kind = S("account"),
                                 .object_id = login,
                                 .after_json = after_json};

    return ledger_append(system, &entry, err);
}

static bool record_role(struct db *system, Str login, Str workspace, enum role role,
                        struct err *err)
{
    struct json_writer w;
    struct buf text;

    buf_init(&text, 64 * KIB);
    json_writer_init(&w, &text, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "workspace", workspace);
    json_set_str(&w, "role", str_from_cstr(role_name(role)));
    json_end_object(&w);
    bool ok = buf_ok(&text, err) && record(system, "account.role", login, buf_str(&text), err);
    buf_deinit(&text);
    return ok;
}

static bool parse_role(Str text, enum role *role, struct err *err)
{
    *role = ROLE_NONE;
    if (str_eq(text, S("none")) || role_from(text, role))
        return true;
    err_set(err, ERR_USAGE, "no role '" STR_F "'", STR_A(text));
    return err_hint(err, "Roles: admin strategist management department agent reviewer viewer; "
                         "none takes it away.");
}

static bool set_role(struct db *system, const struct account_options *o, int64_t id,
                     struct err *err)
{
    enum role role;

    return parse_role(o->role, &role, err) &&
           account_set_role(system, id, o->workspace, role, err) &&
           record_role(system, o->login, o->workspace, role, err);
}

static bool create(struct db *system, const struct account_options *o, Str password,
                   struct err *err)
{
    int64_t id;

    if (!db_begin(system, err))
        return false;
    bool ok =
        account_create(system, o->login, o->name.len > 0 ? o->name : o->login, password,
                       o->is_admin, &password_cost_default, clock_now_ms(), &id, err) &&
        record(system, "account.create", o->login,
               o->is_admin ? S("{\"system_admin\":true}") : S("{\"system_admin\":false}"), err) &&
        (o->role.len == 0 || set_role(system, o, id, err));
    return db_end(system, ok, err);
}

static bool run_create(struct cli_place *place, const struct account_options *o, struct err *err)
{
    struct buf password;

    if ((o->role.len > 0) != (o->workspace.len > 0))
        return err_set(err, ERR_USAGE, "--role and --workspace belong together");
    buf_init(&password, PASSWORD_BYTES_MAX + 1);
    bool ok = get_password(o, &password, err) && create(place->system, o, buf_str(&password), err);
    if (ok)
        print_password(o, &password);
    buf_deinit(&password);
    return ok;
}

static bool store_password(struct cli_place *place, const struct account_options *o, Str password,
                           struct err *err)
{
    struct account account;

    if (!db_begin(place->system, err))
        return false;
    bool ok =
        account_find(&place->arena, place->system, o->login, &account, err) &&
        account_set_password(place->system, account.id, password, &password_cost_default, err) &&
        record(place->system, "account.password", o->login, STR_NONE, err);
    return db_end(place->system, ok, err);
}

static bool run_password(struct cli_place *place, const struct account_options *o, struct err *err)
{
    struct buf password;

    buf_init(&password, PASSWORD_BYTES_MAX + 1);
    bool ok = get_password(o, &password, err) && store_password(place, o, buf_str(&password), err);
    if (ok)
        print_password(o, &password);
    buf_deinit(&password);
    return ok;
}

static bool run_role(struct cli_place *place, const struct account_options *o, struct err *err)
{
    struct account account;

    if (o->role.len == 0 || o->workspace.len == 0)
        return err_set(err, ERR_USAGE, "give --workspace SLUG and --role ROLE");
    if (!db_begin(place->system, err))
        return false;
    bool ok = account_find(&place->arena, place->system, o->login, &account, err) &&
              set_role(place->system, o, account.id, err);
    return db_end(place->system, ok, err);
}

static bool set_disabled(struct cli_place *place, const struct account_options *o, bool is_disabled,
                         struct err *err)
{
    struct account account;

    if (!db_begin(place->system, err))
        return false;
    bool ok = account_find(&place->arena, place->system, o->login, &account, err) &&
              account_set_disabled(place->system, account.id, is_disabled, clock_now_ms(), err) &&
              record(place->system, is_disabled ? "account.disable" : "account.enable", o->login,
                     STR_NONE, err);
    return db_end(place->system, ok, err);
}

static bool run_disable(struct cli_place *place, const struct account_options *o, struct err *err)
{
    return set_disabled(place, o, true, err);
}

static bool run_enable(struct cli_place *place, const struct account_options *o, struct err *err)
{
    return set_disabled(place, o, false, err);
}

/* The frame of every verb: arguments, place, work, exit code. */
static int run(const char *command, int argc, char **argv, enum cli_place_use use,
               bool (*work)(struct cli_place *, const struct account_options *, struct err *))
{
    struct account_options o = {.is_json = false};
    struct cli_place place;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_FLAG("--admin", &o.is_admin),
        CLI_FLAG("--password-stdin", &o.is_password_stdin),
        CLI_FLAG("--json", &o.is_json),
        CLI_PATH("--data", &o.data),
        CLI_TEXT("--name", &o.name),
        CLI_TEXT("--workspace", &o.workspace),
        CLI_TEXT("--role", &o.role),
        CLI_ARGUMENT("login", &o.login, use == CLI_PLACE_WRITE, NULL),
    };

    if (!cli_options_read(command, options, COUNT_OF(options), argc, argv, &err) ||
        !cli_place_open(&place, o.data, use, &err))
        return cli_report(command, &err);
    bool ok = work(&place, &o, &err);
    cli_place_close(&place);
    return ok ? CLI_OK : cli_report(command, &err);
}

int account_create_command(int argc, char **argv)
{
    return run("account create", argc, argv, CLI_PLACE_WRITE, run_create);
}

int account_password_command(int argc, char **argv)
{
    return run("account password", argc, argv, CLI_PLACE_WRITE, run_password);
}

int account_role_command(int argc, char **argv)
{
    return run("account role", argc, argv, CLI_PLACE_WRITE, run_role);
}

int account_disable_command(int argc, char **argv)
{
    return run("account disable", argc, argv, CLI_PLACE_WRITE, run_disable);
}

int account_enable_command(int argc, char **argv)
{
    return run("account enable", argc, argv, CLI_PLACE_WRITE, run_enable);
}

/* List --------------------------------------------------------------------------------------- */

static bool print_account(struct cli_place *place, const struct account *account, struct err *err)
{
    struct account_role *roles;
    size_t count;

    if (!account_roles(&place->arena, place->system, account->id, &roles, &count, err))
        return false;
    printf(STR_F "\t%s\t" STR_F "\t", STR_A(account->login),
           account->is_disabled       ? "disabled"
           : account->is_system_admin ? "system-admin"
                                      : "active",
           STR_A(account->name));
    for (size_t i = 0; i < count; i++)
        printf("%s" STR_F "=%s", i > 0 ? "," : "", STR_A(roles[i].workspace),
               role_name(roles[i].role));
    putchar('\n');
    return true;
}

static bool print_account_json(struct cli_place *place, const struct account *account,
                               struct err *err)
{
    struct account_role *roles;
    struct json_writer w;
    struct buf line;
    size_t count;

    if (!account_roles(&place->arena, place->system, account->id, &roles, &count, err))
        return false;
    buf_init(&line, 16 * MIB);
    json_writer_init(&w, &line, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "login", account->login);
    json_set_str(&w, "name", account->name);
    json_set_bool(&w, "system_admin", account->is_system_admin);
    json_set_bool(&w, "disabled", account->is_disabled);
    json_set_str(&w, "created_at", str_from_cstr(time_rfc3339(account->created_at_ms).text));
    json_set_object(&w, "roles");
    for (size_t i = 0; i < count; i++) {
        json_key(&w, roles[i].workspace);
        json_put_str(&w, str_from_cstr(role_name(roles[i].role)));
    }
    json_end_object(&w);
    json_end_object(&w);
    bool ok = buf_ok(&line, err);
    if (ok)
        printf(STR_F "\n", STR_A(buf_str(&line)));
    buf_deinit(&line);
    return ok;
}

static bool run_list(struct cli_place *place, const struct account_options *o, struct err *err)
{
    struct account *list;
    size_t count;

    bool ok = account_list(&place->arena, place->system, &list, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = o->is_json ? print_account_json(place, &list[i], err)
                        : print_account(place, &list[i], err);
    return ok;
}

int account_list_command(int argc, char **argv)
{
    return run("account list", argc, argv, CLI_PLACE_READ, run_list);
}
