-- Why: a month of a million posts wrote a page of the identities for nearly every post, because they
-- were kept in the order of a hash. They are now kept in the order of arrival; the writer, who holds
-- the hashes of all posts in memory anyway, remembers the row. Mentions of a post are found through
-- the post, which names its queries, so that a mention is one entry of one tree.
CREATE TABLE identity_arrived (
    id        INTEGER PRIMARY KEY,
    hash      INTEGER NOT NULL, -- of source and id; once in a segment
    content   INTEGER NOT NULL, -- hash of what the post said
    state     INTEGER NOT NULL, -- 0 counted only, 1 kept, 2 deleted at its source, 3 moved
    post      INTEGER,          -- post.id when kept
    hour      INTEGER NOT NULL,
    source    INTEGER NOT NULL, -- source.id
    query_set INTEGER NOT NULL, -- query_set.id
    import    INTEGER NOT NULL, -- that last changed it, and where in it: input, block and row.
    position  INTEGER NOT NULL  -- An earlier row of the same import, repeated, changes nothing
);
INSERT INTO identity_arrived (hash, content, state, post, hour, source, query_set, import, position)
    SELECT hash, content, state, post, hour, source, query_set, import, position FROM identity
    ORDER BY post, hour, hash;
DROP TABLE identity;
ALTER TABLE identity_arrived RENAME TO identity;
-- A post that moved away and comes back takes its place again.
CREATE INDEX identity_moved ON identity (hash) WHERE state = 3;

-- Ids of the queries it is a mention of, ascending: 3,17,20
ALTER TABLE post ADD COLUMN queries TEXT NOT NULL DEFAULT '';
UPDATE post SET queries = coalesce((SELECT group_concat(query) FROM
    (SELECT query FROM mention WHERE mention.post = post.id ORDER BY query)), '');
DROP INDEX mention_by_post;
