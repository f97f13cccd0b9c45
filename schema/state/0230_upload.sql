-- Why: files that people bring in through the browser are kept until somebody removes them, so that
-- a mapping can be tried before the import and queries written later find what was brought earlier.
-- The bytes lie in files/uploads/<id>.
CREATE TABLE upload (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,            -- as it was called where it came from
    size           INTEGER NOT NULL,         -- bytes as they lie there
    source         TEXT NOT NULL,            -- for posts that name none
    mapping        TEXT NOT NULL DEFAULT '', -- of the columns of a CSV file; empty: by their headings
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'importing', 'done', 'failed', 'stopped')),
    problem        TEXT NOT NULL DEFAULT '', -- why it failed
    import         INTEGER,                  -- the last one of this file
    query_set      INTEGER NOT NULL DEFAULT 0, -- revision of the queries it was matched against
    read           INTEGER NOT NULL DEFAULT 0, -- rows, as of the last import
    added          INTEGER NOT NULL DEFAULT 0,
    updated        INTEGER NOT NULL DEFAULT 0,
    duplicate      INTEGER NOT NULL DEFAULT 0,
    rejected       INTEGER NOT NULL DEFAULT 0,
    matched        INTEGER NOT NULL DEFAULT 0,
    seconds        REAL NOT NULL DEFAULT 0,
    actor          TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
