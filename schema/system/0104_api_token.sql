-- Why: programs use the API under the name of an account, with less than its rights: a scope, a
-- workspace, an expiry. Only the SHA-256 of the token is kept. scopes: 1 read, 2 import, 4 write.
CREATE TABLE api_token (
    id            INTEGER PRIMARY KEY,
    token_hash    BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    account_id    INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name          TEXT NOT NULL CHECK (name <> ''),
    workspace     TEXT REFERENCES workspace (slug) ON DELETE CASCADE,
    scopes        INTEGER NOT NULL CHECK (scopes BETWEEN 1 AND 7),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    last_used_ms  INTEGER,
    UNIQUE (account_id, name)
) STRICT;
