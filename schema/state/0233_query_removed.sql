-- Why: a removed query keeps its row, because posts, measures and alerts of the past name its id,
-- which must never be given again. Its name becomes free: the row keeps it behind a sign that no
-- name may hold.
ALTER TABLE standing_query ADD COLUMN removed_at_ms INTEGER; -- NULL: it stands
