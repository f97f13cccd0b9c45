-- Why: set-up and the worksheets of the business model (steps 0 and 1 of the method). One table per kind as in
-- 0301: columns are the fields of src/strategy/model/{setup,worksheet}_objects.c in their order.

CREATE TABLE strategy_plan_step (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    owner TEXT NOT NULL,
    participants TEXT NOT NULL,
    "from" TEXT NOT NULL,
    until TEXT NOT NULL,
    sources TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE strategy_knowledge_source (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    address TEXT NOT NULL,
    date TEXT NOT NULL,
    reliability INTEGER NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE strategy_segment_fit (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    first TEXT REFERENCES strategy_element (id) DEFERRABLE INITIALLY DEFERRED,
    second TEXT REFERENCES strategy_element (id) DEFERRABLE INITIALLY DEFERRED,
    fit TEXT NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE strategy_element_need (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    element TEXT REFERENCES strategy_element (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    today TEXT NOT NULL,
    better_by TEXT NOT NULL,
    strength INTEGER NOT NULL
);

CREATE TABLE strategy_channel_task (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    element TEXT REFERENCES strategy_element (id) DEFERRABLE INITIALLY DEFERRED,
    function TEXT NOT NULL,
    text TEXT NOT NULL,
    adaptation TEXT NOT NULL,
    support TEXT NOT NULL,
    goals TEXT NOT NULL
);

CREATE TABLE strategy_own_resource (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    amount REAL,
    unit TEXT NOT NULL,
    "from" TEXT NOT NULL,
    until TEXT NOT NULL,
    secured REAL,
    owner TEXT NOT NULL,
    reliability INTEGER NOT NULL,
    activity TEXT NOT NULL,
    purpose TEXT NOT NULL
);

ALTER TABLE strategy_company ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE strategy_team_member ADD COLUMN mandate TEXT NOT NULL DEFAULT '';
ALTER TABLE strategy_team_member ADD COLUMN agreed_on TEXT NOT NULL DEFAULT '';
ALTER TABLE strategy_team_member ADD COLUMN has_vote INTEGER NOT NULL DEFAULT 1 CHECK (has_vote IN (0, 1));
ALTER TABLE strategy_element ADD COLUMN relation_type TEXT NOT NULL DEFAULT '';
ALTER TABLE strategy_element ADD COLUMN relation_accepted TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE strategy_element ADD COLUMN is_essential INTEGER NOT NULL DEFAULT 1 CHECK (is_essential IN (0, 1));
