-- Why: component sheets, interactions, risks, situations, journey and evaluation of versions (steps 6 and 7 of the
-- method). One table per kind as in 0301: columns are the fields of src/strategy/model/component_objects.c and
-- evaluation_objects.c in their order.

CREATE TABLE strategy_sheet (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    component TEXT NOT NULL,
    definition TEXT NOT NULL,
    ways TEXT NOT NULL,
    measures TEXT NOT NULL,
    sizes TEXT NOT NULL,
    target_relevance TEXT NOT NULL,
    effect_performance TEXT NOT NULL,
    effect_attention TEXT NOT NULL,
    contribution TEXT NOT NULL,
    resources TEXT NOT NULL,
    reactions TEXT NOT NULL,
    options TEXT NOT NULL,
    assumptions TEXT NOT NULL,
    prerequisites TEXT NOT NULL,
    is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
    note TEXT NOT NULL
);

CREATE TABLE strategy_interaction (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    value INTEGER NOT NULL,
    note TEXT NOT NULL,
    is_accepted INTEGER NOT NULL CHECK (is_accepted IN (0, 1)),
    accepted_reason TEXT NOT NULL
);

CREATE TABLE strategy_risk (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    is_none INTEGER NOT NULL CHECK (is_none IN (0, 1)),
    probability INTEGER NOT NULL,
    effect INTEGER NOT NULL,
    treatment TEXT NOT NULL,
    owner TEXT NOT NULL
);

CREATE TABLE strategy_situation (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    applies INTEGER NOT NULL CHECK (applies IN (0, 1)),
    response TEXT NOT NULL,
    topics TEXT NOT NULL
);

CREATE TABLE strategy_journey_point (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    phase TEXT NOT NULL,
    options TEXT NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE strategy_advantage (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    topic TEXT REFERENCES strategy_topic (id) DEFERRABLE INITIALLY DEFERRED,
    against TEXT REFERENCES strategy_competitor (id) DEFERRABLE INITIALLY DEFERRED,
    durability TEXT NOT NULL,
    reason TEXT NOT NULL
);

CREATE TABLE strategy_evaluation (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    criterion TEXT NOT NULL,
    pass TEXT NOT NULL,
    sources TEXT NOT NULL,
    implementation TEXT NOT NULL,
    assessment TEXT NOT NULL,
    judgement TEXT NOT NULL,
    used_for TEXT NOT NULL,
    participants TEXT NOT NULL,
    date TEXT NOT NULL
);
