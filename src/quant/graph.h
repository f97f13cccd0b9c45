/* graph.h - who listens to whom: a weighted graph that may grow, for ranks (rank.h) and communities
 * (community.h).
 *
 * Nodes are the integers 0 .. count - 1; whoever has names keeps them in a map of his own. An edge
 * goes from a listener to whom he listens to. Parallel edges are allowed and their weights add up;
 * a loop is allowed. In an undirected graph an edge goes both ways, and a loop counts twice, as is
 * usual.
 *
 * Data: the edges in order of addition (the log), and behind them a compressed form (for every node
 * the range of its outgoing arcs) of the first part of the log. Later edges hang on short lists of
 * their source until graph_pack() works them in. So adding is cheap and the solvers read dense
 * rows.
 *
 * Memory: the graph owns its arrays, 8 bytes an edge for the log and 4 (undirected 8) for the dense
 * form, 8 (16) more once some weight is not 1. Threads: one that changes it, or any number that
 * read. Pure.
 */
#ifndef QUANT_GRAPH_H
#define QUANT_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define GRAPH_NODES_MAX  (UINT32_C(1) << 30) /* reject */
#define GRAPH_EDGES_MAX  (UINT32_C(1) << 30) /* reject */
#define GRAPH_WEIGHT_MIN 1e-9                /* reject: sums of weights stay exact enough */
#define GRAPH_WEIGHT_MAX 1e12                /* reject */

struct graph;

struct graph_edge {
    uint32_t source, target;
    double weight; /* GRAPH_WEIGHT_MIN to GRAPH_WEIGHT_MAX */
};

bool graph_create(struct graph **out, bool is_directed, struct err *err) MUST_CHECK;
void graph_destroy(struct graph **g); /* NULL-safe */

/* There are at least `count` nodes from now on, those without an edge included. */
bool graph_add_nodes(struct graph *g, size_t count, struct err *err) MUST_CHECK;
/* Makes the nodes up to source and target. ERR_INPUT: the weight; ERR_LIMIT, ERR_NO_MEMORY: the
 * graph is as before. */
bool graph_add(struct graph *g, const struct graph_edge *edge, struct err *err) MUST_CHECK;
/* Works the later edges into the dense form. The solvers do it when it pays. */
bool graph_pack(struct graph *g, struct err *err) MUST_CHECK;

bool graph_is_directed(const struct graph *g);
size_t graph_node_count(const struct graph *g);
size_t graph_edge_count(const struct graph *g);
/* By order of addition, index < graph_edge_count(). */
struct graph_edge graph_edge_at(const struct graph *g, size_t index);

#endif
