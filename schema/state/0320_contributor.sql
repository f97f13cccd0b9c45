-- Why: people from outside (customers, partners, influencers, the advisory board) take part by a signed link,
-- without an account. A row is one person and one link. Only the SHA-256 of the link's secret is kept; erasing
-- a person blanks name, organisation, contact and signature and takes the hash away. rights: 1 comment, 2 vote,
-- 4 propose. window_*: how much was sent lately; sent_count: ever.
CREATE TABLE contributor (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT NOT NULL,
    organisation   TEXT NOT NULL,
    contact        TEXT NOT NULL,
    side           TEXT NOT NULL CHECK (side IN ('customer', 'partner', 'influencer', 'advisory_board')),
    rights         INTEGER NOT NULL CHECK (rights BETWEEN 1 AND 7),
    secret_hash    BLOB CHECK (length(secret_hash) = 32),
    agreement      TEXT NOT NULL CHECK (agreement <> ''),
    agreed_at_ms   INTEGER,
    agreed_by      TEXT NOT NULL DEFAULT '',
    created_by     TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    expires_at_ms  INTEGER NOT NULL,
    revoked_at_ms  INTEGER,
    erased_at_ms   INTEGER,
    last_used_ms   INTEGER,
    window_from_ms INTEGER NOT NULL DEFAULT 0,
    window_count   INTEGER NOT NULL DEFAULT 0,
    sent_count     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What the link shows, and nothing else. The ids are those of the strategy's objects of that kind.
CREATE TABLE contributor_object (
    contributor_id INTEGER NOT NULL REFERENCES contributor (id) ON DELETE CASCADE,
    kind           TEXT NOT NULL CHECK (kind IN ('version', 'topic', 'option')),
    object_id      TEXT NOT NULL CHECK (object_id <> ''),
    position       INTEGER NOT NULL,
    PRIMARY KEY (contributor_id, kind, object_id)
) STRICT, WITHOUT ROWID;
