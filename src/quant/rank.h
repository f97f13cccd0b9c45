/* rank.h - PageRank of a graph that may grow: who is listened to by those who are listened to.
 *
 * rank(v) = (1 - damping) / n + damping * (sum over listeners u of rank(u) * weight(u, v) /
 * strength(u) + share of those who listen to nobody, spread evenly): the random surfer of Brin and
 * Page (1998) with uniform jumps, also from dead ends. Ranks sum to 1.
 *
 * rank_update() computes them, and after edges or nodes were added brings them up to date from
 * where they were. Either way the ranks are within `tolerance` of the exact ones, as the sum of all
 * differences; the bound is proven from the residual, not guessed from the last step. README.md has
 * the method.
 *
 * Memory: a rank owns its arrays, 16 bytes a node (undirected 40), and borrows the graph, which it
 * may pack. Threads: one at a time per graph. Pure: same edges in the same order, same bits.
 */
#ifndef QUANT_RANK_H
#define QUANT_RANK_H

#include "quant/graph.h"

struct rank;

struct rank_settings {
    double damping;   /* 0 < damping < 1, usually 0.85 */
    double tolerance; /* 1e-12 to 1, usually 1e-10: the sum of |rank - exact| is at most this */
};

/* The usual ones. */
#define RANK_SETTINGS ((struct rank_settings){.damping = 0.85, .tolerance = 1e-10})

/* ERR_USAGE: settings out of range. */
bool rank_create(struct rank **out, struct graph *g, struct rank_settings settings,
                 struct err *err) MUST_CHECK;
void rank_destroy(struct rank **r); /* NULL-safe */

bool rank_update(struct rank *r, struct err *err) MUST_CHECK;

/* Of the nodes there were at the last update. They die at the next one. */
const double *rank_values(const struct rank *r);
size_t rank_count(const struct rank *r);
/* Arcs the last update walked, for tests of cost. */
uint64_t rank_work(const struct rank *r);

#endif
