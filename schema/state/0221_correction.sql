-- Why: what a word says about the mood depends on what the query is about: "sick" of a trick,
-- "Billigflieger" of an airline. Each change of a query's list is a new version of all of it, so a
-- measure can say under which it was taken; applied_at_ms is set once all of history was matched
-- again under it.
CREATE TABLE correction_version (
    query         INTEGER NOT NULL REFERENCES standing_query (id),
    version       INTEGER NOT NULL CHECK (version >= 1),
    actor         TEXT NOT NULL CHECK (actor <> ''),
    reason        TEXT NOT NULL,
    at_ms         INTEGER NOT NULL,
    applied_at_ms INTEGER,
    PRIMARY KEY (query, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE correction (
    query   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    term    TEXT NOT NULL CHECK (term <> ''), -- in the query language: what has another mood here
    context TEXT NOT NULL,                    -- in the query language: only where this holds; or ''
    mood    INTEGER NOT NULL CHECK (mood IN (-1, 0, 1)),
    PRIMARY KEY (query, version, ordinal),
    FOREIGN KEY (query, version) REFERENCES correction_version (query, version)
) STRICT, WITHOUT ROWID;
