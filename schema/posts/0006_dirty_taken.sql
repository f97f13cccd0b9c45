-- Why: measures are published while posts go on being written. An hour that is being published and
-- changes meanwhile has to stay on the list, and whoever remembers what he has summed has to know
-- whether posts only came to an hour or something that was there changed.
ALTER TABLE dirty ADD COLUMN rewritten INTEGER NOT NULL DEFAULT 0; -- rewrites, below, when a mention
                                        -- last left the hour or changed in it; 0: some only came
ALTER TABLE dirty ADD COLUMN taken INTEGER NOT NULL DEFAULT 0; -- number of the publication that has
                                        -- it at hand; 0: none, or it changed since
ALTER TABLE word_state ADD COLUMN rewrites INTEGER NOT NULL DEFAULT 1; -- rises, never falls
UPDATE dirty SET rewritten = 1;
