/* csv.h - rows of separated values, read from a stream and written safely.
 *
 * Reading follows RFC 4180 and forgives what people write: any of , ; tab | as separator
 * (csv_sniff), LF or CRLF, quoted fields over several lines, a quote inside an unquoted field, text
 * behind a closing quote, rows of differing length; empty lines are skipped. Bytes come from a
 * callback, so that a file, an upload and a test read alike; memory is one row. A bad row is
 * reported with its line and reading goes on behind it.
 *
 * Row and fields die at the next call. One thread per reader. Writing is sticky over a struct buf.
 */
#ifndef FORMAT_CSV_H
#define FORMAT_CSV_H

#include "base/buf.h"
#include "base/err.h"

#define CSV_FIELDS_MAX 4096 /* of one row: the row is rejected */

struct csv_reader;

/* Gives the next bytes, empty at the end. They have to live until the next call. */
typedef bool csv_more(void *context, Str *bytes, struct err *err);

struct csv_options {
    char separator; /* 0 = ',' */
    bool is_plain;  /* quotes mean nothing: tab-separated files without quoting */
};

bool csv_open(struct csv_reader **out, struct csv_options options, csv_more *more, void *context,
              struct err *err) MUST_CHECK;
void csv_close(struct csv_reader **r); /* NULL-safe */
/* A source for csv_open: context is a Str *, which gets shorter from the front. */
bool csv_more_text(void *context, Str *bytes, struct err *err);

struct csv_row {
    const Str *fields; /* unquoted */
    size_t count;      /* at least 1 */
    uint64_t line;     /* where the row begins, from 1 */
};

/* has_row false: the end. ERR_INPUT (a quote never closed) and ERR_LIMIT (the row is longer than
 * INPUT_LINE_BYTES_MAX or CSV_FIELDS_MAX) concern one row, named by csv_line(); the next call goes
 * on with the line behind the one where it began. Errors of the source are passed on and final. */
bool csv_next(struct csv_reader *r, struct csv_row *row, bool *has_row, struct err *err) MUST_CHECK;
uint64_t csv_line(const struct csv_reader *r);       /* of the row last tried */
bool csv_is_final_error(const struct csv_reader *r); /* the source failed: nothing more comes */

/* Length of the whole rows at the front of `bytes`, which begin with a row, and the line feeds
 * among them; 0 when there is none. For cutting a file between rows as csv_next() will see them. */
size_t csv_whole_rows(Str bytes, char separator, uint64_t *lines);

/* The separator that splits the sample (some first KiB) most evenly; ',' when none does. */
char csv_sniff(Str sample);

struct csv_writer {
    struct buf *out; /* the caller's; check buf_ok() at the end */
    char separator;
    bool is_formula_safe; /* text a spreadsheet would execute gets a ' in front */
    bool has_fields;      /* in this row */
};

void csv_writer_init(struct csv_writer *w, struct buf *out, char separator, bool is_formula_safe);
void csv_put_str(struct csv_writer *w, Str value);
void csv_put_i64(struct csv_writer *w, int64_t value);
void csv_put_f64(struct csv_writer *w, double value); /* shortest; empty when not finite */
void csv_end_row(struct csv_writer *w);               /* line feed */

#endif
