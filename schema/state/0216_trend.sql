-- Why: what is suddenly talked about is told once; a board has to show it later, with its course,
-- after posts no query matched are gone.
CREATE TABLE trend (
    id           INTEGER PRIMARY KEY,
    series       INTEGER NOT NULL, -- which finder told it
    number       INTEGER NOT NULL, -- its number there
    began_ms     INTEGER NOT NULL, -- the window in which it stood out first
    told_ms      INTEGER NOT NULL, -- end of the slot at which it was told first
    risen_ms     INTEGER NOT NULL, -- end of the slot at which it was told last
    last_ms      INTEGER NOT NULL, -- end of the last slot with a story
    from_ms      INTEGER NOT NULL, -- the window in which its score was largest
    to_ms        INTEGER NOT NULL,
    score        REAL    NOT NULL,
    expected     REAL    NOT NULL,
    stories      INTEGER NOT NULL,
    copies       INTEGER NOT NULL,
    terms        TEXT    NOT NULL, -- JSON: ["harbour fire", "#burning"]
    tellings     INTEGER NOT NULL,
    found_at_ms  INTEGER NOT NULL,
    UNIQUE (series, number)
) STRICT;
CREATE INDEX trend_by_time ON trend (risen_ms, id);

-- Stories by ten minutes.
CREATE TABLE trend_point (
    trend    INTEGER NOT NULL REFERENCES trend (id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL,
    stories  INTEGER NOT NULL,
    PRIMARY KEY (trend, start_ms)
) WITHOUT ROWID, STRICT;

-- Examples. Text, author and address are empty once the post was deleted or its author erased.
CREATE TABLE trend_post (
    trend         INTEGER NOT NULL REFERENCES trend (id) ON DELETE CASCADE,
    source        TEXT    NOT NULL,
    post_id       TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    author        TEXT    NOT NULL,
    author_hash   INTEGER NOT NULL, -- 0: not known
    lang          TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    copies        INTEGER NOT NULL,
    PRIMARY KEY (trend, source, post_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX trend_post_by_author ON trend_post (author_hash) WHERE author_hash <> 0;
CREATE INDEX trend_post_by_id ON trend_post (source, post_id);

-- Languages of its kept posts.
CREATE TABLE trend_language (
    trend INTEGER NOT NULL REFERENCES trend (id) ON DELETE CASCADE,
    lang  TEXT    NOT NULL,
    posts INTEGER NOT NULL,
    PRIMARY KEY (trend, lang)
) WITHOUT ROWID, STRICT;

-- Standing queries that kept posts of a trend satisfied.
CREATE TABLE trend_query (
    trend INTEGER NOT NULL REFERENCES trend (id) ON DELETE CASCADE,
    query INTEGER NOT NULL,
    posts INTEGER NOT NULL,
    PRIMARY KEY (query, trend)
) WITHOUT ROWID, STRICT;
CREATE INDEX trend_query_by_trend ON trend_query (trend);
