#include "format/table.h"

#include "format/time.h"

void table_begin_csv(struct table_writer *t, struct buf *out, const struct xlsx_column *columns,
                     size_t count)
{
    *t = (struct table_writer){0};
    csv_writer_init(&t->csv, out, ',', true);
    for (size_t i = 0; i < count; i++)
        csv_put_str(&t->csv, str_from_cstr(columns[i].title));
    csv_end_row(&t->csv);
}

bool table_begin_xlsx(struct table_writer *t, int fd, Str scratch, Str sheet,
                      const struct xlsx_column *columns, size_t count, struct err *err)
{
    *t = (struct table_writer){0};
    if (!xlsx_begin(&t->xlsx, fd, scratch, err))
        return false;
    xlsx_sheet(t->xlsx, sheet, columns, count);
    return true;
}

void table_put_text(struct table_writer *t, Str value)
{
    if (t->xlsx)
        xlsx_put_text(t->xlsx, value);
    else
        csv_put_str(&t->csv, value);
}

void table_put_i64(struct table_writer *t, int64_t value)
{
    if (t->xlsx)
        xlsx_put_i64(t->xlsx, value);
    else
        csv_put_i64(&t->csv, value);
}

void table_put_f64(struct table_writer *t, double value)
{
    if (t->xlsx)
        xlsx_put_f64(t->xlsx, value);
    else
        csv_put_f64(&t->csv, value);
}

void table_put_time(struct table_writer *t, int64_t ms)
{
    if (t->xlsx)
        xlsx_put_time(t->xlsx, ms);
    else
        csv_put_str(&t->csv, str_from_cstr(time_rfc3339(ms).text));
}

void table_put_link(struct table_writer *t, Str address)
{
    if (t->xlsx)
        xlsx_put_link(t->xlsx, address);
    else
        csv_put_str(&t->csv, address);
}

void table_put_empty(struct table_writer *t)
{
    if (t->xlsx)
        xlsx_put_empty(t->xlsx);
    else
        csv_put_str(&t->csv, STR_NONE);
}

void table_end_row(struct table_writer *t)
{
    if (t->xlsx)
        xlsx_end_row(t->xlsx);
    else
        csv_end_row(&t->csv);
}

bool table_ok(const struct table_writer *t, struct err *err)
{
    return !t->xlsx || xlsx_ok(t->xlsx, err);
}

bool table_end(struct table_writer *t, int64_t created_ms, struct err *err)
{
    return !t->xlsx || xlsx_end(&t->xlsx, created_ms, err);
}

void table_abandon(struct table_writer *t)
{
    xlsx_abandon(&t->xlsx);
}
