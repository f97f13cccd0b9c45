/* chart.h - a chart and the table that says the same.
 *
 *     struct chart chart;
 *     chart_begin(&chart, req, "time", caption, first_column);
 *     chart_column(&chart, label, true);
 *     chart_row(&chart, label, link); chart_cell(&chart, text, true, STR_NONE); ...
 *     json_set_array(&chart.json, "series"); ...           members of the island's object
 *     c.volume = *chart_end(&chart);
 *
 * Kinds and their members are described in ui/charts/charts.js. Everything lives in the request's
 * arena after chart_end().
 */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include "format/json.h"
#include "web/request.h"

#include "templates.h"

enum { CHART_JSON_BYTES_MAX = 4 * 1024 * 1024 };

struct chart {
    struct request *req;
    struct tpl_chart tpl;
    struct buf text;
    struct json_writer json; /* inside the island's object */
    struct {
        VEC(struct tpl_chart_column);
    } columns;
    struct {
        VEC(struct tpl_chart_row);
    } rows;
    struct {
        VEC(struct tpl_chart_cell);
    } cells; /* of all rows, in order */
    struct {
        VEC(struct tpl_chart_legend);
    } legends;
    struct {
        VEC(struct tpl_chart_break);
    } breaks; /* break_view.h */
};

void chart_begin(struct chart *chart, struct request *req, const char *kind, Str caption,
                 Str first_column);
void chart_size(struct chart *chart, const char *size); /* "tall", "small", "spark" */
void chart_note(struct chart *chart, Str note);
void chart_column(struct chart *chart, Str label, bool is_number);
void chart_legend(struct chart *chart, Str label, const char *dot);
void chart_row(struct chart *chart, Str label, Str link);
void chart_cell(struct chart *chart, Str text, bool is_number, Str link);
void chart_cell_number(struct chart *chart, double value, int decimals, unsigned flags);
/* One [time, value] pair of a series; a value that is not a number becomes null. */
void chart_point(struct chart *chart, double x, double y);
const struct tpl_chart *chart_end(struct chart *chart);

#endif
