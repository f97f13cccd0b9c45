-- Why: queries that are matched against every post. Each change is a new version, so a measure can
-- say under which wording it was taken.
CREATE TABLE standing_query (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE, -- what @@name means
    title         TEXT NOT NULL,        -- for people
    text          TEXT NOT NULL,
    version       INTEGER NOT NULL,     -- of the text, from 1
    is_active     INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL
);
CREATE TABLE standing_query_version (
    query   INTEGER NOT NULL REFERENCES standing_query (id),
    version INTEGER NOT NULL,
    text    TEXT NOT NULL,
    actor   TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (query, version)
);
