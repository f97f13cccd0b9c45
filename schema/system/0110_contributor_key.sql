-- Why: links for outside contributors are signed, so that a forged one is refused before any workspace is opened.
-- One key for the installation. It opens nothing by itself: a link also carries a secret of which a workspace
-- keeps the hash.
CREATE TABLE contributor_key (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    key           BLOB NOT NULL CHECK (length(key) = 32),
    created_at_ms INTEGER NOT NULL
) STRICT;
