-- Why: what the program measured, computed and watched beside what people entered: proposals of
-- ratings with their numbers, simulations with everything needed to run them again, decisions with
-- the frozen document they were taken on, armed assumptions with the events they raised, and the
-- notes that ask people to look again. Rows are added, never rewritten, except for the state of an
-- armed assumption, the closing of a note and the link from a decision to its successor.

CREATE TABLE strategy_proposal (
    id INTEGER PRIMARY KEY,
    topic_id TEXT NOT NULL REFERENCES strategy_topic (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    affinity INTEGER NOT NULL CHECK (affinity BETWEEN -1 AND 4),
    standing TEXT NOT NULL,
    position TEXT NOT NULL,
    numbers TEXT NOT NULL
);
CREATE INDEX strategy_proposal_topic ON strategy_proposal (topic_id, id);

CREATE TABLE strategy_simulation (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    model_hash TEXT NOT NULL,
    seed INTEGER NOT NULL,
    trials INTEGER NOT NULL,
    method TEXT NOT NULL,
    program_version TEXT NOT NULL,
    versions TEXT NOT NULL,
    failed TEXT NOT NULL,
    model TEXT NOT NULL,
    answer TEXT NOT NULL
);

CREATE TABLE strategy_simulated_version (
    simulation_id INTEGER NOT NULL REFERENCES strategy_simulation (id),
    version_id TEXT NOT NULL,
    mean REAL NOT NULL,
    p10 REAL NOT NULL,
    p50 REAL NOT NULL,
    p90 REAL NOT NULL,
    probability_of_loss REAL NOT NULL,
    PRIMARY KEY (simulation_id, version_id)
);
CREATE INDEX strategy_simulated_version_of ON strategy_simulated_version (version_id, simulation_id);

CREATE TABLE strategy_decision (
    id INTEGER PRIMARY KEY,
    version_id TEXT NOT NULL,
    version_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    conditions TEXT NOT NULL,
    resources_granted TEXT NOT NULL,
    reopening TEXT NOT NULL,
    single_version_reason TEXT NOT NULL,
    rejected TEXT NOT NULL,
    signed_by TEXT NOT NULL,
    signed_name TEXT NOT NULL,
    signed_at_ms INTEGER NOT NULL,
    simulation_id INTEGER NOT NULL REFERENCES strategy_simulation (id),
    document_sha256 TEXT NOT NULL,
    document TEXT NOT NULL,
    armed_count INTEGER NOT NULL,
    superseded_by INTEGER REFERENCES strategy_decision (id)
);

CREATE TABLE strategy_watch (
    assumption_id TEXT PRIMARY KEY NOT NULL REFERENCES strategy_assumption (id),
    armed_at_ms INTEGER NOT NULL,
    evaluated_to_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    violated_days INTEGER NOT NULL,
    kept_days INTEGER NOT NULL
);

CREATE TABLE strategy_assumption_event (
    id INTEGER PRIMARY KEY,
    assumption_id TEXT NOT NULL,
    statement TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    noticed_ms INTEGER NOT NULL,
    value REAL,
    threshold REAL NOT NULL,
    sample INTEGER NOT NULL,
    coverage REAL NOT NULL,
    window_from_ms INTEGER NOT NULL,
    signal TEXT NOT NULL,
    definition_version INTEGER NOT NULL,
    evidence_id INTEGER NOT NULL,
    review_id INTEGER NOT NULL
);
CREATE INDEX strategy_assumption_event_of ON strategy_assumption_event (assumption_id, id);

CREATE TABLE strategy_review (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    text TEXT NOT NULL,
    proposal TEXT NOT NULL,
    details TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    closed_at_ms INTEGER NOT NULL,
    closed_by TEXT NOT NULL,
    resolution TEXT NOT NULL
);
CREATE UNIQUE INDEX strategy_review_open ON strategy_review (kind, object_kind, object_id)
    WHERE closed_at_ms = 0;
