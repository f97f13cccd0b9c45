-- Why: open pages are told that measures were published, and when. Asking the points themselves
-- would read all of them. Derived: absent means never.
CREATE TABLE measure_publication (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL, -- rises with every publication
    at_ms    INTEGER NOT NULL
) STRICT;
