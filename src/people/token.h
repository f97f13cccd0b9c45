/* token.h - API tokens: a named key of one account for programs, with scope and expiry.
 *
 * The text "trim_" and 43 characters of base64url is shown once; the database holds its SHA-256. A
 * token may do what its scopes allow and its owner's role allows, in one workspace or in all of the
 * owner's. Disabling the owner disables it.
 */
#ifndef PEOPLE_TOKEN_H
#define PEOPLE_TOKEN_H

#include "db/db.h"
#include "people/account.h"

enum { API_TOKEN_BYTES = 49, API_TOKEN_NAME_BYTES_MAX = 100, API_TOKENS_PER_ACCOUNT_MAX = 50 };

struct api_token {
    int64_t id;
    int64_t account_id;
    Str name;
    Str workspace;   /* slug; empty: every workspace of the owner */
    unsigned scopes; /* of enum scope */
    int64_t created_at_ms;
    int64_t expires_at_ms; /* 0: never */
    int64_t last_used_ms;  /* 0: never; at most a minute old */
};

/* `wanted` gives account_id, name, workspace, scopes, expires_at_ms. Writes the text into `text`
 * and the number into wanted->id. ERR_EXISTS: the account has a token of that name. */
bool api_token_create(struct db *system, struct api_token *wanted, int64_t now_ms,
                      char text[API_TOKEN_BYTES], struct err *err) MUST_CHECK;
/* ERR_DENIED: unknown, malformed, expired, or its owner is disabled. */
bool api_token_find(struct arena *arena, struct db *system, Str text, int64_t now_ms,
                    struct api_token *out, struct err *err) MUST_CHECK;
bool api_token_list(struct arena *arena, struct db *system, int64_t account_id,
                    struct api_token **out, size_t *count, struct err *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
bool api_token_revoke(struct db *system, int64_t account_id, int64_t id,
                      struct err *err) MUST_CHECK;

/* The whole question in one: may this token, held by somebody with this access to the workspace, do
 * it there? */
bool api_token_may(const struct api_token *token, Str workspace, struct access access,
                   enum permission permission);

#endif
