-- Why: every decision and change leaves an entry that cannot be altered unnoticed. Each entry holds
-- the hash of the one before (src/ledger/ledger.h says over which bytes); ledger_head knows the last
-- one, so that a tail cut off shows. The triggers stop mistakes; the hashes show intent.
CREATE TABLE ledger_entry (
    seq           INTEGER PRIMARY KEY CHECK (seq >= 1),
    at_ms         INTEGER NOT NULL,
    actor         TEXT NOT NULL CHECK (actor <> ''),
    action        TEXT NOT NULL CHECK (action <> ''),
    object_kind   TEXT NOT NULL CHECK (object_kind <> ''),
    object_id     TEXT NOT NULL,
    reason        TEXT NOT NULL,
    before_json   TEXT,
    after_json    TEXT,
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    hash          BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX ledger_entry_by_object ON ledger_entry (object_kind, object_id, seq);
CREATE INDEX ledger_entry_by_action ON ledger_entry (action, seq);

CREATE TABLE ledger_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO ledger_head (id, seq, hash) VALUES (1, 0, zeroblob(32));

CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END;
CREATE TRIGGER ledger_entry_is_never_removed BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'a ledger entry is never removed'); END;
