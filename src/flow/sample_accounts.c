/* The people of a sample: accounts made once; what a person set since is left alone. */
#include "flow/sample_priv.h"
#include "format/json.h"
#include "ledger/ledger.h"
#include "people/account.h"

static bool record(struct db *system, Str login, const char *action, Str key, Str value,
                   int64_t now_ms, struct err *err)
{
    struct json_writer writer;
    struct buf after;

    buf_init(&after, 4096);
    json_writer_init(&writer, &after, JSON_STYLE_COMPACT);
    json_begin_object(&writer);
    json_key(&writer, key);
    json_put_str(&writer, value);
    json_end_object(&writer);
    struct ledger_entry entry = {.at_ms = now_ms,
                                 .actor = S("system"),
                                 .action = str_from_cstr(action),
                                 .object_kind = S("account"),
                                 .object_id = login,
                                 .after_json = buf_str(&after)};
    bool ok = buf_ok(&after, err) && ledger_append(system, &entry, err);
    buf_deinit(&after);
    return ok;
}

struct person {
    Str login, name;
    enum role role;
};

static bool give_role(struct db *system, const struct person *person, int64_t id, Str slug,
                      int64_t now_ms, struct err *err)
{
    return account_set_role(system, id, slug, person->role, err) &&
           record(system, person->login, "account.role", slug,
                  str_from_cstr(role_name(person->role)), now_ms, err);
}

static bool create(struct db *system, const struct person *person, Str slug, Str password,
                   int64_t now_ms, struct err *err)
{
    int64_t id;

    if (!db_begin(system, err))
        return false;
    bool ok =
        account_create(system, person->login, person->name, password, false, &password_cost_default,
                       now_ms, &id, err) &&
        record(system, person->login, "account.create", S("name"), person->name, now_ms, err) &&
        give_role(system, person, id, slug, now_ms, err);
    return db_end(system, ok, err);
}

/* An account that is there keeps its password; a new workspace adds its role to it. */
static bool make_account(struct arena *a, struct db *system, const struct sample_outcome *out,
                         const struct person *person, int64_t now_ms, bool *is_kept,
                         struct err *err)
{
    struct err missing = {0};
    struct account account;

    *is_kept = account_find(a, system, person->login, &account, &missing);
    if (!*is_kept)
        return missing.code == ERR_NOT_FOUND
                   ? create(system, person, out->slug, str_from_cstr(out->password), now_ms, err)
                   : err_set(err, missing.code, "%s", missing.msg);
    if (!out->is_new)
        return true;
    if (!db_begin(system, err))
        return false;
    bool ok = give_role(system, person, account.id, out->slug, now_ms, err);
    return db_end(system, ok, err);
}

bool sample_make_accounts(struct arena *a, struct db *system, struct sample_outcome *out,
                          int64_t now_ms, struct err *err)
{
    const struct person strategist = {out->login, S("Ida Brenner"), ROLE_STRATEGIST};
    const struct person management = {out->management, S("Management"), ROLE_MANAGEMENT};

    password_generate(out->password);
    return make_account(a, system, out, &strategist, now_ms, &out->is_login_kept, err) &&
           make_account(a, system, out, &management, now_ms, &out->is_management_kept, err);
}
