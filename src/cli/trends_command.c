/* trends_command.c - `trimtab series trends`. */
#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "format/json.h"
#include "format/time.h"
#include "listen/decode/decode.h"
#include "listen/measure/trend.h"

#define COMMAND "series trends"

struct trends_run {
    struct {
        VEC(Str);
    } paths;
    struct decode_options decode;
    struct trend_settings settings;
    bool is_json;
    struct trend_finder *finder;
    struct decoder *decoder;
    struct post_tokens tokens;
    struct decode_block block;
    struct decode_batch batch;
    struct buf out;
    uint64_t rejected;
};

static bool parse_number(const char *flag, Str text, double least, double *out, struct err *err)
{
    return (str_to_f64(text, out) && *out >= least && *out <= 1e6) ||
           err_set(err, ERR_USAGE, "%s '" STR_F "' is not a number from %g to 1,000,000", flag,
                   STR_A(text), least);
}

static bool parse_format(Str text, enum decode_format *out, struct err *err)
{
    return decode_format_from(text, out) ||
           err_set(err, ERR_USAGE, "--format '" STR_F "' is no format of posts", STR_A(text)) ||
           err_hint(err, "one of %s", DECODE_FORMAT_NAMES);
}

static bool parse_request(struct trends_run *run, int argc, char **argv, struct err *err)
{
    struct cli_args args = {.count = argc, .values = argv};
    bool ok = true;
    double stories = 0;
    Str text;

    while (ok && cli_next(&args)) {
        if (cli_value(&args, "--score", &text))
            ok = args.missing_value ||
                 parse_number("--score", text, 0.1, &run->settings.score_min, err);
        else if (cli_value(&args, "--floor", &text))
            ok = args.missing_value || parse_number("--floor", text, 2, &stories, err);
        else if (cli_value(&args, "--format", &text))
            ok = args.missing_value || parse_format(text, &run->decode.format, err);
        else if (cli_flag(&args, "--copies"))
            run->settings.keeps_copies = true;
        else if (cli_flag(&args, "--json"))
            run->is_json = true;
        else if (cli_is_flag(&args))
            return err_set(err, ERR_USAGE, "unknown flag '" STR_F "'", STR_A(args.current));
        else
            vec_push(&run->paths, args.current);
    }
    run->settings.stories_min = (uint32_t)stories;
    if (ok && args.missing_value)
        return err_set(err, ERR_USAGE, "flag '%s' needs a value", args.missing_value);
    if (ok && run->paths.count == 0)
        return err_set(err, ERR_USAGE, "no file of posts is named") ||
               err_hint(err, "name files of posts in time order, or - for standard input");
    return ok;
}

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

static bool flush(struct trends_run *run, struct err *err)
{
    if (!buf_ok(&run->out, err))
        return false;
    if (run->out.len > 0 &&
        (fwrite(run->out.ptr, 1, run->out.len, stdout) != run->out.len || fflush(stdout) != 0))
        return err_set(err, ERR_IO, "could not write to standard output");
    buf_reset(&run->out);
    return true;
}

/* --- posts --- */

static Str name_of(Str path)
{
    return str_eq(path, S("-")) ? S("standard input") : path;
}

static void reject(struct trends_run *run, Str path, uint64_t line, Str reason)
{
    fprintf(stderr, STR_F ":%llu: " STR_F "\n", STR_A(name_of(path)), (unsigned long long)line,
            STR_A(reason));
    run->rejected++;
}

static bool take_post(struct trends_run *run, Str path, const struct decoded *it, struct err *err)
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
            reject(run, path, it->line, str_from_cstr(problem.msg));
        return problem.code == ERR_INPUT;
    }
    for (size_t i = 0; i < count; i++)
        put_trend(run, &trends[i]);
    return true;
}

/* What a block brought is answered before the next one is waited for. */
static bool take_block(struct trends_run *run, Str path, struct err *err)
{
    if (!decoder_run(run->decoder, &run->block, &run->batch, err))
        return false;
    vec_each (struct decode_reject, it, &run->batch.rejects)
        reject(run, path, it->line, it->reason);
    vec_each (struct decoded, it, &run->batch.posts)
        if (!take_post(run, path, it, err))
            return false;
    return flush(run, err);
}

static bool take_path(struct trends_run *run, Str path, struct err *err)
{
    struct decode_input *in = NULL;
    struct arena plan;
    bool has_block = false;

    arena_init(&plan, MIB);
    bool ok = decode_input_open(&in, path, &run->decode, &plan, err);
    while (ok && (ok = decode_input_next(in, &run->block, &has_block, err)) && has_block)
        ok = take_block(run, path, err);
    decode_input_close(&in);
    arena_deinit(&plan);
    return ok;
}

static bool take_all(struct trends_run *run, struct err *err)
{
    const struct trend *trends;
    size_t count;

    if (!decoder_create(&run->decoder, err) || !post_tokens_init(&run->tokens, err) ||
        !trend_finder_create(&run->finder, &run->settings, err))
        return false;
    vec_each (Str, path, &run->paths)
        if (!take_path(run, *path, err))
            return false;
    if (!trend_finder_end(run->finder, &trends, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        put_trend(run, &trends[i]);
    return flush(run, err);
}

int series_trends_command(int argc, char **argv)
{
    struct trends_run run = {.decode.is_live = true};
    struct err err = {0};

    decode_block_init(&run.block);
    decode_batch_init(&run.batch);
    buf_init(&run.out, 64 * MIB);
    bool ok =
        parse_request(&run, argc, argv, &err) || (err_hint(&err, "see trimtab %s --help", COMMAND));
    ok = ok && take_all(&run, &err);
    trend_finder_destroy(&run.finder);
    post_tokens_deinit(&run.tokens);
    decoder_destroy(&run.decoder);
    decode_block_deinit(&run.block);
    decode_batch_deinit(&run.batch);
    buf_deinit(&run.out);
    vec_deinit(&run.paths);
    if (!ok)
        return cli_report(COMMAND, &err);
    return run.rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}
