-- Why: a signal is a named number over time with the definition it was computed by. A changed
-- definition is a new version, so that the break in the series is marked. value NULL: measured, but
-- not available. Points of measured signals are derived and may be dropped and computed again.
CREATE TABLE signal (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE CHECK (key <> ''),
    name        TEXT NOT NULL,
    unit        TEXT NOT NULL,
    period      TEXT NOT NULL CHECK (period IN ('minute', 'hour', 'day')),
    aggregate   TEXT NOT NULL CHECK (aggregate IN ('sum', 'mean', 'last', 'none')),
    source      TEXT NOT NULL,
    is_measured INTEGER NOT NULL CHECK (is_measured IN (0, 1)),
    version     INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE TABLE signal_version (
    signal_id    INTEGER NOT NULL REFERENCES signal (id) ON DELETE CASCADE,
    version      INTEGER NOT NULL,
    definition   TEXT NOT NULL,
    from_ms      INTEGER,           -- NULL: from the beginning (version 1)
    reason       TEXT NOT NULL,
    marked_at_ms INTEGER NOT NULL,
    PRIMARY KEY (signal_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE signal_point (
    signal_id INTEGER NOT NULL REFERENCES signal (id) ON DELETE CASCADE,
    start_ms  INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    value     REAL,
    n         INTEGER NOT NULL CHECK (n >= 0),
    coverage  REAL NOT NULL CHECK (coverage BETWEEN 0 AND 1),
    PRIMARY KEY (signal_id, start_ms)
) STRICT, WITHOUT ROWID;
