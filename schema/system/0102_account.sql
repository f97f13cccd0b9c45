-- Why: people log in with a password of which only the Argon2id hash is kept, and have at most one
-- role in each workspace; system administrators have the role admin everywhere.
CREATE TABLE account (
    id              INTEGER PRIMARY KEY,
    login           TEXT NOT NULL UNIQUE CHECK (length(login) BETWEEN 2 AND 64),
    name            TEXT NOT NULL,
    password_hash   TEXT NOT NULL,
    is_system_admin INTEGER NOT NULL DEFAULT 0 CHECK (is_system_admin IN (0, 1)),
    disabled_at_ms  INTEGER,
    created_at_ms   INTEGER NOT NULL,
    last_login_ms   INTEGER
) STRICT;

CREATE TABLE account_role (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    workspace  TEXT NOT NULL REFERENCES workspace (slug) ON DELETE CASCADE,
    role       TEXT NOT NULL CHECK (role IN ('viewer', 'reviewer', 'agent', 'department',
                                             'management', 'strategist', 'admin')),
    PRIMARY KEY (account_id, workspace)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_role_by_workspace ON account_role (workspace);
