-- Why: a page of an interface's answer is one record of many posts, so several rows of one line can
-- be refused: `item` tells them apart. And records that are understood but are no posts (likes,
-- follows, notices of a stream) are counted, so that nothing seems lost.
ALTER TABLE import ADD COLUMN ignored INTEGER NOT NULL DEFAULT 0;

CREATE TABLE import_reject_new (
    import       INTEGER NOT NULL REFERENCES import (id),
    input        INTEGER NOT NULL,
    line         INTEGER NOT NULL,
    item         INTEGER NOT NULL, -- of the record, from 1; 0 = the record is one post
    reason       TEXT NOT NULL,
    is_retryable INTEGER NOT NULL, -- 1: raw holds the row as it came
    raw          BLOB,
    PRIMARY KEY (import, input, line, item)
) WITHOUT ROWID;
INSERT INTO import_reject_new (import, input, line, item, reason, is_retryable, raw)
    SELECT import, input, line, 0, reason, is_retryable, raw FROM import_reject;
DROP TABLE import_reject;
ALTER TABLE import_reject_new RENAME TO import_reject;
