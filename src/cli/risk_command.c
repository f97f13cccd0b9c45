/* risk_command.c - `trimtab risk choose` and `trimtab risk simulate`. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "os/clock.h"
#include "os/reader.h"
#include "os/thread.h"
#include "strategy/choice/portfolio_json.h"
#include "strategy/risk/risk_json.h"

#define MODEL_BYTES_MAX  (64 * MIB)
#define ARENA_BYTES_MAX  (8 * GIB)
#define OUTPUT_BYTES_MAX (1 * GIB)
#define SECONDS_MAX      86400.0
#define THREADS_MAX      64

static bool read_input(Str path, struct buf *text, struct err *err)
{
    struct os_reader *reader = NULL;
    Str part = STR_NONE;
    bool ok = os_reader_open(&reader, path, err);

    while (ok && (ok = os_reader_read(reader, 1 << 16, &part, err)) && part.len > 0)
        buf_add(text, part);
    os_reader_close(&reader);
    return ok && (buf_ok(text, err) || err_hint(err, "a model has at most %llu MiB",
                                                (unsigned long long)(MODEL_BYTES_MAX / MIB)));
}

static const char *name_of(Str path)
{
    return str_eq(path, S("-")) ? "standard input" : path.ptr;
}

static bool describe_model(struct err *err)
{
    return err->code == ERR_INPUT && err_hint(err, "docs/risk.md describes the model, by example");
}

static bool whole_number(const char *flag, Str text, uint64_t least, uint64_t most, uint64_t *out,
                         struct err *err)
{
    if (!str_to_u64(text, out) || *out < least || *out > most)
        return err_set(err, ERR_USAGE, "%s '" STR_F "' is not a whole number from %llu to %llu",
                       flag, STR_A(text), (unsigned long long)least, (unsigned long long)most);
    return true;
}

static bool real_number(const char *flag, Str text, double least, double most, double *out,
                        struct err *err)
{
    if (!str_to_f64(text, out) || !(*out >= least && *out <= most))
        return err_set(err, ERR_USAGE, "%s '" STR_F "' is not a number from %g to %g", flag,
                       STR_A(text), least, most);
    return true;
}

/* What both commands share: one model file, the number of threads, quiet or not. */
struct request {
    const char *command;
    Str path;
    uint64_t threads;
    bool is_quiet;
};

/* The argument that is no flag of the command's own. */
static bool take_argument(struct request *r, struct cli_args *args, struct err *err)
{
    Str text;

    if (cli_value(args, "--threads", &text))
        return args->missing_value ||
               whole_number("--threads", text, 1, THREADS_MAX, &r->threads, err);
    if (cli_flag(args, "--quiet") || cli_flag(args, "-q")) {
        r->is_quiet = true;
        return true;
    }
    if (cli_flag(args, "--json")) /* the only form there is */
        return true;
    if (cli_is_flag(args))
        return err_set(err, ERR_USAGE, "unknown flag '" STR_F "'", STR_A(args->current)) ||
               err_hint(err, "see trimtab %s --help", r->command);
    if (r->path.len > 0)
        return err_set(err, ERR_USAGE, "a second file '" STR_F "'", STR_A(args->current)) ||
               err_hint(err, "one model at a time");
    r->path = args->current;
    return true;
}

static bool check_request(const struct request *r, const struct cli_args *args, struct err *err)
{
    if (args->missing_value)
        return err_set(err, ERR_USAGE, "flag '%s' needs a value", args->missing_value);
    if (r->path.len == 0)
        return err_set(err, ERR_USAGE, "no model file is named") ||
               err_hint(err, "name a JSON file, or - for standard input");
    return true;
}

static int refuse(const struct request *r, struct err *err)
{
    err_hint(err, "see trimtab %s --help", r->command);
    return cli_report(r->command, err);
}

static void print_notes(const struct request *r, const struct buf *notes)
{
    Str rest = buf_str(notes), line;

    while (rest.len > 0) {
        str_cut(rest, '\n', &line, &rest);
        fprintf(stderr, "trimtab %s: note: " STR_F "\n", r->command, STR_A(line));
    }
}

static bool put_output(const struct buf *out, struct err *err)
{
    if (!buf_ok(out, err))
        return false;
    if (fwrite(out->ptr, 1, out->len, stdout) != out->len || fflush(stdout) != 0)
        return err_set(err, ERR_IO, "could not write to standard output");
    return true;
}

/* What one run needs: the settings of its command, the document, what is said about it, the answer.
 */
struct work {
    const struct request *request;
    const void *settings; /* struct portfolio_settings or struct risk_settings */
    struct arena arena;
    struct buf text, notes, out;
};

static int run(const struct request *r, const void *settings,
               bool (*answer)(struct work *, struct err *))
{
    struct work w = {.request = r, .settings = settings};
    struct err err = {0};

    arena_init(&w.arena, ARENA_BYTES_MAX);
    buf_init(&w.text, MODEL_BYTES_MAX);
    buf_init(&w.notes, MIB);
    buf_init(&w.out, OUTPUT_BYTES_MAX);
    bool ok = read_input(r->path, &w.text, &err) && answer(&w, &err) && put_output(&w.out, &err);
    buf_deinit(&w.out);
    buf_deinit(&w.notes);
    buf_deinit(&w.text);
    arena_deinit(&w.arena);
    return ok ? CLI_OK : cli_report(r->command, &err);
}

/* --- choose -------------------------------------------------------------------------------- */

static bool parse_choose(struct request *r, struct portfolio_settings *s, int argc, char **argv,
                         struct err *err)
{
    struct cli_args args = {.count = argc, .values = argv};
    uint64_t alternatives = 0;
    bool ok = true;
    Str text;

    while (ok && cli_next(&args)) {
        if (cli_value(&args, "--seconds", &text))
            ok = args.missing_value ||
                 real_number("--seconds", text, 0.01, SECONDS_MAX, &s->seconds, err);
        else if (cli_value(&args, "--alternatives", &text))
            ok = args.missing_value || whole_number("--alternatives", text, 0,
                                                    PORTFOLIO_ALTERNATIVES_MAX, &alternatives, err);
        else if (cli_value(&args, "--distance", &text))
            ok = args.missing_value || real_number("--distance", text, 0.0, 1.0, &s->distance, err);
        else
            ok = take_argument(r, &args, err);
    }
    s->alternatives = (uint32_t)alternatives;
    s->threads = (uint32_t)r->threads;
    return ok && check_request(r, &args, err);
}

static bool choose(struct work *w, struct err *err)
{
    const struct request *r = w->request;
    struct portfolio_problem problem;
    struct portfolio_answer answer;
    uint64_t started = clock_monotonic_ns();

    bool ok = portfolio_read(&w->arena, buf_str(&w->text), &problem, &w->notes, err);
    print_notes(r, &w->notes);
    if (!ok)
        return err_wrap(err, "%s", name_of(r->path)) || describe_model(err);
    if (!portfolio_choose(&w->arena, &problem, w->settings, &answer, err))
        return false;
    portfolio_write(&w->out, &problem, &answer);
    if (!r->is_quiet)
        fprintf(stderr, "trimtab %s: %zu options, %zu resources, %zu alternatives, %.2f s\n",
                r->command, problem.option_count, problem.resource_count, answer.alternative_count,
                clock_seconds_since(started));
    return true;
}

int risk_choose_command(int argc, char **argv)
{
    struct request r = {.command = "risk choose", .threads = 1};
    struct portfolio_settings settings = {.distance = PORTFOLIO_DISTANCE};
    struct err err = {0};

    if (!parse_choose(&r, &settings, argc, argv, &err))
        return refuse(&r, &err);
    settings.is_cancelled = cli_watch_interrupts();
    return run(&r, &settings, choose);
}

/* --- simulate ------------------------------------------------------------------------------ */

static bool parse_method(Str text, enum simulate_method *method, struct err *err)
{
    return simulate_method_from(text, method) ||
           err_set(err, ERR_USAGE, "--method '" STR_F "' is not lhs, sobol or plain", STR_A(text));
}

static bool parse_simulate(struct request *r, struct risk_settings *s, int argc, char **argv,
                           struct err *err)
{
    struct cli_args args = {.count = argc, .values = argv};
    uint64_t trials = RISK_TRIALS;
    bool ok = true;
    Str text;

    while (ok && cli_next(&args)) {
        if (cli_value(&args, "--trials", &text))
            ok = args.missing_value ||
                 whole_number("--trials", text, 1, SIMULATE_TRIALS_MAX, &trials, err);
        else if (cli_value(&args, "--seed", &text))
            ok = args.missing_value || whole_number("--seed", text, 0, UINT64_MAX, &s->seed, err);
        else if (cli_value(&args, "--method", &text))
            ok = args.missing_value || parse_method(text, &s->method, err);
        else
            ok = take_argument(r, &args, err);
    }
    s->trials = (uint32_t)trials;
    s->threads = (uint32_t)r->threads;
    return ok && check_request(r, &args, err);
}

static bool simulate(struct work *w, struct err *err)
{
    const struct request *r = w->request;
    struct risk_model model;
    struct risk_result result;
    uint64_t started = clock_monotonic_ns();

    bool ok = risk_model_read(&w->arena, buf_str(&w->text), &model, &w->notes, err);
    print_notes(r, &w->notes);
    if (!ok || !risk_simulate(&w->arena, &model, w->settings, &result, err))
        return err_wrap(err, "%s", name_of(r->path)) || describe_model(err);
    if (result.correlation_changed > 0.0)
        fprintf(stderr,
                "trimtab %s: note: the correlations cannot hold exactly together; the nearest that "
                "can were used (largest change %.3g)\n",
                r->command, result.correlation_changed);
    risk_result_write(&w->out, &model, &result);
    if (!r->is_quiet)
        fprintf(stderr, "trimtab %s: %u trials of %zu options, %zu versions, %.2f s\n", r->command,
                result.settings.trials, model.option_count, model.version_count,
                clock_seconds_since(started));
    return true;
}

int risk_simulate_command(int argc, char **argv)
{
    struct request r = {.command = "risk simulate", .threads = thread_cpu_count()};
    struct risk_settings settings = {.seed = 1};
    struct err err = {0};

    if (!parse_simulate(&r, &settings, argc, argv, &err))
        return refuse(&r, &err);
    settings.is_cancelled = cli_watch_interrupts();
    return run(&r, &settings, simulate);
}
