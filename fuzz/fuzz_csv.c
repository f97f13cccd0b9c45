/* Any bytes, in pieces of a size that the first byte names: the same rows as in one piece, and what
 * is written from a row reads back as that row. */
#include <string.h>

#include "base/limits.h"
#include "format/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pieces {
    Str rest;
    size_t piece;
};

static bool more(void *context, Str *bytes, struct err *err)
{
    struct pieces *p = context;

    (void)err;
    *bytes = str_sub(p->rest, 0, p->piece);
    p->rest = str_sub(p->rest, bytes->len, p->rest.len);
    return true;
}

static void check_row(const struct csv_row *row, char separator)
{
    struct csv_writer w;
    struct csv_reader *r;
    struct csv_row back;
    struct err err = {0};
    struct buf out;
    bool has_row;

    buf_init(&out, 16 * MIB);
    csv_writer_init(&w, &out, separator, false);
    for (size_t i = 0; i < row->count; i++)
        csv_put_str(&w, row->fields[i]);
    csv_end_row(&w);
    struct pieces source = {buf_str(&out), SIZE_MAX};
    ASSERT(csv_open(&r, (struct csv_options){.separator = separator}, more, &source, &err));
    ASSERT(csv_next(r, &back, &has_row, &err) && has_row && back.count == row->count);
    for (size_t i = 0; i < row->count; i++)
        ASSERT(str_eq(back.fields[i], row->fields[i]));
    csv_close(&r);
    buf_deinit(&out);
}

/* All rows and rejections as one text. */
static void dump(Str text, size_t piece, char separator, bool checks_rows, struct buf *out)
{
    struct pieces source = {text, piece};
    struct csv_reader *r;
    struct csv_row row;
    struct err err = {0};
    bool has_row = true;

    ASSERT(csv_open(&r, (struct csv_options){.separator = separator}, more, &source, &err));
    while (has_row) {
        bool ok = csv_next(r, &row, &has_row, &err);
        buf_printf(out, "\n%d%c", (int)csv_line(r), ok ? ' ' : '!');
        if (!ok) {
            ASSERT(!csv_is_final_error(r));
            has_row = true;
            continue;
        }
        for (size_t i = 0; has_row && i < row.count; i++) {
            buf_add_byte(out, '|');
            buf_add(out, row.fields[i]);
        }
        if (has_row && checks_rows)
            check_row(&row, separator);
    }
    csv_close(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;

    if (size < 1)
        return 0;
    Str text = {(const char *)data + 1, size - 1};
    char separator = csv_sniff(text);
    buf_init(&whole, 64 * MIB);
    buf_init(&pieces, 64 * MIB);
    dump(text, SIZE_MAX, separator, true, &whole);
    dump(text, (size_t)data[0] % 16 + 1, separator, false, &pieces);
    ASSERT(str_eq(buf_str(&whole), buf_str(&pieces)));
    buf_deinit(&whole);
    buf_deinit(&pieces);
    return 0;
}
