#include "web/view/chart.h"

#include <string.h>

void chart_begin(struct chart *chart, struct request *req, const char *kind, Str caption,
                 Str first_column)
{
    *chart = (struct chart){.req = req};
    chart->tpl.kind = str_from_cstr(kind);
    chart->tpl.caption = caption;
    chart->tpl.first_column = first_column;
    buf_init(&chart->text, CHART_JSON_BYTES_MAX);
    json_writer_init(&chart->json, &chart->text, JSON_STYLE_COMPACT);
    json_begin_object(&chart->json);
}

void chart_size(struct chart *chart, const char *size)
{
    chart->tpl.size = str_from_cstr(size);
}

void chart_note(struct chart *chart, Str note)
{
    chart->tpl.note = note;
}

void chart_column(struct chart *chart, Str label, bool is_number)
{
    vec_push(&chart->columns, (struct tpl_chart_column){label, is_number});
}

void chart_legend(struct chart *chart, Str label, const char *dot)
{
    vec_push(&chart->legends, (struct tpl_chart_legend){label, str_from_cstr(dot)});
}

void chart_row(struct chart *chart, Str label, Str link)
{
    vec_push(&chart->rows, (struct tpl_chart_row){.label = label, .link = link});
}

void chart_cell(struct chart *chart, Str text, bool is_number, Str link)
{
    ASSERT(chart->rows.count > 0);
    vec_push(&chart->cells, (struct tpl_chart_cell){text, is_number, link});
    chart->rows.items[chart->rows.count - 1].cells.count++;
}

void chart_cell_number(struct chart *chart, double value, int decimals, unsigned flags)
{
    struct request *req = chart->req;

    chart_cell(chart, render_double_str(&req->arena, req->env.language, value, decimals, flags),
               true, STR_NONE);
}

void chart_point(struct chart *chart, double x, double y)
{
    json_begin_array(&chart->json);
    json_put_f64(&chart->json, x);
    json_put_f64(&chart->json, y);
    json_end_array(&chart->json);
}

/* Moves a list into the arena. */
#define KEEP(chart, list, T, into)                                                                 \
    do {                                                                                           \
        T *copy = arena_new(&(chart)->req->arena, T, (chart)->list.count + 1);                     \
        if ((chart)->list.count > 0)                                                               \
            memcpy(copy, (chart)->list.items, (chart)->list.count * sizeof(T));                    \
        (into) = copy;                                                                             \
        vec_deinit(&(chart)->list);                                                                \
    } while (0)

const struct tpl_chart *chart_end(struct chart *chart)
{
    struct tpl_chart *out = arena_new(&chart->req->arena, struct tpl_chart, 1);
    size_t row_count = chart->rows.count, cell = 0;
    struct tpl_chart_row *rows;
    struct tpl_chart_cell *cells;

    json_end_object(&chart->json);
    out[0] = chart->tpl;
    out->data =
        arena_str(&chart->req->arena, chart->text.is_failed ? S("{}") : buf_str(&chart->text));
    buf_deinit(&chart->text);
    out->columns.count = chart->columns.count;
    KEEP(chart, columns, struct tpl_chart_column, out->columns.items);
    out->legends.count = chart->legends.count;
    KEEP(chart, legends, struct tpl_chart_legend, out->legends.items);
    out->breaks.count = chart->breaks.count;
    KEEP(chart, breaks, struct tpl_chart_break, out->breaks.items);
    KEEP(chart, rows, struct tpl_chart_row, rows);
    KEEP(chart, cells, struct tpl_chart_cell, cells);
    for (size_t i = 0; i < row_count; i++) {
        rows[i].cells.items = cells + cell;
        cell += rows[i].cells.count;
    }
    out->rows.items = rows;
    out->rows.count = row_count;
    return out;
}
