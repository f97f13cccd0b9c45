-- Why: an import survives a kill. How far it came is kept here; what it already did to a segment is
-- marked there (table applied), so going on from the last checkpoint counts nothing twice.
CREATE TABLE import (
    id             INTEGER PRIMARY KEY,
    state          TEXT NOT NULL CHECK (state IN ('running', 'finished', 'abandoned')),
    fingerprint    TEXT NOT NULL,    -- of files, options and queries: the same job goes on
    dataset        TEXT NOT NULL,
    imported_at_ms INTEGER NOT NULL, -- stands in for times that posts do not give
    finished_at_ms INTEGER,
    read           INTEGER NOT NULL DEFAULT 0, -- rows: posts and rejected ones
    added          INTEGER NOT NULL DEFAULT 0,
    updated        INTEGER NOT NULL DEFAULT 0,
    duplicate      INTEGER NOT NULL DEFAULT 0,
    deleted        INTEGER NOT NULL DEFAULT 0,
    rejected       INTEGER NOT NULL DEFAULT 0,
    matched        INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE import_input (
    import      INTEGER NOT NULL REFERENCES import (id),
    input       INTEGER NOT NULL, -- from 0
    path        TEXT NOT NULL,
    blocks_done INTEGER NOT NULL DEFAULT 0,
    is_done     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (import, input)
);
CREATE TABLE import_reject (
    import       INTEGER NOT NULL REFERENCES import (id),
    input        INTEGER NOT NULL,
    line         INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    is_retryable INTEGER NOT NULL, -- 1: raw holds the row as it came
    raw          BLOB,
    PRIMARY KEY (import, input, line)
) WITHOUT ROWID;
