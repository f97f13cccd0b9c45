-- Why: a search that is asked again and again is kept with everything that makes it: words, the query
-- it stays within, window, order. A window that moves is kept as its length, one that stands as its
-- ends. Who made a view owns it; shared, everybody in the workspace finds it.
CREATE TABLE saved_view (
    id            INTEGER PRIMARY KEY,
    owner         TEXT NOT NULL,    -- login; 'cli' of the command line
    name          TEXT NOT NULL,    -- for people
    is_shared     INTEGER NOT NULL CHECK (is_shared IN (0, 1)),
    query         TEXT NOT NULL,    -- in the query language; chosen facets are parts of it
    within        TEXT NOT NULL,    -- name of a standing query; '': all posts
    days          INTEGER NOT NULL CHECK (days >= 0), -- the last so many days; 0: from_ms to to_ms
    from_ms       INTEGER NOT NULL, -- 0, 0: all
    to_ms         INTEGER NOT NULL,
    sort          TEXT NOT NULL CHECK (sort IN ('newest', 'oldest', 'relevant')),
    has_stems     INTEGER NOT NULL CHECK (has_stems IN (0, 1)), -- words find their inflected forms
    created_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    UNIQUE (owner, name)
);
