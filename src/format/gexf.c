#include "format/gexf.h"

#include <math.h>

#include "format/number.h"

/* Paul Tol's muted set and three more: told apart by people who confuse red and green. */
static const unsigned char colours[12][3] = {{51, 34, 136},   {136, 204, 238}, {68, 170, 153},
                                             {17, 119, 51},   {153, 153, 51},  {221, 204, 119},
                                             {204, 102, 119}, {136, 34, 85},   {170, 68, 153},
                                             {102, 102, 102}, {0, 119, 187},   {238, 119, 51}};

/* XML 1.0, production 2, Char. */
static bool is_xml_char(uint32_t rune)
{
    return rune == 0x9 || rune == 0xA || rune == 0xD || (rune >= 0x20 && rune <= 0xD7FF) ||
           (rune >= 0xE000 && rune <= 0xFFFD) || rune >= 0x10000;
}

/* Inside an attribute between double quotes; blanks other than the space would be folded by the
 * reader, so they are written as references. */
static void put_text(struct buf *out, Str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t rune = str_next_rune(text, &at);
        switch (rune) {
        case '&':
            buf_lit(out, "&amp;");
            break;
        case '<':
            buf_lit(out, "&lt;");
            break;
        case '>':
            buf_lit(out, "&gt;");
            break;
        case '"':
            buf_lit(out, "&quot;");
            break;
        case '\t':
        case '\n':
        case '\r':
            buf_printf(out, "&#%u;", (unsigned)rune);
            break;
        default:
            buf_add_rune(out, is_xml_char(rune) ? rune : 0xFFFD);
        }
    }
}

static void put_number(struct buf *out, double value)
{
    char text[NUMBER_TEXT_SIZE];

    buf_add(out, (Str){text, number_shortest(text, value)});
}

void gexf_begin(struct gexf_writer *w, struct buf *out, bool is_directed, Str description,
                const struct gexf_column *columns, size_t column_count)
{
    static const char *const types[] = {"string", "long", "double"};

    *w = (struct gexf_writer){.out = out, .columns = columns, .column_count = column_count};
    buf_lit(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<gexf xmlns=\"http://gexf.net/1.3\" xmlns:viz=\"http://gexf.net/1.3/viz\""
                 " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
                 " xsi:schemaLocation=\"http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd\""
                 " version=\"1.3\">\n<meta><creator>Trimtab</creator>");
    if (description.len > 0) {
        buf_lit(out, "<description>");
        put_text(out, description);
        buf_lit(out, "</description>");
    }
    buf_printf(out, "</meta>\n<graph defaultedgetype=\"%s\" mode=\"static\">\n",
               is_directed ? "directed" : "undirected");
    buf_lit(out, "<attributes class=\"node\" mode=\"static\">\n");
    for (size_t i = 0; i < column_count; i++) {
        buf_printf(out, "<attribute id=\"%zu\" title=\"", i);
        put_text(out, str_from_cstr(columns[i].title));
        buf_printf(out, "\" type=\"%s\"/>\n", types[columns[i].type]);
    }
    buf_lit(out, "</attributes>\n<nodes>\n");
    w->part = 1;
}

static void put_value(struct gexf_writer *w, size_t column, const struct gexf_value *value)
{
    enum gexf_type type = w->columns[column].type;

    if (value->is_missing || (type != GEXF_TEXT && !isfinite(value->number)))
        return;
    buf_printf(w->out, "<attvalue for=\"%zu\" value=\"", column);
    if (type == GEXF_TEXT)
        put_text(w->out, value->text);
    else if (type == GEXF_INTEGER)
        buf_printf(w->out, "%.0f", value->number);
    else
        put_number(w->out, value->number);
    buf_lit(w->out, "\"/>");
}

void gexf_node(struct gexf_writer *w, uint64_t id, Str label, const struct gexf_value *values,
               uint32_t group, double size)
{
    const unsigned char *colour = colours[group % 12];

    ASSERT(w->part == 1);
    buf_printf(w->out, "<node id=\"%llu\" label=\"", (unsigned long long)id);
    put_text(w->out, label);
    buf_lit(w->out, "\">");
    if (w->column_count > 0) {
        buf_lit(w->out, "<attvalues>");
        for (size_t i = 0; i < w->column_count; i++)
            put_value(w, i, &values[i]);
        buf_lit(w->out, "</attvalues>");
    }
    buf_printf(w->out, "<viz:color r=\"%d\" g=\"%d\" b=\"%d\"/><viz:size value=\"", colour[0],
               colour[1], colour[2]);
    put_number(w->out, size);
    buf_lit(w->out, "\"/></node>\n");
    w->node_count++;
}

void gexf_edge(struct gexf_writer *w, uint64_t source, uint64_t target, double weight)
{
    if (w->part == 1) {
        buf_lit(w->out, "</nodes>\n<edges>\n");
        w->part = 2;
    }
    ASSERT(w->part == 2);
    buf_printf(w->out, "<edge id=\"%llu\" source=\"%llu\" target=\"%llu\" weight=\"",
               (unsigned long long)w->edge_count++, (unsigned long long)source,
               (unsigned long long)target);
    put_number(w->out, weight);
    buf_lit(w->out, "\"/>\n");
}

void gexf_end(struct gexf_writer *w)
{
    buf_add(w->out, w->part == 1 ? S("</nodes>\n<edges>\n") : STR_NONE);
    buf_lit(w->out, "</edges>\n</graph>\n</gexf>\n");
}
