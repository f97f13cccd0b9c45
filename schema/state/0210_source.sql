-- Why: where posts come from while the program serves: settings that people make, health that the
-- scheduler keeps, and the times that nobody listened, from which coverage follows. A source that
-- was removed stays as a row, so that what was not heard then remains known.
CREATE TABLE source (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,    -- unique among those not removed
    kind           TEXT NOT NULL CHECK (kind IN ('feed', 'mastodon', 'jetstream', 'webhook', 'folder')),
    title          TEXT NOT NULL,    -- for people
    address        TEXT NOT NULL,    -- web address, or a folder; empty for a webhook
    format         TEXT NOT NULL,    -- of the decoder: "auto", "native" ...
    expected_ms    INTEGER NOT NULL CHECK (expected_ms >= 0), -- heard at least so often; 0: no expectation
    retention_days INTEGER NOT NULL CHECK (retention_days >= 0), -- 0: as long as the archive
    legal_note     TEXT NOT NULL,
    is_on          INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    is_removed     INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0, 1)),
    revision       INTEGER NOT NULL, -- of the settings, from 1: a running stream begins anew
    created_at_ms  INTEGER NOT NULL,
    changed_at_ms  INTEGER NOT NULL
);
CREATE UNIQUE INDEX source_by_name ON source (name) WHERE is_removed = 0;

CREATE TABLE source_health (
    source         INTEGER PRIMARY KEY REFERENCES source (id),
    last_try_ms    INTEGER NOT NULL DEFAULT 0, -- 0: never
    last_good_ms   INTEGER NOT NULL DEFAULT 0,
    last_post_ms   INTEGER NOT NULL DEFAULT 0, -- when a post last came that was not known
    next_try_ms    INTEGER NOT NULL DEFAULT 0,
    poll_wanted_ms INTEGER NOT NULL DEFAULT 0, -- somebody asked; over when last_try_ms is later
    interval_ms    INTEGER NOT NULL DEFAULT 0, -- between polls, as adapted
    failures       INTEGER NOT NULL DEFAULT 0, -- in a row
    trouble        TEXT NOT NULL DEFAULT '',   -- kind of the last failure; empty: none since
    message        TEXT NOT NULL DEFAULT '',
    trouble_ms     INTEGER NOT NULL DEFAULT 0,
    posts_read     INTEGER NOT NULL DEFAULT 0,
    posts_new      INTEGER NOT NULL DEFAULT 0,
    posts_rejected INTEGER NOT NULL DEFAULT 0,
    posts_lost     INTEGER NOT NULL DEFAULT 0, -- dropped by us, known by count
    cursor         TEXT NOT NULL DEFAULT '',   -- where the source goes on
    etag           TEXT NOT NULL DEFAULT '',
    last_modified  TEXT NOT NULL DEFAULT '',
    moved_to       TEXT NOT NULL DEFAULT ''    -- address of a permanent redirect
);

-- When a source was switched on: only then something was expected of it.
CREATE TABLE source_span (
    source  INTEGER NOT NULL REFERENCES source (id),
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER,          -- NULL: still on
    PRIMARY KEY (source, from_ms)
) WITHOUT ROWID;

-- When it was on and not heard.
CREATE TABLE source_gap (
    id        INTEGER PRIMARY KEY,
    source    INTEGER NOT NULL REFERENCES source (id),
    from_ms   INTEGER NOT NULL,
    to_ms     INTEGER,          -- NULL: still open
    cause     TEXT NOT NULL,    -- kind of trouble
    share     REAL NOT NULL CHECK (share >= 0 AND share <= 1), -- of that time that was not heard
    lost      INTEGER NOT NULL, -- posts known to be lost
    is_filled INTEGER NOT NULL CHECK (is_filled IN (0, 1)) -- what was missed came later
);
CREATE INDEX source_gap_by_time ON source_gap (source, from_ms);

-- Hours whose coverage changed after they were published.
CREATE TABLE coverage_stale (
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER NOT NULL
);
-- How far the hours of live listening are published.
CREATE TABLE coverage_live (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    to_hour INTEGER NOT NULL
);
