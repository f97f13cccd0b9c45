/* xlsx.h - tables as an Office Open XML workbook (ISO/IEC 29500), which spreadsheets open.
 *
 * A sheet has a heading row that stays in view and typed cells: text, number, moment, link. Text is
 * written as text whatever it begins with, so nothing a person wrote is ever run as a formula; what
 * XML 1.0 cannot hold at all becomes U+FFFD. Moments are UTC, since a sheet knows no zones. Memory
 * is one row and the addresses of links: rows wait in unnamed files of the folder `scratch` until
 * the workbook is put together.
 *
 * Files arrive as arguments: the workbook goes to an open descriptor, the caller's to keep. Equal
 * calls give equal bytes. Sticky: the first failure is kept, later calls do nothing, xlsx_end()
 * tells. One thread at a time. The only place that knows libxlsxwriter.
 */
#ifndef FORMAT_XLSX_H
#define FORMAT_XLSX_H

#include "base/err.h"
#include "base/str.h"

/* Of the format itself. Beyond them: ERR_LIMIT, with CSV as the remedy. */
enum {
    XLSX_ROWS_MAX = 1048576, /* of a sheet, the heading included */
    XLSX_COLUMNS_MAX = 16384,
    XLSX_CELL_UNITS_MAX = 32767,   /* of a text, in UTF-16 code units */
    XLSX_LINKS_MAX = 65530,        /* of a sheet: later ones are text */
    XLSX_LINK_BYTES_MAX = 2000,    /* longer addresses are text */
    XLSX_SHEET_NAME_UNITS_MAX = 31 /* longer names are cut */
};

#define XLSX_CONTENT_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

struct xlsx_column {
    const char *title;
    unsigned width; /* in digits of the common font, 1 to 255 */
};

struct xlsx_writer;

/* Writes to `fd` from its beginning, when it ends. */
bool xlsx_begin(struct xlsx_writer **out, int fd, Str scratch, struct err *err) MUST_CHECK;
/* Another sheet, at least one. What a name of a sheet may not hold becomes a space; two of the same
 * name are ERR_EXISTS. */
void xlsx_sheet(struct xlsx_writer *w, Str name, const struct xlsx_column *columns, size_t count);

void xlsx_put_text(struct xlsx_writer *w, Str value);    /* empty: an empty cell */
void xlsx_put_i64(struct xlsx_writer *w, int64_t value); /* beyond 15 digits as text */
void xlsx_put_f64(struct xlsx_writer *w, double value);  /* 15 digits; empty when not finite */
void xlsx_put_time(struct xlsx_writer *w, int64_t ms);   /* UTC; before 1900-03-01 as text */
void xlsx_put_link(struct xlsx_writer *w, Str address);  /* http and https; others as text */
void xlsx_put_empty(struct xlsx_writer *w);
void xlsx_end_row(struct xlsx_writer *w);

/* False: the first failure, which xlsx_end() will tell too. */
bool xlsx_ok(const struct xlsx_writer *w, struct err *err) MUST_CHECK;
/* Puts the workbook together; it says that it was made at `created_ms`. Frees the writer whatever
 * happens. ERR_LIMIT, ERR_IO, ERR_NO_MEMORY, or the first failure of what was put. */
bool xlsx_end(struct xlsx_writer **w, int64_t created_ms, struct err *err) MUST_CHECK;
void xlsx_abandon(struct xlsx_writer **w); /* NULL-safe */

#endif
