-- Why: the strategy model: one table per kind of object, one row per object, one column per field of
-- src/strategy/object.c, in its order. References to one object are foreign keys, checked when the
-- transaction ends so that a whole document may arrive in any order; lists and small value records
-- are JSON in a text column, because they are read and written with their object and never alone.
-- `revision` counts changes and guards against lost updates; `position` keeps the order of entry.

CREATE TABLE strategy_company (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    industry TEXT NOT NULL,
    mandate TEXT NOT NULL,
    query TEXT NOT NULL,
    currency TEXT NOT NULL,
    months INTEGER NOT NULL,
    discount REAL,
    day_rate REAL,
    direction TEXT NOT NULL,
    direction_reason TEXT NOT NULL,
    is_growth_goal INTEGER NOT NULL CHECK (is_growth_goal IN (0, 1))
);

CREATE TABLE strategy_team_member (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    department TEXT NOT NULL,
    constituency TEXT NOT NULL
);

CREATE TABLE strategy_element (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    block TEXT NOT NULL,
    text TEXT NOT NULL,
    note TEXT NOT NULL,
    is_supported INTEGER NOT NULL CHECK (is_supported IN (0, 1)),
    requirement TEXT NOT NULL
);

CREATE TABLE strategy_change_note (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    element TEXT REFERENCES strategy_element (id) DEFERRABLE INITIALLY DEFERRED,
    lever TEXT NOT NULL,
    kind TEXT NOT NULL,
    effect TEXT NOT NULL,
    strength INTEGER NOT NULL
);

CREATE TABLE strategy_goal (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    measure TEXT NOT NULL,
    unit TEXT NOT NULL,
    baseline REAL,
    target REAL,
    due TEXT NOT NULL,
    owner TEXT NOT NULL,
    priority TEXT NOT NULL
);

CREATE TABLE strategy_competitor (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kinds TEXT NOT NULL,
    query TEXT NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE strategy_topic (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    place INTEGER NOT NULL, -- order of entry; `position` is the rating here
    name TEXT NOT NULL,
    size TEXT NOT NULL,
    parent TEXT REFERENCES strategy_topic (id) DEFERRABLE INITIALLY DEFERRED,
    origins TEXT NOT NULL,
    query TEXT NOT NULL,
    priority TEXT NOT NULL,
    priority_reason TEXT NOT NULL,
    affinity INTEGER NOT NULL,
    affinity_reason TEXT NOT NULL,
    low_cause TEXT NOT NULL,
    detour_to TEXT REFERENCES strategy_topic (id) DEFERRABLE INITIALLY DEFERRED,
    detour_reason TEXT NOT NULL,
    standing TEXT NOT NULL,
    position TEXT NOT NULL,
    holder TEXT REFERENCES strategy_competitor (id) DEFERRABLE INITIALLY DEFERRED,
    position_reason TEXT NOT NULL,
    no_competitor_found INTEGER NOT NULL CHECK (no_competitor_found IN (0, 1)),
    evidence TEXT NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE strategy_competitor_activity (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    competitor TEXT REFERENCES strategy_competitor (id) DEFERRABLE INITIALLY DEFERRED,
    topic TEXT REFERENCES strategy_topic (id) DEFERRABLE INITIALLY DEFERRED,
    user_benefit TEXT NOT NULL,
    format TEXT NOT NULL,
    participation TEXT NOT NULL,
    motivation TEXT NOT NULL,
    channels TEXT NOT NULL,
    reach TEXT NOT NULL,
    strength INTEGER NOT NULL,
    evidence TEXT NOT NULL
);

CREATE TABLE strategy_potential_decision (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    relevance INTEGER NOT NULL,
    is_used INTEGER NOT NULL CHECK (is_used IN (0, 1)),
    reason TEXT NOT NULL,
    benefit TEXT NOT NULL,
    origins TEXT NOT NULL
);

CREATE TABLE strategy_assumption (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    statement TEXT NOT NULL,
    query TEXT NOT NULL,
    rule TEXT,
    cadence_hours INTEGER NOT NULL,
    certainty INTEGER NOT NULL,
    probability REAL,
    test_cost REAL,
    answer TEXT NOT NULL
);

CREATE TABLE strategy_prerequisite (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    statement TEXT NOT NULL,
    owner TEXT NOT NULL,
    due TEXT NOT NULL,
    certainty INTEGER NOT NULL,
    probability REAL,
    delay_months INTEGER NOT NULL,
    state TEXT NOT NULL
);

CREATE TABLE strategy_framework_condition (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    statement TEXT NOT NULL,
    check_date TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL
);

CREATE TABLE strategy_benefit_driver (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    sd REAL
);

CREATE TABLE strategy_option (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    topic TEXT REFERENCES strategy_topic (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    perspective TEXT NOT NULL,
    format TEXT NOT NULL,
    format_reason TEXT NOT NULL,
    benefits TEXT NOT NULL,
    elements TEXT NOT NULL,
    goals TEXT NOT NULL,
    potentials TEXT NOT NULL,
    benefit TEXT NOT NULL,
    ramp_months INTEGER NOT NULL,
    effort TEXT NOT NULL,
    running TEXT NOT NULL,
    costs TEXT NOT NULL,
    prerequisites TEXT NOT NULL,
    requires TEXT NOT NULL,
    excludes TEXT NOT NULL,
    must INTEGER NOT NULL CHECK (must IN (0, 1)),
    must_not INTEGER NOT NULL CHECK (must_not IN (0, 1)),
    rests_on TEXT NOT NULL,
    reactions TEXT NOT NULL,
    driver TEXT REFERENCES strategy_benefit_driver (id) DEFERRABLE INITIALLY DEFERRED,
    rating TEXT NOT NULL,
    rating_reason TEXT NOT NULL,
    durability TEXT NOT NULL,
    is_growth INTEGER NOT NULL CHECK (is_growth IN (0, 1)),
    note TEXT NOT NULL
);

CREATE TABLE strategy_resource_limit (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    amount REAL,
    secured REAL
);

CREATE TABLE strategy_goal_coverage (
    id TEXT PRIMARY KEY NOT NULL REFERENCES strategy_goal (id) DEFERRABLE INITIALLY DEFERRED,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    at_least INTEGER NOT NULL
);

CREATE TABLE strategy_version (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    focus TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    options TEXT NOT NULL,
    verdict TEXT NOT NULL,
    verdict_reason TEXT NOT NULL,
    is_generated INTEGER NOT NULL CHECK (is_generated IN (0, 1))
);

CREATE TABLE strategy_gate_waiver (
    id TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    "by" TEXT NOT NULL
);
