/* risk_command.c - `trimtab risk choose`, `trimtab risk simulate` and `trimtab risk schedule`. */
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/stream.h"
#include "os/clock.h"
#include "os/thread.h"
#include "strategy/choice/portfolio_json.h"
#include "strategy/risk/risk_json.h"
#include "strategy/roadmap/schedule_json.h"

#define MODEL_BYTES_MAX  (64 * MIB)
#define ARENA_BYTES_MAX  (8 * GIB)
#define OUTPUT_BYTES_MAX (1 * GIB)
#define SECONDS_MAX      86400.0
#define THREADS_MAX      64

static bool read_model(Str path, struct buf *text, struct err *err)
{
    return cli_read_all(path, text, err) ||
           (err->code == ERR_LIMIT && err_hint(err, "a model has at most %llu MiB",
                                               (unsigned long long)(MODEL_BYTES_MAX / MIB)));
}

static bool describe_model(struct err *err)
{
    return err->code == ERR_INPUT && err_hint(err, "docs/risk.md describes the model, by example");
}

/* What the commands share: one model file, the number of threads, quiet or not. */
struct request {
    const char *command;
    Str path;
    uint32_t threads;
    bool is_quiet, is_json;
};

/* Flags of every command, behind a command's own. --json: the only form there is. */
#define SHARED_OPTIONS(r)                                                                          \
    CLI_FLAG("-q, --quiet", &(r).is_quiet), CLI_FLAG("--json", &(r).is_json),                      \
        CLI_FILE("model file", &(r).path, true, "name a JSON file, or - for standard input")
#define THREAD_OPTION(r) CLI_WHOLE("--threads", &(r).threads, 1, THREADS_MAX)

static void print_notes(const struct request *r, const struct buf *notes)
{
    Str rest = buf_str(notes), line;

    while (rest.len > 0) {
        str_cut(rest, '\n', &line, &rest);
        fprintf(stderr, "trimtab %s: note: " STR_F "\n", r->command, STR_A(line));
    }
}

/* What one run needs: the settings of its command, the document, what is said about it, the answer.
 */
struct work {
    const struct request *request;
    const void *settings; /* portfolio_settings, risk_settings or schedule_settings */
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
    bool ok = read_model(r->path, &w.text, &err) && answer(&w, &err) && cli_flush(&w.out, &err);
    buf_deinit(&w.out);
    buf_deinit(&w.notes);
    buf_deinit(&w.text);
    arena_deinit(&w.arena);
    return ok ? CLI_OK : cli_report(r->command, &err);
}

/* --- choose -------------------------------------------------------------------------------- */

static bool choose(struct work *w, struct err *err)
{
    const struct request *r = w->request;
    struct portfolio_problem problem;
    struct portfolio_answer answer;
    uint64_t started = clock_monotonic_ns();

    bool ok = portfolio_read(&w->arena, buf_str(&w->text), &problem, &w->notes, err);
    print_notes(r, &w->notes);
    if (!ok)
        return err_wrap(err, STR_F, STR_A(cli_file_name(r->path))) || describe_model(err);
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

    const struct cli_option options[] = {
        CLI_REAL("--seconds", &settings.seconds, 0.01, SECONDS_MAX),
        CLI_WHOLE("--alternatives", &settings.alternatives, 0, PORTFOLIO_ALTERNATIVES_MAX),
        CLI_REAL("--distance", &settings.distance, 0, 1),
        THREAD_OPTION(r),
        SHARED_OPTIONS(r),
    };

    if (!cli_options_read(r.command, options, COUNT_OF(options), argc, argv, &err))
        return cli_report(r.command, &err);
    settings.threads = r.threads;
    settings.is_cancelled = cli_watch_interrupts();
    return run(&r, &settings, choose);
}

/* --- simulate ------------------------------------------------------------------------------ */

CLI_READER(read_method, simulate_method_from, enum simulate_method)

static bool simulate(struct work *w, struct err *err)
{
    const struct request *r = w->request;
    struct risk_model model;
    struct risk_result result;
    uint64_t started = clock_monotonic_ns();

    bool ok = risk_model_read(&w->arena, buf_str(&w->text), &model, &w->notes, err);
    print_notes(r, &w->notes);
    if (!ok || !risk_simulate(&w->arena, &model, w->settings, &result, err))
        return err_wrap(err, STR_F, STR_A(cli_file_name(r->path))) || describe_model(err);
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
    struct request r = {.command = "risk simulate", .threads = (uint32_t)thread_cpu_count()};
    struct risk_settings settings = {.seed = 1, .trials = RISK_TRIALS};
    struct err err = {0};

    const struct cli_option options[] = {
        CLI_WHOLE("--trials", &settings.trials, 1, SIMULATE_TRIALS_MAX),
        CLI_WHOLE("--seed", &settings.seed, 0, UINT64_MAX),
        CLI_WORD("--method", &settings.method, read_method, "lhs, sobol or plain"),
        THREAD_OPTION(r),
        SHARED_OPTIONS(r),
    };

    if (!cli_options_read(r.command, options, COUNT_OF(options), argc, argv, &err))
        return cli_report(r.command, &err);
    settings.threads = r.threads;
    settings.is_cancelled = cli_watch_interrupts();
    return run(&r, &settings, simulate);
}

/* --- schedule ------------------------------------------------------------------------------ */

#define SCHEDULES 20000 /* by default: a second for some 150 tasks */

static bool is_interrupted(void *flag)
{
    const atomic_bool *is_set = flag;

    return atomic_load(is_set);
}

static void print_schedule(const struct request *r, const struct schedule_problem *problem,
                           const struct schedule_answer *answer, double seconds)
{
    struct buf text;

    buf_init(&text, MIB);
    if (answer->status == SCHEDULE_INFEASIBLE)
        schedule_explain(&text, problem, &answer->conflict);
    else if (answer->status == SCHEDULE_LATE)
        buf_printf(&text, "deadlines are missed by %lld periods in all",
                   (long long)answer->lateness);
    else
        buf_printf(&text, "%d periods, gap %.1f %%", (int)answer->makespan, 100 * answer->gap);
    fprintf(stderr, "trimtab %s: %zu tasks, %zu resources: " STR_F ", %.2f s\n", r->command,
            problem->task_count, problem->resource_count, STR_A(buf_str(&text)), seconds);
    buf_deinit(&text);
}

static bool schedule(struct work *w, struct err *err)
{
    const struct request *r = w->request;
    struct schedule_problem problem;
    struct schedule_answer answer;
    uint64_t started = clock_monotonic_ns();

    bool ok = schedule_read(&w->arena, buf_str(&w->text), &problem, &w->notes, err);
    print_notes(r, &w->notes);
    if (!ok || !schedule_solve(&w->arena, &problem, w->settings, &answer, err))
        return err_wrap(err, STR_F, STR_A(cli_file_name(r->path))) || describe_model(err);
    schedule_write(&w->out, &problem, &answer);
    if (!r->is_quiet)
        print_schedule(r, &problem, &answer, clock_seconds_since(started));
    return true;
}

int risk_schedule_command(int argc, char **argv)
{
    struct request r = {.command = "risk schedule"};
    struct schedule_settings settings = {.schedules = SCHEDULES, .seed = 1};
    struct err err = {0};

    const struct cli_option options[] = {
        CLI_WHOLE("--schedules", &settings.schedules, 1, SCHEDULE_BUDGET_MAX),
        CLI_WHOLE("--seed", &settings.seed, 0, UINT64_MAX),
        SHARED_OPTIONS(r),
    };

    if (!cli_options_read(r.command, options, COUNT_OF(options), argc, argv, &err))
        return cli_report(r.command, &err);
    const atomic_bool *flag = cli_watch_interrupts();
    settings.is_cancelled = is_interrupted;
    settings.context = (void *)(uintptr_t)flag;
    return run(&r, &settings, schedule);
}
