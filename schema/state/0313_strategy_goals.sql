-- Why: benefits as objects, and the hierarchy of goals (steps 3 and 6 of the method). One table per kind as in
-- 0301: columns are the fields of src/strategy/model/goal_objects.c in their order.

CREATE TABLE strategy_benefit (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    code TEXT NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL,
    mechanism TEXT NOT NULL,
    origins TEXT NOT NULL,
    topics TEXT NOT NULL,
    potentials TEXT NOT NULL,
    measure TEXT NOT NULL,
    unit TEXT NOT NULL,
    target REAL,
    department TEXT NOT NULL,
    process TEXT NOT NULL
);

CREATE TABLE strategy_version_goal (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    version TEXT REFERENCES strategy_version (id) DEFERRABLE INITIALLY DEFERRED,
    text TEXT NOT NULL,
    goal TEXT REFERENCES strategy_goal (id) DEFERRABLE INITIALLY DEFERRED,
    benefit TEXT REFERENCES strategy_benefit (id) DEFERRABLE INITIALLY DEFERRED,
    topic TEXT REFERENCES strategy_topic (id) DEFERRABLE INITIALLY DEFERRED,
    standing TEXT NOT NULL,
    measure TEXT NOT NULL,
    unit TEXT NOT NULL,
    target REAL,
    due TEXT NOT NULL
);

CREATE TABLE strategy_social_goal (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    strategy_goal TEXT REFERENCES strategy_version_goal (id) DEFERRABLE INITIALLY DEFERRED,
    component TEXT NOT NULL,
    text TEXT NOT NULL,
    measure TEXT NOT NULL,
    unit TEXT NOT NULL,
    baseline REAL,
    target REAL,
    attainable TEXT NOT NULL,
    relevant TEXT NOT NULL,
    due TEXT NOT NULL,
    owner TEXT NOT NULL
);

ALTER TABLE strategy_version ADD COLUMN topics TEXT NOT NULL DEFAULT '[]';
