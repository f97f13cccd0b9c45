-- Why: pages say why a review was opened in the reader's language. The text stays as it is; beside it lies how
-- it was made (base/wording.h). Empty: only the text is known.
ALTER TABLE strategy_review ADD COLUMN text_kept TEXT NOT NULL DEFAULT '';
