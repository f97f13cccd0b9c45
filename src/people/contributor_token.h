/* contributor_token.h - the text in the link of an outside contributor.
 *
 * A token names the workspace, the link and when it ends, carries a secret of 256 random bits, and
 * is signed with the key of the installation. So a forged, altered or foreign token and one that is
 * over are refused without any database; what a signature cannot know (revoked, erased, a restored
 * backup) the secret decides, of which the workspace keeps the hash. A copy of a workspace's
 * database, or of the key, opens no link.
 *
 * Base64url (RFC 4648 section 5, no padding) of
 *
 *     bytes  what
 *         1  version, 1
 *         8  number of the link, unsigned, most significant byte first
 *         8  end in ms since 1970 UTC, likewise
 *         1  length of the workspace's short name, 1 to 63
 *       len  short name
 *        32  secret
 *        32  HMAC-SHA-256 (RFC 2104), by the key, of "trimtab contributor 1", a line feed and all
 *            bytes before
 *
 * Pure and thread-safe: key and time are arguments.
 */
#ifndef PEOPLE_CONTRIBUTOR_TOKEN_H
#define PEOPLE_CONTRIBUTOR_TOKEN_H

#include "base/buf.h"
#include "base/err.h"

enum {
    CONTRIBUTOR_KEY_BYTES = 32,
    CONTRIBUTOR_SECRET_BYTES = 32,
    CONTRIBUTOR_WORKSPACE_BYTES_MAX = 63, /* reject */
    CONTRIBUTOR_TOKEN_BYTES_MAX = 194,    /* characters of the text: reject */
    CONTRIBUTOR_FORM_BYTES = 44           /* 43 characters of base64url and a NUL */
};

struct contributor_key {
    uint8_t bytes[CONTRIBUTOR_KEY_BYTES];
};

struct contributor_token {
    int64_t link;                                        /* from 1 */
    int64_t expires_at_ms;                               /* over from this moment on */
    char workspace[CONTRIBUTOR_WORKSPACE_BYTES_MAX + 1]; /* NUL-terminated */
    uint8_t secret[CONTRIBUTOR_SECRET_BYTES];
};

/* Appends at most CONTRIBUTOR_TOKEN_BYTES_MAX characters. */
void contributor_token_write(const struct contributor_key *key,
                             const struct contributor_token *token, struct buf *out);
/* ERR_DENIED, always in the same words: malformed, altered, or signed with another key. The
 * signature is compared in constant time. Whether it is over is not asked here. */
bool contributor_token_read(const struct contributor_key *key, Str text,
                            struct contributor_token *out, struct err *err) MUST_CHECK;

/* What every form of the link's pages carries: an HMAC of the secret, so that only somebody who was
 * shown a page of this link can send one of its forms. Stored nowhere. */
void contributor_form_token(const struct contributor_token *token,
                            char out[CONTRIBUTOR_FORM_BYTES]);
/* In constant time. */
bool contributor_form_matches(const struct contributor_token *token, Str given);

#endif
