-- Why: the full-text index could only name posts that hold all words; each of them then had to be
-- read and looked at, so a broad search cost as much as the archive is large. Words now lie in runs:
-- files beside the segment that are written once, with places for phrases and NEAR and with columns
-- for facets (listen/archive/word_run.h). They are derived from the table post. Here stands what is
-- in them.
DROP TABLE post_words;

-- Files <month>.<id>.words that are in force.
CREATE TABLE word_run (
    id    INTEGER PRIMARY KEY,
    docs  INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);

CREATE TABLE word_state (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    indexed_to INTEGER NOT NULL, -- posts up to this id are in runs, but for those of word_stale
    last_run   INTEGER NOT NULL, -- largest id ever given to a run
    next_post  INTEGER NOT NULL  -- an id of a post is never given twice: an old run may name it
);
INSERT INTO word_state (only, indexed_to, last_run, next_post)
    SELECT 1, 0, 0, coalesce(max(id), 0) + 1 FROM post;

-- Posts whose entry in runs up to this one is no longer true. Those that are waiting still exist and
-- are not yet in a newer run.
CREATE TABLE word_stale (
    post       INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL,
    is_waiting INTEGER NOT NULL
);
CREATE INDEX word_stale_waiting ON word_stale (post) WHERE is_waiting = 1;

CREATE TRIGGER word_post_deleted AFTER DELETE ON post
WHEN old.id <= (SELECT indexed_to FROM word_state)
BEGIN
    INSERT OR REPLACE INTO word_stale (post, run, is_waiting)
        SELECT old.id, last_run, 0 FROM word_state;
END;

-- Everything that the columns and fields of a run are made of.
CREATE TRIGGER word_post_changed
AFTER UPDATE OF queries, title, body, created_at_ms, has_created_at, source, kind, author, author_id,
    author_handle, author_name, lang, lang_found, polarity, country, dataset, thread, url, links,
    mentions, reply_to, reply_to_author, extra, followers, verified, likes, replies, reposts, views,
    rating ON post
WHEN old.id <= (SELECT indexed_to FROM word_state)
BEGIN
    INSERT OR REPLACE INTO word_stale (post, run, is_waiting)
        SELECT old.id, last_run, 1 FROM word_state;
END;
