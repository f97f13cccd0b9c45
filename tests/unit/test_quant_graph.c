/* test_quant_graph.c - graph, ranks and communities, against definitions computed the slow way and
 * against published expectations. */
#include "unit/test.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/random.h"
#include "os/file.h"
#include "os/reader.h"
#include "quant/community.h"
#include "quant/graph_priv.h"
#include "quant/rank.h"

#define DAMPING 0.85

static struct arena arena;
static struct err err;

static struct graph *new_graph(bool is_directed)
{
    struct graph *g;

    CHECK(graph_create(&g, is_directed, &err));
    return g;
}

static void add(struct graph *g, uint32_t source, uint32_t target, double weight)
{
    struct graph_edge edge = {source, target, weight};

    CHECK(graph_add(g, &edge, &err));
}

/* ---- the definition, step by step ------------------------------------------------------------ */

/* `rounds` of x' = (1 - d)/n + d (listening matrix x + dead ends / n), from 1/n. */
static double *power_rounds(const struct graph *g, int rounds)
{
    size_t n = graph_node_count(g);
    double *x = arena_new(&arena, double, n), *next = arena_new(&arena, double, n);
    double *strength = arena_new(&arena, double, n);
    bool is_directed = graph_is_directed(g);

    for (size_t v = 0; v < n; v++)
        x[v] = 1.0 / (double)n;
    for (size_t i = 0; i < graph_edge_count(g); i++) {
        struct graph_edge e = graph_edge_at(g, i);
        strength[e.source] += e.weight;
        strength[e.target] += is_directed ? 0 : e.weight;
    }
    for (int round = 0; round < rounds; round++) {
        double dead = 0;
        for (size_t v = 0; v < n; v++)
            dead += strength[v] > 0 ? 0 : x[v];
        for (size_t v = 0; v < n; v++)
            next[v] = (1 - DAMPING + DAMPING * dead) / (double)n;
        for (size_t i = 0; i < graph_edge_count(g); i++) {
            struct graph_edge e = graph_edge_at(g, i);
            next[e.target] += DAMPING * x[e.source] * e.weight / strength[e.source];
            if (!is_directed)
                next[e.source] += DAMPING * x[e.target] * e.weight / strength[e.target];
        }
        memcpy(x, next, n * sizeof *x);
    }
    return x;
}

static double distance(const double *a, const double *b, size_t count)
{
    double total = 0;

    for (size_t i = 0; i < count; i++)
        total += fabs(a[i] - b[i]);
    return total;
}

static void check_rank(struct graph *g, const struct rank *r)
{
    size_t n = graph_node_count(g);
    double total = 0;

    CHECK_INT(rank_count(r), n);
    for (size_t v = 0; v < n; v++)
        total += rank_values(r)[v];
    CHECK_NEAR(total, 1, 1e-12);
    /* 0.85^300 < 1e-21 */
    CHECK(distance(rank_values(r), power_rounds(g, 300), n) <= 1e-10);
}

/* Some hubs, loops, parallel edges, dead ends and nodes without any edge. */
static void add_random(struct graph *g, struct random *r, size_t nodes, size_t edges,
                       bool has_weights)
{
    for (size_t i = 0; i < edges; i++) {
        uint32_t a = (uint32_t)random_below(r, nodes), b = (uint32_t)random_below(r, nodes);
        if (random_below(r, 3) == 0)
            b = (uint32_t)random_below(r, 1 + nodes / 20);
        if (a % 7 == 3 && graph_is_directed(g))
            continue;
        add(g, a, random_below(r, 50) == 0 ? a : b,
            has_weights ? 0.01 + 10 * random_next_unit(r) : 1);
    }
    CHECK(graph_add_nodes(g, nodes + 3, &err));
}

TEST(rank_is_what_the_definition_says)
{
    struct random r = {.seed = 11};

    for (int kind = 0; kind < 4; kind++) {
        for (size_t nodes = 1; nodes < 2000; nodes = nodes * 3 + 1) {
            struct graph *g = new_graph(kind & 1);
            struct rank *rank;
            add_random(g, &r, nodes, nodes * 4, kind & 2);
            CHECK(rank_create(&rank, g, RANK_SETTINGS, &err));
            CHECK(rank_update(rank, &err));
            check_rank(g, rank);
            rank_destroy(&rank);
            graph_destroy(&g);
            arena_reset(&arena);
        }
    }
}

TEST(rank_of_little_graphs)
{
    struct graph *g = new_graph(true);
    struct rank *rank;

    CHECK(rank_create(&rank, g, RANK_SETTINGS, &err));
    CHECK(rank_update(rank, &err));
    CHECK_INT(rank_count(rank), 0);
    CHECK(graph_add_nodes(g, 4, &err));
    CHECK(rank_update(rank, &err));
    for (size_t v = 0; v < 4; v++)
        CHECK_NEAR(rank_values(rank)[v], 0.25, 1e-12);
    add(g, 0, 1, 1); /* z = 1, 1.85, 1, 1 */
    CHECK(rank_update(rank, &err));
    CHECK_NEAR(rank_values(rank)[1], 1.85 / 4.85, 1e-10);
    CHECK_NEAR(rank_values(rank)[3], 1.00 / 4.85, 1e-10);
    rank_destroy(&rank);
    graph_destroy(&g);
}

/* Batches of new edges and nodes; small ones hang loose, large ones are packed on the way. */
TEST(rank_update_equals_a_new_computation)
{
    struct random r = {.seed = 12};

    for (int kind = 0; kind < 4; kind++) {
        struct graph *g = new_graph(kind & 1);
        struct rank *rank;
        size_t nodes = 300;
        add_random(g, &r, nodes, 1200, kind & 2);
        CHECK(rank_create(&rank, g, RANK_SETTINGS, &err));
        for (int batch = 0; batch < 30; batch++) {
            CHECK(rank_update(rank, &err));
            check_rank(g, rank);
            nodes += random_below(&r, 4) * 5;
            add_random(g, &r, nodes, 1 + random_below(&r, batch % 10 == 9 ? 900 : 30), kind & 2);
            arena_reset(&arena);
        }
        CHECK(g->pack_count > 1); /* both ways were walked */
        CHECK(g->edge_count > g->packed_edges);
        rank_destroy(&rank);
        graph_destroy(&g);
    }
}

/* Long after, the residual kept along the way is still the true one. */
TEST(rank_update_does_not_drift)
{
    struct random r = {.seed = 13};
    struct graph *g = new_graph(true);
    struct rank *rank;

    add_random(g, &r, 500, 40000, false);
    CHECK(rank_create(&rank, g, RANK_SETTINGS, &err));
    for (int i = 0; i < 2000; i++) {
        CHECK(rank_update(rank, &err));
        add_random(g, &r, 500, 2, false);
    }
    CHECK(rank_update(rank, &err));
    check_rank(g, rank);
    rank_destroy(&rank);
    graph_destroy(&g);
    arena_reset(&arena);
}

TEST(rank_update_costs_what_has_changed)
{
    struct random r = {.seed = 14};
    struct graph *g = new_graph(true);
    struct rank *rank;

    /* Listening goes upwards, as in a tree of replies; who is new has few in front of him. */
    for (uint32_t i = 0; i < 40000; i++) {
        uint32_t a = (uint32_t)random_below(&r, 20000);
        add(g, a, a + 1 + (uint32_t)random_below(&r, 2000), 1);
    }
    CHECK(rank_create(&rank, g, RANK_SETTINGS, &err));
    CHECK(rank_update(rank, &err));
    uint64_t whole = rank_work(rank);
    add(g, 19900, 20500, 1);
    CHECK(rank_update(rank, &err));
    CHECK(rank_work(rank) * 20 < whole);
    uint64_t once = rank_work(rank);
    CHECK(rank_update(rank, &err)); /* nothing new */
    CHECK_INT(rank_work(rank), 0);
    CHECK(once > 0);
    check_rank(g, rank);
    rank_destroy(&rank);
    graph_destroy(&g);
    arena_reset(&arena);
}

TEST(what_cannot_be_is_refused)
{
    struct graph *g = new_graph(true);
    struct rank *rank;
    uint32_t of[4];
    struct community_result result;
    const double weights[] = {0, -1, 1e-10, 1e13, NAN, INFINITY};

    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        struct graph_edge edge = {0, 1, weights[i]};
        err = (struct err){0};
        CHECK(!graph_add(g, &edge, &err) && err.code == ERR_INPUT);
    }
    err = (struct err){0};
    CHECK(!graph_add(g, &(struct graph_edge){0, GRAPH_NODES_MAX, 1}, &err) &&
          err.code == ERR_LIMIT);
    CHECK_INT(graph_node_count(g), 0);
    CHECK_INT(graph_edge_count(g), 0);
    err = (struct err){0};
    CHECK(!rank_create(&rank, g, (struct rank_settings){1, 1e-10}, &err) && err.code == ERR_USAGE);
    err = (struct err){0};
    CHECK(!rank_create(&rank, g, (struct rank_settings){DAMPING, 0}, &err) &&
          err.code == ERR_USAGE);
    err = (struct err){0};
    CHECK(!community_find(g, (struct community_settings){0, 1}, of, &result, &err) &&
          err.code == ERR_USAGE);
    err = (struct err){0};
    CHECK(community_find(g, COMMUNITY_SETTINGS, of, &result, &err) && result.count == 0);
    graph_destroy(&g);
}

/* ---- communities ----------------------------------------------------------------------------- */

/* Q by its definition over all pairs. */
static double slow_modularity(const struct graph *g, const uint32_t *of)
{
    size_t n = graph_node_count(g);
    double *matrix = arena_new(&arena, double, n *n), *strength = arena_new(&arena, double, n);
    double all = 0, q = 0;

    for (size_t i = 0; i < graph_edge_count(g); i++) {
        struct graph_edge e = graph_edge_at(g, i);
        matrix[e.source * n + e.target] += e.weight;
        matrix[e.target * n + e.source] += e.weight;
    }
    for (size_t i = 0; i < n * n; i++) {
        strength[i / n] += matrix[i];
        all += matrix[i];
    }
    for (size_t i = 0; i < n * n; i++)
        if (of[i / n] == of[i % n])
            q += matrix[i] - strength[i / n] * strength[i % n] / all;
    return q / all;
}

/* Best Q over all divisions of n <= 9 nodes: restricted growth strings, one after the other. */
static double best_modularity(const struct graph *g)
{
    uint32_t n = (uint32_t)graph_node_count(g), of[9] = {0}, most[9] = {0};
    double best = -1;

    for (;;) {
        double q;
        CHECK(community_modularity(g, 1, of, n, &q, &err));
        best = q > best ? q : best;
        uint32_t at = n - 1;
        while (at > 0 && of[at] > most[at - 1])
            at--;
        if (at == 0)
            return best;
        of[at]++;
        for (uint32_t i = at; i < n; i++) {
            of[i] = i == at ? of[i] : 0;
            most[i] = of[i] > most[i - 1] ? of[i] : most[i - 1];
        }
    }
}

static bool is_connected(const struct graph *g, const uint32_t *of, uint32_t community)
{
    size_t n = graph_node_count(g), seen = 0, members = 0;
    bool *marks = arena_new(&arena, bool, n), is_growing = true;

    for (size_t v = 0; v < n; v++) {
        members += of[v] == community;
        if (of[v] == community && seen == 0) {
            marks[v] = true;
            seen = 1;
        }
    }
    while (is_growing) {
        is_growing = false;
        for (size_t i = 0; i < graph_edge_count(g); i++) {
            struct graph_edge e = graph_edge_at(g, i);
            if (of[e.source] == community && of[e.target] == community &&
                marks[e.source] != marks[e.target]) {
                marks[e.source] = marks[e.target] = is_growing = true;
                seen++;
            }
        }
    }
    return seen == members;
}

static struct community_result check_communities(const struct graph *g, uint32_t *of)
{
    struct community_result result;
    size_t n = graph_node_count(g), last = n;

    CHECK(community_find(g, COMMUNITY_SETTINGS, of, &result, &err));
    for (uint32_t c = 0; c < result.count; c++) {
        size_t size = 0;
        for (size_t v = 0; v < n; v++)
            size += of[v] == c;
        CHECK(size >= 1 && size <= last); /* numbered by size */
        last = size;
        CHECK(is_connected(g, of, c));
    }
    for (size_t v = 0; v < n; v++)
        CHECK(of[v] < result.count);
    return result;
}

TEST(communities_of_small_graphs_are_nearly_the_best)
{
    struct random r = {.seed = 15};
    double found = 0, best = 0;
    int exact = 0;

    for (int i = 0; i < 60; i++) {
        struct graph *g = new_graph(i % 2);
        uint32_t of[9];
        for (int e = 0; e < 12; e++)
            add(g, (uint32_t)random_below(&r, 8), (uint32_t)random_below(&r, 8),
                i % 3 == 0 ? 0.1 + random_next_unit(&r) : 1);
        CHECK(graph_add_nodes(g, 8, &err));
        struct community_result result = check_communities(g, of);
        double most = best_modularity(g);
        CHECK_NEAR(result.modularity, slow_modularity(g, of), 1e-12);
        CHECK(result.modularity <= most + 1e-12);
        found += result.modularity;
        best += most;
        exact += result.modularity >= most - 1e-9;
        graph_destroy(&g);
        arena_reset(&arena);
    }
    CHECK(found >= 0.98 * best);
    CHECK(exact >= 45);
}

/* Groups of 20 with dense ties inside and few between are found as they were planted. */
TEST(communities_that_were_planted_are_found)
{
    struct random r = {.seed = 16};

    for (int kind = 0; kind < 2; kind++) {
        struct graph *g = new_graph(kind);
        uint32_t of[400];
        CHECK(graph_add_nodes(g, 400, &err));
        for (uint32_t a = 0; a < 400; a++)
            for (uint32_t b = 0; b < a; b++)
                if (random_below(&r, 1000) < (a % 20 == b % 20 ? 500u : 10u))
                    add(g, a, b, 1);
        struct community_result result = check_communities(g, of);
        CHECK_INT(result.count, 20);
        for (uint32_t v = 20; v < 400; v++)
            CHECK_INT(of[v], of[v % 20]);
        graph_destroy(&g);
        arena_reset(&arena);
    }
}

TEST(communities_of_random_graphs_hang_together)
{
    struct random r = {.seed = 17};

    for (int i = 0; i < 12; i++) {
        struct graph *g = new_graph(i % 2);
        uint32_t of[800];
        add_random(g, &r, 40 + (size_t)i * 50, 60 + (size_t)i * 120, i % 3 == 0);
        if (i % 4 == 0)
            CHECK(graph_pack(g, &err)); /* the packed form is borrowed */
        check_communities(g, of);
        graph_destroy(&g);
        arena_reset(&arena);
    }
}

/* ---- given data ------------------------------------------------------------------------------ */

static Str data_path(const char *rest)
{
    const char *shared = getenv("TRIMTAB_SHARED");
    Str path = arena_printf(&arena, "%s/data/%s", shared ? shared : "../shared", rest);

    if (!file_exists(path)) {
        print_message("skipped: " STR_F " is not here\n", STR_A(path));
        return STR_NONE;
    }
    return path;
}

static Str read_exactly(struct os_reader *r, size_t bytes)
{
    char *out = arena_new(&arena, char, bytes + 1);
    Str piece;

    for (size_t at = 0; at < bytes; at += piece.len) {
        CHECK(os_reader_read(r, bytes - at, &piece, &err));
        if (piece.len == 0)
            return STR_NONE;
        memcpy(out + at, piece.ptr, piece.len);
    }
    return (Str){out, bytes};
}

/* A file of a tar archive (512-byte headers, each followed by the file padded to 512). */
static Str tar_file(Str archive, Str name)
{
    struct os_reader *r;
    Str bytes = STR_NONE;

    CHECK(os_reader_open(&r, archive, &err));
    for (;;) {
        Str head = read_exactly(r, 512);
        if (head.len == 0 || head.ptr[0] == '\0')
            break;
        size_t size = strtoul(head.ptr + 124, NULL, 8);
        bytes = str_sub(read_exactly(r, (size + 511) / 512 * 512), 0, size);
        if (str_ends(str_from_cstr(head.ptr), name))
            break;
        bytes = STR_NONE;
    }
    os_reader_close(&r);
    return bytes;
}

/* Lines "node neighbour neighbour ...", nodes from 1. */
static struct graph *adjacency_graph(Str text)
{
    struct graph *g = new_graph(true);
    Str line, word;
    int64_t from, to;

    while (text.len > 0) {
        str_cut(text, '\n', &line, &text);
        str_cut(line, ' ', &word, &line);
        if (!str_to_i64(word, &from))
            continue;
        CHECK(graph_add_nodes(g, (size_t)from, &err));
        while (str_cut(line, ' ', &word, &line) || word.len > 0) {
            CHECK(str_to_i64(word, &to));
            add(g, (uint32_t)from - 1, (uint32_t)to - 1, 1);
            if (line.len == 0)
                break;
        }
    }
    return g;
}

static double value_of(Str text, size_t node)
{
    Str line, name, value;
    int64_t number;
    double out;

    while (text.len > 0) {
        str_cut(text, '\n', &line, &text);
        str_cut(line, ' ', &name, &value);
        if (str_to_i64(name, &number) && number == (int64_t)node + 1) {
            CHECK(str_to_f64(value, &out));
            return out;
        }
    }
    fail_msg("node %zu has no expected value", node + 1);
    return 0;
}

/* Our definition, run for the rounds of the published values, gives them; and what the solver finds
 * is that definition, run for long. */
TEST(rank_of_the_published_graphs)
{
    static const struct {
        const char *input, *output;
        int rounds;
    } cases[] = {{"pr/dir-input", "pr/dir-output", 14}, {"pr/undir-input", "pr/undir-output", 26}};
    Str archive = data_path("conformance/graphalytics/validation-graphs.tar.gz");

    for (size_t i = 0; archive.len > 0 && i < 2; i++) {
        struct graph *g = adjacency_graph(tar_file(archive, str_from_cstr(cases[i].input)));
        Str want = tar_file(archive, str_from_cstr(cases[i].output));
        double *x = power_rounds(g, cases[i].rounds);
        struct rank *rank;
        CHECK(graph_node_count(g) == 50);
        for (size_t v = 0; v < graph_node_count(g); v++) {
            double expected = value_of(want, v);
            CHECK_NEAR(x[v], expected, 1e-4 * expected); /* the benchmark's own tolerance */
        }
        CHECK(rank_create(&rank, g, RANK_SETTINGS, &err));
        CHECK(rank_update(rank, &err));
        check_rank(g, rank);
        rank_destroy(&rank);
        graph_destroy(&g);
    }
    arena_reset(&arena);
}

/* A community lies within one weakly connected component. */
TEST(communities_of_the_published_graphs)
{
    static const char *const names[] = {"wcc/dir", "wcc/undir"};
    Str archive = data_path("conformance/graphalytics/validation-graphs.tar.gz");

    for (size_t i = 0; archive.len > 0 && i < 2; i++) {
        struct graph *g =
            adjacency_graph(tar_file(archive, arena_printf(&arena, "%s-input", names[i])));
        Str want = tar_file(archive, arena_printf(&arena, "%s-output", names[i]));
        uint32_t of[100];
        check_communities(g, of);
        for (size_t a = 0; a < graph_node_count(g); a++)
            for (size_t b = 0; b < a; b++)
                if (of[a] == of[b] && a != 4 && b != 4) /* node 5 is not among them */
                    CHECK_NEAR(value_of(want, a), value_of(want, b), 0);
        graph_destroy(&g);
    }
    arena_reset(&arena);
}

/* igraph reaches 0.8173 and 0.4612 in the mean; a round of ours is within one in a hundred. */
TEST(communities_of_the_given_networks)
{
    static const struct {
        const char *path;
        double least;
    } cases[] = {{"graphs/lastfm-asia.csv.gz", 0.813}, {"graphs/github.csv.gz", 0.455}};

    for (size_t i = 0; i < 2; i++) {
        Str path = data_path(cases[i].path), line, a, b;
        struct graph *g = new_graph(false);
        struct os_reader *r;
        struct community_result result;
        bool has_line = path.len > 0;
        uint64_t source, target;
        if (!has_line) {
            graph_destroy(&g);
            continue;
        }
        CHECK(os_reader_open(&r, path, &err));
        while (os_reader_line(r, &line, &has_line, &err) && has_line)
            if (str_cut(line, ',', &a, &b) && str_to_u64(a, &source) && str_to_u64(b, &target))
                add(g, (uint32_t)source, (uint32_t)target, 1);
        os_reader_close(&r);
        uint32_t *of = arena_new(&arena, uint32_t, graph_node_count(g));
        CHECK(community_find(g, COMMUNITY_SETTINGS, of, &result, &err));
        print_message("%s: %u communities, modularity %.5f\n", cases[i].path, result.count,
                      result.modularity);
        CHECK(result.modularity >= cases[i].least);
        graph_destroy(&g);
        arena_reset(&arena);
    }
}

int main(void)
{
    arena_init(&arena, 1 * GIB);
    int failed =
        RUN(CASE(rank_is_what_the_definition_says), CASE(rank_of_little_graphs),
            CASE(rank_update_equals_a_new_computation), CASE(rank_update_does_not_drift),
            CASE(rank_update_costs_what_has_changed), CASE(what_cannot_be_is_refused),
            CASE(communities_of_small_graphs_are_nearly_the_best),
            CASE(communities_that_were_planted_are_found),
            CASE(communities_of_random_graphs_hang_together), CASE(rank_of_the_published_graphs),
            CASE(communities_of_the_published_graphs), CASE(communities_of_the_given_networks));
    arena_deinit(&arena);
    return failed;
}
