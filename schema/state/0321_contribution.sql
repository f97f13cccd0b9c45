-- Why: what contributors said, and what came of it. A vote is one row for each person and object, changed in
-- place; `revision` counts its changes, so that an old form cannot undo a later vote. object_revision: of the
-- object as the person saw it. `once` keeps a form that is sent twice from counting twice. Every row ends with
-- a disposition; a vote that changes is open again.
CREATE TABLE contribution (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    contributor_id  INTEGER NOT NULL REFERENCES contributor (id),
    kind            TEXT NOT NULL CHECK (kind IN ('comment', 'vote', 'proposal')),
    object_kind     TEXT NOT NULL, -- of a proposal: what is proposed
    object_id       TEXT NOT NULL, -- of a proposal: empty
    object_revision INTEGER NOT NULL,
    value           INTEGER NOT NULL CHECK (value BETWEEN -1 AND 1),
    text            TEXT NOT NULL, -- empty when erased
    once            TEXT CHECK (once <> ''),
    revision        INTEGER NOT NULL DEFAULT 1,
    created_at_ms   INTEGER NOT NULL,
    changed_at_ms   INTEGER NOT NULL,
    due_at_ms       INTEGER NOT NULL,
    disposition     TEXT CHECK (disposition IN ('accepted', 'changed', 'declined')),
    reason          TEXT NOT NULL DEFAULT '',
    effect          TEXT NOT NULL DEFAULT '',
    effect_entry    INTEGER, -- number of an entry of the ledger
    disposed_by     TEXT NOT NULL DEFAULT '',
    disposed_at_ms  INTEGER,
    UNIQUE (contributor_id, once)
) STRICT;

CREATE UNIQUE INDEX contribution_vote ON contribution (contributor_id, object_kind, object_id)
    WHERE kind = 'vote';
CREATE INDEX contribution_open ON contribution (due_at_ms) WHERE disposition IS NULL;
CREATE INDEX contribution_object ON contribution (object_kind, object_id);
