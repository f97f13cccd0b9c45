-- Why: pages say what a piece of evidence states, and why an item supports it, in the reader's language.
-- The text stays as it is; beside it lies how it was made (base/wording.h). Empty: only the text is known.
ALTER TABLE evidence ADD COLUMN statement_kept TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence_item ADD COLUMN why_kept TEXT NOT NULL DEFAULT '';
