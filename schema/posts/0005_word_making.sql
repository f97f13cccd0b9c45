-- Why: runs of words are made beside the writer, who goes on meanwhile: a post that is deleted or
-- changed while its run is being made has to be noted as well, not only one that is in a run. And it
-- is noted when, so that the words of deleted posts are gone from every file within a set time.
ALTER TABLE word_state ADD COLUMN making_to INTEGER NOT NULL DEFAULT 0; -- posts up to this id are in
                                                          -- a run that is being made, or in runs
ALTER TABLE word_stale ADD COLUMN since_s INTEGER NOT NULL DEFAULT 0;  -- epoch seconds

DROP TRIGGER word_post_deleted;
CREATE TRIGGER word_post_deleted AFTER DELETE ON post
WHEN old.id <= (SELECT max(indexed_to, making_to) FROM word_state)
BEGIN
    INSERT OR REPLACE INTO word_stale (post, run, is_waiting, since_s)
        SELECT old.id, last_run, 0,
            coalesce((SELECT since_s FROM word_stale WHERE post = old.id), unixepoch())
        FROM word_state;
END;

DROP TRIGGER word_post_changed;
CREATE TRIGGER word_post_changed
AFTER UPDATE OF queries, title, body, created_at_ms, has_created_at, source, kind, author, author_id,
    author_handle, author_name, lang, lang_found, polarity, country, dataset, thread, url, links,
    mentions, reply_to, reply_to_author, extra, followers, verified, likes, replies, reposts, views,
    rating ON post
WHEN old.id <= (SELECT max(indexed_to, making_to) FROM word_state)
BEGIN
    INSERT OR REPLACE INTO word_stale (post, run, is_waiting, since_s)
        SELECT old.id, last_run, 1,
            coalesce((SELECT since_s FROM word_stale WHERE post = old.id), unixepoch())
        FROM word_state;
END;
