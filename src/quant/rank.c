#include "quant/rank.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "quant/graph_priv.h"

/* Dead ends jump like everybody else jumps, so instead of the ranks x we may solve
 *
 *     z = 1 + damping * P' z,    P' = transposed matrix of listening, rows of dead ends empty
 *
 * and get x = z / sum(z) (Gleich, PageRank beyond the web, SIAM Review 57, 2015, section 5.2): no
 * dense part, and a new node changes nothing for the others. With the residual
 * r = 1 + damping * P' z - z, sum |z - exact| <= sum |r| / (1 - damping), because P' moves at most
 * what it is given; and after division by S = sum(z) the ranks differ by at most twice that / S.
 *
 * Directed: Gauss-Seidel in its column form ("push"). A pass goes over the nodes and moves every
 * residual that matters into z, passing damping * r on to those the node listens to. It needs
 * outgoing arcs only, keeps r exact as it goes, and after an addition begins where r is not zero.
 *
 * Undirected: the matrix scaled by the roots of the strengths is symmetric and positive definite
 * with a condition number of at most (1 + damping) / (1 - damping), so conjugate gradients need a
 * third of the passes or fewer. */

enum { PASSES_MAX = 100000, RESTARTS_MAX = 50 };

struct rank {
    struct graph *g;
    struct rank_settings settings;
    size_t count, capacity; /* nodes known */
    size_t edges;           /* of the log, known */
    uint64_t pack_count;    /* of the graph, when the residual was last computed anew */
    double *z, *x;
    double *r;
    double *strengths;      /* directed: of the nodes, as r knows them */
    double *root, *inverse; /* undirected: root of the strength, and 1 / it (0 for a lone node) */
    double *p, *q, *y;      /* undirected: direction, its image, scratch */
    uint64_t work;
};

bool rank_create(struct rank **out, struct graph *g, struct rank_settings settings, struct err *err)
{
    *out = NULL;
    if (!(settings.damping > 0 && settings.damping < 1))
        return err_set(err, ERR_USAGE, "the damping is not between 0 and 1");
    if (!(settings.tolerance >= 1e-12 && settings.tolerance <= 1))
        return err_set(err, ERR_USAGE, "the tolerance is not between 1e-12 and 1");
    *out = mem_try_alloc(1, sizeof **out);
    if (!*out)
        return err_set(err, ERR_NO_MEMORY, "no memory for ranks");
    (*out)->g = g;
    (*out)->settings = settings;
    return true;
}

void rank_destroy(struct rank **out)
{
    struct rank *r = *out;

    if (!r)
        return;
    double *arrays[] = {r->z, r->x, r->r, r->strengths, r->root, r->inverse, r->p, r->q, r->y};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        mem_free(arrays[i]);
    mem_free(r);
    *out = NULL;
}

const double *rank_values(const struct rank *r)
{
    return r->x;
}

size_t rank_count(const struct rank *r)
{
    return r->count;
}

uint64_t rank_work(const struct rank *r)
{
    return r->work;
}

static bool grow(double **array, size_t capacity)
{
    double *grown = mem_try_realloc(*array, capacity, sizeof **array);

    if (grown)
        *array = grown;
    return grown != NULL;
}

/* Room for all nodes of the graph; new ones start as nodes nobody listens to. */
static bool take_nodes(struct rank *r, struct err *err)
{
    size_t count = r->g->node_count;
    bool is_directed = r->g->is_directed;

    if (count > r->capacity) {
        size_t capacity = r->g->node_capacity;
        bool ok = grow(&r->z, capacity) && grow(&r->x, capacity) && grow(&r->r, capacity);
        ok = ok && (is_directed ? grow(&r->strengths, capacity)
                                : grow(&r->root, capacity) && grow(&r->inverse, capacity) &&
                                      grow(&r->p, capacity) && grow(&r->q, capacity) &&
                                      grow(&r->y, capacity));
        if (!ok)
            return err_set(err, ERR_NO_MEMORY, "no memory for ranks");
        r->capacity = capacity;
    }
    for (size_t v = r->count; v < count; v++) {
        r->z[v] = 1;
        r->r[v] = 0;
        if (is_directed)
            r->strengths[v] = 0;
    }
    r->count = count;
    return true;
}

static double sum(const double *x, size_t count)
{
    double total = 0;

    for (size_t i = 0; i < count; i++)
        total += x[i];
    return total;
}

static double sum_abs(const double *x, size_t count)
{
    double total = 0;

    for (size_t i = 0; i < count; i++)
        total += fabs(x[i]);
    return total;
}

/* Residuals may add up to this. */
static double residual_allowed(const struct rank *r)
{
    return 0.5 * r->settings.tolerance * (1 - r->settings.damping) * sum(r->z, r->count);
}

/* ---- directed -------------------------------------------------------------------------------- */

/* Adds `amount` * weight to the residual of everybody whom v listens to. */
static void spread(struct rank *r, uint32_t v, double amount)
{
    const struct graph *g = r->g;
    double *restrict to = r->r;

    if (v < g->packed_nodes) {
        uint32_t from = g->first[v], end = g->first[v + 1];
        if (g->arc_weights)
            for (uint32_t a = from; a < end; a++)
                to[g->arcs[a]] += amount * g->arc_weights[a];
        else
            for (uint32_t a = from; a < end; a++)
                to[g->arcs[a]] += amount;
        r->work += end - from;
    }
    for (uint32_t at = g->loose_heads[v]; at != 0; at = g->loose_next[at - 1 - g->packed_edges]) {
        to[g->targets[at - 1]] += amount * graph_log_weight(g, at - 1);
        r->work++;
    }
}

/* r = 1 + damping * P' z - z from nothing: at first, and whenever the graph was packed, so that
 * rounding does not pile up over a long life. */
static void residual_anew(struct rank *r)
{
    const struct graph *g = r->g;

    for (size_t v = 0; v < r->count; v++)
        r->r[v] = 1 - r->z[v];
    for (size_t v = 0; v < r->count; v++) {
        r->strengths[v] = g->strengths[v];
        if (g->strengths[v] > 0)
            spread(r, (uint32_t)v, r->settings.damping * r->z[v] / g->strengths[v]);
    }
    r->pack_count = g->pack_count;
    r->edges = g->edge_count;
}

/* What the edges added since change: their sources now give each a smaller share. spread() reaches
 * the new targets too, so those are short of what they would have got by the old strength. */
static void residual_of_added(struct rank *r)
{
    const struct graph *g = r->g;
    double damping = r->settings.damping;

    for (size_t i = r->edges; i < g->edge_count; i++) {
        double before = r->strengths[g->sources[i]];
        if (before > 0)
            r->r[g->targets[i]] += damping * r->z[g->sources[i]] * graph_log_weight(g, i) / before;
    }
    for (size_t i = r->edges; i < g->edge_count; i++) {
        uint32_t v = g->sources[i];
        double before = r->strengths[v], now = g->strengths[v];
        if (before < now || before > now) { /* once for each source */
            double share = 1 / now - (before > 0 ? 1 / before : 0);
            spread(r, v, damping * r->z[v] * share);
            r->strengths[v] = now;
        }
    }
    r->edges = g->edge_count;
}

/* Residuals too small to matter even if all were like them stay where they are. */
static void push_all(struct rank *r)
{
    double allowed = residual_allowed(r), damping = r->settings.damping;
    double enough = 0.5 * allowed / (double)r->count;
    int passes = 0;

    while (sum_abs(r->r, r->count) > allowed) {
        ASSERT(passes++ < PASSES_MAX); /* each pass takes a share of at least 1 - damping */
        for (uint32_t v = 0; v < r->count; v++) {
            double amount = r->r[v];
            if (fabs(amount) <= enough)
                continue;
            r->z[v] += amount;
            r->r[v] = 0;
            if (r->strengths[v] > 0)
                spread(r, v, damping * amount / r->strengths[v]);
        }
        allowed = residual_allowed(r);
    }
}

static void update_directed(struct rank *r)
{
    if (r->pack_count != r->g->pack_count)
        residual_anew(r);
    else
        residual_of_added(r);
    push_all(r);
}

/* ---- undirected ------------------------------------------------------------------------------ */

/* Sum of y over the neighbours. Four partial sums, since an addition has to wait for the one
 * before. */
static double gather(const double *restrict y, const uint32_t *restrict arcs, size_t count)
{
    double s[4] = {0};
    size_t i = 0;

    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++)
            s[k] += y[arcs[i + k]];
    for (; i < count; i++)
        s[0] += y[arcs[i]];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

static double gather_weighted(const double *restrict y, const uint32_t *restrict arcs,
                              const double *restrict weights, size_t count)
{
    double s[4] = {0};
    size_t i = 0;

    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++)
            s[k] += weights[i + k] * y[arcs[i + k]];
    for (; i < count; i++)
        s[0] += weights[i] * y[arcs[i]];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

/* out = (I - damping * D^-1/2 A D^-1/2) in */
static void scaled_product(struct rank *r, const double *restrict in, double *restrict out)
{
    const struct graph *g = r->g;
    double *y = r->y;

    for (size_t v = 0; v < r->count; v++)
        y[v] = in[v] * r->inverse[v];
    for (size_t v = 0; v < r->count; v++)
        out[v] = 0;
    for (size_t v = 0; v < g->packed_nodes; v++) {
        uint32_t from = g->first[v];
        size_t count = g->first[v + 1] - from;
        out[v] = g->arc_weights ? gather_weighted(y, g->arcs + from, g->arc_weights + from, count)
                                : gather(y, g->arcs + from, count);
    }
    for (size_t i = g->packed_edges; i < g->edge_count; i++) {
        double weight = graph_log_weight(g, i);
        out[g->sources[i]] += weight * y[g->targets[i]];
        out[g->targets[i]] += weight * y[g->sources[i]];
    }
    for (size_t v = 0; v < r->count; v++)
        out[v] = in[v] - r->settings.damping * r->inverse[v] * out[v];
    r->work += 2 * g->edge_count;
}

/* Sum |residual| of the system as it stands, of which `scaled` is the residual divided by root. A
 * lone node has none: its z is 1. */
static double residual_sum(const struct rank *r, const double *scaled)
{
    double total = 0;

    for (size_t v = 0; v < r->count; v++)
        total += fabs(scaled[v]) * r->root[v];
    return total;
}

/* One run of conjugate gradients on s = z / root, until its own residual is small enough. */
static void gradients_run(struct rank *r, double *s, double square)
{
    double *p = r->p, *q = r->q, *res = r->r;
    int passes = 0;

    memcpy(p, res, r->count * sizeof *p);
    for (;;) {
        double along = 0, next = 0, left = 0, total = 0;
        ASSERT(passes++ < PASSES_MAX);
        scaled_product(r, p, q);
        for (size_t v = 0; v < r->count; v++)
            along += p[v] * q[v];
        if (!(along > 0))
            return; /* the residual is zero */
        double step = square / along;
        for (size_t v = 0; v < r->count; v++) {
            s[v] += step * p[v];
            res[v] -= step * q[v];
            next += res[v] * res[v];
            left += fabs(res[v]) * r->root[v];
            total += s[v] * r->root[v];
        }
        if (left <= 0.45 * r->settings.tolerance * (1 - r->settings.damping) * total)
            return;
        double turn = next / square;
        square = next;
        for (size_t v = 0; v < r->count; v++)
            p[v] = res[v] + turn * p[v];
    }
}

/* The true residual of s into r->r; returns its square. */
static double residual_true(struct rank *r, const double *s)
{
    double square = 0;

    scaled_product(r, s, r->q);
    for (size_t v = 0; v < r->count; v++) {
        r->r[v] = r->inverse[v] - r->q[v];
        if (!(r->inverse[v] > 0))
            r->r[v] = 0;
        square += r->r[v] * r->r[v];
    }
    return square;
}

/* Without jumps the rank would be the strength; that is where to start. */
static void begin_undirected(struct rank *r)
{
    double damping = r->settings.damping, total = sum(r->g->strengths, r->count);

    if (total > 0)
        for (size_t v = 0; v < r->count; v++)
            r->z[v] = 1 + damping / (1 - damping) * r->g->strengths[v] * (double)r->count / total;
}

static void update_undirected(struct rank *r)
{
    double *s = r->x; /* not needed before the end */

    for (size_t v = 0; v < r->count; v++) {
        double strength = r->g->strengths[v];
        r->root[v] = strength > 0 ? sqrt(strength) : 0;
        r->inverse[v] = strength > 0 ? 1 / r->root[v] : 0;
        r->z[v] = strength > 0 ? r->z[v] : 1;
        s[v] = r->z[v] * r->inverse[v];
    }
    /* What a run believes of its residual drifts from the truth by rounding: look, and go on. */
    for (int restarts = 0;; restarts++) {
        double square = residual_true(r, s);
        if (residual_sum(r, r->r) <= residual_allowed(r))
            break;
        ASSERT(restarts < RESTARTS_MAX);
        gradients_run(r, s, square);
        for (size_t v = 0; v < r->count; v++)
            r->z[v] = r->root[v] > 0 ? s[v] * r->root[v] : 1;
    }
    r->edges = r->g->edge_count;
    r->pack_count = r->g->pack_count;
}

/* ---- both ------------------------------------------------------------------------------------ */

bool rank_update(struct rank *r, struct err *err)
{
    bool is_first = r->count == 0;

    r->work = 0;
    if (!graph_pack_if_due(r->g, err) || !take_nodes(r, err))
        return false;
    if (r->count == 0)
        return true;
    if (is_first && !r->g->is_directed)
        begin_undirected(r);
    if (r->g->is_directed)
        update_directed(r);
    else
        update_undirected(r);
    double scale = 1 / sum(r->z, r->count);
    for (size_t v = 0; v < r->count; v++)
        r->x[v] = r->z[v] * scale;
    return true;
}
