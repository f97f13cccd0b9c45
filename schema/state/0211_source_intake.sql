-- Why: what was accepted from outside is not lost by a kill and not taken twice. A delivery to a
-- webhook is kept with its body until it is in the archive; its key stays, so that a repetition is
-- known. A file of a watched folder is known by what is in it.
CREATE TABLE hook_delivery (
    source         INTEGER NOT NULL REFERENCES source (id),
    key            TEXT NOT NULL,    -- idempotency key given by the sender
    digest         TEXT NOT NULL,    -- SHA-256 of the body
    received_at_ms INTEGER NOT NULL,
    posts          INTEGER NOT NULL,
    rejected       INTEGER NOT NULL,
    body           BLOB,             -- NULL: it is in the archive
    PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE INDEX hook_delivery_waiting ON hook_delivery (received_at_ms) WHERE body IS NOT NULL;

CREATE TABLE folder_file (
    source      INTEGER NOT NULL REFERENCES source (id),
    digest      TEXT NOT NULL,
    name        TEXT NOT NULL,
    taken_at_ms INTEGER NOT NULL,
    PRIMARY KEY (source, digest)
) WITHOUT ROWID;
