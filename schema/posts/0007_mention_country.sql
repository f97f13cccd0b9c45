-- Why: measures by country read mentions, which are walked without their posts. What the post states
-- is kept with the mention; a post that states no country has '' here, nothing is guessed.
ALTER TABLE mention ADD COLUMN country TEXT NOT NULL DEFAULT '';
UPDATE mention SET country = (SELECT country FROM post WHERE post.id = mention.post)
    WHERE post IN (SELECT id FROM post WHERE country IS NOT NULL);
-- Days with countries are published (again): one hour of a day stands for all of its day.
UPDATE word_state SET rewrites = rewrites + 1;
INSERT INTO dirty (query, hour, rewritten)
    SELECT query, min(hour), (SELECT rewrites FROM word_state) FROM mention WHERE country <> ''
        GROUP BY query, hour / 24
    ON CONFLICT DO UPDATE SET taken = 0, rewritten = excluded.rewritten;
