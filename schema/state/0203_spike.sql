-- Why: an alert explains itself and stays readable after the archive has forgotten the posts.
CREATE TABLE spike (
    id           INTEGER PRIMARY KEY,
    query        INTEGER NOT NULL REFERENCES standing_query (id),
    signal       TEXT NOT NULL,    -- key of the signal it was found in
    start_ms     INTEGER NOT NULL, -- first period of the alert
    peak_ms      INTEGER NOT NULL,
    end_ms       INTEGER NOT NULL, -- behind the last period
    severity     INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 10),
    score        REAL NOT NULL,
    expected     REAL NOT NULL,    -- at the peak
    observed     REAL NOT NULL,    -- at the peak
    terms        TEXT NOT NULL,    -- JSON: [{"term", "count", "lift"}]
    sources      TEXT NOT NULL,    -- JSON: [{"source", "mentions"}]
    posts        TEXT NOT NULL,    -- JSON: [{"source", "id", "created_at", "title", "text", "url"}]
    earlier      INTEGER,          -- the most similar earlier spike of the query
    detector     TEXT NOT NULL,    -- version of the method
    found_at_ms  INTEGER NOT NULL,
    UNIQUE (signal, start_ms, detector)
);
