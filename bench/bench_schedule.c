/* bench_schedule.c - how short are schedules of published projects, at a fixed number of them?
 *
 * Of 480 projects with 30 tasks and 480 with 60 the mean deviation of the makespan from the
 * critical path, the mean gap to our bound, the share that is proven optimal, and the rate. The
 * deviations are the same on every machine. The literature gives such figures for the same numbers
 * of schedules, so they compare without running a peer.
 *
 *     build/bench/bench_schedule [--quick]
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "psplib.h"
#include "row.h"

static struct arena arena;

struct figures {
    size_t projects, proven;
    double deviation, gap; /* means, % */
    double rate;           /* schedules a second of the processor, bounds included */
};

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct figures measure(Str tar, uint64_t schedules)
{
    const struct schedule_settings settings = {.schedules = schedules, .seed = 1};
    struct figures f = {0};
    struct err err = {0};
    double made = 0, seconds = 0;
    Str text;

    while (psplib_next(&tar, &text)) {
        arena_reset(&arena);
        struct schedule_problem p = psplib_read(&arena, text);
        struct schedule_answer answer;
        double start = cpu_seconds();
        if (!schedule_solve(&arena, &p, &settings, &answer, &err) ||
            !schedule_holds(&p, answer.starts, false)) {
            fprintf(stderr, "bench_schedule: project %zu: %s\n", f.projects + 1, err.msg);
            exit(1);
        }
        seconds += cpu_seconds() - start;
        made += (double)answer.schedules;
        f.projects++;
        f.proven += answer.status == SCHEDULE_OPTIMAL;
        f.deviation += 100.0 * (answer.makespan - answer.critical_path) / answer.critical_path;
        f.gap += 100 * answer.gap;
    }
    f.deviation /= (double)f.projects;
    f.gap /= (double)f.projects;
    f.rate = made / seconds;
    return f;
}

static void run(const char *name, int tasks, const uint64_t *budgets, size_t count, double bar)
{
    struct buf tar;

    buf_init(&tar, 256 << 20);
    if (!psplib_load(&arena, name, &tar)) {
        printf("skipped: %s is not here (set TRIMTAB_SHARED)\n", name);
        buf_deinit(&tar);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct figures f = measure(buf_str(&tar), budgets[i]);
        printf("%zu projects of %d tasks, %6llu schedules: critical path + %.3f %%, gap %.2f %%, "
               "%zu proven, %.0f k schedules/s\n",
               f.projects, tasks, (unsigned long long)budgets[i], f.deviation, f.gap, f.proven,
               f.rate * 1e-3);
        if (budgets[i] != 5000)
            continue;
        const char *work = tasks == 30 ? "schedules of 30 tasks, above the critical path"
                                       : "schedules of 60 tasks, above the critical path";
        bench_row_put(&(struct bench_row){.work = work,
                                          .unit = "%",
                                          .ours = f.deviation,
                                          .less_is_better = true,
                                          .bar = {BENCH_FIGURE, bar}});
    }
    buf_deinit(&tar);
}

int main(int argc, char **argv)
{
    const uint64_t budgets[] = {1000, 5000, 50000};
    size_t count = argc > 1 && strcmp(argv[1], "--quick") == 0 ? 2 : 3;

    arena_init(&arena, (size_t)1 << 30);
    run("psplib-j30.tar.gz", 30, budgets, count, 13.6);
    run("psplib-j60.tar.gz", 60, budgets, count, 11.2);
    arena_deinit(&arena);
    return 0;
}
