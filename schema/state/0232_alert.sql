-- Why: alerts are what people ask for by a rule, can change and switch off, and answer for. A rule is
-- versioned, so an alert says under which wording it was raised; an alert keeps its explanation, so it
-- stays readable after the archive has forgotten the posts. One event is one row however often it is
-- looked at; each time it was told is kept beside it.
CREATE TABLE alert_rule (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,    -- for people
    query         INTEGER NOT NULL REFERENCES standing_query (id),
    parties       TEXT NOT NULL,    -- JSON: ids of the queries a share is taken among
    kind          TEXT NOT NULL,    -- of quant/alert_detector.h
    settings      TEXT NOT NULL,    -- JSON: what was said; what is absent follows the default
    version       INTEGER NOT NULL, -- of title, query, parties, kind and settings, from 1
    is_on         INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    armed_from_ms INTEGER NOT NULL, -- told before: was known when the rule was armed
    is_due        INTEGER NOT NULL CHECK (is_due IN (0, 1)), -- points changed since the last look
    created_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL
);
CREATE TABLE alert_rule_version (
    rule     INTEGER NOT NULL REFERENCES alert_rule (id),
    version  INTEGER NOT NULL,
    title    TEXT NOT NULL,
    query    INTEGER NOT NULL,
    parties  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    settings TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (rule, version)
);
-- Whose points a rule looks at.
CREATE TABLE alert_rule_query (
    rule  INTEGER NOT NULL REFERENCES alert_rule (id),
    query INTEGER NOT NULL REFERENCES standing_query (id),
    PRIMARY KEY (rule, query)
) WITHOUT ROWID;
CREATE INDEX alert_rule_by_query ON alert_rule_query (query);

CREATE TABLE alert (
    id           INTEGER PRIMARY KEY,
    rule         INTEGER NOT NULL REFERENCES alert_rule (id),
    version      INTEGER NOT NULL, -- of the rule
    query        INTEGER NOT NULL REFERENCES standing_query (id),
    cause        TEXT NOT NULL CHECK (cause IN ('market', 'source')),
    start_ms     INTEGER NOT NULL, -- first period of the event
    told_ms      INTEGER NOT NULL, -- end of the period that told it first
    peak_ms      INTEGER NOT NULL,
    end_ms       INTEGER NOT NULL, -- behind the last period that stood out
    is_over      INTEGER NOT NULL CHECK (is_over IN (0, 1)),
    severity     INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 10),
    score        REAL NOT NULL,
    significance REAL NOT NULL,
    observed     REAL NOT NULL,    -- these at the peak
    expected     REAL,             -- NULL: not available
    low          REAL,
    high         REAL,
    size         REAL NOT NULL,
    ahead        REAL,             -- forecast
    ahead_low    REAL,
    ahead_high   REAL,
    tellings     INTEGER NOT NULL, -- how often it was told: 1, and once more for each worsening
    raised_at_ms INTEGER NOT NULL, -- when it was told last, by the clock
    state        TEXT NOT NULL CHECK (state IN ('open', 'acknowledged')),
    acknowledged_by    TEXT,
    acknowledged_at_ms INTEGER,
    note         TEXT,
    explanation  TEXT NOT NULL,    -- JSON: terms, authors, sources, moods, posts
    earlier      INTEGER REFERENCES alert (id),
    likeness     TEXT              -- JSON: how alike the earlier one is, part by part
);
CREATE INDEX alert_by_rule ON alert (rule, start_ms);
CREATE INDEX alert_by_query ON alert (query, start_ms);
CREATE INDEX alert_by_state ON alert (state, start_ms);
CREATE TABLE alert_telling (
    alert    INTEGER NOT NULL REFERENCES alert (id),
    number   INTEGER NOT NULL, -- from 1
    told_ms  INTEGER NOT NULL, -- end of the period
    severity INTEGER NOT NULL,
    observed REAL NOT NULL,
    at_ms    INTEGER NOT NULL, -- by the clock
    PRIMARY KEY (alert, number)
) WITHOUT ROWID;
