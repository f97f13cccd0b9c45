-- Why: a rating or decision cites what was seen then. Posts are copied, so that a later edit or the
-- retention of the archive changes nothing; erasing a person blanks the item and keeps its place.
CREATE TABLE evidence (
    id            INTEGER PRIMARY KEY,
    statement     TEXT NOT NULL CHECK (statement <> ''),
    kind          TEXT NOT NULL CHECK (kind <> ''),
    object_kind   TEXT NOT NULL,
    object_id     TEXT NOT NULL,
    from_ms       INTEGER NOT NULL,
    to_ms         INTEGER NOT NULL CHECK (to_ms >= from_ms),
    measures_json TEXT NOT NULL,
    created_by    TEXT NOT NULL CHECK (created_by <> ''),
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_by_object ON evidence (object_kind, object_id, id);

CREATE TABLE evidence_item (
    evidence_id   INTEGER NOT NULL REFERENCES evidence (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('post', 'signal', 'document')),
    source        TEXT NOT NULL,
    ref           TEXT NOT NULL CHECK (ref <> ''),
    author        TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    text          TEXT NOT NULL,
    url           TEXT NOT NULL,
    why           TEXT NOT NULL,
    erased_at_ms  INTEGER,
    PRIMARY KEY (evidence_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_item_by_author ON evidence_item (source, author) WHERE author <> '';
CREATE INDEX evidence_item_by_post ON evidence_item (source, ref) WHERE kind = 'post';
