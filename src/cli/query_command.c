/* query_command.c - `trimtab query match | check | explain | format`. */
#include "cli/query_command.h"

#include <stdio.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/json.h"
#include "listen/intake.h"
#include "listen/query/query_eval.h"
#include "os/reader.h"
#include "os/thread.h"
#include "text/language.h"

#define QUERIES_ARENA_BYTES_MAX (8 * GIB)
#define POSTS_NEEDED            "name files of posts, or - for standard input"
enum { THREADS_MAX = 256, FORMAT_WIDTH = 100, EXPLAIN_FLUSH = 64 * 1024 };

void query_command_json_str(struct buf *out, Str text)
{
    struct json_writer w;

    json_writer_init(&w, out, JSON_STYLE_COMPACT);
    json_put_str(&w, text);
}

/* --- match --- */

int query_match_command(int argc, char **argv)
{
    struct query_match_options options = {.thread_count = 1, .decode.is_live = true};
    struct query_file queries = {0};
    struct cli_paths paths = {0};
    struct arena arena;
    struct err err = {0};
    Str queries_path = STR_NONE;
    const struct cli_option table[] = {
        CLI_PATH("--queries", &queries_path),
        CLI_WHOLE("--threads", &options.thread_count, 1, THREADS_MAX),
        CLI_FLAG("--count", &options.is_count),
        CLI_FORMAT(&options.decode.format),
        CLI_TEXT("--map, --mapping", &options.decode.mapping),
        CLI_FLAG("--json", &options.is_json),
        CLI_FILES("file of posts", &paths, true, POSTS_NEEDED),
    };

    arena_init(&arena, QUERIES_ARENA_BYTES_MAX);
    bool ok = cli_options_read("query match", table, COUNT_OF(table), argc, argv, &err);
    if (ok && queries_path.len == 0)
        ok = err_set(&err, ERR_USAGE, "--queries FILE is missing") ||
             err_hint(&err, "see trimtab query match --help");
    ok = ok && query_file_read(&queries, queries_path, &arena, &err);
    options.paths = paths.items;
    options.path_count = paths.count;
    int code = ok ? query_match_run(&options, &queries) : cli_report("query match", &err);
    query_file_deinit(&queries);
    vec_deinit(&paths);
    arena_deinit(&arena);
    return code;
}

/* --- check --- */

struct checker {
    struct arena arena; /* of one query */
    struct tokenizer *words;
    struct query_file *queries;
    bool is_json, is_quiet;
    size_t refused_count;
};

static void print_problem_json(const struct query_problem *problem, Str id, uint64_t line,
                               uint32_t column)
{
    struct json_writer w;
    struct buf out;

    buf_init(&out, 1 * MIB);
    json_writer_init(&w, &out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "id", id);
    json_set_i64(&w, "line", (int64_t)line);
    json_set_i64(&w, "column", column);
    json_set_i64(&w, "from", problem->from);
    json_set_i64(&w, "to", problem->to);
    json_set_str(&w, "severity", str_from_cstr(query_severity_name(problem->severity)));
    json_set_str(&w, "message", problem->message);
    json_set_str(&w, "fix", problem->fix);
    if (problem->has_edit) {
        json_set_object(&w, "edit");
        json_set_i64(&w, "from", problem->edit_from);
        json_set_i64(&w, "to", problem->edit_to);
        json_set_str(&w, "text", problem->edit_text);
        json_end_object(&w);
    }
    json_end_object(&w);
    printf(STR_F "\n", STR_A(buf_str(&out)));
    buf_deinit(&out);
}

static size_t characters(Str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* Places are those of the file: the query begins behind its id and a tab. */
static bool check_item(struct checker *c, size_t index, struct err *err)
{
    const struct query_set_item *item = &c->queries->items.items[index];
    struct query_resolver resolver = {query_file_find, c->queries};
    struct query_problems problems = {0};
    struct query query;
    struct buf line;

    arena_reset(&c->arena);
    bool ok =
        query_parse(&c->arena, c->words, item->text, item->id, &resolver, &query, &problems, err) &&
        query_lint(&c->arena, &query, &problems, err);
    buf_init(&line, 1 * MIB);
    for (size_t i = 0; ok && i < problems.count; i++) {
        struct query_problem problem = problems.items[i];
        uint64_t file_line = c->queries->lines.items[index];
        if (c->is_quiet && problem.severity == QUERY_NOTE)
            continue;
        problem.line = (uint32_t)file_line;
        problem.column += (uint32_t)characters(item->id) + 1;
        buf_reset(&line);
        query_problem_print(&problem, &line);
        if (c->is_json)
            print_problem_json(&problem, item->id, file_line, problem.column);
        else
            printf(STR_F "\n", STR_A(buf_str(&line)));
    }
    if (problems.dropped_count > 0)
        fprintf(stderr, STR_F ":%llu: %zu further problems not shown\n",
                STR_A(cli_file_name(c->queries->path)),
                (unsigned long long)c->queries->lines.items[index], problems.dropped_count);
    c->refused_count += problems.error_count > 0;
    buf_deinit(&line);
    query_problems_deinit(&problems);
    return ok;
}

int query_check_command(int argc, char **argv)
{
    struct query_file queries = {0};
    struct checker c = {.queries = &queries};
    struct arena arena;
    struct err err = {0};
    Str path = STR_NONE;
    const struct cli_option options[] = {
        CLI_FLAG("--json", &c.is_json),
        CLI_FLAG("-q, --quiet", &c.is_quiet),
        CLI_FILE("file of queries", &path, true, "name a file, or - for standard input"),
    };

    arena_init(&arena, QUERIES_ARENA_BYTES_MAX);
    arena_init(&c.arena, BATCH_ARENA_BYTES_MAX);
    bool ok = cli_options_read("query check", options, COUNT_OF(options), argc, argv, &err) &&
              query_file_read(&queries, path, &arena, &err) && tokenizer_create(&c.words, &err);
    for (size_t i = 0; ok && i < queries.items.count; i++)
        ok = check_item(&c, i, &err);
    int code = !ok                                           ? cli_report("query check", &err)
               : c.refused_count + queries.bad_row_count > 0 ? CLI_REJECTED_ROWS
                                                             : CLI_OK;
    tokenizer_destroy(&c.words);
    query_file_deinit(&queries);
    arena_deinit(&c.arena);
    arena_deinit(&arena);
    return code;
}

/* --- one query: parse it, name its problems on standard error --- */

static bool parse_argument(const char *command, struct arena *a, struct tokenizer *words, Str text,
                           struct query *query, int *code)
{
    struct query_problems problems = {0};
    struct err err = {0};
    struct buf line;

    if (!query_parse(a, words, text, STR_NONE, NULL, query, &problems, &err) ||
        !query_lint(a, query, &problems, &err)) {
        *code = cli_report(command, &err);
        query_problems_deinit(&problems);
        return false;
    }
    buf_init(&line, 1 * MIB);
    vec_each (struct query_problem, problem, &problems) {
        if (problem->severity != QUERY_ERROR)
            continue;
        buf_reset(&line);
        query_problem_print(problem, &line);
        fprintf(stderr, STR_F "\n", STR_A(buf_str(&line)));
    }
    bool is_good = problems.error_count == 0;
    *code = is_good ? CLI_OK : CLI_USAGE;
    buf_deinit(&line);
    query_problems_deinit(&problems);
    return is_good;
}

/* --- explain --- */

struct explain_run {
    struct arena arena; /* of one post */
    const struct query *query;
    struct post_tokens tokens;
    uint64_t post_count, reject_count;
    struct buf out;
    Str path; /* that is read */
    bool is_json;
};

static const char *place_name(enum query_place place)
{
    return place == QUERY_PLACE_TITLE ? "title" : place == QUERY_PLACE_BODY ? "text" : "member";
}

static void print_table(struct explain_run *x, const struct query_explanation *e)
{
    unsigned long long ordinal = x->post_count;

    buf_printf(&x->out, "%llu\t%s\n", ordinal, e->matches ? "match" : "no match");
    for (size_t i = 0; i < e->span_count; i++) {
        const struct query_span *span = &e->spans[i];
        buf_printf(&x->out, "%llu\t%s\t%u\t%u\t", ordinal, place_name(span->place), span->from,
                   span->to);
        query_format_node(span->node, &x->out);
        buf_lit(&x->out, "\n");
    }
    for (size_t i = 0; i < e->obstacle_count; i++) {
        bool is_excluded = e->obstacles[i]->kind == QUERY_NOT;
        buf_printf(&x->out, "%llu\t%s\t", ordinal, is_excluded ? "excluded" : "missing");
        query_format_node(is_excluded ? e->obstacles[i]->first : e->obstacles[i], &x->out);
        buf_lit(&x->out, "\n");
    }
}

static void put_node(struct json_writer *w, const char *key, const struct query_node *node)
{
    struct buf text;

    buf_init(&text, 2 * MIB);
    query_format_node(node, &text);
    json_set_str(w, key, buf_str(&text));
    buf_deinit(&text);
}

static void print_json(struct explain_run *x, const struct query_explanation *e)
{
    struct json_writer w;

    json_writer_init(&w, &x->out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_i64(&w, "post", (int64_t)x->post_count);
    json_set_bool(&w, "matches", e->matches);
    json_set_array(&w, "parts");
    for (size_t i = 0; i < e->span_count; i++) {
        json_begin_object(&w);
        json_set_str(&w, "in", str_from_cstr(place_name(e->spans[i].place)));
        json_set_i64(&w, "from", e->spans[i].from);
        json_set_i64(&w, "to", e->spans[i].to);
        put_node(&w, "part", e->spans[i].node);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_set_array(&w, "obstacles");
    for (size_t i = 0; i < e->obstacle_count; i++) {
        json_begin_object(&w);
        put_node(&w, "part", e->obstacles[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    buf_lit(&x->out, "\n");
}

static bool explain_post(struct explain_run *x, const struct post *post, struct err *err)
{
    struct query_explanation explanation;
    struct language_guess lang;
    double compound;

    arena_reset(&x->arena);
    if (!post_tokens_fill(&x->tokens, post, err))
        return false;
    if (post->lang.len == 0) {
        lang = language_guess(post->text.len > post->title.len ? post->text : post->title);
        x->tokens.lang = str_from_cstr(lang.code);
    }
    intake_sentiment(post, &x->tokens, post_tokens_lang(&x->tokens, post), &x->tokens.polarity,
                     &compound);
    if (!query_explain(&x->arena, x->query, post, &x->tokens, &explanation, err))
        return false;
    if (x->is_json)
        print_json(x, &explanation);
    else
        print_table(x, &explanation);
    x->post_count++;
    return x->out.len < EXPLAIN_FLUSH ? buf_ok(&x->out, err) : cli_flush(&x->out, err);
}

static bool explain_batch(void *context, const struct decode_batch *batch, struct err *err)
{
    struct explain_run *x = context;

    vec_each (struct decoded, it, &batch->posts)
        if (!explain_post(x, &it->post, err))
            return false;
    vec_each (struct decode_reject, it, &batch->rejects)
        cli_reject(x->path, it->line, it->reason);
    x->reject_count += batch->rejects.count;
    return cli_flush(&x->out, err);
}

static int explain_all(struct explain_run *x, Str text, const struct cli_paths *paths,
                       const struct decode_options *options)
{
    struct arena arena;
    struct tokenizer *words = NULL;
    struct query query;
    struct err err = {0};
    int code;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    arena_init(&x->arena, BATCH_ARENA_BYTES_MAX);
    buf_init(&x->out, BATCH_ARENA_BYTES_MAX);
    x->query = &query;
    bool ok = tokenizer_create(&words, &err) && post_tokens_init(&x->tokens, &err);
    if (ok && parse_argument("query explain", &arena, words, text, &query, &code)) {
        for (size_t i = 0; ok && i < paths->count; i++) {
            x->path = paths->items[i];
            ok = decode_walk(x->path, options, explain_batch, x, &err);
        }
        code = x->reject_count > 0 ? CLI_REJECTED_ROWS : CLI_OK;
    }
    if (!ok)
        code = cli_report("query explain", &err);
    x->query = NULL; /* lives on this stack only */
    post_tokens_deinit(&x->tokens);
    tokenizer_destroy(&words);
    buf_deinit(&x->out);
    arena_deinit(&x->arena);
    arena_deinit(&arena);
    return code;
}

int query_explain_command(int argc, char **argv)
{
    struct explain_run x = {0};
    struct decode_options decode = {.is_live = true};
    struct cli_paths paths = {0};
    struct err err = {0};
    Str text = STR_NONE;
    const struct cli_option options[] = {
        CLI_FLAG("--json", &x.is_json),
        CLI_FORMAT(&decode.format),
        CLI_TEXT("--map, --mapping", &decode.mapping),
        CLI_ARGUMENT("query", &text, true, NULL),
        CLI_FILES("file of posts", &paths, true, POSTS_NEEDED),
    };

    int code = cli_options_read("query explain", options, COUNT_OF(options), argc, argv, &err)
                   ? explain_all(&x, text, &paths, &decode)
                   : cli_report("query explain", &err);
    vec_deinit(&paths);
    return code;
}

/* --- format --- */

/* @@name stays as it is: formatting needs no other query. */
static bool any_name(void *context, Str name, Str *text)
{
    (void)context;
    (void)name;
    *text = S("name");
    return true;
}

static void print_formatted(const struct query *query, size_t width, bool is_json, struct buf *out)
{
    struct json_writer w;
    struct buf text;

    buf_init(&text, BATCH_ARENA_BYTES_MAX);
    query_format(query, width, &text);
    if (is_json) {
        json_writer_init(&w, out, JSON_STYLE_COMPACT);
        json_begin_object(&w);
        json_set_str(&w, "query", buf_str(&text));
        json_end_object(&w);
    } else {
        buf_add(out, buf_str(&text));
    }
    buf_lit(out, "\n");
    buf_deinit(&text);
}

static int format_text(Str text, size_t width, bool is_json)
{
    struct arena arena;
    struct tokenizer *words = NULL;
    struct query_problems problems = {0};
    struct query_resolver resolver = {any_name, NULL};
    struct query query;
    struct buf out;
    struct err err = {0};
    int code = CLI_OK;

    arena_init(&arena, BATCH_ARENA_BYTES_MAX);
    buf_init(&out, BATCH_ARENA_BYTES_MAX);
    if ((text.len == 0 && !query_text_read(&arena, S("-"), &text, &err)) ||
        !tokenizer_create(&words, &err) ||
        !query_parse(&arena, words, text, STR_NONE, &resolver, &query, &problems, &err)) {
        code = cli_report("query format", &err);
    } else if (problems.error_count > 0) {
        vec_each (struct query_problem, problem, &problems) {
            if (problem->severity != QUERY_ERROR)
                continue;
            buf_reset(&out);
            query_problem_print(problem, &out);
            fprintf(stderr, STR_F "\n", STR_A(buf_str(&out)));
        }
        code = CLI_USAGE;
    } else {
        print_formatted(&query, width, is_json, &out);
        if (!cli_flush(&out, &err))
            code = cli_report("query format", &err);
    }
    query_problems_deinit(&problems);
    tokenizer_destroy(&words);
    buf_deinit(&out);
    arena_deinit(&arena);
    return code;
}

int query_format_command(int argc, char **argv)
{
    uint64_t width = FORMAT_WIDTH;
    Str text = STR_NONE;
    bool is_json = false;
    struct err err = {0};
    const struct cli_option options[] = {CLI_WHOLE("--width", &width, 1, 10000),
                                         CLI_FLAG("--json", &is_json),
                                         CLI_ARGUMENT("query", &text, false, NULL)};

    if (!cli_options_read("query format", options, COUNT_OF(options), argc, argv, &err))
        return cli_report("query format", &err);
    return format_text(str_eq(text, S("-")) ? STR_NONE : text, width, is_json);
}
