/* graph_command.c - `trimtab graph influence`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/edge_file.h"
#include "cli/graph_archive.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/gexf.h"
#include "format/json.h"
#include "format/number.h"
#include "os/file.h"
#include "quant/community.h"
#include "quant/rank.h"

#define COMMAND        "graph influence"
#define GEXF_BYTES_MAX (2 * GIB) /* refuse: use the table instead */
#define NODE_SIZE_MOST 100.0     /* drawn size of the first */

struct influence_request {
    Str path, gexf;
    bool is_undirected, is_json;
    struct graph_archive_request archive; /* with --workspace or --query */
};

static bool is_archive(const struct influence_request *r)
{
    return r->archive.workspace.len > 0 || r->archive.query.len > 0;
}

static bool check_request(struct influence_request *r, struct err *err)
{
    r->archive.gexf = r->gexf;
    r->archive.is_json = r->is_json;
    if (!is_archive(r) && r->path.len == 0)
        return err_set(err, ERR_USAGE, "no edges are given") ||
               err_hint(err, "name a CSV file with the heading source,target, or - for standard "
                             "input; or --workspace and --query");
    if (is_archive(r) && (r->path.len > 0 || r->is_undirected))
        return err_set(err, ERR_USAGE, "a file or --undirected does not go with --query") ||
               err_hint(err, "name a file of edges, or a query of a workspace");
    if (is_archive(r) && (r->archive.workspace.len == 0 || r->archive.query.len == 0))
        return err_set(err, ERR_USAGE, "--workspace and --query go together");
    return true;
}

/* A node's place in the answer. */
struct place {
    double rank;
    uint32_t node;
};

struct influence {
    const struct influence_request *request;
    struct edge_file file;
    struct rank *rank;
    uint32_t *communities;
    struct community_result found;
    struct place *places; /* highest rank first, equals in the order of the file */
    size_t count;
};

static int by_rank(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->rank < y->rank || x->rank > y->rank)
        return x->rank < y->rank ? 1 : -1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static bool compute(struct influence *in, struct err *err)
{
    struct graph *g = in->file.graph;

    in->count = graph_node_count(g);
    in->communities = mem_try_alloc(in->count + 1, sizeof *in->communities);
    in->places = mem_try_alloc(in->count + 1, sizeof *in->places);
    if (!in->communities || !in->places)
        return err_set(err, ERR_NO_MEMORY, "no memory for %zu names", in->count);
    if (!rank_create(&in->rank, g, RANK_SETTINGS, err) || !rank_update(in->rank, err) ||
        !community_find(g, COMMUNITY_SETTINGS, in->communities, &in->found, err))
        return false;
    for (size_t v = 0; v < in->count; v++)
        in->places[v] = (struct place){rank_values(in->rank)[v], (uint32_t)v};
    qsort(in->places, in->count, sizeof *in->places, by_rank);
    return true;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* A name may hold anything; in the table a tab or a line break is a blank. */
static void put_name(struct buf *out, Str name)
{
    size_t from = out->len;

    buf_add(out, name);
    for (size_t i = from; i < out->len; i++)
        if (out->ptr[i] == '\t' || out->ptr[i] == '\n' || out->ptr[i] == '\r')
            out->ptr[i] = ' ';
}

static void put_row(struct influence *in, struct buf *out, const struct place *place)
{
    Str name = edge_file_name(&in->file, place->node);
    char number[NUMBER_TEXT_SIZE];
    struct json_writer json;

    if (in->request->is_json) {
        json_writer_init(&json, out, JSON_STYLE_COMPACT);
        json_begin_object(&json);
        json_set_str(&json, "id", name);
        json_set_f64(&json, "rank", place->rank);
        json_set_i64(&json, "community", (int64_t)in->communities[place->node] + 1);
        json_end_object(&json);
        buf_lit(out, "\n");
        return;
    }
    put_name(out, name);
    buf_lit(out, "\t");
    buf_add(out, (Str){number, number_shortest(number, place->rank)});
    buf_printf(out, "\t%u\n", (unsigned)in->communities[place->node] + 1);
}

static bool print_rows(struct influence *in, struct err *err)
{
    struct buf out;
    bool ok = true;

    buf_init(&out, 16 * MIB);
    for (size_t i = 0; ok && i < in->count; i++) {
        put_row(in, &out, &in->places[i]);
        if (out.len > 1 << 16 || i + 1 == in->count)
            ok = cli_flush(&out, err);
    }
    buf_deinit(&out);
    return ok;
}

static bool write_gexf(struct influence *in, struct err *err)
{
    static const struct gexf_column columns[] = {{"rank", GEXF_REAL}, {"community", GEXF_INTEGER}};
    const struct graph *g = in->file.graph;
    struct gexf_writer w;
    struct buf out;

    buf_init(&out, GEXF_BYTES_MAX);
    gexf_begin(&w, &out, graph_is_directed(g),
               S("rank: PageRank, damping 0.85; community: Leiden, modularity"), columns, 2);
    for (size_t i = 0; i < in->count; i++) {
        const struct place *place = &in->places[i];
        uint32_t community = in->communities[place->node];
        Str name = edge_file_name(&in->file, place->node);
        struct gexf_value values[] = {{.number = place->rank}, {.number = community + 1.0}};
        gexf_node(&w, place->node, name, values, community,
                  NODE_SIZE_MOST * sqrt(place->rank / in->places[0].rank));
    }
    for (size_t i = 0; i < graph_edge_count(g); i++) {
        struct graph_edge edge = graph_edge_at(g, i);
        gexf_edge(&w, edge.source, edge.target, edge.weight);
    }
    gexf_end(&w);
    bool ok = buf_ok(&out, err) && file_write_atomic(in->request->gexf, buf_str(&out), err);
    buf_deinit(&out);
    return ok ||
           err_wrap(err, "could not write the graph to '" STR_F "'", STR_A(in->request->gexf));
}

int graph_influence_command(int argc, char **argv)
{
    struct influence_request request = {.archive.days = GRAPH_DAYS_DEFAULT};
    struct influence in = {.request = &request};
    struct err err = {0};

    const struct cli_option options[] = {
        CLI_FLAG("--undirected", &request.is_undirected),
        CLI_TEXT("--workspace", &request.archive.workspace),
        CLI_TEXT("--query", &request.archive.query),
        CLI_WHOLE("--days", &request.archive.days, 0, 100000),
        CLI_PATH("--data", &request.archive.data),
        CLI_FLAG("--json", &request.is_json),
        CLI_PATH("--gexf", &request.gexf),
        CLI_FILE("file of edges", &request.path, false, NULL),
    };

    if (!cli_options_read(COMMAND, options, COUNT_OF(options), argc, argv, &err) ||
        !check_request(&request, &err))
        return cli_report(COMMAND, &err);
    if (is_archive(&request))
        return graph_archive_run(&request.archive, &err) ? CLI_OK : cli_report(COMMAND, &err);
    bool ok = edge_file_read(&in.file, request.path, !request.is_undirected, &err) &&
              compute(&in, &err) && (request.gexf.len == 0 || write_gexf(&in, &err)) &&
              print_rows(&in, &err);
    uint64_t rejected = in.file.rejected;
    rank_destroy(&in.rank);
    mem_free(in.communities);
    mem_free(in.places);
    edge_file_deinit(&in.file);
    if (!ok)
        return cli_report(COMMAND, &err);
    return rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}
