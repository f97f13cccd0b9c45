/* gexf.h - a graph as GEXF 1.3, the XML that graph programs (Gephi, NetworkX, Cytoscape) read.
 *
 * Sticky, over a struct buf, in the order of the format: begin, the nodes, the edges, end. Texts
 * may be anything: markup is escaped, and what XML 1.0 cannot hold at all (control characters,
 * invalid UTF-8) becomes U+FFFD. The same calls give the same bytes: no date is written. Pure.
 */
#ifndef FORMAT_GEXF_H
#define FORMAT_GEXF_H

#include "base/buf.h"

enum gexf_type { GEXF_TEXT, GEXF_INTEGER, GEXF_REAL };

/* A column of the nodes. */
struct gexf_column {
    const char *title;
    enum gexf_type type;
};

struct gexf_value {
    bool is_missing; /* left out */
    double number;   /* not finite: left out */
    Str text;
};

struct gexf_writer {
    struct buf *out; /* the caller's; check buf_ok() at the end */
    const struct gexf_column *columns;
    size_t column_count;
    uint64_t node_count, edge_count;
    int part; /* 0 begun, 1 in the nodes, 2 in the edges */
};

/* `description` may be empty. The columns have to live until the end. */
void gexf_begin(struct gexf_writer *w, struct buf *out, bool is_directed, Str description,
                const struct gexf_column *columns, size_t column_count);
/* One value a column. Ids are numbers, since names may become equal by what XML cannot hold; the
 * name is the label. `group` chooses one of twelve colours, `size` is the drawn size, above 0. */
void gexf_node(struct gexf_writer *w, uint64_t id, Str label, const struct gexf_value *values,
               uint32_t group, double size);
/* Behind the last node. */
void gexf_edge(struct gexf_writer *w, uint64_t source, uint64_t target, double weight);
void gexf_end(struct gexf_writer *w);

#endif
