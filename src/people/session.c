#include "people/session.h"

#include <sodium.h>

#include "format/digest.h"

enum { TOKEN_RANDOM_BYTES = 32, CLIENT_BYTES_MAX = 200 };

static void encode(Str bytes, char out[SESSION_TOKEN_BYTES])
{
    _Static_assert(
        SESSION_TOKEN_BYTES ==
            sodium_base64_ENCODED_LEN(TOKEN_RANDOM_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
        "length of a token");
    ASSERT(bytes.len == TOKEN_RANDOM_BYTES);
    sodium_bin2base64(out, SESSION_TOKEN_BYTES, (const unsigned char *)bytes.ptr, bytes.len,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void derive_csrf(Str token, char out[SESSION_TOKEN_BYTES])
{
    Digest mac = digest_hmac_sha256(token, S("trimtab csrf 1"));

    encode((Str){(const char *)mac.bytes, DIGEST_SIZE}, out);
}

static void bind_hash(struct stmt *stmt, int parameter, const Digest *hash)
{
    stmt_bind_blob(stmt, parameter, (Str){(const char *)hash->bytes, DIGEST_SIZE});
}

bool session_create(struct db *system, int64_t account_id, Str client, int64_t now_ms,
                    char token[SESSION_TOKEN_BYTES], struct err *err)
{
    char random[TOKEN_RANDOM_BYTES];
    struct stmt *stmt;

    ASSERT(sodium_init() >= 0);
    randombytes_buf(random, sizeof random);
    encode((Str){random, sizeof random}, token);
    Digest hash = digest_sha256(str_from_cstr(token));
    if (!db_query(system,
                  "INSERT INTO session (token_hash, account_id, client, created_at_ms,"
                  " last_used_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                  &stmt, err))
        return false;
    bind_hash(stmt, 1, &hash);
    stmt_bind_i64(stmt, 2, account_id);
    stmt_bind_str(stmt, 3, str_sub(client, 0, CLIENT_BYTES_MAX));
    stmt_bind_i64(stmt, 4, now_ms);
    stmt_bind_i64(stmt, 5, now_ms + SESSION_LIFE_MS);
    return stmt_run(stmt, err);
}

/* *is_found false: unknown, expired, or the account is disabled. */
static bool read_session(struct db *system, const Digest *hash, int64_t now_ms, struct session *out,
                         bool *is_found, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system,
                  "SELECT s.account_id, s.created_at_ms, s.last_used_ms, s.expires_at_ms"
                  " FROM session s JOIN account a ON a.id = s.account_id"
                  " WHERE s.token_hash = ?1 AND s.expires_at_ms > ?2 AND s.last_used_ms > ?3"
                  " AND a.disabled_at_ms IS NULL",
                  &stmt, err))
        return false;
    bind_hash(stmt, 1, hash);
    stmt_bind_i64(stmt, 2, now_ms);
    stmt_bind_i64(stmt, 3, now_ms - SESSION_IDLE_MS);
    if (!stmt_step(stmt, is_found, err))
        return false;
    if (!*is_found)
        return true;
    *out = (struct session){.account_id = stmt_i64(stmt, 0),
                            .created_at_ms = stmt_i64(stmt, 1),
                            .last_used_ms = stmt_i64(stmt, 2),
                            .expires_at_ms = stmt_i64(stmt, 3)};
    stmt_reset(stmt);
    return true;
}

static bool touch(struct db *system, const Digest *hash, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "UPDATE session SET last_used_ms = ?2 WHERE token_hash = ?1", &stmt, err))
        return false;
    bind_hash(stmt, 1, hash);
    stmt_bind_i64(stmt, 2, now_ms);
    return stmt_run(stmt, err);
}

bool session_find(struct db *system, Str token, int64_t now_ms, struct session *out,
                  struct err *err)
{
    struct err ignored = {0};
    bool is_found = false;
    Digest hash = digest_sha256(token);

    if (token.len == SESSION_TOKEN_BYTES - 1 &&
        !read_session(system, &hash, now_ms, out, &is_found, err))
        return false;
    if (!is_found)
        return err_set(err, ERR_DENIED, "the session has ended");
    /* A full disk or a busy writer must not lock people out of reading. */
    if (now_ms - out->last_used_ms >= SESSION_TOUCH_MS && touch(system, &hash, now_ms, &ignored))
        out->last_used_ms = now_ms;
    derive_csrf(token, out->csrf);
    return true;
}

bool session_csrf_matches(const struct session *session, Str given)
{
    return digest_equal(str_from_cstr(session->csrf), given);
}

bool session_end(struct db *system, Str token, struct err *err)
{
    struct stmt *stmt;
    Digest hash = digest_sha256(token);

    if (!db_query(system, "DELETE FROM session WHERE token_hash = ?1", &stmt, err))
        return false;
    bind_hash(stmt, 1, &hash);
    return stmt_run(stmt, err);
}

bool session_end_all(struct db *system, int64_t account_id, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "DELETE FROM session WHERE account_id = ?1", &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, account_id);
    return stmt_run(stmt, err);
}

bool session_sweep(struct db *system, int64_t now_ms, struct err *err)
{
    struct stmt *stmt;

    if (!db_query(system, "DELETE FROM session WHERE expires_at_ms <= ?1 OR last_used_ms <= ?2",
                  &stmt, err))
        return false;
    stmt_bind_i64(stmt, 1, now_ms);
    stmt_bind_i64(stmt, 2, now_ms - SESSION_IDLE_MS);
    return stmt_run(stmt, err);
}
