-- Why: the mood of a post is a machine's label. It keeps who made it, so that figures measured for
-- one model are never taken for those of another. NULL: stored before makers were noted.
CREATE TABLE maker (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE -- text/sentiment.h, sentiment_maker()
);
ALTER TABLE post ADD COLUMN maker INTEGER; -- maker.id
