/* community.h - communities of a graph: groups that listen among themselves more than chance.
 *
 * The Leiden algorithm (Traag, Waltman, van Eck: From Louvain to Leiden, Scientific Reports 9,
 * 2019) on modularity (Newman and Girvan 2004, with the resolution of Reichardt and Bornholdt
 * 2006):
 *
 *     Q = 1/2m * sum over pairs (weight(u, v) - resolution * strength(u) strength(v) / 2m)
 *
 * over pairs of one community. Direction is ignored: an edge each way counts as two. Every
 * community is connected. Departures: nodes are visited in an order drawn from a fixed seed, and
 * the refinement takes the best of the admissible moves instead of drawing one; the same graph
 * gives the same bits on every machine.
 *
 * Memory: about 100 bytes a node and 28 (with weights 44) an edge while it runs. Threads: any, as
 * long as nobody changes the graph. Pure.
 */
#ifndef QUANT_COMMUNITY_H
#define QUANT_COMMUNITY_H

#include "quant/graph.h"

struct community_settings {
    double resolution; /* above 0; 1 is usual, more gives smaller communities */
    int rounds;        /* 1 or more: each starts from the communities of the one before */
};

/* One round: further ones gain about a thousandth (README.md). */
#define COMMUNITY_SETTINGS ((struct community_settings){.resolution = 1, .rounds = 1})

struct community_result {
    uint32_t count;    /* of communities */
    double modularity; /* Q; 0 for a graph without edges */
};

/* of[v], for graph_node_count() nodes: the community of v, 0 the one with most nodes and so on,
 * equals in the order of their first node. ERR_USAGE: settings; ERR_NO_MEMORY. */
bool community_find(const struct graph *g, struct community_settings settings, uint32_t *of,
                    struct community_result *result, struct err *err) MUST_CHECK;

/* Q of any division. */
bool community_modularity(const struct graph *g, double resolution, const uint32_t *of,
                          uint32_t count, double *out, struct err *err) MUST_CHECK;

#endif
