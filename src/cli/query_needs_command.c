/* query_needs_command.c - `trimtab query needs`: what the mentions of a standing query complain
 * about and wish for. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/time.h"
#include "listen/measure/need_terms.h"
#include "os/clock.h"

#define COMMAND           "query needs"
#define DEFAULT_WORKSPACE "default"

struct needs_options {
    Str workspace, data, query;
    int64_t from_ms, to_ms, now_ms;
    bool is_json;
    struct arena arena;
};

static void put_json(struct needs_options *o, const struct need_terms *needs, struct buf *out)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "query", o->query);
    need_terms_put(&w, &o->arena, needs);
    json_end_object(&w);
    buf_lit(out, "\n");
}

static void put_table(const struct need_terms *needs, struct buf *out)
{
    for (int kind = 0; kind < NEED_KIND_COUNT; kind++) {
        const struct need_list *list = &needs->lists[kind];
        for (size_t i = 0; i < list->count; i++) {
            const struct contrast_term *t = &list->terms[i];
            buf_printf(out, "%s\t" STR_F "\t%lld\t%lld\t%lld\t%lld\t%.2f\t%.2f\t%.2f\n",
                       need_kind_name((enum need_kind)kind), STR_A(t->text), (long long)t->count,
                       (long long)list->base, (long long)t->background,
                       (long long)(needs->n - list->base), t->lift, t->lift_low, t->lift_up);
        }
    }
}

/* What the numbers rest on, for people. */
static void print_sample(const struct need_terms *needs)
{
    const struct need_list *complaints = &needs->lists[NEED_COMPLAINT];
    const struct need_list *wishes = &needs->lists[NEED_WISH];

    if (needs->mentions == 0) {
        fputs("no post of the query is stored in the window\n", stderr);
        return;
    }
    fprintf(stderr,
            "%s to %s, coverage %.0f %%: %lld mentions, %lld compared, of them %lld complaints "
            "and %lld wishes",
            time_rfc3339(needs->from_hour * HOUR_MS).text,
            time_rfc3339(needs->to_hour * HOUR_MS).text, 100 * needs->coverage,
            (long long)needs->mentions, (long long)needs->n, (long long)complaints->base,
            (long long)wishes->base);
    if (needs->every > 1)
        fprintf(stderr, "; one mention in %lld was read", (long long)needs->every);
    fputc('\n', stderr);
    if (complaints->count + wishes->count == 0)
        fputs("no word stands out\n", stderr);
}

static bool run(struct needs_options *o, struct err *err)
{
    struct workspace *workspace = NULL;
    struct standing_query query;
    struct need_terms needs;
    struct buf out;
    Str data;

    buf_init(&out, 16 * MIB);
    bool ok =
        data_dir_resolve(&o->arena, o->data, &data, err) &&
        workspace_open(&workspace, data, o->workspace, err) &&
        standing_query_find(&o->arena, workspace->state, o->query, &query, err) &&
        need_terms_of(workspace, &o->arena, query.id, o->from_ms, o->to_ms, o->now_ms, &needs, err);
    if (ok && o->is_json)
        put_json(o, &needs, &out);
    else if (ok)
        put_table(&needs, &out);
    ok = ok && cli_flush(&out, err);
    if (ok && !o->is_json)
        print_sample(&needs);
    workspace_close(&workspace);
    buf_deinit(&out);
    return ok;
}

int query_needs_command(int argc, char **argv)
{
    struct needs_options o = {.workspace = S(DEFAULT_WORKSPACE), .now_ms = clock_now_ms()};
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_TEXT("--workspace", &o.workspace),
        CLI_PATH("--data", &o.data),
        CLI_TIME("--from", &o.from_ms),
        CLI_TIME("--to", &o.to_ms),
        CLI_FLAG("--json", &o.is_json),
        CLI_ARGUMENT("query", &o.query, true, "trimtab " COMMAND " phone"),
    };

    arena_init(&o.arena, GIB);
    bool ok =
        cli_options_read(COMMAND, options, COUNT_OF(options), argc, argv, &err) && run(&o, &err);
    arena_deinit(&o.arena);
    return ok ? CLI_OK : cli_report(COMMAND, &err);
}
