/* Workbooks, read back from their bytes: zip by zlib, XML by libxml2. */
#include "unit/test.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "base/limits.h"
#include "format/table.h"
#include "format/time.h"
#include "format/xlsx.h"
#include "os/scratch_file.h"
#include "unit/scratch.h"

static const struct xlsx_column columns[] = {{"what", 20}, {"much", 9}};

struct book {
    struct scratch place;
    struct scratch_file file;
    struct xlsx_writer *w;
    struct buf bytes, part;
};

static void book_begin(struct book *b)
{
    struct err err = {0};

    *b = (struct book){0};
    scratch_begin(&b->place);
    buf_init(&b->bytes, 64 * MIB);
    buf_init(&b->part, 64 * MIB);
    CHECK(scratch_open(&b->file, str_from_cstr(b->place.dir), &err));
    CHECK(xlsx_begin(&b->w, b->file.fd, str_from_cstr(b->place.dir), &err));
    xlsx_sheet(b->w, S("first"), columns, COUNT_OF(columns));
}

static void book_read(struct book *b)
{
    size_t before = 1;
    struct err err = {0};

    for (uint64_t at = 0; before != b->bytes.len; at = b->bytes.len) {
        before = b->bytes.len;
        CHECK(scratch_read(&b->file, at, 100000, &b->bytes, &err));
        if (at == 0 && b->bytes.len == 0)
            break;
    }
}

static void book_end(struct book *b)
{
    buf_deinit(&b->bytes);
    buf_deinit(&b->part);
    scratch_close(&b->file);
    scratch_end(&b->place);
}

static uint32_t le(const char *at, int bytes)
{
    uint32_t value = 0;

    while (bytes-- > 0)
        value = value << 8 | (unsigned char)at[bytes];
    return value;
}

/* The unpacked bytes of one entry, by the list of entries at the end of the archive. */
static Str part(struct book *b, const char *name)
{
    const char *p = b->bytes.ptr, *end = p + b->bytes.len;
    const char *entry = p + le(end - 22 + 16, 4);

    CHECK_INT(le(end - 22, 4), 0x06054b50);
    for (uint32_t n = le(end - 22 + 10, 2); n > 0; n--) {
        uint32_t name_len = le(entry + 28, 2);
        CHECK_INT(le(entry, 4), 0x02014b50);
        if (str_eq((Str){entry + 46, name_len}, str_from_cstr(name))) {
            const char *local = p + le(entry + 42, 4);
            char *in = malloc(le(entry + 20, 4));
            memcpy(in, local + 30 + le(local + 26, 2) + le(local + 28, 2), le(entry + 20, 4));
            z_stream z = {.next_in = (unsigned char *)in, .avail_in = le(entry + 20, 4)};
            buf_reset(&b->part);
            z.next_out = (unsigned char *)buf_reserve(&b->part, le(entry + 24, 4) + 1);
            z.avail_out = le(entry + 24, 4) + 1;
            CHECK_INT(inflateInit2(&z, -15), Z_OK);
            CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
            b->part.len = z.total_out;
            inflateEnd(&z);
            free(in);
            CHECK_INT(b->part.len, le(entry + 24, 4));
            return buf_str(&b->part);
        }
        entry += 46 + name_len + le(entry + 30, 2) + le(entry + 32, 2);
    }
    return STR_NONE;
}

/* What an XPath says of a part, as text; dies at the next call. "s" is the sheets' namespace. */
static Str ask(struct book *b, const char *name, const char *path)
{
    static char answer[40000];
    Str xml = part(b, name);
    CHECK(xml.len > 0);
    xmlDocPtr doc = xmlReadMemory(xml.ptr, (int)xml.len, name, NULL, XML_PARSE_NONET);
    CHECK(doc != NULL);
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathRegisterNs(
        context, (const xmlChar *)"s",
        (const xmlChar *)"http://schemas.openxmlformats.org/spreadsheetml/2006/main");
    xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)path, context);
    CHECK(found != NULL);
    xmlChar *text = xmlXPathCastToString(found);
    (void)snprintf(answer, sizeof answer, "%s", (const char *)text);
    xmlFree(text);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
    return str_from_cstr(answer);
}

#define SHEET "xl/worksheets/sheet1.xml"

static Str cell(struct book *b, const char *at, const char *what)
{
    char path[120];

    (void)snprintf(path, sizeof path, "//s:c[@r='%s']%s", at, what);
    return ask(b, SHEET, path);
}

TEST(cells_have_their_types)
{
    struct book b;
    struct err err = {0};

    book_begin(&b);
    xlsx_put_text(b.w, S("ärger"));
    xlsx_put_i64(b.w, -42);
    xlsx_put_f64(b.w, 0.25);
    xlsx_put_time(b.w, INT64_C(1762128000000) + 21600000); /* 2025-11-03T06:00:00Z */
    xlsx_put_link(b.w, S("https://x.org/?a=1&b=2"));
    xlsx_put_link(b.w, S("javascript:alert(1)"));
    xlsx_put_empty(b.w);
    xlsx_put_f64(b.w, NAN);
    xlsx_put_i64(b.w, INT64_C(1234567890123456789));
    xlsx_put_time(b.w, INT64_C(-9000000000000));
    xlsx_end_row(b.w);
    CHECK(xlsx_end(&b.w, INT64_C(1762128000000), &err));
    CHECK(b.w == NULL);
    book_read(&b);
    CHECK_STR(cell(&b, "A1", "//s:t"), "what");
    CHECK_STR(cell(&b, "B1", "//s:t"), "much");
    CHECK_STR(cell(&b, "A2", "/@t"), "inlineStr");
    CHECK_STR(cell(&b, "A2", "//s:t"), "ärger");
    CHECK_STR(cell(&b, "B2", "/s:v"), "-42");
    CHECK_STR(cell(&b, "C2", "/s:v"), "0.25");
    CHECK_STR(cell(&b, "D2", "/s:v"), "45964.25");
    CHECK_STR(ask(&b, "xl/styles.xml", "//s:numFmt/@formatCode"), "yyyy-mm-dd hh:mm:ss");
    CHECK_STR(cell(&b, "E2", "//s:t"), "https://x.org/?a=1&b=2");
    CHECK_STR(ask(&b, SHEET, "string(//s:hyperlink/@ref)"), "E2");
    CHECK_STR(ask(&b, SHEET, "count(//s:hyperlink)"), "1");
    CHECK_STR(ask(&b, "xl/worksheets/_rels/sheet1.xml.rels", "//*/@Target"),
              "https://x.org/?a=1&b=2");
    CHECK_STR(cell(&b, "F2", "//s:t"), "javascript:alert(1)");
    CHECK_STR(ask(&b, SHEET, "count(//s:c[@r='G2' or @r='H2'])"), "0");
    CHECK_STR(cell(&b, "I2", "//s:t"), "1234567890123456789");
    CHECK_STR(cell(&b, "J2", "//s:t"), time_rfc3339(INT64_C(-9000000000000)).text);
    CHECK_STR(ask(&b, SHEET, "//s:pane/@state"), "frozen");
    CHECK_STR(ask(&b, SHEET, "//s:pane/@ySplit"), "1");
    CHECK_STR(ask(&b, SHEET, "floor(//s:col[1]/@width)"), "20");
    CHECK_STR(ask(&b, "docProps/core.xml", "//*[local-name()='created']"), "2025-11-03T00:00:00Z");
    book_end(&b);
}

TEST(text_is_never_a_formula_and_always_xml)
{
    static const char *const given[] = {
        "=1+1", "=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1:A9)", "{=1}", "1e9"};
    struct book b;
    struct err err = {0};

    book_begin(&b);
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        xlsx_put_text(b.w, str_from_cstr(given[i]));
        xlsx_end_row(b.w);
    }
    xlsx_put_text(b.w, S(" a\tb\r\nc\rd \x01<&>\0z \xff \xef\xbf\xbe _x0041_ _x00g1_"));
    xlsx_end_row(b.w);
    CHECK(xlsx_end(&b.w, 1000, &err));
    book_read(&b);
    CHECK_STR(ask(&b, SHEET, "count(//s:f)"), "0");
    CHECK_STR(ask(&b, SHEET, "count(//s:v)"), "0");
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        char at[8];
        (void)snprintf(at, sizeof at, "A%zu", i + 2);
        CHECK_STR(cell(&b, at, "//s:t"), given[i]);
    }
    CHECK_STR(
        cell(&b, "A9", "//s:t"),
        " a\tb\nc\nd \xef\xbf\xbd<&>\xef\xbf\xbdz \xef\xbf\xbd \xef\xbf\xbd _x005F_x0041_ _x00g1_");
    book_end(&b);
}

static void put_units(struct xlsx_writer *w, const char *piece, size_t times)
{
    struct buf text;

    buf_init(&text, MIB);
    for (size_t i = 0; i < times; i++)
        buf_add(&text, str_from_cstr(piece));
    xlsx_put_text(w, buf_str(&text));
    buf_deinit(&text);
}

TEST(a_cell_holds_so_many_units_and_no_more)
{
    struct book b;
    struct err err = {0};

    book_begin(&b);
    put_units(b.w, "a", XLSX_CELL_UNITS_MAX);
    put_units(b.w, "\xf0\x9f\x98\x80", XLSX_CELL_UNITS_MAX / 2);
    xlsx_end_row(b.w);
    CHECK(xlsx_end(&b.w, 1000, &err));
    book_read(&b);
    CHECK_STR(ask(&b, SHEET, "string-length(//s:c[@r='A2']//s:t)"), "32767");
    CHECK_STR(ask(&b, SHEET, "string-length(//s:c[@r='B2']//s:t)"), "16383");
    book_end(&b);
    for (int i = 0; i < 2; i++) {
        book_begin(&b);
        xlsx_put_empty(b.w);
        put_units(b.w, i == 0 ? "a" : "\xf0\x9f\x98\x80",
                  (size_t)(i == 0 ? XLSX_CELL_UNITS_MAX : XLSX_CELL_UNITS_MAX / 2) + 1);
        err = (struct err){0};
        CHECK(!xlsx_end(&b.w, 1000, &err));
        CHECK_INT(err.code, ERR_LIMIT);
        assert_string_equal(err.msg,
                            "row 2, column 2: a cell of a workbook holds at most 32767 characters");
        CHECK(strstr(err.hint, "CSV") != NULL);
        book_end(&b);
    }
}

TEST(a_sheet_holds_so_many_rows_and_columns_and_no_more)
{
    struct book b;
    struct err err = {0};

    for (int over = 0; over < 2; over++) {
        book_begin(&b);
        for (int i = 1; i < XLSX_ROWS_MAX + over; i++) {
            xlsx_put_i64(b.w, i);
            xlsx_end_row(b.w);
        }
        CHECK(xlsx_end(&b.w, 1000, &err) == (over == 0));
        book_read(&b);
        if (over == 0)
            CHECK(str_find(part(&b, SHEET), S("<c r=\"A1048576\"><v>1048575</v></c>")) <
                  b.part.len);
        book_end(&b);
    }
    CHECK_INT(err.code, ERR_LIMIT);
    CHECK(strstr(err.msg, "1048576 rows") && strstr(err.hint, "CSV"));
    for (int over = 0; over < 2; over++) {
        book_begin(&b);
        for (int i = 0; i < XLSX_COLUMNS_MAX + over; i++)
            xlsx_put_i64(b.w, i);
        err = (struct err){0};
        CHECK(xlsx_end(&b.w, 1000, &err) == (over == 0));
        book_end(&b);
    }
    CHECK(strstr(err.msg, "16384 columns") != NULL);
}

TEST(links_beyond_the_format_are_text)
{
    struct book b;
    struct err err = {0};

    book_begin(&b);
    for (int i = 0; i < XLSX_LINKS_MAX + 2; i++) {
        xlsx_put_link(b.w, S("https://x.org/"));
        xlsx_end_row(b.w);
    }
    CHECK(xlsx_end(&b.w, 1000, &err));
    book_read(&b);
    CHECK_STR(ask(&b, SHEET, "count(//s:hyperlink)"), "65530");
    CHECK_STR(cell(&b, "A65533", "//s:t"), "https://x.org/");
    book_end(&b);
}

TEST(equal_tables_are_equal_bytes_in_any_zone)
{
    struct book b[2];
    struct err err = {0};

    for (int i = 0; i < 2; i++) {
        CHECK_INT(setenv("TZ", i == 0 ? "UTC" : "Asia/Tokyo", 1), 0);
        book_begin(&b[i]);
        xlsx_put_text(b[i].w, S("one"));
        xlsx_put_time(b[i].w, INT64_C(1762128000000));
        xlsx_end_row(b[i].w);
        xlsx_sheet(b[i].w, S("a/b: second"), columns, 1);
        CHECK(xlsx_end(&b[i].w, 0, &err));
        book_read(&b[i]);
    }
    CHECK(b[0].bytes.len > 1000 && str_eq(buf_str(&b[0].bytes), buf_str(&b[1].bytes)));
    CHECK_STR(ask(&b[0], "xl/workbook.xml", "//s:sheet[2]/@name"), "a b  second");
    book_end(&b[0]);
    book_end(&b[1]);
}

TEST(two_sheets_of_a_name_are_refused)
{
    struct book b;
    struct err err = {0};

    book_begin(&b);
    xlsx_sheet(b.w, S("FIRST"), columns, 1);
    CHECK(!xlsx_end(&b.w, 0, &err));
    CHECK_INT(err.code, ERR_EXISTS);
    book_end(&b);
}

TEST(one_table_is_csv_or_a_workbook)
{
    struct book b;
    struct table_writer t;
    struct buf csv;
    struct err err = {0};

    book_begin(&b);
    xlsx_abandon(&b.w);
    CHECK(table_begin_xlsx(&t, b.file.fd, str_from_cstr(b.place.dir), S("t"), columns, 2, &err));
    buf_init(&csv, MIB);
    for (int i = 0; i < 2; i++) {
        table_put_text(&t, S("=a"));
        table_put_time(&t, INT64_C(1762128000000));
        table_put_link(&t, S("https://x.org/"));
        table_put_empty(&t);
        table_put_f64(&t, 0.5);
        table_put_i64(&t, 7);
        table_end_row(&t);
        CHECK(table_end(&t, 5000, &err));
        table_abandon(&t);
        if (i == 0)
            table_begin_csv(&t, &csv, columns, 2);
    }
    CHECK_STR(buf_str(&csv), "what,much\n\"'=a\",2025-11-03T00:00:00Z,https://x.org/,,0.5,7\n");
    buf_deinit(&csv);
    book_read(&b);
    CHECK_STR(cell(&b, "A2", "//s:t"), "=a");
    CHECK_STR(cell(&b, "B2", "/s:v"), "45964");
    CHECK_STR(cell(&b, "F2", "/s:v"), "7");
    book_end(&b);
}

int main(void)
{
    return RUN(CASE(cells_have_their_types), CASE(text_is_never_a_formula_and_always_xml),
               CASE(a_cell_holds_so_many_units_and_no_more),
               CASE(a_sheet_holds_so_many_rows_and_columns_and_no_more),
               CASE(links_beyond_the_format_are_text),
               CASE(equal_tables_are_equal_bytes_in_any_zone),
               CASE(two_sheets_of_a_name_are_refused), CASE(one_table_is_csv_or_a_workbook));
}
