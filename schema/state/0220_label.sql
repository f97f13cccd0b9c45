-- Why: how good the machine's moods are is measured, not believed. People judge a sample of a
-- query's mentions; what the machine said of the same posts lies beside it, with its maker, and is
-- never edited: a newer model or correction adds a row. No text is kept, only where the post lies;
-- erasing a post erases its row here with all judgements.
CREATE TABLE label_round (
    id            INTEGER PRIMARY KEY,
    query         INTEGER NOT NULL REFERENCES standing_query (id),
    query_version INTEGER NOT NULL,
    design        TEXT NOT NULL CHECK (design IN ('uniform', 'stratified')),
    seed          INTEGER NOT NULL,
    from_ms       INTEGER NOT NULL,
    to_ms         INTEGER NOT NULL CHECK (to_ms > from_ms),
    drawn         INTEGER NOT NULL CHECK (drawn > 0), -- posts, erased ones included
    erased        INTEGER NOT NULL DEFAULT 0,
    opened_by     TEXT NOT NULL CHECK (opened_by <> ''),
    opened_at_ms  INTEGER NOT NULL,
    closed_by     TEXT,
    closed_at_ms  INTEGER -- NULL: open
) STRICT;
CREATE INDEX label_round_by_query ON label_round (query, id);

-- What the sample was drawn from: mentions of the window by the machine's mood at that time.
CREATE TABLE label_stratum (
    round      INTEGER NOT NULL REFERENCES label_round (id) ON DELETE CASCADE,
    mood       INTEGER NOT NULL CHECK (mood IN (-1, 0, 1)),
    population INTEGER NOT NULL,
    drawn      INTEGER NOT NULL,
    PRIMARY KEY (round, mood)
) STRICT, WITHOUT ROWID;

CREATE TABLE label_item (
    round   INTEGER NOT NULL REFERENCES label_round (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, -- from 1, in the order of judging
    source  TEXT NOT NULL,
    post_id TEXT NOT NULL,
    author  INTEGER,          -- listen/archive.h, post_author_hash()
    content INTEGER NOT NULL, -- hash of what was drawn: tells that a post was edited since
    weight  REAL NOT NULL CHECK (weight > 0), -- mentions of the window that it stands for
    created_at_ms INTEGER NOT NULL, -- by time and identity it is found in the archive
    PRIMARY KEY (round, ordinal),
    UNIQUE (round, source, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_item_by_post ON label_item (source, post_id);
CREATE INDEX label_item_by_author ON label_item (author) WHERE author IS NOT NULL;

-- What the machine said. mood NULL: the post was no mention of the query any more.
CREATE TABLE label_machine (
    round       INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    reading     INTEGER NOT NULL, -- from 1; rises with each time it was read anew
    mood        INTEGER CHECK (mood IN (-1, 0, 1)),
    maker       TEXT NOT NULL,    -- text/sentiment_maker.h; empty: not known
    corrections INTEGER NOT NULL, -- version of the query's corrections, 0: none
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (round, ordinal, reading),
    FOREIGN KEY (round, ordinal) REFERENCES label_item (round, ordinal) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TRIGGER label_machine_is_never_changed BEFORE UPDATE ON label_machine
BEGIN SELECT RAISE(ABORT, 'what a machine said is never changed'); END;

-- What people say: -1 0 1 the mood, 8 not about this, 9 cannot tell.
CREATE TABLE label (
    round    INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    labeller TEXT NOT NULL CHECK (labeller <> ''),
    verdict  INTEGER NOT NULL CHECK (verdict IN (-1, 0, 1, 8, 9)),
    at_ms    INTEGER NOT NULL,
    sequence INTEGER NOT NULL, -- rises with every judgement of the round: what undo takes back
    PRIMARY KEY (round, ordinal, labeller),
    FOREIGN KEY (round, ordinal) REFERENCES label_item (round, ordinal) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TRIGGER label_of_a_closed_round_stays BEFORE UPDATE ON label
WHEN (SELECT closed_at_ms FROM label_round WHERE id = old.round) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a closed round is never changed'); END;
CREATE TRIGGER label_of_a_closed_round_is_not_added BEFORE INSERT ON label
WHEN (SELECT closed_at_ms FROM label_round WHERE id = new.round) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a closed round is never changed'); END;
