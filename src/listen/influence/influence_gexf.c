/* The graph of authors for programs that draw and compute graphs. */
#include <math.h>

#include "format/gexf.h"
#include "listen/influence/influence.h"

#define NODE_SIZE_MOST 100.0 /* drawn size of the first */

void influence_gexf(const struct influence *in, Str description, struct buf *out)
{
    static const struct gexf_column columns[] = {
        {"source", GEXF_TEXT},       {"rank", GEXF_REAL},          {"community", GEXF_INTEGER},
        {"listeners", GEXF_INTEGER}, {"listens to", GEXF_INTEGER}, {"posts", GEXF_INTEGER},
        {"reach", GEXF_REAL},        {"resonance", GEXF_REAL},     {"relevance", GEXF_REAL}};
    struct gexf_writer w;

    gexf_begin(&w, out, true, description, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < in->author_count; i++) {
        const struct influence_author *a = &in->authors[i];
        struct gexf_value values[] = {{.text = a->source},
                                      {.number = a->rank},
                                      {.number = a->community + 1.0},
                                      {.number = a->listeners},
                                      {.number = a->listens_to},
                                      {.number = (double)a->posts},
                                      {.number = a->numbers[INFLUENCE_REACH]},
                                      {.number = a->numbers[INFLUENCE_RESONANCE]},
                                      {.number = a->numbers[INFLUENCE_RELEVANCE]}};
        gexf_node(&w, i, a->label, values, a->community,
                  NODE_SIZE_MOST * sqrt(a->rank / in->authors[0].rank));
    }
    for (size_t i = 0; i < in->edge_count; i++)
        gexf_edge(&w, in->edges[i].from, in->edges[i].to, in->edges[i].weight);
    gexf_end(&w);
}
