#include "quant/community.h"

#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "quant/graph_priv.h"

/* One round, level by level:
 *
 *   move       nodes go to the neighbouring community that gains most, until none wants to
 *   refine     each community is taken apart and put together again from single nodes, so that
 *              what hangs together badly falls into parts
 *   aggregate  the parts are the nodes of the next level, which starts from the communities
 *
 * until every community is one node. Behind the last round the nodes of the graph move once more.
 * Gains are in units of weight: joining C gains
 * weight(v, C) - resolution * strength(v) strength(C) / 2m. */

#define NO_COMMUNITY UINT32_MAX
#define GAIN_LEAST   1e-10 /* of the node's strength: below is rounding, not a gain */

#define ORDER_SEED UINT64_C(1)

enum {
    VISITS_MAX = 1000, /* per node and level: only rounding could ask for more */
    LEVELS_MAX = 200   /* each has fewer nodes than the one before */
};

/* A graph with both directions of every edge. */
struct level {
    uint32_t count;
    uint32_t *first, *arcs;
    double *weights; /* NULL: all 1 */
    double *strengths;
    bool is_borrowed; /* from the packed graph */
};

struct work {
    struct community_settings settings;
    double scale;        /* resolution / 2m */
    uint32_t node_count; /* of the graph */
    struct level level;
    uint32_t *of;   /* community of each node of the level */
    uint32_t *part; /* refined community */
    uint32_t *home; /* node of the level that stands for a node of the graph */
    double *totals; /* strength of each community */
    double *part_totals;
    double *outward;   /* weight of a part to the rest of its community */
    double *weight_to; /* of the node at hand, by community; 0 but while it is visited */
    uint32_t *touched;
    uint32_t touched_count;
    uint32_t *queue, *order, *sizes;
    unsigned char *marks;
    uint64_t draws; /* how often an order was drawn */
};

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_NO_MEMORY, "no memory for communities");
}

static inline double arc_weight(const struct level *l, uint32_t arc)
{
    return l->weights ? l->weights[arc] : 1.0;
}

/* ---- levels ---------------------------------------------------------------------------------- */

static void level_deinit(struct level *l)
{
    if (!l->is_borrowed) {
        mem_free(l->first);
        mem_free(l->arcs);
        mem_free(l->weights);
    }
    mem_free(l->strengths);
    *l = (struct level){0};
}

static bool level_alloc(struct level *l, uint32_t count, size_t arcs, bool has_weights,
                        struct err *err)
{
    *l = (struct level){.count = count,
                        .first = mem_try_alloc((size_t)count + 2, sizeof *l->first),
                        .arcs = mem_try_alloc(arcs + 1, sizeof *l->arcs),
                        .strengths = mem_try_alloc((size_t)count + 1, sizeof *l->strengths)};
    if (has_weights)
        l->weights = mem_try_alloc(arcs + 1, sizeof *l->weights);
    if (l->first && l->arcs && l->strengths && (l->weights || !has_weights))
        return true;
    level_deinit(l);
    return no_memory(err);
}

static void put_arc(struct level *l, uint32_t from, uint32_t to, double weight)
{
    uint32_t at = l->first[from + 1]++;

    l->arcs[at] = to;
    if (l->weights)
        l->weights[at] = weight;
}

/* Counting sort of the log by both ends; while it is filled, first[v + 1] is where v's next arc
 * goes. */
static void level_fill(struct level *l, const struct graph *g)
{
    for (size_t i = 0; i < g->edge_count; i++) {
        l->first[g->sources[i] + 2]++;
        l->first[g->targets[i] + 2]++;
    }
    for (size_t v = 2; v <= l->count; v++)
        l->first[v] += l->first[v - 1];
    for (size_t i = 0; i < g->edge_count; i++) {
        double weight = graph_log_weight(g, i);
        put_arc(l, g->sources[i], g->targets[i], weight);
        put_arc(l, g->targets[i], g->sources[i], weight);
    }
}

static bool level_of_graph(struct level *l, const struct graph *g, struct err *err)
{
    bool is_packed = !g->is_directed && g->pack_count > 0 && g->packed_edges == g->edge_count &&
                     g->packed_nodes == g->node_count;

    if (is_packed) {
        *l = (struct level){.count = (uint32_t)g->node_count,
                            .first = g->first,
                            .arcs = g->arcs,
                            .weights = g->arc_weights,
                            .strengths = mem_try_alloc(g->node_count + 1, sizeof *l->strengths),
                            .is_borrowed = true};
        if (!l->strengths)
            return no_memory(err);
    } else {
        if (!level_alloc(l, (uint32_t)g->node_count, 2 * g->edge_count, g->weights != NULL, err))
            return false;
        level_fill(l, g);
    }
    for (uint32_t v = 0; v < l->count; v++)
        for (uint32_t a = l->first[v]; a < l->first[v + 1]; a++)
            l->strengths[v] += arc_weight(l, a);
    return true;
}

/* ---- the node at hand ------------------------------------------------------------------------ */

/* The innermost loop: its arrays are handed in one by one, so that the compiler can keep them in
 * registers, and a label is noted as touched without a branch that nobody could predict. Returns
 * how many labels are touched. */
static inline uint32_t weigh(const uint32_t *restrict arcs, const double *restrict weights,
                             uint32_t count, uint32_t self, const uint32_t *restrict labels,
                             double *restrict weight_to, uint32_t *restrict touched, uint32_t n)
{
    for (uint32_t a = 0; a < count; a++) {
        uint32_t label = labels[arcs[a]];
        if (arcs[a] == self)
            continue;
        double before = weight_to[label];
        touched[n] = label;
        n += before <= 0;
        weight_to[label] = before + (weights ? weights[a] : 1.0);
    }
    return n;
}

/* Adds to weight_to[label of neighbour] for the neighbours of v; labels found are in touched. */
static inline void weigh_neighbours(struct work *w, uint32_t v, const uint32_t *labels)
{
    const struct level *l = &w->level;
    uint32_t from = l->first[v], count = l->first[v + 1] - from;

    w->touched_count = l->weights ? weigh(l->arcs + from, l->weights + from, count, v, labels,
                                          w->weight_to, w->touched, w->touched_count)
                                  : weigh(l->arcs + from, NULL, count, v, labels, w->weight_to,
                                          w->touched, w->touched_count);
}

static void forget_neighbours(struct work *w)
{
    for (uint32_t i = 0; i < w->touched_count; i++)
        w->weight_to[w->touched[i]] = 0;
    w->touched_count = 0;
}

/* ---- moving ---------------------------------------------------------------------------------- */

struct move_state {
    uint32_t head, waiting; /* of the ring of nodes that may want to move */
    uint32_t empty_count;
    uint32_t *empty; /* communities without nodes */
};

/* The community that v, taken out of its own, had best join. */
static uint32_t best_community(struct work *w, uint32_t v, const struct move_state *m)
{
    uint32_t own = w->of[v], best = own;
    double strength = w->level.strengths[v], share = w->scale * strength;
    double least = GAIN_LEAST * strength;
    double gain = w->weight_to[own] - share * w->totals[own];

    for (uint32_t i = 0; i < w->touched_count; i++) {
        uint32_t c = w->touched[i];
        double other = w->weight_to[c] - share * w->totals[c];
        if (other > gain + least) {
            gain = other;
            best = c;
        }
    }
    return gain < -least && m->empty_count > 0 ? m->empty[m->empty_count - 1] : best;
}

static void enqueue_neighbours(struct work *w, uint32_t v, struct move_state *m)
{
    const struct level *l = &w->level;
    const uint32_t *restrict of = w->of;
    unsigned char *restrict marks = w->marks;
    uint32_t *restrict queue = w->queue;

    for (uint32_t a = l->first[v]; a < l->first[v + 1]; a++) {
        uint32_t u = l->arcs[a];
        if (marks[u] || of[u] == of[v])
            continue;
        marks[u] = 1;
        uint32_t at = m->head + m->waiting++;
        queue[at >= l->count ? at - l->count : at] = u;
    }
}

static void visit(struct work *w, uint32_t v, struct move_state *m)
{
    double strength = w->level.strengths[v];
    uint32_t own = w->of[v];

    weigh_neighbours(w, v, w->of);
    w->totals[own] -= strength;
    if (--w->sizes[own] == 0)
        m->empty[m->empty_count++] = own;
    uint32_t best = best_community(w, v, m);
    forget_neighbours(w);
    if (w->sizes[best]++ == 0) {
        /* It is the newest empty one: its own, or the one best_community() names. */
        ASSERT(m->empty[m->empty_count - 1] == best);
        m->empty_count--;
        w->totals[best] = 0; /* what rounding left */
    }
    w->totals[best] += strength;
    w->of[v] = best;
    if (best != own)
        enqueue_neighbours(w, v, m);
}

/* Fills the queue with all nodes in a drawn order: in their own one, neighbours often stand side by
 * side and pull the first communities together by accident. */
static void draw_order(struct work *w)
{
    uint32_t count = w->level.count;
    struct random r = {.seed = ORDER_SEED, .stream = w->draws++};

    for (uint32_t v = 0; v < count; v++)
        w->queue[v] = v;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = (uint32_t)random_below(&r, i), swap = w->queue[i - 1];
        w->queue[i - 1] = w->queue[j];
        w->queue[j] = swap;
    }
}

static void move_nodes(struct work *w)
{
    uint32_t count = w->level.count;
    struct move_state m = {.waiting = count, .empty = w->order};
    uint64_t visits = (uint64_t)count * VISITS_MAX;

    for (uint32_t c = 0; c < count; c++) {
        w->totals[c] = 0;
        w->sizes[c] = 0;
        w->marks[c] = 1;
    }
    for (uint32_t v = 0; v < count; v++) {
        w->totals[w->of[v]] += w->level.strengths[v];
        w->sizes[w->of[v]]++;
    }
    for (uint32_t c = 0; c < count; c++)
        if (w->sizes[c] == 0)
            m.empty[m.empty_count++] = c;
    draw_order(w);
    while (m.waiting > 0 && visits-- > 0) {
        uint32_t v = w->queue[m.head];
        m.head = m.head + 1 == count ? 0 : m.head + 1;
        m.waiting--;
        w->marks[v] = 0;
        visit(w, v, &m);
    }
}

/* ---- refinement ------------------------------------------------------------------------------ */

/* Weight of v to the others of its community. */
static double weight_inside(const struct level *l, uint32_t v, const uint32_t *restrict of)
{
    const uint32_t *restrict arcs = l->arcs + l->first[v];
    const double *restrict weights = l->weights ? l->weights + l->first[v] : NULL;
    uint32_t count = l->first[v + 1] - l->first[v], own = of[v];
    double inside = 0;

    for (uint32_t a = 0; a < count; a++)
        inside += (arcs[a] != v && of[arcs[a]] == own) ? (weights ? weights[a] : 1.0) : 0.0;
    return inside;
}

static void parts_init(struct work *w)
{
    for (uint32_t v = 0; v < w->level.count; v++) {
        w->part[v] = v;
        w->sizes[v] = 1;
        w->part_totals[v] = w->level.strengths[v];
        w->outward[v] = weight_inside(&w->level, v, w->of);
    }
}

/* A part is tied to the rest of its community by at least what chance would give. */
static bool is_well_tied(const struct work *w, uint32_t part, uint32_t community)
{
    double strength = w->part_totals[part];
    double expected = w->scale * strength * (w->totals[community] - strength);

    return w->outward[part] >= expected - GAIN_LEAST * strength;
}

static void join_part(struct work *w, uint32_t v, uint32_t part)
{
    w->outward[part] += w->outward[v] - 2 * w->weight_to[part];
    w->part_totals[part] += w->part_totals[v];
    w->sizes[part]++;
    w->sizes[v] = 0;
    w->part[v] = part;
}

/* As weigh_neighbours(), for the parts inside the community of v. */
static void weigh_parts(struct work *w, uint32_t v)
{
    const struct level *l = &w->level;
    const uint32_t *restrict of = w->of, *restrict parts = w->part;
    const uint32_t *restrict arcs = l->arcs + l->first[v];
    const double *restrict weights = l->weights ? l->weights + l->first[v] : NULL;
    double *restrict weight_to = w->weight_to;
    uint32_t count = l->first[v + 1] - l->first[v], own = of[v], n = w->touched_count;

    for (uint32_t a = 0; a < count; a++) {
        if (of[arcs[a]] != own || arcs[a] == v)
            continue;
        uint32_t part = parts[arcs[a]];
        double before = weight_to[part];
        w->touched[n] = part;
        n += before <= 0;
        weight_to[part] = before + (weights ? weights[a] : 1.0);
    }
    w->touched_count = n;
}

static void refine_node(struct work *w, uint32_t v)
{
    uint32_t community = w->of[v], best = NO_COMMUNITY;
    double strength = w->level.strengths[v], gain = GAIN_LEAST * strength;

    if (w->sizes[v] != 1 || w->part[v] != v || !is_well_tied(w, v, community))
        return;
    weigh_parts(w, v);
    for (uint32_t i = 0; i < w->touched_count; i++) {
        uint32_t part = w->touched[i];
        double other = w->weight_to[part] - w->scale * strength * w->part_totals[part];
        if (other > gain && is_well_tied(w, part, community)) {
            gain = other;
            best = part;
        }
    }
    if (best != NO_COMMUNITY)
        join_part(w, v, best);
    forget_neighbours(w);
}

/* Parts of all communities, numbered from 0 in the order of their first node; returns how many.
 * Needs the totals of move_nodes(). */
static uint32_t refine(struct work *w)
{
    uint32_t count = 0, *number = w->queue;

    parts_init(w);
    for (uint32_t v = 0; v < w->level.count; v++)
        refine_node(w, v);
    for (uint32_t v = 0; v < w->level.count; v++)
        number[v] = NO_COMMUNITY;
    for (uint32_t v = 0; v < w->level.count; v++) {
        uint32_t *n = &number[w->part[v]];
        if (*n == NO_COMMUNITY)
            *n = count++;
        w->part[v] = *n;
    }
    return count;
}

/* ---- aggregation ----------------------------------------------------------------------------- */

/* Nodes of the level in the order of their part into w->order; starts[part] is where they begin. */
static void order_by_part(struct work *w, uint32_t parts, uint32_t *starts)
{
    memset(starts, 0, ((size_t)parts + 2) * sizeof *starts);
    for (uint32_t v = 0; v < w->level.count; v++)
        starts[w->part[v] + 2]++;
    for (uint32_t p = 2; p <= parts; p++)
        starts[p] += starts[p - 1];
    for (uint32_t v = 0; v < w->level.count; v++)
        w->order[starts[w->part[v] + 1]++] = v;
}

/* The arcs and strength of the next level's node `part`. */
static void aggregate_part(struct work *w, struct level *next, uint32_t part,
                           const uint32_t *starts)
{
    for (uint32_t i = starts[part]; i < starts[part + 1]; i++) {
        weigh_neighbours(w, w->order[i], w->part);
        next->strengths[part] += w->level.strengths[w->order[i]];
    }
    for (uint32_t i = 0; i < w->touched_count; i++) {
        uint32_t other = w->touched[i];
        if (other == part)
            continue;
        next->arcs[next->first[part + 1]] = other;
        next->weights[next->first[part + 1]++] = w->weight_to[other];
    }
    forget_neighbours(w);
}

static bool aggregate(struct work *w, uint32_t parts, struct err *err)
{
    struct level next;
    uint32_t *starts = w->queue; /* parts + 2 fit: node_count + 2 were taken */

    if (!level_alloc(&next, parts, w->level.first[w->level.count], true, err))
        return false;
    order_by_part(w, parts, starts);
    for (uint32_t part = 0; part < parts; part++) {
        next.first[part + 1] = next.first[part];
        aggregate_part(w, &next, part, starts);
    }
    /* A part starts in the community of its nodes, which is named after one of the parts. */
    uint32_t *named = w->sizes, *of_part = w->touched;
    for (uint32_t c = 0; c < w->level.count; c++)
        named[c] = NO_COMMUNITY;
    for (uint32_t part = 0; part < parts; part++) {
        uint32_t c = w->of[w->order[starts[part]]];
        if (named[c] == NO_COMMUNITY)
            named[c] = part;
        of_part[part] = named[c];
    }
    memcpy(w->of, of_part, parts * sizeof *of_part);
    for (uint32_t v = 0; v < w->node_count; v++)
        w->home[v] = w->part[w->home[v]];
    level_deinit(&w->level);
    w->level = next;
    return true;
}

static bool is_all_single(const struct work *w)
{
    for (uint32_t c = 0; c < w->level.count; c++)
        if (w->sizes[c] > 1)
            return false;
    return true;
}

/* From the communities in `of`, of the graph's nodes, to better ones. */
static bool run_round(struct work *w, const struct graph *g, uint32_t *of, struct err *err)
{
    if (!level_of_graph(&w->level, g, err))
        return false;
    for (uint32_t v = 0; v < w->node_count; v++) {
        w->of[v] = of[v];
        w->home[v] = v;
    }
    for (int i = 0; i < LEVELS_MAX; i++) {
        move_nodes(w);
        if (is_all_single(w))
            break;
        uint32_t parts = refine(w);
        if (parts == w->level.count)
            break;
        if (!aggregate(w, parts, err))
            return false;
    }
    for (uint32_t v = 0; v < w->node_count; v++)
        of[v] = w->of[w->home[v]];
    level_deinit(&w->level);
    return true;
}

/* Lets the nodes of the graph move once more: cheap, since few want to, and worth a third of what
 * another round would bring. */
static bool polish(struct work *w, const struct graph *g, uint32_t *of, struct err *err)
{
    if (!level_of_graph(&w->level, g, err))
        return false;
    memcpy(w->of, of, w->node_count * sizeof *of);
    move_nodes(w);
    memcpy(of, w->of, w->node_count * sizeof *of);
    level_deinit(&w->level);
    return true;
}

/* ---- the result ------------------------------------------------------------------------------ */

/* Takes communities apart that do not hang together: moving can leave such, and apart they are
 * worth more. Labels become those of a first node. */
static bool split_loose(struct work *w, const struct graph *g, uint32_t *of, struct err *err)
{
    if (!level_of_graph(&w->level, g, err))
        return false;
    const struct level *l = &w->level;
    memset(w->marks, 0, w->node_count);
    for (uint32_t root = 0; root < w->node_count; root++) {
        uint32_t from = 0, to = 0;
        if (w->marks[root])
            continue;
        w->marks[root] = 1;
        w->queue[to++] = root;
        while (from < to) {
            uint32_t v = w->queue[from++];
            w->part[v] = root;
            for (uint32_t a = l->first[v]; a < l->first[v + 1]; a++) {
                uint32_t u = l->arcs[a];
                if (!w->marks[u] && of[u] == of[root]) {
                    w->marks[u] = 1;
                    w->queue[to++] = u;
                }
            }
        }
    }
    memcpy(of, w->part, w->node_count * sizeof *of);
    level_deinit(&w->level);
    return true;
}

/* Numbers 0, 1, ... by falling size, equals by first node. Counting sort by size; the label of a
 * community is its first node, so going over the nodes upwards keeps the order of equals. */
static uint32_t number_by_size(struct work *w, uint32_t *of)
{
    uint32_t n = w->node_count, count = 0, *starts = w->queue, *number = w->order;

    memset(w->sizes, 0, n * sizeof *w->sizes);
    memset(starts, 0, ((size_t)n + 2) * sizeof *starts);
    for (uint32_t v = 0; v < n; v++)
        w->sizes[of[v]]++;
    for (uint32_t v = 0; v < n; v++)
        if (w->sizes[v] > 0) {
            starts[n - w->sizes[v] + 1]++; /* largest first */
            count++;
        }
    for (uint32_t i = 1; i <= n; i++)
        starts[i] += starts[i - 1];
    for (uint32_t v = 0; v < n; v++)
        if (w->sizes[v] > 0)
            number[v] = starts[n - w->sizes[v]]++;
    for (uint32_t v = 0; v < n; v++)
        of[v] = number[of[v]];
    return count;
}

static bool work_init(struct work *w, const struct graph *g, struct community_settings settings,
                      struct err *err)
{
    size_t n = g->node_count;
    double total = 0;

    for (size_t i = 0; i < g->edge_count; i++)
        total += 2 * graph_log_weight(g, i);
    *w = (struct work){.settings = settings,
                       .node_count = (uint32_t)n,
                       .scale = total > 0 ? settings.resolution / total : 0};
    uint32_t **numbers[] = {&w->of,    &w->part,  &w->home, &w->touched,
                            &w->queue, &w->order, &w->sizes};
    double **reals[] = {&w->totals, &w->part_totals, &w->outward, &w->weight_to};
    bool ok = (w->marks = mem_try_alloc(n + 2, 1)) != NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok = ok && (*numbers[i] = mem_try_alloc(n + 2, sizeof **numbers[i])) != NULL;
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        ok = ok && (*reals[i] = mem_try_alloc(n + 2, sizeof **reals[i])) != NULL;
    return ok || no_memory(err);
}

static void work_deinit(struct work *w)
{
    uint32_t *numbers[] = {w->of, w->part, w->home, w->touched, w->queue, w->order, w->sizes};
    double *reals[] = {w->totals, w->part_totals, w->outward, w->weight_to};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        mem_free(numbers[i]);
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        mem_free(reals[i]);
    mem_free(w->marks);
    level_deinit(&w->level);
}

bool community_find(const struct graph *g, struct community_settings settings, uint32_t *of,
                    struct community_result *result, struct err *err)
{
    struct work w;

    if (!(settings.resolution > 0 && settings.resolution <= 1e6) || settings.rounds < 1)
        return err_set(err, ERR_USAGE, "communities need a resolution above 0 and a round");
    bool ok = work_init(&w, g, settings, err);
    for (uint32_t v = 0; v < g->node_count; v++)
        of[v] = v;
    for (int round = 0; ok && round < settings.rounds; round++)
        ok = run_round(&w, g, of, err);
    ok = ok && polish(&w, g, of, err) && split_loose(&w, g, of, err);
    if (ok) {
        result->count = number_by_size(&w, of);
        ok = community_modularity(g, settings.resolution, of, result->count, &result->modularity,
                                  err);
    }
    work_deinit(&w);
    return ok;
}

bool community_modularity(const struct graph *g, double resolution, const uint32_t *of,
                          uint32_t count, double *out, struct err *err)
{
    double *totals = mem_try_alloc((size_t)count + 1, sizeof *totals);
    double inside = 0, all = 0, expected = 0;

    if (!totals)
        return no_memory(err);
    for (size_t i = 0; i < g->edge_count; i++) {
        uint32_t a = of[g->sources[i]], b = of[g->targets[i]];
        double weight = graph_log_weight(g, i);
        totals[a] += weight;
        totals[b] += weight;
        all += 2 * weight;
        inside += a == b ? 2 * weight : 0;
    }
    for (uint32_t c = 0; all > 0 && c < count; c++)
        expected += totals[c] / all * (totals[c] / all);
    *out = all > 0 ? inside / all - resolution * expected : 0;
    mem_free(totals);
    return true;
}
