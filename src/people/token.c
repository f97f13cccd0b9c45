#include "people/token.h"

#include <sodium.h>
#include <string.h>

#include "format/digest.h"

#define API_TOKEN_PREFIX "trim_"

enum { TOKEN_RANDOM_BYTES = 32, TOUCH_MS = 60 * 1000 };

static void generate(char text[API_TOKEN_BYTES])
{
    unsigned char random[TOKEN_RANDOM_BYTES];
    size_t prefix_len = sizeof API_TOKEN_PREFIX - 1;

    _Static_assert(API_TOKEN_BYTES ==
                       sizeof API_TOKEN_PREFIX - 1 +
                           sodium_base64_ENCODED_LEN(TOKEN_RANDOM_BYTES,
                                                     sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                   "length of a token");
    ASSERT(sodium_init() >= 0);
    randombytes_buf(random, sizeof random);
    memcpy(text, API_TOKEN_PREFIX, prefix_len);
    sodium_bin2base64(text + prefix_len, API_TOKEN_BYTES - prefix_len, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void bind_hash(struct stmt *stmt, int parameter, const Digest *hash)
{
    stmt_bind_blob(stmt, parameter, (Str){(const char *)hash->bytes, DIGEST_SIZE});
}

static bool check_wanted(const struct api_token *t, int64_t now_ms, struct err *err)
{
    if (str_trim(t->name).len == 0 || t->name.len > API_TOKEN_NAME_BYTES_MAX ||
        str_utf8_invalid_at(t->name) != t->name.len)
        return err_set(err, ERR_INPUT, "a token needs a name of 1 to %d bytes",
                       API_TOKEN_NAME_BYTES_MAX);
    if (t->scopes == 0 || (t->scopes & ~(unsigned)SCOPE_ALL) != 0) {
        err_set(err, ERR_INPUT, "a token needs a scope");
        return err_hint(err, "read, import, write or several with commas.");
    }
    if (t->expires_at_ms != 0 && t->expires_at_ms <= now_ms)
        return err_set(err, ERR_INPUT, "the token would have expired already");
    return true;
}

static bool count_check(struct db *system, int64_t account_id, struct err *err)
{
    struct stmt *stmt;
    int64_t count;

    if (!db_query(system, "SELECT count(*) FROM api_token WHERE account_id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, account_id);
    if (!stmt_one_i64(stmt, &count, err))
        return false;
    return count < API_TOKENS_PER_ACCOUNT_MAX ||
           err_set(err, ERR_LIMIT, "the account has %d tokens already", API_TOKENS_PER_ACCOUNT_MAX);
}

static bool insert(struct db *system, const struct api_token *t, const Digest *hash, int64_t now_ms,
                   struct err *err)
{
    struct err inner = {0};
    struct stmt *stmt;

    if (!db_query(system,
                  "INSERT INTO api_token (token_hash, account_id, name, workspace, scopes,"
                  " created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                  &stmt, err))
        return false;
    bind_hash(stmt, 1, hash);
    stmt_bind_i64(stmt, 2, t->account_id);
    stmt_bind_str(stmt, 3, t->name);
    if (t->workspace.len > 0)
        stmt_bind_str(stmt, 4, t->workspace);
    stmt_bind_i64(stmt, 5, (int64_t)t->scopes);
    stmt_bind_i64(stmt, 6, now_ms);
    if (t->expires_at_ms != 0)
        stmt_bind_i64(stmt, 7, t->expires_at_ms);
    if (stmt_run(stmt, &inner))
        return true;
    if (inner.code == ERR_EXISTS)
        return err_set(err, ERR_EXISTS, "the account has a token '" STR_F "' already",
                       STR_A(t->name));
    if (inner.code == ERR_CONFLICT)
        return err_set(err, ERR_NOT_FOUND, "no such account or workspace");
    *err = inner;
    return false;
}

bool api_token_create(struct db *system, struct api_token *wanted, int64_t now_ms,
                      char text[API_TOKEN_BYTES], struct err *err)
{
    if (!check_wanted(wanted, now_ms, err) || !db_begin(system, err))
        return false;
    generate(text);
    Digest hash = digest_sha256(str_from_cstr(text));
    bool ok =
        count_check(system, wanted->account_id, err) && insert(system, wanted, &hash, now_ms, err);
    wanted->id = db_last_id(system);
    wanted->created_at_ms = now_ms;
    return db_end(system, ok, err);
}

#define TOKEN_COLUMNS                                                                              \
    "t.id, t.account_id, t.name, coalesce(t.workspace, ''), t.scopes, t.created_at_ms,"            \
    " t.expires_at_ms, t.last_used_ms"

static bool load_token(struct stmt *stmt, struct arena *arena, const void *context, void *item,
                       struct err *err)
{
    struct api_token *out = item;

    (void)context;
    *out = (struct api_token){.id = stmt_i64(stmt, 0),
                              .account_id = stmt_i64(stmt, 1),
                              .scopes = (unsigned)stmt_i64(stmt, 4),
                              .created_at_ms = stmt_i64(stmt, 5),
                              .expires_at_ms = stmt_i64(stmt, 6),
                              .last_used_ms = stmt_i64(stmt, 7)};
    return stmt_copy_str(stmt, 2, arena, &out->name, err) &&
           stmt_copy_str(stmt, 3, arena, &out->workspace, err);
}

static bool find(struct arena *arena, struct db *system, const Digest *hash, int64_t now_ms,
                 struct api_token *out, bool *is_found, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system,
                  "SELECT " TOKEN_COLUMNS " FROM api_token t JOIN account a ON a.id = t.account_id"
                  " WHERE t.token_hash = ?1 AND (t.expires_at_ms IS NULL OR t.expires_at_ms > ?2)"
                  " AND a.disabled_at_ms IS NULL",
                  &stmt, err))
        return false;
    bind_hash(stmt, 1, hash);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_load_one(stmt, arena, load_token, NULL, out, is_found, err);
}

static bool touch(struct db *system, int64_t id, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "UPDATE api_token SET last_used_ms = ?2 WHERE id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, id);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

bool api_token_find(struct arena *arena, struct db *system, Str text, int64_t now_ms,
                    struct api_token *out, struct err *err)
{
    struct err ignored = {0};
    bool is_found = false;
    Digest hash = digest_sha256(text);

    if (text.len == API_TOKEN_BYTES - 1 && str_starts(text, S(API_TOKEN_PREFIX)) &&
        !find(arena, system, &hash, now_ms, out, &is_found, err))
        return false;
    if (!is_found)
        return err_set(err, ERR_DENIED, "the token is not valid");
    /* Noting the use is a courtesy: reading goes on when it cannot be written. */
    if (now_ms - out->last_used_ms >= TOUCH_MS && touch(system, out->id, now_ms, &ignored))
        out->last_used_ms = now_ms;
    return true;
}

bool api_token_list(struct arena *arena, struct db *system, int64_t account_id,
                    struct api_token **out, size_t *count, struct err *err)
{
    struct stmt *stmt;
    void *rows;

    if (!db_query(system,
                  "SELECT " TOKEN_COLUMNS " FROM api_token t WHERE t.account_id = ?1"
                  " ORDER BY t.name LIMIT ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, account_id);
    stmt_bind_i64(stmt, 2, API_TOKENS_PER_ACCOUNT_MAX);
    bool ok = stmt_load_rows(stmt, arena, sizeof **out, load_token, NULL, &rows, count, err);
    *out = ok ? rows : NULL;
    return ok;
}

bool api_token_revoke(struct db *system, int64_t account_id, int64_t id, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "DELETE FROM api_token WHERE account_id = ?1 AND id = ?2", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, account_id);
    stmt_bind_i64(stmt, 2, id);
    if (!stmt_run(stmt, err))
        return false;
    return db_changes(system) > 0 || err_set(err, ERR_NOT_FOUND, "no such token");
}

bool api_token_may(const struct api_token *token, Str workspace, struct access access,
                   enum permission permission)
{
    bool is_here = token->workspace.len == 0 || str_eq(token->workspace, workspace);

    return is_here && (token->scopes & permission_scope(permission)) != 0 &&
           access_may(access, permission);
}
