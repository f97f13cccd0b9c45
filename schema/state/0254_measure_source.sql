-- Why: a source that begins to say something (whom a post answers, how many follow its author) makes
-- earlier points of its measures available. What each could say when measures were published last
-- tells which to publish again. Derived: absent means never published.
CREATE TABLE measure_source (
    name   TEXT PRIMARY KEY,
    facets INTEGER NOT NULL -- bits of enum post_facet that measures depend on
) STRICT;
