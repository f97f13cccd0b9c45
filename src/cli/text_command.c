/* text_command.c - trimtab text sentiment | language | tokens: one text a line in, one line out.
 *
 * Streaming: a line is answered before the next one is waited for, memory does not grow with the
 * input. A line that cannot be read (not UTF-8, too long) is named on standard error and answered
 * by an empty line (null with --json), so that the lines of input and output go together; the exit
 * code is then 3. Where lines come fast they are answered by all processors. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "format/json.h"
#include "os/reader.h"
#include "os/thread.h"
#include "text/language.h"
#include "text/sentiment.h"
#include "text/sentiment_reason.h"
#include "text/tokenizer.h"

enum { REASONS_MAX = 8 };

struct text_worker;

struct text_job {
    const char *command; /* "text tokens" */
    void (*answer)(struct text_worker *worker, Str text);
    Str lang; /* sentiment: as given, empty = identify each text */
    bool is_json, is_quiet;
    bool has_reasons; /* sentiment: --explain */
    uint64_t rejected;
};

/* Lines are gathered until there are many or the next one would have to be waited for, then
 * answered by as many threads as there are processors, each its share of neighbouring lines. */
enum { BATCH_LINES = 8192, BATCH_BYTES = 4 << 20, SHARE_LINES_MIN = 256, WORKERS_MAX = 16 };

struct text_line {
    size_t from, len; /* in the batch's bytes */
    uint64_t number;  /* in the file */
    bool is_unread;   /* the bytes say why it could not be read */
};

struct text_batch {
    Str file_name;
    struct buf bytes;
    struct {
        VEC(struct text_line);
    } lines;
};

struct text_worker {
    const struct text_job *job;
    const struct text_batch *batch;
    size_t first, end; /* lines of the batch */
    struct tokenizer *tokenizer;
    struct language_reader *reader;
    const struct token *tokens; /* of the current text */
    size_t token_count;
    struct buf out, complaints; /* for standard output and error */
    uint64_t rejected;
    struct thread thread;
};

/* --- answers: each appends to worker->out, without line end
 * ---------------------------------------
 */

/* Four decimals, never "-0.0000". */
static double rounded(double value)
{
    double r = (double)(int64_t)(value * 10000 + (value < 0 ? -0.5 : 0.5)) / 10000;

    return r == 0 ? 0 : r;
}

/* As "%.4f" of rounded(); -1 to 1. */
static void put_four_places(struct buf *out, double number)
{
    int32_t ten_thousandths = (int32_t)(number * 10000 + (number < 0 ? -0.5 : 0.5));
    uint32_t left = (uint32_t)(ten_thousandths < 0 ? -ten_thousandths : ten_thousandths);
    char digits[] = "-0.0000";

    for (size_t i = 6; i > 2; i--, left /= 10)
        digits[i] = (char)('0' + left % 10);
    digits[1] = (char)('0' + left);
    size_t skipped = ten_thousandths < 0 ? 0 : 1;
    buf_add(out, (Str){digits + skipped, 7 - skipped});
}

/* "reasons": the parts of the text that made the label, the strongest first. */
static void put_reasons(struct text_worker *worker, struct json_writer *w, Str text, Str lang)
{
    struct sentiment_reason reasons[REASONS_MAX];
    struct err err = {0};
    size_t count = 0;

    if (!sentiment_reasons(worker->tokenizer, text, lang, reasons, REASONS_MAX, &count, &err))
        count = 0; /* the text was cut before, so only memory is lacking */
    json_key(w, S("reasons"));
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        const struct sentiment_reason *r = &reasons[i];
        json_begin_object(w);
        json_set_str(w, "text", str_sub(text, r->from, r->to - r->from));
        json_set_i64(w, "from", r->from);
        json_set_i64(w, "to", r->to);
        json_set_f64(w, "lean", rounded(r->lean));
        json_end_object(w);
    }
    json_end_array(w);
}

static void answer_sentiment(struct text_worker *worker, Str text)
{
    struct sentiment s;
    Str lang = worker->job->lang;
    struct language_guess guess;

    if (lang.len == 0) { /* unsure: short and mostly English in practice */
        guess = language_read(worker->reader, text);
        lang = str_from_cstr(strcmp(guess.code, "und") == 0 ? "en" : guess.code);
    }
    sentiment_score(text, worker->tokens, worker->token_count, lang, &s);
    if (!worker->job->is_json) {
        put_four_places(&worker->out, s.compound);
        buf_add_byte(&worker->out, '\t');
        buf_add(&worker->out, str_from_cstr(polarity_name(s.label)));
        return;
    }
    struct json_writer w;
    json_writer_init(&w, &worker->out, JSON_STYLE_COMPACT);
    json_begin_object(&w);
    json_set_f64(&w, "compound", rounded(s.compound));
    json_set_str(&w, "label", str_from_cstr(polarity_name(s.label)));
    json_set_str(&w, "language", lang);
    json_set_str(&w, "basis", str_from_cstr(sentiment_basis_name(s.basis)));
    json_set_i64(&w, "hits", s.hits);
    if (worker->job->has_reasons)
        put_reasons(worker, &w, text, lang);
    json_end_object(&w);
}

static void answer_language(struct text_worker *worker, Str text)
{
    struct language_guess guess = language_read(worker->reader, text);

    if (!worker->job->is_json) {
        buf_add(&worker->out, str_from_cstr(guess.code));
        buf_add_byte(&worker->out, '\t');
        put_four_places(&worker->out, guess.confidence);
        return;
    }
    struct json_writer w;
    json_writer_init(&w, &worker->out, JSON_STYLE_COMPACT);
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

static void answer_tokens(struct text_worker *worker, Str text)
{
    (void)text;
    if (!worker->job->is_json) {
        for (size_t i = 0; i < worker->token_count; i++) {
            if (i > 0)
                buf_add_byte(&worker->out, ' ');
            buf_add(&worker->out, worker->tokens[i].folded);
        }
        return;
    }
    struct json_writer w;
    json_writer_init(&w, &worker->out, JSON_STYLE_COMPACT);
    json_begin_array(&w);
    for (size_t i = 0; i < worker->token_count; i++)
        put_token_json(&w, &worker->tokens[i]);
    json_end_array(&w);
}

/* --- the stream ----------------------------------------------------------------------------------
 */

static void reject(struct text_worker *worker, const struct text_line *line, Str reason)
{
    Str name = worker->batch->file_name;

    buf_printf(&worker->complaints, STR_F ":%" PRIu64 ": " STR_F "\n", STR_A(name), line->number,
               STR_A(reason));
    worker->rejected++;
    if (worker->job->is_json)
        buf_lit(&worker->out, "null");
}

static void answer_line(struct text_worker *worker, const struct text_line *line)
{
    struct err err = {0};
    Str text = str_sub(buf_str(&worker->batch->bytes), line->from, line->len);
    size_t bad = str_utf8_invalid_at(text);

    if (line->is_unread) {
        reject(worker, line, text);
    } else if (bad < text.len) {
        char reason[160];
        snprintf(reason, sizeof reason,
                 "not valid UTF-8 at byte %zu (convert it first: iconv -f latin1 -t utf8)",
                 bad + 1);
        reject(worker, line, str_from_cstr(reason));
    } else if (worker->job->answer != answer_language && /* that reads letters, not words */
               !tokenizer_run(worker->tokenizer, text, &worker->tokens, &worker->token_count,
                              &err)) {
        reject(worker, line, str_from_cstr(err.msg));
    } else {
        worker->job->answer(worker, text);
    }
    buf_add_byte(&worker->out, '\n');
}

static void answer_share(void *context)
{
    struct text_worker *worker = context;

    for (size_t i = worker->first; i < worker->end; i++)
        answer_line(worker, &worker->batch->lines.items[i]);
}

static bool write_out(struct text_worker *worker, struct err *err)
{
    if (!buf_ok(&worker->out, err) || !buf_ok(&worker->complaints, err))
        return false;
    Str out = buf_str(&worker->out), complaints = buf_str(&worker->complaints);
    bool ok = (out.len == 0 || fwrite(out.ptr, 1, out.len, stdout) == out.len) &&
              (complaints.len == 0 ||
               fwrite(complaints.ptr, 1, complaints.len, stderr) == complaints.len);
    buf_reset(&worker->out);
    buf_reset(&worker->complaints);
    return ok || err_set(err, ERR_IO, "could not write to standard output");
}

/* The answers of all workers stand in the order of the lines. */
static bool answer_batch(struct text_worker *workers, size_t worker_count, struct text_batch *batch,
                         bool is_waiting, struct err *err)
{
    size_t count = batch->lines.count, shares = count / SHARE_LINES_MIN + 1;
    bool ok = true;

    shares = shares < worker_count ? shares : worker_count;
    for (size_t i = 0; i < shares; i++) {
        struct text_worker *worker = &workers[i];
        struct err ignored = {0};
        worker->batch = batch;
        worker->first = count * i / shares;
        worker->end = count * (i + 1) / shares;
        if (i + 1 == shares ||
            !thread_create(&worker->thread, "text", answer_share, worker, &ignored))
            answer_share(worker);
    }
    for (size_t i = 0; i < shares; i++) {
        thread_join(&workers[i].thread);
        ok = ok && write_out(&workers[i], err);
    }
    buf_reset(&batch->bytes);
    vec_reset(&batch->lines);
    if (ok && is_waiting && fflush(stdout) != 0)
        ok = err_set(err, ERR_IO, "could not write to standard output");
    return ok;
}

/* False at the end of the file and on failure, which is in *err then. */
static bool gather_line(struct os_reader *reader, struct text_batch *batch, struct err *err)
{
    struct text_line line = {.from = buf_str(&batch->bytes).len};
    struct err problem = {0};
    bool has_line = true;
    Str text;

    if (os_reader_line(reader, &text, &has_line, &problem)) {
        if (!has_line)
            return false;
    } else if (problem.code == ERR_LIMIT) {
        line.is_unread = true;
        text = str_from_cstr(problem.msg);
    } else {
        *err = problem;
        return false;
    }
    line.len = text.len;
    buf_add(&batch->bytes, text);
    line.number = os_reader_line_number(reader);
    vec_push(&batch->lines, line);
    return buf_ok(&batch->bytes, err);
}

static bool answer_file(struct text_worker *workers, size_t worker_count, Str path, struct err *err)
{
    struct os_reader *reader = NULL;
    struct text_batch batch = {0};
    struct err problem = {0};

    if (!os_reader_open(&reader, path, err))
        return false;
    batch.file_name = cli_file_name(os_reader_name(reader));
    buf_init(&batch.bytes, BATCH_BYTES + 2 * (size_t)INPUT_LINE_BYTES_MAX);
    bool ok = true, has_more = true;
    while (ok && has_more) {
        has_more = gather_line(reader, &batch, &problem);
        bool is_waiting = has_more && os_reader_would_wait(reader);
        if (!has_more || is_waiting || batch.lines.count >= BATCH_LINES ||
            buf_str(&batch.bytes).len >= BATCH_BYTES)
            ok = answer_batch(workers, worker_count, &batch, is_waiting, err);
    }
    if (ok && problem.code != ERR_NONE) {
        *err = problem;
        ok = false;
    }
    buf_deinit(&batch.bytes);
    vec_deinit(&batch.lines);
    os_reader_close(&reader);
    return ok;
}

/* --- the command line ----------------------------------------------------------------------------
 */

#define LANG_WORDS "two or three small letters of ISO 639, for instance en or de, or auto"

static bool is_language_code(Str code)
{
    for (size_t i = 0; i < code.len; i++)
        if (code.ptr[i] < 'a' || code.ptr[i] > 'z')
            return false;
    return code.len == 2 || code.len == 3;
}

static bool read_lang(Str word, void *to)
{
    bool is_known = str_eq(word, S("auto")) || is_language_code(word);

    if (is_known)
        *(Str *)to = str_eq(word, S("auto")) ? STR_NONE : word;
    return is_known;
}

static bool read_flags(struct text_job *job, struct cli_paths *files, int argc, char **argv,
                       struct err *err)
{
    const struct cli_option options[] = {
        CLI_FLAG("--json", &job->is_json),
        CLI_FLAG("-q, --quiet", &job->is_quiet),
        CLI_FILES("file", files, false, NULL),
        CLI_WORD("--lang", &job->lang, read_lang, LANG_WORDS),
        CLI_FLAG("--explain", &job->has_reasons),
    };
    size_t count = COUNT_OF(options) - (job->answer == answer_sentiment ? 0 : 2);

    if (!cli_options_read(job->command, options, count, argc, argv, err))
        return false;
    job->is_json |= job->has_reasons;
    return true;
}

static void say_basis(const struct text_job *job)
{
    if (job->lang.len == 0 || job->is_quiet)
        return;
    switch (sentiment_basis_of(job->lang)) {
    case SENTIMENT_LEARNED:
    case SENTIMENT_RULES:
        break;
    case SENTIMENT_SMALL_LEXICON:
        fprintf(stderr,
                "note: " STR_F " has a small translated lexicon and no learned words, expect less "
                "than for en and de\n",
                STR_A(job->lang));
        break;
    case SENTIMENT_EMOJI:
        fprintf(stderr, "note: no lexicon for " STR_F ", only emoji and emoticons count\n",
                STR_A(job->lang));
        break;
    }
}

static bool init_workers(struct text_worker *workers, size_t count, const struct text_job *job,
                         struct err *err)
{
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        struct text_worker *worker = &workers[i];
        *worker = (struct text_worker){.job = job};
        buf_init(&worker->out, 64 * (size_t)INPUT_LINE_BYTES_MAX);
        buf_init(&worker->complaints, 64 * (size_t)INPUT_LINE_BYTES_MAX);
        ok = ok && tokenizer_create(&worker->tokenizer, err) &&
             language_reader_create(&worker->reader, err);
    }
    return ok;
}

static void deinit_workers(struct text_worker *workers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_deinit(&workers[i].out);
        buf_deinit(&workers[i].complaints);
        tokenizer_destroy(&workers[i].tokenizer);
        language_reader_destroy(&workers[i].reader);
    }
}

static int run_job(struct text_job *job, const struct cli_paths *paths)
{
    static const Str standard_input = S_INIT("-");
    struct text_worker workers[WORKERS_MAX];
    struct err err = {0};
    const Str *files = paths->count > 0 ? paths->items : &standard_input;
    size_t count = paths->count > 0 ? paths->count : 1;
    size_t worker_count = thread_cpu_count();

    worker_count = worker_count < WORKERS_MAX ? worker_count : WORKERS_MAX;
    bool ok = init_workers(workers, worker_count, job, &err);
    for (size_t i = 0; ok && i < count; i++)
        ok = answer_file(workers, worker_count, files[i], &err);
    if (ok && fflush(stdout) != 0)
        ok = err_set(&err, ERR_IO, "could not write to standard output");
    for (size_t i = 0; i < worker_count; i++)
        job->rejected += workers[i].rejected;
    deinit_workers(workers, worker_count);
    if (!ok)
        return cli_report(job->command, &err);
    return job->rejected > 0 ? CLI_REJECTED_ROWS : CLI_OK;
}

static int run(struct text_job job, int argc, char **argv)
{
    struct cli_paths paths = {0};
    struct err err = {0};
    int code;

    if (!read_flags(&job, &paths, argc, argv, &err)) {
        code = cli_report(job.command, &err);
    } else {
        say_basis(&job);
        code = run_job(&job, &paths);
    }
    vec_deinit(&paths);
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
