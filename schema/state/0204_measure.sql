-- Why: publication of measures can be repeated and goes on where it stopped: the span up to which
-- quiet hours of a query were published.
CREATE TABLE measure_span (
    query     INTEGER PRIMARY KEY REFERENCES standing_query (id),
    from_hour INTEGER NOT NULL,
    to_hour   INTEGER NOT NULL -- behind the last one
);
