#include "quant/graph.h"

#include <string.h>

#include "base/mem.h"
#include "quant/graph_priv.h"

enum { NODES_AT_FIRST = 64, EDGES_AT_FIRST = 256 };

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_NO_MEMORY, "no memory for the graph");
}

/* Grows one array; the added part is zeroed. */
static bool grow(void *array_pointer, size_t old_count, size_t count, size_t size)
{
    void **array = array_pointer;
    char *grown = mem_try_realloc(*array, count, size);

    if (!grown)
        return false;
    memset(grown + old_count * size, 0, (count - old_count) * size);
    *array = grown;
    return true;
}

bool graph_create(struct graph **out, bool is_directed, struct err *err)
{
    *out = mem_try_alloc(1, sizeof **out);
    if (!*out)
        return no_memory(err);
    (*out)->is_directed = is_directed;
    return true;
}

void graph_destroy(struct graph **out)
{
    struct graph *g = *out;

    if (!g)
        return;
    mem_free(g->sources);
    mem_free(g->targets);
    mem_free(g->weights);
    mem_free(g->first);
    mem_free(g->arcs);
    mem_free(g->arc_weights);
    mem_free(g->loose_heads);
    mem_free(g->loose_next);
    mem_free(g->strengths);
    mem_free(g);
    *out = NULL;
}

bool graph_add_nodes(struct graph *g, size_t count, struct err *err)
{
    if (count > GRAPH_NODES_MAX)
        return err_set(err, ERR_LIMIT, "a graph has at most %u nodes", (unsigned)GRAPH_NODES_MAX);
    if (count > g->node_capacity) {
        size_t capacity = g->node_capacity < NODES_AT_FIRST ? NODES_AT_FIRST : g->node_capacity;
        while (capacity < count)
            capacity *= 2;
        if (!grow(&g->loose_heads, g->node_capacity, capacity, sizeof *g->loose_heads) ||
            !grow(&g->strengths, g->node_capacity, capacity, sizeof *g->strengths))
            return no_memory(err);
        g->node_capacity = capacity;
    }
    if (count > g->node_count)
        g->node_count = count;
    return true;
}

/* The first weight that is not 1: all before it were. */
static bool weights_make(struct graph *g, struct err *err)
{
    g->weights = mem_try_alloc(g->edge_capacity, sizeof *g->weights);
    if (!g->weights)
        return no_memory(err);
    for (size_t i = 0; i < g->edge_count; i++)
        g->weights[i] = 1.0;
    return true;
}

static bool edges_reserve(struct graph *g, struct err *err)
{
    size_t count = g->edge_capacity;
    size_t capacity = count < EDGES_AT_FIRST ? EDGES_AT_FIRST : count * 2;

    if (g->edge_count >= GRAPH_EDGES_MAX)
        return err_set(err, ERR_LIMIT, "a graph has at most %u edges", (unsigned)GRAPH_EDGES_MAX);
    if (g->edge_count < g->edge_capacity)
        return true;
    if (!grow(&g->sources, count, capacity, sizeof *g->sources) ||
        !grow(&g->targets, count, capacity, sizeof *g->targets) ||
        (g->weights && !grow(&g->weights, count, capacity, sizeof *g->weights)))
        return no_memory(err);
    g->edge_capacity = capacity;
    return true;
}

/* Room to hang one more edge behind its source. Before the first packing nothing hangs: the dense
 * form will take all. */
static bool loose_reserve(struct graph *g, struct err *err)
{
    size_t loose = g->edge_count - g->packed_edges;

    if (!g->is_directed || g->pack_count == 0 || loose < g->loose_capacity)
        return true;
    size_t capacity = g->loose_capacity < EDGES_AT_FIRST ? EDGES_AT_FIRST : g->loose_capacity * 2;
    if (!grow(&g->loose_next, g->loose_capacity, capacity, sizeof *g->loose_next))
        return no_memory(err);
    g->loose_capacity = capacity;
    return true;
}

bool graph_add(struct graph *g, const struct graph_edge *edge, struct err *err)
{
    uint32_t s = edge->source, t = edge->target;

    if (!(edge->weight >= GRAPH_WEIGHT_MIN && edge->weight <= GRAPH_WEIGHT_MAX))
        return err_set(err, ERR_INPUT, "the weight is not between %g and %g", GRAPH_WEIGHT_MIN,
                       GRAPH_WEIGHT_MAX);
    if (!edges_reserve(g, err) || !loose_reserve(g, err))
        return false;
    if (edge->weight != 1.0 && !g->weights && !weights_make(g, err))
        return false;
    if ((s >= g->node_count || t >= g->node_count) &&
        !graph_add_nodes(g, (size_t)(s > t ? s : t) + 1, err))
        return false;
    size_t at = g->edge_count++;
    g->sources[at] = s;
    g->targets[at] = t;
    if (g->weights)
        g->weights[at] = edge->weight;
    g->strengths[s] += edge->weight;
    if (!g->is_directed)
        g->strengths[t] += edge->weight;
    else if (g->pack_count > 0) {
        g->loose_next[at - g->packed_edges] = g->loose_heads[s];
        g->loose_heads[s] = (uint32_t)at + 1;
    }
    return true;
}

/* ---- the dense form -------------------------------------------------------------------------- */

struct dense {
    uint32_t *first, *arcs;
    double *arc_weights;
};

static bool dense_alloc(const struct graph *g, struct dense *d, struct err *err)
{
    size_t arcs = g->edge_count * (g->is_directed ? 1 : 2);

    *d = (struct dense){.first = mem_try_alloc(g->node_count + 2, sizeof *d->first),
                        .arcs = mem_try_alloc(arcs + 1, sizeof *d->arcs)};
    if (g->weights)
        d->arc_weights = mem_try_alloc(arcs + 1, sizeof *d->arc_weights);
    if (d->first && d->arcs && (d->arc_weights || !g->weights))
        return true;
    mem_free(d->first);
    mem_free(d->arcs);
    mem_free(d->arc_weights);
    return no_memory(err);
}

static void put_arc(struct dense *d, uint32_t from, uint32_t to, double weight)
{
    uint32_t at = d->first[from + 1]++;

    d->arcs[at] = to;
    if (d->arc_weights)
        d->arc_weights[at] = weight;
}

/* Counting sort by node. first[] is kept one place ahead while it is filled: first[v + 1] is where
 * the next arc of v goes, and ends as the end of v's range. */
static void dense_fill(const struct graph *g, struct dense *d)
{
    uint32_t *count = d->first + 2;

    for (size_t i = 0; i < g->edge_count; i++) {
        count[g->sources[i]]++;
        if (!g->is_directed)
            count[g->targets[i]]++;
    }
    for (size_t v = 2; v <= g->node_count; v++)
        d->first[v] += d->first[v - 1];
    for (size_t i = 0; i < g->edge_count; i++) {
        double weight = graph_log_weight(g, i);
        put_arc(d, g->sources[i], g->targets[i], weight);
        if (!g->is_directed)
            put_arc(d, g->targets[i], g->sources[i], weight);
    }
}

bool graph_pack(struct graph *g, struct err *err)
{
    struct dense d;

    if (g->pack_count > 0 && g->packed_edges == g->edge_count && g->packed_nodes == g->node_count)
        return true;
    if (!dense_alloc(g, &d, err))
        return false;
    dense_fill(g, &d);
    mem_free(g->first);
    mem_free(g->arcs);
    mem_free(g->arc_weights);
    g->first = d.first;
    g->arcs = d.arcs;
    g->arc_weights = d.arc_weights;
    g->packed_edges = g->edge_count;
    g->packed_nodes = g->node_count;
    g->pack_count++;
    if (g->node_count > 0)
        memset(g->loose_heads, 0, g->node_count * sizeof *g->loose_heads);
    return true;
}

bool graph_pack_if_due(struct graph *g, struct err *err)
{
    size_t loose = g->edge_count - g->packed_edges;

    if (g->pack_count > 0 && loose <= g->packed_edges / GRAPH_LOOSE_SHARE)
        return true;
    return graph_pack(g, err);
}

/* ---- reading --------------------------------------------------------------------------------- */

bool graph_is_directed(const struct graph *g)
{
    return g->is_directed;
}

size_t graph_node_count(const struct graph *g)
{
    return g->node_count;
}

size_t graph_edge_count(const struct graph *g)
{
    return g->edge_count;
}

struct graph_edge graph_edge_at(const struct graph *g, size_t index)
{
    ASSERT(index < g->edge_count);
    return (struct graph_edge){g->sources[index], g->targets[index], graph_log_weight(g, index)};
}
