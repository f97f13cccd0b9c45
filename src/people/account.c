#include "people/account.h"

#include <string.h>

#include "base/limits.h"
#include "people/session.h"

/* Rules --------------------------------------------------------------------------------------- */

static bool is_login_byte(char c, bool is_first)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (!is_first && (c == '.' || c == '_' || c == '-' || c == '@'));
}

bool account_login_check(Str login, struct err *err)
{
    bool is_good = login.len >= 2 && login.len <= ACCOUNT_LOGIN_BYTES_MAX;

    for (size_t i = 0; is_good && i < login.len; i++)
        is_good = is_login_byte(login.ptr[i], i == 0);
    if (is_good)
        return true;
    err_set(err, ERR_INPUT, "'" STR_F "' is no valid login", STR_A(str_sub(login, 0, 80)));
    return err_hint(err, "Use 2 to %d of a-z 0-9 . _ - @, beginning with a letter or digit.",
                    ACCOUNT_LOGIN_BYTES_MAX);
}

static bool check_name(Str name, struct err *err)
{
    if (name.len > ACCOUNT_NAME_BYTES_MAX)
        return err_set(err, ERR_INPUT, "the name has more than %d bytes", ACCOUNT_NAME_BYTES_MAX);
    return str_utf8_invalid_at(name) == name.len ||
           err_set(err, ERR_INPUT, "the name is not valid UTF-8");
}

/* Reading ------------------------------------------------------------------------------------- */

#define ACCOUNT_COLUMNS                                                                            \
    "id, login, name, is_system_admin, disabled_at_ms, created_at_ms, last_login_ms"

static bool load_account(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                         struct err *err)
{
    struct account *out = item;

    (void)context;
    *out = (struct account){.id = stmt_i64(stmt, 0),
                            .is_system_admin = stmt_i64(stmt, 3) != 0,
                            .is_disabled = !stmt_is_null(stmt, 4),
                            .created_at_ms = stmt_i64(stmt, 5),
                            .last_login_ms = stmt_i64(stmt, 6)};
    return stmt_copy_str(stmt, 1, arena, &out->login, err) &&
           stmt_copy_str(stmt, 2, arena, &out->name, err);
}

bool account_find(struct arena *arena, struct db *system, Str login, struct account *out,
                  struct err *err)
{
    struct stmt *stmt;
    bool is_found;

    if (!db_query(system, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE login = ?1", &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, login);
    if (!stmt_load_one(stmt, arena, load_account, NULL, out, &is_found, err))
        return false;
    return is_found ||
           err_set(err, ERR_NOT_FOUND, "no account '" STR_F "'", STR_A(str_sub(login, 0, 80)));
}

bool account_find_id(struct arena *arena, struct db *system, int64_t id, struct account *out,
                     struct err *err)
{
    struct stmt *stmt;
    bool is_found;

    if (!db_query(system, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_load_one(stmt, arena, load_account, NULL, out, &is_found, err))
        return false;
    return is_found || err_set(err, ERR_NOT_FOUND, "no account with number %lld", (long long)id);
}

bool account_list(struct arena *arena, struct db *system, struct account **out, size_t *count,
                  struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(system, "SELECT " ACCOUNT_COLUMNS " FROM account ORDER BY login", &stmt, err))
        return false;
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_account, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

/* Changing ------------------------------------------------------------------------------------ */

static bool insert_account(struct db *system, Str login, Str name, const char *hash,
                           bool is_system_admin, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;
    struct err inner = {0};

    if (!db_query(system,
                  "INSERT INTO account (login, name, password_hash, is_system_admin, created_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, login);
    stmt_bind_str(stmt, 2, name);
    stmt_bind_str(stmt, 3, str_from_cstr(hash));
    stmt_bind_i64(stmt, 4, is_system_admin);
    stmt_bind_i64(stmt, 5, now_ms);
    if (stmt_run(stmt, &inner))
        return true;
    if (inner.code == ERR_EXISTS)
        return err_set(err, ERR_EXISTS, "account '" STR_F "' exists already", STR_A(login));
    *err = inner;
    return false;
}

bool account_create(struct db *system, Str login, Str name, Str password, bool is_system_admin,
                    const struct password_cost *cost, int64_t now_ms, int64_t *id, struct err *err)
{
    char hash[PASSWORD_HASH_BYTES];

    if (!account_login_check(login, err) || !check_name(name, err) ||
        !password_check(password, login, err) || !password_hash(password, cost, hash, err) ||
        !insert_account(system, login, name, hash, is_system_admin, now_ms, err))
        return false;
    *id = db_last_id(system);
    return true;
}

static bool store_hash(struct db *system, int64_t id, const char *hash, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "UPDATE account SET password_hash = ?2 WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, str_from_cstr(hash));
    return stmt_run(stmt, err);
}

bool account_set_password(struct db *system, int64_t id, Str password,
                          const struct password_cost *cost, struct err *err)
{
    char hash[PASSWORD_HASH_BYTES];
    struct account account;
    struct arena arena;

    arena_init(&arena, 64 * KIB);
    /* Hashing takes long: before the write lock is taken. */
    bool ok = account_find_id(&arena, system, id, &account, err) &&
              password_check(password, account.login, err) &&
              password_hash(password, cost, hash, err);
    arena_deinit(&arena);
    if (!ok || !db_begin(system, err))
        return false;
    ok = store_hash(system, id, hash, err) && session_end_all(system, id, err);
    return db_end(system, ok, err);
}

static bool other_admins_remain(struct db *system, int64_t id, struct err *err)
{
    struct stmt *stmt;
    int64_t count;

    if (!db_query(system,
                  "SELECT count(*) FROM account WHERE is_system_admin = 1 AND disabled_at_ms IS"
                  " NULL AND id <> ?1",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (!stmt_one_i64(stmt, &count, err))
        return false;
    return count > 0 || err_set(err, ERR_CONFLICT, "this is the last system administrator");
}

static bool store_disabled(struct db *system, int64_t id, bool is_disabled, int64_t now_ms,
                           struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "UPDATE account SET disabled_at_ms = ?2 WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    if (is_disabled)
        stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

bool account_set_disabled(struct db *system, int64_t id, bool is_disabled, int64_t now_ms,
                          struct err *err)
{
    struct account account;
    struct arena arena;

    if (!db_begin(system, err))
        return false;
    arena_init(&arena, 64 * KIB);
    bool ok = account_find_id(&arena, system, id, &account, err);
    if (ok && is_disabled && account.is_system_admin && !account.is_disabled)
        ok = other_admins_remain(system, id, err);
    ok = ok && store_disabled(system, id, is_disabled, now_ms, err) &&
         (!is_disabled || session_end_all(system, id, err));
    arena_deinit(&arena);
    return db_end(system, ok, err);
}

/* Log-in -------------------------------------------------------------------------------------- */

/* The stored hash of an account that may log in; otherwise a hash that nothing matches, made with
 * the same cost, so that the answer takes as long. */
static bool read_hash(struct db *system, Str login, int64_t *id, char hash[PASSWORD_HASH_BYTES],
                      struct err *err)
{
    struct stmt *stmt;
    bool is_found;

    *id = 0;
    if (!db_query(system,
                  "SELECT id, password_hash FROM account WHERE login = ?1 AND disabled_at_ms IS"
                  " NULL",
                  &stmt, err))
        return false;
    stmt_bind_str(stmt, 1, login);
    if (!stmt_step(stmt, &is_found, err))
        return false;
    if (!is_found)
        return true;
    Str stored = stmt_str(stmt, 1);
    bool is_usable = stored.len < PASSWORD_HASH_BYTES;
    if (is_usable) {
        *id = stmt_i64(stmt, 0);
        memset(hash, 0, PASSWORD_HASH_BYTES);
        memcpy(hash, stored.ptr, stored.len);
    }
    stmt_reset(stmt);
    return true;
}

static bool refuse_wait(int64_t wait_ms, struct err *err)
{
    err_set(err, ERR_BUSY, "too many failed log-ins");
    return err_hint(err, "Try again in %lld minutes.", (long long)((wait_ms + 59999) / 60000));
}

/* Compares, and always does the work of one hash. False in *is_good for a wrong password. */
static bool compare(struct db *system, Str login, Str password, const struct password_cost *cost,
                    int64_t *id, bool *is_good, bool *is_outdated, struct err *err)
{
    char hash[PASSWORD_HASH_BYTES] = {0}, unused[PASSWORD_HASH_BYTES];

    *is_good = *is_outdated = false;
    if (!read_hash(system, login, id, hash, err))
        return false;
    if (password.len > PASSWORD_BYTES_MAX)
        return true;
    if (*id == 0)
        return password_hash(password, cost, unused, err);
    *is_good = password_matches(password, hash);
    *is_outdated = *is_good && password_is_outdated(hash, cost);
    return true;
}

static bool note_login(struct db *system, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "UPDATE account SET last_login_ms = ?2 WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

bool account_authenticate(struct arena *arena, struct db *system, struct login_limit *limit,
                          Str login, Str password, Str address, const struct password_cost *cost,
                          int64_t now_ms, struct account *out, struct err *err)
{
    char hash[PASSWORD_HASH_BYTES];
    bool is_good, is_outdated;
    int64_t id;

    int64_t wait_ms = login_limit_begin(limit, login, address, now_ms);
    if (wait_ms > 0)
        return refuse_wait(wait_ms, err);
    if (!compare(system, login, password, cost, &id, &is_good, &is_outdated, err)) {
        login_limit_cancel(limit, login, address);
        return false;
    }
    if (!is_good)
        return err_set(err, ERR_DENIED, "login or password is wrong");
    login_limit_succeeded(limit, login, address);
    if (is_outdated &&
        (!password_hash(password, cost, hash, err) || !store_hash(system, id, hash, err)))
        return false;
    return note_login(system, id, now_ms, err) && account_find_id(arena, system, id, out, err);
}

/* Roles --------------------------------------------------------------------------------------- */

static bool remove_role(struct db *system, int64_t id, Str workspace, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "DELETE FROM account_role WHERE account_id = ?1 AND workspace = ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, workspace);
    return stmt_run(stmt, err);
}

bool account_set_role(struct db *system, int64_t id, Str workspace, enum role role, struct err *err)
{
    struct stmt *stmt;
    struct err inner = {0};

    if (role == ROLE_NONE)
        return remove_role(system, id, workspace, err);
    if (!db_query(system,
                  "INSERT INTO account_role (account_id, workspace, role) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (account_id, workspace) DO UPDATE SET role = excluded.role",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, workspace);
    stmt_bind_str(stmt, 3, str_from_cstr(role_name(role)));
    if (stmt_run(stmt, &inner))
        return true;
    if (inner.code == ERR_CONFLICT) /* the foreign keys */
        return err_set(err, ERR_NOT_FOUND, "no workspace '" STR_F "' or no such account",
                       STR_A(str_sub(workspace, 0, 80)));
    *err = inner;
    return false;
}

bool account_access(struct db *system, int64_t id, Str workspace, struct access *out,
                    struct err *err)
{
    struct stmt *stmt;
    bool has_row;

    *out = (struct access){.role = ROLE_NONE};
    if (!db_query(system,
                  "SELECT coalesce(r.role, ''), a.is_system_admin FROM account a LEFT JOIN"
                  " account_role r ON r.account_id = a.id AND r.workspace = ?2"
                  " WHERE a.id = ?1 AND a.disabled_at_ms IS NULL",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_str(stmt, 2, workspace);
    if (!stmt_step(stmt, &has_row, err))
        return false;
    if (!has_row)
        return true;
    if (!role_from(stmt_str(stmt, 0), &out->role))
        out->role = ROLE_NONE;
    out->is_system_admin = stmt_i64(stmt, 1) != 0;
    stmt_reset(stmt);
    return true;
}

bool access_may(struct access access, enum permission permission)
{
    return role_may(access.role, permission) ||
           (access.is_system_admin && role_may(ROLE_ADMIN, permission));
}

bool account_role(struct db *system, int64_t id, Str workspace, enum role *out, struct err *err)
{
    struct access access;

    if (!account_access(system, id, workspace, &access, err))
        return false;
    *out = access.role == ROLE_NONE && access.is_system_admin ? ROLE_ADMIN : access.role;
    return true;
}

static bool load_role(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                      struct err *err)
{
    struct account_role *out = item;

    (void)context;
    if (!role_from(stmt_str(stmt, 1), &out->role))
        out->role = ROLE_NONE;
    return stmt_copy_str(stmt, 0, arena, &out->workspace, err);
}

bool account_roles(struct arena *arena, struct db *system, int64_t id, struct account_role **out,
                   size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(system,
                  "SELECT workspace, role FROM account_role WHERE account_id = ?1"
                  " ORDER BY workspace",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_role, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}
