/* Any bytes as a file of edges: every row is an edge between two known names or rejected, the
 * heading alone decides whether there are weights, and ranks and communities of the graph are
 * numbers. */
#include <math.h>

#include "base/limits.h"
#include "cli/edge_file.h"
#include "memory_file.h"
#include "quant/community.h"
#include "quant/rank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_names(const struct edge_file *file)
{
    ASSERT(file->names.count == graph_node_count(file->graph));
    for (size_t i = 0; i < file->names.count; i++) {
        Str name = edge_file_name(file, i);
        ASSERT(name.len > 0 && name.len <= EDGE_NAME_BYTES_MAX);
        ASSERT(str_utf8_invalid_at(name) == name.len);
    }
}

static void check_graph(struct graph *g)
{
    size_t nodes = graph_node_count(g);
    uint32_t *of = mem_alloc(nodes + 1, sizeof *of);
    struct community_result found;
    struct rank *rank = NULL;
    struct err err = {0};
    double sum = 0;

    ASSERT(rank_create(&rank, g, RANK_SETTINGS, &err) && rank_update(rank, &err));
    for (size_t i = 0; i < nodes; i++)
        sum += rank_values(rank)[i];
    ASSERT(nodes == 0 || fabs(sum - 1) < 1e-6);
    ASSERT(community_find(g, COMMUNITY_SETTINGS, of, &found, &err));
    ASSERT(found.count <= nodes && found.modularity >= -1 && found.modularity <= 1);
    for (size_t i = 0; i < nodes; i++)
        ASSERT(of[i] < found.count);
    rank_destroy(&rank);
    mem_free(of);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int is_directed = 0; is_directed < 2; is_directed++) {
        struct edge_file edges = {0};
        struct memory_file file;
        struct err err = {0};

        memory_file_open(&file, data, size);
        if (edge_file_read(&edges, file.path, is_directed, &err)) {
            check_names(&edges);
            ASSERT(graph_edge_count(edges.graph) == edges.rows);
            check_graph(edges.graph);
        } else
            ASSERT(err.code == ERR_INPUT || err.code == ERR_LIMIT);
        edge_file_deinit(&edges);
        memory_file_close(&file);
    }
    return 0;
}
