-- Why: one month of the archive. A segment holds everything about its posts, so that one
-- transaction keeps post, mention, rollup, identity and full-text index in step, and retention is
-- the removal of a file. Hours are UTC epoch hours; hashes are 64 bits, stored signed.

-- Where posts come from, and what each source can say at all (listen/post.h, enum post_facet).
CREATE TABLE source (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    facets INTEGER NOT NULL DEFAULT 0
);

-- Query sets that posts were matched against, by the hash of their ids and versions.
CREATE TABLE query_set (
    id   INTEGER PRIMARY KEY,
    hash INTEGER NOT NULL UNIQUE
);

-- Every post ever seen, kept or not.
CREATE TABLE identity (
    hash      INTEGER PRIMARY KEY, -- of source and id
    content   INTEGER NOT NULL,    -- hash of what the post said
    state     INTEGER NOT NULL,    -- 0 counted only, 1 kept, 2 deleted at its source, 3 moved
    post      INTEGER,             -- post.id when kept
    hour      INTEGER NOT NULL,
    source    INTEGER NOT NULL,    -- source.id; hot tables carry no foreign keys, every segment is
    query_set INTEGER NOT NULL,    -- query_set.id; written by one program and checked by its tests
    import    INTEGER NOT NULL,    -- that last changed it, and where in it: input, block and row.
    position  INTEGER NOT NULL     -- An earlier row of the same import, repeated, changes nothing
);

-- All posts seen, by hour and source: the background of every share.
CREATE TABLE total (
    hour   INTEGER NOT NULL,
    source INTEGER NOT NULL,
    posts  INTEGER NOT NULL,
    PRIMARY KEY (hour, source)
) WITHOUT ROWID;

-- Posts that at least one query matched. NULL: the source does not say.
CREATE TABLE post (
    id               INTEGER PRIMARY KEY,
    identity         INTEGER NOT NULL,
    source           INTEGER NOT NULL,
    post_id          TEXT NOT NULL,
    kind             TEXT NOT NULL,
    created_at_ms    INTEGER NOT NULL,
    has_created_at   INTEGER NOT NULL, -- 0: the source gave none, the import's time stands in
    imported_at_ms   INTEGER NOT NULL,
    author           INTEGER,          -- hash of source and author, NULL when not known
    author_id        TEXT,
    author_handle    TEXT,
    author_name      TEXT,
    followers        INTEGER,
    verified         INTEGER,
    lang             TEXT,             -- what the source says
    lang_found       TEXT,             -- what was identified, when the source says nothing
    polarity         INTEGER,          -- -1 0 1, NULL when not rated
    compound         REAL,
    title            TEXT NOT NULL,
    body             TEXT NOT NULL,
    url              TEXT,
    links            TEXT,             -- JSON list
    mentions         TEXT,             -- JSON list
    reply_to         TEXT,
    reply_to_author  TEXT,
    thread           TEXT,
    repost_of        TEXT,
    repost_of_author TEXT,
    likes            INTEGER,
    replies          INTEGER,
    reposts          INTEGER,
    views            INTEGER,
    rating           REAL,
    country          TEXT,
    dataset          TEXT,
    extra            TEXT
);
CREATE INDEX post_by_time ON post (created_at_ms);

-- Earlier texts of a post that was edited. The current one is in post.
CREATE TABLE edit (
    identity       INTEGER NOT NULL,
    content        INTEGER NOT NULL,
    replaced_at_ms INTEGER NOT NULL,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    PRIMARY KEY (identity, content)
) WITHOUT ROWID;

-- A post that satisfies a query, with what measures need, so that a window of one query is one
-- range of this table. engagement and followers are NULL when not known.
CREATE TABLE mention (
    query      INTEGER NOT NULL,
    hour       INTEGER NOT NULL,
    post       INTEGER NOT NULL,
    source     INTEGER NOT NULL,
    author     INTEGER,
    lang       TEXT NOT NULL,
    polarity   INTEGER,
    flags      INTEGER NOT NULL, -- 1 reply, 2 repost, 4 was answered or passed on, 8 addresses a person
    engagement INTEGER,
    followers  INTEGER,
    PRIMARY KEY (query, hour, post)
) WITHOUT ROWID;
CREATE INDEX mention_by_post ON mention (post, query, hour);

-- Sums over mentions; what is left after edits and deletions is what an undisturbed import gives.
CREATE TABLE rollup (
    query      INTEGER NOT NULL,
    hour       INTEGER NOT NULL,
    source     INTEGER NOT NULL,
    lang       TEXT NOT NULL,
    mentions   INTEGER NOT NULL,
    positive   INTEGER NOT NULL,
    neutral    INTEGER NOT NULL,
    negative   INTEGER NOT NULL,
    replies    INTEGER NOT NULL,
    reposts    INTEGER NOT NULL,
    engagement INTEGER NOT NULL,
    PRIMARY KEY (query, hour, source, lang)
) WITHOUT ROWID;

-- Hours of queries whose signals have to be published (again).
CREATE TABLE dirty (
    query INTEGER NOT NULL,
    hour  INTEGER NOT NULL,
    PRIMARY KEY (query, hour)
) WITHOUT ROWID;

-- Which steps of which blocks of an unfinished import are in this segment, with what they counted,
-- so that a repeated step is passed over and still counts the same.
CREATE TABLE applied (
    import    INTEGER NOT NULL,
    input     INTEGER NOT NULL,
    block     INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    added     INTEGER NOT NULL,
    updated   INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    PRIMARY KEY (import, input, block, step)
) WITHOUT ROWID;

-- Words as the program's own tokenizer folds them, blank-separated; finds candidates only. Derived:
-- text_version tells which tokenizer wrote it.
CREATE VIRTUAL TABLE post_words USING fts5(
    words,
    content = '',
    detail = none,
    columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co Cn Cf'"
);
CREATE TABLE segment (
    only         INTEGER PRIMARY KEY CHECK (only = 1),
    text_version INTEGER NOT NULL
);
