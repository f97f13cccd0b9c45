-- Why: which column of a platform's export holds what is said once. The heading tells the file again.
CREATE TABLE csv_mapping (
    heading    TEXT PRIMARY KEY,  -- SHA-256 of the columns' names, in their order
    mapping    TEXT NOT NULL,     -- as said: "text=Full Text,created_at=Date"
    said_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
