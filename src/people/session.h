/* session.h - who is logged in.
 *
 * The browser holds a random token of 256 bits; the database holds its SHA-256, so a copy of the
 * database opens no session. The CSRF token of a session is an HMAC of the session token: it is the
 * same for the session's life, differs between sessions and is stored nowhere. A session ends after
 * SESSION_IDLE_MS without a request, after SESSION_LIFE_MS in any case, at log-out, and when the
 * password changes or the account is disabled.
 */
#ifndef PEOPLE_SESSION_H
#define PEOPLE_SESSION_H

#include "db/db.h"

#define SESSION_IDLE_MS (12LL * 3600 * 1000)
#define SESSION_LIFE_MS (7LL * 24 * 3600 * 1000)
/* Use is written down at most this often, so that reading pages does not write. */
#define SESSION_TOUCH_MS (60LL * 1000)

enum { SESSION_TOKEN_BYTES = 44 }; /* 43 characters of base64url and a NUL */

struct session {
    int64_t account_id;
    int64_t created_at_ms, last_used_ms, expires_at_ms;
    char csrf[SESSION_TOKEN_BYTES];
};

/* Writes the token for the cookie into `token`. `client` (user agent, for the list of one's own
 * sessions) is cut at 200 bytes. */
bool session_create(struct db *system, int64_t account_id, Str client, int64_t now_ms,
                    char token[SESSION_TOKEN_BYTES], struct err *err) MUST_CHECK;
/* ERR_DENIED: unknown, malformed or expired (one message for all). */
bool session_find(struct db *system, Str token, int64_t now_ms, struct session *out,
                  struct err *err) MUST_CHECK;
/* In constant time. */
bool session_csrf_matches(const struct session *session, Str given);
bool session_end(struct db *system, Str token, struct err *err) MUST_CHECK;
bool session_end_all(struct db *system, int64_t account_id, struct err *err) MUST_CHECK;
/* Removes the expired ones. */
bool session_sweep(struct db *system, int64_t now_ms, struct err *err) MUST_CHECK;

#endif
