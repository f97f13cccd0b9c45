/* trends_command.c - `trimtab series trends`. */
#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/json.h"
#include "format/time.h"
#include "listen/decode/decode.h"
#include "listen/measure/trend.h"

#define COMMAND "series trends"

struct trends_run {
    struct cli_paths paths;
    Str path; /* that is read */
    struct decode_options decode;
    struct trend_settings settings;
    bool is_json;
    struct trend_finder *finder;
    struct post_tokens tokens;
    struct buf out;
    uint64_t rejected;
};

/* --- answers --- */

/* A column: tabs and line breaks, which an id may hold, become blanks. */
static void put_plain(struct buf *out, Str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_byte(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
}

static void put_list(struct buf *out, const Str *items, size_t count, Str between)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add(out, between);
        put_plain(out, items[i]);
    }
}

static void put_json(struct buf *out, const struct trend *trend)
{
    struct json_writer json;

    json_writer_init(&json, out, JSON_STYLE_COMPACT);
    json_begin_object(&json);
    json_set_str(&json, "window_start", str_from_cstr(time_rfc3339(trend->slot_ms).text));
    json_set_f64(&json, "score", round(trend->score * 100) / 100);
    json_set_array(&json, "terms");
    for (size_t i = 0; i < trend->term_count; i++)
        json_put_str(&json, trend->terms[i]);
    json_end_array(&json);
    json_set_array(&json, "posts");
    for (size_t i = 0; i < trend->post_count; i++)
        json_put_str(&json, trend->posts[i]);
    json_end_array(&json);
    json_set_str(&json, "from", str_from_cstr(time_rfc3339(trend->from_ms).text));
    json_set_str(&json, "to", str_from_cstr(time_rfc3339(trend->to_ms).text));
    json_set_i64(&json, "stories", trend->stories);
    json_set_f64(&json, "expected", round(trend->expected * 1000) / 1000);
    json_set_bool(&json, "new", trend->is_new);
    json_end_object(&json);
    buf_lit(out, "\n");
}

static void put_trend(struct trends_run *run, const struct trend *trend)
{
    if (run->is_json) {
        put_json(&run->out, trend);
        return;
    }
    buf_add(&run->out, str_from_cstr(time_rfc3339(trend->slot_ms).text));
    buf_printf(&run->out, "\t%.2f\t", trend->score);
    put_list(&run->out, trend->terms, trend->term_count, S(", "));
    buf_lit(&run->out, "\t");
    put_list(&run->out, trend->posts, trend->post_count, S(" "));
    buf_lit(&run->out, "\n");
}

/* --- posts --- */

static void reject(struct trends_run *run, uint64_t line, Str reason)
{
    cli_reject(run->path, line, reason);
    run->rejected++;
}

static bool take_post(struct trends_run *run, const struct decoded *it, struct err *err)
{
    const struct trend *trends;
    struct err problem = {0};
    size_t count;

    if (it->post.event == POST_DELETE)
        return true;
    if (!post_tokens_fill(&run->tokens, &it->post, err))
        return false;
    if (!trend_finder_add(run->finder, &it->post, &run->tokens, &trends, &count, &problem)) {
        *err = problem;
        if (problem.code == ERR_INPUT)
            reject(run, it->line, str_from_cstr(problem.msg));
        return problem.code == ERR_INPUT;
    }
    for (size_t i = 0; i < count; i++)
        put_trend(run, &trends[i]);
    return true;
}

/* What a block brought is answered before the next one is waited for. */
static bool take_batch(void *context, const struct decode_batch *batch, struct err *err)
{
    struct trends_run *run = context;

    vec_each (struct decode_reject, it, &batch->rejects)
        reject(run, it->line, it->reason);
    vec_each (struct decoded, it, &batch->posts)
        if (!take_post(run, it, err))
            return false;
    return cli_flush(&run->out, err);
}

static bool take_all(struct trends_run *run, struct err *err)
{
    const struct trend *trends;
    size_t count;

    if (!post_tokens_init(&run->tokens, err) ||
        !trend_finder_create(&run->finder, &run->settings, err))
        return false;
    vec_each (Str, path, &run->paths) {
        run->path = *path;
        if (!decode_walk(*path, &run->decode, take_batch, run, err))
            return false;
    }
    if (!trend_finder_end(run->finder, &trends, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        put_trend(run, &trends[i]);
    return cli_flush(&run->out, err);
}

int series_trends_command(int argc, char **argv)
{
    struct trends_run run = {.decode.is_live = true};
    struct trend_settings *settings = &run.settings;
    struct err err = {0};
    const struct cli_option options[] = {
        CLI_REAL("--score", &settings->score_min, 0.1, 1e6),
        CLI_WHOLE("--floor", &settings->stories_min, 2, 1000000),
        CLI_FLAG("--copies", &settings->keeps_copies),
        CLI_FLAG("--json", &run.is_json),
        CLI_FORMAT(&run.decode.format),
        CLI_FILES("file of posts", &run.paths, true,
                  "name files of posts in time order, or - for standard input"),
    };

    buf_init(&run.out, 64 * MIB);
    bool ok = cli_options_read(COMMAND, options, COUNT_OF(options), argc, argv, &err) &&
              take_all(&run, &err);
    trend_finder_destroy(&run.finder);
    post_tokens_deinit(&run.tokens);
    buf_deinit(&run.out);
    vec_deinit(&run.paths);
    if (!ok)
        return cli_report(COMMAND, &err);
    return run.rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}
