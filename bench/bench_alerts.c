/* bench_alerts.c - how soon do alerts tell a crisis, how many do they miss, and how often do they
 * cry on a quiet series?
 *
 * The times of every tweet of twelve crises (shared data) are laid over quiet hourly counts made
 * from a seed: four levels of mentions an hour, a rhythm of day and week, more spread than Poisson
 * has (a gamma rate). Eight quiet weeks; the first two only warm up, alerts in the other six are
 * false; then the crisis begins at an hour drawn from the seed. It begins with the first hour that
 * has a twentieth of its busiest hour and at least three tweets; stray tweets before are left out.
 * Minutes run from there to the moment an alert is told; a crisis of which nothing is told within a
 * day is missed, and counts a day. What is told within twelve hours of an earlier alert is the same
 * event, for all alike.
 *
 * Ours: the kinds of rule at medium sensitivity, told as in the product: rises also while the hour
 * is not over, looked at every five minutes here. Peers, each at its customary mark and at the mark
 * that gives it as many false alarms as the default rule:
 *
 *   gaussian  mean and standard deviation of the last seven days of 5-minute counts; tail of the
 *             normal distribution (the windowed Gaussian of the published benchmark)
 *   gauss/h   the same on hours
 *   s-esd     seasonal hybrid ESD in the manner of ADVec: of the last 14 days of hours the medians
 * by hour of the day are taken off, the newest is tested by median and MAD against the critical
 * value of Rosner's generalised ESD (Technometrics 25, 1983), 2 % anomalies at most, only rises
 *
 *     bench_alerts [--long]      each level once; --long: SEEDS times
 */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/random.h"
#include "format/csv.h"
#include "format/time.h"
#include "os/file.h"
#include "os/reader.h"
#include "quant/alert_detector.h"
#include "quant/numeric.h"
#include "row.h"

enum {
    CRISES_MAX = 16,
    TWEETS_MAX = 20000,
    LEVELS = 4,
    QUIET_WEEKS = 8,
    WARM_WEEKS = 2,
    QUIET_HOURS = QUIET_WEEKS * 168,
    CRISIS_HOURS = 48,
    HOURS = QUIET_HOURS + CRISIS_HOURS,
    STEPS = 12, /* of five minutes, an hour */
    BINS = HOURS * STEPS,
    DAY_MINUTES = 24 * 60,
    EVENT_HOURS = 12,
    SEEDS = 6
};
#define HOUR_MS  INT64_C(3600000)
#define BEGIN_MS (INT64_C(1767571200000)) /* a Monday */

struct crisis {
    char name[64];
    int counts[CRISIS_HOURS * STEPS]; /* from its begin */
};

struct world {
    int bins[BINS], hours[HOURS];
    int begin; /* bin */
};

/* What a detector did over all worlds. */
struct tally {
    double minutes[CRISES_MAX * LEVELS * SEEDS];
    int crises, missed, false_alarms;
    double weeks;
};

static struct crisis crises[CRISES_MAX];
static size_t crisis_count;
static const double levels[LEVELS] = {0.5, 4, 25, 120};

/* ---- crises ---------------------------------------------------------------------------------- */

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static size_t read_times(Str path, int64_t *times)
{
    struct os_reader *reader = NULL;
    struct err err = {0};
    size_t count = 0;
    bool has_line;
    Str line;

    if (!os_reader_open(&reader, path, &err))
        return 0;
    while (os_reader_line(reader, &line, &has_line, &err) && has_line && count < TWEETS_MAX) {
        Str stamp, rest;
        str_cut(line, ',', &stamp, &rest);
        if (stamp.len > 2 && stamp.ptr[0] == '"')
            stamp = str_sub(stamp, 1, stamp.len - 2);
        count += time_parse_asctime(stamp, &times[count]);
    }
    os_reader_close(&reader);
    qsort(times, count, sizeof *times, compare_i64);
    return count;
}

static void crisis_add(const char *name, const int64_t *times, size_t count)
{
    struct crisis *c = &crises[crisis_count++];
    int busiest = 0;
    size_t begin = 0;

    snprintf(c->name, sizeof c->name, "%s", name);
    for (size_t i = 0, k = 0; i < count; i++) { /* tweets in the hour behind each */
        while (k < count && times[k] < times[i] + HOUR_MS)
            k++;
        busiest = (int)(k - i) > busiest ? (int)(k - i) : busiest;
    }
    for (size_t i = 0, k = 0; i < count; i++) {
        while (k < count && times[k] < times[i] + HOUR_MS)
            k++;
        if (k - i >= 3 && 20 * (k - i) >= (size_t)busiest) {
            begin = i;
            break;
        }
    }
    for (size_t i = begin; i < count; i++) {
        int64_t bin = (times[i] - times[begin]) / (HOUR_MS / STEPS);
        if (bin < CRISIS_HOURS * STEPS)
            c->counts[bin]++;
    }
}

static bool crises_load(struct arena *arena)
{
    static int64_t times[TWEETS_MAX];
    const char *shared = getenv("TRIMTAB_SHARED");
    char root[512];

    snprintf(root, sizeof root, "%s/data/crisis", shared ? shared : "../shared");
    DIR *folder = opendir(root);
    if (!folder)
        return false;
    for (struct dirent *e; (e = readdir(folder)) && crisis_count < CRISES_MAX;) {
        if (e->d_name[0] != '2')
            continue;
        Str path = arena_printf(arena, "%s/%s/timestamps.csv.gz", root, e->d_name);
        size_t count = read_times(path, times);
        if (count > 0)
            crisis_add(e->d_name, times, count);
    }
    closedir(folder);
    return crisis_count > 0;
}

/* ---- quiet series ---------------------------------------------------------------------------- */

static double gauss(struct random *r)
{
    return numeric_normal_quantile(fmin(fmax(random_next_unit(r), 1e-12), 1 - 1e-12));
}

static int draw_poisson(struct random *r, double rate)
{
    if (rate > 60)
        return (int)fmax(0, floor(rate + sqrt(rate) * gauss(r) + 0.5));
    double p = exp(-rate), u = random_next_unit(r);
    int k = 0;
    for (double sum = p; u > sum && k < 1000; sum += p)
        p *= rate / ++k;
    return k;
}

/* Gamma with mean 1 by Wilson and Hilferty's cube; spread 0.2 of the hour's rate. */
static double draw_factor(struct random *r)
{
    const double shape = 25;
    double cube = 1 - 1 / (9 * shape) + gauss(r) / (3 * sqrt(shape));

    return fmax(0, cube * cube * cube);
}

static void world_make(struct world *w, const struct crisis *c, double level, uint64_t seed)
{
    struct random r = {.seed = seed};

    memset(w, 0, sizeof *w);
    w->begin = (QUIET_HOURS - (int)random_below(&r, 168)) * STEPS + (int)random_below(&r, STEPS);
    for (int hour = 0; hour < HOURS; hour++) {
        double day = 1 + 0.8 * sin(2 * M_PI * (hour % 24 - 9) / 24.0);
        double week = hour / 24 % 7 >= 5 ? 0.6 : 1.1, rate = level * day * week * draw_factor(&r);
        for (int step = 0; step < STEPS; step++) {
            int bin = hour * STEPS + step, at = bin - w->begin;
            int count = draw_poisson(&r, rate / STEPS);
            if (at >= 0 && at < CRISIS_HOURS * STEPS)
                count += c->counts[at];
            w->bins[bin] = count;
            w->hours[hour] += count;
        }
    }
}

/* ---- judging --------------------------------------------------------------------------------- */

/* Moments at which something is told, rising, in bins (the end of the bin that told it). */
struct told {
    int bins[BINS];
    int count;
};

static void judge(struct tally *t, const struct world *w, const struct told *told)
{
    int last = -BINS, warm = WARM_WEEKS * 168 * STEPS;
    double delay = -1;

    for (int i = 0; i < told->count; i++) {
        int at = told->bins[i];
        bool is_new = at - last > EVENT_HOURS * STEPS;
        last = at;
        if (at <= w->begin) {
            t->false_alarms += is_new && at > warm;
            continue;
        }
        if (delay < 0)
            delay = 5.0 * (at - w->begin);
    }
    t->weeks += (double)(w->begin - warm) / (168 * STEPS);
    t->missed += delay < 0 || delay > DAY_MINUTES;
    t->minutes[t->crises++] = delay < 0 || delay > DAY_MINUTES ? DAY_MINUTES : delay;
}

static int compare_f64(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double mean_of(const struct tally *t)
{
    double sum = 0;

    for (int i = 0; i < t->crises; i++)
        sum += t->minutes[i];
    return sum / t->crises;
}

static void print_row(const char *name, struct tally *t)
{
    qsort(t->minutes, (size_t)t->crises, sizeof *t->minutes, compare_f64);
    printf("%-34s %7.0f %7.0f %7.0f   %3d of %d   %8.3f\n", name, t->minutes[t->crises / 2],
           mean_of(t), t->minutes[t->crises * 9 / 10], t->missed, t->crises,
           t->false_alarms / t->weeks);
}

/* ---- ours ------------------------------------------------------------------------------------ */

static void push_hours(struct alert_detector *d, const struct world *w, int from, int to,
                       struct told *told)
{
    for (int hour = from; hour < to; hour++) {
        struct alert_reading r = alert_detector_push(
            d, &(struct alert_point){
                   .start_ms = BEGIN_MS + hour * HOUR_MS, .value = w->hours[hour], .coverage = 1});
        if (told && (r.is_start || r.is_worse))
            told->bins[told->count++] = (hour + 1) * STEPS;
    }
}

/* The first five minutes of the hour by which an alert was told: counts only grow. */
static int told_within(const struct alert_settings *s, const struct world *w, int hour)
{
    int sum = 0;

    for (int step = 0; step < STEPS; step++) {
        sum += w->bins[hour * STEPS + step];
        struct alert_detector *d = alert_detector_create(s);
        push_hours(d, w, 0, hour, NULL);
        struct alert_reading r =
            alert_detector_push(d, &(struct alert_point){.start_ms = BEGIN_MS + hour * HOUR_MS,
                                                         .value = sum,
                                                         .coverage = 1,
                                                         .is_open = step + 1 < STEPS});
        alert_detector_destroy(&d);
        if (r.is_start || r.is_worse)
            return hour * STEPS + step + 1;
    }
    return (hour + 1) * STEPS;
}

static void run_rule(const struct alert_settings *s, const struct world *w, bool is_open,
                     struct told *told)
{
    struct alert_detector *d = alert_detector_create(s);

    told->count = 0;
    push_hours(d, w, 0, HOURS, told);
    alert_detector_destroy(&d);
    for (int i = 0; is_open && i < told->count; i++)
        told->bins[i] = told_within(s, w, told->bins[i] / STEPS - 1);
}

/* ---- peers ----------------------------------------------------------------------------------- */

static void run_gaussian(const struct world *w, bool by_hour, double mark, struct told *told)
{
    int count = by_hour ? HOURS : BINS, window = by_hour ? 168 : 168 * STEPS;
    const int *x = by_hour ? w->hours : w->bins;
    double sum = 0, squares = 0;

    told->count = 0;
    for (int i = 0; i < count; i++) {
        int n = i < window ? i : window;
        if (n >= window / 7) {
            double mean = sum / n, sd = sqrt(fmax(squares / n - mean * mean, 1e-9));
            if ((x[i] - mean) / sd >= mark)
                told->bins[told->count++] = by_hour ? (i + 1) * STEPS : i + 1;
        }
        sum += x[i];
        squares += (double)x[i] * x[i];
        if (i >= window) {
            sum -= x[i - window];
            squares -= (double)x[i - window] * x[i - window];
        }
    }
}

static double median_of(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, compare_f64);
    return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

/* Quantile of Student's t by the expansion of Cornish and Fisher; many degrees of freedom. */
static double t_quantile(double p, double df)
{
    double z = numeric_normal_quantile(p), z3 = z * z * z, z5 = z3 * z * z;

    return z + (z3 + z) / (4 * df) + (5 * z5 + 16 * z3 + 3 * z) / (96 * df * df);
}

/* How far the newest hour lies beyond what ESD asks, in units of it; it is an anomaly from 1 on.
 * As it is the newest that counts, larger ones are taken out before it, up to the 2 %. */
static double esd_excess(const struct world *w, int hour, double alpha)
{
    enum { N = 14 * 24, MOST = 7 };
    double rest[N], sorted[N], of_hour[14];
    double own;

    for (int h = 0; h < 24; h++) {
        for (int d = 0; d < 14; d++)
            of_hour[d] = w->hours[hour - N + 1 + h + 24 * d];
        double season = median_of(of_hour, 14);
        for (int d = 0; d < 14; d++)
            rest[h + 24 * d] = w->hours[hour - N + 1 + h + 24 * d] - season;
    }
    own = rest[N - 1];
    memcpy(sorted, rest, sizeof sorted);
    double middle = median_of(sorted, N);
    for (int i = 0; i < N; i++)
        sorted[i] = fabs(rest[i] - middle);
    double mad = 1.4826 * median_of(sorted, N);
    int larger = 0;
    for (int i = 0; i < N - 1; i++)
        larger += fabs(rest[i] - middle) > fabs(own - middle);
    if (larger >= MOST || own <= middle)
        return 0;
    double n = N - larger, t = t_quantile(1 - alpha / (2 * n), n - 2);
    double critical = (n - 1) * t / sqrt((n - 2 + t * t) * n);
    return (own - middle) / fmax(mad, 0.5) / critical;
}

static void run_esd(const struct world *w, double factor, struct told *told)
{
    told->count = 0;
    for (int hour = 14 * 24; hour < HOURS; hour++)
        if (esd_excess(w, hour, 0.05) >= factor)
            told->bins[told->count++] = (hour + 1) * STEPS;
}

/* ---- the table ------------------------------------------------------------------------------- */

enum peer { PEER_GAUSSIAN, PEER_GAUSSIAN_HOUR, PEER_ESD };

static void run_peer(enum peer peer, const struct world *w, double mark, struct told *told)
{
    if (peer == PEER_ESD)
        run_esd(w, mark, told);
    else
        run_gaussian(w, peer == PEER_GAUSSIAN_HOUR, mark, told);
}

static uint64_t seeds = 1;

static void each_world(void (*visit)(void *context, const struct world *w), void *context)
{
    static struct world w;

    for (size_t c = 0; c < crisis_count; c++)
        for (int level = 0; level < LEVELS; level++)
            for (uint64_t seed = 0; seed < seeds; seed++) {
                world_make(&w, &crises[c], levels[level], 1000 * c + 100 * (uint64_t)level + seed);
                visit(context, &w);
            }
}

struct job {
    struct tally tally;
    struct alert_settings settings;
    bool is_open;
    enum peer peer;
    double mark;
};

static struct told told;

static void visit_rule(void *context, const struct world *w)
{
    struct job *job = context;

    run_rule(&job->settings, w, job->is_open, &told);
    judge(&job->tally, w, &told);
}

static void visit_peer(void *context, const struct world *w)
{
    struct job *job = context;

    run_peer(job->peer, w, job->mark, &told);
    judge(&job->tally, w, &told);
}

static struct tally rule_row(enum alert_kind kind, bool is_open, const char *name)
{
    static struct job job;

    job = (struct job){.settings = {.kind = kind, .sensitivity = ALERT_MEDIUM}, .is_open = is_open};
    each_world(visit_rule, &job);
    print_row(name, &job.tally);
    return job.tally;
}

static struct tally peer_tally(enum peer peer, double mark)
{
    static struct job job;

    job = (struct job){.peer = peer, .mark = mark};
    each_world(visit_peer, &job);
    return job.tally;
}

/* The lowest mark that gives no more false alarms. */
static double equal_mark(enum peer peer, int false_alarms)
{
    double low = 1, high = 200;

    for (int i = 0; i < 14; i++) {
        double middle = sqrt(low * high);
        if (peer_tally(peer, middle).false_alarms > false_alarms)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static struct tally peer_rows(enum peer peer, const char *name, double customary, int false_alarms)
{
    char label[64];
    struct tally t = peer_tally(peer, customary);

    snprintf(label, sizeof label, "%s, mark %.3g", name, customary);
    print_row(label, &t);
    double mark = equal_mark(peer, false_alarms);
    t = peer_tally(peer, mark);
    snprintf(label, sizeof label, "%s, mark %.3g: as quiet", name, mark);
    print_row(label, &t);
    return t;
}

/* Beside the peers at the mark that makes them as quiet; their rows are the better of the two. */
static void put_rows(const struct tally *ours, const struct tally *gaussian,
                     const struct tally *esd)
{
    double minutes = fmin(mean_of(gaussian), mean_of(esd));
    double missed = gaussian->missed < esd->missed ? gaussian->missed : esd->missed;

    bench_row_put(&(struct bench_row){.work = "crises: minutes to alarm",
                                      .unit = "min",
                                      .ours = mean_of(ours),
                                      .peer = "Gaussian, S-ESD as quiet",
                                      .peer_figure = minutes,
                                      .less_is_better = true,
                                      .bar = {BENCH_TIMES_PEER, 1}});
    bench_row_put(&(struct bench_row){.work = "crises: missed",
                                      .unit = "crises",
                                      .ours = ours->missed,
                                      .peer = "Gaussian, S-ESD as quiet",
                                      .peer_figure = missed,
                                      .less_is_better = true,
                                      .bar = {BENCH_TIMES_PEER, 1}});
}

int main(int argc, char **argv)
{
    struct arena arena;

    if (argc > 1 && strcmp(argv[1], "--long") == 0)
        seeds = SEEDS;
    arena_init(&arena, GIB);
    if (!crises_load(&arena)) {
        puts("skipped: the crises are not here (set TRIMTAB_SHARED)");
        arena_deinit(&arena);
        return 0;
    }
    printf("%zu crises over %d levels of quiet mentions, %d seed(s)\n", crisis_count, LEVELS,
           (int)seeds);
    puts("                                   minutes to the alarm             false alarms");
    puts("                                    median    mean      p90     missed   a quiet week");
    struct tally ours = rule_row(ALERT_POISSON, true, "rule poisson (default)");
    rule_row(ALERT_POISSON, false, "  told at the end of the hour");
    rule_row(ALERT_SPIKE, true, "rule spike");
    rule_row(ALERT_HOUR, true, "rule hour");
    rule_row(ALERT_SIGMA, false, "rule sigma");
    struct tally gaussian = peer_rows(PEER_GAUSSIAN, "gaussian", 3, ours.false_alarms);
    peer_rows(PEER_GAUSSIAN_HOUR, "gauss/h", 3, ours.false_alarms);
    struct tally esd = peer_rows(PEER_ESD, "s-esd", 1, ours.false_alarms);
    put_rows(&ours, &gaussian, &esd);
    arena_deinit(&arena);
    return 0;
}
