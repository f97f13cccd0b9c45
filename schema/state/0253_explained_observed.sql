-- Why: an event that goes on is explained anew when it has grown since its explanation, which only what
-- was observed then can tell: compared with the last look, slow growth would never count.
ALTER TABLE spike ADD COLUMN explained_observed REAL; -- NULL: not known, explained at the next look
ALTER TABLE alert ADD COLUMN explained_observed REAL;
