-- Why: pages say why a row was rejected in the reader's language. The reason stays as it is; beside it lies how it was
-- made (base/wording.h). Empty: only the reason is known.
ALTER TABLE import_reject ADD COLUMN reason_kept TEXT NOT NULL DEFAULT '';
