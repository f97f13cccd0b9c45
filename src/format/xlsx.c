#include "format/xlsx.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <xlsxwriter.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/mem.h"
#include "format/time.h"

/* A day of the sheet's calendar is a number: 61 is 1900-03-01. Before that it counts a 29th of
 * February that never was. */
#define SERIAL_OF_1970   25569
#define SERIAL_FIRST_MS  INT64_C(-2203891200000)  /* 1900-03-01 */
#define SERIAL_END_MS    INT64_C(253402300800000) /* 10000-01-01 */
#define EXACT_NUMBER_MAX INT64_C(999999999999999)
#define TEXT_BYTES_MAX   ((size_t)XLSX_CELL_UNITS_MAX * 7 + 1)

struct xlsx_writer {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *heading, *moment;
    uint32_t row;
    size_t column;
    uint32_t links;
    struct buf text; /* of the cell at hand */
    bool is_failed;
    struct err failure;
};

static bool library_failed(struct err *err, lxw_error code)
{
    return code == LXW_ERROR_MEMORY_MALLOC_FAILED
               ? err_set(err, ERR_NO_MEMORY, "could not write the workbook: no memory")
               : err_set_sys(err, ERR_IO, errno, "could not write the workbook: %s",
                             lxw_strerror(code));
}

static void check(struct xlsx_writer *w, lxw_error code)
{
    if (code == LXW_NO_ERROR || w->is_failed)
        return;
    (void)library_failed(&w->failure, code);
    w->is_failed = true;
}

bool xlsx_begin(struct xlsx_writer **out, int fd, Str scratch, struct err *err)
{
    struct xlsx_writer *w = mem_alloc(1, sizeof *w);
    struct buf folder;
    char path[40];

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    buf_init(&folder, 8192);
    buf_add(&folder, scratch);
    buf_add_byte(&folder, '\0');
    buf_init(&w->text, TEXT_BYTES_MAX);
    bool ok = buf_ok(&folder, err);
    if (ok && !fault_hit()) {
        lxw_workbook_options options = {.constant_memory = 1, .use_zip64 = 0};
        options.tmpdir = folder.ptr;
        w->book = workbook_new_opt(path, &options);
    }
    buf_deinit(&folder);
    if (w->book) {
        w->heading = workbook_add_format(w->book);
        w->moment = workbook_add_format(w->book);
    }
    if (ok && (!w->book || !w->heading || !w->moment))
        ok = library_failed(err, LXW_ERROR_MEMORY_MALLOC_FAILED);
    if (!ok) {
        xlsx_abandon(&w);
        return false;
    }
    format_set_bold(w->heading);
    format_set_num_format(w->moment, "yyyy-mm-dd hh:mm:ss");
    *out = w;
    return true;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* XML 1.0, production 2, Char; control characters the library would write as references. */
static uint32_t xml_rune(uint32_t rune)
{
    bool is_char = rune == 0x9 || rune == 0xA || (rune >= 0x20 && rune <= 0xD7FF) ||
                   (rune >= 0xE000 && rune <= 0xFFFD) || rune >= 0x10000;
    return is_char ? rune : 0xFFFD;
}

/* "_x0041_" in a text would be read back as "A": its first character is written that way itself. */
static bool is_reference(Str text)
{
    if (text.len < 7 || text.ptr[0] != '_' || text.ptr[1] != 'x' || text.ptr[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++)
        if (!strchr("0123456789abcdefABCDEF", text.ptr[i]) || text.ptr[i] == '\0')
            return false;
    return true;
}

static void text_end(struct xlsx_writer *w)
{
    buf_add_byte(&w->text, '\0');
    w->is_failed = w->is_failed || !buf_ok(&w->text, &w->failure);
}

/* The text as the library wants it, ended by NUL, in w->text; its length in UTF-16 units. A line
 * ends with a line feed, as in every cell. */
static size_t text_units(struct xlsx_writer *w, Str value)
{
    size_t units = 0;

    buf_reset(&w->text);
    for (size_t at = 0; at < value.len && units <= XLSX_CELL_UNITS_MAX;) {
        if (is_reference(str_sub(value, at, value.len))) {
            buf_lit(&w->text, "_x005F");
            units += 6; /* the library counts them */
        }
        uint32_t rune = str_next_rune(value, &at);
        if (rune == '\r' && at < value.len && value.ptr[at] == '\n')
            continue;
        buf_add_rune(&w->text, rune == '\r' ? '\n' : xml_rune(rune));
        units += rune >= 0x10000 ? 2 : 1;
    }
    text_end(w);
    return units;
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* A limit of the format was reached: what it is stands in w->failure. */
static void over(struct xlsx_writer *w)
{
    w->is_failed = true;
    (void)err_hint(&w->failure, "CSV has no such limit; or narrow down what is exported.");
}

/* May a cell be put here? Counts it. */
static bool is_open(struct xlsx_writer *w, lxw_col_t *column)
{
    ASSERT(w->sheet || w->is_failed);
    if (!w->is_failed && w->row >= XLSX_ROWS_MAX) {
        (void)err_set(&w->failure, ERR_LIMIT,
                      "a sheet of a workbook holds at most %d rows, its heading included",
                      XLSX_ROWS_MAX);
        over(w);
    }
    if (!w->is_failed && w->column >= XLSX_COLUMNS_MAX) {
        (void)err_set(&w->failure, ERR_LIMIT, "a sheet of a workbook holds at most %d columns",
                      XLSX_COLUMNS_MAX);
        over(w);
    }
    *column = (lxw_col_t)w->column;
    return !w->is_failed;
}

static void put_text(struct xlsx_writer *w, Str value, lxw_format *format)
{
    lxw_col_t column;

    if (!is_open(w, &column))
        return;
    if (value.len > 0 && text_units(w, value) > XLSX_CELL_UNITS_MAX) {
        (void)err_set(&w->failure, ERR_LIMIT,
                      "row %u, column %zu: a cell of a workbook holds at most %d characters",
                      (unsigned)w->row + 1, w->column + 1, XLSX_CELL_UNITS_MAX);
        over(w);
    } else if (value.len > 0 && !w->is_failed)
        check(w, worksheet_write_string(w->sheet, w->row, column, w->text.ptr, format));
    w->column++;
}

void xlsx_put_text(struct xlsx_writer *w, Str value)
{
    put_text(w, value, NULL);
}

void xlsx_put_empty(struct xlsx_writer *w)
{
    put_text(w, STR_NONE, NULL);
}

static void put_number(struct xlsx_writer *w, double value, lxw_format *format)
{
    lxw_col_t column;

    if (!is_open(w, &column))
        return;
    check(w, worksheet_write_number(w->sheet, w->row, column, value, format));
    w->column++;
}

void xlsx_put_f64(struct xlsx_writer *w, double value)
{
    if (isfinite(value))
        put_number(w, value, NULL);
    else
        xlsx_put_empty(w);
}

void xlsx_put_i64(struct xlsx_writer *w, int64_t value)
{
    char text[24];

    if (value >= -EXACT_NUMBER_MAX && value <= EXACT_NUMBER_MAX) {
        put_number(w, (double)value, NULL);
        return;
    }
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    xlsx_put_text(w, str_from_cstr(text));
}

void xlsx_put_time(struct xlsx_writer *w, int64_t ms)
{
    if (ms >= SERIAL_FIRST_MS && ms < SERIAL_END_MS)
        put_number(w, (double)ms / 86400000.0 + SERIAL_OF_1970, w->moment);
    else
        xlsx_put_text(w, str_from_cstr(time_rfc3339(ms).text));
}

/* An address that a spreadsheet takes as it is: of the web, without blanks and control characters.
 */
static bool is_link(Str address)
{
    if (address.len > XLSX_LINK_BYTES_MAX || str_utf8_invalid_at(address) < address.len ||
        !(str_starts(address, S("http://")) || str_starts(address, S("https://"))))
        return false;
    for (size_t i = 0; i < address.len; i++)
        if ((unsigned char)address.ptr[i] <= ' ' || strchr("\"<>\\^`{|}\x7f", address.ptr[i]))
            return false;
    return true;
}

void xlsx_put_link(struct xlsx_writer *w, Str address)
{
    lxw_col_t column;

    if (!is_link(address) || w->links >= XLSX_LINKS_MAX) {
        xlsx_put_text(w, address);
        return;
    }
    if (!is_open(w, &column))
        return;
    (void)text_units(w, address);
    if (!w->is_failed)
        check(w, worksheet_write_url(w->sheet, w->row, column, w->text.ptr, NULL));
    w->links++;
    w->column++;
}

void xlsx_end_row(struct xlsx_writer *w)
{
    w->row++;
    w->column = 0;
}

/* ---- sheets ---------------------------------------------------------------------------------- */

/* In w->text. */
static void sheet_name(struct xlsx_writer *w, Str name)
{
    size_t units = 0;

    buf_reset(&w->text);
    for (size_t at = 0; at < name.len;) {
        uint32_t rune = xml_rune(str_next_rune(name, &at));
        units += rune >= 0x10000 ? 2 : 1;
        if (units > XLSX_SHEET_NAME_UNITS_MAX)
            break;
        buf_add_rune(&w->text, rune < 0x80 && strchr("[]:*?/\\'\n\t", (int)rune) ? ' ' : rune);
    }
    text_end(w);
}

void xlsx_sheet(struct xlsx_writer *w, Str name, const struct xlsx_column *columns, size_t count)
{
    if (w->is_failed)
        return;
    sheet_name(w, name);
    if (w->is_failed)
        return;
    if (workbook_get_worksheet_by_name(w->book, w->text.ptr)) {
        w->is_failed = true;
        (void)err_set(&w->failure, ERR_EXISTS, "two sheets of a workbook are called '%s'",
                      w->text.ptr);
        return;
    }
    w->sheet = workbook_add_worksheet(w->book, w->text.ptr);
    if (!w->sheet) {
        check(w, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    w->row = w->links = 0;
    w->column = 0;
    for (size_t i = 0; i < count; i++) {
        lxw_col_t column = (lxw_col_t)i;
        if (i < XLSX_COLUMNS_MAX)
            check(w, worksheet_set_column(w->sheet, column, column, columns[i].width, NULL));
        put_text(w, str_from_cstr(columns[i].title), w->heading);
    }
    worksheet_freeze_panes(w->sheet, 1, 0);
    xlsx_end_row(w);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* The library does not look at what became of the rows it set aside. */
static void check_rows(struct xlsx_writer *w)
{
    lxw_worksheet *sheet;

    STAILQ_FOREACH(sheet, w->book->worksheets, list_pointers)
    {
        FILE *rows = sheet->optimize_tmpfile;
        if (!w->is_failed && rows && (fflush(rows) != 0 || ferror(rows))) {
            w->is_failed = true;
            (void)err_set_sys(&w->failure, ERR_IO, errno,
                              "could not write the rows of the workbook: %s", strerror(errno));
        }
    }
}

bool xlsx_ok(const struct xlsx_writer *w, struct err *err)
{
    return !w->is_failed || err_pass(err, &w->failure);
}

bool xlsx_end(struct xlsx_writer **p, int64_t created_ms, struct err *err)
{
    struct xlsx_writer *w = *p;

    ASSERT(w->sheet || w->is_failed);
    if (!w->is_failed)
        check_rows(w);
    if (!w->is_failed && fault_hit()) {
        errno = EIO;
        check(w, LXW_ERROR_ZIP_FILE_OPERATION);
    }
    if (!w->is_failed) {
        /* To the library 0 is "now". */
        int64_t created_s = created_ms / 1000;
        lxw_doc_properties properties = {.created = created_s > 0 ? (time_t)created_s : 1};
        check(w, workbook_set_properties(w->book, &properties));
    }
    if (!w->is_failed) {
        errno = 0;
        check(w, workbook_close(w->book)); /* frees it in any case */
        w->book = NULL;
    }
    bool ok = xlsx_ok(w, err);
    xlsx_abandon(p);
    return ok;
}

void xlsx_abandon(struct xlsx_writer **p)
{
    struct xlsx_writer *w = *p;
    lxw_worksheet *sheet;

    if (!w)
        return;
    if (w->book) {
        STAILQ_FOREACH(sheet, w->book->worksheets, list_pointers) /* the library forgets them */
        if (sheet->optimize_tmpfile)
            fclose(sheet->optimize_tmpfile);
        lxw_workbook_free(w->book);
    }
    buf_deinit(&w->text);
    mem_free(w);
    *p = NULL;
}
