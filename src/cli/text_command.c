/* text_command.c - trimtab text sentiment | language | tokens: one text a line in, one line out.
 *
 * Streaming: a line is answered before the next one is waited for, memory does not grow with the
 * input. A line that cannot be read (not UTF-8, too long) is named on standard error and answered
 * by an empty line (null with --json), so that the lines of input and output go together; the exit
 * code is then 3. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "format/json.h"
#include "os/reader.h"
#include "text/language.h"
#include "text/sentiment.h"
#include "text/tokenizer.h"

struct text_job {
    const char *command; /* "text tokens" */
    void (*answer)(struct text_job *job, Str text);
    Str lang; /* sentiment: as given, empty = identify each text */
    bool is_json, is_quiet;
    struct tokenizer *tokenizer;
    const struct token *tokens; /* of the current text */
    size_t token_count;
    struct buf out;
    uint64_t rejected;
};

/* --- answers: each appends to job->out, without line end ---------------------------------------
 */

/* Four decimals, never "-0.0000". */
static double rounded(double value)
{
    double r = (double)(int64_t)(value * 10000 + (value < 0 ? -0.5 : 0.5)) / 10000;

    return r == 0 ? 0 : r;
}

static void answer_sentiment(struct text_job *job, Str text)
{
    struct sentiment s;
    Str lang = job->lang;
    struct language_guess guess;

    if (lang.len == 0) { /* unsure: short and mostly English in practice */
        guess = language_guess(text);
        lang = str_from_cstr(strcmp(guess.code, "und") == 0 ? "en" : guess.code);
    }
    sentiment_score(text, job->tokens, job->token_count, lang, &s);
    if (!job->is_json) {
        buf_printf(&job->out, "%.4f\t%s", rounded(s.compound), polarity_name(s.label));
        return;
    }
    struct json_writer w;
    json_writer_init(&w, &job->out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_f64(&w, "compound", rounded(s.compound));
    json_set_str(&w, "label", str_from_cstr(polarity_name(s.label)));
    json_set_str(&w, "language", lang);
    json_set_str(&w, "basis", str_from_cstr(sentiment_basis_name(s.basis)));
    json_set_i64(&w, "hits", s.hits);
    json_end_object(&w);
}

static void answer_language(struct text_job *job, Str text)
{
    struct language_guess guess = language_guess(text);

    if (!job->is_json) {
        buf_printf(&job->out, "%s\t%.4f", guess.code, rounded(guess.confidence));
        return;
    }
    struct json_writer w;
    json_writer_init(&w, &job->out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_str(&w, "language", str_from_cstr(guess.code));
    json_set_f64(&w, "confidence", rounded(guess.confidence));
    json_end_object(&w);
}

static void put_token_json(struct json_writer *w, const struct token *token)
{
    json_begin_object(w);
    json_set_str(w, "token", token->folded);
    if (token->plain.ptr != token->folded.ptr)
        json_set_str(w, "plain", token->plain);
    json_set_str(w, "kind", str_from_cstr(token_kind_name(token->kind)));
    json_set_i64(w, "from", token->from);
    json_set_i64(w, "to", token->to);
    json_set_i64(w, "position", token->position);
    json_set_i64(w, "sentence", token->sentence);
    json_end_object(w);
}

static void answer_tokens(struct text_job *job, Str text)
{
    (void)text;
    if (!job->is_json) {
        for (size_t i = 0; i < job->token_count; i++) {
            if (i > 0)
                buf_add_byte(&job->out, ' ');
            buf_add(&job->out, job->tokens[i].folded);
        }
        return;
    }
    struct json_writer w;
    json_writer_init(&w, &job->out, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < job->token_count; i++)
        put_token_json(&w, &job->tokens[i]);
    json_end_array(&w);
}

/* --- the stream ----------------------------------------------------------------------------------
 */

static void reject(struct text_job *job, const struct os_reader *reader, const char *reason)
{
    Str name = os_reader_name(reader);

    if (str_eq(name, S("-")))
        name = S("standard input");
    fprintf(stderr, STR_F ":%" PRIu64 ": %s\n", STR_A(name), os_reader_line_number(reader), reason);
    job->rejected++;
    if (job->is_json)
        buf_lit(&job->out, "null");
}

static void answer_line(struct text_job *job, const struct os_reader *reader, Str line)
{
    struct err err = {0};
    size_t bad = str_utf8_invalid_at(line);

    if (bad < line.len) {
        char reason[160];
        snprintf(reason, sizeof reason,
                 "not valid UTF-8 at byte %zu (convert it first: iconv -f latin1 -t utf8)",
                 bad + 1);
        reject(job, reader, reason);
    } else if (!tokenizer_run(job->tokenizer, line, &job->tokens, &job->token_count, &err)) {
        reject(job, reader, err.msg);
    } else {
        job->answer(job, line);
    }
}

static bool write_out(struct text_job *job, bool is_waiting, struct err *err)
{
    if (!buf_ok(&job->out, err))
        return false;
    Str out = buf_str(&job->out);
    bool ok =
        fwrite(out.ptr, 1, out.len, stdout) == out.len && (!is_waiting || fflush(stdout) == 0);
    buf_reset(&job->out);
    return ok || err_set(err, ERR_IO, "could not write to standard output");
}

static bool answer_file(struct text_job *job, Str path, struct err *err)
{
    struct os_reader *reader = NULL;
    bool has_line = true, ok = os_reader_open(&reader, path, err);

    while (ok) {
        Str line;
        struct err problem = {0};
        if (os_reader_line(reader, &line, &has_line, &problem)) {
            if (!has_line)
                break;
            answer_line(job, reader, line);
        } else if (problem.code == ERR_LIMIT) {
            reject(job, reader, problem.msg);
        } else {
            *err = problem;
            ok = false;
            break;
        }
        buf_add_byte(&job->out, '\n');
        ok = write_out(job, os_reader_would_wait(reader), err);
    }
    os_reader_close(&reader);
    return ok;
}

/* --- the command line ----------------------------------------------------------------------------
 */

struct text_flags {
    struct {
        VEC(Str);
    } files;
    Str lang;
};

static bool is_language_code(Str code)
{
    for (size_t i = 0; i < code.len; i++)
        if (code.ptr[i] < 'a' || code.ptr[i] > 'z')
            return false;
    return code.len == 2 || code.len == 3;
}

/* CLI_OK, or the exit code of a usage error that was reported. */
static int read_flags(struct text_job *job, int argc, char **argv, struct text_flags *flags)
{
    struct cli_args args = {.count = argc, .values = argv};
    struct err err = {0};
    bool has_lang = job->answer == answer_sentiment;

    while (cli_next(&args)) {
        if (cli_flag(&args, "--json"))
            job->is_json = true;
        else if (cli_flag(&args, "-q") || cli_flag(&args, "--quiet"))
            job->is_quiet = true;
        else if (has_lang && cli_value(&args, "--lang", &flags->lang))
            continue;
        else if (!cli_is_flag(&args))
            vec_push(&flags->files, args.current);
        else
            return cli_unknown_flag(job->command, &args);
    }
    if (!cli_args_ok(job->command, &args))
        return CLI_USAGE;
    if (str_eq(flags->lang, S("auto")))
        flags->lang = STR_NONE;
    else if (flags->lang.len > 0 && !is_language_code(flags->lang)) {
        err_set(&err, ERR_USAGE, "'" STR_F "' is not a language code", STR_A(flags->lang));
        err_hint(&err, "two or three small letters of ISO 639, for instance en or de, or auto");
        return cli_report(job->command, &err);
    }
    return CLI_OK;
}

static void say_basis(const struct text_job *job)
{
    if (job->lang.len == 0 || job->is_quiet)
        return;
    switch (sentiment_basis_of(job->lang)) {
    case SENTIMENT_RULES:
        break;
    case SENTIMENT_SMALL_LEXICON:
        fprintf(stderr,
                "note: " STR_F " has a small translated lexicon, expect less than for en "
                "and de\n",
                STR_A(job->lang));
        break;
    case SENTIMENT_EMOJI:
        fprintf(stderr, "note: no lexicon for " STR_F ", only emoji and emoticons count\n",
                STR_A(job->lang));
        break;
    }
}

static int run_job(struct text_job *job, const struct text_flags *flags)
{
    struct err err = {0};
    static const Str standard_input = S_INIT("-");
    const Str *files = flags->files.count > 0 ? flags->files.items : &standard_input;
    size_t count = flags->files.count > 0 ? flags->files.count : 1;
    bool ok = tokenizer_create(&job->tokenizer, &err);

    buf_init(&job->out, 64 * (size_t)INPUT_LINE_BYTES_MAX);
    for (size_t i = 0; ok && i < count; i++)
        ok = answer_file(job, files[i], &err);
    if (ok && fflush(stdout) != 0)
        ok = err_set(&err, ERR_IO, "could not write to standard output");
    buf_deinit(&job->out);
    tokenizer_destroy(&job->tokenizer);
    if (!ok)
        return cli_report(job->command, &err);
    return job->rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}

static int run(struct text_job job, int argc, char **argv)
{
    struct text_flags flags = {0};
    int code = read_flags(&job, argc, argv, &flags);

    if (code == CLI_OK) {
        job.lang = flags.lang;
        say_basis(&job);
        code = run_job(&job, &flags);
    }
    vec_deinit(&flags.files);
    return code;
}

int text_sentiment_command(int argc, char **argv)
{
    return run((struct text_job){.command = "text sentiment", .answer = answer_sentiment}, argc,
               argv);
}

int text_language_command(int argc, char **argv)
{
    return run((struct text_job){.command = "text language", .answer = answer_language}, argc,
               argv);
}

int text_tokens_command(int argc, char **argv)
{
    return run((struct text_job){.command = "text tokens", .answer = answer_tokens}, argc, argv);
}
