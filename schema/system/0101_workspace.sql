-- Why: the list of workspaces decides which folders under workspaces/ are in use; a folder without a
-- row here is a creation that did not finish.
CREATE TABLE workspace (
    slug          TEXT PRIMARY KEY CHECK (length(slug) BETWEEN 1 AND 63),
    name          TEXT NOT NULL CHECK (name <> ''),
    created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
