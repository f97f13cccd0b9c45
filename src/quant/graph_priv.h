/* graph_priv.h - the inside of a graph, for the solvers. Private to quant/. */
#ifndef QUANT_GRAPH_PRIV_H
#define QUANT_GRAPH_PRIV_H

#include "quant/graph.h"

/* Loose edges up to this share of the packed ones are walked as lists before packing pays. */
#define GRAPH_LOOSE_SHARE 8

struct graph {
    bool is_directed;
    size_t node_count, node_capacity;
    size_t edge_count, edge_capacity;
    /* The log. weights NULL: all 1. */
    uint32_t *sources, *targets;
    double *weights;
    /* Dense form of the edges [0, packed_edges) over the nodes [0, packed_nodes): the arcs of node
     * v are [first[v], first[v + 1]). arc_weights NULL: all 1. In an undirected graph every edge is
     * two arcs. */
    size_t packed_edges, packed_nodes;
    uint64_t pack_count; /* how often it was packed */
    uint32_t *first, *arcs;
    double *arc_weights;
    /* Loose edges [packed_edges, edge_count) by source, of a directed graph: index into the log
     * + 1, newest first. next[] counts from packed_edges. */
    uint32_t *loose_heads; /* node_capacity */
    uint32_t *loose_next;
    size_t loose_capacity;
    /* Weight of the outgoing arcs of each node. */
    double *strengths; /* node_capacity */
};

static inline double graph_log_weight(const struct graph *g, size_t index)
{
    return g->weights ? g->weights[index] : 1.0;
}

/* Packs when nothing is packed yet or too much is loose. */
bool graph_pack_if_due(struct graph *g, struct err *err) MUST_CHECK;

#endif
