#include "cli/graph_archive.h"

#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/number.h"
#include "ledger/workspace.h"
#include "listen/influence/influence.h"
#include "listen/standing_query.h"
#include "os/file.h"

#define GEXF_BYTES_MAX (1 * GIB)

struct run {
    const struct graph_archive_request *request;
    struct arena arena;
    struct workspace *workspace;
    struct archive *archive;
    struct standing_query query;
    struct influence_request window;
    struct influence found;
};

static bool find_query(struct run *run, struct err *err)
{
    struct db *state = run->workspace->state;
    int64_t id;

    if (str_to_i64(run->request->query, &id))
        return standing_query_read(&run->arena, state, id, &run->query, err);
    return standing_query_find(&run->arena, state, run->request->query, &run->query, err) ||
           err_hint(err, "name a standing query of the workspace, or its number");
}

static bool measure(struct run *run, struct err *err)
{
    const struct graph_archive_request *r = run->request;
    Str data;

    if (!data_dir_resolve(&run->arena, r->data, &data, err) ||
        !workspace_open(&run->workspace, data, r->workspace, err) || !find_query(run, err) ||
        !archive_open(&run->archive, run->workspace->posts_dir, ARCHIVE_READ, err) ||
        !archive_span(run->archive, &run->window.from_hour, &run->window.to_hour, err))
        return false;
    run->window.query = run->query.id;
    if (r->days > 0 && run->window.to_hour - run->window.from_hour > r->days * 24)
        run->window.from_hour = run->window.to_hour - r->days * 24;
    return influence_measure(run->archive, &run->arena, &run->window, &run->found, err);
}

static void put_number(struct buf *out, double value)
{
    char text[NUMBER_TEXT_SIZE];

    buf_lit(out, "\t");
    if (isfinite(value))
        buf_add(out, (Str){text, number_shortest(text, value)});
}

static void put_author(const struct influence_author *a, bool is_json, struct buf *out)
{
    static const char *const names[] = {"reach", "resonance", "relevance"};
    struct json_writer w;

    if (!is_json) {
        buf_add(out, a->key);
        put_number(out, a->rank);
        buf_printf(out, "\t%u\t%u\t%lld", (unsigned)a->community + 1, (unsigned)a->listeners,
                   (long long)a->posts);
        for (int i = 0; i < INFLUENCE_NUMBER_COUNT; i++)
            put_number(out, a->numbers[i]);
        buf_lit(out, "\n");
        return;
    }
    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "id", a->key);
    json_set_f64(&w, "rank", a->rank);
    json_set_i64(&w, "community", (int64_t)a->community + 1);
    json_set_i64(&w, "listeners", a->listeners);
    json_set_i64(&w, "listens_to", a->listens_to);
    json_set_i64(&w, "posts", a->posts);
    for (int i = 0; i < INFLUENCE_NUMBER_COUNT; i++)
        json_set_f64(&w, names[i], a->numbers[i]);
    json_end_object(&w);
    buf_lit(out, "\n");
}

static bool print_authors(const struct run *run, struct err *err)
{
    struct buf out;

    buf_init(&out, GEXF_BYTES_MAX);
    for (size_t i = 0; i < run->found.author_count; i++)
        put_author(&run->found.authors[i], run->request->is_json, &out);
    bool ok = cli_flush(&out, err);
    buf_deinit(&out);
    return ok;
}

static bool write_gexf(struct run *run, struct err *err)
{
    struct buf out;

    if (run->request->gexf.len == 0)
        return true;
    buf_init(&out, GEXF_BYTES_MAX);
    influence_gexf(&run->found, run->query.text, &out);
    bool ok = buf_ok(&out, err) && file_write_atomic(run->request->gexf, buf_str(&out), err);
    buf_deinit(&out);
    return ok ||
           err_wrap(err, "could not write the graph to '" STR_F "'", STR_A(run->request->gexf));
}

/* What the numbers rest on, for people. */
static void print_sample(const struct run *run)
{
    const struct influence *f = &run->found;

    fprintf(stderr, "%lld posts, %zu authors, %zu ties, %u communities", (long long)f->posts,
            f->author_count, f->edge_count, (unsigned)f->community_count);
    if (f->every > 1)
        fprintf(stderr, "; one post in %lld was read", (long long)f->every);
    if (f->anonymous > 0)
        fprintf(stderr, "; %lld posts name no author", (long long)f->anonymous);
    if (f->unknown > 0)
        fprintf(stderr, "; %lld answers or reposts go to somebody unknown", (long long)f->unknown);
    fputc('\n', stderr);
}

bool graph_archive_run(const struct graph_archive_request *request, struct err *err)
{
    struct run run = {.request = request};

    arena_init(&run.arena, 2 * GIB);
    bool ok = measure(&run, err) && write_gexf(&run, err) && print_authors(&run, err);
    if (ok)
        print_sample(&run);
    archive_close(&run.archive);
    workspace_close(&run.workspace);
    arena_deinit(&run.arena);
    return ok;
}
