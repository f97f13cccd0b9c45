/* table.h - one table, as CSV or as a workbook: whoever exports rows says them once.
 *
 * CSV is what csv.h writes, commas, formulas disarmed, moments in RFC 3339; a workbook is what
 * xlsx.h writes, with typed cells. table_begin() writes the heading, table_end() what is still
 * missing. Sticky in either form. One thread at a time.
 */
#ifndef FORMAT_TABLE_H
#define FORMAT_TABLE_H

#include "format/csv.h"
#include "format/xlsx.h"

struct table_writer {
    struct csv_writer csv;
    struct xlsx_writer *xlsx; /* NULL: CSV */
};

/* CSV into `out`, the caller's; check buf_ok(). */
void table_begin_csv(struct table_writer *t, struct buf *out, const struct xlsx_column *columns,
                     size_t count);
/* A workbook into `fd`, see xlsx_begin(). */
bool table_begin_xlsx(struct table_writer *t, int fd, Str scratch, Str sheet,
                      const struct xlsx_column *columns, size_t count, struct err *err) MUST_CHECK;

void table_put_text(struct table_writer *t, Str value);
void table_put_i64(struct table_writer *t, int64_t value);
void table_put_f64(struct table_writer *t, double value); /* empty when not finite */
void table_put_time(struct table_writer *t, int64_t ms);
void table_put_link(struct table_writer *t, Str address);
void table_put_empty(struct table_writer *t);
void table_end_row(struct table_writer *t);

/* Has all that was put found its place so far? The first failure of a workbook, early. */
bool table_ok(const struct table_writer *t, struct err *err) MUST_CHECK;
/* A workbook is put together now, made at `created_ms`; CSV was complete before. */
bool table_end(struct table_writer *t, int64_t created_ms, struct err *err) MUST_CHECK;
void table_abandon(struct table_writer *t); /* safe on a zeroed struct and behind table_end() */

#endif
