-- Why: different authors of a longer window cannot be added up from hours and days, but sketches of
-- them can be merged. Derived: `post rematch` writes all of them anew.
CREATE TABLE author_sketch (
    query  INTEGER NOT NULL,
    hours  INTEGER NOT NULL, -- length of the period: 1 or 24
    start  INTEGER NOT NULL, -- epoch hour, a multiple of `hours`
    sketch BLOB    NOT NULL, -- quant/cardinality.h
    PRIMARY KEY (query, hours, start)
) WITHOUT ROWID, STRICT;
