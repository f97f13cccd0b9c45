/* bench_influence.c - how long from a file of edges to ranks and communities, and after 1,000 new
 * edges to ranks again?
 *
 * Paired with igraph (PRPACK, Leiden with its default of two iterations), one thread each, the two
 * taking turns. Times are processor time, so that other work on the machine widens the spread and
 * not the difference. igraph reads its own fastest format, numbers separated by blanks without a
 * heading; ours reads the CSV file of the command. Fails when ranks differ by more than 1e-9 or our
 * communities have less modularity than igraph's, allowing 0.005.
 *
 *     build/bench/bench_influence [--quick]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/vec.h"
#include "cli/edge_file.h"
#include "os/file.h"
#include "os/reader.h"
#include "quant/community.h"
#include "quant/rank.h"
#include "row.h"

#ifdef BENCH_IGRAPH
#include <igraph.h>
#define PEER "igraph " IGRAPH_VERSION
#else
#define PEER "igraph"
#endif

enum { RUNS_MAX = 15, NEW_EDGES = 1000 };

static struct arena arena;
static struct err err;
static int runs = RUNS_MAX;
static bool is_failed;

static void must(bool ok)
{
    if (ok)
        return;
    fprintf(stderr, "bench_influence: %s\n", err.msg);
    exit(1);
}

static double cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

struct times {
    double ms[RUNS_MAX];
    int count;
};

static void take(struct times *t, double started)
{
    t->ms[t->count++] = cpu_ms() - started;
}

static int ms_cmp(const void *a, const void *b)
{
    double x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static double median(struct times *t)
{
    qsort(t->ms, (size_t)t->count, sizeof *t->ms, ms_cmp);
    return t->ms[t->count / 2];
}

static void print_row(const char *name, struct times *ours, struct times *peer, const char *bar)
{
    double a = median(ours);

    printf("%-44s %8.1f (%.1f-%.1f)", name, a, ours->ms[0], ours->ms[ours->count - 1]);
    if (peer->count > 0) {
        double b = median(peer);
        printf("  %8.1f (%.1f-%.1f)  %5.1f x", b, peer->ms[0], peer->ms[peer->count - 1], b / a);
    }
    printf("  %s\n", bar);
}

static void put_row(const char *name, bool is_directed, struct times *ours, struct times *peer,
                    double bar, double reach)
{
    char work[80];
    double a = median(ours), b = peer->count > 0 ? median(peer) : 0;

    snprintf(work, sizeof work, "influence, %s, %s", name, is_directed ? "directed" : "undirected");
    bench_row_put(&(struct bench_row){.work = work,
                                      .unit = "ms",
                                      .ours = a,
                                      .spread = (ours->ms[ours->count - 1] - ours->ms[0]) / a,
                                      .peer = PEER,
                                      .peer_figure = b,
                                      .peer_spread =
                                          b > 0 ? (peer->ms[peer->count - 1] - peer->ms[0]) / b : 0,
                                      .less_is_better = true,
                                      .bar = {bar > 0 ? BENCH_TIMES_PEER : BENCH_NONE, bar},
                                      .reach = {reach > 0 ? BENCH_TIMES_PEER : BENCH_NONE, reach}});
}

/* ---- ours ------------------------------------------------------------------------------------ */

struct ours {
    struct edge_file file;
    struct rank *rank;
    uint32_t *communities;
    struct community_result found;
};

struct row_times {
    struct times file, ranks, added, communities, whole;
};

static void ours_begin(struct ours *o, Str path, bool is_directed, struct row_times *t)
{
    double started = cpu_ms(), whole = started;

    must(edge_file_read(&o->file, path, is_directed, &err));
    must(rank_create(&o->rank, o->file.graph, RANK_SETTINGS, &err));
    double ranking = cpu_ms();
    must(rank_update(o->rank, &err));
    take(&t->ranks, ranking);
    take(&t->file, started);
    o->communities = mem_alloc(graph_node_count(o->file.graph) + 1, sizeof *o->communities);
    started = cpu_ms();
    must(community_find(o->file.graph, COMMUNITY_SETTINGS, o->communities, &o->found, &err));
    take(&t->communities, started);
    take(&t->whole, whole);
}

static void ours_end(struct ours *o)
{
    rank_destroy(&o->rank);
    mem_free(o->communities);
    edge_file_deinit(&o->file);
}

/* Between numbers drawn evenly: the worst case for what changes. */
static struct graph_edge new_edge(struct random *r, size_t nodes)
{
    return (struct graph_edge){(uint32_t)random_below(r, nodes), (uint32_t)random_below(r, nodes),
                               1};
}

static void ours_add(struct ours *o, uint64_t seed, struct times *t)
{
    struct random r = {.seed = seed};
    size_t nodes = graph_node_count(o->file.graph);
    uint32_t *node_of = mem_alloc(nodes, sizeof *node_of); /* by the number that is its name */
    struct graph_edge edges[NEW_EDGES];

    for (uint32_t v = 0; v < nodes; v++) {
        uint64_t id;
        if (!str_to_u64(edge_file_name(&o->file, v), &id) || id >= nodes)
            exit(1);
        node_of[id] = v;
    }
    for (int i = 0; i < NEW_EDGES; i++) {
        edges[i] = new_edge(&r, nodes);
        edges[i].source = node_of[edges[i].source];
        edges[i].target = node_of[edges[i].target];
    }
    mem_free(node_of);
    double started = cpu_ms();
    for (int i = 0; i < NEW_EDGES; i++)
        must(graph_add(o->file.graph, &edges[i], &err));
    must(rank_update(o->rank, &err));
    take(t, started);
}

/* ---- igraph ---------------------------------------------------------------------------------- */

#ifdef BENCH_IGRAPH

struct peer {
    igraph_t graph;
    igraph_vector_t ranks, degrees;
    igraph_vector_int_t communities;
    double modularity;
};

static void peer_ranks(struct peer *p, bool is_directed)
{
    igraph_real_t value;

    igraph_pagerank(&p->graph, IGRAPH_PAGERANK_ALGO_PRPACK, &p->ranks, &value, igraph_vss_all(),
                    is_directed, 0.85, NULL, NULL);
}

/* Leiden of igraph knows undirected graphs only. */
static void peer_communities(struct peer *p, bool is_directed)
{
    igraph_t copy;
    igraph_integer_t count;
    igraph_real_t quality;
    const igraph_t *g = &p->graph;

    if (is_directed) {
        igraph_copy(&copy, &p->graph);
        igraph_to_undirected(&copy, IGRAPH_TO_UNDIRECTED_EACH, NULL);
        g = &copy;
    }
    igraph_rng_seed(igraph_rng_default(), 42);
    igraph_strength(g, &p->degrees, igraph_vss_all(), IGRAPH_ALL, 1, NULL);
    igraph_community_leiden(g, NULL, &p->degrees, 1.0 / (2.0 * (double)igraph_ecount(g)), 0.01, 0,
                            2, &p->communities, &count, &quality);
    igraph_modularity(g, &p->communities, NULL, 1, 0, &p->modularity);
    if (is_directed)
        igraph_destroy(&copy);
}

static void peer_begin(struct peer *p, const char *path, bool is_directed, struct row_times *t)
{
    double started = cpu_ms(), whole = started;
    FILE *file = fopen(path, "r");

    if (!file || igraph_read_graph_edgelist(&p->graph, file, 0, is_directed) != IGRAPH_SUCCESS)
        exit(1);
    fclose(file);
    igraph_vector_init(&p->ranks, 0);
    igraph_vector_init(&p->degrees, 0);
    igraph_vector_int_init(&p->communities, 0);
    double ranking = cpu_ms();
    peer_ranks(p, is_directed);
    take(&t->ranks, ranking);
    take(&t->file, started);
    started = cpu_ms();
    peer_communities(p, is_directed);
    take(&t->communities, started);
    take(&t->whole, whole);
}

static void peer_add(struct peer *p, bool is_directed, uint64_t seed, struct times *t)
{
    struct random r = {.seed = seed};
    size_t nodes = (size_t)igraph_vcount(&p->graph);
    igraph_vector_int_t pairs;

    igraph_vector_int_init(&pairs, 2 * NEW_EDGES);
    for (int i = 0; i < NEW_EDGES; i++) {
        struct graph_edge edge = new_edge(&r, nodes);
        VECTOR(pairs)[2 * i] = edge.source;
        VECTOR(pairs)[2 * i + 1] = edge.target;
    }
    double started = cpu_ms();
    igraph_add_edges(&p->graph, &pairs, NULL);
    peer_ranks(p, is_directed);
    take(t, started);
    igraph_vector_int_destroy(&pairs);
}

static void peer_end(struct peer *p)
{
    igraph_destroy(&p->graph);
    igraph_vector_destroy(&p->ranks);
    igraph_vector_destroy(&p->degrees);
    igraph_vector_int_destroy(&p->communities);
}

/* Names are numbers in both files, so a name tells igraph's node. */
static double rank_difference(const struct ours *o, const struct peer *p)
{
    double most = 0;

    for (size_t v = 0; v < rank_count(o->rank); v++) {
        uint64_t id = 0;
        if (!str_to_u64(edge_file_name(&o->file, v), &id))
            continue;
        most = fmax(most, fabs(rank_values(o->rank)[v] - VECTOR(p->ranks)[id]));
    }
    return most;
}

static void compare(const struct ours *o, const struct peer *p, double *most)
{
    *most = fmax(*most, rank_difference(o, p));
    if (*most > 1e-9 || o->found.modularity < p->modularity - 0.005)
        is_failed = true;
}

#endif

/* ---- the table ------------------------------------------------------------------------------- */

/* The edges without heading and commas, for igraph. Names that do not begin at 0 or leave numbers
 * out would give igraph further nodes: the given files have neither. */
static const char *write_pairs(Str path)
{
    static char name[] = "/tmp/trimtab-bench-XXXXXX";
    struct os_reader *r;
    Str line;
    bool has_line;
    int fd = mkstemp(name);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (!out)
        exit(1);
    must(os_reader_open(&r, path, &err) && os_reader_line(r, &line, &has_line, &err));
    while (os_reader_line(r, &line, &has_line, &err) && has_line) {
        size_t comma = str_find_byte(line, ',');
        fprintf(out, STR_F " " STR_F "\n", STR_A(str_sub(line, 0, comma)),
                STR_A(str_sub(line, comma + 1, line.len)));
    }
    os_reader_close(&r);
    fclose(out);
    return name;
}

/* gzip is not igraph's work: ours reads the plain file too. */
static Str plain_copy(Str path)
{
    struct os_reader *r;
    Str piece, name = S("/tmp/trimtab-bench-edges.csv");
    struct buf all;

    buf_init(&all, GIB);
    must(os_reader_open(&r, path, &err));
    do {
        must(os_reader_read(r, MIB, &piece, &err));
        buf_add(&all, piece);
    } while (piece.len > 0);
    os_reader_close(&r);
    must(file_write_atomic(name, buf_str(&all), &err));
    buf_deinit(&all);
    return name;
}

static void bench(Str csv, const char *pairs, bool is_directed)
{
    struct row_times ours = {0}, peers = {0};
    double most = 0, modularity[2] = {0};
    size_t nodes = 0, edges = 0;

    for (int i = 0; i < runs; i++) {
        struct ours o = {0};
        ours_begin(&o, csv, is_directed, &ours);
        nodes = graph_node_count(o.file.graph);
        edges = graph_edge_count(o.file.graph);
        ours_add(&o, (uint64_t)i, &ours.added);
        modularity[0] = o.found.modularity;
#ifdef BENCH_IGRAPH
        struct peer p;
        peer_begin(&p, pairs, is_directed, &peers);
        modularity[1] = p.modularity;
        peer_add(&p, is_directed, (uint64_t)i, &peers.added);
        compare(&o, &p, &most);
        peer_end(&p);
#else
        (void)pairs;
#endif
        ours_end(&o);
    }
    printf("%s, %zu nodes, %zu edges\n", is_directed ? "directed" : "undirected", nodes, edges);
    print_row("  file to ranks", &ours.file, &peers.file, "bar 1 x");
    print_row("  ranks alone", &ours.ranks, &peers.ranks, "");
    print_row("  1,000 new edges to ranks", &ours.added, &peers.added, "reach 5 x");
    put_row("file to ranks", is_directed, &ours.file, &peers.file, 1, 0);
    put_row("1,000 new edges to ranks", is_directed, &ours.added, &peers.added, 0, 5);
    print_row("  communities alone", &ours.communities, &peers.communities, "");
    print_row("  file to ranks and communities", &ours.whole, &peers.whole, "");
    printf("  largest difference of a rank %.1e; modularity %.5f, igraph %.5f\n", most,
           modularity[0], modularity[1]);
}

static void print_memory(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    printf("peak memory of both together %ld MiB\n", usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    const char *shared = getenv("TRIMTAB_SHARED");

    /* libgomp reads this when it is loaded. */
    if (!getenv("OMP_NUM_THREADS") && setenv("OMP_NUM_THREADS", "1", 1) == 0)
        execv(argv[0], argv);
    if (argc > 1 && strcmp(argv[1], "--quick") == 0)
        runs = 3;
    arena_init(&arena, GIB);
    Str path = arena_printf(&arena, "%s/data/graphs/github.csv.gz", shared ? shared : "../shared");
    if (!file_exists(path)) {
        puts("skipped: the given network is not here (set TRIMTAB_SHARED)");
        return 0;
    }
    Str csv = plain_copy(path);
    const char *pairs = write_pairs(path);
#ifdef BENCH_IGRAPH
    printf("igraph %s, one thread; ", IGRAPH_VERSION);
#else
    printf("without igraph (libigraph-dev is not installed); ");
#endif
    printf("processor time in ms, median of %d (least-most): ours, igraph, ratio\n", runs);
    bench(csv, pairs, true);
    bench(csv, pairs, false);
    print_memory();
    unlink(pairs);
    unlink(csv.ptr);
    arena_deinit(&arena);
    if (is_failed)
        puts("FAILED: ranks or communities are not what igraph finds");
    return is_failed;
}
