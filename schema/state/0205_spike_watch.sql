-- Why: alerts are looked for only where something could have changed since the last look. Publication
-- marks a query in the transaction that changes its points, so a kill in between forgets nothing.
CREATE TABLE spike_watch (
    query    INTEGER PRIMARY KEY REFERENCES standing_query (id), -- no row: never looked at
    detector TEXT NOT NULL,                                      -- version that looked last
    by_hour  INTEGER NOT NULL CHECK (by_hour IN (0, 1)),         -- in the hourly or the daily signal
    is_due   INTEGER NOT NULL CHECK (is_due IN (0, 1))
);
