/* label_table.h - a labelling round as a table: out to a spreadsheet, and back with judgements.
 *
 * The columns are round, post, source, id, created_at, title, text, url, label. What the machine
 * said is not among them. Whoever labels fills `label` with negative, neutral, positive, off-topic
 * or unsure (also -1 0 1, minus and plus, and the German words); empty cells say nothing. Reading
 * back needs only `post` (or source and id) and `label`, in any order, with any separator a
 * spreadsheet writes.
 */
#ifndef LISTEN_LABEL_TABLE_H
#define LISTEN_LABEL_TABLE_H

#include "base/buf.h"
#include "listen/label/label.h"

/* In order of judging; `label` is what the labeller said, empty if he is empty. Posts that are gone
 * are left out. Cells are safe in a spreadsheet: text that would be a formula begins with '. */
bool label_table_write(struct db *state, struct archive *a, int64_t round, Str labeller,
                       struct buf *out, struct err *err) MUST_CHECK;

struct label_table_counts {
    size_t read, judged, empty, rejected; /* rows */
};
typedef void label_table_reject(void *context, uint64_t line, const char *reason);
/* All of one person's judgements in one transaction. A row that cannot be used is told and passed
 * over. ERR_INPUT: no heading with the columns needed; ERR_CONFLICT: the round is closed. */
bool label_table_read(struct db *state, int64_t round, Str labeller, Str csv, int64_t now_ms,
                      label_table_reject *reject, void *context, struct label_table_counts *counts,
                      struct err *err) MUST_CHECK;

#endif
