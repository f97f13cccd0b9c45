#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "format/csv.h"
#include "os/clock.h"

static struct err err;

/* Hands out the text in pieces of `piece` bytes. */
struct pieces {
    Str rest;
    size_t piece;
    bool fails_at_end;
};

static bool more_pieces(void *context, Str *bytes, struct err *e)
{
    struct pieces *p = context;

    if (p->rest.len == 0 && p->fails_at_end)
        return err_set(e, ERR_IO, "could not read");
    *bytes = str_sub(p->rest, 0, p->piece);
    p->rest = str_sub(p->rest, bytes->len, p->rest.len);
    return true;
}

/* All rows as "line:[field][field]" joined by blanks; rejected rows as "line!". */
static void check_rows(Str text, struct csv_options options, const char *want)
{
    for (size_t piece = 1; piece <= text.len + 1; piece++) {
        struct pieces source = {text, piece, false};
        struct csv_reader *r;
        struct csv_row row;
        struct buf out;
        bool has_row = true;

        buf_init(&out, 100000);
        err_clear(&err);
        CHECK(csv_open(&r, options, more_pieces, &source, &err));
        while (has_row) {
            if (!csv_next(r, &row, &has_row, &err)) {
                buf_printf(&out, "%d! ", (int)csv_line(r));
                has_row = true;
                continue;
            }
            if (!has_row)
                break;
            buf_printf(&out, "%d:", (int)row.line);
            for (size_t i = 0; i < row.count; i++)
                buf_printf(&out, "[" STR_F "]", STR_A(row.fields[i]));
            buf_add_byte(&out, ' ');
        }
        CHECK_STR(str_trim(buf_str(&out)), want);
        csv_close(&r);
        buf_deinit(&out);
    }
}

TEST(csv_reads_rfc_4180)
{
    check_rows(S("a,b,c\r\n1,\"x,y\",\"say \"\"hi\"\"\"\r\n,,\r\n"), (struct csv_options){0},
               "1:[a][b][c] 2:[1][x,y][say \"hi\"] 3:[][][]");
    check_rows(S("a,\"two\nlines\"\nb"), (struct csv_options){0}, "1:[a][two\nlines] 3:[b]");
    check_rows(S(""), (struct csv_options){0}, "");
    check_rows(S("\n\r\n\nx\n\n"), (struct csv_options){0}, "4:[x]");
    check_rows(S("\"\"\n"), (struct csv_options){0}, "1:[]");
}

TEST(csv_forgives)
{
    check_rows(S("a\"b,\"c\"d\"e,\"f\"\n"), (struct csv_options){0}, "1:[a\"b][cd\"e][f]");
    check_rows(S("1;2,5;\"a;b\"\n"), (struct csv_options){.separator = ';'}, "1:[1][2,5][a;b]");
    check_rows(S("\"a\tb\"c\n"), (struct csv_options){.separator = '\t', .is_plain = true},
               "1:[\"a][b\"c]");
}

TEST(csv_goes_on_behind_a_quote_never_closed)
{
    check_rows(S("a,b\n\"x,1\nc,d\n"), (struct csv_options){0}, "1:[a][b] 2! 3:[c][d]");
    check_rows(S("\"x\n\"y\nz"), (struct csv_options){0}, "1:[x\ny] 3:[z]");
    check_rows(S("a,\"x"), (struct csv_options){0}, "1!");
}

TEST(csv_hostile_quotes_cost_linear_time)
{
    size_t lines = 3 * 1000 * 1000, rejected = 0, read = 0;
    char *text = mem_alloc(lines, 6);
    struct csv_row row;
    struct csv_reader *r;
    bool has_row = true;
    uint64_t began = clock_monotonic_ns();

    for (size_t i = 0; i < lines; i++)
        memcpy(text + i * 6, "x\",\"z\n", 6);
    Str rest = {text, lines * 6};
    err_clear(&err);
    CHECK(csv_open(&r, (struct csv_options){0}, csv_more_text, &rest, &err));
    while (has_row) {
        if (csv_next(r, &row, &has_row, &err))
            read += has_row;
        else {
            rejected++;
            has_row = true;
        }
    }
    CHECK_INT(rejected + read, lines);
    CHECK(clock_seconds_since(began) < 60);
    csv_close(&r);
    mem_free(text);
}

TEST(csv_limits_rows)
{
    size_t size = INPUT_LINE_BYTES_MAX + 1000;
    char *text = mem_alloc(size + 100, 1);
    struct csv_row row;
    struct csv_reader *r;
    bool has_row;

    memset(text, 'x', size);
    memcpy(text + size, "\na,b\n", 5);
    memset(text + size + 5, ',', 50);
    Str rest = {text, size + 55};
    err_clear(&err);
    CHECK(csv_open(&r, (struct csv_options){0}, csv_more_text, &rest, &err));
    CHECK(!csv_next(r, &row, &has_row, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    CHECK(!csv_is_final_error(r));
    CHECK(csv_next(r, &row, &has_row, &err) && has_row);
    CHECK_INT(row.line, 2);
    CHECK_INT(row.count, 2);
    CHECK(csv_next(r, &row, &has_row, &err) && has_row);
    CHECK_INT(row.count, 51);
    csv_close(&r);
    memset(text, ',', CSV_FIELDS_MAX);
    rest = (Str){text, CSV_FIELDS_MAX};
    err_clear(&err);
    CHECK(csv_open(&r, (struct csv_options){0}, csv_more_text, &rest, &err));
    CHECK(!csv_next(r, &row, &has_row, &err));
    CHECK_INT(err.code, ERR_LIMIT);
    csv_close(&r);
    mem_free(text);
}

TEST(csv_passes_on_the_failure_of_its_source)
{
    struct pieces source = {S("a,b\nc"), 3, true};
    struct csv_reader *r;
    struct csv_row row;
    bool has_row;

    CHECK(csv_open(&r, (struct csv_options){0}, more_pieces, &source, &err));
    CHECK(csv_next(r, &row, &has_row, &err) && has_row);
    for (int i = 0; i < 2; i++) {
        err_clear(&err);
        CHECK(!csv_next(r, &row, &has_row, &err));
        CHECK_INT(err.code, ERR_IO);
        CHECK(csv_is_final_error(r));
    }
    csv_close(&r);
}

TEST(csv_sniffs_the_separator)
{
    CHECK_INT(csv_sniff(S("a,b,c\n1,2,3\n4,5,6\n")), ',');
    CHECK_INT(csv_sniff(S("a;b\n1,5;2,5\n3,5;4,5\n")), ';');
    CHECK_INT(csv_sniff(S("id\ttext\n1\thello, you, there\n2\tx\n")), '\t');
    CHECK_INT(csv_sniff(S("a|b|c\n\"x,y\"|2|3\n")), '|');
    CHECK_INT(csv_sniff(S("just one column\nof, text\n")), ',');
    CHECK_INT(csv_sniff(S("a;b;c")), ';');
    CHECK_INT(csv_sniff(STR_NONE), ',');
}

TEST(csv_writes_what_it_reads)
{
    struct csv_writer w;
    struct buf out;

    buf_init(&out, 10000);
    csv_writer_init(&w, &out, ',', false);
    csv_put_str(&w, S("plain"));
    csv_put_str(&w, S("a,\"b\"\nc"));
    csv_put_str(&w, STR_NONE);
    csv_put_str(&w, S(" blank"));
    csv_put_i64(&w, -7);
    csv_put_f64(&w, 0.25);
    csv_put_f64(&w, NAN);
    csv_end_row(&w);
    csv_put_str(&w, STR_NONE);
    csv_end_row(&w);
    CHECK_STR(buf_str(&out), "plain,\"a,\"\"b\"\"\nc\",,\" blank\",-7,0.25,\n\"\"\n");
    check_rows(buf_str(&out), (struct csv_options){0},
               "1:[plain][a,\"b\"\nc][][ blank][-7][0.25][] 3:[]");
    buf_deinit(&out);
}

TEST(csv_disarms_formulas)
{
    struct csv_writer w;
    struct buf out;

    buf_init(&out, 10000);
    csv_writer_init(&w, &out, ',', true);
    csv_put_str(&w, S("=HYPERLINK(\"http://x\")"));
    csv_put_str(&w, S("+1+cmd|' /C calc'!A0"));
    csv_put_str(&w, S("-5"));
    csv_put_str(&w, S("-5+3"));
    csv_put_str(&w, S("@SUM(A1)"));
    csv_put_str(&w, S("\t=1"));
    csv_put_str(&w, S("a=1"));
    csv_put_f64(&w, -1.5);
    CHECK_STR(buf_str(&out), "\"'=HYPERLINK(\"\"http://x\"\")\",\"'+1+cmd|' /C calc'!A0\",-5,"
                             "\"'-5+3\",\"'@SUM(A1)\",\"'\t=1\",a=1,-1.5");
    buf_deinit(&out);
}

int main(void)
{
    return RUN(CASE(csv_reads_rfc_4180), CASE(csv_forgives),
               CASE(csv_goes_on_behind_a_quote_never_closed),
               CASE(csv_hostile_quotes_cost_linear_time), CASE(csv_limits_rows),
               CASE(csv_passes_on_the_failure_of_its_source), CASE(csv_sniffs_the_separator),
               CASE(csv_writes_what_it_reads), CASE(csv_disarms_formulas));
}
