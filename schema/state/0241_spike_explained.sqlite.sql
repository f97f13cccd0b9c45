-- Why: a spike explains itself as an alert does, by one document with shares, lifts and authors, and says
-- how alike the nearest earlier one is. What was told so far is kept in the new form until the query is
-- looked at again, which is due: posts that retention took meanwhile cannot be explained anew.
ALTER TABLE spike ADD COLUMN explanation TEXT NOT NULL DEFAULT '{}'; -- JSON: listen/measure/event_explain.h
ALTER TABLE spike ADD COLUMN likeness TEXT;                          -- JSON; NULL: no earlier one
ALTER TABLE spike ADD COLUMN explainer INTEGER NOT NULL DEFAULT 0;   -- version; 0: words and posts alone
UPDATE spike SET explanation = json_object(
    'n', (SELECT coalesce(sum(value ->> 'mentions'), 0) FROM json_each(sources)),
    'terms', (SELECT json_group_array(json_object('term', value ->> 'term', 'n', value ->> 'count',
                                                  'lift', value ->> 'lift')) FROM json_each(terms)),
    'sources', (SELECT json_group_array(json_object('source', value ->> 'source',
                                                    'n', value ->> 'mentions')) FROM json_each(sources)),
    'posts', json(posts));
ALTER TABLE spike DROP COLUMN terms;
ALTER TABLE spike DROP COLUMN sources;
ALTER TABLE spike DROP COLUMN posts;
UPDATE spike_watch SET is_due = 1;
