-- Why: the yearly assessment of the market in four quadrants (step 2 of the method), one table per kind as
-- in 0301: columns are the fields of src/strategy/model/assessment_objects.c in their order. What belongs
-- to an assessment goes with it; a frozen one (frozen_on) is the baseline of its year, and its document
-- with hash is kept beside it, so that a later reader can prove that nothing of it was touched.

CREATE TABLE strategy_assessment (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    year INTEGER NOT NULL,
    objectives TEXT NOT NULL,
    scope TEXT NOT NULL,
    owner TEXT NOT NULL,
    started TEXT NOT NULL,
    due TEXT NOT NULL,
    gathering_hours REAL,
    analysis_hours REAL,
    summary TEXT NOT NULL,
    limits TEXT NOT NULL,
    conclusion TEXT NOT NULL,
    conclusion_reason TEXT NOT NULL,
    predecessor TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    frozen_on TEXT NOT NULL
);

CREATE TABLE strategy_quadrant (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    assessment TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    quadrant TEXT NOT NULL,
    depth INTEGER NOT NULL,
    owner TEXT NOT NULL,
    summary TEXT NOT NULL,
    is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1))
);

CREATE TABLE strategy_search_term (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    assessment TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    quadrant TEXT NOT NULL,
    query TEXT NOT NULL,
    reviewed INTEGER NOT NULL,
    relevant INTEGER NOT NULL,
    retired TEXT NOT NULL
);

CREATE TABLE strategy_place (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    assessment TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    quadrant TEXT NOT NULL,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    address TEXT NOT NULL,
    access TEXT NOT NULL,
    people REAL,
    activity INTEGER NOT NULL
);

CREATE TABLE strategy_key_person (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    assessment TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    quadrant TEXT NOT NULL,
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    role TEXT NOT NULL,
    place TEXT REFERENCES strategy_place (id) DEFERRABLE INITIALLY DEFERRED,
    note TEXT NOT NULL
);

CREATE TABLE strategy_finding (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    assessment TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    quadrant TEXT NOT NULL,
    category TEXT NOT NULL,
    statement TEXT NOT NULL,
    measure TEXT NOT NULL,
    value REAL,
    sample INTEGER NOT NULL,
    "from" TEXT NOT NULL,
    "to" TEXT NOT NULL,
    evidence TEXT NOT NULL,
    confidence INTEGER NOT NULL,
    analyst TEXT NOT NULL,
    follows TEXT REFERENCES strategy_finding (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE strategy_swot_item (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    assessment TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    letter TEXT NOT NULL,
    statement TEXT NOT NULL,
    findings TEXT NOT NULL,
    impact INTEGER NOT NULL,
    likelihood INTEGER NOT NULL
);

CREATE TABLE strategy_recommendation (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    assessment TEXT REFERENCES strategy_assessment (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    statement TEXT NOT NULL,
    swot TEXT NOT NULL,
    department TEXT NOT NULL,
    owner TEXT NOT NULL,
    due TEXT NOT NULL,
    effort REAL,
    state TEXT NOT NULL,
    state_reason TEXT NOT NULL
);

CREATE TABLE strategy_baseline (
    assessment_id TEXT PRIMARY KEY NOT NULL REFERENCES strategy_assessment (id),
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    document TEXT NOT NULL, -- the assessment and all that belongs to it
    document_hash TEXT NOT NULL -- SHA-256 of the document
);
