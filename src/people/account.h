/* account.h - the people who may log in, and their role in each workspace.
 *
 * Accounts live in system.db. A system administrator creates accounts and workspaces and has the
 * role admin everywhere; everybody else has the role given for a workspace, or none. The caller
 * writes the ledger entry of a change in the same transaction.
 *
 * Memory: what is read lives in the caller's arena. Threads: as the connection (db.h).
 */
#ifndef PEOPLE_ACCOUNT_H
#define PEOPLE_ACCOUNT_H

#include "db/db.h"
#include "people/login_limit.h"
#include "people/password.h"
#include "people/permission.h"

enum {
    ACCOUNT_LOGIN_BYTES_MAX = 64, /* reject */
    ACCOUNT_NAME_BYTES_MAX = 200  /* reject */
};

struct account {
    int64_t id;
    Str login; /* 2 to 64 of a-z 0-9 . _ - @, begins with a letter or digit */
    Str name;
    bool is_system_admin;
    bool is_disabled;
    int64_t created_at_ms;
    int64_t last_login_ms; /* 0: never */
};

struct account_role {
    Str workspace; /* slug */
    enum role role;
};

bool account_login_check(Str login, struct err *err) MUST_CHECK;
/* Password rules apply. ERR_EXISTS, ERR_INPUT. Sets *id. */
bool account_create(struct db *system, Str login, Str name, Str password, bool is_system_admin,
                    const struct password_cost *cost, int64_t now_ms, int64_t *id,
                    struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool account_find(struct arena *arena, struct db *system, Str login, struct account *out,
                  struct err *err) MUST_CHECK;
bool account_find_id(struct arena *arena, struct db *system, int64_t id, struct account *out,
                     struct err *err) MUST_CHECK;
/* In order of the login. */
bool account_list(struct arena *arena, struct db *system, struct account **out, size_t *count,
                  struct err *err) MUST_CHECK;
/* Also ends all sessions of the account. */
bool account_set_password(struct db *system, int64_t id, Str password,
                          const struct password_cost *cost, struct err *err) MUST_CHECK;
/* Disabling ends all sessions; tokens stop working. The last enabled system administrator stays:
 * ERR_CONFLICT. */
bool account_set_disabled(struct db *system, int64_t id, bool is_disabled, int64_t now_ms,
                          struct err *err) MUST_CHECK;

/* ERR_DENIED, always in the same words and after the same work, whether login or password was
 * wrong or the account is disabled; ERR_BUSY with the waiting time as hint when the limit is
 * reached (no work is done then). `address` is the client's. */
bool account_authenticate(struct arena *arena, struct db *system, struct login_limit *limit,
                          Str login, Str password, Str address, const struct password_cost *cost,
                          int64_t now_ms, struct account *out, struct err *err) MUST_CHECK;

/* ROLE_NONE takes it away. ERR_NOT_FOUND: no such workspace or account. */
bool account_set_role(struct db *system, int64_t id, Str workspace, enum role role,
                      struct err *err) MUST_CHECK;
/* The role given; without one ROLE_ADMIN for system administrators. ROLE_NONE for the disabled and
 * for those without a role. */
bool account_role(struct db *system, int64_t id, Str workspace, enum role *out,
                  struct err *err) MUST_CHECK;

/* What somebody may do in one workspace: a system administrator may do what the role given allows
 * and what an administrator may. Read it once a request, ask it often. */
struct access {
    enum role role;
    bool is_system_admin;
};
bool account_access(struct db *system, int64_t id, Str workspace, struct access *out,
                    struct err *err) MUST_CHECK;
bool access_may(struct access access, enum permission permission);
/* The roles given, in order of the workspace. */
bool account_roles(struct arena *arena, struct db *system, int64_t id, struct account_role **out,
                   size_t *count, struct err *err) MUST_CHECK;

#endif
