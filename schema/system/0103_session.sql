-- Why: who is logged in must survive a restart. Only the SHA-256 of the token is kept, so a copy of
-- this file opens no session.
CREATE TABLE session (
    token_hash    BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id    INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    client        TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    last_used_ms  INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_account ON session (account_id);
